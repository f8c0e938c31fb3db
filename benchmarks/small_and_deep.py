"""A 10-node expression beside micrograd, and a million-node chain beside torch 0-d tensors.

Both in one process, in turns, garbage collected before each sample, the first sample of each left
out; times of the processor, so that other work on the machine counts less. Prints ratios, asserts
nothing.

Run: python benchmarks/small_and_deep.py
"""

import gc
import statistics
import time

import micrograd.engine
import torch

from bookutils import Value

MILLION = 1_000_000


def ten_nodes(value):
    """Half a neuron's squared error, built and differentiated: 4 leaves and 6 results."""
    w, x, b, t = value(0.4), value(1.5), value(0.1), value(0.9)
    loss = 0.5 * ((w * x + b).relu() - t) ** 2
    loss.backward()
    return w.grad


def chain(leaf, length=MILLION):
    """The slope of (x·w + w)·w + …, a million nodes long."""
    x, w = leaf(0.75), leaf(1.0)
    y = x
    for _ in range(length // 2):
        y = y * w + w
    y.backward()
    return float(x.grad)


def tensor(x):
    return torch.tensor(x, dtype=torch.float64, requires_grad=True)


def seconds(work, repeats):
    """Seconds for one call of `work`, freeing what it made included."""
    gc.collect()
    start = time.process_time()
    for _ in range(repeats):
        work()
    return (time.process_time() - start) / repeats


def beside(title, samples, repeats, **contenders):
    """Print each contender's median time, and how many times the first one's speed that is."""
    times = {name: [] for name in contenders}
    for _ in range(1 + samples):
        for name, work in contenders.items():
            times[name].append(seconds(work, repeats))
    middles = {name: statistics.median(measured[1:]) for name, measured in times.items()}
    base = next(iter(middles.values()))
    print(title)
    for name, middle in middles.items():
        print(f"  {name:12}{middle * 1e6:14,.1f} µs {base / middle:8.2f} times")


def main():
    beside(
        "10-node expression, forward and backward",
        9,
        2_000,
        micrograd=lambda: ten_nodes(micrograd.engine.Value),
        bookutils=lambda: ten_nodes(Value),
    )
    torch.set_num_threads(1)
    # A full collection walks over all that the process has imported. A reader who trains with one
    # library has not the other's 150,000 objects in memory: so what is imported is set aside.
    gc.collect()
    gc.freeze()
    beside(
        "million-node chain, forward, backward and freed",
        5,
        1,
        torch=lambda: chain(tensor),
        bookutils=lambda: chain(Value),
    )


if __name__ == "__main__":
    main()
