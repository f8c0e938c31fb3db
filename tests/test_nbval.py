"""What strict nbval, as this book runs it, lets through and what it does not."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import nbval.plugin
import pytest
from nbformat.v4 import new_code_cell
from small_notebooks import CAPTURED, INTERACT, notebook

from bookutils.classroom.execution import execute

pytestmark = pytest.mark.slow

CASES = {
    "right": (True, ["print(6 * 7)"]),
    "slider": (True, ["import ipywidgets\nipywidgets.IntSlider()"]),
    "interact": (True, [INTERACT]),
    "captured": (True, [CAPTURED]),
    "history": (True, ["6 * 7", "_ + 1"]),
    "own-progress": (True, ["import os\nos.path.exists(os.environ['BOOKUTILS_PROGRESS'])"]),
    "wrong-number": (False, ["print(6 * 7)"]),
    "warning": (False, ["import warnings\nwarnings.warn('look here')"]),
    "exception": (False, ["1 / 1"]),
    "wrong-beside-captured": (False, [CAPTURED]),
    "lost-output": (False, ["print(6 * 7)"]),
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """{case: whether all its cells passed}, from one run of pytest over all cases."""
    root = tmp_path_factory.mktemp("nbval")
    here = Path(__file__).resolve().parent.parent
    (root / "conftest.py").write_text((here / "conftest.py").read_text())
    (root / "pytest.ini").write_text("[pytest]\n")
    for name, (_, cells) in CASES.items():
        text = nbformat.writes(execute(notebook(*cells), root))
        book = json.loads(text)
        cell = book["cells"][-1]
        if name == "wrong-number":
            cell["outputs"][0]["text"] = ["41\n"]
        elif name == "warning":
            cell["outputs"] = []
        elif name == "exception":
            cell["source"] = ["1 / 0"]
        elif name == "wrong-beside-captured":
            cell["outputs"][-1]["text"] = ["1\n"]
        elif name == "lost-output":
            cell["outputs"] = []
        (root / f"{name}.ipynb").write_text(json.dumps(book))
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--color=no", "-p", "no:cacheprovider"]
    command += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=20"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    lines = re.findall(r"^(PASSED|FAILED|ERROR) (\S+?)::", done.stdout, flags=re.MULTILINE)
    assert lines, done.stdout + done.stderr
    return {
        name: all(word == "PASSED" for word, of in lines if of.startswith(name))
        for name in CASES
        if any(of.startswith(name) for _, of in lines)
    }


@pytest.mark.parametrize("name", CASES)
def test_strict_comparison(verdicts, name):
    assert verdicts[name] is CASES[name][0]


@pytest.mark.parametrize("version, cc, compared", [
    ("2.13.0+cpu", "/usr/bin/cc", [True, True, True]),
    ("2.13.0", None, [True, False, True]),
    ("2.5.0", "/usr/bin/cc", [True, True, False]),
])  # fmt: skip
def test_what_differs_by_machine_or_version_is_compared_where_it_is_the_committed(
    monkeypatch, version, cc, compared
):
    path = Path(__file__).resolve().parent.parent / "conftest.py"
    spec = importlib.util.spec_from_file_location("of_the_book", path)
    conftest = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(nbval.plugin, "RunningKernel", nbval.plugin.RunningKernel)  # is put back
    spec.loader.exec_module(conftest)
    cells = [
        SimpleNamespace(cell=new_code_cell("1", metadata={"tags": tags}), options={"check": True})
        for tags in ([], ["needs:cc"], ["prints:torch"])
    ]
    monkeypatch.setattr(nbval.plugin.IPyNbFile, "collect", lambda self: iter(cells))
    monkeypatch.setattr(conftest, "compiler", lambda: cc)
    monkeypatch.setattr(conftest, "pinned_versions", lambda: {"torch": "2.13.0"})
    monkeypatch.setattr(conftest.importlib.metadata, "version", lambda package: version)
    list(conftest.Notebook.collect(object.__new__(conftest.Notebook)))
    assert [cell.options["check"] for cell in cells] == compared
