# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to load_features.upsert. Read by `load_bank`, never imported."""

# %% right: vectorised pandas
import pandas as pd


def upsert(stored, batch):
    versions = stored[["user_id", "updated_at"]].rename(columns={"updated_at": "stored_at"})
    news = batch.merge(versions, on="user_id", how="left")
    news = news[news["stored_at"].isna() | (news["updated_at"] > news["stored_at"])][list(batch.columns)]
    both = pd.concat([stored, news], ignore_index=True)
    table = both.sort_values("updated_at").groupby("user_id", as_index=False).last()
    touched, known = set(news["user_id"]), set(stored["user_id"])
    inserted, updated = len(touched - known), len(touched & known)
    unchanged = len(table) - inserted - updated
    return table, {"inserted": inserted, "updated": updated, "unchanged": unchanged}

# %% right: loop in plain Python
import pandas as pd


def upsert(stored, batch):
    rows = {row["user_id"]: dict(row) for row in stored.to_dict("records")}
    known = set(rows)
    touched = set()
    for row in sorted(batch.to_dict("records"), key=lambda row: row["updated_at"]):
        user = row["user_id"]
        if user in rows and row["updated_at"] <= rows[user]["updated_at"]:
            continue
        touched.add(user)
        target = rows.setdefault(user, dict.fromkeys(stored.columns))
        for name, value in row.items():
            if not pd.isna(value):
                target[name] = value
    counts = {
        "inserted": len(touched - known),
        "updated": len(touched & known),
        "unchanged": len(known - touched),
    }
    return list(rows.values()), counts

# %% right: SQL on DuckDB
import duckdb


def upsert(stored, batch):
    batch = batch.reindex(columns=stored.columns)
    with duckdb.connect() as connection:
        connection.register("stored", stored)
        connection.register("batch", batch)
        connection.sql("""
            create table news as
            select b.*, s.user_id is null as is_new
            from batch b left join stored s using (user_id)
            where s.user_id is null or b.updated_at > s.updated_at
        """)
        table = connection.sql("""
            select
                user_id,
                arg_max(country, updated_at) as country,
                arg_max(subscription_tier, updated_at) as subscription_tier,
                arg_max(total_spend, updated_at) as total_spend,
                max(updated_at) as updated_at
            from (select * from stored union all by name select * exclude (is_new) from news)
            group by user_id
        """).df()
        inserted, updated = connection.sql("""
            select count(distinct user_id) filter (is_new), count(distinct user_id) filter (not is_new) from news
        """).fetchone()
    return {
        "table": table,
        "counts": {"inserted": inserted, "updated": updated, "unchanged": len(table) - inserted - updated},
    }

# %% right: SQLite, on conflict
import sqlite3

import pandas as pd


def upsert(stored, batch):
    columns = list(stored.columns)
    known = dict(zip(stored["user_id"], stored["updated_at"].astype(str)))

    def rows(frame):
        frame = frame.reindex(columns=columns).sort_values("updated_at")
        frame = frame.assign(updated_at=frame["updated_at"].astype(str)).astype(object)
        return frame.where(frame.notna(), None).values.tolist()

    connection = sqlite3.connect(":memory:")
    connection.execute(f"create table t ({', '.join(columns)}, primary key (user_id))")
    marks = ", ".join("?" for _ in columns)
    connection.executemany(f"insert into t values ({marks})", rows(stored))
    news = ", ".join(f"{c} = coalesce(excluded.{c}, {c})" for c in columns if c != "user_id")
    connection.executemany(
        f"insert into t values ({marks}) on conflict (user_id) do update set {news} "
        "where excluded.updated_at > updated_at",
        rows(batch),
    )
    table = pd.read_sql("select * from t order by user_id desc", connection)
    connection.close()
    after = dict(zip(table["user_id"], table["updated_at"]))
    counts = {
        "inserted": sum(user not in known for user in after),
        "updated": sum(after[user] != known[user] for user in known),
        "unchanged": sum(after[user] == known[user] for user in known),
    }
    return table, counts

# %% right: polars
import polars as pl


def upsert(stored, batch):
    old = pl.from_pandas(stored)
    new = pl.from_pandas(batch)
    new = new.with_columns(pl.col(name).cast(old.schema[name]) for name in new.columns)
    news = new.join(old.select("user_id", version="updated_at"), on="user_id", how="left").filter(
        pl.col("version").is_null() | (pl.col("updated_at") > pl.col("version"))
    )
    both = pl.concat([old, news.drop("version")], how="diagonal").sort("updated_at")
    table = both.group_by("user_id").agg(pl.all().drop_nulls().last())
    inserted = news.filter(pl.col("version").is_null())["user_id"].n_unique()
    updated = news.filter(pl.col("version").is_not_null())["user_id"].n_unique()
    return table, {"inserted": inserted, "updated": updated, "unchanged": table.height - inserted - updated}

# %% right: combine_first, one batch row at a time, user as index, in its inputs
import pandas as pd


def upsert(stored, batch):
    stored.set_index("user_id", inplace=True)
    before = stored["updated_at"].copy()
    batch.sort_values("updated_at", inplace=True)
    table = stored
    for place in range(len(batch)):
        row = batch.iloc[[place]].set_index("user_id")
        user = row.index[0]
        if user not in table.index or row["updated_at"].iloc[0] > table.loc[user, "updated_at"]:
            table = row.combine_first(table) if len(table) else row.reindex(columns=stored.columns)
    after = table["updated_at"]
    updated = (after.reindex(before.index) != before).sum()
    counts = {"inserted": float(len(after) - len(before)), "updated": updated, "unchanged": len(before) - updated, "rows": 9}
    return table[sorted(table.columns)].assign(seen=1), counts

# %% wrong: last-loaded-wins
# belief: what comes later is newer
# see: An upsert that knows which version is newer
# fails: newest_version_wins, just_as_old_is_no_news, counts_say_what_happened
# at_most: 2
# from: vectorised pandas
# -     news = news[news["stored_at"].isna() | (news["updated_at"] > news["stored_at"])][list(batch.columns)]
# +     news = batch
# - both.sort_values("updated_at").groupby("user_id", as_index=False)
# + both.groupby("user_id", as_index=False)

# %% wrong: equal-version-wins
# belief: a row that is just as old as the stored one may replace it
# see: Exercise: an upsert
# fails: just_as_old_is_no_news
# at_most: 3.5
# from: vectorised pandas
# - news["updated_at"] > news["stored_at"]
# + news["updated_at"] >= news["stored_at"]

# %% wrong: older-rows-fill-gaps
# belief: an old row may still fill what is null in a newer one
# see: Exercise: an upsert
# fails: newest_version_wins, just_as_old_is_no_news, counts_say_what_happened
# at_most: 2.5
# from: vectorised pandas
# -     news = news[news["stored_at"].isna() | (news["updated_at"] > news["stored_at"])][list(batch.columns)]
# +     news = batch

# %% wrong: whole-row-replaced
# belief: the newest row of a user replaces the stored one as a whole, nulls included
# see: Two jobs, one row
# fails: null_is_no_news, partial_rows_add_up
# at_most: 3
# from: vectorised pandas
# - .groupby("user_id", as_index=False).last()
# + .drop_duplicates("user_id", keep="last")

# %% wrong: newest-of-the-batch-first
# belief: of several rows of one user in a batch only the newest says anything
# see: Two jobs, one row
# fails: partial_rows_add_up
# at_most: 3.5
# from: vectorised pandas
# -     both = pd.concat([stored, news], ignore_index=True)
# +     news = news.sort_values("updated_at").drop_duplicates("user_id", keep="last")
# +     both = pd.concat([stored, news], ignore_index=True)

# %% wrong: batch-order-trusted
# belief: the rows of a batch come in the order of their versions
# see: Exercise: an upsert
# fails: a_batch_may_repeat_a_user, partial_rows_add_up
# at_most: 3
# from: vectorised pandas
# - both.sort_values("updated_at").groupby("user_id", as_index=False)
# + both.groupby("user_id", as_index=False)

# %% wrong: first-of-the-batch-stays
# belief: drop_duplicates keeps the newest of several rows
# see: Exercise: an upsert
# fails: a_batch_may_repeat_a_user, partial_rows_add_up
# at_most: 3
# from: vectorised pandas
# -     both = pd.concat([stored, news], ignore_index=True)
# +     news = news.drop_duplicates("user_id")
# +     both = pd.concat([stored, news], ignore_index=True)

# %% wrong: batch-not-deduplicated
# belief: a user is in a batch only once
# see: Exercise: an upsert
# fails: a_batch_may_repeat_a_user, partial_rows_add_up
# at_most: 2.5
import pandas as pd


def upsert(stored, batch):
    version = batch["user_id"].map(stored.drop_duplicates("user_id").set_index("user_id")["updated_at"])
    news = batch[version.isna() | (batch["updated_at"] > version)]
    old = stored.set_index("user_id").reindex(news["user_id"]).reset_index()
    filled = news.reset_index(drop=True).reindex(columns=stored.columns).combine_first(old)
    kept = stored[~stored["user_id"].isin(news["user_id"])]
    table = pd.concat([kept, filled], ignore_index=True)
    touched, known = set(news["user_id"]), set(stored["user_id"])
    inserted, updated = len(touched - known), len(touched & known)
    unchanged = len(known) - updated
    return table, {"inserted": inserted, "updated": updated, "unchanged": unchanged}

# %% wrong: watermark-of-the-table
# belief: what is not newer than the newest stored row has been loaded already
# see: Exercise: an upsert
# fails: newest_version_wins, every_user_once
# at_most: 1.5
# from: vectorised pandas
# -     news = news[news["stored_at"].isna() | (news["updated_at"] > news["stored_at"])][list(batch.columns)]
# +     news = batch[~(batch["updated_at"] <= stored["updated_at"].max())]

# %% wrong: dataframe-update
# belief: DataFrame.update is an upsert
# see: An upsert that knows which version is newer
# fails: every_user_once, newest_version_wins, counts_say_what_happened
# at_most: 0.5
import pandas as pd


def upsert(stored, batch):
    table = stored.set_index("user_id")
    table.update(batch.drop_duplicates("user_id", keep="last").set_index("user_id"))
    table = table.reset_index()
    updated = int(batch["user_id"].isin(table["user_id"]).sum())
    return table, {"inserted": 0, "updated": updated, "unchanged": len(table) - updated}

# %% wrong: stored-rows-stay
# belief: what is stored already needs no second look
# see: Four ways to load
# fails: newest_version_wins, a_batch_may_repeat_a_user, null_is_no_news, counts_say_what_happened
# at_most: 1
# from: vectorised pandas
# - news["stored_at"].isna() | (news["updated_at"] > news["stored_at"])
# + news["stored_at"].isna()

# %% wrong: only-known-users
# belief: an upsert changes rows that are there
# see: Four ways to load
# fails: every_user_once, a_batch_may_repeat_a_user, counts_say_what_happened
# at_most: 1.5
# from: vectorised pandas
# - news["stored_at"].isna() | (news["updated_at"] > news["stored_at"])
# + news["updated_at"] > news["stored_at"]

# %% wrong: stacked-only
# belief: to add the rows of the batch is enough, readers take the newest
# see: Appending, and the retry
# fails: every_user_once, newest_version_wins, a_batch_may_repeat_a_user, null_is_no_news
# at_most: 0
# from: vectorised pandas
# -     table = both.sort_values("updated_at").groupby("user_id", as_index=False).last()
# +     table = both

# %% wrong: batch-is-the-table
# belief: the batch is the whole table
# see: Four ways to load
# fails: every_user_once, newest_version_wins
# at_most: 0.5
# from: vectorised pandas
# -     both = pd.concat([stored, news], ignore_index=True)
# +     both = news.reindex(columns=stored.columns)

# %% wrong: replaces-through-the-pipeline
# belief: load_features of the pipeline is an upsert
# see: Step 5 of the pipeline
# fails: every_user_once, newest_version_wins, counts_say_what_happened, twice_is_once
# at_most: 0
import tempfile
from pathlib import Path

import pandas as pd
from pipeline import load_features, read_table


def upsert(stored, batch):
    day = pd.Timestamp("2024-01-15", tz="UTC")
    with tempfile.TemporaryDirectory() as folder:
        load_features(stored, Path(folder), as_of=day)
        load_features(batch, Path(folder), as_of=day)
        table = read_table(Path(folder), "features", "users")
    return table, {"inserted": len(batch), "updated": 0, "unchanged": 0}

# %% wrong: batch-values-only-where-null
# belief: the stored table has the first word and the batch fills its gaps
# see: Two jobs, one row
# fails: newest_version_wins, null_is_no_news
# at_most: 1
import pandas as pd


def upsert(stored, batch):
    news = batch.sort_values("updated_at").groupby("user_id").last()
    table = stored.set_index("user_id").combine_first(news).reset_index()
    inserted = len(set(batch["user_id"]) - set(stored["user_id"]))
    updated = news.index.isin(stored["user_id"]).sum()
    return table, {"inserted": inserted, "updated": updated, "unchanged": len(table) - inserted - updated}

# %% wrong: whole-row-where-a-column-lacks
# belief: a column that is not in the batch is not in the result
# see: Two jobs, one row
# fails: null_is_no_news
# at_most: 3
# from: vectorised pandas
# - groupby("user_id", as_index=False).last()
# + groupby("user_id", as_index=False).last()[list(batch.columns)]

# %% wrong: rows-with-nulls-dropped
# belief: a row with a null is a faulty row
# see: Two jobs, one row
# fails: null_is_no_news
# at_most: 3
# from: vectorised pandas
# -     news = batch.merge
# +     batch = batch.dropna()
# +     news = batch.merge

# %% wrong: nulls-become-unknown
# belief: a null should be replaced by a word before it is stored
# see: Two jobs, one row
# fails: every_user_once
# at_most: 3.5
# from: vectorised pandas
# -     touched, known
# +     table = table.fillna({"country": "Unknown"})
# +     touched, known

# %% wrong: merge-suffixes
# belief: a merge puts the values of both frames into one column
# see: Exercise: an upsert
# fails: every_user_once, newest_version_wins, null_is_no_news
# at_most: 0
import pandas as pd


def upsert(stored, batch):
    table = stored.merge(batch, on="user_id", how="outer")
    inserted = len(set(batch["user_id"]) - set(stored["user_id"]))
    updated = len(set(batch["user_id"])) - inserted
    return table, {"inserted": inserted, "updated": updated, "unchanged": len(table) - inserted - updated}

# %% wrong: updated-now
# belief: updated_at is the moment at which the row is stored
# see: Exercise: an upsert
# fails: newest_version_wins, every_user_once
# at_most: 1
# from: vectorised pandas
# -     both = pd.concat
# +     news = news.assign(updated_at=pd.Timestamp.now("UTC"))
# +     both = pd.concat

# %% wrong: loaded-at-column
# belief: a column with the time of loading does no harm
# see: Exercise: an upsert
# fails: twice_is_once
# at_most: 3.5
# from: vectorised pandas
# -     touched, known
# +     table = table.assign(loaded_at=pd.Timestamp.now("UTC"))
# +     touched, known

# %% wrong: counts-rows-of-the-batch
# belief: every row of the batch inserts or updates something
# see: Exercise: an upsert
# fails: counts_say_what_happened
# at_most: 3.5
# from: vectorised pandas
# -     unchanged = len(table) - inserted - updated
# +     inserted = len(table) - len(stored)
# +     updated = len(batch) - inserted
# +     unchanged = len(table) - inserted - updated

# %% wrong: in-both-is-updated
# belief: a user that is in both frames is an update
# see: Exercise: an upsert
# fails: counts_say_what_happened
# at_most: 3.5
# from: vectorised pandas
# -     touched, known = set(news["user_id"]), set(stored["user_id"])
# +     touched, known = set(batch["user_id"]), set(stored["user_id"])

# %% wrong: unchanged-of-the-batch
# belief: unchanged are the rows of the batch that changed nothing
# see: Exercise: an upsert
# fails: counts_say_what_happened
# at_most: 3.5
# from: vectorised pandas
# -     unchanged = len(table) - inserted - updated
# +     unchanged = len(batch) - len(news)

# %% wrong: no-counts
# belief: the table is all that a load has to say
# see: Exercise: an upsert
# fails: counts_say_what_happened
# at_most: 3.5
# from: vectorised pandas
# -     return table, {"inserted": inserted, "updated": updated, "unchanged": unchanged}
# +     return table

# %% wrong: something-is-always-stored
# belief: a load always finds something stored
# see: Exercise: an upsert
# fails: every_user_once
# at_most: 3.5
# from: vectorised pandas
# -     news = batch.merge
# +     oldest = stored["updated_at"].iloc[0]
# +     news = batch.merge
