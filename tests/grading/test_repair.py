"""A submitted notebook is made whole from the released one, or set apart with a reason."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from autograder.course import Course, Lesson
from autograder.grading.repair import Quarantined, Repaired, read_notebook, repair

Notebook = dict[str, Any]
Maker = Callable[[Lesson], Notebook]


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return course.lesson("02_validation")


@pytest.fixture
def mend(lesson: Lesson, release: Maker) -> Callable[[Notebook], Repaired]:
    return lambda notebook: repair(notebook, release(lesson), lesson)


def ids(notebook: Notebook) -> list[str]:
    return [i for cell in notebook["cells"] if (i := cell["metadata"].get("nbgrader", {}).get("grade_id"))]


def cell(notebook: Notebook, grade_id: str) -> Notebook:
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def test_an_untouched_notebook_needs_no_repair(lesson: Lesson, solved: Maker, mend: Callable[..., Repaired]) -> None:
    done = mend(solved(lesson))
    assert done.notes == []
    assert ids(done.notebook) == ids(solved(lesson))


def test_deleted_checks_are_put_back(
    lesson: Lesson, solved: Maker, mend: Callable[..., Repaired], release: Maker
) -> None:
    notebook = solved(lesson)
    checks = {exercise.check_cell for exercise in lesson.exercises}
    notebook["cells"] = [
        c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") not in checks
    ]
    done = mend(notebook)
    assert ids(done.notebook) == ids(release(lesson))
    assert len(done.notes) == len(checks)


def test_an_edited_check_is_restored(
    lesson: Lesson, solved: Maker, mend: Callable[..., Repaired], release: Maker
) -> None:
    notebook, name = solved(lesson), lesson.exercises[0].check_cell
    cell(notebook, name)["source"] = "10_000"
    cell(notebook, name)["metadata"]["nbgrader"].update(points=10_000, locked=False, grade=False)
    done = mend(notebook)
    assert cell(done.notebook, name)["source"] == "".join(cell(release(lesson), name)["source"])
    assert cell(done.notebook, name)["metadata"] == cell(release(lesson), name)["metadata"]
    assert done.notes == [f"The locked cell {name} had been edited and has been restored."]


def test_of_a_duplicated_check_one_is_kept(lesson: Lesson, solved: Maker, mend: Callable[..., Repaired]) -> None:
    notebook, name = solved(lesson), lesson.exercises[0].check_cell
    notebook["cells"].append(copy.deepcopy(cell(notebook, name)))
    done = mend(notebook)
    assert ids(done.notebook).count(name) == 1


def test_an_unsolved_copy_of_the_answer_does_not_replace_the_solved_one(
    lesson: Lesson, solved: Maker, mend: Callable[..., Repaired], release: Maker
) -> None:
    notebook, name = solved(lesson), lesson.exercises[0].answer_cell
    position = notebook["cells"].index(cell(notebook, name))
    notebook["cells"].insert(position + 1, copy.deepcopy(cell(release(lesson), name)))
    done = mend(notebook)
    assert cell(done.notebook, name)["source"] == cell(notebook, name)["source"]


def test_a_check_above_its_answer_moves_below(lesson: Lesson, solved: Maker, mend: Callable[..., Repaired]) -> None:
    notebook, exercise = solved(lesson), lesson.exercises[0]
    check = cell(notebook, exercise.check_cell)
    notebook["cells"].remove(check)
    notebook["cells"].insert(0, check)
    order = ids(mend(notebook).notebook)
    assert order.index(exercise.check_cell) > order.index(exercise.answer_cell)


def test_answers_without_metadata_are_recognised(lesson: Lesson, solved: Maker, mend: Callable[..., Repaired]) -> None:
    notebook = solved(lesson)
    for one in notebook["cells"]:
        one["metadata"] = {}
    done = mend(notebook)
    for exercise in lesson.exercises:
        assert (
            cell(done.notebook, exercise.answer_cell)["source"] == cell(solved(lesson), exercise.answer_cell)["source"]
        )
        assert ids(done.notebook).count(exercise.check_cell) == 1


def test_tags_of_a_learner_have_no_effect(lesson: Lesson, solved: Maker, mend: Callable[..., Repaired]) -> None:
    notebook = solved(lesson)
    for one in notebook["cells"]:
        one["metadata"]["tags"] = ["skip-execution", "raises-exception"]
    assert all("tags" not in one["metadata"] for one in mend(notebook).notebook["cells"])


def test_version_3_is_read(lesson: Lesson, solved: Maker, mend: Callable[..., Repaired]) -> None:
    cells = [
        {"cell_type": c["cell_type"], "metadata": c["metadata"], "language": "python", "outputs": []}
        | ({"input": c["source"]} if c["cell_type"] == "code" else {"source": c["source"]})
        for c in solved(lesson)["cells"]
    ]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    done = mend(read_notebook(json.dumps(old).encode()))
    assert ids(done.notebook) == ids(solved(lesson))
    assert done.notes == ["Read from notebook format 3."]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[1]", "not a notebook"),
        (b'{"a": 1}', "it has no cells"),
        (b" " * 20_000_001, "at most 20 MB"),
        (json.dumps({"cells": [{}] * 3000}).encode(), "at most 2000"),
    ],
)
def test_what_is_no_notebook_is_quarantined(data: bytes, reason: str) -> None:
    with pytest.raises(Quarantined, match=reason):
        read_notebook(data)


def test_another_course_s_notebook_is_quarantined(mend: Callable[..., Repaired]) -> None:
    with pytest.raises(Quarantined, match="Was the right file handed in"):
        mend({"nbformat": 4, "cells": [{"cell_type": "code", "metadata": {}, "source": "1 + 1"}]})


@pytest.mark.parametrize(
    "junk",
    [None, 7, {}, {"cell_type": "code"}, {"cell_type": "code", "source": 3}, {"cell_type": "code", "metadata": [1]}],
)
def test_junk_between_the_cells_is_passed_over(
    lesson: Lesson, solved: Maker, mend: Callable[..., Repaired], junk: object
) -> None:
    notebook = solved(lesson)
    notebook["cells"].insert(2, junk)
    assert ids(mend(notebook).notebook) == ids(solved(lesson))
