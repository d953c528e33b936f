"""Make submissions: a released notebook with given answers in it, as a learner would hand it in."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from autograder.course import Lesson


def grade_id(cell: Mapping[str, Any]) -> str:
    """nbgrader's name for a cell of a notebook; empty where it has none."""
    found: str = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
    return found


def hand_in(release: dict[str, Any], lesson: Lesson, answers: Mapping[str, str]) -> dict[str, Any]:
    """The released notebook with these answers: exercise id to the source of its answer cell.

    Exercises without an answer stay as they were released.
    """
    notebook = copy.deepcopy(release)
    sources = {exercise.answer_cell: answers[exercise.id] for exercise in lesson.graded if exercise.id in answers}
    for cell in notebook["cells"]:
        if grade_id(cell) in sources:
            cell["source"] = sources[grade_id(cell)]
    return notebook


def without_cells(notebook: dict[str, Any], *grade_ids: str) -> dict[str, Any]:
    """The notebook as it is when a learner has deleted these cells."""
    kept = [cell for cell in notebook["cells"] if grade_id(cell) not in grade_ids]
    return {**notebook, "cells": kept}
