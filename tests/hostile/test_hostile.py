"""One class in which everything is handed in that the bank of hostile and clumsy submissions holds, among honest work.

The class is graded once, with the command and into the gradebook that an instructor uses; the tests then look at
what became of each entry, of its honest neighbours, and of the machine.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import io
import json
import os
import shutil
import socket
import sqlite3
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import autograder.bank
from autograder.cli import ATTENTION, OK, main
from autograder.course import Course, Lesson
from autograder.grading.collect import student_id
from autograder.grading.gradebook import Gradebook
from autograder.grading.records import Record, RecordStore, State
from autograder.grading.secret import class_seed
from autograder.hostile import Entry, load_entries
from autograder.sandbox.confine import ResourceLimits
from autograder.settings import database_url
from autograder.submissions import hand_in

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="submissions are confined on Linux only"),
]

ENTRIES = load_entries()
BLOCKS = sorted({entry.block for entry in ENTRIES})
SHORT = ("cell=5", "call=4", "call_again=0.5", "notebook=60")
MARK = "hostile-was-here"


def student_of(entry: Entry) -> str:
    return f"{entry.block} m {entry.id} {entry.student}".strip()


NEIGHBOURS = [f"{block} {place} {what}" for block in BLOCKS for place in "az" for what in ("right", "partly")]


@dataclass
class Graded:
    """The class after it was graded: what was planted in it, and what came of it."""

    folder: Path
    home: Path
    canaries: Mapping[str, str]
    calm: Mapping[str, Record]
    code: int
    printed: str
    exit_codes: list[int]
    seconds: float
    reached: list[str]
    left_running: list[str]
    left_files: list[str]
    null: tuple[int, int, int]

    def record(self, student: str, lesson: str = "02_validation") -> Record:
        found = RecordStore(self.folder).read(lesson, student_id(student))
        assert found, f"no record of {student}"
        return found

    def notebook(self, student: str, lesson: Lesson) -> str:
        return (self.folder / "autograded" / student_id(student) / lesson.path).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def graded(
    tmp_path_factory: pytest.TempPathFactory,
    released_course: Path,
    home: Path,
    course: Course,
    release: Callable[[Lesson], dict[str, Any]],
    right_answers: Mapping[str, str],
) -> Iterator[Graded]:
    folder = tmp_path_factory.mktemp("class") / "course"
    shutil.copytree(released_course, folder)
    canaries = plant_canaries(folder)
    with pytest.MonkeyPatch.context() as patch, adopting_orphans(), listening() as (ports, reached):
        patch.setenv("HOSTILE_CANARY", canaries["environment"])
        smaller = functools.partial(ResourceLimits, memory=2 << 30)
        patch.setattr("autograder.grading.warm_process.ResourceLimits", smaller)
        temporary = tmp_path_factory.mktemp("temporary")
        patch.setattr(tempfile, "tempdir", str(temporary))
        before = files_at_risk(folder, home)

        def command(*words: str) -> tuple[int, str]:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                code = main([words[0], "--home", str(home), "--course", str(folder), *words[1:]])
            return code, printed.getvalue()

        # First the honest ones alone, so that there are grades that could be changed.
        lesson = course.lesson("02_validation")
        for name in NEIGHBOURS:
            hand_in_honestly(folder, name, lesson, release(lesson), right_answers, canaries)
        first = [word for name in NEIGHBOURS[:8] for word in ("--student", name)]
        assert command("grade", "--json", *first)[0] == OK
        calm = {record.student: record for record in RecordStore(folder).all()}

        for entry in ENTRIES:
            lesson = course.lesson(entry.lesson)
            target = folder / "submitted" / student_of(entry) / lesson.folder
            target.parent.mkdir()
            neighbour = folder / "submitted" / f"{entry.block} a right"
            places = ports | {
                "COURSE": str(folder),
                "HOME": str(home),
                "BANK": str(Path(autograder.bank.__file__).parent),
                "NEIGHBOUR": str(neighbour),
                "PID": str(os.getpid()),
            }
            entry.hand_in(target, lesson, release(lesson), right_answers, places)
        limits = [word for limit in SHORT for word in ("--seconds", limit)]
        start = time.monotonic()
        code, printed = command("grade", "--json", "--force", *limits)
        seconds = time.monotonic() - start
        feedback, _ = command("feedback", "--no-naming", "--json")
        yield Graded(
            folder,
            home,
            canaries | {"seed": f"{class_seed(folder):032x}", "seed as number": str(class_seed(folder))},
            calm,
            code,
            printed,
            [feedback],
            seconds,
            reached(),
            still_running(),
            sorted(files_at_risk(folder, home) - before),
            state_of("/dev/null"),
        )


# --- what is planted, and what could be left behind -----------------------------------------------------------


def plant_canaries(folder: Path) -> dict[str, str]:
    """Secrets, by where they are: none may turn up in anything that a learner gets to see."""
    names = ("course folder", "gradebook", "environment", "neighbour")
    canaries = {name: f"canary-{os.urandom(8).hex()}" for name in names}
    (folder / "canary.txt").write_text(canaries["course folder"], encoding="utf-8")
    with contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as book:
        book.execute("insert into student (id, last_name) values ('somebody', ?)", (canaries["gradebook"],))
        book.commit()
    # The bank's own words: right answers in neighbours' notebooks hold none of its headings.
    return canaries | {"bank": "# belief:", "bank's headings": "# %% wrong"}


def hand_in_honestly(
    folder: Path,
    student: str,
    lesson: Lesson,
    release: dict[str, Any],
    right: Mapping[str, str],
    canaries: Mapping[str, str],
) -> None:
    answers = dict(right)
    if student.endswith("partly"):
        answers["validation.products"] = "def validate_products(products):\n    return None\n"
        del answers["validation.deduplicate"]
    notebook = hand_in(release, lesson, answers)
    secret = {"cell_type": "code", "metadata": {}, "source": f"# {canaries['neighbour']}", "outputs": []}
    notebook["cells"].append(secret | {"execution_count": None, "id": "secret"})
    path = folder / "submitted" / student / lesson.path
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


@contextlib.contextmanager
def adopting_orphans() -> Iterator[None]:
    """Become the parent of whatever a child leaves behind, so that it can be seen."""
    libc = ctypes.CDLL(None)
    libc.prctl(36, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(36, 0, 0, 0, 0)


@contextlib.contextmanager
def listening() -> Iterator[tuple[dict[str, str], Callable[[], list[str]]]]:
    """Servers on this machine, and a function that names those that somebody has reached."""
    name = f"hostile-{os.getpid()}"
    kinds = {
        "TCP": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        "UDP": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        "ABSTRACT": (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{name}"),
    }
    with contextlib.ExitStack() as stack:
        servers = {}
        for kind, (family, type_, address) in kinds.items():
            servers[kind] = server = stack.enter_context(socket.socket(family, type_))
            server.bind(address)
            server.setblocking(False)
            if type_ == socket.SOCK_STREAM:
                server.listen()

        def reached() -> list[str]:
            found = []
            for kind, server in servers.items():
                with contextlib.suppress(BlockingIOError):
                    server.recv(1) if kind == "UDP" else server.accept()[0].close()
                    found.append(kind)
            return found

        ports = {kind: str(servers[kind].getsockname()[1]) for kind in ("TCP", "UDP")}
        yield ports | {"ABSTRACT": name}, reached


def still_running() -> list[str]:
    """Children of this process, adopted ones too, that are still there after a moment."""
    for _ in range(50):
        found = [line for path in Path("/proc").glob("[0-9]*/stat") if (line := child(path))]
        if not found:
            return []
        time.sleep(0.1)
    return found


def child(path: Path) -> str:
    """A process's name and command where it is a child of this one; one that has ended is taken leave of."""
    with contextlib.suppress(OSError):
        name, _, rest = path.read_text(encoding="utf-8", errors="replace").rpartition(")")
        state, parent, *_ = rest.split()
        if int(parent) == os.getpid():
            if state == "Z":
                os.waitpid(int(path.parent.name), os.WNOHANG)
            else:
                return name + path.with_name("cmdline").read_text(encoding="utf-8", errors="replace")
    return ""


def files_at_risk(folder: Path, home: Path) -> set[str]:
    """Files with the bank's mark, wherever it tries to leave one, and temporary folders of the harness."""
    site = Path(pytest.__file__).parents[1]
    temporary = Path(tempfile.gettempdir())
    places = [folder, folder / "submitted", folder / ".autograder", home, home / "autograder", site, temporary]
    places += map(Path, (".", "~", "/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/etc", "/usr", "/usr/bin"))
    places = [place.expanduser() for place in places]
    marked = {str(path) for place in places if place.is_dir() for path in place.glob(f"*{MARK}*")}
    startup = [site / "sitecustomize.py", site / "usercustomize.py", temporary / "sitecustomize.py"]
    startup += [temporary / "pandas.py", Path.home() / ".ipython" / "profile_default" / "startup" / "00.py"]
    return marked | {str(path) for path in [*startup, *temporary.iterdir()] if os.path.lexists(path)}


def state_of(path: str) -> tuple[int, int, int]:
    found = Path(path).stat()
    return stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid


# --- each entry -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.block}-{entry.id}")
def test_an_entry_gets_what_it_has_earned_and_shows_nothing(entry: Entry, graded: Graded, course: Course) -> None:
    lesson = course.lesson(entry.lesson)
    student = student_of(entry)
    record = graded.record(student, entry.lesson)
    assert record.state == entry.state, record.reason
    earned = {verdict.exercise: verdict.points for verdict in record.verdicts}
    assert sum(earned.values()) == entry.points(lesson), earned
    assert not record.broken, [o for v in record.verdicts for o in v.outcomes if o.status == "harness error"]

    gradebook = Gradebook(database_url(graded.home, graded.folder))
    held = [score for score in gradebook.scores([entry.lesson]) if score.student == student_id(student)]
    assert sum(score.points for score in held) == entry.points(lesson)
    assert all(score.needs_manual_grade == (entry.state != "graded") for score in held)
    assert {score.exercise: score.max_points for score in held} == {e.check_cell: e.points for e in lesson.exercises}

    page = (graded.folder / "feedback" / student_id(student) / lesson.path.with_suffix(".html")).read_text("utf-8")
    texts = {"record": json.dumps(vars(record), default=str), "feedback": page}
    if record.state is State.GRADED:
        texts["notebook"] = graded.notebook(student, lesson)
        assert entry.shows in shown(texts["notebook"])
    for where, text in texts.items():
        assert len(text) < 25_000_000, where
        for secret, canary in graded.canaries.items():
            assert canary not in text, f"{secret} in {where}"
    assert "<script" not in page.lower()
    assert "\x1b" not in page


def shown(notebook: str) -> str:
    """What the cells put out, as text."""
    outputs = [output for cell in json.loads(notebook)["cells"] for output in cell.get("outputs", [])]
    texts = [[o.get("text"), o.get("data", {}).get("text/plain"), o.get("ename"), o.get("evalue")] for o in outputs]
    return "\n".join(text for several in texts for text in several if text)


@pytest.mark.parametrize("student", NEIGHBOURS)
def test_an_honest_neighbour_keeps_points_and_outcomes(student: str, graded: Graded, course: Course) -> None:
    lesson = course.lesson("02_validation")
    record, calm = graded.record(student), graded.calm[f"{BLOCKS[0]} a {student.split()[-1]}"]
    expected = lesson.points if student.endswith("right") else lesson.points - 9
    assert sum(verdict.points for verdict in record.verdicts) == expected
    assert outcomes(record) == outcomes(calm)
    notebook = graded.notebook(student, lesson)
    assert notebook == graded.notebook(calm.student, lesson)
    for secret, canary in graded.canaries.items():
        assert canary not in notebook or secret == "neighbour", secret


def outcomes(record: Record) -> list[tuple[str, str, float, str, str]]:
    return [(o.check, o.status, o.points, o.rationale, o.got) for v in record.verdicts for o in v.outcomes]


# --- the class as a whole -------------------------------------------------------------------------------------


def test_the_batch_was_finished_and_adds_up(graded: Graded) -> None:
    assert graded.code == ATTENTION
    assert graded.exit_codes == [OK]
    counts = json.loads(graded.printed.splitlines()[-1])["counts"]
    assert counts["submissions"] == len(ENTRIES) + len(NEIGHBOURS)
    assert counts["submissions"] == counts["graded"] + counts["quarantined"] + counts["failed"]
    assert counts["failed"] == 0
    assert counts["quarantined"] == sum(entry.state == "quarantined" for entry in ENTRIES)


def test_nothing_was_left_behind(graded: Graded) -> None:
    assert graded.left_running == []
    assert graded.left_files == []
    assert graded.null == (0o666, 0, 0)
    assert (graded.folder / "canary.txt").read_text("utf-8") == graded.canaries["course folder"]


def test_nobody_got_out(graded: Graded) -> None:
    assert graded.reached == []


def test_the_bank_is_large_enough_and_every_block_is_there() -> None:
    assert sum(entry.clumsy for entry in ENTRIES) >= 30
    assert sum(not entry.clumsy for entry in ENTRIES) >= 60
    assert all(entry.tries for entry in ENTRIES)
