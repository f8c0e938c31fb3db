"""Signals and gradients by layer, drawn from arrays."""

from pathlib import Path

import matplotlib
import numpy as np

from bookutils.page.plotting import STYLE, figure, png, show

COLOURS = STYLE["axes.prop_cycle"].by_key()["color"]
NAMED = 12  # layers whose names find room under an axis
USUAL = 1e-3


@matplotlib.rc_context(STYLE)
def signal_figure(layers, activations, deltas, dead=None, parameters=(), updates=()):
    """A figure: rms of outputs and of their gradients by layer; dead units; |Δw|/|w|.

    `layers` names, activations, deltas and dead (layers,); `parameters` names, updates
    (parameters,). The panel of dead units is left out where there are none, that of updates where
    all are nan.
    """
    dead = np.full(len(layers), np.nan) if dead is None else np.asarray(dead, float)
    updates = np.asarray(updates, float)
    panels = ["signals"] + ["dead"] * bool((dead > 0).any())
    panels += ["updates"] * bool(np.isfinite(updates).any())
    fig, axes = figure(len(panels), (3.1 + 2.9 * len(panels), 3.6))
    for ax, panel in zip([axes] if len(panels) == 1 else axes, panels, strict=True):
        names = parameters if panel == "updates" else layers
        places = np.arange(1, len(names) + 1)
        marker = "." if len(names) <= 25 else None
        if panel == "signals":
            on_log_scale(ax, places, activations, "-", 0, marker, "rms of output")
            on_log_scale(ax, places, deltas, "--", 1, marker, "rms of gradient")
            ax.set_ylabel("rms")
            ax.legend()
        elif panel == "dead":
            ax.bar(places, dead, color=COLOURS[2])
            ax.set(ylim=(0, 1), ylabel="share of units that are dead")
        else:
            on_log_scale(ax, places, updates, "none", 3, "o", "one step")
            ax.axhline(USUAL, color="0.65", lw=1.3, label="one thousandth")
            ax.set_ylabel("|Δw| / |w|")
            ax.legend()
        ax.set_xlabel("parameter" if panel == "updates" else "layer, from the input on")
        if len(names) <= NAMED:
            ax.set_xticks(places, names, rotation=60, ha="right", rotation_mode="anchor")
        ax.set_xlim(0.5, len(names) + 0.5)
    return fig


def on_log_scale(ax, places, numbers, line, colour, marker, label):
    """The numbers above 0 that are finite; the others have no place there."""
    numbers = np.asarray(numbers, float)
    shown = np.where(np.isfinite(numbers) & (numbers > 0), numbers, np.nan)
    ax.plot(places, shown, ls=line, color=COLOURS[colour], marker=marker, label=label)
    ax.set_yscale("log")


def show_signals(layers, activations, deltas, dead, parameters, updates, steps, path=None):
    """Show the figure with a caption, or write it to a PNG file."""
    fig = signal_figure(layers, activations, deltas, dead, parameters, updates)
    if path is not None:
        Path(path).write_bytes(png(fig))
        return
    caption = "Root mean square of the outputs of each layer (solid)"
    alt = f"Over {len(layers)} layers: rms of outputs {ends(activations)}"
    if np.isfinite(deltas).any():
        caption += " and of the gradients with respect to them (dashed)"
        alt += f"; rms of gradients {ends(deltas)}"
    if np.isfinite(dead).any():
        worst = np.nanmax(dead)
        some = "share of units that never gave a positive number" if worst else "no dead units"
        caption += f"; {some}"
        alt += f"; at most {worst:.0%} of the units of a layer dead"
    if np.isfinite(updates).any():
        caption += f"; length of an update relative to the parameter, over {steps} step"
        caption += "s" * (steps != 1)
        finite = updates[np.isfinite(updates)]
        alt += f"; updates of {finite.min():.2g} to {finite.max():.2g} of the parameter"
    show(fig, caption=f"{caption}.", alt=f"{alt}.")


def ends(numbers):
    """The first and the last number, in words."""
    numbers = np.asarray(numbers, float)
    return f"from {numbers[0]:.2g} in the first to {numbers[-1]:.2g} in the last"
