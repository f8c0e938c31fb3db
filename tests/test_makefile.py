"""What `make` would do, asked without doing it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
INSTALLS = "pip install"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("make"), reason="there is no make on this machine"),
]


def would(target, venv):
    command = ["make", "--dry-run", target, f"VENV={venv}"]
    own = {k: v for k, v in os.environ.items() if k != "MAKEFLAGS"}  # of the make that runs this
    done = subprocess.run(command, cwd=ROOT, env=own, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def venv(tmp_path):
    """Where everything was installed, and the folder had the name that it has."""
    for stamp in (".venv", ".lab", ".test", ".bench"):
        (tmp_path / stamp).touch()
    (tmp_path / ".here").write_text(f"{ROOT}\n")
    return tmp_path


@pytest.mark.parametrize("target", ["lab", "quick", "bench"])
def test_what_is_installed_is_not_installed_again_but_in_a_folder_of_another_name(target, venv):
    assert INSTALLS not in would(target, venv)
    (venv / ".here").write_text("/home/ada/backprop of last year\n")
    told = would(target, venv)
    assert told.count(INSTALLS) == 1 and "/home/ada/backprop of last year" in told
    (venv / ".here").unlink()  # installed before there was such a note
    assert INSTALLS not in would(target, venv)
