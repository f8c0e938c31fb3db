import numpy as np
import pytest

from bookutils.data import two_moons


def test_two_moons_shapes_labels_and_balance():
    X, y = two_moons()
    assert X.shape == (100, 2) and X.dtype == np.float64
    assert y.shape == (100,) and y.dtype == np.int64
    assert np.bincount(y).tolist() == [50, 50]
    assert np.bincount(two_moons(7)[1]).tolist() == [3, 4]


def test_two_moons_label_0_is_the_upper_moon():
    X, y = two_moons(500, noise=0.0)
    upper, lower = X[y == 0], X[y == 1]
    assert np.allclose(np.hypot(*upper.T), 1) and (upper[:, 1] >= 0).all()
    assert np.allclose(np.hypot(*(lower - [1, 0.5]).T), 1) and (lower[:, 1] <= 0.5).all()


def test_two_moons_are_fixed_by_their_seed_alone():
    np.random.seed(1)  # noqa: NPY002 the global state that must not matter
    first = two_moons(60, seed=4)
    np.random.seed(2)  # noqa: NPY002
    again, other = two_moons(60, seed=4), two_moons(60, seed=5)
    assert all(map(np.array_equal, first, again))
    assert not np.allclose(first[0], other[0])
    # pinned, so that a change in scikit-learn shows here before it shows in a chapter
    assert two_moons()[0][:2].round(4).tolist() == PINNED
    assert two_moons()[1][:8].tolist() == PINNED_LABELS


PINNED = [[-0.045, 0.992], [1.8494, -0.1627]]
PINNED_LABELS = [0, 1, 0, 1, 1, 1, 0, 1]


def test_two_moons_come_as_fresh_arrays():
    X, y = two_moons(10)
    X[:], y[:] = 0, 0
    again_X, again_y = two_moons(10)
    assert again_X.any() and again_y.any()


def test_two_moons_noise_has_the_standard_deviation_asked_for():
    X, y = two_moons(20_000, noise=0.12, seed=3)
    clean, _ = two_moons(20_000, noise=0.0, seed=3)
    # same seed, same order of points; 40,000 draws leave about 0.4 % error
    assert (X - clean).std() == pytest.approx(0.12, rel=0.02)


@pytest.mark.parametrize(("n", "noise", "sentence"), [(1, 0.1, "at least 2"), (9, -1, "deviation")])
def test_two_moons_refuse_nonsense(n, noise, sentence):
    with pytest.raises(ValueError, match=sentence):
        two_moons(n, noise)
