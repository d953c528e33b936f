# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to transform.recap. Read by `load_bank`, never imported."""

# %% right: a function that returns a dict
def recap():
    return {"1": "b", "2": "c"}

# %% wrong: left-join-keeps-both-sides
# belief: a left join keeps the rows of both tables and fills up with nulls
# fails: question_1
# at_most: 0.5
recap = {"1": "a", "2": "c"}

# %% wrong: merge-would-complain
# belief: merge raises when a key has no partner
# fails: question_1
# at_most: 0.5
recap = {"1": "c", "2": "c"}

# %% wrong: row-of-nulls
# belief: a user who is in one table only gets a row of nulls
# fails: question_1
# at_most: 0.5
recap = {"1": "d", "2": "c"}

# %% wrong: repair-the-features
# belief: a wrong feature table can be put right by calculating on it
# fails: question_2
# at_most: 0.5
recap = {"1": "b", "2": "a"}

# %% wrong: ask-the-source-again
# belief: a source will always give again what it gave before
# fails: question_2
# at_most: 0.5
recap = {"1": "b", "2": "b"}

# %% wrong: backups-of-the-cleaned
# belief: a backup of the cleaned tables is as good as raw ones
# fails: question_2
# at_most: 0.5
recap = {"1": "b", "2": "d"}
