"""The paged source of lesson 01, in memory: it fails as real ones do, and its clock moves only when it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FIRST = "start"
"""The cursor of the first page."""
ANSWER_SECONDS = 0.25
TIMEOUT_SECONDS = 10.0
MOST_REQUESTS = 500
"""After so many requests the source answers no more: a loop that never ends would otherwise never end."""


@dataclass(frozen=True)
class Response:
    """What the source answers to one request.

    `body` is {"events": [...], "count": ..., "next_cursor": ...} where status is 200, and empty otherwise: `count` is
    the number of events that the page has, `next_cursor` the cursor of the next page or None after the last one.
    `retry_after` says how many seconds to wait, and is None unless status is 429.
    """

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    retry_after: float | None = None


class PagedApi:
    """Pages of events behind `get`, with troubles, a clock and a log.

    `pages` are dicts with a cursor, a body and troubles: what comes, once each and in this order, before the page
    comes whole. A trouble is a status such as 503, "timeout", "short" (the page without its last events), or
    {"retry_after": seconds} (429, as is every request before these seconds are over). `start` is the clock's first
    reading, in seconds.

    `log` has one dict for each request: at (when it was sent), cursor, and status (a number, or "timeout").

    Example
    -------
    >>> page = {"cursor": "start", "body": {"events": [], "count": 0, "next_cursor": None}, "troubles": [503]}
    >>> api = PagedApi([page])
    >>> api.get("start").status, api.get("start").status, api.now
    (503, 200, 0.5)
    """

    def __init__(self, pages: Sequence[Mapping[str, Any]], start: float = 0.0) -> None:
        self._bodies = {page["cursor"]: page["body"] for page in pages}
        self._troubles = {page["cursor"]: list(page["troubles"]) for page in pages}
        self._now = start
        self._closed_until = start
        self.log: list[dict[str, Any]] = []

    @property
    def now(self) -> float:
        """The clock, in seconds: it moves while a request is answered and while `sleep` waits."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Wait. Raises ValueError for less than 0 seconds."""
        if not seconds >= 0:
            raise ValueError(f"expected 0 or more seconds to wait, got {seconds}")
        self._now += seconds

    def get(self, cursor: str = FIRST) -> Response:
        """Ask for the page of a cursor; 400 for a cursor that no page has.

        Raises TimeoutError where no answer has come after 10 seconds, RuntimeError after 500 requests.
        """
        if len(self.log) >= MOST_REQUESTS:
            raise RuntimeError(f"{MOST_REQUESTS} requests: does the loop end, and does it wait by api.sleep?")
        sent = self._now
        response = self._answer(cursor)
        self.log.append({"at": sent, "cursor": cursor, "status": "timeout" if response is None else response.status})
        if response is None:
            raise TimeoutError(f"no answer after {TIMEOUT_SECONDS:g} s")
        return response

    def _answer(self, cursor: str) -> Response | None:
        """The response, or None where none comes; moves the clock."""
        left = self._closed_until - self._now
        self._now += ANSWER_SECONDS
        if left > 1e-6:  # the rest is rounding
            return Response(429, retry_after=max(left - ANSWER_SECONDS, 0.0))
        if cursor not in self._bodies:
            return Response(400)
        body = self._bodies[cursor]
        trouble = self._troubles[cursor].pop(0) if self._troubles[cursor] else None
        if trouble is None:
            return Response(200, {**body, "events": [dict(event) for event in body["events"]]})
        if trouble == "timeout":
            self._now += TIMEOUT_SECONDS - ANSWER_SECONDS
            return None
        if trouble == "short":
            return Response(200, {**body, "events": [dict(event) for event in body["events"][: body["count"] // 2]]})
        if isinstance(trouble, Mapping):
            self._closed_until = self._now + trouble["retry_after"]
            return Response(429, retry_after=trouble["retry_after"])
        return Response(int(trouble))
