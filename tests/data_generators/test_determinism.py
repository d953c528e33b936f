"""The same seed gives the same world: whole or in chunks, on every platform, whatever else is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from data_generators import FAULTS, World, _tables, iter_events, make_world

EVENT_FAULTS = {name: 0.02 for name, fault in FAULTS.items() if fault.table == "events"}
SIZES = {"users": 50, "events": 1_003, "products": 10}
TABLES = ("users", "events", "products", "truth")
# digests of make_world(42): what they are does not matter; that every platform and version gives them does
KNOWN = {
    "users": "a1477731d0bfba1d",
    "events": "30658e97dc1305ae",
    "products": "d4496cc979dc0cc6",
    "truth": "69ba89a32ecd51f7",
}


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tables, "BLOCK_ROWS", 97)  # so that a small world has many blocks


def digest(frame: pd.DataFrame) -> str:
    return hashlib.sha256(frame.to_csv(index=False, lineterminator="\n").encode()).hexdigest()[:16]


def test_same_seed_same_world() -> None:
    one, other = make_world(5, **SIZES, faults=EVENT_FAULTS), make_world(5, **SIZES, faults=EVENT_FAULTS)
    for table in TABLES:
        assert_frame_equal(getattr(one, table), getattr(other, table))


def test_other_seed_other_world() -> None:
    one, other = make_world(5), make_world(6)
    assert (one.users["age"] != other.users["age"]).mean() > 0.9
    assert (one.events["user_id"] != other.events["user_id"]).mean() > 0.9


def test_seeds_of_128_bits() -> None:
    assert digest(make_world(2**127, **SIZES).events) != digest(make_world(2**127 + 1, **SIZES).events)


def test_known_digests() -> None:
    world = make_world(42)
    assert {table: digest(getattr(world, table)) for table in TABLES} == KNOWN


@pytest.mark.parametrize("chunk_rows", [1, 7, 96, 97, 98, 500, 1_003, 5_000])
def test_chunks_add_up_to_the_world(small_blocks: None, chunk_rows: int) -> None:
    world = make_world(5, **SIZES, faults=EVENT_FAULTS)
    chunks = list(iter_events(5, **SIZES, faults=EVENT_FAULTS, chunk_rows=chunk_rows))
    assert {len(events) for events, _ in chunks[:-1]} <= {chunk_rows}
    assert 0 < len(chunks[-1][0]) <= chunk_rows
    assert_frame_equal(pd.concat([events for events, _ in chunks]), world.events)
    assert_frame_equal(pd.concat([truth for _, truth in chunks]), world.truth)  # only events have faults here
    for events, truth in chunks:
        assert truth["row"].isin(events.index).all()
        assert events.dtypes.equals(world.events.dtypes)


def test_default_blocks_and_chunks_disagree_in_size() -> None:
    events = 2 * _tables.BLOCK_ROWS + 1
    world = make_world(3, users=10, events=events, products=3)
    chunks = [chunk for chunk, _ in iter_events(3, users=10, events=events, products=3, chunk_rows=50_001)]
    assert_frame_equal(pd.concat(chunks), world.events)
    assert world.events["event_id"].nunique() == events


def test_chunks_come_one_by_one() -> None:
    first, _ = next(iter_events(3, events=10**10, chunk_rows=10))  # would never end if all were drawn at once
    assert first["event_id"].iloc[0] == "E000000000001"


@pytest.mark.parametrize(
    "other",
    [
        lambda: make_world(5, **{**SIZES, "users": 51}).products,
        lambda: make_world(5, **{**SIZES, "events": 999}).products,
        lambda: make_world(5, **SIZES, faults={"users.age_text": 0.5, "events.late": 0.5}).products,
    ],
)
def test_other_tables_do_not_move_the_products(other: Callable[[], pd.DataFrame]) -> None:
    assert_frame_equal(other(), make_world(5, **SIZES).products)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_changes_nothing_but_its_rows(fault: str) -> None:
    table = FAULTS[fault].table
    clean, faulty = (make_world(8, **SIZES, faults=faults) for faults in ({}, {fault: 3}))
    untouched = getattr(faulty, table).drop(index=planted(faulty, table))
    key = "event_id" if table == "events" else "name"
    expected = getattr(clean, table).set_index(key).loc[untouched[key]].reset_index()[list(getattr(clean, table))]
    got = untouched[list(expected)].reset_index(drop=True)
    if fault == "events.mixed_offsets":
        got["timestamp"] = pd.to_datetime(got["timestamp"], utc=True).astype(expected["timestamp"].dtype)
    assert_frame_equal(got, expected, check_dtype=False)


def planted(world: World, table: str) -> list[int]:
    return world.truth.loc[world.truth["table"] == table, "row"].tolist()
