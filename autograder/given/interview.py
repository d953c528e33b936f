"""What lesson 13 hands out: checks and nights to try them on, and an orders job that went wrong with its input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import pandas as pd

# --- which checks catch what ------------------------------------------------------------------------------------


class Night(NamedTuple):
    """One nightly load of events: what the source sent, what the table holds for the day, and the day before."""

    day: str
    source: pd.DataFrame
    stored: pd.DataFrame
    before: pd.DataFrame


def _schema(night: Night) -> bool:
    return set(night.before.columns) <= set(night.stored.columns)


def _not_null(night: Night) -> bool:
    return bool(night.stored[["event_id", "user_id", "timestamp"]].notna().all(axis=None))


def _range(night: Night) -> bool:
    return bool((night.stored["amount"] >= 0).all())


def _unique_key(night: Night) -> bool:
    return bool(night.stored["event_id"].is_unique)


def _row_count(night: Night) -> bool:
    return len(night.stored) == len(night.source)


def _control_total(night: Night) -> bool:
    return bool(abs(night.stored["amount"].sum() - night.source["amount"].sum()) < 0.005)


def _freshness(night: Night) -> bool:
    return f"{night.stored['timestamp'].max():%Y-%m-%d}" == night.day


def _distribution(night: Night) -> bool:
    now, usual = (rows.loc[rows["amount"] > 0, "amount"].median() for rows in (night.stored, night.before))
    return bool(usual / 3 < now < usual * 3)


def _same_as_yesterday(night: Night) -> bool:
    return len(night.stored) == len(night.before)


def _read_back(night: Night) -> bool:
    return len(night.stored.copy()) == len(night.stored)


CHECKS: dict[str, Callable[[Night], bool]] = {
    "schema": _schema,
    "not_null": _not_null,
    "range": _range,
    "unique_key": _unique_key,
    "row_count": _row_count,
    "control_total": _control_total,
    "freshness": _freshness,
    "distribution": _distribution,
    "same_as_yesterday": _same_as_yesterday,
    "read_back": _read_back,
}
"""Checks by name: each takes a night and says whether all is well."""


def alarms(night: Night) -> list[str]:
    """The names of the checks that raise the alarm on this night, in the order of `CHECKS`."""
    return [name for name, is_well in CHECKS.items() if not is_well(night)]


def incidents(events: pd.DataFrame) -> dict[str, Night]:
    """Six bad nights by name, and "good", made from sound events of at least two days."""
    days = events["timestamp"].dt.strftime("%Y-%m-%d")
    first, second = sorted(days.unique())[:2]
    before, today = events[days == first], events[days == second]
    before = before.iloc[int(len(before) == len(today)) :]  # no two days are alike, not even by chance
    views = today[today["event_type"] == "view"]
    lost, doubled = views.iloc[0::2], views.iloc[1::2].iloc[: len(views.iloc[0::2])]
    swapped = pd.concat([today.drop(lost.index[: len(doubled)]), doubled])
    cents = today.assign(amount=today["amount"] * 100)
    return {
        "good": Night(second, today, today, before),
        "appended twice": Night(second, today, pd.concat([today, today]), before),
        "lost in a join": Night(second, today, today.drop(lost.index), before),
        "ten times": Night(second, today, today.assign(amount=today["amount"] * 10), before),
        "sent in cents": Night(second, cents, cents, before),
        "one part twice, one never": Night(second, today, swapped, before),
        "the old file again": Night(second, before, before, before),
    }


# --- a job that went wrong --------------------------------------------------------------------------------------

Row = dict[str, Any]


def _received(*rows: str) -> list[Row]:
    return [dict(zip(("order_id", "shop", "amount"), row.split(), strict=True)) for row in rows]


ORDERS: dict[str, list[Row]] = {
    "2024-01-14": _received("O1001 DE 1,250.00", "O1002 DE 19.90", "O1003 UK 35.00"),
    "2024-01-15": _received("O1004 DE 940.00", "O1005 UK -35.00", "O1006 UK 310.50"),
    "2024-01-16": _received("O1007 DE 1,080.00", "O1008 ES 4,50", "O1009 UK 62.00"),
    "2024-01-17": _received("O1010 DE 875.00", "O1011 ES 89,90", "O1012 ES 1.250,00", "O1013 UK free"),
    "2024-01-18": _received("O1014 UK 120.00", "O1015 ES 1.006,40"),
}
"""The rows that the shops sent, by day: every value is text, as it came."""


def to_orders(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """The orders with their amount as a number, and the rows whose amount cannot be read."""
    orders, rejected = [], []
    for row in rows:
        try:
            amount = float(row["amount"].replace(",", ""))
        except ValueError:
            rejected.append(row)
        else:
            orders.append({**row, "amount": amount})
    return orders, rejected


def run_nights(
    received: Mapping[str, list[Row]], transform: Callable[[Iterable[Row]], tuple[list[Row], list[Row]]] = to_orders
) -> list[dict[str, Any]]:
    """The log of one run for each day, oldest first: a dict for each stage.

    A day's total may be at most three times the mean of the days that were loaded before it. After a run that failed,
    the later ones wait.
    """
    log: list[dict[str, Any]] = []
    loaded: list[float] = []
    failed = ""
    for day, rows in received.items():
        run = f"orders-{day}"
        if failed:
            log.append({"run": run, "stage": "extract", "status": "skipped", "why": f"waits for {failed}"})
            continue
        log.append({"run": run, "stage": "extract", "status": "ok", "rows": len(rows)})
        orders, rejected = transform(rows)
        log.append(
            {"run": run, "stage": "transform", "status": "ok", "rows": len(orders), "dead_letters": len(rejected)}
        )
        total = round(sum(order["amount"] for order in orders), 2)
        usual = sum(loaded) / len(loaded) if loaded else total
        if total > 3 * usual:
            why = f"total {total} is {total / usual:.1f} times the mean of {usual:.2f}"
            log.append({"run": run, "stage": "check", "status": "failed", "why": why})
            failed = run
            continue
        log.append({"run": run, "stage": "check", "status": "ok", "total": total})
        loaded.append(total)
        log.append({"run": run, "stage": "load", "status": "ok", "rows": len(orders)})
    return log
