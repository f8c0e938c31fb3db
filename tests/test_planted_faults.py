"""Faults planted in the engine's source, one at a time: the tests of the engine find each."""

import copy
import importlib
import operator
import sys
from contextlib import contextmanager
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from types import ModuleType, SimpleNamespace

import engine_contract
import pytest
import test_scalar
from test_scalar import ONE_OPERAND, TWO_OPERANDS

import bookutils
from bookutils.engine.rules import RULES

pytestmark = pytest.mark.slow

SOURCES = {
    name: (Path(bookutils.__file__).parent / "engine" / f"{name}.py").read_text()
    for name in ("graph", "rules", "number", "ieee", "scalar", "sums")
}

FAULTS = [  # module, text, text with the fault
    ("graph", "    return order\n", "    return order[::-1]\n"),
    ("graph", "stack += node.parents", "stack += node.parents[1:]"),
    ("graph", "stack += node.parents", "stack += node.parents[:1]"),
    ("graph", "        elif node not in met:\n", "        else:\n"),
    ("graph", "            stack += node, None\n", "            order.append(node)\n"),
    ("graph", "_depth.set(_depth.get() + 1)", "pass"),
    ("graph", "_depth.set(_depth.get() + 1)", "_depth.set(1)"),
    ("graph", "_depth.set(max(0, _depth.get() - 1))", "pass"),
    ("graph", "_depth.set(max(0, _depth.get() - 1))", "_depth.set(0)"),
    (  # the recursive walk of micrograd
        "graph",
        "    order, met, stack = [], set(), [root]\n",
        "    order, met, stack = [], set(), [root]\n"
        "    def walk(v):\n"
        "        if v not in met:\n"
        "            met.add(v)\n"
        "            [walk(p) for p in v.parents]\n"
        "            order.append(v)\n"
        "    walk(root)\n"
        "    return order\n",
    ),
    (  # nearest first, where a node may pass on before all of its consumers have added
        "graph",
        "    return order\n",
        "    near = [root]\n"
        "    for v in near:\n"
        "        near += [p for p in dict.fromkeys(v.parents) if p not in near]\n"
        "    return near[::-1]\n",
    ),
    ("scalar", "grads[root] = 1.0", "grads[root] = 2.0"),
    ("scalar", "grads[root] = 1.0", "pass"),
    ("scalar", "reversed(grads.items())", "list(grads.items())"),
    ("scalar", "reversed(grads.items())", "list(reversed(grads.items()))"),
    ("scalar", "grads[parent] += node.slopes[i] * grad", "grads[parent] = node.slopes[i] * grad"),
    ("scalar", "grads[parent] += node.slopes[i] * grad", "grads[parent] -= node.slopes[i] * grad"),
    ("scalar", "grads[parent] += node.slopes[i] * grad", "grads[parent] += node.slopes[i]"),
    ("scalar", "grads[parent] += node.slopes[i] * grad", "grads[parent] += grad"),
    ("scalar", "grads[parent] += node.slopes[i] * grad", "grads[parent] += grad * node.slopes[i]"),
    ("scalar", "            i += 1\n", ""),
    ("scalar", "node.grad += grad", "node.grad = grad"),
    ("scalar", "node.grad += grad", "node.grad += node.grad + grad"),
    (  # only the leaves are told
        "scalar",
        "        node.grad += grad",
        "        node.grad += grad if not node.parents else 0.0",
    ),
    ("scalar", "both(self.data, other.data)", "both(other.data, self.data)"),
    (
        "scalar",
        "remember(y, (self, other), slopes, sign)",
        "remember(y, (other, self), slopes, sign)",
    ),
    ("scalar", "remember(y, (self, other), slopes, sign)", "remember(y, (self,), slopes, sign)"),
    (
        "scalar",
        "y, slopes = right(a, self.data)",
        "y, slopes = right(self.data, a)",
    ),
    ("scalar", 'for letter, o in zip("ab", operands)', 'for letter, o in zip("ba", operands)'),
    (
        "scalar",
        "parents = tuple([o for o in operands if isinstance(o, Value)])",
        "parents = operands[:1]",
    ),
    ("scalar", "out.grad = 0.0", "out.grad = 1.0"),
    ("scalar", "if paused():", "if False:"),
    ("scalar", 'parents, slopes, op = (), (), ""', 'slopes, op = (), ""'),
    ("sums", "(*x, *w, 1.0)", "(*w, *x, 1.0)"),
    ("sums", "(*x, *w, 1.0)", "(*x, *w, 0.0)"),
    ("sums", "(1.0,) * len(values)", "(1.0 / len(values),) * len(values)"),
    ("sums", "return math.fsum(terms)", "return sum(terms)"),
    ("scalar", "b = other if type(other) is float else number(other)", "b = other"),
    (
        "scalar",
        "    except (ArithmeticError, ValueError):\n        y, slopes = by",
        "    except MemoryError:\n        y, slopes = by",
    ),
    (
        "scalar",
        "(ArithmeticError, ValueError):\n            return apply(name, self, other)",
        "MemoryError:\n            return apply(name, self, other)",
    ),
    ("scalar", "self, slope=0.01", "self, slope=0.1"),
    ("scalar", "self.slopes = NoSlopes(op)", "pass"),
    ("scalar", "            slopes, op = op, slopes\n", "            op = slopes\n"),
    ("number", "        return float(x)\n", "        return x\n"),
    ("number", "inf if x > 0 else -inf", "inf"),
    ("number", 'isinstance(getattr(x, "parents", 0), tuple)', "False"),
    ("number", 'getattr(x, "requires_grad", False)', "False"),
    ("number", "__hash__ = object.__hash__", "__hash__ = lambda self: hash(self.data)"),
    (
        "number",
        "        if self.parents:\n            raise TypeError(",
        "        if False:\n            raise TypeError(",
    ),
    ("number", "float(node is self)", "1.0"),
    ("number", "                node.grad = grad\n", "                pass\n"),
    ("number", "parent.grad += slope * self.grad", "parent.grad = slope * self.grad"),
    ("ieee", "s if s is stop else float(s)", "float(s)"),
    ("ieee", "s if s is stop else float(s)", "s"),
    ("ieee", "return float(y)", "return y"),
    ("ieee", "return numpy.float64(function(*numbers))", "return function(*numbers)"),
    ("rules", "return 0.0", "return 0.0 * G"),
    ("rules", "zip(operands, slopes) if o in to", "zip(operands, slopes)"),
    ("rules", "where(b == 0, stop, b * pow(a, b - 1))", "b * pow(a, b - 1)"),
    ("rules", "where(a == 0, where(b >= 0, 0.0, -y), y * log(a))", "y * log(a)"),
    ("rules", "where(b >= 0, 0.0, -y)", "0.0"),
    ("rules", "where(a <= 0, 0.0, a)", "where(a > 0, a, 0.0)"),
    ("rules", "where(a <= 0, stop, 1.0)", "where(a <= 0, 0.0, 1.0)"),
    ("rules", "where(a <= 0, stop, 1.0)", "where(a < 0, stop, 1.0)"),
    ("rules", "where(a <= 0, stop, 1.0)", "where(a > 0, 1.0, stop)"),
    ("rules", "where((a > b) | (a != a), a, b)", "where(a > b, a, b)"),
    ("rules", "where((a < b) | (a != a), a, b)", "where(a < b, a, b)"),
    ("rules", "where(a < b, stop, where(a == b, 0.5, 1.0))", "where(a < b, stop, 1.0)"),
    ("rules", "where(a > b, stop, where(a == b, 0.5, 1.0))", "where(a > b, stop, 1.0)"),
    ("rules", "where(a < 0, -1.0, 0.0)", "-1.0"),
    ("rules", "log1p(exp(-abs(a))) + where(a > 0, a, 0.0)", "log(1 + exp(a))"),
    ("rules", "where(a < 0, exp(a - y), 1 / (1 + exp(-a)))", "exp(a - y)"),
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


@cache
def compiled(source, filename):
    """Most sources stay as they are from one fault to the next."""
    return compile(source, filename, "exec")


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
            exec(compiled(source, f"<faulty {name}>"), vars(module))
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
            "stop_stops_infinity",
            "no_grad",
            "total",
            "dot_takes_numbers_shared_nodes_and_iterators",
            "comparisons_are_of_data_and_hash_is_of_identity",
            "never_complex",
            "value_does_not_depend_on_the_path_taken",
            "operation_of_your_own",
            "a_forgotten_slope_is_told",
            "operations_written_for_micrograd",
            "a_backward_pass_by_hand_as_in_the_lecture",
            "a_tensor_is_refused_with_a_sentence",
            "apply_is_what_the_methods_do",
        )
    ),
    *((test_scalar, partial(test_scalar.test_edges_of_one_operand, n)) for n in ONE_OPERAND),
    *((test_scalar, partial(test_scalar.test_edges_of_two_operands, n)) for n in TWO_OPERANDS),
    (test_scalar, partial(test_scalar.test_edges_with_a_number, "pow")),
    (test_scalar, partial(test_scalar.test_numbers_on_either_side, Fraction(1, 4), operator.add)),
    (test_scalar, partial(test_scalar.test_anything_else_is_refused, "2", operator.mul)),
    (test_scalar, partial(test_scalar.test_numbers_beyond_the_largest_float_are_infinite, 10**400)),
    (test_scalar, partial(test_scalar.test_copies, copy.deepcopy)),
    *((engine_contract, CASES[name]) for name in SLOW),
)


def found_by(made, monkeypatch):
    """The first test that the engine fails, or None."""
    monkeypatch.setattr(test_scalar, "stop", made.rules.stop)
    monkeypatch.setattr(test_scalar, "no_grad", made.graph.no_grad)
    for name in ("Value", "maximum", "minimum", "gradients", "apply", "ROWS"):
        monkeypatch.setattr(test_scalar, name, getattr(made.scalar, name))
    for name in ("dot", "total"):
        monkeypatch.setattr(test_scalar, name, getattr(made.sums, name))
    for module, test in TESTS:
        try:
            test(made.scalar.Value) if module is engine_contract else test()
        except (Exception, pytest.fail.Exception):
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
