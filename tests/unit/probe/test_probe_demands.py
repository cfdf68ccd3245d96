"""Which settings an exception of the target's code asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.observe.probe.demands import demands


def raised(name: str, message: str) -> Exception:
    """An exception of a library that is not installed here, by its class's name."""
    kind: type[Exception] = type(name, (Exception,), {})
    return kind(message)


class ValidationError(Exception):
    """As pydantic's: ``title`` is the settings class, ``errors()`` what is wrong with it."""

    def __init__(self, entries: Any, model: object = None) -> None:
        super().__init__("1 validation error for Settings")
        self.title = "Settings"
        self.entries = entries
        if model is not None:
            self.model = model

    def errors(self) -> Any:
        """The entries."""
        return self.entries


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (KeyError("DATABASE_URL"), [("DATABASE_URL", "")]),
        (KeyError("Config 'SECRET' is missing, and has no default."), [("SECRET", "")]),
        (KeyError("id"), []),
        (KeyError(3), []),
        (RuntimeError("set POSTGRES_HOST and POSTGRES_PORT"), "POSTGRES_HOST POSTGRES_PORT"),
        (ValueError("bad codec UTF_8 or SHA_256"), []),
        (raised("UndefinedValueError", "TOKEN not found. Declare it as envvar"), "TOKEN"),
        (raised("EnvError", 'Environment variable "token" not set'), "token"),
        (raised("ImproperlyConfigured", "Set the API_KEY environment variable"), "API_KEY"),
        (
            raised("RequiredOptError", "value required for option connection in group [database]"),
            [("OS_DATABASE__CONNECTION", "url")],
        ),
        (
            raised("SettingsError", 'error parsing value for field "hosts" from source'),
            [("HOSTS", "json")],
        ),
        (NameError("name 'API_KEY' is not defined"), []),
    ],
)
def test_styles(error: Exception, wanted: Any) -> None:
    """The usual libraries and hand-written checks, each in its own words."""
    if isinstance(wanted, str):
        wanted = [(name, "") for name in wanted.split()]
    assert demands(error, {}) == wanted


def test_innermost_first() -> None:
    """The cause of an exception tells more than what it was wrapped into."""
    error = RuntimeError("OUTER_ONE is needed")
    error.__cause__ = KeyError("INNER_ONE")
    assert demands(error, {}) == [("INNER_ONE", ""), ("OUTER_ONE", "")]


@pytest.mark.parametrize(
    ("convert", "value", "kind"),
    [(int, "a word", "int"), (float, "a word", "float"), (json.loads, "{a word", "json")],
)
def test_supplied_value_of_the_wrong_kind(convert: Any, value: str, kind: str) -> None:
    """A message that quotes a supplied value asks for another one of the kind that it names."""
    with pytest.raises(ValueError, match=r".") as caught:
        convert(value)
    assert demands(caught.value, {"SOME_SETTING": value, "OTHER": "60"}) == [("SOME_SETTING", kind)]


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ({"type": "missing", "loc": ("db_host",)}, ("DB_HOST", "")),
        ({"type": "int_parsing", "loc": ("workers",)}, ("WORKERS", "int")),
        ({"type": "url_scheme", "loc": ("api",)}, ("API", "url")),
        ({"type": "list_type", "loc": ("hosts",)}, ("HOSTS", "json")),
        ({"type": "missing", "loc": ("smtp", "host")}, ("SMTP", "object")),
        (
            {"type": "string_too_short", "loc": ("key",), "ctx": {"min_length": 90}},
            ("KEY", ("longer", 90)),
        ),
        (
            {"type": "literal_error", "loc": ("stage",), "ctx": {"expected": "'dev' or 'prod'"}},
            ("STAGE", ("choice", "dev")),
        ),
        ({"type": "value_error", "loc": (), "msg": "set API_TOKEN"}, ("API_TOKEN", "")),
    ],
)
def test_pydantic(entry: dict[str, Any], wanted: tuple[str, object]) -> None:
    """Fields become the environment variables they are read from, with the kind they want."""
    assert demands(ValidationError([entry]), {}) == [wanted]


def test_pydantic_configuration() -> None:
    """A prefix, a nested delimiter and case are those of the settings class."""

    class Settings:
        model_config = {  # noqa: RUF012 - as pydantic-settings has it
            "env_prefix": "App_",
            "case_sensitive": True,
            "env_nested_delimiter": "__",
        }

    entry = {"type": "missing", "loc": ("db", "host")}
    assert demands(ValidationError([entry], Settings), {}) == [("App_db__host", "")]


class Mute(Exception):
    """A class that cannot be printed."""

    def __str__(self) -> str:
        raise LookupError


def test_mute_exception() -> None:
    """An exception that raises when it is printed asks for nothing, and its cause still does."""
    error = Mute()
    error.__cause__ = KeyError("SOME_KEY")
    assert demands(error, {}) == [("SOME_KEY", "")]


NAMES = st.sampled_from(
    [
        "EnvError",
        "ImproperlyConfigured",
        "JSONDecodeError",
        "KeyError",
        "RequiredOptError",
        "SettingsError",
        "UndefinedValueError",
        "ValueError",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
ENTRY = st.fixed_dictionaries(
    {}, optional={"type": JSON, "loc": st.lists(JSON, max_size=3), "msg": JSON, "ctx": JSON}
)


def well_formed(found: Any) -> bool:
    """Names and kinds, as ``values.value_for`` takes them."""
    return all(isinstance(name, str) and isinstance(kind, (str, tuple)) for name, kind in found)


@settings(max_examples=50)
@given(NAMES, st.text(), st.dictionaries(st.text(), st.text(), max_size=4))
def test_any_message(name: str, message: str, supplied: dict[str, str]) -> None:
    """No message of a stranger's exception upsets the search."""
    assert well_formed(demands(raised(name, message), supplied))


@settings(max_examples=40)
@given(st.lists(JSON | ENTRY, max_size=4) | JSON)
def test_any_validation_error(entries: Any) -> None:
    """A class called ValidationError may be anybody's, with any errors() at all."""
    assert well_formed(demands(ValidationError(entries), {}))


def test_long_message() -> None:
    """A long message costs time in proportion: this one would take for ever otherwise."""
    message = "A_" * 50_000 + "a option " + "x" * 50_000 + " in group [" + "y" * 50_000
    assert demands(raised("RequiredOptError", message), {}) == []
    assert demands(RuntimeError(message), {}) == []
