"""What the text of one revision file says, read from its syntax tree and never executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bot.facts import Anchors, DowngradeShape
from bot.projects.syntax import SyntaxProblem, parse

Literal = str | tuple[str, ...] | None
_UNKNOWN = object()  # computed: only running the file would tell


@dataclass(frozen=True)
class RevisionSource:
    """A revision file's variables and shape.

    ``revision`` is None when the file states none or computes it. ``down_revision``, ``depends_on``
    and ``branch_labels`` are tuples, empty for none; ``computed`` names the variables that are not
    literal, whose tuples are then empty. ``doc`` is the module's docstring, ``message`` its first
    line. ``problem`` is set when the file has no syntax tree; everything else is then a default.
    """

    revision: str | None = None
    down_revision: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    computed: frozenset[str] = frozenset()
    doc: str = ""
    message: str = ""
    anchors: Anchors = Anchors()
    downgrade_shape: DowngradeShape = DowngradeShape.BODY
    upgrade_is_empty: bool = False
    problem: SyntaxProblem | None = None


def read_revision(source: str | bytes) -> RevisionSource:
    """The file's variables, anchors and downgrade. Never raises for what the text holds."""
    tree = parse(source)
    if isinstance(tree, SyntaxProblem):
        return RevisionSource(problem=tree)
    try:
        return _read(tree)
    except RecursionError:
        return RevisionSource(problem=SyntaxProblem(1, "the source is nested too deeply"))


def same_code(old: str | bytes, new: str | bytes) -> bool:
    """Whether two sources differ in nothing but docstrings, comments and layout."""
    if old == new:
        return True
    try:
        return _bare(old) == _bare(new) is not None
    except (RecursionError, MemoryError):
        return False


def _read(tree: ast.Module) -> RevisionSource:
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    for name, value, line in _assignments(tree):
        values[name] = _literal(value, values)
        lines[name] = line
    functions = {
        node.name: node
        for node in _top_level(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    bound = {*functions, *values, *_imported(tree)}
    names = ("revision", "down_revision", "depends_on", "branch_labels")
    revision = values.get("revision")
    doc = ast.get_docstring(tree) or ""
    upgrade, downgrade = functions.get("upgrade"), functions.get("downgrade")
    return RevisionSource(
        revision=revision if isinstance(revision, str) else None,
        down_revision=_names(values.get("down_revision")),
        depends_on=_names(values.get("depends_on")),
        branch_labels=_names(values.get("branch_labels")),
        computed=frozenset(name for name in names if values.get(name) is _UNKNOWN),
        doc=doc,
        message=doc.strip().partition("\n")[0].strip(),
        anchors=Anchors(
            revision=lines.get("revision", 1),
            down_revision=lines.get("down_revision", lines.get("revision", 1)),
            upgrade=upgrade.lineno if upgrade else lines.get("upgrade", 1),
            downgrade=downgrade.lineno
            if downgrade
            else lines.get("downgrade", lines.get("down_revision", lines.get("revision", 1))),
            depends_on=lines.get("depends_on", lines.get("revision", 1)),
        ),
        downgrade_shape=_shape(downgrade, known={"downgrade", "*"} & bound != set()),
        upgrade_is_empty=_shape(upgrade, known=True) is DowngradeShape.EMPTY,
    )


def _top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    """Statements that run when the module is loaded, inside ``if``, ``try`` and ``with``, too."""
    pending: list[ast.stmt] = list(reversed(tree.body))
    while pending:
        node = pending.pop()
        yield node
        blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
        handlers = [handler.body for handler in getattr(node, "handlers", [])]
        if isinstance(node, ast.If | ast.Try | ast.With):
            nested = [*blocks[0], *(item for body in handlers for item in body)]
            pending += reversed([*nested, *blocks[1], *blocks[2]])


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr, int]]:
    """Every assigned name with its value and line; tuples are taken apart."""
    for node in _top_level(tree):
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            pairs = [(node.target, node.value)]
        else:
            continue
        for target, value in pairs:
            if isinstance(target, ast.Name):
                yield target.id, value, node.lineno
            elif isinstance(target, ast.Tuple | ast.List):
                parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
                for index, part in enumerate(target.elts):
                    if isinstance(part, ast.Name):
                        same = len(parts) == len(target.elts)
                        yield part.id, parts[index] if same else value, part.lineno


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in _top_level(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            yield from (alias.asname or alias.name for alias in node.names)


def _literal(value: ast.expr, known: dict[str, object]) -> object:
    """A string, None, or a tuple of strings; names assigned earlier are looked up."""
    if isinstance(value, ast.Name):
        return known.get(value.id, _UNKNOWN)
    if isinstance(value, ast.Constant) and (value.value is None or isinstance(value.value, str)):
        return value.value
    if isinstance(value, ast.Tuple | ast.List | ast.Set):
        items = [_literal(item, known) for item in value.elts]
        return tuple(items) if all(isinstance(item, str) for item in items) else _UNKNOWN
    return _UNKNOWN


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, tuple):
        return tuple(item for item in value if isinstance(item, str))
    return ()


def _shape(
    function: ast.FunctionDef | ast.AsyncFunctionDef | None, *, known: bool
) -> DowngradeShape:
    """What the function does at a glance; ``known``: the name is bound by something else."""
    if function is None:
        return DowngradeShape.BODY if known else DowngradeShape.MISSING
    body = [node for node in function.body if not _does_nothing(node)]
    if not body:
        return DowngradeShape.EMPTY
    if isinstance(body[0], ast.Raise):
        return DowngradeShape.REFUSES
    return DowngradeShape.BODY


def _does_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Return):
        return node.value is None or isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _bare(source: str | bytes) -> str | None:
    """The syntax tree as text, without docstrings; None when there is none."""
    tree = parse(source)
    if isinstance(tree, SyntaxProblem):
        return None
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:]
    return ast.dump(tree)
