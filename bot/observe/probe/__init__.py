"""The part of db-recheck that runs inside the target's own interpreter.

Only the standard library and whatever Alembic and SQLAlchemy the target has: nothing of ``bot`` is
importable here, and the folder is copied and started as a script (``__main__``). ``PROTOCOL.md``
says what goes over the pipes. Syntax and API: Python 3.9, SQLAlchemy 1.3, Alembic 1.4 and later.
"""
