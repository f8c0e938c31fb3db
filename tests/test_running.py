"""Whatever an answer does by accident, it gets its verdict, and the kernel lives as it was."""

import os
import random
import resource
import signal
import sys
import threading
import tracemalloc
import warnings
from dataclasses import replace
from textwrap import dedent
from unittest import mock

import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from bookutils.checks.registry import find
from bookutils.classroom.execution import fresh_environment
from bookutils.judge.running import Outcome

pytestmark = pytest.mark.slow

# Each program defines `step(w, slope, lr)` of exercise 00.1, and gives the wrong `w + lr * slope`
# where it does not say otherwise.
ACCIDENTS = {
    # ---- odd objects
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
    # ---- odd words, odd exceptions
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
    "raises SystemExit": "def step(w, slope, lr): raise SystemExit(0)",
    "raises KeyboardInterrupt": "def step(w, slope, lr): raise KeyboardInterrupt",
    "raises GeneratorExit": "def step(w, slope, lr): raise GeneratorExit",
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
    "an integer without measure": "def step(w, slope, lr): return 10 ** 5000",
    "a fraction without measure": """
        from fractions import Fraction
        def step(w, slope, lr): return Fraction(10) ** 400
        """,
    "an answer that doubles": """
        def step(w, slope, lr):
            pair = []
            pair += [pair, pair]
            return pair
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
        import os, random, signal, sys, tracemalloc, warnings
        def step(w, slope, lr):
            np.seterr(all="raise"); np.set_printoptions(precision=1)
            np.random.seed(3); random.seed(3)
            warnings.simplefilter("error")
            os.chdir("/"); os.environ.clear(); os.environ = {}
            sys.setrecursionlimit(60 + 200)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGPROF, lambda *_: None)
            signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
            tracemalloc.start()
            return w + lr * slope
        """,
    "a thread that goes on": """
        import threading, time
        def turn():
            while True:
                time.sleep(0.001)
        def step(w, slope, lr):
            threading.Thread(target=turn, daemon=True).start()
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
        "limits": (
            sys.getrecursionlimit(),
            *map(resource.getrlimit, (resource.RLIMIT_DATA, resource.RLIMIT_STACK)),
        ),
        "numpy": (np.geterr(), np.get_printoptions()),
        "chance": (random.getstate(), str(np.random.get_state())),  # noqa: NPY002
        "surroundings": (os.getcwd(), dict(os.environ), list(warnings.filters)),
        "threads": len(sys._current_frames()),
        "allocations": tracemalloc.is_tracing(),
    }


def program(source):
    """The function `step` of a program text, as a cell would define it."""
    names = {"__name__": "__main__", "np": np}
    exec(compile(dedent(source), "<cell>", "exec"), names)
    return names["step"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", ACCIDENTS)
def test_an_accident_gets_its_verdict(name, monkeypatch):
    # a thread that is struck while pytest notes down its end would be called an error of the test
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    answer, before = program(ACCIDENTS[name]), state()
    verdict = replace(find("00.1"), seconds=0.3).judge(answer)
    after = state()
    assert verdict.face in ("wrong", "broken", "not attempted yet")
    assert {part: after[part] for part in before if after[part] != before[part]} == {}
    assert "\n✓" not in repr(verdict) and "\r" not in repr(verdict) and "\x1b" not in repr(verdict)
    # the next answers get what they deserve
    assert find("00.1").judge(lambda w, slope, lr: w - lr * slope).right
    assert find("00.1").judge(lambda w, slope, lr: w + lr * slope).misconception == "climb"


def test_an_interrupt_ends_all_calls():
    calls = []

    def step(w, slope, lr):
        calls.append(w)
        raise KeyboardInterrupt

    verdict = find("00.1").judge(step)
    assert verdict.face == "broken" and verdict.says == "Interrupted." and len(calls) == 1


def test_an_outcome_is_no_answer():
    """The first case is printed on the page; a single right result is not all of them."""
    assert find("00.1").verdict([Outcome(value=3.9)]).face == "broken"


def test_arguments_are_not_the_judges_own():
    def changes(x, t, W, b):
        W *= 0
        return W

    assert find("01.6").judge(changes).face == "wrong"
    assert find("01.6").judge(find("01.6").reference).right


def test_products_that_are_not_counted_are_asked_for():
    def uncounted(slopes):
        plain = [float(slope) for slope in slopes]
        return [float(np.prod(plain[k + 1 :])) for k in range(len(plain))]

    assert "cannot be counted" in find("02.6").judge(uncounted).says


def test_honest_code_that_looks_about_is_let_through():
    """Libraries ask for frames, log, warn and print tracebacks."""

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
    tried = [dedent(ACCIDENTS[name]) for name in ACCIDENTS if name != "sleeps"]  # that takes 10 s
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
        f"answers with accidents: {len(ACCIDENTS)} in one process, {len(tried)} in one kernel; "
        "none right, the kernel lived",
    )
