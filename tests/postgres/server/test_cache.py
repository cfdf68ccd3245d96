"""A server that starts from the state that an earlier one saved."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from bot.observe.room import Room
from bot.observe.server import Address, ServerError, ServerOptions, start_server

Login = Callable[[Address], psycopg.Connection]


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with a state under the key "k": a table, a role and a stand-in extension."""
    folder = tmp_path_factory.mktemp("cache")
    with (
        Room(Path("/tmp")) as room,  # noqa: S108 - a socket path must be short
        start_server(ServerOptions(cache=folder, cache_key="k"), room) as server,
    ):
        assert server.restored is None
        base = server.create("base")
        assert server.create_extension(base, "pgcrypto")
        with server.connect(base) as connection:
            connection.execute("CREATE TABLE public.t AS SELECT 1 AS id; CREATE ROLE app")
            connection.execute("ALTER TABLE public.t OWNER TO postgres")
        with pytest.raises(ServerError, match="nowhere"):
            server.save({"base": "nowhere"})
        assert server.save({"base": base})
    return folder


def test_the_state_comes_back(cached: Path, room: Room, as_owner: Login) -> None:
    """Databases, rows, roles; new passwords; and it goes on as usual."""
    with start_server(ServerOptions(cache=cached, cache_key="k"), room) as server:
        assert server.restored is not None
        base = server.restored["base"]
        assert "app" in server.roles()
        with as_owner(server.address(base)) as connection:
            assert connection.execute("SELECT id FROM t").fetchone() == (1,)
            connection.execute("INSERT INTO t SELECT 2")
        assert server.create("base") != base
        copy = server.clone(base, "copy")
        with server.connect(copy) as own:
            assert own.execute("SELECT count(*) FROM public.t").fetchone() == (2,)
        server.drop(base)
    with Room(room.path.parent) as other:
        options = ServerOptions(cache=cached, cache_key="k")
        with start_server(options, other) as server, server.connect("base_1") as own:
            assert own.execute("SELECT count(*) FROM public.t").fetchone() == (1,)


def test_another_key_or_another_kind_of_owner_is_a_miss(cached: Path, room: Room) -> None:
    """A state fits only the same question."""
    for options in (
        ServerOptions(cache=cached, cache_key="other"),
        ServerOptions(cache=cached, cache_key="k", superuser=True),
    ):
        with start_server(options, room) as server:
            assert server.restored is None


@pytest.mark.parametrize("damage", ["global/pg_control", "base", "entry"])
def test_a_damaged_state_is_a_miss(cached: Path, room: Room, tmp_path: Path, damage: str) -> None:
    """Right in number and size, wrong inside: the server starts from nothing."""
    shutil.copytree(cached, tmp_path / "cache")
    for entry in (tmp_path / "cache/server").iterdir():
        if damage == "entry":
            (entry / "entry.json").write_bytes(b"\xff")
        files = [entry / "data" / damage]
        if damage == "base":
            files = [path for path in files[0].rglob("*") if path.name in {"1259", "1249"}]
        for path in files:
            if path.is_file():
                path.write_bytes(b"\xff" * path.stat().st_size)
    with start_server(ServerOptions(cache=tmp_path / "cache", cache_key="k"), room) as server:
        assert server.restored is None
        assert server.create("base")


def test_a_state_that_somebody_writes_to_is_not_kept(tmp_path: Path, room: Room) -> None:
    """The end of the WAL moved meanwhile: the copy may be torn."""
    with start_server(ServerOptions(cache=tmp_path, cache_key="k"), room) as server:
        base = server.create("base")
        stop = threading.Event()

        def write() -> None:
            with server.connect(base) as connection:
                connection.execute("CREATE TABLE public.busy (id int)")
                while not stop.is_set():
                    connection.execute("INSERT INTO public.busy SELECT generate_series(1, 100)")

        writer = threading.Thread(target=write)
        writer.start()
        try:
            assert not server.save({"base": base})
        finally:
            stop.set()
            writer.join()
        assert server.save({"base": base})
