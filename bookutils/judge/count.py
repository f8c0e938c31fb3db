"""Numbers that count how often they are multiplied."""

from itertools import count

from numpy import array, asarray, ndarray


def counting():
    """(counted, total): makes arguments of counting numbers; the products made of them so far."""
    ticks = count()

    class Counted(float):
        """A float whose products are counted."""

        __slots__ = ()
        __array_ufunc__ = None  # NumPy leaves the product of one of its scalars with this to us

        def __mul__(self, other):
            if isinstance(other, ndarray):
                for _ in range(other.size):
                    next(ticks)
                return asarray(other, dtype=float) * float(self)
            next(ticks)
            return Counted(float(self) * float(other))

        __rmul__ = __mul__

        def _derived(operation):
            def apply(self, *others):
                if others and isinstance(others[0], ndarray):
                    made = [apply(self, v) for v in others[0].ravel()] + [None]
                    return array(made, dtype=object)[:-1].reshape(others[0].shape)
                result = getattr(float, operation)(float(self), *map(float, others))
                return result if result is NotImplemented else Counted(result)

            return apply

        for _name in "add radd sub rsub truediv rtruediv pow rpow neg abs".split():
            locals()[f"__{_name}__"] = _derived(f"__{_name}__")
        del _name, _derived

    def counted(args):
        """The same arguments with every float counted; arrays become arrays of such objects."""
        if type(args) is float:
            return Counted(args)
        if type(args) is ndarray:
            made = array([Counted(v) for v in args.ravel()] + [None], dtype=object)[:-1]
            return made.reshape(args.shape)
        if type(args) in (tuple, list):
            return type(args)(counted(item) for item in args)
        return args

    return counted, lambda: next(ticks)
