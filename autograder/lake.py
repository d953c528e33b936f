"""Read back a lake that a learner's function wrote: Parquet files in folders, none of which is to be trusted."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from autograder.checking import Incorrect

FILE = "(file)"
"""The column that `stored` adds: each row's file, relative to the lake, with `/` between folders."""

MAX_ENTRIES = 5_000
MAX_BYTES = 16 << 20
"""Of all files together, and again of what they say that they hold unpacked."""
MAX_ROWS = 50_000
MAX_COLUMNS = 100


def stored(lake: Path, *, columns: Sequence[str]) -> pd.DataFrame:
    """Every row that a reader of the lake would see, with all its columns and `FILE`, as an object frame.

    Read are the files called `*.parquet` at any depth, but for names that start with `_` or `.` and what lies in
    folders of such names: readers pass these over. The values of partition folders are no columns here.

    Raises `Incorrect` where there is no such file, one of them cannot be read or lacks one of the `columns`, or
    there is more than the bounds above.
    """
    paths, others = _files(lake)
    if not paths:
        raise Incorrect(
            "The lake holds no Parquet file.",
            expected="files such as date=2024-01-15/part-0.parquet",
            got=", ".join(others[:5]) or "an empty folder",
        )
    frames: list[pd.DataFrame] = []
    room, rows = MAX_BYTES, 0
    for path in paths:
        name = path.relative_to(lake).as_posix()
        try:
            data = _bytes(path, room)
            room -= len(data)
            frame = _rows(data)
        except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError) as e:
            raise Incorrect(
                f"A file in the lake cannot be read as Parquet: {name}.",
                expected="a whole Parquet file, or a name that readers pass over",
                got=f"{type(e).__name__}: {str(e)[:120]}",
            ) from None
        if missing := [column for column in columns if column not in frame]:
            raise Incorrect(
                f"A file in the lake has no column {missing[0]!r}: {name}.",
                expected=f"the columns {', '.join(columns)}",
                got=f"the columns {', '.join(map(str, frame.columns)) or '(none)'}",
            )
        rows += len(frame)
        if rows > MAX_ROWS:
            raise Incorrect("The lake has grown out of bounds.", expected=f"at most {MAX_ROWS:,} rows", got="more")
        frames.append(frame.assign(**{FILE: name}))
    return pd.concat(frames, ignore_index=True)


def partition(file: str) -> str:
    """The first folder of a file's path in the lake, or "" for a file that lies directly in it.

    >>> partition("date=2024-01-15/part-0.parquet")
    'date=2024-01-15'
    """
    folders = PurePosixPath(file).parent.parts
    return folders[0] if folders else ""


def _files(lake: Path) -> tuple[list[Path], list[str]]:
    """The files to read, in the order of their names, and the names of all others."""
    found: list[Path] = []
    others: list[str] = []
    pending, entries = [lake], 0
    while pending:
        try:
            here = list(os.scandir(pending.pop()))
        except OSError:
            continue
        entries += len(here)
        if entries > MAX_ENTRIES:
            raise Incorrect("The lake holds too many files.", expected=f"at most {MAX_ENTRIES:,}", got="more")
        for entry in here:
            path = Path(entry.path)
            if entry.name.startswith(("_", ".")) or entry.is_symlink():
                others.append(path.relative_to(lake).as_posix())
            elif entry.is_dir(follow_symlinks=False):
                pending.append(path)
            elif entry.name.endswith(".parquet"):
                found.append(path)
            else:
                others.append(path.relative_to(lake).as_posix())
    return sorted(found), sorted(others)


def _bytes(path: Path, room: int) -> bytes:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("not a file")
    if status.st_size > room:
        raise ValueError(f"the lake is larger than {MAX_BYTES:,} bytes")
    with path.open("rb") as file:
        return file.read(room)


def _rows(data: bytes) -> pd.DataFrame:
    """The rows of one Parquet file. Metadata of pandas is not looked at, so an index is a column like any other."""
    file = pq.ParquetFile(pa.BufferReader(data), thrift_string_size_limit=1 << 20, thrift_container_size_limit=1 << 16)
    about = file.metadata
    unpacked = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
    if about.num_rows > MAX_ROWS or about.num_columns > MAX_COLUMNS or unpacked > MAX_BYTES:
        raise ValueError(f"it says that it holds {about.num_rows:,} rows of {about.num_columns} columns")
    table = file.read(use_threads=False)
    if len(set(table.column_names)) < len(table.column_names):
        raise ValueError("two columns of one name")
    for i, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(i, field.name, table.column(i).cast(pa.float64()))
    rows: pd.DataFrame = table.to_pandas(ignore_metadata=True).astype(object)
    return rows
