"""Faults planted in the engine's source, one at a time: the tests of the engine find each."""

import importlib
import operator
import sys
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace

import engine_contract
import pytest
import test_scalar
from test_scalar import ONE_OPERAND, TWO_OPERANDS

import bookutils
from bookutils.engine.rules import RULES

SOURCES = {
    name: (Path(bookutils.__file__).parent / "engine" / f"{name}.py").read_text()
    for name in ("graph", "rules", "scalar")
}

FAULTS = [  # module, text, text with the fault
    ("graph", "grads[parent] + slope * grad", "slope * grad"),
    ("graph", "grads[parent] + slope * grad", "grads[parent] - slope * grad"),
    ("graph", "grads[parent] + slope * grad", "grads[parent] + slope"),
    ("graph", "grads[parent] + slope * grad", "grads[parent] + slope + grad"),
    ("graph", "grads[parent] + slope * grad", "grads[parent] + grad"),
    ("graph", "grads[root] = grad", "grads[root] = 2.0"),
    ("graph", "grads[root] = grad", "pass"),
    ("graph", "item = last()", "item = (n := next(iter(grads))), grads.pop(n)"),
    ("graph", "grads[a] + da * grad", "da * grad"),
    ("graph", "grads[a] + da * grad", "grads[a] + db * grad"),
    ("graph", "grads[a] + da * grad", "grads[a] + da"),
    ("graph", "grads[b] + db * grad", "db * grad"),
    ("graph", "grads[b] + db * grad", "grads[b] - db * grad"),
    ("graph", "b = node._b", "b = a"),
    ("graph", " and da is not cut", ""),
    ("graph", " and db is not cut", ""),
    ("graph", "da is not None and da is not cut", "da"),
    ("graph", "db is not None and db is not cut", "db"),
    ("graph", "if slope is not cut:", "if True:"),
    ("graph", "stack += node._a", "stack += node._a[1:]"),
    ("graph", "push(node._b)", "pass"),
    ("graph", "before, recording = recording, False", "before, recording = True, False"),
    ("graph", "    finally:\n        recording = before", "    finally:\n        recording = True"),
    (  # the recursive walk of micrograd
        "graph",
        "    push, pop = stack.append, stack.pop\n",
        "    push, pop = stack.append, stack.pop\n"
        "    def walk(v):\n"
        "        if v not in done:\n"
        "            [walk(p) for p in v.parents]\n"
        "            done[v] = zero\n"
        "    walk(root)\n",
    ),
    (  # nearest first, where a node may pass on before all of its consumers have added
        "graph",
        "    return done\n",
        "    near = [root]\n"
        "    for v in near:\n"
        "        near += [p for p in dict.fromkeys(v.parents) if p not in near]\n"
        "    return dict.fromkeys(reversed(near), zero)\n",
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
    ("scalar", "    if not graph.recording:\n        return Value(y)\n", ""),
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
    ("scalar", "\n    if graph.recording:\n", "\n    if True:\n"),
    (
        "scalar",
        "enumerate(operands) if isinstance(x, Value)] if graph.recording else []",
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


@contextmanager
def with_sources(sources):
    """Modules made anew from these sources, to be imported in place of those of the package."""
    kept = {name: importlib.import_module(f"bookutils.engine.{name}") for name in sources}
    made = SimpleNamespace()
    try:
        for name, source in sources.items():
            module = ModuleType(f"bookutils.engine.{name}")
            sys.modules[module.__name__] = module
            setattr(bookutils.engine, name, module)
            setattr(made, name, module)
            exec(compile(source, f"<faulty {name}>", "exec"), vars(module))
        yield made
    finally:
        for name, module in kept.items():
            sys.modules[module.__name__] = module
            setattr(bookutils.engine, name, module)


def engine(**patched):
    """The engine with some of its sources replaced."""
    with with_sources(SOURCES | patched) as made:
        return made


SLOW = ("ladder", "deep_chain", "big_sum")
CASES = {param.id: param.values[0] for param in engine_contract.cases()}
TESTS = (  # in a test module, in the order in which they find most in least time
    *((engine_contract, case) for name, case in CASES.items() if name not in SLOW),
    *(
        (test_scalar, getattr(test_scalar, f"test_{name}"))
        for name in (
            "backward_adds_to_every_node",
            "gradients_change_nothing",
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
    monkeypatch.setattr(test_scalar, "gradients", made.graph.gradients)
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
