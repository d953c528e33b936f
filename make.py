"""The course's tasks on any system: `python make.py run`, `test`, `lab` and the rest (`--help` lists them).

Needs Python 3.11 or later and nothing else. The first task makes `.venv` beside this file and installs the locked
packages there; later ones reuse it, without the network, for as long as the lock and `pyproject.toml` stay the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = str(BIN / ("python.exe" if os.name == "nt" else "python"))
RUN = (PYTHON, "-m")
STAMP = VENV / "made-from.txt"
LEARNER, EVERYTHING = "requirements.lock", "requirements-dev.lock"
# Settings of the user's shell that would send packages or imports to or from somewhere else.
FOREIGN = (
    *("CONDA_PREFIX", "IPYTHONDIR", "MPLBACKEND", "PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONWARNINGS"),
    *("PIP_PREFIX", "PIP_REQUIRE_HASHES", "PIP_TARGET", "PIP_USER", "UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_TARGET"),
)


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts it with an older one should read why it stops
        raise SystemExit(f"make.py needs Python 3.11 or later, but {sys.executable} is {sys.version.split()[0]}.")
    parser = argparse.ArgumentParser(prog="make.py", description="Set the course up and run one of its tasks.")
    tasks = parser.add_subparsers(title="tasks", dest="task", metavar="TASK", required=True)
    for task in TASKS:
        tasks.add_parser(task.__name__, help=task.__doc__, description=task.__doc__, add_help=task in WITHOUT_OPTIONS)
    chosen, options = parser.parse_known_args(arguments)
    task = {task.__name__: task for task in TASKS}[chosen.task]
    if options and task in WITHOUT_OPTIONS:
        parser.error(f"{chosen.task} takes no options, but got: {' '.join(options)}")
    return task(*options)


def run(*options: str) -> int:
    """derive lessons/, run the pipeline, grade the sample class and print its gradebook"""
    set_up(EVERYTHING)
    return call(*RUN, "autograder", "demo", *options)


def test(*options: str) -> int:
    """lint, run every test and every notebook; with options: only pytest with these"""
    set_up(EVERYTHING)
    if options:
        return call(*RUN, "pytest", *options)
    # A notebook is one scope: its cells run in order, in one worker and one kernel.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # One worker more than cores: many tests wait for a server, a browser or a process that is to be ended.
    pytest = (*RUN, "pytest", "-n", str(min(cores, 8) + 1))
    return each(
        *LINT,
        (*pytest, "--dist", "worksteal", "--ignore", "tests/hostile", "tests"),
        (*pytest, "--dist", "loadscope", "--nbval", "--nbval-current-env", "solutions"),
        (*pytest, "--dist", "loadscope", "--nbval-lax", "--nbval-current-env", "lessons"),
    )


def hostile(*options: str) -> int:
    """grade the bank of hostile and clumsy submissions beside honest ones"""
    set_up(EVERYTHING)
    return call(*RUN, "pytest", "tests/hostile", *options)


def kills(*options: str) -> int:
    """kill the grading of a class 100 times (AUTOGRADER_KILLS sets how often) and compare the gradebook"""
    set_up(EVERYTHING)
    os.environ.setdefault("AUTOGRADER_KILLS", "100")
    return call(*RUN, "pytest", "tests/grading/test_nothing_lost.py", *options)


def audit(*options: str) -> int:
    """judge the bank of right and wrong answers, and mutants: how often is the grader wrong?"""
    set_up(EVERYTHING)
    return call(*RUN, "autograder", "audit", *options)


def lab(*options: str) -> int:
    """open JupyterLab at the first lesson"""
    import tomllib  # here, so that an older Python gets as far as the message that says it is too old

    first = tomllib.loads((ROOT / "autograder" / "course.toml").read_text(encoding="utf-8"))["lessons"][0]
    lesson = f"lessons/{first['folder']}/{first['notebook']}.ipynb"
    if not (ROOT / lesson).is_file():
        raise SystemExit(f"There is no {lesson}: `python make.py run` derives the lessons from solutions/.")
    set_up(LEARNER)
    # JupyterLab would open with a question about news: the notebook should be all that a learner sees.
    settings = VENV / "etc" / "jupyter" / "labconfig" / "page_config.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}))
    return call(
        *(*RUN, "jupyterlab", f"--LabApp.default_url=/lab/tree/{lesson}"),
        "--KernelManager.transport_encryption=auto",  # else every kernel warns that it does without
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),  # in a container one is root
        *options,
    )


def site(*options: str) -> int:
    """build the course as a web site for reading, without the network; says what to open"""
    set_up(EVERYTHING)
    return call(PYTHON, "site/build.py", *options)


def bench(*options: str) -> int:
    """measure the pipeline and write the tables"""
    set_up(EVERYTHING)
    return call(*RUN, "benchmarks", *options)


def lint() -> int:
    """check style, format and types"""
    set_up(EVERYTHING)
    return each(*LINT)


def lock(*options: str) -> int:
    """resolve pyproject.toml into the two locks; with --upgrade: take the newest of everything"""
    set_up(EVERYTHING)
    compile_ = (*RUN, "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--group", "build")
    plain = ("--generate-hashes", "--no-annotate", "--no-header", "pyproject.toml", *options)
    everything = (*compile_, *plain, "--extra", "dev", "--output-file", EVERYTHING)
    return call(*everything) or call(*compile_, *plain, "--constraints", EVERYTHING, "--output-file", LEARNER)


def clean() -> int:
    """remove .venv and the caches; lessons, submissions and gradebooks stay"""
    caches = (".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", "build")
    for path in (VENV, *(ROOT / name for name in caches), *ROOT.glob("*.egg-info")):
        if path.is_symlink():
            path.unlink()
        elif path.exists():
            shutil.rmtree(path)
    for path in list(ROOT.rglob("__pycache__")):
        shutil.rmtree(path)
    return 0


TASKS = (run, test, hostile, kills, audit, lab, site, bench, lint, lock, clean)
WITHOUT_OPTIONS = (lint, clean)
LINT = ((*RUN, "ruff", "check"), (*RUN, "ruff", "format", "--check"), (*RUN, "mypy"))


def set_up(lock: str) -> None:
    """Make or update `.venv` so that it holds the packages of `lock`; nothing to do when its stamp says so."""
    inside = python_inside()
    stamp = STAMP.read_text(encoding="utf-8").splitlines() if STAMP.is_file() else []
    usable = bool(inside) and inside in stamp
    if usable and {made_from(lock), made_from(EVERYTHING)} & set(stamp):
        return
    # Without its stamp a half-done set-up is made again from nothing.
    STAMP.unlink(missing_ok=True)
    if not usable:
        say(f"Making {VENV} with Python {sys.version.split()[0]}.")
        if call(sys.executable, "-m", "venv", "--clear", str(VENV)):
            raise SystemExit(
                f"Python could not make {VENV}; its own words stand above. On Debian and Ubuntu, install"
                " python3-venv. If a program is using the old one, stop it or run `deactivate`, then try again."
            )
    say(f"Installing {lock}.")
    install(lock)
    STAMP.write_text(f"{python_inside()}\n{made_from(lock)}\n", encoding="utf-8")


def install(lock: str) -> None:
    """Install the locked packages and this project with uv, which is fast, or else with pip, which is always there."""
    pip = (*RUN, "pip", "install", "--quiet", "--disable-pip-version-check")
    uv = (*RUN, "uv", "pip", "install", "--quiet", "--python", PYTHON)
    packages = ("--require-hashes", "--requirement", lock)
    project = ("--no-deps", "--no-build-isolation", "--editable", ".")
    # uv itself comes from its own lines of the lock
    own = VENV / "uv.txt"
    own.write_text(re.findall(r"^uv==.*(?:\n .*)*", (ROOT / EVERYTHING).read_text(encoding="utf-8"), re.MULTILINE)[0])
    failed = call(*pip, "--require-hashes", "--only-binary", "uv", "--requirement", str(own))
    if not (failed or call(*uv, *packages) or call(*uv, *project)):
        return
    say("uv did not manage it: pip tries, which takes a few minutes.")
    if call(*pip, *packages) or call(*pip, *project):
        raise SystemExit(
            "The packages could not be installed; the installer's own words stand above. A first set-up needs the"
            " network and 1.5 GB of disk. When both are there, run the same command again."
        )


def python_inside() -> str:
    """Place and version of the Python in `.venv`, empty where there is none that runs."""
    question = "import sys; print(sys.prefix, *sys.version_info[:2])"
    try:
        answer = subprocess.run([PYTHON, "-c", question], env=environment(), capture_output=True, encoding="utf-8")
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def made_from(lock: str) -> str:
    """The line of the stamp that stands for these packages and this project."""
    texts = "".join((ROOT / name).read_text(encoding="utf-8") for name in (lock, "pyproject.toml"))
    return f"{lock} {hashlib.sha256(texts.encode()).hexdigest()}"


def environment() -> dict[str, str]:
    """The environment variables of every command: the shell's own, turned towards `.venv`."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    kept.setdefault("UV_SYSTEM_CERTS", "true")  # networks of schools and firms have certificates of their own
    path = os.pathsep.join([str(BIN), kept.get("PATH", os.defpath)])  # nbgrader looks for alembic there
    return {**kept, "PATH": path, "VIRTUAL_ENV": str(VENV), "IPYTHONDIR": str(VENV / "ipython"), "PYTHONUTF8": "1"}


def call(*command: str) -> int:
    """Run a command in the root of the course; its exit code."""
    with subprocess.Popen(command, cwd=ROOT, env=environment()) as process:
        interrupted = False
        while True:
            try:
                code = process.wait()
            except KeyboardInterrupt:  # it reached the command too, which may still have to ask or tidy up
                interrupted = True
            else:
                break
    if interrupted:
        raise SystemExit(130)
    return code


def each(*commands: tuple[str, ...]) -> int:
    """Run every command and name those that failed; 0, or the exit code of the first that failed."""
    codes = []
    for command in commands:
        say(" ".join(["python", *command[1:]]))
        codes.append(call(*command))
    for command, code in zip(commands, codes, strict=True):
        if code:
            say(" ".join([f"FAILED with exit code {code}: python", *command[1:]]))
    return next(filter(None, codes), 0)


def say(text: str) -> None:
    print(f"make.py: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
