"""What a check is, and how an exercise's checks become outcomes with points.

A check is a function of the learner's answer and of the worlds to try it on. It returns nothing when the answer
is right and raises `Incorrect` when it is not. Its docstring is the sentence that the learner reads.
"""

from __future__ import annotations

import importlib
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

import pandas as pd

from autograder.course import Exercise
from autograder.seam import Answer, AnswerError
from autograder.shrink import Place, smaller
from autograder.worlds import Worlds

CheckFunction = Callable[[Answer, Worlds], None]


class Incorrect(Exception):
    """The answer is wrong, and this is what the learner needs to see.

    Parameters
    ----------
    rationale
        What is wrong, in one sentence.
    expected, got
        What the check wanted and what came back, short enough for one line each.
    evidence
        The few rows that show it, by title.
    """

    def __init__(
        self,
        rationale: str,
        *,
        expected: str = "",
        got: str = "",
        evidence: dict[str, pd.DataFrame] | None = None,
    ) -> None:
        super().__init__(rationale)
        self.rationale, self.expected, self.got, self.evidence = rationale, expected, got, evidence or {}


class NotAttempted(Exception):
    """This part of the answer is still as it was released; the others are judged on their own."""


class Status(StrEnum):
    """How a check ended. A harness error is nobody's zero: it is set apart for the instructor."""

    PASSED = "passed"
    INCORRECT = "incorrect"
    NOT_ATTEMPTED = "not attempted"
    SKIPPED = "skipped"
    HARNESS_ERROR = "harness error"


@dataclass(frozen=True)
class Check:
    """One property of a right answer, with its points, prerequisite and hints (question, pointer, near-code).

    `shrinks` tells whether what it expects is still right when the world that it asked for loses rows.
    """

    function: CheckFunction
    exercise: str
    points: float
    needs: str | None
    hints: tuple[str, ...]
    shrinks: bool = True

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def sentence(self) -> str:
        return " ".join((self.function.__doc__ or "").split("\n\n")[0].split())


@dataclass(frozen=True)
class Table:
    """Evidence as text, ready to show: a title, column names, at most a few rows, and how many rows there were."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    total: int


@dataclass(frozen=True)
class Outcome:
    """What one check said of one answer. Points are earned points; seconds are wall time."""

    check: str
    sentence: str
    status: Status
    points: float
    max_points: float
    rationale: str = ""
    expected: str = ""
    got: str = ""
    evidence: list[Table] = field(default_factory=list)
    hints: tuple[str, ...] = ()
    seconds: float = 0.0
    mistake: str = ""
    """A known mistake that gives just this result, as a sentence; empty where none does, and in a notebook."""
    see: str = ""
    """The heading in the lesson below which that mistake is put right."""
    trace: str = ""
    """A digest of what the answer gave in a failed check of a graded class, by which known mistakes are found."""


@dataclass(frozen=True)
class Verdict:
    """All outcomes of one exercise, in the order of its checks."""

    exercise: str
    title: str
    outcomes: list[Outcome]

    @property
    def points(self) -> float:
        return sum(outcome.points for outcome in self.outcomes)

    @property
    def max_points(self) -> float:
        return sum(outcome.max_points for outcome in self.outcomes)

    @property
    def broken(self) -> bool:
        """Whether the harness itself failed in one of the checks."""
        return any(outcome.status is Status.HARNESS_ERROR for outcome in self.outcomes)


def check(
    exercise: str,
    *,
    points: float,
    needs: CheckFunction | None = None,
    hints: Sequence[str] = (),
    shrinks: bool = True,
) -> Callable[[CheckFunction], CheckFunction]:
    """Mark a function as a check of the exercise.

    `needs` names the check without which this one says nothing new: when it fails, this one is skipped. With `shrinks`
    false no smaller input is looked for: for checks that count on certain rows, or write to several at known places.

    Example
    -------
    >>> @check("validation.users", points=1, hints=["How many rows went in, and how many came out?"])
    ... def accounts_for_every_row(answer, worlds):
    ...     '''Every row that goes in comes out once, valid or quarantined.'''
    """

    def mark(function: CheckFunction) -> CheckFunction:
        name = None if needs is None else needs.__name__
        function.check = Check(function, exercise, points, name, tuple(hints), shrinks)  # type: ignore[attr-defined]
        return function

    return mark


def checks_of(exercise: Exercise) -> list[Check]:
    """The exercise's checks in the order in which its module defines them."""
    module = importlib.import_module(f"autograder.checks.{exercise.id.split('.')[0]}")
    marked = [getattr(value, "check", None) for value in vars(module).values()]
    return [c for c in marked if isinstance(c, Check) and c.exercise == exercise.id]


class Watch(Protocol):
    """Sees the calls of each check; `failed` is told which of them were in vain."""

    def begin(self, check: Check, answer: Answer) -> Answer:
        """The answer to use in this check in place of the given one."""

    def failed(self, check: Check) -> None:
        """The check for which `begin` was asked last said that the answer is wrong."""


def judge(
    exercise: Exercise, answer: Answer, worlds: Worlds, watch: Watch | None = None, *, shrink: bool = True
) -> Verdict:
    """Run the exercise's checks on the answer; with `shrink`, look for a small input on which it fails too.

    A check whose prerequisite did not pass is skipped. An exception that is neither `Incorrect` nor the
    learner's is a harness error: no points, and never counted against the learner.
    """
    outcomes: list[Outcome] = []
    for one in checks_of(exercise):
        before = {outcome.check: outcome.status for outcome in outcomes}
        if one.needs and before[one.needs] is Status.NOT_ATTEMPTED:
            outcomes.append(_outcome(one, Status.NOT_ATTEMPTED))
        elif one.needs and before[one.needs] is not Status.PASSED:
            outcomes.append(_outcome(one, Status.SKIPPED, rationale=f"Waits for: {_sentence(outcomes, one.needs)}"))
        else:
            outcomes.append(_run(one, answer, worlds, watch, shrink))
    return Verdict(exercise.id, exercise.title, outcomes)


def unanswered(exercise: Exercise, reason: str) -> Verdict:
    """The verdict on an exercise that could not be asked, such as one whose function was never defined."""
    outcomes = [_outcome(one, Status.NOT_ATTEMPTED, rationale=reason) for one in checks_of(exercise)]
    return Verdict(exercise.id, exercise.title, outcomes)


def _run(one: Check, answer: Answer, worlds: Worlds, watch: Watch | None, shrink: bool) -> Outcome:
    stained = answer.stained
    outcome = _try(one, watch.begin(one, answer) if watch else answer, worlds)
    if outcome.status is Status.INCORRECT and stained:
        # What an earlier call left behind may be to blame: before it costs points, each call in a process of its own.
        answer.alone = True
        outcome = _try(one, watch.begin(one, answer) if watch else answer, worlds)
    if outcome.status is Status.INCORRECT:
        if watch:
            watch.failed(one)
        if shrink and one.shrinks:
            outcome = _with_less(one, outcome, answer, worlds)
    answer.alone = False
    return outcome


def _with_less(one: Check, outcome: Outcome, answer: Answer, worlds: Worlds) -> Outcome:
    """The same failure on the smallest input that is found quickly, shown before the check's own evidence."""
    lost = [_BROKEN_ANSWER[kind].format(name=answer.name) for kind in ("out of time", "died")]
    if outcome.rationale in lost or outcome.seconds > _SLOW:
        return outcome
    words = frozenset(text for table in outcome.evidence for row in table.rows for text in row)
    found = smaller(lambda answer, worlds: _try_at(one, answer, worlds), answer, worlds, words)
    if found is None:
        return outcome
    inputs = [
        table(f"A small input that fails too, {len(frame):,} of {before:,} rows, {name}", frame)
        for name, (frame, before) in found.inputs.items()
    ]
    shown = [(table.columns, table.rows) for table in inputs]
    failure: Outcome = found.failure
    own = [table for table in failure.evidence if (table.columns, table.rows) not in shown]
    return replace(failure, evidence=[*inputs, *own])


def _try(one: Check, answer: Answer, worlds: Worlds) -> Outcome:
    return _try_at(one, answer, worlds)[0]


def _try_at(one: Check, answer: Answer, worlds: Worlds) -> tuple[Outcome, Place]:
    """The outcome, and the place at which the check gave up: two failures at one place are of one kind."""
    start = time.perf_counter()
    try:
        one.function(answer, worlds)
    except Incorrect as e:
        outcome = _outcome(
            one,
            Status.INCORRECT,
            rationale=_clip(e.rationale, _LONGEST),
            expected=_clip(e.expected, _LONGEST),
            got=_clip(e.got, _LONGEST),
            evidence=[table(title, frame) for title, frame in e.evidence.items()],
            hints=one.hints,
            seconds=time.perf_counter() - start,
        )
        return outcome, tuple((frame.name, frame.lineno) for frame in traceback.extract_tb(e.__traceback__))
    except NotAttempted as e:
        return _outcome(one, Status.NOT_ATTEMPTED, rationale=str(e), hints=one.hints), ()
    except AnswerError as e:
        status = Status.NOT_ATTEMPTED if e.kind == "not attempted" else Status.INCORRECT
        rationale = _BROKEN_ANSWER[e.kind].format(name=answer.name)
        seconds = time.perf_counter() - start
        outcome = _outcome(one, status, rationale=rationale, got=e.detail, hints=one.hints, seconds=seconds)
        return outcome, ((e.detail.split(":")[0], None),) if e.kind in ("raised", "unreadable") else ()
    except Exception as e:  # noqa: BLE001  the harness's own failure must not stop the class
        why = _clip(f"The check itself failed: {type(e).__name__}: {e}", _LONGEST)
        return _outcome(one, Status.HARNESS_ERROR, rationale=why), ()
    return _outcome(one, Status.PASSED, points=one.points, seconds=time.perf_counter() - start), ()


_SLOW = 1.0
"""Seconds of a failed check after which no smaller input is looked for: each try would take as long."""

_LONGEST = 1_000
"""Characters of a message: a part of it may have come from a learner's column names."""

_BROKEN_ANSWER = {
    "raised": "`{name}` raised an exception instead of returning.",
    "not attempted": "`{name}` still has its placeholder in it.",
    "out of time": (
        "`{name}` did not return in time. Look for an endless loop, or for Python code that runs once per row."
    ),
    "died": "`{name}` ended the Python process: it called exit(), ran out of memory or crashed.",
    "unreadable": "`{name}` returned something that cannot be checked.",
}


def _outcome(one: Check, status: Status, *, points: float = 0.0, **details: Any) -> Outcome:
    return Outcome(one.name, one.sentence, status, points, one.points, **details)


def _sentence(outcomes: list[Outcome], name: str) -> str:
    return next(outcome.sentence for outcome in outcomes if outcome.check == name)


def table(title: str, frame: pd.DataFrame, *, rows: int = 5, columns: int = 9, width: int = 48) -> Table:
    """The first rows of a frame as short texts.

    A missing value reads `missing`; text that looks like a number, or has spaces at its ends, keeps its quotes.
    """
    head = frame.iloc[:rows, :columns]
    texts = [[_text(value, width) for value in row] for row in head.astype(object).itertuples(index=False, name=None)]
    return Table(title, [_clip(str(name), width) for name in head.columns], texts, len(frame))


def _text(value: Any, width: int) -> str:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return "missing"
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) >= 1e15 or value != int(value) else f"{value:.1f}"
    if isinstance(value, str):
        # Spaces at the ends and text that reads like a number are exactly what a learner must be able to see.
        plain = value == value.strip() and value and not value.replace(".", "").replace("-", "").isdigit()
        return _clip(value if plain else repr(value), width)
    return _clip(str(value), width)


def _clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
