"""Steps 3 and 5: what is in the lake after a load, a second load, and a crash in the middle of one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_generators import FAULTS, World, make_world
from pipeline import load_features, load_raw, load_validated, read_table

DAYS = ["2024-01-01", "2024-01-02", "2024-01-03"]


def rows(*days: str, amount: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame(
        {"timestamp": pd.to_datetime(list(days), utc=True, format="ISO8601").as_unit("us"), "amount": amount}
    )


def partitions(lake: Path) -> list[str]:
    return sorted(path.parent.relative_to(lake).as_posix() for path in lake.rglob("part-0.parquet"))


def test_raw_is_what_was_received_with_every_value_and_its_type(tmp_path: Path) -> None:
    world = make_world(2, users=100, events=500, products=40, faults=dict.fromkeys(FAULTS, 2))
    for table in ("users", "events", "products"):
        received = getattr(world, table)
        load_raw(received, tmp_path, table, date=world.as_of)
        stored = read_table(tmp_path, "raw", table, date="2024-02-05")
        pd.testing.assert_frame_equal(stored, received)
        for name in (name for name in received if received[name].dtype == object):
            assert [type(value) for value in stored[name]] == [type(value) for value in received[name]], name


def test_mixed_values_survive(tmp_path: Path) -> None:
    mixed = [1, 1.0, "1", None, True, "null", "", "ä\n", 10**20, -0.5]
    load_raw(pd.DataFrame({"x": pd.Series(mixed, dtype=object)}), tmp_path, "t", date=DAYS[0])
    back = read_table(tmp_path, "raw", "t")["x"].tolist()
    assert back == mixed
    assert [type(value) for value in back] == [type(value) for value in mixed]


def test_numpy_values_become_the_same_python_values_and_nan_stays(tmp_path: Path) -> None:
    load_raw(pd.DataFrame({"x": pd.Series([np.int64(3), np.nan, "a"], dtype=object)}), tmp_path, "t", date=DAYS[0])
    back = read_table(tmp_path, "raw", "t")["x"].tolist()
    assert back[0] == 3 and np.isnan(back[1]) and back[2] == "a"


def test_a_value_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="expected numbers, text or None in a mixed column, got"):
        load_raw(pd.DataFrame({"x": pd.Series([1, object()], dtype=object)}), tmp_path, "t", date=DAYS[0])
    assert partitions(tmp_path) == []


def test_one_partition_per_utc_day_in_one_place(tmp_path: Path) -> None:
    load_validated(rows("2024-01-02T00:00", "2024-01-01T23:59:59.999999"), tmp_path, "events", by="timestamp")
    assert partitions(tmp_path) == ["validated/events/date=2024-01-01", "validated/events/date=2024-01-02"]
    assert list(read_table(tmp_path, "validated", "events")) == ["timestamp", "amount"]  # no column from the path


def test_loading_twice_is_loading_once(tmp_path: Path) -> None:
    for _ in range(2):
        load_validated(rows(*DAYS), tmp_path, "events", by="timestamp")
    pd.testing.assert_frame_equal(read_table(tmp_path, "validated", "events"), rows(*DAYS))


def test_a_day_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    load_validated(rows(*DAYS), tmp_path, "events", by="timestamp")
    load_validated(rows(DAYS[1], amount=7.0), tmp_path, "events", by="timestamp")
    assert read_table(tmp_path, "validated", "events")["amount"].tolist() == [1.0, 7.0, 1.0]


def test_a_complete_load_leaves_nothing_stale_up_to_its_end_and_nothing_newer_is_touched(tmp_path: Path) -> None:
    load_validated(rows(*DAYS), tmp_path, "events", by="timestamp")
    load_validated(rows(DAYS[1], amount=7.0), tmp_path, "events", by="timestamp", until=DAYS[1])
    pd.testing.assert_frame_equal(
        read_table(tmp_path, "validated", "events"),
        pd.concat([rows(DAYS[1], amount=7.0), rows(DAYS[2])], ignore_index=True),
    )
    load_validated(rows().astype(rows(*DAYS).dtypes), tmp_path, "events", by="timestamp", until=DAYS[2])
    assert len(read_table(tmp_path, "validated", "events")) == 0


def test_a_snapshot_is_one_partition(tmp_path: Path) -> None:
    load_validated(rows(*DAYS), tmp_path, "users", by=pd.Timestamp("2024-02-05", tz="UTC"))
    assert partitions(tmp_path) == ["validated/users/date=2024-02-05"]


def test_days_are_utc_days(tmp_path: Path) -> None:
    load_features(rows(*DAYS), tmp_path, as_of=pd.Timestamp("2024-02-05 00:30", tz="Europe/Berlin"))
    assert partitions(tmp_path) == ["features/users/date=2024-02-04"]


def test_a_crash_between_writing_and_replacing_leaves_the_old_partition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_raw(rows(DAYS[0]), tmp_path, "events", date=DAYS[0])

    def crash(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="no space left"):
        patched.setattr(os, "replace", crash)
        load_raw(rows(DAYS[0], amount=7.0), tmp_path, "events", date=DAYS[0])
    pd.testing.assert_frame_equal(read_table(tmp_path, "raw", "events"), rows(DAYS[0]))
    assert [path.name for path in tmp_path.rglob("*.*")] == ["part-0.parquet"]  # and nothing half-written


def test_a_killed_process_leaves_the_old_partition_and_the_next_load_works(tmp_path: Path) -> None:
    load_raw(rows(DAYS[0]), tmp_path, "events", date=DAYS[0])
    kill = "import os; os.replace = lambda *paths: os._exit(9)\n"
    load = f"load_raw(pd.DataFrame({{'amount': [7.0]}}), {str(tmp_path)!r}, 'events', date={DAYS[0]!r})"
    code = f"import pandas as pd\nfrom pipeline import load_raw\n{kill}{load}"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert len(list(tmp_path.rglob("*.tmp"))) == 1  # the killed process got that far
    pd.testing.assert_frame_equal(read_table(tmp_path, "raw", "events"), rows(DAYS[0]))
    load_raw(rows(DAYS[0], amount=7.0), tmp_path, "events", date=DAYS[0])
    pd.testing.assert_frame_equal(read_table(tmp_path, "raw", "events"), rows(DAYS[0], amount=7.0))


def test_reading_what_is_not_there_says_what_is(tmp_path: Path) -> None:
    load_raw(rows(DAYS[0]), tmp_path, "events", date=DAYS[0])
    with pytest.raises(FileNotFoundError, match=r"hold 2024-01-09, found the days \['2024-01-01'\]; load raw first"):
        read_table(tmp_path, "raw", "events", date="2024-01-09")
    with pytest.raises(FileNotFoundError, match="load validated first"):
        read_table(tmp_path, "validated", "events")


def test_days_with_other_columns_are_read_together(tmp_path: Path) -> None:
    load_raw(rows(DAYS[0]), tmp_path, "events", date=DAYS[0])
    load_raw(rows(DAYS[1]).rename(columns={"amount": "amount_eur"}), tmp_path, "events", date=DAYS[1])
    assert list(read_table(tmp_path, "raw", "events")) == ["timestamp", "amount", "amount_eur"]


def test_dtypes_come_back(world: World, tmp_path: Path) -> None:
    load_raw(world.events, tmp_path, "events", date=world.as_of)
    pd.testing.assert_frame_equal(read_table(tmp_path, "raw", "events"), world.events)
