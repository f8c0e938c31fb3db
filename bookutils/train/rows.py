"""X and y as arrays with equally many rows, or an error with a sentence."""

import numpy as np

from bookutils.engine.arrays import is_float
from bookutils.engine.tensor import Tensor


def rows(name, array):
    """A list, a table of pandas or a Tensor as an array with rows."""
    if isinstance(array, Tensor):
        array = array.data
    array = array.to_numpy() if hasattr(array, "to_numpy") else array
    array = array if hasattr(array, "shape") else np.asarray(array)
    if getattr(array.dtype, "kind", "f") in "OSUMm":
        cures = {
            "X": "make a word numbers, say a row of numpy.eye(words)",
            "y": "classes, y = numpy.unique(y, return_inverse=True) numbers them",
        }
        raise TypeError(f"{name} is {array.dtype}, and numbers are needed: {cures[name]}")
    return array


def pair(name, X, y):
    """X and y as arrays of equally many rows, all finite."""
    X, y = rows("X", X), rows("y", y)
    shapes = f"{name}X {tuple(X.shape)} and y {tuple(y.shape)}"
    if not X.shape or not y.shape or X.shape[0] != y.shape[0]:
        raise ValueError(f"{shapes}: a row of each is an example, so both have equally many")
    if not X.shape[0]:
        raise ValueError(f"{shapes}: there are no rows")
    for which, array in (("X", X), ("y", y)):
        bad = np.argwhere(~np.isfinite(as_numpy(array))) if is_float(array) else ()
        if len(bad):
            raise ValueError(
                f"{name}{which} holds {as_numpy(array)[tuple(bad[0])]} at {bad[0].tolist()}, and "
                f"{len(bad)} of its {as_numpy(array).size} numbers are missing or infinite: drop "
                "these rows or fill them in"
            )
    return X, y


def as_numpy(array):
    """An array of any library as one of NumPy's."""
    return array if isinstance(array, np.ndarray) else Tensor(array).numpy()
