"""Bring hand-ins to `submitted/<student>/<lesson>/<notebook>.ipynb`, from a folder or zip that another system gives.

Names in a source decide who handed in, never where something is written. The lesson is read from the notebook's cells.
Of several hand-ins the newest counts and the others are kept in `submitted/.history/`. Whatever cannot be placed is
reported with the reason. Collecting the same source again changes nothing.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.course import Course, Lesson
from autograder.grading.collect import in_utc
from autograder.lms import canvas, exchange, moodle
from autograder.lms.archive import Entry, Unplaced, entries, inside
from autograder.lms.origin import Origin, Roster, plain
from autograder.lms.receipt import NAME as RECEIPT
from autograder.lms.receipt import find_receipt, read_receipt
from autograder.lms.recognise import recognised

SYSTEMS = ("folder", "nbgrader", "canvas", "moodle", "submit")
HISTORY = ".history"

# What systems put beside a hand-in; nothing that anybody would miss.
_COMPANIONS = {"timestamp.txt", "submission_secret.txt", "feedback.txt", "thumbs.db", "desktop.ini", RECEIPT}


@dataclass(frozen=True)
class Left:
    """A file that was not placed, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Placed:
    """A hand-in and what became of it: placed, replaced (what was there is in the history), older or unchanged."""

    student: str
    lesson: str
    what: str
    file: str
    time: str = ""
    path: str = ""


@dataclass
class Report:
    """What collecting did, hand-in by hand-in."""

    hand_ins: list[Placed] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def count(self, what: str) -> int:
        return sum(one.what == what for one in self.hand_ins)

    def as_json(self) -> dict[str, Any]:
        counts = {what: self.count(what) for what in ("placed", "replaced", "older", "unchanged")}
        return {
            "counts": counts | {"left": len(self.left)},
            "hand_ins": [asdict(one) for one in self.hand_ins],
            "left": [asdict(one) for one in self.left],
        }

    def as_text(self) -> str:
        lines = [
            f"{self.count('placed')} placed, {self.count('replaced')} replaced by a newer one, "
            f"{self.count('older')} older ones kept in {HISTORY}, {self.count('unchanged')} unchanged, "
            f"{len(self.left)} left where they are"
        ]
        if not self.count("placed") + self.count("replaced") + self.count("older"):
            lines.append("Nothing has changed in submitted/.")
        lines += [f"  {_shown(one.file)}: {one.reason}" for one in self.left]
        return "\n".join(lines)


@dataclass(frozen=True)
class _HandIn:
    origin: Origin
    lesson: Lesson
    entry: Entry
    digest: str
    sure: bool
    """Whether the notebook's own cells tell the lesson."""


def collect(
    source: Path,
    system: str,
    course: Course,
    submitted: Path,
    *,
    lessons: Sequence[str] = (),
    roster: Roster | None = None,
) -> Report:
    """Place every hand-in of the source; with `lessons`, only theirs.

    With exactly one lesson, a notebook in which nothing is recognised is taken for it, and grading says what is wrong.
    Raises `Unplaced` where the source is neither a folder nor a zip, or is too large.
    """
    wanted = [course.lesson(name) for name in lessons]
    report = Report()
    found: list[_HandIn] = []
    for entry, origin in _files(source, system, roster, course, report):
        try:
            found.append(_read(entry, origin, course, wanted))
        except Unplaced as e:
            report.left.append(Left(str(entry.path), str(e)))
    # By time, by the system's order, by the file's own date. What no cell tells comes after all that, the newest first:
    # it takes an empty place and no other.
    found.sort(key=lambda h: (h.origin.time, h.origin.order, h.entry.changed, str(h.entry.path)))
    for one in [*(h for h in found if h.sure), *(h for h in reversed(found) if not h.sure)]:
        try:
            report.hand_ins.append(_place(one, submitted))
        except Unplaced as e:
            report.left.append(Left(str(one.entry.path), str(e)))
    return report


# --- whose each file is -------------------------------------------------------------------------------------


def _files(
    source: Path, system: str, roster: Roster | None, course: Course, report: Report
) -> Iterable[tuple[Entry, Origin]]:
    """Every notebook of the source with its origin; what is none, or nobody's, goes into the report."""
    listed = list(entries(source))
    if find_receipt(listed):  # the source is itself what one learner handed in
        yield from _receipted(listed, Origin("", source.name), report, str(source.name))
        return
    times = {entry.path.parent: entry for entry in listed if entry.path.name == "timestamp.txt"}
    who = _asker(system, roster, listed, course)
    for entry in listed:
        if entry.path.name.lower() in _COMPANIONS:
            continue
        try:
            _usable(entry)
            origin = who(entry.path)
            origin = replace(origin, time=_timed(times.get(entry.path.parent)) or origin.time)
            if entry.suffix == ".ipynb":
                yield entry, origin
            else:
                members = inside(entry)
                yield from _receipted(members, origin, report, str(entry.path))
        except Unplaced as e:
            report.left.append(Left(str(entry.path), str(e)))


def _usable(entry: Entry) -> None:
    if entry.problem:
        raise Unplaced(entry.problem)
    if entry.suffix not in (".ipynb", ".zip"):
        raise Unplaced("It is neither a notebook (.ipynb) nor a zip.")


def _asker(
    system: str, roster: Roster | None, listed: Sequence[Entry], course: Course
) -> Callable[[PurePosixPath], Origin]:
    if system == "canvas":
        return lambda path: canvas.origin(path, roster)
    if system == "moodle":
        shared = moodle.namesakes(entry.path for entry in listed)
        return lambda path: moodle.origin(path, roster, shared)
    if system == "nbgrader":
        return exchange.origin
    if system == "folder":
        folders = {lesson.folder for lesson in course.lessons}
        return lambda path: _folder(path, folders)
    return _maybe_folder


def _folder(path: PurePosixPath, lessons: Collection[str]) -> Origin:
    """The folder above a lesson's folder names the learner; where there is none, the outermost one."""
    for student, lesson in pairwise(path.parts[:-1]):
        if lesson in lessons:
            return Origin(plain(student), path.name, lesson=lesson)
    if len(path.parts) < 2:
        raise Unplaced(
            "It lies in no folder: expected <student>/<notebook>.ipynb or <student>/<lesson>/<notebook>.ipynb."
        )
    return Origin(plain(path.parts[0]), path.name)


def _maybe_folder(path: PurePosixPath) -> Origin:
    """For `submit`: a folder around the zip names the learner; without one, the receipt does."""
    return Origin(plain(path.parts[0]) if len(path.parts) > 1 else "", path.name)


def _timed(entry: Entry | None) -> str:
    try:
        return in_utc(entry.load()[:100].decode()) if entry else ""
    except (Unplaced, ValueError, OverflowError):
        return ""


def _receipted(members: Sequence[Entry], origin: Origin, report: Report, name: str) -> Iterable[tuple[Entry, Origin]]:
    """The notebooks of one learner's zip. Where it has a receipt they must be what it says."""
    listed = find_receipt(members)
    receipt = read_receipt(listed) if listed else None
    student = origin.student or (receipt.student if receipt else "")
    if not student:
        raise Unplaced("Neither its receipt nor a folder around it names the learner. Put it into <student>/.")
    notebooks, before = 0, len(report.left)
    for entry in members:
        outer = replace(entry, path=PurePosixPath(name) / entry.path)
        if entry.path.name.lower() in _COMPANIONS:
            continue
        try:
            _usable(entry)
            if entry.suffix == ".zip":
                raise Unplaced("It is a zip within a zip. Unpack the outer one first.")
            notebooks += 1
            if receipt:
                receipt.check(entry.path, entry.load())
            time = receipt.time if receipt else origin.time
            folder = entry.path.parts[-2] if len(entry.path.parts) > 1 else origin.lesson
            yield outer, replace(origin, student=student, name=entry.path.name, time=time, lesson=folder)
        except Unplaced as e:
            report.left.append(Left(str(outer.path), str(e)))
    if not notebooks and len(report.left) == before:
        report.left.append(Left(name, "It holds no notebook."))


# --- which lesson's -----------------------------------------------------------------------------------------


def _read(entry: Entry, origin: Origin, course: Course, wanted: Sequence[Lesson]) -> _HandIn:
    check_student(origin.student)
    data = entry.load()
    lesson = recognised(data, course)
    sure = lesson is not None
    if lesson is None:
        named = [one for one in course.lessons if one.folder == origin.lesson or one.path.name == origin.name]
        lesson = wanted[0] if len(wanted) == 1 else named[0] if len(named) == 1 else None
    if lesson is None:
        raise Unplaced("Neither its cells nor its name tell the lesson. Name it with --lesson, if it is one.")
    if wanted and lesson not in wanted:
        raise Unplaced(f"It is of {lesson.folder}, which was not asked for.")
    return _HandIn(origin, lesson, entry, hashlib.sha256(data).hexdigest(), sure)


# --- where it goes ------------------------------------------------------------------------------------------


def check_student(student: str) -> None:
    """Raises `Unplaced` where a learner's name cannot be that of a folder here."""
    reserved = '/\\:*?"<>|' if os.name == "nt" else "/\\"
    odd = [c for c in student if c in reserved or unicodedata.category(c) in ("Cc", "Cs")]
    if not student or student.startswith(".") or student.endswith((".", " ")) or len(student.encode()) > 120 or odd:
        why = f"it holds {odd[0]!a}" if odd else "it is empty, too long, or begins or ends with a dot"
        raise Unplaced(f"The learner's name {_shown(student)} cannot be a folder's: {why}. Place it by hand.")


def _shown(text: str) -> str:
    """The text for a terminal: control characters, and those that turn the direction, are written out."""
    kept = (c if unicodedata.category(c) not in ("Cc", "Cf", "Cs") else ascii(c)[1:-1] for c in text)
    return "".join(kept)[:300]


def _place(one: _HandIn, submitted: Path) -> Placed:
    student, lesson, time = one.origin.student, one.lesson, one.origin.time
    folder = submitted / student / lesson.folder
    target, stamp = folder / lesson.path.name, folder / "timestamp.txt"
    for path in (folder.parent, folder, target, stamp, submitted / HISTORY):
        if path.is_symlink():
            raise Unplaced(f"{path} is a link, so nothing was written there.")
    result = Placed(student, lesson.folder, "placed", str(one.entry.path), time, str(target))
    aside = submitted / HISTORY / student / lesson.folder
    if not os.path.lexists(target):
        _write(one.entry.load(), target, time, stamp)
        return result
    current = target.read_bytes()
    held = _time_in(stamp)
    if hashlib.sha256(current).hexdigest() == one.digest:
        return replace(result, what="unchanged")
    if not one.sure:
        raise Unplaced(f"Its cells do not tell the lesson, and {target} holds a notebook already.")
    newer = time >= held if time and held else None
    seen = (aside / one.digest[:16]).is_dir()
    if seen and not newer:
        return replace(result, what="unchanged")
    if newer is False:
        _keep(one.entry.load(), aside, time, lesson)
        return replace(result, what="older", path=str(aside / one.digest[:16] / lesson.path.name))
    _keep(current, aside, held, lesson)
    _write(one.entry.load(), target, time, stamp)
    return replace(result, what="replaced")


def _time_in(stamp: Path) -> str:
    try:
        return in_utc(stamp.read_bytes()[:100].decode())
    except (OSError, ValueError, OverflowError):
        return ""


def _keep(data: bytes, aside: Path, time: str, lesson: Lesson) -> None:
    folder = aside / hashlib.sha256(data).hexdigest()[:16]
    _write(data, folder / lesson.path.name, time, folder / "timestamp.txt")


def _write(data: bytes, target: Path, time: str, stamp: Path) -> None:
    """The time first: whoever is stopped in between and starts again finds a hand-in that is not yet the newest."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if time:
        _whole(time.encode(), stamp)
    else:
        stamp.unlink(missing_ok=True)
    _whole(data, target)


def _whole(data: bytes, path: Path) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
