"""All six steps in a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import pandas as pd

from data_generators import World

from .checks import CheckResult, post_load_checks
from .extract import as_schema, extract_events, extract_products, extract_users
from .features import transform
from .lake import load_features, load_quarantine, load_raw, load_validated, read_table

STAGES = ("load_raw", "extract", "load_validated", "transform", "load_features", "checks")


@dataclass(frozen=True)
class Run:
    """What one run did.

    rows: one row per table, int64 columns received, valid, quarantined, duplicates.
    reasons: int64, how many quarantined rows name a reason, by (table, reason); a row can name several.
    seconds: by stage, from `clock`.
    checks: the results of step 6; `run` does not raise when one fails, its caller decides.
    """

    rows: pd.DataFrame
    reasons: pd.Series[int]
    seconds: dict[str, float]
    checks: list[CheckResult]


def run(world: World, lake: Path, *, as_of: pd.Timestamp, clock: Callable[[], float] = perf_counter) -> Run:
    """Take everything received up to `as_of` through the pipeline, replacing what an earlier run left in `lake`."""
    received = {"users": world.users, "products": world.products, "events": world.events}
    ticks = [clock()]

    # load raw: before anything can fail, so that one can always go back
    for table, frame in received.items():
        load_raw(frame, lake, table, date=as_of)
    ticks.append(clock())

    # extract
    users = extract_users(world.users)
    products = extract_products(world.products)
    catalogue = as_schema(world.products, "products")  # a product of unknown price is still a known product
    events = extract_events(world.events, users.valid, as_of=as_of, products=catalogue)
    extracts = {"users": users, "products": products, "events": events}
    ticks.append(clock())

    # load validated
    load_validated(users.valid, lake, "users", by=as_of)
    load_validated(products.valid, lake, "products", by=as_of)
    load_validated(events.valid, lake, "events", by="timestamp", until=as_of)
    for table, extract in extracts.items():
        load_quarantine(extract, lake, table, date=as_of)
    ticks.append(clock())

    # transform: from the lake, as a run on another machine would
    features = transform(
        read_table(lake, "validated", "users", date=as_of), read_table(lake, "validated", "events"), as_of=as_of
    )
    ticks.append(clock())

    # load features
    load_features(features, lake, as_of=as_of)
    ticks.append(clock())

    # check
    checks = post_load_checks(lake, world, as_of=as_of)
    ticks.append(clock())

    # count
    rows = pd.DataFrame(
        {
            "received": {table: len(frame) for table, frame in received.items()},
            "valid": {table: len(extract.valid) for table, extract in extracts.items()},
            "quarantined": {table: len(extract.quarantined) for table, extract in extracts.items()},
            "duplicates": {table: len(extract.duplicates) for table, extract in extracts.items()},
        }
    )
    named = {table: extract.quarantined["reasons"].str.split(";").explode() for table, extract in extracts.items()}
    reasons = pd.concat(named, names=["table"]).groupby("table").value_counts().rename("rows")
    return Run(rows, reasons, dict(zip(STAGES, (b - a for a, b in pairwise(ticks)), strict=True)), checks)
