"""Kinds of days in road traffic: weekday, Saturday, Sunday or holiday, お盆.

Public holidays by 国民の祝日に関する法律 (1948), as the package jpholiday knows them. お盆
(13 to 16 August) is no public holiday, but traffic is not that of a weekday.
"""

from __future__ import annotations

from typing import Final

import jpholiday
import numpy as np
import pandas as pd

WEEKDAY: Final = "weekday"
SATURDAY: Final = "saturday"
HOLIDAY: Final = "holiday"
OBON: Final = "obon"
DAY_CLASSES: Final = (WEEKDAY, SATURDAY, HOLIDAY, OBON)

_SATURDAY_NUMBER: Final = 5
_OBON_MONTH: Final = 8
_OBON_DAYS: Final = (13, 16)


def classify_days(days: pd.Series) -> pd.Series:
    """Return the class of each day.

    Parameters
    ----------
    days
        Naive midnights (datetime64) of Japanese civil days.

    Returns
    -------
    pandas.Series
        One of `DAY_CLASSES`, with the index of `days`. お盆 comes first, then Sundays and
        public holidays, then Saturdays.
    """
    known = {day: jpholiday.is_holiday(day.date()) for day in days.drop_duplicates()}
    is_holiday = days.map(known).astype(bool) | (days.dt.day_of_week > _SATURDAY_NUMBER)
    is_obon = (days.dt.month == _OBON_MONTH) & days.dt.day.between(*_OBON_DAYS)
    is_saturday = days.dt.day_of_week == _SATURDAY_NUMBER
    classes = np.select([is_obon, is_holiday, is_saturday], [OBON, HOLIDAY, SATURDAY], WEEKDAY)
    return pd.Series(classes, index=days.index, dtype="str")
