"""A class is graded from files to gradebook through the command line, on real notebooks in confined processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.bank import load_bank
from autograder.cli import ATTENTION, FAILED, OK, main
from autograder.course import Course, Lesson
from autograder.grading.gradebook import Gradebook, Score
from autograder.grading.records import RecordStore, State
from autograder.settings import database_url
from autograder.submissions import hand_in, without_cells

Maker = Callable[[Lesson], dict[str, Any]]
Put = Callable[..., Path]


@pytest.fixture
def command(class_folder: Path, home: Path) -> Callable[..., int]:
    return lambda *words: main([words[0], "--home", str(home), "--course", str(class_folder), *words[1:]])


@pytest.fixture
def gradebook(class_folder: Path) -> Callable[[str], dict[str, Score]]:
    """The scores of one student, by the name of the check's cell."""
    return lambda student: {
        s.exercise: s for s in Gradebook(database_url(class_folder, class_folder)).scores() if s.student == student
    }


def total(found: dict[str, Score]) -> float:
    return sum(score.points for score in found.values())


def test_right_wrong_and_unsolved_notebooks_get_their_points(
    course: Course, put: Put, release: Maker, solved: Maker, command: Callable[..., int], gradebook: Callable[..., Any]
) -> None:
    wrong = {e.id: next(entry for entry in load_bank(e.id) if not entry.right) for e in course.exercises}
    for lesson in course.lessons:
        put("ada", lesson, solved(lesson))
        put("bert", lesson, hand_in(release(lesson), lesson, {i: entry.code for i, entry in wrong.items()}))
        put("emil", lesson, release(lesson))
    assert command("grade") == OK
    assert total(gradebook("ada")) == sum(exercise.points for exercise in course.exercises)
    assert total(gradebook("emil")) == 0
    found = gradebook("bert")
    for exercise in course.exercises:
        most = wrong[exercise.id].at_most
        assert most is not None
        assert 0 <= found[exercise.check_cell].points <= most, wrong[exercise.id].name


def test_broken_submissions_are_repaired_or_quarantined_and_the_batch_goes_on(
    course: Course,
    put: Put,
    solved: Maker,
    command: Callable[..., int],
    gradebook: Callable[..., Any],
    class_folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lesson = course.lesson("02_validation")
    checks = [exercise.check_cell for exercise in lesson.exercises]
    put("a not json", lesson, b"<html>")
    put("b renamed", lesson, solved(lesson), name="validation (1).ipynb")
    put("c deleted", lesson, without_cells(solved(lesson), *checks))
    (class_folder / "submitted" / "d nothing" / lesson.folder).mkdir(parents=True)
    put("e, with a comma", lesson, solved(lesson))
    linked = put("f link", lesson, b"").with_name(lesson.path.name)
    linked.unlink()
    linked.symlink_to(class_folder / "gradebook.db")
    put("g right", lesson, solved(lesson))
    (put("h time", lesson, solved(lesson)).parent / "timestamp.txt").write_text("yesterday", encoding="utf-8")
    assert command("grade") == ATTENTION
    printed = capsys.readouterr().out
    assert "8 submissions, 5 graded, 3 quarantined, 0 failed" in printed
    for line in (
        "it is not JSON",
        "The file was called validation (1).ipynb",
        "No notebook was handed in",
        "is a link",
    ):
        assert line in printed
    for student in ("b renamed", "c deleted", "e, with a comma", "g right", "h time"):
        assert total(gradebook(student)) == lesson.points, student
    for student in ("a not json", "d nothing", "f link"):
        assert total(gradebook(student)) == 0
        assert all(score.needs_manual_grade for score in gradebook(student).values()), student
        # formgrader lists only what has a notebook here.
        shown = json.loads((class_folder / "autograded" / student / lesson.path).read_text(encoding="utf-8"))
        assert "Not graded" in shown["cells"][0]["source"]


def test_a_resubmission_without_its_checks_does_not_keep_its_old_score(
    course: Course, put: Put, solved: Maker, release: Maker, command: Callable[..., int], gradebook: Callable[..., Any]
) -> None:
    lesson = course.lesson("02_validation")
    put("ada", lesson, solved(lesson))
    assert command("grade") == OK
    assert total(gradebook("ada")) == lesson.points
    put("ada", lesson, without_cells(release(lesson), *(e.check_cell for e in lesson.exercises)))
    assert command("grade") == OK
    assert total(gradebook("ada")) == 0


def test_unchanged_submissions_are_not_run_again(
    course: Course, put: Put, solved: Maker, command: Callable[..., int], class_folder: Path
) -> None:
    lesson = course.lesson("02_validation")
    path = put("ada", lesson, solved(lesson))
    seconds = []
    for words in (["grade"], ["grade"], ["grade", "--force"]):
        assert command(*words) == OK
        record = RecordStore(class_folder).read(lesson.folder, "ada")
        assert record is not None
        assert record.state is State.GRADED
        seconds.append(record.seconds)
    assert seconds[0] == seconds[1] != seconds[2]
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert command("grade") == OK
    changed = RecordStore(class_folder).read(lesson.folder, "ada")
    assert changed is not None
    assert changed.seconds != seconds[2]


def test_a_cell_that_ends_the_process_costs_nobody_else(
    course: Course, put: Put, solved: Maker, command: Callable[..., int], gradebook: Callable[..., Any]
) -> None:
    lesson = course.lesson("02_validation")
    notebook = solved(lesson)
    notebook["cells"].insert(1, {"cell_type": "code", "metadata": {}, "source": "import os\nos._exit(0)"})
    put("ada", lesson, notebook)
    assert command("grade") == OK
    assert total(gradebook("ada")) == lesson.points


STATEFUL = {
    "fails on the second call": "if len(_calls) > 1:\n        raise RuntimeError('once only')",
    "ends the process on the second call": "if len(_calls) > 1:\n        import os\n        os._exit(1)",
    "spoils what the second call needs": "import pandas\n    if len(_calls) > 1:\n        pandas.DataFrame = None",
}


@pytest.mark.parametrize("then", STATEFUL.values(), ids=STATEFUL)
def test_one_check_cannot_spoil_another(
    then: str,
    course: Course,
    put: Put,
    solved: Maker,
    command: Callable[..., int],
    class_folder: Path,
) -> None:
    lesson = course.lesson("10_metrics")
    exercise = lesson.exercises[1]
    notebook = solved(lesson)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == exercise.answer_cell:
            cell["source"] += (
                f"\n_right, _calls = {exercise.answer}, []\n"
                f"def {exercise.answer}(*args, **kwargs):\n    _calls.append(1)\n    {then}\n"
                "    return _right(*args, **kwargs)\n"
            )
    put("ada", lesson, notebook)
    assert command("grade") == OK
    record = RecordStore(class_folder).read(lesson.folder, "ada")
    assert record is not None
    verdict = next(verdict for verdict in record.verdicts if verdict.exercise == exercise.id)
    assert verdict.points == exercise.points, [o for o in verdict.outcomes if not o.points]


def test_what_was_kept_in_memory_does_not_outlive_a_run(
    course: Course,
    put: Put,
    right_answers: dict[str, str],
    release: Maker,
    command: Callable[..., int],
    class_folder: Path,
) -> None:
    """A load that remembers in a variable what it has loaded is not idempotent: the next run is another process."""
    lesson = course.lesson("09_idempotency")
    loads = """
import uuid
_loaded = set()

def load_events(batch, lake):
    new = batch[~batch["event_id"].isin(_loaded)]
    _loaded.update(new["event_id"])
    for day, rows in new.groupby(new["timestamp"].dt.strftime("%Y-%m-%d")):
        (lake / f"date={day}").mkdir(exist_ok=True)
        rows.to_parquet(lake / f"date={day}" / f"{uuid.uuid4().hex}.parquet")
"""
    put("ada", lesson, hand_in(release(lesson), lesson, right_answers | {"idempotency.load": loads}))
    assert command("grade") == OK
    record = RecordStore(class_folder).read(lesson.folder, "ada")
    assert record is not None
    outcomes = {o.check: o for verdict in record.verdicts for o in verdict.outcomes}
    assert outcomes["stores_every_event"].points
    assert not outcomes["survives_a_rerun"].points


def test_warnings_logging_and_output_cost_no_points(
    course: Course, put: Put, solved: Maker, command: Callable[..., int], gradebook: Callable[..., Any]
) -> None:
    lesson = course.lesson("02_validation")
    notebook, exercise = solved(lesson), lesson.exercises[1]
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == exercise.answer_cell:
            cell["source"] += (
                f"\nimport logging, sys, warnings\n_quiet = {exercise.answer}\n"
                f"def {exercise.answer}(*args, **kwargs):\n"
                "    warnings.warn('look here')\n    logging.warning('and here')\n    print('out', file=sys.stderr)\n"
                "    return _quiet(*args, **kwargs)\n"
            )
    put("ada", lesson, notebook)
    assert command("grade") == OK
    assert total(gradebook("ada")) == lesson.points


def test_a_later_cell_that_redefines_a_helper_does_not_change_an_earlier_answer(
    course: Course, put: Put, solved: Maker, command: Callable[..., int], gradebook: Callable[..., Any]
) -> None:
    lesson = course.lesson("02_validation")
    notebook = solved(lesson)
    names = ", ".join(exercise.answer for exercise in lesson.exercises)
    notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": f"del {names}"})
    put("ada", lesson, notebook)
    assert command("grade") == OK
    assert total(gradebook("ada")) == lesson.points


def test_feedback_and_export_show_what_was_graded(
    course: Course,
    put: Put,
    solved: Maker,
    command: Callable[..., int],
    class_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lesson = course.lesson("02_validation")
    put('<b>eve, "x"', lesson, solved(lesson))
    assert command("grade") == OK
    assert command("feedback") == OK
    (page,) = (class_folder / "feedback").glob("*/*/*.html")
    html = page.read_text(encoding="utf-8")
    assert "<b>eve" not in html
    assert "&lt;b&gt;eve" in html
    assert f"{lesson.points:g} of {lesson.points:g} points" in html
    assert command("export", "--to", str(tmp_path / "scores.csv")) == OK
    import csv

    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["student"] for row in rows} == {'<b>eve, "x"'}
    assert sum(float(row["points"]) for row in rows) == lesson.points
    capsys.readouterr()
    assert command("export", "--json") == OK
    assert len(json.loads(capsys.readouterr().out)) == len(rows)


def test_feedback_before_grading_says_what_to_do(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("feedback") == FAILED
    assert "Run `autograder grade` first" in capsys.readouterr().err


def test_formgrader_takes_them_for_graded(
    course: Course, put: Put, solved: Maker, command: Callable[..., int], class_folder: Path, home: Path
) -> None:
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    from autograder.settings import settings

    lesson = course.lesson("02_validation")
    put("ada", lesson, solved(lesson))
    (put("bert", lesson, solved(lesson)).parent / "timestamp.txt").write_text(
        "2024-02-01 10:00:00 UTC", encoding="utf-8"
    )
    assert command("grade") == OK
    config = settings(home, class_folder)
    config.CourseDirectory.assignment_id = lesson.folder
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    assert api.get_autograded_students(lesson.folder) == {"ada", "bert"}
    assert {s["student"]: s["autograded"] for s in api.get_submissions(lesson.folder)} == {"ada": True, "bert": True}
