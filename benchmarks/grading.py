"""Time and memory of grading a large class: right, untouched, wrong, hostile and broken notebooks.

    python benchmarks --only grading

The wrong ones hold every known mistake of every exercise, and of each project solutions into which
a fault was planted.
"""

import csv
import importlib
import os
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from bookutils.bench.turns import Reading

ROOT = Path(__file__).resolve().parents[1]
JOBS = 2  # notebooks at a time
FAULTS = 5  # planted into the solution of each project, one at a time


def hand_in(folder):
    """Write the submissions; returns {(student, exercise): the misconception it must get}."""
    sys.path.insert(0, str(ROOT / "tests"))
    from submissions import (
        BROKEN_FILES,
        HOSTILE_BOWLS,
        HOSTILE_CELLS,
        chapter_00,
        from_book,
        project_from_book,
        put,
        with_fault,
        with_mistakes,
    )

    from bookutils.checks.registry import chapters, exercises, projects

    wanted = {}
    for name, bowl in HOSTILE_BOWLS.items():
        put(folder, f"hostile bowl, {name}", chapter_00(bowl=bowl))
    for name, cell in HOSTILE_CELLS.items():
        put(folder, f"hostile cell, {name}", chapter_00(cell))
    for name, (raw, _) in BROKEN_FILES.items():
        put(folder, f"broken, {name}", raw, "homework.ipynb")
    for chapter in chapters():
        for number in range(max(len(e.mistakes) for e in exercises(chapter).values())):
            text, wrong = with_mistakes(chapter, number)
            put(folder, f"mistaken {number}", text, f"{chapter}_x.ipynb")
            for id, mistake in zip(exercises(chapter), wrong, strict=True):
                wanted[f"mistaken {number}", id] = mistake.name
    for project in projects():
        name, faults = f"{project.id[:2]}_project.ipynb", planted(project.id)
        put(folder, "solutions, projects", project_from_book("solutions", project.id), name)
        put(folder, "exercises, projects", project_from_book("exercises", project.id), name)
        for k, pairs in enumerate(faults):
            put(folder, f"faulty {k}", with_fault(project.id, pairs), name)
    for chapter in chapters():
        for kind in ("solutions", "exercises"):
            put(folder, kind, from_book(kind, chapter).read_bytes(), f"{chapter}_x.ipynb")
    return wanted


def planted(id):
    """The (old, new) pairs of FAULTS faults of a project, from the first to the last known."""
    known = importlib.import_module(f"answers.project_{id[:2]}").FAULTS
    chosen = [known[k * (len(known) - 1) // (FAULTS - 1)] for k in range(FAULTS)]
    listed = [[(x,) if isinstance(x, str) else x for x in fault[:2]] for fault in chosen]
    return [[*zip(old, new, strict=True)] for old, new in listed]


def watch(peak, over):
    """Keep the largest memory (PSS where the system says, in bytes) of all workers together."""
    while not over.wait(0.2):
        total = 0
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if b"bookutils.judge.worker" in (folder / "cmdline").read_bytes():
                    total += int((folder / "statm").read_text().split()[1]) * 4096
            except (OSError, IndexError):
                continue
        peak[0] = max(peak[0], total)


@contextmanager
def all_cores():
    """A class is graded on all that there are; the other rows of the record keep to one."""
    kept = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    if kept:
        os.sched_setaffinity(0, range(os.cpu_count()))
    try:
        yield
    finally:
        if kept:
            os.sched_setaffinity(0, kept)


def graded(folder=None):
    """({name: [seconds or bytes]}, notes) of grading all that is handed in.

    Raises AssertionError where a wrong answer passed, or a right one was turned away.
    """
    from bookutils.classroom import grade

    folder = Path(folder or tempfile.mkdtemp(prefix="a-class-"))
    wanted = hand_in(folder / "in")
    peak, over = [0], threading.Event()
    watcher = threading.Thread(target=watch, args=(peak, over))
    watcher.start()
    start = time.perf_counter()
    places = [folder / "in"], folder / "out.csv", folder / "out.html"
    try:
        with all_cores():
            status = grade.grade(*places, jobs=JOBS, again=True)
    finally:
        over.set()
        watcher.join()
    took = time.perf_counter() - start
    with open(folder / "out.csv", encoding="utf-8-sig", newline="") as file:
        lines = {(line["student"], line["exercise"]): line for line in csv.DictReader(file)}
    named = Counter(lines[place]["misconception"] == name for place, name in wanted.items())
    passed = [place for place in wanted if lines[place]["verdict"] == "right"]
    refused = [p for p in lines if p[0][:9] == "solutions" and lines[p]["verdict"] != "right"]
    faulty = {p: line for p, line in lines.items() if p[0][:6] == "faulty"}
    full = [p for p, line in faulty.items() if line["verdict"] == "right"]
    lost = sum(int(line["possible"]) - int(line["points"] or 0) for line in faulty.values())
    turned = [p for p in lines if p[0][:12] == "hostile bowl" and p[1] == "00.0"]
    turned = [p for p in turned if lines[p]["verdict"] == "right"]
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    different = len({(id, name) for (_, id), name in wanted.items()})
    count = len(list((folder / "in").rglob("*.ipynb")))
    wrong = {"status": status, "mistakes passed": passed, "solutions turned away": refused}
    wrong |= {"hostile answers passed": turned, "faulty projects with all points": full}
    assert not any(wrong.values()), f"{wrong}; tables in {folder}"
    notes = {
        "a notebook": f"by the clock, {count} notebooks, {JOBS} at a time on {os.cpu_count()} "
        f"cores; judge {own:.0f} MiB, all workers at most {peak[0] / 2**20:.0f} MiB",
        "all": f"{len(wanted)} wrong answers ({different} known mistakes), {named[True]} named; "
        f"{len(faulty)} faulty projects lost {lost} points",
    }
    return {"a notebook": [took / count], "all": [took]}, notes


def rows():
    title = "A class graded: right, untouched, wrong, hostile and broken notebooks"
    return [Reading("grading", "book", title, "s", graded, optional=True)]
