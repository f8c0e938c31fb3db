"""The scalar engine beside micrograd and torch: a training step, an expression, a chain, memory."""

import gc
import random
import tracemalloc
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

from bookutils import Value, neuron, total
from bookutils.bench.turns import Entrant, Race, Reading
from bookutils.engine import scalar

GROUP = "scalar engine"
MILLION = 1_000_000
STEPS = 100  # of the demo; then it begins anew, as its rate would become negative


def points():
    """100 points of two moons as rows of floats, and labels -1 and 1."""
    from sklearn.datasets import make_moons

    x, y = make_moons(n_samples=100, noise=0.1, random_state=1337)
    return x.tolist(), (2 * y - 1).tolist()


def micrograds_net_on(value):
    """The classes of micrograd.nn, word for word, over another Value."""
    import micrograd.nn

    source = Path(micrograd.nn.__file__).read_text()
    scope = {"Value": value, "__name__": "micrograd.nn"}
    exec(source.replace("from micrograd.engine import Value", ""), scope)
    return SimpleNamespace(MLP=scope["MLP"])


def demo(value, net, add_up=sum):
    """The demo's loss and gradient step, as in micrograd's notebook: step() -> loss."""
    random.seed(1337)
    model = net.MLP(2, [16, 16, 1])
    x, y = points()
    count, start = 0, [p.data for p in model.parameters()]

    def data_loss():
        inputs = [list(map(value, row)) for row in x] if add_up is sum else x
        scores = list(map(model, inputs))
        losses = [(1 + -yi * si).relu() for yi, si in zip(y, scores, strict=True)]
        return add_up(losses) * (1.0 / len(losses))

    def loss():
        return data_loss() + 1e-4 * add_up(p * p for p in model.parameters())

    def step():
        nonlocal count
        total_loss = loss()
        model.zero_grad()
        total_loss.backward()
        rate = 1.0 - 0.9 * count / STEPS
        for p in model.parameters():
            p.data -= rate * p.grad
        count += 1
        if count == STEPS:
            count = 0
            for p, x in zip(model.parameters(), start, strict=True):
                p.data = x
        return float(total_loss.data)

    step.loss, step.data_loss, step.parameters = loss, data_loss, model.parameters()
    return step


def of_micrograd():
    import micrograd.engine
    import micrograd.nn

    return demo(micrograd.engine.Value, micrograd.nn)


def same_code():
    """The book's Value under micrograd's own classes of nets."""
    return demo(scalar.Value, micrograds_net_on(scalar.Value))


def by_dot_and_total():
    return demo(scalar.Value, neuron, total)


def demo_race():
    return Race(
        "demo",
        GROUP,
        "A gradient step of micrograd's demo: 2-16-16-1 relu net, 100 points, 65,818 nodes",
        "micrograd",
        {  # the first row of a run: no peer but micrograd is imported yet
            "micrograd": Entrant(of_micrograd),
            "micrograd, collector off": Entrant(of_micrograd, collector=False),
            "Value, same code": Entrant(same_code),
            "Value, same code, collector off": Entrant(same_code, collector=False),
            "Value, dot and total": Entrant(by_dot_and_total),
            "Value, dot and total, collector off": Entrant(by_dot_and_total, collector=False),
        },
        rtol=1e-9,  # sums of a thousand terms in another order, three steps
        samples=5,
        least=4,  # garbage of one step is collected in the next
        aside=False,
    )


def ten_nodes(value):
    """Half a neuron's squared error, built and differentiated: 4 leaves and 6 results."""
    w, x, b, t = value(0.4), value(1.5), value(0.1), value(0.9)
    loss = 0.5 * ((w * x + b).relu() - t) ** 2
    loss.backward()
    return w.grad


def of_micrograd_ten_nodes():
    from micrograd.engine import Value as Theirs

    return lambda: ten_nodes(Theirs)


def expression_race():
    return Race(
        "expression",
        GROUP,
        "An expression of ten nodes, forward and backward",
        "micrograd",
        {
            "micrograd": Entrant(of_micrograd_ten_nodes),
            "Value": Entrant(lambda: lambda: ten_nodes(Value)),
        },
    )


def chain(leaf, length):
    """∂/∂x of (x·w + w)·w + …, `length` nodes long."""
    x, w = leaf(0.75), leaf(1.0)
    y = x
    for _ in range(length // 2):
        y = y * w + w
    y.backward()
    return float(x.grad)


def torch_chain(length):
    import torch

    return lambda: chain(lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True), length)


def chain_race(length=MILLION):
    return Race(
        "chain",
        GROUP,
        f"A chain of {length:,} nodes, forward, backward and freed; micrograd recurses, up to 995",
        "torch",
        {
            "torch": Entrant(lambda: torch_chain(length)),
            "Value": Entrant(lambda: lambda: chain(Value, length)),
        },
        warm=1,
        samples=3,
    )


def node_memory():
    """Bytes that the graph of one loss of the demo holds, for each node in it."""
    samples = {}
    for name, make in (
        ("micrograd", of_micrograd),
        ("Value, same code", same_code),
        ("Value, dot and total", by_dot_and_total),
    ):
        if name != "micrograd" or find_spec("micrograd"):
            loss = make().loss
            gc.collect()
            tracemalloc.start()
            root = loss()
            gc.collect()
            size, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            samples[name] = [size / count_nodes(root)]
    return samples, {}


def count_nodes(root):
    seen, stack = {id(root)}, [root]
    while stack:
        for parent in stack.pop()._prev:
            if id(parent) not in seen:
                seen.add(id(parent))
                stack.append(parent)
    return len(seen)


def rows():
    return [
        expression_race(),
        chain_race(),
        Reading(
            "node",
            GROUP,
            "Memory of a node in the graph of the demo's loss",
            "bytes",
            node_memory,
            "micrograd",
        ),
    ]
