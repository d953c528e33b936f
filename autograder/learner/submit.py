"""The one file to hand in: a zip of notebooks as they are, with a receipt that says what is in it.

The zip holds `<lesson>/<notebook>.ipynb` under the names that the course knows, and `receipt.json`::

    {"student": "", "time": "2026-01-31 12:00:00 UTC",
     "notebooks": {"02_validation/validation.ipynb": {"sha256": "...", "points": {"validation.recap": 2.0}}},
     "versions": {"python": "...", "pandas": "...", "course": "..."}}

`points` are what the notebook's outputs show, None where they show nothing; grades never come from them. The hashes
tell clumsy damage, such as a broken upload, from the file that was made. They are no seal: who changes a notebook on
purpose can change the receipt with it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import platform
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError
from autograder.grading.repair import MAX_BYTES
from autograder.learner.doctor import Finding, Releases, examine, printable, read_file

RECEIPT = "receipt.json"
MAX_RECEIPT = 1_000_000
MAX_TOTAL = 60_000_000
"""Bytes of all notebooks in one file."""
MAX_NAME = 120

_THEN = (1980, 1, 1, 0, 0, 0)  # the same notebooks at the same time give the same bytes
_UNIX = 3


class Refused(Exception):
    """The notebooks are not ready; `findings` says by file what would cost points."""

    def __init__(self, findings: dict[str, list[Finding]]) -> None:
        super().__init__("Handing in these notebooks as they are would cost points.")
        self.findings = findings


@dataclass(frozen=True)
class Signed:
    """A notebook with its place in the zip, and what a receipt says of it."""

    name: str
    data: bytes = field(repr=False)
    points: dict[str, float | None]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def sign(paths: Sequence[Path], course: Course, releases: Releases, *, anyway: bool = False) -> list[Signed]:
    """The notebooks in these files, in the course's order.

    Raises `Refused` where one would cost points as it is, unless `anyway`; `CourseError` where one cannot be handed in
    at all: no file, no lesson of this course, too big, or one lesson twice.
    """
    reports = {str(path): examine(path, course, releases) for path in paths}
    costly = {name: [f for f in report.findings if f.costs] for name, report in reports.items()}
    if not anyway and any(costly.values()):
        raise Refused({name: findings for name, findings in costly.items() if findings})
    signed: dict[str, Signed] = {}
    for path in paths:
        report, data = reports[str(path)], read_file(path)
        if report.lesson is None:
            raise CourseError(f"{path}: no lesson of this course can be recognised in it. Take the right file.")
        if len(data) > MAX_BYTES:
            limit = MAX_BYTES // 1_000_000
            raise CourseError(f"{path} has more than {limit} MB. Clear the outputs of its cells, save and try again.")
        name = report.lesson.path.as_posix()
        if name in signed:
            raise CourseError(f"{path} is the second notebook of the lesson {report.lesson.folder}. Name only one.")
        signed[name] = Signed(name, data, report.points)
    if (total := sum(len(one.data) for one in signed.values())) > MAX_TOTAL:
        raise CourseError(
            f"The notebooks have {total / 1e6:.0f} MB together, at most {MAX_TOTAL // 1_000_000} MB fit into one file. "
            "Hand the lessons in one by one, or clear large outputs."
        )
    order = [lesson.path.as_posix() for lesson in course.lessons]
    return sorted(signed.values(), key=lambda one: order.index(one.name))


def versions() -> dict[str, str]:
    """The versions of what the notebooks ran with here; empty text for what is not installed."""
    found = {"python": platform.python_version(), "pandas": "", "course": ""}
    for name, package in (("pandas", "pandas"), ("course", "pipelines-course")):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(package)
    return found


def receipt(signed: Sequence[Signed], time: dt.datetime, student: str, versions: Mapping[str, str]) -> dict[str, Any]:
    """What the zip says of itself. Raises `CourseError` where the student's name is no name; `time` has a time zone."""
    student = student.strip()
    if len(student) > MAX_NAME or any(unicodedata.category(c) in ("Cc", "Cs") for c in student):
        raise CourseError(
            f"Expected a name of at most {MAX_NAME} characters on one line, got {printable(student, 40)!r}. "
            "Use the name or number under which your instructor knows you."
        )
    return {
        "student": student,
        "time": time.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        "notebooks": {one.name: {"sha256": one.sha256, "points": one.points} for one in signed},
        "versions": dict(versions),
    }


def write(target: Path, signed: Sequence[Signed], receipt: Mapping[str, Any]) -> None:
    """Write the zip, whole or not at all. Raises `CourseError` where the name is taken by something else."""
    if os.path.lexists(target) and not _is_ours(target):
        raise CourseError(f"{target} exists and is no file to hand in; it was left as it is. Choose another with --to.")
    if not target.parent.is_dir():
        raise CourseError(f"The folder {target.parent} does not exist. Make it, or choose another place with --to.")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    text = json.dumps(receipt, ensure_ascii=False, indent=1) + "\n"
    try:
        with part.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in ((RECEIPT, text.encode()), *((one.name, one.data) for one in signed)):
                entry = zipfile.ZipInfo(name, _THEN)
                entry.create_system, entry.external_attr = _UNIX, 0o644 << 16  # on Windows too
                archive.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return not path.is_symlink() and RECEIPT in archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError):
        return False


def agrees(path: Path) -> list[str]:
    """What does not agree between a file to hand in and its receipt, a line each; none where all does.

    Nothing is unpacked to disk, and no more is read than a file of ours may hold.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if names.count(RECEIPT) != 1:
                return [f"It has no {RECEIPT}, or several: it was not made by `autograder submit`. Make it again."]
            said = _notebooks(json.loads(_read(archive, archive.getinfo(RECEIPT), MAX_RECEIPT)))
            twice = sorted({name for name in names if names.count(name) > 1})
            problems = [f"{printable(n)}: there {names.count(n)} times." for n in twice]
            problems += [f"{printable(n)}: not named in the receipt." for n in names if n not in said and n != RECEIPT]
            problems += [f"{printable(n)}: in the receipt, but not in the file." for n in said if n not in names]
            for entry in entries if not problems else ():
                if entry.filename == RECEIPT:
                    continue
                data = _read(archive, entry, MAX_BYTES)
                if hashlib.sha256(data).hexdigest() != said[entry.filename]:
                    problems.append(f"{printable(entry.filename)}: changed since the receipt was written.")
            return problems
    except _DAMAGED as e:
        why = printable(str(e) or type(e).__name__)
        return [f"It cannot be read as a file to hand in ({why}). Make it or fetch it again."]


# A zip fails in many ways: RuntimeError is one that is encrypted, NotImplementedError an unknown compression.
_DAMAGED = (OSError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, longest: int) -> bytes:
    with archive.open(entry) as file:
        data = file.read(longest + 1)
    if len(data) > longest:
        raise ValueError(f"{printable(entry.filename)} has more than {longest:,} bytes")
    return data


def _notebooks(receipt: Any) -> dict[str, str]:
    """The hash of each notebook that a receipt names. Raises `ValueError` where it is no receipt."""
    notebooks = receipt.get("notebooks") if isinstance(receipt, dict) else None
    if not isinstance(notebooks, dict) or not all(
        isinstance(one, dict) and isinstance(one.get("sha256"), str) for one in notebooks.values()
    ):
        raise ValueError(f"{RECEIPT} is no receipt")
    return {name: one["sha256"] for name, one in notebooks.items()}
