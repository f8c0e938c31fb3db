"""Constraints made of lower bounds: one for each package, the lowest that the bound allows."""

import os
import subprocess
import sys

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from test_environment import EXTRAS, NEEDED, ROOT

from bookutils.classroom.bounds import lowest

PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_every_package_has_its_oldest_version():
    needs = [*NEEDED, *map(Requirement, EXTRAS["test"])]
    made = dict(line.split("==") for line in lowest(PYPROJECT))
    assert sorted(made) == sorted(need.name for need in needs)
    for need in needs:
        (bound,) = [spec.version for spec in need.specifier if spec.operator == ">="]
        assert made[need.name] == bound and need.specifier.contains(bound), need


def test_an_extra_and_an_upper_bound_change_nothing():
    text = '[project]\ndependencies = ["a-b[c,d] >= 1.2, <3"]\noptional-dependencies.x = ["e>=4"]'
    assert lowest(text, ()) == ["a-b==1.2"]
    assert lowest(text, ("x",)) == ["a-b==1.2", "e==4"]


@pytest.mark.parametrize("need", ["a", "a<2", "a==1", "a>1"])
def test_a_package_without_a_lower_bound_is_named(need):
    with pytest.raises(ValueError, match=f"'{need}' has no lower bound"):
        lowest(f'[project]\ndependencies = ["{need}"]', ())


@pytest.mark.slow
def test_it_runs_in_a_python_with_nothing_installed(tmp_path):
    command = [sys.executable, "-S", "-m", "bookutils.classroom.bounds"]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines() == lowest(PYPROJECT), done.stderr
    assert all(Version(line.split("==")[1]) for line in done.stdout.splitlines())
