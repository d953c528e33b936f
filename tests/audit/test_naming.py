"""A failed check says which known mistake gives the same result; what passes is never named."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.bank import Entry, load_bank
from autograder.checking import Status
from autograder.cli import OK, main
from autograder.course import Course, CourseError, Lesson
from autograder.grading import naming
from autograder.grading.grade import Layout
from autograder.grading.records import Record, RecordStore
from autograder.grading.traces import digest
from autograder.submissions import hand_in

Maker = Callable[[Lesson], dict[str, Any]]
Put = Callable[..., Path]

FRAME = pd.DataFrame({"id": ["a", "b"], "n": [1, 2], "reasons": ["x;y", None]})
SAME = {
    "other order": FRAME.iloc[::-1][["reasons", "n", "id"]],
    "other index": FRAME.set_index(pd.Index([7, 9])),
    "other width": FRAME.astype({"n": "float32"}),
    "dicts": [{"n": 2.0, "id": "b", "reasons": np.nan}, {"id": "a", "n": np.int8(1), "reasons": ["y", "x"]}],
    "a category": FRAME.astype({"id": "category"}),
    "a decimal": FRAME.assign(n=[Decimal(1), Decimal(2)]),
    "the last digit": FRAME.assign(n=[1 + 1e-12, 2]),
}
OTHER = {
    "a row fewer": FRAME.iloc[:1],
    "a row twice": pd.concat([FRAME, FRAME.iloc[:1]]),
    "another cell": FRAME.assign(n=[1, 3]),
    "another column": FRAME.rename(columns={"n": "m"}),
    "two frames": (FRAME, FRAME),
    "nothing": None,
}


@pytest.mark.parametrize("value", SAME.values(), ids=SAME)
def test_equal_content_has_one_digest(value: Any) -> None:
    assert digest(value) == digest(FRAME)


@pytest.mark.parametrize("value", OTHER.values(), ids=OTHER)
def test_other_content_has_another(value: Any) -> None:
    assert digest(value) != digest(FRAME)


def test_times_and_days_are_read_as_what_they_are() -> None:
    moment = dt.datetime(2024, 1, 2, 3, tzinfo=dt.UTC)
    assert digest(pd.Timestamp("2024-01-02 03:00")) == digest(moment)
    assert digest(dt.date(2024, 1, 2)) == digest("2024-01-02")
    assert digest({"a": 1, "b": [2, 1]}) == digest({"b": [1.0, 2.0], "a": True + 0})
    assert digest((1, 2)) != digest((2, 1))


@pytest.fixture
def grade(course: Course, put: Put, release: Maker, class_folder: Path, home: Path) -> Callable[..., Record]:
    """The record of one learner who hands in this code for the exercise, with known mistakes named."""

    def graded(exercise_id: str, code: str) -> Record:
        lesson = next(lesson for lesson in course.lessons if course.exercise(exercise_id) in lesson.exercises)
        put("ada", lesson, hand_in(release(lesson), lesson, {exercise_id: code}))
        folders = ["--home", str(home), "--course", str(class_folder)]
        assert main(["grade", *folders]) == OK
        (record,) = naming.name_class(Layout(home, class_folder), course, RecordStore(class_folder).all())
        return record

    return graded


def wrong(exercise_id: str, number: int = 0) -> Entry:
    return [entry for entry in load_bank(exercise_id) if not entry.right][number]


def test_a_known_mistake_is_named_on_the_page_of_who_made_it(
    grade: Callable[..., Record], class_folder: Path, home: Path
) -> None:
    entry = wrong("validation.recap")
    record = grade("validation.recap", entry.code)
    (named,) = [o for verdict in record.verdicts for o in verdict.outcomes if o.mistake]
    assert named.check in entry.fails
    assert named.mistake == naming.sentence(entry)
    assert named.see == entry.see
    assert main(["feedback", "--home", str(home), "--course", str(class_folder)]) == OK
    (page,) = (class_folder / "feedback").glob("*/*/*.html")
    text = page.read_text(encoding="utf-8")
    assert "A known mistake gives just this result." in text
    assert f"Read again in the lesson: {entry.see}" in text


def test_the_same_mistake_in_other_words_is_named(grade: Callable[..., Record], course: Course) -> None:
    entry = wrong("sources.products")
    answer = course.exercise("sources.products").answer
    code = (
        f"{entry.code}\n_same = {answer}\n\n"
        f"def {answer}(*args, **kwargs):\n    return _same(*args, **kwargs).iloc[::-1]\n"
    )
    record = grade("sources.products", code)
    mistakes = {o.mistake for verdict in record.verdicts for o in verdict.outcomes if o.status is Status.INCORRECT}
    assert mistakes == {naming.sentence(entry)}


def test_a_mistake_of_ones_own_has_no_name(grade: Callable[..., Record], course: Course) -> None:
    answer = course.exercise("sources.products").answer
    own = "__import__('pandas').DataFrame({'nobody': ['expects this']})"
    record = grade("sources.products", f"def {answer}(*args, **kwargs):\n    return {own}\n")
    outcomes = [o for verdict in record.verdicts for o in verdict.outcomes]
    assert any(o.status is Status.INCORRECT for o in outcomes)
    assert not any(o.mistake for o in outcomes)


def test_naming_can_be_switched_off(grade: Callable[..., Record], class_folder: Path, home: Path) -> None:
    grade("validation.recap", wrong("validation.recap").code)
    folders = ["--home", str(home), "--course", str(class_folder)]
    assert main(["feedback", "--no-naming", *folders]) == OK
    (page,) = (class_folder / "feedback").glob("*/*/*.html")
    assert "A known mistake" not in page.read_text(encoding="utf-8")


def test_what_the_bank_gives_is_found_out_once_for_a_class(
    grade: Callable[..., Record], class_folder: Path, home: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = wrong("validation.recap")
    grade("validation.recap", entry.code)
    learnt: list[str] = []

    def learn(exercises: Any, *args: Any, **kwargs: Any) -> Any:
        learnt.extend(exercise.id for exercise in exercises)
        return iter(())

    monkeypatch.setattr(naming, "learn", learn)
    (record,) = naming.name_class(Layout(home, class_folder), course, RecordStore(class_folder).all())
    assert learnt == []
    assert naming.sentence(entry) in {o.mistake for v in record.verdicts for o in v.outcomes}
    next((class_folder / ".autograder" / "known").iterdir()).write_text("half a fi", encoding="utf-8")
    naming.name_class(Layout(home, class_folder), course, RecordStore(class_folder).all())
    assert learnt == ["validation.recap"]


def test_without_the_bank_nothing_is_named(grade: Callable[..., Record], monkeypatch: pytest.MonkeyPatch) -> None:
    entry = wrong("validation.recap")

    def missing(exercise_id: str) -> list[Entry]:
        raise CourseError("there is no bank")

    monkeypatch.setattr("autograder.bank.load_bank", missing)
    record = grade("validation.recap", entry.code)
    assert not any(o.mistake for verdict in record.verdicts for o in verdict.outcomes)


def test_a_learner_who_returns_very_much_costs_no_time(grade: Callable[..., Record], course: Course) -> None:
    answer = course.exercise("sources.products").answer
    start = time.monotonic()
    record = grade("sources.products", f"def {answer}(*args, **kwargs):\n    return ['x' * 50] * 150_000\n")
    assert not any(o.mistake for verdict in record.verdicts for o in verdict.outcomes)
    assert time.monotonic() - start < 60
