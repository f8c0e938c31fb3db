"""Every command prints in every encoding, and spells what that has no letter for."""

import io
import os
import subprocess
import sys

import pytest
from test_main import commands

from bookutils import terminal
from bookutils.__main__ import main
from bookutils.checks import solved as progress

ENCODINGS = "ascii", "cp1252", "cp437", "latin-1"
# What each command says of itself, and a run that cannot do without letters beyond ASCII.
RUNS = {
    "doctor": ["doctor", "--brief"],
    "progress": ["progress"],
    "compare": ["compare", "schedule", "--html", "no folder ✓/page.html"],
    "bench": ["bench", "--device", "✓"],
    "build": ["build", "no notebook ✓.ipynb"],
    "new-exercise": ["new-exercise", "✓"],
    "grade": ["grade", "nobody ✓", "--csv", "table.csv"],
}


@pytest.fixture
def printed(monkeypatch, tmp_path):
    """printed(encoding, arguments): what a command writes to both streams, as bytes."""
    folder = tmp_path / "kept ✓"
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(folder / "progress.json"))
    for id, face in zip(("00.0", "00.1", "00.2"), ("right", "wrong", "broken"), strict=True):
        progress.record(id, face)
    folder.chmod(0o500)  # so that doctor has something to say of it, where it is not root
    monkeypatch.chdir(tmp_path)

    def run(encoding, arguments):
        streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2)]
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", streams[0])
            patched.setattr(sys, "stderr", streams[1])
            try:
                main(arguments)
            except SystemExit:  # argparse, which has explained itself
                pass
            for stream in streams:
                stream.flush()
        return b"".join(stream.buffer.getvalue() for stream in streams)

    yield run
    folder.chmod(0o700)


def test_every_command_is_tried(capsys):
    assert sorted(RUNS) == sorted(commands(capsys))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("command", RUNS)
def test_a_command_prints_whatever_the_terminal_has_letters_for(printed, command, encoding):
    assert printed(encoding, [command, "--help"]).startswith(b"usage: python -m bookutils")
    unknown = printed(encoding, [*RUNS[command], "--no-such-✓"])
    assert b"arguments: --no-such-+" in unknown or b"invalid choice: '+'" in unknown
    assert printed(encoding, RUNS[command])


def test_progress_is_read_in_ascii(printed):
    first = printed("ascii", ["progress"]).splitlines()[0]
    assert first == b"chapter 00  +x!  1 of 3 solved, 2 attempted"


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252:strict"])
def test_in_a_process_of_its_own(printed, encoding):
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "bookutils", "progress"]
    done = subprocess.run(command, env=environment, capture_output=True)
    assert done.returncode == 0 and b"+x!" in done.stdout and done.stderr == b""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="streams closed by a shell")
@pytest.mark.parametrize(
    ("streams", "status", "words"),
    [("<&- >&- 2>&-", 0, b""), ("> /dev/full", 1, b"No space left on device"), ("", 1, b"")],
    ids=["closed", "full", "without a reader"],
)
def test_streams_may_be_closed_full_or_without_a_reader(tmp_path, streams, status, words):
    if "full" in streams and not os.path.exists("/dev/full"):
        pytest.skip("this system has no such device")
    environment = os.environ | {"BOOKUTILS_PROGRESS": str(tmp_path / "progress.json")}
    read, write = os.pipe()
    os.close(read)
    command = f"exec {sys.executable} -m bookutils progress {streams}"
    done = subprocess.run(
        ["sh", "-c", command], env=environment, stdout=write, stderr=subprocess.PIPE
    )
    os.close(write)
    assert done.returncode == status and words in done.stderr
    assert b"Traceback" not in done.stderr and b"ignored" not in done.stderr


def test_letters_are_spelt():
    def spelt(text, encoding="ascii"):
        return text.encode(encoding, "bookutils.spelling").decode(encoding)

    assert spelt("✓ ✗ 2 × 3 ≤ 6…") == "+ x 2 x 3 <= 6..."
    assert spelt("x² is δ, café") == "x2 is delta, cafe"
    assert spelt("2 × 3 ≤ 6…", "cp1252") == "2 × 3 <= 6…"
    assert spelt("\N{SNOWMAN}\udce9") == r"\u2603\udce9"
    assert terminal.spelling(UnicodeEncodeError("ascii", "a✓✗b", 1, 3, "")) == ("+x", 3)
