# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to third_source.recap. Read by `load_bank`, never imported."""

# %% right: a function that returns a dict
def recap():
    return {"1": "c", "2": "b"}

# %% right: a dict, in capitals
recap = {"1": "C)", "2": "B"}

# %% wrong: spelling-does-not-count
# belief: two ids that a reader takes for one are one for pandas
# see: What a catalogue looks like when it comes
# fails: question_1
# at_most: 0.5
recap = {"1": "a", "2": "b"}

# %% wrong: newest-by-itself
# belief: drop_duplicates keeps the newest version by itself
# see: What a catalogue looks like when it comes
# fails: question_1
# at_most: 0.5
recap = {"1": "b", "2": "b"}

# %% wrong: copies-are-removed
# belief: drop_duplicates removes every copy
# fails: question_1
# at_most: 0.5
recap = {"1": "d", "2": "b"}

# %% wrong: left-is-inner
# belief: a left join keeps only the rows that match
# see: Six events, four products
# fails: question_2
# at_most: 0.5
recap = {"1": "c", "2": "a"}

# %% wrong: one-row-for-each-left-row
# belief: a left join has as many rows as its left table
# see: Six events, four products
# fails: question_2
# at_most: 0.5
recap = {"1": "c", "2": "c"}

# %% wrong: join-is-stacking
# belief: a join puts the rows of two tables below each other
# see: Six events, four products
# fails: question_2
# at_most: 0.5
recap = {"1": "c", "2": "d"}
