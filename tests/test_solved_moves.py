"""Progress taken to another machine, taken in, and one exercise begun anew."""

import json

import pytest

from bookutils.__main__ import main
from bookutils.checks import solved as progress


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    file = tmp_path / "kept" / "progress.json"
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(file))
    return file


def test_an_export_taken_in_elsewhere_gives_the_same_state(tmp_path, monkeypatch):
    progress.record("00.0", "right")
    progress.reveal("01.2", 3)
    here, _ = progress.load()
    assert progress.export(tmp_path / "copy.json").done
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(tmp_path / "elsewhere.json"))
    said = progress.merge(tmp_path / "copy.json")
    assert said.done and "2 exercises" in said and "1 stand better" in said
    assert progress.load() == (here, "")
    assert "0 stand better" in progress.merge(tmp_path / "copy.json")
    assert progress.load() == (here, "")


def test_merging_never_loses_the_better_state(tmp_path):
    def entry(best, attempts, hints):
        return {"best": best, "attempts": attempts, "hints": hints}

    progress.record("00.0", "right")
    for _ in range(3):
        progress.record("01.2", "wrong")
    coming = {"00.0": entry("wrong", 7, 2), "01.2": entry("right", 1, 0)}
    coming["99.9"] = entry("right", 1, 0)  # from a later edition
    (tmp_path / "copy.json").write_text(json.dumps({"schema": 1, "exercises": coming}))
    assert progress.merge(tmp_path / "copy.json").done
    assert progress.load()[0] == {
        "00.0": entry("right", 7, 2),
        "01.2": entry("right", 3, 0),
        "99.9": entry("right", 1, 0),
    }


def test_a_reset_can_be_undone(file):
    progress.record("01.2", "right")
    progress.record("00.0", "wrong")
    before, _ = progress.load()
    said = progress.reset("01.2")
    assert said.done and list(progress.load()[0]) == ["00.0"]
    progress.record("01.2", "wrong")
    (path,) = file.parent.glob("*before-reset-01.2.json")
    assert f'--import "{path}"' in said and progress.merge(path).done
    assert progress.load()[0] == before


@pytest.mark.parametrize("id", ["01.2", "../../etc/passwd", "", "\x1b[31m01.2\x07"])
def test_nothing_kept_is_nothing_to_reset(id, file):
    progress.record("00.0", "right")
    said = progress.reset(id)
    assert not said.done and said.isprintable()
    assert list(progress.load()[0]) == ["00.0"] and len(list(file.parent.glob("*.json"))) == 1


@pytest.mark.parametrize("moved", [progress.export, progress.merge])
def test_no_path_moves_the_cursor_of_a_terminal(moved, tmp_path):
    progress.record("00.0", "right")
    assert moved(tmp_path / "\x1b[31m.json").isprintable()


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 10**5, b'{"schema": 9, "exercises": {}}'])
def test_what_is_no_progress_file_changes_nothing(tmp_path, content):
    progress.record("00.0", "right")
    (tmp_path / "other.json").write_bytes(content)
    assert not progress.merge(tmp_path / "other.json").done
    assert not progress.merge(tmp_path / "nowhere.json").done
    assert progress.load()[0]["00.0"]["best"] == "right"


def test_an_export_overwrites_only_an_export(tmp_path):
    progress.record("00.0", "right")
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("three years of work")
    assert not progress.export(thesis).done and thesis.read_text() == "three years of work"
    assert progress.export(tmp_path / "copy.json").done
    assert progress.export(tmp_path / "copy.json").done
    assert not progress.export(tmp_path).done


def test_a_damaged_file_is_not_exported_over_a_good_copy(tmp_path, file):
    progress.record("00.0", "right")
    progress.export(tmp_path / "copy.json")
    good = (tmp_path / "copy.json").read_bytes()
    file.write_bytes(b"{")
    assert not progress.export(tmp_path / "copy.json").done
    assert (tmp_path / "copy.json").read_bytes() == good


def test_the_command_line(tmp_path, capsys):
    progress.record("00.0", "right")
    copy = str(tmp_path / "copy.json")
    assert main(["progress", "--export", copy]) == 0
    assert main(["progress", "--reset", "00.0"]) == 0
    assert main(["progress", "--import", copy]) == 0
    assert progress.load()[0]["00.0"]["best"] == "right"
    assert main(["progress", "--reset", "07.7"]) == 1
    assert "Nothing is kept about 07.7" in capsys.readouterr().err
    assert main(["progress"]) == 0 and "chapter 00" in capsys.readouterr().out
