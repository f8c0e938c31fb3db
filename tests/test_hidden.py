"""A file that is named like a module: one sentence, wherever it hides something that is needed."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bookutils
from bookutils import hidden

PACKAGE = Path(bookutils.__file__).parent


def first_line(folder, line="from bookutils.page import bet"):
    """What a page's first import says in this folder, which comes before installed packages."""
    code = f"import sys; sys.path.insert(0, ''); {line}"
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["matplotlib.py", "torch.py", "numpy/__init__.py"])
def test_the_first_import_of_a_page_names_the_file(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("x = 1\n")
    module = name.partition("/")[0].removesuffix(".py")
    assert first_line(tmp_path) == (
        f"ImportError: {tmp_path / name} hides the module {module}: rename it, and restart the "
        "kernel."
    )


@pytest.mark.slow
def test_a_check_names_a_file_that_came_later(tmp_path):
    line = (
        "from bookutils.checks import check; open('torch.py', 'w').close(); "
        "print(check('00.1', lambda w, slope, lr: w - lr * slope), file=sys.stderr); sys.exit(1)"
    )
    assert first_line(tmp_path, line).strip() == (
        f"{tmp_path / 'torch.py'} hides the module torch: rename it, and restart the kernel."
    )


def test_a_failing_import_is_told_by_the_file_that_hides(monkeypatch, tmp_path):
    from bookutils.door import door

    getattribute, _, _ = door("bookutils", {"no_such_module": "anything"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        getattribute("anything")
    (tmp_path / "antigravity.py").write_text("")
    with pytest.raises(ImportError, match=r"antigravity\.py hides the module antigravity"):
        getattribute("anything")


def test_what_hides_nothing_is_left_alone(monkeypatch, tmp_path):
    for name in ("helper.py", "sys.py", "os.py", "torch.txt", "my-numpy.py"):
        (tmp_path / name).write_text("")
    (tmp_path / "scipy").mkdir()  # a folder without a program
    monkeypatch.chdir(tmp_path)
    assert hidden.hiding(tmp_path, ["", *sys.path]) == {}
    (tmp_path / "torch.py").write_text("")
    assert hidden.hiding(tmp_path, ["", *sys.path]) == {"torch": str(tmp_path / "torch.py")}
    assert hidden.hiding(tmp_path, [*sys.path, ""]) == {}, "what is installed comes first"
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    __import__("numpy")
    (tmp_path / "numpy.py").write_text("")
    assert "numpy" not in hidden.beside(), "loaded before anything could hide it"


def test_every_package_that_the_book_imports_is_looked_for():
    imported = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.partition(".")[0])
    assert imported - sys.stdlib_module_names - {"bookutils"} <= hidden.NEEDED
