"""environment.yml, which conda and Binder read, asks for what pyproject.toml asks for."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from rattler import MatchSpec

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
CONDA_NAMES = {"python-duckdb": "duckdb"}  # conda-forge's `duckdb` is the command line program
SPECS: list[str] = [entry for entry in CONDA["dependencies"] if isinstance(entry, str)]


def test_names_and_ranges_are_those_of_the_learner_set() -> None:
    packages = [spec.partition(" ") for spec in SPECS if not spec.startswith(("python ", "pip"))]
    wanted = {requirement.name: requirement.specifier for requirement in map(Requirement, PROJECT["dependencies"])}
    assert {CONDA_NAMES.get(name, name): SpecifierSet(bounds) for name, _, bounds in packages} == wanted


def test_python_is_one_that_the_project_supports() -> None:
    """Binder understands `python =X.Y` and nothing vaguer: with a range it starts from an older Python."""
    (python,) = (spec for spec in SPECS if spec.startswith("python "))
    version = python.removeprefix("python =")
    assert version.count(".") == 1, f"Write `python =X.Y`, not `{python}`."
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)


def test_the_project_itself_is_installed_beside_the_packages() -> None:
    assert CONDA["dependencies"][-1] == {"pip": ["--editable ."]}
    assert "pip" in SPECS


def test_the_channel_is_conda_forge_alone() -> None:
    assert CONDA["channels"] == ["conda-forge", "nodefaults"]


@pytest.mark.parametrize("spec", SPECS)
def test_conda_can_read(spec: str) -> None:
    assert MatchSpec(spec, strict=True).name.normalized == spec.split(" ")[0]
