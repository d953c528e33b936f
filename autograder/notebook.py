"""`check` and `check.hint` as a learner uses them in a notebook."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from autograder.checking import Verdict, checks_of, judge
from autograder.course import load_course
from autograder.render import OPEN, as_html, as_text, points_text, prose
from autograder.seam import LocalAnswer
from autograder.worlds import PUBLIC_SEED, Worlds


class Result:
    """A verdict as a notebook shows it: a table as HTML, and its points as plain text.

    The plain text is one number because nbgrader reads it as the cell's score.
    """

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def __repr__(self) -> str:
        return points_text(self.verdict.points)

    def _repr_html_(self) -> str:
        return as_html(self.verdict, live=True)

    def __str__(self) -> str:
        return as_text(self.verdict)


class Hint:
    """A hint as a notebook shows it: which check it is for, which of how many it is, and its text."""

    def __init__(self, text: str, heading: str = "") -> None:
        self.heading, self.text = heading, text

    def __repr__(self) -> str:
        return f"{self.heading}\n{self.text}" if self.heading else self.text

    def _repr_html_(self) -> str:
        heading = f"<div><b>{prose(self.heading)}</b></div>" if self.heading else ""
        style = "border-left:4px solid #8888;padding:4px 10px;white-space:pre-wrap;max-width:46rem"
        return f'<div role="note" style="{style}">{heading}<div>{prose(self.text)}</div></div>'


class Checker:
    """Checks a learner's function in the notebook, with the checks that grade it and a public seed.

    Example
    -------
    >>> check("validation.events", validate_events)   # the table, with points
    >>> check.hint("validation.events")                # a hint for the first check that does not pass
    """

    def __init__(self, seed: int = PUBLIC_SEED) -> None:
        self._worlds = Worlds(seed)
        self._verdicts: dict[str, Verdict] = {}
        self._hints_given: dict[tuple[str, str], int] = {}

    def __call__(self, exercise_id: str, answer: Any) -> Result:
        """The outcome of every check of the exercise on this function, or on these answers to a quiz."""
        exercise = load_course().exercise(exercise_id)
        if exercise.kind == "function" and not callable(answer):
            raise TypeError(
                f"check({exercise_id!r}, ...) expects the function {exercise.answer}, without brackets after it; "
                f"it got a value of type {type(answer).__name__}."
            )
        function = answer if callable(answer) else lambda: answer
        with _quiet():
            verdict = judge(exercise, LocalAnswer(function, exercise.answer), self._worlds)
        self._verdicts[exercise_id] = verdict
        result = Result(verdict)
        if not _shows_html():
            print(result)  # noqa: T201  a terminal shows only the number otherwise
        return result

    def hint(self, exercise_id: str) -> Hint:
        """The next hint for the first check that does not pass yet; the last one again when there are no more."""
        exercise = load_course().exercise(exercise_id)
        verdict = self._verdicts.get(exercise_id)
        open_checks = [o.check for o in verdict.outcomes if o.status in OPEN] if verdict else None
        if open_checks == []:
            return Hint("Every check of this exercise passes.")
        one = next(c for c in checks_of(exercise) if open_checks is None or c.name == open_checks[0])
        given = self._hints_given.get((exercise_id, one.name), 0)
        self._hints_given[exercise_id, one.name] = given + 1
        number = min(given + 1, len(one.hints))
        last = ", the last one," if number == len(one.hints) else ""
        return Hint(one.hints[number - 1], f"Hint {number} of {len(one.hints)}{last} for the check: {one.sentence}")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what a learner's function prints, warns and logs out of the cell that checks it.

    nbgrader takes every line on stderr for a failure, so a right answer that logs would lose its points.
    """
    heard = io.StringIO()
    streams = (sys.stdout, sys.stderr)
    loggers = [
        logging.root,
        *(x for x in logging.Logger.manager.loggerDict.values() if isinstance(x, logging.Logger)),
    ]
    handlers = [
        handler
        for logger in loggers
        for handler in logger.handlers
        # One that looks its stream up each time, as logging's own last resort does, cannot be given another.
        if isinstance(handler, logging.StreamHandler)
        and not isinstance(getattr(type(handler), "stream", None), property)
        and handler.stream in streams
    ]
    before = [handler.stream for handler in handlers]
    with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard), warnings.catch_warnings():
        warnings.simplefilter("default")
        for handler in handlers:
            handler.stream = heard
        try:
            yield
        finally:
            for handler, stream in zip(handlers, before, strict=True):
                handler.stream = stream


def _shows_html() -> bool:
    try:
        shell = get_ipython()  # type: ignore[name-defined]
    except NameError:
        return False
    return hasattr(shell, "kernel") or shell.__class__.__name__ != "TerminalInteractiveShell"
