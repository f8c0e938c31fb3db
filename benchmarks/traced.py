"""micrograd's demo, recorded once and printed as Python, as NumPy columns and as C."""

import random
import resource
import time
from contextlib import suppress
from functools import cache, partial

import numpy as np
from scalar import STEPS, demo_race, points

from bookutils import neuron
from bookutils.bench.turns import Entrant, Reading
from bookutils.trace import compiling, native, trace

GROUP = "scalar engine"
FAST = ("-O3", "-march=native", "-ffast-math")
TARGETS = {  # program -> what it is compiled to
    "traced Python": ("python", {}),
    "NumPy columns": ("numpy", {}),
    "C -O2": ("c", {}),
    f"C {' '.join(FAST)}": ("c", {"flags": FAST}),
}
ROWS = "x0 x1 y"

BY_HAND = """
void by_hand(const double *p, long n, const double *rows, double *out) {
    enum { H = 16, IN1 = 3, IN2 = 17 };            /* each neuron: its weights, then its bias */
    const double *p1 = p, *p2 = p1 + H * IN1, *p3 = p2 + H * IN2;
    double *g1 = out + 1, *g2 = g1 + H * IN1, *g3 = g2 + H * IN2;
    for (int k = 0; k < 1 + H * IN1 + H * IN2 + IN2; k++) out[k] = 0;
    for (long r = 0; r < n; r++) {
        const double *x = rows + 3 * r;
        double h1[H], h2[H], d1[H];
        for (int i = 0; i < H; i++) {
            double s = p1[i * IN1] * x[0] + p1[i * IN1 + 1] * x[1] + p1[i * IN1 + 2];
            h1[i] = s > 0 ? s : 0;
            d1[i] = 0;
        }
        double score = p3[H];
        for (int i = 0; i < H; i++) {
            double s = p2[i * IN2 + H];
            for (int j = 0; j < H; j++) s += p2[i * IN2 + j] * h1[j];
            h2[i] = s > 0 ? s : 0;
            score += p3[i] * h2[i];
        }
        double margin = 1 - x[2] * score;
        if (margin <= 0) continue;
        out[0] += margin / 100;
        double d = -x[2] / 100;
        g3[H] += d;
        for (int i = 0; i < H; i++) {
            g3[i] += d * h2[i];
            double d2 = h2[i] > 0 ? d * p3[i] : 0;
            g2[i * IN2 + H] += d2;
            for (int j = 0; j < H; j++) {
                g2[i * IN2 + j] += d2 * h1[j];
                d1[j] += d2 * p2[i * IN2 + j];
            }
        }
        for (int i = 0; i < H; i++) {
            double d0 = h1[i] > 0 ? d1[i] : 0;
            g1[i * IN1] += d0 * x[0];
            g1[i * IN1 + 1] += d0 * x[1];
            g1[i * IN1 + 2] += d0;
        }
    }
}
"""


def demo_model():
    """The net of the demo, and its rows (x0, x1, label)."""
    random.seed(1337)
    x, y = points()
    return neuron.MLP(2, [16, 16, 1]), np.column_stack([x, y])


@cache
def demo_program():
    """Loss and all slopes of one example: summed over rows, those of the demo but for its L2."""

    def loss(model, x0, x1, y):
        return (1 + -y * model([x0, x1])).relu() * (1.0 / 100)

    return trace(loss, demo_model()[0], "x0", "x1", "y").value_and_grad(*weights())


def weights():
    return [f"w{k}" for k in range(337)]


def by_hand():
    function = native.built(BY_HAND)

    def sums(parameters, rows):
        out = np.empty(1 + len(parameters))
        function(parameters.ctypes.data, len(rows), rows.ctypes.data, out.ctypes.data)
        return out

    return sums


def made(name):
    """f(parameters, rows) -> [loss, *slopes], summed over the rows."""
    if name == "C by hand":
        return by_hand()
    to, options = TARGETS[name]
    return demo_program().compile(to, rows=ROWS, **options)


def trained(name):
    """A gradient step of the demo by a compiled program: step() -> loss."""
    model, rows = demo_model()
    parameters, sums = np.array([p.data for p in model.parameters()]), made(name)
    count, start = 0, parameters.copy()

    def step():
        nonlocal count
        found = sums(parameters, rows)
        loss = found[0] + 1e-4 * parameters.dot(parameters)
        slopes = np.asarray(found[1:]) + 2e-4 * parameters
        np.subtract(parameters, (1.0 - 0.9 * count / STEPS) * slopes, out=parameters)
        count += 1
        if count == STEPS:
            count, parameters[:] = 0, start
        return float(loss)

    return step


def by_engine(make):
    """[loss, *slopes] of the demo's rows by an engine, as the compiled programs return them."""
    step = make()
    loss = step.data_loss()
    loss.backward()
    return [loss.data, *(p.grad for p in step.parameters)]


def distances():
    """{program: how far its loss and slopes at the start are from those of the traced Python}.

    Without the L2 term, whose sum could round a difference in the last bit away.
    """
    model, rows = demo_model()
    parameters, found = np.array([p.data for p in model.parameters()]), {}
    for name, entrant in demo_race().entrants.items():
        with suppress(ImportError):  # micrograd, which the row tells
            found[name] = by_engine(entrant.make)
    for name in [*TARGETS, "C by hand"]:
        if not name.startswith("C") or native.compiler():
            found[name] = made(name)(parameters, rows)
    wanted, notes = np.array(found["traced Python"]), {}
    for name, numbers in found.items():
        gap = np.abs(np.array(numbers) - wanted).max()
        notes[name] = f"{gap / np.abs(wanted).max():.0e} off" if gap else "same bits"
    return notes


def races():
    """The demo's race with the traced programs in it."""
    from dataclasses import replace

    race = demo_race()
    entrants = {name: Entrant(lambda n=name: trained(n)) for name in [*TARGETS, "C by hand"]}
    return [replace(race, entrants={**race.entrants, **entrants}, notes=distances)]


def spent():
    """Processor seconds of this process and of those that it has waited for, such as compilers."""
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + others.ru_utime + others.ru_stime


def seconds_to_compile(times=5):
    """Seconds of recording the demo, of differentiating it, and of making each kind of function."""
    model, _ = demo_model()
    samples = {}

    def took(name, work):
        start = spent()
        result = work()
        samples.setdefault(name, []).append(spent() - start)
        return result

    def loss(model, x0, x1, y):
        return (1 + -y * model([x0, x1])).relu() * (1.0 / 100)

    for k in range(times):
        program = took("record", lambda: trace(loss, model, "x0", "x1", "y"))
        slopes = took("differentiate", partial(program.value_and_grad, *weights()))
        for name, (to, options) in TARGETS.items():
            if to != "c" or native.compiler() and k == 0:
                for kept in (compiling.python, compiling.over_columns, native.built):
                    kept.cache_clear()
                took(name, partial(slopes.compile, to, rows=ROWS, **options))
    return samples, {}


def rows():
    title = "Recording the demo's loss of one example, and making functions of it"
    return [Reading("compiling", GROUP, title, "s", seconds_to_compile)]
