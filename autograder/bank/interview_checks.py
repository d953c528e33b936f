# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to interview.checks. Read by `load_bank`, never imported."""

# %% right: a list of four
def chosen_checks():
    return ["unique_key", "row_count", "freshness", "distribution"]

# %% right: a tuple in another order
chosen_checks = ("distribution", "row_count", "unique_key", "freshness")

# %% right: a set
chosen_checks = {"freshness", "unique_key", "distribution", "row_count"}

# %% wrong: every check there is
# belief: The more checks, the better the quality
# see: Question 3: data quality
# fails: no_more_than_needed
# at_most: 0.25
def chosen_checks():
    return ["schema", "not_null", "range", "unique_key", "row_count", "control_total", "freshness", "distribution", "same_as_yesterday", "read_back"]

# %% wrong: one check too many
# belief: A control total catches something that the other four do not
# see: Question 3: data quality
# fails: no_more_than_needed
# at_most: 0.25
def chosen_checks():
    return ["unique_key", "row_count", "freshness", "distribution", "control_total"]

# %% wrong: the alarm that always rings
# belief: Two days with different numbers of rows are a reason for an alarm
# see: Question 3: data quality
# fails: no_more_than_needed
# at_most: 0.25
def chosen_checks():
    return ["freshness", "same_as_yesterday", "unique_key", "row_count", "distribution"]

# %% wrong: rules on single rows
# belief: A table is right when each of its rows is
# see: Question 3: data quality
# fails: catches_every_incident
# at_most: 0
def chosen_checks():
    return ["schema", "not_null", "range"]

# %% wrong: the sum instead of the number of rows
# belief: When the money agrees with the source, no row is lost
# see: Question 3: data quality
# fails: catches_every_incident
# at_most: 0
def chosen_checks():
    return ["unique_key", "control_total", "freshness", "distribution"]

# %% wrong: equal counts, so no duplicates
# belief: Equal numbers of rows leave no room for duplicates
# see: Question 3: data quality
# fails: catches_every_incident
# at_most: 0
def chosen_checks():
    return ["row_count", "control_total", "freshness", "distribution"]

# %% wrong: reconciled with the source only
# belief: What agrees with the source is right
# see: Question 3: data quality
# fails: catches_every_incident
# at_most: 0
def chosen_checks():
    return ["row_count", "unique_key", "control_total", "freshness"]

# %% wrong: no freshness
# belief: A load that passes every rule is from today
# see: Question 3: data quality
# fails: catches_every_incident
# at_most: 0
def chosen_checks():
    return ["row_count", "unique_key", "distribution"]

# %% wrong: reads back what it wrote
# belief: To read the table back after the load shows that it is right
# see: Question 3: data quality
# fails: catches_every_incident
# at_most: 0
def chosen_checks():
    return ["read_back"]

# %% wrong: a check of another name
# belief: Any name will do
# fails: catches_every_incident
# at_most: 0
def chosen_checks():
    return ["unique", "row_count", "freshness", "distribution"]
