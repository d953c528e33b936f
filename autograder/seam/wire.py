"""Plain values and frames as bytes: JSON for the values, raw Arrow buffers for the columns, bounds on both.

The reader trusts nothing. It builds only the types listed here, refuses what is too large, too deep or
malformed with `Unreadable`, and never unpickles, imports or evaluates anything.

Frames travel without their index: a named index becomes columns, an unnamed one is dropped. Columns keep
their pandas dtype, but for categories (sent as their values) and time zones (sent as UTC).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import struct
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from autograder.seam.stand_ins import Clock

_HEADER = struct.Struct("<II")  # bytes of JSON, number of buffers
_LENGTH = struct.Struct("<Q")

_ARROW_TYPES: dict[str, pa.DataType] = {
    **{str(t): t for t in (pa.int8(), pa.int16(), pa.int32(), pa.int64())},
    **{str(t): t for t in (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())},
    **{str(t): t for t in (pa.float32(), pa.float64(), pa.bool_(), pa.string(), pa.large_string(), pa.null())},
    **{f"timestamp[{u}]": pa.timestamp(u) for u in ("s", "ms", "us", "ns")},
    **{f"timestamp[{u}, tz=UTC]": pa.timestamp(u, tz="UTC") for u in ("s", "ms", "us", "ns")},
    **{f"duration[{u}]": pa.duration(u) for u in ("s", "ms", "us", "ns")},
}
_NULLABLE = frozenset({"boolean", "Float32", "Float64", *(f"{s}Int{b}" for s in ("", "U") for b in (8, 16, 32, 64))})
_WHOLE_NUMBERS = {
    **{t: pd.Int64Dtype() for t in (pa.int8(), pa.int16(), pa.int32(), pa.int64())},
    **{t: pd.UInt64Dtype() for t in (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())},
}


class Unreadable(ValueError):
    """The value cannot pass between the notebook and the check."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """Bounds on what `decode` accepts.

    Bytes in all and of JSON, depth of nesting, plain values, rows and columns a frame, cells of all frames: a few
    bytes may name many cells, so these are counted by themselves.
    """

    size: int = 64 << 20
    text: int = 16 << 20
    depth: int = 16
    items: int = 200_000
    rows: int = 500_000
    columns: int = 500
    cells: int = 4_000_000


# --- writing -----------------------------------------------------------------------------------------------


def encode(value: object) -> bytes:
    """The value as bytes.

    Raises `Unreadable` for anything but plain values (None, bool, int, float, `Decimal`, str, dates and times, `Path`,
    lists, tuples, sets, dicts, dataclasses), numpy scalars and arrays, pandas Series and DataFrames, and tables
    that can turn themselves into pandas (polars, pyarrow, DuckDB).

    Example
    -------
    >>> decode(encode({"rows": 3}))
    {'rows': 3}
    """
    buffers: list[bytes] = []
    tree = json.dumps(_tree(value, buffers, 0), ensure_ascii=False).encode("utf-8", "surrogatepass")
    parts = [_HEADER.pack(len(tree), len(buffers)), tree]
    for buffer in buffers:
        parts += [_LENGTH.pack(len(buffer)), buffer]
    return b"".join(parts)


def _tree(value: Any, buffers: list[bytes], depth: int) -> Any:
    if depth > Limits.depth:
        raise Unreadable(f"a value nested more than {Limits.depth} deep")
    if value is None or value is pd.NA:
        return None
    if value is pd.NaT:
        return {"nat": 1}
    if isinstance(value, np.generic) and not isinstance(value, (np.datetime64, np.timedelta64)):
        value = value.item()
    if isinstance(value, (bool, str)):
        return bool(value) if isinstance(value, bool) else str(value)
    if isinstance(value, int):
        if abs(value) >= 1 << 63:
            raise Unreadable("an integer of more than 64 bits")
        return int(value)
    if isinstance(value, Decimal):
        value = math.nan if value.is_nan() else float(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (dt.datetime, np.datetime64)):
        return {"time": pd.Timestamp(value).isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, (dt.timedelta, np.timedelta64)):
        return {"span": pd.Timedelta(value).total_seconds()}
    if isinstance(value, PurePath):
        return {"path": str(value)}
    if isinstance(value, Clock):
        return {"clock": [value.start, value.step]}
    if isinstance(value, pd.DataFrame):
        return {"frame": _frame(value, buffers)}
    if isinstance(value, pd.Series):
        name = value.name if isinstance(value.name, str) else "values"
        return {"series": _frame(value.to_frame(name), buffers)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {"dict": [[_tree(k, buffers, depth + 1), _tree(v, buffers, depth + 1)] for k, v in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_tree(v, buffers, depth + 1) for v in value]}
    if isinstance(value, (list, set, frozenset, np.ndarray, pd.Index, pd.api.extensions.ExtensionArray)):
        return {"list": [_tree(v, buffers, depth + 1) for v in value]}
    for method in ("to_pandas", "df", "collect"):  # polars and pyarrow; DuckDB; polars, lazily
        if callable(convert := getattr(value, method, None)) and not isinstance(value, type):
            # by themselves, whole numbers beside nulls would become floats
            settings = {"types_mapper": _WHOLE_NUMBERS.get} if method == "to_pandas" else {}
            return _tree(convert(**settings), buffers, depth + 1)
    raise Unreadable(
        f"a value of type {type(value).__name__}; only frames, numbers, text, dates, lists and dicts can be checked"
    )


def _frame(frame: pd.DataFrame, buffers: list[bytes]) -> dict[str, Any]:
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    if named:
        frame = frame.reset_index(level=named)
    if isinstance(frame.columns, pd.MultiIndex):
        raise Unreadable("a frame with several levels of column names")
    names = [str(name) for name in frame.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Unreadable(f"a frame with two columns called {twice[0]!r}")
    columns = [_column(name, frame.iloc[:, i], buffers) for i, name in enumerate(names)]
    return {"rows": len(frame), "columns": columns}


def _column(name: str, column: pd.Series[Any], buffers: list[bytes]) -> dict[str, Any]:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        column = column.astype(dtype.categories.dtype)
        dtype = column.dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert("UTC")
    elif isinstance(dtype, pd.ArrowDtype):
        column = pd.Series(column.tolist()).infer_objects()
        dtype = column.dtype
    elif isinstance(dtype, (pd.PeriodDtype, pd.IntervalDtype)):
        column = column.astype("str")
    kind = "json" if column.dtype == object else "arrow"
    if kind == "json":
        # Mixed Python values: each cell is its own small JSON text.
        array = pa.array([json.dumps(_tree(v, [], Limits.depth - 3)) for v in column], pa.string())
    else:
        array = pa.array(column, from_pandas=True)
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if array.offset:
            array = pa.concat_arrays([array])
    if str(array.type) not in _ARROW_TYPES:
        raise Unreadable(f"a column {name!r} of type {array.type}")
    parts = []
    for buffer in array.buffers():
        parts.append(-1 if buffer is None else len(buffers))
        if buffer is not None:
            buffers.append(buffer.to_pybytes())
    nullable = str(dtype) if str(dtype) in _NULLABLE else ""
    return {"name": name, "type": str(array.type), "kind": kind, "nullable": nullable, "buffers": parts}


# --- reading -----------------------------------------------------------------------------------------------


def decode(blob: bytes | memoryview, limits: Limits | None = None) -> Any:
    """The value that `encode` wrote, built only from plain types.

    Raises `Unreadable` where the bytes are malformed or beyond the limits.
    """
    limits = limits or Limits()
    view = memoryview(blob)
    if len(view) > limits.size:
        raise Unreadable(f"a value of {len(view):,} bytes; at most {limits.size:,} are read")
    try:
        length, count = _HEADER.unpack_from(view, 0)
        if length > limits.text:
            raise Unreadable(f"{length:,} bytes of plain values; at most {limits.text:,} are read")
        at = _HEADER.size + length
        tree = json.loads(bytes(view[_HEADER.size : at]))
        buffers: list[memoryview] = []
        if count > len(view):
            raise Unreadable("more buffers than bytes")
        for _ in range(count):
            (size,) = _LENGTH.unpack_from(view, at)
            at += _LENGTH.size
            if at + size > len(view):
                raise Unreadable("a buffer that ends after the message")
            buffers.append(view[at : at + size])
            at += size
        return _Reader(buffers, limits).value(tree, 0)
    except Unreadable:
        raise
    except (
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        struct.error,
        RecursionError,
        OverflowError,
        pa.ArrowException,
    ) as e:
        raise Unreadable(f"a message that is not well formed ({type(e).__name__})") from None


class _Reader:
    def __init__(self, buffers: list[memoryview], limits: Limits) -> None:
        self.buffers, self.limits, self.items, self.cells = buffers, limits, 0, 0
        self.unread = set(range(len(buffers)))

    def value(self, tree: Any, depth: int) -> Any:
        self.items += 1
        if self.items > self.limits.items:
            raise Unreadable(f"more than {self.limits.items:,} values")
        if depth > self.limits.depth:
            raise Unreadable(f"a value nested more than {self.limits.depth} deep")
        if isinstance(tree, str):
            return tree.encode("utf-8", "replace").decode()  # half a surrogate pair cannot be written anywhere
        if isinstance(tree, int) and abs(tree) >= 1 << 63:
            raise Unreadable("an integer of more than 64 bits")
        if tree is None or isinstance(tree, (bool, int, float)):
            return tree
        if not isinstance(tree, dict) or len(tree) != 1:
            raise Unreadable("a message that is not well formed (tree)")
        ((kind, body),) = tree.items()
        match kind:
            case "nat":
                return pd.NaT
            case "time":
                return pd.Timestamp(_moment(body))
            case "date":
                return dt.date.fromisoformat(_moment(body))
            case "span":
                return pd.Timedelta(seconds=float(body))
            case "path":
                return Path(_text(body))
            case "clock":
                return Clock(float(body[0]), float(body[1]))
            case "frame":
                return self.frame(body)
            case "series":
                return self.frame(body).iloc[:, -1]  # before it stand the levels of a named index
            case "dict":
                return {_hashable(self.value(k, depth + 1)): self.value(v, depth + 1) for k, v in body}
            case "tuple":
                return tuple(self.value(v, depth + 1) for v in body)
            case "list":
                return [self.value(v, depth + 1) for v in body]
        raise Unreadable("a message that is not well formed (kind)")

    def frame(self, body: dict[str, Any]) -> pd.DataFrame:
        rows, columns = body["rows"], body["columns"]
        if not isinstance(rows, int) or not 0 <= rows <= self.limits.rows:
            raise Unreadable(f"a frame of {rows} rows; at most {self.limits.rows:,} are read")
        if len(columns) > self.limits.columns:
            raise Unreadable(f"a frame of {len(columns)} columns; at most {self.limits.columns} are read")
        self.items += len(columns)
        self.cells += rows * len(columns)
        if self.cells > self.limits.cells:
            raise Unreadable(f"frames of more than {self.limits.cells:,} cells")
        data = {_text(column["name"]): self.column(column, rows) for column in columns}
        if len(data) != len(columns):
            raise Unreadable("a frame with two columns of one name")
        return pd.DataFrame(data, index=pd.RangeIndex(rows))

    def column(self, column: dict[str, Any], rows: int) -> pd.Series[Any]:
        arrow = _ARROW_TYPES[_text(column["type"])]
        # Copied: Arrow wants aligned memory, and the frame must not keep the whole message alive.
        parts = [None if i < 0 else pa.py_buffer(self.buffer(i)) for i in column["buffers"]]
        array = pa.Array.from_buffers(arrow, rows, parts)
        array.validate(full=True)
        _expect_real_times(array)
        if column["kind"] == "json":
            cells = [self.value(json.loads(cell), self.limits.depth - 3) for cell in array.to_pylist()]
            return pd.Series(cells, dtype=object)
        if (nullable := column["nullable"]) in _NULLABLE:
            return cast("pd.Series[Any]", pd.Series(array.to_pylist(), dtype=nullable))
        if pa.types.is_integer(arrow) and array.null_count:
            return pd.Series([math.nan if v is None else float(v) for v in array.to_pylist()])
        if pa.types.is_boolean(arrow) and array.null_count:
            return pd.Series(array.to_pylist(), dtype=object)
        return cast("pd.Series[Any]", array.to_pandas())

    def buffer(self, number: int) -> bytes:
        """A buffer's bytes. Each can be had once, or one buffer would do for any number of columns."""
        if number not in self.unread:
            raise Unreadable("a message that is not well formed (buffer)")
        self.unread.remove(number)
        return bytes(self.buffers[number])


_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def _expect_real_times(array: pa.Array) -> None:
    """Times outside the years 1 to 9999, which Arrow can hold and Python cannot, are refused."""
    if pa.types.is_timestamp(array.type):
        earliest, latest = -62_135_596_800, 253_402_300_799
    elif pa.types.is_duration(array.type):
        earliest, latest = -86_399_999_913_600, 86_399_999_913_600
    else:
        return
    unit = _PER_SECOND[array.type.unit]
    found = pc.min_max(array.cast(pa.int64())).as_py()
    if found["min"] is not None and not earliest * unit <= found["min"] <= found["max"] <= latest * unit:
        raise Unreadable("a time outside the years 1 to 9999")


def _moment(value: object) -> str:
    text = _text(value)
    if len(text) > 64:
        raise Unreadable("a message that is not well formed (time)")
    return text


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Unreadable("a message that is not well formed (text)")
    return value


def _hashable(value: Any) -> Any:
    if isinstance(value, (list, dict, pd.DataFrame, pd.Series)):
        raise Unreadable("a dict whose key is not a plain value")
    return value
