"""Which misconception an answer shows: a known mistake, one for each result, or a plain relation.

Known mistakes come first (`bookutils.judge.fitting`), then results one by one, then relations that
any numbers may have.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from bookutils.judge import data
from bookutils.judge.altered import cause
from bookutils.judge.diagnose import generic_mistake
from bookutils.judge.fitting import Answer, fitted, same
from bookutils.judge.patterns import pattern, where
from bookutils.judge.reading import Read
from bookutils.judge.verdict import BROKEN

TOGETHER = 3  # mistakes that are told at once
GUESS = "Only inf and NaN show it, so this is a guess: "


@dataclass(frozen=True)
class Found:
    """A named misconception; `broken` where it raises, `section` where to read again."""

    name: str = ""
    explains: str = ""
    section: str = ""
    broken: bool | None = None


def misconception(exercise, outcomes, expected, cases, failing):
    """The misconception whose results these are; an empty `Found` where there is none."""
    answer = Answer(exercise, outcomes, expected, cases, failing)
    if len(failing) >= answer.needed:
        for owner in (exercise, *_siblings(answer)):
            found = _listed(answer, owner)
            if found:
                return found
    if exercise.several and len(outcomes) == len(cases):
        found = _together(answer)
        if found.name:
            return found
    if len(outcomes) < len(cases) or exercise.accept:
        return Found()
    if any(o.problem for o in outcomes):
        return _where_it_runs(answer)
    values = [outcome.value for outcome in outcomes]
    rtol, atol = exercise.rtol, exercise.atol
    if all(data.agree(e, v, rtol, atol) for e, v in zip(expected, values, strict=True)):
        return Found()  # the numbers are right: what is wrong has been said
    name, explains = generic_mistake(exercise, expected, values, cases, len(failing))
    if name:
        return Found(name, explains)
    if isinstance(outcomes[0], Read) and any(type(value) is str for value in values):
        name = explains = ""
        if not all(type(values[i]) is str for i in failing):  # or it is about the form
            name, explains = cause(exercise, expected, values, cases)
        if not name:  # some answers are no programs: of those only the place is looked at
            name, explains = where(exercise, cases, expected, values, "Your answer")
        return Found(name, explains)
    found, whole = _by_result(answer)
    if not whole:
        for pairs in (False, True):
            name, explains = cause(exercise, expected, values, cases, pairs=pairs)
            if name:
                return Found(name, explains)
        found, _ = _by_result(answer, deeper=True)
    if not found.name:
        found, _ = _by_result(answer, deeper=True, pairs=True)
    return found if found.name else _patterns(answer)


def _where_it_runs(answer):
    """What the numbers show in the calls that do not break."""
    exercise, outcomes, cases = answer.exercise, answer.outcomes, answer.cases
    broken = [i for i, outcome in enumerate(outcomes) if outcome.problem]
    runs = [i for i in range(len(cases)) if i not in broken]
    wrong = [i for i in answer.failing if i in runs]
    if len(wrong) < answer.needed:
        return Found()
    expected, values, some = (
        [of[i] for i in runs] for of in (answer.expected, [o.value for o in outcomes], cases)
    )
    name, explains = generic_mistake(exercise, expected, values, some, len(wrong))
    if not name:
        every = [outcome.value for outcome in outcomes]
        for pairs in (False, True):
            if not name:
                found = exercise, answer.expected, every, cases
                name, explains = cause(*found, broken=broken, pairs=pairs)
    return Found(name, f"In the calls that do not break: {explains}") if name else Found()


def _siblings(answer):
    """Exercises on the same arguments, where the answer has the form that is asked for."""
    try:
        for i in answer.order[:2]:
            data.fit(answer.expected[i], answer.outcomes[i].value)
    except data.Misfit:
        return []
    return answer.exercise.siblings


def _listed(answer, owner):
    """The mistake of `owner`, the exercise itself or a sibling, whose results these are."""
    both = [(m, loose) for loose in (False, True) for m in owner.mistakes]
    fitting = ((m, v) for m, loose in both if (v := fitted(answer, m, loose)) is not False)
    for mistake, value in fitting:
        if answer.bare and any(m is not mistake for m, _ in fitting):
            return None  # a truth value is wrong for many a reason
        explains = _explained(mistake, value)
        if not answer.telling:
            explains = GUESS + explains
        broken = mistake.verdict == BROKEN
        if owner is not answer.exercise:
            said = f"The same numbers come from a known mistake in {owner.id}: {explains}"
            return Found(mistake.name, said, mistake.section, None)
        return Found(mistake.name, explains, mistake.section, broken)
    if owner is not answer.exercise and owner.reference is not None:
        if all(_as_reference(answer, owner, i) for i in answer.order):
            said = f"This is an answer to {owner.id}, “{owner.title}”."
            return Found(f"answer to {owner.id}", said)
    return None


def _as_reference(answer, owner, i):
    outcome = answer.outcomes[i]
    if outcome.problem:
        return False
    try:
        right = data.plain(owner.reference(*data.fresh(answer.cases[i])))
        return data.agree(right, outcome.value, owner.rtol, owner.atol)
    except Exception:  # its cases may lie outside of what the sibling allows
        return False


def _together(answer):
    """Known mistakes that show in cases of their own and explain all failing cases together."""
    exercise, failing = answer.exercise, set(answer.failing)
    shown = {}
    for mistake in exercise.mistakes:
        wrong, fits = set(), set()
        for i in range(len(answer.cases)):
            known = exercise.known(mistake, i)
            if not same(exercise, known, Right(answer.expected[i])):
                wrong.add(i)
                if i not in failing:
                    break
                fits |= {i} if same(exercise, known, answer.outcomes[i]) else set()
        if wrong <= failing and len(fits) >= answer.needed:
            shown[mistake] = fits
    chosen, left = [], set(failing)
    while left and shown and len(chosen) < TOGETHER:
        mistake = max(shown, key=lambda m: len(shown[m] & left))
        if not shown[mistake] & left:
            break
        chosen.append(mistake)
        left -= shown.pop(mistake)
    if len(left) > len(failing) // 10 or len(chosen) < 2:  # where two meet, a third result may come
        return Found()
    names = " + ".join(mistake.name for mistake in chosen)
    return Found(names, " ".join(mistake.explanation for mistake in chosen), chosen[0].section)


@dataclass(frozen=True)
class Right:
    """An outcome that is right."""

    value: object
    problem: str = ""


# ---- each result for itself


# words of a sentence that speaks of several results: it is not said of one of them alone
OF_SEVERAL = re.compile(r"∂|\b(both|two|three|four|five|six|results?|exchanged|printed|order)\b")
RIGHT = re.compile(r"\b(?:is|are) right\b")  # of other results: then they must be
PARTS = {  # of a single result, what `generic_mistake` says of all
    "zero": "all zeros.",
    "sign": "right except for the sign.",
    "transposed": "transposed, rows and columns are exchanged.",
}


def _by_result(answer, deeper=False, pairs=False):
    """(what is wrong with each result of a tuple and which are right, whether all is said)."""
    expected, names = answer.expected, answer.exercise.results
    n = len(expected[0]) if type(expected[0]) is tuple else 0
    values = [_parts(outcome.value, n) for outcome in answer.outcomes]
    if not 2 <= n <= 8 or None in values or any(len(e) != n for e in expected):
        return Found(), False
    right, told = [], {}
    for r in range(n):
        wants, gots = [e[r] for e in expected], [v[r] for v in values]
        wrong = [i for i in answer.order if not _close(answer, wants[i], gots[i])]
        if not wrong:
            right.append(r)
            continue
        found = _of_result(answer, r, wants, gots, wrong, deeper, pairs)
        if found[1]:
            told.setdefault(found, []).append(r)
    if not told:
        return Found(), False
    says = []
    if right:
        says = [f"{_called(right, names)} {'is' if len(right) == 1 else 'are'} right."]
    for (name, explains), some in told.items():
        said = explains.removeprefix("Your result is ").removeprefix("Your numbers are ")
        said = PARTS.get(name, said)
        says.append(f"{_called(some, names)}: {said}")
    said = len(right) + sum(map(len, told.values()))
    return Found(" + ".join(dict.fromkeys(name for name, _ in told)), " ".join(says)), said == n


def _patterns(answer):
    """What the answer, or each wrong result of it, depends on, and where it is right."""
    exercise, names = answer.exercise, answer.exercise.results
    values = [outcome.value for outcome in answer.outcomes]
    n = len(names)
    parts = [_parts(value, n) for value in values] if n else [None]
    if None in parts:
        return Found(*pattern(exercise, answer.cases, answer.expected, values))
    told = {}
    for r in range(n):
        wants, gots = [e[r] for e in answer.expected], [v[r] for v in parts]
        if not all(map(_close, [answer] * len(wants), wants, gots)):
            name, says = pattern(exercise, answer.cases, wants, gots, names[r])
            if name:
                told[says] = name
    return Found(" + ".join(dict.fromkeys(told.values())), " ".join(told))


def _called(numbers, names):
    """Results by name, or by number in brackets: "`dX` and `db`", "Results [0] and [2]"."""
    if max(numbers) < len(names):
        words, head = [f"`{names[r]}`" for r in numbers], ""
    else:
        words, head = [f"[{r}]" for r in numbers], "Results " if len(numbers) > 1 else "Result "
    return head + " and ".join([", ".join(words[:-1])] * (len(words) > 1) + words[-1:])


def _parts(value, n):
    if type(value) is np.ndarray and value.ndim:
        value = [data.plain(part) for part in value]
    return value if type(value) in (tuple, list) and len(value) == n else None


def _close(answer, want, got):
    return data.agree(want, got, answer.exercise.rtol, answer.exercise.atol)


def _of_result(answer, r, wants, gots, wrong, deeper, pairs):
    """(name, explanation) of what is wrong with result r, or two empty strings."""
    exercise = answer.exercise
    if len(wrong) < answer.needed:
        return "", ""
    fitting = [
        (mistake, value)
        for mistake in exercise.mistakes
        if mistake.verdict != BROKEN and (mistake.alone or not exercise.wants_value)
        for value in mistake.family or (None,)
        if all(_result_agrees(answer, mistake, value, r, gots[i], i) for i in answer.order)
        and _holds_beside(answer, mistake, value)
    ]
    if len(fitting) > 1 and all(type(want) is bool for want in wants):
        return "", ""
    # where several members of a family fit, the number that tells them apart is not known
    shown = Counter(mistake.name for mistake, _ in fitting if "{}" in mistake.explanation)
    fitting = [(mistake, value) for mistake, value in fitting if shown[mistake.name] < 2]
    if fitting:  # of several the one that says least of the other results
        mistake, value = min(fitting, key=lambda pair: len(_spoiled(answer, *pair)))
        return mistake.name, _explained(mistake, value)
    part = replace(exercise, results=())
    found = generic_mistake(part, wants, gots, answer.cases, len(wrong), r)
    if found[0] or not deeper:
        return found
    return cause(exercise, wants, gots, answer.cases, r, pairs=pairs)


def _explained(mistake, value):
    """The sentence of a mistake, with the member of its family that it was."""
    if value is None:
        return mistake.explanation
    return mistake.explanation.replace("{}", value if type(value) is str else f"{value:g}")


def _spoiled(answer, mistake, value):
    """The results that a mistake spoils."""
    spoiled = set()
    for i, wants in enumerate(answer.expected):
        known = answer.exercise.known(mistake, i, value).value
        spoiled |= {r for r, want in enumerate(wants) if not _close(answer, want, known[r])}
    return spoiled


def _holds_beside(answer, mistake, value):
    """Whether what the sentence of a mistake says of other results holds in the answer too."""
    several, right = (form.search(mistake.explanation) for form in (OF_SEVERAL, RIGHT))
    spoiled = _spoiled(answer, mistake, value) if several or right else ()
    for i, (wants, outcome) in enumerate(zip(answer.expected, answer.outcomes, strict=True)):
        for r, got in enumerate(_parts(outcome.value, len(wants))) if several or right else ():
            if several and r in spoiled and not _result_agrees(answer, mistake, value, r, got, i):
                return False
            if right and r not in spoiled and not _close(answer, wants[r], got):
                return False
    return True


def _result_agrees(answer, mistake, value, r, got, i):
    known = answer.exercise.known(mistake, i, value)
    parts = None if known.problem else _parts(known.value, len(answer.expected[i]))
    return parts is not None and data.agree(parts[r], got, answer.exercise.rtol, answer.atol)
