"""Code without end, without measure or without manners is stopped, and the process lives on."""

import io
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from bookutils.judge import guard

pytestmark = pytest.mark.slow


def spin():
    while True:
        pass


def swallow():
    while True:
        try:
            sum(range(100))
        except BaseException:
            pass


def swallow_asleep():
    while True:
        try:
            try:
                time.sleep(0.001)
            except BaseException:
                continue
        finally:
            continue  # noqa: B012 - the fault to be stopped


def swallow_nested():
    while True:
        try:
            swallow()
        except BaseException:
            pass


def give_in():
    """Catches what stops it, and returns as if nothing had been."""
    try:
        spin()
    except BaseException:
        return 3.9


def flood():
    while True:
        print("x" * 1000)


def hoard():
    kept = []
    while True:
        kept.append(bytearray(10**6))


def creep():
    kept = []
    while True:
        kept.append([0] * 2000)


def demand():
    return np.ones(10**10)


def in_main(call):
    call()


def in_thread(call):
    """The way of kernels without SIGALRM, and of widget callbacks in threads."""
    errors = []

    def run():
        try:
            call()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    if errors:
        raise errors[0]


both = pytest.mark.parametrize("where", [in_main, in_thread])


@both
@pytest.mark.parametrize(
    "code",
    [spin, swallow, swallow_asleep, swallow_nested, give_in, flood],
    ids=lambda f: f.__name__,
)
def test_endless_code_is_stopped(code, where):
    with pytest.raises(TimeoutError, match="still running after 0.2 seconds"):
        where(lambda: guard.guarded(code, seconds=0.2))


@both
@pytest.mark.parametrize("code", [hoard, creep, demand], ids=lambda f: f.__name__)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_huge_memory_is_refused(code, where):
    with pytest.raises(MemoryError):
        where(lambda: guard.guarded(code, seconds=20, gigabytes=0.5))
    assert np.ones(10**7).sum() == 10**7  # memory is to be had again


@both
def test_the_world_is_as_before(where):
    import signal

    before = sys.stdout, sys.stderr, sys.stdin, sys.getrecursionlimit()
    handler, trace = signal.getsignal(signal.SIGALRM), sys.gettrace()

    def vandal():
        sys.stdout.close()
        sys.stdout = None
        sys.setrecursionlimit(90)
        raise SystemExit(7)

    with pytest.raises(SystemExit):
        where(lambda: guard.guarded(vandal))
    assert before == (sys.stdout, sys.stderr, sys.stdin, sys.getrecursionlimit())
    assert signal.getsignal(signal.SIGALRM) == handler and sys.gettrace() == trace
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_recursion_without_end_raises():
    def again():
        return again()

    with pytest.raises(RecursionError):
        guard.guarded(again)


DEEP = """
import sys
from bookutils.judge.guard import guarded
class Pair:
    def __mul__(self, n):  # an operator: each call takes a piece of the C stack
        return n and self * (n - 1)
def down(n):
    return n and down(n - 1)
def raised(code):
    sys.setrecursionlimit(10**7)
    return code()
assert guarded(lambda: raised(lambda: down(60_000)), seconds=20) == 0
# from 3.12 on Python holds operators to a number of its own, whatever limit is set: 3.12.1 to 750
operators = 60_000 if sys.version_info < (3, 12) else 500
assert guarded(lambda: raised(lambda: Pair() * operators), seconds=20) == 0
for endless in (lambda: down(-1), lambda: Pair() * -1):
    try:
        guarded(lambda: raised(endless), seconds=20)
    except RecursionError:
        print("alive")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how large the stack may be")
def test_a_deep_recursion_runs_and_an_endless_one_ends():
    done = subprocess.run([sys.executable, "-c", DEEP], capture_output=True, text=True)
    assert done.stdout == "alive\nalive\n", done.stderr


HEAVY = """
import time
kept = []
for _ in range(12):
    kept.append(b"x" * 2**25)
    until = time.thread_time() + 0.05
    while time.thread_time() < until:
        pass
"""


@both
def test_an_import_is_let_through_that_takes_more_than_the_code_may(where, tmp_path, monkeypatch):
    (tmp_path / "heavy.py").write_text(HEAVY)
    monkeypatch.syspath_prepend(tmp_path)

    def imports():
        import heavy

        for _ in range(5):  # the guard looks again
            time.sleep(0.02)
        assert len(heavy.kept) == 12

    try:
        where(lambda: guard.guarded(imports, seconds=0.3, gigabytes=0.3))
    finally:
        sys.modules.pop("heavy", None)
    with pytest.raises((MemoryError, TimeoutError)):
        where(lambda: guard.guarded(lambda: exec(HEAVY, {}), seconds=0.3, gigabytes=0.3))


IMPORT = """
import sys, threading
from bookutils.judge.guard import guarded
def answer():
    import torch
    x = torch.ones(3, requires_grad=True)
    (x * x).sum().backward()
    return x.grad.sum().item()
def judge():
    print([guarded(answer, seconds=0.3) for _ in range(2)])
"""


@pytest.mark.parametrize(
    "how", ["judge()", "t = threading.Thread(target=judge); t.start(); t.join()"]
)
def test_pytorch_can_be_imported_by_an_answer(how):
    """In a new process, with the memory that every answer has.

    With the libraries of CUDA one call into C takes 0.5 GB, and no limit can move while it runs.
    """
    pytest.importorskip("torch")
    program = f"{IMPORT}\n{how}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "[6.0, 6.0]\n", done.stderr


def test_a_slow_but_honest_answer_is_let_through():
    def slow():
        end = time.thread_time() + 0.3
        while time.thread_time() < end:
            pass
        return 5

    assert guard.guarded(slow, seconds=1.5) == 5


@both
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how long a thread waited")
def test_a_busy_machine_is_no_mistake_of_the_answer(where):
    """Sixteen others want the same processor, and the clock allows five times what it may take."""
    allowed, seconds, found = os.sched_getaffinity(0), 0.2, []

    def slow():
        end = time.thread_time() + seconds / 2
        while time.thread_time() < end:
            pass
        return 5

    def judged():
        os.sched_setaffinity(0, {min(allowed)})  # of this thread
        try:
            found.append(guard.guarded(slow, seconds=seconds))
        finally:
            os.sched_setaffinity(0, allowed)

    spin = f"import os; os.sched_setaffinity(0, {{{min(allowed)}}})\nwhile True: pass"
    others = [subprocess.Popen([sys.executable, "-c", spin]) for _ in range(16)]
    try:
        where(judged)
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert found == [5]


def test_printing_is_kept_and_cut():
    tape = guard.Tape(kept=20)
    guard.guarded(lambda: [print("0123456789") for _ in range(1000)], tape=tape)
    assert tape.text == "0123456789\n012345678… 10,980 characters more"


def test_input_finds_nothing_to_read():
    with pytest.raises(EOFError):
        guard.guarded(input)


def test_a_stream_is_what_print_expects():
    assert isinstance(guard.Tape(), io.TextIOBase) and guard.Tape().writable()
