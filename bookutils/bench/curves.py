"""Recorded seconds, operations and bytes a second as curves; what is not measured is empty."""

import matplotlib
import numpy as np

from bookutils.bench.limits import call_line, roof, sizes
from bookutils.bench.ratios import COLOURS, MARKERS, draw_field, empty, sign
from bookutils.page.plotting import STYLE, figure

DASHED = {"color": "0.35", "lw": 1.2, "ls": (0, (5, 3)), "zorder": 1}
RATES = {  # group -> axis of sizes, axis of rates
    "matrix product": ("rows and columns n", "FLOP/s"),
    "memory": ("bytes of the array", "bytes/s"),
    "transfer": ("bytes sent", "bytes/s"),
}


def curve(ax, xs, spreads, k, label, ls="-"):
    """Medians with quartiles, in the k-th colour and marker."""
    middles = [s.median for s in spreads]
    whiskers = [[s.median - s.low for s in spreads], [s.high - s.median for s in spreads]]
    ax.errorbar(xs, middles, yerr=whiskers, fmt=MARKERS[k % len(MARKERS)], ls=ls, lw=1.2, ms=4.5,
                color=COLOURS[k % len(COLOURS)], label=label, zorder=2)  # fmt: skip


def finish(ax, record, rows, installed, **labels):
    """Logarithmic axes, a legend, and where the rows come from."""
    ax.set(xscale="log", yscale="log", **labels)
    ax.legend(fontsize=8)
    sign(ax.figure, rows[0].source(), record.outdated(installed))


def unmeasured(ax, record):
    empty(ax, f"Not measured yet.\n{record.command}")


@matplotlib.rc_context(STYLE)
def draw_roofline(ax, record, dtype="float32", installed=None):
    """Draw the two limits of a machine, FLOP/s over FLOPs a byte, with products and layers.

    Layers are in float32, so they are drawn with that precision alone. Without products and memory
    in the record the panel stays empty, with the command that fills it.
    """
    limit = roof(record, dtype)
    if limit is None:
        unmeasured(ax, record)
        return
    rows = [row for row in record.group("matrix product") if dtype in row.samples]
    k = 0
    curve(ax, [row.flops[dtype] / row.bytes[dtype] for row in rows],
          [row.rate[dtype] for row in rows], k, f"products in {dtype}", ls="")  # fmt: skip
    xs = [row.flops[dtype] / row.bytes[dtype] for row in rows]
    for row in record.group("layer") if dtype == "float32" else ():
        k += 1
        found = [row.flops[name] / row.bytes[name] for name in row.samples]
        curve(ax, found, [*row.rate.values()], k, f"{row.title}, growing batch", ls="")
        xs += found
    low, high = min(*xs, limit.ridge) / 2, max(*xs, limit.ridge) * 2
    ends = np.array([low, limit.ridge, high])
    ys = [limit.at(x) for x in ends]
    ax.plot(ends, ys, label="rate, or bandwidth × FLOPs a byte", **DASHED)
    finish(ax, record, rows, installed, xlabel="FLOPs a byte", ylabel="FLOP/s")


@matplotlib.rc_context(STYLE)
def draw_riders(ax, record, widths=(2048, 4096), installed=None):
    """Draw the seconds of a layer over its batch, and dashed what the two limits allow."""
    rows = [row for n in widths if (row := record.rows.get(f"layer {n}")) and row.samples]
    if not rows:
        unmeasured(ax, record)
        return
    limit = roof(record)
    for k, row in enumerate(rows):
        batches = [int(name.split()[-1]) for name in row.samples]
        curve(ax, batches, [*row.spread.values()], k, row.title)
        if limit:
            bound = [limit.seconds(row.flops[name], row.bytes[name]) for name in row.samples]
            ax.plot(batches, bound, label="the slower of two limits" if k == 0 else None, **DASHED)
    finish(ax, record, rows, installed, xlabel="batch, rows", ylabel="seconds of a layer")
    ax.set_xscale("log", base=2)


@matplotlib.rc_context(STYLE)
def draw_rates(ax, record, group, installed=None):
    """Draw the rates of a group over its sizes: "matrix product", "memory" or "transfer".

    Raises KeyError for another group.
    """
    xlabel, ylabel = RATES[group]
    rows = [row for row in record.group(group) if row.samples]
    if not rows:
        unmeasured(ax, record)
        return
    rates = {row.key: row.rate if ylabel == "FLOP/s" else row.bandwidth for row in rows}
    for k, program in enumerate(dict.fromkeys(p for row in rows for p in row.samples)):
        found = [row for row in rows if program in row.samples]
        xs = [int(row.key.split()[-1]) for row in found]
        curve(ax, xs, [rates[row.key][program] for row in found], k, program)
    finish(ax, record, rows, installed, xlabel=xlabel, ylabel=ylabel)


@matplotlib.rc_context(STYLE)
def draw_calls(ax, record, installed=None):
    """Draw the seconds of a sum of two arrays over their numbers, and dashed t0 + t1 n."""
    group = "sum of two arrays"
    rows = [row for row in record.group(group) if row.samples]
    if not rows:
        unmeasured(ax, record)
        return
    for k, program in enumerate(dict.fromkeys(p for row in rows for p in row.samples)):
        found = sizes(record, group, program)
        curve(ax, [n for n, _ in found], [s for _, s in found], k, program, ls="")
        line = call_line(record, program)
        if line:
            ns = np.geomspace(found[0][0], found[-1][0], 60)
            ax.plot(ns, [line.at(n) for n in ns], label="t0 + t1 n" if k == 0 else None, **DASHED)
    finish(ax, record, rows, installed, xlabel="numbers in each array", ylabel="seconds of a call")


@matplotlib.rc_context(STYLE)
def draw_costs(ax, record, programs, line=False, installed=None):
    """Draw the seconds of a step against its FLOPs, for the training steps of a record.

    Each program is a line of dots from size to size, with quartiles, on logarithmic axes. `line`
    adds t0 + FLOPs/rate: t0 is the smallest step of the first program, the rate that of the best
    product in float32. Without such rows the panel stays empty, with the command that fills it.
    Raises KeyError for a program that no row has.
    """
    rows = [row for row in record.group("training step") if row.flops]
    rows.sort(key=lambda row: max(row.flops.values()))
    if not rows:
        unmeasured(ax, record)
        return
    for k, program in enumerate(programs):
        found = [(row.flops[program], row.spread[program]) for row in rows if program in row.flops]
        if not found:
            raise KeyError(f"no row of the record {record.name} has {program!r}")
        curve(ax, [flops for flops, _ in found], [s for _, s in found], k, program)
        if line and k == 0 and (limit := roof(record)):
            t0 = max(0.0, found[0][1].median - found[0][0] / limit.rate)
            flops = np.geomspace(found[0][0], found[-1][0], 60)
            ax.plot(flops, t0 + flops / limit.rate, label="t0 + FLOPs/rate", **DASHED)
    finish(ax, record, rows, installed, xlabel="FLOPs of a step", ylabel="seconds of a step")


@matplotlib.rc_context(STYLE)
def device_drawing(record):
    """The drawing of a device's record: limits, riders, calls, costs, and ratios of its steps."""
    steps = [row for row in record.group("training step") if row.ratios]
    fig, _ = figure(1, (9.0, 8.0 + 0.5 * len(steps)))
    fig.clear()
    above, below = fig.subfigures(2, 1, height_ratios=(7.2, 0.8 + 0.5 * len(steps)))
    axes = [*above.subplots(2, 2).flat]
    draw_roofline(axes[0], record)
    draw_riders(axes[1], record)
    draw_calls(axes[2], record)
    draw_costs(axes[3], record, ["torch float32"], line=True)
    titles = ("two limits", "a layer over its batch", "a sum of two arrays", "a training step")
    for ax, title in zip(axes, titles, strict=True):
        ax.set_title(title)
    if steps:
        ax = below.subplots()
        draw_field(ax, steps)
        ax.set_title("training step")
    return fig
