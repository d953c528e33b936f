# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to interview.choose. Read by `load_bank`, never imported."""

# %% right: a function that returns a dict
def choose():
    return {"1": "a", "2": "b", "3": "c"}

# %% right: capitals and brackets
choose = {"1": "A)", "2": " b", "3": "C."}

# %% wrong: names deleted after the load
# belief: Personal data may be loaded first, as long as it is deleted later
# see: Question 2: ETL or ELT
# fails: question_1
# at_most: 0.5
choose = {"1": "b", "2": "b", "3": "c"}

# %% wrong: hybrid for everything
# belief: A hybrid is never wrong, so it is the answer to every case
# see: Question 2: ETL or ELT
# fails: question_1, question_2
# at_most: 0.25
choose = {"1": "c", "2": "c", "3": "c"}

# %% wrong: ETL before anyone knows the questions
# belief: Data should always be clean before it is stored
# see: Question 2: ETL or ELT
# fails: question_2
# at_most: 0.5
choose = {"1": "a", "2": "a", "3": "c"}

# %% wrong: only features are stored
# belief: Whoever stores the features needs no raw rows
# see: Question 2: ETL or ELT
# fails: question_3
# at_most: 0.5
choose = {"1": "a", "2": "b", "3": "a"}

# %% wrong: everything raw, emails included
# belief: Storage is cheap, so everything is loaded as it came
# see: Question 2: ETL or ELT
# fails: question_3
# at_most: 0.5
choose = {"1": "a", "2": "b", "3": "b"}
