"""A PostgreSQL of the machine's own that speaks TLS, as a user's server does."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.observe.server.binaries import on_machine

NOBODY = 65534
PASSWORD = "p@ss word"


@contextmanager
def speaking_tls(place: Path) -> Iterator[int]:
    """The port of a server on the loopback's network; its certificate is ``place / "root.crt"``.

    Skips the test where the machine has no such server, or nothing to make a certificate with.
    """
    found = list(on_machine(os.environ.get("PATH", "")))
    if not found:
        pytest.skip("needs a PostgreSQL of the machine: the embedded one does not speak TLS")
    programs = found[-1].programs
    certificate, key, data = place / "root.crt", place / "server.key", place / "data"
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    (place / "password").write_text(PASSWORD)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    other: dict[str, Any] = {}
    if os.geteuid() == 0:
        other = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        for path in (place, key):
            os.chown(path, NOBODY, NOBODY)
    key.chmod(0o600)
    subprocess.run(
        [
            *(str(programs / "initdb"), "-D", str(data), "-U", "app", "--no-sync"),
            *("--auth=scram-sha-256", f"--pwfile={place / 'password'}"),
            *("--encoding=UTF8", "--locale=C"),
        ],
        check=True,
        capture_output=True,
        env={"PATH": os.defpath},
        **other,
    )
    options = {
        "listen_addresses": "localhost",
        "port": number,
        "unix_socket_directories": place,
        "ssl": "on",
        "ssl_cert_file": certificate,
        "ssl_key_file": key,
        "fsync": "off",
    }
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with subprocess.Popen(
        [programs / "postgres", "-D", data, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath},
        **other,
    ) as process:
        until = time.monotonic() + 30
        started = data / "postmaster.pid"
        while not started.exists() or b"ready" not in started.read_bytes():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield number
        process.terminate()
