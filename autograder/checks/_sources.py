"""What the checks of lesson 01 build and compare: a CSV upload, a paged source with troubles, and its replayed log."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from autograder import expect
from autograder.checking import Incorrect
from autograder.given.sources import FIRST, MOST_REQUESTS, PagedApi
from autograder.seam import Answer
from autograder.worlds import Worlds

Record = Mapping[Any, Any]

# --- sources.products: a catalogue as CSV text -------------------------------------------------------------------

COLUMNS = ("product_id", "name", "origin", "price", "batch_no", "updated_at")
UPLOAD = "the products"


def upload_of(worlds: Worlds, name: str) -> list[dict[str, Any]]:
    """Twenty products that any reader gets right; a check then puts its own difficulty into them."""
    products = worlds.make("sources upload", products=20).products
    rng = worlds.rng(f"sources upload {name}")
    batches = 100_000_000_000_000_001 + 2 * rng.integers(10**16, 4 * 10**17, len(products))  # odd: no float holds one
    seconds = rng.integers(0, 86_400 * 90, len(products))
    return [
        {
            "product_id": product_id,
            "name": f"{title}, {'piece' if number % 3 else 'pack “XL”'}",
            "origin": ("DE", "FR", "JP")[number % 3],
            "price": float(price),
            "batch_no": int(batch),
            "updated_at": pd.Timestamp("2024-01-01", tz="UTC") + pd.Timedelta(seconds=int(after)),
        }
        for number, (product_id, title, price, batch, after) in enumerate(
            zip(products["product_id"], products["name"], products["price"], batches, seconds, strict=True)
        )
    ]


def csv_text(rows: Sequence[Record], times: Sequence[str] | None = None) -> str:
    """The rows as CSV text; `times` are the texts of updated_at, by default in UTC with a Z."""
    times = times or [row["updated_at"].strftime("%Y-%m-%dT%H:%M:%SZ") for row in rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "updated_at": time} for row, time in zip(rows, times, strict=True))
    return text.getvalue()


def expect_column(
    found: pd.DataFrame, rows: Sequence[Record], column: str, kind: str, same: Callable[[Hashable, Any], bool]
) -> None:
    """The column holds, for each product by its name, the value that was written."""
    names = [expect.plain(name) for name in found["name"].astype(object)]
    if Counter(names) != (wanted := Counter(row["name"] for row in rows)):
        lost = list((wanted - Counter(names)).elements())
        raise Incorrect(
            "The products that came back are not those of the text, going by their names.",
            expected=f"{len(rows)} rows, one for each line below the header; a comma inside quotes separates nothing",
            got=f"{len(found)} rows; not among them: {', '.join(repr(name) for name in lost[:3]) or 'none'}",
            evidence={"What came back": found[["name"]]},
        )
    cells = dict(zip(names, found[column].astype(object), strict=True))
    if wrong := [row for row in rows if not same(expect.plain(cells[row["name"]]), row[column])]:
        example = cells[wrong[0]["name"]]
        raise Incorrect(
            f"The column {column!r} differs from what the file says in {len(wrong)} of {len(rows)} rows.",
            expected=kind,
            got=f"{expect.kind_of(example)}: {str(example)[:40]!r}",
            evidence={
                "Expected and found": pd.DataFrame(
                    {
                        "name": [row["name"] for row in wrong],
                        f"{column} expected": pd.Series([row[column] for row in wrong], dtype=object),
                        f"{column} found": pd.Series([cells[row["name"]] for row in wrong], dtype=object),
                    }
                )
            },
        )


def products_of(answer: Answer, text: str) -> pd.DataFrame:
    return expect.frame(answer(text), UPLOAD, columns=COLUMNS)


def same_text(cell: Hashable, wanted: str | None) -> bool:
    return cell == wanted


def same_number(cell: Hashable, wanted: float | None) -> bool:
    if wanted is None or not isinstance(cell, (int, float)) or isinstance(cell, bool):
        return cell is None and wanted is None
    # Whole numbers exactly: the last digit is what a float loses.
    return cell == wanted if isinstance(wanted, int) else expect.close(float(cell), wanted)


# --- sources.events: what is asked, and what came of it -----------------------------------------------------------

ROWS, REJECTED = "the rows", "the rejected records"
PAUSE = 1.0
"""Seconds before a page is asked for again, where the source does not say."""
TRIES = 5
LONGEST_WAIT = 60.0
LOG_COLUMNS = ("at", "cursor", "status")


@dataclass(frozen=True)
class Request:
    """One request of the log, with what the source answered to it and when the answer was there."""

    at: float
    cursor: str
    status: int | str
    whole: bool
    answered: float
    wait: float


@dataclass(frozen=True)
class Extraction:
    """What the learner's function returned, and the records that its requests had brought when the log is replayed."""

    value: Mapping[Any, Any]
    rows: list[Record]
    requests: list[Request]
    brought: list[Record]

    def __getitem__(self, key: str) -> Any:
        return part(self.value, key)


def events_of(worlds: Worlds, name: str, events: int = 48, **faults: int) -> list[dict[Hashable, Any]]:
    """Events as an API sends them: times as text, and after a schema drift the amount under its new name."""
    planted = {f"events.{fault}": count for fault, count in faults.items()}
    received = worlds.make(f"sources {name}", users=30, events=events, faults=planted, days=2).events
    texts = {column: received[column].map(pd.Timestamp.isoformat) for column in ("timestamp", "ingested_at")}
    rows = received.assign(**texts).astype(object).to_dict("records")
    # a name that a record does not use is not in it
    return [{k: v for k, v in row.items() if not str(k).startswith("amount") or not pd.isna(v)} for row in rows]


def in_pages(worlds: Worlds, name: str, records: list[Any]) -> list[list[Any]]:
    """The records in pages of 5 to 7."""
    rng = worlds.rng(f"sources pages {name}")
    pages, at = [], 0
    while at < len(records):
        size = int(rng.integers(5, 8))
        pages.append(records[at : at + size])
        at += size
    if len(pages[-1]) < 2:
        pages[-2:] = [pages[-2] + pages[-1]]
    return pages


def source_of(
    worlds: Worlds, name: str, pages: Sequence[Sequence[Record]], troubles: Mapping[int, Sequence[Any]]
) -> dict[str, Any]:
    """What `PagedApi` is made from: pages with their cursors, and the troubles of some, by position."""
    rng = worlds.rng(f"sources cursors {name}")
    cursors = [FIRST, *(f"c{number:x}" for number in 4096 + rng.permutation(60_000)[: len(pages) - 1]), None]
    at = {position % len(pages): list(found) for position, found in troubles.items()}
    return {
        "pages": [
            {
                "cursor": cursor,
                "body": {"events": list(events), "count": len(events), "next_cursor": cursors[position + 1]},
                "troubles": at.get(position, []),
            }
            for position, (cursor, events) in enumerate(zip(cursors, pages, strict=False))
        ],
        "start": float(rng.integers(1_000, 9_000)),
    }


def part(value: object, key: str) -> Any:
    """One part of the returned dict."""
    if not isinstance(value, Mapping) or key not in value:
        raise Incorrect(
            f"Expected a dict with the key {key!r}.",
            expected='{"rows": ..., "rejected": ..., "resume_at": ..., "metrics": ..., "log": ...}',
            got="None. Does every path through the function end with `return`?"
            if value is None
            else f"a dict with the keys {', '.join(map(str, value))[:100]}"
            if isinstance(value, Mapping)
            else expect.kind_of(value),
        )
    return value[key]


def has_id(record: Record) -> bool:
    return bool(expect.plain(record.get("event_id")))


def records_of(value: object, what: str) -> list[Record]:
    """Records as a list of dicts, or as the rows of a frame."""
    if isinstance(value, tuple):
        value = list(value)
    if isinstance(value, list) and all(isinstance(row, Mapping) for row in value):
        return value
    return [dict(row) for row in expect.frame(value, what).astype(object).to_dict("records")]


def ask(answer: Answer, source: Mapping[str, Any], *cursor: str) -> Extraction:
    """Call the learner's function, and replay its log on a source of our own: it proves which answers it had."""
    value = answer(source, *cursor)
    rows = records_of(part(value, "rows"), ROWS)
    log = records_of(part(value, "log"), "the log")
    if not log:
        raise Incorrect(
            "The log holds no request, so nothing shows that the source was asked.",
            expected='"log": api.log, as it is after the last request',
            got="an empty log",
        )
    requests, brought = _replayed(source, log[: MOST_REQUESTS + 1])
    return Extraction(value, rows, requests, brought)


def _replayed(source: Mapping[str, Any], log: Sequence[Record]) -> tuple[list[Request], list[Record]]:
    api, requests = PagedApi(**source), []
    brought: list[Record] = []
    for number, entry in enumerate(log, start=1):
        at, cursor, status = (expect.plain(entry.get(name)) for name in LOG_COLUMNS)
        genuine = isinstance(at, float) and math.isfinite(at) and at > api.now - 1e-6 and isinstance(cursor, str)
        whole, wait = False, PAUSE
        found: int | str | None = None
        if genuine and number <= MOST_REQUESTS:
            api.sleep(max(float(at) - api.now, 0.0))  # type: ignore[arg-type]
            try:
                response = api.get(str(cursor))
                found = response.status
                wait = PAUSE if response.retry_after is None else response.retry_after
                whole = found == 200 and len(response.body["events"]) == response.body["count"]
                if whole:
                    brought += response.body["events"]
            except TimeoutError:
                found = "timeout"
        if found is None or found != status:
            raise Incorrect(
                f"Request {number} of the log is not one that this source has answered.",
                expected='"log": api.log, unchanged, of one `PagedApi` that is asked for everything',
                got="a log of something else",
                evidence={"In the log": pd.DataFrame([{n: e.get(n) for n in LOG_COLUMNS} for e in log[:number][-3:]])},
            )
        requests.append(Request(api.log[-1]["at"], str(cursor), found, whole, api.now, wait))
    return requests, brought


def shown(requests: Sequence[Request]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sent at": [request.at for request in requests],
            "cursor": [request.cursor for request in requests],
            "answer": ["200, short" if r.status == 200 and not r.whole else str(r.status) for r in requests],
            "answered at": [request.answered for request in requests],
        }
    )


# --- records, compared --------------------------------------------------------------------------------------------


def _cell(column: str, value: Any) -> Hashable:
    if column in ("timestamp", "ingested_at") and isinstance(value, (str, dt.datetime, np.datetime64)):
        try:
            value = pd.Timestamp(value)
        except (ValueError, OverflowError):
            return str(value)
    return expect.plain(value)


def _key(record: Record) -> frozenset[tuple[str, Hashable]]:
    """A record in a form in which equal records are equal: a field that is null may as well not be there."""
    cells = ((str(name), _cell(str(name), value)) for name, value in record.items())
    return frozenset((name, cell) for name, cell in cells if cell is not None)


def expect_records(found: Sequence[Record], wanted: Sequence[Record], what: str, why: str) -> None:
    """The found records are the wanted ones, each once."""
    want = {_key(record): record for record in wanted}
    fields = {name for key in want for name, _ in key}
    keys = [_key({name: value for name, value in record.items() if str(name) in fields}) for record in found]
    have = set(keys)
    if lost := [record for key, record in want.items() if key not in have]:
        ids = {expect.plain(record.get("event_id")) for record in found}
        changed = any(record.get("event_id") in ids for record in lost)
        raise Incorrect(
            f"{len(lost)} of {len(want)} records {'is' if len(lost) == 1 else 'are'} not among {what} as they came."
            + (" Another record with the same event_id is." if changed else ""),
            expected=why,
            got=f"{len(want) - len(lost)} of them",
            evidence={"Missing": pd.DataFrame(lost[:5])},
        )
    if strange := [record for record, key in zip(found, keys, strict=True) if key not in want]:
        raise Incorrect(
            f"There are records among {what} that do not belong there.",
            expected=why,
            got=f"{len(strange)} more",
            evidence={"Not expected": pd.DataFrame([dict(record) for record in strange[:5]]).iloc[:, :9]},
        )
    expect_once([{name: value for name, value in record.items() if str(name) in fields} for record in found], what, why)


def expect_once(found: Sequence[Record], what: str, why: str) -> None:
    """No two of the records are equal."""
    have = Counter(map(_key, found))
    if twice := [record for record in found if have[_key(record)] > 1]:
        raise Incorrect(
            f"{'A record is' if len(found) - len(have) == 1 else 'Records are'} more than once among {what}.",
            expected=why,
            got=f"{len(found)} records, {len(have)} of them different",
            evidence={"More than once": pd.DataFrame(twice[:5])},
        )


def expect_all(found: Extraction, pages: Sequence[Sequence[Record]], why: str) -> None:
    """Every record of the pages is among the rows once, and was brought by a request."""
    wanted = [record for page in pages for record in page]
    expect_records(found.rows, wanted, ROWS, why)
    brought = {_key(record) for record in found.brought}
    if unasked := [record for record in wanted if _key(record) not in brought]:
        raise Incorrect(
            "There are rows of pages that no request in the log has brought whole.",
            expected="rows that came from `api.get`",
            got=f"{len(unasked)} rows from elsewhere",
            evidence={"Requests": shown(found.requests), "Rows": pd.DataFrame(unasked[:5])},
        )
