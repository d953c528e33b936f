# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to idempotency.recap. Read by `load_bank`, never imported."""

# %% right: a function that returns a dict
def recap():
    return {"1": "a", "2": "b", "3": "c"}


# %% right: a dict
recap = {"1": "a", "2": "b", "3": "c"}


# %% right: capitals and brackets, more keys than asked
recap = {"1": "A", "2": "b)", "3": " C.", "4": "a"}


# %% wrong: duplicates-by-newest
# belief: drop_duplicates keeps the newest version of a row by itself
# see: Worked example: the newest price
# fails: question_1
# at_most: 1
recap = {"1": "b", "2": "b", "3": "c"}


# %% wrong: duplicates-removed-altogether
# belief: drop_duplicates removes every copy
# see: Worked example: the newest price
# fails: question_1
# at_most: 1
recap = {"1": "c", "2": "b", "3": "c"}


# %% wrong: whole-rows-compared
# belief: rows that differ in any column are no duplicates, whatever the subset
# see: Worked example: the newest price
# fails: question_1
# at_most: 1
recap = {"1": "d", "2": "b", "3": "c"}


# %% wrong: partition-by-arrival
# belief: a row belongs to the day on which it was loaded
# see: Recap: copies, late rows, equal results
# fails: question_2
# at_most: 1
recap = {"1": "a", "2": "a", "3": "c"}


# %% wrong: both-partitions
# belief: a late row should be found under either day
# see: Recap: copies, late rows, equal results
# fails: question_2
# at_most: 1
recap = {"1": "a", "2": "c", "3": "c"}


# %% wrong: late-rows-are-dropped
# belief: late rows are faulty rows
# see: Recap: copies, late rows, equal results
# fails: question_2
# at_most: 1
recap = {"1": "a", "2": "d", "3": "c"}


# %% wrong: deterministic-so-idempotent
# belief: a function that gives the same output twice makes a load idempotent
# see: Three words that are not one
# fails: question_3
# at_most: 1
recap = {"1": "a", "2": "b", "3": "a"}


# %% wrong: deterministic-so-pure
# belief: equal results prove that there are no side effects
# see: Three words that are not one
# fails: question_3
# at_most: 1
recap = {"1": "a", "2": "b", "3": "b"}


# %% wrong: deterministic-so-everything
# belief: determinism, purity and idempotency are three words for one thing
# see: Three words that are not one
# fails: question_3
# at_most: 1
recap = {"1": "a", "2": "b", "3": "d"}


# %% wrong: words-instead-of-letters
# belief: the answer is the text of the choice
# see: Worked example: the newest price
# fails: question_1
# at_most: 1
recap = {"1": "the first", "2": "b", "3": "c"}


# %% wrong: letters-shifted
# belief: the questions are numbered from 0
# see: Recap: copies, late rows, equal results
# fails: question_1, question_2
# at_most: 0
recap = {"0": "a", "1": "b", "2": "c"}


# %% wrong: a-list
# belief: answers in order need no keys
# see: Recap: copies, late rows, equal results
# fails: question_1, question_2, question_3
# at_most: 0
recap = ["a", "b", "c"]
