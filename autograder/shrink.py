"""Find a smaller input on which a check still fails: what a learner can hold in their head."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from autograder.seam import Answer
from autograder.worlds import Worlds
from data_generators import World

CALLS = 16
"""Calls of the answer that the search may take for one check; a count, so that every machine finds the same rows."""

_ONE_BY_ONE = 6
"""So many things are few enough to leave out each of them by itself."""

# The column that says which rows of a table are one thing, copies and corrections included, and what refers to it.
_IDENTITY = {"events": "event_id", "users": "name", "products": "name"}
_REFERS = {"users": "user_id", "products": "product_id"}

Place = tuple[tuple[str, int | None], ...]
"""Where in a check's code a failure was found; empty for what is no failure."""

Rows = npt.NDArray[np.intp]
Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Smaller:
    """A failure on a smaller input: what the check gave, on which worlds, and the frames that the answer was given.

    `inputs` holds, by title, each frame that got smaller, and how many rows it had before.
    """

    failure: Any
    worlds: Worlds
    inputs: dict[str, tuple[pd.DataFrame, int]]


def smaller(
    run: Callable[[Answer, Worlds], tuple[Any, Place]],
    answer: Answer,
    worlds: Worlds,
    words: frozenset[str],
) -> Smaller | None:
    """The failure of `run` on as few rows as the calls suffice to find; None where the input gets no smaller.

    Parameters
    ----------
    run
        Runs a check on an answer and worlds: what is to be kept of it, and the place at which it failed. Only a failure
        at the same place is the same failure.
    words
        Texts that the failure mentioned: rows with these in their identity are tried first.

    The world that the check asked for last loses rows: events, then users and products to which none of the
    events refers. Copies of a thing, and its corrections, stay or go together, so that what `truth` says of the rows
    that are left holds.
    """
    searched = _Searched(worlds)
    counted = _Counted(answer)
    _, place = run(cast(Answer, counted), searched)
    if not place or searched.last is None or not counted.calls:
        return None
    before, best = counted.frames, cast(tuple[Any, Mapping[str, Rows], Frames] | None, None)
    world, cost, left = searched.last, counted.calls, CALLS - counted.calls

    def fails(kept: Mapping[str, Rows]) -> bool:
        nonlocal left, best
        if left < cost:
            return False
        searched.kept = kept
        again = _Counted(answer)
        failure, there = run(cast(Answer, again), searched)
        left -= max(again.calls, 1)
        # What an answer does with nothing at all is a question of its own.
        if there == place and again.empty <= counted.empty:
            best = failure, kept, again.frames
            return True
        return False

    _search(world, fails, words)
    if best is None:
        return None
    failure, searched.kept, frames = best
    sizes = {name: (frame, len(before[name])) for name, frame in frames.items() if name in before}
    inputs = {name: (frame, rows) for name, (frame, rows) in sizes.items() if len(frame) < rows}
    return Smaller(failure, searched, inputs) if inputs else None


def _search(world: World, fails: Callable[[Mapping[str, Rows]], bool], words: frozenset[str]) -> None:
    kept = {table: np.arange(len(getattr(world, table))) for table in _IDENTITY}
    for table in _IDENTITY:
        ids, needed = _identities(world, table), _needed(world, table, kept)
        for candidate in _candidates(getattr(world, table), table, ids, needed, words):
            if fails({**kept, table: candidate}):
                kept = {**kept, table: candidate}
                break
        # Halves, and then all but one, for as long as one of them fails too.
        while True:
            parts = _parts(kept[table], ids, needed)
            found = next((part for part in parts if fails({**kept, table: part})), None)
            if found is None:
                break
            kept = {**kept, table: found}


def _candidates(
    frame: pd.DataFrame, table: str, ids: pd.Series, needed: pd.Series, words: frozenset[str]
) -> Iterator[Rows]:
    """First guesses: the rows that the failure mentioned, and those without which others would refer to nothing."""
    column = _REFERS.get(table, _IDENTITY[table])
    mentioned = ids.isin(ids[frame[column].astype(str).isin(words) | ids.isin(words)])
    for rows in (mentioned | needed, needed):
        found = np.flatnonzero(rows)
        if 0 < len(found) < len(frame):
            yield found


def _parts(kept: Rows, ids: pd.Series, needed: pd.Series) -> Iterator[Rows]:
    own, must = ids.to_numpy()[kept], needed.to_numpy()[kept]
    free = list(dict.fromkeys(own[~must]))
    if len(free) < (1 if must.any() else 2):
        return
    middle = (len(free) + 1) // 2
    parts = [free[:middle], free[middle:]]
    if 2 < len(free) <= _ONE_BY_ONE:
        parts += [free[:place] + free[place + 1 :] for place in range(len(free))]
    for part in parts:
        chosen = set(part)
        yield kept[[needs or one in chosen for one, needs in zip(own, must, strict=True)]]


def _identities(world: World, table: str) -> pd.Series:
    """What each row of the table is about; a faulty row's identity is in `truth`."""
    ids = getattr(world, table)[_IDENTITY[table]].astype(str)
    truth = world.truth[world.truth["table"] == table]
    ids.iloc[truth["row"].to_numpy()] = truth["key"].astype(str).to_numpy()
    return cast(pd.Series, ids)


def _needed(world: World, table: str, kept: Mapping[str, Rows]) -> pd.Series:
    """The rows to which an event that is kept refers."""
    frame = getattr(world, table)
    if table not in _REFERS:
        return pd.Series(False, index=frame.index)
    column, ids = _REFERS[table], _identities(world, table)
    referred = set(world.events[column].iloc[kept["events"]].map(_key))
    return cast(pd.Series, ids.isin(ids[frame[column].map(_key).isin(referred)]))


def _key(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value == value else str(value).strip().lower()


class _Searched(Worlds):
    """The worlds of a run; the one that was asked for last, and of it only the rows that are kept, if any are named."""

    def __init__(self, worlds: Worlds) -> None:
        super().__init__(worlds._seed)
        self._worlds = worlds
        self._last: Any = None
        self.last: World | None = None
        self.kept: Mapping[str, Rows] | None = None

    def make(self, name: str, **settings: Any) -> World:
        whole = self._worlds.make(name, **settings)
        if self.kept is None:
            self.last = whole
        return _restricted(whole, self.kept) if self.kept is not None and whole is self.last else whole


def _restricted(world: World, kept: Mapping[str, Rows]) -> World:
    truth = []
    for table, rows in kept.items():
        place = pd.Series(np.arange(len(rows)), index=rows)
        own = world.truth[(world.truth["table"] == table) & world.truth["row"].isin(rows)]
        truth.append(own.assign(row=own["row"].map(place).astype(world.truth["row"].dtype)))
    tables = {table: getattr(world, table).iloc[rows].reset_index(drop=True) for table, rows in kept.items()}
    return replace(world, **tables, truth=pd.concat(truth, ignore_index=True))


class _Counted:
    """An answer that counts its calls, and remembers the frames of the last one and which were ever empty."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.calls = 0
        self.frames: Frames = {}
        self.empty: set[str] = set()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._note(args, kwargs)
        return self._answer(*args, **kwargs)

    def moments(self, *args: Any, **kwargs: Any) -> int:
        self._note(args, kwargs)
        return self._answer.moments(*args, **kwargs)

    def interrupted(self, moment: int, *args: Any, **kwargs: Any) -> bool:
        self._note(args, kwargs)
        return self._answer.interrupted(moment, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answer, name)

    def _note(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        self.calls += 1
        named = {_ORDINALS[place]: value for place, value in enumerate(args[: len(_ORDINALS)])} | {
            f"`{name}`": value for name, value in kwargs.items()
        }
        self.frames = {name: frame for name, value in named.items() if (frame := _frame(value)) is not None}
        self.empty |= {name for name, frame in self.frames.items() if frame.empty}


_ORDINALS = ("first argument", "second argument", "third argument", "fourth argument")


def _frame(value: Any) -> pd.DataFrame | None:
    if isinstance(value, pd.DataFrame):
        return value
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return pd.DataFrame(value)
    return None
