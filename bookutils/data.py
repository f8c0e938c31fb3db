"""Data sets: generated from a seed, no network, fresh arrays at every call."""


def two_moons(n=100, noise=0.12, seed=0):
    """Draw `n` points on two interleaved half circles, with Gaussian noise.

    Returns (X, y): X float64 (n, 2), the two coordinates; y int64 (n,), the label: 0 on the upper
    moon, 1 on the lower one, in shuffled order, as many of each (the odd one is a 1).
    `noise` is the standard deviation, in units of the moons' radius.
    Raises ValueError for fewer than two points or negative noise.
    Source: scikit-learn, `sklearn.datasets.make_moons`.
    """
    if n < 2:
        raise ValueError(f"two moons need at least 2 points, not {n}")
    if noise < 0:
        raise ValueError(f"noise is a standard deviation, not {noise}")
    from sklearn.datasets import make_moons  # half a second: paid by those who draw moons

    return make_moons(n_samples=n, noise=noise, random_state=seed)
