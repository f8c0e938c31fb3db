"""What is handed to `fit`: made arrays, and refused with a sentence where it cannot work."""

import os
import warnings
from math import inf
from numbers import Integral, Real

import numpy as np

from bookutils.engine.arrays import is_float
from bookutils.nn import BatchNorm1d, Module
from bookutils.optim import ReduceLROnPlateau
from bookutils.train.evaluation import measured_on
from bookutils.train.rows import as_numpy, pair
from bookutils.train.stopping import EarlyStopping

TRIED = 10_000  # rows on which the whole is tried before the first epoch
LARGE = 10.0


def data(X, y, validation):
    """X, y and the pair held out, or None, as arrays whose rows fit."""
    X, y = pair("", X, y)
    if validation is None:
        return X, y, None
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise TypeError(f"validation is a pair (X, y) of rows held out, not {validation!r:.60}")
    held_out = pair("validation: ", *validation)
    if held_out[0].shape[1:] != X.shape[1:]:
        raise ValueError(
            f"a row of X has shape {tuple(X.shape[1:])}, and one of the validation rows "
            f"{tuple(held_out[0].shape[1:])}: both go into the same net"
        )
    return X, y, held_out


def whole(**numbers):
    """Raise unless each is a whole number above 0."""
    for name, number in numbers.items():
        if not isinstance(number, Integral) or isinstance(number, bool) or number < 1:
            raise ValueError(f"{name} is a whole number, at least 1, not {number!r:.60}")


def strengths(l1, **bounds):
    """Raise unless each bound is None or a number above 0, and l1 is finite and not negative."""
    for name, number in bounds.items():
        if number is not None and not (real(number) and number > 0):
            raise ValueError(f"{name} is a number above 0, or None, not {number!r:.60}")
    if not (real(l1) and 0 <= l1 < inf):
        raise ValueError(f"l1 is a finite number, 0 or more, not {l1!r:.60}")


def real(x):
    return isinstance(x, Real) and not isinstance(x, bool)


def functions(**given):
    """Raise unless each is None or a function."""
    for name, function in given.items():
        if function is not None and (not callable(function) or isinstance(function, type)):
            cure = f": {function.__name__}() makes one" if isinstance(function, type) else ""
            raise TypeError(f"{name} is a function, not {function!r:.60}{cure}")


def parts(net, loss, optimizer, rng):
    """Raise unless these are what their names say, and belong to each other."""
    if not isinstance(net, Module):
        raise TypeError(f"net is a Module of bookutils.nn, such as nn.MLP(…), not {net!r:.60}")
    if loss is None or isinstance(loss, str):
        raise TypeError(f"loss is a function such as losses.cross_entropy, not {loss!r:.60}")
    functions(loss=loss)
    if not hasattr(optimizer, "param_groups"):
        raise TypeError(
            f"optimizer is one of bookutils.optim, such as SGD(net.parameters(), lr=0.1), not "
            f"{optimizer!r:.60}"
        )
    own = {id(p) for p in net.parameters()}
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if not own & held:
        raise ValueError(
            "the optimizer holds no parameter of this net, and would leave it as it is: make it "
            "from net.parameters()"
        )
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a generator: numpy.random.default_rng(0), not {rng!r:.60}")


def warn_of_sizes(X, y):
    """Warn of columns, or of targets, of a size at which nets hardly learn."""
    for name, array, what, cure in (
        ("X", X, "a column", "scale = Scale(X), then scale(X) for X, everywhere"),
        ("y", y, "targets", "scale_y = Scale(y), then scale_y(y) for y, and scale_y.undo(outputs)"),
    ):
        if name == "X" or is_float(array):  # whole numbers in y are labels
            largest = np.abs(as_numpy(array)).mean(axis=0).max()
            if largest > LARGE:
                warnings.warn(
                    f"{name} has {what} of size {largest:.3g}: nets learn best from numbers near "
                    f"1: with bookutils.data {cure}",
                    stacklevel=4,
                )


def endings(stopping, optimizer, schedule, schedule_every, metrics, held_out, file, resume):
    """Raise unless stopping, schedule and file can do what they are asked to."""
    names = ["loss", *metrics]
    for name in metrics:
        if name in ("loss", "lr", "penalty") or name.startswith("val_"):
            raise ValueError(f"a metric cannot be named {name}: the history has a column of it")
    if stopping is not None and not isinstance(stopping, EarlyStopping):
        raise TypeError(f"stopping is an EarlyStopping(patience=10), not {stopping!r:.60}")
    columns = names + [f"val_{name}" for name in names if held_out is not None]
    if stopping is not None and stopping.watch not in columns:
        cure = ": give validation=(X_val, y_val)" * stopping.watch.startswith("val_")
        there = ", ".join(columns)
        raise ValueError(f"stopping watches {stopping.watch}, and there is only {there}{cure}")
    if schedule_every not in ("epoch", "step"):
        raise ValueError(f"schedule_every is 'epoch' or 'step', not {schedule_every!r:.60}")
    if schedule is not None and not hasattr(schedule, "step"):
        raise TypeError(f"schedule is one of bookutils.optim, not {schedule!r:.60}")
    if getattr(schedule, "optimizer", optimizer) is not optimizer:
        raise ValueError("the schedule sets the rates of another optimizer: make it with this one")
    if schedule_every == "step" and isinstance(schedule, ReduceLROnPlateau):
        raise ValueError("ReduceLROnPlateau looks at the loss of an epoch: schedule_every='epoch'")
    if file is None and resume:
        raise ValueError("resume=True goes on from a file: give file='run.npz'")
    if file is not None and not resume and os.path.exists(file):
        raise FileExistsError(
            f"{file} exists: resume=True goes on from it; to start anew delete it, or give another"
        )


def tried(net, X, y, held_out, loss, metrics, decide):
    """Try net, loss and metrics once, before anything is learned; what they raise says why."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of metrics, about a net that knows nothing
        tried_on(net, X, y, loss, metrics, decide)
        if held_out is not None:
            try:
                tried_on(net, *held_out, loss, metrics, decide)
            except (TypeError, ValueError) as error:
                raise type(error)(f"validation: {error}") from error


def last_batch(net, X, batch_size, accumulate):
    """Raise where the last batch of an epoch has one row, and a layer takes its variance."""
    step = len(X) % (batch_size * accumulate) or batch_size * accumulate
    last = step % batch_size or batch_size
    norms = [x for _, x in net.named_modules() if isinstance(x, BatchNorm1d)]
    if X.ndim == 2 and last == 1 and norms:
        raise ValueError(
            f"{len(X)} rows in batches of {batch_size} leave one row for the last batch of an "
            f"epoch, and {norms[0]!r} needs two at least: give another batch_size"
        )


def tried_on(net, X, y, loss, metrics, decide):
    some = np.arange(min(len(X), TRIED))
    if len(X) > TRIED and y.ndim == 1:
        some = np.union1d(some, [as_numpy(y).argmin(), as_numpy(y).argmax()])
    measured_on(net, X[some], y[some], loss, metrics, decide)
