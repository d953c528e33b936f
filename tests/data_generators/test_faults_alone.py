"""Each fault by itself: so many rows as asked, found by its own rule in exactly the rows that truth names."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from data_generators import FAULTS, World, make_world

Rule = Callable[[World, pd.DataFrame], pd.Series]
CLEAN_TYPES = ["purchase", "view", "add_to_cart", "search", "review"]
CLEAN_CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]
CLEAN_COUNTRIES = ["US", "UK", "DE", "FR", "JP", "IN"]


def is_text(cells: pd.Series) -> pd.Series:
    return cells.map(lambda cell: isinstance(cell, str))


def messy(cells: pd.Series, clean: list[str]) -> pd.Series:
    tidy = cells.str.strip().str.casefold().map({word.casefold(): word for word in clean})
    return tidy.notna() & (tidy != cells)


# what a reader who knows the fault would look for in the received table
RULES: dict[str, Rule] = {
    "users.missing_user_id": lambda w, t: t["user_id"].isna(),
    "users.missing_email": lambda w, t: t["email"].isna(),
    "users.missing_country": lambda w, t: t["country"].isna(),
    "users.missing_age": lambda w, t: t["age"].isna(),
    "users.age_negative": lambda w, t: t["age"].eq(-1),
    "users.age_too_high": lambda w, t: t["age"].eq(150),
    "users.age_text": lambda w, t: is_text(t["age"]),
    "users.messy_country": lambda w, t: messy(t["country"], CLEAN_COUNTRIES),
    "events.amount_missing": lambda w, t: t["amount"].isna() & t["event_type"].eq("purchase"),
    "events.amount_negative": lambda w, t: t["amount"].lt(0) & t["event_type"].eq("purchase"),
    "events.amount_text": lambda w, t: is_text(t["amount"]) & t["event_type"].eq("purchase"),
    "events.duplicate_newer": lambda w, t: t.duplicated(["event_id", "timestamp"]) & ~t.duplicated("ingested_at"),
    "events.duplicate_conflict": lambda w, t: t.duplicated(["event_id", "ingested_at"]) & ~t.duplicated(),
    "events.out_of_order": lambda w, t: t["ingested_at"].lt(t["ingested_at"].cummax()),
    "events.duplicate_exact": lambda w, t: t.duplicated(),
    "events.messy_event_id": lambda w, t: (
        t.assign(event_id=t["event_id"].str.strip().str.upper()).duplicated() & ~t["event_id"].str.match(r"^E\d{8}$")
    ),
    "events.missing_user_id": lambda w, t: t["user_id"].isna(),
    "events.unknown_user": lambda w, t: ~t["user_id"].isin(w.users["user_id"]),
    "events.unknown_product": lambda w, t: ~t["product_id"].isin(w.products["product_id"]),
    "events.messy_event_type": lambda w, t: messy(t["event_type"], CLEAN_TYPES),
    "events.unknown_event_type": lambda w, t: ~t["event_type"].isin(CLEAN_TYPES),
    "events.late": lambda w, t: (t["ingested_at"] - t["timestamp"]).dt.total_seconds().between(86_400, 5 * 86_400),
    "events.future_timestamp": lambda w, t: t["timestamp"].gt(w.as_of),
    "events.mixed_offsets": lambda w, t: ~t["timestamp"].str.endswith("+00:00"),
    "products.missing_product_id": lambda w, t: t["product_id"].isna(),
    "products.price_negative": lambda w, t: t["price"].lt(0),
    "products.price_missing": lambda w, t: t["price"].isna(),
    "products.price_text": lambda w, t: is_text(t["price"]),
    "products.stock_negative": lambda w, t: t["stock_count"].lt(0),
    "products.messy_category": lambda w, t: messy(t["category"], CLEAN_CATEGORIES),
    "products.duplicate_exact": lambda w, t: t.duplicated(),
    "products.duplicate_conflict": lambda w, t: t.duplicated(["product_id", "name"]) & ~t.duplicated(),
}
COPIES = {name for name in FAULTS if "duplicate" in name or name == "events.messy_event_id"}


def test_every_fault_has_a_rule_here() -> None:
    assert set(RULES) | {"events.schema_drift"} == set(FAULTS)


@pytest.mark.parametrize("fault", sorted(RULES))
def test_no_row_of_a_clean_world_looks_faulty(fault: str) -> None:
    world = make_world(11, users=100, events=400, products=60, faults={})
    table = getattr(world, FAULTS[fault].table)
    if fault == "events.mixed_offsets":
        assert str(table["timestamp"].dtype) == "datetime64[us, UTC]"
    else:
        assert not RULES[fault](world, table).any()


@pytest.mark.parametrize("seed", [0, 11])
@pytest.mark.parametrize("wanted", [1, 7, 0.1])
@pytest.mark.parametrize("fault", sorted(RULES))
def test_a_fault_is_where_truth_says(fault: str, wanted: float, seed: int) -> None:
    sizes = {"users": 100, "events": 400, "products": 60}
    world = make_world(seed, **sizes, faults={fault: wanted})
    name = FAULTS[fault].table
    table = getattr(world, name)
    count = wanted if isinstance(wanted, int) else round(wanted * sizes[name])

    assert set(world.truth["fault"]) == {fault}
    assert len(world.truth) == count
    assert len(table) == sizes[name] + count * (fault in COPIES)
    found = RULES[fault](world, table)
    assert table.index[found].tolist() == world.truth["row"].tolist()
    # the key is the row's clean identity
    identity = table["event_id"].str.strip().str.upper() if name == "events" else table["name"]
    assert identity.iloc[world.truth["row"]].tolist() == world.truth["key"].tolist()
    assert set(world.truth["column"]) == {FAULTS[fault].column}


def test_a_correction_changes_amount_and_arrival_only() -> None:
    world = make_world(11, users=100, events=400, products=60, faults={"events.duplicate_newer": 20})
    events = world.events
    newer = events.loc[world.truth["row"]]
    older = events.drop(index=newer.index).set_index("event_id").loc[newer["event_id"]].reset_index()
    newer = newer.reset_index(drop=True)
    same = ["event_id", "user_id", "event_type", "product_id", "product_category", "timestamp"]
    pd.testing.assert_frame_equal(newer[same], older[same])
    assert (newer["ingested_at"] > older["ingested_at"]).all()
    assert (newer["amount"] != older["amount"]).all()
    assert (newer["amount"] > older["amount"]).any()
    assert (newer["amount"] < older["amount"]).any()  # neither the larger nor the smaller amount is always right
    assert newer["event_type"].eq("purchase").all()
    assert newer["ingested_at"].lt(world.as_of).all()
    assert events["ingested_at"].is_monotonic_increasing


def test_a_conflict_differs_in_amount_only() -> None:
    world = make_world(11, users=100, events=400, products=60, faults={"events.duplicate_conflict": 20})
    pairs = world.events[world.events["event_id"].isin(world.truth["key"])].groupby("event_id")
    assert pairs.size().eq(2).all()
    assert pairs["amount"].nunique().eq(2).all()
    assert pairs[["ingested_at", "timestamp", "user_id", "product_id", "event_type"]].nunique().eq(1).all(axis=None)


def test_mixed_offsets_keep_the_instants() -> None:
    faults = {"events.mixed_offsets": 100}
    clean, mixed = (make_world(11, users=9, events=400, products=6, faults=f).events for f in ({}, faults))
    instants = pd.to_datetime(mixed["timestamp"], utc=True)
    assert (instants == clean["timestamp"]).all()
    assert mixed["timestamp"].str[-6:].nunique() == 5


@pytest.mark.parametrize(("wanted", "days"), [(1, 1), (7, 7), (0.2, 7), (35, 35), (1.0, 35), (0, 0)])
def test_schema_drift_takes_whole_days(wanted: float, days: int) -> None:
    faults = {"events.schema_drift": wanted}
    clean, drifted = (make_world(11, users=9, events=400, products=6, faults=f) for f in ({}, faults))
    events = drifted.events
    after = events["ingested_at"] >= drifted.as_of - pd.Timedelta(days=days)
    assert drifted.truth["row"].tolist() == events.index[after].tolist()
    assert ("amount_eur" in events.columns) == bool(days)
    if days:
        assert (events["amount"].isna() == after).all()
        assert (events["amount_eur"].notna() == after).all()
        events = events.assign(amount=events["amount"].fillna(events["amount_eur"])).drop(columns="amount_eur")
    pd.testing.assert_frame_equal(events, clean.events)


def test_out_of_order_events_keep_their_values() -> None:
    clean, shuffled = (
        make_world(11, users=9, events=400, products=6, faults=f).events for f in ({}, {"events.out_of_order": 399})
    )
    again = shuffled.sort_values("event_id", ignore_index=True)
    pd.testing.assert_frame_equal(again, clean)


def test_late_events_may_precede_the_period() -> None:
    world = make_world(11, users=9, events=400, products=6, faults={"events.late": 400})
    assert world.events["ingested_at"].between(world.start, world.as_of, inclusive="left").all()
    assert world.events["timestamp"].min() < world.start


def test_price_of_a_conflicting_product_differs() -> None:
    world = make_world(11, users=9, events=9, products=60, faults={"products.duplicate_conflict": 30})
    pairs = world.products[world.products["name"].isin(world.truth["key"])].groupby("name")
    assert pairs["price"].nunique().eq(2).all()
    assert pairs[["product_id", "category", "stock_count"]].nunique().eq(1).all(axis=None)
