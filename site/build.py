"""Build the course as a web site: `python site/build.py`. Needs no network, and neither does the site."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from pages import pages
from sphinx.cmd.build import main as sphinx

from autograder.course import Course, CourseError, load_course

HOME = Path(__file__).resolve().parents[1]
FOR_CONTRIBUTORS = {"first-draft.md"}
"""Pages of docs/ that are not for instructors."""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="build.py", description=__doc__)
    parser.add_argument("--to", type=Path, default=HOME / "build" / "site", help="folder that is replaced by the site")
    target = parser.parse_args(arguments).to.resolve()
    try:
        sources = written(load_course(), target)
    except (CourseError, FileNotFoundError) as e:
        raise SystemExit(f"The site could not be built. {e}") from e
    if code := html(sources, target):
        raise SystemExit(
            "The site has faults: the lines above name them. Mend lessons in solutions/, run `autograder release`, and"
            f" build again. (Sphinx ended with exit code {code}.)"
        )
    print(f"The site is built. Open this file in a browser: {target / 'html' / 'index.html'}")  # noqa: T201


def html(sources: Path, target: Path) -> int:
    """Build the pages of `sources` into `html` below `target`; 0, or Sphinx's exit code.

    Every warning is an error: a broken link, a heading that is out of order, code that cannot be coloured.
    """
    options = ("--quiet", "--fail-on-warning", "--keep-going", "--builder", "html", "--jobs", "2")
    folders = ("--conf-dir", HOME / "site", "--doctree-dir", target / "doctrees", sources, target / "html")
    return sphinx([*options, *map(str, folders)])


def written(course: Course, target: Path) -> Path:
    """Write what Sphinx reads below `target`, from which everything older is removed; the folder of it."""
    docs = {path.name: path.read_text(encoding="utf-8") for path in sorted((HOME / "docs").glob("*.md"))}
    found = pages(
        course,
        solved={lesson.folder: _notebook(HOME / "solutions" / lesson.path) for lesson in course.lessons},
        released={lesson.folder: _notebook(HOME / "lessons" / lesson.path) for lesson in course.lessons},
        readme=(HOME / "README.md").read_text(encoding="utf-8"),
        docs={name: text for name, text in docs.items() if name not in FOR_CONTRIBUTORS},
    )
    sources = target / "sources"
    for folder in (sources, target / "doctrees", target / "html", target / "jupyter_execute"):
        shutil.rmtree(folder, ignore_errors=True)
    for path, text in found.items():
        (sources / path).parent.mkdir(parents=True, exist_ok=True)
        (sources / path).write_text(text, encoding="utf-8", newline="\n")
    return sources


def _notebook(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


if __name__ == "__main__":
    main(sys.argv[1:])
