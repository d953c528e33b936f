"""The checks of lesson 09: whatever comes back or lies in the lake breaks none of them, or costs what it must."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from autograder.bank import defined, load_bank
from autograder.checking import Status, Verdict, judge
from autograder.checks import idempotency
from autograder.course import load_course
from autograder.seam import LocalAnswer
from autograder.worlds import PUBLIC_SEED, Worlds

COURSE = load_course()
WORLDS = Worlds(PUBLIC_SEED)

pytestmark = pytest.mark.filterwarnings("ignore")  # submissions warn as they like


def reference(exercise_id: str) -> Callable[..., Any]:
    return defined(COURSE.exercise(exercise_id), next(e.code for e in load_bank(exercise_id) if e.right))


def verdict(exercise_id: str, answer: Callable[..., Any]) -> Verdict:
    return judge(COURSE.exercise(exercise_id), LocalAnswer(answer), WORLDS, shrink=False)


# --- whatever comes back ----------------------------------------------------------------------------------------

NOW = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
CELLS: list[Any] = [
    *(None, float("nan"), pd.NaT, True, -1, 2**62, 1e308, float("inf"), "", "E00000001", " 12.5", "2024-13-45", "NaT"),
    *([], ["E00000001"], {"a": [1]}, (1,), {1, 2}, NOW, NOW.date(), dt.timedelta(1), NOW.replace(tzinfo=None)),
    *(np.datetime64("1500-01-01"), np.float32(1), Path("x"), b"bytes"),
]


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_no_cell_breaks_a_check_of_the_merge(cell: Any) -> None:
    right = reference("idempotency.merge")
    for column in ("event_id", "amount", "ingested_at", "extra"):

        def merge_events(old: pd.DataFrame, batch: pd.DataFrame, column: str = column) -> pd.DataFrame:
            rows: pd.DataFrame = right(old, batch)
            cells = rows[column].tolist() if column in rows else [0] * len(rows)
            return rows.assign(**{column: pd.Series([cell, *cells[1:]], dtype=object)})

        found = verdict("idempotency.merge", merge_events)
        assert not found.broken, (column, [o.rationale for o in found.outcomes])


@pytest.mark.parametrize("column", ["event_id", "amount", "ingested_at"])
@pytest.mark.parametrize(
    "change",
    ["float32", "str", "object", "category", "Int64", "bool", "datetime64[s]", "drop", "rename", "null", "double"],
)
def test_no_dtype_breaks_a_check_of_the_merge(change: str, column: str) -> None:
    right = reference("idempotency.merge")

    def merge_events(old: pd.DataFrame, batch: pd.DataFrame) -> pd.DataFrame:
        rows: pd.DataFrame = right(old, batch)
        match change:
            case "drop":
                return rows.drop(columns=column)
            case "rename":
                return rows.rename(columns={column: 7})
            case "null":
                return rows.assign(**{column: None})
            case "double":
                return pd.concat([rows, rows[[column]]], axis=1)
        return rows.astype({column: change})

    found = verdict("idempotency.merge", merge_events)
    assert not found.broken, [o.rationale for o in found.outcomes]


# --- whatever lies in the lake ----------------------------------------------------------------------------------


def parquet(folder: Path, table: pa.Table | dict[str, Any], name: str = "part.parquet") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table if isinstance(table, pa.Table) else pa.table(table), folder / name)


def events(**columns: Any) -> dict[str, Any]:
    """Two rows with the columns that checks need, some of them replaced."""
    return {**{name: ["E00000001", "E00000002"] for name in idempotency.COLUMNS}, **columns}


def day(lake: Path) -> Path:
    folder = lake / "date=2024-01-01"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def put(lake: Path, data: bytes, name: str = "part.parquet") -> None:
    (day(lake) / name).write_bytes(data)


def half(lake: Path) -> None:
    parquet(day(lake), events())
    put(lake, (day(lake) / "part.parquet").read_bytes()[:-9])


def bits_flipped(lake: Path) -> None:
    parquet(day(lake), events())
    data = bytearray((day(lake) / "part.parquet").read_bytes())
    for i in range(4, len(data) - 8, 7):
        data[i] ^= 0x55
    put(lake, bytes(data))


def linked(lake: Path) -> None:
    try:
        (day(lake) / "part.parquet").symlink_to(lake)
        (lake / "loop").symlink_to(lake, target_is_directory=True)
    except OSError:
        put(lake, b"")


def folder_called_parquet(lake: Path) -> None:
    parquet(day(lake) / "part.parquet", events(), "data.parquet")


def other_columns(lake: Path) -> None:
    parquet(day(lake), events(extra=[1, 2]), "a.parquet")
    parquet(day(lake), events(more=[[1], None]), "b.parquet")


IDS = [None, "x"]
LAKES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda lake: None,
    "empty file": lambda lake: put(lake, b""),
    "text": lambda lake: put(lake, b"event_id,amount\n"),
    "noise": lambda lake: put(lake, np.random.default_rng(0).bytes(5000)),
    "magic only": lambda lake: put(lake, b"PAR1" + b"\xff" * 50 + b"PAR1"),
    "half": half,
    "bits flipped": bits_flipped,
    "links": linked,
    "a folder called .parquet": folder_called_parquet,
    "no columns": lambda lake: parquet(day(lake), {}),
    "no rows": lambda lake: parquet(day(lake), {name: pa.array([], pa.string()) for name in idempotency.COLUMNS}),
    "all null": lambda lake: parquet(day(lake), events(**{name: pa.nulls(2) for name in idempotency.COLUMNS})),
    "lists": lambda lake: parquet(day(lake), events(event_id=[["a"], []], amount=[[1.0], None])),
    "structs": lambda lake: parquet(day(lake), events(event_id=[{"a": 1}, None], timestamp=[{"b": [1]}, {"b": []}])),
    "maps": lambda lake: parquet(
        day(lake), events(amount=pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())))
    ),
    "bytes": lambda lake: parquet(day(lake), events(event_id=[b"\xff", b""])),
    "decimals": lambda lake: parquet(
        day(lake), events(amount=[Decimal("1.50"), None], event_id=[Decimal(1), Decimal(2)])
    ),
    "dates": lambda lake: parquet(day(lake), events(timestamp=[NOW.date(), None], event_id=[NOW.date(), None])),
    "times of day": lambda lake: parquet(
        day(lake), events(timestamp=[NOW.time(), None], amount=[dt.timedelta(1), None])
    ),
    "far years": lambda lake: parquet(day(lake), events(timestamp=pa.array([2**62, -(2**62)], pa.timestamp("s")))),
    "numbers": lambda lake: parquet(day(lake), events(event_id=[1, 2], timestamp=[1.5, float("nan")])),
    "a null key": lambda lake: parquet(day(lake), events(event_id=IDS)),
    "words for numbers": lambda lake: parquet(day(lake), events(amount=["abc", None], user_id=["?", ""])),
    "categories": lambda lake: parquet(day(lake), events(event_id=pa.array(["a", "b"]).dictionary_encode())),
    "other columns in each file": other_columns,
    "a column of that name": lambda lake: parquet(day(lake), events(**{idempotency.FILE: ["a", "b"]})),
    "the same column twice": lambda lake: parquet(
        day(lake), pa.table([[1], [2], *([["x"]] * 8)], names=["a", "a", *idempotency.COLUMNS])
    ),
    "many rows": lambda lake: parquet(
        day(lake), {name: pa.nulls(500_001, pa.string()) for name in idempotency.COLUMNS}
    ),
    "many columns": lambda lake: parquet(day(lake), {f"c{i}": [1] for i in range(200)}),
    "long text": lambda lake: parquet(day(lake), events(event_id=["x" * 100_000, "y"])),
    "unpacks to far more": lambda lake: parquet(
        day(lake), pa.table(events(product_id=["x" * (20 << 20), "y"])), "bomb.parquet"
    ),
}


@pytest.mark.parametrize("fill", LAKES.values(), ids=LAKES)
def test_nothing_in_a_lake_breaks_a_check(fill: Callable[[Path], object]) -> None:
    found = verdict("idempotency.load", lambda batch, lake: fill(lake))
    assert not found.broken, [o.rationale for o in found.outcomes]
    assert found.points == 0


@pytest.mark.parametrize("fill", LAKES.values(), ids=LAKES)
def test_what_is_added_to_a_right_lake_breaks_no_check(fill: Callable[[Path], object]) -> None:
    right = reference("idempotency.load")

    def load_events(batch: pd.DataFrame, lake: Path) -> None:
        right(batch, lake)
        fill(lake)

    assert not verdict("idempotency.load", load_events).broken


# --- what a reader passes over, and what it reads ---------------------------------------------------------------


def loading_as_well(write: Callable[[Path], object]) -> Callable[[pd.DataFrame, Path], None]:
    """A right load that writes something else beside its files."""
    right = reference("idempotency.load")

    def load_events(batch: pd.DataFrame, lake: Path) -> None:
        right(batch, lake)
        write(lake)

    return load_events


@pytest.mark.parametrize(
    "name", ["_tmp/part.parquet", ".part.parquet", "_part.parquet", "notes.json", "part.parquet.tmp"]
)
def test_what_readers_pass_over_costs_nothing(name: str) -> None:
    def write(lake: Path) -> None:
        path = day(lake) / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("half a file")

    assert verdict("idempotency.load", loading_as_well(write)).points == 8


@pytest.mark.parametrize("name", ["part-1.parquet", "tmp/part.parquet"])
def test_a_copy_that_a_reader_reads_is_named(name: str) -> None:
    def write(lake: Path) -> None:
        source = next(lake.glob("date=*/part-0.parquet"))
        path = source.parent / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(source.read_bytes())

    found = verdict("idempotency.load", loading_as_well(write)).outcomes[0]
    assert found.status is Status.INCORRECT
    assert "more than once" in found.rationale
    assert any(name in cell for row in found.evidence[0].rows for cell in row)
