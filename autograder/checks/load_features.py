"""Checks of lesson 05: an upsert in which newer news wins, and a lookback window that counts what it cannot take."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from autograder import expect
from autograder.checking import Incorrect, check
from autograder.quiz import question
from autograder.seam import Answer
from autograder.worlds import Worlds

Rows = pd.DataFrame
Cells = tuple[Hashable, ...]


# --- cells in a form in which equal values are equal ------------------------------------------------------------


def _cell(column: str, value: Any) -> Hashable:
    """A cell so that other dtypes and widths of one value are equal: times to the millisecond, money to the cent."""
    if column in ("updated_at", "processing_timestamp") and isinstance(value, (str, dt.date, np.datetime64)):
        try:
            stamp = pd.Timestamp(value)
            if not pd.isna(stamp):
                return str((stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")).floor("ms"))
        except (ValueError, OverflowError):
            return str(value)
    plainly = expect.plain(value)
    if column in ("total_spend", "spend") and isinstance(plainly, float) and math.isfinite(plainly):
        return round(plainly, 2)
    return plainly


def _cells(frame: Rows, columns: Sequence[str]) -> list[Cells]:
    """The rows of the columns as tuples of comparable cells."""
    by_column = [[_cell(name, value) for value in frame[name].astype(object)] for name in columns]
    return list(zip(*by_column, strict=True))


def _users(frame: Rows) -> list[Hashable]:
    return [cells[0] for cells in _cells(frame, ["user_id"])]


def _of(frame: Rows, users: Iterable[Hashable]) -> Rows:
    """The rows of these users, in the order of their ids."""
    wanted = set(users)
    places = [place for place, user in enumerate(_users(frame)) if user in wanted]
    return frame.iloc[sorted(places, key=lambda place: str(frame["user_id"].iloc[place]))]


# --- load_features.recap ----------------------------------------------------------------------------------------

as_of_rule = question(
    "load_features.recap",
    "1",
    "A feature table is computed with as_of = 15 January, 00:00 UTC: which events may go into it?",
    right="b",
    wrong={
        "a": "Then a row of 15 January knows what happened later, and a model trained on it learns from the future.",
        "c": "When a user signed up decides who has a row, and says nothing about when an event happened.",
        "d": "`as_of` is 00:00, the first moment of that day. What happens later on the 15th is the future.",
    },
    points=0.5,
    hints=[
        "Someone uses the table at 00:00 on the 15th. What can they know?",
        "Each event has a `timestamp`. On which side of `as_of` must it lie?",
        "events[events['timestamp'] ... as_of]",
    ],
)
overwritten = question(
    "load_features.recap",
    "2",
    "A partition holds 100 rows and is overwritten with a batch of 90 of them, corrected: how many rows does it hold?",
    right="c",
    wrong={
        "a": "That is what appending leaves. To overwrite is to put the batch in the place of what was there.",
        "b": "That is what an upsert leaves. A partition overwrite looks at no key: what is not in the batch is gone.",
        "d": "Nothing is compared: the old partition goes, whatever was in it.",
    },
    points=0.5,
    hints=[
        "Does a partition overwrite look at the rows that are there already?",
        "The old file of the partition is replaced by a new one. What is in the new one?",
        "rows after = rows in the ...",
    ],
)


# --- load_features.upsert: what is stored and what comes --------------------------------------------------------

COLUMNS = ("user_id", "country", "subscription_tier", "total_spend", "updated_at")
STORED = 24
NEW = 6
HOUR = pd.Timedelta(hours=1)


def _profiles(worlds: Worlds, name: str) -> tuple[Rows, Rows]:
    """One row each of users that are stored and of users that are new, complete and in no order.

    Three stored users have no country. Hours are such that any row may be up to 20 hours older or newer than another.
    """
    users = worlds.make(f"upsert {name}", users=STORED + NEW, events=1, products=1).users
    rng = worlds.rng(f"upsert {name}")
    rows = users[["user_id", "country", "subscription_tier"]].assign(
        total_spend=(rng.integers(100, 40_000, len(users)) / 100).round(2),
        updated_at=pd.Timestamp("2024-01-15T12:00Z") + pd.to_timedelta(rng.integers(0, 72_000, len(users)), unit="s"),
    )
    rows = rows.iloc[rng.permutation(len(rows))].reset_index(drop=True)
    rows.loc[:2, "country"] = None
    return rows.iloc[:STORED], rows.iloc[STORED:]


def _news(rows: Rows, hours: float) -> Rows:
    """The rows as a later (or, with negative hours, an earlier) version: other values, never null."""
    country = {"US": "UK", "UK": "DE", "DE": "FR", "FR": "JP", "JP": "IN", "IN": "US"}
    return rows.assign(
        country=rows["country"].map(country).fillna("DE"),
        subscription_tier=rows["subscription_tier"].map({"free": "basic", "basic": "premium", "premium": "free"}),
        total_spend=(rows["total_spend"] + 10).round(2),
        updated_at=rows["updated_at"] + hours * HOUR,
    )


def _stack(*frames: Rows) -> Rows:
    return pd.concat(frames, ignore_index=True)


def _upserted(stored: Rows, batch: Rows) -> Rows:
    """The truth, one row of the batch after the other, oldest first."""
    rows = {row["user_id"]: row for row in stored.to_dict("records")}
    for row in sorted(batch.to_dict("records"), key=lambda row: row["updated_at"]):
        user = row["user_id"]
        if user not in rows:
            rows[user] = row
        elif row["updated_at"] > rows[user]["updated_at"]:
            rows[user] = rows[user] | {name: value for name, value in row.items() if not pd.isna(value)}
    return pd.DataFrame(list(rows.values()), columns=list(stored.columns))


TABLE = "the table after the upsert"


def _table(answer: Answer, stored: Rows, batch: Rows, columns: Sequence[str] = ("user_id", "total_spend")) -> Rows:
    """The returned table, which must have these columns; whether it has lost others is for the checks that say so."""
    value = answer(stored.reset_index(drop=True), batch.reset_index(drop=True))
    # A table without counts can still be a right table: only the check of the counts asks for both.
    table = value if isinstance(value, pd.DataFrame) else expect.parts(value, ("table", "counts"))[0]
    return expect.frame(table, TABLE, columns=columns)


def _expect_users(found: Rows, wanted: Rows, case: str) -> None:
    """Each wanted user is there once, and nobody else."""
    have, want = Counter(_users(found)), set(_users(wanted))
    got = f"{len(found)} rows for {len(have)} users"
    expected = f"{len(want)} users, each once"
    if lost := want - set(have):
        raise Incorrect(
            f"{expect.counted(len(lost), 'user')} missing from {TABLE}{case}.",
            expected=expected,
            got=got,
            evidence={"Missing": _of(wanted, lost)},
        )
    if twice := [user for user, times in have.items() if times > 1 or user not in want]:
        raise Incorrect(
            f"{expect.counted(len(twice), 'user')} more than once, or unknown, in {TABLE}{case}.",
            expected=expected,
            got=got,
            evidence={"Too many": _of(found, twice)},
        )


def _expect_rows(found: Rows, wanted: Rows, users: Iterable[Hashable], what: str, stored: Rows, batch: Rows) -> None:
    """Of these users every row that is there holds the wanted values; at least one row of each must be there."""
    asked, columns = set(users), [name for name in COLUMNS if name in found]
    want = {cells[0]: cells for cells in _cells(wanted, columns)}
    have: dict[Hashable, set[Cells]] = {}
    for cells in _cells(found, columns):
        have.setdefault(cells[0], set()).add(cells)
    wrong = [user for user in want if user in asked and have.get(user, set()) != {want[user]}]
    if wrong:
        one = wrong[:1]
        raise Incorrect(
            what,
            expected=f"{expect.counted(len(asked), 'such user')} with the values that follow from the exercise's rules",
            got=f"other values for {len(wrong)} of them",
            evidence={
                "Stored": _of(stored, one),
                "In the batch": _of(batch, one),
                "Expected": _of(wanted, one),
                "Found": _of(found, one)[columns],
            },
        )


@check(
    "load_features.upsert",
    points=0.5,
    hints=[
        "How many different users are there in both frames together, and how many rows came back?",
        "A user that is only stored stays, one that is only in the batch is inserted, one that is in both is one row. "
        "Try it with no stored rows, and with no rows in the batch.",
        "both = pd.concat([..., ...]); then one row for each user_id",
    ],
)
def every_user_once(answer: Answer, worlds: Worlds) -> None:
    """Every user of either frame comes back once; untouched rows and new rows keep every value."""
    stored, new = _profiles(worlds, "users")
    touched = _news(stored.iloc[:8], 30)
    for old, batch, case in (
        (stored, _stack(touched, new), ""),
        (stored.iloc[:0], new, ", where nothing is stored yet"),
        (stored, new.iloc[:0], ", where the batch has no rows"),
    ):
        wanted = _upserted(old, batch)
        found = _table(answer, old, batch, COLUMNS)
        _expect_users(found, wanted, case)
        plain = set(_users(wanted)) - (set(_users(touched)) if len(old) and len(batch) else set())
        _expect_rows(
            found, wanted, plain, f"A row that is new or not in the batch came back changed{case}.", old, batch
        )


@check(
    "load_features.upsert",
    points=0.5,
    hints=[
        "Which row is newer: the one that came last, or the one with the later `updated_at`?",
        "Compare each row of the batch with the stored row of the same user. Older means: no news at all, not even for "
        "a column that is null in the stored row.",
        "versions = batch.merge(stored[['user_id', 'updated_at']], on='user_id', how='left', suffixes=('', '_stored'))",
    ],
)
def newest_version_wins(answer: Answer, worlds: Worlds) -> None:
    """A newer row changes the stored one; an older row changes nothing."""
    stored, _ = _profiles(worlds, "versions")
    newer, older = stored.iloc[6:14], stored.iloc[14:]
    gaps = stored.iloc[:3]  # their country is null, and an older row knows one
    fillers = _news(gaps, -2)
    batch = _stack(_news(newer, 1), _news(older, -1), fillers)
    wanted, found = _upserted(stored, batch), _table(answer, stored, batch)
    for rows, what in (
        (newer, "A newer row of the batch has not replaced the stored one."),
        (older, "An older row of the batch has won over a newer stored one."),
    ):
        _expect_rows(found, wanted, _users(rows), what, stored, batch)
    _expect_unfilled(found, stored, gaps, fillers, "An older row of the batch has filled a null in a newer stored row.")


@check(
    "load_features.upsert",
    points=0.5,
    hints=[
        "The batch of yesterday comes once more. Is any row of it news?",
        "A row is news if its `updated_at` is later than the stored one, and just as old is not later.",
        "is_news = row['updated_at'] ... stored_row['updated_at']",
    ],
)
def just_as_old_is_no_news(answer: Answer, worlds: Worlds) -> None:
    """A row of the batch that is just as old as the stored one changes nothing, while a newer one does."""
    stored, _ = _profiles(worlds, "ties")
    newer, tied, gaps = stored.iloc[6:12], stored.iloc[12:], stored.iloc[:3]
    fillers = _news(gaps, 0)
    batch = _stack(_news(newer, 1), _news(tied, 0), fillers)
    wanted, found = _upserted(stored, batch), _table(answer, stored, batch)
    what = "A row of the batch that is just as old as the stored one has won; the stored one stays."
    _expect_rows(found, wanted, _users(tied), what, stored, batch)
    _expect_unfilled(found, stored, gaps, fillers, "A row that is just as old has filled a null in the stored row.")
    _expect_rows(found, wanted, _users(newer), "A newer row has not replaced the stored one.", stored, batch)


def _expect_unfilled(found: Rows, stored: Rows, gaps: Rows, fillers: Rows, what: str) -> None:
    """The country that the stored rows lack is not taken from rows that are no news."""
    columns = ["user_id", "country"]
    if "country" in found and {*_cells(found, columns)} & {*_cells(fillers, columns)}:
        raise Incorrect(
            what,
            expected="a row that is not newer changes nothing",
            got="the country of the row that is no news",
            evidence={"Stored": _of(stored, _users(gaps)), "In the batch": _of(fillers, _users(gaps))},
        )


@check(
    "load_features.upsert",
    points=0.5,
    hints=[
        "A user may stand in the batch twice. Which of the two rows should win, and does your code know?",
        "Put the rows in the order of `updated_at` before you choose, whether a user is stored or new.",
        "news.sort_values('...').groupby('user_id')...",
    ],
)
def a_batch_may_repeat_a_user(answer: Answer, worlds: Worlds) -> None:
    """Where the batch holds several rows of a user, in whatever order, the newest wins and the user is there once."""
    stored, new = _profiles(worlds, "repeated")
    known = stored.iloc[6:14]
    again = _news(_stack(known, new), 25)
    some, others = again.iloc[::2], again.iloc[1::2]
    # of some users the newest row stands first, of the others last, and of all of them it is there twice
    batch = _stack(_news(some, 2), _news(some, 2), again, _news(some, 1), _news(others, 2), _news(others, 2))
    wanted, found = _upserted(stored, batch), _table(answer, stored, batch)
    _expect_users(_of(found, _users(again)), _of(wanted, _users(again)), ", of those that are in the batch twice")
    what = "Of several rows of one user in the batch, the newest has not won."
    _expect_rows(found, wanted, _users(again), what, stored, batch)


@check(
    "load_features.upsert",
    points=0.5,
    hints=[
        "The activity job sends a new total_spend and no country. Is the country now unknown?",
        "A null in the batch is no news: the stored value stays. So is a column that the batch does not have.",
        "groupby('user_id').last() takes of each column the last value that is not ...",
    ],
)
def null_is_no_news(answer: Answer, worlds: Worlds) -> None:
    """Where a newer row has a null, or the batch lacks a column, the stored value stays."""
    stored, _ = _profiles(worlds, "nulls")
    activity, profile = _news(stored.iloc[6:12], 30), _news(stored.iloc[12:18], 30)
    activity = activity.assign(country=None, subscription_tier=None)
    profile = profile.assign(total_spend=np.nan)
    batch = _stack(activity.astype({"country": "str", "subscription_tier": "str"}), profile)
    wanted, found = _upserted(stored, batch), _table(answer, stored, batch)
    touched = _users(batch)
    _expect_rows(found, wanted, touched, "A null in the batch has not kept the stored value.", stored, batch)

    narrow = batch.loc[:5, ["user_id", "total_spend", "updated_at"]]
    wanted, found = _upserted(stored, narrow), _table(answer, stored, narrow, COLUMNS)
    what = "A column that the batch does not have has not kept its stored values."
    _expect_rows(found, wanted, _users(stored.iloc[3:]), what, stored, narrow)


@check(
    "load_features.upsert",
    points=0.5,
    needs=null_is_no_news,
    hints=[
        "One row of the batch brings a user's country, a newer one the same user's total_spend. Which news is lost?",
        "To choose the newest row of the batch first throws away what only the older one says. Choose per column.",
        "For each user and column: the last value, by updated_at, that is ...",
    ],
)
def partial_rows_add_up(answer: Answer, worlds: Worlds) -> None:
    """Two rows of one user in the batch, each with news of other columns, both count."""
    stored, new = _profiles(worlds, "partial")
    users = _stack(stored.iloc[6:14], new)
    profile = _news(users, 25).assign(total_spend=np.nan)
    activity = _news(users, 26).assign(country=None, subscription_tier=None)
    batch = _stack(activity.astype({"country": "str", "subscription_tier": "str"}), profile)
    wanted, found = _upserted(stored, batch), _table(answer, stored, batch)
    what = "Of two rows of one user in the batch, each with news of other columns, one was not used."
    _expect_rows(found, wanted, _users(users), what, stored, batch)


@check(
    "load_features.upsert",
    points=0.5,
    shrinks=False,
    hints=[
        "Do you count rows of the batch, or users of the table? Is a row that changes nothing an update?",
        "Each row of the table is one of three: its user was not stored, its user has got news, or neither.",
        "{'inserted': ..., 'updated': ..., 'unchanged': len(table) - ... - ...}",
    ],
)
def counts_say_what_happened(answer: Answer, worlds: Worlds) -> None:
    """`inserted`, `updated` and `unchanged` are right, and add up to the rows of the table."""
    stored, new = _profiles(worlds, "counts")
    size = int(worlds.rng("upsert counts size").integers(3, 8))
    newer, older = stored.iloc[6 : 6 + size], stored.iloc[14:22]
    batch = _stack(_news(newer, 30), _news(new, 1), _news(older, -1), _news(newer, 31), new)
    first = {"inserted": NEW, "updated": size, "unchanged": STORED - size}
    late = _news(_stack(stored, new), -1)  # nothing in it is news; what is just as old is another check's
    table = _upserted(stored, batch)
    for old, rows, wanted, case in (
        (stored, batch, first, "rows that are new, newer, older, and repeated"),
        (table, late, {"inserted": 0, "updated": 0, "unchanged": len(table)}, "older rows only"),
    ):
        value = answer(old.reset_index(drop=True), rows)
        counts = expect.parts(value, ("table", "counts"))[1]
        if not isinstance(counts, Mapping) or any(name not in counts for name in wanted):
            raise Incorrect(
                "The counts are not a dict with the three keys.",
                expected='{"inserted": ..., "updated": ..., "unchanged": ...}',
                got=", ".join(str(key)[:20] for key in list(counts)[:5]) + " as keys"
                if isinstance(counts, Mapping)
                else expect.kind_of(counts),
            )
        got = {name: expect.number(counts[name], f"the count {name!r}") for name in wanted}
        if got != wanted:
            raise Incorrect(
                f"The counts are wrong for a batch with {case}.",
                expected=f"{wanted}, together {sum(wanted.values())} users",
                got=f"{ {name: int(n) if n == int(n) else n for name, n in got.items()} }",
            )


@check(
    "load_features.upsert",
    points=0.5,
    hints=[
        "Does anything in your table depend on how often, or when, the function is called?",
        "Give the result back as `stored`, with the same batch. Which rows or columns differ?",
        "once, _ = upsert(stored, batch); twice, _ = upsert(..., batch)",
    ],
)
def twice_is_once(answer: Answer, worlds: Worlds) -> None:
    """The same batch once more leaves the same table."""
    stored, new = _profiles(worlds, "twice")
    batch = _stack(_news(stored.iloc[6:12], 30), stored.iloc[12:15], new)
    once = _table(answer, stored, batch)
    answer.restart()
    if lost := set(_users(_stack(stored, new))) - set(_users(once)):
        raise Incorrect(
            "Users are missing after the first call.", expected="all of them", got=f"{len(lost)} are not there"
        )
    twice = _table(answer, once, batch)
    names = sorted(set(once.columns) & set(twice.columns), key=str)
    first, second = (Counter(_cells(table, names)) for table in (once, twice))
    if first != second or set(once.columns) != set(twice.columns):
        changed = [cells[names.index("user_id")] for cells in (second - first) + (first - second)]
        raise Incorrect(
            "The table has changed although the batch was the same.",
            expected=f"{len(once)} rows, as after the first call",
            got=f"{len(twice)} rows, {expect.counted(len(set(changed)), 'user')} changed",
            evidence={"After the first": _of(once, changed[:1]), "After the second": _of(twice, changed[:1])},
        )


# --- load_features.reprocess: events, runs and windows ----------------------------------------------------------

DAILY = ("user_id", "events", "spend", "late_events", "processing_timestamp")
DAY = pd.Timedelta(days=1)
RUN_DATE = pd.Timestamp("2024-03-02T00:00Z")  # the window reaches back over a leap day into another month
LOOKBACK = 3
PREVIOUS = RUN_DATE + pd.Timedelta(hours=2, minutes=3, seconds=4)
NOW = PREVIOUS + DAY
WINDOW = [RUN_DATE - n * DAY for n in range(LOOKBACK, -1, -1)]


def _text(day: pd.Timestamp) -> str:
    return f"{day:%Y-%m-%d}"


def _events(worlds: Worlds, name: str) -> Rows:
    """Events of 26 February to 4 March, in no order, each arriving on the UTC day on which it happened.

    Each day has one event at its first and one at its last second, so that no boundary goes untried.
    """
    world = worlds.make(f"reprocess {name}", users=12, events=200, start="2024-02-26", days=8)
    rows = world.events[["event_id", "user_id", "amount", "timestamp", "ingested_at"]].copy()
    day = rows["timestamp"].dt.floor("D")
    last_second = day + DAY - pd.Timedelta(seconds=1)
    first, last = ~day.duplicated(), ~day.duplicated(keep="last")
    rows["timestamp"] = rows["timestamp"].mask(first, day).mask(last, last_second)
    # arrived after it happened, and before the day was over
    rows["ingested_at"] = rows[["timestamp", "ingested_at"]].max(axis="columns").clip(upper=last_second + DAY / 100_000)
    return rows.iloc[worlds.rng(f"reprocess {name} order").permutation(len(rows))].reset_index(drop=True)


def _partitions(
    answer: Answer,
    events: Rows,
    columns: Sequence[str],
    *,
    lookback: int = LOOKBACK,
    previous: pd.Timestamp = PREVIOUS,
    now: pd.Timestamp = NOW,
) -> dict[str, Rows]:
    """The returned partitions by day as text, each with these columns; the other columns are other checks'."""
    value = answer(events, _text(RUN_DATE), lookback, previous, now)
    # Partitions without a number can still be right: only the check of the number asks for both.
    alone = isinstance(value, Mapping) and "partitions" not in value
    given = value if alone else expect.parts(value, ("partitions", "too_late"))[0]
    if not isinstance(given, Mapping):
        raise Incorrect(
            "The partitions are not a dict.", expected='{"2024-03-02": DataFrame, ...}', got=expect.kind_of(given)
        )
    found = {}
    for key, rows in given.items():
        if isinstance(key, (dt.date, np.datetime64)) and not pd.isna(key):
            key = f"{pd.Timestamp(key):%Y-%m-%d}"
        found[str(key)[:40]] = expect.frame(rows, f"the partition {str(key)[:40]}", columns=columns)
    return found


def _known(events: Rows, day: pd.Timestamp, now: pd.Timestamp = NOW) -> Rows:
    """The truth: what had arrived of a UTC day by then, one row per user."""
    rows = events[(events["timestamp"] >= day) & (events["timestamp"] < day + DAY) & (events["ingested_at"] <= now)]
    of_user: dict[int, list[float]] = {}
    for user, amount, arrived in zip(rows["user_id"], rows["amount"], rows["ingested_at"], strict=True):
        sums = of_user.setdefault(user, [0, 0.0, 0])
        sums[0] += 1
        sums[1] += amount
        sums[2] += arrived >= day + DAY
    return pd.DataFrame([(user, *sums) for user, sums in of_user.items()], columns=list(DAILY[:4]))


def _expect_days(
    found: dict[str, Rows], events: Rows, days: Sequence[pd.Timestamp], columns: Sequence[str], what: str
) -> None:
    """The partitions of these days hold in these columns what is known; a day that is not there is another check's."""
    here = [day for day in days if _text(day) in found]
    if not here:
        raise Incorrect(
            "None of the days in the middle of the window has a partition.",
            expected=", ".join(map(_text, days)),
            got=", ".join(list(found)[:6]) or "no partition",
        )
    for day in here:
        wanted = _known(events, day)
        rows = found[_text(day)]
        want, have = Counter(_cells(wanted, columns)), Counter(_cells(rows, columns))
        if want != have:
            user = next(iter((want - have) or (have - want)))[0]
            of_day = events["timestamp"].dt.floor("D") == day
            raise Incorrect(
                f"{what} For example on {_text(day)}.",
                expected=f"{expect.counted(len(wanted), 'row')}, one for each user with a known event on that UTC day",
                got=f"{expect.counted(len(rows), 'row')}, "
                f"{(have & want).total()} of them right in {', '.join(columns[1:])}",
                evidence={
                    "The events of one user on that day": _of(events[of_day], [user]),
                    "Expected": _of(wanted, [user])[list(columns)],
                    "Found": _of(rows, [user])[list(columns)],
                },
            )


@check(
    "load_features.reprocess",
    points=0.5,
    hints=[
        "With a lookback of 3 days, how many days does the run replace: three or four?",
        "The window is run_date and as many days before it as lookback_days says. Each has a partition, also a day "
        "without events: what an earlier run left there must go.",
        "pd.date_range(end=..., periods=lookback_days + ...)",
    ],
)
def a_partition_for_each_day(answer: Answer, worlds: Worlds) -> None:
    """There is a partition for each UTC day of the window, both ends and a day without events too, and no other."""
    events = _events(worlds, "days")
    for kept, lookback in ((events[events["timestamp"].dt.floor("D") != WINDOW[1]], LOOKBACK), (events, 0)):
        wanted = [_text(day) for day in WINDOW[LOOKBACK - lookback :]]
        found = _partitions(answer, kept.reset_index(drop=True), (), lookback=lookback)
        if set(found) != set(wanted):
            raise Incorrect(
                f"The days are not those of run_date {_text(RUN_DATE)} with lookback_days {lookback}.",
                expected=", ".join(wanted),
                got=", ".join(sorted(found)[:9]) or "no partition",
            )


@check(
    "load_features.reprocess",
    points=1,
    hints=[
        "Which of an event's two times says on which day it counts, and to which day does 00:00:00 belong?",
        "Cut `timestamp` down to its UTC day, then group by day and user. Count rows, and add up `amount`.",
        "tagged.groupby(['day', 'user_id']).agg(events=('event_id', ...), spend=('amount', ...))",
    ],
)
def counts_each_users_day(answer: Answer, worlds: Worlds) -> None:
    """Each partition has one row for each user with events on that UTC day, with their number and their spend."""
    events = _events(worlds, "aggregates")
    columns = ("user_id", "events", "spend")
    found = _partitions(answer, events, columns)
    what = "The users, events or spend of a day are not those of its events."
    _expect_days(found, events, WINDOW[1:-1], columns, what)


@check(
    "load_features.reprocess",
    points=0.5,
    hints=[
        "The run is repeated a month later. What keeps it from knowing more than the first time?",
        "An event that arrived after `processed_at` is not known to this run. One that arrived at that moment is.",
        "known = events[events['ingested_at'] ... processed_at]",
    ],
)
def later_arrivals_are_unknown(answer: Answer, worlds: Worlds) -> None:
    """Events that arrive after `processed_at` do not count; one that arrives at that very moment does."""
    events = _events(worlds, "unknown")
    events["amount"] += 1.0  # so that each event shows in the spend as well
    of_day = events[events["timestamp"].dt.floor("D") == RUN_DATE].sort_values("ingested_at")
    middle = len(of_day) // 2
    now = of_day["ingested_at"].iloc[middle]  # a run in the middle of run_date
    events.loc[of_day.index[middle + 1], "timestamp"] = (
        RUN_DATE + (now - RUN_DATE) / 2
    )  # happened before, arrived after
    columns, wanted = ("user_id", "events", "spend"), _known(events, RUN_DATE, now)
    found = _partitions(answer, events, columns, now=now, previous=now - DAY)
    rows = found.get(_text(RUN_DATE), wanted.iloc[:0])
    # what is counted, and how, is another check's
    if all(Counter(_cells(rows, pair)) != Counter(_cells(wanted, pair)) for pair in (columns[:2], columns[::2])):
        raise Incorrect(
            "The events of run_date are not those that had arrived by processed_at.",
            expected=f"{wanted['events'].sum()} events on {_text(RUN_DATE)}, where processed_at is {now}",
            got=f"{sum(n for (n,) in _cells(rows, ['events']) if isinstance(n, float)):g} events in {len(rows)} rows",
            evidence={"Around that moment": events.loc[of_day.index[middle - 1 : middle + 2]]},
        )


@check(
    "load_features.reprocess",
    points=0.5,
    hints=[
        "An event of 29 February arrives on 2 March. In which partition should a reader find it, and how marked?",
        "Late is an event whose `ingested_at` has a later UTC day than its `timestamp`. Mark the events first, then "
        "add up the marks with the other sums.",
        "late = events['ingested_at'].dt.floor('D') > ...; ....agg(..., late_events=('late', ...))",
    ],
)
def late_events_count_on_their_day(answer: Answer, worlds: Worlds) -> None:
    """An event that arrives on a later UTC day counts on the day on which it happened, and in `late_events`."""
    events, columns = _events(worlds, "late"), ("user_id", "late_events")
    day = events["timestamp"].dt.floor("D")
    for of_day in WINDOW[1:-1]:
        rows = events[day == of_day].sort_values("timestamp", ascending=False).index[:6]  # the last second among them
        events.loc[rows, "ingested_at"] = [of_day + DAY + n * 3 * HOUR for n in range(len(rows))]  # from midnight on
        events.loc[rows[:3], "user_id"] = events["user_id"].iloc[0]  # so that one user has several
    found = _partitions(answer, events, columns)
    what = "Late events are not counted as late, or not on the day on which they happened."
    _expect_days(found, events, WINDOW[1:-1], columns, what)


@check(
    "load_features.reprocess",
    points=0.5,
    shrinks=False,
    hints=[
        "When the run is repeated with the same arguments, which column of yours comes out different?",
        "The moment of the run is an argument. No clock is read, and no event's time is taken for it.",
        "daily.assign(processing_timestamp=...)",
    ],
)
def says_when_it_was_processed(answer: Answer, worlds: Worlds) -> None:
    """Every row says in `processing_timestamp` when the run was, as it was told by `processed_at`."""
    events = _events(worlds, "stamp")
    now = NOW + pd.Timedelta(minutes=int(worlds.rng("reprocess stamp").integers(1, 600)))
    found = _partitions(answer, events, ("user_id", "processing_timestamp"), now=now)
    rows = _stack(*(rows.astype(object) for rows in found.values() if len(rows))) if found else pd.DataFrame()
    if rows.empty:
        raise Incorrect("No partition has any rows.", expected="rows for the days of the window", got="none")
    stamps = Counter(cells[0] for cells in _cells(rows, ["processing_timestamp"]))
    if set(stamps) != {_cell("processing_timestamp", now)}:
        raise Incorrect(
            "Some rows have another processing_timestamp than processed_at.",
            expected=f"{now} in all {len(rows)} rows",
            got=f"{expect.counted(len(stamps), 'different value')}, the first {str(next(iter(stamps)))[:40]}",
            evidence={"Found": rows[["user_id", "processing_timestamp"]]},
        )


@check(
    "load_features.reprocess",
    points=0.5,
    shrinks=False,
    hints=[
        "Which events will never be in any partition, because they came when their day was out of every window?",
        "Too late are the events that this run is the first to know (they arrived after previous_at) and whose UTC day "
        "lies before the first day of the window.",
        "too_late = ((day < first_day) & (ingested_at > ...)).sum()",
    ],
)
def counts_what_came_too_late(answer: Answer, worlds: Worlds) -> None:
    """`too_late` is the number of events that arrived since the previous run and happened before the window."""
    events = _events(worlds, "too late")
    day = events["timestamp"].dt.floor("D")
    events = events[day <= RUN_DATE].reset_index(drop=True)  # nothing that this run does not know
    day = events["timestamp"].dt.floor("D")
    number = int(worlds.rng("reprocess too late number").integers(4, 9))
    before = events[day < WINDOW[0]].sort_values("timestamp")
    changed = events.copy()
    changed.loc[before.index[-number:], "ingested_at"] = [PREVIOUS + (n + 1) * HOUR for n in range(number)]
    changed.loc[before.index[:3], "ingested_at"] = PREVIOUS - HOUR  # late too, and counted by the previous run
    # of the first day of the window, so not too late, and just arrived as well
    changed.loc[events.index[day == WINDOW[0]][:3], "ingested_at"] = PREVIOUS + HOUR
    _expect_too_late(answer, changed, number, "")
    _expect_too_late(answer, events, 0, ", where no event came late")


@check(
    "load_features.reprocess",
    points=0.5,
    needs=counts_what_came_too_late,
    hints=[
        "An event arrives at the very moment of a run. Which run counts it: this one, the next one, or both?",
        "An event belongs to the first run that knows it. It was unknown to the previous run if it arrived after "
        "previous_at, and is known to this one if it arrived at processed_at or before.",
        "is_new = (ingested_at ... previous_at) & (ingested_at ... processed_at)",
    ],
)
def counts_it_in_one_run_only(answer: Answer, worlds: Worlds) -> None:
    """`too_late` counts what arrived after `previous_at` and up to `processed_at`, that moment included."""
    events = _events(worlds, "one run")
    day = events["timestamp"].dt.floor("D")
    before = events[day < WINDOW[0]].sort_values("timestamp")
    tick = pd.Timedelta(milliseconds=1)
    number = int(worlds.rng("reprocess one run").integers(3, 6))
    arrivals = [
        *[PREVIOUS + (n + 1) * HOUR for n in range(number - 2)],  # too late,
        *[PREVIOUS + tick, NOW],  # and too late to the moment
        *[PREVIOUS, PREVIOUS - HOUR],  # the previous run has counted them
        *[NOW + tick, NOW + HOUR, NOW + DAY],  # the next one will
    ]
    events.loc[before.index[-len(arrivals) :], "ingested_at"] = arrivals
    events.loc[events.index[day == RUN_DATE + DAY][:2], ["timestamp", "ingested_at"]] = RUN_DATE + DAY + HOUR
    _expect_too_late(answer, events, number, " at the moments of the two runs")


def _expect_too_late(answer: Answer, events: Rows, wanted: int, case: str) -> None:
    partitions, too_late = expect.parts(
        answer(events, _text(RUN_DATE), LOOKBACK, PREVIOUS, NOW), ("partitions", "too_late")
    )
    day = events["timestamp"].dt.floor("D")
    if isinstance(partitions, Mapping) and (first := _first_day(partitions)) != WINDOW[0]:
        # another window than asked for, which another check says; by that window other events are too late
        new = events["ingested_at"].between(PREVIOUS, NOW, inclusive="right")
        wanted = int((new & (day < first)).sum())
    got = expect.number(too_late, "the number of events too late")
    if got != wanted:
        nearest = pd.concat([(events["ingested_at"] - moment).abs() for moment in (PREVIOUS, NOW)], axis=1).min(axis=1)
        old = events[day < WINDOW[0]].assign(distance=nearest).sort_values("distance").head(5)
        raise Incorrect(
            f"The number of events too late is wrong{case}.",
            expected=f"{wanted}: arrived after {PREVIOUS} and up to {NOW}, happened before {_text(WINDOW[0])}",
            got=f"{got:g}",
            evidence={"Events from before the window": old.drop(columns="distance").sort_values("ingested_at")},
        )


def _first_day(partitions: Mapping[Any, Any]) -> pd.Timestamp:
    """The first day of a window that is a day longer or shorter than it should be; else the right one."""
    days = {str(key)[:10] for key in partitions}
    for length in (LOOKBACK, LOOKBACK + 2):
        window = [RUN_DATE - n * DAY for n in range(length)]
        if days == set(map(_text, window)):
            return window[-1]
    return WINDOW[0]
