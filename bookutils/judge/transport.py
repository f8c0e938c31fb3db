"""Inputs and outputs of a learner's code as JSON, for the border between two processes.

Numbers, strings, truth values, None, `...`, tuples, lists, dicts and NumPy arrays pass, and as
inputs formulas and NumPy scalars too. Nothing else does, and nothing is ever unpickled. What
arrives is checked for type and size before any of it is believed.
"""

import base64
import json
from dataclasses import fields
from math import prod

import numpy as np

from bookutils.judge import data
from bookutils.judge.exercise import formula
from bookutils.judge.running import REPEATED, Outcome

PROBLEMS = ("", "not attempted", "raised", "stopped", "misfit")
LETTERS = 2000  # of any sentence
ARROW = " ↦ "  # between the variables of a formula and its text


class Malformed(Exception):
    """What came is not what was agreed."""


def encode(value):
    """The JSON form of a plain value, a scalar or a formula. Raises: TypeError for the rest."""
    kind = type(value)
    if kind is int and value.bit_length() > data.WHOLE:
        raise TypeError("an integer that no array holds cannot be handed over")
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is list:
        return [encode(item) for item in value]
    if kind is tuple:
        return {"tuple": [encode(item) for item in value]}
    if kind is dict:
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    if kind is np.ndarray and value.dtype.kind in "biuf":
        raw = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"array": [value.dtype.str, list(value.shape), raw]}
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return {"scalar": encode(np.asarray(value))}
    if value is ...:
        return {"ellipsis": True}
    if callable(value) and ARROW in (value.__doc__ or ""):
        return {"formula": value.__doc__.split(ARROW, 1)}
    raise TypeError(f"a `{kind.__name__}` cannot be handed over")


def decode(form, depth=0, as_input=False):
    """The value of a JSON form; formulas and scalars only `as_input`. Raises: Malformed."""
    if depth > 2 * data.DEPTH:
        raise Malformed("nested too deep")
    if form is None or type(form) in (bool, int, float, str):
        if type(form) is int and form.bit_length() > data.WHOLE:
            raise Malformed("an integer that no array holds")
        return form
    if type(form) is list:
        return [decode(item, depth + 1, as_input) for item in form]
    if type(form) is not dict or len(form) != 1:
        raise Malformed("an unknown form")
    ((kind, inner),) = form.items()
    try:
        if kind == "tuple" and type(inner) is list:
            return tuple(decode(item, depth + 1, as_input) for item in inner)
        if kind == "dict" and type(inner) is list:
            pairs = [decode(pair, depth + 1, as_input) for pair in inner]
            return {key: item for key, item in pairs}
        if kind == "array":
            return _array(*inner)
        if kind == "ellipsis":
            return ...
        if kind == "formula" and as_input:
            return formula(*inner)
        if kind == "scalar" and as_input:
            return decode(inner)[()]
    except (TypeError, ValueError, OverflowError) as error:
        raise Malformed(f"a damaged {kind}") from error
    raise Malformed("an unknown form")


def _array(dtype, shape, raw):
    if type(dtype) is not str or len(dtype) != 3 or dtype[1] not in "biuf":
        raise Malformed("an array of objects")
    if len(shape) > 64 or any(type(n) is not int or n < 0 for n in shape):
        raise Malformed("an impossible shape")
    data_type, raw = np.dtype(dtype), base64.b64decode(raw, validate=True)
    if prod(shape) * data_type.itemsize != len(raw):
        raise Malformed("an array of the wrong size")
    return np.frombuffer(raw, data_type).reshape(shape).copy()


def encode_outcome(outcome):
    """The JSON form of an Outcome; a value that cannot be handed over becomes a problem."""
    form = {field.name: getattr(outcome, field.name) for field in fields(Outcome)}
    form["changed"] = list(form["changed"])
    try:
        form["value"], form["after"] = encode(outcome.value), encode(list(outcome.after))
    except TypeError as error:
        form |= {"value": None, "after": [], "problem": "misfit", "sentence": str(error)}
    return form


def decode_outcome(form):
    """An Outcome in which every field has the agreed type and size. Raises: Malformed."""
    if type(form) is not dict or set(form) != {field.name for field in fields(Outcome)}:
        raise Malformed("not an outcome")
    made = {}
    for field in fields(Outcome):
        came = form[field.name]
        if field.name == "value":
            came = decode(came)
        elif field.name == "changed":
            if type(came) is not list or len(came) > 50 or any(type(s) is not str for s in came):
                raise Malformed("no list of names")
            came = tuple(name[:LETTERS] for name in came)
        elif field.name == "after":
            if type(came) is not list or len(came) > 50:
                raise Malformed("no list of values")
            came = tuple(map(decode, came))
        elif field.name == "products":
            if came is not None and (type(came) is not int or came < 0):
                raise Malformed("no count of products")
        elif type(came) is not str:
            raise Malformed(f"`{field.name}` is no text")
        else:
            came = came[:LETTERS]
        made[field.name] = came
    if made["problem"] not in PROBLEMS:
        raise Malformed("an unknown problem")
    if len(made["after"]) != len(made["changed"]):
        raise Malformed("names without values")
    return Outcome(**made)


def decode_answer(form, cases):
    """Outcomes of one answer to `cases` inputs (None: one value). Raises: Malformed.

    Fewer outcomes than calls are believed only where the last says why there are no more, so that
    leaving out the failing cases wins nothing.
    """
    if type(form) is not list or not form:
        raise Malformed("no outcomes")
    calls = 1 if cases is None else cases + min(cases, REPEATED)
    outcomes = [decode_outcome(item) for item in form[: calls + 1]]
    if len(outcomes) > calls or (len(outcomes) < calls and not outcomes[-1].problem):
        raise Malformed(f"{len(form)} outcomes of {calls} calls")
    return outcomes


def dumps(message):
    """One line of bytes."""
    return json.dumps(message, ensure_ascii=True).encode() + b"\n"


def loads(line):
    """The message of one line. Raises: Malformed."""
    try:
        # each nan a number of its own, as it was: equal ones are one key of a dict or set
        return json.loads(line, parse_constant=float)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
