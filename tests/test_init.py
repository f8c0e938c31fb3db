"""The variances that the schemes of bookutils.init promise, and signals that keep their size."""

from functools import partial
from inspect import signature

import numpy as np
import pytest
import torch

from bookutils import init, nn

SHAPE = fan_in, fan_out = 300, 200
VARIANCE = {
    "xavier_uniform": 2 / 500,
    "xavier_normal": 2 / 500,
    "he_uniform": 2 / 300,
    "he_normal": 2 / 300,
    "lecun_uniform": 1 / 300,
    "lecun_normal": 1 / 300,
    "pytorch_linear": 1 / 900,
}


def draw(name, seed=0, shape=SHAPE, **kwargs):
    return getattr(init, name)(*shape, rng=np.random.default_rng(seed), **kwargs)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", VARIANCE)
def test_variance_and_mean(name, seed):
    w = draw(name, seed)
    assert w.shape == SHAPE and w.dtype == np.float64 and w.flags.c_contiguous
    # Of n = 60,000 draws the variance is off by sqrt((kurtosis - 1)/n), that is 0.6 % for a
    # Gaussian and 0.4 % for a uniform, and the mean by a standard deviation over √n; 5 of them
    # are exceeded once in two million.
    relative = np.sqrt((2 if "normal" in name else 0.8) / w.size)
    assert w.var() == pytest.approx(VARIANCE[name], rel=5 * relative)
    assert abs(w.mean()) < 5 * np.sqrt(VARIANCE[name] / w.size)


@pytest.mark.parametrize("name", VARIANCE)
def test_shape_of_the_distribution(name):
    w = draw(name)
    std = np.sqrt(VARIANCE[name])
    if "normal" in name:
        # P(|z| > 2) = 4.55 %, with a standard error of 0.09 % from 60,000 draws
        assert np.mean(abs(w) > 2 * std) == pytest.approx(0.0455, abs=0.0045)
        assert abs(w).max() > 3.5 * std
    else:
        bound = np.sqrt(3) * std
        assert abs(w).max() <= bound and abs(w).max() > 0.999 * bound


@pytest.mark.parametrize("name", [n for n in VARIANCE if n != "pytorch_linear"])
def test_gain_multiplies(name):
    default = signature(getattr(init, name)).parameters["gain"].default
    np.testing.assert_allclose(
        draw(name, gain=3.5 * default), 3.5 * draw(name), rtol=1e-15, atol=1e-16
    )  # one rounding of the weight, one of the bound


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("xavier_uniform", torch.nn.init.xavier_uniform_),
        ("he_uniform", torch.nn.init.kaiming_uniform_),
        ("pytorch_linear", lambda w: torch.nn.init.kaiming_uniform_(w, a=5**0.5)),
    ],
)
def test_the_bounds_are_those_of_pytorch(name, theirs):
    torch.manual_seed(0)
    w = torch.empty(fan_out, fan_in, dtype=torch.float64)  # PyTorch keeps W transposed
    # The largest of 60,000 draws from U(0, c) is below c by c/60,000 on average.
    assert abs(theirs(w).numpy()).max() == pytest.approx(abs(draw(name)).max(), rel=3e-4)


@pytest.mark.parametrize("name", VARIANCE)
def test_the_seed_alone_decides(name):
    assert np.array_equal(draw(name, 4), draw(name, 4))
    assert not np.array_equal(draw(name, 4), draw(name, 5))


@pytest.mark.parametrize(
    ("name", "gain", "f"),
    [
        ("he_normal", {}, lambda z: np.maximum(z, 0)),
        ("he_uniform", {}, lambda z: np.maximum(z, 0)),
        ("he_normal", {"gain": np.sqrt(2 / 1.04)}, lambda z: np.where(z > 0, z, 0.2 * z)),
        ("lecun_normal", {}, lambda z: z),
        ("lecun_uniform", {}, lambda z: z),
    ],
)
def test_twenty_layers_keep_the_mean_square(name, gain, f):
    rng = np.random.default_rng(1)
    z = rng.normal(size=(200, 512))
    for _ in range(20):
        z = f(z) @ getattr(init, name)(512, 512, rng=rng, **gain)
    # Layer by layer the scale wanders by about sqrt(5/512) of itself, by 40 % in 20 layers; a
    # wrong factor of 2 would have made it 2^20 or 2^-20.
    assert 0.25 < (z**2).mean() < 4


def test_xavier_keeps_the_size_between_equal_widths_in_both_directions():
    rng = np.random.default_rng(2)
    x = g = rng.normal(size=(200, 512))
    for _ in range(10):
        w = init.xavier_normal(512, 512, rng=rng)
        x, g = x @ w, g @ w.T
    assert 0.4 < (x**2).mean() < 2.5 and 0.4 < (g**2).mean() < 2.5


@pytest.mark.parametrize("name", VARIANCE)
@pytest.mark.parametrize("shape", [(0, 3), (3, -1), (2.0, 3), (3, "4"), (True, 3), (None, 3)])
def test_sizes_are_whole_and_positive(name, shape):
    with pytest.raises(ValueError, match="fan_.* is a number of neurons, at least 1, not"):
        draw(name, shape=shape)


@pytest.mark.parametrize("name", VARIANCE)
@pytest.mark.parametrize("rng", [None, 0, np.random, np.random.RandomState(0)])
def test_rng_is_a_generator(name, rng):
    with pytest.raises(TypeError, match=r"rng must be a generator: numpy.random.default_rng\(0\)"):
        getattr(init, name)(3, 4, rng=rng)
    with pytest.raises(TypeError, match="not None"):
        getattr(init, name)(3, 4)


@pytest.mark.parametrize("gain", [0, -1.0, np.inf, np.nan, "relu", None])
def test_gain_is_positive(gain):
    with pytest.raises(ValueError, match="gain is a positive number"):
        draw("he_normal", gain=gain)


# ------------------------------------------------------- orthogonal, zeros, constant, and gains


@pytest.mark.parametrize("shape", [(40, 40), (50, 20), (20, 50), (1, 7), (7, 1), (1, 1)])
@pytest.mark.parametrize("gain", [1.0, 2.5])
def test_every_singular_value_of_an_orthogonal_matrix_is_the_gain(shape, gain):
    w = init.orthogonal(*shape, rng=np.random.default_rng(3), gain=gain)
    assert w.shape == shape and w.dtype == np.float64 and w.flags.c_contiguous
    # Householder's reflections leave some ten units in the last place
    np.testing.assert_allclose(np.linalg.svd(w, compute_uv=False), gain, rtol=1e-13)


def test_orthogonal_matrices_are_uniform_as_those_of_pytorch():
    """Of a uniform one the first entry has mean 0, and every sign is as likely as the other."""
    rng = np.random.default_rng(0)
    first = np.array([init.orthogonal(3, 3, rng=rng)[0, 0] for _ in range(2000)])
    # the first entry of a random unit vector of 3 is uniform on [-1, 1]: deviation 1/√3 of one
    assert abs(first.mean()) < 5 / np.sqrt(3 * 2000)
    assert first.std() == pytest.approx(1 / np.sqrt(3), rel=0.05)
    torch.manual_seed(0)
    theirs = torch.nn.init.orthogonal_(torch.empty(50, 20, dtype=torch.float64), gain=1.5)
    ours = init.orthogonal(20, 50, rng=rng, gain=1.5)  # PyTorch keeps W transposed
    for w in (theirs.numpy(), ours.T):
        np.testing.assert_allclose(w.T @ w, 2.25 * np.eye(20), atol=1e-13)


def test_an_orthogonal_net_keeps_every_length_where_a_gaussian_one_does_not():
    rng = np.random.default_rng(4)
    x = y = rng.normal(size=(5, 32))
    for _ in range(50):
        x = x @ init.orthogonal(32, 32, rng=rng)
        y = y @ init.lecun_normal(32, 32, rng=rng)
    lengths = np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1)
    again = np.random.default_rng(4).normal(size=(5, 32))
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), np.linalg.norm(again, axis=1), rtol=1e-12)
    assert lengths.max() / lengths.min() > 1.01  # the Gaussian product stretches directions apart


def test_zeros_and_constants_draw_nothing():
    assert np.array_equal(init.zeros(3, 4), np.zeros((3, 4)))
    assert np.array_equal(init.constant(3, 4, value=-0.25), np.full((3, 4), -0.25))
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    init.zeros(3, 4, rng=rng), init.constant(3, 4, value=2, rng=rng)
    assert rng.bit_generator.state == before
    layer = nn.Linear(3, 4, init=init.zeros)  # and no generator is needed
    assert not layer.W.data.any()
    filled = nn.Linear(3, 4, init=partial(init.constant, value=0.5))
    assert (filled.W.data == 0.5).all()


@pytest.mark.parametrize("activation", ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])
def test_gains_are_those_of_pytorch(activation):
    assert init.calculate_gain(activation) == torch.nn.init.calculate_gain(activation)
    for slope in (0.0, 0.2, -1.0, 3):
        ours = init.calculate_gain("leaky_relu", slope)
        assert ours == torch.nn.init.calculate_gain("leaky_relu", slope)
    assert init.calculate_gain(None) == 1


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: init.calculate_gain("gelu"), ValueError, "a gain for linear, .* not for 'gelu'"),
        (lambda: init.calculate_gain(np.tanh), ValueError, "not for <ufunc 'tanh'>"),
        (lambda: init.calculate_gain("leaky_relu", True), ValueError, "slope is a finite number"),
        (lambda: init.calculate_gain("leaky_relu", np.inf), ValueError, "slope is a finite"),
        (lambda: init.constant(3, 4, value="a"), ValueError, "value is a finite number, not 'a'"),
        (lambda: init.constant(3, 4, value=np.nan), ValueError, "value is a finite number"),
        (lambda: init.zeros(0, 4), ValueError, "fan_in is a number of neurons, at least 1, not 0"),
        (lambda: init.constant(3, -4, value=0), ValueError, "fan_out is a number of neurons"),
        (lambda: init.orthogonal(3, 4), TypeError, "rng must be a generator"),
        (lambda: init.orthogonal(3, 2.0, rng=0), ValueError, "fan_out is a number"),
        (
            lambda: init.orthogonal(3, 4, rng=np.random.default_rng(0), gain=0),
            ValueError,
            "gain is a positive number, not 0",
        ),
    ],
)
def test_what_they_do_not_take(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
