"""Progress on odd machines: endless numbers, links, pipes, devices, no home, a killed kernel."""

import datetime
import json
import os
import subprocess
import sys

import pytest

from bookutils.checks import solved as progress
from bookutils.checks.overview import report

IDS = ["00.1", "00.2", "01.1"]
POSIX = pytest.mark.skipif(os.name != "posix", reason="links, pipes and devices of POSIX")


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    file = tmp_path / "kept" / "progress.json"
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(file))
    return file


def everything(tmp_path):
    """What a learner may do with progress; all sentences that came."""
    said = [progress.record("00.1", "right"), progress.reveal("00.1", 3)[2], report(IDS).note]
    said += [repr(report(IDS)), report(IDS)._repr_html_()]
    return said + [progress.export(tmp_path / "out.json"), progress.reset("00.1")]


NUMBERS = {
    "infinite": ("1e999", 10**9),
    "4,300 digits": ("9" * 4300, 10**9),
    "5,000 digits": ("9" * 5000, 10**9),
    "negative": ("-3", 0),
    "not a number": ("NaN", 0),
    "a fraction": ("2.5", 2),
}


@pytest.mark.parametrize(("number", "counted"), NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize("count", ["attempts", "hints", "points"])
def test_a_number_without_end_costs_nothing_else(file, tmp_path, count, number, counted):
    entry = {"best": "right", "attempts": 1, "hints": 0}
    text = json.dumps({"schema": 2, "exercises": {"00.1": entry, "00.2": entry | {count: "X"}}})
    file.parent.mkdir()
    file.write_text(text.replace('"X"', number))
    assert progress.record("00.1", "right") == ""
    kept, note = progress.load()
    assert kept["00.2"] == entry | {count: counted} and kept["00.1"]["attempts"] == 2 and not note
    assert not any(everything(tmp_path)[:3])
    (tmp_path / "copy.json").write_text(text.replace('"X"', number))
    assert progress.merge(tmp_path / "copy.json").done


@pytest.mark.parametrize("number", ["true", "null", '"many"', "[1]", "{}"])
def test_what_is_no_number_is_true_or_damage(file, number):
    file.parent.mkdir()
    text = '{"schema": 2, "exercises": {"00.1": {"best": "right", "attempts": %s, "hints": 0}}}'
    file.write_text(text % number)
    note = progress.record("00.1", "wrong")
    assert bool(note) == (number != "true") and len(list(file.parent.glob("*damaged*"))) == bool(
        note
    )


def test_a_file_too_large_to_be_progress_is_set_aside(file):
    file.parent.mkdir()
    with open(file, "wb") as huge:
        huge.truncate(2**40)  # a hole: nothing of it is on the disk
    assert "set aside" in progress.record("00.1", "right")
    assert progress.load()[0]["00.1"]["best"] == "right"


@pytest.mark.parametrize("named", ["~nobody-has-this-name/progress.json", ""])
def test_without_a_home_folder_nothing_is_written_anywhere(named, tmp_path, monkeypatch):
    monkeypatch.setenv("BOOKUTILS_PROGRESS", named)
    for name in ("HOME", "USERPROFILE", "HOMEPATH", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    if os.name == "posix":
        import pwd

        def unknown(_):
            raise KeyError("no such user")

        monkeypatch.setattr(pwd, "getpwuid", unknown)
    elif not named:
        pytest.skip("Windows knows the data folder without a home")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    said = everything(tmp_path)
    assert all("no home folder is known" in sentence for sentence in said[:-1]), said
    assert list((tmp_path / "here").iterdir()) == []
    assert "no home folder" in progress.merge("~nobody-has-this-name/copy.json")


@POSIX
def test_a_link_is_followed_and_stays_a_link(file, tmp_path):
    real = tmp_path / "synchronised" / "book.json"
    real.parent.mkdir()
    file.parent.mkdir()
    file.symlink_to(real)
    assert progress.record("00.1", "right") == progress.record("00.2", "wrong") == ""
    assert file.is_symlink() and len(json.loads(real.read_text())["exercises"]) == 2
    copy = tmp_path / "copy.json"
    copy.symlink_to(tmp_path / "copied.json")
    assert progress.export(copy).done and copy.is_symlink() and (tmp_path / "copied.json").exists()
    real.write_bytes(b"{")
    assert "set aside" in progress.record("00.1", "right")
    assert file.is_symlink() and [p.name for p in file.parent.iterdir()] == [file.name]


@POSIX
def test_a_link_to_a_folder_that_is_not_there_makes_none(file, tmp_path):
    file.parent.mkdir()
    file.symlink_to(tmp_path / "not mounted" / "book.json")
    assert progress.record("00.1", "right").startswith("Progress is not kept")
    assert file.is_symlink() and not (tmp_path / "not mounted").exists()
    file.unlink()
    file.symlink_to(file)
    assert progress.record("00.1", "right").startswith("Progress is not kept")


@POSIX
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_neither_read_nor_moved(kind, tmp_path, monkeypatch):
    file = tmp_path / "odd" / "progress.json"
    file.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to(os.devnull)
    else:
        file.mkdir()
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(file))
    before = os.stat(file)
    said = everything(tmp_path)
    words = "directory" if kind == "folder" else "is not a regular file"
    assert all(words in sentence for sentence in said[:-1]), said
    assert words in progress.merge(file) and not progress.merge(file).done
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(tmp_path / "good.json"))
    progress.record("00.1", "right")
    assert words in progress.export(file) and not progress.export(file).done
    assert os.stat(file)[:3] == before[:3]  # mode, inode, device
    assert list(file.parent.iterdir()) == [file]
    assert not os.path.exists(os.devnull + ".lock")


def test_a_kernel_killed_while_it_writes_leaves_the_old_file_and_nothing_half_written(file):
    progress.record("00.1", "right")
    for moment in ("fsync", "replace"):
        code = (
            "import os; from bookutils.checks import solved as progress; "
            f"os.{moment} = lambda *_: os._exit(9); progress.record('00.2', 'right')"
        )
        assert subprocess.run([sys.executable, "-c", code]).returncode == 9
    assert list(progress.load()[0]) == ["00.1"]
    assert progress.record("00.3", "right") == ""
    assert list(progress.load()[0]) == ["00.1", "00.3"]
    left = {path.name for path in file.parent.iterdir()} - {f"{file.name}.lock"}
    assert left == {file.name}


def test_files_damaged_within_one_tick_of_the_clock_are_all_kept(file, monkeypatch):
    class Stopped(datetime.datetime):
        @classmethod
        def now(cls):
            return cls(2000, 1, 1)

    monkeypatch.setattr(progress, "datetime", Stopped)
    file.parent.mkdir()
    names = set()
    for damage in (b"one", b"two", b"three"):
        file.write_bytes(damage)
        note = progress.record("00.1", "right")
        names |= {path.name for path in file.parent.glob("*damaged*") if path.name in note}
    aside = {path.name: path.read_bytes() for path in file.parent.glob("*damaged*")}
    assert sorted(aside.values()) == [b"one", b"three", b"two"] and names == set(aside)


def test_two_resets_keep_both_states(file):
    for face in ("right", "wrong"):
        progress.record("00.1", face)
        assert progress.reset("00.1").done
    kept = [json.loads(path.read_text()) for path in file.parent.glob("*before-reset*")]
    assert sorted(one["exercises"]["00.1"]["best"] for one in kept) == ["right", "wrong"]


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not Unicode")
def test_a_name_that_is_not_unicode_is_told_all_the_same(tmp_path, monkeypatch):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(folder / "progress.json"))
    progress.record("00.1", "right")
    for sentence in (progress.export(folder / "copy.json"), progress.reset("00.1")):
        assert sentence.done and "caf\\udce9" in sentence.encode("utf-8").decode("utf-8")
