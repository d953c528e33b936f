"""What a learner is given holds the lessons and all that they import, and no answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.bank import load_bank
from autograder.cli import main
from autograder.course import Course


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    assert main(["pack", "--home", str(home), "--to", str(folder / "course.zip")]) == 0
    with zipfile.ZipFile(folder / "course.zip") as archive:
        archive.extractall(folder)
    return folder / "course"


def test_no_solution_bank_or_secret_is_in_it(unpacked: Path, course: Course) -> None:
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    forbidden = {"solutions", "bank", "hostile", "submitted", "gradebook.db", "seed", "tests"}
    assert [name for name in names if forbidden & set(name.split("/"))] == []
    assert {lesson.path.as_posix() for lesson in course.lessons} == {
        n.removeprefix("lessons/") for n in names if n.startswith("lessons/")
    }
    texts = {n: (unpacked / n).read_text(encoding="utf-8") for n in names}
    assert [n for n, text in texts.items() if n.endswith(".ipynb") and "BEGIN SOLUTION" in text] == []
    everything = "\n".join("".join(c["source"]) for n in names if n.endswith(".ipynb") for c in cells(unpacked / n))
    for exercise in course.exercises:
        right = next(entry.code for entry in load_bank(exercise.id) if entry.right)
        assert right.strip() not in everything, exercise.id


def test_each_lesson_is_there_once_more_to_compare_with(unpacked: Path, home: Path, course: Course) -> None:
    kept = unpacked / "autograder" / "released"
    assert {path.relative_to(kept) for path in kept.rglob("*.ipynb")} == {lesson.path for lesson in course.lessons}
    for lesson in course.lessons:
        assert (kept / lesson.path).read_bytes() == (home / "lessons" / lesson.path).read_bytes()


def cells(path: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def test_lessons_can_be_checked_with_nothing_but_the_pack(unpacked: Path, course: Course) -> None:
    """In a process that sees the pack's packages and not the checkout's."""
    ids = [exercise.id for exercise in course.exercises]
    program = (
        "import sys; sys.meta_path = [f for f in sys.meta_path if 'editable' not in type(f).__name__.lower()"
        " and 'editable' not in getattr(f, '__module__', '').lower() and 'editable' not in str(f).lower()]\n"
        "import autograder\n"
        f"assert autograder.__file__.startswith({str(unpacked)!r}), autograder.__file__\n"
        "from autograder import check\n"
        "def stub(*a, **k): raise NotImplementedError\n"
        f"for name in {ids!r}: assert check(name, stub).verdict.points == 0\n"
        "import data_generators, pipeline\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=unpacked,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_same_course_gives_the_same_zip(tmp_path: Path, home: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        assert main(["pack", "--home", str(home), "--to", str(tmp_path / name / "course.zip")]) == 0
    assert (tmp_path / "a/course.zip").read_bytes() == (tmp_path / "b/course.zip").read_bytes()


def test_solutions_are_released_by_themselves(tmp_path: Path, home: Path, course: Course) -> None:
    lesson = course.lessons[-1]
    assert main(["release", "--home", str(home), "--lesson", lesson.folder, "--solutions", str(tmp_path)]) == 0
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*.ipynb")] == [lesson.path]
    text = (tmp_path / lesson.path).read_text(encoding="utf-8")
    assert "SOLUTION" not in text
    assert "nbgrader" not in json.dumps([cell["metadata"] for cell in json.loads(text)["cells"]])
