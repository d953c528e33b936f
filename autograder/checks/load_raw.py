"""Checks of lesson 03: received rows kept as they came, by day of arrival, in files that are whole at any moment."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Hashable
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pandas as pd

from autograder import expect
from autograder.checking import Incorrect, check
from autograder.quiz import question
from autograder.seam import Answer, AnswerError
from autograder.worlds import Worlds

KEY, ARRIVAL = "event_id", "ingested_at"
FILE, DAY = "(file)", "(day)"  # columns of the rows that are read from a lake: where each of them lies
LAYOUT = "year=2024/month=01/day=15/data.parquet"
CRASHES = 4
"""The load is stopped at no more moments than this, spread over all that it has."""

Rows = pd.DataFrame


# --- load_raw.recap ---------------------------------------------------------------------------------------------

complement = question(
    "load_raw.recap",
    "1",
    "`valid = ages.between(0, 120)` and `quarantined = ~valid`: where does a missing age go?",
    right="b",
    wrong={
        "a": "That is so with two conditions, such as `between` and `(ages < 0) | (ages > 120)`. Here is one mask and "
        "its opposite, and together they cover every row.",
        "c": "A mask and its opposite never share a row.",
        "d": "`between` says False of a missing value, without an exception.",
    },
    points=0.5,
    hints=[
        "What does `between` say of a missing value: True, False, or missing?",
        "Try it on pd.Series([40, None]), then put `~` before it.",
        "~pd.Series([40, None]).between(0, 120)",
    ],
)
quarantined_row = question(
    "load_raw.recap",
    "2",
    "A received row breaks two rules. What does the quarantine hold afterwards?",
    right="c",
    wrong={
        "a": "Then the row counts twice, and rows received no longer equal rows valid and rows quarantined.",
        "b": "What was wrong can then no longer be seen, and a better repair can no longer be made.",
        "d": "Whoever repairs the source needs the whole row, and every rule that it breaks.",
    },
    points=0.5,
    hints=[
        "Someone has to find out tomorrow what the source has sent. What will they want to see?",
        "Count: one row came in. How many may come out?",
        "The row as ..., once, with ... its reasons.",
    ],
)


# --- load_raw.prune ---------------------------------------------------------------------------------------------


def _partition(day: dt.date) -> str:
    return f"year={day.year:04}/month={day.month:02}/day={day.day:02}"


def _listing(days: list[dt.date]) -> list[str]:
    return [f"{_partition(day)}/data.parquet" for day in days]


def _days(first: dt.date, number: int) -> list[dt.date]:
    return [first + dt.timedelta(days=n) for n in range(number)]


def _shuffled(worlds: Worlds, name: str, files: list[str]) -> list[str]:
    return [files[i] for i in worlds.rng(f"load_raw {name}").permutation(len(files))]


def _expect_files(answer: Answer, files: list[str], first: dt.date, last: dt.date, wanted: list[str]) -> None:
    """From `files`, the days from `first` to `last` are read with the `wanted` files, each once."""
    found = answer(files, first, last)
    asked = f"from {first} to {last}"
    values = found.tolist() if isinstance(found, pd.Series) else found
    if not isinstance(values, (list, tuple)) or not all(isinstance(value, (str, PurePath)) for value in values):
        raise Incorrect(
            "Expected the files to read as a list of paths.",
            expected=f"a list of text such as {LAYOUT!r}",
            got=expect.kind_of(found),
        )
    names = [value.as_posix() if isinstance(value, PurePath) else value for value in values]
    have, want = Counter(names), Counter(wanted)
    for rationale, wrong in (
        (f"Asked for the days {asked}, a file of those days is left out.", want - have),
        (f"Asked for the days {asked}, a file is read that need not be.", have - want),
    ):
        if wrong:
            raise Incorrect(
                rationale,
                expected=expect.counted(len(wanted), "file") + f" of {len(files)}",
                got=expect.counted(len(names), "file"),
                evidence={"Left out" if wrong == want - have else "Read": pd.DataFrame({"file": sorted(wrong)})},
            )


@check(
    "load_raw.prune",
    points=0.5,
    hints=[
        "Which days does the reader ask for, and which day does each path name?",
        "Read year, month and day from the path, make one date of them, and compare it with both bounds.",
        "day = dt.date(int(...), int(...), int(...)); ... <= day <= ...",
    ],
)
def reads_the_days_asked_for(answer: Answer, worlds: Worlds) -> None:
    """The files of all days from `first` to `last` are read, both bounds included, and no others."""
    rng = worlds.rng("load_raw days")
    month = dt.date(int(rng.integers(2001, 2030)), int(rng.integers(3, 13)), 1)
    days = _days(month, 28)
    at = int(rng.integers(3, 12))
    wanted = days[at : at + int(rng.integers(4, 9))]
    files = _shuffled(worlds, "days", _listing(days))
    _expect_files(answer, files, wanted[0], wanted[-1], _listing(wanted))
    _expect_files(answer, files, wanted[0], wanted[0], _listing(wanted[:1]))


@check(
    "load_raw.prune",
    points=0.5,
    hints=[
        "30 December to 2 February: is the day 15 between 30 and 2?",
        "Years, months and days cannot be compared one by one: compare whole dates.",
        "dt.date(2023, 12, 30) <= dt.date(2024, 1, 15) <= dt.date(2024, 2, 2)   # True",
    ],
)
def crosses_months_and_years(answer: Answer, worlds: Worlds) -> None:
    """A range may go from one month or one year into another."""
    year = int(worlds.rng("load_raw year").integers(2001, 2030))
    for first, last in (
        (dt.date(year, 11, 27), dt.date(year, 12, 3)),
        (dt.date(year, 12, 30), dt.date(year + 1, 2, 2)),
        (dt.date(year + 1, 1, 20), dt.date(year + 1, 1, 31)),  # not every month has 30 days
    ):
        # no files on the bounds: whether they are included is for another check
        days = [day for day in _days(dt.date(year, 11, 20), 100) if day not in (first, last)]
        wanted = _listing([day for day in days if first < day < last])
        _expect_files(answer, _shuffled(worlds, "year", _listing(days)), first, last, wanted)


@check(
    "load_raw.prune",
    points=0.25,
    hints=[
        "Some tools write month=1 where others write month=01. Does your comparison see the same month?",
        "Compare numbers or dates: as text, '10' comes before '9'.",
        "int('01') == int('1')",
    ],
)
def reads_numbers_without_zeros(answer: Answer, worlds: Worlds) -> None:
    """`month=1/day=5` is the same day as `month=01/day=05`."""
    year = int(worlds.rng("load_raw zeros").integers(2001, 2030))
    first, last = dt.date(year, 9, 28), dt.date(year, 10, 11)
    days = [day for day in _days(dt.date(year, 9, 20), 30) if day not in (first, last)]
    files = {day: f"year={day.year}/month={day.month}/day={day.day}/data.parquet" for day in days}
    wanted = [file for day, file in files.items() if first < day < last]
    _expect_files(answer, _shuffled(worlds, "zeros", list(files.values())), first, last, wanted)


@check(
    "load_raw.prune",
    points=0.5,
    hints=[
        "Which of the files in a partition has a load not finished yet?",
        "A reader passes over files and folders whose name starts with `_` or `.`, and names that do not end in "
        "`.parquet`. A file in no partition is of no day.",
        "if not name.endswith(...) or any(part.startswith((..., ...)) for part in file.split('/')): continue",
    ],
)
def passes_over_leftovers(answer: Answer, worlds: Worlds) -> None:
    """Temporary files, hidden files and folders, and files in no partition are not read; all others are."""
    days = _days(dt.date(2024, 5, 6), 4)
    inside = _partition(days[1])
    wanted = [*_listing(days[1:3]), f"{inside}/part_0.parquet"]
    hidden = ("data.parquet.tmp", "_data.parquet", ".data.parquet", "_SUCCESS", "data.csv")
    leftovers = [
        *(f"{inside}/{name}" for name in hidden),
        f"_staging/{inside}/data.parquet",
        f".trash/{inside}/data.parquet",
        "readme.md",
        "products.parquet",
        "year=2024/month=05/summary.parquet",
    ]
    _expect_files(answer, _shuffled(worlds, "leftovers", [*wanted, *leftovers]), days[0], days[3], wanted)


@check(
    "load_raw.prune",
    points=0.25,
    hints=[
        "What does your function return when no path fits?",
        "No file to read is an empty list, not None and not an exception.",
        "found = [] before the loop, and `return ...` after it",
    ],
)
def nothing_to_read_is_an_empty_list(answer: Answer, worlds: Worlds) -> None:
    """Days without a file, a range that ends before it begins, and an empty lake give an empty list."""
    days = _days(dt.date(2024, 3, 1), 3)
    files = _listing(days[1:2])
    _expect_files(answer, files, days[0], days[2], files)
    _expect_files(answer, files, dt.date(2025, 3, 1), dt.date(2025, 3, 3), [])
    _expect_files(answer, files, days[2], days[0], [])
    _expect_files(answer, [], days[0], days[2], [])


# --- load_raw.load: what is received ----------------------------------------------------------------------------

COUPONS = ("007", "1e3", "", None, " vip ", "NaN", "null", "TRUE", "2024-01-05", "12,50", "3.10", "é")
"""A column that nobody has announced, with text that is easily taken for something else."""


def _received(worlds: Worlds, name: str, *, events: int = 60, days: int = 3, **faults: int) -> Rows:
    """Events as received: text or missing in every column but `ingested_at`."""
    planted = {f"events.{fault}": count for fault, count in faults.items()}
    rows = worlds.make(f"load_raw {name}", users=30, events=events, days=days, faults=planted).events
    text = {column: _texts(rows[column]) for column in rows.columns if column != ARRIVAL}
    of_event = pd.factorize(np.array(_keys(rows)))[0]  # copies of an event have equal coupons
    coupons = _texts(pd.Series([COUPONS[i % len(COUPONS)] for i in of_event], dtype=object))
    return pd.DataFrame({**text, ARRIVAL: rows[ARRIVAL], "coupon": coupons})


def _deliveries(worlds: Worlds, name: str, *, events: int, days: int) -> list[Rows]:
    """The rows of each day of arrival, without anything that other checks are about.

    No missing values, and every row arrived on the day it happened, whichever time zone that day is taken in.
    """
    rows = _received(worlds, name, events=events, days=days).assign(coupon="007")
    happened = pd.to_datetime(rows["timestamp"], utc=True)
    rows = rows[happened.dt.hour.between(6, 20)]
    return [part.reset_index(drop=True) for _, part in rows.groupby(np.array(_arrived(rows)))]


def _texts(values: pd.Series[Any]) -> pd.Series[Any]:
    def text(value: Any) -> Any:
        if expect.plain(value) is None:
            return None
        if isinstance(value, pd.Timestamp):
            return value.isoformat()
        return str(int(value)) if isinstance(value, (int, np.integer)) else str(value)

    return pd.Series([text(value) for value in values], dtype="str")


def _arrived(rows: Rows) -> list[str]:
    return [_partition(day) for day in rows[ARRIVAL].dt.date]


def _stack(*parts: Rows) -> Rows:
    return pd.concat(parts, ignore_index=True)


# --- load_raw.load: what is in the lake -------------------------------------------------------------------------

_IN_PARTITION = re.compile(r"year=(\d{1,4})/month=(\d{1,2})/day=(\d{1,2})/")


def _lake(answer: Answer, path: Path, when: str = "") -> Rows:
    """The rows that a reader of the lake sees, as an object frame with `FILE` and `DAY`; none if there is no file."""
    try:
        tables = answer.tables(path)
    except AnswerError as e:
        if e.kind != "unreadable":
            raise
        raise Incorrect(
            f"The lake holds a file that cannot be read{when}.",
            expected="whole Parquet files under every name that a reader opens",
            got=e.detail,
        ) from None
    found = []
    for name, table in tables.items():
        if not (match := _IN_PARTITION.match(name)):
            raise Incorrect(f"A file is in no partition{when}.", expected=f"files such as {LAYOUT}", got=name[:200])
        rows = expect.frame(table, f"the file {name}", columns=[KEY, ARRIVAL])
        if not rows.columns.is_unique:
            raise Incorrect(f"The file {name} has two columns of one name.", expected="each name once")
        year, month, day = match.groups()
        at = f"year={year}/month={month.zfill(2)}/day={day.zfill(2)}"
        found.append(rows.astype(object).assign(**{FILE: name, DAY: at}))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[KEY, ARRIVAL, FILE, DAY])


def _ids(rows: Rows) -> Counter[Hashable]:
    """How often each event_id occurs, whatever its case and spaces: to repair them is another mistake."""
    return Counter(str(value).strip().upper() for value in rows[KEY].astype(object))


def _expect_rows(found: Rows, wanted: Rows, expected: str) -> None:
    """The lake holds the wanted rows, as many of each event_id."""
    have, want = _ids(found), _ids(wanted)
    for title, wrong, rows, what in (
        ("Missing", want - have, wanted, "not in the lake"),
        ("Too many", have - want, found, "in the lake that should not be there"),
    ):
        if wrong:
            shown = [KEY, ARRIVAL, *([FILE] if rows is found else [])]
            raise Incorrect(
                f"{expect.counted(wrong.total(), 'row')} {'is' if wrong.total() == 1 else 'are'} {what}.",
                expected=expected,
                got=expect.counted(len(found), "row"),
                evidence={title: rows[[key in wrong for key in _keys(rows)]][shown]},
            )


def _keys(rows: Rows) -> list[str]:
    return [str(value).strip().upper() for value in rows[KEY].astype(object)]


def _expect_landed(found: Rows, batch: Rows) -> None:
    """Most of the batch is there, so that there is something to judge."""
    if len(_ids(found).keys() & _ids(batch).keys()) <= len(_ids(batch)) // 2:
        raise Incorrect(
            "After a load, most of its rows are not in the lake.",
            expected=f"{expect.counted(len(batch), 'row')} in files such as {LAYOUT}",
            got=expect.counted(len(found), "row"),
        )


# --- load_raw.load ----------------------------------------------------------------------------------------------


@check(
    "load_raw.load",
    points=0.5,
    hints=[
        "Which of the two times of an event says when it reached you, and what day was that in UTC?",
        "The folder is named after `ingested_at`, with two digits for month and day. Each folder holds one file.",
        'folder = lake / f"year={...:%Y}" / f"month={...:%m}" / f"day={...:%d}"; the file is folder / \'data.parquet\'',
    ],
)
def lands_by_day_of_arrival(answer: Answer, worlds: Worlds) -> None:
    """Each row lies in `year=YYYY/month=MM/day=DD/data.parquet` of the UTC day on which it arrived, late ones too."""
    batch, lake = _received(worlds, "arrival", events=160, days=4, late=8), answer.scratch()
    # around midnight a wrong time zone shows
    opening, number = batch[ARRIVAL].dt.floor("D"), np.arange(len(batch)) % 6
    batch[ARRIVAL] = batch[ARRIVAL].mask(number == 0, opening).mask(number == 1, opening + pd.Timedelta(hours=23.9))
    answer(batch, lake)
    found = _lake(answer, lake)
    _expect_landed(found, batch)
    places = dict(zip(_keys(batch), _arrived(batch), strict=True))
    belongs = [f"{places[key]}/data.parquet" if key in places else None for key in _keys(found)]
    wrong = np.array([place is not None and place != file for place, file in zip(belongs, found[FILE], strict=True)])
    if wrong.any():
        rows = found.assign(**{"belongs in": pd.Series(belongs, index=found.index, dtype=object)})[wrong]
        raise Incorrect(
            f"{expect.counted(len(rows), 'row')} in the wrong file.",
            expected=f"files such as {LAYOUT}, by the UTC date of `ingested_at`",
            got=f"for example {rows[FILE].iloc[0][:200]}",
            evidence={"In the wrong file": rows[[KEY, ARRIVAL, FILE, "belongs in"]]},
        )


@check(
    "load_raw.load",
    points=0.5,
    hints=[
        "How many rows were received, and how many does the lake hold?",
        "Raw is before validation: a copy, a row without a user and an amount that is no number are all kept.",
        "no dropna, no drop_duplicates, no mask: for day, rows in batch.groupby(...)",
    ],
)
def keeps_every_row(answer: Answer, worlds: Worlds) -> None:
    """Every received row is in the lake, bad ones and copies too, each as often as it came."""
    faults = {"duplicate_exact": 4, "duplicate_conflict": 2, "missing_user_id": 3, "amount_text": 2, "unknown_user": 2}
    batch, lake = _received(worlds, "rows", **faults, unknown_event_type=3), answer.scratch()
    answer(batch, lake)
    found = _lake(answer, lake)
    _expect_landed(found, batch)
    _expect_rows(found, batch, f"{len(batch)} rows after one load of {len(batch)} rows")


@check(
    "load_raw.load",
    points=0.5,
    hints=[
        "Take one row that came in and the same row in the lake. Which cells differ?",
        "Nothing is converted, trimmed or filled in, and columns that you have never seen are stored as well.",
        "rows.to_parquet(...) with rows as they are: no astype, no fillna, no list of columns",
    ],
)
def keeps_every_value(answer: Answer, worlds: Worlds) -> None:
    """Every cell of every column is in the lake as it was received: text stays text, missing stays missing."""
    faults = {"amount_text": 4, "messy_event_id": 3, "messy_event_type": 4}
    batch, lake = _received(worlds, "values", **faults), answer.scratch()
    answer(batch, lake)
    found = _lake(answer, lake)
    _expect_landed(found, batch)
    if lost := [name for name in batch.columns if name not in found.columns]:
        raise Incorrect(
            f"The column {lost[0]!r} is not in the lake.",
            expected=f"all columns received: {', '.join(batch.columns)}",
            got=", ".join(str(name) for name in found.columns if name not in (FILE, DAY)),
        )
    for column in batch.columns:
        received, stored = (
            Counter(zip(_keys(rows), (_cell(column, value) for value in rows[column].astype(object)), strict=True))
            for rows in (batch, found)
        )
        # which rows are there, and how often, is for another check
        there = {key for key, _ in stored}
        if changed := {key for key, cell in received if key in there and (key, cell) not in stored}:
            raise Incorrect(
                f"In the column {column!r} the lake holds other values than were received.",
                expected="text as it came, character by character, and missing where it was missing",
                got=f"other values in {expect.counted(len(changed), 'row')}",
                evidence={
                    title: _sorted(rows[[key in changed for key in _keys(rows)]])[list(dict.fromkeys([KEY, column]))]
                    for title, rows in (("As received", batch), ("As found", found))
                },
            )


def _cell(column: str, value: Any) -> Hashable:
    if column == ARRIVAL and isinstance(value, (str, dt.datetime, np.datetime64)):
        stamp = pd.to_datetime(value, utc=True, errors="coerce")
        return str(value) if pd.isna(stamp) else str(stamp.floor("ms"))
    plainly = expect.plain(value)
    return plainly if plainly is None or isinstance(plainly, str) else (type(value).__name__, str(plainly))


def _sorted(rows: Rows) -> Rows:
    keys = _keys(rows)
    ordered: Rows = rows.iloc[sorted(range(len(rows)), key=keys.__getitem__)]
    return ordered


@check(
    "load_raw.load",
    points=0.5,
    hints=[
        "A day is delivered again with fewer rows. What remains of the first delivery?",
        "Always write to the same file of the day, so that the new rows take the place of the old ones.",
        "file = lake / ... / 'data.parquet'   # one name, no counter, no random part",
    ],
)
def replaces_the_day(answer: Answer, worlds: Worlds) -> None:
    """A day that is delivered again, with fewer or other rows, holds the new delivery and nothing of the old one."""
    day, other = _deliveries(worlds, "replace", events=60, days=2)
    lake = answer.scratch()
    answer(_stack(day, other), lake)
    _expect_landed(_lake(answer, lake), day)
    for again, name in ((day.iloc[: len(day) // 3], "fewer rows"), (day.iloc[len(day) // 3 :], "other rows")):
        for _ in range(2):  # a rerun of the same delivery is one more replacement
            answer.restart()
            answer(again.reset_index(drop=True), lake)
            found = _lake(answer, lake)
            here = found[found[DAY] == _arrived(day)[0]]
            _expect_rows(here, again, f"{expect.counted(len(again), 'row')}: the day was delivered again with {name}")


@check(
    "load_raw.load",
    points=0.5,
    shrinks=False,
    hints=[
        "The batch holds two days. What happens to the third one?",
        "Replace the partitions that the batch has rows for; do not empty the lake, and do not read it.",
        "one file for each day in the batch, and no other path is written or deleted",
    ],
)
def leaves_the_other_days(answer: Answer, worlds: Worlds) -> None:
    """A batch replaces exactly the days that it has rows of; all other days stay as they are."""
    parts, lake = _deliveries(worlds, "others", events=120, days=5), answer.scratch()
    answer(_stack(*parts), lake)
    before = _lake(answer, lake)
    _expect_landed(before, _stack(*parts))
    again = [parts[i].iloc[::2] for i in (1, 3)]  # the third day lies between them
    answer.restart()
    answer(_stack(*again), lake)
    found = _lake(answer, lake)
    days = [_arrived(parts[i])[0] for i in (0, 2, 4)]
    _expect_rows(
        found[found[DAY].isin(days)], before[before[DAY].isin(days)], "the three other days as they were before"
    )
    _expect_landed(found[~found[DAY].isin(days)], _stack(*again))


@check(
    "load_raw.load",
    points=0.5,
    hints=[
        "Which of your lines needs at least one row?",
        "A batch without rows has no days, so there is nothing to replace.",
        "a loop over groupby does nothing for no rows; .iloc[0], min() and max() do not",
    ],
)
def takes_an_empty_batch(answer: Answer, worlds: Worlds) -> None:
    """A batch without rows changes nothing, in an empty lake and in a full one."""
    batch = _received(worlds, "empty", days=2)
    answer(batch.iloc[:0], answer.scratch())
    lake = answer.scratch()
    answer(batch, lake)
    before = _lake(answer, lake)
    _expect_landed(before, batch)
    answer.restart()
    answer(batch.iloc[:0], lake)
    _expect_rows(_lake(answer, lake), before, "the lake as it was before the empty batch")


@check(
    "load_raw.load",
    points=1,
    needs=replaces_the_day,
    hints=[
        "Stop your load after each line that writes. What does someone see who reads the day just then?",
        "Finish the new file under a name that readers pass over, in the same folder; then give it its final name.",
        "rows.to_parquet(temporary); os.replace(..., ...)   # the old file until then, the new one after",
    ],
)
def old_or_new_at_any_moment(answer: Answer, worlds: Worlds) -> None:
    """Whenever the load is stopped, a reader sees each day as before or as delivered, and the next run completes it."""
    parts = _deliveries(worlds, "crash", events=60, days=3)
    old = _stack(*(part.iloc[::2] for part in parts[:2]))
    new = _stack(*(part.iloc[1::2] for part in parts[1:]))  # of a day that is there, and of a new one

    lake = answer.scratch()
    answer(old, lake)
    if (steps := answer.moments(_on(new, _arrived(parts[1])[0]), lake)) < 2:
        raise Incorrect(
            "The new rows are written over the old file itself." if steps else "A second delivery changes no file.",
            expected="two steps: the new file complete under another name in the lake, then `os.replace`",
            got="one write to the final name, or a copy from outside the lake; a crash in its middle leaves half a file"
            if steps
            else "a lake in which nothing was written",
        )

    moments = answer.moments(new, lake)
    for moment in sorted({int(m) for m in np.linspace(0, max(moments - 1, 0), CRASHES)}):
        lake = answer.scratch()
        answer(old, lake)
        answer.restart()
        answer.interrupted(moment, new, lake)
        when = f" after a crash at write {moment + 1} of {moments}"
        found = _lake(answer, lake, when)
        for part in parts:
            day = _arrived(part)[0]
            _expect_old_or_new(found[found[DAY] == day], _on(old, day), _on(new, day), day, when)
        answer.restart()
        try:
            answer(new, lake)
        except AnswerError as e:
            if e.kind != "raised":
                raise
            raise Incorrect(
                f"The load could not be run again{when}.",
                expected="a second run that makes good what the first left undone",
                got=e.detail,
            ) from None
        wanted = _stack(_on(old, _arrived(parts[0])[0]), new)
        _expect_rows(_lake(answer, lake, when), wanted, f"the whole delivery{when} and one more run")


def _on(rows: Rows, day: str) -> Rows:
    of_day: Rows = rows[np.array(_arrived(rows)) == day]
    return of_day


def _expect_old_or_new(found: Rows, old: Rows, new: Rows, day: str, when: str) -> None:
    seen = _ids(found)
    if seen == _ids(old) or (len(new) and seen == _ids(new)):
        return
    of_old, of_new = (len(seen.keys() & _ids(rows).keys()) for rows in (old, new))
    raise Incorrect(
        f"A reader sees neither the old nor the new day{when}.",
        expected=f"{day} with its {len(old)} rows as before"
        + (f", or the {len(new)} rows delivered" if len(new) else ""),
        got=f"{of_old} of the old rows and {of_new} of the new ones",
        evidence={"What the reader reads": found.groupby(FILE).size().rename("rows").reset_index()},
    )
