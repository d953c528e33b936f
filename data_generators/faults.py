"""The catalogue of faults, and how many rows of each table get which."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import NamedTuple


class Fault(NamedTuple):
    """One way in which a received row can be wrong. `name` is the full name, such as "events.late"."""

    name: str
    table: str
    column: str
    description: str


# Within a table, rows are given out in this order. The first five of events are about money: they get purchases,
# and rows that they turn into purchases only when there are too few.
_CATALOGUE = (
    ("users.missing_user_id", "user_id", "null; the column becomes float64"),
    ("users.missing_email", "email", "null"),
    ("users.missing_country", "country", "null"),
    ("users.missing_age", "age", "null; the column becomes float64"),
    ("users.age_negative", "age", "-1"),
    ("users.age_too_high", "age", "150"),
    ("users.age_text", "age", "text that is no number; the column becomes object"),
    ("users.messy_country", "country", "in other case, or with a space around it"),
    ("events.amount_missing", "amount", "a purchase whose amount is null"),
    ("events.amount_negative", "amount", "a purchase whose amount has a minus sign"),
    ("events.amount_text", "amount", "a purchase with text that is no number; the column becomes object"),
    (
        "events.duplicate_newer",
        "event_id",
        "a correction: a purchase again, other amount, ingested within a day",
    ),
    ("events.duplicate_conflict", "event_id", "a purchase again, other amount, same ingested_at"),
    ("events.out_of_order", "ingested_at", "received after an event with a later ingested_at; values unchanged"),
    ("events.duplicate_exact", "event_id", "the same row again"),
    ("events.messy_event_id", "event_id", "the same row again, its event_id in other case or with a space"),
    ("events.missing_user_id", "user_id", "null; the column becomes float64"),
    ("events.unknown_user", "user_id", "an id that no user has"),
    ("events.unknown_product", "product_id", "an id that no product has"),
    ("events.messy_event_type", "event_type", "in other case, or with a space around it"),
    ("events.unknown_event_type", "event_type", "a word that is none of the five types"),
    ("events.late", "ingested_at", "1 to 5 days after event time, which may so precede the first day"),
    ("events.future_timestamp", "timestamp", "1 s to 30 days after as_of"),
    ("events.mixed_offsets", "timestamp", "the same instant with another offset; the column becomes ISO text"),
    ("events.schema_drift", "amount", "from a day of ingested_at on, arrives under the name amount_eur"),
    ("products.missing_product_id", "product_id", "null"),
    ("products.price_negative", "price", "with a minus sign"),
    ("products.price_missing", "price", "null"),
    ("products.price_text", "price", "text that is no number; the column becomes object"),
    ("products.stock_negative", "stock_count", "-20 to -1"),
    ("products.messy_category", "category", "in other case, or with a space around it"),
    ("products.duplicate_exact", "product_id", "the same row again, at the end of the table"),
    ("products.duplicate_conflict", "product_id", "the same row again with another price, at the end of the table"),
)
MONEY = ("amount_missing", "amount_negative", "amount_text", "duplicate_newer", "duplicate_conflict")
DRIFT = "events.schema_drift"  # planted for whole days, on top of the faults that rows have

FAULTS: dict[str, Fault] = {name: Fault(name, name.partition(".")[0], *rest) for name, *rest in _CATALOGUE}

DEFAULT_FAULTS: dict[str, float] = {
    "users.missing_email": 0.05,
    "users.missing_country": 0.10,
    "users.age_negative": 0.005,
    "users.age_too_high": 0.003,
    "events.duplicate_exact": 0.004,
}


def fault_counts(faults: Mapping[str, float], rows: Mapping[str, int], days: int) -> dict[str, int]:
    """Faulty rows by fault name (days for schema_drift), in the catalogue's order, without zeros.

    An int is a count; a float is a rate of the table's clean rows, rounded to the nearest count.
    Raises ValueError for an unknown name, a value out of bounds, or more faulty rows than rows;
    TypeError for a value that is no number.
    """
    if unknown := sorted(set(faults) - set(FAULTS)):
        raise ValueError(f"unknown fault {', '.join(map(repr, unknown))}; the names are {', '.join(FAULTS)}")
    counts: dict[str, int] = {}
    for name in (name for name in FAULTS if name in faults):
        value = faults[name]
        limit = days if name == DRIFT else rows[FAULTS[name].table]
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise TypeError(f"{name}: expected an int (a count) or a float (a rate), got {value!r}")
        whole = isinstance(value, numbers.Integral)
        if not 0 <= value <= (limit if whole else 1):
            wanted = f"a count from 0 to {limit}" if whole else "a rate from 0.0 to 1.0"
            raise ValueError(f"{name}: expected {wanted}, got {value!r}")
        counts[name] = int(value) if whole else int(value * limit + 0.5)
    for table, n in rows.items():
        total = sum(c for name, c in counts.items() if FAULTS[name].table == table and name != DRIFT)
        if total > n:
            raise ValueError(
                f"{table}: faults for {total} rows, but there are {n} and a row gets one at most; plant fewer"
            )
    return {name: count for name, count in counts.items() if count}
