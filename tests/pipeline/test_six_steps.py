"""The whole pipeline: figures, reruns, backfills, determinism."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest

from data_generators import DEFAULT_FAULTS, FAULTS, World, make_world
from pipeline import read_table, run
from pipeline.steps import STAGES


def small(seed: int = 1, **arguments: object) -> World:
    sizes = {"users": 300, "events": 2_000, "products": 60, "days": 7, "faults": dict.fromkeys(FAULTS, 3)}
    return make_world(seed, **sizes | arguments)  # type: ignore[arg-type]


def content(lake: Path) -> dict[str, pd.DataFrame]:
    """All that is stored, by partition: what a rerun has to leave equal, whatever the bytes."""
    paths = sorted(lake.rglob("part-0.parquet"))
    keys = [path.parent.relative_to(lake).parts for path in paths]
    return {"/".join(key): read_table(lake, key[0], key[1], date=key[2].removeprefix("date=")) for key in keys}


def assert_same(got: dict[str, pd.DataFrame], wanted: dict[str, pd.DataFrame]) -> None:
    assert got.keys() == wanted.keys()
    for key, frame in wanted.items():
        pd.testing.assert_frame_equal(got[key], frame)


def before(world: World, as_of: pd.Timestamp) -> World:
    """What had been received of `world` by `as_of`."""
    events = world.events[world.events["ingested_at"] < as_of].reset_index(drop=True)
    return World(world.seed, world.start, as_of, world.users, events, world.products, world.truth)


def test_default_world(world: World, tmp_path: Path) -> None:
    done = run(world, tmp_path, as_of=world.as_of)
    assert all(check.passed for check in done.checks)
    assert done.rows.loc["users"].tolist() == [10_000, 9_920, 80, 0]
    assert done.rows.loc["products"].tolist() == [100, 100, 0, 0]
    received, valid, quarantined, duplicates = done.rows.loc["events"]
    assert (received, valid + quarantined, duplicates) == (50_200, 50_000, 200)
    assert done.reasons.to_dict() == {("users", "age_out_of_range"): 80, ("events", "unknown_user"): quarantined}
    assert len(read_table(tmp_path, "features", "users", date=world.as_of)) == 9_920
    assert len(list((tmp_path / "validated" / "events").iterdir())) == 35


@pytest.mark.parametrize("faults", [DEFAULT_FAULTS, {}, dict.fromkeys(FAULTS, 3)], ids=["default", "none", "all"])
def test_the_identity_closes(faults: dict[str, float], tmp_path: Path) -> None:
    rows = run(small(faults=faults), tmp_path, as_of=small().as_of).rows
    assert (rows["received"] == rows[["valid", "quarantined", "duplicates"]].sum(axis=1)).all()


def test_a_rerun_leaves_the_lake_as_it_was(tmp_path: Path) -> None:
    world = small()
    run(world, tmp_path, as_of=world.as_of)
    once = content(tmp_path)
    run(world, tmp_path, as_of=world.as_of)
    assert_same(content(tmp_path), once)


def test_two_lakes_get_the_same(tmp_path: Path) -> None:
    for name in ("a", "b"):
        run(small(), tmp_path / name, as_of=small().as_of)
    assert_same(content(tmp_path / "a"), content(tmp_path / "b"))


def test_a_corrected_delivery_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    first, corrected = small(seed=1), small(seed=2, events=20, faults=DEFAULT_FAULTS)
    run(first, tmp_path / "both", as_of=first.as_of)
    done = run(corrected, tmp_path / "both", as_of=corrected.as_of)
    run(corrected, tmp_path / "one", as_of=corrected.as_of)
    assert all(check.passed for check in done.checks)
    assert_same(content(tmp_path / "both"), content(tmp_path / "one"))


def test_a_backfill_does_not_touch_newer_days(tmp_path: Path) -> None:
    world = small(faults=DEFAULT_FAULTS)
    earlier = before(world, pd.Timestamp("2024-01-05", tz="UTC"))
    run(world, tmp_path, as_of=world.as_of)
    once = content(tmp_path)
    done = run(earlier, tmp_path, as_of=earlier.as_of)
    assert all(check.passed for check in done.checks)
    now = content(tmp_path)
    newer = {key for key in once if key.startswith("validated/events/") and key[-10:] > "2024-01-05"}
    assert newer
    for key in newer | {key for key in once if key.endswith("2024-01-08")}:
        pd.testing.assert_frame_equal(now[key], once[key])
    assert len(now["features/users/date=2024-01-05"]) == len(once["features/users/date=2024-01-08"])


def test_a_run_that_fails_half_way_is_repaired_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world, replace = small(), Path.replace
    run(world, tmp_path / "sound", as_of=world.as_of)
    for survived in (0, 3, 8, 12):
        writes = itertools.count()

        def crash(path: Path, target: Path, writes: itertools.count[int] = writes, survived: int = survived) -> Path:
            if next(writes) == survived:
                raise OSError("disk gone")
            return replace(path, target)

        with monkeypatch.context() as patched, pytest.raises(OSError, match="disk gone"):
            patched.setattr(Path, "replace", crash)
            run(world, tmp_path / "crashed", as_of=world.as_of)
    run(world, tmp_path / "crashed", as_of=world.as_of)
    assert_same(content(tmp_path / "crashed"), content(tmp_path / "sound"))


def test_seconds_per_stage_come_from_the_clock(tmp_path: Path) -> None:
    ticks = itertools.accumulate(range(100))  # 0, 1, 3, 6, ...
    done = run(small(), tmp_path, as_of=small().as_of, clock=lambda: next(ticks))
    assert done.seconds == dict(zip(STAGES, [1, 2, 3, 4, 5, 6], strict=True))


def test_a_delivery_without_a_valid_event_is_a_delivery(tmp_path: Path) -> None:
    world = small(events=10, faults={"events.unknown_user": 10})
    done = run(world, tmp_path, as_of=world.as_of)
    assert done.rows.loc["events"].tolist() == [10, 0, 10, 0]
    assert all(check.passed for check in done.checks)
