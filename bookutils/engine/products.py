"""Products of matrices, and the layer of neurons as one operation."""

from string import ascii_uppercase

import numpy as np

from bookutils.engine.arrays import column_sums, no_product, product, rows, xp
from bookutils.engine.elementwise import compiled, unbroadcast, where_of
from bookutils.engine.operands import alike, operation
from bookutils.engine.record import Tensor, array, needs_gradient, remember
from bookutils.engine.rules import RULES


@operation("matmul", no_product)
def matmul(X, W):
    """The matrix product X @ W, by NumPy's rules for vectors, matrices and stacks of matrices."""
    X, W = alike("matmul", X, W)
    x, w = array(X), array(W)
    y = x @ w
    if x.ndim == w.ndim == 2:
        return remember(y, (X, lambda G: G @ w.T), (W, lambda G: x.T @ G))
    # a vector is a matrix of one row or one column; the stacks broadcast
    lib, row, column = xp(y), x[None] if x.ndim == 1 else x, w[:, None] if w.ndim == 1 else w
    full = (*y.shape[: max(row.ndim, column.ndim) - 2], row.shape[-2], column.shape[-1])
    return remember(
        y,
        (X, lambda G: of_shape(lib.reshape(G, full) @ column.mT, row.shape, x.shape)),
        (W, lambda G: of_shape(row.mT @ lib.reshape(G, full), column.shape, w.shape)),
    )


def of_shape(G, stretched, shape):
    return xp(G).reshape(unbroadcast(G, tuple(stretched)), tuple(shape))


Tensor.__matmul__ = matmul
Tensor.__rmatmul__ = lambda W, X: matmul(X, W)  # array @ tensor


@operation("einsum")
def einsum(letters, *operands):
    """The sum of products that the letters say: einsum("ni,io->no", X, W) is X @ W.

    The gradient of an operand is an einsum too: the letters of the result and of this operand have
    changed places. Along a letter that is in it alone, and was summed over, it is constant.
    """
    operands = alike("einsum", *operands)
    arrays = [array(x) for x in operands]
    inputs, result = spelled_out(letters, [tuple(x.shape) for x in arrays])

    def way(i, operand):
        others = inputs[:i] + inputs[i + 1 :]
        known = "".join(c for c in inputs[i] if c in result + "".join(others))
        swapped = ",".join([result, *others]) + "->" + known
        rest, shape = arrays[:i] + arrays[i + 1 :], arrays[i].shape
        lengths = [n if c in known else 1 for c, n in zip(inputs[i], shape, strict=True)]

        def vjp(G):
            lib = xp(G)
            return lib.broadcast_to(lib.reshape(contract(swapped, G, *rest), lengths), shape)

        return operand, vjp

    y = contract(",".join(inputs) + "->" + result, *arrays)
    return remember(y, *map(way, range(len(inputs)), operands))


def contract(letters, *arrays):
    lib = xp(*arrays)
    return lib.einsum(letters, *arrays, **({"optimize": True} if lib is np else {}))


def spelled_out(letters, shapes):
    """The letters of each operand, and those of the result; for `…` letters that are still free."""
    left, arrow, result = letters.replace(" ", "").partition("->")
    inputs = left.split(",")
    if len(inputs) != len(shapes):
        raise ValueError(f"einsum: {letters!r} is for {len(inputs)} operands, not {len(shapes)}")
    free = "".join(c for c in ascii_uppercase if c not in letters)
    batches = [len(s) - len(x.replace("...", "")) for x, s in zip(inputs, shapes, strict=True)]
    more = max(batches)
    for i, (x, shape) in enumerate(zip(inputs, shapes, strict=True)):
        inputs[i] = x.replace("...", free[more - batches[i] : more] if batches[i] > 0 else "")
        if len(inputs[i]) != len(shape):
            raise ValueError(f"einsum: the letters {x} are not for the shape {shape}")
    every = "".join(inputs)
    if not arrow:
        result = "..." + "".join(sorted(c for c in {*every} - {*free} if every.count(c) == 1))
    result = result.replace("...", free[: max(more, 0)])
    if not (every + result).isalpha() or any(len({*x}) < len(x) for x in (*inputs, result)):
        raise ValueError(f"einsum: operands and result have each letter once, unlike {letters!r}")
    lengths = {}
    for c, n in zip(every, (n for shape in shapes for n in shape), strict=True):
        if lengths.setdefault(c, n) != n:
            raise ValueError(f"einsum: {c} of {letters!r} has the lengths {lengths[c]} and {n}")
    if not {*result} <= {*every}:
        raise ValueError(f"einsum: the result of {letters!r} has letters that no operand has")
    return inputs, result


@operation("linear", no_product)
def linear(x, W, b=None, activation=None):
    """activation(x @ W + b) as one node: x (…, d_in), W (d_in, d_out), b (d_out,).

    `activation` is None or the name of a method without arguments, such as "tanh".
    """
    if activation is not None and len(RULES.get(activation, "")) != 2:
        if activation not in RULES or not hasattr(Tensor, activation):
            names = ", ".join(name for name in RULES if hasattr(Tensor, name))
            raise ValueError(f"linear: {activation!r:.60} is none of {names}")
        return getattr(linear(x, W, b), activation)()  # with its second operand's default
    x, W, *bias = alike("linear", *((x, W) if b is None else (x, W, b)), fractions=True)
    a, w = array(x), array(W)
    if w.ndim != 2 or bias and array(bias[0]).shape != w.shape[1:]:
        shapes = " and ".join(str(tuple(z.shape)) for z in (w, *bias))
        raise ValueError(
            f"linear: W and b of shapes {shapes} do not fit: (d_in, d_out) and (d_out,)"
        )
    y = product(a, w)
    if bias:
        y += array(bias[0])
    through = None
    if activation == "relu":  # which needs its result only, so that the sum itself may go
        lib = xp(y)
        y = np.maximum(y, 0.0, out=y) if lib is np else lib.where(y <= 0, 0.0, y)

        def through(G):
            return where_of(lib)(y <= 0, 0.0, G)

    elif activation is not None:
        y, (through,) = compiled(activation, xp(y))(y)
    back = shared(through, (x, W, *bias))
    return remember(
        y,
        (x, lambda G: product(back(G), w.T)),
        (W, lambda G: product(rows(a).T, rows(back(G)))),
        *((operand, lambda G: column_sums(rows(back(G)))) for operand in bias),
    )


def shared(vjp, operands):
    """vjp(G) for all ways that it is a part of: the first computes it, the last forgets it."""
    if vjp is None:
        return lambda G: G
    ways, found = sum(map(needs_gradient, operands)), []

    def of(G):
        if not found or found[-1][0] is not G:
            found[:] = [(G, vjp(G))] * ways
        return found.pop()[1]

    return of
