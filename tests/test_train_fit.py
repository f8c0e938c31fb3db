"""`fit` beside a plain loop written out, option by option: the same bits."""

import gc
import threading
import tracemalloc

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, f1_score

from bookutils import Tensor, nn
from bookutils.augmentation import random_shift
from bookutils.data import batches, digits
from bookutils.losses import bce_with_logits, cross_entropy, mse_loss
from bookutils.optim import (
    SGD,
    Adam,
    CosineAnnealingLR,
    OneCycleLR,
    ReduceLROnPlateau,
    StepLR,
)
from bookutils.regularization import decay_groups, l2_penalty, soft_threshold
from bookutils.train import EarlyStopping, History, evaluate, fit


def generator(seed=0):
    return np.random.default_rng(seed)


def table(n=37, seed=3):
    """Rows of three classes, and others held out."""
    rng = generator(seed)
    X = rng.normal(size=(n + 20, 4))
    y = (X[:, :3] + 0.5 * rng.normal(size=(n + 20, 3))).argmax(axis=1)
    return X[:n], y[:n], X[n:], y[n:]


X, y, X_val, y_val = table()


def dropped(seed=0):
    """A net with dropout, whose masks come from the rng that deals the batches too."""
    rng = generator(seed)
    net = nn.Sequential(
        nn.Linear(4, 8, "tanh", rng), nn.Dropout(0.3, rng), nn.Linear(8, 3, rng=rng)
    )
    return net, rng


def plain(net, rng, optimizer, epochs=4, size=10, after_backward=None, after_step=None, end=None):
    """The loop of chapter 05; what is added to it comes as functions."""
    history = {"loss": []}
    for _ in range(epochs):
        net.train()
        total = 0.0
        for rows in batches(len(X), size, rng):
            optimizer.zero_grad()
            loss = cross_entropy(net(X[rows]), y[rows])
            loss.backward()
            if after_backward:
                after_backward()
            optimizer.step()
            if after_step:
                after_step()
            total += loss.item() * len(rows)
        history["loss"].append(total / len(X))
        if end:
            end(history)
    return history


def same(net, other):
    return all(
        np.array_equal(a, b)
        for a, b in zip(net.state_dict().values(), other.state_dict().values(), strict=True)
    )


def both(ours, theirs, **options):
    """Run fit and the plain loop from the same start; their nets and histories."""
    net, rng = dropped()
    history = fit(net, X, y, cross_entropy, ours(net), epochs=4, batch_size=10, rng=rng,
                  progress=False, **options)  # fmt: skip
    other, rng = dropped()
    return net, history, other, theirs(other, rng)


def test_the_loop_is_that_of_chapter_05():
    net, history, other, by_hand = both(
        lambda net: SGD(net.parameters(), lr=0.3),
        lambda net, rng: plain(net, rng, SGD(net.parameters(), lr=0.3)),
    )
    assert dict(history) == by_hand and same(net, other)
    net, rng = dropped()
    again = fit(net.eval(), X, y, cross_entropy, SGD(net.parameters(), lr=0.3), epochs=4,
                batch_size=10, rng=rng, progress=False)  # fmt: skip
    assert again == history and same(net, other)  # it learns in training mode, however it came
    assert isinstance(history, History) and history.epochs == 4 and history.stopped == ""
    assert not net.training and {p.grad for p in net.parameters()} == {None}


def test_what_is_measured_is_measured_so():
    def measuring(net, rng):
        def end(history):
            net.eval()
            z = net(X_val).data
            history.setdefault("val_loss", []).append(cross_entropy(z, y_val).item())
            history.setdefault("val_accuracy", []).append((z.argmax(axis=1) == y_val).mean())

        return plain(net, rng, SGD(net.parameters(), lr=0.3), end=end)

    net, history, other, by_hand = both(
        lambda net: SGD(net.parameters(), lr=0.3),
        measuring,
        validation=(X_val, y_val),
        metrics={"accuracy": accuracy_score},
    )
    assert same(net, other)
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert history["loss"] == by_hand["loss"] and history["val_accuracy"] == by_hand["val_accuracy"]
    np.testing.assert_allclose(history["val_loss"], by_hand["val_loss"], rtol=1e-15)


def test_metrics_of_training_are_of_the_answers_given_on_the_way():
    net, rng = dropped()
    said = {}
    fit(
        net, X, y, cross_entropy, SGD(net.parameters(), lr=0.3), epochs=1, rng=rng, progress=False,
        metrics={"f1": lambda t, p: said.update(t=t, p=p) or f1_score(t, p, average="macro")},
    )  # fmt: skip
    other, rng = dropped()
    labels, answers = [], []
    optimizer = SGD(other.parameters(), lr=0.3)
    for rows in batches(len(X), 32, rng):  # 32 is the default
        optimizer.zero_grad()
        z = other(X[rows])
        answers.append(z.data.argmax(axis=1))
        labels.append(y[rows])
        cross_entropy(z, y[rows]).backward()
        optimizer.step()
    assert np.array_equal(said["t"], np.concatenate(labels))
    assert np.array_equal(said["p"], np.concatenate(answers))


def test_clipping_by_length():
    lengths = []

    def clipped(net):
        def change():
            length = np.sqrt(sum((p.grad**2).sum() for p in net.parameters()))
            lengths.append(length)
            for p in net.parameters():
                p.grad *= min(1, 0.9 / (length + 1e-6))

        return change

    net, history, other, by_hand = both(
        lambda net: SGD(net.parameters(), lr=0.3),
        lambda net, rng: plain(
            net, rng, SGD(net.parameters(), lr=0.3), after_backward=clipped(net)
        ),
        clip_norm=0.9,
    )
    assert min(lengths) < 0.9 < max(lengths)  # both branches were taken
    # the sum of squares may be added up in another order
    np.testing.assert_allclose(history["loss"], by_hand["loss"], rtol=1e-13)


def test_clipping_by_value():
    def clipped(net):
        def change():
            for p in net.parameters():
                np.clip(p.grad, -0.05, 0.05, out=p.grad)

        return change

    net, history, other, by_hand = both(
        lambda net: SGD(net.parameters(), lr=0.3),
        lambda net, rng: plain(
            net, rng, SGD(net.parameters(), lr=0.3), after_backward=clipped(net)
        ),
        clip_value=0.05,
    )
    assert dict(history) == by_hand and same(net, other)


def test_both_clippings_go_value_after_length():
    net, history, other, by_hand = both(
        lambda net: SGD(net.parameters(), lr=0.3),
        lambda net, rng: fit(net, X, y, cross_entropy, SGD(net.parameters(), lr=0.3), epochs=4,
                             batch_size=10, rng=rng, progress=False, clip_norm=0.9),
        clip_norm=0.9,
        clip_value=1.0,  # above any number of a gradient of length 0.9
    )  # fmt: skip
    assert dict(history) == by_hand and same(net, other)


def test_a_penalty_is_the_weight_decay_of_the_optimizer_and_no_part_of_the_loss():
    net, history, other, by_hand = both(
        lambda net: SGD(net.parameters(), lr=0.3),
        lambda net, rng: plain(net, rng, SGD(decay_groups(net, 0.05), lr=0.3)),
        penalty=lambda net: l2_penalty(net, 0.05),
    )
    np.testing.assert_allclose(history["loss"], by_hand["loss"], rtol=1e-13)
    assert history["penalty"][-1] == pytest.approx(
        0.5 * 0.05 * sum((net[k].W.data ** 2).sum() for k in (0, 2)), rel=1e-13
    )


def test_l1_is_a_soft_threshold_after_each_step_with_the_rate_of_the_group():
    def groups(net):
        return [{"params": net[0].parameters(), "lr": 0.1}, {"params": net[2].parameters()}]

    def thresholds(net):
        def change():
            for k, lr in ((0, 0.1), (2, 0.3)):
                net[k].W.data = soft_threshold(net[k].W.data, lr * 0.2)

        return change

    net, history, other, by_hand = both(
        lambda net: SGD(groups(net), lr=0.3),
        lambda net, rng: plain(net, rng, SGD(groups(net), lr=0.3), after_step=thresholds(net)),
        l1=0.2,
    )
    assert dict(history) == by_hand and same(net, other)
    assert (net[0].W.data == 0).any()


@pytest.mark.parametrize("every", ["epoch", "step"])
def test_schedules_step_after_epochs_or_steps(every):
    rates = []

    def scheduled(net, rng):
        optimizer = SGD(net.parameters(), lr=0.3)
        schedule = StepLR(optimizer, 2, gamma=0.5)

        def after_step():
            if every == "step":
                schedule.step()

        def end(history):
            if every == "epoch":
                schedule.step()
            rates.append(optimizer.lr)

        return plain(net, rng, optimizer, after_step=after_step, end=end)

    net, rng = dropped()
    optimizer = SGD(net.parameters(), lr=0.3)
    history = fit(net, X, y, cross_entropy, optimizer, epochs=4, batch_size=10, rng=rng,
                  schedule=StepLR(optimizer, 2, gamma=0.5), schedule_every=every,
                  progress=False)  # fmt: skip
    other, rng = dropped()
    by_hand = scheduled(other, rng)
    assert history["loss"] == by_hand["loss"] and same(net, other)
    assert history["lr"] == [0.3, *rates[:-1]]  # during the epoch


def test_reduce_on_plateau_looks_at_the_rows_held_out():
    net, rng = dropped()
    optimizer = SGD(net.parameters(), lr=2.0)
    history = fit(net, X, y, cross_entropy, optimizer, epochs=12, batch_size=10, rng=rng,
                  validation=(X_val, y_val), progress=False,
                  schedule=ReduceLROnPlateau(optimizer, patience=1))  # fmt: skip
    lr, best, bad, expected = 2.0, np.inf, 0, []
    for value in history["val_loss"]:
        expected.append(lr)
        best, bad = (value, 0) if value < best * (1 - 1e-4) else (best, bad + 1)
        if bad > 1:
            lr, bad = lr * 0.1, 0
    assert history["lr"] == expected and expected[-1] < 2.0


@pytest.mark.parametrize("rows", [37, 33, 30])
def test_accumulation_is_one_large_batch(rows):
    """Also where the last batches are short: each row weighs the same."""
    ends = []
    for options in ({"batch_size": 12}, {"batch_size": 4, "accumulate": 3}):
        rng = generator()
        net = nn.MLP((4, 8, 3), "tanh", rng)
        history = fit(net, X[:rows], y[:rows], cross_entropy, Adam(net.parameters(), lr=0.01),
                      epochs=3, rng=rng, progress=False, penalty=lambda net: l2_penalty(net, 0.1),
                      **options)  # fmt: skip
        ends.append([*history["loss"], *net.layers[0].W.data.ravel()])
    # sums of other numbers of terms, and Adam divides by their size
    np.testing.assert_allclose(*ends, rtol=1e-9)


def test_augmented_rows_come_from_the_rng_of_the_loop():
    X, y, _, _ = digits(0, test=0.95)
    seen = []

    def augment(images, rng):
        seen.append(images)
        return random_shift(images.reshape(-1, 8, 8), rng).reshape(images.shape)

    rng = generator()
    net = nn.MLP((64, 10), rng=rng)
    history = fit(net, X, y, cross_entropy, SGD(net.parameters(), lr=0.3), epochs=2, rng=rng,
                  batch_size=30, augment=augment, progress=False)  # fmt: skip
    rng = generator()
    other, losses = nn.MLP((64, 10), rng=rng), []
    optimizer = SGD(other.parameters(), lr=0.3)
    for _ in range(2):
        total = 0.0
        for rows in batches(len(X), 30, rng):
            x = random_shift(X[rows].reshape(-1, 8, 8), rng).reshape(-1, 64)
            optimizer.zero_grad()
            loss = cross_entropy(other(x), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / len(X))
    assert history["loss"] == losses and same(net, other)
    assert sum(map(len, seen)) == 2 * len(X)  # validation and the trial are not augmented


def test_stopping_ends_with_the_weights_of_the_best_epoch():
    def run(epochs, **options):
        net, rng = dropped()
        history = fit(net, X, y, cross_entropy, SGD(net.parameters(), lr=1.5), epochs=epochs,
                      rng=rng, batch_size=5, validation=(X_val, y_val), progress=False,
                      **options)  # fmt: skip
        return net, history

    stopping = EarlyStopping(3)
    net, history = run(100, stopping=stopping)
    best = history.best_epoch
    assert history.epochs == best + 3 < 100
    assert history.stopped == f"stopped after epoch {best + 3}: no better val_loss in 3 epochs"
    assert history["val_loss"][best - 1] == min(history["val_loss"])
    until, _ = run(best)
    assert same(net, until)
    assert evaluate(net, X_val, y_val, cross_entropy)["loss"] == stopping.best
    again, second = run(100, stopping=stopping)  # it starts anew
    assert second == history and same(net, again)


def test_one_output_regression_and_lists():
    rng = generator(1)
    x = rng.normal(size=(40, 2))
    t = x[:, :1] - 2 * x[:, 1:]
    net = nn.MLP((2, 1), rng=rng)
    history = fit(net, x.tolist(), t.tolist(), mse_loss, SGD(net.parameters(), lr=0.1), epochs=60,
                  rng=rng, progress=False)  # fmt: skip
    assert history["loss"][-1] < 1e-6 < history["loss"][0]
    labels = (t > 0).astype(float)
    net = nn.MLP((2, 1), rng=rng)
    history = fit(net, x, labels, bce_with_logits, SGD(net.parameters(), lr=1.0), epochs=60,
                  rng=rng, progress=False, metrics={"accuracy": accuracy_score})  # fmt: skip
    assert history["accuracy"][-1] > 0.95


def test_arrays_of_pytorch():
    net, rng = dropped()
    for p in net.parameters():
        p.data = torch.tensor(p.data)
    history = fit(net, torch.tensor(X), torch.tensor(y), cross_entropy,
                  SGD(net.parameters(), lr=0.3), epochs=2, rng=rng, batch_size=10, progress=False,
                  validation=(torch.tensor(X_val), torch.tensor(y_val)),
                  metrics={"accuracy": accuracy_score})  # fmt: skip
    other, rng = dropped()
    by_hand = fit(other, X, y, cross_entropy, SGD(other.parameters(), lr=0.3), epochs=2, rng=rng,
                  batch_size=10, validation=(X_val, y_val), progress=False,
                  metrics={"accuracy": accuracy_score})  # fmt: skip
    for name, numbers in history.items():
        np.testing.assert_allclose(numbers, by_hand[name], rtol=1e-12)


def test_frozen_parameters_stay():
    net, rng = dropped()
    net[0].W.requires_grad = False
    before = net[0].W.data.copy()
    fit(net, X, y, cross_entropy, SGD(net.parameters(), lr=0.3), epochs=1, rng=rng, progress=False)
    assert np.array_equal(net[0].W.data, before)


def test_memory_stays_flat_over_many_epochs():
    """No graph, no batch, no gradient outlives its step: the history grows by its numbers."""
    used = []

    def watch(labels, said):
        if tracemalloc.is_tracing():
            used.append(tracemalloc.get_traced_memory()[0])
        return 0.0

    net, rng = dropped()
    optimizer = Adam(net.parameters(), lr=0.01)
    tracemalloc.start()
    gc.disable()  # counting references must do
    try:
        fit(net, X, y, cross_entropy, optimizer, epochs=150, rng=rng, batch_size=10, metrics={
            "watched": watch}, schedule=CosineAnnealingLR(optimizer, 150),
            stopping=EarlyStopping(150, watch="loss"), progress=False)  # fmt: skip
    finally:
        gc.enable()
        tracemalloc.stop()
    # Per epoch: three columns of 32 bytes, and some 300 while Python's stores of free tuples fill.
    # Of the four steps of an epoch the rows alone would be 1,700, a graph is 20,000 and more.
    assert used[-1] - used[20] < 130 * 700


def test_it_runs_in_a_thread_too():
    ends = []

    def work():
        net, rng = dropped()
        ends.append(fit(net, X, y, cross_entropy, SGD(net.parameters(), lr=0.3), epochs=2, rng=rng,
                        progress=False))  # fmt: skip

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ends and ends[0].epochs == 2


def test_the_bar_counts_steps_and_shows_the_last_numbers(capsys):
    net, rng = dropped()
    optimizer = SGD(net.parameters(), lr=0.3)
    history = fit(net, X, y, cross_entropy, optimizer, epochs=3, batch_size=10, rng=rng,
                  validation=(X_val, y_val), schedule=OneCycleLR(optimizer, 0.3, 12),
                  schedule_every="step", metrics={
                      "accuracy": accuracy_score,
                      "f1": lambda t, p: f1_score(t, p, average="macro"),
                  })  # fmt: skip
    shown = capsys.readouterr().err
    assert "epoch 1/3:   0%|" in shown and "epoch 3/3: 100%|" in shown and "lr" not in shown
    assert f", loss {history['loss'][-1]:.4g}, val_loss {history['val_loss'][-1]:.4g}, " in shown
    assert f", val_f1 {history['val_f1'][-1]:.4g}" in shown and "accuracy" not in shown
    fit(net, X, y, cross_entropy, optimizer, epochs=1, rng=rng, progress=False)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
    history = fit(net, X, y, cross_entropy, SGD(net.parameters(), lr=0.3), epochs=50, rng=rng,
                  stopping=EarlyStopping(1, watch="loss", min_delta=9.0))  # fmt: skip
    shown = capsys.readouterr().err
    assert history.epochs == 2 and "stopped after epoch 2: 100%|" in shown


def test_a_module_of_ones_own():
    class Pair(nn.Module):
        def __init__(self, rng):
            self.scale = Tensor(1.0, requires_grad=True)
            self.line = nn.Linear(4, 3, rng=rng)

        def forward(self, x):
            return self.line(x) * self.scale

    rng = generator()
    net = Pair(rng)
    history = fit(net, X, y, cross_entropy, SGD(net.parameters(), lr=0.3), epochs=5, rng=rng,
                  progress=False)  # fmt: skip
    assert history["loss"][-1] < history["loss"][0] and net.scale.item() != 1
