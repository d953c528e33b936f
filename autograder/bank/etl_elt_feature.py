# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to etl_elt.feature. Read by `load_bank`, never imported."""

# %% right: SQL on DuckDB
import duckdb
import pandas as pd


def purchases_by_category(raw, users, *, min_amount=0.0):
    received = pd.concat(list(raw.values()))
    query = """
        with orders as (
            select
                upper(trim(event_id)) as event_id,
                try_cast(user_id as bigint) as user_id,
                lower(trim(event_type)) as event_type,
                category,
                try_cast(amount as double) as amount,
                ingested_at
            from received
        ),
        newest as (
            select * from orders
            qualify row_number() over (partition by event_id order by ingested_at desc) = 1
        ),
        bought as (
            select user_id, category, count(*) as purchases, sum(amount) as spend
            from newest
            where event_type = 'purchase' and amount > 0 and amount >= $least
            group by user_id, category
        )
        select u.user_id, b.category, coalesce(b.purchases, 0) as purchases, coalesce(b.spend, 0.0) as spend
        from users as u left join bought as b using (user_id)
    """
    return duckdb.sql(query, params={"least": min_amount}).df()

# %% right: vectorised pandas
import pandas as pd


def purchases_by_category(raw, users, *, min_amount=0.0):
    rows = pd.concat(raw.values(), ignore_index=True)
    rows = rows.assign(
        event_id=rows["event_id"].str.strip().str.upper(),
        user_id=pd.to_numeric(rows["user_id"], errors="coerce"),
        event_type=rows["event_type"].str.strip().str.lower(),
        amount=pd.to_numeric(rows["amount"], errors="coerce"),
        ingested_at=pd.to_datetime(rows["ingested_at"], utc=True),
    )
    newest = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
    counted = newest[(newest["event_type"] == "purchase") & (newest["amount"] > 0) & (newest["amount"] >= min_amount)]
    bought = counted.groupby(["user_id", "category"]).agg(purchases=("amount", "size"), spend=("amount", "sum"))
    result = users[["user_id"]].merge(bought.reset_index(), on="user_id", how="left")
    result["purchases"] = result["purchases"].fillna(0).astype("int64")
    result["spend"] = result["spend"].fillna(0.0)
    return result

# %% right: loops over rows
def purchases_by_category(raw, users, *, min_amount=0.0):
    newest = {}
    for day in raw:
        for row in raw[day].to_dict("records"):
            key = row["event_id"].strip().lower()
            if key not in newest or row["ingested_at"] > newest[key]["ingested_at"]:
                newest[key] = row
    totals = {}
    for row in newest.values():
        try:
            amount, user = float(row["amount"]), int(row["user_id"])
        except (TypeError, ValueError):
            continue
        if row["event_type"].strip().lower() == "purchase" and amount > 0 and amount >= min_amount:
            pair = totals.setdefault((user, row["category"]), [0, 0.0])
            pair[0] += 1
            pair[1] += amount
    result = []
    for user in users["user_id"].tolist():
        mine = [(category, *total) for (owner, category), total in totals.items() if owner == user]
        for category, count, spend in mine or [(None, 0, 0.0)]:
            result.append({"user_id": user, "category": category, "purchases": count, "spend": round(spend, 2)})
    return result

# %% right: polars
import polars as pl


def purchases_by_category(raw, users, *, min_amount=0.0):
    known = pl.from_pandas(users).select("user_id")
    bought = (
        pl.concat([pl.from_pandas(rows) for rows in raw.values()])
        .with_columns(
            pl.col("event_id").str.strip_chars().str.to_uppercase(),
            pl.col("event_type").str.strip_chars().str.to_lowercase(),
            pl.col("user_id").cast(pl.Int64, strict=False),
            pl.col("amount").cast(pl.Float64, strict=False),
        )
        .sort("ingested_at")
        .unique("event_id", keep="last")
        .filter((pl.col("event_type") == "purchase") & (pl.col("amount") > 0) & (pl.col("amount") >= min_amount))
        .group_by("user_id", "category")
        .agg(pl.len().alias("purchases"), pl.col("amount").sum().alias("spend"))
    )
    return known.join(bought, on="user_id", how="left").with_columns(
        pl.col("purchases").fill_null(0), pl.col("spend").fill_null(0.0)
    )

# %% right: SQLite with a function of its own
import sqlite3
import pandas as pd


def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def purchases_by_category(raw, users, *, min_amount=0.0):
    warehouse = sqlite3.connect(":memory:")
    warehouse.create_function("number", 1, number)
    for rows in raw.values():
        rows.to_sql("landed", warehouse, if_exists="append", index=False)
    users.to_sql("users", warehouse, index=False)
    query = """
        select u.user_id, category, count(amount) as purchases, coalesce(sum(amount), 0.0) as spend
        from users as u left join (
            select cast(user_id as integer) as buyer, category, number(amount) as amount, max(ingested_at)
            from landed where lower(trim(event_type)) = 'purchase'
            group by upper(trim(event_id))
        ) on buyer = u.user_id and amount > 0 and amount >= ?
        group by u.user_id, category
    """
    try:
        return pd.read_sql(query, warehouse, params=(min_amount,))
    finally:
        warehouse.close()

# %% right: DuckDB step by step, in cents, other column order and more columns
import duckdb


def purchases_by_category(raw, users, *, min_amount=0.0):
    db = duckdb.connect()
    db.register("known", users)
    for number, rows in enumerate(raw.values()):
        db.register(f"part{number}", rows)
    union = " union all by name ".join(f"select * from part{number}" for number in range(len(raw)))
    db.execute(f"create table landed as {union}")
    db.execute("""
        create table versions as
        select upper(trim(event_id)) as id, arg_max(struct_pack(
            who := try_cast(user_id as integer), kind := trim(lower(event_type)), what := category,
            cents := round(try_cast(amount as double) * 100)::bigint), ingested_at) as v
        from landed group by id
    """)
    return db.execute("""
        select what as category, coalesce(sum(cents), 0) / 100.0 as spend, count(cents) as purchases,
               known.user_id::integer as user_id, country
        from known left join (select v.* from versions) as v
          on who = known.user_id and kind = 'purchase' and cents > 0 and cents >= round(100 * ?)
        group by all order by spend desc
    """, [min_amount]).df()

# %% right: a pivot and back, categories as categories
import numpy as np
import pandas as pd


def purchases_by_category(raw, users, *, min_amount=0.0):
    rows = pd.concat(raw).reset_index(drop=True)
    rows["event_id"] = rows.event_id.str.strip().str.casefold()
    rows = rows.loc[rows.groupby("event_id").ingested_at.transform("max").eq(rows.ingested_at)].drop_duplicates("event_id")
    rows["amount"] = pd.to_numeric(rows.amount, errors="coerce").where(rows.event_type.str.strip().str.lower().eq("purchase"))
    rows = rows[rows.amount.ge(max(min_amount, 0.005)) & rows.user_id.isin(users.user_id.astype(str))].astype({"user_id": int})
    wide = rows.pivot_table(index="user_id", columns="category", values="amount", aggfunc=["size", "sum"])
    long = wide.stack("category", future_stack=True).dropna().rename(columns={"size": "purchases", "sum": "spend"})
    long = long.reset_index().astype({"category": "category"})
    none = pd.DataFrame({"user_id": np.setdiff1d(users.user_id, long.user_id)}).assign(category=None, purchases=0, spend=0)
    return pd.concat([long, none]).convert_dtypes().set_index("user_id")

# %% wrong: first-partition-only
# belief: one partition of raw is all of raw
# see: Load, then transform: ELT in SQL
# fails: reads_every_partition
# at_most: 3
# from: SQL on DuckDB
# -     received = pd.concat(list(raw.values()))
# +     received = next(iter(raw.values()))

# %% wrong: newest-partition-only
# belief: the newest partition holds the newest state of everything
# see: Load, then transform: ELT in SQL
# fails: reads_every_partition
# at_most: 3
# from: vectorised pandas
# - pd.concat(raw.values(), ignore_index=True)
# + raw[max(raw)]

# %% wrong: a-row-for-each-partition
# belief: what is counted day by day can be put below each other
# see: Load, then transform: ELT in SQL
# fails: reads_every_partition
# at_most: 3
# from: SQL on DuckDB
# - def purchases_by_category(raw, users, *, min_amount=0.0):
# -     received = pd.concat(list(raw.values()))
# + def purchases_by_category(raw, users, *, min_amount=0.0):
# +     days = pd.concat([of_day(rows, users, min_amount) for rows in raw.values()])
# +     buys = days[days["purchases"] > 0]
# +     return pd.concat([buys, days[~days["user_id"].isin(buys["user_id"])].drop_duplicates()])
# +
# +
# + def of_day(received, users, min_amount):

# %% wrong: grouped-by-user-only
# belief: one category for each user is enough
# fails: reads_every_partition
# at_most: 2.5
# from: SQL on DuckDB
# - select user_id, category, count(*) as purchases
# + select user_id, any_value(category) as category, count(*) as purchases
# - group by user_id, category
# + group by user_id

# %% wrong: cast-that-raises
# belief: a cast stops only at values that should stop it
# see: Text that is no number
# fails: casts_safely
# at_most: 3.5
# from: SQL on DuckDB
# -                 try_cast(amount as double) as amount,
# +                 cast(amount as double) as amount,

# %% wrong: to_numeric-that-raises
# belief: pd.to_numeric leaves out what it cannot read
# see: Text that is no number
# fails: casts_safely
# at_most: 3.5
# from: vectorised pandas
# - amount=pd.to_numeric(rows["amount"], errors="coerce")
# + amount=pd.to_numeric(rows["amount"])

# %% wrong: unreadable-counts-as-purchase
# belief: a purchase with an unreadable amount is a purchase of 0 EUR, and counts
# see: Text that is no number
# fails: casts_safely
# at_most: 3.5
# from: SQL on DuckDB
# -                 try_cast(amount as double) as amount,
# +                 coalesce(try_cast(amount as double), 0.001) as amount,
# - amount > 0 and amount >= $least
# + amount > 0 and (amount >= $least or amount = 0.001)

# %% wrong: cast-that-reads-half-a-number
# belief: a cast that never raises reads only what is a number
# see: Text that is no number
# fails: casts_safely
# at_most: 3.5
# from: SQLite with a function of its own
# - number(amount) as amount
# + cast(amount as real) as amount

# %% wrong: filled-with-the-mean
# belief: an unknown amount is best replaced by the mean before it is added up
# see: Text that is no number
# fails: casts_safely
# at_most: 3.5
# from: vectorised pandas
# -     newest = rows.sort
# +     paid = rows.loc[(rows["event_type"] == "purchase") & (rows["amount"] > 0), "amount"]
# +     rows["amount"] = rows["amount"].fillna(paid.mean())
# +     newest = rows.sort

# %% wrong: words-as-they-come
# belief: event types are spelled in one way
# see: Case and space
# fails: reads_words_in_any_case
# at_most: 3.5
# from: SQL on DuckDB
# -                 lower(trim(event_type)) as event_type,
# +                 event_type,

# %% wrong: case-without-space
# belief: lower() alone makes two spellings equal
# see: Case and space
# fails: reads_words_in_any_case
# at_most: 3.5
# from: SQL on DuckDB
# -                 lower(trim(event_type)) as event_type,
# +                 lower(event_type) as event_type,

# %% wrong: ids-as-they-come
# belief: a key never comes in two spellings
# see: Case and space
# fails: keeps_the_newest_version
# at_most: 3.5
# from: SQL on DuckDB
# -                 upper(trim(event_id)) as event_id,
# +                 event_id,

# %% wrong: copies-found-before-ids-are-clean
# belief: the order of deduplicating and cleaning the key does not matter
# see: Case and space
# fails: keeps_the_newest_version
# at_most: 3.5
# from: vectorised pandas
# -     rows = pd.concat(raw.values(), ignore_index=True)
# +     rows = pd.concat(raw.values(), ignore_index=True)
# +     rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
# -     newest = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
# +     newest = rows

# %% wrong: no-deduplication
# belief: an event comes once
# see: Which version counts?
# fails: keeps_the_newest_version, chooses_the_version_before_the_rule
# at_most: 3
# from: SQL on DuckDB
# -             select * from orders
# -             qualify row_number() over (partition by event_id order by ingested_at desc) = 1
# +             select * from orders

# %% wrong: whole-rows-distinct
# belief: select distinct removes all duplicates
# see: Which version counts?
# fails: keeps_the_newest_version
# at_most: 3
# from: SQL on DuckDB
# -             select * from orders
# -             qualify row_number() over (partition by event_id order by ingested_at desc) = 1
# +             select distinct * from orders

# %% wrong: oldest-version
# belief: the first version of an event is the true one
# see: Which version counts?
# fails: keeps_the_newest_version, chooses_the_version_before_the_rule
# at_most: 3
# from: SQL on DuckDB
# - order by ingested_at desc
# + order by ingested_at

# %% wrong: last-row-wins
# belief: the row that stands last is the newest
# see: Which version counts?
# fails: keeps_the_newest_version
# at_most: 3.5
# from: vectorised pandas
# - rows.sort_values("ingested_at").drop_duplicates
# + rows.drop_duplicates

# %% wrong: newest-in-each-partition
# belief: a correction comes in the partition of the event that it corrects
# see: Which version counts?
# fails: keeps_the_newest_version
# at_most: 3.5
# from: SQL on DuckDB
# -     received = pd.concat(list(raw.values()))
# +     received = pd.concat([rows.assign(day=day) for day, rows in raw.items()])
# -                 ingested_at
# -             from received
# +                 ingested_at, day
# +             from received
# - partition by event_id order by
# + partition by event_id, day order by

# %% wrong: rank-by-largest-amount
# belief: max(amount) for each event is its newest amount
# see: Which version counts?
# fails: keeps_the_newest_version, chooses_the_version_before_the_rule
# at_most: 3
# from: SQL on DuckDB
# - order by ingested_at desc
# + order by amount desc nulls last

# %% wrong: negative-amounts-are-counted
# belief: whatever is a number is a valid amount
# see: Transform, then load: ETL in pandas
# fails: leaves_out_rows_that_break_a_rule
# at_most: 3.5
# from: SQL on DuckDB
# - and amount > 0 and amount >= $least
# + and (amount >= $least or amount < 0)

# %% wrong: minus-sign-removed
# belief: a negative amount is a typing error for the positive one
# see: Transform, then load: ETL in pandas
# fails: leaves_out_rows_that_break_a_rule
# at_most: 3.5
# from: SQL on DuckDB
# -                 try_cast(amount as double) as amount,
# +                 abs(try_cast(amount as double)) as amount,

# %% wrong: whatever-has-an-amount
# belief: a row with an amount is a purchase
# see: Transform, then load: ETL in pandas
# fails: leaves_out_rows_that_break_a_rule
# at_most: 3.5
# from: SQL on DuckDB
# - where event_type = 'purchase' and amount > 0
# + where amount > 0

# %% wrong: unknown-users-kept
# belief: whoever buys is a user
# see: Users who bought nothing
# fails: leaves_out_rows_that_break_a_rule
# at_most: 3.5
# from: SQL on DuckDB
# -         select u.user_id, b.category
# +         select coalesce(u.user_id, b.user_id) as user_id, b.category
# - left join
# + full join

# %% wrong: inner-join
# belief: users without purchases have nothing to do with a table of purchases
# see: Users who bought nothing
# fails: keeps_users_without_purchases
# at_most: 3.5
# from: SQL on DuckDB
# - as u left join bought
# + as u join bought

# %% wrong: condition-after-the-left-join
# belief: a left join keeps all users, whatever WHERE says afterwards
# see: Users who bought nothing
# fails: keeps_users_without_purchases
# at_most: 3.5
# from: SQL on DuckDB
# - using (user_id)
# -     """
# + using (user_id)
# +         where b.purchases > 0
# +     """

# %% wrong: count-star-after-the-left-join
# belief: count(*) of no purchase is 0
# see: Users who bought nothing
# fails: keeps_users_without_purchases
# at_most: 3.5
# from: SQL on DuckDB
# -             select user_id, category, count(*) as purchases, sum(amount) as spend
# +             select user_id, category, amount
# -             group by user_id, category
# +
# - b.category, coalesce(b.purchases, 0) as purchases, coalesce(b.spend, 0.0) as spend
# + b.category, count(*) as purchases, coalesce(sum(b.amount), 0.0) as spend
# - using (user_id)
# -     """
# + using (user_id)
# +         group by u.user_id, b.category
# +     """

# %% wrong: nulls-left-by-the-join
# belief: a sum over nothing is 0 by itself
# see: Users who bought nothing
# fails: keeps_users_without_purchases
# at_most: 3.5
# from: vectorised pandas
# -     result["purchases"] = result["purchases"].fillna(0).astype("int64")
# -     result["spend"] = result["spend"].fillna(0.0)

# %% wrong: a-row-for-every-category
# belief: a table of users and categories must have every pair
# see: Users who bought nothing
# fails: keeps_users_without_purchases
# at_most: 3.5
# from: SQL on DuckDB
# - from users as u left join bought as b using (user_id)
# + from (select * from users, (select distinct category as c from received)) as u
# +         left join bought as b on b.user_id = u.user_id and b.category = u.c
# - b.category, coalesce(b.purchases
# + c as category, coalesce(b.purchases

# %% wrong: category-unknown
# belief: a missing category needs a name
# see: Users who bought nothing
# fails: keeps_users_without_purchases
# at_most: 3.5
# from: SQL on DuckDB
# - u.user_id, b.category,
# + u.user_id, coalesce(b.category, 'none') as category,

# %% wrong: rule-ignored
# belief: the rule of last year is still the rule
# see: A rule changes
# fails: reprocesses_with_another_rule, chooses_the_version_before_the_rule
# at_most: 3
# from: vectorised pandas
# -  & (newest["amount"] >= min_amount)]
# + ]

# %% wrong: rule-on-the-sum
# belief: a rule for purchases can be applied to their total
# see: A rule changes
# fails: reprocesses_with_another_rule
# at_most: 3
# from: SQL on DuckDB
# -  and amount >= $least
# -             group by user_id, category
# +
# +             group by user_id, category
# +             having sum(amount) >= $least

# %% wrong: more-than-the-minimum
# belief: at least means more than
# see: A rule changes
# fails: reprocesses_with_another_rule
# at_most: 3
# from: SQL on DuckDB
# - amount >= $least
# + amount > $least

# %% wrong: result-kept-from-the-first-call
# belief: what was computed once from the same raw rows need not be computed again
# see: A rule changes
# fails: reprocesses_with_another_rule
# at_most: 3
# from: SQL on DuckDB
# - def purchases_by_category(raw, users, *, min_amount=0.0):
# -     received = pd.concat(list(raw.values()))
# + KEPT = {}
# +
# +
# + def purchases_by_category(raw, users, *, min_amount=0.0):
# +     key = pd.util.hash_pandas_object(pd.concat(list(raw.values()))).sum()
# +     if key not in KEPT:
# +         KEPT[key] = compute(raw, users, min_amount)
# +     return KEPT[key]
# +
# +
# + def compute(raw, users, min_amount):
# +     received = pd.concat(list(raw.values()))

# %% wrong: rule-before-the-version
# belief: rows that do not count are best removed first
# see: Version first, rule second
# fails: chooses_the_version_before_the_rule
# at_most: 3.5
# from: SQL on DuckDB
# -             select * from orders
# -             qualify
# +             select * from orders
# +             where event_type = 'purchase' and amount > 0 and amount >= $least
# +             qualify

# %% wrong: filter-first-in-pandas
# belief: rows that do not count are best removed first
# see: Version first, rule second
# fails: chooses_the_version_before_the_rule
# at_most: 3.5
# from: vectorised pandas
# -     newest = rows.sort
# +     rows = rows[rows["amount"] >= min_amount]
# +     newest = rows.sort

# %% wrong: pipeline-without-a-look-at-the-columns
# belief: the pipeline's own steps take any raw rows
# fails: reads_every_partition, casts_safely, reads_words_in_any_case, keeps_the_newest_version, leaves_out_rows_that_break_a_rule, keeps_users_without_purchases, reprocesses_with_another_rule
# at_most: 0
import pandas as pd
from pipeline import extract_events


def purchases_by_category(raw, users, *, min_amount=0.0):
    rows = pd.concat(raw.values(), ignore_index=True)
    valid = extract_events(rows, users, as_of=pd.Timestamp("2030-01-01", tz="UTC")).valid
    buys = valid[(valid["event_type"] == "purchase") & (valid["amount"] >= min_amount)]
    bought = buys.groupby(["user_id", "category"])["amount"].agg(["size", "sum"]).reset_index()
    return users[["user_id"]].merge(bought, how="left").fillna({"size": 0, "sum": 0})

# %% wrong: other-column-names
# belief: what the columns are called is a matter of taste
# fails: reads_every_partition, keeps_users_without_purchases
# at_most: 0
# from: vectorised pandas
# -     return result
# +     return result.rename(columns={"purchases": "n", "spend": "total"})

# %% wrong: nothing-returned
# belief: a query that has run has given its result
# fails: reads_every_partition, keeps_users_without_purchases
# at_most: 0
# from: SQL on DuckDB
# -     return duckdb.sql(
# +     duckdb.sql(
