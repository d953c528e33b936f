"""`make site`: no answer stands on it, every link leads somewhere, every plot has words, nothing warns."""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from autograder.course import Course, CourseError, Lesson, load_course

pytest.importorskip("furo", reason="install the packages of the extra `site`")

ROOT = Path(__file__).parents[2]
LESSONS = load_course().lessons
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.folder)
Notebook = dict[str, Any]


def load(name: str) -> ModuleType:
    """A module of the folder site/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "site" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pages = load("pages")


def build_once(factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site; of several workers that run tests, one builds and the others wait."""
    base = factory.getbasetemp()
    target = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "course-site"
    said = target / "said.json"
    try:
        target.mkdir()
    except FileExistsError:
        while not said.exists():
            time.sleep(0.2)
    else:
        command = [sys.executable, "site/build.py", "--to", str(target)]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
        (target / "saying.json").write_text(json.dumps([answer.returncode, answer.stdout, answer.stderr]))
        (target / "saying.json").replace(said)
    code, out, err = json.loads(said.read_text())
    assert (code, err) == (0, ""), err
    assert out == f"The site is built. Open this file in a browser: {target / 'html' / 'index.html'}\n"
    return target / "html"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_once(tmp_path_factory)


@pytest.fixture(scope="session")
def solution(home: Path) -> Callable[[Lesson], Notebook]:
    def read(lesson: Lesson) -> Notebook:
        notebook: Notebook = json.loads((home / "solutions" / lesson.path).read_text(encoding="utf-8"))
        return notebook

    return read


class Page(HTMLParser):
    """The text of a page, its links, its images and the places that can be linked to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.places: set[str] = {""}
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        # Sphinx sets typographic quotes
        self.text = "".join(self.words).translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append(tag)
        self.links += [link for name in ("href", "src") if (link := named.get(name))]
        if named.get("id"):
            self.places.add(str(named["id"]))
        if tag == "img":
            self.images.append(named)
        assert not (tag == "details" and "open" in named), self.path

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="session")
def site(built: Path) -> dict[str, Page]:
    """Every page by its path."""
    return {path.relative_to(built).as_posix(): Page(path) for path in sorted(built.rglob("*.html"))}


def on(site: dict[str, Page], lesson: Lesson) -> Page:
    return site[lesson.path.with_suffix(".html").as_posix()]


def answers(notebook: Notebook) -> Iterator[str]:
    """The lines of the solutions in a notebook: code between the markers, and model answers with their marking."""
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, re.DOTALL)
            yield from (line.strip() for region in regions for line in region.splitlines() if line.strip())
        elif cell["metadata"].get("nbgrader", {}).get("solution"):
            yield from (plain for line in source.splitlines() if (plain := re.sub(r"[*`|]|^\W+", "", line).strip()))


# Answers


def test_no_line_of_an_answer_is_on_the_site(
    built: Path, site: dict[str, Page], solution: Callable[[Lesson], Notebook], release: Callable[[Lesson], Notebook]
) -> None:
    # What learners are given in the first place may stand there too, and so may what the last lesson prints of a job
    # that failed, for them to find out why.
    given = "\n".join("".join(cell["source"]) for lesson in LESSONS for cell in release(lesson)["cells"])
    for cell in solution(LESSONS[-1])["cells"]:
        if cell["id"] in ("q5-log", "q5-code"):
            given += "".join(line for output in cell["outputs"] for line in output["text"])
    secret = {line for lesson in LESSONS for line in answers(solution(lesson)) if line not in given}
    assert len(secret) > 200, "too few to be all answers of the course"
    texts = {path: page.text for path, page in site.items()}
    for path in built.rglob("*"):  # in _static lies the theme
        if path.is_file() and path.suffix not in (".html", ".png") and "_static" not in path.parts:
            texts[path.name] = path.read_bytes().decode("utf-8", errors="replace")
    assert "searchindex.js" in texts
    assert [(path, line) for path, text in texts.items() for line in secret if line in text] == []


@each_lesson
def test_exercises_and_their_checks_show_nothing_that_was_computed_with_the_answer(
    lesson: Lesson, solution: Callable[[Lesson], Notebook], release: Callable[[Lesson], Notebook]
) -> None:
    solved, released = solution(lesson), release(lesson)
    shown = {cell["id"]: cell for cell in pages.lesson_page(solved, released, lesson)["cells"]}
    for cell in solved["cells"]:
        if cell["cell_type"] != "code":
            continue
        outputs = shown[cell["id"]]["outputs"]
        if "nbgrader" in cell["metadata"] or "check.hint(" in "".join(cell["source"]):
            assert outputs == []
        else:
            assert len(outputs) == len(cell["outputs"])


@each_lesson
def test_a_reader_is_told_where_the_work_is_and_sees_what_is_asked(lesson: Lesson, site: dict[str, Page]) -> None:
    page = on(site, lesson)
    for exercise in lesson.graded:
        at = page.text.index(f"Your turn: {exercise.title}\n")
        below = page.text[at : at + 8_000]
        assert f"lessons/{lesson.path.as_posix()}" in below
        assert (f"def {exercise.answer}(" if exercise.answer else "Write your answer here.") in below


@each_lesson
def test_answers_to_questions_in_between_stay_folded(
    lesson: Lesson, site: dict[str, Page], release: Callable[[Lesson], Notebook]
) -> None:
    folded = sum("".join(cell["source"]).count("<details>") for cell in release(lesson)["cells"])
    assert on(site, lesson).tags.count("details") == folded  # `Page` fails where one of them is open


def test_a_released_notebook_that_is_not_of_this_solution_is_refused(
    course: Course, solution: Callable[[Lesson], Notebook], release: Callable[[Lesson], Notebook]
) -> None:
    released = copy.deepcopy(release(LESSONS[1]))
    del released["cells"][7]
    with pytest.raises(CourseError, match="Run `autograder release`"):
        pages.lesson_page(solution(LESSONS[1]), released, LESSONS[1])


# Plots


@each_lesson
def test_every_plot_has_its_words(
    lesson: Lesson, site: dict[str, Page], solution: Callable[[Lesson], Notebook]
) -> None:
    outputs = [output for cell in solution(lesson)["cells"] for output in cell.get("outputs", [])]
    images = on(site, lesson).images
    assert len(images) == sum("image/png" in output.get("data", {}) for output in outputs)
    for image in images:
        assert re.fullmatch(r"[A-Z][^*`]{60,}\.", str(image["alt"])), image


PLOT = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}, "metadata": {}}


@pytest.mark.parametrize(
    ("metadata", "below", "alt"),
    [
        ({"image/png": {"alt": "Two bars."}}, "**Alt text.** Three bars.", "Two bars."),
        ({}, "**Alt text.** *Bars of\n`a_b`.* They rise. In numbers:\n\nMore.", "Bars of a_b. They rise."),
        ({}, "In words: they rise.", "they rise."),
    ],
)
def test_the_words_are_those_of_the_plot_or_of_the_text_below(metadata: object, below: str, alt: str) -> None:
    plot, words = drawn({**PLOT, "metadata": metadata}), text(below)
    page = pages.lesson_page(book(plot, words), book(plot | {"outputs": []}, words), LESSONS[0])
    assert page["cells"][0]["metadata"] == {"mystnb": {"image": {"alt": alt}}}


def test_a_plot_without_words_is_refused() -> None:
    plot, words = drawn(PLOT), text("As one can see, it rises.")
    with pytest.raises(CourseError, match=r"no words describe the plot of the cell plot.*\*\*Alt text\.\*\*"):
        pages.lesson_page(book(plot, words), book(plot, words), LESSONS[0])


def drawn(output: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "id": "plot", "metadata": {}, "source": "draw()", "outputs": [output]}


def text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "words", "metadata": {}, "source": source}


def book(*cells: dict[str, Any]) -> Notebook:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


# Links


def test_every_link_leads_to_a_file_and_a_place_of_the_site(built: Path, site: dict[str, Page]) -> None:
    dead = []
    for page in site.values():
        for link in page.links:
            target = urlsplit(link)
            if target.scheme in ("http", "https", "data"):
                continue
            file = (page.path.parent / unquote(target.path)).resolve() if target.path else page.path
            name = file.relative_to(built.resolve()).as_posix() if file.is_relative_to(built.resolve()) else ""
            if not (file.is_file() and name) or (name in site and unquote(target.fragment) not in site[name].places):
                dead.append((page.path.name, link))
    assert dead == []


def test_a_link_of_a_lesson_leads_to_the_page_of_the_other(site: dict[str, Page]) -> None:
    for lesson, following in pairwise(LESSONS):
        assert f"../{following.path.with_suffix('.html').as_posix()}" in on(site, lesson).links
    assert not [link for page in site.values() for link in page.links if link.endswith((".ipynb", ".md"))]


def test_a_broken_link_fails_the_build(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "index.md").write_text("# A page\n\nSee [there](no/such.ipynb).\n", encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; sys.path.insert(0, 'site'); import build;"
        f"sys.exit(build.html(Path({str(tmp_path / 'sources')!r}), Path({str(tmp_path)!r})))"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8")
    assert answer.returncode != 0
    assert "no/such.ipynb" in answer.stderr


def test_links_to_files_that_are_not_on_the_site_become_plain_words() -> None:
    linked = "[a](docs/b.md), [c](LICENSE), [d](https://e.org), [f](../g/h.py#i)"
    readme = f"# X\n## I want to teach\n\n{linked}\n## I want to contribute\n"
    docs = {"b.md": "[c](../LICENSE) [t](../teaching.md)"}
    empty = {LESSONS[0].folder: book()}
    found = pages.pages(Course("T", {}, LESSONS[:1]), empty, empty, readme, docs)
    assert found["teaching.md"] == "# How to teach with it\n\n[a](docs/b.md), c, [d](https://e.org), f\n"
    assert found["docs/b.md"] == "c [t](../teaching.md)"


def test_a_readme_without_the_part_for_instructors_is_refused() -> None:
    with pytest.raises(CourseError, match="expected the heading `## I want to teach`"):
        pages.teaching_page("# Title\n\n## I want to learn\n")


# The first page


def test_the_first_page_has_what_the_manifest_says(course: Course, site: dict[str, Page]) -> None:
    page = site["index.html"]
    cells = [line.strip() for line in page.text.splitlines() if line.strip()]
    for lesson in course.lessons:
        at = cells.index(lesson.title, cells.index("Needs"))
        assert cells[at + 1 : at + 3] == [str(lesson.minutes), f"{lesson.points:g}"]
        assert cells[at + 3] == (", ".join(course.lesson(folder).title for folder in lesson.needs) or "-")
        assert lesson.path.with_suffix(".html").as_posix() in page.links
        assert [o.text for o in lesson.objectives if o.text not in page.text] == []


def test_the_drawing_has_every_lesson_and_an_arrow_for_each_that_is_needed_directly(course: Course) -> None:
    drawing = pages.way_through(course)
    assert re.findall(r"<text [^>]*>(.+?)</text>", drawing) == [lesson.title for lesson in course.lessons]
    direct = {lesson.folder: list(pages._directly_needed(course, lesson)) for lesson in course.lessons}
    assert direct["04_transform"] == ["03_load_raw"]  # which needs Validation already
    assert direct["08_third_source"] == ["04_transform"]
    assert drawing.count("marker-end") == sum(map(len, direct.values())) == len(LESSONS) - 1


def test_every_page_says_its_title_and_its_language(site: dict[str, Page]) -> None:
    titles = []
    for page in site.values():
        raw = page.path.read_text(encoding="utf-8")
        titles += re.findall(r"<title>(.+?)</title>\s*<link", raw)
        assert 'lang="en"' in raw
    assert len(set(titles)) == len(site) > len(LESSONS)
