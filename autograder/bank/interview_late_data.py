# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to interview.late_data. Read by `load_bank`, never imported."""

# %% right: vectorised pandas
import pandas as pd

def partitions_to_overwrite(arrivals, run_date, lookback_days):
    run = pd.Timestamp(run_date, tz="UTC")
    first = run - pd.Timedelta(days=lookback_days)
    known = arrivals[arrivals["ingested_at"] < run + pd.Timedelta(days=1)]
    day = known["timestamp"].dt.normalize()
    today = known["ingested_at"] >= run
    touched = day[today & (day >= first)].unique()
    late = day[today & (day < first)]
    partitions = day[day.isin(touched)].dt.strftime("%Y-%m-%d").value_counts().to_dict()
    dropped = late.dt.strftime("%Y-%m-%d").value_counts().to_dict()
    return partitions, dropped

# %% right: a loop over rows, dates as keys, in a dict
import datetime as dt

def partitions_to_overwrite(arrivals, run_date, lookback_days):
    run = dt.date.fromisoformat(run_date)
    first = run - dt.timedelta(days=lookback_days)
    pairs = [(row.timestamp.date(), row.ingested_at.date()) for row in arrivals.itertuples()]
    partitions, dropped = {}, {}
    for happened, arrived in pairs:
        if arrived == run and happened < first:
            dropped[happened] = dropped.get(happened, 0) + 1
        elif arrived == run:
            partitions[happened] = 0
    for happened, arrived in pairs:
        if happened in partitions and arrived <= run:
            partitions[happened] += 1
    return {"dropped": dropped, "partitions": partitions}

# %% right: SQL on DuckDB
import duckdb

def partitions_to_overwrite(arrivals, run_date, lookback_days):
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    con.register("arrivals", arrivals)
    con.execute(f"""
        create temp table t as
        select cast(timestamp as date) as happened, cast(ingested_at as date) = date '{run_date}' as new,
               cast(timestamp as date) >= date '{run_date}' - {lookback_days} as is_open
        from arrivals where cast(ingested_at as date) <= date '{run_date}'
    """)
    held = con.sql("select happened, count(*) from t where is_open group by 1 having bool_or(new)").fetchall()
    late = con.sql("select happened, count(*) from t where new and not is_open group by 1").fetchall()
    return dict(held), dict(late)

# %% right: polars
import datetime as dt
import polars as pl

def partitions_to_overwrite(arrivals, run_date, lookback_days):
    run = dt.date.fromisoformat(run_date)
    first = run - dt.timedelta(days=lookback_days)
    rows = pl.from_pandas(arrivals).select(
        happened=pl.col("timestamp").dt.date(), arrived=pl.col("ingested_at").dt.date()
    ).filter(pl.col("arrived") <= run)
    by_day = rows.group_by("happened").agg(n=pl.len(), new=(pl.col("arrived") == run).sum()).filter(pl.col("new") > 0)
    held, late = by_day.filter(pl.col("happened") >= first), by_day.filter(pl.col("happened") < first)
    return dict(held.select("happened", "n").iter_rows()), dict(late.select("happened", "new").iter_rows())

# %% right: days as text compared as text, zero for days without drops
from collections import Counter
import pandas as pd

def partitions_to_overwrite(arrivals, run_date, lookback_days):
    window = [f"{day:%Y-%m-%d}" for day in pd.date_range(end=run_date, periods=lookback_days + 1)]
    arrivals = arrivals.assign(d=arrivals.timestamp.dt.strftime("%Y-%m-%d"), a=arrivals.ingested_at.dt.strftime("%Y-%m-%d"))
    new = Counter(arrivals[arrivals.a == run_date].d)
    held = Counter(arrivals[arrivals.a <= run_date].d)
    return {d: float(held[d]) for d in window if d in new}, {d: n * (d not in window) for d, n in new.items()}

# %% wrong: only today's rows
# belief: A partition overwrite needs only the rows that are new
# see: What a partition overwrite must write
# fails: keeps_what_was_there
# at_most: 0.5
# from: vectorised pandas
# - day[day.isin(touched)]
# + day[today & day.isin(touched)]

# %% wrong: rows from the future
# belief: All rows that are there belong to the run, also if it is an old one that is repeated
# see: What a partition overwrite must write
# fails: keeps_what_was_there
# at_most: 0.5
# from: vectorised pandas
# - arrivals[arrivals["ingested_at"] < run + pd.Timedelta(days=1)]
# + arrivals
# - today = known["ingested_at"] >= run
# + today = known["ingested_at"].dt.normalize() == run

# %% wrong: until the beginning of the day
# belief: A run sees what had arrived before its day began
# fails: overwrites_the_days_that_got_rows, counts_what_comes_too_late, keeps_what_was_there
# at_most: 0
# from: vectorised pandas
# - < run + pd.Timedelta(days=1)
# + < run

# %% wrong: dropped without a count
# belief: Rows older than the window may be dropped without a word
# see: The tail
# fails: counts_what_comes_too_late
# at_most: 0.5
# from: vectorised pandas
# - return partitions, dropped
# + return partitions, {}

# %% wrong: a total instead of days
# belief: One number for all dropped rows will do
# see: The tail
# fails: counts_what_comes_too_late
# at_most: 0.5
# from: vectorised pandas
# - return partitions, dropped
# + return partitions, len(late)

# %% wrong: every late row is dropped
# belief: A late row is one that comes after its day
# see: The tail
# fails: counts_what_comes_too_late
# at_most: 0.5
# from: vectorised pandas
# - late = day[today & (day < first)]
# + late = day[today & (day < run)]

# %% wrong: dropped by day of arrival
# belief: A dropped row is counted under the day of the run
# see: The tail
# fails: counts_what_comes_too_late
# at_most: 0.5
# from: vectorised pandas
# - dropped = late.dt.strftime("%Y-%m-%d").value_counts().to_dict()
# + dropped = {run_date: len(late)}

# %% wrong: dropped rows of earlier runs counted again
# belief: Every run reports all rows that were ever too late
# see: The tail
# fails: counts_what_comes_too_late
# at_most: 0.5
# from: vectorised pandas
# - late = day[today & (day < first)]
# + late = day[(day < first) & (known["ingested_at"] - known["timestamp"] > pd.Timedelta(days=1))]

# %% wrong: the window is one day short
# belief: A lookback of 2 days means two partitions, the day of the run included
# see: The tail
# fails: overwrites_the_days_that_got_rows, counts_what_comes_too_late
# at_most: 0.25
# from: vectorised pandas
# - pd.Timedelta(days=lookback_days)
# + pd.Timedelta(days=lookback_days - 1)

# %% wrong: the window is one day long
# belief: The window begins the day before the lookback
# fails: overwrites_the_days_that_got_rows, counts_what_comes_too_late
# at_most: 0.25
# from: vectorised pandas
# - pd.Timedelta(days=lookback_days)
# + pd.Timedelta(days=lookback_days + 1)

# %% wrong: the window without its first day
# belief: The first day of a window is no part of it
# fails: overwrites_the_days_that_got_rows
# at_most: 0.5
# from: vectorised pandas
# - (day >= first)
# + (day > first)

# %% wrong: the whole window every time
# belief: Every run overwrites its whole window, new rows or not
# see: What a partition overwrite must write
# fails: overwrites_the_days_that_got_rows
# at_most: 0.5
# from: vectorised pandas
# - touched = day[today & (day >= first)].unique()
# + touched = day[day >= first].unique()

# %% wrong: the run's own day only
# belief: A daily run writes the partition of its day
# see: What a partition overwrite must write
# fails: overwrites_the_days_that_got_rows
# at_most: 0.5
# from: vectorised pandas
# - touched = day[today & (day >= first)].unique()
# + touched = [run]

# %% wrong: no window at all
# belief: A late row is written however late it is
# see: The tail
# fails: overwrites_the_days_that_got_rows, counts_what_comes_too_late
# at_most: 0.25
# from: vectorised pandas
# - first = run - pd.Timedelta(days=lookback_days)
# + first = run - pd.Timedelta(days=9999)

# %% wrong: the lookback is fixed
# belief: Three days are always enough
# see: The tail
# fails: overwrites_the_days_that_got_rows, counts_what_comes_too_late
# at_most: 0.25
# from: vectorised pandas
# - pd.Timedelta(days=lookback_days)
# + pd.Timedelta(days=3)

# %% wrong: partitioned by arrival
# belief: A row belongs to the day on which it arrived
# see: What a partition overwrite must write
# fails: overwrites_the_days_that_got_rows, keeps_what_was_there, counts_what_comes_too_late
# at_most: 0
# from: vectorised pandas
# - day = known["timestamp"].dt.normalize()
# + day = known["ingested_at"].dt.normalize()

# %% wrong: watermark at the newest event
# belief: Rows older than the newest event seen so far are old news
# see: The tail
# fails: overwrites_the_days_that_got_rows, counts_what_comes_too_late
# at_most: 0.25
# from: vectorised pandas
# - today = known["ingested_at"] >= run
# + today = known["timestamp"] > known.loc[known["ingested_at"] < run, "timestamp"].max()

# %% wrong: a window of hours from the end of the day
# belief: The window is a number of hours before the run, not a number of partitions
# see: What a partition overwrite must write
# fails: keeps_what_was_there, counts_what_comes_too_late
# at_most: 0.25
# from: vectorised pandas
# -     known = arrivals[arrivals["ingested_at"] < run + pd.Timedelta(days=1)]
# +     known = arrivals[arrivals["ingested_at"] < run + pd.Timedelta(days=1)]
# +     known = known[known["timestamp"] >= first + pd.Timedelta(hours=12)]

# %% wrong: names of the days only
# belief: It is enough to name the partitions
# fails: overwrites_the_days_that_got_rows, keeps_what_was_there
# at_most: 0.25
# from: vectorised pandas
# - return partitions, dropped
# + return sorted(partitions), dropped

# %% wrong: a clock
# belief: The run's date is today
# see: Question 4: idempotency
# fails: overwrites_the_days_that_got_rows
# at_most: 0
# from: vectorised pandas
# - run = pd.Timestamp(run_date, tz="UTC")
# + run = pd.Timestamp.now("UTC").normalize()

# %% wrong: midnight-belongs-to-both-days
# belief: a day ends with the first moment of the next one
# see: Lab: a run that knows late rows
# fails: keeps_what_was_there
# at_most: 0.25
# from: vectorised pandas
# -     known = arrivals[arrivals["ingested_at"] < run + pd.Timedelta(days=1)]
# +     known = arrivals[arrivals["ingested_at"] <= run + pd.Timedelta(days=1)]

# %% wrong: midnight-belongs-to-no-day
# belief: a row that arrived at the very start of a day arrived before it
# see: Lab: a run that knows late rows
# fails: counts_what_comes_too_late
# at_most: 0.5
# from: vectorised pandas
# -     today = known["ingested_at"] >= run
# +     today = known["ingested_at"] > run
