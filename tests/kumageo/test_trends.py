"""Trend and index: by hand, and against pymannkendall and pastas."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest

from kumageo.errors import ArgumentError
from kumageo.levels import average_months
from kumageo.trends import estimate_trend, measure_year_change, standardise_levels


def yearly(values, start=2000):
    return pd.Series(values, index=range(start, start + len(values)), dtype="float64")


@pytest.fixture(scope="module")
def mann_kendall():
    import pymannkendall

    return pymannkendall.original_test


@pytest.fixture(scope="module")
def pastas_sgi():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pastas.stats import sgi
    return sgi


class TestTrend:
    def test_a_straight_line(self):
        trend = estimate_trend(yearly([10 - 0.25 * i for i in range(10)]))
        assert trend.slope_m_per_year == pytest.approx(-0.25)
        assert trend.n_years == 10
        # S = -45, variance 10 * 9 * 25 / 18 = 125, z = 44 / sqrt(125) = 3.9355
        assert trend.p_value == pytest.approx(8.3e-5, rel=0.01)

    def test_one_wrong_year_does_not_turn_it(self):
        values = [10 + 0.1 * i for i in range(15)]
        values[7] = 500
        assert estimate_trend(yearly(values)).slope_m_per_year == pytest.approx(0.1)

    def test_no_trend(self):
        trend = estimate_trend(yearly([5.0] * 12))
        assert (trend.slope_m_per_year, trend.p_value) == (0, 1)

    @pytest.mark.parametrize("seed", range(12))
    @pytest.mark.parametrize("n", [10, 11, 28, 60])
    @pytest.mark.parametrize("decimals", [0, 1, 4])
    def test_against_pymannkendall(self, mann_kendall, seed, n, decimals):
        rng = np.random.default_rng([seed, n])
        values = np.round(rng.normal(0, 1, n) + 0.03 * seed * np.arange(n), decimals)  # ties
        trend, expected = estimate_trend(yearly(values)), mann_kendall(values)
        assert trend.slope_m_per_year == pytest.approx(expected.slope, abs=1e-12)
        assert trend.p_value == pytest.approx(expected.p, abs=1e-12)

    def test_missing_years(self, mann_kendall):
        values = yearly(np.round(np.random.default_rng(3).normal(0, 1, 25), 2))
        left = values.drop([2003, 2004, 2017])
        trend = estimate_trend(left)
        assert trend.n_years == 22
        pairs = [(left[b] - left[a]) / (b - a) for a in left.index for b in left.index if a < b]
        assert trend.slope_m_per_year == pytest.approx(np.median(pairs))
        assert trend.p_value == pytest.approx(mann_kendall(left.to_numpy()).p)
        with_nan = values.mask(~values.index.isin(left.index))
        assert estimate_trend(with_nan) == trend

    @pytest.mark.parametrize("n", [0, 1, 9])
    def test_too_short(self, n):
        assert estimate_trend(yearly(range(n))) is None

    def test_a_year_that_stands_twice(self):
        with pytest.raises(ArgumentError, match="expected each year once"):
            estimate_trend(pd.Series([1.0, 2.0], index=[2000, 2000]))


class TestYearChange:
    @pytest.fixture
    def daily(self):
        days = pd.date_range("2024-01-01", "2025-03-10", name="day")
        levels = np.where(days.year == 2024, 10.0, 12.0) + days.day / 10
        return pd.DataFrame({"n": 1, "mean_m": levels}, index=days)

    def test_a_whole_month(self, daily):
        month = pd.Period("2025-02", "M")
        # 29 days in 2024, 28 in 2025: the mean of d/10 is 1.50 and 1.45
        change = measure_year_change(average_months(daily), month)
        assert change == pytest.approx(1.95)

    def test_a_month_under_way(self, daily):
        to_date = average_months(daily, until_day=10)
        assert measure_year_change(to_date, pd.Period("2025-03", "M")) == pytest.approx(2)

    @pytest.mark.parametrize("month", ["2024-03", "2025-05", "2030-01"])
    def test_a_month_that_is_not_there(self, daily, month):
        assert math.isnan(measure_year_change(average_months(daily), pd.Period(month, "M")))

    def test_a_month_of_few_days(self, daily):
        left = daily[(daily.index < "2024-02-14") | (daily.index > "2024-02-29")]
        assert math.isnan(measure_year_change(average_months(left), pd.Period("2025-02", "M")))
        assert not math.isnan(measure_year_change(average_months(left), pd.Period("2025-01", "M")))


class TestIndex:
    def test_by_hand(self):
        months = pd.period_range("2020-01", periods=36, freq="M")
        levels = pd.Series(np.zeros(36), index=months)
        levels[months.month == 1] = [3.0, 1.0, 2.0]
        sgi = standardise_levels(levels)
        # ranks 3, 1, 2 of 3: the normal scores of 5/6, 1/6 and 1/2
        assert sgi[months.month == 1].tolist() == pytest.approx([0.967422, -0.967422, 0], abs=1e-6)
        assert (sgi[months.month == 2] == 0).all()

    @pytest.mark.parametrize("seed", range(5))
    def test_against_pastas(self, pastas_sgi, seed):
        rng = np.random.default_rng(seed)
        months = pd.period_range("1995-04", periods=317, freq="M")
        season = np.cos(2 * np.pi * months.month / 12)
        levels = pd.Series(20 + season + rng.normal(0, 1, len(months)).cumsum(), index=months)
        levels = levels.drop(months[rng.choice(len(months), 20, replace=False)])
        expected = pastas_sgi(levels.to_timestamp())
        np.testing.assert_allclose(standardise_levels(levels), expected, atol=1e-9)

    def test_missing_means_stay_missing(self):
        months = pd.period_range("2020-01", periods=24, freq="M")
        levels = pd.Series(np.arange(24.0), index=months)
        levels.iloc[0] = np.nan
        sgi = standardise_levels(levels)
        assert math.isnan(sgi.iloc[0])
        assert sgi.iloc[12] == 0
