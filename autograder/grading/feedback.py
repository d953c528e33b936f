"""A feedback page for each learner and lesson: points, what each check saw, and the learner's own code beside it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters.html import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]

from autograder.checking import Status, Verdict
from autograder.course import Course, Exercise
from autograder.grading.gradebook import Gradebook, Score
from autograder.grading.records import Record, State, write_whole
from autograder.render import SHAPES, evidence_html, inert, points_text, prose

LONGEST = 20_000
"""Characters of one text on a page: enough for any honest answer, and no page grows out of hand."""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class ByHand:
    """What the gradebook holds, people's entries included: by learner, lesson and grade_id of the cell.

    `penalties` are the points taken off for lateness, by learner and lesson.
    """

    scores: Mapping[tuple[str, str, str], Score]
    comments: Mapping[tuple[str, str, str], str]
    penalties: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @classmethod
    def of(cls, gradebook: Gradebook) -> ByHand:
        scores = {(score.student, score.lesson, score.exercise): score for score in gradebook.scores()}
        return cls(scores, gradebook.comments(), gradebook.penalties())


@dataclass(frozen=True)
class _Part:
    """One exercise on the page. `verdict` is None where no check judges it, `score` where it was never loaded."""

    exercise: Exercise
    verdict: Verdict | None
    score: Score | None
    comment: str
    answer: str

    @property
    def points(self) -> float:
        if self.score:
            return self.score.points
        return self.verdict.points if self.verdict else 0.0

    @property
    def waits(self) -> bool:
        return bool(self.score and self.score.needs_manual_grade)

    @property
    def by_hand(self) -> bool:
        """Whether a person decided on the points."""
        judged = self.verdict.points if self.verdict else None
        return self.score is not None and not self.waits and self.score.points != judged

    @property
    def passed(self) -> int:
        return sum(o.status is Status.PASSED for o in self.verdict.outcomes) if self.verdict else 0


def write_feedback(records: Sequence[Record], course: Course, by_hand: ByHand, folder: Path) -> list[Path]:
    """Write `<folder>/<student>/<lesson>/<notebook>.html` for each record and return the paths."""
    paths = []
    for record in records:
        path = folder / record.student / course.lesson(record.lesson).path.with_suffix(".html")
        write_whole(path, page(record, course, by_hand))
        paths.append(path)
    return paths


def page(record: Record, course: Course, by_hand: ByHand) -> str:
    """The page as HTML: one file, without scripts, everything that a learner wrote escaped and bounded."""
    lesson = course.lesson(record.lesson)
    parts = [_part(exercise, record, by_hand) for exercise in lesson.graded]
    penalty = by_hand.penalties.get((record.student, record.lesson), 0.0)
    return _template().render(
        title=f"{lesson.title}: feedback for {record.student}",
        policy=POLICY,
        lesson=lesson,
        record=record,
        parts=parts if _shows_points(record, parts) else [],
        points=max(0.0, sum(part.points for part in parts) - penalty),
        penalty=penalty,
        State=State,
        Status=Status,
        shapes=SHAPES,
    )


def _part(exercise: Exercise, record: Record, by_hand: ByHand) -> _Part:
    of_lesson = (record.student, record.lesson)
    return _Part(
        exercise,
        next((verdict for verdict in record.verdicts if verdict.exercise == exercise.id), None),
        by_hand.scores.get((*of_lesson, exercise.graded_cell)),
        by_hand.comments.get((*of_lesson, exercise.answer_cell), ""),
        record.answers.get(exercise.id, ""),
    )


def _shows_points(record: Record, parts: Sequence[_Part]) -> bool:
    """A file that could not be graded has points only where a person has given some."""
    return record.state is State.GRADED or any(part.score and not part.waits for part in parts)


def _code(text: str) -> Markup:
    """Python with its syntax in classes; the formatter escapes it."""
    return Markup(highlight(_bounded(text), _LEXER, _FORMATTER))


def _bounded(value: Any) -> Any:
    """What the template puts out: text made inert and cut with a note, everything else as it is."""
    if type(value) is not str:  # Markup is a subclass, and has been through here
        return value
    text = inert(value.replace("\r\n", "\n"))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n[cut here: {len(text):,} characters in all]"


_LEXER = PythonLexer()
_FORMATTER = HtmlFormatter(nowrap=True)


@functools.cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).with_name("templates"))
    environment = Environment(
        loader=loader,
        autoescape=True,
        finalize=_bounded,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "code": _code,
        "evidence": lambda table: Markup(evidence_html(table)),
        "points": points_text,
        "prose": lambda text: Markup(prose(_bounded(text))),
    }
    environment.filters.update(filters)
    return environment.get_template("feedback.html")
