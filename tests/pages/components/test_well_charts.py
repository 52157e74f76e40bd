"""Charts of levels: the lines, the band and the stamp, as a browser gets them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kumageo.level_classes import build_normal_band
from kumageo.levels import average_months
from pages.components.well_charts import draw_compared, draw_well

STAMP = "模擬データ"


def make_daily(well_id, first, last, level_of):
    days = pd.date_range(first, last)
    levels = [float(level_of(day)) for day in days]
    return pd.DataFrame({"well_id": well_id, "day": days, "n": 1, "mean_m": levels})


@pytest.fixture(scope="module")
def daily():
    """Twelve years of one level each, 2015 at 10.0 m to 2026 at 11.1 m."""
    return make_daily("w001", "2015-01-01", "2026-03-31", lambda day: 10 + 0.1 * (day.year - 2015))


@pytest.fixture(scope="module")
def band(daily):
    return build_normal_band(average_months(daily.set_index("day")), pd.Period("2026-03", "M"))


def read_rows(chart, column):
    """Return the datasets of a chart that have a column, in the order of its layers."""
    written = chart.to_dict()
    # A layer alone has its data outside of it.
    layers = [{**written, **layer} for layer in written["layer"]]
    names = dict.fromkeys(layer["data"]["name"] for layer in layers)
    datasets = [written["datasets"][name] for name in names]
    return [rows for rows in datasets if rows and column in rows[0]]


def list_marks(chart):
    return [layer["mark"] for layer in chart.to_dict()["layer"]]


class TestWell:
    def test_the_last_year_lies_over_the_others_and_the_band(self, daily, band, labels):
        chart = draw_well(daily, band, "", labels)
        kinds = [mark["type"] for mark in list_marks(chart)]
        assert kinds == ["area", "area", "line", "line", "rule"]
        others, last = read_rows(chart, "year")
        years = [{row["year"] for row in rows} for rows in (others, last)]
        assert years == [set(range(2015, 2026)), {2026}]
        assert {row["mean_m"] for row in last} == {11.1}
        assert len(last) == 31 + 28 + 31

    def test_all_years_share_one_axis_and_keep_the_29th_of_february(self, labels, band):
        daily = make_daily("w001", "2023-12-30", "2025-01-02", lambda day: day.day)
        others, last = read_rows(draw_well(daily, band, "", labels), "year")
        dates = [*others, *last]
        assert {row["date"][:4] for row in dates} == {"2000"}
        (leap,) = [row for row in dates if row["day"].startswith("2024-02-29")]
        assert leap["date"].startswith("2000-02-29")

    def test_the_band_is_that_of_the_other_years(self, daily, band, labels):
        (drawn,) = read_rows(draw_well(daily, band, "", labels), "p50")
        assert [row["date"][:10] for row in drawn] == [f"2000-{n:02}-15" for n in range(1, 13)]
        levels = [10 + 0.1 * n for n in range(12)]
        # In March the year that is judged is left out, else all with that month count.
        expected = {1: levels, 3: levels[:-1], 4: levels[:-1]}
        for month, among in expected.items():
            wanted = np.quantile(among, [0.1, 0.5, 0.9], method="weibull")
            made = [drawn[month - 1][name] for name in ("p10", "p50", "p90")]
            assert made == pytest.approx(wanted.tolist())

    def test_too_few_years_have_no_band(self, labels):
        daily = make_daily("w001", "2018-01-01", "2026-03-31", lambda day: day.year)
        band = build_normal_band(average_months(daily.set_index("day")), pd.Period("2026-03", "M"))
        assert read_rows(draw_well(daily, band, "", labels), "p50") == []

    def test_the_earthquake_is_marked_in_its_year_only(self, daily, band, labels):
        assert read_rows(draw_well(daily, band, "", labels), "name") == [
            [{"date": "2000-07-28T00:00:00", "name": "7月28日 地震"}]
        ]
        earlier = daily[daily["day"] < "2026-01-01"]
        chart = draw_well(earlier, band, "", labels)
        assert "rule" not in [mark["type"] for mark in list_marks(chart)]

    def test_levels_are_not_drawn_from_zero(self, daily, band, labels):
        for layer in draw_well(daily, band, "", labels).to_dict()["layer"]:
            if "y" in layer["encoding"]:
                assert layer["encoding"]["y"]["scale"] == {"zero": False}
                assert layer["encoding"]["y"]["title"] == "水位（標高 m）"

    def test_input_is_not_changed(self, daily, band, labels):
        before = daily.copy(deep=True), band.copy(deep=True)
        draw_well(daily, band, STAMP, labels)
        pd.testing.assert_frame_equal(daily, before[0])
        pd.testing.assert_frame_equal(band, before[1])


class TestCompared:
    def test_monthly_means_by_name(self, daily, labels):
        other = make_daily("w002", "2026-01-01", "2026-02-28", lambda day: day.month)
        both = pd.concat([daily, other], ignore_index=True)
        both = both.assign(well_id=pd.Categorical(both["well_id"]))
        chart = draw_compared(both, {"w001": "甲", "w002": "乙"}, "", labels)
        (rows,) = read_rows(chart, "month")
        assert [row["mean_m"] for row in rows if row["name"] == "乙"] == [1, 2]
        assert len([row for row in rows if row["name"] == "甲"]) == 11 * 12 + 3
        # Told apart by colour and by dash.
        encoding = chart.to_dict()["layer"][0]["encoding"]
        assert encoding["color"]["field"] == encoding["strokeDash"]["field"] == "name"


class TestStamp:
    def test_none_on_what_was_measured(self, daily, band, labels):
        charts = (draw_well(daily, band, "", labels), draw_compared(daily, {}, "", labels))
        for chart in charts:
            assert "text" not in [mark["type"] for mark in list_marks(chart)]

    def test_it_is_written_across_every_chart_of_what_is_simulated(self, daily, band, labels):
        names = {"w001": "甲"}
        charts = (draw_well(daily, band, STAMP, labels), draw_compared(daily, names, STAMP, labels))
        for chart in charts:
            assert read_rows(chart, "stamp") == [[{"stamp": STAMP}]]
            *_, mark = list_marks(chart)
            assert mark["type"] == "text"  # the last one, and so on top
            assert mark["fontSize"] >= 40
