"""Days against the calendar of 内閣府 and by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from kumageo.days import DAY_CLASSES, classify_days
from kumageo.errors import ArgumentError


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-05-25", "weekday"),
        ("2026-05-30", "saturday"),
        ("2026-05-31", "holiday"),
        ("2026-01-01", "holiday"),
        ("2026-05-04", "holiday"),
        ("2026-05-06", "holiday"),  # 振替休日: 3 May is a Sunday
        ("2026-07-20", "holiday"),  # 海の日
        ("2026-08-11", "holiday"),  # 山の日
        ("2026-09-22", "holiday"),  # 国民の休日 between 敬老の日 and 秋分の日
        ("2025-05-03", "holiday"),  # a public holiday on a Saturday
        ("2021-07-19", "weekday"),  # 海の日 was moved for the Olympics …
        ("2021-07-22", "holiday"),  # … to this Thursday
        ("2026-08-12", "weekday"),
        ("2026-08-13", "obon"),
        ("2026-08-15", "obon"),  # a Saturday
        ("2026-08-16", "obon"),  # a Sunday
        ("2026-08-17", "weekday"),
        ("2026-07-13", "weekday"),
        ("2026-12-31", "weekday"),
    ],
)
def test_days(day, expected):
    assert classify_days(pd.DatetimeIndex([day])).tolist() == [expected]


def test_a_year_by_hand():
    # 内閣府「国民の祝日について」 has 18 for 2026, one of them on a Sunday; of 52 Saturdays and 52
    # Sundays one each is in お盆: 51 + 17 holidays, 51 Saturdays, 365 - 68 - 51 - 4 weekdays.
    days = pd.date_range("2026-01-01", "2026-12-31")
    counts = classify_days(days).value_counts()
    assert counts.to_dict() == {"weekday": 242, "saturday": 51, "holiday": 68, "obon": 4}
    assert set(counts.index) == set(DAY_CLASSES)


def test_the_index_is_kept():
    days = pd.Series(pd.to_datetime(["2026-05-25", "2026-05-31", "2026-05-25"]), index=[7, 7, 3])
    classes = classify_days(days)
    pd.testing.assert_index_equal(classes.index, days.index)
    assert classes.tolist() == ["weekday", "holiday", "weekday"]
    assert str(classes.dtype) == "str"
    index = pd.DatetimeIndex(["2026-05-25"])
    pd.testing.assert_index_equal(classify_days(index).index, index)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_no_days(unit):
    assert classify_days(pd.DatetimeIndex([]).as_unit(unit)).tolist() == []
    assert classify_days(pd.DatetimeIndex(["2026-08-13"]).as_unit(unit)).tolist() == ["obon"]


@pytest.mark.parametrize(
    "days",
    [
        pd.DatetimeIndex(["2026-05-25 00:00:01"]),
        pd.DatetimeIndex(["2026-05-25"], tz="Asia/Tokyo"),
        pd.DatetimeIndex(["2026-05-25", pd.NaT]),
        pd.Series(["2026-05-25"]),
        pd.Series([20260525]),
    ],
)
def test_what_is_no_day(days):
    with pytest.raises(ArgumentError, match="expected naive midnights of Japanese days, got"):
        classify_days(days)
