"""Judge code of the bank in a fork of this process, within a time limit. For our own code only: nothing confines it."""

from __future__ import annotations

import functools
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from autograder.bank import defined, load_bank
from autograder.checking import Verdict, checks_of, judge
from autograder.course import Exercise
from autograder.sandbox.channel import ChannelClosed, ChannelTimeout, Message
from autograder.sandbox.confine import die_with_parent
from autograder.sandbox.copies import Copy, hush
from autograder.seam import LocalAnswer
from autograder.worlds import Worlds

FIRST_SECONDS = 60.0
"""For all checks of one answer on one seed; a mutant has a multiple of what the original took."""

_THREADS = ("duckdb", "polars", "sklearn")  # a process that has used one of these cannot be forked whole


def verdict_here(exercise: Exercise, code: str, seed: int) -> list[dict[str, Any]] | None:
    """Each check's name, status, points and rationale; None where the code never ends or ends the process."""
    _prepare(exercise, seed)

    def compute() -> list[dict[str, Any]]:
        verdict = _judged(exercise, code, seed)
        return [
            {"check": o.check, "status": o.status, "points": o.points, "why": f"{o.rationale} {o.got}".strip()}
            for o in verdict.outcomes
        ]

    found: list[dict[str, Any]] | None = in_a_fork(compute, FIRST_SECONDS)
    return found


def killed_by(exercise: Exercise, code: str, seeds: Sequence[int]) -> str:
    """The first check that the code does not pass on one of the seeds; empty where it passes all on all of them."""
    seconds = 5.0 + 10 * sum(_prepare(exercise, seed) for seed in seeds)

    def compute() -> str:
        try:
            answer = LocalAnswer(defined(exercise, code), exercise.answer)
        except BaseException as e:  # noqa: BLE001  a mutant may do anything
            return type(e).__name__
        for seed in seeds:
            for check in checks_of(exercise):
                try:
                    check.function(answer, _worlds(seed))
                except BaseException:  # noqa: BLE001
                    return check.name
        return ""

    found: str | None = in_a_fork(compute, seconds)
    return "(out of time)" if found is None else found


@functools.lru_cache(maxsize=4)
def _worlds(seed: int) -> Worlds:
    return Worlds(seed)


@functools.lru_cache(maxsize=256)
def _prepare(exercise: Exercise, seed: int) -> float:
    """Make the seed's worlds here, where every fork finds them; gives the seconds that a right answer takes."""
    plain = [e.code for e in load_bank(exercise.id) if e.right and not any(name in e.code for name in _THREADS)]
    start = time.perf_counter()
    if plain:
        _judged(exercise, plain[0], seed)
        start = time.perf_counter()
        _judged(exercise, plain[0], seed)
    return time.perf_counter() - start


def _judged(exercise: Exercise, code: str, seed: int) -> Verdict:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return judge(exercise, LocalAnswer(defined(exercise, code), exercise.answer), _worlds(seed), shrink=False)


def in_a_fork(compute: Callable[[], Any], seconds: float) -> Any:
    """What the function gives, as JSON gives it back; None where it takes longer or ends the process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Arrow's threads, which it makes anew after a fork
        copy = Copy(lambda request, stop: Message({"value": compute()}), prepare=_alone)
    try:
        return copy.ask(Message({}), seconds).header["value"]
    except (ChannelClosed, ChannelTimeout):
        return None
    finally:
        copy.end()


def _alone() -> None:
    die_with_parent()
    hush()
