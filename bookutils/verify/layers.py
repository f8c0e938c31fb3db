"""Layers as programs of arrays, each beside that of torch.nn.functional."""

from functools import partial

import numpy as np

from bookutils import nn
from bookutils.engine.arrays import dtype_name
from bookutils.engine.tensor import Tensor
from bookutils.verify.programs import Program

ACTIVATIONS = "relu", "leaky_relu", "gelu", "sigmoid", "softplus", "tanh"
FLAT, IMAGES = (5, 3), (2, 4, 3, 1)  # a batch of rows; (n, channels, height, width)


def layer_programs(rng):
    """Every layer of `bookutils.nn`, in training and in evaluation where the two differ."""

    def normal(*shape):
        return rng.normal(size=shape)

    def made(name, ours, theirs, *xs, **settings):
        return Program("layer", name, ours, xs, theirs, **settings)

    x, W, b = normal(*FLAT), normal(3, 4), normal(4)
    yield made("Linear", with_weights, lambda torch, x, W, b: x @ W + b, x, W, b)
    for name in ACTIVATIONS:
        yield made(
            f"Linear, {name}",
            partial(with_weights, activation=name),
            lambda torch, x, W, b, f=name: activated(torch, x @ W + b, f),
            *(x, W, b),
        )
    for name in ("ReLU", "LeakyReLU", "GELU", "Sigmoid", "Softplus", "Tanh"):
        yield made(
            name,
            lambda x, n=name: getattr(nn, n)()(x),
            lambda torch, x, n=name: activated(torch, x, CALLED[n]),
            x,
        )
    yield made("Flatten", lambda x: nn.Flatten()(x), lambda _, x: x.flatten(1), normal(2, 3, 4))
    yield made("MLP", two_layers, their_two_layers, x, W, b, normal(4, 2), normal(2))
    mask = rng.random(FLAT) > 0.4
    yield made("Dropout", dropped, lambda torch, x, m: torch.where(m, x / 0.6, 0.0), x, mask)
    yield made("Dropout", lambda x: nn.Dropout(0.4, rng=rng).eval()(x), lambda _, x: x * 1, x)
    for name, shape, channels in (
        ("BatchNorm1d", FLAT, 3),
        ("BatchNorm1d", (4, 3, 2), 3),
        ("BatchNorm2d", IMAGES, 4),
    ):
        xs = normal(*shape) + 2, normal(channels), normal(channels)
        known = normal(channels), rng.uniform(0.5, 2, channels)
        for training in (True, False):
            yield made(
                f"{name}, {'training' if training else 'evaluation'}",
                partial(batch_normed, name, training, False),
                partial(their_batch_normed, training, False),
                *(*xs, *known),
                constants=(3, 4),
            )
        yield made(
            f"{name}, what it remembers",
            partial(batch_normed, name, True, True),
            partial(their_batch_normed, True, True),
            *(*xs, *known),
            constants=(3, 4),
            checked=False,
        )
    for name in ("LayerNorm", "RMSNorm"):
        for shape, last in ((FLAT, (3,)), ((4, 3, 2), (3, 2))):
            beta = () if name == "RMSNorm" else (normal(*last),)
            yield made(
                name,
                partial(placed, name, last),
                partial(THEIRS[name], last),
                normal(*shape) + 1,
                normal(*last),
                *beta,
            )
    for groups in (1, 2, 4):
        yield made(
            "GroupNorm",
            lambda x, g, h, k=groups: filled(nn.GroupNorm(k, 4, dtype=dtype_of(x)), g, h)(x),
            lambda torch, x, g, h, k=groups: torch.nn.functional.group_norm(x, k, g, h),
            *(normal(*IMAGES) + 1, normal(4), normal(4)),
        )
    yield made(
        "Residual",
        lambda x, W, b: nn.Residual(lambda h: with_weights(h, W, b, "tanh"), 0.3)(x),
        lambda torch, x, W, b: x + 0.3 * torch.tanh(x @ W + b),
        *(x, normal(3, 3), normal(3)),
    )


CALLED = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "GELU": "gelu",
    "Sigmoid": "sigmoid",
    "Softplus": "softplus",
    "Tanh": "tanh",
}


def activated(torch, x, name):
    if name == "softplus":  # torch's own cut, x for all x > 20, is wrong by 2e-9
        return torch.nn.functional.softplus(x, threshold=700)
    return getattr(torch.nn.functional, name)(x)


def dtype_of(x):
    return dtype_name(x.dtype)


def with_weights(x, W, b, activation=None):
    layer = nn.Linear(*W.shape, activation, init=lambda d_in, d_out, rng: np.zeros((d_in, d_out)))
    layer.W, layer.b = W, b
    return layer(x)


def two_layers(x, W, b, V, c):
    net = nn.MLP([3, 4, 2], "tanh", np.random.default_rng(0))
    for layer, weights in zip(net.layers, ((W, b), (V, c)), strict=True):
        layer.W, layer.b = weights
    return net(x)


def their_two_layers(torch, x, W, b, V, c):
    return torch.tanh(x @ W + b) @ V + c


def dropped(x, mask):
    layer = nn.Dropout(0.4, rng=np.random.default_rng(0))
    layer.mask = np.asarray(mask if isinstance(mask, np.ndarray) else mask.cpu())
    return layer(x)


def filled(norm, gamma, beta=None):
    norm.gamma, norm.beta = gamma, beta
    return norm


def placed(name, last, x, gamma, beta=None):
    return filled(getattr(nn, name)(last, dtype=dtype_of(x)), gamma, beta)(x)


THEIRS = {
    "LayerNorm": lambda last, torch, x, g, b: torch.nn.functional.layer_norm(x, last, g, b),
    "RMSNorm": lambda last, torch, x, g: torch.nn.functional.rms_norm(x, last, g),
}


def batch_normed(name, training, remembered, x, gamma, beta, mean, var):
    norm = filled(getattr(nn, name)(gamma.shape[0], dtype=dtype_of(x)), gamma, beta)
    norm.running_mean, norm.running_var = Tensor(mean), Tensor(var)
    y = norm.train(training)(x)
    return [y, norm.running_mean, norm.running_var] if remembered else y


def their_batch_normed(training, remembered, torch, x, gamma, beta, mean, var):
    mean, var = mean.clone(), var.clone()
    y = torch.nn.functional.batch_norm(x, mean, var, gamma, beta, training)
    return [y, mean, var] if remembered else y
