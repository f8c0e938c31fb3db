"""Training steps on one device: by PyTorch in several precisions, by the engine on its storage.

Beside verify.peer, which is asked for gradients, the other importer of torch: what is timed here
are whole steps, with nothing between them and the library.
"""

import time
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from bookutils.bench.machine import told_by
from bookutils.bench.turns import Clock
from bookutils.engine.tensor import Tensor
from bookutils.losses import cross_entropy
from bookutils.nn import MLP
from bookutils.optim import SGD

LR = 0.01
PROGRAMS = {  # what is beside torch float32, the base
    "torch float32": {},
    "torch float64": {"dtype": "float64"},
    "bfloat16 autocast": {"autocast": torch.bfloat16},
    "float16 autocast, scaled": {"autocast": torch.float16, "scaled": True},
    "torch.compile": {"compiled": True},
    "compile + bfloat16": {"compiled": True, "autocast": torch.bfloat16},
}
ENGINE = "engine on torch storage"
HALVINGS = 24  # of the loss's scale, from 2^16 on, before a gradient in float16 counts as infinite


@dataclass(frozen=True)
class Program:
    """step() trains once and reads nothing back; gradients() are those of the loss, in float64."""

    step: object
    gradients: object


def devices():
    """The devices that PyTorch can use here."""
    return ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)


def facts(device):
    """Name, driver and memory of a CUDA device; nothing for the processor."""
    if device == "cpu":
        return None
    asked = ("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader")
    return {
        "name": torch.cuda.get_device_name(),
        "driver": told_by(*asked) or "unknown",
        "cuda": torch.version.cuda,
        "memory": torch.cuda.get_device_properties(0).total_memory,
    }


def clock(device):
    """What times a step: the processor's time, or for a device the time until it has finished."""
    if device == "cpu":
        torch.set_num_threads(1)
        return Clock("processor time", time.process_time)
    return Clock("wall time, device synchronised", time.perf_counter, torch.cuda.synchronize)


def peak(device, work):
    """Bytes that the device held at most during `work()` beyond what it held before, or None."""
    if device == "cpu":
        work()
        return None
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    work()
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before


def forget():
    """Let go of what compilers and the device's allocator keep of a net that is gone."""
    torch._dynamo.reset()  # the nets of other sizes count as recompilations of this one
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def problem(widths, batch, rng):
    """Rows X (batch, d_in), labels (batch,), and weights [W, b, W, b, …] to start from."""
    X = rng.normal(size=(batch, widths[0]))
    weights = []
    for m, n in pairwise(widths):
        weights += [rng.normal(size=(m, n)) * (2 / m) ** 0.5, np.zeros(n)]
    return X, rng.integers(widths[-1], size=batch), weights


def programs(device):
    """{name: make(X, labels, weights) -> Program} of all that trains on this device."""
    made = {
        name: lambda *parts, options=options: by_torch(*parts, device, **options)
        for name, options in PROGRAMS.items()
    }
    return {**made, ENGINE: lambda *parts: by_engine(*parts, device)}


def exact(X, labels, weights, device):
    """The gradients in float64 by PyTorch, on the same device."""
    return by_torch(X, labels, weights, device, dtype="float64").gradients()


def by_torch(
    X, labels, weights, device, dtype="float32", autocast=None, scaled=False, compiled=False
):
    """nn.Linear and relu, cross-entropy, plain SGD, as a PyTorch user would write them."""
    dtype = getattr(torch, dtype)
    layers = []
    for W, b in zip(weights[::2], weights[1::2], strict=True):
        layers += [torch.nn.Linear(*W.shape, dtype=dtype, device=device), torch.nn.ReLU()]
        with torch.no_grad():
            layers[-2].weight.copy_(torch.tensor(W.T.copy()))
            layers[-2].bias.copy_(torch.tensor(b))
    net = torch.nn.Sequential(*layers[:-1])
    sgd = torch.optim.SGD(net.parameters(), lr=LR)
    X, labels = torch.tensor(X, dtype=dtype, device=device), torch.tensor(labels, device=device)
    scaler = torch.amp.GradScaler(device, enabled=scaled)

    def loss_of(X, labels):
        with torch.autocast(device, dtype=autocast, enabled=autocast is not None):
            return torch.nn.functional.cross_entropy(net(X), labels)

    forward = torch.compile(loss_of) if compiled else loss_of

    def step():
        sgd.zero_grad()
        scaler.scale(forward(X, labels)).backward()
        scaler.step(sgd)
        scaler.update()

    def gradients():
        for _ in range(HALVINGS):
            sgd.zero_grad()
            scaler.scale(forward(X, labels)).backward()
            scaler.unscale_(sgd) if scaled else None
            found = [p.grad.double().cpu().numpy() for p in net.parameters()]
            if not scaled or all(np.isfinite(g).all() for g in found):
                break
            scaler.update()  # an infinity: half the scale
        sgd.zero_grad()
        if scaled:
            scaler.update()
        return [g.T if g.ndim == 2 else g for g in found]  # nn.Linear holds W transposed

    return Program(step, gradients)


def by_engine(X, labels, weights, device):
    """The book's nn, losses and optim with arrays of PyTorch, on its device, in float32."""
    widths = [X.shape[1], *(b.size for b in weights[1::2])]
    net = MLP(widths, rng=np.random.default_rng(0), dtype="float32")
    for p, w in zip(net.parameters(), weights, strict=True):
        p.data = torch.tensor(w, dtype=torch.float32, device=device)
    sgd = SGD(net.parameters(), lr=LR)
    X = Tensor(torch.tensor(X, dtype=torch.float32, device=device))
    labels = torch.tensor(labels, device=device)

    def backward():
        sgd.zero_grad()
        cross_entropy(net(X), labels).backward()

    def step():
        backward()
        sgd.step()

    def gradients():
        backward()
        return [p.grad.double().cpu().numpy() for p in net.parameters()]

    return Program(step, gradients)
