"""Faults planted in the tensor engine, one at a time: the test named beside each finds it."""

import itertools
import warnings
from pathlib import Path
from types import ModuleType

import pytest
import test_tensor
from test_planted_faults import with_sources

import bookutils

HERE = Path(__file__).parent
SOURCES = {
    name: (Path(bookutils.__file__).parent / "engine" / f"{name}.py").read_text()
    for name in ("old_graph", "old_rules", "scalar", "arrays", "tensor")
}
# fewer examples, no slow cases: each fault has to be found by its own test alone
TESTS = Path(test_tensor.__file__).read_text().replace("max_examples=25", "max_examples=8")

FAULTS = [  # module, text, text with the fault, the test that finds it
    ("old_graph", "grads[parent] + part", "part", "linear_of_one_node"),
    ("old_graph", "zip(a, da * grad, strict=True)", "zip(a[::-1], da * grad, strict=True)",
     "linear"),
    ("old_graph", "grads[parent] + slope * grad", "slope * grad", "one_node_in_both_places"),
    ("old_graph", "item = last()", "item = (n := next(iter(grads))), grads.pop(n)",
     "random_programs"),
    ("old_graph", "grads[parent] = grads[parent] + slope * grad", "grads[parent] += slope * grad",
     "one_gradient_for_two"),
    ("old_rules", '"1.0": "G"', '"1.0": "-G"', "two_operands_broadcast"),
    ("old_rules", '"-1.0": "-G"', '"-1.0": "G"', "two_operands_broadcast"),
    ("old_rules", '"cut": "0.0"', '"cut": "G * 0.0"', "cut_stops_infinity"),
    ("old_rules", "times(slope.body), times(slope.orelse)",
     "times(slope.orelse), times(slope.body)",
     "one_operand"),
    ("old_rules", "[tree.test, tree.body, tree.orelse]", "[tree.test, tree.orelse, tree.body]",
     "one_operand"),
    ("old_rules", 'f"G * ({ast.unparse(slope)})"', 'f"G * {ast.unparse(slope)}"', "one_operand"),
    ("old_rules", 'f"G * ({ast.unparse(slope)})"', "ast.unparse(slope)", "one_operand"),
    ("old_rules", "ast.BitAnd() if isinstance(tree.op, ast.And) else ast.BitOr()",
     "ast.BitAnd()", "edges_of_two_operands_are_those_of_pytorch"),
    ("old_rules", "ast.BitAnd() if isinstance(tree.op, ast.And) else ast.BitOr()",
     "ast.BitOr()", "edges_of_two_operands_are_those_of_pytorch"),
    ("tensor", "if counter[0] != count:", "if False:",
     "a_value_that_backward_needs_was_changed"),
    ("tensor", "grad.shape == shape else unbroadcast(grad, shape)", "True else 0",
     "two_operands_broadcast"),
    ("tensor", "dtype_of(xp, dtype), copy=True", "dtype_of(xp, dtype)", "made_of"),
    ("tensor", "        self._version[0] += 1\n        self._data = value",
     "        self._data = value", "a_value_that_backward_needs_was_changed"),
    ("tensor", "if self._data.shape and self.size != 1:", "if False:", "errors_are_sentences"),
    ("tensor", "node.grad = node.grad + g", "node.grad = g", "second_backward_adds_once_more"),
    ("tensor", "node.grad = node.grad + g", "node.grad += g", "second_backward_adds_once_more"),
    ("tensor", " and g.base is None", "", "gradients_share_no_memory"),
    ("tensor", " and id(g) not in given", "", "gradients_share_no_memory"),
    ("tensor", "given.add(id(g))", "pass", "gradients_share_no_memory"),
    ("tensor", "given = {id(start)}", "given = set()", "gradients_share_no_memory"),
    ("tensor", "g).asarray(g, copy=True)", "g).asarray(g)", "gradients_share_no_memory"),
    ("tensor", "if not node.op:", "if True:", "only_leaves_keep_gradients_and_gradients_maps_all"),
    ("tensor", "if self.requires_grad and graph.recording():", "if False:",
     "changes_outside_of_no_grad"),
    ("tensor", 'self._data, "t[i] = …")\n        self._version[0] += 1', 'self._data, "t[i] = …")',
     "a_value_that_backward_needs_was_changed"),
    ("tensor", "lambda G: xp.reshape(G, before)", "lambda G: G", "shapes_and_indices"),
    ("tensor", "key=axes.__getitem__", "key=None", "shapes_and_indices"),
    ("tensor", "xp.permute_dims(G, back)", "xp.permute_dims(G, axes)", "shapes_and_indices"),
    ("tensor", "lambda G: G[inner]", "lambda G: G", "shapes_and_indices"),
    ("tensor", "lambda G: xp.astype(G, before)", "lambda G: G", "gradients_of_another_dtype"),
    ("tensor", "(self,) * is_float(y)", "(self,)", "constants_get_no_edge"),
    ("tensor", "spread(G / n, kept", "spread(G, kept", "reductions"),
    ("tensor", "spread(G, kept, full)", "spread(G, shape, full)", "reductions"),
    ("tensor", "for i in axes) - correction", "for i in axes)", "reductions"),
    ("tensor", "xp.log(total) + peak, peak)", "xp.log(total), peak)", "reductions"),
    ("tensor", "xp.where(xp.isfinite(peak), xp.log(total) + peak, peak)", "xp.log(total) + peak",
     "infinite_logits"),
    ("tensor", "xp.exp(a - y)", "xp.exp(a)", "reductions"),
    ("tensor", "y = a - peak - xp.log(total)", "y = xp.log(xp.exp(a - peak) / total)",
     "stable_at_a_thousand"),
    ("tensor", "G - xp.exp(y) * add_up(G, axes, True)", "G - xp.exp(y) * G",
     "shapes_and_indices"),
    ("tensor", "y * (G - add_up(G * y, axes, True))", "y * (1 - y) * G",
     "shapes_and_indices"),
    ("tensor", "where(self < lo, lo, self)", "self.maximum(lo)", "clip_at_its_ends"),
    ("tensor", "hit * (xp.reshape(G, kept) / add_up(hit, axes, True))",
     "hit * xp.reshape(G, kept)", "ties_share_evenly_and_nan_is_the_largest"),
    ("arrays", "y.index_add_(0, xp.reshape(at, (-1,)), xp.reshape(G, (-1,)))",
     "y[xp.reshape(at, (-1,))] += xp.reshape(G, (-1,))", "shapes_and_indices"),
    ("arrays", "xp.add.at(y, at, G)", "y[at] += G", "shapes_and_indices"),
    ("arrays", "(*range(new), *repeated)", "(*range(new),)", "two_operands_broadcast"),
    ("arrays", "(*range(new), *repeated)", "(*repeated,)", "two_operands_broadcast"),
    ("tensor", "if graph.recording():\n        for x, vjp", "if True:\n        for x, vjp",
     "no_grad_is_one_for_both_engines"),
    ("tensor", "isinstance(x, Tensor) and x.requires_grad:", "isinstance(x, Tensor):",
     "constants_get_no_edge"),
    ("tensor", "tuple(parents), tuple(slopes)", "tuple(parents), tuple(slopes[::-1])",
     "two_operands_broadcast"),
    ("tensor", 'operands[name == "b"]', "operands[0]",
     "a_value_that_backward_needs_was_changed"),
    ("tensor", 'out if name == "y" else ', "", "a_value_that_backward_needs_was_changed"),
    ("tensor", "counts(to_W and x, to_x and W, through and out)", "counts(to_x and W)",
     "a_value_that_backward_needs_was_changed"),
    ("tensor", "if parents and graph.recording():", "if parents:",
     "no_grad_is_one_for_both_engines"),
    ("tensor", "(x._version, x._version[0])", "(x._version, 0)", "a_training_loop"),
    ("tensor", "    out._version = x._version\n", "", "a_value_that_backward_needs_was_changed"),
    ("tensor", 'rule == "pow" and q == 0', "False", "one_operand"),
    ("tensor", "elementwise(rule, op, other, self)", "elementwise(rule, op, self, other)",
     "arrays_and_numbers_on_either_side"),
    ("tensor", "self.requires_grad and not self.op", "False", "changes_outside_of_no_grad"),
    ("tensor", "xp.where(c, 0.0, G)", "G", "two_operands_broadcast"),
    ("tensor", "xp.reshape(G, full) @ b.mT", "xp.reshape(G, full) @ b", "matmul"),
    ("tensor", "a.mT @ xp.reshape(G, full)", "xp.reshape(G, full).mT @ a", "matmul"),
    ("tensor", "G[..., 0] if vector else G", "G", "matmul"),
    ("tensor", "max(a.ndim, b.ndim) - 2", "a.ndim - 2", "matmul"),
    ("tensor", "g = G if through is None else through(G)", "g = G", "linear"),
    ("arrays", "make(len(g), g.dtype).dot(g)", "g[0]", "linear"),
    ("tensor", "flat = rows(g)", "flat = g", "linear"),
    ("tensor", "        y += bias[0]\n", "        pass\n", "linear"),
    ("tensor", "labels = xp.asarray(labels, copy=True)", "labels = labels",
     "labels_may_change_before_backward"),
    ("tensor", "g = G / n if", "g = G if", "cross_entropy"),
    ("tensor", "        p[chosen] -= g if weight is None else g[:, 0]\n", "", "cross_entropy"),
    ("tensor", "a[chosen] - peak[:, 0]", "a[chosen]", "cross_entropy"),
    ("tensor", "(labels >= 0) & ", "", "errors_are_sentences"),
    ("tensor", "labels < classes", "labels <= classes", "errors_are_sentences"),
    ("tensor", "placed = put if once else put_each", "placed = put", "shapes_and_indices"),
    ("arrays", "    below = a - peak\n", "    below, peak = a, 0 * peak\n", "stable_at_a_thousand"),
    ("arrays", "    kept -= 1  #", "    kept -= 2  #", "choice_by_bits"),
    ("arrays", " or condition.shape != y.shape", "", "choice_by_bits"),
    ("arrays", "not float or x or", "not float or", "choice_by_bits"),
    ("tensor", 'quiet = np.errstate(all="ignore")', "quiet = np.errstate()",
     "edges_of_one_operand_are_those_of_value"),
    ("tensor", "__hash__ = object.__hash__", "__hash__ = None",
     "comparisons_are_of_data_and_hash_is_of_identity"),
    ("tensor", "__array_ufunc__ = None", "__array_ufunc__ = np.ndarray.__array_ufunc__",
     "arrays_and_numbers_on_either_side"),
]  # fmt: skip


def runs(test):
    """The calls that pytest would make of a test: one for each combination of its parameters."""
    choices = []
    for mark in getattr(test, "pytestmark", []):
        if mark.name == "parametrize":
            names = mark.args[0].split(", ")
            choices.append([(names, value) for value in mark.args[1]])
    for combination in itertools.product(*choices):
        arguments = {}
        for names, value in combination:
            value = value.values if hasattr(value, "values") and hasattr(value, "marks") else value
            arguments |= dict(zip(names, value if len(names) > 1 else [value], strict=True))
        yield arguments


def found(sources, name):
    """Does a run of this test fail with the engine of these sources?"""
    with with_sources(sources):
        module = ModuleType("test_tensor")
        exec(compile(TESTS, test_tensor.__file__, "exec"), vars(module))
        test = getattr(module, f"test_{name}")
        for arguments in runs(test):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    test(**arguments)
            except (Exception, pytest.fail.Exception):
                return True
    return False


@pytest.mark.parametrize("name", sorted({name for *_, name in FAULTS}))
def test_the_engine_without_a_fault_passes(name):
    assert not found(SOURCES, name)


@pytest.mark.parametrize("module, right, wrong, name", FAULTS)
def test_fault_is_found(module, right, wrong, name):
    assert SOURCES[module].count(right) > 0, "the source has changed: plant this fault anew"
    assert found(SOURCES | {module: SOURCES[module].replace(right, wrong)}, name)
