"""A unix socket in the room that leads to the user's server, for code that has no network.

``relay`` is the program, ``packets`` what it understands of PostgreSQL's protocol, ``upstream`` how
it connects, ``forwarder`` how the bot starts it. All but the last run in a process of their own,
with nothing but the standard library.
"""
