"""What an answer may change outside of itself by accident, remembered and put back."""

import ctypes
import os
import random
import signal
import sys
import threading
import time
from contextlib import contextmanager

import numpy as np

TIMERS = [
    getattr(signal, name) for name in ("ITIMER_VIRTUAL", "ITIMER_PROF") if hasattr(signal, name)
]
ALARM = {getattr(signal, "SIGALRM", None)}  # the guard's own, who puts it back itself
PATIENCE = 0.5  # seconds that a thread gets to end


@contextmanager
def kept():
    """After the block the process is as it was.

    Errors and printing of NumPy, both generators of random numbers, folder, environment, and in
    the main thread signal handlers and timers.
    """
    errors, printing, calls = np.geterr(), np.get_printoptions(), np.geterrcall()
    chance, chances = random.getstate(), np.random.get_state()  # noqa: NPY002 - the learner's
    folder, variables = _folder(), dict(os.environ)
    interval, main = sys.getswitchinterval(), threading.current_thread() is threading.main_thread()
    watched = signal.valid_signals() - ALARM if main else ()
    handlers = {number: signal.getsignal(number) for number in watched}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            if signal.getsignal(number) is not handler and handler is not None:
                signal.signal(number, handler)
        for timer in TIMERS if main else ():
            if signal.getitimer(timer) != (0.0, 0.0):
                signal.setitimer(timer, 0)
        sys.setswitchinterval(interval)
        np.seterr(**errors)
        np.seterrcall(calls)
        np.set_printoptions(**printing)
        random.setstate(chance)
        np.random.set_state(chances)  # noqa: NPY002 - the learner's
        if folder and _folder() != folder:
            os.chdir(folder)
        if dict(os.environ) != variables:
            os.environ.clear()
            os.environ.update(variables)


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
