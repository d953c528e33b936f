"""The site's pages as text, from the course: nothing here runs a notebook, reads a file or knows Sphinx.

A lesson's page has the cells of the released notebook, in which no answer stands, and beside them what the executed
solution showed for the cells that teach. So an answer cannot reach the site: its text is never taken.
"""

from __future__ import annotations

import copy
import json
import posixpath
import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from autograder.course import Course, CourseError, Exercise, Lesson

Cell = dict[str, Any]
Notebook = dict[str, Any]

START = "index.md"
TEACHING = "teaching.md"


def lesson_page(solved: Notebook, released: Notebook, lesson: Lesson) -> Notebook:
    """The lesson as a reader sees it: the cells as released, the outputs of those that teach, alt text on the plots.

    solved, released: the notebook of `solutions/` and of `lessons/`. Above each exercise stands what it is worth.
    Raises `CourseError` for a plot that no words describe, and for a cell that only one of the notebooks has.
    """
    executed = {cell["id"]: cell for cell in solved["cells"]}
    if [*executed] != [cell["id"] for cell in released["cells"]]:
        raise CourseError(f"{lesson.path}: lessons/ has other cells than solutions/. Run `autograder release`.")
    exercises = {exercise.answer_cell: exercise for exercise in lesson.graded}
    cells: list[Cell] = []
    for number, cell in enumerate(released["cells"]):
        if exercise := exercises.get(cell["metadata"].get("nbgrader", {}).get("grade_id")):
            cells.append(_text_cell(f"{cell['id']}-site", _your_turn(exercise, lesson)))
        page_cell = copy.deepcopy(cell) | {"metadata": {}}
        if cell["cell_type"] == "code":
            page_cell["outputs"] = [_tidy(output) for output in _shown(executed[cell["id"]], cell)]
            if any("image/png" in output.get("data", {}) for output in page_cell["outputs"]):
                alt = _alt(page_cell["outputs"], released["cells"][number + 1 : number + 3])
                if not alt:
                    raise CourseError(
                        f"{lesson.path}: no words describe the plot of the cell {cell['id']}. Begin the text below it"
                        " with **Alt text.**"
                    )
                page_cell["metadata"] = {"mystnb": {"image": {"alt": alt}}}
        cells.append(page_cell)
    language = {"name": "python", "pygments_lexer": "python"}
    return released | {"cells": cells, "metadata": released["metadata"] | {"language_info": language}}


def _shown(executed: Cell, released: Cell) -> list[dict[str, Any]]:
    """The outputs that teach: none of an exercise or its check, and no hint, which tells how far the solution is."""
    source = "".join(executed["source"])
    if "nbgrader" in executed["metadata"] or source != "".join(released["source"]) or "check.hint(" in source:
        return []
    return list(executed["outputs"])


def _tidy(output: dict[str, Any]) -> dict[str, Any]:
    """The output with tables as the site has them: without the style sheet that pandas writes into every one."""
    output = copy.deepcopy(output)
    if html := output.get("data", {}).get("text/html"):
        html = re.sub(r"<style scoped>.*?</style>\n?", "", "".join(html), flags=re.DOTALL)
        html = html.replace('<table border="1" class="dataframe">', '<table class="dataframe">')
        output["data"]["text/html"] = html.replace("<th></th>", "<td></td>")  # the empty corner is no heading
    return output


def _alt(outputs: Iterable[dict[str, Any]], following: Iterable[Cell]) -> str:
    """What the plot itself says it shows, or else what the text below it says."""
    for output in outputs:
        if alt := output.get("metadata", {}).get("image/png", {}).get("alt"):
            return str(alt)
    for cell in following:
        if words := re.match(r"(?:\*\*Alt text\.\*\*|In words:)\s+(.+?)(?:\n\s*\n|\Z)", "".join(cell["source"]), re.S):
            text = re.sub(r"[*`]", "", " ".join(words[1].split()))
            return re.sub(r"(?<=[.]) [^.]*:$", "", text)  # "In numbers:" leads on to the next cell
    return ""


def _your_turn(exercise: Exercise, lesson: Lesson) -> str:
    points = "1 point" if exercise.points == 1 else f"{exercise.points:g} points"
    minutes = f"about {exercise.minutes} minutes"
    work = {
        "function": "Here you write code, and the cell below it checks what you wrote.",
        "quiz": "Here you put your choices, and the cell below checks them.",
        "prose": "Here you write a text, which a person reads and marks.",
    }[exercise.kind]
    return (
        f"```{{admonition}} Your turn: {exercise.title}\n:class: your-turn\n\n"
        f"{points}, {minutes}. {work} To do it, run `make lab` and open `lessons/{lesson.path.as_posix()}`.\n```"
    )


def _text_cell(identifier: str, text: str) -> Cell:
    return {"cell_type": "markdown", "id": identifier, "metadata": {}, "source": text}


def start_page(course: Course) -> str:
    """The first page: the lessons with minutes, points and what they need, a drawing of the way, the objectives."""
    minutes = sum(lesson.minutes for lesson in course.lessons)
    points = sum(lesson.points for lesson in course.lessons)
    rows = [
        f"| {_link(lesson)} | {lesson.minutes} | {lesson.points:g} |"
        f" {', '.join(_link(course.lesson(folder)) for folder in lesson.needs) or '-'} |"
        for lesson in course.lessons
    ]
    able = [
        "\n".join([f"### {lesson.title}", "", *(f"- {objective.text}" for objective in lesson.objectives)])
        for lesson in course.lessons
    ]
    lessons = "\n".join(lesson.path.with_suffix("").as_posix() for lesson in course.lessons)
    return f"""# {course.title}

A course on ETL and ELT pipelines, for people who prepare data for machine learning. Its {len(course.lessons)} lessons
are notebooks that check the exercises in them. These pages are for reading: what every lesson explains and shows, with
its exercises as they are set. Where you see *Your turn*, you need the notebook: `make lab` opens it.

**Begin with** {_link(course.lessons[0])}.

## Lessons

| Lesson | Minutes | Points | Needs |
|---|--:|--:|---|
{chr(10).join(rows)}
| **All of them** | **{minutes}** | **{points:g}** | |

## The way through

An arrow leads from a lesson to those that build on it.

{way_through(course)}

## What you can do afterwards

{(chr(10) * 2).join(able)}

```{{toctree}}
:hidden:
:caption: Lessons

{lessons}
```

```{{toctree}}
:hidden:
:caption: For instructors
:glob:

{TEACHING.removesuffix(".md")}
docs/*
```
"""


def _link(lesson: Lesson) -> str:
    return f"[{lesson.title}]({lesson.path.as_posix()})"


def way_through(course: Course) -> str:
    """The lessons as a drawing in SVG, each below all that it needs; an arrow that another way implies is left out."""
    width, height, across, down = 172, 34, 184, 62
    rows: dict[int, list[str]] = {}
    depth: dict[str, int] = {}
    for lesson in course.lessons:
        depth[lesson.folder] = 1 + max((depth[folder] for folder in lesson.needs), default=-1)
        rows.setdefault(depth[lesson.folder], []).append(lesson.folder)
    widest = max(map(len, rows.values()))
    place = {
        folder: ((widest - len(row) + 1 + 2 * number) * across // 2, level * down + height // 2 + 1)
        for level, row in rows.items()
        for number, folder in enumerate(row)
    }
    arrows = [
        f'<path d="M{place[before][0]} {place[before][1] + height // 2}'
        f'L{place[lesson.folder][0]} {place[lesson.folder][1] - height // 2 - 7}" marker-end="url(#arrow)"/>'
        for lesson in course.lessons
        for before in _directly_needed(course, lesson)
    ]
    boxes = [
        f'<rect x="{x - width // 2}" y="{y - height // 2}" width="{width}" height="{height}" rx="6"/>'
        f'<text x="{x}" y="{y + 5}">{escape(course.lesson(folder).title)}</text>'
        for folder, (x, y) in place.items()
    ]
    return (
        f'<div class="way"><svg viewBox="0 0 {widest * across} {(len(rows) - 1) * down + height + 2}" role="img"'
        ' aria-label="The lessons as boxes joined by arrows; the column Needs of the table says the same.">'
        '<defs><marker id="arrow" viewBox="0 0 10 10" refX="2" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path class="tip" d="M0 0L10 5L0 10z"/></marker></defs>{"".join(arrows + boxes)}</svg></div>'
    )


def _directly_needed(course: Course, lesson: Lesson) -> Iterator[str]:
    """What a lesson needs, without what the others of its needs need already."""

    def all_before(folder: str) -> set[str]:
        needs = course.lesson(folder).needs
        return {*needs, *(earlier for need in needs for earlier in all_before(need))}

    return (folder for folder in lesson.needs if not any(folder in all_before(other) for other in lesson.needs))


def teaching_page(readme: str) -> str:
    """The README's section for instructors as a page. Raises `CourseError` where there is no such section."""
    section = re.search(r"^## I want to teach\n(.+?)(?=^## |\Z)", readme, re.MULTILINE | re.DOTALL)
    if not section:
        raise CourseError("README.md: expected the heading `## I want to teach`, from which the site has its page.")
    return f"# How to teach with it\n{section[1]}"


def pages(
    course: Course, solved: dict[str, Notebook], released: dict[str, Notebook], readme: str, docs: dict[str, str]
) -> dict[str, str]:
    """All pages of the site, by their path below its source folder.

    solved, released: the notebooks by the lesson's folder. docs: the pages for instructors, by file name.
    """
    found = {START: start_page(course), TEACHING: teaching_page(readme)}
    found |= {f"docs/{name}": text for name, text in docs.items()}
    found |= {
        lesson.path.as_posix(): json.dumps(lesson_page(solved[lesson.folder], released[lesson.folder], lesson))
        for lesson in course.lessons
    }
    return {path: _reachable(text, path, found) if path.endswith(".md") else text for path, text in found.items()}


def _reachable(text: str, path: str, pages: Iterable[str]) -> str:
    """The text with only the links that lead somewhere: those to files that are not on the site become plain words."""

    def kept(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link[2]))
        return link[0] if ":" in link[2] or target in pages else link[1]

    return re.sub(r"\[([^\]]+)\]\(([^)#\s]+)(?:#[^)\s]*)?\)", kept, text)
