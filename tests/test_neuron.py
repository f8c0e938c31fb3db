"""The nets of bookutils.neuron beside those of micrograd."""

import random

import micrograd.engine
import micrograd.nn
import numpy as np
import pytest

from bookutils import Value, neuron


def nets(seed, *sizes):
    random.seed(seed)
    ours = neuron.MLP(*sizes)
    after = random.random()
    random.seed(seed)
    theirs = micrograd.nn.MLP(*sizes)
    assert after == random.random()  # the same number of draws
    return ours, theirs


def test_same_parameters_and_repr():
    ours, theirs = nets(1337, 2, [16, 15, 1])
    assert repr(ours) == repr(theirs) and repr(ours.layers[0]) == repr(theirs.layers[0])
    assert [p.data for p in ours.parameters()] == [p.data for p in theirs.parameters()]
    assert len(ours.parameters()) == 3 * 16 + 17 * 15 + 16


@pytest.mark.parametrize("as_values", [False, True])
def test_same_training(as_values):
    ours, theirs = nets(7, 3, [5, 4, 2])
    rng = random.Random(8)
    rows = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(6)]
    for _ in range(3):
        losses = []
        for net, value in ((ours, Value), (theirs, micrograd.engine.Value)):
            inputs = [list(map(value, row)) if as_values else row for row in rows]
            outputs = [net(row) for row in inputs]
            loss = sum((u - 0.3) ** 2 + (v * u).relu() for u, v in outputs) * (1 / len(rows))
            net.zero_grad()
            assert {p.grad for p in net.parameters()} == {0}
            loss.backward()
            for p in net.parameters():
                p.data -= 0.05 * p.grad
            losses.append(loss.data)
        # additions in another order: a few ulps
        assert losses[0] == pytest.approx(losses[1], rel=1e-13)
    assert [p.data for p in ours.parameters()] == pytest.approx(
        [p.data for p in theirs.parameters()], rel=1e-12
    )
    assert losses[0] > 0


def test_single_output_is_a_value():
    assert isinstance(neuron.MLP(2, [3, 1])([0.5, -1.5]), Value)
    assert len(neuron.Layer(2, 3)([0.5, -1.5])) == 3


def test_relu_inside_linear_last():
    net = neuron.MLP(2, [4, 3])
    assert [n.nonlin for layer in net.layers for n in layer.neurons] == [True] * 4 + [False] * 3
    n = neuron.Neuron(1)
    n.w[0].data = -1.5
    assert n([2.0]).data == 0.0 and neuron.Neuron(1, nonlin=False).b.data == 0.0


@pytest.mark.parametrize("make", [random.Random, np.random.default_rng])
def test_rng_is_an_argument(make):
    random.seed(1)
    before = random.getstate()
    first, second, other = (neuron.MLP(2, [3, 1], rng=make(s)) for s in (5, 5, 6))
    assert random.getstate() == before
    data = [[p.data for p in net.parameters()] for net in (first, second, other)]
    assert data[0] == data[1] != data[2] and all(type(x) is float for x in data[0])


def test_wrong_number_of_inputs():
    with pytest.raises(ValueError, match="dot: 2 weights and 3 inputs"):
        neuron.MLP(2, [3, 1])([1.0, 2.0, 3.0])  # micrograd leaves the third out, silently


def test_module_without_parameters():
    assert neuron.Module().parameters() == []
    neuron.Module().zero_grad()


def test_micrograds_own_classes_train_the_same_on_this_value(monkeypatch):
    """The demo of micrograd, its net and its loss word for word, on two moons."""
    from sklearn.datasets import make_moons

    points, labels = make_moons(n_samples=12, noise=0.1, random_state=1337)
    signs = (2 * labels - 1).tolist()
    histories = []
    for value in (Value, micrograd.engine.Value):
        monkeypatch.setattr(micrograd.nn, "Value", value)
        random.seed(1337)
        model = micrograd.nn.MLP(2, [6, 6, 1])
        history = []
        for step in range(5):
            scores = [model(list(map(value, row))) for row in points.tolist()]
            losses = [(1 + -sign * score).relu() for sign, score in zip(signs, scores, strict=True)]
            penalty = 1e-4 * sum(p * p for p in model.parameters())
            loss = sum(losses) * (1.0 / len(losses)) + penalty
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= (1.0 - 0.9 * step / 100) * p.grad
            history.append(loss.data)
        assert isinstance(model.parameters()[0], value)
        histories.append(history)
    ours, theirs = histories
    assert ours == pytest.approx(theirs, rel=1e-12)  # sums in another order: a few ulps a step
    assert ours[-1] < ours[0]
