"""The parameters of an optimizer in one array, and their gradients in another.

The rule of most optimizers is the same for every number, so that an update is one call of it over
two arrays, block by block; see `bookutils.optim.packs`.
"""

import numpy as np

from bookutils.optim.packs import BLOCK, Joint, Pack, decays, is_array, joined, packed


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
    """Parameters of one group of an optimizer in flat arrays, for all replays that step it.

    It is made at a recording, and moved into when nothing can fail any more.
    """

    def __init__(self, optimizer, i, params):
        self.optimizer, self.i, self.params = optimizer, i, params
        self.data = np.concatenate([p.data for p in params], axis=None)
        self.grads = np.zeros_like(self.data)
        self.trios, start = [], 0  # each parameter, its part of the data, that of the gradients
        for p in params:
            part, shape = slice(start, start + p.data.size), p.data.shape
            self.trios.append((p, self.data[part].reshape(shape), self.grads[part].reshape(shape)))
            start = part.stop
        self.pack = None

    def move_in(self):
        for p, array, _ in self.trios:
            p._array = array
        self.settle()

    def settle(self):
        """Let the optimizer step the flat arrays, unless it does or its state is not for it."""
        packs = self.optimizer._packs[self.i]
        if packs and packs[0] is self.pack:
            return
        states = {id(p): state for p, state in self.optimizer._parts(self.i)}
        members = [(p, states.pop(id(p))) for p in self.params]
        if alike(members):
            self.pack = Flat([state for _, state in members], self.data, self.grads, self.trios)
            self.pack.home = self
            group = self.optimizer.param_groups[self.i]["params"]
            others = [(p, states[id(p)]) for p in group if id(p) in states]
            self.optimizer._packs[self.i] = [self.pack, *packed(others, True)]


def homes(optimizers, without_grad):
    """A Home for each group that can have one, of optimizers whose rule is one for every number.

    Parameters that have no gradient in the step are left where they are.
    """
    result, met = [], set()
    for optimizer in optimizers:
        for i in range(len(optimizer.param_groups) * optimizer._elementwise):
            members = [m for m in optimizer._parts(i) if m[0] not in without_grad]
            params = [p for p, _ in members]
            if alike(members) and met.isdisjoint(params):
                met.update(params)
                result.append(home_of(optimizer, i, params) or Home(optimizer, i, params))
    return result


def home_of(optimizer, i, params):
    """The Home where these parameters are already, if there is one."""
    for pack in optimizer._packs[i][:1]:
        if isinstance(pack, Flat) and [*map(id, pack.params)] == [*map(id, params)]:
            if all(p._array is array for p, array, _ in pack.trios):
                return pack.home
    return None


def alike(members):
    """Are there parameters, of one dtype and with states alike, so that one pack can have them?"""
    kinds = {
        (p.data.dtype, *((name, None if is_array(x) else x) for name, x in state.items()))
        for p, state in members
    }
    return len(kinds) == 1
