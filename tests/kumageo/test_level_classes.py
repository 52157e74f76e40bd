"""Percentiles, classes at their edges, position index and band; by hand and by scipy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats.mstats import mquantiles

from kumageo.errors import ArgumentError
from kumageo.level_classes import (
    LEVEL_CLASSES,
    build_normal_band,
    classify_percentile,
    judge_month,
    rank_percentile,
)

JUNE = pd.Period("2026-06", "M")


def junes(*levels, judged, coverage=1.0):
    """Make monthly means: June of the years before 2026, some other months, and June 2026."""
    months = [JUNE - 12 * i for i in range(len(levels), 0, -1)]
    others = [month + 1 for month in months]
    table = pd.DataFrame(
        {
            "n": 30,
            "n_days": 30,
            "mean_m": [*levels, *([999.0] * len(others)), judged],
            "coverage": coverage,
        },
        index=pd.PeriodIndex([*months, *others, JUNE], name="month", freq="M"),
    )
    return table.sort_index()


class TestPercentile:
    def test_weibull(self):
        nineteen = list(range(1, 20))  # 5, 10, … 95
        assert [rank_percentile(level, nineteen) for level in (1, 2, 5, 10, 19)] == [
            *(5, 10, 25, 50, 95)
        ]

    def test_between_and_beyond(self):
        reference = [4, 2, 1, 3]  # 20, 40, 60, 80
        assert rank_percentile(2.5, reference) == 50
        assert rank_percentile(1.25, reference) == 25
        assert rank_percentile(-50, reference) == 20
        assert rank_percentile(50, reference) == 80

    def test_equal_levels_share_the_mean_of_their_positions(self):
        assert rank_percentile(2, [1, 2, 2, 2, 3]) == 50
        assert rank_percentile(7, [7] * 10) == 50
        assert rank_percentile(1, [1, 1, 5]) == 37.5

    @pytest.mark.parametrize("n", [10, 13, 31])
    def test_it_is_the_inverse_of_the_quantile(self, n):
        reference = np.random.default_rng(n).normal(0, 1, n)
        for percent in (10, 25, 33, 50, 75, 90):
            level = float(mquantiles(reference, percent / 100, alphap=0, betap=0)[0])
            assert rank_percentile(level, reference) == pytest.approx(percent)

    @pytest.mark.parametrize("reference", [[], [1, np.nan]])
    def test_no_reference(self, reference):
        with pytest.raises(ArgumentError, match="reference_m: expected levels"):
            rank_percentile(1, reference)


class TestClass:
    @pytest.mark.parametrize(
        ("percentile", "name"),
        [
            (0, "much_below"),
            (9.999, "much_below"),
            (10, "below"),
            (24.999, "below"),
            (25, "normal"),
            (50, "normal"),
            (75, "normal"),
            (75.001, "above"),
            (90, "above"),
            (90.001, "much_above"),
            (100, "much_above"),
        ],
    )
    def test_edges(self, percentile, name):
        assert classify_percentile(percentile) == name

    @pytest.mark.parametrize("percentile", [-0.1, 100.1, float("nan")])
    def test_no_percentile(self, percentile):
        with pytest.raises(ArgumentError, match="percentile: expected 0 to 100"):
            classify_percentile(percentile)


class TestMonth:
    @pytest.mark.parametrize(
        ("level", "name", "percentile"),
        [
            (0, "much_below", 100 / 11),
            (1, "much_below", 100 / 11),
            (1.5, "below", 150 / 11),
            (2.75, "normal", 25),
            (2.74, "below", 274 / 11),
            (5.5, "normal", 50),
            (8.25, "normal", 75),
            (9, "above", 900 / 11),
            (10, "much_above", 1000 / 11),
        ],
    )
    def test_ten_years(self, level, name, percentile):
        standing = judge_month(junes(*range(1, 11), judged=level), JUNE)
        assert (standing.level_class, standing.reason) == (name, None)
        assert standing.percentile == pytest.approx(percentile)
        assert standing.position_index is None
        assert (standing.n_years, standing.mean_m, standing.n_days) == (10, level, 30)

    def test_every_class_can_be_told_from_ten_years(self):
        levels = (0, 2, 5, 9, 11)
        classes = [
            judge_month(junes(*range(1, 11), judged=level), JUNE).level_class for level in levels
        ]
        assert classes == list(LEVEL_CLASSES)

    @pytest.mark.parametrize(
        ("level", "position"), [(1, 0), (9, 1), (3, 0.25), (0, 0), (11, 1), (5, 0.5)]
    )
    def test_nine_years_give_the_position(self, level, position):
        standing = judge_month(junes(*range(1, 10), judged=level), JUNE)
        assert (standing.level_class, standing.reason) == (None, "short_record")
        assert standing.percentile is None
        assert standing.position_index == pytest.approx(position)
        assert standing.n_years == 9

    @pytest.mark.parametrize("levels", [(), (3.0,), (5.0, 5.0)])
    def test_too_short_for_a_position(self, levels):
        standing = judge_month(junes(*levels, judged=5), JUNE)
        assert (standing.reason, standing.position_index) == ("short_record", None)

    def test_months_of_few_days_do_not_count(self):
        table = junes(*range(1, 11), judged=5)
        table.loc[JUNE - 12, "coverage"] = 0.49
        assert judge_month(table, JUNE).n_years == 9
        table.loc[JUNE - 12, "coverage"] = 0.5
        assert judge_month(table, JUNE).n_years == 10

    def test_an_earlier_month_is_judged_by_all_other_years(self):
        table = junes(*range(1, 11), judged=100)
        standing = judge_month(table, JUNE - 12)  # 10, among 1 to 9 and 100
        assert standing.percentile == pytest.approx(100 * (9 + 1 / 91) / 11)

    def test_a_month_without_readings(self):
        with pytest.raises(ArgumentError, match="month: expected one with readings, got 2026-01"):
            judge_month(junes(1, 2, judged=3), pd.Period("2026-01", "M"))


class TestBand:
    def test_by_hand(self):
        band = build_normal_band(junes(*range(1, 20), judged=5000), JUNE)
        assert band.index.tolist() == list(range(1, 13))
        june = band.loc[6]
        assert june["n_years"] == 19
        assert june[["p10", "p25", "p50", "p75", "p90"]].tolist() == [2, 5, 10, 15, 18]
        assert band.loc[1, "n_years"] == 0
        assert band.loc[1].isna().sum() == 5

    def test_the_month_counts_where_it_is_not_left_out(self):
        table = junes(*range(1, 11), judged=5000)
        assert build_normal_band(table).loc[6, "n_years"] == 11
        assert build_normal_band(table, JUNE).loc[6, "n_years"] == 10

    def test_nine_years_give_none(self):
        assert build_normal_band(junes(*range(1, 10), judged=1), JUNE).loc[6].isna().sum() == 5

    def test_band_and_class_agree(self):
        levels = np.random.default_rng(1).normal(0, 1, 17)
        band = build_normal_band(junes(*levels, judged=0), JUNE).loc[6]
        for name, edge in {"p10": 10, "p25": 25, "p75": 75, "p90": 90}.items():
            below = judge_month(junes(*levels, judged=band[name] - 1e-6), JUNE)
            above = judge_month(junes(*levels, judged=band[name] + 1e-6), JUNE)
            assert below.percentile < edge < above.percentile
            assert below.level_class != above.level_class
