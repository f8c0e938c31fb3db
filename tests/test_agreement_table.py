"""The agreement table: every row agrees, nothing of the package lacks one, and a fault shows."""

import json

import numpy as np
import pytest
import torch

from bookutils import losses, nn, optim
from bookutils.__main__ import main
from bookutils.engine.rules import RULES
from bookutils.engine.tensor import Tensor
from bookutils.optim import lr_scheduler
from bookutils.verify import layers, peer, programs, table
from bookutils.verify.table import KINDS, agreement_table

SUMMARY = {
    "Module": "the base class of layers",
    "Sequential": "its layers one after another; an MLP is one",
    "ACTIVATIONS": "a list of names",
    "Optimizer": "the base class of optimizers",
    "LRScheduler": "the base class of schedules",
    "lr_scheduler": "a module",
    "clip_grad_norm": "tests/test_optim_torch.py",
    "clip_grad_value": "tests/test_optim_torch.py",
    "bce_loss": "another name of binary_cross_entropy",
    "bce_with_logits": "another name of binary_cross_entropy_with_logits",
    "iou": "1 - iou_loss",
    "giou": "1 - giou_loss",
}


@pytest.fixture(scope="module")
def tables():
    """kind -> its table, made once."""
    return {kind: agreement_table([kind]) for kind in KINDS}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_row_agrees(tables, kind):
    made = tables[kind]
    assert made.ok, made.text()
    for line in made.lines:  # and every column that this machine has was compared
        there = [
            c for c, (_, _, device) in table.COLUMNS.items() if device in made.facts["devices"]
        ]
        assert list(line.columns) == there
        compared = [c for c, d in line.columns.items() if d is not None]
        assert compared == (there[:1] if kind == "schedule" else there)
        assert (line.differences is None) == (
            kind in ("optimizer", "schedule") or "remembers" in line.name
        )


@pytest.mark.slow
def test_everything_of_the_package_has_a_row(tables):
    rows = {kind: {line.name.partition(",")[0] for line in t.lines} for kind, t in tables.items()}
    assert set(RULES) <= rows["operation"]
    modules = {name for name in nn.__all__ if not name.endswith("Loss")}
    assert modules - rows["layer"] <= set(SUMMARY)
    assert set(losses.__all__) - rows["loss"] <= set(SUMMARY)
    assert set(lr_scheduler.__all__) - rows["schedule"] <= set(SUMMARY)
    assert set(optim.__all__) - rows["optimizer"] - rows["schedule"] <= set(SUMMARY)
    for name in ("softmax", "logsumexp", "matmul", "einsum", "linear", "concatenate", "pad"):
        assert name in rows["operation"]


POINT = np.array([0.3, -1.2, 0.7])
FAULTS = {
    "a value": (lambda a: (a * a * (1 + 1e-12)).sum(), {"PyTorch float64"}),
    "a gradient": (lambda a: (a * Tensor(a.data)).sum(), {"differences", "PyTorch float64"}),
    "a shape": (lambda a: (a * a).sum().reshape(1), {"PyTorch float64", "PyTorch float32"}),
    "nan": (lambda a: (a * a).sum() * float("nan"), {"differences", "PyTorch float64"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_shows_and_is_named(monkeypatch, fault):
    ours, columns = FAULTS[fault]
    case = programs.Program("operation", "square", ours, (POINT,), lambda torch, a: (a * a).sum())
    monkeypatch.setitem(KINDS, "operation", lambda rng: [case])
    made = agreement_table(["operation"])
    assert not made.ok
    assert columns <= set(made.lines[0].failures)
    for text in (made.text(), repr(made), made.html()):
        assert "DIFFER" in text and "these disagree: operation square" in text
    assert json.loads(made.json())["rows"][0]["disagrees"] == made.lines[0].failures


def test_a_storage_that_computes_otherwise_shows(monkeypatch):
    def ours(a):
        return (a * a).sum() if isinstance(a.data, np.ndarray) else (a * a).sum() * 1.0001

    case = programs.Program("operation", "square", ours, (POINT,), lambda _, a: (a * a).sum())
    monkeypatch.setitem(KINDS, "operation", lambda rng: [case])
    assert agreement_table(["operation"]).lines[0].failures == ["PyTorch's storage"]


@pytest.mark.slow
def test_an_optimizer_and_a_schedule_that_differ_show(monkeypatch):
    step = optim.Adam._change_into

    def longer(*given):
        return step(*given) * (1 + 1e-12)

    monkeypatch.setattr(optim.Adam, "_change_into", longer)
    monkeypatch.setattr(optim.Adam, "change", lambda *a, old=optim.Adam.change: 1.01 * old(*a))
    failing = {line.name for line in agreement_table(["optimizer"]).lines if line.failures}
    assert failing == {"Adam", "AdamW"}


@pytest.mark.slow
def test_a_device_that_is_missing_is_an_empty_column(tables, monkeypatch):
    monkeypatch.setattr(peer, "torch_devices", lambda: ("cpu",))
    made = agreement_table(["schedule"])
    assert made.ok and "PyTorch has no cuda here." in made.sentences
    assert all("CUDA storage" not in line.columns for line in made.lines)
    assert "CUDA storage" in made.text().splitlines()[0]
    monkeypatch.setattr(peer, "torch_devices", lambda: ())
    made = agreement_table(["operation"])
    assert made.ok and made.sentences == (peer.NO_TORCH,)
    assert all(not line.columns and line.differences is not None for line in made.lines)


@pytest.mark.slow
def test_the_numbers_are_those_of_json_with_the_versions(tables):
    for made in tables.values():
        found = json.loads(made.json())
        assert found["versions"] == {"numpy": np.__version__, "torch": torch.__version__}
        assert [row["name"] for row in found["rows"]] == [line.name for line in made.lines]
    cell = found["rows"][0]["columns"]["PyTorch float64"]
    assert cell.keys() == {"ulps", "relative"}


@pytest.mark.slow
def test_the_command(tmp_path, capsys, monkeypatch):
    page, numbers = tmp_path / "table.html", tmp_path / "table.json"
    assert main(["compare", "schedule", "--html", str(page), "--json", str(numbers)]) == 0
    said = capsys.readouterr().out
    assert "schedule OneCycleLR" in said and "all agree" in said
    assert page.read_text().startswith("<table>")
    assert len(json.loads(numbers.read_text())["rows"]) == 12
    assert main(["compare", "layers"]) == 2
    assert "there are operation, layer, loss" in capsys.readouterr().err
    assert main(["compare", "schedule", "--json", str(tmp_path)]) == 2
    assert capsys.readouterr().err
    monkeypatch.setattr(table, "BOUND", -1)
    assert main(["compare", "schedule"]) == 1


def test_every_activation_and_norm_of_the_package_is_among_the_layers():
    rng = np.random.default_rng(1)
    names = {case.name for case in layers.layer_programs(rng)}
    assert {f"Linear, {name}" for name in nn.ACTIVATIONS} <= names
