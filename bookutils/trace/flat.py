"""The parameters of an optimizer in one array, and their gradients in another.

The rule of most optimizers is the same for every number, so that an update is one call of it over
two arrays, block by block; see `bookutils.optim.packs`.
"""

import numpy as np

from bookutils.optim.packs import BLOCK, Joint, Pack, decays, is_array, joined


class Flat(Joint):
    """A pack of parameters whose data and gradients are parts of two flat arrays.

    Where a parameter has been given another array or gradient since, that is copied to its part
    before the step, and the result back after it.
    """

    def __init__(self, states, data, grads, trios):
        Pack.__init__(self, tuple(p for p, _, _ in trios), joined(states))
        self.data, self.trios = data, trios
        self.rows = [(p, data.shape, g) for p, data, g in trios]
        length = max(1, BLOCK // data.itemsize)
        buffers = np.empty((2, min(length, data.size)), data.dtype)
        self.blocks = []
        for start in range(0, data.size, length):
            block = slice(start, start + length)
            a = data[block]
            self.blocks.append((block, a, grads[block], *buffers[:, : a.size]))

    def gather(self):
        for p, array, place in self.trios:
            if p._array is not array or p.grad is not place:
                missing = super().gather()
                if not missing:
                    for p, array, _ in self.trios:
                        if p._array is not array:
                            array[...] = p.data
                return missing
        return ()

    def step(self, optimizer, group):
        optimizer._advance(self.state, group)
        optimizer._prepare(self.state, self.data, group)
        decay, shrink = decays(optimizer, group)
        for block, a, g, out, spare in self.blocks:
            if group["maximize"]:
                g = -g
            if decay:
                g = g + decay * a
            part = self.state
            if len(self.blocks) > 1:
                part = {name: x[block] if is_array(x) else x for name, x in part.items()}
            optimizer._change_into(out, spare, g, part, group)
            if shrink != 1:
                a *= shrink
            a -= out
        for p, array, _ in self.trios:
            p.version[0] += 1
            if p._array is not array:
                p._array[...] = array


class Home:
    """One group of an optimizer in flat arrays: made at the recording, moved in afterwards."""

    def __init__(self, optimizer, i, members):
        self.optimizer, self.i, self.params = optimizer, i, [p for p, _ in members]
        self.data = np.concatenate([p.data for p in self.params], axis=None)
        self.grads = np.zeros_like(self.data)
        self.trios, start = [], 0  # each parameter, its part of the data, that of the gradients
        for p in self.params:
            part, shape = slice(start, start + p.data.size), p.data.shape
            self.trios.append((p, self.data[part].reshape(shape), self.grads[part].reshape(shape)))
            start = part.stop
        self.pack = None

    def settle(self):
        """Let the optimizer step the flat arrays, unless it does or its state is not for it."""
        packs = self.optimizer._packs[self.i]
        if len(packs) == 1 and packs[0] is self.pack:
            return
        members = self.optimizer._parts(self.i)
        if fits(members, self.params):
            states = [state for _, state in members]
            self.pack = Flat(states, self.data, self.grads, self.trios)
            self.optimizer._packs[self.i] = [self.pack]


def homes(optimizers):
    """A Home for each group that can have one, of optimizers whose rule is one for every number."""
    result, met = [], set()
    for optimizer in optimizers:
        for i in range(len(optimizer.param_groups)):
            members = optimizer._parts(i)
            params = [p for p, _ in members]
            if optimizer._elementwise and fits(members, params) and not met & {*map(id, params)}:
                met |= {*map(id, params)}
                result.append(Home(optimizer, i, members))
    return result


def fits(members, params):
    """Are these the parameters, of one dtype, and their states alike, so that one pack has them?"""
    kinds = {
        (p.data.dtype, *((name, None if is_array(x) else x) for name, x in state.items()))
        for p, state in members
    }
    return len(kinds) == 1 and [id(p) for p, _ in members] == [*map(id, params)]
