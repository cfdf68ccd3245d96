"""Every connection of the target goes to the scratch database, whatever URL it computed.

``do_connect`` receives the arguments of every DBAPI connect before it happens, synchronous and
asynchronous alike (SQLAlchemy documentation, ``DialectEvents.do_connect``). A ``creator`` goes past
that event, so ``create_engine`` drops it; it also makes engines without a pool, because a pooled
connection would lead to the database of an earlier request.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, Callable, Mapping

import sqlalchemy
from sqlalchemy import event, exc
from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.pool import NullPool, Pool

from . import drivers
from .address import libpq_environment, scratch_url

_POOL_ARGUMENTS = (
    "creator",
    "pool",
    "poolclass",
    "pool_size",
    "max_overflow",
    "pool_timeout",
    "pool_use_lifo",
)


class NotPostgres(Exception):
    """The target connects to another kind of database."""

    def __init__(self, dialect: str) -> None:
        super().__init__(f"it connects to {dialect}, not to PostgreSQL")
        self.dialect = dialect


class Redirect:
    """Where connections go now, and what came of it.

    ``assumed`` are drivers that took another one's place, ``driver`` the last one that connected;
    ``asynchronous`` tells that an engine for asyncio was made.
    """

    def __init__(self, address: Mapping[str, Any], listener: Callable[[Any], None]) -> None:
        self.address = dict(address)
        self.assumed: list[str] = []
        self.driver = ""
        self.asynchronous = False
        self._listener = listener
        self._own = scratch_url(address)
        self._connections: list[Any] = []
        self._wrapped = False
        self._ours: list[Any] = []  # engines whose driver nobody of the target chose

    def install(self) -> None:
        """Begin; once per process, before anything of the target is imported."""
        _replace_create_engine(self._engine_maker)
        event.listen(Engine, "do_connect", self._connect)
        event.listen(Pool, "checkout", self._checkout)
        self.point(self.address["database"])

    def point(self, database: str) -> None:
        """Send further connections to that database; those that are open are closed."""
        for connection in self._connections:
            drivers.close(connection)
        self._connections.clear()
        self.address["database"] = database
        os.environ.update(libpq_environment(self.address))

    def _connect(self, dialect: Any, record: Any, cargs: Any, cparams: dict[str, Any]) -> Any:
        if dialect.name != "postgresql":
            if dialect.name == "sqlite" and _in_memory(cargs, cparams):
                return None
            raise NotPostgres(dialect.name)
        others = [fn for fn in dialect.dispatch.do_connect if fn != self._connect]
        for other in others:  # they may add options; a token service they ask is out of reach
            with contextlib.suppress(Exception):
                other(dialect, record, cargs, cparams)
        arguments = drivers.where(dialect.driver, self.address)
        if arguments is None:
            url = make_url(scratch_url(self.address, dialect.driver))
            _, arguments = dialect.create_connect_args(url)
        kept = {key: value for key, value in cparams.items() if key not in drivers.WHERE}
        further = drivers.further(dialect.driver, self.address)
        connection = dialect.connect(**{**further, **kept, **arguments})
        self.driver = dialect.driver
        self._connections.append(connection)
        if record is not None:
            record.info["db-recheck"] = self.address["database"]
        self._listener(connection)
        return connection

    def _checkout(self, _connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get("db-recheck", self.address["database"]) != self.address["database"]:
            raise exc.DisconnectionError("this connection leads to an earlier scratch database")

    def _engine_maker(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def create_engine(*args: Any, **kwargs: Any) -> Any:
            url = args[0] if args else kwargs.pop("url", None)
            asynchronous = bool(kwargs.get("_is_async"))
            self.asynchronous = self.asynchronous or asynchronous
            fitted = self._fit(url, asynchronous=asynchronous)
            if fitted is None:
                return original(url, *args[1:], **kwargs)
            for name in _POOL_ARGUMENTS:
                kwargs.pop(name, None)
            engine = original(fitted, *args[1:], poolclass=NullPool, **kwargs)
            if fitted != make_url(url) or fitted == make_url(self._own):
                self._ours.append(engine)
                self._wrap_asynchronous()
            return engine

        self._original = original
        return create_engine

    def _wrap_asynchronous(self) -> None:
        """``AsyncEngine(create_engine(…))``: with a driver for it, where the driver is our choice.

        As Alembic's template for asyncio was written at first.
        """
        module: Any = sys.modules.get("sqlalchemy.ext.asyncio.engine")
        if module is None or self._wrapped:
            return
        self._wrapped = True
        original = module.AsyncEngine.__init__

        def init(engine: Any, sync_engine: Any, *args: Any, **kwargs: Any) -> None:
            ours = any(item is sync_engine for item in self._ours)
            if ours and not getattr(sync_engine.dialect, "is_async", True):
                driver = drivers.available(asynchronous=True)
                if driver is not None:
                    self.asynchronous = True
                    url = scratch_url(self.address, driver)
                    sync_engine = self._original(url, poolclass=NullPool, _is_async=True)
            original(engine, sync_engine, *args, **kwargs)

        module.AsyncEngine.__init__ = init

    def _fit(self, url: Any, *, asynchronous: bool) -> Any:
        """The URL with a driver that is there; None when it is not one for PostgreSQL."""
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() != "postgresql":
                return None
            dialect: Any = parsed.get_dialect()
        except Exception:
            return None  # create_engine says what is wrong with it
        driver = dialect.driver.replace("_async", "")
        if asynchronous and driver not in drivers.ASYNCHRONOUS:
            found = drivers.available(asynchronous=True)
            return self._with_driver(parsed, driver, found)
        try:
            (getattr(dialect, "import_dbapi", None) or dialect.dbapi)()
        except ImportError:
            return self._with_driver(parsed, driver, drivers.available(asynchronous=asynchronous))
        return parsed

    def _with_driver(self, url: Any, wanted: str, found: str | None) -> Any:
        if found is None:
            return url
        line = f"driver {found} in place of {wanted}"
        ours = url == make_url(self._own)  # supplied without naming a driver: nobody's was replaced
        if not ours and line not in self.assumed:
            self.assumed.append(line)
        name = f"postgresql+{found}"
        if hasattr(url, "set"):
            return url.set(drivername=name)
        url.drivername = name  # SQLAlchemy 1.3: a URL can be changed
        return url


def _replace_create_engine(maker: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    modules: list[Any] = [sqlalchemy, sys.modules.get("sqlalchemy.engine")]
    modules.append(sys.modules.get("sqlalchemy.engine.create"))
    replaced = maker(sqlalchemy.create_engine)
    for module in modules:
        if module is not None and hasattr(module, "create_engine"):
            module.create_engine = replaced
    asynchronous: Any = sys.modules.get("sqlalchemy.ext.asyncio.engine")
    if asynchronous is not None:
        asynchronous._create_engine = replaced


def _in_memory(cargs: Any, cparams: dict[str, Any]) -> bool:
    where = [str(item) for item in cargs] + [str(cparams.get("database", ""))]
    return any(item == ":memory:" or "mode=memory" in item for item in where)
