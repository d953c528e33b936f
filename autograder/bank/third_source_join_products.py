# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to third_source.join_products. Read by `load_bank`, never imported."""

# %% right: vectorised pandas
import pandas as pd

VALUES = ["name", "category", "price", "stock_count"]


def tidy(ids):
    clean = ids.str.strip().str.upper()
    return clean.where(clean != "")


def join_products(events, products):
    events = events.assign(product_id=tidy(events["product_id"]))
    products = products.assign(product_id=tidy(products["product_id"])).dropna(subset=["product_id"])
    latest = products.groupby("product_id")["updated_at"].transform("max")
    newest = products[products["updated_at"] == latest]
    newest = newest.drop_duplicates(["product_id", *VALUES])
    conflict = newest.duplicated("product_id", keep=False)
    catalogue = newest.loc[~conflict, ["product_id", "name", "category", "price"]]
    both = events.merge(catalogue, on="product_id", how="left", validate="m:1", indicator=True)
    found = both.pop("_merge") == "both"
    unknown = both.loc[~found, list(events.columns)]
    reason = pd.Series("not_in_catalogue", index=unknown.index)
    reason[unknown["product_id"].isin(newest.loc[conflict, "product_id"])] = "conflict"
    reason[unknown["product_id"].isna()] = "no_product_id"
    return both[found], unknown.assign(reason=reason)

# %% right: loop in plain Python


def key_of(value):
    return value.strip().upper() if isinstance(value, str) and value.strip() else None


def same(a, b):
    return a == b or (a != a and b != b)


def join_products(events, products):
    newest = {}
    for row in products.to_dict("records"):
        key = key_of(row["product_id"])
        if key is None:
            continue
        if key not in newest or row["updated_at"] > newest[key][0]["updated_at"]:
            newest[key] = [row]
        elif row["updated_at"] == newest[key][0]["updated_at"]:
            newest[key].append(row)
    joined, unknown = [], []
    for event in events.to_dict("records"):
        versions = newest.get(key_of(event["product_id"]), [])
        first = versions[0] if versions else {}
        if key_of(event["product_id"]) is None:
            unknown.append({**event, "reason": "no_product_id"})
        elif not versions:
            unknown.append({**event, "reason": "not_in_catalogue"})
        elif all(same(first[c], other[c]) for other in versions for c in ("name", "category", "price", "stock_count")):
            joined.append({**event, **{c: first[c] for c in ("name", "category", "price")}})
        else:
            unknown.append({**event, "reason": "conflict"})
    return joined, unknown

# %% right: DuckDB
import duckdb


def join_products(events, products):
    db = duckdb.connect()
    db.register("events", events)
    db.register("products", products)
    db.sql("create view e as select *, nullif(upper(trim(product_id)), '') as key from events")
    db.sql("""
        create view n as
        select distinct nullif(upper(trim(product_id)), '') as key, name, category, price, stock_count
        from products where key is not null
        qualify updated_at = max(updated_at) over (partition by key)
    """)
    db.sql("create view c as select key, count(*) as versions from n group by key")
    joined = db.sql("""
        select e.* exclude (key), n.name, n.category, n.price
        from e join c on e.key = c.key and c.versions = 1 join n on n.key = e.key
    """).df()
    unknown = db.sql("""
        select e.* exclude (key), case when e.key is null then 'no_product_id'
            when c.key is null then 'not_in_catalogue' else 'conflict' end as reason
        from e left join c on e.key = c.key where c.versions is null or c.versions > 1
    """).df()
    return joined, unknown

# %% right: polars
import polars as pl


def tidied(frame):
    key = pl.col("product_id").cast(pl.String).str.strip_chars().str.to_uppercase()
    return frame.with_columns(pl.when(key != "").then(key).alias("product_id"))


def join_products(events, products):
    events = tidied(pl.from_pandas(events))
    products = tidied(pl.from_pandas(products)).drop_nulls("product_id")
    newest = products.filter(pl.col("updated_at") == pl.col("updated_at").max().over("product_id")).unique()
    one = newest.filter(pl.len().over("product_id") == 1)
    joined = events.join(one, on="product_id", how="inner", validate="m:1")
    unknown = events.join(one, on="product_id", how="anti").with_columns(
        reason=pl.when(pl.col("product_id").is_null()).then(pl.lit("no_product_id"))
        .when(pl.col("product_id").is_in(newest["product_id"].to_list())).then(pl.lit("conflict"))
        .otherwise(pl.lit("not_in_catalogue"))
    )
    return {"joined": joined, "unknown": unknown}

# %% right: by lookup, with an index, categories, float32 and columns in another order, in its inputs
import pandas as pd


def join_products(events, products):
    for table in (events, products):
        table["product_id"] = table["product_id"].fillna("").str.lower().str.strip()
    products.sort_values("updated_at", kind="stable", inplace=True)
    lookup, conflicts = {}, set()
    for key, versions in products.groupby("product_id"):
        last = versions[versions["updated_at"] == versions["updated_at"].iloc[-1]]
        if key and len(last[["name", "category", "price", "stock_count"]].drop_duplicates()) == 1:
            lookup[key] = last.iloc[0]
        elif key:
            conflicts.add(key)
    key = events["product_id"]
    for column in ("price", "category", "name"):
        events.insert(0, column, key.map({k: row[column] for k, row in lookup.items()}))
    events["price"] = events["price"].astype("float32")
    events["event_type"] = events["event_type"].astype("category")
    reason = key.map(lambda k: "conflict" if k in conflicts else "not_in_catalogue" if k else "no_product_id")
    events["reason"] = reason.astype("category")
    events = events.set_index("event_id")
    return [events[key.isin(list(lookup)).to_numpy()], events[~key.isin(list(lookup)).to_numpy()].drop(columns=["name", "price"])]

# %% wrong: inner-join
# belief: a join keeps every event, whether it finds its product or not
# see: Products that nobody knows
# fails: every_event_comes_back_once, no_id_and_unknown_id_are_told_apart, equally_new_versions_are_not_guessed
# at_most: 2
# from: vectorised pandas
# - how="left", validate="m:1"
# + how="inner", validate="m:1"

# %% wrong: left-join-keeps-them-all
# belief: a left join loses nothing, so there is nothing to set apart
# see: Products that nobody knows
# fails: no_id_and_unknown_id_are_told_apart, equally_new_versions_are_not_guessed
# at_most: 2.5
# from: vectorised pandas
# - return both[found], unknown.assign(reason=reason)
# + return both, unknown.assign(reason=reason).head(0)

# %% wrong: unknown-events-in-both-tables
# belief: unknown events may be listed beside the complete join
# see: Products that nobody knows
# fails: every_event_comes_back_once, no_id_and_unknown_id_are_told_apart, equally_new_versions_are_not_guessed
# at_most: 2
# from: vectorised pandas
# - return both[found], unknown.assign(reason=reason)
# + return both, unknown.assign(reason=reason)

# %% wrong: join-by-category
# belief: events and products share a category, so that is what they are joined by
# see: The only column they share
# fails: every_event_comes_back_once, copies_in_the_catalogue_multiply_nothing, ids_match_whatever_their_spelling, the_newest_version_counts, versions_in_two_spellings_are_one_product, no_id_and_unknown_id_are_told_apart, equally_new_versions_are_not_guessed
# at_most: 0
def join_products(events, products):
    both = events.merge(products.drop(columns="product_id"), left_on="product_category", right_on="category", how="left")
    found = both["name"].notna()
    return both[found], both[~found].assign(reason="not_in_catalogue")

# %% wrong: join-by-category-repaired
# belief: drop_duplicates after the join undoes a fan-out
# see: A repair that repairs nothing
# fails: copies_in_the_catalogue_multiply_nothing, ids_match_whatever_their_spelling, the_newest_version_counts, versions_in_two_spellings_are_one_product, equally_new_versions_are_not_guessed
# at_most: 0.5
def join_products(events, products):
    both = events.merge(products.drop(columns="product_id"), left_on="product_category", right_on="category", how="left")
    both = both.drop_duplicates("event_id")
    found = both["name"].notna()
    return both[found], both[~found].assign(reason="not_in_catalogue")

# %% wrong: plain-merge
# belief: a catalogue holds each product once and spells it right
# see: What a catalogue looks like when it comes
# fails: copies_in_the_catalogue_multiply_nothing, ids_match_whatever_their_spelling, the_newest_version_counts, versions_in_two_spellings_are_one_product, no_id_and_unknown_id_are_told_apart, equally_new_versions_are_not_guessed
# at_most: 0.5
def join_products(events, products):
    both = events.merge(products, on="product_id", how="left")
    found = both["name"].notna()
    return both[found], both[~found].assign(reason="not_in_catalogue")

# %% wrong: versions-after-the-join
# belief: the newest version can be chosen after the join as well, by dropping repeated events
# see: A repair that repairs nothing
# fails: the_newest_version_counts, equally_new_versions_are_not_guessed, versions_in_two_spellings_are_one_product
# at_most: 2
# from: vectorised pandas
# -     latest = products.groupby("product_id")["updated_at"].transform("max")
# -     newest = products[products["updated_at"] == latest]
# -     newest = newest.drop_duplicates(["product_id", *VALUES])
# +     newest = products.drop_duplicates("product_id")

# %% wrong: last-row-is-newest
# belief: the newest version stands last in the file
# see: What a catalogue looks like when it comes
# fails: the_newest_version_counts, equally_new_versions_are_not_guessed, versions_in_two_spellings_are_one_product
# at_most: 2
# from: vectorised pandas
# - newest = products[products["updated_at"] == latest]
# + newest = products.drop_duplicates("product_id", keep="last")

# %% wrong: oldest-version
# belief: an event belongs to the first version of its product
# fails: the_newest_version_counts, versions_in_two_spellings_are_one_product, equally_new_versions_are_not_guessed
# at_most: 2
# from: vectorised pandas
# - transform("max")
# + transform("min")

# %% wrong: newest-of-each-column
# belief: groupby().last() after sorting takes the newest row
# see: The newest version, as a whole
# fails: the_newest_version_counts, equally_new_versions_are_not_guessed
# at_most: 2.5
# from: vectorised pandas
# - newest = products[products["updated_at"] == latest]
# + newest = products.sort_values("updated_at").groupby("product_id", as_index=False).last()

# %% wrong: dearest-version
# belief: the highest price is the current one
# fails: the_newest_version_counts, equally_new_versions_are_not_guessed
# at_most: 2.5
# from: vectorised pandas
# - newest = products[products["updated_at"] == latest]
# + newest = products.sort_values("price").drop_duplicates("product_id", keep="last")

# %% wrong: newest-of-the-whole-catalogue
# belief: only rows of the newest delivery are in the catalogue
# see: The newest version, as a whole
# fails: the_newest_version_counts, equally_new_versions_are_not_guessed
# at_most: 2.5
# from: vectorised pandas
# - latest = products.groupby("product_id")["updated_at"].transform("max")
# + latest = products["updated_at"].max()

# %% wrong: whole-rows-only
# belief: drop_duplicates() on whole rows leaves each product once
# fails: the_newest_version_counts, versions_in_two_spellings_are_one_product, equally_new_versions_are_not_guessed
# at_most: 2
# from: vectorised pandas
# - newest = products[products["updated_at"] == latest]
# + newest = products

# %% wrong: newest-before-tidying
# belief: tidying can wait until the join
# see: Tidy, choose, join: in this order
# fails: versions_in_two_spellings_are_one_product
# at_most: 3
# from: vectorised pandas
# -     products = products.assign(product_id=tidy(products["product_id"])).dropna(subset=["product_id"])
# -     latest = products.groupby("product_id")["updated_at"].transform("max")
# -     newest = products[products["updated_at"] == latest]
# +     latest = products.groupby("product_id")["updated_at"].transform("max")
# +     newest = products[products["updated_at"] == latest].sort_values("updated_at")
# +     newest = newest.assign(product_id=tidy(newest["product_id"])).dropna(subset=["product_id"])

# %% wrong: nothing-tidied
# belief: an id is an id: systems do not change its case
# see: What a catalogue looks like when it comes
# fails: ids_match_whatever_their_spelling, versions_in_two_spellings_are_one_product
# at_most: 2.5
# from: vectorised pandas
# - clean = ids.str.strip().str.upper()
# + clean = ids.where(ids.str.strip() != "")

# %% wrong: only-spaces
# belief: spaces are the only thing that differs
# fails: ids_match_whatever_their_spelling, versions_in_two_spellings_are_one_product
# at_most: 2.5
# from: vectorised pandas
# - ids.str.strip().str.upper()
# + ids.str.strip()

# %% wrong: only-case
# belief: case is the only thing that differs
# fails: ids_match_whatever_their_spelling, versions_in_two_spellings_are_one_product, no_id_and_unknown_id_are_told_apart
# at_most: 2
# from: vectorised pandas
# - ids.str.strip().str.upper()
# + ids.str.upper()

# %% wrong: only-the-catalogue-tidied
# belief: events come from a machine, so their ids are tidy
# fails: ids_match_whatever_their_spelling
# at_most: 2.5
# from: vectorised pandas
# - events = events.assign(product_id=tidy(events["product_id"]))
# + events = events.copy()

# %% wrong: missing-ids-kept-in-the-catalogue
# belief: a missing key matches nothing in pandas, as in SQL
# see: Nothing is not a product
# fails: no_id_and_unknown_id_are_told_apart
# at_most: 3
# from: vectorised pandas
# -     products = products.assign(product_id=tidy(products["product_id"])).dropna(subset=["product_id"])
# -     latest = products.groupby("product_id")["updated_at"].transform("max")
# +     products = products.assign(product_id=tidy(products["product_id"]))
# +     latest = products.groupby("product_id", dropna=False)["updated_at"].transform("max")

# %% wrong: blank-is-an-id
# belief: a blank id is a text like any other
# see: Nothing is not a product
# fails: no_id_and_unknown_id_are_told_apart
# at_most: 3
# from: vectorised pandas
# - return clean.where(clean != "")
# + return clean

# %% wrong: missing-as-text
# belief: astype(str) makes a missing id harmless
# see: Nothing is not a product
# fails: no_id_and_unknown_id_are_told_apart
# at_most: 2.5
# from: vectorised pandas
# - clean = ids.str.strip().str.upper()
# + clean = ids.map(str).str.strip().str.upper()

# %% wrong: one-reason-for-all
# belief: whether an event has no id or an unknown one makes no difference
# see: Products that nobody knows
# fails: no_id_and_unknown_id_are_told_apart
# at_most: 3
# from: vectorised pandas
# - reason[unknown["product_id"].isna()] = "no_product_id"
# + ...

# %% wrong: events-without-id-dropped
# belief: an event without a product is useless
# see: Nothing is not a product
# fails: every_event_comes_back_once, no_id_and_unknown_id_are_told_apart
# at_most: 2.5
# from: vectorised pandas
# - events = events.assign(product_id=tidy(events["product_id"]))
# + events = events.assign(product_id=tidy(events["product_id"])).dropna(subset=["product_id"])

# %% wrong: products-without-a-price-are-unknown
# belief: a product with a missing value is no product
# see: A product without a price is still a product
# fails: copies_in_the_catalogue_multiply_nothing, the_newest_version_counts
# at_most: 2.5
# from: vectorised pandas
# - .dropna(subset=["product_id"])
# + .dropna()

# %% wrong: conflict-guessed
# belief: of two equally new versions either will do
# see: Two truths at once
# fails: equally_new_versions_are_not_guessed
# at_most: 3
# from: vectorised pandas
# - newest = newest.drop_duplicates(["product_id", *VALUES])
# + newest = newest.drop_duplicates("product_id")

# %% wrong: conflict-by-price-only
# belief: versions conflict only where their prices differ
# see: Two truths at once
# fails: equally_new_versions_are_not_guessed
# at_most: 3
# from: vectorised pandas
# - newest = newest.drop_duplicates(["product_id", *VALUES])
# + newest = newest.drop_duplicates(["product_id", "price"])

# %% wrong: any-other-version-is-a-conflict
# belief: two versions of a product contradict each other, however old one is
# see: Two truths at once
# fails: the_newest_version_counts, equally_new_versions_are_not_guessed, versions_in_two_spellings_are_one_product
# at_most: 2
# from: vectorised pandas
# - newest = products[products["updated_at"] == latest]
# + newest = products[products["updated_at"] <= latest]

# %% wrong: every-copy-is-a-conflict
# belief: a product that stands in the catalogue twice cannot be trusted
# see: Two truths at once
# fails: copies_in_the_catalogue_multiply_nothing
# at_most: 3
# from: vectorised pandas
# - newest = newest.drop_duplicates(["product_id", *VALUES])
# + ...

# %% wrong: missing-differs-from-missing
# belief: two missing values are not equal, so the copies differ
# see: Two truths at once
# fails: copies_in_the_catalogue_multiply_nothing, the_newest_version_counts
# at_most: 2.5
# from: loop in plain Python
# - return a == b or (a != a and b != b)
# + return a == b

# %% wrong: amount-replaced-by-price
# belief: what was paid is the price in the catalogue
# see: What it costs, and what was paid
# fails: every_event_comes_back_once
# at_most: 3
# from: vectorised pandas
# - return both[found], unknown.assign(reason=reason)
# + return both[found].assign(amount=both["price"].where(both["amount"] > 0, 0.0)), unknown.assign(reason=reason)

# %% wrong: the pipeline's own extraction
# belief: the course's pipeline has done all this already
# see: The catalogue comes again
# fails: the_newest_version_counts, versions_in_two_spellings_are_one_product, no_id_and_unknown_id_are_told_apart, equally_new_versions_are_not_guessed
# at_most: 0.5
from pipeline import extract_products


def join_products(events, products):
    catalogue = extract_products(products).valid
    both = events.merge(catalogue, on="product_id", how="left", validate="m:1", indicator=True)
    found = both.pop("_merge") == "both"
    return both[found], both[~found].assign(reason="not_in_catalogue")

# %% wrong: everything-unknown
# belief: what is set aside is not lost, so it does no harm
# fails: every_event_comes_back_once, copies_in_the_catalogue_multiply_nothing, ids_match_whatever_their_spelling, the_newest_version_counts, versions_in_two_spellings_are_one_product, no_id_and_unknown_id_are_told_apart, equally_new_versions_are_not_guessed
# at_most: 0
def join_products(events, products):
    return events.head(0), events.assign(reason="not_in_catalogue")

# %% wrong: conflict-only-in-numbers
# belief: two versions contradict each other if their price or their stock differs
# see: Two truths at once
# fails: equally_new_versions_are_not_guessed
# at_most: 3
# from: vectorised pandas
# - VALUES = ["name", "category", "price", "stock_count"]
# + VALUES = ["price", "stock_count"]

# %% wrong: conflict-by-nunique
# belief: nunique() counts a missing price as a value of its own
# see: Two truths at once
# fails: equally_new_versions_are_not_guessed
# at_most: 3
# from: vectorised pandas
# -     newest = newest.drop_duplicates(["product_id", *VALUES])
# -     conflict = newest.duplicated("product_id", keep=False)
# +     differ = newest.groupby("product_id")[VALUES].nunique().max(axis=1) > 1
# +     conflict = newest["product_id"].map(differ)
# +     newest = newest[conflict | ~newest["product_id"].duplicated()]
# +     conflict = conflict[newest.index]
