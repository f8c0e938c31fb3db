"""Ctrl-C in the middle of training keeps what was learned, and tears no step apart."""

import signal
import threading

import numpy as np
import pytest

from bookutils import nn
from bookutils.losses import mse_loss
from bookutils.optim import SGD
from bookutils.train import EarlyStopping, fit
from bookutils.train.interruption import interruption

pytestmark = pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals reach main alone"
)
X = np.random.default_rng(1).normal(size=(12, 3))
t = np.random.default_rng(2).normal(size=(12, 1))


@pytest.fixture(autouse=True)
def handler():
    """Python's own handler before and after."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def run(epochs=5, at=(), every=lambda: None, **options):
    """Train; Ctrl-C while the loss is computed for the steps `at`, counted from 1."""
    rng, calls = np.random.default_rng(0), [0]
    net = nn.MLP((3, 4, 1), "tanh", rng)

    def loss(y, t):
        if net.training:
            calls[0] += 1
            if calls[0] in at:
                signal.raise_signal(signal.SIGINT)
        return mse_loss(y, t)

    history = fit(net, X, t, loss, SGD(net.parameters(), lr=0.1), epochs=epochs, batch_size=4,
                  rng=rng, progress=False, **options)  # fmt: skip
    return net, history


def weights(net):
    return [p.data.copy() for p in net.parameters()]


def plain_weights(steps):
    """The weights after so many steps of the plain loop."""
    from bookutils.data import batches

    rng = np.random.default_rng(0)
    net = nn.MLP((3, 4, 1), "tanh", rng)
    optimizer = SGD(net.parameters(), lr=0.1)
    while True:
        for rows in batches(12, 4, rng):
            optimizer.zero_grad()
            mse_loss(net(X[rows]), t[rows]).backward()
            optimizer.step()
            steps -= 1
            if not steps:
                return weights(net)


def test_in_an_epoch():
    net, history = run(at=[8])  # the second of three steps of the third epoch
    _, whole = run()
    assert history.stopped == "interrupted in epoch 3, after 2 of its 3 steps"
    assert history["loss"] == whole["loss"][:2] and not net.training
    assert all(map(np.array_equal, weights(net), plain_weights(8)))  # the step was finished
    assert repr(history).startswith("History: 2 epochs; interrupted in epoch 3, after 2 of its 3")


def test_in_the_last_step_of_an_epoch():
    net, history = run(at=[6])
    assert history.stopped == "interrupted after epoch 2" and history.epochs == 2
    assert all(map(np.array_equal, weights(net), plain_weights(6)))


def test_in_the_last_step_of_all():
    _, history = run(epochs=2, at=[6])
    assert history.epochs == 2


def test_the_best_weights_are_restored_all_the_same():
    stopping = EarlyStopping(50, watch="loss", larger_is_better=True)
    net, history = run(at=[8], stopping=stopping)
    assert history.best_epoch == 1
    assert all(map(np.array_equal, weights(net), plain_weights(3)))


def test_the_second_one_raises():
    calls = []

    def twice(y, t):
        calls.append(1)
        if len(calls) == 5:  # the trial, and four steps
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        return mse_loss(y, t)

    rng = np.random.default_rng(0)
    net = nn.MLP((3, 4, 1), "tanh", rng)
    with pytest.raises(KeyboardInterrupt):
        fit(net, X, t, twice, SGD(net.parameters(), lr=0.1), epochs=5, batch_size=4, rng=rng,
            progress=False)  # fmt: skip
    assert all(map(np.array_equal, weights(net), plain_weights(3))) and not net.training


def test_a_program_that_ignores_interrupts_goes_on_to_ignore_them():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, history = run(at=[4])
    assert history.epochs == 5 and history.stopped == ""
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_an_error_gives_the_handler_back():
    with pytest.raises(ZeroDivisionError), interruption():
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        1 / 0  # noqa: B018


def test_in_another_thread_no_handler_is_set():
    seen = []

    def work():
        with interruption() as flag:
            seen.append((signal.getsignal(signal.SIGINT), flag.is_set()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(signal.default_int_handler, False)]
