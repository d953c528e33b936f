# ruff: noqa
# fmt: off
# mypy: ignore-errors
# %% right: a dict from a function
def recap():
    return {"1": "b", "2": "c", "3": "b"}


# %% right: capital letters and brackets
def recap():
    return {"3": "B", "2": "C)", "1": "(b)"}


# %% right: a dict without a function
recap = {"1": "b", "2": "c", "3": "b"}


# %% wrong: adds-up-reasons
# belief: a row that breaks two rules is two quarantined rows
# see: Ten rows
# fails: question_1
# at_most: 1
def recap():
    return {"1": "a", "2": "c", "3": "b"}


# %% wrong: leaves-out-both
# belief: a row that breaks two rules belongs to neither
# see: Ten rows
# fails: question_1
# at_most: 1
def recap():
    return {"1": "c", "2": "c", "3": "b"}


# %% wrong: only-both
# belief: a row must break every rule to be quarantined
# see: Ten rows
# fails: question_1
# at_most: 1
def recap():
    return {"1": "d", "2": "c", "3": "b"}


# %% wrong: nan-is-in-one-of-the-two
# belief: a comparison and its opposite cover every row
# see: Recap: what counts as a row
# fails: question_2
# at_most: 1
def recap():
    return {"1": "b", "2": "a", "3": "b"}


# %% wrong: zero-is-not-at-least-zero
# belief: >= leaves out the bound
# see: Recap: what counts as a row
# fails: question_2
# at_most: 1
def recap():
    return {"1": "b", "2": "b", "3": "b"}


# %% wrong: nan-raises
# belief: pandas refuses to compare NaN
# see: Recap: what counts as a row
# fails: question_2
# at_most: 1
def recap():
    return {"1": "b", "2": "d", "3": "b"}


# %% wrong: keep-false
# belief: every row whose id occurs twice is a duplicate
# see: Three stages
# fails: question_3
# at_most: 1
def recap():
    return {"1": "b", "2": "c", "3": "a"}


# %% wrong: counts-ids
# belief: duplicates are ids that occur more than once
# see: Three stages
# fails: question_3
# at_most: 1
def recap():
    return {"1": "b", "2": "c", "3": "c"}


# %% wrong: every-row-goes
# belief: removing duplicates removes all rows of the batch that are seen twice, and the rest
# see: Three stages
# fails: question_3
# at_most: 1
def recap():
    return {"1": "b", "2": "c", "3": "d"}


# %% wrong: no-choice
# belief: an empty answer costs nothing
# see: Recap: what counts as a row
# fails: question_2
# at_most: 1
def recap():
    return {"1": "b", "2": None, "3": "b"}


# %% wrong: not-a-choice
# belief: the number itself is the answer
# see: Recap: what counts as a row
# fails: question_1, question_2, question_3
# at_most: 0
def recap():
    return {"1": 10, "2": 3, "3": 2}


# %% wrong: not-a-dict
# belief: a list in the order of the questions will do
# see: Recap: what counts as a row
# fails: question_1, question_2, question_3
# at_most: 0
def recap():
    return ["b", "c", "b"]
