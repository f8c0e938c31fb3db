"""The page of results: text, tables and a drawing, all of them made from the records."""

import hashlib
import io
import json
from pathlib import Path

from PIL import Image, PngImagePlugin

from bookutils.bench.ratios import DRAWN, drawing
from bookutils.bench.record import COMMANDS, FOLDER, recorded
from bookutils.bench.writing import amount, cells, written
from bookutils.page.plotting import png

DOCS = FOLDER.parent / "docs"
PAGE, DRAWING = "benchmarks.md", "benchmarks.png"
HEAD = """# Speed, measured

Every number on this page and the drawing come from the records in [benchmarks](../benchmarks), by
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
    commands = " and ".join(f"`{command}`" for command in COMMANDS.values())
    parts = [HEAD.format(commands=commands)]
    peers = records["peers"]
    if peers.there:
        parts.append(f"![{alt(peers)}]({DRAWING})\n")
    titles = {
        "peers": "On the processor, beside peers",
        "cpu": "Precisions and the compiler, on the processor",
        "cuda": "Precisions and the compiler, on CUDA",
    }
    for name, title in titles.items():
        parts += [f"## {title}\n", *section(records[name], current)]
    return "\n".join(parts)


def section(record, current):
    """The lines of a record: where it comes from, what is missing, a table for each group."""
    if not record.there:
        yield f"Not measured yet. This command fills it:\n\n```\n{record.command}\n```\n"
        return
    for run in record.runs:
        yield f"{record_of(run, record)}\n"
    for told in record.outdated(current):
        yield f"**Outdated:** {told}\n"
    for told in record.missing.values():
        yield f"{told}\n"
    for group in dict.fromkeys(row.group for row in record.rows.values()):
        rows = record.group(group)
        yield f"### {group[0].upper()}{group[1:]}\n"
        alike = len({tuple(row.samples) + (row.base,) for row in rows}) < len(rows)
        yield from [matrix(rows), *beside(rows)] if alike else map(long, rows)
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


EXTRAS = {
    "errors": "distance of the gradient from float64",
    "memory": "memory at the peak",
    "first": "first call, compiler included",
}


def beside(rows):
    """A table for each kind of number that is beside the ratios: a line for each row."""
    for kind, title in EXTRAS.items():
        programs = list(dict.fromkeys(p for row in rows for p in getattr(row, kind)))
        body = [
            [row.title, *(extra(getattr(row, kind).get(p), kind) for p in programs)] for row in rows
        ]
        if programs:
            yield markdown([title, *programs], body)


def long(row):
    """A table of one row: a line for each program."""
    head = [row.title, "median", "quartiles"] + [f"ratio to {row.base}"] * bool(row.ratios)
    shown = [name for name in ("notes", *EXTRAS) if getattr(row, name)]
    head += [EXTRAS.get(name, "") for name in shown]
    body = []
    for program, found in row.spread.items():
        line = [program, *cells(found, row.ratios.get(program), row.unit)]
        line = line[: 3 + bool(row.ratios)]
        body.append(line + [extra(getattr(row, name).get(program), name) for name in shown])
    return markdown(head, body)


def extra(x, name):
    if x is None:
        return ""
    if name == "errors":
        return f"{x:.1e}"
    return x if name == "notes" else amount(x, "bytes" if name == "memory" else "s")


def matrix(rows):
    """A table of rows with the same base: a line for each, its base's time and all ratios."""
    base = rows[0].base
    programs = list(dict.fromkeys(p for row in rows for p in row.samples if p != base))
    body = [
        [row.title, amount(row.spread[base].median, row.unit)]
        + [
            cells(row.spread[p], row.ratios[p], row.unit)[2] if p in row.samples else ""
            for p in programs
        ]
        for row in rows
    ]
    return markdown(["", base, *programs], body)


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
    if records["peers"].there:
        (Path(docs) / DRAWING).write_bytes(
            labelled(png(drawing(records["peers"])), records["peers"])
        )
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
