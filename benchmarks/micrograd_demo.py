"""micrograd's demo beside the book's engine, in one process; prints ratios, asserts nothing.

The demo: a 2-16-16-1 net of relu neurons on 100 points, SVM loss and L2, gradient steps of all
100 points. A sample is four consecutive steps; garbage is collected before each sample. The
engines take turns, and the times are the processor's, so that other work on the machine counts
less.

Run: python benchmarks/micrograd_demo.py [samples]
"""

import gc
import random
import statistics
import sys
import time
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import micrograd.engine
import micrograd.nn
from sklearn.datasets import make_moons

from bookutils import neuron, total
from bookutils.engine import scalar


def points():
    """100 points of two moons as rows of floats, and labels -1 and 1."""
    x, y = make_moons(n_samples=100, noise=0.1, random_state=1337)
    return x.tolist(), (2 * y - 1).tolist()


def micrograds_net_on(value):
    """The classes of micrograd.nn, word for word, over another Value."""
    source = Path(micrograd.nn.__file__).read_text()
    scope = {"Value": value, "__name__": "micrograd.nn"}
    exec(source.replace("from micrograd.engine import Value", ""), scope)
    return SimpleNamespace(MLP=scope["MLP"])


def demo(value, net, add_up=sum):
    """The demo's loss and step, as in micrograd's notebook; returns step() -> loss."""
    random.seed(1337)
    model = net.MLP(2, [16, 16, 1])
    x, y = points()
    count = 0

    def loss():
        inputs = [list(map(value, row)) for row in x] if add_up is sum else x
        scores = list(map(model, inputs))
        losses = [(1 + -yi * si).relu() for yi, si in zip(y, scores, strict=True)]
        data_loss = add_up(losses) * (1.0 / len(losses))
        reg_loss = 1e-4 * add_up(p * p for p in model.parameters())
        return data_loss + reg_loss

    def step():
        nonlocal count
        total_loss = loss()
        model.zero_grad()
        total_loss.backward()
        rate = 1.0 - 0.9 * count / 100
        for p in model.parameters():
            p.data -= rate * p.grad
        count += 1
        return float(total_loss.data)

    step.loss = loss
    return step


def sample(step, collector, steps=4):
    """Processor seconds for one step."""
    gc.collect()
    if not collector:
        gc.disable()
    start = time.process_time()
    for _ in range(steps):
        step()
    seconds = (time.process_time() - start) / steps
    gc.enable()
    return seconds


def bytes_per_node(loss, count):
    """Memory that the graph of one loss holds, for each node in it."""
    gc.collect()
    tracemalloc.start()
    root = loss()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / count(root), count(root)


def count_nodes(root):
    seen, stack = {id(root)}, [root]
    while stack:
        for parent in stack.pop()._prev:
            if id(parent) not in seen:
                seen.add(id(parent))
                stack.append(parent)
    return len(seen)


def main(samples=5):
    contenders = {
        "micrograd": lambda: demo(micrograd.engine.Value, micrograd.nn),
        "bookutils, same code": lambda: demo(scalar.Value, micrograds_net_on(scalar.Value)),
        "bookutils, dot and total": lambda: demo(scalar.Value, neuron, total),
    }
    for collector in (True, False):
        steps = {name: make() for name, make in contenders.items()}
        times = {name: [] for name in contenders}
        for _ in range(samples):
            for name, step in steps.items():
                times[name].append(sample(step, collector))
        print(f"garbage collector {'on' if collector else 'off'}")
        base = statistics.median(times["micrograd"])
        for name, seconds in times.items():
            middle = statistics.median(seconds)
            print(f"  {name:26}{middle * 1e3:9.1f} ms a step {base / middle:8.2f} times")
    for name, make in contenders.items():
        size, nodes = bytes_per_node(make().loss, count_nodes)
        print(f"  {name:26}{size:9.0f} bytes a node, {nodes} nodes")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
