"""What an answer may change outside of itself by accident, remembered and put back."""

import ctypes
import os
import random
import signal
import sys
import threading
import time
import tracemalloc
import warnings
from _signal import getsignal
from contextlib import contextmanager

import numpy as np

from bookutils.judge import tensors

TIMERS = [
    getattr(signal, name) for name in ("ITIMER_VIRTUAL", "ITIMER_PROF") if hasattr(signal, name)
]
ALARM = {getattr(signal, "SIGALRM", None)}  # the guard's own, who puts it back itself
PATIENCE = 0.5  # seconds that a thread gets to end
WATCHED = tuple(signal.valid_signals() - ALARM)


@contextmanager
def kept():
    """After the block the process is as it was.

    Errors and printing of NumPy, folder, environment, whether allocations are traced, and in the
    main thread signal handlers and timers. It stands round every call of an answer, so it reads
    before it writes.
    """
    errors, printing, calls = np.geterr(), np.get_printoptions(), np.geterrcall()
    folder, environ, variables = _folder(), os.environ, _variables()
    tracing = tracemalloc.is_tracing()
    interval, main = sys.getswitchinterval(), threading.current_thread() is threading.main_thread()
    # as C knows them: to make of each what `signal.getsignal` does costs more than most answers
    handlers = [(number, getsignal(number)) for number in WATCHED] if main else ()
    try:
        with tensors.kept():
            yield
    finally:
        for number, handler in handlers:
            if getsignal(number) is not handler and handler is not None:
                signal.signal(number, handler)
        for timer in TIMERS if main else ():
            if signal.getitimer(timer) != (0.0, 0.0):
                signal.setitimer(timer, 0)
        if sys.getswitchinterval() != interval:
            sys.setswitchinterval(interval)
        if tracemalloc.is_tracing() and not tracing:  # it makes all that follows slower
            tracemalloc.stop()
        if np.geterr() != errors:
            np.seterr(**errors)
        if np.geterrcall() is not calls:
            np.seterrcall(calls)
        if np.get_printoptions() != printing:
            np.set_printoptions(**printing)
        if folder and _folder() != folder:
            os.chdir(folder)
        os.environ = environ  # noqa: B003 - where the answer put another in its place
        if _variables() != variables:
            for name in [name for name in environ._data if name not in variables]:
                del environ[environ.decodekey(name)]
            for name, value in variables.items():
                environ[environ.decodekey(name)] = environ.decodevalue(value)


@contextmanager
def chance_kept():
    """After the block all generators of random numbers are as they were."""
    chance, chances = random.getstate(), np.random.get_state()  # noqa: NPY002 - the learner's
    try:
        with tensors.chance_kept():
            yield
    finally:
        random.setstate(chance)
        np.random.set_state(chances)  # noqa: NPY002 - the learner's


@contextmanager
def silent():
    """Without warnings: what an answer's numbers are, infinite or none, is told by its verdict."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _variables():
    """The environment as the system has it: to decode it costs more than most answers."""
    return os.environ._data.copy()


def _folder():
    try:
        return os.getcwd()
    except OSError:  # it is gone
        return ""


def threads():
    """The threads that run now."""
    return set(sys._current_frames())


def end_threads(before):
    """End the threads started since `before`; how many go on all the same."""
    throw, limit = ctypes.pythonapi.PyThreadState_SetAsyncExc, time.monotonic() + PATIENCE
    while True:
        left = [ident for ident in threads() - before if not _is_library(ident)]
        if not left or time.monotonic() > limit:
            return len(left)
        for ident in left:
            throw(ctypes.c_ulong(ident), ctypes.py_object(SystemExit))
        time.sleep(0.005)


def _is_library(ident):
    """Whether a thread is a progress bar's, which ends with the process."""
    thread = threading._active.get(ident)
    return type(thread).__module__.startswith("tqdm")
