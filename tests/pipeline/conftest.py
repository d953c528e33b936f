from __future__ import annotations

import pytest

from data_generators import World, make_world


@pytest.fixture(scope="session")
def world() -> World:
    """The default world. Tests read it and never change it."""
    return make_world(42)
