"""Early stopping beside a plain recipe, and the weights that it brings back."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookutils import nn
from bookutils.train import EarlyStopping


def small_net():
    return nn.Linear(2, 1, rng=np.random.default_rng(0))


def recipe(values, patience):
    """(epochs made, epoch of the best), counted from 1: written out."""
    best, since = 0, 0
    for epoch in range(1, len(values)):
        if values[epoch] < values[best]:
            best, since = epoch, 0
        else:
            since += 1
            if since == patience:
                return epoch + 1, best + 1
    return len(values), best + 1


@given(
    values=st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5]), min_size=1, max_size=25),
    patience=st.integers(1, 5),
)
def test_it_stops_where_the_recipe_does_and_restores_the_best(values, patience):
    net, stopping = small_net(), EarlyStopping(patience)
    kept = []
    for made, value in enumerate(values, 1):
        net.W.data = np.full((2, 1), float(made))  # the weights of this epoch
        kept.append(net.state_dict())
        stop = stopping.update(value, net)
        assert stop == stopping.exhausted
        if stop:
            break
    assert (made, stopping.best_epoch) == recipe(values, patience)
    assert stopping.best == min(values[:made])
    assert stopping.restore(net) is net
    assert np.array_equal(net.W.data, kept[stopping.best_epoch - 1]["W"])


def test_larger_may_be_better_and_a_little_may_be_too_little():
    net = small_net()
    larger = EarlyStopping(2, larger_is_better=True)
    assert [larger.update(x, net) for x in (0.5, 0.6, 0.55, 0.6)] == [False, False, False, True]
    assert larger.best_epoch == 2
    careful = EarlyStopping(3, min_delta=0.125)
    for value in (1.0, 0.9, 0.875, 0.86):  # 0.875 is better by 0.125 and not by more
        careful.update(value, net)
    assert careful.best_epoch == 4 and careful.waited == 0


def test_nan_is_never_the_best():
    net, stopping = small_net(), EarlyStopping(3)
    for value in (np.nan, 2.0, np.nan, 3.0):
        assert not stopping.update(value, net)
    assert stopping.best_epoch == 2 and stopping.update(np.nan, net)
    hopeless = EarlyStopping(2)
    hopeless.update(np.nan, net)
    with pytest.raises(RuntimeError, match="no best weights: no epoch had a value"):
        hopeless.restore(net)


def test_its_state_goes_on_elsewhere():
    net, first, second = small_net(), EarlyStopping(3), EarlyStopping(3)
    for value in (3.0, 1.0, 2.0):
        first.update(value, net)
    assert second.load_state_dict(first.state_dict()) is second
    assert [second.update(2.0, net), second.update(2.0, net)] == [False, True]
    assert (second.best, second.best_epoch, first.waited) == (1.0, 2, 1)
    second.reset()
    assert second.state_dict() == EarlyStopping(3).state_dict()


def test_repr():
    stopping = EarlyStopping(4, watch="val_accuracy", larger_is_better=True)
    assert repr(stopping) == "EarlyStopping(patience=4, watch='val_accuracy')"
    stopping.update(0.98765, small_net())
    assert repr(stopping).endswith("best 0.9877 in epoch 1)")


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: EarlyStopping(0), ValueError, "patience is a number of epochs, at least 1, not 0"),
        (lambda: EarlyStopping(2.5), ValueError, "at least 1, not 2.5"),
        (lambda: EarlyStopping(2, min_delta=-1), ValueError, "min_delta is a finite number, 0 or"),
        (lambda: EarlyStopping(2, monitor="loss"), TypeError, "takes no monitor: write EarlyStop"),
        (lambda: EarlyStopping(2).update("0.3", small_net()), TypeError, "numbers, not '0.3'"),
        (
            lambda: EarlyStopping(2).update(small_net()(np.ones((1, 2))), small_net()),
            TypeError,
            "of a Tensor give item()",
        ),
    ],
)
def test_what_is_refused(call, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        call()
