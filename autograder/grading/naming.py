"""Name the mistake behind a failed check: the one of the bank that gives the very results that the learner's gave."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent import futures
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.checking import Outcome, Status, Verdict, judge
from autograder.course import MANIFEST, Course, CourseError, Exercise
from autograder.grading.grade import (
    Layout,
    Warm,
    fingerprint,
    hash_of,
    processes,
    warm_process,
    worker_count,
    worlds_of,
)
from autograder.grading.records import Record, write_whole
from autograder.grading.secret import class_seed
from autograder.grading.session import RemoteAnswer, Session, TimeLimits
from autograder.grading.traces import Traces
from autograder.sandbox.channel import ChannelClosed, ChannelTimeout

if TYPE_CHECKING:
    from autograder.bank import Entry

LIMITS = TimeLimits(cell=10.0, call=5.0, call_again=1.0, notebook=600.0)
"""Of a mistake's process. Mistakes that hang are never named, so little time is lost on them."""

Known = Mapping[str, Mapping[str, Sequence[str]]]
"""What is known of an exercise: by check and by what an answer gave in it, the names of the mistakes that give it."""

Progress = Callable[[int, int], None]


def name_class(
    layout: Layout,
    course: Course,
    records: Sequence[Record],
    *,
    confined: bool = True,
    progress: Progress | None = None,
) -> list[Record]:
    """The records with the known mistakes named behind their failed checks.

    What the bank's mistakes give on the class's data is found out once for each exercise that somebody failed, and
    kept in `.autograder/known/`. `progress` gets how many exercises are done, and of how many.
    """
    seed = class_seed(layout.course)
    bank = sorted(path for path in (MANIFEST.parent / "bank").glob("*") if path.is_file())
    content = hash_of(seed, fingerprint(), *(path.read_bytes() for path in bank))
    failed = list(dict.fromkeys(v.exercise for r in records for v in r.verdicts if any(o.trace for o in v.outcomes)))
    known: dict[str, Known] = {}
    missing = []
    for exercise in map(course.exercise, failed):
        kept = _read(layout.course, exercise)
        if kept.get("content") == content:
            known[exercise.id] = kept["known"]
        else:
            missing.append(exercise)
    for done, (exercise, found) in enumerate(learn(missing, seed, confined=confined), start=1):
        known[exercise.id] = found
        text = json.dumps({"content": content, "known": found}, ensure_ascii=False, indent=1)
        write_whole(_path(layout.course, exercise), text)
        if progress:
            progress(done, len(missing))
    return [named(record, known) for record in records]


def learn(
    exercises: Sequence[Exercise], seed: int, *, confined: bool = True, workers: int = 0
) -> Iterator[tuple[Exercise, Known]]:
    """Run the bank's mistakes in each exercise as a learner's code is run, confined, and keep what they give.

    Raises `Unconfined` where they cannot be confined.
    """
    if not exercises:
        return
    with processes(min(workers or worker_count(), len(exercises))) as pool:
        work = {pool.submit(_learn, exercise, seed, confined): exercise for exercise in exercises}
        try:
            for future in futures.as_completed(work):
                yield work[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _learn(exercise: Exercise, seed: int, confined: bool) -> Known:
    known: dict[str, dict[str, list[str]]] = {}
    with Session(warm_process(Warm(confined)), LIMITS, time.monotonic) as session:
        for entry in _bank(exercise.id).values():
            _define(session, exercise, entry)
            traces = Traces()
            judge(exercise, RemoteAnswer(session, exercise.answer), worlds_of(seed), traces, shrink=False)
            for check, trace in traces.found.items():
                if trace:
                    known.setdefault(check, {}).setdefault(trace, []).append(entry.name)
    return known


def named(record: Record, known: Mapping[str, Known]) -> Record:
    """The record with `mistake` and `see` set in the failed checks whose results a known mistake gives.

    Of several that do, the one that explains most of the exercise's failed checks, and then the one that the bank
    expects to fail this check.
    """
    return dataclasses.replace(record, verdicts=[_named(v, known.get(v.exercise, {})) for v in record.verdicts])


def _named(verdict: Verdict, known: Known) -> Verdict:
    bank = _bank(verdict.exercise) if known else {}
    matches = {
        outcome.check: [bank[name] for name in known.get(outcome.check, {}).get(outcome.trace, ()) if name in bank]
        for outcome in verdict.outcomes
        if outcome.status is Status.INCORRECT and outcome.trace
    }
    explained = [entry.name for found in matches.values() for entry in found]

    def best(outcome: Outcome) -> Outcome:
        found = matches.get(outcome.check)
        if not found:
            return outcome
        # max takes the first of equals
        one = max(found, key=lambda entry: (explained.count(entry.name), outcome.check in entry.fails))
        return dataclasses.replace(outcome, mistake=sentence(one), see=one.see)

    return dataclasses.replace(verdict, outcomes=[best(outcome) for outcome in verdict.outcomes])


def _bank(exercise_id: str) -> dict[str, Entry]:
    """The wrong entries by name; none where the bank is not installed."""
    try:
        from autograder.bank import load_bank

        return {entry.name: entry for entry in load_bank(exercise_id) if not entry.right}
    except (ImportError, CourseError):
        return {}


def _path(course: Path, exercise: Exercise) -> Path:
    return course / ".autograder" / "known" / f"{exercise.id}.json"


def _read(course: Path, exercise: Exercise) -> dict[str, Any]:
    try:
        kept = json.loads(_path(course, exercise).read_text(encoding="utf-8"))
        return kept if isinstance(kept.get("known"), dict) else {}
    except (OSError, ValueError, AttributeError):
        return {}


def sentence(entry: Entry) -> str:
    """What the feedback says of a result that this mistake gives.

    >>> sentence(Entry("keeps-the-oldest", False, "the first copy is the right one", (), 0, ""))
    'A known mistake gives just this result. It comes from the belief “the first copy is the right one”.'
    """
    return f"A known mistake gives just this result. It comes from the belief “{entry.belief.rstrip('.')}”."


def _define(session: Session, exercise: Exercise, entry: Entry) -> None:
    """Run the mistake's cell in a namespace of its own: several share the process, and each may have helpers."""
    source = (
        f"_own = {{'__name__': '__main__'}}\nexec(compile({entry.code!r}, '<cell>', 'exec'), _own)\n"
        f"{exercise.answer} = _own[{exercise.answer!r}]"
    )
    with contextlib.suppress(ChannelClosed, ChannelTimeout):
        # If the cell fails, the one before it must not answer in its place.
        session.run(f"globals().pop({exercise.answer!r}, None);")
        session.run(source)
