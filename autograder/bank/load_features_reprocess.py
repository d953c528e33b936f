# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to load_features.reprocess. Read by `load_bank`, never imported."""

# %% right: vectorised pandas
import pandas as pd


def reprocess(events, run_date, lookback_days, previous_at, processed_at):
    known = events[events["ingested_at"] <= processed_at]
    day = known["timestamp"].dt.floor("D")
    late = known["ingested_at"].dt.floor("D") > day
    tagged = known.assign(day=day, late=late)
    daily = tagged.groupby(["day", "user_id"], as_index=False).agg(
        events=("event_id", "size"), spend=("amount", "sum"), late_events=("late", "sum")
    )
    daily = daily.assign(processing_timestamp=processed_at)
    window = pd.date_range(end=pd.Timestamp(run_date, tz="UTC"), periods=lookback_days + 1)
    partitions = {f"{d:%Y-%m-%d}": daily[daily["day"] == d] for d in window}
    too_late = (day < window[0]) & (known["ingested_at"] > previous_at)
    return partitions, int(too_late.sum())

# %% right: loop in plain Python
import datetime as dt


def reprocess(events, run_date, lookback_days, previous_at, processed_at):
    last = dt.date.fromisoformat(run_date)
    days = [last - dt.timedelta(days=n) for n in range(lookback_days + 1)]
    sums = {day: {} for day in days}
    too_late = 0
    for event in events.to_dict("records"):
        if event["ingested_at"] > processed_at:
            continue
        day = event["timestamp"].date()
        if day < min(days) and event["ingested_at"] > previous_at:
            too_late += 1
        if day in sums:
            row = sums[day].setdefault(
                event["user_id"], {"user_id": event["user_id"], "events": 0, "spend": 0.0, "late_events": 0}
            )
            row["events"] += 1
            row["spend"] += event["amount"]
            row["late_events"] += event["ingested_at"].date() > day
            row["processing_timestamp"] = processed_at
    return {day.isoformat(): list(rows.values()) for day, rows in sums.items()}, too_late

# %% right: SQL on DuckDB
import duckdb
import pandas as pd


def reprocess(events, run_date, lookback_days, previous_at, processed_at):
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.register("events", events)
        connection.execute(
            "create table known as select *, date_trunc('day', timestamp)::date as day, "
            "date_trunc('day', ingested_at)::date as arrived from events where ingested_at <= $1::timestamptz",
            [processed_at.isoformat()],
        )
        days = [pd.Timestamp(run_date) - pd.Timedelta(days=n) for n in range(lookback_days, -1, -1)]
        partitions = {}
        for day in days:
            partitions[str(day.date())] = connection.execute(
                "select user_id, count(*) as events, sum(amount) as spend, "
                "count(*) filter (arrived > day) as late_events, $2::timestamptz as processing_timestamp "
                "from known where day = $1::date group by user_id",
                [str(day.date()), processed_at.isoformat()],
            ).df()
        (too_late,) = connection.execute(
            "select count(*) from known where day < $1::date and ingested_at > $2::timestamptz",
            [str(days[0].date()), previous_at.isoformat()],
        ).fetchone()
    return {"partitions": partitions, "too_late": too_late}

# %% right: polars
import datetime as dt

import polars as pl


def reprocess(events, run_date, lookback_days, previous_at, processed_at):
    known = (
        pl.from_pandas(events)
        .filter(pl.col("ingested_at") <= processed_at)
        .with_columns(day=pl.col("timestamp").dt.date(), arrived=pl.col("ingested_at").dt.date())
    )
    last = dt.date.fromisoformat(run_date)
    partitions = {
        last - dt.timedelta(days=n): known.filter(pl.col("day") == last - dt.timedelta(days=n))
        .group_by("user_id")
        .agg(
            events=pl.len(),
            spend=pl.col("amount").sum(),
            late_events=(pl.col("arrived") > pl.col("day")).sum(),
        )
        .with_columns(processing_timestamp=pl.lit(processed_at))
        for n in range(lookback_days + 1)
    }
    first = last - dt.timedelta(days=lookback_days)
    too_late = known.filter((pl.col("day") < first) & (pl.col("ingested_at") > previous_at)).height
    return partitions, too_late

# %% right: pivot of day by day, users as index, float32, in its input
import pandas as pd


def reprocess(events, run_date, lookback_days, previous_at, processed_at):
    events["day"] = events["timestamp"].dt.strftime("%Y-%m-%d")
    events["arrived"] = events["ingested_at"].dt.strftime("%Y-%m-%d")
    events.drop(events.index[events["ingested_at"] > processed_at], inplace=True)
    partitions, day = {}, pd.Timestamp(run_date)
    for _ in range(lookback_days + 1):
        key = day.strftime("%Y-%m-%d")
        rows = events[events["day"].eq(key)]
        by_user = rows.groupby("user_id")
        partitions[key] = pd.DataFrame(
            {
                "processing_timestamp": str(processed_at),
                "late_events": rows["arrived"].gt(key).groupby(rows["user_id"]).sum().astype("float32"),
                "events": by_user.size().astype("Int64"),
                "spend": by_user["amount"].sum().astype("float32"),
                "date": key,
            }
        ).sort_index(ascending=False)
        first, day = key, day - pd.Timedelta(days=1)
    new = events["ingested_at"].gt(previous_at)
    return [partitions, float(events["day"].lt(first).mul(new).sum())]

# %% wrong: window-of-lookback-days
# belief: a lookback of 3 days makes a window of 3 days
# see: The lookback window
# fails: a_partition_for_each_day
# at_most: 3.5
# from: vectorised pandas
# - periods=lookback_days + 1
# + periods=lookback_days

# %% wrong: run-date-left-out
# belief: the day of the run is not over and does not belong to the window
# see: The lookback window
# fails: a_partition_for_each_day, later_arrivals_are_unknown
# at_most: 3
# from: vectorised pandas
# -     partitions = {f"{d:%Y-%m-%d}": daily[daily["day"] == d] for d in window}
# +     partitions = {f"{d:%Y-%m-%d}": daily[daily["day"] == d] for d in window[:-1]}

# %% wrong: a-day-too-many
# belief: the window begins the day before the lookback
# see: The lookback window
# fails: a_partition_for_each_day
# at_most: 3.5
# from: vectorised pandas
# - periods=lookback_days + 1
# + periods=lookback_days + 2

# %% wrong: only-days-with-events
# belief: a day without events needs no partition
# see: The lookback window
# fails: a_partition_for_each_day
# at_most: 3.5
# from: vectorised pandas
# - for d in window}
# + for d in window if (daily["day"] == d).any()}

# %% wrong: by-arrival-day
# belief: an event belongs to the day on which it arrived
# see: Two times for each event
# fails: late_events_count_on_their_day, counts_what_came_too_late
# at_most: 2.5
# from: vectorised pandas
# - known["timestamp"].dt.floor("D")
# + known["ingested_at"].dt.floor("D")

# %% wrong: partitions-by-arrival-day
# belief: late events belong into the partition of the day on which they came
# see: Two times for each event
# fails: late_events_count_on_their_day
# at_most: 3.5
# from: vectorised pandas
# - known.assign(day=day, late=late)
# + known.assign(day=known["ingested_at"].dt.floor("D"), late=late)

# %% wrong: knows-the-future
# belief: whatever the lake holds is known to the run
# see: The lookback window
# fails: later_arrivals_are_unknown, counts_it_in_one_run_only
# at_most: 3
# from: vectorised pandas
# - events[events["ingested_at"] <= processed_at]
# + events

# %% wrong: strictly-before-the-run
# belief: what arrives at the very moment of the run is not known to it
# see: Exercise: a window that is recomputed
# fails: later_arrivals_are_unknown, counts_it_in_one_run_only
# at_most: 3
# from: vectorised pandas
# - <= processed_at
# + < processed_at

# %% wrong: known-by-event-time
# belief: what happened before the run is known to it
# see: Two times for each event
# fails: later_arrivals_are_unknown, counts_it_in_one_run_only
# at_most: 3
# from: vectorised pandas
# - events[events["ingested_at"] <= processed_at]
# + events[events["timestamp"] <= processed_at]

# %% wrong: only-new-arrivals
# belief: a run needs to count only what has arrived since the previous one
# see: The lookback window
# fails: counts_each_users_day, late_events_count_on_their_day
# at_most: 2.5
# from: vectorised pandas
# - events[events["ingested_at"] <= processed_at]
# + events[(events["ingested_at"] <= processed_at) & (events["ingested_at"] > previous_at)]

# %% wrong: late-is-24-hours
# belief: late is what takes more than 24 hours
# see: Exercise: a window that is recomputed
# fails: late_events_count_on_their_day
# at_most: 3.5
# from: vectorised pandas
# - known["ingested_at"].dt.floor("D") > day
# + (known["ingested_at"] - known["timestamp"]) > pd.Timedelta(hours=24)

# %% wrong: late-for-the-run
# belief: late is what arrived after run_date
# see: Two times for each event
# fails: late_events_count_on_their_day
# at_most: 3.5
# from: vectorised pandas
# - known["ingested_at"].dt.floor("D") > day
# + known["ingested_at"].dt.floor("D") > pd.Timestamp(run_date, tz="UTC")

# %% wrong: late-since-the-previous-run
# belief: late is what the previous run did not know
# see: Two times for each event
# fails: late_events_count_on_their_day
# at_most: 3.5
# from: vectorised pandas
# - known["ingested_at"].dt.floor("D") > day
# + known["ingested_at"] > previous_at

# %% wrong: late-is-yes-or-no
# belief: a row is late or not, how many events does not matter
# see: Exercise: a window that is recomputed
# fails: late_events_count_on_their_day
# at_most: 3.5
# from: vectorised pandas
# - late_events=("late", "sum")
# + late_events=("late", "any")

# %% wrong: late-events-dropped
# belief: late events are faulty events
# see: The lookback window
# fails: late_events_count_on_their_day
# at_most: 3.5
# from: vectorised pandas
# -     daily = tagged.groupby
# +     tagged = tagged[~late]
# +     daily = tagged.groupby

# %% wrong: processed-now
# belief: the moment of the run is read from the clock
# see: The lookback window
# fails: says_when_it_was_processed
# at_most: 3.5
# from: vectorised pandas
# - processing_timestamp=processed_at
# + processing_timestamp=pd.Timestamp.now("UTC")

# %% wrong: processed-when-it-arrived
# belief: processing_timestamp is the time at which the last event arrived
# see: Two times for each event
# fails: says_when_it_was_processed
# at_most: 3.5
# from: vectorised pandas
# -     daily = daily.assign(processing_timestamp=processed_at)
# +     daily["processing_timestamp"] = known["ingested_at"].max()

# %% wrong: processed-on-run-date
# belief: processing_timestamp is the date of the run
# see: The lookback window
# fails: says_when_it_was_processed
# at_most: 3.5
# from: vectorised pandas
# - processing_timestamp=processed_at
# + processing_timestamp=pd.Timestamp(run_date, tz="UTC")

# %% wrong: no-processing-timestamp
# belief: the time of the run belongs in the log and nowhere else
# see: The lookback window
# fails: says_when_it_was_processed
# at_most: 3.5
# from: vectorised pandas
# -     daily = daily.assign(processing_timestamp=processed_at)
# +     daily = daily

# %% wrong: drops-in-silence
# belief: what is older than the window needs no mention
# see: What no window reaches
# fails: counts_what_came_too_late
# at_most: 3
# from: vectorised pandas
# - int(too_late.sum())
# + 0

# %% wrong: all-history-is-too-late
# belief: everything before the window came too late
# see: What no window reaches
# fails: counts_what_came_too_late
# at_most: 3
# from: vectorised pandas
# - (day < window[0]) & (known["ingested_at"] > previous_at)
# + day < window[0]

# %% wrong: counted-by-both-runs
# belief: what arrived at the moment of the previous run is new to this one
# see: Exercise: a window that is recomputed
# fails: counts_it_in_one_run_only
# at_most: 3.5
# from: vectorised pandas
# - known["ingested_at"] > previous_at
# + known["ingested_at"] >= previous_at

# %% wrong: every-new-late-event
# belief: every late event came too late
# see: What no window reaches
# fails: counts_what_came_too_late
# at_most: 3
# from: vectorised pandas
# - (day < window[0]) & (known["ingested_at"] > previous_at)
# + late & (known["ingested_at"] > previous_at)

# %% wrong: first-day-too-late
# belief: the first day of the window is outside of it
# see: The lookback window
# fails: counts_what_came_too_late
# at_most: 3
# from: vectorised pandas
# - day < window[0]
# + day <= window[0]

# %% wrong: rows-of-the-table-too-late
# belief: too_late counts rows of the daily table
# see: What no window reaches
# fails: counts_what_came_too_late
# at_most: 3
# from: vectorised pandas
# - int(too_late.sum())
# + int((daily["day"] < window[0]).sum())

# %% wrong: purchases-only
# belief: only what brings money is an event
# see: Exercise: a window that is recomputed
# fails: counts_each_users_day
# at_most: 3
# from: vectorised pandas
# - events=("event_id", "size")
# + events=("amount", lambda amount: (amount > 0).sum())

# %% wrong: mean-for-sum
# belief: spend is the mean amount
# see: Exercise: a window that is recomputed
# fails: counts_each_users_day
# at_most: 3
# from: vectorised pandas
# - spend=("amount", "sum")
# + spend=("amount", "mean")

# %% wrong: different-amounts
# belief: nunique counts events
# see: Exercise: a window that is recomputed
# fails: counts_each_users_day
# at_most: 3
# from: vectorised pandas
# - events=("event_id", "size")
# + events=("amount", "nunique")

# %% wrong: one-row-for-the-day
# belief: a daily aggregate has one row for a day
# see: Exercise: a window that is recomputed
# fails: counts_each_users_day, later_arrivals_are_unknown, late_events_count_on_their_day
# at_most: 2
# from: vectorised pandas
# -     daily = daily.assign(processing_timestamp=processed_at)
# +     daily = daily.groupby("day", as_index=False).agg({"user_id": "nunique", "events": "sum", "spend": "sum", "late_events": "sum"})
# +     daily = daily.assign(processing_timestamp=processed_at)

# %% wrong: running-totals
# belief: the features of a day hold everything up to that day
# see: Exercise: a window that is recomputed
# fails: counts_each_users_day, late_events_count_on_their_day
# at_most: 2
# from: vectorised pandas
# -     daily = daily.assign(processing_timestamp=processed_at)
# +     sums = daily.groupby("user_id")[["events", "spend", "late_events"]].cumsum()
# +     daily = daily.assign(processing_timestamp=processed_at, **sums)

# %% wrong: local-day
# belief: a day is a day in Berlin
# see: Two times for each event
# fails: counts_each_users_day
# at_most: 2
# from: vectorised pandas
# - known["timestamp"].dt.floor("D")
# + known["timestamp"].dt.tz_convert("Europe/Berlin").dt.tz_localize(None).dt.tz_localize("UTC").dt.floor("D")

# %% wrong: rounded-day
# belief: to round to days gives the day
# see: Two times for each event
# fails: counts_each_users_day, late_events_count_on_their_day
# at_most: 1
# from: vectorised pandas
# - known["timestamp"].dt.floor("D")
# + known["timestamp"].dt.round("D")

# %% wrong: one-frame-for-all
# belief: one frame with a column for the day is as good as partitions
# see: Exercise: a window that is recomputed
# fails: a_partition_for_each_day, counts_each_users_day, later_arrivals_are_unknown
# at_most: 1
# from: vectorised pandas
# -     partitions = {f"{d:%Y-%m-%d}": daily[daily["day"] == d] for d in window}
# +     partitions = daily[daily["day"].isin(window)]

# %% wrong: the-pipelines-features
# belief: event_features of the pipeline gives daily aggregates
# see: Step 5 of the pipeline
# fails: counts_each_users_day, late_events_count_on_their_day, says_when_it_was_processed
# at_most: 0.5
import pandas as pd
from pipeline import event_features


def reprocess(events, run_date, lookback_days, previous_at, processed_at):
    window = pd.date_range(end=pd.Timestamp(run_date, tz="UTC"), periods=lookback_days + 1)
    events = events.assign(event_type="purchase", product_category="")
    partitions = {}
    for day in window:
        rows = event_features(events[events["timestamp"] >= day], as_of=day + pd.Timedelta(days=1))
        partitions[f"{day:%Y-%m-%d}"] = rows
    return partitions, 0
