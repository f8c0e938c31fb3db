"""nan and infinity: training stops before the step, and names where they began."""

import re

import numpy as np
import pytest

from bookutils import Tensor, nn
from bookutils.losses import cross_entropy, mse_loss
from bookutils.optim import SGD
from bookutils.train import Diverged, EarlyStopping, fit


def generator(seed=0):
    return np.random.default_rng(seed)


class Power(nn.Module):
    """x to a power: infinite at 0 for a negative one, of infinite slope for one half."""

    def __init__(self, power):
        self.power = power

    def forward(self, x):
        return x**self.power

    def __repr__(self):
        return f"Power({self.power})"


class Constant(nn.Module):
    """x times one number for all."""

    def __init__(self, factor):
        self.factor = Tensor(factor, requires_grad=True)

    def forward(self, x):
        return x * self.factor


def train(net, X=None, t=None, loss=mse_loss, lr=0.1, rng=None, **options):
    """fit on eight rows; the error it raises."""
    rng = generator() if rng is None else rng
    X = generator(1).normal(size=(8, 3)) if X is None else X
    t = generator(2).normal(size=(8, 2)) if t is None else t
    with pytest.raises(Diverged) as raised:
        fit(net, X, t, loss, SGD(net.parameters(), lr=lr), rng=rng, progress=False,
            **{"epochs": 3, "batch_size": 4, **options})  # fmt: skip
    return raised.value


def line(d_in, d_out, activation=None, seed=0):
    return nn.Linear(d_in, d_out, activation, generator(seed))


def test_forward_in_a_layer():
    net = nn.Sequential(line(3, 4, "tanh"), line(4, 4), line(4, 2))
    net[1].W.data = np.full((4, 4), 1e308)
    net[1].W.data[:, 1:] = 1.0
    net[0].b.data = np.full(4, 9.0)  # tanh gives 1 four times: 4e308
    error = str(train(net))
    assert error.startswith("epoch 1, step 1 of 2: the loss, ")
    assert (
        "It began in the forward pass, in layers.1, Linear(4 -> 4): its input is finite, up to 1"
        in error
    )
    assert "and its output holds 4 inf of 16 numbers." in error


def test_forward_after_a_layer_without_parameters():
    net = nn.Sequential(line(3, 2), nn.ReLU(), Power(-1.0), line(2, 2))
    net[0].b.data = np.full(2, -99.0)  # no relu fires, and 1/0 is inf
    assert "in the forward pass, in layers.2, Power(-1.0): its input is finite, up to 0" in str(
        train(net)
    )


class Divided(nn.Module):
    """Computes between its layers, and after them."""

    def __init__(self, between, after):
        self.first, self.second = line(3, 2), line(2, 2, seed=1)
        self.between, self.after = between, after

    def forward(self, x):
        h = self.first(x) / self.between
        return self.second(h) / self.after


def test_forward_outside_of_any_layer():
    before = "in the forward pass, on the way to second, Linear(2 -> 2), outside of any layer."
    assert before in str(train(Divided(0.0, 1.0)))
    after = "in the forward pass, in the forward of Divided: its output holds 8 inf of 8 numbers."
    assert after in str(train(Divided(1.0, 0.0)))
    inside = nn.Sequential(Divided(1.0, 0.0), line(2, 2))
    assert "in the forward of layers.0, Divided: its output holds" in str(train(inside))


def test_in_the_loss():
    error = str(train(line(3, 2), loss=lambda y, t: ((y - t) * 1e200).mean() ** 2))
    assert "the loss, inf, is not finite" in error
    assert re.search(r"It began in the loss: the outputs are finite, up to [\d.]+, and", error)


def test_in_the_penalty():
    error = str(train(line(3, 2), penalty=lambda net: (net.W * 1e200 * 1e200).sum()))
    assert "It began in the penalty: the loss is finite." in error


def test_backward_in_the_loss():
    net = line(3, 2)
    net.W.data, net.b.data = np.zeros((3, 2)), np.zeros(2)
    error = str(train(net, t=np.zeros((8, 2)), loss=lambda y, t: ((y - t) ** 2).sum() ** 0.5))
    assert error.startswith("epoch 1, step 1 of 2: a gradient is not finite")
    assert "in the backward pass, in the loss: its gradient with respect to the outputs" in error


def test_backward_in_a_layer_with_respect_to_its_input():
    net = nn.Sequential(line(3, 2), Power(0.5), line(2, 2, seed=1))
    net[0].W.data = np.zeros((3, 2))  # √ at 0: finite, and its slope is not
    error = str(train(net))
    assert "a gradient is not finite" in error
    assert "in the backward pass, in layers.1, Power(0.5): the upstream gradient is finite" in error
    assert "with respect to its input holds 8 inf of 8 numbers" in error


def test_of_two_places_the_one_nearest_to_the_loss_is_named():
    """Silent relus between them pass nothing on, and 0 · inf makes nan once more."""
    net = nn.Sequential(
        line(3, 2), Power(0.5), line(2, 2), nn.ReLU(), Power(0.5), line(2, 2, seed=1)
    )
    net[0].W.data, net[2].b.data = np.zeros((3, 2)), np.full(2, -99.0)
    assert "in the backward pass, in layers.4, Power(0.5): the upstream" in str(train(net))


def test_backward_in_a_layer_with_respect_to_a_parameter():
    net = nn.Sequential(line(3, 2), Constant(1e-300), line(2, 2, seed=1))
    net[0].W.data = np.full((3, 2), 1e300)
    error = str(train(net, X=np.ones((8, 3)), loss=lambda y, t: ((y - t) * 1e20).mean()))
    assert "in the backward pass, in layers.1, Constant" in error
    assert "the gradient with respect to its parameter factor holds 1 inf of 1 number." in error


@pytest.mark.filterwarnings("ignore:X has a column of size")
def test_in_an_update():
    net = line(3, 2)
    error = str(train(net, X=generator().normal(size=(8, 3)) * 1e10, lr=1e308))
    assert error.startswith("epoch 1, step 2 of 2: the loss, ")
    assert "It began in an update: W holds " in error and " since the last step." in error


@pytest.mark.parametrize("seed", range(8))
def test_the_second_look_draws_the_same_masks(seed):
    """The weight of one neuron overflows, and only where dropout keeps it."""
    rng = generator(seed)
    net = nn.Sequential(line(3, 4), nn.Dropout(0.9, rng), line(4, 2))
    net[0].b.data = np.array([1e200, 0.0, 0.0, 0.0])
    net[2].W.data[0] = 1e200
    error = str(train(net, rng=rng, epochs=40, batch_size=1, lr=1e-12))
    assert "in the forward pass, in layers.2, Linear(4 -> 2)" in error


def test_what_is_drawn_without_the_rng_is_not_found_again():
    calls = []

    def loss(y, t):
        calls.append(1)
        return mse_loss(y, t) * (np.inf if len(calls) == 4 else 1.0)  # the third step alone

    assert "finite: something in it is drawn without the rng." in str(train(line(3, 2), loss=loss))


def test_nothing_is_lost():
    """History, weights of the last good step, the best weights: all is there after the error."""
    X = generator(1).normal(size=(8, 3))

    def run(loss, epochs, **options):
        rng, net = generator(), line(3, 2)
        if epochs == 5:
            return net, train(net, X, loss=loss, rng=rng, epochs=5, **options)
        fit(net, X, generator(2).normal(size=(8, 2)), loss, SGD(net.parameters(), lr=0.1),
            epochs=epochs, batch_size=4, rng=rng, progress=False)  # fmt: skip
        return net, None

    calls = []

    def breaking(y, t):
        calls.append(1)
        return mse_loss(y, t) if len(calls) <= 5 else mse_loss(y, t) * np.nan  # one trial, 4 steps

    net, error = run(breaking, 5)
    until, _ = run(mse_loss, 2)
    assert "epoch 3, step 1 of 2" in str(error) and error.history.epochs == 2
    assert np.array_equal(net.W.data, until.W.data) and not net.training
    assert "forward" not in vars(net)  # the watch is gone

    calls.clear()
    best = EarlyStopping(9, watch="loss", larger_is_better=True)  # the first epoch is the best
    net, error = run(breaking, 5, stopping=best)
    first, _ = run(mse_loss, 1)
    assert error.history.best_epoch == 1 and np.array_equal(net.W.data, first.W.data)


@pytest.mark.filterwarnings("ignore:X has a column of size")
def test_accumulated_portions_are_looked_at_one_by_one():
    X = generator(1).normal(size=(8, 3))
    X[5] = 1e200
    error = str(train(line(3, 2), X, batch_size=1, accumulate=8))
    assert "step 1 of 1: the loss, inf" in error and "It began in the loss" in error


def test_large_numbers_are_no_infinity():
    net, rng = line(3, 2), generator()
    X = np.full((4, 3), 1e307)  # sums of gradients overflow, the gradients do not
    net.W.data = np.zeros((3, 2))
    with pytest.warns(UserWarning, match=r"X has a column of size 1e\+307"):
        history = fit(net, X, np.zeros((4, 2)), lambda y, t: y.mean() * 3.0,
                      SGD(net.parameters(), lr=1e-300), epochs=1, batch_size=4, rng=rng,
                      progress=False)  # fmt: skip
    assert history.epochs == 1


def test_it_says_what_to_try():
    net = nn.MLP((3, 8, 3), rng=generator())
    labels = generator().integers(3, size=8)
    error = str(train(net, generator(1).normal(size=(8, 3)), labels, cross_entropy, lr=1e300))
    assert "Most often lr is too large, or X or y is not scaled; clip_norm=1 bounds" in error


def test_running_statistics_are_those_before_the_step_that_failed():
    net = nn.Sequential(line(3, 4), nn.BatchNorm1d(4), line(4, 2))
    X, kept = generator(1).normal(size=(8, 3)), []

    def breaking(y, t):
        if net[1].num_batches_tracked.item() >= 4:  # and in the second look
            return mse_loss(y, t) * np.nan
        kept[:] = [net[1].running_mean.data.copy(), net[1].running_var.data.copy()]
        return mse_loss(y, t)

    error = train(net, X, loss=breaking, epochs=5)
    assert error.history.epochs == 1 and net[1].num_batches_tracked.item() == 3
    assert np.array_equal(net[1].running_mean.data, kept[0])
    assert np.array_equal(net[1].running_var.data, kept[1])
