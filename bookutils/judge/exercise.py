"""Exercises, the mistakes they know, and the judge.

Judging has two halves, so that they can run in two processes: `Exercise.run(answer)` calls the
learner's code and keeps what came back as plain data (`Outcome`); `Exercise.verdict(outcomes)`
never sees that code. A chapter's exercises stand in `bookutils/checks/chapter_NN.py`:

    EXERCISES = [
        Exercise(
            id="00.1",
            kind="implement",
            title="One step downhill",
            signature="step(w, slope, lr)",
            reference=lambda w, slope, lr: w - lr * slope,
            cases=lambda rng: [(4.5, 3.0, 0.2), (-1.5, -2.0, 0.3), *((…random…) for _ in range(9))],
            mistakes=(
                Mistake("climb", "You walk up the slope: …", lambda w, slope, lr: w + lr * slope),
                …at least four…
            ),
            hints=("first", "second", "third, almost the answer"),
            section='chapter 00, "Step against the slope"',
            proves="The update runs against the slope, whatever its sign.",
        ),
        Exercise(id="00.2", …, signature="w()", reference=22, mistakes=(Mistake(…, 7), …)),
    ]

- `reference` is a function (a closed form, other than the solution's code where that is possible)
  or the plain value of a value exercise. What it returns fixes the form that is demanded: float
  or int (exact) for a number, array, tuple, list, dict, string, bool.
- `cases(rng)` returns argument tuples. Cover every regime (both signs, both branches, unequal
  sizes, length 1), without zeros, ones or symmetries that hide a mistake; an easy, readable case
  first. Each call, of the learner and of the reference, gets fresh copies. A function as argument
  is written `formula("x", "x**3 - sin(x)")`, so that a verdict can print it.
- A `Mistake` is recognised when its results equal the learner's on all cases and differ from the
  right ones on two at least. Its sentence speaks to the reader ("You …") and says what the numbers
  reveal. It may change its argument (the verdict says so) or raise, then `verdict=BROKEN`.
- `accept(output, *args)`: for exercises with many right answers; None, or a sentence that says
  what is wrong. The reference then only serves as one right answer and for its form.
- Words as an answer: those of the reference and the mistakes are the allowed ones, so name them all
  in the question; any other is answered with them.
- `products(*args)`: the most multiplications allowed; the numbers are then instrumented.
- `rtol`, `atol`: 1e-9 of the value by default: other algebra in float64 stays within 1e-12.
  Give a reason where you change them (`atol=5e-5  # asked for four decimals`).
Zero, a flipped sign, an argument returned or changed, a constant factor or offset, a transpose,
exchanged results, rounding, NaN and chance are recognised without being listed.
"""

import inspect
import linecache
import re
import sysconfig
import traceback
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bookutils.judge import data, picture
from bookutils.judge.count import counting
from bookutils.judge.diagnose import generic_mistake
from bookutils.judge.guard import GIGABYTES, SECONDS, Tape, guarded
from bookutils.judge.surroundings import end_threads, kept, threads
from bookutils.judge.verdict import BROKEN, NOT_ATTEMPTED, RIGHT, WRONG, Verdict

PACKAGE = Path(__file__).resolve().parents[1]
YOUR_TURN = "your turn"


@dataclass(frozen=True)
class Mistake:
    """A wrong answer with a name, the misconception in a sentence, and the verdict it must get."""

    name: str
    explanation: str
    answer: object
    verdict: str = WRONG


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


@dataclass(frozen=True)
class Exercise:
    """One exercise; see the head of this file."""

    id: str
    title: str
    signature: str
    reference: object
    mistakes: tuple
    hints: tuple
    kind: str = "implement"
    cases: Callable | None = None
    section: str = ""
    proves: str = ""
    rtol: float = 1e-9
    atol: float = 1e-12
    accept: Callable | None = None
    products: Callable | None = None
    points: int = 1
    seconds: float = SECONDS
    gigabytes: float = GIGABYTES
    _memory: dict = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self):
        """The name the learner's function is asked to have."""
        return self.signature.partition("(")[0]

    @property
    def parameters(self):
        return tuple(re.findall(r"\w+", self.signature.partition("(")[2]))

    @property
    def wants_value(self):
        return self.cases is None

    def arguments(self):
        """Fresh argument tuples, the same on every call; [()] for a value exercise."""
        if self.wants_value:
            return [()]
        rng = np.random.default_rng(zlib.crc32(self.id.encode()))
        return [tuple(case) for case in self.cases(rng)]

    def expected(self):
        """The right results, one a case."""
        if "expected" not in self._memory:
            if self.wants_value:
                results = [data.plain(self.reference)]
            else:
                results = [data.plain(self.reference(*args)) for args in self.arguments()]
            self._memory["expected"] = results
        return [data.fresh(result) for result in self._memory["expected"]]

    # ---- the learner's half

    def run(self, answer):
        """Outcomes of the answer, one a case, or a single one where it cannot be called at all."""
        if self.wants_value:
            call = answer if callable(answer) else lambda: answer
            return [self._call(call, ())]
        if type(answer) is str:
            answer, unfit = self._from_source(answer)
            if unfit:
                return [unfit]
        if answer is None or answer is ...:
            return [Outcome(problem="not attempted")]
        if not callable(answer):
            sentence = (
                f"`check` wants the function itself: `{self.name}`, without parentheses. "
                f"{_article(type(answer).__name__)} came"
            )
            return [Outcome(problem="misfit", sentence=sentence)]
        cases = self.arguments()
        unfit = self._wrong_parameters(answer, cases[0])
        if unfit:
            return [Outcome(problem="misfit", sentence=unfit)]
        outcomes = []
        for args in [*cases, cases[0]]:  # the first once more: the same answer?
            outcomes.append(self._call(answer, args))
            if outcomes[-1].problem in ("stopped", "not attempted"):
                break
        return outcomes

    def _call(self, answer, args):
        given, tape, before = data.fresh(args), Tape(), threads()
        try:
            outcome = {"value": self._kept(lambda: data.plain(answer(*given)), tape)}
            if self.products:
                outcome["products"] = self._count(answer, args)
        except BaseException as error:  # the learner's code may raise anything at all
            outcome = self._problem(error, answer)
        if end_threads(before):
            sentence = "your function leaves a thread running that cannot be ended"
            outcome = {"problem": "stopped", "sentence": sentence}
        pairs = zip(self.parameters, given, args, strict=False)
        changed = tuple(name for name, now, was in pairs if not data.identical(now, was))
        printed = "".join(c for c in tape.text if c.isprintable() or c in "\n\t")
        return Outcome(**outcome, changed=changed, printed=printed)

    def _kept(self, call, tape=None):
        """`call()` within limits; what it changes around itself is put back."""
        with kept():
            return guarded(call, self.seconds, self.gigabytes, tape)

    def _problem(self, error, answer):
        """Outcome fields for an exception, whose own methods are the learner's code too."""
        try:
            return guarded(lambda: _described(error, answer), self.seconds, self.gigabytes)
        except BaseException:
            return {"problem": "stopped", "sentence": "an exception came that cannot be printed"}
        finally:
            BaseException.__traceback__.__set__(error, None)

    def _count(self, answer, args):
        counted, total = counting()
        try:
            self._kept(lambda: answer(*counted(args)))
        except BaseException:  # works on plain numbers, not on these: cannot be counted
            return 0
        return total()

    def _wrong_parameters(self, answer, args):
        try:
            signature = guarded(lambda: inspect.signature(answer), self.seconds, self.gigabytes)
            signature.bind(*args)
        except TypeError:
            name = getattr(answer, "__name__", self.name)
            return (
                f"the call `{self.signature}` does not fit your function `{name}{signature}`: "
                f"{len(args)} arguments are handed over"
            )
        except BaseException:  # some callables written in C tell nothing about themselves
            pass
        return ""

    def _from_source(self, source):
        """(the function that a text defines, None), or (None, Outcome) that says why not."""
        filename = f"<answer {self.id}>"
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        try:
            code = compile(source, filename, "exec")
        except SyntaxError as error:
            said = does_not_parse(error, "the answer")
            return None, Outcome(problem="misfit", sentence=said)
        names = {"__name__": "answer", "np": np, "numpy": np}
        try:
            self._kept(lambda: exec(code, names))
        except BaseException as error:
            return None, Outcome(**self._problem(error, None))
        if self.name not in names:
            said = f"no function `{self.name}` is defined"
            return None, Outcome(problem="misfit", sentence=said)
        return names[self.name], None

    # ---- the judge's half

    def verdict(self, outcomes):
        """Verdict on outcomes, without the code that made them."""
        first = outcomes[0]
        if first.problem == "not attempted":
            return self._say(NOT_ATTEMPTED, f"Replace the last line of `{self.name}` by your own.")
        if self.wants_value and (first.value is None or first.value is ...) and not first.problem:
            return self._say(NOT_ATTEMPTED, "No answer is given yet.")
        if len(outcomes) == 1 and first.problem == "misfit" and not self.wants_value:
            return self._say(BROKEN, _capital(first.sentence) + ".", printed=first.printed)
        cases, expected = self.arguments(), self.expected()
        again = outcomes[len(cases)] if len(outcomes) > len(cases) else None
        outcomes = outcomes[: len(cases)]
        faults = [
            self._fault(outcome, want, args)
            for outcome, want, args in zip(outcomes, expected, cases, strict=False)
        ]
        failing = [i for i, fault in enumerate(faults) if fault]
        if not failing and len(outcomes) < len(cases):
            return self._say(BROKEN, "There are fewer results than calls.")
        if not failing:
            if again and not self._same(first, again):
                return self._chance(first, again, cases[0])
            return self._right(len(cases), first)
        worst = max(faults[i][0] for i in failing)
        shown = min(
            (i for i in failing if faults[i][0] == worst),
            key=lambda i: (data.size(cases[i]), len(self.call(cases[i])), i),
        )
        name, explains = self._misconception(outcomes, expected, cases, failing, again)
        if name == "chance":
            return self._chance(first, again, cases[0])
        rank, sentence, rows = faults[shown]
        counts = ""
        if len(outcomes) == len(cases) > max(1, len(failing) * (rank == 2)):
            counts = f"{len(cases) - len(failing)} of {len(cases)} cases agree."
        return self._say(
            BROKEN if rank == 2 else WRONG,
            sentence,
            call=self.call(cases[shown]) if cases[shown] else "",
            rows=tuple(rows),
            picture=self._picture(expected[shown], outcomes[shown]) if rank == 1 else "",
            misconception=name,
            explains=explains,
            counts=counts,
            section=self.section if rank < 2 or name else "",
            printed=outcomes[shown].printed,
        )

    def judge(self, answer):
        """Verdict on an answer; nothing is recorded."""
        return self.verdict(self.run(answer))

    def call(self, args):
        """The call of one case, as text."""
        pairs = zip(self.parameters, args, strict=False)
        return f"{self.name}({', '.join(f'{name}={data.text(value)}' for name, value in pairs)})"

    def _say(self, face, says="", **more):
        return Verdict(self.id, face, says, **more)

    def _right(self, n, first):
        says = self.proves
        counts = f"{n} of {n} cases agree." if n > 1 else ""
        return self._say(RIGHT, says, counts=counts, printed=first.printed)

    def _chance(self, first, again, args):
        return self._say(
            WRONG,
            "The same call gives two different answers.",
            call=self.call(args),
            rows=(("first", data.text(first.value)), ("then", data.text(again.value))),
            misconception="chance",
            explains="Your function depends on more than its arguments: on chance, or on something "
            "it remembers from call to call.",
            section=self.section,
        )

    def _fault(self, outcome, want, args):
        """(rank, sentence, rows) of what is wrong with one outcome, or None; 2 is broken."""
        if outcome.problem == "misfit":
            return 2, _capital(outcome.sentence) + ".", ()
        if outcome.problem:
            rows = [("line", outcome.line)] if outcome.line else []
            return 2, _capital(outcome.sentence) + ".", rows
        try:
            got = outcome.value if self.accept else data.fit(want, outcome.value)
            if self.accept and (outcome.value is None or outcome.value is ...):
                data.fit(want, outcome.value)
        except data.Misfit as misfit:
            said = f"{_capital(str(misfit))}."
            if outcome.value is None:
                said += " Is a `return` missing?"
            rows = [] if self.wants_value else [("yours", data.text(outcome.value))]
            return (2 if misfit.broken else 1), said, rows
        if outcome.changed:
            names = " and ".join(f"`{name}`" for name in outcome.changed)
            s = "s" if len(outcome.changed) > 1 else ""
            return 1, f"Your function changed its argument{s} {names}. Work on a copy.", ()
        if data.has_nan(got) and not data.has_nan(want):
            rows = [("yours", data.text(got)), ("expected", data.text(want))]
            return 1, "Not a number (NaN) came out.", rows[: 1 if self.wants_value else 2]
        if self.accept:
            sentence = self.accept(data.fresh(got), *data.fresh(args))
            return (1, sentence, [("yours", data.text(got))]) if sentence else None
        if not data.agree(want, got, self.rtol, self._atol(want)):
            return 1, *self._difference(want, got)
        if self.products:
            return self._too_many(outcome, self.products(*args))
        return None

    def _atol(self, want):
        exact = all(type(leaf) is not float for _, leaf in data.leaves(want))
        return 0.0 if exact and self.atol == Exercise.atol else self.atol

    def _too_many(self, outcome, allowed):
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

    def _difference(self, want, got):
        """The sentence and the rows for numbers that differ."""
        pairs = list(zip(data.leaves(want), data.leaves(got), strict=True))
        atol = self._atol(want)
        wrong = [
            (path, w, g) for (path, w), (_, g) in pairs if not data.close(w, g, self.rtol, atol)
        ]
        says = ""
        if len(pairs) > 1:
            which = ", ".join(path for path, _, _ in wrong[:6]) + (" …" if len(wrong) > 6 else "")
            says = f"{len(wrong)} of {len(pairs)} results differ, at {which}."
        if self.wants_value:  # the expected value would be the solution
            return self._no_such_word(got) or says, [("yours", data.text(got))]
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

    def _no_such_word(self, got):
        """A sentence about the first word of an answer that is none of the allowed, or ""."""

        def words(value):
            return [leaf.strip() for _, leaf in data.leaves(value) if type(leaf) is str]

        known = [outcome.value for [outcome] in self._known()]
        allowed = sorted({word for value in [*self.expected(), *known] for word in words(value)})
        folded = [word.casefold() for word in allowed]
        for word in words(got):
            if word.casefold() not in folded:
                return f"{data.text(word)} is none of the words: {', '.join(map(repr, allowed))}."
        return ""

    def _picture(self, want, outcome):
        if self.wants_value or self.accept:  # the one would give the solution, the other has many
            return ""
        try:
            pair = picture.pictured(want, data.fit(want, outcome.value))
        except data.Misfit:
            return ""
        return picture.side_by_side(*pair) if pair and not np.array_equal(*pair) else ""

    def _same(self, a, b):
        """Whether two outcomes are the same within the tolerance."""
        if a.problem or b.problem:
            return a.problem == b.problem and a.error == b.error
        if a.value is None or b.value is None:
            return a.value is b.value
        if self.accept and type(a.value) is not type(b.value):
            return False
        try:
            return data.agree(a.value, b.value, self.rtol, self.atol)
        except TypeError:
            return False

    def _same_fault(self, known, outcome):
        """Whether a known mistake went the same way: its numbers, its changes, its counting."""
        counted = (known.products == 0) == (outcome.products == 0)
        return counted and known.changed == outcome.changed and self._same(known, outcome)

    def _misconception(self, outcomes, expected, cases, failing, again):
        """(name, explanation) of the mistake whose results these are, or two empty strings."""
        for mistake, known in zip(self.mistakes, self._known(), strict=True):
            if len(known) != len(outcomes) or not all(map(self._same_fault, known, outcomes)):
                continue
            broken = any(outcome.problem for outcome in outcomes)
            if broken and mistake.verdict != BROKEN:
                continue
            if len(failing) >= min(2, len(cases)):
                return mistake.name, mistake.explanation
        if any(o.problem for o in outcomes) or len(outcomes) < len(cases):
            return "", ""
        if again and not self._same(outcomes[0], again):
            return "chance", ""
        if self.accept:
            return "", ""
        values = [outcome.value for outcome in outcomes]
        if all(
            data.agree(e, v, self.rtol, self.atol) for e, v in zip(expected, values, strict=True)
        ):
            return "", ""  # the numbers are right: what is wrong has been said
        names = self.parameters
        return generic_mistake(expected, values, cases, names, self.rtol, self.atol, len(failing))

    def _known(self):
        """Outcomes of the known mistakes."""
        if "known" not in self._memory:
            n = len(self.arguments())
            self._memory["known"] = [self.run(mistake.answer)[:n] for mistake in self.mistakes]
        return self._memory["known"]


def formula(variables, text):
    """A function given by its text, for use as an argument: `formula("x", "x**3 - sin(x)")`."""
    names = {name: getattr(np, name) for name in ("sin", "cos", "exp", "log", "tanh", "array")}
    function = eval(f"lambda {variables}: {text}", names)
    function.__doc__ = f"{variables} ↦ {text}"
    function.__name__ = "f"
    return function


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


def _described(error, answer):
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
        sentence = f"stopped: it wants too much memory ({str(error) or 'no more to be had'})"
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
