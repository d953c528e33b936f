"""Checks of lesson 00: one small exercise, for practice."""

from __future__ import annotations

from autograder import expect
from autograder.checking import Incorrect, check
from autograder.seam import Answer
from autograder.worlds import Worlds

HINTS = [
    "Which rows should not be counted?",
    "`Series.notna()` is True where there is a value; the sum of True and False is the number of True.",
    'users["email"].notna(). ...',
]


@check("start.reachable", points=0, shrinks=False, hints=HINTS)
def counts_the_addresses(answer: Answer, worlds: Worlds) -> None:
    """Every user with an address is counted, and no other."""
    for missing in (7, 11):
        users = worlds.make(f"reachable {missing}", users=40, events=5, faults={"users.missing_email": missing}).users
        wanted, got = len(users) - missing, expect.number(answer(users), "the number of users")
        if got != wanted:
            gone = users[users["email"].isna()]
            raise Incorrect(
                f"{len(users)} users, of whom {missing} have no address: the others can be reached.",
                expected=f"{wanted}",
                got=f"{got:g}",
                evidence={"Users without an address": gone[["user_id", "name", "email"]]},
            )


@check("start.reachable", points=0, hints=HINTS)
def takes_an_empty_table(answer: Answer, worlds: Worlds) -> None:
    """A table without rows gives 0."""
    users = worlds.make("reachable none", users=5, events=5).users.head(0)
    if (got := expect.number(answer(users), "the number of users")) != 0:
        raise Incorrect("There is nobody in the table.", expected="0", got=f"{got:g}")
