"""The command line: help, wrong arguments, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli import USAGE, main

COMMANDS = (
    *("release", "pack", "collect", "grade", "regrade", "feedback", "report", "export", "health", "audit", "demo"),
    *("doctor", "submit"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_its_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert "exit codes:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "required: command"),
        (["mark"], "invalid choice"),
        (["grade", "--workers", "0"], "at least 1"),
        (["grade", "--workers", "two"], "whole number"),
    ],
)
def test_wrong_arguments_end_with_2(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == USAGE
    assert said in capsys.readouterr().err


def test_a_folder_that_is_no_course_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["grade", "--home", str(tmp_path)])
    assert ended.value.code == USAGE
    assert f"{tmp_path} is no course" in capsys.readouterr().err


def test_a_lesson_that_does_not_exist_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grade", "--home", str(home), "--lesson", "99_nothing"]) == 1
    assert "The lessons are: 00_start" in capsys.readouterr().err


def test_nothing_handed_in_is_said(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grade", "--home", str(home), "--course", str(tmp_path)]) == USAGE
    assert "submitted/<student>/<lesson>/" in capsys.readouterr().err


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from autograder.cli import _parser; _parser();"
        "print(sorted({'pandas', 'numpy', 'nbgrader'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
