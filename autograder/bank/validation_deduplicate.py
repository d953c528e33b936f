# ruff: noqa
# mypy: ignore-errors
"""Submissions to validation.deduplicate. Read by `load_bank`, never imported."""

# %% right: vectorised pandas
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% right: loop in plain Python
def deduplicate(events):
    groups = {}
    for row in events.to_dict("records"):
        groups.setdefault(row["event_id"].strip().lower(), []).append(row)
    kept, superseded, conflicts = [], [], []
    for group in groups.values():
        latest = max(row["ingested_at"] for row in group)
        newest = [row for row in group if row["ingested_at"] == latest]
        payloads = {tuple(str(v) for k, v in row.items() if k != "event_id") for row in newest}
        if len(payloads) > 1:
            conflicts += group
        else:
            kept.append(newest[0])
            superseded += [row for row in group if row is not newest[0]]
    return kept, superseded, conflicts


# %% right: SQL on DuckDB
import duckdb


def deduplicate(events):
    rows = events.reset_index(names="n")
    marked = duckdb.sql("""
        with keyed as (
            select *, upper(trim(event_id)) as k,
                   hash(user_id, event_type, product_id, product_category, amount, timestamp) as payload from rows),
        dated as (select *, max(ingested_at) over (partition by k) as latest from keyed),
        judged as (
            select *, count(distinct payload) filter (ingested_at = latest) over (partition by k) as versions,
                   row_number() over (partition by k order by ingested_at desc, n) as place from dated)
        select * exclude (k, payload, latest, versions, place),
               case when versions > 1 then 'c' when place = 1 then 'k' else 's' end as part from judged
    """).df()
    return tuple(marked[marked.part == p].drop(columns=["part", "n"]) for p in "ksc")


# %% right: polars
import polars as pl


def deduplicate(events):
    rows = (
        pl.from_pandas(events)
        .with_row_index("n")
        .with_columns(pl.col("event_id").str.strip_chars().str.to_uppercase().alias("k"))
    )
    columns = [c for c in rows.columns if c not in ("n", "event_id", "k")]
    newest = rows.filter(pl.col("ingested_at") == pl.col("ingested_at").max().over("k"))
    versions = newest.unique(subset=["k", *columns]).group_by("k").len()
    bad = versions.filter(pl.col("len") > 1)["k"].implode()
    winner = newest.unique(subset=["k"], keep="first", maintain_order=True)["n"].implode()
    conflicts = rows.filter(pl.col("k").is_in(bad))
    rest = rows.filter(~pl.col("k").is_in(bad))
    kept = rest.filter(pl.col("n").is_in(winner))
    superseded = rest.filter(~pl.col("n").is_in(winner))
    return {"kept": kept, "superseded": superseded, "conflicts": conflicts}


# %% right: sorted, with a rank, and normalised ids
import pandas as pd


def deduplicate(events):
    e = events.assign(event_id=events["event_id"].str.upper().str.strip())
    e = e.sort_values(["event_id", "ingested_at"], ascending=[True, False]).reset_index(drop=True)
    rank = e.groupby("event_id")["ingested_at"].rank(method="dense", ascending=False)
    columns = list(e.columns.drop("event_id"))
    e["fingerprint"] = [
        hash(tuple("" if pd.isna(v) else str(v) for v in row)) for row in e[columns].itertuples(index=False)
    ]
    versions = e[rank == 1].groupby("event_id")["fingerprint"].nunique()
    clash = e["event_id"].map(versions).gt(1)
    first = ~e["event_id"].duplicated()
    e = e.drop(columns="fingerprint")
    return e[first & ~clash], e[~first & ~clash], e[clash]


# %% right: one group at a time, concatenated
import pandas as pd


def deduplicate(events):
    parts = {"kept": [events.iloc[:0]], "superseded": [events.iloc[:0]], "conflicts": [events.iloc[:0]]}
    for _, copies in events.groupby(events["event_id"].map(lambda t: t.strip().upper()), sort=False):
        newest = copies.nlargest(1, "ingested_at", keep="all")
        if len(newest.drop(columns="event_id").drop_duplicates()) == 1:
            parts["kept"].append(newest.tail(1))
            parts["superseded"].append(copies.drop(newest.index[-1]))
        else:
            parts["conflicts"].append(copies)
    return [pd.concat(parts[name]) for name in ("kept", "superseded", "conflicts")]


# %% right: index by id, other dtypes, other column order
import pandas as pd


def deduplicate(events):
    e = events.copy()
    e["event_type"] = e["event_type"].astype("category")
    e["user_id"] = e["user_id"].astype("Int64")
    e["timestamp"] = e["timestamp"].dt.tz_convert("Europe/Berlin").astype("datetime64[ns, Europe/Berlin]")
    e["key"] = e["event_id"].str.strip().str.casefold()
    seen, conflict = {}, set()
    for i, row in e.iterrows():
        best = seen.get(row["key"])
        if best is None or row["ingested_at"] > e.at[best, "ingested_at"]:
            seen[row["key"]] = i
            conflict.discard(row["key"])
        elif row["ingested_at"] == e.at[best, "ingested_at"]:
            if not row.drop(["event_id"]).equals(e.loc[best].drop(["event_id"])):
                conflict.add(row["key"])
    is_conflict = e["key"].isin(conflict)
    is_best = e.index.isin(list(seen.values()))
    e = e.drop(columns="key")[e.columns[-2::-1]].set_index("event_id")
    return e[is_best & ~is_conflict.to_numpy()], e[~is_best & ~is_conflict.to_numpy()], e[is_conflict.to_numpy()]


# %% right: text times and an extra column
import json


def deduplicate(events):
    e = events.assign(key=events["event_id"].str.strip().str.upper(), timestamp=events["timestamp"].astype(str))
    body = e.drop(columns=["event_id", "ingested_at"]).astype(object).where(e.notna(), None)
    e["body"] = [json.dumps(r, default=str, sort_keys=True) for r in body.to_dict("records")]
    top = e.sort_values("ingested_at").groupby("key").tail(1).set_index("key")["ingested_at"]
    at_top = e["ingested_at"].eq(e["key"].map(top))
    n = e[at_top].groupby("key")["body"].nunique()
    clash = e["key"].map(n) > 1
    winner = ~clash & at_top & ~e[at_top]["key"].duplicated().reindex(e.index, fill_value=True)
    out = e.drop(columns="body")
    return {"conflicts": out[clash], "kept": out[winner], "superseded": out[~clash & ~winner]}


# %% wrong: nothing is a copy
# belief: the source sends each event once
# see: Copies
# fails: every_copy_is_accounted_for, exact_copies_are_kept_once, the_newest_correction_is_kept, conflicts_are_set_aside
# at_most: 0.5
def deduplicate(events):
    return events, events.iloc[:0], events.iloc[:0]


# %% wrong: everything is in conflict
# belief: what is set aside can do no harm
# see: Copies
# fails: every_copy_is_accounted_for, conflicts_are_set_aside, exact_copies_are_kept_once
# at_most: 0.5
def deduplicate(events):
    return events.iloc[:0], events.iloc[:0], events


# %% wrong: only the kept rows come back
# belief: copies can go
# see: Exercise: deduplicate events
# fails: three_tables_come_back
# at_most: 0
def deduplicate(events):
    return events.sort_values("ingested_at").drop_duplicates("event_id", keep="last")


# %% wrong: two tables come back
# belief: a conflict is a kind of copy
# see: Copies
# fails: three_tables_come_back
# at_most: 0
def deduplicate(events):
    again = events.sort_values("ingested_at").duplicated("event_id", keep="last")
    return events[~again], events[again]


# %% wrong: whole-row copies only
# belief: a copy is equal in every column
# see: Copies
# fails: the_newest_correction_is_kept, conflicts_are_set_aside, ids_are_compared_without_case_and_space
# at_most: 2
def deduplicate(events):
    again = events.duplicated()
    return events[~again], events[again], events.iloc[:0]


# %% wrong: the first copy is kept
# belief: the first to arrive is the original
# see: Copies
# fails: the_newest_correction_is_kept, conflicts_are_set_aside
# at_most: 2.5
def deduplicate(events):
    again = events.assign(event_id=events["event_id"].str.strip().str.upper()).duplicated("event_id")
    return events[~again], events[again], events.iloc[:0]


# %% wrong: the last row is kept
# belief: rows come in the order of arrival
# see: Copies
# fails: the_newest_correction_is_kept, conflicts_are_set_aside
# at_most: 2.5
def deduplicate(events):
    again = events.assign(event_id=events["event_id"].str.strip().str.upper()).duplicated("event_id", keep="last")
    return events[~again], events[again], events.iloc[:0]


# %% wrong: no copy survives
# belief: keep=False removes the copies
# see: What a short answer costs
# fails: exact_copies_are_kept_once, the_newest_correction_is_kept
# at_most: 3
def deduplicate(events):
    again = events.assign(event_id=events["event_id"].str.strip().str.upper()).duplicated("event_id", keep=False)
    return events[~again], events[again], events.iloc[:0]


# %% wrong: every copied event is a conflict
# belief: a copied event cannot be trusted
# see: Copies
# fails: exact_copies_are_kept_once, the_newest_correction_is_kept
# at_most: 2.5
def deduplicate(events):
    again = events.assign(event_id=events["event_id"].str.strip().str.upper()).duplicated("event_id", keep=False)
    return events[~again], events.iloc[:0], events[again]


# %% wrong: one event per user
# belief: user_id is the key
# see: Exercise: deduplicate events
# fails: exact_copies_are_kept_once, the_newest_correction_is_kept, conflicts_are_set_aside
# at_most: 1
import pandas as pd


def deduplicate(events):
    key = events["user_id"].astype(str)
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: user and time are the key
# belief: nobody does two things in one second, and nobody corrects a user
# see: Exercise: deduplicate events
# fails: conflicts_are_set_aside
# at_most: 4
def deduplicate(events):
    e = events.sort_values("ingested_at", kind="stable")
    again = e.assign(event_id=e["event_id"].str.strip().str.upper()).duplicated(
        ["event_id", "user_id", "timestamp", "ingested_at", "event_type"], keep="last"
    )
    later = (
        e[~again]
        .assign(event_id=e["event_id"].str.strip().str.upper())
        .duplicated("event_id", keep="last")
        .reindex(e.index, fill_value=True)
    )
    return e[~later], e[later], e.iloc[:0]


# %% wrong: ids as they stand
# belief: ids are always written alike
# see: Copies
# fails: ids_are_compared_without_case_and_space
# at_most: 4.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"]
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: only spaces are tidied
# belief: case is part of an id
# see: Exercise: deduplicate events
# fails: ids_are_compared_without_case_and_space
# at_most: 4.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: only case is tidied
# belief: there are no spaces in ids
# see: Exercise: deduplicate events
# fails: ids_are_compared_without_case_and_space
# at_most: 4.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: the newest wins a tie by position
# belief: there is always one newest row
# see: Copies
# fails: conflicts_are_set_aside, only_the_newest_copies_decide
# at_most: 3.5
def deduplicate(events):
    e = events.sort_values("ingested_at", kind="stable")
    again = e["event_id"].str.strip().str.upper().duplicated(keep="last")
    return e[~again], e[again], e.iloc[:0]


# %% wrong: the higher amount wins a tie
# belief: the larger amount is the safer one
# see: Copies
# fails: conflicts_are_set_aside, only_the_newest_copies_decide
# at_most: 3.5
def deduplicate(events):
    e = events.sort_values(["ingested_at", "amount"])
    again = e["event_id"].str.strip().str.upper().duplicated(keep="last")
    return e[~again], e[again], e.iloc[:0]


# %% wrong: one row of a conflict is kept
# belief: one of the two must be right
# see: Copies
# fails: conflicts_are_set_aside
# at_most: 4
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~payload.assign(n=newest).duplicated(["event_id", "n"])
    return events[kept], events[~kept & ~conflict], events[conflict & ~kept]


# %% wrong: a conflict is in both tables
# belief: a conflict is kept and reported
# see: Exercise: deduplicate events
# fails: every_copy_is_accounted_for, conflicts_are_set_aside
# at_most: 3.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept | (conflict & newest)], events[~kept & ~conflict], events[conflict]


# %% wrong: older rows of a conflict are superseded
# belief: only the newest rows are in conflict
# see: Exercise: deduplicate events
# fails: only_the_newest_copies_decide
# at_most: 4.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~(conflict & newest)], events[conflict & newest]


# %% wrong: one row per version in conflicts
# belief: equal rows of a conflict need to be shown once
# see: Exercise: deduplicate events
# fails: only_the_newest_copies_decide
# at_most: 4.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~(conflict & ~payload.duplicated())], events[conflict & ~payload.duplicated()]


# %% wrong: any two different copies conflict
# belief: a correction contradicts what it corrects
# see: Copies
# fails: the_newest_correction_is_kept
# at_most: 3.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload.drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: conflict at any time, newest or not
# belief: an old conflict is never settled
# see: Copies
# fails: only_the_newest_copies_decide
# at_most: 4.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload.drop_duplicates().groupby(["event_id", "ingested_at"]).size()
    conflict = key.isin(different[different > 1].index.get_level_values(0))
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: only amounts can conflict
# belief: the rest of an event does not change
# see: Exercise: deduplicate events
# fails: conflicts_may_be_in_any_column
# at_most: 4.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)[["event_id", "amount", "ingested_at"]]
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: numeric difference only
# belief: max and min of the amounts tell a conflict
# see: Exercise: deduplicate events
# fails: conflicts_may_be_in_any_column
# at_most: 4.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = 1 + payload[newest].groupby("event_id")["amount"].std().fillna(0)
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: nunique finds conflicts
# belief: nunique counts missing values
# see: Exercise: deduplicate events
# fails: conflicts_may_be_in_any_column
# at_most: 4.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].groupby("event_id").nunique().max(axis=1)
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: equal payloads go first
# belief: a version that came before is a copy
# see: Exercise: deduplicate events
# fails: the_newest_correction_is_kept
# at_most: 3.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    again = events.assign(event_id=key).drop(columns="ingested_at").duplicated()
    copies, events, key = events[again], events[~again], key[~again]
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    conflict = key.isin(key[newest][key[newest].duplicated()])
    return events[newest & ~conflict], pd.concat([events[~newest & ~conflict], copies]), events[conflict]


# %% wrong: the newest second is enough
# belief: no two copies come within a second
# see: Exercise: deduplicate events
# fails: the_newest_correction_is_kept
# at_most: 4
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    second = events["ingested_at"].dt.floor("s")
    newest = second == second.groupby(key).transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: events that came once are not kept
# belief: kept lists the winners among copies
# see: Exercise: deduplicate events
# fails: every_copy_is_accounted_for
# at_most: 4.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept & key.duplicated(keep=False)], events[~kept & ~conflict], events[conflict]


# %% wrong: missing values differ from themselves
# belief: NaN is equal to nothing
# see: Exercise: deduplicate events
# fails: exact_copies_are_kept_once
# at_most: 4
def deduplicate(events):
    groups = {}
    for row in events.to_dict("records"):
        groups.setdefault(row["event_id"].strip().upper(), []).append(row)
    kept, superseded, conflicts = [], [], []
    for group in groups.values():
        latest = max(row["ingested_at"] for row in group)
        newest = [row for row in group if row["ingested_at"] == latest]
        same = all(a[k] == newest[0][k] for a in newest[1:] for k in a if k != "event_id")
        if not same:
            conflicts += group
        else:
            kept.append(newest[0])
            superseded += [row for row in group if row is not newest[0]]
    return kept, superseded, conflicts


# %% wrong: the newest by event time
# belief: timestamp tells which copy is newer
# see: Exercise: deduplicate events
# fails: the_newest_correction_is_kept
# at_most: 4
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["timestamp"] == events.groupby(key)["timestamp"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: the oldest is kept
# belief: the first to arrive is the original
# see: Copies
# fails: the_newest_correction_is_kept
# at_most: 4
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("min")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: the newest day is enough
# belief: ingested_at is compared by day
# see: Exercise: deduplicate events
# fails: the_newest_correction_is_kept
# at_most: 4
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    day = events["ingested_at"].dt.date
    newest = day == day.groupby(key).transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: rows without a product are lost
# belief: groupby keeps every row
# see: Exercise: deduplicate events
# fails: every_copy_is_accounted_for, exact_copies_are_kept_once
# at_most: 3.5
import pandas as pd


def deduplicate(events):
    events = events.dropna()
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: grouping by a nullable column
# belief: groupby keeps rows with missing keys
# see: Exercise: deduplicate events
# fails: every_copy_is_accounted_for
# at_most: 4.5
def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    pieces = [rows for _, rows in events[kept].groupby("product_id")]
    import pandas as pd

    return pd.concat(pieces), events[~kept & ~conflict], events[conflict]


# %% wrong: superseded rows once per event
# belief: one example of each copy will do
# see: Exercise: deduplicate events
# fails: exact_copies_are_kept_once
# at_most: 4
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept & ~conflict].drop_duplicates(), events[conflict]


# %% wrong: kept rows are superseded as well
# belief: superseded lists all copies
# see: Exercise: deduplicate events
# fails: every_copy_is_accounted_for, the_newest_correction_is_kept
# at_most: 3.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[payload.duplicated("event_id", keep=False) & ~conflict], events[conflict]


# %% wrong: conflicts are superseded as well
# belief: a conflict counts twice
# see: Exercise: deduplicate events
# fails: every_copy_is_accounted_for, conflicts_are_set_aside
# at_most: 4
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events[~kept], events[conflict]


# %% wrong: an average settles a conflict
# belief: the mean of two amounts is fair
# see: Copies
# fails: conflicts_are_set_aside, only_the_newest_copies_decide
# at_most: 3.5
def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    e = events.assign(event_id=key)
    newest = e["ingested_at"] == e.groupby("event_id")["ingested_at"].transform("max")
    mean = e[newest].groupby("event_id")["amount"].mean()
    again = e[newest].duplicated("event_id").reindex(e.index, fill_value=True)
    kept = newest & ~again
    return e[kept].assign(amount=e.loc[kept, "event_id"].map(mean)), events[~kept], events.iloc[:0]


# %% wrong: the parts in another order
# belief: the order of the three tables is free
# see: Exercise: deduplicate events
# fails: the_newest_correction_is_kept, exact_copies_are_kept_once, every_copy_is_accounted_for
# at_most: 1
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[~kept & ~conflict], events[kept], events[conflict]


# %% wrong: counts instead of tables
# belief: numbers are enough to account for rows
# see: Exercise: deduplicate events
# fails: three_tables_come_back
# at_most: 0
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], int((~kept & ~conflict).sum()), int(conflict.sum())


# %% wrong: ids only
# belief: the ids of the copies are enough
# see: Exercise: deduplicate events
# fails: every_copy_is_accounted_for
# at_most: 1
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    return events[kept], events.loc[~kept & ~conflict, ["event_id"]], events.loc[conflict, ["event_id"]]


# %% wrong: amounts of 0 are dropped on the way
# belief: only purchases matter
# see: Exercise: deduplicate events
# fails: every_copy_is_accounted_for
# at_most: 2.5
import pandas as pd


def deduplicate(events):
    key = events["event_id"].str.strip().str.upper()
    newest = events["ingested_at"] == events.groupby(key)["ingested_at"].transform("max")
    payload = events.assign(event_id=key)
    different = payload[newest].drop_duplicates().groupby("event_id").size()
    conflict = key.isin(different[different > 1].index)
    again = payload[newest].duplicated().reindex(events.index, fill_value=True)
    kept = newest & ~conflict & ~again
    events = events[events["amount"] > 0]
    kept, conflict = kept[events.index], conflict[events.index]
    return events[kept], events[~kept & ~conflict], events[conflict]


# %% wrong: the pipeline's own extraction
# belief: the course's pipeline deduplicates in the same way
# see: Exercise: deduplicate events
# fails: exact_copies_are_kept_once, the_newest_correction_is_kept, only_the_newest_copies_decide
# at_most: 1.5
import pandas as pd
from pipeline import extract_events


def deduplicate(events):
    out = extract_events(events, events[["user_id"]], as_of=pd.Timestamp("2030-01-01", tz="UTC"))
    return out.valid, out.duplicates, out.quarantined

# %% wrong: the time of an event does not count
# belief: two newest copies with different event times say the same
# see: Exercise: deduplicate events
# fails: conflicts_may_be_in_any_column
# at_most: 4.5
# from: vectorised pandas
# -     different = payload[newest].drop_duplicates()
# +     different = payload[newest].drop(columns="timestamp").drop_duplicates()

# %% wrong: all spaces are removed
# belief: a space inside an id is as meaningless as one around it
# see: Exercise: deduplicate events
# fails: ids_are_compared_without_case_and_space
# at_most: 4.5
# from: vectorised pandas
# - .str.strip().str.upper()
# + .str.replace(" ", "").str.upper()
