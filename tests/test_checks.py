"""The four faces, the sentences, and a real kernel that lives through everything."""

import re
from collections import Counter

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from bookutils.checks import check, hint, mistakes, progress, source
from bookutils.checks.registry import all_tasks, find
from bookutils.judge.exercise import Exercise, Mistake, formula
from bookutils.judge.verdict import BROKEN, COLOURS, FACES, NOT_ATTEMPTED, RIGHT, WRONG


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(tmp_path / "progress.json"))


def exercise(reference, cases, signature="f(x)", **more):
    more = {"mistakes": (), "hints": (), "cases": cases} | more
    return Exercise("99.1", "a test", signature, reference, **more)


def right(w, slope, lr):
    return w - lr * slope


def climb(w, slope, lr):
    return w + lr * slope


def untouched(w, slope, lr):
    raise NotImplementedError("your turn")


# ---- faces


def test_right():
    assert repr(check("00.1", right)) == (
        "✓ 00.1 · right\n"
        "  A step goes against the slope, and the learning rate says how far.\n"
        "  24 of 24 cases agree."
    )


def test_wrong_names_the_misconception_and_the_smallest_case():
    verdict = check("00.1", lambda w, slope, lr: w + slope * lr)  # other code, the same numbers
    assert (verdict.face, verdict.misconception) == (WRONG, "climb")
    assert verdict.call == "step(w=4.5, slope=3, lr=0.2)"
    assert verdict.rows == (("yours", "5.1"), ("expected", "3.9"), ("difference", "1.2"))
    assert verdict.section


def test_untouched():
    for answer in (untouched, None, ...):
        assert check("00.1", answer).face == NOT_ATTEMPTED
    assert check("00.1").face == NOT_ATTEMPTED
    assert check("00.2", ...).face == check("00.2", None).face == NOT_ATTEMPTED


def test_an_exception_shows_the_line_of_the_learner():
    def step(w, slope, lr):
        inner = np.array([w, slope])
        return inner.reshape(3)

    verdict = check("00.1", step)
    assert verdict.face == BROKEN and verdict.says.startswith("ValueError: cannot reshape")
    number, _, code = dict(verdict.rows)["line"].partition(": ")
    assert code == "return inner.reshape(3)" and int(number) > 40


def test_the_line_is_the_innermost_of_the_learner():
    text = (
        "def helper(x):\n    return 1 / (x - x)\n\ndef step(w, slope, lr):\n    return helper(w)\n"
    )
    assert dict(check("00.1", text).rows)["line"] == "2: return 1 / (x - x)"


@pytest.mark.parametrize(
    "answer, says",
    [
        (lambda w, slope: w, "does not fit your function"),
        (3.9, "takes the function itself"),
        ("def step(w, slope, lr)\n    return w", "does not parse: line 1"),
        ("def stride(w, slope, lr):\n    return w", "no function `step` is defined"),
        (lambda w, slope, lr: "3.9", "a string, expected a number"),
        (lambda w, slope, lr: None, "Is a `return` missing?"),
        (lambda w, slope, lr: object(), "type `object`"),
        (lambda w, slope, lr: (x for x in [w]), "`tuple(…)` around it"),
        (lambda w, slope, lr: 1j, "type `complex`"),
    ],
)
def test_broken_says_what_came(answer, says):
    verdict = check("00.1", answer)
    assert verdict.face == BROKEN and says.lower() in verdict.says.lower(), verdict


@pytest.mark.slow
@pytest.mark.parametrize(
    "body, says",
    [
        ("while True: pass", "still running"),
        ("while True:\n        try: pass\n        except BaseException: pass", "still running"),
        ("return step(w, slope, lr)", "calls itself more often than Python allows"),
        ("raise SystemExit", "ends the program"),
        ("kept = [0]\n    while True: kept += kept", "too much memory"),
        ("return np.ones(10**11)", "too much memory"),
    ],
)
def test_what_would_kill_a_kernel_is_broken(body, says):
    verdict = check("00.1", f"def step(w, slope, lr):\n    {body}")
    assert verdict.face == BROKEN and says in verdict.says, verdict


def test_printing_is_kept_apart_from_the_verdict():
    def step(w, slope, lr):
        print("✓ 00.1 · right")
        return w + lr * slope

    verdict = check("00.1", step)
    assert verdict.face == WRONG and "  | ✓ 00.1 · right" in repr(verdict)


@pytest.mark.parametrize(
    "answer", [np.float64(22), np.int32(22), 22.0, np.array(22), lambda: 22, lambda: np.array(22.0)]
)
def test_a_value_in_other_forms(answer):
    assert check("00.2", answer).right


def test_a_wrong_value_does_not_give_the_right_one_away():
    verdict = check("00.2", 23)
    assert verdict.face == WRONG and "22" not in repr(verdict).replace("23", "")


# ---- what is recognised without being listed


def test_a_word_that_is_not_allowed_is_answered_with_the_words():
    verdict = check("05.9", ("Bouncing", " SMALL", "diverge", "good"))
    assert verdict.face == WRONG and not verdict.misconception
    assert verdict.says == (
        "'diverge' is none of the words: 'bouncing', 'diverging', 'good', 'small'."
    )
    for id in ("04.12", "05.9", "06.9"):
        assert "none of the words: " in check(id, ("a", "b", "c", "d")).says
    assert "words" not in check("05.9", ("good", "good", "good", "good")).says


def test_generic_misconceptions():
    def cases(rng):
        return [(rng.normal(size=(n, n + 1)),) for n in (2, 3, 4)]

    square = exercise(lambda x: x @ x.T + np.arange(len(x)), cases)
    named = {
        "zero": lambda x: np.zeros((len(x), len(x))),
        "sign": lambda x: -(x @ x.T) - np.arange(len(x)),
        "transposed": lambda x: (x @ x.T + np.arange(len(x))).T,
        "factor": lambda x: (x @ x.T + np.arange(len(x))) * 2,
        "offset": lambda x: x @ x.T + np.arange(len(x)) + 1,
        "chance": lambda x: x @ x.T + np.random.default_rng().normal(),
        "rounded": lambda x: (x @ x.T + np.arange(len(x))).astype(np.float32),
    }
    for name, answer in named.items():
        assert square.judge(answer).misconception == name
    mean = square.judge(lambda x: (x @ x.T + np.arange(len(x))) / len(x))
    assert "too small by a factor: the length of `x`" in mean.explains
    pair = exercise(lambda x: (x.sum(), x.max()), cases)
    assert pair.judge(lambda x: (x.max(), x.sum())).misconception == "swap"
    assert exercise(lambda x: 2 * x, cases).judge(lambda x: x).misconception == "argument"


def test_products_are_counted_where_a_number_is_divided_by_an_array():
    verdict = check("02.6", lambda slopes: np.prod(slopes) / np.cumprod(slopes))
    assert verdict.says == "The numbers are right, but they cost too many multiplications."
    assert verdict.misconception == "divide"


def test_numbers_near_zero_are_not_called_zero():
    steps = Exercise("99.1", "a test", "f()", (-8, -5), (), (), atol=1.01)
    assert steps.judge((0, 0)).misconception == "zero"
    assert steps.judge((1e-8, 1e-5)).misconception == ""


def test_one_array_is_no_pair_of_arrays_of_other_shapes():
    pair = exercise(lambda x: (x[0], x), lambda rng: [(rng.normal(size=(2, n)),) for n in (3, 4)])
    said = pair.judge(lambda x: x).says
    assert said == "The answer is an array of shape (2, 3), expected a tuple of 2."
    nested = exercise(lambda x: ([x, x], x), lambda rng: [(1.0,), (2.0,)])
    assert "Result [0][1] is" in nested.judge(lambda x: ([x, [x]], x)).says


def test_nothing_where_lists_of_arrays_are_due_is_wrong():
    lists = exercise(lambda x: ([x], [2 * x]), lambda rng: [(rng.normal(size=n),) for n in (2, 3)])
    assert lists.judge(lambda x: ([], [])).face == WRONG
    assert lists.judge(lambda x: ([x], [])).face == WRONG


def test_a_list_without_length_is_no_factor():
    cases = [(np.arange(1.0, n + 2), [0.5] * n) for n in (0, 1, 2)]
    total = exercise(lambda x, y: x.sum() + sum(y), lambda rng: cases, "f(x, y)")
    assert total.judge(lambda x, y: x.sum() - 3.0).face == WRONG


def test_a_changed_argument_is_named():
    def doubled(x):
        x *= 2
        return x.sum()

    total = exercise(lambda x: 2 * x.sum(), lambda rng: [(rng.normal(size=n),) for n in (2, 3)])
    assert "changed its argument `x`" in total.judge(doubled).says


def test_nan_and_shape_are_wrong():
    total = exercise(lambda x: x.sum(), lambda rng: [(rng.normal(size=n),) for n in (2, 3)])
    assert "NaN" in total.judge(lambda x: np.log(-(x**2)).sum()).says
    shape = total.judge(lambda x: x)
    assert shape.face == WRONG and "an array of shape (2,), expected a number" in shape.says


def test_one_case_that_looks_like_a_mistake_names_none():
    """A mistake is named for what the answer does on all cases, not for one of them."""
    double = exercise(
        lambda x: 2 * x,
        lambda rng: [(v,) for v in (0.5, 1.5, 3.0)],
        mistakes=(Mistake("square", "You square.", lambda x: x * x),),
    )
    assert double.judge(lambda x: x * x).misconception == "square"
    assert double.judge(lambda x: 2 * x if x < 2 else x * x).misconception == ""


def test_an_answer_that_remembers_is_wrong():
    calls = []

    def step(w, slope, lr):
        calls.append(w)
        return w - lr * slope + (len(calls) > 10)

    assert check("00.1", step).misconception == "chance"


def test_accept_judges_by_property():
    root = exercise(
        lambda x: x**0.5,
        lambda rng: [(4.0,), (9.0,)],
        accept=lambda y, x: None if abs(y * y - x) < 1e-9 else "Its square is not x.",
    )
    assert root.judge(lambda x: -(x**0.5)).right and root.judge(lambda x: x**0.5).right
    assert root.judge(lambda x: x).says == "Its square is not x."
    assert root.judge(lambda x: None).face == BROKEN


def test_a_function_argument_is_printed_as_a_formula():
    slope = exercise(
        lambda f, x: f(x) + 1, lambda rng: [(formula("x", "x**2"), 3.0)] * 2, signature="g(f, x)"
    )
    assert slope.judge(lambda f, x: f(x) ** 2).call == "g(f=x ↦ x**2, x=3)"


# ---- odd objects


class Sly:
    """Equal to everything, and whatever array is wanted."""

    def __eq__(self, other):
        return True

    def __array__(self, *_, **__):
        return np.array(3.9)

    def __float__(self):
        return 3.9


class Friendly(float):
    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__

    def __eq__(self, other):
        return True


def test_an_object_of_its_own_mind_decides_nothing():
    assert check("00.1", lambda w, slope, lr: Sly()).face == BROKEN
    assert check("00.1", lambda w, slope, lr: Friendly(1.0)).face == WRONG


class Agreeable(np.ndarray):
    def __sub__(self, other):
        return np.zeros(self.shape)


def test_an_array_of_its_own_mind_decides_nothing():
    total = exercise(lambda x: 2 * x, lambda rng: [(rng.normal(size=n),) for n in (2, 3)])
    assert total.judge(lambda x: np.ones(x.shape).view(Agreeable)).face == BROKEN


# ---- forms


def test_html_has_icon_word_role_and_table():
    html = check("00.1", climb)._repr_html_()
    assert 'role="status"' in html and ">✗<" in html and "wrong" in html
    assert re.search(r'<th scope="row">yours</th><td>5\.1</td>', html)
    assert "<script" not in check("00.1", lambda w, slope, lr: "<script>")._repr_html_()


def test_white_words_stand_out_from_every_colour():
    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return np.dot(linear, [0.2126, 0.7152, 0.0722])

    assert set(COLOURS) == set(FACES)
    for colour in COLOURS.values():
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5  # WCAG AA


def test_hints_come_one_by_one():
    first, second, third, fourth = (repr(hint("00.1")) for _ in range(4))
    assert first.startswith("hint 1 of 3") and first.count("\n") == 0
    assert second.startswith(first) and third.startswith(second)
    assert fourth.startswith(third) and fourth.endswith("There are no more hints.")
    assert hint("00.1")._repr_html_().count("<li>") == 3


def test_a_wrong_id_names_the_nearest():
    for said in (check("0.1", right), hint("0.1"), mistakes("0.1"), check(1.2), hint(None)):
        assert "There is no exercise" in repr(said) and "0" in repr(said)
        assert said._repr_html_()
    assert "00.1" in repr(check("00.1 ", right))
    for id in (1.2, "1.2"):
        assert "There is no exercise '1.2'. The nearest are 01.2" in repr(check(id, right))


def test_a_class_is_shown_with_its_body():
    turned = next(m for m in find("09.project").mistakes if m.name == "turned")
    assert "return h, delta[::-1]" in source(turned.answer) and source(float) == "float"


@pytest.mark.slow
def test_no_two_mistakes_are_shown_with_the_same_program():
    for task in all_tasks():
        shown = Counter(source(mistake.answer) for mistake in task.mistakes)
        assert max(shown.values()) == 1, f"{task.id}: {shown.most_common(1)}"


def test_mistakes_show_name_code_and_verdict():
    shown = repr(mistakes("00.1"))
    assert "climb: ✗ wrong\n    lambda w, slope, lr: w + lr * slope\n" in shown
    assert mistakes("00.1")._repr_html_().count('<th scope="row">') == len(find("00.1").mistakes)
    assert repr(progress()).startswith("chapter 00  ○")  # showing mistakes is no attempt


def test_source_of_two_lambdas_on_one_line():
    pair = lambda x: x + 1, lambda x: x + 2
    assert [source(f) for f in pair] == ["lambda x: x + 1", "lambda x: x + 2"]
    assert source(climb).startswith("def climb(w, slope, lr):\n    return")
    assert source(7) == "7"


def test_progress_is_recorded_and_kept():
    check("00.1", climb)
    check("00.1", right)
    check("00.1", climb)
    assert "1 of" in repr(progress()) and repr(progress()).startswith("chapter 00  ○✓○")


def test_progress_that_cannot_be_kept_is_said_and_grading_goes_on(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(tmp_path / "file" / "progress.json"))
    verdict = check("00.1", right)
    assert verdict.right and "Progress is not kept" in repr(verdict)


# ---- a real kernel

CELLS = [
    "from bookutils.checks import check, hint",
    "check('00.1', step)",
    "def step(w, slope, lr):\n    return w + lr * slope",
    "check('00.1', step)",
    "def step(w, slope, lr)\n    return w - lr * slope",
    "check('00.1', step)",
    "def step(w, slope, lr):\n    a = w\n    return a / (slope - slope)",
    "check('00.1', step)",
    "def step(w, slope, lr):\n    while True:\n        try: w += 1\n        except: pass",
    "check('00.1', step)",
    "def step(w, slope, lr):\n    kept = []\n    while True: kept.append(bytearray(10**7))",
    "check('00.1', step)",
    "def step(w, slope, lr):\n    import sys\n    print('here'); sys.stdout.close(); exit()",
    "check('00.1', step)",
    "def step(w, slope, lr):\n    return w - lr * slope",
    "print('before')\nverdict = check('00.1', step)\nverdict",
    "import threading\nout = []\ndef run(): out.append(check('00.1', step))\nthread = threading."
    "Thread(target=run)\nthread.start(); thread.join()\nout[0]",
    "check('00.1', setp)",
]


@pytest.mark.slow
def test_a_kernel_lives_through_it_all(tmp_path):
    cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120, allow_errors=True, kernel_name="python3").execute()

    def shown(i):
        outputs = [o for o in notebook.cells[i].outputs if o.output_type == "execute_result"]
        assert len(outputs) == 1, notebook.cells[i].outputs
        assert "text/html" in outputs[0].data
        return outputs[0].data["text/plain"]

    assert "There is no `step` yet" in shown(1)
    assert "You add where the rule subtracts" in shown(3)
    assert notebook.cells[4].outputs[0].ename == "SyntaxError"
    assert "cell that should define `step` does not parse: line 1, expected ':'" in shown(5)
    assert "line  3: return a / (slope - slope)" in shown(7)
    assert "still running" in shown(9)
    assert "too much memory" in shown(11)
    assert BROKEN in shown(13) and "| here" in shown(13)
    assert RIGHT in shown(15) and RIGHT in shown(16)
    assert "There is no `setp` yet" in shown(17)
    streams = [o for cell in notebook.cells for o in cell.outputs if o.output_type == "stream"]
    assert [(o.name, o.text) for o in streams] == [("stdout", "before\n")]
