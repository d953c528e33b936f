"""What stands in the way of handing in a notebook, a line each with what to do; and `fix`, which mends what it can.

A notebook is examined as grading would read it: the same reader, and the same repair against the released notebook.
What was written in it is parsed, never run. `fix` takes the cells of the lesson from that repair and everything else
from the learner's file: own cells, their outputs, pictures in texts. What the repair would leave out is kept as a raw
cell, which nobody runs.
"""

from __future__ import annotations

import copy
import difflib
import itertools
import json
import os
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError, Exercise, Lesson
from autograder.grading.repair import MAX_BYTES, MAX_SOURCE, Quarantined, read_notebook, repair
from autograder.learner.code_faults import code_faults, has_placeholder
from autograder.submissions import grade_id

MAX_OUTPUT = 2_000_000
"""Characters of one cell's output as it stands in the file; a plot has some 100,000."""
MAX_OF_A_KIND = 20
"""Findings of one kind that are listed; the rest is counted."""

Notebook = dict[str, Any]
Releases = Callable[[Lesson], Notebook]


@dataclass(frozen=True)
class Finding:
    """One thing to mend: `text` says what it is and what to do, in one line.

    `costs` says whether handing in as it is would cost points; `fixable` whether `fix` mends it.
    """

    kind: str
    text: str
    costs: bool = False
    fixable: bool = False


@dataclass(frozen=True)
class Report:
    """What was found in one notebook. `points` are those that its checks show, None where they show none."""

    lesson: Lesson | None
    findings: list[Finding]
    points: dict[str, float | None]

    @property
    def ready(self) -> bool:
        return not self.findings

    @property
    def fixable(self) -> bool:
        return any(finding.fixable for finding in self.findings)


@dataclass(frozen=True)
class Fixed:
    """What `fix` did: where the notebook is now, where the file as it was is kept, and what has been mended."""

    path: Path
    backup: Path
    mended: list[Finding]


@dataclass(frozen=True)
class _Cell:
    """A cell of a submitted notebook, whatever is in it; `number` counts from 1, as a person does."""

    number: int
    raw: Any
    kind: str
    source: str
    grade_id: str

    @property
    def readable(self) -> bool:
        """Whether grading reads it."""
        return self.kind in ("code", "markdown", "raw") and len(self.source) <= MAX_SOURCE

    @property
    def name(self) -> str:
        """The cell's number and first words, for a person to find it."""
        words = next((line for line in self.source[:1000].splitlines() if line.strip()), "")
        return f"Cell {self.number} ({printable(words.strip(), 40)!r})" if words else f"Cell {self.number}"

    @property
    def outputs(self) -> list[Any]:
        found = self.raw.get("outputs") if isinstance(self.raw, dict) else None
        return found if isinstance(found, list) else []

    @property
    def count(self) -> int | None:
        """When it was run, as a number; None where it was not."""
        found = self.raw.get("execution_count") if isinstance(self.raw, dict) else None
        return found if isinstance(found, int) and not isinstance(found, bool) else None


def printable(text: str, longest: int = 120) -> str:
    """The text on one line, with characters that steer a terminal or turn text around written out.

    >>> printable("a\\x1b[2J")
    'a\\\\x1b[2J'
    """
    cut = text if len(text) <= longest else text[: longest - 3] + "..."
    steering = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return "".join(c.encode("unicode_escape").decode() if unicodedata.category(c) in steering else c for c in cut)


class NoFile(CourseError):
    """There is no such file, or it is none that can be read."""


def read_file(path: Path) -> bytes:
    """The bytes of a notebook, up to just above the limit. Raises `NoFile` where there is no such file."""
    if path.is_symlink():
        raise NoFile(f"{path} is a link to another file. Name the notebook itself, or hand in a copy.")
    if not path.is_file():
        what = "is not a file" if path.exists() else "does not exist"
        raise NoFile(f"{path} {what}. Expected a notebook, such as lessons/02_validation/validation.ipynb.")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def examine(path: Path, course: Course, releases: Releases) -> Report:
    """What is to be mended in this file before it is handed in. Raises `NoFile` where there is no such file."""
    report = diagnose(read_file(path), course, releases, path.stem)
    if report.lesson and path.name != (wanted := report.lesson.path.name):
        taken = _taken(path, path.with_name(wanted))
        todo = f"A {wanted} lies beside it: decide which one you hand in." if taken else "Rename it."
        what = f"The file is called {printable(path.name)!r}, but this lesson's is {wanted}. {todo}"
        report.findings.insert(0, Finding("renamed", what, fixable=not taken))
    return report


def diagnose(data: bytes, course: Course, releases: Releases, stem: str = "") -> Report:
    """What is to be mended in a notebook with these bytes; `stem` is its file's name without the ending."""
    if data[:2] == b"PK":
        what = "The file is a zip archive, not a notebook. Unpack it and name the .ipynb file in it."
        return Report(_by_name(stem, course), [Finding("not a notebook", what, costs=True)], {})
    try:
        notebook = read_notebook(data)
    except Quarantined as e:
        return Report(_by_name(stem, course), [Finding("not a notebook", str(e), costs=True)], {})
    cells = _cells(notebook)
    lesson = _by_cells(cells, course) or _by_name(stem, course)
    if lesson is None:
        names = ", ".join(lesson.path.name for lesson in course.lessons)
        what = f"None of its cells belongs to a lesson of this course. Take the right file; the lessons are {names}."
        return Report(None, [Finding("not a lesson", what, costs=True)], {})
    release = releases(lesson)
    try:
        repaired = repair(notebook, release, lesson).notebook
    except Quarantined as e:
        return Report(lesson, [Finding("not a lesson", str(e), costs=True)], {})
    found = [
        *_format_findings(notebook, cells, release),
        *_cell_findings(cells, release, repaired, lesson),
        *_answer_findings(repaired, release, lesson),
        *_code_findings(cells, release, lesson),
        *_run_findings(cells),
        *_output_findings(cells),
    ]
    return Report(lesson, _at_most(found), _points(cells, lesson))


def _at_most(found: Sequence[Finding]) -> list[Finding]:
    listed: list[Finding] = []
    for kind, number in Counter(finding.kind for finding in found).items():
        these = [finding for finding in found if finding.kind == kind]
        listed += these[:MAX_OF_A_KIND]
        if (more := number - MAX_OF_A_KIND) > 0:
            rest = these[MAX_OF_A_KIND:]
            text = f"And {more} more of this kind. Mend the first ones and look again."
            listed.append(Finding(kind, text, any(f.costs for f in rest), any(f.fixable for f in rest)))
    return listed


# Which lesson it is


def _cells(notebook: Notebook) -> list[_Cell]:
    return [_cell(number, raw) for number, raw in enumerate(notebook["cells"], start=1)]


def _cell(number: int, raw: Any) -> _Cell:
    if not isinstance(raw, dict):
        return _Cell(number, raw, "", "", "")
    source = raw.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    nbgrader = _nbgrader(raw)
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return _Cell(
        number,
        raw,
        kind if isinstance(kind := raw.get("cell_type"), str) else "",
        source if isinstance(source, str) else "",
        name if isinstance(name, str) else "",
    )


def _nbgrader(raw: Any) -> Any:
    metadata = raw.get("metadata") if isinstance(raw, dict) else None
    return metadata.get("nbgrader") if isinstance(metadata, dict) else None


def _by_cells(cells: Sequence[_Cell], course: Course) -> Lesson | None:
    """The lesson most of whose exercises are here: their cells, or without metadata their checks and answers."""
    names = {cell.grade_id for cell in cells}
    code = "\n".join(cell.source for cell in cells if cell.kind == "code" and cell.readable)
    checked = set(re.findall(r"""^check\(["']([\w.]+)["']""", code, re.MULTILINE))
    defined = set(re.findall(r"^(?:async\s+)?def\s+(\w+)", code, re.MULTILINE))
    shared = Counter(exercise.answer for exercise in course.exercises)

    def here(exercise: Exercise) -> bool:
        return (
            bool(names & {exercise.answer_cell, exercise.graded_cell})
            or exercise.id in checked
            or (exercise.answer in defined and shared[exercise.answer] == 1)
        )

    found = Counter({lesson.folder: sum(map(here, lesson.graded)) for lesson in course.lessons})
    folder, most = found.most_common(1)[0]
    return course.lesson(folder) if most else None


def _by_name(stem: str, course: Course) -> Lesson | None:
    return next((lesson for lesson in course.lessons if lesson.notebook == stem), None)


# What is wrong with it


def _format_findings(notebook: Notebook, cells: Sequence[_Cell], release: Notebook) -> Iterator[Finding]:
    if notebook.get("nbformat") != 4:
        yield Finding("old format", "It is in another notebook format than 4. Save it in JupyterLab.", fixable=True)
    if junk := sum(not isinstance(cell.raw, dict) for cell in cells):
        yield Finding("broken cell", f"{junk} of its cells are no cells, and would be left out.", fixable=True)
    for cell in cells:
        if isinstance(cell.raw, dict) and not cell.readable:
            if len(cell.source) > MAX_SOURCE:
                what = f"{cell.name} has {len(cell.source):,} characters, at most {MAX_SOURCE:,} are read."
                yield Finding("long cell", f"{what} Shorten it: read data from a file.", costs=bool(cell.grade_id))
            else:
                what = f"{cell.name} is of the kind {printable(cell.kind, 40)!r}, which grading does not read."
                yield Finding("broken cell", f"{what} Make it a text or a code cell.", fixable=True)
    if language := _foreign(notebook.get("metadata")):
        wanted = release["metadata"]["kernelspec"]["display_name"]
        what = f"Its kernel is {printable(language, 40)!r}; the course needs {wanted}."
        yield Finding("wrong kernel", f"{what} Choose it in JupyterLab under Kernel, Change Kernel.", fixable=True)


def _foreign(metadata: Any) -> str:
    """The language or kernel that the notebook names, unless it is Python 3; Python kernels have many names."""
    metadata = metadata if isinstance(metadata, dict) else {}
    kernel, info = (x if isinstance(x := metadata.get(k), dict) else {} for k in ("kernelspec", "language_info"))
    name = str(kernel.get("name", ""))
    if name == "python2" or (info.get("name") == "python" and str(info.get("version", "3"))[:1] == "2"):
        return "Python 2"
    for language in (kernel.get("language"), info.get("name")):
        if language is not None and str(language).lower() not in ("python", "ipython"):
            return str(language)
    unsaid = kernel.get("language") is None and info.get("name") is None
    return name if unsaid and name and "python" not in name.lower() else ""


def _cell_findings(cells: Sequence[_Cell], release: Notebook, repaired: Notebook, lesson: Lesson) -> Iterator[Finding]:
    cells = [cell for cell in cells if cell.readable]
    originals = {name: cell for cell in release["cells"] if (name := grade_id(cell))}
    graded = {grade_id(cell): cell["source"] for cell in repaired["cells"]}
    for name, original in originals.items():
        copies = [cell for cell in cells if cell.grade_id == name]
        nbgrader, text = original["metadata"]["nbgrader"], "".join(original["source"]).strip()
        what = f"The check {name}" if nbgrader["locked"] else f"The answer cell {name}"
        kind = "check" if nbgrader["locked"] else "answer"
        changed = Finding("metadata", f"{what} has lost or changed its nbgrader metadata. Put it back.", fixable=True)
        if not copies:
            if graded[name].strip() != text or any(not c.grade_id and c.source.strip() == text for c in cells):
                yield changed
            else:
                todo = "Put it back, from the lesson as you got it."
                yield Finding(f"{kind} deleted", f"{what} is not there any more. {todo}", fixable=True)
            continue
        if len(copies) > 1:
            numbers = ", ".join(str(cell.number) for cell in copies)
            todo = "Delete all but one." if kind == "check" else "The last one that was answered counts: delete others."
            yield Finding(
                f"{kind} duplicated", f"{what} is there {len(copies)} times: cells {numbers}. {todo}", fixable=True
            )
        last = copies[-1]
        if last.kind != original["cell_type"]:
            todo = f"Make it a {original['cell_type']} cell again."
            yield Finding(f"{kind} edited", f"{what} has become a {last.kind} cell. {todo}", fixable=True)
        elif kind == "check" and last.source.strip() != text:
            todo = "Put it back as it was; write your code in a cell of your own."
            yield Finding("check edited", f"{what} has been edited. {todo}", fixable=True)
        if any(_nbgrader(cell.raw) != nbgrader for cell in copies):
            yield changed
    for cell in cells:
        if cell.grade_id not in originals and _nbgrader(cell.raw) is not None:
            what = f"{cell.name} carries nbgrader metadata that is not of this lesson. Remove it."
            yield Finding("metadata", what, fixable=True)
    for exercise in lesson.exercises:
        last_of = {cell.grade_id: cell.number for cell in cells}
        if last_of.get(exercise.check_cell, 1 << 30) < last_of.get(exercise.answer_cell, 0):
            what = f"The check {exercise.check_cell} stands above its answer. Move it below."
            yield Finding("check moved", what, fixable=True)


def _answer_findings(repaired: Notebook, release: Notebook, lesson: Lesson) -> Iterator[Finding]:
    stubs = {grade_id(cell): "".join(cell["source"]).strip() for cell in release["cells"]}
    sources = {grade_id(cell): cell["source"] for cell in repaired["cells"]}
    for exercise in lesson.graded:
        source, costs = sources[exercise.answer_cell].strip(), exercise.points > 0
        worth = f"{exercise.points:g} {'point' if exercise.points == 1 else 'points'}"
        if source in ("", stubs[exercise.answer_cell]):
            todo = "Write your text" if exercise.kind == "prose" else "Replace its placeholder with your code"
            what = f"{exercise.title!r} ({worth}) has no answer yet. {todo} in {exercise.answer_cell}."
            yield Finding("no answer", what, costs)
        elif exercise.kind != "prose" and has_placeholder(source):
            what = (
                f"{exercise.title!r} ({worth}) still has its placeholder, `raise NotImplementedError(...)`. Remove it."
            )
            yield Finding("no answer", what, costs)


def _code_findings(cells: Sequence[_Cell], release: Notebook, lesson: Lesson) -> Iterator[Finding]:
    released = {"".join(cell["source"]).strip() for cell in release["cells"]}
    answers = {exercise.answer_cell for exercise in lesson.exercises}
    checks = {exercise.check_cell for exercise in lesson.exercises}
    for cell in cells:
        answer = cell.grade_id in answers
        mine = cell.source.strip() not in released and cell.grade_id not in checks
        if not (mine and cell.readable and (cell.kind == "code" or answer)):
            continue
        for fault in code_faults(cell.source):
            where, what = f"{cell.name}, line {fault.line}", printable(fault.detail)
            if fault.kind == "syntax":
                yield Finding("syntax", f"{where}: Python cannot read it: {what}. Mend it and run the cell.", answer)
            elif fault.kind == "input":
                todo = "Nobody is there to answer when it is graded: write the value into the code."
                yield Finding("input", f"{where}: it calls input(). {todo}", costs=True)
            else:
                todo = "It is there only on your computer: use a path relative to the notebook."
                yield Finding("absolute path", f"{where}: it uses the path {what}. {todo}", costs=True)


def _run_findings(cells: Sequence[_Cell]) -> Iterator[Finding]:
    todo = "Choose Restart Kernel and Run All Cells, and save."
    code = [cell for cell in cells if cell.kind == "code" and cell.source.strip()]
    idle = [cell.number for cell in code if cell.count is None]
    if code and len(idle) == len(code):
        yield Finding("not run", f"None of its cells has been run. {todo}")
    elif idle:
        numbers = ", ".join(map(str, idle[:MAX_OF_A_KIND])) + (", ..." if len(idle) > MAX_OF_A_KIND else "")
        what = "1 code cell has" if len(idle) == 1 else f"{len(idle)} code cells have"
        yield Finding("not run", f"{what} not been run: {numbers}. {todo}")
    run = [cell for cell in code if cell.count is not None]
    for earlier, later in itertools.pairwise(run):
        if (later.count or 0) <= (earlier.count or 0):
            what = f"{later.name} was run before cell {earlier.number}, which stands above it."
            yield Finding("run out of order", f"{what} {todo}")
            return


def _output_findings(cells: Sequence[_Cell]) -> Iterator[Finding]:
    for cell in cells:
        if cell.outputs and (size := len(json.dumps(cell.outputs))) > MAX_OUTPUT:
            what = f"The output of {cell.name[:1].lower()}{cell.name[1:]} has {size / 1e6:.1f} MB."
            yield Finding("huge output", f"{what} Show less, such as `.head()`, and run the cell again.")


def _points(cells: Sequence[_Cell], lesson: Lesson) -> dict[str, float | None]:
    """What each exercise's check shows: for the learner to see, never believed when it comes to grades."""
    checks = {cell.grade_id: cell for cell in cells}
    return {e.id: _shown(checks[e.check_cell], e) if e.check_cell in checks else None for e in lesson.exercises}


def _shown(cell: _Cell, exercise: Exercise) -> float | None:
    for output in cell.outputs:
        data = output.get("data") if isinstance(output, dict) else None
        text = data.get("text/plain") if isinstance(data, dict) else None
        text = "".join(part for part in text if isinstance(part, str)) if isinstance(text, list) else text
        if isinstance(text, str) and re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text.strip()):
            points = float(text)
            return points if points <= exercise.points else None
    return None


# Mending it


def fix(path: Path, course: Course, releases: Releases) -> Fixed | None:
    """Mend what can be mended from the released notebook, and give the file its name; None where nothing is to be done.

    The file as it was is kept beside it first, under a name that no file has yet. Answers and own cells stay as they
    are. A second call changes nothing. Raises `NoFile` where there is no such file.
    """
    report = examine(path, course, releases)
    if not report.fixable or report.lesson is None:
        return None
    data = read_file(path)
    target = path.with_name(report.lesson.path.name)
    mended = [finding for finding in report.findings if finding.fixable]
    if _taken(path, target):
        target = path
    if any(finding.kind != "renamed" for finding in mended):
        notebook = _mended(read_notebook(data), releases(report.lesson), report.lesson)
        # A lone surrogate cannot be written as UTF-8; spelt out, it stays what it was.
        text = json.dumps(notebook, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n"
    else:
        text = data
    backup = _keep(path, data)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            file.write(text)
        shutil.copymode(path, part)
        if path.name != target.name:
            path.unlink()
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return Fixed(target, backup, mended)


def _taken(path: Path, target: Path) -> bool:
    """Whether another file has this name; on some systems names that differ in their capitals are one file."""
    return path.name != target.name and os.path.lexists(target) and not (path.exists() and target.samefile(path))


def _keep(path: Path, data: bytes) -> Path:
    number = 1
    while True:
        backup = path.with_name(f"{path.name}.backup-{number}")
        try:
            with backup.open("xb") as file:
                file.write(data)
        except FileExistsError:
            number += 1
        else:
            return backup


def _mended(notebook: Notebook, release: Notebook, lesson: Lesson) -> Notebook:
    repaired = repair(notebook, release, lesson).notebook
    originals = {grade_id(cell): cell for cell in release["cells"] if grade_id(cell)}
    locked = {name for name, cell in originals.items() if cell["metadata"]["nbgrader"]["locked"]}
    cells = _cells(notebook)
    theirs = [cell for cell in cells if cell.readable and cell.grade_id not in locked]
    placed: dict[int, int] = {}  # the number of a learner's cell, and where it stands in the result
    mine = [(place, cell) for place, cell in enumerate(repaired["cells"]) if grade_id(cell) not in locked]
    same = difflib.SequenceMatcher(
        None, [_key(cell.source) for cell in theirs], [_key(cell["source"]) for _, cell in mine], autojunk=False
    )
    source_of = {
        mine[block.b + i][0]: theirs[block.a + i] for block in same.get_matching_blocks() for i in range(block.size)
    }
    result: list[Notebook] = []
    source: _Cell | None
    for place, cell in enumerate(repaired["cells"]):
        name = grade_id(cell)
        if name in locked:
            copies = [c for c in cells if c.grade_id == name and c.readable]
            bare = [c for c in cells if not c.grade_id and c.source.strip() == cell["source"].strip()]
            source = next(reversed(copies or bare), None)
            result.append(_restored(originals[name], source, keep=False))
        elif name:
            source = source_of.get(place)
            result.append(_restored({**originals[name], "source": cell["source"]}, source, keep=True))
        else:
            source = source_of.get(place)
            result.append(_own(source.raw) if source else cell)
        if source:
            placed[source.number] = place
    result = _with_all_that_was_written(result, release, cells, placed)
    _name_cells(result)
    old = notebook.get("metadata")
    metadata = {**old} if isinstance(old, dict) else {}
    foreign = bool(_foreign(old)) or not isinstance(metadata.get("kernelspec"), dict)
    metadata |= copy.deepcopy(release["metadata"]) if foreign else {}
    return {"cells": result, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _key(source: str) -> tuple[str, ...]:
    """What the repair leaves of a cell's text: it replaces what is no Unicode, and indents some texts."""
    plain = source.encode("utf-8", "replace").decode("utf-8")
    return tuple(line.strip() for line in plain.splitlines())


def _restored(original: Notebook, source: _Cell | None, *, keep: bool) -> Notebook:
    """A cell as released, with the learner's text where it is an answer, and its output where the text is the same."""
    cell = copy.deepcopy(original)
    raw = source.raw if source else {}
    if source and keep and _key(source.source) == _key("".join(cell["source"])):
        old = raw.get("metadata")
        cell["source"] = source.source.splitlines(keepends=True)
        cell["metadata"] = {**(old if isinstance(old, dict) else {}), **cell["metadata"]}
    if cell["cell_type"] == "code":
        same = source is not None and source.source.strip() == "".join(_lines(cell["source"])).strip()
        cell.update(_output(source) if source and same and source.kind == "code" else _NO_OUTPUT)
    return cell


_NO_OUTPUT: dict[str, Any] = {"outputs": [], "execution_count": None}


def _lines(source: Any) -> list[str]:
    return [part for part in source if isinstance(part, str)] if isinstance(source, list) else [source]


def _output(cell: _Cell) -> dict[str, Any]:
    return {"outputs": cell.outputs, "execution_count": cell.count}


def _own(raw: Notebook) -> Notebook:
    """A learner's own cell as it is, without nbgrader's metadata and with what the format asks for."""
    cell = copy.deepcopy(raw)
    metadata = cell.get("metadata")
    cell["metadata"] = {k: v for k, v in metadata.items() if k != "nbgrader"} if isinstance(metadata, dict) else {}
    if not isinstance(cell.get("source"), str):
        cell["source"] = _lines(cell.get("source", "")) if isinstance(cell.get("source"), list) else ""
    if cell["cell_type"] == "code":
        cell.update(_output(_cell(0, raw)))
    return cell


def _with_all_that_was_written(
    result: list[Notebook], release: Notebook, cells: Sequence[_Cell], placed: dict[int, int]
) -> list[Notebook]:
    """The cells, and between them, where it stood, every text of the learner's that is in none of them."""
    there = {_key("".join(_lines(cell["source"]))) for cell in (*result, *release["cells"])}
    after: dict[int, list[Notebook]] = {}
    place = -1
    for cell in cells:
        place = placed.get(cell.number, place)
        if cell.source.strip() and _key(cell.source) not in there:
            long = cell.kind in ("code", "markdown", "raw") and not cell.readable
            raw = {"cell_type": "raw", "metadata": {}, "source": cell.source}
            after.setdefault(place, []).append(_own(cell.raw) if long else raw)
    grown = after.get(-1, [])
    for number, one in enumerate(result):
        grown += [one, *after.get(number, [])]
    return grown


def _name_cells(cells: Sequence[Notebook]) -> None:
    """Give every cell an id of its own, as the format asks for; those that have one keep it."""
    taken = {cell["id"] for cell in cells if _is_id(cell.get("id"))}
    seen: set[str] = set()
    number = 0
    for cell in cells:
        if not _is_id(cell.get("id")) or cell["id"] in seen:
            while (name := f"cell-{number}") in taken:
                number += 1
            cell["id"] = name
            taken.add(name)
        seen.add(cell["id"])


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", value) is not None
