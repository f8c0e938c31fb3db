"""Learning curves drawn from a history."""

from pathlib import Path

import matplotlib

from bookutils.page.plotting import STYLE, figure, png, show

COLOURS = STYLE["axes.prop_cycle"].by_key()["color"]


@matplotlib.rc_context(STYLE)
def curves(history):
    """Return a figure: the losses over the epochs, and in a panel of their own the metrics."""
    losses = [name for name in history if name.removeprefix("val_") == "loss"]
    others = [name for name in history if name not in (*losses, "penalty", "lr")]
    fig, axes = figure(1 + bool(others), (6.5, 3.6) if not others else (9.0, 3.4))
    axes = axes if others else [axes]
    for ax, names in zip(axes, (losses, others), strict=False):
        shades = list(dict.fromkeys(map(plain, names)))
        for name in names:
            held_out = name.startswith("val_")
            ax.plot(
                range(1, history.epochs + 1),
                history[name],
                "-" if held_out else "--",
                color=COLOURS[(2 * shades.index(plain(name)) + held_out) % len(COLOURS)],
                marker="." if history.epochs < 25 else None,
                label=name,
            )
        if history.best_epoch:
            ax.axvline(history.best_epoch, color="0.65", lw=1.3, ls=":", zorder=1, label="best")
        ax.set(xlabel="epoch", ylabel="loss" if names is losses else "metric")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.legend()
    return fig


def plain(name):
    return name.removeprefix("val_")


def show_curves(history, path=None):
    """Show the curves with a caption, or write them to a PNG file."""
    fig = curves(history)
    if path is not None:
        Path(path).write_bytes(png(fig))
        return
    last = ", ".join(
        f"{name} {numbers[0]:.3g} in the first epoch and {numbers[-1]:.3g} in the last"
        for name, numbers in history.items()
        if name not in ("lr", "penalty")
    )
    measured = "Dashed: measured in training mode while the weights moved."
    if "val_loss" in history:
        measured += " Solid: on the validation rows, after each epoch."
    if history.best_epoch:
        measured += f" Dotted: epoch {history.best_epoch}, whose weights the net has."
    show(fig, caption=measured, alt=f"Learning curves over {history.epochs} epochs: {last}.")
