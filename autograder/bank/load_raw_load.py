# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to load_raw.load. Read by `load_bank`, never imported."""

# %% right: group by day, write beside, replace
import os
import pandas as pd


def load_raw(batch, lake):
    for day, rows in batch.groupby(batch["ingested_at"].dt.strftime("year=%Y/month=%m/day=%d")):
        file = lake / day / "data.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name("_data.tmp")
        rows.to_parquet(temporary, index=False)
        os.replace(temporary, file)

# %% right: loops over rows, bytes first
import io
import pandas as pd


def load_raw(batch, lake):
    by_day = {}
    for row in batch.to_dict("records"):
        by_day.setdefault(row["ingested_at"].date(), []).append(row)
    for day in by_day:
        folder = lake / f"year={day.year}" / f"month={day.month:02d}" / f"day={day.day:02d}"
        if not folder.exists():
            folder.mkdir(parents=True)
        buffer = io.BytesIO()
        pd.DataFrame(by_day[day], columns=list(batch.columns)).to_parquet(buffer)
        with open(folder / "data.parquet.part", "wb") as file:
            file.write(buffer.getvalue())
        (folder / "data.parquet.part").rename(folder / "data.parquet")

# %% right: DuckDB, one COPY for each day
import duckdb


def load_raw(batch, lake):
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.register("batch", batch)
    days = connection.sql("select distinct strftime(ingested_at, '%Y-%m-%d') from batch order by 1").fetchall()
    for (day,) in days:
        year, month, number = day.split("-")
        folder = lake / f"year={year}" / f"month={month}" / f"day={number}"
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / "data.new"
        connection.execute(
            f"copy (select * from batch where strftime(ingested_at, '%Y-%m-%d') = '{day}') "
            f"to '{beside.as_posix()}' (format parquet)"
        )
        beside.replace(folder / "data.parquet")

# %% right: polars
import polars as pl


def load_raw(batch, lake):
    rows = pl.from_pandas(batch).with_columns(pl.col("ingested_at").dt.date().alias("_day"))
    for (day,), part in rows.partition_by("_day", as_dict=True, include_key=False).items():
        folder = lake / day.strftime("year=%Y/month=%m/day=%d")
        folder.mkdir(parents=True, exist_ok=True)
        part.write_parquet(folder / ".data.parquet")
        (folder / ".data.parquet").replace(folder / "data.parquet")

# %% right: everything staged first, then one replace for each day, with the keys of the partition in the file
import os
import tempfile
from pathlib import Path
import pyarrow as pa
import pyarrow.parquet as pq


class Loader:
    def __call__(self, batch, lake):
        when = batch["ingested_at"].dt
        batch = batch.assign(year=when.year, month=when.month, day=when.day)
        with tempfile.TemporaryDirectory(dir=lake, prefix="_staging-") as staging:
            waiting = []
            for (year, month, day), rows in batch.groupby(["year", "month", "day"]):
                file = Path(staging) / f"{len(waiting)}.parquet"
                pq.write_table(pa.Table.from_pandas(rows), file, compression="zstd")
                waiting.append((file, lake / f"year={year:04}/month={month:02}/day={day:02}/data.parquet"))
            for file, target in waiting:
                target.parent.mkdir(parents=True, exist_ok=True)
                os.rename(file, target)


load_raw = Loader()

# %% right: text as categories, days from numpy, the last leftovers swept up
import os
import numpy as np


def load_raw(batch, lake):
    for old in lake.rglob("*.tmp"):
        old.unlink()
    days = batch["ingested_at"].dt.tz_localize(None).to_numpy().astype("datetime64[D]")
    for day in np.unique(days):
        year, month, date = str(day).split("-")
        folder = lake.joinpath(f"year={year}", f"month={month}", f"day={date}")
        os.makedirs(folder, exist_ok=True)
        rows = batch[days == day].copy()
        rows["event_type"] = rows["event_type"].astype("category")
        rows.sort_values("user_id").to_parquet(folder / "1.tmp", engine="pyarrow")
        os.replace(folder / "1.tmp", folder / "data.parquet")

# %% wrong: event-time
# belief: a raw row belongs to the day on which it happened
# see: By which time?
# fails: lands_by_day_of_arrival
# at_most: 3.5
# from: group by day, write beside, replace
# - batch.groupby(batch["ingested_at"].dt.strftime("year=%Y/month=%m/day=%d"))
# + batch.groupby(pd.to_datetime(batch["timestamp"], utc=True, format="mixed").dt.strftime("year=%Y/month=%m/day=%d"))

# %% wrong: local-day
# belief: the day of a lake is the day on the clock of the shop
# see: By which time?
# fails: lands_by_day_of_arrival
# at_most: 3.5
# from: group by day, write beside, replace
# - batch.groupby(batch["ingested_at"].dt.strftime("year=%Y/month=%m/day=%d"))
# + batch.groupby(batch["ingested_at"].dt.tz_convert("Europe/Berlin").dt.strftime("year=%Y/month=%m/day=%d"))

# %% wrong: one-day-for-the-batch
# belief: a batch always holds one day, so its first row tells which
# see: Exercise: load raw
# fails: lands_by_day_of_arrival, takes_an_empty_batch
# at_most: 2
import os


def load_raw(batch, lake):
    day = batch["ingested_at"].iloc[0].strftime("year=%Y/month=%m/day=%d")
    file = lake / day / "data.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    batch.to_parquet(file.with_name("_data.tmp"), index=False)
    os.replace(file.with_name("_data.tmp"), file)

# %% wrong: no-leading-zeros
# belief: month=1 and month=01 are the same folder
# see: A path that names the day
# fails: lands_by_day_of_arrival
# at_most: 3.5
# from: loops over rows, bytes first
# - f"month={day.month:02d}" / f"day={day.day:02d}"
# + f"month={day.month}" / f"day={day.day}"

# %% wrong: date-folder
# belief: any folder with the date in its name will do
# see: A path that names the day
# fails: lands_by_day_of_arrival
# at_most: 0
# from: group by day, write beside, replace
# - year=%Y/month=%m/day=%d
# + date=%Y-%m-%d

# %% wrong: the-course-helper
# belief: the lake functions of the course's package write this layout
# see: Exercise: load raw
# fails: lands_by_day_of_arrival, keeps_every_row
# at_most: 0
import pipeline


def load_raw(batch, lake):
    for day, rows in batch.groupby(batch["ingested_at"].dt.strftime("%Y-%m-%d")):
        pipeline.load_raw(rows, lake, "events", date=day)

# %% wrong: validates-first
# belief: a row without a user has no place in the lake
# see: Raw is before validation
# fails: keeps_every_row
# at_most: 3.5
# from: group by day, write beside, replace
# - def load_raw(batch, lake):
# + def load_raw(batch, lake):
# +     batch = batch[batch["user_id"].notna()]

# %% wrong: deduplicates
# belief: a row that came twice needs to be stored once
# see: Raw is before validation
# fails: keeps_every_row
# at_most: 3.5
# from: group by day, write beside, replace
# - def load_raw(batch, lake):
# + def load_raw(batch, lake):
# +     batch = batch.drop_duplicates()

# %% wrong: dropna
# belief: a row with a gap is of no use to anyone
# see: Raw is before validation
# fails: keeps_every_row
# at_most: 3.5
# from: group by day, write beside, replace
# - def load_raw(batch, lake):
# + def load_raw(batch, lake):
# +     batch = batch.dropna()

# %% wrong: numbers-read
# belief: an amount should be stored as a number from the start
# see: Text stays text
# fails: keeps_every_value
# at_most: 3.5
# from: group by day, write beside, replace
# - def load_raw(batch, lake):
# + def load_raw(batch, lake):
# +     batch = batch.assign(amount=pd.to_numeric(batch["amount"], errors="coerce"))

# %% wrong: tidied
# belief: spaces at the ends of a text carry no information
# see: Text stays text
# fails: keeps_every_value
# at_most: 3.5
# from: group by day, write beside, replace
# - def load_raw(batch, lake):
# + def load_raw(batch, lake):
# +     batch = batch.assign(coupon=batch["coupon"].str.strip(), event_type=batch["event_type"].str.strip().str.lower())

# %% wrong: filled
# belief: an empty text and a missing value are the same
# see: Text stays text
# fails: keeps_every_value
# at_most: 3.5
# from: group by day, write beside, replace
# - def load_raw(batch, lake):
# + def load_raw(batch, lake):
# +     batch = batch.fillna("")

# %% wrong: known-columns-only
# belief: a column that is not in the schema does not belong in the lake
# see: Text stays text
# fails: keeps_every_value
# at_most: 3.5
# from: group by day, write beside, replace
# - rows.to_parquet(
# + rows[["event_id", "user_id", "event_type", "product_id", "product_category", "amount", "timestamp", "ingested_at"]].to_parquet(

# %% wrong: through-csv
# belief: a table that goes through CSV and back is the same table
# see: The same rows in three formats
# fails: keeps_every_value
# at_most: 3.5
import io
import os
import pandas as pd


def load_raw(batch, lake):
    for day, rows in batch.groupby(batch["ingested_at"].dt.strftime("year=%Y/month=%m/day=%d")):
        file = lake / day / "data.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        again = pd.read_csv(io.StringIO(rows.to_csv(index=False)))
        again.to_parquet(file.with_name("_data.tmp"), index=False)
        os.replace(file.with_name("_data.tmp"), file)

# %% wrong: appends
# belief: a delivery is put beside what is there
# see: Append or replace
# fails: replaces_the_day, old_or_new_at_any_moment
# at_most: 2
# from: group by day, write beside, replace
# - import os
# + import os, uuid
# - "data.parquet"
# + f"{uuid.uuid4()}.parquet"

# %% wrong: append-inside-the-file
# belief: to load a day again is to add to its file
# see: Append or replace
# fails: replaces_the_day, old_or_new_at_any_moment
# at_most: 2.5
# from: group by day, write beside, replace
# -         temporary = file.with_name("_data.tmp")
# +         temporary = file.with_name("_data.tmp")
# +         rows = pd.concat([pd.read_parquet(file, partitioning=None), rows]) if file.exists() else rows

# %% wrong: upsert
# belief: a redelivery without a row says nothing about that row
# see: Append or replace
# fails: replaces_the_day
# at_most: 2.5
# from: group by day, write beside, replace
# -         temporary = file.with_name("_data.tmp")
# +         temporary = file.with_name("_data.tmp")
# +         if file.exists():
# +             old = pd.read_parquet(file, partitioning=None)
# +             rows = pd.concat([old[~old["event_id"].isin(rows["event_id"])], rows])

# %% wrong: part-files
# belief: part-0, part-1 and so on are overwritten by the same names
# see: What a second delivery leaves behind
# fails: lands_by_day_of_arrival, replaces_the_day
# at_most: 2
# from: group by day, write beside, replace
# -         rows.to_parquet(temporary, index=False)
# -         os.replace(temporary, file)
# +         for number in range(0, len(rows), 4):
# +             rows.iloc[number:number + 4].to_parquet(temporary, index=False)
# +             os.replace(temporary, file.with_name(f"part-{number // 4}.parquet"))

# %% wrong: partition-cols
# belief: to_parquet(partition_cols=...) replaces the partitions that are there
# see: What a second delivery leaves behind
# fails: lands_by_day_of_arrival, replaces_the_day
# at_most: 2
def load_raw(batch, lake):
    if len(batch):
        day = batch["ingested_at"].dt
        dated = batch.assign(year=day.strftime("%Y"), month=day.strftime("%m"), day=day.strftime("%d"))
        dated.to_parquet(lake, partition_cols=["year", "month", "day"], index=False)

# %% wrong: delete-matching
# belief: delete_matching replaces a partition in one step
# see: Half a file that looks whole
# fails: lands_by_day_of_arrival, old_or_new_at_any_moment
# at_most: 2.5
import pyarrow as pa
import pyarrow.parquet as pq


def load_raw(batch, lake):
    day = batch["ingested_at"].dt
    dated = batch.assign(year=day.strftime("%Y"), month=day.strftime("%m"), day=day.strftime("%d"))
    table = pa.Table.from_pandas(dated, preserve_index=False)
    pq.write_to_dataset(
        table, lake, partition_cols=["year", "month", "day"], existing_data_behavior="delete_matching"
    )

# %% wrong: exists-so-skip
# belief: a day whose file is there has been loaded
# see: Append or replace
# fails: replaces_the_day, old_or_new_at_any_moment
# at_most: 2.5
# from: group by day, write beside, replace
# -         temporary = file.with_name("_data.tmp")
# +         temporary = file.with_name("_data.tmp")
# +         if file.exists():
# +             continue

# %% wrong: whole-lake-emptied
# belief: to replace means to begin with an empty lake
# see: Append or replace
# fails: leaves_the_other_days, takes_an_empty_batch, old_or_new_at_any_moment
# at_most: 2
# from: group by day, write beside, replace
# - import os
# + import os, shutil
# - def load_raw(batch, lake):
# + def load_raw(batch, lake):
# +     shutil.rmtree(lake)

# %% wrong: range-of-days
# belief: a batch has rows of every day between its first and its last
# see: Exercise: load raw
# fails: leaves_the_other_days
# at_most: 3.5
import os
import pandas as pd


def load_raw(batch, lake):
    if batch.empty:
        return
    of_row = batch["ingested_at"].dt.floor("D")
    for day in pd.date_range(of_row.min(), of_row.max()):
        file = lake / day.strftime("year=%Y/month=%m/day=%d") / "data.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        batch[of_row == day].to_parquet(file.with_name("_data.tmp"), index=False)
        os.replace(file.with_name("_data.tmp"), file)

# %% wrong: empty-batch-raises
# belief: a delivery without rows is an error
# see: Exercise: load raw
# fails: takes_an_empty_batch
# at_most: 3.5
# from: group by day, write beside, replace
# - def load_raw(batch, lake):
# + def load_raw(batch, lake):
# +     first = batch["ingested_at"].iloc[0]

# %% wrong: straight-to-the-final-name
# belief: to_parquet under the final name is a single step
# see: Half a file that looks whole
# fails: old_or_new_at_any_moment
# at_most: 3
# from: group by day, write beside, replace
# -         rows.to_parquet(temporary, index=False)
# -         os.replace(temporary, file)
# +         rows.to_parquet(file, index=False)

# %% wrong: removes-the-old-file-first
# belief: the old file has to go before the new one can come
# see: What a second delivery leaves behind
# fails: old_or_new_at_any_moment
# at_most: 3
# from: group by day, write beside, replace
# -         rows.to_parquet(temporary, index=False)
# +         file.unlink(missing_ok=True)
# +         rows.to_parquet(temporary, index=False)

# %% wrong: empties-the-partition-first
# belief: a partition is replaced by deleting its folder and writing it anew
# see: What a second delivery leaves behind
# fails: old_or_new_at_any_moment
# at_most: 3
# from: group by day, write beside, replace
# - import os
# + import os, shutil
# -         file.parent.mkdir(parents=True, exist_ok=True)
# +         shutil.rmtree(file.parent, ignore_errors=True)
# +         file.parent.mkdir(parents=True, exist_ok=True)

# %% wrong: temporary-file-in-sight
# belief: a reader knows which file is the temporary one
# see: Half a file that looks whole
# fails: old_or_new_at_any_moment
# at_most: 3
# from: group by day, write beside, replace
# - "_data.tmp"
# + "new.parquet"

# %% wrong: bytes-over-the-old-file
# belief: bytes that are complete in memory are complete on the disk
# see: Half a file that looks whole
# fails: old_or_new_at_any_moment
# at_most: 3
# from: loops over rows, bytes first
# -         with open(folder / "data.parquet.part", "wb") as file:
# -             file.write(buffer.getvalue())
# -         (folder / "data.parquet.part").rename(folder / "data.parquet")
# +         with open(folder / "data.parquet", "wb") as file:
# +             file.write(buffer.getvalue())

# %% wrong: a-lock-that-stays
# belief: a lock file is gone after a crash
# see: Half a file that looks whole
# fails: old_or_new_at_any_moment
# at_most: 3
import os


def load_raw(batch, lake):
    lock = lake / "_lock"
    lock.touch(exist_ok=False)
    for day, rows in batch.groupby(batch["ingested_at"].dt.strftime("year=%Y/month=%m/day=%d")):
        file = lake / day / "data.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(file.with_name("_data.tmp"), index=False)
        os.replace(file.with_name("_data.tmp"), file)
    lock.unlink()

# %% wrong: marker-first
# belief: what is marked as begun will be finished
# see: Half a file that looks whole
# fails: old_or_new_at_any_moment
# at_most: 3
import hashlib
import os


def load_raw(batch, lake):
    for day, rows in batch.groupby(batch["ingested_at"].dt.strftime("year=%Y/month=%m/day=%d")):
        file = lake / day / "data.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        mark, seen = file.with_name("_seen"), hashlib.sha256(rows.to_csv().encode()).hexdigest()
        if mark.exists() and mark.read_text() == seen:
            continue
        mark.write_text(seen)
        rows.to_parquet(file.with_name("_data.tmp"), index=False)
        os.replace(file.with_name("_data.tmp"), file)

# %% wrong: forgets-to-write
# belief: grouping the rows by their day stores them by their day
# see: Exercise: load raw
# fails: lands_by_day_of_arrival, keeps_every_row, keeps_every_value, replaces_the_day, leaves_the_other_days, takes_an_empty_batch
# at_most: 0
def load_raw(batch, lake):
    return dict(list(batch.groupby(batch["ingested_at"].dt.date)))

# %% wrong: remembers-what-is-loaded
# belief: what this program has loaded once need not be loaded again
# see: Append or replace
# fails: old_or_new_at_any_moment
# at_most: 3
import os

LOADED = set()


def load_raw(batch, lake):
    for day, rows in batch.groupby(batch["ingested_at"].dt.strftime("year=%Y/month=%m/day=%d")):
        delivery = (str(lake), day, len(rows))
        if delivery in LOADED:
            continue
        LOADED.add(delivery)
        (lake / day).mkdir(parents=True, exist_ok=True)
        rows.to_parquet(lake / day / "_data.tmp", index=False)
        os.replace(lake / day / "_data.tmp", lake / day / "data.parquet")

# %% wrong: keeps-a-backup
# belief: the old file is safe under another name
# see: What a second delivery leaves behind
# fails: old_or_new_at_any_moment
# at_most: 3
import os


def load_raw(batch, lake):
    for day, rows in batch.groupby(batch["ingested_at"].dt.strftime("year=%Y/month=%m/day=%d")):
        file = lake / day / "data.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists():
            os.replace(file, file.with_name("_backup"))
        rows.to_parquet(file.with_name("_data.tmp"), index=False)
        os.replace(file.with_name("_data.tmp"), file)
