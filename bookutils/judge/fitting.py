"""Whether an answer gives the results of a known mistake, case by case.

The first case on which the numbers differ ends the comparison, and small cases come first, so that
no mistake runs on a huge case in vain.
"""

import re
from functools import cached_property

import numpy as np

from bookutils.judge import data
from bookutils.judge.diagnose import READ_OFF
from bookutils.judge.flat import numeric
from bookutils.judge.verdict import BROKEN

NO_NUMBER = ("ZeroDivisionError", "OverflowError")  # nan or inf, where numbers are Python's own
VARYING = re.compile(r"\([^()]*\)|\d+")  # in a sentence on what an answer does


class Answer:
    """What an answer gave beside what was expected, case by case."""

    def __init__(self, exercise, outcomes, expected, cases, failing):
        self.exercise, self.outcomes, self.expected = exercise, outcomes, expected
        self.cases, self.failing = cases, failing
        self.order = sorted(range(len(outcomes)), key=exercise.sizes().__getitem__)
        self.needed = min(2, len(cases))

    @property
    def bare(self):
        """Whether truth values alone are wrong, beside numbers that are right."""
        rtol, atol = self.exercise.rtol, self.exercise.atol
        wrong, kinds = [], {type(leaf) for want in self.expected for _, leaf in data.leaves(want)}
        for i in self.failing:
            if not self.outcomes[i].problem:
                wrong += data.differing(self.expected[i], self.outcomes[i].value, rtol, atol)
        return kinds > {bool} and bool(wrong) and all(type(want) is bool for _, want, _ in wrong)

    @cached_property
    def telling(self):
        """The failing cases that show more of the fault than inf and NaN."""
        return {i for i in self.failing if self._tells(i)}

    def _tells(self, i):
        outcome, want = self.outcomes[i], self.expected[i]
        if outcome.problem or outcome.changed or not numeric(want):
            return True
        wrong = data.differing(want, outcome.value, self.exercise.rtol, self.atol)
        return not wrong or any(np.isfinite(float(g)) for _, _, g in wrong)

    @property
    def atol(self):
        """The tolerance for mistakes: numbers read off a picture are compared exactly."""
        return self.exercise.atol if self.exercise.atol <= READ_OFF else 1e-9


def same(exercise, a, b, atol=None):
    """Whether two outcomes are the same within the tolerance."""
    if a.problem or b.problem:
        return a.problem == b.problem and a.error == b.error
    if a.value is None or b.value is None:
        return a.value is b.value
    if exercise.accept and type(a.value) is not type(b.value):
        return False
    if exercise.reads and type(a.value) is type(b.value) is str:  # which node it was may differ
        return VARYING.sub("", a.value) == VARYING.sub("", b.value)
    try:
        return data.agree(a.value, b.value, exercise.rtol, exercise.atol if atol is None else atol)
    except TypeError:
        return False


def fitted(answer, mistake, loose):
    """The member of a family that gives these results, None for a mistake without one, or False.

    `loose`: but for nan, infinity and what raises in their place, where one of the two has a guard.
    """
    order = answer.order
    if loose:  # what tells most comes first: an answer that is all nan is like every mistake
        if len(answer.telling) < answer.needed:
            return False
        order = sorted(order, key=lambda i: i not in answer.telling)
    if not mistake.family:
        return None if _agrees(answer, mistake, None, order, loose) else False
    first = next((i for i in order if i in answer.failing), None)
    for value in mistake.family:
        if _agrees(answer, mistake, value, [first], loose):
            if _agrees(answer, mistake, value, order, loose):
                return value
    return False


def _agrees(answer, mistake, value, order, loose):
    """Whether a mistake gives these results; where all of them raise, with the same words too."""
    raises = all(answer.outcomes[i].problem for i in answer.failing)
    if raises and mistake.verdict != BROKEN:
        return False
    told = 0
    for i in order:
        if not _same_fault(answer, mistake, value, i):
            if raises or not loose or not _but_for_nan(answer, mistake, value, i):
                return False
        elif i in answer.failing:
            if raises and not _same_words(answer, mistake, value, i):
                return False
            told += i in answer.telling
    return not loose or told >= answer.needed or len(order) == 1


def _but_for_nan(answer, mistake, value, i):
    """Whether numbers agree wherever both are finite."""
    known, outcome = answer.exercise.known(mistake, i, value), answer.outcomes[i]
    if outcome.problem or known.problem:
        return not outcome.problem and known.error in NO_NUMBER
    if not numeric(known.value):
        return False
    pairs = data.differing(known.value, outcome.value, answer.exercise.rtol, answer.atol)
    return bool(pairs) and not any(np.isfinite(w) and np.isfinite(g) for _, w, g in pairs)


def _same_words(answer, mistake, value, i):
    """Whether two exceptions say the same but for the code they quote."""
    sentences = answer.exercise.known(mistake, i, value).sentence, answer.outcomes[i].sentence
    first, second = (re.sub(r"`[^`]*`|'[^']*'", "", sentence) for sentence in sentences)
    return first == second or _sizes(first) == _sizes(second) != []


def _sizes(sentence):
    return re.findall(r"\d+", sentence)


def _same_fault(answer, mistake, value, i):
    """Whether a known mistake went the same way: its numbers, its changes, its counting."""
    exercise, outcome = answer.exercise, answer.outcomes[i]
    known = exercise.known(mistake, i, value)
    if known.changed != outcome.changed or not same(exercise, known, outcome, answer.atol):
        return False
    counts = exercise.products and exercise.products(*answer.cases[i]) > 0
    return not counts or (known.products == 0) == (outcome.products == 0)
