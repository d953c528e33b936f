"""A lesson as it was released, to compare a learner's notebook with.

`lessons/` cannot serve: learners work in it, so the file that is examined is often the very one that lies there, and
git may not be installed. So the pack brings a second copy, `autograder/released/`, in which nobody works. A clone of
the course has no such copy and needs none: it has `solutions/`, from which `lessons/` is derived. Here the same is done
to one notebook in memory, without nbgrader, which a learner does not have; a test holds the result against what
nbgrader wrote into `lessons/`. What the doctor says never quotes it, so no solution shows.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from autograder.course import CourseError, Lesson
from autograder.grading.repair import read_release
from autograder.settings import STUB

PACKAGE = Path(__file__).parents[1]
TEXT_STUB = "*Write your answer here.*"
FOLDER = "released"
"""Where the pack keeps the copies, inside the package."""


def released(lesson: Lesson, package: Path = PACKAGE) -> dict[str, Any]:
    """The released notebook of this lesson. Raises `CourseError` where neither a pack nor a clone holds it."""
    packed = package / FOLDER / lesson.path
    if packed.exists():
        return read_release(packed)
    solved = package.parent / "solutions" / lesson.path
    if solved.exists():
        return _cleared(read_release(solved))
    raise CourseError(
        f"The released notebook of {lesson.folder} is neither in {packed.parent} nor in {solved.parent}. Run this from "
        "the folder that your instructor gave you; if it is not complete, unpack it again."
    )


def _cleared(solved: dict[str, Any]) -> dict[str, Any]:
    """The notebook without solutions and outputs, its checks locked, as nbgrader's generate_assignment makes it."""
    for cell in solved["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
        if not (nbgrader := cell["metadata"].get("nbgrader")):
            continue
        if nbgrader["solution"]:
            cell["source"] = _without_solution(cell)
        nbgrader |= {"cell_type": cell["cell_type"], "checksum": _checksum(cell)}
        cell["metadata"]["deletable"] = False
        if not nbgrader["solution"]:
            cell["metadata"]["editable"] = False
    return solved


def _without_solution(cell: dict[str, Any]) -> list[str]:
    stub = STUB if cell["cell_type"] == "code" else TEXT_STUB
    kept, inside, marked = [], False, False
    for line in "".join(cell["source"]).split("\n"):
        if "### BEGIN SOLUTION" in line:
            inside = marked = True
            kept.append(line[: len(line) - len(line.lstrip())] + stub)
        elif "### END SOLUTION" in line:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept if marked else [stub]).splitlines(keepends=True)


def _checksum(cell: dict[str, Any]) -> str:
    """nbgrader's checksum of a cell: of its text, its type, its flags, its name and its points."""
    nbgrader = cell["metadata"]["nbgrader"]
    flags = [str(nbgrader[flag]) for flag in ("grade", "solution", "locked")]
    points = [str(float(nbgrader["points"]))] if nbgrader["grade"] else []
    parts = ["".join(cell["source"]), cell["cell_type"], *flags, nbgrader["grade_id"], *points]
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()
