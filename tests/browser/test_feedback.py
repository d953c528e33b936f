"""A feedback page in Chromium, made by grading a small class: readable by anyone, and nothing a learner wrote runs."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from autograder.bank import load_bank
from autograder.cli import ATTENTION, OK, main
from autograder.course import Course, Lesson
from autograder.grading.feedback import ByHand
from autograder.grading.feedback import page as feedback_page
from autograder.grading.records import Record, RecordStore
from autograder.submissions import hand_in

FOLDER = "02_validation"
NAME = '<script>alert(1)<img src=x onerror=alert(2)>, "עמר" '
REVERSED = "\N{RIGHT-TO-LEFT OVERRIDE}"
SCRIPT = "</code></pre></main><script>alert(3)</script><img src=x onerror=alert(4)><svg onload=alert(5)>"
MISTAKE = "validation.products"
Look = Callable[[str], Page]


@pytest.fixture(scope="module")
def graded(
    tmp_path_factory: pytest.TempPathFactory,
    released_course: Path,
    home: Path,
    course: Course,
    release: Callable[[Lesson], dict[str, Any]],
    right_answers: dict[str, str],
) -> Path:
    """A class of three: a mistake of the bank and hostile text, a file of great length, and a file that is none."""
    folder = tmp_path_factory.mktemp("feedback") / "class"
    shutil.copytree(released_course, folder)
    lesson = course.lesson(FOLDER)
    wrong = next(entry for entry in load_bank(MISTAKE) if not entry.right)
    raising = f"def validate_events(events, known_users):\n    # {SCRIPT}{REVERSED}\n    raise ValueError({SCRIPT!r})\n"
    long = "\n# " + "<b>" * 150_000
    for student, content in {
        NAME: hand_in(release(lesson), lesson, right_answers | {MISTAKE: wrong.code, "validation.events": raising}),
        "long": hand_in(
            release(lesson), lesson, {"validation.events": f"{right_answers['validation.events']}\n{long}"}
        ),
        "none": "<html>",
    }.items():
        path = folder / "submitted" / student / lesson.path
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    where = ["--home", str(home), "--course", str(folder)]
    assert main(["grade", *where, "--lesson", FOLDER]) == ATTENTION
    assert main(["feedback", *where]) == OK
    return folder


def path_of(graded: Path, course: Course, student: str) -> Path:
    return graded / "feedback" / student / course.lesson(FOLDER).path.with_suffix(".html")


@pytest.fixture
def look(alone: Page, graded: Path, course: Course) -> Iterator[Look]:
    """Open a student's page from its file; a dialog or a message on the console fails the test."""
    said: list[str] = []
    alone.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    alone.on("console", lambda message: said.append(message.text))

    def opened(student: str) -> Page:
        alone.goto(path_of(graded, course, student).as_uri())
        return alone

    yield opened
    assert not said, said


def test_what_a_learner_wrote_is_shown_and_does_not_run(look: Look) -> None:
    page = look(NAME)
    assert page.locator("script, img, svg, iframe, [onerror], [onload]").count() == 0
    # inner_text would give a name without the spaces at its end
    assert page.locator("h1 bdi").text_content() == NAME
    assert NAME in page.title() + " "
    code = page.locator(".own pre").nth(1).inner_text()
    assert SCRIPT in code
    assert REVERSED not in page.content()
    assert SCRIPT in page.locator(".checks").nth(1).inner_text()


def test_each_check_has_its_word_points_evidence_hints_and_named_mistake(
    look: Look, graded: Path, course: Course
) -> None:
    page = look(NAME)
    record = RecordStore(graded).read(FOLDER, NAME)
    assert record is not None
    assert f"{record.points:g} of {course.lesson(FOLDER).points:g} points" in page.locator("header").inner_text()
    for verdict in record.verdicts:
        section = page.locator("section", has=page.locator(f'h2[id="{verdict.exercise}"]'))
        assert f"{verdict.points:g} of {verdict.max_points:g} points" in section.locator("h2").inner_text()
        for outcome, item in zip(verdict.outcomes, section.locator(".checks > li").all(), strict=True):
            text = item.inner_text()
            assert outcome.status in text
            assert outcome.sentence.replace("`", "") in text
            assert f"{outcome.points:g} of {outcome.max_points:g}" in text
            for table in outcome.evidence:
                assert item.get_by_role("table", name=table.title).locator("tbody tr").count() == len(table.rows)
            assert item.locator("details").count() == len(outcome.hints)
            assert (outcome.mistake in text) and (not outcome.see or f"Read again in the lesson: {outcome.see}" in text)
    assert any(outcome.evidence for verdict in record.verdicts for outcome in verdict.outcomes)
    assert page.locator(".mistake").count() > 0
    hint = page.locator("details").first
    assert not hint.locator("p").is_visible()
    hint.locator("summary").focus()
    page.keyboard.press("Enter")
    assert hint.locator("p").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_by_anyone(
    look: Look, scheme: Any, accessible: Callable[[Page], None], picture: Callable[[Page, str], None]
) -> None:
    for student, name in ((NAME, "feedback"), ("none", "feedback-quarantined")):
        page = look(student)
        page.emulate_media(color_scheme=scheme)
        accessible(page)
        picture(page, f"{name}-{scheme}")
        levels = [int(tag[1]) for tag in page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(e => e.tagName)")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.get_by_role("main").count() == page.get_by_role("banner").count() == 1


def test_code_stands_beside_the_checks_where_there_is_room_and_below_them_where_not(
    look: Look, picture: Callable[[Page, str], None]
) -> None:
    page = look(NAME)

    def box(selector: str) -> dict[str, float]:
        found = page.locator(selector).nth(1).bounding_box()
        assert found
        return dict(found)

    assert box(".own")["x"] > box(".checks")["x"] + box(".checks")["width"]
    page.set_viewport_size({"width": 360, "height": 800})
    assert box(".own")["y"] >= box(".checks")["y"] + box(".checks")["height"]
    # Wide rows scroll by themselves; the page does not.
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    picture(page, "feedback-narrow")
    look("long")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_it_prints_dark_on_white(look: Look, picture: Callable[[Page, str], None]) -> None:
    page = look(NAME)
    page.emulate_media(media="print", color_scheme="dark")
    colours = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
    assert page.locator("body").evaluate(colours) == ["rgb(255, 255, 255)", "rgb(31, 35, 40)"]
    assert page.locator(".own pre").nth(1).evaluate("e => e.scrollHeight <= e.clientHeight")
    picture(page, "feedback-print")


def test_what_cannot_be_graded_says_why_and_what_to_do(look: Look, graded: Path) -> None:
    page = look("none")
    record = RecordStore(graded).read(FOLDER, "none")
    assert record is not None
    assert record.reason in page.locator("main").inner_text()
    assert "hand it in again" in page.locator("main").inner_text()
    assert "Not graded yet (quarantined)" in page.locator("header").inner_text()
    assert " points" not in page.locator("header").inner_text()


def test_a_long_answer_is_cut_with_a_note(look: Look, graded: Path, course: Course) -> None:
    page = look("long")
    code = page.locator(".own pre").nth(1).inner_text()
    assert "[cut here: 4" in code
    assert path_of(graded, course, "long").stat().st_size < 400_000


def test_a_late_penalty_is_shown_and_taken_off(alone: Page, graded: Path, course: Course, tmp_path: Path) -> None:
    record = RecordStore(graded).read(FOLDER, NAME)
    assert isinstance(record, Record)
    for penalty, points in ((0.0, record.points), (0.5, record.points - 0.5)):
        html = feedback_page(record, course, ByHand({}, {}, {(NAME, FOLDER): penalty}))
        (tmp_path / "page.html").write_text(html, encoding="utf-8")
        alone.goto((tmp_path / "page.html").as_uri())
        header = alone.locator("header").inner_text()
        assert f"{points:g} of {course.lesson(FOLDER).points:g} points" in header
        assert ("0.5 points were taken off" in header) == bool(penalty)
        assert (alone.get_by_role("row", name="Handed in late").count() == 1) == bool(penalty)
