"""Every function of NumPy's that a recording knows, replayed beside NumPy itself."""

import numpy as np
import pytest

from bookutils.trace import ReplayError, record
from bookutils.trace.functions import FUNCTIONS, MAKERS, REDUCED, UFUNCS, WITH_OUT, WITHOUT_OUT
from bookutils.trace.functions import VIEWS as NAMES_OF_VIEWS
from bookutils.trace.memory import aligned

RNG = np.random.default_rng(0)
A, B = RNG.uniform(0.1, 0.9, size=(2, 4, 3))
N, M = RNG.integers(1, 5, size=(2, 4, 3))
SQUARE = RNG.normal(size=(3, 3))

PRODUCTS = {
    "matmul": ((A, B.T), (B, A.T)),
    "matvec": ((A, A[0]), (B, B[0])),
    "vecmat": ((A.T[0], B), (B.T[0], A)),
}
CALLS = {
    **{name: lambda np, a, f=name: getattr(np, f)(a, axis=0) for name in REDUCED},
    "broadcast_to": lambda np, a: np.broadcast_to(a, (2, 4, 3)),
    "expand_dims": lambda np, a: np.expand_dims(a, axis=1),
    "flip": lambda np, a: np.flip(a, axis=0),
    "matrix_transpose": lambda np, a: np.matrix_transpose(a),
    "moveaxis": lambda np, a: np.moveaxis(a, 0, 1),
    "permute_dims": lambda np, a: np.permute_dims(a, (1, 0)),
    "ravel": lambda np, a: np.ravel(a.T),
    "reshape": lambda np, a: np.reshape(a.T, (2, 6)),
    "squeeze": lambda np, a: np.squeeze(a[:, :1], axis=1),
    "swapaxes": lambda np, a: np.swapaxes(a, 0, 1),
    "transpose": lambda np, a: np.transpose(a),
    "argmax": lambda np, a: np.argmax(a, axis=1),
    "argmin": lambda np, a: np.argmin(a),
    "clip": lambda np, a: np.clip(a, 0.2, 0.6),
    "concat": lambda np, a: np.concat([a, a * 2], axis=1),
    "concatenate": lambda np, a: np.concatenate([a, a * 2]),
    "cumprod": lambda np, a: np.cumprod(a, axis=0),
    "cumsum": lambda np, a: np.cumsum(a),
    "cumulative_prod": lambda np, a: np.cumulative_prod(a, axis=0),
    "cumulative_sum": lambda np, a: np.cumulative_sum(a, axis=1),
    "dot": lambda np, a: np.dot(a.T, a),
    "einsum": lambda np, a: np.einsum("ij,kj->ik", a, a),
    "mean": lambda np, a: np.mean(a, axis=0),
    "round": lambda np, a: np.round(a, 1),
    "stack": lambda np, a: np.stack([a, -a], axis=1),
    "std": lambda np, a: np.std(a),
    "take": lambda np, a: np.take(a, [2, 0], axis=1),
    "trace": lambda np, a: np.trace(a),
    "var": lambda np, a: np.var(a, axis=1, keepdims=True),
    "count_nonzero": lambda np, a: np.count_nonzero(a > 0.5, axis=0),
    "diff": lambda np, a: np.diff(a, axis=0),
    "inner": lambda np, a: np.inner(a, a),
    "outer": lambda np, a: np.outer(a, a),
    "repeat": lambda np, a: np.repeat(a, 2, axis=0),
    "roll": lambda np, a: np.roll(a, 1, axis=0),
    "sort": lambda np, a: np.sort(a, axis=0),
    "tensordot": lambda np, a: np.tensordot(a, a, axes=([0], [0])),
    "tile": lambda np, a: np.tile(a, (2, 1)),
    "tril": lambda np, a: np.tril(a),
    "triu": lambda np, a: np.triu(a, 1),
    "where": lambda np, a: np.where(a > 0.5, a, -a),
    "arange": lambda np, a: a + np.arange(3),
    "empty": lambda np, a: a * 0.0 * np.empty(3, dtype=bool),
    "eye": lambda np, a: a @ np.eye(3),
    "full": lambda np, a: a + np.full(3, 2.0),
    "linspace": lambda np, a: a + np.linspace(0.0, 1.0, 3),
    "ones": lambda np, a: a + np.ones(3),
    "zeros": lambda np, a: a + np.zeros(3),
    "ones_like": lambda np, a: a + np.ones_like(a),
    "zeros_like": lambda np, a: a + np.zeros_like(a),
    "full_like": lambda np, a: a + np.full_like(a, 2.0),
    "empty_like": lambda np, a: a + 0.0 * np.empty_like(a, dtype=bool),
}


def test_there_is_a_call_of_every_function():
    others = f"{NAMES_OF_VIEWS} {WITH_OUT} {WITHOUT_OUT} {MAKERS}".split()
    assert {*FUNCTIONS} - {*UFUNCS} - {*CALLS} == set()
    assert {name for name in others if hasattr(np, name)} <= {*CALLS}


@pytest.mark.parametrize("name", CALLS)
def test_a_function_is_replayed_with_its_bits(name):
    f = CALLS[name]
    fast = record(lambda a: f(np, a), A)
    for a in (A, B):
        y, expected = fast(a), f(np, a)
        assert y.shape == expected.shape and y.dtype == expected.dtype
        assert np.array_equal(y, expected)


@pytest.mark.parametrize("name", sorted(UFUNCS))
@np.errstate(all="ignore")  # arccosh below 1
def test_a_function_of_numbers_one_by_one_is_replayed_with_its_bits(name):
    f = UFUNCS[name]
    first, second = PRODUCTS.get(name, ((A, B), (B, A)))
    try:
        f(*first[: f.nin])
    except TypeError:  # of whole numbers only
        first, second = (N, M), (M, N)
    fast = record(f, *first[: f.nin])
    for operands in (first, second):
        y, expected = fast(*operands[: f.nin]), f(*operands[: f.nin])
        assert y.dtype == expected.dtype
        assert np.array_equal(y, expected, equal_nan=expected.dtype.kind == "f")


def test_operators_methods_and_changes_in_place():
    def step(a, n):
        b = a.copy()
        b[1:] += 2.0 * a[:-1]
        b[0] = -1.0
        b *= 2
        b -= a @ a.T @ a
        np.add(b, 1.0, out=b)
        c = abs(-b) ** 0.5 + b**2 - 1.0 / (b + 9.0) + 2.0**a
        np.add.at(c, [0, 0, 2], a[:3])
        d = (n % 3) // 2 | (n << 1) & 6 ^ (n >> 1)
        return [b.T.mean(axis=0), c.sum(), c.reshape(-1)[::2].max(), ~(c > 0.5), d, b[..., None].T]

    fast = record(step, A, N)
    for a, n in ((A, N), (B, M)):
        for y, expected in zip(fast(a, n), step(a, n), strict=True):
            assert np.array_equal(y, expected) and y.dtype == np.asarray(expected).dtype
    assert np.array_equal(A, np.array(A))


def test_what_numpy_has_and_a_recording_has_not():
    for f in (np.unique, np.linalg.det, np.histogram, np.fft.fft):
        with pytest.raises(ReplayError, match="is not among what it knows"):
            record(f, SQUARE)
    with pytest.raises(ReplayError, match="np.add.accumulate"):
        record(np.add.accumulate, SQUARE)
    with pytest.raises(ReplayError, match="np.divmod"):
        record(lambda a: np.divmod(a, 2.0), SQUARE)
    with pytest.raises(ReplayError, match="memory has been changed"):
        record(lambda a: alias(a.copy()), SQUARE)


def alias(a):
    """A view is changed in place, and then the array that it is of is read."""
    top = a[:1]
    top += 1.0
    return a


@pytest.mark.parametrize("kind", ["bool", "int8", "float16", "float32", "float64", "complex128"])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 5), (7, 1, 9)])
def test_an_array_of_a_replay_begins_at_a_line_of_the_cache(kind, shape):
    made = [aligned(shape, np.dtype(kind)) for _ in range(9)]
    for array in made:
        assert array.shape == shape and array.dtype == kind
        assert array.flags.carray
        assert array.__array_interface__["data"][0] % 64 == 0 or not array.size
        array[...] = 1
    assert not any(np.shares_memory(a, b) for a, b in zip(made, made[1:], strict=False))
