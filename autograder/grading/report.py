"""The class on one page: who needs help, which checks are hard, which mistakes are frequent, and what the run did.

`class_report` computes every number from the records and the gradebook; `report_page.page` only shows them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import math
import shlex
import statistics
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autograder.checking import Status
from autograder.course import Course, Exercise, Lesson
from autograder.grading.gradebook import Score, automatic_score
from autograder.grading.health import CheckHealth, health
from autograder.grading.records import Record, RunRecord, State

BINS = 20
"""Bars of a distribution of shares, 5 % each."""


@dataclass(frozen=True)
class Spread:
    """Least, quartiles and most of `n` numbers."""

    n: int
    least: float
    lower: float
    median: float
    upper: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread | None:
        """The spread, or None of no numbers.

        >>> Spread.of([1.0, 2.0, 3.0, 4.0])
        Spread(n=4, least=1.0, lower=1.75, median=2.5, upper=3.25, most=4.0)
        """
        if not values:
            return None
        cuts = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
        return cls(len(values), min(values), cuts[0], cuts[1], cuts[2], max(values))


@dataclass(frozen=True)
class Where:
    """A submission, and its feedback page as a relative URL."""

    student: str
    lesson: str
    href: str


Find = Callable[[str, str], Where]
"""Where the submission of this student for this lesson is."""


@dataclass(frozen=True)
class Result:
    """One learner in one lesson.

    `points` and `most` leave out what still waits for a person; `waits` counts that. `late` are the points taken off
    for lateness; they are taken off in `points`.
    """

    state: str
    """A `State`, "not handed in", or "in the gradebook" where there are points but no record."""
    points: float = 0.0
    most: float = 0.0
    waits: int = 0
    not_attempted: int = 0
    late: float = 0.0
    href: str = ""

    @property
    def share(self) -> float | None:
        return self.points / self.most if self.most else None


@dataclass(frozen=True)
class LessonRow:
    """One lesson over the class. `spread` is of the points so far, `shares` and `histogram` of their share."""

    folder: str
    title: str
    points: float
    counts: dict[str, int]
    missing: int
    waiting: int
    spread: Spread | None
    shares: Spread | None
    histogram: list[int]


@dataclass(frozen=True)
class Learner:
    """One learner over the lessons that somebody has handed in.

    A lesson that is missing counts 0; what waits for a person counts neither for nor against.
    """

    student: str
    points: float
    most: float
    share: float | None
    missing: list[str]
    not_attempted: int
    waits: int
    results: dict[str, Result]


@dataclass(frozen=True)
class ExerciseRow:
    """One exercise over its graded submissions; `share` is the mean share of its points."""

    lesson: str
    exercise: str
    title: str
    attempted: int
    not_attempted: int
    full: int
    share: float | None


@dataclass(frozen=True)
class CheckRow:
    """A check's health, with its lesson and sentence."""

    lesson: str
    sentence: str
    health: CheckHealth


@dataclass(frozen=True)
class MistakeRow:
    """A known mistake: in how many of the submissions that were judged in the exercise it was named."""

    lesson: str
    exercise: str
    title: str
    mistake: str
    see: str
    judged: int
    submissions: list[Where]

    @property
    def share(self) -> float:
        return len(self.submissions) / self.judged

    @property
    def belief(self) -> str:
        """What the sentence quotes, or all of it where it quotes nothing."""
        return self.mistake.partition("“")[2].rpartition("”")[0] or self.mistake


@dataclass(frozen=True)
class SetApart:
    """A submission without a verdict, or a check that failed by itself: why, and what to do."""

    where: Where
    state: str
    reason: str
    to_do: str


@dataclass(frozen=True)
class Repaired:
    """A submission whose file had to be mended."""

    where: Where
    notes: list[str]


@dataclass(frozen=True)
class WaitingRow:
    """An exercise in which answers of graded submissions wait for a person."""

    lesson: str
    exercise: str
    title: str
    submissions: list[Where]


@dataclass(frozen=True)
class Slow:
    """A submission that took long: its seconds, how many times its lesson's median, and its slowest check."""

    where: Where
    seconds: float
    times_median: float
    check: str
    check_seconds: float


@dataclass(frozen=True)
class Identity:
    """Whether what went in came out: submissions = graded + quarantined + failed."""

    submissions: int
    graded: int
    quarantined: int
    failed: int
    without_verdict: list[str]
    no_longer_there: list[str]

    @property
    def closes(self) -> bool:
        added = self.graded + self.quarantined + self.failed
        return self.submissions == added and not self.without_verdict and not self.no_longer_there


@dataclass(frozen=True)
class Report:
    """All numbers of the page, in its order."""

    title: str
    identity: Identity
    spread: Spread | None
    """Of the learners' shares of the points."""
    histogram: list[int]
    lessons: list[LessonRow]
    learners: list[Learner]
    exercises: list[ExerciseRow]
    checks: list[CheckRow]
    mistakes: list[MistakeRow]
    set_apart: list[SetApart]
    repaired: list[Repaired]
    waiting: list[WaitingRow]
    seconds: Spread | None
    """Of grading one submission."""
    seconds_edges: list[float]
    """Powers of two; between two of them stands a number of `seconds_histogram`."""
    seconds_histogram: list[int]
    slow: list[Slow]
    runs: list[dict[str, Any]]
    """Newest first; the seed only as a hash."""
    differences: list[str]
    """Where the gradebook says otherwise than the records."""


def class_report(
    records: Sequence[Record],
    scores: Sequence[Score],
    course: Course,
    *,
    runs: Sequence[Mapping[str, Any]] = (),
    handed_in: Collection[tuple[str, str]] | None = None,
    penalties: Mapping[tuple[str, str], float] | None = None,
    differences: Sequence[str] = (),
    feedback: str = "feedback",
) -> Report:
    """Compute the numbers of a class.

    Parameters
    ----------
    scores
        What the gradebook holds; where it holds a score, that counts, a person's entry included.
    penalties
        Points taken off for lateness, by student and lesson.
    runs
        What `read_runs` gives.
    handed_in
        Student and lesson of everything in `submitted/`; None where that folder is not there to compare with.
    feedback
        The URL of the folder with the feedback pages, seen from the page.
    """
    held: dict[tuple[str, str], dict[str, Score]] = {}
    for score in scores:
        held.setdefault((score.student, score.lesson), {})[score.exercise] = score
    by_key = {(record.student, record.lesson): record for record in records}
    lessons = {lesson.folder: course.lesson(lesson.folder) for lesson in course.lessons}

    def where(student: str, folder: str) -> Where:
        path = course.lesson(folder).path.with_suffix(".html")
        return Where(student, folder, "/".join([feedback, *(_quoted(part) for part in (student, *path.parts))]))

    results: dict[tuple[str, str], Result] = {}
    for student, folder in sorted({*by_key, *(key for key in held if key[1] in lessons)}):
        results[student, folder] = _result(
            course.lesson(folder),
            by_key.get((student, folder)),
            held.get((student, folder), {}),
            (penalties or {}).get((student, folder), 0.0),
            where(student, folder).href,
        )
    students = sorted({student for student, _ in results})
    given = [lesson for lesson in course.lessons if any((s, lesson.folder) in results for s in students)]
    learners = sorted(
        (_learner(student, given, results) for student in students),
        key=lambda one: (1.0 if one.share is None else one.share, one.student),
    )
    shares = [one.share for one in learners if one.share is not None]
    graded = [r for r in records if r.state is State.GRADED]
    seconds = [max(r.seconds, 0.01) for r in graded]
    edges = _doubling(seconds)
    return Report(
        course.title,
        _identity(records, handed_in),
        Spread.of(shares),
        _histogram(shares),
        [_lesson_row(lesson, students, results) for lesson in course.lessons],
        learners,
        [_exercise_row(lesson, e, graded, held) for lesson in given for e in lesson.graded],
        _check_rows(records, course),
        _mistakes(graded, course, where),
        [*_set_apart(records, where), *_broken_checks(graded, where)],
        [Repaired(where(r.student, r.lesson), list(r.notes)) for r in records if r.notes],
        _waiting(given, graded, held, where),
        Spread.of(seconds),
        edges,
        [sum(low <= one < high for one in seconds) for low, high in itertools.pairwise(edges)],
        _slow(graded, where),
        [_public(run) for run in runs],
        list(differences),
    )


def _quoted(part: str) -> str:
    return quote(part, safe="", errors="replace")


def _decided(exercise: Exercise, record: Record | None, held: Mapping[str, Score]) -> tuple[float, float] | None:
    """Points and most points of an exercise, from the gradebook where it has them; None where it waits for a person."""
    if score := held.get(exercise.graded_cell):
        return None if score.needs_manual_grade else (score.points, score.max_points)
    points = automatic_score(record, exercise) if record else None
    return None if points is None else (points, exercise.points)


def _result(lesson: Lesson, record: Record | None, held: Mapping[str, Score], late: float, href: str) -> Result:
    decided = [found for exercise in lesson.graded if (found := _decided(exercise, record, held))]
    empty = sum(_not_attempted(record, exercise) for exercise in lesson.graded) if record else 0
    return Result(
        str(record.state) if record else "in the gradebook",
        max(sum(points for points, _ in decided) - late, 0.0),
        sum(most for _, most in decided),
        len(lesson.graded) - len(decided),
        empty,
        late,
        href,
    )


def _not_attempted(record: Record, exercise: Exercise) -> bool:
    verdict = next((v for v in record.verdicts if v.exercise == exercise.id), None)
    empty = verdict is not None and all(o.status is Status.NOT_ATTEMPTED for o in verdict.outcomes)
    return empty or exercise.id in record.unanswered


def _learner(student: str, given: Sequence[Lesson], results: Mapping[tuple[str, str], Result]) -> Learner:
    own = {lesson.folder: results.get((student, lesson.folder), Result("not handed in")) for lesson in given}
    missing = [lesson for lesson in given if own[lesson.folder].state == "not handed in" and lesson.points]
    points = sum(one.points for one in own.values())
    most = sum(one.most for one in own.values()) + sum(lesson.points for lesson in missing)
    return Learner(
        student,
        points,
        most,
        points / most if most else None,
        [lesson.folder for lesson in missing],
        sum(one.not_attempted for one in own.values()),
        sum(one.waits for one in own.values()),
        own,
    )


def _histogram(shares: Sequence[float]) -> list[int]:
    """How many fall into each of the bins from 0 to 1; more than 1, by extra credit, falls into the last."""
    bins = [0] * BINS
    for share in shares:
        bins[max(0, min(int(share * BINS + 1e-9), BINS - 1))] += 1
    return bins


def _doubling(values: Sequence[float]) -> list[float]:
    """Powers of two from below the least value to above the most."""
    if not values:
        return []
    first, last = math.floor(math.log2(min(values))), math.floor(math.log2(max(values))) + 1
    return [2.0**power for power in range(first, last + 1)]


def _lesson_row(lesson: Lesson, students: Sequence[str], results: Mapping[tuple[str, str], Result]) -> LessonRow:
    own = [one for student in students if (one := results.get((student, lesson.folder)))]
    counts = {str(state): sum(one.state == state for one in own) for state in State}
    decided = [one for one in own if one.most]
    shares = [one.points / one.most for one in decided]
    return LessonRow(
        lesson.folder,
        lesson.title,
        lesson.points,
        counts,
        len(students) - len(own),
        sum(one.waits > 0 for one in own),
        Spread.of([one.points for one in decided]),
        Spread.of(shares),
        _histogram(shares),
    )


def _exercise_row(
    lesson: Lesson, exercise: Exercise, graded: Sequence[Record], held: Mapping[tuple[str, str], Mapping[str, Score]]
) -> ExerciseRow:
    own = [record for record in graded if record.lesson == lesson.folder]
    attempted = [record for record in own if not _not_attempted(record, exercise)]
    found = [_decided(exercise, record, held.get((record.student, record.lesson), {})) for record in attempted]
    shares = [one[0] / one[1] for one in found if one and one[1]]
    return ExerciseRow(
        lesson.folder,
        exercise.id,
        exercise.title,
        len(attempted),
        len(own) - len(attempted),
        sum(share > 1 - 1e-9 for share in shares),
        statistics.fmean(shares) if shares else None,
    )


def _check_rows(records: Sequence[Record], course: Course) -> list[CheckRow]:
    sentences = {(v.exercise, o.check): o.sentence for r in records for v in r.verdicts for o in v.outcomes}
    lesson_of = {exercise.id: lesson.folder for lesson in course.lessons for exercise in lesson.exercises}
    return [
        CheckRow(lesson_of[one.exercise], sentences[one.exercise, one.check], one) for one in health(records, course)
    ]


def _mistakes(graded: Sequence[Record], course: Course, where: Find) -> list[MistakeRow]:
    """Most frequent first. A submission counts once for a mistake, however many checks it made fail."""
    judged: dict[str, int] = {}
    made: dict[tuple[str, str, str], list[Where]] = {}
    see: dict[tuple[str, str, str], str] = {}
    for record in graded:
        for verdict in record.verdicts:
            if not all(o.status is Status.NOT_ATTEMPTED for o in verdict.outcomes):
                judged[verdict.exercise] = judged.get(verdict.exercise, 0) + 1
            for outcome in {o.mistake: o for o in verdict.outcomes if o.mistake}.values():
                key = record.lesson, verdict.exercise, outcome.mistake
                made.setdefault(key, []).append(where(record.student, record.lesson))
                see[key] = outcome.see
    titles = {exercise.id: exercise.title for exercise in course.exercises}
    rows = [
        MistakeRow(key[0], key[1], titles.get(key[1], key[1]), key[2], see[key], judged[key[1]], submissions)
        for key, submissions in made.items()
    ]
    return sorted(rows, key=lambda row: (-len(row.submissions), row.exercise, row.mistake))


def _set_apart(records: Sequence[Record], where: Find) -> list[SetApart]:
    found = []
    for record in records:
        again = f"autograder grade --student {shlex.quote(record.student)} --lesson {record.lesson}"
        if record.state is State.QUARANTINED:
            to_do = f"Ask for the file again, put it in its place, and run `{again}`."
        elif record.state is State.FAILED:
            to_do = f"Run `{again}` once more. If it fails again, report the reason."
        else:
            continue
        found.append(SetApart(where(record.student, record.lesson), str(record.state), record.reason, to_do))
    return found


def _broken_checks(graded: Sequence[Record], where: Find) -> list[SetApart]:
    """Checks that failed by themselves in submissions that were otherwise graded."""
    return [
        SetApart(
            where(record.student, record.lesson),
            "a check failed by itself",
            f"{verdict.exercise}, {outcome.check}: {outcome.rationale}",
            f"Enter the points of {verdict.title} in formgrader, and report the reason.",
        )
        for record in graded
        for verdict in record.verdicts
        for outcome in verdict.outcomes
        if outcome.status is Status.HARNESS_ERROR
    ]


def _waiting(
    given: Sequence[Lesson],
    graded: Sequence[Record],
    held: Mapping[tuple[str, str], Mapping[str, Score]],
    where: Find,
) -> list[WaitingRow]:
    rows = []
    for lesson in given:
        own = [r for r in graded if r.lesson == lesson.folder]
        for exercise in lesson.graded:
            waits = [r for r in own if _decided(exercise, r, held.get((r.student, r.lesson), {})) is None]
            if found := [where(r.student, r.lesson) for r in waits]:
                rows.append(WaitingRow(lesson.folder, exercise.id, exercise.title, found))
    return rows


def _slow(graded: Sequence[Record], where: Find) -> list[Slow]:
    """The ten slowest submissions, slowest first."""
    by_lesson: dict[str, list[float]] = {}
    for record in graded:
        by_lesson.setdefault(record.lesson, []).append(record.seconds)
    median = {lesson: statistics.median(seconds) for lesson, seconds in by_lesson.items()}
    rows = []
    for record in sorted(graded, key=lambda r: (-r.seconds, r.lesson, r.student))[:10]:
        outcomes = [(o.seconds, f"{v.exercise}, {o.check}") for v in record.verdicts for o in v.outcomes]
        seconds, check = max(outcomes, default=(0.0, ""))
        times = record.seconds / median[record.lesson] if median[record.lesson] else 1.0
        rows.append(Slow(where(record.student, record.lesson), record.seconds, times, check, seconds))
    return rows


def _identity(records: Sequence[Record], handed_in: Collection[tuple[str, str]] | None) -> Identity:
    recorded = {(r.student, r.lesson) for r in records}
    there = recorded if handed_in is None else set(handed_in)
    counts = {state: sum(r.state is state for r in records) for state in State}
    return Identity(
        len(there),
        counts[State.GRADED],
        counts[State.QUARANTINED],
        counts[State.FAILED],
        [f"{student}, {lesson}" for student, lesson in sorted(there - recorded)],
        [f"{student}, {lesson}" for student, lesson in sorted(recorded - there)],
    )


def read_runs(course: Path) -> list[dict[str, Any]]:
    """The run records of a course folder as they were written, newest first; what cannot be read is left out."""
    found = []
    for path in sorted((course / ".autograder" / "runs").glob("*.json"), reverse=True):
        try:
            run = json.loads(path.read_text(encoding="utf-8"))
            found.append(dataclasses.asdict(RunRecord(**run)))
        except (OSError, ValueError, TypeError):
            continue
    return found


def _public(run: Mapping[str, Any]) -> dict[str, Any]:
    """The run without its seed, and with whether its counts add up."""
    counts = {name: run["counts"].get(name, 0) for name in ("submissions", *map(str, State))}
    shown = {name: value for name, value in run.items() if name != "seed"}
    return shown | {
        "seed_sha256": hashlib.sha256(run["seed"].encode()).hexdigest()[:16],
        "counts": counts,
        "closes": counts["submissions"] == sum(counts[state] for state in State),
    }


def as_json(report: Report) -> dict[str, Any]:
    """The numbers as plain values, those that are derived from others included."""
    data = dataclasses.asdict(report)
    data["identity"]["closes"] = report.identity.closes
    for row, mistake in zip(data["mistakes"], report.mistakes, strict=True):
        row |= {"count": len(mistake.submissions), "share": mistake.share}
    return data
