"""Right answers made wrong somewhere: faults that no change of a program's text makes.

`disguises(exercise, answer)` gives {name: function}. Each is the right answer with one fault
around it: its inputs are clipped, rounded or taken without sign, its results are remembered by a
part of the arguments, smeared as by a wide difference, squeezed, or wrong at some shape. A grader
refuses each of them where its cases reach the inputs that show the fault. Changes of the program
text itself stand in `mutants.py`.
"""

import itertools

import numpy as np

from bookutils.judge import data
from bookutils.judge.flat import numeric

HALF = 1e-3  # half the width over which a difference in place of a formula averages
TINY = 1e-10  # a small number, added


def numbers(value, function):
    """The same form with `function` of every float, arrays of floats handed over whole."""
    if type(value) is np.ndarray:
        return function(value) if value.dtype.kind == "f" else value
    if type(value) in (tuple, list):
        return type(value)(numbers(item, function) for item in value)
    if type(value) is dict:
        return {key: numbers(item, function) for key, item in value.items()}
    return function(value) if isinstance(value, float) else value


def floats(value):
    """Every float in a value, in order."""
    found = []
    numbers(value, lambda v: found.extend(np.ravel(v).tolist()) or v)
    return found


def like(value, changed):
    """A changed number in the type that it had: float or array."""
    return changed if type(value) is np.ndarray else float(changed)


INPUTS = {  # of an argument, before the answer sees it
    "clip({}, -50, 50)": lambda v: like(v, np.clip(v, -50, 50)),
    "round({}, 3)": lambda v: like(v, np.round(v, 3)),
    "abs({})": lambda v: like(v, np.abs(v)),
    "float32({})": lambda v: like(v, np.float32(v).astype(np.float64)),
    "{} + 1e-9": lambda v: v + 1e-9,
}


def changed_first(answer, i, change):
    """The answer to other arguments: argument i is changed before it is used."""

    def changed(*args):
        return answer(*args[:i], numbers(args[i], change), *args[i + 1 :])

    return changed


def results(value, function):
    """The result with `function` of every number and array in it."""
    return data.transform(data.plain(value), function)


def spoiled_where(answer, holds, spoil):
    """The answer, spoiled wherever a condition on the arguments holds."""

    def spoiled(*args):
        value = answer(*args)
        return spoil(value) if holds(*args) else value

    return spoiled


def all_nan(value):
    return results(value, lambda v: v * np.nan)


def enlarged(value):
    """Every number off; of an answer without numbers nothing is left."""
    value = data.plain(value)
    if numeric(value):
        return data.transform(value, lambda v: v * 1.5 + 1)
    return type(value)()


def remembered(answer, key):
    """The first answer to arguments with the same key stands for all of them."""
    known = {}

    def remembering(*args):
        at = key(args)
        if at not in known:
            known[at] = data.plain(answer(*args))
        return data.fresh(known[at])

    return remembering


def written(value):
    """A value as a key: a function by its text, a large dict by its beginning."""
    return value.__doc__ if callable(value) else repr(value)[:5000]


def form(value):
    return value.__doc__ if callable(value) else data.form(value)


def nudged(args, by):
    """The arguments with every float moved, each number of an array by another step."""
    steps = itertools.cycle((1, -2, 3))

    def moved(value):
        by_each = np.array([next(steps) * by for _ in range(np.size(value))])
        return value + (by_each.reshape(value.shape) if np.ndim(value) else by_each[0])

    return numbers(data.fresh(args), moved)


def smeared(answer):
    """The mean over a piece of a line: what a central difference makes of a formula."""

    def mean(*args):
        below, at, above = (data.plain(answer(*nudged(args, s))) for s in (-HALF, 0.0, HALF))
        return weighted((1 / 6, 4 / 6, 1 / 6), (below, at, above))

    return mean


def weighted(weights, values):
    """The weighted mean of results of one form."""
    first = values[0]
    if type(first) is dict:
        return {key: weighted(weights, [v[key] for v in values]) for key in first}
    if type(first) in (tuple, list):
        return type(first)(weighted(weights, parts) for parts in zip(*values, strict=True))
    return sum(w * v for w, v in zip(weights, values, strict=True))


def shapes(exercise):
    """{condition in words: function of the arguments} on the shapes of the array arguments."""
    found = {}
    for i, name in enumerate(exercise.parameters):
        given = [case[i] for case in exercise.arguments()]
        if not all(type(value) is np.ndarray for value in given):
            continue
        for k in range(min(value.ndim for value in given)):
            axis = f"{name}.shape[{k}]"
            found[f"{axis} == 1"] = lambda *args, i=i, k=k: args[i].shape[k] == 1
            found[f"{axis} > 1"] = lambda *args, i=i, k=k: args[i].shape[k] > 1
        if min(value.ndim for value in given) >= 2:
            square = f"{name}.shape[0] {{}} {name}.shape[1]"
            found[square.format("==")] = lambda *args, i=i: args[i].shape[0] == args[i].shape[1]
            found[square.format("!=")] = lambda *args, i=i: args[i].shape[0] != args[i].shape[1]
    return found


def disguises(exercise, answer):
    """{name: function} of the right answer behind each fault; nothing for a value exercise."""
    made = {}
    if exercise.wants_value:
        return made
    names, cases = exercise.parameters, exercise.arguments()
    with_floats = [i for i in range(len(names)) if any(floats(case[i]) for case in cases)]
    for i in with_floats:
        for words, change in INPUTS.items():
            made[words.format(names[i])] = changed_first(answer, i, change)
        made[f"nan where 0 is in {names[i]}"] = spoiled_where(
            answer, lambda *args, i=i: 0.0 in floats(args[i]), all_nan
        )
    made["remembered by shape"] = remembered(answer, lambda args: repr([form(a) for a in args]))
    for i in range(len(names) if len(names) > 1 else 0):
        made[f"remembered by {names[i]}"] = remembered(answer, lambda args, i=i: written(args[i]))
        made[f"remembered by all but {names[i]}"] = remembered(
            answer, lambda args, i=i: repr([written(a) for j, a in enumerate(args) if j != i])
        )
    for words, holds in shapes(exercise).items():
        made[f"wrong where {words}"] = spoiled_where(answer, holds, enlarged)
    expected = exercise.expected()
    if any(type(part) is np.ndarray for e in expected for part in parts(e)):
        made["squeezed"] = lambda *args: results(answer(*args), np.squeeze)
    if with_floats and all(map(numeric, expected)) and any(map(floats, expected)):
        made["smeared"] = smeared(answer)
        made["result + 1e-10"] = lambda *args: results(answer(*args), lambda v: v + TINY)
    return made


def parts(value):
    return value if type(value) in (tuple, list) else [value]
