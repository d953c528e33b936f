# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to load_raw.recap. Read by `load_bank`, never imported."""

# %% right: a function that returns a dict
def recap():
    return {"1": "b", "2": "c"}

# %% right: a dict, capitals and brackets
recap = {"1": "B)", "2": " C."}

# %% wrong: in-neither-group
# belief: a missing value is in neither a mask nor its opposite
# fails: question_1
# at_most: 0.5
recap = {"1": "a", "2": "c"}

# %% wrong: in-both-groups
# belief: a missing value is in a mask and in its opposite
# fails: question_1
# at_most: 0.5
recap = {"1": "c", "2": "c"}

# %% wrong: raises
# belief: a comparison with a missing value raises
# fails: question_1
# at_most: 0.5
recap = {"1": "d", "2": "c"}

# %% wrong: one-row-for-each-reason
# belief: a row that breaks two rules is quarantined twice
# fails: question_2
# at_most: 0.5
recap = {"1": "b", "2": "a"}

# %% wrong: repaired-row
# belief: the quarantine holds what the row should have been
# fails: question_2
# at_most: 0.5
recap = {"1": "b", "2": "b"}

# %% wrong: key-and-first-reason
# belief: the key and one reason are enough to find the fault
# fails: question_2
# at_most: 0.5
recap = {"1": "b", "2": "d"}

# %% wrong: a-list
# belief: answers in order need no keys
# fails: question_1, question_2
# at_most: 0
recap = ["b", "c"]
