"""The backward pass of a reader's own expression, walked arrow by arrow in a notebook.

stepper(y, {"a": a, "b": b, "y": y})
stepper("a = 1.5; b = -2; c = 7; y = (a*b + c) * (c - a)")
"""

import html

import ipywidgets

from bookutils.engine.graph import topological_order
from bookutils.page import walk
from bookutils.page.drawing import PAGE, Diagram
from bookutils.page.expression import evaluate
from bookutils.page.lettering import number, text_width


class Stepper:
    """A walk, its picture, a field for the guess and four buttons; see `stepper`."""

    def __init__(self, root, names=None, values=None):
        # Four widgets, so that a screen reader hears only what has changed: the step, what was said
        self._picture, self._step, self._sums, self._said = (
            ipywidgets.HTML(layout={"width": "100%"}) for _ in range(4)
        )
        self._guess = ipywidgets.Text(
            description="your guess", placeholder="a number", continuous_update=False,
            layout={"width": "220px"},
        )  # fmt: skip
        self._guess.observe(self._typed, "value")
        self._buttons = ipywidgets.HBox(
            [
                self._guess,
                self._button("Check", "Judge the guess (or press Enter)", self.check),
                self._button("Next", "Show the number, then go on to the next arrow", self.next),
                self._button("Back", "Back by one arrow", self.back),
                self._button("Restart", "Back to the result", self.restart),
            ],
            layout={"flex_flow": "row wrap", "align_items": "center"},
        )
        parts = [self._picture, self._step, self._sums, self._said, self._buttons]
        if isinstance(root, str):
            given = "".join(f"{name} = {x!r}; " for name, x in (values or {}).items())
            self._program = ipywidgets.Text(
                value=given + root, description="expression", continuous_update=False,
                layout={"width": "100%", "max_width": "760px"},
            )  # fmt: skip
            self._program.observe(lambda change: self._read(change["new"]), "value")
            parts.insert(0, self._program)
            self._walk_over(*evaluate(self._program.value))
        else:
            self._walk_over(root, names or {})
        self.view = ipywidgets.VBox(parts).add_class("book-stepper")

    def _button(self, description, tooltip, act):
        button = ipywidgets.Button(
            description=description, tooltip=tooltip, layout={"width": "90px"}
        )
        button.on_click(lambda _: act())
        return button

    # What the reader does --------------------------------------------------------------------

    def check(self):
        """Judge what stands in the field; it may be arithmetic, such as 5.5 * -2."""
        try:
            self.walk.guess(_arithmetic(self._guess.value))
        except ValueError as error:
            self.walk.said = str(error)
        self._show()

    def next(self):
        at = self.walk.at
        self.walk.forward()
        self._moved(at)

    def back(self):
        at = self.walk.at
        self.walk.back()
        self._moved(at)

    def restart(self):
        self.walk.restart()
        self._moved(None)

    def _moved(self, at):
        if self.walk.at != at:
            self._guess.value = ""
        self._show()

    def _typed(self, change):
        if change["new"].strip():
            self.check()

    def _read(self, text):
        """Walk over another expression; one that cannot be read leaves the old walk standing."""
        try:
            root, names = evaluate(text)
            self._walk_over(root, names)
        except ValueError as error:
            self.walk.said = str(error)
            self._show()

    # What the reader sees --------------------------------------------------------------------

    def _walk_over(self, root, names):
        names = all_named(root, names)
        self.names = names
        self.finished = Diagram(root, names).drawing()
        self.walk = walk.Walk(root)
        self.diagram = Diagram(root, names, room=widest_strips(root))
        self._guess.value = ""
        self._show()

    def _show(self):
        shown = frame(self.walk, self.diagram, self.names)
        parts = self._picture, self._step, self._sums, self._said
        for part, value in zip(parts, shown, strict=True):
            part.value = value

    def __repr__(self):
        arrows = len(self.walk.steps)
        return f"The backward pass in {arrows} steps, one per arrow.\n{self.finished.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        shown = {"version_major": 2, "version_minor": 0, "model_id": self.view.model_id}
        return {
            "text/plain": repr(self),
            "image/svg+xml": self.finished.svg,
            "application/vnd.jupyter.widget-view+json": shown,
        }


def stepper(root, names=None, **values):
    """Walk the backward pass of `root` arrow by arrow; each number stays hidden until a guess.

    `root` is a result of the engine with `names` as in `draw`, or a text such as
    "(a*b + c) * (c - a)", with the inputs as keywords (a=1.5, b=-2, c=7) or as its first lines
    ("a = 1.5; …"); a text can be changed by the reader.
    Raises ValueError for a text that cannot be read.
    """
    return Stepper(root, names, values)


def all_named(root, names):
    """`names` as {node: name}, completed: v1, v2, … for nodes that have none, y for the result."""
    if names and isinstance(next(iter(names)), str):
        names = {node: name for name, node in names.items()}
    named, taken = dict(names), set(names.values())
    fresh = (f"v{k}" for k in range(1, 10**6) if f"v{k}" not in taken)
    for node in topological_order(root):
        if node not in named:
            named[node] = "y" if node is root and "y" not in taken else next(fresh)
    return named


def widest_strips(root):
    """For each node the widest text its gradient strip holds on the whole walk."""
    steps, widest = walk.backward_steps(root), {root: "∂ 1"}
    for step in steps:
        for text in (
            walk.added(step, False), walk.added(step, True),
            f"∂ {number(step.after)}", f"{number(step.after)} + …",
        ):  # fmt: skip
            old = widest.get(step.parent, "")
            if text_width(text, 1, bold=True) > text_width(old, 1, bold=True):
                widest[step.parent] = text
    return widest


LOOK = """<style>
.book-walk svg { max-width: 100%; height: auto; }
.book-walk { line-height: 1.5; font-size: 14px; }
.book-walk .sum { font-size: 16px; font-variant-numeric: tabular-nums; padding: 2px 12px 2px 0; }
.book-stepper input:focus-visible, .book-stepper button.jupyter-button:enabled:focus-visible
{ outline: 3px solid #D55E00 !important; outline-offset: 1px; }
</style>"""  # ipywidgets says "outline: none !important" of a field


def frame(walk_now, diagram, names):
    """The picture, the step, its sums and what is said at one moment of the walk, as HTML."""
    strips = walk_now.strips()
    if walk_now.finished:
        picture = diagram.drawing(strips, page=PAGE)
        step, sums = _ending(walk_now, names), ""
    else:
        at = walk_now.steps[walk_now.at]
        step, sums = _sentence(walk_now, names), _question(walk_now, names)
        picture = diagram.drawing(
            strips, current=at.node, arrow=(at.node, at.place), receiving=at.parent,
            alt=step, page=PAGE,
        )  # fmt: skip
        step = html.escape(step)
    said = f'<b role="status">{html.escape(walk_now.said)}</b>'
    return (
        f'{LOOK}<div class="book-walk">{picture.svg}</div>',
        f'<div class="book-walk" role="status">{step}</div>',
        f'<div class="book-walk">{sums}</div>',
        f'<div class="book-walk" style="min-height:1.6em">{said}</div>',
    )


def _sentence(walk_now, names):
    step = walk_now.steps[walk_now.at]
    return (
        f"Step {walk_now.at + 1} of {len(walk_now.steps)}: {names[step.node]} passes its gradient "
        f"{number(step.upstream)} back to {names[step.parent]}, "
        f"along the arrow with local derivative {number(step.slope)}."
    )


def _question(walk_now, names):
    step, shown = walk_now.steps[walk_now.at], walk_now.shown
    parent, result = html.escape(names[step.parent]), html.escape(names[walk_now.root])
    part = number(step.contribution) if shown else "<b>?</b>"
    before = number(step.before) if step.before is not None else "0"
    after = number(step.after) if shown else "<b>?</b>"
    signed = f"({part})" if shown and step.contribution < 0 else part
    gradient = f"∂{result}/∂{parent}"
    rest = f"That is then the whole gradient {gradient}."
    if step.waiting:
        arrows = "1 arrow has" if step.waiting == 1 else f"{step.waiting} arrows have"
        rest = f"It is not yet {gradient}: {arrows} still to report to {parent}."
    return (
        f'<table><tr><td class="sum">upstream × local derivative</td><td class="sum">'
        f"{number(step.upstream)} × {_in_brackets(step.slope)} = {part}</td></tr>"
        f'<tr><td class="sum">sum at {parent}</td><td class="sum">'
        f"{before} + {signed} = {after}</td></tr></table>"
        f"<div>What stands at {parent} after this arrow? {rest}</div>"
    )


def _ending(walk_now, names):
    found = walk_now.root.gradients()
    inputs = [node for node in found if not node.parents]
    listed = ", ".join(f"{html.escape(names[node])}: {number(found[node])}" for node in inputs)
    first, steps = sum(walk_now.first_guess.values()), len(walk_now.steps)
    return (
        f"All {steps} arrows are walked. Gradients of the inputs: {listed}.<br>"
        f"{first} of {steps} numbers were right at the first guess."
    )


def _in_brackets(x):
    return f"({number(x)})" if x < 0 else number(x)


def _arithmetic(text):
    """The number a reader typed, or the value of the sum or product they typed.

    Raises ValueError, with one sentence.
    """
    text = text.strip().replace("−", "-").replace("×", "*").replace("∞", "inf")
    try:
        return float(text)
    except ValueError:
        pass
    try:
        root, _ = evaluate(f"one = 1.0; guess = ({text}) * one")
    except ValueError:
        raise ValueError("Type one number, such as 8.25, or a sum, such as 4 + 5.5 * -2.") from None
    return root.data
