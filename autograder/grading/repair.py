"""Validate: read a submitted notebook and make it whole from the released one, or say why that cannot be done.

A learner's cells are kept in their order. Checks and other locked cells come from the released notebook, each
once; of a learner's cell only its type, source and grade_id are read, so tags, points and flags in its metadata
have no effect.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from autograder.course import Lesson
from autograder.submissions import grade_id as _grade_id

MAX_BYTES = 20_000_000
MAX_CELLS = 2_000
MAX_SOURCE = 500_000

Cell = dict[str, Any]


class Quarantined(Exception):
    """The submission cannot be graded as it is; the message says why and what to do."""


@dataclass(frozen=True)
class Repaired:
    """A notebook as nbformat's JSON, ready to be run, and a line for each thing that had to be mended."""

    notebook: dict[str, Any]
    notes: list[str]


def read_notebook(data: bytes) -> dict[str, Any]:
    """The notebook in these bytes as nbformat 4 JSON. Raises `Quarantined` where it is none."""
    if len(data) > MAX_BYTES:
        raise Quarantined(
            f"The file has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read. "
            "Clear the outputs and hand it in again."
        )
    try:
        notebook: Any = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Quarantined(
            "The file is not a notebook: it is not JSON. Save it in Jupyter and hand it in again."
        ) from None
    if not isinstance(notebook, dict):
        raise Quarantined("The file is JSON but not a notebook. Hand in the .ipynb file itself.")
    if isinstance(notebook.get("worksheets"), list):
        notebook = _from_version_3(notebook)
    if not isinstance(notebook.get("cells"), list):
        raise Quarantined("The file is JSON but not a notebook: it has no cells. Hand in the .ipynb file itself.")
    if len(notebook["cells"]) > MAX_CELLS:
        raise Quarantined(f"The notebook has {len(notebook['cells'])} cells; at most {MAX_CELLS} are read.")
    return cast("dict[str, Any]", notebook)


def _from_version_3(notebook: dict[str, Any]) -> dict[str, Any]:
    cells = []
    for sheet in notebook["worksheets"]:
        found = sheet.get("cells") if isinstance(sheet, dict) else None
        for cell in found if isinstance(found, list) else []:
            if isinstance(cell, dict):
                source = cell.get("input", cell.get("source", ""))
                cells.append({"cell_type": cell.get("cell_type"), "metadata": cell.get("metadata"), "source": source})
    return {"cells": cells}


def read_release(path: Path) -> dict[str, Any]:
    """The released notebook, which is trusted."""
    release: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return release


def repair(submitted: dict[str, Any], release: dict[str, Any], lesson: Lesson) -> Repaired:
    """The learner's cells with the release's locked cells around them, and what had to be mended.

    Raises `Quarantined` where no cell of the lesson can be recognised.
    """
    notes: list[str] = []
    if (version := submitted.get("nbformat")) != 4:
        known = isinstance(version, int) and 0 < version < 10
        notes.append(f"Read from notebook format {version if known else 3}.")
    released = {_grade_id(cell): cell for cell in release["cells"] if _grade_id(cell)}
    locked = {i: c for i, c in released.items() if c["metadata"]["nbgrader"]["locked"]}
    cells = [cell for raw in submitted["cells"] if (cell := _plain_cell(raw)) is not None]
    if unread := len(submitted["cells"]) - len(cells):
        notes.append(f"{unread} cells that are no cells, or are longer than {MAX_SOURCE:,} characters, were left out.")
    _adopt_cells_without_metadata(cells, lesson, locked, notes)
    cells = _keep_one_of_each(cells, released, locked, notes)
    if not any(_grade_id(cell) in released for cell in cells):
        raise Quarantined(f"No cell of the lesson {lesson.title} is in this notebook. Was the right file handed in?")
    for grade_id, cell in released.items():
        if not any(_grade_id(c) == grade_id for c in cells):
            cells.insert(_place(grade_id, cells, list(released)), _copy(cell))
            notes.append(f"The cell {grade_id} was missing and has been put back.")
    _put_checks_after_answers(cells, lesson, notes)
    as_released = {_source(cell) for cell in release["cells"]}
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
        if cell["source"] not in as_released:
            _disarm(cell)
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    metadata = {"kernelspec": release["metadata"]["kernelspec"], "language_info": {"name": "python"}}
    return Repaired({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, notes)


def _plain_cell(raw: Any) -> Cell | None:
    if not isinstance(raw, dict) or raw.get("cell_type") not in ("code", "markdown", "raw"):
        return None
    source = raw.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str) or len(source) > MAX_SOURCE:
        return None
    # A lone surrogate cannot be written as UTF-8.
    source = source.encode("utf-8", "replace").decode("utf-8")
    nbgrader = raw.get("metadata", {}).get("nbgrader", {}) if isinstance(raw.get("metadata"), dict) else {}
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    metadata = {"nbgrader": {"grade_id": grade_id}} if isinstance(grade_id, str) else {}
    return {"cell_type": raw["cell_type"], "metadata": metadata, "source": source}


def _copy(cell: Cell) -> Cell:
    copied: Cell = json.loads(json.dumps(cell))
    copied["source"] = _source(cell)
    return copied


def _source(cell: Cell) -> str:
    return "".join(cell["source"])


# What a page made of the notebook would act on rather than show: HTML, entities, pictures from elsewhere, and links
# that are more than an address.
_ACTIVE = re.compile(r"[<&]|!\[|script\s*:|\b(?!https?:)[a-z][a-z0-9+.-]*\\?:[^\s*]", re.IGNORECASE)


def _disarm(cell: Cell) -> None:
    """Keep a learner's text from running in the browser of whoever looks at the graded notebook or its feedback."""
    if cell["cell_type"] == "raw":
        cell["metadata"]["raw_mimetype"] = "text/plain"  # or it would go into a page as it is
    elif cell["cell_type"] == "markdown" and _ACTIVE.search(cell["source"]):
        # Indented by four, it is shown as it was written.
        cell["source"] = "\n".join(f"    {line}" for line in cell["source"].splitlines())


def _adopt_cells_without_metadata(cells: list[Cell], lesson: Lesson, locked: dict[str, Cell], notes: list[str]) -> None:
    """Give answers and checks that have lost their metadata their grade_id back."""
    present = {_grade_id(cell) for cell in cells}
    for cell in cells:
        if _grade_id(cell) or cell["cell_type"] != "code":
            continue
        for exercise in lesson.exercises:
            if exercise.answer_cell not in present and _defines(exercise.answer, cell["source"]):
                cell["metadata"] = {"nbgrader": {"grade_id": exercise.answer_cell}}
                notes.append(f"A cell that defines {exercise.answer} without metadata was taken for the answer.")
        for grade_id, original in locked.items():
            if cell["source"].strip() == _source(original).strip():
                cell["metadata"] = {"nbgrader": {"grade_id": grade_id}}


def _defines(name: str, source: str) -> bool:
    return re.search(rf"^(?:async\s+)?(?:def|class)\s+{name}\b|^{name}\s*=", source, re.MULTILINE) is not None


def _keep_one_of_each(
    cells: list[Cell], released: dict[str, Cell], locked: dict[str, Cell], notes: list[str]
) -> list[Cell]:
    kept: list[Cell] = []
    cells = _without_unsolved_copies(cells, {i: c for i, c in released.items() if i not in locked}, notes)
    last = {_grade_id(cell): number for number, cell in enumerate(cells)}
    for number, cell in enumerate(cells):
        grade_id = _grade_id(cell)
        if grade_id not in released:
            cell["metadata"] = {}
            kept.append(cell)
        elif grade_id in locked:
            # The last copy stands where the learner's answer is finished.
            if number == last[grade_id]:
                original = _copy(locked[grade_id])
                if cell["source"].strip() != original["source"].strip() or cell["cell_type"] != original["cell_type"]:
                    notes.append(f"The locked cell {grade_id} had been edited and has been restored.")
                kept.append(original)
            else:
                notes.append(f"A second copy of the locked cell {grade_id} was left out.")
        elif number < last[grade_id]:
            cell["metadata"] = {}
            kept.append(cell)
            notes.append(f"Several cells are called {grade_id}; the last one counts as the answer, all are run.")
        else:
            answer = _copy(released[grade_id])
            answer["source"] = cell["source"]
            kept.append(answer)
    return kept


def _without_unsolved_copies(cells: list[Cell], answers: dict[str, Cell], notes: list[str]) -> list[Cell]:
    """The cells without those that stand as released beside a copy in which something was answered."""
    kept = []
    stubs = {grade_id: _source(cell).strip() for grade_id, cell in answers.items()}
    solved = {i for cell in cells if (i := _grade_id(cell)) in stubs and cell["source"].strip() != stubs[i]}
    for cell in cells:
        if _grade_id(cell) in solved and cell["source"].strip() == stubs[_grade_id(cell)]:
            notes.append(f"An unsolved copy of the cell {_grade_id(cell)} was left out.")
        else:
            kept.append(cell)
    return kept


def _place(grade_id: str, cells: list[Cell], order: list[str]) -> int:
    """Where a missing cell belongs: after the nearest cell that comes before it in the release."""
    for earlier in reversed(order[: order.index(grade_id)]):
        for number, cell in enumerate(cells):
            if _grade_id(cell) == earlier:
                return number + 1
    return 0


def _put_checks_after_answers(cells: list[Cell], lesson: Lesson, notes: list[str]) -> None:
    for exercise in lesson.exercises:
        ids = [_grade_id(cell) for cell in cells]
        check, answer = ids.index(exercise.check_cell), ids.index(exercise.answer_cell)
        if check < answer:
            cells.insert(answer, cells.pop(check))
            notes.append(f"The check of {exercise.title} stood before the answer and has been moved behind it.")
