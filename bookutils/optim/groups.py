"""What an optimizer is given: parameters and options, each checked."""

from math import inf
from numbers import Real

from bookutils.engine.tensor import Tensor

# --- options --------------------------------------------------------------------------------------


def _real(x):
    return isinstance(x, Real) and not isinstance(x, bool)


def _pair(x):
    return isinstance(x, (tuple, list)) and len(x) == 2


# What a value must be: in words, and as a test.
FROM_ZERO = "a number from 0 on", lambda x: _real(x) and 0 <= x < inf
FROM_ONE = "a number from 1 on", lambda x: _real(x) and 1 <= x < inf
TO_ZERO = "a number of at most 0", lambda x: _real(x) and -inf < x <= 0
SHARE = "a number from 0 to 1", lambda x: _real(x) and 0 <= x <= 1
FINITE = "a finite number", lambda x: _real(x) and -inf < x < inf
FLAG = "True or False", lambda x: isinstance(x, bool)
TEXT = "a text", lambda x: isinstance(x, str)
ANYTHING = "anything", lambda x: True
TWO_DECAYS = (
    "a pair of numbers, from 0 to below 1",
    lambda x: _pair(x) and all(_real(b) and 0 <= b < 1 for b in x),
)
TWO_FLOORS = (
    "a pair of numbers from 0 on, or (None, number)",
    lambda x: _pair(x) and (x[0] is None or FROM_ZERO[1](x[0])) and FROM_ZERO[1](x[1]),
)

# What any group may also hold: a label of the user's, and what a schedule started from.
NOTES = {"name": TEXT, "initial_lr": FROM_ZERO}


class Group(dict):
    """One parameter group, a dict: "params", a tuple of Tensors, and the options they share.

    Each option may be assigned anew at any time, and is checked when it is. A copy is a plain dict.
    """

    def __init__(self, owner, checks, params, options):
        super().__init__(params=params)
        self.owner, self.checks = owner, {**checks, **NOTES}
        self.update(options)

    def __setitem__(self, name, value):
        if name == "params":
            raise ValueError("the parameters of a group stay: add_param_group adds others")
        if name not in self.checks:
            raise ValueError(
                f"{self.owner} has no option {name!r:.60}: its options are "
                f"{', '.join(n for n in self.checks if n not in NOTES)}"
            )
        words, test = self.checks[name]
        if not test(value):
            raise ValueError(f"{name} is {words}, not {value!r:.60}")
        super().__setitem__(name, _plain(value))

    def update(self, options=(), **more):
        for name, value in dict(options, **more).items():
            self[name] = value

    def setdefault(self, name, value):
        if name not in self:
            self[name] = value
        return self[name]

    def __reduce__(self):
        return dict, (dict(self),)


def _plain(x):
    """The option as Python's own type, so that a number of NumPy's widens no float32."""
    if isinstance(x, (tuple, list)):
        return tuple(map(_plain, x))
    return float(x) if _real(x) and not isinstance(x, int) else x


# --- parameters -----------------------------------------------------------------------------------


def groups_of(params, owner):
    """The groups, as a list of dicts, that the argument `params` of an optimizer stands for."""
    if isinstance(params, Tensor):
        raise TypeError(f"{owner} takes a list of parameters: [w], not w")
    if isinstance(params, dict):
        raise TypeError(f'{owner} takes a list of groups: [{{"params": …, "lr": …}}], not one dict')
    params = _listed(params, owner)
    if not params:
        raise ValueError(
            f"{owner} got no parameters to change: a module's are its Tensors with "
            "requires_grad=True; a generator gives its items once only: make a list"
        )
    dicts = [isinstance(x, dict) for x in params]
    if any(dicts) and not all(dicts):
        raise TypeError(f"{owner} takes Tensors, or groups that are dicts, not both in one list")
    return params if dicts[0] else [{"params": params}]


def checked_params(group, owner, others):
    """The parameters of one group as a tuple, each once; `others` are those of other groups."""
    if not isinstance(group, dict) or "params" not in group:
        raise TypeError(f'a group is a dict {{"params": …}} with its options, not {group!r:.60}')
    params = group["params"]
    params = [params] if isinstance(params, Tensor) else _listed(params, owner)
    if not params:
        raise ValueError(f"a group of {owner} has no parameters: leave it out, or give it some")
    for p in params:
        _check_parameter(p)
    params = tuple(dict.fromkeys(params))
    twice = [p for p in params if any(p is q for q in others)]
    if twice:
        raise ValueError(
            f"a parameter {twice[0].shape} is in two groups of {owner}: it belongs to one"
        )
    return params


def _listed(params, owner):
    if hasattr(params, "parameters"):
        raise TypeError(
            f"{owner} takes the parameters of a net: net.parameters(), not the "
            f"{type(params).__name__}"
        )
    if isinstance(params, (set, frozenset)):
        raise TypeError(f"{owner} takes a list of parameters: a set has no order")
    try:
        return list(params)
    except TypeError:
        raise TypeError(
            f"{owner} takes a list of parameters such as net.parameters(), not {params!r:.60}"
        ) from None


def _check_parameter(p):
    if not isinstance(p, Tensor):
        named = isinstance(p, tuple) and len(p) == 2 and isinstance(p[1], Tensor)
        cure = ": take parameters(), without the names" * named
        raise TypeError(f"every parameter is a Tensor, not {p!r:.60} ({type(p).__name__}){cure}")
    if p.parents:
        raise ValueError(f'a parameter is a Tensor made by Tensor(…), not one computed by "{p.op}"')
    if not p.requires_grad:
        raise ValueError(
            f"a parameter {p.shape} has requires_grad=False: make it Tensor(…, requires_grad=True)"
        )
