"""The history of a run: kept, printed, drawn."""

import re

import matplotlib
import numpy as np
import pytest
from PIL import Image

from bookutils.train import History
from bookutils.train.curves import curves


def history(epochs=30, best=12):
    made = History(best_epoch=best)
    for k in range(epochs):
        made.add({"loss": 1 / (k + 1), "auc": 1 - 0.5 / (k + 1), "val_loss": 0.5, "val_auc": 0.75})
        made["val_loss"][-1] = abs(k + 1 - best) / 10 if best else 0.5
    return made


def test_a_number_for_each_epoch():
    made = history(3, best=2)
    assert made.epochs == 3 and list(made) == ["loss", "auc", "val_loss", "val_auc"]
    assert made["val_loss"] == [0.1, 0.0, 0.1]
    assert History().epochs == 0 and repr(History()) == "History: 0 epochs"


def test_printed_with_first_last_and_best():
    made = history(100, best=40)
    made.stopped = "stopped after epoch 100: no better val_loss in 60 epochs"
    lines = repr(made).splitlines()
    assert lines[0] == f"History: 100 epochs, weights of epoch 40; {made.stopped}"
    assert lines[1].split() == ["epoch", "loss", "auc", "val_loss", "val_auc"]
    shown = [int(line.split()[0]) for line in lines[2:]]
    assert shown[0] == 1 and shown[-1] == 100 and 40 in shown and len(shown) <= 11
    assert lines[2].split() == ["1", "1", "0.5", "3.9", "0.75"]
    assert len({len(line) for line in lines[1:]}) == 1  # columns
    assert [line.split()[0] for line in repr(history(3, best=2)).splitlines()[2:]] == [
        "1",
        "2",
        "3",
    ]


def test_curves_are_the_numbers():
    fig = curves(history())
    losses, metrics = fig.axes
    drawn = {line.get_label(): line for ax in (losses, metrics) for line in ax.get_lines()}
    for name, numbers in history().items():
        assert drawn[name].get_xdata().tolist() == list(range(1, 31))
        assert list(drawn[name].get_ydata()) == numbers
        assert drawn[name].get_linestyle() == ("-" if name.startswith("val_") else "--")
    assert list(drawn["best"].get_xdata()) == [12, 12]
    colours = [matplotlib.colors.to_hex(line.get_color()) for line in metrics.get_lines()]
    assert colours[:2] == ["#0072b2", "#d55e00"]  # of the book, told apart by the colour-blind too
    assert {ax.get_xlabel() for ax in fig.axes} == {"epoch"}
    assert losses.get_ylabel() == "loss" and metrics.get_ylabel() == "metric"
    legends = [[t.get_text() for t in ax.get_legend().get_texts()] for ax in fig.axes]
    assert legends == [["loss", "val_loss", "best"], ["auc", "val_auc", "best"]]


def test_rates_and_penalties_are_no_curves():
    made = History({"loss": [2.0, 1.0], "penalty": [9.0, 8.0], "lr": [0.1, 0.1]})
    (ax,) = curves(made).axes
    assert [line.get_label() for line in ax.get_lines()] == ["loss"]


def test_one_epoch_is_seen():
    (ax,) = curves(History({"loss": [2.0]})).axes
    assert ax.get_lines()[0].get_marker() == "."


def test_written_to_a_file(tmp_path):
    before = matplotlib.get_backend(), dict(matplotlib.rcParams)
    history().draw(tmp_path / "curves.png")
    with Image.open(tmp_path / "curves.png") as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels.shape[1] > 1000 and 0 < (pixels < 250).mean() < 0.5
    assert (matplotlib.get_backend(), dict(matplotlib.rcParams)) == before


def test_shown_with_caption_and_alt(capsys):
    history().draw()
    shown = capsys.readouterr().out
    assert (
        "[Figure: Learning curves over 30 epochs: loss 1 in the first epoch and 0.0333 in" in shown
    )
    assert "val_auc 0.75 in the first epoch and 0.75 in the last." in shown
    assert "Dotted: epoch 12, whose weights the net has." in shown
    History({"loss": [1.0]}).draw()
    shown = capsys.readouterr().out
    assert "Dotted" not in shown and "Solid" not in shown


def test_nothing_to_draw():
    with pytest.raises(ValueError, match=re.escape("this history has no epochs to draw")):
        History().draw()
