"""Grade a class: collect, validate, run and judge in parallel, keep each verdict on disk, load, reconcile."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import MANIFEST, Course, CourseError
from autograder.grading.collect import Submission, collect
from autograder.grading.records import Record, RecordStore, State, write_whole
from autograder.grading.repair import Quarantined, read_notebook, read_release, repair
from autograder.grading.run import run_and_judge
from autograder.grading.secret import class_seed
from autograder.grading.session import TimeLimits, WarmProcess
from autograder.worlds import Worlds


@dataclass(frozen=True)
class Task:
    """A submission with all that a worker needs to grade it, and nothing else."""

    submission: Submission
    release: dict[str, Any]
    seed: int
    content: str
    limits: TimeLimits


@dataclass(frozen=True)
class Layout:
    """Where things are: `home` holds the course's sources, `course` what a class hands in and gets back."""

    home: Path
    course: Path

    @property
    def release(self) -> Path:
        return self.home / "lessons"

    @property
    def submitted(self) -> Path:
        return self.course / "submitted"

    @property
    def autograded(self) -> Path:
        return self.course / "autograded"

    @property
    def feedback(self) -> Path:
        return self.course / "feedback"


def grade_class(
    layout: Layout,
    course: Course,
    *,
    lessons: Sequence[str] = (),
    students: Sequence[str] = (),
    workers: int = 1,
    force: bool = False,
    limits: TimeLimits | None = None,
    progress: Callable[[Record, int, int], None] = lambda record, done, total: None,
) -> list[Record]:
    """Grade what was handed in and return a record for every submission, in the order in which they were collected.

    A submission whose file, release and checks have not changed keeps its record, unless `force` is set. Each new
    record is on disk, beside the executed notebook, before the next one is reported to `progress`.
    """
    store = RecordStore(layout.course)
    seed = class_seed(layout.course)
    submissions = collect(layout.submitted, course, lessons, students)
    releases = {s.lesson.folder: _release(layout, s) for s in submissions}
    checks = fingerprint()
    results: dict[tuple[str, str], Record] = {}
    tasks = []
    for submission in submissions:
        key = (submission.lesson.folder, submission.student)
        release = releases[submission.lesson.folder]
        content = _hash(submission.data, submission.problem, submission.timestamp, json.dumps(release), checks, seed)
        kept = None if force else store.read(*key)
        if kept and kept.content == content and kept.state is not State.FAILED:
            results[key] = kept
        else:
            tasks.append(Task(submission, release, seed, content, limits or TimeLimits()))
    for done, (record, notebook) in enumerate(_graded(tasks, workers), start=1):
        if notebook:
            write_whole(
                layout.autograded / record.student / course.lesson(record.lesson).path,
                json.dumps(notebook, ensure_ascii=False, indent=1) + "\n",
            )
            write_whole(layout.autograded / record.student / record.lesson / "timestamp.txt", record.timestamp)
        store.write(record)
        results[record.lesson, record.student] = record
        progress(record, done, len(tasks))
    return [results[s.lesson.folder, s.student] for s in submissions]


def _graded(tasks: Sequence[Task], workers: int) -> Iterator[tuple[Record, dict[str, Any] | None]]:
    if workers <= 1 or len(tasks) <= 1:
        yield from map(grade_one, tasks)
        return
    executor: Executor
    with ProcessPoolExecutor(min(workers, len(tasks))) as executor:
        for future in as_completed([executor.submit(grade_one, task) for task in tasks]):
            yield future.result()


def grade_one(task: Task) -> tuple[Record, dict[str, Any] | None]:
    """The record of one submission and its executed notebook; whatever goes wrong, there is a record."""
    start = time.perf_counter()
    submission = task.submission
    known = (submission.student, submission.lesson.folder)
    notes = list(submission.notes)
    try:
        if submission.problem:
            raise Quarantined(submission.problem)
        whole = repair(read_notebook(submission.data), task.release, submission.lesson)
        notes += whole.notes
        graded = run_and_judge(
            whole.notebook,
            submission.lesson,
            warm=_warm_process(),
            worlds=_worlds(task.seed),
            limits=task.limits,
            clock=time.monotonic,
        )
    except Quarantined as e:
        return Record(*known, State.QUARANTINED, task.content, submission.timestamp, str(e), notes), None
    except Exception as e:  # noqa: BLE001  the batch goes on; the instructor sees the record
        reason = f"The harness failed: {type(e).__name__}: {e}"
        return Record(*known, State.FAILED, task.content, submission.timestamp, reason, notes), None
    answers = {
        exercise.id: next(
            cell["source"]
            for cell in graded.notebook["cells"]
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == exercise.answer_cell
        )
        for exercise in submission.lesson.exercises
    }
    record = Record(
        *known,
        State.GRADED,
        task.content,
        submission.timestamp,
        notes=notes,
        verdicts=graded.verdicts,
        answers=answers,
        seconds=time.perf_counter() - start,
    )
    return record, graded.notebook


# One of each per worker process: what they hold costs seconds to make and is the same for every submission.
@functools.cache
def _warm_process() -> WarmProcess:
    return WarmProcess()


@functools.lru_cache(maxsize=1)
def _worlds(seed: int) -> Worlds:
    return Worlds(seed)


def _release(layout: Layout, submission: Submission) -> dict[str, Any]:
    path = layout.release / submission.lesson.path
    try:
        return read_release(path)
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist. Run `autograder release` first.") from None


def fingerprint() -> str:
    """A hash of the code that decides verdicts: the checks, the worlds, the pipeline and the manifest."""
    package = MANIFEST.parent
    files = [MANIFEST, *sorted(package.glob("*.py"))]
    files += [p for name in ("checks", "seam", "sandbox", "grading") for p in sorted((package / name).glob("*.py"))]
    files += [p for name in ("data_generators", "pipeline") for p in sorted((package.parent / name).glob("*.py"))]
    return _hash(*(path.read_bytes() for path in files))


def _hash(*parts: object) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def worker_count() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
