"""The scratch database's address, as each kind of client wants it told. Pure.

An address is the protocol's mapping: ``host`` (starting with ``/``: a socket directory), ``port``,
``user``, ``password``, ``database`` and ``parameters``, further libpq parameters of the user's URL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping
from urllib.parse import quote

if TYPE_CHECKING:
    import ssl

_WHO_AND_WHERE = frozenset(["host", "hostaddr", "port", "user", "password", "dbname"])

# PostgreSQL documentation, "libpq: Environment Variables"; asyncpg reads those of TLS as well.
_VARIABLES = {
    "sslmode": "PGSSLMODE",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcrl": "PGSSLCRL",
    "sslcrldir": "PGSSLCRLDIR",
    "sslsni": "PGSSLSNI",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "requirepeer": "PGREQUIREPEER",
    "require_auth": "PGREQUIREAUTH",
    "channel_binding": "PGCHANNELBINDING",
    "gssencmode": "PGGSSENCMODE",
    "krbsrvname": "PGKRBSRVNAME",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "options": "PGOPTIONS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}


def parameters(address: Mapping[str, Any]) -> dict[str, str]:
    """Its further libpq parameters, without those that the address itself states."""
    given = address.get("parameters") or {}
    return {key: str(value) for key, value in given.items() if key not in _WHO_AND_WHERE}


def libpq_environment(address: Mapping[str, Any]) -> dict[str, str]:
    """Variables that libpq, asyncpg and pg8000's relatives read when they are told nothing else."""
    further = {
        _VARIABLES[key]: value for key, value in parameters(address).items() if key in _VARIABLES
    }
    return {
        **further,
        "PGHOST": address["host"],
        "PGPORT": str(address["port"]),
        "PGUSER": address["user"],
        "PGPASSWORD": address["password"],
        "PGDATABASE": address["database"],
    }


def scratch_url(address: Mapping[str, Any], driver: str = "") -> str:
    """A URL of the scratch database that any parser of URLs understands.

    A socket directory is written as ``localhost``: the redirection puts the true one in its place,
    and many programs refuse a URL without a host.
    """
    host = "localhost" if address["host"].startswith("/") else address["host"]
    scheme = f"postgresql+{driver}" if driver else "postgresql"
    user, password = quote(address["user"], safe=""), quote(address["password"], safe="")
    return f"{scheme}://{user}:{password}@{host}:{address['port']}/{address['database']}"


def tls_context(address: Mapping[str, Any]) -> ssl.SSLContext | None:
    """What pg8000 calls ``ssl_context``; None where TLS is not required: the driver chooses.

    PostgreSQL documentation, "Protection Provided in Different Modes": ``require`` checks the
    certificate as well once a root certificate is named. Raises OSError for a file that is absent.
    """
    given = parameters(address)
    mode = given.get("sslmode", "prefer")
    if mode in ("disable", "allow", "prefer"):
        return None
    import ssl

    root = given.get("sslrootcert")
    trusted = root if root != "system" else None  # None: the operating system's certificates
    context = ssl.create_default_context(cafile=trusted)
    if mode == "require" and root is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    elif mode != "verify-full" and root != "system":
        context.check_hostname = False
    if "sslcert" in given:
        context.load_cert_chain(given["sslcert"], given.get("sslkey"))
    return context
