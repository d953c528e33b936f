"""The checks of lesson 10: whatever comes back breaks none of them, and a report may say it in its own words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.bank import defined, load_bank
from autograder.checking import Status, Verdict, judge
from autograder.course import load_course
from autograder.given.metrics import deduplicate, enrich, validate
from autograder.seam import LocalAnswer
from autograder.worlds import PUBLIC_SEED, Worlds
from data_generators import make_world

COURSE = load_course()
WORLDS = Worlds(PUBLIC_SEED)


def verdict(exercise_id: str, answer: Callable[..., Any]) -> Verdict:
    return judge(COURSE.exercise(exercise_id), LocalAnswer(answer), WORLDS, shrink=False)


def reference(exercise_id: str) -> Callable[..., Any]:
    return defined(COURSE.exercise(exercise_id), next(e.code for e in load_bank(exercise_id) if e.right))


FRAME = pd.DataFrame({"a": [1, None], "b": ["x", None]})
NONSENSE = [
    None,
    True,
    0,
    -1,
    2**62,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "12",
    "closes\n" * 50_000,
    "9" * 400 + ".5e999",
    "\ud800 \u0663 \x1c none",
    b"bytes",
    [],
    [1, [2, [3]]],
    [["validate", 1], ["enrich"]],
    [{}, {}],
    (),
    (1, 2, 3),
    {},
    {None: None, 1: 2, (1, 2): 3},
    {"validate": None, "deduplicate": "1", "enrich": [1]},
    {"validate": float("nan"), "deduplicate": float("inf"), "enrich": -1},
    {"validate": True, "deduplicate": pd.NaT, "enrich": {}},
    {"unknown_event_type": 2**62, "amount_negative": None},
    {1, 2},
    np.arange(3),
    np.datetime64("2024-01-01"),
    np.float32(1.5),
    pd.NA,
    pd.NaT,
    pd.Timestamp("2024-01-01", tz="Europe/Berlin"),
    pd.Series([1, 2], index=["a", "b"]),
    pd.Series(["x", None]),
    FRAME,
    FRAME.iloc[:0],
    FRAME.iloc[:, :0],
    dt.date(2024, 1, 1),
    dt.timedelta(days=1),
    1 + 2j,
    object(),
    print,
]


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: repr(value)[:20])
def test_nonsense_as_a_metric_never_breaks_a_check(value: Any) -> None:
    answer = reference("metrics.pipeline_metrics")
    names = answer(*batch()).keys()
    found = verdict("metrics.pipeline_metrics", lambda *args: dict.fromkeys(names, value))
    assert not found.broken, [o.rationale for o in found.outcomes]
    assert found.points <= 1


@pytest.mark.parametrize("name", ["quarantined_by_reason", "seconds", "purchase_rate", "rows_out"])
def test_nonsense_in_one_metric_costs_no_more_than_its_checks(name: str) -> None:
    answer = reference("metrics.pipeline_metrics")
    for value in ("12", float("nan"), {"validate": "x", "deduplicate": [], "enrich": {}}, FRAME):
        found = verdict("metrics.pipeline_metrics", lambda *args, value=value: {**answer(*args), name: value})
        assert not found.broken, [o.rationale for o in found.outcomes]
        assert 4.5 <= found.points < 6


def batch() -> tuple[pd.DataFrame, pd.DataFrame]:
    faults = {"events.amount_negative": 2, "events.duplicate_newer": 3, "events.unknown_product": 4}
    world = make_world(1, users=10, events=100, products=10, faults=faults)
    return world.events, world.products


def test_the_given_stages_keep_every_row_but_for_the_one_that_loses_some() -> None:
    events, products = batch()
    valid, quarantined = validate(events)
    unique, duplicates = deduplicate(valid)
    assert (len(events), len(quarantined), len(duplicates)) == (103, 2, 3)
    assert set(quarantined["reasons"]) == {"amount_negative;purchase_not_paid"}
    assert len(unique) + len(duplicates) == len(valid) == len(events) - len(quarantined)
    assert len(enrich(unique, products)) == len(unique) - 4
    newest = valid.groupby("event_id")["ingested_at"].max()
    assert unique.set_index("event_id")["ingested_at"].sort_index().equals(newest.sort_index())


def test_the_given_stages_take_an_empty_batch() -> None:
    events, products = batch()
    valid, quarantined = validate(events.head(0))
    unique, duplicates = deduplicate(valid)
    assert [len(f) for f in (valid, quarantined, unique, duplicates, enrich(unique, products))] == [0] * 5
    assert "reasons" in quarantined


def told(**changes: Any) -> Callable[..., str]:
    """A right report, with other sentences about the identity."""
    answer = reference("metrics.report")

    def report(metrics: dict[str, Any]) -> str:
        *lines, _ = answer(metrics).split("\n")
        sentence = changes["open"] if metrics["unaccounted"] else changes["closed"]
        return "\n".join([*lines, sentence.format(n=metrics["unaccounted"])])

    return report


@pytest.mark.parametrize(
    ("closed", "still_open"),
    [
        ("closes", "does not close: {n}"),
        ("The identity closes: no row is missing.", "THE IDENTITY DOES NOT CLOSE ({n} rows)"),
        ("closed", "not closed, {n}"),
        ("closes: True", "closes: False ({n})"),
        ("identity closes ... yes", "identity closes ... no ({n})"),
        ("Does the identity close? yes", "Does the identity close? no, {n} rows differ"),
        ("It closes, so all rows are accounted for", "It doesn't close; not all rows are accounted for: {n}"),
        ("closes. All checks passed: yes", "does not close: {n}. All checks passed: no"),
        ("closes (success)", "does **not** close (no success): {n}"),
        ("✔ closes", "✘ does not close, {n}"),
        ("the counts close", "the counts don\u2019t close by {n}"),
        ("The identity closes, no rows are lost", "The identity fails to close, {n} rows"),
    ],
)
def test_a_report_says_it_in_its_own_words(closed: str, still_open: str) -> None:
    found = verdict("metrics.report", told(closed=closed, open=still_open))
    assert found.points == found.max_points, [o for o in found.outcomes if o.status is not Status.PASSED]


@pytest.mark.parametrize(
    "still_open",
    [
        "does not close",
        "closes",
        "closes: {n}",
        "{n} rows are missing",
        "Status: OK. It does not close: {n}",
        "All rows accounted for. It does not close: {n}",
        "The identity closes.\nIt does not close: {n}",
    ],
)
def test_a_report_that_hides_a_gap_is_refused(still_open: str) -> None:
    found = verdict("metrics.report", told(closed="closes", open=still_open))
    assert found.outcomes[4].status is Status.INCORRECT
    assert found.points == 1.5


@pytest.mark.parametrize(
    ("unknown", "zero"),
    [
        ("unknown (no rows out)", "0 % \u2014 no rows were purchases"),
        ("\u2014", "0.000"),
        ("n/a", "0.0%"),
        ("not defined", "0"),
    ],
)
def test_a_report_tells_unknown_from_zero_in_its_own_way(unknown: str, zero: str) -> None:
    answer = reference("metrics.report")

    def report(metrics: dict[str, Any]) -> str:
        rate = metrics["purchase_rate"]
        said = unknown if rate is None else zero if rate == 0 else f"{rate:.3f}"
        lines = [line for line in answer(metrics).split("\n") if "rate" not in line]
        return "\n".join([f"Purchase rate: {said}", *lines])

    found = verdict("metrics.report", report)
    assert found.points == found.max_points, [o for o in found.outcomes if o.status is not Status.PASSED]
