"""Parameters stepped together: where their state lies, and how a step runs over it.

The rule of an optimizer is the same for every number, so small parameters are stepped as one: their
gradients are copied into one flat array, the rule runs over it once, and its result is subtracted
from each parameter, part by part. That saves calls, which are most of the time of small arrays. A
large parameter is stepped block by block instead, so that what is computed on the way stays in the
processor's cache. In both, each number goes through the same operations, so the bits are the same.
The parameters keep their own arrays, of which a pack knows where they are until p.data is another;
those of other libraries than NumPy are stepped one by one.
"""

import numpy as np

from bookutils.engine.arrays import device, dtype_name, xp
from bookutils.optim.vectors import BLOCK, Room, functions


def packed(pairs, together):
    """Packs for pairs (parameter, its state).

    If they can be stepped `together`, small parameters of one dtype, whose states have the same
    numbers and names, share a pack.
    """
    packs, filling = [], {}
    for p, state in pairs:
        array = settled(p)
        key = array.dtype, *((name, None if is_array(x) else x) for name, x in state.items())
        flat = type(array) is np.ndarray and together
        members = filling.get(key) if flat and array.size < BLOCK else None
        if members is None or sum(q.size for q, _ in members) + array.size > BLOCK:
            members = []
            packs.append((members, flat))
            if flat and array.size < BLOCK:
                filling[key] = members
        members.append((p, state))
    return [
        Joint(members) if len(members) > 1 else (Blocks if flat else Single)(*members[0])
        for members, flat in packs
    ]


class Pack:
    """Parameters that have been stepped in the same steps, and what is remembered of them."""

    def __init__(self, params, state):
        array = params[0].data
        self.params, self.state = params, state
        self.kind, self.dtype, self.device = type(array), array.dtype, device(array)
        self.shapes = [tuple(p.data.shape) for p in params]

    def arrays(self):
        """The data of the parameters; raises Moved where the state is not for such arrays."""
        arrays = [settled(p) for p in self.params]
        for array, shape in zip(arrays, self.shapes, strict=True):
            kind = type(array), array.dtype, tuple(array.shape)
            if kind != (self.kind, self.dtype, shape) or device(array) != self.device:
                raise Moved(self.moved_to(array))
        return arrays

    def moved_to(self, array):
        was = f"{dtype_name(self.dtype)} on {self.device}"
        here = f"{dtype_name(array.dtype)} {tuple(array.shape)} on {device(array)}"
        shapes = ", ".join(map(str, self.shapes[:3]))
        return (
            f"the state of the optimizer is for {was}, shapes {shapes}, and a parameter is now "
            f"{here}: optimizer.load_state_dict(optimizer.state_dict()) moves the state to where "
            "the parameters are; for other shapes make a new optimizer"
        )

    def gather(self):
        """Look at every gradient, and copy it to its place if there is one; lists who has none.

        Raises Moved where data have another library, dtype, device or shape than the state, and
        TypeError or ValueError for what is no gradient of its parameter.
        """
        raise NotImplementedError

    def step(self, optimizer, group):
        """Change every parameter once, after `gather` has found a gradient of each."""
        raise NotImplementedError

    def split(self, apart):
        """Packs of those parameters that are not `apart`, then packs of those that are."""
        sides = [], []
        for p, state in self.parts():
            sides[any(p is q for q in apart)].append((p, state))
        return packed(sides[0], True) + packed(sides[1], True)


class Moved(RuntimeError):
    """The data of a parameter are no longer of the kind that its state is for."""


class Single(Pack):
    """One parameter, of any library and any rule; arrays of its state have its shape."""

    def __init__(self, p, state):
        super().__init__((p,), state)

    def parts(self):
        """Pairs (parameter, its state)."""
        return [(self.params[0], self.state)]

    def gather(self):
        (p,), (array,) = self.params, self.arrays()
        if p.grad is not None and (type(p.grad) is not self.kind or p.grad.shape != array.shape):
            check_gradient(p.grad, array)
        return [p] if p.grad is None else []

    def step(self, optimizer, group):
        (p,) = self.params
        optimizer._advance(self.state, group)
        optimizer._prepare(self.state, p.data, group)
        decay, shrink = decays(optimizer, group)
        g = -p.grad if group["maximize"] else p.grad
        if decay:
            g = g + decay * p.data
        change = optimizer._change_of(p.data, g, self.state, group)
        if shrink != 1:
            p.data *= shrink
        p.data -= change


class Blocks(Single):
    """One parameter in NumPy's memory, stepped block by block."""

    def __init__(self, p, state):
        super().__init__(p, state)
        self.settle()

    def settle(self):
        """Look where the numbers of the parameter are."""
        (self.array,) = self.arrays()
        self.data = flat(self.array)
        self.blocks = blocks(self.data)

    def gather(self):
        (p,), g = self.params, self.params[0].grad
        if p._array is not self.array:
            self.settle()
        if g is not None and (type(g) is not np.ndarray or g.shape != self.array.shape):
            check_gradient(g, *self.arrays())
        return [p] if g is None else []

    def step(self, optimizer, group):
        (p,), array = self.params, self.array
        optimizer._advance(self.state, group)
        optimizer._prepare(self.state, array, group)
        state = {name: x.reshape(-1) if is_array(x) else x for name, x in self.state.items()}
        apart = not np.may_share_memory(array, self.data)
        if apart:
            self.data[...] = array.reshape(-1)
        step_in_blocks(self.blocks, p.grad.reshape(-1), state, optimizer, group)
        if apart:
            array[...] = self.data.reshape(array.shape)
        p.version[0] += 1


class Joint(Pack):
    """Several small parameters; arrays of their state are flat, one parameter after another."""

    def __init__(self, members):
        super().__init__(tuple(p for p, _ in members), joined([state for _, state in members]))
        self.grads, *spare = np.ones((4, sum(p.size for p in self.params)), self.dtype)
        self.room = Room(*spare)
        self.settle()

    def settle(self):
        """Look where the numbers of the parameters are."""
        arrays, places, changes = self.arrays(), self.views(self.grads), self.views(self.room.out)
        self.rows = list(zip(self.params, arrays, self.shapes, places, strict=True))
        self.targets, self.apart = [], []
        for p, array, change in zip(self.params, arrays, changes, strict=True):
            data = flat(array)
            self.targets.append((p, functions(data)[1], change.reshape(-1), data, data.size))
            if not np.may_share_memory(array, data):
                self.apart.append((array, data.reshape(array.shape)))

    def gather(self):
        missing = []
        for p, array, shape, place in self.rows:
            if p._array is not array:
                self.settle()
                return self.gather()
            g = p.grad
            if type(g) is np.ndarray and g.shape == shape:
                place[...] = g
            elif g is None:
                missing.append(p)
            else:
                self.arrays()
                check_gradient(g, array)
                place[...] = g
        return missing

    def step(self, optimizer, group):
        state, grads = self.state, self.grads
        optimizer._advance(state, group)
        optimizer._prepare(state, grads, group)
        decay, shrink = decays(optimizer, group)
        if group["maximize"]:
            np.negative(grads, grads)
        if decay:
            for _, array, _, g in self.rows:
                g += decay * array
        factor = optimizer._change_into(self.room, grads, state, group)
        factor = self.room.ready_to_subtract(factor)
        for array, data in self.apart:
            data[...] = array
        if shrink != 1:
            for _, _, _, data, _ in self.targets:
                data *= shrink
        for p, axpy, change, data, n in self.targets:
            axpy(change, data, n, factor)
            p.version[0] += 1
        for array, data in self.apart:
            array[...] = data

    def views(self, flat):
        """For each parameter its part of a flat array, in its shape."""
        views, start = [], 0
        for p, shape in zip(self.params, self.shapes, strict=True):
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


def flat(array):
    """Its numbers one after another, as BLAS needs them: in its own memory, or else in a copy."""
    return (array if array.flags.carray else np.array(array, order="C")).reshape(-1)


def blocks(data):
    """Triples (block, its part of the flat array `data`, Room for it)."""
    buffers = np.ones((3, min(BLOCK, data.size)), data.dtype)
    result = []
    for start in range(0, data.size, BLOCK):
        block = slice(start, start + BLOCK)
        part = data[block]
        result.append((block, part, Room(*buffers[:, : part.size])))
    return result


def step_in_blocks(blocks, grads, state, optimizer, group):
    """One step of flat data, with gradients and state that are flat too."""
    decay, shrink = decays(optimizer, group)
    arrays = [(name, x) for name, x in state.items() if is_array(x)]
    part = dict(state)
    for block, a, room in blocks:
        g = grads[block]
        if group["maximize"]:
            g = -g
        if decay:
            g = g + decay * a
        for name, x in arrays:
            part[name] = x[block]
        factor = room.ready_to_subtract(optimizer._change_into(room, g, part, group))
        if shrink != 1:
            a *= shrink
        room.axpy(room.out, a, room.n, factor)


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
