"""The tables of the readings store: one schema for every database.

What is of one database is in `kumageo.readings.databases`. A time is whole seconds since
1970-01-01T00:00Z, which no database and no driver can move to another zone; a day is a Japanese
day, counted from 1970-01-01.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

SCHEMA_VERSION: Final = "2"
# Without the table of pulls; the next write adds it.
OLDER_SCHEMAS: Final = ("1",)
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
# Names are sorted by their code points, as SQLite does, whatever language the server speaks.
TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

METADATA: Final = sa.MetaData()

STORE_INFO: Final = sa.Table(
    "store_info",
    METADATA,
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("value", TEXT, nullable=False),
)

IMPORTS: Final = sa.Table(
    "imports",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("file_name", TEXT, nullable=False),
    sa.Column("sha256", TEXT, nullable=False),
    sa.Column("source", TEXT, nullable=False),
    sa.Column("layout", TEXT, nullable=False),
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
    sa.Column("well_id", TEXT, primary_key=True),
    sa.Column("time_utc", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("level_m", sa.Double, nullable=False),
    sa.Column("quality", TEXT, nullable=False),
    sa.Column("import_id", sa.ForeignKey(IMPORTS.c.id), nullable=False),
    sqlite_with_rowid=False,
)

# Kept in step with the readings in the same transaction: three million are too many to average
# whenever a page opens.
DAILY: Final = sa.Table(
    "daily_levels",
    METADATA,
    sa.Column("well_id", TEXT, primary_key=True),
    sa.Column("day_jst", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("mean_m", sa.Double, nullable=False),
    sa.Column("min_m", sa.Double, nullable=False),
    sa.Column("max_m", sa.Double, nullable=False),
    sqlite_with_rowid=False,
)

# What became of asking a broker. `outcome` is "ok" or why not; `due_utc` is when it is asked
# again, if it is.
PULLS: Final = sa.Table(
    "pulls",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("title", TEXT, nullable=False),
    sa.Column("time_utc", sa.BigInteger, nullable=False),
    sa.Column("outcome", TEXT, nullable=False),
    sa.Column("n_new", sa.BigInteger, nullable=False),
    sa.Column("due_utc", sa.BigInteger),
)


def day_of(time_utc: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """Return the Japanese day that a time lies in, counted from 1970-01-01."""
    return (time_utc + (JST_OFFSET_S + _SHIFT_DAYS * DAY_S)) // DAY_S - _SHIFT_DAYS
