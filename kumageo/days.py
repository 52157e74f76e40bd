"""What kind of day it is for traffic: weekday, Saturday, holiday or お盆."""

from __future__ import annotations

from typing import Final

import jpholiday
import pandas as pd

from kumageo.errors import ArgumentError

WEEKDAY: Final = "weekday"
SATURDAY: Final = "saturday"
HOLIDAY: Final = "holiday"
OBON: Final = "obon"
DAY_CLASSES: Final = (WEEKDAY, SATURDAY, HOLIDAY, OBON)

_OBON_MONTH: Final = 8
_OBON_DAYS: Final = (13, 14, 15, 16)
_SATURDAY_NUMBER: Final = 5
_SUNDAY_NUMBER: Final = 6


def classify_days(days: pd.DatetimeIndex | pd.Series) -> pd.Series:
    """Tell the class of each Japanese civil day.

    "obon" is 13 to 16 August, whichever day of the week; of the others, "holiday" is a Sunday or
    a public holiday (国民の祝日に関する法律, 1948, with its substitute and bridging days),
    "saturday" any other Saturday, "weekday" any other day.

    Parameters
    ----------
    days
        Naive midnights.

    Returns
    -------
    pandas.Series
        Text among `DAY_CLASSES`; the index of a series, or the days themselves of an index.

    Raises
    ------
    ArgumentError
        If a day is missing, has a zone, or is no midnight.
    """
    values = days if isinstance(days, pd.Series) else pd.Series(days, index=days)
    _check_days(values)
    distinct = pd.DatetimeIndex(values.unique())
    classes = [_classify_day(day) for day in distinct]
    return values.map(pd.Series(classes, index=distinct, dtype="str")).astype("str")


def _classify_day(day: pd.Timestamp) -> str:
    if day.month == _OBON_MONTH and day.day in _OBON_DAYS:
        return OBON
    if day.weekday() == _SUNDAY_NUMBER or jpholiday.is_holiday(day.date()):
        return HOLIDAY
    return SATURDAY if day.weekday() == _SATURDAY_NUMBER else WEEKDAY


def _check_days(days: pd.Series) -> None:
    is_naive = pd.api.types.is_datetime64_dtype(days.dtype)
    if is_naive and days.notna().all() and (days == days.dt.normalize()).all():
        return
    raise ArgumentError(
        f"days: expected naive midnights of Japanese days, got {days.dtype} with times of day or "
        "blanks. Convert to Japanese time, then take tz_localize(None) and normalize()."
    )
