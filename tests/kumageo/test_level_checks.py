"""Gaps, jumps, flat lines and days out of range, each in a series made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kumageo.clock import JST
from kumageo.errors import ArgumentError
from kumageo.level_checks import (
    check_levels,
    find_days_outside,
    find_flat_lines,
    find_gaps,
    find_jumps,
)

CHECKS = [find_gaps, find_jumps, find_flat_lines, find_days_outside]


def hours(levels, start="2026-01-01"):
    return pd.Series(levels, index=pd.date_range(start, periods=len(levels), freq="h", tz=JST))


def days(levels, start="2025-01-01"):
    return pd.Series(levels, index=pd.date_range(start, periods=len(levels)), dtype="float64")


def wave(n):
    """Move up and down by a centimetre, never flat."""
    return 10 + 0.01 * (np.arange(n) % 2)


def found(table):
    return [(str(row.start)[:16], str(row.end)[:16], row.detail) for row in table.itertuples()]


class TestGaps:
    def test_hourly_gaps_count_from_two_days_on(self):
        series = hours(wave(240))
        two_days = series.drop(series.index[100:147])
        assert found(find_gaps(two_days)) == []
        longer = series.drop(series.index[100:148])
        assert found(find_gaps(longer)) == [
            ("2026-01-05 03:00", "2026-01-07 04:00", pytest.approx(49 / 24))
        ]
        assert find_gaps(longer)[["check", "unit"]].to_numpy().tolist() == [["gap", "day"]]

    def test_weekly_gaps_count_over_three_weeks(self):
        series = pd.Series(1.0, index=pd.date_range("2025-01-01", periods=20, freq="7D"))
        assert found(find_gaps(series.drop(series.index[[5, 6]]))) == []
        assert found(find_gaps(series.drop(series.index[[5, 6, 7]]))) == [
            ("2025-01-29 00:00", "2025-02-26 00:00", 28)
        ]

    def test_a_missing_value_is_a_gap_too(self):
        series = days(wave(30))
        series.iloc[10:15] = np.nan
        assert found(find_gaps(series)) == [("2025-01-10 00:00", "2025-01-16 00:00", 6)]


class TestJumps:
    def test_up_and_down(self):
        levels = wave(200)
        levels[100:] += 1
        levels[150:] -= 2
        table = find_jumps(hours(levels))
        assert found(table) == [
            ("2026-01-05 03:00", "2026-01-05 04:00", pytest.approx(0.99)),
            ("2026-01-07 05:00", "2026-01-07 06:00", pytest.approx(-2.01)),
        ]
        assert set(table["unit"]) == {"m"}

    def test_half_a_metre_is_none(self):
        levels = np.full(100, 10.0)
        levels[50:] = 10.5
        assert found(find_jumps(hours(levels))) == []
        levels[50:] = 10.51
        assert len(find_jumps(hours(levels))) == 1

    def test_a_restless_well_needs_more(self):
        levels = 10 + 0.1 * (np.arange(100) % 2)  # steps of 0.1 m: 20 x 1.4826 x 0.1 = 2.97 m
        levels[50:] += 2.8
        assert found(find_jumps(hours(levels))) == []
        levels[50:] += 0.3
        assert len(find_jumps(hours(levels))) == 1

    def test_a_change_over_a_gap_is_none(self):
        levels = wave(300)
        levels[200:] += 5
        series = hours(levels)
        assert found(find_jumps(series.drop(series.index[150:200]))) == []


class TestFlatLines:
    def test_hourly_from_72_hours_on(self):
        levels = wave(300)
        levels[100:172] = 9.0  # 72 values, 71 hours
        assert found(find_flat_lines(hours(levels))) == []
        levels[172] = 9.0
        table = find_flat_lines(hours(levels))
        assert found(table) == [("2026-01-05 04:00", "2026-01-08 04:00", 3)]
        assert set(table["unit"]) == {"day"}

    def test_daily_from_seven_values_on(self):
        levels = wave(40)
        levels[10:16] = 9.0
        assert found(find_flat_lines(days(levels))) == []
        levels[16] = 9.0
        assert found(find_flat_lines(days(levels))) == [("2025-01-11 00:00", "2025-01-17 00:00", 6)]

    def test_a_gap_ends_it(self):
        series = days([9.0] * 6 + [8.0] * 3 + [9.0] * 6)
        assert found(find_flat_lines(series.drop(series.index[6:9]))) == []

    def test_at_both_ends(self):
        levels = wave(30)
        levels[:7], levels[-7:] = 1, 2
        assert len(find_flat_lines(days(levels))) == 2

    def test_from_end_to_end(self):
        assert found(find_flat_lines(days([1.0] * 10))) == [
            ("2025-01-01 00:00", "2025-01-10 00:00", 9)
        ]


class TestDaysOutside:
    def test_the_first_year_is_not_judged(self):
        assert found(find_days_outside(days(np.arange(365.0)))) == []
        assert found(find_days_outside(days(np.arange(366.0)))) == [
            ("2026-01-01 00:00", "2026-01-01 00:00", 1)
        ]

    def test_an_excursion_is_one_finding(self):
        levels = wave(400)
        levels[370:375] = [10.5, 11.2, 10.9, 11.3, 10.2]
        levels[380] = 11.25  # inside what has been by now
        levels[385:387] = [9.5, 9.9]
        assert found(find_days_outside(days(levels))) == [
            ("2026-01-06 00:00", "2026-01-10 00:00", pytest.approx(1.29)),
            ("2026-01-21 00:00", "2026-01-22 00:00", pytest.approx(-0.5)),
        ]

    def test_from_one_end_to_the_other(self):
        levels = wave(400)
        levels[370:372] = [11, 9]
        assert [row[2] for row in found(find_days_outside(days(levels)))] == pytest.approx(
            [0.99, -1]
        )

    def test_the_end_of_the_series(self):
        levels = wave(400)
        levels[398:] = [12, 13]
        assert found(find_days_outside(days(levels))) == [
            ("2026-02-03 00:00", "2026-02-04 00:00", pytest.approx(2.99))
        ]

    def test_a_later_excursion_must_go_further(self):
        levels = wave(800)
        levels[400], levels[500], levels[600] = 12, 11.9, 12.5
        assert [row[2] for row in found(find_days_outside(days(levels)))] == pytest.approx(
            [1.99, 0.5]
        )


class TestAll:
    def test_one_table(self):
        levels = wave(400)
        levels[50:60], levels[200:], levels[390] = 10.0, wave(200) + 1, 20
        series = days(levels).drop(pd.date_range("2025-04-01", "2025-04-10"))
        table = check_levels(series, series)
        names = ["flat_line", "gap", "jump", "jump", "jump", "outside_range"]
        assert table["check"].tolist() == names
        assert table.columns.tolist() == ["check", "start", "end", "detail", "unit"]

    def test_readings_and_days_in_one_table(self):
        series = hours(wave(24 * 400), start="2025-01-01")
        series.iloc[-30:] = 12
        table = check_levels(series, series.groupby(series.index.date).mean().pipe(_to_days))
        assert table["check"].tolist() == ["outside_range", "jump"]

    @pytest.mark.parametrize("check", CHECKS)
    @pytest.mark.parametrize("n", [0, 1, 2])
    def test_almost_nothing(self, check, n):
        assert found(check(days([1.0, 2.0][:n]))) == []
        assert found(check(days([np.nan] * n))) == []

    @pytest.mark.parametrize("check", CHECKS)
    def test_times_out_of_order(self, check):
        with pytest.raises(ArgumentError, match="in rising order"):
            check(days([1.0, 2.0])[::-1])

    @pytest.mark.parametrize("check", CHECKS)
    def test_a_quiet_well(self, check):
        assert found(check(days(wave(1000)))) == []


def _to_days(series):
    return series.set_axis(pd.DatetimeIndex(series.index))
