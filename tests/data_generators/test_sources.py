"""A world written or served as real sources can be read back: nothing lost that the format can hold."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pandas as pd
import pytest

from data_generators import (
    FAULTS,
    make_world,
    serve_events,
    write_products_csv,
    write_products_jsonl,
    write_users_sqlite,
)

WORLD = make_world(
    3, users=80, events=230, products=80, faults=dict.fromkeys((f for f in FAULTS if f != "events.schema_drift"), 4)
)


def fetch(url: str) -> tuple[int, dict[str, Any], Any]:
    """Status, headers and body of one request."""
    try:
        with urlopen(url, timeout=10) as response:
            return response.status, dict(response.headers), json.load(response)
    except HTTPError as error:
        with error:
            return error.code, dict(error.headers), json.load(error)


def fetch_all(url: str, **query: int) -> tuple[list[dict[str, Any]], Counter[int]]:
    """Every event, asked for again after each failure, and how often each status came."""
    events: list[dict[str, Any]] = []
    statuses: Counter[int] = Counter()
    cursor: str | None = "0"
    while cursor is not None:
        status, _, page = fetch(f"{url}?cursor={cursor}" + "".join(f"&{k}={v}" for k, v in query.items()))
        statuses[status] += 1
        if status == 200:
            events += page["events"]
            cursor = page["next_cursor"]
    return events, statuses


def plain(frame: pd.DataFrame) -> list[list[Any]]:
    """Cells as JSON has them."""
    cells = frame.astype(object).where(frame.notna(), None)
    return [[c.isoformat() if isinstance(c, pd.Timestamp) else c for c in row] for row in cells.to_numpy().tolist()]


def test_users_in_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "users.db"
    write_users_sqlite(WORLD.users.head(3), path)
    write_users_sqlite(WORLD.users, path)  # takes the place of the table that was there
    with closing(sqlite3.connect(path)) as database:
        rows = [list(row) for row in database.execute("SELECT * FROM users ORDER BY rowid")]
        names = [row[1] for row in database.execute("PRAGMA table_info(users)")]
        back = pd.read_sql_query("SELECT * FROM users", database)
    assert names == list(WORLD.users.columns)
    assert rows == plain(WORLD.users)
    assert back["email"].isna().sum() == 4
    assert {type(row[3]) for row in rows} == {int, str, type(None)}  # age: SQLite keeps what does not fit the type


def test_products_in_csv(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    write_products_csv(WORLD.products, path)
    back = pd.read_csv(path)
    assert b"\r" not in path.read_bytes()
    assert list(back.columns) == list(WORLD.products.columns)
    assert back["product_id"].tolist() == pytest.approx(WORLD.products["product_id"].tolist(), nan_ok=True)
    assert back["category"].tolist() == WORLD.products["category"].tolist()  # also the spaces
    assert pd.to_numeric(back["price"], errors="coerce").isna().sum() == 8  # 4 missing, 4 text
    assert back["price"].isna().sum() == 4


def test_products_in_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "products.jsonl"
    write_products_jsonl(WORLD.products, path)
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [list(record) for record in records] == [list(WORLD.products.columns)] * len(records)
    assert [list(record.values()) for record in records] == plain(WORLD.products)


def test_names_in_any_script(tmp_path: Path) -> None:
    products = WORLD.products.head(2).assign(name=["Käse, „alt“", "寿司"])
    write_products_csv(products, tmp_path / "p.csv")
    write_products_jsonl(products, tmp_path / "p.jsonl")
    assert pd.read_csv(tmp_path / "p.csv", encoding="utf-8")["name"].tolist() == products["name"].tolist()
    assert pd.read_json(tmp_path / "p.jsonl", lines=True)["name"].tolist() == products["name"].tolist()


def test_pages_of_events() -> None:
    with serve_events(WORLD.events, page_size=50) as url:
        events, statuses = fetch_all(url)
        assert statuses == {200: -(-len(WORLD.events) // 50)}
        assert [list(event.values()) for event in events] == plain(WORLD.events)
        assert len(fetch_all(url, limit=7)[0]) == len(WORLD.events)
        assert len(fetch(url + "?limit=1000")[2]["events"]) == 50  # a page is never longer than page_size
        assert fetch(url + "?cursor=9999")[2] == {"events": [], "next_cursor": None}


def test_failures_and_rate_limits_lose_nothing() -> None:
    with serve_events(WORLD.events, page_size=5, fail_every=4, rate_limit=6, retry_after=0, seed=1) as url:
        events, statuses = fetch_all(url)
    assert [event["event_id"] for event in events] == WORLD.events["event_id"].tolist()
    assert statuses[429] == sum(statuses.values()) // 7
    assert statuses[503] > 3


def test_the_same_requests_fail_in_every_run() -> None:
    def statuses(seed: int) -> list[int]:
        with serve_events(WORLD.events, fail_every=3, rate_limit=5, seed=seed) as url:
            return [fetch(url + "?limit=1")[0] for _ in range(24)]

    assert statuses(1) == statuses(1)
    assert statuses(1) != statuses(2)
    assert [i for i, status in enumerate(statuses(1), start=1) if status == 429] == [6, 12, 18, 24]


def test_retry_after_is_given_in_seconds() -> None:
    with serve_events(WORLD.events, rate_limit=1, retry_after=2) as url:
        assert fetch(url)[0] == 200
        status, headers, body = fetch(url)
    assert (status, headers["Retry-After"]) == (429, "2")
    assert body == {"error": "too many requests; wait 2 s"}


@pytest.mark.parametrize("query", ["cursor=-1", "cursor=abc", "limit=0", "limit=x", f"cursor={'9' * 5_000}"])
def test_requests_that_make_no_sense(query: str) -> None:
    with serve_events(WORLD.events) as url:
        status, _, body = fetch(f"{url}?{query}")
    assert status == 400
    assert body["error"].startswith("expected the cursor of a page and a limit above 0")


def test_other_paths() -> None:
    with serve_events(WORLD.events) as url:
        assert fetch(url.replace("/events", "/users"))[0] == 404


def test_a_drifted_amount_comes_under_its_new_name_only() -> None:
    world = make_world(3, users=9, events=70, products=5, faults={"events.schema_drift": 10})
    with serve_events(world.events) as url:
        events, _ = fetch_all(url)
    drifted = set(world.truth["row"])
    assert all(("amount_eur" in event) == (row in drifted) for row, event in enumerate(events))
    assert all(("amount" in event) != ("amount_eur" in event) for event in events)


def test_the_server_ends_with_its_context() -> None:
    with pytest.raises(RuntimeError, match="inside"), serve_events(WORLD.events) as url:
        raise RuntimeError("inside")
    with pytest.raises(OSError):
        urlopen(url, timeout=2)


@pytest.mark.parametrize("setting", [{"page_size": 0}, {"rate_limit": 0}, {"fail_every": 1}])
def test_settings_that_could_never_answer(setting: dict[str, int]) -> None:
    with (
        pytest.raises(ValueError, match=f"{next(iter(setting))}: expected at least"),
        serve_events(WORLD.events, **setting),
    ):
        pass
