"""Sliders: a pure compute function, a function that draws, and a thin view of both.

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
"""

import html
import inspect
import itertools
import textwrap
import traceback

import ipywidgets
import matplotlib
from matplotlib.figure import Figure

from bookutils.page import plotting
from bookutils.page.controls import written
from bookutils.page.look import headline, names, rendered, view_of

TALL = 0.6  # of a picture's width: where it is higher, its panels stand one below the other


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
        if len(self.pictures) != 3:
            raise ValueError(f"explore: a strip has three pictures, not {len(self.pictures)}")
        self.error = None
        self.reference = compute(**self.default)
        self._panels = panels
        self._figure, axes = plotting.figure(panels, size, stacked=size[1] > TALL * size[0])
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
                found = [self.compute(**position) for position in self.pictures]
                verdicts = [textwrap.wrap(self.verdict(data), 52) for data in found]
                most = max(map(len, verdicts))
                for part, position, data, lines in zip(
                    parts, self.pictures, found, verdicts, strict=True
                ):
                    axes = [part.add_subplot(self._panels, 1, k + 1) for k in range(self._panels)]
                    self._paint(axes, data)
                    part.suptitle(self._where(position), fontweight="bold", fontsize=9)
                    # Empty lines take the same room: the panels above are equally high.
                    words = "\n".join(lines + [""] * (most - len(lines)))
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
    several, in a row where `size` is flat and one below the other where it is tall, as they
    always are in the strip); `verdict(data)` returns the sentence under the picture; `alt` says
    what kind of picture it is. With a `bet` the sliders open after the guess. `pictures` are the
    three positions shown where there is no kernel, each a dict; by default the first control low,
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
