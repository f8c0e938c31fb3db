"""Programs recorded once, then differentiated, printed and compiled: chapter 12.

    from bookutils.trace import trace, where

    def f(a, b, c):
        return (a * b + c) * (a * b)

    program = trace(f)                 # f is called once, on numbers without a value
    program(3, -2, 7)                  # -6.0, operation by operation
    program.grad("a")                  # the Program of ∂f/∂a; .grad("a").grad("b") is ∂²f/∂a∂b
    slopes = program.value_and_grad()  # the Program of (f, ∂f/∂a, ∂f/∂b, ∂f/∂c)
    print(slopes.to_python())          # also to_numpy(), to_c()
    slopes.compile()(3, -2, 7)         # (-6.0, 10.0, -15.0, -6.0), as fast as Python gets

The function may be written for Values: `trace(loss, model, ["x0", "x1"], "y")` traces a loss of an
MLP of Values (or of micrograd's), whose parameters become the inputs w0, w1, …; help(trace) says
how inputs are named. In place of `if` it has where(condition, x, y), maximum and minimum; what asks
a traced number for its value is refused. A Value that f reaches otherwise is a constant.

Sums over examples: trace one example, and compile with the names of what differs between them:

    step = program.compile("c", rows="x0 x1 y")     # or "python", "numpy"
    step(parameters, rows)             # each output, summed over the rows of an (n, 3) array

All three give the same sums: Python and C, on x86-64 and without other flags, to the last bit.

Tensors too: a training step, written as any other, is recorded once and replayed with arrays that
exist already, its parameters in one flat array:

    fast = record(step, x, t)          # step(x, t) trains a net of bookutils.nn on a batch
    fast(x, t)                         # the same step, without an engine; print(fast) shows it
    record(step, x, t, matmul=f)       # with products of matrices by f(a, b, out=c), not by NumPy

The core, as chapter 12 builds it: `Trace` and `Symbol` (symbols), `ROWS` (rows: a row that you add
is differentiated, printed and compiled too), `gradients` and `live` (derivatives), `to_python`
(printing).
"""

from bookutils.door import door

__getattr__, __dir__, __all__ = door(
    __name__,
    {
        "scalars": "trace Program",
        "symbols": "where Symbol Trace apply",
        "rows": "ROWS",
        "derivatives": "gradients live",
        "printing": "to_python to_numpy to_c",
        "native": "compiler",
        "replay": "record Replay",
        "functions": "ReplayError",
    },
)
