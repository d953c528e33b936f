"""The bank's files: sections in, entries out, and a clear message for a section that is not well formed."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import bank
from autograder.bank import Entry, load_bank
from autograder.course import CourseError

GOOD = """# %% right: as it should be
def answer():
    return 1


# %% wrong: one too many
# belief: counting starts at 1
# fails: counts_from_zero, is_small
# at_most: 1.5
# a comment of the submission
def answer():
    return 2
"""


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bank, "__file__", str(tmp_path / "__init__.py"))
    return tmp_path / "lesson_exercise.py"


def test_sections_become_entries(written: Path) -> None:
    written.write_text(GOOD, encoding="utf-8")
    right, wrong = load_bank("lesson.exercise")
    assert right == Entry("as it should be", True, "", (), None, "def answer():\n    return 1\n")
    assert (wrong.name, wrong.right, wrong.belief) == ("one too many", False, "counting starts at 1")
    assert (wrong.fails, wrong.at_most) == (("counts_from_zero", "is_small"), 1.5)
    assert wrong.code == "# a comment of the submission\ndef answer():\n    return 2\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# %% rigth: a typing error\nx = 1\n", "expected `# %% right: <name>`"),
        ("# %% right: empty\n\n", "expected code below 'empty'"),
        ("# %% right: twice\nx = 1\n# %% right: twice\nx = 2\n", "expected one entry called 'twice'"),
        ("# %% wrong: bare\nx = 1\n", "expected a line `# belief: ...` below 'bare'"),
        (
            "# %% wrong: word\n# belief: b\n# fails: f\n# at_most: two\nx = 1\n",
            "expected at_most of 'word' as a number",
        ),
    ],
)
def test_a_section_that_is_not_well_formed_is_named(written: Path, text: str, message: str) -> None:
    written.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=f"lesson_exercise.py: {message}".replace("(", r"\(").replace("?", r"\?")):
        load_bank("lesson.exercise")


def test_an_exercise_without_a_bank_is_named(written: Path) -> None:
    with pytest.raises(CourseError, match=r"bank of lesson\.exercise in lesson_exercise\.py; there is no such file"):
        load_bank("lesson.exercise")


CHANGE = """
# %% wrong: changed
# belief: b
# see: Where it is said
# fails: f
# at_most: 1
# from: as it should be
"""


def test_an_entry_may_say_what_it_changes_in_another(written: Path) -> None:
    edit = "# - def answer():\n# -     return 1\n# + def answer():\n# +     x = 2\n# +\n# +     return x\n"
    written.write_text(GOOD + CHANGE + edit, encoding="utf-8")
    changed = load_bank("lesson.exercise")[-1]
    assert (changed.code, changed.see) == ("def answer():\n    x = 2\n\n    return x\n", "Where it is said")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ("# - return 3\n# + return 4\n", "expected 'return 3' exactly once"),
        ("# - n\n# + m\n", "expected 'n' exactly once"),
        ("# + return 4\n", "expected `# - old` before"),
        ("", "expected a line `# - old`"),
        ("x = 1\n", "expected only lines"),
    ],
)
def test_a_change_that_does_not_fit_is_named(written: Path, edit: str, message: str) -> None:
    written.write_text(GOOD + CHANGE + edit, encoding="utf-8")
    with pytest.raises(CourseError, match=message):
        load_bank("lesson.exercise")


def test_a_change_needs_the_section_that_it_changes(written: Path) -> None:
    written.write_text(GOOD + CHANGE.replace("as it should be", "elsewhere") + "# - x\n", encoding="utf-8")
    with pytest.raises(CourseError, match="no section above it has that name"):
        load_bank("lesson.exercise")
