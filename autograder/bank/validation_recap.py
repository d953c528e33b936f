# ruff: noqa
# mypy: ignore-errors
"""Submissions to validation.recap. Read by `load_bank`, never imported."""


# %% right: a dict of letters
def recap():
    return {"1": "b", "2": "c", "3": "a", "4": "d"}


# %% right: capital letters with brackets
recap = {"1": "B)", "2": "C)", "3": "A)", "4": "D)"}


# %% right: built up in a loop
def recap():
    answers = {}
    for number, letter in enumerate("bcad", start=1):
        answers[str(number)] = f" {letter}."
    return answers


# %% wrong: question 1, bounds left out
# belief: between() leaves out its bounds
# see: Break it
# fails: question_1
# at_most: 1.5
def recap():
    return {"1": "a", "2": "c", "3": "a", "4": "d"}


# %% wrong: question 1, opposites
# belief: a comparison and its opposite cover every row
# see: Break it
# fails: question_1
# at_most: 1.5
def recap():
    return {"1": "c", "2": "c", "3": "a", "4": "d"}


# %% wrong: question 1, above the bound
# belief: 121 is in neither group
# see: Break it
# fails: question_1
# at_most: 1.5
def recap():
    return {"1": "d", "2": "c", "3": "a", "4": "d"}


# %% wrong: question 2, coerce raises
# belief: text makes to_numeric raise
# see: Ten users
# fails: question_2
# at_most: 1.5
def recap():
    return {"1": "b", "2": "a", "3": "a", "4": "d"}


# %% wrong: question 2, text is below 0
# belief: text sorts before numbers
# see: Ten users
# fails: question_2
# at_most: 1.5
def recap():
    return {"1": "b", "2": "b", "3": "a", "4": "d"}


# %% wrong: question 2, coerce drops
# belief: rows that cannot be read are dropped
# see: Ten users
# fails: question_2
# at_most: 1.5
def recap():
    return {"1": "b", "2": "d", "3": "a", "4": "d"}


# %% wrong: question 3, dropna knows
# belief: dropna looks at the needed columns
# see: Ten users
# fails: question_3
# at_most: 1.5
def recap():
    return {"1": "b", "2": "c", "3": "b", "4": "d"}


# %% wrong: question 3, all missing
# belief: dropna asks for a whole row of missing values
# see: Ten users
# fails: question_3
# at_most: 1.5
def recap():
    return {"1": "b", "2": "c", "3": "c", "4": "d"}


# %% wrong: question 3, columns
# belief: dropna removes columns
# see: Ten users
# fails: question_3
# at_most: 1.5
def recap():
    return {"1": "b", "2": "c", "3": "d", "4": "d"}


# %% wrong: question 4, none left
# belief: drop_duplicates removes every copy
# see: Copies
# fails: question_4
# at_most: 1.5
def recap():
    return {"1": "b", "2": "c", "3": "a", "4": "a"}


# %% wrong: question 4, one left
# belief: a copy is recognised by its id
# see: Copies
# fails: question_4
# at_most: 1.5
def recap():
    return {"1": "b", "2": "c", "3": "a", "4": "b"}


# %% wrong: question 4, merged
# belief: copies are merged into one row
# see: Copies
# fails: question_4
# at_most: 1.5
def recap():
    return {"1": "b", "2": "c", "3": "a", "4": "c"}
