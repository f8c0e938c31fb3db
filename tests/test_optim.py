"""Steps of bookutils.optim beside those of torch.optim."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bookutils import nn
from bookutils.data import batches, digits
from bookutils.engine.tensor import Tensor, cross_entropy, no_grad
from bookutils.optim import SGD


def parameter(value, grad=None, dtype=None):
    p = Tensor(value, requires_grad=True, dtype=dtype)
    p.grad = None if grad is None else np.asarray(grad, p.dtype)
    return p


@settings(deadline=None)  # PyTorch imports half of itself at the first step
@given(
    lr=st.floats(1e-12, 1e3),
    dtype=st.sampled_from(["float64", "float32"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_steps_are_those_of_pytorch(lr, dtype, seed):
    rng = np.random.default_rng(seed)
    shapes = [(), (0, 3), (5,), (3, 4), (2, 1, 3)]
    ours = [parameter(rng.normal(size=s), dtype=dtype) for s in shapes]
    theirs = [torch.tensor(p.data, requires_grad=True) for p in ours]
    descent, their_descent = SGD(ours, lr), torch.optim.SGD(theirs, lr=lr)
    eps = np.finfo(dtype).eps
    for _ in range(3):
        for p, q in zip(ours, theirs, strict=True):
            before, grad = p.data.copy(), rng.normal(size=p.shape).astype(dtype)
            p.grad, q.grad = grad, torch.tensor(grad)
            q.data = torch.tensor(before)
        before = [p.data.copy() for p in ours]
        descent.step()
        their_descent.step()
        for p, q, was in zip(ours, theirs, before, strict=True):
            # Two roundings here, in PyTorch one or two: half a unit each of what was rounded.
            slack = eps * (abs(was) + lr * abs(p.grad))
            assert (abs(p.data - q.detach().numpy()) <= slack).all()
            assert p.data.dtype == np.dtype(dtype)


def test_a_parabola_by_its_closed_form():
    p = parameter(3.0)
    descent = SGD([p], lr=0.25)
    for _ in range(20):
        p.grad = 1.5 * p.data  # of 0.75 p²
        descent.step()
    assert float(p.data) == pytest.approx(3.0 * (1 - 0.25 * 1.5) ** 20, rel=1e-14)  # 20 roundings


def test_a_step_down_lowers_the_loss_and_a_net_learns():
    rng = np.random.default_rng(0)
    net = nn.MLP([2, 8, 1], "tanh", rng=rng)
    x = rng.normal(size=(50, 2))
    t = x[:, :1] * x[:, 1:]
    descent = SGD(net.parameters(), lr=0.1)
    losses = []
    for _ in range(300):
        descent.zero_grad()
        loss = ((net(x) - t) ** 2).mean()
        loss.backward()
        descent.step()
        losses.append(loss.item())
    assert losses[1] < losses[0] and losses[-1] < 0.2 * losses[0]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_net_reads_digits(seed):
    """97 % of images it has not seen; of 60 seeds tried 59 came this far, 98.2 % on average."""
    rng = np.random.default_rng(seed)
    X_train, y_train, X_test, y_test = digits(seed)
    net = nn.MLP([64, 128, 64, 10], rng=rng)
    descent = SGD(net.parameters(), lr=0.3)
    for _ in range(30):
        for batch in batches(len(X_train), 16, rng):
            descent.zero_grad()
            cross_entropy(net(X_train[batch]), y_train[batch]).backward()
            descent.step()
    with no_grad():
        said = net.eval()(X_test).data.argmax(1)
    assert (said == y_test).mean() >= 0.97


def test_the_array_stays_and_the_gradient_too():
    grad = np.asfortranarray(np.arange(6.0).reshape(2, 3))[:, ::-1]  # not contiguous, read only
    grad.flags.writeable = False
    p = parameter(np.ones((2, 3)))
    p.grad = grad
    array = p.data
    SGD([p], lr=0.5).step()
    assert p.data is array and p.grad is grad
    assert array.tolist() == [[0.0, 0.5, 1.0], [-1.5, -1.0, -0.5]]


def test_arrays_of_pytorch():
    p = Tensor(torch.tensor([1.0, 2.0], dtype=torch.float64), requires_grad=True)
    (p * p).sum().backward()
    storage = p.data.data_ptr()
    SGD([p], lr=0.25).step()
    assert p.data.tolist() == [0.5, 1.0] and p.data.data_ptr() == storage


def test_without_a_gradient_nothing_moves():
    still, moving = parameter([1.0, 2.0]), parameter([1.0, 2.0], [2.0, -4.0])
    descent = SGD([still, moving], lr=0.5)
    descent.step()
    assert still.data.tolist() == [1.0, 2.0] and moving.data.tolist() == [0.0, 4.0]
    descent.zero_grad()
    assert still.grad is None and moving.grad is None
    descent.step()
    assert moving.data.tolist() == [0.0, 4.0]


def test_a_parameter_listed_twice_is_stepped_once():
    p = parameter(1.0, 2.0)
    SGD([p, p], lr=0.125).step()
    assert float(p.data) == 0.75


def test_lr_of_numpy_does_not_widen_float32():
    steps = []
    for lr in (0.1, np.float64(0.1)):
        p = parameter(np.linspace(1, 2, 5000), np.linspace(-3, 1, 5000), dtype="float32")
        SGD([p], lr).step()
        steps.append(p.data)
    assert steps[0].dtype == np.float32 and np.array_equal(*steps)


def test_lr_may_change_between_steps():
    p = parameter(1.0, 1.0)
    descent = SGD([p], lr=0.5)
    descent.step()
    descent.lr = 0.125
    descent.step()
    assert float(p.data) == 0.375 and descent.lr == 0.125
    with pytest.raises(ValueError, match="lr is a number from 0 on, not -1"):
        descent.lr = -1
    assert descent.lr == 0.125


def test_backward_after_a_step_is_refused():
    p = parameter([1.0, 2.0])
    loss = (p * p).sum()
    loss.backward()
    SGD([p], lr=0.1).step()
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_repr():
    net = nn.MLP([2, 16, 16, 1], rng=np.random.default_rng(0))
    assert repr(SGD(net.parameters(), lr=0.05)) == "SGD(lr=0.05, 337 parameters)"


@pytest.mark.parametrize("lr", [-0.1, np.inf, np.nan, "0.1", None, True, [0.1]])
def test_lr_is_from_zero_on_and_finite(lr):
    with pytest.raises(ValueError, match=re.escape(f"lr is a number from 0 on, not {lr!r}")):
        SGD([parameter(1.0)], lr)


def test_parameters_of_every_kind():
    net = nn.MLP([2, 3, 1], rng=np.random.default_rng(0))
    assert len(SGD(net.parameters(), 0.1).param_groups[0]["params"]) == 4
    assert (
        SGD((p for p in net.parameters()), 0.1).param_groups[0]["params"][3] is net.parameters()[3]
    )
    assert SGD(tuple(net.parameters()), np.float64(0.1)).lr == 0.1


def consumed():
    params = (parameter(float(i)) for i in range(3))
    SGD(params, 0.1)
    return params


NOT_PARAMETERS = [
    ([], ValueError, "no parameters to change: a module's are its Tensors with requires_grad"),
    (consumed(), ValueError, "a generator gives its items once only: make a list"),
    (parameter([1.0, 2.0]), TypeError, "a list of parameters: [w], not w"),
    (nn.Tanh(), TypeError, "SGD takes the parameters of a net: net.parameters(), not the Tanh"),
    (
        nn.MLP((2, 1), "relu", np.random.default_rng(0)),
        TypeError,
        "SGD takes the parameters of a net: net.parameters(), not the MLP",
    ),
    (nn.Tanh().parameters, TypeError, "such as net.parameters(), not <bound method"),
    (3, TypeError, "such as net.parameters(), not 3"),
    ([np.ones(2)], TypeError, "every parameter is a Tensor, not array([1., 1.]) (ndarray)"),
    ([("w", parameter(1.0))], TypeError, "every parameter is a Tensor, not ('w', Tensor("),
    (
        nn.Linear(1, 1, rng=np.random.default_rng(0)).named_parameters(),
        TypeError,
        "(tuple): take parameters(), without the names",
    ),
    ([parameter(1.0) * 2], ValueError, 'made by Tensor(…), not one computed by "*"'),
    (
        [Tensor([1.0, 2.0])],
        ValueError,
        "a parameter (2,) has requires_grad=False: make it Tensor(…, requires_grad=True)",
    ),
]


@pytest.mark.parametrize(("params", "error", "sentence"), NOT_PARAMETERS, ids=lambda x: str(x)[:30])
def test_what_is_no_parameter_is_refused(params, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        SGD(params, 0.1)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda p: SGD([p], learning_rate=0.1), TypeError, "no learning_rate: write lr=0.1"),
        (lambda p: SGD([p], 0.1).zero_grad(set_to_none=True), TypeError, "always set to None"),
        (lambda p: SGD([p], 0.1).params, AttributeError, "param_groups[0]['params'] has them"),
        (lambda p: SGD([p], 0.1).nix, AttributeError, "'SGD' object has no attribute 'nix'"),
    ],
)
def test_what_pytorch_has_beyond_is_answered_with_a_sentence(call, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        call(parameter(1.0))
