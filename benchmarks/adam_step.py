"""Adam's step of the book beside torch.optim.Adam as it comes, and NumPy alone; prints ratios.

The parameters are those of four nets, the gradients are there already, and a step changes all
parameters once. torch is called without flags, on one thread, which on a CPU is one call after
another for each tensor. "numpy" is the floor: the rule's eleven calls and nothing else, on one flat
array for all parameters and one for all gradients, in blocks as large as those of the book. What
the book takes beyond it is for parameters that keep arrays of their own: their gradients are
gathered, their changes handed out.

A sample is as many steps as take some 20 ms of processor time; the three take turns in one process,
and the figure is the median of the ratios of neighbouring samples, with the first and the third
quartile. Before that, fifty steps of all three are compared.

Run: OMP_NUM_THREADS=1 python benchmarks/adam_step.py [samples]
"""

import gc
import itertools
import statistics
import sys
import time

import numpy as np
import torch

from bookutils import Tensor
from bookutils.optim import Adam
from bookutils.optim.packs import BLOCK

NETS = ((2, 16, 16, 1), (64, 64, 32, 10), (784, 256, 128, 10), (784, 1024, 1024, 10))
LR, BETA1, BETA2, EPS = 1e-3, 0.9, 0.999, 1e-8  # the defaults of both


def problem(widths, dtype, rng):
    """The arrays of a net's parameters [W, b, W, b, …], and as many gradients."""
    shapes = [s for m, n in itertools.pairwise(widths) for s in ((m, n), (n,))]
    return [[rng.normal(size=s).astype(dtype) for s in shapes] for _ in range(2)]


def of_the_book(arrays, grads):
    params = [Tensor(a, requires_grad=True) for a in arrays]
    for p, g in zip(params, grads, strict=True):
        p.grad = g
    return Adam(params).step, lambda: [p.data for p in params]


def of_torch(arrays, grads):
    params = [torch.tensor(a, requires_grad=True) for a in arrays]
    for p, g in zip(params, grads, strict=True):
        p.grad = torch.tensor(g)
    return torch.optim.Adam(params).step, lambda: [p.detach().numpy() for p in params]


def of_numpy(arrays, grads):
    p, g = (np.concatenate([a.reshape(-1) for a in x]) for x in (arrays, grads))
    m, v = np.zeros_like(p), np.zeros_like(p)
    length = min(BLOCK // p.itemsize, p.size)
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


def seconds(step, count):
    """Processor time of one of `count` steps."""
    start = time.process_time()
    for _ in range(count):
        step()
    return (time.process_time() - start) / count


def main(samples=15):
    torch.set_num_threads(1)
    makers = {"book": of_the_book, "torch": of_torch, "numpy": of_numpy}
    print(f"numpy {np.__version__}, torch {torch.__version__}, one thread, {samples} samples")
    for dtype, widths in itertools.product(("float64", "float32"), NETS):
        parts = problem(widths, dtype, np.random.default_rng(7))
        made = {name: make(*parts) for name, make in makers.items()}
        for step, _ in made.values():
            for _ in range(50):
                step()
        rtol = 1e-12 if dtype == "float64" else 1e-4
        for _, read in made.values():  # the same mathematics
            for a, b in zip(read(), made["book"][1](), strict=True):
                np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)
        steps = {name: step for name, (step, _) in made.items()}
        counts = {name: max(1, round(0.02 / seconds(step, 3))) for name, step in steps.items()}
        times = {name: [] for name in steps}
        gc.collect()
        for i in range(samples):
            for name in sorted(steps, reverse=i % 2):
                times[name].append(seconds(steps[name], counts[name]))
        count = sum(a.size for a in parts[0])
        text = f"{count:9,} parameters {dtype}  "
        text += f"book {statistics.median(times['book']) * 1e6:8.1f} µs"
        for name in ("torch", "numpy"):
            ratios = [a / b for a, b in zip(times[name], times["book"], strict=True)]
            low, middle, high = statistics.quantiles(ratios, n=4)
            text += f"   {name}/book {middle:5.2f} ({low:.2f} to {high:.2f})"
        print(text, flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
