"""Where NumPy raises, the verdict says which shapes met, and what would have fitted."""

import numpy as np
import pytest

from bookutils.judge.exercise import Exercise


def told(body, *args, signature="f(X, G)"):
    """The verdict on a function with this body, called with these arguments."""
    cases = [args, tuple(2 * a for a in args)]
    exercise = Exercise("99.1", "a test", signature, lambda *a: 0.5, (), (), cases=lambda _: cases)
    return exercise.judge(f"def {signature}:\n" + "".join(f"    {x}\n" for x in body.split("; ")))


X, G, ROW = np.ones((3, 2)), np.ones((3, 4)), np.ones(3)

PRODUCTS = {
    "return X @ G": "`X @ G` multiplies (3, 2) by (3, 4): the inner sizes must be equal, and they "
    "are 2 and 3. Did you forget a transpose, `.T`?",
    "return X.T @ G.T": "`X.T @ G.T` multiplies (2, 3) by (4, 3)",
    "return np.dot(X, G)": "`np.dot(X, G)` multiplies (3, 2) by (3, 4)",
    "return np.matmul(X, G)": "`np.matmul(X, G)` multiplies (3, 2) by (3, 4)",
    "return X.dot(G)": "`X.dot(G)` multiplies (3, 2) by (3, 4)",
    "Y = G - 1; return (X @ Y).sum()": "`X @ Y` multiplies (3, 2) by (3, 4)",
    "x = X[0]; return x @ G": "`x @ G` multiplies (2,) by (3, 4): the inner sizes must be equal, "
    "and they are 2 and 3.",
    "g = G[0]; return X.T @ G @ g[:2]": "`X.T @ G @ g[:2]` multiplies (2, 4) by (2,): the inner "
    "sizes must be equal, and they are 4 and 2. Did you forget a transpose, `.T`?",
    "return X @ G.sum()": "`X @ G.sum()` needs two arrays: one of them is a number",
}


@pytest.mark.parametrize("body", PRODUCTS)
def test_a_product_that_does_not_fit(body):
    verdict = told(body, X, G)
    assert verdict.says.startswith(PRODUCTS[body]) and "gufunc" not in repr(verdict), verdict
    assert " is (3, 4)" in dict(verdict.rows)["shapes"]


def test_a_transpose_is_proposed_only_where_one_fits():
    verdict = told("return X @ G", np.ones((3, 2)), np.ones((5, 7)))
    assert "transpose" not in verdict.says and "they are 2 and 5" in verdict.says


BROADCAST = {
    "return X - X.sum(axis=1)": "`X - X.sum(axis=1)` does not fit: the shapes (3, 2) and (3,) are "
    "compared from the right, and 2 is not 3. With `keepdims=True`, `X.sum(axis=1)` would keep the "
    "shape (3, 1).",
    "m = np.max(X, axis=1); return X == m": "`X == m` does not fit: the shapes (3, 2) and (3,) are "
    "compared from the right, and 2 is not 3. `m[:, None]` has the shape (3, 1); so has a sum or "
    "mean with `keepdims=True`.",
    "return np.multiply(X, G)": "`np.multiply(X, G)` does not fit",
    "b = np.zeros(2); b += X; return b": "`b += X` puts (3, 2) into (2,), which cannot grow. "
    "Is a sum over an axis missing on the right?",
    "return X * X.T": "`X * X.T` does not fit: the shapes (3, 2) and (2, 3) are compared from the "
    "right, and 2 is not 3. Did you forget a transpose, `.T`?",
}


@pytest.mark.parametrize("body", BROADCAST)
def test_shapes_that_do_not_broadcast(body):
    verdict = told(body, X, G)
    assert verdict.says.startswith(BROADCAST[body]), verdict
    assert verdict.face == "broken" and "X is (3, 2)" in dict(verdict.rows)["shapes"]


@pytest.mark.parametrize(
    "body, says",
    [
        ("return X.reshape(4)", "cannot reshape array of size 6"),
        ("return np.concatenate([X, G])", "must match exactly"),
        ("return np.einsum('ij,jk->ik', X, G)", "remapped shapes"),
        ("out = np.zeros(2); out[:] = ROW(X); return out", "could not broadcast input array"),
        ("return X[5]", "out of bounds"),
        ("return 1.0 if X else 0.0", "ambiguous"),
    ],
)
def test_elsewhere_the_shapes_stand_beside_the_message(body, says):
    body = body.replace("ROW(X)", "X[:, 0]")
    verdict = told(body, X, G)
    assert says in verdict.says and "X is (3, 2)" in dict(verdict.rows)["shapes"], verdict


def test_looking_for_the_shapes_does_nothing_twice():
    """An operand that calls a function of the learner's is not evaluated again."""
    source = "def f(X, G):\n    def next_G():\n        G[0, 0] += 1\n        return G\n"
    source += "    return X @ next_G()\n"
    cases = [(np.ones((3, 2)), np.ones((3, 4)))] * 2
    exercise = Exercise("99.1", "a test", "f(X, G)", None, (), (), cases=lambda _: cases)
    outcome = exercise.run(source)[0]
    assert outcome.error == "ValueError" and outcome.changed == ("G",)
    assert outcome.after[0][0, 0] == 2


def test_other_errors_show_no_shapes():
    verdict = told("return 1 / (X[0, 0] - X[0, 0] + y)", X, G)
    assert verdict.says == "NameError: name 'y' is not defined." and "shapes" not in str(
        verdict.rows
    )
    assert told("return (X[0, 0] > 0) ^ 2.5", X, G).says.endswith("a power is written `**`.")
