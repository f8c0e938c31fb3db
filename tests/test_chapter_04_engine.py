"""The Tensor that chapter 04 builds in its `build` cells, stage by stage, under two contracts.

Also the claims that its three sliders rest on.
"""

from functools import cache
from pathlib import Path

import chapter_cells
import engine_contract
import numpy as np
import pytest
import tensor_contract
import torch
from torch.utils.flop_counter import FlopCounterMode

import bookutils

CHAPTER = Path(__file__).parents[1] / "chapters" / "04_from_scalars_to_tensors.ipynb"
OPERATIONS = (
    *("add", "sub", "mul", "div", "neg"),
    *("add_number", "number_add", "sub_number", "number_sub"),
    *("mul_number", "number_mul", "div_number", "number_div"),
    *("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "relu"),
)
# without `unbroadcast` every gradient of a stretched operand has the wrong shape
NAIVE = dict.fromkeys(tensor_contract.needing("broadcast"), AssertionError)
STORES = {"numpy": np.asarray, "torch": torch.as_tensor}
if torch.cuda.is_available():
    STORES["cuda"] = lambda a: torch.as_tensor(a, device="cuda")


def cells():
    return chapter_cells.code_cells(CHAPTER)


def built(stage):
    return chapter_cells.built(CHAPTER, stage, "Tensor")


@cache
def names_of(*needed):
    """Run the cells that define these names, after `math` and NumPy; return their names."""
    names = {}
    exec("import math\nimport numpy as np", names)
    for cell in cells():
        if any(f"def {name}(" in cell.source for name in needed):
            exec(cell.source, names)
    return names


def test_every_build_cell_has_a_stage_and_fits_on_a_page():
    for cell in cells():
        tags = cell.metadata.get("tags", [])
        assert ("build" in tags) == any(tag.startswith("build:") for tag in tags)
        assert "build" not in tags or len(cell.source.splitlines()) <= 30


def single_numbers():
    """The scalar contract, without one case: at 2.9 the slope 1 - y² keeps 2 digits fewer than y.

    NumPy's and PyTorch's tanh may differ there in the last bit, and 1e-14 cannot be held.
    """
    cases = engine_contract.cases(operations=OPERATIONS)
    return [case for case in cases if case.id != "pytorch-tanh"]


@pytest.mark.parametrize("case", single_numbers())
@pytest.mark.parametrize("stage", ["first", "final"])
def test_single_numbers(stage, case):
    case(built(stage))


@pytest.mark.parametrize("case", tensor_contract.cases(NAIVE, without=("sum", "index")))
def test_first_version(case):
    case(built("first"), np.asarray)


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("case", tensor_contract.cases())
def test_final_version(case, store):
    case(built("final"), STORES[store])


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("case", tensor_contract.cases())
def test_the_reference(case, store):
    case(lambda a: bookutils.Tensor(a, requires_grad=True), STORES[store])


@pytest.mark.parametrize("stage", ["first", "final"])
def test_what_would_fail_in_silence_is_stopped(stage):
    """A 1-D x and a square W have the right shapes, and a dW that is wrong; integers lose 0.5."""
    Tensor = built(stage)
    W = Tensor(np.ones((3, 3)))
    for x in (np.ones(3), Tensor(np.ones(3))):
        with pytest.raises(AssertionError, match=r"two matrices, not \(3,\) and \(3, 3\)"):
            x @ W
    for integers in (np.array([1, 2]), np.array([True]), torch.tensor([1, 2])):
        with pytest.raises(AssertionError, match="no derivatives for"):
            Tensor(integers)
    assert Tensor([1, 2]).data.dtype == np.float64


def test_equal_largest_share():
    Tensor = built("final")
    a = Tensor(np.array([[3.0, 1.0, 3.0], [2.0, 5.0, 4.0]]))
    a.max(axis=1).backward(np.array([10.0, -1.0]))
    t = torch.tensor(a.data, requires_grad=True)
    t.amax(dim=1).backward(torch.tensor([10.0, -1.0], dtype=torch.float64))
    assert a.grad.tolist() == t.grad.tolist() == [[5.0, 0.0, 5.0], [0.0, -1.0, 0.0]]


@pytest.mark.parametrize("stage", ["first", "final"])
def test_relu_lets_nan_through_as_pytorch_does(stage):
    a = built(stage)(np.array([np.nan, -2.0, 3.0]))
    y = a.relu()
    y.backward(np.array([10.0, -1.0, 0.5]))
    t = torch.tensor(a.data, requires_grad=True)
    t.relu().backward(torch.tensor([10.0, -1.0, 0.5], dtype=torch.float64))
    assert np.isnan(y.data[0]) and a.grad.tolist() == t.grad.tolist() == [10.0, 0.0, 0.5]


# The sliders' claims, at their three points and between


@pytest.mark.parametrize("width", [4, 64, 256, 1024])
def test_the_jacobian_nobody_builds(width):
    data = names_of("layer_cost")["layer_cost"](batch=32, width=width)
    assert data["bytes"][2] == 4 * 32 * width**3
    assert data["bytes"][1] == 4 * width**2
    assert data["products"][1] == width * data["products"][0]
    if width == 1024:
        assert data["bytes"][2] == 128 * 2**30
        assert data["bytes"][1] == 4 * 2**20


def test_the_small_jacobian_is_sparse_and_its_vjp_is_the_product():
    rng = np.random.default_rng(0)
    X, W, G = rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    J = torch.autograd.functional.jacobian(lambda A: torch.tensor(X) @ A, torch.tensor(W))
    J = J.reshape(8, 12).numpy()
    assert np.count_nonzero(J) / J.size == 1 / 4
    assert np.abs((G.ravel() @ J).reshape(3, 4) - X.T @ G).max() < 1e-12


@pytest.mark.parametrize("batch, width", [(32, 4), (32, 32), (32, 1024), (7, 128)])
def test_cost_of_a_step(batch, width):
    data = names_of("step_cost")["step_cost"](batch=batch, width=width)
    X = torch.randn(batch, 64)
    net = torch.nn.Sequential(
        torch.nn.Linear(64, width), torch.nn.Tanh(), torch.nn.Linear(width, 10)
    )
    with FlopCounterMode(display=False) as counter:
        loss = net(X).sum()
    assert counter.get_total_flops() // 2 == data["forward"]
    with FlopCounterMode(display=False) as counter:
        loss.backward()
    assert counter.get_total_flops() // 2 == data["backward"]
    assert data["gradients"] == sum(p.grad.numel() for p in net.parameters())
    per_sample = data["activations"] / batch
    assert per_sample * (data["crossing"] - 1) < data["gradients"] <= per_sample * data["crossing"]
    if batch == 32:
        assert data["crossing"] == {4: 4, 32: 23, 1024: 70}[width]


def test_the_crossing_stays_below_the_sum_of_the_ends():
    step_cost = names_of("step_cost")["step_cost"]
    crossings = [step_cost(batch=1, width=2**k)["crossing"] for k in range(2, 21)]
    assert crossings == sorted(crossings)
    assert crossings[-1] == 75


@pytest.mark.parametrize("spacing, peak", [(1, 65), (8, 16), (64, 65), (2, 34), (16, 20)])
def test_drop_and_compute_again(spacing, peak):
    names = names_of("long_chain", "checkpointed")
    data = names["checkpointed"](spacing)
    assert data["held"].max() == peak == 64 // spacing + spacing
    assert data["recomputed"] == 64 - 64 // spacing
    Ws, x, G = names["long_chain"]()
    h = t = torch.tensor(x, requires_grad=True)
    for W in Ws:
        h = torch.tanh(h @ torch.tensor(W))
    h.backward(torch.tensor(G))
    scale = t.grad.abs().max().item()
    assert 0 < scale and np.abs(data["dx"] - t.grad.numpy()).max() < 1e-12 * scale
