"""Series of groundwater levels of one well: intervals, daily, monthly and yearly means."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from kumageo.clock import JST
from kumageo.errors import ArgumentError

# A month counts where half of what the well usually reports is there, a year with 11 months.
MIN_COVERAGE: Final = 0.5
MIN_MONTHS: Final = 11
# A well is late when it missed three reports.
STALE_INTERVALS: Final = 3
DAY: Final = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Freshness:
    """How old the last reading is.

    `interval` is the well's own median interval; NaT, and `is_stale` None, where one reading
    alone tells nothing of it.
    """

    age: pd.Timedelta
    interval: pd.Timedelta
    is_stale: bool | None


def require_times(index: pd.Index) -> pd.DatetimeIndex:
    """Return the index as times.

    Raises
    ------
    ArgumentError
        If it does not hold times, each once and in rising order.
    """
    if not isinstance(index, pd.DatetimeIndex):
        raise ArgumentError(f"levels: expected an index of times, got {type(index).__name__}.")
    if not (index.is_monotonic_increasing and index.is_unique):
        raise ArgumentError("levels: expected each time once and in rising order. Sort them.")
    return index


def measure_interval(times: pd.DatetimeIndex) -> pd.Timedelta:
    """Return the median time between two readings; NaT for fewer than two."""
    return pd.Series(times).diff().median() if len(times) > 1 else pd.NaT  # type: ignore[return-value]


def judge_freshness(last: dt.datetime, interval: pd.Timedelta, now: dt.datetime) -> Freshness:
    """Tell how old the last reading is and whether the well is late.

    Parameters
    ----------
    last, now
        With a zone.
    interval
        The well's own median interval, from `measure_interval`.

    Returns
    -------
    Freshness
        Stale when older than `STALE_INTERVALS` x the interval.
    """
    age = pd.Timestamp(now) - pd.Timestamp(last)
    is_stale = None if pd.isna(interval) else bool(age > STALE_INTERVALS * interval)
    return Freshness(age, interval, is_stale)


def average_days(readings: pd.Series) -> pd.DataFrame:
    """Average readings by Japanese day.

    Parameters
    ----------
    readings
        Levels in m above sea level; the index has a zone and rises.

    Returns
    -------
    pandas.DataFrame
        Index `day` (Japanese days with readings, without zone). Columns `n` (readings),
        `mean_m`, `min_m`, `max_m`, and `coverage`: n over the readings expected of a day by the
        median interval of the series, at most 1; NaN for a single reading.

    Raises
    ------
    ArgumentError
        If the times have no zone or do not rise.
    """
    times = require_times(readings.index)
    if times.tz is None:
        raise ArgumentError("readings: expected times with a zone, got none. Localise them.")
    days = pd.DatetimeIndex(times.tz_convert(JST).tz_localize(None).normalize(), name="day")
    grouped = readings.groupby(days)
    table = pd.DataFrame({"n": grouped.count(), "mean_m": grouped.mean()})
    table["min_m"], table["max_m"] = grouped.min(), grouped.max()
    expected = max(1.0, DAY / measure_interval(times)) if len(times) > 1 else np.nan
    table["coverage"] = (table["n"] / expected).clip(upper=1)
    return table


def average_months(daily: pd.DataFrame, until_day: int = 31) -> pd.DataFrame:
    """Average daily means by month; every day weighs the same, however often it was read.

    Parameters
    ----------
    daily
        Index: days, rising. Columns `n` (readings) and `mean_m` (m above sea level).
    until_day
        Leave out the days of each month after this one: a month that is under way is compared
        with the same days of other years, as levels rise or fall within a month.

    Returns
    -------
    pandas.DataFrame
        Index `month` (periods, those with readings). Columns `n` (readings), `n_days`, `mean_m`,
        and `coverage`: days with readings over those expected in that time by the median
        interval between the well's days, at most 1; NaN for a single day.
    """
    days = require_times(daily.index)
    interval = measure_interval(days)
    daily, days = daily[days.day <= until_day], days[days.day <= until_day]
    grouped = daily.groupby(days.to_period("M").rename("month"))
    means = grouped["mean_m"]
    table = pd.DataFrame({"n": grouped["n"].sum(), "n_days": means.count(), "mean_m": means.mean()})
    lengths = pd.PeriodIndex(table.index).days_in_month.to_numpy()
    expected = np.minimum(lengths, until_day) * (np.nan if pd.isna(interval) else DAY / interval)
    table["coverage"] = (table["n_days"] / expected).clip(upper=1)
    return table


def average_years(monthly: pd.DataFrame) -> pd.Series:
    """Average monthly means by calendar year.

    Parameters
    ----------
    monthly
        From `average_months`.

    Returns
    -------
    pandas.Series
        Mean level in m; index `year` (int): the years with at least `MIN_MONTHS` months that
        have `MIN_COVERAGE`. A year that lacks its wet or dry season would pass for a trend.
    """
    covered = monthly.loc[monthly["coverage"] >= MIN_COVERAGE, "mean_m"]
    years = covered.groupby(pd.PeriodIndex(covered.index).year)
    means = years.mean()[years.count() >= MIN_MONTHS]
    return means.rename_axis("year")
