"""Steps 3 and 5: load. A lake is a folder of Parquet files, one per layer, table and day.

    <lake>/<layer>/<table>/date=YYYY-MM-DD/part-0.parquet

Layers: raw and validated, quarantine and duplicates, features. A load replaces whole days and never appends, so
loading twice leaves what loading once leaves. Each file appears at once or not at all.
"""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .extract import Extract

_JSON_COLUMNS = b"json_columns"
_PART = "part-0.parquet"


def load_raw(received: pd.DataFrame, lake: Path, table: str, *, date: pd.Timestamp | str) -> None:
    """Replace the raw partition of `date` by `received`, exactly as it came.

    Parquet wants one type per column. A column that mixes Python values (numbers, text, None) is therefore stored
    as JSON text, one value per row, and named in the file's metadata; `read_table` gives the same values back.
    Raises TypeError for a value that JSON cannot keep.
    Example: `load_raw(world.users, lake, "users", date="2024-02-05")`, then `read_table(lake, "raw", "users")`.
    """
    _replace(received, _folder(lake, "raw", table), _day(date))


def load_quarantine(extract: Extract, lake: Path, table: str, *, date: pd.Timestamp | str) -> None:
    """Replace the quarantine and duplicates partitions of `date` by those of `extract`: nothing is dropped."""
    _replace(extract.quarantined, _folder(lake, "quarantine", table), _day(date))
    _replace(extract.duplicates, _folder(lake, "duplicates", table), _day(date))


def load_validated(
    frame: pd.DataFrame,
    lake: Path,
    table: str,
    *,
    by: str | pd.Timestamp,
    until: pd.Timestamp | str | None = None,
) -> None:
    """Replace validated partitions: one per UTC day of the column `by`, or a single one if `by` is itself a date.

    Days of which `frame` has no row stay as they are, unless `until` says that `frame` holds all rows up to that
    day: then what an earlier load left there is removed.
    """
    folder = _folder(lake, "validated", table)
    if not isinstance(by, str):
        _replace(frame, folder, _day(by))
        return
    parts = {str(day): rows for day, rows in frame.groupby(frame[by].dt.strftime("%Y-%m-%d"))}
    if until is not None:
        parts = parts or {_day(until): frame}  # a table without rows is a table
        for day in {day for day in _days(folder) if day <= _day(until)} - {*parts}:
            _part(folder, day).unlink()
    for day, rows in parts.items():
        _replace(rows, folder, day)


def load_features(features: pd.DataFrame, lake: Path, *, as_of: pd.Timestamp) -> None:
    """Replace the feature table of the day of `as_of`."""
    _replace(features, _folder(lake, "features", "users"), _day(as_of))


def read_table(lake: Path, layer: str, table: str, *, date: pd.Timestamp | str | None = None) -> pd.DataFrame:
    """All rows of a table in the order of their days, or those of one `date`, with the dtypes that were stored.

    Raises FileNotFoundError if there is no such partition.
    """
    folder = _folder(lake, layer, table)
    days = _days(folder) if date is None else [_day(date)]
    if not days or not all(_part(folder, day).is_file() for day in days):
        raise FileNotFoundError(
            f"expected {folder} to hold {date or 'some day'}, found the days {_days(folder)}; load {layer} first"
        )
    return pd.concat([_read(_part(folder, day)) for day in days], ignore_index=True)


def _replace(frame: pd.DataFrame, folder: Path, day: str) -> None:
    """Write `frame` beside the partition's file, then put it in that file's place in one step."""
    mixed = [str(name) for name in frame if frame[name].dtype == object]
    encoded = frame.assign(**{name: frame[name].map(partial(json.dumps, default=_plain)) for name in mixed})
    stored = pa.Table.from_pandas(encoded, preserve_index=False)
    stored = stored.replace_schema_metadata({**stored.schema.metadata, _JSON_COLUMNS: json.dumps(mixed)})
    part = _part(folder, day)
    part.parent.mkdir(parents=True, exist_ok=True)
    temporary = part.with_name(f"{_PART}.{os.getpid()}.tmp")  # same folder, hence same disk: the replace is atomic
    try:
        pq.write_table(stored, temporary)
        temporary.replace(part)
    finally:
        temporary.unlink(missing_ok=True)


def _read(part: Path) -> pd.DataFrame:
    stored = pq.read_table(part, partitioning=None)
    frame: pd.DataFrame = stored.to_pandas()
    for name in json.loads(stored.schema.metadata[_JSON_COLUMNS]):
        frame[name] = pd.Series([json.loads(text) for text in frame[name]], index=frame.index, dtype=object)
    return frame


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"expected numbers, text or None in a mixed column, got {value!r}; convert the column first")


def _folder(lake: Path, layer: str, table: str) -> Path:
    return Path(lake) / layer / table


def _part(folder: Path, day: str) -> Path:
    return folder / f"date={day}" / _PART


def _days(folder: Path) -> list[str]:
    return sorted(part.parent.name.removeprefix("date=") for part in folder.glob(f"date=*/{_PART}"))


def _day(date: pd.Timestamp | str) -> str:
    return str(pd.to_datetime(date, utc=True).strftime("%Y-%m-%d"))
