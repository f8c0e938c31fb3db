"""What a net says: its outputs, its loss and metrics, the mean of several nets."""

from collections.abc import Mapping
from contextlib import contextmanager
from functools import partial
from math import nan

import numpy as np

from bookutils.engine.tensor import Tensor, no_grad
from bookutils.nn import Module
from bookutils.phrasebook import each, translated
from bookutils.train.rows import as_numpy, pair, rows

CHUNK = 1024  # rows computed at a time: enough for fast products, and little memory
BORDERS = {  # of losses of one output: above it the label is 1
    **each("bce_with_logits binary_cross_entropy_with_logits BCEWithLogitsLoss", 0.0),
    **each("bce_loss binary_cross_entropy BCELoss", 0.5),
}


@contextmanager
def evaluating(net):
    """A block in which the net is in evaluation mode and records nothing; then as it was."""
    modes = [(module, module.training) for _, module in net.named_modules()]
    net.eval()
    try:
        with no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


@translated(batch_size="rows are computed in portions of 1,024 anyway")
def predict(net, X):
    """The outputs of a net for the rows of X, as a NumPy array (n, …).

    In evaluation mode, without a graph, and in portions, so that memory stays small; afterwards the
    net is in the mode in which it was. For classes: predict(net, X).argmax(axis=1).
    Raises ValueError for no rows, and what the net raises.
    """
    X = rows("X", X)
    if not X.shape or not X.shape[0]:
        raise ValueError(f"predict takes rows (n, …), at least one, not {tuple(X.shape)}")
    with evaluating(net):
        parts = [net(X[k : k + CHUNK]).numpy() for k in range(0, X.shape[0], CHUNK)]
    return np.concatenate(parts)


def evaluate(net, X, y, loss, metrics=None, *, decide=None):
    """Loss and metrics of a net on rows that it does not learn from, as a dict of numbers.

    `loss`, `metrics` and `decide` are those of `fit`. {"loss": …, "accuracy": …}, measured in
    evaluation mode and without a graph; each row weighs the same in the loss.
    Raises ValueError for no rows, unequally many or nan, and what loss and metrics raise.
    """
    X, y = pair("", X, y)
    return measured_on(net, X, y, loss, metrics, decide)


def measured_on(net, X, y, loss, metrics, decide):
    """As evaluate, of arrays that were looked at before."""
    measured = Measured(loss, metrics, decide)
    with evaluating(net):
        for k in range(0, X.shape[0], CHUNK):
            outputs, labels = net(X[k : k + CHUNK]), y[k : k + CHUNK]
            measured.add(outputs, labels, loss(outputs, labels))
    return measured.results()


class Measured:
    """Loss and metrics over rows that come in portions."""

    def __init__(self, loss, metrics, decide):
        self.metrics = named_functions(metrics)
        self.decide = decide or partial(decided, loss)
        self.total, self.rows, self.labels, self.said = 0.0, 0, [], []

    def add(self, outputs, labels, loss):
        """Take outputs and labels of some rows, and their mean loss."""
        if not isinstance(loss, Tensor) or loss.size != 1:
            got = f"shape {loss.shape}" if isinstance(loss, Tensor) else f"{loss!r:.60}"
            raise ValueError(
                f"the loss gives {got}: a Tensor of one number is needed, the mean over the rows"
            )
        self.total += loss.item() * len(labels)
        self.rows += len(labels)
        if self.metrics:
            labels = as_numpy(labels)
            said = np.asarray(self.decide(outputs.numpy()))
            self.labels.append(labels.reshape(column(labels)).copy())
            self.said.append(said.reshape(column(said)).copy())

    def results(self):
        """{"loss": the mean over all rows, each metric: nan where a prediction is not finite}."""
        results = {"loss": self.total / self.rows}
        for name, metric in self.metrics.items():
            labels, said = np.concatenate(self.labels), np.concatenate(self.said)
            if said.dtype.kind == "f" and not np.isfinite(said).all():
                results[name] = nan
                continue
            try:
                results[name] = float(metric(labels, said))
            except (TypeError, ValueError) as error:
                cure = "; decide=function of the outputs says what the predictions are"
                cure *= said.dtype.kind == "f"  # not classes yet
                raise type(error)(
                    f"the metric {name!r} failed on labels {labels.dtype} {labels.shape} and "
                    f"predictions {said.dtype} {said.shape}: {error}{cure}"
                ) from error
        return results


def named_functions(metrics):
    """`metrics` as a dict of functions, or TypeError."""
    metrics = {} if metrics is None else metrics
    if not isinstance(metrics, Mapping) or not all(map(callable, metrics.values())):
        raise TypeError(
            'metrics is a dict of functions of labels and predictions, such as {"accuracy": '
            f"sklearn.metrics.accuracy_score}}, not {metrics!r:.60}"
        )
    return metrics


def decided(loss, outputs):
    """What outputs say about labels, by the loss they are trained with.

    One output for two labels: 1 above the border, else 0. Several outputs for a label: the number
    of the largest. Anything else, as in regression: the outputs.
    """
    while isinstance(loss, partial):
        loss = loss.func
    name = getattr(loss, "__name__", type(loss).__name__)
    if name in BORDERS:
        return (outputs > BORDERS[name]).astype(np.int64)
    if name in CLASSES:
        return outputs.argmax(axis=-1)
    return outputs


CLASSES = (
    *("cross_entropy", "nll_loss", "multi_margin_loss"),
    *("CrossEntropyLoss", "NLLLoss", "MultiMarginLoss"),
)


@translated(weights="all nets count the same")
def ensemble(nets, X):
    """The mean of the probabilities that several nets give to the rows of X, (n, classes).

    Each net's outputs are logits: (n, classes), whose softmax is taken, or one a row, (n,) or
    (n, 1), whose sigmoid is taken. For regression, average `predict` of each instead.
    Raises ValueError for no nets or nets whose outputs differ in shape.
    Source: Hansen & Salamon, Neural network ensembles, IEEE Transactions on Pattern Analysis and
    Machine Intelligence, 1990.
    """
    nets = [] if isinstance(nets, Module) else list(nets)
    if not nets:
        raise ValueError("an ensemble is a list of nets, at least one: [net, …]")
    outputs = [predict(net, X) for net in nets]
    shapes = sorted({z.shape for z in outputs})
    if len(shapes) > 1:
        raise ValueError(f"the nets of an ensemble give outputs of one shape, not {shapes}")
    z = Tensor(np.stack(outputs))  # (nets, n, classes)
    single = z.ndim == 2 or z.shape[-1] == 1
    return (z.sigmoid() if single else z.softmax()).numpy().mean(axis=0)


def column(array):
    """The shape in which metrics take it: a column (n, 1) as (n,)."""
    return array.shape[:1] if array.ndim == 2 and array.shape[1] == 1 else array.shape
