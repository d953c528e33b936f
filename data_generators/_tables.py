"""The tables of a world: clean draws, then the faults planted in them, then the truth about those."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ._draws import (
    OFFSETS,
    Cells,
    Cents,
    Codes,
    Ints,
    amounts,
    ids,
    iso_text,
    messy,
    misspell,
    numbered,
    pick,
    stream,
    taken,
    text,
    utc,
    words,
)
from ._planting import Planting, planting
from .faults import DRIFT, FAULTS, MONEY

Received = tuple[pd.DataFrame, pd.DataFrame]  # a table or a block of it, and the truth about it

SECOND = 1_000_000  # times are int64 microseconds until they become a column
DAY = 86_400 * SECOND
MAX_DELAY = 300 * SECOND
BLOCK_ROWS = 1 << 16  # another number gives other worlds wherever there are more events than this

COUNTRIES, COUNTRY_SHARES = words(["US", "UK", "DE", "FR", "JP", "IN"], None), (6, 3, 2, 2, 2, 3)
TIERS, TIER_SHARES = words(["free", "basic", "premium"]), (12, 5, 3)
CATEGORIES, CATEGORY_SHARES = words(["electronics", "clothing", "food", "books", "sports"]), (1, 1, 1, 1, 1)
EVENT_TYPES = words(
    ["purchase", "view", "add_to_cart", "search", "review"], "click", "login", "refund", "share"
)  # the last four are unknown
EVENT_TYPE_SHARES = (1, 4, 2, 2, 1)
UNKNOWN_IDS = 100  # unknown users and products have one of so many ids beyond the last
EVENT_COPIES = ("duplicate_exact", "messy_event_id", "duplicate_newer", "duplicate_conflict")


@dataclass(frozen=True)
class Plan:
    """The checked arguments of a world; times in microseconds since 1970, faults as `fault_counts` gives them."""

    seed: int
    users: int
    events: int
    products: int
    start: int
    as_of: int
    tick: int  # event times are multiples of it
    faults: Mapping[str, int]

    def integers(self, name: str, low: int, high: int, size: int, block: int = 0) -> Ints:
        return stream(self.seed, name, block).integers(low, high, size, dtype=np.int64)


def users_table(plan: Plan) -> Received:
    """Users in the order of their ids."""
    size = plan.users
    faults = planting(plan.seed, "users", plan.faults, size)
    number = np.arange(1, size + 1, dtype=np.int64)
    email = numbered("user_", number, "@example.com")
    email[faults.of("missing_email")] = None
    age = plan.integers("users.age", 18, 80, size)
    age[faults.of("age_negative")] = -1
    age[faults.of("age_too_high")] = 150
    country = pick(stream(plan.seed, "users.country"), COUNTRY_SHARES, size)
    country[faults.of("missing_country")] = len(COUNTRIES) - 1
    misspell(country, faults.of("messy_country"), faults.draw("messy_country", 0, 4), clean=6)
    seconds_before = plan.integers("users.signup_date", 1, 1461 * 86_400 + 1, size)  # four years
    frame = pd.DataFrame(
        {
            "user_id": faults.numbers(number, missing="missing_user_id"),
            "name": numbered("User_", number),
            "email": email,
            "age": faults.numbers(age, missing="missing_age", text="age_text"),
            "country": taken(COUNTRIES, country),
            "signup_date": utc(plan.start - seconds_before * SECOND),
            "subscription_tier": taken(TIERS, pick(stream(plan.seed, "users.subscription_tier"), TIER_SHARES, size)),
        },
        copy=False,
    )
    return frame, truth(faults, lambda rows: numbered("User_", rows + 1))


def product_categories(plan: Plan) -> Codes:
    """The code of each product's clean category."""
    return pick(stream(plan.seed, "products.category"), CATEGORY_SHARES, plan.products)


def product_ids(plan: Plan) -> pa.Array:
    """P0001 and on: those of the products, then the unknown ones."""
    highest = plan.products + UNKNOWN_IDS
    return ids("P", np.arange(1, highest + 1, dtype=np.int64), highest)


def products_table(plan: Plan) -> Received:
    """Products in the order of their ids, then the copies."""
    size = plan.products
    faults = planting(plan.seed, "products", plan.faults, size)
    source, faults = with_copies(faults, ("duplicate_exact", "duplicate_conflict"), size)
    product_id = taken(product_ids(plan), source)
    product_id[faults.of("missing_product_id")] = None
    category = product_categories(plan)[source]
    misspell(category, faults.of("messy_category"), faults.draw("messy_category", 0, 4), clean=5)
    cents = amounts(stream(plan.seed, "products.price"), size)[source]
    reprice(cents, faults, "duplicate_conflict")
    cents += 99
    cents[faults.of("price_negative")] *= -1
    stock = plan.integers("products.stock_count", 0, 501, size)[source]
    stock[faults.of("stock_negative")] = -faults.draw("stock_negative", 1, 21)
    frame = pd.DataFrame(
        {
            "product_id": product_id,
            "name": numbered("Product_", source + 1),
            "category": taken(CATEGORIES, category),
            "price": faults.numbers(cents / 100, missing="price_missing", text="price_text"),
            "stock_count": stock,
        },
        copy=False,
    )
    return frame, truth(faults, lambda rows: numbered("Product_", source[rows] + 1))


def event_blocks(plan: Plan) -> Iterator[Received]:
    """Events in the order received, in blocks of nearly equal size; indexes and truth go on from block to block."""
    blocks = -(-plan.events // BLOCK_ROWS)
    ends = [plan.events * i // blocks for i in range(blocks + 1)]
    catalogue = product_ids(plan), CATEGORIES.take(pa.array(product_categories(plan)))
    rows = found = 0
    for block, (low, high) in enumerate(itertools.pairwise(ends)):
        frame, faulty = event_block(plan, (block, low, high), *catalogue)
        faulty["row"] += rows
        frame.index = pd.RangeIndex(rows, rows := rows + len(frame))
        faulty.index = pd.RangeIndex(found, found := found + len(faulty))
        yield frame, faulty


def event_block(plan: Plan, block: tuple[int, int, int], products: pa.Array, categories: pa.Array) -> Received:
    """The events of one `block` (number, first event, end) with their copies, in the order received."""
    index, low, high = block
    size = high - low

    def draw(name: str, least: int, most: int, dtype: Any = np.int64) -> Any:
        return stream(plan.seed, f"events.{name}", index).integers(least, most, size, dtype)

    # clean events, in the order of arrival
    event_type = pick(stream(plan.seed, "events.event_type", index), EVENT_TYPE_SHARES, size)
    faults = planting(plan.seed, "events", plan.faults, plan.events, block=block, purchases=event_type == 0)
    event_type[np.concatenate([faults.of(name) for name in MONEY])] = 0
    user_id = draw("user_id", 1, plan.users + 1)
    product = draw("product_id", 0, plan.products, np.uint32)
    cents = amounts(stream(plan.seed, "events.amount", index), size)
    first, tick = plan.start + MAX_DELAY, plan.tick
    ticks = (plan.as_of - first) // tick
    begin, end = ticks * low // plan.events, ticks * high // plan.events
    # sorted draws, spread by one tick each so that no two are equal; the last tick is left for corrections
    gap = draw("ingested_at", 0, end - begin - size, np.uint32)
    gap.sort()
    arrival = gap + np.arange(begin, begin + size, dtype=np.int64)
    happened = arrival - draw("timestamp", SECOND // tick, MAX_DELAY // tick + 1, np.uint32)

    # copies behind their originals, corrections later, and some events overtaken by others
    source, faults = with_copies(faults, EVENT_COPIES, size)
    arrival = arrival[source]
    newer = faults.of("duplicate_newer")
    longest = np.minimum((DAY - 2 * MAX_DELAY) // tick, end - 1 - arrival[newer])
    arrival[newer] += 1 + faults.draw("duplicate_newer", 0, longest, "ingested_at")
    order = received_order(arrival, faults)
    position = np.empty_like(order)
    position[order] = np.arange(len(order), dtype=np.int64)
    faults = replace(faults, rows={name: position[rows] for name, rows in faults.rows.items()})
    source, arrival = source[order], arrival[order]
    arrival *= tick
    arrival += first

    # every column as received
    number = low + 1 + source
    event_id = event_ids(plan, number)
    if len(rows := faults.of("messy_event_id")):
        spelling = faults.draw("messy_event_id", 0, 4)
        event_id[rows] = [messy(clean)[i] for clean, i in zip(event_id[rows], spelling, strict=True)]
    cents = (cents * (event_type == 0))[source]
    reprice(cents, faults, "duplicate_newer")
    reprice(cents, faults, "duplicate_conflict")
    cents[faults.of("amount_negative")] *= -1
    event_type = event_type[source]
    misspell(event_type, faults.of("messy_event_type"), faults.draw("messy_event_type", 0, 4), clean=5)
    event_type[faults.of("unknown_event_type")] = faults.draw(
        "unknown_event_type", len(EVENT_TYPES) - 4, len(EVENT_TYPES)
    )
    user_id = user_id[source]
    user_id[faults.of("unknown_user")] = plan.users + faults.draw("unknown_user", 1, UNKNOWN_IDS + 1)
    product = product[source]
    category = taken(categories, product)
    product[faults.of("unknown_product")] = plan.products + faults.draw("unknown_product", 0, UNKNOWN_IDS)
    happened = first + happened[source] * tick
    late, future = faults.of("late"), faults.of("future_timestamp")
    happened[late] = arrival[late] - faults.draw("late", DAY // tick, 5 * DAY // tick + 1) * tick
    happened[future] = plan.as_of + faults.draw("future_timestamp", SECOND // tick, 30 * DAY // tick + 1) * tick
    timestamp = utc(happened)
    if "mixed_offsets" in faults.rows:
        offset = np.zeros_like(source)
        offset[faults.of("mixed_offsets")] = faults.draw("mixed_offsets", 1, len(OFFSETS))
        timestamp = iso_text(happened, offset, unit="s" if tick == SECOND else "us")
    frame = pd.DataFrame(
        {
            "event_id": event_id,
            "user_id": faults.numbers(user_id, missing="missing_user_id"),
            "event_type": taken(EVENT_TYPES, event_type),
            "product_id": taken(products, product),
            "product_category": category,
            "amount": faults.numbers(cents / 100, missing="amount_missing", text="amount_text"),
            "timestamp": timestamp,
            "ingested_at": utc(arrival),
        },
        copy=False,
    )
    if days := plan.faults.get(DRIFT):
        drifted = arrival >= plan.as_of - days * DAY
        frame["amount_eur"] = frame["amount"]
        frame.loc[drifted, "amount"] = None
        frame.loc[~drifted, "amount_eur"] = None
        faults = replace(faults, rows={**faults.rows, "schema_drift": np.flatnonzero(drifted)})
    return frame, truth(faults, lambda rows: event_ids(plan, number[rows]))


def event_ids(plan: Plan, numbers: Ints) -> Cells:
    """E00000001 and on, with four more digits for worlds of 100 million events and above."""
    return text(ids("E", numbers, max(plan.events, 10_000)))


def received_order(arrival: Ints, faults: Planting) -> Ints:
    """Row numbers in the order received: that of arrival, but for out_of_order rows, which some others overtake."""
    overtaken = faults.of("out_of_order")
    if not len(overtaken):
        return np.argsort(arrival, kind="stable")
    # move each of them behind an event that arrived later and is not itself moved
    moved = np.zeros(len(arrival), dtype=np.bool_)
    moved[overtaken] = True
    others = np.sort(arrival[~moved])
    later = np.searchsorted(others, arrival[overtaken], side="right")
    if (later == len(others)).any():
        raise ValueError("events.out_of_order: no event is left to overtake the others; plant fewer")
    place = arrival.copy()
    place[overtaken] = others[faults.draw("out_of_order", later, len(others))]
    return np.lexsort((moved, place))


def with_copies(faults: Planting, copies: tuple[str, ...], size: int) -> tuple[Ints, Planting]:
    """Which clean row each row comes from, copies after the `size` originals; those faults then name the copies."""
    source = np.concatenate([np.arange(size, dtype=np.int64), *(faults.of(name) for name in copies)])
    ends = itertools.accumulate((len(faults.of(name)) for name in copies), initial=size)
    places = [np.arange(low, high, dtype=np.int64) for low, high in itertools.pairwise(ends)]
    return source, replace(faults, rows={**faults.rows, **dict(zip(copies, places, strict=True))})


def reprice(cents: Cents, faults: Planting, fault: str) -> None:
    """Give each row with the fault another amount, in place."""
    if len(rows := faults.of(fault)):
        other = amounts(faults.rng(fault), len(rows))
        cents[rows] = other + (other == cents[rows])


def truth(faults: Planting, keys: Callable[[Ints], Cells]) -> pd.DataFrame:
    """One row per planted fault, by row; `keys` gives the clean identities of rows."""
    names = [f"{faults.table}.{name}" for name in faults.rows]
    found = [*faults.rows.values()]
    row = np.concatenate([np.empty(0, dtype=np.int64), *found])
    fault = np.repeat(np.arange(len(found), dtype=np.int64), [len(rows) for rows in found])
    order = np.argsort(row, kind="stable")
    row, fault = row[order], fault[order]
    return pd.DataFrame(
        {
            "table": taken(words([], faults.table), np.zeros_like(row)),
            "row": row,
            "key": keys(row),
            "column": taken(words([], *(FAULTS[name].column for name in names)), fault),
            "fault": taken(words([], *names), fault),
        }
    )
