"""A change of a program, or two: nodes, and the places in the syntax tree where they are put."""

import ast
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Alteration:
    """One change: node `put` in the place `spot` of the list or field of `owner`."""

    owner: object
    spot: object
    put: object
    line: ast.stmt
    block: int  # the statement of the function's body that holds the line
    says: str
    more: tuple = ()  # (owner, spot, put) of the same change elsewhere in the line

    @property
    def places(self):
        return ((self.owner, self.spot, self.put), *self.more)

    def at(self, block):
        """What of it stands in a statement of the function's body."""
        return self if block == self.block else None


@dataclass(frozen=True, eq=False)
class Pair:
    """Two changes at once, in the order of their lines."""

    first: Alteration
    second: Alteration
    says = "two things in it are others"

    @property
    def line(self):
        """The line of both, or None."""
        return self.first.line if self.first.line is self.second.line else None

    @property
    def put(self):
        return self.first.put

    @property
    def block(self):
        return self.first.block

    @property
    def places(self):
        return self.first.places + self.second.places

    def at(self, block):
        both = self.first.at(block), self.second.at(block)
        return self if None not in both else both[0] or both[1]


def located(node, line):
    """The node; it and what is new in it has the place of the line that it stands in."""
    if isinstance(node, (ast.expr, ast.stmt)) and getattr(node, "end_lineno", None) is None:
        ast.copy_location(node, line)
        for inner in ast.iter_child_nodes(node):
            located(inner, line)
    return node
