"""The numbers of the class report, against classes small enough to count by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.checking import Outcome, Status, Verdict
from autograder.cli import FAILED, OK, main
from autograder.course import Course
from autograder.grading.gradebook import Score
from autograder.grading.records import Record, RecordStore, State
from autograder.grading.report import Report, Spread, as_json, class_report, read_runs
from autograder.grading.report_page import page

SOURCES, VALIDATION = "01_sources", "02_validation"
MADE = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
BELIEF = "A known mistake gives just this result. It comes from the belief “ids are numbers”."


def outcome(check: str, points: float, most: float, status: Status = Status.INCORRECT, mistake: str = "") -> Outcome:
    status = Status.PASSED if points == most else status
    return Outcome(check, f"It {check}.", status, points, most, mistake=mistake, seconds=0.5)


def sources(student: str, products: float, seconds: float, **details: Any) -> Record:
    """A record of the first lesson with points: 1 for the recap, `products` of 2, and nothing tried of the last 4."""
    wrong = "" if products == 2 else BELIEF
    verdicts = [
        Verdict("sources.recap", "Recap", [outcome("recaps", 1, 1)]),
        Verdict(
            "sources.products",
            "Products",
            [
                outcome("reads", min(products, 1), 1, mistake=wrong),
                outcome("types", max(products - 1, 0), 1, mistake=wrong),
            ],
        ),
        Verdict("sources.events", "Events", [outcome("asks", 0, 4, Status.NOT_ATTEMPTED)]),
    ]
    return Record(student, SOURCES, State.GRADED, "", verdicts=verdicts, seconds=seconds, **details)


@pytest.fixture
def small() -> list[Record]:
    """Four learners: 3, 2 and 1 of 7 points, and one in quarantine; ada alone has handed in the second lesson."""
    return [
        sources("ada", 2, 1.0),
        sources("ben", 1, 2.0, notes=["The file was called x.ipynb."]),
        sources("cho", 0, 10.0),
        Record("dan", SOURCES, State.QUARANTINED, "", reason="The file is not a notebook."),
        Record("ada", VALIDATION, State.FAILED, "", reason="The harness failed."),
    ]


def test_numbers_of_a_class_counted_by_hand(small: list[Record], course: Course) -> None:
    report = class_report(small, [], course)
    assert dataclasses.astuple(report.identity) == (5, 3, 1, 1, [], [])
    assert report.identity.closes

    first = next(row for row in report.lessons if row.folder == SOURCES)
    assert first.counts == {"graded": 3, "quarantined": 1, "failed": 0}
    assert (first.missing, first.waiting) == (0, 1)
    assert first.spread == Spread(3, 1, 1.5, 2, 2.5, 3)
    assert [(n, count) for n, count in enumerate(first.histogram) if count] == [(2, 1), (5, 1), (8, 1)]
    second = next(row for row in report.lessons if row.folder == VALIDATION)
    assert (second.missing, second.spread) == (3, None)

    # A missing lesson counts 0 of its 16 points; what is quarantined or failed counts neither way.
    found = {one.student: (one.points, one.most, one.missing, one.not_attempted) for one in report.learners}
    assert found == {
        "ada": (3, 7, [], 1),
        "ben": (2, 23, [VALIDATION], 1),
        "cho": (1, 23, [VALIDATION], 1),
        "dan": (0, 16, [VALIDATION], 0),
    }
    assert [one.student for one in report.learners] == ["dan", "cho", "ben", "ada"]
    assert report.spread == Spread.of([0, 1 / 23, 2 / 23, 3 / 7])

    products = next(row for row in report.exercises if row.exercise == "sources.products")
    assert (products.attempted, products.not_attempted, products.full, products.share) == (3, 0, 1, 0.5)
    events = next(row for row in report.exercises if row.exercise == "sources.events")
    assert (events.attempted, events.not_attempted, events.share) == (0, 3, None)

    checks = {row.health.check: row.health for row in report.checks}
    assert list(checks) == ["recaps", "reads", "types"]
    assert (checks["reads"].judged, checks["reads"].passed) == (3, 2)
    assert checks["types"].difficulty == pytest.approx(2 / 3)

    (mistake,) = report.mistakes  # two checks failed by one belief are one mistake of the submission
    assert ([one.student for one in mistake.submissions], mistake.judged) == (["ben", "cho"], 3)
    assert (mistake.belief, mistake.share) == ("ids are numbers", 2 / 3)

    assert [(one.where.student, one.state) for one in report.set_apart] == [("dan", "quarantined"), ("ada", "failed")]
    assert "autograder grade --student dan --lesson 01_sources" in report.set_apart[0].to_do
    assert [(one.where.student, one.notes) for one in report.repaired] == [("ben", ["The file was called x.ipynb."])]
    assert report.seconds == Spread(3, 1, 1.5, 2, 6, 10)
    assert dict(zip(report.seconds_edges, report.seconds_histogram, strict=False)) == {1: 1, 2: 1, 4: 0, 8: 1}
    assert (report.slow[0].where.student, report.slow[0].times_median) == ("cho", 5.0)
    assert report.slow[0].check_seconds == 0.5


def test_the_gradebook_counts_where_it_has_a_score(small: list[Record], course: Course) -> None:
    scores = [
        Score("cho", SOURCES, "sources-products-check", 1.75, 2.0, False),  # entered by a person
        Score("ada", SOURCES, "sources-products-check", 2.0, 2.0, True),  # to be looked at again
        Score("dan", SOURCES, "sources-recap-check", 1.0, 1.0, False),
        Score("eve", SOURCES, "sources-recap-check", 0.5, 1.0, False),  # graded by nbgrader alone
    ]
    report = class_report(small, scores, course, penalties={("cho", SOURCES): 0.25})
    found = {one.student: one.results[SOURCES] for one in report.learners}
    assert (found["cho"].points, found["cho"].late) == (2.5, 0.25)
    assert (found["ada"].points, found["ada"].most, found["ada"].waits) == (1, 5, 1)
    assert (found["dan"].points, found["dan"].most, found["dan"].waits) == (1, 1, 2)
    assert (found["eve"].state, found["eve"].points) == ("in the gradebook", 0.5)
    assert [(row.exercise, [one.student for one in row.submissions]) for row in report.waiting] == [
        ("sources.products", ["ada"])
    ]


def test_texts_wait_for_a_person_unless_nothing_was_written(course: Course) -> None:
    interview = course.lesson("13_interview")
    text = interview.prose[0]
    wrote = Record("ada", interview.folder, State.GRADED, "", unanswered=[one.id for one in interview.prose[1:]])
    report = class_report([wrote], [], course)
    assert [(row.exercise, len(row.submissions)) for row in report.waiting][-1] == (text.id, 1)
    assert report.learners[0].not_attempted == len(interview.prose) - 1
    graded = [Score("ada", interview.folder, text.graded_cell, 0.5, 1.0, False)]
    assert text.id not in [row.exercise for row in class_report([wrote], graded, course).waiting]


def run(**counts: int) -> dict[str, Any]:
    return {"started": "2026-11-20T08:00:00", "finished": "", "seed": "5eed" * 8, "checks": "c", "versions": {},
            "options": {"limits": {}}, "seconds": {"grade": 2.0}, "counts": counts}  # fmt: skip


def test_an_identity_that_is_broken_shows_so(small: list[Record], course: Course) -> None:
    there = {(one.student, one.lesson) for one in small}
    closing = class_report(
        small, [], course, handed_in=there, runs=[run(submissions=5, graded=3, quarantined=1, failed=1)]
    )
    assert closing.identity.closes
    assert "it closes" in page(closing, MADE)
    assert closing.runs[0]["closes"]

    lost = class_report(small, [], course, handed_in={*there, ("eve", SOURCES)}, runs=[run(submissions=6, graded=5)])
    assert not lost.identity.closes
    assert lost.identity.without_verdict == [f"eve, {SOURCES}"]
    html = page(lost, MADE)
    assert "it does not close" in html
    assert "submissions 6</span> ≠" in html
    assert "no: they do not add up" in html
    # As many in as out, and still not the same ones.
    other = class_report(small, [], course, handed_in={*list(there)[1:], ("eve", SOURCES)})
    assert not other.identity.closes
    assert len(other.identity.no_longer_there) == 1


def test_the_seed_does_not_leave_the_harness(small: list[Record], course: Course) -> None:
    report = class_report(small, [], course, runs=[run(submissions=0)])
    assert "5eed" not in json.dumps(as_json(report)) + page(report, MADE)
    assert len(report.runs[0]["seed_sha256"]) == 16


@pytest.mark.parametrize(
    "records",
    [
        [],
        [sources("ada", 2, 1.0)],
        [Record(name, SOURCES, State.QUARANTINED, "", reason="No file.") for name in ("ada", "ben")],
    ],
    ids=["nobody", "one learner", "all quarantined"],
)
def test_classes_without_much_in_them(records: list[Record], course: Course) -> None:
    report = class_report(records, [], course)
    html = page(report, MADE)
    assert report.identity.closes
    assert len(report.learners) == len(records)
    assert "nan" not in html
    json.dumps(as_json(report), allow_nan=False)


def test_the_titles_of_the_charts_say_what_the_numbers_say(small: list[Record], course: Course) -> None:
    html = page(class_report(small, [], course), MADE)
    assert "Half of the class has 7\N{NO-BREAK SPACE}% of the points or more; 4 of 4 are below" in html
    assert "Lowest median: Sources, 29\N{NO-BREAK SPACE}% of its points." in html
    assert "Hardest: “It types”, not passed by 67\N{NO-BREAK SPACE}%" in html
    assert "“ids are numbers”, 2 of 3." in html
    assert "took 2\N{NO-BREAK SPACE}s or less; the slowest took 10\N{NO-BREAK SPACE}s." in html
    # The same numbers, the same page.
    assert html == page(class_report(small, [], course), MADE)


@pytest.mark.parametrize(
    ("student", "href"),
    [
        ("<script>alert(1)</script>", "feedback/%3Cscript%3Ealert%281%29%3C%2Fscript%3E/01_sources/sources.html"),
        ("=cmd()|' A0", "feedback/%3Dcmd%28%29%7C%27%20A0/01_sources/sources.html"),
        ('a"onmouseover="x', "feedback/a%22onmouseover%3D%22x/01_sources/sources.html"),
        ("javascript:x#?%", "feedback/javascript%3Ax%23%3F%25/01_sources/sources.html"),
        ("../../etc", "feedback/..%2F..%2Fetc/01_sources/sources.html"),
    ],
)
def test_hostile_names_are_text(student: str, href: str, course: Course) -> None:
    one = dataclasses.replace(
        sources(student, 0, 1.0, notes=[f"The file was called {student}\x00\ud800.ipynb."]), reason=student
    )
    apart = Record(student, VALIDATION, State.QUARANTINED, "", reason=f"{student} `{student}` " + "x" * 10_000_000)
    html = page(class_report([one, apart], [], course, runs=[run(submissions=2, graded=2)]), MADE)
    assert f'href="{href}"' in html
    assert html.count("<script") == 1
    assert 'onmouseover="' not in html
    assert "\x00" not in html
    assert len(html.encode()) < 200_000


def test_report_of_a_real_class(
    course: Course, class_folder: Path, home: Path, small: list[Record], capsys: pytest.CaptureFixture[str],
    enter_points: Callable[[str, str, float], None],
) -> None:  # fmt: skip
    folders = ["--home", str(home), "--course", str(class_folder)]
    assert main(["report", *folders]) == FAILED
    assert "Run `autograder grade` first" in capsys.readouterr().err
    from autograder.grading.gradebook import Gradebook
    from autograder.settings import database_url

    store = RecordStore(class_folder)
    for record in small:
        store.write(record)
        (class_folder / "submitted" / record.student / record.lesson).mkdir(parents=True)
    Gradebook(database_url(home, class_folder)).load(small, course)
    enter_points("cho", "sources-products-check", 1.5)

    assert main(["report", "--no-naming", "--json", *folders]) == OK
    numbers = json.loads(capsys.readouterr().out)
    assert numbers["identity"]["closes"]
    assert numbers["differences"] == []
    assert {one["student"]: one["points"] for one in numbers["learners"]}["cho"] == 2.5
    assert not (class_folder / "report.html").exists()

    assert main(["report", "--no-naming", *folders]) == OK
    html = (class_folder / "report.html").read_text(encoding="utf-8")
    assert 'href="feedback/ada/01_sources/sources.html"' in html
    assert "5 submissions without a feedback page" in html
    other = class_folder / "to read" / "class.html"
    assert main(["report", "--no-naming", "--to", str(other), *folders]) == OK
    assert 'href="../feedback/ada/01_sources/sources.html"' in other.read_text(encoding="utf-8")


@pytest.fixture
def enter_points(class_folder: Path) -> Callable[[str, str, float], None]:
    """Enter points as a person does in formgrader."""
    import sqlite3

    def enter(student: str, cell: str, points: float) -> None:
        with sqlite3.connect(class_folder / "gradebook.db") as db:
            changed = db.execute(
                "update grade set manual_score = ?, needs_manual_grade = 0 where cell_id in (select id from base_cell "
                "where name = ?) and notebook_id in (select n.id from submitted_notebook n "
                "join submitted_assignment a on a.id = n.assignment_id where a.student_id = ?)",
                (points, cell, student),
            ).rowcount
        db.close()
        assert changed == 1

    return enter


def test_run_records_are_read_newest_first_and_damaged_ones_left_out(tmp_path: Path) -> None:
    runs = tmp_path / ".autograder" / "runs"
    runs.mkdir(parents=True)
    for name, text in {
        "2026-01-01": json.dumps(run(submissions=1)),
        "2026-01-02": "{",
        "2026-01-03": json.dumps(run(submissions=3)),
        "2026-01-04": '{"counts": []}',
    }.items():
        (runs / f"{name}.json").write_text(text, encoding="utf-8")
    assert [one["counts"]["submissions"] for one in read_runs(tmp_path)] == [3, 1]


def test_a_report_is_plain_values(small: list[Record], course: Course) -> None:
    report = class_report(small, [], course)
    data = json.loads(json.dumps(as_json(report)))
    assert set(data) == {one.name for one in dataclasses.fields(Report)}
    assert data["mistakes"][0]["count"] == 2
