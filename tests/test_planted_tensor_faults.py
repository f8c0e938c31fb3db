"""Faults planted in the tensor engine, one at a time: the test named beside each finds it."""

import itertools
import warnings
from pathlib import Path
from types import ModuleType

import pytest
import test_pytorch_names
import test_tensor
import test_tensor_operands
from test_planted_faults import compiled, with_sources

import bookutils

pytestmark = pytest.mark.slow

ENGINE = Path(bookutils.__file__).parent / "engine"
SOURCES = {  # in the order in which they import each other
    name: (ENGINE / f"{name}.py").read_text()
    for name in (
        *(
            "graph",
            "rules",
            "number",
            "ieee",
            "scalar",
            "arrays",
            "inplace",
            "record",
            "operands",
            "elementwise",
        ),
        *("reductions", "shapes", "products", "softmax", "numpy_functions", "factories"),
        *("pytorch_names", "tensor"),
    )
}
TESTS = {  # fewer examples: each fault has to be found by its own test alone
    module: Path(module.__file__).read_text().replace("max_examples=25", "max_examples=8")
    for module in (test_tensor, test_tensor_operands, test_pytorch_names)
}

FAULTS = [  # module, text, text with the fault, the test that finds it
    # the backward pass
    (
        "record",
        "grads[parent] + part if parent in grads else part",
        "part",
        "one_node_in_both_places",
    ),
    (
        "record",
        "grads[parent] + part if parent",
        "grads[parent] - part if parent",
        "one_node_in_both_places",
    ),
    (
        "record",
        "for node in reversed(topological_order(root)):",
        "for node in [root, *sorted(topological_order(root)[:-1], key=id)]:",
        "random_programs",
    ),
    (
        "record",
        "grads[parent] = grads[parent] + part if parent in grads else part",
        "grads[parent] = np.add(grads[parent], part, grads[parent]) if parent in grads else part",
        "one_gradient_for_two",
    ),
    (
        "record",
        "            check_unchanged(node)\n",
        "",
        "a_value_that_backward_needs_was_changed",
    ),
    (
        "record",
        "all_nodes or node.keeps_grad",
        "True",
        "only_leaves_keep_gradients_and_gradients_maps_all",
    ),
    (
        "record",
        "all_nodes or node.keeps_grad",
        "not node.parents",
        "only_leaves_keep_gradients_and_gradients_maps_all",
    ),
    ("record", "if prod(root.shape) != 1:", "if False:", "errors_are_sentences"),
    ("record", "grad = node.grad + grad", "pass", "second_backward_adds_once_more"),
    (
        "record",
        "grad = node.grad + grad",
        "node.grad += grad; grad = node.grad",
        "second_backward_adds_once_more",
    ),
    ("record", " or grad.base is not None", "", "gradients_share_no_memory"),
    ("record", " or id(grad) in shared", "", "gradients_share_no_memory"),
    ("record", "        shared.add(id(grad))\n", "", "gradients_share_no_memory"),
    ("record", "shared = {id(array(G))}", "shared = set()", "gradients_share_no_memory"),
    (
        "record",
        "xp(grad).asarray(grad, copy=True)",
        "xp(grad).asarray(grad)",
        "gradients_share_no_memory",
    ),
    # what is remembered
    ("record", "if paused():", "if False:", "no_grad_is_one_for_both_engines"),
    ("record", "if operand._requires_grad:", "if True:", "constants_get_no_edge"),
    ("record", "tuple(vjps), counts", "tuple(vjps[::-1]), counts", "two_operands_broadcast"),
    (
        "record",
        "parents, vjps, tensors = [], [], [out]",
        "parents, vjps, tensors = [], [], []",
        "a_value_that_backward_needs_was_changed",
    ),
    (
        "record",
        "            tensors.append(operand)\n",
        "            tensors += [operand] * operand._requires_grad\n",
        "a_constant_that_backward_needs_was_changed",
    ),
    ("record", "    out.version = a.version\n", "", "a_value_that_backward_needs_was_changed"),
    ("record", "dtype_of(lib, dtype), copy=True", "dtype_of(lib, dtype)", "made_of"),
    (
        "record",
        "        self.version[0] += 1\n        self._array = value",
        "        self._array = value",
        "a_value_that_backward_needs_was_changed",
    ),
    (
        "record",
        "if self._requires_grad and not is_float(value):",
        "if False:",
        "integers_never_come_to_need_a_gradient",
    ),
    (
        "record",
        "if needed and not is_float(self._array):",
        "if False:",
        "integers_never_come_to_need_a_gradient",
    ),
    ("record", "isinstance(needed, bool | np.bool_)", "True", "a_value_and_a_tensor_do_not_mix"),
    (
        "record",
        "        if self.parents:\n            raise RuntimeError(\n                f'a Tensor",
        "        if False:\n            raise RuntimeError(\n                f'a Tensor",
        "computed_tensors_are_not_copied",
    ),
    (
        "record",
        'quiet = np.errstate(all="ignore")',
        "quiet = np.errstate()",
        "edges_of_one_operand_are_those_of_value",
    ),
    (
        "record",
        "__hash__ = object.__hash__",
        "__hash__ = None",
        "comparisons_are_of_data_and_hash_is_of_identity",
    ),
    # changes in place
    (
        "inplace",
        "counter[0] != count and reads(node.vjps, which)",
        "False",
        "a_value_that_backward_needs_was_changed",
    ),
    (
        "inplace",
        "counter[0] != count and reads(node.vjps, which)",
        "counter[0] != count",
        "a_value_that_backward_needs_was_changed",
    ),
    ("inplace", "(t.version, t.version[0], id", "(t.version, 0, id", "a_training_loop"),
    (
        "inplace",
        "if type(thing) is FunctionType and thing not in functions:",
        "if False:",
        "a_value_that_backward_needs_was_changed",
    ),
    # operands
    (
        "operands",
        '{"dim": "axis", "keepdim": "keepdims", "unbiased": "correction"}',
        "{}",
        "the_same_text_as_in_pytorch",
    ),
    ("operands", "xp(x).asarray(x, copy=True)", "x", "what_the_caller_changes_before_backward"),
    (
        "operands",
        "if here is not dtype:\n            if dtype is not None or here not in FLOATS:",
        "if here is not dtype:\n            if here not in FLOATS:",
        "errors_are_sentences",
    ),
    (
        "operands",
        "if dtype is not None or here not in FLOATS:",
        "if dtype is not None:",
        "integers_take_fractions_in",
    ),
    ("operands", "x if y is array(x) else y for", "y for", "arrays_and_numbers_on_either_side"),
    (
        "operands",
        "paused() or recording.get() is not None or not any(map(needs_gradient, operands))",
        "False",
        "nothing_is_copied_where_nothing_is_recorded",
    ),
    (
        "operands",
        "else without_dtype(x) for x in operands",
        "else x for x in operands",
        "arrays_and_numbers_on_either_side",
    ),
    (
        "arrays",
        "fractions |= any(is_number(x) and not isinstance(x, Integral) for x in operands)",
        "pass",
        "integers_take_fractions_in",
    ),
    ("arrays", "library.float64 if fractions else None", "None", "integers_take_fractions_in"),
    (
        "arrays",
        "library.float64 if fractions else None",
        "library.float32 if fractions else None",
        "integers_take_fractions_in",
    ),
    ("arrays", "if len(dtypes) > 1:", "if False:", "errors_are_sentences"),
    (
        "arrays",
        "if not is_float(array) and not bool(library.all(y == x)):",
        "if False:",
        "integers_in_place_refuse_fractions",
    ),
    ("arrays", '("float16", "bfloat16")', "()", "sixteen_bits_are_refused"),
    (
        "arrays",
        "isinstance(data, np.ma.MaskedArray)",
        "False",
        "subclasses_of_arrays_bring_no_arithmetic",
    ),
    (
        "arrays",
        "data = np.asarray(data)  # a matrix",
        "pass  # a matrix",
        "subclasses_of_arrays_bring_no_arithmetic",
    ),
    # rows of the table
    ("elementwise", '"1.0": "G"', '"1.0": "-G"', "two_operands_broadcast"),
    ("elementwise", '"-1.0": "-G"', '"-1.0": "G"', "two_operands_broadcast"),
    ("elementwise", 'f"({slope}) * G"', 'f"{slope} * G"', "one_operand"),
    ("elementwise", 'f"({slope}) * G"', 'f"({slope})"', "one_operand"),
    (
        "elementwise",
        "return where_of(xp(G))(self.condition, times(self.x, G), times(self.y, G))",
        "return where_of(xp(G))(self.condition, times(self.y, G), times(self.x, G))",
        "one_operand",
    ),
    (
        "elementwise",
        "return where_of(xp(G))(self.condition, times(self.x, G), times(self.y, G))",
        "return where_of(xp(G))(self.condition, 0.0 * G, times(self.y, G))",
        "a_slope_that_stops_infinity",
    ),
    (
        "elementwise",
        "self.x if self.condition else self.y",
        "self.y if self.condition else self.x",
        "one_operand",
    ),
    (
        "elementwise",
        "xp(G).zeros_like(G) if taken is rules.stop else times(taken, G)",
        "times(taken, G)",
        "one_operand",
    ),
    (
        "elementwise",
        "slope == 1.0 else",
        "slope == 0.5 else",
        "edges_of_two_operands_are_those_of_pytorch",
    ),
    (
        "elementwise",
        "return operand, lambda G: unbroadcast(vjp(G), operand.shape)",
        "return operand, lambda G: vjp(G)",
        "two_operands_broadcast",
    ),
    ("elementwise", "(*range(new), *stretched)", "(*range(new),)", "two_operands_broadcast"),
    ("elementwise", "(*range(new), *stretched)", "(*stretched,)", "two_operands_broadcast"),
    ("elementwise", "[new + k for k, length", "[k for k, length", "two_operands_broadcast"),
    (
        "elementwise",
        "apply(name, other, self)",
        "apply(name, self, other)",
        "arrays_and_numbers_on_either_side",
    ),
    ("elementwise", "fractions=name not in EXACT", "fractions=False", "integers_take_fractions_in"),
    (
        "elementwise",
        'if is_number(b) and not b and sign == "/":',
        "if False:",
        "zero_divides_as_in_ieee",
    ),
    (
        "elementwise",
        'if sign == "**" and is_number(a) and is_float(b):',
        "if False:",
        "a_number_to_the_power_of_a_tensor",
    ),
    (
        "elementwise",
        "xp(b).any(b < 0)",
        "False",
        "integers_to_a_negative_power_are_refused",
    ),
    (
        "elementwise",
        "if needs_gradient(self) and not self.parents:",
        "if False:",
        "changes_outside_of_no_grad",
    ),
    ("elementwise", "where(self < lo, lo, self)", "maximum(self, lo)", "clip_at_its_ends"),
    ("elementwise", "lib.where(holds, 0.0, G), b.shape", "G, b.shape", "two_operands_broadcast"),
    (
        "elementwise",
        "dtype=lib.bool, device=place, copy=True",
        "dtype=lib.bool, device=place",
        "what_the_caller_changes_before_backward",
    ),
    ("rules", "where(a <= 0, stop, 1.0)", "where(a <= 0, 0.0, 1.0)", "a_slope_that_stops_infinity"),
    (
        "rules",
        '("a / b", "1 / b", "-y / b")',
        '("a / b", "1 / b", "y / b")',
        "two_operands_broadcast",
    ),
    # shapes and indices
    ("shapes", "(a, lambda G: lib.reshape(G, before))", "(a, lambda G: G)", "shapes_and_indices"),
    ("shapes", "key=axes.__getitem__", "key=None", "shapes_and_indices"),
    (
        "shapes",
        "lambda G: lib.permute_dims(G, back)",
        "lambda G: lib.permute_dims(G, axes)",
        "shapes_and_indices",
    ),
    ("shapes", "lambda G: G[inner]", "lambda G: G", "shapes_and_indices"),
    ("shapes", "lambda G: lib.astype(G, before)", "lambda G: G", "gradients_of_another_dtype"),
    ("shapes", "* is_float(y)", "", "constants_get_no_edge"),
    ("shapes", "lambda G: unbroadcast(G, before)", "lambda G: G", "shapes_and_indices"),
    ("shapes", "    if is_view(index):\n", "    if True:\n", "shapes_and_indices"),
    ("shapes", "and not isinstance(index, bool | np.bool_)", "", "indices_are_those_of_numpy"),
    (
        "shapes",
        "if np.size(index) else np.asarray(index, dtype=int)",
        "",
        "indices_are_those_of_numpy",
    ),
    (
        "shapes",
        'xp(index).asarray(index, copy=True) if hasattr(index, "shape") else index',
        "index",
        "what_the_caller_changes_before_backward",
    ),
    ("shapes", "if needs_gradient(a) and not paused():", "if False:", "changes_outside_of_no_grad"),
    ("shapes", "    a.version[0] += 1\n", "", "a_value_that_backward_needs_was_changed"),
    ("arrays", "out.index_add_(0, places, G)", "out[places] += G", "shapes_and_indices"),
    ("arrays", "np.add.at(out, places, G)", "out[places] += G", "shapes_and_indices"),
    # reductions
    (
        "reductions",
        "lib.broadcast_to(lib.reshape(G, kept), shape)",
        "lib.broadcast_to(G, shape)",
        "reductions",
    ),
    ("reductions", "/ prod(a.shape[i] for i in axes)", "/ 1", "reductions"),
    ("reductions", "winners / each", "winners", "ties_share_evenly_and_nan_is_the_largest"),
    ("reductions", "for i in axes) - correction", "for i in axes)", "reductions"),
    ("softmax", "lib.log(total) + peak, peak)", "lib.log(total), peak)", "reductions"),
    (
        "softmax",
        "lib.where(lib.isfinite(peak), lib.log(total) + peak, peak)",
        "lib.log(total) + peak",
        "infinite_logits",
    ),
    ("softmax", "lib.exp(a - y)", "lib.exp(a)", "reductions"),
    (
        "softmax",
        "y = a - peak - lib.log(total)",
        "y = lib.log(lib.exp(a - peak) / total)",
        "stable_at_a_thousand",
    ),
    (
        "softmax",
        "G - lib.exp(y) * add_up(G, axes, True)",
        "G - lib.exp(y) * G",
        "shapes_and_indices",
    ),
    ("softmax", "y * (G - add_up(G * y, axes, True))", "y * (1 - y) * G", "shapes_and_indices"),
    (
        "softmax",
        "    below = a - peak\n",
        "    below, peak = a, 0 * peak\n",
        "stable_at_a_thousand",
    ),
    ("softmax", "g = G / n if", "g = G if", "cross_entropy"),
    ("softmax", "        p[chosen] -= g if weight is None else g[:, 0]\n", "", "cross_entropy"),
    ("softmax", "a[chosen] - peak[:, 0]", "a[chosen]", "cross_entropy"),
    ("softmax", "(labels >= 0) & ", "", "errors_are_sentences"),
    ("softmax", "labels < classes", "labels <= classes", "errors_are_sentences"),
    (
        "softmax",
        "device=device(a), copy=True)",
        "device=device(a))",
        "labels_may_change_before_backward",
    ),
    # products
    ("products", "(X, lambda G: G @ w.T)", "(X, lambda G: G @ w)", "matmul"),
    ("products", "(W, lambda G: x.T @ G)", "(W, lambda G: G.T @ x)", "matmul"),
    ("products", "lib.reshape(G, full) @ column.mT", "lib.reshape(G, full) @ column", "matmul"),
    ("products", "row.mT @ lib.reshape(G, full)", "lib.reshape(G, full).mT @ row", "matmul"),
    ("products", "max(row.ndim, column.ndim) - 2", "row.ndim - 2", "matmul"),
    ("products", "unbroadcast(G, tuple(stretched))", "G", "matmul"),
    ("products", "    if vjp is None:\n", "    if True:\n", "linear"),
    ("products", "found[-1][0] is not G", "False", "linear_after_a_pass_that_was_broken_off"),
    ("products", "        y += array(bias[0])\n", "        pass\n", "linear"),
    ("products", "product(rows(a).T, rows(back(G)))", "a.T @ back(G)", "linear"),
    ("products", "(y <= 0, 0.0, G)", "(y <= 0, 0.1, G)", "linear"),
    (
        "arrays",
        "a.ndim == 2 and a.size > 1 and b.size > 1:",
        "a.ndim == 2:",
        "zero_times_nan_is_nan_in_a_layer",
    ),
    ("arrays", "make(len(g), g.dtype).dot(g)", "g[0]", "linear"),
    ("arrays", "(prod(x.shape[:-1]), x.shape[-1])", "(-1, x.shape[-1])", "layers_of_no_width"),
    ("arrays", "    kept -= 1  #", "    kept -= 2  #", "choice_by_bits"),
    ("arrays", " or condition.shape != y.shape", "", "choice_by_bits"),
    ("arrays", "not float or x or", "not float or", "choice_by_bits"),
    # functions of NumPy
    (
        "numpy_functions",
        "if any(map(needs_gradient, tensors_in(list(operands)))):",
        "if False:",
        "functions_of_numpy",
    ),
    ("numpy_functions", '"subtract": "sub"', '"subtract": "add"', "functions_of_numpy"),
    (
        "numpy_functions",
        "Tensor.__array_function__ = array_ufunc, array_function",
        "Tensor.__array_function__ = array_ufunc, None",
        "functions_of_numpy",
    ),
]


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
    (home,) = (module for module in TESTS if hasattr(module, f"test_{name}"))
    with with_sources(sources):
        module = ModuleType(home.__name__)
        exec(compiled(TESTS[home], home.__file__), vars(module))
        test = getattr(module, f"test_{name}")
        for arguments in runs(test):
            if "monkeypatch" in test.__code__.co_varnames:
                arguments["monkeypatch"] = pytest.MonkeyPatch()
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    test(**arguments)
            except (Exception, pytest.fail.Exception):
                return True
            finally:
                if "monkeypatch" in arguments:
                    arguments["monkeypatch"].undo()
    return False


@pytest.mark.parametrize("name", sorted({name for *_, name in FAULTS}))
def test_the_engine_without_a_fault_passes(name):
    assert not found(SOURCES, name)


@pytest.mark.parametrize("module, right, wrong, name", FAULTS)
def test_fault_is_found(module, right, wrong, name):
    assert SOURCES[module].count(right) > 0, "the source has changed: plant this fault anew"
    assert found(SOURCES | {module: SOURCES[module].replace(right, wrong)}, name)
