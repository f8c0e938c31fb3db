"""Controls: where a slider may stand, and how a reader writes such a position."""

from dataclasses import dataclass

import ipywidgets

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def written(value):
    """Return a position as a reader writes it: 0.05, 1 024, 10⁻⁸, 1.8 × 10⁻⁵."""
    if isinstance(value, str):
        return value
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        text = f"{value:.4g}" if abs(value) < 1e4 and value != int(value) else f"{value:.0f}"
        return text.replace("-", "−")
    mantissa, exponent = f"{value:.1e}".split("e")
    power = "10" + str(int(exponent)).translate(SUPERSCRIPT)
    mantissa = mantissa.removesuffix(".0").replace("-", "−")
    return power if mantissa == "1" else f"{mantissa} × {power}"


@dataclass(frozen=True)
class Control:
    """The positions of one slider, in order, the one it starts at, and what it is called."""

    values: tuple
    default: object
    label: str = ""
    kind: str = "stops"  # stops | linear | choice

    def __post_init__(self):
        if len(self.values) < 2:
            raise ValueError(f"a control needs two positions or more, got {self.values}")
        if self.default not in self.values:
            raise ValueError(f"default {self.default!r} is none of the positions {self.values}")

    @property
    def low(self):
        return self.values[0]

    @property
    def high(self):
        return self.values[-1]

    @property
    def between(self):
        """One position that is neither an end nor the default, where there is one."""
        inner = [v for v in self.values[1:-1] if v != self.default]
        return inner[len(inner) // 3] if inner else self.default

    def widget(self, name):
        """Return a new ipywidget standing at the default."""
        common = {
            "description": self.label or name,
            "tooltip": "",  # with None, JupyterLab shows the word "null"
            "value": self.default,
            "style": {"description_width": "initial"},
            "layout": {"width": "auto", "flex": "1 1 auto", "margin": "2px 12px 2px 0"},
        }
        if self.kind == "choice":
            return ipywidgets.ToggleButtons(
                options=[(written(v), v) for v in self.values],
                **common | {"style": {"description_width": "initial", "button_width": "auto"}},
            )
        if self.kind == "stops":
            return ipywidgets.SelectionSlider(
                options=[(written(v), v) for v in self.values], **common
            ).add_class("book-stops")
        ends = {"min": self.low, "max": self.high, "step": self.values[1] - self.low}
        if isinstance(self.low, int):
            return ipywidgets.IntSlider(**ends, **common)
        decimals = max(len(repr(v).partition(".")[2]) for v in self.values[:3])
        ends["step"] = round(ends["step"], decimals)
        return ipywidgets.FloatSlider(**ends, readout_format=f".{decimals}f", **common)


def stops(*values, default=None, label=""):
    """Return a control with the given positions: `stops(2, 5, 10, 30, default=10)`."""
    return Control(values, values[0] if default is None else default, label)


def log_stops(low, high, per_decade=1, default=None, label=""):
    """Return a control with positions evenly spaced on a logarithmic axis, both ends included.

    Whole powers of ten are exact: 1e-8 is among the stops of 1e-16 ... 1 as the float 1e-8.
    """
    # repr rounds a power of ten, so float(f"1e{k}") is exact where 10.0 ** k may be one ULP off
    text = [f"{x:.12e}".split("e") for x in (low, high)]
    if any(float(mantissa) != 1 for mantissa, _ in text):
        raise ValueError(f"log_stops: the ends must be powers of ten, got {low} and {high}")
    first, last = (int(exponent) * per_decade for _, exponent in text)
    values = [
        float(f"1e{k // per_decade}") if k % per_decade == 0 else 10 ** (k / per_decade)
        for k in range(first, last + 1)
    ]
    if default is None:
        default = values[len(values) // 2]
    nearest = min(values, key=lambda v: abs(v / default - 1))
    if abs(nearest / default - 1) > 1e-9:
        raise ValueError(f"log_stops: default {default} is none of the stops; nearest {nearest}")
    return Control(tuple(values), nearest, label)


def linear(low, high, step=1, default=None, label=""):
    """Return a control with evenly spaced positions; whole numbers throughout stay whole."""
    count = round((high - low) / step)
    if count < 1 or abs(low + count * step - high) > 1e-9 * abs(step):
        raise ValueError(f"linear: steps of {step} from {low} do not end at {high}")
    whole = all(isinstance(x, int) for x in (low, high, step))
    values = [
        low + k * step if whole else round(float(low + k * step), 10) for k in range(count + 1)
    ]
    default = values[len(values) // 2] if default is None else default
    return Control(tuple(values), default if whole else float(default), label, "linear")


def choice(*values, default=None, label=""):
    """Return a control of a few named ways: `choice("relu", "tanh")`."""
    # ipywidgets 8 keeps disabled the buttons whose labels are their places: a bet opened no choice
    if [str(v) for v in values] == [str(k) for k in range(len(values))]:
        raise ValueError(f"choice: put the values in another order than {values}")
    return Control(values, values[0] if default is None else default, label, "choice")
