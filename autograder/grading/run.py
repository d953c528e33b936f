"""Transform: run a repaired notebook in its own process and judge each exercise where its check stands."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.checking import Verdict, judge
from autograder.course import Exercise, Lesson
from autograder.grading.outputs import error, safe_outputs
from autograder.grading.session import RemoteAnswer, Session, TimeLimits
from autograder.grading.traces import Traces
from autograder.grading.warm_process import WarmProcess
from autograder.render import as_html, points_text
from autograder.sandbox.channel import ChannelClosed, ChannelTimeout
from autograder.submissions import grade_id
from autograder.worlds import Worlds

MAX_OUTPUT = 20_000_000
"""Bytes of outputs that are kept of one notebook."""


@dataclass(frozen=True)
class Graded:
    """The notebook with its outputs, and a verdict for each exercise."""

    notebook: dict[str, Any]
    verdicts: list[Verdict]


def run_and_judge(
    notebook: dict[str, Any],
    lesson: Lesson,
    *,
    warm: WarmProcess,
    worlds: Worlds,
    limits: TimeLimits,
    clock: Callable[[], float],
) -> Graded:
    """Run every cell in order; at a check, let the harness judge the function as the notebook has left it there."""
    checks = {exercise.check_cell: exercise for exercise in lesson.exercises}
    verdicts = []
    done = copy.deepcopy(notebook)
    room = MAX_OUTPUT
    with Session(warm, limits, clock) as session:
        count = 0
        for cell in done["cells"]:
            if cell["cell_type"] != "code":
                continue
            exercise = checks.get(grade_id(cell))
            if cell["source"].strip() or exercise:
                count += 1
                cell["execution_count"] = count
            if exercise:
                traces = Traces()
                verdict = traces.kept_in(judge(exercise, RemoteAnswer(session, exercise.answer), worlds, traces))
                verdicts.append(verdict)
                cell["outputs"] = [verdict_output(verdict, count)]
            elif cell["source"].strip():
                cell["outputs"] = _run_cell(session, cell["source"], count)
                room -= len(json.dumps(cell["outputs"]))
                if room < 0:
                    cell["outputs"] = [error("TooMuchOutput", f"Only {MAX_OUTPUT:,} bytes of all outputs are kept.")]
    return Graded(done, verdicts)


def _run_cell(session: Session, source: str, count: int) -> list[dict[str, Any]]:
    try:
        outputs = safe_outputs(session.run(source).header.get("outputs"))
    except ChannelClosed:
        return [error("ProcessEnded", "This cell ended the Python process. The other cells were run without it.")]
    except ChannelTimeout:
        return [error("OutOfTime", f"This cell ran longer than {session.limits.cell:g} seconds. It was left out.")]
    for output in outputs:
        if "execution_count" in output:
            output["execution_count"] = count
    return outputs


def verdict_output(verdict: Verdict, count: int) -> dict[str, Any]:
    """The verdict as the output of its check's cell: a table, and the points as plain text as nbgrader reads them."""
    data = {"text/plain": points_text(verdict.points), "text/html": as_html(verdict)}
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": count}


def find_verdict(verdicts: list[Verdict], exercise: Exercise) -> Verdict:
    """The verdict on this exercise."""
    return next(verdict for verdict in verdicts if verdict.exercise == exercise.id)
