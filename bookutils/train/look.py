"""A look inside a net while it works: how large signals and gradients are, layer by layer."""

from math import hypot, inf, isfinite, nan, prod, sqrt
from textwrap import indent

import numpy as np

from bookutils.engine.arrays import is_float, xp
from bookutils.engine.tensor import Tensor
from bookutils.nn import Module
from bookutils.page.tables import text_table
from bookutils.phrasebook import refuse_attribute
from bookutils.train.calls import calls_told
from bookutils.train.origin import (
    call_origin,
    finite,
    loss_origin,
    passed_on_origin,
    update_origin,
)


class inside:
    """A block in which whatever a net computes, forward and backward, is measured layer by layer.

        with inside(net) as look:
            cross_entropy(net(X), y).backward()
            optimizer.step()
        print(look)                # look.activations, look.deltas, look.dead, look.updates
        look.draw()

    The numbers computed are the same to the bit, and nothing stays behind on the net, after an
    error either. A block may hold one pass or a whole `fit`, and blocks may be nested; all passes
    in it count, those over validation rows too. Each block has a Look of its own.
    Raises TypeError for what is no Module.
    """

    def __init__(self, net):
        if not isinstance(net, Module):
            raise TypeError(f"inside looks into a Module of bookutils.nn, not {net!r:.60}")
        self.net, self.blocks = net, []

    def __enter__(self):
        look = Look(self.net)
        told = calls_told(self.net, look._call)
        told.__enter__()
        self.blocks.append((look, told))
        return look

    def __exit__(self, *error):
        look, told = self.blocks.pop()
        told.__exit__(None, None, None)
        look._close()

    def __getattr__(self, name):
        raise AttributeError(
            f"inside(net) has no {name}: it is a block, `with inside(net) as look:`, and what was "
            "measured is in look"
        )


class Look:
    """What was measured inside a net, over all passes of a block: see `inside`.

    `layers` names, in the order of the forward pass, the modules that compute their output
    themselves: Linear (with its activation), BatchNorm1d, Residual, …; a Sequential hands on what
    its last layer computed, and is none. For each of them, as arrays (layers,):

    `activations`  rms, the root of the mean square, of all numbers in its outputs
    `deltas`       rms of the gradient of the loss with respect to its output, after the activation
                   (the δ of chapters 05 and 09 is before it); nan where no backward pass came by
    `dead`         the share of its units that gave 0 or less for every row; nan for a layer that
                   gave a negative number, for there it does not mean that a unit learns nothing

    `updates` (parameters,), for the names in `parameters`: |Δw|/|w| of what an optimizer changed
    between the backward pass and the next forward pass or the end, as √(∑|Δw|²/∑|w|²) over
    `steps` such changes; inf where w was 0, nan where there was no change at all.
    `origin` says where the first nan or infinity was made, "" if there was none. `passes` and
    `rows` count the forward passes and the rows in them.
    """

    def __init__(self, net):
        self._net, self._open, self._layers, self._calls = net, True, [], []
        self.passes = self.rows = self.steps = 0
        self.origin, self._over, self._heard = "", True, False
        self._before = self._weights()
        self._moved = {name: (Rms(), Rms()) for name in self._before}

    def __getattr__(self, name):
        refuse_attribute(self, name)

    layers = property(lambda self: [layer.name for layer in self._layers])
    parameters = property(lambda self: list(self._moved))
    activations = property(lambda self: self._array(lambda x: x.output.value))
    deltas = property(lambda self: self._array(lambda x: x.delta.value))
    dead = property(lambda self: self._array(Layer.dead))

    @property
    def updates(self):
        return np.array([ratio(*rms) if self.steps else nan for rms in self._moved.values()])

    def _array(self, of):
        return np.array([of(layer) for layer in self._layers], dtype=float)

    # --- what is heard of the net ---------------------------------------------------------------

    @np.errstate(all="ignore")
    def _call(self, call):
        if self._over or self._heard:
            self._begin()
        output = call.output
        if call.module is self._net:
            self._over = True
        handed_on = [other.output for other in self._calls] + list(call.inputs)
        if not is_float(output.data) or any(output is x for x in handed_on):
            return
        layer = self._layer(call)
        layer.add(output)
        if not self._calls:
            self.rows += output.shape[0] if output.ndim > 1 else 1
        self._calls.append(call)
        if not self.origin and not finite(output.data):
            self._began(update_origin(self._net) or call_origin(call))
        place = self._calls, len(self._calls) - 1
        output.vjps = tuple(
            self._listening(vjp, i, layer, *place) for i, vjp in enumerate(output.vjps)
        )

    def _layer(self, call):
        """The layer of a call; one not seen before comes after the one just seen."""
        for layer in self._layers:
            if layer.name == call.name:
                return layer
        before = self._calls[-1].name if self._calls else None
        names = [layer.name for layer in self._layers]
        new = Layer(call)
        self._layers.insert(names.index(before) + 1 if before in names else 0, new)
        return new

    def _listening(self, vjp, i, layer, calls, k):
        def heard(G):
            if not self._open:
                return vjp(G)
            if i == 0:
                self._delta(G, layer, calls, k)
            part = vjp(G)
            self._part(part, i, calls, k)
            return part

        return heard

    @np.errstate(all="ignore")
    def _delta(self, G, layer, calls, k):
        layer.delta.add(G)
        self._heard = True
        if self.origin or calls is not self._calls:  # of a pass before the last
            return
        call = calls[k]
        if finite(G):
            call.upstream = G
            return
        above = [other for other in calls if hasattr(other, "upstream")]
        takers = [other for other in above if any(x is call.output for x in other.inputs)]
        if takers:  # a layer before the module that it is inside
            self._began(passed_on_origin(takers[0], takers[0].upstream, "its input", G))
        elif above:
            self._began("It began in the backward pass, outside of any layer.")
        else:
            self._began(loss_origin(G))

    @np.errstate(all="ignore")
    def _part(self, part, i, calls, k):
        if self.origin or calls is not self._calls or finite(part):
            return
        call = calls[k]
        parent = call.output.parents[i]
        own = {id(p): name for name, p in call.module.named_parameters()}
        what = f"its parameter {own[id(parent)]}" if id(parent) in own else "its input"
        known = id(parent) in own or any(parent is x for x in call.inputs)
        if known and hasattr(call, "upstream"):
            self._began(passed_on_origin(call, call.upstream, what, part))

    def _began(self, sentence):
        self.origin = f"pass {self.passes}: {sentence}"

    # --- from pass to pass -----------------------------------------------------------------------

    def _begin(self):
        self._measure_step()
        self._calls.clear()  # the outputs in it lead back to this list
        self._calls, self._over, self._heard = [], False, False
        self.passes += 1

    def _close(self):
        self._measure_step()
        self._calls.clear()
        self._open = False
        del self._net, self._before

    @np.errstate(all="ignore")
    def _measure_step(self):
        """What has changed since the last step, if gradients have come by since then."""
        if not self._heard:
            return
        now = self._weights()
        known = [name for name in now if np.shape(self._before.get(name)) == now[name].shape]
        if any(not np.array_equal(now[name], self._before[name]) for name in known):
            self.steps += 1
            for name in known:
                change, size = self._moved.setdefault(name, (Rms(), Rms()))
                change.add(now[name] - self._before[name])
                size.add(self._before[name])
        self._before = now

    def _weights(self):
        return {name: Tensor(p.data).numpy() for name, p in self._net.named_parameters()}

    # --- shown ------------------------------------------------------------------------------------

    def draw(self, path=None):
        """Show all of it as a figure, or write that to the PNG file `path`.

        Raises ValueError where no pass was seen.
        """
        if not self._layers:
            raise ValueError("nothing to draw: no forward pass of the net was inside the block")
        from bookutils.page.signals import show_signals  # matplotlib, for those who draw

        show_signals(
            self.layers, self.activations, self.deltas, self.dead, self.parameters, self.updates,
            self.steps, path,
        )  # fmt: skip

    def __repr__(self):
        lines = [f"Look: passes {self.passes}, rows {self.rows}, steps {self.steps}"]
        measured = zip(self.activations, self.deltas, self.dead, strict=True)
        rows = []
        for layer, numbers in zip(self._layers, measured, strict=True):
            rows.append([layer.name or "(net)", layer.kind, *map(short, numbers)])
        heads = "layer", "", "rms of output", "rms of gradient", "dead"
        told = text_table(heads, rows, left=2) if rows else "no forward pass was inside the block"
        lines.append(indent(told, "  " * bool(rows)))
        if self.steps:
            moved = zip(self.parameters, map(short, self.updates), strict=True)
            lines.append(indent(text_table(("parameter", "|Δw|/|w|"), moved), "  "))
        return "\n".join(lines + [self.origin] * bool(self.origin))


class Layer:
    """One layer over all passes."""

    def __init__(self, call):
        self.name, self.kind, self.output, self.delta = call.name, call.kind(), Rms(), Rms()
        self.lowest, self.positive = inf, {}  # shape of a row: which of its numbers were above 0

    def add(self, output):
        a, lib = output.data, xp(output.data)
        self.output.add(a)
        if 0 in output.shape:
            return
        self.lowest = min(self.lowest, float(lib.min(a)))
        rows = a if output.ndim > 1 else lib.reshape(a, (1, -1))
        above = np.asarray(Tensor(lib.any(rows > 0, axis=0)).numpy())
        self.positive[above.shape] = self.positive.get(above.shape, False) | above

    def dead(self):
        units = sum(prod(shape) for shape in self.positive)
        if self.lowest < 0 or not units:
            return nan
        return (units - sum(int(above.sum()) for above in self.positive.values())) / units


class Rms:
    """The root of the mean square of numbers that come array by array; no square overflows."""

    def __init__(self):
        self.value, self.size = nan, 0

    def add(self, a):
        n, lib = prod(a.shape), xp(a)
        if not n:
            return
        peak = float(lib.max(lib.abs(a)))
        new = peak
        if isfinite(peak) and peak:
            shares = lib.astype(a, lib.float64) / peak
            new = peak * sqrt(float(lib.mean(shares * shares)))
        if self.size:
            both = self.size + n
            new = hypot(self.value * sqrt(self.size / both), new * sqrt(n / both))
        self.value, self.size = new, self.size + n


def ratio(change, size):
    """|Δw|/|w|: 0 for what has not moved, and infinite where w was 0 and has."""
    if not change.value:
        return 0.0
    return change.value / size.value if size.value else inf


def short(number):
    return "" if number != number else f"{number:.3g}"
