"""The class's rules for late submissions: `late_policy.toml`, and the points that it takes off.

docs/late-policy.md is the policy in words, with an example of the file.
"""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError
from autograder.grading.records import Record

FILE = "late_policy.toml"
_DAY = 86_400
_LONGEST = 3650  # days; what is longer is a slip of the keyboard


@dataclass(frozen=True)
class Extension:
    """More time for one learner: for one lesson, or for all where `lesson` is empty."""

    student: str
    lesson: str
    days: float


@dataclass(frozen=True)
class LatePolicy:
    """What lateness costs. `due` holds the lessons' due dates in UTC; a lesson that is not there has none.

    Without a file there are no due dates, so nothing is taken off.
    """

    grace_minutes: float = 0.0
    percent_per_day: float = 0.0
    percent_at_most: float = 100.0
    due: Mapping[str, dt.datetime] = field(default_factory=dict)
    extensions: Sequence[Extension] = ()

    def extension(self, student: str, lesson: str) -> float:
        """The days granted to this learner for this lesson: the longest that applies, they do not add up."""
        days = (e.days for e in self.extensions if e.student == student and e.lesson in ("", lesson))
        return max(days, default=0.0)


def penalty(points: float, late_seconds: float, policy: LatePolicy, student: str, lesson: str) -> float:
    """The points to take off, at most all of them, to the hundredth of a point.

    `points` are those that the submission has reached, by checks and by hand; `late_seconds` count from the
    lesson's due date. The percentage grows when a day begins, and the first begins when the grace has passed.

    >>> penalty(8.0, 86_401, LatePolicy(0, 10, 50, {"02_validation": dt.datetime.now(dt.UTC)}), "ada", "02_validation")
    1.6
    """
    if lesson not in policy.due or points <= 0:
        return 0.0
    counted = late_seconds - _DAY * policy.extension(student, lesson) - 60 * policy.grace_minutes
    if counted <= 0:
        return 0.0
    percent = min(policy.percent_at_most, policy.percent_per_day * math.ceil(counted / _DAY))
    return min(points, round(points * percent / 100, 2))


def noted(record: Record, policy: LatePolicy) -> Record:
    """The record, with a note where nobody knows whether it was late."""
    if record.lesson not in policy.due or record.timestamp:
        return record
    note = "The lesson has a due date and this submission no time (timestamp.txt), so no late penalty is taken."
    return replace(record, notes=[*record.notes, note])


def load_policy(folder: Path, course: Course) -> LatePolicy:
    """The policy in the class's folder, or one that takes nothing off where it has no `late_policy.toml`.

    Raises `CourseError` saying what was expected where the file cannot be read.
    """
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return LatePolicy()
    except (OSError, UnicodeDecodeError) as e:
        raise CourseError(f"{path} cannot be read: expected a text file in UTF-8; {e}") from e
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise CourseError(
            f"{path}: expected TOML, as in docs/late-policy.md; {e}. Names with other signs than letters, digits, "
            "- and _ need quotes."
        ) from e
    return _Reader(path, course).policy(data)


class _Reader:
    """Takes a policy out of parsed TOML; whatever is not as expected is said with the file and the key."""

    def __init__(self, path: Path, course: Course) -> None:
        self._path = path
        self._lessons = [lesson.folder for lesson in course.lessons]

    def policy(self, data: dict[str, Any]) -> LatePolicy:
        self._keys(data, "", "grace_minutes", "percent_per_day", "percent_at_most", "due", "extensions")
        due, extensions = data.get("due", {}), data.get("extensions", [])
        if not isinstance(due, dict):
            raise self._wrong("due", "a table [due] with a line per lesson", due)
        if not isinstance(extensions, list) or not all(isinstance(one, dict) for one in extensions):
            raise self._wrong("extensions", "a table [[extensions]] for each of them", extensions)
        return LatePolicy(
            self._number(data, "grace_minutes", "", 0.0, _LONGEST * 1440),
            self._number(data, "percent_per_day", "", 0.0, 100),
            self._number(data, "percent_at_most", "", 100.0, 100),
            {self._lesson(name, "due"): self._moment(value, f"due.{name}") for name, value in due.items()},
            tuple(self._extension(one, f"extensions, number {n}: ") for n, one in enumerate(extensions, start=1)),
        )

    def _extension(self, data: dict[str, Any], where: str) -> Extension:
        self._keys(data, where, "student", "lesson", "days")
        student = data.get("student")
        if not isinstance(student, str) or not student:
            raise self._wrong(f"{where}student", 'the name of the learner\'s folder, such as "ada"', student)
        lesson = self._lesson(data["lesson"], f"{where}lesson") if "lesson" in data else ""
        if "days" not in data:
            raise self._wrong(f"{where}days", "a number of days, such as 7", None)
        return Extension(student, lesson, self._number(data, "days", where, 0.0, _LONGEST))

    def _keys(self, data: dict[str, Any], where: str, *known: str) -> None:
        for name in data:
            if name not in known:
                raise self._wrong(f"{where}{name}", f"only {', '.join(known)}", name)

    def _number(self, data: dict[str, Any], name: str, where: str, default: float, most: float) -> float:
        value = data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise self._wrong(f"{where}{name}", f"a number from 0 to {most:g}", value)
        return float(value)

    def _moment(self, value: Any, where: str) -> dt.datetime:
        if not isinstance(value, dt.datetime) or value.tzinfo is None or not 1970 < value.year < 9999:
            example = "2026-10-12T23:59:00+02:00"
            raise self._wrong(where, f"a time with its difference from UTC, without quotes, such as {example}", value)
        return value.astimezone(dt.UTC)

    def _lesson(self, name: Any, where: str) -> str:
        if not isinstance(name, str) or name not in self._lessons:
            raise self._wrong(where, f"a lesson ({', '.join(self._lessons)})", name)
        return name

    def _wrong(self, where: str, expected: str, got: Any) -> CourseError:
        came = "nothing" if got is None else str(got) if isinstance(got, dt.datetime) else repr(got)
        return CourseError(f"{self._path}: {where}: expected {expected}; got {came:.200}. See docs/late-policy.md.")
