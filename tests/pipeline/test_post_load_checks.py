"""Step 6: silent on sound runs, and a named check fails for each way in which a pipeline can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_generators import DEFAULT_FAULTS, FAULTS, World, make_world
from pipeline import (
    CheckResult,
    Extract,
    extract_events,
    extract_products,
    extract_users,
    load_features,
    load_quarantine,
    load_validated,
    post_load_checks,
    run,
    transform,
)

Frame = pd.DataFrame
HOURS = pd.Timedelta("8h")
SPEND = ["total_spend", "avg_spend"]


@dataclass(frozen=True)
class Planted:
    """A pipeline with one mistake: what it does to the extracts, to the events it transforms, to the features."""

    caught_by: str  # part of the name of a check that has to fail
    users: Callable[[Extract], Extract] = field(default=lambda extract: extract)
    events: Callable[[Extract], Extract] = field(default=lambda extract: extract)
    transformed: Callable[[Frame], Frame] = field(default=lambda events: events)
    features: Callable[[Frame], Frame] = field(default=lambda features: features)


def checked(world: World, lake: Path, planted: Planted) -> list[CheckResult]:
    """The results of step 6 after the other steps, with the mistake in them."""
    users = planted.users(extract_users(world.users))
    sound = extract_events(world.events, users.valid, as_of=world.as_of, products=world.products)
    events, products = planted.events(sound), extract_products(world.products)
    load_validated(users.valid, lake, "users", by=world.as_of)
    load_validated(products.valid, lake, "products", by=world.as_of)
    load_validated(events.valid, lake, "events", by="timestamp")
    for table, extract in {"users": users, "products": products, "events": events}.items():
        load_quarantine(extract, lake, table, date=world.as_of)
    features = transform(users.valid, planted.transformed(events.valid), as_of=world.as_of)
    load_features(planted.features(features), lake, as_of=world.as_of)
    return post_load_checks(lake, world, as_of=world.as_of)


def valid(change: Callable[[Frame], Frame]) -> Callable[[Extract], Extract]:
    return lambda extract: replace(extract, valid=change(extract.valid).reset_index(drop=True))


def times(columns: list[str], factor: float) -> Callable[[Frame], Frame]:
    return lambda frame: frame.assign(**{name: frame[name] * factor for name in columns})


def without_dedup(extract: Extract) -> Extract:
    everything = pd.concat([extract.valid, extract.duplicates], ignore_index=True)
    return replace(extract, valid=everything, duplicates=extract.duplicates.iloc[:0])


def every_copy_a_duplicate(extract: Extract) -> Extract:
    copied = extract.valid["event_id"].isin(extract.duplicates["event_id"])
    return Extract(extract.valid[~copied], extract.quarantined, pd.concat([extract.duplicates, extract.valid[copied]]))


def one_event_per_user(extract: Extract) -> Extract:
    first = ~extract.valid["user_id"].duplicated()
    return Extract(extract.valid[first], extract.quarantined, pd.concat([extract.duplicates, extract.valid[~first]]))


def accepted(age: int) -> Callable[[Extract], Extract]:
    """The rule that refuses this age is gone."""

    def change(extract: Extract) -> Extract:
        kept = extract.quarantined["age"] == age
        users = extract.quarantined[kept].drop(columns="reasons")
        return replace(extract, valid=pd.concat([extract.valid, users]), quarantined=extract.quarantined[~kept])

    return change


def refused(rule: Callable[[Frame], pd.Series]) -> Callable[[Extract], Extract]:
    """A rule too many: sound rows are quarantined too."""

    def change(extract: Extract) -> Extract:
        bad = rule(extract.valid)
        more = pd.concat([extract.quarantined, extract.valid[bad].assign(reasons="a_rule_too_many")])
        return replace(extract, valid=extract.valid[~bad], quarantined=more)

    return change


def no_quarantine(extract: Extract) -> Extract:
    return replace(extract, quarantined=extract.quarantined.iloc[:0])


def swapped(features: Frame) -> Frame:
    return features.assign(first_event=features["last_event"], last_event=features["first_event"])


def shifted(columns: list[str]) -> Callable[[Frame], Frame]:
    return lambda frame: frame.assign(**{name: frame[name] + HOURS for name in columns})


def spend_of_the_next_user(features: Frame) -> Frame:
    """Every total is right, and every user has another user's."""
    return features.assign(**{name: np.roll(features[name].to_numpy(), 1) for name in SPEND})


ROWS = "rows received == valid + quarantined + duplicates"
MISTAKES = {
    # the twelve that checks of ranges, nulls and uniqueness alone let through
    "no deduplication": Planted("events: valid keys that occur twice", events=without_dedup),
    "keep=False": Planted(
        f"events: {ROWS}",
        events=lambda e: replace(every_copy_a_duplicate(e), duplicates=e.duplicates),
    ),
    "deduplicated by user": Planted(f"events: {ROWS}", events=valid(lambda events: events.drop_duplicates("user_id"))),
    "half of the events lost": Planted(f"events: {ROWS}", events=valid(lambda events: events.iloc[::2])),
    "amounts times ten": Planted("events: EUR", events=valid(times(["amount"], 10))),
    "no upper bound of age": Planted("users: valid rows that break a rule", users=accepted(150)),
    "quarantine dropped": Planted(f"users: {ROWS}", users=no_quarantine),
    "too much quarantined": Planted(
        "users: quarantined rows that break no rule", users=refused(lambda users: users["country"].isna())
    ),
    "purchase_rate is 0": Planted("another purchase_rate", features=lambda f: f.assign(purchase_rate=0.0)),
    "first and last event swapped": Planted("another first_event", features=swapped),
    "times shifted by 8 hours": Planted("events: seconds before as_of", events=valid(shifted(["timestamp"]))),
    "country not filled": Planted(
        "features: columns not as in the schema",
        features=lambda f: f.assign(country=f["country"].replace("Unknown", None)),
    ),
    # the four that those do catch
    "no lower bound of age": Planted("users: valid rows that break a rule", users=accepted(-1)),
    "spend negative": Planted("another total_spend", features=times(SPEND, -1.0)),
    "users without events lost": Planted("features: users", features=lambda f: f[f["has_events"]]),
    "users doubled": Planted("features: users that are unknown", features=lambda f: pd.concat([f, f.iloc[:9]])),
}
VARIANTS = {
    "keep=False, called duplicates": Planted("events: keys received that are neither", events=every_copy_a_duplicate),
    "deduplicated by user, called duplicates": Planted(
        "events: keys received that are neither", events=one_event_per_user
    ),
    "half of the events not transformed": Planted("events == validated", transformed=lambda events: events.iloc[::2]),
    "the last days not transformed": Planted(
        "events == validated", transformed=lambda e: e[e["timestamp"] < pd.Timestamp("2024-01-05", tz="UTC")]
    ),
    "the last days lost": Planted(
        "events: newest event", events=valid(lambda e: e[e["timestamp"] < pd.Timestamp("2024-01-05", tz="UTC")])
    ),
    "amounts times ten in the features": Planted("EUR == validated purchases", features=times(SPEND, 10.0)),
    "times shifted in the features": Planted("another last_event", features=shifted(["first_event", "last_event"])),
    "all times shifted in the transform": Planted("another first_event", transformed=shifted(["timestamp"])),
    "events quarantined without need": Planted(
        "events: quarantined rows that break no rule", events=refused(lambda events: events["amount"] > 200)
    ),
    "sound events called conflicts": Planted(
        "events: quarantined rows that break no rule",
        events=lambda e: replace(
            e,
            valid=e.valid.iloc[9:],
            quarantined=pd.concat([e.quarantined, e.valid.iloc[:9].assign(reasons="conflict")]),
        ),
    ),
    "event quarantine dropped": Planted(f"events: {ROWS}", events=no_quarantine),
    "mean over all events": Planted(
        "another avg_spend", features=lambda f: f.assign(avg_spend=f["total_spend"] / f["total_events"])
    ),
    "unknown as 0": Planted(
        "another purchases_per_cart_add",
        features=lambda f: f.assign(purchases_per_cart_add=f["purchases_per_cart_add"].fillna(0)),
    ),
    "spend of another user": Planted("another total_spend", features=spend_of_the_next_user),
    "age groups closed on the wrong side": Planted(
        "another age_group",
        features=lambda f: f.assign(age_group=f["age_group"].mask(f["age"] == 26, "18-25")),
    ),
    "user ids lost": Planted(
        "features: columns", features=lambda f: f.assign(user_id=f["user_id"].where(f["user_id"] > 9))
    ),
    "personal data left in": Planted("features: columns", features=lambda f: f.assign(email="ada@example.com")),
    "yesterday's features": Planted(
        "another as_of", features=lambda f: f.assign(as_of=f["as_of"] - pd.Timedelta("1D"))
    ),
}


@pytest.fixture(scope="module")
def school() -> World:
    """The rates of the default world in a world of a week."""
    return make_world(42, users=1_000, events=5_000, days=7)


def failed(results: list[CheckResult]) -> list[str]:
    return [result.name for result in results if not result.passed]


@pytest.mark.parametrize("name", MISTAKES | VARIANTS)
def test_a_planted_mistake_is_caught(name: str, school: World, tmp_path: Path) -> None:
    planted = (MISTAKES | VARIANTS)[name]
    names = failed(checked(school, tmp_path, planted))
    assert any(planted.caught_by in name for name in names), names


def test_there_are_sixteen() -> None:
    assert len(MISTAKES) == 16


def test_without_a_mistake_nothing_fails(school: World, tmp_path: Path) -> None:
    assert failed(checked(school, tmp_path, Planted("nothing"))) == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("faults", [DEFAULT_FAULTS, {}, dict.fromkeys(FAULTS, 3)], ids=["default", "none", "all"])
def test_no_false_alarm_on_a_sound_run(seed: int, faults: dict[str, float], tmp_path: Path) -> None:
    world = make_world(seed, users=400, events=3_000, products=50, faults=faults, days=7)
    assert failed(run(world, tmp_path, as_of=world.as_of).checks) == []


@pytest.mark.parametrize("table", ["users", "events", "products"])
def test_no_false_alarm_when_half_of_a_table_is_faulty(table: str, tmp_path: Path) -> None:
    faults = {name: 0.05 for name in FAULTS if FAULTS[name].table == table}
    world = make_world(9, users=100, events=1_000, products=100, faults=faults, days=5)
    assert failed(run(world, tmp_path, as_of=world.as_of).checks) == []


def test_the_truth_is_not_needed(school: World, tmp_path: Path) -> None:
    run(school, tmp_path, as_of=school.as_of)
    assert failed(post_load_checks(tmp_path, replace(school, truth=school.truth.iloc[:0]), as_of=school.as_of)) == []


def test_an_empty_lake_is_a_result_and_not_an_exception(school: World, tmp_path: Path) -> None:
    names = failed(post_load_checks(tmp_path, school, as_of=school.as_of))
    assert {f"users: {ROWS}", f"products: {ROWS}", f"events: {ROWS}"} <= {*names}


def test_a_check_says_what_was_expected_and_what_came(school: World, tmp_path: Path) -> None:
    results = {r.name: r for r in checked(school, tmp_path, MISTAKES["quarantine dropped"])}
    rows = results[f"users: {ROWS}"]
    assert (rows.passed, rows.expected, rows.got) == (False, 1_000, 992)
    assert all(results[name].passed for name in results if name.startswith("products"))
