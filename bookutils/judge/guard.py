"""Runs code that nobody has read yet: bounded in time, memory and printing, with the kernel alive.

In the main thread a timer signal looks fifty times a second at the processor time and the memory
used; elsewhere, and on systems without that signal, a second thread does. Both raise `Stopped`,
a BaseException, and go on raising it until the code gives up, so that an `except:` in a loop
cannot swallow it for ever. What cannot be stopped: a single call inside C that never comes
back to Python, such as `sum(range(10**12))`; only a process of its own holds that off.
An import is let through: half a module would spoil the session, and its time and memory are not
the code's.
"""

import ctypes
import io
import os
import sys
import threading
import time
import warnings
from contextlib import contextmanager, suppress
from random import Random

try:
    import resource
    import signal

    HAS_ALARM = hasattr(signal, "setitimer")
except ImportError:  # Windows
    resource = signal = None
    HAS_ALARM = False

SECONDS = 2.0  # processor time for one check
WALL = 5  # times as long on the clock, for what sleeps, or waits for something
GIGABYTES = 1.0  # growth beyond what the process holds when the check starts
TICK = 0.02
IMPORTING = 120  # seconds on the clock that imports may take
# Calls within calls, where the code raises Python's own limit of 1000. Each may take about 500
# bytes of the C stack, which a main thread may be given more of, and no other.
DEEPEST, DEEPEST_IN_THREAD = 100_000, 10_000
STACK = 100 * 2**20
DEEP = 2000  # frames that are looked at
KEPT = 1000  # characters of what the learner's code prints
_deepen = sys.setrecursionlimit


class Stopped(BaseException):
    """The code ran past its limits."""


class Tape(io.TextIOBase):
    """A stdout that keeps the first characters and only counts the rest."""

    encoding = "utf-8"

    def __init__(self, kept=KEPT):
        self.kept, self.parts, self.length = kept, [], 0

    def writable(self):
        return True

    def fileno(self):
        """As Jupyter's has one, where C prints: `faulthandler.enable()` asks for it."""
        return 1

    def write(self, text):
        room = self.kept - self.length
        if room > 0:
            self.parts.append(str(text)[:room])
        self.length += len(text)
        return len(text)

    def close(self):
        """Stays open: closing stdout is the learner's mistake, not the end of the check."""

    @property
    def text(self):
        cut = self.length - self.kept
        return "".join(self.parts) + (f"… {cut:,} characters more" if cut > 0 else "")


def held_bytes():
    """(used, asked for): memory of this process that is no file's, or zeros where none says.

    Not the address space: libraries are mapped into it in gigabytes that nobody touches.
    """
    try:
        statm = os.open("/proc/self/statm", os.O_RDONLY)
        try:
            _, resident, shared, _, _, data, _ = map(int, os.read(statm, 200).split())
        finally:
            os.close(statm)
    except (OSError, ValueError):
        return 0, 0
    return (resident - shared) * resource.getpagesize(), data * resource.getpagesize()


def waited(thread):
    """Seconds that a thread of this process could have run and had no processor (Linux), or 0."""
    try:
        with open(f"/proc/self/task/{thread}/schedstat", "rb") as file:
            return int(file.read().split()[1]) * 1e-9
    except (OSError, ValueError, IndexError):
        return 0.0


class Watch:
    """Knows what was used when the code started, and says when it is too much."""

    def __init__(self, seconds, gigabytes):
        self.seconds, self.bytes = seconds, int(gigabytes * 2**30)
        self.used, self.asked = held_bytes()
        self.start = self.last = time.monotonic()
        self.thread, self.waited = threading.get_native_id(), None
        self.armed, self.reason = True, ""
        self.spent = self.processor = self.imported = 0.0

    def late(self, frame, processor_time):
        """Whether the code in this frame is past its limits; imports move the limits on."""
        now, step = time.monotonic(), processor_time - self.processor
        passed, self.last, self.processor = now - self.last, now, processor_time
        if self.reason:
            return True
        if self.waited is None:  # first looked at here: most code has ended before
            self.waited = waited(self.thread)
        if _imports(frame) and self.imported < IMPORTING:
            self.imported += passed
            self.start += passed
            self.used, self.asked = held_bytes()
            if self.asked:
                _limit_data(self.asked + self.bytes)
            return False
        self.spent += step
        if self.spent > self.seconds or self._idle(now):
            self.reason = "time"
        elif held_bytes()[0] - self.used > self.bytes // 2:
            # half the hard limit below, so that other threads still get what they ask for
            self.reason = "memory"
        return bool(self.reason)

    def _idle(self, now):
        """Whether too long has passed on the clock, but for what a busy machine let it wait."""
        left = now - self.start - WALL * self.seconds
        return left > 0 and left > waited(self.thread) - self.waited


def _enter(code):
    """The frame below which everything belongs to the guarded code."""
    return code()


def _inside(frame):
    """The frames from `frame` up to the guarded code's first; none where it must not be struck.

    That is while it does not run, and in this module's own lines. Of a deep recursion only the
    last DEEP frames are looked at: to walk through all at each step of a strike would take minutes.
    """
    frames = []
    if frame is not None and frame.f_code.co_filename == __file__:
        return frames
    while frame is not None and frame.f_code is not _enter.__code__ and len(frames) < DEEP:
        frames.append(frame)
        frame = frame.f_back
    return frames if frame is not None else []


def _imports(frame):
    """Whether the code in this frame is importing something."""
    return any(
        inner.f_code.co_filename == "<frozen importlib._bootstrap>" for inner in _inside(frame)
    )


def _striker(watch):
    """(Strike, arm): an exception that, freed by the code that caught it, comes again.

    Each strike falls a random number of instructions after the last was caught, so that sooner or
    later one falls outside the `try`, and the next outside the one round that. Steps are counted
    with the trace function, which Python unsets whenever it raises.
    """
    chance, left = Random(0), 0

    class Strike(Stopped):
        def __del__(self):
            arm(sys._getframe(1))

    def tracer(frame, event, arg):
        nonlocal left
        if not (watch.armed and _inside(frame)):
            return None
        frame.f_trace_opcodes = True
        left -= 1
        if left < 0:
            raise Strike
        return tracer

    def arm(frame):
        nonlocal left
        frames = _inside(frame) if watch.armed else []
        left = int(chance.paretovariate(0.7)) - 1  # mostly a few, now and then many
        for inner in frames:
            inner.f_trace, inner.f_trace_opcodes = tracer, True
        if frames:
            sys.settrace(tracer)

    return Strike, arm


@contextmanager
def _alarm(watch):
    """Stop the main thread with SIGALRM."""
    start, striker = time.thread_time(), None

    def ring(signum, frame):
        nonlocal striker
        late = watch.armed and watch.late(frame, time.thread_time() - start)
        if late and _inside(frame):
            striker = striker or _striker(watch)
            Strike, arm = striker
            arm(frame)
            raise Strike

    handler = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
    try:
        yield
    finally:
        watch.armed = False
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, handler if handler is not None else signal.SIG_DFL)


@contextmanager
def _second_thread(watch):
    """Stop any thread with an asynchronous exception."""
    target, lock = ctypes.c_ulong(threading.get_ident()), threading.Lock()
    start, (Strike, _) = time.process_time(), _striker(watch)  # no clock reads one other thread
    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc

    class Last(Stopped):
        pass

    def look():
        while watch.armed:
            time.sleep(TICK)
            with lock:
                frame = sys._current_frames().get(target.value)
                late = watch.armed and watch.late(frame, time.process_time() - start)
                if late and _inside(frame):
                    throw(target, ctypes.py_object(Strike))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        # One strike may still be on its way. A last exception takes its place and is awaited;
        # taken back with NULL it would leave CPython's flag "look up" set for ever, and with
        # that flag set a traced function of Python 3.11 never gets past its first instruction.
        while True:
            with suppress(Strike):
                try:
                    watch.armed = False
                    with lock:
                        throw(target, ctypes.py_object(Last))
                    while True:
                        pass
                except Last:
                    break


def _limit_data(limit):
    """Lower or raise the soft limit, so that one huge allocation raises MemoryError at once."""
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(
        resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard)
    )


@contextmanager
def _limits(watch, main):
    """Soft limits of memory, and room for a deep recursion (Linux)."""
    if not watch.asked:
        yield
        return
    kinds = [resource.RLIMIT_DATA] + [resource.RLIMIT_STACK] * main
    before = [(kind, resource.getrlimit(kind)) for kind in kinds]
    _limit_data(watch.asked + watch.bytes)
    for kind, (soft, hard) in before[1:]:
        infinite = resource.RLIM_INFINITY
        if soft != infinite and soft < STACK and (hard == infinite or hard >= STACK):
            resource.setrlimit(kind, (STACK, hard))
    try:
        yield
    finally:
        for kind, limits in before:
            resource.setrlimit(kind, limits)


def guarded(code, seconds=SECONDS, gigabytes=GIGABYTES, tape=None):
    """Call `code()` within limits and return its result; what it prints goes onto the tape.

    Raises: TimeoutError or MemoryError, with a sentence, when it went too far. Everything else
    that the code raises comes through, SystemExit too.
    """
    tape, watch = tape or Tape(), Watch(seconds, gigabytes)
    streams = sys.stdin, sys.stdout, sys.stderr
    depth, trace, unraisable = sys.getrecursionlimit(), sys.gettrace(), sys.unraisablehook
    main = threading.current_thread() is threading.main_thread()
    deepest = DEEPEST if main and watch.asked else DEEPEST_IN_THREAD
    try:
        sys.setrecursionlimit = lambda limit: _deepen(min(limit, deepest))
        sys.setrecursionlimit(depth)
        with warnings.catch_warnings(), _limits(watch, main):
            warnings.simplefilter("ignore")
            sys.stdin, sys.stdout, sys.stderr = io.StringIO(), tape, tape
            # A strike inside a `__del__` or a callback of the garbage collector ends here: in a
            # function that drops it and, being written in C, cannot be struck itself.
            sys.unraisablehook = id
            with (_alarm if main and HAS_ALARM else _second_thread)(watch):
                result = _enter(code)
    except BaseException:
        if not watch.reason:
            raise
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        sys.setrecursionlimit = _deepen
        sys.setrecursionlimit(depth)
        sys.settrace(trace)
        sys.unraisablehook = unraisable
    # also where the code caught what stopped it and then returned
    if watch.reason == "memory":
        raise MemoryError(f"took more than {gigabytes / 2:g} GB of memory")
    if watch.reason:
        raise TimeoutError(f"still running after {seconds:g} seconds")
    return result
