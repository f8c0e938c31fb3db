"""Early stopping: end when nothing has improved for a while, and go back to the best weights."""

from math import inf
from numbers import Integral, Real

from bookutils.phrasebook import each, translated

UNITS = "write EarlyStopping(patience=10, watch='val_loss')"


class EarlyStopping:
    """Stop once `patience` epochs in a row brought no new best, and keep the weights of the best.

        stopping = EarlyStopping(patience=20)
        for epoch in range(500):
            …                                                   # an epoch of training
            if stopping.update(validation_loss, net):
                break
        stopping.restore(net)

    `train.fit(…, stopping=EarlyStopping(20))` does the same; it watches the column `watch` of the
    history. A value is a new best if it lies below the best so far by more than `min_delta`, or
    above it with `larger_is_better`; nan is none. `best` is its value, `best_epoch` its epoch,
    counted from 1, `waited` the number of epochs since.
    Raises ValueError for a patience that is no whole number above 0 or a min_delta that is negative
    or not finite.
    """

    @translated(
        **each("monitor mode", UNITS),
        restore_best_weights="they are always kept: restore(net) loads them, as train.fit does",
    )
    def __init__(self, patience=10, *, min_delta=0.0, watch="val_loss", larger_is_better=False):
        if not isinstance(patience, Integral) or isinstance(patience, bool) or patience < 1:
            raise ValueError(f"patience is a number of epochs, at least 1, not {patience!r:.60}")
        if not isinstance(min_delta, Real) or not 0 <= min_delta < inf:
            raise ValueError(f"min_delta is a finite number, 0 or more, not {min_delta!r:.60}")
        self.patience, self.min_delta = int(patience), float(min_delta)
        self.watch, self.larger_is_better = watch, bool(larger_is_better)
        self.reset()

    def reset(self):
        """Forget all epochs, as before the first."""
        self.epoch, self.waited, self.best, self.best_epoch, self.weights = 0, 0, None, None, None

    def update(self, value, net):
        """Take the value of one more epoch; True if training should stop now.

        Raises TypeError for a value that is no number.
        """
        if not isinstance(value, Real):
            raise TypeError(
                f"EarlyStopping compares numbers, not {value!r:.60}: of a Tensor give item()"
            )
        self.epoch += 1
        if self._improves(value):
            self.best, self.best_epoch, self.waited = float(value), self.epoch, 0
            self.weights = net.state_dict()  # a copy
        else:
            self.waited += 1
        return self.exhausted

    def _improves(self, value):
        if self.best is None:
            return value == value  # not nan
        gain = value - self.best if self.larger_is_better else self.best - value
        return gain > self.min_delta

    @property
    def exhausted(self):
        """Has the patience run out?"""
        return self.waited >= self.patience

    def reason(self):
        """Why it stops, in words."""
        return f"no better {self.watch} in {self.patience} epochs"

    def restore(self, net):
        """Load the weights of the best epoch; returns net.

        Raises RuntimeError where no epoch was counted, or all were nan.
        """
        if self.weights is None:
            raise RuntimeError("EarlyStopping has no best weights: no epoch had a value")
        return net.load_state_dict(self.weights)

    def state_dict(self):
        """What has to be kept to go on later: counts, the best value, the best weights."""
        return {name: getattr(self, name) for name in STATE}

    def load_state_dict(self, state):
        """Go on from what `state_dict` gave; returns self."""
        for name in STATE:
            setattr(self, name, state[name])
        return self

    def __repr__(self):
        best = f", best {self.best:.4g} in epoch {self.best_epoch}" if self.best_epoch else ""
        return f"EarlyStopping(patience={self.patience}, watch={self.watch!r}{best})"


STATE = "epoch", "waited", "best", "best_epoch", "weights"
