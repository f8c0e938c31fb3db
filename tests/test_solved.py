"""Progress: never lost, never in the way."""

import json
import multiprocessing
import os
import stat
import sys

import pytest

from bookutils.checks import solved as progress
from bookutils.checks.overview import report

IDS = ["00.1", "00.2", "01.1"]


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    file = tmp_path / "kept" / "progress.json"
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(file))
    return file


def test_the_best_state_stays():
    for face in ("wrong", "right", "wrong", "broken", "not attempted yet"):
        assert progress.record("00.1", face) == ""
    kept, note = progress.load()
    assert kept == {"00.1": {"best": "right", "attempts": 4, "hints": 0}} and note == ""


def test_hints_are_counted_over_restarts():
    assert [progress.reveal("00.1", 3)[:2] for _ in range(5)] == [
        (0, 1),
        (1, 2),
        (2, 3),
        (3, 3),
        (3, 3),
    ]
    progress.record("00.1", "wrong")
    assert progress.load()[0]["00.1"]["hints"] == 3


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"{}",
        b'{"schema": "one", "exercises": {}}',
        b'{"schema": 1, "exercises": {"00.1": {"best": "splendid", "attempts": 1, "hints": 0}}}',
        b'{"schema": 1, "exercises": {"00.1": 3}}',
        b'{"schema": 1, "exercises": []}',
    ],
)
def test_a_damaged_file_is_set_aside_and_said(file, damage):
    file.parent.mkdir()
    file.write_bytes(damage)
    note = progress.record("00.1", "right")
    aside = list(file.parent.glob("progress.damaged-*.json"))
    assert [a.read_bytes() for a in aside] == [damage]
    assert "damaged" in note and aside[0].name in note
    assert progress.load() == ({"00.1": {"best": "right", "attempts": 1, "hints": 0}}, "")


def test_a_file_of_a_later_version_is_left_alone(file):
    file.parent.mkdir()
    file.write_text('{"schema": 99, "exercises": {"new": "shape"}}')
    before = file.read_bytes()
    assert "newer version" in progress.record("00.1", "right")
    assert file.read_bytes() == before and "newer version" in repr(report(IDS))


def test_a_place_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("in the way of a folder")
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(blocked / "progress.json"))
    assert progress.record("00.1", "right").startswith("Progress is not kept")
    before, now, note = progress.reveal("00.1", 3)
    assert (before, now) == (0, 1) and note.startswith("Progress is not kept")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root writes anywhere")
def test_a_read_only_folder_is_said(file):
    progress.record("00.1", "right")
    file.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert progress.record("00.2", "right").startswith("Progress is not kept")
        assert progress.load()[0]["00.1"]["best"] == "right"
    finally:
        file.parent.chmod(stat.S_IRWXU)


def test_a_failed_write_leaves_the_old_file(file, monkeypatch):
    progress.record("00.1", "right")
    before = file.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(progress.os, "fsync", full)
    assert "No space left" in progress.record("00.2", "right")
    assert file.read_bytes() == before
    assert [p for p in file.parent.iterdir() if p.suffix == ".new"] == []


def test_a_lock_held_elsewhere_is_said(file, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    progress.record("00.1", "right")
    before = file.read_bytes()
    holder = multiprocessing.get_context("spawn").Process(target=_hold, args=(f"{file}.lock",))
    holder.start()
    try:
        for _ in range(600):
            if file.with_name("held").exists():
                break
            holder.join(0.05)
        assert "another program holds" in progress.record("00.2", "right")
    finally:
        holder.kill()
        holder.join()
    assert file.read_bytes() == before


def _hold(lock):
    import pathlib
    import time

    from filelock import FileLock

    with FileLock(lock):
        pathlib.Path(lock).with_name("held").touch()
        time.sleep(60)


def _hammer(worker, rounds):
    for i in range(rounds):
        progress.record(f"{worker:02}.{i}", "right")
        progress.record("99.1", "wrong")


@pytest.mark.slow
def test_many_kernels_at_once_lose_nothing():
    context, workers, rounds = multiprocessing.get_context("spawn"), 4, 40
    processes = [context.Process(target=_hammer, args=(w, rounds)) for w in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * workers
    kept, note = progress.load()
    assert note == "" and len(kept) == workers * rounds + 1
    assert kept["99.1"]["attempts"] == workers * rounds


def test_the_file_is_small_readable_json(file):
    progress.record("00.1", "right")
    kept = json.loads(file.read_text())
    assert kept["schema"] == progress.SCHEMA and list(kept["exercises"]) == ["00.1"]
