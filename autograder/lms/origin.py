"""Who handed a file in, as the name tells that a system gave it; and lists of a class from the same system."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError


@dataclass(frozen=True)
class Origin:
    """What a system knows of a file: the learner, when it came (UTC, empty where it does not say), and in what order.

    `name` is what the file was called before the system renamed it; `lesson` is a folder of the course, where known.
    """

    student: str
    name: str
    time: str = ""
    order: int = 0
    lesson: str = ""


@dataclass(frozen=True)
class Roster:
    """A class list as CSV: the header and the rows, as they stand in the file."""

    columns: list[str]
    rows: list[list[str]]

    def cell(self, row: Sequence[str], column: str) -> str:
        """The trimmed text in this column, empty where the list has none such."""
        at = self.columns.index(column) if column in self.columns else len(row)
        return plain(row[at]) if at < len(row) else ""

    def first(self, row: Sequence[str], columns: Iterable[str]) -> str:
        """The first of these columns that is not empty."""
        return next((text for column in columns if (text := self.cell(row, column))), "")


def plain(text: str) -> str:
    """The text without spaces around it, in the one of its Unicode forms in which names are compared."""
    return unicodedata.normalize("NFC", text.strip())


def read_roster(path: Path, needs: Iterable[str]) -> Roster:
    """The class list in a CSV file. Raises `CourseError` where it cannot be read or has none of the columns `needs`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise CourseError(f"{path} cannot be read: expected a CSV file in UTF-8; {e}") from e
    columns = [plain(name) for name in rows[0]] if rows else []
    wanted = list(needs)
    if not set(wanted) & set(columns):
        raise CourseError(f"{path}: expected a column {' or '.join(wanted)}; its columns are {', '.join(columns)}.")
    return Roster(columns, rows[1:])
