"""The checks of lesson 02: every right answer earns every point, every mistake fails the check that names it."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.bank import Entry, load_bank
from autograder.checking import Status, Verdict, checks_of, judge
from autograder.course import load_course
from autograder.seam import LocalAnswer
from autograder.worlds import PUBLIC_SEED, Worlds

FUNCTIONS = ("validation.events", "validation.products", "validation.deduplicate")
EXERCISES = ("validation.recap", *FUNCTIONS)
ENTRIES = [pytest.param(name, entry, id=f"{name}: {entry.name}") for name in EXERCISES for entry in load_bank(name)]
SEEDS = (PUBLIC_SEED, 0, 7)


@pytest.fixture(scope="module")
def worlds() -> dict[int, Worlds]:
    return {seed: Worlds(seed) for seed in SEEDS}


def submitted(exercise_id: str, code: str) -> Any:
    """What a notebook would hand to `check` after a cell with this code."""
    cell: dict[str, Any] = {}
    exec(compile(code, "<cell>", "exec"), cell)
    answer = cell[load_course().exercise(exercise_id).answer]
    return answer if callable(answer) else lambda: answer


def verdict(exercise_id: str, answer: Any, worlds: Worlds) -> Verdict:
    return judge(load_course().exercise(exercise_id), LocalAnswer(answer), worlds)


@pytest.mark.filterwarnings("ignore")  # submissions warn as they like
@pytest.mark.parametrize(("exercise_id", "entry"), ENTRIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_bank_is_judged_as_it_says(exercise_id: str, entry: Entry, seed: int, worlds: dict[int, Worlds]) -> None:
    found = verdict(exercise_id, submitted(exercise_id, entry.code), worlds[seed])
    failing = {o.check: o.rationale for o in found.outcomes if o.status is not Status.PASSED}
    assert not found.broken, failing
    if entry.right:
        assert failing == {}
        assert found.points == found.max_points
    else:
        assert set(entry.fails) <= {o.check for o in found.outcomes if o.status is Status.INCORRECT}, failing
        assert found.points <= entry.at_most
