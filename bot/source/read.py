"""From source text to what it declares. Never raises for what the text holds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from types import MappingProxyType

from bot.projects.syntax import SyntaxProblem, parse
from bot.source.annotations import Aliases, Annotation, annotation
from bot.source.expressions import Expression, expression
from bot.source.names import Names, imported, names
from bot.source.shapes import Attribute, ClassSource, FunctionSource, SourceFile

LIMIT = 256 * 1024  # characters; the facts hold no more of a file
_MOST_USES = 20_000


@lru_cache(maxsize=256)
def read_source(text: str, path: str) -> SourceFile:
    """What the file declares; relative imports are resolved from ``path``."""
    if len(text) > LIMIT:
        return SourceFile(path, problem=f"it is longer than {LIMIT // 1024} KiB")
    tree = parse(text)
    if isinstance(tree, SyntaxProblem):
        return SourceFile(path, problem=f"line {tree.line}: {tree.message}")
    try:
        return _Reader(tree, path).read()
    except RecursionError:
        return SourceFile(path, problem="the source is nested too deeply")


class _Reader:
    def __init__(self, tree: ast.Module, path: str) -> None:
        self._tree = tree
        self._path = path
        self._imports = imported(tree, path)
        self._names: Names = names(self._imports)
        statements = list(_running(tree.body))
        self._statements = statements
        values = dict(_assigned(statements))
        classes = frozenset(item.name for item in statements if isinstance(item, ast.ClassDef))
        self._aliases = Aliases(classes, values)
        self._values = values

    def read(self) -> SourceFile:
        constants = {name: self._expression(value) for name, value in self._values.items()}
        return SourceFile(
            self._path,
            tuple(self._class(item, "") for item in self._statements if _is_class(item)),
            tuple(self._function(item, "") for item in self._statements if _is_function(item)),
            self._imports,
            tuple(self._uses())[:_MOST_USES],
            MappingProxyType(constants),
        )

    def _uses(self) -> Iterator[Expression]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call | ast.Attribute):
                yield self._expression(node)

    def _expression(self, node: ast.expr) -> Expression:
        return expression(node, self._names)

    def _annotation(self, node: ast.expr) -> Annotation:
        return annotation(node, self._names, self._aliases)

    def _class(self, node: ast.stmt, outer: str) -> ClassSource:
        assert isinstance(node, ast.ClassDef)  # noqa: S101 - the caller asked
        qualname = f"{outer}{node.name}"
        body = list(_running(node.body))
        return ClassSource(
            node.name,
            qualname,
            node.lineno,
            node.end_lineno or node.lineno,
            tuple(self._base(base) for base in node.bases),
            MappingProxyType(
                {item.arg: self._expression(item.value) for item in node.keywords if item.arg}
            ),
            ast.get_docstring(node),
            tuple(found for item in body for found in self._attributes(item)),
            tuple(self._function(item, f"{qualname}.") for item in body if _is_function(item)),
            tuple(self._class(item, f"{qualname}.") for item in body if _is_class(item)),
        )

    def _base(self, node: ast.expr) -> str:
        """``Generic[T]`` and ``make_base()`` by the name of what is subscripted or called."""
        while isinstance(node, ast.Subscript | ast.Call):
            node = node.value if isinstance(node, ast.Subscript) else node.func
        return self._names.dotted(node)

    def _attributes(self, node: ast.stmt) -> Iterator[Attribute]:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            stated = self._annotation(node.annotation)
            value = self._expression(node.value) if node.value is not None else None
            yield self._attribute(node, node.target.id, stated, value)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield self._attribute(node, target.id, None, self._expression(node.value))

    @staticmethod
    def _attribute(
        node: ast.stmt, name: str, stated: Annotation | None, value: Expression | None
    ) -> Attribute:
        end = node.end_lineno or node.lineno
        return Attribute(name, node.lineno, end, stated, value, ast.unparse(node))

    def _function(self, node: ast.stmt, outer: str) -> FunctionSource:
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)  # noqa: S101 - as above
        stated = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        return FunctionSource(
            node.name,
            f"{outer}{node.name}",
            node.lineno,
            isinstance(node, ast.AsyncFunctionDef),
            tuple(
                (item.arg, self._annotation(item.annotation)) for item in stated if item.annotation
            ),
            tuple(self._expression(item) for item in node.decorator_list),
            self._given(node),
            ast.dump(node),
        )

    def _given(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Expression | None:
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value is not None:
            return self._expression(body[0].value)
        return None


def _is_class(node: ast.stmt) -> bool:
    return isinstance(node, ast.ClassDef)


def _is_function(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _running(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, those inside of ``if``, ``try`` and ``with`` too.

    What stands under ``if TYPE_CHECKING`` never runs.
    """
    for node in body:
        yield node
        if isinstance(node, ast.If):
            test = node.test
            name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
            yield from _running(node.orelse if name == "TYPE_CHECKING" else node.body + node.orelse)
        elif isinstance(node, ast.Try):
            handled = [item for handler in node.handlers for item in handler.body]
            yield from _running([*node.body, *handled, *node.orelse, *node.finalbody])
        elif isinstance(node, ast.With):
            yield from _running(node.body)


def _assigned(statements: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in statements:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value
