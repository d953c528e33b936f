"""Synthetic sources with planted faults, and the truth about them."""

from .faults import DEFAULT_FAULTS, FAULTS, Fault
from .schema import SCHEMAS, Column
from .sources import serve_events, write_products_csv, write_products_jsonl, write_users_sqlite
from .world import World, iter_events, make_world

__all__ = [
    "DEFAULT_FAULTS",
    "FAULTS",
    "SCHEMAS",
    "Column",
    "Fault",
    "World",
    "iter_events",
    "make_world",
    "serve_events",
    "write_products_csv",
    "write_products_jsonl",
    "write_users_sqlite",
]
