"""Grading as a pipeline: collect, repair or quarantine, run and judge, load into the gradebook, reconcile."""
