"""The environment report: what it finds, what it says of what it does not find, its status."""

import importlib.metadata
import json
import os
import subprocess
import sys

import pytest

from bookutils.classroom import doctor


def test_reports_this_python_and_refuses_an_old_one():
    assert not doctor.python().fix
    old = doctor.python((3, 10, 12))
    assert "3.10.12" in old.found and "3.11" in old.fix


def test_every_package_the_book_needs_has_its_line():
    names = [finding.name for finding in doctor.packages()]
    assert {"numpy", "torch", "jupyterlab", "ipywidgets"} <= set(names)
    assert not {"pytest", "sphinx"} & set(names), "extras are not needed to read the book"


def test_a_missing_package_comes_with_the_command_that_installs_it():
    (missing,) = doctor.packages(["no-such-package>=1"])
    assert missing.found == "missing"
    assert missing.fix.startswith(sys.executable) and "-m pip install" in missing.fix


def test_a_version_out_of_bounds_is_mended_and_an_untested_one_only_noted():
    (out,) = doctor.packages(["numpy>=2.0"], version=lambda name: "1.26.4")
    assert "1.26.4" in out.found and "'numpy>=2.0'" in out.fix
    (other,) = doctor.packages(["numpy>=2.0"], version=lambda name: "2.0.1")
    assert "tested with" in other.found and not other.fix
    tested = doctor.pinned_versions()["torch"]
    (local,) = doctor.packages(["torch>=2.5"], version=lambda name: f"{tested}+cpu")
    assert local == doctor.Finding("torch", f"{tested}+cpu")


def test_cuda_is_never_required():
    assert "no device" in doctor.cuda(("cpu",)).found and not doctor.cuda(("cpu",)).fix
    assert "found" in doctor.cuda(("cpu", "cuda")).found


def test_the_widget_manager_is_looked_for_where_jupyterlab_looks(tmp_path):
    assert not doctor.widget_manager().fix, "installed with ipywidgets"
    missing = doctor.widget_manager([tmp_path])
    assert "missing" in missing.found and "jupyterlab_widgets" in missing.fix
    package = tmp_path / doctor.MANAGER
    package.parent.mkdir(parents=True)
    package.write_text(json.dumps({"version": "5.0"}))
    assert doctor.widget_manager([tmp_path]).found == f"5.0 in {tmp_path}"


def test_progress_says_where_it_is_kept_and_whether_it_can_be_written(tmp_path):
    new = doctor.progress_file(tmp_path / "not" / "yet" / "progress.json")
    assert "not begun" in new.found and not new.fix
    assert not (tmp_path / "not").exists(), "looking must not create"
    assert doctor.progress_file(tmp_path).fix, "a folder in the place of the file"
    assert os.environ["BOOKUTILS_PROGRESS"] in doctor.progress_file().found


def test_status_and_text(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "findings", lambda: [doctor.Finding("a", "1")])
    assert doctor.doctor() == 0
    assert "a  1\n" in capsys.readouterr().out
    ill = [doctor.Finding("a", "1"), doctor.Finding("longer", "missing", "do this")]
    monkeypatch.setattr(doctor, "findings", lambda: ill)
    assert doctor.doctor() == 1
    assert capsys.readouterr().out == ("a       1\nlonger  missing\n        to fix it: do this\n")
    assert doctor.doctor(brief=True) == 1
    assert capsys.readouterr().out.startswith("longer  missing\n")


@pytest.mark.parametrize(
    "broken", [ImportError("no torch"), importlib.metadata.PackageNotFoundError("x")]
)
def test_a_probe_that_cannot_run_is_a_line_with_a_remedy(monkeypatch, broken):
    def probe():
        raise broken

    monkeypatch.setattr(doctor, "cuda", probe)
    assert any("not known" in f.found and f.fix for f in doctor.findings())


@pytest.mark.slow
def test_the_command_line_prints_the_report():
    command = [sys.executable, "-m", "bookutils", "doctor"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("This machine has what the book needs.\n")
    assert not done.stderr


@pytest.fixture
def book(tmp_path):
    """A second copy of the book, as far as doctor looks at it."""
    for folder in ("chapters", "bookutils"):
        (tmp_path / "book" / folder).mkdir(parents=True)
    (tmp_path / "book" / "bookutils" / "__init__.py").write_text("")
    (tmp_path / "book" / "pyproject.toml").write_text("")
    return tmp_path / "book"


def test_a_second_copy_of_the_book_is_told_from_the_one_that_its_notebooks_import(
    book, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", str(doctor.ROOT))
    other = doctor.notebooks(book)
    assert str(book) in other.found and str(doctor.ROOT / "bookutils") in other.found
    assert other.fix.endswith(f"--editable {book}") and f"{book}/constraints.txt" in other.fix
    assert not doctor.notebooks(doctor.ROOT).fix
    monkeypatch.setenv("PYTHONPATH", str(book))
    assert not doctor.notebooks(book).fix
    link = book.parent / "link"
    link.symlink_to(book)
    assert not doctor.notebooks(link).fix, "the same package by another name"


def test_a_renamed_folder_leaves_notebooks_that_import_nothing(book, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(book))
    renamed = book.rename(book.with_name("my ✓ book"))
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    monkeypatch.setenv("PYTHONPATH", str(renamed))
    assert not doctor.notebooks(renamed).fix
    monkeypatch.setenv("PYTHONPATH", str(book))
    monkeypatch.setattr(doctor, "ASKED", "pass")  # whatever else is installed here
    gone = doctor.notebooks(renamed)
    assert "find no bookutils" in gone.found and f"--editable '{renamed}'" in gone.fix
    assert "find no bookutils" in doctor.notebooks(renamed, python="/no/python").found


def test_the_book_is_the_one_that_the_reader_stands_in(book, monkeypatch, tmp_path):
    monkeypatch.chdir(book / "chapters")
    assert doctor.book_folder() == book
    monkeypatch.chdir(tmp_path)
    assert doctor.book_folder() == doctor.ROOT


def test_a_file_that_hides_a_module_is_named(book, monkeypatch):
    assert not list(doctor.beside_notebooks(book))
    for name in ("torch.py", "bookutils.py", "random.py", "helper.py"):
        (book / "chapters" / name).write_text("")
    monkeypatch.chdir(book.parent)
    found = {finding.found: finding.fix for finding in doctor.beside_notebooks(book)}
    assert f"{book / 'chapters' / 'torch.py'} hides torch" in found and all(found.values())
    # Jupyter puts the folder of a notebook behind Python's own modules
    assert not any("random.py" in told or "helper.py" in told for told in found)
    monkeypatch.setenv("PYTHONPATH", "")
    assert doctor.notebooks(book).fix == f"rename {book / 'chapters' / 'bookutils.py'}"


def test_settings_of_ipython_that_change_a_page_are_named(tmp_path):
    assert not list(doctor.ipython_settings([tmp_path]))
    file = tmp_path / "ipython_config.py"
    file.write_text("c.InteractiveShell.colors = 'nocolor'\nc.InteractiveShell.autocall = 0\n")
    assert not list(doctor.ipython_settings([tmp_path]))
    file.write_text(
        "c.InteractiveShell.ast_node_interactivity = 'all'\n"
        "c.PlainTextFormatter.float_precision = '%.3f'\nc.IPKernelApp.pylab = 'inline'\n"
    )
    fixes = [finding.fix for finding in doctor.ipython_settings([tmp_path])]
    assert len(fixes) == 3 and all(str(file) in fix for fix in fixes)
    file.write_text("1 / 0")
    (broken,) = doctor.ipython_settings([tmp_path])
    assert "division by zero" in broken.found and broken.fix


def test_a_home_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(os.path, "expanduser", lambda path: str(tmp_path))
    assert not doctor.home()
    monkeypatch.setattr(os.path, "expanduser", lambda path: str(tmp_path / "nowhere"))
    assert "nowhere cannot be written" in doctor.home().found and doctor.home().fix


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe of POSIX")
def test_progress_in_a_pipe_or_without_a_home_has_its_line(monkeypatch, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert doctor.progress_file(tmp_path / "pipe").fix
    monkeypatch.setenv("BOOKUTILS_PROGRESS", "~nobody-has-this-name/progress.json")
    finding = doctor.progress_file()
    assert "no home folder" in finding.found and finding.fix


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is a folder where nobody can write")
def test_without_a_home_only_that_is_said():
    environment = os.environ | {"HOME": "/proc/nobody"}
    command = [sys.executable, "-m", "bookutils", "doctor", "--brief"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 1 and done.stdout.startswith("home  ") and not done.stderr


@pytest.mark.parametrize("named", ["python", "python3", sys.executable])
def test_a_kernel_named_without_a_path_runs_in_jupyters_own_python(monkeypatch, named):
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    spec = KernelSpec(argv=[named, "-m", "ipykernel_launcher"])
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda *_: spec)
    assert doctor.kernel_python() == sys.executable
