"""Numbers and rows of a record as people read them."""

from bookutils.page.tables import text_table


def written(x):
    """A ratio with three digits: 0.0482, 0.482, 5.61, 14,200."""
    x = float(f"{x:.3g}")
    return f"{x:,.0f}" if x >= 100 else f"{x:#.3g}"  # "#" keeps the zeros of 5.00


def amount(x, unit):
    """Seconds or bytes with a unit that fits."""
    if unit == "bytes":
        return f"{x:,.0f} B" if x < 1e5 else f"{x / 1e6:,.1f} MB"
    sizes = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
    size, name = next((pair for pair in sizes if x >= pair[0]), (1e-9, "ns"))
    return f"{x:,.0f} s" if x >= 1000 else f"{x / size:.3g} {name}"


def cells(found, ratio, unit):
    """Median, quartiles and ratio with its quartiles, as text; no ratio is an empty cell."""
    quartiles = f"{amount(found.low, unit)} to {amount(found.high, unit)}"
    told = ""
    if ratio is not None:
        told = f"{written(ratio.median)} ({written(ratio.low)} to {written(ratio.high)})"
    return amount(found.median, unit), quartiles, told


def table(row):
    """A row as aligned text: seconds or bytes with quartiles, the ratios, the notes."""
    body = [
        (name, *cells(found, row.ratios.get(name), row.unit), row.notes.get(name, ""))
        for name, found in row.spread.items()
    ]
    body += [(name, "-", "", "", f"left out: {why}") for name, why in row.failed.items()]
    against = f"ratio to {row.base}" if row.base else ""
    return text_table((row.title, "median", "quartiles", against, ""), body)


def tables(record):
    """The rows of a record as aligned text: a table or a few for each group."""
    for group in dict.fromkeys(row.group for row in record.rows.values()):
        for grid in grids(record.group(group)):
            yield text_table(*grid)


# --- tables as (head, body), for a page or for a terminal -----------------------------------------

WIDEST = 8  # programs in a line
EXTRAS = {
    "errors": "distance from float64",
    "rate": "floating-point operations a second",
    "bandwidth": "bytes a second",
    "memory": "memory at the peak",
    "first": "first call, compiler included",
}


def grids(rows):
    """Tables of the rows of a group: one by one, or together where their programs are the same."""
    rows = [row for row in rows if row.samples]
    alike = len({tuple(row.samples) + (row.base,) for row in rows}) < len(rows)
    alike = alike and max(len(row.samples) for row in rows) <= WIDEST
    if not alike or any(row.base not in (None, *row.samples) for row in rows):
        yield from map(long, rows)
        return
    if rows[0].base is not None:
        yield matrix(rows)
    for kind, title in EXTRAS.items():
        programs = list(dict.fromkeys(p for row in rows for p in getattr(row, kind)))
        if programs and not (kind == "bandwidth" and any(row.flops for row in rows)):
            yield (
                [title, *programs],
                [
                    [row.title, *(extra(getattr(row, kind).get(p), kind) for p in programs)]
                    for row in rows
                ],
            )


def long(row):
    """A table of one row: a line for each program."""
    head = [row.title, "median", "quartiles"] + [f"ratio to {row.base}"] * bool(row.ratios)
    shown = [name for name in ("notes", *EXTRAS) if getattr(row, name)]
    shown = [name for name in shown if name != "bandwidth" or not row.flops]
    head += [EXTRAS.get(name, "") for name in shown]
    body = []
    for program, found in row.spread.items():
        line = [program, *cells(found, row.ratios.get(program), row.unit)]
        line = line[: 3 + bool(row.ratios)]
        body.append(line + [extra(getattr(row, name).get(program), name) for name in shown])
    return head, body


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
    more = "times as small as" if rows[0].unit == "bytes" else "times as fast as"
    return [f"{more} {base}", f"{base}, median", *programs], body


def extra(x, kind):
    """What is beside a time, as text; nothing is an empty cell."""
    if x is None:
        return ""
    if kind == "errors":
        return f"{x:.1e}" if x else "0"
    if kind in ("rate", "bandwidth"):
        return per_second(x.median, "FLOP/s" if kind == "rate" else "B/s")
    return x if kind == "notes" else amount(x, "bytes" if kind == "memory" else "s")


def per_second(x, unit):
    """A rate with three digits: 168 GFLOP/s, 14.2 GB/s."""
    size, prefix = next(((10.0**k, p) for k, p in PREFIXES if x >= 10.0**k), (1.0, ""))
    return f"{x / size:.3g} {prefix}{unit}"


PREFIXES = ((15, "P"), (12, "T"), (9, "G"), (6, "M"), (3, "k"))
