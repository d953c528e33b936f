"""What an answer gave back in a check, call by call, in a form in which equal content is equal."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from autograder import expect
from autograder.checking import Check, Verdict
from autograder.seam import Answer, AnswerError

MAX_CELLS = 100_000
"""Cells of all results of one check; a learner who returns more has nothing traced."""

Trace = str
"""A digest of all results in the order of the calls; empty where there is nothing that could be compared."""


class Traces:
    """The traces of the checks that failed, by name; handed to `judge`, which fills it."""

    def __init__(self) -> None:
        self.found: dict[str, Trace] = {}
        self._last: Recorder

    def begin(self, check: Check, answer: Answer) -> Answer:
        self._last = Recorder(answer, key_of(check))
        return self._last

    def failed(self, check: Check) -> None:
        self.found[check.name] = self._last.trace()

    def kept_in(self, verdict: Verdict) -> Verdict:
        """The verdict with the traces of its failed checks."""
        return replace(verdict, outcomes=[replace(o, trace=self.found.get(o.check, "")) for o in verdict.outcomes])


def key_of(check: Check) -> str | None:
    """The only key of a returned dict that this check reads, such as a quiz question's; None for all others."""
    found: str | None = getattr(check.function, "key", None)
    return found


class Recorder:
    """An answer that keeps what its calls gave. How often it wrote before it was stopped does not count."""

    def __init__(self, answer: Answer, key: str | None = None) -> None:
        self.name = answer.name
        self._answer, self._key = answer, key
        self._kept: list[Any] = []
        self._cells = 0
        self._lost = False

    @property
    def stained(self) -> bool:
        return self._answer.stained

    @stained.setter
    def stained(self, value: bool) -> None:
        self._answer.stained = value

    @property
    def alone(self) -> bool:
        return self._answer.alone

    @alone.setter
    def alone(self, value: bool) -> None:
        self._answer.alone = value

    def restart(self) -> None:
        self._answer.restart()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._keep(lambda: self._answer(*args, **kwargs))

    def scratch(self) -> Path:
        return self._answer.scratch()

    def tables(self, folder: Path) -> dict[str, pd.DataFrame]:
        found: dict[str, pd.DataFrame] = self._keep(lambda: self._answer.tables(folder), files=True)
        return found

    def moments(self, *args: Any, **kwargs: Any) -> int:
        return self._answer.moments(*args, **kwargs)

    def interrupted(self, moment: int, *args: Any, **kwargs: Any) -> bool:
        return self._answer.interrupted(moment, *args, **kwargs)

    def trace(self) -> Trace:
        """The digest of all results so far."""
        return "" if self._lost or not self._kept else digest(tuple(digest(value) for value in self._kept))

    def _keep(self, compute: Callable[[], Any], *, files: bool = False) -> Any:
        try:
            value = compute()
        except AnswerError as e:
            # Two answers that never come, or are still to be written, have nothing else in common.
            self._lost = self._lost or e.kind not in ("raised", "unreadable")
            self._note(_Failure(e.kind, _without_place(e.detail)))
            raise
        if files:
            self._note(_Files(list(value.values())))
        elif self._key is not None and isinstance(value, Mapping):
            self._note(str(value.get(self._key)).strip().strip(".)(").lower())
        else:
            self._note(value)
        return value

    def _note(self, value: Any) -> None:
        self._cells += _size(value)
        self._lost = self._lost or self._cells > MAX_CELLS
        if self._lost:
            self._kept.clear()
        else:
            self._kept.append(_snapshot(value))


class _Failure(tuple[str, str]):
    def __new__(cls, kind: str, detail: str) -> _Failure:
        return super().__new__(cls, (kind, detail))


class _Files(list[pd.DataFrame]):
    """Tables from files: how rows are spread over them, and what the files are called, does not count."""


def _without_place(detail: str) -> str:
    return re.sub(r"/\S+", "", detail.split(" (in the line `")[0])


def _snapshot(value: Any) -> Any:
    """The value as it is now, whatever the check does with it; frames are copied on write."""
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return value.copy(deep=False)
    if isinstance(value, _Files):
        return _Files(frame.copy(deep=False) for frame in value)
    if type(value) in (list, tuple):
        return type(value)(_snapshot(part) for part in value)
    if isinstance(value, dict):
        return {key: _snapshot(part) for key, part in value.items()}
    return value


def _size(value: Any) -> int:
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return int(value.size)
    if isinstance(value, Mapping):
        return sum(map(_size, value.values())) + len(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return sum(map(_size, value)) + 1
    return 1 + len(value) // 100 if isinstance(value, str) else 1


def digest(value: Any) -> str:
    """A hash that is equal for results of equal content.

    The order of rows, columns and keys, the index, dtype widths, floating-point error below nine digits and None
    against NaN do not matter; nor does it matter whether rows come as a frame or as dicts, or several names as one
    text or as a list.

    Example
    -------
    >>> digest(pd.DataFrame({"a": [1, 2]})) == digest([{"a": 2.0}, {"a": 1.0}])
    True
    """
    return hashlib.blake2b(repr(_content(value)).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _content(value: Any) -> Any:
    if isinstance(value, _Failure):
        return ("failed", *value)
    if isinstance(value, _Files):
        return ("files", sorted(row for frame in value for row in _rows(frame)))
    if isinstance(value, pd.DataFrame):
        return ("rows", sorted(_rows(value)))
    if isinstance(value, pd.Series):
        return ("values", [_cell(v) for v in value.astype(object)])
    if isinstance(value, Mapping):
        return ("dict", sorted((repr(_cell(key)), repr(_content(part))) for key, part in value.items()))
    if isinstance(value, (list, tuple)):
        if value and isinstance(value, list) and all(isinstance(row, dict) for row in value):
            return ("rows", sorted(_row(row) for row in value))
        parts = [_content(part) for part in value]
        whole = isinstance(value, tuple) or any(isinstance(part, (pd.DataFrame, list, dict)) for part in value)
        return ("parts", parts if whole else sorted(map(repr, parts)))
    return _cell(value)


def _rows(frame: pd.DataFrame) -> list[str]:
    names = [str(name) for name in frame.columns]
    rows = frame.astype(object).itertuples(index=False, name=None)
    return [_row(dict(zip(names, row, strict=True))) for row in rows]


def _row(row: Mapping[Any, Any]) -> str:
    return repr(sorted((str(name), repr(_cell(value))) for name, value in row.items()))


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.datetime):
        value = pd.Timestamp(value)
    if isinstance(value, str):
        return _names([part.strip() for part in value.split(";")])
    if isinstance(value, (list, set, frozenset)) and all(isinstance(part, str) for part in value):
        return _names([part.strip() for part in value])
    plainly = expect.plain(value)
    if isinstance(plainly, float):
        return float(f"{plainly:.9g}") + 0.0  # so that -0.0 is 0.0
    return plainly


def _names(parts: Sequence[str]) -> Any:
    kept = sorted(part for part in parts if part)
    return kept[0] if len(kept) == 1 else tuple(kept)
