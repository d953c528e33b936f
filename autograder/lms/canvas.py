"""Canvas: the zip of *Download Submissions* comes in, a CSV for *Import* in the gradebook goes out.

Canvas calls a file `<name>_<LATE_><user id>_<attachment id>_<file name>`, the name in small letters without spaces. It
says neither the login nor the time. Its gradebook, exported as CSV, maps the user id (column ID) to the login, and
carries the ids by which Canvas finds each row again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.grading.export import Sheet, csv_text, display, points_or_blank
from autograder.lms.archive import Unplaced
from autograder.lms.origin import Origin, Roster, plain, read_roster

_NAME = re.compile(r"(?=_(?:LATE_)?(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+))")
_STUDENT = ("SIS Login ID", "SIS User ID", "ID")
"""Where a roster says who a learner is, in this order."""

_REMARKS = ("Student", "LastName", "FirstName", "Section")
"""Columns that Canvas does not go by once it has an ID: only there may a formula be disarmed."""


def roster(path: Path) -> Roster:
    """The gradebook that Canvas exported."""
    return read_roster(path, ["ID"])


def origin(path: PurePosixPath, known: Roster | None) -> Origin:
    """Who handed this file in. Raises `Unplaced` where the name is none of Canvas's, or its user is not in the roster.

    Without a roster, a learner is called by Canvas's user id.
    """
    found = list(_NAME.finditer(path.name))
    if not found:
        raise Unplaced("Its name is not one that Canvas gives: <name>_<user id>_<attachment id>_<file name>.")
    logins = _logins(known) if known else {}
    # A learner's name may end in digits; the roster then tells which number is the user.
    match = next((one for one in found if one["user"] in logins), found[0])
    if known and match["user"] not in logins:
        raise Unplaced(f"Canvas's user {match['user']} is not in the roster. Export the gradebook again.")
    student = logins.get(match["user"], match["user"])
    return Origin(student, match["file"], order=int(match["attachment"][:18]))


def _logins(known: Roster) -> dict[str, str]:
    return {known.cell(row, "ID"): known.first(row, _STUDENT) for row in known.rows if known.cell(row, "ID").isdigit()}


@dataclass(frozen=True)
class Import:
    """The CSV for Canvas, and the learners with scores whom the roster does not hold, or holds more than once."""

    text: str
    unmatched: list[str]


def gradebook(sheet: Sheet, known: Roster) -> Import:
    """The scores as Canvas imports them, with the roster's own columns up to the section.

    A column that the roster has already, `02_validation (4711)`, keeps its number, so that Canvas updates that
    assignment; any other becomes a new one. A score that waits for a person leaves what Canvas has.
    """
    keep = known.columns.index("Section") + 1 if "Section" in known.columns else _identity(known)
    existing = {re.sub(r" \(\d+\)$", "", name): at for at, name in enumerate(known.columns) if at >= keep}
    columns = [known.columns[existing[c.name]] if c.name in existing else c.name for c in sheet.columns]
    # The first cell must hold these words, and every other cell of the row that is no assignment stays empty.
    possible = ["    Points Possible", *[""] * (keep - 1), *(f"{column.max_points:g}" for column in sheet.columns)]
    rows, unmatched = [], []
    by_id = _rows_by_id(known)
    for student, cells in sheet.rows.items():
        row = by_id.get(plain(student))
        if row is None:
            unmatched.append(student)
            continue
        row = row + [""] * (len(known.columns) - len(row))
        identity = [display(t) if c in _REMARKS else t for c, t in zip(known.columns[:keep], row[:keep], strict=True)]
        points = [
            points_or_blank(score) or (row[existing[column.name]] if column.name in existing else "")
            for column, score in zip(sheet.columns, cells, strict=True)
        ]
        rows.append([*identity, *points])
    return Import(csv_text([[*known.columns[:keep], *columns], possible, *rows]), unmatched)


def _identity(known: Roster) -> int:
    """How many columns at the left say who a learner is, in a roster without a section."""
    names = {*_STUDENT, *_REMARKS, "Integration ID", "Root Account"}
    return next((at for at, name in enumerate(known.columns) if name not in names), len(known.columns))


def _rows_by_id(known: Roster) -> dict[str, list[str] | None]:
    """Each learner's row by login, by SIS id and by Canvas's id; None where two learners share what is asked for."""
    found: dict[str, list[str] | None] = {}
    for column in _STUDENT:
        taken = set(found)
        for row in known.rows:
            key = known.cell(row, column)
            if key and key not in taken and known.cell(row, "ID"):
                found[key] = None if key in found else row
    return found
