"""Scores for people and other systems: CSV and JSON, per exercise and per lesson.

Every text comes back from a CSV reader as it went in, whatever commas, quotes, line breaks or directions of writing
are in it. One thing differs by who reads the file. A spreadsheet runs a cell that begins like a formula, so in the CSV
for people such a text gets an apostrophe in front (`display`, undone by `undisplayed`). What another system finds a
learner by stays as it is: with the apostrophe it would find nobody. Do not open such a file in a spreadsheet first.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from autograder.course import Course
from autograder.grading.gradebook import Score

COLUMNS = ("student", "lesson", "exercise", "points", "max_points", "needs_manual_grade")

NBGRADER = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)
"""The columns of `nbgrader export`."""

# What spreadsheets take for the beginning of a formula, full-width forms and leading space included. Apostrophes before
# it belong to the pattern so that every text can be told from every other afterwards.
_FORMULA = re.compile(r"'*\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")


def display(text: str) -> str:
    """The text as a spreadsheet shows it without running it.

    >>> display("=cmd()"), display("Zoë, née O'Brien"), display("'=1")
    ("'=cmd()", "Zoë, née O'Brien", "''=1")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def undisplayed(text: str) -> str:
    """The text that `display` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """The rows as CSV, quoted where a text needs it."""
    text = io.StringIO(newline="")
    few, every = (csv.writer(text, lineterminator="\n", quoting=q) for q in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    for row in rows:
        # A carriage return alone is not quoted by every Python, and would end the row for a reader.
        (every if any("\r" in str(cell) for cell in row) else few).writerow(row)
    return text.getvalue()


def as_csv(scores: Iterable[Score]) -> str:
    """The scores as CSV for people, with a header; a text that a spreadsheet would run begins with an apostrophe."""
    rows = [[row[name] for name in COLUMNS] for row in as_rows(scores)]
    return csv_text([COLUMNS, *([display(c) if isinstance(c, str) else c for c in row] for row in rows)])


def as_rows(scores: Iterable[Score]) -> list[dict[str, Any]]:
    """The scores as plain dicts with the columns of `COLUMNS`."""
    return [dataclasses.asdict(score) for score in scores]


@dataclass(frozen=True)
class Points:
    """Points in one cell of a class's table; `waiting` where a person has yet to decide on some of them."""

    points: float
    waiting: bool


Penalties = Mapping[tuple[str, str], float]
"""Points taken off for lateness, by student and lesson."""


def totals(scores: Iterable[Score], penalties: Penalties) -> dict[tuple[str, str], Points]:
    """What each learner has for each lesson, late penalties taken off: the one place where totals are made."""
    found: dict[tuple[str, str], Points] = {}
    for score in scores:
        before = found.get((score.student, score.lesson), Points(0.0, False))
        found[score.student, score.lesson] = Points(
            before.points + score.points, before.waiting or score.needs_manual_grade
        )
    return {key: Points(max(0.0, p.points - penalties.get(key, 0.0)), p.waiting) for key, p in found.items()}


@dataclass(frozen=True)
class Column:
    """A lesson or an exercise, by its folder or id, and what it is worth."""

    name: str
    max_points: float


@dataclass(frozen=True)
class Sheet:
    """A class as a table: a row of cells per learner, one cell per column, None where nothing was handed in."""

    columns: list[Column]
    rows: dict[str, list[Points | None]]

    @property
    def waiting(self) -> int:
        """How many cells wait for a person."""
        return sum(cell is not None and cell.waiting for row in self.rows.values() for cell in row)


def sheet(scores: Sequence[Score], penalties: Penalties, course: Course, *, lessons: bool, exercises: bool) -> Sheet:
    """The class as a table: each lesson's total, late penalties taken off, and the points of its exercises before them.

    Only lessons and exercises that the gradebook holds have a column, in the order of the course.
    """
    names = {(one.folder, e.graded_cell): e.id for one in course.lessons for e in one.graded}
    order = {folder: at for at, folder in enumerate([one.folder for one in course.lessons])}
    worth: dict[str, dict[str, float]] = {}
    for score in sorted(scores, key=lambda s: (order.get(s.lesson, len(order)), s.lesson)):
        worth.setdefault(score.lesson, {})[score.exercise] = score.max_points
    whole = totals(scores, penalties)
    single = {(s.student, s.lesson, s.exercise): Points(s.points, s.needs_manual_grade) for s in scores}
    keys: list[tuple[str, str]] = []
    columns = []
    for lesson, cells in worth.items():
        if lessons:
            columns.append(Column(lesson, sum(cells.values())))
            keys.append((lesson, ""))
        known = [cell for folder, cell in names if folder == lesson and cell in cells]
        for cell in [*known, *(c for c in cells if c not in known)] if exercises else ():
            columns.append(Column(names.get((lesson, cell), cell), cells[cell]))
            keys.append((lesson, cell))
    rows = {
        student: [single.get((student, *key)) if key[1] else whole.get((student, key[0])) for key in keys]
        for student in sorted({score.student for score in scores})
    }
    return Sheet(columns, rows)


def points_or_blank(cell: Points | None) -> str:
    """The points, or nothing where none were handed in or a person has yet to decide."""
    return "" if cell is None or cell.waiting else f"{round(cell.points, 4):.10g}"


def as_nbgrader(scores: Sequence[Score], penalties: Penalties, db_url: str, lessons: Collection[str] = ()) -> str:
    """What `nbgrader export` writes, column by column, with quotes where a text needs them.

    A row per assignment and student of the gradebook, whether or not anything was handed in.
    """
    raw = totals(scores, {})
    rows: list[list[object]] = []
    for assignment, due, most, student, timestamp in _submissions(db_url):
        if lessons and assignment not in lessons:
            continue
        key = (student[0], assignment)
        points, penalty = raw.get(key, Points(0.0, False)).points, penalties.get(key, 0.0)
        after = max(0.0, points - penalty)
        who = ["" if text is None else text for text in student]
        rows.append([assignment, due or "", timestamp or "", *who, points, penalty, after, most])
    return csv_text([NBGRADER, *rows])


def _submissions(db_url: str) -> list[tuple[str, Any, float, tuple[Any, ...], Any]]:
    """Every assignment with every student: name, due date, what it is worth; id, names, address; when handed in."""
    metadata = sa.MetaData()
    engine = sa.create_engine(db_url, poolclass=sa.NullPool)
    metadata.reflect(engine)
    t = metadata.tables
    assignment, student, submission = t["assignment"], t["student"], t["submitted_assignment"]
    people = (student.c.id, student.c.last_name, student.c.first_name, student.c.email)
    query = (
        sa.select(
            assignment.c.id.label("key"), assignment.c.name, assignment.c.duedate, submission.c.timestamp, *people
        )
        .select_from(assignment.join(student, sa.true()))
        .outerjoin(
            submission, sa.and_(submission.c.assignment_id == assignment.c.id, submission.c.student_id == student.c.id)
        )
        .order_by(assignment.c.duedate, assignment.c.name, student.c.last_name, student.c.first_name, student.c.id)
    )
    with engine.connect() as connection:
        worth: dict[str, float] = {}
        for kind in ("grade_cells", "task_cells"):
            joined = (
                t[kind]
                .join(t["base_cell"], t["base_cell"].c.id == t[kind].c.id)
                .join(t["notebook"], t["notebook"].c.id == t["base_cell"].c.notebook_id)
            )
            sums = sa.select(t["notebook"].c.assignment_id, sa.func.sum(t[kind].c.max_score)).select_from(joined)
            for key, most in connection.execute(sums.group_by(t["notebook"].c.assignment_id)):
                worth[key] = worth.get(key, 0.0) + float(most)
        return [
            (row.name, row.duedate, worth.get(row.key, 0.0), tuple(row[4:8]), row.timestamp)
            for row in connection.execute(query)
        ]


def as_gradebook(scores: Sequence[Score]) -> str:
    """The class for a terminal: a line per learner, a column per exercise, the total at the end."""
    exercises = list(dict.fromkeys((s.lesson, s.exercise) for s in scores))
    students = sorted({s.student for s in scores})
    by_key = {(s.student, s.lesson, s.exercise): s for s in scores}
    head = ["", *(exercise.removesuffix("-check") for _, exercise in exercises), "total"]
    rows = [head]
    for student in students:
        own = [by_key.get((student, *exercise)) for exercise in exercises]
        cells = ["" if s is None else f"{s.points:g}{'*' if s.needs_manual_grade else ''}" for s in own]
        rows.append([student, *cells, f"{sum(s.points for s in own if s):g}"])
    most = {(s.lesson, s.exercise): s.max_points for s in scores}
    rows.append(["(most)", *(f"{most[e]:g}" for e in exercises), f"{sum(most.values()):g}"])
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = [
        "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]
    if any(s.needs_manual_grade for s in scores):
        lines.append("* waits for a person: quarantined, or a check that failed by itself")
    return "\n".join(line.rstrip() for line in lines)
