"""Step 2: which row goes where, and why."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pandas as pd
import pytest

from data_generators import (
    FAULTS,
    SCHEMAS,
    World,
    make_world,
    serve_events,
    write_products_csv,
    write_products_jsonl,
    write_users_sqlite,
)
from pipeline import Extract, extract_events, extract_products, extract_users

AS_OF = pd.Timestamp("2024-02-05", tz="UTC")
KEYS = {"users": "user_id", "events": "event_id", "products": "product_id"}


@cache
def extracts(world: World) -> dict[str, Extract]:
    users = extract_users(world.users)
    events = extract_events(world.events, users.valid, as_of=world.as_of, products=world.products)
    return {"users": users, "events": events, "products": extract_products(world.products)}


def one_event(**changes: object) -> pd.DataFrame:
    event = {
        "event_id": "E1",
        "user_id": 1,
        "event_type": "purchase",
        "product_id": "P1",
        "product_category": "books",
        "amount": 9.99,
        "timestamp": pd.Timestamp("2024-01-15 14:30", tz="UTC"),
        "ingested_at": pd.Timestamp("2024-01-15 14:31", tz="UTC"),
    }
    return pd.DataFrame([event | changes])


def one_user(**changes: object) -> pd.DataFrame:
    user = {
        "user_id": 1,
        "name": "Ada",
        "email": None,
        "age": 36,
        "country": None,
        "signup_date": pd.Timestamp("2021-05-01", tz="UTC"),
        "subscription_tier": "free",
    }
    return pd.DataFrame([user | changes])


def events_of(*frames: pd.DataFrame) -> Extract:
    return extract_events(pd.concat(frames), pd.DataFrame({"user_id": [1]}), as_of=AS_OF)


# --- the default world


def test_default_world_has_the_expected_figures(world: World) -> None:
    users = extract_users(world.users)
    assert (len(users.valid), len(users.quarantined), len(users.duplicates)) == (9_920, 80, 0)
    assert set(users.quarantined["reasons"]) == {"age_out_of_range"}

    events = extract_events(world.events, users.valid, as_of=world.as_of)
    assert set(events.quarantined["reasons"]) == {"unknown_user"}  # the events of the 80
    assert len(events.valid) + len(events.quarantined) == 50_000
    assert len(events.duplicates) == 200

    products = extract_products(world.products)
    assert (len(products.valid), len(products.quarantined), len(products.duplicates)) == (100, 0, 0)


@pytest.mark.parametrize("table", ["users", "events", "products"])
def test_valid_rows_follow_the_schema(world: World, table: str) -> None:
    valid = extracts(world)[table].valid
    assert {name: str(dtype) for name, dtype in valid.dtypes.items()} == {c.name: c.dtype for c in SCHEMAS[table]}
    required = [column.name for column in SCHEMAS[table] if not column.nullable]
    assert valid[required].notna().all(axis=None)
    assert valid.index.equals(pd.RangeIndex(len(valid)))


def test_input_is_left_alone_and_its_index_does_not_matter(world: World) -> None:
    received = world.users.sample(frac=1, random_state=1)
    before = received.copy()
    shuffled = extract_users(received)
    pd.testing.assert_frame_equal(received, before)
    plain = extract_users(world.users)
    pd.testing.assert_frame_equal(
        shuffled.valid.sort_values("user_id", ignore_index=True), plain.valid.sort_values("user_id", ignore_index=True)
    )


# --- every fault of the catalogue, by itself

REASONS = {
    "users.missing_user_id": "missing_user_id",
    "users.missing_age": "missing_age",
    "users.age_negative": "age_out_of_range",
    "users.age_too_high": "age_out_of_range",
    "users.age_text": "unreadable_age",
    "events.missing_user_id": "missing_user_id",
    "events.unknown_user": "unknown_user",
    "events.unknown_product": "unknown_product",
    "events.amount_missing": "missing_amount",
    "events.amount_negative": "amount_negative",
    "events.amount_text": "unreadable_amount",
    "events.unknown_event_type": "unknown_event_type",
    "events.future_timestamp": "future_timestamp",
    "products.missing_product_id": "missing_product_id",
    "products.price_negative": "price_negative",
    "products.price_missing": "missing_price",
    "products.price_text": "unreadable_price",
    "products.stock_negative": "stock_negative",
}
CONFLICTS = {"events.duplicate_conflict", "products.duplicate_conflict"}
COPIES = {"events.duplicate_exact", "events.messy_event_id", "products.duplicate_exact"}
HARMLESS = {
    "users.messy_country",
    "events.messy_event_type",
    "events.late",
    "events.out_of_order",
    "events.mixed_offsets",
    "events.schema_drift",
    "products.messy_category",
}
ALLOWED = {"users.missing_email", "users.missing_country"}


@cache
def small(*faults: str, seed: int = 3) -> World:
    return make_world(seed, users=300, events=2_000, products=40, days=7, faults=dict.fromkeys(faults, 4))


def test_every_fault_of_the_catalogue_is_tested_below() -> None:
    assert REASONS.keys() | CONFLICTS | COPIES | HARMLESS | ALLOWED | {"events.duplicate_newer"} == FAULTS.keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_no_row_is_lost_and_no_row_is_twice(fault: str) -> None:
    world = small(fault)
    for table, extract in extracts(world).items():
        received = getattr(world, table)
        assert len(received) == len(extract.valid) + len(extract.quarantined) + len(extract.duplicates)
        assert extract.valid[KEYS[table]].is_unique
        assert list(extract.quarantined) == [*received, "reasons"]
        assert list(extract.duplicates) == list(received)


@pytest.mark.parametrize(("fault", "reason"), REASONS.items())
def test_faulty_rows_are_quarantined_as_received_with_their_reason(fault: str, reason: str) -> None:
    world = small(fault)
    table = fault.partition(".")[0]
    quarantined = extracts(world)[table].quarantined
    planted = getattr(world, table).loc[world.truth["row"]].reset_index(drop=True)
    of_reason = quarantined[quarantined["reasons"] == reason].drop(columns="reasons").reset_index(drop=True)
    pd.testing.assert_frame_equal(of_reason, planted)


@pytest.mark.parametrize("fault", sorted(ALLOWED))
def test_what_may_be_missing_is_not_quarantined(fault: str) -> None:
    users = extract_users(small(fault).users)
    assert users.quarantined.empty
    assert users.valid[FAULTS[fault].column].isna().sum() == 4


@pytest.mark.parametrize("fault", sorted(HARMLESS | COPIES))
def test_what_can_be_repaired_gives_the_rows_of_the_clean_world(fault: str) -> None:
    table = fault.partition(".")[0]
    repaired, clean = (extracts(world)[table] for world in (small(fault), small()))
    assert repaired.quarantined.empty
    assert len(repaired.duplicates) == (4 if fault in COPIES else 0)
    # arriving late is not a fault to repair, it only has to do no harm
    moved = ["timestamp", "ingested_at"] if fault == "events.late" else []
    got, wanted = (e.valid.drop(columns=moved).sort_values(KEYS[table], ignore_index=True) for e in (repaired, clean))
    pd.testing.assert_frame_equal(got, wanted)


@pytest.mark.parametrize("fault", sorted(CONFLICTS))
def test_copies_that_contradict_each_other_are_all_quarantined(fault: str) -> None:
    world = small(fault)
    table = fault.partition(".")[0]
    extract = extracts(world)[table]
    assert extract.duplicates.empty
    assert set(extract.quarantined["reasons"]) == {"conflict"}
    # the copy that the truth names, and its original
    received = getattr(world, table)
    copies = received.loc[world.truth["row"], KEYS[table]]
    assert sorted(extract.quarantined[KEYS[table]]) == sorted([*copies, *copies])


def test_a_newer_correction_supersedes_the_older_row() -> None:
    world = small("events.duplicate_newer")
    events = extracts(world)["events"]
    corrections = world.events.loc[world.truth["row"]].set_index("event_id")
    assert events.quarantined.empty
    assert sorted(events.duplicates["event_id"]) == sorted(corrections.index)
    kept = events.valid.set_index("event_id").loc[corrections.index]
    pd.testing.assert_series_equal(kept["amount"], corrections["amount"])
    pd.testing.assert_series_equal(kept["ingested_at"], corrections["ingested_at"])


def test_money_and_keys_are_conserved_when_every_fault_is_there() -> None:
    world = make_world(5, users=500, events=4_000, products=60, faults=dict.fromkeys(FAULTS, 3))
    events = extracts(world)["events"]
    amounts = [
        pd.to_numeric(part.get("amount_eur", part["amount"]).fillna(part["amount"]), errors="coerce").sum()
        for part in (world.events, events.valid, events.quarantined, events.duplicates)
    ]
    assert amounts[0] == pytest.approx(sum(amounts[1:]))


# --- what comes out of a database, an API and files, with fewer types than the frames had


def test_users_from_a_database(tmp_path: Path) -> None:
    world = small(*(name for name in FAULTS if name.startswith("users.")))
    write_users_sqlite(world.users, tmp_path / "users.db")
    with closing(sqlite3.connect(tmp_path / "users.db")) as database:
        users = extract_users(pd.read_sql("SELECT * FROM users", database))
    direct = extracts(world)["users"]
    pd.testing.assert_frame_equal(users.valid, direct.valid)
    assert users.quarantined["reasons"].tolist() == direct.quarantined["reasons"].tolist()


def test_events_from_an_api() -> None:
    world = small(*(name for name in FAULTS if name.startswith("events.")))
    records, cursor = [], "0"
    with serve_events(world.events) as url:
        while cursor is not None:
            with urlopen(f"{url}?cursor={cursor}") as answer:
                page = json.load(answer)
            records, cursor = records + page["events"], page["next_cursor"]
    events = extract_events(
        pd.DataFrame(records), extracts(world)["users"].valid, as_of=world.as_of, products=world.products
    )
    direct = extracts(world)["events"]
    pd.testing.assert_frame_equal(events.valid, direct.valid)
    assert events.quarantined["reasons"].tolist() == direct.quarantined["reasons"].tolist()


def test_products_from_files(tmp_path: Path) -> None:
    world = small(*(name for name in FAULTS if name.startswith("products.")))
    write_products_csv(world.products, tmp_path / "products.csv")
    write_products_jsonl(world.products, tmp_path / "products.jsonl")
    for received in (
        pd.read_csv(tmp_path / "products.csv", encoding="utf-8"),
        pd.read_json(tmp_path / "products.jsonl", lines=True),
    ):
        products, direct = extract_products(received), extracts(world)["products"]
        pd.testing.assert_frame_equal(products.valid, direct.valid)
        assert len(products.quarantined) == len(direct.quarantined)


# --- single rules, on single rows


@pytest.mark.parametrize(
    ("age", "reasons"),
    [
        (0, None),
        (120, None),
        ("36", None),  # text that reads as a number is one: a CSV file has nothing else
        (36.0, None),
        (-1, "age_out_of_range"),
        (121, "age_out_of_range"),
        (None, "missing_age"),
        (np.nan, "missing_age"),
        ("abc", "unreadable_age"),
        ("nan", "unreadable_age"),
        (36.5, "unreadable_age"),
        (np.inf, "unreadable_age"),
        (True, "unreadable_age"),
    ],
)
def test_ages(age: object, reasons: str | None) -> None:
    received = one_user()
    received["age"] = pd.Series([age], dtype=object)
    users = extract_users(received)
    assert users.quarantined["reasons"].tolist() == ([reasons] if reasons else [])
    assert len(users.valid) == (not reasons)


def test_a_row_that_breaks_several_rules_is_quarantined_once_with_all_of_them() -> None:
    events = events_of(one_event(user_id=None, event_type="refund", amount=-1.0, timestamp=None))
    assert events.quarantined["reasons"].tolist() == [
        "missing_user_id;missing_timestamp;unknown_event_type;amount_negative"
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"event_type": "view"}, "amount_mismatch"),
        ({"amount": 0.0}, "amount_mismatch"),
        ({"event_id": "  "}, "missing_event_id"),
        ({"product_category": None}, "missing_product_category"),
        ({"timestamp": AS_OF + pd.Timedelta("1us")}, "future_timestamp"),
    ],
)
def test_event_rules(changes: dict[str, object], reason: str) -> None:
    assert events_of(one_event(**changes)).quarantined["reasons"].tolist() == [reason]


def test_an_event_at_the_very_end_of_the_period_is_not_in_the_future() -> None:
    assert len(events_of(one_event(timestamp=AS_OF)).valid) == 1


def test_the_order_of_arrival_in_the_file_does_not_decide_which_copy_is_newest() -> None:
    old, new = one_event(amount=1.0), one_event(amount=2.0, ingested_at=AS_OF)
    for frames in ([old, new], [new, old]):
        events = events_of(*frames)
        assert events.valid["amount"].tolist() == [2.0]
        assert events.duplicates["amount"].tolist() == [1.0]


def test_an_old_contradiction_is_settled_by_a_newer_row() -> None:
    events = events_of(one_event(amount=1.0), one_event(amount=2.0), one_event(amount=3.0, ingested_at=AS_OF))
    assert events.valid["amount"].tolist() == [3.0]
    assert events.duplicates["amount"].tolist() == [1.0, 2.0]


def test_an_exact_copy_is_a_duplicate_wherever_its_original_goes() -> None:
    torn = events_of(one_event(amount=1.0), one_event(amount=2.0), one_event(amount=2.0))
    assert torn.quarantined["reasons"].tolist() == ["conflict", "conflict"]
    assert torn.duplicates["amount"].tolist() == [2.0]
    orphans = events_of(one_event(user_id=9), one_event(user_id=9, event_id="e1"))
    assert orphans.quarantined["reasons"].tolist() == ["unknown_user"]
    assert len(orphans.duplicates) == 1


def test_two_unreadable_values_are_not_equal_for_that() -> None:
    events = events_of(one_event(amount="abc"), one_event(amount="xyz"))
    assert events.quarantined["reasons"].tolist() == ["unreadable_amount", "unreadable_amount"]


def test_a_row_that_breaks_a_rule_supersedes_nothing() -> None:
    events = events_of(one_event(), one_event(amount=-5.0, ingested_at=AS_OF))
    assert events.valid["amount"].tolist() == [9.99]
    assert events.quarantined["reasons"].tolist() == ["amount_negative"]


def test_keys_are_normalised_before_copies_are_looked_for() -> None:
    events = events_of(one_event(), one_event(event_id=" e1 "))
    assert events.valid["event_id"].tolist() == ["E1"]
    assert len(events.duplicates) == 1


def test_offsets_are_converted_and_not_cut_off() -> None:
    text = ["2024-01-15T23:30:00+01:00", "2024-01-15T14:30:00-08:00", "2024-01-15T22:30:00Z", "2024-01-15T22:30:00"]
    events = events_of(*(one_event(event_id=f"E{i}", timestamp=t) for i, t in enumerate(text)))
    assert set(events.valid["timestamp"]) == {pd.Timestamp("2024-01-15 22:30", tz="UTC")}


def test_users_with_the_same_id_and_other_values_are_in_conflict() -> None:
    users = extract_users(pd.concat([one_user(), one_user(), one_user(user_id=2), one_user(user_id=2, age=37)]))
    assert users.valid["user_id"].tolist() == [1]
    assert len(users.duplicates) == 1
    assert users.quarantined["reasons"].tolist() == ["conflict", "conflict"]


def test_no_rows_are_no_problem() -> None:
    events = events_of(one_event().iloc[:0])
    assert events.valid.empty and events.quarantined.empty and events.duplicates.empty
    assert list(events.quarantined)[-1] == "reasons"


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match=r"users: expected columns .* got none of \['age'\]"):
        extract_users(one_user().drop(columns="age"))


def test_a_column_that_arrives_only_under_its_new_name_is_read() -> None:
    events = events_of(one_event().rename(columns={"amount": "amount_eur"}))
    assert events.valid["amount"].tolist() == [9.99]
