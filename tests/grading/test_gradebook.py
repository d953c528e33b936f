"""The gradebook: what people entered stays, a lock is waited for, and what cannot be written is said."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.checking import Outcome, Status, Verdict
from autograder.course import Course, CourseError
from autograder.grading.gradebook import Gradebook
from autograder.grading.late import Extension, LatePolicy
from autograder.grading.records import Record, State


@pytest.fixture
def db_url(class_folder: Path) -> str:
    return f"sqlite:///{class_folder / 'gradebook.db'}"


@pytest.fixture
def record(course: Course) -> Callable[..., Record]:
    lesson = course.lesson("02_validation")

    def make(student: str, points: float, state: State = State.GRADED, status: Status = Status.PASSED) -> Record:
        verdicts = [
            Verdict(e.id, e.title, [Outcome("one", "One.", status, points, e.points)]) for e in lesson.exercises
        ]
        return Record(
            student, lesson.folder, state, "hash", "2024-02-01 10:00:00 UTC",
            verdicts=verdicts if state is State.GRADED else [],
        )  # fmt: skip

    return make


def test_a_load_can_be_repeated(db_url: str, record: Callable[..., Record], course: Course) -> None:
    gradebook = Gradebook(db_url)
    records = [record("ada", 1.0), record("bert, b", 0.5)]
    gradebook.load(records, course)
    once = gradebook.scores()
    gradebook.load(records, course)
    assert gradebook.scores() == once
    assert gradebook.differences(records, course) == []
    assert {(s.student, s.points) for s in once} == {("ada", 1.0), ("bert, b", 0.5)}


def test_manual_scores_and_comments_stay(
    db_url: str, record: Callable[..., Record], course: Course, class_folder: Path
) -> None:
    gradebook = Gradebook(db_url)
    gradebook.load([record("ada", 1.0)], course)
    with sqlite3.connect(class_folder / "gradebook.db") as connection:
        connection.execute("UPDATE grade SET manual_score = 1.75, extra_credit = 0.25")
        connection.execute("UPDATE comment SET manual_comment = 'well argued'")
    connection.close()
    gradebook.load([record("ada", 1.0)], course)
    assert {(s.points, s.needs_manual_grade) for s in gradebook.scores()} == {(2.0, False)}
    gradebook.load([record("ada", 0.0)], course)
    assert {(s.points, s.needs_manual_grade) for s in gradebook.scores()} == {(2.0, True)}
    with sqlite3.connect(class_folder / "gradebook.db") as connection:
        comments = {row[0] for row in connection.execute("SELECT manual_comment FROM comment")}
    connection.close()
    assert comments == {"well argued"}


def test_quarantine_and_harness_errors_wait_for_a_person(
    db_url: str, record: Callable[..., Record], course: Course
) -> None:
    gradebook = Gradebook(db_url)
    gradebook.load([record("ada", 1.0)], course)
    gradebook.load([record("ada", 0.0, State.QUARANTINED)], course)
    gradebook.load([record("bert", 0.0, status=Status.HARNESS_ERROR)], course)
    assert {(s.student, s.points, s.needs_manual_grade) for s in gradebook.scores()} == {
        ("ada", 0.0, True),
        ("bert", 0.0, True),
    }


def test_a_difference_is_named(db_url: str, record: Callable[..., Record], course: Course, class_folder: Path) -> None:
    gradebook = Gradebook(db_url)
    gradebook.load([record("ada", 1.0)], course)
    with sqlite3.connect(class_folder / "gradebook.db") as connection:
        connection.execute("UPDATE grade SET auto_score = 99")
    connection.close()
    found = gradebook.differences([record("ada", 1.0), record("bert", 1.0)], course)
    number = len(course.lesson("02_validation").exercises)
    assert len(found) == 2 * number
    assert found[0] == f"ada, {course.lesson('02_validation').exercises[0].id}: 99.0 there, 1.0 judged"
    assert found[-1].endswith("not in the gradebook")


def test_a_locked_gradebook_is_waited_for_and_then_named(
    db_url: str, record: Callable[..., Record], course: Course, class_folder: Path
) -> None:
    gradebook = Gradebook(db_url, wait=0.2)
    holder = sqlite3.connect(class_folder / "gradebook.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(CourseError, match="Every verdict is on disk"):
            gradebook.load([record("ada", 1.0)], course)
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    gradebook.load([record("ada", 1.0)], course)
    assert {s.points for s in gradebook.scores()} == {1.0}


def test_what_is_no_gradebook_is_named(tmp_path: Path, db_url: str, record: Callable[..., Record]) -> None:
    with pytest.raises(CourseError, match="no gradebook"):
        Gradebook(f"sqlite:///{tmp_path / 'empty.db'}")


def test_penalties_follow_the_policy_and_a_wrong_one_is_named(
    db_url: str, record: Callable[..., Record], course: Course, class_folder: Path
) -> None:
    gradebook, folder = Gradebook(db_url), "02_validation"
    records = [record("ada", 1.0), record("bert, b", 1.0), record("emil", 0.0, State.QUARANTINED)]
    gradebook.load(records, course)
    points = float(len(course.lesson(folder).exercises))
    due = dt.datetime(2024, 1, 31, 11, tzinfo=dt.UTC)  # they came 23 hours later
    policy = LatePolicy(0, 10, 100, {folder: due}, (Extension("bert, b", folder, 1),))
    assert gradebook.penalties() == {}
    for _ in range(2):
        gradebook.charge(policy)
        assert gradebook.penalties() == {("ada", folder): points / 10}
        assert gradebook.differences(records, course, policy) == []
    with sqlite3.connect(class_folder / "gradebook.db") as connection:
        assert connection.execute("SELECT duedate FROM assignment WHERE name = ?", (folder,)).fetchone() == (
            "2024-01-31 11:00:00.000000",
        )
        connection.execute("UPDATE submitted_notebook SET late_submission_penalty = 3")
    connection.close()
    wrong = gradebook.differences(records, course, policy)
    assert wrong[0] == f"ada, {folder}: 3 points off for lateness there, {points / 10:g} due"
    assert len(wrong) == 3
    gradebook.charge(LatePolicy(due={folder: due}))
    assert gradebook.penalties() == {}


def test_an_extension_granted_in_nbgraders_gradebook_counts(
    db_url: str, record: Callable[..., Record], course: Course
) -> None:
    from nbgrader.api import Gradebook as NbGradebook

    gradebook, folder = Gradebook(db_url), "02_validation"
    gradebook.load([record("ada", 1.0), record("bert, b", 1.0)], course)
    gradebook.charge(policy := LatePolicy(0, 10, 100, {folder: dt.datetime(2024, 1, 31, 11, tzinfo=dt.UTC)}))
    with NbGradebook(db_url) as book:
        book.grant_extension(folder, "ada", days=2)
        assert book.find_submission(folder, "ada").total_seconds_late == 0
        assert book.find_submission(folder, "bert, b").total_seconds_late == 23 * 3600
    gradebook.charge(policy)
    assert list(gradebook.penalties()) == [("bert, b", folder)]


def test_scores_entered_by_hand_change_what_a_percentage_is_of(
    db_url: str, record: Callable[..., Record], course: Course, class_folder: Path
) -> None:
    gradebook, folder = Gradebook(db_url), "02_validation"
    gradebook.load([record("ada", 0.0, State.QUARANTINED)], course)
    policy = LatePolicy(0, 10, 100, {folder: dt.datetime(2024, 1, 31, 11, tzinfo=dt.UTC)})
    gradebook.charge(policy)
    assert gradebook.penalties() == {}  # no points, so nothing to take from
    with sqlite3.connect(class_folder / "gradebook.db") as connection:
        connection.execute("UPDATE grade SET manual_score = 1, extra_credit = 0.5")
    connection.close()
    gradebook.charge(policy)
    assert gradebook.penalties() == {("ada", folder): 0.15 * len(course.lesson(folder).exercises)}
