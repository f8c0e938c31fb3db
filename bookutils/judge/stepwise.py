"""A worked program, run statement by statement, with changes in it."""

import ast
import inspect
import textwrap
from contextlib import contextmanager

import numpy as np

from bookutils.judge import data
from bookutils.judge.changes import Kept


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Returned(Exception):
    """Carries what a program returns."""


class Program:
    """A worked function, statement by statement, altered in place and put back.

    A change costs the compilation of one statement of the body, and its run begins there: what
    stands before is run once a case.
    """

    def __init__(self, function):
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        self.body = Returning().visit(tree).body[0].body
        self.parameters = [a.arg for a in tree.body[0].args.args]
        self.names = {"sigmoid": sigmoid, **function.__globals__, "np": np, "returned_": Returned}
        self.codes, self.states = {}, {}

    def code(self, block, changes=()):
        """The compiled statement with these changes, or None where it is no program."""
        if (block, changes) not in self.codes:
            with self._changed(changes):
                try:
                    made = compile(ast.Module([self.body[block]], []), "<altered>", "exec")
                except SyntaxError:
                    made = None
            self.codes[block, changes] = made
        return self.codes[block, changes]

    def run(self, changes, args, i):
        """What the program with these changes returns in case `i`, with these arguments."""
        first = min(change.block for change in changes)
        try:
            names = self.state(args, i, first)
            for block in range(first, len(self.body)):
                code = self.code(block, tuple(c for c in changes if c.block == block))
                if code is None:
                    return None
                exec(code, names)
        except Returned as returned:
            return data.fresh(returned.args[0])
        return None

    def state(self, args, i, block):
        """The names and their values before a statement. Raises: Returned, where it has ended."""
        states = self.states.setdefault(i, [dict(zip(self.parameters, args, strict=True))])
        while len(states) <= block and not isinstance(states[-1], Returned):
            names = {**self.names, **_fresh(states[-1])}
            try:
                exec(self.code(len(states) - 1), names)
            except Returned as returned:
                states.append(returned)
                break
            own = names.keys() - self.names.keys() - {"__builtins__"}
            states.append({name: names[name] for name in own})
        if len(states) <= block or isinstance(states[block], Returned):
            raise states[-1]
        return {**self.names, **_fresh(states[block])}

    def said(self, changes):
        """The changed lines as they would read, with what is the matter with them."""
        lines = {}
        for change in changes:
            lines.setdefault(id(change.line), []).append(change)
        return " and ".join(self._said(some) for some in lines.values())

    def _said(self, changes):
        line, put = changes[0].line, changes[0].put
        if isinstance(put, ast.Pass):
            return f"`{_parts(line)[0]}` is left out"
        right = _parts(line)
        with self._changed(changes):
            wrong = _parts(put if isinstance(put, ast.stmt) else line)
        shown = ", ".join(w for r, w in zip(right, wrong, strict=False) if r != w) or wrong[0]
        says = " and ".join(dict.fromkeys(change.says for change in changes if change.says))
        return f"`{shown}`" + f" ({says})" * bool(says)

    @contextmanager
    def _changed(self, changes):
        before = []
        for change in sorted(changes, key=lambda change: -change.depth):
            for owner, spot, put in change.places:
                put = getattr(put.node, put.field) if isinstance(put, Kept) else put
                before.append((owner, spot, _set(owner, spot, put)))
        try:
            yield
        finally:
            for place in reversed(before):
                _set(*place)


class Returning(ast.NodeTransformer):
    """`return x` as an exception that carries x: statements are run one by one."""

    def visit_Return(self, node):
        call = ast.Call(ast.Name("returned_", ast.Load()), [node.value], [])
        return ast.fix_missing_locations(ast.copy_location(ast.Raise(call), node))


def _fresh(names):
    return {name: data.fresh(value) for name, value in names.items()}


def _parts(line):
    """A statement as text, line by line, or the results of a `return`, one by one."""
    if isinstance(line, ast.Raise):
        value = line.exc.args[0]
        if isinstance(value, ast.Tuple):
            return [ast.unparse(part) for part in value.elts]
        return [f"return {ast.unparse(value)}"]
    return ast.unparse(line).splitlines()


def _set(owner, spot, value):
    if isinstance(owner, list):
        before, owner[spot] = owner[spot], value
    else:
        before = getattr(owner, spot)
        setattr(owner, spot, value)
    return before
