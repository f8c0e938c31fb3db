"""PyTorch as the peer: the reader's program run on its tensors, on CPU and CUDA.

The only module of the package that imports torch, and only when it is asked to compare.
"""

import operator
from functools import cache, reduce
from types import CellType, FunctionType, SimpleNamespace

import numpy as np

from bookutils.verify.inputs import (
    array_grad,
    array_leaves,
    as_numpy,
    flat,
    has_array,
    input_names,
    leaves,
    outputs_of,
    rebuilt,
    refilled,
    weighed,
)

MAKES_OURS = (
    "this function makes Values or Tensors of ours; write the program with operators and methods, "
    "or a second time for PyTorch, as peer="
)
NO_TORCH = "PyTorch is not installed, so its column is missing: pip install torch"


@cache
def _torch():
    try:
        import torch
    except ImportError:
        return None
    return torch


@cache
def _number():
    torch = _torch()
    if torch is None:
        raise ModuleNotFoundError("PyTorch is not installed: pip install torch")

    def tensor(x, like):
        x = x if isinstance(x, torch.Tensor) else torch.as_tensor(x, device=like.device)
        return x.to(like.dtype) if x.is_floating_point() else x

    def all_axes(x, axis):
        return tuple(range(x.ndim)) if axis is None else axis

    class Number(torch.Tensor):
        """A float64 tensor with the methods of `Value` and `Tensor` that torch keeps elsewhere."""

        __array_ufunc__ = None  # array + number is left to Number.__radd__

        def softplus(self):
            # torch's own cut, x for all x > 20, is wrong by 2e-9; beyond 700 exp overflows
            return torch.nn.functional.softplus(self, threshold=700)

        def leaky_relu(self, slope=0.01):
            if isinstance(slope, torch.Tensor):
                return torch.where(self > 0, self, self * slope)
            return torch.nn.functional.leaky_relu(self, slope)

        def gelu(self, approximate="none"):
            return torch.nn.functional.gelu(self, approximate=approximate)

        def maximum(self, other):
            return torch.maximum(self, torch.as_tensor(other, dtype=self.dtype, device=self.device))

        def minimum(self, other):
            return torch.minimum(self, torch.as_tensor(other, dtype=self.dtype, device=self.device))

        def max(self, axis=None, keepdims=False):
            return torch.amax(self, all_axes(self, axis), keepdims)

        def min(self, axis=None, keepdims=False):
            return torch.amin(self, all_axes(self, axis), keepdims)

        def sum(self, axis=None, keepdims=False):
            return torch.sum(self, all_axes(self, axis), keepdims)

        def mean(self, axis=None, keepdims=False):
            return torch.mean(self, all_axes(self, axis), keepdims)

        def var(self, axis=None, keepdims=False, correction=1):
            return torch.var(self, axis, correction=correction, keepdim=keepdims)

        def logsumexp(self, axis=None, keepdims=False):
            return torch.logsumexp(self, all_axes(self, axis), keepdims)

        def softmax(self, axis=-1):
            return torch.softmax(self, axis)

        def log_softmax(self, axis=-1):
            return torch.log_softmax(self, axis)

        def transpose(self, *axes):
            return torch.permute(self, axes or tuple(reversed(range(self.ndim))))

        @property
        def T(self):
            return self.transpose()

        def pad(self, widths, value=0.0):
            widths = [(widths, widths)] * self.ndim if isinstance(widths, int) else widths
            flat_widths = [n for pair in reversed(widths) for n in pair]
            return torch.nn.functional.pad(self, flat_widths, value=value)

        def item(self):
            # a Value made from a tensor would silently forget the tensor's history
            raise TypeError(MAKES_OURS)

    def lifted(name, operate):
        """An operator that takes NumPy arrays, too."""
        plain = getattr(torch.Tensor, f"__{name}__")

        def straight(self, other):
            return plain(self, tensor(other, self) if isinstance(other, np.ndarray) else other)

        def reflected(self, other):
            if isinstance(other, np.ndarray):
                return operate(tensor(other, self), self)
            return getattr(torch.Tensor, f"__r{name}__")(self, other)

        return straight, reflected

    for name in ("add", "sub", "mul", "truediv", "pow", "matmul"):
        straight, reflected = lifted(name, getattr(operator, name))
        setattr(Number, f"__{name}__", straight)
        setattr(Number, f"__r{name}__", reflected)
    return Number


def torch_devices():
    """The devices PyTorch can use here: `()` without PyTorch, `("cpu",)`, `("cpu", "cuda")`."""
    torch = _torch()
    if torch is None:
        return ()
    return ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)


def torch_gradient(f, *xs, device="cpu"):
    """Differentiate the program `f`, of one number, at `xs` with PyTorch, in float64.

    `f` is written with operators, the methods of `Value` and `Tensor`, and the functions of this
    package that `f` names itself. Each x is a number or a nested list of numbers, and then one
    float an input number is returned, in order; with an array or a Tensor among them, one array an
    input. Raises ModuleNotFoundError with the cure when PyTorch is missing.
    """
    if has_array(list(xs)):
        return run_arrays(f, list(xs), None, device)[1]
    return run_numbers(f, xs, device)[1]


def run_numbers(f, xs, device):
    number, torch = _number(), _torch()
    point = [
        torch.tensor(x, dtype=torch.float64, device=device).as_subclass(number).requires_grad_()
        for _, x in leaves(list(xs), "x")
    ]
    y = _in_torch(f, rebuilt(list(xs), iter(point), arrays=False))
    if not isinstance(y, torch.Tensor):
        return float(_constant(y)), [0.0] * len(point)
    if y.requires_grad:
        y.backward()
    return float(y.detach()), [0.0 if x.grad is None else float(x.grad) for x in point]


def run_arrays(f, xs, weights, device):
    # -> all outputs in a row, and of their weighted sum one gradient an input
    number, torch = _number(), _torch()
    point = [
        torch.tensor(as_numpy(x), device=device).as_subclass(number).requires_grad_()
        for _, x in array_leaves(xs, input_names(f, len(xs)))
    ]
    ys = outputs_of(_in_torch(f, refilled(xs, iter(point))))
    values = flat([y if isinstance(y, torch.Tensor) else _constant(y) for y in ys])
    if weights is not None and len(weights) != len(values):
        raise ValueError(f"f has {len(weights)} outputs with our engine, {len(values)} in PyTorch")
    for y, w in weighed(ys, [1.0] * len(values) if weights is None else weights):
        y.backward(torch.tensor(w, device=device), retain_graph=True)
    return values, [array_grad(x) for x in point]


def _constant(y):
    if hasattr(y, "backward"):
        raise TypeError(MAKES_OURS)
    return y


def _in_torch(f, xs):
    try:
        return _moved(f)(*xs)
    except Exception as error:
        error.add_note(f"This came up on torch tensors, for PyTorch's column: {MAKES_OURS}")
        raise


def _moved(f):
    """The function `f` with every function of this package that it names replaced by PyTorch's.

    Functions of the same module that `f` calls are taken along; methods of classes are not.
    """
    if not isinstance(f, FunctionType):
        return f
    theirs, world, known = _theirs(), {}, f.__globals__

    def moved(x):
        if isinstance(x, FunctionType) and x.__globals__ is known and id(x) not in theirs:
            copy = FunctionType(x.__code__, world, x.__name__, x.__defaults__, cells(x))
            copy.__kwdefaults__ = x.__kwdefaults__
            return copy
        return theirs.get(id(x), x)

    def cells(x):
        return x.__closure__ and tuple(
            CellType(theirs.get(id(c.cell_contents), c.cell_contents)) for c in x.__closure__
        )

    world.update((name, moved(x)) for name, x in known.items())
    return moved(f)


@cache
def _theirs():
    """id of a function of this package -> the same in PyTorch, on torch tensors and arrays."""
    from bookutils import losses
    from bookutils.engine import graph, scalar, sums
    from bookutils.engine import tensor as ours

    torch, number = _torch(), _number()

    def convert(x):
        return torch.as_tensor(x) if isinstance(x, np.ndarray) else x

    def on_tensors(function):
        def run(*xs, **options):
            options = {name: convert(x) for name, x in options.items()}
            return function(*map(convert, xs), **options)

        return run

    def tensor(x):
        x = torch.as_tensor(x, dtype=None if isinstance(x, np.ndarray) else torch.float64)
        return x.as_subclass(number)

    def dot(ws, xs, b=0.0):
        return reduce(operator.add, map(operator.mul, ws, xs), b)

    def linear(x, W, b=None, activation=None):
        y = x @ W if b is None else x @ W + b
        return y if activation is None else getattr(y, activation)()

    pairs = {
        sums.dot: dot,
        sums.total: sum,
        scalar.maximum: lambda a, b: tensor(a).maximum(b),
        scalar.minimum: lambda a, b: tensor(a).minimum(b),
        ours.maximum: lambda a, b: tensor(a).maximum(b),
        ours.minimum: lambda a, b: tensor(a).minimum(b),
        ours.where: lambda c, a, b: torch.where(torch.as_tensor(c), tensor(a), tensor(b)),
        ours.concatenate: lambda ts, axis=0: torch.cat([tensor(t) for t in ts], axis),
        ours.stack: lambda ts, axis=0: torch.stack([tensor(t) for t in ts], axis),
        ours.linear: linear,
        ours.cross_entropy: on_tensors(torch.nn.functional.cross_entropy),
        graph.no_grad: torch.no_grad,
    }
    names = {name: name for name in losses.__all__ if hasattr(torch.nn.functional, name)}
    names |= {"bce_loss": "binary_cross_entropy"}
    names |= {"bce_with_logits": "binary_cross_entropy_with_logits"}
    for name, theirs in names.items():
        pairs[getattr(losses, name)] = on_tensors(getattr(torch.nn.functional, theirs))
    found = {id(function): theirs for function, theirs in pairs.items()}
    inside = {name: found.get(id(x), x) for name, x in vars(losses).items()}
    return {**found, id(losses): SimpleNamespace(**inside)}


def available(devices):
    there = torch_devices()
    wanted = there if devices is None else tuple(devices)
    missing = [device for device in wanted if device not in there]
    if not there:
        return (), (NO_TORCH,)
    return (
        tuple(device for device in wanted if device in there),
        tuple(f"PyTorch has no {device} here." for device in missing),
    )


def on_device(array, device):
    """A NumPy array as a tensor of PyTorch, on this device."""
    return _torch().tensor(array, device=device)


def run_program(program, xs, device, upstream):
    """Outputs and gradients of a program of the table by PyTorch, in the dtypes of its arrays."""
    torch = _torch()
    tensors = [torch.tensor(x, device=device) for x in xs]
    if program.theirs is None:
        tensors = [
            t.as_subclass(_number()) if program.leaf(i) else t for i, t in enumerate(tensors)
        ]
    leaves = [t.requires_grad_() for i, t in enumerate(tensors) if program.leaf(i)]
    if program.theirs is None:
        ys = outputs_of(_in_torch(program.ours, tensors))
    else:
        ys = outputs_of(program.theirs(torch, *tensors))
    for y, G in zip(ys, upstream([tuple(y.shape) for y in ys]), strict=True):
        if y.requires_grad:
            y.backward(torch.tensor(G, dtype=y.dtype, device=device), retain_graph=True)
    return [*(y.detach().cpu().numpy() for y in ys), *map(array_grad, leaves)]


def run_optimizer(name, options, starts, gradients, device):
    """The parameters after a step for each list of gradients, by `torch.optim`.

    Raises AttributeError where this version of PyTorch has no such optimizer.
    """
    torch, before = _torch(), _torch().get_default_dtype()
    params = [torch.tensor(x, device=device, requires_grad=True) for x in starts]
    torch.set_default_dtype(params[0].dtype)  # NAdam keeps a product in it
    try:
        optimizer = getattr(torch.optim, name)(params, foreach=False, **options)
        for step in gradients:
            for p, g in zip(params, step, strict=True):
                p.grad = None if g is None else torch.tensor(g, device=device)
            optimizer.step()
    finally:
        torch.set_default_dtype(before)
    return [p.detach().cpu().numpy() for p in params]


def scheduled(make, lr):
    """An SGD of `torch.optim` and its schedule, `make(torch.optim.lr_scheduler, optimizer)`."""
    torch = _torch()
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, momentum=0.9)
    return optimizer, make(torch.optim.lr_scheduler, optimizer)


def versions():
    """The versions of NumPy and, where it is installed, PyTorch."""
    torch = _torch()
    return {"numpy": np.__version__, "torch": getattr(torch, "__version__", None)}
