"""The functions a verdict rests on, as they were when the graders were loaded.

A notebook may replace `np.allclose` or a function of this package, by accident or not. While a
verdict is made, every replaced one is back in its place; afterwards the notebook has its own again.
"""

import builtins
import math
import sys
from contextlib import contextmanager

import numpy

_kept = {}


def keep():
    """Remember the modules a verdict uses; again after a further chapter is loaded."""
    own = [m for name, m in list(sys.modules.items()) if name.startswith("bookutils")]
    for module in [builtins, math, numpy, numpy.linalg, numpy.random, *own]:
        names = _kept.setdefault(module, {})
        for name, value in list(vars(module).items()):
            if callable(value):
                names.setdefault(name, value)


@contextmanager
def in_place():
    """Within the block every kept function is the original one."""
    replaced = []
    for module, names in _kept.items():
        now = vars(module)
        for name, original in names.items():
            if now.get(name) is not original:
                replaced.append((now, name, now.get(name)))
                now[name] = original
    try:
        yield
    finally:
        for now, name, value in replaced:
            if value is None:
                now.pop(name, None)
            else:
                now[name] = value
