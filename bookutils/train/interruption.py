"""Ctrl-C, or the notebook's stop button, noticed between two steps and not inside one."""

import signal
import threading
from contextlib import contextmanager

_blocks = []  # the Events of the blocks that the main thread is in, the outermost first


@contextmanager
def interruption():
    """A block in which the first interrupt sets the Event that it yields; a second one raises.

    So no step is torn apart. An interrupt is for all blocks that it happens in: of a fit inside a
    search both end. Signals reach the main thread alone; in another one, and where a program
    ignores interrupts, the Event stays unset.
    """
    seen = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    if not main or before in (signal.SIG_IGN, None):
        yield seen
        return

    def first(number, frame):
        for block in _blocks:
            block.set()
        signal.signal(signal.SIGINT, before)

    outermost = not _blocks
    if outermost:
        signal.signal(signal.SIGINT, first)
    elif _blocks[0].is_set():
        seen.set()
    _blocks.append(seen)
    try:
        yield seen
    finally:
        _blocks.remove(seen)
        if outermost:
            signal.signal(signal.SIGINT, before)
