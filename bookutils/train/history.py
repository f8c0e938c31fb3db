"""The history of a run: a list of numbers for each thing measured, one number per epoch."""

from bookutils.page.tables import text_table


class History(dict):
    """{"loss": [...], "val_loss": [...], …}: one number per epoch.

    "loss" is the mean over the rows of the epoch, measured batch by batch while the weights moved,
    in training mode; so are the metrics. "val_loss" and "val_…" are measured after the epoch, in
    evaluation mode. "penalty" is not part of either loss. "lr" is the rate of the first group
    during the epoch. `stopped` says why the run ended before its last epoch, "" if it did not;
    `best_epoch` is the one whose weights were restored, counted from 1, or None.
    """

    def __init__(self, columns=(), stopped="", best_epoch=None):
        super().__init__(columns)
        self.stopped, self.best_epoch = stopped, best_epoch

    @property
    def epochs(self):
        """How many epochs are in it."""
        return max(map(len, self.values()), default=0)

    def add(self, row):
        """Take the numbers of one more epoch."""
        for name, number in row.items():
            self.setdefault(name, []).append(number)

    def draw(self, path=None):
        """Show the learning curves, or write them to the PNG file `path`.

        Raises ValueError for a history without epochs.
        """
        if not self.epochs:
            raise ValueError("this history has no epochs to draw")
        from bookutils.train.curves import show_curves  # matplotlib, for those who draw

        show_curves(self, path)

    def __repr__(self):
        epochs = f"{self.epochs} epoch{'s' * (self.epochs != 1)}"
        best = f", weights of epoch {self.best_epoch}" if self.best_epoch else ""
        lines = [f"History: {epochs}{best}{'; ' if self.stopped else ''}{self.stopped}"]
        if self.epochs:
            rows = (
                [epoch, *(f"{column[epoch - 1]:.4g}" for column in self.values())]
                for epoch in self._shown()
            )
            lines.append(text_table(("epoch", *self), rows, left=0))
        return "\n".join(lines)

    def _shown(self):
        """Up to ten epochs, evenly spread, with the first, the last and the best."""
        n = self.epochs
        spread = {1 + round(k * (n - 1) / 9) for k in range(10)}
        return sorted(spread | ({self.best_epoch} if self.best_epoch else set()))
