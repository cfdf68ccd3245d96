"""``seed-sql``: scripts as psql reads them, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe.rows.dump import Unreadable, located, script
from bot.observe.rows.seed import Statement, statements

SCRIPT = r"""-- a comment; with a semicolon
INSERT INTO a VALUES ('x;y', "q;q", E'\';', $$;$$, $tag$;$$;$tag$); /* ; */ SELECT 1
;
\restrict abc
COPY public.a (id, note) FROM stdin;
1	one
2	\N
\.

INSERT INTO b
VALUES (1)"""


def test_statements_and_data_are_told_apart() -> None:
    """Quotes, dollar quotes, comments, COPY's data and psql's own commands."""
    found = list(statements(SCRIPT))
    assert [(item.sql.split()[0], item.line) for item in found] == [
        ("INSERT", 2),
        ("/*", 2),
        ("\\restrict", 4),
        ("COPY", 5),
        ("INSERT", 10),
    ]
    assert found[3] == Statement("COPY public.a (id, note) FROM stdin", 5, "1\tone\n2\t\\N\n")
    assert found[4].sql == "INSERT INTO b\nVALUES (1)"


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("COPY a FROM stdin;\n\\.\n", ""),
        ("COPY a FROM stdin;\n1\n", "1\n"),
        ("COPY a FROM stdin;", ""),
        ("copy a from STDIN with (format csv);\n1,2\n\\.", "1,2\n"),
    ],
)
def test_data_ends_with_its_mark_or_the_script(text: str, data: str) -> None:
    """Nothing between, no mark, no line at all."""
    assert [item.data for item in statements(text)] == [data]


@given(st.text(alphabet="ab;'\"$-/*\\\n. CEOPYFROMstdin", max_size=80))
def test_any_text_ends(text: str) -> None:
    """Every statement comes from the text, in its order."""
    lines = [item.line for item in statements(text)]
    assert lines == sorted(lines)


def test_the_change_comes_before_the_checkout(tmp_path: Path) -> None:
    """A file that the change brings is used; one that a workflow made is found too."""
    for name in ("merged", "checkout"):
        (tmp_path / name).mkdir()
    (tmp_path / "merged" / "a.sql").write_text("merged")
    (tmp_path / "checkout" / "a.sql").write_text("checkout")
    (tmp_path / "checkout" / "b.sql").write_text("made")
    folders = (tmp_path / "merged", tmp_path / "checkout")
    assert script(located("a.sql", folders), None) == "merged"
    assert script(located("b.sql", folders), None) == "made"


@pytest.mark.parametrize("name", ["link.sql", "../secret", "missing.sql"])
def test_files_outside_of_the_repository_are_not_read(tmp_path: Path, name: str) -> None:
    """A link in the change must not show what lies elsewhere on the machine."""
    (tmp_path / "secret").write_text("secret")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "link.sql").symlink_to(tmp_path / "secret")
    with pytest.raises(Unreadable):
        located(name, (tree,))


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"\xff\xfe\x00", "neither UTF-8"), (b"PGDMP\x01", "no pg_restore here")],
)
def test_what_is_no_script_is_told(tmp_path: Path, data: bytes, reason: str) -> None:
    """A picture, a dump where no program can read it."""
    path = tmp_path / "seed"
    path.write_bytes(data)
    with pytest.raises(Unreadable, match=reason):
        script(path, None)
