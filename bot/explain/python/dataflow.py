"""Where a value of a Python file comes from: constants, unknown places, or somebody else. Pure.

Followed within the file: assignments, loops, comprehensions, parameters at every call, what
functions return.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

Function = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef)


class Grade(IntEnum):
    """Who decides what a value is; the worst of several counts."""

    CONSTANT = 0  # the file itself, or an identifier that was quoted
    UNKNOWN = 1  # a function of elsewhere, the database's own catalogue
    FOREIGN = 2  # rows, the environment, arguments of a public function


_QUOTES = {
    *("quote", "quote_identifier", "quote_ident", "quote_schema", "quoted_name", "quoted"),
    *("format_table", "format_column", "format_collation", "Identifier", "Literal", "bindparam"),
    *("compile", "literal"),  # with ``literal_binds``
}
_PLAIN_CALLS = {
    *("int", "len", "float", "bool", "range", "hash", "uuid4", "uuid1", "read", "read_text", "now"),
    *("utcnow", "today", "isoformat", "dedent", "min", "max", "abs", "round", "id"),
}
_THROUGH = {  # the result is as good as what goes in
    *("str", "sorted", "list", "tuple", "set", "reversed", "enumerate", "zip", "dict", "repr"),
    *("format", "join", "upper", "lower", "strip", "items", "keys", "values", "replace", "split"),
    *("title", "append", "f", "text", "rstrip", "lstrip", "removeprefix", "removesuffix", "chain"),
    *("product", "splitlines", "copy", "get", "next", "iter"),
}
_FETCHES = {
    *("execute", "exec_driver_sql", "fetchall", "fetchone", "fetchmany", "scalars", "scalar"),
    *("scalar_one", "scalar_one_or_none", "mappings", "all", "first", "one", "query", "fetch"),
    *("fetchval", "fetchrow", "partitions", "input", "getenv", "get_x_argument"),
}
_CATALOGUE = ("from pg_", "from information_schema.", "join pg_")
_DEEPEST = 40


@dataclass
class Flow:
    """One file's bindings: by function (None: the module) and name, the expressions bound."""

    tree: ast.Module
    public: bool = False  # arguments of a function that nobody here calls are somebody else's
    _scope: dict[ast.AST, Function | None] = field(default_factory=dict)
    _bound: dict[tuple[Function | None, str], list[ast.expr]] = field(default_factory=dict)
    _imported: set[str] = field(default_factory=set)
    _functions: dict[str, Function] = field(default_factory=dict)
    _calls: dict[str, list[ast.Call]] = field(default_factory=dict)
    _grading: set[tuple[int, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._visit(self.tree, None)

    def scope(self, node: ast.AST) -> Function | None:
        """The innermost function that the node stands in."""
        return self._scope.get(node)

    def _visit(self, node: ast.AST, scope: Function | None) -> None:
        for child in ast.iter_child_nodes(node):
            self._scope[child] = scope
            self._read(child, scope)
            self._visit(child, child if isinstance(child, _SCOPES) else scope)

    def _read(self, node: ast.AST, scope: Function | None) -> None:
        match node:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                self._imported |= {(each.asname or each.name).partition(".")[0] for each in names}
            case ast.ClassDef(name=name):
                self._imported.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self._functions[name] = node
            case ast.Call(func=called):
                self._calls.setdefault(name_of(called), []).append(node)
            case _:
                for target, value in _bindings(node):
                    self._bind(target, value, scope)

    def _bind(self, target: ast.expr, value: ast.expr, scope: Function | None) -> None:
        pairs = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        if pairs and len(target.elts) == len(value.elts):  # type: ignore[attr-defined]  # both tuples
            for one, other in zip(target.elts, value.elts, strict=True):  # type: ignore[attr-defined]
                self._bind(one, other, scope)
            return
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                self._bound.setdefault((scope, node.id), []).append(value)

    def bindings(self, name: ast.Name) -> list[ast.expr] | None:
        """What is bound to the name where it stands; None where nothing in the file binds it."""
        scope = self.scope(name)
        while True:
            found = self._bound.get((scope, name.id))
            if found is not None:
                return found
            passed = self._passed(scope, name.id) if scope is not None else None
            if passed is not None or scope is None:
                return passed
            scope = self._scope.get(scope)

    def _passed(self, function: Function, name: str) -> list[ast.expr] | None:
        """What every call in the file passes for the parameter; None where it has none so named."""
        arguments = function.args
        names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
        if name in [each.arg for each in (arguments.vararg, arguments.kwarg) if each]:
            return []
        if name not in [*names, *(each.arg for each in arguments.kwonlyargs)]:
            return None
        calls = self._calls.get(function.name, [])
        bound = names[:1] in (["self"], ["cls"])
        found: list[ast.expr] = []
        for call in calls:
            found += [each.value for each in call.keywords if each.arg in (name, None)]
            place = names.index(name) - bound if name in names else -1
            if 0 <= place < len(call.args):
                found.append(call.args[place])
        defaults = dict(zip(reversed(names), reversed(arguments.defaults), strict=False))
        if name in defaults:
            found.append(defaults[name])
        return found

    def called(self, function: Function) -> bool:
        """Whether the file itself calls the function."""
        return function.name in self._calls

    def grade(self, node: ast.AST | None, depth: int = 0) -> Grade:
        """Who decides what the expression's value is."""
        key = (id(node), 0)
        if node is None or depth > _DEEPEST or key in self._grading:
            return Grade.CONSTANT
        self._grading.add(key)
        try:
            return self._grade(node, depth + 1)
        finally:
            self._grading.discard(key)

    def _worst(self, items: Iterator[ast.AST] | list[ast.expr], depth: int) -> Grade:
        return max((self.grade(item, depth) for item in items), default=Grade.CONSTANT)

    def _grade(self, node: ast.AST, depth: int) -> Grade:
        if isinstance(node, ast.Name):
            return self._of_name(node, depth)
        if isinstance(node, ast.Call):
            return self._of_call(node, depth)
        return Grade.FOREIGN if _environment(node) else self._worst(_deciding(node), depth)

    def _of_name(self, node: ast.Name, depth: int) -> Grade:
        bound = self.bindings(node)
        if bound is None:
            return Grade.CONSTANT  # imported, a class, a built-in: somebody's code, not their data
        scope = self.scope(node)
        argument = scope is not None and self._passed(scope, node.id) is not None
        if argument and scope is not None and not self.called(scope) and self.public:
            return Grade.FOREIGN
        return self._worst(bound, depth)

    def _of_call(self, node: ast.Call, depth: int) -> Grade:
        name = name_of(node.func)
        if _environment(node.func):
            return Grade.FOREIGN
        if name in _QUOTES or name in _PLAIN_CALLS:
            return Grade.CONSTANT
        if name in self._functions:
            returned = (
                item.value
                for item in ast.walk(self._functions[name])
                if isinstance(item, ast.Return | ast.Yield) and item.value
            )
            return self._worst(returned, depth)
        own = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        if name in _FETCHES and name not in _THROUGH:
            known = Grade.UNKNOWN if self._of_catalogue(node) else Grade.FOREIGN
            asked = (
                [] if node.args else own
            )  # ``views.fetchall()`` fetches what ``views`` asked for
            return self._worst(list(asked), depth) or known
        if name in _THROUGH:
            return self._worst([*own, *node.args, *(each.value for each in node.keywords)], depth)
        return max(Grade.UNKNOWN, self._worst(list(own), depth))

    def _of_catalogue(self, node: ast.AST) -> bool:
        """Whether all that a query's text names is PostgreSQL's own catalogue."""
        texts = [
            item.value.lower()
            for item in ast.walk(node)
            if isinstance(item, ast.Constant) and isinstance(item.value, str)
        ]
        flat = [" ".join(text.split()) for text in texts]
        return any(word in text for text in flat for word in _CATALOGUE)


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The targets that a node binds, each with the expression that it gets."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value
        case ast.AugAssign(target=target, value=value):
            yield target, ast.BinOp(left=ast.Constant(""), op=ast.Add(), right=value)
        case ast.NamedExpr(target=target, value=value):
            yield target, value
        case ast.For(target=target, iter=source) | ast.AsyncFor(target=target, iter=source):
            yield target, source
        case ast.comprehension(target=target, iter=source):
            yield target, source
        case ast.withitem(context_expr=source, optional_vars=ast.expr() as target):
            yield target, source
        case _:
            pass


def _deciding(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of an expression that its value comes from."""
    match node:
        case ast.Attribute(value=value, attr=attribute):
            yield from () if attribute.startswith("__") else (value,)
        case ast.Subscript(value=part):
            yield part
        case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.GeneratorExp(elt=part):
            yield part
        case ast.IfExp(body=body, orelse=other):
            yield from (body, other)
        case ast.Compare():
            pass
        case _:
            yield from ast.iter_child_nodes(node)


def name_of(node: ast.AST) -> str:
    """The last part of what is called or read."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=called):
            return name_of(called)
        case _:
            return ""


def _environment(node: ast.AST) -> bool:
    """``os.environ``, ``os.getenv``, ``sys.argv`` or a part of them."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "argv"):
            return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and node.id in ("environ", "getenv")
