"""The plain nbgrader commands, typed in the course's folder, give the same points as `autograder grade`."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main
from autograder.course import Course, Lesson
from autograder.grading.gradebook import Gradebook
from autograder.submissions import hand_in, without_cells

Maker = Callable[[Lesson], dict[str, Any]]

_PLAIN = """
c = get_config()
c.CourseDirectory.source_directory = {source!r}
c.CourseDirectory.release_directory = {release!r}
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.toml"]
"""

_OURS = """
from pathlib import Path
from autograder.settings import configure
configure(get_config(), home=Path({home!r}), course=Path(__file__).parent)
"""


def nbgrader(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return course.lesson("02_validation")


@pytest.fixture
def small_class(
    put: Callable[..., Path],
    lesson: Lesson,
    release: Maker,
    solved: Maker,
    right_answers: dict[str, str],
    class_folder: Path,
) -> Path:
    half = {e.id: right_answers[e.id] for e in lesson.exercises[1:]}
    put("ada", lesson, solved(lesson))
    put("bert, b", lesson, hand_in(release(lesson), lesson, half))
    put("emil", lesson, release(lesson))
    return class_folder


def points(folder: Path) -> dict[tuple[str, str], float]:
    return {(s.student, s.exercise): s.points for s in Gradebook(f"sqlite:///{folder / 'gradebook.db'}").scores()}


@pytest.mark.slow
def test_plain_commands_with_our_settings_give_the_same_points(
    small_class: Path, lesson: Lesson, home: Path, put: Callable[..., Path], solved: Maker
) -> None:
    put("not json", lesson, b"<html>")
    put("renamed", lesson, solved(lesson), name="validation (2).ipynb")
    put("without checks", lesson, without_cells(solved(lesson), *(e.check_cell for e in lesson.exercises)))
    (small_class / "nbgrader_config.py").write_text(_OURS.format(home=str(home)), encoding="utf-8")
    done = nbgrader(small_class, "autograde", lesson.folder)
    assert done.returncode == 0, done.stderr
    plain = points(small_class)
    assert main(["grade", "--home", str(home), "--course", str(small_class), "--force"]) == 3
    assert points(small_class) == plain
    assert sum(p for (student, _), p in plain.items() if student == "renamed") == lesson.points
    done = nbgrader(small_class, "generate_feedback", lesson.folder)
    assert done.returncode == 0, done.stderr
    pages = sorted(p.parents[1].name for p in (small_class / "feedback").glob("*/*/*.html"))
    assert pages == ["ada", "bert, b", "emil", "not json", "renamed", "without checks"]
    done = nbgrader(small_class, "export", "--to", "grades.csv")
    assert done.returncode == 0, done.stderr
    with (small_class / "grades.csv").open(encoding="utf-8", newline="") as file:
        exported = {(row["student"], row["exercise"]): float(row["points"]) for row in csv.DictReader(file)}
    assert exported == plain


@pytest.mark.slow
def test_stock_nbgrader_gives_honest_notebooks_the_same_points(small_class: Path, lesson: Lesson, home: Path) -> None:
    assert main(["grade", "--home", str(home), "--course", str(small_class)]) == 0
    ours = points(small_class)
    config = _PLAIN.format(source=str(home / "solutions"), release=str(home / "lessons"))
    (small_class / "nbgrader_config.py").write_text(config, encoding="utf-8")
    done = nbgrader(small_class, "autograde", lesson.folder, "--force", "--KernelManager.transport_encryption=auto")
    assert done.returncode == 0, done.stderr
    assert points(small_class) == ours
