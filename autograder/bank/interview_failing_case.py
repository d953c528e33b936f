# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to interview.failing_case. Read by `load_bank`, never imported."""

# %% right: from the input of the failed job
def failing_case():
    return {"1,250.00": 1250.00, "4,50": 4.50, "1.250,00": 1250.00, "free": None}

# %% right: a single amount that both misread
failing_case = lambda: {"1.250,00": 1250}

# %% right: two amounts, one for each fault
import numpy as np

def failing_case():
    return dict([("89,90", np.float64("89.9")), ("1,080.00", 1080)])

# %% right: missing as NaN, and a minus
def failing_case():
    case = {}
    case["-4,50"] = -4.5
    case["free"] = float("nan")
    case["12,345,678.90"] = 12_345_678.90
    return case

# %% wrong: what does come out
# belief: The expected value of a test is what the code returns
# see: From the failure to a test
# fails: passes_on_a_right_version
# at_most: 0
def failing_case():
    return {"4,50": 450.0, "1,250.00": 1250.0}

# %% wrong: only rows that went well
# belief: A test that is green on the failed code protects against the failure
# see: From the failure to a test
# fails: fails_on_the_version_in_production
# at_most: 0.5
def failing_case():
    return {"19.90": 19.9, "1,250.00": 1250.0}

# %% wrong: only the small comma
# belief: One failing amount is test enough
# see: From the failure to a test
# fails: fails_on_the_quick_repair
# at_most: 0.5
def failing_case():
    return {"4,50": 4.5}

# %% wrong: two small commas
# belief: More examples of the same kind make a better test
# see: From the failure to a test
# fails: fails_on_the_quick_repair
# at_most: 0.5
def failing_case():
    return {"4,50": 4.5, "89,90": 89.9, "19.90": 19.9}

# %% wrong: only the dead letter
# belief: The unreadable row is what has to be tested
# see: From the failure to a test
# fails: fails_on_the_version_in_production, fails_on_the_quick_repair
# at_most: 0.25
def failing_case():
    return {"free": None}

# %% wrong: points only
# belief: A test of the usual case finds the unusual one
# see: From the failure to a test
# fails: fails_on_the_version_in_production, fails_on_the_quick_repair
# at_most: 0.25
def failing_case():
    return {"19.90": 19.9, "35.00": 35.0}

# %% wrong: the thousands in cents
# belief: 1.250,00 is one and a quarter
# see: From the failure to a test
# fails: passes_on_a_right_version
# at_most: 0
def failing_case():
    return {"1.250,00": 1.25, "4,50": 4.5}

# %% wrong: the dead letter is zero
# belief: What cannot be read is zero
# see: From the failure to a test
# fails: passes_on_a_right_version
# at_most: 0
def failing_case():
    return {"1.250,00": 1250.0, "free": 0.0}

# %% wrong: expected values as text
# belief: A text that looks like the number is the number
# see: From the failure to a test
# fails: passes_on_a_right_version
# at_most: 0
def failing_case():
    return {"1.250,00": "1250.00"}

# %% wrong: numbers in, numbers out
# belief: The job receives numbers
# see: From the failure to a test
# fails: passes_on_a_right_version
# at_most: 0
def failing_case():
    return {1250.0: 1250.0}

# %% wrong: texts without expected values
# belief: A test is an input
# see: From the failure to a test
# fails: passes_on_a_right_version
# at_most: 0
def failing_case():
    return ["1.250,00", "4,50"]

# %% wrong: the whole input of the job
# belief: The more rows, the better the test
# see: From the failure to a test
# fails: passes_on_a_right_version
# at_most: 0
def failing_case():
    return {"1,250.00": 1250.0, "19.90": 19.9, "35.00": 35.0, "940.00": 940.0, "4,50": 4.5, "89,90": 89.9}

# %% wrong: an empty test
# belief: A test without cases passes, so it is right
# see: From the failure to a test
# fails: passes_on_a_right_version
# at_most: 0
def failing_case():
    return {}

# %% wrong: cents instead of euros
# belief: An amount without marks is the amount
# see: From the failure to a test
# fails: passes_on_a_right_version
# at_most: 0
def failing_case():
    return {"4,50": 450, "1.250,00": 125000}

# %% wrong: a printed test
# belief: A test shows its result
# see: From the failure to a test
# fails: passes_on_a_right_version
# at_most: 0
def failing_case():
    print({"4,50": 4.5, "1,250.00": 1250.0})
