# ruff: noqa
# mypy: ignore-errors
"""Submissions to start.reachable. Read by `load_bank`, never imported."""

# %% right: vectorised pandas
def reachable(users):
    return users["email"].notna().sum()


# %% right: loop in plain Python
def reachable(users):
    count = 0
    for email in users["email"].tolist():
        if email is not None and email == email:
            count += 1
    return count


# %% right: drop and count
def reachable(users):
    return float(len(users.dropna(subset=["email"])))


# %% right: SQL on DuckDB
import duckdb


def reachable(users):
    return duckdb.sql("select count(email) from users").fetchone()[0]


# %% wrong: counts-rows
# belief: len() of a column leaves missing values out
# see: A first exercise
# fails: counts_the_addresses
# at_most: 0
# from: vectorised pandas
# - users["email"].notna().sum()
# + len(users["email"])

# %% wrong: counts-the-missing
# belief: the question is how many have no address
# see: A first exercise
# fails: counts_the_addresses
# at_most: 0
# from: vectorised pandas
# - notna
# + isna

# %% wrong: compares-with-none
# belief: a missing value is equal to None
# see: A first exercise
# fails: counts_the_addresses
# at_most: 0
# from: vectorised pandas
# - users["email"].notna().sum()
# + sum(email != None for email in users["email"])

# %% wrong: counts-empty-text
# belief: a missing address is an empty text
# see: A first exercise
# fails: counts_the_addresses
# at_most: 0
# from: vectorised pandas
# - users["email"].notna().sum()
# + (users["email"] != "").sum()

# %% wrong: a-constant
# belief: the number that fits the notebook's table is the answer
# see: Key points
# fails: counts_the_addresses
# at_most: 0
# from: vectorised pandas
# - users["email"].notna().sum()
# + 8

# %% wrong: a-share
# belief: the mean of True and False is their number
# see: A first exercise
# fails: counts_the_addresses
# at_most: 0
# from: vectorised pandas
# - sum
# + mean

# %% wrong: the-rows
# belief: to return the rows is as good as to count them
# see: A first exercise
# fails: counts_the_addresses
# at_most: 0
# from: vectorised pandas
# - users["email"].notna().sum()
# + users[users["email"].notna()]

# %% wrong: fails-on-nothing
# belief: a table always has a first row
# see: A first exercise
# fails: takes_an_empty_table
# at_most: 0
# from: vectorised pandas
# -     return
# +     users["email"].iloc[0]
# +     return
