"""Settings come from base's file, inputs and flags, and nothing wrong passes unsaid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import Origin, Settings, SettingsError, load_settings, settings

Make = Callable[..., Any]

# the contract's table, word for word; the keys below the line are named in its prose
KEYS = """packs preset policies fail-on strict projects database-url postgres superuser extensions
install python-version environment timeout rows seed-sql table-stats small-table-rows
max-blocking-seconds check-downgrade-locks tenant-column tenant-table tenant-exempt naming queries
issue-pattern direct-override policy comment cache trust-head shared-server report-parts custom"""

EVERYTHING = """
packs = ["tenancy"]
preset = "strict"
fail-on = "warn"
strict = true
projects = ["a/alembic.ini"]
database-url = "postgresql+psycopg://u:p@h/db"
shared-server = true
postgres = 16
superuser = true
extensions = ["citext"]
install = "make venv"
python-version = "3.12"
timeout = 60
rows = 0
seed-sql = ["seed.sql"]
table-stats = "stats.json"
small-table-rows = 5
max-blocking-seconds = 2
check-downgrade-locks = true
tenant-column = "org_id"
tenant-table = "orgs"
tenant-exempt = ["plans"]
queries = "queries.sql"
issue-pattern = "ABC-\\\\d+"
direct-override = true
report-parts = ["summary", "models"]
comment = "never"
cache = ".cache"
trust-head = true

[policies]
a-policy = "off"

[environment]
PORT = 5432
DEBUG = false
URL = "{url}"

[naming]
index = "ix_%(table)s"

[policy.a-policy]
most = 3

[[custom]]
name = "audit"
required-columns = ["created_at"]
"""
CATALOGUE = {"a-policy": ("most",), "missing-downgrade": ()}


def test_every_key_of_the_contract_is_a_setting() -> None:
    """And every setting is one of them."""
    assert {item.key for item in settings()} == set(KEYS.split())


def test_every_setting_can_be_stated(tree: Make) -> None:
    """All at once, each with its line, none as its default."""
    loaded = load_settings(tree(EVERYTHING), catalogue=CATALOGUE)
    for item in settings():
        assert getattr(loaded, item.attribute) != getattr(Settings(), item.attribute), item.key
        origin = loaded.stated[item.key]
        assert origin.source == ".db-recheck.toml"
        assert item.key in EVERYTHING.splitlines()[(origin.line or 0) - 1]
    assert loaded.environment == {"PORT": "5432", "DEBUG": "false", "URL": "{url}"}
    assert loaded.policy == {"a-policy": {"most": 3}}
    assert loaded.max_blocking_seconds == 2.0


def test_nothing_stated_means_the_defaults(tree: Make) -> None:
    """No file, no flag."""
    assert load_settings(tree()) == Settings()
    assert load_settings(tree(pyproject__toml="[project]\nname = 'db-recheck'\n")) == Settings()


def test_its_own_file_goes_before_pyproject(tree: Make) -> None:
    """They are not mixed."""
    pyproject = "[tool.db-recheck]\nfail-on = 'never'\ntimeout = 5\n"
    assert load_settings(tree(pyproject__toml=pyproject)).fail_on == "never"
    both = load_settings(tree("strict = true", pyproject__toml=pyproject))
    assert (both.fail_on, both.timeout, both.strict) == ("block", 600, True)


def test_flags_go_before_the_variable_before_inputs_before_the_file(tree: Make) -> None:
    """Each layer replaces what it states and leaves the rest."""
    view = tree("database-url = 'postgresql://file/x'\ntimeout = 1\nfail-on = 'warn'\n")
    inputs = {"database-url": "postgresql://input/x", "timeout": "2", "strict": "", "fail-on": " "}
    environ = {"DB_RECHECK_DATABASE_URL": "postgresql://variable/x"}
    flags = {"timeout": 3, "database-url": None, "project": None}
    flags.pop("project")
    loaded = load_settings(view, flags=flags, inputs=inputs, environ=environ)
    assert loaded.database_url == "postgresql://variable/x"
    assert (loaded.timeout, loaded.fail_on, loaded.strict) == (3, "warn", False)
    assert loaded.stated["timeout"] == Origin("--timeout")
    assert loaded.stated["fail-on"] == Origin(".db-recheck.toml", 3)


def test_inputs_are_written_as_text(tree: Make) -> None:
    """Lists with commas or lines, tables as name=value lines, booleans as YAML writes them."""
    loaded = load_settings(
        tree(),
        inputs={
            "projects": "a.ini, b.ini\nc.ini\n",
            "environment": "A=1\n\nB = x=y\n",
            "policies": "missing-downgrade=warn",
            "strict": "True",
            "postgres": "17",
            "max-blocking-seconds": "0.5",
        },
        catalogue=CATALOGUE,
    )
    assert loaded.projects == ("a.ini", "b.ini", "c.ini")
    assert loaded.environment == {"A": "1", "B": "x=y"}
    assert loaded.policies == {"missing-downgrade": "warn"}
    assert (loaded.strict, loaded.postgres, loaded.max_blocking_seconds) == (True, 17, 0.5)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\nfail_on = 'warn'\n", 2, "did you mean `fail-on`"),
        ("xyz = 1\n", 1, "no setting `xyz`"),
        ("# a\nfail-on = 'blok'\n", 2, '"block", "warn" or "never", not \'blok\''),
        ("timeout = 0", 1, "a whole number of seconds from 1, not 0"),
        ("timeout = true", 1, "not True"),
        ("timeout = 1.5", 1, "not 1.5"),
        ("max-blocking-seconds = nan", 1, "above 0"),
        ("max-blocking-seconds = inf", 1, "above 0"),
        ("strict = 'yes'", 1, "true or false"),
        ("projects = 'a'", 1, "a list"),
        ("projects = ['a', '']", 1, "a list"),
        ("postgres = 12", 1, "from 13"),
        ("python-version = 3.12", 1, '"3.12"'),
        ("database-url = 'mysql://me:secret@h'", 1, 'starts with "postgresql://"'),
        ("issue-pattern = '('", 1, "regular expression"),
        ("[policies]\na-policy = 'block'\nmissing-downgrade = 'fatal'", 3, "missing-downgrade"),
        ("[policies]\nmising-downgrade = 'off'", 2, "did you mean `missing-downgrade`"),
        ("policies.a-policy = 'off'\npolicies.b = 'off'", 2, "no policy `b`"),
        ("[policy.a-policy]\nleast = 1", 1, "no option `least`"),
        ("[policy]\na-policy = 1", 2, "a table of options"),
        ("[environment]\nA = '1'\nB = [1]\n", 3, "`B` does not fit"),
        ("strict = tru", 1, "not TOML"),
        ("strict = true\nstrict = true\n", 2, "not TOML"),
        ("a = [\n1,\n", 2, "not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tree: Make, text: str, line: int, words: str) -> None:
    """The file, the line, what is expected; no secret in the message."""
    with pytest.raises(SettingsError) as caught:
        load_settings(tree(text), catalogue=CATALOGUE)
    assert str(caught.value).startswith(f".db-recheck.toml:{line}: ")
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("flags", "inputs", "words"),
    [
        ({"timeout": "soon"}, {}, "--timeout: `timeout` must be a whole number"),
        ({}, {"strict": "maybe"}, "input strict: `strict` must be true or false, not 'maybe'"),
        ({}, {"environment": "NAME"}, "input environment: "),
        ({}, {"fail_on": "warn"}, "did you mean `fail-on`"),
    ],
)
def test_a_wrong_flag_or_input_is_named(
    tree: Make, flags: dict[str, object], inputs: dict[str, str], words: str
) -> None:
    """There is no line to point at."""
    with pytest.raises(SettingsError) as caught:
        load_settings(tree(), flags=flags, inputs=inputs)
    assert words in str(caught.value)
    assert caught.value.line is None


def test_an_explicit_file_replaces_the_usual_ones(tree: Make) -> None:
    """It is base's when base holds it, what the caller read otherwise, and has to exist."""
    view = tree("strict = true", ci__toml="timeout = 7", pyproject__toml="")
    assert load_settings(view, "ci.toml", config_bytes=b"timeout = 8").timeout == 7
    assert not load_settings(view, "ci.toml").strict
    assert load_settings(view, "other.toml", config_bytes=b"timeout = 8").timeout == 8
    with pytest.raises(SettingsError, match=r"none\.toml: there is no such file"):
        load_settings(view, "none.toml")


_KEY = st.sampled_from([item.key for item in settings()]) | st.text(max_size=5)
_VALUE = st.recursive(
    st.sampled_from(
        ["1", "-1", "true", "'a'", '"""x\n[y]"""', "1.5", "nan", "1979-05-27", "''", "0x1"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[" + ",\n".join(items) + "]")
        | st.dictionaries(st.sampled_from(["a", "b-c", '"d.e"']), inner, max_size=2).map(
            lambda items: "{" + ", ".join(f"{key} = {value}" for key, value in items.items()) + "}"
        )
    ),
    max_leaves=6,
)
_LINE = st.builds(lambda key, value: f"{key} = {value}", _KEY, _VALUE) | st.sampled_from(
    ["[policies]", "[policy.x]", "[[environment]]", "[naming]", "# c", "[", "x"]
)


def refusal(load: Callable[[], Settings]) -> SettingsError | None:
    """Why it was refused, None when it was not; anything else is raised."""
    try:
        load()
    except SettingsError as error:
        return error
    return None


@given(st.lists(_LINE, max_size=6), st.booleans())
def test_no_file_makes_anything_else_raise(tree: Make, lines: list[str], own: bool) -> None:  # noqa: FBT001 # drawn
    """Settings, or an error with a line of the file."""
    text = "\n".join(lines)
    view = tree(text) if own else tree(pyproject__toml=f"[tool.db-recheck]\n{text}")
    error = refusal(lambda: load_settings(view, catalogue=CATALOGUE))
    if error is not None:
        assert 1 <= (error.line or 0) <= len(text.splitlines()) + 2


@given(_KEY, st.text())
def test_no_input_makes_anything_else_raise(tree: Make, key: str, text: str) -> None:
    """Settings, or an error that names the input."""
    error = refusal(lambda: load_settings(tree(), inputs={key: text}, catalogue=CATALOGUE))
    assert error is None or error.path == f"input {key}"
