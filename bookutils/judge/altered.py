"""Wrong numbers as those of a right program with one thing changed in it.

An exercise may have a `worked` program, step by step in the letters of its text. Here it is altered
in all the small ways in which programs go wrong: an operation left out or exchanged, brackets that
stand elsewhere, another name, number, axis or index, a line too few. Where an alteration gives the
learner's results on every case, the changed line is shown, never the right one.

A false cause is worse than none, so three things are asked for besides. The alteration touches no
result that is right in the answer. If several alterations give these numbers, they are one and the
same function, which fresh cases show. One that comes together with a factor is a likely one. Where
a value is asked for, nothing is said: a number comes about in many ways, and often by no program.
What is said claims no more than this: the learner's program may be written in another way.
"""

import ast
import re
import warnings
import zlib

import numpy as np

from bookutils.judge import data
from bookutils.judge.changes import AVERAGED, LIKELY, MORE, NAME, NUMBER, SIGN, SLOPE, alterations
from bookutils.judge.factors import by_factor, simple_ratio, times
from bookutils.judge.reading import reading
from bookutils.judge.rewording import rewordings
from bookutils.judge.stepwise import OUT, Program

NOT_OF_NODES = (SLOPE, AVERAGED, MORE, SIGN)  # of numbers, where a program is written
LIKELIEST = ("", *LIKELY, NAME)  # a line left out says nothing else
LARGE = 500  # numbers in a fresh case that is not tried
SAYS = "Your numbers are those of a right program in which"


class Altered:
    """The altered programs of an exercise, and what they give case by case."""

    def __init__(self, exercise):
        self.exercise, self.program = exercise, Program(exercise.worked)
        changes = alterations(self.program.body, self.program.parameters)
        if exercise.reads:
            changes = [c for c in changes if c.says not in NOT_OF_NODES and not _of_numbers(c)]
            changes += rewordings(self.program.body)
        self.changes, self.kept = sorted(changes, key=_rank), {}

    def result(self, change, args, i):
        """What the program with this change gives on case `i`, or None where it fails."""
        key = change, i
        if key not in self.kept:
            try:
                found = data.plain(self.program.run(change, data.fresh(args), i))
                found = found if found is None else reading(self.exercise, found, args)
            except Exception:  # a change may make nonsense of a program
                found = None
            self.kept[key] = found
        return self.kept[key]

    def one_function(self, changes):
        """Whether changes that agree on all cases agree on fresh ones too."""
        rtol, atol = self.exercise.rtol, self.exercise.atol
        for i, args in _fresh_cases(self.exercise) if len(changes) > 1 else ():
            first, *others = (self.result(change, args, ("fresh", i)) for change in changes)
            if any(first is None or not data.agree(first, one, rtol, atol) for one in others):
                return False
        return True

    def said(self, changes):
        """What the likeliest of some changes that are one function says; "" where there are many.

        Those on the same names count as one, `2 * x` beside `x * 2`.
        """
        best = min(_rank(change) for change in changes)
        some = {}
        for change in changes:
            if _rank(change) == best:
                said = self.program.said(change)
                some.setdefault(frozenset(re.findall(r"[^\W\d]\w*", said.split("` (")[0])), said)
        said = [text if text.endswith(OUT) else f"one line reads {text}" for text in some.values()]
        if len(said) > 2:
            return ""
        return f"either {said[0]}, or {said[1]}" if len(said) > 1 else said[0]


def _rank(change):
    return LIKELIEST.index(change.says) if change.says in LIKELIEST else len(LIKELIEST)


def _fresh_cases(exercise):
    """(number, arguments) of cases that nobody has seen."""
    if "fresh" not in exercise._memory:
        rng = np.random.default_rng(zlib.crc32(exercise.id.encode()) + 1)
        cases = enumerate(map(tuple, exercise.cases(rng)))
        exercise._memory["fresh"] = [(i, case) for i, case in cases if data.size(case) <= LARGE]
    return exercise._memory["fresh"]


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
    if exercise.worked is None or exercise.wants_value:
        return "", ""
    rtol, atol = exercise.rtol, exercise.atol
    order = [i for i in range(len(cases)) if i not in broken and finite(values[i])]
    order.sort(key=exercise.sizes().__getitem__)
    wrong = [i for i in order if not data.agree(expected[i], values[i], rtol, atol)]
    order = wrong + [i for i in order if i not in wrong]
    if len(wrong) < min(2, len(cases)) or any(map(_nothing, map(values.__getitem__, wrong))):
        return "", ""  # too little to tell a cause, or no number at all: a forgotten `return`
    altered = _altered(exercise)
    if altered is None:
        return "", ""
    whole = exercise.expected()

    def made(change, i):
        found = altered.result(change, cases[i], i)
        if found is None or result is None:
            return found
        if type(found) not in (tuple, list) or len(found) != len(whole[i]):
            return None
        others = (r for r in range(len(found)) if r != result)
        alone = all(data.agree(whole[i][r], found[r], rtol, atol) for r in others)
        return found[result] if alone else None

    def gives(change):
        for i in order:
            found = made(change, i)
            if found is None or not data.agree(found, values[i], rtol, atol):
                return False
        return True

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = [change for change in altered.changes if gives(change)]
        if found:
            said = altered.said(found) if altered.one_function(found) else ""
            return ("altered", f"{SAYS} {said}.") if said else ("", "")
        if exercise.reads:
            return "", ""
        return _times_one(exercise, values, cases, order, altered, made)


def _times_one(exercise, values, cases, order, altered, made):
    """A likely change, and besides all numbers off by one factor."""
    first = order[0]
    for change in altered.changes:
        found = made(change, first) if change.says in LIKELY else None
        ratio = None if found is None else simple_ratio(found, values[first])
        if ratio and data.agree(times(found, ratio), values[first], exercise.rtol, exercise.atol):
            every = [made(change, i) for i in order]
            if not any(one is None for one in every):
                some = [values[i] for i in order], [cases[i] for i in order]
                factor = by_factor(exercise, every, *some)
                if factor:
                    return "altered", f"{SAYS} {altered.said([change])}. But for that: {factor}"
    return "", ""


def _nothing(value):
    return value is None or value is ...


def finite(value):
    """Whether all is finite: infinities are too much alike to tell a cause."""
    return all(not data.is_number(leaf) or np.isfinite(leaf) for _, leaf in data.leaves(value))
