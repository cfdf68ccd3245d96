"""A changed model file used what Pydantic 2 keeps for old code alone.

Pydantic 2 still runs most of it with a warning and ignores the rest: `orm_mode` in a `Config` is
no error, and the model is no longer made from ORM objects.

Write `model_config = ConfigDict(...)`, `field_validator` and `model_validator`.

Reference: https://docs.pydantic.dev/latest/migration/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.explain.python.declared import ChangedSource, changed_sources
from bot.facts import Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.source import ClassSource, SourceFile
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "async-models"
PRESETS = (4,)
_BASES = frozenset(
    {"pydantic.BaseModel", "pydantic.main.BaseModel", "sqlmodel.SQLModel"}
    | {"pydantic.generics.GenericModel"}
)
_DECORATORS = {
    "pydantic.validator": "from pydantic import field_validator\n\n"
    "@field_validator({1})\n@classmethod\ndef {0}(cls, value): ...",
    "pydantic.root_validator": "from pydantic import model_validator\n\n"
    '@model_validator(mode="after")\ndef {0}(self): ...',
}
_RENAMED = {
    "orm_mode": "from_attributes",
    "allow_population_by_field_name": "populate_by_name",
    "anystr_strip_whitespace": "str_strip_whitespace",
    "schema_extra": "json_schema_extra",
    "validate_all": "validate_default",
    "min_anystr_length": "str_min_length",
    "max_anystr_length": "str_max_length",
}


@dataclass(frozen=True)
class _Pattern:
    name: str
    line: int
    what: str
    text: str


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a decorator and one a `Config`, where Pydantic 2 is installed."""
    for project in facts.projects:
        versions = (project.models.versions if project.models else None) or {}
        major = versions.get("pydantic", "").partition(".")[0]
        if major.isdigit() and int(major) > 1:
            for source in changed_sources(facts):
                yield from _found(source, project.config)
            return


def _found(source: ChangedSource, project: str) -> Iterator[Finding]:
    old = {item.name for item in _patterns(source.base)} if source.base else set()
    for item in _patterns(source.head):
        if item.name in old:
            continue
        yield Finding(
            path=source.head.path,
            line=item.line,
            title=f"{code(item.what)} is Pydantic 1's",
            message=f"The project has Pydantic 2; {code(item.name)} is written for the release"
            " before.",
            subject=item.name,
            confidence=Confidence.CERTAIN,
            project=project,
            remedies=(Remedy("Write it as Pydantic 2 does", block(item.text, "python")),),
        )


def _patterns(file: SourceFile) -> Iterator[_Pattern]:
    for owner in file.all_classes:
        for method in owner.methods:
            for item in method.decorators:
                if item.name in _DECORATORS:
                    fields = [f'"{each.value}"' for each in item.positional if each.value]
                    text = _DECORATORS[item.name].format(method.name, ", ".join(fields))
                    yield _Pattern(method.qualname, item.line, f"@{item.last}", text)
        settings = next((item for item in owner.inner if item.name == "Config"), None)
        if settings is not None and _is_pydantic(file, owner, settings):
            yield _Pattern(settings.qualname, settings.line, "class Config", _as_dict(settings))


def _is_pydantic(file: SourceFile, owner: ClassSource, settings: ClassSource) -> bool:
    """Whether the class with this ``Config`` is a model of Pydantic's, as far as the file tells."""
    pending, seen = list(owner.bases), set[str]()
    while pending:
        base = pending.pop()
        if base in _BASES:
            return True
        above = file.named(base) if base not in seen else None
        seen.add(base)
        pending += above.bases if above else ()
    return any(item.name == "orm_mode" for item in settings.attributes)


def _as_dict(settings: ClassSource) -> str:
    words = []
    for item in settings.attributes:
        value = item.code.partition("=")[2].strip()
        words.append(f"{_RENAMED.get(item.name, item.name)}={value}")
    return f"from pydantic import ConfigDict\n\nmodel_config = ConfigDict({', '.join(words)})"
