"""Programs printed as Python, NumPy and C, and compiled: the same numbers, to the last bit."""

import math
import os
import random
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from trace_programs import points, random_program, rows_as_a_program

from bookutils import Value
from bookutils.engine.scalar import gradients as engine_gradients
from bookutils.neuron import MLP
from bookutils.trace import compiler, compiling, native, to_python, trace, where

needs_c = pytest.mark.skipif(compiler() is None, reason="no C compiler here")
TARGETS = ["python", "numpy", pytest.param("c", marks=needs_c)]
EXACT = ["python", pytest.param("c", marks=needs_c)]


def product(a, b, c):
    return (a * b + c) * (a * b)


def bits(numbers):
    """The numbers as text that tells all but nan from nan."""
    return [repr(float(x)) for x in numbers]


# --- the text ------------------------------------------------------------------------------------


def test_what_is_read_once_stands_in_place_and_what_is_read_twice_has_a_name():
    assert trace(product).value_and_grad().to_python() == (
        "def product(a, b, c):\n"
        "    t3 = a * b\n"
        "    t4 = t3 + c\n"
        "    t6 = t4 + t3\n"
        "    return t4 * t3, b * t6, a * t6, t3\n"
    )
    assert trace(lambda a, b: (a - b) - (a - b * 2)).to_python() == (
        "def f(a, b):\n    return (a - b) - (a - (b * 2.0))\n"
    )


def test_a_choice_is_written_as_each_language_has_it():
    program = trace(lambda x: where(x > 0, x.abs(), 2.0))
    assert program.to_python().endswith("return abs(x) if (x > 0.0) else 2.0\n")
    assert program.to_numpy().endswith("return where(x > 0.0, abs(x), 2.0)\n")
    assert program.to_c().endswith("out[0] = where(x_ > 0.0, fabs(x_), 2.0);\n}\n")


def test_what_no_row_changes_stands_before_the_loop():
    text = trace(lambda w, x: (w.exp() * x, w.exp(), 1.0)).to_python("x")
    assert text == (
        "def f(parameters, rows):\n"
        "    [w] = parameters\n"
        "    t2 = exp(w)\n"
        "    s0 = 0.0\n"
        "    for [x] in rows:\n"
        "        s0 += t2 * x\n"
        "    return s0, len(rows) * t2, len(rows) * 1.0\n"
    )


def test_what_no_row_changes_is_not_written_into_the_loop():
    text = trace(lambda w, x: w.exp() * x).to_python("x")
    assert "    t2 = exp(w)\n    s0 = 0.0\n    for [x] in rows:\n        s0 += t2 * x\n" in text


def test_the_sum_of_a_product_of_columns_is_a_dot_product():
    text = trace(lambda w, x, y: (x * y, w * x, x.exp())).to_numpy("x y")
    assert text.endswith("return array([dot(x, y), add(w * x), add(exp(x))])\n")


@pytest.mark.parametrize(
    "x", [0.1, 1 / 3, 1e-310, 1e22, 2.0**53, math.inf, -math.inf, math.nan, -0.0]
)
@pytest.mark.parametrize("to", TARGETS)
def test_constants_are_exact(to, x):
    program = trace(lambda a: (a * 0 + x, x, where(a > 0, x, 1.0)))
    assert bits(program.compile(to)(1.0)) == bits(program(1.0))
    assert bits(program.compile(to)(1.0))[1] == repr(x)


NAMES = """exp where t t3 s s0 lambda parameters rows len array dot add inf nan abs double p x n out
end y0 fabs INFINITY main pow while π f""".split()


@pytest.mark.parametrize("to", TARGETS)
def test_no_name_clashes(to):
    def f(*xs):
        terms = [(x.exp() * (k + 1.5)).abs() for k, x in enumerate(xs)]
        return sum(terms) * terms[0] + where(xs[0] > xs[1], math.inf, 0.0)

    program = trace(f, *NAMES).value_and_grad(*NAMES[:3])
    point = [k / len(NAMES) for k in range(len(NAMES))]
    assert program.compile(to)(*point) == pytest.approx(program(*point), rel=1e-14)
    summed = program.compile(to, rows=NAMES[2:6])(point[:2] + point[6:], [point[2:6]] * 2)
    assert list(summed) == pytest.approx([2 * y for y in program(*point)], rel=1e-14)


@pytest.mark.parametrize("name", ["exp", "double", "sin", "traced", "y1", "loss"])
@needs_c
def test_no_name_of_a_function_clashes_in_c(name):
    def f(x):
        return x.exp()

    f.__name__ = name
    assert trace(f).compile("c")(1.0) == math.exp(1.0) == trace(f).compile()(1.0)


# --- every row, every printer --------------------------------------------------------------------

PROGRAM, ROW_NAMES = rows_as_a_program()


@pytest.mark.parametrize("to", EXACT)
def test_every_row_and_its_slopes_have_the_bits_of_the_replay_at_every_edge(to):
    function = PROGRAM.compile(to)
    for a, b in points(2):
        found, expected = bits(function(a, b)), bits(PROGRAM(a, b))
        assert found == expected, [
            (row, a, b, x, y)
            for row, x, y in zip(ROW_NAMES, found, expected, strict=True)
            if x != y
        ]


def test_every_row_and_its_slopes_are_the_same_over_columns():
    a, b = np.array(points(2)).T
    found = PROGRAM.compile("numpy")(a, b)
    expected = np.array([PROGRAM(*pair) for pair in points(2)]).T
    for name, x, y in zip(ROW_NAMES, found, expected, strict=True):
        # NumPy has functions of its own, each within a few units in the last place
        np.testing.assert_allclose(x, y, rtol=2e-15, atol=1e-300, err_msg=str(name))


@pytest.mark.parametrize("to", EXACT)
def test_functions_have_the_bits_of_the_replay_at_random_points(to):
    rng = random.Random(3)
    function = PROGRAM.compile(to)
    for _ in range(300):
        a, b = rng.uniform(-4, 4), rng.choice([rng.uniform(-4, 4), 2.0, 0.5, 3.0])
        assert bits(function(a, b)) == bits(PROGRAM(a, b))


@needs_c
def test_c_keeps_pow_which_is_not_to_the_bit_the_product():
    rng = random.Random(1)
    program = trace(lambda x: (x**2.0, x**-1.0))
    in_c, in_python = program.compile("c"), program.compile()
    xs = [rng.uniform(0, 4) for _ in range(20_000)]
    assert any(math.pow(x, 2.0) != x * x for x in xs)  # about one in a thousand
    assert all(in_c(x) == in_python(x) for x in xs)


@needs_c
def test_multiply_and_add_are_not_fused_even_where_the_processor_could():
    program = trace(lambda a, b, c: a * b + c)
    try:
        in_c = program.compile("c", flags=(*native.FLAGS, "-march=native"))
    except RuntimeError:
        pytest.skip("this compiler knows no -march=native")
    rng = random.Random(2)
    for _ in range(200):
        point = [rng.uniform(-2, 2) for _ in range(3)]
        assert in_c(*point) == program(*point)


@pytest.mark.parametrize("to", EXACT)
def test_random_programs_have_the_bits_of_the_replay(to):
    rng = random.Random(7)
    seeds = range(40) if to == "python" else range(3)  # each is compiled anew
    for seed in seeds:
        f = random_program(random.Random(seed), steps=30)
        program = trace(f, "a", "b", "c").value_and_grad()
        function = program.compile(to)
        for _ in range(5):
            point = [rng.uniform(-2, 2) for _ in range(3)]
            assert bits(function(*point)) == bits(program(*point)), seed


# --- sums over rows ------------------------------------------------------------------------------


@pytest.mark.parametrize("to", TARGETS)
def test_outputs_are_summed_over_rows(to):
    program = trace(lambda w, x, b, y: (w * x + b - y) ** 2).value_and_grad("w", "b")
    rng = np.random.default_rng(11)
    rows = rng.normal(size=(9, 2))
    expected = np.sum([program(0.3, x, -1.2, y) for x, y in rows], axis=0)
    for given in (rows, rows.tolist(), np.asfortranarray(rows), rows[::-1]):
        found = program.compile(to, rows="x y")([0.3, -1.2], given)
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    swapped = program.compile(to, rows=["y", "x"])(np.array([0.3, -1.2]), rows[:, ::-1])
    np.testing.assert_allclose(swapped, expected, rtol=1e-13)


@needs_c
def test_sums_over_rows_have_the_same_bits_in_python_and_c():
    program = trace(lambda w, x, b, y: ((w * x + b).tanh() - y) ** 2).value_and_grad("w", "b")
    rows = np.random.default_rng(2).normal(size=(50, 2))
    in_python, in_c = (program.compile(to, rows="x y")([0.3, 0.1], rows) for to in ("python", "c"))
    assert bits(in_python) == bits(in_c)


@pytest.mark.parametrize("to", TARGETS)
def test_a_partial_that_is_a_constant_stands_once_for_each_row(to):
    program = trace(lambda x, b: x * 3 + b).value_and_grad()
    found = program.compile(to, rows=["x"])([7.0], [[1.0], [2.0], [4.0]])
    assert list(found) == [42.0, 9.0, 3.0]  # ∂/∂b is 1 in each of three rows
    assert list(program.compile(to, rows=["x"])([7.0], [])) == [0.0, 0.0, 0.0]
    assert list(program.compile(to, rows=["x"])([7.0], [1.0, 2.0, 4.0])) == list(found)
    one = trace(lambda x, b: x * 3 + b).grad("b").compile(to, rows="x")
    assert one([7.0], np.ones((5, 1))) == 5.0


def test_an_elementwise_constant_has_the_shape_of_the_columns():
    program = trace(lambda x, b: x + b).value_and_grad()
    y, dx, db = program.compile("numpy")(np.arange(4.0), 2.0)
    assert y.tolist() == [2, 3, 4, 5] and dx.tolist() == db.tolist() == [1, 1, 1, 1]
    table = program.compile("numpy")(np.ones((3, 1)), np.ones(2))
    assert [r.shape for r in table] == [(3, 2)] * 3


@pytest.mark.parametrize("to", TARGETS)
def test_what_python_refuses_follows_ieee(to):
    program = trace(lambda x, b: b / x + x.log()).value_and_grad()
    assert bits(program.compile(to)(0.0, -2.0)) == ["-inf", "inf", "inf"]
    assert bits(program.compile(to, rows="x")([7.0], [[0.0], [4.0]])) == ["nan", "nan", "inf"]
    one = trace(lambda x: (x * 1000).exp())
    assert one.compile(to)(1) == math.inf == one.compile(to, rows="x")([], [[1], [2]])


@pytest.mark.parametrize("to", TARGETS)
@pytest.mark.parametrize(
    "parameters, rows, sentence",
    [
        ([1.0], [[1, 2]], r"2 parameters, and rows of 2 numbers \(x, y\): 1 parameters and"),
        ([1.0, 2.0], [[1, 2, 3]], "2 parameters and (an array of shape|rows of)"),
        ([1.0, 2.0], [1.0, 2.0], "2 parameters and (an array of shape|rows of)"),
    ],
)
def test_other_numbers_than_its_own_are_refused(to, parameters, rows, sentence):
    function = trace(lambda w, x, b, y: w * x + b - y).compile(to, rows="x y")
    with pytest.raises(TypeError, match=sentence):
        function(parameters, rows)
    with pytest.raises(TypeError, match="takes parameters and rows: 1 arguments arrived"):
        function(parameters)
    with pytest.raises(TypeError, match=r"product\(a, b, c\), compiled takes 3 numbers: 2 arrived"):
        trace(product).compile(to)(1, 2)


def test_rows_and_targets_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match="'q' is not one of the inputs"):
        trace(product).to_python("q")
    with pytest.raises(ValueError, match="to 'rust'. It is one of python, numpy, c"):
        trace(product).compile("rust")


@pytest.mark.parametrize("to", TARGETS)
def test_a_net_of_values_is_trained_by_its_traced_program(to):
    rng = random.Random(4)
    model = MLP(2, [5, 1], rng=rng)
    parameters = [p.data for p in model.parameters()]
    rows = [[rng.uniform(-1, 1), rng.uniform(-1, 1), rng.choice([-1.0, 1.0])] for _ in range(20)]

    def loss(model, x, y):
        return (1 - y * model(x)).relu()

    names = [f"w{k}" for k in range(len(parameters))]
    step = trace(loss, model, ["x0", "x1"], "y").value_and_grad(*names).compile(to, rows="x0 x1 y")
    found = step(parameters, rows)
    root = sum(loss(model, x, y) for *x, y in rows)
    grads = engine_gradients(root)
    expected = [root.data, *[grads[p] for p in model.parameters()]]
    assert list(found) == pytest.approx(expected, rel=1e-14, abs=1e-14 * max(map(abs, expected)))


def test_whole_numbers_round_as_floats_do():
    program = trace(lambda a: a * a * a)
    assert program.compile()(10**9 + 1) == float(10**9 + 1) ** 3
    assert type(program.compile()(3)) is float and program.compile()(Value(3)) == 27.0


# --- large and deep ------------------------------------------------------------------------------


def test_parentheses_stay_within_what_python_parses():
    def deep(x):
        for _ in range(3000):
            x = x.sin()
        return x

    program = trace(deep)
    assert program.compile()(1.0) == program(1.0)
    longest = max(program.to_python().splitlines(), key=len)
    assert longest.count("(") < 200


@needs_c
def test_thousands_of_statements_in_c():
    def long(x, y):
        for k in range(700):
            x, y = x * 0.999 + y * 0.01, (y - x * 0.01).tanh() + k * 1e-6
        return x + y

    program = trace(long)
    assert program.compile("c")(0.5, -0.25) == program(0.5, -0.25)


def test_hundreds_of_inputs_and_outputs():
    program = trace(
        lambda *xs: tuple(x * k for k, x in enumerate(xs)), *[f"x{k}" for k in range(700)]
    )
    assert program.compile()(*range(700)) == tuple(float(k * k) for k in range(700))


# --- the compilers -------------------------------------------------------------------------------


def test_the_same_text_is_compiled_once():
    program, again = trace(product), trace(product)
    assert program.compile().function is again.compile().function
    assert program.compile().function is not program.grad("a").compile().function
    assert compiling.python.cache_info().maxsize  # bounded


@needs_c
def test_the_same_c_is_compiled_once_in_a_directory_of_this_process():
    first = trace(product).compile("c")
    files = sorted(Path(native.folder(os.getpid()).name).iterdir())
    assert trace(product).compile("c").function is first.function
    assert sorted(Path(native.folder(os.getpid()).name).iterdir()) == files
    if os.name == "posix":
        assert stat.S_IMODE(os.stat(native.folder(os.getpid()).name).st_mode) == 0o700


@needs_c
def test_the_directory_goes_with_the_process():
    code = (
        "import os; from bookutils.trace import native, trace\n"
        "print(trace(lambda x: x * 3).compile('c')(2.0), native.folder(os.getpid()).name)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    answer, folder = run.stdout.split()
    assert answer == "6.0" and not Path(folder).exists()


@needs_c
def test_flags_of_your_own_replace_the_others():
    program = trace(lambda a, b, c: (a * b + c, a.sqrt() / b))
    assert "-ffp-contract=off" in native.FLAGS
    quick = program.compile("c", flags=("-O3",))
    assert quick.flags == ("-O3",) and quick(3, -2, 7) == program(3, -2, 7)
    here = program.compile("c", flags=(*native.FLAGS, "-O3"))
    assert here(0.1, 0.3, 0.7) == program(0.1, 0.3, 0.7)


@needs_c
def test_a_compiler_that_complains_is_heard():
    with pytest.raises(RuntimeError, match="did not compile f: .*no-such-flag"):
        trace(lambda x: x).compile("c", flags=("-fno-such-flag-no-such-flag",))


def test_without_a_compiler_a_sentence_says_what_works(monkeypatch):
    monkeypatch.setattr(native.shutil, "which", lambda name: None)
    assert compiler() is None
    with pytest.raises(RuntimeError, match=r"no C compiler here.*compile\(\"python\"\)"):
        trace(lambda x: x * 1.25).compile("c")


def test_the_variable_cc_names_the_compiler(monkeypatch):
    monkeypatch.setenv("CC", sys.executable)
    assert compiler() == sys.executable
    monkeypatch.setenv("CC", "no-such-compiler")
    assert compiler() != "no-such-compiler"


def test_the_core_prints_a_list_of_operations():
    ops = [("input", "a"), ("const", -2.0), ("mul", 0, 1), ("sigmoid", 2)]
    assert to_python(ops, 3, ["a"], "g") == ("def g(a):\n    return 1 / (1 + exp(-(a * (-2.0))))\n")


def test_help_shows_how_the_room_is_used():
    import bookutils.trace as room

    example = room.__doc__.split("\n\n")[1:4]
    scope = {}
    exec(textwrap.dedent("\n\n".join(example)), scope)
    assert scope["slopes"].compile()(3, -2, 7) == (-6.0, 10.0, -15.0, -6.0)


@needs_c
def test_no_flag_of_a_library_changes_the_arithmetic_of_this_process():
    text = "void f(const double *x, double *y) { y[0] = x[0]; }"
    native.built(text, ("-O3", "-ffast-math"))
    smallest = np.array([5e-324])
    assert (smallest * 1.0)[0] == 5e-324 and float("2.5e-308") / 2 > 0
