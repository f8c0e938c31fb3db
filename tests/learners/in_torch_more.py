"""Wrong answers to chapter 11, written when the first lot had widened the lists."""

import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from learners.in_torch import kept, linear, parts_of, swish_with
from learners.lot import Lot

ANSWERS = Lot()
put = ANSWERS.put

ANSWERS["11.1"] = {
    "n in both, and no momentum": (5.0, 14.0, -1.0690, -1.0690),
    "train and eval exchanged": (0.5, 3.0, 0.2887, -1.0690),
    "last of the batch": (0.5, 3.0, 1.3363, 5.4848),
    "mean halved": (2.5, 11.0, -1.0690, -0.4523),
    "order of the first two": (3.0, 0.5, -1.0690, 0.2887),
}


@put("11.2", "only the reshape taken out")
def still_new_and_shared(layer, W, b):
    layer.weight = nn.Parameter(torch.from_numpy(W.T))
    layer.bias = nn.Parameter(torch.from_numpy(b))


@put("11.2", "copied, but into new Parameters")
def copied_and_new(layer, W, b):
    layer.weight = nn.Parameter(torch.tensor(W.T.copy()))
    layer.bias = nn.Parameter(torch.tensor(b.copy()))


@put("11.2", "in place, but reshaped")
def in_place_reshaped(layer, W, b):
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(W.reshape(layer.weight.shape)))
        layer.bias.copy_(torch.from_numpy(b))


@put("11.2", "data, but shared")
def data_shared(layer, W, b):
    layer.weight.data = torch.from_numpy(W.T)
    layer.bias.data = torch.from_numpy(b)


@put("11.2", "bias shared only")
def bias_shared(layer, W, b):
    layer.weight.data = torch.tensor(W.T)
    layer.bias.data = torch.from_numpy(b)


@put("11.2", "no_grad missing")
def no_grad_missing(layer, W, b):
    layer.weight[:] = torch.tensor(W.T)
    layer.bias[:] = torch.tensor(b)


@put("11.2", "view flattened")
def viewed(layer, W, b):
    layer.weight.data = torch.tensor(W).view(layer.weight.shape)
    layer.bias.data = torch.tensor(b)


@put("11.3", "guarded in place of evaluates")
def by_guard(epochs, batches, val, evaluates, guarded, back):
    noisy = epochs * batches + (0 if guarded else epochs * val)
    return noisy, noisy, noisy


@put("11.3", "first epoch lost")
def first_lost(epochs, batches, val, evaluates, guarded, back):
    noisy = epochs * (batches + val)
    if evaluates:
        noisy = epochs * batches if back else 0
    return noisy, noisy, epochs * batches + (0 if guarded else epochs * val)


@put("11.3", "graphs in one epoch")
def graphs_once(epochs, batches, val, evaluates, guarded, back):
    noisy = epochs * (batches + val)
    if evaluates:
        noisy = epochs * batches if back else batches * min(1, epochs)
    return noisy, noisy, batches + (0 if guarded else val)


@put("11.3", "moved counts epochs")
def moved_by_epoch(epochs, batches, val, evaluates, guarded, back):
    noisy = epochs * (batches + val)
    if evaluates:
        noisy = epochs * batches if back else batches * min(1, epochs)
    return noisy, epochs, epochs * batches + (0 if guarded else epochs * val)


@put("11.4", "the order of the rows alone")
def rows_alone_ordered(X, T, order, size):
    return list(DataLoader(TensorDataset(X[order], T), batch_size=size))


@put("11.4", "drop_last kept")
def drop_kept(X, T, order, size):
    data = TensorDataset(X[order], T[order])
    return list(DataLoader(data, batch_size=size, drop_last=True))


@put("11.4", "zip of rows and rows")
def rows_twice(X, T, order, size):
    return [(X[p], X[p]) for p in torch.split(order, size)]


@put("11.4", "chunks")
def chunked(X, T, order, size):
    return [(X[p], T[p]) for p in torch.chunk(order, size)]


@put("11.4", "one long tensor each")
def joined(X, T, order, size):
    return [torch.cat([X[p], T[p]], dim=1) for p in torch.split(order, size)]


@put("11.4", "backwards")
def backwards(X, T, order, size):
    return [(X[p], T[p]) for p in torch.split(order, size)][::-1]


@put("11.5", "added, divided by rows, masked by h > 0.5")
def mask_moved(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    d = (G @ W.T) * (h > 0.5)
    return h.T @ G + d.T @ X, d.sum(0), G.sum(0)


@put("11.5", "mask from y")
def mask_from_y(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / X.numel() * (y > 0)
    d = (G @ W.T) * (z > 0)
    return h.T @ G + d.T @ X, d.sum(0), G.sum(0)


@put("11.5", "G squared away")
def forgot_x(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * y / X.numel()
    d = (G @ W.T) * (z > 0)
    return h.T @ G + d.T @ X, d.sum(0), G.sum(0)


@put("11.5", "bias of the encoder from G")
def db_from_g(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    d = (G @ W.T) * (z > 0)
    return h.T @ G + d.T @ X, (G @ W.T).sum(0), G.sum(0)


@put("11.5", "encoder twice")
def encoder_twice(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    d = (G @ W.T) * (z > 0)
    return 2 * d.T @ X, d.sum(0), G.sum(0)


@put("11.5", "decoder meets x")
def decoder_meets_x(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    d = (G @ W.T) * (z > 0)
    return h.T @ G + d.T @ (X + G), d.sum(0), G.sum(0)


def sigma(ctx):
    return torch.sigmoid(ctx.k * ctx.saved_tensors[0])


ANSWERS["11.6"] = {
    "sum and not product": swish_with(
        lambda ctx, G: (
            G + sigma(ctx) + ctx.k * ctx.saved_tensors[0] * sigma(ctx) * (1 - sigma(ctx)),
            None,
        )
    ),
    "slope of sigma of sigma": swish_with(
        lambda ctx, G: (
            G * (sigma(ctx) + ctx.saved_tensors[0] * ctx.k * torch.sigmoid(sigma(ctx))),
            None,
        )
    ),
    "None first": swish_with(lambda ctx, G: (None, G * sigma(ctx))),
    "tanh": swish_with(
        lambda ctx, G: (
            G * (sigma(ctx) + ctx.k * ctx.saved_tensors[0] * (1 - sigma(ctx) ** 2)),
            None,
        )
    ),
    "k squared": swish_with(
        lambda ctx, G: (
            G * (sigma(ctx) + ctx.k**2 * ctx.saved_tensors[0] * sigma(ctx) * (1 - sigma(ctx))),
            None,
        )
    ),
    "forward without x": swish_with(
        lambda ctx, G: (G * ctx.k * sigma(ctx) * (1 - sigma(ctx)), None),
        lambda ctx, x, k: kept(ctx, x, k) * 0 + torch.sigmoid(k * x),
    ),
    "y times 1 - y": swish_with(
        lambda ctx, G: (
            G
            * (
                sigma(ctx)
                + ctx.k
                * (ctx.saved_tensors[0] * sigma(ctx))
                * (1 - ctx.saved_tensors[0] * sigma(ctx))
            ),
            None,
        )
    ),
}


def restoring(save, load):
    def snapshot(net, optimizer, scheduler, generator):
        saved = save(net, optimizer, scheduler, generator)
        return lambda: load(saved, net, optimizer, scheduler, generator)

    return snapshot


def states(net, optimizer, scheduler, generator):
    return [copy.deepcopy(p.state_dict()) for p in (net, optimizer, scheduler)] + [
        generator.get_state()
    ]


@put("11.7", "rate set by hand")
def rate_by_hand(net, optimizer, scheduler, generator):
    saved, rate = states(net, optimizer, scheduler, generator), optimizer.param_groups[0]["lr"]

    def restore():
        net.load_state_dict(saved[0])
        optimizer.param_groups[0]["lr"] = rate
        scheduler.load_state_dict(saved[2])
        generator.set_state(saved[3])

    return restore


@put("11.7", "all but the net")
def all_but_net(net, optimizer, scheduler, generator):
    saved = states(net, optimizer, scheduler, generator)

    def restore():
        optimizer.load_state_dict(copy.deepcopy(saved[1]))
        scheduler.load_state_dict(saved[2])
        generator.set_state(saved[3])

    return restore


@put("11.7", "state taken at the return")
def taken_too_late(net, optimizer, scheduler, generator):
    def restore():
        saved = states(net, optimizer, scheduler, generator)
        for part, one in zip((net, optimizer, scheduler), saved, strict=False):
            part.load_state_dict(one)
        generator.set_state(saved[3])

    return restore


@put("11.7", "called at once")
def called_at_once(net, optimizer, scheduler, generator):
    saved = states(net, optimizer, scheduler, generator)

    def restore():
        net.load_state_dict(saved[0])

    return restore()


@put("11.7", "the last handed back is gone")
def popped(net, optimizer, scheduler, generator):
    saved = states(net, optimizer, scheduler, generator)

    def restore():
        generator.set_state(saved.pop())
        scheduler.load_state_dict(saved.pop())
        optimizer.load_state_dict(saved.pop())
        net.load_state_dict(saved.pop())

    return restore


ANSWERS["11.7"]["net and generator, no copies"] = restoring(
    lambda net, o, s, g: (net.state_dict(), g.get_state()),
    lambda saved, net, o, s, g: (net.load_state_dict(saved[0]), g.set_state(saved[1])),
)
ANSWERS["11.7"]["state as attributes"] = restoring(
    lambda net, o, s, g: (copy.deepcopy(net.state_dict()), copy.deepcopy(o.state), s.last_epoch),
    lambda saved, net, o, s, g: (net.load_state_dict(saved[0]), setattr(o, "state", saved[1])),
)


@put("11.8", "output of the whole net only")
def last_only(net, X, t):
    y = net(X)
    loss = ((y - t) ** 2).mean()
    (grad,) = torch.autograd.grad(loss, y)
    return {list(linear(net))[-1]: grad.norm().item()}


@put("11.8", "same number for all")
def same_for_all(net, X, t):
    y = net(X)
    loss = ((y - t) ** 2).mean()
    (grad,) = torch.autograd.grad(loss, y)
    return dict.fromkeys(linear(net), grad.norm().item())


@put("11.8", "list in order")
def as_list(net, X, t):
    outputs, hooks = [], []
    for m in linear(net).values():
        hooks.append(m.register_forward_hook(lambda m, i, o: outputs.append(o)))
    loss = ((net(X) - t) ** 2).mean()
    for hook in hooks:
        hook.remove()
    return [g.norm().item() for g in torch.autograd.grad(loss, outputs)]


@put("11.8", "modules as keys")
def modules_as_keys(net, X, t):
    outputs, hooks = {}, []
    for m in linear(net).values():
        hooks.append(m.register_forward_hook(lambda m, i, o: outputs.update({str(m): o})))
    loss = ((net(X) - t) ** 2).mean()
    for hook in hooks:
        hook.remove()
    grads = torch.autograd.grad(loss, list(outputs.values()))
    return {name: g.norm().item() for name, g in zip(outputs, grads, strict=True)}


@put("11.8", "graph detached")
def detached(net, X, t):
    outputs, hooks = {}, []
    for name, m in linear(net).items():
        hooks.append(
            m.register_forward_hook(lambda m, i, o, name=name: outputs.update({name: o.detach()}))
        )
    loss = ((net(X) - t) ** 2).mean()
    for hook in hooks:
        hook.remove()
    grads = torch.autograd.grad(loss, list(outputs.values()))
    return {name: g.norm().item() for name, g in zip(outputs, grads, strict=True)}


@put("11.8", "in no_grad")
def in_no_grad(net, X, t):
    outputs = {}
    with torch.no_grad():
        for name, m in linear(net).items():
            m.register_forward_hook(lambda m, i, o, name=name: outputs.update({name: o}))
        loss = ((net(X) - t) ** 2).mean()
    grads = torch.autograd.grad(loss, list(outputs.values()))
    return {name: g.norm().item() for name, g in zip(outputs, grads, strict=True)}


ANSWERS["11.9"] = {
    "buffers not saved": lambda d, h, k: (
        2 * h + h * k + k,
        2 * h + h * k + k + d,
        5 * h + 1 + h * k + k + d,
    ),
    "count not moved": lambda d, h, k: (
        2 * h + h * k + k,
        4 * h + 1 + h * k + k + d,
        5 * h + h * k + k + d,
    ),
    "shift plain": lambda d, h, k: (
        2 * h + h * k + k,
        4 * h + 1 + h * k + k,
        5 * h + 1 + h * k + k,
    ),
    "all three alike": lambda d, h, k: 3 * [2 * h + h * k + k],
    "hidden in place of norm": lambda d, h, k: (
        d * h + h + h * k + k,
        d * h + h + h * k + k + d,
        d * h + h + h * k + k + d + h,
    ),
    "table trained": lambda d, h, k: (
        3 * h + h * k + k,
        4 * h + 1 + h * k + k + d,
        5 * h + 1 + h * k + k + d,
    ),
}

UNTOLD = {
    ("11.9", "table trained"),
    ("11.1", "mean halved"),
    ("11.4", "zip of rows and rows"),
    ("11.5", "mask from y"),
    ("11.6", "slope of sigma of sigma"),
    ("11.7", "rate set by hand"),
    ("11.7", "the last handed back is gone"),
    ("11.7", "state as attributes"),
    ("11.8", "same number for all"),
    ("11.8", "modules as keys"),
    ("11.8", "in no_grad"),
}
