"""Running an answer: each call within limits, and what came of it as plain data.

What the learner's code raises, prints, changes or returns ends here, in an `Outcome`; what it
changes around itself by accident is put back.
"""

import inspect
import linecache
import sysconfig
import traceback
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bookutils.judge import data
from bookutils.judge.count import counting
from bookutils.judge.guard import Tape, guarded
from bookutils.judge.surroundings import end_threads, kept, threads

PACKAGE = Path(__file__).resolve().parents[1]
YOUR_TURN = "your turn"


@dataclass(frozen=True)
class Outcome:
    """What one call gave, as plain data: a value, or why there is none."""

    value: object = None
    problem: str = ""  # "not attempted", "raised", "stopped", "misfit"
    sentence: str = ""  # about the problem
    error: str = ""  # name of the exception's class
    line: str = ""  # where in the learner's code
    changed: tuple = ()  # names of the arguments the call changed
    printed: str = ""
    products: int | None = None  # multiplications, where they are counted


def run(exercise, answer):
    """Outcomes of the answer, one a case, or a single one where it cannot be called at all."""
    if exercise.wants_value:
        call = answer if callable(answer) else lambda: answer
        return [_call(exercise, call, ())]
    if type(answer) is str:
        answer, unfit = _from_source(exercise, answer)
        if unfit:
            return [unfit]
    if answer is None or answer is ...:
        return [Outcome(problem="not attempted")]
    if not callable(answer):
        sentence = (
            f"`check` takes the function itself: `{exercise.name}`, without parentheses. "
            f"{_article(type(answer).__name__)} came"
        )
        return [Outcome(problem="misfit", sentence=sentence)]
    cases = exercise.arguments()
    unfit = _wrong_parameters(exercise, answer, cases[0])
    if unfit:
        return [Outcome(problem="misfit", sentence=unfit)]
    outcomes = []
    for args in [*cases, cases[0]]:  # the first once more: the same answer?
        outcomes.append(_call(exercise, answer, args))
        if outcomes[-1].problem in ("stopped", "not attempted"):
            break
    return outcomes


def _call(exercise, answer, args):
    given, tape, before = data.fresh(args), Tape(), threads()
    try:
        outcome = {"value": _kept(exercise, lambda: data.plain(answer(*given)), tape)}
        if exercise.products:
            outcome["products"] = _count(exercise, answer, args)
    except BaseException as error:  # the learner's code may raise anything at all
        outcome = _problem(exercise, error, answer)
    if end_threads(before):
        sentence = "your function leaves a thread running that cannot be ended"
        outcome = {"problem": "stopped", "sentence": sentence}
    pairs = zip(exercise.parameters, given, args, strict=False)
    changed = tuple(name for name, now, was in pairs if not data.identical(now, was))
    printed = "".join(c for c in tape.text if c.isprintable() or c in "\n\t")
    return Outcome(**outcome, changed=changed, printed=printed)


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


def _wrong_parameters(exercise, answer, args):
    try:
        signature = guarded(lambda: inspect.signature(answer), exercise.seconds, exercise.gigabytes)
        signature.bind(*args)
    except TypeError:
        name = getattr(answer, "__name__", exercise.name)
        return (
            f"the call `{exercise.signature}` does not fit your function `{name}{signature}`: "
            f"{len(args)} arguments are handed over"
        )
    except BaseException:  # some callables written in C tell nothing about themselves
        pass
    return ""


def _from_source(exercise, source):
    """(the function that a text defines, None), or (None, Outcome) that says why not."""
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


def does_not_parse(error, what):
    """A sentence for a SyntaxError."""
    text = (error.text or "").strip()
    return f"{what} does not parse: line {error.lineno}, {error.msg}" + (
        f": `{text}`" if text else ""
    )


def _plainly(sentence):
    if "`Value`" in sentence:
        return "its number is in `.data`"
    if "`Tensor`" in sentence:
        return "`.numpy()` or `.item()` gives plain numbers"
    if "`generator`" in sentence:
        return "`tuple(…)` around it gives its items"
    return "numbers, arrays, tuples, lists, dicts and strings can be checked"


def described(error, answer):
    """Outcome fields for what the learner's code raised."""
    if isinstance(error, NotImplementedError) and str(error) == YOUR_TURN:
        return {"problem": "not attempted", "sentence": f"it says “{YOUR_TURN}”"}
    if isinstance(error, data.Misfit):
        said = _printable(error)
        return {"problem": "misfit", "sentence": f"{said}; {_plainly(said)}"}
    line = _line(error, answer)
    if isinstance(error, TimeoutError) and str(error).startswith("still running"):
        sentence = f"stopped: {error}, as a loop without end would be"
        return {"problem": "stopped", "sentence": sentence, "error": "TimeoutError"}
    if isinstance(error, MemoryError):
        sentence = f"stopped: it needs too much memory ({str(error) or 'no more to be had'})"
        return {"problem": "stopped", "sentence": sentence, "error": "MemoryError", "line": line}
    if isinstance(error, KeyboardInterrupt):  # ends all calls of an answer, not one of them
        return {"problem": "stopped", "sentence": "interrupted", "line": line}
    name, message = _printable(type(error).__name__), _printable(error)
    sentence = {
        "RecursionError": "your function calls itself more often than Python allows, about a "
        "thousand times (RecursionError)",
        "SystemExit": "your function ends the program (SystemExit)",
    }.get(name, f"{name}: {message}" if message else name)
    return {"problem": "raised", "sentence": sentence, "error": name, "line": line}


def _printable(message):
    """The first line of a text, without characters that move the cursor."""
    lines = str.__str__(str(message)).strip().splitlines()
    return "".join(c for c in lines[0][:300] if c.isprintable()) if lines else ""


def _line(error, answer):
    """The innermost line of the learner's own code in a traceback."""
    code = getattr(answer, "__code__", None)
    own = code.co_filename if code else ""
    foreign = (str(PACKAGE), *(sysconfig.get_path(p) for p in ("stdlib", "purelib", "platlib")))
    found = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        filename = frame.f_code.co_filename
        if filename != own and (filename.startswith(foreign) or filename.startswith("<frozen")):
            continue
        source = linecache.getline(filename, number).strip()
        if filename.startswith(str(PACKAGE)):  # a known mistake: count from its first line
            number += 1 - frame.f_code.co_firstlineno
        found = f"{number}: {source}" if source else str(number)
    return found


def _article(noun):
    return ("An " if noun[0].lower() in "aeiou" else "A ") + f"`{noun}`"
