"""The committed locks: complete, with hashes, without addresses, and one a part of the other."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
LEARNER, EVERYTHING = "requirements.lock", "requirements-dev.lock"
RENEW = "Run `python make.py lock` and commit both locks."


def text(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


def pins(lock: str) -> list[Requirement]:
    return [Requirement(line.rstrip("\\")) for line in text(lock).splitlines() if not line.startswith(" ")]


def wanted(*extras: str) -> Iterator[Requirement]:
    """What pyproject.toml asks for, with the extras that its extras name."""
    for line in (*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])):
        requirement = Requirement(line)
        if requirement.name == PROJECT["name"]:
            yield from wanted(*requirement.extras)
        else:
            yield requirement


@pytest.mark.parametrize(("lock", "extras"), [(LEARNER, ()), (EVERYTHING, tuple(EXTRAS))])
def test_every_dependency_is_pinned_within_its_range(lock: str, extras: tuple[str, ...]) -> None:
    build = map(Requirement, PYPROJECT["build-system"]["requires"])
    for requirement in (*wanted(*extras), *build):
        found = [pin for pin in pins(lock) if canonicalize_name(pin.name) == canonicalize_name(requirement.name)]
        assert found, f"{lock} lacks {requirement.name}. {RENEW}"
        for pin in found:
            (exact,) = pin.specifier
            assert requirement.specifier.contains(exact.version), f"{lock} has {pin}, not {requirement}. {RENEW}"


def test_the_group_that_locks_the_build_system_repeats_it() -> None:
    assert PYPROJECT["dependency-groups"]["build"] == PYPROJECT["build-system"]["requires"]


@pytest.mark.parametrize("lock", [LEARNER, EVERYTHING])
def test_every_pin_is_exact_and_has_hashes_and_nothing_else_is_recorded(lock: str) -> None:
    pin = r"[a-z0-9._-]+==[^\s;]+(?: ; [^\n\\]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    rest = re.sub(pin, "", text(lock))
    assert not rest, f"{lock} holds more than pins with hashes, for example {rest[:80]!r}. {RENEW}"
    assert "://" not in text(lock), f"{lock} records an address. {RENEW}"


def test_the_learner_lock_is_a_part_of_the_full_one() -> None:
    # Versions, not markers: what else wants a package decides on which systems it is installed.
    extra = {(p.name, str(p.specifier)) for p in pins(LEARNER)} - {(p.name, str(p.specifier)) for p in pins(EVERYTHING)}
    assert not extra, f"Only in {LEARNER}: {sorted(extra)}. {RENEW}"


def test_learners_need_no_grading_and_testing_tools() -> None:
    assert not {pin.name for pin in pins(LEARNER)} & {"nbgrader", "pytest", "mypy", "polars", "distributed"}


def test_the_packages_and_lessons_import_nothing_beyond_the_learner_lock() -> None:
    """In a process that refuses every other package: what a check needs and what the released notebooks import."""
    program = """
import ast, importlib, json, pkgutil, re, sys
from importlib.metadata import packages_distributions
from pathlib import Path

allowed = set(sys.argv[1].split())
name = lambda distribution: re.sub(r"[-_.]+", "-", distribution).lower()
owners = {module: {name(d) for d in distributions} for module, distributions in packages_distributions().items()}

class Refuse:
    def find_spec(self, fullname, path=None, target=None):
        if owners.get(fullname, allowed).isdisjoint(allowed):
            raise ModuleNotFoundError(f"{fullname} is not in the learner lock", name=fullname)

sys.meta_path.insert(0, Refuse())
import autograder, autograder.checks, data_generators, pipeline
modules = {f"autograder.checks.{module.name}" for module in pkgutil.iter_modules(autograder.checks.__path__)}
for path in Path("lessons").glob("*/*.ipynb"):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            for node in ast.walk(ast.parse("".join(cell["source"]))):
                if isinstance(node, ast.Import):
                    modules |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    modules.add(node.module)
for module in sorted(modules):
    importlib.import_module(module)
"""
    allowed = " ".join([canonicalize_name(PROJECT["name"]), *(canonicalize_name(pin.name) for pin in pins(LEARNER))])
    answer = subprocess.run([sys.executable, "-c", program, allowed], cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
