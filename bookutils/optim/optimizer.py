"""What all optimizers share: parameter groups, the step, the state saved and restored."""

from collections.abc import Mapping

import numpy as np
from array_api_compat import to_device

from bookutils.engine.arrays import device, xp
from bookutils.engine.calls import put_down_whole
from bookutils.engine.record import quiet
from bookutils.optim.groups import ANYTHING, FLAG, FROM_ZERO, Group, checked_params, groups_of
from bookutils.optim.packs import Moved, is_array, packed
from bookutils.phrasebook import each, refuse_attribute, translated

HOW = each("foreach fused capturable differentiable", "leave it out: it changes no number here")
SHARED = {"weight_decay": 0.0, "maximize": False}


class Optimizer:
    """Parameters in groups, and a rule that changes them by the gradients left in them.

    A rule is one method, `change(g, state, group)`: from a gradient g, an array, what is remembered
    of its parameter, a dict, and the options of its group, to the array that is subtracted from
    the parameter. `memory(group)` names the arrays that it remembers. One of your own needs no more
    than these two, and an __init__ that hands over `params` and its options, a dict with lr.

    `params` is a list of Tensors, each stepped once however often it is listed; or of groups,
    dicts such as {"params": [w], "lr": 0.01}, whose options take the place of those given here.
    Raises ValueError for no parameters, a computed one, one in two groups or an option outside of
    its range; TypeError for a parameter that is no Tensor.
    """

    options = {"lr": FROM_ZERO, "weight_decay": FROM_ZERO, "maximize": FLAG}
    _remembers = ()  # arrays that some options bring, so that a state may have them
    _decouples = False  # whether weight decay is always a factor of p, never a part of the gradient
    _elementwise = False  # whether the rule is one for each number, whatever parameter it is in

    def __init_subclass__(cls, **settings):
        """Take what is true of a rule from its own class alone, not from that of another rule."""
        super().__init_subclass__(**settings)
        if "change" in vars(cls):
            for name in ("_elementwise", "_change_into"):
                if name not in vars(cls):
                    setattr(cls, name, vars(Optimizer)[name])

    def __init__(self, params, defaults):
        defaults = {**defaults, **{n: x for n, x in SHARED.items() if n not in defaults}}
        self.defaults = defaults
        self.defaults = {n: x for n, x in self._group((), defaults).items() if n != "params"}
        self.param_groups, self._packs = [], []
        self.steps = 0  # calls of step, which schedules look at
        for group in groups_of(params, type(self).__name__):
            self.add_param_group(group)

    def __getattr__(self, name):
        refuse_attribute(self, name)

    # --- groups -----------------------------------------------------------------------------------

    def add_param_group(self, group):
        """Add {"params": Tensors, …} with options of its own; the others are those given at first.

        Raises as the optimizer itself does, with nothing added.
        """
        owner = type(self).__name__
        others = [p for g in self.param_groups for p in g["params"]]
        params = checked_params(group, owner, others)
        given = {name: x for name, x in group.items() if name != "params"}
        group = self._group(params, {**self.defaults, **given})
        self.param_groups.append(group)
        self._packs.append(packed([(p, self._numbers()) for p in params], self._elementwise))

    def _group(self, params, options):
        """A group with its options checked; those of a rule of one's own may be anything."""
        checks = {**dict.fromkeys(self.defaults, ANYTHING), **self.options}
        group = Group(type(self).__name__, checks, params, options)
        self._check_group(group)
        return group

    def _check_group(self, group):
        """Raise ValueError for options that do not go together."""

    @property
    def lr(self):
        """The learning rate, of all groups; assigned to, it becomes that of all."""
        rates = [group["lr"] for group in self.param_groups]
        if len(set(rates)) > 1:
            raise ValueError(
                f"the groups have rates of their own, {rates}: read param_groups[0]['lr']"
            )
        return rates[0]

    @lr.setter
    def lr(self, lr):
        for group in self.param_groups:
            group["lr"] = lr

    # --- a step -----------------------------------------------------------------------------------

    def change(self, g, state, group):
        """What is subtracted from a parameter with the gradient g, an array.

        It changes the arrays of `state` in place, and leaves g as it is.
        """
        raise NotImplementedError(f"{type(self).__name__} has no change(self, g, state, group)")

    def memory(self, group):
        """Map the name of each array that is remembered to the number that it is filled with."""
        return {}

    def _numbers(self):
        """What is remembered beside arrays, before the first step."""
        return {"step": 0}

    def _advance(self, state, group):
        """Count a step in which the parameter has a gradient."""
        state["step"] += 1

    def _prepare(self, state, array, group):
        """Add to a state the arrays that it lacks, for a parameter with this array."""
        for name, start in self.memory(group).items():
            if name not in state:
                state[name] = filled(array, tuple(array.shape), start)

    def _change_of(self, array, g, state, group):
        """`change`; `array` is that of the parameter, for a rule that looks at it too."""
        return self.change(g, state, group)

    def _change_into(self, room, g, state, group):
        """`change`, as an array times a number: written into `room.out`, and returned."""
        room.out[...] = self.change(g, state, group)
        return 1.0

    @put_down_whole
    def step(self, closure=None):
        """Change every parameter in place; one without a gradient stays as it is, steps uncounted.

        A closure, if there is one, computes the loss and its gradients first; returns its loss.
        Raises ValueError or TypeError, with nothing changed, for a gradient that does not fit.
        """
        loss = None if closure is None else closure()
        ready = self._ready()
        while ready is None:
            ready = self._ready()
        self.steps += 1
        self._change(ready)
        return loss

    def _ready(self):
        """Pairs (pack, group) of packs whose parameters have gradients; None after rearranging."""
        ready = []
        for i, (group, packs) in enumerate(zip(self.param_groups, self._packs)):  # noqa: B905
            for pack in packs:
                try:
                    missing = pack.gather()
                except Moved:
                    if any(map(is_array, pack.state.values())):
                        raise
                    self._packs[i] = packed(self._parts(i), self._elementwise)
                    return None
                if not missing:
                    ready.append((pack, group))
                elif len(missing) < len(pack.params):
                    where = packs.index(pack)
                    packs[where : where + 1] = pack.split(missing)
                    return None
        return ready

    @quiet
    def _change(self, ready):
        for pack, group in ready:
            pack.step(self, group)

    @translated(set_to_none="gradients are always set to None")
    def zero_grad(self):
        """Set the gradient of every parameter to None."""
        for group in self.param_groups:
            for p in group["params"]:
                p.grad = None

    # --- the state --------------------------------------------------------------------------------

    def _parts(self, i):
        """Pairs (parameter, its state) of group i, in its order."""
        states = {id(p): state for pack in self._packs[i] for p, state in pack.parts()}
        return [(p, states[id(p)]) for p in self.param_groups[i]["params"]]

    @property
    def state(self):
        """Map each parameter to what is remembered of it: numbers and arrays, to be read."""
        return {p: s for i in range(len(self._packs)) for p, s in self._parts(i)}

    def state_dict(self):
        """A dict with copies of all that a later step depends on, but for the parameters.

        {"state": {number of the parameter: {name: array or number}}, "param_groups": [{option: …,
        "params": numbers}]}, as in PyTorch; arrays are NumPy's, so pickle and numpy.savez keep it.
        """
        state, groups, count = {}, [], 0
        for i, group in enumerate(self.param_groups):
            for n, (_, remembered) in enumerate(self._parts(i), count):
                if any(is_array(x) or x for x in remembered.values()):
                    state[n] = {name: _numpy(x) for name, x in remembered.items()}
            numbers = list(range(count, count + len(group["params"])))
            groups.append({**group, "params": numbers})
            count += len(numbers)
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state):
        """Take over copies of what state_dict returned, where the parameters are; returns self.

        Raises ValueError, with nothing loaded, unless groups, options and shapes are those here;
        TypeError for what is no such dict.
        """
        if not isinstance(state, Mapping) or not {"state", "param_groups"} <= state.keys():
            raise TypeError(f"a state is a dict as state_dict() returns it, not {state!r:.60}")
        sizes = [
            [len(g["params"]) for g in groups]
            for groups in (self.param_groups, state["param_groups"])
        ]
        if sizes[0] != sizes[1]:
            self._refuse(f"its groups have {sizes[1]} parameters, those here {sizes[0]}")
        groups, packs = [], []
        for group, saved in zip(self.param_groups, state["param_groups"], strict=True):
            options = {name: x for name, x in saved.items() if name != "params"}
            absent = [name for name in self.defaults if name not in options]
            if absent:
                self._refuse(f"a group lacks {', '.join(absent)}")
            try:
                new = self._group(group["params"], options)
            except ValueError as error:
                self._refuse(str(error))
            groups.append(new)
            pairs = [
                (p, self._loaded(p, state["state"].get(n, {}), new, n))
                for p, n in zip(group["params"], saved["params"], strict=True)
            ]
            packs.append(packed(pairs, self._elementwise))
        self.param_groups[:], self._packs = groups, packs
        return self

    def _loaded(self, p, saved, group, n):
        """The state of one parameter, from that which was saved under the number n."""
        state = self._numbers()
        if not saved:
            return state
        expected = dict(state)
        self._prepare(expected, p.data, group)
        for name, x in saved.items():
            if name in state:
                state[name] = type(state[name])(x)
                continue
            if name not in expected and name not in self._remembers:
                self._refuse(f"parameter {n} has {name}, which is not remembered here")
            x = np.array(x, order="C")  # as blocks of it are taken
            like = expected.get(name, p.data)
            if x.shape != tuple(like.shape):
                self._refuse(f"{name} of parameter {n} is {x.shape}, here {tuple(like.shape)}")
            state[name] = xp(like).asarray(x, dtype=like.dtype, device=device(like), copy=True)
        lacking = [name for name in expected if name not in saved]
        if lacking:
            self._refuse(f"parameter {n} lacks {', '.join(lacking)}")
        return state

    def _refuse(self, why):
        raise ValueError(f"nothing loaded into {type(self).__name__}: {why}") from None

    def __getstate__(self):
        """For copies and pickles: the packs hold views, which are made anew."""
        kept = {name: x for name, x in vars(self).items() if name not in ("_packs", "param_groups")}
        kept["param_groups"] = [dict(group) for group in self.param_groups]
        kept["states"] = [[state for _, state in self._parts(i)] for i in range(len(self._packs))]
        return kept

    def __setstate__(self, kept):
        states, groups = kept.pop("states"), kept.pop("param_groups")
        vars(self).update(kept)
        self.param_groups, self._packs = [], []
        for group, remembered in zip(groups, states, strict=True):
            params = group.pop("params")
            self.param_groups.append(self._group(params, group))
            pairs = [
                (p, {name: _copied(x) for name, x in state.items()})
                for p, state in zip(params, remembered, strict=True)
            ]
            self._packs.append(packed(pairs, self._elementwise))

    def __repr__(self):
        parts = []
        for group in self.param_groups:
            count = sum(p.size for p in group["params"])
            parts.append(f"lr={group['lr']:g}, {count:,} parameter{'s' * (count != 1)}")
        groups = f"{len(parts)} groups: " if len(parts) > 1 else ""
        return f"{type(self).__name__}({groups}{'; '.join(parts)})"


def filled(like, shape, number):
    """An array of this shape, in the library, dtype and device of another."""
    return xp(like).full(shape, number, dtype=like.dtype, device=device(like))


def _numpy(x):
    return np.array(np.asarray(to_device(x, "cpu"))) if is_array(x) else x


def _copied(x):
    return xp(x).asarray(x, copy=True) if is_array(x) else x
