"""The same command on a Dask cluster: a scheduler and two workers in processes of their own, one of which is killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main
from autograder.course import Course, Lesson
from autograder.grading.gradebook import Gradebook


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The scheduler's address, and the two workers."""
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    log = tmp_path / "scheduler.log"
    processes = []

    def start(*words: str) -> subprocess.Popen[bytes]:
        with log.open("ab") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]],
                stdout=file,
                stderr=file,
                cwd=tmp_path,
                env=environment,
            )
        processes.append(process)
        return process

    start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    address = ""
    for _ in range(300):
        found = re.search(r"Scheduler at:\s+(tcp://[\d.:]+)", log.read_text(encoding="utf-8"))
        if found:
            address = found[1]
            break
        time.sleep(0.1)
    assert address, log.read_text(encoding="utf-8")
    workers = [
        start(
            "dask_worker",
            address,
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
            "--local-directory",
            str(tmp_path),
        )
        for _ in range(2)
    ]
    yield address, workers
    for process in reversed(processes):
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_loses_nothing_and_grades_nothing_twice(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
    course: Course,
    class_folder: Path,
    put: Callable[..., Path],
    solved: Callable[[Lesson], dict[str, Any]],
    release: Callable[[Lesson], dict[str, Any]],
    home: Path,
    tmp_path: Path,
) -> None:
    address, workers = cluster
    lesson = min((one for one in course.lessons if one.points), key=lambda one: one.points)
    for number in range(8):
        put(f"student {number}", lesson, (solved if number % 2 else release)(lesson))
    (class_folder / ".autograder").mkdir()
    (class_folder / ".autograder" / "seed").write_text("2" * 32, encoding="ascii")
    alone = tmp_path / "alone"
    shutil.copytree(class_folder, alone)

    grade = [sys.executable, "-m", "autograder", "grade", "--json", "--home", str(home), "--course", str(class_folder)]
    with subprocess.Popen([*grade, "--scheduler", address], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        first = run.stdout.readline()
        assert '"graded"' in first
        workers[0].send_signal(signal.SIGKILL)
        rest = run.stdout.read().splitlines()
    assert run.returncode == 0
    events = [first, *rest[:-1]]
    assert len(events) == 8
    assert '"submissions": 8, "graded": 8, "quarantined": 0, "failed": 0' in rest[-1]

    assert main(["grade", "--home", str(home), "--course", str(alone)]) == 0
    found = [Gradebook(f"sqlite:///{folder / 'gradebook.db'}").scores() for folder in (class_folder, alone)]
    assert found[0] == found[1]
