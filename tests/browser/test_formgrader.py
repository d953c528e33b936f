"""formgrader in a real browser: a person grades an answer, it stays and is shown; nothing that a learner wrote runs."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main
from autograder.course import Course, Lesson
from autograder.grading.gradebook import Gradebook
from autograder.submissions import grade_id, hand_in

playwright = pytest.importorskip("playwright.sync_api", reason="install the packages of the extra `dev`")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="names with < and quotes, and confinement, need Linux"),
]

TOKEN = "formgrader-test"
READY = "window.formgrader?.grades?.loaded && window.formgrader?.comments?.loaded"
COMMENT = 'Good window; "late" < a week & after? <img src=x onerror=alert("comment")>'
ANSWER = "I would process each day again for three days."
EVE = "eve <img src=x onerror=alert('name')> \"onmouseover=alert('attribute')"


def bad(where: str) -> str:
    """Text that would show a dialog, if any of it ran."""
    return (
        f"{where} <script>alert('{where}: script')</script><img src=x onerror=\"alert('{where}: img')\">"
        f"<svg onload=\"alert('{where}: svg')\"><details open ontoggle=\"alert('{where}: details')\">"
        f"</pre></textarea></script><iframe srcdoc=\"<script>parent.alert('{where}: iframe')</script>\"></iframe>"
    )


HOSTILE_MARKDOWN = [
    bad("markdown"),
    "[link](javascript:alert('link'))\n\n![x](x\"onerror=alert('picture'))\n\n<javascript:alert('auto')>",
    "```\n</code></pre><img src=x onerror=alert('fence')>\n```\n$\\href{javascript:alert('tex')}{x}$",
    "    indented\n\n\u2028<img src=x onerror=alert('separator')>\x0b<img src=x onerror=alert('tab')>",
]
HOSTILE_CODE = f"""# {bad("source")}
from IPython.display import HTML, Javascript, SVG, Latex, Markdown, display
print({bad("stream")!r})
for kind in (HTML, Markdown, Latex):
    display(kind({bad("output")!r}))
display(Javascript("alert('javascript')"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"))
display({{"image/png": '"onerror=alert("png")', "text/plain": {bad("plain")!r}}}, raw=True)
class Shown:
    def __repr__(self):
        return {bad("repr")!r}
display(Shown())
raise ValueError({bad("error")!r})
"""


@dataclass(frozen=True)
class Server:
    """A Jupyter server with formgrader on a class's folder."""

    url: str
    folder: Path
    ids: dict[tuple[str, str], str]
    """formgrader's number of each submission, by student and lesson."""

    def of(self, student: str, lesson: str) -> str:
        return f"{self.url}/formgrader/submissions/{self.ids[student, lesson]}/?token={TOKEN}"


def new_cell(kind: str, source: str) -> dict[str, Any]:
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **code}


@pytest.fixture(scope="module")
def interview(course: Course) -> Lesson:
    return course.lesson("13_interview")


@pytest.fixture(scope="module")
def automatic(course: Course) -> Lesson:
    return course.lesson("02_validation")


@pytest.fixture(scope="module")
def graded(
    tmp_path_factory: pytest.TempPathFactory,
    released_course: Path,
    home: Path,
    interview: Lesson,
    automatic: Lesson,
    release: Callable[[Lesson], dict[str, Any]],
    solved: Callable[[Lesson], dict[str, Any]],
) -> Path:
    """A class of two, graded: ada, who is honest, and eve, who is not."""
    folder = tmp_path_factory.mktemp("formgrader") / "class"
    shutil.copytree(released_course, folder)
    hostile = hand_in(release(interview), interview, {interview.prose[0].id: bad("answer")})
    hostile["cells"][1:1] = [new_cell("markdown", text) for text in HOSTILE_MARKDOWN]
    hostile["cells"] += [new_cell("raw", bad("raw")), new_cell("code", HOSTILE_CODE)]
    hostile["metadata"]["title"] = hostile["metadata"]["kernelspec"]["display_name"] = bad("metadata")
    for cell in hostile["cells"]:
        if not grade_id(cell):
            cell["metadata"].update(tags=[bad("tag")], format="text/html", raw_mimetype="text/html")
    honest = hand_in(solved(interview), interview, {interview.prose[0].id: ANSWER})
    put(folder, "ada", interview, honest)
    put(folder, "ada", automatic, solved(automatic))
    put(folder, EVE, interview, hostile)
    settings = (
        "from pathlib import Path\nfrom autograder.settings import configure\n"
        f"configure(get_config(), home=Path({str(home)!r}), course=Path(__file__).parent)\n"
    )
    (folder / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    assert main(["grade", "--home", str(home), "--course", str(folder)]) == 0
    return folder


def put(folder: Path, student: str, lesson: Lesson, notebook: dict[str, Any]) -> None:
    path = folder / "submitted" / student / lesson.path
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture(scope="module")
def formgrader(graded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Starts the server as an instructor does, in the class's folder; ends it and all that it started."""
    own = tmp_path_factory.mktemp("jupyter")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    environment = {
        **os.environ,
        **{f"JUPYTER_{name}_DIR": str(own / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    words = ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--no-browser",
             f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={graded}", "--allow-root"]  # fmt: skip
    log = own / "log"
    with log.open("wb") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "server", *words],
            cwd=graded,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/api?token={TOKEN}", server, log)
            yield Server(url, graded, submission_ids(graded))
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert server.poll() is None, log.read_text(encoding="utf-8", errors="replace")[-3000:]
            time.sleep(0.2)
    raise AssertionError(f"no answer from the server:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")


def submission_ids(folder: Path) -> dict[tuple[str, str], str]:
    with closing(sqlite3.connect(folder / "gradebook.db")) as book:
        rows = book.execute(
            "select s.student_id, a.name, n.id from submitted_notebook n "
            "join submitted_assignment s on s.id = n.assignment_id join assignment a on a.id = s.assignment_id"
        )
        return {(student, lesson): number for student, lesson, number in rows}


@pytest.fixture
def ran(page: Any) -> list[str]:
    """What ran: the texts of the dialogs that were opened. No request leaves this machine."""
    texts: list[str] = []

    def dialog(one: Any) -> None:
        texts.append(one.message)
        one.dismiss()

    page.on("dialog", dialog)
    # nbconvert's page asks a server elsewhere for MathJax; it gets one that does nothing.
    mathjax = "window.MathJax = {Hub: {Config() {}, Queue() {}, Startup: {signal: {Interest() {}}}}}"
    page.route(re.compile("^https:"), lambda route: route.fulfill(body=mathjax, content_type="text/javascript"))
    return texts


def scores(folder: Path, student: str) -> dict[str, float]:
    book = Gradebook(f"sqlite:///{folder / 'gradebook.db'}")
    return {score.exercise: score.points for score in book.scores() if score.student == student}


def log_in(page: Any, formgrader: Server) -> None:
    """As whoever comes from JupyterLab is; the first page of a session may ask its data before it has a cookie."""
    page.goto(f"{formgrader.url}/api/status?token={TOKEN}")


def test_a_person_grades_an_answer_and_it_stays(
    formgrader: Server,
    page: Any,
    ran: list[str],
    picture: Callable[[Any, str], None],
    interview: Lesson,
    automatic: Lesson,
    home: Path,
) -> None:
    question = interview.prose[0]
    log_in(page, formgrader)
    page.goto(f"{formgrader.url}/formgrader/gradebook/13_interview/interview?token={TOKEN}")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Show All Names").click()
    picture(page, "formgrader-list")
    page.get_by_role("link", name="ada", exact=True).click()
    page.wait_for_url(formgrader.of("ada", interview.folder).partition("?")[0] + "*")
    cell = page.locator(".nbgrader_cell", has=page.locator(f"#{question.answer_cell}-comment"))
    assert ANSWER in cell.inner_text()
    # Behind the learner's text: the model answer with its marking scheme.
    model = cell.locator("xpath=ancestor::div[contains(@class, 'text_cell')][1]/following-sibling::div[1]")
    assert "Model answer" in model.inner_text()
    assert "Marking scheme" in model.inner_text()
    # Beside it: what the checks gave, in a field that a person may overrule.
    page.wait_for_function(READY)
    for exercise in interview.exercises:
        shown = page.locator(f"#{exercise.graded_cell}").get_attribute("placeholder")
        assert float(shown) == exercise.points
    score, comment = page.locator(f"#{question.graded_cell}"), page.locator(f"#{question.answer_cell}-comment")
    assert "needs_manual_grade" in score.get_attribute("class")
    score.scroll_into_view_if_needed()
    score.click()
    page.keyboard.type("0.75")
    with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        page.keyboard.press("Tab")
    comment.click()
    page.keyboard.type(COMMENT)
    with page.expect_response(lambda r: "/api/comment/" in r.url and r.request.method == "PUT"):
        page.keyboard.press("Escape")
    picture(page, "formgrader-graded")
    page.locator("li.next a").click()
    page.wait_for_url(lambda url: formgrader.ids["ada", interview.folder] not in url)
    page.goto(formgrader.of("ada", interview.folder))
    page.wait_for_function(READY)
    assert score.input_value() == "0.75"
    assert comment.input_value() == COMMENT
    assert "needs_manual_grade" not in score.get_attribute("class")

    folders = ["--home", str(home), "--course", str(formgrader.folder)]
    before = scores(formgrader.folder, "ada")
    assert before[question.graded_cell] == 0.75
    assert sum(before.values()) == automatic.points + sum(e.points for e in interview.exercises) + 0.75
    assert main(["grade", "--force", *folders, "--student", "ada"]) == 0
    assert scores(formgrader.folder, "ada") == before
    page.goto(formgrader.of("ada", interview.folder))
    page.wait_for_function(READY)
    assert (score.input_value(), comment.input_value()) == ("0.75", COMMENT)

    assert main(["feedback", "--no-naming", *folders]) == 0
    page.goto((formgrader.folder / "feedback" / "ada" / interview.path.with_suffix(".html")).as_uri())
    assert COMMENT in page.locator("main").inner_text()
    assert "0.75" in page.locator("main").inner_text()
    to = formgrader.folder / "grades.csv"
    assert main(["export", "--to", str(to), *folders]) == 0
    with to.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["student"] == "ada"]
    assert {row["exercise"]: float(row["points"]) for row in rows}[question.graded_cell] == 0.75
    assert ran == []


def test_nothing_that_a_learner_wrote_runs_in_formgrader(
    formgrader: Server, page: Any, ran: list[str], picture: Callable[[Any, str], None], interview: Lesson
) -> None:
    paths = ["manage_assignments", "manage_students", "manage_submissions/13_interview", "gradebook",
             "gradebook/13_interview", "gradebook/13_interview/interview"]  # fmt: skip
    log_in(page, formgrader)
    for path in paths:
        page.goto(f"{formgrader.url}/formgrader/{path}?token={TOKEN}")
        page.wait_for_load_state("networkidle")
        if page.locator("#toggle_names").count():
            page.locator("#toggle_names").click()
    picture(page, "formgrader-names")
    page.goto(formgrader.of(EVE, interview.folder))
    page.wait_for_load_state("networkidle")
    shown = page.locator("body").inner_text()
    for where in ("markdown", "answer", "source", "stream", "plain", "repr", "error"):
        # It is there to be read, as it was written.
        assert f"{where} <script>alert('{where}: script')" in shown, where
    page.evaluate("toggle_name(true)")
    for link in page.locator("#notebook a[href^='javascript' i]").all():
        link.click(timeout=2000)
    page.locator("#interview-q1_late_data").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    picture(page, "formgrader-hostile")
    assert ran == []
    assert page.locator("#notebook iframe, #notebook svg, #notebook [onerror], #notebook [onload]").count() == 0
    assert page.locator(".breadcrumb img").count() == 0


def test_nothing_that_a_learner_wrote_runs_in_nbgraders_feedback(
    formgrader: Server, page: Any, ran: list[str], interview: Lesson
) -> None:
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", interview.folder, "--force"]
    done = subprocess.run(command, cwd=formgrader.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = sorted((formgrader.folder / "feedback").rglob(interview.path.with_suffix(".html").name))
    assert len(pages) == 2
    for path in pages:
        page.goto(path.as_uri())
        page.wait_for_load_state("load")
    assert "answer <script>" in page.locator("body").inner_text()
    assert ran == []


def test_what_would_run_is_seen(page: Any, ran: list[str]) -> None:
    page.set_content(bad("control"))
    page.wait_for_timeout(300)
    assert {text.split(": ")[1] for text in ran} >= {"script", "img", "svg"}
