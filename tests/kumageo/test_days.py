"""Kinds of days by hand, against 国民の祝日に関する法律 and the calendar of 内閣府."""

from __future__ import annotations

import pandas as pd
import pytest

from kumageo.days import DAY_CLASSES, classify_days
from kumageo.errors import ArgumentError


def classify(*days, index=None):
    return classify_days(pd.Series(pd.to_datetime(list(days)), index=index))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-05-25", "weekday"),  # a Monday
        ("2026-05-29", "weekday"),
        ("2026-05-30", "saturday"),
        ("2026-05-31", "holiday"),
        ("2026-07-20", "holiday"),  # 海の日, a Monday
        ("2026-07-19", "holiday"),
        ("2026-07-21", "weekday"),
        ("2026-08-11", "holiday"),  # 山の日, a Tuesday
        ("2026-07-28", "weekday"),  # the day of the earthquake is a Tuesday like any other
        ("2026-05-06", "holiday"),  # 振替休日 of 憲法記念日, after two more holidays
        ("2023-01-02", "holiday"),  # 振替休日 of 元日
        ("2024-08-12", "holiday"),  # 振替休日 of 山の日, the day before お盆
        ("2024-02-12", "holiday"),  # 振替休日 of 建国記念の日
        ("2026-09-22", "holiday"),  # 国民の休日 between 敬老の日 and 秋分の日
        ("2026-09-21", "holiday"),
        ("2026-09-23", "holiday"),
        ("2025-05-03", "holiday"),  # 憲法記念日 on a Saturday
        ("2019-05-01", "holiday"),  # 即位の日, of that year only
        ("2018-05-01", "weekday"),
        ("2026-12-31", "weekday"),
        ("2026-01-02", "weekday"),  # the offices are closed, but it's no public holiday
    ],
)
def test_a_day_by_hand(day, expected):
    assert classify(day).tolist() == [expected]


@pytest.mark.parametrize(
    ("year", "days_of_week"),
    [(2026, "Thu Fri Sat Sun"), (2027, "Fri Sat Sun Mon"), (2023, "Sun Mon Tue Wed")],
)
def test_obon_comes_before_all_else(year, days_of_week):
    days = [f"{year}-08-{day}" for day in range(12, 18)]
    named = pd.to_datetime(pd.Series(days[1:5])).dt.strftime("%a")
    assert " ".join(named) == days_of_week
    classes = classify(*days).tolist()
    assert classes[1:5] == ["obon"] * 4
    assert "obon" not in (classes[0], classes[5])


def test_only_the_middle_of_august_is_obon():
    days = [f"2026-{month:02}-14" for month in range(1, 13)]
    assert [day for day in days if classify(day).tolist() == ["obon"]] == ["2026-08-14"]


def test_the_year_2026_by_hand():
    # 内閣府 lists 18 holidays for 2026, of which 憲法記念日 alone is a Sunday and none a Saturday;
    # one of the 52 Saturdays and one of the 52 Sundays lie in お盆.
    classes = classify(*pd.date_range("2026-01-01", "2026-12-31"))
    n_days = classes.value_counts().to_dict()
    assert n_days == {"holiday": 51 + 17, "saturday": 51, "obon": 4, "weekday": 365 - 123}
    assert set(n_days) == set(DAY_CLASSES)


def test_the_index_and_the_order_stay():
    classes = classify("2026-05-31", "2026-05-25", "2026-05-31", index=["b", "a", "b"])
    assert classes.tolist() == ["holiday", "weekday", "holiday"]
    assert classes.index.tolist() == ["b", "a", "b"]
    assert classes.dtype == "str"


def test_input_is_not_changed():
    days = pd.Series(pd.to_datetime(["2026-05-25", "2026-08-14"]))
    before = days.copy()
    classify_days(days)
    pd.testing.assert_series_equal(days, before)


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_no_days(unit):
    classes = classify_days(pd.Series([], dtype=f"datetime64[{unit}]"))
    assert len(classes) == 0
    assert classes.dtype == "str"


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
