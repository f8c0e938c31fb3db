"""Weights to start from: arrays (fan_in, fan_out), drawn so that signals keep their size.

A neuron that sums fan_in independent inputs gives fan_in·Var(w) times their mean square; a
gradient that comes back from fan_out neurons gives fan_out·Var(w) times theirs. The schemes differ
in which of the two is 1, times gain². In a layer: Linear(64, 32, rng=rng, init=he_normal), or with
settings init=functools.partial(lecun_normal, gain=calculate_gain("tanh")).
"""

from math import isfinite, sqrt
from numbers import Integral, Real

import numpy as np

from bookutils.phrasebook import lookup

__all__ = [
    "xavier_uniform",
    "xavier_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "pytorch_linear",
    "orthogonal",
    "zeros",
    "constant",
    "calculate_gain",
]
__getattr__ = lookup("init")


def __dir__():
    return __all__


def xavier_uniform(fan_in, fan_out, *, rng=None, gain=1.0):
    """Draw (fan_in, fan_out) weights of variance gain²·2/(fan_in + fan_out), uniformly.

    A compromise between the two, for functions that are the identity near 0, such as tanh.
    Raises ValueError for a bad size or gain, TypeError for an rng that is no Generator.
    Source: Glorot & Bengio, Understanding the difficulty of training deep feedforward neural
    networks, AISTATS 2010, equation 16.
    """
    _check(fan_in, fan_out, rng, gain)
    bound = gain * sqrt(6 / (fan_in + fan_out))  # U(-c, c) has the variance c²/3
    return rng.uniform(-bound, bound, (fan_in, fan_out))


def xavier_normal(fan_in, fan_out, *, rng=None, gain=1.0):
    """Draw (fan_in, fan_out) weights of variance gain²·2/(fan_in + fan_out) from a Gaussian.

    Raises as `xavier_uniform`. Source: the same paper, equation 12.
    """
    _check(fan_in, fan_out, rng, gain)
    return rng.normal(0.0, gain * sqrt(2 / (fan_in + fan_out)), (fan_in, fan_out))


def he_uniform(fan_in, fan_out, *, rng=None, gain=2**0.5):
    """Draw (fan_in, fan_out) weights of variance gain²/fan_in, uniformly; 2/fan_in is for relu.

    relu passes on half of the mean square, which gain² = 2 makes up for; for a leaky relu with
    slope a it is 2/(1 + a²).
    Raises ValueError for a bad size or gain, TypeError for an rng that is no Generator.
    Source: He, Zhang, Ren & Sun, Delving deep into rectifiers, ICCV 2015, equations 10 and 15.
    """
    _check(fan_in, fan_out, rng, gain)
    bound = gain * sqrt(3 / fan_in)
    return rng.uniform(-bound, bound, (fan_in, fan_out))


def he_normal(fan_in, fan_out, *, rng=None, gain=2**0.5):
    """Draw (fan_in, fan_out) weights of variance gain²/fan_in from a Gaussian.

    Raises and Source: as `he_uniform`.
    """
    _check(fan_in, fan_out, rng, gain)
    return rng.normal(0.0, gain * sqrt(1 / fan_in), (fan_in, fan_out))


def lecun_uniform(fan_in, fan_out, *, rng=None, gain=1.0):
    """Draw (fan_in, fan_out) weights of variance gain²/fan_in, uniformly.

    Raises ValueError for a bad size or gain, TypeError for an rng that is no Generator.
    Source: LeCun, Bottou, Orr & Müller, Efficient BackProp, in Neural Networks: Tricks of the
    Trade, 1998, section 4.6: a standard deviation of 1/√fan_in.
    """
    return he_uniform(fan_in, fan_out, rng=rng, gain=gain)


def lecun_normal(fan_in, fan_out, *, rng=None, gain=1.0):
    """Draw (fan_in, fan_out) weights of variance gain²/fan_in from a Gaussian.

    Raises and Source: as `lecun_uniform`.
    """
    return he_normal(fan_in, fan_out, rng=rng, gain=gain)


def pytorch_linear(fan_in, fan_out, *, rng=None):
    """Draw (fan_in, fan_out) weights as torch.nn.Linear does: U(-1/√fan_in, 1/√fan_in).

    Their variance is 1/(3 fan_in). PyTorch draws the bias from the same interval.
    Raises ValueError for a bad size, TypeError for an rng that is no Generator.
    Source: PyTorch, torch/nn/modules/linear.py, `reset_parameters`.
    """
    return he_uniform(fan_in, fan_out, rng=rng, gain=sqrt(1 / 3))


def orthogonal(fan_in, fan_out, *, rng=None, gain=1.0):
    """Draw gain times a matrix (fan_in, fan_out) with orthonormal columns, or rows if it is wide.

    All its singular values are gain, so a square one keeps the length of every signal, forward and
    backward, up to gain; a product of such matrices does too.
    Raises ValueError for a bad size or gain, TypeError for an rng that is no Generator.
    Source: Saxe, McClelland & Ganguli, Exact solutions to the nonlinear dynamics of learning in
    deep linear neural networks, ICLR 2014; the signs: Mezzadri, How to generate random matrices
    from the classical compact groups, Notices of the AMS 54, 2007.
    """
    _check(fan_in, fan_out, rng, gain)
    wide = fan_in < fan_out
    Q, R = np.linalg.qr(rng.normal(size=(fan_out, fan_in) if wide else (fan_in, fan_out)))
    Q *= gain * np.copysign(1.0, np.diag(R))  # or QR's own choice of signs would not be uniform
    return np.ascontiguousarray(Q.T if wide else Q)


def zeros(fan_in, fan_out, *, rng=None):
    """An array (fan_in, fan_out) of zeros; nothing is drawn.

    For a last layer, or for the last one of a residual branch, which then starts as nothing. Inside
    a net it keeps all neurons of a layer the same.
    Raises ValueError for a bad size.
    """
    _check_sizes(fan_in, fan_out)
    return np.zeros((fan_in, fan_out))


def constant(fan_in, fan_out, *, value, rng=None):
    """An array (fan_in, fan_out) of one number; nothing is drawn.

    Raises ValueError for a bad size, or a value that is no finite number.
    """
    _check_sizes(fan_in, fan_out)
    if not isinstance(value, Real) or not isfinite(value):
        raise ValueError(f"value is a finite number, not {value!r:.60}")
    return np.full((fan_in, fan_out), float(value))


def calculate_gain(activation, slope=0.01):
    """The gain that PyTorch recommends for weights before an activation, given by its name.

    None, "linear" and "sigmoid": 1; "relu": √2, which makes up for the half that it cuts off;
    "leaky_relu": √(2/(1 + slope²)); "tanh": 5/3; "selu": 3/4. The last two are rules of thumb.
    Raises ValueError for another activation, or a slope that is no finite number.
    Source: PyTorch, torch/nn/init.py, `calculate_gain`.
    """
    if not isinstance(slope, Real) or isinstance(slope, bool) or not isfinite(slope):
        raise ValueError(f"slope is a finite number, not {slope!r:.60}")
    if not (activation is None or isinstance(activation, str) and activation in _GAINS):
        raise ValueError(
            f"PyTorch recommends a gain for {', '.join(filter(None, _GAINS))}, not for "
            f"{activation!r:.60}: choose one so that the mean square of the outputs stays the same"
        )
    return sqrt(2 / (1 + slope**2)) if activation == "leaky_relu" else _GAINS[activation]


_GAINS = {None: 1.0, "linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": sqrt(2.0),
          "leaky_relu": None, "selu": 0.75}  # fmt: skip


def _check_sizes(fan_in, fan_out):
    for name, n in (("fan_in", fan_in), ("fan_out", fan_out)):
        if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
            raise ValueError(f"{name} is a number of neurons, at least 1, not {n!r}")


def _check(fan_in, fan_out, rng, gain):
    _check_sizes(fan_in, fan_out)
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a generator: numpy.random.default_rng(0), not {rng!r:.60}")
    if not isinstance(gain, Real) or not isfinite(gain) or gain <= 0:
        raise ValueError(f"gain is a positive number, not {gain!r}")
