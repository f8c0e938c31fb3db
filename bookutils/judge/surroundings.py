"""What an answer may change outside of itself, remembered and put back."""

import os
import random
import signal
import sys
import threading

import numpy as np

TIMERS = [
    getattr(signal, name) for name in ("ITIMER_VIRTUAL", "ITIMER_PROF") if hasattr(signal, name)
]
ALARM = {getattr(signal, "SIGALRM", None)}  # the guard's own, who puts it back itself


def remember():
    """Note the state of the process; returns what puts it back.

    Errors and printing of NumPy, both generators of random numbers, folder, environment, and in
    the main thread signal handlers and timers.
    """
    errors, printing, calls = np.geterr(), np.get_printoptions(), np.geterrcall()
    chance, chances = random.getstate(), np.random.get_state()  # noqa: NPY002 - the learner's
    folder, variables = _folder(), dict(os.environ)
    interval, main = sys.getswitchinterval(), threading.current_thread() is threading.main_thread()
    watched = signal.valid_signals() - ALARM if main else ()
    handlers = {number: signal.getsignal(number) for number in watched}

    def put_back():
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

    return put_back


def _folder():
    try:
        return os.getcwd()
    except OSError:  # it is gone
        return ""
