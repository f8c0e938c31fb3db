"""Answers that may be written in many ways: what they do is compared in their place.

`Exercise.reads(output, *args)` is asked of an answer that is a program, or another thing of which
many are right. It gives the numbers or words that are compared, in the form that the reference's
own answer gives, or a sentence (a string) that says why there are none.
"""

from dataclasses import dataclass, fields

from bookutils.judge import data
from bookutils.judge.running import Outcome


@dataclass(frozen=True)
class Read(Outcome):
    """An outcome whose value is what the answer does; `given` is the answer."""

    given: object = None


def read(exercise, outcome, args):
    """The outcome with what its answer does as its value, where the exercise asks for that."""
    nothing = outcome.problem or outcome.value is None or outcome.value is ...
    if exercise.reads is None or nothing or isinstance(outcome, Read):
        return outcome
    kept = {field.name: getattr(outcome, field.name) for field in fields(Outcome)}
    kept["value"] = reading(exercise, outcome.value, args)
    return Read(**kept, given=outcome.value)


def reading(exercise, value, args):
    """What is compared of a plain answer: itself, or what it does."""
    return exercise.reads(value, *data.fresh(args)) if exercise.reads else value
