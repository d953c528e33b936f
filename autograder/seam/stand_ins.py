"""Stand-ins: the few callables that a check may hand to a learner's function, sent by name and settings."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Clock:
    """A clock that moves on by `step` seconds each time it is read, and by nothing else.

    Two readings next to each other are `step` apart however often the clock was read before, so a duration
    taken from it is known in advance.

    Example
    -------
    >>> clock = Clock(start=100.0, step=0.5)
    >>> clock(), clock()
    (100.5, 101.0)
    """

    start: float = 0.0
    step: float = 1.0
    _readings: int = field(default=0, repr=False)

    def __call__(self) -> float:
        self._readings += 1
        return self.start + self._readings * self.step
