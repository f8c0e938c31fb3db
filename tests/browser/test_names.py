"""What a screen reader is given of sliders, bets and the stepper, and what a keyboard shows.

Names are read from Chromium's own accessibility tree. It tells DevTools no `aria-valuetext`, of a
native control neither, so the position that is spoken is read from the attribute.
"""

import re

import pytest
from test_slider_moves import notebook_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PIECE = """
import numpy as np
from bookutils.page import bet, choice, explore, linear, log_stops

explore(
    "A wave", lambda h, k, shape: {"y": getattr(np, shape)(k * np.arange(9)), "h": h},
    lambda ax, data, reference: ax.plot(data["y"]), lambda data: f"Up to {data['y'].max():.2f}.",
    alt="A wave.", bet=bet("How high?", ["low", "high"], "high", "It is."),
    h=log_stops(1e-8, 1, default=1e-4, label="step h"), k=linear(0, 4, 0.5, default=1.0),
    shape=choice("sin", "cos"),
)
"""
BET = """
from bookutils.page import bet

bet("How high?", ["low", "high"], "high", "It is.")
"""
STEPPER = """
from bookutils.page.stepping import stepper

stepper("y = tanh(x*w + x)", x=0.5, w=1.2)
"""
CODE = {"slider": PIECE, "bet": BET, "stepper": STEPPER}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

# The contrast of WCAG 2 between each text under an element, or a ring of focus, and its background
CONTRAST = r"""
const parse = text => { const [r, g, b, a] = text.match(/[\d.]+/g).map(Number);
  return [r, g, b, a ?? 1]; };
const over = (top, under) => [0, 1, 2].map(k => top[3] * top[k] + (1 - top[3]) * under[k]);
const background = element => element ? over(parse(getComputedStyle(element).backgroundColor),
  background(element.parentElement)) : [255, 255, 255];
const luminance = color => color.map(c => c / 255)
  .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, k) => sum + [0.2126, 0.7152, 0.0722][k] * c, 0);
const contrast = (color, element) => { const under = background(element);
  const [low, high] = [over(parse(color), under), under].map(luminance).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05); };
"""
TEXTS = f"""root => {{ {CONTRAST}
  return [...root.querySelectorAll("*")]
    .filter(e => e.checkVisibility() && !e.disabled && !e.closest("svg, mjx-container"))
    .filter(e => e.matches("input")
      || [...e.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(e => [e.value || e.textContent, contrast(getComputedStyle(e).color, e)]);
}}"""
FOCUS = f"""root => {{ {CONTRAST}
  const e = document.activeElement, style = getComputedStyle(e);
  if (!root.contains(e)) return null;
  return {{
    name: e.ariaLabel ?? (e.labels?.length ? e.labels[0] : e).textContent,
    ring: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    contrast: contrast(style.outlineColor, e.parentElement),
  }};
}}"""


@pytest.fixture
def shown(open_notebook, tmp_path):
    """Run one piece; return its notebook and its place on the page."""

    def show(kind, theme="light"):
        path = notebook_of(CODE[kind], tmp_path / f"{kind}_{theme}.ipynb")
        notebook = open_notebook(path, THEMES[theme])
        notebook.run()
        place = notebook.cell(0).locator(f".book-{kind}")
        place.get_by_role("status").last.wait_for(state="attached")
        place.get_by_role("button").last.wait_for()
        return notebook, place

    return show


def controls(notebook, place):
    """Return role and name of all that can be operated, seen or is a group, in reading order."""
    roles = ("slider", "textbox", "button", "image")
    return [
        (node["role"], node["name"])
        for node in notebook.heard(place)
        if node["role"] in roles or node["role"] == "group" and node["name"]
    ]


def says(handle, words):
    from playwright.sync_api import expect

    expect(handle).to_have_attribute("aria-valuetext", words)


BETS = [("group", "How high?"), ("button", "low"), ("button", "high")]
NAMES = {
    "bet": BETS,
    "slider": [
        *BETS,
        ("slider", "step h"),
        ("slider", "k"),
        ("textbox", "k, as a number"),
        ("group", "shape"),
        ("button", "sin"),
        ("button", "cos"),
        ("button", "Reset"),
        ("image", "A wave."),
    ],
    "stepper": [
        ("textbox", "expression"),
        ("image", "Step 1 of 5: y passes its gradient 1 back to v2, along the arrow with local "
         "derivative 0.3592."),
        ("textbox", "your guess"),
        *(("button", name) for name in ("Check", "Next", "Back", "Restart")),
    ],
}  # fmt: skip


def bet_low(piece):
    """Place the bet, and wait until all that it shuts is open."""
    piece.get_by_role("button", name="low").press("Space")
    piece.locator("details").wait_for()
    piece.locator("button:enabled", has_text="cos").wait_for()
    piece.locator("button:enabled", has_text="Reset").wait_for()
    for target in piece.locator(".noUi-target").all():
        target.and_(piece.page.locator(":not([disabled])")).wait_for()


def test_a_position_is_spoken_as_it_is_written(shown):
    notebook, piece = shown("slider")
    h, k = piece.get_by_role("slider").all()

    def sliders():
        return [node for node in notebook.heard(piece) if node["role"] == "slider"]

    assert all(node["disabled"] for node in sliders()), "shut before the bet"
    status = piece.get_by_role("status").last.element_handle()
    bet_low(piece)
    says(h, "10⁻⁴")
    assert [node.get("disabled", False) for node in sliders()] == [False, False]
    for key, words in [("ArrowLeft", "10⁻⁵"), ("End", "1"), ("Home", "10⁻⁸"), ("PageUp", "0.001"),
                       ("PageDown", "10⁻⁸"), ("ArrowLeft", "10⁻⁸")]:  # fmt: skip
        h.press(key)
        says(h, words)
    k.press("End")
    says(k, "4.0")
    # ipywidgets holds back a move while one is drawn, and a click may overtake it
    piece.get_by_text("step h = 10⁻⁸, k = 4").wait_for()
    piece.get_by_role("button", name="Reset").press("Space")
    says(h, "10⁻⁴")
    says(k, "1.0")
    assert [node["name"] for node in sliders()] == ["step h", "k"]
    assert status.evaluate("element => element.isConnected"), "a live region must stay to be heard"
    assert "step h = 10⁻⁴" in status.inner_text()

    pressed = {n["name"]: n["pressed"] for n in notebook.heard(piece) if "pressed" in n}
    assert pressed == {"sin": "true", "cos": "false"}
    cos = piece.get_by_role("button", name="cos")
    cos.press("Space")
    piece.get_by_role("button", name="cos", pressed=True).wait_for()
    notebook.assert_quiet()


def test_a_second_view_has_its_names_too(shown):
    notebook, piece = shown("slider")
    notebook.command("notebook:create-output-view")
    second = notebook.page.locator(".jp-LinkedOutputView .book-slider")
    second.get_by_role("slider", name="step h").wait_for()
    assert controls(notebook, second) == NAMES["slider"]
    notebook.command("application:close")


ORDER = {
    "bet": ["low", "high"],
    "slider": ["➤ low", "high", "Seen enough? Open the answer.", "step h", "k", "k, as a number",
               "sin", "cos", "Reset"],
    "stepper": ["expression", "your guess", "Check", "Next", "Back", "Restart"],
}  # fmt: skip


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", ORDER)
def test_names_focus_and_contrast(shown, record_property, kind, theme):
    """All has a name; Tab goes once through it, in reading order, with a ring; WCAG 2 is met.

    WCAG 2 has 3:1 for a ring and 4.5:1 for a text.
    """
    notebook, place = shown(kind, theme)
    assert controls(notebook, place) == NAMES[kind]
    assert place.locator("label[title=null]:visible").count() == 0  # a tooltip that says "null"
    page = notebook.page
    if kind == "slider":
        bet_low(place)
    first = place.locator("button, input").first
    first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")  # by key, so that the ring shows
    walked = []
    while (at := place.evaluate(FOCUS)) and len(walked) < 20:
        walked.append(at)
        page.keyboard.press("Tab")
    assert [re.sub("\u200b", "", at["name"]) for at in walked] == ORDER[kind]
    faint = [at for at in walked if at["ring"] < 2 or at["contrast"] < 3]
    assert not faint
    page.wait_for_timeout(500)  # JupyterLab fades its colours in
    texts = place.evaluate(TEXTS)
    ring, text = min(at["contrast"] for at in walked), min(ratio for _, ratio in texts)
    record_property(
        "measured", f"{kind}, {theme}: lowest contrast of a ring {ring:.1f}, of a text {text:.1f}"
    )
    assert len(texts) > 2
    assert not [(words, ratio) for words, ratio in texts if ratio < 4.5]
    notebook.assert_quiet()
