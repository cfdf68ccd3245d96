"""Stand-in extensions give the values of the real ones, or say that they cannot."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable, Iterator

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.observe.room import Room
from bot.observe.server import Address, Server, ServerOptions, start_server

ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
Login = Callable[[Address], psycopg.Connection]


@pytest.fixture(scope="module")
def connection(embedded: Server, database: str) -> Iterator[psycopg.Connection]:
    """The bot's connection to a database with both extensions."""
    with embedded.connect(database) as opened:
        opened.execute("SET search_path = extensions, public")
        yield opened


@pytest.fixture(scope="module")
def embedded() -> Iterator[Server]:
    """The embedded wheel's server."""
    import tempfile
    from pathlib import Path

    with Room(Path(tempfile.gettempdir())) as made, start_server(ServerOptions(), made) as started:
        yield started


@pytest.fixture(scope="module")
def database(embedded: Server) -> str:
    """Both extensions, created by the owner, in a schema to which one was moved later."""
    name = embedded.create("stand-ins")
    address = embedded.address(name)
    with psycopg.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        dbname=name,
        autocommit=True,
    ) as owner:
        owner.execute('CREATE SCHEMA extensions; CREATE EXTENSION "uuid-ossp" SCHEMA extensions')
        owner.execute("CREATE EXTENSION pgcrypto")
    with embedded.connect(name) as superuser:
        superuser.execute("ALTER EXTENSION pgcrypto SET SCHEMA extensions")
    return name


def value(connection: psycopg.Connection, expression: str, *arguments: object) -> object:
    """The value of one expression."""
    row = connection.execute(psycopg.sql.SQL("SELECT " + expression), arguments).fetchone()
    assert row is not None
    return row[0]


@settings(max_examples=30, deadline=None)
@given(text=st.text(st.characters(exclude_characters="\0", codec="utf-8")), key=st.binary())
def test_hashes_are_those_of_python(connection: psycopg.Connection, text: str, key: bytes) -> None:
    """Digests, HMAC and name-based UUIDs for any text and key."""
    data = text.encode()
    for name in ALGORITHMS:
        assert (
            value(connection, "digest(%s::text, %s)", text, name)
            == hashlib.new(name, data).digest()
        )
        assert (
            value(connection, "digest(%s::bytea, %s)", key, name) == hashlib.new(name, key).digest()
        )
        expected = hmac.new(key, data, name).digest()
        assert value(connection, "hmac(%s::bytea, %s::bytea, %s)", data, key, name) == expected
    for space, function in (
        (uuid.NAMESPACE_DNS, "uuid_ns_dns()"),
        (uuid.NAMESPACE_X500, "uuid_ns_x500()"),
    ):
        assert value(connection, f"uuid_generate_v5({function}, %s)", text) == uuid.uuid5(
            space, text
        )
        assert value(connection, f"uuid_generate_v3({function}, %s)", text) == uuid.uuid3(
            space, text
        )


def test_long_keys_are_hashed_first(connection: psycopg.Connection) -> None:
    """RFC 4231, test case 6: a key of 131 bytes."""
    text, key = b"Test Using Larger Than Block-Size Key - Hash Key First", b"\xaa" * 131
    for name in ALGORITHMS:
        expected = hmac.new(key, text, name).digest()
        assert value(connection, "hmac(%s::bytea, %s::bytea, %s)", text, key, name) == expected


def test_generated_uuids_have_their_version(connection: psycopg.Connection) -> None:
    """Version, variant, and for version 1 the time and a node that is no real MAC address."""
    for function, version in (
        ("uuid_generate_v1", 1),
        ("uuid_generate_v1mc", 1),
        ("uuid_generate_v4", 4),
    ):
        made = {value(connection, f"{function}()") for _ in range(20)}
        assert len(made) == 20
        assert {item.version for item in made if isinstance(item, uuid.UUID)} == {version}
        assert {item.variant for item in made if isinstance(item, uuid.UUID)} == {uuid.RFC_4122}
    late = value(
        connection,
        "abs(extract(epoch FROM uuid_extract_timestamp(uuid_generate_v1()) - now())) < 60",
    )
    assert late is True


def test_random_bytes(connection: psycopg.Connection) -> None:
    """As many as asked for, and others each time."""
    first, second = (value(connection, "gen_random_bytes(33)") for _ in range(2))
    assert isinstance(first, bytes)
    assert len(first) == 33
    assert first != second
    with pytest.raises(psycopg.Error, match="Length not in range"):
        value(connection, "gen_random_bytes(1025)")


@pytest.mark.parametrize(
    "call",
    ["crypt('a', 'b')", "gen_salt('bf')", "pgp_sym_encrypt('a', 'b')", "encrypt('a', 'b', 'aes')"],
)
def test_what_cannot_be_done_raises(connection: psycopg.Connection, call: str) -> None:
    """No invented values."""
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="not available in the stand-in"):
        value(connection, call)


def test_an_unknown_hash_is_refused_as_the_real_one_does(connection: psycopg.Connection) -> None:
    """Same words, same SQLSTATE."""
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="No such hash algorithm"):
        value(connection, "digest('a', 'whirlpool')")


def test_the_server_knows_which_stand_ins_were_used(room: Room) -> None:
    """None at first; also those of databases that are gone; real extensions are none."""
    with start_server(ServerOptions(), room) as started:
        first = started.create("a")
        assert started.create_extension(first, "citext")
        assert not started.create_extension(first, "no_such_extension")
        assert not started.stand_ins
        assert started.create_extension(first, "pgcrypto")
        started.drop(first)
        assert started.stand_ins == ("pgcrypto",)


def test_harmless_extensions_are_the_owners_to_create(embedded: Server, as_owner: Login) -> None:
    """The wheel does not mark them as trusted; on managed servers they are."""
    name = embedded.create("trusted")
    with as_owner(embedded.address(name)) as owner:
        for extension in ("vector", "pg_stat_statements", "citext", "moddatetime"):
            owner.execute(f"CREATE EXTENSION {extension}")
        assert owner.execute("SELECT '[1,2]'::vector <-> '[1,4]'").fetchone() == (2.0,)


@pytest.mark.parametrize("extension", ["pgcrypto", "uuid-ossp"])
def test_a_stand_in_has_all_functions_of_the_real_one(
    server: Server, embedded: Server, extension: str
) -> None:
    """Names, arguments, results and volatility are those of the machine's contrib."""
    if server.source == "embedded":
        pytest.skip("needs the real contrib")

    def functions(where: Server) -> set[tuple[object, ...]]:
        name = where.create("functions")
        assert where.create_extension(name, extension)
        with where.connect(name) as opened:
            return set(
                opened.execute(
                    "SELECT p.proname, pg_get_function_arguments(p.oid),"
                    " pg_get_function_result(p.oid), p.provolatile, p.proisstrict"
                    " FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid"
                    " AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'"
                    " JOIN pg_extension e ON e.oid = d.refobjid WHERE e.extname = %s",
                    (extension,),
                )
            )

    assert functions(server) - functions(embedded) == set()
