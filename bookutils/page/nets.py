"""A picture of a net: a circle for each neuron, an arrow for each weight."""

from itertools import pairwise, product

CIRCLE = {"marker": "o", "mfc": "#cfe3f1", "mec": "k", "zorder": 3}
ARROW = {"arrowstyle": "->", "color": "0.7", "lw": 0.8}


def draw_net(ax, layers, *, arrow=None, neuron=None, size=18, gap=1.0):
    """Draw a net from left to right on `ax`; return the places (x, y) of its neurons by layer.

    `layers` has for each layer the texts that stand in its circles, or how many circles it has.
    `arrow(layer, i, j)` says how the arrow from neuron i of this layer to neuron j of the next
    looks, as a dict of what differs from grey and thin (Matplotlib's arrowprops), or None where
    there is no arrow. `neuron(layer, i)` says the same of a circle (keywords of `ax.plot`).
    Layers and neurons count from 0, neurons from the top. `size` is the width of a circle in
    points; layers are 1 apart, and the neurons of a layer `gap`.
    """
    layers = [[""] * layer if isinstance(layer, int) else layer for layer in layers]
    places = [
        [(x, gap * ((len(layer) - 1) / 2 - i)) for i in range(len(layer))]
        for x, layer in enumerate(layers)
    ]
    edge = {"shrinkA": size / 2, "shrinkB": size / 2}  # from the rim of a circle to the next
    for x, columns in enumerate(pairwise(places)):
        for (i, start), (j, end) in product(*map(enumerate, columns)):
            look = arrow(x, i, j) if arrow else {}
            if look is not None:
                ax.annotate("", end, start, arrowprops=ARROW | edge | look, zorder=2)
    for x, (layer, column) in enumerate(zip(layers, places, strict=True)):
        for i, (text, place) in enumerate(zip(layer, column, strict=True)):
            ax.plot(*place, **CIRCLE | {"ms": size} | (neuron(x, i) if neuron else {}))
            ax.text(*place, text, ha="center", va="center", zorder=4)
    height = gap * max(map(len, layers)) / 2
    ax.set(xlim=(-0.3, len(layers) - 0.7), ylim=(-height, height))
    ax.axis("off")  # its title stays
    return places
