"""What a Python file declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.source.annotations import Annotation
from bot.source.expressions import Expression
from bot.source.names import Imported


@dataclass(frozen=True)
class Attribute:
    """``name: annotation = value`` in a class; ``code`` is that, comments and layout aside."""

    name: str
    line: int
    end_line: int
    annotation: Annotation | None = None
    value: Expression | None = None
    code: str = ""

    def calls(self, *names: str) -> Expression | None:
        """The value where it is a call of something whose last name is one of these."""
        value = self.value
        return value if value and value.kind == "call" and value.last in names else None


@dataclass(frozen=True)
class FunctionSource:
    """A function or method: ``line`` is that of its ``def``.

    ``parameters`` are the annotated ones, ``decorators`` names or calls.
    ``gives`` is the value of a function that does nothing but return it; ``key`` is equal for the
    same code elsewhere.
    """

    name: str
    qualname: str
    line: int
    is_async: bool = False
    parameters: tuple[tuple[str, Annotation], ...] = ()
    decorators: tuple[Expression, ...] = ()
    gives: Expression | None = None
    key: str = ""


@dataclass(frozen=True)
class ClassSource:
    """A class: ``bases`` are dotted names with imports resolved, ``line`` that of ``class``.

    ``keywords`` are those of the ``class`` statement with their values. ``doc`` is its docstring.
    """

    name: str
    qualname: str
    line: int
    end_line: int
    bases: tuple[str, ...] = ()
    keywords: Mapping[str, Expression] = field(default_factory=lambda: MappingProxyType({}))
    doc: str | None = None
    attributes: tuple[Attribute, ...] = ()
    methods: tuple[FunctionSource, ...] = ()
    inner: tuple[ClassSource, ...] = ()

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name as it is declared last, or None."""
        return next((item for item in reversed(self.attributes) if item.name == name), None)


@dataclass(frozen=True)
class SourceFile:
    """A Python file.

    ``classes`` are those that exist once the file has run: not those inside of functions.
    ``uses`` are all calls and dotted names anywhere in it. ``constants`` are the module's own
    ``NAME = …``. ``problem`` says why nothing could be read.
    """

    path: str
    classes: tuple[ClassSource, ...] = ()
    functions: tuple[FunctionSource, ...] = ()
    imports: tuple[Imported, ...] = ()
    uses: tuple[Expression, ...] = ()
    constants: Mapping[str, Expression] = field(default_factory=lambda: MappingProxyType({}))
    problem: str | None = None

    def named(self, qualname: str) -> ClassSource | None:
        """The class of that qualified name, or None."""
        outer, _, rest = qualname.partition(".")
        found = next((item for item in reversed(self.classes) if item.name == outer), None)
        while found is not None and rest:
            outer, _, rest = rest.partition(".")
            found = next((item for item in reversed(found.inner) if item.name == outer), None)
        return found

    @property
    def all_classes(self) -> tuple[ClassSource, ...]:
        """Its classes and those inside of them."""
        found: list[ClassSource] = []
        pending = list(self.classes)
        while pending:
            item = pending.pop(0)
            found.append(item)
            pending = [*item.inner, *pending]
        return tuple(found)
