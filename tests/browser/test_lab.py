"""The check's table as a learner meets it: a lesson run in a real JupyterLab, in the light and the dark theme."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from autograder.bank import load_bank
from autograder.checking import Status, checks_of
from autograder.course import Course, Exercise, Lesson
from autograder.notebook import Checker
from autograder.submissions import hand_in

EXERCISE = "validation.events"
MISTAKE = "a missing amount passes as valid"
# JupyterLab scrolls in a body without height, and axe takes what is in it for hidden: it looks at a copy in front.
_COPY = """table => {
    const copy = document.createElement('div')
    copy.id = 'looked-at'
    copy.className = 'jp-RenderedHTMLCommon'
    copy.style = 'position: fixed; inset: 0; z-index: 99999; background: var(--jp-layout-color0)'
    copy.append(table.cloneNode(true))
    document.body.style.cssText += 'width: 100vw; height: 100vh'
    document.body.append(copy)
}"""
SETTINGS = {
    # Every cell is in the page, also where nobody has scrolled to.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@pytest.fixture(scope="module")
def exercise(course: Course) -> Exercise:
    return course.exercise(EXERCISE)


@pytest.fixture(scope="module")
def wrong_answer() -> str:
    return next(entry.code for entry in load_bank(EXERCISE) if entry.name == MISTAKE)


@pytest.fixture(scope="module")
def lab(
    tmp_path_factory: pytest.TempPathFactory,
    course: Course,
    release: Callable[[Lesson], dict[str, Any]],
    wrong_answer: str,
) -> Iterator[str]:
    """The address of the lesson in a JupyterLab of its own; the server and its kernels end with the test."""
    folder = tmp_path_factory.mktemp("lab")
    lesson = course.lesson("02_validation")
    notebook = hand_in(release(lesson), lesson, {EXERCISE: wrong_answer})
    ask = {"cell_type": "code", "metadata": {}, "id": "ask", "execution_count": None, "outputs": []}
    notebook["cells"].append({**ask, "source": f'check.hint("{EXERCISE}")'})
    path = folder / "lessons" / lesson.path
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    for name, values in SETTINGS.items():
        file = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    config = folder / "config" / "labconfig" / "page_config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    words = [
        f"--ServerApp.root_dir={folder / 'lessons'}",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        "--KernelManager.transport_encryption=auto",
        "--ServerApp.open_browser=False",
        "--ServerApp.allow_root=True",
        "--LabApp.expose_app_in_browser=True",
    ]
    with (folder / "log.txt").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *words],
            cwd=folder,
            env=os.environ | {name: str(folder / value) for name, value in own.items()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/api?token={token}", server, folder / "log.txt")
        yield f"http://127.0.0.1:{port}/lab/tree/{lesson.path.as_posix()}?token={token}"
    finally:
        server.terminate()  # it ends its kernels; those of a server that had to be killed end by themselves
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


@pytest.fixture
def table(page: Page, lab: str, exercise: Exercise) -> Locator:
    """The table of the exercise, after a learner has opened the lesson and run all of it."""
    page.set_default_timeout(60_000)
    page.goto(lab)
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # else the cells could be sent to no kernel
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.get_by_role("note").wait_for()  # the last cell's hint
    return page.get_by_role("table", name=re.compile(f"^{re.escape(exercise.title)}: "))


def test_a_learner_reads_the_table_and_a_hint_in_both_themes(
    table: Locator, page: Page, exercise: Exercise, wrong_answer: str, picture: Callable[[Page, str], None]
) -> None:
    space: dict[str, Any] = {}
    exec(wrong_answer, space)
    verdict = Checker()(EXERCISE, space[exercise.answer]).verdict
    assert 0 < verdict.points < verdict.max_points
    passed = sum(outcome.status is Status.PASSED for outcome in verdict.outcomes)
    caption = table.locator("caption").first.inner_text()
    assert caption.endswith(
        f"{verdict.points:g} of {verdict.max_points:g} points, {passed} of {len(verdict.outcomes)} checks passed"
    )
    assert table.locator("> thead th[scope=col]").all_inner_texts() == ["Outcome", "Check", "Points"]
    rows = table.locator("> tbody > tr:has(th[scope=row])")
    assert rows.count() == len(verdict.outcomes)
    for row, outcome in zip(rows.all(), verdict.outcomes, strict=True):
        word, points = row.locator("> td").all_inner_texts()
        assert word.split(" ", 1)[1] == outcome.status
        assert row.locator("> th").inner_text() == outcome.sentence.replace("`", "")
        assert points == f"{outcome.points:g} of {outcome.max_points:g}"
        for evidence in outcome.evidence:
            shown = table.get_by_role("table", name=evidence.title)
            assert [r.locator("td").all_inner_texts() for r in shown.locator("tbody tr").all()] == evidence.rows
    (failed,) = [outcome for outcome in verdict.outcomes if outcome.status is Status.INCORRECT]
    assert failed.evidence
    details = table.locator("td[colspan]").filter(has_text=failed.rationale.replace("`", ""))
    assert f'check.hint("{EXERCISE}")' in details.inner_text()
    # The points alone are the plain text: nbgrader reads them.
    hint = page.get_by_role("note").inner_text()
    (check,) = [one for one in checks_of(exercise) if one.name == failed.check]
    assert "Hint 1 of 3" in hint
    assert check.sentence.replace("`", "") in hint
    assert check.hints[0].replace("`", "") in hint
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
        page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
        table.evaluate(_COPY)
        found = Axe().run(page, context="#looked-at", options={"resultTypes": ["violations", "passes"]}).response
        page.locator("#looked-at").evaluate("copy => copy.remove()")
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []
        (contrast,) = [one for one in found["passes"] if one["id"] == "color-contrast"]
        assert len(contrast["nodes"]) > len(verdict.outcomes)
        picture(page, theme.lower().replace(" ", "-"))
        if folder := os.environ.get("PICTURES"):
            table.screenshot(path=Path(folder) / f"{theme.lower().replace(' ', '-')}-table.png")
