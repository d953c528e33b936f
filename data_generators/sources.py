"""A world written or served as what real sources look like: a database, an HTTP API, uploaded files.

What each source loses is what real ones lose: SQLite and JSON have no timestamps (they become ISO 8601 text), and
CSV has no types at all, so that a missing string and an empty one look the same.
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
import threading
from collections.abc import Hashable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from ._draws import stream

SQL_TYPES = {"user_id": "INTEGER", "age": "INTEGER"}  # the other columns of users are TEXT


def write_users_sqlite(users: pd.DataFrame, path: str | Path) -> None:
    """Write users as table `users` of a SQLite database, in place of such a table.

    Columns are INTEGER (user_id, age) or TEXT; signup_date becomes text such as "2021-10-26T01:48:10+00:00".
    Nulls are NULL, and text in an INTEGER column stays text, as SQLite has it.
    """
    columns = ", ".join(f'"{name}" {SQL_TYPES.get(name, "TEXT")}' for name in users.columns)
    marks = ", ".join("?" * len(users.columns))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TABLE IF EXISTS users")
        database.execute(f"CREATE TABLE users ({columns})")
        database.executemany(f"INSERT INTO users VALUES ({marks})", _plain(users).itertuples(index=False, name=None))


def write_products_csv(products: pd.DataFrame, path: str | Path) -> None:
    """Write products as UTF-8 CSV with a header; nulls are empty cells."""
    products.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def write_products_jsonl(products: pd.DataFrame, path: str | Path) -> None:
    """Write products as UTF-8 JSON Lines, one object a line; nulls are null."""
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in _plain(products).to_dict("records"))
    with Path(path).open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)


@contextmanager
def serve_events(
    events: pd.DataFrame,
    *,
    page_size: int = 500,
    fail_every: int | None = None,
    rate_limit: int | None = None,
    retry_after: int = 1,
    seed: int = 0,
) -> Iterator[str]:
    """Serve events on a free port of 127.0.0.1 while the context lasts; gives the URL to GET.

    `GET <url>?cursor=C&limit=N` answers {"events": [...], "next_cursor": ...} with at most `page_size` events in the
    order received. Without cursor it starts at the beginning; next_cursor is null on the last page. Times are ISO
    8601 text and nulls null; after a schema drift, records have `amount_eur` in the place of `amount`.

    Requests are numbered as they come: one in each `rate_limit` + 1 requests gets 429 with `Retry-After` (seconds);
    of the others, one in `fail_every` on average gets 503, drawn from `seed` and the request's number, so that the
    same requests fail in every run. 400 answers a cursor or limit that makes no sense, 404 any other path.
    Raises ValueError for a page_size or rate_limit below 1, or a fail_every below 2 (it would never answer).

    >>> with serve_events(world.events) as url:
    ...     page = json.load(urlopen(url + "?limit=2"))
    >>> len(page["events"]), page["next_cursor"]
    (2, '2')
    """
    settings = [("page_size", page_size, 1), ("rate_limit", rate_limit, 1), ("fail_every", fail_every, 2)]
    for name, value, least in settings:
        if value is not None and value < least:
            raise ValueError(f"{name}: expected at least {least}, got {value}")
    numbers = itertools.count(1)
    lock = threading.Lock()

    def answer(target: str) -> tuple[int, dict[str, str], dict[str, Any]]:
        url = urlsplit(target)
        if url.path != "/events":
            return 404, {}, {"error": f"no such path {url.path}; use /events"}
        with lock:
            number = next(numbers)
        if rate_limit and number % (rate_limit + 1) == 0:
            return 429, {"Retry-After": str(retry_after)}, {"error": f"too many requests; wait {retry_after} s"}
        if fail_every and stream(seed, "sources.failures", number).integers(fail_every) == 0:
            return 503, {}, {"error": "temporarily unavailable; try again"}
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        cursor, limit = query.get("cursor", "0"), query.get("limit", str(page_size))
        if not (re.fullmatch("[0-9]{1,15}", cursor) and re.fullmatch("[1-9][0-9]{0,14}", limit)):
            return 400, {}, {"error": f"expected the cursor of a page and a limit above 0, got {query}"}
        begin = int(cursor)
        end = begin + min(int(limit), page_size)
        page = {"events": _records(events.iloc[begin:end]), "next_cursor": str(end) if end < len(events) else None}
        return 200, {}, page

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self.path)
            payload = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json", "Content-Length": len(payload)}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent: the base class writes every request to stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/events"
        finally:
            server.shutdown()
            thread.join()


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame in Python objects that a file or a driver can hold: None for nulls, ISO text for times."""
    times = frame.select_dtypes("datetimetz").columns
    frame = frame.assign(**{name: frame[name].map(pd.Timestamp.isoformat, na_action="ignore") for name in times})
    return frame.astype(object).where(frame.notna(), None)


def _records(events: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Events as the API gives them: a drifted amount under its new name only."""
    rows = _plain(events).to_dict("records")
    if "amount_eur" in events.columns:
        for row in rows:
            del row["amount_eur" if row["amount_eur"] is None else "amount"]
    return rows
