"""Seeded integer draws from named streams, and columns made of them: equal on every platform."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Cents = npt.NDArray[np.int32]
Codes = npt.NDArray[np.uint8]

UTC = pd.DatetimeTZDtype("us", "UTC")
STR = pd.StringDtype(na_value=np.nan)
Cells: TypeAlias = Any  # a pandas extension array: the stubs know neither its arguments nor its items
OFFSETS = np.array(["+00:00", "+02:00", "-05:00", "+09:00", "+05:30"])
OFFSET_MINUTES = np.array([0, 120, -300, 540, 330], dtype=np.int64)


def stream(seed: int, name: str, block: int = 0) -> np.random.Generator:
    """The generator of one named thing in one block: no other draw can change what it gives."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(crc32(name.encode()), block)))


def pick(rng: np.random.Generator, shares: Sequence[int], size: int) -> Codes:
    """Codes 0, 1, ... drawn in proportion to `shares`."""
    slots = np.repeat(np.arange(len(shares), dtype=np.uint8), shares)
    return slots[rng.integers(0, len(slots), size, dtype=np.uint16)]


@cache
def _amounts() -> Cents:
    quantiles = -5000 * np.log1p(-(np.arange(1 << 16) + 0.5) / (1 << 16))
    cents: Cents = np.maximum(np.rint(quantiles).astype(np.int32), 1)
    return cents


def amounts(rng: np.random.Generator, size: int) -> Cents:
    """Cents, exponential with mean 5,000, from 1 to 58,918."""
    # quantiles from a table: the logarithm of a drawn float could differ in its last bit between processors
    cents: Cents = _amounts()[rng.integers(0, 1 << 16, size, dtype=np.uint16)]
    return cents


def messy(word: str) -> tuple[str, ...]:
    """Four spellings of a word that differ from it in case or space only."""
    return (f" {word}", f"{word} ", word.swapcase(), f" {word.title()} ")


def words(clean: Sequence[str], *more: str | None) -> pa.Array:
    """Words for `taken`: the clean ones, the four messy spellings of each (see `misspell`), then any more."""
    return pa.array([*clean, *(spelling for word in clean for spelling in messy(word)), *more], pa.large_string())


def misspell(codes: Codes, rows: Ints, spelling: Ints, *, clean: int) -> None:
    """Turn the codes at `rows` from one of `clean` words into a messy spelling (0 to 3) of it, in place."""
    codes[rows] = clean + 4 * codes[rows] + spelling


def text(strings: pa.Array) -> Cells:
    """A str column of Arrow strings, without a copy."""
    array: Any = pd.arrays.ArrowStringArray
    return array(strings, dtype=STR)


def taken(words: pa.Array, codes: npt.NDArray[Any]) -> Cells:
    """A str column: `words[code]` for each code."""
    return text(words.take(pa.array(codes)))


def numbered(prefix: str, numbers: Ints, suffix: str = "") -> Cells:
    """A str column such as "User_17"."""
    parts = (pa.scalar(prefix), pc.cast(pa.array(numbers), pa.string()), pa.scalar(suffix))
    return text(pc.binary_join_element_wise(*parts, pa.scalar("")).cast(pa.large_string()))


@cache
def _numerals() -> npt.NDArray[np.uint32]:
    return np.array([f"{i:04d}" for i in range(10_000)], dtype="S4").view(np.uint32)


def ids(letter: str, numbers: Ints, highest: int) -> pa.Array:
    """Arrow strings such as "P0001" or "E00000001": as many groups of four digits as `highest` needs."""
    # the four characters of a group are looked up as one uint32 and laid beside those of the other groups
    groups = -(-len(str(highest)) // 4)
    cells = np.empty(len(numbers), dtype=[("letter", "S1"), *((str(group), np.uint32) for group in range(groups))])
    cells["letter"] = letter.encode()
    for group in reversed(range(groups)):
        cells[str(group)] = _numerals()[numbers % 10_000 if group else numbers]
        numbers = numbers // 10_000 if group else numbers
    ends = np.arange(len(cells) + 1, dtype=np.int64) * cells.dtype.itemsize
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(cells)]
    return pa.Array.from_buffers(pa.large_string(), len(cells), buffers)


def utc(microseconds: Ints) -> Cells:
    """A datetime64[us, UTC] column from microseconds since 1970."""
    return pd.array(microseconds.view("datetime64[us]"), dtype=UTC, copy=False)


def iso_text(microseconds: Ints, offset: Ints, *, unit: Any) -> Cells:
    """A str column such as "2024-01-01T10:00:00+02:00": the same instants, each with one of `OFFSETS`."""
    local = (microseconds + OFFSET_MINUTES[offset] * 60_000_000).view("datetime64[us]")
    return pd.array(np.strings.add(np.datetime_as_string(local, unit=unit), OFFSETS[offset]), dtype=STR)
