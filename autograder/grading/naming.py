"""Name the mistake behind a failed check: the one of the bank that gives the very results that the learner's gave."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from autograder.checking import Check, Incorrect, NotAttempted, Status, Verdict, checks_of
from autograder.course import CourseError, Exercise
from autograder.grading.session import RemoteAnswer, Session, TimeLimits
from autograder.grading.traces import Recorder, Trace, key_of
from autograder.grading.warm_process import WarmProcess
from autograder.sandbox.channel import ChannelClosed, ChannelTimeout
from autograder.seam import AnswerError
from autograder.worlds import Worlds

if TYPE_CHECKING:
    from autograder.bank import Entry

LIMITS = TimeLimits(cell=10.0, call=5.0, call_again=1.0, notebook=600.0)
"""Of a mistake's process. Mistakes that hang are never named, so little time is lost on them."""


class _Differs(BaseException):
    """The mistake gave something else. Not an `Exception`: no check may take it for the learner's."""


@dataclasses.dataclass(frozen=True)
class _Known:
    """What a mistake gave in a check, as far as it was asked; `whole` where the check then came to its end."""

    trace: Trace
    whole: bool

    def may_be(self, trace: Trace) -> bool:
        return self.trace == trace if self.whole else self.trace == trace[: len(self.trace)]


class Names:
    """Finds names for the mistakes in one run's submissions: what it has learnt of the bank is kept for the next.

    The bank's mistakes run like a learner's code, confined, and only in checks that somebody failed; each is asked
    no further than to where its results differ. Where the bank is missing, nothing is named.
    """

    def __init__(self, warm: WarmProcess, worlds: Worlds, clock: Callable[[], float]) -> None:
        self._warm, self._worlds, self._clock = warm, worlds, clock
        self._known: dict[tuple[str, str, str], _Known] = {}
        self._banks: dict[str, list[Entry]] = {}

    def named(self, exercise: Exercise, verdict: Verdict, traces: Mapping[str, Trace]) -> Verdict:
        """The verdict with `mistake` and `see` set in the failed checks whose results a known mistake gives.

        Of several that do, the one that explains most of the failed checks, and then the one that the bank expects
        to fail this check.
        """
        matches = self._matches(exercise, {name: trace for name, trace in traces.items() if trace})
        explained: dict[str, int] = {}
        for found in matches.values():
            for entry in found:
                explained[entry.name] = explained.get(entry.name, 0) + 1
        outcomes = []
        for outcome in verdict.outcomes:
            if outcome.status is Status.INCORRECT and (found := matches.get(outcome.check, [])):
                # max takes the first of equals
                best = max(found, key=lambda entry: (explained[entry.name], outcome.check in entry.fails))
                outcome = dataclasses.replace(outcome, mistake=sentence(best), see=best.see)
            outcomes.append(outcome)
        return dataclasses.replace(verdict, outcomes=outcomes)

    def _matches(self, exercise: Exercise, traces: Mapping[str, Trace]) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        bank = self._bank(exercise.id) if traces else []
        checks = [check for check in checks_of(exercise) if check.name in traces]
        with contextlib.ExitStack() as stack:
            session: Session | None = None
            for entry in bank:
                fresh = True
                for check in checks:
                    key, trace = (exercise.id, entry.name, check.name), traces[check.name]
                    known = self._known.get(key, _Known((), False))
                    if not known.whole and known.may_be(trace):
                        session = session or stack.enter_context(Session(self._warm, LIMITS, self._clock))
                        if fresh:
                            _define(session, exercise, entry)
                            fresh = False
                        known = self._known[key] = self._ask(session, exercise, check, trace)
                    if known.whole and known.may_be(trace):
                        found.setdefault(check.name, []).append(entry)
        return found

    def _ask(self, session: Session, exercise: Exercise, check: Check, wanted: Trace) -> _Known:
        given: list[str] = []

        def compare(result: str) -> None:
            given.append(result)
            if tuple(given) != wanted[: len(given)]:
                raise _Differs

        answer = RemoteAnswer(session, exercise.answer)
        recorder = Recorder(answer, key_of(check), compare)
        try:
            check.function(recorder, self._worlds)
        except _Differs:
            return _Known(tuple(given), False)
        except (Incorrect, NotAttempted, AnswerError):
            return _Known(tuple(given), True)
        # It passes, so its results are no mistake here.
        return _Known((), True)

    def _bank(self, exercise_id: str) -> list[Entry]:
        if exercise_id not in self._banks:
            try:
                from autograder.bank import load_bank

                self._banks[exercise_id] = [entry for entry in load_bank(exercise_id) if not entry.right]
            except (ImportError, CourseError):
                self._banks[exercise_id] = []
        return self._banks[exercise_id]


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
