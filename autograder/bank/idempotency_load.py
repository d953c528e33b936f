# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to idempotency.load. Read by `load_bank`, never imported."""

# %% right: read, merge, write beside, replace
import pandas as pd


def load_events(batch, lake):
    days = batch["timestamp"].dt.strftime("%Y-%m-%d")
    for day, rows in batch.groupby(days):
        folder = lake / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        part, temporary = folder / "part-0.parquet", folder / "_part-0.tmp"
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        rows.to_parquet(temporary, index=False)
        temporary.replace(part)


# %% right: loops over rows, each day file overwritten in place
import pandas as pd


def load_events(batch, lake):
    by_day = {}
    for row in batch.to_dict("records"):
        by_day.setdefault(row["timestamp"].strftime("%Y-%m-%d"), []).append(row)
    for day in by_day:
        file = lake / ("date=" + day) / "events.parquet"
        file.parent.mkdir(exist_ok=True, parents=True)
        known = {}
        if file.is_file():
            for row in pd.read_parquet(file).to_dict("records"):
                known[row["event_id"]] = row
        for row in by_day[day]:
            old = known.get(row["event_id"])
            if old is None or old["ingested_at"] < row["ingested_at"]:
                known[row["event_id"]] = row
        pd.DataFrame(list(known.values())).to_parquet(file)


# %% right: pyarrow write_to_dataset with delete_matching
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pandas as pd


def load_events(batch, lake):
    batch = batch.assign(date=batch["timestamp"].dt.strftime("%Y-%m-%d"))
    rows = batch
    if any(lake.rglob("*.parquet")):
        schema = pa.schema([("date", pa.string())])
        old = ds.dataset(lake, partitioning=ds.partitioning(schema, flavor="hive"))
        touched = old.to_table(filter=ds.field("date").isin(batch["date"].unique().tolist()))
        rows = pd.concat([touched.to_pandas(), batch], ignore_index=True)
    rows = rows.loc[rows.groupby("event_id")["ingested_at"].idxmax()]
    table = pa.Table.from_pandas(rows, preserve_index=False)
    pq.write_to_dataset(table, lake, partition_cols=["date"], existing_data_behavior="delete_matching")


# %% right: DuckDB, one COPY for each day
import duckdb


def load_events(batch, lake):
    connection = duckdb.connect()
    connection.register("batch", batch)
    connection.execute("set timezone = 'UTC'")
    days = connection.sql("select distinct strftime(timestamp, '%Y-%m-%d') from batch order by 1").fetchall()
    for (day,) in days:
        folder = lake / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        part, temporary = folder / "data_0.parquet", folder / "data_0.parquet.new"
        old = f"union all by name select * from read_parquet('{part.as_posix()}', hive_partitioning=false)" if part.exists() else ""
        connection.execute(f"""
            copy (
                select * from (
                    select * from batch where strftime(timestamp, '%Y-%m-%d') = '{day}' {old}
                ) qualify row_number() over (partition by event_id order by ingested_at desc) = 1
            ) to '{temporary.as_posix()}' (format parquet)
        """)
        temporary.replace(part)


# %% right: polars
import polars as pl


def load_events(batch, lake):
    frame = pl.from_pandas(batch).with_columns(pl.col("timestamp").dt.strftime("%Y-%m-%d").alias("date"))
    for (day,), rows in frame.partition_by("date", as_dict=True, include_key=False).items():
        folder = lake / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        parts = sorted(folder.glob("*.parquet"))
        frames = [pl.read_parquet(part, hive_partitioning=False) for part in parts]
        merged = pl.concat([*frames, rows]).sort("ingested_at").unique("event_id", keep="last")
        merged.write_parquet(folder / ".new")
        (folder / ".new").replace(folder / "0.parquet")


# %% right: a new part named after its content, then the old parts go
import hashlib
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.date):
        folder = lake / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        old = sorted(folder.glob("*.parquet"))
        both = pd.concat([*(pd.read_parquet(part) for part in old), rows])
        both = both.drop(columns="date", errors="ignore")
        both = both.sort_values(["event_id", "ingested_at"]).drop_duplicates("event_id", keep="last")
        name = hashlib.sha256(both.to_csv(index=False).encode()).hexdigest()[:16]
        both.to_parquet(folder / "_new", index=False)
        (folder / "_new").replace(folder / f"{name}.parquet")
        for part in old:
            if part.stem != name:
                part.unlink()


# %% right: eight part files for each day, by hash of the key
import zlib
import pandas as pd


def newest(rows):
    return rows.sort_values("ingested_at").groupby("event_id").tail(1)


def put(rows, part):
    part.parent.mkdir(parents=True, exist_ok=True)
    if part.exists():
        rows = pd.concat([pd.read_parquet(part), rows])
    beside = part.with_suffix(".tmp")
    newest(rows).to_parquet(beside)
    beside.replace(part)


def load_events(batch, lake):
    bucket = batch["event_id"].map(lambda key: zlib.crc32(key.encode()) % 8)
    day = batch["timestamp"].dt.normalize().dt.strftime("%Y-%m-%d")
    [put(rows, lake / f"date={d}" / f"part-{b}.parquet") for (d, b), rows in batch.groupby([day, bucket])]


# %% right: a write-ahead copy of the batch, applied again by the next run after a crash
import os
import pandas as pd


def _apply(batch, lake):
    for day, rows in batch.groupby(batch.timestamp.dt.strftime("%Y-%m-%d")):
        target = lake / f"date={day}" / "part.parquet"
        os.makedirs(target.parent, exist_ok=True)
        if target.exists():
            rows = pd.concat([pd.read_parquet(target, partitioning=None), rows])
        rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last").to_parquet(target, index=False)


def load_events(batch, lake):
    log = lake / "_log"
    log.mkdir(exist_ok=True)
    for waiting in sorted(log.glob("*.parquet")):
        _apply(pd.read_parquet(waiting), lake)
        waiting.unlink()
    batch.to_parquet(log / "new")
    os.replace(log / "new", log / "batch.parquet")
    _apply(batch, lake)
    (log / "batch.parquet").unlink()


# %% right: SQLite holds the truth, the day files are exported from it
import sqlite3
import pandas as pd


def load_events(batch, lake):
    lake.mkdir(exist_ok=True)
    rows = batch.assign(timestamp=batch["timestamp"].astype("str"), ingested_at=batch["ingested_at"].astype("str"))
    names = list(rows.columns)
    connection = sqlite3.connect(lake / "_events.db")
    with connection:
        connection.execute(f"create table if not exists events ({', '.join(names)}, primary key (event_id))")
        connection.executemany(
            f"insert into events values ({', '.join('?' * len(names))}) on conflict (event_id) do update set "
            + ", ".join(f"{name} = excluded.{name}" for name in names)
            + " where excluded.ingested_at > events.ingested_at",
            rows.astype(object).values.tolist(),
        )
    for day in sorted(set(rows["timestamp"].str[:10])):
        frame = pd.read_sql("select * from events where substr(timestamp, 1, 10) = ?", connection, params=[day])
        for name in ("timestamp", "ingested_at"):
            frame[name] = pd.to_datetime(frame[name], utc=True)
        folder = lake / f"date={day}"
        folder.mkdir(exist_ok=True)
        frame.to_parquet(folder / "tmp")
        (folder / "tmp").replace(folder / "part.parquet")
    connection.close()


# %% right: the whole lake read and every day rewritten, other dtypes, an index, the date inside the file
import shutil
import tempfile
from pathlib import Path
import pandas as pd


class Loader:
    def __call__(self, batch, lake):
        files = [path for path in lake.glob("date=*/all.parquet")]
        frames = [pd.read_parquet(path, partitioning=None).reset_index() for path in files]
        rows = pd.concat([*frames, batch]).sort_values("ingested_at")
        rows = rows.drop_duplicates("event_id", keep="last").set_index("event_id")
        rows["date"] = rows["timestamp"].dt.date
        rows["event_type"] = rows["event_type"].astype("category")
        rows["user_id"] = rows["user_id"].astype("int32")
        rows["amount"] = rows["amount"].astype("float32")
        rows["timestamp"] = rows["timestamp"].astype("datetime64[ms, UTC]")
        with tempfile.TemporaryDirectory(dir=lake, prefix="_staging") as staging:
            for day, part in rows.groupby("date"):
                part.to_parquet(Path(staging) / "part")
                (lake / f"date={day}").mkdir(exist_ok=True)
                shutil.move(Path(staging) / "part", lake / f"date={day}" / "all.parquet")


load_events = Loader()


# %% right: a batch already seen is skipped by a marker that is written last
import hashlib
import pandas as pd


def load_events(batch, lake):
    done = lake / "_done"
    done.mkdir(parents=True, exist_ok=True)
    marker = done / hashlib.sha256(batch.to_json().encode()).hexdigest()
    if marker.exists():
        return
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows], ignore_index=True)
        keep = rows.groupby("event_id")["ingested_at"].transform("max") == rows["ingested_at"]
        rows = rows[keep].drop_duplicates("event_id")
        rows.to_parquet(part.with_suffix(".writing"), index=False)
        part.with_suffix(".writing").replace(part)
    marker.touch()


# %% wrong: appends
# belief: loading means adding
# see: Ten events and a load
# fails: survives_a_rerun, takes_corrections, survives_a_replay, order_does_not_matter, survives_a_crash
# at_most: 3
import uuid


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        folder = lake / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(folder / f"part-{uuid.uuid4()}.parquet", index=False)


# %% wrong: partition-cols
# belief: to_parquet(partition_cols=...) overwrites what an earlier run wrote
# see: 1. Leave it to the library
# fails: survives_a_rerun, takes_corrections, survives_a_replay, survives_a_crash
# at_most: 3
def load_events(batch, lake):
    batch = batch.assign(date=batch["timestamp"].dt.strftime("%Y-%m-%d"))
    batch.to_parquet(lake, partition_cols=["date"], index=False)


# %% wrong: delete-matching-without-reading
# belief: replacing the partitions of the batch is all that is needed
# see: 4. Overwrite the day
# fails: keeps_the_other_events, survives_a_replay, order_does_not_matter
# at_most: 4
import pyarrow as pa
import pyarrow.parquet as pq


def load_events(batch, lake):
    batch = batch.assign(date=batch["timestamp"].dt.strftime("%Y-%m-%d"))
    table = pa.Table.from_pandas(batch, preserve_index=False)
    pq.write_to_dataset(table, lake, partition_cols=["date"], existing_data_behavior="delete_matching")


# %% wrong: whole-day-replaced
# belief: a batch always holds the whole day
# see: 4. Overwrite the day
# fails: keeps_the_other_events, survives_a_replay, order_does_not_matter
# at_most: 4
def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        folder = lake / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        rows.to_parquet(folder / "tmp", index=False)
        (folder / "tmp").replace(folder / "part-0.parquet")


# %% wrong: exists-so-skip
# belief: a day whose file is there has been loaded
# see: 2. It is there, so skip it
# fails: keeps_the_other_events, takes_corrections, order_does_not_matter
# at_most: 3
def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        if part.exists():
            continue
        part.parent.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(part, index=False)


# %% wrong: known-ids-skipped
# belief: an event that is in the lake already needs no second look
# see: 2. It is there, so skip it
# fails: takes_corrections, survives_a_replay, order_does_not_matter
# at_most: 5.5
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            old = pd.read_parquet(part, partitioning=None)
            rows = pd.concat([old, rows[~rows["event_id"].isin(old["event_id"])]])
        rows = rows.drop_duplicates("event_id")
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: last-loaded-wins
# belief: what is loaded last is newest
# see: 4. Overwrite the day
# fails: survives_a_replay, order_does_not_matter
# at_most: 6.5
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.drop_duplicates("event_id", keep="last")
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: whole-row-duplicates
# belief: two versions of an event are two different rows
# see: Worked example: the newest price
# fails: takes_corrections, survives_a_replay, order_does_not_matter
# at_most: 5.5
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows.drop_duplicates().to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: every-copy-removed
# belief: keep=False leaves one of the copies
# see: Worked example: the newest price
# fails: survives_a_rerun, survives_a_replay, order_does_not_matter
# at_most: 3
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep=False)
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: one-row-per-user
# belief: the key of an event is its user
# see: Which key?
# fails: stores_every_event
# at_most: 2
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("user_id", keep="last")
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: marker-before-the-data
# belief: noting that a batch is done is part of starting it
# see: 5. Remember what was done
# fails: survives_a_crash
# at_most: 6.5
import hashlib
import pandas as pd


def load_events(batch, lake):
    done = lake / "_done"
    done.mkdir(parents=True, exist_ok=True)
    marker = done / hashlib.sha256(batch.to_json().encode()).hexdigest()
    if marker.exists():
        return
    marker.touch()
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: marker-after-an-append
# belief: with a marker for each batch an append is safe
# see: 5. Remember what was done
# fails: takes_corrections, survives_a_replay, order_does_not_matter, survives_a_crash
# at_most: 4
import hashlib


def load_events(batch, lake):
    name = hashlib.sha256(batch.to_json().encode()).hexdigest()
    marker = lake / f"_{name}.done"
    if marker.exists():
        return
    for number, (day, rows) in enumerate(batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d"))):
        folder = lake / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(folder / f"part-{len(list(folder.iterdir()))}.parquet", index=False)
    marker.touch()


# %% wrong: part-named-after-the-batch
# belief: the same batch writes the same file, so nothing can double
# see: 4. Overwrite the day
# fails: takes_corrections, survives_a_replay, order_does_not_matter
# at_most: 5.5
import hashlib


def load_events(batch, lake):
    name = hashlib.sha256("".join(sorted(batch["event_id"])).encode()).hexdigest()[:12]
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        folder = lake / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(folder / "tmp", index=False)
        (folder / "tmp").replace(folder / f"{name}.parquet")


# %% wrong: loaded-at-now
# belief: the time of loading is part of the row
# see: 3. Overwrite the day, and note when
# fails: survives_a_rerun
# at_most: 7
import datetime
import pandas as pd


def load_events(batch, lake):
    batch = batch.assign(loaded_at=datetime.datetime.now(datetime.UTC))
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values(["ingested_at", "loaded_at"]).drop_duplicates("event_id", keep="last")
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: uuid-in-the-rows
# belief: every row needs a surrogate key of its own, made when it is written
# see: 3. Overwrite the day, and note when
# fails: survives_a_rerun
# at_most: 7
import uuid
import pandas as pd


def load_events(batch, lake):
    batch = batch.assign(row_id=[str(uuid.uuid4()) for _ in range(len(batch))])
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at", kind="stable").drop_duplicates("event_id", keep="last")
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: key-is-a-new-uuid
# belief: a fresh uuid identifies the event
# see: Which key?
# fails: survives_a_rerun, takes_corrections, survives_a_replay, order_does_not_matter, survives_a_crash
# at_most: 3
import uuid
import pandas as pd


def load_events(batch, lake):
    batch = batch.assign(id=[str(uuid.uuid4()) for _ in range(len(batch))])
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows.drop_duplicates("id").to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: deduplicates-when-reading
# belief: doubled rows do no harm, a reader can drop them
# see: Exercise: a load that can be run again
# fails: survives_a_rerun, takes_corrections, survives_a_replay, order_does_not_matter, survives_a_crash
# at_most: 3
import pandas as pd


def read_events(lake):
    rows = pd.read_parquet(lake)
    return rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        folder = lake / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(folder / f"part-{len(list(folder.glob('*.parquet')))}.parquet", index=False)


# %% wrong: partitioned-by-arrival
# belief: the date of a row is the date on which it came in
# see: Exercise: a load that can be run again
# fails: partitions_by_event_date
# at_most: 7
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["ingested_at"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: local-day
# belief: the day is the one on the clock in the office
# see: Exercise: a load that can be run again
# fails: partitions_by_event_date
# at_most: 7
import pandas as pd


def load_events(batch, lake):
    local = batch["timestamp"].dt.tz_convert("Europe/Berlin")
    for day, rows in batch.groupby(local.dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: folder-named-after-a-timestamp
# belief: a partition folder may be named after anything that sorts
# see: Exercise: a load that can be run again
# fails: partitions_by_event_date
# at_most: 7
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.floor("D")):
        part = lake / f"date={day:%Y-%m-%dT%H%M}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: one-file-for-all-days
# belief: one file that is always rewritten is the same as partitions
# see: What it costs, and who does it for you
# fails: partitions_by_event_date
# at_most: 7
import pandas as pd


def load_events(batch, lake):
    file = lake / "events.parquet"
    if file.exists():
        batch = pd.concat([pd.read_parquet(file), batch])
    batch = batch.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
    batch.to_parquet(lake / "events.tmp", index=False)
    (lake / "events.tmp").replace(file)


# %% wrong: lake-removed-first
# belief: to start clean one removes the old lake before writing the new
# see: Half a file
# fails: survives_a_crash
# at_most: 6.5
import shutil
import pandas as pd


def load_events(batch, lake):
    old = [pd.read_parquet(part, partitioning=None) for part in lake.rglob("*.parquet")]
    rows = pd.concat([*old, batch]).sort_values("ingested_at").drop_duplicates("event_id", keep="last")
    shutil.rmtree(lake)
    for day, part in rows.groupby(rows["timestamp"].dt.strftime("%Y-%m-%d")):
        folder = lake / f"date={day}"
        folder.mkdir(parents=True)
        part.to_parquet(folder / "part-0.parquet", index=False)


# %% wrong: day-file-deleted-first
# belief: the old file must go before the new one can be written
# see: Half a file
# fails: survives_a_crash
# at_most: 6.5
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
            part.unlink()
        rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last").to_parquet(part, index=False)


# %% wrong: old-folder-moved-away-first
# belief: two renames in a row are one step
# see: Half a file
# fails: survives_a_crash
# at_most: 6.5
import shutil
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        folder, new, old = lake / f"date={day}", lake / f"_new-{day}", lake / f"_old-{day}"
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)
        if folder.exists():
            rows = pd.concat([pd.read_parquet(folder / "part-0.parquet", partitioning=None), rows])
        new.mkdir()
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        rows.to_parquet(new / "part-0.parquet", index=False)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


# %% wrong: opened-for-writing-before-there-is-anything-to-write
# belief: opening a file does not change it
# see: Half a file
# fails: survives_a_crash
# at_most: 6.5
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        with part.open("wb") as file:
            rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
            rows.to_parquet(file, index=False)


# %% wrong: temporary-file-with-a-random-name-that-readers-read
# belief: a temporary file is always gone in the end
# see: Half a file
# fails: survives_a_crash
# at_most: 6.5
import uuid
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        temporary = part.with_name(f"{uuid.uuid4()}.parquet")
        rows.to_parquet(temporary, index=False)
        temporary.replace(part)


# %% wrong: cleaned-up-in-finally
# belief: finally runs after a crash too
# see: Half a file
# fails: survives_a_crash
# at_most: 6.5
import uuid
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        temporary = part.with_name(f"{uuid.uuid4()}.parquet")
        try:
            rows.to_parquet(temporary, index=False)
            temporary.replace(part)
        finally:
            temporary.unlink(missing_ok=True)


# %% wrong: temporary-file-stays
# belief: copying the finished file into place is the same as replacing
# see: Half a file
# fails: stores_every_event, survives_a_crash
# at_most: 5.5
import shutil
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        rows.to_parquet(part.with_name("tmp.parquet"), index=False)
        shutil.copy(part.with_name("tmp.parquet"), part)


# %% wrong: lock-that-outlives-a-crash
# belief: a lock file protects a load from everything
# see: 5. Remember what was done
# fails: survives_a_crash
# at_most: 6.5
import pandas as pd


def load_events(batch, lake):
    lock = lake / "_lock"
    if lock.exists():
        return
    lock.touch()
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        rows.to_parquet(part, index=False)
    lock.unlink()


# %% wrong: watermark-of-arrival
# belief: what came in before the newest row of the lake has been loaded
# see: Exercise: a load that can be run again
# fails: keeps_the_other_events, takes_corrections, survives_a_replay, order_does_not_matter
# at_most: 3
import pandas as pd


def load_events(batch, lake):
    note = lake / "_watermark"
    if note.exists():
        batch = batch[batch["ingested_at"] > pd.Timestamp(note.read_text())]
    if batch.empty:
        return
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        rows.to_parquet(part, index=False)
    note.write_text(batch["ingested_at"].max().isoformat())


# %% wrong: late-rows-out-of-the-window
# belief: rows older than the lookback window can be left out
# see: Exercise: a load that can be run again
# fails: stores_every_event
# at_most: 6.5
import pandas as pd


def load_events(batch, lake):
    batch = batch[batch["ingested_at"] - batch["timestamp"] < pd.Timedelta(hours=12)]
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: amounts-added-up
# belief: a second row of an event is a second part of its amount
# see: Worked example: the newest price
# fails: survives_a_rerun, takes_corrections, survives_a_replay, order_does_not_matter
# at_most: 4.5
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("ingested_at")
        rows["amount"] = rows.groupby("event_id")["amount"].transform("sum")
        rows = rows.drop_duplicates("event_id", keep="last")
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: update-inserts-nothing
# belief: DataFrame.update adds rows that are not there yet
# see: Worked example: the newest price
# fails: keeps_the_other_events, survives_a_replay, order_does_not_matter
# at_most: 4
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        rows = rows.drop_duplicates("event_id").set_index("event_id")
        if part.exists():
            old = pd.read_parquet(part, partitioning=None).set_index("event_id")
            old.update(rows)
            rows = old
        rows.reset_index().to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: more-rows-win
# belief: of two files of a day the longer one is the better one
# see: Worked example: the newest price
# fails: keeps_the_other_events, takes_corrections
# at_most: 3
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        rows = rows.sort_values("ingested_at").drop_duplicates("event_id", keep="last")
        if part.exists() and len(pd.read_parquet(part)) >= len(rows):
            continue
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: remembers-in-a-global
# belief: what was loaded can be kept in a variable
# see: 5. Remember what was done
# fails: survives_a_rerun, takes_corrections, survives_a_replay, order_does_not_matter
# at_most: 3
seen = set()


def load_events(batch, lake):
    batch = batch[~batch["event_id"].isin(seen)]
    seen.update(batch["event_id"])
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        folder = lake / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(folder / f"part-{len(list(folder.iterdir()))}.parquet", index=False)


# %% wrong: newest-by-event-time
# belief: the newest version is the one with the newest timestamp
# see: 4. Overwrite the day
# fails: survives_a_replay, order_does_not_matter
# at_most: 6.5
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows = rows.sort_values("timestamp", kind="stable").drop_duplicates("event_id", keep="last")
        rows.to_parquet(part.with_suffix(".tmp"), index=False)
        part.with_suffix(".tmp").replace(part)


# %% wrong: csv-instead-of-parquet
# belief: a lake is any folder of files
# see: Exercise: a load that can be run again
# fails: stores_every_event, partitions_by_event_date, survives_a_rerun
# at_most: 0
def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        folder = lake / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        rows.to_csv(folder / "part-0.csv", index=False)


# %% wrong: returns-instead-of-writing
# belief: a load returns the new table
# see: Three words that are not one
# fails: stores_every_event, partitions_by_event_date, survives_a_rerun, keeps_the_other_events, takes_corrections
# at_most: 0
def load_events(batch, lake):
    return batch.sort_values("ingested_at").drop_duplicates("event_id", keep="last")


# %% wrong: columns-lost
# belief: the key and the amount are all that is needed
# see: Exercise: a load that can be run again
# fails: stores_every_event
# at_most: 0
import pandas as pd


def load_events(batch, lake):
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("%Y-%m-%d")):
        part = lake / f"date={day}" / "part-0.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        rows = rows[["event_id", "amount"]]
        if part.exists():
            rows = pd.concat([pd.read_parquet(part, partitioning=None), rows])
        rows.drop_duplicates("event_id", keep="last").to_parquet(part, index=False)

# %% wrong: skips-what-it-remembers
# belief: a batch that this program has loaded before needs no second look
# see: 5. Remember what was done
# fails: takes_corrections, survives_a_replay
# at_most: 4
import pandas as pd

LOADED = set()


def load_events(batch, lake):
    key = (str(lake), *batch["event_id"], *batch["ingested_at"])
    if key in LOADED:
        return
    for day, rows in batch.groupby(batch["timestamp"].dt.strftime("date=%Y-%m-%d")):
        folder = lake / day
        folder.mkdir(exist_ok=True)
        rows.to_parquet(folder / f"{len(list(folder.iterdir()))}.parquet", index=False)
    LOADED.add(key)
