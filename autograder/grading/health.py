"""How the checks did in a graded class: which are hard, which tell strong learners from weak, which say nothing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.checking import Status
from autograder.course import Course, Exercise
from autograder.grading.records import Record, State

FEW = 5
"""Below so many learners who were judged, a check is not called useless."""

CHANCE = 1.64
"""Standard errors below 0, from which on a discrimination is more than chance (one side, 5 %)."""


@dataclass(frozen=True)
class CheckHealth:
    """One check over a class.

    Parameters
    ----------
    judged, passed
        Learners of whom it said anything, and of whom it said that they are right. Who was skipped because of a
        prerequisite counts as not passed; who did not attempt the exercise does not count.
    difficulty
        The share that did not pass, 0 to 1; None where nobody was judged.
    discrimination
        Point-biserial correlation of passing with the learner's share of all other points of the lesson, -1 to 1;
        None where all passed, none did, or the others' shares are all equal. Below 0.2 the check says little, and
        below 0 strong learners fail it.
    note
        "never fails", "always fails", "strong learners fail it" where that is more than chance, or empty.
    mistakes
        The known mistakes that were named, and how often, most frequent first.
    """

    exercise: str
    check: str
    judged: int
    passed: int
    difficulty: float | None
    discrimination: float | None
    note: str
    mistakes: tuple[tuple[str, int], ...]


def health(records: Sequence[Record], course: Course) -> list[CheckHealth]:
    """The health of every check that stands in the records, in the order of the course."""
    found = []
    for lesson in course.lessons:
        graded = [r for r in records if r.lesson == lesson.folder and r.state is State.GRADED]
        for exercise in lesson.exercises:
            found += _of(exercise, graded)
    return found


def _of(exercise: Exercise, records: Sequence[Record]) -> list[CheckHealth]:
    outcomes: dict[str, list[tuple[bool, float, str]]] = {}
    for record in records:
        verdict = next((v for v in record.verdicts if v.exercise == exercise.id), None)
        if verdict is None or verdict.broken or all(o.status is Status.NOT_ATTEMPTED for o in verdict.outcomes):
            continue
        points, most = record.points, sum(v.max_points for v in record.verdicts)
        for o in verdict.outcomes:
            rest = (points - o.points) / (most - o.max_points) if most > o.max_points else 0.0
            outcomes.setdefault(o.check, []).append((o.status is Status.PASSED, rest, o.mistake))
    return [_check(exercise.id, name, seen) for name, seen in outcomes.items()]


def _check(exercise: str, name: str, seen: Sequence[tuple[bool, float, str]]) -> CheckHealth:
    judged, passed = len(seen), sum(right for right, _, _ in seen)
    related = point_biserial([right for right, _, _ in seen], [rest for _, rest, _ in seen])
    note = ""
    if judged >= FEW:
        note = "never fails" if passed == judged else "always fails" if passed == 0 else ""
        if related is not None and related < -CHANCE / math.sqrt(judged):
            note = "strong learners fail it"
    mistakes = Counter(mistake for _, _, mistake in seen if mistake)
    difficulty = 1 - passed / judged if judged else None
    return CheckHealth(exercise, name, judged, passed, difficulty, related, note, tuple(mistakes.most_common()))


def point_biserial(right: Sequence[bool], rest: Sequence[float]) -> float | None:
    """The correlation of a yes or no with a number; None where either is the same for all.

    >>> point_biserial([True, True, False, False], [1.0, 1.0, 0.0, 0.0])
    1.0
    """
    n, yes = len(right), sum(right)
    mean = sum(rest) / n if n else 0.0
    spread = math.sqrt(sum((x - mean) ** 2 for x in rest) / n) if n else 0.0
    if yes in (0, n) or spread < 1e-12:
        return None
    passing = sum(x for x, is_right in zip(rest, right, strict=True) if is_right) / yes
    failing = sum(x for x, is_right in zip(rest, right, strict=True) if not is_right) / (n - yes)
    share = yes / n
    return round((passing - failing) / spread * math.sqrt(share * (1 - share)), 6)


def as_text(found: Sequence[CheckHealth]) -> str:
    """The checks for a terminal, those that need a look marked."""
    lines = ["difficulty  discrimination  judged  check"]
    for one in found:
        hard = "-" if one.difficulty is None else f"{one.difficulty:.2f}"
        related = "-" if one.discrimination is None else f"{one.discrimination:.2f}"
        note = f"  ({one.note})" if one.note else ""
        lines.append(f"{hard:>10}  {related:>14}  {one.judged:>6}  {one.exercise} {one.check}{note}")
        lines += [f"{'':36}{number} x {mistake}" for mistake, number in one.mistakes[:3]]
    return "\n".join(lines)
