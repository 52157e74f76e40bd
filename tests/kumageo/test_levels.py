"""Means by day, month and year with what they cover; how late a well is. All by hand."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

from kumageo.clock import JST
from kumageo.errors import ArgumentError
from kumageo.levels import (
    average_days,
    average_months,
    average_years,
    judge_freshness,
    measure_interval,
)

HOUR, DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)


def readings(levels, start="2026-01-01", freq="h", tz=JST):
    times = pd.date_range(start, periods=len(levels), freq=freq, tz=tz)
    return pd.Series(levels, index=times, dtype="float64")


def daily(days, levels=None, n=1):
    index = pd.DatetimeIndex(days, name="day")
    values = np.ones(len(index)) if levels is None else levels
    return pd.DataFrame({"n": n, "mean_m": values}, index=index)


class TestInterval:
    def test_the_median(self):
        times = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-31"])
        assert measure_interval(times) == DAY

    @pytest.mark.parametrize("n", [0, 1])
    def test_too_few(self, n):
        assert measure_interval(pd.date_range("2026-01-01", periods=n)) is pd.NaT


class TestFreshness:
    NOW = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)

    @pytest.mark.parametrize(
        ("hours", "is_stale"), [(0, False), (2.99, False), (3, False), (3.01, True), (900, True)]
    )
    def test_three_intervals(self, hours, is_stale):
        last = (self.NOW - dt.timedelta(hours=hours)).astimezone(JST)
        freshness = judge_freshness(last, HOUR, self.NOW)
        assert freshness.is_stale is is_stale
        assert freshness.age == pd.Timedelta(hours=hours)
        assert freshness.interval == HOUR

    def test_it_is_the_own_interval_that_counts(self):
        last = self.NOW - dt.timedelta(days=40)
        assert judge_freshness(last, pd.Timedelta(days=30), self.NOW).is_stale is False
        assert judge_freshness(last, DAY, self.NOW).is_stale is True

    def test_one_reading_tells_no_interval(self):
        assert judge_freshness(self.NOW, pd.NaT, self.NOW).is_stale is None


class TestDays:
    def test_hours(self):
        table = average_days(readings([1.0] * 24 + [2, 4, 9]))
        assert [str(day.date()) for day in table.index] == ["2026-01-01", "2026-01-02"]
        assert table["n"].tolist() == [24, 3]
        assert table["mean_m"].tolist() == [1, 5]
        assert table[["min_m", "max_m"]].to_numpy().tolist() == [[1, 1], [2, 9]]
        assert table["coverage"].tolist() == [1, 0.125]

    def test_days_are_japanese_whatever_the_zone(self):
        series = readings([1.0, 2, 3], start="2025-12-31T14:00", tz="UTC")  # 23:00, 0:00, 1:00
        expected = average_days(series)
        assert [str(day.date()) for day in expected.index] == ["2025-12-31", "2026-01-01"]
        assert expected["mean_m"].tolist() == [1, 2.5]
        in_tokyo = series.tz_convert("Asia/Tokyo")
        pd.testing.assert_frame_equal(average_days(in_tokyo), expected)

    def test_a_well_read_twice_a_day_or_every_week(self):
        assert average_days(readings([1.0] * 5, freq="12h"))["coverage"].tolist() == [1, 1, 0.5]
        assert average_days(readings([1.0] * 5, freq="7D"))["coverage"].tolist() == [1] * 5

    def test_one_reading(self):
        table = average_days(readings([1.0]))
        assert table["n"].tolist() == [1]
        assert math.isnan(table["coverage"].iloc[0])

    def test_none(self):
        assert len(average_days(readings([]))) == 0

    def test_the_input_stays(self):
        series = readings([1.0, 2])
        before = series.copy()
        average_days(series)
        pd.testing.assert_series_equal(series, before)

    @pytest.mark.parametrize(
        ("index", "words"),
        [
            (pd.date_range("2026-01-01", periods=2), "expected times with a zone"),
            (pd.date_range("2026-01-01", periods=2, tz=JST)[::-1], "in rising order"),
            (pd.DatetimeIndex(["2026-01-01"] * 2, tz=JST), "each time once"),
            (pd.RangeIndex(2), "expected an index of times, got RangeIndex"),
        ],
    )
    def test_bad_times(self, index, words):
        with pytest.raises(ArgumentError, match=words):
            average_days(pd.Series([1.0, 2.0], index=index))


class TestMonths:
    def test_days_weigh_the_same(self):
        days = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-02-01"]
        frame = daily(days, [1, 3, 2, 7], n=[24, 1, 2, 24])
        table = average_months(frame)
        assert [str(month) for month in table.index] == ["2026-01", "2026-02"]
        assert table.index.name == "month"
        assert table["mean_m"].tolist() == [2, 7]
        assert table["n"].tolist() == [27, 24]
        assert table["n_days"].tolist() == [3, 1]
        assert table["coverage"].tolist() == pytest.approx([3 / 31, 1 / 28])

    def test_a_well_read_every_week(self):
        frame = daily(pd.date_range("2026-01-01", "2026-03-31", freq="7D"))
        # 5, 4 and 4 days where 31 / 7, 4 and 31 / 7 are expected
        assert average_months(frame)["coverage"].tolist() == pytest.approx([1, 1, 28 / 31])

    def test_until_a_day(self):
        frame = daily(pd.date_range("2026-01-01", "2026-02-28"), range(59))
        table = average_months(frame, until_day=10)
        assert table["mean_m"].tolist() == [4.5, 35.5]
        assert table["n_days"].tolist() == [10, 10]
        assert table["coverage"].tolist() == [1, 1]
        assert average_months(frame, until_day=30)["coverage"].tolist() == [1, 1]

    def test_the_interval_is_not_changed_by_leaving_days_out(self):
        frame = daily(["2026-01-01", "2026-01-02", "2026-01-03", "2026-02-01"])
        assert average_months(frame, until_day=1)["coverage"].tolist() == [1, 1]

    def test_one_day(self):
        table = average_months(daily(["2026-01-01"]))
        assert math.isnan(table["coverage"].iloc[0])


class TestYears:
    def test_years_with_eleven_months(self):
        frame = daily(pd.date_range("2023-01-01", "2025-11-30"))
        frame = frame[(frame.index < "2024-02-01") | (frame.index > "2024-03-31")]
        frame["mean_m"] = frame.index.year - 2000.0
        # 2024 lacks February and March, 2025 only December
        assert average_years(average_months(frame)).to_dict() == {2023: 23, 2025: 25}

    def test_a_month_without_half_of_its_days_is_none(self):
        days = pd.date_range("2025-01-01", "2025-12-31")
        for n_february, expected in [(14, {2025: 1}), (13, {2025: 1})]:
            left = [d for d in days if d.month != 2 or d.day <= n_february]
            assert average_years(average_months(daily(left))).to_dict() == expected
        left = [d for d in days if d.month not in (2, 3) or d.day <= 13]
        assert average_years(average_months(daily(left))).to_dict() == {}
