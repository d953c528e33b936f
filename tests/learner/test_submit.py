"""`autograder submit`: one file with a receipt, made only of what is ready, and the pack in which learners run it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import ATTENTION, FAILED, OK, USAGE, main
from autograder.course import Course, CourseError, Lesson
from autograder.learner import Refused, agrees, receipt, released, sign, write
from autograder.submissions import grade_id, without_cells

Notebook = dict[str, Any]
Maker = Callable[[Lesson], Notebook]
WHEN = dt.datetime(2026, 1, 31, 13, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))
VERSIONS = {"python": "3.11.7", "pandas": "3.0.0", "course": "0.1.0"}


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return course.lesson("02_validation")


@pytest.fixture
def file_of(tmp_path: Path, done: Maker) -> Callable[..., Path]:
    def write_file(lesson: Lesson, change: Callable[[Notebook], Notebook] = lambda n: n, name: str = "") -> Path:
        path = tmp_path / lesson.folder / (name or lesson.path.name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(change(done(lesson))), encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def made(course: Course, lesson: Lesson, file_of: Callable[..., Path], tmp_path: Path) -> Path:
    """A file to hand in, of one lesson."""
    signed = sign([file_of(lesson)], course, released)
    write(tmp_path / "made.zip", signed, receipt(signed, WHEN, "ann", VERSIONS))
    return tmp_path / "made.zip"


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# What is in it


def test_the_zip_holds_the_notebooks_as_they_are_and_a_receipt(
    course: Course, file_of: Callable[..., Path], tmp_path: Path
) -> None:
    validation, start = course.lesson("02_validation"), course.lesson("00_start")
    paths = [file_of(validation, name="my copy.ipynb"), file_of(start)]
    signed = sign(paths, course, released)
    write(tmp_path / "a.zip", signed, receipt(signed, WHEN, " Zoë, née O'Brien ", VERSIONS))
    found = contents(tmp_path / "a.zip")
    names = ["00_start/start.ipynb", "02_validation/validation.ipynb"]
    assert list(found) == ["receipt.json", *names]
    assert found[names[1]] == paths[0].read_bytes() and found[names[0]] == paths[1].read_bytes()
    assert json.loads(found["receipt.json"]) == {
        "student": "Zoë, née O'Brien",
        "time": "2026-01-31 12:00:00 UTC",
        "notebooks": {
            name: {
                "sha256": hashlib.sha256(found[name]).hexdigest(),
                "points": {exercise.id: exercise.points for exercise in lesson.exercises},
            }
            for name, lesson in zip(names, (start, validation), strict=True)
        },
        "versions": VERSIONS,
    }


def test_the_same_notebooks_at_the_same_time_give_the_same_bytes(
    course: Course, lesson: Lesson, file_of: Callable[..., Path], made: Path, tmp_path: Path
) -> None:
    path = file_of(lesson)
    os.utime(path, (1, 1))
    signed = sign([path], course, released)
    write(tmp_path / "again.zip", signed, receipt(signed, WHEN.astimezone(dt.UTC), "ann", VERSIONS))
    assert (tmp_path / "again.zip").read_bytes() == made.read_bytes()


@pytest.mark.parametrize("text", ["1e9", "17", "nan", "-1", "<script>", "9" * 100_000, ["4", ".5"], {"a": 1}, None])
def test_points_are_those_shown_where_they_are_possible(
    course: Course, lesson: Lesson, file_of: Callable[..., Path], text: object
) -> None:
    def show(notebook: Notebook) -> Notebook:
        check = next(c for c in notebook["cells"] if grade_id(c) == "validation-events-check")
        check["outputs"][0]["data"]["text/plain"] = text
        check["outputs"].insert(0, "no output")
        return notebook

    (signed,) = sign([file_of(lesson, show)], course, released)
    assert signed.points["validation.events"] == (4.5 if text == ["4", ".5"] else None)


# What is not handed in


def test_what_would_cost_points_is_refused_unless_anyway(
    course: Course, lesson: Lesson, file_of: Callable[..., Path]
) -> None:
    path = file_of(lesson, lambda n: without_cells(n, "validation-events"))
    with pytest.raises(Refused) as refused:
        sign([path], course, released)
    assert [f.kind for f in refused.value.findings[str(path)]] == ["no answer"]
    (signed,) = sign([path], course, released, anyway=True)
    assert signed.data == path.read_bytes()


def test_what_grading_mends_without_a_loss_is_handed_in(
    course: Course, lesson: Lesson, file_of: Callable[..., Path]
) -> None:
    path = file_of(lesson, lambda n: without_cells(n, "validation-events-check"), "renamed.ipynb")
    (signed,) = sign([path], course, released)
    assert signed.name == "02_validation/validation.ipynb"


def test_a_file_that_broke_can_be_handed_in_anyway_by_its_name(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "validation.ipynb"
    path.write_bytes(b"half a notebo")
    (signed,) = sign([path], course, released, anyway=True)
    assert signed.name == "02_validation/validation.ipynb"
    path.rename(tmp_path / "x.ipynb")
    with pytest.raises(CourseError, match="no lesson of this course"):
        sign([tmp_path / "x.ipynb"], course, released, anyway=True)


def test_sizes_are_bounded_and_a_lesson_comes_once(
    course: Course, lesson: Lesson, file_of: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    big = file_of(lesson)
    with pytest.raises(CourseError, match="second notebook of the lesson 02_validation"):
        sign([big, file_of(lesson, name="b.ipynb")], course, released)
    monkeypatch.setattr("autograder.learner.submit.MAX_TOTAL", 1000)
    with pytest.raises(CourseError, match="one by one"):
        sign([big], course, released)
    big.write_bytes(b"[" + b" " * 20_000_000 + b"]")
    with pytest.raises(CourseError, match="more than 20 MB"):
        sign([big], course, released, anyway=True)


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "x" * 121, "\x00", "\ud800"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(CourseError, match="Expected a name"):
        receipt([], WHEN, name, VERSIONS)


@pytest.mark.parametrize("name", ["../../etc/passwd", "<script>alert(1)</script>", '=cmd(),"x"', "مرحبا"])
def test_a_name_is_a_text_in_the_receipt_and_nothing_else(
    name: str, course: Course, lesson: Lesson, file_of: Callable[..., Path], tmp_path: Path
) -> None:
    path = file_of(lesson)
    assert main(["submit", str(path), "--name", name, "--to", str(tmp_path / "x.zip")]) == OK
    assert json.loads(contents(tmp_path / "x.zip")["receipt.json"])["student"] == name
    assert sorted(p.name for p in tmp_path.iterdir()) == ["02_validation", "x.zip"]


def test_only_an_older_hand_in_is_replaced(
    course: Course, lesson: Lesson, file_of: Callable[..., Path], made: Path, tmp_path: Path
) -> None:
    path = file_of(lesson)
    before = path.read_bytes()
    words = ["submit", str(path), "--to"]
    assert main([*words, str(path)]) == FAILED
    assert path.read_bytes() == before
    (tmp_path / "other.zip").write_bytes(b"PK\x05\x06" + b"\0" * 18)
    link = tmp_path / "link.zip"
    link.symlink_to(made)
    for bad in (tmp_path / "other.zip", link, tmp_path, tmp_path / "none" / "x.zip"):
        assert main([*words, str(bad)]) == FAILED, bad
    assert main([*words, str(made)]) == OK
    assert [p for p in tmp_path.iterdir() if p.name.endswith(".part")] == []


# Looking whether it is whole


def again(path: Path, change: Callable[[dict[str, bytes]], object], more: bytes = b"") -> Path:
    found = contents(path)
    change(found)
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    target.write_bytes(target.read_bytes() + more)
    return target


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.update({"02_validation/validation.ipynb": b"{}"}), "changed since the receipt"),
        (lambda f: f.pop("02_validation/validation.ipynb"), "not in the file"),
        (lambda f: f.update({"../../evil.ipynb": b""}), "../../evil.ipynb: not named in the receipt"),
        (lambda f: f.update({"\x1b[2J": b""}), "\\x1b[2J: not named"),
        (lambda f: f.pop("receipt.json"), "not made by `autograder submit`"),
        (lambda f: f.update({"receipt.json": b"{"}), "cannot be read"),
        (lambda f: f.update({"receipt.json": b'{"notebooks": {"a": 1}}'}), "is no receipt"),
        (lambda f: f.update({"receipt.json": b"[" * 200_000}), "cannot be read"),
        (lambda f: f.update({"receipt.json": b" " * 2_000_000}), "has more than 1,000,000 bytes"),
        (lambda f: f.update({"02_validation/validation.ipynb": b" " * 21_000_000}), "more than 20,000,000 bytes"),
    ],
)
def test_damage_is_said(made: Path, change: Callable[[dict[str, bytes]], object], said: str) -> None:
    assert agrees(made) == []
    found = agrees(again(made, change))
    assert len(found) == 1 and said in found[0]


def test_a_file_that_is_cut_off_flipped_or_no_zip_does_not_agree(made: Path, tmp_path: Path) -> None:
    whole = made.read_bytes()
    damaged = tmp_path / "damaged.zip"
    place = len(whole) // 2
    for data in (b"", b"no zip", whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
        damaged.write_bytes(data)
        assert len(agrees(damaged)) == 1
    assert len(agrees(tmp_path)) == len(agrees(tmp_path / "none")) == 1


def test_the_command_verifies(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["submit", "--verify", str(made)]) == OK
    assert "agrees with its receipt" in capsys.readouterr().out
    assert main(["submit", "--verify", str(again(made, lambda f: f.update({"x": b""}))), "--json"]) == FAILED
    assert json.loads(capsys.readouterr().out) == ["x: not named in the receipt."]
    assert main(["submit"]) == main(["submit", "x.ipynb", "--verify", str(made)]) == USAGE


# As learners run it


def run(packed: Path, where: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The pack's command, in a process that sees neither this checkout nor what only instructors install."""
    program = (
        "import runpy, sys\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'nbgrader', 'sqlalchemy', 'tqdm', 'jinja2', 'nbformat'}:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path = [Hidden(), *(f for f in sys.meta_path if 'editable' not in str(f).lower())]\n"
        "import autograder\n"
        f"assert autograder.__file__.startswith({str(packed)!r}), autograder.__file__\n"
        f"sys.argv = ['autograder', *{words!r}]\n"
        "runpy.run_module('autograder', run_name='__main__')\n"
    )
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=where,
        env={**os.environ, "PYTHONPATH": str(packed)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_with_nothing_but_the_pack_a_lesson_is_mended_and_handed_in(
    packed: Path, lesson: Lesson, done: Maker, tmp_path: Path
) -> None:
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "course"
    assert not (folder / "solutions").exists()
    work = folder / "lessons" / lesson.folder
    path = work / lesson.path.name
    # as learners do: in place, with a check deleted, under another name
    broken = without_cells(done(lesson), "validation-events-check")
    for name in ("validation.ipynb", "start.ipynb"):
        (work / name).unlink(missing_ok=True)
    (work / "Validation (1).ipynb").write_text(json.dumps(broken), encoding="utf-8")
    first = run(folder, work, "doctor", "Validation (1).ipynb")
    assert first.returncode == ATTENTION, first.stderr
    assert "renamed" in first.stdout and "check deleted" in first.stdout
    second = run(folder, work, "doctor", "Validation (1).ipynb", "--fix")
    assert second.returncode == ATTENTION and "not run" in second.stdout, second.stderr
    assert sum(grade_id(c) == "validation-events-check" for c in json.loads(path.read_bytes())["cells"]) == 1
    path.write_text(json.dumps(done(lesson)), encoding="utf-8")
    third = run(folder, work, "doctor", lesson.path.name)
    assert third.returncode == OK and "ready to hand in" in third.stdout, third.stdout
    sent = run(folder, tmp_path, "submit", str(path), "--name", "Zoë")
    assert sent.returncode == OK, sent.stderr
    assert "validation.events: 5 points" in sent.stdout
    assert run(folder, tmp_path, "submit", "--verify", "02_validation.zip").returncode == OK


def test_what_is_handed_in_is_what_is_collected(made: Path, course: Course, lesson: Lesson, tmp_path: Path) -> None:
    class_folder = tmp_path / "class"
    (class_folder / "lessons").mkdir(parents=True)
    words = ["collect", "--from", "submit", str(made), "--home", str(class_folder)]
    assert main(words) == OK
    collected = class_folder / "submitted" / "ann" / lesson.path
    assert collected.read_bytes() == contents(made)[lesson.path.as_posix()]
