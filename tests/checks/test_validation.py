"""The checks of lesson 02: every right answer earns every point, every mistake fails the check that names it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.bank import load_bank
from autograder.checking import Status, Verdict, judge
from autograder.course import load_course
from autograder.seam import LocalAnswer
from autograder.worlds import PUBLIC_SEED, Worlds

FUNCTIONS = ("validation.events", "validation.products", "validation.deduplicate")
EXERCISES = ("validation.recap", *FUNCTIONS)
BANK = {name: load_bank(name) for name in EXERCISES}
ENTRIES = [pytest.param(name, entry, id=f"{name}: {entry.name}") for name in EXERCISES for entry in BANK[name]]
SEEDS = (PUBLIC_SEED, 0, 7)
WORLDS = {seed: Worlds(seed) for seed in SEEDS}


def submitted(exercise_id: str, code: str) -> Callable[..., Any]:
    """What a notebook would hand to `check` after a cell with this code."""
    cell: dict[str, Any] = {}
    exec(compile(code, "<cell>", "exec"), cell)
    answer = cell[load_course().exercise(exercise_id).answer]
    return answer if callable(answer) else lambda: answer


def verdict(exercise_id: str, answer: Callable[..., Any], seed: int = PUBLIC_SEED) -> Verdict:
    return judge(load_course().exercise(exercise_id), LocalAnswer(answer), WORLDS[seed], shrink=False)


def statuses(found: Verdict) -> set[Status]:
    return {outcome.status for outcome in found.outcomes}


@pytest.mark.parametrize("exercise_id", FUNCTIONS)
def test_a_vectorised_answer_is_checked_in_well_under_a_second(exercise_id: str) -> None:
    answer = submitted(exercise_id, BANK[exercise_id][0].code)
    verdict(exercise_id, answer)  # makes the worlds
    start = time.process_time()
    verdict(exercise_id, answer)
    assert time.process_time() - start < 1


GARBAGE = [
    None,
    0,
    2**62,
    10**30,
    1.5,
    float("nan"),
    float("inf"),
    True,
    "now",
    "\ud800",
    "9" * 400,
    b"bytes",
    [1, [2]],
    {"a": 1},
    pd.NaT,
    pd.NA,
    np.int8(3),
    pd.Timestamp.max,
    pd.Timestamp.min,
    dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=14))),
    dt.datetime(9999, 12, 31, tzinfo=dt.timezone(-dt.timedelta(hours=14))),
    dt.date(2024, 1, 1),
    dt.timedelta(1),
    "0001-01-01T00:00:00+14:00",
]


@pytest.mark.parametrize("value", GARBAGE, ids=lambda value: str(type(value).__name__))
@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_no_returned_value_breaks_a_check(exercise_id: str, value: Any) -> None:
    found = verdict(exercise_id, lambda *args: value)
    assert Status.HARNESS_ERROR not in statuses(found)
    assert found.points == 0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("exercise_id", FUNCTIONS)
def test_no_damaged_table_breaks_a_check(exercise_id: str) -> None:
    right = submitted(exercise_id, BANK[exercise_id][0].code)
    rng = np.random.default_rng(5)

    def damaged(table: pd.DataFrame) -> Any:
        column = str(rng.choice(table.columns))
        match rng.integers(8):
            case 0:
                cells = [GARBAGE[i] for i in rng.integers(len(GARBAGE), size=len(table))]
                return table.assign(**{column: pd.Series(cells, index=table.index, dtype=object)})
            case 1:
                return table.drop(columns=column)
            case 2:
                return table.assign(**{column: None})
            case 3:
                return table.astype(str)
            case 4:
                return table.iloc[:0]
            case 5:
                return pd.concat([table, table]).to_dict("records")
            case 6:
                return table.rename(columns={column: 1}).sample(frac=0.5, random_state=1)
        return table

    for _ in range(12):
        calls = 0

        def answer(*args: Any) -> Any:
            nonlocal calls
            calls += 1
            tables = right(*args)
            return tables if calls == 1 else tuple(damaged(table) for table in tables)

        found = verdict(exercise_id, answer)
        assert not found.broken, [outcome.rationale for outcome in found.outcomes]


def test_one_mistake_keeps_the_points_for_the_rest() -> None:
    """Missing amounts that pass as valid cost half a point of five, not every check with a bad row in it."""
    entry = next(entry for entry in BANK["validation.events"] if entry.name == "a missing amount passes as valid")
    assert verdict("validation.events", submitted("validation.events", entry.code)).points == 4.5


def test_a_failing_check_shows_the_rows_that_show_it() -> None:
    entry = next(entry for entry in BANK["validation.events"] if entry.name == "text passes after coercion")
    found = verdict("validation.events", submitted("validation.events", entry.code))
    outcome = next(outcome for outcome in found.outcomes if outcome.check == "text_amounts_are_found")
    assert outcome.rationale == "4 rows that break a rule are among the valid ones."
    assert outcome.expected == "in quarantine, with amount_not_a_number"
    assert outcome.got.startswith("valid: E")
    (evidence,) = outcome.evidence
    assert evidence.columns == ["event_id", "event_type", "amount", "reasons"]
    assert {row[2] for row in evidence.rows} == {"abc", "'12..5'", "?", "ten EUR"}
