"""The autograder zip, laid out as Gradescope does and run for real, gives the points that `autograder grade` gives."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import OK, USAGE, main
from autograder.course import Course, Lesson
from autograder.grading.gradebook import Gradebook
from autograder.grading.secret import class_seed
from autograder.submissions import hand_in

Maker = Callable[[Lesson], dict[str, Any]]


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return course.lesson("01_sources")


@pytest.fixture
def packed(home: Path, class_folder: Path, tmp_path: Path, lesson: Lesson) -> Path:
    """The zip, and beside it `autograder/` as in Gradescope's container."""
    target = tmp_path / "gradescope.zip"
    folders = ["--home", str(home), "--course", str(class_folder)]
    assert main(["pack", *folders, "--gradescope", str(target), "--lesson", lesson.folder]) == OK
    root = tmp_path / "autograder"
    with zipfile.ZipFile(target) as archive:
        for info in archive.infolist():
            path = Path(archive.extract(info, root / "source"))
            path.chmod(info.external_attr >> 16 & 0o777)
    shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
    (root / "results").mkdir()
    return root


def run(
    root: Path, files: dict[str, bytes], python: str = sys.executable, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    shutil.rmtree(root / "submission", ignore_errors=True)
    (root / "submission").mkdir()
    for name, data in files.items():
        (root / "submission" / name).write_bytes(data)
    return subprocess.run(
        [str(root / "run_autograder")],
        cwd=root,
        env={**os.environ, "AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": python},
        preexec_fn=before,
        capture_output=True,
        text=True,
        check=False,
    )


def as_in_docker() -> None:
    """Root without CAP_SYS_ADMIN, as a container is started that asks for nothing more."""
    if ctypes.CDLL(None).prctl(24, 21, 0, 0, 0):  # PR_CAPBSET_DROP; the loss takes effect with the next program
        raise OSError("the capability could not be dropped")


def result(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    return found


def test_the_zip_holds_what_gradescope_asks_for_and_no_answer_or_class_seed(
    packed: Path, class_folder: Path, lesson: Lesson, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "gradescope.zip") as archive:
        names = set(archive.namelist())
        everything = b"\n".join(archive.read(name) for name in names)
    assert {"setup.sh", "run_autograder", f"course/lessons/{lesson.path.as_posix()}"} <= names
    assert not [n for n in names if {"solutions", "bank", "hostile", "released", "gradebook.db"} & set(n.split("/"))]
    assert len([name for name in names if name.endswith(".ipynb")]) == 1
    assert f"{class_seed(class_folder):032x}".encode() not in everything
    assert os.access(packed / "source" / "setup.sh", os.X_OK)
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", str(packed / "source" / script)], check=True)


def test_right_half_and_ruined_give_the_points_that_grade_gives(
    packed: Path,
    lesson: Lesson,
    release: Maker,
    solved: Maker,
    right_answers: dict[str, str],
    put: Callable[..., Path],
    home: Path,
    class_folder: Path,
) -> None:
    half = hand_in(release(lesson), lesson, {e.id: right_answers[e.id] for e in lesson.exercises[:-1]})
    notebooks = {"right": solved(lesson), "half": half}
    for name, notebook in notebooks.items():
        put(name, lesson, notebook)
    assert main(["grade", "--home", str(home), "--course", str(class_folder)]) == OK
    expected: dict[str, dict[str, float]] = {}
    for score in Gradebook(f"sqlite:///{class_folder / 'gradebook.db'}").scores():
        expected.setdefault(score.student, {})[score.exercise] = score.points
    cells = {e.id: e.check_cell for e in lesson.exercises}
    for name, notebook in notebooks.items():
        done = run(packed, {"whatever (1).ipynb": json.dumps(notebook).encode(), "notes.txt": b"x"})
        assert done.returncode == 0, done.stderr
        found = result(packed)
        by_exercise = dict.fromkeys(expected[name], 0.0)
        for test in found["tests"]:
            by_exercise[cells[test["number"].rpartition(".")[0]]] += test["score"]
        assert by_exercise == expected[name]
        assert found["score"] == sum(expected[name].values())
        assert found["extra_data"]["confined"] is True
    assert {test["status"] for test in found["tests"]} == {"passed", "failed"}
    assert run(packed, {"x.ipynb": b"no notebook"}).returncode == 0
    assert result(packed)["score"] == 0
    assert "not JSON" in result(packed)["output"]
    assert run(packed, {}).returncode == 0
    assert f"Expected the notebook {lesson.path.name}" in result(packed)["output"]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give up a capability")
def test_in_a_container_without_privileges_it_says_so_and_still_judges(
    packed: Path, lesson: Lesson, solved: Maker, tmp_path: Path
) -> None:
    """In an environment that has the zip's own packages, not the checkout's."""
    venv.create(tmp_path / "python", with_pip=False)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = tmp_path / "python" / "lib" / version / "site-packages"
    paths = f"{packed / 'source' / 'course'}\n{sysconfig.get_path('purelib')}\n"
    site.joinpath("course.pth").write_text(paths, encoding="utf-8")
    python = str(tmp_path / "python" / "bin" / "python")
    done = run(packed, {"sources.ipynb": json.dumps(solved(lesson)).encode()}, python, as_in_docker)
    assert done.returncode == 0, done.stderr
    assert "unconfined" in done.stderr
    assert result(packed)["score"] == lesson.points
    assert result(packed)["extra_data"]["confined"] is False


def test_a_failure_of_the_harness_is_no_zero(packed: Path, lesson: Lesson, solved: Maker) -> None:
    (packed / "results" / "results.json").write_text('{"score": 99}', encoding="utf-8")
    (packed / "source" / "course" / "lessons" / lesson.path).unlink()
    done = run(packed, {"sources.ipynb": json.dumps(solved(lesson)).encode()})
    assert done.returncode != 0
    assert not (packed / "results" / "results.json").exists()


def test_it_is_for_one_lesson(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["pack", "--home", str(home), "--course", str(tmp_path), "--gradescope", str(tmp_path / "x.zip")]
    assert main(words) == USAGE
    assert "exactly one --lesson" in capsys.readouterr().err
