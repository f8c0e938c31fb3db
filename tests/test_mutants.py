"""Each exercise rejects every small change of its solution that changes what it computes."""

import ast
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import nbformat
import pytest
from mutants import mutants

from bookutils.checks.registry import all_exercises, find

ROOT = Path(__file__).resolve().parent.parent
IDS = [exercise.id for exercise in all_exercises()]
FIRST = 3  # cases that are tried before all of them: most mutants fail there

TRANSPOSED_VECTOR = "an array with one axis is its own transpose"
OTHER_ORDER = "the sum, or the list, does not depend on the order of the arrows"
NO_KINK = "z = 0 does not occur: the slope there is a matter of taste"
AS_A_LIST = "a list of numbers does as well as an array of them"
ONE_POWER = "one power of ten either way is accepted: it is read off a picture"
NO_ORDER = "the larger, or the smaller, of two has no order"
TWO_SIDES = "an area is a product of two sides: turned round, both together, it is the same"
DOT_IS_SUM = "a dot product is the sum of the products, and the sum of one number is that number"

EQUIVALENT = {  # exercise -> change that keeps the answer right -> why it does
    "00.0": {"return (w - 3) ** 2 → return (3 - w) ** 2": "a square has no sign"},
    "01.3": {
        "return (-8, -5) → return (-9, -5)": ONE_POWER,
        "return (-8, -5) → return (-7, -5)": ONE_POWER,
        "return (-8, -5) → return (-8, -6)": ONE_POWER,
        "return (-8, -5) → return (-8, -4)": ONE_POWER,
    },
    "01.4": {
        "return grad @ u / np.sqrt(u @ u) → return u @ grad / np.sqrt(u @ u)": (
            "the dot product of two vectors commutes"
        ),
        "return grad @ u / np.sqrt(u @ u) → return grad.T @ u / np.sqrt(u @ u)": TRANSPOSED_VECTOR,
        "return grad @ u / np.sqrt(u @ u) → return grad @ u.T / np.sqrt(u @ u)": TRANSPOSED_VECTOR,
        "return grad @ u / np.sqrt(u @ u) → return grad @ u / np.sqrt(u.T @ u)": TRANSPOSED_VECTOR,
        "return grad @ u / np.sqrt(u @ u) → return grad @ u / np.sqrt(u @ u.T)": TRANSPOSED_VECTOR,
    },
    "01.6": {"y = np.tanh(x @ W + b) → y = np.tanh(x.T @ W + b)": TRANSPOSED_VECTOR},
    "01.7": {
        "h = sigmoid(x @ W1 + b1) → h = sigmoid(x.T @ W1 + b1)": TRANSPOSED_VECTOR,
        "y = sigmoid(h @ W2 + b2) → y = sigmoid(h.T @ W2 + b2)": TRANSPOSED_VECTOR,
        "delta2 = (y - t) * y * (1 - y) → delta2 = (y - t) @ y * (1 - y)": (
            "the net has one output, and a dot product of one number is a product"
        ),
        "delta1 = W2 @ delta2 * h * (1 - h) → delta1 = W2 @ delta2.T * h * (1 - h)": (
            TRANSPOSED_VECTOR
        ),
    },
    "02.4": {
        "for parent in parents[node]: → for parent in reversed(parents[node]):": OTHER_ORDER,
    },
    "02.5": {
        "G[root] = 1.0 → G[root] += 1.0": "0.0 stands there",
        "for parent, slope in edges[node]: → for parent, slope in reversed(edges[node]):": (
            OTHER_ORDER
        ),
    },
    "02.6": {
        "d = np.ones(len(slopes)).tolist() → d = np.ones(len(slopes))": (
            "an array of ones does as well as a list of them"
        ),
    },
    "02.7": {"return W @ dz → return W @ dz.T": TRANSPOSED_VECTOR},
    "03.4": {
        "for _ in range(steps): → for _ in reversed(range(steps)):": "the counter is not used",
        "grad = 0.0 → grad = -0.0": "zero has no sign in a sum",
        "grad += np.mean((w * x - t) * x) → grad = np.mean((w * x - t) * x)": "0.0 stands there",
    },
    "03.5": {
        "h1 = max(z1, 0.0) → h1 = max(0.0, z1)": "the larger of two has no order",
        "h2 = max(z2, 0.0) → h2 = max(0.0, z2)": "the larger of two has no order",
        "dz2 = dy * w3 * (z2 > 0) → dz2 = dy * w3 * (z2 >= 0)": NO_KINK,
        "dz1 = dz2 * w2 * (z1 > 0) → dz1 = dz2 * w2 * (z1 >= 0)": NO_KINK,
    },
    "03.6": {
        "for j in range(len(x)): → for j in reversed(range(len(x))):": (
            "the largest does not depend on the order"
        ),
        "errors.append(abs((f(up) - f(down)) / (2 * h) - g[j])) → "
        "errors.append(abs(g[j] - (f(up) - f(down)) / (2 * h)))": "a distance has no sign",
    },
    "03.7": {
        "return np.where(z > 0, 1.0, a) * G → return np.where(z >= 0, 1.0, a) * G": NO_KINK,
    },
    "03.9": {
        "G[root] = 1.0 → G[root] += 1.0": "0.0 stands there",
        "for parent, slope in edges[node]: → for parent, slope in reversed(edges[node]):": (
            OTHER_ORDER
        ),
    },
    "05.1": {
        "W1 = np.array([[1.0, 1.0], [1.0, 1.0]]) → W1 = [[1.0, 1.0], [1.0, 1.0]]": AS_A_LIST,
        "W1 = np.array([[1.0, 1.0], [1.0, 1.0]]) → W1 = np.array([[1.0, 1.0], [1.0, 1.0]]).T": (
            "both neurons weigh both inputs alike"
        ),
        "b1 = np.array([0.0, -1.0]) → b1 = [0.0, -1.0]": AS_A_LIST,
        "b1 = np.array([0.0, -1.0]) → b1 = np.array([0.0, -1.0]).T": TRANSPOSED_VECTOR,
        "W2 = np.array([[1.0], [-2.0]]) → W2 = [[1.0], [-2.0]]": AS_A_LIST,
        "b2 = np.array([0.0]) → b2 = -np.array([0.0])": "zero has no sign in a sum",
        "b2 = np.array([0.0]) → b2 = [0.0]": AS_A_LIST,
        "b2 = np.array([0.0]) → b2 = np.array([0.0]).T": TRANSPOSED_VECTOR,
        "return (W1, b1, W2, b2) → return (W1, b1, W2, -b2)": "zero has no sign in a sum",
    },
    "05.2": {"b = b @ W_l + b_l → b = b.T @ W_l + b_l": TRANSPOSED_VECTOR},
    "05.4": {
        "for W, z in zip(Ws[:0:-1], zs[::-1]): → for W, z in zip(Ws[::-1], zs[::-1]):": (
            "zip stops where the hidden layers end"
        ),
    },
    "05.5": {
        "h = np.tanh(x @ W1 + b1) → h = np.tanh(x.T @ W1 + b1)": TRANSPOSED_VECTOR,
        "y = np.tanh(h @ W2 + b2) → y = np.tanh(h.T @ W2 + b2)": TRANSPOSED_VECTOR,
        "delta2 = (y - t) * (1 - y * y) → delta2 = (y - t) * (1 - y @ y)": (
            "the net has one output, and a dot product of one number is a product"
        ),
        "delta1 = W2 @ delta2 * (1 - h * h) → delta1 = W2 @ delta2.T * (1 - h * h)": (
            TRANSPOSED_VECTOR
        ),
    },
    "05.6": {
        "return 2 / len(z) * (y - t) * y * (1 - y) → return 2 / len(t) * (y - t) * y * (1 - y)": (
            "z and t have the same length"
        ),
    },
    "05.7": {
        "h = np.maximum(X @ W1 + b1, 0) → h = np.maximum(0, X @ W1 + b1)": (
            "the larger of two has no order"
        ),
    },
    "05.8": {
        "for _ in range(steps): → for _ in reversed(range(steps)):": "the counter is not used",
        "e = X @ w + b - t → e = X @ w.T + b - t": TRANSPOSED_VECTOR,
        "dw, db = (2 * X.T @ e / len(t), 2 * e.mean()) → "
        "dw, db = (2 * X.T @ e.T / len(t), 2 * e.mean())": TRANSPOSED_VECTOR,
    },
    "05.11": {
        "for W, b in zip(Ws[:-1], bs[:-1]): → for W, b in zip(Ws[:], bs[:-1]):": (
            "zip stops at the shorter one"
        ),
        "for W, b in zip(Ws[:-1], bs[:-1]): → for W, b in zip(Ws[:-1], bs[:]):": (
            "zip stops at the shorter one"
        ),
        "hs.append(np.maximum(hs[-1] @ W + b, 0)) → hs.append(np.maximum(0, hs[-1] @ W + b))": (
            "the larger of two has no order"
        ),
        "delta = (y - t) / len(X) → delta = (y - t) / len(t)": "one row of t for each row of X",
    },
    "06.3": {
        "return np.mean(lse - Z[np.arange(len(Z)), labels]) → "
        "return np.mean(lse - Z[np.arange(len(labels)), labels])": "one label a row",
    },
    "06.4": {
        "return np.logaddexp(0, z) - z * t → return np.logaddexp(z, 0) - z * t": (
            "a sum of two exponentials has no order"
        ),
    },
    "06.6": {
        "return np.sum(means * sizes) / np.sum(sizes) → "
        "return np.sum(means @ sizes) / np.sum(sizes)": DOT_IS_SUM,
    },
    "06.7": {
        "return np.mean((y[:, 0] - t) ** 2) → return np.mean((t - y[:, 0]) ** 2)": (
            "a square has no sign"
        ),
        "return np.mean((y[:, 0] - t) ** 2) → return np.mean((y[:, -1] - t) ** 2)": (
            "the only column is the last one too"
        ),
    },
    "06.8": {
        "return np.clip(e, -d, d) → return np.clip(-d, e, d)": (
            "clip takes the larger of its first two, then the smaller with the third"
        ),
    },
    "06.10": {
        "sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0) → "
        "sides = -np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0)": TWO_SIDES,
        "sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0) → "
        "sides = np.maximum(0, np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]))": NO_ORDER,
        "sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0) → "
        "sides = np.maximum(np.minimum(b[2:], a[2:]) - np.maximum(a[:2], b[:2]), 0)": NO_ORDER,
        "sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0) → "
        "sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(b[:2], a[:2]), 0)": NO_ORDER,
        "around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]) → "
        "around = -(np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]))": TWO_SIDES,
        "around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]) → "
        "around = np.minimum(a[:2], b[:2]) - np.maximum(a[2:], b[2:])": TWO_SIDES,
        "around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]) → "
        "around = np.maximum(b[2:], a[2:]) - np.minimum(a[:2], b[:2])": NO_ORDER,
        "around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]) → "
        "around = np.maximum(a[2:], b[2:]) - np.minimum(b[:2], a[:2])": NO_ORDER,
        "union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both → "
        "union = np.prod(a[:2] - a[2:]) + np.prod(b[2:] - b[:2]) - both": TWO_SIDES,
        "union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both → "
        "union = np.prod(a[2:] - a[:2]) + np.prod(b[:2] - b[2:]) - both": TWO_SIDES,
    },
    "06.11": {"n, T = tokens.shape → n, T = real.shape": "both have the shape (n, T)"},
    "06.12": {
        "return np.sum(t[possible] * np.log(t[possible] / p[possible])) → "
        "return np.sum(t[possible] @ np.log(t[possible] / p[possible]))": DOT_IS_SUM,
    },
    "04.5": {"dZ = G * (X @ W + b > 0) → dZ = G * (X @ W + b >= 0)": NO_KINK},
    "04.6": {
        "grad = X.T @ delta / len(X) → grad = X.T @ delta / len(delta)": "both have n rows",
    },
    "04.7": {"out = np.zeros(shape) → out = -np.zeros(shape)": "zero has no sign in a sum"},
    "04.11": {
        "return X[:, :, None] * D[:, None, :] → return X[:, :, None] @ D[:, None, :]": (
            "a column times a row is the outer product"
        ),
    },
}


@cache
def solution(id):
    """(program text of the solution's function, the names that stand round it)."""
    (path,) = (ROOT / "solutions").glob(f"{id[:2]}_*.ipynb")
    names, functions = {}, {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.source.startswith(f'check("{id}"'):
            return functions[find(id).name], names
        if cell.cell_type == "code":
            for node in ast.parse(cell.source).body:
                if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef)):
                    exec(ast.unparse(node), names)
                if isinstance(node, ast.FunctionDef):
                    functions[node.name] = ast.unparse(node)
    raise LookupError(f"{path.name} has no check of {id}")


@cache
def survivors(id):
    """(number of mutants, those that get the verdict `right`)."""
    exercise = replace(find(id), seconds=0.3, _memory={})  # long enough for every solution
    first = exercise
    if not exercise.wants_value:
        first = replace(exercise, cases=lambda rng: [*exercise.cases(rng)][:FIRST], _memory={})
    source, names = solution(id)
    made, alive = mutants(source), []
    for change, text in made.items():
        scope = dict(names)
        exec(text, scope)
        answer = scope[exercise.name]
        # wrong on the first cases is wrong; right is only what is right on all
        if first.judge(answer).right and exercise.judge(answer).right:
            alive.append(change)
    return len(made), alive


def figures():
    """The line of CONTRIBUTING.md that says how hard the graders were tried."""
    wrong = sum(len(exercise.mistakes) for exercise in all_exercises())
    tried = sum(survivors(id)[0] for id in IDS)
    equivalent = sum(len(survivors(id)[1]) for id in IDS)
    return len(IDS), wrong, tried, tried - equivalent, equivalent


@pytest.mark.parametrize("id", IDS)
def test_the_solution_is_right_within_the_limit(id):
    source, names = solution(id)
    scope = dict(names)
    exec(source, scope)
    verdict = replace(find(id), seconds=0.3, _memory={}).judge(scope[find(id).name])
    assert verdict.right, verdict


@pytest.mark.parametrize("id", IDS)
def test_every_mutant_is_rejected_or_equivalent(id):
    tried, alive = survivors(id)
    known = EQUIVALENT.get(id, {})
    assert not set(alive) - set(known), "the grader lets these pass: mend its cases"
    assert not set(known) - set(alive), "these are rejected, or are no mutants any more: drop them"
    assert all(known.values()) and tried >= 3


def test_equivalents_belong_to_exercises():
    assert set(EQUIVALENT) <= set(IDS)


CHANGES = """
def f(x, W, mask):
    total = 0.0
    for i in range(len(x)):
        total += x[i] * 2 - 1
    y = np.sum(mask * (x @ W.T), axis=0)
    y[1:] = np.maximum(y[1:], 0.5)
    return total, y.mean()
"""
EXPECTED = [  # one of each kind
    "total += x[i] * 2 - 1 → total += x[i] * 2 + 1",
    "total += x[i] * 2 - 1 → total += x[i] * 2",
    "total += x[i] * 2 - 1 → total += x[i] - 1",
    "total += x[i] * 2 - 1 → total += -(x[i] * 2 - 1)",
    "total += x[i] * 2 - 1 → total += x[i + 1] * 2 - 1",
    "total += x[i] * 2 - 1 → total += x[i] * 3 - 1",
    "total += x[i] * 2 - 1 → total = x[i] * 2 - 1",
    "total += x[i] * 2 - 1 → pass",
    "for i in range(len(x)): → for i in range(len(x) - 1):",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.sum(mask * (x * W.T), axis=0)",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.sum(mask * (x @ W), axis=0)",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.sum(mask * (x.T @ W.T), axis=0)",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.sum(x @ W.T, axis=0)",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.sum(mask * (x @ W.T), axis=1)",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.sum(mask * (x @ W.T))",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.mean(mask * (x @ W.T), axis=0)",
    "y = np.sum(mask * (x @ W.T), axis=0) → y += np.sum(mask * (x @ W.T), axis=0)",
    "y[1:] = np.maximum(y[1:], 0.5) → y[2:] = np.maximum(y[1:], 0.5)",
    "y[1:] = np.maximum(y[1:], 0.5) → y[1:] = np.minimum(y[1:], 0.5)",
    "y[1:] = np.maximum(y[1:], 0.5) → y[1:] = np.maximum(0.5, y[1:])",
    "return (total, y.mean()) → return (y.mean(), total)",
    "return (total, y.mean()) → return (total, y.sum())",
]


def test_mutants_are_of_every_kind():
    made = mutants(CHANGES)
    assert not [change for change in EXPECTED if change not in made]
    for text in made.values():
        compile(text, "<mutant>", "exec")


def test_contributing_shows_the_figures(record_property):
    exercises, wrong, tried, killed, equivalent = figures()
    record_property(
        "measured",
        f"graders: {exercises} exercises, {wrong} known-wrong answers, {tried} mutants of the "
        f"solutions, {killed} rejected, {equivalent} equivalent",
    )
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    row = f"| {exercises} | {wrong} | {tried} | {killed} | {equivalent} |"
    shown = re.findall(r"^\| *\d+ \|.*$", text, re.MULTILINE)
    assert row in shown, f"the figures changed: write {row} in CONTRIBUTING.md instead of {shown}"
