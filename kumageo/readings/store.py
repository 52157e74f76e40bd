"""The store of readings: what pages ask of it. UTC inside, Japanese time outside.

A store that does not exist yet answers like an empty one: no readings is an honest state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa

from kumageo.clock import JST
from kumageo.readings.access import Access
from kumageo.readings.databases import find_database
from kumageo.readings.pulls import Pull, find_last_pull, insert_pull, select_pulls
from kumageo.readings.queries import (
    fetch_daily_means,
    fetch_numbers,
    fetch_series,
    select_latest,
    to_day_number,
    to_days,
    to_japanese_time,
    to_seconds,
)
from kumageo.readings.staging import Stage
from kumageo.readings.tables import (
    DAILY,
    IMPORTS,
    MEASURED,
    QUALITIES,
    SIMULATED,
)
from kumageo.settings import Settings

WAIT_S: Final = 30.0
_TYPES: Final = {sa.Text: "str", sa.Integer: "int64", sa.BigInteger: "int64"}


def open_readings(settings: Settings) -> ReadingStore:
    """Return the store that the settings mean; simulated readings only with KUMAGEO_DEMO=1."""
    return ReadingStore(settings.readings, SIMULATED if settings.is_demo else MEASURED)


@dataclass(frozen=True)
class ReadingStore:
    """Groundwater readings in one SQLite file, or in a PostgreSQL database.

    `place` is the path of the file or the address of the database. `kind` is `MEASURED` or
    `SIMULATED`: a store of the one kind is never read or written as the other. `wait_s` is how
    long a writer waits for another one.
    """

    place: Path | sa.URL
    kind: str = MEASURED
    wait_s: float = WAIT_S

    def describe(self) -> dict[str, Any]:
        """Return how much the store holds.

        Returns
        -------
        dict
            `kind`, `n_wells` and `n_readings`, `n_imports`, and `version`, a text that is
            another one after every change: the key for what a page caches.
        """
        with self._access.read() as connection:
            if connection is None:
                counts: tuple[Any, ...] = (0, 0, 0, 0, 0)
            else:
                wells = sa.func.count(DAILY.c.well_id.distinct())
                held = connection.execute(sa.select(wells, sa.func.sum(DAILY.c.n))).one()
                last = sa.func.max(IMPORTS.c.id)
                imports = connection.execute(sa.select(sa.func.count(), last)).one()
                counts = (*held, *imports, find_last_pull(connection))
        n_wells, n_readings, n_imports, last_import, last_pull = (int(n or 0) for n in counts)
        return {
            "kind": self.kind,
            "n_wells": n_wells,
            "n_readings": n_readings,
            "n_imports": n_imports,
            "version": f"{self.kind}-{last_import}-{n_readings}"
            + (f"-{last_pull}" if last_pull else ""),
        }

    def read_latest(self) -> pd.DataFrame:
        """Return the last reading of each well that has any.

        Returns
        -------
        pandas.DataFrame
            Index `well_id`, sorted. Columns `time` (Japanese time), `level_m` (m above sea
            level), `interval` (median time between its last 100 readings; NaT for one reading),
            `n_readings`, `first` (Japanese time of the first reading), `source`.
        """
        columns = ["well_id", "time", "level_m", "interval", "n_readings", "first", "source"]
        with self._access.read() as connection:
            rows = [] if connection is None else list(select_latest(connection))
        table = pd.DataFrame(rows, columns=columns)
        for name in ("time", "first"):
            table[name] = to_japanese_time(table[name].to_numpy("int64"))
        table["interval"] = pd.to_timedelta(table["interval"].astype("float64"), unit="s")
        types = {"well_id": "str", "level_m": "float64", "n_readings": "int64", "source": "str"}
        return table.astype(types).set_index("well_id").sort_index()

    def read_series(
        self, well_id: str, start: dt.datetime | None = None, end: dt.datetime | None = None
    ) -> pd.DataFrame:
        """Return the readings of one well.

        Parameters
        ----------
        well_id
            Id in the wells dataset.
        start, end
            From `start` to before `end`, both with a zone; None: without that bound.

        Returns
        -------
        pandas.DataFrame
            Index `time` (Japanese time, rising, unique). Columns `level_m` (m above sea level),
            `quality`, `source` and `received` (Japanese time of the import).

        Raises
        ------
        ArgumentError
            If a bound has no zone.
        """
        bounds = [
            None if moment is None else to_seconds(moment, name)
            for moment, name in ((start, "start"), (end, "end"))
        ]
        with self._access.read() as connection:
            numbers = fetch_series(connection, well_id, *bounds)
        imports = self.read_imports().reindex(pd.Index(numbers[:, 3], dtype="int64"))
        table = pd.DataFrame({"level_m": numbers[:, 1]}, index=to_japanese_time(numbers[:, 0]))
        table["quality"] = pd.Categorical.from_codes(
            numbers[:, 2].astype("int64"), pd.Index(QUALITIES)
        )
        table["source"] = pd.Categorical(imports["source"])
        table["received"] = pd.DatetimeIndex(imports["received"])
        return table.rename_axis("time")

    def read_daily(
        self, well_id: str, first: dt.date | None = None, last: dt.date | None = None
    ) -> pd.DataFrame:
        """Return the daily means of one well.

        Parameters
        ----------
        well_id
            Id in the wells dataset.
        first, last
            Japanese days, both included; None: without that bound.

        Returns
        -------
        pandas.DataFrame
            Index `day` (Japanese days, without zone, rising). Columns `n` (readings of that
            day), `mean_m`, `min_m`, `max_m` (m above sea level).
        """
        chosen = [DAILY.c.well_id == well_id]
        if first is not None:
            chosen.append(DAILY.c.day_jst >= to_day_number(first))
        if last is not None:
            chosen.append(DAILY.c.day_jst <= to_day_number(last))
        columns = [column for column in DAILY.columns if column.name != "well_id"]
        with self._access.read() as connection:
            numbers = fetch_numbers(
                connection, sa.select(*columns).where(*chosen).order_by(DAILY.c.day_jst)
            )
        names = [column.name for column in columns[1:]]
        table = pd.DataFrame(numbers[:, 1:], columns=names, index=to_days(numbers[:, 0]))
        return table.astype({"n": "int64"}).rename_axis("day")

    def read_daily_means(self) -> pd.DataFrame:
        """Return the daily means of all wells.

        Returns
        -------
        pandas.DataFrame
            Range index, sorted by well and day. Columns `well_id` (categorical), `day`
            (Japanese day, without zone), `n` (readings of that day), `mean_m` (m above sea
            level).
        """
        with self._access.read() as connection:
            names, codes, numbers = fetch_daily_means(connection)
        return pd.DataFrame(
            {
                "well_id": pd.Categorical.from_codes(codes, pd.Index(names, dtype="str")),
                "day": to_days(numbers[:, 0]),
                "n": numbers[:, 1].astype("int64"),
                "mean_m": numbers[:, 2],
            }
        )

    def read_imports(self) -> pd.DataFrame:
        """Return what was imported.

        Returns
        -------
        pandas.DataFrame
            Index `id`, rising. Columns file_name, sha256, source, layout, `received` (Japanese
            time), n_read, n_new, n_changed, n_unchanged, n_repeated, n_held (readings).
        """
        names = list(IMPORTS.columns.keys())
        with self._access.read() as connection:
            chosen = sa.select(IMPORTS).order_by(IMPORTS.c.id)
            rows = [] if connection is None else [tuple(row) for row in connection.execute(chosen)]
        table = pd.DataFrame(rows, columns=names)
        table = table.astype({column.name: _TYPES[type(column.type)] for column in IMPORTS.columns})
        table = table.set_index("id")
        received = to_japanese_time(table.pop("received_utc").to_numpy("int64"))
        table.insert(4, "received", received)
        return table

    def read_pulls(self) -> pd.DataFrame:
        """Return how the brokers answered last.

        Returns
        -------
        pandas.DataFrame
            Index `name`, sorted. Columns `title`, `time` of the last pull, its `outcome` ("ok" or
            why not), `due` (when the next one is to be; NaT: not by itself) and `last_ok` (NaT:
            never). Japanese time.
        """
        with self._access.read() as connection:
            rows = [] if connection is None else list(select_pulls(connection))
        names = ["name", "title", "time", "outcome", "due", "last_ok"]
        table = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names, "object"))
        for name in ("time", "due", "last_ok"):
            seconds = pd.to_numeric(table[name])
            table[name] = pd.to_datetime(seconds, unit="s", utc=True).dt.tz_convert(JST)
        return table.set_index("name").sort_index()

    def note_pull(self, pull: Pull) -> None:
        """Note what became of asking a broker; raises as `write` does."""
        with self._access.write() as connection:
            insert_pull(connection, pull)

    @contextmanager
    def write(self) -> Iterator[Stage]:
        """Open one transaction for new readings; all of it is there at the end, or nothing.

        Raises
        ------
        StoreBusyError
            If another import does not end within `wait_s`.
        StoreUnreachableError
            If the server of the database does not let us in.
        ReadError
            If the place holds no store of readings, or one of the other kind.
        """
        with self._access.write() as connection:
            yield Stage(connection)

    def close(self) -> None:
        """Close the connections that are kept open for the next question."""
        self._access.close()

    @cached_property
    def _access(self) -> Access:
        return Access(find_database(self.place), self.kind, self.wait_s)
