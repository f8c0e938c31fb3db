"""A run in a file: all that its next epoch depends on, so that it can go on bit for bit."""

import json
import os
import zlib
from copy import deepcopy
from functools import partial

import numpy as np

from bookutils.nn.files import read_arrays, write_arrays
from bookutils.train.history import History
from bookutils.train.rows import as_numpy

VERSION = 1


def generators(net, **others):
    """{name: Generator}: the others, and those that modules of the net hold, each once."""
    found = dict(others)
    for name, module in net.named_modules():
        for attribute, thing in vars(module).items():
            if isinstance(thing, np.random.Generator) and thing not in found.values():
                found[f"{name}.{attribute}" if name else attribute] = thing
    return found


class RunFile:
    """The file of a run, and the things whose states it keeps, by name.

    `keeps` has state_dict() and load_state_dict() each, or is None; `settings` are what has to be
    the same when the run goes on.
    """

    def __init__(self, path, net, rng, keeps, settings):
        self.path, self.net, self.generators = path, net, generators(net, rng=rng)
        self.keeps = {name: thing for name, thing in keeps.items() if thing is not None}
        self.settings = settings | {name: kind(thing) for name, thing in keeps.items()}

    def exists(self):
        return os.path.exists(self.path)

    def write(self, history):
        """Write the whole run as it is now; the file is replaced at once."""
        arrays = {f"net.{name}": array for name, array in self.net.state_dict().items()}
        run = {
            "version": VERSION,
            "settings": self.settings,
            "history": dict(history),
            "rng": self._states(),
            "keeps": {name: thing.state_dict() for name, thing in self.keeps.items()},
        }
        text = json.dumps(packed(run, arrays))
        write_arrays(self.path, {"run": np.frombuffer(text.encode(), np.uint8), **arrays})

    def read(self):
        """Bring everything to where the file has it; returns the history.

        Raises ValueError, with nothing changed, for a file of another net or another run.
        """
        arrays = read_arrays(self.path)
        if "run" not in arrays:
            raise ValueError(
                f"{self.path} is not the file of a run of fit: net.load reads what net.save wrote"
            )
        run = unpacked(json.loads(arrays.pop("run").tobytes()), arrays)
        if run["version"] != VERSION:
            raise ValueError(f"{self.path} was written by another version of bookutils")
        self._compare(run)
        state = {k.removeprefix("net."): a for k, a in arrays.items() if k.startswith("net.")}
        before = deepcopy([thing.state_dict() for thing in (self.net, *self.keeps.values())])
        try:
            self.net.load_state_dict(state)
            for name, thing in self.keeps.items():
                thing.load_state_dict(run["keeps"][name])
        except Exception as error:
            for thing, own in zip((self.net, *self.keeps.values()), before, strict=True):
                thing.load_state_dict(own)
            raise ValueError(f"{self.path} is the file of another net: {error}") from error
        for name, generator in self.generators.items():
            generator.bit_generator.state = run["rng"][name]
        return History(run["history"])

    def _compare(self, run):
        here = self.settings | {"rng": kinds(self._states())}
        there = run["settings"] | {"rng": kinds(run["rng"])}
        for name in here:
            if here[name] != there.get(name):
                raise ValueError(
                    f"{self.path} is the file of another run: its {name} is {there.get(name)!r}, "
                    f"and here it is {here[name]!r}: give the same, or another file"
                )

    def _states(self):
        return {name: g.bit_generator.state for name, g in self.generators.items()}


def kind(thing):
    """The name of the class of a thing, "none" where there is none."""
    return "none" if thing is None else type(thing).__name__


def kinds(states):
    """{name: the kind of its generator}."""
    return {name: state["bit_generator"] for name, state in states.items()}


def fingerprint(array):
    """Shape, dtype and a checksum of an array, as one word."""
    array = np.ascontiguousarray(as_numpy(array))
    return f"{array.dtype}{array.shape} {zlib.crc32(array.view(np.uint8).reshape(-1)):08x}"


def packed(thing, arrays):
    """`thing` as JSON can hold it; its arrays go into the dict `arrays`."""
    pack = partial(packed, arrays=arrays)
    if isinstance(thing, np.float64 | np.integer | np.bool_):
        return thing.item()
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    if isinstance(thing, dict):
        return {"dict": [[pack(key), pack(value)] for key, value in thing.items()]}
    if isinstance(thing, list | tuple):
        return {type(thing).__name__: [pack(item) for item in thing]}
    if isinstance(thing, np.ndarray | np.generic):
        name = f"array.{len(arrays)}"
        arrays[name] = np.asarray(thing)
        return {"array": name}
    raise TypeError(f"a run's file holds numbers, texts and arrays, not {thing!r:.60}")


def unpacked(thing, arrays):
    """What `packed` was given."""
    if not isinstance(thing, dict):
        return thing
    ((kind, inside),) = thing.items()
    if kind == "array":
        return arrays[inside]
    if kind == "dict":
        return {unpacked(key, arrays): unpacked(value, arrays) for key, value in inside}
    return {"list": list, "tuple": tuple}[kind](unpacked(item, arrays) for item in inside)
