"""While an answer runs, the ways from it to its judge are closed, and whoever tries one is told.

An audit hook (`sys.addaudithook`, which Python lets nobody remove) hears of frames, of the garbage
collector's lists, of tracing, of new hooks, of raw memory, of other programs, and of reading the
graders' files or the solutions. The answer that does so gets a RuntimeError, and `broken` for its
verdict even if it catches that. Code of installed libraries may look at frames; the modules that
hand them on (`inspect`, `traceback`, …) may not.
"""

import ctypes
import logging
import os
import signal
import sys
import sysconfig
import threading
import time
import traceback
from contextlib import contextmanager
from inspect import unwrap
from pathlib import Path
from types import CodeType, FunctionType

from bookutils.judge import guard

EVENTS = {  # audit event -> what it means
    "sys._getframe": "looks at the frames of its callers",
    "sys._current_frames": "looks at the frames of other threads",
    "sys._current_exceptions": "looks at the exceptions of other threads",
    "sys.settrace": "traces the program that called it",
    "sys.setprofile": "traces the program that called it",
    "sys.addaudithook": "listens to the program that called it",
    "sys.monitoring.register_callback": "listens to the program that called it",
    "gc.get_objects": "searches the memory of the program",
    "gc.get_referrers": "searches the memory of the program",
    "gc.get_referents": "searches the memory of the program",
    "os.fork": "starts another process",
    "os.forkpty": "starts another process",
    "os.exec": "starts another program",
    "os.posix_spawn": "starts another program",
    "os.spawn": "starts another program",
    "os.system": "starts another program",
    "subprocess.Popen": "starts another program",
}
FRAMES = {"tb_frame", "gi_frame", "cr_frame", "ag_frame"}
INNARDS = {"__code__", "__defaults__", "__kwdefaults__"}
PASS_ON = {"inspect", "traceback", "logging", "bdb", "ctypes"}  # what they find, they hand on
PACKAGE = Path(__file__).resolve().parents[1]
SECRET = (
    str(PACKAGE / "checks" / "chapter_"),
    str(PACKAGE / "checks" / "__pycache__" / "chapter_"),
    str(PACKAGE.parent / "solutions") + os.sep,
)
LIBRARIES = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "purelib", "platlib")})


def _codes(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


FUNCTIONS = [unwrap(f) for f in vars(guard).values() if type(f) is FunctionType]
MAY = {c for f in FUNCTIONS if f.__module__ == guard.__name__ for c in _codes(f.__code__)}
DEEPEST = 10_000  # calls; without any limit Python itself falls over
LIMITERS = "alarm", "pthread_sigmask", "setitimer", "signal"
MAY.add(logging.Logger.findCaller.__code__)  # names of files and lines, no frames
PRINTING = [getattr(f, "__func__", f) for f in vars(traceback.StackSummary).values()]
MAY.update(f.__code__ for f in PRINTING if type(f) is FunctionType)


def _meaning(event, args):
    """What an event says about who caused it, or an empty string."""
    if event == "open":
        path = args[0]
        if isinstance(path, (str, bytes)) and os.path.abspath(os.fsdecode(path)).startswith(SECRET):
            return "reads the files of the graders or the solutions"
        return ""
    if event == "import":
        return "loads the graders" if args[0].startswith("bookutils.checks.chapter") else ""
    if event == "object.__getattr__":
        return EVENTS["sys._getframe"] if args[1] in FRAMES else ""
    if event == "object.__setattr__":
        module = args[1] in INNARDS and str(getattr(args[0], "__module__", "")) or ""
        return "rewrites functions of others" if module.startswith(("bookutils", "numpy")) else ""
    if event.startswith("ctypes."):
        return "reaches into raw memory"
    return EVENTS.get(event, "")


def _may(frame):
    """Whether it is a library's code, or the guard's own, that asked."""
    while frame is not None:
        if frame.f_code in MAY:
            return True
        if not frame.f_code.co_filename.startswith(LIBRARIES):
            return False
        if frame.f_globals.get("__name__", "").partition(".")[0] not in PASS_ON:
            return True
        frame = frame.f_back
    return False


def _installed():
    """A list: while a set of threads that are left alone stands in it, the hook listens."""
    listening, busy = [], []

    def hook(event, args):
        if not listening or busy:
            return
        allowed, offences = listening[-1]
        if threading.get_ident() in allowed:
            return
        busy.append(event)
        try:
            meaning = _meaning(event, args)
            if meaning and event not in ("open", "import") and _may(sys._getframe(1)):
                meaning = ""
            if meaning:
                offences.append(meaning)
        finally:
            busy.clear()
        if meaning:
            raise RuntimeError(f"an answer that {meaning} cannot be judged")

    sys.addaudithook(hook)
    return listening


@contextmanager
def hidden(registry):
    """Within the block the chapters' graders are to be found nowhere, the registry included."""
    graders = "bookutils.checks"
    package, known = sys.modules.get(graders), dict(registry)
    chapters = {n: m for n, m in sys.modules.items() if n.startswith(f"{graders}.chapter_")}
    registry.clear()
    for name in chapters:
        del sys.modules[name]
        vars(package).pop(name.rpartition(".")[2], None)
    try:
        yield
    finally:
        sys.modules.update(chapters)
        for name, module in chapters.items():
            setattr(package, name.rpartition(".")[2], module)
        registry.clear()
        registry.update(known)


def _closed(way, offences):
    """A function of `signal` that does not touch the alarm, which holds the time limit."""

    def closed(*args):
        alarm = (signal.SIGALRM, signal.ITIMER_REAL) if hasattr(signal, "SIGALRM") else ()
        touches = way.__name__ in ("alarm", "pthread_sigmask") or args[:1] and args[0] in alarm
        if touches and sys._getframe(1).f_code not in MAY:
            offences.append("turns off its time limit")
            raise RuntimeError(f"an answer that {offences[-1]} cannot be judged")
        return way(*args)

    return closed


MAY.update(_codes(_closed.__code__))


def sealer():
    """seal(): closes the ways; gives the list of what was tried, and what opens them again."""
    listening, ways, own = _installed(), vars(signal), vars(sys)
    deepen = sys.setrecursionlimit

    def seal():
        offences = []
        entry = set(sys._current_frames()) - {threading.get_ident()}, offences
        found = {name: ways[name] for name in LIMITERS if name in ways}
        ways.update({name: _closed(way, offences) for name, way in found.items()})
        own["setrecursionlimit"] = lambda limit: deepen(min(limit, DEEPEST))
        listening.append(entry)

        def unseal():
            ways.update(found)  # no builtins here: they are the answer's
            own["setrecursionlimit"] = deepen
            if entry in listening:
                listening.remove(entry)

        return offences, unseal

    return seal


seal = sealer()


def threads():
    """The threads that run now."""
    return set(sys._current_frames())


def end_threads(before, patience=0.5):
    """End the threads started since `before`; how many go on all the same."""
    throw, limit = ctypes.pythonapi.PyThreadState_SetAsyncExc, time.monotonic() + patience
    while True:
        left = [ident for ident in threads() - before if not _is_library(ident)]
        if not left or time.monotonic() > limit:
            return len(left)
        for ident in left:
            throw(ctypes.c_ulong(ident), ctypes.py_object(SystemExit))
        time.sleep(guard.TICK / 4)


def _is_library(ident):
    """Whether a thread is a progress bar's, which ends with the process."""
    thread = threading._active.get(ident)
    return type(thread).__module__.startswith("tqdm")
