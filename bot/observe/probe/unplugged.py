"""Sockets of a machine whose network cable is pulled out, where the sandbox allows none at all.

Clients that are made while modules are imported (of statistics, traces, caches) open a socket long
before they send anything, and are written for a network that is down, not for one that is
forbidden (``PermissionError``, EPERM). What they get instead is a unix socket that is connected to
nothing and answers as socket(7) and ip(7) say of a host without a route: ENETUNREACH. It opens
no way out: that is the kernel's to refuse, for all languages alike.
"""

from __future__ import annotations

import errno
import os
import socket
import weakref
from typing import Any, Callable, NoReturn

FAMILIES = (socket.AF_INET, socket.AF_INET6)
KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM)  # raw ones are for root, network or not
_KIND = 0xF  # the bits of the kind, beside SOCK_CLOEXEC and SOCK_NONBLOCK (socket(2))

_cut: weakref.WeakKeyDictionary[socket.socket, int] = weakref.WeakKeyDictionary()


def apply() -> None:
    """Give this process such sockets, if the real ones are refused."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    except PermissionError:
        _replace()
    except OSError:  # a machine without these families: libraries know that
        pass


def _replace() -> None:
    kind: Any = socket.socket
    kind.__init__ = _opened(kind.__init__)
    kind.family = property(_family(kind.family.fget))
    for name in ("connect", "sendto", "sendmsg", "bind"):
        setattr(kind, name, _unless_cut(getattr(kind, name), _unreachable))
    kind.connect_ex = _unless_cut(kind.connect_ex, lambda: errno.ENETUNREACH)
    # Options of TCP are none of a unix socket.
    kind.setsockopt = _unless_cut(kind.setsockopt, lambda: None)


def _opened(original: Callable[..., None]) -> Callable[..., None]:
    def opened(
        self: socket.socket,
        family: int = -1,
        type: int = -1,  # noqa: A002 - as the standard library calls it
        proto: int = -1,
        fileno: int | None = None,
    ) -> None:
        wanted = socket.AF_INET if family == -1 else family
        kind = socket.SOCK_STREAM if type == -1 else type
        if fileno is not None or wanted not in FAMILIES or kind & _KIND not in KINDS:
            return original(self, family, type, proto, fileno)
        original(self, socket.AF_UNIX, kind, 0, None)
        _cut[self] = wanted
        return None

    return opened


def _family(original: Callable[[socket.socket], Any]) -> Callable[[socket.socket], Any]:
    def family(self: socket.socket) -> Any:
        asked = _cut.get(self)
        return original(self) if asked is None else socket.AddressFamily(asked)

    return family


def _unless_cut(original: Callable[..., Any], answer: Callable[[], Any]) -> Callable[..., Any]:
    def call(self: socket.socket, *given: Any, **named: Any) -> Any:
        return answer() if self in _cut else original(self, *given, **named)

    return call


def _unreachable() -> NoReturn:
    raise OSError(
        errno.ENETUNREACH,
        os.strerror(errno.ENETUNREACH) + " (db-recheck runs migrations without a network)",
    )
