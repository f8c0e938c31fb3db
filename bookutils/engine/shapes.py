"""Operations that move numbers and change none: shapes, axes, indices, joining."""

from itertools import accumulate
from math import prod
from numbers import Integral

import numpy as np

from bookutils.engine.arrays import (
    add_at,
    axes_of,
    axis_of,
    device,
    dtype_of,
    is_float,
    is_number,
    like,
    unpacked,
    without,
    xp,
)
from bookutils.engine.elementwise import unbroadcast
from bookutils.engine.graph import paused
from bookutils.engine.inplace import CHANGED
from bookutils.engine.operands import alike, operation
from bookutils.engine.record import Tensor, array, needs_gradient, remember, share_memory


@operation("reshape")
def reshape(a, *shape):
    """The same numbers in the same order; one length may be -1."""
    lib, before, shape = xp(a.data), a.shape, unpacked(shape)
    try:
        y = lib.reshape(a.data, shape)
    except (ValueError, RuntimeError):
        raise ValueError(f"reshape: {a.shape} does not fit into {shape}") from None
    return share_memory(remember(y, (a, lambda G: lib.reshape(G, before))), a)


@operation("transpose")
def transpose(a, *axes):
    """The axes in another order; in reverse where none is given."""
    if unpacked(axes) == (0, 1) and a.ndim == 2:  # PyTorch exchanges the two, NumPy leaves them
        raise ValueError("transpose(0, 1) is the old order of a matrix: write t.T to exchange them")
    return permute(a, *axes)


@operation("transpose")
def permute(a, *axes):
    """The axes in another order; in reverse where none is given."""
    lib, n = xp(a.data), a.ndim
    axes = axes_of(unpacked(axes) or range(n)[::-1], n, "transpose")
    if len(axes) != n:
        raise ValueError(f"transpose: {axes} is no order of all axes of {a.shape}")
    back = tuple(sorted(axes, key=axes.__getitem__))
    y = lib.permute_dims(a.data, axes)
    return share_memory(remember(y, (a, lambda G: lib.permute_dims(G, back))), a)


@operation("broadcast_to")
def broadcast_to(a, *shape):
    """Repeated along axes of length 1 and along new axes in front."""
    before, shape = a.shape, unpacked(shape)
    try:
        y = xp(a.data).broadcast_to(a.data, shape)
    except (ValueError, RuntimeError):
        raise ValueError(f"broadcast_to: {a.shape} does not fit into {shape}") from None
    return share_memory(remember(y, (a, lambda G: unbroadcast(G, before))), a)


@operation("squeeze")
def squeeze(a, axis=None):
    """Without the axes of length 1, or without those given."""
    ones = tuple(i for i, n in enumerate(a.shape) if n == 1)
    axes = ones if axis is None else axes_of(axis, a.ndim, "squeeze")
    if not set(axes) <= set(ones):
        raise ValueError(f"squeeze: not all of the axes {axes} of {a.shape} have length 1")
    return a.reshape(without(a.shape, axes))


@operation("astype")
def astype(a, dtype):
    """The numbers in another dtype; the gradient comes back in this one."""
    lib, before = xp(a.data), a.dtype
    y = lib.astype(a.data, dtype_of(lib, dtype))
    return remember(y, *[(a, lambda G: lib.astype(G, before))] * is_float(y))


# --- indices --------------------------------------------------------------------------------------


def fixed(index):
    """An index with arrays of its own in place of Tensors, lists, and arrays of the caller."""
    if isinstance(index, tuple):
        return tuple(map(fixed, index))
    if isinstance(index, Integral) and not isinstance(index, bool | np.bool_):
        return int(index)
    if isinstance(index, list):
        return np.asarray(index) if np.size(index) else np.asarray(index, dtype=int)
    index = array(index)
    return xp(index).asarray(index, copy=True) if hasattr(index, "shape") else index


def is_view(index):
    """Does this index reach a part of an array, in its own memory?"""
    return all(i is None or i is ... or type(i) in (int, slice) for i in parts(index))


def has_negative_step(index):
    return any(type(i) is slice and (i.step or 1) < 0 for i in parts(index))


def parts(index):
    return index if type(index) is tuple else (index,)


@operation("getitem")
def take(a, index):
    """a[index], whatever NumPy takes for an index."""
    lib, index, shape = xp(a.data), fixed(index), a.shape
    if lib is not np and has_negative_step(index):
        raise ValueError(
            "getitem: only NumPy's arrays have slices with negative steps: "
            "give the integers, as in t[[2, 1, 0]]"
        )
    y = a.data[index]
    if is_view(index):

        def vjp(G):
            out = lib.zeros(shape, dtype=G.dtype, device=device(G))
            out[index] = G
            return out

        return share_memory(remember(y, (a, vjp)), a)

    def vjp(G):
        size = prod(shape)
        places = lib.reshape(lib.arange(size, device=device(G)), shape)[index]
        out = lib.zeros(size, dtype=G.dtype, device=device(G))
        add_at(out, lib.reshape(places, (-1,)), lib.reshape(G, (-1,)))
        return lib.reshape(out, shape)

    return remember(y, (a, vjp))


def set_item(a, index, value):
    """t[index] = value, inside no_grad or where t needs no gradient."""
    if needs_gradient(a) and not paused():
        raise RuntimeError(CHANGED.format("t[i] = …"))
    a.data[fixed(index)] = like(array(value), a.data, "t[i] = …")
    a.version[0] += 1


# --- joining --------------------------------------------------------------------------------------


@operation("pad")
def pad(a, widths, value=0):
    """A border of `value`: its width, or widths (before, after) for every axis."""
    a, value = alike("pad", a, value)
    if isinstance(widths, int):
        widths = ((widths, widths),) * a.ndim
    if len(widths) != a.ndim:
        raise ValueError(f"pad: {len(widths)} pairs of widths for the shape {a.shape}")
    shape = tuple(i + n + j for n, (i, j) in zip(a.shape, widths, strict=True))
    inner = tuple(slice(i, i + n) for n, (i, _) in zip(a.shape, widths, strict=True))
    x = array(a)
    y = xp(x).full(shape, value, dtype=x.dtype, device=device(x))
    y[inner] = x
    return remember(y, (a, lambda G: G[inner]))


@operation("concatenate")
def concatenate(tensors, axis=0):
    """Tensors one after the other along an axis that they have."""
    tensors = alike("concatenate", *tensors)
    if not tensors:
        raise ValueError("concatenate: at least one Tensor is needed")
    arrays = as_arrays(tensors)
    axis = axis_of(axis, arrays[0].ndim, "concatenate")
    shapes = [tuple(x.shape) for x in arrays]
    if len({without(s, (axis,)) + (len(s),) for s in shapes}) > 1:
        raise ValueError(f"concatenate: off axis {axis} the shapes differ: {shapes}")
    ends = [0, *accumulate(s[axis] for s in shapes)]

    def way(i, operand):
        part = (slice(None),) * axis + (slice(ends[i], ends[i + 1]),)
        return operand, lambda G: G[part]

    return remember(xp(arrays[0]).concat(arrays, axis=axis), *map(way, range(len(arrays)), tensors))


def as_arrays(tensors):
    """Their arrays, and one of no axes for a number."""
    some = next((array(x) for x in tensors if hasattr(x, "shape")), None)
    return [like(x, some, "stack") if is_number(x) else array(x) for x in tensors]


@operation("stack")
def stack(tensors, axis=0):
    """Tensors of one shape side by side along a new axis."""
    tensors = alike("stack", *tensors)
    arrays = as_arrays(tensors)
    shapes = [tuple(x.shape) for x in arrays]
    if len({*shapes}) != 1:
        raise ValueError(f"stack: Tensors of one shape are needed, not of {shapes}")
    axis = axis_of(axis, len(shapes[0]) + 1, "stack")

    def way(i, operand):
        part = (slice(None),) * axis + (i,)
        return operand, lambda G: G[part]

    return remember(xp(arrays[0]).stack(arrays, axis=axis), *map(way, range(len(arrays)), tensors))


Tensor.transpose, Tensor.permute = transpose, permute
Tensor.T = property(lambda a: a.transpose())
Tensor.broadcast_to, Tensor.squeeze, Tensor.astype = broadcast_to, squeeze, astype
Tensor.__getitem__, Tensor.reshape = take, reshape
Tensor.__setitem__, Tensor.pad = set_item, pad
