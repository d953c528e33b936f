"""All faults at once: each as often as asked, no row twice, and truth complete and exact."""

from __future__ import annotations

import pandas as pd
import pytest

from data_generators import FAULTS, SCHEMAS, _tables, make_world

BY_ROW = [name for name in FAULTS if name != "events.schema_drift"]


@pytest.mark.parametrize("seed", range(5))
def test_every_fault_at_once(seed: int) -> None:
    world = make_world(seed, users=60, events=200, products=60, faults=dict.fromkeys(BY_ROW, 5))
    assert world.truth["fault"].value_counts().to_dict() == dict.fromkeys(BY_ROW, 5)
    assert not world.truth.duplicated(["table", "key"]).any()  # so not even an original and its copy
    assert not world.truth.duplicated(["table", "row"]).any()


def test_truth_is_sorted_and_typed() -> None:
    truth = make_world(1, users=60, events=200, products=60, faults=dict.fromkeys(BY_ROW, 2)).truth
    assert truth["table"].unique().tolist() == ["users", "events", "products"]
    assert truth.groupby("table")["row"].is_monotonic_increasing.all()
    assert {name: str(dtype) for name, dtype in truth.dtypes.items()} == {c.name: c.dtype for c in SCHEMAS["truth"]}
    assert (truth["fault"].map({name: fault.column for name, fault in FAULTS.items()}) == truth["column"]).all()


def test_every_row_faulty() -> None:
    faults = {"users.age_text": 10, "events.late": 10, "products.stock_negative": 0.5, "products.price_text": 0.5}
    world = make_world(1, users=10, events=10, products=10, faults=faults)
    assert world.truth["row"].tolist() == [*range(10)] * 3


def test_counts_are_exact_over_many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tables, "BLOCK_ROWS", 50)
    faults = {"events.late": 0.05, "events.duplicate_newer": 13, "events.amount_text": 3, "events.out_of_order": 41}
    truth = make_world(1, users=10, events=1_001, products=10, faults=faults).truth
    assert truth["fault"].value_counts().to_dict() == {**faults, "events.late": 50}
    assert truth["row"].is_monotonic_increasing


def test_corrections_and_late_events_are_told_apart_by_a_day() -> None:
    faults = {"events.duplicate_newer": 50, "events.late": 50, "events.out_of_order": 50}
    world = make_world(1, users=10, events=1_000, products=10, faults=faults)
    rows = {fault: truth["row"].tolist() for fault, truth in world.truth.groupby("fault")}
    delay = world.events["ingested_at"] - world.events["timestamp"]
    assert delay.index[delay >= pd.Timedelta(days=1)].tolist() == rows["events.late"]
    assert (
        delay.index[delay.between(pd.Timedelta(seconds=301), pd.Timedelta(hours=24), inclusive="left")]
        .isin(rows["events.duplicate_newer"])
        .all()
    )
    behind = world.events["ingested_at"] < world.events["ingested_at"].cummax()
    assert behind.index[behind].tolist() == rows["events.out_of_order"]


def test_drift_comes_on_top_of_other_faults() -> None:
    faults = {"events.amount_missing": 10, "events.amount_text": 10, "events.amount_negative": 10}
    clean, drifted = (
        make_world(1, users=10, events=300, products=10, faults=f)
        for f in (faults, {**faults, "events.schema_drift": 17})
    )
    events = drifted.events
    amount = events["amount"].where(events["amount"].notna(), events["amount_eur"])
    pd.testing.assert_series_equal(amount, clean.events["amount"])
    assert not (events["amount"].notna() & events["amount_eur"].notna()).any()
    others = drifted.truth[drifted.truth["fault"] != "events.schema_drift"].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, clean.truth)


def test_a_world_without_faults_has_an_empty_truth() -> None:
    world = make_world(1, users=10, events=10, products=10, faults={"events.late": 0, "users.age_text": 0.0})
    assert world.truth.empty
    assert list(world.truth.columns) == [column.name for column in SCHEMAS["truth"]]
    assert str(world.events["amount"].dtype) == "float64"
    assert str(world.users["age"].dtype) == "int64"


@pytest.mark.parametrize("seed", range(20))
def test_money_faults_fit_into_worlds_with_few_purchases(seed: int) -> None:
    faults = {f"events.{name}": 4 for name in ("amount_missing", "amount_negative", "amount_text", "duplicate_newer")}
    world = make_world(seed, users=5, events=17, products=5, faults=faults)
    rows = world.events.iloc[world.truth["row"]]
    assert rows["event_type"].eq("purchase").all()
    assert len(world.truth) == 16
