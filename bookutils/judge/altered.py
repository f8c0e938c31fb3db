"""Wrong numbers as those of a right program with one thing changed in it.

An exercise may have a `worked` program, step by step in the letters of its text. Here it is altered
in all the small ways in which programs go wrong: an operation left out or exchanged, brackets that
stand elsewhere, another name, number, axis or index, a line too few. An alteration whose results
are the learner's on every case says what is wrong, and shows the line as it would have to read for
these numbers, never the right one.
The changes are those of `bookutils.judge.changes`, one at a time, two at a time of the likeliest,
and one together with a factor; what they give is kept case by case.
"""

import ast
import warnings
from itertools import combinations, zip_longest

import numpy as np

from bookutils.judge import data
from bookutils.judge.changes import (
    AVERAGED,
    BRACKETS,
    FUNCTION,
    LIKELY,
    MISSING,
    MORE,
    NAME,
    NUMBER,
    OPERATION,
    SIGN,
    SLOPE,
    alterations,
)
from bookutils.judge.factors import by_factor, simple_ratio, times
from bookutils.judge.reading import reading
from bookutils.judge.rewording import rewordings
from bookutils.judge.stepwise import Program

LARGE = 20_000  # numbers in all cases: beyond, pairs of changes would take too long
TELLING = (
    MISSING,
    SIGN,
    OPERATION,
    BRACKETS,
    FUNCTION,
    NAME,
    SLOPE,
    AVERAGED,
)  # where a value is asked for
NOT_OF_NODES = (SLOPE, AVERAGED, MORE, SIGN)  # of numbers, where a program is written
PAIRED = 48  # of the likeliest changes are tried two at a time


class Altered:
    """The altered programs of an exercise, and what they give case by case."""

    def __init__(self, exercise):
        self.exercise, self.program = exercise, Program(exercise.worked)
        changes = alterations(self.program.body, self.program.parameters)
        if exercise.reads:
            changes = [c for c in changes if c.says not in NOT_OF_NODES and not _of_numbers(c)]
            changes += rewordings(self.program.body)
        rank = {says: i for i, says in enumerate(LIKELY)}
        changes.sort(key=lambda change: rank.get(change.says, len(rank)))
        if exercise.wants_value:  # a single case: a number comes about in many ways
            changes = [change for change in changes if change.says in TELLING]
        self.singles = [(change,) for change in changes]
        self.kept, self.pairs = {}, None

    def result(self, changes, cases, i):
        """What the program with these changes gives on case i, or None where it fails."""
        key = changes, i
        if key not in self.kept:
            try:
                found = data.plain(self.program.run(changes, data.fresh(cases[i]), i))
                found = found if found is None else reading(self.exercise, found, cases[i])
            except Exception:  # a change may make nonsense of a program
                found = None
            self.kept[key] = found
        return self.kept[key]

    def two(self, expected, cases):
        """Pairs of likely changes, each of which has its own effect on the smallest cases."""
        if self.pairs is None:
            small = sorted(range(len(cases)), key=lambda i: data.size(cases[i]))[:4]
            seen, kinds = {repr([expected[i] for i in small])}, {says: [] for says in LIKELY}
            for changes in self.singles:
                if changes[0].says in LIKELY:
                    made = [self.result(changes, cases, i) for i in small]
                    if repr(made) not in seen and not all(one is None for one in made):
                        seen.add(repr(made))
                        kinds[changes[0].says].append(changes[0])
            some = [c for row in zip_longest(*kinds.values()) for c in row if c][:PAIRED]
            self.pairs = list(combinations(some, 2))
        return self.pairs


def _of_numbers(change):
    """Whether a change doubles or halves: no list of nodes is meant."""
    return change.says == NUMBER and isinstance(change.put, ast.BinOp)


def _altered(exercise):
    """The altered programs of an exercise, kept; None where the program text is not at hand."""
    if "altered" not in exercise._memory:
        try:
            exercise._memory["altered"] = Altered(exercise)
        except OSError:
            exercise._memory["altered"] = None
    return exercise._memory["altered"]


def cause(exercise, expected, values, cases, result=None, broken=()):
    """(name, explanation) of a change whose results are the learner's on every case, or two "".

    `expected` and `values` are those of the whole answer, or of the one `result` with that number;
    cases in which the answer is `broken` do not count.
    """
    if exercise.worked is None or (exercise.wants_value and result is not None):
        return "", ""
    rtol, atol = exercise.rtol, exercise.atol
    order = [i for i in range(len(cases)) if i not in broken and _finite(values[i])]
    order.sort(key=exercise.sizes().__getitem__)
    wrong = [i for i in order if not data.agree(expected[i], values[i], rtol, atol)]
    order = wrong + [i for i in order if i not in wrong]
    if len(wrong) < min(2, len(cases)) or any(map(_nothing, map(values.__getitem__, wrong))):
        return "", ""  # too little to tell a cause, or no number at all: a forgotten `return`
    altered = _altered(exercise)
    if altered is None:
        return "", ""

    def made(changes, i):
        found = altered.result(changes, cases, i)
        if found is None or result is None:
            return found
        return found[result] if type(found) in (tuple, list) and len(found) > result else None

    def gives(changes):
        for i in order:
            found = made(changes, i)
            if found is None or not data.agree(found, values[i], rtol, atol):
                return False
        return True

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = [changes for changes in altered.singles if gives(changes)]
        if found:
            return _one(altered, exercise, found)
        if exercise.wants_value or exercise.reads or sum(exercise.sizes()) > LARGE:
            return "", ""
        for changes in altered.two(exercise.expected(), cases):
            if gives(changes):
                said = altered.program.said(changes)
                return (
                    "altered",
                    f"A right program gives these numbers if two things change: {said}.",
                )
        return _times_one(exercise, values, cases, order, altered, made)


def _times_one(exercise, values, cases, order, altered, made):
    """A change, and besides all numbers off by one factor."""
    first = order[0]
    for changes in altered.singles:
        found = made(changes, first)
        ratio = None if found is None else simple_ratio(found, values[first])
        if ratio and data.agree(times(found, ratio), values[first], exercise.rtol, exercise.atol):
            every = [made(changes, i) for i in order]
            if not any(one is None for one in every):
                some = [values[i] for i in order], [cases[i] for i in order]
                factor = by_factor(exercise, every, *some)
                if factor:
                    said = altered.program.said(changes)
                    return "altered", f"{ONE} {said}. But for that: {factor}"
    return "", ""


ONE = "A right program gives these numbers if one line of it is another:"


def _one(altered, exercise, found):
    """The sentence for single changes that give the same numbers."""
    lines = {}
    for changes in found:
        lines.setdefault(id(changes[0].line), changes)
    found = list(lines.values())
    if exercise.wants_value and len(found) > 2:
        return "", ""
    likely = [changes for changes in found if changes[0].says in LIKELY]
    said = [altered.program.said(changes) for changes in (likely or found[:1])[:2]]
    either = "either " if len(said) > 1 else ""
    return "altered", f"{ONE} {either}{', or '.join(said)}."


def _nothing(value):
    return value is None or value is ...


def _finite(value):
    """Whether all is finite: infinities are too much alike to tell a cause."""
    return all(not data.is_number(leaf) or np.isfinite(leaf) for _, leaf in data.leaves(value))
