"""The bank of submissions: for each exercise, right answers in several styles and the mistakes that learners make.

One file per exercise, named after its id with `_` for the dot, in sections that start with `# %%`:

    # %% right: loop in plain Python
    def validate_events(events, known_users): ...

    # %% wrong: nan-passes-bounds
    # belief: between() and its complement cover every row
    # fails: accounts_for_every_row, finds_missing_amounts
    # at_most: 4
    def validate_events(events, known_users): ...

Each section is a whole answer cell, imports included. The files are read as text: to be executed, never imported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError

__all__ = ["Entry", "load_bank"]

_HEADER = re.compile(r"# %% (right|wrong): (.+)")
_FIELD = re.compile(r"# (belief|fails|at_most): (.+)")


@dataclass(frozen=True)
class Entry:
    """One submission of the bank: the text of an answer cell, and what its checks must say of it.

    A right one earns every point. A wrong one comes from a `belief`, must not pass the checks in `fails`, and
    scores `at_most` so many points.
    """

    name: str
    right: bool
    belief: str
    fails: tuple[str, ...]
    at_most: float | None
    code: str


def load_bank(exercise_id: str) -> list[Entry]:
    """The bank's entries for an exercise, in the order of its file.

    Raises `CourseError` where there is no file, two entries share a name, a section is empty, or a wrong entry
    lacks one of its three fields.

    Example
    -------
    >>> [entry.name for entry in load_bank("validation.events") if entry.right][:1]
    ['vectorised pandas']
    """
    path = Path(__file__).with_name(f"{exercise_id.replace('.', '_')}.py")
    if not path.is_file():
        raise CourseError(f"Expected the bank of {exercise_id} in {path.name}; there is no such file. Add it.")
    entries: list[Entry] = []
    for section in re.split(r"^(?=# %% )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        entries.append(_entry(section, path.name))
    names = [entry.name for entry in entries]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CourseError(f"{path.name}: expected one entry called {twice[0]!r}, got several. Rename all but one.")
    return entries


def _entry(section: str, file: str) -> Entry:
    header, *lines = section.splitlines()
    if not (match := _HEADER.fullmatch(header.rstrip())):
        raise CourseError(f"{file}: expected `# %% right: <name>` or `# %% wrong: <name>`, got {header!r}.")
    right, name = match[1] == "right", match[2].strip()

    fields: dict[str, str] = {}
    while lines and (field := _FIELD.fullmatch(lines[0].rstrip())):
        fields[field[1]] = field[2].strip()
        lines.pop(0)
    code = "\n".join(lines).strip() + "\n"
    if not code.strip():
        raise CourseError(f"{file}: expected code below {name!r}, got nothing. Write the answer cell there.")
    if right:
        return Entry(name, right, "", (), None, code)

    if missing := [key for key in ("belief", "fails", "at_most") if key not in fields]:
        raise CourseError(f"{file}: expected a line `# {missing[0]}: ...` below {name!r}, got none. Add it.")
    try:
        at_most = float(fields["at_most"])
    except ValueError:
        raise CourseError(f"{file}: expected at_most of {name!r} as a number, got {fields['at_most']!r}.") from None
    fails = tuple(check.strip() for check in fields["fails"].split(",") if check.strip())
    return Entry(name, right, fields["belief"], fails, at_most, code)
