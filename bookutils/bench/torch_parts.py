"""The parts of a training step on one device: products, copies, calls, chains, checkpoints.

Each function returns make() -> step, or make() -> (step, read), as an Entrant takes it. What a step
works on is made by make(), so that a program that is done leaves no memory behind.
"""

import math
import weakref
from functools import partial

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.checkpoint import checkpoint_sequential

from bookutils.bench.torch_steps import peak

SIZES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}  # bytes of a number


def numbers(*shape, device, seed=0, dtype=torch.float32):
    """Random numbers (standard normal), the same on each call; made on the device."""
    generator = torch.Generator(device).manual_seed(seed)
    return torch.randn(*shape, generator=generator, device=device, dtype=dtype)


# --- what the machine reaches ---------------------------------------------------------------------


def factors(n, device):
    """Two matrices (n, n) in float64."""
    return [numbers(n, n, device=device, seed=k, dtype=torch.float64) for k in (1, 2)]


def product(n, precision, device):
    """A @ B, both (n, n), in a precision; "TF32" is float32 whose products may round their inputs.

    Such products need an NVIDIA GPU of the generation Ampere or later; elsewhere the setting
    changes nothing.
    """

    def make():
        dtype = torch.float32 if precision == "TF32" else getattr(torch, precision)
        A, B = (X.to(dtype) for X in factors(n, device))
        C = torch.empty_like(A)

        def step():
            torch.mm(A, B, out=C)

        def rounding():
            torch.set_float32_matmul_precision("high")
            step()
            torch.set_float32_matmul_precision("highest")

        return rounding if precision == "TF32" else step, lambda: [C.double()]

    return make


def exact_product(n, device):
    """The product in float64, of factors that are not rounded."""
    A, B = factors(n, device)
    return [A @ B]


def copied(size, device):
    """So many bytes read and written elsewhere."""

    def make():
        x = torch.ones(size // 4, device=device)
        return partial(torch.empty_like(x).copy_, x)

    return make


def summed(size, device):
    """So many bytes read, as numbers in float32 that are added up."""
    return lambda: torch.ones(size // 4, device=device).sum


def added(n, device, wait=None):
    """The sum of two arrays of n numbers in float32, into a third.

    After each `wait` is called, where it is given: it returns when the device is done.
    """

    def make():
        a, b, c = (numbers(n, device=device, seed=k) for k in (1, 2, 3))
        if wait is None:
            return partial(torch.add, a, b, out=c)

        def step():
            torch.add(a, b, out=c)
            wait()

        return step

    return make


def added_by_numpy(n):
    def make():
        a, b, c = np.random.default_rng(1).normal(size=(3, n)).astype(np.float32)
        return partial(np.add, a, b, out=c)

    return make


def layer(n, batch, device, weights):
    """X @ W.T, X (batch, n), W = weights() (n, n), in float32 and without a graph: forward."""

    def make():
        return partial(torch.nn.functional.linear, numbers(batch, n, device=device), weights())

    return make


# --- a chain of small operations, eager and compiled ----------------------------------------------

LINKS = 10


def products(x, c):
    y = x
    for _ in range(LINKS):
        y = y * x + c
    return y


def tanhs(x, c):
    y = x + c
    for _ in range(LINKS):
        y = torch.tanh(y)
    return y


CHAINS = {"products": products, "tanh": tanhs}


def chain(kind, n, backward, device, compiled=False, dtype=torch.float32):
    """A chain over n numbers in (-1, 1), forward, or also backward from a random gradient."""

    def make():
        x, c, g = (numbers(n, device=device, seed=k).sin().to(dtype) for k in (1, 2, 3))
        f = torch.compile(CHAINS[kind]) if compiled else CHAINS[kind]
        x.requires_grad_(backward)
        result = []

        def forward():
            result[:] = [f(x, c)]

        def both():
            x.grad = None
            f(x, c).backward(g)
            result[:] = [x.grad]

        return both if backward else forward, lambda: [y.detach().double() for y in result]

    return make


def exact_chain(kind, n, backward, device):
    step, read = chain(kind, n, backward, device, dtype=torch.float64)()
    step()
    return read()


# --- memory for time ------------------------------------------------------------------------------


def checkpointed(segments, layers, width, batch, device, found=None):
    """A step's gradients through layers, of which only the borders of segments keep their inputs.

    The last segment keeps all of its layers: nothing of it is run twice. The dictionary `found`
    gets the runs of layers and the bytes at the peak of one step.
    """

    def make():
        net = torch.nn.Sequential()
        for k in range(layers):
            linear = torch.nn.Linear(width, width, bias=False, device=device)
            with torch.no_grad():
                linear.weight.copy_(numbers(width, width, device=device, seed=k) / math.sqrt(width))
            linear.weight.grad = torch.zeros_like(linear.weight)  # is there before the step
            net.append(torch.nn.Sequential(linear, torch.nn.Tanh()))
        X, G = (numbers(batch, width, device=device, seed=layers + k) for k in (0, 1))

        def step():
            net.zero_grad(set_to_none=False)
            checkpoint_sequential(net, segments, X, use_reentrant=False).backward(G)

        if found is not None:
            runs = []
            hooks = [part.register_forward_pre_hook(lambda *_: runs.append(None)) for part in net]
            found["bytes"] = held(device, step)
            for hook in hooks:
                hook.remove()
            found["runs"] = len(runs)
        return step, lambda: [p.grad.cpu().numpy() for p in net.parameters()]

    return make


def held(device, work):
    """Bytes that work() held at most beyond what was there before: of a device, or of tensors."""
    if device == "cpu":
        with Held() as count:
            work()
        return count.peak
    return peak(device, work)


class Held(TorchDispatchMode):
    """Counts the bytes of the storages that operations make, until they are freed."""

    def __init__(self):
        super().__init__()
        self.now, self.peak, self.known = 0, 0, {}

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        given = {id(x.untyped_storage()) for x in tree_leaves((args, kwargs)) if _is_tensor(x)}
        result = operation(*args, **(kwargs or {}))
        for x in filter(_is_tensor, tree_leaves(result)):
            storage = x.untyped_storage()
            if id(storage) not in self.known and id(storage) not in given:
                self.now += storage.nbytes()
                self.peak = max(self.peak, self.now)
                self.known[id(storage)] = weakref.finalize(
                    storage, self.freed, id(storage), storage.nbytes()
                )
        return result

    def freed(self, key, size):
        del self.known[key]
        self.now -= size


def _is_tensor(x):
    return isinstance(x, torch.Tensor)


# --- to the device and back, and a clock that does not wait ---------------------------------------


def transferred(size, to_device, pinned, device):
    """So many bytes from the host to the device, or back; pinned memory needs a CUDA device."""

    def make():
        host = torch.ones(size // 4, pin_memory=pinned)
        there = torch.ones(size // 4, device=device)
        source, goal = (host, there) if to_device else (there, host)
        return partial(goal.copy_, source, non_blocking=pinned)

    return make


def launched(n, device, clock, samples):
    """Seconds of a product (n, n): to the return of the call, and until the device is done."""
    A, B = (numbers(n, n, device=device, seed=k) for k in (1, 2))
    C = torch.empty_like(A)
    early, late = [], []
    for k in range(3 + samples):
        clock.wait()
        start = clock.now()
        torch.mm(A, B, out=C)
        returned = clock.now()
        clock.wait()
        if k >= 3:  # the first ones load what they run
            early.append(max(returned - start, 1e-9))
            late.append(max(clock.now() - start, 1e-9))
    return {"after synchronising": late, "at the return": early}
