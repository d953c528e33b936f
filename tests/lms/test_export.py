"""Scores for other systems: nbgrader's columns as nbgrader writes them, imports by the other's ids, names unharmed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from autograder.checking import Outcome, Status, Verdict
from autograder.cli import ATTENTION, OK, USAGE, main
from autograder.course import Course, Lesson
from autograder.grading.export import display, undisplayed
from autograder.grading.gradebook import Gradebook
from autograder.grading.records import Record, RecordStore, State

WILD = (
    *(
        'Lovelace, "Ada"',
        "two\nlines",
        "tab\tand\rreturn",
        "עדה \u202eabc",
        "Zoë Ångström",
        "<script>alert(1)</script>",
    ),
    *("=cmd|' /C calc'!A1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\uff1d1", " =1", "'=1", "''=1", "'quoted'", "NULL"),
)


def graded(student: str, lesson: Lesson, share: float = 1.0) -> Record:
    verdicts = [
        Verdict(
            e.id,
            e.title,
            [
                Outcome(
                    "a_check", "<b>It is right.</b>", Status.PASSED, e.points * share, e.points, rationale="\x1b[31m"
                )
            ],
        )
        for e in lesson.exercises
    ]
    return Record(student, lesson.folder, State.GRADED, "hash", "2026-01-31 12:00:00 UTC", verdicts=verdicts)


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return course.lesson("02_validation")


@pytest.fixture
def book(class_folder: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{class_folder / 'gradebook.db'}")


@pytest.fixture
def export(home: Path, class_folder: Path, tmp_path: Path) -> Callable[..., str]:
    def run(form: str, *words: str, code: int = OK) -> str:
        to = tmp_path / "out.csv"
        folders = ["--home", str(home), "--course", str(class_folder)]
        assert main(["export", *folders, "--format", form, "--to", str(to), *words]) == code
        return to.read_bytes().decode("utf-8")

    return run


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def set_people(folder: Path, **columns: str) -> None:
    """Set columns of the learner `ada` in nbgrader's table."""
    engine = sa.create_engine(f"sqlite:///{folder / 'gradebook.db'}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        for name, value in columns.items():
            connection.execute(sa.text(f"update student set {name} = :v where id = 'ada'"), {"v": value})


def test_nbgrader_columns_are_those_that_nbgrader_writes(
    book: Gradebook, course: Course, lesson: Lesson, class_folder: Path, tmp_path: Path, export: Callable[..., str]
) -> None:
    from nbgrader.api import Gradebook as Theirs
    from nbgrader.plugins.export import CsvExportPlugin

    (class_folder / "late_policy.toml").write_text(
        "percent_per_day = 10\n[due]\n02_validation = 2026-01-30T12:00:00Z\n", encoding="utf-8"
    )
    transform = course.lesson("04_transform")
    book.load([graded("ada", lesson), graded("bert", lesson, 0.5), graded("ada", transform)], course)
    set_people(class_folder, first_name="Ada", last_name="Lovelace", email="ada@example.org")
    ours = export("nbgrader")
    plugin = CsvExportPlugin()
    plugin.to = str(tmp_path / "theirs.csv")
    with Theirs(f"sqlite:///{class_folder / 'gradebook.db'}") as theirs:
        plugin.export(theirs)
    assert ours == (tmp_path / "theirs.csv").read_text(encoding="utf-8")
    late = next(row for row in csv.DictReader(io.StringIO(ours)) if row["student_id"] == "bert" and row["duedate"])
    assert float(late["late_submission_penalty"]) == pytest.approx(lesson.points * 0.5 * 0.1)


def test_every_name_comes_back_and_none_runs_where_people_look(
    book: Gradebook, course: Course, lesson: Lesson, export: Callable[..., str]
) -> None:
    book.load([graded(name, lesson) for name in WILD], course)
    for form, column in (("nbgrader", 3), ("moodle", 0)):
        assert set(WILD) <= {row[column] for row in rows(export(form))}, form
    found = {row[0] for row in rows(export("csv"))[1:]}
    assert {undisplayed(name) for name in found} == set(WILD)
    assert [name for name in found if name.lstrip(" ")[:1] in tuple("=+-@\t\r\n\uff1d")] == []
    assert {row["student"] for row in json.loads(export("json"))} == set(WILD)


@given(st.text(st.sampled_from("'=+-@\t\r\n \uff0bab"), max_size=6))
def test_an_apostrophe_can_always_be_taken_off_again(text: str) -> None:
    assert undisplayed(display(text)) == text
    assert display(text).lstrip(" ")[:1] not in tuple("=+-@\t\r\n\uff0b")


CANVAS = '''\
\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,02_validation (4711),Homework (3),Current Score
    Points Possible,,,,,16,5,(read only)
"Lovelace, Ada",101,S-1,ada,Morning,1,4,80
"=""=cmd()""",102,S-2,bert,"Evening, late",2,3,70
Nobody,103,S-3,carl,Morning,3,2,60
'''


def test_canvas_finds_each_learner_by_its_own_id(
    book: Gradebook,
    course: Course,
    lesson: Lesson,
    export: Callable[..., str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    book.load([graded(name, lesson, 0.5) for name in ("ada", "S-2", "103", "=who()")], course)
    roster = tmp_path / "roster.csv"
    roster.write_text(CANVAS, encoding="utf-8")
    head, possible, *learners = rows(export("canvas", "--roster", str(roster), code=ATTENTION))
    assert "'=who()'" in capsys.readouterr().err
    ids = [e.id for e in lesson.exercises]
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "02_validation (4711)", *ids]
    assert possible[:5] == ["    Points Possible", "", "", "", ""]
    assert [float(cell) for cell in possible[5:]] == [lesson.points, *(e.points for e in lesson.exercises)]
    assert {row[1]: row[5] for row in learners} == dict.fromkeys(("101", "102", "103"), f"{lesson.points / 2:g}")
    assert next(row[0] for row in learners if row[1] == "102").startswith("'=")
    assert next(row[0] for row in learners if row[1] == "101") == "Lovelace, Ada"


def test_a_score_that_waits_leaves_what_canvas_has(
    book: Gradebook, course: Course, lesson: Lesson, export: Callable[..., str], tmp_path: Path
) -> None:
    book.load([Record("ada", lesson.folder, State.QUARANTINED, "hash", reason="no JSON")], course)
    roster = tmp_path / "roster.csv"
    roster.write_text(CANVAS, encoding="utf-8")
    _, _, row = rows(export("canvas", "--roster", str(roster), code=ATTENTION))
    assert row[5:] == ["1", *[""] * len(lesson.exercises)]


def test_canvas_without_a_roster_says_what_is_needed(
    home: Path, class_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["export", "--home", str(home), "--course", str(class_folder), "--format", "canvas"])
    assert ended.value.code == USAGE
    assert "--roster" in capsys.readouterr().err


def test_moodle_gets_the_column_by_which_it_finds_learners(
    book: Gradebook, course: Course, lesson: Lesson, export: Callable[..., str], tmp_path: Path
) -> None:
    book.load([graded("ada", lesson), graded("bert@example.org", lesson), graded("zoe", lesson)], course)
    people = tmp_path / "participants.csv"
    people.write_text(
        'First name,Username,ID number,Email address\nAda,ada,"0,17",ada@example.org\n'
        "Bert,bert,0018,bert@example.org\n",
        encoding="utf-8",
    )
    found = rows(export("moodle", "--roster", str(people), "--id", "idnumber", "--per", "exercise", code=ATTENTION))
    assert found[0] == ["idnumber", *(e.id for e in lesson.exercises)]
    assert {row[0] for row in found[1:]} == {"0,17", "0018"}
    assert [float(cell) for cell in found[1][1:]] == [e.points for e in lesson.exercises]


def test_gradescope_results_are_plain_text_with_the_gradebooks_total(
    book: Gradebook, course: Course, lesson: Lesson, home: Path, class_folder: Path, tmp_path: Path
) -> None:
    records = [graded("ada", lesson), Record("bert", lesson.folder, State.QUARANTINED, "hash", reason="no JSON")]
    store = RecordStore(class_folder)
    for record in records:
        store.write(record)
    book.load(records, course)
    asked = ["export", "--home", str(home), "--course", str(class_folder), "--format", "gradescope", "--to"]
    assert main([*asked, str(tmp_path / "results")]) == ATTENTION
    (path,) = (tmp_path / "results").rglob("results.json")
    assert path.relative_to(tmp_path / "results").parts[:2] == ("ada", lesson.folder)
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["score"] == lesson.points == sum(test["score"] for test in data["tests"])
    assert {data[name] for name in ("output_format", "test_output_format", "test_name_format")} == {"text"}
    assert all({"name", "score", "max_score", "status", "output", "visibility"} <= set(test) for test in data["tests"])
    assert {test["status"] for test in data["tests"]} == {"passed"}
    assert "\x1b" not in path.read_text(encoding="utf-8")
