"""The verdict on each submission as a JSON file: written when it is reached, before anything goes to the gradebook."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

from autograder.checking import Outcome, Status, Table, Verdict


class State(StrEnum):
    """What became of a submission. Nothing is dropped: submissions in == graded + quarantined + failed."""

    GRADED = "graded"
    QUARANTINED = "quarantined"
    FAILED = "failed"


@dataclass(frozen=True)
class Record:
    """One submission's result: `reason` for quarantined and failed ones, `notes` on what was repaired."""

    student: str
    lesson: str
    state: State
    content: str
    """Hash of the submitted file and of everything that decides its verdict; equal hashes, equal verdict."""
    timestamp: str = ""
    reason: str = ""
    notes: list[str] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    """Texts for a person to grade that stand as they were released."""
    seconds: float = 0.0

    @property
    def points(self) -> float:
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def broken(self) -> bool:
        """Whether a check itself failed, so that an instructor has to look."""
        return any(verdict.broken for verdict in self.verdicts)


def to_json(record: Record) -> dict[str, Any]:
    """The record as plain values."""
    return dataclasses.asdict(record)


def from_json(data: dict[str, Any]) -> Record:
    """The record that `to_json` wrote."""
    verdicts = [Verdict(v["exercise"], v["title"], [_outcome(o) for o in v["outcomes"]]) for v in data["verdicts"]]
    return Record(**{**data, "state": State(data["state"]), "verdicts": verdicts})


def _outcome(data: dict[str, Any]) -> Outcome:
    evidence = [Table(**table) for table in data["evidence"]]
    return Outcome(**{**data, "status": Status(data["status"]), "evidence": evidence, "hints": tuple(data["hints"])})


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or none, whatever happens in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(text.encode("utf-8", "replace"))  # one odd character must not stop a class
    part.replace(path)


class RecordStore:
    """The records of a course folder, one file per submission."""

    def __init__(self, course: Path) -> None:
        self._folder = course / ".autograder" / "records"

    def _path(self, lesson: str, student: str) -> Path:
        return self._folder / lesson / f"{student}.json"

    def write(self, record: Record) -> None:
        write_whole(
            self._path(record.lesson, record.student), json.dumps(to_json(record), ensure_ascii=False, indent=1)
        )

    def read(self, lesson: str, student: str) -> Record | None:
        """The record, or None where there is none that can be read."""
        try:
            return from_json(json.loads(self._path(lesson, student).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def all(self) -> list[Record]:
        """Every record, by lesson and student."""
        paths = sorted(self._folder.glob("*/*.json"))
        found = [self.read(path.parent.name, path.stem) for path in paths if not path.name.startswith(".")]
        return [record for record in found if record]


def slim(record: Record) -> Record:
    """The record without what only its own page needs: evidence and answers."""
    verdicts = [
        Verdict(v.exercise, v.title, [dataclasses.replace(o, evidence=[], hints=()) for o in v.outcomes])
        for v in record.verdicts
    ]
    return dataclasses.replace(record, verdicts=verdicts, answers={})


@dataclass(frozen=True)
class RunRecord:
    """What one run of `autograder grade` did, kept in `.autograder/runs/`; for the instructor's eyes only."""

    started: str
    finished: str
    seed: str
    checks: str
    versions: dict[str, str]
    options: dict[str, Any]
    counts: dict[str, int]
    seconds: dict[str, float]

    @classmethod
    def of(
        cls,
        records: Sequence[Record],
        started: dt.datetime,
        seconds: dict[str, float],
        seed: int,
        checks: str,
        options: Any,
    ) -> RunRecord:
        """The record of a run that ends now. Raises `ValueError` where its counts do not add up."""
        counts = {"submissions": len(records)} | {str(s): sum(r.state is s for r in records) for s in State}
        if counts["submissions"] != sum(counts[state] for state in State):
            raise ValueError(f"submissions in and out do not add up: {counts}")
        packages = ("pandas", "numpy", "pyarrow", "ipython", "nbgrader")
        return cls(
            started.isoformat(),
            dt.datetime.now(dt.UTC).isoformat(),
            f"{seed:032x}",
            checks,
            {"python": platform.python_version()} | {name: version(name) for name in packages},
            dataclasses.asdict(options),
            counts,
            seconds,
        )

    def write(self, course: Path) -> None:
        name = self.started.replace(":", "").replace("+0000", "Z")
        text = json.dumps(dataclasses.asdict(self), indent=1)
        write_whole(course / ".autograder" / "runs" / f"{name}.json", text)
