"""What checks ask of a returned value, each with a message that a beginner can act on.

Comparisons are by content: row order, index, column order, dtype width, int against float, None against NaN and
text against category never matter.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from autograder.checking import Incorrect

MAX_COLUMNS = 500
"""Of a table that comes as a list of dicts."""


def frame(value: object, what: str, *, columns: Iterable[str] = ()) -> pd.DataFrame:
    """The value as a frame that has the columns; `what` names it in the message ("the quarantined rows").

    A list of dicts, or a dict of columns, is read as the frame that it describes, with each value as it is: a guessed
    dtype would make floats of whole numbers beside a missing value.
    """
    if value is None:
        raise Incorrect(
            f"Expected {what} as a DataFrame; nothing came back.",
            expected="a DataFrame",
            got="None. Does every path through the function end with `return`?",
        )
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        names = {name for row in value for name in row}
        if len(names) > MAX_COLUMNS:  # each row with names of its own would fill the memory with nothing
            raise Incorrect(
                f"Expected {what} as a DataFrame.",
                expected="rows with the same few columns",
                got=f"rows with {len(names)} different names",
            )
        value = pd.DataFrame(value, columns=None if value else list(columns), dtype=object)
    if isinstance(value, Mapping) and 0 < len(value) <= MAX_COLUMNS:
        cells = [list(column) for column in value.values() if isinstance(column, (list, tuple, pd.Series))]
        if len(cells) == len(value) and len({len(column) for column in cells}) == 1:
            value = pd.DataFrame(dict(zip(value, cells, strict=True)), dtype=object)
    if not isinstance(value, pd.DataFrame):
        raise Incorrect(f"Expected {what} as a DataFrame.", expected="a DataFrame", got=kind_of(value))
    if missing := [name for name in columns if name not in value.columns]:
        if value.empty and not len(value.columns):
            return pd.DataFrame(columns=list(columns))
        raise Incorrect(
            f"In {what} the column {missing[0]!r} is missing.",
            expected=f"the columns {', '.join(columns)}",
            got=f"the columns {', '.join(map(str, value.columns)) or '(none)'}",
        )
    return value


def parts(value: object, names: Sequence[str]) -> tuple[Any, ...]:
    """The value as as many parts as there are names: a tuple or list in this order, or a dict with these keys."""
    wanted = ", ".join(names)
    if isinstance(value, Mapping) and all(name in value for name in names):
        return tuple(value[name] for name in names)
    if isinstance(value, (tuple, list)) and len(value) == len(names):
        return tuple(value)
    got = f"{kind_of(value)} with {len(value)} elements" if isinstance(value, (tuple, list)) else kind_of(value)
    if value is None:
        got = "None. Does every path through the function end with `return`?"
    raise Incorrect(f"Expected {len(names)} parts: {wanted}.", expected=f"`return {wanted}`", got=got)


def kind_of(value: object) -> str:
    """A value's type in words that a learner knows."""
    if value is None:
        return "None"
    if isinstance(value, pd.DataFrame):
        return f"a DataFrame of {len(value)} rows and {len(value.columns)} columns"
    names = {
        "Series": "a Series",
        "list": "a list",
        "tuple": "a tuple",
        "dict": "a dict",
        "str": "a text",
        "int": "a whole number",
        "float": "a number",
        "bool": "True or False",
    }
    name = type(value).__name__
    return names.get(name, f"a value of type {name}")


def counted(number: int, noun: str) -> str:
    """A number and its noun: "1 row", "2 rows"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def plain(value: Any) -> Hashable:
    """A cell in a form in which equal values are equal: numbers as float, times as UTC, every missing value as None."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return float(value) if abs(int(value)) < 1 << 53 else int(value)
    if isinstance(value, (float, np.floating)):
        return None if math.isnan(value) else float(value)
    if isinstance(value, pd.Timestamp):
        stamp = value.tz_localize("UTC") if value.tzinfo is None else value.tz_convert("UTC")
        return stamp.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return tuple(plain(v) for v in value)
    return value if isinstance(value, Hashable) else str(value)


def plain_rows(table: pd.DataFrame, columns: Sequence[str]) -> list[tuple[Hashable, ...]]:
    """The rows of the columns, each cell made plain, in the order of the frame."""
    return [
        tuple(plain(v) for v in row) for row in table[list(columns)].astype(object).itertuples(index=False, name=None)
    ]


def names_in(cell: Any) -> frozenset[str]:
    """The names in a cell that holds several: text joined by `;`, `,` or `|`, or a list, tuple or set of them."""
    if isinstance(cell, (list, tuple, set, frozenset, np.ndarray)):
        found = [str(v) for v in cell]
    elif plain(cell) is None:
        found = []
    else:
        found = str(cell).replace(",", ";").replace("|", ";").split(";")
    return frozenset(name.strip().strip("[]'\"").strip() for name in found) - {""}


def number(value: object, what: str) -> float:
    """The value as a finite number."""
    plainly = plain(value)
    if isinstance(plainly, bool) or not isinstance(plainly, (int, float)) or not math.isfinite(plainly):
        raise Incorrect(
            f"Expected {what} as a number.", expected="a number", got=f"{kind_of(value)}: {str(value)[:60]}"
        )
    return float(plainly)


def close(a: float, b: float, *, tolerance: float = 1e-9) -> bool:
    """Whether two numbers are equal but for floating-point error, relative to their size."""
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)
