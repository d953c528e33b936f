"""Synthetic sources with planted faults, and the truth about them."""

from .faults import DEFAULT_FAULTS, FAULTS, Fault
from .schema import SCHEMAS, Column
from .world import World, iter_events, make_world

__all__ = ["DEFAULT_FAULTS", "FAULTS", "SCHEMAS", "Column", "Fault", "World", "iter_events", "make_world"]
