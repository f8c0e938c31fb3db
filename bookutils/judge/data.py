"""What goes into a grader and what comes out of it, as plain data: copied, compared, printed.

Numbers, strings, tuples, lists, dicts and NumPy arrays are plain. A tensor of PyTorch becomes an
array, detached and of a dtype that NumPy has. Everything a learner's code returns is rebuilt from
exact built-in types before anything is asked of it, so that an object with an `__eq__` or
`__array__` of its own decides nothing.
"""

import math
from decimal import Decimal
from fractions import Fraction
from itertools import chain, product
from operator import is_

import numpy as np
from numpy import generic, ndarray

from bookutils.judge import tensors

DEPTH = 50
ITEMS = 5_000_000  # larger answers are refused
WHOLE = 63  # bits of an integer that an array holds as one
BITS = 1023  # of an integer that is surely below the largest float
SINGLE = {bool, int, float, str, type(None), type(...)}
SURE = SINGLE - {int}  # whatever their value
NUMBERS = {int, float}
TUPLE = {tuple}


class Misfit(Exception):
    """An answer of the wrong type (`broken`) or shape (`wrong`)."""

    def __init__(self, sentence, broken):
        super().__init__(sentence)
        self.broken = broken


def plain(value, depth=0):
    """Copy of `value` made of exact built-in types and plain arrays.

    An array without axes is a number. Raises: Misfit when it holds anything else.
    """
    kind = type(value)
    if kind is int and value.bit_length() > BITS:
        raise Misfit("a number came that is too large for a float", broken=True)
    if kind is int and value.bit_length() > WHOLE:
        return float(value)
    if kind in SINGLE:
        return value
    if depth > DEPTH:
        raise Misfit(f"the answer is nested more than {DEPTH} deep", broken=True)
    if kind is ndarray and not value.ndim:
        return plain(value.item(), depth + 1)
    if kind is ndarray:
        if value.size > ITEMS:
            raise Misfit(f"the answer has {value.size:,} elements", broken=True)
        if value.dtype.kind in "biuf":
            return np.array(value, dtype=np.float64 if value.dtype.kind == "f" else None, order="C")
        return plain(value.tolist(), depth + 1)
    if issubclass(kind, generic) and kind.__module__ == "numpy":
        if issubclass(kind, float):
            return float.__float__(value)
        item = generic.item(value)
        return float(item) if isinstance(item, generic) else plain(item, depth + 1)
    if kind in (Fraction, Decimal):
        try:
            return float(value)
        except OverflowError:
            raise Misfit("a number came that is too large for a float", broken=True) from None
    for base in (int, float):
        if issubclass(kind, base):
            return plain(base.__int__(value)) if base is int else base.__float__(value)
    if issubclass(kind, str):
        return str.__str__(value)
    for base in (tuple, list):
        if issubclass(kind, base):
            if base.__len__(value) > ITEMS:
                raise Misfit(f"the answer has {base.__len__(value):,} items", broken=True)
            if kind is tuple and SURE.issuperset(map(type, value)):
                return value  # nothing in it can change
            return base(plain(item, depth + 1) for item in base.__iter__(value))
    if issubclass(kind, dict):
        items = dict.items(value)
        if kind is dict and SURE.issuperset(map(type, chain.from_iterable(items))):
            return value.copy()
        return {plain(k, depth + 1): plain(v, depth + 1) for k, v in items}
    if tensors.is_tensor(value):
        try:
            return plain(tensors.numbers(value), depth + 1)
        except ValueError as error:
            raise Misfit(str(error), broken=True) from None
    raise Misfit(f"an object of type `{kind.__name__}` came", broken=True)


def fresh(value):
    """A copy that shares no array, list or dict with `value`; functions stay what they are."""
    kind = type(value)
    if kind is ndarray:
        return value.copy()
    if kind in (tuple, list):
        if SINGLE.issuperset(map(type, value)):
            return value if kind is tuple else value[:]
        return kind(map(fresh, value))
    if kind is dict:
        if _rests(value.values()):
            return value.copy()
        return {key: fresh(item) for key, item in value.items()}
    return value


def _rests(values):
    """Whether nothing in these can change: single values, or tuples of pairs of them as the arrows
    of a graph are. A graph of 30,000 nodes is copied many times for one verdict."""
    if SINGLE.issuperset(map(type, values)):
        return True
    pairs = chain.from_iterable
    return (
        TUPLE.issuperset(map(type, values))
        and TUPLE.issuperset(map(type, pairs(values)))
        and SINGLE.issuperset(map(type, pairs(pairs(values))))
    )


def identical(a, b):
    """Whether two arguments are the same to the last bit (NaN equal to NaN)."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if type(a) is ndarray:
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if type(a) in (tuple, list):
        return len(a) == len(b) and all(map(identical, a, b))
    if type(a) is dict:
        pairs = a.values(), b.values()
        return list(a) == list(b) and (all(map(is_, *pairs)) or all(map(identical, *pairs)))
    return a == b or (a != a and b != b)


def form(value):
    """The types and shapes of a value, without its numbers."""
    if type(value) is ndarray:
        return value.shape
    if type(value) in (tuple, list):
        return tuple(map(form, value))
    if type(value) is dict:
        return tuple((key, form(item)) for key, item in value.items())
    return type(value).__name__


def size(value):
    """How many numbers there are to read."""
    if type(value) is ndarray:
        return value.size
    if type(value) is dict:
        value = value.values()
    elif type(value) not in (tuple, list):
        return 1
    singles = sum(map(SINGLE.__contains__, map(type, value)))
    return singles + sum(size(item) for item in value if type(item) not in SINGLE)


def is_number(value):
    return type(value) in NUMBERS


def kind_of(value):
    """The type of a plain value, in words with an article."""
    if value is None or value is ...:
        return "`None`" if value is None else "`...`"
    if type(value) is bool:
        return f"`{value}`"
    if is_number(value):
        return "a number"
    if type(value) is ndarray:
        return f"an array of shape {value.shape}" if value.ndim else "a number"
    if type(value) in (tuple, list):
        return f"a {type(value).__name__} of {len(value)}"
    if callable(value):
        return "a function"  # an argument of some exercises, compared as "returned as it came"
    return {str: "a string", dict: "a dict"}[type(value)]


def place(keys, names=(), words=False):
    """Where a leaf lies: `dX[0, 1]`, and in words for pencil and paper "dX, row 1, column 2"."""
    name = ""
    if names and keys and type(keys[0]) is int and keys[0] < len(names):
        name, keys = names[keys[0]], keys[1:]
    if not (words and name):
        return name + "".join(
            f"[{', '.join(map(str, key))}]" if type(key) is tuple else f"[{key!r}]" for key in keys
        )
    counted = [i for key in keys for i in (key if type(key) is tuple else (key,))]
    axes = ("row", "column") if len(counted) == 2 else ("entry",)
    if not all(type(i) is int for i in counted) or len(counted) > 2:
        return name + place(keys)
    return ", ".join([name, *(f"{axis} {i + 1}" for axis, i in zip(axes, counted, strict=False))])


def fit(expected, got, names=(), keys=()):
    """`got` in the form of `expected`: a number, an array, a tuple, a list, a dict, a string.

    Lists stand for tuples and arrays. `names` are those of the results.
    Raises: Misfit with a sentence.
    """
    if type(got) is type(expected) and is_number(got):  # most leaves, in answers of many
        return got

    def where():
        if not keys:
            return "the answer"
        named = names and type(keys[0]) is int
        return f"`{place(keys, names)}`" if named else f"result {place(keys)}"

    def misfit(broken):
        return Misfit(f"{where()} is {kind_of(got)}, expected {kind_of(expected)}", broken)

    if got is None or got is ...:
        raise misfit(True)
    if is_number(expected):
        if is_number(got):
            return got
        raise misfit(type(got) not in (tuple, list, ndarray))
    if type(expected) is ndarray:
        if type(got) is not ndarray:
            if type(got) not in (tuple, list):
                raise misfit(not is_number(got))
            got = as_array(got)
            if got is None:
                raise Misfit(f"{where()} does not make an array of shape {expected.shape}", False)
        if got.dtype.kind == "b" and expected.dtype.kind != "b":
            raise Misfit(f"{where()} is an array of True and False, expected numbers", True)
        if got.shape != expected.shape:
            raise misfit(False)
        return got
    if type(expected) in (tuple, list):
        if type(got) is ndarray and got.ndim:
            if any(type(e) is ndarray and e.shape != got.shape[1:] for e in expected):
                raise misfit(False)  # one array, where several of unequal shapes are due
            got = [got[i] if got.ndim > 1 else got[i].item() for i in range(len(got))]
        if type(got) not in (tuple, list):
            raise misfit(type(got) in (str, dict, bool))
        if len(got) != len(expected):
            raise misfit(False)
        if NUMBERS.issuperset(map(type, chain(expected, got))):
            return type(expected)(got)
        pairs = enumerate(zip(expected, got, strict=True))
        return type(expected)(fit(e, g, names, (*keys, i)) for i, (e, g) in pairs)
    if type(expected) is dict:
        if type(got) is not dict:
            raise misfit(True)
        for key in expected:
            if key not in got:
                raise Misfit(f"{where()} has no entry for {key!r}", False)
        for key in got:
            if key not in expected:
                raise Misfit(f"{where()} has an entry too many, for {key!r}", False)
        if NUMBERS.issuperset(map(type, (*expected.values(), *got.values()))):
            return {key: got[key] for key in expected}
        return {key: fit(e, got[key], names, (*keys, key)) for key, e in expected.items()}
    if type(got) is not type(expected):
        raise misfit(True)
    return got


def as_array(nested):
    """Array of nested lists of numbers and arrays, or None where they are ragged or no numbers."""
    try:
        made = np.array(nested)
    except ValueError:
        return None
    return made if made.dtype.kind in "biuf" else None


def leaves(value, keys=()):
    """(keys, number or string) of everything in a plain value, in order; `place` words the keys."""
    if type(value) is ndarray:
        for index, item in zip(product(*map(range, value.shape)), value.flat, strict=True):
            yield (*keys, index) if index else keys, item.item()
    elif type(value) in (tuple, list, dict):
        for key, item in value.items() if type(value) is dict else enumerate(value):
            if type(item) in SINGLE:  # no generator for each of many
                yield (*keys, key), item
            else:
                yield from leaves(item, (*keys, key))
    else:
        yield keys, value


def transform(value, function):
    """The same form with `function` of every number; arrays are handed over whole."""
    if type(value) is ndarray:
        return np.asarray(function(value))  # NumPy makes a number of an array without axes
    if is_number(value):
        return function(value)
    if type(value) in (tuple, list):
        return type(value)(transform(item, function) for item in value)
    if type(value) is dict:
        return {key: transform(item, function) for key, item in value.items()}
    return value


def close(expected, got, rtol, atol):
    """Whether two leaves agree; strings and truth values must be equal."""
    if type(expected) is str and type(got) is str:
        return expected.strip().casefold() == got.strip().casefold()
    if not (is_number(expected) and is_number(got)):
        return type(expected) is type(got) and expected == got
    if expected == got or (expected != expected and got != got):
        return True
    if math.isinf(expected) or math.isinf(got):
        return False
    return abs(got - expected) <= atol + rtol * abs(expected)


def agree(expected, got, rtol, atol):
    """Whether a plain answer has the form of `expected` and every leaf is close."""
    if expected is None or expected is ...:
        return got is expected
    try:
        return _close(expected, fit(expected, got), rtol, atol)
    except Misfit:
        return False


def differing(expected, got, rtol, atol):
    """(keys, expected, yours) of the leaves that differ; none where the form is another."""
    try:
        got = fit(expected, got)
    except Misfit:
        return []
    if type(expected) is ndarray:
        far = map(tuple, np.argwhere(_far(expected, got, rtol, atol)).tolist())
        return [((i,) if i else (), expected[i].item(), got[i].item()) for i in far]
    pairs = zip(leaves(expected), leaves(got), strict=True)
    return [(keys, w, g) for (keys, w), (_, g) in pairs if not close(w, g, rtol, atol)]


def _close(expected, got, rtol, atol):
    """Whether every leaf is close, of values of the same form."""
    if type(expected) is ndarray:
        return _arrays_agree(expected, got, rtol, atol)
    if type(expected) in (tuple, list):
        if NUMBERS.issuperset(map(type, expected)) and expected == got:  # lists of a million
            return True
        return all(_close(e, g, rtol, atol) for e, g in zip(expected, got, strict=True))
    if type(expected) is dict:
        numbers = NUMBERS.issuperset(map(type, chain(expected.values(), got.values())))
        if numbers and expected == got:
            return True
        return all(_close(e, got[key], rtol, atol) for key, e in expected.items())
    return close(expected, got, rtol, atol)


def _arrays_agree(expected, got, rtol, atol):
    # what is wrong is mostly wrong in the first place, and one number is compared in no time
    if expected.size and not close(expected.item(0), got.item(0), rtol, atol):
        return False
    return not _far(expected, got, rtol, atol).any()


def _far(expected, got, rtol, atol):
    """Where two arrays of one shape are not `close`."""
    if "b" in (expected.dtype.kind, got.dtype.kind):  # NumPy does not subtract truth values
        return (expected != got) | (expected.dtype != got.dtype)
    size = np.abs(expected)
    with np.errstate(all="ignore"):
        near = (np.abs(got - expected) <= atol + rtol * size) & (size < math.inf)
    if near.all():
        return ~near
    return ~(near | (expected == got) | (np.isnan(expected) & np.isnan(got)))


def _number(value, digits):
    """A float with so many digits, and with twelve where it would read as a round number."""
    shown = f"{value + 0.0:.{digits}g}"  # -0.0 + 0.0 is 0.0
    near = len(shown) < digits and abs(float(shown) - float(value)) > 1e-13 * abs(value)
    return f"{value:.12g}" if near else shown


def text(value, digits=6):
    """A value as a learner would type it, with a fixed number of digits."""
    if callable(value):
        return (getattr(value, "__doc__", None) or getattr(value, "__name__", "f")).splitlines()[0]
    if isinstance(value, generic) or (type(value) is ndarray and value.ndim == 0):
        value = value.item()
    if type(value) is float:
        return _number(value, digits)
    if type(value) is ndarray:
        number = {"float_kind": lambda v: _number(v, digits)}
        return np.array2string(value, separator=", ", threshold=30, formatter=number)
    if type(value) in (tuple, list):
        shown = [text(item, digits) for item in value[:12]] + ["…"] * (len(value) > 12)
        inside = ", ".join(shown) + "," * (type(value) is tuple and len(shown) == 1)
        return f"[{inside}]" if type(value) is list else f"({inside})"
    if type(value) is dict:
        shown = [f"{key!r}: {text(item, digits)}" for key, item in list(value.items())[:12]]
        return "{" + ", ".join(shown + ["…"] * (len(value) > 12)) + "}"
    shown = repr(value)
    return shown if len(shown) <= 200 else shown[:200] + "…"
