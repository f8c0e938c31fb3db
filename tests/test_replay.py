"""A recorded step and its replay: the numbers of the engine, and the same things left behind."""

import copy
import gc
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tried import tried

from bookutils import Tensor, no_grad
from bookutils.engine.tensor import concatenate, maximum, where
from bookutils.engine.tensor import cross_entropy as fused
from bookutils.losses import bce_with_logits, cross_entropy, huber_loss, mse_loss
from bookutils.nn import (
    MLP,
    BatchNorm1d,
    Dropout,
    LayerNorm,
    Linear,
    Module,
    ReLU,
    Residual,
    Sequential,
)
from bookutils.optim import (
    SGD,
    Adafactor,
    Adagrad,
    Adam,
    AdamW,
    NAdam,
    Optimizer,
    RAdam,
    RMSprop,
    StepLR,
    clip_grad_norm,
    clip_grad_value,
)
from bookutils.trace import ReplayError, record
from bookutils.verify.table import KINDS

# Sums may be added in another order, a product with ones in place of a sum: a few roundings.
TOLERANCE = {"float64": 1e-14, "float32": 1e-6}


def close(a, b):
    a, b = np.asarray(a), np.asarray(b)
    assert a.dtype == b.dtype and a.shape == b.shape
    scale = max(1.0, np.abs(b * 1.0).max(initial=0.0))
    np.testing.assert_allclose(a, b, rtol=0, atol=TOLERANCE.get(a.dtype.name, 0) * scale)


# --- every operation, layer and loss of the book --------------------------------------------------

PROGRAMS = [
    program
    for kind in ("operation", "layer", "loss")
    for program in KINDS[kind](np.random.default_rng(3))
    if program.name != "Dropout" or len(program.xs) < 2  # a mask: test_dropout_with_a_mask
]


def takes_some_rows(program):
    """Does it take as many rows as the numbers say?"""
    options = getattr(program.ours, "__kwdefaults__", None) or {}
    return program.name == "sequence_nll" or "ignore_index" in options.get("o", {})


@pytest.mark.slow
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name.replace(", ", "-"))
def test_a_program_of_the_book_is_replayed_with_other_numbers(program, dtype):
    rng, upstream = np.random.default_rng(5), []

    def outputs_of(xs):
        outputs = program.ours(*xs)
        return outputs if isinstance(outputs, list | tuple) else [outputs]

    def step(*xs):
        outputs, total = outputs_of(xs), 0.0
        for y, G in zip(outputs, upstream, strict=True):
            total = total + (y * G).sum()
        if total.requires_grad:
            total.backward()
        return [y * 1 for y in outputs]

    def inputs(flipped=False):
        xs = [x.astype(dtype) if x.dtype.kind == "f" else x for x in program.xs]
        xs = [x[::-1].copy() if flipped and x.ndim else x for x in xs]
        return [Tensor(x, requires_grad=True) if program.leaf(i) else x for i, x in enumerate(xs)]

    upstream += [rng.normal(size=y.shape).astype(dtype) for y in outputs_of(inputs())]
    if takes_some_rows(program):
        with pytest.raises(ReplayError, match="index of booleans"):
            record(step, *inputs())
        return
    fast = record(step, *inputs())
    for flipped in (False, True):
        a, b = inputs(flipped), inputs(flipped)
        for y, expected in zip(fast(*a), step(*b), strict=True):
            close(y.data, expected.data)
        for x, expected in zip(a, b, strict=True):
            if isinstance(x, Tensor):
                assert (x.grad is None) == (expected.grad is None)
                if x.grad is not None:
                    close(x.grad, expected.grad)


# --- random nets, losses and optimizers, twenty steps ---------------------------------------------

OPTIMIZERS = {
    "SGD": lambda p: SGD(p, lr=0.1),
    "momentum": lambda p: SGD(p, lr=0.1, momentum=0.9, dampening=0.2, weight_decay=0.01),
    "nesterov": lambda p: SGD(p, lr=0.01, momentum=0.9, nesterov=True),
    "uphill": lambda p: RMSprop(p, lr=0.01, maximize=True, weight_decay=0.1),
    "Adagrad": lambda p: Adagrad(p, lr=0.1),
    "RMSprop": lambda p: RMSprop(p, lr=0.01, momentum=0.5, centered=True),
    "Adam": lambda p: Adam(p, lr=0.01, amsgrad=True),
    "AdamW": lambda p: AdamW(p, lr=0.01),
    "NAdam": lambda p: NAdam(p, lr=0.01),
    "RAdam": lambda p: RAdam(p, lr=0.01),
    "Adafactor": lambda p: Adafactor(p, lr=0.01),
    "groups": lambda p: AdamW(
        [{"params": p[::2]}, {"params": p[1::2], "weight_decay": 0.0, "lr": 0.02}], lr=0.01
    ),
}
LOSSES = {"mse": mse_loss, "huber": huber_loss, "bce": bce_with_logits, "classes": cross_entropy}


@st.composite
def problems(draw):
    widths = draw(st.lists(st.integers(1, 6), min_size=2, max_size=4))
    return dict(
        widths=widths,
        parts=draw(
            st.lists(
                st.sampled_from(["norm", "batch", "dropout", "residual"]), unique=True, max_size=3
            )
        ),
        activation=draw(st.sampled_from([None, "relu", "tanh", "gelu", "leaky_relu", "softplus"])),
        loss=draw(st.sampled_from(sorted(LOSSES))),
        optimizer=draw(st.sampled_from(sorted(OPTIMIZERS))),
        dtype=draw(st.sampled_from(["float64", "float64", "float32"])),
        batch=draw(st.integers(2, 7)),
        clip=draw(st.sampled_from([None, clip_grad_norm, clip_grad_value])),
        schedule=draw(st.booleans()),
        seed=draw(st.integers(0, 99)),
    )


class Problem:
    """A net with all that trains it, made anew from the same numbers."""

    def __init__(
        self, widths, parts, activation, loss, optimizer, dtype, batch, clip, schedule, seed
    ):
        rng = np.random.default_rng(seed)
        layers, d = [], widths[-1]
        layers.append(MLP(widths, activation, rng, dtype=dtype))
        if "norm" in parts and d > 1:
            layers.append(LayerNorm(d, dtype=dtype))
        if "batch" in parts:
            layers.append(BatchNorm1d(d, dtype=dtype))
        if "residual" in parts:
            layers.append(Residual(Sequential(ReLU(), Linear(d, d, rng=rng, dtype=dtype)), 0.5))
        if "dropout" in parts:
            layers.append(Dropout(0.3, rng))
        self.net, self.classes, self.dtype = Sequential(*layers), loss == "classes", dtype
        self.optimizer = OPTIMIZERS[optimizer](self.net.parameters())
        self.schedule = StepLR(self.optimizer, 5, 0.5) if schedule else None
        self.loss, self.clip, self.rng = LOSSES[loss], clip, np.random.default_rng(seed + 1)
        self.shape = batch, widths[0], d

    def data(self):
        n, d_in, d_out = self.shape
        x = self.rng.normal(size=(n, d_in)).astype(self.dtype)
        if self.classes:
            return x, self.rng.integers(d_out, size=n)
        return x, self.rng.random((n, d_out)).astype(self.dtype)

    def step(self, x, t):
        self.optimizer.zero_grad()
        loss = self.loss(self.net(x), t)
        loss.backward()
        if self.clip is not None:
            self.clip(self.net.parameters(), 0.5)
        self.optimizer.step()
        if self.schedule is not None:
            self.schedule.step()
        return loss

    def state(self):
        """All that is left behind by a step."""
        states = self.optimizer.state_dict()
        dropouts = [m for _, m in self.net.named_modules() if isinstance(m, Dropout)]
        return [
            *self.net.state_dict().values(),
            *(p.grad for p in self.net.parameters()),
            *(np.asarray(x) for _, s in sorted(states["state"].items()) for x in s.values()),
            *(np.asarray(g["lr"]) for g in states["param_groups"]),
            *(m.drawn for m in dropouts),
            *(m.rng.random(2) for m in copy.deepcopy(dropouts)),
        ]


@given(problems())
@tried(40)
def test_twenty_steps_of_replay_are_twenty_of_the_engine(problem):
    replayed, interpreted = Problem(**problem), Problem(**problem)
    fast = record(replayed.step, *replayed.data())
    interpreted.data()
    for _ in range(20):
        x, t = replayed.data()
        close(fast(x, t).data, interpreted.step(*interpreted.data()).data)
    for a, b in zip(replayed.state(), interpreted.state(), strict=True):
        close(a, b)


# --- random programs: buffers that are used again, views, changes in place -----------------------

MOVES = [
    lambda a, b, c: a.tanh(),
    lambda a, b, c: a.relu() * c,
    lambda a, b, c: a.T if a.ndim == 2 else -a,
    lambda a, b, c: a.reshape(-1),
    lambda a, b, c: a.sum(axis=0) if a.ndim else a.exp(),
    lambda a, b, c: a.max(axis=-1, keepdims=True) if a.ndim else a,
    lambda a, b, c: a[::2] if a.ndim else a * a,
    lambda a, b, c: a[[0, -1, 0]] if a.ndim else a,
    lambda a, b, c: where(a > c, a, c),
    lambda a, b, c: where(a <= 0, 0.0, a * 2),
    lambda a, b, c: a.T @ b if a.ndim == b.ndim == 2 and len(a) == len(b) else a.abs(),
    lambda a, b, c: a.softmax() if a.ndim else a.sigmoid(),
    lambda a, b, c: concatenate([a, b * c]) if a.ndim and a.shape == b.shape else a - c,
    lambda a, b, c: a.detach() * b if a.shape == b.shape else a.detach() + c,
    lambda a, b, c: maximum(a, b) if a.shape == b.shape else a.mean(),
    lambda a, b, c: a**2,
]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_a_random_program_with_an_update_by_hand(seed):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 30, size=2)
    moves = [(*rng.integers(0, 99, size=3), rng.normal()) for _ in range(rng.integers(5, 20))]
    starts = [rng.normal(size=shape) for shape in ((m, m), (m,))]

    def made():
        W, v = (Tensor(x, requires_grad=True) for x in starts)

        def step(x):
            W.zero_grad()
            v.zero_grad()
            pool = [x, W, v]
            for k, i, j, c in moves:
                y = MOVES[k % len(MOVES)](pool[i % len(pool)], pool[j % len(pool)], c)
                pool.append(y if y.size < 2000 else y.mean())
            loss = concatenate([(y * y * 0.1).tanh().sum().reshape(1) for y in pool]).sum()
            loss.backward()
            with no_grad():
                W.data = W.data - 0.01 * W.grad
                v.data -= 0.01 * v.grad
            return loss

        return W, v, step

    (W, v, step), (W2, v2, theirs) = made(), made()
    fast = record(step, Tensor(rng.normal(size=(n, m))))
    for _ in range(3):
        x = Tensor(rng.normal(size=(n, m)))
        np.testing.assert_allclose(fast(x).data, theirs(x).data, rtol=1e-13)
    for a, b in ((W, W2), (v, v2)):
        np.testing.assert_allclose(a.data, b.data, rtol=0, atol=1e-13)


# --- what is left behind --------------------------------------------------------------------------


def trained(optimizer=SGD, classes=False, **options):
    rng = np.random.default_rng(0)
    net = MLP((3, 5, 4, 2), "relu", rng)
    optimizer = optimizer(net.parameters(), **{"lr": 0.1, **options})
    x, t = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    loss_of = mse_loss
    if classes:
        t, loss_of = rng.integers(2, size=6), cross_entropy

    def step(x, t):
        optimizer.zero_grad()
        loss = loss_of(net(x), t)
        loss.backward()
        optimizer.step()
        return loss

    return net, optimizer, step, x, t


@pytest.mark.parametrize("classes", [False, True])
def test_a_step_of_sgd_has_the_bits_of_the_engine(classes):
    net, sgd, step, x, t = trained(classes=classes)
    other, _, theirs, _, _ = trained(classes=classes)
    fast = record(step, x, t)
    for i in range(20):
        assert fast(x + i, t).item() == theirs(x + i, t).item()
    for p, q in zip(net.parameters(), other.parameters(), strict=True):
        assert np.array_equal(p.data, q.data) and np.array_equal(p.grad, q.grad)
    assert sgd.steps == 20


def test_recording_changes_nothing():
    net, adam, step, x, t = trained(Adam)
    step(x, t)
    drop = Dropout(0.5, np.random.default_rng(3))
    norm = BatchNorm1d(2)
    grads = [p.grad for p in net.parameters()]
    before = copy.deepcopy((net.state_dict(), adam.state_dict(), norm.state_dict()))
    numbers = drop.rng.bit_generator.state

    def all_of_it(x, t):
        loss = step(x, t)
        return loss + norm(drop(net(x))).sum()

    record(all_of_it, x, t)
    after = net.state_dict(), adam.state_dict(), norm.state_dict()
    assert repr(after) == repr(before) and drop.rng.bit_generator.state == numbers
    assert drop.drawn is None and adam.steps == 1
    assert all(p.grad is g for p, g in zip(net.parameters(), grads, strict=True))


def test_steps_of_the_engine_and_replays_mix():
    net, adam, step, x, t = trained(Adam, weight_decay=0.1)
    other, other_adam, theirs, _, _ = trained(Adam, weight_decay=0.1)
    fast = record(step, x, t)
    for i in range(12):
        (step if i % 3 == 1 else fast)(x, t)
        theirs(x, t)
        if i == 5:
            adam.load_state_dict(adam.state_dict())
            net.load_state_dict(net.state_dict())
        if i == 7:
            for p in net.parameters():
                p.grad = None
    for p, q in zip(net.parameters(), other.parameters(), strict=True):
        close(p.data, q.data)
    assert adam.state_dict()["state"][0]["step"] == 12 == other_adam.steps
    for state, expected in zip(adam.state.values(), other_adam.state.values(), strict=True):
        close(state["exp_avg_sq"], expected["exp_avg_sq"])


def test_a_new_rate_counts():
    net, sgd, step, x, t = trained(momentum=0.9)
    fast = record(step, x, t)
    fast(x, t)
    sgd.lr = 0.0
    before = net.state_dict()
    fast(x, t)
    assert repr(net.state_dict()) == repr(before)


def test_what_is_returned_is_a_copy_and_data_are_pointed_to():
    net, _, step, x, t = trained()
    fast = record(step, x, t)
    losses = [fast(x, t) for _ in range(3)]
    assert losses[0].item() > losses[1].item() > losses[2].item()
    x[...] = 0.0
    t[...] = net(x).data
    assert fast().item() == 0.0
    assert fast(x + 1, t).item() != 0.0


def test_parameters_and_gradients_lie_in_one_array_each():
    net, _, step, x, t = trained(Adam)
    fast = record(step, x, t)
    fast(x, t)
    for part in ("data", "grad"):
        (flat,) = {
            id(getattr(p, part).base): getattr(p, part).base for p in net.parameters()
        }.values()
        assert flat.size == sum(p.size for p in net.parameters()) + 8  # to begin at a line
        places = [getattr(p, part).__array_interface__["data"][0] for p in net.parameters()]
        assert places[0] % 64 == 0
        assert np.diff(places).tolist() == [8 * p.size for p in net.parameters()[:-1]]


def test_a_step_without_zero_grad_adds_to_the_gradients():
    rng = np.random.default_rng(0)
    net, x = MLP((3, 4, 1), "tanh", rng), rng.normal(size=(5, 3))
    sgd = SGD(net.parameters(), lr=0.1)

    def some(x):
        loss = (net(x) ** 2).mean()
        loss.backward()
        return loss

    some(x)
    added = record(some, x)
    first = [p.grad.copy() for p in net.parameters()]
    for _ in range(2):
        added(x)
    for p, g in zip(net.parameters(), first, strict=True):
        close(p.grad, 3 * g)
    sgd.zero_grad()
    with pytest.raises(ReplayError, match="has no gradient, and had one"):
        added(x)


def test_two_updates_in_one_step_and_an_update_by_hand():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 3))

    def made():
        W, v = (
            Tensor(np.arange(1.0, 4.0).reshape(s), requires_grad=True) for s in ((3, 1), (1, 3))
        )
        sgd, mean = SGD([W], lr=0.1), Tensor(0.0)

        def step(x, rate):
            for _ in range(2):
                W.zero_grad()
                loss = ((x @ W) ** 2).mean() + (v * v).sum() * 0.1
                loss.backward()
                sgd.step()
            with no_grad():
                v.data -= rate * v.grad
                mean.data = 0.9 * mean.data + 0.1 * loss.data
            return loss, {"W": W, "v": v.data}

        return W, v, mean, step

    W, v, mean, step = made()
    fast = record(step, x, 0.5)
    theirs = made()
    v.grad, theirs[1].grad = None, None
    for rate in (0.5, 0.25):
        loss, left = fast(x, rate)
        expected, right = theirs[-1](x, rate)
        close(loss.data, expected.data)
        close(left["W"].data, right["W"].data)
        close(left["v"], right["v"])
        v.grad, theirs[1].grad = None, None
    for a, b in zip((W, v, mean), theirs[:3], strict=True):
        close(a.data, b.data)


def test_dropout_with_a_mask_and_without():
    rng = np.random.default_rng(0)
    drop, x = Dropout(0.5, rng), Tensor(np.ones((4, 3)), requires_grad=True)
    drop.mask = np.eye(4, 3) > 0
    fixed = record(lambda x: drop(x).sum(), x)
    assert fixed(x).item() == 6.0
    drop.mask = None
    with pytest.raises(ReplayError, match="attribute of Dropout"):
        fixed(x)
    free, twin = record(lambda x: drop(x), x), np.random.default_rng(0)
    for _ in range(3):
        kept = twin.random((4, 3)) >= 0.5
        assert np.array_equal(free(x).data, 2.0 * kept) and np.array_equal(drop.drawn, kept)


def test_full_batches_are_replayed_and_the_short_last_one_is_not():
    def made():
        rng = np.random.default_rng(0)
        net = Sequential(Linear(3, 4, rng=rng), BatchNorm1d(4), ReLU(), Dropout(0.2, rng))
        return net, Adam(net.parameters(), lr=0.1)

    def step_of(net, adam):
        def step(x):
            adam.zero_grad()
            loss = (net(x) ** 2).mean()
            loss.backward()
            adam.step()
            return loss

        return step

    (net, adam), (twin, other) = made(), made()
    step, theirs, x = (
        step_of(net, adam),
        step_of(twin, other),
        np.random.default_rng(1).normal(size=(10, 3)),
    )
    fast = record(step, x[:4])
    predict = record(lambda x: net(x), x[:4])
    for _ in range(3):
        for rows in (slice(0, 4), slice(4, 8), slice(8, 10)):
            (step if rows.stop == 10 else fast)(x[rows])
            theirs(x[rows])
        net.eval()
        with pytest.raises(ReplayError, match="evaluation mode"):
            predict(x[:4])
        assert net(x).shape == (10, 4)
        net.train()
    for (name, a), b in zip(net.state_dict().items(), twin.state_dict().values(), strict=True):
        close(a, b)
        assert a != 0 if name.endswith("tracked") else True


def test_an_object_of_ones_own_that_holds_everything():
    class Trainer:
        def __init__(self):
            self.rng = np.random.default_rng(0)
            self.net = Sequential(Linear(3, 2, rng=self.rng), Dropout(0.5, self.rng))
            self.sgd, self.loss = SGD(self.net.parameters(), lr=0.1), None

        def step(self, x):
            self.net.train()
            self.sgd.zero_grad()
            self.loss = (self.net(x) ** 2).mean()
            self.loss.backward()
            self.sgd.step()
            self.net.eval()
            self.after = np.square(self.net(x).data)
            self.net.train()

    mine, theirs, x = Trainer(), Trainer(), np.ones((4, 3))
    fast = record(mine.step, x)
    assert mine.loss is None and not hasattr(mine, "after")
    for _ in range(3):
        assert fast(x) is None
        theirs.step(x)
        close(mine.loss.data, theirs.loss.data)
        close(mine.after, theirs.after)


def test_two_replays_of_one_net_share_its_parameters():
    net, adam, step, x, t = trained(Adam, weight_decay=0.1)
    twin, _, theirs, _, _ = trained(Adam, weight_decay=0.1)
    whole, part = record(step, x, t), record(step, x[:2], t[:2])
    for _ in range(4):
        for fast, rows in ((whole, 6), (part, 2), (whole, 6)):
            close(fast(x[:rows], t[:rows]).data, theirs(x[:rows], t[:rows]).data)
    for p, q in zip(net.parameters(), twin.parameters(), strict=True):
        close(p.data, q.data)
    assert len(adam._packs[0]) == 1 and whole.homes == part.homes


def test_a_parameter_without_a_gradient_stays_where_it_is():
    rng = np.random.default_rng(0)
    used, other, x = Linear(3, 2, rng=rng), Linear(3, 2, rng=rng), np.ones((4, 3))
    adam = Adam([*other.parameters(), *used.parameters()], lr=0.1)
    arrays = [p.data for p in other.parameters()]

    def step(x):
        adam.zero_grad()
        loss = (used(x) ** 2).mean()
        loss.backward()
        adam.step()
        return loss

    fast = record(step, x)
    losses = [fast(x).item() for _ in range(9)]
    assert losses[0] > losses[4] > losses[8]
    assert all(p.data is a for p, a in zip(other.parameters(), arrays, strict=True))
    assert [s.get("step") for s in adam.state.values()] == [0, 0, 9, 9]
    assert adam._packs[0][0] is fast.homes[0].pack


def test_what_is_kept_of_a_recording_are_its_buffers():
    net, _, step, x, t = trained()
    x, t = np.tile(x, (1000, 1)), np.tile(t, (1000, 1))

    def kept_beside_buffers():
        tracemalloc.start()
        try:
            fast = record(step, x, t)
            gc.collect()
            return tracemalloc.get_traced_memory()[0] - fast.nbytes
        finally:
            tracemalloc.stop()

    # the least of three: other threads of the process allocate too
    assert min(kept_beside_buffers() for _ in range(3)) < 200_000


def test_an_optimizer_of_your_own():
    class Sign(Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, {"lr": lr})

        def change(self, g, state, group):
            return group["lr"] * np.sign(g)

    (net, _, step, x, t), (other, _, theirs, _, _) = trained(Sign), trained(Sign)
    fast = record(step, x, t)
    for _ in range(3):
        fast(x, t)
        theirs(x, t)
    for p, q in zip(net.parameters(), other.parameters(), strict=True):
        close(p.data, q.data)


def test_a_whole_net_of_ones_own_with_loose_parameters():
    class Net(Module):
        def __init__(self, rng):
            self.W = Tensor(rng.normal(size=(3, 4)), requires_grad=True)
            self.v = [Tensor(rng.normal(size=4), requires_grad=True)]

        def forward(self, x):
            self.hidden = (x @ self.W).tanh()
            return self.hidden @ self.v[0]

    rng = np.random.default_rng(0)
    net, loose = Net(rng), Tensor([0.5, 0.25], requires_grad=True)
    x, labels = rng.normal(size=(4, 3)), np.array([1, 0, 1, 1])

    def step(x, labels):
        y = net(x)
        loss = fused(y.reshape(4, 1) * loose, labels) + (net.W**2).sum() * 1e-3
        loss.backward()
        return loss

    fast = record(step, x, labels)
    loss = fast(x, labels)
    grads = [p.grad.copy() for p in (net.W, *net.v, loose)]
    close(net.hidden.data, np.tanh(x @ net.W.data))
    for p in (net.W, *net.v, loose):
        p.grad = None
    close(loss.data, step(x, labels).data)
    for p, g in zip((net.W, *net.v, loose), grads, strict=True):
        close(g, p.grad)


# --- memory ---------------------------------------------------------------------------------------


def test_a_replay_allocates_next_to_nothing():
    rng = np.random.default_rng(0)
    net = MLP((64, 128, 128, 10), "relu", rng)
    sgd = SGD(net.parameters(), lr=0.1, momentum=0.9)
    x, t = rng.normal(size=(256, 64)), rng.integers(10, size=256)

    def step(x, t):
        sgd.zero_grad()
        loss = cross_entropy(net(x), t)
        loss.backward()
        sgd.step()
        return loss

    def peak(f):
        f(x, t)
        tracemalloc.start()
        try:
            f(x, t)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    engine, fast = peak(step), record(step, x, t)
    # NumPy's own buffer for an operand that is stretched, 8,192 numbers; what an index takes of 256
    # rows; the loss
    assert peak(fast) < 8192 * 8 + 8192 < engine / 15
    layer = 256 * 128 * 8
    assert fast.nbytes < 6 * layer
