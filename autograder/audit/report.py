"""What an audit found: false verdicts, matrices of check by mistake, names, seeds that matter, surviving mutants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.audit.mutants import Mutant
from autograder.bank import Entry
from autograder.checking import Status, checks_of
from autograder.course import Exercise
from autograder.grading.naming import sentence

STUB = "(as released)"
NAMED_AT_LEAST = 0.8
"""The share of the wrong entries whose mistake has to be named right."""

_MARKS = {Status.PASSED: ".", Status.INCORRECT: "x", Status.HARNESS_ERROR: "!"}


@dataclass(frozen=True)
class Judged:
    """One entry's verdict on one seed: statuses and rationales by check, and the mistakes that were named.

    `mistakes` is None where nothing was to be named: outside of the path that grades a class.
    """

    exercise: str
    entry: str
    seed: int
    statuses: Mapping[str, str]
    why: Mapping[str, str]
    points: float
    mistakes: Mapping[str, str] | None

    @property
    def wrong(self) -> set[str]:
        """The checks that said that the answer is wrong; those that waited for them are not among them."""
        return {check for check, status in self.statuses.items() if status == Status.INCORRECT}

    @property
    def passed(self) -> set[str]:
        return {check for check, status in self.statuses.items() if status == Status.PASSED}


@dataclass(frozen=True)
class Finding:
    """Something that must not be: where, and what."""

    kind: str
    exercise: str
    entry: str
    what: str


@dataclass(frozen=True)
class Report:
    """All judgements of an audit. `killers` holds for each mutant the check that it failed, or an empty text."""

    exercises: tuple[Exercise, ...]
    banks: Mapping[str, Sequence[Entry]]
    seeds: tuple[int, ...]
    judged: Sequence[Judged]
    killers: Sequence[tuple[Mutant, str]]
    equivalent: Mapping[tuple[str, str], str]

    def findings(self) -> list[Finding]:
        """False passes, false failures, stubs with points, right answers with a mistake, seeds that matter."""
        found = []
        for exercise in self.exercises:
            entries = {entry.name: entry for entry in self.banks[exercise.id]}
            for name, results in self._by_entry(exercise).items():
                entry = entries.get(name)
                found += [
                    Finding(k, exercise.id, name, w) for k, w in dict(_verdicts(exercise, entry, results)).items()
                ]
                passed = {frozenset(one.passed) for one in results}
                if len(passed) > 1:
                    unsteady = frozenset.union(*passed) - frozenset.intersection(*passed)
                    what = f"{', '.join(sorted(unsteady))} passed on {_seeds(results, unsteady)} only"
                    found.append(Finding("seed_dependent", exercise.id, name, what))
        return found

    def survivors(self) -> list[Mutant]:
        """The mutants that passed everything and that nobody has marked as right answers."""
        alive = [mutant for mutant, killer in self.killers if not killer]
        return [mutant for mutant in alive if (mutant.exercise, mutant.now) not in self.equivalent]

    def named(self, exercise: Exercise) -> list[str]:
        """The wrong entries whose mistake was named right: as themselves, or as one that fails the same checks."""
        entries = {sentence(entry): entry.name for entry in self.banks[exercise.id]}
        failed = {
            one.entry: one.wrong for one in self.judged if one.exercise == exercise.id and one.mistakes is not None
        }
        wrong = {entry.name: sentence(entry) for entry in self.banks[exercise.id] if not entry.right}
        found = []
        for one in self.judged:
            if one.exercise != exercise.id or one.entry not in wrong or not one.mistakes:
                continue
            names = set(one.mistakes.values())
            if wrong[one.entry] in names or any(failed.get(entries[name]) == one.wrong for name in names):
                found.append(one.entry)
        return list(dict.fromkeys(found))

    def never_alone(self, exercise: Exercise) -> list[str]:
        """The checks that no wrong entry fails while it passes all others but those that wait for this one."""
        alone = {next(iter(one.wrong)) for one in self.judged if one.exercise == exercise.id and len(one.wrong) == 1}
        return [check.name for check in checks_of(exercise) if check.name not in alone]

    def as_json(self) -> dict[str, Any]:
        """The counts, and what is behind them."""
        found = self.findings()

        def count(*kinds: str) -> int:
            return len({(f.exercise, f.entry) for f in found if f.kind in kinds})

        entries = [entry for e in self.exercises for entry in self.banks[e.id]]
        return {
            "wrong": sum(not entry.right for entry in entries),
            "false_pass": count("false_pass"),
            "right": sum(entry.right for entry in entries),
            "false_fail": count("false_fail"),
            "mutants": len(self.killers),
            "survived": len(self.survivors()),
            "named": sum(len(self.named(e)) for e in self.exercises),
            "right_named": count("right_named"),
            "stub_earns": count("stub_earns"),
            "seed_dependent": count("seed_dependent"),
            "seeds": [f"{seed:x}" for seed in self.seeds],
            "findings": [vars(f) for f in found],
            "survivors": [{"exercise": m.exercise, "was": m.was, "now": m.now} for m in self.survivors()],
            "never_alone": {e.id: names for e in self.exercises if (names := self.never_alone(e))},
        }

    @property
    def sound(self) -> bool:
        """Whether no verdict was false or hung on the seed, and enough mistakes were named."""
        counts = self.as_json()
        return not counts["findings"] and counts["named"] >= NAMED_AT_LEAST * counts["wrong"]

    def _by_entry(self, exercise: Exercise) -> dict[str, list[Judged]]:
        found: dict[str, list[Judged]] = {}
        for one in self.judged:
            if one.exercise == exercise.id:
                found.setdefault(one.entry, []).append(one)
        return found


def _verdicts(exercise: Exercise, entry: Entry | None, results: Sequence[Judged]) -> Iterator[tuple[str, str]]:
    """What is wrong with the verdicts on one entry (None for the stub): kind and description."""
    names = [check.name for check in checks_of(exercise)]
    for one in results:
        on = f"on seed {one.seed:x}"
        broken = [check for check, status in one.statuses.items() if status == Status.HARNESS_ERROR]
        if entry is None:
            if one.points or one.passed:
                yield "stub_earns", f"{one.points:g} points {on}"
        elif entry.right and one.passed != set(names):
            first = next((check for check in names if check not in one.passed), "")
            yield "false_fail", f"{first} {on}: {one.why.get(first, one.why.get('', ''))[:200]}"
        elif not entry.right and entry.at_most is not None and one.points > entry.at_most:
            yield "false_pass", f"{one.points:g} points instead of {entry.at_most:g} {on}"
        elif not entry.right and (good := [check for check in entry.fails if check in one.passed]):
            yield "false_pass", f"{', '.join(good)} passed {on}"
        elif not entry.right and broken:
            yield "false_pass", f"{', '.join(broken)} failed by itself {on}: {one.why.get(broken[0], '')[:200]}"
        if entry and entry.right and one.mistakes:
            yield "right_named", f"as {next(iter(one.mistakes.values()))!r} {on}"


def _seeds(results: Sequence[Judged], checks: frozenset[str]) -> str:
    return ", ".join(f"{one.seed:x}" for one in results if one.passed & checks) or "none"


def as_text(report: Report) -> str:
    """The report for a terminal: per exercise the matrix and what stands out, then the counts."""
    lines: list[str] = []
    found = report.findings()
    for exercise in report.exercises:
        checks = [check.name for check in checks_of(exercise)]
        wrong = [entry.name for entry in report.banks[exercise.id] if not entry.right]
        named = report.named(exercise)
        lines += ["", f"{exercise.id}: {len(wrong)} wrong, {len(report.banks[exercise.id]) - len(wrong)} right"]
        lines += [f"  {number:>2} {name}" for number, name in enumerate(checks, start=1)]
        first = {one.entry: one for one in reversed(report.judged) if one.exercise == exercise.id}
        for name in wrong:
            marks = "".join(_MARKS.get(first[name].statuses.get(check, ""), "-") for check in checks)  # type: ignore[call-overload]
            lines.append(f"  {marks} {'named' if name in named else '     '} {name}")
        lines += [f"  {len(named)} of {len(wrong)} mistakes named"]
        if never := report.never_alone(exercise):
            lines.append(f"  never fails alone: {', '.join(never)}")
        lines += [
            f"  {f.kind.replace('_', ' ').upper()} {f.entry}: {f.what}" for f in found if f.exercise == exercise.id
        ]
        lines += [
            f"  survived, line {m.number}:\n    - {m.was}\n    + {m.now}"
            for m in report.survivors()
            if m.exercise == exercise.id
        ]
    counts = report.as_json()
    lines += ["", "x incorrect, . passed, - waits or was not attempted, ! the check failed by itself", ""]
    keys = ("wrong", "false_pass", "right", "false_fail", "mutants", "survived", "named")
    lines.append(", ".join(f"{counts[key]} {key.replace('_', ' ')}" for key in keys))
    more = ("seed_dependent", "stub_earns", "right_named")
    lines.append(", ".join(f"{counts[key]} {key.replace('_', ' ')}" for key in more))
    lines.append(f"seeds: {', '.join(counts['seeds'])}")
    return "\n".join(lines).lstrip()
