"""Whether a Python file maps classes to tables, told from its syntax tree."""

from __future__ import annotations

import ast
import re

from bot.projects.syntax import SyntaxProblem, parse

# A file without any of these words maps nothing: most files are never parsed.
_WORDS = re.compile(
    rb"__table|__mapper_args__|__abstract__|Mapped|mapped|Table\b|Column\b|Base\b|Model\b"
    rb"|relationship|declar|automap|registry|MetaData|Sequence\b|Constraint\b|DDL\b"
    rb"|Index\b|PG[A-Z]\w+\b"
)
_DECLARED = frozenset(
    {"__tablename__", "__table__", "__table_args__", "__mapper_args__", "__abstract__"}
)
_CALLS = frozenset(
    {"Table", "Column", "mapped_column", "relationship", "Index", "Sequence", "MetaData", "DDL"}
    | {"UniqueConstraint", "CheckConstraint", "ForeignKeyConstraint", "PrimaryKeyConstraint"}
    | {"ExcludeConstraint", "registry", "mapper", "map_imperatively", "declared_attr"}
    | {"declarative_base", "automap_base", "as_declarative"}
    # alembic_utils' replaceable objects
    | {"PGFunction", "PGView", "PGMaterializedView", "PGTrigger", "PGExtension", "PGPolicy"}
)
_BASES = frozenset({"Base", "Model", "SQLModel", "DeclarativeBase", "MappedAsDataclass"})


def holds_mapping(source: bytes) -> bool:
    """Whether the source declares tables, mapped classes or parts of them.

    A class counts by what SQLAlchemy's declarative, imperative and dataclass mapping, SQLModel and
    Flask-SQLAlchemy are written with; bases named ``…Base`` count (but not pydantic's
    ``BaseModel``). A file that cannot be parsed counts: when unsure, it is a model.
    """
    if not _WORDS.search(source):
        return False
    tree = parse(source)
    if isinstance(tree, SyntaxProblem):
        return True
    return any(_maps(node) for node in ast.walk(tree))


def _maps(node: ast.AST) -> bool:
    match node:
        case ast.ClassDef():
            return any(_is_base(_last_name(base)) for base in node.bases) or any(
                word.arg == "table" and isinstance(word.value, ast.Constant) and word.value.value
                for word in node.keywords
            )
        case ast.Call():
            return _last_name(node.func) in _CALLS
        case ast.Assign():
            return any(_last_name(target) in _DECLARED for target in node.targets)
        case ast.AnnAssign():
            return _last_name(node.target) in _DECLARED or "Mapped" in {
                _last_name(part) for part in ast.walk(node.annotation)
            }
        case ast.FunctionDef():
            return any(_last_name(item) in _CALLS for item in node.decorator_list)
    return False


def _is_base(name: str) -> bool:
    return name in _BASES or (name.endswith("Base") and len(name) > len("Base"))


def _last_name(node: ast.AST) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case ast.Subscript():
            return _last_name(node.value)
        case ast.Constant(value=str(text)):  # an annotation written as a string
            return "Mapped" if "Mapped[" in text else ""
    return ""
