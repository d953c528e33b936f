"""The class's secret seed: 128 bits that decide the data on which submissions are graded."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def class_seed(course: Path) -> int:
    """The seed of this course folder; drawn once and kept in `.autograder/seed`, readable by its owner only."""
    path = course / ".autograder" / "seed"
    try:
        return int(path.read_text(encoding="ascii"), 16)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(16))
        return class_seed(course)
