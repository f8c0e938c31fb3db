"""Answers in PyTorch: tensors are read, programs stand around answers, switches are put back."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from bookutils.judge import data, tensors
from bookutils.judge.exercise import BROKEN, Exercise, Mistake
from bookutils.judge.surroundings import chance_kept, kept
from bookutils.judge.verdict import NOT_ATTEMPTED

torch = pytest.importorskip("torch")


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor([[1.5, -2.0], [0.25, 8.0]], dtype=torch.float64),
        torch.tensor([1.5, 2.0], requires_grad=True).exp(),
        torch.tensor([1.5, 2.0], dtype=torch.bfloat16),
        torch.tensor([[1, 2, 3], [4, 5, 6]]).T,
        torch.tensor([True, False]),
        torch.zeros(0, 3),
        torch.nn.Parameter(torch.ones(2)),
    ],
    ids=lambda tensor: f"{tensor.dtype} {tuple(tensor.shape)}",
)
def test_a_tensor_is_read_as_an_array_of_its_own(tensor):
    array = data.plain(tensor)
    assert type(array) is np.ndarray and array.shape == tuple(tensor.shape)
    assert array.dtype.kind == "f" if tensor.is_floating_point() else array.dtype.kind in "bi"
    np.testing.assert_array_equal(array, tensor.detach().to(torch.float64).numpy())
    before = array.copy()
    tensor.detach().fill_(3)
    np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("value", [torch.tensor(2.5, dtype=torch.float16), np.array(2.5)])
def test_what_has_no_axes_is_a_number(value):
    assert type(data.plain(value)) is float and data.plain(value) == 2.5


@pytest.mark.parametrize(
    ("tensor", "says"),
    [
        (torch.tensor([1 + 2j]), "a tensor of torch.complex64"),
        (torch.eye(2).to_sparse(), "the layout torch.sparse_coo"),
        (torch.zeros(2, device="meta"), "a tensor without numbers"),
    ],
)
def test_what_is_no_array_is_refused_with_a_sentence(tensor, says):
    with pytest.raises(data.Misfit, match=says):
        data.plain({"x": [tensor]})


def test_switches_are_put_back_after_every_call():
    torch.set_num_threads(2)
    with kept():
        assert torch.get_num_threads() == 1
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        torch.set_default_device("meta")
        torch.set_num_threads(3)
    assert torch.is_grad_enabled() and torch.get_default_dtype() is torch.float32
    assert torch.get_num_threads() == 2 and torch.ones(1).device.type == "cpu"


def test_chance_is_put_back_after_every_answer():
    state = torch.get_rng_state()
    with chance_kept():
        torch.manual_seed(7)
        torch.rand(3)
    assert torch.equal(state, torch.get_rng_state())


def test_nothing_is_loaded_by_looking():
    program = (
        "import sys, numpy as np\n"
        "from bookutils.judge import data, surroundings, tensors\n"
        "with surroundings.kept(), surroundings.chance_kept():\n"
        "    data.plain([np.ones(2), 3.0]), tensors.is_tensor(3.0)\n"
        "print('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.split() == ["False"], run.stderr


def test_half_a_module_is_not_taken_for_pytorch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", type(sys)("torch"))
    assert tensors.loaded() is None and not tensors.is_tensor(3.0)
    with kept(), chance_kept():
        pass


# ---- a program around an answer


def step(move, w, x, lr):
    import torch

    layer = torch.nn.Linear(len(x), 1, bias=False, dtype=torch.float64)
    layer.weight.data = torch.from_numpy(w[None])
    y = layer(torch.tensor(x))
    y.backward()
    move(layer, lr)
    return layer.weight[0], layer.weight.grad is None


def no_rate(layer, lr):
    layer.weight.data = layer.weight.data - layer.weight.grad
    layer.zero_grad()


def right(layer, lr):
    layer.weight.data = layer.weight.data - lr * layer.weight.grad
    layer.zero_grad()


def moved(w, x, lr):
    w = w - lr * x
    return w, True


MOVE = Exercise(
    id="x.2",
    title="",
    signature="move(layer, lr)",
    program=step,
    reference=lambda w, x, lr: (w - lr * x, True),
    worked=moved,
    cases=lambda rng: [
        (np.array([1.0, 2.0]), np.array([0.5, -1.0]), 0.1),
        *((rng.normal(size=n), rng.normal(size=n), 0.3) for n in (1, 3, 3)),
    ],
    mistakes=(Mistake("norate", "You leave out the rate.", no_rate),),
    hints=(),
)


def test_a_program_hands_over_what_the_answer_takes():
    assert MOVE.takes == ("layer", "lr") and MOVE.parameters == ("w", "x", "lr")
    assert MOVE.results == ("layer.weight[0]", "layer.weight.grad is None")
    assert MOVE.judge(right).right


def test_the_numbers_of_a_case_tell_what_is_wrong():
    verdict = MOVE.judge(lambda layer, lr: right(layer, -lr))
    assert "`layer.weight[0]`: Your numbers would be right with −`x`" in verdict.explains


def test_what_the_verdict_shows_can_be_pasted():
    verdict = MOVE.judge(lambda layer, lr: right(layer, -lr))
    *lines, last = verdict.call.splitlines()
    names = {"np": np, "move": right}
    exec("\n".join(lines), names)
    assert "w = np.array([1., 2.])" in lines and "move(layer, 0.1)" in lines
    weight, _ = eval(last, names)
    np.testing.assert_allclose(weight.tolist(), [0.95, 2.1])


def test_a_known_mistake_is_recognised_behind_the_program():
    verdict = MOVE.judge(lambda layer, lr: right(layer, 1.0))
    assert verdict.explains == "You leave out the rate."


def test_memory_that_is_shared_shows_as_a_changed_argument():
    def in_place(layer, lr):
        with torch.no_grad():
            layer.weight -= lr * layer.weight.grad
        layer.weight.grad = None

    verdict = MOVE.judge(in_place)
    assert "changed its argument `w`" in verdict.says


def test_other_arguments_than_the_text_says_are_told():
    verdict = MOVE.judge(lambda layer: None)
    assert verdict.face == BROKEN and "2 arguments are handed over" in verdict.says


def test_a_stub_behind_a_program_is_not_attempted():
    def stub(layer, lr):
        raise NotImplementedError("your turn")

    assert MOVE.judge(stub).face == NOT_ATTEMPTED


def test_a_class_has_no_arguments_to_compare():
    exercise = replace(MOVE, signature="Move", results=(), _memory={})
    assert exercise.takes is None and exercise.judge(right).right


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("layer.weight @ layer.weight", "multiplies (1, 2) by (1, 2): the inner sizes must be"),
        ("w = torch.ones(3); layer.weight + w", "(1, 2) and (3,) are compared from the right"),
    ],
)
def test_shapes_that_pytorch_refuses_are_shown(line, says):
    text = f"import torch\ndef move(layer, lr):\n    {line}\n"
    assert says in MOVE.judge(text).says


def test_an_answer_without_end_is_stopped_and_gradients_are_on_again():
    def endless(layer, lr):
        with torch.no_grad():
            while True:
                layer.weight.sum()

    verdict = replace(MOVE, seconds=0.2, _memory={}).judge(endless)
    assert verdict.face == BROKEN and "still running" in verdict.says
    assert torch.is_grad_enabled()


def test_several_arrays_are_shown_as_they_are_typed():
    from bookutils.judge.program import Program

    program = Program("def p(f, Ws):\n    return f(Ws)\n")
    shown = program.shown(((np.array([[1.5, 2.0]]), np.array([3.0])),))
    assert shown == "Ws = (np.array([[1.5, 2. ]]), np.array([3.]),)\nf(Ws)"
    assert "shapes [(5, 5), (5,)]" in program.shown(((np.ones((5, 5)), np.ones(5)),))
