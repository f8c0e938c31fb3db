"""What a function can reach: the Tensors and modules that it, or what it calls, has names for."""

from functools import partial
from types import CodeType, FunctionType, MethodType

from bookutils.engine.record import Tensor
from bookutils.nn.module import Module
from bookutils.optim.optimizer import Optimizer


def reached(step):
    """Tensors by the name that the step has for them, and modules, each once.

    Looked into are closures, defaults, globals that are named, the object of a method, lists, dicts
    and attributes; not the functions of this package.
    """
    tensors, modules, met, stack = {}, [], {}, [("", step)]
    while stack:
        name, x = stack.pop()
        if id(x) in met:
            continue
        met[id(x)] = x
        if isinstance(x, Tensor):
            tensors[id(x)] = name, x
        elif isinstance(x, FunctionType):
            if not (x.__module__ or "").startswith("bookutils."):
                stack += of_function(x)
        elif isinstance(x, MethodType):
            stack += [("", x.__self__), ("", x.__func__)]
        elif isinstance(x, partial):
            stack += [("", x.func), ("", x.args), ("", x.keywords)]
        elif isinstance(x, dict):
            stack += [(str(key), part) for key, part in reversed(x.items())]
        elif isinstance(x, list | tuple | set):
            stack += [(f"{name}_{i}", part) for i, part in reversed([*enumerate(x)])]
        elif isinstance(x, Module):
            modules.append(x)
            stack += reversed([(joined(name, key), part) for key, part in vars(x).items()])
        elif isinstance(x, Optimizer):
            stack.append((name, [group["params"] for group in x.param_groups]))
        elif hasattr(x, "__dict__") and own_object(x):
            stack += reversed([(joined(name, key), part) for key, part in vars(x).items()])
    return list(tensors.values()), modules


def joined(name, key):
    return f"{name}_{key}" if name else key


def own_object(x):
    """Is this an object of a class that a program defines, or of this package?"""
    kind = type(x)
    plain = not isinstance(x, type) and kind.__module__ not in ("builtins", "types")
    return plain and kind.__module__.partition(".")[0] not in ("numpy", "torch")


def of_function(f):
    """Pairs (name, object) that a function has names for."""
    cells = zip(f.__code__.co_freevars, f.__closure__ or (), strict=True)
    for name, cell in cells:
        try:
            yield name, cell.cell_contents
        except ValueError:  # assigned later
            pass
    for x in (*(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values()):
        yield "", x
    codes = [f.__code__]
    while codes:
        code = codes.pop()
        codes += [x for x in code.co_consts if isinstance(x, CodeType)]
        for name in code.co_names:
            if name in f.__globals__:
                yield name, f.__globals__[name]
