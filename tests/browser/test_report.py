"""The class report in a browser: 300 learners, opened from a file, sorted, filtered, followed, printed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.bank import load_bank
from autograder.checking import Check, Outcome, Status, Verdict, checks_of
from autograder.course import Course, Lesson
from autograder.grading.naming import sentence
from autograder.grading.records import Record, RecordStore, State
from autograder.grading.report import class_report, read_runs
from autograder.grading.report_page import page as as_page

SEED = "0123456789abcdef0123456789abcdef"
HOSTILE = [
    "<script>document.title='run'<",
    '=cmd()|" A0',
    "عائشة \u202eمحمد",
    "<img src=x onerror=alert(1)>",
    "#?% ..",
]
# fmt: off
NAMES = ["Ada", "Ben", "Chloé", "Dmitri", "Elif", "Farid", "Grace", "Hanna", "Igor", "Jun", "Kofi", "Lena", "Mateo",
         "Nadia", "Omar", "Priya", "Quentin", "Rosa", "Sven", "Tariq", "Uma", "Viktor", "Ximena", "Yusuf", "Zoë"]
FAMILIES = ["Adeyemi", "Brandt", "Castro", "Dlamini", "Eriksen", "Fischer", "García", "Horváth", "Ito", "Jansen", "Kim",
            "Larsen"]
# fmt: on


def outcome(check: Check, passes: bool, attempted: bool, mistake: str, seconds: float) -> Outcome:
    status = Status.NOT_ATTEMPTED if not attempted else Status.PASSED if passes else Status.INCORRECT
    points = check.points if status is Status.PASSED else 0.0
    named = mistake if status is Status.INCORRECT else ""
    return Outcome(check.name, check.sentence, status, points, check.points, mistake=named, seconds=seconds)


def record(lesson: Lesson, student: str, skill: float, checks: dict[str, list[Check]], some: random.Random) -> Record:
    state = some.choices(list(State), (0.985, 0.011, 0.004))[0]
    if state is not State.GRADED:
        reason = "The file is not a notebook: it is not JSON. Save it in Jupyter and hand it in again."
        if state is State.FAILED:
            reason = "The harness failed: OSError: [Errno 28] No space left on device"
        return Record(student, lesson.folder, state, "", reason=reason)
    verdicts = []
    for exercise in lesson.exercises:
        attempted = some.random() < 0.94 + 0.06 * skill
        beliefs = known_mistakes(exercise.id)
        mistake = some.choice(beliefs) if beliefs and some.random() < 0.7 else ""
        outcomes = []
        for number, check in enumerate(checks[exercise.id]):
            hard = (hash_of(check) % 100) / 100
            chance = 0.98 - 0.9 * hard * (1.15 - skill)
            if hash_of(check) % 97 == 3:
                chance = 0.9 - 0.7 * skill  # a check that is wrong about good answers
            if number == 0 and hash_of(check) % 3 == 0:
                chance = 1.0
            outcomes.append(outcome(check, some.random() < chance, attempted, mistake, some.expovariate(8)))
        verdicts.append(Verdict(exercise.id, exercise.title, outcomes))
    notes = ["The cell validation-events-check was missing and has been put back."] if some.random() < 0.02 else []
    blank = [exercise.id for exercise in lesson.prose if some.random() < 0.1]
    seconds = some.lognormvariate(0.8, 0.7)
    return Record(student, lesson.folder, state, "", "", "", notes, verdicts, {}, blank, seconds)


@functools.cache
def known_mistakes(exercise: str) -> list[str]:
    return [sentence(entry) for entry in load_bank(exercise) if not entry.right][:4]


def hash_of(check: Check) -> int:
    return sum(ord(letter) * (n + 1) for n, letter in enumerate(check.exercise + check.name))


def a_class(folder: Path, course: Course, many: int) -> Path:
    """Write the records of so many learners, of a run that graded them, and the report on them."""
    some, store = random.Random(7), RecordStore(folder)
    checks = {exercise.id: checks_of(exercise) for exercise in course.exercises}
    students = HOSTILE + [f"{FAMILIES[n % 12]}, {NAMES[n // 12]}" for n in range(many - len(HOSTILE))]
    handed_in: set[tuple[str, str]] = set()
    counts = dict.fromkeys(map(str, State), 0)
    for student in students:
        skill = min(max(some.gauss(0.6, 0.25), 0.0), 1.0)
        for number, lesson in enumerate(course.lessons):
            if some.random() < 0.012 * number * (1 - skill):
                continue
            one = record(lesson, student, skill, checks, some)
            if student == HOSTILE[0]:
                one = dataclasses.replace(one, notes=[f"The file was called {HOSTILE[3]}\x00.ipynb."])
            store.write(one)
            handed_in.add((student, lesson.folder))
            counts[one.state] += 1
    run = {
        "started": "2026-11-20T08:00:00+00:00", "finished": "2026-11-20T08:21:13+00:00", "seed": SEED,
        "checks": "77d1" * 16, "versions": {"python": "3.11.7", "pandas": "3.1.1"},
        "options": {"workers": 8, "confined": True, "limits": {"cell": 20.0, "call": 10.0}},
        "counts": {"submissions": len(handed_in)} | counts,
        "seconds": {"grade": 1262.5, "load": 9.25, "reconcile": 0.5},
    }  # fmt: skip
    path = folder / ".autograder" / "runs" / "2026-11-20T080000Z.json"
    path.parent.mkdir()
    path.write_text(json.dumps(run), encoding="utf-8")
    return write_report(folder, course)


def write_report(folder: Path, course: Course) -> Path:
    report = class_report(RecordStore(folder).all(), [], course, runs=read_runs(folder))
    html = as_page(report, dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC))
    path = folder / "report.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def large(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on 300 learners."""
    return a_class(tmp_path_factory.mktemp("large"), course, 300)


@pytest.fixture(scope="module")
def small(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on 12 learners."""
    return a_class(tmp_path_factory.mktemp("small"), course, 12)


def shown(page: Any) -> list[str]:
    """The learners' names that are to be seen, in order."""
    names: list[str] = page.eval_on_selector_all(
        "#learners tbody th", "all => all.filter(one => one.checkVisibility()).map(one => one.textContent)"
    )
    return names


def column(page: Any, number: int) -> list[str]:
    cells: list[str] = page.eval_on_selector_all(
        f"#learners tbody tr > :nth-child({number})", "all => all.map(one => one.dataset.v ?? one.textContent)"
    )
    return cells


def test_small_enough_to_open_at_once(large: Path) -> None:
    assert large.stat().st_size < 2_000_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_in_light_and_dark(
    alone: Any, small: Path, accessible: Callable[[Any], None], picture: Callable[[Any, str], None], scheme: str
) -> None:
    alone.emulate_media(color_scheme=scheme)
    alone.goto(small.as_uri())
    alone.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    accessible(alone)
    picture(alone, f"report-{scheme}")
    levels = alone.eval_on_selector_all("h1, h2, h3", "all => all.map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    for chart in alone.locator("svg[role=img]").all():
        assert chart.locator("title").first.text_content()


def test_a_narrow_screen_scrolls_only_what_is_wide(
    alone: Any, small: Path, picture: Callable[[Any, str], None]
) -> None:
    alone.set_viewport_size({"width": 390, "height": 800})
    alone.goto(small.as_uri())
    assert alone.evaluate("document.documentElement.scrollWidth") <= 390
    picture(alone, "report-narrow")


def test_sorts_by_keyboard(alone: Any, large: Path) -> None:
    alone.goto(large.as_uri())
    shares = [float(one) for one in column(alone, 2)]
    assert len(shares) == 300
    assert shares == sorted(shares)
    head = alone.locator("#learners thead th").nth(2)  # points
    assert head.get_attribute("aria-sort") is None
    head.get_by_role("button", name="points").focus()
    alone.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    points = [float(one) for one in column(alone, 3)]
    assert points == sorted(points)
    alone.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    points = [float(one) for one in column(alone, 3)]
    assert points == sorted(points, reverse=True)
    assert alone.locator("#learners [aria-sort]").count() == 1
    # Checks without a discrimination stand last, in both directions.
    button = alone.locator("#checks-table").get_by_role("button", name="discrimination")
    for down in (False, True):
        button.click()
        cells = alone.locator("#checks-table tbody tr > :nth-child(6)").evaluate_all(
            "all => all.map(one => one.dataset.v)"
        )
        values = [float(one) for one in cells if one]
        assert cells.count("") > 1
        assert cells[len(values) :] == [""] * cells.count("")
        assert values == sorted(values, reverse=down)


def test_filters_by_name_and_lesson(alone: Any, large: Path) -> None:
    alone.goto(large.as_uri())
    form = alone.locator("form[data-for=learners]")
    told = form.locator("output")
    assert told.get_attribute("aria-live") == "polite"
    form.get_by_label("Learner").fill("garcía, x")
    assert shown(alone) == ["García, Ximena"]
    assert told.inner_text() == "1 of 300 shown"
    form.get_by_label("Learner").fill("nobody")
    assert told.inner_text() == "0 of 300 shown"
    form.get_by_label("Learner").fill("")
    form.get_by_label("Lesson").select_option("10_metrics")
    form.get_by_label("Show").select_option("not handed in")
    heads = alone.locator("#learners thead th:visible").all_inner_texts()
    assert heads == ["learner", "share", "points", "not handed in", "exercises not attempted", "Metrics"]
    missing = column(alone, 16).count("-2")  # Metrics stands in the sixteenth column
    assert len(shown(alone)) == missing > 0
    checks = alone.locator("form[data-for=checks-table]")
    checks.get_by_label("Lesson").select_option("10_metrics")
    assert set(
        alone.locator("#checks-table tbody tr:visible").evaluate_all("all => all.map(one => one.dataset.lesson)")
    ) == {"10_metrics"}


def test_leads_to_the_feedback_of_a_learner_with_any_name(alone: Any, small: Path, course: Course) -> None:
    lesson = course.lessons[1]
    for student in HOSTILE:
        target = small.parent / "feedback" / student / lesson.path.with_suffix(".html")
        target.parent.mkdir(parents=True)
        target.write_text(f"<!DOCTYPE html><title>page {HOSTILE.index(student)}</title>", encoding="utf-8")
    for number, student in enumerate(HOSTILE):
        alone.goto(small.as_uri())
        row = alone.locator("#learners tbody tr").filter(has=alone.get_by_role("rowheader", name=student, exact=True))
        row.locator(f"td a[href*='/{lesson.folder}/']").click()
        assert alone.title() == f"page {number}"


def test_what_learners_wrote_runs_nowhere(alone: Any, small: Path) -> None:
    alone.goto(small.as_uri())
    assert alone.title() == "Data pipelines for machine learning: the class"
    assert alone.locator("img").count() == 0
    assert alone.locator("script").count() == 1
    assert set(HOSTILE) <= set(shown(alone))
    # What shows right to left stays within its own element.
    assert alone.locator("bdi", has_text="عائشة").count() > 0
    assert "\x00" not in small.read_text(encoding="utf-8")
    # The page's own policy refuses a script that it does not know.
    alone.evaluate(
        "() => { const s = document.createElement('script'); s.text = 'document.title = 1'; document.body.append(s) }"
    )
    assert alone.title() == "Data pipelines for machine learning: the class"


def test_prints_all_rows_whatever_is_filtered(alone: Any, small: Path) -> None:
    alone.goto(small.as_uri())
    alone.locator("form[data-for=learners]").get_by_label("Learner").fill("adeyemi, ada")
    alone.locator("form[data-for=learners]").get_by_label("Lesson").select_option("10_metrics")
    assert len(shown(alone)) == 1
    alone.emulate_media(media="print")
    assert len(shown(alone)) == 12
    assert alone.locator("#learners thead th:visible").count() == 17
    assert alone.locator("form:visible, nav:visible").count() == 0
    assert alone.locator("#exercises").evaluate("one => one.checkVisibility({contentVisibilityAuto: true})")
    assert alone.locator(".tall").evaluate_all("all => all.every(one => one.scrollHeight <= one.clientHeight + 1)")


def test_reads_without_scripts(browser: Any, small: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(small.as_uri())
    assert page.locator("#learners tbody tr").count() == 12
    assert page.locator("#learners tbody tr").first.is_visible()
    assert page.locator("form:visible, thead button").count() == 0
    context.close()
