"""An array that remembers how it was computed, and so can be differentiated.

The calculus is done here; the arithmetic by the library that the array comes from: NumPy, or any
other that follows the array API standard (PyTorch on CPU or CUDA, CuPy, …).
"""

import ast
import operator
from functools import cache
from math import prod

import array_api_compat
import numpy as np

from bookutils import graph
from bookutils.graph import backward_pass, cut, no_grad  # noqa: F401
from bookutils.rules import RULES

new = object.__new__
quiet = np.errstate(all="ignore")  # exp(1000) is inf without a warning, as in PyTorch


class Zero:
    """Nothing yet: what an array is before the first gradient is added to it."""

    def __add__(self, other):
        return other


class Jacobian:
    """The slope of an edge, known by what it does to a gradient: J * G is Gᵀ · ∂node/∂operand.

    `vjp` is that function of G. Where operands were broadcast, `shape` is the operand's, and the
    product is summed back to it. `saved` are the values that vjp reads, as (counter, count at the
    time): the product is refused where one of them has been changed in place.
    """

    __slots__ = ("vjp", "shape", "saved", "op")

    def __init__(self, vjp, shape, saved, op):
        self.vjp, self.shape, self.saved, self.op = vjp, shape, saved, op

    def __mul__(self, grad):
        for counter, count in self.saved:
            if counter[0] != count:
                raise RuntimeError(
                    f"{self.op}: a value that backward needs was changed in place after it was "
                    "used: call backward first, or compute a new Tensor instead of changing this"
                )
        grad = self.vjp(grad)
        shape = self.shape
        return grad if shape is None or grad.shape == shape else unbroadcast(grad, shape)


class Tensor:
    """An array `data` and, after `backward`, the gradient `grad` of the same shape.

    A Tensor wants a gradient if asked (requires_grad=True), or if computed from one that does.
    Tensors are compared by their data and hashed by identity, as in PyTorch: `==` gives an array.
    """

    __slots__ = (
        "_data", "grad", "requires_grad", "_version", "_name", "_a", "_da", "_b", "_db",
        "__weakref__",
    )  # fmt: skip
    __hash__ = object.__hash__
    __array_ufunc__ = None  # array + tensor is left to Tensor.__radd__
    __array_priority__ = 1000
    _zero = Zero()

    def __init__(self, data, requires_grad=False, dtype=None):
        if isinstance(data, Tensor):
            raise TypeError("this is a Tensor already: use it, or its detach() or astype()")
        data = to_array(data)
        xp = space(data)
        if dtype is not None:
            data = xp.astype(data, dtype_of(xp, dtype))
        self._data = xp.asarray(data, copy=True)
        self.grad = None
        self._version = [0]
        self._name = ""
        self._a = self._da = self._b = self._db = None
        self.requires_grad = bool(requires_grad)
        if requires_grad and not is_float(self._data):
            raise TypeError(
                f"only floating-point Tensors have gradients, this is {short(self._data.dtype)}: "
                "write 1.0 for 1, or give dtype"
            )

    # what it is

    @property
    def data(self):
        """The array itself; assigning to it counts as a change in place."""
        return self._data

    @data.setter
    def data(self, value):
        self._version[0] += 1
        self._data = value if type(value) is type(self._data) else to_array(value)

    shape = property(lambda self: tuple(self._data.shape))
    ndim = property(lambda self: self._data.ndim)
    dtype = property(lambda self: self._data.dtype)
    size = property(lambda self: prod(self._data.shape))
    device = property(lambda self: array_api_compat.device(self._data))
    T = property(lambda self: self.transpose())

    @property
    def op(self):
        """The name of the operation; "" for a leaf."""
        return self._name

    @property
    def parents(self):
        """The Tensors this one passes gradients to, in the order of the operands."""
        pairs = (self._a, self._da), (self._b, self._db)
        return self._a if type(self._a) is tuple else tuple(x for x, d in pairs if d is not None)

    def __len__(self):
        if not self.ndim:
            raise TypeError("a Tensor of shape () has no length")
        return self._data.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __bool__(self):
        return bool(self._data)

    def __float__(self):
        return float(self.item())

    def __repr__(self):
        data, xp = self._data, space(self._data)
        text = np.array2string(self.numpy(), separator=", ", prefix="Tensor(")
        if data.dtype not in (xp.float64, xp.int64, xp.bool):
            text += f", dtype={short(data.dtype)}"
        if xp is not np:
            text += f', device="{self.device}"'
        if self._name:
            text += f', op="{self._name}"'
        elif self.requires_grad:
            text += ", requires_grad=True"
        return f"Tensor({text})"

    def item(self):
        """The only number of a Tensor of one element, as a Python number."""
        if self.size != 1:
            raise ValueError(f"item: this Tensor has {self.size} elements, of shape {self.shape}")
        return self._data.item()

    def numpy(self):
        """The data as a NumPy array."""
        if type(self._data) is np.ndarray:
            return self._data
        return np.asarray(array_api_compat.to_device(self._data, "cpu"))

    def detach(self):
        """The same data without its history: no gradient flows through it."""
        out = constant(self._data)
        out._version = self._version
        return out

    # gradients

    @property
    def _one(self):
        if self.size != 1:
            raise ValueError(
                f"backward from shape {self.shape}: give the gradient of the result, an array of "
                "this shape, or reduce to one number first, say by sum() or mean()"
            )
        xp = space(self._data)
        return xp.ones_like(self._data)

    @quiet
    def backward(self, grad=None):
        """Add ∂self/∂leaf, or where `grad` is given the sum of grad · ∂self/∂leaf, to the `grad`
        of every leaf that wants it.
        """
        if not self.requires_grad:
            raise RuntimeError(
                "backward: nothing here wants a gradient: make the parameters with "
                "requires_grad=True, and compute outside of no_grad()"
            )
        if grad is None:
            grad = self._one
        else:
            grad = like(grad.data if isinstance(grad, Tensor) else grad, self._data, "backward")
            if tuple(grad.shape) != self.shape:
                raise ValueError(
                    f"backward: a gradient of shape {tuple(grad.shape)} for a result of shape "
                    f"{self.shape}"
                )
        given = {id(grad)}
        for node, g in backward_pass(self, grad):
            if node._da is None and node._db is None:
                if node.grad is not None:
                    node.grad = node.grad + g
                elif type(g) is np.ndarray and g.base is None and id(g) not in given:
                    node.grad = g
                    given.add(id(g))
                else:  # a view, or an array that others have been given too
                    node.grad = space(g).asarray(g, copy=True)

    def zero_grad(self):
        """Forget the gradient."""
        self.grad = None

    # changes in place

    def __setitem__(self, index, value):
        self._may_change("t[i] = …")
        self._data[plain_index(index)] = raw(value)
        self._version[0] += 1

    def _may_change(self, what):
        if self.requires_grad and graph.recording:
            raise RuntimeError(
                f"{what} on a Tensor that wants gradients cannot be recorded: do it inside "
                "no_grad(), or compute a new Tensor"
            )

    # shapes

    def reshape(self, *shape):
        """The same numbers in order, in another shape; one length may be -1."""
        shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        a, xp = self._data, space(self._data)
        before = a.shape
        try:
            y = xp.reshape(a, tuple(shape))
        except (ValueError, RuntimeError):
            raise ValueError(f"reshape: {self.shape} does not fit into {tuple(shape)}") from None
        return view(y, "reshape", self, lambda G: xp.reshape(G, before))

    def transpose(self, *axes):
        """The axes in another order, reversed where none is given."""
        axes = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        n = self.ndim
        axes = tuple(axes) or tuple(reversed(range(n)))
        if sorted(i % n if -n <= i < n else i for i in axes) != list(range(n)):
            raise ValueError(f"transpose: {axes} is no order of the {n} axes of {self.shape}")
        axes = tuple(i % n for i in axes)
        xp = space(self._data)
        back = tuple(axes.index(i) for i in range(n))
        y = xp.permute_dims(self._data, axes)
        return view(y, "transpose", self, lambda G: xp.permute_dims(G, back))

    permute = transpose

    def broadcast_to(self, *shape):
        """Copies along axes of length 1 and along new leading axes; the gradient is their sum."""
        shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        try:
            y = space(self._data).broadcast_to(self._data, tuple(shape))
        except (ValueError, RuntimeError):
            raise ValueError(f"broadcast_to: {self.shape} does not fit {tuple(shape)}") from None
        return view(y, "broadcast_to", self, lambda G: G)

    def squeeze(self, axis=None):
        """Without the axes of length 1, or without the given ones."""
        shape = self._data.shape
        if axis is None:
            axis = tuple(i for i, n in enumerate(shape) if n == 1)
        axes = axes_of(axis, self.ndim, "squeeze")
        for i in axes:
            if shape[i] != 1:
                raise ValueError(f"squeeze: axis {i} of {tuple(shape)} has length {shape[i]}")
        return self.reshape(tuple(n for i, n in enumerate(shape) if i not in axes))

    def __getitem__(self, index):
        a = self._data
        index = plain_index(index)
        y = a[index]
        parts = index if isinstance(index, tuple) else (index,)
        if all(i is None or i is ... or isinstance(i, int | slice) for i in parts):
            return view(y, "getitem", self, lambda G: put(a, index, G))
        if not wants(self):
            return constant(y)
        return node(y, "getitem", self, lambda G: put_add(a, index, G))

    def pad(self, widths, value=0.0):
        """A border of `value`: `widths` is one number, or (before, after) for every axis."""
        if isinstance(widths, int):
            widths = ((widths, widths),) * self.ndim
        a, xp = self._data, space(self._data)
        if len(widths) != self.ndim:
            raise ValueError(f"pad: {len(widths)} pairs for the {self.ndim} axes of {self.shape}")
        shape = tuple(n + i + j for n, (i, j) in zip(a.shape, widths, strict=True))
        inner = tuple(slice(i, i + n) for n, (i, _) in zip(a.shape, widths, strict=True))
        y = xp.full(shape, value, dtype=a.dtype, device=array_api_compat.device(a))
        y[inner] = a
        return node(y, "pad", self, lambda G: G[inner])

    def astype(self, dtype):
        """The same numbers in another dtype; the gradient comes back in this one."""
        a, xp = self._data, space(self._data)
        y = xp.astype(a, dtype_of(xp, dtype))
        if not is_float(y):
            return constant(y)
        return node(y, "astype", self, lambda G: xp.astype(G, a.dtype))

    # reductions

    @quiet
    def sum(self, axis=None, keepdims=False):
        """The sum over all axes, or over the given ones."""
        a, xp = self._data, space(self._data)
        axes, shape, kept = reduced(a, axis, "sum")
        y = xp.sum(a, axis=axes, keepdims=keepdims)
        return node(y, "sum", self, lambda G: xp.broadcast_to(xp.reshape(G, kept), shape))

    @quiet
    def mean(self, axis=None, keepdims=False):
        """The mean over all axes, or over the given ones."""
        a, xp = self._data, space(self._data)
        axes, shape, kept = reduced(a, axis, "mean")
        n = prod(shape[i] for i in axes)
        y = (
            xp.sum(a, axis=axes, keepdims=keepdims) / n
            if n
            else xp.mean(a, axis=axes, keepdims=keepdims)
        )
        return node(y, "mean", self, lambda G: xp.broadcast_to(xp.reshape(G / n, kept), shape))

    def max(self, axis=None, keepdims=False):
        """The largest; where several are, each gets the same part of the gradient."""
        return self._extreme("max", axis, keepdims)

    def min(self, axis=None, keepdims=False):
        """The smallest; where several are, each gets the same part of the gradient."""
        return self._extreme("min", axis, keepdims)

    @quiet
    def _extreme(self, name, axis, keepdims):
        a, xp = self._data, space(self._data)
        axes, shape, kept = reduced(a, axis, name)
        if prod(shape[i] for i in axes) == 0:
            raise ValueError(
                f"{name}: there is no {name} of no numbers, the shape is {tuple(shape)}"
            )
        peak = getattr(xp, name)(a, axis=axes, keepdims=True)

        def vjp(G):
            hit = xp.astype(a == peak, a.dtype)
            return hit * (xp.reshape(G, kept) / xp.sum(hit, axis=axes, keepdims=True))

        y = peak if keepdims else xp.reshape(peak, dropped(shape, axes))
        return node(y, name, self, vjp, saved=(self,))

    @quiet
    def var(self, axis=None, keepdims=False, correction=1):
        """The mean squared distance from the mean; `correction` is taken off the count."""
        a, xp = self._data, space(self._data)
        axes, shape, kept = reduced(a, axis, "var")
        n = prod(shape[i] for i in axes)
        if n <= correction:
            raise ValueError(
                f"var: {n} numbers and correction {correction} leave none to divide by"
            )
        centred = a - xp.mean(a, axis=axes, keepdims=True)
        y = xp.sum(centred * centred, axis=axes, keepdims=keepdims) / (n - correction)
        return node(
            y, "var", self, lambda G: xp.reshape(G * (2.0 / (n - correction)), kept) * centred
        )

    @quiet
    def logsumexp(self, axis=None, keepdims=False):
        """log ∑ exp, without overflow."""
        a, xp = self._data, space(self._data)
        axes, shape, kept = reduced(a, axis, "logsumexp")
        lse = log_sum_exp(xp, a, axes)

        def vjp(G):
            finite = xp.where(lse == -xp.inf, xp.zeros_like(lse), lse)
            return xp.reshape(G, kept) * xp.exp(a - finite)

        y = lse if keepdims else xp.reshape(lse, dropped(shape, axes))
        return node(y, "logsumexp", self, vjp, saved=(self,))

    @quiet
    def log_softmax(self, axis=-1):
        """a - logsumexp(a)."""
        a, xp = self._data, space(self._data)
        axes, _, _ = reduced(a, axis, "log_softmax")
        y = log_shares(xp, a, axes)
        return node(
            y,
            "log_softmax",
            self,
            lambda G: G - xp.exp(y) * xp.sum(G, axis=axes, keepdims=True),
            saves_result=True,
        )

    @quiet
    def softmax(self, axis=-1):
        """exp(a) / ∑ exp(a), without overflow."""
        a, xp = self._data, space(self._data)
        axes, _, _ = reduced(a, axis, "softmax")
        y = xp.exp(log_shares(xp, a, axes))
        return node(
            y,
            "softmax",
            self,
            lambda G: y * (G - xp.sum(G * y, axis=axes, keepdims=True)),
            saves_result=True,
        )

    # products

    def __matmul__(self, other):
        return matmul(self, other)

    def __rmatmul__(self, other):
        return matmul(other, self)

    def clip(self, lo=None, hi=None):
        """Between lo and hi; what lies outside gets no gradient."""
        a, xp = self._data, space(self._data)
        y = xp.clip(a, lo, hi)
        inside = a == a if lo is None else a >= lo
        inside = inside if hi is None else inside & (a <= hi)
        return node(y, "clip", self, lambda G: xp.where(inside, G, xp.zeros_like(G)))

    def gelu(self, approximate="none"):
        """a · Φ(a), where Φ is the normal distribution; approximate="tanh" is the older formula."""
        if approximate == "tanh":
            inner = (self + 0.044715 * self**3) * (2 / np.pi) ** 0.5
            return 0.5 * self * (1 + inner.tanh())
        if approximate != "none":
            raise ValueError(f'gelu: approximate is "none" or "tanh", not {approximate!r}')
        a, xp = self._data, space(self._data)
        phi = 0.5 + 0.5 * erf(xp, a * 0.5**0.5)
        y = a * phi
        return node(
            y,
            "gelu",
            self,
            lambda G: G * (phi + a * xp.exp(-0.5 * a * a) * (2 * np.pi) ** -0.5),
            saved=(self,),
        )


def erf(xp, a):
    if hasattr(xp, "erf"):
        return xp.erf(a)
    from scipy.special import erf

    return erf(a)


# --- arrays and their libraries ------------------------------------------------------------------

SPACES = {np.ndarray: np, np.float64: np, np.float32: np}


def space(array):
    """The namespace of functions for this array."""
    try:
        return SPACES[type(array)]
    except KeyError:
        xp = np if isinstance(array, np.generic) else array_api_compat.array_namespace(array)
        return SPACES.setdefault(type(array), xp)


def to_array(data):
    """Any data as an array; lists and numbers become NumPy's."""
    if not array_api_compat.is_array_api_obj(data):
        try:
            data = np.asarray(data)
        except ValueError:
            raise ValueError("the rows of this list have different lengths") from None
    if isinstance(data, np.ndarray | np.generic) and data.dtype.kind not in "fiub":
        raise TypeError(f"a Tensor holds real numbers, not {data.dtype} such as {data!r:.40}")
    return data


def raw(x):
    return x._data if isinstance(x, Tensor) else x


def is_float(array):
    return space(array).isdtype(array.dtype, "real floating")


def short(dtype):
    return str(dtype).removeprefix("torch.")


def dtype_of(xp, dtype):
    if isinstance(dtype, str):
        return getattr(xp, dtype)
    if dtype in (float, int, bool):
        return {float: xp.float64, int: xp.int64, bool: xp.bool}[dtype]
    return dtype


def constant(data):
    """A Tensor around an array, that remembers nothing."""
    out = new(Tensor)
    out._data = data
    out.grad = None
    out.requires_grad = False
    out._version = [0]
    out._name = ""
    out._a = out._da = out._b = out._db = None
    return out


def wants(x):
    return isinstance(x, Tensor) and x.requires_grad and graph.recording


def node(y, op, a, vjp, saved=(), saves_result=False):
    """The result of an operation on one Tensor."""
    out = constant(y)
    if a.requires_grad and graph.recording:
        versions = [(x._version, x._version[0]) for x in saved]
        if saves_result:
            versions.append((out._version, 0))
        out.requires_grad, out._name = True, op
        out._a, out._da = a, Jacobian(vjp, tuple(a._data.shape), versions, op)
    return out


def view(y, op, a, vjp):
    """As node, for a result that may share its memory with `a`."""
    out = node(y, op, a, vjp)
    out._version = a._version
    return out


def many(y, op, operands, vjp):
    """The result of an operation with one vjp that gives a list of gradients, one per operand."""
    out = constant(y)
    places = [i for i, x in enumerate(operands) if wants(x)]
    if places:
        out.requires_grad, out._name = True, op
        out._a = tuple(operands[i] for i in places)
        out._da = tuple(
            Jacobian(lambda G, i=i: vjp(G, i), tuple(operands[i].shape), (), op) for i in places
        )
    return out


def like(x, array, op):
    """An operand as an array of the same library, dtype and device as `array`, or an error."""
    xp = space(array)
    if isinstance(x, bool | int | float) or (isinstance(x, np.generic) and xp is not np):
        return xp.asarray(x, dtype=array.dtype, device=array_api_compat.device(array))
    if isinstance(x, np.generic):
        return np.asarray(x, dtype=array.dtype)
    if not array_api_compat.is_array_api_obj(x):
        raise TypeError(f"{op}: Tensors, arrays and numbers are taken, not {x!r:.60}")
    if space(x) is not xp:
        raise TypeError(
            f"{op}: arrays of {space(x).__name__} and {xp.__name__} do not mix: convert one"
        )
    if x.dtype != array.dtype:
        if is_float(x) and is_float(array):
            raise TypeError(
                f"{op}: {short(x.dtype)} and {short(array.dtype)} do not mix: "
                "convert one by astype()"
            )
        if is_float(array):
            x = xp.astype(x, array.dtype)
    here, there = array_api_compat.device(array), array_api_compat.device(x)
    if here != there:
        raise ValueError(f"{op}: one array on {here}, one on {there}: move one of them")
    return x


def unbroadcast(G, shape):
    """Sum a gradient over the axes along which its operand was repeated."""
    xp = space(G)
    shape = tuple(shape)
    lead = len(G.shape) - len(shape)
    axes = tuple(range(lead)) + tuple(
        i + lead for i, n in enumerate(shape) if n == 1 and G.shape[i + lead] != 1
    )
    return xp.reshape(xp.sum(G, axis=axes, keepdims=True), shape)


def axes_of(axis, n, op):
    if axis is None:
        return tuple(range(n))
    axes = (axis,) if isinstance(axis, int | np.integer) else tuple(axis)
    for i in axes:
        if not -n <= i < n:
            raise ValueError(f"{op}: there is no axis {i} in an array of {n} axes")
    return tuple(int(i) % n for i in axes)


def reduced(a, axis, op):
    """The axes to reduce, the shape of a, and that shape with length 1 in their places."""
    shape = tuple(a.shape)
    axes = axes_of(axis, len(shape), op)
    return axes, shape, tuple(1 if i in axes else n for i, n in enumerate(shape))


def dropped(shape, axes):
    return tuple(n for i, n in enumerate(shape) if i not in axes)


def peak_of(xp, a, axes):
    """The largest along the axes, 0 where it is infinite or there is none."""
    if prod(a.shape) == 0:
        return 0.0
    peak = xp.max(a, axis=axes, keepdims=True)
    return xp.where(xp.isfinite(peak), peak, xp.zeros_like(peak))


def log_sum_exp(xp, a, axes):
    peak = peak_of(xp, a, axes)
    return peak + xp.log(xp.sum(xp.exp(a - peak), axis=axes, keepdims=True))


def log_shares(xp, a, axes):
    """a - log ∑ exp(a), the peak taken off first: near 1000 its sum would round at 1e-13."""
    a = a - peak_of(xp, a, axes)
    return a - xp.log(xp.sum(xp.exp(a), axis=axes, keepdims=True))


def plain_index(index):
    if isinstance(index, tuple):
        return tuple(plain_index(i) for i in index)
    if isinstance(index, list):
        return np.asarray(index)
    if isinstance(index, np.integer):
        return int(index)
    return raw(index)


def put(a, index, G):
    out = space(a).zeros_like(a)
    out[index] = G
    return out


def put_add(a, index, G):
    """Zeros like a, with G added at the places of index, which may come up more than once."""
    xp = space(a)
    places = xp.reshape(xp.arange(prod(a.shape), device=array_api_compat.device(a)), a.shape)[index]
    flat = xp.zeros_like(xp.reshape(a, (-1,)))
    places, G = xp.reshape(places, (-1,)), xp.reshape(G, (-1,))
    if hasattr(flat, "index_add"):  # PyTorch
        flat = flat.index_add(0, places, G)
    else:
        xp.add.at(flat, places, G)
    return xp.reshape(flat, a.shape)


# --- elementwise operations, from the table ------------------------------------------------------

SYMBOL = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}


class Arrays(ast.NodeTransformer):
    """Turn the text of a row into arithmetic of whole arrays."""

    def __init__(self, numbers):
        self.numbers = numbers  # names that are numbers, no arrays

    def visit_IfExp(self, e):
        names = {n.id for n in ast.walk(e.test) if isinstance(n, ast.Name)}
        e = self.generic_visit(e)
        if names <= self.numbers:
            return e
        return call("where", e.test, e.body, e.orelse)

    def visit_BoolOp(self, e):
        e = self.generic_visit(e)
        sign = ast.BitAnd() if isinstance(e.op, ast.And) else ast.BitOr()
        out = e.values[0]
        for value in e.values[1:]:
            out = ast.BinOp(out, sign, value)
        return out


def call(name, *args):
    return ast.Call(ast.Name(name, ast.Load()), list(args), [])


def times_upstream(e):
    """The expression G * e, with G taken into the branches of conditions: cut stops even ∞."""
    if isinstance(e, ast.IfExp):
        return ast.IfExp(e.test, times_upstream(e.body), times_upstream(e.orelse))
    if isinstance(e, ast.Name) and e.id == "cut":
        return ast.Constant(0.0)
    G = ast.Name("G", ast.Load())
    if ast.unparse(e) == "1.0":
        return G
    if ast.unparse(e) == "-1.0":
        return ast.UnaryOp(ast.USub(), G)
    return ast.BinOp(G, ast.Mult(), e)


@cache
def kernel(rule, kind, numbers=""):
    """A row of RULES compiled for a library: y(a, b), then makers of the vjp of each operand."""
    xp = SPACES[kind]
    names = {"where": xp.where, "pow": operator.pow, "abs": abs}
    for name in ("exp", "log", "log1p", "sqrt", "sin", "cos", "tanh"):
        names[name] = getattr(xp, name)
    y, *slopes = (ast.parse(text, mode="eval").body for text in RULES[rule])
    operands = "ab"[: len(slopes)]

    def compiled(expression, start):
        tree = ast.fix_missing_locations(Arrays(set(numbers)).visit(expression))
        return eval(f"lambda {start}{ast.unparse(tree)}", names)

    ab = ", ".join(operands)
    return (
        compiled(y, f"{ab}: "),
        *(compiled(times_upstream(s), f"{ab}, y: lambda G: ") for s in slopes),
    )


@quiet
def elementwise(rule, symbol, a, b=None):
    """A row of RULES on Tensors, arrays and numbers."""
    x, other = raw(a), raw(b)
    numbers = ""
    if b is None:
        operands, values = (a,), (x,)
    else:
        if isinstance(b, bool | int | float | np.generic):  # not the data of a Tensor
            other, numbers = float(other), "b"
        elif isinstance(a, bool | int | float | np.generic):
            x, numbers = float(x), "a"
            if rule == "pow":
                x, numbers = like(x, other, symbol), ""
        elif isinstance(a, Tensor):
            other = like(other, x, symbol)
        else:
            x = like(x, other, symbol)
        operands, values = (a, b), (x, other)
    kind = type(x if numbers != "a" else other)
    space(x if numbers != "a" else other)
    forward, *slopes = kernel(rule, kind, numbers)
    try:
        y = forward(*values)
    except (ValueError, RuntimeError):
        shapes = " and ".join(str(tuple(v.shape)) for v in values)
        raise ValueError(f"{symbol}: shapes {shapes} do not fit together") from None
    out = constant(y)
    edges = []
    for operand, slope in zip(operands, slopes, strict=True):
        if wants(operand):
            vjp = slope(*values, y)
            saved = []
            needs = vjp.__code__.co_freevars
            for name, t in zip("ab", operands, strict=False):
                if name in needs and isinstance(t, Tensor):
                    saved.append((t._version, t._version[0]))
            if "y" in needs:
                saved.append((out._version, 0))
            edges += [operand, Jacobian(vjp, tuple(operand._data.shape), saved, symbol)]
    if edges:
        out.requires_grad, out._name = True, symbol
        out._a, out._da, out._b, out._db = (*edges, None, None)[:4]
    return out


def unary(rule, symbol):
    return lambda self: elementwise(rule, symbol, self)


for _rule in ("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "relu", "abs"):
    setattr(Tensor, _rule, unary(_rule, _rule))
Tensor.__neg__ = unary("neg", "neg")
Tensor.__abs__ = Tensor.abs
Tensor.leaky_relu = lambda self, slope=0.01: elementwise("leaky_relu", "leaky_relu", self, slope)


def binary(rule, symbol):
    return (
        lambda self, other: elementwise(rule, symbol, self, other),
        lambda self, other: elementwise(rule, symbol, other, self),
    )


def in_place(symbol, operate, change):
    def method(self, other):
        if graph.recording:
            if self.requires_grad and not self.parents:
                self._may_change(f"t {symbol}= …")
            return operate(self, other)
        self._data = change(self._data, raw(other))
        self._version[0] += 1
        return self

    return method


for _rule, _symbol in SYMBOL.items():
    _name = "truediv" if _rule == "div" else _rule
    _left, _right = binary(_rule, _symbol)
    setattr(Tensor, f"__{_name}__", _left)
    setattr(Tensor, f"__r{_name}__", _right)
    if _rule != "pow":
        setattr(Tensor, f"__i{_name}__", in_place(_symbol, _left, getattr(operator, f"i{_name}")))


def compare(holds):
    return lambda self, other: holds(self._data, raw(other))


for _name in ("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"):
    setattr(Tensor, _name, compare(getattr(operator, _name)))


# --- functions of several Tensors ----------------------------------------------------------------


def maximum(a, b):
    """The larger of two; where they are equal each gets half of the gradient, as in PyTorch."""
    return elementwise("maximum", "maximum", a, b)


def minimum(a, b):
    """The smaller of two; where they are equal each gets half of the gradient, as in PyTorch."""
    return elementwise("minimum", "minimum", a, b)


Tensor.maximum, Tensor.minimum = maximum, minimum


def first_array(*operands):
    """The data of the first Tensor, or the first array."""
    for x in operands:
        if isinstance(x, Tensor):
            return x._data
    for x in operands:
        if array_api_compat.is_array_api_obj(x):
            return x
    raise TypeError("one operand must be a Tensor or an array")


def where(condition, a, b):
    """a where the condition holds, b elsewhere."""
    base = first_array(a, b)
    xp = space(base)
    c = xp.asarray(raw(condition))
    x, y = like(raw(a), base, "where"), like(raw(b), base, "where")
    out = xp.where(c, x, y)
    return many(
        out,
        "where",
        (a, b),
        lambda G, i: (
            xp.where(c, G, xp.zeros_like(G)) if i == 0 else xp.where(c, xp.zeros_like(G), G)
        ),
    )


def concatenate(tensors, axis=0):
    """Tensors in a row along an axis that they have."""
    tensors = tuple(tensors)
    base = first_array(*tensors)
    xp = space(base)
    arrays = [like(raw(t), base, "concatenate") for t in tensors]
    (axis,) = axes_of(axis, len(base.shape), "concatenate")
    y = xp.concat(arrays, axis=axis)
    ends = [0]
    for x in arrays:
        ends.append(ends[-1] + x.shape[axis])
    return many(
        y,
        "concatenate",
        tensors,
        lambda G, i: G[(slice(None),) * axis + (slice(ends[i], ends[i + 1]),)],
    )


def stack(tensors, axis=0):
    """Tensors of one shape side by side along a new axis."""
    tensors = tuple(tensors)
    base = first_array(*tensors)
    xp = space(base)
    arrays = [like(raw(t), base, "stack") for t in tensors]
    (axis,) = axes_of(axis, len(base.shape) + 1, "stack")
    y = xp.stack(arrays, axis=axis)
    return many(y, "stack", tensors, lambda G, i: G[(slice(None),) * axis + (i,)])


@quiet
def matmul(a, b):
    """The matrix product, by NumPy's rules for 1-D, 2-D and batches of matrices."""
    base = first_array(a, b)
    A, B = like(raw(a), base, "matmul"), like(raw(b), base, "matmul")
    try:
        y = A @ B
    except (ValueError, RuntimeError):
        sa, sb = tuple(A.shape), tuple(B.shape)
        if not sa or not sb:
            raise ValueError(f"matmul: {sa} @ {sb}: a number has no axis: use *") from None
        inner = sa[-1], sb[-2 if len(sb) > 1 else 0]
        why = f"inner sizes {inner[0]} and {inner[1]} differ"
        if inner[0] == inner[1]:
            why = f"batches {sa[:-2]} and {sb[:-2]} do not fit together"
        raise ValueError(f"matmul: {sa} @ {sb}: {why}") from None
    xp = space(y)
    one_a, one_b = A.ndim == 1, B.ndim == 1
    A2 = A[None, :] if one_a else A
    B2 = B[:, None] if one_b else B

    def full(G):
        if one_b:
            G = G[..., None]
        return xp.expand_dims(G, axis=-2) if one_a else G

    def vjp(G, i):
        G = full(G)
        if i == 0:
            g = G @ xp.matrix_transpose(B2)
            return unbroadcast(g, A2.shape).reshape(A.shape) if one_a else g
        g = xp.matrix_transpose(A2) @ G
        return unbroadcast(g, B2.shape).reshape(B.shape) if one_b else g

    out = many(y, "matmul", (a, b), vjp)
    save_both(out, a, b)
    return out


def save_both(out, a, b):
    if out.requires_grad:
        versions = [(t._version, t._version[0]) for t in (a, b) if isinstance(t, Tensor)]
        for edge in out._da:
            edge.saved = versions


def linear(x, W, b=None, activation=None):
    """activation(x @ W + b): x (…, d_in), W (d_in, d_out), b (d_out,)."""
    y = matmul(x, W)
    if b is not None:
        y = y + b
    return y if activation is None else getattr(y, activation)()


@quiet
def cross_entropy(logits, labels):
    """The mean of -log softmax(logits)[label]: logits (n, classes), labels (n,) integers."""
    logits = logits if isinstance(logits, Tensor) else constant(to_array(logits))
    a = logits._data
    xp = space(a)
    labels = raw(labels)
    labels = xp.asarray(labels)
    if a.ndim != 2 or labels.ndim != 1 or a.shape[0] != labels.shape[0]:
        raise ValueError(
            f"cross_entropy: logits {tuple(a.shape)} and labels {tuple(labels.shape)}: "
            "(n, classes) and (n,) are needed"
        )
    n, classes = a.shape
    rows = xp.arange(n)
    log_p = log_shares(xp, a, (1,))
    y = -xp.mean(log_p[rows, labels])

    def vjp(G):
        g = xp.exp(log_p)
        g[rows, labels] -= 1.0
        return g * (G / n)

    return node(y, "cross_entropy", logits, vjp)
