"""The verdict on what an answer gave: compared, measured against known mistakes, told."""

import numpy as np

from bookutils.judge import data, picture
from bookutils.judge.fitting import same
from bookutils.judge.flat import exact, has_nan, numeric
from bookutils.judge.reading import Read, read
from bookutils.judge.recognise import misconception
from bookutils.judge.running import repeated
from bookutils.judge.verdict import BROKEN, NOT_ATTEMPTED, RIGHT, WRONG, Verdict

SHORT = 6  # characters of a number that is pleasant to read
POINTS = 3  # of an answer that is tried at several, are shown
HUGE = 1e5  # a number from which on the digits hide what happened
OF_ALL_CASES = "remembered", "ignored", "contained", "where"  # no cause of what changes by itself
HIDING = ("0", "1", "-1")  # numbers that many a wrong formula treats well


def verdict(exercise, outcomes):
    """Verdict on outcomes, without the code that made them."""
    first = outcomes[0]
    if first.problem == "not attempted" and (first.sentence or not exercise.wants_value):
        return Verdict(
            exercise.id, NOT_ATTEMPTED, f"Replace the last line of `{exercise.name}` by your own."
        )
    if first.problem == "not attempted" or (exercise.wants_value and first.value is ...):
        return Verdict(exercise.id, NOT_ATTEMPTED, "No answer is given yet.")
    if len(outcomes) == 1 and first.problem == "misfit" and not exercise.wants_value:
        return Verdict(exercise.id, BROKEN, _sentence(first.sentence), printed=first.printed)
    cases, expected = exercise.arguments(), exercise.expected()
    again = [
        (i, read(exercise, outcome, cases[i]))
        for i, outcome in zip(repeated(exercise), outcomes[len(cases) :], strict=False)
    ]
    outcomes = [
        read(exercise, outcome, args) for outcome, args in zip(outcomes, cases, strict=False)
    ]
    chance = next((pair for pair in again if not same(exercise, outcomes[pair[0]], pair[1])), None)
    faults = [
        fault(exercise, outcome, want, args)
        for outcome, want, args in zip(outcomes, expected, cases, strict=False)
    ]
    failing = [i for i, found in enumerate(faults) if found]
    if not failing and len(outcomes) < len(cases):
        return Verdict(exercise.id, BROKEN, "There are fewer results than calls.")
    if not failing:
        if chance:
            return _chance(exercise, outcomes, *chance, cases)
        reused = {outcome.kept for _, outcome in again} - {""}
        if "later" in reused or (reused and exercise.new):
            return _reused(exercise, "later" in reused)
        return _right(exercise, len(cases), first)
    found = misconception(exercise, outcomes, expected, cases, failing)
    if chance and (not found.name or found.name in OF_ALL_CASES):
        return _chance(exercise, outcomes, *chance, cases)
    return _told(exercise, outcomes, expected, cases, faults, found)


def fails(exercise, outcomes):
    """Whether a case is answered wrongly: then the known mistakes are asked for."""
    if outcomes[0].problem == "not attempted":
        return False
    cases, expected = exercise.drawn(), exercise.expected()
    return any(
        fault(exercise, outcome, want, args)
        for outcome, want, args in zip(outcomes, expected, cases, strict=False)
    )


def _told(exercise, outcomes, expected, cases, faults, found):
    """The verdict on a wrong answer: the case that shows it best, and the misconception."""
    failing = [i for i, found in enumerate(faults) if found]
    meant = failing
    if found.broken is not None:  # the mistake's own face
        meant = [i for i in failing if (faults[i][0] == 2) == found.broken] or failing
    shown = min(meant, key=lambda i: _trouble(exercise, cases[i], expected[i], outcomes[i], i))
    rank, sentence, rows = faults[shown]
    breaks = [i for i in failing if faults[i][0] == 2]
    if rank < 2 and breaks:
        i = min(breaks, key=exercise.sizes().__getitem__)
        call = exercise.call(cases[i])
        call = f" `{call}`" if exercise.sizes()[i] <= 8 and "\n" not in call else ""
        sentence += f" Another call breaks{call}: {faults[i][1]}"
    counts = ""
    if len(outcomes) == len(cases) > max(1, len(failing) * (rank == 2)):
        counts = f"{len(cases) - len(failing)} of {len(cases)} cases agree."
    outcome = outcomes[shown]
    if outcome.error == "TimeoutError":
        sentence = _slow(sentence, exercise.sizes()[:shown], exercise.sizes()[shown])
    return Verdict(
        exercise.id,
        BROKEN if rank == 2 else WRONG,
        sentence,
        call="" if exercise.wants_value else exercise.call(cases[shown]),
        rows=tuple(rows),
        picture=_picture(exercise, expected[shown], outcome) if rank == 1 else "",
        misconception=found.name,
        explains=found.explains,
        counts=counts,
        section=found.section or exercise.section,
        printed=outcome.printed,
    )


def _slow(sentence, before, size):
    """Whether code without end was stopped, or code that is slow where there is much to do."""
    if before and size >= 100 * max(before):
        return (
            f"{sentence} The smaller calls before were answered, so this one is slow rather than "
            "endless: does a line look through everything, as `in` does on a list, where a set "
            "or a dict finds it at once?"
        )
    return f"{sentence[:-1]}, as a loop without end would be."


def _trouble(exercise, args, want, outcome, i):
    """How hard a failing case is to read, and how little of the fault it shows."""
    size = exercise.sizes()[i]
    if size > 200:
        return size * 3 * SHORT, i
    if exercise.reads:  # the shortest, but for what gives nothing but zeros
        zeros = numeric(want) and not any(leaf for _, leaf in data.leaves(want))
        return size + 8 * zeros, i
    trouble = _hard_to_read(exercise, args, i)
    if numeric(want) and not any(leaf for _, leaf in data.leaves(want)):
        trouble += 2 * SHORT
    if numeric(want) and any(abs(leaf) >= HUGE for _, leaf in data.leaves(want)):
        trouble += 10 * SHORT
    if outcome.problem:
        trouble += 3 * SHORT  # wrong numbers say more than an error, where both are short
    elif data.size(want) > 1 and len(_wrong_leaves(exercise, want, outcome)) == 1:
        trouble += 2 * SHORT
    return trouble, i


def _hard_to_read(exercise, args, i):
    """How hard the numbers of case i are to read; kept, as it is the same for every answer."""
    kept = exercise._memory.setdefault("hard to read", {})
    if i not in kept:
        kept[i] = 0
        for value in args:
            try:
                numbers = [_written(leaf) for _, leaf in data.leaves(data.plain(value))]
            except data.Misfit:  # a function
                numbers = []
            kept[i] += sum(3 * SHORT if len(n) > SHORT or n in HIDING else len(n) for n in numbers)
            if type(value) is np.ndarray and value.ndim and len(value) < 2:
                kept[i] += 10 * SHORT  # one row hides what is summed and what is averaged
    return kept[i]


def _wrong_leaves(exercise, want, outcome):
    return data.differing(want, outcome.value, exercise.rtol, _atol(exercise, want))


def _written(leaf):
    """A leaf as a learner would type it: 0.2, and not the 17 digits of the float beside it."""
    return str(leaf).removesuffix(".0")


def _right(exercise, n, first):
    says = exercise.proves
    counts = f"{n} of {n} cases agree." if n > 1 else ""
    return Verdict(exercise.id, RIGHT, says, counts=counts, printed=first.printed)


def _chance(exercise, outcomes, i, then, cases):
    return Verdict(
        exercise.id,
        WRONG,
        "The same call gives two different answers.",
        call=exercise.call(cases[i]),
        rows=(("first", _answered(outcomes[i])), ("then", _answered(then))),
        misconception="chance",
        explains="Your function depends on more than its arguments: on chance, on a clock of this "
        "machine, or on something it remembers from call to call.",
        section=exercise.section,
    )


def _answered(outcome):
    return outcome.sentence if outcome.problem else data.text(outcome.value)


def _reused(exercise, later):
    says = "You return the same object at every call. The task asks for a new one."
    if later:
        says = (
            "The result of your first call changed when the function was called again: both are "
            "one object, kept outside of the function. Make a new one in each call."
        )
    return Verdict(
        exercise.id, WRONG, says, misconception="kept", section=exercise.section,
        explains="The numbers are right, as long as nobody looks at an earlier result.",
    )  # fmt: skip


def fault(exercise, outcome, want, args):
    """(rank, sentence, rows) of what is wrong with one outcome, or None; 2 is broken."""
    outcome = read(exercise, outcome, args)
    found = _fault(exercise, outcome, want, args)
    if found and isinstance(outcome, Read) and not outcome.changed:
        rank, sentence, rows = found
        rows = [row for row in rows if type(outcome.value) is not str or row[0] != "yours"]
        return rank, sentence, [("you return", exercise.writes(outcome.given)), *rows]
    return found


def _fault(exercise, outcome, want, args):
    if outcome.problem:
        rows = [("line", outcome.line)] * bool(outcome.line)
        rows += [("shapes", outcome.shapes)] * bool(outcome.shapes)
        return 2, _sentence(outcome.sentence), rows
    if isinstance(outcome, Read) and type(outcome.value) is str and not outcome.changed:
        return 1, _sentence(outcome.value), []
    try:
        got = outcome.value if exercise.accept else data.fit(want, outcome.value, exercise.results)
        if exercise.accept and (outcome.value is None or outcome.value is ...):
            data.fit(want, outcome.value)
    except data.Misfit as misfit:
        said = _sentence(str(misfit))
        if outcome.value is None:
            said += " Is a `return` missing?"
        hidden = exercise.wants_value or outcome.value is None
        rows = [] if hidden else [("yours", data.text(outcome.value))]
        return (2 if misfit.broken else 1), said, rows
    if outcome.changed:
        return 1, *_changed(exercise, outcome, args)
    if has_nan(got) and not has_nan(want):
        rows = [("yours", data.text(got)), ("expected", data.text(want))]
        return 1, "Not a number (NaN) came out.", rows[: 1 if exercise.wants_value else 2]
    if exercise.accept:
        sentence = exercise.accept(data.fresh(got), *data.fresh(args))
        return (1, sentence, [("yours", data.text(got))]) if sentence else None
    if not data.agree(want, got, exercise.rtol, _atol(exercise, want)):
        return 1, *_difference(exercise, want, got, outcome)
    if exercise.products:
        return _too_many(exercise, outcome, exercise.products(*args))
    return None


def _changed(exercise, outcome, args):
    """The sentence and the rows for arguments that are not left as they were."""
    names = " and ".join(f"`{name}`" for name in outcome.changed)
    given = dict(zip(exercise.parameters, args, strict=False))
    pairs = list(zip(outcome.changed, outcome.after, strict=True))
    rows = []
    for name, now in pairs:
        digits = 17 if data.agree(given[name], now, 1e-6, 1e-6) else 6
        rows.append((f"{name} before", data.text(given[name], digits)))
        rows.append((f"{name} after", data.text(now, digits)))
    if all(data.agree(given[name], now, 1e-12, 1e-12) for name, now in pairs):
        return (
            f"You put {names} back, but for the last bit: x + h − 2h + h is not always x in "
            "floating point. Work on a copy."
        ), rows
    s = "s" if len(pairs) > 1 else ""
    return f"Your function changed its argument{s} {names}. Work on a copy.", rows


def _atol(exercise, want):
    return 0.0 if exercise.atol == type(exercise).atol and exact(want) else exercise.atol


def _too_many(exercise, outcome, allowed):
    few = allowed // 2  # nobody needs less: the rest is done with numbers that do not count
    if outcome.products is None or few <= outcome.products <= allowed or allowed == 0:
        return None
    if outcome.products < few:
        return (
            1,
            (
                "The numbers are right, but your multiplications cannot be counted: `float(…)`, "
                "`astype`, another library or an operation that the counting numbers do not know "
                "stands between. Multiply the numbers as they come, with `*` or `np.cumprod`."
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


def _difference(exercise, want, got, outcome):
    """The sentence and the rows for numbers that differ."""
    size, wrong = data.size(want), _wrong_leaves(exercise, want, outcome)
    if exercise.reads and type(want) is dict:  # what it does at several points: where it is wrong
        some = list(dict.fromkeys(keys[0] for keys, _, _ in wrong))
        return "", [(name, _by_point(value, some)) for name, value in
                    (("yours", got), ("expected", want))]  # fmt: skip
    says = ""
    if size > 1:
        pencil = exercise.wants_value
        which = [data.place(keys, exercise.results, pencil) for keys, _, _ in wrong]
        which = "; ".join(which[:6]) if pencil and exercise.results else ", ".join(which[:6])
        which += " …" if len(wrong) > 6 else ""
        says = f"{len(wrong)} of {size} results differ, at {which}."
    if exercise.wants_value:  # the expected value would be the solution
        return _no_such_word(exercise, got) or says, [("yours", data.text(got))]
    if size > 12:
        keys, want, got = max(wrong, key=_distance)
        says += f" The largest difference is at {data.place(keys, exercise.results)}."
    rows = [("yours", data.text(got)), ("expected", data.text(want))]
    if rows[0][1] == rows[1][1]:
        rows = [("yours", data.text(got, 17)), ("expected", data.text(want, 17))]
    if numeric(want):
        difference = _minus(got, want, exercise.rtol, _atol(exercise, want))
        rows.append(("difference", data.text(difference, 3)))
    return says, rows


def _by_point(values, some):
    """What an answer does at the first of some points, a line each."""
    lines = [
        f"{point}: {value if type(value) is str else data.text(value)}"
        for point, value in values.items()
        if point in some[:POINTS]
    ]
    return "\n".join(lines + [f"… and at {len(some) - POINTS} more"] * (len(some) > POINTS))


def _no_such_word(exercise, got):
    """A sentence about the first word of an answer that is none of the allowed, or ""."""

    def words(value):
        return [leaf.strip() for _, leaf in data.leaves(value) if type(leaf) is str]

    known = [exercise.known(mistake, 0).value for mistake in exercise.mistakes]
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


def _sentence(text):
    """With a capital and one full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + "." * (not text.endswith((".", "?", "!", "…")))


def _distance(item):
    _, want, got = item
    numbers = data.is_number(want) and data.is_number(got)
    return abs(got - want) if numbers else float("inf")


def _minus(got, want, rtol, atol):
    """Yours minus expected, 0 where they agree."""
    if type(want) in (tuple, list):
        pairs = zip(got, want, strict=True)
        return type(want)(_minus(g, w, rtol, atol) for g, w in pairs)
    if type(want) is dict:
        return {key: _minus(got[key], w, rtol, atol) for key, w in want.items()}
    if type(want) is np.ndarray:
        return np.where(abs(got - want) <= atol + rtol * abs(want), 0, got - want)
    return 0 if data.close(want, got, rtol, atol) else got - want
