"""Which rows of a table, or of one block of it, get which fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._draws import Ints, stream
from .faults import DRIFT, FAULTS, MONEY

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

    def numbers(self, values: npt.NDArray[Any], *, missing: str, text: str = "") -> Any:
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
        return values


def planting(
    seed: int,
    table: str,
    totals: Mapping[str, int],
    rows: int,
    *,
    block: tuple[int, int, int] | None = None,
    purchases: npt.NDArray[np.bool_] | None = None,
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
