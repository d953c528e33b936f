"""What learners are given: the pack to start from, and the solutions when their time has come."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder.course import Course, CourseError, Lesson
from autograder.grading.records import write_whole
from autograder.learner.released import FOLDER as RELEASED

FILES = (
    *("README.md", "LICENSE", "pyproject.toml", "environment.yml"),
    *("make.py", "Makefile", "requirements.lock", "requirements-dev.lock"),
)
PACKAGES = ("autograder", "data_generators", "pipeline")
KEPT_BACK = ("autograder/bank", "autograder/hostile")
"""Answers, right and wrong, and what people try against the harness: no learner needs them."""

_THEN = (1980, 1, 1, 0, 0, 0)  # the same files give the same zip


def pack(home: Path, course: Course, target: Path) -> list[str]:
    """Write the zip that a learner gets and return the names in it: lessons, and the packages they import.

    Each lesson is in it twice: to work in, and as `autograder/released/` for the doctor to compare with. Solutions,
    the bank, a gradebook and the class's seed are not in it. Raises `CourseError` where a lesson has not been released.
    """
    names = []
    part = target.with_name(f".{target.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, path in _packed(home, course):
            name = f"{target.stem}/{inside.as_posix()}"
            archive.writestr(zipfile.ZipInfo(name, _THEN), path.read_bytes(), zipfile.ZIP_DEFLATED)
            names.append(name)
    part.replace(target)
    return names


def _packed(home: Path, course: Course) -> Iterator[tuple[Path, Path]]:
    """Where each file stands in the pack, and the file."""
    yield from ((Path(name), home / name) for name in FILES)
    for lesson in course.lessons:
        path = home / "lessons" / lesson.path
        if not path.exists():
            raise CourseError(f"{path} does not exist. Run `autograder release` first.")
        yield Path("lessons") / lesson.path, path
        yield Path("autograder") / RELEASED / lesson.path, path
    for package in PACKAGES:
        for path in sorted((home / package).rglob("*")):
            inside = path.relative_to(home)
            held = any(inside.is_relative_to(folder) for folder in KEPT_BACK)
            if path.suffix in (".py", ".toml", ".css", ".typed") and not held:
                yield inside, path


def write_solutions(home: Path, lessons: tuple[Lesson, ...], target: Path) -> list[Path]:
    """Write the solved and executed notebooks for learners to compare with, and return their paths.

    They carry no nbgrader metadata, so that one that is handed in is not taken for a learner's own.
    """
    paths = []
    for lesson in lessons:
        notebook = json.loads((home / "solutions" / lesson.path).read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["metadata"].pop("nbgrader", None)
            lines = "".join(cell["source"]).splitlines(keepends=True)
            cell["source"] = [line for line in lines if line.strip() not in ("### BEGIN SOLUTION", "### END SOLUTION")]
        paths.append(target / lesson.path)
        write_whole(paths[-1], json.dumps(notebook, ensure_ascii=False, indent=1) + "\n")
    return paths
