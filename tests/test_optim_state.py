"""What optimizers remember: where it lies, what may happen to parameters, saved and copied."""

import copy
import gc
import io
import pickle
import re
import sys
import weakref

import numpy as np
import pytest
import torch
from scipy.linalg import blas

from bookutils import nn, optim
from bookutils.engine.tensor import Tensor
from bookutils.losses import mse_loss
from bookutils.optim import packs, vectors

# Each optimizer with the options under which it remembers most.
ALL = {
    "SGD": {"lr": 0.05, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.01},
    "Adagrad": {"initial_accumulator_value": 0.1, "lr_decay": 0.01, "weight_decay": 0.01},
    "RMSprop": {"centered": True, "momentum": 0.9, "maximize": True},
    "Adam": {"amsgrad": True, "weight_decay": 0.01},
    "AdamW": {"amsgrad": True, "maximize": True},
    "NAdam": {"weight_decay": 0.01},
    "RAdam": {"betas": (0.9, 0.9), "decoupled_weight_decay": True, "weight_decay": 0.1},
    "Adafactor": {"weight_decay": 0.01},
}
SHAPES = (3, 4), (4,), (), (2, 3, 2), (0, 3), (50,)
EVERY = pytest.mark.parametrize("name", ALL)


def parameters(rng, dtype="float64"):
    made = [Tensor(rng.normal(size=shape), requires_grad=True, dtype=dtype) for shape in SHAPES]
    made[0].data = np.asfortranarray(made[0].data)
    return made


def give_gradients(params, step, rng, always=False):
    """The second has none in every third step, the last none at first."""
    for i, p in enumerate(params):
        without = (i == 1 and step % 3 == 1) or (i == 5 and step < 4)
        g = rng.normal(size=p.shape).astype(p.dtype)
        p.grad = None if without and not always else g


def run(optimizer, params, steps, seed=0, always=False):
    """Steps, on gradients that depend on the number of the step alone; returns copies of data."""
    for step in steps:
        give_gradients(params, step, np.random.default_rng([seed, step]), always)
        optimizer.step()
    return [np.array(p.data) for p in params]


def equal(xs, ys):
    return all(
        np.array_equal(x, y) and x.dtype == y.dtype
        for x, y in zip(map(np.asarray, xs), map(np.asarray, ys), strict=True)
    )


def made(name, params):
    half = [{"params": params[:2], "lr": 0.02}, {"params": params[2:]}]
    return getattr(optim, name)(half, **ALL[name])


# --- flat, in blocks, one by one -----------------------------------------------------------------


@EVERY
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_bits_do_not_depend_on_how_parameters_are_packed(name, dtype, monkeypatch):
    results = []
    for block in (2**13, 1, 12, 3):  # together; one number a block; some of both kinds
        monkeypatch.setattr(packs, "BLOCK", block)
        params = parameters(np.random.default_rng(1), dtype)
        optimizer = made(name, params)
        results.append(run(optimizer, params, range(12)))
        joint = [x for group in optimizer._packs for x in group if type(x) is packs.Joint]
        assert bool(joint) == (name != "Adafactor") or block < 2**13
    assert all(equal(results[0], other) for other in results[1:])


class ClearAdam(optim.Adam):
    """By the rule as it is written, not by the one in fewer passes."""

    _change_into = optim.Optimizer._change_into


@pytest.mark.parametrize("by", ["BLAS", "NumPy"])
@pytest.mark.parametrize("options", [{}, ALL["Adam"], {"betas": (0.5, 0.6), "eps": 1e-3}])
def test_adam_in_fewer_passes_is_adam_as_it_is_written(options, by, monkeypatch):
    """Some ten roundings a step in another order, 2e-16 each, in steps of a thousandth of p."""
    if by == "NumPy":
        monkeypatch.setattr(vectors, "LETTERS", {})
    both, states = [], []
    for kind in (optim.Adam, ClearAdam):
        params = parameters(np.random.default_rng(2))
        optimizer = kind(params, **options)
        both.append(run(optimizer, params, range(50)))
        states.append([optimizer.state[p] for p in params])
    assert not equal(*both)
    for fast, clear in zip(*both, strict=True):
        np.testing.assert_allclose(fast, clear, rtol=1e-13, atol=1e-15)
    for fast, clear in zip(*states, strict=True):
        assert fast.keys() == clear.keys()
        for x, y in zip(fast.values(), clear.values(), strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-14, atol=1e-15)


def fused_but_for_the_last(x, y, n, a):
    """As OpenBLAS's kernels for Haswell: sixteen numbers at a time, and those that are left."""
    body = n - n % 16
    wide = y[:body] + np.longdouble(np.float64(a)) * x[:body]
    y[:body], y[body:n] = wide, y[body:n] + a * x[body:n]


@EVERY
def test_functions_whose_bits_depend_on_the_place_in_an_array_are_used_otherwise(name, monkeypatch):
    double = np.dtype(float)
    assert vectors.is_alike_everywhere(vectors.added, double)
    assert not vectors.is_alike_everywhere(fused_but_for_the_last, double)
    monkeypatch.setattr(blas, "daxpy", fused_but_for_the_last)
    vectors.of_blas.cache_clear()
    try:
        assert vectors.of_blas(double) == (blas.dscal, fused_but_for_the_last, False)
        test_the_bits_do_not_depend_on_how_parameters_are_packed(name, "float64", monkeypatch)
    finally:
        vectors.of_blas.cache_clear()


def test_small_parameters_share_arrays_and_large_ones_do_not():
    rng = np.random.default_rng(0)
    net = nn.MLP([20, 80, 30, 300, 10], rng=rng)  # the third matrix has 9,000 numbers
    adam = optim.Adam(net.parameters())
    for p in net.parameters():
        p.grad = np.ones(p.shape)
    adam.step()
    together = [[p.shape for p in pack.params] for pack in adam._packs[0]]
    small = [(20, 80), (80,), (80, 30), (30,), (300,), (300, 10), (10,)]
    assert together == [small, [(30, 300)]]
    for p in net.parameters():
        assert adam.state[p]["exp_avg"].shape == p.shape and adam.state[p]["step"] == 1
        np.testing.assert_allclose(adam.state[p]["exp_avg"], 0.1, rtol=1e-15)


# --- what users do with parameters ----------------------------------------------------------------


@EVERY
def test_data_may_be_bound_anew_and_changed_in_place_between_steps(name):
    """The numbers of the parameter are where p.data says, and nowhere else."""
    results = []
    for rebound in (False, True):
        params = parameters(np.random.default_rng(3))
        optimizer = made(name, params)
        run(optimizer, params, range(5))
        for p in params:
            if rebound:
                old = p.data
                p.data = old * 0.5  # another array
                old[...] = np.nan
            else:
                p.data[...] *= 0.5
        results.append(run(optimizer, params, range(5, 10)))
    assert equal(*results)


@EVERY
def test_a_parameter_in_two_layers_is_stepped_once(name):
    rng = np.random.default_rng(4)
    net = nn.Sequential(nn.Linear(3, 3, rng=rng), nn.Tanh(), nn.Linear(3, 3, rng=rng))
    net.layers[2].W = net.layers[0].W
    alone = Tensor(net.layers[0].W.data, requires_grad=True)
    assert len(net.parameters()) == 3
    twice = [*net.parameters(), net.layers[2].W]
    optimizer, other = (getattr(optim, name)(ps, **ALL[name]) for ps in (twice, [alone]))
    for _ in range(3):
        mse_loss(net(np.ones((2, 3))), np.zeros((2, 3))).backward()
        alone.grad = net.layers[0].W.grad.copy()
        optimizer.step()
        other.step()
    assert np.array_equal(net.layers[0].W.data, alone.data)


def test_no_gradient_no_step_and_no_count():
    a, b = (Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    adam = optim.Adam([a, b], weight_decay=0.1)
    a.grad = np.ones(2)
    for _ in range(3):
        adam.step()
    assert b.data.tolist() == [1.0, 2.0] and adam.state[a]["step"] == 3
    assert adam.state[b] == {"step": 0}
    assert list(adam.state_dict()["state"]) == [0]
    adam.zero_grad()
    assert a.grad is None
    adam.step()
    assert adam.state[a]["step"] == 3


def test_moved_parameters_are_told_from_and_the_state_can_follow():
    rng = np.random.default_rng(5)
    params = [Tensor(rng.normal(size=(2, 2)), requires_grad=True) for _ in range(2)]
    adam = optim.Adam(params, lr=0.1)
    unmoved = copy.deepcopy(adam)
    run(adam, params, range(3), always=True)
    before = [p.data.copy() for p in params]
    for p in params:
        p.data, p.grad = torch.tensor(p.data), torch.tensor(p.grad)
    sentence = "load_state_dict(optimizer.state_dict()) moves the state to where the parameters are"
    with pytest.raises(RuntimeError, match=re.escape(sentence)):
        adam.step()
    assert all(np.array_equal(p.data, x) for p, x in zip(params, before, strict=True))
    adam.load_state_dict(adam.state_dict())
    adam.step()
    assert type(adam.state[params[0]]["exp_avg"]) is torch.Tensor
    others = unmoved.param_groups[0]["params"]
    run(unmoved, others, range(3), always=True)
    unmoved.step()
    for p, q in zip(params, others, strict=True):
        np.testing.assert_allclose(p.data.numpy(), q.data, rtol=1e-14)
    params[0].data, params[0].grad = torch.ones(3), torch.ones(3)
    with pytest.raises(RuntimeError, match="for other shapes make a new optimizer"):
        adam.step()


def test_without_a_state_there_is_nothing_to_move():
    p, q = (Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    sgd = optim.SGD([p, q], lr=0.5)
    p.grad = q.grad = np.ones(2)
    sgd.step()
    p.data, p.grad = torch.ones(3), torch.ones(3)
    sgd.step()
    assert p.data.tolist() == [0.5] * 3 and q.data.tolist() == [0.0, 1.0]


GRADIENTS = [
    (np.ones(3), ValueError, "a gradient (3,) does not fit its parameter (2,)"),
    (np.ones(()), ValueError, "a gradient () does not fit its parameter (2,)"),
    (Tensor([1.0, 2.0]), TypeError, "a gradient is an array, not a Tensor: p.grad = g.data"),
    ([1.0, 2.0], TypeError, "like its parameter's, not [1.0, 2.0]"),
    (1.0, TypeError, "like its parameter's, not 1.0"),
    (torch.ones(2), TypeError, "like its parameter's, not tensor([1., 1.])"),
]


@pytest.mark.parametrize(("g", "error", "sentence"), GRADIENTS)
@pytest.mark.parametrize("alone", [True, False])
def test_what_is_no_gradient_is_refused_and_nothing_is_changed(g, error, sentence, alone):
    a, b = (Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    adam = optim.Adam([{"params": [a]}, {"params": [b]}] if alone else [a, b])
    a.grad, b.grad = np.ones(2), g
    with pytest.raises(error, match=re.escape(sentence)):
        adam.step()
    assert a.data.tolist() == b.data.tolist() == [1.0, 2.0]
    assert adam.state[a]["step"] == 0 and adam.steps == 0


def test_numbers_of_numpy_are_gradients_of_single_numbers():
    a, b = Tensor(1.0, requires_grad=True), Tensor(1.0, requires_grad=True)
    a.grad, b.grad = np.float64(2.0), np.array(2.0)  # NumPy's arithmetic makes the first of both
    optim.SGD([a], lr=0.25).step()
    optim.SGD([a, b], lr=0.25).step()
    assert float(a) == 0.0 and float(b) == 0.5


def test_neither_infinity_nor_division_by_zero_warns():
    p = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    adam = optim.Adam([p], eps=0.0)
    p.grad = np.array([1e300, 0.0, np.inf])
    adam.step()  # warnings are errors in these tests
    assert np.isnan(p.data[1:]).all()


# --- no graph, no growth --------------------------------------------------------------------------


@EVERY
@pytest.mark.slow
def test_memory_is_as_large_after_two_thousand_steps_as_after_a_few(name):
    w, b = Tensor([[1.0, -2.0]], requires_grad=True), Tensor([0.5], requires_grad=True)
    optimizer = getattr(optim, name)([w, b], **ALL[name] | {"lr": 1e-6, "maximize": False})
    schedule = optim.LinearLR(optimizer, total_iters=20_000)

    def step():
        optimizer.zero_grad()
        (w * b).sum().backward()
        optimizer.step()
        schedule.step()

    gc.collect()
    gc.disable()  # what hangs together in a circle is not freed, and seen
    try:
        for _ in range(1_000):  # what is kept once is kept by now
            step()
        before = sys.getallocatedblocks()
        for _ in range(2_000):
            step()
        grown = sys.getallocatedblocks() - before
    finally:
        gc.enable()
    assert grown < 20  # one object kept in a hundred steps would be 20 blocks


@pytest.mark.slow
@EVERY
@pytest.mark.parametrize("block", [2**13, 1])  # together, and one by one in blocks
def test_a_step_leaves_no_way_to_the_graph_or_the_gradients(name, block, monkeypatch):
    monkeypatch.setattr(packs, "BLOCK", block)
    net = nn.MLP([3, 4, 1], "tanh", np.random.default_rng(0))
    optimizer = getattr(optim, name)(net.parameters(), **ALL[name])
    gc.collect()
    gc.disable()
    try:
        loss = mse_loss(net(np.ones((5, 3))), np.zeros((5, 1)))
        loss.backward()
        seen = [weakref.ref(p.grad) for p in net.parameters()]
        seen += [weakref.ref(node.data) for node in loss.gradients() if node.parents and node.shape]
        assert len(seen) == 6 and all(x() is not None for x in seen)
        optimizer.step()
        optimizer.zero_grad()
        del loss
        assert [x() for x in seen if x() is not None] == []
    finally:
        gc.enable()


# --- saved, restored, copied ----------------------------------------------------------------------


def by_pickle(state):
    return pickle.loads(pickle.dumps(state))


def by_savez(state):
    file = io.BytesIO()
    np.savez(file, optimizer=state)
    file.seek(0)
    with np.load(file, allow_pickle=True) as arrays:
        return arrays["optimizer"].item()


def in_other_order(state):
    """Arrays as a program of the user's may hold them: in the order of columns."""
    return {
        **state,
        "state": {
            i: {n: np.asfortranarray(x) if np.ndim(x) else x for n, x in s.items()}
            for i, s in state["state"].items()
        },
    }


@EVERY
@pytest.mark.parametrize("kept_by", [by_pickle, by_savez, in_other_order, lambda state: state])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_run_resumed_from_its_state_equals_the_unbroken_one(name, kept_by, dtype):
    params = parameters(np.random.default_rng(6), dtype)
    optimizer = made(name, params)
    optimizer.param_groups[0]["lr"] = 0.03
    half = run(optimizer, params, range(9))
    state = kept_by(optimizer.state_dict())
    unbroken = run(optimizer, params, range(9, 20))
    resumed = [Tensor(x, requires_grad=True) for x in half]
    again = made(name, resumed)
    assert again.load_state_dict(state) is again
    assert again.param_groups[0]["lr"] == 0.03
    assert equal(run(again, resumed, range(9, 20)), unbroken)  # to the bit


@EVERY
def test_a_state_is_a_copy_of_plain_things(name):
    params = parameters(np.random.default_rng(7))
    optimizer = made(name, params)
    run(optimizer, params, range(5))
    state = optimizer.state_dict()
    before = pickle.dumps(state)
    run(optimizer, params, range(5, 8))
    assert pickle.dumps(state) == before

    def check(x):
        if type(x) in (dict, list, tuple):
            for y in x.values() if type(x) is dict else x:
                check(y)
        else:
            assert x is None or type(x) in (int, float, bool, str, np.ndarray)

    check(state)
    again = made(name, params)
    again.load_state_dict(state)
    run(again, params, range(8, 9))
    assert pickle.dumps(state) == before


@EVERY
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_net_and_its_optimizer_copied_together_go_their_own_way(name, copied):
    params = parameters(np.random.default_rng(8))
    optimizer = made(name, params)
    run(optimizer, params, range(5))
    others, other = copied((params, optimizer))
    assert all(p is q for g in other.param_groups for p in g["params"] for q in others if p is q)
    assert {id(p) for g in other.param_groups for p in g["params"]} == {id(p) for p in others}
    ahead = run(optimizer, params, range(5, 12))
    assert not equal(ahead, [p.data for p in others])
    assert equal(run(other, others, range(5, 12)), ahead)
    with pytest.raises(ValueError, match="lr is a number from 0 on"):
        other.param_groups[0]["lr"] = -1


@EVERY
def test_a_net_copied_without_its_optimizer_is_left_alone(name):
    net = nn.MLP([2, 3, 1], "tanh", np.random.default_rng(0))
    optimizer = getattr(optim, name)(net.parameters(), **ALL[name])
    best = copy.deepcopy(net)
    before = best.state_dict()
    for p in net.parameters():
        p.grad = np.ones(p.shape)
    optimizer.step()
    assert all(np.array_equal(before[n], x) for n, x in best.state_dict().items())


@EVERY
def test_a_copy_of_the_optimizer_alone_has_the_same_parameters_and_a_state_of_its_own(name):
    params = parameters(np.random.default_rng(10))
    optimizer = made(name, params)
    run(optimizer, params, range(5))
    other, before = copy.copy(optimizer), pickle.dumps(optimizer.state_dict())
    assert all(p is q for p, q in zip(other.state, optimizer.state, strict=True))
    run(other, params, range(5, 8))
    assert pickle.dumps(optimizer.state_dict()) == before


def saved():
    p, q = Tensor(np.ones((2, 3)), requires_grad=True), Tensor(np.ones(3), requires_grad=True)
    adam = optim.Adam([{"params": [p]}, {"params": [q]}])
    p.grad, q.grad = np.ones((2, 3)), np.ones(3)
    adam.step()
    return adam, adam.state_dict()


def changed(change):
    def wrong(state):
        change(state)
        return state

    return wrong


STATES = [
    (lambda s: 3, TypeError, "a state is a dict as state_dict() returns it, not 3"),
    (lambda s: {"W": np.ones(3)}, TypeError, "a state is a dict as state_dict() returns it"),
    (
        changed(lambda s: s["param_groups"].pop()),
        ValueError,
        "its groups have [1] parameters, those here [1, 1]",
    ),
    (
        changed(lambda s: s["param_groups"][0].pop("betas")),
        ValueError,
        "a group lacks betas",
    ),
    (
        changed(lambda s: s["param_groups"][1].update(momentum=0.9)),
        ValueError,
        "Adam has no option 'momentum'",
    ),
    (
        changed(lambda s: s["param_groups"][1].update(lr=-1)),
        ValueError,
        "lr is a number from 0 on, not -1",
    ),
    (
        changed(lambda s: s["state"][1].update(exp_avg=np.ones(4))),
        ValueError,
        "exp_avg of parameter 1 is (4,), here (3,)",
    ),
    (
        changed(lambda s: s["state"][1].pop("exp_avg_sq")),
        ValueError,
        "parameter 1 lacks exp_avg_sq",
    ),
    (
        changed(lambda s: s["state"][0].update(sum=np.ones((2, 3)))),
        ValueError,
        "parameter 0 has sum, which is not remembered here",
    ),
]


@pytest.mark.parametrize(("wrong", "error", "sentence"), STATES)
def test_a_state_that_does_not_fit_is_refused_and_nothing_is_loaded(wrong, error, sentence):
    adam, state = saved()
    before = pickle.dumps(adam.state_dict())
    with pytest.raises(error, match=re.escape(sentence)) as caught:
        adam.load_state_dict(wrong(state))
    assert error is TypeError or str(caught.value).startswith("nothing loaded into Adam: ")
    assert pickle.dumps(adam.state_dict()) == before


def test_a_state_with_what_was_switched_off_later_is_loaded():
    params = parameters(np.random.default_rng(9))
    sgd = optim.SGD(params, lr=0.1, momentum=0.9)
    run(sgd, params, range(3))
    sgd.param_groups[0]["momentum"] = 0.0
    again = optim.SGD(params, lr=0.1, momentum=0.9)
    again.load_state_dict(sgd.state_dict())
    assert again.param_groups[0]["momentum"] == 0.0
    assert again.state[params[0]].keys() == {"step", "momentum_buffer"}
