"""How much faster `pipeline.transform` is than the same features counted by a Python function per group.

python -m benchmarks.transform [--runs N]   prints a table and writes it to benchmarks/transform.md
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import pandas as pd

from data_generators import make_world
from pipeline import FEATURES, clean_users, extract_events, extract_users, transform

LIMIT = 100
SEED = 42


def transform_by_group(users: pd.DataFrame, events: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """The table of `pipeline.transform`, its counts by event type made by three Python calls per user.

    Everything else is as fast as pandas makes it, so the difference is the cost of those calls.
    """
    known = events[events["timestamp"] < as_of]
    known = known.assign(day=known["timestamp"].dt.floor("D"), spend=known["amount"])
    counted = known.groupby("user_id").agg(
        total_events=("event_id", "size"),
        total_purchases=("event_type", lambda types: (types == "purchase").sum()),
        total_views=("event_type", lambda types: (types == "view").sum()),
        total_cart_adds=("event_type", lambda types: (types == "add_to_cart").sum()),
        total_spend=("spend", "sum"),  # amounts are above 0 for purchases only
        num_categories=("product_category", "nunique"),
        days_active=("day", "nunique"),
        first_event=("timestamp", "min"),
        last_event=("timestamp", "max"),
    )
    purchases, cart_adds = counted["total_purchases"], counted["total_cart_adds"]
    counted["avg_spend"] = counted["total_spend"] / purchases
    counted["purchase_rate"] = purchases / counted["total_events"]
    counted["purchases_per_cart_add"] = purchases / cart_adds.where(cart_adds > 0)

    features = clean_users(users, as_of=as_of).set_index("user_id").join(counted, validate="1:1").reset_index()
    features = features.assign(has_events=features["total_events"].notna(), as_of=as_of)
    for column in FEATURES:
        if column.name in counted and not column.nullable:
            features[column.name] = features[column.name].fillna(0).astype(counted[column.name].dtype)
    return features[[column.name for column in FEATURES]]


def fastest(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Wall-clock and CPU seconds of the fastest of so many calls."""
    wall, cpu = [], []
    for _ in range(times):
        start = perf_counter(), process_time()
        work()
        wall.append(perf_counter() - start[0])
        cpu.append(process_time() - start[1])
    return min(wall), min(cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the vectorised transform with one Python call per group.")
    parser.add_argument("--runs", type=int, default=3, help="rounds of one slow and ten fast calls (default 3)")
    runs = parser.parse_args().runs

    world = make_world(SEED)
    users = extract_users(world.users).valid
    events = extract_events(world.events, users, as_of=world.as_of).valid

    def vectorised() -> pd.DataFrame:
        return transform(users, events, as_of=world.as_of)

    def by_group() -> pd.DataFrame:
        return transform_by_group(users, events, as_of=world.as_of)

    pd.testing.assert_frame_equal(vectorised(), by_group())  # the same table, or there is nothing to compare
    rounds = [(*fastest(by_group, 1), *fastest(vectorised, 10)) for _ in range(runs)]
    slow, slow_cpu, fast, fast_cpu = (min(column) for column in zip(*rounds, strict=True))
    verdict = "within" if max(fast / slow, fast_cpu / slow_cpu) < 1 / LIMIT else "NOT within"
    report = f"""# Transform: one row of features per user

`python -m benchmarks.transform --runs {runs}`

The default world (seed {SEED}): {len(users):,} users and {len(events):,} events in memory, {len(FEATURES)} columns
out, both tables equal. One process, {runs} rounds of one call of the first and ten of the second; the fastest counts.

| transform | seconds | CPU seconds |
|---|---:|---:|
| three Python functions per group in `groupby.agg` | {slow:.3f} | {slow_cpu:.3f} |
| `pipeline.transform`: tag, then one sum for all groups | {fast:.4f} | {fast_cpu:.4f} |
| ratio | 1/{slow / fast:.0f} | 1/{slow_cpu / fast_cpu:.0f} |

The limit is 1/{LIMIT} of both: {verdict} it. On a busy machine the CPU seconds are the fairer measure.

Python {platform.python_version()}, pandas {pd.__version__}, {platform.system()} {platform.machine()}.
"""
    print(report)
    Path(__file__).with_suffix(".md").write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
