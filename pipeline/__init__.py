"""The six steps of a pipeline as plain functions over pandas frames.

1 simulate   data_generators.make_world
2 extract    read, check and sort received rows into valid, quarantined and duplicates   extract.py
3 load raw   keep what was received, and what passed, in a lake of Parquet partitions      lake.py
4 transform  one row of features per user, from what was known before `as_of`              features.py
5 load       the feature table of one day, replaced as a whole                             lake.py
6 checks     read everything back and reconcile it with the source                         checks.py

`run` (steps.py) is all of them in a row.
"""

from __future__ import annotations

from .checks import CheckResult, post_load_checks
from .extract import Extract, extract_events, extract_products, extract_users
from .features import FEATURES, clean_users, event_features, transform
from .lake import load_features, load_quarantine, load_raw, load_validated, read_table
from .steps import Run, run

__all__ = [
    "FEATURES",
    "CheckResult",
    "Extract",
    "Run",
    "clean_users",
    "event_features",
    "extract_events",
    "extract_products",
    "extract_users",
    "load_features",
    "load_quarantine",
    "load_raw",
    "load_validated",
    "post_load_checks",
    "read_table",
    "run",
    "transform",
]
