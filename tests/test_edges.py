"""Answers that are wrong only at an edge which the text allows are refused."""

import numpy as np
import pytest

from bookutils.checks.registry import all_exercises, find
from bookutils.judge import data
from bookutils.judge.verdict import BROKEN

LATER = ("04", "05", "06")
WITH_ARRAYS = [
    exercise.id
    for exercise in all_exercises()
    if exercise.id[:2] in LATER and not exercise.wants_value
]


def berhu_by_masks(e, d):
    out = np.zeros(e.shape)
    out[abs(e) < d] = np.sign(e[abs(e) < d])
    out[abs(e) > d] = e[abs(e) > d] / d
    return out


def bce_in_three_parts(z, t):
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-z))
        naive = -(t * np.log(p) + (1 - t) * np.log(1 - p))
    return np.where(abs(z) < 500, naive, np.maximum(z, 0) - z * t)


def slope_clipped_at(eps):
    def dbce_dy(y, t):
        p = y.clip(eps, 1 - eps)
        return (p - t) / (p * (1 - p))

    return dbce_dy


def kl_clipped_at(eps):
    def kl(t, p):
        m, p = t > 0, p.clip(eps, 1)
        return np.sum(t[m] * np.log(t[m] / p[m]))

    return kl


def one_axis_in_front(G, shape):
    if shape == ():
        return G.sum()
    if G.ndim > len(shape):
        G = G.sum(axis=0)
    return G.sum(axis=tuple(k for k, m in enumerate(shape) if m == 1), keepdims=True)


def fit(X, t, w, b, lr, steps):
    y = np.tanh(X @ w + b)
    d = 2 * (y - t) * (1 - y * y) / len(t)
    return w - lr * X.T @ d, b - lr * d.sum()


def one_step_always(X, t, w, b, lr, steps):
    while True:
        w, b = fit(X, t, w, b, lr, 1)
        steps -= 1
        if steps <= 0:
            return w, b


def return_in_the_loop(X, t, w, b, lr, steps):
    for k in range(steps):
        w, b = fit(X, t, w, b, lr, 1)
        if k == steps - 1:
            return w, b


def names_of_the_loop(X, t, w, b, lr, steps):
    for _ in range(steps):
        w, b = w_new, b_new = fit(X, t, w, b, lr, 1)
    return w_new, b_new


def mask_squeezed(G, X, W, b):
    dZ = G * (np.squeeze(X @ W + b) > 0)
    return X.T @ dZ, dZ.sum(axis=0), dZ @ W.T


def layer_by_differences(h):
    def layer_backward(G, X, W, b):
        Z = X @ W + b
        dZ = G * (np.maximum(Z + h, 0) - np.maximum(Z - h, 0)) / (2 * h)
        return X.T @ dZ, dZ.sum(axis=0), dZ @ W.T

    return layer_backward


def close_to_an_end(near):
    def range_vjp(G, X):
        largest = X > X.max(axis=1, keepdims=True) - near
        smallest = X < X.min(axis=1, keepdims=True) + near
        return G[:, None] * (1.0 * largest - smallest)

    return range_vjp


def one_end_over_the_other(G, X):
    out = np.zeros(X.shape)
    out[X == X.max(axis=1, keepdims=True)] = G
    out[X == X.min(axis=1, keepdims=True)] = -G
    return out


WRONG = [
    ("06.8", berhu_by_masks),
    ("06.8", lambda e, d: e / abs(e) * np.maximum(abs(e) / d, 1)),
    ("06.8", lambda e, d: np.where(e < 0, -1, 1) * np.maximum(abs(e) / d, 1)),
    ("06.4", bce_in_three_parts),
    ("06.4", lambda z, t: np.where(abs(z) > 6, np.maximum(z, 0), np.logaddexp(0, z)) - z * t),
    *(("06.5", slope_clipped_at(eps)) for eps in (1e-3, 1e-7, 1e-12)),
    *(("06.12", kl_clipped_at(eps)) for eps in (1e-3, 1e-7, 1e-12)),
    ("04.3", one_axis_in_front),
    *(("05.8", answer) for answer in (one_step_always, return_in_the_loop, names_of_the_loop)),
    *(("04.8", close_to_an_end(near)) for near in (1e-2, 1e-4)),
    ("04.8", one_end_over_the_other),
    ("04.5", mask_squeezed),
    *(("04.5", layer_by_differences(h)) for h in (1e-2, 1e-3)),
]


@pytest.mark.parametrize(("id", "answer"), WRONG)
def test_wrong_at_an_edge(id, answer):
    verdict = find(id).judge(answer)
    assert not verdict.right and (verdict.explains or verdict.face == BROKEN), verdict


def test_logits_stay_within_what_the_text_promises():
    for Z, *_ in find("06.3").arguments():
        assert abs(Z).max() <= 1000


@pytest.mark.slow
@pytest.mark.parametrize("id", WITH_ARRAYS)
def test_memory_by_shape_is_refused(id):
    """The first result for arguments of some form stands for all of that form."""
    exercise, kept = find(id), {}

    def answer(*args):
        form = str(data.form(args))
        if form not in kept:
            kept[form] = exercise.reference(*args)
        return data.fresh(data.plain(kept[form]))

    if len({str(data.form(args)) for args in exercise.arguments()}) == len(exercise.arguments()):
        pytest.fail("no two cases have the same form")
    assert not exercise.judge(answer).right
