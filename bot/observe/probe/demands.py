"""Which settings an exception asks for: the styles of the usual settings libraries.

Each demand is a pair (name of the environment variable, kind for ``values.value_for``).
"""

from __future__ import annotations

import re
import sys
from typing import Any, Mapping, Tuple, Union

from . import failures

_NAMED = re.compile(
    r"(?<![A-Za-z0-9_])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|DSN|PGHOST|PGUSER|PGDATABASE|PGPASSWORD|DBURL)(?![A-Za-z0-9_])"
)
_NOT_SETTINGS = re.compile(
    r"^(HTTP|HTTPS|UTF|ISO|SHA|AES|RS|HS|ES|MD|SQL|TLS|SSL)_\d|^(AF|SOCK|SIG|CERT)_"
)
_QUOTED = re.compile(r"""["'`]([A-Za-z_][A-Za-z0-9_.\-]*)["'`]""")

Kind = Union[str, Tuple[str, Any]]
Demand = Tuple[str, Kind]


def demands(error: BaseException, supplied: Mapping[str, str]) -> list[Demand]:
    """All demands of an exception and of those it came from, the innermost first.

    ``supplied`` are the settings given so far: a message that quotes one of their values complains
    about that setting.
    """
    found: list[Demand] = []
    for item in reversed(failures.chain(error)):
        for demand in _of(item, supplied):
            if demand not in found:
                found.append(demand)
    return found


def _of(error: BaseException, supplied: Mapping[str, str]) -> list[Demand]:  # noqa: PLR0911 - one answer for each library
    name, message = type(error).__name__, failures.words(error)
    unread = getattr(error, "doc", None)
    if isinstance(unread, str):  # JSONDecodeError: what it could not read
        message += f" {unread!r}"
    if name == "ValidationError" and callable(getattr(error, "errors", None)):
        return _pydantic(error)
    if name == "SettingsError":
        return [(item, "json") for item in _field_variable(message)]
    if name == "KeyError" and error.args and isinstance(error.args[0], str):
        return _key(error.args[0])
    if name == "UndefinedValueError":
        return [(message.split(" ", 1)[0].strip("'\""), "")]
    if name == "RequiredOptError" or "value required for option" in message:
        return _oslo(message)
    if name in ("EnvError", "ImproperlyConfigured", "EnvironmentVariableError"):
        return _named(message) or [(item, "") for item in _QUOTED.findall(message)[:1]]
    again: list[Demand] = [
        (key, _wanted(error, message)) for key, value in supplied.items() if _quotes(message, value)
    ]
    if again and _wanted(error, message):
        return again
    if isinstance(error, (NameError, SyntaxError, ImportError)):
        return []
    return _named(message)


def _quotes(message: str, value: str) -> bool:
    return len(value) > len("60") + 1 and (repr(value) in message or f"'{value}" in message)


def _wanted(error: BaseException, message: str) -> str:
    """What kind of value a conversion that failed was after."""
    if "for int()" in message:
        return "int"
    if "to float" in message:
        return "float"
    if type(error).__name__ == "JSONDecodeError":
        return "json"
    if "truth value" in message or "bool" in message:
        return "bool"
    if "URL" in message or "url" in message:
        return "url"
    return ""


def _key(key: str) -> list[Demand]:
    """``os.environ["X"]``, and starlette's ``Config 'X' is missing``."""
    quoted = re.match(r"Config '([^']+)' is missing", key)
    if quoted:
        return [(quoted.group(1), "")]
    if re.match(r"^[A-Za-z_][A-Za-z0-9_]*$", key) and (key.isupper() or "_" in key):
        return [(key, "")]
    return []


def _named(message: str) -> list[Demand]:
    names = [name for name in _NAMED.findall(message) if not _NOT_SETTINGS.match(name)]
    found: list[Demand] = [(name, "") for name in dict.fromkeys(names)]
    return found[:12]


def _oslo(message: str) -> list[Demand]:
    match = re.search(r"option (\S+?)(?: in group \[(\S+)\])?$", message)
    if not match:
        return []
    option, group = match.group(1), match.group(2) or "DEFAULT"
    return [
        (f"OS_{group}__{option}".upper().replace("-", "_"), "url" if option == "connection" else "")
    ]


def _field_variable(message: str) -> list[str]:
    match = re.search(r'field "([^"]+)"', message)
    return _variables(None, match.group(1)) if match else []


def _pydantic(error: Any) -> list[Demand]:
    """Fields that are missing or refused, as the environment variables they are read from."""
    title = getattr(error, "title", "") or getattr(getattr(error, "model", None), "__name__", "")
    model = getattr(error, "model", None) or _settings_class(str(title))
    found: list[Demand] = []
    for entry in _entries(error):
        location = [str(part) for part in entry.get("loc") or ()]
        if not location or location == ["__root__"]:
            found += _named(str(entry.get("msg", "")))
            continue
        kind = _kind(entry) or _annotated(model, location[0])
        if len(location) > 1:
            delimiter = _config(model).get("env_nested_delimiter")
            if delimiter:
                location = [delimiter.join(location)]
            else:
                kind = "json" if location[-1].isdigit() else "object"
        found += [(variable, kind) for variable in _variables(model, location[0])]
    return found


def _entries(error: Any) -> list[dict[str, Any]]:
    """What is wrong, if that is a ``ValidationError`` of pydantic's make: others bear the name."""
    try:
        found = error.errors()
    except Exception:
        return []
    if not isinstance(found, (list, tuple)):
        return []
    return [
        item
        for item in found
        if isinstance(item, dict) and isinstance(item.get("loc") or (), (list, tuple))
    ]


def _kind(entry: dict[str, Any]) -> Kind:
    """What pydantic says it wanted instead (error types of versions 1 and 2)."""
    code, context = str(entry.get("type", "")), entry.get("ctx")
    if not isinstance(context, dict):
        context = {}
    if code in ("literal_error", "enum", "value_error.const", "type_error.enum"):
        text = str(context.get("expected") or context.get("enum_values") or entry.get("msg", ""))
        choice = re.search(r"'([^']+)'", text)
        return ("choice", choice.group(1)) if choice else ""
    if code in ("string_too_short", "value_error.any_str.min_length", "bytes_too_short"):
        length = context.get("min_length") or context.get("limit_value")
        return ("longer", length if isinstance(length, int) else 64)
    for part, kind in (
        ("url", "url"),
        ("int_", "int"),
        ("integer", "int"),
        ("float", "float"),
        ("decimal", "float"),
        ("bool", "bool"),
        ("json", "json"),
        ("list_", "json"),
        ("set_", "json"),
        ("tuple_", "json"),
        ("dict_", "object"),
        ("model_", "object"),
        ("email", "email"),
        ("path", "path"),
        ("file", "path"),
        ("date", "date"),
        ("uuid", ("choice", "00000000-0000-4000-8000-000000000000")),
    ):
        if part in code:
            return kind
    return ""


def _annotated(model: Any, field: str) -> Kind:
    """The kind that a field's annotation tells."""
    text = ""
    for key, info in (getattr(model, "model_fields", None) or {}).items():
        if field in (key, getattr(info, "alias", None), getattr(info, "validation_alias", None)):
            text = str(info.annotation)
    for key, info in (getattr(model, "__fields__", None) or {}).items() if not text else ():
        if field in (key, getattr(info, "alias", None)):
            text = str(getattr(info, "outer_type_", ""))
    for part, kind in (
        ("Dsn", "url"),
        ("Url", "url"),
        ("List", "json"),
        ("list[", "json"),
        ("Set", "json"),
        ("set[", "json"),
        ("Tuple", "json"),
        ("tuple[", "json"),
        ("Dict", "object"),
        ("dict[", "object"),
        ("Email", "email"),
        ("bool", "bool"),
        ("'int'", "int"),
        ("float", "float"),
        ("Path", "path"),
        ("UUID", ("choice", "00000000-0000-4000-8000-000000000000")),
    ):
        if part in text:
            return kind
    return ""


def _config(model: Any) -> dict[str, Any]:
    config = getattr(model, "model_config", None)
    if isinstance(config, dict):
        return config
    config = getattr(model, "__config__", None) or getattr(model, "Config", None)
    names = ("env_prefix", "case_sensitive", "env_nested_delimiter")
    return {name: getattr(config, name, None) for name in names} if config else {}


def _variables(model: Any, field: str) -> list[str]:
    """Environment variables that a field of a settings class is read from.

    pydantic-settings documentation, "Environment variable names": an alias stands without prefix.
    """
    config = _config(model)
    names = None
    for key, info in (getattr(model, "model_fields", None) or {}).items():
        alias = getattr(info, "validation_alias", None) or getattr(info, "alias", None)
        choices = getattr(alias, "choices", None) or ([alias] if isinstance(alias, str) else [])
        choices = [item for item in choices if isinstance(item, str)]
        if choices and field in (key, *choices):
            names = [choices[0]]
    for key, info in (getattr(model, "__fields__", None) or {}).items() if names is None else ():
        extra = getattr(getattr(info, "field_info", None), "extra", {}) or {}
        if field in (key, getattr(info, "alias", None)) and extra.get("env_names"):
            names = sorted(extra["env_names"])[:1]
    if names is None:
        names = [(config.get("env_prefix") or "") + field]
    return names if config.get("case_sensitive") else [name.upper() for name in names]


def _settings_class(title: str) -> Any:
    """The settings class of that name (pydantic 2 tells the name only)."""
    for module in ("pydantic_settings", "pydantic.v1", "pydantic"):
        try:
            waiting = [sys.modules[module].BaseSettings]
        except Exception:  # noqa: S112 - pydantic 2 raises an error of its own for the moved name
            continue
        while waiting:
            found = waiting.pop()
            if found.__name__ == title:
                return found
            waiting += found.__subclasses__()
    return None
