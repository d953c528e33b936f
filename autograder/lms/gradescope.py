"""Gradescope: an autograder zip goes there, `results.json` comes out; and the class's scores as `results.json` files.

The zip holds `setup.sh`, which installs what the lesson needs when Gradescope builds the image, `run_autograder`, which
calls `main` here, the learners' own packages, the released lesson and a seed. No solution is in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.checking import Status, Verdict
from autograder.course import Course, Lesson, load_course
from autograder.grading.records import Record, State, write_whole
from autograder.grading.warm_process import Unconfined
from autograder.lms.alone import Judged, judge_alone, newest
from autograder.lms.archive import Unplaced
from autograder.pack import FILES, pack
from autograder.render import as_text

_LONGEST = 5_000
"""Characters of one test's output."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

SETUP = """\
#!/usr/bin/env bash
# Runs once, when Gradescope builds the image. Needs Python 3.11 or later: choose Ubuntu 24.04 as the base image.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
apt-get update
apt-get install --yes --no-install-recommends python3 python3-venv
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 is needed: choose Ubuntu 24.04.")'
root="${AUTOGRADER_ROOT:-/autograder}"
python3 -m venv "$root/python"
python="$root/python/bin/python"
"$python" -m pip install --no-cache-dir --require-hashes -r course/requirements.lock
# The course's packages, where every process of the environment finds them.
"$python" -c 'import pathlib, sys, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "course.pth").write_text(sys.argv[1] + "\n")' "$root/source/course"
chmod -R go-rwx .
"""

RUN = """\
#!/usr/bin/env bash
# Runs for each submission. The two variables are for trying it elsewhere.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
python="${AUTOGRADER_PYTHON:-$root/python/bin/python}"
cd -- "$root/source/course"
exec "$python" -P -m autograder.lms.gradescope "$root"
"""


def pack_autograder(home: Path, course: Course, lesson: Lesson, target: Path, class_seed: int) -> list[str]:
    """Write the zip to upload for this lesson, and return the names in it.

    Its seed is drawn from the class's in one direction only: who reads it, there, knows nothing of the class's own.
    """
    whole = target.with_name(f".{target.name}.pack")
    try:
        pack(home, course, whole)
        names = []
        part = target.with_name(f".{target.name}.part")
        with zipfile.ZipFile(whole) as source, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:

            def add(name: str, data: bytes, mode: int = 0o644) -> None:
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                info.external_attr = (0o100000 | mode) << 16
                archive.writestr(info, data, zipfile.ZIP_DEFLATED)
                names.append(name)

            add("setup.sh", SETUP.encode(), 0o755)
            add("run_autograder", RUN.encode(), 0o755)
            settings = {"lesson": lesson.folder, "seed": f"{own_seed(class_seed, lesson):032x}"}
            add("course/gradescope.json", json.dumps(settings).encode(), 0o600)
            for info in source.infolist():
                inner = info.filename.partition("/")[2]
                if _needed(inner, lesson):
                    add(f"course/{inner}", source.read(info))
        part.replace(target)
        return names
    finally:
        whole.unlink(missing_ok=True)


def own_seed(class_seed: int, lesson: Lesson) -> int:
    """A seed for the zip: always the same for a class and lesson, without a way back to the class's own."""
    key = class_seed.to_bytes(16, "big")
    return int.from_bytes(
        hashlib.blake2b(lesson.folder.encode(), key=key, person=b"gradescope", digest_size=16).digest()
    )


def _needed(name: str, lesson: Lesson) -> bool:
    if name in FILES:
        return name in ("requirements.lock", "LICENSE", "pyproject.toml")
    if name.startswith("lessons/"):
        return name == f"lessons/{lesson.path.as_posix()}"
    return "/released/" not in f"/{name}"


def results(judged: Judged) -> dict[str, Any]:
    """What Gradescope reads: a test per check, visible to the learner, all of it plain text."""
    tests = [test for verdict in judged.verdicts for test in _tests(verdict)]
    said = [judged.problem] if judged.problem else [f"{judged.points:g} of {judged.max_points:g} points."]
    said += [f"In the file: {note}" for note in judged.notes]
    said += [f"A person grades: {exercise.title}." for exercise in judged.lesson.prose]
    return {
        "score": judged.points,
        "output": _plain("\n".join(said)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"lesson": judged.lesson.folder, "confined": bool(judged.layers), "layers": list(judged.layers)},
    }


def _tests(verdict: Verdict) -> list[dict[str, Any]]:
    return [
        {
            "name": _plain(f"{verdict.title}: {outcome.sentence}"),
            "score": outcome.points,
            "max_score": outcome.max_points,
            "status": "passed" if outcome.status is Status.PASSED else "failed",
            "number": f"{verdict.exercise}.{number}",
            # One check as the learner reads it elsewhere, without the line above it that has the exercise's title.
            "output": _plain(as_text(replace(verdict, outcomes=[outcome])).partition("\n")[2]),
            "visibility": "visible",
        }
        for number, outcome in enumerate(verdict.outcomes, start=1)
    ]


def _plain(text: str) -> str:
    """Text for Gradescope's page: it escapes what is marked as text; what a page cannot hold is replaced."""
    shown = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.encode("utf-8", "replace").decode())
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"


def write_results(
    records: Sequence[Record], course: Course, scores: Mapping[tuple[str, str], float], folder: Path
) -> list[Path]:
    """Write `<folder>/<student>/<lesson>/results.json` for each graded record, and return the paths.

    `scores` are the totals of the gradebook, people's entries and late penalties included; they count, not the sum of
    the tests. A submission without a total there, because it waits for a person, is left out.
    """
    paths = []
    for record in records:
        total = scores.get((record.student, record.lesson))
        if record.state is not State.GRADED or total is None:
            continue
        judged = Judged(course.lesson(record.lesson), record.verdicts, record.notes)
        data = results(judged) | {"score": total, "extra_data": {"lesson": record.lesson, "student": record.student}}
        if total != judged.points:
            data["output"] = _plain(
                f"{total:g} points, with what people entered and what lateness cost.\n{data['output']}"
            )
        paths.append(folder / record.student / record.lesson / "results.json")
        write_whole(paths[-1], json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    return paths


def main(root: Path) -> int:
    """Judge what lies in `submission/` below Gradescope's folder and write `results/results.json`.

    Where the harness itself fails, no result is written and the exit code is 1: Gradescope then shows the learner that
    the autograder failed, which is not a zero, and the instructor sees why.
    """
    settings = json.loads(Path("gradescope.json").read_text(encoding="utf-8"))
    course = load_course()
    lesson = course.lesson(settings["lesson"])
    target = root / "results" / "results.json"
    target.unlink(missing_ok=True)
    try:
        data = newest(root / "submission", lesson, course)
    except Unplaced as e:
        _write(target, results(Judged(lesson, problem=str(e))))
        return 0
    seed = int(settings["seed"], 16)
    try:
        judged = judge_alone(data, lesson, Path("lessons"), seed, confined=True)
    except Unconfined as e:
        sys.stderr.write(f"The notebook runs unconfined, held by this container and time limits only: {e}\n")
        judged = judge_alone(data, lesson, Path("lessons"), seed, confined=False)
    if judged.broken:
        sys.stderr.write("\n".join(["A check failed by itself, so there is no result:", *judged.broken, ""]))
        return 1
    _write(target, results(judged))
    return 0


def _write(target: Path, data: dict[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # What a notebook may have put there is removed first; nothing is written through a link.
    if os.path.lexists(target):
        target.unlink()
    write_whole(target, json.dumps(data, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
