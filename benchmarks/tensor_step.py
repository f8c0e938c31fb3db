"""One training step of the book's Tensor beside PyTorch, HIPS autograd and NumPy; prints ratios.

A step is forward, loss, backward and update by plain SGD, one thread, on batches that are there
already: of the book nn.MLP, fused cross-entropy or squared error, and optim.SGD; of PyTorch
nn.Linear, its losses and optim.SGD; of autograd the gradient of the same mathematics; of NumPy the
same step differentiated by hand, so that numpy/book is the part which is no overhead. A sample is
as many steps as take about 20 ms; the engines take turns in one process, and the figure is the
median of the ratios of neighbouring samples, with the first and the third quartile.

The two large nets measure matrix products, so NumPy's BLAS beside PyTorch's; which kernels OpenBLAS
has chosen is printed, and OPENBLAS_CORETYPE (Haswell, SkylakeX, …) chooses others.

Run: OMP_NUM_THREADS=1 python benchmarks/tensor_step.py [samples]
"""

import gc
import itertools
import statistics
import sys
import time
from importlib.util import find_spec

import numpy as np
import torch
from threadpoolctl import threadpool_info

from bookutils import Tensor
from bookutils.losses import cross_entropy, mse_loss
from bookutils.nn import MLP
from bookutils.optim import SGD

if find_spec("autograd"):
    import autograd
    import autograd.numpy as anp
else:
    autograd = None  # pip install autograd

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


def of_the_book(x, t, weights):
    net = MLP([x.shape[1], *(b.size for b in weights[1::2])], rng=np.random.default_rng(0),
              dtype=x.dtype.name)  # fmt: skip
    for p, w in zip(net.parameters(), weights, strict=True):
        p.data = w.copy()
    loss_of, sgd = mse_loss if t.ndim == 2 else cross_entropy, SGD(net.parameters(), lr=LR)
    x = Tensor(x)  # as for PyTorch below; an array would be copied in every step

    def step():
        sgd.zero_grad()
        loss = loss_of(net(x), t)
        loss.backward()
        sgd.step()
        return loss.item()

    return step


def of_torch(x, t, weights):
    layers = []
    for w, b in zip(weights[::2], weights[1::2], strict=True):
        layers += [torch.nn.Linear(*w.shape, dtype=getattr(torch, w.dtype.name)), torch.nn.ReLU()]
        layers[-2].weight.data = torch.tensor(w.T.copy())
        layers[-2].bias.data = torch.tensor(b)
    net = torch.nn.Sequential(*layers[:-1])
    loss_of = torch.nn.functional.mse_loss if t.ndim == 2 else torch.nn.functional.cross_entropy
    sgd, x, t = torch.optim.SGD(net.parameters(), lr=LR), torch.tensor(x), torch.tensor(t)

    def step():
        sgd.zero_grad()
        loss = loss_of(net(x), t)
        loss.backward()
        sgd.step()
        return loss.item()

    return step


def of_autograd(x, t, weights):
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


def seconds(step, count):
    """Wall time of one of `count` steps."""
    start = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - start) / count


def main(samples=15):
    torch.set_num_threads(1)
    makers = {"book": of_the_book, "torch": of_torch, "numpy": of_numpy}
    if autograd:
        makers["autograd"] = of_autograd
    kernels = {f"{x['internal_api']} {x.get('architecture', '')}" for x in threadpool_info()}
    print(f"numpy {np.__version__}, torch {torch.__version__}, {', '.join(sorted(kernels))}")
    print(f"one thread, {samples} samples")
    if not autograd:
        print("autograd is not installed: pip install autograd")
    for dtype, (widths, batch) in itertools.product(("float64", "float32"), SIZES):
        rng = np.random.default_rng(7)
        parts = problem(widths, batch, dtype, rng)
        steps = {name: make(*parts) for name, make in makers.items()}
        losses = {name: [step() for _ in range(3)] for name, step in steps.items()}
        rtol = 1e-12 if dtype == "float64" else 1e-4
        for name in steps:  # the same mathematics
            np.testing.assert_allclose(losses[name], losses["book"], rtol=rtol)
        count = max(1, round(0.02 / seconds(steps["book"], 3)))
        times = {name: [] for name in steps}
        gc.collect()
        for i in range(samples):
            for name in sorted(steps, reverse=i % 2):
                times[name].append(seconds(steps[name], count))
        text = f"{'-'.join(map(str, widths)):18} batch {batch:3} {dtype}  "
        text += f"book {statistics.median(times['book']) * 1e6:9.1f} µs"
        for name in list(steps)[1:]:
            ratios = [a / b for a, b in zip(times[name], times["book"], strict=True)]
            low, middle, high = statistics.quantiles(ratios, n=4)
            text += f"   {name}/book {middle:5.2f} ({low:.2f} to {high:.2f})"
        print(text)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
