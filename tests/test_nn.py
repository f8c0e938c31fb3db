"""Modules of Tensors: what they hold, what they compute, how they are kept."""

import copy
import os
import re
import subprocess
import sys
import textwrap
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tried import tried

from bookutils import init, nn
from bookutils.engine.tensor import Tensor, cross_entropy, linear, no_grad
from bookutils.nn import layers
from bookutils.optim import SGD

TORCH = {
    "relu": torch.nn.ReLU,
    "leaky_relu": torch.nn.LeakyReLU,
    "gelu": torch.nn.GELU,
    "sigmoid": torch.nn.Sigmoid,
    "softplus": torch.nn.Softplus,
    "tanh": torch.nn.Tanh,
    None: torch.nn.Identity,
}


def mlp(widths, activation="relu", seed=0, **kwargs):
    """A net whose biases are not 0 either."""
    rng = np.random.default_rng(seed)
    net = nn.MLP(widths, activation, rng=rng, **kwargs)
    for p in net.parameters():
        if p.ndim == 1:
            p.data = rng.normal(0, 0.3, p.shape).astype(p.dtype)
    return net


def as_torch(net):
    """The same net of torch.nn, with the same weights."""
    layers = []
    for layer in net.layers:
        d_in, d_out = layer.W.shape
        theirs = torch.nn.Linear(d_in, d_out, bias=layer.b is not None, dtype=torch.float64)
        theirs.weight.data = torch.tensor(layer.W.data.T.copy())  # PyTorch keeps W transposed
        if layer.b is not None:
            theirs.bias.data = torch.tensor(layer.b.data)
        layers += [theirs, TORCH[layer.activation]()]
    return torch.nn.Sequential(*layers)


def distance(a, b):
    """|a - b| relative to |b|, both taken as vectors."""
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape
    size = np.linalg.norm(b.astype(float))
    return float(np.linalg.norm((a - b).astype(float)) / size) if size else float(a.any())


def both_ways(net, x, G):
    """Output, gradient of x and gradients of all parameters, ours and PyTorch's."""
    X = Tensor(x, requires_grad=True)
    y = net(X)
    y.backward(G)
    theirs, tx = as_torch(net), torch.tensor(x, requires_grad=True)
    ty = theirs(tx)
    ty.backward(torch.tensor(G))
    grads = [p.grad.T if p.ndim == 2 else p.grad for p in theirs.parameters()]
    return (
        [y.data, X.grad, *(p.grad for p in net.parameters())],
        [t.numpy() for t in (ty.detach(), tx.grad, *grads)],
    )


# ------------------------------------------------------------------- the same nets as torch.nn's


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("depth", range(1, 21))
def test_nets_agree_with_pytorch(depth, activation):
    rng = np.random.default_rng(depth)
    widths = [int(n) for n in rng.integers(24, 97, size=depth + 1)]
    x, G = rng.normal(size=(17, widths[0])), rng.normal(size=(17, widths[-1]))
    ours, theirs = both_ways(mlp(widths, activation, seed=depth), x, G)
    # Each layer rounds its sums of some 60 terms, in an order of its own: about 2e-16 a layer.
    assert max(map(distance, ours, theirs)) < 3e-15


@tried()
@given(
    widths=st.lists(st.integers(1, 9), min_size=2, max_size=5),
    activation=st.sampled_from(list(TORCH)),
    bias=st.booleans(),
    rows=st.sampled_from([(), (1,), (4,), (2, 3)]),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_net_agrees_with_pytorch(widths, activation, bias, rows, seed):
    rng = np.random.default_rng(seed)
    net = mlp(widths, activation, seed, bias=bias)
    ours, theirs = both_ways(
        net, rng.normal(size=(*rows, widths[0])), rng.normal(size=(*rows, widths[-1]))
    )
    for a, b in zip(ours, theirs, strict=True):
        # Sums of few terms of either sign cancel: compared with the sizes that went in, of order
        # 1 to 100, not with what is left.
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


def exactly(net, x, G):
    """As both_ways, for a tanh net, in the longest floats that the machine has."""
    W = [layer.W.data.astype(np.longdouble) for layer in net.layers]
    b = [layer.b.data.astype(np.longdouble) for layer in net.layers]
    h, last = [x.astype(np.longdouble)], len(W) - 1
    for k in range(last + 1):
        z = h[k] @ W[k] + b[k]
        h.append(np.tanh(z) if k < last else z)
    delta, grads = G.astype(np.longdouble), []
    for k in reversed(range(last + 1)):
        if k < last:
            delta = delta * (1 - h[k + 1] ** 2)
        grads = [h[k].T @ delta, delta.sum(0), *grads]
        delta = delta @ W[k].T
    return [h[-1], delta, *grads]


@pytest.mark.parametrize("seed", range(5))
def test_narrow_and_deep_no_further_from_the_truth_than_pytorch(seed):
    rng = np.random.default_rng(seed)
    widths = [int(n) for n in rng.integers(3, 40, size=21)]
    net = mlp(widths, "tanh", seed)
    x, G = rng.normal(size=(17, widths[0])), rng.normal(size=(17, widths[-1]))
    ours, theirs = both_ways(net, x, G)
    truth = exactly(net, x, G)
    # A layer of 3 neurons loses bits by cancelling, whoever computes it: 7e-15 at most was seen,
    # of PyTorch as of the engine.
    far, also_far = max(map(distance, ours, truth)), max(map(distance, theirs, truth))
    assert far < 2 * also_far + 1e-15 and far < 2e-14


def test_fifty_steps_of_training_stay_beside_pytorch():
    rng = np.random.default_rng(3)
    x, labels = rng.normal(size=(60, 5)), rng.integers(0, 3, 60)
    net = mlp([5, 16, 12, 3], "tanh", 3)
    theirs = as_torch(net)
    descent = torch.optim.SGD(theirs.parameters(), lr=0.3)
    losses = []
    for _ in range(50):
        net.zero_grad()
        loss = cross_entropy(net(x), labels)
        loss.backward()
        for p in net.parameters():
            p.data -= 0.3 * p.grad
        descent.zero_grad()
        their_loss = torch.nn.functional.cross_entropy(
            theirs(torch.tensor(x)), torch.tensor(labels)
        )
        their_loss.backward()
        descent.step()
        losses.append(loss.item())
        assert loss.item() == pytest.approx(their_loss.item(), rel=1e-14)
    assert losses[-1] < 0.6 * losses[0]
    for p, q in zip(net.parameters(), theirs.parameters(), strict=True):
        # 50 steps of a few roundings each, on a smooth loss: 3e-16 was seen
        assert distance(p.data, q.detach().numpy().T) < 1e-14


# ---------------------------------------------------------------------------------------- layers


def test_linear_is_xW_plus_b():
    layer = nn.Linear(3, 5, rng=np.random.default_rng(0))
    layer.b.data = np.arange(5.0)
    x = np.random.default_rng(1).normal(size=(4, 3))
    assert layer.W.shape == (3, 5) and layer.b.shape == (5,)
    assert np.array_equal(layer(x).data, x @ layer.W.data + layer.b.data)
    assert layer(x[0]).shape == (5,) and layer(x.reshape(2, 2, 3)).shape == (2, 2, 5)
    assert np.array_equal(layer(Tensor(x)).data, layer(x).data)
    assert nn.Linear(3, 5, bias=False, rng=np.random.default_rng(0)).b is None


@pytest.mark.parametrize(
    ("activation", "drawn"),
    [
        (None, init.xavier_uniform),
        ("tanh", init.xavier_uniform),
        ("relu", init.he_uniform),
        ("leaky_relu", init.he_uniform),
    ],
)
def test_linear_starts_from_a_scheme_that_fits(activation, drawn):
    layer = nn.Linear(30, 20, activation=activation, rng=np.random.default_rng(4))
    assert np.array_equal(layer.W.data, drawn(30, 20, rng=np.random.default_rng(4)))
    assert layer.b.data.tolist() == [0.0] * 20


def test_init_is_any_function_of_the_widths():
    rng = np.random.default_rng(0)
    net = nn.MLP([4, 3, 2], rng=rng, init=init.lecun_normal)
    again = np.random.default_rng(0)
    for layer, shape in zip(net.layers, [(4, 3), (3, 2)], strict=True):
        assert np.array_equal(layer.W.data, init.lecun_normal(*shape, rng=again))
    ones = nn.Linear(4, 3, init=lambda i, o, rng: np.full((i, o), 0.5))
    assert ones.W.data.tolist() == [[0.5] * 3] * 4


@pytest.mark.parametrize("name", sorted(nn.ACTIVATIONS))
def test_an_activation_is_a_name_a_method_or_a_layer(name):
    layer = nn.ACTIVATIONS[name]
    x = np.random.default_rng(1).normal(size=(5, 2))
    y = nn.MLP((2, 4, 3), name, rng()).layers
    ways = [getattr(Tensor, name), layer, *([layer()] if layer in layers.FUSED else [])]
    for activation in ways:
        net = nn.MLP((2, 4, 3), activation, rng())
        assert [x.activation for x in net.layers] == [name, None] == [x.activation for x in y]
        assert np.array_equal(net(x).data, nn.MLP((2, 4, 3), name, rng=rng())(x).data)
        assert nn.Linear(2, 3, activation, rng()).activation == name


def test_the_call_that_chapter_05_teaches_for_its_own_class():
    for activation in ("tanh", Tensor.tanh):
        net = nn.MLP((2, 3, 1), activation, np.random.default_rng(0))
        assert [p.shape for p in net.parameters()] == [(2, 3), (3,), (3, 1), (1,)]
    drawn = np.random.default_rng(0)
    for layer, shape in zip(net.layers, [(2, 3), (3, 1)], strict=True):
        bound = np.sqrt(6 / sum(shape))  # Glorot's, as in the chapter
        assert np.array_equal(layer.W.data, drawn.uniform(-bound, bound, shape))


def test_the_names_of_pytorch_are_explained_and_cannot_be_assigned():
    layer = nn.Linear(2, 3, rng=rng())
    with pytest.raises(AttributeError, match=r"W \(d_in, d_out\), .*weight is W transposed"):
        layer.weight  # noqa: B018
    with pytest.raises(AttributeError, match=r"W \(d_in, d_out\)"):
        layer.weight = Tensor(np.ones((3, 2)))
    with pytest.raises(AttributeError, match=r"it is b \(d_out,\), or None"):
        layer.bias  # noqa: B018
    assert not hasattr(layer, "weight") and list(layer.state_dict()) == ["W", "b"]
    with pytest.raises(AttributeError, match=r"W.shape is \(d_in, d_out\)"):
        layer.in_features  # noqa: B018
    with pytest.raises(AttributeError, match="'Linear' object has no attribute 'wieght'"):
        layer.wieght  # noqa: B018
    with pytest.raises(AttributeError, match=r"MLP has no modules: named_modules\(\) lists"):
        mlp([2, 1]).modules()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("fit", r"bookutils.train.fit\(net, X, y, loss, optimizer, …\) trains it"),
        ("predict", r"bookutils.train.predict\(net, X\) computes the outputs of all rows"),
        ("weights", r"parameters\(\) lists them"),
        ("cuda", r"Tensors stay where their arrays are; for a GPU assign p.data = torch.tensor"),
        ("append", r"its list has it: net.layers.append\(layer\)"),
        ("register_buffer", r"assign it: self.name = Tensor\(…\)"),
    ],
)
def test_methods_of_other_libraries_are_answered(name, sentence):
    with pytest.raises(AttributeError, match=f"MLP has no {name}: {sentence}"):
        getattr(mlp([2, 1]), name)


def test_an_error_inside_a_property_is_not_hidden():
    class Net(nn.Module):
        @property
        def width(self):
            return self.hidden.size

    with pytest.raises(AttributeError, match="no attribute 'hidden'"):
        Net().width  # noqa: B018


def test_flatten_makes_a_row_of_each_example():
    x = np.random.default_rng(0).normal(size=(5, 3, 2, 4))
    X = Tensor(x, requires_grad=True)
    y = nn.Flatten()(X)
    y.backward(G := np.random.default_rng(1).normal(size=(5, 24)))
    assert np.array_equal(y.data, torch.nn.Flatten()(torch.tensor(x)).numpy())
    assert np.array_equal(X.grad, G.reshape(x.shape))
    assert nn.Flatten()(Tensor(np.ones((0, 3, 2)))).shape == (0, 6)
    net = nn.Sequential(nn.Flatten(), nn.Linear(24, 2, rng=rng()))
    assert net(x).shape == (5, 2) and "layers.0  Flatten()" in repr(net)


def test_float32():
    net = mlp([3, 4, 2], dtype="float32")
    y = net(np.ones((5, 3), np.float32))
    y.sum().backward()
    assert {y.dtype, *(p.grad.dtype for p in net.parameters())} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("layer", "theirs"),
    [
        (nn.ReLU(), torch.nn.ReLU()),
        (nn.LeakyReLU(), torch.nn.LeakyReLU()),
        (nn.LeakyReLU(0.3), torch.nn.LeakyReLU(0.3)),
        (nn.GELU(), torch.nn.GELU()),
        (nn.GELU("tanh"), torch.nn.GELU("tanh")),
        (nn.Sigmoid(), torch.nn.Sigmoid()),
        (nn.Softplus(), torch.nn.Softplus()),
        (nn.Tanh(), torch.nn.Tanh()),
    ],
    ids=repr,
)
def test_activations_are_those_of_pytorch(layer, theirs):
    x = np.array([[-3.2, -0.4, 0.0], [1e-8, 0.7, 2.9]])
    assert distance(layer(x).data, theirs(torch.tensor(x)).numpy()) < 1e-15
    assert np.array_equal(layer.eval()(Tensor(x)).data, layer.train()(x).data)
    assert layer.parameters() == []


class Plain(nn.Module):
    """A layer computed in two steps, and seen by no one as a Linear and its activation."""

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


@pytest.mark.parametrize("activation", sorted(nn.ACTIVATIONS))
def test_fused_is_unfused(activation):
    rng = np.random.default_rng(5)
    x, G = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    net = mlp([3, 6, 2], activation, 5)
    bare = [nn.Linear(3, 6, rng=rng), nn.Linear(6, 2, rng=rng)]
    for layer, from_layer in zip(bare, net.layers, strict=True):
        layer.W, layer.b = from_layer.W, from_layer.b  # shared
    parts = bare[0], nn.ACTIVATIONS[activation](), bare[1]
    seen = []
    for f in (net, nn.Sequential(*parts), Plain(*parts)):
        net.zero_grad()
        X = Tensor(x, requires_grad=True)
        y = f(X)
        y.backward(G)
        seen.append([y.data, X.grad, *(p.grad for p in net.parameters())])
    assert all(map(np.array_equal, seen[0], seen[1]))
    assert np.array_equal(seen[0][0], seen[2][0])
    # the same products, but a sum over 7 rows may be taken in another order
    assert max(map(distance, seen[0], seen[2])) < 1e-15


def test_sequential_fuses_only_what_it_may(monkeypatch):
    calls = []

    def recorded(x, W, b=None, activation=None):
        calls.append(activation)
        return linear(x, W, b, activation)

    monkeypatch.setattr(layers, "linear", recorded)

    class Doubled(nn.Linear):
        def forward(self, x):
            return super().forward(x) * 2

    class Squashed(nn.Tanh):
        def forward(self, x):
            return super().forward(x) * 2

    rng = np.random.default_rng(0)
    f = nn.Sequential(
        nn.Linear(2, 3, rng=rng),
        nn.Tanh(),  # fused
        nn.Linear(3, 3, activation="relu", rng=rng),
        nn.Sigmoid(),  # after another one: not
        Doubled(3, 3, rng=rng),
        nn.Tanh(),  # after a layer of its own kind: not
        nn.Linear(3, 3, rng=rng),
        Squashed(),  # of its own kind: not
        nn.Linear(3, 3, rng=rng),
        nn.LeakyReLU(0.3),  # with a setting: not
        nn.Linear(3, 2, rng=rng),
    )
    x = np.random.default_rng(1).normal(size=(4, 2))
    y = f(x)
    assert calls == ["tanh", "relu", None, None, None, None]
    assert np.array_equal(y.data, Plain(*f.layers)(x).data)


def test_sequential_is_a_list_of_layers():
    rng = np.random.default_rng(0)
    a, b, c = nn.Linear(2, 3, rng=rng), nn.Tanh(), nn.Linear(3, 1, rng=rng)
    f = nn.Sequential(a, b, c)
    assert len(f) == 3 and f[0] is a and f[-1] is c and list(f) == [a, b, c]
    x = np.ones((4, 2))
    assert np.array_equal(c(f[:2](x)).data, f(x).data)
    assert nn.Sequential()(3) == 3
    assert nn.Sequential(lambda x: x + 1, b)(Tensor(0.5)).data == np.tanh(1.5)
    hidden = mlp([4, 5, 2])[:1]
    assert hidden(np.ones(4)).shape == (5,)


# ------------------------------------------------------------------------------- what a net holds


class Net(nn.Module):
    """Parameters at every place where they may stand."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self.scale = Tensor(1.5, requires_grad=True)
        self.blocks = [nn.MLP([2, 3, 2], rng=rng), (nn.ReLU(), nn.Linear(2, 2, rng=rng))]
        self.heads = {"left.hand": nn.Linear(2, 1, bias=False, rng=rng), 7: nn.Tanh()}
        self.mean = Tensor(np.zeros(2))
        self.notes = ["no parameter", 3, None, np.ones(3)]
        self.shift = Tensor([0.5, -0.5], requires_grad=True)

    def forward(self, x):
        x = self.blocks[0](x - self.mean) * self.scale + self.shift
        return self.heads["left.hand"](x)


NAMES = [
    "scale",
    *(f"blocks.0.layers.{i}.{p}" for i in (0, 1) for p in "Wb"),
    "blocks.1.1.W",
    "blocks.1.1.b",
    "heads.left.hand.W",
    "shift",
]


def test_parameters_are_found_in_order_of_creation():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert all(p is q for p, (_, q) in zip(net.parameters(), net.named_parameters(), strict=True))
    assert net.parameters()[0] is net.scale and net.parameters()[-1] is net.shift
    assert list(net.state_dict()) == [*NAMES[:-1], "mean", "shift"]
    assert [type(m).__name__ for _, m in net.named_modules()] == [
        "Net", "MLP", "Linear", "Linear", "ReLU", "Linear", "Linear", "Tanh",
    ]  # fmt: skip


def test_names_of_an_mlp():
    net = mlp([2, 3, 1])
    names = [name for name, _ in net.named_parameters()]
    assert names == ["layers.0.W", "layers.0.b", "layers.1.W", "layers.1.b"]
    assert [p.shape for p in net.parameters()] == [(2, 3), (3,), (3, 1), (1,)]
    assert [p.shape for p in mlp([2, 3, 1], bias=False).parameters()] == [(2, 3), (3, 1)]


def test_attributes_may_come_and_go():
    net = nn.Module()
    assert net.parameters() == [] and net.state_dict() == {}
    net.late = Tensor([1.0], requires_grad=True)
    net.layers = []
    net.layers.append(nn.Linear(1, 2, rng=np.random.default_rng(0)))
    assert [n for n, _ in net.named_parameters()] == ["late", "layers.0.W", "layers.0.b"]
    del net.late
    assert len(net.parameters()) == 2
    net.layers[0].W.requires_grad = False  # frozen: no parameter, but still kept
    assert [n for n, _ in net.named_parameters()] == ["layers.0.b"]
    assert list(net.state_dict()) == ["layers.0.W", "layers.0.b"]


def test_what_was_computed_is_no_parameter():
    net = mlp([2, 3, 1])
    net.hidden = net.layers[0](np.ones(2))
    assert net.hidden.requires_grad and len(net.parameters()) == 4


def test_shared_parameters_are_listed_once():
    rng = np.random.default_rng(0)
    a, b = nn.Linear(3, 3, rng=rng), nn.Linear(3, 3, rng=rng)
    b.W = a.W
    net = nn.Sequential(a, nn.Tanh(), b, a)
    assert [n for n, _ in net.named_parameters()] == ["layers.0.W", "layers.0.b", "layers.2.b"]
    assert len(net.named_modules()) == 4
    x = np.ones((2, 3))
    net(x).sum().backward()
    # its gradient is the sum over its three uses
    theirs = [torch.tensor(t.data, requires_grad=True) for t in (a.W, a.b, b.b)]
    W, ab, bb = theirs
    ((torch.tanh(torch.tensor(x) @ W + ab) @ W + bb) @ W + ab).sum().backward()
    for ours, t in zip((a.W, a.b, b.b), theirs, strict=True):
        assert distance(ours.grad, t.grad.numpy()) < 1e-15


def test_a_module_may_lead_back_to_itself():
    net = mlp([2, 3, 1])
    net.layers[0].owner = net
    net.everything = [net, net.layers]
    assert len(net.parameters()) == 4 and len(net.named_modules()) == 3
    assert net.eval().layers[1].training is False


def test_train_and_eval_reach_all_and_return_the_net():
    net = Net()
    assert all(m.training for _, m in net.named_modules())
    assert net.eval() is net
    assert not any(m.training for _, m in net.named_modules())
    assert net.train() is net
    assert all(m.training is True for _, m in net.named_modules())
    assert net.train(False).heads[7].training is False
    assert nn.Tanh().training  # a new one trains, whatever the others do


def test_which_layers_compute_another_thing_in_use():
    """As the docstring of `train` says."""
    said = nn.Module.train.__doc__.partition("another in use:")[2].partition(".")[0]
    named = [getattr(nn, name) for name in said.replace(",", " ").split()]
    made = {
        nn.BatchNorm1d: lambda: nn.BatchNorm1d(3),
        nn.BatchNorm2d: lambda: nn.BatchNorm2d(3),
        nn.LayerNorm: lambda: nn.LayerNorm(3),
        nn.RMSNorm: lambda: nn.RMSNorm(3),
        nn.GroupNorm: lambda: nn.GroupNorm(1, 3),
        nn.Residual: lambda: nn.Residual(nn.Tanh()),
        nn.Dropout: lambda: nn.Dropout(0.5, rng()),
        nn.Linear: lambda: nn.Linear(3, 3, "tanh", rng()),
        nn.MLP: lambda: nn.MLP((3, 4, 3), "relu", rng()),
        nn.Sequential: lambda: nn.Sequential(nn.Linear(3, 3, rng=rng()), nn.GELU()),
    }
    kinds = [x for x in vars(nn).values() if isinstance(x, type) and issubclass(x, nn.Module)]
    for kind in [x for x in kinds if x is not nn.Module and not issubclass(x, nn.losses.Loss)]:
        x, layer = rng().normal(size=(5, 3)), made.get(kind, kind)()
        x = Tensor(x if kind is not nn.BatchNorm2d else x.reshape(5, 3, 1, 1))
        same = np.array_equal(layer.train()(x).data, layer.eval()(x).data)
        assert same == (kind not in named), kind


def test_zero_grad_forgets():
    net = Net()
    net(np.ones((3, 2))).sum().backward()
    assert net.scale.grad is not None
    net.zero_grad()
    assert {p.grad for p in net.parameters()} == {None}


def test_a_module_of_ones_own_computes_in_forward():
    class Affine(nn.Module):
        def __init__(self):
            self.w = Tensor([2.0, -1.0], requires_grad=True)

        def forward(self, x, shift):
            return x * self.w + shift

    assert Affine()(Tensor([3.0, 5.0]), 0.5).data.tolist() == [6.5, -4.5]
    with pytest.raises(NotImplementedError, match=r"Module has no forward\(self, x\)"):
        nn.Module()(3)


def test_repr_shows_layers_shapes_and_counts():
    assert repr(mlp([64, 64, 32, 10])) == textwrap.dedent("""\
        MLP: 6,570 parameters
          layers.0  Linear(64 -> 64, relu)  4,160
          layers.1  Linear(64 -> 32, relu)  2,080
          layers.2  Linear(32 -> 10)          330""")
    assert repr(Net()) == textwrap.dedent("""\
        Net: 28 parameters
          scale              ()                       1
          blocks.0.layers.0  Linear(2 -> 3, relu)     9
          blocks.0.layers.1  Linear(3 -> 2)           8
          blocks.1.0         ReLU()
          blocks.1.1         Linear(2 -> 2)           6
          heads.left.hand    Linear(2 -> 1, no bias)  2
          heads.7            Tanh()
          mean               (2,)
          shift              (2,)                     2""")
    shared = nn.Sequential(*[nn.Linear(2, 2, bias=False, rng=np.random.default_rng(0))] * 2)
    assert repr(shared) == "Sequential: 4 parameters\n  layers.0  Linear(2 -> 2, no bias)  4"
    assert repr(nn.Module()) == "Module: 0 parameters"
    plain = nn.Module()
    plain.w, plain.w2 = (Tensor(np.ones(n), requires_grad=True) for n in (3, 4))
    assert repr(plain) == "Module: 7 parameters\n  w   (3,)  3\n  w2  (4,)  4"
    assert repr(nn.GELU().eval()) == "GELU(approximate='none')"


# ------------------------------------------------------------------------------------- errors


def rng():
    return np.random.default_rng(0)


NO_SUCH = {
    "a width is a number of neurons, at least 1, not 0 in (0, 3)": lambda: nn.Linear(
        0, 3, rng=rng()
    ),
    "not 2.0 in (2.0, 3)": lambda: nn.Linear(2.0, 3, rng=rng()),
    "not -3 in (2, -3, 1)": lambda: nn.MLP([2, -3, 1], rng=rng()),
    "not True in (2, True)": lambda: nn.MLP([2, True], rng=rng()),
    "MLP takes all widths, input first, such as [2, 16, 1], not (4,)": lambda: nn.MLP(
        [4], rng=rng()
    ),
    "[2, 16, 1], not (5,)": lambda: nn.MLP(5, [3, 1], rng=rng()),
    "activation is None or one of relu, leaky_relu, gelu, sigmoid, softplus, tanh, not 'rellu'": (
        lambda: nn.MLP([2, 3], "rellu", rng=rng())
    ),
    "not 'swish'": lambda: nn.Linear(2, 3, activation="swish", rng=rng()),
    "not <ufunc 'tanh'>; any other function goes between the layers of a Sequential": (
        lambda: nn.MLP([2, 3], np.tanh, rng=rng())
    ),
    "not LeakyReLU(slope=0.3); any other": lambda: nn.MLP([2, 3], nn.LeakyReLU(0.3), rng=rng()),
    "init gave an array (3, 2) for a Linear(2 -> 3)": lambda: nn.Linear(
        2, 3, init=lambda i, o, rng: np.ones((o, i))
    ),
}
WRONG_KIND = {
    "Linear(2, 3, rng=…) needs the generator that draws its weights, "
    "rng=numpy.random.default_rng(0): randomness is an argument": lambda: nn.Linear(2, 3),
    "MLP((2, 3, 1), rng=…) needs the generator": lambda: nn.MLP([2, 3, 1], "tanh"),
    "rng must be a generator: numpy.random.default_rng(0), not None": lambda: nn.Linear(
        2, 3, init=init.he_normal
    ),
    "a generator arrived as activation: write rng=rng": lambda: nn.Linear(2, 3, rng()),
    "False arrived as activation: write bias=False": lambda: nn.Linear(2, 3, False, rng()),
    "Linear takes no in_features: the widths come first: Linear(d_in, d_out, rng=rng)": (
        lambda: nn.Linear(in_features=2, out_features=3)
    ),
    "MLP takes no seed: give rng=numpy.random.default_rng(seed)": lambda: nn.MLP([2, 3], seed=1),
    "LeakyReLU takes no negative_slope: write LeakyReLU(slope=0.01)": lambda: nn.LeakyReLU(
        negative_slope=0.3
    ),
    "ReLU takes no inplace: every layer computes a new Tensor": lambda: nn.ReLU(inplace=True),
    "zero_grad takes no set_to_none: gradients are always set to None": lambda: nn.Tanh().zero_grad(
        set_to_none=True
    ),
    "load_state_dict takes no strict: names, shapes and dtypes must all fit; for a part load "
    "{**net.state_dict(), **part}": lambda: nn.Tanh().load_state_dict({}, strict=False),
    "numpy.random.default_rng(0), not 0": lambda: nn.MLP([2, 3], rng=0),
    "a function such as bookutils.init.he_normal, not 'he_normal'": lambda: nn.Linear(
        2, 3, rng=rng(), init="he_normal"
    ),
    "floating-point": lambda: nn.Linear(2, 3, rng=rng(), dtype="int64"),
    "Sequential takes layers, not classes: ReLU(…)": lambda: nn.Sequential(
        nn.Linear(2, 3, rng=rng()), nn.ReLU
    ),
    "Sequential takes layers, one by one, not [Tanh()]": lambda: nn.Sequential([nn.Tanh()]),
}


@pytest.mark.parametrize("sentence", NO_SUCH)
def test_nonsense_is_refused_with_a_sentence(sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        NO_SUCH[sentence]()


@pytest.mark.parametrize("sentence", WRONG_KIND)
def test_another_kind_of_thing_is_refused_with_a_sentence(sentence):
    with pytest.raises(TypeError, match=re.escape(sentence)):
        WRONG_KIND[sentence]()


def test_x_of_a_wrong_shape():
    layer = nn.Linear(3, 5, rng=rng())
    with pytest.raises(
        ValueError, match=re.escape("Linear(3 -> 5) got (4, 2): the last axis must be 3")
    ):
        layer(np.ones((4, 2)))
    with pytest.raises(ValueError, match=re.escape("Linear(3 -> 5) got (5,)")):
        layer(Tensor(np.ones(5)))
    with pytest.raises(ValueError, match=re.escape("Linear(3 -> 4, tanh) got (3, 2)")):
        mlp([3, 4, 2], "tanh")(np.ones((3, 2)))
    with pytest.raises(
        TypeError, match=r"Linear\(3 -> 5\) takes an array: write numpy.array\(rows\)"
    ):
        layer([[1.0, 2.0, 3.0]])
    layer.b.data = np.ones(4)
    with pytest.raises(ValueError, match="do not fit"):
        layer(np.ones((4, 3)))
    for x in (3.0, np.float64(3.0), [[1.0, 2.0, 3.0]], None, np.ones((4, 3), np.float32)):
        with pytest.raises((ValueError, TypeError)):
            nn.Linear(3, 5, rng=rng())(x)


# ------------------------------------------------------------------------------------- kept


def bits(state):
    return {name: (a.dtype.str, a.shape, a.tobytes()) for name, a in state.items()}


class Odd(nn.Module):
    """Numbers and names that are easily lost on the way to a file and back."""

    def __init__(self, fill=True):
        hard = [0.1, -0.0, 5e-324, np.inf, np.nan, np.pi]
        blank = (lambda a: a) if fill else np.zeros_like
        self.zero_d = Tensor(blank(np.array(0.1)), requires_grad=True)
        self.empty = Tensor(np.zeros((3, 0)), requires_grad=True)
        self.single = Tensor(blank(np.array(hard, np.float32)), requires_grad=True)
        self.hard = Tensor(blank(np.array(hard).reshape(2, 3)), requires_grad=True)
        self.counts = Tensor(blank(np.array([1, -(2**62)])))
        # np.savez takes these three as arguments of its own; the last looks like a path
        self.file = self.allow_pickle = Tensor(blank(np.array([2.5])), requires_grad=True)
        self.named = {"a.b/../c ü": Tensor(blank(np.ones((1, 2, 3, 4))), requires_grad=True)}


def test_saved_and_loaded_bit_for_bit(tmp_path):
    net, blank = Odd(), Odd(fill=False)
    assert bits(net.state_dict()) != bits(blank.state_dict())
    net.save(tmp_path / "net.npz")
    own = blank.named_state()
    arrays = [x.data for _, x in own]
    assert blank.load(tmp_path / "net.npz") is blank
    assert bits(blank.state_dict()) == bits(net.state_dict())
    for (name, x), (_, before), array in zip(blank.named_state(), own, arrays, strict=True):
        assert x is before and x.data is array, name  # optimisers keep what they hold
    assert sorted(os.listdir(tmp_path)) == ["net.npz"]
    with np.load(tmp_path / "net.npz") as file:  # NumPy alone reads it
        assert file["zero_d"] == 0.1 and file["single"].dtype == np.float32


def test_the_same_net_makes_the_same_file(tmp_path):
    for name in ("a", "b"):
        mlp([3, 4, 2]).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_state_is_a_copy():
    net = mlp([2, 3, 1])
    best = net.state_dict()
    net.layers[0].W.data *= 0.0
    net.layers[1].b.data += 1.0
    assert best["layers.0.W"].any()
    net.load_state_dict(best)
    best["layers.0.W"][:] = 7
    assert bits(net.state_dict()) == bits(mlp([2, 3, 1]).state_dict())


def test_a_part_of_a_state_is_loaded_over_the_rest():
    net, b = mlp([2, 3, 1]), np.array([7.0])
    net.load_state_dict({**net.state_dict(), **{"layers.1.b": b}})
    assert bits(net.state_dict()) == bits({**mlp([2, 3, 1]).state_dict(), "layers.1.b": b})


def test_tensors_and_frozen_arrays_are_taken_too():
    net, other = mlp([2, 3, 1]), mlp([2, 3, 1], seed=1)
    state = {name: Tensor(a) for name, a in other.state_dict().items()}
    state["layers.0.W"] = other.layers[0].W.data.copy()
    state["layers.0.W"].flags.writeable = False
    net.load_state_dict(state)
    assert bits(net.state_dict()) == bits(other.state_dict())


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_arrays_of_pytorch_keep_their_storage(tmp_path, device):
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    net, other = mlp([2, 3, 1], "tanh"), mlp([2, 3, 1], "tanh", seed=1)
    for p in net.parameters():
        p.data = torch.tensor(p.data, device=device)
    storage = [p.data.data_ptr() for p in net.parameters()]
    other.save(tmp_path / "net.npz")
    net.load(tmp_path / "net.npz")
    assert bits(net.state_dict()) == bits(other.state_dict())
    x = np.random.default_rng(2).normal(size=(4, 2))
    for f, inputs in ((net, torch.tensor(x, device=device)), (other, x)):
        f(inputs).sum().backward()
        SGD(f.parameters(), lr=0.5).step()
    assert [p.data.data_ptr() for p in net.parameters()] == storage
    for name, a in net.state_dict().items():
        assert distance(a, other.state_dict()[name]) < 1e-15


def test_a_deep_copy_is_a_net_of_its_own():
    net = mlp([2, 3, 1])
    twin = copy.deepcopy(net)
    net.layers[0].W.data *= 0.0
    assert bits(twin.state_dict()) == bits(mlp([2, 3, 1]).state_dict())
    twin(np.ones(2)).sum().backward()
    assert net.layers[0].W.grad is None and twin.layers[0].W.grad is not None


def test_backward_after_loading_is_refused():
    net = mlp([2, 3, 1], "tanh")
    y = net(np.ones((4, 2))).sum()
    net.load_state_dict(net.state_dict())
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()


def test_all_that_is_wrong_is_named_and_nothing_loaded():
    net = mlp([2, 3, 1])
    state = mlp([2, 3, 1], seed=1).state_dict()
    state["layers.0.W"] = state["layers.0.W"].T
    state["layers.1.W"] = state["layers.1.W"].astype(np.float32)
    state["layers.0.b"] = ["one", None, 3]
    state["head"] = state.pop("layers.1.b")
    before = bits(net.state_dict())
    sentence = (
        "nothing loaded into MLP: layers.1.b is missing, head is unknown here, "
        "layers.0.W is (3, 2) and must be (2, 3), layers.0.b is object and must be float64, "
        "layers.1.W is float32 and must be float64"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        net.load_state_dict(state)
    assert bits(net.state_dict()) == before


@pytest.mark.parametrize("state", ["net.npz", None, [np.ones(2)]])
def test_a_state_is_a_dict(state):
    with pytest.raises(
        TypeError, match="a state is a dict of arrays, not .*load.path. reads files"
    ):
        mlp([2, 1]).load_state_dict(state)


def test_the_same_name_twice_is_refused():
    net = nn.Module()
    net.a = {"b.c": Tensor(1.0), "b": {"c": Tensor(2.0)}}
    with pytest.raises(ValueError, match="two Tensors of Module are named a.b.c"):
        net.state_dict()


@pytest.mark.parametrize("cut", [0, 1, 30, 400, -200, -1])
def test_a_cut_file_is_refused(tmp_path, cut):
    path, net = tmp_path / "net.npz", mlp([2, 3, 1], seed=1)
    mlp([2, 3, 1]).save(path)
    path.write_bytes(path.read_bytes()[:cut])
    before = bits(net.state_dict())
    with pytest.raises(ValueError, match=r"net.npz is no .npz file of arrays, or is damaged"):
        net.load(path)
    assert bits(net.state_dict()) == before


def test_a_changed_byte_changes_no_number(tmp_path):
    path, saved, net = tmp_path / "net.npz", mlp([2, 3, 1]), mlp([2, 3, 1], seed=1)
    saved.save(path)
    whole, before = path.read_bytes(), bits(net.state_dict())
    refused = 0
    for place in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[place] ^= 1 + place % 255
        path.write_bytes(changed)
        try:
            net.load(path)
        except ValueError:
            refused += 1
            assert bits(net.state_dict()) == before, place
        else:  # a date, a version: nothing that is read
            assert bits(net.state_dict()) == bits(saved.state_dict()), place
            net = mlp([2, 3, 1], seed=1)
    assert refused > len(whole) / 3 / 2


@pytest.mark.parametrize("write", [
    lambda path: np.save(open(path, "wb"), np.ones(3)),
    lambda path: path.write_text("W = 3"),
    lambda path: np.savez(open(path, "wb"), W=np.array([{}], object)),
    lambda path: zipfile.ZipFile(path, "w").writestr("W.npy", b"\x93NUMPY and then nonsense"),
])  # fmt: skip
def test_other_files_are_refused(tmp_path, write):
    write(tmp_path / "net.npz")
    with pytest.raises(ValueError, match="net.npz is no .npz file of arrays, or is damaged"):
        mlp([2, 1]).load(tmp_path / "net.npz")


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        mlp([2, 1]).load(tmp_path / "none.npz")
    with pytest.raises(FileNotFoundError):
        mlp([2, 1]).save(tmp_path / "none" / "net.npz")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        mlp([2, 1]).save(tmp_path / "folder")
    assert os.listdir(tmp_path) == ["folder"]


@pytest.mark.parametrize("breaks", ["numpy.lib.format.write_array", "os.fsync", "os.replace"])
def test_an_interrupted_save_loses_nothing(tmp_path, monkeypatch, breaks):
    path = tmp_path / "net.npz"
    mlp([2, 3, 1]).save(path)
    before = path.read_bytes()

    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(breaks, interrupted)
    with pytest.raises(KeyboardInterrupt):
        mlp([2, 3, 1], seed=1).save(path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["net.npz"]


def test_killed_while_saving(tmp_path):
    path = tmp_path / "net.npz"
    mlp([2, 3, 1]).save(path)
    program = f"""
        import os, numpy as np
        from bookutils import nn
        write, left = np.lib.format.write_array, [2]
        def write_some(*args, **kwargs):
            write(*args, **kwargs)
            left[0] -= 1
            left[0] or os._exit(9)  # no finally, no flush
        np.lib.format.write_array = write_some
        nn.MLP([2, 3, 1], rng=np.random.default_rng(9)).save({str(path)!r})
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(program)])
    assert run.returncode == 9
    assert bits(mlp([2, 3, 1], seed=1).load(path).state_dict()) == bits(mlp([2, 3, 1]).state_dict())


def test_saving_through_a_link_keeps_the_link(tmp_path):
    (tmp_path / "runs").mkdir()
    link = tmp_path / "latest.npz"
    link.symlink_to(tmp_path / "runs" / "7.npz")
    mlp([2, 3, 1]).save(link)
    assert link.is_symlink() and (tmp_path / "runs" / "7.npz").is_file()
    mlp([2, 3, 1], seed=1).load(link)


def test_eval_without_gradients():
    net = mlp([2, 3, 1])
    with no_grad():
        y = net.eval()(np.ones((4, 2)))
    assert not y.requires_grad and y.parents == ()
