"""Numbers that count how often they are multiplied."""

from itertools import count

import numpy as np

UNARY = "neg abs round trunc floor ceil"
BINARY = "add radd sub rsub truediv rtruediv floordiv rfloordiv mod rmod pow rpow"
ASKED = "eq ne lt le gt ge hash bool int format"  # answered as a float does, without a product


def counting():
    """(counted, total): makes arguments of counting numbers; the products made of them so far."""
    ticks = count()

    def tick(times):
        for _ in range(times):
            next(ticks)

    class Counted:
        """A number whose products are counted.

        It is no float, so that NumPy keeps it as an object, whose products are its own. What
        `float(…)` makes of it is a plain number, and counts no more.
        """

        def __init__(self, value):
            self.value = float(value)

        def __float__(self):
            return self.value

        def item(self):
            return self

        def __mul__(self, other):
            if isinstance(other, np.ndarray):
                return _each(other, self.__mul__)
            tick(1)
            return Counted(self.value * float(other))

        __rmul__ = __mul__

        def __array_ufunc__(self, ufunc, method, *inputs, **options):
            """A function of NumPy with such a number: as on arrays of objects, product by product.

            Other functions than products are taken of plain numbers.
            """
            if ufunc is np.multiply and method == "__call__" and not options:
                broadcast = np.broadcast(*(np.asarray(x, dtype=object) for x in inputs))
                found = [Counted(float(a) * float(b)) for a, b in broadcast]
                tick(len(found))
                return _shaped(found, broadcast.shape)
            plain = [np.asarray(x, dtype=float) for x in inputs]
            return _each(np.asarray(getattr(ufunc, method)(*plain, **options)), Counted)

    def derived(name):
        operation = getattr(float, name)

        def apply(self, *others):
            if others and isinstance(others[0], np.ndarray):
                return _each(others[0], lambda v: apply(self, v))
            plain = [float(o) if isinstance(o, Counted) else o for o in others]
            result = operation(self.value, *plain)
            return Counted(result) if name[2:-2] in kept and _is_number(result) else result

        return apply

    kept = [*UNARY.split(), *BINARY.split()]
    for name in [*kept, *ASKED.split()]:
        setattr(Counted, f"__{name}__", derived(f"__{name}__"))

    def counted(args):
        """The same arguments with every float counted; arrays become arrays of such objects."""
        if type(args) is float:
            return Counted(args)
        if type(args) is np.ndarray:
            return _each(args, Counted)
        if type(args) in (tuple, list):
            return type(args)(counted(item) for item in args)
        return args

    return counted, lambda: next(ticks)


def _is_number(value):
    return type(value) in (int, float)


def _each(array, function):
    """The function of every entry, as an array of objects; of a 0-d array the object itself."""
    return _shaped([function(v) for v in array.ravel().tolist()], array.shape)


def _shaped(found, shape):
    made = np.empty(len(found), dtype=object)
    made[:] = found
    return made.reshape(shape) if shape else made[0]
