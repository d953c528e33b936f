"""Derive `lessons/` from `solutions/` with nbgrader, and prove that course, notebooks and checks agree."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.checking import Status, checks_of
from autograder.course import Course, CourseError, Lesson
from autograder.grading.repair import repair
from autograder.grading.run import run_and_judge
from autograder.grading.session import TimeLimits
from autograder.grading.warm_process import WarmProcess
from autograder.submissions import grade_id
from autograder.worlds import PUBLIC_SEED, Worlds

MARKING = "**Marking scheme**"
"""The line of a model answer below which it says what earns which points."""


def execute(path: Path) -> None:
    """Run a notebook from top to bottom in a new kernel and save it with its outputs, and with nothing of the run.

    Raises `CourseError` where a cell raises; the notebook is then left as it was.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from traitlets.config import Config

    notebook = nbformat.read(path, as_version=4)
    config = Config()
    config.KernelManager.transport_encryption = "auto"  # else every kernel warns that it does without
    client = NotebookClient(
        notebook, config=config, record_timing=False, resources={"metadata": {"path": str(path.parent)}}
    )
    try:
        client.execute()
    except CellExecutionError as e:
        raise CourseError(f"{path}: a cell raised; nothing was saved. {e}") from e
    notebook.metadata.language_info = {"name": "python"}
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def release(home: Path, course_folder: Path, course: Course) -> list[Path]:
    """Write `lessons/` below `home`, and the assignments into the gradebook of `course_folder`.

    A notebook in which someone had answered exercises is kept under `.autograder/replaced/`; the paths of such
    copies are returned. Raises `CourseError` where a source notebook is missing or nbgrader refuses it.
    """
    before = {
        lesson: path.read_bytes() for lesson in course.lessons if (path := home / "lessons" / lesson.path).exists()
    }
    course_folder.mkdir(parents=True, exist_ok=True)
    _generate(home, course, home / "lessons", course_folder)
    kept = []
    for lesson, old in before.items():
        if _answers(json.loads(old), lesson) != _answers(_read(home / "lessons" / lesson.path), lesson):
            name = f"{lesson.notebook}-{hashlib.sha256(old).hexdigest()[:8]}.ipynb"
            kept.append(course_folder / ".autograder" / "replaced" / lesson.folder / name)
            kept[-1].parent.mkdir(parents=True, exist_ok=True)
            kept[-1].write_bytes(old)
    return kept


def _answers(notebook: dict[str, Any], lesson: Lesson) -> list[str]:
    wanted = {exercise.answer_cell for exercise in lesson.graded}
    return ["".join(cell["source"]) for cell in notebook["cells"] if grade_id(cell) in wanted]


def _generate(home: Path, course: Course, target: Path, course_folder: Path | None) -> None:
    # nbgrader takes seconds to import and is needed for nothing else here.
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    from autograder.settings import settings

    # A new gradebook asks the program `alembic` for its version; it is installed beside this Python.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    for lesson in course.lessons:
        if not (home / "solutions" / lesson.path).exists():
            raise CourseError(f"The manifest names {lesson.path}, but solutions/ has no such notebook.")
        config = settings(home, course_folder or target)
        config.CourseDirectory.release_directory = str(target)
        config.CourseDirectory.assignment_id = lesson.folder
        # Explicit targets leave out what JupyterLab saved beside the notebook.
        config.CourseDirectory.notebook_id = lesson.notebook
        config.GenerateAssignment.force = True
        config.GenerateAssignment.no_database = course_folder is None
        if course_folder is None:
            # Without a gradebook there is nowhere to save cells to.
            config.GenerateAssignment.preprocessors = [
                p for p in GenerateAssignment.preprocessors.default() if p.__name__ != "SaveCells"
            ]
        try:
            GenerateAssignment(coursedir=CourseDirectory(config=config), config=config).start()
        except (NbGraderException, RuntimeError, ValueError) as e:
            raise CourseError(f"nbgrader cannot release {lesson.path}: {e}") from e


def problems(home: Path, course: Course) -> list[str]:
    """What does not hold together, a line each that says what to change; none for a sound course."""
    found = list(_static_problems(home, course))
    return found or list(_running_problems(home, course))


def _static_problems(home: Path, course: Course) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        _generate(home, course, Path(folder), None)
        for lesson in course.lessons:
            derived, stored = Path(folder) / lesson.path, home / "lessons" / lesson.path
            if not stored.exists():
                yield f"{lesson.path}: not in lessons/. Run `autograder release`."
            elif _read(derived) != _read(stored):
                yield f"{lesson.path}: lessons/ is not what solutions/ gives. Run `autograder release`."
    for lesson in course.lessons:
        yield from _lesson_problems(lesson, _read(home / "solutions" / lesson.path))


def _lesson_problems(lesson: Lesson, notebook: dict[str, Any]) -> Iterator[str]:
    cells = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"]
    }
    known = {e.id for e in lesson.graded}
    if notebook["metadata"].get("kernelspec", {}).get("name") != "python3":
        yield f"{lesson.path}: the kernel is not python3. Set it in the notebook's metadata."
    for objective in lesson.objectives:
        if not objective.met_by or not set(objective.met_by) <= known:
            yield f"{lesson.folder}: objective {objective.id} is met by no exercise. Name one in `met_by`."
    if not lesson.objectives:
        yield f"{lesson.folder}: no objectives. Add at least one with an observable verb."
    graded = {i for i, c in cells.items() if c["metadata"]["nbgrader"]["grade"]}
    for extra in sorted(graded - {e.graded_cell for e in lesson.graded}):
        yield f"{lesson.path}: the cell {extra} is graded but in no exercise of the manifest. Add it, or remove it."
    for exercise in lesson.prose:
        cell = cells.get(exercise.answer_cell)
        if cell is None:
            yield f"{lesson.path}: no cell has the grade_id {exercise.answer_cell}."
        elif cell["cell_type"] != "markdown" or not cell["metadata"]["nbgrader"]["solution"]:
            yield f"{lesson.path}: {exercise.answer_cell} is not a text cell in which learners write."
        elif cell["metadata"]["nbgrader"].get("points") != exercise.points:
            yield f"{lesson.path}: {exercise.answer_cell} gives other points than the manifest: {exercise.points:g}."
        elif MARKING not in "".join(cell["source"]):
            yield f"{lesson.path}: {exercise.answer_cell} has no line {MARKING!r}. Write what earns which points."
    for exercise in lesson.exercises:
        checks = checks_of(exercise)
        if sum(check.points for check in checks) != exercise.points:
            given = sum(check.points for check in checks)
            yield f"{exercise.id}: its checks give {given:g} points, the manifest {exercise.points:g}."
        for check in checks:
            if len(check.hints) < 2 or not all(hint.strip() for hint in check.hints):
                yield f"{exercise.id}: the check {check.name} has fewer than two hints. Add a question and a pointer."
            if not check.sentence.endswith((".", "?")):
                yield f"{exercise.id}: the docstring of {check.name} is no sentence. It is what the learner reads."
        for wanted in (exercise.answer_cell, exercise.check_cell):
            if wanted not in cells:
                yield f"{lesson.path}: no cell has the grade_id {wanted}."
        if exercise.check_cell in cells:
            cell = cells[exercise.check_cell]
            call = f'check("{exercise.id}", {exercise.answer})'
            if "".join(cell["source"]).strip().splitlines()[-1:] != [call]:
                yield f"{lesson.path}: the last line of {exercise.check_cell} is not `{call}`."
            if cell["metadata"]["nbgrader"].get("points") != exercise.points:
                yield f"{lesson.path}: {exercise.check_cell} gives other points than the manifest: {exercise.points:g}."


def _running_problems(home: Path, course: Course) -> Iterator[str]:
    """Released, every exercise must count as not attempted; solved, it must earn all its points."""
    # The course's own code: nothing to be confined.
    with WarmProcess(confined=False) as warm:
        for lesson in course.lessons:
            released = _read(home / "lessons" / lesson.path)
            for folder in ("lessons", "solutions"):
                notebook = repair(_read(home / folder / lesson.path), released, lesson).notebook
                graded = run_and_judge(
                    notebook, lesson, warm=warm, worlds=Worlds(PUBLIC_SEED), limits=TimeLimits(), clock=time.monotonic
                )
                for verdict in graded.verdicts:
                    statuses = {outcome.status for outcome in verdict.outcomes}
                    if folder == "lessons" and statuses != {Status.NOT_ATTEMPTED}:
                        yield f"{verdict.exercise}: counts as attempted as released. Put the solution between markers."
                    if folder == "solutions" and statuses != {Status.PASSED}:
                        failing = next(o for o in verdict.outcomes if o.status is not Status.PASSED)
                        why = f"{failing.rationale} {failing.got}".strip()
                        yield f"{verdict.exercise}: the solution does not pass {failing.check}: {why}"


def _read(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook
