"""The engine that a chapter's cells build, beside the engine of this package, name by name."""

import ast
import inspect
from html import escape
from importlib import import_module

from bookutils.page.tables import html_table

# chapter: the modules of its reference (of the engine, or with their room's name), and the reason
# for each definition that differs there
REFERENCES = {
    3: (
        "graph rules scalar",
        {
            "Value": "is a Number too: comparisons, float(v), formats, copies, micrograd's names",
            "Value.__slots__": "two more: the name of the operation, and a label for pictures",
            "Value.__init__": "refuses what is no number, and slopes that do not match the parents",
            "Value.__repr__": "in Number, as micrograd has it: the gradient is shown too",
            "gradients": "counts along the slopes instead of calling zip at every node: faster",
            "FUNCTIONS": "one more: stop, a slope of 0 that stops even an infinite gradient",
            "compiled": "a slope may be written as a function, as chapter 04 needs it",
            "apply": "by IEEE 754 where Python raises: 1/0 is inf; names the operation; no_grad()",
            "reflected": "apply, unrolled for a number on the left",
            "method": "apply, unrolled for one and two operands: several times as fast",
            'RULES["pow"]': "as in PyTorch where the exponent or the base is 0",
            'RULES["softplus"]': "right at infinity, and above 0 with smaller rounding errors",
            'RULES["relu"]': "stop instead of 0.0",
            'RULES["leaky_relu"]': "stop instead of 0.0",
        },
    ),
    4: (
        "graph rules arrays record elementwise reductions shapes products",
        {
            "Tensor.__slots__": "five more: who needs a gradient, the operation, changes in place",
            "Tensor.__array_ufunc__": "a function: np.exp(t) is t.exp(); np.sum(t) says what to do",
            "Tensor.__init__": "copies its data; refuses what has no derivatives with a sentence",
            "Tensor.__repr__": "shows the numbers too",
            "remember": "only ways to what needs a gradient, none in no_grad(); counts changes",
            "gradients": "adds nothing to 0.0, a copy; frees what it has passed on; sees changes",
            "xp": "looks the library of a type up once",
            "backward": "only leaves keep a gradient, in memory of their own; says what is wrong",
            'RULES["softplus"]': "right at infinity, and above 0 with smaller rounding errors",
            'RULES["relu"]': "stop: a slope of 0 that stops even an infinite gradient",
            "compiled": "each slope is a function of G, computed when backward needs it",
            "apply": "with these functions in place of slopes",
            "matmul": "vectors, and stacks of matrices, too",
            "tensor_sum": "finds the kept shape without adding up twice; names a wrong axis",
            "mean": "the same, and nan for no numbers",
            "tensor_max": "shares its text with min; float32 stays float32; refuses no numbers",
            "add_at": "CuPy too",
            "take": "a slice shares memory; an index is kept as it was; numbers places when needed",
            "reshape": "a tuple too; shares memory; says what does not fit",
            "Tensor.T": "the axes in reverse, of any number of them",
        },
    ),
    12: (
        "trace.rows trace.symbols trace.derivatives trace.printing",
        {
            "ROWS": "more comparisons, and what rows of the engine name: erf, log1p",
            "NUMBERS": "FUNCTIONS, of rows",
            "VALUES": "evaluate: by IEEE 754 where Python raises",
            "Trace.__init__": "may go on with a list of operations",
            "node": "a method",
            "Trace.node": "the same, in its place",
            "Symbol": "a Value too: whatever is written for Values can be traced",
            "apply": "folds constants, drops only what changes no bit; refuses a second trace",
            "method": "knows its name and says what it computes",
            "Symbol.__neg__": "beside that of abs",
            "refuse": "Symbol.__bool__, which names more of what asks for an answer",
            "Symbol.__bool__": "the same, as a method",
            "where": "chooses after the product with the gradient: an infinite one is stopped",
            "FUNCTIONS": "all functions that a row may name",
            "SLOPES": "slopes(name), made when it is needed: rows may be added at any time",
            "gradients": "all are Symbols; none for constants",
            "statements": "Statements: for three languages; what no row changes comes first",
            "to_python": "names that cannot clash; sums over rows; x if c else y for where",
            "total": "in to_numpy, which prints the sum",
            "AS_C": "in to_c",
            "to_c": "of one set of numbers too",
        },
    ),
}

# decorators: IEEE arithmetic without warnings, errors in a sentence, operands made fit
AROUND = "operation", "quiet", "of_any_operands"


class Beside:
    """What is the same in a chapter's engine and in the reference, and what differs, and why."""

    def __init__(self, yours, theirs, reasons):
        self.same = [name for name in yours if yours[name] == theirs.get(name)]
        self.different = {
            name: reasons.get(name, "not the same")
            for name in yours
            if name in reasons or name in theirs
            if name not in self.same
        }
        self.only_there = [name for name in theirs if name not in yours]

    def __repr__(self):
        width = max(map(len, self.different), default=0)
        lines = [f"{name:{width}}  {reason}" for name, reason in self.different.items()]
        return "\n".join(
            [f"the same: {', '.join(self.same)}", "", "different in the reference:", *lines]
        )

    def _repr_html_(self):
        same = ", ".join(f"<code>{escape(name)}</code>" for name in self.same)
        rows = html_table(("different", "in the reference"), self.different.items(), left=2)
        return f"<p>the same: {same}</p>{rows}"


def beside(cells, chapter):
    """Lay the engine that these cells define beside the reference of a chapter.

    `cells` are texts of code; of a name defined twice the last definition counts. Definitions are
    compared without their comments, docstrings and the decorators AROUND operations.
    """
    modules, reasons = REFERENCES[chapter]
    places = [m if "." in m else f"engine.{m}" for m in modules.split()]
    texts = [inspect.getsource(import_module(f"bookutils.{place}")) for place in places]
    return Beside(definitions(cells), definitions(texts), reasons)


def definitions(texts):
    """Map each name that is defined at the top level of these texts to its canonical definition.

    A class gives one entry for itself and one for each member, a dict one for each of its keys.
    """
    found = {}
    for text in texts:
        try:
            tree = ast.parse(text)
        except SyntaxError:  # a cell of another language
            continue
        for statement in tree.body:
            found |= _entries(statement)
    return found


def _entries(statement, owner=""):
    """The names that one statement defines."""
    if isinstance(statement, ast.FunctionDef):
        return {owner + statement.name: _canonical(statement)}
    if isinstance(statement, ast.ClassDef):
        members = {}
        for member in statement.body:
            members |= _entries(member, f"{statement.name}.")
        bases = ", ".join(map(ast.unparse, statement.bases))
        return {statement.name: f"class {statement.name}({bases})", **members}
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
        if isinstance(target, ast.Name) and isinstance(value, ast.Dict) and all(value.keys):
            rows = zip(value.keys, value.values, strict=True)
            return {f"{target.id}[{_quoted(key)}]": ast.unparse(row) for key, row in rows}
        if isinstance(target, ast.Subscript):
            return {f"{ast.unparse(target.value)}[{_quoted(target.slice)}]": ast.unparse(value)}
        return {owner + ast.unparse(target): ast.unparse(value)}
    return {}


def _quoted(key):
    return f'"{key.value}"' if isinstance(key, ast.Constant) else ast.unparse(key)


def _canonical(function):
    """The text of a function without its docstring, its comments and the decorators AROUND it."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:] or [ast.Pass()]
    known = [d for d in function.decorator_list if not ast.unparse(d).startswith(AROUND)]
    bare = ast.FunctionDef(function.name, function.args, body, known)
    return ast.unparse(ast.fix_missing_locations(bare))
