"""The array of a recording: to the engine one more library of arrays, which writes down its calls.

A `Recorded` array has the numbers of the recording, so that shapes and dtypes are known, and a
`Line` of the program that says how it is made. Whatever is asked of it that would let a number out
of the program is refused: the number would be a constant in every replay.
"""

import operator
from types import ModuleType

import numpy as np

from bookutils.engine.calls import recording
from bookutils.trace.functions import (
    FUNCTIONS,
    REDUCTIONS,
    ReplayError,
    add_at,
    copied,
    replaced,
    taken,
    typed,
)


def written(function, *operands, **settings):
    """The result of a NumPy function, as a new line of the program that is being recorded."""
    return running().write(function, operands, settings)


def running():
    """The recording that is going on."""
    now = recording.get()
    if now is None:
        raise ReplayError(LEFT_OVER)
    return now


LEFT_OVER = (
    "this array is left over from a recording, and that is over: return from the step what is "
    "needed after it"
)


def taken_out(what):
    def refused(self, *_, **__):
        running()
        raise ReplayError(
            f"recording: {what} takes a number out of the step, and in a replay it would stay as "
            "it is now: return the Tensor from the step, and read it there"
        )

    return refused


class Recorded:
    """An array inside a recording."""

    __slots__ = ("line",)
    __hash__ = object.__hash__

    def __init__(self, line):
        self.line = line

    shape = property(lambda a: a.line.value.shape)
    dtype = property(lambda a: a.line.value.dtype)
    ndim = property(lambda a: a.line.value.ndim)
    size = property(lambda a: a.line.value.size)
    seen = property(lambda a: a.line.value, doc="The numbers of the recording.")
    device = "cpu"
    T = property(lambda a: written(np.transpose, a))
    mT = property(lambda a: written(np.swapaxes, a, -1, -2))

    def to_device(self, device, stream=None):
        return self

    def __repr__(self):
        return f"Recorded({self.dtype}, {self.shape})"

    def __len__(self):
        return len(self.line.value)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    # --- numbers that come out -------------------------------------------------------------------

    def __bool__(self):
        return running().answer(self, bool(self.line.value))

    def __int__(self):
        if self.dtype.kind == "f":
            return self.item()
        return running().answer(self, int(self.line.value))

    __index__ = __int__
    item, tolist = taken_out("item()"), taken_out("tolist()")
    __float__, __array__ = taken_out("float(…)"), taken_out("a NumPy array or a print of it")

    # --- parts -----------------------------------------------------------------------------------

    def __getitem__(self, index):
        return written(taken, self, index)

    def __setitem__(self, index, value):
        if self.line.awaits is not None and self.line.awaits is getattr(value, "line", None):
            self.line.stale = False  # a[i] += b of a view: a[i] is changed, and now put into a
        self.become(written(replaced, self, index, value))

    def become(self, new):
        """Change in place: the name of this array is now that of another line."""
        now = running()
        if not now.is_own(self.line):
            raise ReplayError(
                "recording: an array that was given to the step is changed in place: compute a new "
                "one"
            )
        if new.shape != self.shape:
            raise ValueError(f"an array {self.shape} is not changed in place into {new.shape}")
        new = (new if new.dtype == self.dtype else written(typed, new, self.dtype)).line
        now.changes(self.line, new)
        self.line = new

    # --- NumPy's functions -----------------------------------------------------------------------

    def __array_namespace__(self, api_version=None):
        return library

    def __array_ufunc__(self, ufunc, how, *operands, out=None, **settings):
        if any(hasattr(x, "vjps") for x in operands):
            return NotImplemented
        if how == "reduce" and ufunc in REDUCTIONS:
            y = written(REDUCTIONS[ufunc], *operands, **settings)
        elif how == "at" and ufunc is np.add:
            return operands[0].become(written(add_at, *operands))
        elif how == "__call__" and ufunc.nout == 1:
            y = written(ufunc, *operands, **settings)
        else:
            raise ReplayError(f"recording: np.{ufunc.__name__}.{how} is not among what it knows")
        if out is None:
            return y
        if type(out[0]) is not Recorded:
            raise ReplayError(
                "recording: an array that the step did not make is changed in place: make it a "
                "Tensor, or return the change"
            )
        out[0].become(y)
        return out[0]

    def __array_function__(self, function, types, operands, settings):
        if any(kind not in (Recorded, np.ndarray) for kind in types):
            return NotImplemented
        return getattr(library, function.__name__)(*operands, **settings)


def binary(ufunc):
    """An operator; beside a Tensor it is the Tensor's."""
    return lambda a, b: NotImplemented if hasattr(b, "vjps") else written(ufunc, a, b)


def reflected(ufunc):
    return lambda a, b: written(ufunc, b, a)


def in_place(ufunc):
    def changed(a, b):
        a.become(written(ufunc, a, b))
        return a

    return changed


def power(a, b):
    """a ** b, by the functions that NumPy takes for simple exponents."""
    if hasattr(b, "vjps"):
        return NotImplemented
    simple = {2: np.square, 0.5: np.sqrt, 1: np.positive, -1: np.reciprocal}
    if isinstance(b, int | float) and b in simple and a.dtype.kind == "f":
        return written(simple[b], a)
    return written(np.power, a, b)


OPERATORS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "floordiv": np.floor_divide,
    "mod": np.remainder,
    "pow": np.power,
    "matmul": np.matmul,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "lshift": np.left_shift,
    "rshift": np.right_shift,
}
for _name, _ufunc in OPERATORS.items():
    setattr(Recorded, f"__{_name}__", binary(_ufunc))
    setattr(Recorded, f"__r{_name}__", reflected(_ufunc))
    setattr(Recorded, f"__i{_name}__", in_place(_ufunc))
Recorded.__pow__ = power
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    _ufunc = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
              "eq": np.equal, "ne": np.not_equal}[_name]  # fmt: skip
    setattr(Recorded, f"__{_name}__", binary(_ufunc))
Recorded.__neg__ = lambda a: written(np.negative, a)
Recorded.__pos__ = lambda a: written(np.positive, a)
Recorded.__abs__ = lambda a: written(np.absolute, a)
Recorded.__invert__ = lambda a: written(np.invert, a)


def method(name):
    def called(a, *operands, **settings):
        if name in ("reshape", "transpose") and len(operands) > 1:
            operands = (operands,)
        return getattr(library, name)(a, *operands, **settings)

    called.__name__ = name
    return called


for _name in """all any argmax argmin astype clip copy cumsum dot max mean min prod ravel repeat
        reshape round squeeze std sum swapaxes take trace transpose var""".split():
    setattr(Recorded, _name, method(_name))


# --- the library ----------------------------------------------------------------------------------


class Library(ModuleType):
    """NumPy, with functions that write down their calls; what it lacks is refused."""

    mixes_with = np

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise ReplayError(
            f"recording: np.{name} is not among what it knows, or the shape of its result depends "
            "on the numbers: compute this outside of the step, and give it as an argument"
        )


library = Library("numpy, recorded")


def asarray(x, dtype=None, device=None, copy=None):
    if isinstance(x, np.ndarray):
        x = Recorded(running().operand(x))
    elif not isinstance(x, Recorded):
        x = written(np.asarray, x)
    if dtype is not None and x.dtype != dtype:
        return written(typed, x, np.dtype(dtype))
    return written(copied, x) if copy else x


def astype(x, dtype, copy=True, device=None):
    return written(typed, x, np.dtype(dtype))


def made(function):
    def called(*operands, device=None, **settings):
        return written(function, *operands, **settings)

    return called


for _name, _function in FUNCTIONS.items():
    setattr(library, _name, made(_function))
for _name in ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
              "float32", "float64", "newaxis", "pi", "e", "inf", "nan"):  # fmt: skip
    setattr(library, _name, getattr(np, _name))
library.shape = operator.attrgetter("shape")
library.ndim = operator.attrgetter("ndim")
library.isdtype, library.finfo, library.iinfo = np.isdtype, np.finfo, np.iinfo
library.asarray = library.array = asarray
library.astype = astype
library.copy = lambda x: written(copied, x)
library.add.at = lambda a, places, b: a.become(written(add_at, a, places, b))
