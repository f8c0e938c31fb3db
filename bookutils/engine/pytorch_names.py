"""PyTorch's names for what a Tensor calls otherwise; of its other names, what to write instead."""

from math import prod

from bookutils.engine.arrays import axes_of, axis_of, unpacked, xp
from bookutils.engine.elementwise import where
from bookutils.engine.operands import operation
from bookutils.engine.products import matmul
from bookutils.engine.record import Tensor, remember
from bookutils.engine.reductions import tensor_max, tensor_min
from bookutils.engine.shapes import reshape


class Size(int):
    """The number of elements, as NumPy's `t.size`; called, as PyTorch's `t.size()`, the shape."""

    def __new__(cls, shape):
        self = super().__new__(cls, prod(shape))
        self.shape = shape
        return self

    def __getnewargs__(self):  # for copies
        return (self.shape,)

    def __call__(self, dim=None):
        return self.shape if dim is None else self.shape[dim]


def flatten(a, start_dim=0, end_dim=-1):
    """The axes from start_dim to end_dim as one."""
    first, last = axes_of((start_dim, end_dim), max(a.ndim, 1), "flatten") if a.ndim > 1 else (0, 0)
    return a.reshape(*a.shape[:first], -1, *a.shape[last + 1 :])


def unsqueeze(a, dim):
    """With a new axis of length 1 at this place."""
    axis = axis_of(dim, a.ndim + 1, "unsqueeze")
    return a.reshape(*a.shape[:axis], 1, *a.shape[axis:])


def expand(a, *shape):
    """As broadcast_to; -1 leaves a length as it is."""
    shape = unpacked(shape)
    new = len(shape) - a.ndim
    return a.broadcast_to(*(a.shape[i - new] if n == -1 else n for i, n in enumerate(shape)))


def clone(a):
    """The same numbers in memory of their own; gradients flow through."""
    return remember(xp(a.data).asarray(a.data, copy=True), (a, lambda G: G), op="clone")


def masked_fill(a, mask, value):
    """value where the mask holds, else a."""
    return where(mask, value, a)


def requires_grad_(a, requires_grad=True):
    """Ask for a gradient, or for none; returns a."""
    a.requires_grad = requires_grad
    return a


Tensor.view, Tensor.flatten, Tensor.unsqueeze = reshape, flatten, unsqueeze
Tensor.expand = expand
Tensor.clone, Tensor.masked_fill, Tensor.requires_grad_ = clone, masked_fill, requires_grad_
Tensor.matmul = Tensor.mm = Tensor.bmm = Tensor.mv = Tensor.dot = matmul
Tensor.add, Tensor.sub, Tensor.mul = Tensor.__add__, Tensor.__sub__, Tensor.__mul__
Tensor.div, Tensor.pow, Tensor.neg = Tensor.__truediv__, Tensor.__pow__, Tensor.__neg__
Tensor.square = lambda a: a**2
Tensor.amax, Tensor.amin = operation("amax")(tensor_max), operation("amin")(tensor_min)
Tensor.clamp = lambda a, min=None, max=None: a.clip(min, max)
Tensor.t = lambda a: a.T
Tensor.tolist = lambda a: a.numpy().tolist()
Tensor.numel = lambda a: prod(a.shape)
Tensor.dim = lambda a: a.ndim
Tensor.size = property(lambda a: Size(a.shape))
Tensor.is_leaf = property(lambda a: not a.parents)


IN_PLACE = "write t = t.{0}(…), or t.data = … for a change in place"
ADVICE = {
    "to": "make it from an array that is there: Tensor(torch.tensor(…, device=…)); dtypes: astype",
    "cpu": "its numpy() is on the CPU",
    "cuda": "make it from an array that is there: Tensor(torch.tensor(…, device='cuda'))",
    "float": "write astype('float32'), or astype(float) for float64",
    "double": "write astype(float)",
    "half": "16 bits are not served: write astype('float32')",
    "long": "write astype(int)",
    "int": "write astype(int)",
    "type": "write astype(…), or read dtype",
    "contiguous": "leave it out: every operation takes any strides",
    "gather": "write t[rows, places] with arrays of integers",
    "index_select": "write t[places], or t[:, places] for axis 1",
    "scatter": "write where(…), or one_hot(places) @ t",
    "repeat": "write concatenate([t, t]), or expand(…) along an axis of length 1",
    "tile": "write concatenate([t, t]), or expand(…) along an axis of length 1",
    "split": "write t[:k], t[k:]",
    "chunk": "write t[:k], t[k:]",
    "unbind": "write list(t)",
    "topk": "write np.argsort(t.data), and t[places]",
    "sort": "write np.argsort(t.data), and t[places]",
    "argsort": "write np.argsort(t.data)",
    "median": "write np.median(t.data), which has no gradient",
    "multinomial": "write rng.choice(len(p), p=p.data), with rng = np.random.default_rng(0)",
    "sign": "write where(t > 0, 1.0, where(t < 0, -1.0, 0.0))",
    "floor": "write np.floor(t.data), which has no gradient",
    "round": "write np.round(t.data), which has no gradient",
    "isnan": "write np.isnan(t.data)",
    "all": "write np.all(t.data)",
    "any": "write np.any(t.data)",
    "eq": "write t == other",
    "log2": "write t.log() / math.log(2)",
    "log10": "write t.log() / math.log(10)",
    "log1p": "write (1 + t).log(), or softplus for log(1 + exp(t))",
    "rsqrt": "write t**-0.5",
    "reciprocal": "write 1 / t",
    "tan": "write t.sin() / t.cos()",
    "register_hook": "read retain_grad(), or gradients(loss), which has those of all nodes",
    "grad_fn": "read op, and parents",
    "is_cuda": "read device",
    "apply_": "write np.vectorize(f)(t.data)",
    "cumprod": "write t.log().cumsum(axis).exp() for positive numbers",
    "zero_": "a gradient is emptied by zero_grad(); other data: t.data = 0 * t.data",
    "mT": "write t.T of a matrix, or permute(…) with all axes, in their new order",
    "swapaxes": "write transpose(…) with all axes, in their new order",
}  # fmt: skip


class Missing:
    """A name that a Tensor does not have: whoever reads it is told what to write.

    A method __getattr__ would do the same, but it makes every reading of an attribute slower.
    """

    def __init__(self, name, advice):
        self.name, self.advice = name, advice

    def __get__(self, tensor, owner):
        raise AttributeError(f"a Tensor has no {self.name}: {self.advice}")


METHODS = [name for name, x in vars(Tensor).items() if name[0] != "_" and callable(x)]
for name, advice in ({f"{name}_": IN_PLACE.format(name) for name in METHODS} | ADVICE).items():
    if not hasattr(Tensor, name):
        setattr(Tensor, name, Missing(name, advice))
Tensor.__dir__ = lambda t: [name for name in object.__dir__(t) if hasattr(t, name)]
