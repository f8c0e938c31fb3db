"""pyproject.toml, constraints.txt and environment.yml say the same."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bookutils.classroom.doctor import pinned_versions

ROOT = Path(__file__).resolve().parent.parent
CONDA = {"pytorch": "torch", "matplotlib-base": "matplotlib"}  # conda-forge's name -> PyPI's
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
NEEDED = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = PROJECT["optional-dependencies"]
EXTRA = [Requirement(line) for name in ("test", "class", "bench") for line in EXTRAS[name]]
PINS = {canonicalize_name(name): version for name, version in pinned_versions().items()}


def test_conda_names_and_bounds_are_those_of_pyproject():
    conda = [line for line in ENVIRONMENT["dependencies"] if isinstance(line, str)]
    conda = {line.split()[0]: line.partition(" ")[2] for line in conda}
    assert conda.pop("python") == PROJECT["requires-python"]
    assert conda.pop("pip") == ""
    bounds = {
        CONDA.get(name, name): Requirement(f"x{spec}").specifier for name, spec in conda.items()
    }
    assert bounds == {need.name: need.specifier for need in NEEDED}


def test_conda_takes_everything_from_conda_forge_and_installs_the_package_itself():
    assert ENVIRONMENT["channels"][0] == "conda-forge"
    (from_pip,) = [line for line in ENVIRONMENT["dependencies"] if isinstance(line, dict)]
    assert from_pip == {"pip": ["--editable ."]}


@pytest.mark.parametrize("need", NEEDED + EXTRA, ids=lambda need: need.name)
def test_what_was_tested_is_pinned_and_within_bounds(need):
    pin = PINS[canonicalize_name(need.name)]
    assert need.specifier.contains(pin), f"{need.name} {pin} is outside {need.specifier}"


def test_pins_are_exact_and_of_any_machine():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9.]+", line) for line in lines), lines


def test_torch_is_bounded_above():
    (torch,) = [need for need in NEEDED if need.name == "torch"]
    assert any(bound.operator == "<" for bound in torch.specifier)
