"""Running an answer: each call within limits, and what came of it as plain data.

What the learner's code raises, prints, changes or returns ends here, in an `Outcome`; what it
changes around itself by accident is put back.
"""

import inspect
import linecache
from dataclasses import dataclass, replace

import numpy as np

from bookutils.judge import data
from bookutils.judge.count import counting
from bookutils.judge.guard import Tape, guarded
from bookutils.judge.raised import described, does_not_parse
from bookutils.judge.surroundings import chance_kept, end_threads, kept, threads

REPEATED = 2  # cases that are called once more, if there are as many
SMALL = 1000  # numbers of a case that costs nothing to repeat


@dataclass(frozen=True)
class Outcome:
    """What one call gave, as plain data: a value, or why there is none."""

    value: object = None
    problem: str = ""  # "not attempted", "raised", "stopped", "misfit"
    sentence: str = ""  # about the problem
    error: str = ""  # name of the exception's class
    line: str = ""  # where in the learner's code
    shapes: str = ""  # of the arrays in that line
    changed: tuple = ()  # names of the arguments the call changed
    after: tuple = ()  # what became of them
    kept: str = ""  # "same": the object of an earlier call came; "later": that object changed
    printed: str = ""
    products: int | None = None  # multiplications, where they are counted


def repeated(exercise):
    """Numbers of the cases that are called once more, after all: the same answer?"""
    small = [i for i, size in enumerate(exercise.sizes()) if size <= SMALL]
    return (0, small[-1] if small else 0)[: len(exercise.sizes())]  # one alone is called twice


def run(exercise, answer):
    """Outcomes of the answer, one a case, and those of the repeated cases.

    A single one of a value, and where it cannot be called at all.
    """
    with chance_kept():
        return _run(exercise, answer)


def _run(exercise, answer):
    if answer is None or answer is ...:
        return [Outcome(problem="not attempted")]
    if exercise.wants_value:
        return [_call(exercise, answer if callable(answer) else lambda: answer, ())[0]]
    if type(answer) is str:
        answer, unfit = _from_source(exercise, answer)
        if unfit:
            return [unfit]
    if not callable(answer):
        sentence = (
            f"`check` takes the function itself: `{exercise.name}`, without parentheses. "
            f"{_article(type(answer).__name__)} came"
        )
        return [Outcome(problem="misfit", sentence=sentence)]
    cases = exercise.drawn()  # of which each call gets a copy
    unfit = _wrong_parameters(exercise, answer)
    if unfit:
        return [Outcome(problem="misfit", sentence=unfit)]
    answer = exercise.used(answer)
    outcomes, handed = [], data.fresh(cases[0])
    for i in [*range(len(cases)), *repeated(exercise)]:
        is_first = i == 0 and data.identical(handed, cases[0])  # the very same objects, twice
        outcome, raw = _call(exercise, answer, cases[i], handed if is_first else None)
        if not outcomes:
            first = raw
        elif len(outcomes) == len(cases) and raw is first and _holds(raw):
            outcome = replace(outcome, kept="same")
        outcomes.append(outcome)
        if outcome.problem in ("stopped", "not attempted"):
            break
    if len(outcomes) > 1 and not outcomes[0].problem and _holds(first):
        if not outcomes[-1].kept and _changed_since(exercise, first, outcomes[0].value):
            outcomes[-1] = replace(outcomes[-1], kept="later")
    return outcomes


def call(exercise, answer, args):
    """The outcome of one call; of a value exercise's known mistake the value itself."""
    function = exercise.used(answer) if callable(answer) else lambda: answer
    return _call(exercise, function, args)[0]


def _holds(value):
    return isinstance(value, (list, dict, np.ndarray))


def _changed_since(exercise, raw, value):
    try:
        return not data.identical(_kept(exercise, lambda: data.plain(raw)), value)
    except BaseException:  # whatever became of it, it is not what it was
        return True


def _call(exercise, answer, args, given=None):
    given = data.fresh(args) if given is None else given
    tape, before, raw = Tape(), threads(), None

    def ask():
        nonlocal raw
        raw = answer(*given)
        return data.plain(raw)

    try:
        outcome = {"value": _kept(exercise, ask, tape)}
        if exercise.products:
            outcome["products"] = _count(exercise, answer, args)
    except BaseException as error:  # the learner's code may raise anything at all
        raw, outcome = None, _problem(exercise, error, answer)
    if end_threads(before):
        sentence = "your function leaves a thread running that cannot be ended"
        outcome = {"problem": "stopped", "sentence": sentence}
    outcome |= _changes(exercise, given, args)
    printed = "".join(c for c in tape.text if c.isprintable() or c in "\n\t")
    return Outcome(**outcome, printed=printed), raw


def _changes(exercise, given, args):
    """Names of the arguments that a call changed, and what became of them."""
    pairs = zip(exercise.parameters, given, args, strict=False)
    pairs = [(name, now) for name, now, was in pairs if not data.identical(now, was)]
    after = []
    for _, now in pairs:
        try:
            after.append(data.plain(now))
        except data.Misfit:
            after.append(None)
    return {"changed": tuple(name for name, _ in pairs), "after": tuple(after)}


def _kept(exercise, call, tape=None):
    """`call()` within limits; what it changes around itself is put back."""
    with kept():
        return guarded(call, exercise.seconds, exercise.gigabytes, tape)


def _problem(exercise, error, answer):
    """Outcome fields for an exception, whose own methods are the learner's code too."""
    try:
        return guarded(lambda: described(error, answer), exercise.seconds, exercise.gigabytes)
    except BaseException:
        return {"problem": "stopped", "sentence": "an exception came that cannot be printed"}
    finally:
        BaseException.__traceback__.__set__(error, None)


def _count(exercise, answer, args):
    counted, total = counting()
    try:
        _kept(exercise, lambda: answer(*counted(args)))
    except BaseException:  # works on plain numbers, not on these: cannot be counted
        return 0
    return total()


def _wrong_parameters(exercise, answer):
    if exercise.takes is None:
        return ""
    try:
        signature = guarded(lambda: inspect.signature(answer), exercise.seconds, exercise.gigabytes)
        signature.bind(*exercise.takes)
    except TypeError:
        name, n = getattr(answer, "__name__", exercise.name), len(exercise.takes)
        return (
            f"the call `{exercise.signature}` does not fit your function `{name}{signature}`: "
            f"{n} argument{'s are' if n != 1 else ' is'} handed over"
        )
    except BaseException:  # some callables written in C tell nothing about themselves
        pass
    return ""


def _from_source(exercise, source):
    """(the function that a text defines, None), or (None, Outcome) that says why not."""
    if source.isidentifier():
        sentence = (
            f'`check` takes the function itself, without quotes: check("{exercise.id}", {source})'
        )
        return None, Outcome(problem="misfit", sentence=sentence)
    filename = f"<answer {exercise.id}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    try:
        code = compile(source, filename, "exec")
    except SyntaxError as error:
        said = does_not_parse(error, "the answer")
        return None, Outcome(problem="misfit", sentence=said)
    names = {"__name__": "answer", "np": np, "numpy": np}
    try:
        _kept(exercise, lambda: exec(code, names))
    except BaseException as error:
        return None, Outcome(**_problem(exercise, error, None))
    if exercise.name not in names:
        said = f"no function `{exercise.name}` is defined"
        return None, Outcome(problem="misfit", sentence=said)
    return names[exercise.name], None


def _article(noun):
    return ("An " if noun[0].lower() in "aeiou" else "A ") + f"`{noun}`"
