"""`Tensor`: an array that remembers how it was computed, and the backward pass over that.

The operations are in the modules beside this one; each computes an array and calls `remember`.
"""

import operator
from math import prod

import numpy as np
from array_api_compat import to_device

from bookutils.engine.arrays import as_array, device, dtype_name, dtype_of, is_float, like, xp
from bookutils.engine.calls import recording
from bookutils.engine.graph import paused, topological_order
from bookutils.engine.inplace import check_unchanged, counts

quiet = np.errstate(all="ignore")  # exp(1000) is inf without a warning, as in PyTorch


class Tensor:
    """An array `data` and, after `backward`, a gradient `grad` of the same shape, else None.

    It needs a gradient if made with requires_grad=True, or computed from a Tensor that does. Data
    are copied, and stay in their library, NumPy's for numbers and lists, and on their device.
    Tensors are compared by their data, `==` included, and hashed by identity, as in PyTorch.
    Raises TypeError for data that are no real numbers, and for integers that need a gradient.
    """

    __slots__ = ("_array", "grad", "parents", "vjps", "_requires_grad", "op", "version", "counts",
                 "keeps_grad")  # fmt: skip
    __hash__ = object.__hash__

    def __init__(self, data, requires_grad=False, dtype=None):
        if isinstance(data, Tensor):
            raise TypeError("this is a Tensor already: use it, or its detach() or astype()")
        data = as_array(data)
        lib = xp(data)
        self._array = lib.asarray(data, dtype=dtype and dtype_of(lib, dtype), copy=True)
        self.grad = None  # backward adds to it
        self.parents = self.vjps = ()  # the Tensors it was computed from; for each: G -> its part
        self.op, self.version, self.counts, self.keeps_grad = "", [0], (), False
        self.requires_grad = requires_grad

    def _assign(self, value):
        if type(value) is not type(self._array) or value.dtype != self._array.dtype:
            value = as_array(value)
            if recording.get() is not None:
                recording.get().assigned(self)
        if self._requires_grad and not is_float(value):
            raise TypeError(INTEGERS.format(dtype_name(value.dtype)))
        self.version[0] += 1
        self._array = value

    def _require(self, needed):
        if not isinstance(needed, bool | np.bool_):
            raise TypeError(f"requires_grad is True or False, not {needed!r:.60}")
        if needed and not is_float(self._array):
            raise TypeError(INTEGERS.format(dtype_name(self._array.dtype)))
        if self.parents and not needed:
            raise RuntimeError("a computed Tensor needs its gradient: use its detach()")
        self._requires_grad = bool(needed)

    data = property(
        operator.attrgetter("_array"),
        _assign,
        doc="The array. To assign to it is a change in place; of data[0] = 1 nothing is known.",
    )
    requires_grad = property(operator.attrgetter("_requires_grad"), _require)
    ndim = property(lambda self: self._array.ndim)
    size = property(lambda self: prod(self._array.shape))
    dtype = property(lambda self: self._array.dtype)
    device = property(lambda self: device(self._array))

    @property
    def shape(self):
        return tuple(self.data.shape)

    def __len__(self):
        if not self.shape:
            raise TypeError("a Tensor of shape () has no length")
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __bool__(self):
        return bool(self._array)

    def __float__(self):
        return float(self.item())

    def __format__(self, spec):
        return format(self.item() if spec else repr(self), spec)

    def __repr__(self):
        notes = [np.array2string(self.numpy(), separator=", ", prefix="Tensor(")]
        if dtype_name(self.dtype) not in ("float64", "int64", "bool"):
            notes.append(f"dtype={dtype_name(self.dtype)}")
        if xp(self._array) is not np:
            notes.append(f'device="{self.device}"')
        if self.requires_grad:
            notes.append(f'op="{self.op}"' if self.op else "requires_grad=True")
        return f"Tensor({', '.join(notes)})"

    def __getstate__(self):
        if self.parents:
            raise RuntimeError(
                f'a Tensor computed by "{self.op}" is not copied or pickled, for a copy would send '
                "gradients to copies of its leaves: use its detach()"
            )
        return None, {name: getattr(self, name) for name in self.__slots__}

    def item(self):
        """The number in a Tensor of one number."""
        if prod(self._array.shape) != 1:
            raise ValueError(f"item: one number is needed, and shape {self.shape} has {self.size}")
        return self._array.item()

    def numpy(self):
        """The data as a NumPy array, in the same memory where that can be."""
        return np.asarray(to_device(self._array, "cpu"))

    def detach(self):
        """The same data as a constant, through which no gradient flows."""
        return share_memory(constant(self._array), self)

    def zero_grad(self):
        """Forget the gradient."""
        self.grad = None

    def retain_grad(self):
        """Let backward leave a gradient here too, if this is no leaf."""
        self.keeps_grad = True


INTEGERS = (
    "gradients are for floating-point data, and these are {}: write 1.0 for 1, or give dtype=float"
)


# --- what an operation needs ---------------------------------------------------------------------


def array(operand):
    return operand.data if isinstance(operand, Tensor) else operand


def remember(y, *ways, op=""):
    """A Tensor with data y; of the ways (operand, vjp) those to what needs no gradient are left."""
    out = constant(y)
    if paused():
        return out
    parents, vjps, tensors = [], [], [out]
    for operand, vjp in ways:
        if isinstance(operand, Tensor):
            tensors.append(operand)
            if operand._requires_grad:
                parents.append(operand)
                vjps.append(vjp)
    if parents:
        out.parents, out.vjps, out.counts = tuple(parents), tuple(vjps), counts(tensors)
        out._requires_grad, out.op = True, op
    return out


def needs_gradient(operand):
    return isinstance(operand, Tensor) and operand._requires_grad


def constant(y):
    """A Tensor of the array y itself, computed from nothing."""
    out = object.__new__(Tensor)
    out._array, out.grad, out.parents, out.vjps, out._requires_grad = y, None, (), (), False
    out.op, out.version, out.counts, out.keeps_grad = "", [0], (), False
    return out


def share_memory(out, a):
    """`out`, whose data may lie in the memory of those of a: a change of one is one of both."""
    out.version = a.version
    return out


# --- the backward pass ----------------------------------------------------------------------------


def gradients(root, G=None, all_nodes=True):
    """Map every node to the upstream gradient that reaches it when G reaches root.

    Without `all_nodes` only leaves and nodes told to retain it: the others' are freed on the way.
    """
    grads = {root: upstream(root, G)}
    for node in reversed(topological_order(root)):
        if node.parents:
            check_unchanged(node)
            G = grads[node] if all_nodes or node.keeps_grad else grads.pop(node)
            for parent, vjp in zip(node.parents, node.vjps):  # noqa: B905
                part = vjp(G)
                grads[parent] = grads[parent] + part if parent in grads else part
    return grads


def upstream(root, G):
    """G as an array for the shape of root; 1 where none is given and root is one number."""
    if G is None:
        if prod(root.shape) != 1:
            raise ValueError(
                f"backward from shape {root.shape}: reduce to one number first, say by mean(), "
                "or give the gradient of this result, an array of its shape"
            )
        return xp(root.data).ones(root.shape, dtype=root.dtype, device=root.device)
    G = like(array(G), root.data, "backward")
    if tuple(G.shape) != root.shape:
        raise ValueError(
            f"backward: the gradient of a result of shape {root.shape} has that shape, not "
            f"{tuple(G.shape)}"
        )
    return G


@quiet
def backward(self, G=None, retain_graph=True):
    """Add ∂self/∂leaf to the `grad` of every leaf that needs one.

    With G, an array of the shape of self: the product of G with that Jacobian. `retain_graph` is
    PyTorch's, and changes nothing: a graph stays as long as its last node.
    """
    if not self.requires_grad:
        raise RuntimeError(
            "backward: nothing that this was computed from needs a gradient: make parameters "
            "with requires_grad=True, and compute outside of no_grad()"
        )
    shared = {id(array(G))}
    grads = gradients(self, G, all_nodes=False)
    if recording.get() is not None:
        recording.get().met(grads)
    for node, grad in grads.items():
        if node.grad is not None:
            grad = node.grad + grad
        elif type(grad) is not np.ndarray or grad.base is not None or id(grad) in shared:
            grad = xp(grad).asarray(grad, copy=True)  # in memory that no other gradient shares
        node.grad = grad
        shared.add(id(grad))


Tensor.backward = backward
Tensor.gradients = gradients
