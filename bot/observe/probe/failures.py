"""From an exception to the failure that the protocol reports."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from . import lines

if TYPE_CHECKING:
    from .lines import Tree

SQLSTATE_LENGTH = 5  # PostgreSQL documentation, appendix A
MAX_MESSAGE = 8_000  # characters
MAX_SQL = 65_536  # characters


def chain(error: BaseException | None) -> list[BaseException]:
    """The exception and those it was raised from, outermost first."""
    seen: list[BaseException] = []
    while error is not None and not any(error is item for item in seen):
        seen.append(error)
        if error.__cause__ is not None:
            error = error.__cause__
        elif not error.__suppress_context__:
            error = error.__context__
        else:
            error = None
    return seen


def words(error: BaseException) -> str:
    """``str`` of an exception; empty when a stranger's class refuses to give it."""
    try:
        return str(error)
    except Exception:
        return ""


def sqlstate(error: Any) -> str | None:
    """The SQLSTATE that a driver's exception carries, None for another kind of exception."""
    for name in ("sqlstate", "pgcode"):
        code = getattr(error, name, None)
        if isinstance(code, str) and len(code) == SQLSTATE_LENGTH:
            return code
    fields = _fields(error)
    return fields.get("C") if fields else None


def _fields(error: Any) -> Any:
    """pg8000 gives the server's error fields as a dictionary."""
    arguments = getattr(error, "args", ())
    if arguments and isinstance(arguments[0], dict) and "C" in arguments[0]:
        return arguments[0]
    return None


def describe(
    error: BaseException,
    tree: Tree,
    *,
    revision_path: str | None = None,
    env_path: str | None = None,
    direction: str | None = None,
    batch: tuple[str | None, int] | None = None,
) -> dict[str, Any]:
    """The failure as a dictionary (``PROTOCOL.md``).

    ``path`` and ``line`` are the innermost frame of the revision's file, else of env.py, else of
    any file of the tree; ``batch`` is where the failing operation of a batch was recorded.
    """
    database = _database(error)
    path, line = _place(error, tree, revision_path, env_path)
    if batch is not None and path == revision_path:
        path, line = batch
    failure: dict[str, Any] = {
        "kind": "python",
        "message": _message(error),
        "exception": type(error).__name__,
        "sqlstate": None,
        "statement": None,
        "path": path,
        "line": line,
    }
    if database is not None:
        failure.update(database, kind="database")
    elif direction == "downgrade" and _deliberate(error, tree, revision_path):
        failure["kind"] = "refused"
    failure["message"] = failure["message"][:MAX_MESSAGE] or failure["exception"]
    return failure


def _message(error: BaseException) -> str:
    text = words(error).strip()
    if isinstance(error, KeyError):
        return f"KeyError: {text}"
    if isinstance(error, SystemExit):
        return f"it ended the program: SystemExit({text})"
    return text or type(error).__name__


def _database(error: BaseException) -> dict[str, Any] | None:
    """Message, exception, SQLSTATE and statement when the server refused something, else None."""
    for item in chain(error):
        statement = getattr(item, "statement", None)
        driver = getattr(item, "orig", None)
        if driver is None:
            driver, statement = item, None
        code = sqlstate(driver) or sqlstate(getattr(driver, "__cause__", None))
        if code is None:
            continue
        origin = driver.__cause__ if sqlstate(driver.__cause__) else driver
        return {
            "message": _server_message(origin),
            "exception": type(origin).__name__,
            "sqlstate": code,
            "statement": statement[:MAX_SQL] if isinstance(statement, str) else None,
        }
    return None


def _server_message(error: Any) -> str:
    diagnostic, fields = getattr(error, "diag", None), _fields(error)
    if diagnostic is not None:
        message, detail = diagnostic.message_primary, diagnostic.message_detail
    elif fields:
        message, detail = fields.get("M"), fields.get("D")
    else:
        message, detail = getattr(error, "message", None), getattr(error, "detail", None)
    if not isinstance(message, str):
        message, detail = words(error), None
    return f"{message}\nDETAIL: {detail}" if isinstance(detail, str) and detail else message


def _place(
    error: BaseException, tree: Tree, revision_path: str | None, env_path: str | None
) -> tuple[str | None, int | None]:
    frames: list[tuple[str, int]] = []
    for item in reversed(chain(error)):
        if isinstance(item, SyntaxError):
            path = tree.relative(item.filename)
            if path is not None:
                return path, item.lineno or 1
        frames += lines.raised(item, tree)
    # The outermost exception's frames came last: its revision frame is where the reader looks.
    for wanted in (revision_path, env_path):
        for path, line in reversed(lines.raised(error, tree)):
            if path == wanted:
                return path, line
        for path, line in frames:
            if path == wanted:
                return path, line
    return frames[-1] if frames else (None, None)


def _deliberate(error: BaseException, tree: Tree, revision_path: str | None) -> bool:
    """Whether the author of the revision wrote the ``raise`` (or a false ``assert``) himself."""
    innermost = _innermost(error)
    if innermost is None:
        return False
    filename, line = innermost
    path = tree.relative(filename)
    if path is None:
        return False
    if isinstance(error, NotImplementedError):
        return True
    return path == revision_path and _is_raise(filename, line)


def _innermost(error: BaseException) -> tuple[str, int] | None:
    trace, found = error.__traceback__, None
    while trace is not None:
        found = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return found


def _is_raise(filename: str, line: int) -> bool:
    try:
        with open(filename, "rb") as file:
            parsed = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return False
    for node in ast.walk(parsed):
        if isinstance(node, (ast.Raise, ast.Assert)) and node.lineno <= line <= (
            node.end_lineno or 0
        ):
            if isinstance(node, ast.Raise):
                return True
            return isinstance(node.test, ast.Constant) and not node.test.value
    return False
