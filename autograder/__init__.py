"""The harness that grades the course: public checks, secret data, verdicts formed outside the learner's process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.notebook import Checker

    check: Checker

__all__ = ["check"]


def __getattr__(name: str) -> Any:
    # Made on first use: `autograder --help` must not wait for pandas.
    if name == "check":
        from autograder.notebook import Checker

        globals()["check"] = checker = Checker()
        return checker
    raise AttributeError(f"module 'autograder' has no attribute {name!r}")
