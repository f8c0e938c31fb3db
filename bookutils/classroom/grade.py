"""Grades submitted notebooks: students by exercises, as CSV and as one HTML page.

The judge, in this process, never imports, unpickles or runs a line of a submission. Each notebook
runs in a process of its own (`bookutils.judge.worker`), confined and limited; it gets the inputs
of one exercise after the other and gives outputs back as plain data, from which `Exercise.verdict`
judges. So a notebook can only lie about outputs, and a lie is right only where it equals the right
answer. What finished is kept in a journal beside the CSV, so that an interrupted run goes on.
"""

import csv
import hashlib
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from bookutils.checks.registry import all_exercises
from bookutils.judge import guard, transport
from bookutils.judge.running import Outcome
from bookutils.judge.verdict import BROKEN, FACES, NOT_ATTEMPTED, RIGHT

PACKAGE = Path(__file__).parents[1]
SECONDS, GIGABYTES = 60.0, 2.0  # for one notebook
LARGEST = 20 * 2**20  # bytes of a notebook
CELLS = 2000
RESTARTS = 5  # of the process of one notebook
START = 60.0  # seconds to import NumPy on a busy machine
FILE_ENDS = ("_assignsubmission_file", "_assignsubmission_onlinetext")  # of Moodle's names


@dataclass(frozen=True)
class Result:
    """The verdict on one exercise, or, with an empty `exercise`, on a whole notebook."""

    exercise: str
    face: str
    says: str = ""
    misconception: str = ""
    explains: str = ""
    hints: int | None = None  # as the notebook's saved outputs show, which proves nothing


class Unreadable(Exception):
    """A file that is no notebook, with the reason in a sentence."""


# ---- who, and which exercises


@dataclass(frozen=True)
class Submission:
    student: str
    path: Path


def submissions(places):
    """Every notebook under these files and folders, with its student; see docs/teaching.md.

    Raises: FileNotFoundError.
    """
    found = {}
    for place in map(Path, places):
        if not place.exists():
            raise FileNotFoundError(f"there is no {place}")
        inside = [place] if place.is_file() else sorted(place.rglob("*"))
        for path in inside:
            below = path.relative_to(place).parts if place.is_dir() else ()
            if any(part.startswith(".") or part == "__MACOSX" for part in below):
                continue
            if path.is_file() and (".ipynb" in path.name or path == place):
                found[path.resolve()] = Submission(student(place, path), path)
        # where each student has a folder, one without a notebook is a student too
        folders = {path for path in inside if path.parent == place and path.is_dir()}
        with_some = {
            folder for folder in folders for path in found if folder.resolve() in path.parents
        }
        for folder in folders - with_some if with_some else ():
            if not folder.name.startswith((".", "__")):
                found[folder.resolve()] = Submission(student(place, folder / "x"), folder)
    return sorted(found.values(), key=lambda s: (s.student.casefold(), str(s.path)))


def student(place, path):
    """The name that a path gives its student.

    The first folder below `place`; for a file right in it, what stands before `_01_` or `-01-`;
    where nothing does, the name of the folder it lies in.
    """
    below = path.relative_to(place).parts if place.is_dir() else ()
    if len(below) > 1:
        name = below[0]
    else:
        before = re.match(r"(.*?)[ _-]*(?<!\d)\d\d[_-]", path.name)
        stem = path.name.partition(".ipynb")[0]
        name = before[1] if before else stem
        name = name or path.resolve().parent.name
    for end in FILE_ENDS:  # Ada Lovelace_12345_assignsubmission_file
        name = re.sub(rf"_\d+{end}_?.*", "", name)
    return name


def cells_of(raw):
    """(kind, source, outputs) of every cell. Raises: Unreadable."""
    if not raw.strip():
        raise Unreadable("The file is empty.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"The file is not UTF-8 text (byte {error.start:,}).") from None
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg
        if text.lstrip().startswith("{"):
            why = "it is cut off" if cut else f"line {error.lineno} is damaged"
            raise Unreadable(f"The file is not a whole notebook: {why}.") from None
        raise Unreadable("The file is not a notebook.") from None
    except (ValueError, RecursionError):
        raise Unreadable("The file is not a notebook.") from None
    try:
        cells = notebook.get("cells")
        if cells is None:  # the form before 2015
            cells = [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
        if len(cells) > CELLS:
            raise Unreadable(f"The notebook has {len(cells):,} cells; {CELLS:,} are read.")
        made = []
        for cell in cells:
            source = cell.get("source", cell.get("input", ""))
            source = source if isinstance(source, str) else "".join(source)
            # a lone surrogate cannot be handed on
            source = source.encode("utf-8", "replace").decode()
            made.append((str(cell["cell_type"]), source, cell.get("outputs", [])))
        return made
    except (AttributeError, KeyError, TypeError):
        raise Unreadable("The file is JSON, but not a notebook.") from None


def asked(cells, name, known):
    """Exercises of the chapters a notebook is about, by its checks and headings or its name.

    A chapter counts where at least a third of its exercises are named.
    """
    named = set()
    for kind, source, _ in cells:
        pattern = r"""check\(\s*["'](\w+\.\w+)["']""" if kind == "code" else r"^#+ *(\w+\.\w+)\b"
        named.update(re.findall(pattern, source, re.MULTILINE))
    chapters = defaultdict(list)
    for exercise in known:
        chapters[exercise.id.partition(".")[0]].append(exercise)
    named_in = {
        chapter: sum(exercise.id in named for exercise in exercises)
        for chapter, exercises in chapters.items()
    }
    chosen = [c for chapter, c in chapters.items() if 3 * named_in[chapter] >= len(c)]
    chosen = chosen or [c for chapter, c in chapters.items() if named_in[chapter]]
    if not chosen:
        number = re.search(r"(?<!\d)(\d\d)[_-]", name)
        chosen = [chapters.get(number[1], [])] if number else []
    return [exercise for exercises in chosen for exercise in exercises]


def hints_shown(cells):
    """id -> hints that the saved outputs show."""
    shown = {}
    for kind, source, outputs in cells:
        if kind != "code" or "hint(" not in source:
            continue
        numbers = re.findall(r"hint (\d) of \d", json.dumps(outputs)[:100_000])
        for id in set(re.findall(r"""hint\(\s*["'](\w+\.\w+)["']""", source)):
            shown[id] = max([shown.get(id, 0), *map(int, numbers)])
    return shown


# ---- the process of one notebook


class Ended(Exception):
    """The process is gone, or had to go; with the reason as outcome fields."""

    def __init__(self, sentence):
        super().__init__(sentence)
        self.sentence = sentence


class Process:
    """One run of `bookutils.judge.worker`, in a session and an empty folder of its own."""

    def __init__(self, setting, fonts, stop):
        self.stop, self.buffer = stop, bytearray()
        self.folder = tempfile.mkdtemp(prefix="bookutils-grade-")
        for cache in fonts:
            shutil.copy(cache, self.folder)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bookutils.judge.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env=environment(self.folder),
            start_new_session=True,
        )
        os.set_blocking(self.process.stdin.fileno(), False)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.send(setting, START)

    def send(self, message, seconds):
        """Write one line. Raises: Ended."""
        line, until = transport.dumps(message), time.monotonic() + seconds
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
        until = time.monotonic() + seconds
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
            start = time.monotonic()
            while not selector.select(min(0.2, max(0.0, until - time.monotonic()))):
                if self.stop.is_set():
                    raise KeyboardInterrupt
                if time.monotonic() > until:
                    raise Ended(f"still running after {max(1, round(until - start))} seconds")

    def close(self):
        """End the whole process group and remove its folder."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                pipe.close()
        try:
            shutil.rmtree(self.folder, ignore_errors=True)
        except RecursionError:  # folders in folders in folders
            subprocess.run(["rm", "-rf", self.folder], stderr=subprocess.DEVNULL, check=False)


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


def request(exercise):
    """What the process of a notebook is told about an exercise: its inputs, not its answer."""
    cases = None
    if not exercise.wants_value:
        cases = [[transport.encode(value) for value in case] for case in exercise.arguments()]
    return {
        "id": exercise.id,
        "signature": exercise.signature,
        "cases": cases,
        "counts": exercise.products is not None,
        "seconds": exercise.seconds,
        "gigabytes": exercise.gigabytes,
    }


def run(cells, requests, room, seconds, gigabytes, fonts=(), stop=None):
    """({id: list of outcomes of each candidate answer}, what the system held).

    An id without an answer in the notebook has an empty list. A cell or an answer that blocks or
    ends the process is left out when it starts anew. `room[id]` is the size an answer may have.
    """
    sources = [(i, source) for i, (kind, source, _) in enumerate(cells, 1) if kind == "code"]
    answers, lost, held, why = {}, {}, [], ""
    until = time.monotonic() + seconds
    patience = seconds / 4
    stop = stop or threading.Event()
    for _ in range(1 + RESTARTS):
        waiting = [asked for asked in requests if asked["id"] not in answers]
        life = until - time.monotonic()
        if not waiting or life <= 0:
            break
        setting = {
            "cells": sources,
            "lost": list(lost.items()),
            "seconds": patience / 2,
            "gigabytes": gigabytes,
            "life": life,
        }
        process = cell = current = None
        try:
            process = Process(setting, fonts, stop)
            held = process.receive(START).get("held", [])
            until = max(until, time.monotonic() + life)  # importing NumPy is not its time
            while "ready" not in (
                message := process.receive(min(patience, until - time.monotonic()))
            ):
                cell = message.get("cell")
            cell = None
            for current in waiting:
                process.send(current, patience)
                left = min(patience, until - time.monotonic())
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
                process.close()
    for asked in requests:
        said = f"not run: the notebook used up its {seconds:g} seconds or {1 + RESTARTS} processes"
        problem = Outcome(problem="stopped", sentence=f"{said} ({why})" if why else said)
        answers.setdefault(asked["id"], [[problem]])
    return answers, held


def decoded(message, request):
    """The candidates' outcomes in a message. Raises: Malformed."""
    runs = message.get("answers")
    if type(runs) is not list or len(runs) > 2:
        raise transport.Malformed("no answers")
    cases = request["cases"]
    return [transport.decode_answer(form, None if cases is None else len(cases)) for form in runs]


# ---- the judge


def judge(exercise, runs, hints=None):
    """The best verdict on the outcomes of some candidate answers."""
    if not runs:
        said = f"There is no `{exercise.name}` in the notebook."
        return Result(exercise.id, NOT_ATTEMPTED, said, hints=hints)
    return max((_verdict(exercise, outcomes, hints) for outcomes in runs), key=_rank)


def _rank(result):
    return FACES.index(result.face)


def _verdict(exercise, outcomes, hints):
    first = outcomes[0]
    if len(outcomes) == 1 and first.problem in ("misfit", "stopped"):
        sentence = first.sentence[:1].upper() + first.sentence[1:]
        return Result(exercise.id, BROKEN, sentence.rstrip(".") + ".", hints=hints)
    exercise.expected(), exercise.known()  # kept from now on; no part of what is limited below
    try:
        verdict = guard.guarded(lambda: exercise.verdict(outcomes), 20.0, 2.0)
    except Exception as error:  # numbers no reference ever gave: an integer beyond float, …
        said = f"The answer cannot be compared ({type(error).__name__})."
        return Result(exercise.id, BROKEN, said, hints=hints)
    says = " ".join(verdict.says.split())
    if verdict.call and verdict.face != RIGHT:
        rows = "; ".join(f"{label} {' '.join(text.split())}" for label, text in verdict.rows)
        says = f"{says} {verdict.call}: {rows}".strip()
    return Result(
        exercise.id, verdict.face, says[:600], verdict.misconception, verdict.explains, hints
    )


# ---- all of them


def graders_hash():
    """Changes whenever a verdict might: the graders' source and this module's."""
    digest = hashlib.sha256()
    for path in sorted([*PACKAGE.glob("checks/*.py"), *PACKAGE.glob("judge/*.py"), Path(__file__)]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Journal:
    """Finished results, one line of JSON each, keyed by the content of the notebook."""

    def __init__(self, path, begin_anew):
        self.path, self.results, self.begun, self.held = path, {}, Counter(), None
        if begin_anew:
            path.unlink(missing_ok=True)
        for line in path.read_bytes().splitlines() if path.exists() else ():
            with suppress(ValueError, KeyError, TypeError):  # the last line may be cut off
                entry = json.loads(line)
                if "results" in entry:
                    self.results[entry["key"]] = [Result(**r) for r in entry["results"]]
                    self.held = entry["held"] or self.held
                else:
                    self.begun[entry["key"]] += entry["begun"]
        self.file = open(path, "ab")
        self.file.write(b"\n")

    def add(self, key, results, held):
        self.results[key], self.held = results, held or self.held
        forms = [vars(result) for result in results]
        self._write({"key": key, "results": forms, "held": held})

    def close(self):
        self.file.close()

    def begin(self, key, by=1):
        """Note that a notebook runs; where that ends the judge itself, the next run knows."""
        self._write({"key": key, "begun": by})

    def _write(self, entry):
        self.file.write(transport.dumps(entry))
        self.file.flush()
        os.fsync(self.file.fileno())


@contextmanager
def _interruptible():
    """SIGTERM ends as Ctrl-C does, with the running notebooks' processes."""

    def interrupt(signum, frame):
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def grade(
    places,
    csv_path,
    html_path=None,
    jobs=2,
    seconds=SECONDS,
    gigabytes=GIGABYTES,
    again=False,
    out=None,
):
    """Grade every notebook under `places` and write the tables; returns an exit status.

    `again` forgets what an earlier run with the same CSV has finished.
    """
    out = out or sys.stdout
    if not hasattr(os, "killpg") or os.name == "nt":
        print("Grading needs Linux or macOS; on Windows, use WSL.", file=sys.stderr)
        return 2
    try:
        found = submissions(places)
    except FileNotFoundError as error:
        print(f"python -m bookutils grade: {error}", file=sys.stderr)
        return 2
    if not found:
        print("There is no notebook in " + ", ".join(map(str, places)), file=sys.stderr)
        return 2
    known = all_exercises()
    csv_path = Path(csv_path)
    csv_path.parent.mkdir(parents=True, exist_ok=True)
    journal = Journal(csv_path.with_name(csv_path.name + ".journal"), again)
    start = time.monotonic()
    grading = Grading(known, journal, seconds, gigabytes)
    with _interruptible():
        try:
            graded = grading.all(found, jobs)
        except KeyboardInterrupt:
            done, said = len(journal.results), "The same command goes on from here."
            print(f"\nInterrupted; {done} notebooks are finished. {said}", file=sys.stderr)
            return 130
        finally:
            journal.close()
    took = time.monotonic() - start
    rows = table(graded, known)
    write_csv(csv_path, rows)
    wide = csv_path.with_name(f"{csv_path.stem}.points{csv_path.suffix}")
    write_points(wide, rows, known)
    written = [csv_path, wide]
    if html_path:
        from bookutils.classroom.gradebook import page

        _replace(Path(html_path), page(rows, known, journal.held))
        written.append(Path(html_path))
    students = len({row.student for row in rows})
    faces = Counter(row.result.face for row in rows if row.result.exercise)
    print(
        f"{len(found)} notebooks of {students} students in {took:.0f} s: "
        + ", ".join(f"{faces[face]} {face}" for face in reversed(FACES))
        + f", {sum(not row.result.exercise for row in rows)} notebooks not graded.",
        file=out,
    )
    if journal.held is not None:
        missing = [what for what in ("files", "processes", "network") if what not in journal.held]
        if missing:
            print(
                f"This system does not confine a notebook's {', '.join(missing)}: grade notebooks "
                "of strangers on Linux, or in a container.",
                file=out,
            )
    print("Written: " + ", ".join(map(str, written)), file=out)
    return 0


class Grading:
    """Runs submissions in parallel, judges them in this thread, keeps them in the journal."""

    def __init__(self, known, journal, seconds, gigabytes):
        self.known, self.journal = known, journal
        self.seconds, self.gigabytes = seconds, gigabytes
        self.requests, self.room = {}, {}
        self.graders, self.stop = graders_hash(), threading.Event()
        self.fonts = font_caches()

    def read(self, submission):
        """(key, cells or Unreadable) of one file."""
        try:
            if submission.path.is_dir():
                raise Unreadable("There is no notebook in the folder.")
            if submission.path.is_symlink():
                raise Unreadable("The file is a link; links are not followed.")
            size = submission.path.stat().st_size
            if size > LARGEST:
                raise Unreadable(f"The file has {size / 2**20:.0f} MB; {LARGEST >> 20} are read.")
            raw = submission.path.read_bytes()
        except OSError as error:
            said = Unreadable(f"The file cannot be read ({error.strerror}).")
            return str(submission.path), said
        except Unreadable as error:
            return str(submission.path), error
        content = f"{self.graders} {self.seconds} {self.gigabytes} {submission.path.name}".encode()
        key = hashlib.sha256(content + raw).hexdigest()
        try:
            return key, cells_of(raw)
        except Unreadable as error:
            return key, error

    def all(self, found, jobs):
        """(submission, results) of each, in order."""
        graded = {}
        bar = tqdm(total=len(found), desc="notebooks", unit="", file=sys.stderr)
        waiting = []
        for i, submission in enumerate(found):
            key, cells = self.read(submission)
            if isinstance(cells, Unreadable):
                graded[i] = [Result("", BROKEN, str(cells))]
            elif key in self.journal.results:
                graded[i] = self.journal.results[key]
            elif self.journal.begun[key] >= 2:
                said = "The grading itself ended twice while this notebook ran; it is not run again"
                graded[i] = [Result("", BROKEN, f"{said} (--again does).")]
            else:
                waiting.append((self.journal.begun[key], i))
            if i in graded:
                bar.update()
        suspects = [i for begun, i in waiting if begun]
        with bar:
            for group, width in (([i for begun, i in waiting if not begun], jobs), (suspects, 1)):
                self._group(group, found, width, graded, bar)
        return [(submission, graded[i]) for i, submission in enumerate(found)]

    def _group(self, group, found, jobs, graded, bar):
        queue, running = list(reversed(group)), {}
        pool = ThreadPoolExecutor(max_workers=max(1, jobs))
        try:
            while queue or running:
                while queue and len(running) < jobs:
                    i = queue.pop()
                    key, cells = self.read(found[i])
                    if isinstance(cells, Unreadable):  # it changed since it was first read
                        graded[i] = [Result("", BROKEN, str(cells))]
                        bar.update()
                        continue
                    exercises = asked(cells, found[i].path.name, self.known)
                    self.journal.begin(key)
                    future = pool.submit(self._run, cells, self._prepare(exercises))
                    running[future] = i, key, cells, exercises
                done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    i, key, cells, exercises = running[future]
                    try:
                        graded[i], held = self._judge(future, cells, exercises)
                        self.journal.add(key, graded[i], held)
                    except Exception as error:  # nobody else's notebook suffers for it
                        said = f"The grading failed: {type(error).__name__}: {error}"[:300]
                        graded[i] = [Result("", BROKEN, said)]
                    del running[future]
                    bar.set_postfix_str(found[i].student[:20])
                    bar.update()
        except BaseException:
            self.stop.set()
            for _, key, _, _ in running.values():
                self.journal.begin(key, -1)
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _prepare(self, exercises):
        """What the processes need to know, made once, in this thread."""
        for e in exercises:
            if e.id not in self.requests:
                self.requests[e.id] = request(e)
                size = len(transport.dumps([transport.encode(v) for v in e.expected()]))
                self.room[e.id] = 2**20 + 8 * size
        return [self.requests[e.id] for e in exercises]

    def _run(self, cells, requests):
        limits = self.seconds, self.gigabytes
        return run(cells, requests, self.room, *limits, self.fonts, self.stop)

    def _judge(self, future, cells, exercises):
        if not exercises:
            said = "No exercise of this book is named in the notebook."
            return [Result("", BROKEN, said)], None
        answers, held = future.result()
        shown = hints_shown(cells)
        return [judge(e, answers[e.id], shown.get(e.id)) for e in exercises], held


def font_caches():
    """The list of fonts that Matplotlib keeps, so that no notebook has to look for them again."""
    import matplotlib
    import matplotlib.font_manager  # makes the list where there is none

    return sorted(Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))


# ---- tables


@dataclass(frozen=True)
class Row:
    """One student's best result in one exercise, and the notebook it stands in."""

    student: str
    path: Path
    result: Result
    title: str = ""
    points: int = 0
    possible: int = 0


def table(graded, known):
    """Rows by student and exercise; of several notebooks the best verdict counts."""
    by_id = {exercise.id: exercise for exercise in known}
    best, unread = {}, []
    for submission, results in graded:
        for result in results:
            if not result.exercise:
                unread.append(Row(submission.student, submission.path, result))
                continue
            exercise, place = by_id[result.exercise], (submission.student, result.exercise)
            worth = exercise.points
            got = worth if result.face == RIGHT else 0
            row = Row(submission.student, submission.path, result, exercise.title, got, worth)
            if place not in best or _rank(result) > _rank(best[place].result):
                best[place] = row
    rows = [*best.values(), *unread]
    return sorted(rows, key=lambda row: (row.student.casefold(), row.result.exercise))


def harmless(text):
    """Text that no spreadsheet takes for a formula, without control characters."""
    text = "".join(c if c.isprintable() else " " for c in str(text))
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text


COLUMNS = (
    "student", "exercise", "title", "verdict", "points", "possible", "misconception",
    "explanation", "says", "hints_shown", "file",
)  # fmt: skip


def write_csv(path, rows):
    """One line a student and exercise; a notebook that could not be graded has no exercise."""
    lines = []
    for row in rows:
        r = row.result
        hints = "" if r.hints is None else r.hints
        text = (r.misconception, r.explains, r.says)
        points = (row.points, row.possible) if r.exercise else ("", "")
        lines.append(
            [row.student, r.exercise, row.title, r.face, *points, *text, hints, str(row.path)]
        )
    _write_rows(path, [COLUMNS, *lines])


def write_points(path, rows, known):
    """One line a student, one column an exercise, with the points: for a grade book."""
    ids = [e.id for e in known if any(row.result.exercise == e.id for row in rows)]
    points = {(row.student, row.result.exercise): row.points for row in rows}
    lines = [["student", *ids, "points", "possible"]]
    possible = sum(e.points for e in known if e.id in ids)
    for name in dict.fromkeys(row.student for row in rows):
        got = [points.get((name, id), "") for id in ids]
        lines.append([name, *got, sum(p or 0 for p in got), possible])
    _write_rows(path, lines)


def _write_rows(path, lines):
    from io import StringIO

    text = StringIO(newline="")
    writer = csv.writer(text)
    for line in lines:
        writer.writerow([item if type(item) is int else harmless(item) for item in line])
    _replace(path, "\ufeff" + text.getvalue())  # the mark by which spreadsheets know UTF-8


def _replace(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        new.write_bytes(text.encode("utf-8", "replace"))  # a file's name may not be Unicode
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
