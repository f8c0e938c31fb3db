"""Printed programs made into functions, each text once."""

import math
import re
from functools import lru_cache

from bookutils.trace.rows import CALLED


class Compiled:
    """A function made of a Program's text: f(*numbers), or f(parameters, rows) for sums over rows.

    `text` is what was compiled, `program` what it was printed from.
    """

    def __init__(self, program, rows, text):
        self.program, self.rows, self.text = program, rows, text
        self.parameters = [name for name in program.inputs if name not in rows]
        self.many = isinstance(program.outputs, tuple)

    def __repr__(self):
        takes = "parameters, rows" if self.rows else ", ".join(self.parameters)
        return f"{self.program.name}({takes}), compiled"

    def two(self, given):
        if len(given) != 2:
            raise TypeError(f"{self} takes parameters and rows: {len(given)} arguments arrived")
        return given

    def refuse(self, numbers, rows=None):
        """Raise TypeError that says which numbers arrived."""
        name, names = self.program.name, ", ".join(self.rows)
        if not self.rows:
            raise TypeError(f"{self} takes {len(self.parameters)} numbers: {len(numbers)} arrived")
        raise TypeError(
            f"{name} takes {len(self.parameters)} parameters, and rows of {len(self.rows)} numbers "
            f"({names}): {len(numbers)} parameters and {described(rows)} arrived"
        )

    def arrays(self, parameters, rows):
        """The parameters as a vector of floats, and the rows as a table."""
        import numpy as np

        p, x = (np.ascontiguousarray(numbers, float) for numbers in (parameters, rows))
        if x.ndim == 1 and (len(self.rows) == 1 or not x.size):
            x = x.reshape(-1, len(self.rows))
        if p.shape != (len(self.parameters),) or x.ndim != 2 or x.shape[1] != len(self.rows):
            self.refuse(p, x)
        return p, x


def described(rows):
    if hasattr(rows, "shape"):
        return f"an array of shape {rows.shape}"
    lengths = sorted({len(row) if hasattr(row, "__len__") else 1 for row in rows})
    return f"rows of {' or '.join(map(str, lengths))}"


class InPython(Compiled):
    """The program as Python. What Python refuses, such as 1/0, is replayed by IEEE 754."""

    def __init__(self, program, rows):
        super().__init__(program, rows, program.to_python(rows))
        self.function = python(self.text)

    def __call__(self, *numbers):
        if self.rows:
            return self.over_rows(*self.two(numbers))
        if len(numbers) != len(self.parameters):
            self.refuse(numbers)
        numbers = [float(x) for x in numbers]
        try:
            return self.function(*numbers)
        except (ArithmeticError, ValueError):
            return self.program(*numbers)

    def over_rows(self, parameters, rows):
        parameters, rows = plain(parameters), plain(rows)
        if rows and len(self.rows) == 1 and isinstance(rows[0], float):
            rows = [[x] for x in rows]
        wide = {len(row) if isinstance(row, list) else 1 for row in rows} - {len(self.rows)}
        if wide or len(parameters) != len(self.parameters):
            self.refuse(parameters, rows)
        try:
            return self.function(parameters, rows)
        except (ArithmeticError, ValueError):
            return self.replayed(parameters, rows)

    def replayed(self, parameters, rows):
        """The sums over rows, each row replayed."""
        given = dict(zip(self.parameters, parameters, strict=True))
        results = [self.program(**given, **dict(zip(self.rows, row, strict=True))) for row in rows]
        if not self.many:
            return sum(results, 0.0)
        return tuple([sum(column, 0.0) for column in zip(*results, strict=True)])


def plain(numbers):
    """Numbers as lists of floats; integers would count exactly where floats round."""
    if hasattr(numbers, "tolist"):
        return numbers.astype("float64").tolist()
    return [plain(x) if hasattr(x, "__len__") else float(x) for x in numbers]


@lru_cache(maxsize=256)
def python(text):
    """The function that the text defines."""
    return defined(text, {n: getattr(math, n) for n in (*CALLED, "inf", "nan")})


def defined(text, scope):
    """The function that the text defines, with the names in scope."""
    name = re.match(r"def (\w+)\(", text)[1]
    exec(compile(text, f"<traced {name}>", "exec"), scope)
    return scope[name]


class InNumPy(Compiled):
    """The program over columns: numbers may be arrays, or rows an array (n, inputs in rows)."""

    def __init__(self, program, rows):
        super().__init__(program, rows, program.to_numpy(rows))
        self.function = over_columns(self.text)

    def __call__(self, *numbers):
        import numpy as np

        with np.errstate(all="ignore"):
            if self.rows:
                return self.over_rows(*self.two(numbers))
            if len(numbers) != len(self.parameters):
                self.refuse(numbers)
            arrays = [np.asarray(x, float) for x in numbers]
            shape = np.broadcast_shapes(*[a.shape for a in arrays])
            results = self.function(*arrays)
        whole = [
            np.broadcast_to(r, shape).copy()[()] for r in (results if self.many else [results])
        ]
        return tuple(whole) if self.many else whole[0]

    def over_rows(self, parameters, rows):
        p, rows = self.arrays(parameters, rows)
        # arrays of no axis: NumPy multiplies a column by one faster than by a float
        return self.function([p[k, ...] for k in range(len(p))], rows.copy(order="F"))


@lru_cache(maxsize=256)
def over_columns(text):
    """The function of arrays that the text defines."""
    import numpy as np

    from bookutils.engine.elementwise import erf

    functions = {n: getattr(np, n) for n in "exp log log1p sqrt sin cos tanh inf nan".split()}
    scope = functions | {"erf": erf, "where": np.where, "array": np.array}
    scope |= {"dot": np.vdot, "add": np.add.reduce}
    return defined(text, scope)


class InC(Compiled):
    """The program as machine code."""

    def __init__(self, program, rows, flags=None):
        from bookutils.trace import native

        super().__init__(program, rows, program.to_c(rows))
        self.flags = native.FLAGS if flags is None else tuple(flags)
        self.function = native.built(self.text, self.flags)
        self.count = len(program.outputs) if self.many else 1

    def __call__(self, *numbers):
        import numpy as np

        out = np.empty(self.count)
        if self.rows:
            self.over_rows(*self.two(numbers), out)
            return out if self.many else float(out[0])
        p = np.array(numbers, float)
        if p.shape != (len(self.parameters),):
            self.refuse(numbers)
        self.function(p.ctypes.data, out.ctypes.data)
        return tuple(out.tolist()) if self.many else float(out[0])

    def over_rows(self, parameters, rows, out):
        p, x = self.arrays(parameters, rows)
        self.function(p.ctypes.data, len(x), x.ctypes.data, out.ctypes.data)


TARGETS = {"python": InPython, "numpy": InNumPy, "c": InC}


def compiled(program, to, rows, **options):
    """The program as a function, in one of TARGETS."""
    if to not in TARGETS:
        raise ValueError(f"compile: to {to!r}? It is one of {', '.join(TARGETS)}")
    return TARGETS[to](program, rows, **options)
