"""Layers with dropout for chapter 13: each run is counted, and what is kept of them is measured."""

import tracemalloc
from copy import deepcopy

import numpy as np

LARGE = 1000  # numbers
ALLOWED = 12  # arrays beside the segments' inputs and one segment: y, dx, what a layer makes
AGAIN = 4


def room(n, every):
    """How many arrays like `x` an answer may hold at once."""
    return -(-n // every) + every + ALLOWED


class Layers:
    """Layer k is tanh(w[k]·(each number + its left neighbour)), a quarter of it dropped."""

    def __init__(self, w):
        self.w, self.runs, self.most = w, 0, 0.0
        self.last, self.starts = -2, set()  # layers that did not follow the one before them

    def __call__(self, k, h, rng):
        """(output of layer k, function that brings a gradient of the output back to the input)."""
        self.runs += 1
        if k != self.last + 1:
            self.starts.add(k)
        self.last = k
        mask = (rng.random(h.shape) < 0.75) / 0.75
        t = np.tanh(self.w[k] * (h + np.roll(h, 1, axis=-1)))
        slope = mask * self.w[k] * (1 - t * t)

        def back(G):
            G = G * slope
            return G + np.roll(G, -1, axis=-1)

        return mask * t, back

    def watched(self, checkpointed, x, G, n, every, rng):
        """What a call of the answer returns; `most` arrays like `x` were alive at once in it."""
        if x.size < LARGE:  # beside small arrays all else is larger
            return checkpointed(self, x, G, n, every, rng)
        before = deepcopy((x, G, rng))
        pair, held = traced(checkpointed, self, x, G, n, every, rng)
        # The process may make room for something of its own meanwhile, and can only add by that:
        # an answer that seems to hold too much is measured again, and the least of it counts.
        for _ in range(AGAIN):
            if held < (room(n, every) + 1) * x.nbytes:
                break
            y, H, chance = deepcopy(before)
            held = min(held, traced(checkpointed, Layers(self.w), y, H, n, every, chance)[1])
        self.most = held / x.nbytes
        return pair

    def seen(self, pair, rng):
        """Runs, arrays alive, where runs began, what was returned, and the next random number."""
        return self.runs, int(self.most), sorted(self.starts), pair, rng.random()


def traced(run, *args):
    """(result, most bytes that were held at once beyond those before) of a call."""
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    try:
        result = run(*args)
        return result, tracemalloc.get_traced_memory()[1] - before
    finally:
        if not running:
            tracemalloc.stop()
