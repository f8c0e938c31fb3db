"""A run that goes on from its file is the unbroken one, bit for bit; other files are refused."""

import os
import re
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score

from bookutils import nn
from bookutils.augmentation import add_noise
from bookutils.losses import cross_entropy
from bookutils.optim import (
    SGD,
    Adam,
    CosineAnnealingLR,
    OneCycleLR,
    ReduceLROnPlateau,
)
from bookutils.regularization import decay_groups, l2_penalty
from bookutils.train import EarlyStopping, fit
from bookutils.train.run_file import packed, unpacked

RNG = np.random.default_rng(5)
X, y = RNG.normal(size=(30, 4)), RNG.integers(3, size=30)
X_val, y_val = RNG.normal(size=(9, 4)), RNG.integers(3, size=9)


def noisy(X, rng):
    return add_noise(X[:, None, :], rng)[:, 0]


def plain(net):
    return {"optimizer": SGD(net.parameters(), lr=0.2)}


def momentum(net):
    optimizer = SGD(decay_groups(net, 0.01), lr=0.2, momentum=0.9, nesterov=True)
    return {"optimizer": optimizer, "schedule": CosineAnnealingLR(optimizer, 8), "clip_norm": 0.5}


def adam(net):
    optimizer = Adam(net.parameters(), lr=0.02, amsgrad=True)
    return {
        "optimizer": optimizer,
        "schedule": OneCycleLR(optimizer, 0.05, total_steps=8 * 2),
        "schedule_every": "step",
        "accumulate": 2,
        "augment": noisy,
    }


def everything(net):
    optimizer = Adam(net.parameters(), lr=0.1)
    return {
        "optimizer": optimizer,
        "schedule": ReduceLROnPlateau(optimizer, patience=0, cooldown=1),
        "validation": (X_val, y_val),
        "metrics": {"accuracy": accuracy_score},
        "penalty": lambda net: l2_penalty(net, 0.01),
        "l1": 0.001,
        "clip_value": 0.3,
        "stopping": EarlyStopping(3),
        "augment": noisy,
    }


def net_of(rng, own, width=6):
    """A net whose state is more than its weights: what it draws, and running statistics."""
    return nn.Sequential(
        nn.Linear(4, width, "tanh", rng),
        nn.Dropout(0.3, own),
        nn.BatchNorm1d(width),
        nn.Linear(width, 3, rng=rng),
    )


def run(settings, epochs, seed=0, shared=True, data=(X, y), **options):
    """Train a fresh net; returns all that a further epoch would hang on."""
    rng = np.random.default_rng(seed)
    own = rng if shared else np.random.default_rng(seed + 1)
    net = net_of(rng, own)
    chosen = {"batch_size": 8, **settings(net), **options}
    history = fit(net, *data, cross_entropy, epochs=epochs, rng=rng, progress=False, **chosen)
    states = [rng.bit_generator.state, own.bit_generator.state]
    return (
        {name: a.tobytes() for name, a in net.state_dict().items()},
        dict(history), history.stopped, history.best_epoch, states,
        repr(chosen["optimizer"].state_dict()),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("settings", [plain, momentum, adam, everything])
@pytest.mark.parametrize("cut", [1, 5])
def test_resumed_equals_unbroken(settings, cut, shared, tmp_path):
    unbroken = run(settings, 8, shared=shared)
    file = tmp_path / "run.npz"
    run(settings, cut, shared=shared, file=file)
    # another start: nothing of it may remain
    assert run(settings, 8, seed=9, shared=shared, file=file, resume=True) == unbroken
    assert os.listdir(tmp_path) == ["run.npz"]


def test_resumed_equals_unbroken_on_arrays_of_pytorch(tmp_path):
    def stored(net):
        for p in net.parameters():
            p.data = torch.tensor(p.data)
        return adam(net) | {"augment": None}

    data, kept = (torch.tensor(X), torch.tensor(y)), tmp_path / "run.npz"
    unbroken = run(stored, 6, data=data)
    run(stored, 2, data=data, file=kept)
    assert run(stored, 6, data=data, seed=9, file=kept, resume=True) == unbroken


def test_writing_the_file_changes_nothing(tmp_path):
    assert run(everything, 4) == run(everything, 4, file=tmp_path / "run.npz")


def test_an_interrupted_run_goes_on_as_if_it_were_not(tmp_path):
    unbroken, calls = run(momentum, 8), [0]

    def interrupted(X, rng):
        calls[0] += 1
        if calls[0] == 10:  # the second of the four steps of the third epoch
            signal.raise_signal(signal.SIGINT)
        return X

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    file = tmp_path / "run.npz"
    broken = run(momentum, 8, file=file, augment=interrupted)
    signal.signal(signal.SIGINT, before)
    assert broken[2] == "interrupted in epoch 3, after 2 of its 4 steps"
    assert run(momentum, 8, file=file, resume=True, augment=lambda X, rng: X) == unbroken


@pytest.mark.slow
def test_a_killed_run_goes_on_in_another_process(tmp_path):
    program = f"""
        import os, sys
        sys.path.insert(0, {os.path.dirname(__file__)!r})
        import test_train_run_file as here
        calls = [0]
        def killed(X, rng):
            calls[0] += 1
            if calls[0] == 10:
                os._exit(9)  # no finally, no flush
            return X
        here.run(here.momentum, 8, file="run.npz", augment=killed)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=tmp_path)
    assert done.returncode == 9
    resumed = run(momentum, 8, file=tmp_path / "run.npz", resume=True, augment=lambda X, rng: X)
    assert resumed == run(momentum, 8)


def test_a_run_that_is_over_is_not_trained_further(tmp_path):
    file = tmp_path / "run.npz"
    first = run(everything, 40, file=file)
    assert first[2].startswith("stopped after epoch")
    assert run(everything, 80, seed=9, file=file, resume=True) == first  # its patience ran out
    file = tmp_path / "other.npz"
    first = run(plain, 3, file=file)
    assert run(plain, 3, seed=9, file=file, resume=True) == first
    assert run(plain, 5, seed=9, file=file, resume=True) == run(plain, 5)  # and further


def test_resuming_without_a_file_starts(tmp_path):
    assert run(plain, 2, file=tmp_path / "run.npz", resume=True) == run(plain, 2)


def test_a_file_that_is_there_is_not_overwritten(tmp_path):
    file = tmp_path / "run.npz"
    run(plain, 1, file=file)
    before = file.read_bytes()
    with pytest.raises(FileExistsError, match="exists: resume=True goes on from it; to start anew"):
        run(plain, 1, file=file)
    assert file.read_bytes() == before


def resumed_by(change, tmp_path):
    """Resume a run of `plain`, with something changed, and return error, net and weights before."""
    file = tmp_path / "run.npz"
    run(plain, 2, file=file)
    rng = np.random.default_rng(0)
    kept = {
        "net": net_of(rng, rng),
        "X": X, "y": y, "rng": rng, "batch_size": 8,
    }  # fmt: skip
    change(kept, file)
    net = kept.pop("net")
    optimizer = kept.pop("optimizer", None) or SGD(net.parameters(), lr=0.2)
    before = net.state_dict()
    with pytest.raises((ValueError, TypeError)) as raised:
        fit(net, kept.pop("X"), kept.pop("y"), cross_entropy, optimizer, epochs=3,
            file=file, resume=True, progress=False, **kept)  # fmt: skip
    assert all(np.array_equal(before[name], a) for name, a in net.state_dict().items())
    return str(raised.value)


def wider(kept, file):
    rng = np.random.default_rng(0)
    kept["net"] = net_of(rng, rng, 7)
    kept["rng"] = rng


def other_rng(kept, file):
    kept["rng"] = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (wider, "is the file of another net: nothing loaded into Sequential: layers.0.W is (4, 6)"),
        (lambda kept, file: kept.update(batch_size=4), "its batch_size is 8, and here it is 4"),
        (lambda kept, file: kept.update(X=X + 1e-9), "is the file of another run: its X is 'float"),
        (
            lambda kept, file: kept.update(y=(y + 1) % 3),
            "is the file of another run: its y is 'int",
        ),
        (lambda kept, file: kept.update(l1=0.1), "its l1 is 0.0, and here it is 0.1"),
        (
            lambda kept, file: kept.update(optimizer=Adam(kept["net"].parameters())),
            "its optimizer is 'SGD', and here it is 'Adam'",
        ),
        (
            lambda kept, file: kept.update(stopping=EarlyStopping(2, watch="loss")),
            "its stopping is 'none', and here it is 'EarlyStopping'",
        ),
        (other_rng, "its rng is {'rng': 'PCG64'}, and here it is {'rng': 'PCG64', 'layers.1.rng'"),
        (lambda kept, file: kept["net"].save(file), "is not the file of a run of fit: net.load"),
        (lambda kept, file: file.write_bytes(file.read_bytes()[:-9]), "is no .npz file of arrays"),
    ],
)
def test_other_files_are_refused_and_nothing_changes(change, sentence, tmp_path):
    assert sentence in resumed_by(change, tmp_path)


def test_anything_is_packed_and_unpacked_to_the_same():
    things = {
        "text": "ü", 1: [True, None, 2**200, -0.0, np.inf], "nested": {"a": (1, (2.5, {}))},
        (1, 2): np.arange(6.0).reshape(2, 3)[:, ::-1], "scalar": np.float64(0.1),
    }  # fmt: skip
    arrays = {}
    text = repr(packed(things, arrays))
    again = unpacked(eval(text, {"inf": np.inf}), arrays)
    assert repr(again) == repr({**things, "scalar": 0.1})
    assert np.isnan(unpacked(packed(np.nan, arrays), arrays))
    with pytest.raises(TypeError, match=re.escape("numbers, texts and arrays, not {1}")):
        packed({1}, arrays)
