"""Extract: find what was handed in, `submitted/<student>/<lesson>/<notebook>.ipynb`, and read it safely."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import stat
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import Course, Lesson
from autograder.grading.repair import MAX_BYTES


@dataclass(frozen=True)
class Submission:
    """One learner's folder for one lesson: the notebook's bytes, or in `problem` why there are none."""

    student: str
    lesson: Lesson
    data: bytes = field(default=b"", repr=False)
    problem: str = ""
    notes: tuple[str, ...] = ()
    timestamp: str = ""


@dataclass(frozen=True)
class Folder:
    """Where one learner handed in one lesson."""

    path: Path
    student: str
    lesson: Lesson


def find(submitted: Path, course: Course, lessons: Sequence[str] = (), students: Sequence[str] = ()) -> list[Folder]:
    """The folders of these lessons and students (all where none are named), by lesson and student."""
    wanted = [course.lesson(folder) for folder in lessons] or list(course.lessons)
    return [
        Folder(path, student_id(path.parent.name), lesson)
        for lesson in wanted
        for path in sorted(submitted.glob(f"*/{lesson.folder}"))
        if not path.parent.name.startswith(".") and (not students or path.parent.name in students)
    ]


def student_id(name: str) -> str:
    """The folder's name as a gradebook, a terminal and a file name can hold it.

    >>> student_id("Zoë, née O'Brien"), student_id("a\x1b[2J")
    ("Zoë, née O'Brien", 'a\\x1b[2J')
    """
    plain = _printable(name)
    if len(plain.encode()) <= 120:
        return plain
    return f"{plain.encode()[:100].decode(errors='ignore')}~{hashlib.sha256(os.fsencode(name)).hexdigest()[:12]}"


def _printable(name: str) -> str:
    """The name with control characters, and bytes that are no UTF-8, written out."""
    odd = {c: c.encode("unicode_escape").decode() for c in name if unicodedata.category(c) in ("Cc", "Cs")}
    return "".join(odd.get(c, c) for c in name)


def read(folder: Folder) -> Submission:
    """What lies in the folder; a file that cannot be read becomes a submission with a problem."""
    notes: list[str] = []
    try:
        path = _find_notebook(folder.path, folder.lesson, notes)
        data = _read_file(path)
    except OSError as e:
        return Submission(folder.student, folder.lesson, problem=str(e.strerror or e))
    timestamp = _timestamp(folder.path / "timestamp.txt", notes)
    return Submission(folder.student, folder.lesson, data, "", tuple(notes), timestamp)


def _find_notebook(folder: Path, lesson: Lesson, notes: list[str]) -> Path:
    if folder.is_symlink() or folder.parent.is_symlink():
        raise OSError(0, "The folder is a link. Hand in the files themselves.")
    wanted = folder / lesson.path.name
    if os.path.lexists(wanted):
        return wanted
    others = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".ipynb" and not p.name.startswith("."))
    if not others:
        raise OSError(0, f"No notebook was handed in: expected {wanted.name} in the folder {lesson.folder}.")
    newest = max(others, key=lambda path: path.lstat().st_mtime)
    notes.append(f"The file was called {_printable(newest.name)}; it was read as {wanted.name}.")
    return newest


def _read_file(path: Path) -> bytes:
    """The bytes of a regular file; a link, a pipe or a device is refused, never followed."""
    nofollow = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if path.is_symlink():
        raise OSError(0, f"{_printable(path.name)} is a link. Hand in the file itself.")
    descriptor = os.open(path, os.O_RDONLY | nofollow)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, f"{_printable(path.name)} is not a file.")
        if status.st_nlink > 1 and not _had_it_first(path, status):
            raise OSError(0, f"{_printable(path.name)} is a hard link to another file. Hand in a copy.")
        return file.read(MAX_BYTES + 1)


def _had_it_first(path: Path, status: os.stat_result) -> bool:
    """Whether a file with several names is this learner's: all names are in the class, and this folder is the oldest.

    Otherwise a link to somebody's notebook would take that learner's points away as well.
    """
    folders = [
        p for p in path.parents[2].glob(f"*/{path.parent.name}") if not (p.is_symlink() or p.parent.is_symlink())
    ]
    names = [name for folder in folders for name in folder.glob("*") if os.path.samestat(name.lstat(), status)]
    first = min(names, key=lambda name: name.parent.stat().st_mtime_ns, default=None)
    return len(names) == status.st_nlink and first == path


def _timestamp(path: Path, notes: list[str]) -> str:
    """The time that nbgrader's collect wrote beside the notebook, or nothing where there is none.

    nbgrader takes a submission whose time here and in the gradebook differ for one that has yet to be graded.
    """
    if not os.path.lexists(path):
        return ""
    try:
        return in_utc(_read_file(path)[:100].decode())
    except (OSError, ValueError, OverflowError):
        notes.append("timestamp.txt holds no time, so this submission has none.")
        return ""


def in_utc(text: str) -> str:
    """The time in this text as grading writes it; one without a zone is in UTC. Raises `ValueError` where it is none.

    >>> in_utc("2026-01-31 12:00:00.250000 UTC"), in_utc("2026-01-31T12:00:00+01:00")
    ('2026-01-31 12:00:00 UTC', '2026-01-31 11:00:00 UTC')
    """
    moment = dt.datetime.fromisoformat(text.strip().removesuffix("UTC").strip())
    moment = moment.replace(tzinfo=moment.tzinfo or dt.UTC).astimezone(dt.UTC)
    if moment.year < 1970:
        raise ValueError(f"no time at which anything was handed in: {moment}")
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
