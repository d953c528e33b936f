# ruff: noqa
# fmt: off
# mypy: ignore-errors
# %% right: declared while reading
import io

import pandas as pd


def read_products(text):
    products = pd.read_csv(
        io.StringIO(text),
        dtype={"product_id": "str", "name": "str", "origin": "str", "price": "float64", "batch_no": "Int64"},
        keep_default_na=False,
        na_values=[""],
    )
    products["updated_at"] = pd.to_datetime(products["updated_at"], utc=True, format="ISO8601")
    return products


# %% right: everything as text, then converted column by column
from io import StringIO

import pandas as pd


def read_products(text):
    raw = pd.read_csv(StringIO(text), dtype=str, na_filter=False)
    raw = raw.replace("", pd.NA)
    return pd.DataFrame(
        {
            "updated_at": pd.to_datetime(raw["updated_at"], format="ISO8601", utc=True).dt.tz_convert(None),
            "batch_no": pd.array([int(b) if isinstance(b, str) else pd.NA for b in raw["batch_no"]], dtype="Int64"),
            "price": raw["price"].astype("Float64"),
            "product_id": raw["product_id"],
            "name": raw["name"],
            "origin": raw["origin"],
        },
    ).set_index("product_id")


# %% right: loop in plain Python
import csv
import datetime as dt


def read_products(text):
    rows = []
    for line in csv.DictReader(text.splitlines()):
        time = dt.datetime.fromisoformat(line["updated_at"])
        if time.tzinfo is None:
            time = time.replace(tzinfo=dt.timezone.utc)
        rows.append(
            {
                "product_id": line["product_id"],
                "name": line["name"],
                "origin": line["origin"] or None,
                "price": float(line["price"]) if line["price"] else None,
                "batch_no": int(line["batch_no"]) if line["batch_no"] else None,
                "updated_at": time.astimezone(dt.timezone.utc),
            }
        )
    return rows


# %% right: polars, as Arrow types
import io

import polars as pl


def read_products(text):
    schema = {"product_id": pl.String, "name": pl.String, "origin": pl.String, "price": pl.Float64}
    schema |= {"batch_no": pl.Int64, "updated_at": pl.String}
    frame = pl.read_csv(io.StringIO(text), schema=schema)
    text_time = pl.col("updated_at")
    has_offset = text_time.str.contains(r"(Z|[+-]\d\d:\d\d)$")
    full = pl.when(has_offset).then(text_time).otherwise(text_time + "Z").str.replace("Z", "+00:00")
    frame = frame.with_columns(full.str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_zone="UTC").alias("updated_at"))
    return frame.to_pandas(use_pyarrow_extension_array=True)


# %% right: SQL on DuckDB
import tempfile
from pathlib import Path

import duckdb
import pandas as pd


def read_products(text):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "products.csv"
        file.write_text(text, encoding="utf-8")
        with duckdb.connect() as db:
            db.execute("SET TimeZone = 'UTC'")
            rows = db.execute(
                "SELECT product_id, name, origin, price::DOUBLE, batch_no::BIGINT, updated_at::TIMESTAMPTZ::TIMESTAMP "
                "FROM read_csv(?, all_varchar = true, header = true, delim = ',', quote = '\"')",
                [str(file)],
            ).fetchall()
    names = ["product_id", "name", "origin", "price", "batch_no", "updated_at"]
    return pd.DataFrame(rows, columns=names, dtype=object)


# %% wrong: no options
# belief: read_csv knows the types
# see: Files
# fails: keeps_ids_as_text, keeps_nulls_apart_from_text, keeps_every_digit, reads_times_as_instants
# at_most: 0
import io

import pandas as pd


def read_products(text):
    return pd.read_csv(io.StringIO(text))


# %% wrong: parse_dates
# belief: parse_dates makes times of whatever stands there
# see: One column, several offsets
# fails: reads_times_as_instants
# at_most: 1.5
# from: declared while reading
# -         na_values=[""],
# -     )
# -     products["updated_at"] = pd.to_datetime(products["updated_at"], utc=True, format="ISO8601")
# +         na_values=[""],
# +         parse_dates=["updated_at"],
# +     )

# %% wrong: ids guessed
# belief: an id that is made of digits is a number
# see: Files
# fails: keeps_ids_as_text
# at_most: 1.5
# from: declared while reading
# - dtype={"product_id": "str", 
# + dtype={

# %% wrong: ids turned back into text
# belief: astype(str) brings the text back
# see: Files
# fails: keeps_ids_as_text
# at_most: 1.5
# from: declared while reading
# - dtype={"product_id": "str", 
# + dtype={
# -     return products
# +     products["product_id"] = products["product_id"].astype("str")
# +     return products

# %% wrong: ids padded
# belief: every id has six digits
# see: Files
# fails: keeps_ids_as_text
# at_most: 1.5
# from: declared while reading
# -     return products
# +     products["product_id"] = products["product_id"].str.lstrip("0").str.zfill(5)
# +     return products

# %% wrong: NA is missing
# belief: the text NA always means that a value is missing
# see: Nothing, and empty
# fails: keeps_nulls_apart_from_text
# at_most: 1.5
# from: declared while reading
# -         keep_default_na=False,
# -         na_values=[""],
# +         keep_default_na=True,

# %% wrong: own list beside the default one
# belief: na_values replaces the default list
# see: Nothing, and empty
# fails: keeps_nulls_apart_from_text
# at_most: 1.5
# from: declared while reading
# -         keep_default_na=False,
# +         skip_blank_lines=True,

# %% wrong: empty text for null
# belief: an empty text is as good as a null
# see: Nothing, and empty
# fails: keeps_nulls_apart_from_text
# at_most: 1.5
# from: declared while reading
# -     return products
# +     products["origin"] = products["origin"].fillna("")
# +     return products

# %% wrong: a sentinel for null
# belief: a word such as unknown is better than a null
# see: Nothing, and empty
# fails: keeps_nulls_apart_from_text
# at_most: 1.5
# from: declared while reading
# -     return products
# +     products["origin"] = products["origin"].fillna("unknown")
# +     return products

# %% wrong: price 0 for null
# belief: a price that is missing is 0
# see: Nothing, and empty
# fails: keeps_nulls_apart_from_text
# at_most: 1.5
# from: declared while reading
# -     return products
# +     products["price"] = products["price"].fillna(0)
# +     return products

# %% wrong: drops rows with nulls
# belief: a row with an empty cell is of no use
# see: Nothing, and empty
# fails: keeps_nulls_apart_from_text, keeps_every_digit
# at_most: 1
# from: declared while reading
# -     return products
# +     return products.dropna()

# %% wrong: batch numbers as floats
# belief: a float holds any whole number
# see: Ten rows through four formats
# fails: keeps_every_digit
# at_most: 1.5
# from: declared while reading
# - "batch_no": "Int64"
# + "batch_no": "float64"

# %% wrong: batch numbers converted afterwards
# belief: a column that was read as float becomes exact when it is made Int64
# see: Ten rows through four formats
# fails: keeps_every_digit
# at_most: 1.5
# from: declared while reading
# - , "batch_no": "Int64"
# + 
# -     return products
# +     products["batch_no"] = products["batch_no"].astype("float64").astype("Int64")
# +     return products

# %% wrong: batch numbers as text
# belief: a number is safest as text
# see: Ten rows through four formats
# fails: keeps_every_digit
# at_most: 1.5
# from: declared while reading
# - "batch_no": "Int64"
# + "batch_no": "str"

# %% wrong: missing batch is 0
# belief: a column of whole numbers has no nulls, so 0 stands for them
# see: Ten rows through four formats
# fails: keeps_every_digit
# at_most: 1.5
# from: declared while reading
# -     return products
# +     products["batch_no"] = products["batch_no"].fillna(0)
# +     return products

# %% wrong: times left as text
# belief: ISO text sorts and compares like a time
# see: One column, several offsets
# fails: reads_times_as_instants
# at_most: 1.5
# from: declared while reading
# -     products["updated_at"] = pd.to_datetime(products["updated_at"], utc=True, format="ISO8601")
# +     

# %% wrong: offsets cut off
# belief: the offset at the end of a time is decoration
# see: One column, several offsets
# fails: reads_times_as_instants
# at_most: 1.5
# from: declared while reading
# - pd.to_datetime(products["updated_at"], utc=True, format="ISO8601")
# + pd.to_datetime(products["updated_at"].str[:19], utc=True)

# %% wrong: mixed offsets without utc
# belief: to_datetime finds the right zone by itself
# see: One column, several offsets
# fails: reads_times_as_instants
# at_most: 1.5
# from: declared while reading
# - utc=True, format="ISO8601"
# + format="ISO8601"

# %% wrong: unreadable times dropped
# belief: times that cannot be read in the first form are faults
# see: One column, several offsets
# fails: reads_times_as_instants
# at_most: 1.5
# from: declared while reading
# - utc=True, format="ISO8601"
# + utc=True, format="%Y-%m-%dT%H:%M:%S%z", errors="coerce"

# %% wrong: dates without time
# belief: the day is enough
# see: One column, several offsets
# fails: reads_times_as_instants
# at_most: 1.5
# from: declared while reading
# -     return products
# +     products["updated_at"] = products["updated_at"].dt.floor("D")
# +     return products

# %% wrong: split at every comma
# belief: a comma always separates two cells
# see: Files
# fails: keeps_ids_as_text, keeps_nulls_apart_from_text, keeps_every_digit, reads_times_as_instants
# at_most: 0
import pandas as pd


def read_products(text):
    header, *lines = text.splitlines()
    names = header.split(",")
    return pd.DataFrame([dict(zip(names, line.split(","))) for line in lines])

# %% wrong: the words for nothing
# belief: null, None and nan always mean that a value is missing
# see: Nothing, and empty
# fails: keeps_nulls_apart_from_text
# at_most: 1.5
# from: declared while reading
# -         na_values=[""],
# +         na_values=["", "null", "None", "nan"],

# %% wrong: offsets of whole hours
# belief: every time zone is a whole number of hours from UTC
# see: One column, several offsets
# fails: reads_times_as_instants
# at_most: 1.5
# from: declared while reading
# -     products["updated_at"] = pd.to_datetime(products["updated_at"], utc=True, format="ISO8601")
# +     offset = products["updated_at"].str[19:22].replace({"": "0", "Z": "0"}).astype("int64")
# +     products["updated_at"] = pd.to_datetime(products["updated_at"].str[:19]) - pd.to_timedelta(offset, unit="h")
