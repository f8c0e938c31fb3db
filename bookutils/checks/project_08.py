"""The project of chapter 08: an optimizer from its published definition, Adadelta."""

import numpy as np

from bookutils.judge.project import Mistake, Project, Property

# ---- a right answer, and what goes wrong in others


class Adadelta:
    """Zeiler's Adadelta, with groups, decay in the gradient, and a state to save."""

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0):
        defaults = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay}
        groups = params if isinstance(params[0], dict) else [{"params": params}]
        self.groups = [{**defaults, **group} for group in groups]
        for group in self.groups:
            self.check(group)
        self.memory = [
            [[np.zeros(p.shape), np.zeros(p.shape)] for p in group["params"]]
            for group in self.groups
        ]

    def check(self, group):
        if not (group["lr"] > 0 and group["eps"] > 0 and group["weight_decay"] >= 0):
            raise ValueError("lr and eps are above 0, weight_decay is not below 0")
        if not 0 <= group["rho"] < 1:
            raise ValueError(f"rho lies from 0 up to 1, not {group['rho']}")

    def zero_grad(self):
        for group in self.groups:
            for p in group["params"]:
                p.grad = None

    def gradient(self, p, group):
        return p.grad + group["weight_decay"] * p.data

    def delta(self, g, memory, rho, eps):
        """The new averages of g² and Δ², and Δ."""
        square, moved = memory
        square = rho * square + (1 - rho) * g * g
        delta = np.sqrt(moved + eps) / np.sqrt(square + eps) * g
        return square, rho * moved + (1 - rho) * delta * delta, delta

    def step(self):
        for group, memories in zip(self.groups, self.memory, strict=True):
            for k, p in enumerate(group["params"]):
                if p.grad is not None:
                    g = self.gradient(p, group)
                    *memories[k], delta = self.delta(g, memories[k], group["rho"], group["eps"])
                    p.data = p.data - group["lr"] * delta

    def state_dict(self):
        options = [{k: v for k, v in g.items() if k != "params"} for g in self.groups]
        memory = [[[array.copy() for array in pair] for pair in pairs] for pairs in self.memory]
        return {"options": options, "memory": memory}

    def load_state_dict(self, state):
        for group, options in zip(self.groups, state["options"], strict=True):
            group.update(options)
        self.memory = [[[a.copy() for a in pair] for pair in pairs] for pairs in state["memory"]]


class NewAverage(Adadelta):
    def delta(self, g, memory, rho, eps):
        square, moved = memory
        square = rho * square + (1 - rho) * g * g
        moved = rho * moved + (1 - rho) * (moved + eps) / (square + eps) * g * g
        return square, moved, np.sqrt(moved + eps) / np.sqrt(square + eps) * g


class OldSquares(Adadelta):
    def delta(self, g, memory, rho, eps):
        square, moved = memory
        delta = np.sqrt(moved + eps) / np.sqrt(square + eps) * g
        return rho * square + (1 - rho) * g * g, rho * moved + (1 - rho) * delta**2, delta


class EpsOutside(Adadelta):
    def delta(self, g, memory, rho, eps):
        square, moved = memory
        square = rho * square + (1 - rho) * g * g
        delta = (np.sqrt(moved) + eps) / (np.sqrt(square) + eps) * g
        return square, rho * moved + (1 - rho) * delta**2, delta


class RateInside(Adadelta):
    def step(self):
        for group, memories in zip(self.groups, self.memory, strict=True):
            for k, p in enumerate(group["params"]):
                if p.grad is not None:
                    square, moved = memories[k]
                    g = self.gradient(p, group)
                    square, _, delta = self.delta(g, memories[k], group["rho"], group["eps"])
                    delta = group["lr"] * delta
                    memories[k] = [square, group["rho"] * moved + (1 - group["rho"]) * delta**2]
                    p.data = p.data - delta


class Sums(Adadelta):
    def delta(self, g, memory, rho, eps):
        square, moved = memory
        square = square + g * g
        delta = np.sqrt(moved + eps) / np.sqrt(square + eps) * g
        return square, moved + delta**2, delta


class RhoExchanged(Adadelta):
    def delta(self, g, memory, rho, eps):
        return super().delta(g, memory, 1 - rho, eps)


class OnlySquares(Adadelta):
    def delta(self, g, memory, rho, eps):
        square, moved, _ = super().delta(g, memory, rho, eps)
        return square, moved, g / np.sqrt(square + eps)


class Uphill(Adadelta):
    def delta(self, g, memory, rho, eps):
        square, moved, delta = super().delta(g, memory, rho, eps)
        return square, moved, -delta


class DecayBeside(Adadelta):
    def gradient(self, p, group):
        p.data = p.data * (1 - group["lr"] * group["weight_decay"])
        return p.grad


class DecayInPlace(Adadelta):
    def gradient(self, p, group):
        p.grad += group["weight_decay"] * p.data
        return p.grad


class NoneIsZero(Adadelta):
    def step(self):
        for group in self.groups:
            for p in group["params"]:
                if p.grad is None:
                    p.grad = np.zeros(p.shape)
        super().step()


class OneMemory(Adadelta):
    def __init__(self, params, **options):
        super().__init__(params, **options)
        for pairs in self.memory:
            for k in range(1, len(pairs)):
                pairs[k] = pairs[0]

    def step(self):
        for group, memories in zip(self.groups, self.memory, strict=True):
            for p in group["params"]:
                if p.grad is not None:
                    g = self.gradient(p, group)
                    *memories[0][:], d = self.delta(g, memories[0], group["rho"], group["eps"])
                    p.data = p.data - group["lr"] * d


class FirstGroupForAll(Adadelta):
    def __init__(self, params, **options):
        super().__init__(params, **options)
        for group in self.groups:
            group.update({k: v for k, v in self.groups[0].items() if k != "params"})


class GroupsIgnored(Adadelta):
    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0):
        super().__init__(params, lr, rho, eps, weight_decay)
        for group in self.groups:
            group.update(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay)


class MemoryNotSaved(Adadelta):
    def load_state_dict(self, state):
        for group, options in zip(self.groups, state["options"], strict=True):
            group.update(options)


class OptionsNotSaved(Adadelta):
    def load_state_dict(self, state):
        self.memory = [[[a.copy() for a in pair] for pair in pairs] for pairs in state["memory"]]


class SavedByReference(Adadelta):
    def state_dict(self):
        return {"options": super().state_dict()["options"], "memory": self.memory}


class Unchecked(Adadelta):
    def check(self, group):
        pass


# ---- programs


def two_steps(Adadelta, first, second, rho, eps):
    from bookutils import Tensor

    p = Tensor([1.0, -2.0], requires_grad=True)
    optimizer = Adadelta([p], lr=1.0, rho=rho, eps=eps)
    p.grad = first
    optimizer.step()
    after = p.numpy().copy()
    p.grad = second
    optimizer.step()
    return after, p.numpy()


def fifty_steps(Adadelta, lr, rho, eps, shape, seed):
    from bookutils import Tensor

    rng = np.random.default_rng(seed)
    p = Tensor(rng.normal(size=shape), requires_grad=True)
    optimizer = Adadelta([p], lr=lr, rho=rho, eps=eps)
    for _ in range(50):
        p.grad = rng.normal(size=shape)
        optimizer.step()
    return p.numpy()


def by_default(Adadelta, g):
    from bookutils import Tensor

    p = Tensor([0.5], requires_grad=True)
    optimizer = Adadelta([p])
    for factor in (1.0, -2.0, 3.0):
        p.grad = factor * np.array([g])
        optimizer.step()
    return p.numpy()


def decayed(Adadelta, weight_decay, lr):
    from bookutils import Tensor

    p = Tensor([3.0, -2.0], requires_grad=True)
    optimizer = Adadelta([p], lr=lr, eps=0.1, weight_decay=weight_decay)
    for g in ([0.5, 0.0], [-1.0, 0.25]):
        p.grad = np.array(g)
        optimizer.step()
    return p.numpy()


def two_groups(Adadelta, one, other):
    from bookutils import Tensor

    p, q, r = (Tensor([x], requires_grad=True) for x in (1.0, 2.0, -3.0))
    groups = [{"params": [p, q], **one}, {"params": [r], **other}]
    optimizer = Adadelta(groups, lr=0.5, rho=0.8, eps=0.1)
    for k in (1.0, -2.0, 0.5):
        p.grad, q.grad, r.grad = np.array([k]), np.array([2 - k]), np.array([k])
        optimizer.step()
    return p.numpy(), q.numpy(), r.numpy()


def without_gradient(Adadelta):
    from bookutils import Tensor

    p, q = Tensor([1.5], requires_grad=True), Tensor([-0.5], requires_grad=True)
    optimizer = Adadelta([q, p], lr=1.0, eps=0.1)
    for g in (2.0, None, None, -1.0):
        p.grad = None if g is None else np.array([g])
        optimizer.step()
    return p.numpy(), q.numpy(), q.grad is None


def gradient_after(Adadelta, weight_decay):
    from bookutils import Tensor

    p = Tensor([2.0, -1.0], requires_grad=True)
    optimizer = Adadelta([p], lr=1.0, weight_decay=weight_decay)
    p.grad = np.array([0.5, 4.0])
    optimizer.step()
    g = p.grad.copy()
    optimizer.zero_grad()
    return g, p.grad is None


def resumed(Adadelta, steps, options):
    import pickle

    from bookutils import Tensor

    gradients = np.random.default_rng(steps).normal(size=(2 * steps, 3))
    p = Tensor([0.5, 1.0, -2.0], requires_grad=True)
    optimizer = Adadelta([p], **options)
    for k, p.grad in enumerate(gradients):
        if k == steps:
            q = Tensor(p.numpy().copy(), requires_grad=True)
            saved = pickle.dumps(optimizer.state_dict())
        optimizer.step()
    other = Adadelta([q])
    other.load_state_dict(pickle.loads(saved))
    for q.grad in gradients[steps:]:
        other.step()
    return p.numpy(), q.numpy()


def saved_before(Adadelta, steps):
    from bookutils import Tensor

    p = Tensor([0.5, -2.0], requires_grad=True)
    optimizer = Adadelta([p], lr=1.0, eps=0.1)
    p.grad = np.array([3.0, -1.0])
    optimizer.step()
    saved, there = optimizer.state_dict(), p.numpy().copy()
    for _ in range(steps):
        optimizer.step()
    places = []
    for _ in range(2):
        q = Tensor(there.copy(), requires_grad=True)
        q.grad = np.array([1.0, 2.0])
        other = Adadelta([q], lr=1.0, eps=0.1)
        other.load_state_dict(saved)
        other.step()
        places.append(q.numpy())
    return places


def refused(Adadelta, options, in_a_group):
    from bookutils import Tensor

    p = Tensor([1.0], requires_grad=True)
    try:
        if in_a_group:
            Adadelta([{"params": [p], **options}]).step()
        else:
            Adadelta([p], **options).step()
        said = "no error"
    except ValueError:
        said = "ValueError"
    return said


def bit_for_bit(output, steps, options):
    unbroken, again = output
    if np.array_equal(unbroken, again):
        return None
    return f"After {2 * steps} steps the unbroken run is at {unbroken}, the resumed one at {again}."


RATES = 'chapter 08, section 8.8, "A rate for each weight"'
LOOP = 'chapter 08, section 8.7, "Memory: momentum"'
DECAY = 'chapter 08, section 8.11, "Weight decay beside Adam"'
REFERENCE = 'chapter 08, section 8.18, "Yours, and the reference (second reading)"'

PROJECT = Project(
    id="08.project",
    title="Your own Adadelta",
    name="Adadelta",
    reference=Adadelta,
    properties=(
        Property(
            "Two steps follow the definition",
            2,
            two_steps,
            (
                (np.array([3.0, -1.0]), np.array([-1.0, 0.5]), 0.5, 0.1),
                (np.array([3.0, -1.0]), np.array([0.0, 0.0]), 0.75, 0.1),
                (np.array([0.0, 2.0]), np.array([4.0, 2.0]), 0.9, 1e-6),
                (np.array([1.5, -60.5]), np.array([80.25, 1e-3]), 0.0, 0.02),
            ),
            explains="First the average of g² takes in g; then Δ, with the old average of Δ²; "
            "then the average of Δ² takes in Δ.",
            section=RATES,
            group="step",
        ),
        Property(
            "Fifty steps follow it, with any options",
            2,
            fifty_steps,
            (
                (1.0, 0.9, 0.1, (2,), 1),
                (0.25, 0.9, 0.1, (3, 2), 2),
                (4.0, 0.5, 1e-3, (2, 3), 3),
                (1.0, 0.99, 1e-6, (1,), 4),
                (0.1234, 0.0, 2.5, (2, 1, 3), 5),
            ),
            explains="The rate multiplies Δ where the parameter is changed, and nowhere else.",
            section=RATES,
            group="step",
        ),
        Property(
            "The defaults are lr=1, rho=0.9, eps=1e-6",
            1,
            by_default,
            ((2.0,), (-0.003,), (75.0,)),
            explains="Adadelta([p]) alone has to work.",
            section=RATES,
            group="step",
        ),
        Property(
            "Weight decay is added to the gradient",
            1,
            decayed,
            ((0.5, 1.0), (0.25, 0.5), (0.0, 1.0), (2.0, 0.1)),
            explains="It is g + λp that goes through both averages here, as in PyTorch's Adadelta.",
            section=DECAY,
            group="step",
        ),
        Property(
            "Two groups, each with options of its own",
            2,
            two_groups,
            (
                ({}, {"lr": 0.1}),
                ({"rho": 0.5}, {"eps": 0.02}),
                ({"weight_decay": 0.5}, {}),
                ({"lr": 2.0, "rho": 0.0}, {"weight_decay": 0.1, "lr": 1.0}),
            ),
            explains="What a group says counts for it; what it does not say comes from the call.",
            section=REFERENCE,
            group="groups",
        ),
        Property(
            "A parameter without a gradient stays, and its memory with it",
            1,
            without_gradient,
            explains="None is not a gradient of 0: that would let the averages fade.",
            section=LOOP,
            group="groups",
        ),
        Property(
            "Gradients are left as they are, and zero_grad() makes them None",
            1,
            gradient_after,
            ((0.0,), (0.5,)),
            expected=lambda weight_decay: (np.array([0.5, 4.0]), True),
            explains="`p.grad += …` would change what backward has left there.",
            section=LOOP,
            group="groups",
        ),
        Property(
            "A run resumed from its state is the unbroken one, bit for bit",
            2,
            resumed,
            (
                (2, {}),
                (5, {"lr": 0.5, "rho": 0.8}),
                (5, {"eps": 0.1, "weight_decay": 0.25}),
                (1, {"rho": 0.5}),
            ),
            accept=bit_for_bit,
            explains="The state is all that a later step depends on: both averages of every "
            "parameter, and the options of every group.",
            section=REFERENCE,
            group="state",
        ),
        Property(
            "A saved state is a copy, and loading copies it again",
            1,
            saved_before,
            ((1,), (3,)),
            explains="Steps made after saving, or after loading, must not change what was saved.",
            section=REFERENCE,
            group="state",
        ),
        Property(
            "Bad options are a ValueError, in the call and in a group",
            1,
            refused,
            [
                (options, in_a_group)
                for in_a_group in (False, True)
                for options in (
                    {"lr": -1.0},
                    {"lr": 0.0},
                    {"rho": 1.0},
                    {"rho": -0.1},
                    {"eps": 0.0},
                    {"weight_decay": -0.5},
                    {"rho": 0.0},
                    {"weight_decay": 0.0},
                )
            ],
            explains="A negative rate would climb in silence, in a group as in the call.",
            section=REFERENCE,
            group="groups",
        ),
    ),
    mistakes=(
        Mistake(
            "new average",
            "Your Δ uses an average of Δ² that has taken in this very step. It takes the old one.",
            NewAverage,
        ),
        Mistake(
            "old squares",
            "You divide by the average of g² from before. It takes in g first.",
            OldSquares,
        ),
        Mistake(
            "eps outside",
            "You add ε to the roots. Here it stands inside both of them, otherwise than in Adam.",
            EpsOutside,
        ),
        Mistake(
            "rate inside",
            "The average of Δ² has taken in lr · Δ. It takes in Δ itself; the rate comes after.",
            RateInside,
        ),
        Mistake("sums", "You add the squares up, as Adagrad does. Here both are averages.", Sums),
        Mistake(
            "rho exchanged",
            "ρ and 1 − ρ are exchanged: ρ belongs to what is remembered.",
            RhoExchanged,
        ),
        Mistake(
            "only squares",
            "You divide by the root of the average of g², and do not multiply by that of Δ². "
            "That is RMSprop with ε inside.",
            OnlySquares,
        ),
        Mistake("uphill", "You walk uphill: the change is subtracted.", Uphill),
        Mistake(
            "decay beside",
            "You shrink the parameter beside the step, as AdamW does. Here λp is part of the "
            "gradient.",
            DecayBeside,
        ),
        Mistake(
            "decay in place",
            "You add λp into `p.grad` itself. Make a new array.",
            DecayInPlace,
        ),
        Mistake(
            "none is zero",
            "You take a missing gradient for 0. The averages then fade, although nothing came.",
            NoneIsZero,
        ),
        Mistake(
            "one memory",
            "All parameters of a group share one memory. Each has its own two averages.",
            OneMemory,
        ),
        Mistake(
            "first group",
            "All groups have the options of the first one.",
            FirstGroupForAll,
        ),
        Mistake(
            "groups ignored",
            "What the groups say for themselves is lost: the options of the call count for all.",
            GroupsIgnored,
        ),
        Mistake(
            "memory lost",
            "Your restored optimizer begins with empty averages.",
            MemoryNotSaved,
        ),
        Mistake(
            "options lost",
            "Your restored optimizer has the averages, but not the options that were saved.",
            OptionsNotSaved,
        ),
        Mistake(
            "by reference",
            "Your saved state is the memory itself, and goes on with it. Copy the arrays.",
            SavedByReference,
        ),
        Mistake("unchecked", "You take every option as it comes.", Unchecked),
    ),
    hints={
        "step": (
            "Write the three lines of the definition in its order; each uses what the line before "
            "has just renewed, or what is still old.",
            "Both roots have ε inside. In the very first step the upper one is √ε.",
            "The average of Δ² takes in Δ without the rate. λp is added to the gradient before "
            "anything else happens.",
        ),
        "groups": (
            "If the first entry of params is a dict, it is a list of groups; if not, make one "
            "group of it. Then there is one case only.",
            "Lay a group's own options over those of the call, and check the result.",
            "In the loop over parameters: no gradient, no step, and no touch of the memory. λp "
            "needs a new array, or it lands in the gradient.",
        ),
        "state": (
            "Which numbers does a later step depend on, besides the parameters and gradients?",
            "Plain data can be pickled: lists and dicts of arrays and numbers, in the order of the "
            "parameters. The parameters themselves are no part of it.",
            "Copy every array on the way out and once more on the way in.",
        ),
    },
    proves="Your Adadelta follows its definition, with groups, and a run of it can be resumed.",
)
