"""The template repository's workflow: valid, pinned, and its check run for real on a learner's copy."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.cli import OK, main
from autograder.course import Course, Lesson
from autograder.submissions import hand_in

Maker = Callable[[Lesson], dict[str, Any]]


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return course.lesson("01_sources")


@pytest.fixture
def repository(home: Path, tmp_path: Path, lesson: Lesson) -> Path:
    folder = tmp_path / "template"
    words = ["--home", str(home), "--course", str(tmp_path), "--lesson", lesson.folder]
    assert main(["pack", *words, "--github", str(folder)]) == OK
    return folder


def workflow(repository: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(
        (repository / ".github" / "workflows" / "classroom.yml").read_text(encoding="utf-8")
    )
    return found


def check(repository: Path, tmp_path: Path) -> tuple[int, str, str, dict[str, str]]:
    """Run the workflow's check as the runner does: exit code, log, summary in Markdown, outputs."""
    (job,) = workflow(repository)["jobs"].values()
    (step,) = [step for step in job["steps"] if step.get("id") == "check"]
    (tmp_path / "bin").mkdir(exist_ok=True)
    python = tmp_path / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    files = {name: tmp_path / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    for path in files.values():
        path.write_text("", encoding="utf-8")
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=repository,
        env={
            **os.environ,
            "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
            **{name: str(path) for name, path in files.items()},
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines())
    return done.returncode, done.stdout, files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8"), outputs


def test_the_workflow_is_valid_pinned_and_asks_for_no_more_than_reading(repository: Path) -> None:
    found = workflow(repository)
    assert set(found) == {"name", True, "permissions", "jobs"}  # YAML 1.1 reads `on` as true
    assert found["permissions"] == {"contents": "read"}
    (job,) = found["jobs"].values()
    assert all(("uses" in step) != ("run" in step) for step in job["steps"])
    uses = [step["uses"] for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", name) for name in uses)
    installs = next(step["run"] for step in job["steps"] if step.get("name") == "Install")
    for name in re.findall(r"-r (\S+)", installs):
        assert (repository / name).is_file()
    assert (repository / "pyproject.toml").is_file()  # what `pip install --editable .` asks for


def test_the_template_holds_the_lesson_and_no_answer(repository: Path, lesson: Lesson) -> None:
    names = {p.relative_to(repository).as_posix() for p in repository.rglob("*") if p.is_file()}
    assert [n for n in names if n.startswith("lessons/")] == [f"lessons/{lesson.path.as_posix()}"]
    assert not [n for n in names if {"solutions", "bank", "hostile", "gradebook.db", ".autograder"} & set(n.split("/"))]


def test_its_check_reports_points_in_the_log_the_summary_and_the_exit_code(
    repository: Path, tmp_path: Path, lesson: Lesson, release: Maker, solved: Maker, right_answers: dict[str, str]
) -> None:
    notebook = repository / "lessons" / lesson.path
    notebook.write_text(json.dumps(solved(lesson)), encoding="utf-8")
    most = f"{lesson.points:g}"
    code, log, summary, outputs = check(repository, tmp_path)
    assert (code, outputs) == (0, {"points": most, "max_points": most})
    assert f"::notice title=Autograding complete::Points {most}/{most}" in log
    assert f"{lesson.title}: {most} of {most} points" in summary

    shout = {e.id: right_answers[e.id] for e in lesson.exercises[:-1]}
    wrong = hand_in(release(lesson), lesson, shout)
    name = lesson.exercises[-1].answer
    evil = f"def {name}(*a, **k):\n    raise ValueError('\\n::error::taken over\\n')"
    for cell in wrong["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == lesson.exercises[-1].answer_cell:
            cell["source"] = evil
    notebook.write_text(json.dumps(wrong), encoding="utf-8")
    code, log, summary, outputs = check(repository, tmp_path)
    assert code == 1
    assert float(outputs["points"]) == sum(e.points for e in lesson.exercises[:-1])
    assert "| ✘ incorrect |" in summary
    token = re.search(r"^::stop-commands::(\w+)$", log, re.MULTILINE)
    assert token
    assert log.index("taken over") < log.index(f"\n::{token[1]}::\n")

    notebook.write_text("no notebook", encoding="utf-8")
    code, log, _, outputs = check(repository, tmp_path)
    assert (code, outputs["points"]) == (1, "0")
    assert "not JSON" in log


def test_it_refuses_the_course_itself(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "--home", str(home), "--course", str(tmp_path), "--github", str(home)]) == 1
    assert "Name another folder" in capsys.readouterr().err
