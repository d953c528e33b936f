"""The command `autograder`: release and pack the lessons, grade a class, write feedback, export the scores."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

# Everything else is imported by the command that needs it: `--help` answers at once.
if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.grading.export import Points, Sheet
    from autograder.grading.grade import Layout, Options
    from autograder.grading.gradebook import Gradebook
    from autograder.grading.records import Record
    from autograder.grading.warm_process import WarmProcess

OK, FAILED, USAGE, ATTENTION = 0, 1, 2, 3
LIMITS = ("cell", "call", "call_again", "notebook")

_EXITS = """exit codes:
  0  done
  1  something does not agree, or could not be done; the message says what to do
  2  wrong arguments, or a folder that is not a course
  3  done, but something waits for a person: grade: quarantined, or the harness failed; collect: files that could not
     be placed; export: scores not yet given, or learners whom the other system's list does not hold;
     doctor, submit: something to mend before handing in"""


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

    def for_learners(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        # Neither a course nor a class is needed: the released notebooks are found beside the program.
        one = commands.add_parser(
            name, help=text, description=text, epilog=_EXITS, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        one.set_defaults(run=run)
        return one

    one = for_learners("doctor", _doctor, "Before handing in: what is to be mended in a notebook, a line each.")
    one.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    one.add_argument(
        "--fix", action="store_true", help="mend checks, metadata and the name; the file as it was is kept beside it"
    )
    one.add_argument("--json", action="store_true", help="print what was found as JSON")
    one = for_learners("submit", _submit, "Make the one file to hand in, with a receipt; the doctor looks first.")
    one.add_argument("notebooks", type=Path, nargs="*", metavar="NOTEBOOK")
    one.add_argument("--to", type=Path, metavar="FILE", help="default: <lesson>.zip, of several lessons hand-in.zip")
    one.add_argument("--name", default="", metavar="STUDENT", help="your name or number, as your instructor knows it")
    one.add_argument("--anyway", action="store_true", help="make it although the doctor found what would cost points")
    one.add_argument(
        "--verify", type=Path, metavar="FILE", help="only look whether a file was damaged since it was made"
    )
    one.add_argument("--json", action="store_true", help="print the receipt, or what does not agree, as JSON")
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
    one.add_argument(
        "--gradescope", type=Path, metavar="FILE", help="instead: the autograder zip for Gradescope, of one --lesson"
    )
    one.add_argument(
        "--github", type=Path, metavar="FOLDER", help="instead: a template repository with a GitHub Actions workflow"
    )
    chooses_lesson(one)
    one = command("collect", _collect, "Bring hand-ins to submitted/<student>/<lesson>/: the newest of each counts.")
    one.add_argument("source", type=Path, metavar="SOURCE", help="the folder or zip that the system gave")
    one.add_argument(
        "--from",
        dest="system",
        required=True,
        choices=("folder", "nbgrader", "canvas", "moodle", "submit"),
        help="what gave it: folder is <student>/...; submit is the zip of `autograder submit`, or a folder of such",
    )
    one.add_argument(
        "--roster",
        type=Path,
        metavar="FILE",
        help="canvas: the exported gradebook; moodle: the grading worksheet (CSV)",
    )
    chooses_lesson(one)
    one.add_argument("--json", action="store_true", help="print every hand-in, and what was left, as JSON")

    def names(one: argparse.ArgumentParser) -> None:
        chooses(one)
        one.add_argument(
            "--no-naming", action="store_true", help="do not look for the known mistakes behind wrong results"
        )

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
            "--json", action="store_true", help="print a line of JSON per submission, then one with the counts"
        )

    one = command("grade", _grade, "Grade what was handed in: submitted/<student>/<lesson>/<notebook>.ipynb.")
    grades(one)
    one = command("regrade", _regrade, "With --dry-run: who would get other points, before anything is written.")
    grades(one)
    one.add_argument("--dry-run", action="store_true", help="write nothing; without it, the same as grade")
    one = command("feedback", _feedback, "Write a page per learner and lesson into feedback/.")
    names(one)
    one.add_argument("--json", action="store_true", help="print the paths as JSON")
    one = command("export", _export, "Write the gradebook's scores, one row per learner and exercise.")
    one.add_argument(
        "--format",
        choices=("csv", "json", "nbgrader", "canvas", "moodle", "gradescope"),
        default="csv",
        help="csv: for people; nbgrader: its columns; canvas, moodle: to import there; gradescope: results.json files",
    )
    one.add_argument(
        "--to", type=Path, metavar="FILE", help="where to write (default: standard output); a folder for gradescope"
    )
    one.add_argument(
        "--roster",
        type=Path,
        metavar="FILE",
        help="canvas: the exported gradebook; moodle: a list of participants (CSV)",
    )
    one.add_argument(
        "--id", choices=("username", "idnumber", "email"), default="username", help="moodle: what finds a learner"
    )
    one.add_argument(
        "--per", choices=("both", "lesson", "exercise"), default="both", help="canvas, moodle: which columns to write"
    )
    chooses_lesson(one)
    one.add_argument("--json", action="store_true", help="the same as --format json")
    one = command("health", _health, "How the checks did in the graded class: difficulty, discrimination, mistakes.")
    names(one)
    one.add_argument("--json", action="store_true", help="print the checks as JSON")
    one = command("report", _report, "Write one page about the class: who needs help, checks, mistakes, the run.")
    one.set_defaults(lesson=[], student=[])
    one.add_argument("--to", type=Path, metavar="FILE", help="where to write (default: report.html in --course)")
    one.add_argument("--no-naming", action="store_true", help="do not look for the known mistakes behind wrong results")
    one.add_argument("--json", action="store_true", help="print the page's numbers as JSON, and write no page")
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


def _doctor(args: argparse.Namespace) -> int:
    from autograder.learner import NoFile, examine, fix, printable, released

    course = _course(args)
    try:
        fixed = fix(args.notebook, course, released) if args.fix else None
        path = fixed.path if fixed else args.notebook
        report = examine(path, course, released)
    except NoFile as e:
        _say(f"autograder: {e}", sys.stderr)
        return USAGE
    if args.json:
        found = {
            "notebook": str(path),
            "lesson": report.lesson.folder if report.lesson else "",
            "ready": report.ready,
            "findings": [vars(finding) for finding in report.findings],
            "mended": [vars(finding) for finding in fixed.mended] if fixed else [],
            "backup": str(fixed.backup) if fixed else "",
            "points": report.points,
        }
        print(json.dumps(found))
        return OK if report.ready else ATTENTION
    name = printable(str(path), 300)
    if fixed:
        _say(f"Mended; the file as it was is now {printable(str(fixed.backup), 300)}")
        for finding in fixed.mended:
            _say(f"  {finding.kind}: {finding.text}")
    elif args.fix and report.findings:
        _say("Nothing of this can be mended by --fix.")
    if report.ready:
        _say(f"{name} is ready to hand in.{_shown(report.points)}")
        return OK
    number = len(report.findings)
    _say(f"{name}: {number} {'thing' if number == 1 else 'things'} to mend")
    for finding in report.findings:
        mark = " (--fix mends it)" if finding.fixable else " (costs points)" if finding.costs else ""
        _say(f"  {finding.kind}{mark}: {finding.text}")
    return ATTENTION


def _submit(args: argparse.Namespace) -> int:
    import datetime as dt

    from autograder.learner import NoFile, Refused, agrees, printable, receipt, released, sign, versions, write

    if bool(args.notebooks) == bool(args.verify):
        _say("autograder: name the notebooks to hand in, or a file with --verify.", sys.stderr)
        return USAGE
    if args.verify:
        problems = agrees(args.verify)
        if args.json:
            print(json.dumps(problems))
        elif problems:
            _say("\n".join([f"{args.verify} does not agree with its receipt:", *(f"  {one}" for one in problems)]))
        else:
            _say(f"{args.verify} agrees with its receipt: it was not damaged since it was made. (This is no seal.)")
        return FAILED if problems else OK
    try:
        signed = sign(args.notebooks, _course(args), released, anyway=args.anyway)
    except NoFile as e:
        _say(f"autograder: {e}", sys.stderr)
        return USAGE
    except Refused as e:
        for file, findings in e.findings.items():
            lines = [f"  {finding.kind}: {finding.text}" for finding in findings]
            _say("\n".join([f"{printable(file, 300)} would cost points as it is:", *lines]), sys.stderr)
        _say("Nothing was made. Mend it, or add --anyway to hand it in as it is.", sys.stderr)
        return ATTENTION
    target = args.to or Path("hand-in.zip" if len(signed) > 1 else f"{signed[0].name.split('/')[0]}.zip")
    slip = receipt(signed, dt.datetime.now(dt.UTC), args.name, versions())
    write(target, signed, slip)
    if args.json:
        print(json.dumps(slip))
        return OK
    _say(f"Wrote {target}: hand in this file.\n")
    _say(f"Receipt for {slip['student'] or 'a learner without --name'}, {slip['time']}")
    _say(", ".join(f"{name} {number or 'unknown'}" for name, number in slip["versions"].items()))
    for one in signed:
        _say(f"{one.name}\n  sha256 {one.sha256}")
        for exercise, points in one.points.items():
            _say(f"  {exercise}: {'no points shown' if points is None else f'{points:g} points'}")
    _say("The points are those shown in the notebook; you are graded on other data.")
    return OK


def _shown(points: dict[str, float | None]) -> str:
    shown = [number for number in points.values() if number is not None]
    return f" Its checks show {sum(shown):g} points." if shown else ""


def _say(text: str, file: TextIO | None = None) -> None:
    """Print what a terminal may not be able to show, such as a name on Windows."""
    file = file or sys.stdout
    encoding = file.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=file)


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
    layout, course = _layout(args), _course(args)
    if args.gradescope:
        from autograder.grading.secret import class_seed
        from autograder.lms.gradescope import pack_autograder

        if len(args.lesson) != 1:
            print(
                "autograder: --gradescope needs exactly one --lesson: one assignment, one autograder.", file=sys.stderr
            )
            return USAGE
        seed = class_seed(layout.course)
        names = pack_autograder(layout.home, course, course.lesson(args.lesson[0]), args.gradescope, seed)
        print(f"Packed {len(names)} files into {args.gradescope}. Keep it to yourself: it holds a seed.")
        return OK
    if args.github:
        from autograder.lms.github import write_template

        chosen = [course.lesson(name) for name in args.lesson] or course.lessons
        paths = write_template(layout.home, course, chosen, args.github)
        print(f"Wrote {len(paths)} files into {args.github}")
        return OK
    from autograder.pack import pack

    names = pack(layout.home, course, args.to)
    print(f"Packed {len(names)} files into {args.to}")
    return OK


def _collect(args: argparse.Namespace) -> int:
    from autograder.lms import canvas, moodle
    from autograder.lms.archive import Unplaced
    from autograder.lms.collect import collect

    layout, course = _layout(args), _course(args)
    lists = {"canvas": canvas.roster, "moodle": moodle.worksheet}
    if args.roster and args.system not in lists:
        print("autograder: --roster goes with --from canvas or --from moodle.", file=sys.stderr)
        return USAGE
    roster = lists[args.system](args.roster) if args.roster else None
    try:
        report = collect(args.source, args.system, course, layout.submitted, lessons=args.lesson, roster=roster)
    except Unplaced as e:
        print(f"autograder: {e}", file=sys.stderr)
        return FAILED
    print(json.dumps(report.as_json(), ensure_ascii=True) if args.json else report.as_text())
    return ATTENTION if report.left else OK


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


def _report(args: argparse.Namespace) -> int:
    import datetime as dt
    import os
    from urllib.parse import quote

    from autograder.grading.collect import find
    from autograder.grading.late import load_policy
    from autograder.grading.records import write_whole
    from autograder.grading.report import as_json, class_report, read_runs
    from autograder.grading.report_page import page

    layout, course = _layout(args), _course(args)
    records = _records(args)
    if not records:
        print("autograder: no verdicts yet, so there is no report. Run `autograder grade` first.", file=sys.stderr)
        return FAILED
    to = (args.to or layout.course / "report.html").resolve()
    gradebook = _gradebook(layout, course)
    there = {(one.student, one.lesson.folder) for one in find(layout.submitted, course)}
    report = class_report(
        records,
        gradebook.scores(),
        course,
        penalties=gradebook.penalties(),
        runs=read_runs(layout.course),
        handed_in=there if layout.submitted.is_dir() else None,
        differences=gradebook.differences(records, course, load_policy(layout.course, course)),
        feedback=quote(Path(os.path.relpath(layout.feedback, to.parent)).as_posix()),
    )
    if args.json:
        print(json.dumps(as_json(report)))
        return OK
    pages = (layout.feedback / r.student / course.lesson(r.lesson).path.with_suffix(".html") for r in records)
    write_whole(to, page(report, dt.datetime.now(dt.UTC), without_feedback=sum(not one.is_file() for one in pages)))
    print(f"Wrote the report on {len(report.learners)} learners to {to}")
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
    """The chosen records, with the known mistakes behind failed checks named."""
    from tqdm import tqdm

    from autograder.grading.naming import name_class
    from autograder.grading.records import RecordStore
    from autograder.grading.warm_process import Unconfined

    layout, course = _layout(args), _course(args)
    chosen = [
        record
        for record in RecordStore(layout.course).all()
        if (not args.lesson or record.lesson in args.lesson) and (not args.student or record.student in args.student)
    ]
    if args.no_naming:
        return chosen
    with tqdm(desc="Known mistakes", unit=" exercises", disable=args.json, file=sys.stderr, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        try:
            return name_class(layout, course, chosen, progress=progress)
        except Unconfined as e:
            print(f"autograder: no mistake is named, because none may run here: {e}", file=sys.stderr)
            return chosen


def _gradebook(layout: Layout, course: Course) -> Gradebook:
    """The gradebook, its late penalties brought up to date with the policy and with what people entered."""
    from autograder.grading.gradebook import Gradebook
    from autograder.grading.late import load_policy
    from autograder.settings import database_url

    gradebook = Gradebook(database_url(layout.home, layout.course))
    gradebook.charge(load_policy(layout.course, course))
    return gradebook


def _feedback(args: argparse.Namespace) -> int:
    from autograder.grading.feedback import ByHand, write_feedback

    layout, course = _layout(args), _course(args)
    records = _records(args)
    if not records:
        print("autograder: no verdicts yet, so there is no feedback. Run `autograder grade` first.", file=sys.stderr)
        return FAILED
    by_hand = ByHand.of(_gradebook(layout, course))
    paths = write_feedback(records, course, by_hand, layout.feedback)
    print(json.dumps([str(p) for p in paths]) if args.json else f"Wrote {len(paths)} pages into {layout.feedback}")
    return OK


def _export(args: argparse.Namespace) -> int:
    from autograder.grading import export
    from autograder.settings import database_url

    layout, course = _layout(args), _course(args)
    form = "json" if args.json else args.format
    gradebook = _gradebook(layout, course)
    scores, penalties = gradebook.scores(args.lesson), gradebook.penalties()
    if form == "gradescope":
        return _export_results(args, layout, course, export.totals(scores, penalties))
    said: list[str] = []
    if form in ("canvas", "moodle"):
        text = _import_file(
            args,
            form,
            export.sheet(scores, penalties, course, lessons=args.per != "exercise", exercises=args.per != "lesson"),
            said,
        )
    elif form == "nbgrader":
        text = export.as_nbgrader(scores, penalties, database_url(layout.home, layout.course), args.lesson)
    elif form == "json":
        text = json.dumps(export.as_rows(scores), ensure_ascii=False, indent=1) + "\n"
    else:
        text = export.as_csv(scores)
    if args.to:
        args.to.write_bytes(text.encode("utf-8", "replace"))
        print(f"Wrote {len(scores)} scores to {args.to}", file=sys.stderr)
    else:
        sys.stdout.write(text)
    print("".join(f"{line}\n" for line in said), end="", file=sys.stderr)
    return ATTENTION if said else OK


def _import_file(args: argparse.Namespace, form: str, sheet: Sheet, said: list[str]) -> str:
    """The CSV that another system imports; what it lacks is said."""
    from autograder.lms import canvas, moodle

    if form == "canvas" and not args.roster:
        raise SystemExit(_needs_roster())
    if form == "canvas":
        found: canvas.Import | moodle.Import = canvas.gradebook(sheet, canvas.roster(args.roster))
    else:
        found = moodle.gradebook(sheet, args.id, moodle.participants(args.roster) if args.roster else None)
    if sheet.waiting:
        said.append(f"{sheet.waiting} cells wait for a person and were left empty.")
    said += [f"Not in the roster, or not only once: {student!a}" for student in found.unmatched]
    return found.text


def _needs_roster() -> int:
    print(
        "autograder: Canvas finds learners by its own ids. Export its gradebook as CSV and name that with --roster.",
        file=sys.stderr,
    )
    return USAGE


def _export_results(
    args: argparse.Namespace, layout: Layout, course: Course, totals: dict[tuple[str, str], Points]
) -> int:
    from autograder.grading.records import RecordStore
    from autograder.lms.gradescope import write_results

    if not args.to:
        print("autograder: --format gradescope writes a file per submission: name a folder with --to.", file=sys.stderr)
        return USAGE
    records = [r for r in RecordStore(layout.course).all() if not args.lesson or r.lesson in args.lesson]
    ready = {key: points.points for key, points in totals.items() if not points.waiting}
    paths = write_results(records, course, ready, args.to)
    waiting = len(records) - len(paths)
    print(f"Wrote {len(paths)} files into {args.to}; {waiting} wait for a person and have none", file=sys.stderr)
    return ATTENTION if waiting else OK


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
