"""From an exception to the failure that the protocol reports."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.observe.probe import failures
from bot.observe.probe.lines import Tree
from bot.observe.protocol import WireFailure


class DriverError(Exception):
    """As psycopg's: SQLSTATE and the server's words."""

    def __init__(self, sqlstate: Any, message: str = "refused", detail: str | None = None) -> None:
        super().__init__(f"{message} and more")
        self.sqlstate = sqlstate
        self.message = message
        self.detail = detail


class Wrapped(Exception):
    """As SQLAlchemy's DBAPIError."""

    def __init__(self, statement: str, orig: BaseException) -> None:
        super().__init__("(driver) words")
        self.statement = statement
        self.orig = orig


class Mute(Exception):
    """A class that cannot be printed and calls itself equal to everything."""

    def __str__(self) -> str:
        raise LookupError

    def __eq__(self, other: object) -> bool:
        raise LookupError

    __hash__ = Exception.__hash__


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """An empty tree."""
    return Tree(str(tmp_path))


def caught(tree: Tree, path: str, source: str, **names: Any) -> BaseException:
    """What the source raises when it runs as that file of the tree."""
    file = Path(tree.absolute(path))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source)
    with pytest.raises(BaseException) as info:  # noqa: PT011 - it is what the test looks at
        exec(compile(source, str(file), "exec"), names)  # noqa: S102 - the test's own source
    return info.value


def test_database(tree: Tree) -> None:
    """What the server said: its words, its code, the statement."""
    error = Wrapped("DROP TABLE x", DriverError("42P01", "no x", "look again"))
    assert failures.describe(error, tree) == {
        "kind": "database",
        "message": "no x\nDETAIL: look again",
        "exception": "DriverError",
        "sqlstate": "42P01",
        "statement": "DROP TABLE x",
        "path": None,
        "line": None,
    }


def test_database_below_an_adapter(tree: Tree) -> None:
    """The exception of asyncpg is the cause of its adapter's."""
    adapted = Exception("<class 'UndefinedTable'>: no x")
    adapted.__cause__ = DriverError("42P01", "no x")
    found = failures.describe(Wrapped("SELECT 1", adapted), tree)
    assert (found["kind"], found["message"]) == ("database", "no x")
    assert found["exception"] == "DriverError"


def test_database_by_a_dictionary(tree: Tree) -> None:
    """pg8000 gives the server's fields."""
    fields = {"S": "ERROR", "C": "23505", "M": "twice", "D": "Key (id)=(1)"}
    found = failures.describe(Wrapped("INSERT", Exception(fields)), tree)
    assert (found["sqlstate"], found["message"]) == ("23505", "twice\nDETAIL: Key (id)=(1)")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KeyError("X"), "KeyError: 'X'"),
        (SystemExit(3), "it ended the program: SystemExit(3)"),
        (ValueError(), "ValueError"),
        (ValueError("  why \n"), "why"),
        (Mute(), "Mute"),
    ],
)
def test_message(tree: Tree, error: BaseException, message: str) -> None:
    """Exceptions whose text says too little are told with their name."""
    found = failures.describe(error, tree)
    assert (found["kind"], found["message"]) == ("python", message)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("def f():\n    raise RuntimeError('no way back')\nf()", "refused"),
        ("raise NotImplementedError", "refused"),
        ("assert False, 'never'", "refused"),
        ("assert len([]) == 1", "python"),
        ("int('x')", "python"),
    ],
)
def test_refused(tree: Tree, source: str, kind: str) -> None:
    """A downgrade that its author made to raise is refused; one that breaks is not."""
    error = caught(tree, "a.py", source)
    assert failures.describe(error, tree, revision_path="a.py", direction="downgrade")["kind"] == (
        kind
    )
    assert failures.describe(error, tree, revision_path="a.py", direction="upgrade")["kind"] == (
        "python"
    )


def test_place(tree: Tree) -> None:
    """The revision's line comes before a helper's, env.py's before any other file's."""
    source = "def f():\n    raise ValueError('x')\n"
    Path(tree.absolute("helper.py")).write_text(source)
    helper: dict[str, Any] = {}
    exec(compile(source, tree.absolute("helper.py"), "exec"), helper)  # noqa: S102 - the test's own
    error = caught(tree, "versions/a.py", "\n\nf()", f=helper["f"])
    described = failures.describe(error, tree, revision_path="versions/a.py")
    assert (described["path"], described["line"]) == ("versions/a.py", 3)
    described = failures.describe(error, tree)
    assert (described["path"], described["line"]) == ("helper.py", 2)
    batch = ("versions/a.py", 1)
    described = failures.describe(error, tree, revision_path="versions/a.py", batch=batch)
    assert described["line"] == 1


def test_syntax_error(tree: Tree) -> None:
    """A file that cannot be parsed is where the fault lies, whoever imported it."""
    with pytest.raises(SyntaxError) as info:
        compile("x = (\n", tree.absolute("broken.py"), "exec")
    found = failures.describe(info.value, tree, env_path="env.py")
    assert (found["path"], found["line"]) == ("broken.py", 1)


def test_chain_of_a_circle() -> None:
    """Exceptions that are each other's causes end the walk."""
    one, other = Mute(), Mute()
    one.__cause__, other.__cause__ = other, one
    assert [id(item) for item in failures.chain(one)] == [id(one), id(other)]


ERRORS = st.one_of(
    st.builds(ValueError, st.text()),
    st.builds(KeyError, st.text() | st.integers()),
    st.builds(DriverError, st.text(max_size=6) | st.none() | st.integers(), st.text()),
    st.builds(Exception, st.dictionaries(st.sampled_from("CMDS"), st.text(max_size=5))),
    st.builds(Mute),
)


@settings(max_examples=50)
@given(st.lists(ERRORS, min_size=1, max_size=4), st.text(), st.booleans())
def test_any_chain(errors: list[BaseException], statement: str, wrapped: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever a stranger's exceptions hold, the bot can read the failure that is sent."""
    for error, cause in itertools.pairwise(errors):
        error.__cause__ = cause
    error = Wrapped(statement, errors[0]) if wrapped else errors[0]
    described = failures.describe(error, Tree("/nowhere"), direction="downgrade")
    read = msgspec.convert(described, WireFailure, strict=True)
    assert len(read.message) <= failures.MAX_MESSAGE
    assert read.message
