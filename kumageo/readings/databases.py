"""What is of one database: how SQLite and PostgreSQL are opened, locked and understood.

All else of the readings store is one code for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from kumageo.errors import ReadError, StoreBusyError, StoreUnreachableError

_BUSY: Final = 5
_FULL: Final = 13
_CACHE_KB: Final = 65_536
_CONNECTION: Final = {"connect_timeout": "3", "application_name": "kumageo"}
_LOCK: Final = 7_308_895_165_174_211_431  # any number; that of all who import into one database
_MAX_REASON: Final = 200

# What a driver raises, wrapped by SQLAlchemy or not.
DriverError = sa.exc.DBAPIError | psycopg.Error
DRIVER_ERRORS: Final = (sa.exc.DBAPIError, psycopg.Error)


@dataclass(frozen=True)
class SqliteFile:
    """A file of its own, in WAL mode. It need not exist yet: a first connection makes it."""

    path: Path

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.path.name

    @property
    def exists(self) -> bool:
        """Whether there is anything to ask."""
        return self.path.is_file()

    def open_engine(self, wait_s: float) -> sa.Engine:
        """Return the engine; nothing is opened yet. A second writer waits `wait_s`."""
        engine = sa.create_engine(sa.URL.create("sqlite", database=str(self.path)))

        def set_pragmas(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # transactions begin where we say so, below
            connection.execute(f"PRAGMA busy_timeout = {int(wait_s * 1000)}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA temp_store = FILE")  # a staged file may not fill the memory
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")

        def begin(connection: sa.Connection) -> None:
            writes = connection.get_execution_options().get("writes", False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        sa.event.listen(engine, "connect", set_pragmas)
        sa.event.listen(engine, "begin", begin)
        return engine

    @property
    def write_options(self) -> Mapping[str, Any]:
        """Execution options of a connection that writes: it locks as it begins."""
        return {"writes": True}

    def lock(self, connection: sa.Connection, wait_s: float) -> None:
        """Keep other writers out until the transaction ends: it began by doing so."""

    def explain(self, error: DriverError) -> Exception:
        """Turn an error of the driver into one of ours."""
        cause = getattr(error, "orig", error)
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code == _BUSY:
            return _say_busy(self.name)
        if code == _FULL:
            return _say_full(self.name, cause)
        return ReadError(
            f"{self.name}: expected a store of readings, got {cause}. "
            "Restore it from a backup, or move it away and import the files again."
        )


@dataclass(frozen=True)
class PostgresqlDatabase:
    """A database on a server; it may hold tables of others too."""

    url: sa.URL

    @property
    def name(self) -> str:
        """What messages call it: never with the password."""
        host = self.url.host or "this machine"
        return f"database {self.url.database or self.url.username} at {host}"

    @property
    def exists(self) -> bool:
        """Whether there is anything to ask: only the server can tell."""
        return True

    def open_engine(self, wait_s: float) -> sa.Engine:
        """Return the engine; nothing is opened yet. Each question sees one state of the store."""
        return sa.create_engine(
            self.url,
            isolation_level="REPEATABLE READ",
            pool_pre_ping=True,
            pool_timeout=wait_s,
            hide_parameters=True,
            connect_args={
                name: self.url.query.get(name, usual) for name, usual in _CONNECTION.items()
            },
        )

    @property
    def write_options(self) -> Mapping[str, Any]:
        """Execution options of a connection that writes.

        It sees what the import before it left, also where that ended while it waited.
        """
        return {"isolation_level": "READ COMMITTED"}

    def lock(self, connection: sa.Connection, wait_s: float) -> None:
        """Keep other writers out until the transaction ends, whichever way it ends."""
        wait_ms = max(1, int(wait_s * 1000))
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {wait_ms}")
        # Of a client whose machine went away, the server hears by itself.
        connection.exec_driver_sql("SET LOCAL tcp_keepalives_idle = 60")
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))

    def explain(self, error: DriverError) -> Exception:
        """Turn an error of the driver into one of ours."""
        cause = getattr(error, "orig", error)
        state = getattr(cause, "sqlstate", None) or ""
        reason = " ".join(str(cause).split())[:_MAX_REASON]
        if state == "55P03":  # lock_not_available
            return _say_busy(self.name)
        if state == "53100":  # disk_full
            return _say_full(self.name, reason)
        if state in ("42501", "25006"):  # insufficient_privilege, read_only_sql_transaction
            return StoreUnreachableError(
                f"{self.name}: expected the right to read and write the store of readings, got "
                f"{reason}. Nothing was changed; grant the right (README), or correct "
                "KUMAGEO_DATABASE_URL."
            )
        # No connection: no state. 08 connection, 28 login, 3D database, 53 and 57 server.
        lost = not state and isinstance(cause, psycopg.OperationalError)
        if lost or state[:2] in {"08", "28", "3D", "53", "57"}:
            return StoreUnreachableError(
                f"{self.name}: expected a PostgreSQL server that lets us in, got {reason}. "
                "Start the server, or correct KUMAGEO_DATABASE_URL."
            )
        return ReadError(
            f"{self.name}: expected a store of readings, got {reason}. Restore it from a backup, "
            "or set KUMAGEO_DATABASE_URL to a database of its own."
        )


Database = SqliteFile | PostgresqlDatabase


def find_database(place: Path | sa.URL) -> Database:
    """Return the database that a place means: a file, or the address of a server."""
    return PostgresqlDatabase(place) if isinstance(place, sa.URL) else SqliteFile(place)


def upsert(connection: sa.Connection, table: sa.Table, rows: sa.Select[Any]) -> None:
    """Insert rows, replacing those with the same key.

    Parameters
    ----------
    connection
        In a transaction that writes.
    table
        Where to; its primary key decides what is the same row.
    rows
        Selects one column for each column of the table, in the table's order.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table).from_select(list(table.columns.keys()), rows)
    values = {c.name: insert.excluded[c.name] for c in table.columns if not c.primary_key}
    connection.execute(
        insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=values)
    )


def insert_fast(
    connection: sa.Connection, table: sa.Table, records: Sequence[tuple[Any, ...]]
) -> None:
    """Insert many rows past SQLAlchemy's handling of each value: several times faster.

    Parameters
    ----------
    connection
        In a transaction that writes.
    table
        Where to; its name and columns need no quotation marks.
    records
        A value for each column of the table, in the table's order.
    """
    names = ", ".join(table.columns.keys())
    if connection.dialect.name != "postgresql":
        insert = table.insert().compile(dialect=connection.dialect)
        connection.exec_driver_sql(str(insert), list(records))
        return
    driver: Any = connection.connection.driver_connection
    statement = f"COPY {table.name} ({names}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for record in records:
            copy.write_row(record)


def _say_busy(name: str) -> StoreBusyError:
    return StoreBusyError(f"{name}: another import is running. Nothing was changed; try again.")


def _say_full(name: str, reason: object) -> OSError:
    return OSError(f"{name}: {reason}. Nothing was changed; make room and try again.")
