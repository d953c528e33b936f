# ruff: noqa
# mypy: ignore-errors
"""Submissions to sources.recap. Read by `load_bank`, never imported."""


# %% right: a dict of letters
def recap():
    return {"1": "b", "2": "b", "3": "b", "4": "c"}


# %% right: capital letters with brackets
recap = {"1": "B)", "2": "B)", "3": "B)", "4": "C)"}


# %% wrong: question 1, text stays text
# belief: pandas keeps the leading zeros of a CSV column
# see: Files
# fails: question_1
# at_most: 0.75
def recap():
    return {"1": "a", "2": "b", "3": "b", "4": "c"}


# %% wrong: question 1, floats
# belief: every column of digits is read as floats
# see: Files
# fails: question_1
# at_most: 0.75
def recap():
    return {"1": "c", "2": "b", "3": "b", "4": "c"}


# %% wrong: question 1, raises
# belief: a column with leading zeros cannot be read
# see: Files
# fails: question_1
# at_most: 0.75
def recap():
    return {"1": "d", "2": "b", "3": "b", "4": "c"}


# %% wrong: question 2, zero
# belief: an empty cell is read as 0
# see: Ten rows through four formats
# fails: question_2
# at_most: 0.75
def recap():
    return {"1": "b", "2": "a", "3": "b", "4": "c"}


# %% wrong: question 2, nullable by itself
# belief: pandas chooses Int64 by itself where a cell is empty
# see: Ten rows through four formats
# fails: question_2
# at_most: 0.75
def recap():
    return {"1": "b", "2": "c", "3": "b", "4": "c"}


# %% wrong: question 2, text
# belief: an empty cell turns the column into text
# see: Ten rows through four formats
# fails: question_2
# at_most: 0.75
def recap():
    return {"1": "b", "2": "d", "3": "b", "4": "c"}


# %% wrong: question 3, ask again
# belief: the same query gives the same rows in June
# see: Why machine learning needs it
# fails: question_3
# at_most: 0.75
def recap():
    return {"1": "b", "2": "b", "3": "a", "4": "c"}


# %% wrong: question 3, the model is enough
# belief: whoever has the model has the data
# see: Why machine learning needs it
# fails: question_3
# at_most: 0.75
def recap():
    return {"1": "b", "2": "b", "3": "c", "4": "c"}


# %% wrong: question 3, a seed
# belief: a random seed makes a training reproducible
# see: Why machine learning needs it
# fails: question_3
# at_most: 0.75
def recap():
    return {"1": "b", "2": "b", "3": "d", "4": "c"}


# %% wrong: question 4, always 80
# belief: two samples never share a row
# see: Find the fault
# fails: question_4
# at_most: 0.75
def recap():
    return {"1": "b", "2": "b", "3": "b", "4": "a"}


# %% wrong: question 4, more than 80
# belief: samples that overlap count twice
# see: Find the fault
# fails: question_4
# at_most: 0.75
def recap():
    return {"1": "b", "2": "b", "3": "b", "4": "b"}


# %% wrong: question 4, surely fewer
# belief: two samples always share a row
# see: Find the fault
# fails: question_4
# at_most: 0.75
def recap():
    return {"1": "b", "2": "b", "3": "b", "4": "d"}
