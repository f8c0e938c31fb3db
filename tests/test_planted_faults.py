"""Faults planted in the engine's source, one at a time: the tests of the engine find each."""

import operator
import sys
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace

import engine_contract
import pytest
import test_scalar
from test_scalar import ONE_OPERAND, TWO_OPERANDS

import bookutils
from bookutils.rules import RULES

SOURCES = {
    name: (Path(bookutils.__file__).parent / f"{name}.py").read_text()
    for name in ("graph", "rules", "scalar")
}

FAULTS = [  # module, text, text with the fault
    ("graph", "grads[parent] += slope * grad", "grads[parent] = slope * grad"),
    ("graph", "grads[parent] += slope * grad", "grads[parent] -= slope * grad"),
    ("graph", "grads[parent] += slope * grad", "grads[parent] += slope"),
    ("graph", "grads[parent] += slope * grad", "grads[parent] += slope + grad"),
    ("graph", "grads[parent] += slope * grad", "grads[parent] += grad"),
    ("graph", "grads[root] = 1.0", "grads[root] = 2.0"),
    ("graph", "grads[root] = 1.0", "pass"),
    ("graph", "in reversed(grads.items())", "in list(grads.items())"),
    ("graph", "grads[node._a] += da * grad", "grads[node._a] = da * grad"),
    ("graph", "grads[node._a] += da * grad", "grads[node._a] += db * grad"),
    ("graph", "grads[node._a] += da * grad", "grads[node._a] += da"),
    ("graph", "grads[node._b] += db * grad", "grads[node._b] = db * grad"),
    ("graph", "grads[node._b] += db * grad", "grads[node._b] -= db * grad"),
    ("graph", "grads[node._b] += db * grad", "grads[node._a] += db * grad"),
    ("graph", " and da is not cut", ""),
    ("graph", " and db is not cut", ""),
    ("graph", "da is not None and da is not cut", "da"),
    ("graph", "db is not None and db is not cut", "db"),
    ("graph", "if slope is not cut:", "if True:"),
    ("graph", "stack += node._a", "stack += node._a[1:]"),
    ("graph", "push(node._b)", "pass"),
    (  # the recursive walk of micrograd
        "graph",
        "    push, pop = stack.append, stack.pop\n",
        "    push, pop = stack.append, stack.pop\n"
        "    def walk(v):\n"
        "        if v not in done:\n"
        "            [walk(p) for p in v.parents]\n"
        "            done[v] = 0.0\n"
        "    walk(root)\n",
    ),
    (  # nearest first, where a node may pass on before all of its consumers have added
        "graph",
        "    return done\n",
        "    near = [root]\n"
        "    for v in near:\n"
        "        near += [p for p in dict.fromkeys(v.parents) if p not in near]\n"
        "    return dict.fromkeys(reversed(near), 0.0)\n",
    ),
    ("scalar", "node.grad += grad", "node.grad = grad"),
    ("scalar", "node.grad += grad", "node.grad += node.grad + grad"),
    (  # only the leaves are told
        "scalar",
        "            node.grad += grad",
        "            node.grad += grad if not node.parents else 0.0",
    ),
    ("scalar", "da, db = {da}, {db}", "da, db = {db}, {da}"),
    ("scalar", "da, db = {da}, {db}", "da, db = {da}, None"),
    ("scalar", "da, db = None, {db}", "da, db = None, {da}"),
    ("scalar", "out._da, out._db = da, db", "out._da, out._db = db, da"),
    (
        "scalar",
        "        a = other = number(other)\n        b =",
        "        b = number(other)\n        a =",
    ),
    ("scalar", "out.grad = 0.0", "out.grad = 1.0"),
    ("scalar", "    if not recording:\n        return Value(y)\n", ""),
    ("scalar", "before, recording = recording, False", "before, recording = True, False"),
    (
        "scalar",
        "    finally:\n        recording = before",
        "    finally:\n        recording = True",
    ),
    ("scalar", "(*x, *w, 1.0)", "(*w, *x, 1.0)"),
    ("scalar", "(*x, *w, 1.0)", "(*x, *w, 0.0)"),
    ("scalar", "(1.0,) * len(values)", "(1.0 / len(values),) * len(values)"),
    ("scalar", "return fsum(terms)", "return sum(terms)"),
    ("scalar", "return float(scalar)", "return scalar"),
    (
        "scalar",
        "except (ArithmeticError, ValueError):\n        return by",
        "except MemoryError:\n        return by",
    ),
    ("scalar", "x if x is cut else float(x)", "float(x)"),
    ("scalar", "x if x is cut else float(x)", "x"),
    ("scalar", "da if isinstance(a, Value) else None", "da"),
    ("scalar", "db if isinstance(b, Value) else None", "da"),
    ("scalar", "\n    if recording:\n", "\n    if True:\n"),
    (
        "scalar",
        "enumerate(operands) if isinstance(x, Value)] if recording else []",
        "enumerate(operands) if isinstance(x, Value)]",
    ),
    ("scalar", "return numpy.float64(function(*args))", "return function(*args)"),
    ("scalar", "__hash__ = object.__hash__", "__hash__ = lambda self: hash(self.data)"),
    ("scalar", "self, slope=0.01", "self, slope=0.1"),
    ("rules", "cut if b == 0 else b * pow(a, b - 1)", "b * pow(a, b - 1)"),
    ("rules", "0.0 if a == 0 and b >= 0 else y * log(a)", "y * log(a)"),
    ("rules", "0.0 if a == 0 and b >= 0", "0.0 if a == 0"),
    ("rules", "0.0 if a <= 0 else a", "a if a > 0 else 0.0"),
    ("rules", "cut if a <= 0 else 1.0", "0.0 if a <= 0 else 1.0"),
    ("rules", "cut if a <= 0 else 1.0", "cut if a < 0 else 1.0"),
    ("rules", "cut if a <= 0 else 1.0", "1.0 if a > 0 else cut"),
    ("rules", "a if a > b or a != a else b", "a if a > b else b"),
    ("rules", "a if a < b or a != a else b", "a if a < b else b"),
    ("rules", "cut if a < b else 0.5 if a == b else 1.0", "cut if a < b else 1.0"),
    ("rules", "cut if a > b else 0.5 if a == b else 1.0", "cut if a > b else 1.0"),
    ("rules", "-1.0 if a < 0 else 0.0", "-1.0"),
    ("rules", "log1p(exp(-abs(a))) + (a if a > 0 else 0.0)", "log(1 + exp(a))"),
    ("rules", "exp(a - y) if a < 0 else 1 / (1 + exp(-a))", "exp(a - y)"),
]


def faulty_rows():
    """Every row with one slope turned, doubled, halved, shifted, lost or mistaken, or with both
    exchanged."""
    for name, (y, *slopes) in RULES.items():
        wrongs = [
            [*slopes[:i], wrong.format(slope), *slopes[i + 1 :]]
            for i, slope in enumerate(slopes)
            for wrong in ("-({})", "2 * ({})", "0.5 * ({})", "({}) + 1.0", "0.0", "a", "y")
        ]
        for wrong in [*wrongs, slopes[::-1]]:
            if wrong != slopes:  # exchanged, the slopes of a + b are the same
                yield name, (y, *wrong)


def engine(**patched):
    """The engine as modules of their own, with some of their sources replaced."""
    kept = {f"bookutils.{name}": sys.modules[f"bookutils.{name}"] for name in SOURCES}
    made = SimpleNamespace()
    try:
        for name, source in (SOURCES | patched).items():
            module = sys.modules[f"bookutils.{name}"] = ModuleType(f"bookutils.{name}")
            exec(compile(source, f"<faulty {name}>", "exec"), vars(module))
            setattr(made, name, module)
    finally:
        sys.modules.update(kept)
    return made


SLOW = ("ladder", "deep_chain", "big_sum")
CASES = {param.id: param.values[0] for param in engine_contract.cases()}
TESTS = (  # in a test module, in the order in which they find most in least time
    *((engine_contract, case) for name, case in CASES.items() if name not in SLOW),
    *(
        (test_scalar, getattr(test_scalar, f"test_{name}"))
        for name in (
            "backward_adds_to_every_node",
            "cut_stops_infinity",
            "no_grad",
            "total",
            "dot_takes_numbers_shared_nodes_and_iterators",
            "comparisons_are_of_data_and_hash_is_of_identity",
            "never_complex",
            "value_does_not_depend_on_the_path_taken",
        )
    ),
    *((test_scalar, partial(test_scalar.test_edges_of_one_operand, n)) for n in ONE_OPERAND),
    *((test_scalar, partial(test_scalar.test_edges_of_two_operands, n)) for n in TWO_OPERANDS),
    (test_scalar, partial(test_scalar.test_edges_with_a_number, "pow")),
    (test_scalar, partial(test_scalar.test_numbers_on_either_side, Fraction(1, 4), operator.add)),
    *((engine_contract, CASES[name]) for name in SLOW),
)


def found_by(made, monkeypatch):
    """The first test that the engine fails, or None."""
    for name in ("Value", "dot", "total", "maximum", "minimum", "no_grad"):
        monkeypatch.setattr(test_scalar, name, getattr(made.scalar, name))
    for module, test in TESTS:
        try:
            test(made.scalar.Value) if module is engine_contract else test()
        except Exception:
            return test
    return None


def test_the_engine_without_a_fault_passes(monkeypatch):
    assert found_by(engine(), monkeypatch) is None


@pytest.mark.parametrize("module, right, wrong", FAULTS)
def test_fault_is_found(module, right, wrong, monkeypatch):
    assert SOURCES[module].count(right) > 0, "the source has changed: plant this fault anew"
    made = engine(**{module: SOURCES[module].replace(right, wrong)})
    assert found_by(made, monkeypatch) is not None


def test_every_faulty_row_is_found(monkeypatch, record_property):
    rows, alive = list(faulty_rows()), []
    for name, row in rows:
        if found_by(engine(rules=f"{SOURCES['rules']}\nRULES[{name!r}] = {row}\n"), monkeypatch):
            continue
        alive.append((name, row))
    record_property(
        "measured",
        f"scalar engine: {len(rows) + len(FAULTS)} planted faults, {len(alive)} not found",
    )
    assert alive == []
