"""Scores for other systems: CSV and JSON, one row per learner and exercise."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable, Sequence
from typing import Any

from autograder.grading.gradebook import Score

COLUMNS = ("student", "lesson", "exercise", "points", "max_points", "needs_manual_grade")


def as_csv(scores: Iterable[Score]) -> str:
    """The scores as CSV with a header; a name with commas, quotes or line breaks comes back from a reader unchanged."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(as_rows(scores))
    return text.getvalue()


def as_rows(scores: Iterable[Score]) -> list[dict[str, Any]]:
    """The scores as plain dicts with the columns of `COLUMNS`."""
    return [dataclasses.asdict(score) for score in scores]


def as_gradebook(scores: Sequence[Score]) -> str:
    """The class for a terminal: a line per learner, a column per exercise, the total at the end."""
    exercises = list(dict.fromkeys((s.lesson, s.exercise) for s in scores))
    students = sorted({s.student for s in scores})
    by_key = {(s.student, s.lesson, s.exercise): s for s in scores}
    head = ["", *(exercise.removesuffix("-check") for _, exercise in exercises), "total"]
    rows = [head]
    for student in students:
        own = [by_key.get((student, *exercise)) for exercise in exercises]
        cells = ["" if s is None else f"{s.points:g}{'*' if s.needs_manual_grade else ''}" for s in own]
        rows.append([student, *cells, f"{sum(s.points for s in own if s):g}"])
    most = {(s.lesson, s.exercise): s.max_points for s in scores}
    rows.append(["(most)", *(f"{most[e]:g}" for e in exercises), f"{sum(most.values()):g}"])
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = [
        "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]
    if any(s.needs_manual_grade for s in scores):
        lines.append("* waits for a person: quarantined, or a check that failed by itself")
    return "\n".join(line.rstrip() for line in lines)
