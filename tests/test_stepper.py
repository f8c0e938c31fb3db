"""The stepper as a reader uses it: typing into its field, pressing its buttons."""

import re
import xml.etree.ElementTree as ET

import pytest

from bookutils.engine.scalar import Value
from bookutils.page.stepping import stepper

TEXT = "e = a*b; d = e + c; f = c - a; y = d*f"


def press(piece, description):
    (button,) = [b for b in piece._buttons.children[1:] if b.description == description]
    button.click()


def everything(piece):
    parts = piece._picture, piece._step, piece._sums, piece._said
    return "".join(part.value for part in parts)


def words(piece):
    return re.sub(r"<[^>]*>", " ", everything(piece).partition("</svg>")[2])


def ringed(piece, kind):
    svg = re.search(r"<svg.*?</svg>", piece._picture.value, re.S)[0]
    return [r for r in ET.fromstring(svg).iter() if r.get("class") == kind]


def test_a_whole_walk_by_field_and_buttons():
    piece = stepper(TEXT, a=1.5, b=-2, c=7)
    assert "1 × 5.5 =  ? " in words(piece) and "5.5 = 5.5" not in words(piece)
    assert len(ringed(piece, "current")) == len(ringed(piece, "receiving")) == 1
    piece._guess.value = "1"  # Enter sends the field
    assert "Not 1: that passes the upstream gradient on" in words(piece)
    piece._guess.value = "2 + 3.5"
    assert "Right: 5.5." in words(piece) and "1 × 5.5 = 5.5" in words(piece)
    for step in piece.walk.steps[1:]:
        press(piece, "Next")
        assert piece._guess.value == ""
        piece._guess.value = str(step.after)
        press(piece, "Check")
        assert "Right" in words(piece)
    press(piece, "Next")
    assert "All 8 arrows are walked" in words(piece)
    assert "7 of 8 numbers were right at the first guess" in words(piece)
    assert "a: −15" in words(piece) and "c: 9.5" in words(piece)
    press(piece, "Back")
    assert "Step 8 of 8" in words(piece)
    press(piece, "Restart")
    assert "Step 1 of 8" in words(piece)


def test_the_answer_is_nowhere_before_the_guess():
    piece = stepper("a = 1.5; b = -2.25; y = a*b + tanh(a)")
    for step in piece.walk.steps:
        hidden = everything(piece)
        press(piece, "Next")  # refused
        assert "Type a guess first" in words(piece)
        piece._guess.value = "123456"
        press(piece, "Next")
        after = f"{abs(step.after):.4g}"
        assert everything(piece).count(after) > hidden.count(after)
        press(piece, "Next")
    assert piece.walk.finished


@pytest.mark.parametrize("typed", ["abc", "8,25", "1; 2", "4 +", "__import__('os')", "1 2"])
def test_what_is_no_number_gets_a_sentence(typed):
    piece = stepper(TEXT, a=1.5, b=-2, c=7)
    piece._guess.value = typed
    assert "Type one number, such as 8.25" in words(piece)
    assert piece.walk.first_guess == {}


def test_the_reader_steps_an_expression_of_their_own():
    piece = stepper("(a*b + c) * (c - a)", a=1.5, b=-2, c=7)
    piece._guess.value = "5.5"
    piece._program.value = "x = 0.5; w = 1.2; z = x*w + x; tanh(z)"
    assert "Step 1 of 5" in words(piece) and "y passes its gradient 1 back to z" in words(piece)
    assert piece._guess.value == ""
    piece._program.value = "x = 0.5; y = x*w"
    assert "w has no value yet" in words(piece) and "Step 1 of 5" in words(piece)
    with pytest.raises(ValueError, match="w has no value"):
        stepper("x = 0.5; y = x*w")


def test_shown_without_a_kernel():
    a = Value(1.5)
    piece = stepper(a * a + a, {"a": a})
    bundle = piece._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == piece.view.model_id
    ET.fromstring(bundle["image/svg+xml"])
    assert "Input a has value 1.5 and gradient 4." in bundle["text/plain"]
    again = stepper(a * a + a, {"a": a})._repr_mimebundle_()
    for kind in ("text/plain", "image/svg+xml"):
        assert again[kind] == bundle[kind]


def test_names_are_completed_and_escaped():
    a, b = Value(1.5), Value(2.5)
    piece = stepper((a * b + a).tanh(), {"<i>": a})
    assert set(piece.names.values()) == {"<i>", "v1", "v2", "v3", "y"}
    piece.walk.at = len(piece.walk.steps) - 1
    piece._show()
    assert "<i>" not in everything(piece)


def test_the_picture_stands_still_and_follows_the_walk():
    a = Value(0.8)
    y = a
    for _ in range(15):
        y = y.tanh() * a
    piece = stepper(y, {"a": a})
    views = set()
    while not piece.walk.finished:
        piece._guess.value = str(piece.walk.steps[piece.walk.at].after)
        svg = re.search(r"<svg.*?</svg>", piece._picture.value, re.S)[0]
        left, _, width, height = map(float, ET.fromstring(svg).get("viewBox").split())
        (current,) = ringed(piece, "current")
        assert left <= float(current.get("x"))
        assert float(current.get("x")) + float(current.get("width")) <= left + width
        views.add((left, height))
        press(piece, "Next")
    assert len({height for _, height in views}) == 1  # nothing jumps up or down
    assert len({left for left, _ in views}) > 5
