"""The variances that the schemes of bookutils.init promise, and signals that keep their size."""

from inspect import signature

import numpy as np
import pytest
import torch

from bookutils import init

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
