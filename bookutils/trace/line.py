"""What a program is made of: lines that compute an array, questions, and calls."""

from bookutils.trace.functions import ReplayError


class Line:
    """One array of a program: a function and its operands, or where the array comes from.

    kind    "line"; "input" of the step; "tensor", the data of a Tensor, and "grad", its gradient,
            as they are now; "array" of the caller's; "made", a constant; "draw" of a generator
    value   the array of the recording, for its shape and dtype
    base    the line in whose memory this one lies, or None
    """

    __slots__ = (
        *("kind", "function", "operands", "settings", "value", "source"),
        *("base", "views", "stale", "owner", "awaits"),
    )

    def __init__(
        self, kind, value, function=None, operands=(), settings=None, source=None, owner=None
    ):
        self.kind, self.value, self.source, self.owner = kind, value, source, owner
        self.function, self.operands, self.settings = function, operands, settings or {}
        self.base, self.views, self.stale, self.awaits = None, [], False, None

    def root(self):
        line = self
        while line.base is not None:
            line = line.base
        return line

    def reads(self):
        return list(lines_in((self.operands, tuple(self.settings.values()))))


class Guard:
    """A question with yes or no, or a whole number, that Python asked of a line."""

    def __init__(self, line, answer, where):
        self.line, self.answer, self.where = line, answer, where

    def reads(self):
        return [self.line]


class Call:
    """A method that is called at every replay, such as an optimizer's step.

    data     maps each Tensor whose data have been computed anew since the call before to the line
    grads    likewise for gradients; None where there is none any more
    """

    def __init__(self, method, operands, settings, data, grads):
        self.method, self.operands, self.settings = method, operands, settings
        self.data, self.grads, self.answer, self.result = data, grads, Answer(self), None

    def reads(self):
        return [x for x in (*self.data.values(), *self.grads.values()) if x is not None]

    def make(self):
        self.result = self.method(*self.operands, **self.settings)


class Answer:
    """What a call returns: known at a replay, not before."""

    def __init__(self, call):
        self.call = call

    def unknown(self, *_):
        raise ReplayError(
            f"recording: what {self.call.method.__qualname__} returns is known at a replay only: "
            "return it from the step"
        )

    __bool__ = __float__ = __int__ = __format__ = __lt__ = __gt__ = __le__ = __ge__ = unknown
    __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __rsub__ = __truediv__ = unknown


def value_of(x):
    """x with arrays in the place of lines."""
    if isinstance(x, Line):
        return x.value
    return type(x)(map(value_of, x)) if type(x) in (tuple, list) else x


def lines_in(x):
    """The lines in nested tuples and lists."""
    if isinstance(x, Line):
        yield x
    elif isinstance(x, tuple | list):
        for part in x:
            yield from lines_in(part)
