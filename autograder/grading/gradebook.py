"""Load and reconcile: one process writes the verdicts into nbgrader's gradebook and reads them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nbgrader.api import Gradebook, MissingEntry

from autograder.course import Course, CourseError, Exercise
from autograder.grading.records import Record, State


@dataclass(frozen=True)
class Score:
    """What the gradebook holds for one exercise of one submission."""

    student: str
    lesson: str
    exercise: str
    points: float
    max_points: float
    needs_manual_grade: bool


def load(records: Sequence[Record], course: Course, db_url: str) -> None:
    """Upsert the automatic scores of these submissions; manual scores and comments stay as they are.

    A quarantined submission, and an exercise on which the harness failed, gets no automatic score and is marked
    for manual grading. Raises `CourseError` where a lesson has not been released into this gradebook.
    """
    with Gradebook(db_url) as gradebook:
        for record in records:
            lesson = course.lesson(record.lesson)
            try:
                gradebook.find_assignment(lesson.folder)
            except MissingEntry:
                raise CourseError(f"{lesson.folder} is not in the gradebook. Run `autograder release` first.") from None
            gradebook.update_or_create_student(record.student)
            extra = {"timestamp": record.timestamp} if record.timestamp else {}
            gradebook.update_or_create_submission(lesson.folder, record.student, **extra)
            for exercise in lesson.exercises:
                _write(gradebook, record, exercise, lesson.notebook)
        gradebook.db.commit()


def _write(gradebook: Gradebook, record: Record, exercise: Exercise, notebook: str) -> None:
    grade = gradebook.find_grade(exercise.check_cell, notebook, record.lesson, record.student)
    points = automatic_score(record, exercise)
    if points is None:
        grade.needs_manual_grade = True
    elif grade.manual_score is None:
        grade.needs_manual_grade = False
    elif grade.auto_score != points:
        grade.needs_manual_grade = True  # the checks now say otherwise than when a person decided
    grade.auto_score = points


def automatic_score(record: Record, exercise: Exercise) -> float | None:
    """The points that the checks gave, or None where a person has to decide."""
    for verdict in record.verdicts:
        if record.state is State.GRADED and verdict.exercise == exercise.id and not verdict.broken:
            return verdict.points
    return None


def scores(db_url: str) -> list[Score]:
    """Every score in the gradebook, manual ones included, by lesson, student and exercise."""
    found = []
    with Gradebook(db_url) as gradebook:
        for assignment in gradebook.assignments:
            for submission in assignment.submissions:
                for notebook in submission.notebooks:
                    for grade in notebook.grades:
                        found.append(
                            Score(
                                submission.student_id,
                                assignment.name,
                                grade.name,
                                float(grade.score or 0.0),
                                float(grade.max_score or 0.0),
                                bool(grade.needs_manual_grade),
                            )
                        )
    return sorted(found, key=lambda score: (score.lesson, score.student, score.exercise))


def differences(records: Sequence[Record], course: Course, db_url: str) -> list[str]:
    """What the gradebook says otherwise than the records, a line each; none when the load is complete."""
    found = []
    with Gradebook(db_url) as gradebook:
        for record in records:
            lesson = course.lesson(record.lesson)
            for exercise in lesson.exercises:
                where = f"{record.student}, {exercise.id}"
                try:
                    grade = gradebook.find_grade(exercise.check_cell, lesson.notebook, lesson.folder, record.student)
                except MissingEntry:
                    found.append(f"{where}: not in the gradebook")
                    continue
                if grade.auto_score != automatic_score(record, exercise):
                    found.append(
                        f"{where}: {grade.auto_score} in the gradebook, {automatic_score(record, exercise)} judged"
                    )
                if grade.max_score != exercise.points:
                    found.append(f"{where}: worth {grade.max_score} in the gradebook, {exercise.points} in the course")
    return found
