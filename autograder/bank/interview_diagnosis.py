# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to interview.diagnosis. Read by `load_bank`, never imported."""

# %% right: as it should be
def diagnosis():
    return {
        "stage": "transform", "cause": "b", "first_bad_row": "O1008",
        "run_again": ["2024-01-16", "2024-01-17", "2024-01-18"],
    }

# %% right: dates as dates
import datetime as dt

diagnosis = {
    "stage": "Transform", "cause": "B)", "first_bad_row": "o1008",
    "run_again": tuple(dt.date(2024, 1, day) for day in (16, 17, 18)),
}

# %% wrong: the stage that raised the alarm
# belief: The stage that fails is the stage that is broken
# see: Question 5: a failed job
# fails: names_stage_and_cause
# at_most: 0.5
# from: as it should be
# - "transform"
# + "check"

# %% wrong: the source did it
# belief: When numbers are wrong, the source sent wrong numbers
# see: Question 5: a failed job
# fails: names_stage_and_cause
# at_most: 0.5
# from: as it should be
# - "transform"
# + "extract"

# %% wrong: nothing was loaded
# belief: The job failed, so the load is where to look
# see: Question 5: a failed job
# fails: names_stage_and_cause
# at_most: 0.5
# from: as it should be
# - "transform"
# + "load"

# %% wrong: the dead letter
# belief: The row that could not be read made the run fail
# see: Question 5: a failed job
# fails: names_stage_and_cause
# at_most: 0.5
# from: as it should be
# - "b"
# + "a"

# %% wrong: a good day for sales
# belief: The total was high because much was sold
# see: Question 5: a failed job
# fails: names_stage_and_cause
# at_most: 0.5
# from: as it should be
# - "b"
# + "c"

# %% wrong: the check is too strict
# belief: A check that stops a run needs a wider limit
# see: Question 5: a failed job
# fails: names_stage_and_cause
# at_most: 0.5
# from: as it should be
# - "b"
# + "d"

# %% wrong: the largest wrong row
# belief: The fault began on the day on which it was noticed
# see: Question 5: a failed job
# fails: finds_the_first_bad_row
# at_most: 0.5
# from: as it should be
# - O1008
# + O1011

# %% wrong: the first comma
# belief: Every comma in an amount is read wrongly
# see: Question 5: a failed job
# fails: finds_the_first_bad_row
# at_most: 0.5
# from: as it should be
# - O1008
# + O1001

# %% wrong: the unreadable row
# belief: A dead letter is a row with a wrong number
# see: Question 5: a failed job
# fails: finds_the_first_bad_row
# at_most: 0.5
# from: as it should be
# - O1008
# + O1013

# %% wrong: only the failed day
# belief: A day that was loaded is right
# see: Question 5: a failed job
# fails: names_the_days_to_run_again
# at_most: 0.5
# from: as it should be
# - ["2024-01-16", "2024-01-17", "2024-01-18"]
# + ["2024-01-17"]

# %% wrong: the skipped day is forgotten
# belief: A skipped run makes up for itself
# see: Question 5: a failed job
# fails: names_the_days_to_run_again
# at_most: 0.5
# from: as it should be
# - ["2024-01-16", "2024-01-17", "2024-01-18"]
# + ["2024-01-16", "2024-01-17"]

# %% wrong: newest first
# belief: The order of a backfill does not matter
# see: Question 5: a failed job
# fails: names_the_days_to_run_again
# at_most: 0.5
# from: as it should be
# - ["2024-01-16", "2024-01-17", "2024-01-18"]
# + ["2024-01-18", "2024-01-17", "2024-01-16"]

# %% wrong: everything again
# belief: A backfill starts from the first day there is
# see: Question 5: a failed job
# fails: names_the_days_to_run_again
# at_most: 0.5
# from: as it should be
# - ["2024-01-16",
# + ["2024-01-14", "2024-01-15", "2024-01-16",
