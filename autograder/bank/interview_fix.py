# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to interview.fix. Read by `load_bank`, never imported."""

# %% right: both marks out, whole cents
import re

def read_orders(rows):
    orders, rejected = [], []
    for row in rows:
        if re.fullmatch(r"-?\d[\d.,]*[.,]\d\d", row["amount"]):
            cents = int(row["amount"].replace(",", "").replace(".", ""))
            orders.append({**row, "amount": cents / 100})
        else:
            rejected.append(row)
    return orders, rejected

# %% right: the last mark is the decimal mark, in plain Python
def amount(text):
    whole, cents = text[:-3], text[-2:]
    sign, digits = (-1, whole[1:]) if whole[:1] == "-" else (1, whole)
    digits = digits.replace(".", "").replace(",", "")
    if text[-3:-2] not in (".", ",") or not digits.isdigit() or not cents.isdigit():
        return None
    return sign * (int(digits) + int(cents) / 100)

def read_orders(rows):
    good = [{**row, "amount": amount(row["amount"])} for row in rows if amount(row["amount"]) is not None]
    bad = [row for row in rows if amount(row["amount"]) is None]
    return good, bad

# %% right: vectorised pandas, two frames
import pandas as pd

def read_orders(rows):
    frame = pd.DataFrame(rows)
    fits = frame["amount"].str.fullmatch(r"-?[\d.,]*\d[.,]\d{2}")
    digits = frame.loc[fits, "amount"].str.replace(r"[.,]", "", regex=True)
    return frame[fits].assign(amount=digits.astype("int64") / 100), frame[~fits]

# %% right: SQL on DuckDB, named parts
import duckdb
import pandas as pd

def read_orders(rows):
    received = pd.DataFrame(rows)
    read = duckdb.sql("""
        select order_id, shop, amount as text, regexp_full_match(amount, '-?[0-9][0-9.,]*[.,][0-9]{2}') as fits,
               try_cast(regexp_replace(amount, '[.,]', '', 'g') as bigint) / 100.0 as amount
        from received
    """).df()
    return {"orders": read[read["fits"]], "rejected": read[~read["fits"]]}

# %% right: polars
import polars as pl

def read_orders(rows):
    frame = pl.DataFrame(rows)
    fits = pl.col("amount").str.contains(r"^-?[0-9][0-9.,]*[.,][0-9]{2}$")
    cents = pl.col("amount").str.replace_all("[.,]", "").cast(pl.Int64)
    return frame.filter(fits).with_columns(cents / 100), frame.filter(~fits)

# %% wrong: as it was
# belief: A comma in an amount marks thousands
# see: From the failure to a test
# fails: reads_every_amount, rejects_what_it_cannot_read
# at_most: 0
def read_orders(rows):
    orders, rejected = [], []
    for row in rows:
        try:
            amount = float(row["amount"].replace(",", ""))
        except ValueError:
            rejected.append(row)
        else:
            orders.append({**row, "amount": amount})
    return orders, rejected

# %% wrong: the quick repair
# belief: A comma in an amount is the decimal mark
# see: From the failure to a test
# fails: reads_every_amount
# at_most: 0
# from: as it was
# - replace(",", "")
# + replace(",", ".")

# %% wrong: by the shop
# belief: The shop tells which mark is the decimal mark
# see: From the failure to a test
# fails: reads_every_amount
# at_most: 0
# from: as it was
# - float(row["amount"].replace(",", ""))
# + float(row["amount"].replace(".", "").replace(",", ".") if row["shop"] == "ES" else row["amount"].replace(",", ""))

# %% wrong: commas are decimal when there is no point
# belief: Of two marks the point is always the decimal mark
# see: From the failure to a test
# fails: reads_every_amount
# at_most: 0
# from: as it was
# - float(row["amount"].replace(",", ""))
# + float(row["amount"].replace(",", "") if "." in row["amount"] else row["amount"].replace(",", "."))

# %% wrong: rejects every comma
# belief: What is ambiguous is rejected
# see: From the failure to a test
# fails: reads_every_amount
# at_most: 0.25
# from: both marks out, whole cents
# - [\d.,]*[.,]
# + [\d.]*[.]

# %% wrong: rejects refunds
# belief: An amount has no sign
# fails: reads_every_amount
# at_most: 0.25
# from: both marks out, whole cents
# - -?\d
# + \d

# %% wrong: the sign is lost
# belief: Marks and signs can go together
# fails: reads_every_amount
# at_most: 0.25
# from: both marks out, whole cents
# - .replace(".", ""))
# + .replace(".", "").replace("-", ""))

# %% wrong: in cents
# belief: The unit of an amount does not matter
# fails: reads_every_amount
# at_most: 0.25
# from: both marks out, whole cents
# - cents / 100
# + cents

# %% wrong: rounded to whole euros
# belief: Cents are noise
# fails: reads_every_amount
# at_most: 0.25
# from: both marks out, whole cents
# - cents / 100
# + cents // 100

# %% wrong: dead letters vanish
# belief: A row that cannot be read is no row
# see: Question 5: a failed job
# fails: rejects_what_it_cannot_read
# at_most: 0.25
# from: both marks out, whole cents
# - rejected.append(row)
# + pass

# %% wrong: dead letters are zero
# belief: What cannot be read is zero
# see: Question 5: a failed job
# fails: rejects_what_it_cannot_read
# at_most: 0.25
# from: both marks out, whole cents
# - rejected.append(row)
# + orders.append({**row, "amount": 0.0})

# %% wrong: dead letters stop the run
# belief: One unreadable row must stop everything
# see: Question 5: a failed job
# fails: reads_every_amount, rejects_what_it_cannot_read
# at_most: 0
# from: both marks out, whole cents
# - rejected.append(row)
# + raise ValueError(row)

# %% wrong: dead letters in both lists
# belief: A row may be both rejected and an order without an amount
# see: Question 5: a failed job
# fails: rejects_what_it_cannot_read
# at_most: 0.25
# from: both marks out, whole cents
# - rejected.append(row)
# + rejected.append(row); orders.append({**row, "amount": None})

# %% wrong: whatever float takes
# belief: What float() accepts is an amount
# see: From the failure to a test
# fails: rejects_what_it_cannot_read
# at_most: 0.25
# from: both marks out, whole cents
# -         else:
# -             rejected.append(row)
# +         else:
# +             try:
# +                 orders.append({**row, "amount": float(row["amount"])})
# +             except ValueError:
# +                 rejected.append(row)

# %% wrong: one decimal will do
# belief: Any number of digits may follow the mark
# fails: rejects_what_it_cannot_read
# at_most: 0.25
import re

def read_orders(rows):
    orders, rejected = [], []
    for row in rows:
        text = row["amount"]
        match = re.fullmatch(r"(-?[\d.,]*?)[.,]?(\d*)", text)
        if match and text.strip("-"):
            orders.append({**row, "amount": float((match[1] + match[2]).replace(",", "").replace(".", "")) / 100})
        else:
            rejected.append(row)
    return orders, rejected

# %% wrong: orders only
# belief: The rejected rows are for the log
# fails: reads_every_amount, rejects_what_it_cannot_read
# at_most: 0
# from: both marks out, whole cents
# - return orders, rejected
# + return orders

# %% wrong: the parts swapped
# belief: The order of the parts does not matter
# fails: reads_every_amount, rejects_what_it_cannot_read
# at_most: 0
# from: both marks out, whole cents
# - return orders, rejected
# + return rejected, orders

# %% wrong: returns inside the loop
# belief: return at the end of the loop's body ends the function after the loop
# fails: reads_every_amount, rejects_what_it_cannot_read
# at_most: 0
# from: both marks out, whole cents
# -             rejected.append(row)
# -     return orders, rejected
# +             rejected.append(row)
# +         return orders, rejected

# %% wrong: coerced to NaN
# belief: to_numeric with errors="coerce" sets bad values aside
# see: Question 5: a failed job
# fails: reads_every_amount
# at_most: 0.25
import pandas as pd

def read_orders(rows):
    frame = pd.DataFrame(rows)
    amount = pd.to_numeric(frame["amount"].str.replace(",", ""), errors="coerce")
    return frame.assign(amount=amount)[amount.notna()], frame[amount.isna()]
