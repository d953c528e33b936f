"""The zip of `autograder submit`: notebooks, and a `receipt.json` that says what they were when it was made.

The receipt was written on the learner's machine: its hashes show a file that was damaged or changed on the way, its
name and time are what the learner says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from autograder.grading.collect import in_utc
from autograder.lms.archive import Entry, Unplaced
from autograder.lms.origin import plain

NAME = "receipt.json"


@dataclass(frozen=True)
class Receipt:
    """Who handed in and when, both as the learner's machine said, and each notebook's SHA-256 by its path."""

    student: str
    time: str
    hashes: dict[PurePosixPath, str]

    def check(self, path: PurePosixPath, data: bytes) -> None:
        """Raises `Unplaced` where the notebook is not the one for which the receipt was made."""
        if path not in self.hashes:
            raise Unplaced(f"Its receipt does not list it. Ask for the zip as `autograder submit` made it ({NAME}).")
        if hashlib.sha256(data).hexdigest() != self.hashes[path]:
            raise Unplaced(
                "It is not as its receipt says: changed or damaged since `autograder submit`. Ask the learner."
            )


def find_receipt(members: Sequence[Entry]) -> Entry | None:
    """The receipt of a zip, where it has one."""
    return next((entry for entry in members if entry.path == PurePosixPath(NAME)), None)


def read_receipt(entry: Entry) -> Receipt:
    """The receipt. Raises `Unplaced` where it is none that `autograder submit` writes."""
    try:
        data: Any = json.loads(entry.load().decode("utf-8"))
        student, listed = data["student"], data["notebooks"]
        hashes = {PurePosixPath(name): str(one["sha256"]).lower() for name, one in listed.items()}
        return Receipt(plain(str(student or "")), in_utc(str(data["time"])), hashes)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as e:
        raise Unplaced(f"Its {NAME} is none that `autograder submit` writes.") from e
