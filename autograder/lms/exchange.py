"""nbgrader's exchange: `<course>/inbound/<student>+<assignment>+<time>+<random>/`, each with a `timestamp.txt`."""

from __future__ import annotations

from pathlib import PurePosixPath

from autograder.grading.collect import in_utc
from autograder.lms.archive import Unplaced
from autograder.lms.origin import Origin, plain


def origin(path: PurePosixPath) -> Origin:
    """Who handed this file in, when, and for which lesson, as the folder's name says.

    Raises `Unplaced` where no folder above the file is one that `nbgrader submit` makes.
    """
    for part in path.parts[:-1]:
        words = part.split("+")
        if len(words) in (3, 4) and words[0]:
            try:
                time = in_utc(words[2])
            except ValueError:
                continue
            # The order keeps what the time, to the second, no longer tells.
            order = int("".join(c for c in words[2] if c.isdigit()) or 0)
            return Origin(plain(words[0]), path.name, time, order, words[1])
    raise Unplaced("It lies in no folder that `nbgrader submit` makes: <student>+<assignment>+<time>.")
