"""Checks of lesson 09: a load after which n runs leave what one run leaves, whatever happened in between."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Container, Hashable, Sequence
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from autograder import expect
from autograder.checking import Incorrect, check
from autograder.quiz import question
from autograder.seam import Answer, AnswerError
from autograder.worlds import Worlds

KEY = "event_id"
COLUMNS = (KEY, "user_id", "event_type", "product_id", "product_category", "amount", "timestamp", "ingested_at")
FILE = "(file)"  # a column of the rows that are read from a lake: where each of them lies
SHOWN = [KEY, "amount", "timestamp", "ingested_at"]
CRASHES = 8
"""The load is stopped at no more moments than this, spread over all that it has."""

Rows = pd.DataFrame


# --- what is loaded -------------------------------------------------------------------------------------------


def _versions(worlds: Worlds, name: str, events: int = 60, *, days: int = 2, **faults: int) -> tuple[Rows, Rows]:
    """Events as they first arrived, in that order, and corrections of a few of them.

    A correction has the same event_id and timestamp, another amount and a later ingested_at. What is corrected is a
    purchase, so there is always some money among the events. Further faults are given by their short names.
    """
    planted = {"duplicate_newer": 12, **faults}
    world = worlds.make(
        f"idempotency {name}",
        users=30,
        events=events,
        faults={f"events.{fault}": count for fault, count in planted.items()},
        days=days,
    )
    rows = world.events
    newer = rows[KEY].duplicated()
    return _fresh(rows[~newer]), _fresh(rows[newer])


def _events(worlds: Worlds, name: str, events: int, *, days: int = 2, **faults: int) -> Rows:
    """The first of `_versions`: one version of each event."""
    return _versions(worlds, name, events, days=days, **faults)[0]


def _fresh(rows: Rows) -> Rows:
    return rows.reset_index(drop=True)


def _newest(*frames: Rows) -> Rows:
    """The truth: of each event the version with the newest `ingested_at`."""
    return _fresh(pd.concat(frames).sort_values("ingested_at").groupby(KEY).tail(1).sort_values(KEY))


def _days(rows: Rows) -> pd.Series[str]:
    """Each row's partition folder."""
    folders: pd.Series[str] = rows["timestamp"].dt.strftime("date=%Y-%m-%d")
    return folders


# --- cells in a form in which equal values are equal ------------------------------------------------------------


def _cell(column: str, value: Any) -> Hashable:
    """A cell so that other dtypes and widths of one value are equal: times to the millisecond, amounts to the cent."""
    if isinstance(value, Decimal):
        value = float(value)
    if column in ("timestamp", "ingested_at"):
        return _time(value)
    plainly = expect.plain(value)
    if column == "amount" and isinstance(plainly, float) and math.isfinite(plainly):
        return round(plainly, 2)
    return plainly


def _time(value: Any) -> Hashable:
    if isinstance(value, (str, dt.datetime, np.datetime64)):
        try:
            stamp = pd.Timestamp(value)
            if not pd.isna(stamp):
                return str((stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")).floor("ms"))
        except (ValueError, OverflowError):
            return str(value)
    return expect.plain(value)


def _cells(frame: Rows, columns: Sequence[str]) -> list[tuple[Hashable, ...]]:
    """The rows of the columns as tuples of comparable cells."""
    by_column = [[_cell(name, value) for value in frame[name].astype(object)] for name in columns]
    return list(zip(*by_column, strict=True))


def _ids(frame: Rows) -> list[Hashable]:
    return [expect.plain(value) for value in frame[KEY].astype(object)]


# --- what every check of a set of rows asks ---------------------------------------------------------------------


def _expect_present(found: Rows, wanted: Rows, where: str, expected: str) -> None:
    """Every wanted event is there in some version, and no other; how often does not matter."""
    have, want = set(_ids(found)), set(_ids(wanted))
    if lost := want - have:
        rows = wanted[wanted[KEY].isin(lost)]
        raise Incorrect(
            f"{expect.counted(len(lost), 'event')} {'is' if len(lost) == 1 else 'are'} not in {where}.",
            expected=expected,
            got=f"{len(want) - len(lost)} of {len(want)} events",
            evidence={"Missing": rows[SHOWN]},
        )
    if strange := [key for key in _ids(found) if key not in want]:
        raise Incorrect(
            f"There are events in {where} that were never loaded.",
            expected=expected,
            got=f"also {', '.join(str(key)[:20] for key in strange[:3])}",
        )


def _expect_most(found: Rows, wanted: Rows, where: str) -> None:
    """Most of the wanted events are there, so that there is something to judge; which are not is for other checks."""
    have, want = set(_ids(found)), set(_ids(wanted))
    if len(have & want) <= len(want) // 2:
        raise Incorrect(
            f"Most of the events are not in {where}.",
            expected=f"{len(want)} events",
            got=expect.counted(len(have & want), "event"),
            evidence={"For example": wanted[~wanted[KEY].isin(have)][SHOWN]},
        )


def _expect_once(found: Rows, where: str, expected: str) -> None:
    """No event is there twice."""
    counted = Counter(_ids(found))
    if twice := {key for key, times in counted.items() if times > 1}:
        shown = [*SHOWN, *([FILE] if FILE in found else [])]
        rows = _of(found, twice)
        raise Incorrect(
            f"{expect.counted(len(twice), 'event')} {'is' if len(twice) == 1 else 'are'} more than once in {where}.",
            expected=expected,
            got=f"{len(found)} rows for {len(counted)} events",
            evidence={"The same event, more than once": _by_id(rows)[shown]},
        )


def _expect_newest(found: Rows, wanted: Rows, where: str, of: set[Hashable]) -> None:
    """Of the events `of`, the wanted version is there and no other; how often does not matter."""
    amounts: dict[Hashable, set[Hashable]] = {}
    for key, amount in _cells(found, [KEY, "amount"]):
        amounts.setdefault(key, set()).add(amount)
    wrong = {key: amount for key, amount in _cells(wanted, [KEY, "amount"]) if key in of and amounts[key] != {amount}}
    if not wrong:
        return
    both = any(amount in amounts[key] for key, amount in wrong.items())
    shown = [KEY, "amount", "ingested_at", *([FILE] if FILE in found else [])]
    raise Incorrect(
        f"Of {expect.counted(len(wrong), 'corrected event')} {where} holds "
        + ("an older version beside the newest." if both else "an older version instead of the newest."),
        expected="one version of each event: the one with the newest ingested_at",
        got=expect.counted(len(wrong), "event") + (" in two versions" if both else " in the older version"),
        evidence={
            "Expected": _by_id(wanted[wanted[KEY].isin(wrong)])[shown[:3]],
            "Found": _by_id(_of(found, wrong))[shown],
        },
    )


def _expect_values(found: Rows, wanted: Rows, where: str) -> None:
    """Every event has in every column the value that it was given with."""
    want = dict(zip(_ids(wanted), _cells(wanted, COLUMNS), strict=True))
    for position, (key, cells) in enumerate(zip(_ids(found), _cells(found, COLUMNS), strict=True)):
        if cells != want[key]:
            columns = [name for name, a, b in zip(COLUMNS, cells, want[key], strict=True) if a != b]
            shown = [KEY, *(name for name in columns if name != KEY)]
            raise Incorrect(
                f"In {where} a value differs from the one that was given, in the column {columns[0]!r}.",
                expected="every column as it came in the newest version of the event",
                got=f"other values for {key}",
                evidence={
                    "As given": wanted[wanted[KEY] == key][shown],
                    "As found": found.iloc[[position]][shown],
                },
            )


def _of(frame: Rows, keys: Container[Hashable]) -> Rows:
    """The rows of these events."""
    return frame[np.array([key in keys for key in _ids(frame)], dtype=bool)]


def _by_id(frame: Rows) -> Rows:
    """Rows in the order of their ids, whatever the ids are."""
    order = sorted(range(len(frame)), key=lambda i: str(frame[KEY].iloc[i]))
    return frame.iloc[order]


# --- idempotency.recap ------------------------------------------------------------------------------------------

copies = question(
    "idempotency.recap",
    "1",
    "`drop_duplicates(subset=['event_id'])` on an event and, below it, its later correction: which row stays?",
    right="a",
    wrong={
        "b": "It looks at no column outside `subset`, so not at `ingested_at`. It keeps the first row of each id.",
        "c": "`keep=False` would remove both. The default keeps the first row of each id.",
        "d": "Only the columns in `subset` are compared, so the two rows count as duplicates although amounts differ.",
    },
    points=0.5,
    hints=[
        "What does the parameter `keep` of drop_duplicates say when you leave it out?",
        "Try it on two rows with one id and different amounts, and then on the same rows the other way round.",
        "pd.DataFrame({'event_id': ['E1', 'E1'], 'amount': [5, 7]}).drop_duplicates(subset=[...])",
    ],
)
late_rows = question(
    "idempotency.recap",
    "2",
    "A batch arrives late: the events happened on Monday and came in on Wednesday. Which partition do they belong in?",
    right="b",
    wrong={
        "a": "Then a query for Monday's events would have to read every later day to find the late ones.",
        "c": "Two copies of one event in two partitions are counted twice by whoever reads both.",
        "d": "Lateness is no fault of the row. What is dropped here is missing from Monday's totals for good.",
    },
    points=0.5,
    hints=[
        "Someone asks for the sales of Monday. Which folder will they open?",
        "An event has two times: `timestamp` and `ingested_at`. Which of them is the question about sales about?",
        "date = rows['...'].dt.strftime('%Y-%m-%d')",
    ],
)
equal_results = question(
    "idempotency.recap",
    "3",
    "A function from frame to frame is called twice on the same input and returns equal frames. What does that show?",
    right="c",
    wrong={
        "a": "Loading is about what is in the lake after it. The function's result can be the same both times and the "
        "lake still doubled, because the load appends it twice.",
        "b": "It may still write a file, change a global or read a clock whose value it does not return.",
        "d": "The lake also depends on how the result is written. Appending equal results doubles the rows.",
    },
    points=0.5,
    hints=[
        "What was compared: results, or what is stored afterwards?",
        "Think of a function that returns 1 and also appends a line to a file. Which of its calls differ?",
        "Same input, same output is called d...",
    ],
)


# --- idempotency.merge ------------------------------------------------------------------------------------------

MERGED = "the merged events"


def _merged(answer: Answer, stored_rows: Rows, batch: Rows) -> Rows:
    return expect.frame(answer(stored_rows, batch), MERGED, columns=COLUMNS)


@check(
    "idempotency.merge",
    points=0.5,
    hints=[
        "How many different event_ids are there in both frames together, and how many rows came back?",
        "Stack the two frames, then keep one row per event_id.",
        "both.drop_duplicates(subset=[...], keep=...)",
    ],
)
def keeps_every_event(answer: Answer, worlds: Worlds) -> None:
    """Every event of either frame comes back once, with all its columns."""
    rows = _events(worlds, "merge", 40)
    both = rows["amount"] > 0
    old, batch = _fresh(rows[both | (rows.index < 20)]), _fresh(rows[both | (rows.index >= 20)])
    found = _merged(answer, old, batch)
    expected = f"{len(rows)} rows: {len(old)} stored, {len(batch)} in the batch, {both.sum()} of them the same"
    _expect_present(found, rows, MERGED, expected)
    _expect_once(found, MERGED, expected)
    _expect_values(found, rows, MERGED)


@check(
    "idempotency.merge",
    points=1,
    hints=[
        "Does your code look at `ingested_at`, or at the order in which the rows happen to stand?",
        "A batch may bring an older version than the one that is stored. Sort by `ingested_at` before you choose.",
        "both.sort_values(...).drop_duplicates(subset=..., keep=...)",
    ],
)
def newest_version_wins(answer: Answer, worlds: Worlds) -> None:
    """Of several versions of an event the one with the newest `ingested_at` comes back, wherever it stands."""
    first, corrections = _versions(worlds, "merge versions")
    corrected = set(_ids(corrections))
    rng = worlds.rng("idempotency merge order")
    everything = pd.concat([first, corrections])
    shuffled = _fresh(everything.iloc[rng.permutation(len(everything))])
    for old, batch, where in (
        (first, corrections, "the corrections are in the batch"),
        (corrections, first, "the corrections are stored already and the batch is old"),
        (_fresh(shuffled.iloc[::2]), _fresh(shuffled.iloc[1::2]), "the rows are shuffled"),
    ):
        found = _merged(answer, old, batch)
        wanted = _newest(old, batch)
        name = f"{MERGED}, where {where},"
        _expect_present(found, wanted, name, "one row for each event_id of either frame")
        _expect_newest(found, wanted, name, corrected)


@check(
    "idempotency.merge",
    points=0.5,
    hints=[
        "What is stored before anything was ever loaded?",
        "`stored` may have no rows at all. Which of your lines needs at least one row to work?",
        "merge_events(batch.iloc[:0], batch) must hold the rows of ...",
    ],
)
def starts_from_nothing(answer: Answer, worlds: Worlds) -> None:
    """Where nothing is stored yet, the events of the batch come back."""
    batch = _events(worlds, "merge", 40)
    found = _merged(answer, batch.iloc[:0], batch)
    _expect_present(found, batch, MERGED, f"the {len(batch)} events of the batch, when `stored` has no rows")
    _expect_values(found, batch, MERGED)


@check(
    "idempotency.merge",
    points=0.5,
    hints=[
        "Is there anything in your result that depends on when, or how often, the function is called?",
        "Merge the batch into the result of the first merge. Which rows or columns differ?",
        "once = merge_events(stored, batch); twice = merge_events(..., batch)",
    ],
)
def merging_again_changes_nothing(answer: Answer, worlds: Worlds) -> None:
    """Merging the same batch into the result once more gives the same rows."""
    first, corrections = _versions(worlds, "merge versions")
    batch = _fresh(pd.concat([first.iloc[20:], corrections]))
    once = _merged(answer, _fresh(first.iloc[:40]), batch)
    _expect_most(once, batch, MERGED)
    twice = _merged(answer, once, batch)
    _expect_same(once, twice, MERGED, "the first merge", "the second merge")


# --- idempotency.load -------------------------------------------------------------------------------------------

LAKE = "the lake"


def _lake(answer: Answer, path: Path) -> Rows:
    """Every row that a reader of the lake sees, with all its columns and `FILE`, as an object frame."""
    try:
        tables = answer.tables(path)
    except AnswerError as e:
        if e.kind != "unreadable":
            raise
        raise Incorrect(
            "The lake holds a file that cannot be read.",
            expected="whole Parquet files; readers pass over a name that starts with `_` or does not end in `.parquet`",
            got=e.detail,
        ) from None
    if not tables:
        raise Incorrect(
            "The lake holds no Parquet file.",
            expected="files such as date=2024-01-15/part-0.parquet",
            got="no file whose name ends in `.parquet`",
        )
    found = []
    for name, table in tables.items():
        # pandas writes its index beside the columns unless told otherwise; it is no column of the events
        own = [not str(column).startswith("__index_level_") for column in table.columns]
        rows = expect.frame(table.loc[:, own], f"the file {name}", columns=COLUMNS)
        if not rows.columns.is_unique:
            raise Incorrect(
                f"The file {name} has two columns of one name.",
                expected="each name once",
                got=", ".join(map(str, rows.columns)),
            )
        found.append(rows.astype(object).assign(**{FILE: name}))
    return pd.concat(found, ignore_index=True)


@check(
    "idempotency.load",
    points=1,
    hints=[
        "How many rows went in, and how many does a reader of the lake see?",
        "Split the batch by the UTC date of `timestamp` and write one file for each day, without an index of your own. "
        "A temporary file must not be left where a reader finds it.",
        "for day, rows in batch.groupby(batch['timestamp'].dt.strftime(...)): ... rows.to_parquet(...)",
    ],
)
def stores_every_event(answer: Answer, worlds: Worlds) -> None:
    """After one load, the lake holds each event of the batch once, with all its columns."""
    batch, lake = _events(worlds, "stores", 60, late=3), answer.scratch()
    answer(batch, lake)
    found = _lake(answer, lake)
    expected = f"{len(batch)} rows after one load of {len(batch)} events"
    _expect_present(found, batch, LAKE, expected)
    _expect_once(found, LAKE, expected)
    _expect_values(found, batch, LAKE)


@check(
    "idempotency.load",
    points=1,
    hints=[
        "Which of its two times says on which day an event happened?",
        "The folder is named after the UTC date of `timestamp`, also for an event that arrived days later.",
        "folder = lake / f\"date={rows['...'].iloc[0]:%Y-%m-%d}\"",
    ],
)
def partitions_by_event_date(answer: Answer, worlds: Worlds) -> None:
    """Each event lies in the folder `date=YYYY-MM-DD` of the UTC day on which it happened, late ones too."""
    batch, lake = _events(worlds, "partitions", 240, late=6), answer.scratch()
    answer(batch, lake)
    found = _lake(answer, lake)
    folders = dict(zip(_ids(batch), _days(batch), strict=True))
    known = _of(found, folders)
    _expect_most(known, batch, LAKE)
    belongs = [folders[key] for key in _ids(known)]
    wrong = [PurePosixPath(file).parts[0] != folder for file, folder in zip(known[FILE], belongs, strict=True)]
    if any(wrong):
        rows = known.assign(**{"belongs in": belongs})[wrong]
        raise Incorrect(
            f"{expect.counted(len(rows), 'row')} in the wrong folder.",
            expected="lake/date=YYYY-MM-DD/..., with the UTC date of the row's `timestamp`",
            got=f"for example {rows[FILE].iloc[0]}",
            evidence={"In the wrong folder": rows[[KEY, "timestamp", "ingested_at", FILE, "belongs in"]]},
        )


@check(
    "idempotency.load",
    points=1,
    hints=[
        "What does your load do with the rows that the first run has written?",
        "Write what the day should hold in the end, under the same file name each time, instead of adding to it. "
        "Nothing in the rows may come from a clock or from a random number.",
        "the same name each time: lake / f'date={day}' / ...",
    ],
)
def survives_a_rerun(answer: Answer, worlds: Worlds) -> None:
    """Loading the same batch two or three times leaves what loading it once leaves."""
    batch, lake = _events(worlds, "rerun", 60), answer.scratch()
    answer(batch, lake)
    once = _lake(answer, lake)
    _expect_most(once, batch, LAKE)
    for times in ("second", "third"):
        answer.restart()
        answer(batch, lake)
        _expect_same(once, _lake(answer, lake), LAKE, "the first run", f"the {times} run")


@check(
    "idempotency.load",
    points=1,
    hints=[
        "A batch holds three events of a day. What happens to the other events of that day?",
        "Read what the day's folder holds, put the batch's rows of that day to it, and write the result back.",
        "merged = ...([pd.read_parquet(...), rows])",
    ],
)
def keeps_the_other_events(answer: Answer, worlds: Worlds) -> None:
    """A batch with part of one day leaves that day's other events, and all other days, in the lake."""
    rows, lake = _events(worlds, "keeps", 90, days=3), answer.scratch()
    of_day = _days(rows)
    second = of_day == sorted(set(of_day))[1]
    part = second & (second.cumsum() % 3 == 0)
    first, then = _fresh(rows[~part]), _fresh(rows[part])
    answer(first, lake)
    answer(then, lake)
    expected = f"{len(rows)} events: {len(first)} from the first batch, {len(then)} of one day from the second"
    _expect_present(_lake(answer, lake), rows, LAKE, expected)


@check(
    "idempotency.load",
    points=1,
    hints=[
        "What does your load do with an event_id that the lake already holds?",
        "A correction has an old event_id, a new amount and a newer ingested_at. It replaces the older version; that a "
        "file or an id is there already is no reason to skip it.",
        "sort by ..., then keep one row per event_id",
    ],
)
def takes_corrections(answer: Answer, worlds: Worlds) -> None:
    """A later batch with newer versions of some events replaces the older versions."""
    first, corrections = _versions(worlds, "corrections")
    lake = answer.scratch()
    answer(first, lake)
    answer.restart()
    answer(corrections, lake)
    found, wanted = _lake(answer, lake), _newest(first, corrections)
    wanted = wanted[wanted[KEY].isin(corrections[KEY])]
    found = _of(found, set(_ids(wanted)))
    _expect_present(found, wanted, LAKE, "the corrected events, in their newer version")
    _expect_newest(found, wanted, LAKE, set(_ids(corrections)))


@check(
    "idempotency.load",
    points=1,
    hints=[
        "Which version is newer: the one that was loaded last, or the one that was ingested last?",
        "Monday's batch is loaded again on Friday. Its rows must not win because they come last; compare ingested_at.",
        "both.sort_values('...').drop_duplicates('event_id', keep='...')",
    ],
)
def survives_a_replay(answer: Answer, worlds: Worlds) -> None:
    """An old batch that is loaded again after its correction does not bring the old versions back."""
    first, corrections = _versions(worlds, "replay")
    lake = answer.scratch()
    for batch in (first, corrections, first):
        answer.restart()
        answer(batch, lake)
    found, wanted = _lake(answer, lake), _newest(first, corrections)
    _expect_present(found, wanted, LAKE, f"{len(wanted)} events after first batch, corrections, first batch again")
    _expect_newest(found, wanted, LAKE, set(_ids(corrections)))


@check(
    "idempotency.load",
    points=0.5,
    hints=[
        "Does the result depend on where in the batch a row stands, or on which batch comes first?",
        "Both versions of an event may be in one batch, the newer one first; and the newer batch may be loaded first. "
        "No row is old news only because something newer has been loaded.",
        "Choose by ..., never by position and never by the last ingested_at that was loaded.",
    ],
)
def order_does_not_matter(answer: Answer, worlds: Worlds) -> None:
    """Shuffled rows, cut into other batches and loaded in another order, leave the same events."""
    first, corrections = _versions(worlds, "order")
    rows = pd.concat([first, corrections]).sort_values("ingested_at", ascending=False)
    rng = worlds.rng("idempotency order")
    newer, older = rows.iloc[: len(rows) // 2], rows.iloc[len(rows) // 2 :]
    shuffled = rows.iloc[rng.permutation(len(rows))]
    wanted = _newest(first, corrections)
    for batches, order in (
        ([newer, older], "the newer batch first"),
        ([rows], "all in one batch, newest first"),
        ([shuffled.iloc[::2], shuffled.iloc[1::2]], "shuffled into two batches"),
    ):
        lake = answer.scratch()
        for batch in batches:
            answer(_fresh(batch), lake)
        found = _lake(answer, lake)
        _expect_present(found, wanted, LAKE, f"{len(wanted)} events, loaded with {order}")
        _expect_newest(found, wanted, LAKE, set(_ids(corrections)))


@check(
    "idempotency.load",
    points=1.5,
    needs=keeps_the_other_events,
    hints=[
        "Stop your load after each line that writes. What is in the lake then, and what does the next run make of it?",
        "At no moment may the only copy of a row be in memory: the new file is complete before the old one goes. "
        "And nothing may say `done` before everything is.",
        "merged.to_parquet(temporary); temporary.replace(...)   # one step: the old file until then, the new one after",
    ],
)
def survives_a_crash(answer: Answer, worlds: Worlds) -> None:
    """A crash between two writes, and the load run again, loses no event and doubles none."""
    rows = _events(worlds, "crash", 140)
    # every batch holds some events of both days, and none that another batch holds
    parts = [_fresh(rows.iloc[start::14]) for start in range(14)]
    loaded = [_fresh(pd.concat(parts[:4]))]
    lake = answer.scratch()
    answer(loaded[0], lake)

    loaded.append(parts[4])
    moments = answer.moments(parts[4], lake)
    if moments < 1:
        raise Incorrect("The load has written nothing.", expected="files in the lake", got="no change in its folder")
    crashes = sorted({int(m) for m in np.linspace(0, moments - 1, CRASHES)})
    for batch, moment in zip(parts[5:], crashes, strict=False):
        loaded.append(batch)
        when = f"after a crash at write {moment + 1} of {moments}, and the load run again"
        answer.interrupted(moment, batch, lake)
        try:
            answer(batch, lake)
        except AnswerError as e:
            if e.kind != "raised":
                raise
            raise Incorrect(
                f"The load could not be run again {when.partition(', and')[0]}.",
                expected="a second run that makes good what the first left undone",
                got=e.detail,
            ) from None
        wanted = _fresh(pd.concat(loaded))
        found = _lake(answer, lake)
        expected = f"{len(wanted)} events {when}"
        _expect_present(found, wanted, LAKE, expected)
        _expect_once(found, LAKE, expected)


# --- state after n runs = state after one run -------------------------------------------------------------------


def _expect_same(once: Rows, again: Rows, where: str, first: str, later: str) -> None:
    """Two states hold the same rows in all their columns, and each as often."""
    before, after = Counter(_ids(once)), Counter(_ids(again))
    if before != after:
        changed = [key for key in before | after if before[key] != after[key]]
        counts = pd.DataFrame(
            {
                KEY: pd.Series(changed, dtype=object),
                f"rows after {first}": [before[key] for key in changed],
                f"rows after {later}": [after[key] for key in changed],
            }
        )
        raise Incorrect(
            f"{where[0].upper()}{where[1:]} changed with {later}.",
            expected=f"{len(once)} rows, as after {first}",
            got=f"{len(again)} rows after {later}",
            evidence={"Events whose number of rows changed": _by_id(counts)},
        )
    if strange := {str(name) for name in once.columns} ^ {str(name) for name in again.columns}:
        raise Incorrect(
            f"{where[0].upper()}{where[1:]} has other columns after {later}.",
            expected="the same columns each time",
            got=f"not in both: {', '.join(sorted(strange)[:5])}",
        )
    columns = sorted((name for name in once.columns if name not in (KEY, FILE)), key=str)
    for column in columns:
        old, new = (
            Counter(zip(_ids(rows), map(expect.plain, rows[column].astype(object)), strict=True))
            for rows in (once, again)
        )
        if old != new:
            example = next(key for key, _ in (old - new) or (new - old))
            raise Incorrect(
                f"The column {column!r} has other values after {later}.",
                expected="rows that depend on the batch alone: no clock, no random number, no counter of runs",
                got=f"{expect.counted((old - new).total(), 'row')} changed",
                evidence={
                    f"After {first}": _of(once, [example])[[KEY, column]],
                    f"After {later}": _of(again, [example])[[KEY, column]],
                },
            )
