"""A project: a class or a program of the reader's own, tried property by property, for points.

A chapter's project stands in `bookutils/checks/project_NN.py`:

    def used_twice(Value, x):
        a = Value(x)
        y = a * a
        y.backward()
        return a.grad

    PROJECT = Project(
        id="03.project",
        title="Your own Value",
        name="Value",                     # what the reader's class or function is called
        reference=Reference,              # a right answer, by which numbers are expected
        properties=(
            Property(
                "A node that is used twice adds up both",     # in plain words, what holds
                points=1,
                program=used_twice,       # first the answer, then the numbers of a case
                cases=((1.5,), (-0.4,)),  # or cases(rng); left out: one case without numbers
                expected=lambda x: 2 * x,  # a closed form; left out: what the reference gives
                explains="Where paths meet, gradients add: `+=`, not `=`.",
                section='chapter 03, section 3.5, "Accumulate"',
                group="backward",         # of the hints
            ),
            …
        ),
        mistakes=(Mistake("overwrites", "You assign a gradient …", Overwrites), …),
        hints={"backward": ("first", "second", "third, almost the answer"), …},
        proves="Your engine keeps the contract of chapter 03.",
    )

- Each property runs on its own, within the limits of `check`, and gives its points when all of its
  cases are right: what is broken elsewhere costs it nothing, as long as its program does without.
- A program is a function that ends with its only `return` (`bookutils.judge.program`). It uses the
  answer, its numbers, `np` and `math`, and imports whatever else it needs; what it gives is plain
  data. A verdict shows it with the numbers in their places, so it stays short; `eval("a.exp()")`
  of a text among the numbers is shown, and run, as `a.exp()`. Only the errors that it asks about
  are caught, and never a plain Exception: a stub raises NotImplementedError.
- Cases are those of an exercise: an easy, readable one first, then every edge. Arrays may be cases.
- `accept(output, *case)` judges what has many right answers: None, or a sentence. `rtol`, `atol`
  and `seconds` are those of an exercise. `told(output)` is a word on what passed, for the table,
  such as that it could not be tried on this machine, or "".
- A mistake is a wrong answer as a whole. It is recognised in each property by its numbers there.
- `apart=("bookutils.engine", "torch")`: a class built on one of those is told that it is.
- The reader's answer may be a class, or a function such as `train(X, y, rng)`: a program that
  calls it is a property like any other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bookutils.judge.exercise import Exercise, Mistake
from bookutils.judge.program import Program, Use
from bookutils.judge.running import Outcome
from bookutils.judge.verdict import (
    BROKEN,
    NOT_ATTEMPTED,
    PARTLY,
    RIGHT,
    WRONG,
    Point,
    ProjectVerdict,
)

__all__ = ["Mistake", "Project", "Property"]  # what a chapter's project needs

SHORT = 90  # characters of what was found, in a table
STOPPED = 3  # properties that may run out of time or memory; the rest is then left
LEFT = f"not reached: {STOPPED} properties before it were stopped"
LIMITS = "RecursionError", "TimeoutError", "MemoryError"  # a fault of the idea, not of a line
NOT_WRITTEN = "not attempted"  # an outcome's word for it
TO_DO = "Replace what says “your turn” by your own, in any order."


@dataclass(frozen=True)
class Property:
    """One property of a project; see the head of this file."""

    name: str
    points: int
    program: Callable
    cases: object = ((),)
    expected: Callable | None = None
    accept: Callable | None = None
    told: Callable | None = None
    explains: str = ""
    section: str = ""
    group: str = ""
    rtol: float = 1e-9
    atol: float = 1e-12
    seconds: float = 2.0


@dataclass(frozen=True)
class Project:
    """A project; see the head of this file."""

    id: str
    title: str
    name: str
    reference: object
    properties: tuple
    mistakes: tuple
    hints: dict
    proves: str
    apart: tuple = ()  # modules whose classes the answer must not be built on
    kind: str = "project"
    _memory: dict = field(default_factory=dict, repr=False, compare=False)

    @property
    def sheet(self):
        """What is handed in as one notebook: a project stands alone."""
        return self.id

    @property
    def points(self):
        return sum(p.points for p in self.properties)

    @property
    def parts(self):
        """Each property as an exercise, made once."""
        if "parts" not in self._memory:
            numbered = enumerate(self.properties, 1)
            self._memory["parts"] = [self._part(number, p) for number, p in numbered]
        return self._memory["parts"]

    def _part(self, number, p):
        program, cases = Program.of(p.program), p.cases
        # BROKEN: where a mistake raises, it is known by that; elsewhere by its numbers all the same
        mistakes = tuple(replace(m, verdict=BROKEN) for m in self.mistakes)
        return Exercise(
            id=f"{self.id} {number}",
            title=p.name,
            signature=self.name,
            reference=p.expected or Use(program, self.reference),
            mistakes=mistakes,
            hints=(),
            kind="property",
            cases=cases if callable(cases) else lambda rng: list(cases),
            section=p.section,
            rtol=p.rtol,
            atol=p.atol,
            accept=p.accept,
            points=p.points,
            seconds=p.seconds,
            program=program,
        )

    def judge(self, answer):
        """Verdict on an answer; nothing is recorded."""
        unfit = self._unfit(answer)
        if unfit:
            return unfit
        verdict, borrowed = self.verdict(self.run(answer)), self._borrowed(answer)
        return replace(verdict, notes=(borrowed,)) if borrowed else verdict

    def _borrowed(self, answer):
        """A sentence where the answer is a class built on one that the project asks for."""
        for base in getattr(answer, "__mro__", ()):
            if base.__module__.startswith(self.apart or ("?",)):
                found = f"{base.__module__}.{base.__qualname__}"
                return f"Your class is built on `{found}`: these points are not yours."
        return ""

    def _unfit(self, answer):
        if answer is None or answer is ...:
            return self._unseen(NOT_ATTEMPTED, "No answer is given yet.")
        if not callable(answer):
            kind = type(answer).__name__
            what = f"`check` takes `{self.name}` itself, without parentheses and without quotes."
            return self._unseen(BROKEN, f"{what} A `{kind}` came.")
        return None

    def _unseen(self, face, says):
        points = [Point(p.name, 0, p.points, NOT_ATTEMPTED, "not tried") for p in self.properties]
        return ProjectVerdict(self.id, face, says, title=self.title, table=tuple(points))

    def run(self, answer):
        """Outcomes of the answer, a list of them for each property."""
        runs, stopped = [], 0
        for part in self.parts:
            if stopped == STOPPED:
                runs.append([Outcome(problem="stopped", sentence=LEFT)])
                continue
            runs.append(part.run(answer))
            stopped += runs[-1][-1].problem == "stopped"
        return runs

    def verdict(self, runs):
        """Verdict on the outcomes of all properties, without the code that made them."""
        points, raised, shown = [], {}, None
        for p, part, run in zip(self.properties, self.parts, runs, strict=True):
            verdict = part.verdict(run)
            unwritten = run[-1].problem == NOT_WRITTEN and verdict.face == BROKEN
            face, found = (NOT_ATTEMPTED if unwritten else verdict.face), _found(verdict, unwritten)
            if verdict.right and p.told:
                found = p.told(run[0].value) or found
            error = next((o.sentence + o.line for o in run if o.problem == "raised"), "")
            if face == BROKEN and error:
                earlier = raised.setdefault(error, p.name)
                if earlier is not p.name:
                    found = f"not reached: the same error as in “{earlier}”"
            if shown is None and face in (BROKEN, WRONG):
                crashed = any(o.error not in LIMITS for o in run if o.problem == "raised")
                explains = verdict.explains
                known = {m.name for m in self.mistakes} & {*verdict.misconception.split(" + ")}
                if not (known or crashed):
                    explains = " ".join(filter(None, (explains, p.explains)))
                shown = {**vars(verdict), "explains": explains, "first": p.name}
            points.append(Point(p.name, p.points * verdict.right, p.points, face, found))
        total = sum(point.points for point in points)
        if total == self.points:
            shown = {"face": RIGHT, "says": self.proves}
        elif shown is None:
            shown = {"face": NOT_ATTEMPTED, "says": TO_DO}
        if 0 < total < self.points:
            shown["face"] = PARTLY
        shown |= {"exercise": self.id, "title": self.title, "table": tuple(points)}
        return ProjectVerdict(**shown)


def _found(verdict, unwritten):
    """In a few words, for a line of the table."""
    if verdict.right:
        return "passed"
    if unwritten or verdict.face == NOT_ATTEMPTED:
        return "not written yet"
    rows = dict(verdict.rows)
    said = verdict.says.splitlines()[0] if verdict.says else ""
    if "yours" in rows and "expected" in rows:
        pair = f"yours {rows['yours']}, expected {rows['expected']}"
        said = pair if len(pair) <= SHORT and "\n" not in pair else said or "other numbers"
    elif rows.get("line"):
        said = f"{said.rstrip('.')}, in line {rows['line']}"
    said = " ".join(said.split())
    return said if len(said) <= SHORT else f"{said[: SHORT - 1]}…"
