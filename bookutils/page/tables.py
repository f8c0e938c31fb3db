"""One table, two faces: aligned text for a terminal or a test, HTML for a notebook."""

from html import escape


def text_table(header, rows, left=1):
    """Align `rows` of strings under `header`; the first `left` columns left, the rest right."""
    lines = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def html_table(header, rows, caption="", footer="", left=1):
    """The same rows as an HTML table; `caption` above it and `footer` below it are plain text.

    The first `left` columns are set to the left, as words are read; the rest to the right.
    """
    words = ' style="text-align:left"'  # JupyterLab sets tables to the right

    def line(cells, scope, tag):
        first, *others = (escape(str(cell)) for cell in cells)
        rest = "".join(
            f"<{tag}{words if i < left else ''}>{cell}</{tag.split()[0]}>"
            for i, cell in enumerate(others, 1)
        )
        return f'<tr><th scope="{scope}"{words}>{first}</th>{rest}</tr>'

    head = line(header, "col", 'th scope="col"')
    body = "".join(line(row, "row", "td") for row in rows)
    title = f"<caption{words}>{escape(caption)}</caption>" if caption else ""
    notes = "".join(f"<p>{escape(line)}</p>" for line in footer.splitlines())
    return f"<table>{title}<thead>{head}</thead><tbody>{body}</tbody></table>{notes}"
