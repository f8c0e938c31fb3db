"""A traced program of numbers: run, differentiated, printed, compiled."""

from bookutils.engine.number import number
from bookutils.trace import compiling, printing
from bookutils.trace.derivatives import gradients, live
from bookutils.trace.rows import evaluate
from bookutils.trace.symbols import Symbol, Trace, as_number, recorded


def trace(f, *arguments):
    """Call f once on numbers without a value, and return the Program of what it computed.

    Without arguments the inputs are named as f names its own. Otherwise f gets `arguments`: a
    string is an input of that name, in lists, tuples and dicts too; a Value is one, named by its
    label or v0, v1, …; an object with parameters(), such as an MLP of Values, is copied, and its
    parameters are the inputs w0, w1, …; anything else, a number too, is passed as it is. f itself
    may be a model, or a method of one. It returns a number or a tuple of numbers.
    """
    record, inputs, result = recorded(f, arguments)
    many = isinstance(result, (tuple, list))
    try:
        outputs = [as_number(record.symbol(x)).index for x in (result if many else [result])]
    except TypeError:
        name = getattr(f, "__name__", "f")
        raise TypeError(
            f"trace: {name} returned {result!r:.60}: return a number, or a tuple of numbers"
        ) from None
    return Program(record.ops, tuple(outputs) if many else outputs[0], inputs, name_of(f))


def name_of(f):
    name = getattr(f, "__name__", "f")
    return name if name.isidentifier() else "f"


class Program:
    """Operations on numbers, recorded once.

    `ops` are tuples (name, *operands), operands first: ("input", "a"), ("const", 2.0), or a row and
    the indices of its operands. `inputs` are names, `outputs` an index or a tuple of indices. What
    no output needs is left out.
    """

    def __init__(self, ops, outputs, inputs, name="f"):
        kept = Trace([("input", i) for i in inputs])
        roots = outputs if isinstance(outputs, tuple) else (outputs,)
        place = {}
        for i in live(ops, roots):
            op, *operands = ops[i]
            if op not in ("input", "const"):
                operands = [place[j] for j in operands]
            place[i] = kept.node(op, *operands).index
        self.ops, self.inputs, self.name = kept.ops, tuple(inputs), name
        self.outputs = tuple(place[i] for i in roots) if roots is outputs else place[outputs]

    def __repr__(self):
        return f"{self.name}({', '.join(self.inputs)}): {len(self.ops)} operations"

    def __call__(self, *numbers, **named):
        """Replay: one operation after the other, by IEEE 754 as in the engine; slow, and plain."""
        values = []
        given = self.given(numbers, named)
        for op, *operands in self.ops:
            if op == "input":
                values.append(given[operands[0]])
            elif op == "const":
                values.append(operands[0])
            else:
                values.append(evaluate(op, *[values[j] for j in operands]))
        if isinstance(self.outputs, tuple):
            return tuple([values[i] for i in self.outputs])
        return values[self.outputs]

    def given(self, numbers, named):
        """The inputs by name, as floats."""
        if len(numbers) + len(named) != len(self.inputs):
            many = len(numbers) + len(named)
            raise TypeError(f"{self} got {many} number{'s' * (many != 1)}")
        given = dict(zip(self.inputs, numbers, strict=False)) | named
        if given.keys() != {*self.inputs}:
            raise TypeError(f"{self} got {', '.join(named)} by name")
        return {name: number(x) for name, x in given.items()}

    # --- derivatives -------------------------------------------------------------------------

    def grad(self, *names):
        """The Program of ∂output/∂name: a number for one name, a tuple for several.

        Without names of all inputs, a tuple. An input that the output does not need has 0.
        """
        record, _, partials = self.differentiated(names)
        return self.of(record, partials[0] if len(names) == 1 else tuple(partials))

    def value_and_grad(self, *names):
        """The Program of the output and ∂output/∂name for each name, a tuple."""
        record, output, partials = self.differentiated(names)
        return self.of(record, (output, *partials))

    def differentiated(self, names):
        unknown = [name for name in names if name not in self.inputs]
        if unknown:
            raise ValueError(f"grad: {unknown[0]!r} is no input of {self}")
        if isinstance(self.outputs, tuple):
            raise ValueError(
                f"grad: {self.name} returns {len(self.outputs)} numbers in a tuple: trace a "
                "function that returns one"
            )
        record = Trace(self.ops)
        grads, zero = gradients(Symbol(record, self.outputs)), record.node("const", 0.0)
        place = [self.inputs.index(name) for name in names or self.inputs]
        return record, self.outputs, [record.symbol(grads.get(i, zero)).index for i in place]

    def of(self, record, outputs):
        return Program(record.ops, outputs, self.inputs, self.name)

    # --- text and machine code ---------------------------------------------------------------

    def to_python(self, rows=()):
        """The program as a function in Python; with `rows`, a loop that adds the outputs up."""
        return self.printed(printing.to_python, rows)

    def to_numpy(self, rows=()):
        """The program as a function of arrays; with `rows`, of the columns of the rows."""
        return self.printed(printing.to_numpy, rows)

    def to_c(self, rows=()):
        """The program as a function in C."""
        return self.printed(printing.to_c, rows)

    def printed(self, printer, rows):
        return printer(self.ops, self.outputs, self.inputs, self.name, self.checked(rows))

    def checked(self, rows):
        rows = tuple(rows.split() if isinstance(rows, str) else rows)
        for name in rows:
            if name not in self.inputs or rows.count(name) > 1:
                raise ValueError(f"rows: {name!r} is not one of the inputs of {self}, or is twice")
        return rows

    def compile(self, to="python", rows=(), **options):
        """The program as a fast function f(*numbers), or f(parameters, rows)."""
        return compiling.compiled(self, to, self.checked(rows), **options)
