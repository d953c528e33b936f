"""What another run of `grade` would change: judged anew against what is kept, before anything is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.checking import Outcome, Verdict
from autograder.course import Course
from autograder.grading.gradebook import automatic_score
from autograder.grading.records import Record


@dataclass(frozen=True)
class CheckChange:
    """One check that now says something else, or is new, or is gone: its points (None where it is not) and why."""

    check: str
    before: float | None
    after: float | None
    why: str


@dataclass(frozen=True)
class Change:
    """One learner's exercise whose points change. None stands for no verdict: a person has to decide.

    `by_hand` is the score that a person entered, which stays whatever the checks say; `waits` is why there is no
    verdict any more.
    """

    student: str
    lesson: str
    exercise: str
    before: float | None
    after: float | None
    checks: tuple[CheckChange, ...]
    by_hand: float | None = None
    waits: str = ""

    @property
    def by(self) -> float:
        """By how many points the learner's score changes: not at all where a person has decided."""
        return 0.0 if self.by_hand is not None else (self.after or 0.0) - (self.before or 0.0)


def changes(
    kept: Record | None, fresh: Record, course: Course, by_hand: Mapping[tuple[str, str, str], float]
) -> Iterator[Change]:
    """What differs between two records of one submission; `by_hand` is by student, lesson and graded cell."""
    for exercise in course.lesson(fresh.lesson).graded:
        before = automatic_score(kept, exercise) if kept else None
        after = automatic_score(fresh, exercise)
        old, new = _verdict(kept, exercise.id), _verdict(fresh, exercise.id)
        checks = tuple(_checks(old, new))
        if before == after and not checks:
            continue
        manual = by_hand.get((fresh.student, fresh.lesson, exercise.graded_cell))
        yield Change(fresh.student, fresh.lesson, exercise.id, before, after, checks, manual, fresh.reason)


def as_json(change: Change) -> dict[str, Any]:
    """The change as plain values."""
    return {**dataclasses.asdict(change), "by": change.by}


def as_text(found: list[Change], submissions: int) -> str:
    """The changes for a terminal: a line for each exercise, one below it for each check."""
    lines = []
    for change in found:
        lines.append(
            f"{change.student}, {change.exercise}: {_points(change.before)} -> {_points(change.after)}"
            + (f", but stays {change.by_hand:g}: entered by a person" if change.by_hand is not None else "")
            + (f". {change.waits}" if change.waits else "")
        )
        lines += [f"    {c.check}: {_points(c.before)} -> {_points(c.after)} {c.why}".rstrip() for c in change.checks]
    learners = {change.student for change in found if change.by}
    total = sum(change.by for change in found)
    lines.append(
        f"{submissions} submissions; {len(learners)} learners would get other points, {total:+g} in all. "
        "Nothing was written."
    )
    return "\n".join(lines)


def _verdict(record: Record | None, exercise_id: str) -> dict[str, Outcome]:
    verdicts: list[Verdict] = record.verdicts if record else []
    return {o.check: o for verdict in verdicts if verdict.exercise == exercise_id for o in verdict.outcomes}


def _checks(old: Mapping[str, Outcome], new: Mapping[str, Outcome]) -> Iterator[CheckChange]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if before and after and (before.points, before.status) == (after.points, after.status):
            continue
        why = f"({after.status}) {after.rationale}" if after else "(there is no such check any more)"
        yield CheckChange(name, before.points if before else None, after.points if after else None, why.strip())


def _points(points: float | None) -> str:
    return "no verdict" if points is None else f"{points:g}"
