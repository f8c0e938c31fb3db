"""Numbers of a record as people read them."""

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
