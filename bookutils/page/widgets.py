"""Sliders and bets: a pure compute function, a function that draws, and a thin view of both.

    piece = explore(
        "The step size", compute, draw, verdict,
        question="Which step gives the smallest error?",
        alt="Error of the forward difference against the step, both axes logarithmic.",
        h=log_stops(1e-16, 1, default=1e-8, label="step h"),
    )
    piece

`compute(h)` returns a dict of arrays, `draw(ax, data, reference)` draws them (`reference` is the
data at the default position, to stand in grey behind), `verdict(data)` says in one sentence what
the picture shows. Each move updates one Image, drawn outside any Output widget: nothing flickers.
Moves made while a picture is being drawn are merged by ipywidgets: only the newest is sent.

What a screen reader gets is in NAMES, a script that runs beside the widgets.
"""

import html
import inspect
import itertools
import re
import textwrap
import traceback
from dataclasses import dataclass

import ipywidgets
import matplotlib
from IPython.display import display
from matplotlib.figure import Figure

from bookutils.page import plotting

__all__ = [
    "Bet",
    "Control",
    "Piece",
    "bet",
    "choice",
    "explore",
    "linear",
    "log_stops",
    "progress_bar",
    "stops",
]

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def written(value):
    """Return a position as a reader writes it: 0.05, 1 024, 10⁻⁸, 1.8 × 10⁻⁵."""
    if isinstance(value, str):
        return value
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        text = f"{value:.4g}" if abs(value) < 1e4 and value != int(value) else f"{value:.0f}"
        return text.replace("-", "−")
    mantissa, exponent = f"{value:.1e}".split("e")
    power = "10" + str(int(exponent)).translate(SUPERSCRIPT)
    mantissa = mantissa.removesuffix(".0").replace("-", "−")
    return power if mantissa == "1" else f"{mantissa} × {power}"


def rendered(text):
    """Return plain text as HTML: escaped, `code` set as code; formulas stay between dollars."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


# Controls: where a slider may stand


@dataclass(frozen=True)
class Control:
    """The positions of one slider, in order, the one it starts at, and what it is called."""

    values: tuple
    default: object
    label: str = ""
    kind: str = "stops"  # stops | linear | choice

    def __post_init__(self):
        if len(self.values) < 2:
            raise ValueError(f"a control needs two positions or more, got {self.values}")
        if self.default not in self.values:
            raise ValueError(f"default {self.default!r} is none of the positions {self.values}")

    @property
    def low(self):
        return self.values[0]

    @property
    def high(self):
        return self.values[-1]

    @property
    def between(self):
        """One position that is neither an end nor the default, where there is one."""
        inner = [v for v in self.values[1:-1] if v != self.default]
        return inner[len(inner) // 3] if inner else self.default

    def widget(self, name):
        """Return a new ipywidget standing at the default."""
        common = {
            "description": self.label or name,
            "tooltip": "",  # with None, JupyterLab shows the word "null"
            "value": self.default,
            "style": {"description_width": "initial"},
            "layout": {"width": "auto", "flex": "1 1 auto", "margin": "2px 12px 2px 0"},
        }
        if self.kind == "choice":
            return ipywidgets.ToggleButtons(
                options=[(written(v), v) for v in self.values],
                **common | {"style": {"description_width": "initial", "button_width": "auto"}},
            )
        if self.kind == "stops":
            return ipywidgets.SelectionSlider(
                options=[(written(v), v) for v in self.values], **common
            ).add_class("book-stops")
        ends = {"min": self.low, "max": self.high, "step": self.values[1] - self.low}
        if isinstance(self.low, int):
            return ipywidgets.IntSlider(**ends, **common)
        decimals = max(len(repr(v).partition(".")[2]) for v in self.values[:3])
        ends["step"] = round(ends["step"], decimals)
        return ipywidgets.FloatSlider(**ends, readout_format=f".{decimals}f", **common)


def stops(*values, default=None, label=""):
    """Return a control with the given positions: `stops(2, 5, 10, 30, default=10)`."""
    return Control(values, values[0] if default is None else default, label)


def log_stops(low, high, per_decade=1, default=None, label=""):
    """Return a control with positions evenly spaced on a logarithmic axis, both ends included.

    Whole powers of ten are exact: 1e-8 is among the stops of 1e-16 ... 1 as the float 1e-8.
    """
    # repr rounds a power of ten, so float(f"1e{k}") is exact where 10.0 ** k may be one ULP off
    text = [f"{x:.12e}".split("e") for x in (low, high)]
    if any(float(mantissa) != 1 for mantissa, _ in text):
        raise ValueError(f"log_stops: the ends must be powers of ten, got {low} and {high}")
    first, last = (int(exponent) * per_decade for _, exponent in text)
    values = [
        float(f"1e{k // per_decade}") if k % per_decade == 0 else 10 ** (k / per_decade)
        for k in range(first, last + 1)
    ]
    if default is None:
        default = values[len(values) // 2]
    nearest = min(values, key=lambda v: abs(v / default - 1))
    if abs(nearest / default - 1) > 1e-9:
        raise ValueError(f"log_stops: default {default} is none of the stops; nearest {nearest}")
    return Control(tuple(values), nearest, label)


def linear(low, high, step=1, default=None, label=""):
    """Return a control with evenly spaced positions; whole numbers throughout stay whole."""
    count = round((high - low) / step)
    if count < 1 or abs(low + count * step - high) > 1e-9 * abs(step):
        raise ValueError(f"linear: steps of {step} from {low} do not end at {high}")
    whole = all(isinstance(x, int) for x in (low, high, step))
    values = [
        low + k * step if whole else round(float(low + k * step), 10) for k in range(count + 1)
    ]
    default = values[len(values) // 2] if default is None else default
    return Control(tuple(values), default if whole else float(default), label, "linear")


def choice(*values, default=None, label=""):
    """Return a control of a few named ways: `choice("relu", "tanh")`."""
    return Control(values, values[0] if default is None else default, label, "choice")


# A bet: an answer before the evidence


class Bet:
    """A question to answer before looking; the explanation stays hidden until a guess is made.

    `options` is a sequence of answers, or a dict answer -> what to say to who bets on it. The
    question, the comments and `why` may hold $formulas$ and `code`; an option is plain text.
    Each option is a button, not a radio button: JupyterLab takes the arrow keys that choose among
    radio buttons for itself, while Tab and the space bar reach a button.
    """

    def __init__(self, question, options, answer, why):
        self.question, self.answer, self.why = question, answer, why
        self.comments = dict(options) if isinstance(options, dict) else dict.fromkeys(options, "")
        if answer not in self.comments:
            raise ValueError(f"bet: the answer {answer!r} is none of {list(self.comments)}")
        if any("$" in option for option in self.comments):
            raise ValueError("bet: an option stands on a button, which cannot show a $formula$")
        self.guess = None
        self.then = None  # called after each guess; a Piece unlocks its sliders here
        self.buttons = {}
        for option in self.comments:
            self.buttons[option] = ipywidgets.Button(description=option, layout={"width": "auto"})
            self.buttons[option].on_click(lambda _, option=option: self.place(option))
        self._reply = ipywidgets.HTMLMath()
        self.view = ipywidgets.VBox(
            [headline(question), *self.buttons.values(), self._reply, names()],
            layout={"max_width": "720px"},
        ).add_class("book-bet")

    def place(self, guess):
        """Bet on one of the options and show what becomes of it."""
        if guess not in self.comments:
            raise ValueError(f"bet: {guess!r} is none of {list(self.comments)}")
        self.guess = guess
        for option, button in self.buttons.items():
            mark = "➤" if self.then else "✓" if guess == self.answer else "✗"
            button.description = f"{mark} {option}" if option == guess else option
            button.button_style = "primary" if option == guess else ""
        if self.then is None:
            self._reply.value = f'<div role="status">{rendered(self.outcome)}</div>'
        else:
            self._reply.value = (
                f'<div role="status">Your bet: {rendered(guess)}. Now move it and see.</div>'
                "<details><summary>Seen enough? Open the answer.</summary>"
                f"{rendered(self.outcome)}</details>"
            )
            self.then()

    @property
    def outcome(self):
        """What is said about the guess, and why the answer is what it is."""
        if self.guess == self.answer:
            opening = "You win your bet."
        else:
            opening = f"Not {self.guess}: it is {self.answer}."
        return " ".join(s for s in (opening, self.comments[self.guess], self.why) if s)

    def __repr__(self):
        return "\n".join([self.question, *(f"  ( ) {option}" for option in self.comments)])

    def _repr_mimebundle_(self, include=None, exclude=None):
        options = "".join(f"<li>{rendered(option)}</li>" for option in self.comments)
        return view_of(self.view) | {
            "text/plain": repr(self),
            "text/html": f"<p><b>{rendered(self.question)}</b></p><ul>{options}</ul>",
        }


def bet(question, options, answer, why):
    """Ask for a guess before the evidence; see Bet."""
    return Bet(question, options, answer, why)


LOOK = """<style>
.book-slider .noUi-handle { background: #0072B2; border-color: #0072B2; }
.book-slider [disabled] .noUi-handle { background: #999; border-color: #999; }
.book-slider .noUi-handle:focus-visible, .book-slider .widget-readout:focus-visible,
.book-slider button.jupyter-button:enabled:focus-visible, .book-slider summary:focus-visible,
.book-bet button.jupyter-button:enabled:focus-visible
{ outline: 3px solid #D55E00; outline-offset: 1px; }
.book-slider img { background: white; border-radius: 4px; padding: 8px; box-sizing: border-box; }
.book-slider .widget-html-content, .book-bet .widget-html-content,
.book-slider .widget-htmlmath-content, .book-bet .widget-htmlmath-content
{ line-height: 1.5; font-size: var(--jp-content-font-size1, 14px); }
.book-bet button { text-align: left; white-space: normal; height: auto; min-height: 28px;
  line-height: 1.4; padding: 3px 12px; }
.book-bet summary { cursor: pointer; }
</style>"""


# ipywidgets gives no name to the handle of a slider, to the number beside it, to a row of toggle
# buttons or to an image, and has no trait for one: a screen reader would hear "slider, 2". Their
# names are on the page all the same, so this script puts each where it belongs. It stands in an
# Output widget, the one place where ipywidgets lets a script run (HTML widgets drop it), and says
# everything again after each change, for noUiSlider writes its own `aria-valuetext` at each move.
# Where a front end runs no script, all works as before, without the names.
NAMES = """<script>(() => {
  const root = document.currentScript.closest(".book-slider, .book-bet");
  const set = (element, key, value) => {  // only a change, or the observer would never rest
    if (element && element.getAttribute(key) !== value) element.setAttribute(key, value);
  };
  const speak = box => {  // a live region that stays on the page, whatever is written into it
    set(box, "role", "status");
    set(box, "aria-live", "polite");
    const inner = box?.querySelector("[role=status]");
    for (const key of ["role", "aria-live"]) inner?.removeAttribute(key);
  };
  const text = (parent, selector) => parent.querySelector(selector)?.textContent ?? "";
  const name = () => {
    for (const slider of root.querySelectorAll(".widget-slider")) {
      const label = text(slider, ".widget-label");
      const readout = slider.querySelector(".widget-readout");
      const handle = slider.querySelector(".noUi-handle");
      const shut = slider.querySelector(".noUi-target")?.hasAttribute("disabled");
      set(handle, "aria-label", label);
      set(handle, "aria-valuetext", readout?.textContent);
      set(handle, "aria-disabled", String(shut));
      if (slider.classList.contains("book-stops")) {
        set(readout, "contenteditable", "false");  // what is typed there goes nowhere
        for (const key of ["role", "aria-label", "aria-disabled"]) readout?.removeAttribute(key);
      } else {
        set(readout, "role", "textbox");
        set(readout, "aria-label", `${label}, as a number`);
        set(readout, "aria-disabled", String(shut));
      }
    }
    for (const toggles of root.querySelectorAll(".widget-toggle-buttons")) {
      set(toggles, "role", "group");
      set(toggles, "aria-label", text(toggles, ".widget-label"));
      for (const button of toggles.querySelectorAll("button")) {
        set(button, "aria-pressed", String(button.classList.contains("mod-active")));
      }
    }
    for (const bet of [root, ...root.querySelectorAll(".book-bet")]) {
      if (!bet.classList.contains("book-bet")) continue;
      set(bet, "role", "group");
      set(bet, "aria-label", text(bet, ".widget-htmlmath-content > b"));
      speak([...bet.querySelectorAll(".widget-htmlmath-content")].at(1));
    }
    speak(root.querySelector(".widget-html-content"));
    const alt = root.querySelector(".widget-html-content > [role=img]");
    if (alt) {  // the picture takes the words that stand in for it
      set(root.querySelector("img.widget-image"), "alt", alt.getAttribute("aria-label"));
      set(alt, "aria-hidden", "true");
    }
  };
  new MutationObserver(name).observe(root, {
    subtree: true, childList: true, characterData: true,
    attributeFilter: ["aria-valuetext", "class", "contenteditable", "disabled"],
  });
  name();
})();</script>"""


def names():
    """Return an unseen widget that names, for screen readers, the controls it stands with."""
    script = {"output_type": "display_data", "data": {"text/html": NAMES}, "metadata": {}}
    return ipywidgets.Output(outputs=(script,), layout={"display": "none"})


def headline(question):
    """Return a widget with the question in bold, and the look of all that stands with it."""
    return ipywidgets.HTMLMath(f"{LOOK}<b>{rendered(question)}</b>")


def view_of(widget):
    """Return the part of an output's data that shows a widget."""
    return {
        "application/vnd.jupyter.widget-view+json": {
            "version_major": 2,
            "version_minor": 0,
            "model_id": widget.model_id,
        }
    }


def progress_bar(count, label):
    """Yield 0 … count − 1 and show how far the loop has come.

    A widget, not tqdm: what it shows changes with time, so none of it may stand in an output that
    is compared. There stands only the label with the count.
    """
    bar = ipywidgets.IntProgress(
        max=count, description=label, style={"description_width": "initial"}
    )
    text = f"{label}: {count} steps"
    display(view_of(bar) | {"text/plain": text, "text/html": html.escape(text)}, raw=True)
    for k in range(count):
        yield k
        bar.value = k + 1


# A slider piece


class Piece:
    """A picture that answers to sliders, and says in words what it shows.

    Shown in a notebook it is a widget; without a kernel (GitHub, the site, print) it is a strip
    of three pictures, low, default and high, with their verdicts. `error` holds what the last
    move raised, or None.
    """

    def __init__(
        self,
        title,
        compute,
        draw,
        verdict,
        controls,
        question,
        alt,
        bet,
        pictures,
        panels,
        size,
    ):
        wanted = set(inspect.signature(compute).parameters)
        if wanted != set(controls):
            raise ValueError(
                f"explore: compute wants {sorted(wanted)}, the controls are {sorted(controls)}"
            )
        self.title, self.compute, self.draw, self.verdict = (
            title,
            compute,
            draw,
            verdict,
        )
        self.controls, self.alt, self.bet, self.size = controls, alt, bet, size
        self.question = question or (bet.question if bet else None)
        if not self.question:
            raise ValueError("explore: a slider answers a question; give question= or bet=")
        self.pictures = pictures or self._three_pictures()
        self.error = None
        self.reference = compute(**self.default)
        self._panels = panels
        self._figure, axes = plotting.figure(panels, size)
        self._figure.set_dpi(plotting.STYLE["savefig.dpi"])
        self._axes = [axes] if panels == 1 else axes
        self._places = None
        self._sheet = None
        self._build_view()
        # No net under the first picture: a piece that cannot draw its default is a mistake of
        # its author, who wants the traceback.
        self._show(self.default)
        self._freeze()
        self._show(self.default)

    def _freeze(self):
        """Keep the Axes where the first picture put them: a picture that jumps is hard to read."""
        self._places = [ax.get_position() for ax in self._axes]
        with matplotlib.rc_context(plotting.STYLE):
            self._figure.clear()
            self._figure.set_layout_engine(None)  # "none" would still draw each picture twice
            self._axes = [self._figure.add_axes(place) for place in self._places]

    # Positions

    @property
    def default(self):
        return {name: control.default for name, control in self.controls.items()}

    @property
    def position(self):
        return {name: widget.value for name, widget in self.widgets.items()}

    def _three_pictures(self):
        name, control = next(iter(self.controls.items()))
        return [self.default | {name: v} for v in (control.low, control.default, control.high)]

    @property
    def test_positions(self):
        """Every position a test should visit: pictures, all corners, and each control between."""
        corners = itertools.product(*((c.low, c.high) for c in self.controls.values()))
        visits = [
            *self.pictures,
            *(dict(zip(self.controls, c, strict=True)) for c in corners),
        ]
        visits += [self.default | {n: c.between} for n, c in self.controls.items()]
        visits += [self.default | {n: v} for n, c in self.controls.items() for v in (c.low, c.high)]
        return list({tuple(p.items()): p for p in visits}.values())

    def move(self, **position):
        """Move sliders as a reader's hand would, and raise what the move raised."""
        for name, value in position.items():
            self.widgets[name].value = value
        if self.error is not None:
            raise self.error

    # Pictures

    def text(self, position):
        """Return where the sliders stand and the verdict there."""
        return f"{self._where(position)}: {self.verdict(self.compute(**position))}"

    def _where(self, position):
        return ", ".join(
            f"{self.controls[name].label or name} = {written(value)}"
            for name, value in position.items()
        )

    def _paint(self, axes, data):
        for ax in axes:
            ax.clear()
        self.draw(axes[0] if self._panels == 1 else axes, data, self.reference)

    def _show(self, position):
        """Compute, draw and put picture and words into the view."""
        data = self.compute(**position)
        with matplotlib.rc_context(plotting.STYLE):
            for ax in self._figure.axes:  # twins and colour bars of the last picture
                if ax not in self._axes:
                    ax.remove()
            for ax, place in zip(self._axes, self._places or (), strict=False):
                ax.set_position(place)  # a colour bar takes its room from its neighbour
            self._paint(self._axes, data)
            picture, words = plotting.quick_png(self._figure), self.verdict(data)
        self._image.value = picture
        self._words.value = (
            f'<span role="img" aria-label="{html.escape(self.alt)}"></span>'
            f'<div role="status" aria-live="polite"><b>{html.escape(self._where(position))}</b>'
            f"<br>{rendered(words)}</div>"
        )
        self._shown = position

    def _moved(self, _):
        self.error = None
        try:
            self._show(self.position)
        except Exception as error:
            self.error = error
            line = traceback.extract_tb(error.__traceback__)[-1]
            self._words.value = (
                '<div role="alert" style="border-left: 4px solid #D55E00; padding-left: 8px">'
                f"<b>No picture for {html.escape(self._where(self.position))}.</b> "
                f"{html.escape(f'{type(error).__name__}: {error}')}, in <code>"
                f"{html.escape(line.name)}</code>, line {line.lineno}: "
                f"<code>{html.escape(line.line or '')}</code>.<br>"
                f"The picture still shows {html.escape(self._where(self._shown))}.</div>"
            )

    def sheet(self):
        """Return the strip of three pictures as PNG bytes, each with its verdict under it."""
        if self._sheet is None:
            small = {"font.size": 8, "axes.labelsize": 8, "axes.titlesize": 8.5}
            small |= {"xtick.labelsize": 7, "ytick.labelsize": 7, "legend.fontsize": 7}
            width, height = self.size
            with matplotlib.rc_context(plotting.STYLE | small):
                strip = Figure(figsize=(10.2, 0.9 + 3.4 * self._panels * height / width * 1.3))
                strip.set_layout_engine("constrained")
                strip.suptitle(
                    f"{self.title} (run the cell to move it yourself)", x=0.01, ha="left"
                )
                parts = strip.subfigures(1, 3, wspace=0.04)
                for part, position in zip(parts, self.pictures, strict=True):
                    data = self.compute(**position)
                    axes = [part.add_subplot(self._panels, 1, k + 1) for k in range(self._panels)]
                    self._paint(axes, data)
                    part.suptitle(self._where(position), fontweight="bold", fontsize=9)
                    words = textwrap.fill(self.verdict(data), 52)
                    part.supxlabel(words, fontsize=8, x=0.06, ha="left", linespacing=1.3)
                self._sheet = plotting.png(strip)
        return self._sheet

    # View

    def _build_view(self):
        self.widgets = {name: c.widget(name) for name, c in self.controls.items()}
        for widget in self.widgets.values():
            widget.observe(self._moved, "value")
        self._reset = ipywidgets.Button(
            description="Reset", tooltip="Back to the start", layout={"width": "80px"}
        )
        self._reset.on_click(lambda _: self.reset())
        width = self.size[0] * plotting.STYLE["figure.dpi"]
        self._image = ipywidgets.Image(
            format="png",
            layout={
                "width": f"{width:.0f}px",
                "max_width": "100%",
                "height": "auto",
                "align_self": "flex-start",
                "margin": "6px 0",
            },
        )
        self._words = ipywidgets.HTML(layout={"min_height": "3.2em"})
        *upper, last = self.widgets.values()
        row = ipywidgets.HBox(
            [last, self._reset],
            layout={"align_items": "center", "justify_content": "space-between"},
        )
        if self.bet:
            head = [self.bet.view]
            self.bet.then = self._unlock
            for control in (*self.widgets.values(), self._reset):
                control.disabled = True
        else:
            head = [headline(self.question)]
        self.view = ipywidgets.VBox(
            [*head, *upper, row, self._image, self._words, names()],
            layout={"max_width": f"{width + 8:.0f}px", "overflow": "hidden", "padding": "4px"},
        ).add_class("book-slider")

    def _unlock(self):
        for control in (*self.widgets.values(), self._reset):
            control.disabled = False

    def reset(self):
        """Put every slider back where it started."""
        for name, control in self.controls.items():
            self.widgets[name].value = control.default

    def __repr__(self):
        return "\n".join([self.title, self.question, *(f"  {self.text(p)}" for p in self.pictures)])

    def _repr_mimebundle_(self, include=None, exclude=None):
        try:
            text = repr(self)
            picture, metadata = plotting.png_bundle(self.sheet(), 900, f"{self.alt} {text}")
        except Exception as error:  # the sliders work still; one of the three pictures does not
            self.error = error
            text, picture, metadata = f"{self.title}: {type(error).__name__}: {error}", {}, {}
        return view_of(self.view) | {"text/plain": text} | picture, metadata


def explore(
    title,
    compute,
    draw,
    verdict,
    *,
    question=None,
    alt,
    bet=None,
    pictures=None,
    panels=1,
    size=(6.5, 3.6),
    **controls,
):
    """Return a slider piece: `compute(**position) -> dict`, drawn, and judged in one sentence.

    `draw(ax, data, reference)` gets a cleared Axes (a list of `panels` Axes where there are
    several); `verdict(data)` returns the sentence under the picture; `alt` says what kind of
    picture it is. With a `bet` the sliders open after the guess. `pictures` are the three
    positions shown where there is no kernel, each a dict; by default the first control low,
    default and high. Each control is a keyword named as the argument of `compute`.

    Raises ValueError where controls and arguments differ, and whatever the default position raises.
    """
    return Piece(
        title,
        compute,
        draw,
        verdict,
        controls,
        question,
        alt,
        bet,
        pictures,
        panels,
        size,
    )
