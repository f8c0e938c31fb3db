"""The verdict on what an answer gave: compared, measured against known mistakes, told."""

import numpy as np

from bookutils.judge import data, picture
from bookutils.judge.diagnose import generic_mistake
from bookutils.judge.verdict import BROKEN, NOT_ATTEMPTED, RIGHT, WRONG, Verdict


def verdict(exercise, outcomes):
    """Verdict on outcomes, without the code that made them."""
    first = outcomes[0]
    if first.problem == "not attempted":
        return Verdict(
            exercise.id, NOT_ATTEMPTED, f"Replace the last line of `{exercise.name}` by your own."
        )
    if exercise.wants_value and (first.value is None or first.value is ...) and not first.problem:
        return Verdict(exercise.id, NOT_ATTEMPTED, "No answer is given yet.")
    if len(outcomes) == 1 and first.problem == "misfit" and not exercise.wants_value:
        return Verdict(exercise.id, BROKEN, _capital(first.sentence) + ".", printed=first.printed)
    cases, expected = exercise.arguments(), exercise.expected()
    again = outcomes[len(cases)] if len(outcomes) > len(cases) else None
    outcomes = outcomes[: len(cases)]
    faults = [
        _fault(exercise, outcome, want, args)
        for outcome, want, args in zip(outcomes, expected, cases, strict=False)
    ]
    failing = [i for i, fault in enumerate(faults) if fault]
    if not failing and len(outcomes) < len(cases):
        return Verdict(exercise.id, BROKEN, "There are fewer results than calls.")
    if not failing:
        if again and not _same(exercise, first, again):
            return _chance(exercise, first, again, cases[0])
        return _right(exercise, len(cases), first)
    worst = max(faults[i][0] for i in failing)
    shown = min(
        (i for i in failing if faults[i][0] == worst),
        key=lambda i: (data.size(cases[i]), len(exercise.call(cases[i])), i),
    )
    name, explains = _misconception(exercise, outcomes, expected, cases, failing, again)
    if name == "chance":
        return _chance(exercise, first, again, cases[0])
    rank, sentence, rows = faults[shown]
    counts = ""
    if len(outcomes) == len(cases) > max(1, len(failing) * (rank == 2)):
        counts = f"{len(cases) - len(failing)} of {len(cases)} cases agree."
    return Verdict(
        exercise.id,
        BROKEN if rank == 2 else WRONG,
        sentence,
        call=exercise.call(cases[shown]) if cases[shown] else "",
        rows=tuple(rows),
        picture=_picture(exercise, expected[shown], outcomes[shown]) if rank == 1 else "",
        misconception=name,
        explains=explains,
        counts=counts,
        section=exercise.section if rank < 2 or name else "",
        printed=outcomes[shown].printed,
    )


def _right(exercise, n, first):
    says = exercise.proves
    counts = f"{n} of {n} cases agree." if n > 1 else ""
    return Verdict(exercise.id, RIGHT, says, counts=counts, printed=first.printed)


def _chance(exercise, first, again, args):
    return Verdict(
        exercise.id,
        WRONG,
        "The same call gives two different answers.",
        call=exercise.call(args),
        rows=(("first", data.text(first.value)), ("then", data.text(again.value))),
        misconception="chance",
        explains="Your function depends on more than its arguments: on chance, or on something "
        "it remembers from call to call.",
        section=exercise.section,
    )


def _fault(exercise, outcome, want, args):
    """(rank, sentence, rows) of what is wrong with one outcome, or None; 2 is broken."""
    if outcome.problem == "misfit":
        return 2, _capital(outcome.sentence) + ".", ()
    if outcome.problem:
        rows = [("line", outcome.line)] if outcome.line else []
        return 2, _capital(outcome.sentence) + ".", rows
    try:
        got = outcome.value if exercise.accept else data.fit(want, outcome.value)
        if exercise.accept and (outcome.value is None or outcome.value is ...):
            data.fit(want, outcome.value)
    except data.Misfit as misfit:
        said = f"{_capital(str(misfit))}."
        if outcome.value is None:
            said += " Is a `return` missing?"
        rows = [] if exercise.wants_value else [("yours", data.text(outcome.value))]
        return (2 if misfit.broken else 1), said, rows
    if outcome.changed:
        names = " and ".join(f"`{name}`" for name in outcome.changed)
        s = "s" if len(outcome.changed) > 1 else ""
        return 1, f"Your function changed its argument{s} {names}. Work on a copy.", ()
    if data.has_nan(got) and not data.has_nan(want):
        rows = [("yours", data.text(got)), ("expected", data.text(want))]
        return 1, "Not a number (NaN) came out.", rows[: 1 if exercise.wants_value else 2]
    if exercise.accept:
        sentence = exercise.accept(data.fresh(got), *data.fresh(args))
        return (1, sentence, [("yours", data.text(got))]) if sentence else None
    if not data.agree(want, got, exercise.rtol, _atol(exercise, want)):
        return 1, *_difference(exercise, want, got)
    if exercise.products:
        return _too_many(exercise, outcome, exercise.products(*args))
    return None


def _atol(exercise, want):
    exact = all(type(leaf) is not float for _, leaf in data.leaves(want))
    return 0.0 if exact and exercise.atol == type(exercise).atol else exercise.atol


def _too_many(exercise, outcome, allowed):
    few = allowed // 2  # nobody needs less: the rest is done with numbers that do not count
    if outcome.products is None or few <= outcome.products <= allowed or allowed == 0:
        return None
    if outcome.products < few:
        return (
            1,
            (
                "The numbers are right, but your multiplications cannot be counted: leave the "
                "numbers as they come (no `float(…)`, no `astype`)."
            ),
            (),
        )
    return (
        1,
        "The numbers are right, but they cost too many multiplications.",
        [
            ("yours", str(outcome.products)),
            ("enough", str(allowed)),
        ],
    )


def _difference(exercise, want, got):
    """The sentence and the rows for numbers that differ."""
    pairs = list(zip(data.leaves(want), data.leaves(got), strict=True))
    atol = _atol(exercise, want)
    wrong = [
        (path, w, g) for (path, w), (_, g) in pairs if not data.close(w, g, exercise.rtol, atol)
    ]
    says = ""
    if len(pairs) > 1:
        which = ", ".join(path for path, _, _ in wrong[:6]) + (" …" if len(wrong) > 6 else "")
        says = f"{len(wrong)} of {len(pairs)} results differ, at {which}."
    if exercise.wants_value:  # the expected value would be the solution
        return _no_such_word(exercise, got) or says, [("yours", data.text(got))]
    if len(pairs) > 12:
        path, want, got = max(wrong, key=_distance)
        says += f" The largest difference is at {path}."
    rows = [("yours", data.text(got)), ("expected", data.text(want))]
    if rows[0][1] == rows[1][1]:
        rows = [("yours", data.text(got, 17)), ("expected", data.text(want, 17))]
    if data.numeric(want):
        difference = _minus(got, want)
        rows.append(("difference", data.text(difference, 3)))
    return says, rows


def _no_such_word(exercise, got):
    """A sentence about the first word of an answer that is none of the allowed, or ""."""

    def words(value):
        return [leaf.strip() for _, leaf in data.leaves(value) if type(leaf) is str]

    known = [outcome.value for [outcome] in exercise.known()]
    allowed = sorted({word for value in [*exercise.expected(), *known] for word in words(value)})
    folded = [word.casefold() for word in allowed]
    for word in words(got):
        if word.casefold() not in folded:
            return f"{data.text(word)} is none of the words: {', '.join(map(repr, allowed))}."
    return ""


def _picture(exercise, want, outcome):
    if (
        exercise.wants_value or exercise.accept
    ):  # the one would give the solution, the other has many
        return ""
    try:
        pair = picture.pictured(want, data.fit(want, outcome.value))
    except data.Misfit:
        return ""
    return picture.side_by_side(*pair) if pair and not np.array_equal(*pair) else ""


def _same(exercise, a, b):
    """Whether two outcomes are the same within the tolerance."""
    if a.problem or b.problem:
        return a.problem == b.problem and a.error == b.error
    if a.value is None or b.value is None:
        return a.value is b.value
    if exercise.accept and type(a.value) is not type(b.value):
        return False
    try:
        return data.agree(a.value, b.value, exercise.rtol, exercise.atol)
    except TypeError:
        return False


def _same_fault(exercise, known, outcome):
    """Whether a known mistake went the same way: its numbers, its changes, its counting."""
    counted = (known.products == 0) == (outcome.products == 0)
    return counted and known.changed == outcome.changed and _same(exercise, known, outcome)


def _misconception(exercise, outcomes, expected, cases, failing, again):
    """(name, explanation) of the mistake whose results these are, or two empty strings."""
    for mistake, known in zip(exercise.mistakes, exercise.known(), strict=True):
        if len(known) != len(outcomes) or not all(
            _same_fault(exercise, k, o) for k, o in zip(known, outcomes, strict=True)
        ):
            continue
        broken = any(outcome.problem for outcome in outcomes)
        if broken and mistake.verdict != BROKEN:
            continue
        if len(failing) >= min(2, len(cases)):
            return mistake.name, mistake.explanation
    if any(o.problem for o in outcomes) or len(outcomes) < len(cases):
        return "", ""
    if again and not _same(exercise, outcomes[0], again):
        return "chance", ""
    if exercise.accept:
        return "", ""
    values = [outcome.value for outcome in outcomes]
    if all(
        data.agree(e, v, exercise.rtol, exercise.atol)
        for e, v in zip(expected, values, strict=True)
    ):
        return "", ""  # the numbers are right: what is wrong has been said
    names = exercise.parameters
    return generic_mistake(
        expected, values, cases, names, exercise.rtol, exercise.atol, len(failing)
    )


def _capital(sentence):
    return sentence[:1].upper() + sentence[1:]


def _distance(item):
    _, want, got = item
    numbers = data.is_number(want) and data.is_number(got)
    return abs(got - want) if numbers else float("inf")


def _minus(got, want):
    if type(want) in (tuple, list):
        return type(want)(_minus(g, w) for g, w in zip(got, want, strict=True))
    if type(want) is dict:
        return {key: _minus(got[key], w) for key, w in want.items()}
    with np.errstate(all="ignore"):
        return got - want
