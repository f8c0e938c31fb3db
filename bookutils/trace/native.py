"""C text made into machine code by the C compiler of this machine, where there is one."""

import ctypes
import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path

from bookutils.trace.rows import CALLED

# The bits are to be those of Python. So a*b + c is not contracted into one operation that rounds
# once, and no function is replaced by another: pow(x, 2) and x*x differ in the last bit about once
# in a thousand. That sqrt sets no errno changes no bit, and makes it one instruction.
KEPT = [f"-fno-builtin-{name}" for name in CALLED if name != "sqrt"]
FLAGS = ("-O2", "-ffp-contract=off", "-fno-math-errno", *KEPT)


def compiler():
    """The path of a C compiler: that of the variable CC, gcc, clang or cc; None without one."""
    names = os.environ.get("CC", ""), "gcc", "clang", "cc"
    return next(filter(None, map(shutil.which, filter(None, names))), None)


@cache
def folder(process):
    """A directory of this process alone, removed when it ends."""
    return tempfile.TemporaryDirectory(prefix=f"bookutils-trace-{process}-")


@cache
def built(text, flags=FLAGS):
    """The C function that the text defines; the same text and flags are compiled once."""
    name = re.search(r"^void (\w+)\(", text, re.MULTILINE)[1]
    path = compiler()
    if path is None:
        raise RuntimeError(
            "no C compiler here (gcc, clang or cc): install one, or set CC; "
            'compile("python") and compile("numpy") need none'
        )
    stem = sha256(repr((text, flags, path)).encode()).hexdigest()[:32]
    source = Path(folder(os.getpid()).name, f"{stem}.c")
    library = source.with_suffix(".so")
    source.write_text(text, encoding="utf-8")
    # In two steps: linked with -ffast-math, a library makes the whole process that loads it, Python
    # too, take the smallest numbers (below 2.2e-308) for 0.
    compiled = source.with_suffix(".o")
    for command in (
        [path, *flags, "-fPIC", "-c", str(source), "-o", str(compiled)],
        [path, "-shared", str(compiled), "-o", str(library), "-lm"],
    ):
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            raise RuntimeError(f"{path} did not compile {name}: {run.stderr.strip()[-600:]}")
    function = getattr(ctypes.CDLL(str(library)), name)
    pointer, number = ctypes.c_void_p, ctypes.c_long
    takes = [pointer, number, pointer, pointer] if "long n" in text else [pointer, pointer]
    function.argtypes, function.restype = takes, None
    return function
