"""The worlds that checks try an answer on: drawn from one seed, made once, the same for every submission of a run."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from data_generators import World, make_world

PUBLIC_SEED = 20240101
"""The seed in a learner's notebook. Grading uses a secret one; nothing else differs."""


class Worlds:
    """Small worlds by name, made on first use and kept.

    Example
    -------
    >>> worlds = Worlds(PUBLIC_SEED)
    >>> worlds.make("ages", users=60, faults={"users.age_negative": 3}).truth.fault.unique()
    ['users.age_negative']
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made: dict[Any, World] = {}

    def make(
        self,
        name: str,
        *,
        users: int = 60,
        events: int = 240,
        products: int = 20,
        faults: Mapping[str, float] | None = None,
        **settings: Any,
    ) -> World:
        """The world of this name, with no faults but those given. Do not change its tables: others will see them."""
        key = (
            name,
            users,
            events,
            products,
            tuple(sorted((faults or {}).items())),
            tuple(sorted(settings.items())),
        )
        if key not in self._made:
            self._made[key] = make_world(
                self._draw(name),
                users=users,
                events=events,
                products=products,
                faults=dict(faults or {}),
                **settings,
            )
        return self._made[key]

    def rng(self, name: str) -> np.random.Generator:
        """A generator for a check's own draws, the same each time it is asked for by this name."""
        return np.random.default_rng(self._draw(name))

    def _draw(self, name: str) -> int:
        sequence = np.random.SeedSequence([self._seed, zlib.crc32(name.encode())])
        return int(sequence.generate_state(1, np.uint64)[0])
