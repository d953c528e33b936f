"""Every exercise of the course: right answers earn every point, mistakes fail the checks that name them."""

from __future__ import annotations

import datetime as dt
import zlib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.bank import Entry, defined, load_bank
from autograder.checking import Status, Verdict, checks_of, judge
from autograder.course import load_course
from autograder.seam import LocalAnswer
from autograder.worlds import PUBLIC_SEED, Worlds

COURSE = load_course()
EXERCISES = [exercise.id for exercise in COURSE.exercises]
FUNCTIONS = [exercise.id for exercise in COURSE.exercises if exercise.kind == "function"]
ENTRIES = [pytest.param(name, entry, id=f"{name}: {entry.name}") for name in EXERCISES for entry in load_bank(name)]
SEEDS = (PUBLIC_SEED, 1, 2**127 + 7)

pytestmark = pytest.mark.filterwarnings("ignore")  # submissions warn as they like


@cache
def worlds(seed: int) -> Worlds:
    return Worlds(seed)


def verdict(exercise_id: str, answer: Any, seed: int = PUBLIC_SEED) -> Verdict:
    exercise = COURSE.exercise(exercise_id)
    return judge(exercise, LocalAnswer(answer, exercise.answer), worlds(seed), shrink=False)


@pytest.mark.parametrize(("exercise_id", "entry"), ENTRIES)
def test_the_bank_is_judged_as_it_says(exercise_id: str, entry: Entry) -> None:
    seed = SEEDS[zlib.crc32(entry.name.encode()) % len(SEEDS)]  # one for each entry; together they cover all
    found = verdict(exercise_id, defined(COURSE.exercise(exercise_id), entry.code), seed)
    failing = {o.check: f"{o.rationale} {o.got}" for o in found.outcomes if o.status is not Status.PASSED}
    assert not found.broken, failing
    if entry.right:
        assert failing == {}
        assert found.points == found.max_points
    else:
        assert entry.at_most is not None
        assert set(entry.fails) <= set(failing), failing
        assert found.points <= entry.at_most, failing


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_no_seed_refuses_a_right_answer(exercise_id: str) -> None:
    right = next(entry for entry in load_bank(exercise_id) if entry.right)
    for seed in range(1000, 1005):
        found = judge(
            COURSE.exercise(exercise_id), LocalAnswer(defined(COURSE.exercise(exercise_id), right.code)), Worlds(seed)
        )
        assert found.points == found.max_points, (seed, [o for o in found.outcomes if o.status is not Status.PASSED])


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_points_sentences_and_hints(exercise_id: str) -> None:
    exercise = COURSE.exercise(exercise_id)
    checks = checks_of(exercise)
    assert sum(one.points for one in checks) == exercise.points
    assert all(len(one.hints) >= 3 for one in checks)
    assert all(one.sentence.endswith((".", "?")) for one in checks)


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_every_check_is_failed_by_some_entry_and_no_other_is_named(exercise_id: str) -> None:
    named = {name for entry in load_bank(exercise_id) for name in entry.fails}
    assert named == {one.name for one in checks_of(COURSE.exercise(exercise_id))}


@pytest.mark.parametrize("exercise_id", FUNCTIONS)
def test_there_are_right_answers_in_several_styles_and_many_mistakes(exercise_id: str) -> None:
    bank = load_bank(exercise_id)
    assert sum(entry.right for entry in bank) >= 3
    assert sum(not entry.right for entry in bank) >= 8


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_a_stub_counts_as_not_attempted(exercise_id: str) -> None:
    def stub(*args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("Replace this line with your code")

    assert {o.status for o in verdict(exercise_id, stub).outcomes} == {Status.NOT_ATTEMPTED}


FRAME = pd.DataFrame({"a": [1, None], "b": ["x", None]})
NONSENSE: list[Any] = [
    *(None, True, 0, -1, 2**62, 10**30, -0.0, 1e308, float("nan"), float("inf"), Decimal(1), 1 + 2j),
    *("", "12", "closes\n" * 50_000, "9" * 400 + ".5e999", "\ud800 \u0663 \x1c none", b"bytes", Path("x")),
    *([], [1, [2, [3]]], [{}, {}], [{"event_id": "E1"}], (), (1, 2), (1, 2, 3), {}, {None: None, 1: 2}, {1, 2}),
    *((FRAME, FRAME), (None, None), [FRAME, FRAME, FRAME], {"a": FRAME}),
    *(np.arange(3), np.datetime64("2024-01-01"), np.float32(1.5), pd.NA, pd.NaT),
    *(pd.Timestamp("2024-01-01", tz="Europe/Berlin"), dt.date(2024, 1, 1), dt.timedelta(days=1)),
    *(pd.Series([1, 2], index=["a", "b"]), pd.Series(["x", None]), pd.Index([1])),
    *(FRAME, FRAME.iloc[:0], FRAME.iloc[:, :0], pd.DataFrame({"event_id": [["a"], {}]}, dtype=object)),
    *(object(), print, iter([1]), range(3), Exception()),
]


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_no_returned_value_breaks_a_check_or_earns_much(exercise_id: str) -> None:
    for value in NONSENSE:
        found = verdict(exercise_id, lambda *args, value=value, **kwargs: value)
        assert not found.broken, (repr(value)[:80], [o.rationale for o in found.outcomes])
        assert found.points <= 0.3 * found.max_points, (repr(value)[:80], found.points)


CELLS: list[Any] = [
    *(None, float("nan"), pd.NaT, True, -1, 2**62, 1e308, float("inf"), "", "E00000001", " 12.5", "2024-13-45", "NaT"),
    *([], ["E00000001"], {"a": [1]}, dt.datetime(2024, 1, 1), dt.date(2024, 1, 1), dt.timedelta(1)),
]


@pytest.mark.parametrize("exercise_id", FUNCTIONS)
def test_no_cell_of_a_returned_table_breaks_a_check(exercise_id: str) -> None:
    right = defined(COURSE.exercise(exercise_id), next(entry.code for entry in load_bank(exercise_id) if entry.right))
    for number, cell in enumerate(CELLS):
        found = verdict(exercise_id, lambda *a, n=number, c=cell, **k: spoilt(right(*a, **k), n, c))
        assert not found.broken, (repr(cell), [o.rationale for o in found.outcomes])


def spoilt(value: Any, number: int, cell: Any) -> Any:
    """The value with one column of each table in it, or one value of a dict, replaced by this cell."""
    if isinstance(value, pd.DataFrame) and len(value.columns):
        name = value.columns[number % len(value.columns)]
        return value.assign(**{name: pd.Series([cell] * len(value), index=value.index, dtype=object)})
    if isinstance(value, tuple | list):
        return type(value)(spoilt(part, number, cell) for part in value)
    if isinstance(value, dict) and value:
        return {**value, list(value)[number % len(value)]: cell}
    return value
