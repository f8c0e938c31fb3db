"""Parameters stepped together: where their state lies, and how a step runs over it.

The rule of an optimizer is the same for every number, so small parameters are stepped as one: their
gradients are copied into one flat array, the rule runs over it once, and its result is subtracted
from each parameter, part by part. That saves calls, which are most of the time of small arrays. A
large parameter is stepped block by block instead, so that what is computed on the way stays in the
processor's cache. In both, each number goes through the same operations, so the bits are the same.
The parameters keep their own arrays; those of other libraries than NumPy are stepped one by one.
"""

import numpy as np

from bookutils.engine.arrays import device, dtype_name, xp

BLOCK = 2**17  # bytes; the six arrays that Adam needs then fit into a second-level cache of 1 MB


def packed(pairs, together):
    """Packs for pairs (parameter, its state).

    If they can be stepped `together`, small parameters of one dtype, whose states have the same
    numbers and names, share a pack.
    """
    packs, filling = [], {}
    for p, state in pairs:
        array = settled(p)
        key = array.dtype, *((name, None if is_array(x) else x) for name, x in state.items())
        small = type(array) is np.ndarray and array.nbytes < BLOCK and together
        members = filling.get(key) if small else None
        if members is None or sum(q.data.nbytes for q, _ in members) + array.nbytes > BLOCK:
            members = []
            packs.append(members)
            if small:
                filling[key] = members
        members.append((p, state))
    return [Joint(members) if len(members) > 1 else Single(*members[0]) for members in packs]


class Pack:
    """Parameters that have been stepped in the same steps, and what is remembered of them."""

    def __init__(self, params, state):
        array = params[0].data
        self.params, self.state = params, state
        self.kind, self.dtype, self.device = type(array), array.dtype, device(array)
        self.rows = [(p, tuple(p.data.shape), None) for p in params]

    def gather(self):
        """Look at every gradient, and copy it to its place if there is one; lists who has none.

        Raises Moved where data have another library, dtype, device or shape than the state, and
        TypeError or ValueError for what is no gradient of its parameter.
        """
        kind, dtype, missing = self.kind, self.dtype, []
        for p, shape, place in self.rows:
            array, g = p.data, p.grad
            if type(array) is not kind or array.dtype != dtype or array.shape != shape:
                array = settled(p)
                if type(array) is not kind or array.dtype != dtype or array.shape != shape:
                    raise Moved(self.moved_to(array))
            if g is None:
                missing.append(p)
                continue
            if type(g) is not kind or g.shape != shape:
                check_gradient(g, array)
            if place is not None:
                place[...] = g
            elif kind is not np.ndarray and device(array) != self.device:
                raise Moved(self.moved_to(array))
        return missing

    def moved_to(self, array):
        was = f"{dtype_name(self.dtype)} on {self.device}"
        here = f"{dtype_name(array.dtype)} {tuple(array.shape)} on {device(array)}"
        shapes = ", ".join(str(shape) for _, shape, _ in self.rows[:3])
        return (
            f"the state of the optimizer is for {was}, shapes {shapes}, and a parameter is now "
            f"{here}: optimizer.load_state_dict(optimizer.state_dict()) moves the state to where "
            "the parameters are; for other shapes make a new optimizer"
        )

    def split(self, apart):
        """Packs of those parameters that are not `apart`, then packs of those that are."""
        sides = [], []
        for p, state in self.parts():
            sides[any(p is q for q in apart)].append((p, state))
        return packed(sides[0], True) + packed(sides[1], True)


class Moved(RuntimeError):
    """The data of a parameter are no longer of the kind that its state is for."""


class Single(Pack):
    """One parameter; arrays of its state have its shape."""

    def __init__(self, p, state):
        super().__init__((p,), state)

    def parts(self):
        """Pairs (parameter, its state)."""
        return [(self.params[0], self.state)]

    def step(self, optimizer, group):
        """Change the parameter once, after `gather` has found its gradient."""
        (p,) = self.params
        optimizer._advance(self.state, group)
        optimizer._prepare(self.state, p.data, group)
        decay, shrink = decays(optimizer, group)
        if self.kind is np.ndarray and optimizer._elementwise:
            self.step_in_blocks(p, optimizer, group, decay, shrink)
            return
        g = -p.grad if group["maximize"] else p.grad
        if decay:
            g = g + decay * p.data
        change = optimizer._change_of(p.data, g, self.state, group)
        if shrink != 1:
            p.data *= shrink
        p.data -= change

    def step_in_blocks(self, p, optimizer, group, decay, shrink):
        array, grads = p.data.reshape(-1), p.grad.reshape(-1)
        state = {name: x.reshape(-1) if is_array(x) else x for name, x in self.state.items()}
        length = max(1, BLOCK // self.dtype.itemsize)
        buffers = np.empty((2, min(length, array.size)), self.dtype)
        for start in range(0, array.size, length):
            block = slice(start, start + length)
            a, g = array[block], grads[block]
            out, spare = buffers[:, : a.size]
            if group["maximize"]:
                g = -g
            if decay:
                g = g + decay * a
            part = {name: x[block] if is_array(x) else x for name, x in state.items()}
            optimizer._change_into(out, spare, g, part, group)
            if shrink != 1:
                a *= shrink
            a -= out
        if not p.data.flags.c_contiguous:  # then array is a copy
            p.data[...] = array.reshape(p.data.shape)
        p.version[0] += 1


class Joint(Pack):
    """Several small parameters; arrays of their state are flat, one parameter after another."""

    def __init__(self, members):
        params = tuple(p for p, _ in members)
        super().__init__(params, joined([state for _, state in members]))
        size = sum(p.size for p in params)
        self.grads, self.out, self.spare = (np.empty(size, self.dtype) for _ in range(3))
        places = self.views(self.grads)
        self.rows = [(p, shape, g) for (p, shape, _), g in zip(self.rows, places, strict=True)]
        self.changes = list(zip(params, self.views(self.out), strict=True))

    def views(self, flat):
        """For each parameter its part of a flat array, in its shape."""
        views, start = [], 0
        for p, shape, _ in self.rows:
            views.append(flat[start : start + p.size].reshape(shape))
            start += p.size
        return views

    def parts(self):
        """Pairs (parameter, its state)."""
        views = {name: self.views(x) if is_array(x) else x for name, x in self.state.items()}
        return [
            (p, {name: x[i] if isinstance(x, list) else x for name, x in views.items()})
            for i, p in enumerate(self.params)
        ]

    def step(self, optimizer, group):
        """Change every parameter once, after `gather` has found a gradient of each."""
        state, grads = self.state, self.grads
        optimizer._advance(state, group)
        optimizer._prepare(state, grads, group)
        decay, shrink = decays(optimizer, group)
        if group["maximize"]:
            np.negative(grads, grads)
        if decay:
            for p, _, g in self.rows:
                g += decay * p.data
        optimizer._change_into(self.out, self.spare, grads, state, group)
        if shrink != 1:
            for p in self.params:
                p.data *= shrink
        for p, change in self.changes:
            array = p.data
            array -= change
            p.version[0] += 1  # as p.data -= change would, which takes twice as long


def joined(states):
    """One state for several parameters: their arrays one after another, their numbers once."""
    return {
        name: np.concatenate([state[name] for state in states], axis=None) if is_array(x) else x
        for name, x in states[0].items()
    }


def decays(optimizer, group):
    """The share of a parameter that is added to its gradient, and the factor that shrinks it."""
    decay = group["weight_decay"]
    if decay and (optimizer._decouples or group.get("decoupled_weight_decay")):
        return 0, 1 - group["lr"] * decay
    return decay, 1


def settled(p):
    """The data of a parameter, as an array where NumPy's arithmetic has made a number of it."""
    if isinstance(p.data, np.generic):
        p.data = np.array(p.data)
    return p.data


def is_array(x):
    return hasattr(x, "shape")


def check_gradient(g, array):
    """Raise TypeError or ValueError for what is no gradient of a parameter with this array."""
    if hasattr(g, "requires_grad") and hasattr(g, "vjps"):
        raise TypeError("a gradient is an array, not a Tensor: p.grad = g.data")
    if not is_array(g) or xp(g) is not xp(array):
        raise TypeError(f"a gradient is an array like its parameter's, not {g!r:.60}")
    if tuple(g.shape) != tuple(array.shape):
        raise ValueError(
            f"a gradient {tuple(g.shape)} does not fit its parameter {tuple(array.shape)}: p.grad "
            "has the shape of p"
        )
