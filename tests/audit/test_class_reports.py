"""What a change of the checks would do to a class, and how the checks did in it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.checking import Outcome, Status, Verdict
from autograder.cli import FAILED, OK, main
from autograder.course import Course, Lesson
from autograder.grading.health import health, point_biserial
from autograder.grading.records import Record, RecordStore, State

Put = Callable[..., Path]


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "-" not in path.suffix}


def test_a_dry_run_says_who_would_change_and_writes_nothing(
    course: Course,
    put: Put,
    solved: Callable[[Lesson], dict[str, Any]],
    home: Path,
    class_folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lesson = course.lesson("01_sources")
    folders = ["--home", str(home), "--course", str(class_folder)]
    for student in ("ada", "ben", "cho"):
        put(student, lesson, solved(lesson))
    assert main(["grade", *folders]) == OK

    # As if the checks of then had been stricter with ada and ben; for ben a person has decided since.
    store = RecordStore(class_folder)
    for student in ("ada", "ben"):
        record = store.read(lesson.folder, student)
        assert record is not None
        verdict = record.verdicts[1]
        first = dataclasses.replace(verdict.outcomes[0], points=0.0, status=Status.INCORRECT)
        verdicts = [*record.verdicts]
        verdicts[1] = Verdict(verdict.exercise, verdict.title, [first, *verdict.outcomes[1:]])
        store.write(dataclasses.replace(record, verdicts=verdicts, content="by other checks"))
    enter_by_hand(class_folder, "ben", lesson.exercises[1].check_cell, 1.5)

    before = contents(class_folder)
    capsys.readouterr()
    assert main(["regrade", "--dry-run", "--json", *folders]) == OK
    report = json.loads(capsys.readouterr().out)
    assert contents(class_folder) == before
    assert report["submissions"] == 3
    found = {change["student"]: change for change in report["changes"]}
    assert set(found) == {"ada", "ben"}
    assert found["ada"]["exercise"] == lesson.exercises[1].id
    assert found["ada"]["by"] == found["ada"]["after"] - found["ada"]["before"] > 0
    assert [check["check"] for check in found["ada"]["checks"]] == [first.check]
    assert (found["ben"]["by_hand"], found["ben"]["by"]) == (1.5, 0.0)

    assert main(["regrade", "--dry-run", *folders]) == OK
    printed = capsys.readouterr().out
    assert "stays 1.5: entered by a person" in printed
    assert "1 learners would get other points" in printed


def enter_by_hand(class_folder: Path, student: str, cell: str, points: float) -> None:
    import sqlite3

    with sqlite3.connect(class_folder / "gradebook.db") as db:
        changed = db.execute(
            "update grade set manual_score = ? where cell_id in (select id from base_cell where name = ?) "
            "and notebook_id in (select n.id from submitted_notebook n join submitted_assignment a "
            "on a.id = n.assignment_id where a.student_id = ?)",
            (points, cell, student),
        ).rowcount
    db.close()
    assert changed == 1


def record(course: Course, student: int, right: list[bool], mistake: str = "") -> Record:
    lesson = course.lesson("01_sources")
    outcomes = [
        Outcome(
            f"check_{number}",
            "It holds.",
            Status.PASSED if passed else Status.INCORRECT,
            float(passed),
            1.0,
            mistake="" if passed else mistake,
        )
        for number, passed in enumerate(right)
    ]
    verdict = Verdict(lesson.exercises[1].id, "", outcomes)
    return Record(str(student), lesson.folder, State.GRADED, "", verdicts=[verdict])


def test_checks_that_say_nothing_or_the_opposite_are_marked(course: Course) -> None:
    # Of six learners three are strong; the last check is failed by just these.
    strong, weak = [True, False, True, True, False], [True, False, False, False, True]
    records = [record(course, n, strong if n < 3 else weak, "one belief" if n else "another") for n in range(6)]
    found = {one.check: one for one in health(records, course)}
    assert [one.note for one in found.values()] == [
        "never fails",
        "always fails",
        "",
        "",
        "strong learners fail it",
    ]
    assert found["check_0"].difficulty == 0.0
    assert found["check_1"].difficulty == 1.0
    assert found["check_1"].mistakes == (("one belief", 5), ("another", 1))
    assert found["check_2"].difficulty == 0.5
    discrimination = found["check_4"].discrimination
    assert discrimination is not None
    assert discrimination < 0


def test_discrimination_is_a_correlation() -> None:
    assert point_biserial([True, False], [1.0, 0.0]) == 1.0
    assert point_biserial([True, False, True, False], [0.0, 0.0, 1.0, 1.0]) == 0.0
    assert point_biserial([True, True], [1.0, 0.0]) is None
    assert point_biserial([True, False], [0.5, 0.5]) is None
    assert point_biserial([], []) is None


def test_health_reads_the_class_that_was_graded(
    course: Course, class_folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ["--home", str(home), "--course", str(class_folder)]
    assert main(["health", *folders]) == FAILED
    assert "Run `autograder grade` first" in capsys.readouterr().err
    store = RecordStore(class_folder)
    for n in range(5):
        store.write(record(course, n, [True, n < 2], "a belief"))
    assert main(["health", "--json", *folders]) == OK
    found = json.loads(capsys.readouterr().out)
    assert [(one["check"], one["judged"], one["passed"]) for one in found] == [("check_0", 5, 5), ("check_1", 5, 2)]
    assert found[1]["mistakes"] == [["a belief", 3]]
    assert main(["health", *folders]) == OK
    assert "(never fails)" in capsys.readouterr().out
