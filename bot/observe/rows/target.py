"""The database that is filled, over a connection of the scratch role: never as superuser.

Triggers, defaults and constraints are a stranger's code and run as whoever inserts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bot.facts.relation import Constraint
from bot.facts.schema import Table
from bot.observe.rows.literals import copied

if TYPE_CHECKING:
    from psycopg import Connection, sql

_ENABLE = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}


class Target:
    """One open transaction that fills tables; ``restore`` undoes what was altered for that."""

    def __init__(self, connection: Connection[tuple[object, ...]]) -> None:
        self.connection = connection
        self._undo: list[sql.Composed] = []

    def copy(self, table: Table, names: Sequence[str], rows: Iterable[Sequence[str | None]]) -> int:
        """Insert the rows, all or none; how many the table took.

        Raises:
            psycopg.Error: the server refused them; nothing is inserted then.
        """
        from psycopg import sql

        with self.connection.transaction(), self.connection.cursor() as cursor:
            if not names:
                return sum(self._default_row(table) for _ in rows)
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
                name_of(table), sql.SQL(", ").join(map(sql.Identifier, names))
            )
            with cursor.copy(statement) as copy:
                copy.write("".join(map(copied, rows)))
            return cursor.rowcount

    def _default_row(self, table: Table) -> int:
        from psycopg import sql

        statement = sql.SQL("INSERT INTO {} DEFAULT VALUES").format(name_of(table))
        return self.connection.execute(statement).rowcount

    def refused(self, tables: Sequence[Table]) -> set[str]:
        """Those that this role may not read and write: they are somebody else's."""
        rows = self.connection.execute(
            "SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c"
            " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname || '.' || c.relname = ANY (%s)"
            " AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')"
            " AND pg_catalog.has_table_privilege(c.oid, 'SELECT')"
            " AND pg_catalog.has_table_privilege(c.oid, 'INSERT')"
            " AND (NOT c.relforcerowsecurity OR pg_catalog.pg_has_role(c.relowner, 'USAGE'))",
            ([table.full_name for table in tables],),
        ).fetchall()
        return {table.full_name for table in tables} - {str(name) for (name,) in rows}

    def counts(self, tables: Sequence[Table]) -> dict[str, int]:
        """How many rows each table holds."""
        from psycopg import sql

        if not tables:
            return {}
        each = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, (SELECT pg_catalog.count(*) FROM {})").format(
                sql.Literal(table.full_name), name_of(table)
            )
            for table in tables
        )
        rows = self.connection.execute(each).fetchall()
        return {str(name): int(str(count)) for name, count in rows}

    def keys(self, table: Table, names: Sequence[str], most: int) -> list[tuple[str, ...]]:
        """The values of these columns in the table's rows, those with NULL left out."""
        from psycopg import sql

        columns = [sql.Identifier(name) for name in names]
        rows = self.connection.execute(
            sql.SQL("SELECT {} FROM {} WHERE {} LIMIT {}").format(
                sql.SQL(", ").join(sql.SQL("{}::text").format(column) for column in columns),
                name_of(table),
                sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(item) for item in columns),
                sql.Literal(most),
            )
        ).fetchall()
        return [tuple(str(value) for value in row) for row in rows]

    def reserve(self, table: Table, name: str, count: int) -> list[str]:
        """So many values of the sequence behind a column."""
        from psycopg import sql

        column = table.column(name)
        default = sql.SQL("pg_catalog.nextval({})").format(_sequence(table, name))
        if column is not None and column.identity is None and column.default:
            default = sql.SQL("({})").format(sql.SQL(column.default))
        query = sql.SQL("SELECT {}::text FROM pg_catalog.generate_series(1, {})")
        with self.connection.transaction():
            rows = self.connection.execute(query.format(default, count)).fetchall()
        return [str(value) for (value,) in rows]

    def advance(self, table: Table, names: Iterable[str]) -> None:
        """Set the sequences behind columns beyond the rows that are there."""
        from psycopg import sql

        query = sql.SQL(
            "SELECT pg_catalog.setval({0}, pg_catalog.max({1})) FROM {2}"
            " HAVING pg_catalog.max({1}) > 0"
        )
        with self.connection.transaction():
            for name in names:
                column = sql.Identifier(name)
                self.connection.execute(
                    query.format(_sequence(table, name), column, name_of(table))
                )

    def without_triggers(self, table: Table) -> None:
        """Switch the table's own triggers off."""
        from psycopg import sql

        rows = self.connection.execute(
            "SELECT tgname, tgenabled::text FROM pg_catalog.pg_trigger"
            " WHERE tgrelid = %s::pg_catalog.regclass AND NOT tgisinternal AND tgenabled <> 'D'",
            (name_of(table).as_string(self.connection),),
        ).fetchall()
        alter = sql.SQL("ALTER TABLE {} {} TRIGGER {}")
        with self.connection.transaction():
            for name, _ in rows:
                disable = alter.format(
                    name_of(table), sql.SQL("DISABLE"), sql.Identifier(str(name))
                )
                self.connection.execute(disable)
        for name, state in rows:
            enable = sql.SQL(_ENABLE.get(str(state), "ENABLE"))
            self._undo.append(alter.format(name_of(table), enable, sql.Identifier(str(name))))

    def without_row_security(self, table: Table) -> None:
        """Let the owner write past the table's policies, as it may where they are not forced."""
        from psycopg import sql

        alter = sql.SQL("ALTER TABLE {} {} ROW LEVEL SECURITY")
        self.connection.execute(alter.format(name_of(table), sql.SQL("NO FORCE")))
        self._undo.append(alter.format(name_of(table), sql.SQL("FORCE")))

    def without_constraint(self, table: Table, constraint: Constraint) -> None:
        """Take in rows that a NOT VALID constraint refuses: older ones may be like that."""
        from psycopg import sql

        alter = sql.SQL("ALTER TABLE {} {} CONSTRAINT {}")
        name = sql.Identifier(constraint.name)
        self.connection.execute(alter.format(name_of(table), sql.SQL("DROP"), name))
        add = alter.format(name_of(table), sql.SQL("ADD"), name)
        definition = constraint.definition.removesuffix(" NOT VALID")
        self._undo.append(add + sql.SQL(f" {definition} NOT VALID"))

    def defer(self, table: Table, constraint: Constraint) -> None:
        """Check a foreign key only once ``settle`` is called."""
        from psycopg import sql

        alter = sql.SQL("ALTER TABLE {} ALTER CONSTRAINT {} {}")
        name = sql.Identifier(constraint.name)
        if not constraint.deferrable:
            self.connection.execute(alter.format(name_of(table), name, sql.SQL("DEFERRABLE")))
            self._undo.append(alter.format(name_of(table), name, sql.SQL("NOT DEFERRABLE")))
        self.connection.execute(
            sql.SQL("SET CONSTRAINTS {} DEFERRED").format(
                sql.Identifier(table.schema, constraint.name)
            )
        )

    def settle(self) -> None:
        """Check whatever was deferred."""
        self.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def is_lost(self) -> bool:
        """Whether nothing more can be done in this transaction."""
        from psycopg.pq import TransactionStatus

        return self.connection.info.transaction_status is not TransactionStatus.INTRANS

    def restore(self) -> None:
        """Undo what was altered, in the opposite order."""
        self.settle()
        while self._undo:
            self.connection.execute(self._undo.pop())


def name_of(table: Table) -> sql.Composable:
    """The table's name as SQL writes it."""
    from psycopg import sql

    return sql.Identifier(table.schema, table.name)


def _sequence(table: Table, column: str) -> sql.Composed:
    from psycopg import sql

    named = sql.SQL("pg_catalog.quote_ident({}) || '.' || pg_catalog.quote_ident({})").format(
        sql.Literal(table.schema), sql.Literal(table.name)
    )
    return sql.SQL("pg_catalog.pg_get_serial_sequence({}, {})::pg_catalog.regclass").format(
        named, sql.Literal(column)
    )
