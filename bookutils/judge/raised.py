"""What an exception says to those whose code raised it: a sentence, the line, the shapes."""

import linecache
import re
import sysconfig
import traceback
from pathlib import Path

from bookutils.judge import data, shapes

PACKAGE = Path(__file__).resolve().parents[1]
YOUR_TURN = "your turn"
ADVICE = {  # for messages of NumPy that do not say what to write
    "boolean subtract": "A mask holds True and False: `1.0 * mask` makes numbers of it",
    "truth value of an array": "`if` takes one decision for the whole array: "
    "`np.where(condition, this, that)` takes one for each number",
}


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
        said = printable(error)
        return {"problem": "misfit", "sentence": f"{said}; {_plainly(said)}"}
    place, inside = _place(error, answer)
    line = _line(*place) if place else ""
    if isinstance(error, TimeoutError) and str(error).startswith("still running"):
        return {"problem": "stopped", "sentence": f"stopped: {error}", "error": "TimeoutError"}
    if isinstance(error, MemoryError):
        sentence = f"stopped: it needs too much memory ({str(error) or 'no more to be had'})"
        return {"problem": "stopped", "sentence": sentence, "error": "MemoryError", "line": line}
    if isinstance(error, KeyboardInterrupt):  # ends all calls of an answer, not one of them
        return {"problem": "stopped", "sentence": "interrupted", "line": line}
    fit, shown = _shapes(error, place[2]) if place else ("", "")
    return {
        "problem": "raised",
        "sentence": fit or _sentence(error) + inside,
        "error": printable(type(error).__name__),
        "line": line,
        "shapes": shown,
    }


def _shapes(error, entry):
    try:
        return shapes.told(error, entry)
    except Exception:  # odd arrays, odd program texts: the message itself must come through
        return "", ""


def _sentence(error):
    name, message = printable(type(error).__name__), printable(error)
    if name == "RecursionError":
        return (
            "your function calls itself more often than Python allows, about a thousand times "
            "(RecursionError)"
        )
    if name == "SystemExit":
        return "your function ends the program (SystemExit)"
    if re.search(r"for \^|'bitwise_xor'", message):
        message += "; a power is written `**`"
    for part, says in ADVICE.items():
        if part in message:
            return f"{name}: {message.rstrip('.')}. {says}"
    return f"{name}: {message.rstrip('.')}" if message else name


def printable(message):
    """The first line of a text, without characters that move the cursor."""
    lines = str.__str__(str(message)).strip().splitlines()
    return "".join(c for c in lines[0][:300] if c.isprintable()) if lines else ""


def _place(error, answer):
    """((file, line, traceback entry) of the learner's innermost line, words on a given f)."""
    code = getattr(answer, "__code__", None)
    own = code.co_filename if code else ""
    foreign = (str(PACKAGE), *(sysconfig.get_path(p) for p in ("stdlib", "purelib", "platlib")))
    found, inside, entry = None, "", error.__traceback__
    for frame, number in traceback.walk_tb(error.__traceback__):
        filename = frame.f_code.co_filename
        if frame.f_code.co_name == "<lambda>" and filename == FORMULA:
            given = ", ".join(f"{k} = {data.text(v)}" for k, v in frame.f_locals.items())
            inside = f", inside `f`, which you called with {printable(given)}"
        elif filename == own or not filename.startswith((*foreign, "<frozen", FORMULA)):
            found, inside = (filename, number, entry), ""  # it may be f that called this code
        entry = entry.tb_next
    return found, inside


FORMULA = "<f>"  # the file name of functions that the grader hands over


def _line(filename, number, entry):
    source = linecache.getline(filename, number).strip()
    if filename.startswith(str(PACKAGE)):  # a known mistake: count from its first line
        number += 1 - entry.tb_frame.f_code.co_firstlineno
    return f"{number}: {source}" if source else str(number)
