"""Wrong answers to chapter 11, written from its text alone: 68 of 73 told at first sight."""

import copy

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from learners.lot import Lot

ANSWERS = Lot()
put = ANSWERS.put

UNTOLD = set()


# 11.1: 0.5, 3.0, -1.0690, 0.2887
ANSWERS["11.1"] = {
    "remembers the variance with n in the denominator": (0.5, 2.3, -1.0690, 0.3297),
    "momentum the other way: 0.9 of the new": (4.5, 19.0, -1.0690, -0.8030),
    "n - 1 in training too": (0.5, 3.0, -0.8729, 0.2887),
    "evaluation by the statistics of before the batch": (0.5, 3.0, -1.0690, 1.0),
    "divided by the variance, not its root": (0.5, 3.0, -0.2857, 0.1667),
    "remembers the deviation, not the variance": (0.5, 1.3583, -1.0690, 0.3681),
    "old memory without its 0.9: 1 + 0.1 var": (0.5, 3.1, -1.0690, 0.2840),
}


# 11.2
@put("11.2", "data replaced by a view of W: later steps write into W")
def _(layer, W, b):
    layer.weight.data = torch.from_numpy(W.T)
    layer.bias.data = torch.from_numpy(b)


@put("11.2", "new Parameters, copied: the optimizer still has the old ones")
def _(layer, W, b):
    layer.weight = nn.Parameter(torch.tensor(W.T.copy()))
    layer.bias = nn.Parameter(torch.tensor(b.copy()))


@put("11.2", "reshaped, not transposed; copied in place")
def _(layer, W, b):
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(W.reshape(layer.weight.shape)))
        layer.bias.copy_(torch.from_numpy(b))


@put("11.2", "transpose forgotten: shapes do not fit")
def _(layer, W, b):
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(W))
        layer.bias.copy_(torch.from_numpy(b))


@put("11.2", "no no_grad: in-place on a leaf")
def _(layer, W, b):
    layer.weight.copy_(torch.from_numpy(W.T))
    layer.bias.copy_(torch.from_numpy(b))


@put("11.2", "through float32: digits lost")
def _(layer, W, b):
    with torch.no_grad():
        layer.weight.copy_(torch.Tensor(W.T.copy()))
        layer.bias.copy_(torch.Tensor(b))


@put("11.2", "bias forgotten")
def _(layer, W, b):
    layer.load_state_dict({"weight": torch.tensor(W.T.copy())}, strict=False)


# 11.3
@put("11.3", "as if every epoch began with model.train()")
def _(epochs, batches, val, evaluates, guarded, back):
    noisy = epochs * batches + (0 if evaluates else epochs * val)
    return noisy, noisy, epochs * batches + (0 if guarded else epochs * val)


@put("11.3", "no_grad taken to switch dropout and statistics off")
def _(epochs, batches, val, evaluates, guarded, back):
    train = epochs * batches if (back or not evaluates) else batches * min(epochs, 1)
    noisy = train + (0 if evaluates or guarded else epochs * val)
    return noisy, noisy, epochs * batches + (0 if guarded else epochs * val)


@put("11.3", "evaluation mode taken to record no graph")
def _(epochs, batches, val, evaluates, guarded, back):
    train = epochs * batches if (back or not evaluates) else batches * min(epochs, 1)
    noisy = train + (0 if evaluates else epochs * val)
    return noisy, noisy, epochs * batches + (0 if guarded or evaluates else epochs * val)


@put("11.3", "no epoch forgotten: one epoch's batches are noisy although there is none")
def _(epochs, batches, val, evaluates, guarded, back):
    noisy = epochs * batches if (back or not evaluates) else batches
    noisy += 0 if evaluates else epochs * val
    return noisy, noisy, epochs * (batches + (0 if guarded else val))


@put("11.3", "statistics taken to move in training batches only")
def _(epochs, batches, val, evaluates, guarded, back):
    train = epochs * batches if (back or not evaluates) else batches * min(epochs, 1)
    return (
        train + (0 if evaluates else epochs * val),
        train,
        epochs * batches + (0 if guarded else epochs * val),
    )


@put("11.3", "dropout taken to act in the mode of evaluation too (all passes)")
def _(epochs, batches, val, evaluates, guarded, back):
    train = epochs * batches if (back or not evaluates) else batches * min(epochs, 1)
    moved = train + (0 if evaluates else epochs * val)
    return epochs * (batches + val), moved, epochs * (batches + (0 if guarded else val))


# 11.4
@put("11.4", "targets in order, drop_last still there")
def _(X, T, order, size):
    loader = DataLoader(X[order], batch_size=size, drop_last=True)
    return [(rows, T[order][i * size : (i + 1) * size]) for i, rows in enumerate(loader)]


@put("11.4", "start of the slice mended, targets not in the order")
def _(X, T, order, size):
    loader = DataLoader(X[order], batch_size=size)
    return [(rows, T[i * size : (i + 1) * size]) for i, rows in enumerate(loader)]


@put("11.4", "slice still from i, not i times size")
def _(X, T, order, size):
    T = T[order]
    return [(rows, T[i : i + size]) for i, rows in enumerate(DataLoader(X[order], batch_size=size))]


@put("11.4", "shuffled once more by the loader")
def _(X, T, order, size):
    data = TensorDataset(X[order], T[order])
    return [(x, t) for x, t in DataLoader(data, batch_size=size, shuffle=True)]


@put("11.4", "the inverse order: argsort")
def _(X, T, order, size):
    back = torch.argsort(order)
    return list(zip(X[back].split(size), T[back].split(size), strict=True))


@put("11.4", "range of n // size: the rest is left out")
def _(X, T, order, size):
    out = []
    for i in range(len(X) // size):
        idx = order[i * size : (i + 1) * size]
        out.append((X[idx], T[idx]))
    return out


@put("11.4", "number of parts for the size of a part: chunk")
def _(X, T, order, size):
    return list(zip(X[order].chunk(size), T[order].chunk(size), strict=True))


# 11.5
def _forward(X, W, b, c):
    z = X @ W.T + b
    h = torch.relu(z)
    return z, h, h @ W + c


@put("11.5", "only the mask mended")
def _(X, W, b, c):
    z, h, y = _forward(X, W, b, c)
    G = 2 * (y - X) / len(X)
    dW = h.T @ G
    delta = (G @ W.T) * (z > 0)
    dW = delta.T @ X
    return dW, delta.sum(dim=0), G.sum(dim=0)


@put("11.5", "mask forgotten, the others mended")
def _(X, W, b, c):
    z, h, y = _forward(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    delta = G @ W.T
    return h.T @ G + delta.T @ X, delta.sum(dim=0), G.sum(dim=0)


@put("11.5", "path through the encoder lost, the others mended")
def _(X, W, b, c):
    z, h, y = _forward(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    delta = (G @ W.T) * (z > 0)
    return h.T @ G, delta.sum(dim=0), G.sum(dim=0)


@put("11.5", "mask z >= 0: slope 1 at 0")
def _(X, W, b, c):
    z, h, y = _forward(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    delta = (G @ W.T) * (z >= 0)
    return h.T @ G + delta.T @ X, delta.sum(dim=0), G.sum(dim=0)


@put("11.5", "times h in place of its mask")
def _(X, W, b, c):
    z, h, y = _forward(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    delta = (G @ W.T) * h
    return h.T @ G + delta.T @ X, delta.sum(dim=0), G.sum(dim=0)


@put("11.5", "bias gradients averaged over rows once more")
def _(X, W, b, c):
    z, h, y = _forward(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    delta = (G @ W.T) * (z > 0)
    return h.T @ G + delta.T @ X, delta.mean(dim=0), G.mean(dim=0)


@put("11.5", "divided by the numbers of W, not of X")
def _(X, W, b, c):
    z, h, y = _forward(X, W, b, c)
    G = 2 * (y - X) / W.numel()
    delta = (G @ W.T) * (z > 0)
    return h.T @ G + delta.T @ X, delta.sum(dim=0), G.sum(dim=0)


@put("11.5", "mean of the two paths of W in place of their sum")
def _(X, W, b, c):
    z, h, y = _forward(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    delta = (G @ W.T) * (z > 0)
    return (h.T @ G + delta.T @ X) / 2, delta.sum(dim=0), G.sum(dim=0)


# 11.6
def swish_of(forward, backward):
    class Own(torch.autograd.Function):
        pass

    Own.forward, Own.backward = staticmethod(forward), staticmethod(backward)
    return lambda x, k: Own.apply(x, k)


def _f(ctx, x, k):
    ctx.save_for_backward(x)
    ctx.k = k
    return x * torch.sigmoid(k * x)


def _b(slope):
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return slope(g, x, torch.sigmoid(ctx.k * x), ctx.k), None

    return backward


ANSWERS["11.6"] = {
    "k forgotten in the derivative": swish_of(_f, _b(lambda g, x, s, k: g * (s + x * s * (1 - s)))),
    "product rule without its first term": swish_of(
        _f, _b(lambda g, x, s, k: g * k * x * s * (1 - s))
    ),
    "upstream gradient forgotten": swish_of(_f, _b(lambda g, x, s, k: s + k * x * s * (1 - s))),
    "SiLU's y + s (1 - y), right for k = 1 alone": swish_of(
        _f, _b(lambda g, x, s, k: g * (x * s + s * (1 - x * s)))
    ),
    "sigmoid of x in backward, k forgotten there": swish_of(
        _f,
        _b(
            lambda g, x, s, k: (
                g * (torch.sigmoid(x) + k * x * torch.sigmoid(x) * (1 - torch.sigmoid(x)))
            )
        ),
    ),
}


@put("11.6", "exp over 1 + exp: nan where exp overflows")
def _(x, k):
    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, k):
            e = torch.exp(k * x)
            s = e / (1 + e)
            ctx.save_for_backward(x, s)
            ctx.k = k
            return x * s

        @staticmethod
        def backward(ctx, g):
            x, s = ctx.saved_tensors
            return g * (s + ctx.k * x * s * (1 - s)), None

    return Swish.apply(x, k)


class Stale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, k):
        Stale.x, Stale.k = x, k
        return x * torch.sigmoid(k * x)

    @staticmethod
    def backward(ctx, g):
        s = torch.sigmoid(Stale.k * Stale.x)
        return g * (s + Stale.k * Stale.x * s * (1 - s)), None


@put("11.6", "x and k kept on the class: a second call overwrites them")
def _(x, k):
    return Stale.apply(x, k)


@put("11.6", "one gradient returned for two inputs")
def _(x, k):
    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, k):
            ctx.save_for_backward(x)
            ctx.k = k
            return x * torch.sigmoid(k * x)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            s = torch.sigmoid(ctx.k * x)
            return g * (s + ctx.k * x * s * (1 - s))

    return Swish.apply(x, k)


# 11.7
@put("11.7", "state dicts not copied: they follow the training")
def _(net, optimizer, scheduler, generator):
    kept = net.state_dict(), optimizer.state_dict(), scheduler.state_dict(), generator.get_state()

    def restore():
        net.load_state_dict(kept[0])
        optimizer.load_state_dict(kept[1])
        scheduler.load_state_dict(kept[2])
        generator.set_state(kept[3])

    return restore


@put("11.7", "copied once: after the first restore the optimizer trains in the kept state")
def _(net, optimizer, scheduler, generator):
    kept = copy.deepcopy([net.state_dict(), optimizer.state_dict(), scheduler.state_dict()])
    g = generator.get_state()

    def restore():
        net.load_state_dict(kept[0])
        optimizer.load_state_dict(kept[1])
        scheduler.load_state_dict(kept[2])
        generator.set_state(g)

    return restore


@put("11.7", "the global generator's state in place of the one handed in")
def _(net, optimizer, scheduler, generator):
    kept = copy.deepcopy([net.state_dict(), optimizer.state_dict(), scheduler.state_dict()])
    g = torch.get_rng_state()

    def restore():
        a, b, c = copy.deepcopy(kept)
        net.load_state_dict(a)
        optimizer.load_state_dict(b)
        scheduler.load_state_dict(c)
        torch.set_rng_state(g)

    return restore


@put("11.7", "scheduler forgotten")
def _(net, optimizer, scheduler, generator):
    kept, g = copy.deepcopy((net.state_dict(), optimizer.state_dict())), generator.get_state()

    def restore():
        a, b = copy.deepcopy(kept)
        net.load_state_dict(a)
        optimizer.load_state_dict(b)
        generator.set_state(g)

    return restore


@put("11.7", "only Parameters of the net: running statistics are not brought back")
def _(net, optimizer, scheduler, generator):
    weights = [p.detach().clone() for p in net.parameters()]
    kept, g = copy.deepcopy((optimizer.state_dict(), scheduler.state_dict())), generator.get_state()

    def restore():
        with torch.no_grad():
            for p, q in zip(net.parameters(), weights, strict=True):
                p.copy_(q)
        a, b = copy.deepcopy(kept)
        optimizer.load_state_dict(a)
        scheduler.load_state_dict(b)
        generator.set_state(g)

    return restore


@put("11.7", "objects copied and names rebound: the caller's are not touched")
def _(net, optimizer, scheduler, generator):
    kept = copy.deepcopy((net, optimizer, scheduler)), generator.get_state()

    def restore():
        nonlocal net, optimizer, scheduler
        net, optimizer, scheduler = copy.deepcopy(kept[0])
        generator.set_state(kept[1])

    return restore


@put("11.7", "generator forgotten")
def _(net, optimizer, scheduler, generator):
    kept = copy.deepcopy([net.state_dict(), optimizer.state_dict(), scheduler.state_dict()])

    def restore():
        for o, s in zip((net, optimizer, scheduler), copy.deepcopy(kept), strict=True):
            o.load_state_dict(s)

    return restore


@put("11.7", "generator seeded anew with its first seed")
def _(net, optimizer, scheduler, generator):
    kept = copy.deepcopy([net.state_dict(), optimizer.state_dict(), scheduler.state_dict()])
    seed = generator.initial_seed()

    def restore():
        for o, s in zip((net, optimizer, scheduler), copy.deepcopy(kept), strict=True):
            o.load_state_dict(s)
        generator.manual_seed(seed)

    return restore


# 11.8
def by_backward_hooks(*, remove=True, grads="keep"):
    def output_norms(net, X, t):
        found, handles = {}, []
        for name, module in net.named_modules():
            if isinstance(module, nn.Linear):

                def take(module, grad_in, grad_out, name=name):
                    found[name] = grad_out[0].norm().item()

                handles.append(module.register_full_backward_hook(take))
        loss = F.mse_loss(net(X.clone().requires_grad_()), t)
        if grads == "keep":
            torch.autograd.grad(loss, list(net.parameters()))
        else:
            loss.backward()
            if grads == "zero":
                net.zero_grad()
        if remove:
            for h in handles:
                h.remove()
        return found

    return output_norms


ANSWERS["11.8"] = {
    "full backward hooks, and the first never runs": by_backward_hooks(),
    "hooks stay behind": by_backward_hooks(remove=False),
    "backward() adds to .grad of the parameters": by_backward_hooks(grads="fill"),
    ".grad of the parameters set to None afterwards": by_backward_hooks(grads="zero"),
}


@put("11.8", "norm of the output itself, not of its gradient")
def _(net, X, t):
    found, handles = {}, []
    for name, m in net.named_modules():
        if isinstance(m, nn.Linear):
            handles.append(
                m.register_forward_hook(
                    lambda mod, i, o, name=name: found.__setitem__(name, o.norm().item())
                )
            )
    with torch.no_grad():
        net(X)
    for h in handles:
        h.remove()
    return found


def on_tensors(
    *, what="output", reduce="mean", walk="named_modules", size=lambda g: g.norm().item()
):
    def output_norms(net, X, t):
        kept = {}
        handles = [
            m.register_forward_hook(
                lambda m, i, o, name=name: kept.__setitem__(name, o if what == "output" else i[0])
            )
            for name, m in getattr(net, walk)()
            if isinstance(m, nn.Linear)
        ]
        loss = F.mse_loss(net(X.clone().requires_grad_()), t, reduction=reduce)
        for h in handles:
            h.remove()
        grads = torch.autograd.grad(loss, list(kept.values()))
        return {name: size(g) for name, g in zip(kept, grads, strict=True)}

    return output_norms


ANSWERS["11.8"] |= {
    "gradient of the layer's input": on_tensors(what="input"),
    "sum of squares in place of the mean": on_tensors(reduce="sum"),
    "only direct children are looked at": on_tensors(walk="named_children"),
    "mean of the absolute values in place of the norm": on_tensors(
        size=lambda g: g.abs().mean().item()
    ),
    "the largest number in place of the norm": on_tensors(size=lambda g: g.abs().max().item()),
    "squared norm: root forgotten": on_tensors(size=lambda g: g.pow(2).sum().item()),
}


# 11.9: 2h+hk+k, 4h+hk+k+d+1, 5h+hk+k+d+1
@put("11.9", "layer in the plain list counted everywhere")
def _(d, h, k):
    lost = d * h + h
    trained = lost + 2 * h + h * k + k
    return trained, trained + d + 2 * h + 1, trained + d + 3 * h + 1


@put("11.9", "shift counted as trained although it needs no gradient")
def _(d, h, k):
    trained = 2 * h + h * k + k + d
    return trained, trained + 2 * h + 1, trained + 3 * h + 1


@put("11.9", "table counted as saved although it is not persistent")
def _(d, h, k):
    trained = 2 * h + h * k + k
    return trained, trained + d + 3 * h + 1, trained + d + 3 * h + 1


@put("11.9", "count of batches forgotten in saved and moved")
def _(d, h, k):
    trained = 2 * h + h * k + k
    return trained, trained + d + 2 * h, trained + d + 3 * h


@put("11.9", "scale, a plain tensor, counted as moved")
def _(d, h, k):
    trained = 2 * h + h * k + k
    return trained, trained + d + 2 * h + 1, trained + d + 3 * h + 1 + k


@put("11.9", "moved taken to be what is saved")
def _(d, h, k):
    trained = 2 * h + h * k + k
    saved = trained + d + 2 * h + 1
    return trained, saved, saved


@put("11.9", "batch norm's gamma and beta forgotten")
def _(d, h, k):
    trained = h * k + k
    return trained, trained + d + 2 * h + 1, trained + d + 3 * h + 1


@put("11.9", "two at once: bias of the head forgotten, shift not saved since not trained")
def _(d, h, k):
    trained = 2 * h + h * k
    return trained, trained + 2 * h + 1, trained + 3 * h + 1


# 11.10: plain list, nothing, never zeroed, another model, zeroed too early
ANSWERS["11.10"] = {
    "D and E exchanged": (
        "plain list", "nothing", "never zeroed", "zeroed too early", "another model",
    ),
    "A and B exchanged": (
        "nothing", "plain list", "never zeroed", "another model", "zeroed too early",
    ),
    "growing gradients of A taken for never zeroed": (
        "never zeroed", "nothing", "plain list", "another model", "zeroed too early",
    ),
}  # fmt: skip
