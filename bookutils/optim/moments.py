"""Adam and its kin: a running mean of g over the root of a running mean of g²."""

from numpy import divide, maximum, multiply, sqrt

from bookutils.engine.arrays import xp
from bookutils.optim.groups import FLAG, FROM_ZERO, TWO_DECAYS
from bookutils.optim.optimizer import HOW, Optimizer
from bookutils.phrasebook import each, translated

OPTIONS = {
    **Optimizer.options,
    "betas": TWO_DECAYS,
    "eps": FROM_ZERO,
    "decoupled_weight_decay": FLAG,
}
MEANS = {"exp_avg": 0.0, "exp_avg_sq": 0.0}
WITH_MAXIMUM = {**MEANS, "max_exp_avg_sq": 0.0}
other_names = translated(
    **each("learning_rate eta alpha", "write lr=0.001"),
    **each("beta1 beta2 beta_1 beta_2 b1 b2", "write betas=(0.9, 0.999)"),
    epsilon="write eps=1e-8",
    **HOW,
)


def means(g, state, group):
    """The running means m of g and s of g², brought up to date in place."""
    b1, b2 = group["betas"]
    m, s = state["exp_avg"], state["exp_avg_sq"]
    m *= b1
    m += (1 - b1) * g
    s *= b2
    s += (1 - b2) * g * g
    return m, s


class Adam(Optimizer):
    """p ← p - lr·m̂ / (√ŝ + eps), with m̂ and ŝ the running means of g and g², corrected.

    m ← β₁·m + (1 - β₁)·g and s ← β₂·s + (1 - β₂)·g² start at 0, so in step t they are short by the
    factors 1 - β₁ᵗ and 1 - β₂ᵗ: m̂ = m / (1 - β₁ᵗ), ŝ = s / (1 - β₂ᵗ), and m and s are kept as they
    are. The first step is lr·g/(|g| + eps), whatever the length of g.
    `amsgrad` divides by the root of the largest s so far. `weight_decay` λ adds λ·p to g, or with
    `decoupled_weight_decay` multiplies p by 1 - lr·λ, as AdamW does. `maximize` goes up. `lr` has
    the units of p, `eps` those of g.

    State: "exp_avg" m, "exp_avg_sq" s, "max_exp_avg_sq" with amsgrad, "step" t.
    Raises ValueError for an option outside of its range; see Optimizer for the parameters.
    Source: Kingma and Ba, "Adam: A method for stochastic optimization", 2015; amsgrad: Reddi, Kale
    and Kumar, "On the convergence of Adam and beyond", 2018.
    """

    options = {**OPTIONS, "amsgrad": FLAG}
    _elementwise = True
    _remembers = tuple(WITH_MAXIMUM)

    @other_names
    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0.0,
        amsgrad=False,
        *,
        maximize=False,
        decoupled_weight_decay=False,
    ):
        super().__init__(
            params,
            dict(
                lr=lr,
                betas=betas,
                eps=eps,
                weight_decay=weight_decay,
                amsgrad=amsgrad,
                maximize=maximize,
                decoupled_weight_decay=decoupled_weight_decay,
            ),
        )

    def memory(self, group):
        return WITH_MAXIMUM if group["amsgrad"] else MEANS

    def change(self, g, state, group):
        (b1, b2), t = group["betas"], state["step"]
        m, s = means(g, state, group)
        if group["amsgrad"]:
            largest = state["max_exp_avg_sq"]
            largest[...] = s = xp(s).maximum(largest, s)
        m_hat, s_hat = m / (1 - b1**t), s / (1 - b2**t)
        return group["lr"] * m_hat / (s_hat**0.5 + group["eps"])

    def _change_into(self, room, g, state, group):
        """`change` in fewer passes; √ŝ + eps is (√s + eps·c) / c with c = √(1 - β₂ᵗ).

        Two divisions and two products for each number go into one number for all, which is
        returned. m, s and the change are rounded elsewhere, and differ by units in the last place.
        """
        (b1, b2), t = group["betas"], state["step"]
        m, s = state["exp_avg"], state["exp_avg_sq"]
        n, out, root, scale, add = room.n, room.out, room.spare, room.scale, room.add
        scale(b1, m)
        add(g, m, n, 1 - b1)
        scale(b2, s)
        add(multiply(g, g, out), s, n, 1 - b2)
        if group["amsgrad"]:
            s = maximum(state["max_exp_avg_sq"], s, out=state["max_exp_avg_sq"])
        c = (1 - b2**t) ** 0.5
        sqrt(s, root)
        add(room.ones, root, n, group["eps"] * c)
        divide(m, root, out)
        return group["lr"] * c / (1 - b1**t)


class AdamW(Adam):
    """Adam with a decay of its own: p ← (1 - lr·weight_decay)·p, beside Adam's step.

    Added to the gradient, as Adam does, the decay would be divided by √ŝ too, and large gradients
    would all but switch it off. Here it does not pass through the means. The paper's decay is not
    multiplied by lr, PyTorch's and this one is.

    State and options are Adam's. Raises ValueError for an option outside of its range.
    Source: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.
    """

    _decouples = True

    @other_names
    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=1e-2,
        amsgrad=False,
        *,
        maximize=False,
    ):
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            decoupled_weight_decay=True,
        )


class NAdam(Optimizer):
    """Adam with Nesterov's momentum: p ← p - lr·(a·g + b·m) / (√ŝ + eps).

    m and s are Adam's, ŝ = s / (1 - β₂ᵗ). The momentum of step t is
    μ_t = β₁·(1 - ½·0.96^(t·momentum_decay)); a = (1 - μ_t) / (1 - μ₁…μ_t) weighs the gradient, and
    b = μ_{t+1} / (1 - μ₁…μ_{t+1}) the mean, with the momentum of the next step. `weight_decay` λ
    adds λ·p to g, or with `decoupled_weight_decay` multiplies p by 1 - lr·λ. `maximize` goes up.
    `lr` has the units of p, `eps` those of g.

    State: "exp_avg" m, "exp_avg_sq" s, "mu_product" μ₁…μ_t, "step" t. PyTorch keeps mu_product in
    its default dtype, so with float32 there its last digits differ from those here.
    Raises ValueError for an option outside of its range; see Optimizer for the parameters.
    Source: Dozat, "Incorporating Nesterov momentum into Adam", 2016.
    """

    options = {**OPTIONS, "momentum_decay": FROM_ZERO}
    _elementwise = True

    @other_names
    def __init__(
        self,
        params,
        lr=2e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0.0,
        momentum_decay=4e-3,
        decoupled_weight_decay=False,
        *,
        maximize=False,
    ):
        super().__init__(
            params,
            dict(
                lr=lr,
                betas=betas,
                eps=eps,
                weight_decay=weight_decay,
                momentum_decay=momentum_decay,
                decoupled_weight_decay=decoupled_weight_decay,
                maximize=maximize,
            ),
        )

    def memory(self, group):
        return MEANS

    def _numbers(self):
        return {"step": 0, "mu_product": 1.0}

    def _advance(self, state, group):
        state["step"] += 1
        state["mu_product"] *= momentum_at(state["step"], group)

    def change(self, g, state, group):
        b2, t = group["betas"][1], state["step"]
        m, s = means(g, state, group)
        product, after = state["mu_product"], momentum_at(t + 1, group)
        a = (1 - momentum_at(t, group)) / (1 - product)
        b = after / (1 - product * after)
        s_hat = s / (1 - b2**t)
        return group["lr"] * (a * g + b * m) / (s_hat**0.5 + group["eps"])


def momentum_at(t, group):
    """NAdam's μ_t."""
    return group["betas"][0] * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"]))


class RAdam(Optimizer):
    """Adam that waits: the division by √ŝ begins when s has seen enough gradients.

    m, s and m̂ are Adam's. ρ = 2 / (1 - β₂) - 1 - 2·t·β₂ᵗ / (1 - β₂ᵗ) is about the number of
    gradients in s. Up to ρ = 5 the step is lr·m̂, as with momentum; after that
    lr·r·m̂·√(1 - β₂ᵗ) / (√s + eps), where r rises from near 0 to 1 with ρ. `weight_decay` λ adds λ·p
    to g, or with `decoupled_weight_decay` multiplies p by 1 - lr·λ. `maximize` goes up. `eps` has
    the units of g; those of `lr` change with the kind of the step.

    State: "exp_avg" m, "exp_avg_sq" s, "step" t.
    Raises ValueError for an option outside of its range; see Optimizer for the parameters.
    Source: Liu, Jiang, He, Chen, Liu, Gao and Han, "On the variance of the adaptive learning rate
    and beyond", 2020.
    """

    options = OPTIONS
    _elementwise = True

    @other_names
    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0.0,
        decoupled_weight_decay=False,
        *,
        maximize=False,
    ):
        super().__init__(
            params,
            dict(
                lr=lr,
                betas=betas,
                eps=eps,
                weight_decay=weight_decay,
                decoupled_weight_decay=decoupled_weight_decay,
                maximize=maximize,
            ),
        )

    def memory(self, group):
        return MEANS

    def change(self, g, state, group):
        lr, (b1, b2), t = group["lr"], group["betas"], state["step"]
        m, s = means(g, state, group)
        m_hat = m / (1 - b1**t)
        last = 2 / (1 - b2) - 1
        rho = last - 2 * t * b2**t / (1 - b2**t)
        if rho <= 5:
            return lr * m_hat
        r = ((rho - 4) * (rho - 2) * last / ((last - 4) * (last - 2) * rho)) ** 0.5
        return lr * r * (1 - b2**t) ** 0.5 * m_hat / (s**0.5 + group["eps"])
