"""An array that remembers how it was computed, and so can be differentiated.

The calculus is done here; the arithmetic by the library that the array comes from, NumPy or another
that follows the array API standard: PyTorch on CPU or CUDA, CuPy.
"""

import operator
from functools import cache
from itertools import accumulate
from math import prod
from numbers import Integral, Real

import array_api_compat
import numpy as np

from bookutils.engine import old_graph as graph
from bookutils.engine.arrays import (
    add_up,
    as_array,
    axes_of,
    choose,
    column_sums,
    dtype_of,
    exponentials,
    is_float,
    like,
    misfit,
    put,
    put_each,
    rows,
    short,
    space,
    spread,
    unbroadcast,
    unpacked,
    without,
)
from bookutils.engine.old_graph import backward_pass, no_grad  # noqa: F401
from bookutils.engine.old_rules import RULES, vectorised

new = object.__new__
quiet = np.errstate(all="ignore")  # exp(1000) is inf without a warning, as in PyTorch


class Nothing:
    """What an array is before the first gradient is added to it."""

    def __add__(self, other):
        return other


class Jacobian:
    """The slope of an edge, known by what it does to a gradient: J * G is Gᵀ · ∂node/∂operand.

    `vjp` is the function of G that computes it. Where the operand was broadcast, the product is
    summed back to its `shape`; `shape` None is for a vjp towards several operands. `saved` holds
    (counter, count) for each Tensor whose data vjp reads: the counts when the node was made.
    Raises RuntimeError where one of them has been changed in place since.
    """

    __slots__ = ("vjp", "shape", "saved", "op")

    def __init__(self, vjp, shape, saved, op):
        self.vjp, self.shape, self.saved, self.op = vjp, shape, saved, op

    def __mul__(self, grad):
        for counter, count in self.saved:
            if counter[0] != count:
                raise RuntimeError(
                    f"{self.op}: backward needs the data that was here when {self.op} was "
                    "computed, but it has been changed in place since: change it after backward"
                )
        grad = self.vjp(grad)
        shape = self.shape
        return grad if shape is None or grad.shape == shape else unbroadcast(grad, shape)


class Tensor:
    """An array `data` and, after `backward`, a gradient `grad` of the same shape, else None.

    It wants a gradient if asked (requires_grad=True), or if computed from a Tensor that does. Data
    are copied, and stay in their library, NumPy's for numbers and lists, and on their device.
    Tensors are compared by their data, `==` included, and hashed by identity, as in PyTorch.
    Raises TypeError for data that are no real numbers, and for integers that want a gradient.
    """

    __slots__ = ("_data", "grad", "requires_grad", "_version", "op", "_a", "_da")
    __hash__ = object.__hash__
    __array_ufunc__ = None  # array + tensor is left to Tensor.__radd__
    _b = _db = None  # the operands are all in the tuple _a
    _zero = Nothing()

    def __init__(self, data, requires_grad=False, dtype=None):
        if isinstance(data, Tensor):
            raise TypeError("this is a Tensor already: use it, or its detach() or astype()")
        data = as_array(data)
        xp = space(data)
        data = xp.asarray(data, dtype=dtype and dtype_of(xp, dtype), copy=True)
        if requires_grad and not is_float(data):
            raise TypeError(
                f"gradients are for floating-point data, and these are {short(data.dtype)}: "
                "write 1.0 for 1, or give dtype=float"
            )
        self._data, self.grad, self.requires_grad = data, None, bool(requires_grad)
        self._version, self.op, self._a, self._da = [0], "", None, None  # views share the list

    def _assign(self, value):
        self._version[0] += 1
        self._data = value if type(value) is type(self._data) else as_array(value)

    data = property(
        operator.attrgetter("_data"),
        _assign,
        doc="The array. To assign to it is a change in place; of data[0] = 1 nothing is known.",
    )
    shape = property(lambda self: tuple(self._data.shape))
    ndim = property(lambda self: self._data.ndim)
    size = property(lambda self: prod(self._data.shape))
    dtype = property(lambda self: self._data.dtype)
    device = property(lambda self: array_api_compat.device(self._data))
    T = property(lambda self: self.transpose())

    @property
    def parents(self):
        """The Tensors that gradients are passed to, in the order of the operands."""
        return self._a or ()

    def __len__(self):
        if not self.shape:
            raise TypeError("a Tensor of shape () has no length")
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __bool__(self):
        return bool(self._data)

    def __float__(self):
        return float(self.item())

    def __format__(self, spec):
        return format(self.item() if spec else repr(self), spec)

    def __array__(self, dtype=None, copy=None):
        if self.requires_grad:
            raise TypeError(
                "NumPy would lose the gradient of this Tensor: call a method of the Tensor, or "
                "a function of bookutils.engine.tensor, or give NumPy its data"
            )
        return np.asarray(self.numpy(), dtype=dtype, copy=copy)

    def __repr__(self):
        notes = [np.array2string(self.numpy(), separator=", ", prefix="Tensor(")]
        if short(self.dtype) not in ("float64", "int64", "bool"):
            notes.append(f"dtype={short(self.dtype)}")
        if space(self._data) is not np:
            notes.append(f'device="{self.device}"')
        if self.requires_grad:
            notes.append(f'op="{self.op}"' if self.op else "requires_grad=True")
        return f"Tensor({', '.join(notes)})"

    def item(self):
        """The number in a Tensor of one number."""
        if self.size != 1:
            raise ValueError(f"item: one number is wanted, and shape {self.shape} has {self.size}")
        return self._data.item()

    def numpy(self):
        """The data as a NumPy array, in the same memory where that can be."""
        return np.asarray(array_api_compat.to_device(self._data, "cpu"))

    def detach(self):
        """The same data as a constant, through which no gradient flows."""
        return view(self._data, "detach", self, None)

    # --- gradients -------------------------------------------------------------------------------

    @property
    def _one(self):
        if self._data.shape and self.size != 1:
            raise ValueError(
                f"backward from shape {self.shape}: reduce to one number first, say by mean(), "
                "or give the gradient of this result, an array of its shape"
            )
        if type(self._data) in (np.float64, np.float32):
            return type(self._data)(1.0)
        return space(self._data).ones_like(self._data)

    @quiet
    def backward(self, grad=None):
        """Add ∂self/∂leaf to the `grad` of every leaf that wants one.

        With `grad`, an array of the shape of self: the product of grad with that Jacobian.
        """
        if not self.requires_grad:
            raise RuntimeError(
                "backward: nothing that this was computed from wants a gradient: make parameters "
                "with requires_grad=True, and compute outside of no_grad()"
            )
        start = self._one if grad is None else like(raw(grad), self._data, "backward")
        if grad is not None and tuple(start.shape) != self.shape:
            raise ValueError(
                f"backward: the gradient of a result of shape {self.shape} has that shape, not "
                f"{tuple(start.shape)}"
            )
        given = {id(start)}
        for node, g in backward_pass(self, start):
            if not node.op:  # a leaf; what it gets shares memory with nothing else
                if node.grad is not None:
                    node.grad = node.grad + g
                elif type(g) is np.ndarray and g.base is None and id(g) not in given:
                    node.grad = g
                else:
                    node.grad = space(g).asarray(g, copy=True)
                given.add(id(g))

    def zero_grad(self):
        """Forget the gradient."""
        self.grad = None

    def __setitem__(self, index, value):
        if self.requires_grad and graph.recording():
            raise RuntimeError(CHANGED.format("t[i] = …"))
        self._data[plain(index)] = like(raw(value), self._data, "t[i] = …")
        self._version[0] += 1

    # --- shapes ----------------------------------------------------------------------------------

    def reshape(self, *shape):
        """The same numbers in the same order; one length may be -1."""
        shape, before, xp = unpacked(shape), self._data.shape, space(self._data)
        try:
            y = xp.reshape(self._data, shape)
        except (ValueError, RuntimeError):
            raise ValueError(f"reshape: {self.shape} does not fit into {shape}") from None
        return view(y, "reshape", self, lambda G: xp.reshape(G, before))

    def transpose(self, *axes):
        """The axes in another order; in reverse where none is given."""
        n, xp = self.ndim, space(self._data)
        axes = axes_of(unpacked(axes) or range(n)[::-1], n, "transpose")
        if len(axes) != n:
            raise ValueError(f"transpose: {axes} is no order of the axes of {self.shape}")
        back = tuple(sorted(axes, key=axes.__getitem__))
        y = xp.permute_dims(self._data, axes)
        return view(y, "transpose", self, lambda G: xp.permute_dims(G, back))

    permute = transpose

    def broadcast_to(self, *shape):
        """Repeated along axes of length 1 and along new axes in front."""
        shape, xp = unpacked(shape), space(self._data)
        try:
            y = xp.broadcast_to(self._data, shape)
        except (ValueError, RuntimeError):
            raise ValueError(f"broadcast_to: {self.shape} does not fit into {shape}") from None
        return view(y, "broadcast_to", self, lambda G: G)  # which the Jacobian sums

    def squeeze(self, axis=None):
        """Without the axes of length 1, or without those given."""
        ones = tuple(i for i, n in enumerate(self.shape) if n == 1)
        axes = ones if axis is None else axes_of(axis, self.ndim, "squeeze")
        if not set(axes) <= set(ones):
            raise ValueError(f"squeeze: not all of the axes {axes} of {self.shape} have length 1")
        return self.reshape(without(self.shape, axes))

    def __getitem__(self, index):
        index, shape = plain(index), self._data.shape
        parts = index if type(index) is tuple else (index,)
        if space(self._data) is not np and any(
            type(i) is slice and (i.step or 1) < 0 for i in parts
        ):
            raise ValueError(
                "t[…]: only NumPy's arrays have slices with negative steps: "
                "give the integers, as in t[[2, 1, 0]]"
            )
        y = self._data[index]
        if all(i is None or i is ... or type(i) in (int, slice) for i in parts):
            return view(y, "getitem", self, lambda G: put(shape, index, G))
        once = len(parts) == 1 and "bool" in str(getattr(parts[0], "dtype", ""))
        placed = put if once else put_each  # a mask reaches no place twice
        return node(y, "getitem", (self,), lambda G: placed(shape, index, G))

    def pad(self, widths, value=0.0):
        """A border of `value`: its width, or widths (before, after) for every axis."""
        if isinstance(widths, int):
            widths = ((widths, widths),) * self.ndim
        if len(widths) != self.ndim:
            raise ValueError(f"pad: {len(widths)} pairs of widths for the shape {self.shape}")
        shape = tuple(i + n + j for n, (i, j) in zip(self.shape, widths, strict=True))
        inner = tuple(slice(i, i + n) for n, (i, _) in zip(self.shape, widths, strict=True))
        y = space(self._data).full(shape, value, dtype=self.dtype, device=self.device)
        y[inner] = self._data
        return node(y, "pad", (self,), lambda G: G[inner])

    def astype(self, dtype):
        """The numbers in another dtype; the gradient comes back in this one."""
        xp, before = space(self._data), self.dtype
        y = xp.astype(self._data, dtype_of(xp, dtype))
        return node(y, "astype", (self,) * is_float(y), lambda G: xp.astype(G, before))

    # --- reductions, over all axes or those given ------------------------------------------------

    @quiet
    def sum(self, axis=None, keepdims=False):
        """The sum; of no numbers 0."""
        a, _, axes, kept, _ = reduction("sum", self, axis, keepdims)
        y, full = add_up(a, axes, keepdims), a.shape
        return node(y, "sum", (self,), lambda G: spread(G, kept, full))

    @quiet
    def mean(self, axis=None, keepdims=False):
        """The arithmetic mean; of no numbers nan."""
        a, _, axes, kept, _ = reduction("mean", self, axis, keepdims)
        n, full = prod([a.shape[i] for i in axes]), a.shape
        y = add_up(a, axes, keepdims) / n
        return node(y, "mean", (self,), lambda G: spread(G / n, kept, full))

    def max(self, axis=None, keepdims=False):
        """The largest number; those equal to it share its gradient evenly."""
        return extreme("max", self, axis, keepdims)

    def min(self, axis=None, keepdims=False):
        """The smallest number; those equal to it share its gradient evenly."""
        return extreme("min", self, axis, keepdims)

    def var(self, axis=None, keepdims=False, correction=1):
        """The sum of squared distances from the mean, over n - correction."""
        axes = axes_of(axis, self.ndim, "var")
        n = prod(self.shape[i] for i in axes) - correction
        if n <= 0:
            raise ValueError(f"var: {n + correction} numbers and correction {correction}: 0/0")
        return ((self - self.mean(axes, True)) ** 2).sum(axes, keepdims) / n

    @quiet
    def logsumexp(self, axis=None, keepdims=False):
        """log ∑ exp, without overflow."""
        a, xp, axes, kept, shape = reduction("logsumexp", self, axis, keepdims)
        peak, _, total = exponentials(a, xp, axes)
        y = xp.where(xp.isfinite(peak), xp.log(total) + peak, peak)

        def vjp(G):
            return xp.reshape(G, kept) * xp.exp(a - y)

        return node(xp.reshape(y, shape), "logsumexp", (self,), vjp)

    @quiet
    def log_softmax(self, axis=-1):
        """The logarithm of softmax, without overflow."""
        a, xp, axes, _, _ = reduction("log_softmax", self, axis)
        peak, _, total = exponentials(a, xp, axes)
        y = a - peak - xp.log(total)  # a - logsumexp, but without its rounding at a large peak

        def vjp(G):
            return G - xp.exp(y) * add_up(G, axes, True)

        return node(y, "log_softmax", (self,), vjp)

    @quiet
    def softmax(self, axis=-1):
        """exp / ∑ exp, without overflow."""
        a, xp, axes, _, _ = reduction("softmax", self, axis)
        _, e, total = exponentials(a, xp, axes)
        y = e / total

        def vjp(G):
            return y * (G - add_up(G * y, axes, True))

        return node(y, "softmax", (self,), vjp)

    # --- numbers one by one; the other methods are made from RULES, below ------------------------

    def leaky_relu(self, slope=0.01):
        """The number where it is positive, else slope times it."""
        return elementwise("leaky_relu", "leaky_relu", self, slope)

    def gelu(self, approximate="none"):
        """a Φ(a) with the normal distribution Φ; with approximate="tanh" by its older formula."""
        if approximate == "tanh":
            return 0.5 * self * (1 + ((2 / np.pi) ** 0.5 * (self + 0.044715 * self**3)).tanh())
        if approximate != "none":
            raise ValueError(f'gelu: approximate is "none" or "tanh", not {approximate!r:.60}')
        return elementwise("gelu", "gelu", self)

    def clip(self, lo=None, hi=None):
        """The nearest number from lo to hi; no gradient to what lies outside."""
        y = self if lo is None else where(self < lo, lo, self)
        return y if hi is None else where(y > hi, hi, y)


CHANGED = (
    "{} changes a Tensor that wants gradients, which cannot be recorded: do it inside no_grad(), "
    "or compute a new Tensor"
)

# --- operands ------------------------------------------------------------------------------------


def raw(x):
    """The array in a Tensor, a Python number for NumPy's, anything else as it is."""
    if isinstance(x, Tensor):
        return x._data
    if type(x) is np.ndarray:
        return x
    if isinstance(x, Real):
        return int(x) if isinstance(x, Integral) else float(x)
    return x


def fitting(op, *operands):
    """The arrays of several operands, all like the first that is a floating-point array."""
    data = [x._data if isinstance(x, Tensor) else x for x in operands]
    dtype = getattr(data[0], "dtype", None) if data else None
    for x in data:
        if getattr(x, "dtype", None) is not dtype or dtype is None:
            break
    else:
        return data
    data = [raw(x) for x in operands]
    some = [x for x in data if array_api_compat.is_array_api_obj(x)]
    if not some:
        return [np.asarray(x, dtype=float) for x in data]
    first = next((x for x in some if is_float(x)), some[0])
    return [like(x, first, op) for x in data]


def plain(index):
    """An index with arrays in place of Tensors and lists."""
    if isinstance(index, tuple):
        return tuple(map(plain, index))
    if isinstance(index, Integral) and not isinstance(index, bool):
        return int(index)
    return np.asarray(index) if isinstance(index, list) else raw(index)


# --- nodes ---------------------------------------------------------------------------------------


def node(y, op, operands, *vjps):
    """A Tensor of the array y, computed from operands; beside each the vjp towards it.

    An edge is kept only to an operand that wants a gradient. A vjp closes over the arrays that it
    reads; named a, b and y they are the data of the first and second operand and of the result,
    and are watched for changes in place.
    """
    out, parents, slopes = constant(y), [], []
    if graph.recording():
        for x, vjp in zip(operands, vjps):  # noqa: B905
            if isinstance(x, Tensor) and x.requires_grad:
                saved = []
                for name in vjp.__code__.co_freevars:
                    if name in ("a", "b", "y"):
                        saved += counts(out if name == "y" else operands[name == "b"])
                parents.append(x)
                slopes.append(Jacobian(vjp, x._data.shape, saved, op))
        if parents:
            out.op, out.requires_grad = op, True
            out._a, out._da = tuple(parents), tuple(slopes)
    return out


def constant(y):
    """A Tensor of the array y itself, computed from nothing."""
    out = new(Tensor)
    out._data, out.grad, out.requires_grad = y, None, False
    out._version, out.op, out._a, out._da = [0], "", None, None
    return out


def counts(*operands):
    """(counter, count) of each Tensor: how often its data have been changed in place."""
    return [(x._version, x._version[0]) for x in operands if isinstance(x, Tensor)]


def view(y, op, x, vjp):
    """As node, for a y that may lie in the memory of x: a change of one is a change of both."""
    out = node(y, op, (x,) if vjp else (), vjp)
    out._version = x._version
    return out


def reduction(op, x, axis, keepdims=False):
    """The data, their library, the axes, the shape with those of length 1, the result's shape."""
    a, axes = x._data, axes_of(axis, x._data.ndim, op)
    kept = tuple([1 if i in axes else n for i, n in enumerate(a.shape)])
    return a, space(a), axes, kept, kept if keepdims else without(a.shape, axes)


@quiet
def extreme(op, x, axis, keepdims):
    a, xp, axes, kept, shape = reduction(op, x, axis, keepdims)
    if not all(a.shape[i] for i in axes):
        raise ValueError(f"{op}: of no numbers, in an array of shape {tuple(a.shape)}")
    y = getattr(xp, op)(a, axis=axes, keepdims=True)

    def vjp(G):
        hit = xp.astype(a == y, a.dtype)
        return hit * (xp.reshape(G, kept) / add_up(hit, axes, True))

    return node(xp.reshape(y, shape), op, (x,), vjp)


# --- numbers one by one, from the table ----------------------------------------------------------


@cache
def kernel(rule, xp, numbers=""):
    """A row of RULES in the functions of a library."""
    functions = {**vars(xp), "pow": operator.pow}  # whose ** 2 is a product
    if xp is np:
        functions["where"] = choose
    if rule == "gelu" and not hasattr(xp, "erf"):
        from scipy.special import erf

        functions["erf"] = erf
    return vectorised(rule, functions, numbers)


@quiet
def elementwise(rule, op, p, q=None):
    """A row of RULES on Tensors, arrays or numbers."""
    a = p._data if isinstance(p, Tensor) else p
    b = q._data if isinstance(q, Tensor) else q
    if q is None:
        forward, da = kernel(rule, space(a))
        y = forward(a)
        return node(y, op, (p,), da(a, y))
    numbers = ""
    if getattr(a, "dtype", 0) is not getattr(b, "dtype", 1):
        if isinstance(q, Real) and not (rule == "pow" and q == 0):
            b, numbers = raw(q), "b"
        elif isinstance(p, Real) and rule != "pow":
            a, numbers = raw(p), "a"
        else:
            a, b = fitting(op, p, q)
    forward, da, db = kernel(rule, space(b if numbers == "a" else a), numbers)
    try:
        y = forward(a, b)
    except (ValueError, RuntimeError):
        misfit(op, a, b)
    return node(y, op, (p, q), da(a, b, y), db(a, b, y))


def unary(rule):
    return lambda self: elementwise(rule, rule, self)


def left(rule, op):
    return lambda self, other: elementwise(rule, op, self, other)


def right(rule, op):
    return lambda self, other: elementwise(rule, op, other, self)


def in_place(rule, op, change):
    def method(self, other):
        if graph.recording() and not (self.requires_grad and not self.op):
            return elementwise(rule, op, self, other)  # a new Tensor under the old name
        if graph.recording():
            raise RuntimeError(CHANGED.format(f"t {op}= …"))
        self.data = change(self._data, like(raw(other), self._data, op))
        return self

    return method


def compare(holds):
    def method(self, other):
        other = raw(other)
        known = isinstance(other, Real) or array_api_compat.is_array_api_obj(other)
        return holds(self._data, other) if known else NotImplemented

    return method


for _name in ("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "relu", "abs"):
    setattr(Tensor, _name, unary(_name))
Tensor.__neg__, Tensor.__abs__ = unary("neg"), Tensor.abs
for _rule, _op in {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}.items():
    _name = "truediv" if _rule == "div" else _rule
    setattr(Tensor, f"__{_name}__", left(_rule, _op))
    setattr(Tensor, f"__r{_name}__", right(_rule, _op))
    setattr(Tensor, f"__i{_name}__", in_place(_rule, _op, getattr(operator, f"i{_name}")))
for _name in ("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"):
    setattr(Tensor, _name, compare(getattr(operator, _name)))
Tensor.maximum, Tensor.minimum = left("maximum", "maximum"), left("minimum", "minimum")
Tensor.__matmul__ = lambda self, other: matmul(self, other)
Tensor.__rmatmul__ = lambda self, other: matmul(other, self)


# --- functions of several Tensors, arrays or numbers ---------------------------------------------


def maximum(p, q):
    """The larger of two; where they are equal each gets half of the gradient, as in PyTorch."""
    return elementwise("maximum", "maximum", p, q)


def minimum(p, q):
    """The smaller of two; where they are equal each gets half of the gradient, as in PyTorch."""
    return elementwise("minimum", "minimum", p, q)


@quiet
def where(condition, p, q):
    """p where the condition holds, else q."""
    a, b = fitting("where", p, q)
    xp = space(a)
    c = xp.asarray(raw(condition), dtype=xp.bool, device=array_api_compat.device(a))
    try:
        y = xp.where(c, a, b)
    except (ValueError, RuntimeError):
        misfit("where", c, a, b)
    return node(y, "where", (p, q), lambda G: xp.where(c, G, 0.0), lambda G: xp.where(c, 0.0, G))


def concatenate(tensors, axis=0):
    """Tensors one after the other along an axis that they have."""
    tensors = tuple(tensors)
    arrays = fitting("concatenate", *tensors)
    if not arrays:
        raise ValueError("concatenate: at least one Tensor is needed")
    (axis,) = axes_of(axis, arrays[0].ndim, "concatenate")
    shapes = [tuple(x.shape) for x in arrays]
    if len({without(s, (axis,)) + (len(s),) for s in shapes}) > 1:
        raise ValueError(f"concatenate: off axis {axis} the shapes differ: {shapes}")
    ends = [0, *accumulate(s[axis] for s in shapes)]
    parts = [(slice(None),) * axis + (slice(*ends[i : i + 2]),) for i in range(len(arrays))]
    y = space(arrays[0]).concat(arrays, axis=axis)
    return node(y, "concatenate", tensors, *(lambda G, p=p: G[p] for p in parts))


def stack(tensors, axis=0):
    """Tensors of one shape side by side along a new axis."""
    tensors = tuple(tensors)
    arrays = fitting("stack", *tensors)
    shapes = [tuple(x.shape) for x in arrays]
    if len({*shapes}) != 1:
        raise ValueError(f"stack: Tensors of one shape are needed, not of {shapes}")
    (axis,) = axes_of(axis, len(shapes[0]) + 1, "stack")
    parts = [(slice(None),) * axis + (i,) for i in range(len(arrays))]
    y = space(arrays[0]).stack(arrays, axis=axis)
    return node(y, "stack", tensors, *(lambda G, p=p: G[p] for p in parts))


@quiet
def matmul(p, q):
    """The matrix product p @ q, by NumPy's rules for vectors, matrices and stacks of matrices."""
    a, b = fitting("matmul", p, q)
    try:
        y = a @ b
    except (ValueError, RuntimeError):
        misfit("matmul", a, b)
    xp, vector = space(y), b.ndim == 1
    a, b = a if a.ndim > 1 else a[None, :], b[:, None] if vector else b
    full = (*y.shape[: max(a.ndim, b.ndim) - 2], a.shape[-2], b.shape[-1])

    def to_b(G):
        G = a.mT @ xp.reshape(G, full)
        return G[..., 0] if vector else G

    return node(y, "matmul", (p, q), lambda G: xp.reshape(G, full) @ b.mT, to_b)


@quiet
def linear(x, W, b=None, activation=None):
    """activation(x @ W + b) as one node: x (…, d_in), W (d_in, d_out), b (d_out,).

    `activation` is None or the name of a method without arguments, such as "tanh".
    """
    operands = (x, W) if b is None else (x, W, b)
    if activation is not None and len(RULES.get(activation, "")) != 2:
        if activation not in RULES or not hasattr(Tensor, activation):
            names = ", ".join(name for name in RULES if hasattr(Tensor, name))
            raise ValueError(f"linear: {activation!r:.60} is none of {names}")
        return getattr(linear(*operands), activation)()  # with its second operand's default
    a, w, *bias = fitting("linear", *operands)
    matrices = type(a) is np.ndarray and a.ndim == 2
    times = np.dot if matrices else operator.matmul  # NumPy's faster way to the same BLAS
    if w.ndim != 2 or bias and bias[0].shape != w.shape[1:]:
        shapes = " and ".join(str(tuple(z.shape)) for z in (w, *bias))
        raise ValueError(
            f"linear: W and b of shapes {shapes} do not fit: (d_in, d_out) and (d_out,)"
        )
    try:
        y = times(a, w)
    except (ValueError, RuntimeError):
        misfit("linear", a, w)
    if bias:
        y += bias[0]
    through = None
    if activation is not None:
        z, (forward, slope) = y, kernel(activation, space(y))
        in_place = activation == "relu" and type(z) is np.ndarray
        y = np.maximum(z, 0.0, out=z) if in_place else forward(z)
        through = slope(z, y)

    to_x = isinstance(x, Tensor) and x.requires_grad
    to_W = isinstance(W, Tensor) and W.requires_grad
    to_b = isinstance(b, Tensor) and b.requires_grad

    def vjp(G):
        g = G if through is None else through(G)
        flat = rows(g)
        grads = [times(g, w.T)] if to_x else []
        if to_W:
            grads.append(times(rows(a).T, flat))
        if to_b:
            grads.append(column_sums(flat))
        return grads

    out, parents = constant(y), (x,) * to_x + (W,) * to_W + (b,) * to_b
    if parents and graph.recording():
        saved = counts(to_W and x, to_x and W, through and out)
        out._a, out._da = parents, Jacobian(vjp, None, saved, "linear")
        out.op, out.requires_grad = "linear", True
    return out


@quiet
def cross_entropy(logits, labels, weight=None):
    """The mean of -log softmax(logits)[label]: logits (n, classes), labels (n,) integers.

    With `weight`, an array (n,), the n numbers instead of their mean, each times its weight.
    """
    (a,) = fitting("cross_entropy", logits)
    xp = space(a)
    labels = raw(labels)
    if type(labels) is not np.ndarray or xp is not np:
        labels = xp.asarray(labels, device=array_api_compat.device(a))
    integers = not is_float(labels) and labels.dtype != xp.bool
    if a.ndim != 2 or labels.shape != a.shape[:1] or not integers:
        raise ValueError(
            f"cross_entropy: logits (n, classes) and n integers are needed, not {tuple(a.shape)} "
            f"and {tuple(labels.shape)} of {short(labels.dtype)}"
        )
    n, classes = a.shape
    if int(xp.count_nonzero((labels >= 0) & (labels < classes))) != n:
        raise ValueError(f"cross_entropy: every label is an integer from 0 to {classes - 1}")
    labels = xp.asarray(labels, copy=True)  # the caller's batch may change before backward
    chosen = xp.arange(n, device=array_api_compat.device(a)), labels
    peak, e, total = exponentials(a, xp, 1)
    y = xp.log(total[:, 0]) - (a[chosen] - peak[:, 0])
    y = add_up(y) / n if weight is None else xp.where(weight == 0, 0.0, weight * y)

    def vjp(G):
        g = G / n if weight is None else (G * weight)[:, None]
        p = e * (g / total)
        p[chosen] -= g if weight is None else g[:, 0]
        return p

    return node(y, "cross_entropy", (logits,), vjp)
