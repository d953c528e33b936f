"""Checks of lesson 08: a third table joined so that no event and no cent is gained or lost, and that this is shown."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from autograder import expect
from autograder.checking import Incorrect, check
from autograder.quiz import question
from autograder.seam import Answer
from autograder.worlds import Worlds

KEY = "event_id"
GIVEN = (KEY, "user_id", "event_type", "product_id", "amount", "timestamp")  # columns of events that are compared
ADDED = ("name", "category", "price")  # columns that the catalogue adds
SHOWN = [KEY, "product_id", "amount"]
CENT = 0.005
DAY = pd.Timedelta(days=1)

Rows = pd.DataFrame


# --- third_source.recap -----------------------------------------------------------------------------------------

one_key = question(
    "third_source.recap",
    "1",
    "A table holds 'P7' and, newer, ' p7'. How many rows does `drop_duplicates(subset=['product_id'])` leave of them?",
    right="c",
    wrong={
        "a": "It compares the two texts as they stand, and they differ: neither is taken for a copy of the other.",
        "b": "It looks neither at `updated_at` nor behind the spelling: the two texts differ, so both stay.",
        "d": "Only `keep=False` removes every copy, and these two are not even copies before the ids are tidied.",
    },
    points=0.5,
    hints=[
        "When are two texts equal for pandas?",
        "Case and spaces count in a comparison, unless someone has taken them away before.",
        "'P7' == ' p7'  and  'P7' == ' p7'.strip().upper()",
    ],
)
left_join = question(
    "third_source.recap",
    "2",
    "Ten users, each once; 30 events of eight of them. How many rows has `users.merge(events, how='left')` on user_id?",
    right="b",
    wrong={
        "a": "That is an inner join: the two users without events would be gone. A left join keeps them, one row each.",
        "c": "A left join keeps every row of the left table *at least* once. It repeats a row for each match.",
        "d": "Rows are matched, not stacked: an event does not stand beside its user, it stands in the same row.",
    },
    points=0.5,
    hints=[
        "How many rows does a user with three events get, and how many one without any?",
        "30 events find their user. Then there are the users whom no event has found.",
        "30 + (10 - ...)",
    ],
)


# --- the small worlds of third_source.join_products ---------------------------------------------------------------


def _world(worlds: Worlds, name: str, *, unknown: int = 0, without: int = 0) -> tuple[Rows, Rows]:
    """Events and a catalogue with `updated_at`, each product once.

    So many events have an id that the catalogue has not, and so many have none.
    """
    world = worlds.make(
        f"third_source {name}", users=20, events=90, products=12, faults={"events.unknown_product": unknown}, days=10
    )
    events = world.events.copy()
    free = events.index.difference(world.truth["row"].tolist())
    rng = worlds.rng(f"third_source {name}")
    guests = rng.choice(free, without, replace=False)
    events.loc[guests, ["product_id", "product_category"]] = None
    order = rng.permutation(len(events))
    catalogue = world.products.assign(updated_at=world.start - DAY)
    return events.iloc[order].reset_index(drop=True), catalogue


def _sold(events: Rows, catalogue: Rows, how_many: int) -> list[str]:
    """Ids of products that some event names, so that a fault in their rows shows."""
    return sorted(set(catalogue["product_id"]) & set(events["product_id"].dropna()))[:how_many]


def _again(catalogue: Rows, ids: Collection[str], *, days: int = 0, **changes: Any) -> Rows:
    """The rows of these products once more, so many days newer, with other values in some columns."""
    rows = catalogue[catalogue["product_id"].isin(ids)]
    return rows.assign(updated_at=rows["updated_at"] + days * DAY, **changes)


def _dearer(catalogue: Rows, ids: Collection[str], by: float) -> pd.Series[float]:
    return catalogue.loc[catalogue["product_id"].isin(ids), "price"] + by


def _shuffled(worlds: Worlds, name: str, *frames: Rows) -> Rows:
    rows = pd.concat(frames, ignore_index=True)
    return rows.iloc[worlds.rng(f"third_source order {name}").permutation(len(rows))].reset_index(drop=True)


def _misspelt(ids: pd.Series[str], chosen: Collection[str]) -> pd.Series[str]:
    """Each chosen id in another spelling: lower case, a space before, a space after."""
    spellings = (str.lower, lambda word: f" {word}", lambda word: f"{word} ".lower())
    return ids.map(lambda word: spellings[int(word[1:]) % 3](word) if word in chosen else word, na_action="ignore")


# --- the truth, row by row ----------------------------------------------------------------------------------------


def _id(value: Any) -> str | None:
    """A product id without outer spaces and in capitals; None where there is none."""
    text = "" if expect.plain(value) is None else str(value).strip().upper()
    return text or None


def _cell(column: str, value: Any) -> Hashable:
    """A cell in a form in which equal values are equal: money to the cent, times in UTC, ids and categories tidied."""
    if isinstance(value, Decimal):
        value = float(value)
    if column == "product_id":
        return _id(value)
    if isinstance(value, (dt.datetime, np.datetime64)) and not pd.isna(value):
        value = pd.Timestamp(value).floor("s")
    plainly = expect.plain(value)
    if column in ("amount", "price") and isinstance(plainly, float) and math.isfinite(plainly):
        return round(plainly, 2)
    if column == "category" and isinstance(plainly, str):
        return plainly.strip().lower()
    return plainly


@dataclass(frozen=True)
class Place:
    """Where an event belongs: in `joined` with these values, or in `unknown` for this reason."""

    table: str
    reason: str = ""
    values: Mapping[str, Hashable] | None = None


def _truth(events: Rows, catalogue: Rows) -> dict[Hashable, Place]:
    """The place of each event, as the exercise states it."""
    versions: dict[str, list[dict[Hashable, Any]]] = {}
    for row in catalogue.to_dict("records"):
        if key := _id(row["product_id"]):
            versions.setdefault(key, []).append(row)
    places: dict[Hashable, Place] = {}
    for event, product in zip(events[KEY], events["product_id"], strict=True):
        rows = versions.get(_id(product) or "", [])
        latest = max((row["updated_at"] for row in rows), default=None)
        newest = [row for row in rows if row["updated_at"] == latest]
        if _id(product) is None:
            places[event] = Place("unknown", "no_product_id")
        elif not rows:
            places[event] = Place("unknown", "not_in_catalogue")
        elif len({tuple(_cell(name, row[name]) for name in (*ADDED, "stock_count")) for row in newest}) > 1:
            places[event] = Place("unknown", "conflict")
        else:
            places[event] = Place("joined", values={name: _cell(name, newest[0][name]) for name in ADDED})
    return places


# --- what every check of join_products asks -----------------------------------------------------------------------


@dataclass(frozen=True)
class Back:
    """What came back: the two tables, and the rows of each event as pairs of a table's name and a row's number."""

    tables: Mapping[str, Rows]
    rows: Mapping[Hashable, list[tuple[str, int]]]

    def where(self, event: Hashable) -> str:
        found = Counter(table for table, _ in self.rows.get(event, []))
        return " and ".join(name if n == 1 else f"{name} ({n} rows)" for name, n in found.items()) or "no table"


def _ask(
    answer: Answer, events: Rows, catalogue: Rows, *, added: Sequence[str] = (), unknown: Sequence[str] = ()
) -> Back:
    """The answer's two tables; a table without rows needs no columns."""
    joined, rest = expect.parts(answer(events, catalogue), ("joined", "unknown"))
    tables = {
        "joined": expect.frame(joined, "the joined events", columns=[KEY, *added]),
        "unknown": expect.frame(rest, "the unknown events", columns=[KEY, *unknown]),
    }
    rows: dict[Hashable, list[tuple[str, int]]] = {}
    for name, table in tables.items():
        for number, value in enumerate(table[KEY].astype(object)):
            rows.setdefault(expect.plain(value), []).append((name, number))
    return Back(tables, rows)


def _expect_some_joined(back: Back, places: Mapping[Hashable, Place]) -> None:
    """Most of what can be joined is joined; whether it is all, and right, is for the other checks."""
    wanted = [event for event, place in places.items() if place.table == "joined"]
    found = sum(any(table == "joined" for table, _ in back.rows.get(event, [])) for event in wanted)
    if found <= len(wanted) // 2:
        raise Incorrect(
            "Most events of products that the catalogue has are not among the joined ones.",
            expected=f"{len(wanted)} joined events",
            got=f"{found} of them",
        )


def _expect_placed(events: Rows, places: Mapping[Hashable, Place], back: Back, focus: Collection[Hashable]) -> None:
    """Each event of `focus` stands once, in the table where it belongs."""
    bad = [event for event in places if event in focus and back.where(event) != places[event].table]
    if not bad:
        return
    repeated = any(len(back.rows.get(event, [])) > 1 for event in bad)
    rows = events[events[KEY].isin(bad)]
    raise Incorrect(
        f"{_count(bad, 'event')} came back on more than one row."
        if repeated
        else f"{_count(bad, 'event')} {'is' if len(bad) == 1 else 'are'} not in the table where "
        f"{'it belongs' if len(bad) == 1 else 'they belong'}.",
        expected=f"each event on one row: {bad[0]} in `{places[bad[0]].table}`",
        got=f"{bad[0]} in {back.where(bad[0])}; amounts of {_euros(rows['amount'])} EUR are affected",
        evidence={
            "These events": rows[SHOWN].assign(
                expected=[places[event].table for event in rows[KEY]], came_back=[back.where(e) for e in rows[KEY]]
            )
        },
    )


def _expect_values(
    events: Rows, places: Mapping[Hashable, Place], back: Back, focus: Collection[Hashable], columns: Sequence[str]
) -> None:
    """The joined events of `focus` carry these values of the catalogue."""
    for name in columns:
        cells = list(back.tables["joined"][name].astype(object))
        wrong: dict[Hashable, Any] = {}
        for event, place in places.items():
            if event in focus and place.values is not None:
                got = cells[back.rows[event][0][1]]
                if _cell(name, got) != place.values[name]:
                    wrong[event] = got
        if wrong:
            rows = events[events[KEY].isin(wrong)]
            raise Incorrect(
                f"{_count(list(wrong), 'joined event')} {'has' if len(wrong) == 1 else 'have'} another {name} than "
                "the newest version of the product.",
                expected=f"the {name} of the version with the largest updated_at, missing where it is missing there",
                got=f"another {name} for {', '.join(map(str, [*wrong][:3]))}",
                evidence={
                    "These events": rows[[KEY, "product_id"]].assign(
                        expected=pd.Series(
                            [(places[e].values or {})[name] for e in rows[KEY]], rows.index, dtype=object
                        ),
                        came_back=pd.Series([wrong[e] for e in rows[KEY]], rows.index, dtype=object),
                    )
                },
            )


def _of(events: Rows, ids: Collection[str]) -> set[Hashable]:
    """The events of these products, whatever the spelling of their ids."""
    return {event for event, product in zip(events[KEY], events["product_id"], strict=True) if _id(product) in ids}


def _count(items: Sequence[Any], noun: str) -> str:
    return expect.counted(len(items), noun)


def _euros(amounts: pd.Series[float]) -> str:
    return f"{amounts.sum():,.2f}"


# --- third_source.join_products -----------------------------------------------------------------------------------

JOIN = "third_source.join_products"


@check(
    JOIN,
    points=0.5,
    shrinks=False,
    hints=[
        "How many events went in, and how many rows have your two tables together?",
        "An inner join keeps only events that find a product. Which events do not, and where are they now?",
        "joined = all_events[found]; unknown = all_events[...]",
    ],
)
def every_event_comes_back_once(answer: Answer, worlds: Worlds) -> None:
    """Every event comes back on one row of one of the two tables, with the values that it came with: no cent is gained
    or lost."""
    events, catalogue = _world(worlds, "every event", unknown=7, without=5)
    back = _ask(answer, events, catalogue)
    received = set(events[KEY])
    if lost := received - set(back.rows):
        rows = events[events[KEY].isin(lost)]
        raise Incorrect(
            f"{_count([*lost], 'event')} went in and did not come out, with {_euros(rows['amount'])} EUR.",
            expected=f"{len(events)} events, {_euros(events['amount'])} EUR",
            got=f"{len(received) - len(lost)} of them",
            evidence={"In neither table": rows[SHOWN]},
        )
    total = sum(len(table) for table in back.tables.values())
    if total != len(events):
        often = [event for event, rows in back.rows.items() if len(rows) > 1 or event not in received]
        shown = pd.DataFrame({KEY: pd.Series(often, dtype=object), "came back in": [back.where(e) for e in often]})
        raise Incorrect(
            "More rows came out than events went in.",
            expected=f"{len(events)} rows: every event once",
            got=f"{total} rows",
            evidence={"More often than once, or never received": shown},
        )
    _expect_some_joined(back, _truth(events, catalogue))
    wanted = {row[0]: row for row in zip(*([_cell(c, v) for v in events[c]] for c in GIVEN), strict=True)}
    for name, table in back.tables.items():
        if not len(table):
            continue
        table = expect.frame(table, f"the table `{name}`", columns=GIVEN)
        cells = ([_cell(c, v) for v in table[c].astype(object)] for c in GIVEN)
        for position, row in enumerate(zip(*cells, strict=True)):
            if row != wanted[row[0]]:
                column = next(c for c, a, b in zip(GIVEN, row, wanted[row[0]], strict=True) if a != b)
                raise Incorrect(
                    f"In `{name}` the column {column!r} has other values than the events that went in.",
                    expected="the columns of `events` with the values that they came with",
                    got=f"another {column} for {row[0]}",
                    evidence={
                        "As received": events.loc[events[KEY] == row[0], [KEY, column]],
                        "As returned": table.iloc[[position]][[KEY, column]],
                    },
                )


@check(
    JOIN,
    points=0.5,
    hints=[
        "How often does each product stand in the catalogue, and how many rows does an event get that matches twice?",
        "Reduce the catalogue to one row for each product before the join. Two equal rows are one version.",
        "versions.drop_duplicates([...]) first, events.merge(..., validate='m:1') then",
    ],
)
def copies_in_the_catalogue_multiply_nothing(answer: Answer, worlds: Worlds) -> None:
    """Where the catalogue holds the same row twice, each event of the product still comes back once, joined."""
    events, catalogue = _world(worlds, "copies")
    ids = _sold(events, catalogue, 4)
    # a missing value is equal to a missing value: two rows without a category are copies as well
    nameless = catalogue["product_id"].isin(ids[:2])
    catalogue = catalogue.assign(category=catalogue["category"].mask(nameless))
    catalogue = _shuffled(worlds, "copies", catalogue, _again(catalogue, ids), _again(catalogue, ids[:1]))
    places = _truth(events, catalogue)
    back = _ask(answer, events, catalogue, added=["name"])
    _expect_placed(events, places, back, _of(events, ids))
    _expect_values(events, places, back, _of(events, ids), ["name"])


@check(
    JOIN,
    points=0.5,
    hints=[
        "Are 'P0007', 'p0007' and ' P0007' equal for a join?",
        "Tidy the ids of both tables in the same way before they are compared: outer spaces and case.",
        "events['product_id'].str. ... and products['product_id'].str. ...",
    ],
)
def ids_match_whatever_their_spelling(answer: Answer, worlds: Worlds) -> None:
    """An event finds its product although one of the two ids has other case or spaces around it."""
    events, catalogue = _world(worlds, "spelling")
    ids = _sold(events, catalogue, 8)
    catalogue = catalogue.assign(product_id=_misspelt(catalogue["product_id"], ids[:4]))
    events = events.assign(product_id=_misspelt(events["product_id"], ids[4:]))
    places = _truth(events, catalogue)
    back = _ask(answer, events, catalogue, added=["name"])
    _expect_placed(events, places, back, _of(events, ids))
    _expect_values(events, places, back, _of(events, ids), ["name"])


@check(
    JOIN,
    points=0.5,
    hints=[
        "A product stands in the catalogue twice, with two prices. Which one does your code take, and why?",
        "The version with the largest updated_at, as a whole: an older one fills no gap in it.",
        "products.groupby(key)['updated_at'].transform(...) == products['updated_at']",
    ],
)
def the_newest_version_counts(answer: Answer, worlds: Worlds) -> None:
    """Of several versions of a product the one with the largest `updated_at` is joined, wherever it stands."""
    events, catalogue = _world(worlds, "newest")
    ids = _sold(events, catalogue, 6)
    dearer, cheaper, unpriced = ids[:2], ids[2:4], ids[4:]
    newer = [
        _again(catalogue, dearer, days=2, price=_dearer(catalogue, dearer, 5.0), category="food"),
        _again(catalogue, cheaper, days=1, price=_dearer(catalogue, cheaper, -0.5)),
        _again(catalogue, unpriced, days=1, price=np.nan),
    ]
    middle = _again(catalogue, dearer, days=1, price=_dearer(catalogue, dearer, 50.0))
    for order, versions in (
        ("newest first", pd.concat([*newer, middle, catalogue], ignore_index=True)),
        ("newest last", pd.concat([catalogue, middle, *newer], ignore_index=True)),
        ("shuffled", _shuffled(worlds, "newest", catalogue, middle, *newer)),
    ):
        places = _truth(events, versions)
        back = _ask(answer, events, versions, added=ADDED)
        try:
            _expect_placed(events, places, back, _of(events, ids))
            _expect_values(events, places, back, _of(events, ids), ADDED)
        except Incorrect as e:
            e.got += f" (catalogue with the versions {order})"
            raise


@check(
    JOIN,
    points=0.5,
    hints=[
        "When does your code look for several versions of a product: before or after the ids are tidied?",
        "'P0007' and ' p0007' are one product. Tidy first, then choose the newest.",
        "tidied = products.assign(product_id=...); newest = ... of tidied",
    ],
)
def versions_in_two_spellings_are_one_product(answer: Answer, worlds: Worlds) -> None:
    """Where the newer version of a product spells its id in another way, it is still the only one that is joined."""
    events, catalogue = _world(worlds, "versions spelt")
    ids = _sold(events, catalogue, 6)
    newer = _again(catalogue, ids, days=3, price=_dearer(catalogue, ids, 7.0))
    newer = newer.assign(product_id=_misspelt(newer["product_id"], ids))
    versions = _shuffled(worlds, "versions spelt", catalogue, newer)
    places = _truth(events, versions)
    back = _ask(answer, events, versions, added=["price"])
    _expect_placed(events, places, back, _of(events, ids))
    _expect_values(events, places, back, _of(events, ids), ["price"])


@check(
    JOIN,
    points=0.5,
    hints=[
        "What does pandas do when the key is missing on both sides of a merge?",
        "It matches them. Take rows without an id out of the catalogue, and give their reason to events without one.",
        "reason = 'no_product_id' where the tidied id is missing or ..., 'not_in_catalogue' where it is not found",
    ],
)
def no_id_and_unknown_id_are_told_apart(answer: Answer, worlds: Worlds) -> None:
    """An event without an id matches nothing, not even a product without one, and `reason` tells it from an event whose
    product is not in the catalogue."""
    events, catalogue = _world(worlds, "reasons", unknown=6, without=8)
    nobody = events.index[events["product_id"].isna()]
    events.loc[nobody[:3], "product_id"] = ["", "  ", " "]
    lost_ids = catalogue.tail(2).assign(product_id=pd.array([None, "  "], dtype="str"), name=["Without 1", "Without 2"])
    lost_ids["updated_at"] += [DAY, 0 * DAY]
    catalogue = _shuffled(worlds, "reasons", catalogue, lost_ids)
    places = _truth(events, catalogue)
    back = _ask(answer, events, catalogue, unknown=["reason"])
    _expect_some_joined(back, places)
    focus = {event for event, place in places.items() if place.table == "unknown"}
    _expect_placed(events, places, back, focus)
    _expect_reasons(events, places, back, focus)


@check(
    JOIN,
    points=0.5,
    shrinks=False,
    hints=[
        "Two versions of a product, equally new, with two prices: which one is right?",
        "Nothing says so. Their events go to `unknown`, unless a still newer version settles it.",
        "versions = newest.drop_duplicates(); conflict = versions[versions.duplicated('product_id', keep=...)]",
    ],
)
def equally_new_versions_are_not_guessed(answer: Answer, worlds: Worlds) -> None:
    """Where the newest versions of a product differ, its events are unknown with the reason `conflict`; older versions
    never conflict."""
    events, catalogue = _world(worlds, "conflict")
    ids = _sold(events, catalogue, 8)
    split, settled = ids[:5], ids[5:]
    versions = _shuffled(
        worlds,
        "conflict",
        catalogue,
        _again(catalogue, split[:1], price=_dearer(catalogue, split[:1], 3.0)),
        _again(catalogue, split[1:2], price=np.nan),
        _again(catalogue, split[2:3], stock_count=777),
        _again(catalogue, split[3:4], name="Another name"),
        _again(catalogue, split[4:], category="another category"),
        _again(catalogue, settled, price=_dearer(catalogue, settled, 4.0)),
        _again(catalogue, settled, days=1, price=_dearer(catalogue, settled, 9.0)),
    )
    places = _truth(events, versions)
    back = _ask(answer, events, versions, added=["price"], unknown=["reason"])
    _expect_some_joined(back, places)
    _expect_placed(events, places, back, _of(events, ids))
    _expect_reasons(events, places, back, _of(events, split))
    _expect_values(events, places, back, _of(events, settled), ["price"])


def _expect_reasons(events: Rows, places: Mapping[Hashable, Place], back: Back, focus: Collection[Hashable]) -> None:
    """Each unknown event of `focus` carries its reason."""
    reasons = list(back.tables["unknown"]["reason"].astype(object))
    given = {event: reasons[back.rows[event][0][1]] for event in places if event in focus}
    if bad := [event for event, reason in given.items() if str(reason).strip().lower() != places[event].reason]:
        rows = events[events[KEY].isin(bad)]
        raise Incorrect(
            f"{_count(bad, 'unknown event')} {'does' if len(bad) == 1 else 'do'} not have the right reason.",
            expected=f"{places[bad[0]].reason} for {bad[0]}",
            got=str(given[bad[0]])[:40],
            evidence={
                "These events": rows[SHOWN].assign(
                    expected=[places[event].reason for event in rows[KEY]],
                    came_back=pd.Series([given[event] for event in rows[KEY]], rows.index, dtype=object),
                )
            },
        )


# --- third_source.reconcile ---------------------------------------------------------------------------------------

RECONCILE = "third_source.reconcile"
FINDINGS = ("lost", "repeated", "foreign", "amount_changed", "misplaced", "price_differs")


@dataclass
class Store:
    """The source, what was stored of it, and the event ids that each finding must name."""

    events: Rows
    catalogue: Rows
    joined: Rows
    unknown: Rows
    findings: dict[str, set[Hashable]]


def _store(worlds: Worlds, name: str, faults: Collection[str] = ()) -> Store:
    """Events joined as they should be, and then, for each of these faults, a few events spoilt; no event twice."""
    events, catalogue = _world(worlds, f"store {name}", unknown=9, without=8)
    rng = worlds.rng(f"third_source spoil {name}")
    products = dict(zip(catalogue["product_id"], catalogue.index, strict=True))
    unpriced = products[_sold(events, catalogue, 1)[0]]
    catalogue = catalogue.drop(columns="updated_at")
    catalogue.loc[unpriced, "price"] = np.nan
    # sixteen purchases more, so that money can be moved about
    bought = events.index[
        events["product_id"].isin([*products]) & (events["product_id"] != catalogue["product_id"][unpriced])
    ]
    bought = rng.choice(bought, 16, replace=False)
    events.loc[bought, "event_type"] = "purchase"
    events.loc[bought, "amount"] = 10.0 + 1.25 * np.arange(16)
    known = events["product_id"].isin([*products])
    joined = events[known].merge(catalogue.drop(columns="stock_count"), on="product_id", how="left")
    reason = events["product_id"].isna().map({True: "no_product_id", False: "not_in_catalogue"})
    unknown = events.assign(reason=reason)[~known]
    if not faults:
        joined["amount"] += 1e-10  # other last bits, the same money: what a sound table may hold

    # who is spoilt: some of the sixteen; events of the product without a price; some of the unknown ones
    pool = list(rng.permutation(events.loc[bought, KEY].to_numpy(dtype=object)))
    free = list(rng.permutation(joined.loc[joined["price"].isna(), KEY].to_numpy(dtype=object)))
    strange = list(rng.permutation(unknown.loc[unknown["product_id"].notna(), KEY].to_numpy(dtype=object)))
    nobody = list(rng.permutation(unknown.loc[unknown["product_id"].isna(), KEY].to_numpy(dtype=object)))
    found: dict[str, set[Hashable]] = {finding: set() for finding in FINDINGS}
    if "amount_changed" in faults:
        one, two, gone, cent, quiet = pool.pop(), pool.pop(), pool.pop(), pool.pop(), nobody.pop()
        amounts = joined.set_index(KEY)["amount"]
        for event, amount in ((one, amounts[two]), (two, amounts[one]), (gone, np.nan), (cent, amounts[cent] - 0.006)):
            joined.loc[joined[KEY] == event, "amount"] = amount
        unknown.loc[unknown[KEY] == quiet, "amount"] += 1.0
        found["amount_changed"] = {one, two, gone, cent, quiet}
    if "price_differs" in faults:
        other, gone, made_up = pool.pop(), pool.pop(), free.pop()
        joined.loc[joined[KEY] == other, "price"] += 0.006
        joined.loc[joined[KEY] == gone, "price"] = np.nan
        joined.loc[joined[KEY] == made_up, "price"] = 9.99
        found["price_differs"] = {other, gone, made_up}
    if "misplaced" in faults:
        known_one, unknown_one, guest = pool.pop(), strange.pop(), nobody.pop()
        moved = joined[joined[KEY] == known_one]
        extra = unknown[unknown[KEY].isin([unknown_one, guest])]
        joined = pd.concat([joined[joined[KEY] != known_one], extra[list(events.columns)]], ignore_index=True)
        unknown = unknown[~unknown[KEY].isin([unknown_one, guest])]
        moved = moved[list(events.columns)].assign(reason="not_in_catalogue")
        unknown = pd.concat([unknown, moved], ignore_index=True)
        found["misplaced"] = {known_one, unknown_one, guest}
    if "repeated" in faults:
        one, other, both = pool.pop(), strange.pop(), pool.pop()
        across = joined.loc[joined[KEY] == both, list(events.columns)].assign(reason="not_in_catalogue")
        joined = pd.concat([joined, *[joined[joined[KEY] == one]] * 2], ignore_index=True)
        unknown = pd.concat([unknown, unknown[unknown[KEY] == other], across], ignore_index=True)
        found["repeated"] = {one, other, both}
        found["misplaced"] = found["misplaced"] | {both}
    if "lost" in faults:  # as many as there are foreign ones: where the two come together, the number of rows is right
        gone = {pool.pop(), strange.pop(), nobody.pop()}
        joined, unknown = joined[~joined[KEY].isin(gone)], unknown[~unknown[KEY].isin(gone)]
        found["lost"] = gone
    if "foreign" in faults:
        strangers = joined[joined[KEY].isin([pool.pop(), pool.pop()])].assign(event_id=["E90000001", "E90000002"])
        guest_row = unknown[unknown[KEY] == nobody.pop()].assign(event_id="E90000003")
        joined = pd.concat([joined, strangers], ignore_index=True)
        unknown = pd.concat([unknown, guest_row], ignore_index=True)
        found["foreign"] = {"E90000001", "E90000002", "E90000003"}
    mixed = [rows.iloc[rng.permutation(len(rows))].reset_index(drop=True) for rows in (joined, unknown)]
    return Store(events, catalogue, mixed[0], mixed[1], found)


def _expect_findings(answer: Answer, store: Store, findings: Sequence[str]) -> None:
    """These findings name the events that they must name, and no others."""
    given = answer(store.events, store.catalogue, store.joined, store.unknown)
    if not isinstance(given, Mapping):
        raise Incorrect(
            "Expected a dict of findings.",
            expected=f"a dict with the keys {', '.join(FINDINGS)}",
            got=expect.kind_of(given),
        )
    for finding in findings:
        if finding not in given:
            raise Incorrect(
                f"The finding {finding!r} is not in the dict.",
                expected=f"the keys {', '.join(FINDINGS)}, also where nothing was found",
                got=f"the keys {', '.join(str(key)[:20] for key in [*given][:10]) or '(none)'}",
            )
        value = given[finding]
        if not isinstance(value, (list, tuple, set, frozenset, pd.Series, np.ndarray)):
            raise Incorrect(
                f"Expected {finding!r} as a list of event ids.",
                expected="a list, empty where nothing was found",
                got=expect.kind_of(value),
            )
        named = {expect.plain(v) for v in value}
        wanted = store.findings[finding]
        missed, alarms = sorted(wanted - named, key=str), sorted(named - wanted, key=str)
        if missed or alarms:
            wrong = missed or alarms
            raise Incorrect(
                f"{finding!r} does not name {_count(missed, 'event')} that it should name."
                if missed
                else f"{finding!r} names {_count(alarms, 'event')} that it should not name.",
                expected=", ".join(sorted(map(str, wanted))[:6]) or "an empty list",
                got=", ".join(str(name)[:20] for name in sorted(named, key=str)[:6]) or "an empty list",
                evidence={
                    title: shown[[c for c in (*SHOWN, "price", "reason") if c in shown]].sort_values(KEY)
                    for title, rows in (
                        ("In the source", store.events),
                        ("In `joined`", store.joined),
                        ("In `unknown`", store.unknown),
                    )
                    if len(shown := rows[rows[KEY].isin(wrong)])
                },
            )


def _expect_found(answer: Answer, worlds: Worlds, *findings: str, alone: bool = False) -> None:
    """Each of the findings, where all faults are there on other events; `alone`: also where no other fault is."""
    if alone:
        _expect_findings(answer, _store(worlds, " ".join(findings), findings), findings)
    _expect_findings(answer, _store(worlds, f"{findings[0]} among others", FINDINGS), findings)


@check(
    RECONCILE,
    points=0.5,
    hints=[
        "What should your function return when nothing is wrong?",
        "Six keys, six empty lists. Amounts that differ in their last bits are equal, and so are two missing prices.",
        "difference.abs() >= 0.005 instead of !=",
    ],
)
def sound_tables_raise_no_alarm(answer: Answer, worlds: Worlds) -> None:
    """Where everything was stored as it should be, all six lists are there and empty."""
    _expect_findings(answer, _store(worlds, "sound"), FINDINGS)


@check(
    RECONCILE,
    points=0.5,
    hints=[
        "Is there an event in the source that nobody would miss, as long as the number of rows is right?",
        "Compare the ids of the source with the ids of both tables together, in both directions.",
        "source = set(...); stored = set(joined...) | set(...); lost = source - stored; foreign = ...",
    ],
)
def finds_lost_and_foreign_events(answer: Answer, worlds: Worlds) -> None:
    """`lost` names the events that are in neither table, `foreign` the stored events that the source does not have."""
    _expect_found(answer, worlds, "lost", "foreign", alone=True)


@check(
    RECONCILE,
    points=0.5,
    hints=[
        "May an event stand once in `joined` and once more in `unknown`?",
        "Stack the ids of both tables, then count how often each occurs.",
        "pd.concat([joined['event_id'], unknown['event_id']]).value_counts() > ...",
    ],
)
def finds_repeated_events(answer: Answer, worlds: Worlds) -> None:
    """`repeated` names every event that stands on more than one row of the two tables together."""
    _expect_found(answer, worlds, "repeated")


@check(
    RECONCILE,
    points=0.5,
    hints=[
        "One amount is 2 EUR too high and another 2 EUR too low. What does the total say?",
        "Compare event by event. And what does `abs(NaN - 5) >= 0.005` give?",
        "differs = ~((stored - source).abs() < ...)",
    ],
)
def finds_changed_amounts(answer: Answer, worlds: Worlds) -> None:
    """`amount_changed` names the events whose stored amount is missing or differs by half a cent or more, whatever
    the total says."""
    _expect_found(answer, worlds, "amount_changed", alone=True)


@check(
    RECONCILE,
    points=0.25,
    hints=[
        "Which events have no business in `joined`, and which none in `unknown`?",
        "Look up the product of each stored event in the catalogue. An event without a product has none there.",
        "joined[~joined['product_id'].isin(...)] and unknown[...]",
    ],
)
def finds_misplaced_events(answer: Answer, worlds: Worlds) -> None:
    """`misplaced` names the events in `joined` whose product is not in the catalogue, and those in `unknown` whose
    product is."""
    _expect_found(answer, worlds, "misplaced")


@check(
    RECONCILE,
    points=0.25,
    hints=[
        "Which price should stand in a joined row, and which does?",
        "Look up the price of each joined row in the catalogue. Missing on both sides is equal, on one side is not.",
        "equal = (mine - theirs).abs() < 0.005; equal |= mine.isna() & ...",
    ],
)
def finds_wrong_prices(answer: Answer, worlds: Worlds) -> None:
    """`price_differs` names the joined events whose price is not the catalogue's, a missing price included."""
    _expect_found(answer, worlds, "price_differs")
