"""Wrong answers to chapter 11, as learners write programs for PyTorch."""

import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from learners.lot import Lot

ANSWERS = Lot()
put = ANSWERS.put

# ---- 11.1

ANSWERS["11.1"] = {
    "n - 1 everywhere": (0.5, 3.0, -0.8729, 0.2887),
    "deviation remembered": (0.5, 1.7321, -1.0690, 0.2887),
    "squares without the mean": (0.5, 4.8, -0.6405, 0.2282),
    "centred and not scaled": (0.5, 3.0, -4.0, 0.2887),
    "running mean, deviation of the batch": (0.5, 3.0, -1.0690, 0.1336),
    "without the sign": (0.5, 3.0, 1.0690, 0.2887),
    "sum of squares": (0.5, 5.1, -0.6172, 0.2214),
    "momentum of 0.9": (4.5, 19.0, -1.0690, -0.8030),
    "nothing remembered": (0.0, 1.0, -1.0690, 1.0),
}

# ---- 11.2


@put("11.2", "an array assigned")
def array_assigned(layer, W, b):
    layer.weight = W.T
    layer.bias = b


@put("11.2", "data without a transpose")
def data_untransposed(layer, W, b):
    layer.weight.data = torch.from_numpy(W)
    layer.bias.data = torch.from_numpy(b)


@put("11.2", "torch.Tensor")
def single_by_class(layer, W, b):
    layer.weight.data = torch.Tensor(W.T)
    layer.bias.data = torch.Tensor(b)


@put("11.2", "bias forgotten")
def weight_only(layer, W, b):
    layer.weight.data = torch.tensor(W.T)


@put("11.2", "copied into W")
def other_way_round(layer, W, b):
    with torch.no_grad():
        W[:] = layer.weight.numpy().T
        b[:] = layer.bias.numpy()


@put("11.2", "new Linear")
def new_linear(layer, W, b):
    layer = nn.Linear(W.shape[0], W.shape[1])
    layer.weight.data = torch.tensor(W.T)
    layer.bias.data = torch.tensor(b)


@put("11.2", "turned twice")
def turned_twice(layer, W, b):
    layer.weight.data = torch.tensor(W.T).T
    layer.bias.data = torch.tensor(b)


@put("11.2", "gradient switched off for the copy")
def switched_off(layer, W, b):
    layer.weight.requires_grad = False
    layer.weight.copy_(torch.tensor(W.T))
    layer.bias.data.copy_(torch.tensor(b))


@put("11.2", "Parameter of a view")
def parameter_of_a_view(layer, W, b):
    layer.weight = nn.Parameter(torch.from_numpy(W).T)
    layer.bias = nn.Parameter(torch.from_numpy(b))


@put("11.2", "rows of W as bias")
def first_row_as_bias(layer, W, b):
    layer.weight.data = torch.tensor(W.T)
    layer.bias.data = torch.tensor(W[0])


@put("11.2", "state dict without transpose")
def loaded_untransposed(layer, W, b):
    layer.load_state_dict({"weight": torch.tensor(W), "bias": torch.tensor(b)})


# ---- 11.3


@put("11.3", "no_grad keeps the statistics")
def guarded_statistics(epochs, batches, val, evaluates, guarded, back):
    recorded = epochs * batches + (0 if guarded else epochs * val)
    noisy = epochs * batches
    if not evaluates:
        noisy += epochs * val
    moved = epochs * batches + (0 if guarded or evaluates else epochs * val)
    return noisy, moved, recorded


@put("11.3", "the mode does not stay")
def mode_does_not_stay(epochs, batches, val, evaluates, guarded, back):
    noisy = epochs * batches + (0 if evaluates else epochs * val)
    return noisy, noisy, epochs * batches + (0 if guarded else epochs * val)


@put("11.3", "no epoch forgotten")
def no_epoch(epochs, batches, val, evaluates, guarded, back):
    noisy = epochs * (batches + val)
    if evaluates:
        noisy = epochs * batches if back else batches
    return noisy, noisy, epochs * batches + (0 if guarded else epochs * val)


@put("11.3", "nothing trains after eval")
def nothing_trains(epochs, batches, val, evaluates, guarded, back):
    trained = epochs * batches
    if evaluates and not back:
        trained = min(epochs, 1) * batches
    noisy = trained if evaluates else trained + epochs * val
    return noisy, noisy, trained + (0 if guarded else epochs * val)


@put("11.3", "validation once")
def validation_once(epochs, batches, val, evaluates, guarded, back):
    noisy = epochs * batches + (0 if evaluates else val)
    if evaluates and not back and epochs:
        noisy = batches
    return noisy, noisy, epochs * batches + (0 if guarded else val)


@put("11.3", "statistics always")
def statistics_always(epochs, batches, val, evaluates, guarded, back):
    noisy = epochs * (batches + val)
    if evaluates:
        noisy = epochs * batches if back else batches * (epochs > 0)
    return noisy, epochs * (batches + val), epochs * batches + (0 if guarded else epochs * val)


@put("11.3", "everything recorded")
def everything_recorded(epochs, batches, val, evaluates, guarded, back):
    noisy = epochs * (batches + val)
    if evaluates:
        noisy = epochs * batches if back else batches * (epochs > 0)
    return noisy, noisy, epochs * (batches + val)


# ---- 11.4


@put("11.4", "shuffled by the loader")
def loader_shuffles(X, T, order, size):
    return list(DataLoader(TensorDataset(X, T), batch_size=size, shuffle=True))


@put("11.4", "only drop_last taken out")
def drop_last_alone(X, T, order, size):
    loader = DataLoader(X[order], batch_size=size)
    return [(rows, T[i : i + size]) for i, rows in enumerate(loader)]


@put("11.4", "only the order repaired")
def order_alone(X, T, order, size):
    loader = DataLoader(X[order], batch_size=size)
    return [(rows, T[order][i : i + size]) for i, rows in enumerate(loader)]


@put("11.4", "range too short")
def range_too_short(X, T, order, size):
    X, T = X[order], T[order]
    return [(X[i : i + size], T[i : i + size]) for i in range(0, len(X) - size, size)]


@put("11.4", "a generator")
def a_generator(X, T, order, size):
    for i in range(0, len(order), size):
        yield X[order[i : i + size]], T[order[i : i + size]]


@put("11.4", "two lists")
def two_lists(X, T, order, size):
    return torch.split(X[order], size), torch.split(T[order], size)


@put("11.4", "one pair of everything")
def one_pair(X, T, order, size):
    return X[order], T[order]


@put("11.4", "the rest by a negative slice")
def rest_by_slice(X, T, order, size):
    whole = len(order) // size
    parts = [order[i * size : (i + 1) * size] for i in range(whole)]
    parts.append(order[-(len(order) % size) :])
    return [(X[part], T[part]) for part in parts]


@put("11.4", "one row too few")
def one_row_too_few(X, T, order, size):
    return [
        (X[order[i : i + size - 1]], T[order[i : i + size - 1]]) for i in range(0, len(order), size)
    ]


@put("11.4", "an empty batch at the end")
def empty_at_the_end(X, T, order, size):
    parts = [order[i * size : (i + 1) * size] for i in range(len(order) // size + 1)]
    return [(X[part], T[part]) for part in parts]


@put("11.4", "shuffled twice")
def shuffled_twice(X, T, order, size):
    X, T = X[order], T[order]
    return [(X[order[i : i + size]], T[order[i : i + size]]) for i in range(0, len(X), size)]


# ---- 11.5


def parts_of(X, W, b, c):
    z = X @ W.T + b
    h = torch.relu(z)
    return z, h, h @ W + c


@put("11.5", "no 2")
def no_two(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = (y - X) / X.numel()
    d = (G @ W.T) * (z > 0)
    return h.T @ G + d.T @ X, d.sum(0), G.sum(0)


@put("11.5", "divisor alone repaired")
def divisor_alone(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    d = G @ W.T
    return d.T @ X, d.sum(0), G.sum(0)


@put("11.5", "mask alone repaired")
def mask_alone(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / len(X)
    d = (G @ W.T) * (z > 0)
    return d.T @ X, d.sum(0), G.sum(0)


@put("11.5", "sum alone repaired")
def sum_alone(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / len(X)
    d = G @ W.T
    return h.T @ G + d.T @ X, d.sum(0), G.sum(0)


@put("11.5", "mask and sum repaired")
def mask_and_sum(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / len(X)
    d = (G @ W.T) * (z > 0)
    return h.T @ G + d.T @ X, d.sum(0), G.sum(0)


@put("11.5", "transposed product")
def transposed_product(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    d = (G @ W.T) * (z > 0)
    return h.T @ G + X.T @ d, d.sum(0), G.sum(0)


@put("11.5", "mask times z")
def mask_times_z(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    d = (G @ W.T) * h
    return h.T @ G + d.T @ X, d.sum(0), G.sum(0)


@put("11.5", "biases averaged")
def biases_averaged(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    d = (G @ W.T) * (z > 0)
    return h.T @ G + d.T @ X, d.mean(0), G.mean(0)


@put("11.5", "X minus y")
def x_minus_y(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (X - y) / X.numel()
    d = (G @ W.T) * (z > 0)
    return h.T @ G + d.T @ X, d.sum(0), G.sum(0)


@put("11.5", "paths stacked")
def paths_stacked(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    d = (G @ W.T) * (z > 0)
    return torch.stack([h.T @ G, d.T @ X]), d.sum(0), G.sum(0)


@put("11.5", "sum without dim")
def sum_without_dim(X, W, b, c):
    z, h, y = parts_of(X, W, b, c)
    G = 2 * (y - X) / X.numel()
    d = (G @ W.T) * (z > 0)
    return h.T @ G + d.T @ X, d.sum(), G.sum()


# ---- 11.6


def swish_with(backward, forward=lambda ctx, x, k: kept(ctx, x, k)):
    def swish(x, k):
        parts = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
        return type("Swish", (torch.autograd.Function,), parts).apply(x, k)

    return swish


def kept(ctx, x, k):
    ctx.save_for_backward(x)
    ctx.k = k
    return x * torch.sigmoid(k * x)


ANSWERS["11.6"] = {
    "saved tensors not unpacked": swish_with(
        lambda ctx, G: (G * torch.sigmoid(ctx.k * ctx.saved_tensors), None)
    ),
    "nothing saved": swish_with(
        lambda ctx, G: (G * ctx.saved_tensors[0], None),
        lambda ctx, x, k: x * torch.sigmoid(k * x),
    ),
    "float saved as a tensor": swish_with(
        lambda ctx, G: (G, None), lambda ctx, x, k: ctx.save_for_backward(x, k) or x
    ),
    "k in front": swish_with(
        lambda ctx, G: (
            G
            * ctx.k
            * torch.sigmoid(ctx.saved_tensors[0])
            * (1 + ctx.saved_tensors[0] * (1 - torch.sigmoid(ctx.saved_tensors[0]))),
            None,
        ),
        lambda ctx, x, k: kept(ctx, x, k) * 0 + k * x * torch.sigmoid(x),
    ),
    "SiLU": swish_with(
        lambda ctx, G: (
            G
            * torch.sigmoid(ctx.saved_tensors[0])
            * (1 + ctx.saved_tensors[0] * (1 - torch.sigmoid(ctx.saved_tensors[0]))),
            None,
        ),
        lambda ctx, x, k: kept(ctx, x, 1.0),
    ),
    "one gradient": swish_with(lambda ctx, G: G * torch.sigmoid(ctx.k * ctx.saved_tensors[0])),
    "chain through y": swish_with(
        lambda ctx, G: (G * torch.sigmoid(ctx.k * ctx.saved_tensors[0]) * ctx.k, None)
    ),
    "only the slope": swish_with(
        lambda ctx, G: (
            torch.sigmoid(ctx.k * ctx.saved_tensors[0])
            * (
                1 + ctx.k * ctx.saved_tensors[0] * (1 - torch.sigmoid(ctx.k * ctx.saved_tensors[0]))
            ),
            None,
        )
    ),
    "1 + kx for σ + kx": swish_with(
        lambda ctx, G: (
            G
            + G
            * ctx.k
            * ctx.saved_tensors[0]
            * torch.sigmoid(ctx.k * ctx.saved_tensors[0])
            * (1 - torch.sigmoid(ctx.k * ctx.saved_tensors[0])),
            None,
        )
    ),
    "sigma for 1 - sigma": swish_with(
        lambda ctx, G: (
            G
            * torch.sigmoid(ctx.k * ctx.saved_tensors[0])
            * (1 + ctx.k * ctx.saved_tensors[0] * torch.sigmoid(ctx.k * ctx.saved_tensors[0])),
            None,
        )
    ),
    "a class, not its value": lambda x, k: torch.autograd.Function,
    "the module of torch": lambda x, k: nn.SiLU()(k * x) / k if k else x / 2,
}

# ---- 11.7


@put("11.7", "shallow copy")
def shallow(net, optimizer, scheduler, generator):
    saved = copy.copy(net.state_dict()), copy.copy(optimizer.state_dict())
    rest = copy.copy(scheduler.state_dict()), generator.get_state()

    def restore():
        net.load_state_dict(saved[0])
        optimizer.load_state_dict(saved[1])
        scheduler.load_state_dict(rest[0])
        generator.set_state(rest[1])

    return restore


@put("11.7", "weights cloned, the rest not")
def cloned_weights(net, optimizer, scheduler, generator):
    weights = {k: v.clone() for k, v in net.state_dict().items()}
    opt, sched, state = optimizer.state_dict(), scheduler.state_dict(), generator.get_state()

    def restore():
        net.load_state_dict(weights)
        optimizer.load_state_dict(opt)
        scheduler.load_state_dict(sched)
        generator.set_state(state)

    return restore


@put("11.7", "objects copied")
def objects_copied(net, optimizer, scheduler, generator):
    saved = copy.deepcopy(net), copy.deepcopy(optimizer), copy.deepcopy(scheduler.state_dict())
    state = generator.get_state()

    def restore():
        net.load_state_dict(saved[0].state_dict())
        optimizer.load_state_dict(saved[1].state_dict())
        scheduler.load_state_dict(saved[2])
        generator.set_state(state)

    return restore


@put("11.7", "weights and generator")
def weights_and_generator(net, optimizer, scheduler, generator):
    weights, state = copy.deepcopy(net.state_dict()), generator.get_state()

    def restore():
        net.load_state_dict(weights)
        generator.set_state(state)

    return restore


@put("11.7", "the global generator")
def global_generator(net, optimizer, scheduler, generator):
    saved = [copy.deepcopy(part.state_dict()) for part in (net, optimizer, scheduler)]
    state = torch.get_rng_state()

    def restore():
        for part, one in zip((net, optimizer, scheduler), saved, strict=True):
            part.load_state_dict(copy.deepcopy(one))
        torch.set_rng_state(state)

    return restore


@put("11.7", "seeded with the seed")
def seeded(net, optimizer, scheduler, generator):
    saved = [copy.deepcopy(part.state_dict()) for part in (net, optimizer, scheduler)]
    seed = generator.initial_seed()

    def restore():
        for part, one in zip((net, optimizer, scheduler), saved, strict=True):
            part.load_state_dict(copy.deepcopy(one))
        generator.manual_seed(seed)

    return restore


@put("11.7", "a dict")
def a_dict(net, optimizer, scheduler, generator):
    return {"net": copy.deepcopy(net.state_dict()), "optimizer": optimizer.state_dict()}


@put("11.7", "names bound inside")
def names_bound(net, optimizer, scheduler, generator):
    saved = copy.deepcopy(net), copy.deepcopy(optimizer), copy.deepcopy(scheduler)

    def restore():
        return saved

    return restore


@put("11.7", "parameters by data")
def parameters_by_data(net, optimizer, scheduler, generator):
    weights = [p.data.clone() for p in net.parameters()]
    saved = [copy.deepcopy(part.state_dict()) for part in (optimizer, scheduler)]
    state = generator.get_state()

    def restore():
        for p, w in zip(net.parameters(), weights, strict=True):
            p.data = w.clone()
        optimizer.load_state_dict(copy.deepcopy(saved[0]))
        scheduler.load_state_dict(copy.deepcopy(saved[1]))
        generator.set_state(state)

    return restore


@put("11.7", "weights handed over as data")
def weights_as_data(net, optimizer, scheduler, generator):
    values = {name: value.clone() for name, value in net.state_dict().items()}
    saved = [copy.deepcopy(part.state_dict()) for part in (optimizer, scheduler)]
    state = generator.get_state()

    def restore():
        for name, p in net.named_parameters():
            p.data = values[name]
        for name, buffer in net.named_buffers():
            buffer.copy_(values[name])
        optimizer.load_state_dict(copy.deepcopy(saved[0]))
        scheduler.load_state_dict(copy.deepcopy(saved[1]))
        generator.set_state(state)

    return restore


@put("11.7", "scheduler forgotten")
def scheduler_forgotten(net, optimizer, scheduler, generator):
    saved = copy.deepcopy((net.state_dict(), optimizer.state_dict()))
    state = generator.get_state()

    def restore():
        net.load_state_dict(saved[0])
        optimizer.load_state_dict(copy.deepcopy(saved[1]))
        generator.set_state(state)

    return restore


@put("11.7", "two forgotten")
def two_forgotten(net, optimizer, scheduler, generator):
    saved = copy.deepcopy((net.state_dict(), optimizer.state_dict()))

    def restore():
        net.load_state_dict(saved[0])
        optimizer.load_state_dict(copy.deepcopy(saved[1]))

    return restore


# ---- 11.8


def linear(net):
    return {name: m for name, m in net.named_modules() if isinstance(m, nn.Linear)}


@put("11.8", "one name for all")
def one_name(net, X, t):
    outputs, hooks = {}, []
    for name, m in linear(net).items():
        hooks.append(m.register_forward_hook(lambda m, i, o: outputs.update({name: o})))  # noqa: B023
    loss = ((net(X) - t) ** 2).mean()
    grads = torch.autograd.grad(loss, list(outputs.values()))
    for hook in hooks:
        hook.remove()
    return {name: g.norm().item() for name, g in zip(outputs, grads, strict=True)}


@put("11.8", "no retain_grad")
def no_retain(net, X, t):
    outputs, hooks = {}, []
    for name, m in linear(net).items():
        hooks.append(m.register_forward_hook(lambda m, i, o, name=name: outputs.update({name: o})))
    ((net(X) - t) ** 2).mean().backward()
    for hook in hooks:
        hook.remove()
    return {name: o.grad.norm().item() for name, o in outputs.items()}


@put("11.8", "hooks removed too early")
def removed_too_early(net, X, t):
    outputs, hooks = {}, []
    for name, m in linear(net).items():
        hooks.append(m.register_forward_hook(lambda m, i, o, name=name: outputs.update({name: o})))
    for hook in hooks:
        hook.remove()
    loss = ((net(X) - t) ** 2).mean()
    grads = torch.autograd.grad(loss, list(outputs.values()))
    return {name: g.norm().item() for name, g in zip(outputs, grads, strict=True)}


@put("11.8", "gradient of the input, hooks stay")
def input_and_stay(net, X, t):
    found = {}
    for name, m in linear(net).items():
        m.register_full_backward_hook(
            lambda m, gi, go, name=name: found.update({name: gi[0].norm().item()})
        )
    loss = ((net(X.requires_grad_()) - t) ** 2).mean()
    torch.autograd.grad(loss, list(net.parameters()))
    return dict(found)


@put("11.8", "backward hooks stay")
def backward_hooks_stay(net, X, t):
    found = {}
    for name, m in linear(net).items():
        m.register_full_backward_hook(
            lambda m, gi, go, name=name: found.update({name: go[0].norm().item()})
        )
    loss = ((net(X) - t) ** 2).mean()
    torch.autograd.grad(loss, list(net.parameters()))
    return dict(found)


@put("11.8", "backward, and zeros afterwards")
def zeros_afterwards(net, X, t):
    outputs, hooks = {}, []
    for name, m in linear(net).items():

        def keep(m, i, o, name=name):
            o.retain_grad()
            outputs[name] = o

        hooks.append(m.register_forward_hook(keep))
    ((net(X) - t) ** 2).mean().backward()
    net.zero_grad()
    for hook in hooks:
        hook.remove()
    return {name: o.grad.norm().item() for name, o in outputs.items()}


@put("11.8", "weight gradients by name")
def parameter_names(net, X, t):
    loss = ((net(X) - t) ** 2).mean()
    named = dict(net.named_parameters())
    grads = torch.autograd.grad(loss, list(named.values()))
    return {name: g.norm().item() for name, g in zip(named, grads, strict=True)}


def norms_with(length, loss=lambda e: (e**2).mean()):
    def output_norms(net, X, t):
        outputs, hooks = {}, []
        for name, m in linear(net).items():
            hooks.append(
                m.register_forward_hook(lambda m, i, o, name=name: outputs.update({name: o}))
            )
        value = loss(net(X) - t)
        for hook in hooks:
            hook.remove()
        grads = torch.autograd.grad(value, list(outputs.values()))
        return {name: length(g) for name, g in zip(outputs, grads, strict=True)}

    return output_norms


ANSWERS["11.8"] |= {
    "mean of absolute values": norms_with(lambda g: g.abs().mean().item()),
    "norms of rows": norms_with(lambda g: g.norm(dim=1).tolist()),
    "tensors": norms_with(lambda g: g),
    "root of the mean": norms_with(lambda g: (g**2).mean().sqrt().item()),
    "summed over rows first": norms_with(lambda g: g.sum(0).norm().item()),
    "loss divided by rows": norms_with(lambda g: g.norm().item(), lambda e: (e**2).sum() / len(e)),
    "loss summed": norms_with(lambda g: g.norm().item(), lambda e: (e**2).sum()),
    "root of the loss": norms_with(lambda g: g.norm().item(), lambda e: (e**2).mean().sqrt()),
    "absolute error": norms_with(lambda g: g.norm().item(), lambda e: e.abs().mean()),
}

# ---- 11.9

ANSWERS["11.9"] = {
    "everything in the list too": lambda d, h, k: (
        d * h + h + 2 * h + h * k + k,
        d * h + h + 4 * h + 1 + h * k + k + d,
        d * h + h + 5 * h + 1 + h * k + k + d,
    ),
    "batch norm without buffers": lambda d, h, k: (
        2 * h + h * k + k,
        2 * h + h * k + k + d,
        3 * h + h * k + k + d,
    ),
    "count forgotten": lambda d, h, k: (
        2 * h + h * k + k,
        4 * h + h * k + k + d,
        5 * h + h * k + k + d,
    ),
    "biases forgotten": lambda d, h, k: (
        2 * h + h * k,
        4 * h + 1 + h * k + d,
        5 * h + 1 + h * k + d,
    ),
    "frozen is trained": lambda d, h, k: (
        2 * h + h * k + k + d,
        4 * h + 1 + h * k + k + d,
        5 * h + 1 + h * k + k + d,
    ),
    "table is saved": lambda d, h, k: (
        2 * h + h * k + k,
        5 * h + 1 + h * k + k + d,
        5 * h + 1 + h * k + k + d,
    ),
    "scale and table saved": lambda d, h, k: (
        2 * h + h * k + k,
        5 * h + 1 + h * k + k + d + k,
        5 * h + 1 + h * k + k + d + k,
    ),
    "only parameters move": lambda d, h, k: (
        2 * h + h * k + k,
        4 * h + 1 + h * k + k + d,
        2 * h + h * k + k + d,
    ),
    "everything moves": lambda d, h, k: (
        2 * h + h * k + k,
        4 * h + 1 + h * k + k + d,
        d * h + h + 5 * h + 1 + h * k + k + d + k,
    ),
    "buffers trained": lambda d, h, k: (
        4 * h + 1 + h * k + k,
        4 * h + 1 + h * k + k + d,
        5 * h + 1 + h * k + k + d,
    ),
    "gamma without beta": lambda d, h, k: (
        h + h * k + k,
        3 * h + 1 + h * k + k + d,
        4 * h + 1 + h * k + k + d,
    ),
    "head d by k": lambda d, h, k: (
        2 * h + d * k + k,
        4 * h + 1 + d * k + k + d,
        5 * h + 1 + d * k + k + d,
    ),
}

# ---- 11.10

A, B, C, D, E = "plain list", "nothing", "never zeroed", "another model", "zeroed too early"
ANSWERS["11.10"] = {
    "the level ones exchanged": (A, B, C, E, D),
    "list and healthy exchanged": (B, A, C, D, E),
    "swings from zeroing too early": (A, B, E, D, C),
    "first layer from another model": (D, B, C, A, E),
    "swings are healthy": (A, C, B, D, E),
    "four turned": (B, C, A, D, E),
}

UNTOLD = {
    ("11.4", "a generator"),
    ("11.6", "a class, not its value"),
    ("11.8", "norms of rows"),
    ("11.8", "tensors"),
}
