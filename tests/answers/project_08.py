"""Project 08: right Adadeltas in other styles, and faults planted into the solution."""

# As in torch: one dict of memory for each parameter, in place; the state by numbers of parameters.
IN_PLACE = """
import copy

import numpy as np


class Adadelta:
    def __init__(self, params, **given):
        known = {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0}
        known.update(given)
        params = list(params)
        self.param_groups = []
        for group in params if type(params[0]) is dict else [dict(params=params)]:
            group = {**known, **group}
            right = group["lr"] > 0 and group["eps"] > 0
            if not (right and 0.0 <= group["rho"] < 1.0 and group["weight_decay"] >= 0.0):
                raise ValueError("bad option")
            self.param_groups.append(group)
        self.params = [p for group in self.param_groups for p in group["params"]]
        self.state = [
            {"square_avg": np.zeros_like(p.data), "acc_delta": np.zeros_like(p.data)}
            for p in self.params
        ]

    def options_of(self, p):
        return next(g for g in self.param_groups if any(p is q for q in g["params"]))

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    def step(self):
        for p, state in zip(self.params, self.state):
            if p.grad is None:
                continue
            group, g = self.options_of(p), np.array(p.grad)
            if group["weight_decay"]:
                g += group["weight_decay"] * p.data
            rho, s, d = group["rho"], state["square_avg"], state["acc_delta"]
            s *= rho
            s += (1 - rho) * g * g
            delta = g * ((d + group["eps"]) / (s + group["eps"])) ** 0.5
            d *= rho
            d += (1 - rho) * delta * delta
            p.data -= group["lr"] * delta

    def state_dict(self):
        options = [{k: g[k] for k in g if k != "params"} for g in self.param_groups]
        return copy.deepcopy({"state": dict(enumerate(self.state)), "options": options})

    def load_state_dict(self, saved):
        saved = copy.deepcopy(saved)
        self.state = [saved["state"][k] for k in sorted(saved["state"])]
        for group, options in zip(self.param_groups, saved["options"]):
            group.update(options)
"""

# Each group an object of its own, with lists of averages that are made at the first gradient.
LAZY = """
import numpy as np


class Part:
    def __init__(self, params, lr, rho, eps, weight_decay):
        for value, name in ((lr, "lr"), (eps, "eps")):
            if value <= 0:
                raise ValueError(name)
        if rho < 0 or rho >= 1 or weight_decay < 0:
            raise ValueError("rho or weight_decay")
        self.params, self.numbers = params, (lr, rho, eps, weight_decay)
        self.first, self.second = [None] * len(params), [None] * len(params)

    def step(self):
        lr, rho, eps, decay = self.numbers
        for k in range(len(self.params)):
            p = self.params[k]
            if p.grad is not None:
                g = p.grad + decay * p.data
                s = 0 if self.first[k] is None else self.first[k]
                d = 0 if self.second[k] is None else self.second[k]
                s = s + (1 - rho) * (g**2 - s)
                delta = np.sqrt(d + eps) * g / np.sqrt(s + eps)
                self.first[k], self.second[k] = s, d + (1 - rho) * (delta**2 - d)
                p.data = p.data - lr * delta


class Adadelta:
    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0):
        if not hasattr(params[0], "keys"):
            params = [{"params": params}]
        self.parts = []
        for group in params:
            own = dict(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay)
            own.update(group)
            self.parts.append(Part(**own))

    def zero_grad(self):
        for part in self.parts:
            for p in part.params:
                p.grad = None

    def step(self):
        for part in self.parts:
            part.step()

    def state_dict(self):
        return tuple((part.numbers, list(part.first), list(part.second)) for part in self.parts)

    def load_state_dict(self, saved):
        for part, (numbers, first, second) in zip(self.parts, saved):
            part.numbers, part.first, part.second = numbers, list(first), list(second)
"""

RIGHT = [IN_PLACE, LAZY]

TWO, FIFTY, DEFAULTS = "Two steps", "Fifty steps", "The defaults"
DECAY, GROUPS, MISSING = "Weight decay", "Two groups", "A parameter without"
LEFT, RESUMED, COPY, BAD = "Gradients are left", "A run resumed", "A saved state", "Bad options"

FAULTS = [
    # the step
    ("rho * s + (1 - rho) * g**2", "rho * s + g**2", [TWO, FIFTY]),
    ("rho * s + (1 - rho) * g**2", "s + g**2", [TWO, FIFTY]),
    ("rho * s + (1 - rho) * g**2", "(1 - rho) * s + rho * g**2", [FIFTY]),
    ("rho * s + (1 - rho) * g**2", "rho * s + (1 - rho) * np.abs(g)", [TWO, FIFTY]),
    ("rho * d + (1 - rho) * delta**2", "rho * d + (1 - rho) * g**2", [TWO, FIFTY]),
    ("rho * d + (1 - rho) * delta**2", "d + delta**2", [TWO, FIFTY]),
    ("rho * d + (1 - rho) * delta**2", "rho * d + (1 - rho) * (group['lr'] * delta) ** 2", [FIFTY]),
    ("rho * d + (1 - rho) * delta**2", "d", [TWO, FIFTY]),
    ("np.sqrt(d + eps)", "(np.sqrt(d) + eps)", [TWO, FIFTY]),
    ("np.sqrt(d + eps)", "np.sqrt(d + 1e-6)", [TWO, FIFTY]),
    ("np.sqrt(s + eps)", "(np.sqrt(s) + eps)", [TWO, FIFTY]),
    ("np.sqrt(s + eps)", "np.sqrt(s)", [TWO]),
    ("np.sqrt(d + eps) / np.sqrt(s + eps) * g", "np.sqrt(s + eps) / np.sqrt(d + eps) * g", [TWO]),
    ("np.sqrt(d + eps) / np.sqrt(s + eps) * g", "g / np.sqrt(s + eps)", [TWO, FIFTY]),
    ('p.data - group["lr"] * delta', 'p.data + group["lr"] * delta', [TWO, FIFTY]),
    ('p.data - group["lr"] * delta', "p.data - delta", [FIFTY]),
    ("= s, d\n", "= s, group['memory'][k][1]\n", [TWO, FIFTY]),
    ("= s, d\n", "= group['memory'][k][0], d\n", [TWO, FIFTY]),
    ("lr=1.0, rho", "lr=0.001, rho", [DEFAULTS]),
    ("rho=0.9", "rho=0.95", [DEFAULTS]),
    ("eps=1e-6", "eps=1e-8", [DEFAULTS]),
    # decay, groups, gradients
    ('p.grad + group["weight_decay"] * p.data', "p.grad", [DECAY, GROUPS]),
    ('p.grad + group["weight_decay"] * p.data', 'p.grad - group["weight_decay"] * p.data', [DECAY]),
    (
        'g = p.grad + group["weight_decay"] * p.data',
        'g = p.grad\n                g += group["weight_decay"] * p.data',
        [LEFT],
    ),
    ("[{**options, **group} for", "[{**group, **options} for", [GROUPS]),
    (
        "rho, eps = group",
        "group = {**self.groups[0], 'params': group['params'], "
        "'memory': group['memory']}\n            rho, eps = group",
        [GROUPS],
    ),
    ('group["memory"][k] = s, d', 'group["memory"][0] = s, d', [GROUPS]),
    (
        "if p.grad is None:\n                    continue",
        "if p.grad is None:\n                    p.grad = np.zeros(p.shape)",
        [MISSING],
    ),
    (
        "if p.grad is None:\n                    continue",
        "if p.grad is None:\n                    break",
        [MISSING],
    ),
    ("p.grad = None", "p.grad = np.zeros(p.shape)", [LEFT]),
    ("p.grad = None", "pass", [LEFT]),
    # the state
    ("(s.copy(), d.copy()) for s, d in group", "(s * 0, d.copy()) for s, d in group", [RESUMED]),
    ("(s.copy(), d.copy()) for s, d in saved", "(s.copy(), d * 0) for s, d in saved", [RESUMED]),
    (
        "(s.copy(), d.copy()) for s, d in group",
        "(np.round(s, 6), d.copy()) for s, d in group",
        [RESUMED],
    ),
    ('{**saved, "params": group["params"], "memory": memory}', '{"memory": memory}', [RESUMED]),
    ('{**saved, "params": group["params"], "memory": memory}', "{}", [RESUMED, COPY]),
    (
        '"memory": [(s.copy(), d.copy()) for s, d in group["memory"]]}',
        '"memory": group["memory"]}',
        [COPY],
    ),
    # options
    ("if not group[name] > 0:", "if group[name] < 0:", [BAD]),
    ('for name in ("lr", "eps"):', 'for name in ("lr",):', [BAD]),
    ('if not 0 <= group["rho"] < 1:', 'if not 0 < group["rho"] < 1:', [BAD]),
    ('if not 0 <= group["rho"] < 1:', 'if not 0 <= group["rho"] <= 1:', [BAD]),
    ('if group["weight_decay"] < 0:', "if weight_decay < 0:", [BAD]),
    ('if group["weight_decay"] < 0:', 'if group["weight_decay"] <= 0:', [BAD]),
]
