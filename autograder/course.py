"""The course as its manifest describes it: lessons, objectives, exercises and points. Everything else walks this."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MANIFEST = Path(__file__).with_name("course.toml")


class CourseError(ValueError):
    """The manifest, a notebook or a check contradicts another; the message says which and what to change."""


@dataclass(frozen=True)
class Exercise:
    """One graded exercise: what the learner defines under the name `answer`, worth `points` over all its checks.

    `kind` is "function" (checks call it), "quiz" (a dict from question to choice) or "prose" (text that a person
    grades; it has neither `answer` nor checks).
    """

    id: str
    title: str
    answer: str
    kind: str
    points: float
    minutes: int

    @property
    def answer_cell(self) -> str:
        """The grade_id of the cell that the learner fills in."""
        return self.id.replace(".", "-")

    @property
    def check_cell(self) -> str:
        """The grade_id of the locked cell that checks it."""
        return f"{self.answer_cell}-check"

    @property
    def graded_cell(self) -> str:
        """The grade_id of the cell that carries the points: the check, or the text itself."""
        return self.answer_cell if self.kind == "prose" else self.check_cell


@dataclass(frozen=True)
class Objective:
    """Something a learner can do afterwards, and the exercises or quiz items that show it."""

    id: str
    text: str
    met_by: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """One notebook: `folder` is nbgrader's assignment, `notebook` its file name without the ending.

    `needs` are the folders of the lessons to do first; `covers` are keys of the course's syllabus. `exercises` are
    graded by checks, `prose` by a person.
    """

    folder: str
    notebook: str
    title: str
    minutes: int
    needs: tuple[str, ...]
    covers: tuple[str, ...]
    objectives: tuple[Objective, ...]
    exercises: tuple[Exercise, ...]
    prose: tuple[Exercise, ...] = ()

    @property
    def path(self) -> Path:
        """The notebook below `solutions/`, `lessons/` or a learner's folder."""
        return Path(self.folder) / f"{self.notebook}.ipynb"

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.graded)

    @property
    def graded(self) -> tuple[Exercise, ...]:
        """All that carries points."""
        return (*self.exercises, *self.prose)


@dataclass(frozen=True)
class Course:
    """The whole course, in order, and the sections that it must teach."""

    title: str
    syllabus: dict[str, str]
    lessons: tuple[Lesson, ...]

    @property
    def exercises(self) -> Iterator[Exercise]:
        return (exercise for lesson in self.lessons for exercise in lesson.exercises)

    def exercise(self, exercise_id: str) -> Exercise:
        """The exercise of this id. Raises `CourseError` naming the ids that exist."""
        for exercise in self.exercises:
            if exercise.id == exercise_id:
                return exercise
        known = ", ".join(e.id for e in self.exercises)
        raise CourseError(f"There is no exercise {exercise_id!r}. The exercises are: {known}.")

    def lesson(self, folder: str) -> Lesson:
        """The lesson in this folder. Raises `CourseError` naming the folders that exist."""
        for lesson in self.lessons:
            if lesson.folder == folder:
                return lesson
        known = ", ".join(lesson.folder for lesson in self.lessons)
        raise CourseError(f"There is no lesson {folder!r}. The lessons are: {known}.")


def load_course(manifest: Path = MANIFEST) -> Course:
    """The course described by a manifest in TOML. Raises `CourseError` where a field is missing."""
    try:
        data = tomllib.loads(manifest.read_text(encoding="utf-8"))
        lessons = tuple(
            Lesson(
                folder=entry["folder"],
                notebook=entry["notebook"],
                title=entry["title"],
                minutes=entry["minutes"],
                needs=tuple(entry.get("needs", ())),
                covers=tuple(entry.get("covers", ())),
                objectives=tuple(
                    Objective(o["id"], o["text"], tuple(o["met_by"])) for o in entry.get("objectives", ())
                ),
                exercises=tuple(
                    Exercise(
                        e["id"],
                        e["title"],
                        e["answer"],
                        e.get("kind", "function"),
                        float(e["points"]),
                        e["minutes"],
                    )
                    for e in entry.get("exercises", ())
                ),
                prose=tuple(
                    Exercise(e["id"], e["title"], "", "prose", float(e["points"]), e["minutes"])
                    for e in entry.get("prose", ())
                ),
            )
            for entry in data["lessons"]
        )
        return Course(data["title"], data["syllabus"], lessons)
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as e:
        raise CourseError(
            f"{manifest}: expected the fields that the other lessons have; {type(e).__name__}: {e}"
        ) from e
