"""Results that are right for other arguments, or one step beside the right ones.

Whatever is said here holds on every case: the reference is asked with one argument changed, left
out, exchanged for another, and its answers are compared with the learner's.
"""

from functools import partial
from itertools import combinations, permutations

import numpy as np
from numpy import ndarray

from bookutils.judge import data

LARGE = 20_000  # numbers in all cases: beyond, so many calls of the reference take too long


def _sigmoid(v):
    return 1 / (1 + np.exp(-v))


def _softmax(v):
    e = np.exp(v - np.max(v, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _none(v):
    return 0 * v


def _mean_row(v):
    return np.broadcast_to(v.mean(axis=0), v.shape).copy()


def _first_row(v):
    return np.broadcast_to(v[:1], v.shape).copy()


FLOATS = {  # what may have become of an argument of floats, and what that says of the answer
    "0 in the place of {}, as if it were left out": _none,
    "1 in the place of {}, as if it were left out": lambda v: 0 * v + 1,
    "−{} in the place of {}": lambda v: -v,
    "|{}| in the place of {}": np.abs,
    "max({}, 0) in the place of {}": lambda v: np.maximum(v, 0),
    "2·{} in the place of {}": lambda v: 2 * v,
    "½·{} in the place of {}": lambda v: v / 2,
    "{}² in the place of {}": lambda v: v * v,
    "1 − {} in the place of {}": lambda v: 1 - v,
    "1/{} in the place of {}": lambda v: 1 / v,
    "√{} in the place of {}": np.sqrt,
    "exp({}) in the place of {}": np.exp,
    "ln({}) in the place of {}": np.log,
    "tanh({}) in the place of {}": np.tanh,
    "sigmoid({}) in the place of {}": _sigmoid,
}
ARRAYS = {
    "the softmax of {} in the place of {}": _softmax,
    "the mean of all rows in the place of each row of {}": _mean_row,
    "the first row in the place of each row of {}": _first_row,
    "the rows of {} in opposite order": lambda v: v[::-1],
    "{} sorted": lambda v: np.sort(v, axis=0),
    "{} transposed": lambda v: v.T,
    "{} minus the mean of its rows": lambda v: v - v.mean(axis=0),
    "the rows of {} moved down by one": lambda v: np.roll(v, 1, axis=0),
    "the rows of {} moved up by one": lambda v: np.roll(v, -1, axis=0),
    "the columns of {} moved right by one": lambda v: np.roll(v, 1, axis=-1),
    "the columns of {} moved left by one": lambda v: np.roll(v, -1, axis=-1),
}
PLACES = tuple(words for words in ARRAYS if "moved" in words)
WHOLE = {
    "{} + 1 in the place of {}": lambda v: v + 1,
    "{} − 1 in the place of {}": lambda v: v - 1,
}
LISTS = {"{} in opposite order": lambda v: v[::-1]}
TURNED = "the matrices of {} transposed"

RESULTS = {  # what may have been done to the right results
    "the squares of the right ones": lambda e: e * e,
    "the square roots of the right ones": np.sqrt,
    "the exponentials of the right ones": np.exp,
    "the logarithms of the right ones": np.log,
    "1 over the right ones": lambda e: 1 / e,
    "the right ones without their sign": np.abs,
    "the right ones, with 0 for whatever is negative": lambda e: np.maximum(e, 0),
    "1 minus the right ones": lambda e: 1 - e,
    "running sums of the right ones": lambda e: np.cumsum(e, axis=0) if np.ndim(e) else e,
    "the mean of the right ones, in every place": lambda e: 0 * e + np.mean(e),
    "the right ones, averaged over the rows": lambda e: 0 * e + np.mean(e, axis=0),
    "the right ones, divided by their sum": lambda e: e / np.sum(e),
    "10 to the power of the right ones": lambda e: 10.0**e,
    **{
        f"the right ones, rounded to {n} decimal{'s' * (n > 1)}": partial(np.round, decimals=n)
        for n in range(1, 9)
    },
}
TOGETHER = {  # what two arguments may have been made into first
    "{}·{}": np.multiply,
    "{} + {}": np.add,
    "{} − {}": np.subtract,
    "{}/{}": np.divide,
}


def _of_numbers(exercise, cases):
    """Whether the cases hold what an answer computes with, and not a program's seeds and counts."""
    return not exercise.program or any(type(value) is np.ndarray for value in cases[0])


def otherwise(exercise, expected, values, cases, result=None):
    """(name, explanation) of the first such relation that holds on all cases, or two "".

    `expected` and `values` are the right and the learner's results, or the single `result` of
    them with that number.
    """
    if exercise.wants_value or exercise.accept or exercise.products:
        return "", ""
    if sum(exercise.sizes()) > LARGE:
        return "", ""
    rtol, atol = exercise.rtol, exercise.atol
    order = sorted(range(len(cases)), key=exercise.sizes().__getitem__)
    wrong = [i for i in order if not data.agree(expected[i], values[i], rtol, atol)]
    order = wrong + [i for i in order if i not in wrong]  # what does not fit is seen at once
    if not _several(exercise, expected, values, wrong):
        return "", ""

    def holds(candidate):
        """Whether candidate(i) is the learner's result on every case, and no case breaks it."""
        told = 0
        for i in order:
            try:
                found = data.plain(candidate(i))
                if found is None:  # nothing is left of this case
                    continue
                if not data.agree(found, values[i], rtol, atol):
                    return False
            except Exception:  # outside of what the reference is made for
                return False
            told += i in wrong
        return told >= min(2, len(cases))

    for words, function in RESULTS.items():
        if holds(lambda i, f=function: data.transform(expected[i], f)):
            return "otherwise", f"Your numbers are {words}."
    for words, made in _beside(exercise, expected, cases):
        if holds(made):
            return "otherwise", f"Your numbers are the right ones {words}."
    if not _of_numbers(exercise, cases):
        return "", ""
    whole = len(cases) == len(exercise.drawn())  # then the same for every answer
    kept = exercise._memory.setdefault("otherwise", {}) if whole else {}
    if "changes" not in kept:
        kept["changes"] = [*_changes(exercise, cases)]
    for k, (words, changed) in enumerate(kept["changes"]):

        def asked(i, k=k, changed=changed):
            if (k, i) not in kept:
                kept[k, i] = _asked(exercise, changed(data.fresh(cases[i])))
            found = kept[k, i]
            return found if result is None or found is None else found[result]

        if holds(asked):
            return "otherwise", f"Your numbers would be right with {words}."
    return "", ""


def _asked(exercise, args):
    """What the reference says to these arguments, or None where nothing is left in one of them."""
    if any(_listed(v) and not len(v) for v in args):
        return None
    return data.plain(exercise.reference(*args))


def _several(exercise, expected, values, wrong):
    """Whether the wrong numbers are not all the same: nothing but zeros fits too many a cause."""
    found = set()
    for i in wrong:
        differing = data.differing(expected[i], values[i], exercise.rtol, exercise.atol)
        found |= {
            round(g, 9) if data.is_number(g) and np.isfinite(g) else g for _, _, g in differing
        }
        if len(found) > 1 or not differing:  # another form is no matter of numbers
            return True
    return False


def _beside(exercise, expected, cases):
    """(words, results case by case): times, over, plus or minus an argument."""
    for k, name in enumerate(exercise.parameters):
        if not all(_floats(case[k]) and type(case[k]) is not list for case in cases):
            continue
        for words, function in (
            (f"times `{name}`", np.multiply),
            (f"divided by `{name}`", np.divide),
            (f"plus `{name}`", np.add),
            (f"minus `{name}`", np.subtract),
            (f"subtracted from `{name}`", lambda e, v: v - e),
        ):

            def made(i, k=k, function=function):
                other = cases[i][k]
                return data.transform(expected[i], lambda e: _same_form(e, function(e, other)))

            yield words, made


def _same_form(wanted, made):
    if np.shape(wanted) != np.shape(made):
        raise ValueError("another shape")
    return made


def _changes(exercise, cases):
    """(words, function of the arguments that changes one of them, or exchanges two)."""
    names, count = exercise.parameters, len(exercise.parameters)
    for k, name in enumerate(names):
        given = [case[k] for case in cases]
        code = f"`{name}`"
        counts = all(type(v) is ndarray and v.dtype.kind == "i" for v in given)
        if all(map(_floats, given)) or counts:
            for words, function in FLOATS.items():
                yield words.replace("{}", code), _at(k, function)
        if all(type(v) is ndarray and v.ndim and v.dtype.kind == "f" for v in given):
            for words, function in ARRAYS.items():
                yield words.replace("{}", code), _at(k, function)
        if all(type(v) is ndarray and v.ndim and v.dtype.kind == "i" for v in given):
            for words in PLACES:
                yield words.replace("{}", code), _at(k, ARRAYS[words])
        if all(_floats(v) and type(v) is list for v in given):
            yield TURNED.replace("{}", code), _at(k, np.transpose)
        if all(type(v) is int or (type(v) is ndarray and v.dtype.kind == "i") for v in given):
            for words, function in WHOLE.items():
                yield words.replace("{}", code), _at(k, function)
        if all(type(v) in (list, tuple) for v in given):
            for words, function in LISTS.items():
                yield words.replace("{}", code), _at(k, function, whole=True)
    forms = [[data.form(case[k]) for case in cases] for k in range(count)]
    for j, k in combinations(range(count), 2):
        if forms[j] == forms[k]:
            yield f"`{names[j]}` and `{names[k]}` exchanged", _exchange(j, k)
    for words, function in SAMPLES.items():
        for rows in _with_rows(cases, count):
            yield words, _in_all(rows, function)
    biases = [k for k in range(count) if all(_floats(case[k]) for case in cases)]
    for j, k in combinations(biases, 2):
        both = _at(j, _none), _at(k, _none)
        yield (
            f"0 in the place of `{names[j]}` and of `{names[k]}`, as if they were left out",
            lambda args, both=both: both[1](both[0](args)),
        )
    for j, k in permutations(range(count), 2):
        if forms[j] == forms[k]:
            yield f"`{names[j]}` in the place of `{names[k]}`", _copy(j, k)
    for j, k in permutations(biases, 2):
        for words, function in TOGETHER.items():
            made = words.format(f"`{names[j]}`", f"`{names[k]}`")
            yield f"{made} in the place of `{names[j]}`", _together(j, k, function)


SAMPLES = {
    "only the first of the samples or layers": lambda v: v[:1],
    "only the last of the samples or layers": lambda v: v[-1:],
    "the last of the samples or layers left out": lambda v: v[:-1],
    "the first of the samples or layers left out": lambda v: v[1:],
}


def _with_rows(cases, count):
    """The arguments that hold an entry for each sample: arrays of one and the same length."""
    arrays = [k for k in range(count) if all(map(_listed, (case[k] for case in cases)))]
    for first in arrays:
        alike = [k for k in arrays if all(len(c[k]) == len(c[first]) for c in cases)]
        if first == alike[0]:
            yield alike


def _listed(value):
    return type(value) is list or (type(value) is ndarray and value.ndim > 0)


def _in_all(places, function):
    def changed(args):
        return [function(v) if k in places else v for k, v in enumerate(args)]

    return changed


def _floats(value):
    """Whether there is nothing but floats in an argument, and one at least."""
    if type(value) is list:
        return bool(value) and all(map(_floats, value))
    return type(value) is float or (type(value) is ndarray and value.dtype.kind == "f")


def _at(k, function, whole=False):
    def changed(args):
        value = args[k]
        if type(value) is list and not whole:
            made = [function(v) for v in value]
        else:
            made = function(value)
        return (*args[:k], float(made) if type(value) is float else made, *args[k + 1 :])

    return changed


def _exchange(j, k):
    def changed(args):
        args = list(args)
        args[j], args[k] = args[k], args[j]
        return args

    return changed


def _together(j, k, function):
    def changed(args):
        made = _same_form(args[j], function(args[j], args[k]))
        return (*args[:j], float(made) if type(args[j]) is float else made, *args[j + 1 :])

    return changed


def _copy(j, k):
    return lambda args: (*args[:k], data.fresh(args[j]), *args[k + 1 :])
