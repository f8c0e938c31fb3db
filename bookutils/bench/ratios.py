"""Recorded ratios drawn with their quartiles; what a record does not have is left empty."""

import textwrap

import matplotlib
import matplotlib.ticker

from bookutils.bench.writing import written
from bookutils.page.plotting import STYLE, figure

COLOURS = STYLE["axes.prop_cycle"].by_key()["color"]
DRAWN = ("scalar engine", "training step", "Adam step")  # groups with a panel each
MARKERS = "osD^vP*X<>"
SMALL, GREY, WARNING = 7.0, "0.35", "#B34700"


@matplotlib.rc_context(STYLE)
def draw_ratios(ax, record, key, names=None, log=True, installed=None):
    """Draw how many times as fast as its base each program of a recorded row is.

    A bar is a median, the thin line on it goes from quartile to quartile; the number stands beside
    it, and what the row notes of the program. `names` chooses and orders the programs. Date and
    machine stand below, and in orange that a library is another now (`installed` as in outdated).
    Where the record has no such row the panel stays empty, with the command that fills it.
    Raises KeyError for a program that the row does not have.
    """
    row = record.rows.get(key)
    if row is None:
        empty(ax, f"Not measured yet.\n{record.command}")
        return
    if names is None:
        names = [*row.ratios]
    ratios = [row.ratios[name] for name in names]
    places = range(len(names))
    middles = [r.median for r in ratios]
    whiskers = [[r.median - r.low for r in ratios], [r.high - r.median for r in ratios]]
    colours = [COLOURS[0] if name != row.base else "0.6" for name in names]
    ax.barh(places, middles, 0.62, left=0, color=colours, zorder=2)
    ax.errorbar(
        middles, places, xerr=whiskers, fmt="none", ecolor="0.15", elinewidth=1.2, capsize=2
    )
    for place, name, ratio in zip(places, names, ratios, strict=True):
        note = row.notes.get(name, "")
        ax.annotate(
            f"{written(ratio.median)}×" + f"  {note}" * bool(note),
            (ratio.high, place),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=STYLE["ytick.labelsize"],
        )
    ax.axvline(1, color="0.4", lw=1, zorder=1)
    if log:
        low, high = min(0.5, min(middles) / 2), max(2.0, *(r.high for r in ratios))
        logarithmic(ax, low, high * (high / low) ** 0.45)  # room for the numbers beside the bars
    else:
        ax.set_xlim(0, 1.3 * max(r.high for r in ratios))
    ax.set_yticks(places, names)
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    more = "times as small as" if row.unit == "bytes" else "times as fast as"
    ax.set_xlabel(f"{more} {row.base}" + ", logarithmic" * log)
    sign(ax.figure, row.source(), row.outdated(installed))


def empty(ax, words):
    """A panel without a picture, that says so."""
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set(visible=True, linestyle=(0, (4, 4)), color="0.6")
    ax.text(0.5, 0.5, words, ha="center", va="center", color=GREY, transform=ax.transAxes)


def sign(fig, source, outdated=()):
    """Where the numbers come from, under the picture; above it, in orange, what changed since."""
    fig = fig.figure  # of a panel in a part of a figure, the whole one
    width = int(fig.get_figwidth() * 20)
    told = getattr(fig, "_told", ())  # two panels of one record say it once
    fig._told = tuple(dict.fromkeys([*told, ("source", source), *(("old", x) for x in outdated)]))
    below = [line for kind, x in fig._told if kind == "source" for line in textwrap.wrap(x, width)]
    fig.supxlabel("\n".join(below), x=0.01, ha="left", fontsize=SMALL, color=GREY)
    above = [f"Outdated: {x}" for kind, x in fig._told if kind == "old"]
    if above:
        lines = [line for x in above for line in textwrap.wrap(x, width)]
        fig.suptitle("\n".join(lines), x=0.01, ha="left", fontsize=8, color=WARNING, weight="bold")


def logarithmic(ax, low, high):
    """A logarithmic axis with plain numbers, on which ratios from `low` to `high` find room."""
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    near = (1.0, 2.0, 5.0) if high / low < 200 else (1.0,)
    ax.xaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=near, numticks=12))
    ax.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    ax.xaxis.set_major_formatter(
        matplotlib.ticker.FuncFormatter(lambda x, _: f"{x:,.0f}" if x >= 1 else f"{x:g}")
    )


@matplotlib.rc_context(STYLE)
def draw_field(ax, rows):
    """Draw rows below one another, each program a dot with its quartiles, the base a line at 1."""
    programs = list(dict.fromkeys(p for row in rows for p in row.ratios if p != row.base))
    for k, program in enumerate(programs):
        places, ratios = [], []
        for i, row in enumerate(rows):
            others = [p for p in row.ratios if p != row.base]
            if program in others:
                share = others.index(program) / max(1, len(others) - 1)
                places.append(i + 0.6 * (share - 0.5) if others[1:] else i)
                ratios.append(row.ratios[program])
        middles = [r.median for r in ratios]
        whiskers = [[r.median - r.low for r in ratios], [r.high - r.median for r in ratios]]
        ax.errorbar(middles, places, xerr=whiskers, fmt=MARKERS[k % len(MARKERS)], ms=4.5,
                    color=COLOURS[k % len(COLOURS)], elinewidth=1.2, label=program)  # fmt: skip
    ax.axvline(1, color="0.4", lw=1, zorder=1)
    found = [x for row in rows for ratio in row.ratios.values() for x in ratio]
    logarithmic(ax, min(found) / 1.3, max(found) * 1.3)
    bases = list(dict.fromkeys(row.base for row in rows))
    more = [f" ({row.base} is 1)" * (len(bases) > 1) for row in rows]
    labels = [textwrap.fill(row.title + x, 38) for row, x in zip(rows, more, strict=True)]
    ax.set_yticks(range(len(rows)), labels)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.grid(False, axis="y")
    small = ", or as small," * any(row.unit == "bytes" for row in rows)
    ax.set_xlabel(f"times as fast{small} as {' or '.join(bases)}, logarithmic")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


@matplotlib.rc_context(STYLE)
def drawing(record):
    """The drawing of a record as a figure, a panel for each group with ratios."""
    groups = [g for g in DRAWN if any(row.ratios for row in record.group(g))]
    sizes = [len(record.group(g)) for g in groups]
    fig, _ = figure(1, (9.0, 1.4 * len(groups) + 0.42 * sum(sizes)))
    fig.clear()
    axes = fig.subplots(len(groups), 1, squeeze=False, height_ratios=[n + 1 for n in sizes])
    for ax, group in zip(axes[:, 0], groups, strict=True):
        draw_field(ax, [row for row in record.group(group) if row.ratios])
        ax.set_title(group)
    return fig
