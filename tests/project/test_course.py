"""The course as a whole: what it must teach is taught, what it promises is graded, and its links lead somewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from autograder.bank import load_bank
from autograder.course import Course, Lesson, load_course

LESSONS = load_course().lessons


def notebook(home: Path, lesson: Lesson) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "solutions" / lesson.path).read_text(encoding="utf-8"))
    return found


def prose(home: Path, lesson: Lesson) -> str:
    return "\n".join("".join(c["source"]) for c in notebook(home, lesson)["cells"] if c["cell_type"] == "markdown")


def headings(home: Path, lesson: Lesson) -> set[str]:
    return set(re.findall(r"^#+ (.+?) *$", prose(home, lesson), re.MULTILINE))


def test_every_section_of_the_syllabus_has_a_lesson(course: Course) -> None:
    taken = {section for lesson in course.lessons for section in lesson.covers}
    assert taken == set(course.syllabus)


def test_all_points_are_one_hundred(course: Course) -> None:
    assert sum(lesson.points for lesson in course.lessons) == 100


def test_a_lesson_needs_only_what_comes_before_it(course: Course) -> None:
    for number, lesson in enumerate(course.lessons):
        assert set(lesson.needs) <= {earlier.folder for earlier in course.lessons[:number]}, lesson.folder


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.folder)
def test_the_title_cell_says_what_the_manifest_says(lesson: Lesson, home: Path) -> None:
    title = "".join(notebook(home, lesson)["cells"][0]["source"])
    assert title.startswith(f"# {lesson.title}\n")
    assert f"{lesson.minutes} minutes" in title
    for objective in lesson.objectives:
        assert objective.id in title
    if lesson.points:
        assert re.search(rf"\*\*Points\*\* {lesson.points:g}\b", title)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.folder)
def test_a_lesson_has_every_part(lesson: Lesson, home: Path) -> None:
    found = headings(home, lesson)
    assert {"Key points", "Exit question"} <= found
    if lesson.points:
        assert any(heading.startswith("Recap") for heading in found)
    assert "redict" in prose(home, lesson)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.folder)
def test_links_lead_somewhere(lesson: Lesson, home: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", prose(home, lesson))
    for link in links:
        if not link.startswith(("http", "#")):
            assert (home / "lessons" / lesson.folder / link).resolve().is_file(), link
    following = LESSONS[LESSONS.index(lesson) + 1 :][:1]
    assert all(f"../{later.path.as_posix()}" in links for later in following), "no link to the next lesson"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.folder)
def test_a_plot_is_told_in_words(lesson: Lesson, home: Path) -> None:
    cells = notebook(home, lesson)["cells"]
    for number, cell in enumerate(cells):
        outputs = cell.get("outputs", [])
        if any("image/png" in output.get("data", {}) for output in outputs):
            following = "".join("".join(c["source"]) for c in cells[number + 1 : number + 3])
            assert re.search(r"in words|alt text", following, re.IGNORECASE), cell["id"]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.folder)
def test_a_mistake_points_to_a_heading_of_its_lesson(lesson: Lesson, home: Path) -> None:
    found = headings(home, lesson)
    for exercise in lesson.exercises:
        for entry in load_bank(exercise.id):
            assert not entry.see or entry.see in found, (exercise.id, entry.name, entry.see)


def test_every_fault_of_the_first_draft_is_settled_where_the_table_says(course: Course, home: Path) -> None:
    text = (home / "docs" / "first-draft.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, 37))
    by_number = {lesson.folder[:2]: headings(home, lesson) for lesson in course.lessons}
    for number, _, places in rows:
        for place in places.split("; "):
            if file := re.match(r"`(.+?)`", place):
                assert (home / file[1]).is_file(), (number, place)
            else:
                lesson, _, heading = place.removesuffix(" *find*").partition(" ")
                assert heading in by_number[lesson], (number, place)
