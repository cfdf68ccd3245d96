"""Users, capabilities and resource limits."""

from __future__ import annotations

import os
import resource

from bot.observe.confine.kernel import (
    PR_CAP_AMBIENT,
    PR_CAP_AMBIENT_CLEAR_ALL,
    PR_CAPBSET_DROP,
    PR_SET_NO_NEW_PRIVS,
    checked,
    prctl,
)

_LAST_CAPABILITY = 63


def limit(name: str, value: int) -> None:
    """Lower one of ``setrlimit(2)``'s limits, soft and hard; it is never raised.

    ``name`` is the end of the constant's: ``AS``, ``NPROC``, ….
    """
    kind = getattr(resource, f"RLIMIT_{name}")
    hard = resource.getrlimit(kind)[1]
    most = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (most, most))


def drop_capabilities_for_good() -> None:
    """Empty the bounding and the ambient set, so that no program gives any back; needs root."""
    for capability in range(_LAST_CAPABILITY + 1):
        prctl(PR_CAPBSET_DROP, capability)  # EINVAL past the kernel's last one
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)  # EINVAL where there is no such set


def become(user: int) -> None:
    """Another user, and the group of that number, with no other group; needs root."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def gain_nothing() -> None:
    """No setuid program gives this process or its children rights (prctl(2), NO_NEW_PRIVS)."""
    checked(prctl(PR_SET_NO_NEW_PRIVS, 1), "no new privileges")
