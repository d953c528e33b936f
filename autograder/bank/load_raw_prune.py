# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to load_raw.prune. Read by `load_bank`, never imported."""

# %% right: one date for each path
import datetime as dt


def files_to_read(files, first, last):
    found = []
    for file in files:
        parts = file.split("/")
        if not file.endswith(".parquet") or any(part.startswith(("_", ".")) for part in parts):
            continue
        keys = dict(part.split("=", 1) for part in parts if "=" in part)
        if not {"year", "month", "day"} <= set(keys):
            continue
        day = dt.date(int(keys["year"]), int(keys["month"]), int(keys["day"]))
        if first <= day <= last:
            found.append(file)
    return found

# %% right: a regular expression
import re
from datetime import date

PATTERN = re.compile(r"year=(\d+)/month=(\d+)/day=(\d+)/([^/_.][^/]*)\.parquet")


def files_to_read(files, first, last):
    matches = filter(None, map(PATTERN.fullmatch, files))
    return [m[0] for m in matches if first <= date(*map(int, m.groups()[:3])) <= last]

# %% right: vectorised pandas
import pandas as pd


def files_to_read(files, first, last):
    names = pd.Series(list(files), dtype="str")
    parts = names.str.extract(r"^year=(\d+)/month=(\d+)/day=(\d+)/(?![_.])[^/]+[.]parquet$")
    day = pd.to_datetime(parts.set_axis(["year", "month", "day"], axis=1).apply(pd.to_numeric), errors="coerce")
    return names[day.between(pd.Timestamp(first), pd.Timestamp(last))]

# %% right: SQL on DuckDB
import duckdb
import pandas as pd


def files_to_read(files, first, last):
    listing = pd.DataFrame({"file": pd.Series(list(files), dtype="str")})
    rows = duckdb.sql(r"""
        select file from listing
        where regexp_matches(file, '^year=[0-9]+/month=[0-9]+/day=[0-9]+/[^_./][^/]*[.]parquet$')
        and make_date(
            try_cast(regexp_extract(file, 'year=([0-9]+)', 1) as bigint),
            try_cast(regexp_extract(file, 'month=([0-9]+)', 1) as bigint),
            try_cast(regexp_extract(file, 'day=([0-9]+)', 1) as bigint)
        ) between cast('%s' as date) and cast('%s' as date)
    """ % (first.isoformat(), last.isoformat())).fetchall()
    return [row[0] for row in rows]

# %% right: the wanted days first, paths and tuples, sorted
from datetime import timedelta
from pathlib import PurePosixPath


def number(part):
    return int(part.partition("=")[2])


def files_to_read(files, first, last):
    wanted = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    wanted = {(d.year, d.month, d.day) for d in wanted}
    found = []
    for path in sorted(PurePosixPath(file) for file in files):
        try:
            year, month, day, name = path.parts
            day = (number(year), number(month), number(day))
        except ValueError:
            continue
        if path.suffix == ".parquet" and name[0] not in "_." and day in wanted:
            found.append(path)
    return tuple(found)

# %% wrong: last-day-left-out
# belief: a range ends before its last day
# see: Exercise: which files have to be read
# fails: reads_the_days_asked_for
# at_most: 1.5
# from: one date for each path
# - first <= day <= last
# + first <= day < last

# %% wrong: first-day-left-out
# belief: a range begins after its first day
# see: Exercise: which files have to be read
# fails: reads_the_days_asked_for
# at_most: 1.5
# from: one date for each path
# - first <= day <= last
# + first < day <= last

# %% wrong: everything-is-read
# belief: the reader reads all files and filters the rows afterwards
# see: Partition pruning
# fails: reads_the_days_asked_for, crosses_months_and_years
# at_most: 0.5
# from: one date for each path
# - first <= day <= last
# + True

# %% wrong: from-the-first-day-on
# belief: whatever came since the first day is wanted
# see: Exercise: which files have to be read
# fails: reads_the_days_asked_for
# at_most: 0.75
# from: one date for each path
# - first <= day <= last
# + first <= day

# %% wrong: days-compared-alone
# belief: a day lies in the range when its year, its month and its day do
# see: Partition pruning
# fails: crosses_months_and_years
# at_most: 1.25
# from: one date for each path
# - first <= day <= last
# + first.year <= day.year <= last.year and first.month <= day.month <= last.month and first.day <= day.day <= last.day

# %% wrong: months-only
# belief: it is enough to find the months
# see: Partition pruning
# fails: reads_the_days_asked_for
# at_most: 0.5
# from: one date for each path
# - first <= day <= last
# + (first.year, first.month) <= (day.year, day.month) <= (last.year, last.month)

# %% wrong: day-without-month
# belief: the number of the day says which day it is
# see: Partition pruning
# fails: crosses_months_and_years
# at_most: 1
# from: one date for each path
# - first <= day <= last
# + first.day <= day.day <= last.day

# %% wrong: year-forgotten
# belief: month and day are enough
# see: Partition pruning
# fails: crosses_months_and_years, nothing_to_read_is_an_empty_list
# at_most: 1.25
# from: one date for each path
# - first <= day <= last
# + (first.month, first.day) <= (day.month, day.day) <= (last.month, last.day)

# %% wrong: paths-compared-as-text
# belief: paths in order of their text are in order of time
# see: A path that names the day
# fails: reads_numbers_without_zeros
# at_most: 1.75
def files_to_read(files, first, last):
    low, high = (f"year={d:%Y}/month={d:%m}/day={d:%d}" for d in (first, last))
    return [
        file
        for file in files
        if file.count("/") == 3
        and low <= file.rpartition("/")[0] <= high
        and file.endswith(".parquet")
        and file.rpartition("/")[2][0] not in "_."
    ]

# %% wrong: expected-names-looked-up
# belief: every tool writes two digits
# see: A path that names the day
# fails: reads_numbers_without_zeros
# at_most: 1.75
from datetime import timedelta


def files_to_read(files, first, last):
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [f"{d:year=%Y/month=%m/day=%d}/data.parquet" for d in days if f"{d:year=%Y/month=%m/day=%d}/data.parquet" in files]

# %% wrong: paths-made-up
# belief: every day of the range has a file
# see: Exercise: which files have to be read
# fails: reads_numbers_without_zeros, nothing_to_read_is_an_empty_list
# at_most: 0.5
from datetime import timedelta


def files_to_read(files, first, last):
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [f"{d:year=%Y/month=%m/day=%d}/data.parquet" for d in days]

# %% wrong: hidden-files-read
# belief: every file that ends in .parquet is data
# see: Half a file that looks whole
# fails: passes_over_leftovers
# at_most: 1.5
# from: one date for each path
# - if not file.endswith(".parquet") or any(part.startswith(("_", ".")) for part in parts):
# + if not file.endswith(".parquet"):

# %% wrong: only-the-file-name-is-looked-at
# belief: a hidden folder hides nothing
# see: Half a file that looks whole
# fails: passes_over_leftovers
# at_most: 1.5
# from: one date for each path
# - for part in parts):
# + for part in parts[-1:]):

# %% wrong: temporary-files-read
# belief: all files of a partition are its data
# see: Half a file that looks whole
# fails: passes_over_leftovers
# at_most: 1.5
# from: one date for each path
# - if not file.endswith(".parquet") or any(part.startswith(("_", ".")) for part in parts):
# + if any(part.startswith(("_", ".")) for part in parts):

# %% wrong: raises-at-a-file-without-a-day
# belief: a lake holds partitions and nothing else
# see: Exercise: which files have to be read
# fails: passes_over_leftovers
# at_most: 1.5
# from: one date for each path
# - if not {"year", "month", "day"} <= set(keys):
# + if False:

# %% wrong: none-when-nothing-fits
# belief: nothing found is None
# see: Exercise: which files have to be read
# fails: nothing_to_read_is_an_empty_list
# at_most: 1.75
# from: one date for each path
# - return found
# + return found or None

# %% wrong: bounds-swapped
# belief: a range that ends before it begins is meant the other way round
# see: Exercise: which files have to be read
# fails: nothing_to_read_is_an_empty_list
# at_most: 1.75
# from: one date for each path
# - found = []
# + first, last = min(first, last), max(first, last)
# +     found = []

# %% wrong: folders-instead-of-files
# belief: the folders to read are what is asked for
# see: Exercise: which files have to be read
# fails: reads_the_days_asked_for, crosses_months_and_years, reads_numbers_without_zeros, passes_over_leftovers
# at_most: 0
# from: one date for each path
# - found.append(file)
# + found.append(file.rpartition("/")[0])

# %% wrong: the-course-helper
# belief: the course's package lists the days of this lake
# see: Exercise: which files have to be read
# fails: reads_the_days_asked_for, crosses_months_and_years
# at_most: 0
import pipeline.lake


def files_to_read(files, first, last):
    return [file for file in files if str(first) <= pipeline.lake._day(str(first)) <= str(last) and "date=" in file]

# %% wrong: one-name-only
# belief: a file with data is always called data.parquet
# see: Exercise: which files have to be read
# fails: passes_over_leftovers
# at_most: 1.5
# from: one date for each path
# -         if not file.endswith(".parquet") or any
# +         if not file.endswith("/data.parquet") or any

# %% wrong: one-file-for-each-partition
# belief: a partition is one file
# see: Exercise: which files have to be read
# fails: passes_over_leftovers
# at_most: 1.5
# from: one date for each path
# -     return found
# +     return list({file.rsplit("/", 1)[0]: file for file in found}.values())

# %% wrong: underscore-anywhere
# belief: a name with an underscore in it is hidden
# see: Exercise: which files have to be read
# fails: passes_over_leftovers
# at_most: 1.5
# from: one date for each path
# -         if not file.endswith(".parquet") or any
# +         if "_" in file or not file.endswith(".parquet") or any

# %% wrong: months-of-30-days
# belief: year * 360 + month * 30 + day numbers the days
# see: Partition pruning
# fails: crosses_months_and_years
# at_most: 1.5
# from: one date for each path
# -         day = dt.date(int(keys["year"]), int(keys["month"]), int(keys["day"]))
# -         if first <= day <= last:
# +         day = int(keys["year"]) * 360 + int(keys["month"]) * 30 + int(keys["day"])
# +         low, high = (date.year * 360 + date.month * 30 + date.day for date in (first, last))
# +         if low <= day <= high:
