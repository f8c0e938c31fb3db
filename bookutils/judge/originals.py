"""What a verdict rests on, as it was when the graders were loaded.

A notebook may replace `np.allclose` or a function of this package, by accident or not, and so may
an answer while it runs. `in_place()` puts the originals back while a verdict is made; afterwards
the notebook has its own again. The graders' own modules, classes and exercises are mended for
good: `mend()` after every call of an answer.

What no process can keep from the code it runs: a cell may define another `check`, may call a
reference, may read the solutions. Verdicts that count for others are made in a process that never
runs the learner's code: `python -m bookutils grade`.
"""

import builtins
import sys
from contextlib import contextmanager
from operator import attrgetter, is_
from types import CellType, FunctionType, ModuleType

import numpy

FREE = {"_", "__dict__", "__weakref__", "__doc__", "__annotations__", "_abc_impl", "__builtins__"}
GRADERS, MISSING = ("bookutils.checks", "bookutils.judge"), object()
PARTS = "__code__", "__defaults__", "__kwdefaults__"
LOADED = numpy.linalg, numpy.random  # with the graders, so that both are remembered


def _recorder():
    """(keep, mend, in_place) round one record that no module names."""
    own, foreign = {}, {}  # module or class -> {name: value}
    sizes = {}  # module or class -> how many names it had
    functions, parts = {}, [[] for _ in PARTS]  # functions in order, and what they are made of
    held = {}  # address of a cell of a closure -> (the cell, what it holds)
    space = vars(builtins)
    exercises = []  # (the fields of an exercise, a copy of them)

    def keep_function(value):
        value = getattr(value, "__func__", getattr(value, "fget", value))
        if type(value) is FunctionType and value not in functions:
            functions[value] = None
            for part, were in zip(PARTS, parts, strict=True):
                were.append(getattr(value, part))
            for cell in value.__closure__ or ():
                if cell != CellType():  # an empty one belongs to what is not finished yet
                    held.setdefault(id(cell), (cell, cell.cell_contents))

    def stays(value):
        """Whether a name is to be kept: a chapter's module is hidden at times."""
        return not (isinstance(value, ModuleType) and ".chapter_" in value.__name__)

    def keep_names(record, holder, wanted):
        names = record.setdefault(holder, {})
        sizes[holder] = len(vars(holder))
        for name, value in list(vars(holder).items()):
            if name not in FREE and wanted(value):
                names.setdefault(name, value)
                if record is own:
                    keep_function(value)

    def keep():
        """Remember what a verdict uses; again after a further chapter is loaded."""
        for name, module in list(sys.modules.items()):
            if not isinstance(module, ModuleType):
                continue
            if name.startswith(GRADERS):
                keep_names(own, module, stays)
                for value in list(vars(module).values()):
                    if isinstance(value, type) and value.__module__.startswith(GRADERS):
                        keep_names(own, value, lambda value: True)
                for exercise in vars(module).get("EXERCISES", ()):
                    if not any(fields is vars(exercise) for fields, _ in exercises):
                        exercises.append((vars(exercise), dict(vars(exercise))))
                        for value in vars(exercise).values():
                            keep_function(value)
            elif name.partition(".")[0] in ("numpy", "math", "builtins"):
                keep_names(foreign, module, callable)

    over = vars(builtins).keys() - vars(ModuleType("")).keys() - FREE

    def changed(holder, names):
        """{name: value now} of what is not as it was; names of builtins that were laid over."""
        now, found = vars(holder), {}
        if not all(map(is_, map(now.get, names), names.values())):
            found = {n: now.get(n, MISSING) for n in names if now.get(n, MISSING) is not names[n]}
        if holder is builtins or len(now) == sizes[holder]:
            laid = ()
        elif isinstance(holder, type):
            laid = [n for n in now if n not in names and n not in FREE]
        else:
            laid = [n for n in now.keys() & over if n not in names]
        return found | {n: now[n] for n in laid}

    def put(holder, values):
        for name, value in values.items():
            if value is not MISSING:
                setattr(holder, name, value)
            elif name in vars(holder):
                delattr(holder, name)

    def mend():
        """Put back, for good, whatever of the graders was replaced."""
        for holder, names in own.items():
            found = changed(holder, names)
            if found:
                put(holder, {name: names.get(name, MISSING) for name in found})
        for part, were in zip(PARTS, parts, strict=True):
            if not all(map(is_, map(attrgetter(part), functions), were)):
                for function, value in zip(functions, were, strict=True):
                    setattr(function, part, value)
        for cell, value in held.values():
            if cell.cell_contents is not value:
                cell.cell_contents = value
        for fields, were in exercises:
            if len(fields) != len(were) or any(fields.get(n, MISSING) is not were[n] for n in were):
                fields.clear()
                fields.update(were)

    def enter():
        """Put every kept function in its place; returns what puts back what was there before."""
        found = {**space}
        space.update(foreign[builtins])  # first what the lines below are made of
        mend()
        before = {holder: changed(holder, names) for holder, names in foreign.items()}
        for holder, values in before.items():
            put(holder, {name: foreign[holder].get(name, MISSING) for name in values})

        def leave():
            space.update(foreign[builtins])
            mend()
            for holder, names in foreign.items():
                values = changed(holder, names)
                put(holder, {name: names.get(name, MISSING) for name in values} | before[holder])
            space.update(found)

        return leave

    return keep, mend, enter


keep, mend, enter = _recorder()


@contextmanager
def in_place():
    """Within the block every kept function is the original; after it, what was there before."""
    leave = enter()
    try:
        yield
    finally:
        leave()
