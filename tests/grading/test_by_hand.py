"""Texts that a person grades: what they enter stands in the gradebook, in feedback, and after another grading."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import OK, main
from autograder.course import Course, Lesson
from autograder.grading.gradebook import Gradebook, Score
from autograder.submissions import hand_in

TEXT = "I would process each day again for three days & compare <b>counts</b>."


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return next(lesson for lesson in course.lessons if lesson.prose)


@pytest.fixture
def graded(
    class_folder: Path, home: Path, lesson: Lesson, put: Callable[..., Path], release: Callable[[Lesson], Any]
) -> Callable[[str], dict[str, Score]]:
    """Hand in a notebook with this answer to the first question, grade it, and give its scores by cell."""

    def grade(text: str, stamp: str = "2024-05-01 10:00:00 UTC") -> dict[str, Score]:
        path = put("ada", lesson, hand_in(release(lesson), lesson, {lesson.prose[0].id: text}))
        path.with_name("timestamp.txt").write_text(stamp, encoding="utf-8")
        assert main(["grade", "--home", str(home), "--course", str(class_folder), "--lesson", lesson.folder]) == OK
        return scores(class_folder)

    return grade


def scores(folder: Path) -> dict[str, Score]:
    return {score.exercise: score for score in Gradebook(f"sqlite:///{folder / 'gradebook.db'}").scores()}


def enter(folder: Path, cell: str, points: float, comment: str) -> None:
    """What formgrader writes when a person grades a cell."""
    with sqlite3.connect(folder / "gradebook.db") as book:
        of_cell = "cell_id in (select id from base_cell where name = ?)"
        book.execute(f"update grade set manual_score = ?, needs_manual_grade = 0 where {of_cell}", (points, cell))
        book.execute(f"update comment set manual_comment = ? where {of_cell}", (comment, cell))


def test_a_text_waits_for_a_person_and_an_empty_one_does_not(
    graded: Callable[..., dict[str, Score]], lesson: Lesson, class_folder: Path
) -> None:
    found = graded(TEXT)
    written, *unwritten = lesson.prose
    assert found[written.graded_cell].needs_manual_grade
    assert [found[e.graded_cell].needs_manual_grade for e in unwritten] == [False] * len(unwritten)
    notebook = json.loads((class_folder / "autograded" / "ada" / lesson.path).read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    # For whoever grades it: the model answer and its marking scheme stand behind the learner's text.
    at = next(i for i, source in enumerate(sources) if "three days" in source)
    assert "**Model answer**" in sources[at + 1]
    assert "**Marking scheme**" in sources[at + 1]


def test_points_and_comments_entered_by_hand_stay_and_are_shown(
    graded: Callable[..., dict[str, Score]], lesson: Lesson, class_folder: Path, home: Path
) -> None:
    graded(TEXT)
    cell = lesson.prose[0].graded_cell
    enter(class_folder, cell, 0.75, "What becomes of older rows?")
    assert scores(class_folder)[cell].points == 0.75
    folders = ["--home", str(home), "--course", str(class_folder)]
    assert main(["grade", "--force", *folders]) == OK
    held = scores(class_folder)[cell]
    assert (held.points, held.needs_manual_grade) == (0.75, False)
    assert main(["feedback", *folders]) == OK
    page = (class_folder / "feedback" / "ada" / lesson.path.with_suffix(".html")).read_text(encoding="utf-8")
    assert "A person gave 0.75 of 1 points" in page
    assert "What becomes of older rows?" in page
    assert "&lt;b&gt;counts&lt;/b&gt;" in page
    assert f"0.75 of {lesson.points:g} points" in page


def test_a_text_that_is_handed_in_again_is_looked_at_again(
    graded: Callable[..., dict[str, Score]], lesson: Lesson, class_folder: Path
) -> None:
    graded(TEXT)
    cell = lesson.prose[0].graded_cell
    enter(class_folder, cell, 0.75, "")
    held = graded(TEXT + " And longer.", "2024-05-02 10:00:00 UTC")[cell]
    assert (held.points, held.needs_manual_grade) == (0.75, True)
