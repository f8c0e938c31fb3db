"""What a replay takes to be as it was when the step was recorded, and how a change is seen."""

import numpy as np

from bookutils.trace.functions import ReplayError
from bookutils.trace.reach import stands_for
from bookutils.trace.recording import contents


class Unaltered:
    """Tensors with their arrays, modules with their attributes, and who has a gradient."""

    def __init__(self, tensors, called, changing, without_grad, with_grad, names):
        self.tensors, self.without_grad, self.with_grad = tensors, without_grad, with_grad
        self.globals = [x for x in names if isinstance(x[0], dict)]
        self.cells = [x for x in names if not isinstance(x[0], dict)]
        modules = {id(m): m for top in called for _, m in top.named_modules()}
        self.whole, self.parts, self.modes, lists = [], [], [], []
        for m in modules.values():
            m.training = m.training  # an attribute of its own, as train() makes it
            self.modes.append((m, m.training))
            left = {*m.left_behind, *(name for i, name in changing if i == id(m))}
            names = [name for name in vars(m) if name not in left]
            values = [vars(m)[name] for name in names]
            had = vars(m), [*map(id, values)], values
            self.parts.append((*had, names)) if len(names) < len(vars(m)) else self.whole.append(
                had
            )
            lists += [x for x in values if isinstance(x, list | dict)]
        self.lists = [(x, [*map(id, contents(x))], [*contents(x)]) for x in lists]

    def check(self):
        """Raise ReplayError where something is not as it was."""
        for t, array in self.tensors:
            if t._array is not array:
                refuse(f"a Tensor {t.shape} has been given another array: write t.data[...] = …")
        for attributes, ids, _ in self.whole:
            if [*map(id, attributes.values())] != ids:
                self.name_the_change(attributes)
        for attributes, ids, _, names in self.parts:
            if [*map(id, map(attributes.get, names))] != ids:
                self.name_the_change(attributes)
        for x, ids, _ in self.lists:
            if [*map(id, contents(x))] != ids:
                refuse(f"a {type(x).__name__} of a module holds other things")
        for where, name, x in self.globals:
            if where.get(name) is not x and not stands_for(where, name, x):
                refuse(f"the name {name} stands for something else")
        for cell, name, x in self.cells:
            if not stands_for(cell, name, x):
                refuse(f"the name {name} stands for something else")
        for t in self.without_grad:
            if t.grad is not None:
                refuse(f"a Tensor {t.shape} has a gradient, and had none")
        for t in self.with_grad:
            if not isinstance(t.grad, np.ndarray) or t.grad.shape != t.shape:
                refuse(f"a Tensor {t.shape} has no gradient, and had one")

    def name_the_change(self, attributes):
        for m, mode in self.modes:
            if vars(m) is attributes:
                if m.training is not mode:
                    words = {True: "training", False: "evaluation"}
                    refuse(f"{type(m).__name__} is in {words[m.training]} mode, not {words[mode]}")
                refuse(f"an attribute of {type(m).__name__} is another")


def refuse(why):
    raise ReplayError(f"replay: {why}: the recording no longer fits, record the step again")
