"""How wrong numbers follow from the right ones: by a factor, a term, or another quantity.

An exercise may name the `quantities` that lie on the way to its answer: `z1`, `1 − y`, the length
of `u`. Where a result is the right one times such a quantity, divided by it, or has one in the
place of another, that is said. Nothing is guessed: a relation holds on every finite number of every
case, and three numbers at least in two cases show it.
"""

import re
from itertools import permutations

import numpy as np

from bookutils.judge import data

SHOWN = 3  # numbers, in two cases at least, that a relation has to explain
CLOSE = 1e-9


def relation(exercise, expected, values, cases):
    """A sentence on the relation between right and wrong results, or ""."""
    columns = _columns(exercise, expected, values, cases)
    if columns is None:
        return ""
    want, got, case, given = columns
    given = dict(sorted(given.items(), key=lambda item: len(item[0])))
    wrong = ~_close(want, got)

    def holds(left, right, telling=True, below=1):
        """Whether both sides agree wherever they are numbers, and enough of them tell.

        `below` is what an answer divides by: where that is 0, it has a guard.
        """
        seen = np.isfinite(left) & np.isfinite(right) & (below != 0)
        if not _close(left, right)[seen].all():
            return False
        shows = wrong & seen & (np.abs(right) > 1e-7) & telling
        return shows.sum() >= SHOWN and len(set(case[shows])) > 1

    for name, q in given.items():
        if holds(got, q):
            return f"is {name}."
        if holds(got, -q):
            return f"is −({name})." if " " in name else f"is −{name}."
    for sign, word in ((1, ""), (-1, ", with the other sign")):
        for name, q in given.items():
            if holds(got, sign * want * q, np.abs(q) != 1):
                return f"is the right one times {_factor(name)}{word}."
            if holds(got * q, sign * want, np.abs(q) != 1, q):
                return f"is the right one divided by {_factor(name)}{word}."
    for sign, word in ((1, ""), (-1, ", with the other sign")):
        for (name, q), (other, p) in permutations(given.items(), 2):
            if holds(got * p, sign * want * q, q != sign * p, p):
                return (
                    f"is the right one times {_factor(name)}/{_factor(other)}{word}: one of "
                    "the two stands where the other belongs."
                )
    for name, q in given.items():
        if holds(got, want + q):
            return f"is the right one plus {name}."
        if holds(got, want - q):
            return f"is the right one minus {_factor(name)}."
    return ""


def _factor(name):
    bare = re.sub(r"\([^()]*\)|\|[^|]*\|", "", name)  # a sum outside of brackets needs some
    return f"({name})" if re.search(r" [−+] |[·/]", bare) else name


def _close(a, b):
    return np.abs(a - b) <= 1e-12 + CLOSE * np.maximum(np.abs(a), np.abs(b))


def _columns(exercise, expected, values, cases):
    """(want, got, number of the case, {name: quantity}), all as long as there are numbers."""
    wants, gots, numbers, rows = [], [], [], []
    for i, (want, value, args) in enumerate(zip(expected, values, cases, strict=True)):
        want, value = data.as_array(want), data.as_array(value)
        if want is None or value is None or want.shape != value.shape or not want.size:
            return None
        if "b" in (want.dtype.kind, value.dtype.kind):
            return None
        wants.append(want.ravel().astype(float))
        gots.append(value.ravel().astype(float))
        numbers += [i] * want.size
        rows.append(_quantities(exercise, args, want.shape))
    names = [name for name in rows[0] if all(name in row for row in rows)]
    given = {name: np.concatenate([row[name] for row in rows]) for name in names}
    return np.concatenate(wants), np.concatenate(gots), np.array(numbers), given


def _quantities(exercise, args, shape):
    """{name: its numbers, one for each of the result} of arguments and declared quantities."""
    named = {"1": 1.0}
    for name, value in zip(exercise.parameters, args, strict=False):
        named[f"`{name}`"] = value
        if isinstance(value, (int, float, np.ndarray)):
            named[f"|{name}|"] = np.abs(value)
    declared = exercise.quantities(*data.fresh(args)) if exercise.quantities else {}
    found = {}
    for name, value in (named | declared).items():
        given = name in named and name not in declared
        if not isinstance(value, (int, float, np.number, np.ndarray)):
            continue
        value = np.asarray(value, dtype=float)
        if value.ndim and given and value.shape != shape:
            continue  # which axis an argument runs along is said by declaring it
        try:
            found[name] = np.broadcast_to(value, shape).ravel()
        except ValueError:
            continue
    return found
