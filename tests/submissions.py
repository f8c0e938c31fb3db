"""Submitted notebooks for the tests of grading: right, wrong, hostile and broken ones."""

import ast
import csv
import importlib
import inspect
import json
import sys
from functools import cache
from pathlib import Path

import nbformat

from bookutils.checks import programs
from bookutils.checks.registry import exercises, find
from bookutils.classroom import process
from bookutils.judge.verdict import BROKEN

ROOT = Path(__file__).resolve().parents[1]
LINUX = sys.platform == "linux"


def code(source, outputs=()):
    return {"cell_type": "code", "source": source, "outputs": list(outputs), "metadata": {}}


def notebook(*cells):
    cells = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


def from_book(folder, chapter):
    paths = (ROOT / folder).glob(f"{chapter}_*.ipynb")
    (path,) = (path for path in paths if "_project_" not in path.name)
    return path


def project_from_book(folder, id):
    """The text of a project's notebook."""
    (path,) = (ROOT / folder).glob(f"{id[:2]}_project_*.ipynb")
    return path.read_text(encoding="utf-8")


def with_fault(id, pairs):
    """A project's solution with each `old` text of (old, new) pairs changed in its program."""
    book, left = nbformat.reads(project_from_book("solutions", id), as_version=4), [*pairs]
    for cell in book.cells:
        if cell.cell_type == "code":
            for old, new in [pair for pair in left if pair[0] in cell.source]:
                cell.source = cell.source.replace(old, new, 1)
                left.remove((old, new))
    assert not left, left
    return nbformat.writes(book)


def source_of(chapter):
    """The syntax tree of a chapter's graders."""
    module = importlib.import_module(f"bookutils.checks.chapter_{chapter}")
    return ast.parse(inspect.getsource(module))


@cache
def helpers(chapter):
    """The program text of a chapter's graders, without the exercises themselves; where programs
    are the answers, with what reads them."""
    body = source_of(chapter).body
    if any(getattr(node, "module", "") == programs.__name__ for node in body):
        body = ast.parse(inspect.getsource(programs)).body + body
    kept = [
        node
        for node in body
        if getattr(node, "module", "").partition(".")[0] != "bookutils"
        and not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXERCISES")
        or ast.unparse(node) == "from bookutils.judge import data"
    ]
    return "\n".join([STAND_IN, *map(ast.unparse, kept)])


STAND_IN = f"""
from types import SimpleNamespace
EPSILONS = ""
BROKEN = {BROKEN!r}
def Mistake(name, explanation, answer, *rest, **options):
    return SimpleNamespace(name=name, explanation=explanation, answer=answer)
"""


@cache
def wrong_answers(chapter):
    """{id: program text of each known mistake's answer}, as the chapter's graders write it."""
    found = {}
    for call in ast.walk(source_of(chapter)):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Exercise":
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            id, made = given["id"].value, ast.unparse(given["mistakes"])
            known = len(exercises(chapter)[id].mistakes)
            found[id] = [f"[*{made}][{i}].answer" for i in range(known)]
    return found


def with_mistakes(chapter, number):
    """A notebook with mistake `number` (taken round) of every exercise of a chapter."""
    cells, wrong, texts = [helpers(chapter)], [], wrong_answers(chapter)
    for id, exercise in exercises(chapter).items():
        place = number % len(exercise.mistakes)
        wrong.append(exercise.mistakes[place])
        cells += [f"mistake = {texts[id][place]}", f'check("{id}", mistake)']
    # the graders may hold a right value by the name that is asked for
    values = [e.name for e in exercises(chapter).values() if e.wants_value]
    cells.append(f"for name in {values}:\n    globals().pop(name, None)")
    return notebook("from bookutils.checks import check\nimport numpy as np", *cells), wrong


def chapter_00(*cells, bowl="def bowl(w):\n    return (w - 3) ** 2"):
    """A right submission of chapter 00, with these cells before the answers."""
    return notebook(
        "import os, sys, time, signal\nfrom bookutils.checks import check",
        *cells,
        bowl,
        'check("00.0", bowl)',
        "def step(w, slope, lr):\n    return w - lr * slope",
        'check("00.1", step)',
        "w_at_the_end = 22",
        'check("00.2", w_at_the_end)',
    )


HOSTILE_BOWLS = {
    "endless": "def bowl(w):\n    while True:\n        pass",
    "endless in C": "def bowl(w):\n    return sum(range(10**13))",
    "catches all": "def bowl(w):\n  while True:\n    try:\n      time.sleep(9)\n    except: pass",
    "memory": "def bowl(w):\n    kept = []\n    while True:\n        kept.append(bytearray(10**7))",
    "memory at once": "def bowl(w):\n    return bytearray(10**12)",
    "recursion": "def bowl(w):\n    return bowl(w)",
    "SystemExit": "def bowl(w):\n    raise SystemExit",
    "_exit": "def bowl(w):\n    os._exit(0)",
    "abort": "def bowl(w):\n    os.abort()",
    "kill itself": "def bowl(w):\n    os.kill(os.getpid(), 9)",
    "segfault": "def bowl(w):\n    import ctypes\n    ctypes.string_at(8)",
    "flood": "def bowl(w):\n    while True:\n        print('right ' * 1000)",
    "flood of file descriptor": "def bowl(w):\n    while True:\n        os.write(1, b'x' * 10**6)",
    "closes everything": "def bowl(w):\n    os.closerange(0, 1000)",
    "closes stdout": "def bowl(w):\n    sys.stdout.close()\n    os.close(1)",
    "huge answer": "def bowl(w):\n    return list(range(3_000_000))",
    "huge integer": "def bowl(w):\n    return 10 ** 100_000",
    "deep answer": (
        "def bowl(w):\n    a = []\n    for _ in range(10**5):\n        a = [a]\n    return a"
    ),
    "equal to all": (
        "class Yes(float):\n    def __eq__(self, other):\n        return True\n"
        "    __array__ = __lt__ = __le__ = __sub__ = lambda *_: True\n"
        "def bowl(w):\n    return Yes(0)"
    ),
    "lambda in an array": "def bowl(w):\n    import numpy as np\n    return np.array([print])",
    "verdict text": "def bowl(w):\n    print('✓ 00.0 · right')\n    return 0",
    "replaces the package": (
        "import bookutils.checks, gc\n"
        "def bowl(w):\n"
        "    for module in list(sys.modules.values()):\n"
        "        for name in ('agree', 'close', 'identical', 'fit', 'allclose', 'isclose'):\n"
        "            if hasattr(module, name):\n"
        "                setattr(module, name, lambda *_, **__: True)\n"
        "    return 0.0"
    ),
    "asks the caller": (
        "def bowl(w):\n"
        "    frame = sys._getframe()\n"
        "    while frame:\n"
        "        for value in list(frame.f_locals.values()):\n"
        "            if hasattr(value, 'expected') and value.reference:\n"
        "                return value.reference(w)\n"
        "        frame = frame.f_back\n"
        "    raise LookupError('no reference here')"
    ),
    "writes its own result": (
        "def bowl(w):\n"
        "    good = {'value': 2.25, 'problem': '', 'sentence': '', 'error': '', 'line': '',\n"
        "            'changed': [], 'printed': '', 'products': None}\n"
        "    import json\n"
        "    for descriptor in range(3, 40):\n"
        "        try:\n"
        "            os.write(descriptor, json.dumps({'answers': [[good]]}).encode() + b'\\n')\n"
        "        except OSError:\n"
        "            pass\n"
        "    time.sleep(30)"
    ),
    "pickle": (
        "class Bomb:\n    def __reduce__(self):\n        return os.system, ('touch /tmp/pwned',)\n"
        "def bowl(w):\n    return Bomb()"
    ),
    "reads the solution": (
        "def bowl(w):\n"
        f"    text = open({str(ROOT / 'bookutils/checks/chapter_00.py')!r}).read()\n"
        "    names = {}\n"
        "    exec(text.split('EXERCISES')[0], names)\n"
        "    return (w - 3) ** 2 if text else 0"
    ),
}

HOSTILE_CELLS = {
    "kill the parent": "os.kill(os.getppid(), signal.SIGKILL)",
    "kill the group of the parent": "os.killpg(os.getpgid(os.getppid()), signal.SIGKILL)",
    "kill all": "os.kill(-1, signal.SIGKILL)" if LINUX else "1 / 0",
    "limit the parent": (
        "import resource\nresource.prlimit(os.getppid(), resource.RLIMIT_CPU, (0, 0))"
    ),
    "fork bomb": "while True:\n    os.fork()",
    "programs": "import subprocess\nwhile True:\n    subprocess.Popen(['sleep', '60'])",
    "new session": "os.setsid()",
    "network": "import socket\nsocket.create_connection(('127.0.0.1', 9), timeout=1)",
    "endless cell": "while True:\n    pass",
    "endless cell in C": "sum(range(10**13))",
    "exit": "os._exit(3)",
    "SystemExit": "sys.exit('that is all')",
    "deletes the folder": "import shutil\nshutil.rmtree(os.getcwd())",
    "deletes the book": f"os.remove({str(ROOT / 'README.md')!r})",
    "fills the disk": "open('big', 'wb').write(b'x' * 10**8)",
    "early ready": (
        "for descriptor in range(3, 40):\n    try:\n"
        "        os.write(descriptor, b'{\"ready\": true}\\n')\n    except OSError: pass\n"
        "raise LookupError"
    ),
    "noise": (
        "for descriptor in range(3, 40):\n    try:\n"
        "        os.write(descriptor, b'}{' * 1000 + b'\\n')\n    except OSError: pass"
    ),
    "lines without end": (
        "while True:\n    for descriptor in range(3, 9):\n        try:\n"
        "            os.write(descriptor, b'{\"cell\": 1}\\n')\n        except OSError: pass"
    ),
    "folders in folders": (
        "for _ in range(3000):\n    os.mkdir('a' * 200)\n    os.chdir('a' * 200)"
    ),
    "threads without end": (
        "import threading, time\nthreading.stack_size(65536)\n"
        "while True:\n    threading.Thread(target=time.sleep, args=(99,), daemon=True).start()"
    ),
    "files without end": "for i in range(10**6):\n    open(f'f{i}', 'w').close()",
    "removed but open": (
        "import os\nheld = []\nfor i in range(100):\n    file = open('x', 'wb')\n"
        "    file.write(bytes(2**24))\n    file.flush()\n    os.unlink('x')\n    held.append(file)"
    ),
    "shared memory": (
        "import mmap\nheld = [mmap.mmap(-1, 2**28) for _ in range(30)]\n"
        "for memory in held:\n    memory[::4096] = b'x' * 2**16"
    ),
    "folders without rights": "import os\nfor i in range(5):\n    os.mkdir(str(i), 0)",
    "raw memory of the parent": "open(f'/proc/{os.getppid()}/mem', 'r+b').write(b'0')",
    "magic": "%matplotlib inline\n!echo hello\nlen?",
    "cell magic": "%%bash\nrm -rf *",
    "builtins": "import builtins\nbuiltins.abs = builtins.len = builtins.all = lambda *_: True",
    "asks for input": "input('name? ')",
    "redefines": "import json\njson.dumps = json.loads = None",
}

UNCONFINED = ("kill all", "fork bomb", "programs", "new session")  # not to be run without a cage

BROKEN_FILES = {
    "empty": (b"", "The file is empty."),
    "cut": (chapter_00().encode()[:-40], "cut off"),
    "damaged": (chapter_00().encode().replace(b'"cells":', b'"cells"\n;', 1), "damaged"),
    "latin": ('{"cells": ["é"]}'.encode("latin-1"), "not UTF-8"),
    "utf16": (chapter_00().encode("utf-16"), "not UTF-8"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not UTF-8"),
    "web page": (b"<!doctype html><p>Please log in.", "not a notebook"),
    "other JSON": (b"[1, 2, 3]", "JSON, but not a notebook"),
    "odd cells": (b'{"cells": [1, null]}', "JSON, but not a notebook"),
    "nested": (b"[" * 10**5, "not a notebook"),
    "many cells": (notebook(*["x = 1"] * 3000).encode(), "2,000 are read"),
    "another book": (notebook("print('hello')").encode(), "No exercise of this book"),
}


# Odd or hostile, each for itself, and all in one notebook: they stop no answer below them.
ODD_CELLS = (
    "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.prctl(1, 0, 0, 0, 0)",
    "libc.inotify_add_watch(libc.inotify_init(), b'/tmp', 0xFFF)",
    "held = [os.pipe() for _ in range(10)]\nfor _, end in held:\n"
    "    os.set_blocking(end, False)\n    os.write(end, bytes(10**6))",
    "import select\nheld = [select.epoll() for _ in range(1000)]",
    "held = None\nfor _ in range(1000):\n    os.sync()",
    "for name in ('environ', 'fd', 'mem', 'cwd'):\n    os.stat(f'/proc/{os.getppid()}/{name}')",
    "libc.mount(b'none', os.getcwd().encode(), b'tmpfs', 0, None)\n"
    "libc.umount2(os.getcwd().encode(), 2)\nlibc.unshare(0x10000000)\nlibc.syscall(2000)",
    "import atexit\n@atexit.register\ndef ends():\n    while True:\n        time.sleep(9)",
    "for number in range(1, 65):\n    try:\n        signal.signal(number, signal.SIG_IGN)\n"
    "    except (OSError, ValueError):\n        pass",
    "import gc\ngc.disable()\ngc.freeze()",
    "x = " + "(" * 5000 + ")" * 5000,
    "x = 1\x00",
    "x = '\ud800'",
    "\n".join(["!ls"] * 600),
    "%reset -f\n%load_ext no_such_extension\n%lsmagic\n%history\n?print",
    "import os, sys, time, signal\nfrom bookutils.checks import check",
    "get_ipython().ask_exit()\nexit\nquit()",
    "import threading\nthreading.stack_size(2**30)\nthreading.Thread(target=print).start()",
    "time.time = time.monotonic = time.process_time = lambda: 0.0",
    "import shutil\nos.chdir('/')\nshutil.rmtree(os.environ['HOME'])",
    "for i in range(30):\n    check('00.1', print)\n    check(i, check)",
    "class Rude:\n    __str__ = __repr__ = __eq__ = __getattr__ = lambda *_: 1 / 0\n"
    "rude = Rude()\ncheck(rude, rude)\nrude",
)  # fmt: skip

_READ = json.loads(chapter_00())


def _with(**changed):
    return json.dumps(_READ | changed)


def _with_cell(**changed):
    return _with(cells=[{"cell_type": "code", "source": ""} | changed, *_READ["cells"]])


ODD_FILES = {  # whether it is read as what it is, a right notebook
    "no source": (_with_cell(source=None), False),
    "numbers for lines": (_with_cell(source=[1, 2]), False),
    "no cells": (_with(cells=None), False),
    "text for cells": (_with(cells="abc"), False),
    "a long number": (_with(nbformat="?").replace('"?"', "9" * 5000), False),
    "lines in a dict": (_with_cell(source={"x = 1": 2}), True),
    "outputs in words": (_with_cell(source='hint("00.1")', outputs="hint 9 of 9"), True),
    "no outputs": (_with_cell(outputs=None), True),
    "a kind that is none": (_with_cell(cell_type=7), True),
    "not a number": (_with(nbformat="?").replace('"?"', "NaN"), True),
    "cells twice": (chapter_00().replace('{"cells"', '{"cells": 7, "cells"', 1), True),
}


def put(folder, student, text, name="00_start_here.ipynb"):
    """Hand in one notebook."""
    path = folder / student / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def lines_of(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def outcome(*cells, id="00.2"):
    """What the worker returns for one value exercise after these cells."""
    cells = [("code", cell, []) for cell in cells]
    answers, held = process.run(cells, [process.request(find(id))], {id: 2**20}, 12.0, 2.0)
    ((first, *_),) = answers[id]
    return first, held
