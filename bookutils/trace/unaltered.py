"""What a replay takes to be as it was when the step was recorded, and how a change is seen."""

import numpy as np

from bookutils.trace.functions import ReplayError


class Unaltered:
    """Tensors with their arrays, modules with their attributes, and who has a gradient."""

    def __init__(self, tensors, called, changing, without_grad, with_grad):
        self.tensors, self.without_grad, self.with_grad = tensors, without_grad, with_grad
        modules = {id(m): m for top in called for _, m in top.named_modules()}
        self.modules = []
        for m in modules.values():
            names = [name for name in vars(m) if (id(m), name) not in changing]
            values = [vars(m)[name] for name in names]
            loose = len(names) < len(vars(m))
            self.modules.append((m, names if loose else None, [*map(id, values)], values))
        lists = [x for *_, values in self.modules for x in values if isinstance(x, list | dict)]
        self.lists = [(x, [*map(id, contents(x))], [*contents(x)]) for x in lists]
        self.modes = [(m, m.training) for m in modules.values()]

    def check(self):
        """Raise ReplayError where something is not as it was."""
        for t, array in self.tensors:
            if t._array is not array:
                refuse(f"a Tensor {t.shape} has been given another array: write t.data[...] = …")
        for m, names, ids, _ in self.modules:
            had = vars(m)
            if [*map(id, had.values() if names is None else map(had.get, names))] != ids:
                self.name_the_change(m)
        for x, ids, _ in self.lists:
            if [*map(id, contents(x))] != ids:
                refuse(f"a {type(x).__name__} of a module holds other things")
        for m, mode in self.modes:
            if m.training is not mode:
                self.name_the_change(m)
        for t in self.without_grad:
            if t.grad is not None:
                refuse(f"a Tensor {t.shape} has a gradient, and had none")
        for t in self.with_grad:
            if not isinstance(t.grad, np.ndarray) or t.grad.shape != t.shape:
                refuse(f"a Tensor {t.shape} has no gradient, and had one")

    def name_the_change(self, module):
        for m, mode in self.modes:
            if m is module and m.training is not mode:
                words = {True: "training", False: "evaluation"}
                refuse(f"{type(m).__name__} is in {words[m.training]} mode, not {words[mode]}")
        refuse(f"an attribute of {type(module).__name__} is another")


def contents(x):
    return x.values() if isinstance(x, dict) else x


def refuse(why):
    raise ReplayError(f"replay: {why}: the recording no longer fits, record the step again")
