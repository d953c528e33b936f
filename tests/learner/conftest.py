"""A lesson's notebook as it is when a learner has solved it and run all cells."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course, Lesson
from autograder.pack import pack
from autograder.submissions import grade_id, hand_in

Notebook = dict[str, Any]


@pytest.fixture(scope="session")
def done(release: Callable[[Lesson], Notebook], right_answers: dict[str, str]) -> Callable[[Lesson], Notebook]:
    texts = "A text of my own."

    def make(lesson: Lesson) -> Notebook:
        answers = {**right_answers, **{exercise.id: texts for exercise in lesson.prose}}
        notebook = copy.deepcopy(hand_in(release(lesson), lesson, answers))
        points = {exercise.check_cell: exercise.points for exercise in lesson.exercises}
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        for count, cell in enumerate(code, start=1):
            cell["execution_count"] = count
            if (name := grade_id(cell)) in points:
                data = {"text/html": ["<table>"], "text/plain": [f"{points[name]:g}"]}
                cell["outputs"] = [
                    {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": count}
                ]
        return notebook

    return make


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory, home: Path, course: Course) -> Path:
    """The zip that a learner gets."""
    target = tmp_path_factory.mktemp("packed") / "course.zip"
    pack(home, course, target)
    return target
