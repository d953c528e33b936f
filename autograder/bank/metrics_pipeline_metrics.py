# ruff: noqa
# fmt: off
# mypy: ignore-errors
# %% right: one stage after the other
import time

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    seconds = {}

    start = clock()
    valid, quarantined = validate(events)
    seconds["validate"] = clock() - start

    start = clock()
    unique, duplicates = deduplicate(valid)
    seconds["deduplicate"] = clock() - start

    start = clock()
    enriched = enrich(unique, products)
    seconds["enrich"] = clock() - start

    rows_in, rows_out = len(events), len(enriched)
    by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
    purchases = (enriched["event_type"] == "purchase").sum()
    return {
        "rows_in": rows_in,
        "quarantined": len(quarantined),
        "quarantined_by_reason": by_reason,
        "duplicates": len(duplicates),
        "rows_out": rows_out,
        "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
        "users": enriched["user_id"].nunique(),
        "purchase_rate": purchases / rows_out if rows_out else None,
        "seconds": seconds,
    }


# %% right: a helper that times any stage
import time
from collections import Counter

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    seconds = {}

    def timed(stage, *args):
        start = clock()
        result = stage(*args)
        seconds[stage.__name__] = clock() - start
        return result

    valid, quarantined = timed(validate, events)
    unique, duplicates = timed(deduplicate, valid)
    enriched = timed(enrich, unique, products)
    by_reason = Counter(reason for text in quarantined["reasons"] for reason in text.split(";"))
    m = {
        "rows_in": events.shape[0],
        "quarantined": quarantined.shape[0],
        "quarantined_by_reason": by_reason,
        "duplicates": duplicates.shape[0],
        "rows_out": enriched.shape[0],
        "users": len(set(enriched["user_id"].dropna())),
        "purchase_rate": enriched["event_type"].eq("purchase").mean() if len(enriched) else None,
        "seconds": seconds,
    }
    m["unaccounted"] = m["rows_in"] - m["quarantined"] - m["duplicates"] - m["rows_out"]
    return m


# %% right: a context manager and plain Python loops
import time
from contextlib import contextmanager

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    metrics = {"seconds": {}}

    @contextmanager
    def stage(name):
        began = clock()
        try:
            yield
        finally:
            metrics["seconds"][name] = clock() - began

    with stage("validate"):
        valid, quarantined = validate(events)
    with stage("deduplicate"):
        unique, duplicates = deduplicate(valid)
    with stage("enrich"):
        enriched = enrich(unique, products)

    rows_out = purchases = 0
    users = set()
    for row in enriched.to_dict("records"):
        rows_out += 1
        purchases += row["event_type"] == "purchase"
        if row["user_id"] == row["user_id"]:
            users.add(row["user_id"])
    reasons = {}
    for text in quarantined["reasons"].tolist():
        for reason in text.split(";"):
            reasons[reason] = reasons.get(reason, 0) + 1
    metrics["rows_in"] = sum(1 for _ in events.itertuples())
    metrics["quarantined"] = sum(1 for _ in quarantined.itertuples())
    metrics["duplicates"] = sum(1 for _ in duplicates.itertuples())
    metrics["rows_out"] = rows_out
    metrics["users"] = len(users)
    metrics["quarantined_by_reason"] = reasons
    try:
        metrics["purchase_rate"] = purchases / rows_out
    except ZeroDivisionError:
        metrics["purchase_rate"] = None
    accounted = metrics["rows_out"] + metrics["quarantined"] + metrics["duplicates"]
    metrics["unaccounted"] = metrics["rows_in"] - accounted
    return metrics


# %% right: counts in SQL on DuckDB
import time

import duckdb

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    ticks = [clock()]
    valid, quarantined = validate(events)
    ticks.append(clock())
    unique, duplicates = deduplicate(valid)
    ticks.append(clock())
    enriched = enrich(unique, products)
    ticks.append(clock())

    with duckdb.connect() as db:
        for name, frame in {"events": events, "quarantined": quarantined, "duplicates": duplicates}.items():
            db.register(name, frame)
        db.register("enriched", enriched[["user_id", "event_type"]])
        rows_in, bad, copies = db.sql(
            "select (select count(*) from events), (select count(*) from quarantined), (select count(*) from duplicates)"
        ).fetchone()
        rows_out, users, rate = db.sql(
            """
            select count(*), count(distinct user_id) filter (not isnan(user_id::double)),
                   sum((event_type = 'purchase')::int) / nullif(count(*), 0)
            from enriched
            """
        ).fetchone()
        by_reason = db.sql(
            "select reason, count(*) from (select unnest(string_split(reasons, ';')) as reason from quarantined) group by 1"
        ).fetchall()
    return dict(
        rows_in=rows_in,
        quarantined=bad,
        quarantined_by_reason=dict(by_reason),
        duplicates=copies,
        rows_out=rows_out,
        unaccounted=rows_in - rows_out - bad - copies,
        users=users,
        purchase_rate=rate,
        seconds=dict(zip(("validate", "deduplicate", "enrich"), (b - a for a, b in zip(ticks, ticks[1:])))),
    )


# %% right: numpy numbers, a dataclass, NaN for unknown, reasons with zeros
import time
from dataclasses import dataclass

import numpy as np

from autograder.given.metrics import deduplicate, enrich, validate


@dataclass
class Metrics:
    seconds: dict
    unaccounted: np.int64
    purchase_rate: np.float64
    users: np.int64
    rows_out: np.int64
    duplicates: np.int32
    quarantined_by_reason: dict
    quarantined: np.float64
    rows_in: np.uint16


def pipeline_metrics(events, products, clock=time.perf_counter):
    t = np.zeros(4)
    t[0] = clock()
    valid, quarantined = validate(events)
    t[1] = clock()
    unique, duplicates = deduplicate(valid)
    t[2] = clock()
    enriched = enrich(unique, products)
    t[3] = clock()
    rules = ("unknown_event_type", "amount_negative", "purchase_not_paid", "never_broken")
    by_reason = {rule: quarantined["reasons"].str.contains(rule, regex=False).sum() for rule in rules}
    n_in, n_out, n_bad, n_twice = map(len, (events, enriched, quarantined, duplicates))
    return Metrics(
        seconds=dict(zip(["validate", "deduplicate", "enrich"], np.diff(t))),
        unaccounted=np.int64(n_in - n_out - n_bad - n_twice),
        purchase_rate=(enriched["event_type"] == "purchase").mean(),
        users=np.int64(enriched["user_id"].value_counts().size),
        rows_out=np.int64(n_out),
        duplicates=np.int32(n_twice),
        quarantined_by_reason=by_reason,
        quarantined=np.float64(n_bad),
        rows_in=np.uint16(n_in),
    )


# %% right: a loop over the stages, a total besides, no default but None
import time

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=None):
    clock = clock or time.perf_counter
    stages = {"validate": validate, "deduplicate": deduplicate, "enrich": lambda rows: (enrich(rows, products), None)}
    rows, aside, laps = events, {}, {}
    for name, run in stages.items():
        laps[name] = -clock()
        rows, aside[name] = run(rows)
        laps[name] += clock()
    laps["total"] = sum(laps.values())

    reasons = aside["validate"]["reasons"].str.get_dummies(sep=";").sum().to_dict()
    n = {"in": len(events), "bad": len(aside["validate"]), "twice": len(aside["deduplicate"]), "out": len(rows)}
    types = rows["event_type"].value_counts()
    return {
        "stage_order": list(stages),
        "seconds": laps,
        "rows_in": n["in"],
        "rows_out": n["out"],
        "duplicates": n["twice"],
        "quarantined": n["bad"],
        "quarantined_by_reason": reasons,
        "unaccounted": n["in"] - n["out"] - n["twice"] - n["bad"],
        "users": int(rows["user_id"].drop_duplicates().notna().sum()),
        "purchase_rate": types.get("purchase", 0) / n["out"] if n["out"] > 0 else float("nan"),
    }


# %% right: a class with a stopwatch, pairs instead of dicts, the clock read first
import time

from autograder.given.metrics import deduplicate, enrich, validate


class Stopwatch:
    def __init__(self, clock):
        self.clock, self.last, self.laps = clock, clock(), []

    def lap(self, name):
        now = self.clock()
        self.laps.append((name, now - self.last))
        self.last = now


def pipeline_metrics(events, products, clock=time.perf_counter):
    watch = Stopwatch(clock)
    good, bad = validate(events)
    watch.lap("validate")
    kept, superseded = deduplicate(good)
    watch.lap("deduplicate")
    out = enrich(kept, products)
    watch.lap("enrich")
    exploded = bad.assign(reason=bad["reasons"].str.split(";")).explode("reason")
    per_reason = exploded.groupby("reason", as_index=False).size()
    counts = {"rows_in": len(events), "quarantined": len(bad), "duplicates": len(superseded), "rows_out": len(out)}
    rate = None
    if counts["rows_out"]:
        rate = sum(out["event_type"] == "purchase") / counts["rows_out"]
    return {
        **counts,
        "unaccounted": 2 * counts["rows_in"] - sum(counts.values()),
        "quarantined_by_reason": per_reason,
        "seconds": watch.laps,
        "users": out["user_id"].dropna().unique().size,
        "purchase_rate": rate,
    }


# %% right: polars for the counts, keys with capitals and spaces, inputs changed in place
import time

import polars as pl

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    received = events.shape[0]
    t0 = clock()
    valid, quarantined = validate(events)
    t1 = clock()
    t2 = clock()
    unique, duplicates = deduplicate(valid)
    t3 = clock()
    t4 = clock()
    enriched = enrich(unique, products)
    t5 = clock()
    for column in list(events.columns):
        del events[column]

    out = pl.DataFrame({"user": enriched["user_id"].to_list(), "type": enriched["event_type"].to_list()}, strict=False)
    bad = pl.DataFrame({"reasons": quarantined["reasons"].to_list()}, schema={"reasons": pl.String})
    reasons = bad.select(pl.col("reasons").str.split(";").explode().value_counts()).unnest("reasons")
    return {
        "Rows in": received,
        "Rows out": out.height,
        "Quarantined": bad.height,
        "Duplicates": len(duplicates.index),
        "Unaccounted": received - out.height - bad.height - len(duplicates.index),
        "Users": len({u for u in out["user"].to_list() if u is not None and u == u}),
        "Purchase rate": None if out.height == 0 else out.filter(pl.col("type") == "purchase").height / out.height,
        "Quarantined by reason": dict(reasons.iter_rows()),
        "Seconds": {"Validate": t1 - t0, "Deduplicate": t3 - t2, "Enrich": t5 - t4},
    }


# %% wrong: adds-up-reasons
# belief: every reason is a quarantined row
# see: Ten rows
# fails: counts_each_quarantined_row_once
# at_most: 5.25
# from: one stage after the other
# -         "quarantined": len(quarantined),
# +         "quarantined": sum(by_reason.values()),


# %% wrong: duplicates-are-quarantined-too
# belief: a duplicate is a quarantined row as well
# see: Ten rows
# fails: counts_each_quarantined_row_once
# at_most: 5.25
# from: one stage after the other
# -         "quarantined": len(quarantined),
# +         "quarantined": len(quarantined) + len(duplicates),


# %% wrong: quarantined-ids
# belief: an event received twice is one quarantined row
# see: Ten rows
# fails: counts_each_quarantined_row_once
# at_most: 5.25
# from: one stage after the other
# -         "quarantined": len(quarantined),
# +         "quarantined": quarantined["event_id"].nunique(),


# %% wrong: quarantined-amounts
# belief: count() counts rows
# see: Numbers about what came out
# fails: counts_each_quarantined_row_once
# at_most: 5.25
# from: one stage after the other
# -         "quarantined": len(quarantined),
# +         "quarantined": int(quarantined["amount"].count()),


# %% wrong: kinds-of-reasons
# belief: quarantined means how many reasons there were
# see: Ten rows
# fails: counts_each_quarantined_row_once
# at_most: 5.25
# from: one stage after the other
# -         "quarantined": len(quarantined),
# +         "quarantined": len(by_reason),


# %% wrong: quarantined-is-in-minus-out
# belief: what did not come out was quarantined
# see: The identity that must close
# fails: counts_each_quarantined_row_once
# at_most: 5.25
# from: one stage after the other
# -         "quarantined": len(quarantined),
# +         "quarantined": rows_in - rows_out,


# %% wrong: quarantined-percentage
# belief: a share says more than a count
# see: Ten rows
# fails: counts_each_quarantined_row_once
# at_most: 5.25
# from: one stage after the other
# -         "quarantined": len(quarantined),
# +         "quarantined": 100 * len(quarantined) / max(rows_in, 1),


# %% wrong: combinations-of-reasons
# belief: value_counts of the text counts reasons
# see: Ten rows
# fails: counts_rows_by_reason
# at_most: 5.25
# from: one stage after the other
# -     by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
# +     by_reason = quarantined["reasons"].value_counts().to_dict()


# %% wrong: first-reason-only
# belief: the first reason is the reason
# see: Ten rows
# fails: counts_rows_by_reason
# at_most: 5.25
# from: one stage after the other
# -     by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
# +     by_reason = quarantined["reasons"].str.split(";").str[0].value_counts().to_dict()


# %% wrong: last-reason-only
# belief: the last reason is the reason
# see: Ten rows
# fails: counts_rows_by_reason
# at_most: 5.25
# from: one stage after the other
# -     by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
# +     by_reason = {}
# +     for text in quarantined["reasons"]:
# +         reason = text.split(";")[-1]
# +         by_reason[reason] = by_reason.get(reason, 0) + 1


# %% wrong: reasons-as-set
# belief: it is enough to know which reasons there were
# see: Ten rows
# fails: counts_rows_by_reason
# at_most: 5.25
# from: one stage after the other
# -     by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
# +     by_reason = sorted(set(";".join(quarantined["reasons"]).split(";")))


# %% wrong: reasons-as-shares
# belief: a reason's share of the quarantine is its count
# see: Ten rows
# fails: counts_rows_by_reason
# at_most: 5.25
# from: one stage after the other
# -     by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
# +     by_reason = quarantined["reasons"].str.split(";").explode().value_counts(normalize=True).to_dict()


# %% wrong: reasons-by-distinct-id
# belief: an event is counted once per reason however often it came
# see: Ten rows
# fails: counts_rows_by_reason
# at_most: 5.25
# from: one stage after the other
# -     by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
# +     exploded = quarantined.assign(reason=quarantined["reasons"].str.split(";")).explode("reason")
# +     by_reason = exploded.groupby("reason")["event_id"].nunique().to_dict()


# %% wrong: reasons-split-at-comma
# belief: reasons are joined by a comma
# see: Ten rows
# fails: counts_rows_by_reason
# at_most: 5.25
# from: one stage after the other
# -     by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
# +     by_reason = quarantined["reasons"].str.split(",").explode().value_counts().to_dict()


# %% wrong: reasons-count-amounts
# belief: count() after groupby counts rows
# see: Numbers about what came out
# fails: counts_rows_by_reason
# at_most: 5.25
# from: one stage after the other
# -     by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
# +     exploded = quarantined.assign(reason=quarantined["reasons"].str.split(";")).explode("reason")
# +     by_reason = exploded.groupby("reason")["amount"].count().to_dict()


# %% wrong: rows-in-after-validation
# belief: rows in are the rows that passed validation
# see: The identity that must close
# fails: counts_rows_received
# at_most: 5.5
# from: one stage after the other
# -     rows_in, rows_out = len(events), len(enriched)
# +     rows_in, rows_out = len(valid), len(enriched)


# %% wrong: rows-in-after-deduplication
# belief: rows in are the rows after deduplication
# see: The identity that must close
# fails: counts_rows_received
# at_most: 5.5
# from: one stage after the other
# -     rows_in, rows_out = len(events), len(enriched)
# +     rows_in, rows_out = len(unique), len(enriched)


# %% wrong: rows-in-distinct-ids
# belief: one id is one row
# see: The identity that must close
# fails: counts_rows_received
# at_most: 5.5
# from: one stage after the other
# -     rows_in, rows_out = len(events), len(enriched)
# +     rows_in, rows_out = events["event_id"].nunique(), len(enriched)


# %% wrong: rows-in-count-of-users
# belief: count() counts rows
# see: Numbers about what came out
# fails: counts_rows_received
# at_most: 5.5
# from: one stage after the other
# -     rows_in, rows_out = len(events), len(enriched)
# +     rows_in, rows_out = int(events["user_id"].count()), len(enriched)


# %% wrong: rows-in-adds-up-the-rest
# belief: rows in are whatever the others add up to
# see: The identity that must close
# fails: counts_rows_received
# at_most: 5.5
# from: one stage after the other
# -     rows_in, rows_out = len(events), len(enriched)
# +     rows_out = len(enriched)
# +     rows_in = rows_out + len(quarantined) + len(duplicates)


# %% wrong: rows-in-size
# belief: size is the number of rows
# see: The identity that must close
# fails: counts_rows_received
# at_most: 5.5
# from: one stage after the other
# -     rows_in, rows_out = len(events), len(enriched)
# +     rows_in, rows_out = events.size, len(enriched)


# %% wrong: rows-in-doubles
# belief: rows received are counted before the exact copies, which are noise
# see: The identity that must close
# fails: counts_rows_received
# at_most: 5.5
# from: one stage after the other
# -     rows_in, rows_out = len(events), len(enriched)
# +     rows_in, rows_out = len(events.drop_duplicates()), len(enriched)


# %% wrong: rows-out-derived
# belief: rows out follow from the identity
# see: The identity that must close
# fails: counts_rows_delivered
# at_most: 5
# from: one stage after the other
# -     rows_in, rows_out = len(events), len(enriched)
# +     rows_in = len(events)
# +     rows_out = rows_in - len(quarantined) - len(duplicates)


# %% wrong: rows-out-before-last-stage
# belief: the last stage neither loses nor adds rows
# see: The identity that must close
# fails: counts_rows_delivered
# at_most: 5
# from: one stage after the other
# -     rows_in, rows_out = len(events), len(enriched)
# +     rows_in, rows_out = len(events), len(unique)


# %% wrong: rows-out-after-first-stage
# belief: valid rows are the rows out
# see: The identity that must close
# fails: counts_rows_delivered
# at_most: 5
# from: one stage after the other
# -     rows_in, rows_out = len(events), len(enriched)
# +     rows_in, rows_out = len(events), len(valid)


# %% wrong: rows-out-distinct-ids
# belief: one id is one row
# see: The identity that must close
# fails: counts_rows_delivered
# at_most: 5
# from: one stage after the other
# -     rows_in, rows_out = len(events), len(enriched)
# +     rows_in, rows_out = len(events), enriched["event_id"].nunique()


# %% wrong: rows-out-count-of-users
# belief: count() counts rows
# see: Numbers about what came out
# fails: counts_rows_delivered
# at_most: 5
# from: one stage after the other
# -     rows_in, rows_out = len(events), len(enriched)
# +     rows_in, rows_out = len(events), int(enriched["user_id"].count())


# %% wrong: rows-out-fan-out-removed
# belief: doubled rows are put right by dropping them
# see: The identity that must close
# fails: counts_rows_delivered
# at_most: 5
# from: one stage after the other
# -     seconds["enrich"] = clock() - start
# -
# +     seconds["enrich"] = clock() - start
# +
# +     enriched = enriched.drop_duplicates("event_id")


# %% wrong: lost-rows-put-back
# belief: a left join is what was meant
# see: The identity that must close
# fails: counts_rows_delivered, counts_known_users
# at_most: 4.75
# from: one stage after the other
# -     enriched = enrich(unique, products)
# +     enriched = unique.merge(products[["product_id", "name", "price"]], on="product_id", how="left")


# %% wrong: duplicates-keep-false
# belief: every row of a repeated id is a duplicate
# see: The identity that must close
# fails: counts_duplicates
# at_most: 5.5
# from: one stage after the other
# -         "duplicates": len(duplicates),
# +         "duplicates": int(events["event_id"].duplicated(keep=False).sum()),


# %% wrong: duplicates-of-received-rows
# belief: copies of quarantined rows are duplicates too
# see: The identity that must close
# fails: counts_duplicates
# at_most: 5.5
# from: one stage after the other
# -         "duplicates": len(duplicates),
# +         "duplicates": int(events["event_id"].duplicated().sum()),


# %% wrong: whole-row-duplicates
# belief: duplicates are equal in every column
# see: The identity that must close
# fails: counts_duplicates
# at_most: 5.5
# from: one stage after the other
# -         "duplicates": len(duplicates),
# +         "duplicates": int(valid.duplicated().sum()),


# %% wrong: duplicate-ids
# belief: duplicates are ids
# see: The identity that must close
# fails: counts_duplicates
# at_most: 5.5
# from: one stage after the other
# -         "duplicates": len(duplicates),
# +         "duplicates": duplicates["event_id"].nunique(),


# %% wrong: duplicates-of-users
# belief: user_id is the key
# see: The identity that must close
# fails: counts_duplicates
# at_most: 5.5
# from: one stage after the other
# -         "duplicates": len(duplicates),
# +         "duplicates": int(valid["user_id"].duplicated().sum()),


# %% wrong: duplicates-as-any
# belief: there were duplicates, or not
# see: The identity that must close
# fails: counts_duplicates
# at_most: 5.5
# from: one stage after the other
# -         "duplicates": len(duplicates),
# +         "duplicates": bool(len(duplicates)),


# %% wrong: duplicates-as-frame
# belief: the rows themselves are the best count
# see: Exercise: metrics of a pipeline
# fails: counts_duplicates
# at_most: 5.5
# from: one stage after the other
# -         "duplicates": len(duplicates),
# +         "duplicates": duplicates,


# %% wrong: unaccounted-always-zero
# belief: the identity closes by definition
# see: The identity that must close
# fails: shows_rows_unaccounted_for
# at_most: 5.5
# from: one stage after the other
# -         "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
# +         "unaccounted": 0,


# %% wrong: unaccounted-absolute
# belief: a difference has no sign
# see: The identity that must close
# fails: shows_rows_unaccounted_for
# at_most: 5.5
# from: one stage after the other
# -         "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
# +         "unaccounted": abs(rows_in - (rows_out + len(quarantined) + len(duplicates))),


# %% wrong: unaccounted-at-least-zero
# belief: rows can only be lost
# see: The identity that must close
# fails: shows_rows_unaccounted_for
# at_most: 5.5
# from: one stage after the other
# -         "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
# +         "unaccounted": max(0, rows_in - (rows_out + len(quarantined) + len(duplicates))),


# %% wrong: unaccounted-turned-round
# belief: the sign does not matter
# see: The identity that must close
# fails: shows_rows_unaccounted_for
# at_most: 5.5
# from: one stage after the other
# -         "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
# +         "unaccounted": rows_out + len(quarantined) + len(duplicates) - rows_in,


# %% wrong: unaccounted-without-duplicates
# belief: duplicates are unaccounted for
# see: The identity that must close
# fails: shows_rows_unaccounted_for
# at_most: 5.5
# from: one stage after the other
# -         "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
# +         "unaccounted": rows_in - rows_out - len(quarantined),


# %% wrong: unaccounted-as-bool
# belief: it is enough to know whether it closes
# see: The identity that must close
# fails: shows_rows_unaccounted_for
# at_most: 5.5
# from: one stage after the other
# -         "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
# +         "unaccounted": rows_in != rows_out + len(quarantined) + len(duplicates),


# %% wrong: unaccounted-by-reasons
# belief: the sum of the reasons is the number of quarantined rows
# see: The identity that must close
# fails: shows_rows_unaccounted_for
# at_most: 5.5
# from: one stage after the other
# -         "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
# +         "unaccounted": rows_in - (rows_out + sum(by_reason.values()) + len(duplicates)),


# %% wrong: unaccounted-missing
# belief: whoever wants it can subtract
# see: The identity that must close
# fails: shows_rows_unaccounted_for
# at_most: 5.5
import time

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    seconds = {}

    start = clock()
    valid, quarantined = validate(events)
    seconds["validate"] = clock() - start

    start = clock()
    unique, duplicates = deduplicate(valid)
    seconds["deduplicate"] = clock() - start

    start = clock()
    enriched = enrich(unique, products)
    seconds["enrich"] = clock() - start

    rows_in, rows_out = len(events), len(enriched)
    by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
    purchases = (enriched["event_type"] == "purchase").sum()
    return {
        "rows_in": rows_in,
        "quarantined": len(quarantined),
        "quarantined_by_reason": by_reason,
        "duplicates": len(duplicates),
        "rows_out": rows_out,
        "users": enriched["user_id"].nunique(),
        "purchase_rate": purchases / rows_out if rows_out else None,
        "seconds": seconds,
    }


# %% wrong: identity-as-assert
# belief: a pipeline that loses rows must stop at once
# see: The identity that must close
# fails: counts_rows_received, counts_rows_delivered, shows_rows_unaccounted_for, counts_known_users, divides_sum_by_sum
# at_most: 3.5
# from: one stage after the other
# -     purchases = (enriched["event_type"] == "purchase").sum()
# +     purchases = (enriched["event_type"] == "purchase").sum()
# +     assert rows_in == rows_out + len(quarantined) + len(duplicates)


# %% wrong: time-of-day
# belief: time.time() measures durations
# see: Seconds per stage
# fails: times_every_stage
# at_most: 5
import time

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    seconds = {}

    start = time.time()
    valid, quarantined = validate(events)
    seconds["validate"] = time.time() - start

    start = time.time()
    unique, duplicates = deduplicate(valid)
    seconds["deduplicate"] = time.time() - start

    start = time.time()
    enriched = enrich(unique, products)
    seconds["enrich"] = time.time() - start

    rows_in, rows_out = len(events), len(enriched)
    by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
    purchases = (enriched["event_type"] == "purchase").sum()
    return {
        "rows_in": rows_in,
        "quarantined": len(quarantined),
        "quarantined_by_reason": by_reason,
        "duplicates": len(duplicates),
        "rows_out": rows_out,
        "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
        "users": enriched["user_id"].nunique(),
        "purchase_rate": purchases / rows_out if rows_out else None,
        "seconds": seconds,
    }


# %% wrong: clock-ignored
# belief: any monotonic clock will do
# see: Seconds per stage
# fails: times_every_stage
# at_most: 5
import time

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    seconds = {}

    start = time.perf_counter()
    valid, quarantined = validate(events)
    seconds["validate"] = time.perf_counter() - start

    start = time.perf_counter()
    unique, duplicates = deduplicate(valid)
    seconds["deduplicate"] = time.perf_counter() - start

    start = time.perf_counter()
    enriched = enrich(unique, products)
    seconds["enrich"] = time.perf_counter() - start

    rows_in, rows_out = len(events), len(enriched)
    by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
    purchases = (enriched["event_type"] == "purchase").sum()
    return {
        "rows_in": rows_in,
        "quarantined": len(quarantined),
        "quarantined_by_reason": by_reason,
        "duplicates": len(duplicates),
        "rows_out": rows_out,
        "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
        "users": enriched["user_id"].nunique(),
        "purchase_rate": purchases / rows_out if rows_out else None,
        "seconds": seconds,
    }


# %% wrong: default-time-of-day
# belief: time.time is a clock like any other
# see: Seconds per stage
# fails: times_the_work
# at_most: 5.75
# from: one stage after the other
# - def pipeline_metrics(events, products, clock=time.perf_counter):
# + def pipeline_metrics(events, products, clock=time.time):


# %% wrong: no-default-clock
# belief: the caller always brings a clock
# see: Worked example: a clock as an argument
# fails: times_the_work
# at_most: 5.75
# from: one stage after the other
# - def pipeline_metrics(events, products, clock=time.perf_counter):
# + def pipeline_metrics(events, products, clock):


# %% wrong: total-only
# belief: one time for the whole run is enough
# see: Seconds per stage
# fails: times_every_stage
# at_most: 5
import time

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    seconds = {}

    start = clock()
    valid, quarantined = validate(events)
    unique, duplicates = deduplicate(valid)
    enriched = enrich(unique, products)
    seconds["total"] = clock() - start

    rows_in, rows_out = len(events), len(enriched)
    by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
    purchases = (enriched["event_type"] == "purchase").sum()
    return {
        "rows_in": rows_in,
        "quarantined": len(quarantined),
        "quarantined_by_reason": by_reason,
        "duplicates": len(duplicates),
        "rows_out": rows_out,
        "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
        "users": enriched["user_id"].nunique(),
        "purchase_rate": purchases / rows_out if rows_out else None,
        "seconds": seconds,
    }


# %% wrong: total-divided
# belief: a third of the total for each stage
# see: Seconds per stage
# fails: times_every_stage
# at_most: 5
import time

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    seconds = {}

    start = clock()
    valid, quarantined = validate(events)
    unique, duplicates = deduplicate(valid)
    enriched = enrich(unique, products)
    seconds = dict.fromkeys(("validate", "deduplicate", "enrich"), (clock() - start) / 3)

    rows_in, rows_out = len(events), len(enriched)
    by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
    purchases = (enriched["event_type"] == "purchase").sum()
    return {
        "rows_in": rows_in,
        "quarantined": len(quarantined),
        "quarantined_by_reason": by_reason,
        "duplicates": len(duplicates),
        "rows_out": rows_out,
        "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
        "users": enriched["user_id"].nunique(),
        "purchase_rate": purchases / rows_out if rows_out else None,
        "seconds": seconds,
    }


# %% wrong: times-since-the-beginning
# belief: seconds count from the start of the run
# see: Worked example: a clock as an argument
# fails: times_every_stage
# at_most: 5
# from: one stage after the other
# -     seconds["validate"] = clock() - start
# -
# -     start = clock()
# +     seconds["validate"] = clock() - start
# +
# -     seconds["deduplicate"] = clock() - start
# -
# -     start = clock()
# +     seconds["deduplicate"] = clock() - start
# +


# %% wrong: start-minus-stop
# belief: the order of a difference does not matter
# see: Worked example: a clock as an argument
# fails: times_every_stage
# at_most: 5
# from: one stage after the other
# -     seconds["validate"] = clock() - start
# +     seconds["validate"] = start - clock()
# -     seconds["deduplicate"] = clock() - start
# +     seconds["deduplicate"] = start - clock()
# -     seconds["enrich"] = clock() - start
# +     seconds["enrich"] = start - clock()


# %% wrong: milliseconds
# belief: milliseconds are easier to read
# see: Worked example: a clock as an argument
# fails: times_every_stage
# at_most: 5
# from: one stage after the other
# -     seconds["validate"] = clock() - start
# +     seconds["validate"] = 1000 * (clock() - start)
# -     seconds["deduplicate"] = clock() - start
# +     seconds["deduplicate"] = 1000 * (clock() - start)
# -     seconds["enrich"] = clock() - start
# +     seconds["enrich"] = 1000 * (clock() - start)


# %% wrong: rounded-seconds
# belief: three decimals are enough
# see: Worked example: a clock as an argument
# fails: times_every_stage
# at_most: 5
# from: one stage after the other
# -     seconds["validate"] = clock() - start
# +     seconds["validate"] = round(clock() - start, 3)
# -     seconds["deduplicate"] = clock() - start
# +     seconds["deduplicate"] = round(clock() - start, 3)
# -     seconds["enrich"] = clock() - start
# +     seconds["enrich"] = round(clock() - start, 3)


# %% wrong: whole-seconds
# belief: seconds are whole numbers
# see: Worked example: a clock as an argument
# fails: times_every_stage
# at_most: 5
# from: one stage after the other
# -     seconds["validate"] = clock() - start
# +     seconds["validate"] = int(clock() - start)
# -     seconds["deduplicate"] = clock() - start
# +     seconds["deduplicate"] = int(clock() - start)
# -     seconds["enrich"] = clock() - start
# +     seconds["enrich"] = int(clock() - start)


# %% wrong: readings-not-differences
# belief: the clock shows the duration
# see: Worked example: a clock as an argument
# fails: times_every_stage
# at_most: 5
# from: one stage after the other
# -     seconds["validate"] = clock() - start
# +     seconds["validate"] = clock()
# -     seconds["deduplicate"] = clock() - start
# +     seconds["deduplicate"] = clock()
# -     seconds["enrich"] = clock() - start
# +     seconds["enrich"] = clock()


# %% wrong: seconds-as-text
# belief: seconds are for people to read
# see: Worked example: a clock as an argument
# fails: times_every_stage
# at_most: 5
# from: one stage after the other
# -     seconds["validate"] = clock() - start
# +     seconds["validate"] = f"{clock() - start:.3f} s"
# -     seconds["deduplicate"] = clock() - start
# +     seconds["deduplicate"] = f"{clock() - start:.3f} s"
# -     seconds["enrich"] = clock() - start
# +     seconds["enrich"] = f"{clock() - start:.3f} s"


# %% wrong: last-stage-not-timed
# belief: the join is not a stage
# see: Seconds per stage
# fails: times_every_stage
# at_most: 5
import time

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    seconds = {}

    start = clock()
    valid, quarantined = validate(events)
    seconds["validate"] = clock() - start

    start = clock()
    unique, duplicates = deduplicate(valid)
    seconds["deduplicate"] = clock() - start

    start = clock()
    enriched = enrich(unique, products)

    rows_in, rows_out = len(events), len(enriched)
    by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
    purchases = (enriched["event_type"] == "purchase").sum()
    return {
        "rows_in": rows_in,
        "quarantined": len(quarantined),
        "quarantined_by_reason": by_reason,
        "duplicates": len(duplicates),
        "rows_out": rows_out,
        "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
        "users": enriched["user_id"].nunique(),
        "purchase_rate": purchases / rows_out if rows_out else None,
        "seconds": seconds,
    }


# %% wrong: clock-read-beside-the-stage
# belief: the readings stand beside each other
# see: Worked example: a clock as an argument
# fails: times_the_work
# at_most: 5.75
import time

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    seconds = {}

    start = clock()
    seconds["validate"] = clock() - start
    valid, quarantined = validate(events)

    start = clock()
    seconds["deduplicate"] = clock() - start
    unique, duplicates = deduplicate(valid)

    start = clock()
    seconds["enrich"] = clock() - start
    enriched = enrich(unique, products)

    rows_in, rows_out = len(events), len(enriched)
    by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
    purchases = (enriched["event_type"] == "purchase").sum()
    return {
        "rows_in": rows_in,
        "quarantined": len(quarantined),
        "quarantined_by_reason": by_reason,
        "duplicates": len(duplicates),
        "rows_out": rows_out,
        "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
        "users": enriched["user_id"].nunique(),
        "purchase_rate": purchases / rows_out if rows_out else None,
        "seconds": seconds,
    }


# %% wrong: one-stage-timed-beside
# belief: the stage may run after the second reading
# see: Worked example: a clock as an argument
# fails: times_the_work
# at_most: 5.75
import time

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    seconds = {}

    start = clock()
    valid, quarantined = validate(events)
    seconds["validate"] = clock() - start

    start = clock()
    unique, duplicates = deduplicate(valid)
    seconds["deduplicate"] = clock() - start

    start = clock()
    seconds["enrich"] = clock() - start
    enriched = enrich(unique, products)

    rows_in, rows_out = len(events), len(enriched)
    by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
    purchases = (enriched["event_type"] == "purchase").sum()
    return {
        "rows_in": rows_in,
        "quarantined": len(quarantined),
        "quarantined_by_reason": by_reason,
        "duplicates": len(duplicates),
        "rows_out": rows_out,
        "unaccounted": rows_in - (rows_out + len(quarantined) + len(duplicates)),
        "users": enriched["user_id"].nunique(),
        "purchase_rate": purchases / rows_out if rows_out else None,
        "seconds": seconds,
    }


# %% wrong: names-in-another-order
# belief: zip puts the right name to each time
# see: Worked example: a clock as an argument
# fails: times_the_work
# at_most: 5.75
# from: one stage after the other
# -         "seconds": seconds,
# +         "seconds": dict(zip(sorted(seconds), seconds.values())),


# %% wrong: guests-are-one-user
# belief: unique() counts users
# see: Numbers about what came out
# fails: counts_known_users
# at_most: 5.75
# from: one stage after the other
# -         "users": enriched["user_id"].nunique(),
# +         "users": len(enriched["user_id"].unique()),


# %% wrong: users-counted-as-rows
# belief: count() counts users
# see: Numbers about what came out
# fails: counts_known_users
# at_most: 5.75
# from: one stage after the other
# -         "users": enriched["user_id"].nunique(),
# +         "users": int(enriched["user_id"].count()),


# %% wrong: users-as-size
# belief: size counts users
# see: Numbers about what came out
# fails: counts_known_users
# at_most: 5.75
# from: one stage after the other
# -         "users": enriched["user_id"].nunique(),
# +         "users": enriched["user_id"].size,


# %% wrong: users-received
# belief: users are counted when they arrive
# see: Numbers about what came out
# fails: counts_known_users
# at_most: 5.75
# from: one stage after the other
# -         "users": enriched["user_id"].nunique(),
# +         "users": events["user_id"].nunique(),


# %% wrong: users-before-last-stage
# belief: the last stage keeps every user
# see: Numbers about what came out
# fails: counts_known_users
# at_most: 5.75
# from: one stage after the other
# -         "users": enriched["user_id"].nunique(),
# +         "users": unique["user_id"].nunique(),


# %% wrong: users-filled
# belief: guests are user 0
# see: Numbers about what came out
# fails: counts_known_users
# at_most: 5.75
# from: one stage after the other
# -         "users": enriched["user_id"].nunique(),
# +         "users": enriched["user_id"].fillna(0).nunique(),


# %% wrong: mean-of-rates
# belief: the rate is the mean of the users' rates
# see: Numbers about what came out
# fails: divides_sum_by_sum
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": (enriched["event_type"] == "purchase").groupby(enriched["user_id"]).mean().mean(),


# %% wrong: rate-of-received
# belief: the rate is about the rows received
# see: Numbers about what came out
# fails: divides_sum_by_sum
# at_most: 5.75
# from: one stage after the other
# -     purchases = (enriched["event_type"] == "purchase").sum()
# +     purchases = (events["event_type"] == "purchase").sum()
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": purchases / rows_in if rows_out else None,


# %% wrong: rate-by-rows-in
# belief: purchases out divided by rows in
# see: Numbers about what came out
# fails: divides_sum_by_sum
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": purchases / rows_in if rows_out else None,


# %% wrong: rate-in-percent
# belief: a rate is a percentage
# see: Numbers about what came out
# fails: divides_sum_by_sum
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": 100 * purchases / rows_out if rows_out else None,


# %% wrong: rate-rounded
# belief: two decimals are enough
# see: Numbers about what came out
# fails: divides_sum_by_sum
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": round(purchases / rows_out, 2) if rows_out else None,


# %% wrong: odds-not-rate
# belief: purchases per row that is none
# see: Numbers about what came out
# fails: divides_sum_by_sum
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": purchases / max(rows_out - purchases, 1) if rows_out else None,


# %% wrong: rate-without-guests
# belief: count() counts rows
# see: Numbers about what came out
# fails: divides_sum_by_sum
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": purchases / enriched["user_id"].count() if rows_out else None,


# %% wrong: rate-before-last-stage
# belief: the last stage changes nothing
# see: Numbers about what came out
# fails: divides_sum_by_sum
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": purchases / len(unique) if rows_out else None,


# %% wrong: zero-for-unknown
# belief: 0 / 0 is 0
# see: Numbers about what came out
# fails: keeps_unknown_apart_from_zero
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": purchases / rows_out if rows_out else 0.0,


# %% wrong: divides-by-at-least-one
# belief: max(rows, 1) avoids the error
# see: Numbers about what came out
# fails: keeps_unknown_apart_from_zero
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": purchases / max(rows_out, 1),


# %% wrong: division-by-zero
# belief: there is always a row
# see: Numbers about what came out
# fails: keeps_unknown_apart_from_zero
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": int(purchases) / rows_out,


# %% wrong: guards-rows-in-only
# belief: only an empty batch has no rows out
# see: Numbers about what came out
# fails: keeps_unknown_apart_from_zero
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": int(purchases) / rows_out if rows_in else None,


# %% wrong: zero-becomes-unknown
# belief: `or None` leaves zero alone
# see: Numbers about what came out
# fails: keeps_unknown_apart_from_zero
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": (purchases / rows_out if rows_out else 0) or None,


# %% wrong: fills-nan-with-zero
# belief: NaN is put right by fillna(0)
# see: Numbers about what came out
# fails: keeps_unknown_apart_from_zero
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": float((enriched["event_type"] == "purchase").agg(["mean"]).fillna(0).iloc[0]),


# %% wrong: minus-one-for-unknown
# belief: -1 stands for unknown
# see: Numbers about what came out
# fails: keeps_unknown_apart_from_zero
# at_most: 5.75
# from: one stage after the other
# -         "purchase_rate": purchases / rows_out if rows_out else None,
# +         "purchase_rate": purchases / rows_out if rows_out else -1,


# %% wrong: forgets-return
# belief: printing is returning
# see: Exercise: metrics of a pipeline
# fails: returns_metrics
# at_most: 0
# from: one stage after the other
# -     return {
# +     metrics = {
# -     }
# +     }
# +     print(metrics)


# %% wrong: returns-a-tuple
# belief: the order of the values says what they are
# see: Exercise: metrics of a pipeline
# fails: returns_metrics
# at_most: 0
# from: one stage after the other
# -     return {
# +     metrics = {
# -     }
# +     }
# +     return tuple(metrics.values())


# %% wrong: own-names
# belief: any names will do
# see: Exercise: metrics of a pipeline
# fails: returns_metrics
# at_most: 0
import time

from autograder.given.metrics import deduplicate, enrich, validate


def pipeline_metrics(events, products, clock=time.perf_counter):
    seconds = {}

    start = clock()
    valid, quarantined = validate(events)
    seconds["validate"] = clock() - start

    start = clock()
    unique, duplicates = deduplicate(valid)
    seconds["deduplicate"] = clock() - start

    start = clock()
    enriched = enrich(unique, products)
    seconds["enrich"] = clock() - start

    rows_in, rows_out = len(events), len(enriched)
    by_reason = quarantined["reasons"].str.split(";").explode().value_counts().to_dict()
    purchases = (enriched["event_type"] == "purchase").sum()
    return {
        "total": rows_in,
        "bad": len(quarantined),
        "why": by_reason,
        "twice": len(duplicates),
        "result": rows_out,
        "gap": rows_in - (rows_out + len(quarantined) + len(duplicates)),
        "people": enriched["user_id"].nunique(),
        "rate": purchases / rows_out if rows_out else None,
        "time": seconds,
    }


# %% wrong: changes-the-input-first
# belief: rows that will not pass need not be counted
# see: Exercise: metrics of a pipeline
# fails: counts_rows_received, counts_each_quarantined_row_once, counts_rows_by_reason
# at_most: 4
# from: one stage after the other
# -     seconds = {}
# -
# +     seconds = {}
# +
# +     events = events[events["amount"] >= 0]


# %% wrong: deduplicates-first
# belief: the order of the stages does not matter
# see: Three stages
# fails: counts_each_quarantined_row_once, counts_rows_by_reason, counts_duplicates
# at_most: 4
# from: one stage after the other
# -     valid, quarantined = validate(events)
# +     unique, duplicates = deduplicate(events)
# +     seconds["deduplicate"] = clock() - start
# +
# +     start = clock()
# +     valid, quarantined = validate(unique)
# -     unique, duplicates = deduplicate(valid)
# -     seconds["deduplicate"] = clock() - start
# -
# -     start = clock()
# -     enriched = enrich(unique, products)
# +     enriched = enrich(valid, products)
