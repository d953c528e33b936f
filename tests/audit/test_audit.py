"""The audit of one small exercise: counts, and what it says of a bank in which something is wrong."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from autograder.audit import Plan, audit, here, trials
from autograder.audit.mutants import EQUIVALENT, equivalent, mutants
from autograder.bank import Entry, load_bank
from autograder.cli import FAILED, OK, main
from autograder.course import Course, CourseError
from autograder.grading import naming

EXERCISE = "load_raw.prune"
COUNTS = ("wrong", "false_pass", "right", "false_fail", "mutants", "survived", "named")


def test_the_bank_of_one_exercise_is_judged_as_it_says(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["audit", "--home", str(home), "--exercise", EXERCISE, "--seeds", "2", "--json"])
    counts = json.loads(capsys.readouterr().out)
    bank = load_bank(EXERCISE)
    assert set(COUNTS) <= set(counts)
    assert counts["findings"] == []
    assert code == OK
    assert counts["wrong"] == sum(not entry.right for entry in bank)
    assert counts["right"] == sum(entry.right for entry in bank)
    assert counts["named"] >= 0.8 * counts["wrong"]
    assert counts["mutants"] > 10
    assert len(counts["seeds"]) == 2


def planted(entries: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (trials, here):
        monkeypatch.setattr(module, "load_bank", lambda _: entries)
    monkeypatch.setattr(naming, "_bank", lambda _: {entry.name: entry for entry in entries if not entry.right})


def test_a_bank_that_does_not_agree_with_the_checks_is_reported(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    right, wrong = (next(entry for entry in load_bank(EXERCISE) if entry.right is kind) for kind in (True, False))
    check = wrong.fails[0]
    entries = [
        right,
        Entry("right, called wrong", False, "right is wrong", (check,), 0.0, right.code),
        Entry("wrong, called right", True, "", (), None, wrong.code),
        wrong,
        Entry("ends the process", False, "the end", (check,), 0.0, "import os\n" + right.code + "\nos._exit(0)\n"),
    ]
    planted(entries, monkeypatch)
    assert main(["audit", "--home", str(home), "--exercise", EXERCISE, "--seeds", "2", "--workers", "2"]) == FAILED
    printed = capsys.readouterr().out
    assert "FALSE PASS right, called wrong" in printed
    assert "FALSE FAIL wrong, called right" in printed
    assert f"x.... named {wrong.name}" in printed
    assert "3 wrong, 1 false pass, 2 right, 1 false fail" in printed


def test_a_verdict_that_hangs_on_the_seed_is_reported(
    home: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = course.exercise("idempotency.merge")
    bank = load_bank(exercise.id)
    right = next(entry for entry in bank if entry.right)
    # Which of the users comes first is decided by the seed; here the even ones are lucky.
    lucky = (
        f"\n_right = {exercise.answer}\n"
        f"def {exercise.answer}(*args):\n"
        "    rows = _right(*args)\n"
        "    return rows if int(float(rows['amount'].fillna(0).sum()) * 100) % 2 else rows.iloc[1:]\n"
    )
    planted([right, Entry("lucky", False, "luck", (), exercise.points, right.code + lucky)], monkeypatch)
    plan = Plan([exercise], seeds=tuple(range(4)), mutate=False, workers=2)
    found = audit(home, course, plan).findings()
    assert [(finding.kind, finding.entry) for finding in found] == [("seed_dependent", "lucky")]


def test_code_that_never_ends_is_ended() -> None:
    start = time.monotonic()

    def endless() -> None:
        while True:
            time.sleep(1)

    assert here.in_a_fork(endless, 0.5) is None
    assert here.in_a_fork(lambda: os._exit(3), 5) is None
    assert here.in_a_fork(lambda: {"a": [1]}, 5) == {"a": [1]}
    assert time.monotonic() - start < 5


CODE = '''
def loads(rows, days=3):
    """Text with 3 in it."""
    kept = rows[rows["amount"] >= 0].sort_values("timestamp").drop_duplicates("event_id", keep="last")
    label = f"{days} days"
    return kept.fillna(0) if not kept.empty and days > 1 else kept.head(days)
'''


@pytest.mark.parametrize(
    "line",
    [
        "def loads(rows, days=4):",
        'kept = rows[rows["amount"] > 0].sort_values("timestamp").drop_duplicates("event_id", keep="last")',
        "kept = rows[rows['amount'] >= 0].drop_duplicates('event_id', keep='last')",
        'kept = rows[rows["amount"] >= 0].sort_values("timestamp").drop_duplicates("event_id", keep=\'first\')',
        'kept = rows[rows["amount"] >= 0].sort_values(\'ingested_at\').drop_duplicates("event_id", keep="last")',
        "return kept if not kept.empty and days > 1 else kept.head(days)",
        "return kept.fillna(0) if not kept.empty or days > 1 else kept.head(days)",
        "return kept.fillna(0) if kept.empty and days > 1 else kept.head(days)",
        "return kept.fillna(0) if not kept.empty and days >= 1 else kept.head(days)",
        "return kept.fillna(0) if not kept.empty and days > 1 else kept.tail(days)",
    ],
)
def test_a_mutant_has_one_change(line: str) -> None:
    def plain(text: str) -> str:
        return text.replace('"', "'")

    found = mutants("none", CODE)
    assert plain(line) in {plain(mutant.now) for mutant in found}
    assert all(mutant.code.count("\n") == CODE.count("\n") for mutant in found)
    assert len({mutant.code for mutant in found}) == len(found)


def test_what_is_marked_as_equivalent_is_a_mutant_and_has_a_reason(course: Course) -> None:
    marked = equivalent(EQUIVALENT)
    there: dict[str, set[str]] = {}
    for exercise in {exercise for exercise, _ in marked}:
        right = next(entry.code for entry in load_bank(course.exercise(exercise).id) if entry.right)
        there[exercise] = {mutant.now for mutant in mutants(exercise, right)}
    assert [key for key in marked if key[1] not in there[key[0]]] == []
    assert all(len(reason) > 20 for reason in marked.values())


def test_an_entry_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "equivalent.toml"
    path.write_text('[[mutant]]\nexercise = "a.b"\nline = "x"\n', encoding="utf-8")
    with pytest.raises(CourseError, match="reason"):
        equivalent(path)


@pytest.mark.parametrize("words", [["--exercise", "none.such"], ["--lesson", "99_nothing"]])
def test_what_does_not_exist_is_named(words: list[str], home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--home", str(home), *words]) == FAILED
    assert "There is no" in capsys.readouterr().err
