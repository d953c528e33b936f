"""Checks of lesson 06: a learner's own checks, judged by the faults that they catch and by their false alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from autograder import expect
from autograder.checking import Incorrect, check
from autograder.quiz import question
from autograder.seam import Answer, AnswerError
from autograder.worlds import Worlds
from data_generators import World

Rows = pd.DataFrame

USER_COLUMNS = ["user_id", "age", "country"]
EVENT_COLUMNS = ["event_id", "user_id", "event_type", "amount", "timestamp"]
COLUMNS = ["user_id", "age", "country", "events", "purchases", "spend", "purchase_rate", "first_event", "last_event"]
SUMS = ["events", "purchases", "spend"]
MEANS = ["age", *SUMS, "purchase_rate"]
DAY = pd.Timedelta(days=1)


# --- loads: what is handed to a learner's checks ----------------------------------------------------------------


@dataclass(frozen=True)
class Load:
    """A stored table with its source as received and the table of the day before."""

    loaded: Rows
    users: Rows
    events: Rows
    yesterday: Rows
    as_of: pd.Timestamp


def _features(users: Rows, events: Rows, before: pd.Timestamp) -> Rows:
    """The table that a sound run stores, by the definitions that the learner reads."""
    valid = users[(users["age"] >= 0) & (users["age"] <= 120)].set_index("user_id")
    once = events[(events["timestamp"] < before) & ~events["event_id"].duplicated()]
    once = once[once["user_id"].isin(valid.index)]
    bought = once[once["event_type"] == "purchase"]
    table = pd.DataFrame({"age": valid["age"], "country": valid["country"].fillna("Unknown")})
    table["events"] = once["user_id"].value_counts().reindex(valid.index, fill_value=0)
    table["purchases"] = bought["user_id"].value_counts().reindex(valid.index, fill_value=0)
    table["spend"] = bought.groupby("user_id")["amount"].sum().reindex(valid.index, fill_value=0.0)
    table["purchase_rate"] = table["purchases"] / table["events"].where(table["events"] > 0)
    times = once.groupby("user_id")["timestamp"]
    table["first_event"], table["last_event"] = times.min(), times.max()
    return table.reset_index()[COLUMNS]


def _load(
    worlds: Worlds,
    name: str,
    users: int = 40,
    events: int = 240,
    *,
    days: int = 60,
    plain: bool = True,
    growth: tuple[float, float] = (0.97, 1.045),
    **faults: int,
) -> Load:
    """A sound load: the first world of this name in which no more has changed since yesterday than the bounds allow.

    Means have changed little as well: whoever compares those, as the lesson does, is not to be alarmed either.
    A plain one has users with events only, and amounts in whole euros, so that sums are exact in any order. Further
    faults of the source are given by their names with `__` for the dot.
    """
    planted = {fault.replace("__", "."): count for fault, count in faults.items()}
    for attempt in range(200):
        world = worlds.make(
            f"quality {name} {attempt}", users=users, events=events, faults=planted, days=days, products=10
        )
        load = _made(world, plain)
        today, before = load.loaded, load.yesterday
        change = today[SUMS].sum() / before[SUMS].sum()
        means = today[MEANS].mean() / before[MEANS].mean()
        if (
            change.between(*growth).all()
            and means.between(0.87, 1.19).all()
            and load.as_of - today["last_event"].max() < 0.9 * DAY
        ):
            return load
    raise RuntimeError(f"no sound world for {name!r}")


def _aged(load: Load, *ages: int) -> Load:
    """The load with these ages for the first users of the table, wherever their age stands."""
    new = dict(zip(load.loaded["user_id"], ages, strict=False))
    loaded, users, yesterday = (
        table.assign(age=table["user_id"].map(new).fillna(table["age"]).astype("int64"))
        for table in (load.loaded, load.users, load.yesterday)
    )
    return replace(load, loaded=loaded, users=users, yesterday=yesterday)


@lru_cache(maxsize=64)  # a class is judged on the same worlds; nothing here changes a load
def _made(world: World, plain: bool) -> Load:
    people, happened = world.users[USER_COLUMNS], world.events[EVENT_COLUMNS]
    if plain:
        people = people[people["user_id"].isin(happened["user_id"])].reset_index(drop=True)
        happened = happened.assign(amount=np.ceil(happened["amount"]))
    today, before = (_features(people, happened, moment) for moment in (world.as_of, world.as_of - DAY))
    return Load(today, people, happened, before, world.as_of)


# --- what every check of a learner's checks asks ----------------------------------------------------------------


def _found(answer: Answer, load: Load, which: str) -> list[str]:
    """The problems that the learner's checks found, as short texts."""
    try:
        found = answer(load.loaded, load.users, load.events, load.yesterday, load.as_of)
    except AnswerError as e:
        if e.kind != "raised":
            raise
        raise Incorrect(
            f"An exception instead of a list, on this load: {which}.",
            expected="a list of problems, whatever the table looks like",
            got=e.detail,
        ) from None
    if isinstance(found, pd.DataFrame):
        return [str(row)[:90] for row in found.to_dict("records")]
    if isinstance(found, (list, tuple, set, frozenset, dict, pd.Series, pd.Index)):
        return [str(problem)[:90] for problem in found]
    if isinstance(found, np.ndarray):
        return [str(problem)[:90] for problem in found.ravel()]
    got = "None. Does every path through the function end with `return`?" if found is None else expect.kind_of(found)
    raise Incorrect("Expected a list of problems.", expected="a list, empty if nothing is wrong", got=got)


def _expect_silence(answer: Answer, load: Load, which: str) -> None:
    """A sound load raises no alarm."""
    if found := _found(answer, load, which):
        raise Incorrect(
            f"False alarm on a sound load: {which}.",
            expected="an empty list",
            got="; ".join(found[:3]),
            evidence={"The table, all of it as defined": load.loaded, "Sums today and yesterday": _sums(load)},
        )


def _expect_caught(answer: Answer, sound: Load, faulty: Mapping[str, Load]) -> None:
    """Each faulty load raises an alarm, and the sound one that they were made from does not.

    Whoever remembers the sound one gains nothing: the faulty ones come to a function that has not seen it.
    """
    _expect_silence(answer, sound, "the one into which faults are planted next")
    answer.restart()
    missed = [what for what, load in faulty.items() if not _found(answer, load, what)]
    if missed:
        raise Incorrect(
            f"No alarm although {missed[0]}.",
            expected=f"at least one problem for each of {len(faulty)} planted faults",
            got=f"{len(faulty) - len(missed)} of {len(faulty)} caught; missed: {'; '.join(missed)}",
            evidence=_difference(sound, faulty[missed[0]]),
        )


def _difference(sound: Load, faulty: Load) -> dict[str, Rows]:
    """What a learner should look at: the changed rows of the table, or its sums if it is as the source is."""
    if faulty.events is not sound.events:
        return {"Sums today and yesterday": _sums(faulty)}
    shared = [name for name in COLUMNS if name in faulty.loaded]
    if len(shared) < len(COLUMNS):
        return {"A sound table": sound.loaded.head(2), "The table as loaded": faulty.loaded.head(2)}
    rows = {id(load): expect.plain_rows(load.loaded, COLUMNS) for load in (sound, faulty)}
    pieces = []
    for mine, other in ((sound, faulty), (faulty, sound)):
        theirs = set(rows[id(other)])
        pieces.append(mine.loaded[[row not in theirs for row in rows[id(mine)]]])
    if len(pieces[0]) and len(pieces[1]):
        changed = [
            name for name in COLUMNS[1:] if list(pieces[0][name].astype(str)) != list(pieces[1][name].astype(str))
        ]
        pieces = [piece[["user_id", *changed]] for piece in pieces]
    titles = ("Sound rows that are not in the table", "Rows that are in it and are not sound")
    shown = {title: piece for title, piece in zip(titles, pieces, strict=True) if len(piece)}
    twice = faulty.loaded[faulty.loaded["user_id"].duplicated(keep=False)]
    return shown or {"Rows in it more than once": twice.sort_values("user_id")}


def _sums(load: Load) -> Rows:
    today, before = (table[SUMS].sum() for table in (load.loaded, load.yesterday))
    rows = {"today": today, "yesterday": before}
    newest = {"today": load.loaded["last_event"].max(), "yesterday": load.yesterday["last_event"].max()}
    return pd.DataFrame(
        [
            {"table": day, **sums.round(2), "newest event": newest[day], "as_of": load.as_of}
            for day, sums in rows.items()
        ]
    )


# --- quality.recap ----------------------------------------------------------------------------------------------

lost_events = question(
    "quality.recap",
    "1",
    "200 events came in; 180 are valid, 12 in quarantine, 5 are duplicates. What does that say of the run?",
    right="c",
    wrong={
        "a": "The shares are low, but 180 + 12 + 5 is 197. Each row that comes in must end in exactly one place.",
        "b": "A row that breaks two rules is one row in quarantine. It makes no row go missing.",
        "d": "Duplicates are counted already, under their own name. The three rows are in none of the places.",
    },
    points=0.5,
    hints=[
        "Where can a received row end? Add up the places.",
        "rows in = valid + quarantined + duplicates. Does it hold here?",
        "200 - (180 + 12 + 5) = ...",
    ],
)
no_events = question(
    "quality.recap",
    "2",
    "A user has no events. What is this user's purchase_rate, purchases per event?",
    right="b",
    wrong={
        "a": "0 says: there were visits, and nobody bought. Here there was no visit, so 0 / 0 is unknown.",
        "c": "The user is valid and belongs in the table. Only the rate is unknown, and a left join keeps the row.",
        "d": "A mean that is filled in looks like a measurement and hides that nothing was measured.",
    },
    points=0.5,
    hints=[
        "Which two numbers are divided, and what are they for this user?",
        "Zero is a claim about visits that took place. Were there any?",
        "0 / 0 in pandas gives ...",
    ],
)


# --- quality.find_problems --------------------------------------------------------------------------------------


@check(
    "quality.find_problems",
    points=1,
    hints=[
        "Which of your rules does a sound table break? The first problem that your function returned names it.",
        "Rates and times are missing for users without events, and missing == missing is not true. Spend may differ in "
        "the last digits. The source holds copies of events, and users whose age puts them in quarantine.",
        "both_missing = a.isna() & b.isna();  same = (a - b).abs() < ...;  events.drop_duplicates(...)",
    ],
)
def silent_on_sound_loads(answer: Answer, worlds: Worlds) -> None:
    """Sound loads of several sizes raise no alarm."""
    received = {"users__missing_country": 5, "users__age_negative": 2, "users__age_too_high": 2}
    copies = {"events__duplicate_exact": 9}
    odd = _aged(_load(worlds, "odd", 60, 150, days=30, plain=False, growth=(0.84, 1.19), **received, **copies), 0, 120)
    order = worlds.rng("quality order").permutation(len(odd.loaded))
    noise = odd.loaded["spend"] * (1 + 1e-10)
    shuffled = replace(odd, loaded=odd.loaded.assign(spend=noise).iloc[order])
    growing = _load(worlds, "growing", 60, 300, days=8, growth=(1.08, 1.19))
    before = growing.yesterday
    new = before.sort_values(["spend", "events"]).index[:3]  # users with hardly a part in the sums
    newcomers = replace(growing, yesterday=before.drop(index=new).reset_index(drop=True))
    sounds = {
        "12 users, 160 events": _load(worlds, "small", 12, 160, days=30, growth=(0.87, 1.15)),
        "200 users, 900 events": _load(worlds, "large", 200, 900, days=30, growth=(0.87, 1.15)),
        "copies of events and impossible ages in the source, ages 0 and 120, users without events": odd,
        "the rows in another order, and spend with a rounding error in its last digits": shuffled,
        "a busy day: the sums are up to a fifth above yesterday's, and three users are new": newcomers,
    }
    for which, load in sounds.items():
        _expect_silence(answer, load, which)


@check(
    "quality.find_problems",
    points=1,
    hints=[
        "Which users should be in the table? Whom do you ask: the table, or the source?",
        "The ids of the source whose age is from 0 to 120 are the ones that are wanted, each once. Equal numbers of "
        "rows do not show that they are the same users.",
        "wanted = set(users.loc[users['age'].between(...), 'user_id']);  set(loaded['user_id']) == ...",
    ],
)
def catches_wrong_users(answer: Answer, worlds: Worlds) -> None:
    """Users who are lost, doubled, or should be in quarantine raise an alarm."""
    sound = _load(worlds, "users", 50, users__age_negative=3, users__age_too_high=3)
    table, n = sound.loaded, len(sound.loaded)
    allowed = sound.users.assign(age=sound.users["age"].clip(0, 120))
    everybody = _features(allowed, sound.events, sound.as_of).drop(columns="age")
    real_ages = everybody.merge(sound.users[["user_id", "age"]], on="user_id")[COLUMNS]
    strange = table["user_id"].where(table.index != n // 3, 100_000)
    tables = {
        "one user stands under an id that the source does not have": table.assign(user_id=strange),
        "one user is in the table twice": pd.concat([table, table.iloc[[n // 2]]]),
        "one user is missing, and another is there twice in the same number of rows": table.iloc[[*range(1, n), 1]],
        "users with an age above 120 are in it": real_ages[real_ages["age"] >= 0],
        "a rule too strict has put all users above 65 into quarantine": table[table["age"] <= _old(table)],
    }
    _expect_caught(answer, sound, _with(sound, tables))


def _old(table: Rows) -> int:
    """65, or less if nobody is older."""
    return min(65, int(table["age"].max()) - 1)


@check(
    "quality.find_problems",
    points=0.75,
    hints=[
        "How many different events of valid users are in the source, and how many does the table count?",
        "Count the source yourself, each event_id once, and compare user by user. Numbers must be equal, not nearly "
        "equal.",
        "events.drop_duplicates('event_id').groupby('user_id').size()   # against loaded['events']",
    ],
)
def catches_wrong_events(answer: Answer, worlds: Worlds) -> None:
    """Events that are lost, counted twice, or counted for another user raise an alarm."""
    sound = _load(worlds, "events", events__duplicate_exact=12)
    events = sound.events
    made_twice = events["event_id"].duplicated(keep=False)
    twice = events.assign(event_id=np.arange(len(events)))  # as if each copy were an event of its own
    table = sound.loaded
    user = table["user_id"].iloc[int(table["events"].to_numpy().argmax())]
    of_user = events[(events["user_id"] == user) & (events["event_type"] != "purchase") & ~made_twice]
    one_less = events.drop(index=of_user.index[:1]) if len(of_user) else events.iloc[:-1]
    fewer = table["purchases"] - (table.index == table["purchases"].idxmax())
    counted = ["events", "purchases", "purchase_rate"]
    others = table.assign(**{name: np.roll(table[name].to_numpy(), 1) for name in counted})
    tables = {
        "copies of events are counted twice": _features(sound.users, twice, sound.as_of),
        "one single event is lost": _features(sound.users, one_less, sound.as_of),
        "one purchase is not counted as one": table.assign(purchases=fewer, purchase_rate=fewer / table["events"]),
        "each user has the numbers of events of another, with the totals unchanged": others,
    }
    _expect_caught(answer, sound, _with(sound, tables))


@check(
    "quality.find_problems",
    points=1,
    hints=[
        "How many euros are in the source, and how many in the table? And does each user have their own?",
        "A sum over everything finds money that is lost. It is blind to money that stands with another user: compare "
        "user by user.",
        "bought.groupby('user_id')['amount'].sum()   # against loaded.set_index('user_id')['spend']",
    ],
)
def catches_wrong_money(answer: Answer, worlds: Worlds) -> None:
    """Spend that is not what the user's purchases add up to raises an alarm."""
    sound = _load(worlds, "money")
    spend = sound.loaded["spend"]
    buyers = spend > 0
    one_less = spend.where(spend.index != spend[buyers].idxmin(), spend - 0.1)
    others = spend.copy()
    others[buyers] = np.roll(spend[buyers].to_numpy(), 1)
    tables = {
        "one user has spent 0.10 EUR less than the source says": sound.loaded.assign(spend=one_less),
        "each buyer has the spend of another, with the total unchanged": sound.loaded.assign(spend=others),
    }
    _expect_caught(answer, sound, _with(sound, tables))


@check(
    "quality.find_problems",
    points=0.25,
    hints=[
        "Which columns does none of your rules look at yet?",
        "Age and country are copied from `users`, and a copy can be wrong too. Only for a country that is missing "
        "there the table says something else.",
        "valid['country'].fillna(...)   # against loaded.set_index('user_id')['country']",
    ],
)
def catches_wrong_profiles(answer: Answer, worlds: Worlds) -> None:
    """A wrong age or country raises an alarm, even if it is one user's."""
    sound = _load(worlds, "profiles", users__missing_country=6)
    table = sound.loaded
    age, country = table["age"], table["country"]
    third, real = table.index == 2, country[country != "Unknown"].index[0]
    tables = {
        "missing countries are left empty": table.assign(country=country.where(country != "Unknown")),
        "one user has the country of another": table.assign(
            country=country.where(table.index != real, "FR" if country[real] == "DE" else "DE")
        ),
        "one user's age is another than in the source": table.assign(age=age.where(~third, 30 + (age[2] == 30))),
    }
    _expect_caught(answer, sound, _with(sound, tables))


@check(
    "quality.find_problems",
    points=0.5,
    hints=[
        "A rate between 0 and 1 is possible. Is it true?",
        "A rate follows from two other columns, and is missing without events. Both times are in the source, user by "
        "user.",
        "(loaded['purchases'] / loaded['events'] - loaded['purchase_rate']).abs().max() ...",
    ],
)
def catches_wrong_rates_and_times(answer: Answer, worlds: Worlds) -> None:
    """A wrong rate or time raises an alarm, even if it is one user's; so does a 0 where a rate is unknown."""
    sound = _load(worlds, "values")
    table = sound.loaded
    rate, first, last = table["purchase_rate"], table["first_event"], table["last_event"]
    bought, several = rate.idxmax(), (last - first).idxmax()
    hour = pd.Timedelta(hours=1)
    tables = {
        "one user's purchase_rate is half of what it should be": table.assign(
            purchase_rate=rate.where(table.index != bought, rate / 2)
        ),
        "one user's first_event is an hour late": table.assign(
            first_event=first.where(table.index != several, first + hour)
        ),
        "one user's last_event is an hour early": table.assign(
            last_event=last.where(table.index != several, last - hour)
        ),
    }
    _expect_caught(answer, sound, _with(sound, tables))
    # whoever alarms on users without events is told so by the check of sound loads, and loses nothing here
    quiet = _load(worlds, "quiet", 60, 150, plain=False, growth=(0.84, 1.19))
    zero = replace(quiet, loaded=quiet.loaded.fillna({"purchase_rate": 0.0}))
    if not _found(answer, zero, "a rate of 0 for users without events"):
        raise Incorrect(
            "No alarm although purchase_rate is 0 for users without events, where it should be missing.",
            expected="at least one problem",
            got="an empty list",
            evidence={"Users without events, as loaded": zero.loaded[zero.loaded["events"] == 0]},
        )


@check(
    "quality.find_problems",
    points=0.5,
    hints=[
        "What does your first line do when the column that it needs is not there?",
        "Look at the names and the dtypes before anything is computed, and return at once if they are wrong.",
        "if not pd.api.types.is_numeric_dtype(loaded[name]): ...   # and is_datetime64_any_dtype for times",
    ],
)
def catches_a_wrong_schema(answer: Answer, worlds: Worlds) -> None:
    """A column that is missing, renamed, or holds text for numbers or times raises an alarm, and no exception."""
    sound = _load(worlds, "schema")
    table = sound.loaded
    tables = {
        "the column country is missing": table.drop(columns="country"),
        "the column spend is called spend_eur": table.rename(columns={"spend": "spend_eur"}),
        "spend is text": table.assign(spend=table["spend"].astype("str")),
        "last_event is text": table.assign(last_event=table["last_event"].astype("str")),
    }
    _expect_caught(answer, sound, _with(sound, tables))


@check(
    "quality.find_problems",
    points=0.5,
    hints=[
        "The table agrees with its source in every row. How could you still notice that the source has stopped?",
        "How long before as_of is the newest event of all? On a sound day it is less than one day.",
        "as_of - loaded['last_event'].max() > ...",
    ],
)
def catches_a_source_that_stopped(answer: Answer, worlds: Worlds) -> None:
    """A source that has sent nothing new for three days raises an alarm, although table and source agree."""
    sound = _load(worlds, "stopped")
    until = sound.as_of - 3 * DAY
    old = sound.events[sound.events["timestamp"] < until].reset_index(drop=True)
    table = _features(sound.users, old, sound.as_of)
    # one user is new, so that today's table is not simply yesterday's
    before = table.drop(index=table.sort_values(["spend", "events"]).index[0]).reset_index(drop=True)
    stopped = replace(sound, loaded=table, events=old, yesterday=before)
    _expect_caught(answer, sound, {"no event is from the last three days": stopped})


@check(
    "quality.find_problems",
    points=0.5,
    hints=[
        "The table agrees with its source, and the source is wrong. What else do you have to compare with?",
        "Set the sums of events, purchases and spend beside yesterday's. A sound day stays within 0.8 to 1.25 times.",
        "ratio = loaded['spend'].sum() / yesterday['spend'].sum();  if not 0.8 <= ratio <= ...",
    ],
)
def catches_a_source_that_shifted(answer: Answer, worlds: Worlds) -> None:
    """A source that sends other amounts, types or numbers of events raises an alarm, although the table agrees."""
    sound = _load(worlds, "shifted")
    events = sound.events
    kind = events["event_type"]
    looks = events[kind != "purchase"]
    again = [looks.assign(event_id=looks["event_id"] + f"-{n}") for n in range(4)]
    sources = {
        "the source now sends amounts in cents": events.assign(amount=events["amount"] * 100),
        "the source sends a quarter of the events": events.iloc[::-4].iloc[::-1].reset_index(drop=True),
        "the source calls a purchase a buy": events.assign(event_type=kind.replace("purchase", "buy")),
        "the source calls every event a purchase, at 0 EUR": events.assign(event_type="purchase"),
        "the source sends each view, search and so on five times, each with an event_id of its own": pd.concat(
            [events, *again], ignore_index=True
        ),
    }
    faulty = {
        what: replace(sound, loaded=_features(sound.users, rows, sound.as_of), events=rows)
        for what, rows in sources.items()
    }
    _expect_caught(answer, sound, faulty)


def _with(sound: Load, tables: Mapping[str, Rows]) -> dict[str, Load]:
    """The sound load with each of these tables in place of its own."""
    return {what: replace(sound, loaded=table.reset_index(drop=True)) for what, table in tables.items()}
