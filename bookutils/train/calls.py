"""The calls of the modules of a net: which layer, what went in, what came out."""

from contextlib import contextmanager

from bookutils.engine.tensor import Tensor
from bookutils.nn.module import watching


class Call:
    """One call of a module: what went in, and what came out."""

    def __init__(self, name, module, inputs, output):
        self.name, self.module, self.inputs, self.output = name, module, inputs, output
        self.leaf = len(module.named_modules()) == 1

    def kind(self):
        """The layer in words, with an activation that is computed in the same step."""
        together = "".join(f" and {x}" for x in self.inputs[1:] if isinstance(x, str))
        return (repr(self.module) if self.leaf else type(self.module).__name__) + together

    def __str__(self):
        return f"{self.name}, {self.kind()}" if self.name else self.kind()


@contextmanager
def calls_told(net, tell):
    """A block in which `tell` gets each Call of a module of the net, in order of completion."""
    names = {id(module): name for name, module in net.named_modules()}

    def told(module, inputs, output):
        if id(module) in names and isinstance(output, Tensor):
            tell(Call(names[id(module)], module, inputs, output))

    with watching(told):
        yield


@contextmanager
def watched(net):
    """A block in which every call of a module of the net enters a list, in order of completion."""
    calls = []
    with calls_told(net, calls.append):
        yield calls
