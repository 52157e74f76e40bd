"""Hourly traffic volumes: profiles, weekday means and comparisons, from the readings alone.

A volume is a count of vehicles and says nothing of speed. Means are over whole days only: a
day counts when all of its 24 hours have a reading in both directions.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from kumageo.days import WEEKDAY, classify_days
from kumageo.errors import ArgumentError

HOURS_A_DAY: Final = 24
COUNTS: Final = ("n_up", "n_down", "n_up_large", "n_down_large")
# M7.1, 2026-07-28 16:27 (気象庁): no baseline reaches into this day.
BREAK_DAY: Final = dt.date(2026, 7, 28)


@dataclass(frozen=True)
class Period:
    """Days from `start` up to, not including, `end`; None is open."""

    start: dt.date | None = None
    end: dt.date | None = None

    def __post_init__(self) -> None:
        """Refuse a period that ends before it starts."""
        if self.start and self.end and self.start >= self.end:
            raise ArgumentError(
                f"period: expected a start before the end, got {self.start} and {self.end}. "
                "Exchange the two."
            )

    def covers(self, days: pd.Series) -> pd.Series:
        """Tell which days (naive midnights) lie in the period."""
        mask = pd.Series(data=True, index=days.index)
        if self.start:
            mask &= days >= pd.Timestamp(self.start)
        if self.end:
            mask &= days < pd.Timestamp(self.end)
        return mask

    @property
    def spans_break(self) -> bool:
        """Whether the period holds the day of the earthquake."""
        after_start = self.start is None or self.start <= BREAK_DAY
        return after_start and (self.end is None or self.end > BREAK_DAY)


BASELINE: Final = Period(end=BREAK_DAY)
AFTERMATH: Final = Period(start=BREAK_DAY + dt.timedelta(days=1))
PERIODS: Final = {"before": BASELINE, "after": AFTERMATH}


def select_whole_days(volumes: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Keep the readings of whole days in a period, with day, class and hour.

    Parameters
    ----------
    volumes
        Columns point_code, time (hour start, Asia/Tokyo), n_up, n_down, n_up_large,
        n_down_large (vehicles an hour, NA where there is no reading).
    period
        Which days.

    Returns
    -------
    pandas.DataFrame
        The readings with `day` (naive midnight), `day_class` and `hour` (0 to 23).
    """
    day = volumes["time"].dt.tz_localize(None).dt.normalize()
    readings = volumes.assign(day=day, hour=volumes["time"].dt.hour)
    readings = readings[period.covers(readings["day"])]
    readings = readings.dropna(subset=["n_up", "n_down"])
    n_hours = readings.groupby(["point_code", "day"])["hour"].transform("nunique")
    readings = readings[n_hours == HOURS_A_DAY]
    return readings.assign(day_class=classify_days(readings["day"]))


def profile_hours(volumes: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the mean day of each station and class of day, hour by hour.

    Parameters
    ----------
    volumes, period
        As in `select_whole_days`.

    Returns
    -------
    pandas.DataFrame
        Index point_code, day_class, hour; the means `n_up`, `n_down`, `n_up_large`,
        `n_down_large` (vehicles an hour) and `n_days`, the days they are made from.
    """
    readings = select_whole_days(volumes, period)
    grouped = readings.groupby(["point_code", "day_class", "hour"])
    means = grouped[list(COUNTS)].mean().astype("float64")
    return means.assign(n_days=grouped["day"].nunique())


def count_days(volumes: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the vehicles of each whole day.

    Returns
    -------
    pandas.DataFrame
        Columns point_code, day, day_class, n_up, n_down, n_vehicles (both directions).
    """
    readings = select_whole_days(volumes, period)
    keys = ["point_code", "day", "day_class"]
    days = readings.groupby(keys)[["n_up", "n_down"]].sum().reset_index()
    return days.assign(n_vehicles=days["n_up"] + days["n_down"])


def summarise_stations(
    volumes: pd.DataFrame, stations: pd.Index[str], period: Period = BASELINE
) -> pd.DataFrame:
    """Return the mean weekday of each station.

    Weekdays are Monday to Friday, without public holidays and お盆. K is the share of the
    busiest hour in the day, D the share of the heavier direction in that hour (K and D of
    TRB, Highway Capacity Manual, 6th edition, 2016, here for the mean weekday).

    Parameters
    ----------
    volumes
        As in `select_whole_days`.
    stations
        Codes of all stations; one without a whole weekday has n_days 0 and NA.
    period
        By default all days before the earthquake of 2026-07-28.

    Returns
    -------
    pandas.DataFrame
        Index point_code; `n_days`, `weekday_24h` (vehicles a day), `peak_hour` (its start),
        `peak_volume` (vehicles an hour), `k_pct`, `d_pct`, `d_direction` ("up" or "down"),
        `large_pct` (large vehicles in the day).
    """
    profiles = profile_hours(volumes, period)
    weekday = profiles[profiles.index.get_level_values("day_class") == WEEKDAY]
    hours = weekday.droplevel("day_class").assign(n=lambda rows: rows["n_up"] + rows["n_down"])
    daily = hours.groupby("point_code").sum()
    peak = hours.loc[hours.groupby("point_code")["n"].idxmax()].reset_index("hour")
    heavier = peak[["n_up", "n_down"]].max(axis=1)
    n_large = daily["n_up_large"] + daily["n_down_large"]
    summary = pd.DataFrame(
        {
            "n_days": peak["n_days"],
            "weekday_24h": daily["n"],
            "peak_hour": peak["hour"],
            "peak_volume": peak["n"],
            "k_pct": 100 * peak["n"] / daily["n"],
            "d_pct": 100 * heavier / peak["n"],
            "d_direction": pd.Series(
                np.where(peak["n_up"] >= peak["n_down"], "up", "down"), index=peak.index
            ),
            "large_pct": 100 * n_large / daily["n"],
        }
    ).reindex(stations)
    whole = {"n_days": summary["n_days"].fillna(0).astype("int64")}
    return summary.assign(**whole, peak_hour=summary["peak_hour"].astype("Int64"))


def compare_periods(
    volumes: pd.DataFrame, point_code: str, before: Period, after: Period, day_class: str
) -> pd.DataFrame:
    """Return the mean day of one station in two periods, side by side.

    Parameters
    ----------
    volumes
        As in `select_whole_days`.
    point_code
        The station.
    before, after
        The two periods.
    day_class
        One of `days.DAY_CLASSES`.

    Returns
    -------
    pandas.DataFrame
        Columns `period` ("before" or "after"), `hour`, `n_up`, `n_down` (vehicles an hour)
        and `n_days`; a period without a whole day of this class has no rows.
    """
    of_station = volumes[volumes["point_code"] == point_code]
    parts = []
    for name, period in (("before", before), ("after", after)):
        profile = profile_hours(of_station, period).reset_index()
        chosen = profile[profile["day_class"] == day_class]
        parts.append(chosen[["hour", "n_up", "n_down", "n_days"]].assign(period=name))
    return pd.concat(parts, ignore_index=True)
