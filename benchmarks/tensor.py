"""One training step of the book's Tensor beside PyTorch, JAX, autograd, tinygrad and NumPy.

A step is forward, loss, backward and update by plain SGD, one thread, on batches that are there
already: of the book nn.MLP, fused cross-entropy or squared error, and optim.SGD, and the same step
recorded once and replayed, also with PyTorch's products of matrices in place of NumPy's and all
else the same; of PyTorch nn.Linear, its losses and optim.SGD, called as they come, and the same
with forward and loss through torch.compile; of JAX the whole step under jit; of tinygrad the whole
step under TinyJit; of autograd the gradient of the same mathematics; of NumPy the same step
differentiated by hand, so that it is the part which is no overhead.

The two large nets measure matrix products, so NumPy's BLAS beside PyTorch's; OPENBLAS_CORETYPE
(Haswell, SkylakeX, …) chooses other kernels of NumPy's.
"""

import itertools

import numpy as np

from bookutils import Tensor
from bookutils.bench.turns import Entrant, Race
from bookutils.losses import cross_entropy, mse_loss
from bookutils.nn import MLP
from bookutils.optim import SGD
from bookutils.trace import record

GROUP = "training step"
SIZES = (  # widths, batch; the first a regression, the others classes
    ((2, 16, 16, 1), 100),
    ((64, 64, 32, 10), 32),
    ((784, 256, 128, 10), 128),
    ((784, 1024, 1024, 10), 512),
)
LR = 0.01


def problem(widths, batch, dtype, rng):
    """Inputs, targets and the starting weights [W, b, W, b, …]."""
    x = rng.normal(size=(batch, widths[0])).astype(dtype)
    if widths[-1] == 1:
        t = rng.normal(size=(batch, 1)).astype(dtype)
    else:
        t = rng.integers(widths[-1], size=batch)
    weights = []
    for m, n in itertools.pairwise(widths):
        weights += [(rng.normal(size=(m, n)) / m**0.5).astype(dtype), np.zeros(n, dtype)]
    return x, t, weights


SMALL = 2**20  # multiplications; below, a call of PyTorch's takes longer than its product saves


def of_the_book(x, t, weights, replayed=False, matmul=None):
    widths = [x.shape[1], *(b.size for b in weights[1::2])]
    net = MLP(widths, rng=np.random.default_rng(0), dtype=x.dtype.name)
    for p, w in zip(net.parameters(), weights, strict=True):
        p.data = w.copy()
    loss_of, sgd = mse_loss if t.ndim == 2 else cross_entropy, SGD(net.parameters(), lr=LR)
    x = Tensor(x)  # as for PyTorch below; an array would be copied in every step

    def train(x, t):
        sgd.zero_grad()
        loss = loss_of(net(x), t)
        loss.backward()
        sgd.step()
        return loss

    train = record(train, x, t, matmul=matmul) if replayed else train
    return lambda: train(x, t).item()


def with_products_of_torch(x, t, weights):
    import torch
    from torch import from_numpy, mm

    torch.set_num_threads(1)

    def by_torch(a, b, out):
        """a @ b by PyTorch on the same memory; by NumPy, if it is small."""
        if a.size * b.shape[-1] < SMALL:
            return np.dot(a, b, out=out)
        return mm(from_numpy(a), from_numpy(b), out=from_numpy(out))

    return of_the_book(x, t, weights, replayed=True, matmul=by_torch)


def of_torch(x, t, weights, compiled=False):
    import torch

    torch.set_num_threads(1)
    layers = []
    for w, b in zip(weights[::2], weights[1::2], strict=True):
        layers += [torch.nn.Linear(*w.shape, dtype=getattr(torch, w.dtype.name)), torch.nn.ReLU()]
        layers[-2].weight.data = torch.tensor(w.T.copy())
        layers[-2].bias.data = torch.tensor(b)
    net = torch.nn.Sequential(*layers[:-1])
    loss_of = torch.nn.functional.mse_loss if t.ndim == 2 else torch.nn.functional.cross_entropy
    sgd, x, t = torch.optim.SGD(net.parameters(), lr=LR), torch.tensor(x), torch.tensor(t)

    def forward(x, t):
        return loss_of(net(x), t)

    if compiled:
        torch._dynamo.reset()  # the nets of other rows count as recompilations of this one
        forward = torch.compile(forward)

    def step():
        sgd.zero_grad()
        loss = forward(x, t)
        loss.backward()
        sgd.step()
        return loss.item()

    return step


def of_jax(x, t, weights):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)  # or float64 becomes float32
    rows = np.arange(len(x))

    def loss_of(weights, x, t):
        h = x
        for i in range(0, len(weights), 2):
            h = (h if i == 0 else jax.nn.relu(h)) @ weights[i] + weights[i + 1]
        if t.ndim == 2:
            return jnp.mean((h - t) ** 2)
        return -jnp.mean(jax.nn.log_softmax(h)[rows, t])

    def update(weights, x, t):
        loss, grads = jax.value_and_grad(loss_of)(weights, x, t)
        return [w - LR * g for w, g in zip(weights, grads, strict=True)], loss

    compiled = jax.jit(update, donate_argnums=0)
    weights, x, t = [jnp.array(w) for w in weights], jnp.array(x), jnp.array(t)

    def step():
        nonlocal weights
        weights, loss = compiled(weights, x, t)
        jax.block_until_ready(weights)
        return float(loss)

    return step


def of_tinygrad(x, t, weights):
    from tinygrad import Tensor as Theirs
    from tinygrad import TinyJit

    params = [Theirs(w).realize() for w in weights]
    x, t = Theirs(x).realize(), Theirs(t).realize()

    @TinyJit
    def update():
        h = x
        for i in range(0, len(params), 2):
            h = (h if i == 0 else h.relu()) @ params[i] + params[i + 1]
        loss = ((h - t) ** 2).mean() if t.ndim == 2 else h.cross_entropy(t)
        for p, g in zip(params, loss.gradient(*params), strict=True):
            p.assign(p - LR * g)
        return loss.realize(*params)

    return lambda: update().item()


def of_autograd(x, t, weights):
    import autograd
    import autograd.numpy as anp

    weights, rows = [w.copy() for w in weights], np.arange(len(x))

    def loss_of(weights):
        h = x
        for i in range(0, len(weights), 2):
            h = anp.dot(h if i == 0 else anp.maximum(h, 0.0), weights[i]) + weights[i + 1]
        if t.ndim == 2:
            return anp.mean((h - t) ** 2)
        h = h - anp.max(h, axis=1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(h), axis=1)) - h[rows, t])

    gradient = autograd.value_and_grad(loss_of)

    def step():
        loss, grads = gradient(weights)
        for w, g in zip(weights, grads, strict=True):
            w -= LR * g
        return float(loss)

    return step


def of_numpy(x, t, weights):
    weights, rows = [w.copy() for w in weights], np.arange(len(x))
    ones, last = np.ones_like(x[:, 0]), len(weights) - 2

    def step():
        inputs, h = [], x
        for i in range(0, len(weights), 2):
            inputs.append(h)
            h = h.dot(weights[i])
            h += weights[i + 1]
            if i < last:
                np.maximum(h, 0.0, out=h)
        if t.ndim == 2:
            g = h - t
            loss = np.add.reduce(g * g, None) / g.size
            g *= 2 / g.size
        else:
            h -= np.maximum.reduce(h, 1, keepdims=True)
            g = np.exp(h)
            total = np.add.reduce(g, 1, keepdims=True)
            loss = (np.add.reduce(np.log(total), None) - np.add.reduce(h[rows, t])) / len(x)
            g /= total
            g[rows, t] -= 1
            g /= len(x)
        for i in range(last, -1, -2):
            W, h = weights[i], inputs.pop()
            to_h = g.dot(W.T) if i else None
            W -= LR * h.T.dot(g)
            weights[i + 1] -= LR * ones.dot(g)
            g = to_h if to_h is None else to_h * (h > 0)
        return float(loss)

    return step


PROGRAMS = {
    "book": of_the_book,
    "book, replayed": lambda *parts: of_the_book(*parts, replayed=True),
    "book, replayed, products by torch": with_products_of_torch,
    "torch": of_torch,
    "torch.compile": lambda *parts: of_torch(*parts, compiled=True),
    "JAX jit": of_jax,
    "HIPS autograd": of_autograd,
    "tinygrad": of_tinygrad,
    "NumPy by hand": of_numpy,
}


def race(widths, batch, dtype):
    parts = problem(widths, batch, dtype, np.random.default_rng(7))
    name = "-".join(map(str, widths))

    def entrant(make):
        return Entrant(lambda: make(*parts))

    return Race(
        f"step {name} {dtype}",
        GROUP,
        f"{name}, batch {batch}, {dtype}",
        "torch",
        {program: entrant(make) for program, make in PROGRAMS.items()},
        rtol=1e-12 if dtype == "float64" else 1e-4,
    )


def rows():
    return [race(*size, dtype) for dtype in ("float64", "float32") for size in SIZES]
