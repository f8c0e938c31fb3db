"""Adam's step of the book beside torch.optim.Adam, as it comes and fused, and NumPy alone.

The parameters are those of four nets, the gradients are there already, and a step changes all
parameters once. torch is called on one thread, which on a CPU without flags is one call after
another for each tensor. "NumPy alone" is the rule in twelve calls of NumPy and nothing else, on one
flat array for all parameters and one for all gradients, in blocks as large as those of the book. Of
its time the root and the division alone take two fifths at 6,570 parameters in float64. The book
has parameters that keep arrays of their own: their gradients are gathered, their changes handed
out. It makes up for a part of that by BLAS, with which a step has three passes fewer. Fifty steps
of all are compared before the first sample.
"""

import itertools

import numpy as np

from bookutils import Tensor
from bookutils.bench.turns import Entrant, Race
from bookutils.optim import Adam
from bookutils.optim.packs import BLOCK

GROUP = "Adam step"
NETS = ((2, 16, 16, 1), (64, 64, 32, 10), (784, 256, 128, 10), (784, 1024, 1024, 10))
LR, BETA1, BETA2, EPS = 1e-3, 0.9, 0.999, 1e-8  # the defaults of both


def problem(widths, dtype, rng):
    """The arrays of a net's parameters [W, b, W, b, …], and as many gradients."""
    shapes = [s for m, n in itertools.pairwise(widths) for s in ((m, n), (n,))]
    return [[rng.normal(size=s).astype(dtype) for s in shapes] for _ in range(2)]


def of_the_book(arrays, grads):
    params = [Tensor(a.copy(), requires_grad=True) for a in arrays]
    for p, g in zip(params, grads, strict=True):
        p.grad = g
    return Adam(params).step, lambda: [p.data for p in params]


def of_torch(arrays, grads, **flags):
    import torch

    torch.set_num_threads(1)
    params = [torch.tensor(a, requires_grad=True) for a in arrays]
    for p, g in zip(params, grads, strict=True):
        p.grad = torch.tensor(g)
    return torch.optim.Adam(params, **flags).step, lambda: [p.detach().numpy() for p in params]


def of_numpy(arrays, grads):
    p, g = (np.concatenate([a.reshape(-1) for a in x]) for x in (arrays, grads))
    m, v = np.zeros_like(p), np.zeros_like(p)
    length = min(BLOCK, p.size)
    out, spare = np.empty(length, p.dtype), np.empty(length, p.dtype)
    blocks = [[x[i : i + length] for x in (p, g, m, v)] for i in range(0, p.size, length)]
    t = 0

    def step():
        nonlocal t
        t += 1
        root = (1 - BETA2**t) ** 0.5
        for p, g, m, v in blocks:
            o, s = out[: p.size], spare[: p.size]
            np.multiply(m, BETA1, m)
            np.multiply(g, 1 - BETA1, o)
            np.add(m, o, m)
            np.multiply(v, BETA2, v)
            np.multiply(g, g, o)
            np.multiply(o, 1 - BETA2, o)
            np.add(v, o, v)
            np.sqrt(v, s)
            np.add(s, EPS * root, s)
            np.multiply(m, LR * root / (1 - BETA1**t), o)
            np.divide(o, s, o)
            np.subtract(p, o, p)

    def read():
        ends = np.cumsum([a.size for a in arrays])[:-1]
        parts = zip(np.split(p, ends), arrays, strict=True)
        return [part.reshape(a.shape) for part, a in parts]

    return step, read


PROGRAMS = {
    "book": of_the_book,
    "torch": of_torch,
    "torch, fused": lambda *parts: of_torch(*parts, fused=True),
    "NumPy alone": of_numpy,
}


def race(widths, dtype):
    parts = problem(widths, dtype, np.random.default_rng(7))
    count = sum(a.size for a in parts[0])

    def entrant(make):
        return Entrant(lambda: make(*parts))

    return Race(
        f"adam {count} {dtype}",
        GROUP,
        f"{count:,} parameters, {dtype}",
        "torch",
        {program: entrant(make) for program, make in PROGRAMS.items()},
        warm=50,
        rtol=1e-12 if dtype == "float64" else 1e-4,
    )


def rows():
    return [race(widths, dtype) for dtype in ("float64", "float32") for widths in NETS]
