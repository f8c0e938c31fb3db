"""Stands for modules that a notebook imports and that are not installed where it is graded.

Pandas, seaborn or `google.colab` are imported in a first cell out of habit, or what the book has
for learners beside its graders, and whatever stands below in that cell should run all the same.
They do nothing: a decorator leaves its function, and an answer that needs them gives something
whose type names the module.
"""

import re
import sys
import types

MODULES = 8  # that one cell may ask for


class Nothing:
    """What anything in such a module is: whatever is done with it gives nothing."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args, **options):
        if len(args) == 1 and not options and isinstance(args[0], (type, types.FunctionType)):
            return args[0]
        return self

    def __mro_entries__(self, bases):
        return (type(self),)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    __iter__ = __array_ufunc__ = None  # an answer shall not sum up nothing


OPERATORS = (
    "getitem setitem delitem lt le gt ge add radd sub rsub mul rmul truediv rtruediv floordiv "
    "mod pow rpow matmul rmatmul and rand or ror neg abs invert"
)
for operator in OPERATORS.split():
    setattr(Nothing, f"__{operator}__", lambda self, *_: self)


class Absent(types.ModuleType):
    """A module of which nothing is known but its name."""

    def __init__(self, name):
        super().__init__(name)
        top = name.partition(".")[0]
        self.__path__ = []
        kind = type(f"{top} (not installed where this was graded)", (Nothing,), {})
        self.__dict__["_nothing"] = kind()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self._nothing


def stands_in_for(error):
    """Whether the module that an error found missing has a stand-in now."""
    name = getattr(error, "name", None)
    if not isinstance(error, ModuleNotFoundError) or type(name) is not str:
        return False
    parent, _, last = name.rpartition(".")
    known = name in sys.modules or re.match(r"bookutils(\.(?!checks\.)|$)", name)
    if known or not re.fullmatch(r"\w+(\.\w+)*", name) or parent and parent not in sys.modules:
        return False
    sys.modules[name] = Absent(name)
    if parent:
        setattr(sys.modules[parent], last, sys.modules[name])
    return True
