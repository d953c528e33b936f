"""Clean tables have the documented columns and dtypes; faults widen dtypes as documented, in every chunk alike."""

from __future__ import annotations

import pandas as pd
import pytest
from pandas.api.types import is_object_dtype

from data_generators import DEFAULT_FAULTS, FAULTS, SCHEMAS, iter_events, make_world


@pytest.mark.parametrize("faults", [{}, DEFAULT_FAULTS], ids=["clean", "default"])
@pytest.mark.parametrize("table", sorted(SCHEMAS))
def test_columns_dtypes_and_nulls(table: str, faults: dict[str, float]) -> None:
    frame = getattr(make_world(1, users=300, events=300, products=30, faults=faults), table)
    assert list(frame.columns) == [column.name for column in SCHEMAS[table]]
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {c.name: c.dtype for c in SCHEMAS[table]}
    assert [c.name for c in SCHEMAS[table] if frame[c.name].isna().any() and not c.nullable] == []
    assert isinstance(frame.index, pd.RangeIndex)
    assert frame.index.start == 0


def test_every_column_is_documented() -> None:
    columns = [column for table in SCHEMAS.values() for column in table]
    assert all(column.description for column in columns)
    assert {c.unit for c in columns if c.dtype.startswith("datetime")} == {"UTC"}


@pytest.mark.parametrize(
    ("fault", "dtype"),
    [
        ("users.missing_user_id", "float64"),
        ("users.missing_age", "float64"),
        ("users.age_text", "object"),
        ("events.missing_user_id", "float64"),
        ("events.amount_missing", "float64"),
        ("events.amount_text", "object"),
        ("events.mixed_offsets", "str"),
        ("products.price_text", "object"),
    ],
)
def test_faults_that_change_a_dtype(fault: str, dtype: str) -> None:
    world = make_world(1, users=30, events=30, products=30, faults={fault: 1})
    assert str(getattr(world, FAULTS[fault].table)[FAULTS[fault].column].dtype) == dtype


@pytest.mark.parametrize("fault", ["users.age_text", "events.amount_text", "products.price_text"])
def test_object_columns_hold_python_values(fault: str) -> None:
    missing = fault.replace("price_text", "price_missing").replace("_text", "_missing")
    missing = "users.missing_age" if fault == "users.age_text" else missing
    world = make_world(1, users=30, events=30, products=30, faults={fault: 2, missing: 2})
    cells = getattr(world, FAULTS[fault].table)[FAULTS[fault].column]
    number = int if fault == "users.age_text" else float
    assert is_object_dtype(cells.dtype)
    assert cells.map(type).value_counts().to_dict() == {number: 26, str: 2, type(None): 2}


def test_a_column_of_text_alone_stays_object() -> None:
    world = make_world(1, users=3, events=3, products=3, faults={"users.age_text": 3, "events.amount_text": 3})
    assert is_object_dtype(world.users["age"].dtype)
    assert is_object_dtype(world.events["amount"].dtype)


def test_chunks_share_their_dtypes() -> None:
    faults = {"events.amount_text": 1, "events.missing_user_id": 1, "events.schema_drift": 1, "events.mixed_offsets": 1}
    chunks = [chunk for chunk, _ in iter_events(1, users=9, events=200, products=3, faults=faults, chunk_rows=10)]
    assert len({tuple(chunk.dtypes.astype(str).items()) for chunk in chunks}) == 1
    assert chunks[0].columns.tolist() == [*(column.name for column in SCHEMAS["events"]), "amount_eur"]
