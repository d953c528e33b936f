"""Step 2: extract. Every received row ends in exactly one of three places: valid, quarantined, duplicates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_generators import SCHEMAS

KEYS = {"users": "user_id", "products": "product_id", "events": "event_id"}
NEWEST_BY = {"events": "ingested_at"}  # the other tables have no version: by their key, all copies are as new
EVENT_TYPES = ("purchase", "view", "add_to_cart", "search", "review")
CATEGORIES = ("electronics", "clothing", "food", "books", "sports")
UPPER_CASE = ("event_id", "product_id", "country")
LOWER_CASE = ("event_type", "product_category", "category", "subscription_tier")
RENAMED = {"amount": "amount_eur"}  # what the source calls a column since its schema drifted


@dataclass(frozen=True)
class Extract:
    """What became of the received rows: `len(received) == len(valid) + len(quarantined) + len(duplicates)`.

    valid: columns and dtypes of SCHEMAS, case and space standardised, one row per key, in received order.
    quarantined: the received columns, untouched, and `reasons` (str): every rule that the row breaks, joined by ";".
    duplicates: the received columns, untouched, of the copies that a newer or an equal row supersedes.

    Reasons: missing_<column>, unreadable_<column>, conflict, and the names of the rules below.
    """

    valid: pd.DataFrame
    quarantined: pd.DataFrame
    duplicates: pd.DataFrame


def extract_users(received: pd.DataFrame) -> Extract:
    """Users whose age is a whole number from 0 to 120 years; email and country may be missing.

    Two rows with one user_id and different values are both in conflict: nothing says which is newer.
    Raises ValueError if a column of SCHEMAS["users"] is missing.
    """
    return _extract(received, "users", lambda rows: {"age_out_of_range": (rows["age"] < 0) | (rows["age"] > 120)})


def extract_products(received: pd.DataFrame) -> Extract:
    """Products of a known category whose price (EUR) and stock are not negative; conflicts as for users.

    Raises ValueError if a column of SCHEMAS["products"] is missing.
    """
    return _extract(
        received,
        "products",
        lambda rows: {
            "unknown_category": rows["category"].notna() & ~rows["category"].isin(CATEGORIES),
            "price_negative": rows["price"] < 0,
            "stock_negative": rows["stock_count"] < 0,
        },
    )


def extract_events(
    received: pd.DataFrame, users: pd.DataFrame, *, as_of: pd.Timestamp, products: pd.DataFrame | None = None
) -> Extract:
    """Events up to `as_of` of valid `users` (and known `products`, if given), the newest copy of each event_id.

    Newest is by `ingested_at`; copies that arrived together with different values are all in conflict. A row that
    breaks a rule supersedes nothing. A timestamp without an offset is UTC; `amount_eur` stands in for `amount`.
    Raises ValueError if a column of SCHEMAS["events"] is missing.
    """

    def rules(rows: pd.DataFrame) -> dict[str, pd.Series]:
        kind, user, product, amount = (rows[name] for name in ("event_type", "user_id", "product_id", "amount"))
        catalogue = product if products is None else products["product_id"]
        return {
            "unknown_event_type": kind.notna() & ~kind.isin(EVENT_TYPES),
            "unknown_user": user.notna() & ~user.isin(users["user_id"]),
            "unknown_product": product.notna() & ~product.isin(catalogue),
            "amount_negative": amount < 0,
            # above 0 for purchases, and for nothing else
            "amount_mismatch": kind.isin(EVENT_TYPES) & (amount >= 0) & ((amount > 0) != (kind == "purchase")),
            "future_timestamp": rows["timestamp"] > as_of,
        }

    return _extract(received, "events", rules)


def as_received(received: pd.DataFrame, table: str) -> pd.DataFrame:
    """The columns of SCHEMAS[table] with the values that came, under the names that the schema has for them."""
    frame = received.reset_index(drop=True)
    for name, other in RENAMED.items():
        if other in frame:
            frame[name] = frame[other] if name not in frame else frame[name].astype(object).fillna(frame[other])
    names = [column.name for column in SCHEMAS[table]]
    if missing := [name for name in names if name not in frame]:
        raise ValueError(f"{table}: expected columns {names}, got none of {missing}; if renamed, say so in RENAMED")
    return frame[names]


def as_schema(received: pd.DataFrame, table: str) -> pd.DataFrame:
    """The columns of SCHEMAS[table], read as what they should be; null where that cannot be done."""
    rows = as_received(received, table)
    for column in SCHEMAS[table]:
        values = rows[column.name]
        if column.dtype == "str":
            text = values.astype("str").str.strip()
            text = text.str.upper() if column.name in UPPER_CASE else text
            text = text.str.lower() if column.name in LOWER_CASE else text
            rows[column.name] = text.where(text != "")
        elif column.dtype.startswith("datetime"):
            rows[column.name] = pd.to_datetime(values, utc=True, format="ISO8601", errors="coerce").dt.as_unit("us")
        else:
            if values.dtype == object:
                values = values.mask(values.map(lambda value: isinstance(value, bool)))
            number = pd.to_numeric(values, errors="coerce")
            whole = number % 1 == 0 if column.dtype == "int64" else True
            rows[column.name] = number.where(np.isfinite(number) & whole)
    return rows


def _extract(received: pd.DataFrame, table: str, rules: Callable[[pd.DataFrame], dict[str, pd.Series]]) -> Extract:
    given, rows, key = as_received(received, table), as_schema(received, table), KEYS[table]

    # tag: every rule that a row breaks, first those that hold for any column
    broken = {}
    for column in SCHEMAS[table]:
        null = rows[column.name].isna()
        unreadable = null & given[column.name].notna() & (column.dtype != "str")
        broken[f"missing_{column.name}"] = null & ~unreadable & (not column.nullable)
        broken[f"unreadable_{column.name}"] = unreadable
    reasons = pd.Series("", index=rows.index)
    for rule, breaks in (broken | rules(rows)).items():
        reasons[breaks] += f"{rule};"

    # supersede: of equal copies the first stays; of sound copies the newest, unless there are two that differ
    copies = rows[rows.duplicated(key, keep=False) & rows[key].notna()]
    equal = copies.index[copies.astype(object).fillna(given).duplicated()]
    copies = copies.drop(index=equal)
    copies = copies[reasons[copies.index] == ""]
    version = copies[NEWEST_BY.get(table, key)]
    older = copies.index[version < version.groupby(copies[key]).transform("max")]
    newest = copies.drop(index=older)
    reasons[newest.index[newest.duplicated(key, keep=False)]] = "conflict;"

    # split
    received, bad = received.reset_index(drop=True), reasons != ""
    superseded = rows.index.isin(equal.union(older))
    valid = rows[~bad & ~superseded].astype({column.name: column.dtype for column in SCHEMAS[table]})
    quarantined = received[bad & ~superseded].assign(reasons=reasons[bad].str.rstrip(";"))
    duplicates = received[superseded]
    return Extract(*(part.reset_index(drop=True) for part in (valid, quarantined, duplicates)))
