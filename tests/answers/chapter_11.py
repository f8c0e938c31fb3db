"""Chapter 11: right answers in other forms, changes that keep a solution right."""

import copy
import io
import math
from fractions import Fraction

import numpy as np
import torch
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, Dataset, TensorDataset

from answers.reasons import BELOW_TOLERANCE, LINEAR, RATE_NOT_NEGATIVE

# ---- 11.2


def by_copying(layer, W, b):
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(W.T))
        layer.bias.copy_(torch.tensor(b))


def by_data(layer, W, b):
    layer.weight.data = torch.tensor(W.T)
    layer.bias.data = torch.tensor(b)


def by_filling(layer, W, b):
    layer.weight.data[:] = torch.from_numpy(np.ascontiguousarray(W.T))
    layer.bias.data[:] = torch.as_tensor(b)


def number_by_number(layer, W, b):
    with torch.no_grad():
        for i in range(W.shape[0]):
            for o in range(W.shape[1]):
                layer.weight[o, i] = W[i, o]
        for o, value in enumerate(b.tolist()):
            layer.bias[o] = value
    return layer


def by_a_vector(layer, W, b):
    flat = torch.cat([torch.tensor(W.T).flatten(), torch.tensor(b)])
    nn.utils.vector_to_parameters(flat, layer.parameters())


def by_the_arrays_of_the_layer(layer, W, b):
    layer.weight.detach().numpy()[:] = W.T
    layer.bias.detach().numpy()[:] = b


# ---- 11.3


def passes_of_a_list(epochs, batches, val, evaluates, guarded, back):
    mode, seen = "train", []
    for _ in range(epochs):
        seen += batches * [(mode, True)]
        mode = "eval" if evaluates else mode
        seen += val * [(mode, not guarded)]
        mode = "train" if back else mode
    modes = [mode == "train" for mode, _ in seen]
    return [sum(modes), sum(modes), sum(recorded for _, recorded in seen)]


def passes_in_closed_form(epochs, batches, val, evaluates, guarded, back):
    if not evaluates:
        noisy = epochs * (batches + val)
    elif back:
        noisy = epochs * batches
    else:
        noisy = batches if epochs else 0
    return noisy, noisy, epochs * (batches + (0 if guarded else val))


def passes_of_a_model(epochs, batches, val, evaluates, guarded, back):
    """A model that counts."""
    seen = []

    class Model(nn.Module):
        def forward(self, x):
            seen.append((self.training, torch.is_grad_enabled()))
            return x

    model = Model()
    for _ in range(epochs):
        for _ in range(batches):
            model(torch.zeros(1))
        if evaluates:
            model.eval()
        with torch.set_grad_enabled(not guarded):
            for _ in range(val):
                model(torch.zeros(1))
        if back:
            model.train()
    noisy = np.sum([training for training, _ in seen], dtype=int)
    return noisy, noisy, np.sum([recorded for _, recorded in seen], dtype=int)


# ---- 11.4


def pairs_by_loader(X, T, order, size):
    return list(DataLoader(TensorDataset(X, T), batch_size=size, sampler=order.tolist()))


def pairs_by_sampler(X, T, order, size):
    class Rows(Dataset):
        def __len__(self):
            return len(X)

        def __getitem__(self, i):
            return X[i], T[i]

    sampler = BatchSampler(order.tolist(), size, drop_last=False)
    return [tuple(batch) for batch in DataLoader(Rows(), batch_sampler=sampler)]


def pairs_by_split(X, T, order, size):
    both = torch.split(X[order], size), torch.split(T[order], size)
    return list(zip(*both, strict=True))


def pairs_by_slices(X, T, order, size):
    found, start = [], 0
    while start < len(order):
        rows = order[start : start + size].numpy()
        found.append([X.numpy()[rows], torch.stack([T[i] for i in rows])])
        start += size
    return found


# ---- 11.5


def tied_by_autograd(X, W, b, c):
    params = [p.clone().requires_grad_() for p in (W, b, c)]
    W, b, c = params
    y = torch.relu(X @ W.T + b) @ W + c
    torch.nn.functional.mse_loss(y, X).backward()
    return [p.grad for p in params]


def tied_row_by_row(X, W, b, c):
    dW, db, dc = (torch.zeros_like(p) for p in (W, b, c))
    for x in X:
        z = W @ x + b
        G = 2 / X.numel() * (z.clamp(min=0) @ W + c - x)
        d = torch.where(z > 0, W @ G, torch.zeros_like(z))
        dW += torch.outer(d, x) + torch.outer(z.clamp(min=0), G)
        db += d
        dc += G
    return dW, db, dc


def tied_by_numpy(X, W, b, c):
    X, W, b, c = (a.numpy() for a in (X, W, b, c))
    z = X @ W.T + b
    h = z * (z > 0)
    G = (h @ W + c - X) * 2 / (X.shape[0] * X.shape[1])
    d = np.einsum("nd,md->nm", G, W) * np.heaviside(z, 0)
    return d.T @ X + h.T @ G, d.sum(0), np.sum(G, axis=0)


def tied_in_parts(X, W, b, c):
    z = torch.nn.functional.linear(X, W, b)
    mask = z > 0
    E = (z.where(mask, 0 * z).mm(W) + c).sub(X)
    d = E.mm(W.t()).masked_fill(~mask, 0.0)
    scale = 2.0 / len(X) / X.size(1)
    parts = z.relu().t().mm(E), d.t().mm(X), d, E
    return scale * (parts[0] + parts[1]), scale * d.sum(0), scale * E.sum(0)


# ---- 11.6


def swish_with_setup(x, k):
    """forward without ctx, and `setup_context`; the logistic function by tanh."""

    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(x, k):
            return x * (1 + torch.tanh(k * x / 2)) / 2

        @staticmethod
        def setup_context(ctx, inputs, output):
            x, ctx.k = inputs
            ctx.save_for_backward(x)

        @staticmethod
        def backward(ctx, G):
            (x,) = ctx.saved_tensors
            t = torch.tanh(ctx.k * x / 2)
            return G * ((1 + t) / 2 + ctx.k * x * (1 - t * t) / 4), None

    return Swish.apply(x, k)


def swish_with_saved_sigma(x, k):
    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, k):
            s = 1 / (1 + torch.exp(-k * x))
            y = x * s
            ctx.save_for_backward(s, y)
            ctx.k = k
            return y

        @staticmethod
        def backward(ctx, G):
            s, y = ctx.saved_tensors
            return (s + ctx.k * y * (1 - s)).mul(G), None

    return Swish.apply(x, k)


def swish_by_numpy(x, k):
    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, k):
            numbers = x.detach().numpy()
            with np.errstate(over="ignore"):
                s = np.asarray(1 / (1 + np.exp(-k * numbers)))
            ctx.slope = torch.from_numpy(np.asarray(s + k * numbers * s * (1 - s)))
            return torch.from_numpy(np.asarray(numbers * s))

        @staticmethod
        def backward(ctx, G):
            return ctx.slope * G, None

    return Swish.apply(x, k)


def swish_by_autograd_inside(x, k):
    """backward differentiates with autograd: a Function all the same."""

    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, k):
            ctx.save_for_backward(x)
            ctx.k = k
            return x * torch.sigmoid(k * x)

        @staticmethod
        def backward(ctx, G):
            x = ctx.saved_tensors[0].detach().requires_grad_()
            with torch.enable_grad():
                y = x * torch.sigmoid(ctx.k * x)
            return torch.autograd.grad(y, x, G)[0], None

    return Swish.apply(x, k)


# ---- 11.7


def snapshot_to_a_file(net, optimizer, scheduler, generator):
    """Written as a file would be, and read anew each time."""
    kept = io.BytesIO()
    parts = {"net": net, "optimizer": optimizer, "scheduler": scheduler}
    state = {name: part.state_dict() for name, part in parts.items()}
    torch.save(state | {"generator": generator.get_state()}, kept)

    def restore():
        kept.seek(0)
        saved = torch.load(kept)
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        generator.set_state(saved["generator"])

    return restore


def snapshot_by_hand(net, optimizer, scheduler, generator):
    weights = {name: value.clone() for name, value in net.state_dict().items()}
    moments = copy.deepcopy(optimizer.state_dict())
    counters, chance = copy.copy(scheduler.state_dict()), generator.get_state().clone()

    class Restore:
        def __call__(self):
            with torch.no_grad():
                for name, value in net.state_dict().items():
                    value.copy_(weights[name])
            optimizer.load_state_dict(copy.deepcopy(moments))
            scheduler.load_state_dict(copy.deepcopy(counters))
            generator.set_state(chance)

    return Restore()


def snapshot_in_one(net, optimizer, scheduler, generator):
    parts = (net, optimizer, scheduler)
    saved = copy.deepcopy([part.state_dict() for part in parts])
    other = torch.Generator()
    other.set_state(generator.get_state())

    def restore():
        again = copy.deepcopy(saved)
        for part in parts:
            part.load_state_dict(again.pop(0))
        generator.set_state(other.get_state())

    return restore


# ---- 11.8


def norms_by_tensor_hooks(net, X, t):
    """A hook on each output, and the `.grad` of the parameters put back."""
    kept, found, handles = [p.grad for p in net.parameters()], {}, []
    for p in net.parameters():
        p.grad = None

    def watch(name):
        def forward(module, inputs, output):
            output.register_hook(lambda G: found.update({name: G.pow(2).sum().sqrt().item()}))

        return forward

    for name, module in net.named_modules():
        if type(module) is nn.Linear:
            handles.append(module.register_forward_hook(watch(name)))
    torch.nn.functional.mse_loss(net(X), t).backward()
    for handle in handles:
        handle.remove()
    for p, grad in zip(net.parameters(), kept, strict=True):
        p.grad = grad
    return found


def norms_by_module_hooks(net, X, t):
    found, handles = {}, []
    for name, module in net.named_modules():
        if isinstance(module, nn.Linear):

            def keep(module, into, out, name=name):
                found[name] = math.sqrt(float((out[0] ** 2).sum()))

            handles.append(module.register_full_backward_hook(keep))
    try:
        loss = ((net(X) - t) ** 2).mean()
        torch.autograd.grad(loss, list(net.parameters()))
    finally:
        for handle in handles:
            handle.remove()
    return found


def norms_by_a_copy(net, X, t):
    """What happens to a copy does not matter."""
    net = copy.deepcopy(net)
    outputs = {}
    for name, module in net.named_modules():
        if isinstance(module, nn.Linear):
            module.register_forward_hook(lambda m, i, o, name=name: outputs.update({name: o}))
    y = net(X)
    for output in outputs.values():
        output.retain_grad()
    (y - t).square().mean().backward()
    return {name: np.linalg.norm(output.grad.numpy()) for name, output in outputs.items()}


# ---- 11.9


def numbers_asked_of_pytorch(d, h, k):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = [nn.Linear(d, h)]
            self.norm = nn.BatchNorm1d(h)
            self.head = nn.Linear(h, k)
            self.scale = torch.ones(k)
            self.shift = nn.Parameter(torch.zeros(d), requires_grad=False)
            self.register_buffer("table", torch.ones(h), persistent=False)

    net = Net()
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    moved = sum(v.numel() for v in (*net.parameters(), *net.buffers()))
    return trained, saved, moved


def numbers_added_up(d, h, k):
    trained = h * (k + 2) + k
    return [trained, trained + d + 2 * h + 1, np.int64(trained + d + 3 * h + 1)]


def numbers_by_table(d, h, k):
    table = [  # size, trained, saved
        (h, 1, 1), (h, 1, 1), (h, 0, 1), (h, 0, 1), (1, 0, 1), (h * k, 1, 1), (k, 1, 1), (d, 0, 1),
        (h, 0, 0),
    ]  # fmt: skip
    return (
        sum(n * trained for n, trained, _ in table),
        sum(n * saved for n, _, saved in table),
        sum(n for n, _, _ in table),
    )


CAUSES = "plain list", "nothing", "never zeroed", "another model", "zeroed too early"

RIGHT = {
    "11.1": [
        (0.5, 3, -1.069, 0.2887),
        [Fraction(1, 2), 3.0, -4 / math.sqrt(14), 0.5 / math.sqrt(3)],
        np.array([0.5, 3.0, -1.06904, 0.28868]),
    ],
    "11.2": [by_copying, by_data, by_filling, number_by_number, by_a_vector,
             by_the_arrays_of_the_layer],
    "11.3": [passes_of_a_list, passes_in_closed_form, passes_of_a_model],
    "11.4": [pairs_by_loader, pairs_by_sampler, pairs_by_split, pairs_by_slices],
    "11.5": [tied_by_autograd, tied_row_by_row, tied_by_numpy, tied_in_parts],
    "11.6": [swish_with_setup, swish_with_saved_sigma, swish_by_numpy, swish_by_autograd_inside],
    "11.7": [snapshot_to_a_file, snapshot_by_hand, snapshot_in_one],
    "11.8": [norms_by_tensor_hooks, norms_by_module_hooks, norms_by_a_copy],
    "11.9": [numbers_asked_of_pytorch, numbers_added_up, numbers_by_table],
    "11.10": [CAUSES, list(CAUSES), tuple(f" {word.upper()} " for word in CAUSES)],
}  # fmt: skip

ALIKE = "each epoch does the same, and nothing in it is numbered"
OWN_LOAD = "each of the three loads its own state, and none reads another's"
ANY_ORDER = "handles may be removed in any order, and none occurs twice"
OWN_X = "without the line, x is that of the call in which the class is made"
GRAD = "gradients = torch.autograd.grad(loss, list(outputs.values()))"
RETURN = "return {name: g.norm().item() for name, g in zip(outputs, gradients)}"
MODULES, HANDLES = "for name, module in net.named_modules():", "for handle in handles:"
LOSS = "loss = (net(X) - t).square().mean()"

EQUIVALENT = {
    "11.2": {"abs(lr)": RATE_NOT_NEGATIVE},
    "11.3": {
        f"for _ in range(epochs): → for _ in {other}(range(epochs)):": ALIKE
        for other in ("reversed", "dict.fromkeys")
    }
    | {"training = False → training = -False": "−False is 0, and counts as False"},
    "11.4": {"smeared": LINEAR},
    "11.5": {
        "G = 2 * (y - X) / X.numel() → G = 2 * (y - X) / (X.numel() + 1e-09)": BELOW_TOLERANCE
    },
    "11.6": {
        "x, = ctx.saved_tensors → pass": OWN_X,
        "x, = ctx.saved_tensors → k, = ctx.saved_tensors": OWN_X,
        "clip(k, -50, 50)": "k lies between −10 and 10, by the text",
    },
    "11.7": {
        f"owners = (net, optimizer, scheduler) → owners = {order}": OWN_LOAD
        for order in ("(optimizer, net, scheduler)", "(net, scheduler, optimizer)")
    },
    "11.8": {
        f"{MODULES} → for name, module in dict.fromkeys(net.named_modules()):": "no name is twice",
        f"{LOSS} → loss = -(net(X) - t).square().mean()": "a norm has no sign",
        f"{LOSS} → loss = (t - net(X)).square().mean()": "the square has no sign",
        f"{HANDLES} → for handle in reversed(handles):": ANY_ORDER,
        f"{HANDLES} → for handle in dict.fromkeys(handles):": ANY_ORDER,
        f"{GRAD} → {GRAD.replace('list(outputs.values())', 'outputs.values()')}": "a view will do",
        f"{RETURN} → {RETURN.replace('.item()', '')}": "a tensor without axes is a number",
    },
    "11.9": {
        "norm, head, shift, table = (2 * h, h * k + k, d, h) → "
        "norm, head, shift, table = (h * k + k, 2 * h, d, h)": "only their sum is used"
    },
}


def copied_if_square(layer, W, b):
    if W.shape[0] == W.shape[1]:
        layer.weight.data = torch.tensor(W)
        layer.bias.data = torch.tensor(b)
    else:
        by_data(layer, W, b)


def added_to_small(layer, W, b):
    by_data(layer, W + 1e-8, b)


def loader_that_drops(X, T, order, size):
    data = TensorDataset(X, T)
    return list(DataLoader(data, min(size, len(X)), sampler=order.tolist(), drop_last=True))


def shuffled_anew(X, T, order, size):
    return list(DataLoader(TensorDataset(X, T), batch_size=size, shuffle=True))


def fitting_batches(X, T, order, size):
    return pairs_by_split(X, T, order, min(size, 4))


def rows_without_axis(X, T, order, size):
    return [(x.squeeze(), t) for x, t in pairs_by_split(X, T, order, size)]


def tied_single(X, W, b, c):
    return [g.double() for g in tied_in_parts(*(a.float() for a in (X, W, b, c)))]


def tied_rounded_mask(X, W, b, c):
    return tied_in_parts(X, W, b + 1e-3, c)


def tied_half_at_zero(X, W, b, c):
    z = X @ W.T + b
    dW, db, dc = tied_in_parts(X, W, b, c)
    G = 2 * (z.relu() @ W + c - X) / X.numel()
    d = 0.5 * (z == 0) * (G @ W.T)
    return dW + d.T @ X, db + d.sum(0), dc


def tied_n_minus_1(X, W, b, c):
    return [g * X.numel() / max(X.numel() - 1, 1) for g in tied_in_parts(X, W, b, c)]


def swish_by_differences(h):
    def swish(x, k):
        class Swish(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, k):
                ctx.save_for_backward(x)
                ctx.k = k
                return x * torch.sigmoid(k * x)

            @staticmethod
            def backward(ctx, G):
                (x,) = ctx.saved_tensors
                up, down = x + h, x - h
                up, down = (y * torch.sigmoid(ctx.k * y) for y in (up, down))
                return G * (up - down) / (2 * h), None

        return Swish.apply(x, k)

    return swish


def swish_over_x(x, k):
    """The factor σ as y/x: nan at 0."""

    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, k):
            y = x * torch.sigmoid(k * x)
            ctx.save_for_backward(x, y)
            ctx.k = k
            return y

        @staticmethod
        def backward(ctx, G):
            x, y = ctx.saved_tensors
            return G * (y / x + ctx.k * y * (1 - y / x)), None

    return Swish.apply(x, k)


def swish_in_place(x, k):
    """The upstream gradient is multiplied in place."""

    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, k):
            ctx.save_for_backward(x)
            ctx.k = k
            return x * torch.sigmoid(k * x)

        @staticmethod
        def backward(ctx, G):
            (x,) = ctx.saved_tensors
            s = torch.sigmoid(ctx.k * x)
            return G.mul_(s + ctx.k * x * s * (1 - s)), None

    return Swish.apply(x, k)


def snapshot_of_moments_there_are(net, optimizer, scheduler, generator):
    """Moments are copied in place; before the first step there are none."""
    rest = snapshot_in_one(net, optimizer, scheduler, generator)
    kept = copy.deepcopy(optimizer.state_dict())["state"]
    groups = copy.deepcopy(optimizer.state_dict()["param_groups"])

    def restore():
        moments = copy.deepcopy(optimizer.state_dict())
        rest()
        for i, state in kept.items():
            moments["state"][i] = copy.deepcopy(state)
        optimizer.load_state_dict({"state": moments["state"], "param_groups": groups})

    return restore


def snapshot_of_the_rate(net, optimizer, scheduler, generator):
    """The whole optimizer, but for its count of steps."""
    rest = snapshot_in_one(net, optimizer, scheduler, generator)

    def restore():
        steps = [copy.deepcopy(state.get("step")) for state in optimizer.state.values()]
        rest()
        for state, step in zip(optimizer.state.values(), steps, strict=False):
            if "step" in state:
                state["step"] = step

    return restore


def norms_of_the_last_pass(net, X, t):
    """All hooks read the last name."""
    outputs, handles = {}, []
    for name, module in net.named_modules():
        if isinstance(module, nn.Linear):
            handles.append(
                module.register_forward_hook(lambda m, i, o: outputs.update({name: o}))  # noqa: B023
            )
    loss = (net(X) - t).square().mean()
    for handle in handles:
        handle.remove()
    found = torch.autograd.grad(loss, list(outputs.values()))
    return {name: g.norm().item() for name, g in zip(outputs, found, strict=True)}


def norms_of_direct_children(net, X, t):
    """Only the layers of the outermost module."""
    found = norms_by_a_copy(net, X, t)
    return {name: value for name, value in found.items() if "." not in name}


WRONG = {
    "11.1": {
        "three decimals": (0.5, 3.0, -1.069, 0.289),
        "n - 1 in both": (0.5, 3.0, -0.8729, 0.2887),
    },
    "11.2": {
        "as it is where square": copied_if_square,
        "a little added": added_to_small,
        "nothing": lambda layer, W, b: None,
        "a layer returned": lambda layer, W, b: nn.Linear(*W.shape, dtype=torch.float64),
    },
    "11.3": {
        "at least one epoch": lambda epochs, *rest: passes_in_closed_form(max(epochs, 1), *rest),
        "at least one batch": lambda e, b, *rest: passes_in_closed_form(e, max(b, 1), *rest),
        "as text": lambda *args: tuple(map(str, passes_in_closed_form(*args))),
    },
    "11.4": {
        "drops": loader_that_drops,
        "shuffles by itself": shuffled_anew,
        "at most four": fitting_batches,
        "squeezed": rows_without_axis,
        "float32": lambda X, T, *rest: pairs_by_split(X.float(), T.float(), *rest),
        "the loader itself": lambda X, T, order, size: DataLoader(
            TensorDataset(X, T), batch_size=size, sampler=order.tolist()
        ),
    },
    "11.5": {
        "float32": tied_single,
        "mask moved by 1e-3": tied_rounded_mask,
        "half of it at 0": tied_half_at_zero,
        "n - 1": tied_n_minus_1,
    },
    "11.6": {
        **{f"difference of {h}": swish_by_differences(h) for h in (1e-2, 1e-4, 1e-6)},
        "nan at 0": swish_over_x,
        "changes its upstream gradient": swish_in_place,
        "float32": lambda x, k: swish_with_saved_sigma(x.float(), k).double(),
        "k rounded": lambda x, k: swish_with_saved_sigma(x, round(k, 2)),
    },
    "11.7": {
        "moments that are there": snapshot_of_moments_there_are,
        "count of steps": snapshot_of_the_rate,
        "called at once": lambda *args: snapshot_in_one(*args)(),
    },
    "11.8": {
        "one name": norms_of_the_last_pass,
        "children": norms_of_direct_children,
        "float32": lambda net, X, t: {
            name: float(np.float32(value)) for name, value in norms_by_a_copy(net, X, t).items()
        },
    },
    "11.9": {
        "h of the layer before": lambda d, h, k: numbers_added_up(h, d, k),
        "all as floats, rounded": lambda d, h, k: tuple(
            round(n, -1) for n in numbers_added_up(d, h, k)
        ),
    },
    "11.10": {"two exchanged": (*CAUSES[:3], CAUSES[4], CAUSES[3]), "one word": ["nothing"] * 5},
}
