"""Wrong numbers as those of a right program with one thing changed in it.

An exercise may have a `worked` program, step by step in the letters of its text. Here it is altered
in all the small ways in which programs go wrong: an operation left out or exchanged, brackets that
stand elsewhere, another name, number, axis or index, a line too few. Where an alteration gives the
learner's results on every case, the changed line is shown, never the right one.

A false cause is worse than none, so three things are asked for besides. The alteration touches no
result that is right in the answer. If several alterations give these numbers, they are one and the
same function, which fresh cases show. One that comes together with a factor is a likely one. Two
changes at once are tried last, and only the likeliest. Where a value is asked for, the parameters
of the worked program have the numbers of the text for defaults, fresh cases vary them, and a round
number alone, which comes about in many ways, tells nothing.
What is said claims no more than this: the learner's program may be written in another way.
"""

import ast
import re
import zlib
from functools import cached_property
from itertools import chain, combinations

import numpy as np

from bookutils.judge import data
from bookutils.judge.alteration import Pair
from bookutils.judge.changes import (
    AVERAGED,
    AXIS,
    LIKELY,
    MISSING,
    MORE,
    NAME,
    NUMBER,
    OPERATION,
    PLACE,
    SIGN,
    SLOPE,
    TURNED,
    alterations,
)
from bookutils.judge.factors import by_factor, simple_ratio, times
from bookutils.judge.flat import flat
from bookutils.judge.reading import reading
from bookutils.judge.rewording import rewordings
from bookutils.judge.stepwise import OLD, OUT, Program

NOT_OF_NODES = (SLOPE, AVERAGED, MORE, SIGN)  # of numbers, where a program is written
LIKELIEST = ("", *LIKELY, NAME)  # a line left out says nothing else
LARGE = 500  # numbers in a case that is too large to try much on
WIDE = 64  # numbers of a result by which changes are sought at first
PAIRED = MISSING, OPERATION, SIGN, TURNED, AXIS, "", NUMBER, PLACE
AT_MOST = 80  # changes of which any two are tried at once
VARIED = 5  # times that the numbers of a text are varied
SAYS = "Your numbers are those of a right program in which"
BY_HAND = "Your numbers are those of the right steps, but that"


class Altered:
    """The altered programs of an exercise, and what they give case by case."""

    def __init__(self, exercise):
        self.exercise, self.program = exercise, Program(exercise.worked)
        changes = alterations(self.program.body, self.program.parameters)
        if exercise.reads:
            changes = [c for c in changes if c.says not in NOT_OF_NODES and not _of_numbers(c)]
            changes += rewordings(self.program.body)
        if exercise.wants_value:
            changes = [c for c in changes if c.says in LIKELIEST]
        self.changes, self.kept, self.tables = sorted(changes, key=_rank), {}, {}

    @cached_property
    def pairs(self):
        """Two of the likeliest changes at once; of those that do the same, one stands for all."""
        expected, cases = self.exercise.expected(), self.exercise.drawn()
        sizes, some = self.exercise.sizes(), {}
        order = sorted((i for i in range(len(cases)) if sizes[i] <= LARGE), key=sizes.__getitem__)
        tried = order[:: max(1, len(order) // 3)]
        for change in (c for kind in PAIRED for c in self.changes if c.says == kind):
            made = [flat(self.result(change, cases[i], i)) for i in tried]
            if any(numbers is None for numbers in made):
                continue
            right = (flat(expected[i]) for i in tried)
            if not all(map(np.array_equal, made, right)):
                some.setdefault(tuple(numbers.tobytes() for numbers in made), change)
            if len(some) == AT_MOST:
                break
        chosen = sorted(some.values(), key=lambda change: change.block)
        return [
            Pair(one, other)
            for one, other in combinations(chosen, 2)
            if one.places[0][:2] != other.places[0][:2]
            and not (one.line is other.line and "" in (one.says, other.says))
        ]

    def made(self, change, args, i):
        """What the program with this change gives on case `i`, or None where it fails."""
        if self.exercise.wants_value:  # the numbers that the text gives, or fresh ones
            args = args or self.exercise.worked.__defaults__
        try:
            found = data.plain(self.program.run(change, args, i))
            return found if found is None else reading(self.exercise, found, args)
        except Exception:  # a change may make nonsense of a program
            return None

    def result(self, change, args, i):
        """The same, kept."""
        key = change, i
        if key not in self.kept:
            self.kept[key] = self.made(change, args, i)
        return self.kept[key]

    def near(self, changes, value, args, i, result=None):
        """Those of the changes that may give `value` on case `i`: as many numbers, all close.

        Kept case by case, as tables with a row for each change: whoever is judged next is
        compared with all of them at once, by the first numbers.
        """
        key = changes is self.changes, i
        if key not in self.tables:
            self.tables[key] = self._tables(changes, args, i)
        numbers = flat(value)
        if numbers is None or (result, len(numbers)) not in self.tables[key]:
            return []
        rtol, atol = self.exercise.rtol, self.exercise.atol
        some, rows = self.tables[key][result, len(numbers)]
        near = np.abs(numbers[:WIDE] - rows) <= 2 * (atol + rtol * np.abs(rows))  # `agree` decides
        return [some[k] for k in np.flatnonzero(near.all(axis=1))]

    def looked_at(self, changes, wrong):
        """Of the cases that are wrong one that has its tables already, or else the first."""
        return next((i for i in wrong if (changes is self.changes, i) in self.tables), wrong[0])

    def _tables(self, changes, args, i):
        """{(result, how many numbers): (changes, a row of numbers for each)} on case `i`, of each
        result and (None) of all: no change is run once more for another result."""
        ask, rows = self.result if changes is self.changes else self.made, {}
        several = type(self.exercise.expected()[0]) is tuple
        for change in changes:
            found = ask(change, args, i)
            parts = enumerate(found) if several and type(found) in (tuple, list) else ()
            for result, part in chain([(None, found)], parts):
                numbers = None if part is None else flat(part)
                if numbers is not None and np.isfinite(numbers).all():
                    rows.setdefault((result, len(numbers)), []).append((change, numbers[:WIDE]))
        return {
            key: ([change for change, _ in some], np.array([row for _, row in some]))
            for key, some in rows.items()
        }

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
        plain = [change for change in changes if OLD not in self.line(change)]
        changes = plain or changes  # the old value of a name is seldom what a learner meant
        best = min(map(_rank, changes))
        some = {}
        for change in changes:
            if _rank(change) == best:
                said = self.line(change)
                names = re.findall(r"[^\W\d]\w*", said.split("` (")[0])
                some.setdefault(frozenset(names), said)
        some = list(some.values())
        if len(some) > 2:
            return ""
        return f"either {some[0]}, or {some[1]}" if len(some) > 1 else some[0]

    def line(self, change):
        """What a change, or each of a pair, says."""
        if isinstance(change, Pair) and not change.line:
            return " and ".join(map(self.line, (change.first, change.second)))
        said = self.program.said(change)
        return said if said.endswith(OUT) else f"one line reads {said}"


def _rank(change):
    if isinstance(change, Pair):
        return _rank(change.first) + _rank(change.second)
    return LIKELIEST.index(change.says) if change.says in LIKELIEST else len(LIKELIEST)


def _fresh_cases(exercise):
    """(number, arguments) of cases that nobody has seen."""
    if "fresh" not in exercise._memory:
        rng = np.random.default_rng(zlib.crc32(exercise.id.encode()) + 1)
        if exercise.wants_value:
            numbers = exercise.worked.__defaults__
            exercise._memory["fresh"] = [(i, _varied(numbers, rng)) for i in range(VARIED)]
            return exercise._memory["fresh"]
        cases = enumerate(map(tuple, exercise.cases(rng)))
        exercise._memory["fresh"] = [(i, case) for i, case in cases if data.size(case) <= LARGE]
    return exercise._memory["fresh"]


def _varied(value, rng):
    """The same form with other numbers, but for those that are counts."""
    if type(value) in (tuple, list):
        return type(value)(_varied(item, rng) for item in value)
    if type(value) is int:
        return value
    shape = np.shape(value)
    made = value * np.exp(rng.normal(size=shape) / 3) + (value == 0) * rng.normal(size=shape)
    return float(made) if type(value) is float else made


def _tells(exercise, expected, value):
    """Whether numbers of a value exercise tell a cause: one round number comes about by many."""
    wrong = {got for _, _, got in data.differing(expected, value, exercise.rtol, exercise.atol)}
    digits = 2 if exercise.atol > 1e-6 else 3  # numbers that are asked for rounded have four
    return len(wrong) > 1 or any(round(got, digits) != got for got in wrong)


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


def cause(exercise, expected, values, cases, result=None, broken=(), pairs=False):
    """(name, explanation) of a change whose results are the learner's on every case, or two "".

    With `pairs`, of two changes at once, for what no single one explains.

    `expected` and `values` are those of the whole answer, or of the one `result` with that number;
    cases in which the answer is `broken` do not count.
    """
    if exercise.worked is None or (exercise.wants_value and not exercise.worked.__defaults__):
        return "", ""
    rtol, atol = exercise.rtol, exercise.atol
    order = [i for i in range(len(cases)) if i not in broken and finite(values[i])]
    order.sort(key=exercise.sizes().__getitem__)
    wrong = [i for i in order if not data.agree(expected[i], values[i], rtol, atol)]
    order = wrong + [i for i in order if i not in wrong]
    if len(wrong) < min(2, len(cases)) or any(map(_nothing, map(values.__getitem__, wrong))):
        return "", ""  # too little to tell a cause, or no number at all: a forgotten `return`
    counts = all(type(leaf) is int for want in expected for _, leaf in data.leaves(want))
    if pairs and (exercise.reads or exercise.wants_value or counts):  # many pairs give a count
        return "", ""
    if exercise.wants_value and not _tells(exercise, expected[0], values[0]):
        return "", ""
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

    first = order[0]

    def fitting(changes):
        i = altered.looked_at(changes, wrong)
        near = altered.near(changes, values[i], cases[i], i, result)
        found = [change for change in near if gives(change)]
        if not found:
            return None
        return altered.said(found) if altered.one_function(found) else ""

    if pairs:
        said = fitting(altered.pairs) if exercise.sizes()[first] <= LARGE else None
    else:
        said = fitting(altered.changes)
        if said is None and not (exercise.reads or exercise.wants_value):
            return _times_one(exercise, values, cases, order, altered, made)
    says = BY_HAND if exercise.wants_value else SAYS
    return ("altered", f"{says} {said}.") if said else ("", "")


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
    if type(value) is np.ndarray:
        return bool(np.isfinite(value).all())
    if type(value) in (tuple, list):
        return all(map(finite, value))
    return all(not data.is_number(leaf) or np.isfinite(leaf) for _, leaf in data.leaves(value))
