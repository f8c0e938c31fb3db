"""Bets: an answer before the evidence."""

import ipywidgets

from bookutils.page.look import headline, names, rendered, view_of


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
