"""A feedback page for each learner and lesson: points, what each check saw, and the learner's own code beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from autograder.course import Course
from autograder.grading.gradebook import Gradebook, Score
from autograder.grading.records import Record, State, write_whole
from autograder.render import as_html, points_text

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; color: #1f2328; background: #fff }
main { max-width: 75rem; margin: 2rem auto; padding: 0 1rem }
section { border-top: 1px solid #8c959f; margin-top: 2rem; padding-top: .5rem }
pre { background: #f6f8fa; padding: .75rem; overflow: auto; white-space: pre-wrap }
.total { font-size: 1.25rem }
"""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""No page may hold these, and a terminal would act on some."""


@dataclass(frozen=True)
class ByHand:
    """What the gradebook holds, people's entries included: by learner, lesson and grade_id of the cell."""

    scores: Mapping[tuple[str, str, str], Score]
    comments: Mapping[tuple[str, str, str], str]

    @classmethod
    def of(cls, gradebook: Gradebook) -> ByHand:
        scores = {(score.student, score.lesson, score.exercise): score for score in gradebook.scores()}
        return cls(scores, gradebook.comments())


def write_feedback(records: Sequence[Record], course: Course, by_hand: ByHand, folder: Path) -> list[Path]:
    """Write `<folder>/<student>/<lesson>/<notebook>.html` for each record and return the paths."""
    paths = []
    for record in records:
        lesson = course.lesson(record.lesson)
        path = folder / record.student / lesson.path.with_suffix(".html")
        write_whole(path, page(record, course, by_hand))
        paths.append(path)
    return paths


def page(record: Record, course: Course, by_hand: ByHand) -> str:
    """The page as HTML: self-contained, without scripts, everything that a learner wrote escaped."""
    lesson = course.lesson(record.lesson)
    title = f"{lesson.title}: feedback for {record.student}"
    parts = [f"<h1>{escape(title)}</h1>"]
    own = {e.id: by_hand.scores.get((record.student, record.lesson, e.graded_cell)) for e in lesson.graded}
    said = {e.id: by_hand.comments.get((record.student, record.lesson, e.answer_cell), "") for e in lesson.graded}
    if record.state is State.GRADED:
        judged = {verdict.exercise: verdict.points for verdict in record.verdicts}
        points = sum(score.points if score else judged.get(id_, 0.0) for id_, score in own.items())
        waiting = " so far" if any(score and score.needs_manual_grade for score in own.values()) else ""
        parts.append(f'<p class="total">{points_text(points)} of {points_text(lesson.points)} points{waiting}</p>')
    else:
        parts.append(f'<p class="total">Not graded yet ({record.state}).</p><p>{escape(record.reason)}</p>')
    if record.notes:
        notes = "".join(f"<li>{escape(note)}</li>" for note in record.notes)
        parts.append(f"<section><h2>What was repaired in the file</h2><ul>{notes}</ul></section>")
    for verdict in record.verdicts:
        code = escape(record.answers.get(verdict.exercise, ""))
        parts.append(
            f"<section><h2>{escape(verdict.title)}</h2>{_decided(own[verdict.exercise], verdict.points)}"
            f"{_quoted(said[verdict.exercise])}"
            f'{as_html(verdict)}<h3>Your code</h3><pre tabindex="0"><code>{code}</code></pre></section>'
        )
    for exercise in lesson.prose if record.state is State.GRADED else ():
        text = escape(record.answers.get(exercise.id, ""))
        parts.append(
            f"<section><h2>{escape(exercise.title)}</h2>{_decided(own[exercise.id], None)}"
            f"{_quoted(said[exercise.id])}"
            f'<h3>Your answer</h3><pre tabindex="0">{text}</pre></section>'
        )
    body = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", "".join(parts))
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>\n"
    )


def _quoted(comment: str) -> str:
    return f"<h3>Comment</h3><blockquote>{escape(comment)}</blockquote>" if comment else ""


def _decided(score: Score | None, judged: float | None) -> str:
    """What a person entered or left to say, where that is not what the checks gave."""
    if score is None or score.points == judged:
        return ""
    if score.needs_manual_grade:
        return f"<p>Waits to be graded by a person, for up to {points_text(score.max_points)} points.</p>"
    return f"<p>A person gave {points_text(score.points)} of {points_text(score.max_points)} points.</p>"
