"""What cannot be recorded, and replays that do not fit: one sentence, and nothing is changed."""

import copy
import time

import numpy as np
import pytest
import torch

from bookutils import Tensor, no_grad
from bookutils.losses import bce_loss, cross_entropy, mse_loss
from bookutils.nn import MLP, BatchNorm1d, Dropout, Linear, Module, Sequential
from bookutils.optim import SGD, Adam, ReduceLROnPlateau, clip_grad_norm
from bookutils.trace import ReplayError, record

factor = 1.0


class Setting:
    """A net, what trains it, and a step that ends in `more`."""

    def __init__(self, more=None, optimizer=SGD, classes=False):
        rng = np.random.default_rng(0)
        self.drop, self.norm = Dropout(0.2, rng), BatchNorm1d(4)
        self.net = Sequential(
            Linear(3, 4, "relu", rng), self.norm, self.drop, Linear(4, 2, rng=rng)
        )
        self.optimizer = optimizer(self.net.parameters(), lr=0.1)
        self.x = rng.normal(size=(6, 3))
        self.t = rng.integers(2, size=6) if classes else rng.normal(size=(6, 2))
        self.loss_of, self.more = cross_entropy if classes else mse_loss, more
        self.plateau = ReduceLROnPlateau(self.optimizer)
        for p in self.net.parameters():
            p.grad = np.ones(p.shape)

    def step(self, x, t):
        self.optimizer.zero_grad()
        loss = self.loss_of(self.net(x) * factor, t)
        loss.backward()
        if self.more is not None:
            self.more(self, loss)
        self.optimizer.step()
        return loss

    def state(self):
        return copy.deepcopy(
            (
                self.net.state_dict(),
                self.optimizer.state_dict(),
                [p.grad for p in self.net.parameters()],
                self.drop.rng.bit_generator.state,
                self.drop.drawn,
            )
        )


def refused(words, f, *inputs):
    with pytest.raises(ReplayError, match=words) as caught:
        f(*inputs)
    text = str(caught.value)
    assert "\n" not in text and len(text) < 300
    return text


RECORDINGS = {
    "float": ("takes a number out", lambda s, loss: float(loss)),
    "item": ("takes a number out", lambda s, loss: loss.item()),
    "print": ("takes a number out", lambda s, loss: repr(loss)),
    "list": ("takes a number out", lambda s, loss: s.net.layers[0].W.grad.tolist()),
    "array": ("takes a number out", lambda s, loss: np.asarray(loss.data)),
    "clipped": ("returns is known at a replay", lambda s, loss: norm_of(s) > 1),
    "mask": ("index of booleans", lambda s, loss: s.x_of(loss)[s.x_of(loss) > 0]),
    "nonzero": ("np.nonzero", lambda s, loss: np.nonzero(loss.data)),
    "linalg": ("np.norm", lambda s, loss: np.linalg.norm(s.net.layers[0].W.grad)),
    "noise": ("generator", lambda s, loss: loss + s.drop.rng.normal(size=())[None]),
    "counter": ("another each time", lambda s, loss: loss * time.perf_counter()),
    "attribute": ("changes Dropout.p", lambda s, loss: setattr(s.drop, "p", 0.9)),
    "append": ("changes a list", lambda s, loss: kept.append(loss)),
    "global": ("changes steps", lambda s, loss: count()),
    "object": ("changes Setting.t", lambda s, loss: setattr(s, "t", None)),
    "closure": ("closure", lambda s, loss: s.optimizer.step(lambda: loss)),
    "plateau": ("takes a number out", lambda s, loss: s.plateau.step(loss)),
    "made": ("make it once", lambda s, loss: (Tensor([2.0], requires_grad=True) * 3).backward()),
    "in place": ("changed in place", lambda s, loss: np.add(s.t, loss.data, out=s.t)),
    "given": ("given to the step", lambda s, loss: s.entered.__iadd__(1.0)),
}


kept, steps = [], 0


def count():
    global steps
    steps += 1


def norm_of(setting):
    return clip_grad_norm(setting.net.parameters(), 1.0)


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_step_that_cannot_be_recorded_is_left_as_it_was(name):
    words, more = RECORDINGS[name]
    setting = Setting(more)
    setting.x_of = lambda loss: setting.net.layers[0].W.grad

    def step(x, t):
        setting.entered = x
        return setting.step(x, t)

    rng_moves = name == "noise"
    before = setting.state()
    refused(words, record, step, setting.x, setting.t)
    after = setting.state()
    if rng_moves:  # a generator that no one has told of draws while the step is recorded
        before, after = before[:3], after[:3]
    assert repr(after) == repr(before)
    assert kept == [] and steps == 0 and setting.t is not None
    setting.more = None
    setting.step(setting.x, setting.t)  # and it trains as ever


def test_an_error_in_the_step_leaves_it_as_it_was():
    setting = Setting(lambda s, loss: 1 / 0)
    before = setting.state()
    with pytest.raises(ZeroDivisionError):
        record(setting.step, setting.x, setting.t)
    assert repr(setting.state()) == repr(before)
    assert all(type(p.data) is np.ndarray for p in setting.net.parameters())


def test_arrays_of_other_libraries_have_their_own_compilers():
    net = MLP((3, 2), rng=np.random.default_rng(0))
    x = torch.zeros(4, 3, dtype=torch.float64)
    refused("only NumPy arrays .* an array of torch", record, lambda x: net(x), x)
    refused("torch", record, lambda x: net(x), Tensor(x))
    for p in net.parameters():
        p.data = torch.tensor(p.data)
    refused("torch", record, lambda x: net(x), np.zeros((4, 3)))
    with pytest.raises(TypeError, match="takes a function"):
        record(net(Tensor(x)), x)


# --- replays that do not fit ----------------------------------------------------------------------

REPLAYS = {
    "shape": (r"input 0 has shape \(5, 3\)", lambda s: s.fast(s.x[:5], s.t)),
    "dtype": ("input 0 is float32", lambda s: s.fast(s.x.astype("float32"), s.t)),
    "library": ("no NumPy array but a Tensor", lambda s: s.fast(torch.tensor(s.x), s.t)),
    "list": ("no NumPy array but a list", lambda s: s.fast(s.x.tolist(), s.t)),
    "number": ("1 inputs arrived", lambda s: s.fast(s.x)),
    "eval": ("evaluation mode", lambda s: (s.net.eval(), s.fast(s.x, s.t))),
    "one layer": ("evaluation mode", lambda s: (s.drop.eval(), s.fast(s.x, s.t))),
    "name": ("the name factor stands for", lambda s: (s.rename(), s.fast(s.x, s.t))),
    "rate": ("attribute of Dropout", lambda s: (setattr(s.drop, "p", 0.75), s.fast(s.x, s.t))),
    "layer": ("holds other things", lambda s: (s.net.layers.append(abs), s.fast(s.x, s.t))),
    "swapped": ("holds other things", lambda s: (s.swap(), s.fast(s.x, s.t))),
    "activation": ("attribute of Linear", lambda s: (s.activate(), s.fast(s.x, s.t))),
    "array": ("another array", lambda s: (s.replace(), s.fast(s.x, s.t))),
    "parameter": ("attribute of Linear", lambda s: (s.renew(), s.fast(s.x, s.t))),
}


class Recorded(Setting):
    def __init__(self, **settings):
        super().__init__(**settings)
        self.fast = record(self.step, self.x, self.t)
        self.fast(self.x, self.t)

    def rename(self):
        global factor
        factor += 1.0

    def swap(self):
        self.net.layers[0] = Linear(3, 4, "relu", np.random.default_rng(1))

    def activate(self):
        self.net.layers[0].activation = "tanh"

    def replace(self):
        p = self.net.layers[0].W
        p.data = p.data.copy()

    def renew(self):
        self.net.layers[0].W = Tensor(self.net.layers[0].W.data, requires_grad=True)


@pytest.mark.parametrize("name", REPLAYS)
@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_a_replay_that_does_not_fit_changes_nothing(name, optimizer):
    words, call = REPLAYS[name]
    setting = Recorded(optimizer=optimizer)
    states = [setting.state()]
    fast, setting.fast = (
        setting.fast,
        lambda *inputs: (states.append(setting.state()), fast(*inputs)),
    )
    assert "record the step again" in refused(words, call, setting)
    assert repr(setting.state()) == repr(states[-1])


def test_another_branch_is_refused_and_says_where():
    rng = np.random.default_rng(0)
    w = Tensor(2.0, requires_grad=True)
    drop = Dropout(0.5, rng)
    sgd = SGD([w], lr=0.1)

    def step(x):
        sgd.zero_grad()
        y = drop(x) * w
        if x.data.sum() > 0:
            loss = (y * y).sum()
        else:
            loss = (-3 * y).sum()
        loss.backward()
        sgd.step()
        return loss

    fast = record(step, Tensor([1.0, 2.0]))
    fast(Tensor([3.0, 4.0]))
    before = w.data.copy(), w.grad.copy(), rng.bit_generator.state
    text = refused("has another answer than the True", fast, Tensor([-3.0, -4.0]))
    assert "if x.data.sum() > 0:" in text
    assert before == (w.data, w.grad, rng.bit_generator.state)

    def doubting(x):
        y = drop(x)
        if y.sum() > 100.0:
            raise ValueError
        return y * w

    fast = record(doubting, Tensor(np.ones(30)))
    numbers = rng.bit_generator.state
    refused("than the False", fast, Tensor(np.full(30, 1e3)))
    assert rng.bit_generator.state == numbers  # drawn for the question, and put back


def test_a_question_after_the_update_comes_too_late():
    w = Tensor(2.0, requires_grad=True)
    sgd = SGD([w], lr=0.1)

    def step(x):
        sgd.zero_grad()
        (w * x).backward()
        sgd.step()
        if w > 1.0:
            return w * 2

    refused("ask before", record, step, Tensor(3.0))


def test_what_the_losses_check_is_checked_at_every_replay():
    setting = Recorded(classes=True)
    before = setting.state()
    for wrong in (2, -1):
        refused("record the step again", setting.fast, setting.x, np.full(6, wrong))
    assert repr(setting.state()) == repr(before)
    p = Tensor(np.full(3, 0.5), requires_grad=True)
    fast = record(lambda p, t: bce_loss(p, t), p, np.ones(3))
    assert fast(p, np.zeros(3)).item() == pytest.approx(np.log(2), rel=1e-15)
    refused("record the step again", fast, p, np.full(3, 1.5))


def test_old_memory_is_not_read_after_an_update():
    w = Tensor(np.ones(3), requires_grad=True)
    sgd = SGD([w], lr=0.1)

    def step(x, copied):
        before = w.data.copy() if copied else w.data
        sgd.zero_grad()
        (w * x).sum().backward()
        sgd.step()
        return before - w.data

    x = Tensor([1.0, 2.0, 3.0])
    refused("changed since", record, step, x, False)
    assert record(step, x, True)(x, True) == pytest.approx([0.1, 0.2, 0.3], rel=1e-12)


def test_an_array_left_over_says_so():
    class Slot:
        __slots__ = ("x",)  # which nobody looks into

    slot = Slot()

    def step(x):
        slot.x = x
        return x * 2

    record(step, np.ones(3))
    refused("left over", lambda: slot.x + 1)
    refused("left over", slot.x.item)
    refused("left over", record, lambda x: x + slot.x, np.ones(3))


def test_python_s_own_values_do_not_change_in_a_replay():
    class Counting(Module):
        calls = 0

        def forward(self, x):
            self.calls += 1
            return x

    refused("Counting.calls", record, Counting(), np.ones(3))
    w = Tensor(np.ones(2), requires_grad=True)
    with no_grad():
        assert record(lambda x: w * x, np.ones(2))(np.full(2, 3.0)).data.tolist() == [3.0, 3.0]
