"""What a machine reaches, read from its record: two limits, the cost of a call, a step's share."""

from typing import NamedTuple

import numpy as np


class Roof(NamedTuple):
    """FLOPs and bytes a second that a machine reaches at its best."""

    rate: float
    bandwidth: float

    @property
    def ridge(self):
        """FLOPs a byte from which on the rate is the limit, no more the bandwidth."""
        return self.rate / self.bandwidth

    def seconds(self, flops, size):
        """What the slower of the two needs for so many FLOPs and bytes, if they overlap."""
        return max(flops / self.rate, size / self.bandwidth)

    def at(self, intensity):
        """FLOPs a second at so many FLOPs a byte."""
        return min(self.rate, intensity * self.bandwidth)


class Line(NamedTuple):
    """Seconds of a call, t0 + t1 * n."""

    t0: float
    t1: float

    def at(self, n):
        return self.t0 + self.t1 * n


def roof(record, dtype="float32"):
    """The Roof of a machine in a precision; None if not measured.

    The rate is the best of products, and of layers and steps if they do better. The bandwidth is
    that of the largest array, copied or summed, whichever is faster (smaller ones stay in a cache),
    or that of the largest layer, if it reads its weights faster still.
    """
    products = [row for row in record.group("matrix product") if dtype in row.samples]
    arrays = [row for row in record.group("memory") if row.samples]
    if not products or not arrays:
        return None
    rates = [row.rate[dtype] for row in products]
    rates += [row.rate[p] for row in record.group("training step")
              if (p := f"torch {dtype}") in row.rate]  # fmt: skip
    layers = [row for row in record.group("layer") if row.samples]
    if dtype == "float32":
        rates += [rate for row in layers for rate in row.rate.values()]
    widest = [
        max(rows, key=lambda row: max(row.bytes.values())) for rows in (arrays, layers) if rows
    ]
    bandwidths = [found for row in widest for found in row.bandwidth.values()]
    return Roof(*(max(found.median for found in kind) for kind in (rates, bandwidths)))


def sizes(record, group, program):
    """[(n, Spread of seconds)] of a program, from the smallest row of a group on.

    n is the number that the row's key ends with.
    """
    found = [
        (int(row.key.split()[-1]), row.spread[program])
        for row in record.group(group)
        if program in row.samples
    ]
    return sorted(found)


def call_line(record, program="torch"):
    """What the sum of two arrays of n numbers takes, as the Line whose relative errors are least.

    None if not measured.
    """
    found = sizes(record, "sum of two arrays", program)
    if len(found) < 2:
        return None
    rows = [(1 / took.median, n / took.median) for n, took in found]  # (t0 + t1 n) / seconds is 1
    t0, t1 = np.linalg.lstsq(np.array(rows), np.ones(len(rows)), rcond=None)[0]
    return Line(float(t0), float(t1))


def shares(record, program="torch float32", dtype="float32"):
    """{key of a step: share of its seconds that its products take at the machine's best rate}."""
    best = roof(record, dtype)
    return {
        row.key: row.rate[program].median / best.rate
        for row in record.group("training step")
        if best and program in row.rate
    }
