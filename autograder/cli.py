"""The command `autograder`: release and pack the lessons, grade a class, write feedback, export the scores."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Everything else is imported by the command that needs it: `--help` answers at once.
if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.grading.grade import Layout, Options
    from autograder.grading.records import Record
    from autograder.grading.warm_process import WarmProcess

OK, FAILED, USAGE, ATTENTION = 0, 1, 2, 3
LIMITS = ("cell", "call", "call_again", "notebook")

_EXITS = """exit codes:
  0  done
  1  something does not agree, or could not be done; the message says what to do
  2  wrong arguments, or a folder that is not a course
  3  grade: done, but some submissions wait for a person (quarantined, or the harness failed)"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    from autograder.course import CourseError

    args = _parser().parse_args(argv)
    try:
        code: int = args.run(args)
        return code
    except CourseError as e:
        print(f"autograder: {e}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("autograder: stopped. Run the same command again to go on from here.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder",
        description=__doc__,
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="command", required=True)

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        one = commands.add_parser(
            name, help=text, description=text, epilog=_EXITS, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        one.set_defaults(run=run)
        one.add_argument(
            "--home", type=Path, default=Path(), help="folder with solutions/ and lessons/ (default: here)"
        )
        one.add_argument("--course", type=Path, help="folder with submitted/ and the gradebook (default: --home)")
        return one

    def chooses_lesson(one: argparse.ArgumentParser) -> None:
        one.add_argument("--lesson", action="append", default=[], metavar="FOLDER", help="only this lesson; repeatable")

    def chooses(one: argparse.ArgumentParser) -> None:
        chooses_lesson(one)
        one.add_argument("--student", action="append", default=[], metavar="ID", help="only this learner; repeatable")

    one = command("release", _release, "Derive lessons/ from solutions/ and enter the assignments in the gradebook.")
    chooses_lesson(one)
    one.add_argument("--execute", action="store_true", help="run the notebooks in solutions/ first, and save them")
    one.add_argument("--check", action="store_true", help="change nothing; prove that solutions, lessons, checks agree")
    one.add_argument(
        "--solutions", type=Path, metavar="FOLDER", help="change nothing; write the solutions there, for learners"
    )
    one.add_argument("--json", action="store_true", help="with --check: print the problems as JSON")
    one = command("pack", _pack, "Make the zip that a learner gets: the lessons and what they import, no solution.")
    one.add_argument("--to", type=Path, default=Path("course.zip"), metavar="FILE", help="default: course.zip")

    def grades(one: argparse.ArgumentParser) -> None:
        chooses(one)
        one.add_argument(
            "--workers", type=_positive, metavar="N", help="notebooks graded at once (default: one per core)"
        )
        one.add_argument("--force", action="store_true", help="grade unchanged submissions again")
        one.add_argument(
            "--seconds",
            action="append",
            default=[],
            type=_limit,
            metavar="WHAT=N",
            help=f"time limit; WHAT is {', '.join(LIMITS[:-1])} or {LIMITS[-1]}; repeatable",
        )
        one.add_argument("--scheduler", default="", metavar="ADDRESS", help="grade on the Dask cluster at tcp://...")
        one.add_argument(
            "--unsafe-no-sandbox", action="store_true", help="run the notebooks with all that you may do yourself"
        )
        one.add_argument(
            "--no-naming", action="store_true", help="do not say which known mistake a wrong result comes from"
        )
        one.add_argument(
            "--json", action="store_true", help="print a line of JSON per submission, then one with the counts"
        )

    one = command("grade", _grade, "Grade what was handed in: submitted/<student>/<lesson>/<notebook>.ipynb.")
    grades(one)
    one = command("regrade", _regrade, "With --dry-run: who would get other points, before anything is written.")
    grades(one)
    one.add_argument("--dry-run", action="store_true", help="write nothing; without it, the same as grade")
    one = command("feedback", _feedback, "Write a page per learner and lesson into feedback/.")
    chooses(one)
    one.add_argument("--json", action="store_true", help="print the paths as JSON")
    one = command("export", _export, "Write the gradebook's scores, one row per learner and exercise.")
    one.add_argument("--to", type=Path, metavar="FILE", help="where to write (default: standard output)")
    one.add_argument("--json", action="store_true", help="JSON instead of CSV")
    one = command("health", _health, "How the checks did in the graded class: difficulty, discrimination, mistakes.")
    chooses(one)
    one.add_argument("--json", action="store_true", help="print the checks as JSON")
    one = command(
        "audit", _audit, "Judge the bank of right and wrong answers, and mutants: how often is the grader wrong?"
    )
    chooses_lesson(one)
    one.add_argument("--exercise", action="append", default=[], metavar="ID", help="only this exercise; repeatable")
    one.add_argument("--seeds", type=_positive, default=3, metavar="N", help="on how many seeds (default: 3)")
    one.add_argument("--seed", type=_seed, metavar="HEX", help="the first seed, to repeat an audit (default: random)")
    one.add_argument("--quick", action="store_true", help="one seed, no mutants")
    one.add_argument("--full", action="store_true", help="all seeds, and whole notebooks, as a class is graded")
    one.add_argument("--workers", type=_positive, metavar="N", help="processes at once (default: one per core)")
    one.add_argument("--unsafe-no-sandbox", action="store_true", help="do not confine the bank's code")
    one.add_argument("--json", action="store_true", help="print the counts and findings as JSON")
    one = command("demo", _demo, "Run the pipeline, then grade a sample class in the folder demo/.")
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)


def _seed(text: str) -> int:
    try:
        seed = int(text, 16)
    except ValueError:
        seed = -1
    if not 0 <= seed < 1 << 128:
        raise argparse.ArgumentTypeError(f"expected up to 32 hexadecimal digits, got {text!r}")
    return seed


def _limit(text: str) -> tuple[str, float]:
    name, _, seconds = text.partition("=")
    try:
        if name in LIMITS and 0 < float(seconds) < 1e6:
            return name, float(seconds)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"expected for example {LIMITS[0]}=20, got {text!r}")


def _layout(args: argparse.Namespace) -> Layout:
    from autograder.grading.grade import Layout

    home = args.home.resolve()
    if not (home / "solutions").is_dir() and not (home / "lessons").is_dir():
        print(
            f"autograder: {home} is no course: it has neither solutions/ nor lessons/. "
            "Change to the course's folder, or name it with --home.",
            file=sys.stderr,
        )
        raise SystemExit(USAGE)
    return Layout(home, (args.course or home).resolve())


def _course(args: argparse.Namespace) -> Course:
    from autograder.course import load_course

    course = load_course()
    for folder in getattr(args, "lesson", []):
        course.lesson(folder)
    return course


def _release(args: argparse.Namespace) -> int:
    from autograder.release import execute, problems, release

    layout, course = _layout(args), _course(args)
    if args.lesson:
        course = replace(course, lessons=tuple(course.lesson(folder) for folder in args.lesson))
    if args.solutions:
        from autograder.pack import write_solutions

        paths = write_solutions(layout.home, course.lessons, args.solutions)
        print(f"Wrote {len(paths)} solutions into {args.solutions}")
        return OK
    for lesson in course.lessons if args.execute else ():
        execute(layout.home / "solutions" / lesson.path)
        print(f"Executed {lesson.path}")
    if not args.check:
        for path in release(layout.home, layout.course, course):
            print(f"A lesson with answers in it was replaced; it is kept as {path}")
        print(f"Released {len(course.lessons)} lessons into {layout.release}")
        return OK
    found = problems(layout.home, course)
    print(json.dumps(found) if args.json else "\n".join(found) or "solutions/, lessons/, checks and manifest agree.")
    return FAILED if found else OK


def _pack(args: argparse.Namespace) -> int:
    from autograder.pack import pack

    names = pack(_layout(args).home, _course(args), args.to)
    print(f"Packed {len(names)} files into {args.to}")
    return OK


def _regrade(args: argparse.Namespace) -> int:
    from autograder.grading.grade import preview
    from autograder.grading.gradebook import Gradebook
    from autograder.grading.regrade import as_json, as_text, changes
    from autograder.settings import database_url

    if not args.dry_run:
        return _grade(args)
    from tqdm import tqdm

    layout, course = _layout(args), _course(args)
    by_hand = Gradebook(database_url(layout.home, layout.course)).by_hand()
    found, submissions = [], 0
    records = preview(layout, course, _options(args))
    for kept, fresh in tqdm(records, unit=" notebooks", disable=args.json, file=sys.stderr, leave=False):
        submissions += 1
        found += list(changes(kept, fresh, course, by_hand))
    found.sort(key=lambda change: (change.student, change.lesson))
    report = {"submissions": submissions, "changes": [as_json(change) for change in found]}
    print(json.dumps(report, ensure_ascii=False) if args.json else as_text(found, submissions))
    return OK


def _health(args: argparse.Namespace) -> int:
    import dataclasses

    from autograder.grading.health import as_text, health

    records = _records(args)
    if not records:
        print("autograder: no verdicts yet, so no check has any. Run `autograder grade` first.", file=sys.stderr)
        return FAILED
    found = health(records, _course(args))
    print(json.dumps([dataclasses.asdict(one) for one in found]) if args.json else as_text(found))
    return OK


def _grade(args: argparse.Namespace) -> int:
    layout, course = _layout(args), _course(args)
    if not layout.submitted.is_dir():
        print(
            f"autograder: nothing to grade: {layout.submitted} does not exist. Put each learner's notebooks in "
            "submitted/<student>/<lesson>/.",
            file=sys.stderr,
        )
        return USAGE
    records = _grade_and_load(args, layout, course)
    counts = _counts(records)
    print(json.dumps({"counts": counts}) if args.json else _summary(records, counts))
    return ATTENTION if any(r.reason or r.broken for r in records) else OK


def _options(args: argparse.Namespace) -> Options:
    from autograder.grading.grade import Options, worker_count
    from autograder.grading.session import TimeLimits

    return Options(
        lessons=args.lesson,
        students=args.student,
        workers=args.workers or worker_count(),
        force=args.force,
        confined=not args.unsafe_no_sandbox,
        limits=TimeLimits(**dict(args.seconds)),
        scheduler=args.scheduler,
        naming=not args.no_naming,
    )


def _grade_and_load(args: argparse.Namespace, layout: Layout, course: Course) -> list[Record]:
    from autograder.grading.warm_process import WarmProcess

    # It imports what notebooks need while this process imports what grading needs, which is the slow part.
    warm = None if args.scheduler else WarmProcess(confined=not args.unsafe_no_sandbox)
    with warm or contextlib.nullcontext():
        return _grade_with(warm, args, layout, course)


def _grade_with(warm: WarmProcess | None, args: argparse.Namespace, layout: Layout, course: Course) -> list[Record]:
    from tqdm import tqdm

    from autograder.grading.grade import grade_and_load
    from autograder.settings import database_url

    counts: dict[str, int] = {}
    with tqdm(unit=" notebooks", disable=args.json, file=sys.stderr, leave=False) as bar:

        def progress(record: Record, done: int, total: int) -> None:
            counts[record.state] = counts.get(record.state, 0) + 1
            bar.total = total
            bar.set_postfix(counts, refresh=False)
            bar.update(done - bar.n)
            if args.json:
                print(json.dumps(_event(record)), flush=True)

        url = database_url(layout.home, layout.course)
        records, _ = grade_and_load(layout, course, _options(args), url, progress, warm)
    return records


def _event(record: Record) -> dict[str, Any]:
    return {
        "student": record.student,
        "lesson": record.lesson,
        "state": record.state,
        "points": {verdict.exercise: verdict.points for verdict in record.verdicts},
        "reason": record.reason,
        "notes": record.notes,
        "seconds": round(record.seconds, 3),
    }


def _counts(records: Sequence[Record]) -> dict[str, int]:
    from autograder.grading.records import State

    return {"submissions": len(records)} | {str(s): sum(r.state is s for r in records) for s in State}


def _summary(records: Sequence[Record], counts: dict[str, int]) -> str:
    lines = [", ".join(f"{number} {name}" for name, number in counts.items())]
    for record in records:
        where = f"{record.student}, {record.lesson}"
        lines += [f"  {where}: {record.state}. {record.reason}"] if record.reason else []
        lines += [f"  {where}: {note}" for note in record.notes]
        lines += [
            f"  {where}: {outcome.check} failed by itself. {outcome.rationale}"
            for verdict in record.verdicts
            for outcome in verdict.outcomes
            if outcome.status == "harness error"
        ]
    return "\n".join(lines)


def _records(args: argparse.Namespace) -> list[Record]:
    from autograder.grading.records import RecordStore

    return [
        record
        for record in RecordStore(_layout(args).course).all()
        if (not args.lesson or record.lesson in args.lesson) and (not args.student or record.student in args.student)
    ]


def _feedback(args: argparse.Namespace) -> int:
    from autograder.grading.feedback import ByHand, write_feedback
    from autograder.grading.gradebook import Gradebook
    from autograder.settings import database_url

    layout, course = _layout(args), _course(args)
    records = _records(args)
    if not records:
        print("autograder: no verdicts yet, so there is no feedback. Run `autograder grade` first.", file=sys.stderr)
        return FAILED
    by_hand = ByHand.of(Gradebook(database_url(layout.home, layout.course)))
    paths = write_feedback(records, course, by_hand, layout.feedback)
    print(json.dumps([str(p) for p in paths]) if args.json else f"Wrote {len(paths)} pages into {layout.feedback}")
    return OK


def _export(args: argparse.Namespace) -> int:
    from autograder.grading.export import as_csv, as_rows
    from autograder.grading.gradebook import Gradebook
    from autograder.settings import database_url

    layout = _layout(args)
    found = Gradebook(database_url(layout.home, layout.course)).scores()
    text = json.dumps(as_rows(found), ensure_ascii=False, indent=1) + "\n" if args.json else as_csv(found)
    if args.to:
        args.to.write_text(text, encoding="utf-8", newline="")
        print(f"Wrote {len(found)} scores to {args.to}", file=sys.stderr)
    else:
        sys.stdout.write(text)
    return OK


def _audit(args: argparse.Namespace) -> int:
    import secrets

    from tqdm import tqdm

    from autograder.audit import Plan, as_text, audit
    from autograder.grading.grade import worker_count
    from autograder.worlds import PUBLIC_SEED

    layout, course = _layout(args), _course(args)
    lessons = [course.lesson(folder) for folder in args.lesson]
    chosen = [course.exercise(name) for name in args.exercise]
    chosen += [exercise for lesson in lessons for exercise in lesson.exercises]
    first = secrets.randbits(128) if args.seed is None else args.seed
    more = [PUBLIC_SEED, *(secrets.randbits(128) for _ in range(args.seeds))]
    plan = Plan(
        list(dict.fromkeys(chosen)) or list(course.exercises),
        [first, *more][: 1 if args.quick else args.seeds],
        full=args.full,
        mutate=not args.quick,
        workers=args.workers or worker_count(),
        confined=not args.unsafe_no_sandbox,
    )
    with tqdm(unit=" verdicts", disable=args.json, file=sys.stderr, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = audit(layout.home, course, plan, progress)
    print(json.dumps(report.as_json(), ensure_ascii=False) if args.json else as_text(report))
    return OK if report.sound else FAILED


def _demo(args: argparse.Namespace) -> int:
    from autograder.demo import run_demo

    return run_demo(_layout(args).home, _course(args))
