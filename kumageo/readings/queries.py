"""From rows of the store to arrays, times and days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray

from kumageo.clock import JST
from kumageo.errors import ArgumentError
from kumageo.readings.tables import DAILY, IMPORTS, QUALITIES, READINGS

# Enough to see how often a well reports now, whatever it did in earlier years.
N_FOR_INTERVAL: Final = 100
_EPOCH: Final = dt.date(1970, 1, 1)


def to_seconds(moment: dt.datetime, name: str) -> int:
    """Return a moment in seconds since 1970-01-01T00:00Z, cut to whole seconds.

    Raises
    ------
    ArgumentError
        If it has no zone.
    """
    if moment.tzinfo is None:
        raise ArgumentError(
            f"{name}: expected a time with a zone, got {moment}. Say which zone it is in."
        )
    return int(moment.timestamp())


def select_latest(connection: sa.Connection) -> Iterator[tuple[Any, ...]]:
    """Yield well, time (s), level (m), interval (s), count, first time (s), source."""
    first = sa.select(sa.func.min(READINGS.c.time_utc)).where(READINGS.c.well_id == DAILY.c.well_id)
    per_well = sa.select(DAILY.c.well_id, sa.func.sum(DAILY.c.n), first.scalar_subquery())
    last = (
        sa.select(READINGS.c.time_utc, READINGS.c.level_m, IMPORTS.c.source)
        .join(IMPORTS)
        .where(READINGS.c.well_id == sa.bindparam("well"))
        .order_by(READINGS.c.time_utc.desc())
        .limit(N_FOR_INTERVAL + 1)
    )
    wells = connection.execute(per_well.group_by(DAILY.c.well_id)).all()
    for well_id, n_readings, first_utc in wells:
        rows = connection.execute(last, {"well": well_id}).all()
        steps = -np.diff([row.time_utc for row in rows])
        interval = float(np.median(steps)) if len(steps) else None
        newest = rows[0]
        yield (
            *(well_id, newest.time_utc, newest.level_m, interval),
            *(int(n_readings), first_utc, newest.source),
        )


def fetch_series(
    connection: sa.Connection | None, well_id: str, start_s: int | None, end_s: int | None
) -> NDArray[np.float64]:
    """Return time (s), level (m), place in `QUALITIES` and import of one well's readings."""
    chosen = [READINGS.c.well_id == well_id]
    if start_s is not None:
        chosen.append(READINGS.c.time_utc >= start_s)
    if end_s is not None:
        chosen.append(READINGS.c.time_utc < end_s)
    codes = {quality: code for code, quality in enumerate(QUALITIES)}
    quality = sa.case(codes, value=READINGS.c.quality, else_=-1)
    columns = (READINGS.c.time_utc, READINGS.c.level_m, quality, READINGS.c.import_id)
    query = sa.select(*columns).where(*chosen).order_by(READINGS.c.time_utc)
    return fetch_numbers(connection, query)


def fetch_daily_means(
    connection: sa.Connection | None,
) -> tuple[list[str], NDArray[np.int64], NDArray[np.float64]]:
    """Return the wells, the place of each row's well among them, and day, count and mean (m)."""
    key = (DAILY.c.well_id, DAILY.c.day_jst)
    # Numbers alone are read several times faster than rows with the name in each.
    columns = (DAILY.c.day_jst, DAILY.c.n, DAILY.c.mean_m)
    numbers = fetch_numbers(connection, sa.select(*columns).order_by(*key))
    per_well = sa.select(DAILY.c.well_id, sa.func.count()).group_by(DAILY.c.well_id)
    ordered = per_well.order_by(DAILY.c.well_id)
    counts: list[Any] = [] if connection is None else list(connection.execute(ordered))
    codes = np.repeat(np.arange(len(counts)), [count for _, count in counts])
    return [well_id for well_id, _ in counts], codes, numbers


def fetch_numbers(connection: sa.Connection | None, chosen: sa.Select[Any]) -> NDArray[np.float64]:
    """Return a query's rows as an array: read from the driver's own cursor, for speed."""
    n_columns = len(chosen.selected_columns)
    if connection is None:
        return np.empty((0, n_columns))
    cursor: Any = connection.execute(chosen).cursor
    return np.fromiter(chain.from_iterable(cursor), "float64").reshape(-1, n_columns)


def to_japanese_time(seconds: NDArray[Any]) -> pd.DatetimeIndex:
    """Return seconds since 1970-01-01T00:00Z as Japanese time."""
    moments = seconds.astype("int64").astype("datetime64[s]")
    return pd.DatetimeIndex(moments, tz="UTC").tz_convert(JST)


def to_days(days: NDArray[np.float64]) -> pd.DatetimeIndex:
    """Return days since 1970-01-01 as days, which have no zone."""
    return pd.DatetimeIndex(days.astype("int64").astype("datetime64[D]").astype("datetime64[s]"))


def to_day_number(day: dt.date) -> int:
    """Return a day as days since 1970-01-01."""
    return (day - _EPOCH).days
