"""What a function can reach: what it, or a function that it calls, has names for."""

import dis
import sys
from functools import partial
from types import CodeType, FunctionType, MethodType, SimpleNamespace

from bookutils.engine.record import Tensor
from bookutils.nn.module import Module
from bookutils.optim.optimizer import Optimizer


class Reach:
    """What `step` reaches by closures, globals that it names, attributes, lists and dicts.

    tensors  pairs (name, Tensor), each once
    objects  modules and other objects with attributes
    lists    lists, dicts and sets
    names    triples (where, name, object) of closures and globals
    The functions of this package are not looked into.
    """

    def __init__(self, step):
        self.tensors, self.objects, self.lists, self.names = [], [], [], []
        met, stack = {}, [("", step)]
        while stack:
            name, x = stack.pop()
            if id(x) not in met:
                met[id(x)] = x
                stack += reversed([*self.look(name, x)])

    def look(self, name, x):
        """Enter one object, and yield pairs (name, object) of those in it."""
        if isinstance(x, Tensor):
            self.tensors.append((name, x))
        elif isinstance(x, FunctionType):
            if not foreign(x.__module__ or "") and not x.__module__.startswith("bookutils."):
                named = list(names_of(x))
                self.names += named
                yield from ((key, part) for _, key, part in named)
                for part in (*(x.__defaults__ or ()), *(x.__kwdefaults__ or {}).values()):
                    yield "", part
        elif isinstance(x, MethodType):
            yield from (("", x.__self__), ("", x.__func__))
        elif isinstance(x, partial):
            yield from (("", x.func), ("", x.args), ("", x.keywords))
        elif isinstance(x, dict):
            self.lists.append(x)
            if len(x) < LONG:
                yield from ((str(key), part) for key, part in x.items())
        elif isinstance(x, list | tuple | set):
            self.lists += [x] * (type(x) is not tuple)
            if len(x) < LONG:
                yield from ((f"{name}_{i}", part) for i, part in enumerate(x))
        elif isinstance(x, Optimizer):
            for group in x.param_groups:
                yield from ((name, p) for p in group["params"])
        elif isinstance(x, Module | SimpleNamespace) or of_a_program(x):
            self.objects.append(x)
            for key, part in vars(x).items():
                yield f"{name}_{key}" if name else key, part
            for method in ("forward", "__call__"):
                yield "", getattr(type(x), method, None)


def of_a_program(x):
    """Is this an object, with attributes, of a class that a program or this package defines?"""
    if isinstance(x, type) or not hasattr(x, "__dict__"):
        return False
    return not foreign(type(x).__module__)


def foreign(module):
    """Is this a module of Python or of an installed package?"""
    if module.partition(".")[0] in sys.stdlib_module_names:
        return module != "__main__"
    return "site-packages" in (getattr(sys.modules.get(module), "__file__", None) or "")


def names_of(f):
    """Triples (where, name, object) of the closure and the globals of a function."""
    for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
        if name != "__class__" and now(cell, name) is not NOTHING:
            yield cell, name, now(cell, name)
    codes = [f.__code__]
    while codes:
        code = codes.pop()
        codes += [x for x in code.co_consts if isinstance(x, CodeType)]
        for name in dict.fromkeys(i.argval for i in dis.get_instructions(code) if reads_global(i)):
            if name in f.__globals__:
                yield f.__globals__, name, f.__globals__[name]


def reads_global(instruction):
    return instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME")


def now(where, name):
    """What a name stands for now."""
    if isinstance(where, dict):
        return where.get(name, NOTHING)
    try:
        return where.cell_contents
    except ValueError:  # nothing yet, or no more
        return NOTHING


def put_back(where, name, x):
    if isinstance(where, dict):
        where[name] = x
    else:
        where.cell_contents = x


def stands_for(where, name, x):
    """Does the name stand for x, or for an equal number or text?"""
    y = now(where, name)
    return y is x or type(y) is type(x) and isinstance(x, int | float | str) and y == x


NOTHING = object()
LONG = 1000  # a list or dict of so many things is data, not parameters
