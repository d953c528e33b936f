"""Worlds: three sources from a seed, the faults planted in them, and the truth about those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from ._tables import BLOCK_ROWS, DAY, MAX_DELAY, SECOND, Plan, Received, event_blocks, products_table, users_table
from .faults import DEFAULT_FAULTS, fault_counts


@dataclass(frozen=True, eq=False)
class World:
    """Tables as received, each with a RangeIndex; `SCHEMAS` has their columns, dtypes and units.

    `truth` has one row per planted fault, by table and row; for a copy it is the copy's row, not the original's.
    `start` is the first instant of the period and `as_of` the first instant after it, both in UTC.
    """

    seed: int
    start: pd.Timestamp
    as_of: pd.Timestamp
    users: pd.DataFrame
    events: pd.DataFrame
    products: pd.DataFrame
    truth: pd.DataFrame


def make_world(
    seed: int,
    *,
    users: int = 10_000,
    events: int = 50_000,
    products: int = 100,
    faults: Mapping[str, float] = DEFAULT_FAULTS,
    start: str | pd.Timestamp = "2024-01-01",
    days: int = 35,
) -> World:
    """A world of users, events and products with planted faults, and the truth about them.

    `users`, `events` and `products` count clean rows; copies come on top. `faults` maps names of `FAULTS` to an
    int (so many rows) or a float (a share of the table's clean rows). No row gets two faults, except that
    events.schema_drift takes whole days: the last so many, or a share of `days`. `start` is a day in UTC.

    Raises ValueError for an unknown fault name, a negative seed, sizes or days below 1, or more faults than rows;
    TypeError for a fault that is no number.

    >>> world = make_world(7, users=20, events=200, faults={"events.late": 2})
    >>> len(world.events), world.truth["fault"].tolist()
    (200, ['events.late', 'events.late'])
    """
    plan = _plan(seed, users, events, products, faults, start, days)
    blocks = list(event_blocks(plan))
    user_rows, user_truth = users_table(plan)
    product_rows, product_truth = products_table(plan)
    return World(
        seed=seed,
        start=pd.Timestamp(plan.start, unit="us", tz="UTC"),
        as_of=pd.Timestamp(plan.as_of, unit="us", tz="UTC"),
        users=user_rows,
        events=_joined([rows for rows, _ in blocks]),
        products=product_rows,
        truth=pd.concat([user_truth, *(truth for _, truth in blocks), product_truth], ignore_index=True),
    )


def iter_events(
    seed: int,
    *,
    users: int = 10_000,
    events: int = 50_000,
    products: int = 100,
    faults: Mapping[str, float] = DEFAULT_FAULTS,
    start: str | pd.Timestamp = "2024-01-01",
    days: int = 35,
    chunk_rows: int = BLOCK_ROWS,
) -> Iterator[Received]:
    """The events of `make_world` with the same arguments in chunks, in the memory of one chunk.

    Yields (events, truth): `chunk_rows` received rows, the last time the rest, and the faults in them. The indexes
    go on from chunk to chunk: all chunks in one `pd.concat` are `make_world(...).events`, and the truths are its
    `truth` of events. Raises what `make_world` raises, at once, and ValueError for `chunk_rows` below 1.
    """
    if chunk_rows < 1:
        raise ValueError(f"chunk_rows: expected at least 1, got {chunk_rows}")
    return _chunks(event_blocks(_plan(seed, users, events, products, faults, start, days)), chunk_rows)


def _plan(
    seed: int,
    users: int,
    events: int,
    products: int,
    faults: Mapping[str, float],
    start: str | pd.Timestamp,
    days: int,
) -> Plan:
    sizes = {"users": users, "events": events, "products": products}
    for name, value in {**sizes, "days": days}.items():
        if value < 1:
            raise ValueError(f"{name}: expected at least 1, got {value}")
    if seed < 0:
        raise ValueError(f"seed: expected 0 or more, got {seed}")
    day = pd.Timestamp(start)
    day = (day.tz_localize("UTC") if day.tz is None else day.tz_convert("UTC")).normalize()
    begin = int(day.timestamp()) * SECOND
    # whole seconds, or finer where so many events would not fit
    tick = next((tick for tick in (SECOND, 1_000, 1) if 4 * events * tick <= days * DAY - MAX_DELAY), None)
    if tick is None:
        raise ValueError(f"events: {events} in {days} days is more than one in 4 microseconds; ask for fewer")
    return Plan(seed, users, events, products, begin, begin + days * DAY, tick, fault_counts(faults, sizes, days))


def _chunks(blocks: Iterator[Received], chunk_rows: int) -> Iterator[Received]:
    held: list[Received] = []
    room = chunk_rows
    for rows, truth in blocks:
        while len(rows):
            # cut off what still fits into the chunk
            head, rows = rows.iloc[:room], rows.iloc[room:]
            cut = truth["row"].searchsorted(head.index[-1], side="right")
            held.append((head, truth.iloc[:cut]))
            truth = truth.iloc[cut:]
            room -= len(head)
            if not room:
                yield _joined([r for r, _ in held]), _joined([t for _, t in held])
                held, room = [], chunk_rows
    if held:
        yield _joined([r for r, _ in held]), _joined([t for _, t in held])


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return frames[0] if len(frames) == 1 else pd.concat(frames)
