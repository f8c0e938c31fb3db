"""Exercises of chapter 11, the same in PyTorch.

PyTorch is imported by what runs an answer, and by nothing before.
"""

from functools import cache

import numpy as np

from bookutils.checks import worked_11 as worked
from bookutils.checks.nearby import one_moved
from bookutils.judge.exercise import BROKEN, Exercise, Mistake

BY_HAND = 'chapter 11, section 11.2, "Numbers by hand"'
ROUND = 'chapter 11, section 11.4, "Weights the other way round"'
MODULE = 'chapter 11, section 11.5, "What a module knows"'
SWITCHES = 'chapter 11, section 11.6, "Two switches"'
RING = 'chapter 11, section 11.7, "The ring"'
ROWS = 'chapter 11, section 11.8, "Rows, pairs, batches"'
HOOKS = 'chapter 11, section 11.9, "Hooks"'
OWN = 'chapter 11, section 11.10, "An operation of your own"'
SAVE = 'chapter 11, section 11.11, "Save, and go on exactly"'

# ---- 11.1 batch norm by hand


def norm(mean=0.5, var=3.0, train=None, evaluated=None, biased=14.0):
    """The four numbers for running statistics and a variance of the batch."""
    train = (1 - 5) / biased**0.5 if train is None else train
    evaluated = (1 - mean) / var**0.5 if evaluated is None else evaluated
    return mean, var, train, evaluated


# ---- 11.2 a linear layer


def into_a_layer(copy_linear, W, b, X, lr):
    import torch

    torch.manual_seed(0)
    layer = torch.nn.Linear(*W.shape, dtype=torch.float64)
    descent = torch.optim.SGD(layer.parameters(), lr)
    copy_linear(layer, W, b)
    y = layer(torch.tensor(X))
    y.square().sum().backward()
    descent.step()
    return y, layer.weight, layer.bias


def layer_cases(rng):
    """Wide, narrow and square, one input, one output, one row; zeros, large numbers, no step."""

    def case(n, i, o, lr=0.1, size=1.0):
        return rng.normal(size=(i, o)) * size, rng.normal(size=o), rng.normal(size=(n, i)), lr

    W = np.array([[0.5, -1.0], [2.0, 0.25], [1.5, 3.0]])
    base = W, np.array([0.5, -2.0]), np.array([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]]), 0.1
    yield base
    yield np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([0.5, -1.5]), base[2][:, :2], 0.1
    yield from (case(3, 5, 3), case(2, 4, 4), case(2, 4, 4), case(4, 1, 3), case(3, 3, 1))
    yield from (case(1, 1, 1), case(1, 2, 5, 0.5), case(2, 2, 3, 0.0), case(3, 2, 2, 0.01, 80.0))
    yield np.zeros((2, 3)), np.zeros(3), np.ones((2, 2)), 0.5
    yield W, np.array([70.5, -90.25]), 60.0 * base[2], 60.1234
    yield from one_moved(base)


def fill(layer, weight, bias):
    """Numbers into a layer, as `copy_` does it."""
    import torch

    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(weight))
        layer.bias.copy_(torch.as_tensor(bias))


def filled_as_found(layer, W, b):
    import torch

    layer.weight = torch.nn.Parameter(torch.from_numpy(W.reshape(layer.weight.shape)))
    layer.bias = torch.nn.Parameter(torch.from_numpy(b))


def not_transposed(layer, W, b):
    fill(layer, W, b)


def reshaped(layer, W, b):
    fill(layer, W.reshape(layer.weight.shape), b)


def without_bias(layer, W, b):
    fill(layer, W.T, layer.bias.detach())


def without_weight(layer, W, b):
    fill(layer, layer.weight.detach(), b)


def through_float32(layer, W, b):
    fill(layer, W.T.astype(np.float32), b.astype(np.float32))


def shared(layer, W, b):
    import torch

    layer.weight.data = torch.from_numpy(W).T
    layer.bias.data = torch.from_numpy(b)


def new_parameters(layer, W, b):
    import torch

    layer.weight = torch.nn.Parameter(torch.tensor(W.T))
    layer.bias = torch.nn.Parameter(torch.tensor(b))


# PyTorch has other words for views: a row, a transpose, and in 2.5 `weight[:]` as well
def recorded(layer, W, b, changed="a Parameter"):
    import torch

    weight = layer.weight if changed == "a Parameter" else layer.weight.T.T
    weight.copy_(torch.tensor(W.T))
    layer.bias.copy_(torch.tensor(b))


def tensors_as_parameters(layer, W, b):
    import torch

    layer.weight = torch.tensor(W.T)
    layer.bias = torch.tensor(b)


def single_data(layer, W, b):
    import torch

    layer.weight.data = torch.tensor(W.T, dtype=torch.float32)
    layer.bias.data = torch.tensor(b, dtype=torch.float32)


def frozen(layer, W, b):
    fill(layer, W.T, b)
    layer.requires_grad_(False)


def another_layer(layer, W, b):
    import torch

    layer = torch.nn.Linear(*W.shape, dtype=torch.float64)
    fill(layer, W.T, b)
    return layer


def new_weight_alone(layer, W, b):
    import torch

    fill(layer, W.T, b)
    layer.weight = torch.nn.Parameter(torch.tensor(W.T))


# ---- 11.3 two switches


def pass_cases(rng):
    """All ways to set the switches; no epoch, one and many, no validation, no batch."""
    switches = [(e, g, b) for e in (True, False) for g in (True, False) for b in (True, False)]
    for counts in ((3, 7, 2), (5, 4, 3), (1, 6, 4), (0, 5, 2), (2, 3, 0), (4, 0, 3), (2, 50, 60)):
        for three in switches:
            yield (*counts, *three)
    yield from one_moved((3, 7, 2, True, False, True))


def passed(epochs, batches, val, evaluates, guarded, back):
    """The right counts."""
    rounds = epochs if back or not evaluates else min(epochs, 1)
    noisy = rounds * batches + epochs * val * (not evaluates)
    return noisy, noisy, epochs * (batches + val * (not guarded))


def no_grad_evaluates(epochs, batches, val, evaluates, guarded, back):
    first = min(epochs, 1)
    train = epochs * batches if back or not evaluates else first * batches
    looked = 0 if evaluates or guarded else epochs * val
    recorded = epochs * (batches + val * (not guarded))
    return train + looked, train + looked, recorded


def eval_records_nothing(epochs, batches, val, evaluates, guarded, back):
    right = passed(epochs, batches, val, evaluates, guarded, back)
    return (*right[:2], epochs * batches + epochs * val * (not guarded and not evaluates))


def mode_records(epochs, batches, val, evaluates, guarded, back):
    """A graph exactly in training mode."""
    noisy, moved, _ = passed(epochs, batches, val, evaluates, guarded, back)
    return noisy, moved, noisy


def always_moving(epochs, batches, val, evaluates, guarded, back):
    noisy, _, graphs = passed(epochs, batches, val, evaluates, guarded, back)
    return noisy, epochs * (batches + val), graphs


def moving_with_gradients(epochs, batches, val, evaluates, guarded, back):
    noisy, _, graphs = passed(epochs, batches, val, evaluates, guarded, back)
    return noisy, noisy - epochs * val * (not evaluates and guarded), graphs


def quiet_without_gradients(epochs, batches, val, evaluates, guarded, back):
    _, moved, graphs = passed(epochs, batches, val, evaluates, guarded, back)
    return moved - epochs * val * (not evaluates and guarded), moved, graphs


def only_training_moves(epochs, batches, val, evaluates, guarded, back):
    noisy, _, graphs = passed(epochs, batches, val, evaluates, guarded, back)
    return noisy, min(noisy, epochs * batches), graphs


def set_back_by_itself(epochs, batches, val, evaluates, guarded, back):
    return passed(epochs, batches, val, evaluates, guarded, True)


def never_set_back(epochs, batches, val, evaluates, guarded, back):
    return passed(epochs, batches, val, evaluates, guarded, False)


def eval_from_the_start(epochs, batches, val, evaluates, guarded, back):
    _, _, graphs = passed(epochs, batches, val, evaluates, guarded, back)
    noisy = passed(epochs, batches, val, evaluates, guarded, True)[0]
    return (noisy, noisy, graphs) if back or not evaluates else (0, 0, graphs)


def no_grad_goes_on(epochs, batches, val, evaluates, guarded, back):
    right = passed(epochs, batches, val, evaluates, guarded, back)
    return (*right[:2], min(epochs, 1) * batches if guarded else right[2])


# ---- 11.4 pairs of rows


def in_batches(pairs, X, T, order, size):
    import torch

    return pairs(torch.from_numpy(X), torch.from_numpy(T), torch.from_numpy(order), size)


def batch_cases(rng):
    """Whole batches and a short last one, one batch, batches of one, one row, any order."""
    X = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0], [5.0, 50.0]])
    base = X, X[:, :1] - 6.0, np.array([2, 0, 4, 1, 3]), 2
    yield base
    yield *base[:2], np.array([4, 3, 1, 0, 2]), 2
    yield *base[:2], np.arange(5), 3
    for size in (1, 4, 5, 6, 100):
        yield *base[:3], size
    yield X[:1], base[1][:1], np.array([0]), 1
    yield X[:1], base[1][:1], np.array([0]), 3
    for n, d, k, size in ((6, 3, 2, 3), (7, 1, 1, 3), (7, 1, 1, 3), (4, 2, 3, 2), (9, 2, 2, 4)):
        yield rng.normal(size=(n, d)), rng.normal(size=(n, k)), rng.permutation(n), size
    yield np.zeros((3, 2)), np.array([[0.0], [0.0], [1.0]]), np.array([2, 1, 0]), 2
    yield X[:2], np.array([[70.5], [-90.25]]), np.array([1, 0]), 1
    yield from one_moved(base)


def batches_of(X, T, order, size):
    return [(X[order[i : i + size]], T[order[i : i + size]]) for i in range(0, len(order), size)]


def as_found(X, T, order, size):
    from torch.utils.data import DataLoader

    loader = DataLoader(X[order], batch_size=size, drop_last=True)
    return [(rows, T[i : i + size]) for i, rows in enumerate(loader)]


def short_dropped(X, T, order, size):
    return [pair for pair in batches_of(X, T, order, size) if len(pair[0]) == size]


def targets_not_shuffled(X, T, order, size):
    return [(X[order[i : i + size]], T[i : i + size]) for i in range(0, len(X), size)]


def rows_not_shuffled(X, T, order, size):
    return [(X[i : i + size], T[order[i : i + size]]) for i in range(0, len(X), size)]


def from_the_batch_number(X, T, order, size):
    X, T = X[order], T[order]
    starts = range(0, len(X), size)
    return [(X[i : i + size], T[j : j + size]) for j, i in enumerate(starts)]


def unshuffled_by_number(X, T, order, size):
    starts = range(0, len(X), size)
    return [(X[order][i : i + size], T[j : j + size]) for j, i in enumerate(starts)]


def rows_alone(X, T, order, size):
    return [X[order[i : i + size]] for i in range(0, len(X), size)]


def not_shuffled(X, T, order, size):
    return [(X[i : i + size], T[i : i + size]) for i in range(0, len(X), size)]


def filled_up(X, T, order, size):
    n = len(order)
    found = []
    for i in range(0, n, size):
        rows = [int(order[j % n]) for j in range(i, i + size)]
        found.append((X[rows], T[rows]))
    return found


def inverse_order(X, T, order, size):
    import torch

    return batches_of(X, T, torch.argsort(order), size)


def from_the_end(X, T, order, size):
    return batches_of(X, T, order.flip(0), size)


def single_pairs(X, T, order, size):
    return [[(X[j], T[j]) for j in order[i : i + size]] for i in range(0, len(order), size)]


def size_batches(X, T, order, size):
    """As many batches as a batch should have rows."""
    import torch

    parts = torch.tensor_split(order, min(size, len(order)))
    return [(X[part], T[part]) for part in parts]


def in_chunks(X, T, order, size):
    return list(zip(X[order].chunk(size), T[order].chunk(size), strict=True))


def targets_by_inverse(X, T, order, size):
    import torch

    inverse = torch.argsort(order)
    pairs = batches_of(X, T, order, size), batches_of(X, T, inverse, size)
    return [(x, t) for (x, _), (_, t) in zip(*pairs, strict=True)]


def from_every_row(X, T, order, size):
    X, T = X[order], T[order]
    return [(X[i : i + size], T[i : i + size]) for i in range(len(X) - size + 1)]


def targets_first(X, T, order, size):
    return [(t, x) for x, t in batches_of(X, T, order, size)]


def all_rows_first(X, T, order, size):
    return X[order].split(size), T[order].split(size)


def rest_from_the_end(X, T, order, size):
    n = len(order)
    parts = [order[i : i + size] for i in range(0, n - size + 1, size)]
    return [(X[part], T[part]) for part in [*parts, order[-(n % size) :]]]


def empty_last(X, T, order, size):
    return [
        (X[order[i : i + size]], T[order[i : i + size]]) for i in range(0, len(order) + 1, size)
    ]


def one_row_less(X, T, order, size):
    starts = range(0, len(order), size)
    return [(X[order[i : i + size - 1]], T[order[i : i + size - 1]]) for i in starts]


def range_ends_early(X, T, order, size):
    starts = range(0, len(order) - size, size)
    return [(X[order[i : i + size]], T[order[i : i + size]]) for i in starts]


def ordered_twice(X, T, order, size):
    return batches_of(X[order], T[order], order, size)


# ---- 11.5 tied weights


def by_pencil(tied, X, W, b, c):
    import torch

    X, W, b, c = map(torch.from_numpy, (X, W, b, c))
    return tied(X, W, b, c)


def tied_cases(rng):
    """Wide, narrow, square; one row, one unit, one column; z at 0, no unit alive, all alive."""
    X = np.array([[1.0, 2.0, -1.0], [0.5, -1.0, 2.0]])
    W = np.array([[1.0, 0.5, -1.0], [-2.0, 1.0, 0.5]])
    base = X, W, np.array([0.5, 1.25]), np.array([0.5, -1.0, 0.25])
    yield base
    yield X, W, np.array([-3.0, 2.5]), base[3]  # the first unit has z = 0 in row 0
    yield X, W, np.array([-3.0, -0.5]), np.array([0.5, 2.0, 0.25])
    yield X, W, np.array([-9.0, -9.0]), base[3]
    yield X, W, np.array([9.0, 9.0]), base[3]
    yield X[:, :2], W[:, :2], base[2], base[3][:2]
    for n, d, m in ((4, 3, 2), (5, 2, 4), (3, 3, 3), (3, 3, 3), (1, 3, 2), (1, 2, 2), (4, 1, 3),
                    (4, 3, 1), (1, 1, 1), (2, 2, 5)):  # fmt: skip
        yield tuple(rng.normal(size=shape) for shape in ((n, d), (m, d), m, d))
    yield np.zeros((2, 3)), W, base[2], np.zeros(3)
    yield 60.0 * X, 0.1 * W, base[2], base[3]
    yield X, 60.0 * W, np.array([0.0, 90.5]), np.array([0.0, -70.25, 0.5])
    yield X, W * (W > 0), base[2], base[3]
    yield X, W, 1e-4 * np.array([1.0, -1.0]) - (X @ W.T)[0], base[3]
    yield from one_moved(base)


def gradients(X, W, b, c, back=None, mask=None, divide=None, encoder=True, decoder=True):
    """The three gradients, with one step in another way."""
    z = X @ W.T + b
    h = z.clamp(min=0)
    G = 2 * (h @ W + c - X)
    G = G / X.numel() if divide is None else G * divide(X)
    delta = G @ W.T if back is None else back(G, W)
    delta = delta * (z > 0) if mask is None else mask(delta, z, h)
    dW = h.T @ G if decoder else 0
    if encoder:
        dW = dW + delta.T @ X
    return dW, delta.sum(0), G.sum(0)


def tied_as_found(X, W, b, c):
    z = X @ W.T + b
    h = z.relu()
    G = 2 * (h @ W + c - X) / len(X)
    dW = h.T @ G
    delta = G @ W.T
    dW = delta.T @ X
    return dW, delta.sum(0), G.sum(0)


def added_before_the_mask(X, W, b, c):
    z = X @ W.T + b
    h = z.relu()
    G = 2 * (h @ W + c - X) / X.numel()
    delta = G @ W.T
    return h.T @ G + delta.T @ X, (delta * (z > 0)).sum(0), G.sum(0)


def bias_unmasked(X, W, b, c):
    z = X @ W.T + b
    G = 2 * (z.relu() @ W + c - X) / X.numel()
    return gradients(X, W, b, c)[0], (G @ W.T).sum(0), G.sum(0)


def in_out_layout(X, W, b, c):
    dW, db, dc = gradients(X, W, b, c)
    return dW.T, db, dc


# ---- 11.6 an operation of one's own


def through(swish, x, k, G):
    import torch

    leaf = torch.from_numpy(x).requires_grad_()
    y = swish(leaf, k)
    swish(leaf + 1, k - 1)  # another call before the backward pass of the first
    y.backward(torch.from_numpy(G))
    own = isinstance(y.grad_fn, torch.autograd.function.BackwardCFunction)
    return y, leaf.grad, own


def swish_cases(rng):
    """Any shape; k above, at and below 0; x at 0, small, and so large that exp overflows."""
    base = np.array([1.0, -2.0, 0.5]), 2.0, np.array([3.0, -1.0, 0.25])
    yield base
    yield base[0], 0.0, base[2]
    yield base[0], 1.0, base[2]
    yield base[0], -1.5, base[2]
    yield np.array([0.0, 0.0]), 2.0, np.array([1.5, -4.0])
    yield np.array([1000.0, -1000.0, 800.0, -60.0]), 1.0, np.array([2.0, 3.0, -1.0, 5.0])
    yield np.array([900.0, -750.0]), 2.0, np.array([-1.5, 0.5])
    yield np.array([50.0, -40.0, 0.1, 20.0]), -2.5, np.array([2.0, 3.0, -1.0, 5.0])
    yield np.array([1e-4, -1e-4, 0.01]), 0.5, np.array([1.0, 2.0, 70.1234])
    yield np.array(0.75), 3.0, np.array(-2.0)
    yield np.array([0.3, 0.7]), 2.0, np.zeros(2)
    for shape in ((2, 3), (2, 3), (3, 3), (1,), (1, 4), (4, 1), (2, 1, 2), (0,)):
        yield rng.normal(size=shape) * 2, float(rng.normal()), rng.normal(size=shape)
    yield from one_moved(base)


def own(x, k, gradient, value=lambda x, k, s: x * s, last=(None,)):
    """A Function with these lines in forward and backward; s is σ(kx)."""
    import torch

    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, k):
            ctx.save_for_backward(x)
            ctx.k = k
            return value(x, k, torch.sigmoid(k * x))

        @staticmethod
        def backward(ctx, G):
            (x,) = ctx.saved_tensors
            return gradient(x, ctx.k, torch.sigmoid(ctx.k * x), G), *last

    return Swish.apply(x, k)


def slope(x, k, s, G):
    return G * (s + k * x * s * (1 - s))


def by_autograd(x, k):
    import torch

    return x * torch.sigmoid(k * x)


def no_gradient_for_k(x, k):
    return own(x, k, slope, last=())


def a_gradient_for_k(x, k):
    import torch

    return own(x, k, slope, last=(torch.ones_like(x),))


def kept_in_one_place(x, k):
    """What backward needs is kept where the next call overwrites it."""
    import torch

    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, k):
            LAST[:] = x.detach().clone(), k
            return x * torch.sigmoid(k * x)

        @staticmethod
        def backward(ctx, G):
            x, k = LAST
            return slope(x, k, torch.sigmoid(k * x), G), None

    return Swish.apply(x, k)


LAST = [None, None]


def float_saved(x, k):
    import torch

    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, k):
            ctx.save_for_backward(x, k)
            return x * torch.sigmoid(k * x)

    return Swish.apply(x, k)


def overflowing(x, k, sign=1):
    def ratio(x, k, s, G):
        e = (sign * k * x).exp()
        return G * ((e if sign > 0 else 1) / (1 + e) + k * x * e / (1 + e) ** 2)

    return own(x, k, ratio)


# ---- 11.7 a snapshot


def there_and_back(snapshot, seed, before, after):
    import torch

    torch.manual_seed(seed)
    first = torch.nn.Linear(3, 4, bias=False, dtype=torch.float32)
    last = torch.nn.Linear(4, 1, dtype=torch.float32)
    net = torch.nn.Sequential(first, torch.nn.BatchNorm1d(4), torch.nn.Tanh(), last).double()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 9)
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(8, 3, dtype=torch.float64)
    t, losses, restore = X.prod(dim=1, keepdim=True), [], None
    for k in range(before + 3 * after):
        if k == before:
            restore = snapshot(net, optimizer, scheduler, generator)
        elif k in (before + after, before + 2 * after):
            restore()
        rows = torch.randperm(8, generator=generator)[:5]
        optimizer.zero_grad()
        (net.train()(X[rows]) - t[rows]).square().mean().backward()
        optimizer.step()
        scheduler.step()
        with torch.no_grad():
            losses.append((net.eval()(X) - t).square().mean().item())
    first, again, third = (losses[before + j * after :][:after] for j in range(3))
    return first, again, third


def run_cases(rng):
    """From the start and later; one step and more; what each part of the state is read for."""
    yield from ((1, 2, 1), (2, 3, 2), (3, 0, 2), (4, 5, 3), (5, 0, 1))
    yield from ((6, 2, 1), (1, 3, 1), (1, 2, 2))


def taken(net, optimizer, scheduler, generator, parts="nosg", copies=True):
    """All parts of the state, or some: n, o, s, g; copied when they are taken and given back."""
    from copy import deepcopy

    owners = {"n": net, "o": optimizer, "s": scheduler}
    saved = {name: deepcopy(owners[name].state_dict()) for name in owners if name in parts}
    state = generator.get_state()

    def restore():
        for name in saved:
            owners[name].load_state_dict(deepcopy(saved[name]) if copies else saved[name])
        if "g" in parts:
            generator.set_state(state)

    return restore


def live(net, optimizer, scheduler, generator):
    saved = [part.state_dict() for part in (net, optimizer, scheduler)]
    state = generator.get_state()

    def restore():
        for part, kept in zip((net, optimizer, scheduler), saved, strict=True):
            part.load_state_dict(kept)
        generator.set_state(state)

    return restore


def live_net(net, optimizer, scheduler, generator):
    weights, rest = net.state_dict(), taken(net, optimizer, scheduler, generator, "osg")

    def restore():
        net.load_state_dict(weights)
        rest()

    return restore


def live_optimizer(net, optimizer, scheduler, generator):
    moments, rest = optimizer.state_dict(), taken(net, optimizer, scheduler, generator, "nsg")

    def restore():
        optimizer.load_state_dict(moments)
        rest()

    return restore


def shared_after_the_first(net, optimizer, scheduler, generator):
    return taken(net, optimizer, scheduler, generator, copies=False)


def parameters_alone(net, optimizer, scheduler, generator):
    import torch

    kept = [p.detach().clone() for p in net.parameters()]
    rest = taken(net, optimizer, scheduler, generator, "osg")

    def restore():
        with torch.no_grad():
            for p, value in zip(net.parameters(), kept, strict=True):
                p.copy_(value)
        rest()

    return restore


def seeded_again(net, optimizer, scheduler, generator):
    rest = taken(net, optimizer, scheduler, generator, "nos")

    def restore():
        rest()
        generator.manual_seed(generator.initial_seed())

    return restore


def nothing_back(net, optimizer, scheduler, generator):
    return lambda: None


def with_parts(parts):
    return lambda net, optimizer, scheduler, generator: taken(
        net, optimizer, scheduler, generator, parts
    )


def some_parts(net, optimizer, scheduler, generator, words="the net"):
    parts = "".join(word[0] for word in words.replace("the ", "").split(" and "))
    return taken(net, optimizer, scheduler, generator, parts)


def weights_handed_over(net, optimizer, scheduler, generator):
    from copy import deepcopy

    rest, kept = taken(net, optimizer, scheduler, generator, "osg"), deepcopy(net.state_dict())

    def restore():
        rest()
        for name, p in net.named_parameters():
            p.data = kept[name]
        for name, buffer in net.named_buffers():
            buffer.copy_(kept[name])

    return restore


@cache
def taken_back(seed, before, after):
    return there_and_back(taken, seed, before, after)


# ---- 11.8 gradients of the outputs


def twice(output_norms, Ws, X, t):
    import torch
    from torch import nn

    linear = [nn.Linear(*W.T.shape, bias=False, dtype=torch.float64) for W in Ws]
    for layer, W in zip(linear, Ws, strict=True):
        layer.weight.data = torch.tensor(W)
        layer.weight.grad = torch.ones_like(layer.weight)
    inner = [part for layer in linear[:-1] for part in (layer, nn.Tanh())]
    net = nn.Sequential(nn.Sequential(*inner), linear[-1])
    first, again = (output_norms(net, torch.tensor(X), torch.tensor(t)) for _ in range(2))
    hooks = sum(len(m._forward_hooks) + len(m._backward_hooks) for m in net.modules())
    grads = [layer.weight.grad for layer in linear]
    untouched = all(g is not None and bool((g == 1).all()) for g in grads)
    return first, again, hooks, untouched


def net_cases(rng):
    """One layer to four, one unit, one row, square weights; a loss of 0, large numbers."""
    W1, W2 = np.array([[0.5, -1.0], [1.0, 0.25], [-0.5, 2.0]]), np.array([[1.0, -2.0, 0.5]])
    X, t = np.array([[1.0, -0.5], [0.25, 2.0]]), np.array([[0.5], [-1.0]])
    base = (W1, W2), X, t
    yield base
    yield (W2,), X @ W1.T, t
    yield (W1, np.array([[1.0, -2.0, 0.75]])), X, t
    yield base[0], X, t * 1.25
    yield base[0], X * 1.25, t
    for widths, n in (((3, 4, 2), 5), ((3, 4, 2), 5), ((2, 2, 2, 2), 2), ((2, 5, 3, 4, 1), 3),
                      ((2, 3, 1), 1), ((1, 1, 1), 1), ((4, 1), 3), ((2, 3, 3), 1)):  # fmt: skip
        Ws = tuple(rng.normal(size=(o, i)) for i, o in zip(widths, widths[1:], strict=False))
        yield Ws, rng.normal(size=(n, widths[0])), rng.normal(size=(n, widths[-1]))
    yield (W1, W2), X, np.tanh(X @ W1.T) @ W2.T
    yield (W1, W2), X, 100.5 * t
    yield (W1, W2 * (W2 > 0)), 60.25 * X, t
    yield (W2,), 60.25 * X @ W1.T, t
    yield (60.25 * W1, W2), 0.01 * X, t * (t > 0)
    yield (W1, W2), X * (X > 0), t


def names_of(Ws):
    return [*(f"0.{2 * k}" for k in range(len(Ws) - 1)), "1"]


def output_gradients(Ws, X, t):
    """(outputs, their gradients), from the first layer to the last; (n, out) each."""
    inputs, outputs = [X], []
    for W in Ws:
        outputs.append(inputs[-1] @ W.T)
        inputs.append(np.tanh(outputs[-1]))
    G, found = 2 * (outputs[-1] - t) / t.size, []
    for k in reversed(range(len(Ws))):
        found.insert(0, G)
        if k:
            G = (G @ Ws[k]) * (1 - inputs[k] ** 2)
    return outputs, found


def norms(Ws, X, t):
    found = output_gradients(Ws, X, t)[1]
    lengths = {
        name: float(np.sqrt(np.sum(G**2))) for name, G in zip(names_of(Ws), found, strict=True)
    }
    return lengths, lengths, 0, True


def by_hooks(net, X, t, length=lambda G: G.norm().item(), loss=lambda e: e.square().mean(),
             kinds=("Linear",), leave=False, of=lambda outputs, inputs: outputs):  # fmt: skip
    """Hooks on the layers, with one step in another way."""
    import torch

    outputs, inputs, hooks = {}, {}, []
    for name, module in net.named_modules():
        if type(module).__name__ in kinds:

            def keep(module, given, output, name=name):
                outputs[name] = output
                inputs[name] = given[0]

            hooks.append(module.register_forward_hook(keep))
    value = loss(net(X.clone().requires_grad_()) - t)
    some = of(outputs, inputs)
    found = torch.autograd.grad(value, list(some.values()))
    for hook in hooks * (not leave):
        hook.remove()
    return {name: length(G) for name, G in zip(some, found, strict=True)}


def leaking(net, X, t):
    return by_hooks(net, X, t, leave=True)


def by_backward(net, X, t):
    """`loss.backward()` with `retain_grad` on the outputs."""
    outputs, hooks = {}, []
    for name, module in net.named_modules():
        if type(module).__name__ == "Linear":

            def keep(module, given, output, name=name):
                output.retain_grad()
                outputs[name] = output

            hooks.append(module.register_forward_hook(keep))
    (net(X) - t).square().mean().backward()
    for hook in hooks:
        hook.remove()
    return {name: output.grad.norm().item() for name, output in outputs.items()}


def of_inputs(net, X, t):
    return by_hooks(net, X, t, of=lambda outputs, inputs: inputs)


def of_weights(net, X, t):
    import torch

    linear = {name: m for name, m in net.named_modules() if type(m).__name__ == "Linear"}
    loss = (net(X) - t).square().mean()
    found = torch.autograd.grad(loss, [m.weight for m in linear.values()])
    return {name: G.norm().item() for name, G in zip(linear, found, strict=True)}


def of_values(net, X, t):
    outputs = {}
    for name, module in net.named_modules():
        if type(module).__name__ == "Linear":
            hook = module.register_forward_hook(
                lambda module, given, output, name=name: outputs.update({name: output})
            )
            net(X)
            hook.remove()
    return {name: output.norm().item() for name, output in outputs.items()}


def of_all_modules(net, X, t):
    return by_hooks(net, X, t, kinds=("Linear", "Tanh"))


LENGTHS = {
    "the sum of squares": lambda G: G.square().sum().item(),
    "the sum of the absolute values": lambda G: G.abs().sum().item(),
    "the mean of the absolute values": lambda G: G.abs().mean().item(),
    "the largest absolute value": lambda G: G.abs().max().item(),
    "the root of the mean of squares": lambda G: G.square().mean().sqrt().item(),
    "the mean of squares": lambda G: G.square().mean().item(),
    "the mean of the norms of the rows": lambda G: G.norm(dim=1).mean().item(),
    "the sum of the norms of the rows": lambda G: G.norm(dim=1).sum().item(),
    "the norm of the sum over the rows": lambda G: G.sum(dim=0).norm().item(),
    "the norm of the mean over the rows": lambda G: G.mean(dim=0).norm().item(),
    "the sum of all numbers": lambda G: G.sum().item(),
}
LOSSES = {
    "the sum of the squares": lambda e: e.square().sum(),
    "the squares divided by the number of rows": lambda e: e.square().sum() / len(e),
    "half of the loss": lambda e: e.square().mean() / 2,
    "the root of the loss": lambda e: e.square().mean().sqrt(),
    "the mean absolute error": lambda e: e.abs().mean(),
    "the sum of the outputs": lambda e: e.sum(),
    "the mean of the outputs": lambda e: e.mean(),
}


def under_the_last_name(net, X, t):
    import torch

    outputs, hooks = {}, []
    for name, module in net.named_modules():
        if type(module).__name__ == "Linear":

            def keep(module, given, output):
                outputs[name] = output  # noqa: B023 - that is the mistake

            hooks.append(module.register_forward_hook(keep))
    loss = (net(X) - t).square().mean()
    for hook in hooks:
        hook.remove()
    found = torch.autograd.grad(loss, list(outputs.values()))
    return {name: G.norm().item() for name, G in zip(outputs, found, strict=True)}


def by_parameter(net, X, t):
    return {f"{name}.weight": value for name, value in of_weights(net, X, t).items()}


def without_retain(net, X, t):
    return by_hooks(net, X, t, length=lambda G: None.norm())


def by_waiting_hooks(net, X, t):
    import torch

    found, hooks = {}, []
    for name, module in net.named_modules():
        if type(module).__name__ == "Linear":

            def take(module, grad_input, grad_output, name=name):
                found[name] = grad_output[0].norm().item()

            hooks.append(module.register_full_backward_hook(take))
    loss = (net(X.clone().requires_grad_()) - t).square().mean()
    torch.autograd.grad(loss, list(net.parameters()))
    for hook in hooks:
        hook.remove()
    return found


def by_number(net, X, t):
    return dict(enumerate(by_hooks(net, X, t).values()))


# ---- 11.9 what a module knows


def size_cases(rng):
    """Equal sizes, ones, unlike sizes; each of them moved."""
    base = 3, 4, 2
    yield base
    yield from ((1, 1, 1), (2, 2, 2), (1, 5, 3), (6, 1, 4), (7, 3, 1), (4, 3, 2), (3, 5, 2))
    yield from ((3, 4, 6), (64, 32, 10), (200, 100, 50), (12, 7, 9))
    yield from one_moved(base)


def sizes_of(d, h, k):
    """The right numbers."""
    trained = h * (k + 2) + k
    return trained, trained + d + 2 * h + 1, trained + d + 3 * h + 1


def counts(d, h, k, trained=0, saved=0, moved=0):
    """The right numbers, and how many more are taken for each."""
    right = sizes_of(d, h, k)
    return tuple(n + more for n, more in zip(right, (trained, saved, moved), strict=True))


COUNTS = [
    Mistake(
        "list",
        "You count the layer in the Python list. A module does not look into a list.",
        lambda d, h, k: counts(d, h, k, *3 * [d * h + h]),
    ),
    Mistake(
        "plain",
        "You count `scale`. A plain tensor is an attribute like any other: it is neither "
        "trained nor saved, and stays where it is.",
        lambda d, h, k: counts(d, h, k, *3 * [k]),
    ),
    Mistake(
        "frozen",
        "You train `shift`. Its `requires_grad` is off.",
        lambda d, h, k: counts(d, h, k, trained=d),
    ),
    Mistake(
        "frozen lost",
        "You do not save `shift`. A Parameter is saved whether it learns or not.",
        lambda d, h, k: counts(d, h, k, 0, -d, -d),
    ),
    Mistake(
        "persistent",
        "You save `table`. It was registered with `persistent=False`: it moves with the net, "
        "and is not in `state_dict()`.",
        lambda d, h, k: counts(d, h, k, saved=h),
    ),
    Mistake(
        "unmoved",
        "You do not move `table`. It is not saved, but it is a buffer, and moves with the net.",
        lambda d, h, k: counts(d, h, k, moved=-h),
    ),
    Mistake(
        "count",
        "The count of batches is missing: one number, a buffer of batch norm.",
        lambda d, h, k: counts(d, h, k, 0, -1, -1),
    ),
    Mistake(
        "statistics",
        "The buffers of batch norm are missing: running mean, running variance, and the count "
        "of batches.",
        lambda d, h, k: counts(d, h, k, 0, -2 * h - 1, -2 * h - 1),
    ),
    Mistake(
        "gamma",
        "The parameters of batch norm are missing: γ and β.",
        lambda d, h, k: counts(d, h, k, *3 * [-2 * h]),
    ),
    Mistake("bias", "The bias of `head` is missing.", lambda d, h, k: counts(d, h, k, *3 * [-k])),
    Mistake(
        "trained moved",
        "You let move what is trained, and no more. Buffers move, and what is frozen.",
        lambda d, h, k: (*counts(d, h, k)[:2], counts(d, h, k)[0]),
    ),
    Mistake(
        "trained saved",
        "You save what is trained, and no more. Buffers are saved, and what is frozen.",
        lambda d, h, k: (counts(d, h, k)[0], counts(d, h, k)[0], counts(d, h, k)[2]),
    ),
    Mistake(
        "parameters move",
        "You let only Parameters move. Buffers move with the net too.",
        lambda d, h, k: counts(d, h, k, moved=-3 * h - 1),
    ),
    Mistake(
        "all move",
        "You let everything move. The list and the plain tensor are not known to the module, "
        "and stay.",
        lambda d, h, k: counts(d, h, k, moved=d * h + h + k),
    ),
    Mistake(
        "all buffers trained",
        "You train the buffers of batch norm. They move in the forward pass, and no gradient "
        "reaches them.",
        lambda d, h, k: counts(d, h, k, trained=2 * h + 1),
    ),
    Mistake(
        "scale, table saved",
        "You save `scale`, a plain tensor, and `table`, which is not persistent.",
        lambda d, h, k: counts(d, h, k, saved=h + k),
    ),
]


# ---- 11.10 silent faults

FAULTS = ("plain list", "nothing", "never zeroed", "another model", "zeroed too early")


def told(**other):
    """The five causes, A to E, with some of them exchanged."""
    return tuple(other.get(panel, word) for panel, word in zip("ABCDE", FAULTS, strict=True))


EXERCISES = [
    Exercise(
        id="11.1",
        kind="by hand",
        title="Two variances",
        signature="by_hand()",
        worked=worked.by_hand,
        reference=norm(),
        results=("mean", "var", "train", "evaluated"),
        atol=5.1e-5,  # asked for four decimals
        mistakes=(
            Mistake(
                "biased",
                "Your running variance took the variance over n = 3, the one that normalises. "
                "What is remembered is the one over n − 1 = 2.",
                norm(var=2.3),
            ),
            Mistake(
                "biased, alone",
                "Your running variance took the variance over n = 3, the one that normalises. "
                "What is remembered is the one over n − 1 = 2.",
                (0.5, 2.3, norm()[2], norm()[3]),
                alone=True,
            ),
            Mistake(
                "not divided",
                "In training you subtract the mean and do not divide by the deviation.",
                (*norm()[:2], -4.0, norm()[3]),
                alone=True,
            ),
            Mistake(
                "deviation of the batch",
                "In evaluation you subtract the running mean and divide by the deviation of the "
                "batch. The running variance is to be used.",
                (*norm()[:3], 0.5 / 14**0.5),
                alone=True,
            ),
            Mistake(
                "flip",
                "You give the momentum 0.1 to the old statistics. In PyTorch it is the share of "
                "the new batch: 0.9·old + 0.1·new.",
                norm(4.5, 19.0),
            ),
            Mistake(
                "flip, biased",
                "You give the momentum 0.1 to the old statistics, and the variance that is "
                "remembered is the one over n. It is 0.9·old + 0.1·new, with the one over n − 1.",
                norm(4.5, 12.7),
            ),
            Mistake(
                "replace",
                "Your running statistics are those of the batch. The batch counts a tenth: "
                "0.9·old + 0.1·new.",
                norm(5.0, 21.0),
            ),
            Mistake(
                "replace, biased",
                "Your running statistics are those of the batch, with its variance over n. The "
                "batch counts a tenth, and the variance over n − 1 is remembered.",
                norm(5.0, 14.0),
            ),
            Mistake(
                "nbiased",
                "You normalise the batch by its variance over n − 1. That one is only remembered; "
                "what normalises is the one over n.",
                norm(biased=21.0),
            ),
            Mistake(
                "running",
                "In training mode you normalise by the running statistics. They are read in "
                "evaluation mode only; training takes those of the batch.",
                norm(train=norm()[3]),
            ),
            Mistake(
                "before",
                "In training mode you normalise by the statistics it started from, 0 and 1.",
                norm(train=1.0),
            ),
            Mistake(
                "batch",
                "In evaluation mode you normalise by the statistics of the batch, as in training. "
                "It reads the running ones.",
                norm(evaluated=norm()[2]),
            ),
            Mistake(
                "start",
                "In evaluation mode you read the statistics from before the batch, 0 and 1. The "
                "batch has passed in training mode, and has moved them.",
                norm(evaluated=1.0),
            ),
            Mistake(
                "centred",
                "In evaluation mode you subtract the mean of the batch. It is the running mean, "
                "and the running variance.",
                norm(evaluated=-4 / 3**0.5),
            ),
            Mistake(
                "running deviation",
                "What you remember is a standard deviation: 0.9·1 + 0.1·√21. It is the variance, "
                "and its root is taken when it is used.",
                norm(var=0.9 + 0.1 * 21**0.5, evaluated=0.5 / (0.9 + 0.1 * 21**0.5)),
            ),
            Mistake(
                "undamped",
                "You add a tenth of the new variance to the whole old one. The old one counts 0.9.",
                norm(var=3.1),
            ),
            Mistake(
                "noroot",
                "You divide by the variances. It is their square roots.",
                norm(train=-4 / 14, evaluated=0.5 / 3),
            ),
            Mistake(
                "mean0",
                "Your running mean has not moved. It moves by a tenth of the way to 5.",
                norm(mean=0.0),
            ),
            Mistake(
                "again",
                "Your last number comes from statistics that have moved twice. In evaluation mode "
                "they stay where they are.",
                norm(evaluated=(1 - 0.95) / 4.8**0.5),
            ),
            Mistake(
                "nothing",
                "Your statistics are those from before the batch. It has passed in training mode.",
                norm(0.0, 1.0),
            ),
            Mistake(
                "deviation",
                "Your second number is a standard deviation. Batch norm remembers the variance.",
                (0.5, 3**0.5, norm()[2], norm()[3]),
                alone=True,
            ),
            Mistake(
                "uncentred",
                "Your variance is the mean of the squares. Subtract the mean of the batch first.",
                norm(var=4.8, biased=39.0),
            ),
            Mistake(
                "undivided",
                "You take the sum of the squares, 42, for a variance. Divide it.",
                norm(var=5.1, biased=42.0),
            ),
        ),
        hints=(
            "The mean of the batch is 5, and the numbers lie −4, −1 and 5 from it.",
            "The squares of these three add up to 42. Divide by 3 to normalise now, and by 2 for "
            "what is remembered.",
            "Remembered is 0.9·old + 0.1·new, for the mean and for the variance. In training mode "
            "the first output is −4 over the root of 14; in evaluation mode subtract the running "
            "mean from 1, and divide by the root of the running variance.",
        ),
        section=BY_HAND,
        proves="One variance normalises, another is remembered; evaluation reads what was "
        "remembered.",
    ),
    Exercise(
        id="11.2",
        kind="find the bug",
        title="Into an existing layer",
        signature="copy_linear(layer, W, b)",
        program=into_a_layer,
        results=("output", "weight", "bias"),
        reference=worked.into_a_layer,
        worked=worked.into_a_layer,
        cases=layer_cases,
        mistakes=(
            Mistake(
                "found",
                "That is the program as it was found: it has three faults.",
                filled_as_found,
            ),
            Mistake(
                "notr",
                "You copy W as it is. `nn.Linear` keeps (out, in): a wide layer raises, and a "
                "square one takes the wrong matrix without a word.",
                not_transposed,
            ),
            Mistake(
                "reshape",
                "You bring W into the right shape by `reshape`, which keeps the numbers in their "
                "order along the rows. A transpose exchanges rows and columns.",
                reshaped,
            ),
            Mistake(
                "nob",
                "The weight is right. The bias still holds the numbers that PyTorch drew.",
                without_bias,
            ),
            Mistake(
                "now",
                "The bias is right. The weight still holds the numbers that PyTorch drew.",
                without_weight,
            ),
            Mistake(
                "half",
                "Your numbers went through float32: only seven digits are left of them.",
                through_float32,
            ),
            Mistake(
                "alias",
                "Your layer shares its memory with W and b, as `torch.from_numpy` does: the step "
                "of the optimizer moved your arrays. Copy the numbers, with `copy_` or "
                "`torch.tensor`.",
                shared,
                section=RING,
            ),
            Mistake(
                "new",
                "You put new Parameters into the layer. The optimizer was made before and still "
                "holds the old ones: it moves tensors that no layer reads. Write into the "
                "Parameters that are there.",
                new_parameters,
                section=RING,
            ),
            Mistake(
                "neww",
                "Your weight is right and does not move any more. Either its `requires_grad` is "
                "off, or a new Parameter took its place: the optimizer still holds the old one.",
                new_weight_alone,
                section=RING,
            ),
            Mistake(
                "grad",
                "You copy in place while autograd records. `with torch.no_grad():` around the "
                "copies lets them pass.",
                recorded,
                family=("a Parameter", "a view"),
                verdict=BROKEN,
            ),
            Mistake(
                "plain",
                "You assign where the layer has Parameters. Write into the Parameters that "
                "are there.",
                tensors_as_parameters,
                verdict=BROKEN,
            ),
            Mistake(
                "single",
                "Your weight is float32 now, in a layer whose inputs are float64.",
                single_data,
                verdict=BROKEN,
            ),
            Mistake(
                "frozen",
                "Your layer does not learn any more: `requires_grad` is off.",
                frozen,
                verdict=BROKEN,
            ),
            Mistake(
                "other",
                "The layer that was handed over still holds the numbers that PyTorch drew. You "
                "fill another one, or copy in the other direction.",
                another_layer,
            ),
        ),
        hints=(
            "Print `layer.weight.shape` beside `W.shape`.",
            "`layer.weight` is a Parameter that an optimizer may know: leave the object, change "
            "its numbers. In-place changes of a Parameter need `torch.no_grad()`.",
            "Under `no_grad`, call `copy_` on the weight with a tensor made of `W.T`, and on the "
            "bias with one made of `b`.",
        ),
        section=ROUND,
        proves="Transposed, copied, and in the Parameters that the optimizer knows.",
    ),
    Exercise(
        id="11.3",
        kind="predict",
        title="Three counts of forward passes",
        signature="passes(epochs, batches, val, evaluates, guarded, back)",
        results=("noisy", "moved", "recorded"),
        reference=passed,
        worked=worked.passes,
        cases=pass_cases,
        mistakes=(
            Mistake(
                "nograd_eval",
                "You take `no_grad` for evaluation mode. It stops the recording and nothing else: "
                "dropout goes on, and the running statistics move.",
                no_grad_evaluates,
            ),
            Mistake(
                "eval_nograd",
                "You take `eval()` for `no_grad`. It changes what layers compute; a graph is "
                "recorded all the same.",
                eval_records_nothing,
            ),
            Mistake(
                "one_switch",
                "You let the mode decide whether a graph is recorded. The two switches know "
                "nothing of each other.",
                mode_records,
            ),
            Mistake(
                "always_stats",
                "You let the running statistics move in every pass. In evaluation mode they are "
                "read and stay.",
                always_moving,
            ),
            Mistake(
                "stats_grad",
                "You let the running statistics move only where a graph is recorded. They are no "
                "matter of gradients: in training mode they move under `no_grad` too.",
                moving_with_gradients,
            ),
            Mistake(
                "stats_train",
                "You let the running statistics move with training batches only. They move with "
                "every batch that passes in training mode, whatever it is for.",
                only_training_moves,
            ),
            Mistake(
                "noise_grad",
                "You let dropout act only where a graph is recorded. In training mode it acts "
                "under `no_grad` too.",
                quiet_without_gradients,
            ),
            Mistake(
                "back",
                "You let the model return to training mode by itself. After `eval()` it stays in "
                "evaluation mode until `train()` is called, in all epochs that follow.",
                set_back_by_itself,
            ),
            Mistake(
                "noback",
                "You overlook `model.train()` after the validation, where `back` is true.",
                never_set_back,
            ),
            Mistake(
                "from0",
                "You let the first epoch train in evaluation mode. `eval()` comes after its "
                "batches.",
                eval_from_the_start,
            ),
            Mistake(
                "goeson",
                "You let `no_grad` go on after its block. It ends with the block; it is the mode "
                "that stays.",
                no_grad_goes_on,
            ),
        ),
        hints=(
            "Which switch does a layer see, and which does autograd see?",
            "Dropout and batch norm ask for the mode only, recording for `no_grad` only. The mode "
            "stays as it was set last, beyond the end of an epoch.",
            "Without `eval()` all passes are in training mode. With it and `train()` after it, the "
            "training batches are; without `train()` only those of the first epoch, if there is "
            "one. A graph is recorded in all passes but those under `no_grad`.",
        ),
        section=SWITCHES,
        proves="Two switches, one for layers and one for recording, and neither does the other's "
        "work.",
    ),
    Exercise(
        id="11.4",
        kind="find the bug",
        title="Rows and targets stay together",
        signature="pairs(X, T, order, size)",
        program=in_batches,
        reference=batches_of,
        results=(),
        cases=batch_cases,
        mistakes=(
            Mistake(
                "found",
                "That is the program as it was found: the rows are taken in the new order and the "
                "targets in the old one.",
                as_found,
            ),
            Mistake(
                "drop",
                "You leave out the last batch where it is short.",
                short_dropped,
            ),
            Mistake(
                "unpaired",
                "Your rows follow `order`, your targets do not: each row gets the target of "
                "another.",
                targets_not_shuffled,
            ),
            Mistake(
                "unpaired X",
                "Your targets follow `order`, your rows do not: each row gets the target of "
                "another.",
                rows_not_shuffled,
            ),
            Mistake(
                "start",
                "Your batch of targets begins at the number of the batch. Batch i begins at row "
                "i·size.",
                from_the_batch_number,
            ),
            Mistake(
                "start T",
                "Your targets follow the old order, and their batch begins at the number of the "
                "batch. They follow `order`, and batch i begins at row i·size.",
                unshuffled_by_number,
            ),
            Mistake(
                "bare",
                "Your batches hold rows without their targets. An item is a pair.",
                rows_alone,
            ),
            Mistake("noshuf", "You leave rows and targets in the old order.", not_shuffled),
            Mistake(
                "wrap",
                "You fill up the last batch with rows from the beginning, which come twice in the "
                "epoch then. It may be short.",
                filled_up,
            ),
            Mistake(
                "inverse",
                "You take `order` for the new place of each row. It says which row comes at each "
                "place: row `order[0]` comes first.",
                inverse_order,
            ),
            Mistake("end", "You take `order` from its end.", from_the_end),
            Mistake(
                "reversed",
                "Your batches are right, in the opposite order.",
                lambda X, T, order, size: batches_of(X, T, order, size)[::-1],
            ),
            Mistake(
                "unstacked",
                "A batch of yours is a list of pairs, one for each row. It is one pair: a tensor "
                "of rows, and a tensor of their targets.",
                single_pairs,
            ),
            Mistake(
                "number",
                "You take `size` for the number of batches. It is the number of rows in each.",
                size_batches,
            ),
            Mistake(
                "chunks",
                "You cut into `size` batches, as `chunk` does. `size` is the number of rows in "
                "each: `split`.",
                in_chunks,
            ),
            Mistake(
                "targets by inverse",
                "Your rows follow `order`, your targets its inverse: `argsort` tells where each "
                "row goes. Both are taken by `order` itself.",
                targets_by_inverse,
            ),
            Mistake(
                "every start",
                "A batch of yours begins at every row. The next one begins where the last ended.",
                from_every_row,
            ),
            Mistake(
                "single",
                "Your pairs hold single rows. A pair holds the next `size` rows and their targets.",
                lambda X, T, order, size: [(X[j], T[j]) for j in order],
            ),
            Mistake("swap", "Your pairs hold the targets first.", targets_first),
            Mistake(
                "lists",
                "You return all batches of rows, and then all batches of targets. Each batch of "
                "rows makes a pair with its targets.",
                all_rows_first,
            ),
            Mistake(
                "rest",
                "The last rows are taken by a slice from the end. Where none are left over, "
                "`[-0:]` is the whole.",
                rest_from_the_end,
            ),
            Mistake(
                "empty",
                "Where `size` divides the number of rows, your last batch is empty.",
                empty_last,
            ),
            Mistake(
                "short",
                "Your batches begin every `size` rows and hold a row less.",
                one_row_less,
            ),
            Mistake(
                "range",
                "Your range ends `size` rows before the end, and the last batch is lost.",
                range_ends_early,
            ),
            Mistake(
                "twice",
                "You bring the rows into the new order twice.",
                ordered_twice,
            ),
        ),
        hints=(
            "What is one item of the loader, and from where does its target come?",
            "One index for both: bring rows and targets into the new order together, as pairs, and "
            "cut afterwards.",
            "A `TensorDataset` of X and T makes the pairs; a `DataLoader` takes `order` as its "
            "`sampler`, and keeps a short last batch if nobody tells it to drop it. Or slice "
            "`order` and index X and T with the slice.",
        ),
        section=ROWS,
        proves="Pairs are made first, and shuffled and cut as pairs; no row is lost.",
    ),
    Exercise(
        id="11.5",
        kind="find the bug",
        title="One matrix, two paths",
        signature="tied(X, W, b, c)",
        program=by_pencil,
        results=("dW", "db", "dc"),
        reference=worked.tied,
        worked=worked.tied,
        cases=tied_cases,
        mistakes=(
            Mistake(
                "found",
                "That is the program as it was found: it has three faults.",
                tied_as_found,
            ),
            Mistake(
                "noN",
                "Your loss is summed. It is the mean over all n·d numbers.",
                lambda X, W, b, c: gradients(X, W, b, c, divide=lambda X: 1.0),
            ),
            Mistake(
                "rows",
                "You divide by the number of rows. The mean is over all n·d numbers.",
                lambda X, W, b, c: gradients(X, W, b, c, divide=lambda X: 1 / len(X)),
            ),
            Mistake(
                "encoder",
                "Your dW has the path through the encoder only. W is used twice, and both uses "
                "add up.",
                lambda X, W, b, c: gradients(X, W, b, c, decoder=False),
            ),
            Mistake(
                "decoder",
                "Your dW has the path through the decoder only. W is used twice, and both uses "
                "add up.",
                lambda X, W, b, c: gradients(X, W, b, c, encoder=False),
            ),
            Mistake(
                "nomask",
                "δ goes through the ReLU without its mask.",
                lambda X, W, b, c: gradients(X, W, b, c, mask=lambda D, z, h: D),
            ),
            Mistake(
                "db unmasked",
                "Your db sums δ from before the mask.",
                bias_unmasked,
            ),
            Mistake(
                "dW unmasked",
                "The encoder's part of your dW takes δ from before the mask.",
                added_before_the_mask,
            ),
            Mistake(
                "zero",
                "Your mask lets δ through where z is 0. The derivative there is 0, by the text.",
                lambda X, W, b, c: gradients(X, W, b, c, mask=lambda D, z, h: D * (z >= 0)),
            ),
            Mistake(
                "value",
                "You multiply δ by h. The derivative of the ReLU is 1 where z is above 0.",
                lambda X, W, b, c: gradients(X, W, b, c, mask=lambda D, z, h: D * h),
            ),
            Mistake(
                "tr",
                "δ goes back through W in place of its transpose. With as many units as columns "
                "nothing raises.",
                lambda X, W, b, c: gradients(X, W, b, c, back=lambda G, W: G @ W),
            ),
            Mistake(
                "layout",
                "Your dW is transposed. It has the shape of W, (m, d).",
                in_out_layout,
            ),
        ),
        hints=(
            "Differentiate the same net with autograd, and divide one result by the other: what "
            "is dc off by?",
            "W is in two lines of the forward pass. And a backward pass goes through every "
            "line of it, through the ReLU too.",
            "G is 2(y − X) over all numbers of X. δ is G @ W.T, times 1 where z is above 0. The "
            "gradient of W is the sum of h.T @ G and δ.T @ X.",
        ),
        section=ROUND,
        proves="Two uses, two terms; the mean is divided once; δ passes the mask before it meets "
        "anything.",
    ),
    Exercise(
        id="11.6",
        kind="extend",
        title="An operation with a constant",
        signature="swish(x, k)",
        program=through,
        results=("y", "gradient", "own"),
        reference=worked.through,
        worked=worked.through,
        cases=swish_cases,
        mistakes=(
            Mistake(
                "autograd",
                "Your numbers are right, but PyTorch differentiated them: `y` does not come from a "
                "Function of your own. Return what its `apply` gives.",
                by_autograd,
            ),
            Mistake(
                "noup",
                "Your backward leaves out the upstream gradient G.",
                lambda x, k: own(x, k, lambda x, k, s, G: s + k * x * s * (1 - s)),
            ),
            Mistake(
                "gsum",
                "You multiply by the sum of the upstream gradient. Each number has its own.",
                lambda x, k: own(x, k, lambda x, k, s, G: slope(x, k, s, G.sum())),
            ),
            Mistake(
                "gate",
                "Your gradient is G·σ: x is also inside σ, and that path is lost.",
                lambda x, k: own(x, k, lambda x, k, s, G: G * s),
            ),
            Mistake(
                "const",
                "Your gradient has the path through σ only. x is also in front of it.",
                lambda x, k: own(x, k, lambda x, k, s, G: G * k * x * s * (1 - s)),
            ),
            Mistake(
                "sig",
                "Your gradient is that of σ(kx) alone. A product has two terms.",
                lambda x, k: own(x, k, lambda x, k, s, G: G * k * s * (1 - s)),
            ),
            Mistake(
                "nok",
                "The inner derivative k is missing: σ(kx) has the derivative kσ(1 − σ).",
                lambda x, k: own(x, k, lambda x, k, s, G: G * (s + x * s * (1 - s))),
            ),
            Mistake(
                "k1",
                "Your forward pass has σ(x). The constant k belongs inside.",
                lambda x, k: own(x, 1.0, slope),
            ),
            Mistake(
                "none",
                "Your backward returns one thing. It returns one for each argument of forward: "
                "None for k, which is no tensor.",
                no_gradient_for_k,
                verdict=BROKEN,
            ),
            Mistake(
                "kgrad",
                "Your backward returns a gradient for k, or the two in the other order. k is a "
                "float, so it gets None, in the place that it has in forward.",
                a_gradient_for_k,
                verdict=BROKEN,
            ),
            Mistake(
                "packed",
                "`ctx.saved_tensors` is a tuple, also where it holds one tensor: `(x,) = …`.",
                lambda x, k: own(x, k, lambda x, k, s, G: 2.0 * (G,)),
                verdict=BROKEN,
            ),
            Mistake(
                "unsaved",
                "Your forward saves nothing. What backward reads goes into "
                "`ctx.save_for_backward`.",
                lambda x, k: own(x, k, lambda x, k, s, G: ()[0]),
                verdict=BROKEN,
            ),
            Mistake(
                "float saved",
                "`save_for_backward` takes tensors. The float k is kept as an attribute of `ctx`.",
                float_saved,
                verdict=BROKEN,
            ),
            Mistake(
                "infront",
                "You multiply by k in front. It belongs inside σ.",
                lambda x, k: own(
                    x, 1.0, lambda x, _, s, G: k * slope(x, 1.0, s, G), lambda x, _, s: k * x * s
                ),
            ),
            Mistake(
                "k1 in backward",
                "Your forward pass is right. In backward σ is taken of x: it is σ(kx) there too.",
                lambda x, k: own(x, k, lambda x, k, s, G: slope(x, k, x.sigmoid(), G)),
            ),
            Mistake(
                "kgate",
                "Your gradient is G·k·σ: the chain rule gives a k to the path through σ only, and "
                "that path has a factor more.",
                lambda x, k: own(x, k, lambda x, k, s, G: G * k * s),
            ),
            Mistake(
                "ctx",
                "What your backward reads is kept outside of `ctx`, where the next call overwrites "
                "it. Each call has a `ctx` of its own.",
                kept_in_one_place,
            ),
            Mistake(
                "overflow",
                "Where kx is large, or very negative, your formula divides inf by inf. "
                "`torch.sigmoid` does not overflow: write the derivative with it.",
                overflowing,
                family=(1, -1),
            ),
        ),
        hints=(
            "y is a product, and x is in both factors.",
            "forward keeps x by `ctx.save_for_backward` and k as an attribute of `ctx`. backward "
            "gets `ctx` and the gradient of the output, and returns as many things as forward has "
            "arguments besides `ctx`.",
            "The derivative is σ + kxσ(1 − σ), with σ = σ(kx). Multiply it by the gradient of the "
            "output, and return None beside it for k.",
        ),
        section=OWN,
        proves="Both terms, the upstream gradient, and a state that belongs to the call.",
    ),
    Exercise(
        id="11.7",
        kind="implement",
        title="There and back",
        signature="snapshot(net, optimizer, scheduler, generator)",
        program=there_and_back,
        results=("first", "again", "third"),
        rtol=1e-7,  # Adam makes more of the last bits than other steps do
        reference=taken_back,
        cases=run_cases,
        mistakes=(
            Mistake(
                "live",
                "You keep what `state_dict()` returns, or a shallow copy. It holds the tensors "
                "themselves, and the training goes on in them: there is nothing to go back to. "
                "Copy it deeply.",
                live,
            ),
            Mistake(
                "live net",
                "Either the net is not brought back, or its `state_dict()` is kept without a copy: "
                "it holds the weights themselves, and they move on.",
                live_net,
            ),
            Mistake(
                "live optimizer",
                "The optimizer's `state_dict()` is kept without a copy: it holds the moments "
                "themselves, and they move on.",
                live_optimizer,
            ),
            Mistake(
                "shares",
                "The first return is right. But `optimizer.load_state_dict` takes the tensors of "
                "your snapshot as they are, and the steps after it change them. Hand over a copy "
                "each time.",
                shared_after_the_first,
            ),
            Mistake(
                "noopt",
                "The optimizer is not brought back: its moments, its count of steps and its rate.",
                with_parts("nsg"),
            ),
            Mistake(
                "nosched",
                "The scheduler is not brought back: it goes on counting, and sets other rates.",
                with_parts("nog"),
            ),
            Mistake(
                "norng",
                "The generator is not brought back: other rows are drawn.",
                with_parts("nos"),
            ),
            Mistake(
                "some",
                "You bring back {}, and nothing else. The net has weights and buffers, the "
                "optimizer moments and a rate, the scheduler a counter, the generator a state.",
                some_parts,
                family=(
                    "the net",
                    "net and optimizer",
                    "net and generator",
                    "net and scheduler",
                    "optimizer and generator",
                ),
            ),
            Mistake(
                "generator alone",
                "Of the four only the generator comes back. Either the others are left out or "
                "given to names of your own, or what you keep of them is no copy.",
                with_parts("g"),
            ),
            Mistake(
                "shares net",
                "The first return is right. But the net takes the tensors of your snapshot as its "
                "own, and the steps after it change them. Copy the numbers.",
                weights_handed_over,
            ),
            Mistake(
                "returned",
                "What you return cannot be called. `snapshot` returns the function `restore`, "
                "without calling it.",
                lambda *parts: {"net": parts[0].state_dict()},
                verdict=BROKEN,
            ),
            Mistake(
                "nobuf",
                "You bring back the parameters of the net, and not its buffers: batch norm has "
                "running statistics.",
                parameters_alone,
            ),
            Mistake(
                "seed",
                "You set the generator to its seed. It has drawn numbers since: bring back its "
                "state.",
                seeded_again,
            ),
            Mistake(
                "nothing",
                "Either your `restore` brings nothing back, or it gives old objects to names of "
                "its own. The caller trains with the objects that it handed over: change those, "
                "with `load_state_dict`.",
                nothing_back,
            ),
        ),
        hints=(
            "What have seven steps of training changed? Go through the four arguments.",
            "`state_dict()` of net, optimizer and scheduler, `get_state()` of the generator. Which "
            "of these are copies?",
            "Take deep copies of the three dicts and the state of the generator. `restore` hands "
            "each back, a deep copy again, by `load_state_dict` and `set_state`.",
        ),
        section=SAVE,
        proves="Weights, buffers, moments, counters and chance: copied when taken, and copied when "
        "handed back.",
    ),
    Exercise(
        id="11.8",
        kind="implement",
        title="Gradients of the outputs",
        signature="output_norms(net, X, t)",
        program=twice,
        results=("first", "again", "hooks", "untouched"),
        reference=norms,
        cases=net_cases,
        mistakes=(
            Mistake(
                "leak",
                "Your hooks stay behind: the next pass of the net runs them once more. Registering "
                "a hook returns a handle; call its `remove()`.",
                leaking,
            ),
            Mistake(
                "grad",
                "Your numbers are right, but the `.grad` of the parameters is not as it was: "
                "`backward()` adds to it, and `zero_grad()` throws away what was there. "
                "`torch.autograd.grad` returns gradients and touches nothing.",
                by_backward,
            ),
            Mistake(
                "params",
                "These are the gradients of the weights. The task asks for those of the layers' "
                "outputs.",
                of_weights,
            ),
            Mistake(
                "input",
                "These are the gradients of the layers' inputs. The task asks for those of their "
                "outputs.",
                of_inputs,
            ),
            Mistake(
                "acts",
                "These are the outputs themselves. The task asks for their gradients.",
                of_values,
            ),
            Mistake(
                "all",
                "You hook every module. Only those that are an `nn.Linear` count.",
                of_all_modules,
            ),
            Mistake(
                "length",
                "You take {}. The norm is the root of the sum of all squares.",
                lambda net, X, t, words="the sum of squares": by_hooks(net, X, t, LENGTHS[words]),
                family=tuple(LENGTHS),
            ),
            Mistake(
                "loss",
                "You differentiate {}. The loss is the mean of the squared errors, over all "
                "numbers.",
                lambda net, X, t, words="the sum of the squares": by_hooks(
                    net, X, t, loss=LOSSES[words]
                ),
                family=tuple(LOSSES),
            ),
            Mistake(
                "name",
                "You have the last layer alone. Either you look at the net's direct children only, "
                "where `named_modules` goes inside, or the hooks share one name, the last of the "
                "loop: a function reads a variable when it runs, and `name=name` in its parameters "
                "keeps the one of its own round.",
                under_the_last_name,
            ),
            Mistake(
                "parameters",
                "Your keys are those of parameters, and the gradients are theirs. The task asks "
                "for the outputs of modules.",
                by_parameter,
            ),
            Mistake(
                "noretain",
                "What you take for a gradient is None. Either it is the `.grad` of an output, "
                "which only leaves keep (`retain_grad()` asks for it), or the `grad_input` of a "
                "backward hook: X needs no gradient. The output's is `grad_output[0]`.",
                without_retain,
                verdict=BROKEN,
            ),
            Mistake(
                "early",
                "No output was stored: your hooks are gone before the forward pass, or nothing "
                "was registered.",
                lambda net, X, t: by_hooks(net, X, t, kinds=()),
                verdict=BROKEN,
            ),
            Mistake(
                "detached",
                "The outputs that you keep have lost their graph. Keep them as the hook gets them.",
                lambda net, X, t: by_hooks(
                    net, X, t, of=lambda o, i: {name: y.detach() for name, y in o.items()}
                ),
                verdict=BROKEN,
            ),
            Mistake(
                "waiting",
                "The first layer is missing. A full backward hook waits for the gradient of the "
                "layer's input, and for the first layer a backward pass to the parameters alone "
                "never gets there. Hook the forward pass, and keep the outputs.",
                by_waiting_hooks,
            ),
            Mistake(
                "number",
                "Your keys are numbers. They are the names from `net.named_modules()`.",
                by_number,
            ),
        ),
        hints=(
            "A forward hook is called with the module, its inputs and its output.",
            "Keep each output under the name of its module; then differentiate the loss with "
            "respect to all of them at once.",
            "Register a hook on each `nn.Linear` of `named_modules()` that stores its output, run "
            "the net, remove the hooks, and give the stored outputs to `torch.autograd.grad`.",
        ),
        section=HOOKS,
        proves="Every interior gradient by name, and the net as it was before.",
    ),
    Exercise(
        id="11.9",
        kind="predict",
        title="Trained, saved, moved",
        signature="numbers(d, h, k)",
        results=("trained", "saved", "moved"),
        reference=sizes_of,
        worked=worked.numbers,
        cases=size_cases,
        mistakes=(*COUNTS,),
        hints=(
            "Only an assigned Module, an assigned Parameter and `register_buffer` register "
            "anything.",
            "Then three questions to each: does it need a gradient, is it in `state_dict()`, and "
            "does `to` reach it?",
            "Trained are `norm` (γ and β, h numbers each) and `head`, h·k + k. Saved are these, "
            "`shift` and the three buffers of `norm`. Moved are these and `table`.",
        ),
        section=MODULE,
        proves="Registered or not, with a gradient or not, persistent or not: three questions.",
    ),
    Exercise(
        id="11.10",
        kind="read a curve",
        title="Five programs, no error",
        signature="causes()",
        reference=told(),
        results=tuple("ABCDE"),
        mistakes=(
            Mistake(
                "still",
                "Two panels stand still, D and E, and you have exchanged them. Where another "
                "model's gradients are set to 0, those of this one pile up; where they are set to "
                "0 too early, the step finds none.",
                told(D="zeroed too early", E="another model"),
            ),
            Mistake(
                "first layer",
                "In A only the last layer moves. The gradient of the first is there, and piles up: "
                "nobody zeroes it, and nobody uses it.",
                told(A="never zeroed", C="plain list"),
                section=MODULE,
            ),
            Mistake(
                "healthy",
                "You take B for one with a fault and A for a healthy one. In A the first layer "
                "does not move.",
                told(A="nothing", B="plain list"),
                section=MODULE,
            ),
            Mistake(
                "piled",
                "You have exchanged B and C. Where gradients are never zeroed they add up, the "
                "steps grow with them, and the loss swings.",
                told(B="never zeroed", C="nothing"),
            ),
            Mistake(
                "other",
                "In A you see another model's optimizer. Then nothing at all of this one would "
                "move; here the last layer does.",
                told(A="another model", D="plain list"),
            ),
            Mistake(
                "early",
                "In C you see gradients zeroed too early. Then no step would have anything to go "
                "by, and nothing would move.",
                told(C="zeroed too early", E="never zeroed"),
            ),
            Mistake(
                "growing",
                "In C and D gradients pile up in both. Where the weights move with them, they are "
                "never zeroed; where they stand still, the optimizer has other weights.",
                told(C="another model", D="never zeroed"),
            ),
            Mistake(
                "three",
                "You have exchanged A, B and C among each other. In A the first layer does not "
                "move; in C the gradients add up, and the loss swings.",
                told(A="nothing", B="never zeroed", C="plain list"),
            ),
        ),
        hints=(
            "First: which layers move at all? Then: is there a gradient at the moment of the step, "
            "and does it grow?",
            "Nothing moves in two panels: one has no gradient at the step, the other one that "
            "grows. One layer of two moves in a third.",
            "`zero_grad` between backward and step leaves nothing to step by. An optimizer of "
            "another model neither moves nor zeroes this one. A layer in a list gets gradients "
            "and no step.",
        ),
        section=RING,
        proves="No error was raised in any of them; two lengths, layer by layer, told them apart.",
    ),
]
