"""Make submissions: a released notebook with given answers in it, as a learner would hand it in."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from autograder.course import Lesson


def hand_in(release: dict[str, Any], lesson: Lesson, answers: Mapping[str, str]) -> dict[str, Any]:
    """The released notebook with these answers: exercise id to the source of its answer cell.

    Exercises without an answer stay as they were released.
    """
    notebook = copy.deepcopy(release)
    sources = {exercise.answer_cell: answers[exercise.id] for exercise in lesson.graded if exercise.id in answers}
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in sources:
            cell["source"] = sources[grade_id]
    return notebook


def without_cells(notebook: dict[str, Any], *grade_ids: str) -> dict[str, Any]:
    """The notebook as it is when a learner has deleted these cells."""
    kept = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") not in grade_ids]
    return {**notebook, "cells": kept}
