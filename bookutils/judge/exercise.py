"""What an exercise is, and the mistakes it knows.

Judging has two halves, so that they can run in two processes: `Exercise.run(answer)` calls the
learner's code and keeps what came back as plain data (`bookutils.judge.running`);
`Exercise.verdict(outcomes)` never sees that code (`bookutils.judge.comparing`). A chapter's
exercises stand in `bookutils/checks/chapter_NN.py`:

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
  sizes) and every edge that the text allows: zeros, ones, ties, lengths 0 and 1, the boundary of
  each branch and both sides close to it, saturation, tiny and huge values, the same value twice,
  two cases of equal shape with other numbers. An easy, readable case with more than one row comes
  first: of the failing cases the one with the fewest and roundest numbers is shown. Each call, of
  the learner and of the reference, gets fresh copies. A function as argument is written
  `formula("x", "x**3 - sin(x)")`, so that a verdict can print it.
- A `Mistake` is recognised when its results equal the learner's on all cases and differ from the
  right ones on two at least. Its sentence speaks to the reader ("You …") and says what the numbers
  reveal: "either … or …" where two causes give the same numbers. It may change its argument (the
  verdict says so) or raise, then `verdict=BROKEN`. Results agree in more than inf and nan, or the
  mistake is told as a guess: give it a case where its finite numbers differ.
- A mistake may be a family: `family` holds values of one more, last parameter of `answer`, which
  needs a default. Each is tried on one failing case, and one that fits is confirmed on all; `{}`
  in the explanation becomes that value. `EPSILONS` are the usual small numbers.
- `alone=True`: the sentence speaks of the one result that the mistake spoils, and is said of it
  beside other mistakes in a value exercise too.
- `section` of a mistake is where to read again, if that is not the exercise's own section.
- Where the answer is a tuple, give its `results` their names, `("dX", "dW", "db")`: each is then
  judged on its own, and placed as `dX[0, 1]`. A mistake counts for a single result as well.
- After its own, an exercise looks through the mistakes of its siblings: those of the same chapter
  that take the same parameters.
- `quantities(*args)`: {name: number or array} of what lies on the way to the answer, in the shape
  of a result or one that broadcasts to it. "Your result is the right one times `z1`" is then said
  (`bookutils.judge.relations`). Arguments that fit count without being named.
- `worked`: a right program, step by step in the letters of the text, in a module of its own
  (`bookutils/checks/worked_NN.py`). Small changes of it, one at a time, are tried as causes and
  told where the numbers prove them (`bookutils.judge.altered`), two at a time where no single one
  does: the more steps have a name of their own, the more is recognised. Where a value is asked for,
  its parameters have the numbers of the text for defaults.
  Loops run over ranges, lists grow by `[*found, more]`, and an argument is never changed.
- `program`: where an answer is not called with numbers and does not return them, as with modules
  and tensors of PyTorch: a small program, as a project has (`bookutils.judge.program`). Its first
  parameter is the answer, the others are the numbers of a case; what it returns is judged, and a
  verdict shows it. `reference`, `worked` and `cases` then are about these numbers, and a mistake
  is an answer as a learner writes it. A signature without brackets is that of a class.
- `several=True` where mistakes show in cases of their own: two or three of them together are then
  told (`bookutils.judge.recognise`).
- `new=True` where the text asks for a new object: the same object twice is then wrong.
- `accept(output, *args)`: for exercises with many right answers; None, or a sentence that says
  what is wrong. The reference then only serves as one right answer and for its form.
- Words as an answer: those of the reference and the mistakes are the allowed ones, so name them all
  in the question; any other is answered with them.
- `reads(output, *args)`: for answers that may be written in many ways, such as programs: what is
  compared in their place, or a sentence (`bookutils.judge.reading`). Known mistakes and changes of
  a worked program are then recognised by what they do.
- `writes(value)`: the text of an argument, and of such an answer, for the verdict.
- `products(*args)`: the most multiplications allowed; the numbers are then instrumented.
- `rtol`, `atol`: 1e-9 of the value by default: other algebra in float64 stays within 1e-12.
  Give a reason where you change them (`atol=5e-5  # asked for four decimals`).
Zero, a flipped sign, an argument returned or changed, a simple factor or offset, a transpose,
exchanged results, a sum without its axis, a lost or an extra axis, rounding, NaN, chance and
memory between calls are recognised without being listed; so are results that are right for other
arguments (one left out, doubled, exchanged, transposed …: `bookutils.judge.otherwise`), and from
cases that differ in one argument (`nearby.crossed`) what an answer depends on
(`bookutils.judge.patterns`).
"""

import functools
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from bookutils.judge import comparing, data, running, tensors
from bookutils.judge.guard import GIGABYTES, SECONDS
from bookutils.judge.program import Program, Use
from bookutils.judge.raised import FORMULA
from bookutils.judge.reading import read, reading
from bookutils.judge.surroundings import chance_kept, silent
from bookutils.judge.verdict import BROKEN, WRONG

# what a chapter's graders need
__all__ = ["BROKEN", "EPSILONS", "WRONG", "Exercise", "Mistake", "formula"]

EPSILONS = tuple(m * 10.0**-k for k in range(1, 16) for m in (1, 2, 5))  # added, or clipped at


@dataclass(frozen=True)
class Mistake:
    """A wrong answer with a name, the misconception in a sentence, and the verdict it must get."""

    name: str
    explanation: str
    answer: object
    verdict: str = WRONG
    section: str = ""
    family: tuple = ()
    alone: bool = False


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
    reads: Callable | None = None
    writes: Callable = data.text
    products: Callable | None = None
    results: tuple = ()
    quantities: Callable | None = None
    worked: Callable | None = None
    program: Callable | Program | None = None
    several: bool = False
    new: bool = False
    points: int = 1
    seconds: float = SECONDS
    gigabytes: float = GIGABYTES
    siblings: list = field(default_factory=list, repr=False, compare=False)
    _memory: dict = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self):
        if callable(self.program):
            object.__setattr__(self, "program", Program.of(self.program))
        if self.program and not self.results:
            object.__setattr__(self, "results", self.program.results)

    @property
    def name(self):
        """The name the learner's function is asked to have."""
        return self.signature.partition("(")[0]

    @property
    def sheet(self):
        """What is handed in together with it, as one notebook."""
        return self.id.partition(".")[0]

    @property
    def takes(self):
        """The names of what the answer is called with; of a class None."""
        name, bracket, names = self.signature.partition("(")
        return tuple(re.findall(r"\w+", names)) if bracket else None

    @property
    def parameters(self):
        """The names of the numbers of a case."""
        return tuple(self.program.parameters) if self.program else self.takes or ()

    def used(self, answer):
        """The answer as a function of a case."""
        return Use(self.program, answer) if self.program else answer

    @property
    def wants_value(self):
        return self.cases is None

    def arguments(self):
        """Fresh argument tuples, the same on every call; [()] for a value exercise."""
        return [data.fresh(case) for case in self.drawn()]

    def sizes(self):
        """How many numbers there are to read in each case."""
        if "sizes" not in self._memory:
            self._memory["sizes"] = [data.size(case) for case in self.drawn()]
        return self._memory["sizes"]

    def drawn(self):
        """The judge's own argument tuples, drawn once; nobody else gets them but as copies."""
        if self.wants_value:
            return [()]
        if "arguments" not in self._memory:
            rng = np.random.default_rng(zlib.crc32(self.id.encode()))
            self._memory["arguments"] = [tuple(case) for case in self.cases(rng)]
        return self._memory["arguments"]

    def expected(self):
        """The right results, one a case."""
        if "expected" not in self._memory:
            if self.wants_value:
                results = [data.plain(self.reference)]
            else:
                results = [
                    reading(self, data.plain(self.reference(*args)), args)
                    for args in self.arguments()
                ]
            self._memory["expected"] = results
        return [data.fresh(result) for result in self._memory["expected"]]

    def run(self, answer):
        """Outcomes of the answer, one a case, or a single one where it cannot be called at all."""
        return running.run(self, answer)

    def verdict(self, outcomes):
        """Verdict on outcomes, without the code that made them."""
        with tensors.kept(), chance_kept(), silent():  # references and known mistakes run here
            return comparing.verdict(self, outcomes)

    def judge(self, answer):
        """Verdict on an answer; nothing is recorded."""
        return self.verdict(self.run(answer))

    def call(self, args):
        """The call of one case, as text; an argument a line where it needs more than one."""
        if self.program:
            return self.program.shown(args)
        pairs = [
            (f"{name}=", self.writes(value))
            for name, value in zip(self.parameters, args, strict=False)
        ]
        line = f"{self.name}({', '.join(name + text for name, text in pairs)})"
        if "\n" not in line:
            return line
        rows = [f"    {k}{v}".replace("\n", "\n" + " " * (4 + len(k))) for k, v in pairs]
        return f"{self.name}(\n" + ",\n".join(rows) + ",\n)"

    def known(self, mistake, i, value=None):
        """Outcome of a known mistake, or of one member of its family, on case `i`; kept."""
        key = id(mistake.answer), value, i
        known = self._memory.setdefault("known", {})
        if key not in known:
            answer = mistake.answer
            if value is not None:
                answer = functools.partial(_with_last, answer, value)
            args = self.drawn()[i]
            known[key] = read(self, running.call(self, answer, args), args)
        return known[key]

    def prepare(self):
        """Run all known mistakes beforehand."""
        for mistake in self.mistakes:
            for i in range(len(self.drawn())):
                self.known(mistake, i)


def _with_last(answer, value, *args):
    return answer(*args, value)


def formula(variables, text):
    """A function given by its text, for use as an argument: `formula("x", "x**3 - sin(x)")`."""
    names = {name: getattr(np, name) for name in ("sin", "cos", "exp", "log", "tanh", "array")}
    function = eval(compile(f"lambda {variables}: {text}", FORMULA, "eval"), names)
    function.__doc__ = f"{variables} ↦ {text}"
    function.__name__ = "f"
    return function
