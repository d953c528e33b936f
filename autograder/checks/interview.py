"""Checks of lesson 13: late rows, a choice of checks, a load to repair, and a failed job from its log to its test."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from autograder import expect
from autograder.checking import Incorrect, NotAttempted, check
from autograder.given import interview as given
from autograder.quiz import question
from autograder.seam import Answer
from autograder.worlds import Worlds

Rows = pd.DataFrame


def _day(value: object) -> str | None:
    """A day as "YYYY-MM-DD", from text, a date or a time; None for anything else."""
    if isinstance(value, (str, dt.date, np.datetime64)) and len(str(value)) <= 40:
        try:
            stamp = pd.Timestamp(value)
            return None if pd.isna(stamp) else f"{stamp:%Y-%m-%d}"
        except (ValueError, OverflowError):
            return None
    return None


def _few(items: object, limit: int = 120) -> str:
    text = str(items)
    return text if len(text) <= limit else text[: limit - 1] + "…"


# --- interview.choose -------------------------------------------------------------------------------------------

clinics = question(
    "interview.choose",
    "1",
    "Patient names must never reach the warehouse, the fields and reports are fixed: ETL, ELT or hybrid?",
    right="a",
    wrong={
        "b": "ELT stores the rows as they come, names included; deleting them later is too late for this rule.",
        "c": "A hybrid keeps raw rows for later questions. Here there are none to come, and names may not be kept.",
    },
    points=0.25,
    hints=[
        "Which of the three lets a name come to rest in the warehouse, if only for an hour?",
        "What must never be stored has to be removed before the load.",
        "Transform before load, and nothing raw is kept: ...",
    ],
)
laboratory = question(
    "interview.choose",
    "2",
    "Sensor readings without personal data, new fields each week, five teams with questions of their own: which?",
    right="b",
    wrong={
        "a": "A fixed transform before the load would throw away the field that a team asks for next month.",
        "c": "Nothing has to be kept out, and no rule is agreed by which a row could be rejected on the way in.",
    },
    points=0.25,
    hints=[
        "Who knows today which fields will be needed?",
        "Storage is cheap, and each team writes its own SQL on what is there.",
        "Load everything as it came, and transform ... the load.",
    ],
)
shop = question(
    "interview.choose",
    "3",
    "Shop events with emails and broken rows each day; features are rebuilt from two years of history: which?",
    right="c",
    wrong={
        "a": "ETL keeps only today's features: a new feature could not be computed for the two years behind it.",
        "b": "Loading everything first puts the emails and the broken rows into the table that everyone reads.",
    },
    points=0.25,
    hints=[
        "Is there something that must be done before the load, and something that must wait until after it?",
        "Emails and broken rows are dealt with on the way in; features change, so they are made from what is stored.",
        "A little before the load, the rest after it: ...",
    ],
)


# --- interview.late_data ----------------------------------------------------------------------------------------


def _arrivals(worlds: Worlds) -> Rows:
    """Rows of eight days, many of them late by up to five days; on the seventh day nothing arrives."""
    world = worlds.make("interview late", users=20, events=180, faults={"events.late": 60}, days=8)
    rows: Rows = world.events[["event_id", "timestamp", "ingested_at"]]
    rows = rows[rows["ingested_at"].dt.strftime("%d") != "07"].reset_index(drop=True)
    # the first moment of a day belongs to that day: some rows happened at it, others arrived at it
    arrival_day = rows["ingested_at"].dt.normalize()
    late = rows.index[arrival_day > rows["timestamp"]]
    rows.loc[late[::4], "ingested_at"] = arrival_day[late[::4]]
    rows.loc[late[1::4], "timestamp"] = rows["timestamp"].dt.normalize()[late[1::4]]
    return rows


def _runs(arrivals: Rows) -> list[tuple[str, int]]:
    days = sorted({*arrivals["ingested_at"].dt.strftime("%Y-%m-%d"), "2024-01-07"})
    return [*((day, 2) for day in days), (days[4], 0), (days[5], 30)]


def _right_run(arrivals: Rows, run: str, lookback: int) -> tuple[dict[str, int], dict[str, int]]:
    """The truth: rows of each partition after the run, and rows that came too late for it, by day."""
    first = f"{pd.Timestamp(run) - pd.Timedelta(days=lookback):%Y-%m-%d}"
    happened = arrivals["timestamp"].dt.strftime("%Y-%m-%d").tolist()
    arrived = arrivals["ingested_at"].dt.strftime("%Y-%m-%d").tolist()
    touched = {day for day, came in zip(happened, arrived, strict=True) if came == run}
    held = {day: 0 for day in touched if day >= first}
    dropped: dict[str, int] = {}
    for day, came in zip(happened, arrived, strict=True):
        if day in held and came <= run:
            held[day] += 1
        if day < first and came == run:
            dropped[day] = dropped.get(day, 0) + 1
    return held, dropped


def _counts(value: object, what: str) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise Incorrect(
            f"Expected {what} as a dict from day to number of rows.",
            expected='such as {"2024-01-15": 12}; a Series becomes one by `.to_dict()`',
            got=expect.kind_of(value),
        )
    found: dict[str, float] = {}
    for key, number in value.items():
        if (day := _day(key)) is None:
            raise Incorrect(
                f"A key of {what} is no day.", expected='days such as "2024-01-15"', got=_few(repr(key), 60)
            )
        found[day] = found.get(day, 0) + expect.number(number, f"the rows of {day} in {what}")
    return found


def _late(answer: Answer, arrivals: Rows, run: str, lookback: int, part: int) -> dict[str, float]:
    """One of the two dicts that the answer returns."""
    names = ("partitions", "dropped")
    return _counts(expect.parts(answer(arrivals, run, lookback), names)[part], f"`{names[part]}`")


def _of_days(arrivals: Rows, run: str, days: set[str]) -> Rows:
    came = arrivals["ingested_at"].dt.strftime("%Y-%m-%d") == run
    found: Rows = arrivals[came & arrivals["timestamp"].dt.strftime("%Y-%m-%d").isin(days)]
    return found


@check(
    "interview.late_data",
    points=0.25,
    hints=[
        "Which rows are new to this run, and on which days did they happen?",
        "Take the rows whose ingested_at is on run_date. Their event days are to be overwritten, as far as the window "
        "reaches: run_date and the lookback_days days before it.",
        "first = pd.Timestamp(run_date, tz='UTC') - pd.Timedelta(days=...)",
    ],
)
def overwrites_the_days_that_got_rows(answer: Answer, worlds: Worlds) -> None:
    """A run overwrites the days in its window for which a row arrived on `run_date`, and no other day."""
    arrivals = _arrivals(worlds)
    for run, lookback in _runs(arrivals):
        wanted, got = _right_run(arrivals, run, lookback)[0], _late(answer, arrivals, run, lookback, 0)
        if got.keys() != wanted.keys():
            missing, more = wanted.keys() - got.keys(), got.keys() - wanted.keys()
            raise Incorrect(
                f"The run of {run} with lookback_days={lookback} "
                + (f"does not overwrite {min(missing)}." if missing else f"overwrites {min(more)} too."),
                expected=_few(sorted(wanted) or "no partition: nothing arrived on that day"),
                got=_few(sorted(got) or "no partition"),
                evidence={"Rows of these days that arrived on run_date": _of_days(arrivals, run, missing | more)},
            )


@check(
    "interview.late_data",
    points=0.25,
    hints=[
        "A partition is replaced as a whole. What happens to its rows that arrived on an earlier day?",
        "Write all rows of the day that have arrived up to the end of run_date, not only today's; and none that "
        "arrived after it, or a run that is repeated gives another result.",
        "known = arrivals[arrivals['ingested_at'] < ...]   # then count by event day",
    ],
)
def keeps_what_was_there(answer: Answer, worlds: Worlds) -> None:
    """An overwritten partition holds every row of its day that had arrived by the end of `run_date`."""
    arrivals, compared = _arrivals(worlds), 0
    for run, lookback in _runs(arrivals):
        wanted, got = _right_run(arrivals, run, lookback)[0], _late(answer, arrivals, run, lookback, 0)
        for day in sorted(wanted.keys() & got.keys()):
            compared += 1
            if got[day] != wanted[day]:
                new = len(_of_days(arrivals, run, {day}))
                why = " These are only the rows that arrived on run_date." if got[day] == new else ""
                raise Incorrect(
                    f"After the run of {run} the partition {day} has not the rows it should have.{why}",
                    expected=f"{wanted[day]} rows",
                    got=f"{got[day]:g} rows",
                    evidence={"Rows of that day that arrived on run_date": _of_days(arrivals, run, {day})},
                )
    if not compared:
        raise Incorrect("No run overwrites a partition.", expected="a day and its rows", got="none in any run")


@check(
    "interview.late_data",
    points=0.25,
    hints=[
        "Which of the rows that arrived on run_date are in none of the partitions that you overwrite?",
        "A row whose day lies before the window is not written. Count it under its day: what is dropped is reported.",
        "dropped = rows of today with event day < first, counted by ...",
    ],
)
def counts_what_comes_too_late(answer: Answer, worlds: Worlds) -> None:
    """Rows that arrive on `run_date` for a day before the window are counted by day, and nothing else is."""
    arrivals = _arrivals(worlds)
    for run, lookback in _runs(arrivals):
        wanted = _right_run(arrivals, run, lookback)[1]
        got = {day: number for day, number in _late(answer, arrivals, run, lookback, 1).items() if number}
        if got != wanted:
            days = {day for day in wanted.keys() | got.keys() if wanted.get(day) != got.get(day)}
            raise Incorrect(
                f"In the run of {run} with lookback_days={lookback}, `dropped` is wrong for {min(days)}.",
                expected=_few(dict(sorted(wanted.items()))),
                got=_few({day: int(n) if n == int(n) else n for day, n in sorted(got.items())}),
                evidence={"Rows of these days that arrived on run_date": _of_days(arrivals, run, days)},
            )


# --- interview.checks -------------------------------------------------------------------------------------------


def _chosen(answer: Answer) -> list[str]:
    value = answer()
    if value is None or value is ...:
        raise NotAttempted("No choice yet.")
    names = list(value) if isinstance(value, (list, tuple, set, dict)) else [value]
    if strange := [name for name in names if not isinstance(name, str) or name not in given.CHECKS]:
        raise Incorrect(
            "That is not the name of a check.", expected=", ".join(given.CHECKS), got=_few(repr(strange[0]), 60)
        )
    return list(dict.fromkeys(names))


def _alarms(worlds: Worlds) -> dict[str, list[str]]:
    nights = given.incidents(worlds.make("interview nights", events=2_000, days=2).events)
    return {name: given.alarms(night) for name, night in nights.items()}


@check(
    "interview.checks",
    points=0.25,
    hints=[
        "For each incident: which property of the table is no longer true?",
        "Go through the incidents one by one and run `alarms(nights[...])` in a cell of your own.",
        "Only one check sees `sent in cents`: the rows, their number and their sum agree with the source; what does "
        "not agree is their ... with the day before.",
    ],
)
def catches_every_incident(answer: Answer, worlds: Worlds) -> None:
    """For each of the six incidents, at least one of the chosen checks raises the alarm."""
    chosen = _chosen(answer)
    missed = [name for name, fired in _alarms(worlds).items() if name != "good" and not set(fired) & set(chosen)]
    if missed:
        raise Incorrect(
            f"No alarm on the night {missed[0]!r}" + (f" and {len(missed) - 1} more." if missed[1:] else "."),
            expected="an alarm on each of the six nights",
            got=f"the checks {_few(chosen)}",
        )


@check(
    "interview.checks",
    points=0.25,
    needs=catches_every_incident,
    hints=[
        "Which of your checks could you take away without missing an incident? Which one rings on good nights too?",
        "Begin with the incidents that only one check catches. Then see what is still missed.",
        "Four are enough: one for lost rows, one for the same row twice, one for odd values, one for ...",
    ],
)
def no_more_than_needed(answer: Answer, worlds: Worlds) -> None:
    """The choice is quiet on a good night, and none of its checks could be left out."""
    chosen, alarms = _chosen(answer), _alarms(worlds)
    if noisy := [name for name in chosen if name in alarms["good"] or name == "same_as_yesterday"]:
        raise Incorrect(
            f"`{noisy[0]}` raises the alarm on a good night.",
            expected="no alarm when nothing is wrong",
            got="an alarm that people learn to ignore, as no two days have the same number of rows",
        )
    bad = [set(fired) for name, fired in alarms.items() if name != "good"]
    for name in chosen:
        if all(fired & (set(chosen) - {name}) for fired in bad):
            raise Incorrect(
                "The choice holds a check that the six incidents do not need.",
                expected="every check is the only one of the choice that catches some incident",
                got=f"without `{name}` each incident would still be caught",
            )


# --- interview.idempotent ---------------------------------------------------------------------------------------

SPEND = ("date", "user_id", "purchases", "spend")
DAYS = ("2024-01-01", "2024-01-02", "2024-01-03")


def _events(worlds: Worlds, name: str) -> Rows:
    """Events of three days in no order, with corrections; some purchases share user and second with another one."""
    faults = {"events.duplicate_newer": 10}
    world = worlds.make(f"interview {name}", users=12, events=300, faults=faults, days=3)
    rows = world.events.copy()
    for day in DAYS:
        bought = rows[(rows["event_type"] == "purchase") & (rows["timestamp"].dt.strftime("%Y-%m-%d") == day)]
        first, second = bought["event_id"].drop_duplicates().iloc[:2]
        # two articles of one basket: the same user and second, ids and amounts of their own
        for column in ("user_id", "timestamp"):
            rows.loc[rows["event_id"] == second, column] = rows.loc[rows["event_id"] == first, column].iloc[0]
    return rows.iloc[worlds.rng(f"interview {name}").permutation(len(rows))].reset_index(drop=True)


def _right_spend(events: Rows, day: str) -> dict[Hashable, tuple[int, float]]:
    """The truth: purchases and spend of each buyer of a day, from the newest version of each event."""
    newest: dict[str, Any] = {}
    for row in events.sort_values("ingested_at").to_dict("records"):
        newest[row["event_id"]] = row
    found: dict[Hashable, tuple[int, float]] = {}
    for row in newest.values():
        if row["event_type"] == "purchase" and f"{row['timestamp']:%Y-%m-%d}" == day:
            count, total = found.get(float(row["user_id"]), (0, 0.0))
            found[float(row["user_id"])] = (count + 1, total + row["amount"])
    return found


def _nothing() -> Rows:
    return pd.DataFrame(
        {
            "date": pd.Series(dtype="str"),
            "user_id": pd.Series(dtype="int64"),
            "purchases": pd.Series(dtype="int64"),
            "spend": pd.Series(dtype="float64"),
        }
    )


def _spent(answer: Answer, table: Rows, events: Rows, day: str) -> Rows:
    return expect.frame(answer(table, events, day), "the new table", columns=SPEND)


def _of_day(table: Rows, day: str) -> Rows:
    return table[np.array([_day(value) == day for value in table["date"].astype(object)], dtype=bool)]


def _users(table: Rows) -> list[Hashable]:
    return [expect.plain(value) for value in table["user_id"].astype(object)]


def _expect_buyers(table: Rows, events: Rows, day: str, when: str) -> Rows:
    """The table's rows of the day, which hold each buyer of the day once."""
    rows, wanted = _of_day(table, day), _right_spend(events, day)
    users = _users(rows)
    if set(users) != wanted.keys() or len(users) != len(wanted):
        twice = len(users) > len(set(users))
        raise Incorrect(
            f"{when}, a user has several rows for {day}." if twice else f"{when}, the users of {day} are wrong.",
            expected=f"{len(wanted)} rows for {day}: one for each user who bought on that UTC day",
            got=f"{len(users)} rows for {len(set(users))} users, in a table of {len(table)} rows",
            evidence={f"The rows of {day}": rows[list(SPEND)]},
        )
    return rows


@check(
    "interview.idempotent",
    points=0.25,
    hints=[
        "The date is an argument. Where does the code that you were given take it from?",
        "A clock gives another day on every run. Choose the purchases whose timestamp is on `date`.",
        "bought = events[(events['event_type'] == ...) & (events['timestamp'].dt.strftime(...) == date)]",
    ],
)
def computes_the_day_that_is_asked_for(answer: Answer, worlds: Worlds) -> None:
    """Whatever today is, the table gets one row for each user who bought on `date`."""
    events = _events(worlds, "day")
    for day in DAYS[1:]:
        table = _spent(answer, _nothing(), events, day)
        _expect_buyers(table, events, day, "After one run")
        if others := {str(_day(value)) for value in table["date"].astype(object)} - {day}:
            raise Incorrect(
                f"The run of {day} has written rows of another day.", expected=day, got=_few(sorted(others), 60)
            )


@check(
    "interview.idempotent",
    points=0.25,
    hints=[
        "Can two different purchases share user and second? Can one purchase come twice?",
        "The key of an event is its event_id; of two versions the one with the later ingested_at counts, wherever it "
        "stands.",
        "events.sort_values('...').drop_duplicates('...', keep='last')",
    ],
)
def counts_each_purchase_once(answer: Answer, worlds: Worlds) -> None:
    """Each event_id counts once, in its newest version; two articles of one basket are two purchases."""
    events, compared = _events(worlds, "once"), 0
    for day in DAYS:
        rows, wanted = _of_day(_spent(answer, _nothing(), events, day), day), _right_spend(events, day)
        for position, user in enumerate(_users(rows)):
            if user not in wanted:
                continue
            compared += 1
            count, spend = (expect.number(rows[name].iloc[position], f"`{name}`") for name in SPEND[2:])
            if (count, round(spend, 2)) != (wanted[user][0], round(wanted[user][1], 2)):
                of_user = events[(events["user_id"] == user) & (events["event_type"] == "purchase")]
                of_user = of_user[of_user["timestamp"].dt.strftime("%Y-%m-%d") == day]
                shown = ["event_id", "timestamp", "ingested_at", "amount"]
                raise Incorrect(
                    f"User {user:g} has another number of purchases, or spend, on {day}.",
                    expected=f"purchases {wanted[user][0]}, spend {wanted[user][1]:.2f}",
                    got=f"purchases {count:g}, spend {spend:.2f}",
                    evidence={"The user's purchases as received": of_user[shown].sort_values("event_id")},
                )
    if not compared:
        raise Incorrect("No buyer of any day is in the table.", expected="one row for each buyer", got="none of them")


@check(
    "interview.idempotent",
    points=0.25,
    hints=[
        "What does your code do with the rows that its own first run has written?",
        "Take out of the table what it holds for `date`, then put the new rows in. Nothing in a row may come from a "
        "clock or from chance.",
        "pd.concat([table[table['date'] != ...], new])",
    ],
)
def survives_a_rerun(answer: Answer, worlds: Worlds) -> None:
    """A second and a third run with the same events leave the table that the first run left."""
    events, day = _events(worlds, "rerun"), DAYS[1]
    once = _spent(answer, _nothing(), events, day)
    if not set(_users(_of_day(once, day))) & _right_spend(events, day).keys():
        raise Incorrect(f"After one run the table holds no buyer of {day}.", expected="rows to compare", got="none")
    table = once
    for times in ("second", "third"):
        answer.restart()
        table = _spent(answer, table, events, day)
        if len(table) != len(once):
            raise Incorrect(
                f"The {times} run changed the number of rows.", expected=f"{len(once)} rows", got=f"{len(table)} rows"
            )
        names = sorted({str(name) for name in once.columns} | {str(name) for name in table.columns})
        for name in names:
            before, after = (sorted(map(_text, rows[name])) if name in rows else [] for rows in (once, table))
            if before != after:
                raise Incorrect(
                    f"The {times} run changed the column {_few(name, 40)!r}.",
                    expected=f"again {_few(before[:3])}",
                    got=_few(after[:3]),
                )


def _as_texts(table: Rows) -> list[tuple[str, ...]]:
    return sorted(
        (str(_day(day)), *map(_text, rest)) for day, *rest in table.astype(object).itertuples(index=False, name=None)
    )


def _text(value: object) -> str:
    plain = _day(value) if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else expect.plain(value)
    return f"{plain:.2f}" if isinstance(plain, float) else str(plain)


@check(
    "interview.idempotent",
    points=0.25,
    hints=[
        "A purchase of the day has been withdrawn. Which row of the table is wrong now, and who removes it?",
        "Replace all rows of the day, not only those of users who are still there. Leave the other days alone.",
        "Overwrite by date, do not merge by ...",
    ],
)
def replaces_the_day_and_no_other(answer: Answer, worlds: Worlds) -> None:
    """An old day run again with the events as now known is replaced as a whole; the days around it stay."""
    events, day = _events(worlds, "replace"), DAYS[1]
    table = _nothing()
    for each in DAYS:
        table = _spent(answer, table, events, each)
        answer.restart()
    gone = min(_right_spend(events, day), key=str)
    happened = events["timestamp"].dt.strftime("%Y-%m-%d")
    # the other days have news as well, which is the business of their own runs
    now = events.assign(amount=events["amount"].mask((happened != day) & (events["amount"] > 0), 1.0))
    now = now[(events["user_id"] != gone) | (happened != day)]
    again = _spent(answer, table, now.reset_index(drop=True), day)
    for other in (DAYS[0], DAYS[2]):
        before, after = (_of_day(rows, other)[list(SPEND)] for rows in (table, again))
        if not len(after) or _as_texts(before) != _as_texts(after):
            raise Incorrect(
                f"To run {day} again has changed the rows of {other}.",
                expected=f"the {len(before)} rows of {other} as they were in the table, whatever the events now say",
                got=f"{len(after)} rows of {other}",
                evidence={f"{other} before": before, f"{other} afterwards": after},
            )
    users = set(_users(_of_day(again, day)))
    if gone in users or not users & _right_spend(now, day).keys():
        raise Incorrect(
            f"All events of user {gone:g} on {day} were withdrawn, and the day was run again: its rows are wrong.",
            expected=f"no row of this user for {day}, and rows of the others",
            got=f"{len(users)} users for {day}" + (", this one among them" if gone in users else ""),
        )


# --- interview.diagnosis ----------------------------------------------------------------------------------------


def _finding(answer: Answer, key: str) -> Any:
    value = answer()
    if not isinstance(value, Mapping):
        raise Incorrect(
            "The diagnosis is no longer a dict.", expected=f'{{"{key}": ..., ...}}', got=expect.kind_of(value)
        )
    found = value.get(key)
    if found is None or found is ...:
        raise NotAttempted("No answer yet.")
    return found


_STAGES = {
    "extract": "Extract hands on what the shops sent, letter by letter: the input shows the same texts.",
    "check": "The check stopped the run because of a number that an earlier stage had made. It did its work.",
    "load": "Nothing was loaded on the 17th; the run had been stopped before.",
}
_CAUSES = {
    "a": "`free` cannot be read and became a dead letter: the total does not hold it.",
    "c": "A day's total is seven times the usual, with orders as many as ever. Look at the amounts one by one.",
    "d": "The limit of the check is the same as on the days before. Is the total itself right?",
}


@check(
    "interview.diagnosis",
    points=0.25,
    hints=[
        "The check says the total is too high. Which stage made the numbers that are added up?",
        "Put the texts of the input of the 17th beside `to_orders(...)` of them, row by row.",
        "'89,90' becomes '8990' when its ... is removed.",
    ],
)
def names_stage_and_cause(answer: Answer, worlds: Worlds) -> None:
    """Which stage made the fault, and why?"""
    stage = str(_finding(answer, "stage")).strip().lower()
    cause = str(_finding(answer, "cause")).strip().strip(".)(").lower()
    if stage != "transform":
        why = _STAGES.get(stage, "That is not a stage of this job.")
        raise Incorrect(why, expected="one of extract, transform, check, load: where the fault is made", got=stage[:20])
    if cause != "b":
        raise Incorrect(_CAUSES.get(cause, "That is not one of the causes."), expected="a letter", got=cause[:20])


@check(
    "interview.diagnosis",
    points=0.25,
    hints=[
        "Did the fault begin on the day on which it was noticed?",
        "A check with a tolerance lets small faults through. Look at the inputs of the days before as well.",
        "Which is the first row whose comma is a decimal mark?",
    ],
)
def finds_the_first_bad_row(answer: Answer, worlds: Worlds) -> None:
    """Which row is the first that was turned into a wrong number?"""
    row = str(_finding(answer, "first_bad_row")).strip().upper()
    wrong = {
        "O1001": "`1,250.00` has a comma for thousands: 1250.0 is right.",
        "O1005": "A refund has a minus sign, and -35.0 is right.",
        "O1007": "`1,080.00` has a comma for thousands: 1080.0 is right.",
        "O1010": "`875.00` is read as 875.0, which is right.",
        "O1011": "This one is wrong, and the largest, but not the first: another day passed the check all the same.",
        "O1012": "This one is wrong, but not the first.",
        "O1013": "`free` is a dead letter: it was set aside, not turned into a number.",
    }
    if row != "O1008":
        raise Incorrect(wrong.get(row, "That is not the first wrong row."), expected="an order_id", got=row[:20])


@check(
    "interview.diagnosis",
    points=0.25,
    hints=[
        "Which days hold wrong numbers, and which have no numbers at all?",
        "A day that was loaded with a wrong row is as much in need of a new run as the day that failed.",
        "From the day of the first bad row to the last day that waits, ... first.",
    ],
)
def names_the_days_to_run_again(answer: Answer, worlds: Worlds) -> None:
    """Which days must be run again or for the first time, in order?"""
    value = _finding(answer, "run_again")
    days = [_day(item) for item in value] if isinstance(value, (list, tuple)) else [_day(value)]
    wanted = ["2024-01-16", "2024-01-17", "2024-01-18"]
    if days == wanted:
        return
    if sorted(map(str, days)) == wanted:
        why = "The days are right, their order is not: the check of a day compares it with the days loaded before it."
    elif wanted[0] not in days:
        why = "The 16th was loaded, with a wrong amount in it: 'loaded' is not 'right'."
    elif wanted[2] not in days:
        why = "The 18th was skipped and nobody has run it since."
    else:
        why = "These are not the days with wrong or missing rows: the runs of the 14th and 15th are right."
    raise Incorrect(why, expected='a list of days such as ["2024-01-14", "2024-01-15"]', got=_few(days, 80))


# --- interview.fix ----------------------------------------------------------------------------------------------

UNREADABLE = ("free", "", "n/a", "nan", "12", "1e3", "12.5", "--4.00", "EUR")
_AMOUNT = re.compile(r"-?(?:(?:\d+|\d{1,3}(?:,\d{3})+)\.|(?:\d+|\d{1,3}(?:\.\d{3})+),)[0-9]{2}", re.ASCII)


def _read(text: str) -> float | None:
    """The truth: the amount that a text stands for, or None where it stands for none."""
    return int(re.sub("[.,]", "", text)) / 100 if _AMOUNT.fullmatch(text) else None


def _rows(worlds: Worlds) -> list[dict[str, str]]:
    """Amounts small and large, with either decimal mark, with and without groups; and texts that are no amount."""
    rng = worlds.rng("interview amounts")
    texts = list(UNREADABLE)
    for low, high in ((100, 99_999), (100_000, 99_999_999), (100_000_000, 999_999_999)):
        for number, cents in enumerate(rng.integers(low, high, size=8).tolist()):
            grouped = f"{cents / 100:,.2f}" if number % 4 < 2 else f"{cents / 100:.2f}"
            local = grouped.translate(str.maketrans(".,", ",.")) if number % 2 else grouped
            texts.append(("-" if number == 5 else "") + local)
    order = rng.permutation(len(texts))
    shops = ("DE", "ES", "UK")
    return [
        {"order_id": f"O{2000 + i}", "shop": shops[int(rng.integers(3))], "amount": texts[place]}
        for i, place in enumerate(order)
    ]


def _read_by(answer: Answer, rows: list[dict[str, str]]) -> tuple[dict[Hashable, list[Any]], set[Hashable]]:
    """The amounts that the answer gives for each order_id, and the order_ids that it rejects."""
    orders, rejected = expect.parts(answer(rows), ("orders", "rejected"))
    orders = expect.frame(orders, "the orders", columns=("order_id", "amount"))
    rejected = expect.frame(rejected, "the rejected rows", columns=("order_id",))
    amounts: dict[Hashable, list[Any]] = {}
    for key, amount in expect.plain_rows(orders, ["order_id", "amount"]):
        amounts.setdefault(key, []).append(amount)
    return amounts, {key for (key,) in expect.plain_rows(rejected, ["order_id"])}


@check(
    "interview.fix",
    points=0.25,
    hints=[
        "Which character of `1.250,00` says where the cents begin?",
        "Both marks can stand for thousands, so neither can simply be removed or replaced. What is always the same?",
        "An amount has two decimals: take both marks out, read a whole number of ..., divide by ...",
    ],
)
def reads_every_amount(answer: Answer, worlds: Worlds) -> None:
    """Amounts with a point or a comma as decimal mark, with or without thousands, become the right number."""
    rows = _rows(worlds)
    amounts, _ = _read_by(answer, rows)
    for row in rows:
        right = _read(row["amount"])
        if right is None:
            continue
        got = amounts.get(row["order_id"], [])
        if len(got) != 1 or not expect.close(expect.number(got[0], "the amount"), right, tolerance=1e-7):
            raise Incorrect(
                f"The amount {row['amount']!r} is not read as it is meant.",
                expected=f"one order with {right:.2f}",
                got="no order" if not got else f"{len(got)} orders, with {_few(got, 60)}",
                evidence={"The row": pd.DataFrame([row])},
            )


@check(
    "interview.fix",
    points=0.25,
    hints=[
        "What becomes of a row whose amount says `n/a`?",
        "One unreadable row must neither stop the others nor vanish. And is everything that float() takes an amount?",
        "if not re.fullmatch(..., row['amount']): rejected.append(row)",
    ],
)
def rejects_what_it_cannot_read(answer: Answer, worlds: Worlds) -> None:
    """A row whose amount is not written as the docstring says is rejected, and only there."""
    rows = _rows(worlds)
    amounts, rejected = _read_by(answer, rows)
    readable = {row["order_id"] for row in rows if _read(row["amount"]) is not None}
    if len(amounts.keys() & readable) < len(readable) / 4:
        raise Incorrect(
            "Nearly all rows with an amount are missing among the orders.",
            expected=f"{len(readable)} orders",
            got=f"{len(amounts.keys() & readable)} of them",
        )
    for row in rows:
        if row["order_id"] not in readable and (row["order_id"] in amounts or row["order_id"] not in rejected):
            where = "among the orders" if row["order_id"] in amounts else "in neither list"
            raise Incorrect(
                f"The amount {row['amount']!r} cannot be read, and its row is {where}.",
                expected="the row among the rejected ones",
                got=f"the row {where}",
                evidence={"The row": pd.DataFrame([row])},
            )


# --- interview.failing_case -------------------------------------------------------------------------------------


def _in_production(text: str) -> float | None:
    orders, _ = given.to_orders([{"order_id": "O1", "shop": "ES", "amount": text}])
    return float(orders[0]["amount"]) if orders else None


def _quick_repair(text: str) -> float | None:
    """The repair that comes to mind first: the comma is the decimal mark."""
    return _in_production(text.replace(",", "."))


def _same(a: float | None, b: float | None) -> bool:
    return a is b if a is None or b is None else math.isclose(a, b, abs_tol=0.001)


def _case(answer: Answer) -> dict[str, float | None]:
    value = answer()
    if not isinstance(value, Mapping) or not 1 <= len(value) <= 5:
        raise Incorrect(
            "Expected one to five amounts as a dict from text to number.",
            expected='such as {"19.90": 19.9, "free": None}',
            got=f"{len(value)} entries" if isinstance(value, Mapping) else expect.kind_of(value),
        )
    case: dict[str, float | None] = {}
    for text, amount in value.items():
        if not isinstance(text, str) or len(text) > 40:
            raise Incorrect("An amount arrives as a short text.", expected='"19.90"', got=_few(repr(text), 60))
        nothing = expect.plain(amount) is None
        case[text] = None if nothing else expect.number(amount, f"the amount that {text!r} stands for")
    return case


def _expect_failing(case: dict[str, float | None], version: Callable[[str], float | None], name: str) -> None:
    results = {text: version(text) for text in case}
    if all(_same(results[text], amount) for text, amount in case.items()):
        raise Incorrect(
            f"The test passes on {name}: it would not have found the fault.",
            expected="an amount that this version reads wrongly",
            got=f"it reads {_few(results)}, as the test expects",
        )


@check(
    "interview.failing_case",
    points=0.25,
    hints=[
        "What should come out for each of your texts? Not what does come out: what is right?",
        "Take texts from the input of the failed job, and write beside each the amount that the shop meant.",
        'return {"19.90": 19.90, "...": ...}',
    ],
)
def passes_on_a_right_version(answer: Answer, worlds: Worlds) -> None:
    """The test passes on a version that reads every amount as the shop meant it."""
    for text, amount in _case(answer).items():
        if not _same(_read(text), amount):
            right = _read(text)
            raise Incorrect(
                f"The test fails on a right version: {_few(repr(text), 50)} is expected to be another amount.",
                expected="None: it is not written as an amount" if right is None else f"{right:.2f}",
                got=str(amount),
            )


@check(
    "interview.failing_case",
    points=0.25,
    needs=passes_on_a_right_version,
    hints=[
        "Which amounts of the input were read wrongly?",
        "The test must be red on the code that failed, or it proves nothing when it is green on the new code.",
        "Take the amount of the first bad ...",
    ],
)
def fails_on_the_version_in_production(answer: Answer, worlds: Worlds) -> None:
    """The test fails on `to_orders` as it was in production."""
    _expect_failing(_case(answer), _in_production, "the version in production")


@check(
    "interview.failing_case",
    points=0.25,
    needs=passes_on_a_right_version,
    hints=[
        "Which repair would a tired colleague make at three in the morning?",
        'The quick repair is `text.replace(",", ".")`. Which amounts that were right until now does it break?',
        "An amount with thousands, such as ...",
    ],
)
def fails_on_the_quick_repair(answer: Answer, worlds: Worlds) -> None:
    """The test also fails on a version that merely takes every comma for a decimal mark."""
    _expect_failing(_case(answer), _quick_repair, "a version that replaces each comma by a point")
