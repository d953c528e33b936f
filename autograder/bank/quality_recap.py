# ruff: noqa
# fmt: off
# mypy: ignore-errors
# %% right: a dict from a function
def recap():
    return {"1": "c", "2": "b"}


# %% right: capital letters and brackets, without a function
recap = {"2": "B)", "1": "C"}


# %% wrong: shares-are-low
# belief: low shares of quarantined rows and duplicates mean a sound run
# fails: question_1
# at_most: 0.5
def recap():
    return {"1": "a", "2": "b"}


# %% wrong: two-rules-make-it-smaller
# belief: rows that break two rules explain rows that are missing from the sum
# fails: question_1
# at_most: 0.5
def recap():
    return {"1": "b", "2": "b"}


# %% wrong: duplicates-of-duplicates
# belief: what is missing from the sum was a duplicate
# fails: question_1
# at_most: 0.5
def recap():
    return {"1": "d", "2": "b"}


# %% wrong: nothing-is-zero
# belief: 0 / 0 is 0
# fails: question_2
# at_most: 0.5
def recap():
    return {"1": "c", "2": "a"}


# %% wrong: drops-the-user
# belief: a user without events does not belong in the table
# fails: question_2
# at_most: 0.5
def recap():
    return {"1": "c", "2": "c"}


# %% wrong: fills-in-the-mean
# belief: an unknown rate is best filled in with the mean
# fails: question_2
# at_most: 0.5
def recap():
    return {"1": "c", "2": "d"}
