"""The PostgreSQL server that the revisions run on: our own, or the user's."""

from __future__ import annotations

from bot.observe.server.options import Address, ServerError, ServerOptions
from bot.observe.server.server import Server
from bot.observe.server.start import start_server

__all__ = ["Address", "Server", "ServerError", "ServerOptions", "start_server"]
