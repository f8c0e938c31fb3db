"""Which chapter a test proves, of which kind it is, who runs it when, and what it took.

All of it is read off the tests, none of it is listed. A test proves chapter 05 where its file is
`05_….ipynb` or `test_chapter_05….py`, or where one of its parameters is an exercise of the chapter
("05.3", or what has such an id), a notebook of it, or its number by the name `chapter`. All other
tests are of the package. A test that a chapter needs and that has no such parameter is marked,
`@pytest.mark.chapter("05")`. `pytest -m chapter_05` runs what proves one chapter, and imports no
file that cannot.
"""

import gc
import os
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NUMBERS = sorted(path.name[:2] for path in (ROOT / "chapters").glob("[0-9][0-9]_*.ipynb"))
OF_A_FILE = re.compile(r"test_chapter_(\d\d)\w*\.py|(\d\d)_[a-z]\w+(?:\.ipynb)?")
EXERCISE = re.compile(r"(\d\d)\.(?:\d{1,2}|project)")
PACKAGE = "package"
# Each for one worker, which counts the verdicts of all chapters, or has nbgrader grade them all
WHOLE = ("tests/test_learners.py", "tests/test_nbgrader.py")
# Kinds that take longest begin, so that no worker waits at the end
FIRST = ("browser", "whole", "notebook", "slow")
LONG = ("projects", "chapter", "graders", "grade", "mutants")  # of the slow ones
# What a file that makes tests out of exercises or notebooks speaks of, or names
OF_ANY = re.compile(
    r"\b(?:answers|chapters|exercises|registry|solutions)\b|mark\.chapter|\"\d\d[._]\w"
)


def chapter_of(name, value):
    """The chapter that a test's parameter belongs to, or None."""
    if isinstance(value, Path):
        found = OF_A_FILE.fullmatch(value.name)
    elif isinstance(getattr(value, "id", None), str):  # an exercise
        found = EXERCISE.fullmatch(value.id)
    elif not isinstance(value, str):
        return None
    elif name == "chapter" and value in NUMBERS:
        return value
    else:  # an id, or the name of a notebook
        found = EXERCISE.fullmatch(value) if name == "id" else None
        found = found or OF_A_FILE.fullmatch(value.rpartition("/")[2])
    return next(filter(None, found.groups())) if found else None


def chapters(item):
    """The chapters that a test proves; none where it proves the package."""
    found = OF_A_FILE.fullmatch(item.path.name)
    own = list(found.groups()) if found else []
    own += [mark.args[0] for mark in item.iter_markers("chapter")]
    if hasattr(item, "callspec"):
        own += [chapter_of(name, value) for name, value in item.callspec.params.items()]
    return sorted(set(own) & set(NUMBERS))


def may_prove(path, chapter):
    """Whether a file may hold tests of a chapter: if not, it is not even imported for it."""
    text, found = path.read_text(encoding="utf-8"), OF_A_FILE.fullmatch(path.name)
    if found and "mark.chapter" not in text:
        return chapter in found.groups()
    return bool(OF_ANY.search(text))


def kind(item):
    """The file of a test without `test_`; all notebooks of a folder are one, all in a browser."""
    if item.path.suffix == ".ipynb":
        return item.path.parent.name
    return "browser" if item.get_closest_marker("browser") else item.path.stem.removeprefix("test_")


def pytest_configure(config):
    config.addinivalue_line("markers", "chapter(number): proves this chapter")
    config.addinivalue_line("markers", "whole: minutes of one worker, begun with the longest")
    config.addinivalue_line("markers", "notebook: a cell of a notebook gives its output again")
    for number in NUMBERS:
        config.addinivalue_line("markers", f"chapter_{number}: whatever proves chapter {number}")
    config.stash[COLLECTED] = []


COLLECTED = pytest.StashKey()  # (test, kind, chapters) of all that was collected


def pytest_ignore_collect(collection_path, config):
    asked = re.fullmatch(r"chapter_(\d\d)", config.getoption("markexpr"))
    if asked and re.fullmatch(r"test_\w+\.py", collection_path.name):
        return not may_prove(collection_path, asked[1]) or None


@pytest.hookimpl(tryfirst=True)  # before -m and -k
def pytest_collection_modifyitems(config, items):
    for item in items:
        found = chapters(item)
        for number in found:
            item.add_marker(f"chapter_{number}")
        if item.path.suffix == ".ipynb":
            item.add_marker("notebook")
        if "sliders" in getattr(item, "fixturenames", ()):  # the cells of a chapter that these need
            item.add_marker("slow")
        item.book = kind(item), found
        if re.search(r"\b0x[0-9a-f]{6,}", item.nodeid):
            raise pytest.UsageError(f"an address differs from run to run, give ids: {item.nodeid}")
        config.stash[COLLECTED].append((item.nodeid, *item.book))
    items.sort(key=_turn)  # stable: within a file all stays as it was


def pytest_collection_finish():
    gc.collect()
    gc.freeze()  # what was collected is not looked through again at each collection of garbage


def _turn(item):
    marks = {mark.name for mark in item.iter_markers()}
    of_kind = item.book[0].partition("_")[0]
    return tuple(
        next((k for k, name in enumerate(names) if name in own), len(names))
        for names, own in ((FIRST, marks), (LONG, {of_kind}))
    )


def scope(nodeid):
    """What a worker takes at a time: a file, and of one on many exercises those of a chapter."""
    file, _, rest = nodeid.partition("::")
    found = re.search(r"\[(?:\w+/)?(\d\d)[._]\w", rest)
    chapter = re.match(r"tests/test_chapter_(\d\d)", file)
    if file.startswith("tests/browser/"):
        return "tests/browser"  # one JupyterLab, one Chromium
    if file in WHOLE:
        return file
    if chapter or (found and file == "tests/test_sliders_compute.py"):
        return f"tests/test_chapter {(chapter or found)[1]}"  # its cells are run once
    return f"{file} {found[1]}" if found else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return scope(nodeid)

    return Scheduling(config, log) if config.getoption("dist") == "loadscope" else None


# What it took


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    report.book_kind, report.book_chapters = item.book
    return report


def pytest_terminal_summary(terminalreporter):
    """Print the seconds of tests by chapter and by kind; of setting up and taking down as well."""
    of_chapters, of_kinds, tests = Counter(), Counter(), Counter()
    for report in [r for some in terminalreporter.stats.values() for r in some]:
        if not hasattr(report, "book_kind"):
            continue
        duration, own = report.duration, report.book_chapters or [PACKAGE]
        for chapter in own:
            of_chapters[chapter] += duration / len(own)
        of_kinds[report.book_kind] += duration
        if report.when == "call":
            tests[report.book_kind] += 1
            tests.update(own)
    if len(of_kinds) < 2:
        return
    terminalreporter.section("seconds of tests")
    rows = [(name, of_chapters[name]) for name in sorted(of_chapters)]
    line = "   ".join(f"{name} {seconds:.0f}" for name, seconds in rows)
    terminalreporter.line(f"by chapter   {line}")
    most = of_kinds.most_common()
    line = "   ".join(f"{name} {seconds:.0f}" for name, seconds in most[:12])
    rest = most[12:]
    if rest:
        line += f"   {len(rest)} more {sum(seconds for _, seconds in rest):.0f}"
    terminalreporter.line(f"by kind      {line}")
    spent, load = os.times(), getattr(os, "getloadavg", lambda: (float("nan"),))()
    processor = spent.user + spent.system + spent.children_user + spent.children_system
    terminalreporter.line(
        f"in all       {processor:.0f} s of processor time by processes that have ended, "
        f"{os.cpu_count()} cores, load {load[0]:.1f}"
    )
