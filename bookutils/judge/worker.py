"""The learner's side of grading: runs a notebook's cells and calls its answers on given inputs.

Started by `bookutils.classroom.grade` as a process of its own, which gives it up for lost from the
start. It knows no reference and no expected value: one line of JSON comes with the cells, one with
the inputs of each exercise, and what the answers return goes back as plain data.
"""

import asyncio
import os
import re
import sys
import types
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from bookutils.judge import absent, data, guard, raised, running, transport
from bookutils.judge.confine import confine
from bookutils.judge.exercise import Exercise
from bookutils.judge.program import Program

PACKAGE = Path(__file__).resolve().parents[1]
OWNER = "The cell that should define `?`"
NONE = object()
# modules of the graders that programs of exercises import, and which know no answer
MADE_FOR_PROGRAMS = "layers", "pretend"
CHECKS = 5  # runs of one exercise's check that are judged


def shell_of(module):
    """An IPython shell that runs cells as Jupyter does, without its history on disk.

    Other programs cannot run here: `!ls` and `%pip` do nothing, and a magic that fails costs no
    answer that stands below it. Only once is run what `%timeit` would repeat for seconds.
    """
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config, user_module=module)
    loop = asyncio.new_event_loop()  # made here: it takes a socket
    shell.loop_runner = lambda coroutine: loop.run_until_complete(coroutine)
    shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None
    shell.system = shell.system_raw = shell.system_piped = lambda *_, **__: None
    shell.getoutput = lambda *_, **__: []
    magic = shell.run_line_magic

    def run_line_magic(name, line, _stack_depth=1):
        if name == "timeit" and "-n" not in line and "-r" not in line:
            line = f"-n 1 -r 1 {line}"
        try:
            return magic(name, line, _stack_depth + 1)
        except Exception:  # what is not installed here
            return None

    shell.run_line_magic = run_line_magic
    return shell


def module_of(name):
    """One module of the graders, without the package that it lies in."""
    place = PACKAGE / "checks" / f"{name}.py"
    spec = spec_from_file_location(f"bookutils.checks.{name}", place)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def defines(source, name):
    """Whether a cell says how `name` is made, as far as its text tells."""
    made = rf"(?m)^\s*(?:async\s+)?(?:def|class)\s+{name}\b|^{name}\s*(?::[^=\n]*)?=(?!=)"
    return re.search(made, source)


class Notebook:
    """The cells of one notebook, run in order; one that fails stops no other.

    An answer is judged as it stands when its check runs: what becomes of its helpers later changes
    nothing. Where no check ran, or the name has another object in the end, that counts too.
    """

    def __init__(self, cells, requests, seconds, gigabytes):
        self.cells, self.seconds, self.gigabytes = cells, seconds, gigabytes
        self.requests = {asked["id"]: asked for asked in requests}
        self.parts = {}  # id of an exercise or a project -> ids of what it is tried by
        for asked in requests:
            self.parts.setdefault(asked["task"], []).append(asked["id"])
        self.checked = {}  # id -> (what was handed to `check`, {part: outcomes as they were then})
        self.checks = {}  # id -> how often
        self.failed = {}  # number of a cell -> what is said of it
        self.unknown = []  # cells that failed for a name that is made below them
        self.puzzles = {}
        self.running, self.folder = lambda: None, os.getcwd()
        self.module = types.ModuleType("__main__")
        self.names = vars(self.module)
        self.shell = shell_of(self.module)
        self.used = {name: module_of(name) for name in MADE_FOR_PROGRAMS}

    def stand_ins(self):
        """Replace what has no meaning here: the graders."""
        checks = types.ModuleType("bookutils.checks")
        checks.__path__ = []
        checks.check = self.check
        checks.hint = checks.mistakes = checks.progress = lambda *_: None
        for name in [name for name in sys.modules if name.startswith("bookutils.checks")]:
            del sys.modules[name]
        sys.modules["bookutils.checks"] = sys.modules["bookutils"].checks = checks
        for name, used in self.used.items():
            sys.modules[f"bookutils.checks.{name}"] = used
            setattr(checks, name, used)
        sys.modules["__main__"] = self.module

    def check(self, id, answer=...):
        """What `check` is to the notebook: the answer is tried now."""
        id = str(id)
        self.checks[id] = self.checks.get(id, 0) + 1
        outcomes = {}
        if self.checks[id] <= CHECKS:
            here = os.open(".", getattr(os, "O_PATH", os.O_RDONLY))  # one that it may not read
            os.chdir(self.folder)  # a cell may have gone where no path leads
            for part in self.parts.get(id, ()):
                self.running()
                outcomes[part] = self.outcomes(part, answer)
            os.fchdir(here)
            os.close(here)
        unknown = (o["error"] == "NameError" for kept in outcomes.values() for o in kept)
        # a name that is made below: tried at the end
        self.checked[id] = answer, {} if any(unknown) else outcomes

    def run_all(self, started):
        """Run all cells, those with a name unknown above once more; `started(number)` of each.

        So a notebook whose cells were run in another order than they stand in runs, too.
        """
        for number, source in self.cells:
            if number not in self.failed:
                self.running = lambda number=number: started(number)
                self.run(number, source)
        sources = dict(self.cells)
        for number in list(self.unknown):
            del self.failed[number]
            self.running = lambda number=number: started(number)
            self.run(number, sources[number])

    def run(self, number, source):
        """Run one cell; what it raises is kept as a sentence."""
        self.running()

        depth = sys.getrecursionlimit()

        def cell():
            nonlocal depth
            try:
                return self.shell.run_cell(source, store_history=True)
            finally:
                depth = sys.getrecursionlimit()  # which the guard puts back

        for _ in range(1 + absent.MODULES):
            try:
                result = guard.guarded(cell, self.seconds, self.gigabytes)
                error = result.error_before_exec or result.error_in_exec
            except BaseException as came:  # the learner's code may raise anything at all
                result, error = None, came
            sys.setrecursionlimit(min(depth, guard.DEEPEST))
            if not absent.stands_in_for(error):
                break
        if error is None:
            return
        if isinstance(error, SyntaxError) and result and result.error_before_exec:
            self.failed[number] = raised.does_not_parse(self.plain(error, source), OWNER)
            return
        if isinstance(error, NameError):
            self.unknown.append(number)
        said = raised.described(error, None).get("sentence", "it is not written yet")
        self.failed[number] = f"{OWNER} failed: {said}"

    def plain(self, error, source):
        """Python's own SyntaxError: IPython calls a bracket left open "incomplete input"."""
        try:
            compile(self.shell.transform_cell(source), "<cell>", "exec")
        except SyntaxError as own:
            return own
        except ValueError:
            pass
        return error

    def outcomes(self, id, answer):
        """What an answer gives on the inputs of an exercise or property, as JSON."""
        return [transport.encode_outcome(o) for o in self.puzzle(id).run(answer)]

    def puzzle(self, id):
        """The exercise, or property of a project, without its answer."""
        if id not in self.puzzles:
            asked = self.requests[id]
            cases = asked["cases"]
            if cases is not None:
                cases = [transport.decode(case, as_input=True) for case in cases]
            self.puzzles[id] = Exercise(
                id=id,
                title="",
                signature=asked["signature"],
                reference=None,
                mistakes=(),
                hints=(),
                cases=None if cases is None else lambda rng: data.fresh(cases),
                products=(lambda *_: 0) if asked["counts"] else None,
                seconds=asked["seconds"],
                gigabytes=asked["gigabytes"],
                program=Program(asked["program"]) if asked["program"] else None,
            )
        return self.puzzles[id]

    def respond(self, id):
        """Outcomes of every candidate answer to an exercise or property, as JSON."""
        puzzle, task = self.puzzle(id), self.requests[id]["task"]
        checked, then = self.checked.get(task, (NONE, {}))
        last = self.names.get(puzzle.name, NONE)
        found = [then[id]] if id in then else []
        if checked is not NONE and id not in then:
            found.append(self.outcomes(id, checked))
        if last is not NONE and last is not checked:
            found.append(self.outcomes(id, last))
        if not found:
            why = self.missing(puzzle.name)
            return [[transport.encode_outcome(why)]] if why else []
        return found

    def missing(self, name):
        """Why there is no such name, as an Outcome, or None when no cell makes it."""
        for number, source in reversed(self.cells):
            if number in self.failed and defines(source, name):
                sentence = self.failed[number].replace("`?`", f"`{name}`", 1)
                return running.Outcome(problem="misfit", sentence=sentence)
        return None


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
    limits = setting["seconds"], setting["gigabytes"]
    notebook = Notebook(setting["cells"], setting["requests"], *limits)
    notebook.failed = {number: said for number, said in setting["lost"]}
    readable = {sys.prefix, sys.base_prefix, *filter(os.path.isdir, sys.path), str(PACKAGE)}
    readable |= {path for path in os.environ.get("LD_LIBRARY_PATH", "").split(":") if path}
    readable = {Path(path).resolve() for path in readable}
    hidden = [PACKAGE / "checks", *map(Path, setting["hidden"])]
    if (PACKAGE.parent / "pyproject.toml").exists():  # the checkout, with its solutions
        readable.discard(PACKAGE.parent)
        hidden += [PACKAGE.parent / name for name in ("solutions", "tests", ".git", "chapters")]
    held = confine(
        sorted(readable),
        hidden,
        folder,
        setting["life"],
        setting["gigabytes"],
    )
    own = sys.modules["__main__"]  # kept: its functions are those that run here
    notebook.stand_ins()
    for name, text in setting["modules"]:  # the student's own, beside the notebook
        Path(folder, name).write_bytes(text.encode("utf-8", "replace"))
    sys.path.append(folder)  # behind all others: what lies there hides nothing
    reply({"held": held})
    notebook.run_all(lambda number: reply({"cell": number}))
    os.chdir(folder)
    reply({"ready": True})
    for line in iter(requests.readline, b""):
        reply({"answers": notebook.respond(transport.loads(line)["id"])})
    del own


if __name__ == "__main__":
    main()
