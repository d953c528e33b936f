"""make.py, the task runner: its arguments, when it sets up and how, and the Makefile, README and CI that name it."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("make", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TASKS = [task.__name__ for task in load(ROOT / "make.py").TASKS]


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """A folder with what make.py reads, and no environment."""
    for name in ("make.py", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


# Its arguments


@pytest.mark.parametrize(
    ("arguments", "message"),
    [([], "TASK"), (["tset"], "'tset'"), (["lint", "--fix"], "lint takes no options, but got: --fix")],
)
def test_wrong_arguments_are_named_and_nothing_is_set_up(alone: Path, arguments: list[str], message: str) -> None:
    command = [sys.executable, str(alone / "make.py"), *arguments]
    answer = subprocess.run(command, cwd=alone.anchor, capture_output=True, text=True)
    assert answer.returncode == 2
    assert message in answer.stderr and "usage:" in answer.stderr and "Traceback" not in answer.stderr
    assert not (alone / ".venv").exists()


def test_help_names_every_task(alone: Path) -> None:
    answer = subprocess.run([sys.executable, "make.py", "--help"], cwd=alone, capture_output=True, text=True)
    assert answer.returncode == 0
    assert [task for task in TASKS if f"\n    {task} " not in answer.stdout] == []


def test_an_older_python_reads_why_it_stops(alone: Path) -> None:
    ast.parse((alone / "make.py").read_text(encoding="utf-8"), feature_version=(3, 8))
    program = "import runpy, sys; sys.version_info = (3, 10, 4); runpy.run_path('make.py', run_name='__main__')"
    answer = subprocess.run([sys.executable, "-c", program, "run"], cwd=alone, capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stderr.startswith("make.py needs Python 3.11 or later, but ")


# Setting up


class Setup:
    """make.py in a folder of its own, with an empty environment; notes the commands that it would run."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.make = load(folder / "make.py")
        self.commands: list[str] = []
        self.failing: tuple[str, ...] = ()
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / ".venv")], check=True)
        monkeypatch.setattr(self.make, "call", self.note)

    def note(self, *command: str) -> int:
        self.commands.append(" ".join(command[1:]))
        return int(any(part in self.commands[-1] for part in self.failing))

    def installed(self, lock: str) -> list[str]:
        """Set up for a lock; the commands that this took."""
        self.commands.clear()
        self.make.set_up(lock)
        return list(self.commands)


@pytest.fixture
def setup(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    return Setup(alone, monkeypatch)


def test_the_first_set_up_makes_the_environment_and_installs_the_lock_with_hashes(setup: Setup) -> None:
    venv, own, packages, project = setup.installed("requirements.lock")
    assert venv.startswith("-m venv --clear")
    assert own.startswith("-m pip install") and "--require-hashes" in own
    assert packages.startswith("-m uv pip install") and packages.endswith(
        "--require-hashes --requirement requirements.lock"
    )
    assert project.endswith("--no-deps --no-build-isolation --editable .")


def test_uv_is_installed_from_its_lines_of_the_lock(setup: Setup) -> None:
    setup.installed("requirements.lock")
    first, *hashes = (setup.folder / ".venv" / "uv.txt").read_text(encoding="utf-8").splitlines()
    assert first.startswith("uv==")
    assert hashes and all(line.startswith("    --hash=sha256:") for line in hashes)


@pytest.mark.parametrize(
    ("before", "after", "again"),
    [
        ("requirements.lock", "requirements.lock", False),
        ("requirements-dev.lock", "requirements-dev.lock", False),
        ("requirements-dev.lock", "requirements.lock", False),  # the full set serves a learner too
        ("requirements.lock", "requirements-dev.lock", True),
    ],
)
def test_a_second_set_up_runs_nothing_when_the_packages_are_there(
    setup: Setup, before: str, after: str, again: bool
) -> None:
    setup.installed(before)
    assert bool(setup.installed(after)) is again


@pytest.mark.parametrize("name", ["requirements-dev.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_is_installed_into_the_same_environment(setup: Setup, name: str) -> None:
    setup.installed("requirements-dev.lock")
    with (setup.folder / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    commands = setup.installed("requirements-dev.lock")
    assert commands and not any("venv --clear" in command for command in commands)


def test_an_environment_that_was_moved_or_has_lost_its_python_is_made_anew(setup: Setup) -> None:
    setup.installed("requirements-dev.lock")
    stamp = setup.folder / ".venv" / "made-from.txt"
    stamp.write_text(stamp.read_text(encoding="utf-8").replace(str(setup.folder), "elsewhere"), encoding="utf-8")
    assert "venv --clear" in setup.installed("requirements-dev.lock")[0]
    Path(setup.make.PYTHON).unlink()
    assert "venv --clear" in setup.installed("requirements-dev.lock")[0]


@pytest.mark.parametrize(
    "failing", ["-m pip install --quiet --disable-pip-version-check --require-hashes --only", "-m uv"]
)
def test_pip_steps_in_where_uv_fails(setup: Setup, failing: str) -> None:
    setup.failing = (failing,)
    *_, packages, project = setup.installed("requirements.lock")
    assert packages.startswith("-m pip install") and packages.endswith(
        "--require-hashes --requirement requirements.lock"
    )
    assert project.startswith("-m pip install") and project.endswith("--editable .")
    assert setup.installed("requirements.lock") == []


def test_a_set_up_that_fails_says_what_it_needs_and_is_tried_again_from_nothing(setup: Setup) -> None:
    setup.installed("requirements.lock")
    setup.failing = ("pip install",)
    with pytest.raises(SystemExit, match="needs the network"):
        setup.installed("requirements-dev.lock")
    setup.failing = ()
    assert "venv --clear" in setup.installed("requirements.lock")[0]


def test_a_python_without_venv_is_told_what_to_install(setup: Setup) -> None:
    setup.failing = ("-m venv",)
    with pytest.raises(SystemExit, match="python3-venv"):
        setup.installed("requirements.lock")


def test_commands_run_in_the_environment_whatever_the_shell_had_active(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere/else")
    monkeypatch.setenv("PYTHONPATH", "/somewhere/else")
    make = load(alone / "make.py")
    environment = make.environment()
    assert environment["VIRTUAL_ENV"] == str(alone.resolve() / ".venv")
    assert environment["PATH"].split(os.pathsep)[0] == str(make.BIN)
    assert "PYTHONPATH" not in environment


# Who names it


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("task", TASKS)
def test_the_makefile_passes_every_task_on(task: str) -> None:
    answer = subprocess.run(["make", "-n", "-C", str(ROOT), task], capture_output=True, text=True)
    assert f"python3 make.py {task}\n" in answer.stdout


def test_the_readme_names_every_task() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [task for task in TASKS if f"make {task}" not in readme] == []
    assert "python make.py" in readme  # the same without make


@pytest.mark.skipif(os.name == "nt", reason="CI runs it with bash")
@pytest.mark.parametrize("code", [0, 3])
def test_ci_runs_make_test_first_and_passes_its_exit_code_on(tmp_path: Path, code: int) -> None:
    stand_in = tmp_path / "make"
    stand_in.write_text(f'#!/bin/sh\necho "$PWD: make $*"\nexit {code}\n', encoding="utf-8")
    stand_in.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    answer = subprocess.run(
        ["bash", str(ROOT / ".ci" / "run")],
        cwd=tmp_path,
        env={"PATH": path, "CHROMIUM": "/usr/bin/chromium"},
        capture_output=True,
        text=True,
    )
    tasks = ["test"] if code else ["test", "hostile"]
    assert (answer.stdout, answer.returncode) == ("".join(f"{ROOT}: make {task}\n" for task in tasks), code)
