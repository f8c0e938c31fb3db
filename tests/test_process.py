"""The process of one notebook: what goes in, what comes out, what it cannot see."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from submissions import LINUX, ROOT, outcome

from bookutils.checks.registry import all_exercises, find
from bookutils.classroom import process
from bookutils.judge import confine, data, transport

CHECK = "check('00.2', w)"  # of a value exercise, where a function without arguments counts too


@pytest.mark.slow
@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda e: e.id)
def test_inputs_of_every_exercise_cross_the_border(exercise):
    request = transport.loads(transport.dumps(process.request(exercise)))
    told = {"id", "task", "program", "signature", "cases", "counts", "seconds", "gigabytes"}
    program = exercise.program.source if exercise.program else ""
    assert set(request) == told
    assert (request["task"], request["program"]) == (exercise.id, program)
    if exercise.wants_value:
        assert request["cases"] is None
        return
    for form, case in zip(request["cases"], exercise.arguments(), strict=True):
        for came, was in zip(transport.decode(form, as_input=True), case, strict=True):
            if callable(was):
                x = np.array([0.3, 0.7, 1.1, 0.2])
                assert came.__doc__ == was.__doc__ and np.array_equal(came(x), was(x))
            else:
                assert data.identical(came, was)
    for answer in exercise.expected():
        assert data.identical(transport.decode(transport.encode(answer)), answer)


@pytest.mark.slow
@pytest.mark.skipif(not LINUX, reason="the kernel confines on Linux")
def test_a_notebook_sees_neither_the_graders_nor_the_caller(monkeypatch, tmp_path):
    monkeypatch.setenv("NOT_YOURS", "secret")
    (tmp_path / "other.ipynb").write_text("another student's work")
    tries = f"""
import os, sys
def attempt(what):
    try:
        what()
        return "open"
    except (OSError, ImportError) as error:
        return type(error).__name__
def grader():
    import bookutils.checks.chapter_00
w_at_the_end = (
    os.environ.get("NOT_YOURS", "none"),
    attempt(lambda: open({str(ROOT / "bookutils/checks/chapter_00.py")!r}).read()),
    attempt(lambda: open({str(ROOT / "solutions/00_start_here.ipynb")!r}).read()),
    attempt(lambda: open({str(tmp_path / "other.ipynb")!r}).read()),
    attempt(lambda: open("own", "w").close()),
    attempt(lambda: os.fork()),
    attempt(lambda: os.kill(os.getppid(), 0)),
    attempt(lambda: os.listdir(f"/proc/{{os.getppid()}}/fd")),
    attempt(lambda: os.readlink(f"/proc/{{os.getppid()}}/cwd")),
    attempt(lambda: __import__("socket").socket()),
    attempt(grader),
)
"""
    first, held = outcome(tries)
    if not {"files", "processes", "network"} <= set(held):
        pytest.skip(f"this kernel holds only {held}")
    refused = "PermissionError"
    assert first.value == (
        "none", refused, refused, refused, "open", refused, refused, refused, refused, refused,
        "ModuleNotFoundError",
    )  # fmt: skip


@pytest.mark.slow
def test_cells_run_as_in_a_notebook():
    first, _ = outcome(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\n!ls",
        "1 / 0",
        "def broken(:",
        "from bookutils import Value\nfrom bookutils.neuron import MLP\nv = Value(3.0) * 2",
        "from dataclasses import dataclass\n@dataclass\nclass Pair:\n    a: int",
        "%%time\nw_at_the_end = Pair(20).a + int(v.data) - 4",
    )
    assert first.value == 22 and not first.problem


HABITS = {  # what honest notebooks do, and which runs in Jupyter
    "a constant used again": ("c = 20", "def w(): return c + 2", CHECK, "c = 0"),
    "a helper used again": ("def h(): return 22", "def w(): return h()", CHECK, "h = None"),
    "the name used again": ("def w(): return 22", CHECK, "w = [1, 2]"),
    "magics": (
        "%timeit -o 1 + 1\n!ls\nfiles = !ls\n%pip install numpy\n%matplotlib widget\n"
        "def w(): return 22",
        "%%time\n# why?\nget_ipython().run_line_magic('time', '1 + 1')\nw?\n",
        CHECK,
    ),
    "await": ("import asyncio\nawait asyncio.sleep(0)\ndef w(): return 22", CHECK),
    "the last result": ("20", "kept = _ + 2\ndef w(): return kept", CHECK),
    "annotations made below": ("def w() -> Later: return 22", CHECK, "class Later: pass"),
    "imports made below": ("w = lambda: int(np.sqrt(484))", CHECK, "import numpy as np"),
    "a call made below": ("x = helper()\ndef w(): return x", CHECK, "def helper(): return 22"),
    "files copied": (
        "import shutil\nopen('a', 'w').close()\nshutil.copy('a', 'b')\ndef w(): return 22",
        CHECK,
    ),
    "modules that are not installed here": (
        "import no_such_plots as plots, numpy as np\nfrom google_no.colab import drive\n"
        "from no_such_jit import njit\ndrive.mount('/content')\nplots.set()\n"
        "@njit\ndef w(): return int(np.sqrt(484))",
        CHECK,
    ),
    "arithmetic with what is not installed here": (
        "import numpy as np, no_such_frames as nf\ndata = nf.read_csv('a.csv')\n"
        "data['b'] = -data['a'] + np.ones(3) * data.c @ data.T / 2\nlarge = data[data.a > 0]\n"
        "class Own(nf.Frame): pass\n"
        "def w(x: nf.Series | None = None) -> nf.Frame | None: return 22",
        CHECK,
    ),
    "what the book has for learners": (
        "from bookutils.checks.solved import export, merge\nfrom bookutils.checks import check\n"
        "def w(): return 22",
        CHECK,
    ),
    "where C prints": (
        "import faulthandler, sys\nfaulthandler.enable()\nsys.stdout.encoding.lower()\n"
        "def w(): return 22",
        CHECK,
    ),
    "a module written by a cell": (
        "%%writefile my_own_module.py\ndef h(): return 22",
        "from my_own_module import h\ndef w(): return h()",
        CHECK,
    ),
    "another folder": (
        "import os\nos.chdir('..')\nc = 22\ndef w(): return c",
        CHECK,
        "c = 0",
    ),
    "calls within calls": (
        "import sys\nsys.setrecursionlimit(5000)",
        "def down(n): return n and 1 + down(n - 1)\ndef w(): return down(2022) - 2000",
        CHECK,
    ),
    "a data base": (
        "import sqlite3\nbase = sqlite3.connect('a.db')\nbase.execute('create table t (x)')\n"
        "base.execute('insert into t values (22)')\nbase.commit()\n"
        "def w(): return base.execute('select x from t').fetchone()[0]",
        CHECK,
    ),
    "a callback in C": (
        "import ctypes\nf = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 22)\ndef w(): return f()",
        CHECK,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("habit", HABITS)
def test_an_honest_notebook_is_judged_as_it_ran(habit):
    first, _ = outcome("from bookutils.checks import check", *HABITS[habit])
    assert first.value == 22 and not first.problem


SLEEPS = "import time\ntime.sleep(4.5)\nw_at_the_end = 22"


@pytest.mark.slow
def test_a_busy_machine_takes_no_time_from_a_notebook(monkeypatch):
    asked, cells = [process.request(find("00.2"))], [("code", SLEEPS, [])]

    def first(seconds):
        return process.run(cells, asked, {"00.2": 2**20}, seconds, 2.0)[0]["00.2"][0][0]

    assert "still running" in first(12.0).sentence
    began = time.monotonic()  # as if other programs had all processors since now
    monkeypatch.setattr(process, "waited", lambda _: time.monotonic() - began)
    assert first(12.0).value == 22


@pytest.mark.slow
@pytest.mark.skipif(not LINUX, reason="as Linux counts it")
def test_waiting_for_a_processor_is_told_from_sleep_and_from_work_of_its_own():
    alone = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
    spins, sleeps = "while True: pass", "import time; time.sleep(600)"
    command = [sys.executable, "-c"]
    started = [subprocess.Popen([*command, alone + code]) for code in (spins, spins, sleeps)]
    try:
        until = time.monotonic() + 60
        while process.waited(started[0].pid) < 1 and time.monotonic() < until:
            time.sleep(0.05)
        competing, _, asleep = (process.waited(one.pid) for one in started)
        assert competing >= 1 > asleep
        assert process.waited(2**22 + 1) == 0  # there is no such process
    finally:
        for one in started:
            one.kill()
            one.wait()


@pytest.mark.slow
def test_an_answer_that_needs_what_is_not_installed_says_so():
    first, _ = outcome("import no_such_frames as nf", "w_at_the_end = nf.DataFrame([1]).sum()")
    assert "no_such_frames (not installed where this was graded)" in first.sentence
    first, _ = outcome("try:\n    import no_such_one\nexcept ImportError:\n    w_at_the_end = 22")
    assert first.value == 22


@pytest.mark.slow
def test_a_module_of_the_students_own_is_there_and_hides_nothing():
    own = [("my_own.py", "h = 22"), ("numpy.py", "h = 0")]
    cells = [("code", "import numpy, my_own\nw_at_the_end = my_own.h * int(numpy.ones(1)[0])", [])]
    asked = [process.request(find("00.2"))]
    answers, _ = process.run(cells, asked, {"00.2": 2**20}, 12.0, 2.0, modules=own)
    assert answers["00.2"][0][0].value == 22


@pytest.mark.slow
def test_only_the_last_of_several_checks_is_judged_and_never_many():
    again = "for i in range(30):\n    check('00.2', i)"
    first, _ = outcome("from bookutils.checks import check", again)
    assert first.value == 29


@pytest.mark.slow
@pytest.mark.skipif(not LINUX, reason="the kernel confines on Linux")
def test_what_landlock_does_not_know_is_refused_or_does_nothing(tmp_path):
    other = tmp_path / "other.ipynb"
    other.write_text("another student's work")
    os.utime(other, (1e9, 1e9))
    os.chmod(other, 0o640)
    tries = f"""
import ctypes, errno, fcntl, os, struct
other, libc = {str(other)!r}, ctypes.CDLL(None, use_errno=True)
package = os.open(os.__file__, os.O_RDONLY)
def attempt(what):
    try:
        return "open" if what() != -1 else errno.errorcode[ctypes.get_errno()]
    except OSError as error:
        return errno.errorcode[error.errno]
os.chmod(other, 0o777), os.utime(other, (0, 0)), os.chown(other, 1, 1)
os.setxattr(other, "user.word", b"psst")
w_at_the_end = (
    attempt(lambda: libc.shmget(0, 4096, 0o1777)),
    attempt(lambda: libc.semget(0, 1, 0o1777)),
    attempt(lambda: libc.msgget(0, 0o1777)),
    attempt(lambda: os.memfd_create("x")),
    attempt(lambda: os.mkfifo("fifo")),
    attempt(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))),
    attempt(lambda: fcntl.fcntl(open(os.__file__), 1024, 1)),
    "open" if attempt(lambda: os.setuid(12345)) == "open" else "EPERM",
    attempt(lambda: libc.inotify_init()),
    attempt(lambda: libc.syscall(206 if os.uname().machine == "x86_64" else 0, 9, bytes(8))),
    attempt(lambda: fcntl.fcntl(package, fcntl.F_GETLK, struct.pack("hhqqi", 1, 0, 0, 0, 0))),
    attempt(lambda: fcntl.fcntl(package, 1036, struct.pack("q", 2))),  # F_SET_RW_HINT
    attempt(lambda: fcntl.fcntl(os.pipe()[0], 1031, 2**20)),  # F_SETPIPE_SZ
    attempt(lambda: libc.prctl(1, 0, 0, 0, 0)),  # PR_SET_PDEATHSIG
    attempt(lambda: libc.prctl(4, 0, 0, 0, 0)),  # PR_SET_DUMPABLE
    attempt(lambda: os.truncate(other, 0)),
    attempt(lambda: os.open(os.__file__, os.O_RDONLY | os.O_TRUNC)),
    attempt(lambda: fcntl.ioctl(package, 0x40086602, struct.pack("l", 0x40))),  # FS_IOC_SETFLAGS
    attempt(lambda: libc.syscall(451, package, 0, 0, 0)),  # cachestat
    attempt(lambda: libc.syscall(2000)),  # what no kernel has yet
    attempt(lambda: fcntl.lockf(package, fcntl.LOCK_SH, 10)),
    attempt(lambda: os.sync()),
    attempt(lambda: os.open("own", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)),
)
"""
    first, held = outcome(tries)
    if not {"files", "processes", "network"} <= set(held):
        pytest.skip(f"this kernel holds only {held}")
    wanted = ("EPERM",) * 17 + ("ENOTTY", "ENOSYS", "ENOSYS") + ("open",) * 3
    assert first.value == wanted, first
    told = other.stat()
    assert (told.st_mtime, told.st_mode & 0o777, told.st_uid) == (1e9, 0o640, os.getuid())
    assert not os.listxattr(other)


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.skipif(not LINUX, reason="the kernel confines on Linux")
def test_the_kernel_itself_limits_disk_files_and_threads():
    tries = """
import os, threading, time
def until(what, most):
    for i in range(most):
        try:
            what(i)
        except (OSError, RuntimeError):
            return i
    return most
def write(i):
    with open(f"big {i}", "wb") as file:
        file.write(bytes(2**24))
written = until(write, 100)
for name in os.listdir():
    os.remove(name)
files = until(lambda i: open(f"small {i}", "w").close(), 10_000)
w_at_the_end = written, files
"""
    first, held = outcome(tries)
    if "disk" not in held:
        pytest.skip(f"this kernel holds only {held}")
    assert first.value == (process.DISK >> 24, process.FILES - 1)


@pytest.mark.slow
@pytest.mark.skipif(not LINUX, reason="the kernel confines on Linux")
def test_the_kernel_itself_counts_threads_and_timers():
    tries = """
import ctypes, os, threading, time
libc, number = ctypes.CDLL(None), ctypes.c_int()
timers = sum(libc.timer_create(1, None, ctypes.byref(number)) == 0 for _ in range(1000))
count = 0
try:
    while count < 1000:
        threading.Thread(target=time.sleep, args=(1,), daemon=True).start()
        count += 1
except RuntimeError:
    pass
changed = [libc.setresuid(0, 0, 0), libc.setreuid(0, 0), libc.setuid(0), libc.setfsuid(0)]
w_at_the_end = count, changed, timers <= 256, os.access(".", os.W_OK)
"""
    first, held = outcome(tries)
    if "threads" not in held:
        pytest.skip(f"this kernel holds only {held}")
    assert first.value == (process.THREADS - 1, [-1] * 4, True, True)


@pytest.mark.skipif(not LINUX, reason="as Linux tells it")
def test_a_removed_file_that_only_memory_holds_counts(tmp_path):
    code = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
for i in range(3):
    file = os.open("x", os.O_CREAT | os.O_RDWR)
    os.write(file, bytes(2**20))
    assert libc.mmap(None, 4096, 1, 1, file, ctypes.c_long(0)) != 2**64 - 1
    os.close(file)
    os.unlink("x")
print(flush=True)
sys.stdin.read()
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, **pipes) as held:
        held.stdout.readline()
        size, _ = process.held_on_disk(str(tmp_path), held.pid)
        held.stdin.close()
    assert size == 3 * confine.FILE_SIZE


@pytest.mark.slow
@pytest.mark.skipif(not LINUX or os.getuid() != 0, reason="takes another account's rights")
def test_threads_of_one_notebook_count_apart(tmp_path):
    """As an ordinary user, whom the kernel counts; with Python alone, which anybody may read."""
    python = shutil.which("python3", path="/usr/bin")
    if not python:
        pytest.skip("no Python that another account may start")
    source = shutil.copy(confine.__file__, tmp_path / "confine.py")
    tries = f"""
import importlib.util, os, threading, time
os.setgid(12345), os.setuid(12345)
spec = importlib.util.spec_from_file_location("confine", {str(source)!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
os.chdir({str(tmp_path / "own")!r})
held = module.confine([os.path.dirname(os.__file__)], [], os.getcwd(), 30, 1.0)
count = 0
try:
    while count < 1000:
        threading.Thread(target=time.sleep, args=(0.5,), daemon=True).start()
        count += 1
except RuntimeError:
    pass
print(count if "threads" in held else "none", flush=True)
os._exit(0)
"""
    (tmp_path / "own").mkdir()
    (tmp_path / "own").chmod(0o777)
    own = [p for p in (tmp_path, *tmp_path.parents) if p.name.startswith(("pytest-", "popen-"))]
    for folder in (tmp_path, *own):
        folder.chmod(0o755)
    done = subprocess.run([python, "-c", tries], capture_output=True, text=True, timeout=60)
    if done.stdout == "none\n":
        pytest.skip("this kernel makes no namespaces for ordinary users")
    assert done.stdout == f"{confine.THREADS - 1}\n", done.stderr


@pytest.mark.skipif(not LINUX, reason="the kernel confines on Linux")
def test_the_cage_is_the_same_wherever_things_lie(tmp_path):
    """Submissions inside of the environment, and a book that is reached through a link."""
    inside = Path(sysconfig.get_path("purelib")) / "handed_in_by_a_class"
    through = tmp_path / "book"
    through.symlink_to(ROOT)
    inside.mkdir()
    try:
        (inside / "other.ipynb").write_text("another student's work")
        places = inside / "other.ipynb", through / "solutions/00_start_here.ipynb"
        cells = [
            ("code", "def attempt(path):\n    try:\n        return open(path).read(1)\n"
             "    except OSError as error:\n        return type(error).__name__", []),
            ("code", f"w_at_the_end = tuple(map(attempt, {list(map(str, places))}))", []),
        ]  # fmt: skip
        hidden, asked = [inside / "other.ipynb"], [process.request(find("00.2"))]
        answers, held = process.run(cells, asked, {"00.2": 2**20}, 12.0, 2.0, hidden=hidden)
        if "files" not in held:
            pytest.skip(f"this kernel holds only {held}")
        assert answers["00.2"][0][0].value == ("PermissionError",) * 2
    finally:
        shutil.rmtree(inside)


@pytest.mark.slow
def test_a_process_that_does_not_start_is_no_verdict(monkeypatch):
    monkeypatch.setattr(process.sys, "executable", "/bin/false")
    monkeypatch.setattr(process, "STARTS", 2)
    with pytest.raises(process.Failed, match="did not start"):
        outcome("w_at_the_end = 22")


@pytest.mark.slow
@pytest.mark.parametrize("refused", [1, 2])
def test_a_process_is_tried_again_while_the_system_has_no_number_for_it(monkeypatch, refused):
    real, left = (
        subprocess.Popen,
        [BlockingIOError(11, "Resource temporarily unavailable")] * refused,
    )

    def start(*args, **options):
        if left and "bookutils.judge.worker" in args[0]:
            raise left.pop()
        return real(*args, **options)

    monkeypatch.setattr(process, "STARTS", 2)
    monkeypatch.setattr(process.subprocess, "Popen", start)
    if refused == 1:
        assert outcome("w_at_the_end = 22")[0].value == 22
    else:
        with pytest.raises(BlockingIOError):
            outcome("w_at_the_end = 22")
    assert not list(Path(tempfile.gettempdir()).glob(f"{process.PREFIX}{os.getpid()}-*"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "cells, said",
    [
        (["def w_at_the_end(:\n    return 22"], "`w_at_the_end` does not parse: line 1"),
        (["w_at_the_end = 22 / 0"], "`w_at_the_end` failed: ZeroDivisionError"),
        (["import os\nos._exit(1)\nw_at_the_end = 22"], "ended its process"),
    ],
)
def test_an_answer_that_was_never_made_says_why(cells, said):
    first, _ = outcome(*cells)
    assert first.problem == "misfit" and said in first.sentence
