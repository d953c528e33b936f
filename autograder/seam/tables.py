"""Read what a function has written: every Parquet file below a folder, as frames by path."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

MAX_FILES = 500
MAX_BYTES = 64 << 20
MAX_ROWS = 500_000


class UnreadableTables(ValueError):
    """The folder holds something that cannot be read as a table; the message names it."""


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """The Parquet files below the folder, by their path from it, with `/` on every system.

    As engines do, it passes over names that start with `_` or `.`, and names that do not end in `.parquet`.
    Links are not followed. Raises `UnreadableTables` for a file that is no Parquet, and for more than 500 files,
    64 MB or 500,000 rows.
    """
    tables: dict[str, pd.DataFrame] = {}
    size = rows = 0
    for path in sorted(_files(folder)):
        name = path.relative_to(folder).as_posix()
        data = _bytes(path, name)
        size += len(data)
        if size > MAX_BYTES or len(tables) >= MAX_FILES:
            raise UnreadableTables(f"more than {MAX_FILES} files or {MAX_BYTES >> 20} MB")
        try:
            file = pq.ParquetFile(io.BytesIO(data))
            rows += file.metadata.num_rows
            if rows > MAX_ROWS:
                raise UnreadableTables(f"more than {MAX_ROWS:,} rows")
            tables[name] = file.read(use_threads=False).to_pandas(use_threads=False, ignore_metadata=True)
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, NotImplementedError) as e:
            if isinstance(e, UnreadableTables):
                raise
            raise UnreadableTables(f"{name} is not a Parquet file that can be read") from None
    return tables


def _files(folder: Path) -> list[Path]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(("_", "."))]
        tables = [name for name in names if name.endswith(".parquet") and not name.startswith(("_", "."))]
        found += [Path(parent) / name for name in tables]
        if len(found) > MAX_FILES:
            break
    return found


def _bytes(path: Path, name: str) -> bytes:
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnreadableTables(f"{name} is not a regular file")
            return file.read(MAX_BYTES + 1)
    except OSError as e:
        raise UnreadableTables(f"{name} cannot be opened ({e.strerror})") from None
