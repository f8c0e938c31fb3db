"""What every tensor engine of this book must do: one suite, beside `engine_contract`, for shapes.

    @pytest.mark.parametrize("case", tensor_contract.cases())
    def test_contract(case):
        case(lambda a: Tensor(a, requires_grad=True), np.asarray)

`make(array)` builds a Tensor that wants a gradient; `store(array)` moves a NumPy array to the
library that carries the engine. An engine that is naive on purpose says where it fails:

    tensor_contract.cases(failing={"bias": AssertionError}, without=("sum", "index"))
"""

import numpy as np
import pytest
import torch


def largest(a, **axis):
    # PyTorch's max along an axis returns the places as well
    return a.amax(**axis) if isinstance(a, torch.Tensor) else a.max(**axis)


PROGRAMS = {  # name: (what it needs, program, shapes of its operands); no two sizes equal
    "elementwise": ("", lambda a, b: (a * b - a / b).tanh(), (4, 3), (4, 3)),
    "matmul": ("", lambda x, w: x @ w, (5, 3), (3, 4)),
    "matmul_twice": ("", lambda x, w: (x @ w) * (x @ w).sigmoid(), (5, 3), (3, 4)),
    "two_layers": ("", lambda x, v, w: ((x @ v).tanh() @ w).exp(), (5, 3), (3, 4), (4, 2)),
    "used_with_itself": ("", lambda a: a * a + a, (4, 3)),
    "bias": ("broadcast", lambda x, w, b: x @ w + b, (5, 3), (3, 4), (4,)),
    "column": ("broadcast", lambda a, b: a * b, (4, 1), (4, 3)),
    "row_minus_column": ("broadcast", lambda a, b: a - b, (3,), (4, 1)),
    "both_stretched": ("broadcast", lambda a, b: a / (2 + b * b), (2, 1, 4), (3, 1)),
    "one_number": ("broadcast", lambda a, b: a * b, (), (4, 3)),
    "axes_of_length_one": ("broadcast", lambda a, b: a + b * b, (1, 1), (4, 3)),
    "no_rows": ("broadcast", lambda a, b: a * b, (0, 3), (3,)),
    "sum": ("sum", lambda a: a.sum() * a, (4, 3)),
    "sum_rows": ("sum", lambda a: a.sum(axis=1), (4, 3)),
    "sum_kept": ("sum", lambda a: a / a.exp().sum(axis=0, keepdims=True), (4, 3)),
    "sum_two_axes": ("sum", lambda a: a.sum(axis=(0, 2)), (2, 4, 3)),
    "mean": ("sum", lambda a: (a - a.mean(axis=1, keepdims=True)) * a.mean(), (4, 3)),
    "max": ("sum", lambda a: largest(a, axis=0) - largest(a, axis=1, keepdims=True), (4, 3)),
    "slice": ("index", lambda a: a[1:3] * a[::2], (4, 3)),
    "repeats": ("index", lambda a: a[[2, 0, 2, 2]] * a, (4, 3)),
    "pairs": ("index", lambda a: a[[0, 1, 3, 1], [2, 2, 0, 2]], (4, 3)),
    "one_row": ("index", lambda a: a[-1] * a, (4, 3)),
    "reshape": ("index", lambda a, b: a.reshape(2, 6) @ b, (4, 3), (6, 5)),
    "transpose": ("index", lambda a, b: a.T @ b, (4, 3), (4, 2)),
}


def cases(failing=None, without=()):
    """List the cases for parametrize; those in `failing` (case: exception) must fail so."""
    failing = dict(failing or {})
    named = {
        name: agrees(name, program, *shapes)
        for name, (needs, program, *shapes) in PROGRAMS.items()
        if needs not in without
    }
    named |= {f.__name__: f for f in (second_backward, starts_from_one_number, constant_first)}
    assert failing.keys() <= named.keys(), f"no such case: {failing.keys() - named.keys()}"
    return [
        pytest.param(
            case,
            id=name,
            marks=pytest.mark.xfail(raises=failing[name], strict=True) if name in failing else (),
        )
        for name, case in named.items()
    ]


def needing(need):
    """The names of the programs that need this."""
    return [name for name, (needs, *_) in PROGRAMS.items() if needs == need]


def numbers(array):
    """The array as NumPy's, from whichever library and device it comes."""
    return array.cpu().numpy() if isinstance(array, torch.Tensor) else np.asarray(array)


def agrees(name, program, *shapes):
    """Shape and numbers of every gradient, against PyTorch, with a random upstream gradient."""

    def case(make, store):
        for seed in range(5):
            rng = np.random.default_rng(seed)
            arrays = [np.asarray(rng.normal(size=shape)) for shape in shapes]
            theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
            z = program(*theirs)
            G = np.asarray(rng.normal(size=tuple(z.shape)))
            z.backward(torch.tensor(G))
            ours = [make(store(a)) for a in arrays]
            y = program(*ours)
            assert tuple(y.shape) == tuple(z.shape)
            y.backward(store(G))
            for leaf, other in zip(ours, theirs, strict=True):
                assert tuple(leaf.grad.shape) == tuple(leaf.shape), name
                size = max(float(other.grad.abs().max()) if other.grad.numel() else 0.0, 1e-300)
                error = np.abs(numbers(leaf.grad) - other.grad.numpy()).max(initial=0.0)
                assert error <= 1e-13 * size, (name, seed, error / size)

    return case


def second_backward(make, store):
    a, b = make(store(np.array([1.5, -0.5]))), make(store(np.array([2.0, 0.25])))
    y = a * b * b
    for call in (1, 2, 3):
        y.backward(store(np.array([1.0, -3.0])))
        expected = np.array([4.0, -0.1875]) * call  # G b², each call once more
        assert numbers(a.grad).tolist() == expected.tolist()


def starts_from_one_number(make, store):
    y = make(store(np.array([1.5, -0.5]))) * 2.0
    with pytest.raises((ValueError, RuntimeError), match=r"\(2,\)"):
        y.backward()


def constant_first(make, store):
    w = make(store(np.array([[1.0, -2.0], [0.5, 3.0]])))
    x = store(np.array([[2.0, -1.0], [4.0, 0.5], [-3.0, 1.5]]))
    y = 0.5 * (x @ w) - x
    y.backward(store(np.array([[1.0, 0.0], [-2.0, 1.0], [0.5, -4.0]])))
    # XᵀG/2: (2 - 8 - 1.5, 4 + 12)/2 and (-1 - 1 + 0.75, 0.5 - 6)/2
    assert numbers(w.grad).tolist() == [[-3.75, 8.0], [-0.625, -2.75]]
