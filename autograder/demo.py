"""The whole course in one command: the pipeline on the default world, then a sample class up to the gradebook."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.bank import load_bank
from autograder.course import Course, Lesson
from autograder.grading.records import write_whole
from autograder.grading.repair import read_release
from autograder.sandbox.confine import can_confine
from autograder.submissions import hand_in, without_cells

BROKEN = "fay"
LESSONS = 3
"""How many lessons the sample class has worked through: the first ones that carry points."""


def sample_class(home: Path, course: Course) -> Iterator[tuple[Path, str]]:
    """The files that a small class hands in: path below `submitted/`, and text.

    Ada and Ben have everything right, in two styles. Chen Li, whose name has a comma, makes the first mistake of
    the bank in each exercise, Dora the last. Emil hands in what he was given. Fay's files are broken.
    """
    lessons = [lesson for lesson in course.lessons if lesson.points][:LESSONS]
    for number, lesson in enumerate(lessons):
        release = read_release(home / "lessons" / lesson.path)
        banks = {exercise.id: load_bank(exercise.id) for exercise in lesson.exercises}
        right = {i: [entry.code for entry in bank if entry.right] for i, bank in banks.items()}
        wrong = {i: [entry.code for entry in bank if not entry.right] for i, bank in banks.items()}
        students = {
            "ada": {i: codes[0] for i, codes in right.items()},
            "ben": {i: codes[-1] for i, codes in right.items()},
            "chen, li": {i: codes[0] for i, codes in wrong.items()},
            "dora": {i: codes[-1] for i, codes in wrong.items()},
            "emil": {},
        }
        for student, answers in students.items():
            yield Path(student) / lesson.path, json.dumps(hand_in(release, lesson, answers), indent=1)
        solved = hand_in(release, lesson, students["ada"])
        yield from _broken(lesson, solved, number)


def _broken(lesson: Lesson, solved: dict[str, object], number: int) -> Iterator[tuple[Path, str]]:
    folder = Path(BROKEN) / lesson.folder
    if number == 0:
        yield folder / lesson.path.name, "<html>saved from the browser</html>"
    elif number == 1:
        checks = [exercise.check_cell for exercise in lesson.exercises]
        yield folder / f"{lesson.notebook} (1).ipynb", json.dumps(without_cells(solved, *checks), indent=1)
    else:
        yield folder / "notes.txt", "I could not find the notebook."


def run_demo(home: Path, course: Course) -> int:
    """Run everything in `<home>/demo` and print the gradebook. Returns the exit code."""
    from autograder.cli import main

    start = time.perf_counter()
    target = home / "demo"
    print("1. The pipeline, six steps on the default world\n")
    print(_pipeline_report())
    print("\n2. The lessons, derived from solutions/\n")
    folders = ["--home", str(home), "--course", str(target)]
    if code := main(["release", *folders]):
        return code
    for path, text in sample_class(home, course):
        write_whole(target / "submitted" / path, text)
    write_whole(target / "nbgrader_config.py", _NBGRADER_CONFIG)
    print("\n3. A class of six, graded\n")
    # The sample class is ours; where nothing can confine it, it is run all the same.
    unsafe = [] if can_confine() else ["--unsafe-no-sandbox"]
    if (code := main(["grade", *folders, *unsafe])) not in (0, 3):
        return code
    for command in ("feedback", "report"):
        if code := main([command, *folders]):
            return code
    from autograder.grading.export import as_gradebook
    from autograder.grading.gradebook import Gradebook
    from autograder.settings import database_url

    print("\n4. The gradebook\n")
    print(as_gradebook(Gradebook(database_url(home, target)).scores()))
    print(f"\nThe class at a glance: {target / 'report.html'}. Feedback pages: {target / 'feedback'}")
    print(f"To look into it: cd {target} && nbgrader formgrader --help")
    print(f"Done in {time.perf_counter() - start:.0f} seconds.")
    return 0


_NBGRADER_CONFIG = '''"""nbgrader's settings for the sample class."""

from pathlib import Path

from autograder.settings import configure

course = Path(__file__).parent
configure(get_config(), home=course.parent, course=course)
'''


def _pipeline_report() -> str:
    from data_generators import make_world
    from pipeline import run

    world = make_world(42)
    with tempfile.TemporaryDirectory() as lake:
        done = run(world, Path(lake), as_of=world.as_of)
    lines = [done.rows.to_string(), "", "quarantined, by reason:", done.reasons.to_string(header=False), ""]
    lines += [f"{stage:<16}{seconds:6.2f} s" for stage, seconds in done.seconds.items()]
    failed = [check for check in done.checks if not check.passed]
    lines += ["", f"{len(done.checks)} checks after the load, {len(failed)} failed"]
    lines += [f"  {check.name}: expected {check.expected}, got {check.got}" for check in failed]
    return "\n".join(lines)
