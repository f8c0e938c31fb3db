"""The bar that shows how far training has come."""

from contextlib import contextmanager

APART = "loss", "penalty", "lr"
FORMAT = "{desc}{percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"


class Bar:
    """A bar of tqdm over all steps, with the epoch before it and the last numbers behind it."""

    def __init__(self, bar, done, of):
        self.bar, self.done, self.of = bar, done, of
        self.update = bar.update  # after each step

    def show(self, row):
        """Show the numbers of an epoch, or trial, that is over."""
        self.done += 1
        self.bar.set_description(self.of(self.done), refresh=False)
        metric = [name for name in row if name.removeprefix("val_") not in APART][-1:]
        shown = [name for name in ("loss", "val_loss", *metric) if name in row]
        text = ", ".join(f"{name} {row[name]:.4g}" for name in shown)  # more would leave no bar
        self.bar.set_postfix_str(text, refresh=False)  # the next update draws both, not too often

    def end(self, stopped, complete):
        """Say in a word why a run ended before its last epoch; a complete one has a full bar."""
        if stopped:
            self.bar.set_description(stopped.partition(",")[0].partition(":")[0], refresh=False)
        if complete:
            self.bar.total = self.bar.n
        self.bar.refresh()


@contextmanager
def progress_bar(shown, done, epochs, steps, what="epoch"):
    """Yield a bar over `epochs` of `steps` steps, of which `done` epochs are over.

    It is a widget in a notebook and a line in a terminal; `what` is counted, epochs or trials.
    """
    from tqdm.auto import tqdm  # chooses by what it runs in: paid by those who train

    def of(done):
        """The epoch that runs when so many are over."""
        return f"{what} {min(done + 1, epochs)}/{epochs}"

    bar = tqdm(
        total=epochs * steps,
        initial=done * steps,
        disable=not shown,
        desc=f"{of(done)}: ",
        bar_format=FORMAT,
    )
    try:
        yield Bar(bar, done, of)
    finally:
        bar.close()
