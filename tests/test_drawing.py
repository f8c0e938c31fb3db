"""The pictures: geometry measured in the SVG itself, text in the widest font asked for."""

import itertools
import os
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from fonts import widest

from bookutils import Value, dot
from bookutils.page import drawing
from bookutils.page.drawing import Diagram, draw

SVG = "{http://www.w3.org/2000/svg}"


def random_graph(n, seed):
    """A graph of n nodes as plain data: repeated operands, long arrows, numbers of all sizes."""
    rng = random.Random(seed)
    names = [f"n{i}" for i in range(n)]
    leaves = max(1, n // 4)
    edges = {}
    for i in range(leaves, n):
        reach = rng.choice([3, 10, n])
        operands = [
            names[rng.randrange(max(0, i - reach), i)] for _ in range(rng.choice([1, 2, 2, 5]))
        ]
        edges[names[i]] = tuple((p, rng.gauss(0, 1) * 10 ** rng.randint(-6, 6)) for p in operands)
    numbers = {name: rng.gauss(0, 1) * 10 ** rng.randint(-6, 6) for name in names}
    grads = {name: rng.gauss(0, 1) * 10 ** rng.randint(-6, 6) for name in names}
    ops = {k: "tanh" if len(e) == 1 else "*" if len(e) == 2 else "total" for k, e in edges.items()}
    return {"graph": edges, "values": numbers, "gradients": grads, "ops": ops}


def rectangles(svg, kind):
    """(x, y, width, height) of every rectangle of a class."""
    return [
        tuple(float(r.get(k)) for k in ("x", "y", "width", "height"))
        for r in ET.fromstring(svg).iter(f"{SVG}rect")
        if r.get("class") == kind
    ]


def overlap(a, b, margin=0.0):
    return (
        a[0] < b[0] + b[2] + margin
        and b[0] < a[0] + a[2] + margin
        and a[1] < b[1] + b[3] + margin
        and b[1] < a[1] + a[3] + margin
    )


def lines(svg):
    """Points along every arrow, 41 to the curve and 41 to the straight end."""
    for path in ET.fromstring(svg).iter(f"{SVG}path"):
        if path.get("class") != "arrow":
            continue
        x0, y0, x1, y1, x2, y2, x3, y3, end = map(
            float, re.findall(r"-?[\d.]+", path.get("d").replace("M", " ").replace("C", " "))
        )
        points = []
        for k in range(41):
            t = k / 40
            b = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            x = b[0] * x0 + b[1] * x1 + b[2] * x2 + b[3] * x3
            y = b[0] * y0 + b[1] * y1 + b[2] * y2 + b[3] * y3
            points += [(x, y), (x3 + t * (end - x3), y3)]
        yield points


def inside(point, box, margin):
    x, y, w, h = box
    return x + margin < point[0] < x + w - margin and y + margin < point[1] < y + h - margin


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7, 11, 15, 20, 28, 40])
@pytest.mark.parametrize("seed", range(6))
def test_nothing_lies_on_anything(n, seed):
    picture = draw(**random_graph(n, 100 * n + seed))
    boxes, labels = rectangles(picture.svg, "box"), rectangles(picture.svg, "label")
    graph = random_graph(n, 100 * n + seed)["graph"]
    assert len(boxes) == n
    assert len(labels) == sum(map(len, graph.values()))
    for a, b in itertools.combinations(boxes, 2):
        assert not overlap(a, b, margin=10)
    for a, b in itertools.combinations(labels, 2):
        assert not overlap(a, b, margin=1)
    for label, box in itertools.product(labels, boxes):
        assert not overlap(label, box, margin=1)
    for x, y, w, h in boxes + labels:
        assert x >= 0 and y >= 0 and x + w <= picture.width and y + h <= picture.height
    for points in lines(picture.svg):
        end = points[-1]
        for point in points:
            assert not any(inside(point, box, 0.2) for box in boxes)
            for label in labels:  # an arrow runs under its own label only
                if inside(point, label, 0.5):
                    assert abs(label[1] + label[3] / 2 - end[1]) < 0.2


@pytest.mark.parametrize("seed", range(8))
def test_text_fits_its_box(seed):
    svg = draw(**random_graph(18, seed)).svg
    boxes, labels = rectangles(svg, "box"), rectangles(svg, "label")
    seen = 0
    for text in ET.fromstring(svg).iter(f"{SVG}text"):
        kind = text.get("class")
        if kind not in ("name", "value", "gradient", "slope"):
            continue
        x, y = float(text.get("x")), float(text.get("y"))
        holders = labels if kind == "slope" else boxes
        (holder,) = [h for h in holders if inside((x, y), h, 0)]
        bold = kind == "gradient"
        parts = [(text.text or "", bold)] + [(t.text, True) for t in text]
        parts += [(t.tail or "", bold) for t in text]
        width = sum(widest(words, 12 if kind == "slope" else 13, b) for words, b in parts)
        assert width <= holder[2] - 6, (kind, "".join(text.itertext()))
        seen += 1
    assert seen > 18 * 3


def test_the_graph_of_chapter_02():
    a, b, c = Value(1.5), Value(-2.0), Value(7.0)
    e = a * b
    d = e + c
    f = c - a
    y = d * f
    names = {"a": a, "b": b, "c": c, "d": d, "e": e, "f": f, "y": y}
    picture = draw(y, names)
    assert "Input a has value 1.5 and gradient −15." in picture.alt
    assert "Input c has value 7 and gradient 9.5." in picture.alt
    assert (
        "Node e = a × b has value −3, gradient 5.5 and local derivatives "
        "−2 with respect to a and 1.5 with respect to b."
    ) in picture.alt
    assert "Result y = d × f has value 22, gradient 1" in picture.alt
    assert draw(y, {node: name for name, node in names.items()}).svg == picture.svg
    texts = ["".join(t.itertext()) for t in ET.fromstring(picture.svg).iter(f"{SVG}text")]
    assert texts.count("∂ 5.5") == 2 and "e = a × b" in texts and "gradient of y" in texts
    assert a.grad == y.grad == 0  # drawing changes nothing


def test_drawn_from_data_it_is_the_same_picture():
    x, w = Value(0.5), Value(1.2)
    y = x * w + x
    drawn = draw(y, {"x": x, "w": w, "p": y.parents[0], "y": y})
    data = {"p": (("x", 1.2), ("w", 0.5)), "y": (("p", 1.0), ("x", 1.0))}
    values = {"x": 0.5, "w": 1.2, "p": 0.6, "y": y.data}
    grads = {"x": 2.2, "w": 0.5, "p": 1.0, "y": 1.0}
    assert draw(data, values=values, ops={"p": "*", "y": "+"}, gradients=grads).svg == drawn.svg


def test_a_square_has_two_arrows():
    x = Value(1.5)
    picture = draw(x * x, {"x": x})
    labels = rectangles(picture.svg, "label")
    assert len(labels) == 2 and len(list(lines(picture.svg))) == 2
    assert "1.5 with respect to x and 1.5 with respect to x" in picture.alt


def test_values_only():
    edges = {"e": ("a", "b"), "y": ("e", "a")}
    picture = draw(edges, values={"a": 1.5, "b": -2, "e": -3, "y": -1.5}, ops={"e": "*", "y": "+"})
    assert not rectangles(picture.svg, "label") and "∂" not in picture.svg
    assert "Node e = a × b has value −3." in picture.alt
    bare = draw(edges)
    assert len(rectangles(bare.svg, "box")) == 4 and "Input a." in bare.alt
    with_engine = draw(Value(2.0) * Value(3.5), gradients=False)
    assert "∂" not in with_engine.svg and "gradient" not in with_engine.alt


@pytest.mark.parametrize("values", [False, True])
@pytest.mark.parametrize("gradients", [False, True])
def test_no_box_keeps_a_row_for_what_no_node_has(values, gradients):
    numbers = {"a": 1.5, "b": -2.0, "e": -3.0, "y": -1.5}
    edges = {"e": ("a", "b"), "y": ("e", "a")}
    picture = draw(
        edges, values=numbers if values else None, gradients=numbers if gradients else False
    )
    texts = [t for t in ET.fromstring(picture.svg).iter(f"{SVG}text") if t.get("class")]
    for x, y, width, height in rectangles(picture.svg, "box"):
        inside = [
            float(t.get("y"))
            for t in texts
            if x < float(t.get("x")) < x + width and y < float(t.get("y")) < y + height
        ]
        assert len(inside) == 1 + values + gradients
        assert max(inside) - min(inside) == pytest.approx((values + gradients) * drawing.ROW)
        # a line of 13 points is centred about 4.5 above its baseline
        middle = (min(inside) + max(inside)) / 2 - 4.5
        assert abs(middle - (y + height / 2)) <= 1


def test_wrong_gradients_can_be_shown():
    a = Value(1.5)
    b = a + a
    c = b + b
    picture = draw(c, {"a": a, "b": b, "c": c}, gradients={a: 6.0, b: 2.0, c: 1.0})
    assert "Input a has value 1.5 and gradient 6." in picture.alt


def test_inputs_stand_left_of_what_uses_them_and_the_result_right():
    for seed in range(5):
        given = random_graph(25, seed)
        diagram = Diagram(**given)
        for child, ins in enumerate(diagram.parents):
            for p, _ in ins:
                assert diagram.left[p] + diagram.widths[p] < diagram.left[child]
    x = Value(0.3)
    y = x
    for _ in range(6):
        y = y.tanh() * x
    diagram = Diagram(y)
    left = diagram.left[: len(diagram.keys)]  # after them come the empty slots
    assert left[0] == min(left) and left[-1] == max(left)


PROGRAM = """
from bookutils import Value, dot
from bookutils.page.drawing import draw
x = [Value(v) for v in (0.5, -2.0, 1.5)]
h = [dot(x, [Value(0.3 * k), Value(-0.7), Value(k - 1.2)], Value(0.1)).tanh() for k in range(3)]
print(draw((h[0] * h[1] + h[2]) * h[0] - x[1], {"a": x[0]}).svg)
"""


def test_same_bits_under_every_hash_seed():
    pictures = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(pictures) == 1 and b"<svg" in pictures.pop()


def test_hostile_names_are_escaped():
    name = "<b>&\"]]>'"
    picture = draw({"y": (name, name)}, values={name: 1.5, "y": 2}, ops={"y": "+"})
    root = ET.fromstring(picture.svg)
    assert root.find(f"{SVG}desc").text == picture.alt and name in picture.alt
    assert root.get("aria-label") == picture.alt and root.get("role") == "img"
    assert not list(root.iter(f"{SVG}b"))


def test_a_wide_picture_scrolls_and_a_narrow_one_does_not():
    x = Value(0.3)
    y = x
    for _ in range(12):
        y = y.tanh()
    wide, narrow = draw(y)._repr_mimebundle_(), draw(x.tanh())._repr_mimebundle_()
    assert "overflow-x:auto" in wide["text/html"] and "max-width:none" in wide["text/html"]
    assert wide["image/svg+xml"].startswith("<svg")
    assert set(narrow) == {"text/plain", "image/svg+xml"}


def test_many_operands_make_a_tall_box():
    xs = [Value(float(k) + 0.5) for k in range(12)]
    picture = draw(dot(xs, [0.1] * 12))
    labels = sorted(rectangles(picture.svg, "label"), key=lambda r: r[1])
    assert len(labels) == 12
    assert all(b[1] - a[1] >= a[3] for a, b in itertools.pairwise(labels))


def test_operations_are_written_as_in_a_book():
    a, b = Value(1.5), Value(-0.5)
    names = {"a": a, "b": b}
    for node, text in [
        (a - b, "a − b"), (a / b, "a ÷ b"), (2 / a, "2 ÷ a"), (a**2, "a ** 2"), (-a, "−a"),
        (a * -3, "a × −3"), (a.tanh(), "tanh(a)"), (2**a, "2 ** a"), (a.exp(), "exp(a)"),
    ]:  # fmt: skip
        assert f" = {text} has value" in draw(node, names).alt


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(ValueError, match="no cycle"):
        draw({"a": ("b",), "b": ("a",)})
    with pytest.raises(ValueError, match="one name"):
        draw(Value(1.5) + 2, {Value(1.0): "a", Value(2.0): "a"})
    with pytest.raises(ValueError, match="without nodes"):
        draw({})
    with pytest.raises(TypeError, match=r"not 3 \(int\)"):
        draw(3)
    y = Value(1.0)
    for _ in range(300):
        y = y + 1
    with pytest.raises(ValueError, match="301 nodes cannot be read"):
        draw(y)


def luminance(colour):
    rgb = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        (drawing.INK, "#ffffff"), (drawing.GREY, "#ffffff"), (drawing.GREEN, "#ffffff"),
        (drawing.BLUE, drawing.BLUE_TINT), (drawing.ORANGE, drawing.ORANGE_TINT),
        (drawing.INK, drawing.BLUE_TINT),
    ],
)  # fmt: skip
def test_text_has_contrast(ink, ground):
    # WCAG 2.2, success criterion 1.4.3: at least 4.5 to 1
    assert (luminance(ground) + 0.05) / (luminance(ink) + 0.05) >= 4.5
