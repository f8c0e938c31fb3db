"""Nets as scikit-learn's estimators, so that its splits, searches and pipelines take them."""

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from bookutils.engine.tensor import Tensor
from bookutils.losses import cross_entropy, mse_loss
from bookutils.nn import MLP, Module
from bookutils.optim import AdamW
from bookutils.phrasebook import each, translated
from bookutils.regularization import decay_groups
from bookutils.train.evaluation import BORDERS, predict
from bookutils.train.loop import fit
from bookutils.train.stopping import EarlyStopping

NAMES = {
    **each("rng seed", "write random_state=0, as scikit-learn has it"),
    **each("learning_rate learning_rate_init", "write lr=0.01"),
    **each("alpha l2 decay", "write weight_decay=0.01"),
    **each("max_iter n_epochs max_epochs", "write epochs=50"),
    **each("hidden_layer_sizes widths layers", "write hidden=(64, 32): the first argument"),
    **each("solver", "write optimizer=AdamW, a class of bookutils.optim"),
    **each("early_stopping n_iter_no_change", "write patience=10"),
    "validation_fraction": "write validation=0.2",
    **each("module model", "write net=function of (d_in, d_out, rng) that makes one"),
    **each("criterion loss_fn", "write loss=…"),
    "verbose": "write progress=True",
    "class_weight": "write loss=functools.partial(cross_entropy, weight=[1.0, 5.0])",
    "dropout": "write net=function of (d_in, d_out, rng) that makes a Sequential with Dropout",
}


class Estimator(BaseEstimator):
    """What both kinds share: the settings, and how a net is made and trained from them."""

    @translated(**NAMES)
    def __init__(
        self,
        hidden=(32,),
        activation="relu",
        *,
        net=None,
        loss=None,
        optimizer=AdamW,
        lr=0.01,
        weight_decay=0.0,
        epochs=50,
        batch_size=32,
        patience=None,
        validation=0.2,
        random_state=None,
        progress=False,
    ):
        self.hidden, self.activation, self.net, self.loss = hidden, activation, net, loss
        self.optimizer, self.lr, self.weight_decay = optimizer, lr, weight_decay
        self.epochs, self.batch_size = epochs, batch_size
        self.patience, self.validation = patience, validation
        self.random_state, self.progress = random_state, progress

    def _learn(self, X, targets, d_out, loss, labels=None):
        """Make net_ and train it, history_; `labels` are to be as frequent in rows held out."""
        if not callable(self.optimizer):
            raise TypeError(
                f"optimizer is a class of bookutils.optim such as AdamW, not {self.optimizer!r:.60}"
                ": it is made here, with lr and weight_decay, for the parameters of each new net"
            )
        rng = generator(self.random_state)
        self.net_ = self._made(X.shape[1], d_out, rng)
        held_out = stopping = None
        if self.patience is not None:
            stopping = EarlyStopping(self.patience)
            X, X_val, targets, t_val = held(X, targets, self.validation, labels, rng)
            held_out = X_val, t_val
        optimizer = self.optimizer(decay_groups(self.net_, self.weight_decay), lr=self.lr)
        self.history_ = fit(
            self.net_, X, targets, self.loss or loss, optimizer, epochs=self.epochs, rng=rng,
            batch_size=self.batch_size, validation=held_out, stopping=stopping,
            progress=self.progress,
        )  # fmt: skip
        self.n_iter_ = self.history_.epochs
        if self.history_.stopped.startswith("interrupted"):
            raise KeyboardInterrupt(f"{self.history_.stopped}; what was learned is in net_")
        return self

    def _made(self, d_in, d_out, rng):
        if self.net is None:
            hidden = (self.hidden,) if isinstance(self.hidden, Integral) else self.hidden
            return MLP((d_in, *hidden, d_out), self.activation, rng)
        if isinstance(self.net, Module) or not callable(self.net):
            given = f"a {type(self.net).__name__}" if isinstance(self.net, Module) else self.net
            raise TypeError(
                "net is a function (d_in, d_out, rng) that makes a new Module for every fit, not "
                f"{given!s:.60}"
            )
        made = self.net(d_in, d_out, rng)
        if not isinstance(made, Module):
            raise TypeError(
                f"net(d_in, d_out, rng) makes a Module of bookutils.nn, not {made!r:.60}"
            )
        return made

    def _outputs(self, X):
        check_is_fitted(self)
        return predict(self.net_, validate_data(self, X, reset=False, dtype=np.float64))


class Classifier(ClassifierMixin, Estimator):
    """A net that tells classes apart, as scikit-learn's estimator: fit, predict, predict_proba.

        from sklearn.model_selection import cross_val_score
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        model = make_pipeline(StandardScaler(), Classifier((64,), epochs=30, random_state=0))
        cross_val_score(model, X, y, cv=5)          # scaled by the training rows of each fold

    The net is an MLP with these `hidden` widths and this `activation`, or what `net`, a function
    (d_in, d_out, rng), makes. It is trained by `train.fit` with `loss` (cross_entropy), an
    `optimizer` class with `lr` and the decay of its weights alone, `epochs` and `batch_size`. With
    `patience` the share `validation` of the rows is put aside to stop by. X (n, d_in); y (n,),
    labels of any kind. random_state=0 is what rng=numpy.random.default_rng(0) is elsewhere here.
    After fit: `net_`, `history_`, `classes_` in the order of the columns of predict_proba.
    Raises Diverged, ValueError and TypeError as `fit`; KeyboardInterrupt when it is interrupted,
    with what was learned in net_.
    """

    def fit(self, X, y):
        """Make a new net and train it; returns self."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        if getattr(self.loss, "__name__", type(self.loss).__name__) in BORDERS:
            raise ValueError(
                "the net has an output for every class, for two classes too: leave the loss out, "
                "which is cross_entropy"
            )
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y holds one class, {self.classes_[0]!r}, and two are needed at least"
            )
        return self._learn(X, labels, len(self.classes_), cross_entropy, labels)

    def predict_proba(self, X):
        """Probabilities (n, classes), the softmax of the outputs of the net."""
        return Tensor(self._outputs(X)).softmax().numpy()

    def predict(self, X):
        """The class (n,) of the largest output."""
        chosen = self._outputs(X).argmax(axis=1)
        return self.classes_[chosen]


class Regressor(RegressorMixin, Estimator):
    """A net that estimates numbers, as scikit-learn's estimator: fit, predict; score is R².

    X (n, d_in); y (n,) or (n, targets). The settings are those of Classifier, with `loss` mse_loss.
    For targets that are not of size 1:
    sklearn.compose.TransformedTargetRegressor(model, transformer=StandardScaler()).
    After fit: `net_`, `history_`. Raises as Classifier.
    """

    def fit(self, X, y):
        """Make a new net and train it; returns self."""
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        targets = np.asarray(y, dtype=np.float64)
        self._column = targets.ndim == 1
        targets = targets.reshape(len(targets), -1)
        return self._learn(X, targets, targets.shape[1], mse_loss)

    def predict(self, X):
        """The outputs of the net, in the shape of y."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._column else outputs

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def generator(random_state):
    """random_state, which scikit-learn has in several forms, as a Generator."""
    if isinstance(random_state, np.random.Generator):
        return random_state
    if random_state is None or isinstance(random_state, Integral):
        return np.random.default_rng(random_state)
    return np.random.default_rng(check_random_state(random_state).randint(2**31))


def held(X, targets, share, labels, rng):
    """X, X held out, targets, targets held out: stratified by labels where that can be."""
    stratify = labels
    if labels is not None and np.bincount(labels).min() < 2:
        stratify = None
    return train_test_split(
        X, targets, test_size=share, stratify=stratify, random_state=int(rng.integers(2**32))
    )
