"""GitHub: a template repository whose every push is checked by GitHub Actions, on the public data.

A learner can change every file of their repository, the workflow too: what it shows is feedback, and grading stays with
`autograder grade`. GitHub Classroom, which read such points, ended in August 2026; its two notices are still written,
because tools that came after it read them.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course import Course, CourseError, Lesson, load_course
from autograder.grading.records import write_whole
from autograder.lms.alone import Judged, judge_alone
from autograder.pack import pack
from autograder.render import SHAPES, as_text
from autograder.worlds import PUBLIC_SEED

WORKFLOW = """\
name: Autograding Tests
on:
  push:
  workflow_dispatch:
permissions:
  contents: read
jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    if: github.actor != 'github-classroom[bot]'
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
          cache: pip
          cache-dependency-path: requirements.lock
      - name: Install
        run: |
          python -m pip install --require-hashes -r requirements.lock
          python -m pip install --no-deps --editable .
      - name: Check
        id: check
        run: python -m autograder.lms.github lessons
"""


def write_template(home: Path, course: Course, lessons: Sequence[Lesson], folder: Path) -> list[Path]:
    """Write what a template repository holds: what learners are given, only these lessons of it, and the workflow.

    Files of the same names are replaced, others stay. Returns the paths. Raises `CourseError` where the folder lies in
    the course itself.
    """
    if folder.resolve().is_relative_to(home.resolve()) and (folder.resolve() / "solutions").exists():
        raise CourseError(f"{folder} holds the course's solutions. Name another folder for the template.")
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / ".pack.zip"
    paths = []
    try:
        pack(home, replace(course, lessons=tuple(lessons)), whole)
        with zipfile.ZipFile(whole) as archive:
            for info in archive.infolist():
                paths.append(folder / info.filename.partition("/")[2])
                paths[-1].parent.mkdir(parents=True, exist_ok=True)
                paths[-1].write_bytes(archive.read(info))
    finally:
        whole.unlink(missing_ok=True)
    paths.append(folder / ".github" / "workflows" / "classroom.yml")
    write_whole(paths[-1], WORKFLOW)
    return paths


def main(lessons: Path) -> int:
    """Check every lesson's notebook in this folder; 0 where all points are reached, 1 where not.

    The verdicts go to standard output, a table to `GITHUB_STEP_SUMMARY`, the points to `GITHUB_OUTPUT`.
    """
    found = [lesson for lesson in load_course().lessons if (lessons / lesson.path).is_file()]
    if not found:
        sys.stdout.write(
            f"No lesson's notebook lies in {lessons}. Expected for example {load_course().lessons[0].path}.\n"
        )
        return 1
    # The learner's own machine, for the learner's own code: there is nothing to guard.
    judged = [
        judge_alone((lessons / one.path).read_bytes(), one, released(lessons), PUBLIC_SEED, confined=False)
        for one in found
    ]
    points, most = sum(one.points for one in judged), sum(one.max_points for one in judged)
    # What learners' code returned may look like a command to the runner; none is taken between these two lines.
    token = secrets.token_hex(16)
    said = [
        f"::stop-commands::{token}",
        *(one.problem or "\n".join([*one.notes, *(as_text(verdict) for verdict in one.verdicts)]) for one in judged),
        f"::{token}::",
        f"{points:g} of {most:g} points",
        f"::notice title=Autograding complete::Points {points:g}/{most:g}",
        f"::notice title=Autograding report::{json.dumps({'totalPoints': points, 'maxPoints': most})}",
    ]
    sys.stdout.write("\n".join([*said, ""]))
    _append("GITHUB_STEP_SUMMARY", summary(judged))
    _append("GITHUB_OUTPUT", f"points={points:g}\nmax_points={most:g}\n")
    return 0 if points == most and not any(one.problem for one in judged) else 1


def released(lessons: Path) -> Path:
    """Where the lessons lie as they were released: the copy in the package, else the folder that learners work in."""
    copy = Path(__file__).parents[1] / "released"
    return copy if copy.is_dir() else lessons


def summary(judged: Sequence[Judged]) -> str:
    """The verdicts as Markdown: a table per lesson, texts of learners only as code that cannot become anything else."""
    lines = ["# Checks", ""]
    for one in judged:
        lines += [f"## {one.lesson.title}: {one.points:g} of {one.max_points:g} points", ""]
        if one.problem:
            lines += [_code(one.problem), ""]
        if one.verdicts:
            lines += ["| Exercise | Check | Outcome | Points |", "|---|---|---|---:|"]
        lines += [
            f"| {_cell(verdict.title)} | {_cell(outcome.sentence)} | {SHAPES[outcome.status]} {outcome.status} "
            f"| {outcome.points:g} / {outcome.max_points:g} |"
            for verdict in one.verdicts
            for outcome in verdict.outcomes
        ]
        lines.append("")
    return "\n".join([*lines, "The checks run on the public data. Grades come from other data.", ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _code(text: str) -> str:
    return "    " + " ".join(text.split())


def _append(variable: str, text: str) -> None:
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
