"""A look inside a net: what is measured is so, what is computed stays the same to the bit."""

import copy
import gc
import re
from functools import partial

import numpy as np
import pytest
import torch

from bookutils import Tensor, init, nn
from bookutils.engine.tensor import no_grad
from bookutils.losses import cross_entropy, mse_loss
from bookutils.optim import SGD, Adam
from bookutils.page.signals import signal_figure
from bookutils.train import Diverged, EarlyStopping, fit, inside
from bookutils.train.look import Rms


def generator(seed=0):
    return np.random.default_rng(seed)


def deep(rng):
    """Every kind of layer that matters: fused, with statistics, with two paths, drawing."""
    return nn.Sequential(
        nn.Linear(5, 8, rng=rng),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.Linear(8, 8, rng=rng),
        nn.Tanh(),  # computed with the Linear before it
        nn.Dropout(0.3, rng),
        nn.Residual(nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 8, "relu", rng)), 0.5),
        nn.MLP((8, 6, 3), "relu", rng),
    )


def rms(a):
    return float(np.sqrt((np.asarray(a) ** 2).mean()))


# ------------------------------------------------------------------------------ what is measured


def test_the_numbers_are_those_of_the_graph():
    rng = generator()
    net = nn.Sequential(
        nn.Linear(4, 6, "relu", rng),
        nn.Linear(6, 5, "tanh", rng),
        nn.Residual(nn.Linear(5, 5, "relu", rng), 0.5),
        nn.Linear(5, 2, rng=rng),
    )
    x, t = rng.normal(size=(7, 4)), rng.normal(size=(7, 2))
    h1 = net[0](x)
    h2 = net[1](h1)
    h3 = net[2].body(h2)
    h4 = h2 + h3 * 0.5
    y = net[3](h4)
    grads = mse_loss(y, t).gradients()
    optimizer = SGD(net.parameters(), lr=0.1)
    before = {name: p.data.copy() for name, p in net.named_parameters()}
    with inside(net) as look:
        mse_loss(net(x), t).backward()
        optimizer.step()
    assert look.layers == ["layers.0", "layers.1", "layers.2.body", "layers.2", "layers.3"]
    nodes = h1, h2, h3, h4, y
    np.testing.assert_allclose(look.activations, [rms(h.data) for h in nodes], rtol=1e-14)
    np.testing.assert_allclose(look.deltas, [rms(grads[h]) for h in nodes], rtol=1e-14)
    assert look.parameters == list(before)
    for name, p in net.named_parameters():
        ratio = look.updates[look.parameters.index(name)]
        if name.endswith("b"):
            assert ratio == np.inf  # from 0
        else:
            moved = np.linalg.norm(p.data - before[name]) / np.linalg.norm(before[name])
            assert ratio == pytest.approx(moved, rel=1e-13)
    assert (look.passes, look.rows, look.steps, look.origin) == (1, 7, 1, "")
    never = [(h.data <= 0).all(axis=0).mean() for h in (h1, h3)]
    assert look.dead[[0, 2]].tolist() == never
    assert np.isnan(look.dead[[1, 3, 4]]).all()  # negative numbers: nothing is dead there


def test_passes_are_pooled():
    rng = generator()
    net = nn.MLP((3, 4, 2), "relu", rng)
    optimizer = SGD(net.parameters(), lr=0.5, momentum=0.9)
    xs, ts = rng.normal(size=(3, 5, 3)), rng.normal(size=(3, 5, 2))
    outputs, grads, moved = [[], []], [[], []], []
    with inside(net) as look:
        for x, t in zip(xs, ts, strict=True):
            before = [p.data.copy() for p in net.parameters()]
            optimizer.zero_grad()
            h = net.layers[0](x)
            y = net.layers[1](h)
            loss = mse_loss(y, t)
            nodes = loss.gradients()
            for k, z in enumerate((h, y)):
                outputs[k].append(z.data)
                grads[k].append(nodes[z])
            loss.backward()
            optimizer.step()
            moved.append([(p.data - b, b) for p, b in zip(net.parameters(), before, strict=True)])
    # gradients() and backward() have each gone backward once: each δ was heard twice
    np.testing.assert_allclose(look.activations, [rms(z) for z in outputs], rtol=1e-14)
    np.testing.assert_allclose(look.deltas, [rms(g) for g in grads], rtol=1e-14)
    assert look.steps == 3 and look.passes == 3 and look.rows == 15
    for k in (0, 2):
        change, size = (np.sqrt(sum((step[k][i] ** 2).sum() for step in moved)) for i in (0, 1))
        assert look.updates[k] == pytest.approx(change / size, rel=1e-13)


def test_dead_over_all_rows_seen():
    net = nn.Linear(1, 4, "relu", init=partial(init.constant, value=1.0))
    net.b.data = np.array([0.0, -10.0, -2.5, 1.0])
    with inside(net) as look:
        net(np.array([[1.0], [2.0]]))
        assert look.dead.tolist() == [0.5]  # the second and the third
        net(np.array([[3.0]]))
        net(np.array([[-9.0]]))  # none fires
    assert look.dead.tolist() == [0.25]  # the third fires for one row
    assert look.layers == [""] and look.rows == 4
    sigmoid = nn.Linear(1, 4, "sigmoid", generator())
    with inside(sigmoid) as look:
        sigmoid(np.array([[1.0]]))
    assert look.dead.tolist() == [0.0]


def test_a_dead_layer_is_seen_and_gets_no_gradient_below():
    rng = generator()
    net = nn.MLP((3, 5, 4, 2), "relu", rng)
    net.layers[1].b.data = np.full(4, -99.0)
    with inside(net) as look:
        mse_loss(net(rng.normal(size=(6, 3))), np.ones((6, 2))).backward()
    assert look.dead[1] == 1.0 and look.activations[1] == 0.0
    assert look.deltas[0] == 0.0 and look.deltas[1] > 0


def test_without_a_backward_pass():
    net = nn.MLP((3, 4, 2), "tanh", generator())
    with inside(net) as look, no_grad():
        net(np.ones((2, 3)))
    assert np.isfinite(look.activations).all()
    assert np.isnan(look.deltas).all() and np.isnan(look.updates).all()
    assert look.updates.shape == (4,) and look.steps == 0


def test_what_has_not_moved():
    """A frozen layer counts 0 once the others have moved; restored weights are no step."""
    rng = generator()
    net = nn.MLP((3, 4, 2), "tanh", rng)
    optimizer = SGD(net.layers[1].parameters(), lr=0.1)
    first = net.state_dict()
    with inside(net) as look:
        mse_loss(net(np.ones((2, 3))), np.ones((2, 2))).backward()
        optimizer.step()
        net(np.ones((2, 3)))  # of the validation rows, say
        net.load_state_dict({name: a + 7 for name, a in first.items()})
    assert look.steps == 1
    assert look.updates[:2].tolist() == [0.0, 0.0] and 0 < look.updates[2] < 1


@pytest.mark.parametrize("weight", [1e60, 1e-60])
def test_huge_and_tiny_signals(weight):
    def layer():
        return nn.Linear(2, 2, init=partial(init.constant, value=weight))

    net = nn.Sequential(*(layer() for _ in range(5)))
    with inside(net) as look:
        net(np.ones((1, 2))).sum().backward()
    # two inputs: each layer multiplies by twice the weight; the squares would leave float64
    growth = np.log10(2 * weight) * np.arange(6)
    np.testing.assert_allclose(np.log10(look.activations), growth[1:], rtol=1e-12)
    np.testing.assert_allclose(np.log10(look.deltas), growth[4::-1], rtol=1e-12, atol=1e-12)


def test_rms_of_portions():
    a = generator().normal(size=(10, 3))
    portions = Rms()
    for part in (a[:1], a[1:7], a[7:7], a[7:]):
        portions.add(part)
    assert portions.value == pytest.approx(rms(a), rel=1e-14)
    empty = Rms()
    empty.add(np.ones((0, 3)))
    assert np.isnan(empty.value)


def test_arrays_of_pytorch():
    def build():
        return nn.MLP((3, 4, 2), "relu", generator())

    ours, theirs = build(), build()
    for p in theirs.parameters():
        p.data = torch.tensor(p.data)
    x, seen = generator(1).normal(size=(6, 3)), []
    for net, data in ((ours, x), (theirs, torch.tensor(x))):
        optimizer = SGD(net.parameters(), lr=0.1)
        with inside(net) as look:
            (net(Tensor(data)) ** 2).sum().backward()
            optimizer.step()
        seen.append(look)
    for name in ("activations", "deltas", "dead", "updates"):
        a, b = (getattr(look, name) for look in seen)
        assert type(b) is np.ndarray
        np.testing.assert_allclose(a, b, rtol=1e-12)


class Own(nn.Module):
    """A module of one's own, which computes with its layers and without."""

    def __init__(self):
        self.first, self.second = (nn.Linear(3, 3, "tanh", generator(k)) for k in (0, 1))

    def forward(self, x):
        h = self.first(x)
        for _ in range(2):
            h = self.second(h)
        return h * 2.0


def test_a_module_of_ones_own():
    net = Own()
    with inside(net) as look:
        net(np.ones((2, 3))).sum().backward()
    assert look.layers == ["first", "second", ""]
    assert np.isfinite(look.deltas).all() and look.passes == 1


def test_layers_that_hand_on_are_none():
    net = nn.Sequential(
        nn.Sequential(nn.Linear(2, 2, rng=generator())), nn.Dropout(0.5, generator())
    )
    net.eval()
    with inside(net) as look:
        net(np.ones((1, 2)))
    assert look.layers == ["layers.0.layers.0"]


def test_parts_called_one_by_one():
    net = nn.MLP((3, 4, 2), "tanh", generator())
    with inside(net) as look:
        for _ in range(2):
            net.layers[1](net.layers[0](np.ones((5, 3)))).sum().backward()
    assert look.layers == ["layers.0", "layers.1"] and (look.passes, look.rows) == (2, 10)


# -------------------------------------------------------------------- what is computed is the same


def trained(watch, optimizer=Adam, epochs=2):
    """History and state of a run, with or without a look inside."""
    rng = generator()
    net = deep(rng)
    X, y = rng.normal(size=(40, 5)), rng.integers(3, size=40)

    def run():
        return fit(net, X, y, cross_entropy, optimizer(net.parameters(), lr=0.01), epochs=epochs,
                   batch_size=16, rng=rng, progress=False, validation=(X[:9], y[:9]),
                   stopping=EarlyStopping(5))  # fmt: skip

    if not watch:
        return run(), net, None
    with inside(net) as look:
        return run(), net, look


@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_not_a_bit_is_changed(optimizer):
    (plain, net, _), (seen, other, look) = (trained(watch, optimizer) for watch in (False, True))
    assert dict(plain) == dict(seen)
    for name, array in net.state_dict().items():
        assert np.array_equal(array, other.state_dict()[name]), name
    assert look.steps == 2 * 3 and look.origin == ""
    names = "0 1 2 3 5 6.body.layers.0 6.body.layers.1 6 7.layers.0 7.layers.1"
    assert look.layers == [f"layers.{name}" for name in names.split()]
    assert np.isfinite(look.deltas).all() and (look.updates[np.isfinite(look.updates)] > 0).all()


def clean(net):
    return all("forward" not in vars(module) for _, module in net.named_modules())


def test_after_the_block_nothing_is_heard():
    net = nn.MLP((3, 4, 2), "tanh", generator())
    with inside(net) as look:
        y = net(np.ones((2, 3))).sum()
    y.backward()  # a graph from inside, used outside
    net(np.ones((9, 3)))
    assert look.passes == 1 and np.isnan(look.deltas).all() and clean(net)
    copy.deepcopy(net)


@pytest.mark.parametrize("where", ["forward", "backward", "between"])
def test_after_an_error_nothing_is_heard(where):
    net = nn.MLP((3, 4, 2), "tanh", generator())
    with pytest.raises(ValueError), inside(net) as look:
        if where == "forward":
            net(np.ones((2, 5)))
        y = net(np.ones((2, 3)))
        if where == "backward":
            y.backward()
        raise ValueError
    passes = look.passes
    net(np.ones((2, 3))).sum().backward()
    assert look.passes == passes and net.layers[0].W.grad is not None
    with inside(net) as again:
        net(np.ones((2, 3)))
    assert again.passes == 1


def test_looks_inside_one_another():
    net, other = (nn.MLP((3, 4, 2), "tanh", generator(k)) for k in (0, 1))
    x = generator().normal(size=(5, 3))
    with inside(net) as outer:
        (net(x) ** 2).sum().backward()
        with inside(net) as inner, inside(net.layers[1]) as part, inside(other) as stranger:
            (net(x) ** 2).sum().backward()
        (net(x) ** 2).sum().backward()
    assert (outer.passes, inner.passes, stranger.passes) == (3, 1, 0)
    assert part.layers == [""] and part.activations[0] == inner.activations[1]
    np.testing.assert_allclose(outer.deltas, inner.deltas, rtol=1e-15)
    assert repr(stranger) == "Look: passes 0, rows 0, steps 0\nno forward pass was inside the block"
    with pytest.raises(ValueError, match="no forward pass of the net was inside the block"):
        stranger.draw()


def test_a_copy_made_inside_is_a_net_of_its_own():
    net = nn.MLP((3, 4, 2), "tanh", generator())
    x = np.ones((2, 3))
    with inside(net) as look:
        twin = copy.deepcopy(net)
        before = twin(x).data
        net.layers[0].W.data = net.layers[0].W.data * 0
        assert np.array_equal(twin(x).data, before)
    assert look.passes == 0


def test_memory_does_not_grow_with_the_passes():
    net = nn.MLP((3, 4, 2), "tanh", generator())
    gc.collect()

    def tensors():
        gc.collect()
        return sum(type(x) is Tensor for x in gc.get_objects())

    with inside(net):
        net(np.ones((2, 3))).sum().backward()
        after_one = tensors()
        for _ in range(20):
            net(np.ones((2, 3))).sum().backward()
        assert tensors() == after_one
    assert tensors() < after_one


# -------------------------------------------------------------------------- where nan or inf began


class Root(nn.Module):
    """The square root: at 0 its derivative is infinite."""

    def forward(self, x):
        return x**0.5

    def __repr__(self):
        return "Root()"


def chain():
    return nn.Sequential(*(nn.Linear(3, 3, "relu", generator(k)) for k in range(3)))


def test_nan_forward():
    net = chain()
    net[0].b.data = np.full(3, 5.0)
    net[1].W.data = np.full((3, 3), 1e308)
    with inside(net) as look:
        net(np.ones((4, 3)))
    found = "pass 1: It began in the forward pass, in layers.1, Linear(3 -> 3, relu): its input is"
    assert look.origin.startswith(found) and "its output holds 12 inf of 12" in look.origin
    assert look.activations[1] == np.inf and np.isfinite(look.activations[0])
    assert look.origin in repr(look)


def test_nan_of_an_update():
    net = chain()
    with inside(net) as look:
        net(np.ones((4, 3)))
        net[2].W.data = np.full((3, 3), np.nan)
        net(np.ones((4, 3)))
        net(np.ones((4, 3)))
    assert look.origin.startswith("pass 2: It began in an update: layers.2.W holds 9 nan of 9")


def test_nan_in_the_rows():
    net = chain()
    with inside(net) as look:
        net(np.full((4, 3), np.nan))
    assert "on the way to layers.0, Linear(3 -> 3, relu), outside of any layer" in look.origin


def test_inf_backward_in_a_layer():
    net = nn.Sequential(
        nn.Linear(3, 3, "relu", generator()), Root(), nn.Linear(3, 2, rng=generator())
    )
    net[0].b.data = np.full(3, -99.0)
    with inside(net) as look, np.errstate(all="ignore"):
        (net(np.ones((4, 3))) ** 2).sum().backward()
    assert look.origin.startswith(
        "pass 1: It began in the backward pass, in layers.1, Root(): the upstream gradient is "
        "finite, up to "
    )
    assert "with respect to its input holds" in look.origin


def test_inf_backward_in_the_body_of_a_residual_block():
    block = nn.Residual(nn.Sequential(nn.ReLU(), Root()), 0.5)
    net = nn.Sequential(nn.Linear(3, 3, "relu", generator()), block)
    net[0].b.data = np.full(3, -99.0)
    with inside(net) as look, np.errstate(all="ignore"):
        net(np.ones((4, 3))).sum().backward()
    assert "in layers.1.body.layers.1, Root(): the upstream" in look.origin


def test_inf_backward_in_a_parameter():
    net = nn.Sequential(nn.Linear(3, 3, rng=generator()), nn.Linear(3, 2, rng=generator()))
    net[0].b.data = np.full(3, 1e200)
    with inside(net) as look, np.errstate(all="ignore"):
        (net(np.ones((4, 3))) * 1e150).sum().backward()
    assert "in layers.1, Linear(3 -> 2)" in look.origin and "its parameter W holds" in look.origin


def test_inf_backward_in_the_loss():
    net = chain()
    with inside(net) as look, np.errstate(all="ignore"):
        ((net(np.ones((4, 3))) * 0) ** 0.5).sum().backward()
    assert "It began in the backward pass, in the loss: its gradient" in look.origin


def test_a_run_that_diverges():
    """fit says the same, and its second look does not disturb the first."""
    net, X = chain(), generator(1).normal(size=(8, 3))
    with pytest.raises(Diverged) as raised, inside(net) as look:
        fit(net, X, X, mse_loss, SGD(net.parameters(), lr=1e200), epochs=5, batch_size=4,
            rng=generator(), progress=False)  # fmt: skip
    where = re.search(r"It began in .*?[:,]", look.origin).group()
    assert where in str(raised.value)


# ----------------------------------------------------------------------------------------- shown


def test_it_is_printed():
    _, _, look = trained(True)
    lines = repr(look).splitlines()
    assert lines[0].startswith("Look: passes ") and lines[0].endswith("steps 6")
    assert re.fullmatch(r"  layer +rms of output +rms of gradient +dead", lines[1])
    assert re.match(r"  layers\.3 +Linear\(8 -> 8\) and tanh +0\.\d+ +0\.0\d+$", lines[5])
    assert any(re.match(r"  layers\.1\.gamma +\d", line) for line in lines)


def test_the_figure(tmp_path, capsys):
    _, _, look = trained(True)
    look.draw(tmp_path / "look.png")
    assert (tmp_path / "look.png").read_bytes()[:4] == b"\x89PNG"
    look.draw()
    said = capsys.readouterr().out
    assert "rms of outputs from" in said and "updates of" in said and "over 6 steps" in said


def test_the_figure_takes_arrays_alone():
    names = [str(k) for k in range(4)]
    fig = signal_figure(names, [1, 2, np.inf, 0], [np.nan] * 4)
    (ax,) = fig.axes
    output, delta = ax.lines
    assert output.get_ydata()[:2].tolist() == [1, 2] and np.isnan(output.get_ydata()[2:]).all()
    assert np.isnan(delta.get_ydata()).all() and ax.get_yscale() == "log"
    fig = signal_figure(names, [1] * 4, [1] * 4, [0, np.nan, 0.5, 0], ["a", "b"], [1e-3, np.inf])
    signals, dead, updates = fig.axes
    assert [bar.get_height() for bar in dead.patches][2] == 0.5
    assert updates.lines[0].get_ydata()[0] == 1e-3 and np.isnan(updates.lines[0].get_ydata()[1])
    assert [text.get_text() for text in updates.get_xticklabels()] == ["a", "b"]
    many = signal_figure([str(k) for k in range(60)], np.ones(60), np.ones(60))
    assert len(many.axes[0].get_xticklabels()) < 20


def test_names_that_are_not_there():
    net = nn.Linear(2, 2, rng=generator())
    with pytest.raises(
        AttributeError, match="it is a block, `with inside.net. as look:`, and what"
    ):
        inside(net).activations  # noqa: B018
    with inside(net) as look:
        net(np.ones((1, 2)))
    with pytest.raises(AttributeError, match="Look has no gradients: deltas are the rms of"):
        look.gradients  # noqa: B018
    copy.copy(look)


def test_a_block_entered_again_is_a_new_one():
    net = nn.Linear(2, 2, rng=generator())
    block = inside(net)
    with block as first:
        net(np.ones((3, 2)))
        with block as inner:
            net(np.ones((1, 2)))
    assert (first.rows, inner.rows) == (4, 1)


@pytest.mark.parametrize("thing", [None, 3, lambda x: x, nn.ReLU])
def test_it_looks_into_modules(thing):
    with pytest.raises(TypeError, match="inside looks into a Module of bookutils.nn, not"):
        with inside(thing):
            pass
