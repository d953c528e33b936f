# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to transform.features. Read by `load_bank`, never imported."""

# %% right: vectorised pandas
import numpy as np
import pandas as pd


def user_features(users, events, as_of):
    # known: what had happened and arrived
    known = events[(events["timestamp"] < as_of) & (events["ingested_at"] < as_of)]
    known = known.sort_values(["user_id", "timestamp", "event_id"])
    bought = known[known["event_type"] == "purchase"]

    # count
    of_user = known.groupby("user_id")
    recent = known[known["timestamp"] >= as_of - pd.Timedelta(days=7)]
    in_hour = of_user.rolling("1h", on="timestamp")["amount"].count()
    weekdays = known.assign(day=known["timestamp"].dt.day_of_week + 1).groupby(["user_id", "day"]).size()
    busiest = weekdays.reset_index(name="events").sort_values(["events", "day"], ascending=[False, True])
    counted = pd.DataFrame(
        {
            "total_events": of_user.size(),
            "events_last_7_days": recent.groupby("user_id").size(),
            "max_events_in_one_hour": in_hour.groupby("user_id").max(),
        }
    )
    unknown = pd.DataFrame(
        {
            "busiest_isoweekday": busiest.drop_duplicates("user_id").set_index("user_id")["day"],
            "days_since_last_purchase": (as_of - bought.groupby("user_id")["timestamp"].max()).dt.days,
            "spend_per_purchase": bought.groupby("user_id")["amount"].mean(),
        }
    )

    # join
    labels = ["0-17", "18-24", "25-39", "40-64", "65+"]
    profile = pd.DataFrame(
        {
            "user_id": users["user_id"],
            "age_group": pd.cut(users["age"], [0, 18, 25, 40, 65, np.inf], right=False, labels=labels).astype("str"),
            "has_email": users["email"].notna(),
        }
    ).set_index("user_id")
    counted = counted.reindex(profile.index).fillna(0).astype("int64")
    return profile.join(counted).join(unknown).reset_index()

# %% right: loop in plain Python
from collections import Counter


def user_features(users, events, as_of):
    def group(age):
        for low, label in ((65, "65+"), (40, "40-64"), (25, "25-39"), (18, "18-24")):
            if age >= low:
                return label
        return "0-17"

    rows = []
    for user in users.to_dict("records"):
        mine = [e for e in events[events["user_id"] == user["user_id"]].to_dict("records")
                if e["timestamp"] < as_of and e["ingested_at"] < as_of]
        times = sorted(e["timestamp"].timestamp() for e in mine)
        bought = [e for e in mine if e["event_type"] == "purchase"]
        days = Counter(e["timestamp"].isoweekday() for e in mine)
        rows.append({
            "user_id": user["user_id"],
            "age_group": group(user["age"]),
            "has_email": isinstance(user["email"], str),
            "total_events": len(mine),
            "events_last_7_days": sum(t >= as_of.timestamp() - 7 * 86400 for t in times),
            "max_events_in_one_hour": max((sum(t <= u < t + 3600 for u in times) for t in times), default=0),
            "busiest_isoweekday": min((-n, day) for day, n in days.items())[1] if days else None,
            "days_since_last_purchase": (as_of - max(e["timestamp"] for e in bought)).days if bought else None,
            "spend_per_purchase": sum(e["amount"] for e in bought) / len(bought) if bought else float("nan"),
        })
    return rows

# %% right: SQL in DuckDB
import duckdb


def user_features(users, events, as_of):
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.register("users", users)
    connection.register("events", events)
    return connection.execute("""
        with known as (select * from events where timestamp < $as_of and ingested_at < $as_of),
        windows as (
            select user_id, event_type, amount, timestamp, isodow(timestamp) as day, count(*) over (
                partition by user_id order by timestamp
                range between current row and interval '3599.999999 seconds' following) as in_hour
            from known
        ),
        days as (
            select user_id, day from windows group by user_id, day
            qualify row_number() over (partition by user_id order by count(*) desc, day) = 1
        ),
        counted as (
            select user_id, count(*) as total_events,
                count(*) filter (timestamp >= $as_of - interval 7 days) as events_last_7_days,
                max(in_hour) as max_events_in_one_hour,
                avg(amount) filter (event_type = 'purchase') as spend_per_purchase,
                max(timestamp) filter (event_type = 'purchase') as last_purchase
            from windows group by user_id
        )
        select user_id,
            case when age < 18 then '0-17' when age < 25 then '18-24' when age < 40 then '25-39'
                 when age < 65 then '40-64' else '65+' end as age_group,
            email is not null as has_email,
            coalesce(total_events, 0) as total_events,
            coalesce(events_last_7_days, 0) as events_last_7_days,
            coalesce(max_events_in_one_hour, 0) as max_events_in_one_hour,
            day as busiest_isoweekday,
            floor(epoch($as_of - last_purchase) / 86400) as days_since_last_purchase,
            spend_per_purchase
        from users left join counted using (user_id) left join days using (user_id)
    """, {"as_of": as_of.to_pydatetime()}).df()

# %% right: polars
import datetime
import polars as pl


def user_features(users, events, as_of):
    moment = pl.lit(as_of.to_pydatetime())
    events = pl.from_pandas(events).with_columns(pl.col("timestamp", "ingested_at").dt.convert_time_zone("UTC"))
    known = events.filter(pl.col("timestamp") < moment, pl.col("ingested_at") < moment).sort("user_id", "timestamp")
    purchase = pl.col("event_type") == "purchase"
    known = known.with_columns(
        in_hour=pl.len().over("user_id"), day=pl.col("timestamp").dt.weekday().cast(pl.Int64)
    )
    windows = known.rolling(index_column="timestamp", period="1h", group_by="user_id").agg(n=pl.len())
    busiest = windows.group_by("user_id").agg(pl.col("n").max().alias("max_events_in_one_hour"))
    days = known.group_by("user_id", "day").len().sort(["len", "day"], descending=[True, False])
    days = days.unique("user_id", keep="first", maintain_order=True).select("user_id", busiest_isoweekday="day")
    counted = known.group_by("user_id").agg(
        total_events=pl.len(),
        events_last_7_days=(pl.col("timestamp") >= moment - datetime.timedelta(days=7)).sum(),
        spend_per_purchase=pl.col("amount").filter(purchase).mean(),
        days_since_last_purchase=(moment - pl.col("timestamp").filter(purchase).max()).dt.total_days(),
    )
    age = pl.col("age")
    profile = pl.from_pandas(users).select(
        "user_id",
        age_group=pl.when(age < 18).then(pl.lit("0-17")).when(age < 25).then(pl.lit("18-24"))
        .when(age < 40).then(pl.lit("25-39")).when(age < 65).then(pl.lit("40-64")).otherwise(pl.lit("65+")),
        has_email=pl.col("email").is_not_null(),
    )
    table = profile
    for part in (counted, busiest, days):
        table = table.join(part, on="user_id", how="left")
    return table.with_columns(pl.col("total_events", "events_last_7_days", "max_events_in_one_hour").fill_null(0))

# %% right: groupby.apply on changed inputs, nullable dtypes, user_id as index, one more column
import pandas as pd


def user_features(users, events, as_of):
    events["late"] = events["ingested_at"] >= as_of
    events.drop(events[events["late"] | (events["timestamp"] >= as_of)].index, inplace=True)
    events["seconds"] = (as_of - events["timestamp"]).dt.total_seconds()

    def one(rows):
        bought = rows[rows["event_type"] == "purchase"]
        ago = rows["seconds"].to_numpy()
        gaps = ago[:, None] - ago[None, :]
        return pd.Series({
            "total_events": len(rows),
            "events_last_7_days": int((ago <= 7 * 86400).sum()),
            "max_events_in_one_hour": int(((gaps >= 0) & (gaps < 3600)).sum(axis=1).max()),
            "busiest_isoweekday": rows["timestamp"].dt.isocalendar()["day"].mode().iloc[0],
            "days_since_last_purchase": bought["seconds"].min() // 86400,
            "spend_per_purchase": bought["amount"].sum() / len(bought) if len(bought) else None,
        }, dtype=object)

    table = events.groupby("user_id")[["event_type", "amount", "timestamp", "seconds"]].apply(one)
    users = users.set_index("user_id")
    table = table.reindex(users.index)
    for name in table:
        table[name] = table[name].astype("Float64")
    for name in ("total_events", "events_last_7_days", "max_events_in_one_hour"):
        table[name] = table[name].fillna(0).astype("Int64")
    edges = [17, 24, 39, 64]
    names = ["0-17", "18-24", "25-39", "40-64", "65+"]
    table["age_group"] = pd.Categorical([names[sum(age > edge for edge in edges)] for age in users["age"]])
    table["has_email"] = users["email"].notna().astype("boolean")
    table["country"] = users["country"]
    return table[sorted(table.columns)]

# %% wrong: all-of-history
# belief: a feature uses all events that are in the table
# see: What was known, and when?
# fails: future_events_do_not_count, late_arrivals_do_not_count
# at_most: 4
# from: vectorised pandas
# - known = events[(events["timestamp"] < as_of) & (events["ingested_at"] < as_of)]
# + known = events

# %% wrong: event-time-only
# belief: an event that happened before as_of was known at as_of
# see: What was known, and when?
# fails: late_arrivals_do_not_count
# at_most: 4.5
# from: vectorised pandas
# - known = events[(events["timestamp"] < as_of) & (events["ingested_at"] < as_of)]
# + known = events[events["timestamp"] < as_of]

# %% wrong: as-of-included
# belief: what happens exactly at as_of is known at as_of
# see: What was known, and when?
# fails: future_events_do_not_count, late_arrivals_do_not_count
# at_most: 4
# from: vectorised pandas
# - known = events[(events["timestamp"] < as_of) & (events["ingested_at"] < as_of)]
# + known = events[(events["timestamp"] <= as_of) & (events["ingested_at"] <= as_of)]

# %% wrong: late-ones-by-the-end-of-the-day
# belief: what arrives on the day of as_of still counts
# see: What was known, and when?
# fails: late_arrivals_do_not_count
# at_most: 4.5
# from: vectorised pandas
# - (events["ingested_at"] < as_of)
# + (events["ingested_at"] < as_of.ceil("D"))

# %% wrong: arrival-only
# belief: what is in the table by as_of has happened before it
# see: What was known, and when?
# fails: future_events_do_not_count
# at_most: 4.5
# from: vectorised pandas
# - (events["timestamp"] < as_of) & (events["ingested_at"] < as_of)
# + events["ingested_at"] < as_of

# %% wrong: until-now
# belief: features are made as of now, so now is the bound
# see: What was known, and when?
# fails: counts_events_of_every_user, leaves_the_unknown_null, future_events_do_not_count, late_arrivals_do_not_count
# at_most: 2.5
# from: vectorised pandas
# - known = events[(events["timestamp"] < as_of) & (events["ingested_at"] < as_of)]
# + now = pd.Timestamp.now(tz="UTC")
# +     known = events[events["timestamp"] < now]
# - recent = known[known["timestamp"] >= as_of
# + recent = known[known["timestamp"] >= now
# - (as_of - bought
# + (now - bought

# %% wrong: users-without-events-are-lost
# belief: a user who did nothing needs no row
# see: Merging: count the rows
# fails: counts_events_of_every_user
# at_most: 4.5
# from: vectorised pandas
# - profile.join(counted).join(unknown)
# + profile.join(counted, how="inner").join(unknown).query("total_events > 0")

# %% wrong: counts-left-null
# belief: a left join fills counts with 0 by itself
# see: What a join does to types
# fails: counts_events_of_every_user, finds_the_busiest_hour
# at_most: 4
# from: vectorised pandas
# - counted = counted.reindex(profile.index).fillna(0).astype("int64")
# + counted = counted.reindex(profile.index)

# %% wrong: everything-filled-with-zero
# belief: after a join every missing number is 0
# see: Unknown is not zero
# fails: leaves_the_unknown_null, names_the_busiest_weekday
# at_most: 3.5
# from: vectorised pandas
# - .join(unknown)
# + .join(unknown.reindex(profile.index).fillna(0))

# %% wrong: minus-one-for-never
# belief: -1 days is a good mark for a purchase that never was
# see: Unknown is not zero
# fails: leaves_the_unknown_null
# at_most: 4
# from: vectorised pandas
# - .join(counted).join(unknown)
# + .join(counted).join(unknown).fillna({"days_since_last_purchase": -1})

# %% wrong: mean-over-all-events
# belief: spend per purchase is the mean of the column amount
# see: Unknown is not zero
# fails: leaves_the_unknown_null
# at_most: 4
# from: vectorised pandas
# - bought.groupby("user_id")["amount"].mean()
# + of_user["amount"].mean()

# %% wrong: divided-by-all-events
# belief: a user's spend is divided by their events
# see: Unknown is not zero
# fails: leaves_the_unknown_null
# at_most: 4
# from: vectorised pandas
# - bought.groupby("user_id")["amount"].mean()
# + bought.groupby("user_id")["amount"].sum() / of_user.size()

# %% wrong: rounded-for-readers
# belief: stored values are rounded to cents because people read them
# see: Unknown is not zero
# fails: leaves_the_unknown_null
# at_most: 4
# from: vectorised pandas
# - ["amount"].mean()
# + ["amount"].mean().round(2)

# %% wrong: days-since-last-event
# belief: the last event of a buyer is the last purchase
# see: Unknown is not zero
# fails: leaves_the_unknown_null
# at_most: 4
# from: vectorised pandas
# - (as_of - bought.groupby("user_id")["timestamp"].max())
# + (as_of - of_user["timestamp"].max())

# %% wrong: days-since-first-purchase
# belief: the purchase that stands first is the last one
# see: Unknown is not zero
# fails: leaves_the_unknown_null
# at_most: 4
# from: vectorised pandas
# - bought.groupby("user_id")["timestamp"].max()
# + bought.groupby("user_id")["timestamp"].min()

# %% wrong: calendar-days
# belief: the days between two moments are the difference of their dates
# see: Raw values become features
# fails: leaves_the_unknown_null
# at_most: 4
# from: vectorised pandas
# - (as_of - bought.groupby("user_id")["timestamp"].max())
# + (as_of.normalize() - bought.groupby("user_id")["timestamp"].max().dt.normalize())

# %% wrong: bins-closed-on-the-right
# belief: pd.cut puts an edge into the group that it opens
# see: Age groups and their edges
# fails: describes_the_user
# at_most: 4
# from: vectorised pandas
# - , right=False
# +

# %% wrong: bins-with-the-lowest-included
# belief: include_lowest=True mends the edges of pd.cut
# see: Age groups and their edges
# fails: describes_the_user
# at_most: 4
# from: vectorised pandas
# - right=False
# + include_lowest=True

# %% wrong: nobody-is-over-100
# belief: 100 is high enough as the last edge
# see: Age groups and their edges
# fails: describes_the_user
# at_most: 4
# from: vectorised pandas
# - 65, np.inf]
# + 65, 100]

# %% wrong: minors-with-the-young
# belief: the first group may as well begin at 0
# see: Age groups and their edges
# fails: describes_the_user
# at_most: 4
# from: vectorised pandas
# - ["0-17", "18-24",
# + ["18-24", "18-24",
# - , labels=labels)
# + , labels=labels, ordered=False)

# %% wrong: address-as-a-feature
# belief: more columns can only help a model
# see: Cleaning: missing stays missing
# fails: describes_the_user
# at_most: 4
# from: vectorised pandas
# - "has_email": users["email"].notna(),
# + "has_email": users["email"].notna(),
# +             "email": users["email"].fillna("no_email@unknown.com"),

# %% wrong: sentinel-before-the-flag
# belief: filling a missing address first does no harm to the flag
# see: Cleaning: missing stays missing
# fails: describes_the_user
# at_most: 4
# from: vectorised pandas
# - users["email"].notna()
# + users["email"].fillna("no_email@unknown.com").str.contains("@")

# %% wrong: hours-of-the-clock
# belief: one hour means one hour of the clock
# see: Velocity: a window that slides
# fails: finds_the_busiest_hour
# at_most: 4.5
# from: vectorised pandas
# - of_user.rolling("1h", on="timestamp")["amount"].count()
# + known.groupby(["user_id", known["timestamp"].dt.floor("h")]).size()

# %% wrong: sixty-minutes-included
# belief: two events 60 minutes apart are within one hour
# see: Velocity: a window that slides
# fails: finds_the_busiest_hour
# at_most: 4.5
# from: vectorised pandas
# - rolling("1h", on="timestamp")
# + rolling("1h", on="timestamp", closed="both")

# %% wrong: five-rows-for-an-hour
# belief: a window of so many rows is a window of time
# see: Velocity: a window that slides
# fails: finds_the_busiest_hour
# at_most: 4.5
# from: vectorised pandas
# - rolling("1h", on="timestamp")
# + rolling(2, min_periods=1)

# %% wrong: monday-is-zero
# belief: pandas counts weekdays as ISO does
# see: Raw values become features
# fails: names_the_busiest_weekday
# at_most: 4.5
# from: vectorised pandas
# - .dt.day_of_week + 1
# + .dt.day_of_week

# %% wrong: sunday-is-one
# belief: the week begins on Sunday
# see: Raw values become features
# fails: names_the_busiest_weekday
# at_most: 4.5
# from: vectorised pandas
# - .dt.day_of_week + 1
# + .dt.day_of_week.add(1).mod(7).add(1)

# %% wrong: later-day-wins-a-tie
# belief: which of two equal days is named does not matter
# see: Same rows, other order
# fails: names_the_busiest_weekday
# at_most: 4.5
# from: vectorised pandas
# - ascending=[False, True]
# + ascending=[False, False]

# %% wrong: first-seen-wins-a-tie
# belief: the most frequent value is always one value
# see: Same rows, other order
# fails: names_the_busiest_weekday, order_does_not_matter
# at_most: 4
# from: vectorised pandas
# -     known = known.sort_values(["user_id", "timestamp", "event_id"])
# -
# +     as_received = known
# +     known = known.sort_values(["user_id", "timestamp", "event_id"])
# +
# - busiest.drop_duplicates("user_id").set_index("user_id")["day"]
# + as_received["timestamp"].dt.day_of_week.add(1).groupby(as_received["user_id"]).agg(
# +                 lambda days: days.value_counts().idxmax()
# +             )

# %% wrong: trusts-the-order-of-rows
# belief: events always come in the order of time
# see: Same rows, other order
# fails: order_does_not_matter
# at_most: 4.5
# from: vectorised pandas
# - (as_of - bought.groupby("user_id")["timestamp"].max())
# + (as_of - bought.loc[bought.index.sort_values()].groupby("user_id")["timestamp"].last())

# %% wrong: joined-by-position
# belief: rows of two tables with as many rows belong together
# see: Same rows, other order
# fails: order_does_not_matter
# at_most: 4.5
# from: vectorised pandas
# - .join(unknown).reset_index()
# + .join(unknown).reset_index().assign(has_email=users.sort_values("user_id")["email"].notna().to_numpy())

# %% wrong: ranked-by-chance
# belief: a little noise in a feature does no harm
# see: Same rows, other order
# fails: leaves_the_unknown_null, future_events_do_not_count, late_arrivals_do_not_count, order_does_not_matter
# at_most: 2.5
# from: vectorised pandas
# - ["amount"].mean()
# + ["amount"].mean() + np.random.default_rng().normal(0, 0.01)

# %% wrong: one-row-per-event
# belief: the table of events with the user's profile is the feature table
# see: Merging: count the rows
# fails: counts_events_of_every_user, describes_the_user, leaves_the_unknown_null, finds_the_busiest_hour, names_the_busiest_weekday, future_events_do_not_count, late_arrivals_do_not_count, order_does_not_matter
# at_most: 0
# from: vectorised pandas
# - .join(unknown).reset_index()
# + .join(unknown).merge(events[["user_id"]], on="user_id", how="left")

# %% wrong: last-calendar-week
# belief: the last 7 days are the last 7 dates
# see: Raw values become features
# fails: counts_events_of_every_user
# at_most: 4.5
# from: vectorised pandas
# - as_of - pd.Timedelta(days=7)
# + as_of.normalize() - pd.Timedelta(days=7)

# %% wrong: week-of-the-last-event
# belief: the last 7 days end with the user's last event
# see: Raw values become features
# fails: counts_events_of_every_user
# at_most: 4.5
# from: vectorised pandas
# - recent = known[known["timestamp"] >= as_of - pd.Timedelta(days=7)]
# + recent = known[known["timestamp"] >= of_user["timestamp"].transform("max") - pd.Timedelta(days=7)]

# %% wrong: pipeline-transform-instead
# belief: the transform of the package has all features that anyone needs
# see: Documented, and checked afterwards
# fails: counts_events_of_every_user, describes_the_user, leaves_the_unknown_null, finds_the_busiest_hour, names_the_busiest_weekday, late_arrivals_do_not_count
# at_most: 10
from pipeline import transform


def user_features(users, events, as_of):
    return transform(users, events, as_of=as_of)

# %% wrong: forgets-to-return
# belief: the last value of a function is its result
# see: Documented, and checked afterwards
# fails: counts_events_of_every_user, describes_the_user, leaves_the_unknown_null, finds_the_busiest_hour, names_the_busiest_weekday, future_events_do_not_count, late_arrivals_do_not_count, order_does_not_matter
# at_most: 0
# from: vectorised pandas
# -     return profile.join
# +     profile.join
