"""The site in a browser, opened from its folder: no request, search that finds, light and dark, wide and narrow."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_course

TESTS = Path(__file__).parents[1]
LESSONS = load_course().lessons


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("furo", reason="install the packages of the extra `site`")
    spec = importlib.util.spec_from_file_location("project_site", TESTS / "project" / "test_site.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder: Path = module.build_once(tmp_path_factory)
    return folder


def test_every_page_opens_without_a_request_and_fits_a_narrow_window(built: Path, alone: Any) -> None:
    files = sorted(built.rglob("*.html"))
    assert len(files) > len(LESSONS)
    for file in files:
        for width in (1280, 360):
            alone.set_viewport_size({"width": width, "height": 900})
            alone.goto(file.as_uri())
            # Wide tables and code scroll by themselves; the page does not.
            assert alone.evaluate("document.documentElement.scrollWidth") <= width, (file.name, width)
        assert alone.locator("h1").count() == 1, file.name
        broken = alone.evaluate("[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)")
        assert broken == [], file.name


def test_a_word_is_found_and_its_page_opened(built: Path, alone: Any, picture: Callable[[Any, str], None]) -> None:
    alone.goto((built / "index.html").as_uri())
    alone.get_by_placeholder("Search").fill("watermark")
    alone.keyboard.press("Enter")
    results = alone.locator("#search-results li a")
    results.first.wait_for()
    picture(alone, "site-search")
    assert results.count() < len(LESSONS)  # only where the word stands
    results.first.click()
    alone.wait_for_url(lambda url: "search.html" not in url)
    assert "watermark" in alone.locator("article").inner_text().lower()


def test_a_word_that_stands_nowhere_is_not_found(built: Path, alone: Any) -> None:
    alone.goto((built / "search.html").as_uri() + "?q=zyzzyva")
    alone.get_by_text("did not match any documents").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "00_start/start", "05_load_features/load_features", "search"])
def test_a_page_is_readable_for_everybody(
    built: Path,
    alone: Any,
    accessible: Callable[[Any], None],
    picture: Callable[[Any, str], None],
    name: str,
    scheme: str,
) -> None:
    alone.emulate_media(color_scheme=scheme)
    alone.goto(f"{built.as_uri()}/{name}.html?q=raw")
    if name == "search":
        alone.locator("#search-results li").first.wait_for()
    picture(alone, f"site-{Path(name).name}-{scheme}")
    accessible(alone)


def test_a_folded_answer_opens_by_keyboard(built: Path, alone: Any) -> None:
    alone.goto((built / "00_start" / "start.html").as_uri())
    answer = alone.locator("details").last
    assert not answer.locator("p").first.is_visible()
    answer.locator("summary").focus()
    alone.keyboard.press("Enter")
    assert answer.locator("p").first.is_visible()
