"""Checks of lesson 10: counts that must add up, seconds per stage, unknown against zero, and an honest report."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd

from autograder import expect
from autograder.checking import Incorrect, check
from autograder.quiz import question
from autograder.seam import Answer, Clock
from autograder.worlds import Worlds
from data_generators import World

# --- recap -------------------------------------------------------------------------------------------------

question_1 = question(
    "metrics.recap",
    "1",
    "8 of 100 events have an unknown type, 5 a negative amount, 3 of these have both: how many rows are quarantined?",
    right="b",
    wrong={
        "a": "13 is the number of broken rules. The 3 events that break both are counted twice in it.",
        "c": "Leaving out the 3 events that break both would lose them. They are quarantined too, once each.",
        "d": "Only 3 events break both rules, but one broken rule is enough.",
    },
    points=0.5,
    hints=[
        "Is the question about rows or about broken rules?",
        "Draw two circles that overlap: 8 in one, 5 in the other, 3 in both.",
        "Rows in at least one circle: 8 + 5 - ...",
    ],
)

question_2 = question(
    "metrics.recap",
    "2",
    "`valid` has the amounts >= 0, `quarantined` those < 0; how many of [12.5, NaN, -3.0, 0.0] are in either?",
    right="c",
    wrong={
        "a": "`NaN >= 0` and `NaN < 0` are both False, so the NaN row is in neither table.",
        "b": "0.0 >= 0 is True: the row with 0.0 is valid.",
        "d": "pandas compares NaN without an error: the result is False.",
    },
    points=0.5,
    hints=[
        "What does a comparison with NaN return?",
        "Ask for each of the four values: is it >= 0, is it < 0, is it neither?",
        "`amounts >= 0` is [True, ..., False, True]; `amounts < 0` is [False, ..., True, False].",
    ],
)

question_3 = question(
    "metrics.recap",
    "3",
    "Four rows have the ids A, A, A, B: how many duplicates does keeping one row per id set aside?",
    right="b",
    wrong={
        "a": "3 rows share their id, but one of them is kept. `duplicated(keep=False)` marks all 3.",
        "c": "One id occurs more than once, but the question is about rows: A has two copies too many.",
        "d": "B occurs once and one A is kept, so not every row goes.",
    },
    points=0.5,
    hints=[
        "Which rows are left in the end?",
        "One row per id is left: how many ids are there?",
        "4 rows - ... rows that stay.",
    ],
)

# --- pipeline_metrics --------------------------------------------------------------------------------------

STAGES = ("validate", "deduplicate", "enrich")
NAMES = (
    "rows_in",
    "quarantined",
    "quarantined_by_reason",
    "duplicates",
    "rows_out",
    "unaccounted",
    "users",
    "purchase_rate",
    "seconds",
)


@check(
    "metrics.pipeline_metrics",
    points=0.25,
    hints=[
        "What does your function hand back when it is done?",
        "It ends with one `return` of a dict whose keys are the names in the docstring.",
        'return {"rows_in": ..., "quarantined": ..., }',
    ],
)
def returns_metrics(answer: Answer, worlds: Worlds) -> None:
    """On a sound batch the function returns a dict of metrics."""
    world = worlds.make("sound")
    metrics = _metrics(answer, world.events, world.products)
    if not any(name in metrics for name in NAMES):
        raise Incorrect(
            "None of the metrics is in the dict.",
            expected=f"the keys {', '.join(NAMES)}",
            got=_keys(metrics),
        )


@check(
    "metrics.pipeline_metrics",
    points=0.5,
    needs=returns_metrics,
    hints=[
        "At which moment are all rows still there?",
        "Count before the first stage, and count rows: not ids, and not the values of a column that may be missing.",
        'metrics["rows_in"] = len(...)',
    ],
)
def counts_rows_received(answer: Answer, worlds: Worlds) -> None:
    """`rows_in` counts every row received, before any stage."""
    world = worlds.make(
        "received",
        faults={"events.duplicate_exact": 6, "events.amount_missing": 5, "events.missing_user_id": 8},
    )
    events = world.events
    got = _count(_metrics(answer, events, world.products), "rows_in")
    if got != len(events):
        beliefs = {
            len(events) - 6: "It was counted without the duplicates.",
            len(events) - 5: "It was counted without the quarantined rows.",
            len(events) - 11: "It was counted without the quarantined rows and the duplicates.",
            len(events) - 8: "It was counted without the rows of guests: `count` leaves out missing values.",
        }
        _not_equal("rows_in", len(events), got, beliefs, _received(world))
    lossy = _lossy(worlds)
    got, right = _count(_metrics(answer, lossy.events, lossy.products), "rows_in"), len(lossy.events)
    if got != right:
        beliefs = {right - 6: "It equals rows_out + quarantined + duplicates. `enrich` lost 6 rows, and this hides it."}
        _not_equal("rows_in", right, got, beliefs, _received(lossy))


@check(
    "metrics.pipeline_metrics",
    points=0.75,
    shrinks=False,
    needs=returns_metrics,
    hints=[
        "A purchase of -5.00 breaks two rules. How many rows is it?",
        "`validate` returns the quarantined rows, each of them once. Count those rows, not their reasons.",
        'metrics["quarantined"] = len(...)',
    ],
)
def counts_each_quarantined_row_once(answer: Answer, worlds: Worlds) -> None:
    """`quarantined` counts rows: one that breaks two rules is one row, and a duplicate is not among them."""
    world, events, rows, _ = _quarantine(worlds)
    got = _count(_metrics(answer, events, world.products), "quarantined")
    if got == rows:
        return
    ids = rows - 2
    beliefs = {
        rows + 6: "It adds up the reasons, so that a row with two reasons counts twice.",
        rows + 8: "It adds up the reasons, so that a row with two reasons counts twice.",
        rows + 7: "Duplicates are counted as quarantined as well.",
        ids: "Distinct ids were counted; two of the quarantined events were received twice, and each copy is a row.",
        rows - 4: "Rows without an amount are left out: `count` leaves out missing values.",
        3: "Kinds of reasons were counted instead of rows.",
    }
    _not_equal("quarantined", rows, got, beliefs, _received(world, again=2))


@check(
    "metrics.pipeline_metrics",
    points=0.75,
    shrinks=False,
    needs=returns_metrics,
    hints=[
        "The text `amount_negative;purchase_not_paid` names how many reasons?",
        "Split each text in `reasons` at the semicolon, give every reason a row of its own, then count.",
        'quarantined["reasons"].str.split(";").explode()...to_dict()',
    ],
)
def counts_rows_by_reason(answer: Answer, worlds: Worlds) -> None:
    """`quarantined_by_reason` gives for each reason the rows that have it; a row with two counts under both."""
    world, events, _, by_reason = _quarantine(worlds)
    value = _metric(_metrics(answer, events, world.products), "quarantined_by_reason")
    counts = {str(k).strip(): v for k, v in _as_dict(value, "quarantined_by_reason").items()}
    got = {k: _number(v, f"quarantined_by_reason[{k!r}]") for k, v in counts.items()}
    if {k: v for k, v in got.items() if v or k in by_reason} == by_reason:
        return
    if any(len(expect.names_in(k)) > 1 for k in got):
        rationale = "A row with two reasons has a key of its own; it belongs under each of its two reasons."
    elif any(re.search("[;, ]", k) for k in got):
        rationale = "The reasons were not split cleanly: a separator is left in a name."
    elif missing := [k for k in by_reason if k not in got]:
        rationale = f"The reason {missing[0]} is missing."
    elif got.get("purchase_not_paid") == by_reason["purchase_not_paid"] - by_reason["amount_negative"]:
        rationale = "Only the first reason of each row was counted."
    else:
        rationale = "The counts differ."
    names = [*by_reason, *(k for k in got if k not in by_reason)]
    evidence = pd.DataFrame(
        {"reason": names, "expected": [by_reason.get(k, 0) for k in names], "got": [got.get(k) for k in names]}
    )
    raise Incorrect(rationale, evidence={"rows by reason": evidence})


@check(
    "metrics.pipeline_metrics",
    points=0.5,
    shrinks=False,
    needs=returns_metrics,
    hints=[
        "Which stage decides that a row is a duplicate, and what does it return?",
        "Count the rows that `deduplicate` set aside. Copies of quarantined rows never reach it.",
        'metrics["duplicates"] = len(...)',
    ],
)
def counts_duplicates(answer: Answer, worlds: Worlds) -> None:
    """`duplicates` counts the rows that deduplication set aside: no original, and nothing already quarantined."""
    faults = {"events.duplicate_exact": 5, "events.duplicate_newer": 4, "events.amount_missing": 3}
    world = worlds.make("duplicates", faults=faults)
    # the source sends rows again: all quarantined ones, and two of which there were two already
    again = [*_rows(world, "events.amount_missing"), *_rows(world, "events.duplicate_exact")[:2]]
    events = _redelivered(world, again)
    got = _count(_metrics(answer, events, world.products), "duplicates")
    right = 5 + 4 + 2
    if got == right:
        return
    beliefs = {
        right + 3: "Copies of quarantined rows are counted as well; they are in `quarantined` already.",
        right - 4: "Only whole-row copies are counted; a newer correction has the same id and other values.",
        9: "Ids were counted instead of rows; one event may arrive three times.",
        **dict.fromkeys((20, 26), "The copies that are kept are counted too, as `duplicated(keep=False)` does."),
        0: "No duplicate is counted.",
    }
    _not_equal("duplicates", right, got, beliefs, _received(world, again=5))


@check(
    "metrics.pipeline_metrics",
    points=1.0,
    shrinks=False,
    needs=returns_metrics,
    hints=[
        "Which table leaves the pipeline? Did you count that one?",
        "Count the rows that `enrich` returns. A number worked out from the others would always add up.",
        'metrics["rows_out"] = len(what the last stage returned)',
    ],
)
def counts_rows_delivered(answer: Answer, worlds: Worlds) -> None:
    """`rows_out` is counted on what the last stage returns, so rows that a stage loses or doubles show."""
    world = _lossy(worlds)
    got = _count(_metrics(answer, world.events, world.products), "rows_out")
    right = len(world.events) - 3 - 4 - 6
    if got != right:
        beliefs = {
            right + 6: "It equals rows_in - quarantined - duplicates. `enrich` lost 6 rows, and this number hides it.",
            right - 8: "The rows of guests are left out: `count` leaves out missing values.",
            right + 4 + 6: "The rows were counted after the first stage.",
            right + 3 + 4 + 6: "These are the rows received.",
        }
        _not_equal("rows_out", right, got, beliefs, _received(world))
    world, gained = _doubling(worlds)
    got = _count(_metrics(answer, world.events, world.products), "rows_out")
    right = len(world.events) + gained
    if got != right:
        beliefs = {
            right - gained: "The catalogue lists two products twice, so `enrich` returned more rows than went in. "
            "This number hides it.",
        }
        _not_equal("rows_out", right, got, beliefs, {"products listed twice": _listed_twice(world)})


@check(
    "metrics.pipeline_metrics",
    points=0.5,
    needs=returns_metrics,
    hints=[
        "If no row got lost, what is rows_in minus everything else?",
        "Subtract all three counts from `rows_in`. Keep the sign: below zero means that rows were added.",
        'metrics["unaccounted"] = rows_in - (... + ... + ...)',
    ],
)
def shows_rows_unaccounted_for(answer: Answer, worlds: Worlds) -> None:
    """`unaccounted` is rows_in - (rows_out + quarantined + duplicates): positive for lost rows, negative for added."""
    lossy, (doubling, gained) = _lossy(worlds), _doubling(worlds)
    for world, true in ((lossy, 6), (doubling, -gained), (worlds.make("sound"), 0)):
        metrics = _metrics(answer, world.events, world.products)
        got = _count(metrics, "unaccounted")
        # Judged by the learner's own counts, so that one wrong count costs its own check only.
        own = [expect.plain(metrics.get(name)) for name in ("rows_in", "rows_out", "quarantined", "duplicates")]
        numbers = [n for n in own if isinstance(n, float)]
        right, terms = float(true), "rows_in - (rows_out + quarantined + duplicates)"
        if len(numbers) == len(own):
            right = numbers[0] - sum(numbers[1:])
            terms = "{:g} - ({:g} + {:g} + {:g})".format(*numbers)
        if got not in (right, true):
            rationale = "`unaccounted` is not the difference of the counts."
            if got == 0:
                rationale = "The counts do not add up, but `unaccounted` says that they do."
            elif got == -right:
                rationale = (
                    "The sign is lost: more rows came out than went in."
                    if right < 0 < got
                    else "The sign is turned round: lost rows count above zero, added rows below."
                )
            raise Incorrect(rationale, expected=f"{terms} = {right:g}", got=f"{got:g}")


@check(
    "metrics.pipeline_metrics",
    points=0.75,
    needs=returns_metrics,
    hints=[
        "How often do you read the clock, and which clock is it?",
        "Read the clock that was passed in right before and right after each stage, and keep the difference.",
        'start = clock(); ... = validate(events); seconds["validate"] = clock() - ...',
    ],
)
def times_every_stage(answer: Answer, worlds: Worlds) -> None:
    """`seconds` has each stage by name, measured with the clock that was passed in, in seconds and not rounded."""
    world, rng = worlds.make("sound"), worlds.rng("clock")
    # Coarse steps first, so that the message is about the mistake; then one that rounding would spoil.
    for step in (int(rng.integers(11, 40)) / 16, 2.0**-11):
        clock = Clock(start=float(rng.integers(1_000, 9_000)), step=step)
        seconds = _seconds(_by_name(answer(world.events, world.products, clock)))
        wrong = [stage for stage in STAGES if abs(seconds[stage] - step) > 1e-6]
        if not wrong:
            continue
        values = [seconds[stage] for stage in STAGES]
        evidence = pd.DataFrame({"stage": STAGES, "expected": [step] * 3, "got": values})
        raise Incorrect(
            _clock_mistake(values, step),
            expected=f"{step:g} for each stage: this clock moves on by {step:g} s each time it is read",
            got=", ".join(f"{v:g}" for v in values),
            evidence={"seconds": evidence},
        )


@check(
    "metrics.pipeline_metrics",
    points=0.25,
    shrinks=False,
    needs=times_every_stage,
    hints=[
        "What happens between your two readings of the clock?",
        "The stage itself must run between the two readings; `clock` is `time.perf_counter` unless another is passed.",
        "start = clock(); the stage; stop = clock()",
    ],
)
def times_the_work(answer: Answer, worlds: Worlds) -> None:
    """Without a clock of the caller's, `time.perf_counter` measures the stages at work."""
    # nearly every row is quarantined, which makes validate by far the longest stage
    world = worlds.make("work", events=2_000, faults={"events.unknown_event_type": 1_900})
    for _ in range(3):
        seconds = _seconds(_by_name(answer(world.events, world.products)))
        if max(seconds, key=lambda stage: seconds[stage]) == "validate":
            break  # else once more: another program may have held up a stage
    for stage in STAGES:
        if seconds[stage] < 2e-5:
            raise Incorrect(
                f"Hardly any time passed between the two readings for {stage}: the stage did not run between them.",
                expected="at least 0.00002 s",
                got=f"{seconds[stage]:g} s",
            )
    # Time since 1970 is so large that a float holds it in steps of 2**-22 s; a monotonic clock's steps are finer.
    if all((seconds[stage] * 2**22).is_integer() for stage in STAGES):
        raise Incorrect(
            "These seconds come from the time of day, `time.time`, which may be set back in the middle of a stage.",
            expected="`clock=time.perf_counter` as the default",
            got="durations that are all multiples of 2**-22 s, the steps of `time.time`",
        )
    if (longest := max(STAGES, key=lambda stage: seconds[stage])) != "validate":
        raise Incorrect(
            "The seconds stand under wrong names: validate takes longest when nearly every row is quarantined.",
            expected="most seconds under validate",
            got=f"most seconds under {longest}",
        )


@check(
    "metrics.pipeline_metrics",
    points=0.25,
    needs=returns_metrics,
    hints=[
        "How many users are there in [10, 20, 20, None]?",
        "`size` counts rows, `count` the values that are not missing, `nunique` the different ones among those.",
        '...["user_id"].nunique()',
    ],
)
def counts_known_users(answer: Answer, worlds: Worlds) -> None:
    """`users` counts the distinct known users among the rows out; guests have no user_id and are none."""
    world = worlds.make("users", users=30, faults={"events.missing_user_id": 12, "events.unknown_product": 3})
    lost = _rows(world, "events.unknown_product")
    # one user is known only from a row that `enrich` loses
    gone = world.events["user_id"].iloc[lost[0]]
    keep = (world.events["user_id"] != gone) | (world.events.index == lost[0])
    events = world.events[keep]
    delivered = events.drop(index=lost, errors="ignore")["user_id"]
    got = _count(_metrics(answer, events, world.products), "users")
    if got == (right := delivered.nunique()):
        return
    beliefs = {
        right + 1: "One too many: a missing user_id counts as a user, or the users were counted before the last stage.",
        delivered.size: "Rows were counted, as `size` and `len` do.",
        delivered.count(): "Rows with a user_id were counted, as `count` does.",
    }
    _not_equal("users", right, got, beliefs, {})


@check(
    "metrics.pipeline_metrics",
    points=0.25,
    shrinks=False,
    needs=returns_metrics,
    hints=[
        "Should a user with one event, a purchase, weigh as much as a user with 50 events?",
        "Divide two sums over all rows out: the purchases, and the rows.",
        '(enriched["event_type"] == ...).sum() / ...',
    ],
)
def divides_sum_by_sum(answer: Answer, worlds: Worlds) -> None:
    """`purchase_rate` is all purchases among the rows out, divided by all rows out."""
    faults = {"events.amount_missing": 4, "events.missing_user_id": 8, "events.unknown_product": 8}
    world = worlds.make("rates", users=8, faults=faults)
    special = {fault: world.events.loc[_rows(world, fault)] for fault in faults}
    sound = world.events.drop(index=[row for rows in special.values() for row in rows.index])
    # three users with one purchase each, others with many events that are none, guests, and rows that do not come out
    bought = sound[sound["event_type"] == "purchase"].drop_duplicates("user_id").head(3)
    others = sound[(sound["event_type"] == "view") & ~sound["user_id"].isin(bought["user_id"])]
    guests, lost = (
        special[fault][special[fault]["event_type"] != "purchase"]
        for fault in ("events.missing_user_id", "events.unknown_product")
    )
    refused = special["events.amount_missing"]
    others = others.iloc[(len(bought) + len(others) + len(guests)) % 7 :]  # 3 / 7n: no rounding is exact
    events = pd.concat([bought, others, guests, lost, refused]).sort_index()

    metrics = _metrics(answer, events, world.products)
    got = _number(_metric(metrics, "purchase_rate"), "purchase_rate")
    purchases, rows = len(bought), len(bought) + len(others) + len(guests)
    right = purchases / rows
    # The learner's own rows_out will do, so that a wrong one costs its own check only.
    own = expect.plain(metrics.get("rows_out"))
    if abs(got - right) <= 1e-6 or (isinstance(own, float) and own > 0 and abs(got - purchases / own) <= 1e-6):
        return
    users = purchases + others["user_id"].nunique()
    beliefs = {
        purchases
        / users: "This is the mean of the users' own rates, or purchases per user: expected purchases per row.",
        100 * right: "This is a percentage; expected a share from 0 to 1.",
        round(right, 2): "The rate is rounded.",
        purchases / (rows - len(guests)): "The rows of guests are left out: `count` leaves out missing values.",
        purchases / (rows + len(lost)): "The purchases were divided by the rows before the last stage.",
        purchases / len(events): "The purchases out were divided by the rows in.",
        (purchases + len(refused))
        / len(events): "This is the rate among the rows received, quarantined ones included.",
        purchases / (rows - purchases): "The purchases were divided by the rows that are none.",
    }
    rationale = next((text for value, text in beliefs.items() if abs(got - value) <= 1e-9), "`purchase_rate` is wrong.")
    raise Incorrect(rationale, expected=f"{purchases} / {rows} = {right:.6g}, not rounded", got=f"{got:.6g}")


@check(
    "metrics.pipeline_metrics",
    points=0.25,
    shrinks=False,
    needs=returns_metrics,
    hints=[
        "Nothing came out. What share of nothing was a purchase?",
        "Look at the divisor: with no rows out the rate is None, with rows but no purchase it is 0.0.",
        "rate = purchases / rows_out if rows_out else ...",
    ],
)
def keeps_unknown_apart_from_zero(answer: Answer, worlds: Worlds) -> None:
    """`purchase_rate` is None when no row came out, and 0.0 when rows came out and none was a purchase."""
    world = worlds.make("unknown", faults={"events.unknown_event_type": 5})
    sound = world.events.drop(index=_rows(world, "events.unknown_event_type"))
    batches = (
        ("an empty batch", world.events.head(0)),
        ("a batch that is quarantined as a whole", world.events.loc[_rows(world, "events.unknown_event_type")]),
    )
    for what, events in batches:
        value = expect.plain(_metric(_metrics(answer, events, world.products), "purchase_rate"))
        if value is not None:
            raise Incorrect(
                f"From {what} no row comes out: 0 / 0 is unknown, which is not the same as {str(value)[:20]}.",
                expected="None",
                got=str(value)[:60],
            )
    views = sound[sound["event_type"] == "view"]
    value = _metric(_metrics(answer, views, world.products), "purchase_rate")
    if expect.plain(value) is None:
        raise Incorrect(
            f"{len(views)} rows came out and none was a purchase: the rate is known, and it is zero.",
            expected="0.0",
            got="None",
        )
    if (got := _number(value, "purchase_rate")) != 0:
        raise Incorrect("None of these rows is a purchase.", expected="0.0", got=f"{got:g}")


# --- the batches -------------------------------------------------------------------------------------------


def _quarantine(worlds: Worlds) -> tuple[World, pd.DataFrame, int, dict[str, float]]:
    """A batch in which 6 rows break two rules, with its quarantined rows and the rows by reason."""
    faults = {
        "events.amount_negative": 6,
        "events.amount_missing": 4,
        "events.unknown_event_type": 5,
        "events.duplicate_exact": 7,
    }
    world = worlds.make("quarantine", faults=faults)
    events = _redelivered(world, _rows(world, "events.unknown_event_type")[:2])
    by_reason = {"unknown_event_type": 7.0, "amount_negative": 6.0, "purchase_not_paid": 10.0}
    return world, events, 6 + 4 + 7, by_reason


def _lossy(worlds: Worlds) -> World:
    """A world in which `enrich` loses the 6 events whose product is unknown."""
    faults = {
        "events.unknown_product": 6,
        "events.missing_user_id": 8,
        "events.duplicate_exact": 4,
        "events.amount_negative": 3,
    }
    return worlds.make("lossy", faults=faults)


def _doubling(worlds: Worlds) -> tuple[World, int]:
    """A world in which `enrich` doubles the events of two products, and how many rows that adds."""
    world = worlds.make("doubling", faults={"products.duplicate_exact": 2})
    return world, int(world.events["product_id"].isin(_listed_twice(world)["product_id"]).sum())


def _listed_twice(world: World) -> pd.DataFrame:
    return world.products[world.products.duplicated("product_id")]


def _rows(world: World, fault: str) -> list[int]:
    return [int(row) for row in world.truth.loc[world.truth["fault"] == fault, "row"]]


def _redelivered(world: World, rows: list[int]) -> pd.DataFrame:
    """The events, and some of them received a second time."""
    return pd.concat([world.events, world.events.iloc[rows]], ignore_index=True)


def _received(world: World, *, again: int = 0) -> dict[str, pd.DataFrame]:
    """Evidence: what is special about the batch, of which some rows may have been received again."""
    counts = world.truth["fault"].value_counts().to_dict() | ({"received again": again} if again else {})
    rows = pd.DataFrame({"what": counts.keys(), "rows": counts.values()})
    return {f"in this batch of {len(world.events) + again} events": rows}


# --- reading the metrics -----------------------------------------------------------------------------------


def _metrics(answer: Answer, events: pd.DataFrame, products: pd.DataFrame) -> dict[str, Any]:
    """The learner's metrics of a batch, by tidy names, timed by a stand-in."""
    return _by_name(answer(events, products, Clock(step=0.5)))


def _by_name(returned: Any) -> dict[str, Any]:
    if not isinstance(returned, Mapping):
        nothing = "None. Does every path through the function end with `return`?"
        raise Incorrect(
            "Expected the metrics as one dict.",
            expected=f"a dict with the keys {', '.join(NAMES)}",
            got=nothing if returned is None else expect.kind_of(returned),
        )
    return {_tidy(key): value for key, value in returned.items()}


def _tidy(name: object) -> str:
    return re.sub(r"[\s_-]+", "_", str(name).strip().lower())


def _keys(metrics: Mapping[str, Any]) -> str:
    return f"the keys {', '.join(metrics)}"[:200] if metrics else "an empty dict"


def _metric(metrics: Mapping[str, Any], name: str) -> Any:
    if name not in metrics:
        raise Incorrect(f"The metric {name!r} is missing.", expected=f"the key {name!r}", got=_keys(metrics))
    return metrics[name]


def _number(value: object, what: str) -> float:
    if isinstance(value, (pd.DataFrame, pd.Series)):
        raise Incorrect(f"Expected {what} as a number.", expected="a number", got=expect.kind_of(value))
    return expect.number(value, what)


def _count(metrics: Mapping[str, Any], name: str) -> float:
    return _number(_metric(metrics, name), name)


def _as_dict(value: Any, name: str) -> dict[Any, Any]:
    """A dict, or what says the same: a table or a list of pairs."""
    if isinstance(value, pd.DataFrame) and len(value.columns) == 2:
        value = value.astype(object).to_numpy().tolist()
    if isinstance(value, list) and all(isinstance(v, Mapping) and len(v) == 2 for v in value):
        value = [tuple(v.values()) for v in value]
    if isinstance(value, (list, tuple)) and all(isinstance(v, (list, tuple)) and len(v) == 2 for v in value):
        value = {expect.plain(k): v for k, v in value}
    if not isinstance(value, Mapping):
        got = expect.kind_of(value)
        if isinstance(value, pd.Series):
            got += ", whose index is lost on the way; `.to_dict()` keeps it"
        raise Incorrect(f"Expected `{name}` as a dict from name to number.", expected="a dict", got=got)
    return dict(value)


def _seconds(metrics: Mapping[str, Any]) -> dict[str, float]:
    found = {_tidy(k): v for k, v in _as_dict(_metric(metrics, "seconds"), "seconds").items()}
    if missing := [stage for stage in STAGES if stage not in found]:
        raise Incorrect(
            f"The stage {missing[0]} has no seconds of its own.",
            expected=f"the keys {', '.join(STAGES)}",
            got=_keys(found),
        )
    return {stage: _number(found[stage], f"seconds[{stage!r}]") for stage in STAGES}


def _not_equal(
    name: str, right: float, got: float, beliefs: Mapping[int, str], evidence: dict[str, pd.DataFrame]
) -> None:
    text = next((text for value, text in beliefs.items() if value == got), f"`{name}` is wrong.")
    raise Incorrect(text, expected=f"{name} = {right:g}", got=f"{name} = {got:g}", evidence=evidence)


def _clock_mistake(values: list[float], step: float) -> str:
    multiples = np.asarray(values) / step
    if np.allclose(multiples, -1):
        return "A duration is the later reading minus the earlier one."
    if np.allclose(multiples, 1000):
        return "These are milliseconds; expected seconds."
    if np.allclose(multiples, [1, 2, 3]) or np.allclose(multiples, [1, 3, 5]):
        return "Each value is the time since the first stage began, not the time of its own stage."
    if np.allclose(multiples, 1, rtol=1.0) and all(round(v, 4) == v for v in values):
        return "The seconds are rounded: a short stage would read as zero."
    if max(values) > 500:
        return "These are readings of the clock, not the difference of two readings."
    if np.allclose(multiples, multiples.round()) and np.any(multiples.round() > 0):
        return "The clock is read too often within a stage, or a value covers more than its own stage."
    return "These seconds do not come from the clock that was passed in."


# --- report ------------------------------------------------------------------------------------------------


@check(
    "metrics.report",
    points=0.25,
    hints=[
        "What is the difference between printing a text and returning it?",
        "Collect the lines in a list, join them, and return the text. Its caller prints it.",
        'return "\\n".join(...)',
    ],
)
def returns_text(answer: Answer, worlds: Worlds) -> None:
    """The report is returned as one text that follows from the metrics and from nothing else."""
    metrics = _example(worlds)
    first, second = _text(answer, metrics), _text(answer, metrics)
    if not first.strip():
        raise Incorrect("The report is empty.", expected="one line for each metric", got="a text without words")
    if first == _text(answer, _example(worlds, rows_out=1_234)):
        raise Incorrect(
            "The report is the same whatever the metrics are.", expected="the numbers in the dict", got=repr(first[:60])
        )
    if _flat(first) != _flat(second):
        pairs = zip_longest(_lines(first), _lines(second), fillvalue="")
        a, b = next((a, b) for a, b in pairs if a != b)
        raise Incorrect(
            "The same metrics gave two different reports: something besides the metrics goes in, such as the time.",
            expected=f"again the line {a[:60]!r}",
            got=repr(b[:60]),
        )


@check(
    "metrics.report",
    points=0.5,
    needs=returns_text,
    hints=[
        "Which four numbers does someone need to add up?",
        "Write one line for each count, with its name and its number.",
        'f"rows in: {metrics[...]}"',
    ],
)
def shows_the_counts(answer: Answer, worlds: Worlds) -> None:
    """Rows in, rows out, quarantined and duplicates each stand in the report with their number."""
    metrics = _example(worlds)
    wanted = {name: metrics[name] for name in ("rows_in", "rows_out", "quarantined", "duplicates")}
    _must_tell(_text(answer, metrics), wanted)


@check(
    "metrics.report",
    points=0.25,
    needs=returns_text,
    hints=[
        "Where does the report learn which reasons there were?",
        "Loop over the dict of reasons; tomorrow there may be others, or none.",
        'for reason, rows in metrics["quarantined_by_reason"].items(): ...',
    ],
)
def shows_each_reason(answer: Answer, worlds: Worlds) -> None:
    """Each reason stands in the report with its number of rows, whatever the reasons are, and even if there is none."""
    metrics = _example(worlds)
    _must_tell(_text(answer, metrics), metrics["quarantined_by_reason"])
    _text(answer, _example(worlds, quarantined=0, quarantined_by_reason={}))


@check(
    "metrics.report",
    points=0.25,
    needs=returns_text,
    hints=[
        "Would your report still be right if the pipeline had a fourth stage?",
        "Loop over the dict of seconds and write each stage with at least two decimals.",
        'for stage, seconds in metrics["seconds"].items(): ... f"{seconds:.2f}"',
    ],
)
def shows_each_stage(answer: Answer, worlds: Worlds) -> None:
    """Each stage stands in the report with its seconds, to two decimals or more, whatever the stages are."""
    metrics = _example(worlds)
    _must_tell(_text(answer, metrics), metrics["seconds"])


@check(
    "metrics.report",
    points=0.75,
    needs=returns_text,
    hints=[
        "What does your report say when rows are missing? And when there are too many?",
        "Compare rows_in with the sum of the other three, or `unaccounted` with 0, and choose the sentence by that.",
        'if metrics["unaccounted"] != 0: lines.append(f"The identity does not close: ...")',
    ],
)
def says_when_it_does_not_close(answer: Answer, worlds: Worlds) -> None:
    """When rows were lost or added, the report says that the identity does not close, and by how many rows."""
    lost, added = (int(n) for n in worlds.rng("unaccounted").integers(61, 99, size=2))
    for unaccounted, what in ((lost, "were lost"), (-added, "were added"), (1, "was lost"), (-1, "was added")):
        metrics = _example(worlds, unaccounted=unaccounted)
        text = _text(answer, metrics)
        case = f"{abs(unaccounted)} {'row' if abs(unaccounted) == 1 else 'rows'} {what}"
        claim = next((line for line in _lines(text) if "clos" in line or _SUCCESS.search(line)), "")[:80]
        claim = repr(claim) if claim else "no line about it"
        if not _NOT_CLOSED.search(_flat(text)):
            raise Incorrect(
                f"{case}, and the report does not say so.", expected="the words `does not close`", got=claim
            )
        if found := _SUCCESS.search(_flat(text)) or _CLOSED.search(_NOT_CLOSED.sub("", _flat(text))):
            raise Incorrect(
                f"{case}, and the report still claims success.",
                expected="no claim of success when the identity does not close",
                got=repr(found[0]),
            )
        if _place(_flat(text), abs(unaccounted)) < 0:
            raise Incorrect(f"{case}; the report does not say how many.", expected=str(abs(unaccounted)), got=claim)


@check(
    "metrics.report",
    points=0.25,
    needs=says_when_it_does_not_close,
    hints=[
        "Does a row with two reasons open a gap?",
        "A row with two reasons counts once in `quarantined`. The identity uses this number, not the sum over reasons.",
        'else: lines.append("The identity closes")',
    ],
)
def says_when_it_closes(answer: Answer, worlds: Worlds) -> None:
    """When every row is accounted for, the report says that the identity closes."""
    text = _flat(_text(answer, _example(worlds)))
    if found := _NOT_CLOSED.search(text):
        raise Incorrect(
            "A false alarm: rows_in equals rows_out + quarantined + duplicates. Rows with two reasons count once.",
            expected="the word `closes`",
            got=repr(found[0]),
        )
    if "close" not in text:
        raise Incorrect("Every row is accounted for, and the report does not say so.", expected="the word `closes`")


@check(
    "metrics.report",
    points=0.25,
    needs=returns_text,
    hints=[
        "What does a reader take `0%` for?",
        "Ask whether the rate `is None` before you format it. Zero is a number like any other.",
        '"unknown" if metrics["purchase_rate"] is None else f"{...:.1%}"',
    ],
)
def tells_unknown_from_zero(answer: Answer, worlds: Worlds) -> None:
    """A purchase rate of None reads `unknown`, and a rate of 0.0 reads as zero."""
    unknown, zero, some = (_text(answer, _example(worlds, purchase_rate=rate)) for rate in (None, 0.0, 0.375))
    if unknown == zero or zero == some:
        raise Incorrect(
            "The report is the same whatever the purchase rate is.",
            expected="a line with the purchase rate",
            got="two equal reports for the rates " + ("None and 0.0" if unknown == zero else "0.0 and 0.375"),
        )
    # Only the lines that change are about the rate, wherever they stand.
    of_unknown, of_zero = _changed(unknown, zero), _changed(zero, unknown)
    if not _UNKNOWN.search(of_unknown):
        raise Incorrect(
            "An unknown rate must be readable as such.", expected="the word `unknown`", got=repr(of_unknown[:80])
        )
    if _place(of_zero, 0) < 0 or "unknown" in of_zero:
        raise Incorrect(
            "The rate 0.0 is known: rows came out, and none was a purchase.",
            expected="0%, or 0.0",
            got=repr(of_zero[:80]),
        )
    of_some = _changed(some, zero)
    if _place(of_some, 37.5 if re.search("%|per ?cent", of_some) else 0.375) < 0:
        raise Incorrect("The purchase rate is wrong.", expected="0.375, or 37.5%", got=repr(of_some[:80]))


_NOT_CLOSED = re.compile(
    r"(\bnot|n['\u2019]?t|\bnever|\bfail\w* to|\bcannot)\s(\w+\s)?clos(e|es|ed|ing)\b"
    r"|\bclos(e|es|ed)\b[^\w\n]{0,30}(is )?(false|no)(?=[^\w\n]*$| ?[,;.(])",
    re.MULTILINE,
)
_CLOSED = re.compile(r"\bclose[sd]\b[^\w\n?]{0,30}(is )?(true|yes)?[^\w\n?]*$", re.MULTILINE)
_SUCCESS = re.compile(
    r"(?<!not )(?<!no )\bsuccess(?!\w*\W*(false|no)\b)|\ball (checks|tests) pass(?!\w*\W*(false|no)\b)"
    r"|\b(everything|all) (is |was |went )?(ok|fine|good|well)\b"
    r"|(?<!not )\b(all rows|every row) (are |is |was |were )?accounted for"
    r"|\b(pipeline|run|status|checks?|result)\W*(is )?(ok|passed)\b(?!\W*(false|no)\b)"
)
_UNKNOWN = re.compile(
    r"unknown|\bn/?a\b|undefined|not (known|available|defined|applicable)|no (data|rows|value)"
    r"|[^\w\n] ?[-\u2013\u2014]+\W*$",
    re.MULTILINE,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def _example(worlds: Worlds, **changes: Any) -> dict[str, Any]:
    """Metrics to report on; the reasons sum to more than the rows. The identity closes unless told."""
    rng = worlds.rng("report")
    first, second, both = (int(n) for n in rng.integers((110, 210, 11), (190, 290, 49)))
    letters = "".join(rng.choice(list(string.ascii_lowercase), size=6))
    metrics = {
        "rows_in": 0,
        "quarantined": first + second - both,
        "quarantined_by_reason": {f"sensor_{letters}": first, "price_in_yen": second},
        "duplicates": int(rng.integers(510, 590)),
        "rows_out": int(rng.integers(7_010, 7_990)),
        "unaccounted": 0,
        "users": int(rng.integers(610, 690)),
        "purchase_rate": 0.125,
        "seconds": {"fetch": 1.37, f"step_{letters[::-1]}": 0.46, "publish": 12.08},
        **changes,
    }
    metrics["rows_in"] = sum(metrics[k] for k in ("quarantined", "duplicates", "rows_out", "unaccounted"))
    return metrics


def _text(answer: Answer, metrics: Mapping[str, Any]) -> str:
    text = answer(dict(metrics))
    if not isinstance(text, str):
        nothing = "None. Did the function print the text instead of returning it?"
        raise Incorrect(
            "Expected the report as a text.",
            expected="a str, its lines joined by newlines",
            got=nothing if text is None else expect.kind_of(text),
        )
    if len(text) > 20_000:
        raise Incorrect("The report is too long.", expected="one line for each metric", got=f"{len(text)} characters")
    return text


def _flat(text: str) -> str:
    """The lines of a text that have words, in lower case, without marks for emphasis, words apart by one space,
    numbers without separators of thousands and with a decimal point."""
    text = re.sub(r"(?<=\d)[,_'\u2019\u00a0\u202f](?=\d{3}(?!\d))", "", text.lower())
    text = re.sub(r"(?<=\d),(?=\d{1,2}(?!\d))", ".", text)
    text = re.sub(r"(?<=[a-z])-(?=[a-z])|_", " ", re.sub(r"[*`]", "", text))
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def _lines(text: str) -> list[str]:
    return _flat(text).split("\n")


def _changed(text: str, other: str) -> str:
    """The lines of the text that the other does not have."""
    others = set(_lines(other))
    return "\n".join(line for line in _lines(text) if line not in others)


def _place(text: str, value: float, *scales: float) -> int:
    """Where in a flat text a number reads as the value, rounded by less than 5%, or as it times a scale; or -1."""
    for spelling in (text, re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", text)):  # 7 012 is one number, or two
        for match in _NUMBER.finditer(spelling):
            decimals = 9 if "e" in match[0] else len(match[0].partition(".")[2])
            for scale in (1.0, *scales):
                off, wanted = abs(float(match[0]) - scale * value), scale * abs(value)
                if off <= 0.5 * 10.0**-decimals + 1e-9 and off <= 0.05 * wanted + 1e-9:
                    return match.start()
    return -1


def _must_tell(text: str, wanted: Mapping[str, float]) -> None:
    """Each name stands with its number on a line; or names and numbers stand in the same order, as in a table."""
    whole = _flat(text)
    scales = [1000.0] if re.search(r"\d ?ms\b|\bms\b|millisecond", whole) else []
    names = {name: re.sub("(ed|s)$", "", _flat(name)) for name in wanted}
    untold = [
        name
        for name, value in wanted.items()
        if not any(names[name] in line and _place(line, value, *scales) >= 0 for line in whole.split("\n"))
    ]
    if not untold:
        return
    words = {name: whole.find(names[name]) for name in wanted}
    numbers = {name: _place(whole, value, *scales) for name, value in wanted.items()}
    everywhere = min(*words.values(), *numbers.values()) >= 0
    if everywhere and sorted(words, key=lambda n: words[n]) == sorted(numbers, key=lambda n: numbers[n]):
        return
    name = untold[0]
    line = next((line for line in whole.split("\n") if names[name] in line), None)
    raise Incorrect(
        f"The report does not give {name} with its number." if line else f"The report does not mention {name}.",
        expected=f"a line with `{name}` and {wanted[name]:g}",
        got=repr(line[:80]) if line else f"a report of {whole.count(chr(10)) + 1} lines without it",
    )
