"""What many tests start from: the course, its released notebooks, and class folders."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.bank import load_bank
from autograder.course import Course, Lesson, load_course
from autograder.submissions import hand_in

HOME = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def home() -> Path:
    return HOME


@pytest.fixture(scope="session")
def course() -> Course:
    return load_course()


@pytest.fixture(scope="session")
def release() -> Callable[[Lesson], dict[str, Any]]:
    def read(lesson: Lesson) -> dict[str, Any]:
        notebook: dict[str, Any] = json.loads((HOME / "lessons" / lesson.path).read_text(encoding="utf-8"))
        return notebook

    return read


@pytest.fixture(scope="session")
def right_answers(course: Course) -> dict[str, str]:
    """The first right answer of the bank for each exercise."""
    return {e.id: next(entry.code for entry in load_bank(e.id) if entry.right) for e in course.exercises}


@pytest.fixture(scope="session")
def solved(
    release: Callable[[Lesson], dict[str, Any]], right_answers: dict[str, str]
) -> Callable[[Lesson], dict[str, Any]]:
    """A lesson's notebook with every exercise solved."""
    return lambda lesson: hand_in(release(lesson), lesson, right_answers)


@pytest.fixture(scope="session")
def released_course(tmp_path_factory: pytest.TempPathFactory, home: Path, course: Course) -> Path:
    """A course folder with a gradebook into which the lessons have been released; copy it, do not use it."""
    from autograder.release import release

    folder = tmp_path_factory.mktemp("released")
    source = tmp_path_factory.mktemp("home")
    shutil.copytree(home / "solutions", source / "solutions")
    release(source, folder, course)
    return folder


@pytest.fixture
def class_folder(tmp_path: Path, released_course: Path) -> Path:
    """A course folder of one test's own, with nothing handed in."""
    shutil.copytree(released_course, tmp_path / "class")
    return tmp_path / "class"


@pytest.fixture
def put(class_folder: Path) -> Callable[[str, Lesson, object], Path]:
    """Hand in: write a notebook (or bytes, or text) as this student's file for the lesson."""

    def write(student: str, lesson: Lesson, content: object, name: str = "") -> Path:
        path = class_folder / "submitted" / student / lesson.folder / (name or lesson.path.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        path.write_bytes(data)
        return path

    return write
