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
