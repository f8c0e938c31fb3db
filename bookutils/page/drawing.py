"""A computational graph as an SVG picture: values, gradients, and a local derivative on each arrow.

Inputs stand left, the result right. The layout is a layered one: each node one column right of its
last parent, long arrows led through empty slots, columns reordered to save crossings.
"""

import math
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from bookutils.page.layout import columns_of, fewest_crossings, heights_of
from bookutils.page.lettering import count, listed, number, operation, text_width
from bookutils.page.reading import read_engine, read_mapping

PAGE = 900  # pixels a notebook cell shows without shrinking the picture
MOST_NODES = 200

# Okabe and Ito's colours, darkened to a contrast of 4.5 on their background; each has a shape too.
INK, GREY, LINE = "#1b1b1b", "#595959", "#8a8a8a"
BLUE, BLUE_TINT = "#00598f", "#e3f0f9"  # inputs: round ends
ORANGE, ORANGE_TINT = "#9c3d00", "#fdeee2"  # gradients: the lower strip, after a ∂
GREEN = "#00654b"  # local derivatives: italic, in a dashed capsule
FONT = "Helvetica, Arial, 'DejaVu Sans', sans-serif"

TITLE, SMALL = 13, 12  # font sizes; rows of a box are ROW high
ROW, PORT, LABEL = 19, 20, 17
MARGIN, ARROW = 14, 9


@dataclass(frozen=True)
class Drawing:
    """A finished picture: `svg`, its description in sentences `alt`, its size in pixels."""

    svg: str
    alt: str
    width: int
    height: int

    def _repr_svg_(self):
        return self.svg

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": self.alt, "image/svg+xml": self.svg}
        if self.width > PAGE:  # a wide picture scrolls instead of shrinking
            svg = self.svg.replace("<svg ", '<svg style="max-width:none" ', 1)
            bundle["text/html"] = f'<div tabindex="0" style="overflow-x:auto">{svg}</div>'
        return bundle

    def __repr__(self):
        return self.alt


def draw(graph, names=None, gradients=True, *, values=None, ops=None):
    """Draw a computational graph.

    `graph` is a result of the engine, or plain data: a mapping from each node's name to its
    parents, either `("a", "b")` or, with local derivatives, `(("a", -2.0), ("b", 1.5))`; then
    `values` and `ops` map names to numbers and to signs such as "*".
    `names` is `{"a": node}` or `{node: "a"}`. `gradients` is True (those of the result), False, or
    a mapping from nodes to numbers, for instance wrong ones to be shown.
    Raises ValueError for a cycle, two nodes of one name, no node or more than 200; TypeError for
    anything that is no graph.
    """
    return Diagram(graph, names, gradients, values=values, ops=ops).drawing()


class Diagram:
    """A laid-out graph that can be drawn many times with other gradients and other highlights.

    Nodes are the numbers 0 … n−1 in topological order; `keys[i]` is what the caller calls node i.
    `room` maps keys to the longest text that will ever stand in a gradient strip.
    """

    def __init__(self, graph, names=None, gradients=True, *, values=None, ops=None, room=None):
        if hasattr(graph, "items"):
            read = read_mapping(graph, values or {}, ops or {})
            gradients = gradients if hasattr(gradients, "items") else {}
        elif not hasattr(graph, "parents"):
            raise TypeError(
                f"draw: takes a result of the engine or a mapping from nodes to parents, "
                f"not {graph!r:.60} ({type(graph).__name__})"
            )
        else:
            read = read_engine(graph, names or {})
            if gradients is True:
                gradients = graph.gradients()
        self.keys, self.names, self.ops, self.values, self.parents = read
        if not self.keys:
            raise ValueError("draw: a graph without nodes")
        self.gradients = {} if gradients is False else gradients
        if len(self.keys) > MOST_NODES:
            raise ValueError(
                f"draw: {len(self.keys):,} nodes cannot be read in one picture; "
                f"draw an expression of at most {MOST_NODES}"
            )
        used = {p for ins in self.parents for p, _ in ins}
        self.results = [i for i in range(len(self.keys)) if i not in used]
        self.headers = [self._header(i) for i in range(len(self.keys))]
        room = room or {}
        self.room = [room.get(k, self._gradient_text(k)) for k in self.keys]
        # the rows of a box: its name, and the value and the gradient where any node has them
        self.has_value = any(value is not None for value in self.values)
        self.has_strip = any(text is not None for text in self.room)
        self.rows = 1 + self.has_value + self.has_strip
        self._lay_out()

    # What is written -------------------------------------------------------------------------

    def _gradient_text(self, key):
        return f"∂ {number(self.gradients[key])}" if key in self.gradients else None

    def _header(self, i):
        """(bold part, plain part) of a node's first line."""
        name, op = self.names[i], self.ops[i]
        if not self.parents[i]:
            return (name, "") if name else ("", "input")
        operands = [self.names[p] for p, _ in self.parents[i]]
        formula = operation(op, [operand or "·" for operand in operands]) if op else ""
        if not (name or any(operands)) or text_width(formula, TITLE) > 90:
            formula = operation(op)
        return (name, " = " + formula if op else "") if name else ("", formula)

    def label(self, i):
        """What a sentence calls node i."""
        return self.names[i] or f"number {i + 1}"

    def alt(self):
        n, m = len(self.keys), sum(map(len, self.parents))
        said = [f"Computational graph with {count(n, 'node')} and {count(m, 'arrow')}."]
        for i, key in enumerate(self.keys):
            formula = ""
            if self.parents[i] and self.ops[i]:
                formula = operation(self.ops[i], [self.label(p) for p, _ in self.parents[i]])
            who = "Input" if not self.parents[i] else "Result" if i in self.results else "Node"
            who += f" {self.label(i)}" + (f" = {formula}" if formula else "")
            facts = []
            if self.values[i] is not None:
                facts.append(f"value {number(self.values[i])}")
            if key in self.gradients:
                facts.append(f"gradient {number(self.gradients[key])}")
            slopes = [
                f"{number(s)} with respect to {self.label(p)}"
                for p, s in self.parents[i]
                if s is not None
            ]
            if slopes:
                facts.append(f"local derivative{'s' * (len(slopes) > 1)} {listed(slopes)}")
            said.append(f"{who} has {listed(facts)}." if facts else f"{who}.")
        return " ".join(said)

    # Where it stands -------------------------------------------------------------------------

    def _lay_out(self):
        n = len(self.keys)
        columns, routes = columns_of(n, self.parents)
        items = max((i for column in columns for i in column), default=-1) + 1
        incoming = [[] for _ in range(items)]  # item -> [(item one column left, (child, place))]
        for (child, place), route in routes.items():
            for u, v in zip(route, route[1:], strict=False):
                arrival = (child, place) if v == child else None
                if (u, arrival) not in incoming[v]:
                    incoming[v].append((u, arrival))
        columns = fewest_crossings(columns, incoming)
        rank = {item: r for column in columns for r, item in enumerate(column)}
        for into in incoming:
            into.sort(key=lambda arrow: (rank[arrow[0]], arrow[1] or (0, 0)))

        self.heights = [
            max(self.rows * ROW + 6, PORT * len(incoming[i]) + 4) if i < n else 4
            for i in range(items)
        ]
        self.widths = [0.0] * items
        for column in columns:
            width = max((self._box_width(i) for i in column if i < n), default=0)
            for i in column:
                self.widths[i] = width
        # where each arrow arrives, measured from the middle of its item
        ports = [
            [(k - (len(into) - 1) / 2) * PORT if v < n else 0.0 for k in range(len(into))]
            for v, into in enumerate(incoming)
        ]
        middle = heights_of(columns, incoming, ports, self.heights, n)
        top = min((middle[i] - self.heights[i] / 2 for i in range(items)), default=0) - MARGIN
        self.middle = [y - top for y in middle]
        self.bottom = max((self.middle[i] + self.heights[i] / 2 for i in range(items)), default=0)

        self.left, self.enter, x = [0.0] * items, [0.0] * items, MARGIN
        self.arrival = {}  # (child, place) -> height at which that arrow arrives
        self.segments = {}  # (left item, right item, arrival) -> height at its right end
        for number_of_column, column in enumerate(columns):
            label, rise = 0.0, 0.0
            for v in column:
                for (u, arrival), port in zip(incoming[v], ports[v], strict=True):
                    y = self.middle[v] + port
                    self.segments[u, v, arrival] = y
                    rise = max(rise, abs(y - self.middle[u]))
                    if arrival:
                        self.arrival[arrival] = y
                        label = max(label, self._label_width(arrival))
            if number_of_column:
                x += min(110, max(30, 18 + 0.35 * rise))
            for v in column:
                self.enter[v] = x
            x += (label + 6 if label else 4) + ARROW if number_of_column else 0
            for v in column:
                self.left[v] = x
            x += self.widths[column[0]]
        self.right = x
        self.routes = routes

    def _box_width(self, i):
        name, formula = self.headers[i]
        value = number(self.values[i]) if self.values[i] is not None else ""
        texts = [
            text_width(name, TITLE, bold=True) + text_width(formula, TITLE),
            text_width(value, TITLE),
            text_width(self.room[i] or "", TITLE, bold=True),
        ]
        return max(46, math.ceil(max(texts)) + (24 if not self.parents[i] else 16))

    def _label_width(self, arrival):
        child, place = arrival
        slope = self.parents[child][place][1]
        return 0 if slope is None else math.ceil(text_width(number(slope), SMALL)) + 12

    # How it is drawn -------------------------------------------------------------------------

    def drawing(
        self, strips=None, current=None, arrow=None, receiving=None, alt=None, page=math.inf
    ):
        """Draw the graph; `strips` replaces the texts of the gradient strips (mapping by key).

        `current` and `receiving` are keys to be ringed, `arrow` is `(child key, place among its
        parents)` to be drawn thick. Of a graph wider than `page` the part around `arrow` is shown.
        """
        index = {key: i for i, key in enumerate(self.keys)}
        if strips is None:
            strips = {key: self._gradient_text(key) for key in self.keys}
        chosen = (index[arrow[0]], arrow[1]) if arrow else None
        body = self._arrows(chosen)
        for i, key in enumerate(self.keys):
            ring = "current" if key is current and current is not None else None
            ring = "receiving" if key is receiving and receiving is not None else ring
            body += self._box(i, strips.get(key), ring)
        x, width = 0, self.right + MARGIN
        if chosen and width > 1.25 * page:
            ends = self.left[self.routes[chosen][0]], self.left[chosen[0]] + self.widths[chosen[0]]
            shown = max(page, ends[1] - ends[0] + 4 * MARGIN)
            x = math.floor(min(max(0, (ends[0] + ends[1] - shown) / 2), max(0, width - shown)))
            width = min(width, shown)
        legend, legend_width, legend_height = self._legend(strips, x, x + width)
        body += legend
        width = math.ceil(max(width, legend_width))
        height = math.ceil(self.bottom + MARGIN + legend_height)
        alt = alt or self.alt()
        title = "Computational graph of " + listed([self.label(i) for i in self.results])
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="{x} 0 {width} {height}" role="img" aria-label={quoteattr(alt)} '
            f'font-family="{FONT}" font-size="{TITLE}" text-anchor="middle">'
            f"<title>{escape(title)}</title><desc>{escape(alt)}</desc>"
            f'<rect x="{x}" width="{width}" height="{height}" rx="6" fill="#ffffff"/>'
        )
        return Drawing("\n".join([head, *body, "</svg>"]), alt, width, height)

    def _arrows(self, chosen):
        thick = set()
        if chosen:
            route = self.routes[chosen]
            for u, v in zip(route, route[1:], strict=False):
                thick.add((u, v, chosen if v == chosen[0] else None))
        lines, labels, n = [], [], len(self.keys)
        for segment, y in sorted(self.segments.items(), key=lambda s: s[0] in thick):
            u, v, arrival = segment
            start, y0 = self.left[u] + self.widths[u], self.middle[u]
            enter, bend = self.enter[v], (start + self.enter[v]) / 2
            # a box is entered at its left side, an empty slot is run through
            end = self.left[v] - ARROW + 1 if v < n else self.left[v] + self.widths[v]
            colour, pen = (INK, 3) if segment in thick else (LINE, 1.4)
            curve = f"C{_c(bend)} {_c(y0)} {_c(bend)} {_c(y)} {_c(enter)} {_c(y)}"
            lines.append(
                f'<path class="arrow" d="M{_c(start)} {_c(y0)}{curve}H{_c(end)}" fill="none" '
                f'stroke="{colour}" stroke-width="{pen}"/>'
            )
            if v >= n:
                continue
            tip = self.left[v]
            lines.append(
                f'<path d="M{_c(tip)} {_c(y)}l-{ARROW} -4.5v9z" '
                f'fill="{colour if segment in thick else GREY}"/>'
            )
            child, place = arrival
            slope = self.parents[child][place][1]
            if slope is not None:
                w = self._label_width(arrival)
                labels.append(_capsule(tip - ARROW - 3 - w, y, w, number(slope), arrival == chosen))
        return lines + labels

    def _box(self, i, strip, ring):
        x, w, h = self.left[i], self.widths[i], self.heights[i]
        y, centre = self.middle[i] - h / 2, self.left[i] + w / 2
        is_input, is_result = not self.parents[i], i in self.results
        radius = min(19, h / 2) if is_input else 6
        edge, pen = (BLUE, 1.6) if is_input else (INK, 2.4) if is_result else (GREY, 1.4)
        fill = BLUE_TINT if is_input else "#ffffff"
        out = []
        if ring:
            dash = ' stroke-dasharray="7 4"' if ring == "receiving" else ""
            out.append(
                f'<rect class="{ring}" x="{_c(x - 4)}" y="{_c(y - 4)}" width="{_c(w + 8)}" '
                f'height="{_c(h + 8)}" rx="{radius + 4}" fill="none" stroke="{INK}" '
                f'stroke-width="3"{dash}/>'
            )
        out.append(
            f'<rect class="box" x="{_c(x)}" y="{_c(y)}" width="{_c(w)}" height="{_c(h)}" '
            f'rx="{radius}" fill="{fill}" stroke="{edge}" stroke-width="{pen}"/>'
        )
        first = self.middle[i] - self.rows * ROW / 2 + 14
        name, formula = self.headers[i]
        bold = f'<tspan font-weight="bold">{escape(name)}</tspan>' if name else ""
        out.append(
            f'<text class="name" x="{_c(centre)}" y="{_c(first)}" xml:space="preserve" '
            f'fill="{BLUE if is_input else INK}">{bold}{escape(formula)}</text>'
        )
        if self.values[i] is not None:
            value = escape(number(self.values[i]))
            out.append(
                f'<text class="value" x="{_c(centre)}" y="{_c(first + ROW)}" '
                f'fill="{INK}">{value}</text>'
            )
        if strip:
            last = first + (self.rows - 1) * ROW
            width = math.ceil(text_width(strip, TITLE, bold=True)) + 6
            out.append(
                f'<rect x="{_c(centre - width / 2)}" y="{_c(last - 14)}" '
                f'width="{width}" height="{ROW - 1}" rx="3" fill="{ORANGE_TINT}"/>'
                f'<text class="gradient" x="{_c(centre)}" y="{_c(last)}" '
                f'font-weight="bold" fill="{ORANGE}">{escape(strip)}</text>'
            )
        return out

    def _legend(self, strips, left, right):
        """The lines below the picture that say what its signs mean, wrapped to its width."""
        result = listed([self.label(i) for i in self.results])
        if len(self.results) == 1 and not self.names[self.results[0]]:
            result = "the result"
        entries = [("input", "input")] if any(not ins for ins in self.parents) else []
        if any(strips.get(key) for key in self.keys):
            entries.append(("gradient", f"gradient of {result}"))
        if any(s is not None for ins in self.parents for _, s in ins):
            entries.append(("slope", "local derivative"))
        left, right = left + MARGIN, max(right - MARGIN, left + 360)
        out, x, y, widest = [], left, self.bottom + MARGIN + 12, 0
        for kind, words in entries:
            sign = 24 if kind == "input" else 26
            width = sign + 6 + text_width(words, SMALL)
            if x > left and x + width > right:
                x, y = left, y + 22
            if kind == "input":
                out.append(
                    f'<rect x="{_c(x)}" y="{_c(y - 8)}" width="{sign}" height="16" rx="8" '
                    f'fill="{BLUE_TINT}" stroke="{BLUE}" stroke-width="1.6"/>'
                )
            elif kind == "gradient":
                out.append(
                    f'<rect x="{_c(x)}" y="{_c(y - 9)}" width="{sign}" height="18" rx="3" '
                    f'fill="{ORANGE_TINT}"/><text x="{_c(x + sign / 2)}" y="{_c(y + 4.5)}" '
                    f'font-weight="bold" fill="{ORANGE}">∂</text>'
                )
            else:
                out += [_capsule(x, y, sign, "", False, "legend")]
            out.append(
                f'<text class="legend" x="{_c(x + sign + 6)}" y="{_c(y + 4)}" '
                f'font-size="{SMALL}" text-anchor="start" fill="{GREY}">{escape(words)}</text>'
            )
            x += width + 18
            widest = max(widest, x - 18 - left + 2 * MARGIN)
        return out, widest, (y + 12 - self.bottom if entries else 0)


def _capsule(x, y, width, text, thick, kind="label"):
    pen = f'stroke="{INK}" stroke-width="2"' if thick else f'stroke="{GREEN}"'
    rect = (
        f'<rect class="{kind}" x="{_c(x)}" y="{_c(y - LABEL / 2)}" width="{_c(width)}" '
        f'height="{LABEL}" rx="8.5" fill="#ffffff" {pen} stroke-dasharray="3 2"/>'
    )
    if not text:
        return rect
    return rect + (
        f'<text class="slope" x="{_c(x + width / 2)}" y="{_c(y + 4)}" font-size="{SMALL}" '
        f'font-style="italic" fill="{GREEN}">{escape(text)}</text>'
    )


def _c(x):
    """A coordinate, to a tenth of a pixel."""
    return f"{x:.1f}".removesuffix(".0")
