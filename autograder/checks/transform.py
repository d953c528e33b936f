"""Checks of lesson 04: features from what was known at a moment, and matrices fitted on the training rows alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from autograder import expect
from autograder.checking import Incorrect, check
from autograder.quiz import question
from autograder.seam import Answer
from autograder.worlds import Worlds

Rows = pd.DataFrame
Features = dict[Hashable, dict[str, Any]]  # by user_id, then by column

# --- transform.recap ---------------------------------------------------------------------------------------------

lost_events = question(
    "transform.recap",
    "1",
    "Users in quarantine are left out, their events are not. What does `valid_users.merge(events, how='left')` hold?",
    right="b",
    wrong={
        "a": "A left join keeps every row of the left table, the users. Events without a partner there are not kept.",
        "c": "`merge` raises for keys that repeat when `validate=` asks for it, never for keys without a partner.",
        "d": "They have no partner among the valid users, so no row of theirs is made, not even one with nulls.",
    },
    points=0.5,
    hints=[
        "Which of the two tables does a left join promise to keep whole?",
        "Join two users with three events, one of which belongs to a user 9 that is not among the users.",
        "pd.DataFrame({'user_id': [1, 2]}).merge(pd.DataFrame({'user_id': [1, 1, 9]}), how='left')",
    ],
)
raw_first = question(
    "transform.recap",
    "2",
    "A rule of the transform turns out to be wrong after three months. What makes it possible to repair the past?",
    right="c",
    wrong={
        "a": "The features hold what the wrong rule made of the rows. What it dropped cannot be told from them.",
        "b": "Sources change: rows are corrected and deleted there, and an API may serve only the last days.",
        "d": "What a rule removed before the rows were stored is in no copy, however many copies there are.",
    },
    points=0.5,
    hints=[
        "From which of these can the new rule be run on what was received three months ago?",
        "Which copy did no rule of yours touch?",
        "raw, as r..., then transform again",
    ],
)

# --- transform.features: what goes in, and the truth about it -----------------------------------------------------

COLUMNS = (
    "age_group",
    "has_email",
    "total_events",
    "events_last_7_days",
    "max_events_in_one_hour",
    "busiest_isoweekday",
    "days_since_last_purchase",
    "spend_per_purchase",
)
AGE_GROUPS = ((18, "0-17"), (25, "18-24"), (40, "25-39"), (65, "40-64"), (math.inf, "65+"))  # by the first age above
BOUNDARY_AGES = (0, 17, 18, 24, 25, 39, 40, 64, 65, 120)
SECOND, HOUR, DAY = pd.Timedelta(seconds=1), pd.Timedelta(hours=1), pd.Timedelta(days=1)
SHOWN = ["user_id", "event_type", "amount", "timestamp", "ingested_at"]


def _world(worlds: Worlds, name: str, *, events: int = 200, **faults: int) -> tuple[Rows, Rows, pd.Timestamp]:
    """40 users, their events of three weeks by time, and a moment in the third week, in the morning.

    The last five users have no events. Further faults are given by their names, `__` for the dot.
    """
    world = worlds.make(
        f"transform {name}",
        users=40,
        events=events,
        faults={fault.replace("__", "."): count for fault, count in faults.items()},
        days=21,
    )
    rows = world.events[world.events["user_id"] <= 35].sort_values("timestamp").reset_index(drop=True)
    return world.users, rows, world.start + 17 * DAY + pd.Timedelta(hours=9, minutes=30)


def _with(events: Rows, planted: Sequence[tuple[int, str, float, pd.Timestamp]]) -> Rows:
    """The events, without those of the users in `planted`, and with the planted ones: user, type, amount, time."""
    rows = events.iloc[: len(planted)].assign(
        event_id=[f"E9{number:07d}" for number in range(len(planted))],
        user_id=[user for user, *_ in planted],
        event_type=[kind for _, kind, *_ in planted],
        amount=[amount for *_, amount, _ in planted],
        timestamp=pd.DatetimeIndex([at for *_, at in planted]).as_unit("us"),
    )
    rows["ingested_at"] = rows["timestamp"] + pd.Timedelta(seconds=60)
    others = events[~events["user_id"].isin(rows["user_id"])]
    return pd.concat([others, rows]).sort_values("timestamp").reset_index(drop=True)


def _known(events: Rows, as_of: pd.Timestamp) -> Rows:
    return events[(events["timestamp"] < as_of) & (events["ingested_at"] < as_of)].reset_index(drop=True)


def _truth(users: Rows, events: Rows, as_of: pd.Timestamp) -> Features:
    """The features of each user, from events that are all known at `as_of`."""
    of_user: dict[Any, list[Any]] = {user: [] for user in users["user_id"]}
    rows: list[Any] = list(events.sort_values("timestamp").itertuples())
    people: list[Any] = list(users.itertuples())
    for event in rows:
        of_user[event.user_id].append(event)
    return {
        user.user_id: {
            "age_group": next(label for above, label in AGE_GROUPS if user.age < above),
            "has_email": isinstance(user.email, str),
            **_activity(of_user[user.user_id], as_of),
        }
        for user in people
    }


def _activity(events: list[Any], as_of: pd.Timestamp) -> dict[str, float | None]:
    ago = [(as_of - event.timestamp).total_seconds() for event in events]
    bought = [
        (seconds, event.amount) for seconds, event in zip(ago, events, strict=True) if event.event_type == "purchase"
    ]
    weekdays = Counter(event.timestamp.isoweekday() for event in events)
    return {
        "total_events": len(events),
        "events_last_7_days": sum(seconds <= 7 * 86_400 for seconds in ago),
        "max_events_in_one_hour": max((sum(0 <= first - s < 3_600 for s in ago) for first in ago), default=0),
        "busiest_isoweekday": min(weekdays, key=lambda day: (-weekdays[day], day), default=None),
        "days_since_last_purchase": min(bought)[0] // 86_400 if bought else None,
        "spend_per_purchase": math.fsum(amount for _, amount in bought) / len(bought) if bought else None,
    }


# --- transform.features: what comes back --------------------------------------------------------------------------


def _features(answer: Answer, users: Rows, events: Rows, as_of: pd.Timestamp, columns: Sequence[str] = ()) -> Features:
    """The columns that came back, by user; users who are missing are for `counts_events_of_every_user`.

    Without columns: those of the exercise that are there. What is missing is for the other checks to say.
    """
    needed = ("user_id", *(columns or ["total_events"]))
    found = expect.frame(answer(users, events, as_of), "the features", columns=needed)
    columns = columns or [column for column in COLUMNS if column in found]
    ids: list[Any] = [_cell(value) for value in found["user_id"].astype(object)]
    cells = [[_cell(value) for value in found[column].astype(object)] for column in columns]
    known = set(users["user_id"])
    if twice := [user for user, times in Counter(ids).items() if times > 1]:
        raise Incorrect(
            "A user has more than one row in the features.",
            expected=f"one row for each of {len(users)} users",
            got=f"{len(ids)} rows for {len(set(ids))} users",
            evidence={"The same user": found[[user in twice for user in ids]]},
        )
    by_user: Features = {
        int(user): dict(zip(columns, row, strict=True))
        for user, row in zip(ids, zip(*cells, strict=True), strict=True)
        if user in known
    }
    if len(by_user) <= len(known) // 2:
        raise Incorrect(
            "Most of the users are not in the features.",
            expected=f"a row for each of {len(known)} users, with their user_id",
            got=f"{len(by_user)} of them",
        )
    return by_user


def _cell(value: Any) -> Hashable:
    return float(value) if isinstance(value, Decimal) else expect.plain(value)


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(found, (int, float)) and isinstance(wanted, (int, float)):
        return expect.close(found, wanted, tolerance=1e-6)
    return bool(found == wanted)


def _expect_column(
    column: str, found: Features, truth: Features, users: Rows, events: Rows, reason: Callable[[Any, Any], str]
) -> None:
    """Every user who is there has the true value; `reason` makes a sentence of a found and an expected value."""
    wrong = [user for user, row in found.items() if not _same(row[column], truth[user][column])]
    if not wrong:
        return
    first = wrong[0]
    table = {
        "user_id": wrong,
        f"expected {column}": [truth[user][column] for user in wrong],
        "got": [found[user][column] for user in wrong],
    }
    evidence = {"Users with another value": pd.DataFrame(table, dtype=object)}
    if column in ("age_group", "has_email"):
        evidence["Their profiles"] = users[users["user_id"].isin(wrong)][["user_id", "age", "email"]]
    elif len(of_first := events[events["user_id"] == first]):
        evidence[f"The last events of user {first}"] = of_first.sort_values("timestamp", ascending=False)[SHOWN[:4]]
    raise Incorrect(
        reason(found[first][column], truth[first][column]),
        expected=f"{column} = {_text(truth[first][column])} for user {first}",
        got=f"{_text(found[first][column])}; {len(wrong)} of {len(found)} users differ",
        evidence=evidence,
    )


def _text(value: Any) -> str:
    return "missing" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)[:60]


def _expect_same(before: Features, after: Features, rationale: str, rows: Rows | None = None) -> None:
    """The same users have the same features before and after."""
    if before.keys() != after.keys():
        raise Incorrect(
            rationale, expected=f"the same {len(before)} users", got=f"{len(before.keys() & after.keys())} of them"
        )
    changed = [
        {"user_id": user, "feature": column, "before": before[user][column], "after": after[user].get(column)}
        for user in before
        for column in before[user]
        if not _same(before[user][column], after[user].get(column))
    ]
    if changed:
        users = len({change["user_id"] for change in changed})
        evidence = {"What changed": pd.DataFrame(changed, dtype=object)}
        if rows is not None:
            evidence["Events that should not count"] = rows[rows["user_id"] == changed[0]["user_id"]][SHOWN]
        raise Incorrect(
            rationale,
            expected="the same features",
            got=f"other values for {users} users, first in {changed[0]['feature']!r}",
            evidence=evidence,
        )


def _expect_counted(found: Features, truth: Features, when: str) -> None:
    """Where there are events they are counted: a table that never changes shows no property."""
    count = "total_events"
    wrong = [user for user in found if truth[user][count] and not _same(found[user][count], truth[user][count])]
    if wrong:
        first = wrong[0]
        raise Incorrect(
            f"total_events is not the number of known events {when}.",
            expected=f"{truth[first]['total_events']} for user {first}",
            got=f"{_text(found[first]['total_events'])}; {len(wrong)} of {len(found)} users differ",
        )


# --- transform.features -------------------------------------------------------------------------------------------


@check(
    "transform.features",
    points=0.5,
    hints=[
        "Which users do you lose when you start from the events?",
        "Count per user, then join the counts to all users; a user without a partner has done nothing, which is 0.",
        "users[['user_id']].merge(counted, on='user_id', how=...) and then ...fillna(...)",
    ],
)
def counts_events_of_every_user(answer: Answer, worlds: Worlds) -> None:
    """Every user has one row with total_events and events_last_7_days; a user without events has 0 in both."""
    users, events, as_of = _world(worlds, "counts")
    week = as_of - 7 * DAY
    planted = [(3, "view", 0.0, at) for at in (week - 2 * DAY, week - SECOND, week, as_of - 2 * HOUR)]
    events = _known(_with(events, planted), as_of)
    truth = _truth(users, events, as_of)
    found = _features(answer, users, events, as_of, ("total_events", "events_last_7_days"))
    if lost := [user for user in truth if user not in found]:
        raise Incorrect(
            f"{len(lost)} users have no row in the features.",
            expected=f"{len(users)} users, those without events too",
            got=f"{len(found)} users",
            evidence={"Missing": users[users["user_id"].isin(lost)][["user_id", "age"]]},
        )
    _expect_column("total_events", found, truth, users, events, _about_counts)
    _expect_column("events_last_7_days", found, truth, users, events, _about_counts)


def _about_counts(found: Any, wanted: Any) -> str:
    if found is None:
        return (
            "A user without an event to count has nothing in place of a number: that no event is known is a count of 0."
        )
    return "A number of events is wrong. The 7 days start exactly 7 x 24 hours before as_of, that moment included."


@check(
    "transform.features",
    points=1,
    hints=[
        "Into which of your groups do the ages 0, 18 and 65 fall? Write them down before you look.",
        "`pd.cut` closes its intervals on the right unless you say otherwise. Whether an address is known is a fact "
        "that a model may use; the address is not.",
        "pd.cut(users['age'], [0, 18, 25, 40, 65, ...], right=..., labels=[...])   and   users['email'].not...()",
    ],
)
def describes_the_user(answer: Answer, worlds: Worlds) -> None:
    """age_group is right at every boundary, has_email says whether there is one, and no name or address comes along."""
    users, events, as_of = _world(worlds, "profile", users__missing_email=8)
    users = users.assign(age=[*BOUNDARY_AGES, *users["age"].iloc[len(BOUNDARY_AGES) :]])
    events = _known(events, as_of)
    personal = {value for column in ("name", "email") for value in users[column].dropna()}
    table = expect.frame(answer(users, events, as_of), "the features", columns=("user_id",))
    for column in table.columns:
        if any(value in personal for value in table[column].astype(object) if isinstance(value, str)):
            raise Incorrect(
                f"The column {column!r} of the features holds personal data.",
                expected="features without names and addresses: whoever reads a feature table need not know who it is",
                got=f"the column {column!r}, with values such as {str(table[column].dropna().iloc[0])[:40]!r}",
            )
    truth = _truth(users, events, as_of)
    found = _features(answer, users, events, as_of, ("age_group", "has_email"))
    _expect_column("age_group", found, truth, users, events, lambda *_: "An age is in the wrong group.")
    _expect_column("has_email", found, truth, users, events, lambda *_: "has_email is not whether an email is known.")


@check(
    "transform.features",
    points=1,
    hints=[
        "What is the mean of no purchases? And how long ago was a purchase that never was?",
        "Take both features from the purchases alone, and leave null what cannot be known: 0 days would mean today.",
        "bought = known[known['event_type'] == ...]; of_user = bought.groupby('user_id'); of_user['amount'].m...()",
    ],
)
def leaves_the_unknown_null(answer: Answer, worlds: Worlds) -> None:
    """spend_per_purchase and days_since_last_purchase come from purchases alone, and are null without one."""
    users, events, as_of = _world(worlds, "unknown")
    hours = {number: as_of - number * HOUR for number in (2, 5, 33, 100, 24 * 9 - 1)}
    planted = [
        *((1, kind, 0.0, at) for kind, at in (("view", hours[5]), ("add_to_cart", hours[2]))),  # never bought
        *((2, "purchase", amount, at) for amount, at in ((10.0, hours[100]), (10.01, hours[100]), (10.03, hours[33]))),
        (2, "view", 0.0, hours[5]),  # the last event is no purchase
        *((3, kind, amount, hours[5]) for kind, amount in (("purchase", 20.0), ("view", 0.0))),  # 0 days ago
        (4, "purchase", 30.0, hours[24 * 9 - 1]),
    ]
    events = _known(_with(events, planted), as_of)
    truth = _truth(users, events, as_of)
    found = _features(answer, users, events, as_of, ("spend_per_purchase", "days_since_last_purchase"))
    _expect_column("spend_per_purchase", found, truth, users, events, _about_spend)
    _expect_column("days_since_last_purchase", found, truth, users, events, _about_days)


def _about_spend(found: Any, wanted: Any) -> str:
    if wanted is None:
        return "Who never bought anything has no spend per purchase: it is unknown, not a number."
    return "spend_per_purchase is the sum of a user's purchases divided by their number, not rounded."


def _about_days(found: Any, wanted: Any) -> str:
    if wanted is None:
        return "Who never bought anything has no last purchase: the days since then are unknown, not a number."
    return "The days count in full 24 hours from the last purchase to as_of, whatever the user did after it."


@check(
    "transform.features",
    points=0.5,
    hints=[
        "Two events at 10:59 and 11:01: does your code see that they are two minutes apart?",
        "A window may begin at any event, so hours of the clock do not do. Sort each user's events by time, and for "
        "each event count those of the last hour.",
        "times.groupby('user_id').rolling('1h', on='timestamp')...count(), and then the m... per user",
    ],
)
def finds_the_busiest_hour(answer: Answer, worlds: Worlds) -> None:
    """max_events_in_one_hour is the most events in any 60 minutes, wherever these begin; 0 without events."""
    users, events, as_of = _world(worlds, "velocity")
    noon = as_of.normalize() - 2 * DAY + 12 * HOUR
    minutes = {1: (-10, -1, 5, 20), 2: (0, 60, 120), 3: (0, 59, 61), 4: (7, 7, 30, 400), 5: (0, 40, 59)}
    planted = [
        (user, "view", 0.0, noon + pd.Timedelta(minutes=minute)) for user, those in minutes.items() for minute in those
    ]
    events = _known(_with(events, planted), as_of)
    truth = _truth(users, events, as_of)
    found = _features(answer, users, events, as_of, ("max_events_in_one_hour",))
    _expect_column("max_events_in_one_hour", found, truth, users, events, _about_velocity)


def _about_velocity(found: Any, wanted: Any) -> str:
    if wanted == 0:
        return "Without events, the busiest hour has 0 events."
    if isinstance(found, float) and found > wanted:
        return "Too many events for one hour. Two events exactly 60 minutes apart are not in one window."
    return "There is an hour with more events. A window may begin at any moment, not only on the hour of the clock."


@check(
    "transform.features",
    points=0.5,
    hints=[
        "Which number has Monday in your result? And which day wins when two have as many events?",
        "`day_of_week` counts from 0, ISO weekdays from 1 (Monday) to 7 (Sunday). Decide ties by the day, not by what "
        "comes first in the table.",
        "known['timestamp'].dt.day_of_week + ..., counted per user and day, sorted by ... and then by the day",
    ],
)
def names_the_busiest_weekday(answer: Answer, worlds: Worlds) -> None:
    """busiest_isoweekday is 1 (Monday) to 7 (Sunday), the smaller number where days tie, and null without events."""
    users, events, as_of = _world(worlds, "weekday")
    monday = (as_of - 9 * DAY).normalize() - (as_of - 9 * DAY).weekday() * DAY + 8 * HOUR
    days = {1: (-1, 0), 2: (-3, 2), 3: (6, 5, 6), 4: (4,), 5: (-2, -1, 0, 1)}  # 0 is Monday
    planted = [(user, "view", 0.0, monday + day * DAY) for user, those in days.items() for day in those]
    events = _known(_with(events, planted), as_of)
    truth = _truth(users, events, as_of)
    found = _features(answer, users, events, as_of, ("busiest_isoweekday",))
    _expect_column("busiest_isoweekday", found, truth, users, events, _about_weekday)


def _about_weekday(found: Any, wanted: Any) -> str:
    if wanted is None:
        return "Who has no events has no busiest weekday: it is unknown, not a number."
    if isinstance(found, float) and found == wanted - 1:
        return "A weekday is one too low. ISO weekdays run from 1 for Monday to 7 for Sunday."
    return (
        "A weekday is wrong: it is the ISO weekday (UTC) with most events, and of two with as many, the smaller number."
    )


@check(
    "transform.features",
    points=0.5,
    hints=[
        "Which rows of the table lie in the future of somebody who stands at as_of?",
        "An event that happens at as_of or after it is not known, whatever it is needed for. Leave these rows out "
        "once, before anything is computed.",
        "known = events[events['timestamp'] ... as_of]",
    ],
)
def future_events_do_not_count(answer: Answer, worlds: Worlds) -> None:
    """Events that happened at as_of or after it change no feature."""
    users, events, as_of = _world(worlds, "future", events=240)
    # from devices whose clocks are fast: had arrived before as_of
    fast = events.iloc[2:4].assign(
        event_id=["E90000000", "E90000001"], timestamp=[as_of, as_of + HOUR], ingested_at=as_of - HOUR
    )
    future = pd.concat([events[events["timestamp"] >= as_of], fast], ignore_index=True)
    what = "Events that happened at as_of or after it change the features."
    _expect_no_change(answer, users, _known(events, as_of), future, as_of, what)


@check(
    "transform.features",
    points=0.5,
    hints=[
        "On the morning of as_of, which rows could your table not have held yet, although they had happened?",
        "An event is known when it has happened and has arrived. It has a column for each of the two moments.",
        "known = events[(events['timestamp'] < as_of) & (events[...] ...)]",
    ],
)
def late_arrivals_do_not_count(answer: Answer, worlds: Worlds) -> None:
    """Events that had happened before as_of, but arrived at as_of or after it, change no feature."""
    users, events, as_of = _world(worlds, "late", events=240, events__late=12)
    events.loc[events.index[:2], "ingested_at"] = as_of  # happened long before, arrived at that very moment
    late = events[(events["timestamp"] < as_of) & (events["ingested_at"] >= as_of)]
    what = "Events that happened before as_of and arrived at it or later change the features: they were not known."
    _expect_no_change(answer, users, _known(events, as_of), late, as_of, what)


def _expect_no_change(
    answer: Answer, users: Rows, known: Rows, unknown: Rows, as_of: pd.Timestamp, rationale: str
) -> None:
    """The features of the known events are those of known and unknown ones together."""
    before = _features(answer, users, known, as_of)
    after = _features(answer, users, pd.concat([known, unknown], ignore_index=True), as_of)
    _expect_same(before, after, rationale, unknown)
    _expect_counted(before, _truth(users, known, as_of), "where there are no others")


@check(
    "transform.features",
    points=0.5,
    shrinks=False,
    hints=[
        "Which line of yours depends on the order of the rows?",
        "`first`, `last`, `idxmax` and joining by position do. Sort by what you mean, or use min, max and keys.",
        "known = known.sort_values(['user_id', ...])",
    ],
)
def order_does_not_matter(answer: Answer, worlds: Worlds) -> None:
    """The same users and events in another order, or asked a second time, give every user the same features."""
    users, events, as_of = _world(worlds, "order", users__missing_email=8)
    monday = (as_of - 9 * DAY).normalize() - (as_of - 9 * DAY).weekday() * DAY + 8 * HOUR
    planted = [(user, "view", 0.0, monday + day * DAY) for user in (1, 2, 3, 4, 5, 6) for day in (-1, 0, 1)]
    events = _known(_with(events, planted), as_of)
    before = _features(answer, users, events, as_of)
    again = _features(answer, users, events, as_of)
    _expect_same(before, again, "A second call with the same tables gives other features.")
    rng = worlds.rng("transform order")
    for turned in (events.iloc[::-1], events.iloc[rng.permutation(len(events))]):
        mixed = users.iloc[rng.permutation(len(users))].reset_index(drop=True)
        after = _features(answer, mixed, turned.reset_index(drop=True), as_of)
        _expect_same(before, after, "With the rows in another order, the features are others.")
    _expect_counted(before, _truth(users, events, as_of), "in the order of time")


# --- transform.matrices -------------------------------------------------------------------------------------------

NUMERIC, CATEGORICAL = ["total_spend", "age"], ["subscription_tier", "country"]
Matrix = list[list[float]]


def _people(worlds: Worlds, name: str) -> tuple[Rows, Rows]:
    """30 train rows and 12 test rows of feature tables. In the test rows ages and spend are higher."""
    world = worlds.make(f"transform {name}", users=42, events=1)
    rng = worlds.rng(f"transform {name}")
    rows = world.users[["user_id", "age", "country", "subscription_tier"]].assign(
        total_spend=rng.gamma(2.0, 50.0, 42).round(2), account_age_days=365
    )
    rows["country"] = [("US", "UK", "DE", "FR")[i % 4] for i in range(42)]
    rows["subscription_tier"] = [("premium", "free", "basic")[i % 3] for i in range(42)]
    rows = rows.iloc[rng.permutation(42)]
    train, test = rows.iloc[:30].reset_index(drop=True), rows.iloc[30:].reset_index(drop=True)
    return train, test.assign(age=test["age"] + 12, total_spend=test["total_spend"] * 3 + 100)


def _matrices(
    answer: Answer, train: Rows, test: Rows, numeric: Sequence[str] = NUMERIC, categorical: Sequence[str] = CATEGORICAL
) -> tuple[Matrix, Matrix]:
    value = answer(train, test, list(numeric), list(categorical))
    parts = expect.parts(value, ("train_matrix", "test_matrix"))
    return _matrix(parts[0], len(train), "train_matrix"), _matrix(parts[1], len(test), "test_matrix")


def _matrix(value: Any, rows: int, name: str) -> Matrix:
    if isinstance(value, pd.DataFrame):
        value = value.astype(object).to_numpy().tolist()
    if not isinstance(value, (list, tuple)) or not all(isinstance(row, (list, tuple)) for row in value):
        raise Incorrect(
            f"{name} is not a matrix.", expected="a two-dimensional array or a DataFrame", got=expect.kind_of(value)
        )
    widths = {len(row) for row in value}
    if len(value) != rows or len(widths) > 1:
        raise Incorrect(
            f"{name} has another number of rows than {name.partition('_')[0]}.",
            expected=f"{rows} rows in the order of {name.partition('_')[0]}, all of one width",
            got=f"{len(value)} rows of {' or '.join(map(str, sorted(widths)[:3])) or 'no'} columns",
        )
    return [[_entry(cell, name) for cell in row] for row in value]


def _entry(cell: Any, name: str) -> float:
    value = _cell(cell)
    if not isinstance(value, (bool, int, float)) or abs(value) > 1e9:
        raise Incorrect(
            f"{name} holds something that is no finite number.",
            expected="finite numbers only: a model can take nothing else",
            got="missing (NaN), as from 0 / 0" if value is None else _text(value),
        )
    return float(value)


def _columns(matrix: Matrix, start: int, stop: int, name: str, needs: int | None = None) -> list[list[float]]:
    """These columns of the matrix as lists of values. Raises `Incorrect` where it has fewer, or not `needs`."""
    width = len(matrix[0])
    if width < stop or (needs is not None and width != needs):
        raise Incorrect(
            f"{name} has another number of columns.",
            expected=f"{needs or stop} columns: the numeric ones, then one for each category of each categorical one",
            got=f"{width} columns",
        )
    return [[row[i] for row in matrix] for i in range(start, stop)]


def _standard(values: Sequence[float]) -> tuple[float, float]:
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((v - mean) ** 2 for v in values) / len(values))


def _differs(found: Sequence[float], wanted: Sequence[float]) -> list[int]:
    return [i for i, (a, b) in enumerate(zip(found, wanted, strict=True)) if not expect.close(a, b, tolerance=1e-6)]


def _shown(raw: Mapping[str, Sequence[Any]], rows: Sequence[int]) -> Rows:
    return pd.DataFrame({"row": rows} | {name: [values[i] for i in rows] for name, values in raw.items()})


@check(
    "transform.matrices",
    points=0.5,
    hints=[
        "What are the mean and the standard deviation of a standardised column?",
        "Subtract the mean and divide by the standard deviation with ddof=0; pandas' own default is ddof=1.",
        "(train[numeric] - train[numeric].mean()) / train[numeric].std(ddof=...)",
    ],
)
def standardises_train(answer: Answer, worlds: Worlds) -> None:
    """Each numeric column of the train matrix has mean 0 and standard deviation 1, in the order of `numeric`."""
    train, test = _people(worlds, "train")
    matrix, _ = _matrices(answer, train, test)
    for name, column in zip(NUMERIC, _columns(matrix, 0, len(NUMERIC), "train_matrix"), strict=True):
        mean, deviation = _standard(train[name].tolist())
        wanted = [(value - mean) / deviation for value in train[name]]
        if wrong := _differs(column, wanted):
            found_mean, found_deviation = _standard(column)
            raise Incorrect(
                f"The column of {name!r} in train_matrix is not standardised.",
                expected="mean 0 and standard deviation 1 (ddof=0)",
                got=f"mean {found_mean:.4g} and standard deviation {found_deviation:.4g}",
                evidence={"Rows of train": _shown({name: list(train[name]), "expected": wanted, "got": column}, wrong)},
            )


@check(
    "transform.matrices",
    points=1,
    hints=[
        "From which rows do the mean and the standard deviation come that you use for the test rows?",
        "In use, rows come one at a time, and their own mean says nothing. Use the train rows' mean and "
        "deviation for both, and nothing of the test rows for either.",
        "mean, deviation = train[numeric].mean(), ...;  (test[numeric] - ...) / ...",
    ],
)
def fits_on_train_alone(answer: Answer, worlds: Worlds) -> None:
    """The test rows are scaled as the train rows are, and other test rows do not change the train matrix."""
    train, test = _people(worlds, "fit")
    first, found = _matrices(answer, train, test)
    other, single = _matrices(answer, train, test.iloc[:1])
    numbers = len(NUMERIC)
    columns = _columns(first, 0, numbers, "train_matrix"), _columns(other, 0, numbers, "train_matrix")
    for name, column, with_other in zip(NUMERIC, *columns, strict=True):
        if wrong := _differs(column, with_other):
            raise Incorrect(
                "The train matrix changes with the test rows: something of the test set has leaked into it.",
                expected="a train matrix that depends on train alone",
                got=f"other values of {name!r} with 1 test row than with {len(test)}",
                evidence={"Rows of train": _shown({"with 12 test rows": column, "with 1": with_other}, wrong)},
            )
        # the line through all train points, as the answer drew it
        raw = train[name].tolist()
        low, high = raw.index(min(raw)), raw.index(max(raw))
        slope = (column[high] - column[low]) / (raw[high] - raw[low])
        wanted = [column[low] + slope * (value - raw[low]) for value in train[name]]
        mean, deviation = _standard(column)
        # other formulas than the standard one are for the check above; this one only asks that there is a scale
        if _differs(column, wanted) or abs(mean) > 2 or not 0.05 < deviation < 15:
            raise Incorrect(
                f"The column of {name!r} in train_matrix is not scaled, so the test rows cannot be compared with it.",
                expected="about mean 0 and standard deviation 1",
                got=f"mean {mean:.4g} and standard deviation {deviation:.4g}",
            )
        position = NUMERIC.index(name)
        for rows, matrix in ((test, found), (test.iloc[:1], single)):
            got = _columns(matrix, position, position + 1, "test_matrix")[0]
            wanted = [column[low] + slope * (value - raw[low]) for value in rows[name]]
            if wrong := _differs(got, wanted):
                raise Incorrect(
                    f"The test rows of {name!r} are scaled in another way than the train rows.",
                    expected="the mean and standard deviation of train, for both",
                    got=f"{len(wrong)} of {len(rows)} test rows with another value",
                    evidence={"Rows of test": _shown({name: list(rows[name]), "expected": wanted, "got": got}, wrong)},
                )


def _expect_one_hot(matrix: Matrix, rows: Rows, train: Rows, name: str, rationale: str) -> None:
    """Behind the numeric columns stands one column for each category of train, by name, for each categorical column."""
    categories = [(column, value) for column in CATEGORICAL for value in sorted(set(train[column]))]
    start = len(NUMERIC)
    stop = start + len(categories)
    for (column, category), got in zip(categories, _columns(matrix, start, stop, name, needs=stop), strict=True):
        wanted = [float(value == category) for value in rows[column]]
        if wrong := _differs(got, wanted):
            raise Incorrect(
                rationale,
                expected=f"1 in the column of {column} = {category} for these rows, 0 for all others",
                got=f"{len(wrong)} rows of {name} with another value",
                evidence={"Rows": _shown({column: list(rows[column]), "expected": wanted, "got": got}, wrong)},
            )


@check(
    "transform.matrices",
    points=0.5,
    hints=[
        "How many columns do you get for test rows that are all from one country?",
        "The categories are those of train, sorted, for both matrices. A category that no test row has is all 0.",
        "categories = sorted(train[column].unique());  [... == category for category in categories]",
    ],
)
def encodes_by_the_categories_of_train(answer: Answer, worlds: Worlds) -> None:
    """Both matrices have the same columns of 0 and 1: for each categorical column the categories of train, sorted."""
    train, test = _people(worlds, "encode")
    rationale = "A category is in the wrong column: categories come sorted, by categorical column in the given order."
    for rows in (test, test[test["country"] == test["country"].iloc[0]].reset_index(drop=True)):
        train_matrix, test_matrix = _matrices(answer, train, rows)
        _expect_one_hot(train_matrix, train, train, "train_matrix", rationale)
        _expect_one_hot(test_matrix, rows, train, "test_matrix", rationale)


@check(
    "transform.matrices",
    points=0.5,
    hints=[
        "The first customer from a new country comes tomorrow. What should their row look like?",
        "No column stands for a category that train does not have, so all columns of that categorical column are 0.",
        "OneHotEncoder(handle_unknown=...), or comparing with each category of train in turn",
    ],
)
def unknown_category_is_all_zeros(answer: Answer, worlds: Worlds) -> None:
    """A test row whose category train does not have is 0 in all columns of that categorical column."""
    train, test = _people(worlds, "unknown")
    new = test.assign(country=["BR", "AA", *test["country"].iloc[2:-1], "ZZ"])
    _, before = _matrices(answer, train, test)
    train_matrix, after = _matrices(answer, train, new)
    numbers = len(NUMERIC)
    widths = [len(matrix[0]) for matrix in (train_matrix, before, after)]
    if len(set(widths)) > 1:
        raise Incorrect(
            "A new category in test changes the number of columns.",
            expected=f"{widths[1]} columns, as without it: a trained model takes no other number",
            got=f"{widths[0]} columns in train_matrix, {widths[2]} in test_matrix",
        )
    for i, (old, now) in enumerate(zip(before, after, strict=True)):
        known = test["country"].iloc[i] == new["country"].iloc[i]
        ones = sum(now[numbers:])
        if expect.close(ones, len(CATEGORICAL) - (not known)) and not any(
            b > a for a, b in zip(old[numbers:], now[numbers:], strict=True)
        ):
            continue
        categories = {"country": [new["country"].iloc[i]], "expected ones": [2 - (not known)], "got": [ones]}
        raise Incorrect(
            "A row of a known category changes when another row has a new one."
            if known
            else "A new category is not all zeros.",
            expected="1 in the column of the row's subscription_tier, and 0 for a country that train does not have",
            got=f"{ones:.6g} as the sum of its columns of 0 and 1",
            evidence={"The row of test": pd.DataFrame({"row": [i], **categories})},
        )


@check(
    "transform.matrices",
    points=0.5,
    hints=[
        "What is the standard deviation of a column that is 365 everywhere, and what do you divide by it?",
        "Divide by 1 where the deviation is 0: what is left is 0 / 1.",
        "deviation = deviation.mask(deviation == 0, ...)",
    ],
)
def constant_column_is_zero(answer: Answer, worlds: Worlds) -> None:
    """A numeric column with one and the same value in all rows becomes 0 in all rows."""
    train, test = _people(worlds, "constant")
    numeric = ["age", "account_age_days"]
    for name, rows, matrix in zip(
        ("train", "test"), (train, test), _matrices(answer, train, test, numeric=numeric), strict=True
    ):
        age, constant = _columns(matrix, 0, 2, f"{name}_matrix")
        wrong = [i for i, value in enumerate(constant) if abs(value) > 1e-9]
        if wrong:
            raise Incorrect(
                f"A column that is constant is not 0 in {name}_matrix.",
                expected="0 in every row",
                got=f"{constant[wrong[0]]:.4g}",
                evidence={"Rows": _shown({"account_age_days": list(rows["account_age_days"]), "got": constant}, wrong)},
            )
        if not max(age) > min(age):
            raise Incorrect(
                f"A column that is not constant has one and the same value in {name}_matrix.",
                expected=f"{rows['age'].nunique()} different values of 'age'",
                got=f"{age[0]:.4g} in every row",
            )
