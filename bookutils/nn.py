"""Layers of neurons as Tensors: modules with named parameters, kept in .npz files."""

import os
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import pairwise
from numbers import Integral

import numpy as np
from array_api_compat import array_namespace

from bookutils.engine.tensor import Tensor, linear, no_grad
from bookutils.init import he_uniform, xavier_uniform


class Module:
    """Something with parameters; one of your own computes its output in `forward`.

    What its attributes hold belongs to it, also inside lists, tuples and dicts. A Tensor that was
    not computed is part of the state, and a parameter if it wants a gradient; an array is neither.
    A name tells the way, `layers.0.W`; what can be reached on two ways has the first name only.
    """

    training = True

    def __call__(self, *inputs, **settings):
        return self.forward(*inputs, **settings)

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

    def zero_grad(self):
        """Set the gradient of every parameter to None."""
        for p in self.parameters():
            p.grad = None

    def train(self, mode=True):
        """Set `training` to `mode` here and in all modules inside; returns self."""
        for _, module in self.named_modules():
            module.training = bool(mode)
        return self

    def eval(self):
        """Set `training` to False here and in all modules inside; returns self."""
        return self.train(False)

    def state_dict(self):
        """Map each name of the state to a copy of its numbers, a NumPy array."""
        return {name: np.array(x.numpy()) for name, x in self._state().items()}

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
        path = os.path.realpath(path)  # through a symbolic link, not over it
        new = f"{path}.{os.getpid()}.new"
        try:
            with open(new, "wb") as file:
                with zipfile.ZipFile(file, "w") as archive:  # np.savez reserves some names
                    for name, array in self.state_dict().items():
                        with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                            np.lib.format.write_array(entry, array, allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(new)

    def load(self, path):
        """Read a file that `save` wrote; returns self.

        Raises ValueError, with nothing loaded, for a file that is damaged or of another module.
        """
        with open(path, "rb") as file:
            try:
                with np.load(file, allow_pickle=False) as arrays:
                    state = dict(arrays)
            except Exception as error:  # as many kinds as there are ways to damage a file
                raise ValueError(f"{path} is no .npz file of arrays, or is damaged") from error
        return self.load_state_dict(state)

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


class Linear(Module):
    """x @ W + b, or activation(x @ W + b): W (d_in, d_out), b (d_out,), x (…, d_in).

    `rng` draws W by `init`, a function of bookutils.init: He's uniform where the activation is a
    relu of some kind, Xavier's otherwise; b starts at 0.
    Raises ValueError for a width below 1 or an unknown activation, TypeError for a missing rng.
    """

    def __init__(
        self, d_in, d_out, bias=True, activation=None, *, rng=None, init=None, dtype="float64"
    ):
        _check_widths((d_in, d_out))
        _check_activation(activation)
        if init is None:
            init = he_uniform if activation in ("relu", "leaky_relu", "gelu") else xavier_uniform
        if not callable(init):
            raise TypeError(f"init is a function such as bookutils.init.he_normal, not {init!r}")
        W = np.asarray(init(d_in, d_out, rng=rng))
        if W.shape != (d_in, d_out):
            raise ValueError(f"init gave an array {W.shape} for a Linear({d_in} -> {d_out})")
        self.W = Tensor(W, requires_grad=True, dtype=dtype)
        self.b = Tensor(np.zeros(d_out), requires_grad=True, dtype=dtype) if bias else None
        self.activation = activation

    def forward(self, x, activation=None):
        try:
            return linear(x, self.W, self.b, activation or self.activation)
        except ValueError:
            shape = tuple(getattr(x, "shape", ()))
            if shape[-1:] == self.W.shape[:1]:
                raise
            raise ValueError(
                f"{self!r} got {shape}: the last axis must be {self.W.shape[0]}"
            ) from None

    def __repr__(self):
        d_in, d_out = self.W.shape
        notes = [f"{d_in} -> {d_out}", *([self.activation] if self.activation else [])]
        return f"Linear({', '.join(notes + ['no bias'] * (self.b is None))})"


class Activation(Module):
    """A function of each number as a layer."""

    def forward(self, x):
        x = x if isinstance(x, Tensor) else Tensor(x)
        return getattr(x, self.name)(**self.settings())

    def settings(self):
        """What was given when it was made."""
        return {k: v for k, v in vars(self).items() if k != "training"}

    def __repr__(self):
        settings = (f"{k}={v!r}" for k, v in self.settings().items())
        return f"{type(self).__name__}({', '.join(settings)})"


class ReLU(Activation):
    """max(x, 0)."""

    name = "relu"


class LeakyReLU(Activation):
    """x above 0, slope·x below."""

    name = "leaky_relu"

    def __init__(self, slope=0.01):
        self.slope = slope


class GELU(Activation):
    """x·Φ(x), with Φ the normal distribution function; approximate="tanh" is the older formula."""

    name = "gelu"

    def __init__(self, approximate="none"):
        self.approximate = approximate


class Sigmoid(Activation):
    """1/(1 + exp(-x))."""

    name = "sigmoid"


class Softplus(Activation):
    """log(1 + exp(x))."""

    name = "softplus"


class Tanh(Activation):
    """tanh(x)."""

    name = "tanh"


ACTIVATIONS = {x.name: x for x in (ReLU, LeakyReLU, GELU, Sigmoid, Softplus, Tanh)}
FUSED = (ReLU, Sigmoid, Softplus, Tanh)  # without settings


class Sequential(Module):
    """Layers one after the other; a Linear and the activation after it are computed as one."""

    def __init__(self, *layers):
        for layer in layers:
            if not callable(layer):
                raise TypeError(f"Sequential takes layers, one by one, not {layer!r:.60}")
        self.layers = list(layers)

    def forward(self, x):
        layers = self.layers
        done = -1
        for i, layer in enumerate(layers):
            if i == done:
                continue
            following = type(layers[i + 1]) if i + 1 < len(layers) else None
            if type(layer) is Linear and layer.activation is None and following in FUSED:
                x, done = layer.forward(x, following.name), i + 1
            else:
                x = layer(x)
        return x

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        """A layer, or for a slice a Sequential of the same layers."""
        return Sequential(*self.layers[index]) if isinstance(index, slice) else self.layers[index]


class MLP(Sequential):
    """Linear layers of these widths, input first; all but the last followed by the activation.

    `activation` is a name such as "tanh", or None for a stack of linear layers; `rng` and `init`
    are those of Linear. Raises ValueError for fewer than two widths, and as Linear.
    """

    def __init__(
        self, widths, activation="relu", bias=True, *, rng=None, init=None, dtype="float64"
    ):
        widths = tuple(widths) if isinstance(widths, Iterable) else (widths,)
        if len(widths) < 2:
            raise ValueError(f"MLP takes all widths, input first, such as [2, 16, 1], not {widths}")
        _check_widths(widths)
        _check_activation(activation)
        activations = [activation] * (len(widths) - 2) + [None]
        super().__init__(
            *(
                Linear(d_in, d_out, bias, name, rng=rng, init=init, dtype=dtype)
                for (d_in, d_out), name in zip(pairwise(widths), activations, strict=True)
            )
        )

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def _check_widths(widths):
    for n in widths:
        if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
            raise ValueError(f"a width is a number of neurons, at least 1, not {n!r} in {widths}")


def _check_activation(name):
    if name is not None and not (isinstance(name, str) and name in ACTIVATIONS):
        raise ValueError(f"activation is None or one of {', '.join(ACTIVATIONS)}, not {name!r:.60}")
