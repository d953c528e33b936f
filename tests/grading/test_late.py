"""Late submissions: what the policy takes off, what it says of a bad file, and that all commands take off the same."""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.cli import main
from autograder.course import Course, CourseError, Lesson
from autograder.grading.gradebook import Gradebook
from autograder.grading.late import Extension, LatePolicy, load_policy, penalty
from autograder.submissions import hand_in

Maker = Callable[[Lesson], dict[str, Any]]

FOLDER = "02_validation"
DAY = 86_400
DUE = dt.datetime(2026, 10, 12, 21, 59, tzinfo=dt.UTC)
FILE = """
grace_minutes = 15
percent_per_day = 10
percent_at_most = 50

[due]
02_validation = 2026-10-12T23:59:00+02:00

[[extensions]]
student = "emil, e"
days = 7
"""
POLICY = LatePolicy(15, 10, 50, {FOLDER: DUE}, (Extension("emil, e", "", 7), Extension("ada", FOLDER, 1)))


@pytest.mark.parametrize(
    ("late", "student", "lesson", "off"),
    [
        (-DAY, "bert", FOLDER, 0),
        (0, "bert", FOLDER, 0),
        (15 * 60, "bert", FOLDER, 0),
        (15 * 60 + 1, "bert", FOLDER, 0.8),  # the first day begins when the grace has passed
        (15 * 60 + DAY, "bert", FOLDER, 0.8),
        (15 * 60 + DAY + 1, "bert", FOLDER, 1.6),
        (400 * DAY, "bert", FOLDER, 4.0),
        (15 * 60 + DAY + 1, "ada", FOLDER, 0.8),
        (7 * DAY + 15 * 60, "emil, e", FOLDER, 0),
        (400 * DAY, "bert", "01_sources", 0),  # no due date
    ],
)
def test_penalty_by_the_clock(late: float, student: str, lesson: str, off: float) -> None:
    assert penalty(8.0, late, POLICY, student, lesson) == off


def test_of_several_extensions_the_longest_counts() -> None:
    policy = LatePolicy(extensions=(Extension("ada", "", 2), Extension("ada", FOLDER, 5), Extension("ada", FOLDER, 1)))
    assert (policy.extension("ada", FOLDER), policy.extension("ada", "01_sources")) == (5, 2)
    assert policy.extension("bert", FOLDER) == 0


@given(st.floats(-5, 1e6), st.floats(-1e9, 1e9), st.floats(0, 100), st.floats(0, 100))
def test_never_below_zero_never_more_than_there_is(points: float, late: float, daily: float, most: float) -> None:
    off = penalty(points, late, LatePolicy(0, daily, most, {FOLDER: DUE}), "ada", FOLDER)
    assert 0 <= off <= max(points, 0)
    assert off <= max(points, 0) * most / 100 + 0.005


def test_the_file_is_read_and_its_times_are_turned_into_utc(tmp_path: Path, course: Course) -> None:
    (tmp_path / "late_policy.toml").write_text(FILE, encoding="utf-8")
    assert load_policy(tmp_path, course) == LatePolicy(15, 10, 50, {FOLDER: DUE}, (Extension("emil, e", "", 7),))
    assert load_policy(tmp_path / "elsewhere", course) == LatePolicy()


def test_the_example_in_the_documentation_is_a_policy(home: Path, tmp_path: Path, course: Course) -> None:
    text = (home / "docs" / "late-policy.md").read_text(encoding="utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    (tmp_path / "late_policy.toml").write_text(example, encoding="utf-8")
    policy = load_policy(tmp_path, course)
    assert policy.due and policy.extensions and policy.percent_per_day


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("grace_minutes = '15'", "grace_minutes: expected a number from 0 to .*; got '15'"),
        ("percent_per_day = -10", "percent_per_day: expected a number from 0 to 100; got -10"),
        ("percent_per_day = 110", "percent_per_day: expected a number from 0 to 100; got 110"),
        ("percent_at_most = nan", "percent_at_most: expected a number from 0 to 100; got nan"),
        ("percent_per_day = true", "percent_per_day: expected a number from 0 to 100; got True"),
        ("percent_a_day = 10", "percent_a_day: expected only grace_minutes, percent_per_day, percent_at_most"),
        ("due = 2026-10-12T23:59:00Z", r"due: expected a table \[due\]"),
        ("[due]\n99_none = 2026-10-12T23:59:00Z", "due: expected a lesson .*02_validation.*; got '99_none'"),
        ("[due]\n02_validation = 2026-10-12", "due.02_validation: expected a time with its difference from UTC"),
        ("[due]\n02_validation = 2026-10-12T23:59:00", r"such as 2026-10-12T23:59:00\+02:00; got 2026-10-12 23:59:00"),
        ("[due]\n02_validation = 'monday'", "got 'monday'"),
        ("[due]\n02_validation = 0001-01-01T00:00:00+14:00", "expected a time"),
        ("extensions = 7", r"extensions: expected a table \[\[extensions\]\]"),
        ("[[extensions]]\nstudent = 'ada'", "extensions, number 1: days: expected a number of days.*; got nothing"),
        ("[[extensions]]\ndays = 7", "extensions, number 1: student: expected the name"),
        ("[[extensions]]\nstudent = 'ada'\ndays = 7\nlesson = '99'", "number 1: lesson: expected a lesson"),
        ("[[extensions]]\nstudent = 'ada'\nday = 7", "number 1: day: expected only student, lesson, days"),
        ("[[extensions]]\nstudent = 'ada'\ndays = inf", "days: expected a number from 0 to"),
        ("[due]\n02 validation = 2026-10-12T23:59:00Z", "expected TOML"),
        (b"\xff\xfe", "expected a text file in UTF-8"),
    ],
)
def test_a_bad_value_is_said_with_what_was_expected(
    tmp_path: Path, course: Course, text: str | bytes, said: str
) -> None:
    data = text.encode() if isinstance(text, str) else text
    (tmp_path / "late_policy.toml").write_bytes(data)
    with pytest.raises(CourseError, match=f"late_policy.toml.*{said}"):
        load_policy(tmp_path, course)


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return course.lesson(FOLDER)


@pytest.fixture
def late_class(
    class_folder: Path,
    put: Callable[..., Path],
    lesson: Lesson,
    solved: Maker,
    release: Maker,
    right_answers: dict[str, str],
) -> Path:
    """On time; half right, two days late; late with an extension; without a time; late and no notebook."""
    half = hand_in(release(lesson), lesson, {e.id: right_answers[e.id] for e in lesson.exercises[1:]})
    handed_in: list[tuple[str, object, str]] = [
        ("ada", solved(lesson), "2026-10-12 20:00:00 UTC"),
        ("bert, b", half, "2026-10-14 10:00:00 UTC"),
        ("emil, e", solved(lesson), "2026-10-14 10:00:00 UTC"),
        ("no time", solved(lesson), ""),
        ("not json", b"<html>", "2026-10-20 10:00:00 UTC"),
    ]
    for student, content, stamp in handed_in:
        path = put(student, lesson, content)
        if stamp:
            path.with_name("timestamp.txt").write_text(stamp, encoding="utf-8")
    (class_folder / "late_policy.toml").write_text(FILE, encoding="utf-8")
    return class_folder


def grade(home: Path, folder: Path, *more: str) -> int:
    return main(["grade", "--home", str(home), "--course", str(folder), *more])


def book(folder: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{folder / 'gradebook.db'}")


@pytest.mark.slow
def test_grade_takes_off_what_the_policy_says_and_again_when_it_changes(
    late_class: Path, home: Path, lesson: Lesson, capsys: pytest.CaptureFixture[str]
) -> None:
    assert grade(home, late_class) == 3  # one is quarantined
    out = capsys.readouterr().out
    assert "no time, 02_validation: The lesson has a due date and this submission no time" in out
    reached = sum(s.points for s in book(late_class).scores() if s.student == "bert, b")
    assert 0 < reached < lesson.points
    # Neither who was on time or has an extension, nor who has no time, nor who waits in quarantine with no points.
    assert book(late_class).penalties() == {("bert, b", FOLDER): round(reached * 0.2, 2)}
    records = {p: p.stat().st_mtime_ns for p in (late_class / ".autograder" / "records").rglob("*.json")}
    assert grade(home, late_class, "--force") == 3
    assert book(late_class).penalties() == {("bert, b", FOLDER): round(reached * 0.2, 2)}
    records = {p: p.stat().st_mtime_ns for p in records}

    file = late_class / "late_policy.toml"
    extension = f'[[extensions]]\nstudent = "bert, b"\nlesson = "{FOLDER}"\ndays = 1\n'
    file.write_text(FILE.replace("percent_per_day = 10", "percent_per_day = 20") + extension, encoding="utf-8")
    assert grade(home, late_class) == 3
    assert book(late_class).penalties() == {("bert, b", FOLDER): round(reached * 0.2, 2)}
    file.write_text(FILE.replace("days = 7", "days = 0"), encoding="utf-8")
    assert grade(home, late_class) == 3
    assert book(late_class).penalties()["emil, e", FOLDER] == round(lesson.points * 0.2, 2)
    file.unlink()
    assert grade(home, late_class) == 3
    assert book(late_class).penalties() == {}
    assert {p: p.stat().st_mtime_ns for p in records} == records  # nothing was graded again

    file.write_text("percent_per_day = 1000", encoding="utf-8")
    assert grade(home, late_class) == 1
    assert "expected a number from 0 to 100; got 1000" in capsys.readouterr().err


def nbgrader(folder: Path, *words: str) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


STOCK = """
c = get_config()
c.CourseDirectory.source_directory = {source!r}
c.CourseDirectory.release_directory = {release!r}
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.toml"]
c.AssignLatePenalties.plugin_class = "autograder.nbgrader_plugin.LatePenalty"
c.LatePenalty.course = {course!r}
"""
OURS = """
from pathlib import Path
from autograder.settings import configure
configure(get_config(), home=Path({home!r}), course=Path(__file__).parent)
"""


@pytest.mark.slow
@pytest.mark.parametrize("stock", [False, True], ids=["our settings", "stock autograde with our plugin"])
def test_nbgrader_takes_off_the_same(late_class: Path, home: Path, lesson: Lesson, stock: bool) -> None:
    if stock:  # it grades honest notebooks only, and knows due dates only from the gradebook
        shutil.rmtree(late_class / "submitted" / "not json")
        assert grade(home, late_class) == 0
    folders = {"home": str(home), "source": str(home / "solutions"), "release": str(home / "lessons")}
    settings = (STOCK if stock else OURS).format(course=str(late_class), **folders)
    (late_class / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    nbgrader(late_class, "autograde", FOLDER, "--force", "--KernelManager.transport_encryption=auto")
    plain = book(late_class).penalties()
    assert set(plain) == {("bert, b", FOLDER)}
    (late_class / "nbgrader_config.py").unlink()
    assert grade(home, late_class, "--force") == (0 if stock else 3)
    assert book(late_class).penalties() == plain
    # nbgrader's own export takes it off once.
    nbgrader(late_class, "export", "--exporter=nbgrader.plugins.export.CsvExportPlugin", "--to", "stock.csv")
    lines = (late_class / "stock.csv").read_text(encoding="utf-8").replace("bert, b", "bert")  # it quotes nothing
    rows = {(r["assignment"], r["student_id"]): r for r in csv.DictReader(lines.splitlines())}
    reached = sum(s.points for s in book(late_class).scores() if s.student == "bert, b")
    assert float(rows[FOLDER, "bert"]["score"]) == pytest.approx(reached - plain["bert, b", FOLDER])


@pytest.mark.slow
def test_a_score_entered_by_hand_counts_from_the_next_command_on(late_class: Path, home: Path, lesson: Lesson) -> None:
    assert grade(home, late_class) == 3
    with sqlite3.connect(late_class / "gradebook.db") as connection:
        theirs = """notebook_id in (select n.id from submitted_notebook n join submitted_assignment a
                     on a.id = n.assignment_id where a.student_id = 'not json')"""
        connection.execute(f"update grade set manual_score = 1, needs_manual_grade = 0 where {theirs}")
    connection.close()
    number = len(lesson.exercises)
    assert main(["feedback", "--no-naming", "--home", str(home), "--course", str(late_class)]) == 0
    # Eight days late: what a person gave for the quarantined one loses half, the most there is; once.
    assert book(late_class).penalties()["not json", FOLDER] == number * 0.5
    assert grade(home, late_class, "--force") == 3
    assert book(late_class).penalties()["not json", FOLDER] == number * 0.5
