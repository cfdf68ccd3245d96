"""What the names of a file stand for: its imports, aliased or relative, followed by name alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Imported:
    """One import: ``module`` is the dotted module, ``name`` what is taken from it ("" for all).

    Of a relative import the module begins at the repository's root. ``for_types``: it stands under
    ``if TYPE_CHECKING``, so that nothing is imported when the file runs.
    """

    module: str
    name: str
    bound: str
    line: int
    for_types: bool = False
    relative: bool = False


@dataclass(frozen=True)
class Names:
    """The names that a file's imports bind, each with the dotted name that it stands for."""

    bound: dict[str, str] = field(default_factory=dict)

    def dotted(self, node: ast.AST) -> str:
        """``a.b.c`` with its first name resolved; "?" stands for what is no name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            first = self.bound.get(node.id, node.id)
        elif parts:
            first = "?"
        else:
            return ""
        return ".".join([first, *reversed(parts)])


def imported(tree: ast.Module, path: str) -> tuple[Imported, ...]:
    """Every import of the file, those inside of functions too, in the order of their lines."""
    found = list(_imports(tree, path, for_types=False))
    return tuple(sorted(found, key=lambda item: item.line))


def _imports(node: ast.AST, path: str, *, for_types: bool) -> Iterator[Imported]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                name = alias.asname or alias.name.partition(".")[0]
                yield Imported(alias.name, "", name, child.lineno, for_types)
        elif isinstance(child, ast.ImportFrom):
            module = _module(child, path)
            for alias in child.names:
                yield Imported(
                    module,
                    alias.name,
                    alias.asname or alias.name,
                    child.lineno,
                    for_types,
                    child.level > 0,
                )
        elif isinstance(child, ast.If) and _is_type_checking(child.test):
            body = ast.Module(body=child.body, type_ignores=[])
            yield from _imports(body, path, for_types=True)
            rest = ast.Module(body=child.orelse, type_ignores=[])
            yield from _imports(rest, path, for_types=for_types)
        else:
            yield from _imports(child, path, for_types=for_types)


def names(imports: tuple[Imported, ...]) -> Names:
    """What the imports bind; ``import a.b`` binds ``a``."""
    bound: dict[str, str] = {}
    for item in imports:
        if item.name:
            bound[item.bound] = f"{item.module}.{item.name}" if item.module else item.name
        else:
            whole = item.bound != item.module.partition(".")[0]
            bound[item.bound] = item.module if whole else item.bound
    return Names(bound)


def _module(node: ast.ImportFrom, path: str) -> str:
    if not node.level:
        return node.module or ""
    folders = path.split("/")[: -node.level]
    return ".".join([*folders, *([node.module] if node.module else [])])


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"
