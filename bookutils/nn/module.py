"""What has parameters: found, named, counted, switched, kept in .npz files."""

from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
from array_api_compat import array_namespace

from bookutils.engine.tensor import Tensor, no_grad
from bookutils.nn.files import read_arrays, write_arrays
from bookutils.phrasebook import refuse_attribute, translated


class Module:
    """Something with parameters; one of your own computes its output in `forward`.

    What its attributes hold belongs to it, also inside lists, tuples and dicts. A Tensor that was
    not computed is part of the state, and a parameter if it requires a gradient; an array is
    neither. A name is a path, `layers.0.W`; what two paths lead to has the first name only.
    """

    training = True
    left_behind = ()  # names of attributes that forward leaves and does not read

    def __getattr__(self, name):
        refuse_attribute(self, name)

    def __call__(self, *inputs, **settings):
        output = self.forward(*inputs, **settings)
        for tell in _watchers.get():
            tell(self, inputs, output)
        return output

    def forward(self, *inputs):
        """Compute the output."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(self, x)")

    def named_modules(self):
        """List (name, module): this one, named "", and all inside it."""
        return [(name, x) for name, x in _inside(self) if isinstance(x, Module)]

    def named_state(self):
        """List (name, Tensor): the parameters, and Tensors that training leaves alone."""
        return [(name, x) for name, x in _inside(self) if isinstance(x, Tensor)]

    def named_parameters(self):
        """List (name, Tensor): what training changes, each once, in order of creation."""
        return [(name, x) for name, x in self.named_state() if x.requires_grad]

    def parameters(self):
        """List the Tensors that training changes, each once, in order of creation."""
        return [x for _, x in self.named_parameters()]

    @translated(set_to_none="gradients are always set to None")
    def zero_grad(self):
        """Set the gradient of every parameter to None."""
        for p in self.parameters():
            p.grad = None

    def train(self, mode=True):
        """Set `training` to `mode` here and in all modules inside; returns self.

        It is read by layers that compute one thing in training and another in use: Dropout,
        BatchNorm1d, BatchNorm2d.
        """
        for _, module in self.named_modules():
            module.training = bool(mode)
        return self

    def eval(self):
        """Set `training` to False here and in all modules inside, as train(False); returns self."""
        return self.train(False)

    def state_dict(self):
        """Map each name of the state to a copy of its numbers, a NumPy array."""
        return {name: np.array(x.numpy()) for name, x in self._state().items()}

    @translated(
        strict="names, shapes and dtypes must all fit; for a part load {**net.state_dict(), **part}"
    )
    def load_state_dict(self, state):
        """Copy arrays into the Tensors of the same names; returns self.

        Raises ValueError, with nothing loaded, unless names, shapes and dtypes are this module's;
        TypeError for what is no dict.
        """
        if not isinstance(state, Mapping):
            raise TypeError(
                f"a state is a dict of arrays, not {state!r:.60}; load(path) reads files"
            )
        own = self._state()
        new = {k: np.array(x.numpy() if isinstance(x, Tensor) else x) for k, x in state.items()}
        wrong = [f"{name} is missing" for name in own if name not in new]
        wrong += [f"{name} is unknown here" for name in new if name not in own]
        for name in [name for name in own if name in new]:
            for which in ("shape", "dtype"):
                here, there = (getattr(x, which) for x in (own[name].numpy(), new[name]))
                if here != there:
                    wrong.append(f"{name} is {there} and must be {here}")
        if wrong:
            raise ValueError(f"nothing loaded into {type(self).__name__}: {', '.join(wrong)}")
        with no_grad():
            for name, x in own.items():
                x[...] = array_namespace(x.data).asarray(new[name], device=x.device)
        return self

    def _state(self):
        state = {}
        for name, x in self.named_state():
            if name in state:
                raise ValueError(f"two Tensors of {type(self).__name__} are named {name}")
            state[name] = x
        return state

    def save(self, path):
        """Write the state to the .npz file `path`, which is replaced as a whole or not at all."""
        write_arrays(path, self.state_dict())

    def load(self, path):
        """Read a file that `save` wrote; returns self.

        Raises ValueError, with nothing loaded, for a file that is damaged or of another module.
        """
        return self.load_state_dict(read_arrays(path))

    def __repr__(self):
        """A line for each layer and each Tensor outside of layers, with its parameters counted."""
        total, rows = 0, []
        for name, x in _inside(self):
            if isinstance(x, Tensor):
                size = x.size if x.requires_grad else 0
                total += size
                if not rows or not name.startswith(rows[-1][0] + "."):
                    rows.append([name, str(x.shape), 0])
                rows[-1][2] += size
            elif type(x).__repr__ is not Module.__repr__:
                rows.append([name, repr(x), 0])
        lines = [f"{type(self).__name__}: {total:,} parameter{'s' * (total != 1)}"]
        cells = [(name, text, f"{count:,}" if count else "") for name, text, count in rows]
        wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for name, text, count in cells:
            lines.append(f"  {name:{wide[0]}}  {text:{wide[1]}}  {count:>{wide[2]}}".rstrip())
        return "\n".join(lines)


_watchers = ContextVar("watchers", default=())  # told of every call of a module, when it is over


@contextmanager
def watching(tell):
    """A block in which tell(module, inputs, output) hears of every call of a module, in order.

    So in the thread or asyncio task that entered the block, as with no_grad; blocks may be nested.
    """
    _watchers.set((*_watchers.get(), tell))
    try:
        yield
    finally:
        _watchers.set(tuple(other for other in _watchers.get() if other is not tell))


def _inside(thing, name="", seen=None):
    """Yield (name, x) for each Module, and each Tensor not computed, that `thing` leads to."""
    seen = {} if seen is None else seen
    if id(thing) in seen:
        return
    if isinstance(thing, Tensor):
        held = ()
        if thing.parents:
            return
    elif isinstance(thing, Module):
        held = vars(thing).items()
    elif isinstance(thing, dict):
        held = thing.items()
    elif isinstance(thing, (list, tuple)):
        held = enumerate(thing)
    else:
        return
    seen[id(thing)] = thing
    if isinstance(thing, (Module, Tensor)):
        yield name, thing
    for key, x in held:
        yield from _inside(x, f"{name}.{key}" if name else str(key), seen)
