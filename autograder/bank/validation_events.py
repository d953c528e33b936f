# ruff: noqa
# mypy: ignore-errors
"""Submissions to validation.events. Read by `load_bank`, never imported."""

# %% right: vectorised pandas
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% right: loop in plain Python
import math


def validate_events(events, known_users):
    known = set(known_users)
    valid, quarantined = [], []
    for row in events.to_dict("records"):
        reasons = []
        user, amount = row["user_id"], row["amount"]
        if user is None or user != user:
            reasons.append("user_id_missing")
        elif user not in known:
            reasons.append("user_unknown")
        if amount is None or amount != amount:
            reasons.append("amount_missing")
        elif isinstance(amount, (bool, str)) or not math.isfinite(amount):
            reasons.append("amount_not_a_number")
        elif amount < 0:
            reasons.append("amount_negative")
        if row["timestamp"] > row["ingested_at"]:
            reasons.append("arrived_too_early")
        if reasons:
            quarantined.append({**row, "reasons": reasons})
        else:
            valid.append(row)
    return valid, quarantined


# %% right: SQL on DuckDB
import duckdb


def validate_events(events, known_users):
    known = ",".join(str(int(user)) for user in known_users) or "NULL"
    text = events["amount"].map(lambda v: None if v is None or v != v else str(v))
    rows = events.assign(amount=text.astype("str"), amount_text=text.astype("str"))
    tagged = duckdb.sql(f"""
        with read as (
            select *, try_cast(user_id as bigint) as u,
                   case when lower(amount_text) not in ('true', 'false') then try_cast(amount_text as double) end as a
            from rows
        )
        select * exclude (u, a, amount_text), concat_ws(';',
            case when user_id is null or isnan(user_id::double) then 'user_id_missing' end,
            case when u not in ({known}) then 'user_unknown' end,
            case when amount_text is null then 'amount_missing' end,
            case when amount_text is not null and (a is null or not isfinite(a)) then 'amount_not_a_number' end,
            case when a < 0 and isfinite(a) then 'amount_negative' end,
            case when ingested_at < timestamp then 'arrived_too_early' end) as reasons
        from read
    """)
    return tagged.filter("reasons = ''").df(), tagged.filter("reasons <> ''").df()


# %% right: polars
import polars as pl


def validate_events(events, known_users):
    text = [None if v is None or v != v else str(v) for v in events["amount"]]
    rows = pl.from_pandas(events.drop(columns="amount")).with_columns(pl.Series("amount", text, dtype=pl.String))
    a = pl.col("amount").cast(pl.Float64, strict=False)
    a = pl.when(a.is_finite()).then(a)
    user = pl.col("user_id").cast(pl.Float64).fill_nan(None)
    rules = {
        "user_id_missing": user.is_null(),
        "user_unknown": user.is_not_null() & ~user.is_in([float(u) for u in known_users]),
        "amount_missing": pl.col("amount").is_null(),
        "amount_not_a_number": pl.col("amount").is_not_null() & a.is_null(),
        "amount_negative": (a < 0).fill_null(False),
        "arrived_too_early": pl.col("ingested_at") < pl.col("timestamp"),
    }
    tagged = rows.with_columns(
        pl.concat_list([pl.when(rule).then(pl.lit(name)) for name, rule in rules.items()])
        .list.drop_nulls()
        .alias("reasons")
    )
    return tagged.filter(pl.col("reasons").list.len() == 0).drop("reasons"), tagged.filter(
        pl.col("reasons").list.len() > 0
    )


# %% right: a function per row, applied
import numbers
import pandas as pd


def broken_rules(row, known):
    if pd.isna(row.user_id):
        yield "user_id_missing"
    elif row.user_id not in known:
        yield "user_unknown"
    if pd.isna(row.amount):
        yield "amount_missing"
    elif isinstance(row.amount, bool) or not isinstance(row.amount, numbers.Real) or abs(row.amount) == float("inf"):
        yield "amount_not_a_number"
    elif row.amount < 0:
        yield "amount_negative"
    if row.ingested_at < row.timestamp:
        yield "arrived_too_early"


def validate_events(events, known_users):
    known = frozenset(known_users)
    events["reasons"] = events.apply(lambda row: ", ".join(broken_rules(row, known)), axis=1)
    good = events["reasons"].eq("")
    return events.loc[good], events.loc[~good]


# %% right: other order, other index, other dtypes
import numpy as np
import pandas as pd


def as_real(value):
    try:
        number = float(value)
    except (TypeError, ValueError):
        return np.nan
    return number if np.isfinite(number) and not isinstance(value, (bool, np.bool_)) else np.nan


def validate_events(events, known_users):
    frame = events.sample(frac=1, random_state=3).set_index("event_id")[sorted(set(events.columns) - {"event_id"})]
    frame["user_id"] = frame["user_id"].astype("Int32")
    number = frame["amount"].map(as_real)
    flags = pd.DataFrame(
        {
            "arrived_too_early": frame["timestamp"] > frame["ingested_at"],
            "amount_negative": number.lt(0),
            "amount_not_a_number": number.isna() & ~frame["amount"].isna(),
            "amount_missing": frame["amount"].isna(),
            "user_unknown": ~frame["user_id"].isin(known_users) & frame["user_id"].notna(),
            "user_id_missing": frame["user_id"].isna(),
        }
    )
    frame["reasons"] = [tuple(flags.columns[row]) for row in flags.to_numpy(dtype=bool)]
    bad = flags.any(axis=1)
    good = frame[~bad].drop(columns="reasons")
    good["amount"] = number[~bad]
    good["event_type"] = good["event_type"].str.strip().str.lower().astype("category")
    return {"quarantined": frame[bad].iloc[::-1], "valid": good}


# %% right: long table of broken rules, grouped
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    given = events["amount"].notna()
    is_number = events["amount"].map(lambda v: isinstance(v, (int, float, np.number)) and not isinstance(v, bool))
    number = pd.to_numeric(events["amount"].where(is_number & given), errors="coerce").astype(float)
    number = number.replace([np.inf, -np.inf], np.nan)
    masks = [
        ("user_id_missing", events["user_id"].isna()),
        ("user_unknown", ~(events["user_id"].isna() | events["user_id"].isin(set(known_users)))),
        ("amount_missing", ~given),
        ("amount_not_a_number", given & number.isna()),
        ("amount_negative", number < 0),
        ("arrived_too_early", (events["ingested_at"] - events["timestamp"]) < pd.Timedelta(0)),
    ]
    long = pd.concat([pd.DataFrame({"row": events.index[mask], "rule": name}) for name, mask in masks])
    reasons = long.groupby("row")["rule"].agg("|".join).rename("reasons")
    return events.drop(index=reasons.index), events.join(reasons, how="inner")


# %% right: prints, warns and reads numbers with Decimal
import logging
import warnings
from decimal import Decimal, InvalidOperation


def validate_events(events, known_users):
    warnings.warn("checking")
    logging.getLogger("events").warning("%d rows", len(events))
    print(len(events), "rows")
    out = {True: [], False: []}
    for i in range(len(events)):
        row = events.iloc[i].to_dict()
        why = set()
        missing = row["user_id"] is None or str(row["user_id"]) in ("nan", "<NA>")
        if missing:
            why |= {"user_id_missing"}
        if not missing and int(row["user_id"]) not in known_users:
            why |= {"user_unknown"}
        text = str(row["amount"])
        if text in ("None", "nan", "<NA>"):
            why |= {"amount_missing"}
        else:
            try:
                value = Decimal(text)
                if not value.is_finite():
                    raise InvalidOperation
                if value < 0:
                    why |= {"amount_negative"}
            except InvalidOperation:
                why |= {"amount_not_a_number"}
        if not row["ingested_at"] >= row["timestamp"]:
            why |= {"arrived_too_early"}
        out[not why].append(row | ({"reasons": ";".join(why)} if why else {}))
    return out[True], out[False]


# %% wrong: everything is valid
# belief: the source has already been checked
# see: Three things to do with a bad row
# fails: every_event_comes_out_once, missing_amounts_are_found, good_events_stay_valid
# at_most: 0.5
def validate_events(events, known_users):
    return events, events.iloc[:0].assign(reasons="")


# %% wrong: everything is quarantined with every reason
# belief: too many reasons are better than too few
# see: Worked example: validate users
# fails: good_events_stay_valid, events_carry_every_reason, missing_amounts_are_found
# at_most: 1
def validate_events(events, known_users):
    rules = "user_id_missing;user_unknown;amount_missing;amount_not_a_number;amount_negative;arrived_too_early"
    return events.iloc[:0], events.assign(reasons=rules)


# %% wrong: only the valid rows come back
# belief: bad rows can be dropped, nobody needs them
# see: Three things to do with a bad row
# fails: events_come_back_in_two_tables
# at_most: 0
def validate_events(events, known_users):
    good = events.dropna(subset=["user_id", "amount"])
    return good[good["user_id"].isin(known_users)]


# %% wrong: bad rows are dropped and the quarantine is empty
# belief: an empty quarantine is a good sign
# see: Three things to do with a bad row
# fails: every_event_comes_out_once, missing_amounts_are_found, text_amounts_are_found, missing_and_unknown_users_are_told_apart
# at_most: 1
import pandas as pd


def validate_events(events, known_users):
    amount = pd.to_numeric(events["amount"], errors="coerce")
    good = events[events["user_id"].isin(known_users) & (amount >= 0) & (events["ingested_at"] >= events["timestamp"])]
    return good, events.iloc[:0].assign(reasons="")


# %% wrong: quarantine without reasons
# belief: that a row is bad is all that matters
# see: Three things to do with a bad row
# fails: events_come_back_in_two_tables
# at_most: 0
def validate_events(events, known_users):
    bad = events["user_id"].isna() | events["amount"].isna()
    return events[~bad], events[bad]


# %% wrong: a missing amount is in neither table
# belief: `amount >= 0` and `amount < 0` are opposites
# see: Break it
# fails: missing_amounts_are_found, every_event_comes_out_once
# at_most: 4
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    good = ~bad & (amount >= 0)
    return events[good], events[bad].assign(reasons=reasons[bad])


# %% wrong: a missing amount passes as valid
# belief: what is not below 0 is valid
# see: Break it
# fails: missing_amounts_are_found
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: text passes after coercion
# belief: to_numeric with errors="coerce" takes care of text
# see: Ten users
# fails: text_amounts_are_found, only_finite_numbers_are_amounts
# at_most: 4
import pandas as pd


def validate_events(events, known_users):
    amount = pd.to_numeric(events["amount"], errors="coerce")
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": events["amount"].isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: coerced text is called missing
# belief: what to_numeric cannot read was missing
# see: Worked example: validate users
# fails: text_amounts_are_found
# at_most: 4
import pandas as pd


def validate_events(events, known_users):
    amount = pd.to_numeric(events["amount"], errors="coerce")
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: True and infinity are numbers
# belief: whatever to_numeric reads is a number
# see: Worked example: validate users
# fails: only_finite_numbers_are_amounts
# at_most: 4.5
import pandas as pd


def validate_events(events, known_users):
    amount = pd.to_numeric(events["amount"], errors="coerce")
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": events["amount"].isna(),
        "amount_not_a_number": events["amount"].notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: isinstance of int and float
# belief: isinstance(x, (int, float)) is True for numbers only
# see: Worked example: validate users
# fails: only_finite_numbers_are_amounts
# at_most: 4.5
import pandas as pd


def validate_events(events, known_users):
    valid, quarantined = [], []
    for row in events.to_dict("records"):
        reasons = []
        if pd.isna(row["user_id"]):
            reasons.append("user_id_missing")
        elif row["user_id"] not in known_users:
            reasons.append("user_unknown")
        if pd.isna(row["amount"]):
            reasons.append("amount_missing")
        elif not isinstance(row["amount"], (int, float)):
            reasons.append("amount_not_a_number")
        elif row["amount"] < 0:
            reasons.append("amount_negative")
        if row["ingested_at"] < row["timestamp"]:
            reasons.append("arrived_too_early")
        if reasons:
            quarantined.append({**row, "reasons": ";".join(reasons)})
        else:
            valid.append(row)
    return pd.DataFrame(valid, columns=events.columns), pd.DataFrame(quarantined, columns=[*events.columns, "reasons"])


# %% wrong: isinstance of float on numpy values
# belief: a whole number in a column is a Python int
# see: Worked example: validate users
# fails: good_events_stay_valid
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    real = np.array([type(v) in (float, np.float64) or type(v) is int for v in received.to_numpy()])
    amount = pd.to_numeric(received.where(real), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: raises at the first bad row
# belief: a pipeline should stop when data is bad
# see: Three things to do with a bad row
# fails: events_come_back_in_two_tables
# at_most: 0
def validate_events(events, known_users):
    assert (events["amount"] >= 0).all(), "negative amount"
    assert events["user_id"].isin(known_users).all(), "unknown user"
    return events, events.iloc[:0].assign(reasons="")


# %% wrong: text is compared with a number
# belief: an amount column always holds numbers
# see: Worked example: validate users
# fails: text_amounts_are_found
# at_most: 4
import pandas as pd


def validate_events(events, known_users):
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": events["amount"].isna(),
        "amount_negative": events["amount"] < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: zero is negative
# belief: an amount must be above 0
# see: Exercise: validate events
# fails: negative_amounts_are_found_and_zero_is_not, good_events_stay_valid
# at_most: 4
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount <= 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: a purchase of 0 is refused
# belief: a purchase must cost something
# see: Exercise: validate events
# fails: negative_amounts_are_found_and_zero_is_not, good_events_stay_valid
# at_most: 4
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": (amount < 0) | ((amount == 0) & (events["event_type"] == "purchase")),
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: an arrival at the same instant is too early
# belief: arrival must be strictly later
# see: Exercise: validate events
# fails: events_that_arrive_too_early_are_found
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] <= events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: late events are taken for early ones
# belief: the two times are the wrong way round
# see: Exercise: validate events
# fails: events_that_arrive_too_early_are_found, good_events_stay_valid, events_carry_every_reason
# at_most: 3.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] > events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: an early arrival is judged by the day
# belief: comparing the dates is enough
# see: Exercise: validate events
# fails: events_that_arrive_too_early_are_found
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"].dt.date < events["timestamp"].dt.date,
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: future is measured by the wall clock
# belief: too early means later than now
# see: Exercise: validate events
# fails: events_that_arrive_too_early_are_found, events_carry_every_reason
# at_most: 4
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["timestamp"] > pd.Timestamp.now(tz="UTC"),
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: a missing user is unknown as well
# belief: an id that is not in the list is unknown, missing or not
# see: Exercise: validate events
# fails: missing_and_unknown_users_are_told_apart
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: known means up to the largest id
# belief: ids are numbered without gaps
# see: Exercise: validate events
# fails: missing_and_unknown_users_are_told_apart
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"] > max(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: missing is compared with == np.nan
# belief: NaN equals NaN
# see: Ten users
# fails: missing_amounts_are_found, missing_and_unknown_users_are_told_apart
# at_most: 4
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"] == np.nan,
        "user_unknown": (events["user_id"] != np.nan) & ~events["user_id"].isin(known_users),
        "amount_missing": received == np.nan,
        "amount_not_a_number": (received != np.nan) & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: only the first reason
# belief: one reason is enough to refuse a row
# see: Worked example: validate users
# fails: events_carry_every_reason
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    reasons = np.select(
        [
            events["user_id"].isna(),
            ~events["user_id"].isin(known_users),
            received.isna(),
            amount.isna(),
            amount < 0,
            events["ingested_at"] < events["timestamp"],
        ],
        [
            "user_id_missing",
            "user_unknown",
            "amount_missing",
            "amount_not_a_number",
            "amount_negative",
            "arrived_too_early",
        ],
        default="",
    )
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: one quarantined row per broken rule
# belief: each rule has its own list of bad rows
# see: Worked example: validate users
# fails: events_carry_every_reason
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    bad = pd.concat(broken, axis=1).any(axis=1)
    return events[~bad], pd.concat([events[rows].assign(reasons=rule) for rule, rows in broken.items()])


# %% wrong: dropna on every column
# belief: a row with any missing value is a bad row
# see: Ten users
# fails: good_events_stay_valid
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
        "value_missing": events[["event_type", "product_id", "product_category"]].isna().any(axis=1),
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: unknown event types are refused
# belief: more rules are safer
# see: Exercise: validate events
# fails: good_events_stay_valid
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
        "type_unknown": ~events["event_type"].isin(["purchase", "view", "add_to_cart", "search", "review"]),
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: copies are removed on the way
# belief: validation may as well deduplicate
# see: Exercise: validate events
# fails: every_event_comes_out_once
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    events = events.drop_duplicates("event_id")
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: the quarantine holds repaired values
# belief: bad values should be replaced before they are stored
# see: Three things to do with a bad row
# fails: every_event_comes_out_once
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    clean = events.assign(amount=amount.fillna(0).clip(lower=0))
    return clean[~bad], clean[bad].assign(reasons=reasons[bad])


# %% wrong: valid amounts are rounded
# belief: validation may tidy the numbers
# see: Exercise: validate events
# fails: every_event_comes_out_once
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad].assign(amount=amount[~bad].round()), events[bad].assign(reasons=reasons[bad])


# %% wrong: rule names of one's own
# belief: any wording of a reason will do
# see: Exercise: validate events
# fails: missing_amounts_are_found, events_carry_every_reason, missing_and_unknown_users_are_told_apart
# at_most: 1.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "missing user": events["user_id"].isna(),
        "unknown user": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "missing amount": received.isna(),
        "bad amount": received.notna() & amount.isna(),
        "negative amount": amount < 0,
        "too early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: the two tables are swapped
# belief: the bad rows come first
# see: Worked example: validate users
# fails: events_come_back_in_two_tables
# at_most: 0
def validate_events(events, known_users):
    bad = (events["amount"] < 0) | events["user_id"].isna()
    return events[bad].assign(reasons="amount_negative"), events[~bad]


# %% wrong: chained assignment never arrives
# belief: frame[column][mask] = value changes the frame
# see: Worked example: validate users
# fails: missing_amounts_are_found, every_event_comes_out_once
# at_most: 1
def validate_events(events, known_users):
    tagged = events.assign(reasons="")
    tagged["reasons"][events["user_id"].isna()] = "user_id_missing"
    tagged["reasons"][events["amount"].isna()] = "amount_missing"
    return tagged[tagged["reasons"] == ""], tagged[tagged["reasons"] != ""]


# %% wrong: the pipeline's own extraction with other names
# belief: the course's pipeline has the same rules
# see: Exercise: validate events
# fails: good_events_stay_valid, missing_amounts_are_found, missing_and_unknown_users_are_told_apart
# at_most: 2
import pandas as pd
from pipeline import extract_events

NAMES = {
    "missing_user_id": "user_id_missing",
    "unknown_user": "user_unknown",
    "missing_amount": "amount_missing",
    "unreadable_amount": "amount_not_a_number",
    "amount_negative": "amount_negative",
    "future_timestamp": "arrived_too_early",
}


def validate_events(events, known_users):
    out = extract_events(events, pd.DataFrame({"user_id": known_users}), as_of=events["ingested_at"].max())
    reasons = out.quarantined["reasons"].map(lambda text: ";".join(NAMES.get(r, r) for r in text.split(";")))
    return pd.concat([out.valid, out.duplicates]), out.quarantined.assign(reasons=reasons)


# %% wrong: only purchases need an amount
# belief: views have no amount
# see: Exercise: validate events
# fails: missing_amounts_are_found
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna() & (events["event_type"] == "purchase"),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: only purchases can be negative
# belief: a refund is negative by nature
# see: Exercise: validate events
# fails: negative_amounts_are_found_and_zero_is_not
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": (amount < 0) & (events["event_type"] != "refund"),
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: too early by whole seconds
# belief: times are as fine as a second
# see: Exercise: validate events
# fails: events_that_arrive_too_early_are_found
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"].dt.floor("s") < events["timestamp"].dt.floor("s"),
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: the quarantine shows the coerced amount
# belief: NaN says as much as the text
# see: Three things to do with a bad row
# fails: text_amounts_are_found
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return events[~bad], events[bad].assign(amount=amount[bad], reasons=reasons[bad])


# %% wrong: ids compared as text
# belief: 5 and 5.0 are the same text
# see: Exercise: validate events
# fails: missing_and_unknown_users_are_told_apart
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].astype(str).isin([str(u) for u in known_users]),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: a missing amount is reported as text too
# belief: what is no number is not a number
# see: Worked example: validate users
# fails: missing_amounts_are_found
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: zero is taken for missing
# belief: `if not amount` finds missing amounts
# see: Ten users
# fails: good_events_stay_valid
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna() | (amount == 0),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + ";"
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])


# %% wrong: reasons joined by spaces
# belief: any separator will do
# see: Worked example: validate users
# fails: events_carry_every_reason
# at_most: 4.5
import numpy as np
import pandas as pd


def validate_events(events, known_users):
    received = events["amount"]
    amount = pd.to_numeric(received.mask(received.map(type) == bool), errors="coerce")
    amount = amount.where(np.isfinite(amount))
    broken = {
        "user_id_missing": events["user_id"].isna(),
        "user_unknown": events["user_id"].notna() & ~events["user_id"].isin(known_users),
        "amount_missing": received.isna(),
        "amount_not_a_number": received.notna() & amount.isna(),
        "amount_negative": amount < 0,
        "arrived_too_early": events["ingested_at"] < events["timestamp"],
    }
    reasons = pd.Series("", index=events.index)
    for rule, rows in broken.items():
        reasons[rows] += rule + " "
    reasons = reasons.str.rstrip(";")
    bad = reasons != ""
    return events[~bad], events[bad].assign(reasons=reasons[bad])

# %% wrong: very late is an error
# belief: an event that arrives after more than a month is a fault
# see: Exercise: validate events
# fails: good_events_stay_valid
# at_most: 4.5
# from: vectorised pandas
# -         "arrived_too_early": events["ingested_at"] < events["timestamp"],
# +         "arrived_too_early": (events["ingested_at"] < events["timestamp"])
# +         | (events["ingested_at"] - events["timestamp"] > pd.Timedelta(days=30)),

# %% wrong: known means between the lowest and the highest id
# belief: ids have no gaps
# see: Exercise: validate events
# fails: missing_and_unknown_users_are_told_apart
# at_most: 4.5
# from: vectorised pandas
# - ~events["user_id"].isin(known_users)
# + ~events["user_id"].between(min(known_users), max(known_users))

# %% wrong: one bad event condemns its user
# belief: nothing that a user with a bad event does can be trusted
# see: Exercise: validate events
# fails: good_events_stay_valid
# at_most: 4.5
# from: vectorised pandas
# -     reasons = reasons.str.rstrip(";")
# +     suspects = events.loc[reasons != "", "user_id"].dropna()
# +     reasons[(reasons == "") & events["user_id"].isin(suspects)] = "user_unknown"
# +     reasons = reasons.str.rstrip(";")
