"""The program before the command: every layer in its order, then the command itself.

``enter [-u USER] [-l NAME=VALUE]… [-m] [-e FOLDER]… [-t FOLDER]… [-r PATH]… [-w PATH]… [-f] [-s]
[-n] [-v] [-y] -- COMMAND …``: another user, limits, own mounts with those folders emptied, folders
for anybody's temporary files, paths that are read or written, landlock (``-f``), system calls
refused (``-s``), with the network (``-n``) and System V's memory (``-v``) left, others first
(``-y``). A layer that fails ends it: the command never runs with less than was asked.
"""

from __future__ import annotations

import os
import sys

from bot.observe.confine import landlock, mounts, rights, seccomp

FAILED = 125  # the exit status, as env(1) has it for its own failures
_NICENESS = 15  # of 19: 500 busy processes leave one of ours a twentieth of the time (sched(7))
_WITH_VALUE = ("-u", "-l", "-e", "-t", "-r", "-w")


def main(words: list[str]) -> None:
    """Confine this process and become the command."""
    given, command = _parse(words)
    user = int(given["-u"][0]) if "-u" in given else None
    network = "-n" in given
    readable, writable, scratch = given.get("-r", []), given.get("-w", []), given.get("-t", [])
    if "-y" in given:
        os.nice(_NICENESS)
    os.umask(0o022)  # what is made for mounts can be entered
    for text in given.get("-l", []):
        name, _, value = text.partition("=")
        rights.limit(name, int(value))
    if "-m" in given:
        mounts.separate(network=network)
        mounts.hide_processes()
        mounts.empty(given.get("-e", []), scratch, readable, writable)
    if user is not None:
        rights.drop_capabilities_for_good()
    rights.gain_nothing()
    if "-f" in given:  # while root can still open what closed folders hold
        landlock.restrict(readable, [*writable, *scratch], network=network)
    if user is not None:
        rights.become(user)
    if "-s" in given:
        seccomp.restrict(network=network, system_v="-v" in given)
    _become(command)


def _become(command: list[str]) -> None:
    """As ``os.execvp`` does, which imports modules; whose files may be out of reach by now."""
    name = command[0]
    failure = OSError(f"no command {name}")
    for folder in [""] if "/" in name else os.environ.get("PATH", os.defpath).split(":"):
        try:
            os.execv(os.path.join(folder, name), command)  # noqa: S606 - it is the point
        except OSError as error:
            failure = OSError(f"{name}: {error.strerror}")
    raise failure


def _parse(words: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """The values of each option, and the command."""
    given: dict[str, list[str]] = {}
    end = words.index("--")
    options = iter(words[:end])
    for option in options:
        values = given.setdefault(option, [])
        if option in _WITH_VALUE:
            values.append(next(options))
    return given, words[end + 1 :]


def run(words: list[str]) -> None:
    """``main``, with a sentence instead of a traceback when a layer cannot be had."""
    try:
        main(words)
    except OSError as error:
        sys.stderr.write(f"db-recheck: the sandbox cannot be entered: {error}\n")
        sys.exit(FAILED)
