"""The parameters of an optimizer in one array, and their gradients in another.

The rule of most optimizers is the same for every number, so that an update is one call of it over
two arrays, block by block; see `bookutils.optim.packs`.
"""

import numpy as np

from bookutils.optim.packs import Joint, Pack, blocks, is_array, joined, packed, step_in_blocks
from bookutils.trace.memory import aligned


class Flat(Joint):
    """A pack of parameters whose data and gradients are parts of two flat arrays.

    Where a parameter has been given another array or gradient since, that is copied to its part
    before the step, and the result back after it.
    """

    def __init__(self, states, data, grads, trios):
        Pack.__init__(self, tuple(p for p, _, _ in trios), joined(states))
        self.data, self.grads, self.trios, self.blocks = data, grads, trios, blocks(data)
        self.settle()

    def settle(self):
        places = [place for _, _, place in self.trios]
        self.rows = list(zip(self.params, self.arrays(), self.shapes, places, strict=True))

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
        step_in_blocks(self.blocks, self.grads, self.state, optimizer, group)
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
        shape, dtype = (sum(p.data.size for p in params),), params[0].data.dtype
        self.data, self.grads = aligned(shape, dtype), aligned(shape, dtype)
        np.concatenate([p.data for p in params], axis=None, out=self.data)
        self.grads[...] = 0.0
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
