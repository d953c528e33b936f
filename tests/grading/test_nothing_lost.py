"""Grading can be killed at any moment: started again, it ends with the gradebook of an undisturbed run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course import Course, Lesson
from autograder.grading.gradebook import Gradebook, Score
from autograder.grading.records import RecordStore, State

KILLS = int(os.environ.get("AUTOGRADER_KILLS", "3"))
"""How often the command is killed; `make kills` asks for 100."""


def started(home: Path, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", "--json", "--home", str(home), "--course", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def scores(folder: Path) -> list[Score]:
    return Gradebook(f"sqlite:///{folder / 'gradebook.db'}").scores()


def processes_of(folder: Path) -> list[str]:
    """Command lines that name the folder, and notebooks' processes that have outlived their harness."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc for what is left behind")
def test_killed_at_random_moments_and_started_again(
    course: Course,
    class_folder: Path,
    put: Callable[..., Path],
    release: Callable[[Lesson], dict[str, Any]],
    home: Path,
    tmp_path: Path,
) -> None:
    lesson = min((one for one in course.lessons if one.points), key=lambda one: one.points)
    for number in range(8):
        notebook = release(lesson)
        notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": f"number = {number}"})
        put(f"student {number}", lesson, notebook)
    put("not json", lesson, b"<html>")

    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(class_folder, undisturbed)
    seed = undisturbed / ".autograder" / "seed"
    seed.parent.mkdir()
    seed.write_text("1" * 32, encoding="ascii")
    (class_folder / ".autograder").mkdir()
    shutil.copy(seed, class_folder / ".autograder" / "seed")
    begun = time.monotonic()
    whole = started(home, undisturbed)
    said = whole.communicate()
    assert whole.returncode == 3, said
    duration = time.monotonic() - begun

    rng = np.random.default_rng(9)
    store, finished = RecordStore(class_folder), {}
    for _ in range(KILLS):
        run = started(home, class_folder)
        time.sleep(rng.uniform(0.3, 1.0) * duration)
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
        for record in store.all():
            # What had been finished was not graded again.
            assert finished.setdefault(record.student, record) == record
        if len(finished) == 9:
            # Everything was graded in time: begin again, so that the kills go on hitting unfinished work.
            assert {r.state for r in finished.values()} == {State.GRADED, State.QUARANTINED}
            shutil.rmtree(class_folder / ".autograder" / "records")
            finished = {}

    last = started(home, class_folder)
    out, err = last.communicate()
    assert last.returncode == 3, err.decode()
    assert json.loads(out.splitlines()[-1])["counts"] == {"submissions": 9, "graded": 8, "quarantined": 1, "failed": 0}
    assert scores(class_folder) == scores(undisturbed)
    for _ in range(50):
        if not processes_of(class_folder):
            break
        time.sleep(0.1)
    assert processes_of(class_folder) == []
