"""The page of results: text, tables and drawings, all of them made from the records."""

import hashlib
import io
import json
from pathlib import Path

from PIL import Image, PngImagePlugin

from bookutils.bench.curves import device_drawing
from bookutils.bench.limits import call_line, roof, shares
from bookutils.bench.ratios import DRAWN, drawing
from bookutils.bench.record import COMMANDS, FOLDER, recorded
from bookutils.bench.writing import amount, grids, per_second, written
from bookutils.page.plotting import png

DOCS = FOLDER.parent / "docs"
PAGE = "benchmarks.md"
DRAWINGS = {  # record -> file, what draws it, what it shows in words
    "peers": ("benchmarks.png", drawing, lambda record: alt(record)),
    "cpu": ("benchmarks-cpu.png", device_drawing, lambda record: device_alt(record)),
    "cuda": ("benchmarks-cuda.png", device_drawing, lambda record: device_alt(record)),
}
TITLES = {
    "peers": "On the processor, beside peers",
    "cpu": "A training step and its parts, on the processor",
    "cuda": "A training step and its parts, on CUDA",
}
HEAD = """# Speed, measured

Every number on this page and the drawings come from the records in [benchmarks](../benchmarks), by
`python -m bookutils bench --page`; a test holds the page to them. A record is measured anew by
{commands}.

How it is measured: the programs of a row do the same work in one process and take turns, in an
order that changes from round to round. First all run a few steps, whose results are compared. A
ratio divides two samples of the same round, so that a machine that is busy for a while slows both.
The figures are medians, in brackets the first and the third quartile. A ratio above 1 is faster, or
smaller, than the program that the row is held against.
"""


def page(records, current=None):
    """The page as Markdown, from {name: Record}; `current` maps packages to versions to compare.

    The page says of each record when it is older than these versions.
    """
    *first, last = (f"`{command}`" for command in COMMANDS.values())
    parts = [HEAD.format(commands=f"{', '.join(first)} and {last}")]
    anchors = {title: title.lower().replace(",", "").replace(" ", "-") for title in TITLES.values()}
    parts += ["\n".join(f"- [{title}](#{x})" for title, x in anchors.items()) + "\n"]
    for name, title in TITLES.items():
        record = records[name]
        parts += [f"## {title}\n", *head(record, current)]
        if drawn(record):
            file, _, words = DRAWINGS[name]
            parts.append(f"![{words(record)}]({file})\n")
        parts += tables(record)
    return "\n".join(parts)


def drawn(record):
    """Whether there is something of a record to draw."""
    return record.there and (record.name == "peers" or roof(record) is not None)


def head(record, current):
    """The lines on a record: where it comes from, how old it is, what is missing."""
    if not record.there:
        yield f"Not measured yet. This command fills it:\n\n```\n{record.command}\n```\n"
        return
    for run in record.runs:
        yield f"{record_of(run, record)}\n"
    for told in record.outdated(current):
        yield f"**Outdated:** {told}\n"
    for told in record.missing.values():
        yield f"{told}\n"


def tables(record):
    """The lines of a record's tables, a few for each group."""
    for group in dict.fromkeys(row.group for row in record.rows.values()):
        rows = record.group(group)
        yield f"### {group[0].upper()}{group[1:]}\n"
        if group in ABOUT and (group != "training step" or any(row.errors for row in rows)):
            yield f"{ABOUT[group]}\n"
        for grid in grids(rows):
            yield markdown(*grid)
        for row in rows:
            for program, why in row.failed.items():
                yield f"{row.title}: {program} is left out, {why}\n"


def record_of(run, record):
    """The sentence on a run, with the rows that it measured where there are several runs."""
    one = next(row for row in record.rows.values() if row.run is run)
    told = one.source()
    if len(record.runs) > 1:
        told = f"{', '.join(f'`{k}`' for k, row in record.rows.items() if row.run is run)}: {told}"
    return told if run["finished"] else f"{told} It was interrupted before its last row."


def markdown(head, body):
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def alt(record):
    """What the drawing shows, in words: of each program the smallest and the largest ratio."""
    told = []
    for group in DRAWN:
        found = {}
        for row in record.group(group):
            for name, ratio in row.ratios.items():
                if name != row.base:
                    found.setdefault(name, []).append(ratio.median)
        between = [
            f"{name} {written(min(x))}" + f" to {written(max(x))}" * (len(x) > 1)
            for name, x in found.items()
        ]
        told += [f"{group}: {', '.join(between)}"] * bool(between)
    return (
        "Ratios of speed as dots with quartiles on logarithmic axes, a panel for each table below. "
        f"{'; '.join(told)}."
    )


def device_alt(record):
    """What a device's drawing shows, in words and in numbers of its record."""
    limit, line = roof(record), call_line(record)
    told = [
        f"Roofline in float32: {per_second(limit.rate, 'FLOP/s')}, "
        f"{per_second(limit.bandwidth, 'B/s')}, ridge {written(limit.ridge)} FLOPs a byte"
    ]
    for row in record.group("layer"):
        costs = [
            f"{name} {written(1 / r.median)}" for name, r in row.ratios.items() if name != row.base
        ]
        told.append(f"layer {row.title}, cost against {row.base}: {', '.join(costs)}")
    if line:
        told.append(f"sum of two arrays: {amount(line.t0, 's')} a call")
    parts = [f"{record[key].title} {written(share)}" for key, share in shares(record).items()]
    if parts:
        told.append(f"share of arithmetic in a step: {', '.join(parts)}")
    return (
        "Five panels: products and layers under two limits, a layer over its batch, the cost of a "
        f"call, a step over its FLOPs, and ratios of steps. {'; '.join(told)}."
    )


ABOUT = {
    "scalar engine": "Beside the demo's ratios stands how far the loss and the slopes at the start "
    "are, without the L2 term, from those of the traced Python, as a share of the largest of them.",
    "matrix product": "What the machine reaches in arithmetic. The factors are random numbers "
    "rounded to each precision; the distance is that of the product from one in float64 whose "
    "factors are not rounded, relative.",
    "memory": "What the machine reaches in bytes: a copy reads and writes them, a sum reads them. "
    "Short arrays stay in a cache.",
    "sum of two arrays": "What a call costs: with few numbers the time is that of the call, "
    "however many they are. The sum is written into a third array.",
    "layer": "A layer in float32, forward and without a graph. A ratio of 0.500 says that these "
    "rows together take twice as long as one.",
    "chain": "Many small operations in a row, one call each or compiled into one. The first "
    "of these compilations also loads the compiler.",
    "memory for time": "The layers are cut into segments, and only the inputs of the segments are "
    "kept; the backward pass runs all but the last one again. The memory is that of all tensors "
    "which a step makes, at its peak.",
    "transfer": "From the host's memory to the device and back; pinned memory stays at its place, "
    "so that the device can fetch it itself.",
    "launch": "One and the same call by two clocks: a call returns when its work is queued, not "
    "when it is done.",
    "training step": "The distance is that of the first gradient from one in float64, relative.",
}


def digest(record):
    """Letters that are others where any number of the record is another."""
    return hashlib.sha256(json.dumps(record.plain(), sort_keys=True).encode()).hexdigest()[:16]


def pinned(path):
    """{package: version} of a file of constraints."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    pairs = (line.split("#")[0].split("==") for line in lines if "==" in line.split("#")[0])
    return {name.strip(): version.strip() for name, version in pairs}


def write_page(folder=FOLDER, docs=DOCS, constraints=FOLDER.parent / "constraints.txt"):
    """Write page and drawing from the records in a folder; returns the page's path."""
    records = {name: recorded(name, folder) for name in COMMANDS}
    for name, (file, draw, _) in DRAWINGS.items():
        if drawn(records[name]):
            picture = labelled(png(draw(records[name])), records[name])
            (Path(docs) / file).write_bytes(picture)
    path = Path(docs) / PAGE
    path.write_text(page(records, pinned(constraints)), encoding="utf-8")
    return path


def labelled(picture, record):
    """PNG bytes with the digest of the record they were drawn from, in an entry of their own."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Record", digest(record))
    buffer = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(buffer, format="png", pnginfo=told, optimize=True)
    return buffer.getvalue()
