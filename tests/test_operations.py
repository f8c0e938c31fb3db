"""The table of all operations: every rule agrees, and a wrong one would be seen."""

import math

import numpy as np
import pytest

from bookutils import Value
from bookutils.engine.rules import RULES
from bookutils.verify.operations import operations_table
from bookutils.verify.peer import torch_devices

needs_torch = pytest.mark.skipif(not torch_devices(), reason="PyTorch is not installed")


@pytest.mark.slow
@needs_torch
def test_operations_table_has_every_rule_and_agrees():
    table = operations_table(devices=["cpu"])
    assert [line.name for line in table.lines] == list(RULES)
    for line in table.lines:
        assert line.ok and line.points == 20
        # a few roundings each; exactly none where the arithmetic is fixed by IEEE 754
        assert line.value["cpu"] <= (0 if line.fixed else 8)
        assert line.slopes["cpu"] <= (0 if line.fixed else 8)
    assert {"add", "div", "relu"} <= {line.name for line in table.lines if line.fixed}
    assert not {"exp", "sqrt", "pow"} & {line.name for line in table.lines if line.fixed}
    assert repr(table) == repr(operations_table(np.random.default_rng(0), devices=["cpu"]))
    assert all(f">{name}</th>" in table._repr_html_() for name in RULES)


def test_operations_table_would_show_a_wrong_rule(monkeypatch):
    def wrong_sine(self):
        return Value(math.sin(self.data), (self,), "sin", (-math.cos(self.data),))

    monkeypatch.setattr(Value, "sin", wrong_sine)
    table = operations_table(points=3)
    assert [line.name for line in table.lines if not line.ok] == ["sin"]
    assert "DIFFER" in repr(table)
