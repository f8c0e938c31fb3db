"""Sums, means and extremes over all axes of a Tensor or over those given."""

from math import prod

from bookutils.engine.arrays import add_up, axes_of, axis_of, kept_shape, without, xp
from bookutils.engine.operands import alike, operation
from bookutils.engine.record import Tensor, array, remember


def reduced_shape(op, a, axis, keepdims):
    """The axes, the shape with length 1 at each of them, and the shape of the result."""
    axes = axes_of(axis, a.ndim, op)
    kept = kept_shape(a.shape, axes)
    return axes, kept, kept if keepdims else without(a.shape, axes)


@operation("sum")
def tensor_sum(a, axis=None, keepdims=False):
    """The sum over an axis, several or all; of no numbers 0. keepdims leaves axes of length 1."""
    lib, shape = xp(a.data), a.shape
    axes, kept, _ = reduced_shape("sum", a, axis, keepdims)

    def vjp(G):
        return lib.broadcast_to(lib.reshape(G, kept), shape)

    return remember(add_up(a.data, axes, keepdims), (a, vjp))


@operation("mean")
def mean(a, axis=None, keepdims=False):
    """The arithmetic mean; of no numbers nan."""
    axes = axes_of(axis, a.ndim, "mean")
    return a.sum(axes, keepdims) / prod(a.shape[i] for i in axes)


@operation("max")
def tensor_max(a, axis=None, keepdims=False):
    """The largest number along an axis, several, or of all; equal ones share its gradient."""
    return extreme("max", a, axis, keepdims)


@operation("min")
def tensor_min(a, axis=None, keepdims=False):
    """The smallest number along an axis, several, or of all; equal ones share its gradient."""
    return extreme("min", a, axis, keepdims)


def extreme(op, a, axis, keepdims):
    lib = xp(a.data)
    axes, kept, shape = reduced_shape(op, a, axis, keepdims)
    if not all(a.shape[i] for i in axes):
        raise ValueError(f"{op}: of no numbers, in an array of shape {a.shape}")
    largest = getattr(lib, op)(a.data, axis=axes, keepdims=True)
    winners = lib.astype(a.data == largest, a.dtype)
    each = add_up(winners, axes, True)

    def vjp(G):
        return lib.reshape(G, kept) * winners / each

    return remember(lib.reshape(largest, shape), (a, vjp))


@operation("var")
def var(a, axis=None, keepdims=False, correction=1):
    """The sum of squared distances from the mean, over n - correction."""
    axes = axes_of(axis, a.ndim, "var")
    n = prod(a.shape[i] for i in axes) - correction
    if n <= 0:
        raise ValueError(f"var: {n + correction} numbers and correction {correction}: 0/0")
    return ((a - a.mean(axes, True)) ** 2).sum(axes, keepdims) / n


@operation("std")
def std(a, axis=None, keepdims=False, correction=1):
    """The square root of `var`; among equal numbers its gradient counts as 0, as in PyTorch."""
    axes, kept, shape = reduced_shape("std", a, axis, keepdims)
    v = a.detach().var(axes, True, correction)
    far, n = (a.detach() - a.detach().mean(axes, True)).data, prod(a.shape[i] for i in axes)
    return root(a, v.data, lambda y: far / y / (n - correction), kept, shape)


@operation("norm")
def norm(a, p=2, axis=None, keepdims=False):
    """√∑a², the length; at 0 its gradient counts as 0, as in PyTorch."""
    if p not in (2, "fro"):
        raise ValueError(f"norm: only the length, p=2, not {p!r:.60}: for p=1 write abs().sum(…)")
    (a,) = alike("norm", a, fractions=True)
    axes, kept, shape = reduced_shape("norm", a, axis, keepdims)
    x = array(a)
    return root(a, add_up(x * x, axes, True), lambda y: x / y, kept, shape)


def root(a, squares, slope, kept, shape):
    """The square root of `squares`, and 0 for its slope where they are 0."""
    lib = xp(squares)
    y = lib.sqrt(squares)

    def vjp(G):
        return lib.where(y == 0, 0.0, lib.reshape(G, kept) * slope(y))

    return remember(lib.reshape(y, shape), (a, vjp))


@operation("prod")
def tensor_prod(a, axis=None, keepdims=False):
    """The product; each number's derivative is the product of the others, zeros or not."""
    lib, before = xp(a.data), a.shape
    axes, _, shape = reduced_shape("prod", a, axis, keepdims)
    order = [i for i in range(a.ndim) if i not in axes] + list(axes)  # the axes of factors last
    x = lib.permute_dims(a.data, order) if a.ndim else a.data
    moved = x.shape
    x = lib.reshape(x, (prod(without(before, axes)), prod(before[i] for i in axes)))

    def vjp(G):
        ones = lib.ones_like(x[:, :1])
        left = lib.cumulative_prod(lib.concat([ones, x[:, :-1]], axis=1), axis=1)
        right = lib.cumulative_prod(lib.concat([ones, lib.flip(x, axis=1)[:, :-1]], axis=1), axis=1)
        others = left * lib.flip(right, axis=1)
        grad = lib.reshape(lib.reshape(G, (-1, 1)) * others, moved)
        return lib.permute_dims(grad, sorted(range(len(order)), key=order.__getitem__))

    return remember(lib.reshape(lib.prod(x, axis=1), shape), (a, vjp))


@operation("cumsum")
def cumsum(a, axis):
    """The sums of the first 1, 2, 3, … numbers along an axis."""
    lib, axis = xp(a.data), axis_of(axis, a.ndim, "cumsum")

    def vjp(G):  # a number is in its own sum and in all that follow
        return lib.flip(lib.cumulative_sum(lib.flip(G, axis=axis), axis=axis), axis=axis)

    return remember(lib.cumulative_sum(a.data, axis=axis), (a, vjp))


@operation("argmax")
def argmax(a, axis=None, keepdims=False):
    """The place of the largest number, an integer, or an array of them; of all by rows."""
    return place("argmax", a, axis, keepdims)


@operation("argmin")
def argmin(a, axis=None, keepdims=False):
    """The place of the smallest number, an integer, or an array of them; of all by rows."""
    return place("argmin", a, axis, keepdims)


def place(op, a, axis, keepdims):
    if not a.size:
        raise ValueError(f"{op}: of no numbers, in an array of shape {a.shape}")
    if axis is not None:
        axis = axis_of(axis, a.ndim, op)
    y = getattr(xp(a.data), op)(a.data, axis=axis, keepdims=keepdims)
    return y if y.shape else int(y)


Tensor.sum, Tensor.mean, Tensor.max = tensor_sum, mean, tensor_max
Tensor.min = tensor_min
Tensor.var, Tensor.std, Tensor.norm, Tensor.prod = var, std, norm, tensor_prod
Tensor.cumsum, Tensor.argmax, Tensor.argmin = cumsum, argmax, argmin
