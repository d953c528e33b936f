"""The catalogue of faults, and how many rows of a table (or of one block of it) get which."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._draws import Bools, Ints, stream


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
    ("events.duplicate_newer", "event_id", "a correction: a purchase again, other amount, later ingested_at"),
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


_NO_ROWS: Ints = np.empty(0, dtype=np.int64)
_NOT_NUMBERS = ("abc", "ten", "?", "12..5")  # no reader takes these for a number or for null


@dataclass(frozen=True)
class Planting:
    """Which rows of one block of one table get which fault."""

    seed: int
    table: str
    block: int
    rows: Mapping[str, Ints]  # short name of each fault of the table -> row numbers in the block

    def of(self, fault: str) -> Ints:
        """The rows with the fault: none if it is switched off."""
        return self.rows.get(fault, _NO_ROWS)

    def rng(self, fault: str, column: str = "") -> np.random.Generator:
        """For what a fault needs: no other fault can change what it gives; `column` tells two draws apart."""
        return stream(self.seed, f"{self.table}.{fault}.{column}", self.block)

    def draw(self, fault: str, low: int | Ints, high: int | Ints, column: str = "") -> Ints:
        """One integer from low to high - 1 for each row with the fault."""
        rows = self.of(fault)
        return self.rng(fault, column).integers(low, high, len(rows), dtype=np.int64) if len(rows) else _NO_ROWS

    def numbers(self, values: npt.NDArray[Any], *, missing: str, text: str = "") -> pd.Series[Any]:
        """A column with nulls and words where these faults say; its dtype is that of the whole table.

        An int column with nulls is float64; with text the column is object (Python numbers, str and None).
        """
        if text in self.rows:
            cells = values.astype(object)
            cells[self.of(missing)] = None
            cells[self.of(text)] = [_NOT_NUMBERS[row % len(_NOT_NUMBERS)] for row in self.of(text)]
            return pd.Series(cells, dtype=object)
        if missing in self.rows:
            values = values.astype(np.float64)
            values[self.of(missing)] = np.nan
        return pd.Series(values, copy=False)


def planting(
    seed: int,
    table: str,
    totals: Mapping[str, int],
    rows: int,
    *,
    block: tuple[int, int, int] | None = None,
    purchases: Bools | None = None,
) -> Planting:
    """Give rows of a table of `rows` clean rows, or of one `block` (number, first row, end) of it, to the faults.

    `totals` are those of `fault_counts` for the whole table; a block gets its share, and the shares of all blocks
    add up to the totals. No row gets two faults. Faults about money get `purchases` while there are any. The last
    row of a block is given away last, because no row can overtake it.
    """
    index, low, high = block or (0, 0, rows)
    shares = {
        fault.name.partition(".")[2]: total * high // rows - total * low // rows
        for fault, total in ((FAULTS[name], total) for name, total in totals.items())
        if fault.table == table and fault.name != DRIFT
    }
    size, wanted = high - low, sum(shares.values())
    if wanted > size:  # totals of nearly every row, rounded up within one block
        raise ValueError(f"{table}: faults for {wanted} rows of a block of {size}; plant fewer")
    if not wanted:
        return Planting(seed, table, index, dict.fromkeys(shares, _NO_ROWS))
    rng = stream(seed, f"{table}.rows", index)
    money = _NO_ROWS
    if purchases is not None and (count := sum(shares.get(name, 0) for name in MONEY)):
        pool = np.flatnonzero(purchases[:-1])
        money = rng.choice(pool, min(count, len(pool)), replace=False)
    others = rng.choice(size - 1, min(wanted, size - 1), replace=False)
    given = np.concatenate([money, others[~np.isin(others, money)], [size - 1]])[:wanted].astype(np.int64)
    ends = np.cumsum([*shares.values()])
    return Planting(seed, table, index, dict(zip(shares, np.split(given, ends[:-1]), strict=True)))
