"""The default world has the documented sizes and rates."""

from __future__ import annotations

import pandas as pd
import pytest

from data_generators import World, make_world


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(42)


def test_sizes(world: World) -> None:
    assert (len(world.users), len(world.events), len(world.products)) == (10_000, 50_200, 100)


def test_faults_of_users(world: World) -> None:
    users = world.users
    assert users["email"].isna().sum() == 500
    assert users["country"].isna().sum() == 1_000
    assert users["age"].eq(-1).sum() == 50
    assert users["age"].eq(150).sum() == 30
    assert users["age"].between(18, 79).sum() == 9_920


def test_copies_of_events(world: World) -> None:
    assert world.events.duplicated().sum() == 200
    assert world.events["event_id"].duplicated().sum() == 200
    assert world.events["event_id"].nunique() == 50_000


def test_no_other_faults(world: World) -> None:
    assert world.truth["fault"].value_counts().to_dict() == {
        "users.missing_country": 1_000,
        "users.missing_email": 500,
        "users.age_negative": 50,
        "users.age_too_high": 30,
        "events.duplicate_exact": 200,
    }


def test_period(world: World) -> None:
    assert world.start == pd.Timestamp("2024-01-01", tz="UTC")
    assert world.as_of == pd.Timestamp("2024-02-05", tz="UTC")
    for column in ("timestamp", "ingested_at"):
        assert world.events[column].between(world.start, world.as_of, inclusive="left").all()
    assert world.events["timestamp"].dt.date.nunique() == 35
    assert world.events["ingested_at"].is_monotonic_increasing
    delay = (world.events["ingested_at"] - world.events["timestamp"]).dt.total_seconds()
    assert delay.between(1, 300).all()
    assert world.users["signup_date"].dt.year.value_counts(normalize=True).between(0.23, 0.27).all()


def test_shares(world: World) -> None:
    def shares(column: pd.Series[str]) -> dict[str, float]:
        return column.value_counts(normalize=True).to_dict()

    assert shares(world.events["event_type"]) == pytest.approx(
        {"purchase": 0.1, "view": 0.4, "add_to_cart": 0.2, "search": 0.2, "review": 0.1}, abs=0.01
    )
    assert shares(world.users["subscription_tier"]) == pytest.approx(
        {"free": 0.6, "basic": 0.25, "premium": 0.15}, abs=0.02
    )
    assert shares(world.users["country"]) == pytest.approx(
        {"US": 6 / 18, "UK": 3 / 18, "DE": 2 / 18, "FR": 2 / 18, "JP": 2 / 18, "IN": 3 / 18}, abs=0.02
    )
    assert set(world.events["product_category"]) == {"electronics", "clothing", "food", "books", "sports"}


def test_every_event_has_its_user_and_its_product(world: World) -> None:
    assert world.events["user_id"].isin(world.users["user_id"]).all()
    merged = world.events.merge(world.products, on="product_id", how="left", validate="m:1")
    assert (merged["product_category"] == merged["category"]).all()


def test_some_users_have_no_events(world: World) -> None:
    assert 0 < 10_000 - world.events["user_id"].nunique() < 150


def test_identities(world: World) -> None:
    assert world.users["user_id"].tolist() == list(range(1, 10_001))
    assert world.users["name"].iloc[16] == "User_17"
    assert world.users["email"].dropna().is_unique
    assert world.products["product_id"].iloc[[0, 99]].tolist() == ["P0001", "P0100"]
    assert world.events["event_id"].min() == "E00000001"
    assert world.events["event_id"].max() == "E00050000"
