"""A bar that shows how far a loop has come."""

import html

import ipywidgets
from IPython.display import display

from bookutils.page.look import view_of


def progress_bar(count, label):
    """Yield 0 … count − 1 and show how far the loop has come.

    A widget, not tqdm: what it shows changes with time, so none of it may stand in an output that
    is compared. There stands only the label with the count.
    """
    bar = ipywidgets.IntProgress(
        max=count, description=label, style={"description_width": "initial"}
    )
    text = f"{label}: {count} steps"
    display(view_of(bar) | {"text/plain": text, "text/html": html.escape(text)}, raw=True)
    for k in range(count):
        yield k
        bar.value = k + 1
