"""Levels of one day, or their change, at the places of the wells of one screen mark."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from kumageo.crs import to_metric
from kumageo.errors import ArgumentError
from kumageo.wells import OUTSIDE, find_places

if TYPE_CHECKING:
    from kumageo.interpolation import Array

TOLERANCE_DAYS: Final = 3
# Screen marks of the wells dataset under the names that addresses and files use.
MARKS: Final = {"shallow": "浅", "deep": "深", "subsidence": "地盤沈下", "unstated": None}


@dataclass(frozen=True, eq=False)
class WellLevels:
    """Levels of one day, one for each place; wells of one place are averaged.

    Attributes
    ----------
    ids : tuple of str
        The first well of each place.
    xy : ndarray of float, shape (n, 2)
        Places in EPSG:6670, in m.
    level_m : ndarray of float, shape (n,)
        Level in m above sea level; with `minus`, the change since then in m.
    n_wells : int
        Wells behind the places, at least as many.
    day : datetime.date
        Day asked for.
    minus : datetime.date or None
        Day that is taken off.
    """

    ids: tuple[str, ...]
    xy: Array
    level_m: Array
    n_wells: int
    day: dt.date
    minus: dt.date | None = None


def select_wells(wells: gpd.GeoDataFrame, mark: str) -> gpd.GeoDataFrame:
    """Return the placed wells of 熊本地域 with a screen mark.

    Parameters
    ----------
    wells
        From `kumageo.wells.locate_wells`; 菊池市, which lies in the area in part, counts.
    mark
        A name of `MARKS`.

    Raises
    ------
    ArgumentError
        If there is no such mark.
    """
    if mark not in MARKS:
        raise ArgumentError(f"mark: expected one of {', '.join(MARKS)}; got {mark[:40]!r}.")
    wanted = MARKS[mark]
    of_mark = wells["screen_mark"].isna() if wanted is None else wells["screen_mark"] == wanted
    is_placed = wells.geometry.notna() & ~wells.geometry.is_empty
    return wells[of_mark & is_placed & wells["area"].notna() & (wells["area"] != OUTSIDE)]


def read_day(daily: pd.DataFrame, day: dt.date, tolerance_days: int = TOLERANCE_DAYS) -> pd.Series:
    """Return the daily mean of each well on the day, or on the nearest one with readings.

    Parameters
    ----------
    daily
        Columns `well_id`, `day` and `mean_m`: `ReadingStore.read_daily_means`.
    day
        A Japanese day.
    tolerance_days
        How far the nearest day may be; of two that are as near, the earlier one counts.

    Returns
    -------
    pandas.Series
        Level in m above sea level by well id; wells without a near day are left out.
    """
    away = (daily["day"] - pd.Timestamp(day)).dt.days
    near = daily.assign(away=away.abs())[away.abs() <= tolerance_days]
    ordered = near.sort_values(["away", "day"], kind="stable")
    first = ordered.drop_duplicates("well_id")
    return pd.Series(first["mean_m"].to_numpy(), index=first["well_id"].astype(str), dtype=float)


def collect_levels(
    wells: gpd.GeoDataFrame, daily: pd.DataFrame, day: dt.date, minus: dt.date | None = None
) -> WellLevels:
    """Collect the levels of a day, or their change since another, at the places of the wells.

    Parameters
    ----------
    wells
        Points with `id`, as from `select_wells`.
    daily
        As in `read_day`.
    day, minus
        Japanese days; with `minus` only wells with a level on both count.

    Returns
    -------
    WellLevels
        Wells within 10 m of each other are one place with their mean (`wells.find_places`).

    Raises
    ------
    CrsError
        If the wells have none.
    """
    levels = read_day(daily, day)
    if minus is not None:
        levels = (levels - read_day(daily, minus)).dropna()
    read = wells[wells["id"].isin(levels.index)]
    xy = to_metric(read, "wells").get_coordinates().to_numpy()
    table = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "level_m": levels.loc[read["id"]]})
    means = table.groupby(find_places(read).to_numpy(), sort=False).mean() if len(read) else table
    return WellLevels(
        ids=tuple(str(place) for place in means.index),
        xy=means[["x", "y"]].to_numpy(dtype=float),
        level_m=means["level_m"].to_numpy(dtype=float),
        n_wells=len(read),
        day=day,
        minus=minus,
    )
