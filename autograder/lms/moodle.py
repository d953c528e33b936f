"""Moodle: the zip of *Download all submissions* comes in, a CSV for the gradebook's *Import* goes out.

Moodle makes a folder `<full name>_<number>_assignsubmission_file_` per learner, or, with *Download submissions in
folders* off, puts the same in front of the file's name. The number is that of the participant in this one assignment:
only the assignment's grading worksheet (its column Identifier) tells it from another learner's of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.grading.export import Sheet, csv_text, points_or_blank
from autograder.lms.archive import Unplaced
from autograder.lms.origin import Origin, Roster, plain, read_roster

ID_COLUMNS = {"username": "Username", "idnumber": "ID number", "email": "Email address"}
"""What Moodle can find a learner by, and what its own lists call that column."""

_NAME = re.compile(r"^(?P<name>.+)_(?P<number>\d+)_assignsubmission_[a-z]+_(?P<file>.*)$", re.DOTALL)


def worksheet(path: Path) -> Roster:
    """The assignment's grading worksheet."""
    return read_roster(path, ["Identifier"])


def participants(path: Path) -> Roster:
    """A list of the course's participants, by any of the columns that Moodle finds learners by."""
    return read_roster(path, ID_COLUMNS.values())


def namesakes(paths: Iterable[PurePosixPath]) -> frozenset[str]:
    """The full names that more than one participant of this assignment has."""
    numbers: dict[str, set[str]] = {}
    for path in paths:
        if match := _match(path):
            numbers.setdefault(plain(match["name"]), set()).add(match["number"])
    return frozenset(name for name, found in numbers.items() if len(found) > 1)


def origin(path: PurePosixPath, known: Roster | None, shared: frozenset[str]) -> Origin:
    """Who handed this file in. Raises `Unplaced` where the name is none of Moodle's, or does not say who it was.

    Without a worksheet, a learner is called by the full name. `shared` are the names that say too little.
    """
    match = _match(path)
    if not match:
        raise Unplaced(
            "Its path is not one that Moodle gives: <full name>_<number>_assignsubmission_file_/<file name>."
        )
    file = match["file"] or path.name
    name = plain(match["name"])
    if known is None:
        if name in shared:
            raise Unplaced(f"Several participants are called {name}. Name the grading worksheet with --roster.")
        return Origin(name, file)
    for row in known.rows:
        if (number := re.search(r"(\d+)$", known.cell(row, "Identifier"))) and number[1] == match["number"]:
            student = known.first(row, ID_COLUMNS.values())
            if not student:
                raise Unplaced(f"The worksheet has no {', '.join(ID_COLUMNS.values())} for {name}.")
            return Origin(student, file)
    raise Unplaced(f"Participant {match['number']} ({name}) is not in the worksheet. Is it of another assignment?")


def _match(path: PurePosixPath) -> re.Match[str] | None:
    return next((match for part in path.parts if (match := _NAME.match(part))), None)


@dataclass(frozen=True)
class Import:
    """The CSV for Moodle, and the learners with scores whom the list of participants does not hold."""

    text: str
    unmatched: list[str]


def gradebook(sheet: Sheet, by: str, known: Roster | None) -> Import:
    """The scores with one column that says who each learner is, called as Moodle's import calls it: `by`.

    With a list of participants, the learner's id is looked up in any of its columns. Every text is written as it is:
    Moodle goes by it.
    """
    ids = _ids(known, ID_COLUMNS[by]) if known else {student: student for student in sheet.rows}
    rows, unmatched = [], []
    for student, cells in sheet.rows.items():
        who = ids.get(plain(student) if known else student)
        if who:
            rows.append([who, *(points_or_blank(score) for score in cells)])
        else:
            unmatched.append(student)
    return Import(csv_text([[by, *(column.name for column in sheet.columns)], *rows]), unmatched)


def _ids(known: Roster, wanted: str) -> dict[str, str | None]:
    """What Moodle calls each learner, by each way to name them; None where two share one."""
    found: dict[str, str | None] = {}
    for column in ID_COLUMNS.values():
        taken = set(found)
        for row in known.rows:
            key = known.cell(row, column)
            if key and key not in taken:
                found[key] = None if key in found else known.cell(row, wanted) or None
    return found
