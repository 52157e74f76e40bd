"""One write to the store: readings are staged first, looked at as a whole, then published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import sqlalchemy as sa

from kumageo.readings.databases import insert_fast, upsert
from kumageo.readings.tables import DAILY, DAY_S, IMPORTS, JST_OFFSET_S, READINGS, TEXT, day_of

# Told how far a step is: its name, how much is done, how much there is to do.
Progress = Callable[[str, int, int], None]

# A temporary table lives in a file of its own: staging neither fills the memory nor the store.
STAGED: Final = sa.Table(
    "kumageo_staged_readings",
    sa.MetaData(),
    sa.Column("well_id", TEXT, primary_key=True),
    sa.Column("time_utc", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("source_row", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("level_m", sa.Double, nullable=False),
    sa.Column("quality", TEXT, nullable=False),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
)


@dataclass(frozen=True)
class ImportFacts:
    """What the store remembers of one import. `received_utc` is in seconds since 1970."""

    file_name: str
    sha256: str
    source: str
    layout: str
    received_utc: int
    n_read: int
    n_held: int = 0


@dataclass(frozen=True)
class WriteCounts:
    """What publishing did, in readings, and the wells and times (UTC seconds) it touched.

    `n_repeated` are readings that stood more than once, with the same level.
    """

    n_new: int
    n_changed: int
    n_unchanged: int
    n_repeated: int
    n_wells: int
    first_utc: int
    last_utc: int


class Repeat(NamedTuple):
    """A staged row whose well and time stand again, and another row where they stand."""

    source_row: int
    well_id: str
    level_m: float
    other_row: int


class Stage:
    """The one transaction of a write; `ReadingStore.write` gives it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        STAGED.drop(connection, checkfirst=True)
        STAGED.create(connection, checkfirst=False)

    def add(self, rows: pd.DataFrame) -> None:
        """Stage readings.

        Parameters
        ----------
        rows
            Columns `well_id`, `time_utc` (s since 1970), `source_row`, `level_m` (m above sea
            level), `quality`. A well, time and row together may stand once.
        """
        names = list(STAGED.columns.keys())
        records = list(zip(*(rows[name].tolist() for name in names), strict=True))
        if records:
            insert_fast(self._connection, STAGED, records)

    def find_ranges(self) -> dict[str, tuple[float, float]]:
        """Return the lowest and the highest level that the store holds of each well, in m."""
        ranges = sa.select(
            DAILY.c.well_id, sa.func.min(DAILY.c.min_m), sa.func.max(DAILY.c.max_m)
        ).group_by(DAILY.c.well_id)
        return {name: (low, high) for name, low, high in self._connection.execute(ranges)}

    def count_repeats(self) -> tuple[int, int]:
        """Count staged rows whose well and time stand more than once.

        Returns
        -------
        tuple of int
            The rows whose levels differ, all of them; and those with one level, without the
            first of each.
        """
        groups = _group_repeats().subquery()
        differs = groups.c.low != groups.c.high
        counts = (
            sa.func.sum(sa.case((differs, groups.c.n), else_=0)),
            sa.func.sum(sa.case((differs, 0), else_=groups.c.n - 1)),
        )
        n_conflicts, n_repeated = self._connection.execute(sa.select(*counts)).one()
        return int(n_conflicts or 0), int(n_repeated or 0)

    def list_repeats(self, limit: int, *, with_conflict: bool) -> list[Repeat]:
        """List staged rows whose well and time stand more than once.

        Parameters
        ----------
        limit
            At most so many rows.
        with_conflict
            Those whose levels differ, all of them; else those with one level, without the
            first.

        Returns
        -------
        list of Repeat
            In the order of the file.
        """
        groups = _group_repeats().subquery()
        same = (STAGED.c.well_id == groups.c.well_id) & (STAGED.c.time_utc == groups.c.time_utc)
        is_first = STAGED.c.source_row == groups.c.first_row
        other = sa.case((is_first, groups.c.last_row), else_=groups.c.first_row)
        columns = (STAGED.c.source_row, STAGED.c.well_id, STAGED.c.level_m, other)
        listed = sa.select(*columns).join(groups, same)
        if with_conflict:
            listed = listed.where(groups.c.low != groups.c.high)
        else:
            listed = listed.where(groups.c.low == groups.c.high)
            listed = listed.where(~is_first)
        ordered = listed.order_by(STAGED.c.source_row).limit(limit)
        return [Repeat(*row) for row in self._connection.execute(ordered)]

    def discard(self) -> None:
        """Give the write up; the store is as before."""
        transaction = self._connection.get_transaction()
        if transaction is not None:
            transaction.rollback()

    def publish(self, facts: ImportFacts, progress: Progress) -> WriteCounts:
        """Write what is staged; it is seen when the transaction ends.

        Parameters
        ----------
        facts
            What the import is.
        progress
            Told after each well.
        """
        wells = self._connection.execute(
            sa.select(
                STAGED.c.well_id,
                sa.func.count(),
                sa.func.min(STAGED.c.time_utc),
                sa.func.max(STAGED.c.time_utc),
            )
            .group_by(STAGED.c.well_id)
            .order_by(STAGED.c.well_id)
        ).all()
        import_id = self._insert_import(facts)
        totals = np.zeros(4, dtype="int64")
        for done, (well_id, n_staged, first, last) in enumerate(wells, start=1):
            totals += self._publish_well(well_id, n_staged, import_id)
            self._refresh_days(well_id, first, last)
            progress("write", done, len(wells))
        STAGED.drop(self._connection, checkfirst=False)
        n_new, n_changed, n_unchanged, n_repeated = (int(total) for total in totals)
        counts = {
            "n_new": n_new,
            "n_changed": n_changed,
            "n_unchanged": n_unchanged,
            "n_repeated": n_repeated,
        }
        chosen = IMPORTS.update().where(IMPORTS.c.id == import_id)
        self._connection.execute(chosen.values(counts))
        firsts, lasts = [row[2] for row in wells], [row[3] for row in wells]
        return WriteCounts(**counts, n_wells=len(wells), first_utc=min(firsts), last_utc=max(lasts))

    def _insert_import(self, facts: ImportFacts) -> int:
        row = {
            **vars(facts),
            **dict.fromkeys(("n_new", "n_changed", "n_unchanged", "n_repeated"), 0),
        }
        key = self._connection.execute(IMPORTS.insert().values(row)).inserted_primary_key
        if key is None:
            raise RuntimeError("imports: expected the database to give an id, got none.")
        return int(key[0])

    def _publish_well(self, well_id: str, n_staged: int, import_id: int) -> tuple[int, ...]:
        """Write one well; return how many are new, changed, unchanged and repeated."""
        # Repeats have one level here: which of them is taken makes no difference.
        columns = (
            sa.func.min(STAGED.c.level_m).label("level_m"),
            sa.func.min(STAGED.c.quality).label("quality"),
        )
        once = sa.select(STAGED.c.time_utc, *columns).where(STAGED.c.well_id == well_id)
        rows = once.group_by(STAGED.c.time_utc).subquery()
        same = (READINGS.c.well_id == well_id) & (READINGS.c.time_utc == rows.c.time_utc)
        differs = sa.case((READINGS.c.level_m != rows.c.level_m, 1), else_=0)
        found = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(differs), 0))
        n_found, n_changed = self._connection.execute(
            found.select_from(rows.join(READINGS, same))
        ).one()
        n_rows = self._connection.scalar(sa.select(sa.func.count()).select_from(rows)) or 0
        upsert(
            self._connection,
            READINGS,
            sa.select(
                sa.literal(well_id),
                rows.c.time_utc,
                rows.c.level_m,
                rows.c.quality,
                sa.literal(import_id),
            ).where(sa.true()),  # SQLite needs a WHERE between SELECT and ON CONFLICT
        )
        return n_rows - n_found, n_changed, n_found - n_changed, n_staged - n_rows

    def _refresh_days(self, well_id: str, first_utc: int, last_utc: int) -> None:
        day = day_of(READINGS.c.time_utc)
        level = READINGS.c.level_m
        rows = (
            sa.select(
                sa.literal(well_id),
                day,
                sa.func.count(),
                sa.func.avg(level),
                sa.func.min(level),
                sa.func.max(level),
            )
            .where(READINGS.c.well_id == well_id)
            .where(READINGS.c.time_utc >= _start_of_day(first_utc))
            .where(READINGS.c.time_utc < _start_of_day(last_utc) + DAY_S)
            .group_by(day)
        )
        upsert(self._connection, DAILY, rows)


def _start_of_day(time_utc: int) -> int:
    """Return the start of the Japanese day that a time lies in; both in seconds since 1970."""
    return (time_utc + JST_OFFSET_S) // DAY_S * DAY_S - JST_OFFSET_S


def _group_repeats() -> sa.Select[str, int, int, int, int, float, float]:
    return (
        sa.select(
            STAGED.c.well_id,
            STAGED.c.time_utc,
            sa.func.count().label("n"),
            sa.func.min(STAGED.c.source_row).label("first_row"),
            sa.func.max(STAGED.c.source_row).label("last_row"),
            sa.func.min(STAGED.c.level_m).label("low"),
            sa.func.max(STAGED.c.level_m).label("high"),
        )
        .group_by(STAGED.c.well_id, STAGED.c.time_utc)
        .having(sa.func.count() > 1)
    )
