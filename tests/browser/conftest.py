"""A real Chromium for everything that a person looks at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="install the packages of the extra `dev`")

# Serious means: a person who uses a keyboard or a screen reader would be kept from something.
SERIOUS = ("serious", "critical")
QUIET = ("--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip


def chromium() -> str:
    """The browser's path: what CHROMIUM names, or one that is installed."""
    if named := os.environ.get("CHROMIUM"):
        return named
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.skip("no Chromium found: install it (Debian: apt-get install chromium), or name it in CHROMIUM")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[playwright.Browser]:
    path = chromium()
    with playwright.sync_playwright() as running:
        one = running.chromium.launch(executable_path=path, args=list(QUIET))
        yield one
        one.close()


@pytest.fixture
def page(browser: playwright.Browser) -> Iterator[playwright.Page]:
    """An empty page of its own context; what its scripts throw fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    one = context.new_page()
    thrown: list[str] = []
    one.on("pageerror", lambda error: thrown.append(str(error)))
    yield one
    context.close()
    assert not thrown, thrown


@pytest.fixture
def alone(page: playwright.Page) -> Iterator[playwright.Page]:
    """The page, for a file that must do without a network: any request to anything but files fails the test."""
    asked: list[str] = []
    page.on("request", lambda one: one.url.startswith(("file:", "data:", "blob:")) or asked.append(one.url))
    yield page
    assert not asked, asked


@pytest.fixture
def accessible() -> Callable[[playwright.Page], None]:
    """Fails where axe-core finds a serious violation on the page as it stands."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page: playwright.Page) -> None:
        found = Axe().run(page).response["violations"]
        serious = [one for one in found if one["impact"] in SERIOUS]
        told = [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in serious]
        assert not told, "\n".join(told)

    return check


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[playwright.Page, str], None]:
    """Keep a picture of the page in the folder that PICTURES names, for a person to look at."""

    def take(page: playwright.Page, name: str) -> None:
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return take
