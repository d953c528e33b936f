# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to idempotency.merge. Read by `load_bank`, never imported."""

# %% right: sort and drop duplicates
import pandas as pd


def merge_events(stored, batch):
    both = pd.concat([stored, batch], ignore_index=True)
    newest = both.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
    return newest.sort_values("event_id").reset_index(drop=True)


# %% right: loop in plain Python


def merge_events(stored, batch):
    newest = {}
    for frame in (stored, batch):
        for row in frame.to_dict("records"):
            known = newest.get(row["event_id"])
            if known is None or row["ingested_at"] > known["ingested_at"]:
                newest[row["event_id"]] = row
    return list(newest.values())


# %% right: index of the newest
import pandas as pd


def merge_events(stored, batch):
    both = pd.concat([batch, stored], ignore_index=True)
    return both.loc[both.groupby("event_id")["ingested_at"].idxmax()].set_index("event_id")


# %% right: window function in DuckDB
import duckdb


def merge_events(stored, batch):
    connection = duckdb.connect()
    connection.register("stored", stored)
    connection.register("batch", batch)
    return connection.sql("""
        select * from (select * from stored union all by name select * from batch)
        qualify row_number() over (partition by event_id order by ingested_at desc) = 1
    """).df()


# %% right: polars
import polars as pl


def merge_events(stored, batch):
    frames = [pl.from_pandas(frame) for frame in (stored, batch) if len(frame)]
    return pl.concat(frames).sort("ingested_at").unique("event_id", keep="last", maintain_order=True)


# %% right: by rank, other dtypes and column order, one more column
import pandas as pd


def merge_events(stored, batch):
    both = pd.concat([stored, batch], ignore_index=True)
    rank = both.groupby("event_id")["ingested_at"].rank(method="first", ascending=False)
    newest = both[rank == 1].copy()
    newest["amount"] = newest["amount"].astype("float32")
    newest["event_type"] = newest["event_type"].astype("category")
    newest["date"] = newest["timestamp"].dt.date
    return newest[sorted(newest.columns, reverse=True)]


# %% right: keeps the stored rows that are not superseded, in its inputs
import pandas as pd


def merge_events(stored, batch):
    batch.sort_values("ingested_at", ascending=False, inplace=True)
    batch.drop_duplicates("event_id", inplace=True)
    stored.sort_values("ingested_at", ascending=False, inplace=True)
    stored.drop_duplicates("event_id", inplace=True)
    known = dict(zip(stored["event_id"], stored["ingested_at"]))
    newer = [known.get(key) is None or at >= known[key] for key, at in zip(batch["event_id"], batch["ingested_at"])]
    batch = batch[newer]
    return pd.concat([stored[~stored["event_id"].isin(batch["event_id"])], batch])


# %% wrong: last-loaded-wins
# belief: what comes later in the stack is newer
# see: 4. Overwrite the day
# fails: newest_version_wins
# at_most: 1.5
import pandas as pd


def merge_events(stored, batch):
    return pd.concat([stored, batch]).drop_duplicates("event_id", keep="last")


# %% wrong: first-stays
# belief: an event that is stored already needs no second look
# see: 2. It is there, so skip it
# fails: newest_version_wins
# at_most: 1.5
import pandas as pd


def merge_events(stored, batch):
    return pd.concat([stored, batch]).drop_duplicates("event_id")


# %% wrong: every-copy-removed
# belief: keep=False removes the duplicates and leaves one
# see: Worked example: the newest price
# fails: keeps_every_event, newest_version_wins
# at_most: 0.5
import pandas as pd


def merge_events(stored, batch):
    return pd.concat([stored, batch]).drop_duplicates("event_id", keep=False)


# %% wrong: whole-row
# belief: two versions of an event are two different rows
# see: Worked example: the newest price
# fails: newest_version_wins
# at_most: 1.5
import pandas as pd


def merge_events(stored, batch):
    return pd.concat([stored, batch]).drop_duplicates()


# %% wrong: stacked-only
# belief: stacking two frames merges them
# see: Ten events and a load
# fails: keeps_every_event, newest_version_wins
# at_most: 0.5
import pandas as pd


def merge_events(stored, batch):
    return pd.concat([stored, batch])


# %% wrong: by-user
# belief: the key of an event is its user
# see: Which key?
# fails: keeps_every_event
# at_most: 0.5
import pandas as pd


def merge_events(stored, batch):
    both = pd.concat([stored, batch]).sort_values("ingested_at")
    return both.drop_duplicates("user_id", keep="last")


# %% wrong: newest-by-event-time
# belief: the version with the newest timestamp is the newest
# see: 4. Overwrite the day
# fails: newest_version_wins
# at_most: 1.5
import pandas as pd


def merge_events(stored, batch):
    both = pd.concat([stored, batch]).sort_values("timestamp", kind="stable")
    return both.drop_duplicates("event_id", keep="last")


# %% wrong: oldest-kept
# belief: keep="first" after sorting upwards is the newest
# see: Worked example: the newest price
# fails: newest_version_wins
# at_most: 1.5
import pandas as pd


def merge_events(stored, batch):
    return pd.concat([stored, batch]).sort_values("ingested_at").drop_duplicates("event_id", keep="first")


# %% wrong: maximum-of-each-column
# belief: the newest row is the maximum of each of its columns
# see: Worked example: the newest price
# fails: newest_version_wins
# at_most: 1.5
import pandas as pd


def merge_events(stored, batch):
    return pd.concat([stored, batch]).groupby("event_id", as_index=False).max()


# %% wrong: amounts-added
# belief: two rows of one event are two parts of its amount
# see: Worked example: the newest price
# fails: keeps_every_event, newest_version_wins
# at_most: 0.5
import pandas as pd


def merge_events(stored, batch):
    both = pd.concat([stored, batch]).sort_values("ingested_at")
    both["amount"] = both.groupby("event_id")["amount"].transform("sum")
    return both.drop_duplicates("event_id", keep="last")


# %% wrong: update-in-place
# belief: DataFrame.update inserts rows that are not there yet
# see: Worked example: the newest price
# fails: keeps_every_event, newest_version_wins, starts_from_nothing
# at_most: 0
def merge_events(stored, batch):
    merged = stored.set_index("event_id")
    merged.update(batch.set_index("event_id"))
    return merged.reset_index()


# %% wrong: merge-with-suffixes
# belief: an outer merge on the key takes the newer value of each column
# see: Worked example: the newest price
# fails: keeps_every_event, newest_version_wins
# at_most: 0
def merge_events(stored, batch):
    return stored.merge(batch, on="event_id", how="outer")


# %% wrong: batch-only
# belief: the batch replaces what is stored
# see: 4. Overwrite the day
# fails: keeps_every_event, newest_version_wins
# at_most: 1
def merge_events(stored, batch):
    return batch.sort_values("ingested_at").drop_duplicates("event_id", keep="last")


# %% wrong: stamped-with-the-clock
# belief: it does no harm to note in each row when it was merged
# see: 3. Overwrite the day, and note when
# fails: merging_again_changes_nothing
# at_most: 2
import datetime
import pandas as pd


def merge_events(stored, batch):
    both = pd.concat([stored, batch]).sort_values("ingested_at").drop_duplicates("event_id", keep="last")
    return both.assign(merged_at=datetime.datetime.now(datetime.UTC))


# %% wrong: row-numbers-that-grow
# belief: a counter of versions belongs in the row
# see: 3. Overwrite the day, and note when
# fails: merging_again_changes_nothing
# at_most: 2
import pandas as pd


def merge_events(stored, batch):
    if "merges" not in stored:
        stored = stored.assign(merges=0)
    both = pd.concat([stored, batch.assign(merges=stored["merges"].max() + 1 if len(stored) else 1)])
    return both.sort_values("ingested_at").drop_duplicates("event_id", keep="last").assign(merges=both["merges"].max())


# %% wrong: fails-on-nothing-stored
# belief: something is always stored already
# see: Exercise: the newest version of each event
# fails: starts_from_nothing
# at_most: 2
import pandas as pd


def merge_events(stored, batch):
    first = stored["ingested_at"].iloc[0]
    both = pd.concat([stored, batch])
    return both.assign(age=both["ingested_at"] - first).sort_values("age").drop_duplicates("event_id", keep="last")


# %% wrong: only-newer-than-everything-stored
# belief: a batch row older than the newest stored row is old news
# see: Exercise: the newest version of each event
# fails: keeps_every_event
# at_most: 1
import pandas as pd


def merge_events(stored, batch):
    if len(stored):
        batch = batch[batch["ingested_at"].between(stored["ingested_at"].max(), pd.Timestamp.max.tz_localize("UTC"), inclusive="right")]
        batch = batch.iloc[1:]
    both = pd.concat([stored, batch]).sort_values("ingested_at")
    return both.drop_duplicates("event_id", keep="last")


# %% wrong: key-only
# belief: the id and the amount are all that is needed
# see: Exercise: the newest version of each event
# fails: keeps_every_event, newest_version_wins, starts_from_nothing
# at_most: 0
import pandas as pd


def merge_events(stored, batch):
    both = pd.concat([stored, batch]).sort_values("ingested_at").drop_duplicates("event_id", keep="last")
    return both[["event_id", "amount"]]


# %% wrong: forgets-to-return
# belief: the last value of a function is its result
# see: Exercise: the newest version of each event
# fails: keeps_every_event, newest_version_wins, starts_from_nothing
# at_most: 0
import pandas as pd


def merge_events(stored, batch):
    both = pd.concat([stored, batch])
    both.sort_values("ingested_at").drop_duplicates("event_id", keep="last")


# %% wrong: amounts-rounded
# belief: whole euros are good enough
# see: Exercise: the newest version of each event
# fails: keeps_every_event, starts_from_nothing
# at_most: 0.5
import pandas as pd


def merge_events(stored, batch):
    both = pd.concat([stored, batch]).sort_values("ingested_at").drop_duplicates("event_id", keep="last")
    return both.assign(amount=both["amount"].round())
