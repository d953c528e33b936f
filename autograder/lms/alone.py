"""Judge one learner's notebook where there is no class: no gradebook, no records, nothing written."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.checking import Verdict
from autograder.course import Course, Lesson
from autograder.grading.repair import Quarantined, read_notebook, read_release, repair
from autograder.grading.run import run_and_judge
from autograder.grading.session import TimeLimits
from autograder.grading.warm_process import WarmProcess
from autograder.lms.archive import Unplaced, entries
from autograder.lms.recognise import recognised
from autograder.worlds import Worlds


@dataclass(frozen=True)
class Judged:
    """What the checks say of a notebook: verdicts and repairs, or in `problem` why there are none."""

    lesson: Lesson
    verdicts: Sequence[Verdict] = ()
    notes: Sequence[str] = ()
    problem: str = ""
    layers: Sequence[str] = ()
    """What held the notebook in while it ran; empty where nothing did."""

    @property
    def points(self) -> float:
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def max_points(self) -> float:
        """What the checks can give; answers that a person grades come on top."""
        return sum(exercise.points for exercise in self.lesson.exercises)

    @property
    def broken(self) -> list[str]:
        """The checks that failed by themselves."""
        return [
            f"{outcome.check}: {outcome.rationale}"
            for verdict in self.verdicts
            for outcome in verdict.outcomes
            if outcome.status == "harness error"
        ]


def newest(folder: Path, lesson: Lesson, course: Course) -> bytes:
    """The notebook of this lesson in a folder, told by its cells; else the only notebook that there is.

    Raises `Unplaced` where there is none.
    """
    found = sorted((e for e in entries(folder) if e.suffix == ".ipynb" and not e.problem), key=lambda e: e.changed)
    contents = [entry.load() for entry in found]
    matching = [data for data in contents if recognised(data, course) == lesson]
    if not matching and len(contents) != 1:
        raise Unplaced(
            f"Expected the notebook {lesson.path.name} of the lesson {lesson.title}, found {len(contents)} others."
        )
    return [*contents, *matching][-1]


def judge_alone(
    data: bytes, lesson: Lesson, lessons: Path, seed: int, *, confined: bool, limits: TimeLimits | None = None
) -> Judged:
    """Repair the notebook from the released one in `lessons`, run it and judge it on the data of this seed.

    The points are those that `autograder grade` gives with the same seed. Raises `Unconfined` where `confined` is set
    and the system cannot do that.
    """
    try:
        whole = repair(read_notebook(data), read_release(lessons / lesson.path), lesson)
    except Quarantined as e:
        return Judged(lesson, problem=str(e))
    with WarmProcess(confined=confined) as warm:
        graded = run_and_judge(
            whole.notebook, lesson, warm=warm, worlds=Worlds(seed), limits=limits or TimeLimits(), clock=time.monotonic
        )
        return Judged(lesson, graded.verdicts, whole.notes, layers=list(warm.layers) if confined else [])
