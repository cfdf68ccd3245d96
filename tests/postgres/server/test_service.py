"""The user's own server: what is refused, what is left behind, who is disturbed."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from bot.observe.forwarding.forwarder import Forwarder
from bot.observe.room import Room
from bot.observe.server import Address, Server, ServerError, ServerOptions, start_server

Login = Callable[[Address], psycopg.Connection]
Use = Callable[..., Server]


class Host:
    """A server of ours that plays the user's."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.admin = server.connect("postgres")

    def url(self, database: str = "postgres", user: str = "", password: str = "") -> str:
        """The URL that the user would give."""
        bot = self.server._databases.bot  # the superuser is nobody's business but a test's
        login = f"{user or bot.user}:{quote(password or bot.password)}"
        return f"postgresql+asyncpg://{login}@/{database}?host={quote(bot.host, safe='')}"

    def contents(self) -> set[str]:
        """All databases and roles."""
        return {
            str(name)
            for (name,) in self.admin.execute(
                "SELECT datname FROM pg_catalog.pg_database UNION ALL"
                " SELECT rolname FROM pg_catalog.pg_roles"
            )
        }

    def role(self, name: str, rights: str) -> str:
        """The URL of a new role with those rights."""
        self.admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD 'p@ss word'").format(
                sql.Identifier(name), sql.SQL(rights)
            )
        )
        self.admin.execute(
            sql.SQL("GRANT CONNECT ON DATABASE postgres TO {}").format(sql.Identifier(name))
        )
        return self.url(user=name, password="p@ss word")


@pytest.fixture
def host(server: Server) -> Host:
    """The user's server, empty."""
    return Host(server)


@pytest.fixture
def use(room: Room) -> Use:
    """Starts the bot on the user's server."""

    def start(url: str, *, shared: bool = False, superuser: bool = False) -> Server:
        options = ServerOptions(url=url, shared_server=shared, superuser=superuser)
        return start_server(options, room)

    return start


def crash(server: Server) -> None:
    """What is left when the bot is killed: its connections are gone, nothing was dropped."""
    server._databases.close()
    forwarder: Forwarder = getattr(server._origin.reached, "__self__")  # noqa: B009 - a bound method
    forwarder.close()


def test_everything_is_dropped_again(host: Host, as_owner: Login, use: Use) -> None:
    """After success and after failure, sessions of the target still open."""
    before = host.contents()
    with use(host.url()) as service:
        assert (service.source, service.major) == ("service", host.server.major)
        assert not service.notes
        first = service.create("base")
        session = as_owner(service.address(first))
        session.execute("CREATE TABLE t (id int)")
        copy = service.clone(first, "copy")
        with service.connect(copy) as own:
            assert own.execute("SELECT count(*) FROM public.t").fetchone() == (0,)
        left = as_owner(service.address(copy))
        assert host.contents() > before
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    assert host.contents() == before
    for connection in (session, left):
        connection.close()
    with pytest.raises(KeyError), use(host.url()) as service:
        raise KeyError(service.create("base"))
    assert host.contents() == before


def test_what_a_crashed_run_left_goes_and_a_living_runs_stays(host: Host, use: Use) -> None:
    """Two runs at once do not collide, and the next one cleans up after a third."""
    before = host.contents()
    crashed = use(host.url())
    lost = crashed.create("base")
    with use(host.url()) as alive:
        kept = alive.create("base")
        crash(crashed)
        with use(host.url()) as service:
            assert lost not in host.contents()
            assert kept in host.contents()
            service.create("base")
        assert kept in host.contents()
    assert host.contents() == before


def test_the_bot_drops_nothing_of_others(host: Host, use: Use) -> None:
    """Not even what looks a little like its own."""
    host.admin.execute("CREATE DATABASE db_recheck_mine")
    with use(host.url()):
        pass
    assert "db_recheck_mine" in host.contents()
    host.admin.execute("DROP DATABASE db_recheck_mine")


def test_a_server_with_others_data_is_refused(host: Host, use: Use) -> None:
    """Unless it is said to be shared; the URL's own database does not count."""
    name = host.server.create("shop")
    with host.server.connect(name) as connection:
        connection.execute("CREATE TABLE public.orders (id int)")
    with pytest.raises(ServerError, match=rf"{name} has tables .*orders.*shared-server = true"):
        use(host.url())
    with use(host.url(), shared=True) as service:
        service.create("base")
    with use(host.url(name)) as service:
        service.create("base")
    host.server.drop(name)


def test_a_server_with_others_sessions_is_refused(host: Host, as_owner: Login, use: Use) -> None:
    """The role and the database are named."""
    name = host.server.create("busy")
    with as_owner(host.server.address(name)):
        with pytest.raises(
            ServerError, match=f"others are connected .*postgres in database {name}"
        ):
            use(host.url())
        use(host.url(), shared=True).close()
    host.server.drop(name)


def test_a_server_with_replication_slots_is_refused(host: Host, use: Use) -> None:
    """Somebody follows what happens there."""
    name = host.server.create("slot")
    with host.server.connect(name) as connection:
        connection.execute("SELECT pg_create_logical_replication_slot('s', 'test_decoding')")
        with pytest.raises(ServerError, match="replication slots"):
            use(host.url())
        connection.execute("SELECT pg_drop_replication_slot('s')")
    host.server.drop(name)


def test_an_ordinary_role_with_createdb_is_enough(host: Host, as_owner: Login, use: Use) -> None:
    """Without the right to create roles the URL's own role runs the revisions, and that is said."""
    url = host.role("maker", "CREATEDB")
    before = host.contents()
    with use(url) as service:
        assert service.address("x").user == "maker"
        assert any("maker" in note for note in service.notes)
        with as_owner(service.address(service.create("base"))) as connection:
            connection.execute("CREATE TABLE t (id int)")
    assert host.contents() == before
    host.admin.execute("ALTER ROLE maker CREATEROLE")
    with use(url) as service:
        assert service.address("x").user != "maker"
        first = service.create("base")
        with as_owner(service.address(first)) as connection:
            connection.execute("CREATE TABLE t (id int)")
            service.clone(first, "copy")
    assert host.contents() == before
    host.admin.execute("REVOKE CONNECT ON DATABASE postgres FROM maker; DROP ROLE maker")


def test_missing_rights_are_named(host: Host, use: Use) -> None:
    """With the statement that grants them."""
    url = host.role("reader", "NOCREATEDB")
    with pytest.raises(ServerError, match='ALTER ROLE "reader" CREATEDB'):
        use(url)
    host.admin.execute("ALTER ROLE reader CREATEDB")
    with pytest.raises(ServerError, match="needs a superuser"):
        use(url, superuser=True)
    host.admin.execute("REVOKE CONNECT ON DATABASE postgres FROM reader; DROP ROLE reader")


def test_roles_that_a_migration_creates_go_and_others_stay(
    host: Host, as_owner: Login, use: Use
) -> None:
    """Only what the scratch role itself created is the run's."""
    if host.server.major < 16:
        pytest.skip("nothing tells who created a role before PostgreSQL 16")
    with use(host.url()) as service:
        with as_owner(service.address(service.create("base"))) as connection:
            connection.execute("CREATE ROLE app; CREATE TABLE t (id int)")
            connection.execute("ALTER SCHEMA public OWNER TO app; GRANT SELECT ON t TO app")
        host.admin.execute("CREATE ROLE somebodys")
        assert "somebodys" in service.drop_roles(service.roles())
        assert "app" not in host.contents()
        with as_owner(service.address(service.create("again"))) as connection:
            connection.execute("CREATE ROLE app")
    assert "app" not in host.contents()
    assert "somebodys" in host.contents()
    host.admin.execute("DROP ROLE somebodys")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://u:secret@127.0.0.1:1/d", "check host and port"),
        ("postgresql://u:secret@/d?host=/nowhere", "check host and port"),
        ("postgresql://u:sec ret@h:x/d", "cannot be read.*%40"),
        ("postgresql://u:secret@host.invalid/d", "check host and port"),
        ("mysql://u:secret@h/d", "not one of PostgreSQL"),
    ],
)
def test_an_unusable_url_says_what_to_do(url: str, message: str, use: Use) -> None:
    """And never shows the password."""
    with pytest.raises(ServerError, match=message) as caught:
        use(url)
    assert "secret" not in str(caught.value)
    assert "sec ret" not in str(caught.value)


def test_wrong_password_and_wrong_database(host: Host, use: Use) -> None:
    """What libpq says, and what to look at."""
    with pytest.raises(ServerError, match="check user and password") as caught:
        use(host.url(password="wrong-secret"))
    assert "wrong-secret" not in str(caught.value)
    with pytest.raises(ServerError, match="check the database"):
        use(host.url("nowhere"))
