"""The tables of the readings store, and how SQLite is opened for them.

One schema for every database that SQLAlchemy speaks to: only the pragmas and the dialect's
upsert are of one database. A time is whole seconds since 1970-01-01T00:00Z, which no database
and no driver can move to another zone; a day is a Japanese day, counted from 1970-01-01.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from kumageo.errors import ReadError, StoreBusyError

SCHEMA_VERSION: Final = "1"
MEASURED: Final = "measured"
SIMULATED: Final = "simulated"
SIMULATED_SOURCE: Final = "模擬データ"

# How far a reading was checked; the place in the tuple is its code in a query.
IMPORTED: Final = "imported"
HELD: Final = "held"  # 30 m off all earlier levels, published because a person said so
QUALITIES: Final = (IMPORTED, HELD)

DAY_S: Final = 86_400
JST_OFFSET_S: Final = 9 * 3_600
# Databases round the division of a negative number differently: move all times past zero.
_SHIFT_DAYS: Final = 36_525
_BUSY: Final = 5
_FULL: Final = 13
_CACHE_KB: Final = 65_536

METADATA: Final = sa.MetaData()

STORE_INFO: Final = sa.Table(
    "store_info",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

IMPORTS: Final = sa.Table(
    "imports",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("layout", sa.Text, nullable=False),
    sa.Column("received_utc", sa.BigInteger, nullable=False),
    sa.Column("n_read", sa.BigInteger, nullable=False),
    sa.Column("n_new", sa.BigInteger, nullable=False),
    sa.Column("n_changed", sa.BigInteger, nullable=False),
    sa.Column("n_unchanged", sa.BigInteger, nullable=False),
    sa.Column("n_repeated", sa.BigInteger, nullable=False),
    sa.Column("n_held", sa.BigInteger, nullable=False),
)

# Source and time of receipt of a reading are those of its import.
READINGS: Final = sa.Table(
    "readings",
    METADATA,
    sa.Column("well_id", sa.Text, primary_key=True),
    sa.Column("time_utc", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("level_m", sa.Double, nullable=False),
    sa.Column("quality", sa.Text, nullable=False),
    sa.Column("import_id", sa.ForeignKey(IMPORTS.c.id), nullable=False),
    sqlite_with_rowid=False,
)

# Kept in step with the readings in the same transaction: three million are too many to average
# whenever a page opens.
DAILY: Final = sa.Table(
    "daily_levels",
    METADATA,
    sa.Column("well_id", sa.Text, primary_key=True),
    sa.Column("day_jst", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("mean_m", sa.Double, nullable=False),
    sa.Column("min_m", sa.Double, nullable=False),
    sa.Column("max_m", sa.Double, nullable=False),
    sqlite_with_rowid=False,
)


def open_engine(path: Path, wait_s: float) -> sa.Engine:
    """Return the engine for a SQLite file in WAL mode; nothing is opened yet.

    Parameters
    ----------
    path
        The file; a first connection makes it.
    wait_s
        How long a second writer waits for the first, in seconds.
    """
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))

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


def day_of(time_utc: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """Return the Japanese day that a time lies in, counted from 1970-01-01."""
    return (time_utc + (JST_OFFSET_S + _SHIFT_DAYS * DAY_S)) // DAY_S - _SHIFT_DAYS


def explain_failure(path: Path, error: sa.exc.DBAPIError) -> Exception:
    """Turn a driver's error into one of ours."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if code == _BUSY:
        return StoreBusyError(
            f"{path.name}: another import is running. Nothing was changed; try again."
        )
    if code == _FULL:
        return OSError(f"{path.name}: {error.orig}. Nothing was changed; make room and try again.")
    return ReadError(
        f"{path.name}: expected a store of readings, got {error.orig}. "
        "Restore it from a backup, or move it away and import the files again."
    )
