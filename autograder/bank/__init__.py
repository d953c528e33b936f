"""The bank of submissions: for each exercise, right answers in several styles and the mistakes that learners make.

One file per exercise, named after its id with `_` for the dot, in sections that start with `# %%`:

    # %% right: loop in plain Python
    def validate_events(events, known_users): ...

    # %% wrong: nan-passes-bounds
    # belief: between() and its complement cover every row
    # fails: accounts_for_every_row, finds_missing_amounts
    # at_most: 4
    def validate_events(events, known_users): ...

A section holds a whole answer cell, imports included, or says what to change in another section of the file:

    # %% wrong: keeps-the-oldest
    # belief: the first copy is the right one
    # see: Which copy is right?
    # fails: keeps_the_newest
    # at_most: 3
    # from: vectorised pandas
    # - keep="last"
    # + keep="first"

Each `# -` is text that stands exactly once in the other section, and the `# +` below it replaces it; several lines
of either are one text. `see`, which is optional, is the heading in the lesson below which the belief is put right.
The files are read as text: to be executed, never imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import CourseError, Exercise

__all__ = ["Entry", "defined", "load_bank"]

_HEADER = re.compile(r"# %% (right|wrong): (.+)")
_FIELD = re.compile(r"# (belief|see|fails|at_most|from): (.+)")
_EDIT = re.compile(r"# ([-+])(?: (.*))?")


@dataclass(frozen=True)
class Entry:
    """One submission of the bank: the text of an answer cell, and what its checks must say of it.

    A right one earns every point. A wrong one comes from a `belief`, must not pass the checks in `fails`, and
    scores `at_most` so many points; `see` is a heading of the lesson, or empty.
    """

    name: str
    right: bool
    belief: str
    fails: tuple[str, ...]
    at_most: float | None
    code: str
    see: str = ""


def load_bank(exercise_id: str) -> list[Entry]:
    """The bank's entries for an exercise, in the order of its file.

    Raises `CourseError` where there is no file, two entries share a name, a section is empty, a wrong entry
    lacks one of its three fields, or a text to change does not stand exactly once in the section to change.

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
        entries.append(_entry(section, path.name, {entry.name: entry.code for entry in entries}))
    names = [entry.name for entry in entries]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CourseError(f"{path.name}: expected one entry called {twice[0]!r}, got several. Rename all but one.")
    return entries


def defined(exercise: Exercise, code: str) -> Callable[..., Any]:
    """What a notebook would hand to `check` after a cell with this code, which is run in this process.

    Only for code of the bank: nothing confines it.
    """
    cell: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "<cell>", "exec"), cell)
    answer = cell[exercise.answer]
    return answer if callable(answer) else lambda: answer


def _entry(section: str, file: str, earlier: dict[str, str]) -> Entry:
    header, *lines = section.splitlines()
    if not (match := _HEADER.fullmatch(header.rstrip())):
        raise CourseError(f"{file}: expected `# %% right: <name>` or `# %% wrong: <name>`, got {header!r}.")
    right, name = match[1] == "right", match[2].strip()

    fields: dict[str, str] = {}
    while lines and (field := _FIELD.fullmatch(lines[0].rstrip())):
        fields[field[1]] = field[2].strip()
        lines.pop(0)
    if "from" in fields:
        if fields["from"] not in earlier:
            raise CourseError(f"{file}: {name!r} changes {fields['from']!r}, but no section above it has that name.")
        code = _changed(earlier[fields["from"]], lines, f"{file}: {name!r}")
    else:
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
    return Entry(name, right, fields["belief"], fails, at_most, code, fields.get("see", ""))


def _changed(code: str, lines: list[str], where: str) -> str:
    """The code with each text below `# -` replaced by the one below `# +`."""
    edits: list[tuple[list[str], list[str]]] = []
    for line in filter(str.strip, lines):
        if not (match := _EDIT.fullmatch(line.rstrip())):
            raise CourseError(f"{where}: expected only lines `# - old` and `# + new` after `# from:`, got {line!r}.")
        sign, text = match[1], match[2] or ""
        if sign == "-" and (not edits or edits[-1][1]):
            edits.append(([], []))
        if not edits:
            raise CourseError(f"{where}: expected `# - old` before `# + {text}`.")
        edits[-1]["-+".index(sign)].append(text)
    for old, new in (("\n".join(old), "\n".join(new)) for old, new in edits):
        if (found := code.count(old)) != 1:
            raise CourseError(
                f"{where}: expected {old!r} exactly once in the section to change, found it {found} times."
            )
        code = code.replace(old, new)
    if not edits:
        raise CourseError(f"{where}: expected a line `# - old` after `# from:`, got none. Say what to change.")
    return code
