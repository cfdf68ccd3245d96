"""The layers as data, and the command line that puts them before a command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MEMORY_BYTES = 2 * 1024**3  # a session of the target may hold; real applications stay far below
_GIB = 1024**3
_ROOT = Path(__file__).parents[3]  # where the package bot lies
# Without site-packages Python starts in 8 ms; the bot's own package is put behind its library.
_START = (
    "import sys; sys.path.append(sys.argv[1]);"
    " from bot.observe.confine.enter import run; run(sys.argv[2:])"
)


@dataclass(frozen=True)
class Limits:
    """Resource limits of ``setrlimit(2)``; sizes in bytes, None for no limit of ours.

    ``address_space`` counts mappings, not memory, so it is only a net below the memory guard.
    ``processes`` counts per user: it may be set only where the child has a user id of its own.
    """

    file_size: int | None = _GIB
    open_files: int = 4096
    address_space: int | None = 4 * MEMORY_BYTES
    processes: int | None = 512

    def words(self) -> list[str]:
        """As the program takes them."""
        wanted = {
            "CORE": 0,
            "FSIZE": self.file_size,
            "NOFILE": self.open_files,
            "AS": self.address_space,
            "NPROC": self.processes,
            "MSGQUEUE": 0,
        }
        named = {name: value for name, value in wanted.items() if value is not None}
        return [word for name, value in named.items() for word in ("-l", f"{name}={value}")]


@dataclass(frozen=True)
class Confinement:
    """What a command gives up before it starts.

    ``user`` is the user and group id that it gets (None: it stays who it is; only root can switch).
    ``mounts`` gives it a mount table of its own, in which ``emptied`` folders and those for
    temporary files (``scratch``) hold only what is ``readable`` or ``writable``; ``landlock`` lets
    it open nothing else anywhere, whoever owns it. ``seccomp`` refuses it the system calls of
    ``bot.observe.confine.seccomp``. ``network`` leaves it the network, ``system_v`` System V's
    shared memory. ``yields`` lets others compute first, so that who watches it gets to look however
    many processes it starts.
    """

    user: int | None = None
    limits: Limits = Limits()
    mounts: bool = False
    landlock: bool = False
    seccomp: bool = False
    network: bool = False
    system_v: bool = False
    yields: bool = False
    emptied: tuple[Path, ...] = ()
    scratch: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()

    def command_line(self, command: Sequence[str]) -> list[str]:
        """The command under these layers; one process from beginning to end."""
        words = [] if self.user is None else ["-u", str(self.user)]
        words += self.limits.words()
        switches = {
            "-m": self.mounts,
            "-f": self.landlock,
            "-s": self.seccomp,
            "-n": self.network,
            "-v": self.system_v,
            "-y": self.yields,
        }
        words += [switch for switch, on in switches.items() if on]
        for option, paths in (
            ("-e", self.emptied),
            ("-t", self.scratch),
            ("-r", self.readable),
            ("-w", self.writable),
        ):
            words += [word for path in paths for word in (option, str(path))]
        program = [sys.executable, "-I", "-S", "-c", _START, str(_ROOT)]
        return [*program, *words, "--", *command]
