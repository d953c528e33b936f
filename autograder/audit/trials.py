"""Judge every entry of the bank, and mutants of right answers, on several seeds and in as many processes as cores."""

from __future__ import annotations

import ast
import concurrent.futures as futures
import json
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.audit.here import killed_by, verdict_here
from autograder.audit.mutants import Mutant, equivalent, mutants
from autograder.audit.report import STUB, Judged, Report
from autograder.bank import Entry, load_bank
from autograder.course import Course, CourseError, Exercise, Lesson
from autograder.grading.collect import Submission
from autograder.grading.grade import Options, grade_each, processes
from autograder.grading.naming import learn, named
from autograder.grading.repair import read_release
from autograder.submissions import grade_id, hand_in
from autograder.worlds import PUBLIC_SEED

MUTANT_SEEDS = (PUBLIC_SEED, 11, 2**90 + 5)
"""A mutant survives when it passes on all of these."""
_GROUP = 8


@dataclass(frozen=True)
class Plan:
    """What is to be judged, on which seeds: the first as a class is graded, the others in forks of our processes.

    With `full`, all seeds as a class is graded, in notebooks that keep their demonstrations. Without `mutate`, no
    mutants.
    """

    exercises: Sequence[Exercise]
    seeds: Sequence[int] = field(default_factory=lambda: (secrets.randbits(128), PUBLIC_SEED, secrets.randbits(128)))
    full: bool = False
    mutate: bool = True
    workers: int = 1
    confined: bool = True


Progress = Callable[[int, int], None]


def audit(home: Path, course: Course, plan: Plan, progress: Progress = lambda done, total: None) -> Report:
    """Judge the bank of these exercises and report. `progress` gets how many judgements are done, and of how many.

    Raises `CourseError` where the system cannot fork, a lesson has not been released, or an exercise has no bank.
    """
    if sys.platform == "win32":
        raise CourseError("The audit needs fork, which Windows does not have. Run it on Linux, or in the container.")
    banks = {exercise.id: load_bank(exercise.id) for exercise in plan.exercises}
    releases = {e.id: read_release(home / "lessons" / lesson.path) for e, lesson in _places(course, plan)}
    stubs = {e.id: _stub(releases[e.id], e) for e in plan.exercises}
    found_mutants = [m for e in plan.exercises if plan.mutate for m in _mutants(e, banks[e.id])]
    in_class = plan.seeds if plan.full else plan.seeds[:1]
    sizes = sum(len(bank) + 1 for bank in banks.values())
    total, done = sizes * len(plan.seeds) + len(found_mutants), 0

    judged: list[Judged] = []
    for seed in in_class:
        for one in _in_class(home, course, plan, banks, seed):
            judged.append(one)
            done += 1
            progress(done, total)
    killers: list[tuple[Mutant, str]] = []
    with processes(plan.workers) as pool:
        try:
            work: list[futures.Future[Any]] = []
            for exercise in plan.exercises:
                items = [(STUB, stubs[exercise.id]), *((entry.name, entry.code) for entry in banks[exercise.id])]
                for seed in plan.seeds[len(in_class) :]:
                    work += [pool.submit(_here, exercise, group, seed) for group in _groups(items)]
                own = [mutant for mutant in found_mutants if mutant.exercise == exercise.id]
                work += [pool.submit(_killed, exercise, group) for group in _groups(own)]
            for future in futures.as_completed(work):
                results = future.result()
                judged += [one for one in results if isinstance(one, Judged)]
                killers += [one for one in results if not isinstance(one, Judged)]
                done += len(results)
                progress(done, total)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return Report(tuple(plan.exercises), banks, tuple(plan.seeds), judged, killers, equivalent())


def _places(course: Course, plan: Plan) -> Iterator[tuple[Exercise, Lesson]]:
    wanted = {exercise.id for exercise in plan.exercises}
    return ((e, lesson) for lesson in course.lessons for e in lesson.exercises if e.id in wanted)


def _groups(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + _GROUP] for start in range(0, len(items), _GROUP))


def _stub(release: dict[str, Any], exercise: Exercise) -> str:
    cells = {grade_id(cell): cell for cell in release["cells"]}
    return "".join(cells[exercise.answer_cell]["source"])


def _mutants(exercise: Exercise, bank: Sequence[Entry]) -> list[Mutant]:
    if exercise.kind != "function":
        return []
    return mutants(exercise.id, next(entry.code for entry in bank if entry.right))


# --- as a class is graded ---------------------------------------------------------------------------------------


def _in_class(home: Path, course: Course, plan: Plan, banks: dict[str, list[Entry]], seed: int) -> Iterator[Judged]:
    """One notebook holds one entry of each of its lesson's exercises, the first holds none.

    No entry can spoil another's verdict: each has its own cell, and is judged before the next one is defined.
    """
    lessons = {lesson.folder: lesson for _, lesson in _places(course, plan)}
    own = {folder: [e for e, place in _places(course, plan) if place is lesson] for folder, lesson in lessons.items()}

    def hand_all_in() -> Iterator[tuple[Submission, str]]:
        for folder, lesson in lessons.items():
            text = (home / "lessons" / lesson.path).read_text(encoding="utf-8")
            release = json.loads(text) if plan.full else _without_demonstrations(json.loads(text))
            for place in range(max(len(banks[e.id]) for e in own[folder]) + 1):
                answers = {e.id: banks[e.id][place - 1].code for e in own[folder] if 0 < place <= len(banks[e.id])}
                data = json.dumps(hand_in(release, lesson, answers)).encode()
                yield Submission(str(place), lesson, data), text

    options = Options(workers=plan.workers, confined=plan.confined)
    learnt = learn(plan.exercises, seed, confined=plan.confined, workers=plan.workers)
    names = {exercise.id: known for exercise, known in learnt}
    for record in (named(one, names) for one in grade_each(hand_all_in(), seed, options)):
        if not record.verdicts:
            raise CourseError(f"The audit's notebook for {record.lesson} was not graded: {record.reason}")
        place = int(record.student)
        for verdict in record.verdicts:
            if verdict.exercise not in banks or place > len(banks[verdict.exercise]):
                continue
            name = banks[verdict.exercise][place - 1].name if place else STUB
            yield Judged(
                verdict.exercise,
                name,
                seed,
                {o.check: str(o.status) for o in verdict.outcomes},
                {o.check: f"{o.rationale} {o.got}".strip() for o in verdict.outcomes if o.rationale},
                verdict.points,
                {o.check: o.mistake for o in verdict.outcomes if o.mistake},
            )


def _without_demonstrations(release: dict[str, Any]) -> dict[str, Any]:
    """The notebook without the cells that only show something, as a learner may hand it in; they take most time."""
    cells = [c for c in release["cells"] if c["metadata"].get("nbgrader") or _defines(c)]
    return {**release, "cells": cells}


def _defines(cell: dict[str, Any]) -> bool:
    if cell["cell_type"] != "code":
        return False
    try:
        body = ast.parse("".join(cell["source"])).body
    except SyntaxError:  # a line for IPython
        return False
    return all(isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)) for node in body)


# --- in forks of a worker ---------------------------------------------------------------------------------------


def _here(exercise: Exercise, items: Sequence[tuple[str, str]], seed: int) -> list[Judged]:
    found = []
    for name, code in items:
        outcomes = verdict_here(exercise, code, seed)
        if outcomes is None:
            found.append(Judged(exercise.id, name, seed, {}, {"": "never ended, or ended the process"}, 0.0, None))
            continue
        statuses = {o["check"]: o["status"] for o in outcomes}
        why = {o["check"]: o["why"] for o in outcomes if o["why"]}
        found.append(Judged(exercise.id, name, seed, statuses, why, sum(o["points"] for o in outcomes), None))
    return found


def _killed(exercise: Exercise, group: Sequence[Mutant]) -> list[tuple[Mutant, str]]:
    return [(mutant, killed_by(exercise, mutant.code, MUTANT_SEEDS)) for mutant in group]
