"""What an answer depends on and where it is right, read off the cases: no cause, but a way to it.

Cases that differ in a single argument show whether that argument counts at all; cases that are
right and cases that are wrong may be told apart by a shape.
"""

from itertools import combinations

import numpy as np

from bookutils.judge import data
from bookutils.judge.altered import finite
from bookutils.judge.diagnose import but_for_signs

FEW = 3  # cases without a kind of node, or places of a kind, for a sentence on it
MOST = 0.5  # of the places of a kind are wrong, the others right by chance


def pattern(exercise, cases, expected, values, name=""):
    """(name, explanation) of the first pattern that all cases show, or two empty strings.

    `expected` and `values` are those of the whole answer, or of the one result with that name.
    """
    if not exercise.accept and but_for_signs(expected, values, exercise.rtol, exercise.atol):
        words = f"Your `{name}` is" if name else "Your numbers are"
        return "some signs", f"{words} right but for the sign of some numbers."
    if exercise.wants_value or exercise.accept or len(cases) < 4:
        return "", ""
    if exercise.kind == "property":  # it says itself what is usually behind a failure
        return "", ""
    if any(value is None or value is ... for value in values):  # a missing return, said elsewhere
        return "", ""
    yours = f"your `{name}`" if name else "your result"
    for k, parameter in enumerate(exercise.parameters):
        pairs = [p for p in _apart_in(cases, k) if all(finite(values[i]) for i in p)]
        same = [_agree(exercise, values, pair) for pair in pairs]
        wanted = [_agree(exercise, expected, pair) for pair in pairs]
        # A part of the right array may stay the same where the whole does not.
        partial = any(
            data.form(expected[i]) == data.form(expected[j]) and _misshapen(expected[i], values[i])
            for i, j in pairs
        )
        moved = [pair for pair, stays in zip(pairs, wanted, strict=True) if not stays]
        shown = len(moved) > 1 or any(_shows(expected, values, pair) for pair in moved)
        if shown and all(same) and not partial:
            return "ignored", (
                f"With another `{parameter}`, and all else as it was, {yours} stays the same, and "
                f"the right one does not. Does `{parameter}` enter it wherever it should?"
            )
        if pairs and all(wanted) and not all(same):
            return "contained", (
                f"With another `{parameter}`, and all else as it was, {yours} changes, and the "
                f"right one does not. Does `{parameter}` enter it where it should not?"
            )
    name, says = where(exercise, cases, expected, values, f"Y{yours[1:]}")
    return (name, says) if name else _places(exercise, cases, expected, values, f"Y{yours[1:]}")


def _shows(expected, values, pair):
    """Whether one pair is enough: for 0, or the next whole number, there are many reasons."""
    i, j = pair
    if type(expected[i]) is int is type(expected[j]):
        return abs(expected[i] - expected[j]) > 1
    return any(leaf != 0 for _, leaf in data.leaves(values[i]))


def _misshapen(expected, value):
    """Whether an array, or a number where an array belongs, has another shape than expected."""
    kinds = type(expected), type(value)
    if kinds[0] is kinds[1] and kinds[0] in (tuple, list) and len(expected) == len(value):
        return any(map(_misshapen, expected, value))
    if kinds[0] is not np.ndarray or not (kinds[1] is np.ndarray or data.is_number(value)):
        return False
    return np.shape(expected) != np.shape(value)


def _apart_in(cases, k):
    """Pairs of cases that differ in argument k, and in no other."""
    found, forms = [], [data.form(case[k]) for case in cases]
    for i, j in combinations(range(len(cases)), 2):
        others = (
            data.identical(a, b)
            for n, (a, b) in enumerate(zip(cases[i], cases[j], strict=True))
            if n != k
        )
        if forms[i] == forms[j] and all(others):
            if not data.identical(cases[i][k], cases[j][k]):
                found.append((i, j))
    return found


def _agree(exercise, results, pair):
    i, j = pair
    return _same(exercise, results[i], results[j])


def _same(exercise, one, other):
    return data.agree(one, other, exercise.rtol, exercise.atol)


def where(exercise, cases, expected, values, yours):
    right = [_same(exercise, e, v) for e, v in zip(expected, values, strict=True)]
    if min(sum(right), len(right) - sum(right)) < 2:
        return "", ""
    found = _with_word(exercise.parameters, cases, right, yours) if exercise.reads else ""
    if found:
        return "where", found
    features = _features(exercise.parameters, cases)
    found = [words for words, holds in features if [holds(case) for case in cases] == right]
    if not 1 <= len(found) <= 2:  # where more is in common, nobody sees which of it counts
        return "", ""
    words = " and ".join(found)
    return "where", f"{yours} is right in all cases in which {words}, and in no other."


def _places(exercise, cases, expected, values, yours):
    """A sentence on the entries of an argument beside which all wrong numbers of arrays stand."""
    alike = [type(e) is type(v) is np.ndarray for e, v in zip(expected, values, strict=True)]
    if not all(alike) or any(map(_misshapen, expected, values)):
        return "", ""
    wrong = np.concatenate(
        [
            ~np.isclose(v, e, exercise.rtol, exercise.atol, equal_nan=True).ravel()
            for e, v in zip(expected, values, strict=True)
        ]
    )
    for k, name in enumerate(exercise.parameters):
        given = [case[k] for case in cases]
        if [type(v) is np.ndarray and v.shape for v in given] != [e.shape for e in expected]:
            continue
        entries = np.concatenate([v.ravel() for v in given])
        for words, there in (
            ("negative", entries < 0),
            ("positive", entries > 0),
            ("0", entries == 0),
            ("1", entries == 1),
        ):
            beside = wrong[there].mean() if there.any() else 0
            if beside > MOST and not wrong[~there].any() and (~there).sum() >= FEW <= wrong.sum():
                return "where", (
                    f"{yours} is wrong only where the entry of `{name}` is {words}: wherever it "
                    "is not, all is right."
                )
    return "", ""


def _nodes(program):
    """Is it a list of nodes (word, operand …), and not one of numbers?"""
    return all(type(node) is tuple and node and type(node[0]) is str for node in program)


def _with_word(names, cases, right, yours):
    """A sentence on the kind of node that every wrong case has; the rarest, if a right one has
    none."""
    found = []
    for k, name in enumerate(names):
        if not all(type(case[k]) is list and _nodes(case[k]) for case in cases):
            continue
        words = [{node[0] for node in case[k]} for case in cases]
        for word in sorted(set().union(*words)):
            has = [word in some for some in words]
            all_have = all(h or ok for h, ok in zip(has, right, strict=True))
            if all_have and len(has) - sum(has) >= FEW:
                found.append((sum(has), word, name))
    if not found:
        return ""
    _, word, name = min(found)
    return f"{yours} is right wherever `{name}` has no `{word}`: every case that fails has one."


def _features(names, cases):
    """(words, condition on a case) that may tell right cases from wrong ones."""
    for k, name in enumerate(names):
        given = [case[k] for case in cases]
        if all(type(v) is np.ndarray for v in given):
            for axis in range(min(v.ndim for v in given)):
                length = f"`{name}` has the length 1" + f" along axis {axis}" * (given[0].ndim > 1)
                yield length, lambda case, k=k, axis=axis: case[k].shape[axis] == 1
                yield (
                    length.replace("the length 1", "more than one entry"),
                    lambda case, k=k, axis=axis: case[k].shape[axis] > 1,
                )
            if min(v.ndim for v in given) >= 2:
                yield (
                    f"`{name}` is square",
                    lambda case, k=k: case[k].shape[0] == case[k].shape[1],
                )
            yield f"`{name}` has no negative entry", lambda case, k=k: bool((case[k] >= 0).all())
            yield f"`{name}` has a negative entry", lambda case, k=k: bool((case[k] < 0).any())
            yield f"`{name}` is 0 everywhere", lambda case, k=k: not case[k].any()
            yield f"`{name}` is not 0 everywhere", lambda case, k=k: bool(case[k].any())
            yield (
                f"every number of `{name}` is finite",
                lambda case, k=k: bool(np.isfinite(case[k]).all()),
            )
        elif all(type(v) in (list, tuple) for v in given):
            for length in (1, 2):
                yield (
                    f"`{name}` is at most {length} long",
                    lambda case, k=k, length=length: len(case[k]) <= length,
                )
            yield f"`{name}` is empty", lambda case, k=k: not case[k]
            yield f"`{name}` is not empty", lambda case, k=k: bool(case[k])
        elif all(type(v) in (int, float) for v in given):
            for number in (0, 1):
                yield (
                    f"`{name}` is {number}",
                    lambda case, k=k, number=number: case[k] == number,
                )
            yield f"`{name}` is at most 1", lambda case, k=k: case[k] <= 1
