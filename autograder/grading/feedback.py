"""A feedback page for each learner and lesson: points, what each check saw, and the learner's own code beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from autograder.course import Course
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


def write_feedback(records: Sequence[Record], course: Course, folder: Path) -> list[Path]:
    """Write `<folder>/<student>/<lesson>/<notebook>.html` for each record and return the paths."""
    paths = []
    for record in records:
        lesson = course.lesson(record.lesson)
        path = folder / record.student / lesson.path.with_suffix(".html")
        write_whole(path, page(record, course))
        paths.append(path)
    return paths


def page(record: Record, course: Course) -> str:
    """The page as HTML: self-contained, without scripts, everything that a learner wrote escaped."""
    lesson = course.lesson(record.lesson)
    title = f"{lesson.title}: feedback for {record.student}"
    parts = [f"<h1>{escape(title)}</h1>"]
    if record.state is State.GRADED:
        points = sum(verdict.points for verdict in record.verdicts)
        parts.append(f'<p class="total">{points_text(points)} of {points_text(lesson.points)} points</p>')
    else:
        parts.append(f'<p class="total">Not graded yet ({record.state}).</p><p>{escape(record.reason)}</p>')
    if record.notes:
        notes = "".join(f"<li>{escape(note)}</li>" for note in record.notes)
        parts.append(f"<section><h2>What was repaired in the file</h2><ul>{notes}</ul></section>")
    for verdict in record.verdicts:
        code = escape(record.answers.get(verdict.exercise, ""))
        parts.append(
            f"<section><h2>{escape(verdict.title)}</h2>{as_html(verdict)}"
            f'<h3>Your code</h3><pre tabindex="0"><code>{code}</code></pre></section>'
        )
    body = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", "".join(parts))
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>\n"
    )
