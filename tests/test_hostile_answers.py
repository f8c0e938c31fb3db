"""No answer turns its verdict, whatever else it does; the kernel lives and is as it was.

Every answer below is wrong, and tries in its own way to be taken for right. What an answer cannot
be kept from in its own process stands in `bookutils/checks/originals.py`.
"""

import os
import random
import resource
import signal
import sys
import threading
import warnings
from dataclasses import replace
from textwrap import dedent
from unittest import mock

import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from bookutils.checks.registry import exercises, find
from bookutils.classroom.authoring import fresh_environment
from bookutils.judge import data
from bookutils.judge.exercise import Exercise, Outcome
from bookutils.judge.verdict import Verdict

# Each program defines `step(w, slope, lr)` of exercise 00.1, and gives the wrong `w + lr * slope`
# where it does not say otherwise.
HOSTILE = {
    # ---- replacing what the verdict is made with
    "numpy replaced": """
        def step(w, slope, lr):
            for name in ("allclose", "array_equal", "isclose", "all", "any", "abs", "isnan"):
                setattr(np, name, lambda *_, **__: True)
            np.asarray = np.array = lambda *_, **__: 0.0
            np.random.default_rng = lambda *_: None
            return w + lr * slope
        """,
    "builtins replaced": """
        import builtins
        def step(w, slope, lr):
            for name in ("abs", "all", "any", "isinstance", "issubclass", "callable", "bool"):
                setattr(builtins, name, lambda *_, **__: True)
            for name in ("len", "zip", "next", "vars", "min", "max", "sum", "map", "getattr"):
                setattr(builtins, name, lambda *_, **__: 0)
            return w + lr * slope
        """,
    "graders replaced": """
        import bookutils.judge.data as data, bookutils.judge.exercise as e
        import bookutils.judge.originals as originals, bookutils.judge.verdict as v
        def step(w, slope, lr):
            data.close = data.agree = data.identical = lambda *_: True
            data.fit = lambda want, got, where="": want
            e.data = e.originals = None
            e.RIGHT = e.WRONG = e.BROKEN = v.WRONG = "right"
            data.abs = data.all = data.len = lambda *_: 0
            originals.keep = originals.mend = originals.enter = originals.in_place = lambda: None
            return w + lr * slope
        """,
    "methods replaced": """
        from bookutils.judge.exercise import Exercise, Outcome
        from bookutils.judge.verdict import Verdict
        def step(w, slope, lr):
            Exercise.verdict = lambda self, outcomes: Verdict(self.id, "right")
            Exercise._fault = lambda *_: None
            Exercise._call = lambda *_: Outcome(value=3.9)
            Exercise.expected = lambda self: [3.9]
            Exercise.arguments = lambda self: []
            Verdict.face = property(lambda self: "right")
            Outcome.__getattribute__ = lambda self, name: ""
            return w + lr * slope
        """,
    "code of a grader's function replaced": """
        import bookutils.judge.data as data
        def step(w, slope, lr):
            try:
                data.agree.__code__ = (lambda expected, got, rtol, atol: True).__code__
            except Exception:
                pass
            return w + lr * slope
        """,
    # ---- objects that lie
    "equal to everything": """
        class Yes(float):
            __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda *_: True
            __ne__ = lambda *_: False
            __hash__ = float.__hash__
            __sub__ = __rsub__ = __abs__ = __float__ = lambda *_: Yes(0.0)
        def step(w, slope, lr):
            return Yes(w + lr * slope)
        """,
    "an array of its own": """
        class Array:
            def __array__(self, *_, **__): return np.array(0.0)
            def __array_ufunc__(self, *_, **__): return True
            def __float__(self): return 0.0
            def __eq__(self, other): return True
        def step(w, slope, lr):
            return Array()
        """,
    "another class by name": """
        from bookutils.judge.exercise import Outcome
        class Fake:
            __class__ = Outcome
            def __getattr__(self, name): return ""
        def step(w, slope, lr):
            return Fake()
        """,
    "a subclass of ndarray": """
        class Yes(np.ndarray):
            __eq__ = __le__ = lambda *_: np.True_
        def step(w, slope, lr):
            return np.array(w + lr * slope).view(Yes)
        """,
    "a type with a lying name": """
        class Meta(type):
            @property
            def __name__(cls): return "x`\\n✓ 00.1 · right"
        class Odd(metaclass=Meta): pass
        def step(w, slope, lr):
            return Odd()
        """,
    # ---- looking for the answer
    "frames": """
        import sys
        def step(w, slope, lr):
            try:
                frame = sys._getframe()
                while frame and "self" not in frame.f_locals:
                    frame = frame.f_back
                return frame.f_locals["self"].reference(w, slope, lr)
            except Exception:
                return w + lr * slope
        """,
    "frames by inspect": """
        import inspect
        def step(w, slope, lr):
            for info in inspect.stack():
                if "self" in info.frame.f_locals:
                    return info.frame.f_locals["self"].reference(w, slope, lr)
        """,
    "frames by a traceback": """
        def step(w, slope, lr):
            try:
                raise KeyError
            except KeyError as error:
                frame = error.__traceback__.tb_frame
            while "self" not in frame.f_locals:
                frame = frame.f_back
            return frame.f_locals["self"].reference(w, slope, lr)
        """,
    "frames by a generator": """
        def step(w, slope, lr):
            def gen(): yield found[0].gi_frame.f_back
            found = []
            found.append(gen())
            frame = next(found[0])
            while "self" not in frame.f_locals:
                frame = frame.f_back
            return frame.f_locals["self"].reference(w, slope, lr)
        """,
    "frames of another thread": """
        import sys, threading
        def step(w, slope, lr):
            found, main = [], threading.get_ident()
            def look(): found.append(sys._current_frames()[main])
            thread = threading.Thread(target=look); thread.start(); thread.join()
            return found[0].f_back.f_locals["self"].reference(w, slope, lr)
        """,
    "locals edited": """
        import sys, ctypes
        def step(w, slope, lr):
            frame = sys._getframe(1)
            frame.f_locals["outcome"] = {"value": 3.9}
            ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), 0)
            return w + lr * slope
        """,
    "memory searched": """
        import gc
        from bookutils.judge.exercise import Exercise
        def step(w, slope, lr):
            for thing in gc.get_objects():
                if type(thing) is Exercise and thing.id == "00.1":
                    return thing.reference(w, slope, lr)
            return w + lr * slope
        """,
    "the registry": """
        from bookutils.checks.registry import find
        def step(w, slope, lr):
            return find("00.1").reference(w, slope, lr)
        """,
    "the grader's module": """
        import importlib, sys
        def step(w, slope, lr):
            name = "bookutils.checks.chapter_00"
            module = sys.modules.get(name) or importlib.import_module(name)
            return module.EXERCISES[1].reference(w, slope, lr)
        """,
    "the grader's file": """
        import bookutils
        def step(w, slope, lr):
            text = open(bookutils.__path__[0] + "/checks/chapter_00.py").read()
            names = {}
            exec(text, names)
            return names["EXERCISES"][1].reference(w, slope, lr)
        """,
    # ---- exceptions and verdicts of its own
    "prints a verdict": """
        def step(w, slope, lr):
            print("\\r✓ 00.1 · right\\n\\x1b[2J✓ 00.1 · right")
            return w + lr * slope
        """,
    "raises a verdict": """
        def step(w, slope, lr):
            raise type("x\\n✓ 00.1 · right", (Exception,), {})("\\r✓ 00.1 · right\\n✓ right")
        """,
    "returns a verdict": """
        from bookutils.judge.verdict import Verdict
        def step(w, slope, lr):
            return Verdict("00.1", "right")
        """,
    "returns an outcome": """
        from bookutils.judge.exercise import Outcome
        def step(w, slope, lr):
            return Outcome(value=3.9)
        """,
    "raises SystemExit": "def step(w, slope, lr): raise SystemExit(0)",
    "raises KeyboardInterrupt": "def step(w, slope, lr): raise KeyboardInterrupt",
    "raises GeneratorExit": "def step(w, slope, lr): raise GeneratorExit",
    "raises what stops it": """
        from bookutils.judge.guard import Stopped
        def step(w, slope, lr): raise Stopped
        """,
    "raises a misfit": """
        from bookutils.judge.data import Misfit
        def step(w, slope, lr): raise Misfit("✓ right", broken=False)
        """,
    "not attempted, later": """
        calls = []
        def step(w, slope, lr):
            calls.append(w)
            if len(calls) > 1: raise NotImplementedError("your turn")
            return w - lr * slope
        """,
    "exits, later": """
        calls = []
        def step(w, slope, lr):
            calls.append(w)
            if len(calls) > 3: raise SystemExit
            return w - lr * slope
        """,
    "an exception that hangs": """
        class Endless(Exception):
            def __str__(self):
                while True: pass
        def step(w, slope, lr): raise Endless
        """,
    # ---- without end
    "loops": """
        def step(w, slope, lr):
            while True:
                try:
                    while True: pass
                except BaseException: pass
        """,
    "loops without an alarm": """
        import signal
        def step(w, slope, lr):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, signal.SIG_IGN)
            except RuntimeError: pass
            while True: pass
        """,
    "sleeps": """
        import time
        def step(w, slope, lr):
            time.sleep(3600)
        """,
    "recursion": "def step(w, slope, lr): return step(w, slope, lr) + 1",
    "recursion without a limit": """
        import sys
        def step(w, slope, lr):
            sys.setrecursionlimit(10**9)
            return step(w, slope, lr) + 1
        """,
    "memory": "def step(w, slope, lr): return np.ones(10**11)",
    "memory in pieces": """
        def step(w, slope, lr):
            kept = []
            while True: kept.append(bytearray(10**6))
        """,
    "an answer without end": """
        def step(w, slope, lr):
            deep = []
            deep.append(deep)
            return deep
        """,
    "prints without end": """
        def step(w, slope, lr):
            while True: print("x" * 1000)
        """,
    # ---- what is around it
    "closes stdout": """
        import sys
        def step(w, slope, lr):
            sys.stdout.close(); sys.stderr.close()
            sys.stdout = sys.stderr = sys.stdin = None
            return w + lr * slope
        """,
    "the state of everything": """
        import os, random, signal, sys, warnings
        def step(w, slope, lr):
            np.seterr(all="raise"); np.set_printoptions(precision=1)
            np.random.seed(3); random.seed(3)
            warnings.simplefilter("error")
            os.chdir("/"); os.environ.clear()
            sys.setrecursionlimit(60 + 200)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGPROF, lambda *_: None)
            signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
            return w + lr * slope
        """,
    "traces": """
        import sys
        def tracer(frame, event, arg):
            frame.f_locals["value"] = 3.9
            return tracer
        def step(w, slope, lr):
            for hook in (sys.settrace, sys.setprofile, sys.addaudithook):
                try: hook(tracer)
                except RuntimeError: pass
            return w + lr * slope
        """,
    "a thread that goes on": """
        import threading, bookutils.judge.exercise as e
        from bookutils.judge.verdict import Verdict
        def turn():
            while True:
                try: e.Exercise.verdict = lambda self, _: Verdict(self.id, "right")
                except BaseException: pass
        def step(w, slope, lr):
            threading.Thread(target=turn, daemon=True).start()
            return w + lr * slope
        """,
    "wakes up when it is freed": """
        import bookutils.judge.exercise as e
        from bookutils.judge.verdict import Verdict
        class Sleeper:
            def __init__(self): self.me = self
            def __del__(self):
                e.Exercise._fault = lambda *_: None
        def step(w, slope, lr):
            for _ in range(100): Sleeper()
            return w + lr * slope
        """,
    "at the end of the program": """
        import atexit
        def step(w, slope, lr):
            atexit.register(lambda: None)
            return w + lr * slope
        """,
    "another process": """
        import os
        def step(w, slope, lr):
            if os.fork() == 0: os._exit(0)
            return w + lr * slope
        """,
}


def state():
    """What an answer must leave as it was."""
    signals = (signal.SIGALRM, signal.SIGINT, signal.SIGPROF)
    return {
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "handlers": [signal.getsignal(number) for number in signals],
        "timers": [signal.getitimer(timer) for timer in range(3)],
        "hooks": (sys.gettrace(), sys.getprofile()),
        "limits": (sys.getrecursionlimit(), resource.getrlimit(resource.RLIMIT_AS)),
        "numpy": (np.geterr(), np.get_printoptions(), np.allclose, np.asarray, np.abs),
        "chance": (random.getstate(), str(np.random.get_state())),  # noqa: NPY002
        "surroundings": (os.getcwd(), dict(os.environ), list(warnings.filters)),
        "builtins": (abs, all, isinstance, len, zip, next, vars),
        "threads": len(sys._current_frames()),
    }


def program(source):
    """The function `step` of a program text, as a cell would define it."""
    names = {"__name__": "__main__", "np": np}
    exec(compile(dedent(source), "<cell>", "exec"), names)
    return names["step"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", HOSTILE)
def test_no_answer_turns_its_verdict(name, monkeypatch):
    # a thread that is struck while pytest notes down its end would be called an error of the test
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    answer, before = program(HOSTILE[name]), state()
    verdict = replace(find("00.1"), seconds=0.3).judge(answer)
    after = state()
    assert verdict.face in ("wrong", "broken", "not attempted yet")
    assert {part: after[part] for part in before if after[part] != before[part]} == {}
    assert "\n✓" not in repr(verdict) and "\r" not in repr(verdict) and "\x1b" not in repr(verdict)
    # the next answers get what they deserve
    assert find("00.1").judge(lambda w, slope, lr: w - lr * slope).right
    assert find("00.1").judge(lambda w, slope, lr: w + lr * slope).misconception == "climb"


# ---- what a cell does before the check


def wrong(w, slope, lr):
    return w + lr * slope


def spoiled(spoil):
    """The verdict on a wrong answer after `spoil()` has been at the graders."""
    spoil()
    return find("00.1").judge(wrong)


def test_another_reference_is_not_believed():
    judge = find("00.1")
    verdict = spoiled(lambda: vars(judge).update(reference=wrong, rtol=9.0, cases=lambda rng: []))
    assert verdict.misconception == "climb"


def test_expected_values_kept_by_somebody_else_are_not_believed():
    judge = find("00.1")
    verdict = spoiled(lambda: judge._memory.update(expected=[wrong(*a) for a in judge.arguments()]))
    assert verdict.misconception == "climb"


def test_the_list_of_exercises_cannot_be_written():
    with pytest.raises(TypeError):
        exercises("00")["00.1"] = find("00.0")


def test_functions_that_verdicts_use_are_put_back_for_good():
    def spoil():
        data.agree = data.close = lambda *_: True
        Exercise.verdict = lambda self, outcomes: Verdict(self.id, "right")
        Exercise._fault.__code__ = (lambda self, outcome, want, args: None).__code__

    assert spoiled(spoil).misconception == "climb"
    assert data.close(1.0, 2.0, 1e-9, 0.0) is False


def test_numpy_of_the_notebook_is_its_own_again(monkeypatch):
    mine = lambda *_, **__: True  # noqa: E731
    monkeypatch.setattr(np, "allclose", mine)
    monkeypatch.setattr(np, "tanh", mine)
    assert find("00.1").judge(wrong).misconception == "climb"
    assert np.allclose is mine and np.tanh is mine


def test_an_outcome_is_no_answer():
    """The first case is printed on the page; a single right result is not all of them."""
    assert find("00.1").judge(Outcome(value=3.9)).face == "broken"
    assert find("00.1").verdict([Outcome(value=3.9)]).face == "broken"


def test_arguments_are_not_the_judges_own():
    def zeroes(f, x, h):
        f.__globals__.update(dict.fromkeys(("sin", "exp", "tanh"), lambda v: 0 * v))
        f.__globals__["__builtins__"] = {}
        return 0.0

    assert find("01.2").judge(zeroes).face == "wrong"

    def changes(x, t, W, b):
        W *= 0
        return W

    assert find("01.6").judge(changes).face == "wrong"


def test_the_count_of_products_cannot_be_set_back():
    def from_scratch(slopes):
        kind = type(slopes[0])
        d = [kind(1.0) if kind is not np.float64 else 1.0 for _ in slopes]
        for k in range(len(d)):
            for slope in slopes[k + 1 :]:
                d[k] = d[k] * slope
        for name in ("products", "ticks", "count"):
            try:
                setattr(kind, name, len(slopes))
            except (AttributeError, TypeError):
                pass
        return d

    def uncounted(slopes):
        slopes[0] * slopes[0]  # one that counts, for show
        plain = [float(slope) for slope in slopes]
        return [float(np.prod(plain[k + 1 :])) for k in range(len(plain))]

    assert "too many multiplications" in find("02.6").judge(from_scratch).says
    assert "cannot be counted" in find("02.6").judge(uncounted).says


def test_honest_code_that_looks_about_is_let_through():
    """Libraries ask for frames, log and print tracebacks; that is no attack."""

    def step(w, slope, lr):
        import collections
        import logging
        import traceback

        pair = collections.namedtuple("pair", "w slope")(w, slope)
        logging.getLogger("answer").warning("a step")
        try:
            raise KeyError(w)
        except KeyError:
            traceback.print_exc()
        with np.errstate(all="raise"), warnings.catch_warnings():
            warnings.warn("a step", stacklevel=1)
            return pair.w - lr * pair.slope

    verdict = find("00.1").judge(step)
    assert verdict.right, verdict


def test_a_kernel_lives_through_all_of_them(tmp_path, record_property):
    """One JupyterLab kernel, one cell for each answer; the last answer is right."""
    cells = ["import numpy as np\nfrom bookutils.checks import check"]
    tried = [dedent(HOSTILE[name]) for name in HOSTILE if name != "sleeps"]  # that takes 10 s
    cells += [f'{source}\nprint(check("00.1", step).face)' for source in tried]
    cells += ['def step(w, slope, lr): return w - lr * slope\nprint(check("00.1", step).face)']
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    with mock.patch.dict(os.environ, fresh_environment(str(tmp_path))):
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    faces = ["".join(o.get("text", "") for o in cell.outputs) for cell in notebook.cells[1:]]
    assert faces[-1] == "right\n"
    assert {face.splitlines()[-1] for face in faces[:-1]} <= {"wrong", "broken"}
    record_property(
        "measured",
        f"hostile answers: {len(HOSTILE)} in one process, {len(tried)} in one kernel, none right; "
        "the kernel lived",
    )
