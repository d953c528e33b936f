"""Hand-ins from other systems reach submitted/<student>/<lesson>/, the newest counts, and nothing is lost."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import ATTENTION, FAILED, OK, main
from autograder.course import Course, Lesson
from autograder.submissions import without_cells

Collected = Callable[..., dict[str, Any]]


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return course.lesson("02_validation")


@pytest.fixture
def other(course: Course) -> Lesson:
    return course.lesson("04_transform")


@pytest.fixture
def collected(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Collected:
    """Collect into `tmp_path/class` and return the report."""

    def run(source: Path, system: str, *words: str, code: int = OK) -> dict[str, Any]:
        folders = ["--home", str(home), "--course", str(tmp_path / "class")]
        capsys.readouterr()
        assert main(["collect", str(source), "--from", system, *folders, "--json", *words]) == code
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run


@pytest.fixture
def notebook(release: Callable[[Lesson], dict[str, Any]]) -> Callable[..., bytes]:
    """A lesson's notebook as bytes, told apart from others by a cell that says `mark`."""

    def make(lesson: Lesson, mark: str = "") -> bytes:
        made = release(lesson)
        cell = {"cell_type": "markdown", "metadata": {}, "source": mark}
        return json.dumps({**made, "cells": [*made["cells"], cell]}).encode()

    return make


def zipped(path: Path, files: dict[str, bytes | str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def zip_bytes(files: dict[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def submitted(tmp_path: Path, student: str, lesson: Lesson) -> bytes:
    return (tmp_path / "class" / "submitted" / student / lesson.path).read_bytes()


def test_canvas_download_by_login_and_again_without_a_change(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson, other: Lesson
) -> None:
    source = zipped(
        tmp_path / "submissions.zip",
        {
            "lovelaceada_101_9001_02_validation.ipynb": notebook(lesson, "old"),
            "lovelaceada_101_9002_validation-1.ipynb": notebook(lesson, "new"),
            "lovelaceada_101_9003_work.ipynb": notebook(other),
            "bert_7_102_9004_untitled (3).ipynb": notebook(lesson),
            "carl_103_9005_text.html": "<p>see my repo</p>",
            "zoe_999_9006_validation.ipynb": notebook(lesson),
        },
    )
    roster = tmp_path / "gradebook.csv"
    roster.write_text(
        'Student,ID,SIS Login ID,Section\n    Points Possible,,,\n"Lovelace, Ada",101,ada,A\n'
        "Bert 7,102,bert,A\nCarl,103,carl,A\n",
        encoding="utf-8",
    )
    report = collected(source, "canvas", "--roster", str(roster), code=ATTENTION)
    assert submitted(tmp_path, "ada", lesson) == notebook(lesson, "new")
    assert submitted(tmp_path, "ada", other) == notebook(other)
    assert submitted(tmp_path, "bert", lesson) == notebook(lesson)
    assert notebook(lesson, "old") in tree(tmp_path / "class" / "submitted" / ".history" / "ada").values()
    reasons = {left["file"]: left["reason"] for left in report["left"]}
    assert "not in the roster" in reasons["zoe_999_9006_validation.ipynb"]
    assert "neither a notebook" in reasons["carl_103_9005_text.html"]
    before = tree(tmp_path / "class")
    again = collected(source, "canvas", "--roster", str(roster), code=ATTENTION)
    assert again["counts"] == {"placed": 0, "replaced": 0, "older": 0, "unchanged": 4, "left": 2}
    assert tree(tmp_path / "class") == before


def test_canvas_without_a_roster_uses_its_ids(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson
) -> None:
    collected(zipped(tmp_path / "s.zip", {"doejane_101_9001_02_validation.ipynb": notebook(lesson)}), "canvas")
    assert submitted(tmp_path, "101", lesson) == notebook(lesson)


def test_moodle_folders_flat_names_and_namesakes(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson
) -> None:
    source = zipped(
        tmp_path / "moodle.zip",
        {
            "Zoë O'Brien_1234_assignsubmission_file_/validation.ipynb": notebook(lesson, "z"),
            "Ada Lovelace_1235_assignsubmission_file_validation.ipynb": notebook(lesson, "a"),
            "John Smith_1_assignsubmission_file_/v.ipynb": notebook(lesson, "1"),
            "John Smith_2_assignsubmission_file_/v.ipynb": notebook(lesson, "2"),
        },
    )
    report = collected(source, "moodle", code=ATTENTION)
    assert submitted(tmp_path, "Zoë O'Brien", lesson) == notebook(lesson, "z")
    assert submitted(tmp_path, "Ada Lovelace", lesson) == notebook(lesson, "a")
    assert [left["reason"] for left in report["left"]] == [
        "Several participants are called John Smith. Name the grading worksheet with --roster."
    ] * 2
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_text(
        "Identifier,Full name,Email address,Grade\nParticipant 1,John Smith,js1@x.org,\n"
        "Participant 2,John Smith,js2@x.org,\n"
        "Participant 1234,Zoë O'Brien,zoe@x.org,\nParticipant 1235,Ada Lovelace,ada@x.org,\n",
        encoding="utf-8",
    )
    collected(source, "moodle", "--roster", str(worksheet))
    assert submitted(tmp_path, "js1@x.org", lesson) == notebook(lesson, "1")
    assert submitted(tmp_path, "js2@x.org", lesson) == notebook(lesson, "2")


def test_a_folder_in_any_shape_with_the_lesson_from_the_cells(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson, other: Lesson
) -> None:
    source = tmp_path / "in"
    for name, data in {
        "ada/homework.ipynb": notebook(lesson),
        "class/bert/02_validation/renamed.ipynb": notebook(other),
        "carl/both.zip": zip_bytes({"a.ipynb": notebook(lesson), "x/b.ipynb": notebook(other)}),
        "emil/02_validation/validation.ipynb": b"not JSON at all",
        "fay/notes.ipynb": b'{"cells": []}',
        "stray.ipynb": notebook(lesson),
    }.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(data)
    (source / "ada/timestamp.txt").write_text("2026-01-31 13:00:00+01:00", encoding="utf-8")
    report = collected(source, "folder", code=ATTENTION)
    places = {(one["student"], one["lesson"]) for one in report["hand_ins"]}
    mine, yours = lesson.folder, other.folder
    assert places == {("ada", mine), ("bert", yours), ("carl", mine), ("carl", yours), ("emil", mine)}
    stamp = tmp_path / "class/submitted/ada" / mine / "timestamp.txt"
    assert stamp.read_text(encoding="utf-8") == "2026-01-31 12:00:00 UTC"
    assert {left["file"] for left in report["left"]} == {"fay/notes.ipynb", "stray.ipynb"}
    only = collected(source, "folder", "--lesson", yours, code=ATTENTION)
    assert any("not asked for" in left["reason"] for left in only["left"])


def test_by_time_an_older_hand_in_goes_to_the_history_and_a_newer_one_takes_its_place(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson
) -> None:
    def inbound(time: str, mark: str) -> Path:
        folder = tmp_path / mark / "inbound" / f"ada+{lesson.folder}+{time} UTC+{mark}x"
        folder.mkdir(parents=True)
        (folder / "validation.ipynb").write_bytes(notebook(lesson, mark))
        (folder / "timestamp.txt").write_text(f"{time} UTC", encoding="utf-8")
        return folder.parent

    collected(inbound("2026-01-02 10:00:00.500000", "second"), "nbgrader")
    report = collected(inbound("2026-01-01 10:00:00.500000", "first"), "nbgrader")
    assert report["counts"]["older"] == 1
    assert submitted(tmp_path, "ada", lesson) == notebook(lesson, "second")
    report = collected(inbound("2026-01-03 10:00:00.500000", "third"), "nbgrader")
    assert report["counts"]["replaced"] == 1
    assert submitted(tmp_path, "ada", lesson) == notebook(lesson, "third")
    kept = tree(tmp_path / "class/submitted/.history/ada")
    assert {notebook(lesson, "first"), notebook(lesson, "second")} <= set(kept.values())
    assert b"2026-01-02 10:00:00 UTC" in kept.values()
    stamp = tmp_path / "class/submitted/ada" / lesson.folder / "timestamp.txt"
    assert stamp.read_text(encoding="utf-8") == "2026-01-03 10:00:00 UTC"


@pytest.mark.slow
def test_what_nbgrader_submit_makes(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson
) -> None:
    exchange, work = tmp_path / "exchange", tmp_path / "work"
    for folder in (exchange / "pipes" / "inbound", exchange / "pipes" / "outbound" / lesson.folder):
        folder.mkdir(parents=True)
    (exchange / "pipes" / "inbound").chmod(0o733)
    (exchange / "pipes" / "outbound" / lesson.path).write_bytes(notebook(lesson))
    (work / lesson.folder).mkdir(parents=True)
    (work / lesson.path).write_bytes(notebook(lesson, "mine"))
    words = [f"--Exchange.root={exchange}", f"--Exchange.cache={tmp_path / 'cache'}", "--course=pipes"]
    words += ["--CourseDirectory.student_id=ada"]
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "submit", lesson.folder, *words],
        cwd=work,
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "config"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    collected(exchange / "pipes" / "inbound", "nbgrader")
    assert submitted(tmp_path, "ada", lesson) == notebook(lesson, "mine")
    stamp = (tmp_path / "class/submitted/ada" / lesson.folder / "timestamp.txt").read_text(encoding="utf-8")
    assert stamp.endswith(" UTC")


def with_receipt(notebooks: dict[str, bytes], student: str = "ada", **wrong: str) -> bytes:
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in notebooks.items()} | wrong
    receipt = {
        "student": student,
        "time": "2026-01-31 12:00:00 UTC",
        "notebooks": {name: {"sha256": found, "points": {}} for name, found in hashes.items()},
        "versions": {},
    }
    return zip_bytes({"receipt.json": json.dumps(receipt), **notebooks})


def test_receipts_name_the_learner_the_time_and_what_was_handed_in(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson, other: Lesson
) -> None:
    one, two = lesson.path.as_posix(), other.path.as_posix()
    source = tmp_path / "zips"
    source.mkdir()
    (source / "ada.zip").write_bytes(with_receipt({one: notebook(lesson), two: notebook(other)}))
    (source / "nobody.zip").write_bytes(with_receipt({one: notebook(lesson)}, student=""))
    (source / "carl.zip").write_bytes(with_receipt({one: notebook(lesson)}, "carl", **{one: "0" * 64}))
    (source / "dora").mkdir()
    (source / "dora" / "x.zip").write_bytes(with_receipt({one: notebook(lesson, "d")}, student=""))
    report = collected(source, "submit", code=ATTENTION)
    assert {(p["student"], p["lesson"]) for p in report["hand_ins"]} == {
        *(("ada", lesson.folder), ("ada", other.folder), ("dora", lesson.folder))
    }
    assert {p["time"] for p in report["hand_ins"]} == {"2026-01-31 12:00:00 UTC"}
    reasons = "\n".join(left["reason"] for left in report["left"])
    assert "names the learner" in reasons
    assert "not as its receipt says" in reasons
    assert collected(source / "ada.zip", "submit")["counts"]["unchanged"] == 2


def test_a_receipt_in_a_canvas_download_is_canvas_user_s_whatever_it_says(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson
) -> None:
    inner = with_receipt({lesson.path.as_posix(): notebook(lesson)}, student="somebody else")
    collected(zipped(tmp_path / "s.zip", {"doejane_101_9001_hand-in.zip": inner}), "canvas")
    assert submitted(tmp_path, "101", lesson) == notebook(lesson)
    assert not (tmp_path / "class/submitted/somebody else").exists()


def test_a_scratch_notebook_never_takes_the_place_of_the_lesson(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson
) -> None:
    files = {"a_1_1_validation.ipynb": notebook(lesson), "a_1_2_scratch.ipynb": b'{"cells": [], "nbformat": 4}'}
    report = collected(zipped(tmp_path / "s.zip", files), "canvas", "--lesson", lesson.folder, code=ATTENTION)
    assert submitted(tmp_path, "1", lesson) == notebook(lesson)
    assert [left["file"] for left in report["left"]] == ["a_1_2_scratch.ipynb"]


def test_checks_deleted_and_metadata_odd_still_tell_the_lesson(
    tmp_path: Path, collected: Collected, release: Callable[[Lesson], dict[str, Any]], lesson: Lesson
) -> None:
    whole = without_cells(release(lesson), *(e.check_cell for e in lesson.exercises))
    whole["cells"] += [{"cell_type": "code", "metadata": {"nbgrader": ["?"]}, "source": 1}, None, {"metadata": None}]
    collected(zipped(tmp_path / "s.zip", {"ada/x.ipynb": json.dumps(whole)}), "folder")
    assert submitted(tmp_path, "ada", lesson)


# --- what strangers put into archives -----------------------------------------------------------------------


def outside(tmp_path: Path) -> set[str]:
    """Everything below the test's folder but what lies in submitted/."""
    inside = tmp_path / "class" / "submitted"
    return {str(p) for p in tmp_path.rglob("*") if not p.is_relative_to(inside) and p != inside.parent}


def test_nothing_is_written_outside_whatever_a_name_says(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson
) -> None:
    data = notebook(lesson)
    names = [
        "../evil/v.ipynb",
        "/abs/v.ipynb",
        "a/../../x/v.ipynb",
        "..\\win\\v.ipynb",
        "C:/x/v.ipynb",
        "a\x07b/v.ipynb",
    ]
    source = zipped(tmp_path / "s.zip", dict.fromkeys(names, data) | {".hidden/v.ipynb": data, "ok/v.ipynb": data})
    before = outside(tmp_path)
    report = collected(source, "folder", code=ATTENTION)
    assert outside(tmp_path) == before
    assert [p["student"] for p in report["hand_ins"]] == ["ok"]
    assert len(report["left"]) == len(names)
    receipt = with_receipt({lesson.path.as_posix(): data}, student="../../evil")
    (tmp_path / "r.zip").write_bytes(receipt)
    report = collected(tmp_path / "r.zip", "submit", code=ATTENTION)
    assert "cannot be a folder's" in report["left"][0]["reason"]
    assert not (tmp_path / "evil").exists()


def test_links_are_not_followed(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson
) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(notebook(lesson, "secret"))
    source = tmp_path / "in"
    (source / "ada").mkdir(parents=True)
    (source / "ada" / "v.ipynb").symlink_to(secret)
    (source / "bert").mkdir()
    (source / "bert" / "v.ipynb").hardlink_to(secret)
    (source / "carl").symlink_to(tmp_path)
    report = collected(source, "folder", code=ATTENTION)
    assert report["hand_ins"] == []
    assert all("link" in left["reason"] for left in report["left"])
    assert len(report["left"]) == 3
    link = zipfile.ZipInfo("ada/v.ipynb")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "links.zip", "w") as archive:
        archive.writestr(link, str(secret))
    assert "link" in collected(tmp_path / "links.zip", "folder", code=ATTENTION)["left"][0]["reason"]


def test_a_learners_folder_that_is_a_link_is_left_alone(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "class/submitted").mkdir(parents=True)
    (tmp_path / "class/submitted/ada").symlink_to(elsewhere)
    report = collected(zipped(tmp_path / "s.zip", {"ada/v.ipynb": notebook(lesson)}), "folder", code=ATTENTION)
    assert "is a link" in report["left"][0]["reason"]
    assert list(elsewhere.iterdir()) == []


def test_bombs_nests_and_ruins_are_named(
    tmp_path: Path, collected: Collected, notebook: Callable[..., bytes], lesson: Lesson
) -> None:
    nested = zip_bytes({"inner.zip": zip_bytes({"v.ipynb": notebook(lesson)})})
    source = zipped(
        tmp_path / "s.zip",
        {
            "big/v.ipynb": b" " * 20_000_001,
            "bomb/v.zip": zip_bytes({f"{n}.ipynb": b" " * 11_000_000 for n in range(10)}),
            "many/v.zip": zip_bytes({f"{n}.ipynb": b"" for n in range(501)}),
            "matryoshka/v.zip": nested,
            "ruin/v.zip": b"PK\x03\x04 not really",
            "empty/v.zip": zip_bytes({}),
            "fine/v.zip": zip_bytes({"v.ipynb": notebook(lesson)}),
        },
    )
    report = collected(source, "folder", code=ATTENTION)
    reasons = {left["file"].split("/")[0]: left["reason"] for left in report["left"]}
    assert "more than 20 MB" in reasons["big"]
    assert "unpacks to 110 MB" in reasons["bomb"]
    assert "501 files" in reasons["many"]
    assert "zip within a zip" in reasons["matryoshka"]
    assert "cannot be read" in reasons["ruin"]
    assert "no notebook" in reasons["empty"]
    assert [p["student"] for p in report["hand_ins"]] == ["fine"]


def test_a_source_that_is_neither_is_named(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["collect", str(tmp_path / "nothing"), "--from", "folder", "--home", str(home), "--course", str(tmp_path)]
    assert main(words) == FAILED
    assert "neither a folder nor a zip" in capsys.readouterr().err


def test_the_text_says_that_nothing_changed_and_shows_no_control_character(
    tmp_path: Path, home: Path, notebook: Callable[..., bytes], lesson: Lesson, capsys: pytest.CaptureFixture[str]
) -> None:
    source = zipped(tmp_path / "s.zip", {"a/v.ipynb": notebook(lesson), "x\x1b[2J\u202e.ipynb": notebook(lesson)})
    words = ["collect", str(source), "--from", "folder", "--home", str(home), "--course", str(tmp_path / "class")]
    assert main(words) == ATTENTION
    assert "1 placed" in capsys.readouterr().out
    assert main(words) == ATTENTION
    said = capsys.readouterr().out
    assert "Nothing has changed" in said
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_what_autograder_submit_makes(
    tmp_path: Path,
    home: Path,
    collected: Collected,
    release: Callable[[Lesson], dict[str, Any]],
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = course.lessons[0]
    work = tmp_path / start.folder
    work.mkdir()
    (work / start.path.name).write_text(json.dumps(release(start)), encoding="utf-8")
    monkeypatch.chdir(work)
    assert main(["submit", start.path.name, "--name", "ann", "--to", str(tmp_path / "ann.zip")]) == OK
    (placed,) = collected(tmp_path / "ann.zip", "submit")["hand_ins"]
    assert (placed["student"], placed["lesson"]) == ("ann", start.folder)
    assert placed["time"].endswith(" UTC")
    assert submitted(tmp_path, "ann", start) == (work / start.path.name).read_bytes()
