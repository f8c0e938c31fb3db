"""The bar that shows how far training has come."""

from contextlib import contextmanager


class Bar:
    """A bar of tqdm over all steps, with the epoch before it and the last numbers behind it."""

    def __init__(self, bar, done, epochs):
        self.bar, self.done, self.epochs = bar, done, epochs
        self.update = bar.update  # after each step
        self.name()

    def name(self):
        epoch = min(self.done + 1, self.epochs)
        self.bar.set_description_str(f"epoch {epoch}/{self.epochs}", refresh=False)

    def show(self, row):
        """Show the numbers of an epoch that is over."""
        self.done += 1
        self.name()
        numbers = {name: x for name, x in row.items() if name not in ("lr", "penalty")}
        text = ", ".join(f"{name} {x:.4g}" for name, x in numbers.items())
        self.bar.set_postfix_str(text, refresh=False)  # the next update draws both, not too often

    def end(self, stopped, complete):
        """Say in a word why a run ended before its last epoch; a complete one has a full bar."""
        if stopped:
            self.bar.set_description_str(stopped.partition(",")[0].partition(":")[0], refresh=False)
        if complete:
            self.bar.total = self.bar.n
        self.bar.refresh()


@contextmanager
def progress_bar(shown, done, epochs, steps):
    """Yield a bar over `epochs` of `steps` steps, of which `done` epochs are over.

    It is a widget in a notebook and a line in a terminal.
    """
    from tqdm.auto import tqdm  # chooses by what it runs in: paid by those who train

    bar = tqdm(total=epochs * steps, initial=done * steps, disable=not shown, unit=" steps")
    try:
        yield Bar(bar, done, epochs)
    finally:
        bar.close()
