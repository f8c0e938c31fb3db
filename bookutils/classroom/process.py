"""The process in which one notebook runs, and what the judge asks of it.

`bookutils.judge.worker` runs there, confined and limited: it gets the inputs of one exercise after
the other, and what the answers return comes back as plain data.
"""

import logging
import os
import selectors
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from bookutils.judge import transport
from bookutils.judge.confine import DISK, FILE_SIZE, FILES, THREADS
from bookutils.judge.project import Project
from bookutils.judge.running import Outcome

PACKAGE = Path(__file__).parents[1]
RESTARTS = 5  # of the process of one notebook
START = 60.0  # seconds to import NumPy on a busy machine
STARTS = 4  # tries, a second apart
PREFIX = "bookutils-grade-"  # of a notebook's folder; the number of the judge's process follows
LOOK = 0.2  # seconds between two looks at these
WAITED = 600.0  # seconds for a processor that are not counted as a notebook's own


class Ended(Exception):
    """The process is gone, or had to go; with the reason as outcome fields."""

    def __init__(self, sentence):
        super().__init__(sentence)
        self.sentence = sentence


class Failed(Exception):
    """What failed is the grading, not the notebook."""


class Process:
    """One run of `bookutils.judge.worker`, in a session and an empty folder of its own."""

    def __init__(self, setting, fonts, stop):
        self.stop, self.buffer, self.looked = stop, bytearray(), time.monotonic()
        self.waited, self.held = 0.0, []  # what the system holds of it
        self.folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
        for cache in fonts:
            shutil.copy(cache, self.folder)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bookutils.judge.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self.folder,
                env=environment(self.folder),
                start_new_session=True,
            )
        except OSError:  # no memory, or no number for one more process
            remove(self.folder)
            raise
        os.set_blocking(self.process.stdin.fileno(), False)
        os.set_blocking(self.process.stdout.fileno(), False)
        try:
            self.send(setting, START)
        except Ended as error:  # it was gone before it could read
            self.close()
            raise Failed(f"a process for the notebook did not start ({error})") from None

    def clock(self):
        """Seconds that pass for this process: not those in which others have the processors."""
        self.waited = max(self.waited, min(waited(self.process.pid), WAITED))
        return time.monotonic() - self.waited

    def send(self, message, seconds):
        """Write one line. Raises: Ended."""
        line, until = transport.dumps(message), self.clock() + seconds
        while line:
            self._wait(self.process.stdin, selectors.EVENT_WRITE, until)
            try:
                line = line[os.write(self.process.stdin.fileno(), line) :]
            except BlockingIOError:
                continue
            except OSError:
                raise Ended("the notebook's code ended its process") from None

    def receive(self, seconds, most=2**20):
        """Read one line. Raises: Ended, Malformed."""
        until = self.clock() + seconds
        if seconds <= 0:  # lines without end keep nobody here
            raise Ended("its time is used up")
        while b"\n" not in self.buffer:
            if len(self.buffer) > most:
                raise Ended(f"the answer is larger than {most / 2**20:.0f} MB")
            self._wait(self.process.stdout, selectors.EVENT_READ, until)
            try:
                part = os.read(self.process.stdout.fileno(), 2**20)
            except BlockingIOError:
                continue
            if not part:
                raise Ended("the notebook's code ended its process")
            self.buffer += part
        line, _, rest = bytes(self.buffer).partition(b"\n")
        self.buffer = bytearray(rest)
        message = transport.loads(line)
        if type(message) is not dict:
            raise transport.Malformed("no message")
        return message

    def _wait(self, stream, event, until):
        with selectors.DefaultSelector() as selector:
            selector.register(stream, event)
            now = start = self.clock()
            while not selector.select(min(0.2, max(0.01, until - now))):
                if self.stop.is_set():
                    raise KeyboardInterrupt
                if (now := self.clock()) > until:
                    raise Ended(f"still running after {max(1, round(until - start))} seconds")
                self.look_at_times()
        self.look_at_times()

    def look_at_times(self):
        """Look where the last look is some time ago. Raises: Ended."""
        if time.monotonic() - self.looked > LOOK:
            self.look()

    def look(self):
        """Whether the disk is filled or threads are started without end. Raises: Ended."""
        self.looked = time.monotonic()
        size, files = (0, 0) if "disk" in self.held else held_on_disk(self.folder, self.process.pid)
        if size > DISK:
            raise Ended(f"it wrote more than {DISK >> 20} MB to the disk")
        if files > FILES:
            raise Ended(f"it made more than {FILES:,} files")
        if "threads" not in self.held and threads(self.process.pid) > THREADS:
            raise Ended(f"it started more than {THREADS} threads")

    def close(self):
        """End the whole process group and remove its folder."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                pipe.close()
        remove(self.folder)


def remove(folder):
    """Remove a folder, whatever a notebook did to it."""
    with suppress(RecursionError):  # folders in folders in folders
        shutil.rmtree(folder, ignore_errors=True)
    for command in (["rm", "-rf"], ["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        if os.path.exists(folder):  # too deep, or folders without rights
            subprocess.run([*command, folder], stderr=subprocess.DEVNULL, check=False)


def sweep():
    """Remove what a judge that was killed has left: folders of processes that are no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}[0-9]*-*"):
        number = int(folder.name[len(PREFIX) :].partition("-")[0])
        with suppress(OSError):
            if folder.stat().st_uid == os.getuid() and not _runs(number):
                remove(folder)


def _runs(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True


def held_on_disk(folder, process):
    """(bytes, files) below a folder, with those that are removed but still open or in memory."""
    seen, left = {}, [folder]
    while left and len(seen) <= FILES:
        with suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
                    told = entry.stat(follow_symlinks=False)
                    seen[told.st_dev, told.st_ino] = told.st_blocks * 512
    with suppress(OSError):
        for descriptor in os.listdir(f"/proc/{process}/fd"):
            with suppress(OSError):
                told = os.stat(f"/proc/{process}/fd/{descriptor}")
                if stat.S_ISREG(told.st_mode) and not told.st_nlink:
                    seen[told.st_dev, told.st_ino] = told.st_blocks * 512
    with suppress(OSError), open(f"/proc/{process}/maps", errors="replace") as maps:
        for line in maps:
            if line.endswith("(deleted)\n") and folder in line:
                device, inode = line.split()[3:5]
                place = os.makedev(*(int(part, 16) for part in device.split(":"))), int(inode)
                seen.setdefault(place, FILE_SIZE)  # what it may have; nothing tells what it has
    return sum(seen.values()), len(seen)


def waited(process):
    """Seconds in which the main thread of a process could have run, and others' programs did.

    What its own other threads ran is taken off. 0 where the system does not say.
    """
    try:
        main, delay, _ = map(int, Path(f"/proc/{process}/schedstat").read_text().split())
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return 0.0
    ran = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return max(0.0, delay / 1e9 - max(0.0, ran - main / 1e9))


def threads(process):
    """How many threads a process has; 0 where the system does not say."""
    try:
        return len(os.listdir(f"/proc/{process}/task"))
    except OSError:
        return 0


def environment(folder):
    """What a notebook may know of its surroundings: none of the caller's variables but the path."""
    own = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
        "BOOKUTILS_PROGRESS": str(Path(folder) / "progress.json"),
        "IPYTHONDIR": folder,
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": folder,
    }
    libraries = ("OMP", "OPENBLAS", "MKL", "VECLIB", "NUMEXPR")
    own |= {f"{library}_NUM_THREADS": "1" for library in libraries}
    return own | {k: os.environ[k] for k in ("SYSTEMROOT", "LD_LIBRARY_PATH") if k in os.environ}


def requests(task):
    """What the process of a notebook is told: of an exercise, or of each property of a project."""
    if isinstance(task, Project):
        return [request(part) | {"task": task.id} for part in task.parts]
    return [request(task)]


def request(exercise):
    """What the process of a notebook is told about an exercise: its inputs, not its answer."""
    cases = None
    if not exercise.wants_value:
        cases = [[transport.encode(value) for value in case] for case in exercise.arguments()]
    return {
        "id": exercise.id,
        "task": exercise.id,
        "program": exercise.program.source if exercise.program else "",
        "signature": exercise.signature,
        "cases": cases,
        "counts": exercise.products is not None,
        "seconds": exercise.seconds,
        "gigabytes": exercise.gigabytes,
    }


def run(
    cells, requests, room, seconds, gigabytes, fonts=(), stop=None, hidden=(), modules=()
):  # fmt: skip
    """({id: list of outcomes of each candidate answer}, what the system held).

    An id without an answer in the notebook has an empty list. A cell or an answer that blocks or
    ends the process is left out when it starts anew. `room[id]` is the size an answer may have,
    `hidden` what the notebook may not read wherever it lies, `modules` (name, text) of the
    student's own. Raises: Failed, OSError, where no process could be had.
    """
    sources = [(i, source) for i, (kind, source, _) in enumerate(cells, 1) if kind == "code"]
    answers, lost, held, why = {}, {}, [], ""
    life, patience = seconds, seconds / 4
    stop = stop or threading.Event()
    for _ in range(1 + RESTARTS):
        waiting = [asked for asked in requests if asked["id"] not in answers]
        if not waiting or life <= 0:
            break
        setting = {
            "cells": sources,
            "lost": list(lost.items()),
            "requests": waiting,
            "seconds": patience / 2,
            "gigabytes": gigabytes,
            "life": life,
            "hidden": [str(path) for path in hidden],
            "modules": list(modules),
        }
        process = cell = current = until = None
        try:
            process = started(setting, fonts, stop)
            held = process.held
            until = process.clock() + life  # importing NumPy is not its time
            while "ready" not in (
                message := process.receive(min(patience, until - process.clock()))
            ):
                if type(message.get("cell")) is not int:
                    raise transport.Malformed("no number of a cell")
                process.look()  # what is too much now is the doing of the cell before
                cell = message["cell"]
            cell = None
            for current in waiting:
                process.send({"id": current["id"]}, patience)
                left = min(patience, until - process.clock())
                came = process.receive(left, room[current["id"]])
                answers[current["id"]] = decoded(came, current)
        except (Ended, transport.Malformed) as error:
            why = str(error)
            if isinstance(error, transport.Malformed):
                why = f"what came back is no answer ({error})"
            if current:
                answers[current["id"]] = [[Outcome(problem="stopped", sentence=why)]]
            elif cell in dict(sources) and cell not in lost:
                lost[cell] = f"The cell that should define `?` was stopped: {why}"
            else:
                break
        finally:
            if process:
                life = life if until is None else until - process.clock()
                process.close()
    for asked in requests:
        said = f"not run: the notebook used up its {seconds:g} seconds or {1 + RESTARTS} processes"
        problem = Outcome(problem="stopped", sentence=f"{said} ({why})" if why else said)
        answers.setdefault(asked["id"], [[problem]])
    return answers, held


def started(setting, fonts, stop):
    """A process for a notebook, which says what holds it. Raises: Failed, OSError.

    A neighbour's threads may take all numbers that the system has for processes, until it is ended.
    """
    for left in reversed(range(STARTS)):
        try:
            process = Process(setting, fonts, stop)
            try:
                process.held = began(process)
                return process
            except BaseException:
                process.close()
                raise
        except (Failed, OSError):
            if not left or stop.wait(1.0):
                raise


def began(process):
    """What the system holds of a new process. Raises: Failed."""
    try:
        held = process.receive(START).get("held")
    except (Ended, transport.Malformed) as error:
        raise Failed(f"a process for the notebook did not start ({error})") from None
    if type(held) is not list:
        raise Failed("a process for the notebook did not say what holds it")
    return held


def decoded(message, request):
    """The candidates' outcomes in a message. Raises: Malformed."""
    runs = message.get("answers")
    if type(runs) is not list or len(runs) > 2:
        raise transport.Malformed("no answers")
    cases = request["cases"]
    return [transport.decode_answer(form, None if cases is None else len(cases)) for form in runs]


def font_caches():
    """The list of fonts that Matplotlib keeps, so that no notebook has to look for them again."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # a home that cannot be written to
    import matplotlib
    import matplotlib.font_manager  # makes the list where there is none

    return sorted(Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))
