# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to etl_elt.decide. Read by `load_bank`, never imported."""

# %% right: a function that returns a dict
def decide():
    return {"1": "a", "2": "b", "3": "c", "4": "d"}

# %% right: a dict
decide = {"1": "a", "2": "b", "3": "c", "4": "d"}

# %% right: capitals and brackets, more keys than asked
decide = {"1": "A", "2": "b)", "3": " C.", "4": "(d)", "5": "a"}

# %% wrong: elt-is-modern
# belief: ELT is the modern way, so it fits everywhere
# see: Exercise: which design?
# fails: question_1, question_3, question_4
# at_most: 0.5
decide = {"1": "b", "2": "b", "3": "b", "4": "b"}

# %% wrong: hybrid-always-wins
# belief: the hybrid has the good sides of both, so it is never wrong
# see: The hybrid, and when
# fails: question_1, question_2, question_4
# at_most: 0.5
decide = {"1": "c", "2": "c", "3": "c", "4": "c"}

# %% wrong: etl-is-proven
# belief: clean data first is always right
# see: Who can still answer?
# fails: question_2, question_3, question_4
# at_most: 0.5
decide = {"1": "a", "2": "a", "3": "a", "4": "a"}

# %% wrong: keep-everything-that-may-not-be-kept
# belief: raw rows can be kept anywhere as long as the report is right
# see: A person asks to be deleted
# fails: question_1
# at_most: 1.5
decide = {"1": "b", "2": "b", "3": "c", "4": "d"}

# %% wrong: patients-in-a-validated-layer
# belief: validated rows are no longer personal data
# see: A person asks to be deleted
# fails: question_1
# at_most: 1.5
decide = {"1": "c", "2": "b", "3": "c", "4": "d"}

# %% wrong: a-report-is-no-pipeline
# belief: what runs once a month needs no design
# fails: question_1
# at_most: 1.5
decide = {"1": "d", "2": "b", "3": "c", "4": "d"}

# %% wrong: questions-before-data
# belief: one can always say in advance what will be asked
# see: Who can still answer?
# fails: question_2
# at_most: 1.5
decide = {"1": "a", "2": "a", "3": "c", "4": "d"}

# %% wrong: telemetry-is-a-stream
# belief: machine data is streaming data, whatever it is for
# see: Streaming: more than low latency
# fails: question_2
# at_most: 1.5
decide = {"1": "a", "2": "d", "3": "c", "4": "d"}

# %% wrong: result-is-enough-for-training
# belief: the newest feature table is all that training needs
# see: Who can still answer?
# fails: question_3
# at_most: 1.5
decide = {"1": "a", "2": "b", "3": "a", "4": "d"}

# %% wrong: names-in-the-lake
# belief: personal data in raw does no harm, because features leave it out
# see: A person asks to be deleted
# fails: question_3
# at_most: 1.5
decide = {"1": "a", "2": "b", "3": "b", "4": "d"}

# %% wrong: warehouse-in-200-ms
# belief: a fast warehouse makes a batch design immediate
# see: Streaming: more than low latency
# fails: question_4
# at_most: 1.5
decide = {"1": "a", "2": "b", "3": "c", "4": "b"}

# %% wrong: features-computed-ahead
# belief: features of last night know the last five minutes
# see: Streaming: more than low latency
# fails: question_4
# at_most: 1.5
decide = {"1": "a", "2": "b", "3": "c", "4": "c"}

# %% wrong: a-list
# belief: answers in order need no keys
# fails: question_1, question_2, question_3, question_4
# at_most: 0
decide = ["a", "b", "c", "d"]
