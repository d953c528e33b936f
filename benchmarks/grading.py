"""What it costs to grade a class: stock nbgrader, otter-grader, `autograder grade`, and the least that it can cost.

python -m benchmarks.grading [--home FOLDER] [--only WAY ...]   prints the tables and writes benchmarks/grading.md

Needs Linux, solutions/ below `--home`, and for otter-grader the package index once: it gets an environment of its own
in ~/.cache/pipelines-course/otter.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import ctypes
import dataclasses
import gc
import io
import itertools
import json
import os
import platform
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
OTTER = Path.home() / ".cache" / "pipelines-course" / "otter"
OTTER_PACKAGES = (
    *("otter-grader==7.0.0", "ipykernel", "numpy", "pandas>=3,<4", "pyarrow", "matplotlib"),
    *("duckdb<2", "scikit-learn", "pandera[pandas]"),
)
CORES = len(os.sched_getaffinity(0))
# nbgrader looks for alembic and otter for its kernel on the PATH.
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}

LESSONS = ("02_validation", "09_idempotency", "10_metrics")

# How many of the 40 submissions are of each kind.
MIX = {"right": 16, "wrong": 14, "raises": 3, "exits": 3, "loops": 4}
SPOILED = {
    "raises": "def {name}(*args, **kwargs):\n    raise ValueError('not today')\n",
    "exits": "import os\n\nos._exit(1)\n",
    "loops": "def {name}(*args, **kwargs):\n    while True:\n        pass\n",
}


# --- the class -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Submission:
    """One notebook of the class: whose, for which lesson, of which kind, and its text."""

    student: str
    lesson: str
    notebook: str
    kind: str
    text: str = field(repr=False)


def the_class(home: Path) -> list[Submission]:
    """40 submissions over three lessons, always the same; answers that need packages of their own are left out."""
    from autograder.bank import load_bank
    from autograder.course import load_course
    from autograder.grading.repair import read_release
    from autograder.submissions import hand_in

    course = load_course()
    lessons = [course.lesson(folder) for folder in LESSONS]
    kinds = [kind for kind, count in MIX.items() for _ in range(count)]
    banks = {
        exercise.id: [e for e in load_bank(exercise.id) if "duckdb" not in e.code and "polars" not in e.code]
        for lesson in lessons
        for exercise in lesson.exercises
    }
    made = []
    for number, kind in enumerate(kinds):
        lesson = lessons[number % len(lessons)]
        answers = {}
        for exercise in lesson.exercises:
            entries = [e.code for e in banks[exercise.id] if e.right == (kind != "wrong")]
            answers[exercise.id] = entries[number % len(entries)]
        if kind in SPOILED:
            functions = [exercise for exercise in lesson.exercises if exercise.kind == "function"]
            spoiled = functions[number % len(functions)]
            answers[spoiled.id] = SPOILED[kind].format(name=spoiled.answer)
        notebook = hand_in(read_release(home / "lessons" / lesson.path), lesson, answers)
        student = f"student{5 * (number // len(lessons)) % 14:02}"  # not all of a kind one after the other
        made.append(Submission(student, lesson.folder, lesson.notebook, kind, json.dumps(notebook, indent=1)))
    return made


def course_folder(work: Path, name: str, submissions: Sequence[Submission]) -> Path:
    """A course folder with these submissions and the released gradebook, ungraded."""
    folder = work / name
    for one in submissions:
        path = folder / "submitted" / one.student / one.lesson / f"{one.notebook}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(one.text, encoding="utf-8")
    shutil.copy(work / "released" / "gradebook.db", folder)
    return folder


# --- measuring -------------------------------------------------------------------------------------------------


@dataclass
class Usage:
    """What a way took: seconds of wall time and of CPU, and bytes of memory at its highest."""

    wall: float = 0.0
    cpu: float = 0.0
    memory: int = 0


@contextlib.contextmanager
def metered(every: float = 0.25) -> Iterator[Usage]:
    """Measure all processes that are started inside, to their end.

    CPU is the user and system time of every process that ended, summed by the kernel; memory is the largest sum of
    the proportional set sizes of all processes, looked at four times a second.
    """
    usage = Usage()
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(every):
            usage.memory = max(usage.memory, sum(map(_memory, psutil.Process().children(recursive=True))))

    sampler = threading.Thread(target=sample)
    before, start = _children_cpu(), time.perf_counter()
    sampler.start()
    try:
        yield usage
    finally:
        _reap(seconds=10)
        usage.wall, usage.cpu = time.perf_counter() - start, _children_cpu() - before
        stop.set()
        sampler.join()


def adopt_orphans() -> None:
    """Become the parent of every process whose parent ends, so that its time is counted too."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(process: psutil.Process) -> int:
    try:
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
        return next(int(line.split()[1]) << 10 for line in text.splitlines() if line.startswith("Pss:"))
    except (OSError, StopIteration):  # it has just ended
        return 0


def _reap(seconds: float) -> None:
    """Wait for the processes that were left behind, and end those that do not end by themselves."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return
        if time.monotonic() > deadline:
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        time.sleep(0.02)


@dataclass
class Running:
    """One of the `ROLES` in a process of its own, and the files with what it says."""

    process: subprocess.Popen[bytes]
    out: IO[bytes]
    log: IO[bytes]

    def result(self) -> Any:
        """What it says with its last line. Raises `SystemExit` where it failed."""
        code = self.process.wait()
        self.out.seek(0)
        self.log.seek(0)
        if code:
            raise SystemExit(f"benchmarks.grading: {self.process.args} failed:\n{self.log.read().decode()[-3000:]}")
        return json.loads(self.out.read().splitlines()[-1])


def start(role: str, **task: Any) -> Running:
    """Start one of the `ROLES` below."""
    # Files, not pipes: a process that says much must not wait for one that is read before it.
    out, log = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115  closed with the object
    command = [sys.executable, "-m", "benchmarks.grading", "--role", role, json.dumps(task)]
    return Running(subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=out, stderr=log), out, log)


# --- stock nbgrader ----------------------------------------------------------------------------------------------


def nbgrader(course: str, home: str, students: list[str], seconds: float) -> None:
    """Grade these students with nbgrader as it comes: only folders and the limit of a cell's time are set."""
    from nbgrader.converters import Autograde
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    folder = Path(course)
    others = {path.name for path in (folder / "submitted").iterdir()} - set(students)
    for lesson in sorted({path.name for path in (folder / "submitted").glob("*/*")}):
        config = Config()
        config.CourseDirectory.root = course
        config.CourseDirectory.source_directory = str(Path(home) / "solutions")
        config.CourseDirectory.release_directory = str(Path(home) / "lessons")
        config.CourseDirectory.db_url = f"sqlite:///{folder / 'gradebook.db'}"
        config.CourseDirectory.assignment_id = lesson
        config.CourseDirectory.student_id_exclude = ",".join(sorted(others))
        config.Execute.timeout = round(seconds)
        with contextlib.suppress(NbGraderException):  # it names the notebooks that failed; the others are graded
            Autograde(coursedir=CourseDirectory(config=config), config=config).start()
    print("null")


def nbgrader_points(course: Path, submissions: Sequence[Submission]) -> list[float | None]:
    """Each submission's points, None where nbgrader gave up on it."""
    from autograder.grading.gradebook import Gradebook

    points: dict[tuple[str, str], float] = {}
    for score in Gradebook(f"sqlite:///{course / 'gradebook.db'}").scores():
        key = (score.student, score.lesson)
        points[key] = points.get(key, 0.0) + score.points
    return [
        points[one.student, one.lesson]
        if (course / "autograded" / one.student / one.lesson / f"{one.notebook}.ipynb").is_file()
        else None
        for one in submissions
    ]


# --- otter-grader ------------------------------------------------------------------------------------------------

_OTTER_TEST = """OK_FORMAT = False

from otter.test_files import test_case

name = "{id}"
points = {points:g}


@test_case()
def earns_all_points(env):
    from autograder import check

    assert check("{id}", env["{answer}"]).verdict.points == {points:g}
"""


def otter_environment() -> Path:
    """The `otter` of an environment of its own, made on first use."""
    command, stamp = OTTER / "bin" / "otter", OTTER / "packages.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != "\n".join(OTTER_PACKAGES):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(OTTER)], check=True)
        pip = [str(OTTER / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *OTTER_PACKAGES], check=True)
        stamp.write_text("\n".join(OTTER_PACKAGES), encoding="utf-8")
    return command


def otter_files(work: Path, submissions: Sequence[Submission]) -> list[tuple[Path, Path]]:
    """Each submission as otter takes it, without our check cells, and the autograder.zip of its lesson."""
    from autograder.course import load_course

    files = []
    for one in submissions:
        lesson = load_course().lesson(one.lesson)
        archive = work / "otter" / f"{one.lesson}.zip"
        archive.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(archive, "w") as made:
            made.writestr("otter_config.json", "{}")
            for exercise in lesson.exercises:
                text = _OTTER_TEST.format(id=exercise.id, answer=exercise.answer, points=exercise.points)
                made.writestr(f"tests/{exercise.answer_cell}.py", text)
        notebook = json.loads(one.text)
        checks = {exercise.check_cell for exercise in lesson.exercises}
        notebook["cells"] = [
            cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") not in checks
        ]
        path = work / "otter" / one.student / one.lesson / f"{one.notebook}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
        files.append((path, archive))
    return files


def otter(command: Path, files: Sequence[tuple[Path, Path]], home: Path, seconds: float) -> list[float | None]:
    """Run `otter run` on one notebook after the other; None where it gave no result or had to be ended."""
    points: list[float | None] = []
    for notebook, archive in files:
        process = subprocess.Popen(
            [str(command), "run", str(notebook), "-a", str(archive), "-o", str(notebook.parent), "--no-logo"],
            cwd=notebook.parent,
            env={**os.environ, "PYTHONPATH": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            for one in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            process.wait()
        try:
            found = json.loads((notebook.parent / "results.json").read_text(encoding="utf-8"))
            points.append(sum(float(test.get("score") or 0) for test in found["tests"]))
        except (OSError, ValueError, KeyError):
            points.append(None)
    return points


# --- autograder grade --------------------------------------------------------------------------------------------


def autograder(course: str, home: str, seconds: float, workers: int) -> None:
    """What `autograder grade` does, with other time limits."""
    from autograder.course import load_course
    from autograder.grading.grade import Layout, Options, grade_and_load
    from autograder.settings import database_url

    layout = Layout(Path(home), Path(course))
    options = Options(workers=workers, limits=_scaled(seconds))
    url = database_url(layout.home, layout.course)
    records, _ = grade_and_load(layout, load_course(), options, url, lambda record, done, total: None)
    print(json.dumps({f"{r.student} {r.lesson}": r.points if r.state == "graded" else None for r in records}))


def _scaled(seconds: float) -> Any:
    """Our time limits in their usual proportions, with so many seconds for a cell."""
    from autograder.grading.session import TimeLimits

    usual = TimeLimits()
    return TimeLimits(*(value * seconds / usual.cell for value in dataclasses.astuple(usual)))


# --- the limit: the learner's code and the checks' work, and nothing else ------------------------------------------


class _TimesUp(BaseException):
    pass


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise _TimesUp

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def limit(paths: list[list[str]], seconds: float) -> None:
    """Execute the notebooks in this one process, everything imported, and judge each answer where its check stands.

    Prints CPU seconds of each notebook, and of the worlds, which are made once.
    """
    import importlib

    from IPython.core.formatters import DisplayFormatter
    from IPython.core.pylabtools import print_figure

    from autograder import sandbox  # noqa: F401
    from autograder.checking import judge
    from autograder.course import load_course
    from autograder.sandbox.warm import PRELOAD, NoCheck
    from autograder.seam import AnswerError, LocalAnswer
    from autograder.worlds import PUBLIC_SEED, Worlds

    for name in PRELOAD:
        importlib.import_module(name)
    import matplotlib.pyplot as plt

    import autograder as course_package

    course_package.check = NoCheck()  # type: ignore[assignment]
    show = DisplayFormatter()
    show.formatters["image/png"].for_type(plt.Figure, lambda figure: print_figure(figure, "png", base64=True))
    limits, cpu = _scaled(seconds), time.process_time

    class TimedWorlds(Worlds):
        seconds = 0.0

        def make(self, *args: Any, **kwargs: Any) -> Any:
            before = cpu()
            made = super().make(*args, **kwargs)
            self.seconds += cpu() - before
            return made

    class TimedAnswer(LocalAnswer):
        allowed = limits.call
        calls = 0

        def _within(self, compute: Callable[[], Any]) -> Any:
            TimedAnswer.calls += 1
            try:
                with _at_most(self.allowed):
                    return compute()
            except _TimesUp:
                self.allowed = limits.call_again
                raise AnswerError("out of time", "") from None

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return self._within(lambda: super(TimedAnswer, self).__call__(*args, **kwargs))

        def moments(self, *args: Any, **kwargs: Any) -> int:
            count: int = self._within(lambda: super(TimedAnswer, self).moments(*args, **kwargs))
            return count

        def interrupted(self, moment: int, *args: Any, **kwargs: Any) -> bool:
            stopped: bool = self._within(lambda: super(TimedAnswer, self).interrupted(moment, *args, **kwargs))
            return stopped

    def ended(*_: object) -> None:
        raise SystemExit

    def missing(name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            raise NameError(name)

        return call

    gc.collect()
    gc.freeze()  # as in the warm process
    os._exit = ended  # type: ignore[assignment]
    worlds = TimedWorlds(PUBLIC_SEED)
    checks = {exercise.check_cell: exercise for exercise in load_course().exercises}
    taken = []
    for notebook, kind in [(json.loads(Path(path).read_text(encoding="utf-8")), kind) for path, kind in paths]:
        before, of_worlds = cpu(), worlds.seconds
        space: dict[str, Any] = {"__name__": "__main__", "display": lambda value, **_: show.format(value)}
        for cell in notebook["cells"]:
            if cell["cell_type"] != "code":
                continue
            exercise = checks.get(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                if exercise:
                    answer = TimedAnswer(space.get(exercise.answer, missing(exercise.answer)), exercise.answer)
                    judge(exercise, answer, worlds)
                    continue
                with contextlib.suppress(Exception, SystemExit, _TimesUp), _at_most(limits.cell):
                    _execute("".join(cell["source"]), space, show)
        taken.append([kind, cpu() - before - (worlds.seconds - of_worlds)])
    print(json.dumps({"taken": taken, "worlds": worlds.seconds, "calls": TimedAnswer.calls}))


def _execute(source: str, space: dict[str, Any], show: Any) -> None:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), space)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), space)
        if value is not None:
            show.format(value)


# --- where our overhead goes ---------------------------------------------------------------------------------------


def parts(home: str, course: str) -> None:
    """Do each part of the overhead by itself, over and over, on a course folder that has been graded.

    Prints CPU seconds of doing it once, of both sides: this process, and the warm one with all its forks.
    """
    began = time.process_time()
    from autograder.course import load_course
    from autograder.grading.collect import find, read
    from autograder.grading.grade import Layout
    from autograder.grading.gradebook import Gradebook
    from autograder.grading.outputs import safe_outputs
    from autograder.grading.records import RecordStore, write_whole
    from autograder.grading.repair import read_notebook, read_release, repair
    from autograder.grading.run import verdict_output
    from autograder.grading.session import RemoteAnswer, Session, TimeLimits
    from autograder.grading.warm_process import WarmProcess
    from autograder.seam import LocalAnswer
    from autograder.worlds import PUBLIC_SEED, Worlds

    each = {"import the harness": time.process_time() - began}
    manifest, layout, store = load_course(), Layout(Path(home), Path(course)), RecordStore(Path(course))
    events = Worlds(PUBLIC_SEED).make("bench").events

    def used() -> float:
        time.sleep(0.2)  # a guardian ends a moment after the harness has hung up
        forked = [sum(process.cpu_times()[:4]) for process in psutil.Process().children()]
        return time.process_time() + sum(forked)

    def once(work: Callable[[], object], times: int = 1, items: int = 1) -> float:
        before = used()
        for _ in range(times):
            work()
        return (used() - before) / times / items

    def session(warm: WarmProcess, cells: int = 1, calls: int = 0) -> None:
        with Session(warm, TimeLimits(), time.monotonic) as one:
            one.run("def same(events): return events")
            for _ in range(cells - 1):
                one.run("x = 1")
            answer = RemoteAnswer(one, "same")
            for _ in range(calls):
                answer(events)

    with WarmProcess(confined=False) as warm:
        session(warm)
        each["start the warm process"] = used() - time.process_time()
        fork = once(lambda: session(warm), 25)
    with WarmProcess(confined=True) as warm:
        session(warm)
        confined = once(lambda: session(warm), 25)
        cell = (once(lambda: session(warm, cells=201), 3) - confined) / 200
        local = LocalAnswer(lambda events: events, "same")
        call = (once(lambda: session(warm, calls=50), 3) - confined) / 50 - once(lambda: local(events), 50)
    each |= {"fork a process for a notebook": fork, "confine it": confined - fork}
    each |= {"run a cell in an IPython shell": cell, "copy the process for a call, and messages": call}

    submissions = [read(folder) for folder in find(layout.submitted, manifest)]
    releases = {lesson.folder: read_release(layout.release / lesson.path) for lesson in manifest.lessons}
    notebooks = [json.loads(path.read_text(encoding="utf-8")) for path in layout.autograded.glob("*/*/*.ipynb")]
    outputs = [cell["outputs"] for notebook in notebooks for cell in notebook["cells"] if cell["cell_type"] == "code"]
    records = store.all()
    verdicts = [verdict for record in records for verdict in record.verdicts]
    number = len(submissions)
    each["read and repair a notebook"] = once(
        lambda: [repair(read_notebook(one.data), releases[one.lesson.folder], one.lesson) for one in submissions],
        items=number,
    )
    each["sanitise its outputs"] = once(lambda: [safe_outputs(one) for one in outputs], items=number)
    each["tables of its verdicts"] = once(lambda: [verdict_output(one, 1) for one in verdicts], items=number)

    def keep() -> None:
        for record, notebook in zip(records, itertools.cycle(notebooks)):
            store.write(record)
            write_whole(layout.course / "kept.json", json.dumps(notebook, ensure_ascii=False, indent=1))

    each["write its record and notebook"] = once(keep, items=number)
    gradebook = Gradebook(f"sqlite:///{layout.course / 'gradebook.db'}")
    each["load it into the gradebook"] = once(lambda: gradebook.load(records, manifest), items=number)
    each["read it back"] = once(lambda: gradebook.differences(records, manifest), items=number)
    cells = [cell for cell in itertools.chain(*(n["cells"] for n in notebooks)) if cell["cell_type"] == "code"]
    print(json.dumps({"each": each, "submissions": number, "cells": len(cells) - len(verdicts)}))


ROLES = {"nbgrader": nbgrader, "autograder": autograder, "limit": limit, "parts": parts}


# --- the whole ------------------------------------------------------------------------------------------------------


@dataclass
class Way:
    """One way to grade the class: what it took, and the points it gave, None where it gave no grade."""

    name: str
    usage: Usage
    points: list[float | None]

    def __post_init__(self) -> None:
        if all(one is None for one in self.points):
            raise SystemExit(f"benchmarks.grading: {self.name} graded nothing. Its set-up is broken: no comparison.")

    def row(self, first: Way, ours: list[float | None]) -> str:
        number = len(self.points)
        same = sum(
            a is not None and b is not None and abs(a - b) < 1e-6 for a, b in zip(self.points, ours, strict=True)
        )
        return (
            f"| {self.name} | {60 * number / self.usage.wall:.0f} | {first.usage.wall / self.usage.wall:.1f} "
            f"| {self.usage.wall:.0f} | {self.usage.cpu:.0f} | {self.usage.memory / 1e6:.0f} "
            f"| {sum(p is None for p in self.points)} | {same} |"
        )


def grade_stock(work: Path, home: Path, submissions: Sequence[Submission], processes: int, seconds: float) -> Way:
    """Stock nbgrader in so many processes, each with its share of the students."""
    course = course_folder(work, f"nbgrader-{processes}", submissions)
    students = sorted({one.student for one in submissions})
    with metered() as usage:
        shares = [students[share::processes] for share in range(processes)]
        running = [
            start("nbgrader", course=str(course), home=str(home), students=share, seconds=seconds) for share in shares
        ]
        for one in running:
            one.result()
    name = f"nbgrader 0.9.6, {'one process' if processes == 1 else f'{processes} processes'}"
    return Way(name, usage, nbgrader_points(course, submissions))


def grade_ours(work: Path, home: Path, submissions: Sequence[Submission], name: str, seconds: float) -> Way:
    """`autograder grade` with as many workers as cores, sandbox on."""
    course = course_folder(work, name, submissions)
    with metered() as usage:
        points = start("autograder", course=str(course), home=str(home), seconds=seconds, workers=CORES).result()
    return Way("`autograder grade`", usage, [points[f"{one.student} {one.lesson}"] for one in submissions])


def least(work: Path, submissions: Sequence[Submission], seconds: float) -> dict[str, Any]:
    """What the limit takes, in a warm process per core so that every core is busy; the worlds count once."""
    folder = course_folder(work, f"limit-{len(submissions)}", submissions) / "submitted"
    paths = [[str(folder / one.student / one.lesson / f"{one.notebook}.ipynb"), one.kind] for one in submissions]
    with metered() as usage:
        running = [start("limit", paths=paths[core::CORES], seconds=seconds) for core in range(CORES)]
        found = [one.result() for one in running]
    taken = [pair for one in found for pair in one["taken"]]
    worlds = statistics.mean(one["worlds"] for one in found)
    return {"taken": taken, "worlds": worlds, "calls": sum(one["calls"] for one in found), "memory": usage.memory}


def first_verdict(work: Path, home: Path, submissions: Sequence[Submission]) -> float:
    """Seconds from the start of `autograder grade` on one right notebook to its verdict; the best of three."""
    course = course_folder(work, "first", [next(one for one in submissions if one.kind == "right")])
    command = [sys.executable, "-m", "autograder", "grade", "--home", str(home), "--course", str(course)]
    best = 60.0
    for _ in range(3):
        began = time.perf_counter()
        with subprocess.Popen([*command, "--json", "--force"], cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            best = min(best, time.perf_counter() - began)
            process.stdout.read()
    return best


def help_time() -> float:
    """Seconds that `autograder --help` takes; the best of five."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "autograder", "--help"], cwd=ROOT, capture_output=True, check=True)
        times.append(time.perf_counter() - began)
    return min(times)


def overhead(work: Path, home: Path, course: Path, ours: Usage, lowest: dict[str, Any]) -> str:
    """The table of where the CPU seconds beyond the limit went."""
    measured = start("parts", home=str(home), course=str(course)).result()
    each, number = measured["each"], measured["submissions"]
    restarts = sum(kind == "exits" for kind, _ in lowest["taken"])
    times = dict.fromkeys(each, number) | {
        "import the harness": 1,
        "start the warm process": 1,
        "fork a process for a notebook": number + restarts,
        "confine it": number + restarts,
        "run a cell in an IPython shell": measured["cells"],
        "copy the process for a call, and messages": lowest["calls"],
    }
    each["make the worlds again in another worker"], times["make the worlds again in another worker"] = (
        lowest["worlds"],
        CORES - 1,
    )
    least_cpu = sum(seconds for _, seconds in lowest["taken"]) + lowest["worlds"]
    beyond = ours.cpu - least_cpu
    lines = ["| part | ms each | times | CPU s | share of the overhead |", "|---|---:|---:|---:|---:|"]
    explained = 0.0
    for part, seconds in each.items():
        total = seconds * times[part]
        explained += total
        lines.append(f"| {part} | {1000 * seconds:.2f} | {times[part]} | {total:.2f} | {total / beyond:.0%} |")
    lines.append(f"| not explained | | | {beyond - explained:.2f} | {(beyond - explained) / beyond:.0%} |")
    lines.append(f"| all | | | {beyond:.2f} | {ours.cpu:.2f} s - {least_cpu:.2f} s |")
    return "\n".join(lines)


def release(work: Path, source: Path) -> Path:
    """A copy of the course's sources, released: its home. Nothing is written beside the original."""
    home, released = work / "home", work / "released"
    shutil.copytree(source / "solutions", home / "solutions")
    released.mkdir()
    command = [sys.executable, "-m", "autograder", "release", "--home", str(home), "--course", str(released)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return home


def main() -> None:
    parser = argparse.ArgumentParser(description="Grade the same class in every way and compare.")
    parser.add_argument("--home", type=Path, default=ROOT, help="folder with solutions/ (default: this course)")
    parser.add_argument("--seconds", type=float, default=5.0, help="time limit of a cell, for all (default 5)")
    parser.add_argument("--skip", nargs="*", default=[], choices=["nbgrader", "otter"], help="do not run these")
    parser.add_argument("--role", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.role:
        ROLES[args.role[0]](**json.loads(args.role[1]))
        return
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        report = compare(Path(folder), args.home.resolve(), args.seconds, args.skip)
    print(report)
    if not args.skip:
        Path(__file__).with_suffix(".md").write_text(report, encoding="utf-8")


def compare(work: Path, source: Path, seconds: float, skip: Sequence[str]) -> str:
    """Run everything, one after the other, and write the report."""
    home = release(work, source)
    submissions = the_class(home)
    quick = [one for one in submissions if one.kind != "loops"]
    load_before = os.getloadavg()[0]

    ours = grade_ours(work, home, submissions, "ours", seconds)
    lowest = least(work, submissions, seconds)
    ours_quick = grade_ours(work, home, quick, "ours-quick", seconds)
    lowest_quick = least(work, quick, seconds)
    ways = []
    if "nbgrader" not in skip:
        ways += [grade_stock(work, home, submissions, processes, seconds) for processes in (1, CORES)]
    if "otter" not in skip:
        command, files = otter_environment(), otter_files(work, submissions)
        with metered() as usage:
            points = otter(command, files, ROOT, 6 * seconds)
        ways.append(Way("otter-grader 7.0.0, one at a time", usage, points))
    ways.append(ours)
    first, help_ = first_verdict(work, home, submissions), help_time()
    table = overhead(work, home, work / "ours-quick", ours_quick.usage, lowest_quick)

    def least_cpu(found: dict[str, Any]) -> float:
        return float(sum(cpu for _, cpu in found["taken"]) + found["worlds"])

    kinds = ", ".join(f"{count} {kind}" for kind, count in MIX.items())
    beyond = ours_quick.usage.cpu - least_cpu(lowest_quick)
    rows = "\n".join(way.row(ways[0], ours.points) for way in ways)
    wanted = [
        (
            "CPU against the limit, without the looping ones",
            f"{ours_quick.usage.cpu / least_cpu(lowest_quick):.2f}",
            "1.15",
        ),
        ("CPU against the limit, all", f"{ours.usage.cpu / least_cpu(lowest):.2f}", "1.15"),
        ("overhead per submission, everything counted", f"{1000 * beyond / len(quick):.0f} ms", "100 ms"),
        ("start to first verdict", f"{first:.1f} s", "4 s"),
        ("`autograder --help`", f"{help_:.2f} s", "0.3 s"),
    ]
    if len(ways) > 1:
        wanted.insert(
            0,
            ("throughput, times nbgrader in one process", f"{ways[0].usage.wall / ours.usage.wall:.1f}", "at least 8"),
        )
        wanted.insert(
            1, ("throughput, times its best parallel run", f"{ways[1].usage.wall / ours.usage.wall:.1f}", "at least 5")
        )
    return f"""# Grading a class

`python -m benchmarks.grading --seconds {seconds:g}` on {CORES} cores; the load before it was {load_before:.1f}.

{len(submissions)} submissions over {len({one.lesson for one in submissions})} lessons, from the bank: {kinds}.

| way | a minute | times the first | wall, s | CPU, s | memory, MB | without a grade | points as ours |
|---|---:|---:|---:|---:|---:|---:|---:|
{rows}

| | measured | required |
|---|---:|---:|
{chr(10).join(f"| {name} | {value} | {bound} |" for name, value, bound in wanted)}

- A cell may take {seconds:g} s in every way but otter-grader, which knows no limit: there a whole notebook is ended
  after {6 * seconds:g} s. Ours gives a call of a check its usual share of that ({_scaled(seconds).call:g} s).
- nbgrader is as it comes but for its folders and that limit, and is started once for all lessons. Its parallel run
  splits the students over {CORES} processes with one gradebook.
- otter-grader gets the notebooks without our check cells, and a test per exercise that passes where `check` gives all
  points: it knows no part of them, so only right notebooks can have the same points.
- nbgrader and otter-grader run the checks on the public data, ours on the class's own.
- The limit: the cells with plain `exec`, everything imported, outputs rendered, and `judge` on the function in the
  same process, in {CORES} processes at once; a cell that ends the process only raises there. Worlds count once.
- CPU is what the kernel counted for all processes to their end; memory the largest sum of proportional set sizes.

The limit takes {least_cpu(lowest):.1f} s of CPU for all and {least_cpu(lowest_quick):.1f} s without the looping ones.

Where the CPU seconds beyond the limit go, without the looping ones. Each part was done by itself many times and
multiplied by how often it is done; what is left over is cold memory after a fork, repeated checks, and noise.

{table}

Python {platform.python_version()}, {platform.system()} {platform.machine()}.
"""


if __name__ == "__main__":
    main()
