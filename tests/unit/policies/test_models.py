"""Policies on models, on facts written by hand: what is new, where a base comes from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.explain.releases.drift import gaps
from bot.facts import Change, ChangedFile, Difference, Facts, Project, Source
from bot.facts.fit import Drift
from bot.facts.models import MappedClass, ModelColumn, ModelConstraint, Models, ModelTable
from bot.facts.schema import Partitioning, Schema, Table
from bot.facts.type_check import TypeComplaint
from bot.policy import Finding, policies
from tests.unit.policies.cases import added, facts

PATH = "shop/notes.py"
TEXT = """\
import sqlalchemy as sa
from shop.db import Base


class Note(Base):
    __tablename__ = "notes"
    id = sa.Column(sa.Integer, primary_key=True)
    text = sa.Column(sa.Text)
"""
TABLE = ModelTable(
    "public.notes",
    (
        ModelColumn("id", "INTEGER", nullable=False, primary_key=True, attribute="id"),
        ModelColumn("text", "TEXT", attribute="text"),
    ),
)
NOTE = MappedClass("Note", "Note", PATH, 5, "public.notes", module="shop.notes")
MODELS = Models((TABLE,), (NOTE,), versions={"sqlalchemy": "2.0.36"}, bases=("shop/db.py:Base",))
NONE = replace(MODELS, tables=(), classes=())


def case(
    head: str | None, base: str | None = None, models: Models = MODELS, before: Models = NONE
) -> Facts:
    """One changed model file, and what both trees' metadata say."""
    seen = facts(None, None, models=models, base_models=before)
    return replace(seen, sources=(Source(PATH, head, base),))


def said(seen: Facts, policy: str) -> list[Finding]:
    """What one policy says of it."""
    return list(next(item for item in policies() if item.id == policy).look(seen))


def lines(found: list[Finding]) -> list[int]:
    """Where the findings sit."""
    return [item.line for item in found]


def test_every_attribute_of_a_new_class_is_new() -> None:
    """Each plain column is told."""
    assert lines(said(case(TEXT), "legacy-mapping")) == [7, 8]


def test_what_base_has_is_not_told_again() -> None:
    """Only what the change adds or rewrites."""
    old = TEXT.replace("    text = sa.Column(sa.Text)\n", "")
    assert lines(said(case(TEXT, old, before=MODELS), "legacy-mapping")) == [8]
    assert said(case(TEXT, TEXT, before=MODELS), "legacy-mapping") == []


def test_moved_class_is_not_new() -> None:
    """A class that base has in another file is compared with that; unseen, nothing is new."""
    before = replace(MODELS, classes=(replace(NOTE, path="shop/old.py"),))
    seen = case(TEXT, before=before)
    assert said(seen, "undocumented-model") == []
    gone = Source("shop/old.py", None, TEXT.replace("    text = sa.Column(sa.Text)\n", ""))
    seen = replace(seen, sources=(*seen.sources, gone))
    assert lines(said(seen, "legacy-mapping")) == [8]


def test_renamed_file_is_compared_with_its_old_text() -> None:
    """Git tells the old name."""
    before = replace(MODELS, classes=(replace(NOTE, path="shop/old.py"),))
    seen = case(TEXT, TEXT, before=before)
    seen = replace(seen, files=(ChangedFile(PATH, Change.RENAMED, "shop/old.py"),))
    assert said(seen, "legacy-mapping") == []


def test_class_of_two_projects_is_told_once() -> None:
    """Two environments may share their models."""
    seen = case(TEXT)
    two = replace(seen, projects=(*seen.projects, replace(seen.projects[0], config="b.ini")))
    assert lines(said(two, "undocumented-model")) == [5]
    assert lines(said(two, "legacy-mapping")) == [7, 8]


def test_old_sqlalchemy_has_no_legacy() -> None:
    """Where `Mapped` is not there, nothing else can be asked for."""
    old = replace(MODELS, versions={"sqlalchemy": "1.4.54"})
    assert said(case(TEXT, models=old), "legacy-mapping") == []
    assert said(case(TEXT, models=replace(MODELS, versions=None)), "legacy-mapping") == []


def test_broken_file_is_not_judged() -> None:
    """What cannot be parsed on either side is silent here, and told as not checked elsewhere."""
    assert said(case("class Note(:\n"), "legacy-mapping") == []
    assert said(case(TEXT, "class Note(:\n"), "legacy-mapping") == []


@pytest.mark.parametrize(
    ("imports", "base", "known"),
    [
        ("from shop.db import Base", "Base", True),
        ("from .db import Base as B", "B", True),
        ("from . import db", "db.Base", True),
        ("import shop.db", "shop.db.Base", True),
        ("from db import Base", "Base", True),  # with shop/ on sys.path
        ("from reports.db import Base", "Base", False),
        ("from shop.db import Other", "Other", False),
        ("Base = object", "Base", False),
        ("class Base: pass", "Base", False),
    ],
)
def test_base_is_known_by_its_file(imports: str, base: str, known: bool) -> None:  # noqa: FBT001 - a parameter of the table
    """However it is imported; a class of the same name elsewhere is another."""
    text = f'{imports}\n\nclass Gift({base}):\n    __tablename__ = "gifts"\n'
    assert len(said(case(text, models=replace(MODELS, classes=())), "model-not-imported")) == known


@pytest.mark.parametrize(
    ("bases", "text", "known"),
    [
        (
            ("sqlmodel:SQLModel",),
            "from sqlmodel import SQLModel\nclass A(SQLModel, table=True): pass",
            1,
        ),
        (("sqlmodel:SQLModel",), "from sqlmodel import SQLModel\nclass A(SQLModel): pass", 0),
        (
            ("shop/ext.py:db.Model",),
            "from shop.ext import db\nclass A(db.Model):\n    __tablename__ = 'a'",
            1,
        ),
        (
            ("shop/ext.py:db.Model",),
            "from shop.ext import db\nclass A(db.Model):\n    __bind_key__ = __tablename__ = 'a'",
            0,
        ),
        (
            ("shop/db/__init__.py:Base",),
            "from shop.db import Base\nclass A(Base):\n    __tablename__ = 'a'",
            1,
        ),
    ],
)
def test_other_ways_to_map(bases: tuple[str, ...], text: str, known: int) -> None:
    """SQLModel's tables, Flask-SQLAlchemy's `db.Model`, a package's base; binds are apart."""
    models = replace(MODELS, classes=(), bases=bases)
    assert len(said(case(text, models=models), "model-not-imported")) == known


def test_class_of_an_installed_project_is_known() -> None:
    """Its modules lie among the packages then, and no path of the tree is theirs."""
    installed = replace(MODELS, classes=(replace(NOTE, path=""),), bases=("shop:Base",))
    assert said(case(TEXT, models=installed), "model-not-imported") == []
    other = replace(installed, classes=(replace(NOTE, path="", module="shop.other"),))
    assert lines(said(case(TEXT, models=other), "model-not-imported")) == [5]


def test_composite_key_is_told_once() -> None:
    """At its last column, not at each of them."""
    text = (
        "import sqlalchemy as sa\nfrom shop.db import Base\n\n\nclass Part(Base):\n"
        '    __tablename__ = "parts"\n    tenant = sa.Column(sa.Integer)\n'
        "    note = sa.Column(sa.Integer)\n"
    )
    columns = tuple(
        ModelColumn(name, "INTEGER", attribute=name, references=(f"public.notes.{target}",))
        for name, target in (("tenant", "tenant"), ("note", "id"))
    )
    key = ModelConstraint("foreign", columns=("tenant", "note"))
    part = MappedClass("Part", "Part", PATH, 5, "public.parts", module="shop.notes")
    models = replace(
        MODELS, tables=(TABLE, ModelTable("public.parts", columns, (key,))), classes=(NOTE, part)
    )
    assert lines(said(case(text, models=models), "foreign-key-without-relationship")) == [8]


def test_unknown_models_silence_the_policies() -> None:
    """Where env.py gives no metadata, nobody knows what is mapped."""
    seen = case(TEXT)
    blind = replace(seen, projects=(replace(seen.projects[0], models=None),))
    for policy in policies():
        if policy.group == "models":
            assert list(policy.look(blind)) == [], policy.id


@pytest.mark.parametrize(
    ("imports", "severities"),
    [
        ("from shop.notes import Note", [None]),
        ("import shop.notes", [None]),
        ("from shop import notes", [None]),
        ("from shop import Note", [None]),
        ("from ...shop.notes import Note", [None]),
        ("from shop.colours import RED", ["note"]),
        ("from migrations.helpers import grant", []),
        ("from .helpers import grant", []),
        ("from versions.helpers import grant", []),
        ("from ..helpers import grant", []),
        ("import shopping", []),
        ("import enum", []),
    ],
)
def test_imports_of_a_revision(imports: str, severities: list[str | None]) -> None:
    """The application's modules count, its models most; the migrations' own helpers do not."""
    seen = facts(None, None, added("b", "a"), models=MODELS, application=("migrations", "shop"))
    seen = replace(seen, sources=(Source("migrations/versions/b.py", f"{imports}\n", None),))
    found = said(seen, "application-code-imported")
    assert [item.severity and item.severity.value for item in found] == severities


def test_partitions_are_stated_by_no_model_and_need_not_be() -> None:
    """Nor is an index another one because it is a partitioned table's."""
    whole = Table("public", "visits", partitioning=Partitioning("range", "RANGE (day)", ("day",)))
    part = Table("public", "visits_1", partition_of="public.visits")
    lone = Table("public", "orphans")
    index = "CREATE INDEX ix ON {}public.visits USING btree (day)"
    drift = (
        Drift("drop_table", "public.visits_1"),
        Drift("drop_index", "public.visits_1", "visits_1_day_idx"),
        Drift(
            "create_index",
            "public.visits",
            "ix",
            difference=Difference(
                "index", "public.ix", index.format(""), index.format("ONLY "), table="public.visits"
            ),
        ),
        Drift("drop_table", "public.orphans"),
    )
    project = Project(
        "alembic.ini",
        "migrations",
        schema=Schema((whole, part, lone)),
        drift=drift,
        models=Models(),
    )
    assert [gap.table for gap in gaps(project)] == ["public.orphans"]
    mapped = replace(project, models=Models((ModelTable("public.visits_1"),)))
    assert [gap.table for gap in gaps(mapped)] == ["public.visits_1", "public.orphans"]


def test_an_error_is_told_in_the_words_of_its_checker() -> None:
    """Whose it is, how to run that one, and how that one is told to let a line be."""
    text = "import os\n\ndef f(x): return x\n"
    found = {}
    for error in (
        TypeComplaint("m.py", 3, "Missing", "no-untyped-def"),
        TypeComplaint("m.py", 3, "Missing", "reportMissingParameterType", "pyright"),
    ):
        project = Project("alembic.ini", "m", type_errors=(error,))
        source = Source("m.py", text, None)
        (policy,) = (each for each in policies() if each.id == "type-errors-in-models")
        (finding,) = policy.look(Facts("a", "b", projects=(project,), sources=(source,)))
        assert finding.title == f"{error.checker} has a new error (`{error.code}`)"
        assert f"Run `{error.checker}`" in finding.remedies[0].text
        found[error.checker] = finding.remedies[0].text
    assert "def f(x): return x  # type: ignore[no-untyped-def]" in found["mypy"]
    assert "def f(x): return x  # pyright: ignore[reportMissingParameterType]" in found["pyright"]
