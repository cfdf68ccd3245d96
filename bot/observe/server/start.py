"""The server of a run: the user's, or one of our own."""

from __future__ import annotations

from bot.observe.room import Room
from bot.observe.server.options import ServerOptions
from bot.observe.server.server import Server


def start_server(options: ServerOptions, room: Room) -> Server:
    """The server for these options: the user's, or one of our own in the room.

    May run in a thread of its own.

    Raises:
        ServerError: there is no usable one; the message says what to do.
    """
    if options.url is not None:
        from bot.observe.server.service import use_service

        return use_service(options, options.url, room)
    from bot.observe.server.own import start_own

    return start_own(options, room)
