"""The learner's side of grading: runs a notebook's cells and calls its answers on given inputs.

Started by `bookutils.classroom.grade` as a process of its own, which gives it up for lost from the
start. It knows no reference and no expected value: one line of JSON comes with the cells, one with
the inputs of each exercise, and what the answers return goes back as plain data.
"""

import ast
import linecache
import os
import re
import sys
import types
from pathlib import Path

from bookutils.judge import data, guard, raised, running, transport
from bookutils.judge.confine import confine
from bookutils.judge.exercise import Exercise
from bookutils.judge.program import Program, Use

PACKAGE = Path(__file__).resolve().parents[1]
RUNS_ON = re.compile(r"%%(time|timeit|capture|prun)\b")  # cell magics whose body is Python
OWNER = "The cell that should define `?`"
NONE = object()


def plain_python(source):
    """A cell without IPython's own syntax: `%magic`, `!command` and `name?` lines become `pass`."""
    if source.lstrip().startswith("%%"):
        head, _, body = source.lstrip().partition("\n")
        return body if RUNS_ON.match(head) else ""
    try:
        ast.parse(source)
    except SyntaxError:
        return re.sub(r"(?m)^([ \t]*)(?:[%!?].*|.*\S\?)$", r"\1pass", source)
    except (ValueError, RecursionError, MemoryError):
        pass
    return source


def defines(source, name):
    """Whether a cell says how `name` is made, as far as its text tells."""
    made = rf"(?m)^\s*(?:async\s+)?(?:def|class)\s+{name}\b|^{name}\s*(?::[^=\n]*)?=(?!=)"
    return re.search(made, source)


class Notebook:
    """The cells of one notebook, run in order; one that fails stops no other."""

    def __init__(self, cells, seconds, gigabytes):
        self.cells, self.seconds, self.gigabytes = cells, seconds, gigabytes
        self.checked = {}  # id -> what was handed to `check`
        self.failed = {}  # number of a cell -> what is said of it
        self.module = types.ModuleType("__main__")
        self.names = vars(self.module)

    def stand_ins(self):
        """Replace what has no meaning here: the graders, the display, IPython."""
        checks = types.ModuleType("bookutils.checks")

        def check(id, answer=...):
            self.checked[str(id)] = answer

        checks.check = check
        checks.hint = checks.mistakes = checks.progress = lambda *_: None
        for name in [name for name in sys.modules if name.startswith("bookutils.checks")]:
            del sys.modules[name]
        sys.modules["bookutils.checks"] = sys.modules["bookutils"].checks = checks
        sys.modules["__main__"] = self.module
        self.names["display"] = self.names["get_ipython"] = lambda *_, **__: None

    def run(self, number, source):
        """Run one cell; what it raises is kept as a sentence."""
        file = f"<cell {number}>"
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        try:
            code = compile(plain_python(source), file, "exec")
            guard.guarded(lambda: exec(code, self.names), self.seconds, self.gigabytes)
        except SyntaxError as error:
            self.failed[number] = raised.does_not_parse(error, OWNER)
        except BaseException as error:  # the learner's code may raise anything at all
            said = raised.described(error, None).get("sentence", "it is not written yet")
            self.failed[number] = f"{OWNER} failed: {said}"

    def answers(self, id, name):
        """What may be meant as the answer: the name's last value, and what was checked."""
        found = [self.names.get(name, NONE), self.checked.get(id, NONE)]
        found = [answer for answer in found if answer is not NONE]
        return found[:1] if len(found) == 2 and found[0] is found[1] else found

    def missing(self, name):
        """Why there is no such name, as an Outcome, or None when no cell makes it."""
        for number, source in reversed(self.cells):
            if number in self.failed and defines(source, name):
                sentence = self.failed[number].replace("`?`", f"`{name}`", 1)
                return running.Outcome(problem="misfit", sentence=sentence)
        return None


def respond(notebook, asked):
    """Outcomes of every candidate answer to one exercise, as JSON."""
    cases = asked["cases"] and [transport.decode(case, as_input=True) for case in asked["cases"]]
    puzzle = Exercise(
        id=asked["id"],
        title="",
        signature=asked["signature"],
        reference=None,
        mistakes=(),
        hints=(),
        cases=None if cases is None else lambda rng: data.fresh(cases),
        products=(lambda *_: 0) if asked["counts"] else None,
        seconds=asked["seconds"],
        gigabytes=asked["gigabytes"],
    )
    answers = notebook.answers(asked["task"], puzzle.name)
    if not answers:
        why = notebook.missing(puzzle.name)
        return [[transport.encode_outcome(why)]] if why else []
    if asked["program"]:  # one property of a project
        program = Program(asked["program"])
        answers = [Use(program, answer) for answer in answers]
    return [[transport.encode_outcome(o) for o in puzzle.run(answer)] for answer in answers]


def main():
    requests, replies = os.fdopen(os.dup(0), "rb"), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")

    def reply(message):
        line = transport.dumps(message)
        while line:
            line = line[os.write(replies, line) :]

    folder = os.getcwd()
    setting = transport.loads(requests.readline())
    notebook = Notebook(setting["cells"], setting["seconds"], setting["gigabytes"])
    notebook.failed = {number: said for number, said in setting["lost"]}
    readable = {sys.prefix, sys.base_prefix, *filter(os.path.isdir, sys.path), str(PACKAGE)}
    readable |= {path for path in os.environ.get("LD_LIBRARY_PATH", "").split(":") if path}
    if (PACKAGE.parent / "pyproject.toml").exists():  # the checkout, with its solutions
        readable.discard(str(PACKAGE.parent))
    held = confine(
        sorted(readable),
        [PACKAGE / "checks"],
        folder,
        setting["life"],
        setting["gigabytes"],
    )
    own = sys.modules["__main__"]  # kept: its functions are those that run here
    notebook.stand_ins()
    reply({"held": held})
    for number, source in notebook.cells:
        if number not in notebook.failed:
            reply({"cell": number})
            notebook.run(number, source)
    os.chdir(folder)  # a cell may have gone where no path leads
    reply({"ready": True})
    for line in iter(requests.readline, b""):
        reply({"answers": respond(notebook, transport.loads(line))})
    del own


if __name__ == "__main__":
    main()
