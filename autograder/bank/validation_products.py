# ruff: noqa
# mypy: ignore-errors
"""Submissions to validation.products. Read by `load_bank`, never imported."""

# %% right: vectorised pandas
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% right: loop in plain Python
import math
from collections import Counter


def validate_products(products):
    rows = [
        {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}
        for row in products.to_dict("records")
    ]
    times = Counter(row["product_id"] for row in rows)
    valid, quarantined = [], []
    for row in rows:
        reasons = []
        if row["product_id"] is None:
            reasons.append("product_id_missing")
        elif times[row["product_id"]] > 1:
            reasons.append("product_id_repeated")
        if row["category"] is not None and row["category"].strip().lower() not in (
            "electronics",
            "clothing",
            "food",
            "books",
            "sports",
        ):
            reasons.append("category_unknown")
        price = row["price"]
        if price is None:
            reasons.append("price_missing")
        elif type(price) not in (int, float) or math.isinf(price):
            reasons.append("price_not_a_number")
        elif price <= 0:
            reasons.append("price_not_positive")
        if row["stock_count"] < 0:
            reasons.append("stock_negative")
        (quarantined if reasons else valid).append(dict(row, reasons=reasons))
    return valid, quarantined


# %% right: SQL on DuckDB
import duckdb


def validate_products(products):
    text = products["price"].map(lambda v: None if v is None or v != v else str(v)).astype("str")
    rows = products.assign(price=text)
    tagged = duckdb.sql("""
        with read as (select *, case when price in ('True', 'False') then null else try_cast(price as double) end as p,
                             count(product_id) over (partition by product_id) as times from rows)
        select * exclude (p, times), concat_ws(';',
            if(product_id is null, 'product_id_missing', null),
            if(product_id is not null and times > 1, 'product_id_repeated', null),
            if(lower(trim(category)) not in ('electronics', 'clothing', 'food', 'books', 'sports'), 'category_unknown', null),
            if(price is null, 'price_missing', null),
            if(price is not null and (p is null or not isfinite(p)), 'price_not_a_number', null),
            if(p <= 0, 'price_not_positive', null),
            if(stock_count < 0, 'stock_negative', null)) as reasons
        from read order by name
    """)
    return tagged.filter("reasons = ''").df(), tagged.filter("reasons <> ''").df()


# %% right: polars
import polars as pl


def validate_products(products):
    text = [None if v is None or v != v else str(v) for v in products["price"]]
    rows = pl.from_pandas(products.drop(columns="price")).with_columns(pl.Series("price", text, dtype=pl.String))
    price = pl.col("price").cast(pl.Float64, strict=False)
    price = pl.when(price.is_finite()).then(price)
    kind = pl.col("category").str.strip_chars().str.to_lowercase()
    rules = {
        "product_id_missing": pl.col("product_id").is_null(),
        "product_id_repeated": pl.col("product_id").is_not_null() & pl.col("product_id").is_duplicated(),
        "category_unknown": kind.is_not_null() & ~kind.is_in(["electronics", "clothing", "food", "books", "sports"]),
        "price_missing": pl.col("price").is_null(),
        "price_not_a_number": pl.col("price").is_not_null() & price.is_null(),
        "price_not_positive": price <= 0,
        "stock_negative": pl.col("stock_count") < 0,
    }
    names = pl.concat_str([pl.when(r).then(pl.lit(n + ";")).otherwise(pl.lit("")) for n, r in rules.items()])
    tagged = rows.with_columns(names.str.strip_chars_end(";").alias("reasons"))
    return tagged.filter(pl.col("reasons") == "").drop("reasons"), tagged.filter(pl.col("reasons") != "")


# %% right: category dtype, sets of reasons, own index, arrays
import numpy as np
import pandas as pd


def number(value):
    try:
        value = None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
    return value if value is not None and abs(value) < float("inf") else None


def validate_products(products):
    table = products.set_index("name").iloc[::-1]
    price = np.array([number(v) if number(v) is not None else np.nan for v in table["price"]])
    given = table["price"].notna().to_numpy()
    ids = table["product_id"]
    counts = ids.map(ids.value_counts())
    known = {"electronics", "clothing", "food", "books", "sports"}
    why = [set() for _ in range(len(table))]
    for rule, mask in [
        ("stock_negative", table["stock_count"].to_numpy() <= -1),
        ("price_not_positive", np.less_equal(price, 0)),
        ("price_not_a_number", given & np.isnan(price)),
        ("price_missing", ~given),
        ("category_unknown", [isinstance(c, str) and c.strip().casefold() not in known for c in table["category"]]),
        ("product_id_repeated", (counts > 1).to_numpy()),
        ("product_id_missing", ids.isna().to_numpy()),
    ]:
        for i in np.flatnonzero(mask):
            why[i].add(rule)
    good = np.array([not names for names in why])
    table["category"] = table["category"].astype("category")
    bad = table[~good].copy()
    bad["reasons"] = [names for names in why if names]
    return [table[good], bad]


# %% right: merge with the counts, pipes, nullable dtypes
import pandas as pd


def validate_products(products):
    p = products.convert_dtypes() if products["price"].dtype != object else products.copy()
    p["product_id"] = p["product_id"].astype("string")
    number = pd.to_numeric(p["price"].astype(object).map(lambda v: None if isinstance(v, bool) else v), errors="coerce")
    number = number.astype("float64")
    number[number.abs() == float("inf")] = float("nan")
    size = p.dropna(subset=["product_id"]).groupby("product_id").size().rename("size").reset_index()
    p = p.merge(size, on="product_id", how="left", validate="m:1")
    number.index = p.index
    kind = p["category"].astype("string").str.strip().str.lower()
    known = kind.isin(["electronics", "clothing", "food", "books", "sports"]) | kind.isna()
    flags = pd.DataFrame(
        {
            "product_id_missing": p["product_id"].isna(),
            "product_id_repeated": (p["size"] > 1).fillna(False),
            "category_unknown": ~known,
            "price_missing": p["price"].isna(),
            "price_not_a_number": p["price"].notna() & number.isna(),
            "price_not_positive": number.le(0),
            "stock_negative": p["stock_count"].lt(0),
        }
    ).astype(bool)
    p["reasons"] = flags.apply(lambda row: "|".join(row.index[row]), axis=1)
    p = p.drop(columns="size")
    return p.query("reasons == ''"), p.query("reasons != ''")


# %% right: classes and generators
from dataclasses import dataclass, field
from math import isfinite
import pandas as pd


@dataclass
class Checked:
    row: dict
    reasons: list = field(default_factory=list)


class Catalogue:
    known = "electronics clothing food books sports".split()

    def __init__(self, frame):
        self.items = [Checked(dict(zip(frame.columns, cells))) for cells in frame.itertuples(index=False)]
        ids = [i.row["product_id"] for i in self.items if not pd.isna(i.row["product_id"])]
        self.twice = {x for x in ids if ids.count(x) > 1}

    def run(self):
        for item in self.items:
            item.reasons.extend(self.rules(item.row))

    def rules(self, row):
        if pd.isna(row["product_id"]):
            yield "product_id_missing"
        if row["product_id"] in self.twice:
            yield "product_id_repeated"
        if not pd.isna(row["category"]) and row["category"].lower().strip() not in self.known:
            yield "category_unknown"
        value = row["price"]
        if pd.isna(value):
            yield "price_missing"
        else:
            try:
                number = float(str(value))
                assert isfinite(number)
            except (ValueError, AssertionError):
                yield "price_not_a_number"
            else:
                if number <= 0:
                    yield "price_not_positive"
        if row["stock_count"] < 0:
            yield "stock_negative"


def validate_products(products):
    catalogue = Catalogue(products)
    catalogue.run()
    return {
        "valid": pd.DataFrame([i.row for i in catalogue.items if not i.reasons]),
        "quarantined": pd.DataFrame([{"reasons": ", ".join(i.reasons), **i.row} for i in catalogue.items if i.reasons]),
    }


# %% right: changes its input and returns the tidied columns
import pandas as pd


def validate_products(products):
    raw = products["price"].copy()
    products["category"] = products["category"].str.strip().str.lower()
    products["reasons"] = ""

    def tag(rows, name):
        products.loc[rows, "reasons"] = products.loc[rows, "reasons"] + name + ";"

    tag(products["product_id"].isna(), "product_id_missing")
    tag(products.groupby("product_id", dropna=True)["name"].transform("size") > 1, "product_id_repeated")
    tag(~products["category"].isin(["electronics", "clothing", "food", "books", "sports", None]), "category_unknown")
    tag(raw.isna(), "price_missing")
    price = pd.to_numeric(
        raw.map(lambda v: "yes" if isinstance(v, bool) else v) if raw.dtype == object else raw, errors="coerce"
    )
    odd = price.isna() | price.isin([float("inf"), float("-inf")])
    tag(raw.notna() & odd, "price_not_a_number")
    tag(~odd & (price <= 0), "price_not_positive")
    tag(products["stock_count"] < 0, "stock_negative")
    quarantined = products[products["reasons"] != ""]
    return products.drop(quarantined.index), quarantined


# %% wrong: everything is valid
# belief: a catalogue is always right
# see: Three things to do with a bad row
# fails: every_product_comes_out_once, missing_and_text_prices_are_told_apart, good_products_stay_valid
# at_most: 0.5
def validate_products(products):
    return products, products.iloc[:0].assign(reasons="")


# %% wrong: a missing price is in neither table
# belief: `price > 0` and `price <= 0` are opposites
# see: Break it
# fails: missing_and_text_prices_are_told_apart, every_product_comes_out_once
# at_most: 3
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad & (price > 0)], products[bad].assign(reasons=reasons[bad])


# %% wrong: a missing price passes
# belief: what is not below 0 is valid
# see: Break it
# fails: missing_and_text_prices_are_told_apart
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: text prices pass after coercion
# belief: to_numeric takes care of text
# see: Ten users
# fails: missing_and_text_prices_are_told_apart
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: text prices are called missing
# belief: what cannot be read was missing
# see: Worked example: validate users
# fails: missing_and_text_prices_are_told_apart
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: True is a price
# belief: bool is no kind of int
# see: Worked example: validate users
# fails: missing_and_text_prices_are_told_apart
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received, errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: infinity is a price
# belief: to_numeric returns ordinary numbers only
# see: Worked example: validate users
# fails: missing_and_text_prices_are_told_apart
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: a free product is valid
# belief: not below 0 is good enough for a price
# see: Exercise: validate products
# fails: prices_and_stocks_keep_to_their_bounds
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price < 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: sold out is refused
# belief: a stock of 0 is an error
# see: Exercise: validate products
# fails: prices_and_stocks_keep_to_their_bounds
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] <= 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: a price below 1 is refused
# belief: prices are at least 1
# see: Exercise: validate products
# fails: prices_and_stocks_keep_to_their_bounds, good_products_stay_valid
# at_most: 3
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price < 1,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: only whole prices above 0 pass the cast
# belief: int(price) > 0 is the same as price > 0
# see: Worked example: validate users
# fails: prices_and_stocks_keep_to_their_bounds, good_products_stay_valid
# at_most: 3
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price // 1 <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: case and space make new categories
# belief: ' Books ' is not in the list
# see: Exercise: validate products
# fails: unknown_categories_are_found_in_any_spelling
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"]
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: only case is tidied
# belief: spaces at the ends never happen
# see: Exercise: validate products
# fails: unknown_categories_are_found_in_any_spelling
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: a missing category is unknown
# belief: what is not in the list is unknown
# see: Exercise: validate products
# fails: unknown_categories_are_found_in_any_spelling, good_products_stay_valid
# at_most: 3
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: a part of a category is a category
# belief: 'book' is close enough to 'books'
# see: Exercise: validate products
# fails: unknown_categories_are_found_in_any_spelling
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.map(lambda c: any(str(c) in k for k in CATEGORIES)),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: only the left side is trimmed
# belief: spaces come first
# see: Exercise: validate products
# fails: unknown_categories_are_found_in_any_spelling
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.lstrip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: ids differ only if the rows do
# belief: equal copies repeat nothing
# see: Exercise: validate products
# fails: missing_and_repeated_ids_are_told_apart
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna()
        & product_id.duplicated(keep=False)
        & ~products.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: the quarantine shows the coerced price
# belief: NaN says as much as the text
# see: Three things to do with a bad row
# fails: missing_and_text_prices_are_told_apart
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(price=price[bad], reasons=reasons[bad])


# %% wrong: missing categories are filled
# belief: a placeholder is better than nothing
# see: Three things to do with a bad row
# fails: every_product_comes_out_once
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad].fillna({"category": "unknown"}), products[bad].assign(reasons=reasons[bad])


# %% wrong: a missing id hides the rest
# belief: a row without an id needs no other reason
# see: Worked example: validate users
# fails: products_carry_every_reason
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.mask(product_id.isna(), "product_id_missing")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: categories are not checked
# belief: the category is only a label
# see: Exercise: validate products
# fails: unknown_categories_are_found_in_any_spelling
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: the first copy is believed
# belief: the first of two rows is the original
# see: Exercise: validate products
# fails: missing_and_repeated_ids_are_told_apart
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: the last copy is believed
# belief: the last of two rows is the correction
# see: Exercise: validate products
# fails: missing_and_repeated_ids_are_told_apart
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep="last"),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: missing ids repeat each other
# belief: duplicated() leaves missing values out
# see: Exercise: validate products
# fails: missing_and_repeated_ids_are_told_apart
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: repeated rows instead of repeated ids
# belief: only equal rows are copies
# see: Exercise: validate products
# fails: missing_and_repeated_ids_are_told_apart
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & products.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: copies are dropped before the rules
# belief: copies are no rows of their own
# see: Exercise: validate products
# fails: every_product_comes_out_once, missing_and_repeated_ids_are_told_apart
# at_most: 3
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    products = products.drop_duplicates("product_id")
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: repeated names instead of ids
# belief: name is the key
# see: Exercise: validate products
# fails: missing_and_repeated_ids_are_told_apart
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": products["name"].duplicated(keep=False) & (products["price"] > 100),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: missing ids are dropped
# belief: a product without an id cannot be kept anywhere
# see: Three things to do with a bad row
# fails: every_product_comes_out_once, missing_and_repeated_ids_are_told_apart
# at_most: 3
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    products = products.dropna(subset=["product_id"])
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: only the first reason
# belief: one reason is enough
# see: Worked example: validate users
# fails: products_carry_every_reason
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows & (reasons == "")] = rule
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: only the last reason
# belief: a later rule may overwrite an earlier one
# see: Worked example: validate users
# fails: products_carry_every_reason
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] = rule
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: one quarantined row per broken rule
# belief: each rule has its own list
# see: Worked example: validate users
# fails: products_carry_every_reason
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], pd.concat([products[rows].assign(reasons=rule) for rule, rows in broken.items()])


# %% wrong: reasons run together
# belief: the names can be told apart without a separator
# see: Worked example: validate users
# fails: products_carry_every_reason
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: dropna on every column
# belief: every column is needed
# see: Ten users
# fails: good_products_stay_valid
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "value_missing": products.isna().any(axis=1),
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: an upper bound of one's own
# belief: no product costs more than 1,000
# see: Exercise: validate products
# fails: good_products_stay_valid
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "price_too_high": price > 1000,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: prices must be float
# belief: a number in a price column is a float
# see: Worked example: validate users
# fails: good_products_stay_valid
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price) & (received.map(type) == float))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: the quarantine holds repaired prices
# belief: quarantined rows should be easy to read
# see: Three things to do with a bad row
# fails: every_product_comes_out_once
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad].assign(price=price[bad].fillna(0).abs(), reasons=reasons[bad])


# %% wrong: missing ids are filled
# belief: a missing id can be made up
# see: Three things to do with a bad row
# fails: every_product_comes_out_once
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    products = products.assign(product_id=product_id.fillna("P0000"))
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: the quarantine keeps the name only
# belief: the reasons are all that anyone reads
# see: Three things to do with a bad row
# fails: every_product_comes_out_once
# at_most: 3.5
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products.loc[bad, ["name"]].assign(reasons=reasons[bad])


# %% wrong: reasons as a separate list
# belief: the caller can put the two together
# see: Worked example: validate users
# fails: products_come_back_in_two_tables
# at_most: 0
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], products[bad], reasons[bad].tolist()


# %% wrong: a dict of lists per rule
# belief: the quarantine is grouped by rule
# see: Worked example: validate users
# fails: products_come_back_in_two_tables
# at_most: 0
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return products[~bad], {rule: products[rows] for rule, rows in broken.items()}


# %% wrong: stops at the first bad row
# belief: bad data must stop the pipeline
# see: Three things to do with a bad row
# fails: products_come_back_in_two_tables
# at_most: 0
import numpy as np
import pandas as pd

CATEGORIES = ["electronics", "clothing", "food", "books", "sports"]


def validate_products(products):
    received = products["price"]
    price = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    price = price.where(np.isfinite(price))
    product_id = products["product_id"]
    category = products["category"].str.strip().str.lower()
    broken = {
        "product_id_missing": product_id.isna(),
        "product_id_repeated": product_id.notna() & product_id.duplicated(keep=False),
        "category_unknown": category.notna() & ~category.isin(CATEGORIES),
        "price_missing": received.isna(),
        "price_not_a_number": received.notna() & price.isna(),
        "price_not_positive": price <= 0,
        "stock_negative": products["stock_count"] < 0,
    }
    reasons = pd.Series("", index=products.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    if bad.any():
        raise ValueError(f"{bad.sum()} bad products")
    return products[~bad], products[bad].assign(reasons=reasons[bad])


# %% wrong: the pipeline's own extraction with other names
# belief: the course's pipeline has the same rules
# see: Exercise: validate products
# fails: good_products_stay_valid, missing_and_text_prices_are_told_apart, prices_and_stocks_keep_to_their_bounds
# at_most: 2
import pandas as pd
from pipeline import extract_products

NAMES = {
    "missing_product_id": "product_id_missing",
    "conflict": "product_id_repeated",
    "unknown_category": "category_unknown",
    "missing_price": "price_missing",
    "unreadable_price": "price_not_a_number",
    "price_negative": "price_not_positive",
}


def validate_products(products):
    out = extract_products(products)
    reasons = out.quarantined["reasons"].map(lambda text: ";".join(NAMES.get(r, r) for r in text.split(";")))
    return pd.concat([out.valid, out.duplicates]), out.quarantined.assign(reasons=reasons)

# %% wrong: ids are tidied before they are compared
# belief: ids that differ only in case or spaces are the same id everywhere
# see: Exercise: validate products
# fails: missing_and_repeated_ids_are_told_apart
# at_most: 3.5
# from: vectorised pandas
# -     product_id = products["product_id"]
# +     product_id = products["product_id"].str.strip().str.upper()
