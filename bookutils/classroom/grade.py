"""Grades submitted notebooks: students by exercises, as CSV and as one HTML page.

The judge, in this process, never imports, unpickles or runs a line of a submission. Each notebook
runs in a process of its own (`bookutils.judge.worker`), confined and limited; it gets the inputs
of one exercise after the other and gives outputs back as plain data, from which `Exercise.verdict`
judges. So a notebook can only lie about outputs, and a lie is right only where it equals the right
answer. What finished is kept in a journal beside the CSV, so that an interrupted run goes on.
"""

import hashlib
import math
import os
import signal
import sys
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from bookutils.checks.registry import all_tasks
from bookutils.classroom.archives import Unreadable
from bookutils.classroom.contents import asked, cells_of, chapter, checks, hints_shown
from bookutils.classroom.gradebook import beside, write_all
from bookutils.classroom.journal import Journal, graders_hash
from bookutils.classroom.process import font_caches, requests, run, sweep
from bookutils.classroom.results import NOT_GRADED, Result, printable, rank, table
from bookutils.classroom.submissions import modules, on_disk, read, shown, submissions
from bookutils.classroom.summary import ANOTHER, tell, tell_of_failures, tell_of_several
from bookutils.judge import guard, transport
from bookutils.judge.comparing import fails
from bookutils.judge.project import Project
from bookutils.judge.verdict import BROKEN, NOT_ATTEMPTED, RIGHT

SECONDS, GIGABYTES = 60.0, 2.0  # for one notebook


def judge(exercise, runs, hints=None):
    """The best verdict on the outcomes of some candidate answers."""
    if not runs:
        said = f"There is no `{exercise.name}` in the notebook."
        return Result(exercise.id, NOT_ATTEMPTED, said, hints=hints)
    return max((_verdict(exercise, outcomes, hints) for outcomes in runs), key=rank)


def judge_project(project, runs, hints=None):
    """The best verdict on some candidate answers; `runs` are those of each property."""
    candidates = max(map(len, runs))
    if not candidates:
        said = f"There is no `{project.name}` in the notebook."
        return Result(project.id, NOT_ATTEMPTED, said, hints=hints)
    if all(_nothing_ran(outcomes) for run in runs for outcomes in run):  # the cell of its name
        return _unfit(project, runs[0][0][0], hints)
    for part, tried in zip(project.parts, runs, strict=True):
        part.expected()
        if any(_fails(part, outcomes) for outcomes in tried):
            part.prepare()
    # a property that ended the process has one outcome for all candidates
    of_each = [[run[min(i, len(run) - 1)] for run in runs] for i in range(candidates)]
    return max((_told(project, outcomes, hints) for outcomes in of_each), key=rank)


def _fails(exercise, outcomes):
    """Whether known mistakes will be asked for: that of a property, or of an exercise."""
    try:
        return guard.guarded(lambda: fails(exercise, outcomes), 20.0, 2.0)
    except Exception:
        return True


def _verdict(exercise, outcomes, hints):
    if _nothing_ran(outcomes) or (len(outcomes) == 1 and outcomes[0].problem == "stopped"):
        return _unfit(exercise, outcomes[0], hints)
    exercise.expected()  # kept from now on; no part of what is limited below
    if _fails(exercise, outcomes):
        exercise.prepare()  # likewise
    return _told(exercise, outcomes, hints)


def _nothing_ran(outcomes):
    return len(outcomes) == 1 and outcomes[0].problem == "misfit"


def _unfit(task, outcome, hints):
    sentence = outcome.sentence[:1].upper() + outcome.sentence[1:]
    return Result(task.id, BROKEN, sentence.rstrip(".") + ".", hints=hints)


def _told(exercise, outcomes, hints):
    try:
        verdict = guard.guarded(lambda: exercise.verdict(outcomes), 20.0, 2.0)
    except Exception as error:
        return Result(exercise.id, NOT_GRADED, failure(error), hints=hints)
    says = " ".join(verdict.says.split())
    table = getattr(verdict, "table", ())
    properties = tuple((p.name, p.points, p.possible, p.found) for p in table)
    if verdict.call and verdict.face != RIGHT:
        rows = "; ".join(f"{label} {' '.join(text.split())}" for label, text in verdict.rows)
        called = f"{' '.join(verdict.call.split())}"  # last: it may be a program, and is cut off
        says = " ".join(filter(None, (says, rows and f"{rows};", f"in {called}")))
    known = verdict.misconception, verdict.explains
    return Result(exercise.id, verdict.face, says[:600], *known, hints, properties)


def failure(error):
    """What is said where the grading failed, which is nobody's verdict."""
    return f"The grading failed: {type(error).__name__}: {error}"[:300]


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
    csv_path, html_path = Path(csv_path), html_path and Path(html_path)
    try:
        refuse(jobs, seconds, gigabytes)
        written = to_write(csv_path, html_path)
        handed_in = submissions(places)
        unseen = hidden(handed_in.submissions, written)
        csv_path.parent.mkdir(parents=True, exist_ok=True)
        journal = Journal(written[0], again)
    except (ValueError, OSError) as error:
        print(f"python -m bookutils grade: {printable(error)}", file=sys.stderr)
        return 2
    found = handed_in.submissions
    if not found:
        print("There is no notebook in " + ", ".join(map(shown, places)), file=sys.stderr)
        return 2
    sweep()
    known = all_tasks()
    start = time.monotonic()
    grading = Grading(known, journal, seconds, gigabytes, unseen)
    with _interruptible():
        try:
            graded = grading.all(found, jobs)
        except KeyboardInterrupt:
            done, said = len(journal.results), "The same command goes on from here."
            print(f"\nInterrupted; {done} notebooks are finished. {said}", file=sys.stderr)
            return 130
        except OSError as error:  # a full disk: the journal cannot be written
            print(f"\n{printable(failure(error))}. The same command goes on.", file=sys.stderr)
            return 1
        finally:
            journal.close()
    took = time.monotonic() - start
    rows = table(graded, known)
    try:
        written = write_all(rows, known, journal.held, csv_path, html_path)
    except OSError as error:
        print(f"{printable(failure(error))}. The same command writes them.", file=sys.stderr)
        return 1
    tell(handed_in, rows, took, journal.held, out)
    tell_of_several(graded, known, out)
    print("Written: " + ", ".join(map(shown, written)), file=out)
    return 1 if tell_of_failures(found, rows) else 0


def refuse(jobs, seconds, gigabytes):
    """Raises: ValueError, with a sentence, for what would fail or never end."""
    if not hasattr(os, "killpg") or os.name == "nt":
        raise ValueError("grading needs Linux or macOS; on Windows, use WSL")
    if os.geteuid() == 0 and sys.platform != "linux":
        raise ValueError("root's rights cannot be taken from a notebook here; be another user")
    if jobs < 1:
        raise ValueError(f"--jobs {jobs} came: at least one notebook runs at a time")
    for name, value, least in (("seconds", seconds, 1.0), ("gigabytes", gigabytes, 0.25)):
        if not least <= value < math.inf:
            raise ValueError(
                f"--{name} {value:g} came: {least:g} is the least, and there is an end"
            )


def to_write(csv_path, html_path):
    """The journal, and every table that may come of a run. Raises: ValueError."""
    for path in filter(None, (csv_path, html_path)):
        if path.is_dir():
            raise ValueError(f"{shown(path)} is a folder: name a file in it")
    written = [csv_path.with_name(f"{csv_path.name}.journal"), csv_path]
    written += [beside(csv_path, "points"), beside(csv_path, "projects")]
    written += [html_path] if html_path else []
    for path in written:
        if path.exists() and not path.is_file():  # a pipe, a device
            raise ValueError(f"{shown(path)} is no file, and a file is written there")
    if len({os.path.realpath(path) for path in written}) < len(written):
        raise ValueError("--csv and --html name one file: give them two names")
    return written


def hidden(found, written):
    """What no notebook may read, wherever it lies: what was handed in, and the tables.

    Raises: ValueError, where a table would be written over what was handed in.
    """
    files = {on_disk(submission) for submission in found}
    files |= {path for one in found for path, inside in one.beside if not inside}
    read = {path.parent.resolve() / path.name for path in files}
    tables = {Path(os.path.realpath(path)) for path in written}
    if lost := read & tables:
        raise ValueError(f"{shown(min(lost))} was handed in, and would be written over")
    return sorted(read | tables)


class Grading:
    """Runs submissions in parallel, judges them in this thread, keeps them in the journal."""

    def __init__(self, known, journal, seconds, gigabytes, hidden=()):
        self.known, self.journal, self.hidden = known, journal, hidden
        self.seconds, self.gigabytes = seconds, gigabytes
        self.requests, self.room = {}, {}
        self.graders, self.stop = graders_hash(), threading.Event()
        self.fonts = font_caches()

    def read(self, submission):
        """(key, cells or Unreadable) of one file."""
        try:
            raw = read(submission)
        except Unreadable as error:
            return str(submission.path), error
        content = repr((self.graders, self.seconds, self.gigabytes, submission.path.name)).encode()
        content += repr(modules(submission)).encode()
        key = hashlib.sha256(content + raw).hexdigest()
        try:
            cells = cells_of(raw)
        except Unreadable as error:
            return key, error
        if title := chapter(cells):
            return key, Unreadable(f"This is the chapter {title}, and not its exercises.")
        return key, cells

    def all(self, found, jobs):
        """(submission, results) of each, in order."""
        graded, waiting, equal = {}, {}, {}  # equal: the submissions of one content
        bar = tqdm(total=len(found), desc="notebooks", unit="", file=sys.stderr)
        for i, submission in enumerate(found):
            key, cells = self.read(submission)
            if isinstance(cells, Unreadable):
                graded[i] = [Result("", BROKEN, str(cells))]
            elif key in self.journal.results:
                graded[i] = self.journal.results[key]
            elif key in equal:
                equal[key].append(i)
            elif self.journal.begun[key] >= 2:
                said = "The grading itself ended twice while this notebook ran; the next run tries"
                graded[i] = [Result("", NOT_GRADED, f"{said} it again.")]
                self.journal.begin(key, -self.journal.begun[key])
            else:
                waiting[i], equal[key] = self.journal.begun[key], [i]
            if i in graded:
                bar.update()
        suspects = [i for i, begun in waiting.items() if begun]
        with bar:
            for group, width in (([i for i in waiting if i not in suspects], jobs), (suspects, 1)):
                self._group(group, found, width, graded, bar)
            for first, *others in equal.values():
                graded |= {i: graded[first] for i in others}
                bar.update(len(others))
        return [(submission, graded[i]) for i, submission in enumerate(found)]

    def _group(self, group, found, jobs, graded, bar):
        queue, running = list(reversed(group)), {}
        pool = ThreadPoolExecutor(max_workers=jobs)
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
                    own = modules(found[i])
                    future = pool.submit(self._run, cells, self._prepare(exercises), own)
                    running[future] = i, key, cells, exercises
                done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    i, key, cells, exercises = running.pop(future)
                    try:
                        graded[i], held = self._judge(future, cells, exercises)
                    except Exception as error:  # nobody else's notebook suffers for it
                        graded[i], held = [Result("", NOT_GRADED, failure(error))], None
                    if any(result.face == NOT_GRADED for result in graded[i]):
                        self.journal.begin(key, -1)  # the next run tries it again
                    else:
                        self.journal.add(key, graded[i], held)
                    bar.set_postfix_str(found[i].student[:20])
                    bar.update()
        except BaseException:
            self.stop.set()
            for _, key, _, _ in running.values():
                with suppress(OSError):
                    self.journal.begin(key, -1)
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _prepare(self, exercises):
        """What the processes need to know, made once, in this thread."""
        for e in exercises:
            if e.id not in self.requests:
                self.requests[e.id] = requests(e)
                for part in _parts(e):
                    size = len(transport.dumps([transport.encode(v) for v in part.expected()]))
                    self.room[part.id] = 2**20 + 8 * size
        return [asked for e in exercises for asked in self.requests[e.id]]

    def _run(self, cells, requests, own):
        limits = self.seconds, self.gigabytes
        return run(cells, requests, self.room, *limits, self.fonts, self.stop, self.hidden, own)

    def _judge(self, future, cells, exercises):
        if not exercises:
            said = "No exercise of this book is named in the notebook."
            return [Result("", BROKEN, said)], None
        answers, held = future.result()
        shown = hints_shown(cells)
        results = []
        for e in exercises:
            runs = [answers[part.id] for part in _parts(e)]
            if isinstance(e, Project):
                results.append(judge_project(e, runs, shown.get(e.id)))
            else:
                results.append(judge(e, *runs, shown.get(e.id)))
        if all(result.face == NOT_ATTEMPTED for result in results) and not checks(cells):
            results = [replace(result, says=ANOTHER) for result in results]
        return results, held


def _parts(task):
    """The exercises that a task is tried by: itself, or the properties of a project."""
    return task.parts if isinstance(task, Project) else [task]
