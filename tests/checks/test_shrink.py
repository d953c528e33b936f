"""What a failed check shows is small, fails for the same reason, and asks nothing that a right answer does not give."""

from __future__ import annotations

import json
from collections.abc import Callable

import pandas as pd
import pytest

from autograder.bank import Entry, defined, load_bank
from autograder.checking import Check, Status, _try_at, checks_of, judge
from autograder.course import Exercise, load_course
from autograder.seam import LocalAnswer
from autograder.shrink import smaller
from autograder.worlds import Worlds
from data_generators import make_world

SEED = 2**80 + 17
EVERY = 7
"""Each so many-th wrong answer of the bank is tried here."""


def answer_of(exercise: Exercise, entry: Entry) -> LocalAnswer:
    return LocalAnswer(defined(exercise, entry.code), exercise.answer)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("exercise", [e for e in load_course().exercises if e.kind == "function"], ids=lambda e: e.id)
def test_a_right_answer_passes_where_a_wrong_one_is_shown_to_fail(exercise: Exercise) -> None:
    worlds = Worlds(SEED)
    right = answer_of(exercise, next(entry for entry in load_bank(exercise.id) if entry.right))
    for entry in [entry for entry in load_bank(exercise.id) if not entry.right][::EVERY]:
        wrong = answer_of(exercise, entry)
        for check in [check for check in checks_of(exercise) if check.shrinks]:
            outcome, place = _try_at(check, wrong, worlds)
            if outcome.status is not Status.INCORRECT or not place:
                continue
            found = smaller(lambda a, w, c=check: _try_at(c, a, w), wrong, worlds, frozenset())  # type: ignore[misc]
            if found is None:
                continue
            assert found.failure.status is Status.INCORRECT
            assert all(len(frame) < before for frame, before in found.inputs.values())
            again = _try_at(check, right, found.worlds)[0]
            assert again.status is Status.PASSED, (entry.name, check.name, again.rationale, found.inputs)


EXERCISE = load_course().exercise("validation.events")


def names_a_bad_day(answer: Callable[..., pd.DataFrame], worlds: Worlds) -> None:
    """Rows with a negative amount do not come back."""
    from autograder.checking import Incorrect

    world = worlds.make("shrink", users=20, events=100, faults={"events.amount_negative": 2})
    if (answer(world.events)["amount"] < 0).any():
        raise Incorrect("Negative amounts came back.")


CHECK = Check(names_a_bad_day, EXERCISE.id, 1.0, None, ())  # type: ignore[arg-type]


def test_one_bad_row_of_a_hundred_is_found() -> None:
    found = smaller(
        lambda answer, worlds: _try_at(CHECK, answer, worlds), LocalAnswer(lambda e: e), Worlds(3), frozenset()
    )
    assert found is not None
    (frame, before), *others = found.inputs.values()
    assert (len(frame), before, others) == (1, 100, [])
    assert frame["amount"].item() < 0


def test_the_row_at_which_an_answer_raises_is_found() -> None:
    def picky(events: pd.DataFrame) -> pd.DataFrame:
        if (events["amount"] < 0).any():
            raise ValueError("what is this?")
        return events

    found = smaller(lambda answer, worlds: _try_at(CHECK, answer, worlds), LocalAnswer(picky), Worlds(3), frozenset())
    assert found is not None
    (frame, _), *_ = found.inputs.values()
    assert len(frame) == 1
    assert "what is this?" in found.failure.got


def test_another_failure_on_less_is_not_taken_for_this_one() -> None:
    def needs_many(events: pd.DataFrame) -> pd.DataFrame:
        if len(events) < 100:
            raise KeyError("too few rows")
        return events

    assert smaller(lambda a, w: _try_at(CHECK, a, w), LocalAnswer(needs_many), Worlds(3), frozenset()) is None


def test_copies_stay_together_and_truth_holds() -> None:
    from autograder.shrink import _Searched

    world = make_world(5, users=30, events=200, faults={"events.duplicate_exact": 6, "events.amount_negative": 5})
    searched = _Searched(Worlds(1))
    assert searched.kept is None
    wrong = LocalAnswer(lambda events: events)

    def check(answer: Callable[..., pd.DataFrame], worlds: Worlds) -> None:
        """Copies go."""
        from autograder.checking import Incorrect

        one = worlds.make("copies", users=30, events=200, faults={"events.duplicate_exact": 6})
        copies = one.truth["row"].tolist()
        if answer(one.events)["event_id"].duplicated().any():
            assert one.events["event_id"].duplicated(keep=False).loc[copies].all()
            raise Incorrect("Copies came back.")

    found = smaller(
        lambda a, w: _try_at(Check(check, EXERCISE.id, 1.0, None, ()), a, w),  # type: ignore[arg-type]
        wrong,
        Worlds(9),
        frozenset(),
    )
    assert found is not None
    (frame, _), *_ = found.inputs.values()
    assert len(frame) == 2
    assert len(set(frame["event_id"])) == 1
    assert len(world.events) == 206


@pytest.mark.filterwarnings("default")
def test_the_verdict_shows_it_before_the_evidence() -> None:
    entry = next(entry for entry in load_bank(EXERCISE.id) if entry.name == "a missing amount passes as valid")
    verdict = judge(EXERCISE, answer_of(EXERCISE, entry), Worlds(SEED))
    (failed,) = [o for o in verdict.outcomes if o.status is Status.INCORRECT]
    assert failed.evidence[0].title.startswith("A small input that fails too, 1 of 60 rows")
    assert len(failed.evidence[0].rows) == 1
    plain = judge(EXERCISE, answer_of(EXERCISE, entry), Worlds(SEED), shrink=False)
    assert [o.status for o in plain.outcomes] == [o.status for o in verdict.outcomes]
    assert json.dumps([o.points for o in plain.outcomes]) == json.dumps([o.points for o in verdict.outcomes])
