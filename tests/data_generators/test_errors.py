"""What cannot be made is refused at once, with what was expected, what came and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_generators import FAULTS, iter_events, make_world

SMALL: dict[str, Any] = {"users": 10, "events": 10, "products": 10}


@pytest.mark.parametrize("make", [make_world, iter_events])
def test_an_unknown_fault_lists_the_names(make: Any) -> None:
    with pytest.raises(ValueError, match=r"unknown fault 'events\.lost'; the names are .*events\.late") as error:
        make(1, **SMALL, faults={"events.lost": 1})
    assert all(name in str(error.value) for name in FAULTS)


@pytest.mark.parametrize(
    ("fault", "value", "message"),
    [
        ("events.late", 11, "events.late: expected a count from 0 to 10, got 11"),
        ("events.late", -1, "events.late: expected a count from 0 to 10, got -1"),
        ("events.late", 1.5, "events.late: expected a rate from 0.0 to 1.0, got 1.5"),
        ("events.late", float("nan"), "expected a rate from 0.0 to 1.0, got nan"),
        ("events.schema_drift", 36, "events.schema_drift: expected a count from 0 to 35, got 36"),
    ],
)
def test_counts_and_rates_out_of_bounds(fault: str, value: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_world(1, **SMALL, faults={fault: value})


@pytest.mark.parametrize("value", [True, "5", None])
def test_a_fault_takes_a_number(value: Any) -> None:
    with pytest.raises(TypeError, match=r"events\.late: expected an int \(a count\) or a float \(a rate\), got"):
        make_world(1, **SMALL, faults={"events.late": value})


def test_more_faults_than_rows() -> None:
    with pytest.raises(ValueError, match="users: faults for 11 rows, but there are 10 and a row gets one at most"):
        make_world(1, **SMALL, faults={"users.missing_age": 6, "users.age_text": 5})


def test_not_every_event_can_be_overtaken() -> None:
    with pytest.raises(ValueError, match=r"events\.out_of_order: no event is left"):
        make_world(1, **SMALL, faults={"events.out_of_order": 10})


@pytest.mark.parametrize("argument", ["users", "events", "products", "days"])
def test_sizes_start_at_one(argument: str) -> None:
    with pytest.raises(ValueError, match=f"{argument}: expected at least 1, got 0"):
        make_world(1, **{**SMALL, argument: 0})


def test_a_negative_seed() -> None:
    with pytest.raises(ValueError, match="seed: expected 0 or more, got -1"):
        make_world(-1)


def test_too_many_events_for_the_days() -> None:
    with pytest.raises(ValueError, match="in 1 days is more than one in 4 microseconds"):
        iter_events(1, events=10**11, days=1)


def test_chunks_of_no_rows() -> None:
    with pytest.raises(ValueError, match="chunk_rows: expected at least 1, got 0"):
        iter_events(1, chunk_rows=0)


@pytest.mark.parametrize("start", ["2023-03-01", "2023-03-01T12:00", pd.Timestamp("2023-03-01T01:00", tz="Asia/Tokyo")])
def test_start_is_a_day_in_utc(start: Any) -> None:
    world = make_world(1, **SMALL, start=start, days=2)
    day = "2023-02-28" if isinstance(start, pd.Timestamp) else "2023-03-01"
    assert world.start == pd.Timestamp(day, tz="UTC")
    assert world.as_of - world.start == pd.Timedelta(days=2)
    assert world.users["signup_date"].max() < world.start


def test_the_smallest_worlds() -> None:
    world = make_world(1, users=1, events=1, products=1, days=1)
    assert (len(world.users), len(world.events), len(world.products)) == (1, 1, 1)
    for name in FAULTS:
        if name != "events.out_of_order":
            assert len(make_world(1, users=1, events=1, products=1, days=1, faults={name: 1}).truth) == 1


def test_numpy_numbers_are_numbers() -> None:
    faults = {"events.late": np.int64(3), "users.age_text": np.float64(0.5)}
    assert len(make_world(1, **SMALL, faults=faults).truth) == 8


def test_more_products_than_four_digits() -> None:
    world = make_world(1, users=1, events=9, products=10_000, faults={"events.unknown_product": 3})
    assert world.products["product_id"].iloc[0] == "P00000001"
    assert world.events["product_id"].str.fullmatch(r"P\d{8}").all()


def test_many_events_in_few_days_still_have_distinct_arrivals() -> None:
    events = make_world(1, users=9, events=100_000, products=3, days=1, faults={}).events
    assert events["ingested_at"].is_unique
    assert events["ingested_at"].is_monotonic_increasing
    assert (events["ingested_at"] - events["timestamp"]).dt.total_seconds().between(1, 300).all()
