"""Grade a class: collect, validate, run and judge in parallel, keep each verdict on disk, load, reconcile.

An idempotent pipeline: stopped at any moment and started again, it goes on where it was, and ends with the gradebook
that an undisturbed run gives.
"""

from __future__ import annotations

import concurrent.futures as futures
import contextlib
import datetime as dt
import functools
import hashlib
import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course import MANIFEST, Course, CourseError, Lesson
from autograder.grading.collect import Folder, Submission, find, read
from autograder.grading.late import load_policy, noted
from autograder.grading.records import Record, RecordStore, RunRecord, State, slim, write_whole
from autograder.grading.repair import Quarantined, read_notebook, read_release, repair
from autograder.grading.run import run_and_judge
from autograder.grading.secret import class_seed
from autograder.grading.session import TimeLimits
from autograder.grading.warm_process import Unconfined, WarmProcess
from autograder.sandbox.confine import die_with_parent
from autograder.submissions import grade_id
from autograder.worlds import Worlds

if TYPE_CHECKING:
    from autograder.grading.gradebook import Gradebook

BATCH = 50
"""Submissions written to the gradebook in one transaction."""


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


@dataclass(frozen=True)
class Options:
    """How a class is graded. `scheduler` is the address of a Dask cluster; without it, processes on this machine."""

    lessons: Sequence[str] = ()
    students: Sequence[str] = ()
    workers: int = 1
    force: bool = False
    confined: bool = True
    limits: TimeLimits = field(default_factory=TimeLimits)
    scheduler: str = ""


@dataclass(frozen=True)
class Task:
    """A submission with all that a worker needs to grade it, and nothing else."""

    submission: Submission
    release: str = field(repr=False)
    seed: int = field(repr=False)
    content: str
    limits: TimeLimits
    warm: Warm


@dataclass(frozen=True)
class Warm:
    """Which warm process a worker uses: the one behind this inherited socket, or one of its own."""

    confined: bool
    control: int | None = None


Progress = Callable[[Record, int, int], None]
Result = tuple[Record, dict[str, Any] | None]


def grade_class(
    layout: Layout, course: Course, options: Options, progress: Progress, started: WarmProcess | None = None
) -> Iterator[Record]:
    """Grade what was handed in; gives a record for every submission, as each is finished.

    A submission whose file, release and checks have not changed keeps its record, unless `force` is set. Each new
    record is on disk, beside the executed notebook, before it is given. `progress` gets every record, how many
    are done and how many there are. `started` is a warm process that was started before, to save time.
    """
    store = RecordStore(layout.course)
    folders = find(layout.submitted, course, options.lessons, options.students)
    models = functools.cache(functools.partial(_model_answers, layout))
    with _warm(options, started) as warm:
        work = _work(layout, store, options, folders, warm)
        for done, (record, notebook) in enumerate(_run(work, options, warm), start=1):
            if notebook:
                lesson = course.lesson(record.lesson)
                path = layout.autograded / record.student / lesson.path
                _show_model_answers(notebook, models(lesson))
                write_whole(path, json.dumps(notebook, ensure_ascii=False, indent=1) + "\n")
                if record.timestamp:
                    write_whole(path.with_name("timestamp.txt"), record.timestamp)
            if store.read(record.lesson, record.student) != record:
                store.write(record)
            progress(record, done, len(folders))
            yield record


def grade_each(submissions: Iterable[tuple[Submission, str]], seed: int, options: Options) -> Iterator[Record]:
    """Grade submissions that lie in no class folder, each beside its released notebook, and write nothing.

    The records come in the order in which they are finished.
    """
    with _warm(options) as warm:
        shared = Warm(options.confined, warm.control if warm and _FORKS else None)
        work = (Task(submission, release, seed, "", options.limits, shared) for submission, release in submissions)
        for record, _ in _run(work, options, warm):
            yield record


def preview(layout: Layout, course: Course, options: Options) -> Iterator[tuple[Record | None, Record]]:
    """For each submission the record that is kept, if any, and the one that grading again would give; writes nothing.

    Where neither the file nor anything that decides its verdict has changed, the two are the same.
    """
    store = RecordStore(layout.course)
    folders = find(layout.submitted, course, options.lessons, options.students)
    with _warm(options) as warm:
        for record, _ in _run(_work(layout, store, options, folders, warm), options, warm):
            yield store.read(record.lesson, record.student), record


def grade_and_load(
    layout: Layout,
    course: Course,
    options: Options,
    db_url: str,
    progress: Progress,
    warm: WarmProcess | None = None,
) -> tuple[list[Record], RunRecord]:
    """Grade, load into the gradebook in batches, and reconcile; gives slim records and what the run was.

    Raises `CourseError` where the late policy cannot be read, and where the gradebook cannot be written, or afterwards
    says otherwise than the verdicts.
    """
    policy = load_policy(layout.course, course)
    started = dt.datetime.now(dt.UTC)
    clock = _Stages(time.perf_counter)
    records: list[Record] = []
    batch: list[Record] = []
    gradebook: Gradebook | None = None
    for record in clock.timed("grade", grade_class(layout, course, options, progress, warm)):
        batch.append(record)
        records.append(noted(slim(record), policy))
        if len(batch) >= BATCH:
            gradebook = gradebook or _open(db_url)
            clock.run("load", gradebook.load, batch, course)
            batch = []
    gradebook = gradebook or _open(db_url)
    clock.run("load", gradebook.load, batch, course)
    clock.run("load", gradebook.charge, policy)
    wrong = clock.run("reconcile", gradebook.differences, records, course, policy)
    run = RunRecord.of(records, started, clock.seconds, class_seed(layout.course), fingerprint(), options)
    run.write(layout.course)
    if wrong:
        raise CourseError("The gradebook does not agree with the verdicts:\n  " + "\n  ".join(wrong[:20]))
    return records, run


def _open(db_url: str) -> Gradebook:
    """The gradebook, opened late: importing what it needs takes a second, and by now the workers are running."""
    from autograder.grading.gradebook import Gradebook

    return Gradebook(db_url)


class _Stages:
    """Seconds by stage from a clock that never goes back; stages that take turns are told apart."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.seconds: dict[str, float] = {}

    def run(self, stage: str, function: Callable[..., Any], *args: Any) -> Any:
        start = self._clock()
        try:
            return function(*args)
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + self._clock() - start

    def timed(self, stage: str, items: Iterator[Record]) -> Iterator[Record]:
        while (item := self.run(stage, next, items, None)) is not None:
            yield item


def _work(
    layout: Layout, store: RecordStore, options: Options, folders: Sequence[Folder], warm: WarmProcess | None
) -> Iterator[Task | Record]:
    """For each folder the record that still holds, or a task; read one by one, so that memory stays flat."""
    seed, checks = class_seed(layout.course), fingerprint()
    releases = {folder.lesson.folder: _release(layout, folder.lesson) for folder in folders}
    # Only processes forked from this one inherit the socket of its warm process.
    control = warm.control if warm and not options.scheduler and _FORKS else None
    for folder in folders:
        submission = read(folder)
        release = releases[folder.lesson.folder]
        content = hash_of(submission.data, submission.problem, submission.timestamp, release, checks, seed)
        kept = None if options.force else store.read(folder.lesson.folder, folder.student)
        if kept and kept.content == content and kept.state is not State.FAILED:
            yield kept
        else:
            yield Task(submission, release, seed, content, options.limits, Warm(options.confined, control))


def _run(work: Iterator[Task | Record], options: Options, warm: WarmProcess | None) -> Iterator[Result]:
    """The results in the order in which they are finished, with a bounded number of tasks under way."""
    pending: dict[futures.Future[Result], Task] = {}
    with contextlib.ExitStack() as stack:
        executor = _executor(options, stack)
        window = 2 * (options.workers if not options.scheduler else 64)
        for item in work:
            if isinstance(item, Record):
                yield item, None
                continue
            if executor is None:
                yield grade_one(item)
                continue
            pending[executor.submit(grade_one, item)] = item
            if warm:
                warm.wait_until_ready()
            while executor and len(pending) >= window:
                executor = yield from _finished(pending, executor, options, stack)
        while pending and executor:
            executor = yield from _finished(pending, executor, options, stack)


def _finished(
    pending: dict[futures.Future[Result], Task],
    executor: futures.Executor,
    options: Options,
    stack: contextlib.ExitStack,
) -> Generator[Result, None, futures.Executor | None]:
    """Wait for one task at least and give the results. Where a worker died, find out over which submission."""
    done, _ = futures.wait(pending, return_when=futures.FIRST_COMPLETED)
    for future in done:
        task = pending[future]
        try:
            result = future.result()
        except futures.BrokenExecutor:
            # All that were under way are lost with the worker: each again by itself, so that only one can be to blame.
            suspects = list(pending.values())
            pending.clear()
            for suspect in suspects:
                yield _alone(suspect)
            return _executor(options, stack)
        except Unconfined:
            raise
        except Exception as e:  # noqa: BLE001  a cluster has its own ways to say that a worker died
            result = _failed(task, e)
        del pending[future]
        yield result
    return executor


def _alone(task: Task) -> Result:
    with processes(1) as executor:
        try:
            return executor.submit(grade_one, task).result()
        except futures.BrokenExecutor as e:
            return _failed(task, e)


_FORKS = "fork" in multiprocessing.get_all_start_methods() and sys.platform == "linux"


def processes(workers: int) -> ProcessPoolExecutor:
    """A pool of processes that end with this one, and leave Ctrl-C to it."""
    context = multiprocessing.get_context("fork") if _FORKS else None
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)


def _start_worker() -> None:
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C stops the command, which then ends its workers


def _executor(options: Options, stack: contextlib.ExitStack) -> futures.Executor | None:
    """Where tasks run: on a Dask cluster, in processes, or (None) right here."""
    if options.scheduler:
        from distributed import Client

        client: Any = Client  # carries no types
        executor: futures.Executor = stack.enter_context(client(options.scheduler)).get_executor(pure=False)
        return executor
    if options.workers <= 1:
        return None
    pool = processes(options.workers)
    stack.callback(pool.shutdown, wait=False, cancel_futures=True)
    return pool


@contextlib.contextmanager
def _warm(options: Options, started: WarmProcess | None = None) -> Iterator[WarmProcess | None]:
    """The warm process of this machine's workers; on a cluster each worker starts its own."""
    if options.scheduler:
        yield None
        return
    with started or WarmProcess(confined=options.confined) as warm:
        try:
            yield warm
        finally:
            if warm_process.cache_info().currsize:  # this very process has graded, over a copy of the socket
                warm_process(Warm(options.confined, warm.control)).close()
            warm_process.cache_clear()  # the socket of the next run may have the same number


def grade_one(task: Task) -> Result:
    """The record of one submission and its executed notebook; whatever goes wrong, there is a record."""
    start = time.perf_counter()
    submission = task.submission
    notes = list(submission.notes)
    try:
        if submission.problem:
            raise Quarantined(submission.problem)
        whole = repair(read_notebook(submission.data), _parsed(task.release), submission.lesson)
        notes += whole.notes
        graded = run_and_judge(
            whole.notebook,
            submission.lesson,
            warm=warm_process(task.warm),
            worlds=worlds_of(task.seed),
            limits=task.limits,
            clock=time.monotonic,
        )
    except Quarantined as e:
        record = _record(task, State.QUARANTINED, notes=notes, reason=str(e))
        return record, not_graded(_parsed(task.release), record.reason)
    except Unconfined:
        raise  # nothing can be graded here
    except Exception as e:  # noqa: BLE001  the batch goes on; the instructor sees the record
        return _failed(task, e)
    answers = _answers(graded.notebook, submission.lesson)
    released = _answers(_parsed(task.release), submission.lesson)
    record = _record(
        task,
        State.GRADED,
        notes=notes,
        verdicts=graded.verdicts,
        answers=answers,
        unanswered=[e.id for e in submission.lesson.prose if answers[e.id].strip() in ("", released[e.id].strip())],
        seconds=time.perf_counter() - start,
    )
    return record, graded.notebook


def not_graded(release: dict[str, Any], reason: str) -> dict[str, Any]:
    """What stands in formgrader for a submission that a person has to grade: the lesson as released, and why."""
    why = {"cell_type": "markdown", "id": "not-graded", "metadata": {}, "source": f"**Not graded.** {escape(reason)}"}
    return {**release, "cells": [why, *release["cells"]]}


def _model_answers(layout: Layout, lesson: Lesson) -> dict[str, str]:
    """The model answer with its marking scheme to each text that a person grades, by answer cell."""
    solution = layout.home / "solutions" / lesson.path
    wanted = {exercise.answer_cell for exercise in lesson.prose}
    cells = read_release(solution)["cells"] if wanted and solution.exists() else []
    return {grade_id(cell): "".join(cell["source"]) for cell in cells if grade_id(cell) in wanted}


def _show_model_answers(notebook: dict[str, Any], models: dict[str, str]) -> None:
    """Put each model answer behind the text that a person grades."""
    cells = []
    for cell in notebook["cells"]:
        cells.append(cell)
        if (name := grade_id(cell)) in models:
            source = f"**Model answer**\n\n{models[name]}"
            cells.append({"cell_type": "markdown", "id": f"{name}-model", "metadata": {}, "source": source})
    notebook["cells"] = cells


def _record(task: Task, state: State, **details: Any) -> Record:
    submission = task.submission
    return Record(submission.student, submission.lesson.folder, state, task.content, submission.timestamp, **details)


def _failed(task: Task, error: Exception) -> Result:
    why = f"The harness failed: {type(error).__name__}: {error}"
    return _record(task, State.FAILED, notes=list(task.submission.notes), reason=why), None


def _answers(notebook: dict[str, Any], lesson: Lesson) -> dict[str, str]:
    cells = {grade_id(cell): "".join(cell["source"]) for cell in notebook["cells"]}
    return {exercise.id: cells[exercise.answer_cell] for exercise in lesson.graded}


# One of each per worker process: what they hold costs seconds to make and is the same for every submission.
@functools.cache
def warm_process(warm: Warm) -> WarmProcess:
    """This worker's own."""
    return WarmProcess(confined=warm.confined, control=warm.control)


@functools.lru_cache(maxsize=1)
def worlds_of(seed: int) -> Worlds:
    """This worker's own."""
    return Worlds(seed)


@functools.lru_cache(maxsize=64)
def _parsed(release: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(release)
    return parsed


def _release(layout: Layout, lesson: Lesson) -> str:
    path = layout.release / lesson.path
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist. Run `autograder release` first.") from None


@functools.cache
def fingerprint() -> str:
    """A hash of the code that decides verdicts: the checks, the worlds, the pipeline and the manifest."""
    package = MANIFEST.parent
    files = [MANIFEST, *sorted(package.glob("*.py"))]
    files += [
        p for name in ("checks", "given", "seam", "sandbox", "grading") for p in sorted((package / name).glob("*.py"))
    ]
    files += [p for name in ("data_generators", "pipeline") for p in sorted((package.parent / name).glob("*.py"))]
    return hash_of(*(path.read_bytes() for path in files))


def hash_of(*parts: object) -> str:
    """One hash of several texts, numbers and byte strings."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def worker_count() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
