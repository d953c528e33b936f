"""The bank of hostile and clumsy submissions: what learners hand in to win points, to do harm, or by accident.

One TOML file per block of entries, data only, never imported or executed here. Each entry says what it tries and how
it is put into a released notebook:

    [[entry]]
    id = "ast-transformer"
    tries = "rewrites each later cell's syntax tree"
    start = '''...'''                        # code cells: before all others, and after all others
    end = '''...'''
    answers = { "validation.events" = '''...''', "*" = '''def @ANSWER@(*args): ...''' }
    others = "wrong"                         # the other exercises: right, wrong, stub; half (right, stub, ...)
    cells = [{ before = "validation-events-check", type = "raw", source = '''...''' }]
    edits = [{ cell = "checks", metadata = { tags = ["skip-execution"] } }]
    top = { metadata = {} }                  # laid over the notebook's top level
    file = { name = "x (1).ipynb" }          # how it is written: see `_bytes`
    beside = { "pandas.py" = '''...''' }     # further files in the folder
    links = { "validation.ipynb" = "@COURSE@/gradebook.db" }
    state = "graded"                         # or "quarantined"
    earns = 0                                # points; without it those of the exercises that are right
    shows = "PermissionError"                # what an output of the graded notebook must say

In every text `@NAME@` stands for what the file's `[words]` or the loader's `places` say, `@500*x@` for 500 x.
"""

from __future__ import annotations

import copy
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course import CourseError, Exercise, Lesson
from autograder.submissions import grade_id, hand_in

__all__ = ["Entry", "load_entries"]

_WRONG = "def @ANSWER@(*args, **kwargs):\n    return None\n"
_LINK_FOLDER, _LINK_STUDENT = "(folder)", "(student)"


@dataclass(frozen=True)
class Entry:
    """One submission of the bank; the module's docstring says what the fields mean."""

    id: str
    block: str
    tries: str
    lesson: str = "02_validation"
    start: str = ""
    end: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    others: str = "wrong"
    cells: list[dict[str, str]] = field(default_factory=list)
    edits: list[dict[str, Any]] = field(default_factory=list)
    top: Mapping[str, Any] = field(default_factory=dict)
    file: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    state: str = "graded"
    earns: float | None = None
    shows: str = ""
    student: str = ""

    @property
    def clumsy(self) -> bool:
        return self.block == "clumsy"

    def points(self, lesson: Lesson) -> float:
        """The points that it has honestly earned."""
        if self.earns is not None:
            return self.earns
        if self.state != "graded" or "*" in self.answers:
            return 0.0
        others = zip(lesson.exercises, self._others(lesson), strict=True)
        return sum(exercise.points for exercise, kind in others if kind == "right" and exercise.id not in self.answers)

    def hand_in(
        self, folder: Path, lesson: Lesson, release: dict[str, Any], right: Mapping[str, str], places: Mapping[str, str]
    ) -> None:
        """Put the submission into the folder `<student>/<lesson>`, which must not exist yet.

        `right` holds a right answer per exercise, `places` what the words between @ stand for.
        """
        here = Entry(**_repeated(_filled(vars(self), places)))
        notebook = here._notebook(lesson, release, right)
        if target := here.links.get(_LINK_STUDENT):
            folder.parent.rmdir()
            folder.parent.symlink_to(target)
            return
        if target := here.links.get(_LINK_FOLDER):
            folder.symlink_to(target)
            return
        folder.mkdir(parents=True)
        for name, text in here.beside.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        name = here.file.get("name", lesson.path.name)
        for link, target in here.links.items():
            _link(folder / link, target)
        if name and name not in here.links:
            (folder / name).write_bytes(_bytes(notebook, here.file))
            os.utime(folder / name, (here.file.get("changed", 1.7e9),) * 2)

    def _notebook(self, lesson: Lesson, release: dict[str, Any], right: Mapping[str, str]) -> dict[str, Any]:
        exercises = zip(lesson.exercises, self._others(lesson), strict=True)
        answers = {e.id: source for e, kind in exercises if (source := self._answer(e, kind, right))}
        notebook = hand_in(release, lesson, answers)
        cells = notebook["cells"]
        extra = [{"before": "start", "source": self.start}] if self.start else []
        extra += [*self.cells, *([{"before": "end", "source": self.end}] if self.end else [])]
        for one in extra:
            at = {"start": 0, "end": len(cells)}.get(one["before"])
            cells.insert(_position(cells, one["before"]) if at is None else at, _cell(one))
        for edit in self.edits:
            _edit(cells, edit, lesson)
        return {**notebook, **self.top}

    def _others(self, lesson: Lesson) -> list[str]:
        """For each exercise what an answer is that the entry does not give."""
        pattern = ["right", "stub"] if self.others == "half" else [self.others]
        return [pattern[number % len(pattern)] for number in range(len(lesson.exercises))]

    def _answer(self, exercise: Exercise, kind: str, right: Mapping[str, str]) -> str:
        others = {"right": right[exercise.id], "wrong": _WRONG, "stub": ""}[kind]
        source = self.answers.get(exercise.id, self.answers.get("*", others))
        return source.replace("@ANSWER@", exercise.answer)


def load_entries(folder: Path = Path(__file__).parent) -> list[Entry]:
    """All entries, by block. Raises `CourseError` where a field is unknown or missing, or an id comes twice."""
    entries = []
    for path in sorted(folder.glob("*.toml")):
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        for raw in read["entry"]:
            others = "half" if path.stem == "clumsy" else "wrong"
            try:
                entries.append(Entry(**{"block": path.stem, "others": others, **_filled(raw, read.get("words", {}))}))
            except TypeError as e:
                raise CourseError(f"{path.name}: the entry {raw.get('id')!r}: {e}") from None
    ids = [entry.id for entry in entries]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise CourseError(f"Expected one entry called {twice[0]!r}, got several. Rename all but one.")
    return entries


# --- cells --------------------------------------------------------------------------------------------------


def _cell(one: Mapping[str, str]) -> dict[str, Any]:
    kind = one.get("type", "code")
    empty: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": f"extra-{one['before']}", "metadata": {}, "source": one["source"], **empty}


def _position(cells: Iterable[Mapping[str, Any]], name: str) -> int:
    return next(number for number, cell in enumerate(cells) if grade_id(cell) == name)


def _edit(cells: list[dict[str, Any]], edit: Mapping[str, Any], lesson: Lesson) -> None:
    """Change, in place, the cell of this grade_id, or all "checks", all "answers", or every cell ("*")."""
    named = {"checks": {e.check_cell for e in lesson.exercises}, "answers": {e.answer_cell for e in lesson.exercises}}
    wanted = named.get(edit["cell"], {edit["cell"]})
    for cell in [c for c in cells if edit["cell"] == "*" or grade_id(c) in wanted]:
        at = next(number for number, other in enumerate(cells) if other is cell)
        if edit.get("duplicate"):
            cells.insert(at + 1, copy.deepcopy(cell))
        if edit.get("delete"):
            cells.remove(cell)
        if "to" in edit:
            cells.remove(cell)
            cells.insert(edit["to"], cell)
        if edit.get("bare"):
            cell["metadata"] = {}
        cell.update({key: edit[key] for key in ("cell_type", "source", "outputs", "id", "attachments") if key in edit})
        cell["source"] = edit.get("before", "") + "".join(cell["source"]) + edit.get("after", "")
        _lay_over(cell["metadata"], edit.get("metadata", {}))


def _lay_over(target: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _lay_over(target[key], value)
        else:
            target[key] = value


# --- files --------------------------------------------------------------------------------------------------


def _bytes(notebook: dict[str, Any], how: Mapping[str, Any]) -> bytes:
    """The file's bytes.

    `text` or `hex` instead of the notebook; `version` 3 for the old format; `replace` in the JSON text; `newline`,
    `encoding`; `cut` to so many bytes; `before` and `after`: bytes in hex; `pad` with so many spaces.
    """
    if how.get("version") == 3:
        notebook = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [_sheet(notebook)]}
    text = how.get("text", json.dumps(notebook, indent=1))
    for old, new in how.get("replace", {}).items():
        text = text.replace(old, new)
    if "hex" in how:
        data = bytes.fromhex(how["hex"])
    else:
        data = text.replace("\n", how.get("newline", "\n")).encode(how.get("encoding", "utf-8"))
    before, after = bytes.fromhex(how.get("before", "")), bytes.fromhex(how.get("after", ""))
    return before + data[: how.get("cut", len(data))] + after + b" " * int(how.get("pad", 0))


def _sheet(notebook: Mapping[str, Any]) -> dict[str, Any]:
    cells = []
    for cell in notebook["cells"]:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        code = {"input": cell["source"], "language": "python", "outputs": [], "collapsed": False}
        cells.append(old | (code if cell["cell_type"] == "code" else {"source": cell["source"]}))
    return {"cells": cells, "metadata": {}}


def _link(path: Path, target: str) -> None:
    """A symbolic link; or after `hard:` a hard one, or where the target is `fifo` or `folder`, that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if target == "fifo":
        os.mkfifo(path)
    elif target == "folder":
        path.mkdir()
    elif target.startswith("hard:"):
        path.hardlink_to(target.removeprefix("hard:"))
    else:
        path.symlink_to(target)


# --- words between @ ----------------------------------------------------------------------------------------


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    """The value with the words put into every text of it."""
    return _mapped(value, lambda text: re.sub(r"@([A-Z]+)@", lambda found: words.get(found[1], found[0]), text))


def _repeated(value: Any) -> Any:
    """The value with `@500*x@` written out in every text of it."""
    return _mapped(value, lambda text: re.sub(r"@(\d+)\*(.+?)@", lambda found: found[2] * int(found[1]), text))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {_mapped(key, change): _mapped(one, change) for key, one in value.items()}
    return [_mapped(one, change) for one in value] if isinstance(value, list) else value
