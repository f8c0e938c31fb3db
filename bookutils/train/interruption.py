"""Ctrl-C, or the notebook's stop button, noticed between two steps and not inside one."""

import signal
import threading
from contextlib import contextmanager


@contextmanager
def interruption():
    """A block in which the first interrupt sets the Event that it yields; a second one raises.

    So no step is torn apart. Signals reach the main thread alone; in another one, and where a
    program ignores interrupts, the Event stays unset.
    """
    seen = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    if not main or before in (signal.SIG_IGN, None):
        yield seen
        return

    def first(number, frame):
        seen.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, first)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)
