"""A worked program, run statement by statement, with changes in it."""

import ast
import inspect
import textwrap
from contextlib import contextmanager

import numpy as np

from bookutils.judge import data

OUT = "is left out"
OLD = "old_"
CHANGING = "pop", "popitem", "setdefault"  # methods that return something besides


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
        self.parameters = [a.arg for a in tree.body[0].args.args]
        self.body = Returning().visit(tree).body[0].body
        _keep_old(self.body, set(self.parameters))
        self.copied = _fresh if any(map(_in_place, ast.walk(tree))) else dict
        self.names = {"sigmoid": sigmoid, **function.__globals__, "np": np, "returned_": Returned}
        self.codes, self.states = {}, {}

    def code(self, block, change=None):
        """The compiled statement with this change, or None where it is no program."""
        if (block, change) not in self.codes:
            with self._changed(change):
                try:
                    made = compile(ast.Module([self.body[block]], []), "<altered>", "exec")
                except SyntaxError:
                    made = None
            self.codes[block, change] = made
        return self.codes[block, change]

    def run(self, change, args, i):
        """What the program with this change returns in case `i`, with these arguments; no copy."""
        try:
            names = self.state(args, i, change.block)
            for block in range(change.block, len(self.body)):
                code = self.code(block, change.at(block))
                if code is None:
                    return None
                exec(code, names)
        except Returned as returned:
            return returned.args[0]
        return None

    def state(self, args, i, block):
        """The names and their values before a statement. Raises: Returned, where it has ended."""
        if i not in self.states:
            self.states[i] = [dict(zip(self.parameters, data.fresh(args), strict=True))]
        states = self.states[i]
        while len(states) <= block and not isinstance(states[-1], Returned):
            names = {**self.names, **self.copied(states[-1])}
            try:
                exec(self.code(len(states) - 1), names)
            except Returned as returned:
                states.append(returned)
                break
            names.pop("__builtins__", None)
            own = (n for n in names if names[n] is not self.names.get(n, ...))  # functions aside
            states.append({name: names[name] for name in own})
        if len(states) <= block or isinstance(states[block], Returned):
            raise Returned(*states[-1].args)  # anew, or its traceback grows
        return {**self.names, **self.copied(states[block])}

    def said(self, change):
        """The changed line as it would read, with what is the matter with it."""
        right = _parts(change.line)
        with self._changed(change):
            put = change.put if isinstance(change.put, ast.stmt) else change.line
            wrong = _parts(put)
        if isinstance(put, ast.Pass):
            return f"`{right[0]}` {OUT}"
        shown = ", ".join(w for r, w in zip(right, wrong, strict=False) if r != w) or wrong[0]
        return f"`{shown}`" + f" ({change.says})" * bool(change.says)

    @contextmanager
    def _changed(self, change):
        before = []
        for owner, spot, put in change.places if change else ():
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


def _keep_old(body, known):
    """Before a name is given a new value, `old_name = name`: the old one may be read further on."""
    for line in list(body):
        for field in ("body", "orelse"):
            _keep_old(getattr(line, field, None) or [], set(known))  # a branch may not be taken
        names = [t.id for t in getattr(line, "targets", ()) if isinstance(t, ast.Name)]
        for name in names:
            if name in known and not name.startswith(OLD):
                kept = ast.parse(f"{OLD}{name} = {name}").body[0]
                body.insert(body.index(line), kept)
        known |= set(names)


def _in_place(node):
    """Whether a value may be changed where it lies: most programs change none and need no copy."""
    if isinstance(node, (ast.Subscript, ast.Attribute)):
        return not isinstance(node.ctx, ast.Load) or getattr(node, "attr", "") in CHANGING
    return isinstance(node, (ast.AugAssign, ast.Expr)) or getattr(node, "arg", "") == "out"


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
