"""Grades submitted notebooks: students by exercises, as CSV and as one HTML page.

The judge, in this process, never imports, unpickles or runs a line of a submission. Each notebook
runs in a process of its own (`bookutils.judge.worker`), confined and limited; it gets the inputs
of one exercise after the other and gives outputs back as plain data, from which `Exercise.verdict`
judges. So a notebook can only lie about outputs, and a lie is right only where it equals the right
answer. What finished is kept in a journal beside the CSV, so that an interrupted run goes on.
"""

import hashlib
import os
import signal
import sys
import threading
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from bookutils.checks.registry import all_tasks
from bookutils.classroom.journal import Journal, graders_hash
from bookutils.classroom.process import font_caches, requests, run
from bookutils.classroom.results import (
    Result,
    rank,
    table,
    write_csv,
    write_points,
    write_properties,
    write_whole,
)
from bookutils.classroom.submissions import (
    Unreadable,
    asked,
    cells_of,
    hints_shown,
    read,
    submissions,
)
from bookutils.judge import guard, transport
from bookutils.judge.project import Project
from bookutils.judge.verdict import BROKEN, FACES, NOT_ATTEMPTED, RIGHT

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


def _fails(part, outcomes):
    """Whether a property is not there, without a look at the known mistakes."""
    try:
        plain = replace(part, mistakes=())
        return not guard.guarded(lambda: plain.verdict(outcomes), 20.0, 2.0).right
    except Exception:
        return True


def _verdict(exercise, outcomes, hints):
    if _nothing_ran(outcomes) or (len(outcomes) == 1 and outcomes[0].problem == "stopped"):
        return _unfit(exercise, outcomes[0], hints)
    exercise.expected(), exercise.prepare()  # kept from now on; no part of what is limited below
    return _told(exercise, outcomes, hints)


def _nothing_ran(outcomes):
    return len(outcomes) == 1 and outcomes[0].problem == "misfit"


def _unfit(task, outcome, hints):
    sentence = outcome.sentence[:1].upper() + outcome.sentence[1:]
    return Result(task.id, BROKEN, sentence.rstrip(".") + ".", hints=hints)


def _told(exercise, outcomes, hints):
    try:
        verdict = guard.guarded(lambda: exercise.verdict(outcomes), 20.0, 2.0)
    except Exception as error:  # numbers no reference ever gave: an integer beyond float, …
        said = f"The answer cannot be compared ({type(error).__name__})."
        return Result(exercise.id, BROKEN, said, hints=hints)
    says = " ".join(verdict.says.split())
    table = getattr(verdict, "table", ())
    properties = tuple((p.name, p.points, p.possible, p.found) for p in table)
    if verdict.call and verdict.face != RIGHT:
        rows = "; ".join(f"{label} {' '.join(text.split())}" for label, text in verdict.rows)
        says = f"{says} {' '.join(verdict.call.split())}: {rows}".strip()
    known = verdict.misconception, verdict.explains
    return Result(exercise.id, verdict.face, says[:600], *known, hints, properties)


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
    known = all_tasks()
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
    of_projects = csv_path.with_name(f"{csv_path.stem}.projects{csv_path.suffix}")
    if write_properties(of_projects, rows):
        written.append(of_projects)
    if html_path:
        from bookutils.classroom.gradebook import page

        write_whole(Path(html_path), page(rows, known, journal.held))
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
            raw = read(submission)
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
                self.requests[e.id] = requests(e)
                for part in _parts(e):
                    size = len(transport.dumps([transport.encode(v) for v in part.expected()]))
                    self.room[part.id] = 2**20 + 8 * size
        return [asked for e in exercises for asked in self.requests[e.id]]

    def _run(self, cells, requests):
        limits = self.seconds, self.gigabytes
        return run(cells, requests, self.room, *limits, self.fonts, self.stop)

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
        return results, held


def _parts(task):
    """The exercises that a task is tried by: itself, or the properties of a project."""
    return task.parts if isinstance(task, Project) else [task]
