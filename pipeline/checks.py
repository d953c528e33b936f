"""Step 6: post-load checks. Read back what was stored and reconcile it with the source.

The rules and sums are written here once more, in another way: checks that call the code they check repeat its mistakes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data_generators import SCHEMAS, Column, World

from .extract import CATEGORIES, EVENT_TYPES, KEYS, as_schema
from .features import AGE_EDGES, AGE_GROUPS, FEATURES
from .lake import read_table


@dataclass(frozen=True)
class CheckResult:
    """What one check compared, what had to come out, and what came out."""

    name: str
    passed: bool
    expected: object
    got: object


def post_load_checks(lake: Path, received: World, *, as_of: pd.Timestamp) -> list[CheckResult]:
    """The results of all checks on what the run of `as_of` stored; what is wrong there is a result, not an exception.

    Of `received` only the three tables are read, never the truth. Where a stored table has not the columns, dtypes
    and nulls of its schema, the checks that would read those columns are left out.
    """
    source = {"users": received.users, "products": received.products, "events": received.events}
    valid = {table: _stored(lake, "validated", table, as_of) for table in source}
    results = [_equal(f"{t}: columns not as in the schema", set(), _off_schema(valid[t], SCHEMAS[t])) for t in source]
    if not all(result.passed for result in results):
        return results
    valid["events"] = valid["events"][valid["events"]["timestamp"] <= as_of]  # newer days are another run's
    products = as_schema(received.products, "products")
    known: dict[str, Iterable[object]] = {
        "event_type": EVENT_TYPES,
        "user_id": valid["users"]["user_id"],
        "product_id": products["product_id"],
    }
    for table, frame in source.items():
        quarantined, duplicates = (_stored(lake, layer, table, as_of) for layer in ("quarantine", "duplicates"))
        results += _check_table(table, [frame, valid[table], quarantined, duplicates], known, as_of)
    features = _stored(lake, "features", "users", as_of)
    return results + _check_features(features, valid["users"], valid["events"], as_of)


def _check_table(
    table: str, frames: Sequence[pd.DataFrame], known: Mapping[str, Iterable[object]], as_of: pd.Timestamp
) -> list[CheckResult]:
    """Nothing lost, nothing twice, nothing kept that breaks a rule, nothing set aside that breaks none.

    frames: the received rows, then the valid, the quarantined and the duplicate ones.
    """
    rows = [as_schema(frame, table) for frame in frames]
    keys = [frame[KEYS[table]] for frame in rows]
    sound = [_sound(frame, table, known, as_of) for frame in rows]
    conflict = frames[2]["reasons"] == "conflict"
    needless = sound[2] & ~(conflict & keys[2].where(conflict).duplicated(keep=False))
    results = [
        _equal(f"{table}: rows received == valid + quarantined + duplicates", len(rows[0]), sum(map(len, rows[1:]))),
        _none(f"{table}: keys received that are neither valid nor quarantined", ~keys[0].isin(pd.concat(keys[1:3]))),
        _none(f"{table}: valid keys that occur twice", keys[1].duplicated()),
        _none(f"{table}: valid rows that break a rule", ~sound[1]),
        _none(f"{table}: quarantined rows that break no rule", needless),
    ]
    if table == "events":
        # what is added up over all rows has to come out again, whichever way a row went
        money = [round(float(frame["amount"].sum()), 2) for frame in rows]
        seconds = [int((as_of - frame["timestamp"]).dt.total_seconds().round().sum()) for frame in rows]
        settled = rows[0][sound[0] & ~keys[0].isin(keys[2][conflict])]
        results += [
            _equal("events: EUR received == valid + quarantined + duplicates", money[0], round(sum(money[1:]), 2)),
            _equal("events: seconds before as_of, likewise", seconds[0], sum(seconds[1:])),
            _equal("events: newest event", str(settled["timestamp"].max()), str(rows[1]["timestamp"].max())),
        ]
    return results


def _sound(
    rows: pd.DataFrame, table: str, known: Mapping[str, Iterable[object]], as_of: pd.Timestamp
) -> pd.Series[bool]:
    """True where a row keeps the rules of step 2, whichever place it was put in."""
    sound = rows[[column.name for column in SCHEMAS[table] if not column.nullable]].notna().all(axis=1)
    if table == "users":
        return sound & rows["age"].between(0, 120)
    if table == "products":
        return sound & rows["category"].isin(CATEGORIES) & (rows["price"] >= 0) & (rows["stock_count"] >= 0)
    for column, values in known.items():
        sound &= rows[column].isin(values)
    priced = (rows["amount"] > 0).where(rows["event_type"] == "purchase", rows["amount"] == 0)
    return sound & priced & (rows["timestamp"] <= as_of)


def _check_features(
    features: pd.DataFrame, users: pd.DataFrame, events: pd.DataFrame, as_of: pd.Timestamp
) -> list[CheckResult]:
    """Every feature of every user, against the validated tables."""
    schema = _equal("features: columns not as in the schema", set(), _off_schema(features, FEATURES))
    if not schema.passed:
        return [schema]
    users = users[users["signup_date"] < as_of].drop_duplicates("user_id").set_index("user_id")
    events = events[events["timestamp"] < as_of].sort_values("timestamp")
    events = events.assign(day=events["timestamp"].dt.date)
    of_type = {kind: events[events["event_type"] == kind] for kind in EVENT_TYPES}
    foreign = features["user_id"].duplicated() | ~features["user_id"].isin(users.index)
    eur = [round(float(amounts.sum()), 2) for amounts in (of_type["purchase"]["amount"], features["total_spend"])]
    results = [
        schema,
        _equal("features: users", len(users), len(features)),
        _none("features: users that are unknown or occur twice", foreign),
        _equal("features: events == validated events before as_of", len(events), int(features["total_events"].sum())),
        _equal("features: EUR == validated purchases before as_of", *eur),
    ]

    # count again: rows per user, after leaving out what is not to be counted
    counted = {
        "total_events": events,
        "total_purchases": of_type["purchase"],
        "total_views": of_type["view"],
        "total_cart_adds": of_type["add_to_cart"],
        "num_categories": events.drop_duplicates(["user_id", "product_category"]),
        "days_active": events.drop_duplicates(["user_id", "day"]),
    }
    again = pd.DataFrame({name: rows["user_id"].value_counts() for name, rows in counted.items()}, index=users.index)
    again["total_spend"] = of_type["purchase"].groupby("user_id")["amount"].sum()
    again = again.fillna(0)
    for name, top, bottom in (
        ("avg_spend", "total_spend", "total_purchases"),
        ("purchase_rate", "total_purchases", "total_events"),
        ("purchases_per_cart_add", "total_purchases", "total_cart_adds"),
    ):
        again[name] = again[top] / again[bottom].where(again[bottom] > 0)
    again["first_event"] = events.drop_duplicates("user_id").set_index("user_id")["timestamp"]
    again["last_event"] = events.drop_duplicates("user_id", keep="last").set_index("user_id")["timestamp"]
    again["has_events"] = again["total_events"] > 0
    again["age_group"] = np.array(AGE_GROUPS)[np.searchsorted(AGE_EDGES, users["age"], side="right") - 1]
    again["has_email"] = users["email"].notna()
    again["account_age_days"] = (as_of - users["signup_date"]).dt.total_seconds() // 86_400
    again = again.assign(age=users["age"], country=users["country"].fillna("Unknown"), as_of=as_of)
    again["subscription_tier"] = users["subscription_tier"]

    stored = features[~foreign].set_index("user_id").reindex(users.index)
    different = {name: _differ(again[name], stored[name]) for name in stored}
    return results + [_none(f"features: users with another {name}", users) for name, users in different.items()]


def _stored(lake: Path, layer: str, table: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """What the run of `as_of` left there: no rows, if nothing is there."""
    schema = FEATURES if layer == "features" else SCHEMAS[table]
    nothing = pd.DataFrame({column.name: pd.Series(dtype=column.dtype) for column in schema})
    try:
        frame = read_table(lake, layer, table, date=None if (layer, table) == ("validated", "events") else as_of)
    except FileNotFoundError:
        frame = nothing
    if layer in ("quarantine", "duplicates"):
        frame = frame.reindex(columns=[*dict.fromkeys([*frame, *nothing, "reasons"])])
    return frame


def _off_schema(frame: pd.DataFrame, schema: tuple[Column, ...]) -> set[str]:
    off = {*frame} ^ {column.name for column in schema}
    for column in (column for column in schema if column.name in frame):
        values = frame[column.name]
        if str(values.dtype) != column.dtype or (values.hasnans and not column.nullable):
            off.add(column.name)
    return off


def _differ(ours: pd.Series, theirs: pd.Series) -> pd.Series[bool]:
    same = (ours - theirs).abs() < 1e-6 if theirs.dtype == "float64" else ours == theirs
    return ~(same | (ours.isna() & theirs.isna()))


def _equal(name: str, expected: object, got: object) -> CheckResult:
    return CheckResult(name, expected == got, expected, got)


def _none(name: str, found: pd.Series[bool]) -> CheckResult:
    return _equal(name, 0, int(found.sum()))
