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

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from bookutils.judge import comparing, data, running
from bookutils.judge.guard import GIGABYTES, SECONDS
from bookutils.judge.verdict import BROKEN, WRONG

__all__ = ["BROKEN", "WRONG", "Exercise", "Mistake", "formula"]  # what a chapter's graders need


@dataclass(frozen=True)
class Mistake:
    """A wrong answer with a name, the misconception in a sentence, and the verdict it must get."""

    name: str
    explanation: str
    answer: object
    verdict: str = WRONG


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

    def run(self, answer):
        """Outcomes of the answer, one a case, or a single one where it cannot be called at all."""
        return running.run(self, answer)

    def verdict(self, outcomes):
        """Verdict on outcomes, without the code that made them."""
        return comparing.verdict(self, outcomes)

    def judge(self, answer):
        """Verdict on an answer; nothing is recorded."""
        return self.verdict(self.run(answer))

    def call(self, args):
        """The call of one case, as text."""
        pairs = zip(self.parameters, args, strict=False)
        return f"{self.name}({', '.join(f'{name}={data.text(value)}' for name, value in pairs)})"

    def known(self):
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
