# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to load_features.recap. Read by `load_bank`, never imported."""

# %% right: a function that returns a dict
def recap():
    return {"1": "b", "2": "c"}

# %% right: a dict
recap = {"1": "b", "2": "c"}

# %% right: capitals and brackets, more keys than asked
recap = {"1": "B)", "2": " C.", "3": "a"}

# %% wrong: everything-in-the-lake
# belief: a feature table may use every event that the lake holds
# see: Known when?
# fails: question_1
# at_most: 0.5
recap = {"1": "a", "2": "c"}

# %% wrong: by-sign-up
# belief: the sign-up date of a user decides which events count
# see: Known when?
# fails: question_1
# at_most: 0.5
recap = {"1": "c", "2": "c"}

# %% wrong: the-day-included
# belief: as_of includes the day that it names
# see: Known when?
# fails: question_1
# at_most: 0.5
recap = {"1": "d", "2": "c"}

# %% wrong: overwrite-appends
# belief: to overwrite a partition adds the batch to it
# see: Four ways to load
# fails: question_2
# at_most: 0.5
recap = {"1": "b", "2": "a"}

# %% wrong: overwrite-upserts
# belief: to overwrite a partition updates the rows that are in the batch and keeps the others
# see: Four ways to load
# fails: question_2
# at_most: 0.5
recap = {"1": "b", "2": "b"}

# %% wrong: overwrite-refuses
# belief: a smaller batch does not overwrite a larger partition
# see: Four ways to load
# fails: question_2
# at_most: 0.5
recap = {"1": "b", "2": "d"}

# %% wrong: letters-as-list
# belief: answers in order need no keys
# fails: question_1, question_2
# at_most: 0
recap = ["b", "c"]
