import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from bookutils.data import batches, digits, two_moons, xor


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


def test_xor_is_exclusive_or():
    X, y = xor()
    assert X.shape == (4, 2) and X.dtype == np.float64 and y.dtype == np.int64
    assert len(np.unique(X, axis=0)) == 4
    assert y.tolist() == [int(a) ^ int(b) for a, b in X]
    X[:], y[:] = 7, 7
    assert xor()[0].max() == 1 and xor()[1].tolist() == [0, 1, 1, 0]


def test_xor_is_beyond_every_line():
    X, y = xor()
    rng = np.random.default_rng(0)
    W, b = rng.normal(size=(2, 100_000)), rng.normal(size=100_000)
    right = ((X @ W + b > 0) == y[:, None]).sum(0)
    assert right.max() == 3  # of four


def test_digits_shapes_and_scale():
    split = digits()
    X_train, y_train, X_test, y_test = split
    assert X_train is split.X_train and y_test is split.y_test
    assert X_train.shape == (1437, 64) and X_test.shape == (360, 64)
    assert y_train.shape == (1437,) and y_test.shape == (360,)
    assert {a.dtype for a in (X_train, X_test)} == {np.dtype(np.float64)}
    assert {a.dtype for a in (y_train, y_test)} == {np.dtype(np.int64)}
    assert X_train.min() == 0 and X_train.max() == 1


@pytest.mark.parametrize(("seed", "test"), [(0, 0.2), (3, 0.35), (4, 0.01), (5, 0.99)])
def test_digits_go_to_one_side_each_and_evenly(seed, test):
    X_train, y_train, X_test, y_test = digits(seed, test=test)
    images, labels = load_digits(return_X_y=True)
    ours = np.column_stack([np.vstack([X_train, X_test]) * 16, np.hstack([y_train, y_test])])
    theirs = np.column_stack([images, labels])
    assert np.array_equal(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])
    share = np.bincount(y_test, minlength=10) / np.bincount(labels)
    # stratified: less than one image from the exact share, of at least 174 of each digit; the
    # rounded sizes of the two sides move it by less than another
    assert abs(share - test).max() < 2 / 174 and (share > 0).all() and (share < 1).all()


def test_digits_are_fixed_by_their_seed_and_come_fresh():
    first, again, other = digits(4), digits(4), digits(5)
    assert all(map(np.array_equal, first, again))
    assert not np.array_equal(first.y_test, other.y_test)
    first.X_train[:], first.y_test[:] = 9, 9
    assert np.array_equal(digits(4).X_train, again.X_train)
    assert digits().y_test[:10].tolist() == PINNED_DIGITS  # pinned, as above


PINNED_DIGITS = [7, 6, 3, 7, 7, 3, 2, 8, 9, 3]


@pytest.mark.parametrize("test", [0, 1, -0.2, 360, 0.001, float("nan")])
def test_digits_refuse_an_empty_side(test):
    with pytest.raises(ValueError, match="share of images kept for testing"):
        digits(test=test)


@settings(deadline=None)
@given(n=st.integers(1, 300), size=st.integers(1, 330), seed=st.integers(0, 99))
def test_batches_deal_out_every_number_once(n, size, seed):
    dealt = batches(n, size, np.random.default_rng(seed))
    assert [len(b) for b in dealt] == [size] * (n // size) + [n % size] * (n % size > 0)
    assert sorted(np.concatenate(dealt)) == list(range(n))
    assert all(b.dtype == np.int64 for b in dealt)


def test_batches_are_shuffled_anew_each_epoch():
    rng = np.random.default_rng(0)
    first, second = np.concatenate(batches(500, 32, rng)), np.concatenate(batches(500, 32, rng))
    again = np.concatenate(batches(500, 32, np.random.default_rng(0)))
    assert np.array_equal(first, again) and not np.array_equal(first, second)
    for order in (first, second):
        # A uniform shuffle leaves a number in place with probability 1/500, one on average; its
        # place and its value correlate by 0 ± 1/√500.
        assert (order == np.arange(500)).sum() < 8
        assert abs(np.corrcoef(order, np.arange(500))[0, 1]) < 5 / 500**0.5


@pytest.mark.parametrize(
    ("n", "size", "error", "sentence"),
    [
        (0, 4, ValueError, "n is a number of examples, at least 1, not 0"),
        (9, 0, ValueError, "size is a number of examples, at least 1, not 0"),
        (9, -4, ValueError, "size"),
        (9, 2.0, TypeError, "size is a number of examples, not 2.0"),
        (np.eye(3), 2, TypeError, "n is a number of examples, not array"),
        (True, 2, TypeError, "n is"),
    ],
)
def test_batches_refuse_nonsense_at_once(n, size, error, sentence):
    with pytest.raises(error, match=sentence):
        batches(n, size, np.random.default_rng(0))


@pytest.mark.parametrize("rng", [None, 0, np.random])
def test_batches_want_a_generator(rng):
    with pytest.raises(TypeError, match=r"rng must be a generator: numpy.random.default_rng\(0\)"):
        batches(9, 2, rng)
