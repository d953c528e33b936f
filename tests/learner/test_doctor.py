"""`autograder doctor`: each fault is found by itself, mended where it can be, and nothing that was written is lost."""

from __future__ import annotations

import copy
import itertools
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.bank import load_bank
from autograder.cli import ATTENTION, FAILED, OK, USAGE, main
from autograder.course import Course, CourseError, Lesson
from autograder.grading.repair import repair
from autograder.grading.run import run_and_judge
from autograder.grading.session import TimeLimits
from autograder.grading.warm_process import WarmProcess
from autograder.learner import Report, diagnose, examine, fix, released
from autograder.learner.code_faults import code_faults, has_placeholder
from autograder.settings import STUB
from autograder.submissions import grade_id, without_cells
from autograder.worlds import PUBLIC_SEED, Worlds

Notebook = dict[str, Any]
Maker = Callable[[Lesson], Notebook]
FIRST = "validation-events"


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return course.lesson("02_validation")


@pytest.fixture
def put_file(tmp_path: Path) -> Callable[..., Path]:
    def write(content: object, name: str = "validation.ipynb") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write


def cell(notebook: Notebook, name: str) -> Notebook:
    return next(c for c in notebook["cells"] if grade_id(c) == name)


def text(one: Notebook) -> str:
    return "".join(one["source"])


def look(notebook: object, course: Course) -> Report:
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    return diagnose(data, course, released, "validation")


def insert(notebook: Notebook, source: str, kind: str = "code", place: int = 5) -> None:
    one: Notebook = {"cell_type": kind, "metadata": {}, "source": source, "id": f"own-{place}-{len(notebook['cells'])}"}
    if kind == "code":
        before = [c["execution_count"] for c in notebook["cells"][:place] if c.get("execution_count")]
        for later in notebook["cells"][place:]:
            if later.get("execution_count"):
                later["execution_count"] += 1
        one |= {"execution_count": len(before) + 1, "outputs": []}
    notebook["cells"].insert(place, one)


# What a notebook is compared with


def test_a_clone_derives_what_nbgrader_released(course: Course, release: Maker) -> None:
    for lesson in course.lessons:
        assert released(lesson) == release(lesson), lesson.folder


def test_without_pack_or_clone_the_message_says_where_it_looked(tmp_path: Path, lesson: Lesson) -> None:
    with pytest.raises(CourseError, match="unpack it again"):
        released(lesson, tmp_path / "autograder")


# What needs no mending


def test_a_lesson_that_is_solved_and_run_is_ready(course: Course, done: Maker) -> None:
    for lesson in course.lessons:
        report = look(done(lesson), course)
        assert report.findings == [], lesson.folder
        assert report.lesson == lesson
        assert report.points == {exercise.id: exercise.points for exercise in lesson.exercises}


def test_no_right_answer_of_the_bank_raises_an_alarm(course: Course) -> None:
    for exercise in course.exercises:
        for entry in load_bank(exercise.id):
            if entry.right:
                assert code_faults(entry.code) == [], f"{exercise.id}: {entry.name}"


def test_cells_of_ones_own_tags_and_other_python_kernels_are_no_faults(
    course: Course, lesson: Lesson, done: Maker
) -> None:
    notebook = done(lesson)
    insert(notebook, "%timeit sum(range(10))\n!ls\ninput = 3  # input()")
    insert(notebook, "await something()")
    insert(notebook, 'note = "do not call input(); see /events or C: drive"\n"""~/docs are prose"""')
    insert(notebook, "# mine", "markdown")
    notebook["cells"][0]["metadata"]["tags"] = ["mine"]
    notebook["metadata"] = {"kernelspec": {"name": ".venv", "language": "python", "display_name": "x"}}
    assert look(notebook, course).findings == []


# Each fault by itself


def nbgrader(notebook: Notebook, name: str, **changes: Any) -> None:
    cell(notebook, name)["metadata"]["nbgrader"].update(changes)


def lose_metadata(notebook: Notebook, name: str) -> None:
    cell(notebook, name)["metadata"] = {}


def double(notebook: Notebook, name: str) -> None:
    one = cell(notebook, name)
    twin = {**copy.deepcopy(one), "id": "twin", "execution_count": one["execution_count"]}
    notebook["cells"].insert(notebook["cells"].index(one), twin)
    for count, other in enumerate((c for c in notebook["cells"] if c["cell_type"] == "code"), start=1):
        other["execution_count"] = count


def above(notebook: Notebook) -> None:
    check = cell(notebook, f"{FIRST}-check")
    notebook["cells"].remove(check)
    notebook["cells"].insert(0, check)
    check["execution_count"] = 0


def set_source(notebook: Notebook, name: str, source: str) -> None:
    cell(notebook, name)["source"] = source


def remove(notebook: Notebook, name: str) -> None:
    notebook["cells"].remove(cell(notebook, name))


FIXABLE: list[tuple[str, Callable[[Notebook], object]]] = [
    ("check deleted", lambda n: remove(n, f"{FIRST}-check")),
    ("check duplicated", lambda n: double(n, f"{FIRST}-check")),
    ("check edited", lambda n: set_source(n, f"{FIRST}-check", "my_own_work = 1")),
    ("check edited", lambda n: cell(n, f"{FIRST}-check").update(cell_type="raw")),
    ("check moved", above),
    ("answer duplicated", lambda n: double(n, FIRST)),
    ("answer edited", lambda n: cell(n, FIRST).update(cell_type="markdown")),
    ("metadata", lambda n: lose_metadata(n, FIRST)),
    ("metadata", lambda n: lose_metadata(n, f"{FIRST}-check")),
    ("metadata", lambda n: nbgrader(n, f"{FIRST}-check", points=1000)),
    ("metadata", lambda n: nbgrader(n, FIRST, grade=True)),
    ("metadata", lambda n: n["cells"][0].update(metadata={"nbgrader": {"grade_id": "mine", "grade": True}})),
    ("metadata", lambda n: n["cells"][0].update(metadata={"nbgrader": "<script>"})),
    ("wrong kernel", lambda n: n.update(metadata={"kernelspec": {"name": "ir", "language": "R"}})),
    ("wrong kernel", lambda n: n.update(metadata={"language_info": {"name": "julia"}})),
    ("wrong kernel", lambda n: n.update(metadata={"kernelspec": {"name": "python2", "language": "python"}})),
    ("old format", lambda n: n.update(nbformat=5)),
    ("broken cell", lambda n: n["cells"].insert(3, [1])),
    ("broken cell", lambda n: n["cells"].insert(3, {"cell_type": "heading", "source": "A heading", "metadata": {}})),
]

OTHERS: list[tuple[str, bool, Callable[[Notebook], object]]] = [
    ("no answer", True, lambda n: set_source(n, FIRST, f"def validate_events(a, b):\n    if a:\n        {STUB}")),
    ("no answer", True, lambda n: set_source(n, FIRST, "\n")),
    ("syntax", True, lambda n: set_source(n, FIRST, "def validate_events(:")),
    ("syntax", True, lambda n: set_source(n, FIRST, "return 3")),
    ("syntax", False, lambda n: insert(n, "def f(:")),
    ("syntax", False, lambda n: insert(n, "x = " + "-" * 100_000 + "1")),
    ("input", True, lambda n: insert(n, "age = int(input('age?'))")),
    ("input", True, lambda n: insert(n, "import builtins\nbuiltins.input()")),
    ("absolute path", True, lambda n: insert(n, "pd.read_csv('/home/ann/x.csv')")),
    ("absolute path", True, lambda n: insert(n, "pd.read_csv('/x.csv')")),
    ("absolute path", True, lambda n: insert(n, r"where = 'C:\\Users\\ann'")),
    ("absolute path", True, lambda n: insert(n, r"where = r'\\server\share\x'")),
    ("absolute path", True, lambda n: insert(n, "where = 'D:/data'")),
    ("absolute path", True, lambda n: insert(n, "where = '~/data'")),
    ("absolute path", True, lambda n: insert(n, "where = Path.home() / 'data'")),
    ("absolute path", True, lambda n: insert(n, "open(f'/data/{name}.csv')")),
    ("absolute path", True, lambda n: insert(n, "sql = \"SELECT * FROM '/Users/ann/x.parquet'\"")),
    ("not run", False, lambda n: cell(n, FIRST).update(execution_count=None)),
    ("not run", False, lambda n: cell(n, FIRST).update(execution_count="7")),
    ("run out of order", False, lambda n: cell(n, FIRST).update(execution_count=900)),
    ("huge output", False, lambda n: cell(n, FIRST).update(outputs=[{"text": "x" * 3_000_000}])),
    ("long cell", False, lambda n: insert(n, "# " + "x" * 10_000_000)),
]


def label(value: object) -> str | None:
    return value.replace(" ", "-") if isinstance(value, str) else ""


@pytest.mark.parametrize(("kind", "harm"), FIXABLE, ids=label)
def test_a_fault_that_can_be_mended_is(
    kind: str,
    harm: Callable[[Notebook], object],
    course: Course,
    lesson: Lesson,
    done: Maker,
    put_file: Callable[..., Path],
) -> None:
    notebook = done(lesson)
    harm(notebook)
    path = put_file(notebook)
    before = path.read_bytes()
    report = examine(path, course, released)
    assert {f.kind for f in report.findings if f.fixable} == {kind}, report.findings
    assert not any(f.costs for f in report.findings)
    fixed = fix(path, course, released)
    assert fixed is not None and fixed.path == path
    assert fixed.backup.read_bytes() == before
    after = examine(path, course, released)
    assert [f for f in after.findings if f.kind not in ("not run", "run out of order")] == []
    mended = json.loads(path.read_bytes())
    assert repair(mended, released(lesson), lesson).notes == []
    for exercise in lesson.exercises:  # answers, and the outputs of all that did not have to be put back
        assert text(cell(mended, exercise.answer_cell)) == text(cell(done(lesson), exercise.answer_cell))
        assert cell(mended, exercise.check_cell)["metadata"] == cell(released(lesson), exercise.check_cell)["metadata"]
    assert_all_is_there(notebook, mended, lesson)
    assert_second_fix_does_nothing(path, course)


def test_what_only_the_learner_can_mend_is_found_and_left_alone(
    course: Course, lesson: Lesson, done: Maker, put_file: Callable[..., Path]
) -> None:
    for kind, costs, harm in OTHERS:
        notebook = done(lesson)
        harm(notebook)
        path = put_file(notebook)
        before = path.read_bytes()
        found = examine(path, course, released).findings
        assert {(f.kind, f.costs, f.fixable) for f in found} == {(kind, costs, False)}, (kind, found)
        assert all("\n" not in f.text and len(f.text) < 400 for f in found)
        assert fix(path, course, released) is None
        assert path.read_bytes() == before


def test_a_deleted_answer_is_put_back_as_a_stub_and_still_misses(
    course: Course, lesson: Lesson, done: Maker, put_file: Callable[..., Path]
) -> None:
    path = put_file(without_cells(done(lesson), FIRST))
    kinds = {f.kind for f in examine(path, course, released).findings}
    assert kinds == {"answer deleted", "no answer"}
    assert fix(path, course, released) is not None
    assert {f.kind for f in examine(path, course, released).findings} == {"no answer", "not run"}
    assert has_placeholder(text(cell(json.loads(path.read_bytes()), FIRST)))


def test_as_released_every_answer_is_missing_and_no_cell_has_been_run(course: Course, release: Maker) -> None:
    for lesson in course.lessons:
        found = look(release(lesson), course).findings
        assert [f.kind for f in found] == ["no answer"] * len(lesson.graded) + ["not run"]
        assert [f.costs for f in found[:-1]] == [exercise.points > 0 for exercise in lesson.graded]


@pytest.mark.parametrize(
    ("data", "kind", "said"),
    [
        (b"", "not a notebook", "not JSON"),
        (b"\x00" * 1000, "not a notebook", "not JSON"),
        (b"{" * 100_000, "not a notebook", "not JSON"),
        (b"PK\x03\x04", "not a notebook", "Unpack it"),
        (b'{"cells": 1}', "not a notebook", "no cells"),
        (b" " * 20_000_001, "not a notebook", "Clear the outputs"),
        (b'{"cells": [], "nbformat": 4}', "not a lesson", "right file"),
        (b'{"cells": [{"metadata": [], "source": {}, "cell_type": []}, 7, null]}', "not a lesson", "right file"),
    ],
)
def test_what_is_no_notebook_is_said(course: Course, data: bytes, kind: str, said: str) -> None:
    (finding,) = look(data, course).findings
    assert finding.kind == kind and finding.costs and said in finding.text
    assert diagnose(data, course, released, "homework").lesson is None


def test_version_3_is_read_and_written_as_4(
    course: Course, lesson: Lesson, done: Maker, put_file: Callable[..., Path]
) -> None:
    notebook = done(lesson)
    cells = [
        {"cell_type": c["cell_type"], "metadata": c["metadata"], "language": "python", "outputs": []}
        | ({"input": c["source"]} if c["cell_type"] == "code" else {"source": c["source"]})
        for c in notebook["cells"]
    ]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    path = put_file(old)
    assert {f.kind for f in examine(path, course, released).findings} == {"old format", "not run"}
    assert fix(path, course, released) is not None
    assert_all_is_there(notebook, json.loads(path.read_bytes()), lesson)
    assert_second_fix_does_nothing(path, course)


# The name


def test_a_renamed_file_gets_its_name_back(
    course: Course, lesson: Lesson, done: Maker, put_file: Callable[..., Path]
) -> None:
    path = put_file(done(lesson), "validation (1).ipynb")
    data = path.read_bytes()
    assert [f.kind for f in examine(path, course, released).findings] == ["renamed"]
    fixed = fix(path, course, released)
    assert fixed is not None and fixed.path.name == "validation.ipynb"
    assert fixed.path.read_bytes() == fixed.backup.read_bytes() == data
    assert sorted(p.name for p in path.parent.iterdir()) == ["validation (1).ipynb.backup-1", "validation.ipynb"]


def test_no_other_file_is_overwritten(
    course: Course, lesson: Lesson, done: Maker, put_file: Callable[..., Path]
) -> None:
    other = put_file(b"other")
    older = put_file(b"older", "copy.ipynb.backup-1")
    path = put_file(without_cells(done(lesson), f"{FIRST}-check"), "copy.ipynb")
    fixed = fix(path, course, released)
    assert fixed is not None and fixed.path == path and fixed.backup.name == "copy.ipynb.backup-2"
    assert (other.read_bytes(), older.read_bytes()) == (b"other", b"older")
    renamed = next(f for f in examine(path, course, released).findings if f.kind == "renamed")
    assert not renamed.fixable and "lies beside it" in renamed.text
    assert fix(path, course, released) is None


def test_a_notebook_without_metadata_and_checks_is_recognised(
    course: Course, lesson: Lesson, done: Maker, put_file: Callable[..., Path]
) -> None:
    notebook = without_cells(done(lesson), *(exercise.check_cell for exercise in lesson.exercises))
    for one in notebook["cells"]:
        one["metadata"] = {}
    path = put_file(notebook, "Untitled7.ipynb")
    assert examine(path, course, released).lesson == lesson
    fixed = fix(path, course, released)
    assert fixed is not None and fixed.path.name == "validation.ipynb"
    assert {f.kind for f in examine(fixed.path, course, released).findings} == {"not run"}


# Nothing is lost


def assert_all_is_there(before: Notebook, after: Notebook, lesson: Lesson) -> None:
    """Every text of the learner's stands in it, in the same order, and nothing but the release's has been added."""
    stock = {text(c).strip() for c in released(lesson)["cells"]}
    there = {text(c).strip() for c in after["cells"]}
    written = [text(c).strip() for c in before["cells"] if isinstance(c, dict)]
    assert [source for source in written if source and source not in there | stock] == []
    assert there - stock <= set(written)
    ids = [c["id"] for c in after["cells"]]
    assert len(set(ids)) == len(ids)


def assert_second_fix_does_nothing(path: Path, course: Course) -> None:
    files = {p: p.read_bytes() for p in path.parent.iterdir()}
    assert fix(path, course, released) is None
    assert {p: p.read_bytes() for p in path.parent.iterdir()} == files


def test_own_cells_outputs_and_pictures_stay(
    course: Course, lesson: Lesson, done: Maker, put_file: Callable[..., Path]
) -> None:
    notebook = without_cells(done(lesson), f"{FIRST}-check")
    insert(notebook, "mine = 1", place=9)
    notebook["cells"][9]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "said"}]
    insert(notebook, "<b>mine</b> & ![picture](attachment:a.png)", "markdown", place=12)
    notebook["cells"][12]["attachments"] = {"a.png": {"image/png": "AAAA"}}
    notebook["cells"][12]["metadata"] = {"tags": ["mine"], "nbgrader": {"grade_id": "mine"}}
    insert(notebook, "odd \ud800 text", "markdown", place=14)
    insert(notebook, "odd \ud800 code", "code", place=16)
    path = put_file(notebook)
    assert fix(path, course, released) is not None
    mended = json.loads(path.read_bytes())
    assert mended["cells"][9] == notebook["cells"][9]
    assert mended["cells"][12] == {**notebook["cells"][12], "metadata": {"tags": ["mine"]}}
    assert mended["cells"][14] == notebook["cells"][14]
    assert mended["cells"][16]["source"] == notebook["cells"][16]["source"]
    for exercise in lesson.exercises:
        if exercise.answer_cell != FIRST:
            assert cell(mended, exercise.check_cell) == cell(notebook, exercise.check_cell)


def test_work_written_into_a_check_is_kept_where_nobody_runs_it(
    course: Course, lesson: Lesson, done: Maker, put_file: Callable[..., Path]
) -> None:
    notebook = done(lesson)
    set_source(notebook, f"{FIRST}-check", "def my_own_work(): ...")
    path = put_file(notebook)
    fix(path, course, released)
    cells = json.loads(path.read_bytes())["cells"]
    place = next(number for number, c in enumerate(cells) if grade_id(c) == f"{FIRST}-check")
    assert cells[place]["outputs"] == []  # what the edited check said is not shown as the check's
    assert (cells[place + 1]["cell_type"], cells[place + 1]["source"]) == ("raw", "def my_own_work(): ...")


def test_pairs_of_faults_are_mended_at_once(course: Course, lesson: Lesson, done: Maker, tmp_path: Path) -> None:
    path = tmp_path / "validation.ipynb"
    for (first, one), (second, two) in list(itertools.combinations(FIXABLE, 2))[::3]:
        notebook = done(lesson)
        try:
            one(notebook)
            two(notebook)
        except (StopIteration, AttributeError, TypeError, KeyError):
            continue  # they exclude each other
        path.write_text(json.dumps(notebook), encoding="utf-8")
        fix(path, course, released)
        again = examine(path, course, released)
        assert not again.fixable, (first, second, again.findings)
        assert_all_is_there(notebook, json.loads(path.read_bytes()), lesson)


def test_after_fix_the_points_are_the_same(course: Course, lesson: Lesson, done: Maker, tmp_path: Path) -> None:
    """Graded as a class is: the broken notebook after grading's own repair, and the one that `fix` wrote."""
    broken = done(lesson)
    wrong = next(entry for entry in load_bank("validation.events") if not entry.right)
    set_source(broken, FIRST, wrong.code)
    remove(broken, "validation-products-check")
    set_source(broken, "validation-recap-check", "check = lambda *a: 10_000\nrecap = validate_products = None")
    double(broken, "validation-deduplicate")
    lose_metadata(broken, "validation-products")
    broken["cells"].insert(4, {"cell_type": "heading", "source": "mine", "metadata": {}})
    path = tmp_path / "other.ipynb"
    path.write_text(json.dumps(broken), encoding="utf-8")
    fixed = fix(path, course, released)
    assert fixed is not None
    found = []
    with WarmProcess(confined=False) as warm:
        for notebook in (broken, json.loads(fixed.path.read_bytes())):
            graded = run_and_judge(
                repair(notebook, released(lesson), lesson).notebook,
                lesson,
                warm=warm,
                worlds=Worlds(PUBLIC_SEED),
                limits=TimeLimits(),
                clock=time.monotonic,
            )
            found.append({verdict.exercise: verdict.points for verdict in graded.verdicts})
    assert found[0] == found[1]
    assert found[0]["validation.recap"] == 2 and found[0]["validation.products"] == 4
    assert 0 < sum(found[0].values()) < 16


# As a command


def test_the_command_says_what_to_do_and_ends_with_its_code(
    lesson: Lesson, done: Maker, put_file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = put_file(done(lesson))
    assert main(["doctor", str(path)]) == OK
    assert "is ready to hand in. Its checks show 16 points." in capsys.readouterr().out
    path = put_file(without_cells(done(lesson), f"{FIRST}-check"))
    assert main(["doctor", str(path)]) == ATTENTION
    out = capsys.readouterr().out
    assert "1 thing to mend" in out and "check deleted (--fix mends it): The check validation-events-check" in out
    assert main(["doctor", str(path), "--fix", "--json"]) == ATTENTION  # the check has yet to be run
    said = json.loads(capsys.readouterr().out)
    assert [f["kind"] for f in said["mended"]] == ["check deleted"]
    assert [f["kind"] for f in said["findings"]] == ["not run"]
    assert said["backup"] == f"{path}.backup-1" and said["lesson"] == lesson.folder


def test_a_path_that_is_no_file_ends_with_2(
    lesson: Lesson, done: Maker, put_file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = put_file(done(lesson), "real.ipynb")
    link = path.with_name("validation.ipynb")
    link.symlink_to(path)
    for bad, said in ((path.parent, "is not a file"), (path.with_name("none"), "does not exist"), (link, "is a link")):
        for words in (["doctor"], ["doctor", "--fix"], ["submit"]):
            assert main([*words, str(bad)]) == USAGE
            assert said in capsys.readouterr().err
    assert link.is_symlink()


def test_text_that_steers_a_terminal_is_written_out(
    course: Course, lesson: Lesson, done: Maker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = done(lesson)
    insert(notebook, 'open("/home/\x1b[2J\u202e<script>")  # \x1b]0;owned\x07')
    nbgrader(notebook, FIRST, grade_id="\x1b[31mred")
    notebook["metadata"] = {"kernelspec": {"name": "\x1b[2J", "language": "\x1b[2J\u2028"}}
    folder = tmp_path / "a\x1b[2Jb"
    if os.name == "nt":
        folder = tmp_path / "<"
    folder.mkdir()
    path = folder / "x\u202e.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert main(["doctor", str(path)]) == ATTENTION
    out = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\u202e", "\u2028"} & set(out)
    assert "absolute path" in out and "wrong kernel" in out


def test_a_hundred_faults_of_a_kind_are_counted_not_listed(course: Course, lesson: Lesson, done: Maker) -> None:
    notebook = done(lesson)
    for _ in range(100):
        insert(notebook, "input()")
    found = look(notebook, course).findings
    assert len(found) == 21 and "80 more" in found[-1].text and found[-1].costs


def test_a_released_notebook_that_is_missing_is_an_error_of_the_pack(
    lesson: Lesson, done: Maker, put_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def gone(lesson: Lesson) -> Notebook:
        return released(lesson, tmp_path / "nowhere")

    monkeypatch.setattr("autograder.learner.released", gone)
    assert main(["doctor", str(put_file(done(lesson)))]) == FAILED
