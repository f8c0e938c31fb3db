"""What a recording of a program is told of while it runs; `bookutils.trace` makes recordings.

A recording puts down what is done to arrays. Three things are more than that: a method that changes
Python's numbers too, such as an optimizer's step; the leaves that a backward pass reaches; and a
look at numbers on which no result depends.
"""

from contextvars import ContextVar
from functools import wraps

recording = ContextVar("recording", default=None)  # of this thread or task, if there is one


def put_down_whole(method):
    """A method that a recording puts down as one call, to be made anew at every replay."""

    @wraps(method)
    def called(*operands, **settings):
        now = recording.get()
        return (
            method(*operands, **settings) if now is None else now.call(method, operands, settings)
        )

    return called


def drawn_like(a, rng):
    """Numbers from 0 to 1 in the shape of a, drawn by rng; a replay draws its own."""
    now = recording.get()
    return rng.random(tuple(a.shape)) if now is None else now.draw(rng, tuple(a.shape))


def seen(a):
    """The array a for a check on which no result depends: a replay does not repeat the check."""
    return a if recording.get() is None else getattr(a, "seen", a)
