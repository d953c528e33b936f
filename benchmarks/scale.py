"""Whether a large class costs memory: 10,000 submissions of the first lesson, graded in one go.

python -m benchmarks.scale [--submissions N]   prints the table and writes benchmarks/scale.md

CPU seconds and memory are read once per tenth of the class, from the harness and all its processes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from autograder.bank import load_bank
from autograder.course import Lesson, load_course
from autograder.grading.repair import read_release
from autograder.submissions import hand_in

ROOT = Path(__file__).resolve().parent.parent


def hand_in_all(home: Path, folder: Path, lesson: Lesson, number: int) -> None:
    """Write the class's files: right and wrong answers of the bank in turn, and every tenth unsolved."""
    release = read_release(home / "lessons" / lesson.path)
    (exercise,) = lesson.exercises
    codes = [entry.code for entry in load_bank(exercise.id) if "duckdb" not in entry.code]
    texts = [json.dumps(hand_in(release, lesson, {exercise.id: code})) for code in codes]
    texts.append(json.dumps(release))
    for student in range(number):
        path = folder / "submitted" / f"student{student:05}" / lesson.path
        path.parent.mkdir(parents=True)
        path.write_text(texts[student % len(texts)], encoding="utf-8")


def of_the_tree(process: psutil.Process) -> tuple[float, float]:
    """CPU seconds so far, ended processes included, and megabytes held now (proportional set size)."""
    cpu, memory = 0.0, 0
    for one in [process, *process.children(recursive=True)]:
        try:
            times = one.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            memory += one.memory_full_info().pss
        except psutil.Error:  # it has just ended
            continue
    return cpu, memory / 1e6


def grade(home: Path, course: Path, number: int) -> list[dict[str, Any]]:
    """Run the command; a row per tenth of the class."""
    command = [sys.executable, "-m", "autograder", "grade", "--json", "--home", str(home), "--course", str(course)]
    rows: list[dict[str, Any]] = []
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout
        tree = psutil.Process(process.pid)
        for done, line in enumerate(process.stdout, start=1):
            if "counts" in json.loads(line):
                counts = json.loads(line)["counts"]
                break
            if done % (number // 10) == 0:
                cpu, memory = of_the_tree(tree)
                rows.append({"graded": done, "wall": time.perf_counter() - start, "cpu": cpu, "memory": memory})
    if counts["submissions"] != number or counts["graded"] != number:
        raise SystemExit(f"benchmarks.scale: expected {number} graded, got {counts}")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Grade a large class and watch memory and time.")
    parser.add_argument("--submissions", type=int, default=10_000)
    number: int = parser.parse_args().submissions
    lesson = load_course().lessons[0]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home, course = Path(folder) / "home", Path(folder) / "course"
        shutil.copytree(ROOT / "solutions" / lesson.folder, home / "solutions" / lesson.folder)
        places = ["--home", str(home), "--course", str(course), "--lesson", lesson.folder]
        release = [sys.executable, "-m", "autograder", "release", *places]
        subprocess.run(release, cwd=ROOT, check=True, capture_output=True)
        hand_in_all(home, course, lesson, number)
        rows = grade(home, course, number)
    lines = ["| graded | CPU s of this tenth | wall s of this tenth | memory, MB |", "|---:|---:|---:|---:|"]
    before = {"cpu": 0.0, "wall": 0.0}
    for row in rows:
        cpu, wall = row["cpu"] - before["cpu"], row["wall"] - before["wall"]
        lines.append(f"| {row['graded']:,} | {cpu:.0f} | {wall:.0f} | {row['memory']:.0f} |")
        before = row
    report = "\n".join(
        [
            "# A large class",
            "",
            f"`python -m benchmarks.scale`: {number:,} submissions of {lesson.title!r} on {os.cpu_count()} cores.",
            "",
            *lines,
            "",
        ]
    )
    print(report)
    if number == 10_000:
        Path(__file__).with_suffix(".md").write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
