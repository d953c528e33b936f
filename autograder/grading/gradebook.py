"""Load: one process writes the verdicts into nbgrader's gradebook, in transactions, and reads them back.

The tables are nbgrader's own, read from the database; nbgrader itself, which takes seconds to import, is not needed.
Works on SQLite and PostgreSQL, whatever nbgrader's `db_url` names.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from autograder.course import Course, CourseError, Exercise, Lesson
from autograder.grading.late import LatePolicy, penalty
from autograder.grading.records import Record, State

_TABLES = ("student", "assignment", "notebook", "base_cell", "grade_cells", "task_cells", "solution_cells",
           "submitted_assignment", "submitted_notebook", "grade", "comment")  # fmt: skip


@dataclass(frozen=True)
class Score:
    """What the gradebook holds for one graded cell of one submission; `points` include what people entered."""

    student: str
    lesson: str
    exercise: str
    points: float
    max_points: float
    needs_manual_grade: bool


class Gradebook:
    """A gradebook that nbgrader has made. Waits up to `wait` seconds for another program that is writing to it.

    Raises `CourseError` where it is locked for longer, cannot be reached, or is no gradebook.
    """

    def __init__(self, db_url: str, *, wait: float = 60.0) -> None:
        arguments = {"timeout": wait} if db_url.startswith("sqlite") else {}
        # No pool: a connection is closed as soon as it has been used, and none is left for the collector.
        self._engine = sa.create_engine(db_url, connect_args=arguments, poolclass=sa.NullPool)
        self.url = self._engine.url.render_as_string()  # without the password
        metadata = sa.MetaData()
        with self._explained():
            metadata.reflect(self._engine, only=lambda name, _: name in _TABLES)
        if missing := set(_TABLES) - set(metadata.tables):
            raise CourseError(
                f"{self.url} is no gradebook (no table {sorted(missing)[0]}). Run `autograder release` first."
            )
        self._tables = metadata.tables

    def load(self, records: Sequence[Record], course: Course) -> None:
        """Upsert the automatic scores of these submissions in one transaction; what people entered stays as it is.

        A quarantined submission, and an exercise on which the harness failed, gets no automatic score and is marked
        for manual grading. Raises `CourseError` where a lesson has not been released into this gradebook.
        """
        with self._explained(), self._engine.begin() as connection:
            targets: dict[str, _Target] = {}
            for record in records:
                if record.lesson not in targets:
                    targets[record.lesson] = self._target(connection, course.lesson(record.lesson))
                self._upsert(connection, record, course.lesson(record.lesson), targets[record.lesson])

    def scores(self, lessons: Sequence[str] = ()) -> list[Score]:
        """Every score in the gradebook, by lesson, student and exercise."""
        with self._explained(), self._engine.connect() as connection:
            rows = connection.execute(self._score_query()).all()
        found = [
            Score(
                row.student_id,
                row.lesson,
                row.cell,
                _points(row),
                float(row.max_score),
                bool(row.needs_manual_grade),
            )
            for row in rows
            if not lessons or row.lesson in lessons
        ]
        return sorted(found, key=lambda score: (score.lesson, score.student, score.exercise))

    def by_hand(self) -> dict[tuple[str, str, str], float]:
        """The scores that people entered, extra credit included, by student, lesson and graded cell."""
        with self._explained(), self._engine.connect() as connection:
            rows = connection.execute(self._score_query()).all()
        return {(r.student_id, r.lesson, r.cell): _points(r) for r in rows if r.manual_score is not None}

    def comments(self) -> dict[tuple[str, str, str], str]:
        """What people wrote in formgrader, by student, lesson and grade_id of the answer."""
        t = self._tables
        query = (
            sa.select(
                t["submitted_assignment"].c.student_id,
                t["assignment"].c.name.label("lesson"),
                t["base_cell"].c.name.label("cell"),
                t["comment"].c.manual_comment,
            )
            .select_from(self._with_names("comment"))
            .where(t["comment"].c.manual_comment.is_not(None))
        )
        with self._explained(), self._engine.connect() as connection:
            return {(row[0], row.lesson, row.cell): row.manual_comment for row in connection.execute(query)}

    def penalties(self) -> dict[tuple[str, str], float]:
        """The points taken off for lateness, by student and lesson, where any are.

        Points after penalty of a submission: the sum of its `scores()` less `penalties().get((student, lesson), 0.0)`.
        A penalty never exceeds that sum. These are the penalties as `charge` has left them; commands that show points
        call it first, so that what people entered since the last grading counts.
        """
        with self._explained(), self._engine.connect() as connection:
            return {(row.student_id, row.lesson): row.penalty for row in self._charged(connection) if row.penalty}

    def charge(self, policy: LatePolicy) -> None:
        """Bring due dates and late penalties up to date with the policy and with the points as they are now.

        Recomputes every submission in one transaction and writes only what has changed; runs no notebook.
        """
        assignment, notebook = self._tables["assignment"], self._tables["submitted_notebook"]
        with self._explained(), self._engine.begin() as connection:
            for name, held in connection.execute(sa.select(assignment.c.name, assignment.c.duedate)).all():
                due = policy.due[name].replace(tzinfo=None) if name in policy.due else held
                if due != held:
                    connection.execute(assignment.update().where(assignment.c.name == name).values(duedate=due))
            for row in self._charged(connection):
                owed = _owed(row, policy)
                if owed != (row.penalty or 0.0):
                    values = {"late_submission_penalty": owed or None}
                    connection.execute(notebook.update().where(notebook.c.id == row.id).values(**values))

    def differences(
        self, records: Iterator[Record] | Sequence[Record], course: Course, policy: LatePolicy | None = None
    ) -> list[str]:
        """What the gradebook says otherwise than the records, a line each; none when the load is complete.

        With a policy, late penalties are compared as well.
        """
        with self._explained(), self._engine.connect() as connection:
            held = {(r.lesson, r.student_id, r.cell): r for r in connection.execute(self._score_query())}
            charged = {(r.lesson, r.student_id): r for r in self._charged(connection)}
        found = []
        for record in records:
            late = charged.get((record.lesson, record.student))
            if policy and late and (late.penalty or 0.0) != _owed(late, policy):
                off = f"{late.penalty or 0.0:g} points off for lateness there, {_owed(late, policy):g} due"
                found.append(f"{record.student}, {record.lesson}: {off}")
            for exercise in course.lesson(record.lesson).graded:
                where = f"{record.student}, {exercise.id}"
                row = held.get((record.lesson, record.student, exercise.graded_cell))
                if row is None:
                    found.append(f"{where}: not in the gradebook")
                elif row.auto_score != automatic_score(record, exercise):
                    found.append(f"{where}: {row.auto_score} there, {automatic_score(record, exercise)} judged")
                elif row.max_score != exercise.points:
                    found.append(f"{where}: worth {row.max_score:g} there, {exercise.points:g} in the course")
        return found

    # --- one submission -------------------------------------------------------------------------------------

    def _target(self, connection: sa.Connection, lesson: Lesson) -> _Target:
        assignment, notebook, cell = (self._tables[name] for name in ("assignment", "notebook", "base_cell"))
        row = connection.execute(
            sa.select(assignment.c.id, notebook.c.id)
            .join(notebook, notebook.c.assignment_id == assignment.c.id)
            .where(assignment.c.name == lesson.folder, notebook.c.name == lesson.notebook)
        ).first()
        if row is None:
            raise CourseError(f"{lesson.folder} is not in the gradebook. Run `autograder release` first.")

        def cells(kind: str) -> dict[str, str]:
            query = (
                sa.select(cell.c.name, cell.c.id)
                .join(self._tables[kind], self._tables[kind].c.id == cell.c.id)
                .where(cell.c.notebook_id == row[1])
            )
            return {found.name: found.id for found in connection.execute(query)}

        graded = cells("grade_cells") | cells("task_cells")
        for exercise in lesson.graded:
            if exercise.graded_cell not in graded:
                raise CourseError(f"{exercise.id} is not in the gradebook. Run `autograder release` first.")
        commented = [*cells("solution_cells").values(), *cells("task_cells").values()]
        return _Target(row[0], row[1], graded, commented)

    def _upsert(self, connection: sa.Connection, record: Record, lesson: Lesson, target: _Target) -> None:
        self._one(connection, "student", {"id": record.student}, {})
        stamp = {"timestamp": _naive_utc(record.timestamp) if record.timestamp else None}
        newer = self._handed_in(connection, record, target) not in (None, stamp["timestamp"])
        submission = self._one(
            connection,
            "submitted_assignment",
            {"assignment_id": target.assignment, "student_id": record.student},
            stamp,
        )
        notebook = self._one(
            connection, "submitted_notebook", {"assignment_id": submission, "notebook_id": target.notebook}, {}
        )
        for cell in target.commented:
            self._one(connection, "comment", {"notebook_id": notebook, "cell_id": cell}, {})
        automatic = {e.graded_cell: automatic_score(record, e) for e in lesson.graded}
        grade = self._tables["grade"]
        rows = connection.execute(sa.select(grade).where(grade.c.notebook_id == notebook)).all()
        held = {row.cell_id: row for row in rows}
        for name, cell in target.graded.items():
            row, points = held.get(cell), automatic.get(name)
            if row is None:
                values = {"auto_score": points, "needs_manual_grade": points is None}
                self._insert(connection, "grade", {"notebook_id": notebook, "cell_id": cell, **values})
            elif name in automatic and (row.auto_score != points or row.manual_score is None or newer):
                # Where a person has decided, they look again if the checks now say otherwise or it was handed in again.
                review = points is None or row.manual_score is not None
                values = {"auto_score": points, "needs_manual_grade": review}
                connection.execute(grade.update().where(grade.c.id == row.id).values(**values))

    def _handed_in(self, connection: sa.Connection, record: Record, target: _Target) -> dt.datetime | None:
        """When the submission that the gradebook holds was handed in."""
        table = self._tables["submitted_assignment"]
        where = (table.c.assignment_id == target.assignment, table.c.student_id == record.student)
        found: dt.datetime | None = connection.execute(sa.select(table.c.timestamp).where(*where)).scalar()
        return found

    def _one(self, connection: sa.Connection, table: str, key: dict[str, Any], values: dict[str, Any]) -> Any:
        """The id of the row with this key, made where there is none, with the values set."""
        columns = self._tables[table].c
        where = sa.and_(*(columns[name] == value for name, value in key.items()))
        found = connection.execute(sa.select(columns.id).where(where)).scalar()
        if found is None:
            return self._insert(connection, table, key | values)
        if values:
            connection.execute(self._tables[table].update().where(where).values(**values))
        return found

    def _insert(self, connection: sa.Connection, table: str, values: dict[str, Any]) -> Any:
        row = {"id": uuid.uuid4().hex, **values}
        if table == "submitted_notebook":
            row["flagged"] = False
        connection.execute(self._tables[table].insert().values(**row))
        return row["id"]

    def _with_names(self, table: str) -> sa.Join:
        """A table of one row per cell of a submission, joined to those that name the learner, lesson and cell."""
        t = self._tables
        notebook, submission = t["submitted_notebook"], t["submitted_assignment"]
        return (
            t[table]
            .join(notebook, notebook.c.id == t[table].c.notebook_id)
            .join(submission, submission.c.id == notebook.c.assignment_id)
            .join(t["assignment"], t["assignment"].c.id == submission.c.assignment_id)
            .join(t["base_cell"], t["base_cell"].c.id == t[table].c.cell_id)
        )

    def _charged(self, connection: sa.Connection) -> Sequence[sa.Row[Any]]:
        """Each submission with the points that it has, the penalty that it carries, and when it came."""
        t = self._tables
        notebook, submission, assignment, grade = (
            t[name] for name in ("submitted_notebook", "submitted_assignment", "assignment", "grade")
        )
        score = sa.func.coalesce(grade.c.manual_score, grade.c.auto_score) + sa.func.coalesce(grade.c.extra_credit, 0.0)
        points = sa.func.coalesce(sa.func.sum(score), 0.0)
        columns = (
            notebook.c.id,
            submission.c.student_id,
            assignment.c.name.label("lesson"),
            submission.c.timestamp,
            # Reflected from SQLite it would be a time in 1970.
            sa.type_coerce(submission.c.extension, sa.Interval).label("extension"),
            notebook.c.late_submission_penalty.label("penalty"),
        )
        tables = (
            notebook.join(submission, submission.c.id == notebook.c.assignment_id)
            .join(assignment, assignment.c.id == submission.c.assignment_id)
            .outerjoin(grade, grade.c.notebook_id == notebook.c.id)
        )
        query = sa.select(*columns, points.label("points")).select_from(tables).group_by(*columns)
        return connection.execute(query).all()

    def _score_query(self) -> sa.Select[Any]:
        t = self._tables
        most = sa.func.coalesce(t["grade_cells"].c.max_score, t["task_cells"].c.max_score).label("max_score")
        return (
            sa.select(
                t["assignment"].c.name.label("lesson"),
                t["submitted_assignment"].c.student_id,
                t["base_cell"].c.name.label("cell"),
                t["grade"].c.auto_score,
                t["grade"].c.manual_score,
                t["grade"].c.extra_credit,
                t["grade"].c.needs_manual_grade,
                most,
            )
            .select_from(self._with_names("grade"))
            .outerjoin(t["grade_cells"], t["grade_cells"].c.id == t["grade"].c.cell_id)
            .outerjoin(t["task_cells"], t["task_cells"].c.id == t["grade"].c.cell_id)
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.OperationalError as e:
            raise CourseError(
                f"The gradebook {self.url} could not be used ({e.orig}). Every verdict is on disk: close the program "
                "that holds it, or make room, and run the same command again."
            ) from e


@dataclass(frozen=True)
class _Target:
    """A lesson in the gradebook: its assignment, its notebook, graded cells by name, cells with comments; all ids."""

    assignment: str
    notebook: str
    graded: dict[str, str]
    commented: list[str]


def automatic_score(record: Record, exercise: Exercise) -> float | None:
    """The points that the checks gave, 0 for a text that was not written, or None where a person has to decide."""
    if record.state is State.GRADED and exercise.id in record.unanswered:
        return 0.0
    for verdict in record.verdicts:
        if record.state is State.GRADED and verdict.exercise == exercise.id and not verdict.broken:
            return verdict.points
    return None


def _owed(row: Any, policy: LatePolicy) -> float:
    """The penalty for a row of `_charged`: lateness as nbgrader counts it, with an extension granted there."""
    due = policy.due.get(row.lesson)
    if row.timestamp is None or due is None:
        return 0.0
    late = row.timestamp - due.replace(tzinfo=None) - (row.extension or dt.timedelta())
    return penalty(float(row.points), late.total_seconds(), policy, row.student_id, row.lesson)


def _points(row: Any) -> float:
    """As nbgrader counts: the manual score where there is one, else the automatic one, and extra credit on top."""
    score = row.manual_score if row.manual_score is not None else row.auto_score
    return 0.0 if score is None else float(score) + float(row.extra_credit or 0.0)


def _naive_utc(timestamp: str) -> dt.datetime:
    return dt.datetime.strptime(timestamp, "%Y-%m-%d %H:%M:%S UTC")
