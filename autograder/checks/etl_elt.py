"""Checks of lesson 07: which design fits a case, and a feature that is computed from raw rows whenever it is asked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from autograder import expect
from autograder.checking import Incorrect, check
from autograder.quiz import question
from autograder.seam import Answer
from autograder.worlds import Worlds
from data_generators import World

# --- etl_elt.decide ---------------------------------------------------------------------------------------------

hospital = question(
    "etl_elt.decide",
    "1",
    "A fixed monthly report from hospital records that may not be stored outside the hospital: which design?",
    right="a",
    wrong={
        "b": "ELT stores the raw records first, and that is what is forbidden here. Nothing in the case needs raw rows "
        "later: the report is fixed by law.",
        "c": "The hybrid keeps validated rows of single patients. Only counts may leave, so there is nothing to keep.",
        "d": "A monthly report is a batch like any other: extract, count, load the counts.",
    },
    points=0.5,
    hints=[
        "What would the first thing be that your design writes to disk?",
        "Strike out every design that stores a row of a single patient outside the hospital.",
        "Transform before load, and load only the ...",
    ],
)
sensors = question(
    "etl_elt.decide",
    "2",
    "Machine telemetry whose shape changes, no person in it, questions not known yet, several teams: which design?",
    right="b",
    wrong={
        "a": "ETL wants the questions before the data. Here they come after it, and what was not kept is gone.",
        "c": "The hybrid's checks before the load need rules, and nobody has any yet; what they set aside may be what "
        "a team looks for. There is no personal data that would have to be taken out first.",
        "d": "There is no deadline of seconds, and the data has to be kept: that is a warehouse's work.",
    },
    points=0.5,
    hints=[
        "What is known before the data comes: the questions, the rules, the columns?",
        "Which design decides least before it loads, and what would be the reason not to use it here?",
        "Load first, ... when someone asks",
    ],
)
training = question(
    "etl_elt.decide",
    "3",
    "Daily training data, feature rules that change, old tables to be rebuilt, names kept out of the lake: which one?",
    right="c",
    wrong={
        "a": "ETL keeps only the table of today's rules. Changed rules or an old table could not be computed.",
        "b": "Plain ELT loads everything as received, and so names and addresses, which may not be in the lake.",
        "d": "Training reads a table once a day. That is a batch, and it needs what the other designs keep.",
    },
    points=0.5,
    hints=[
        "Two demands pull in opposite directions here. Which are they?",
        "Names and addresses have to go before the load, the heavy work has to come after it.",
        "Light ETL, then load, then ...",
    ],
)
payments = question(
    "etl_elt.decide",
    "4",
    "A payment is to be stopped within 200 milliseconds, from the last five minutes of its card: which design?",
    right="d",
    wrong={
        "a": "ETL runs as a batch, hourly or daily. The payment is through long before its row is loaded.",
        "b": "A warehouse would have to take in the row, and then scan raw rows for each payment, within 200 ms.",
        "c": "The hybrid computes features ahead of time from rows that have been loaded. The last five minutes are "
        "not among them. It can train the model; it cannot take this decision.",
    },
    points=0.5,
    hints=[
        "How old is the newest row that a nightly or hourly load can give?",
        "Compare the deadline with the time between two batches. Who keeps the last five minutes?",
        "Not a batch at all: a st...",
    ],
)


# --- etl_elt.feature --------------------------------------------------------------------------------------------

COLUMNS = ("user_id", "category", "purchases", "spend")
NOT_COUNTED = frozenset(
    f"events.{name}"
    for name in (
        "amount_missing",
        "amount_negative",
        "amount_text",
        "missing_user_id",
        "unknown_user",
        "unknown_event_type",
    )
)
WHAT = "the purchases by user and category"

Raw = dict[str, pd.DataFrame]
Bought = dict[tuple[Any, Any], tuple[float, float]]


def _world(worlds: Worlds, name: str, events: int = 200, *, users: int = 40, **faults: int) -> World:
    """One purchase in ten events, so users without any, and only the faults that are given by their short names."""
    planted = {f"events.{fault}": count for fault, count in faults.items()}
    return worlds.make(f"etl_elt {name}", users=users, events=events, days=3, faults=planted)


def _as_received(events: pd.DataFrame) -> pd.DataFrame:
    """The events as a landing zone has them: every column text, a missing value null."""

    def text(value: Any) -> str | None:
        if isinstance(value, str):
            return value
        if pd.isna(value):
            return None
        if isinstance(value, pd.Timestamp):
            return value.isoformat()
        return f"{value:.2f}" if math.modf(value)[0] else str(int(value))

    rows = events.rename(columns={"product_category": "category"})
    rows = rows[["event_id", "user_id", "event_type", "category", "amount", "ingested_at"]]
    return pd.DataFrame(
        {name: pd.array([text(value) for value in rows[name].astype(object)], dtype="str") for name in rows}
    )


def _in_one(events: pd.DataFrame) -> Raw:
    """All events in a single partition, so that what a check asks does not depend on reading several."""
    return {f"date={events['ingested_at'].min():%Y-%m-%d}": _as_received(events)}


def _by_day(events: pd.DataFrame) -> Raw:
    """One partition for each day of arrival."""
    days = events["ingested_at"].dt.strftime("date=%Y-%m-%d")
    return {str(day): _as_received(rows) for day, rows in events.groupby(days)}


def _users(world: World) -> pd.DataFrame:
    return world.users[["user_id", "country"]]


def _truth(world: World, events: pd.DataFrame | None = None, *, min_amount: float = 0.0) -> Bought:
    """What was bought: of each event its newest version, without the rows that a fault was planted in."""
    events = world.events if events is None else events
    planted = world.truth[(world.truth["table"] == "events") & world.truth["fault"].isin(NOT_COUNTED)]
    faulty = set(planted["row"])
    newest: dict[str, Any] = {}
    for row in events.itertuples():
        key = str(row.event_id).strip().upper()
        if row.Index not in faulty and (key not in newest or row.ingested_at > newest[key].ingested_at):
            newest[key] = row
    bought: Bought = {}
    for row in newest.values():
        if row.event_type.strip().lower() == "purchase" and row.amount >= min_amount:
            pair = (float(row.user_id), row.product_category)
            count, spend = bought.get(pair, (0.0, 0.0))
            bought[pair] = (count + 1, spend + float(row.amount))
    return bought


def _count(bought: Bought) -> int:
    return int(sum(purchases for purchases, _ in bought.values()))


def _rows(answer: Answer, raw: Raw, users: pd.DataFrame, **rule: float) -> list[tuple[Any, ...]]:
    """The answer's rows as tuples of user (a number, also where it came as text), category, purchases, spend."""
    found = expect.frame(answer(raw, users, **rule), WHAT, columns=COLUMNS)
    if not found.columns.is_unique:
        raise Incorrect(f"In {WHAT} two columns have one name.", expected=", ".join(COLUMNS), got=str([*found.columns]))
    rows = expect.plain_rows(found, COLUMNS)
    return [(_number(user, user), _word(category), *rest) for user, category, *rest in rows]


def _number(value: Any, otherwise: Any = math.nan) -> Any:
    try:
        return float(value) if not isinstance(value, bool) else otherwise
    except (TypeError, ValueError, OverflowError):
        return otherwise


def _word(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _bought(rows: list[tuple[Any, ...]]) -> Bought:
    """What the rows say was bought, added up where a pair comes twice; rows without a purchase are another matter."""
    found: Bought = {}
    for user, category, purchases, spend in rows:
        if category is not None and purchases != 0:
            count, total = found.get((user, category), (0.0, 0.0))
            found[user, category] = (count + _number(purchases), total + _number(spend))
    return found


def _same(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return abs(a[0] - b[0]) < 1e-6 and abs(a[1] - b[1]) < 0.006  # half a cent, for those who round


def _expect(found: Bought, wanted: Bought, rationale: str, expected: str, raw: Mapping[str, pd.DataFrame]) -> None:
    """The same purchases and the same money for every user and category, and for no other."""
    nothing = (0.0, 0.0)
    off = [pair for pair in wanted | found if not _same(found.get(pair, nothing), wanted.get(pair, nothing))]
    if not off:
        return
    off = sorted(off, key=str)
    counts = pd.DataFrame(
        {
            "user_id": [pair[0] for pair in off],
            "category": [str(pair[1]) for pair in off],
            "purchases": [wanted.get(pair, nothing)[0] for pair in off],
            "came back": [found.get(pair, nothing)[0] for pair in off],
            "spend": [round(wanted.get(pair, nothing)[1], 2) for pair in off],
            "came back ": [round(found.get(pair, nothing)[1], 2) for pair in off],
        }
    )
    rows = pd.concat(raw.values(), ignore_index=True)
    user, category = off[0]
    of_pair = (rows["category"] == str(category)) & (pd.to_numeric(rows["user_id"], errors="coerce") == _number(user))
    raise Incorrect(
        rationale,
        expected=expected,
        got=f"other purchases for {len(off)} of {len(wanted)} pairs of user and category",
        evidence={
            "Expected, and what came back": counts,
            "Raw rows of the first of them": rows[of_pair].drop(columns=["user_id", "category"]),
        },
    )


@check(
    "etl_elt.feature",
    points=0.5,
    hints=[
        "How many partitions does `raw` hold, and how many of them does your query read?",
        "Stack the values of `raw` into one frame, or read them with union all; then cast user_id and group.",
        "events = pd.concat(raw.values()); duckdb.sql('select ..., count(*), sum(...) from events ... group by ...')",
    ],
)
def reads_every_partition(answer: Answer, worlds: Worlds) -> None:
    """The purchases of every day are counted and added up, in one row for each user and category."""
    world = _world(worlds, "partitions", events=500, users=12)  # so that pairs come on several days
    raw, wanted = _by_day(world.events), _truth(world)
    rows = _rows(answer, raw, _users(world))
    expected = f"{len(wanted)} pairs of user and category, from {len(raw)} partitions"
    _expect(_bought(rows), wanted, "The purchases are not those of all partitions.", expected, raw)
    pairs = [(user, category) for user, category, purchases, _ in rows if category is not None and purchases != 0]
    if len(pairs) > len(set(pairs)):
        twice = sorted((row for row in rows if pairs.count(row[:2]) > 1), key=str)
        shown = pd.DataFrame(twice, columns=pd.Index(COLUMNS), dtype=object)
        raise Incorrect(
            "A user and category have more than one row.",
            expected="one row for each, over all partitions",
            got=f"{len(pairs)} rows for {len(set(pairs))} pairs",
            evidence={"The same pair, more than once": shown},
        )


@check(
    "etl_elt.feature",
    points=0.5,
    hints=[
        "What does CAST do with the text 'ten'? And what should become of the other rows?",
        "TRY_CAST gives null for what cannot be read; a comparison with null is not true, so the row is left out.",
        "where try_cast(amount as ...) > 0",
    ],
)
def casts_safely(answer: Answer, worlds: Worlds) -> None:
    """A purchase whose amount is missing or cannot be read is left out, and stops nothing."""
    world = _world(worlds, "casts", events=500, amount_text=16, amount_missing=6)
    raw, wanted = _in_one(world.events), _truth(world)
    expected = f"{_count(wanted)} purchases; 22 others have an amount that cannot be read"
    rationale = "Amounts that are missing or no number change the purchases."
    _expect(_bought(_rows(answer, raw, _users(world))), wanted, rationale, expected, raw)


@check(
    "etl_elt.feature",
    points=0.5,
    hints=[
        "Is ' Purchase ' a purchase?",
        "Put case and space right before you compare a word with another.",
        "where lower(...(event_type)) = 'purchase'",
    ],
)
def reads_words_in_any_case(answer: Answer, worlds: Worlds) -> None:
    """Case and space around an event_type make no difference."""
    world = _world(worlds, "words", messy_event_type=200)
    raw, wanted = _in_one(world.events), _truth(world)
    expected = f"{_count(wanted)} purchases in {len(wanted)} pairs of user and category"
    rationale = "Purchases whose event_type is in other case, or has spaces, are not counted."
    _expect(_bought(_rows(answer, raw, _users(world))), wanted, rationale, expected, raw)


@check(
    "etl_elt.feature",
    points=0.5,
    needs=reads_every_partition,
    hints=[
        "Several rows have one event_id, and 'e00000007 ' is E00000007 too. Which of them counts, and how often?",
        "Put case and space of the id right, then number its versions by ingested_at, newest first, and keep number 1: "
        "not the one that stands last, and not one for each partition.",
        "qualify row_number() over (partition by ... order by ... desc) = 1",
    ],
)
def keeps_the_newest_version(answer: Answer, worlds: Worlds) -> None:
    """Of all versions and copies of an event, in any partition and spelling of its id, the newest counts, once."""
    world = _world(worlds, "versions", events=300, duplicate_newer=20, duplicate_exact=150)
    messy = _world(worlds, "ids", messy_event_id=200)
    by_day = _by_day(world.events)
    backwards = {day: rows.iloc[::-1].reset_index(drop=True) for day, rows in reversed(by_day.items())}
    for of, raw, rationale in (
        (world, by_day, "An older version of an event, or a copy, is counted."),
        (world, backwards, "An older version of an event is counted when the newer one stands first."),
        (messy, _in_one(messy.events), "A copy whose event_id is in other case, or has spaces, is counted again."),
    ):
        wanted = _truth(of)
        expected = f"{_count(wanted)} purchases, each with the amount of its newest version"
        _expect(_bought(_rows(answer, raw, _users(of))), wanted, rationale, expected, raw)


@check(
    "etl_elt.feature",
    points=0.5,
    hints=[
        "Which rows are no purchase of a known user with an amount above 0?",
        "Three rules: the type is purchase, the user is in `users`, the amount is above 0. A refund that is sent as a "
        "negative amount does not count.",
        "... join users on ... where ... = 'purchase' and ... > 0",
    ],
)
def leaves_out_rows_that_break_a_rule(answer: Answer, worlds: Worlds) -> None:
    """Negative amounts, other event types, and users who are not in `users`, are not counted."""
    faults = {"amount_negative": 8, "unknown_user": 130, "missing_user_id": 20, "unknown_event_type": 130}
    world = _world(worlds, "rules", events=400, **faults)
    raw, wanted = _in_one(world.events), _truth(world)
    expected = f"{_count(wanted)} purchases above 0 by users that are in `users`"
    rationale = "Rows that break a rule are counted, or rows that keep the rules are left out."
    _expect(_bought(_rows(answer, raw, _users(world))), wanted, rationale, expected, raw)


@check(
    "etl_elt.feature",
    points=0.5,
    hints=[
        "Who is in `users` and not in your result? What is it that they did not do?",
        "Start from users and join what was counted with a left join. Count first: a condition on the right table "
        "after the join removes them again, and count(*) counts their empty row.",
        "select u.user_id, b.category, coalesce(b.purchases, ...) ... from users u left join bought b ...",
    ],
)
def keeps_users_without_purchases(answer: Answer, worlds: Worlds) -> None:
    """A user without a purchase has one row: category missing, purchases 0, spend 0."""
    world = _world(worlds, "users")
    events = world.events[world.events["user_id"] > 2]  # two users who have done nothing at all
    raw, wanted = _in_one(events), _truth(world, events)
    buyers = {user for user, _ in wanted}
    rows = _rows(answer, raw, _users(world))
    empty = [row for row in rows if row[1] is None or row[2] == 0]
    for user in world.users["user_id"].map(float):
        of_user = [row for row in empty if row[0] == user]
        right = [] if user in buyers else [(user, None, 0.0, 0.0)]
        if of_user != right:
            came = pd.DataFrame([row for row in rows if row[0] == user], columns=pd.Index(COLUMNS), dtype=object)
            raise Incorrect(
                f"User {user:.0f} has {'no purchase' if right else 'purchases'}, and not the rows of such a user.",
                expected="one row: category missing, purchases 0, spend 0.0" if right else "rows with purchases only",
                got=f"{len(came)} row{'' if len(came) == 1 else 's'}",
                evidence={f"Rows of user {user:.0f}": came},
            )


@check(
    "etl_elt.feature",
    points=0.5,
    hints=[
        "What does your function do with `min_amount`?",
        "The same raw rows, another rule: a purchase counts if its amount is min_amount or more. Compute "
        "from `raw` in every call and keep nothing from the last one.",
        "where try_cast(amount as double) >= $least   # duckdb.sql(query, params={'least': ...})",
    ],
)
def reprocesses_with_another_rule(answer: Answer, worlds: Worlds) -> None:
    """With another `min_amount`, the same raw rows give the purchases of at least that amount."""
    world = _world(worlds, "rule", events=300, users=5)
    events = world.events.copy()
    events.loc[events["amount"].idxmax(), "amount"] = least = 20.0  # one purchase right on the bound
    raw = _in_one(events)
    for rule in (least, 0.0):
        wanted = _truth(world, events, min_amount=rule)
        expected = f"{_count(wanted)} purchases of {rule:.2f} EUR or more"
        rationale = f"With min_amount={rule:.2f} other purchases are counted than those of {rule:.2f} EUR or more."
        _expect(_bought(_rows(answer, raw, _users(world), min_amount=rule)), wanted, rationale, expected, raw)


@check(
    "etl_elt.feature",
    points=0.5,
    needs=reprocesses_with_another_rule,
    hints=[
        "An event was corrected from 40 EUR to 4 EUR. With min_amount=10, does it count?",
        "Choose the version first and apply the rule to what was chosen. The other way round, the rule removes the "
        "correction and the old version comes back.",
        "with newest as (select ... qualify ...) select ... from newest where ...",
    ],
)
def chooses_the_version_before_the_rule(answer: Answer, worlds: Worlds) -> None:
    """A correction that falls below `min_amount` does not bring the older version of its event back."""
    world = _world(worlds, "order", duplicate_newer=60)
    money = world.events.sort_values("ingested_at").groupby("event_id")["amount"].agg(["first", "last"])
    lowered = (money["first"] - money["last"]).argmax()  # so much that a whole amount lies between
    least = float(round(money.iloc[lowered].mean()))
    raw, wanted = _in_one(world.events), _truth(world, min_amount=least)
    rationale = f"With min_amount={least:.2f} older versions of events are counted."
    expected = f"{_count(wanted)} purchases whose newest version is at least {least:.2f} EUR"
    _expect(_bought(_rows(answer, raw, _users(world), min_amount=least)), wanted, rationale, expected, raw)
