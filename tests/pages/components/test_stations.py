"""The periods that are compared, their sentence, and the two charts, against the readings."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from kumageo.volumes import compare_periods, count_days
from pages.components.charts import draw_days, draw_hours
from pages.components.road_state import CongestionState
from pages.components.stations import _describe, _whole_span, find_usual

EARTHQUAKE = dt.date(2026, 7, 28)
ONE_DAY = dt.timedelta(days=1)


def compare(state, data):
    return compare_periods(data.roads.volumes, state.station, *state.to_periods(), state.chart_day)


def cut(frames, first, last):
    """Keep the readings of some days."""
    volumes = frames["traffic_hourly"]
    day = volumes["time"].dt.date
    return volumes[(day >= first) & (day <= last)]


def list_data(chart):
    """Return all data of a chart, as a browser gets it."""
    return list(chart.to_dict()["datasets"].values())


class TestUsual:
    def test_all_days_cut_at_the_earthquake(self, data):
        assert find_usual(data) == CongestionState(
            "9310130",
            (dt.date(2026, 5, 25), dt.date(2026, 7, 27)),
            (dt.date(2026, 7, 29), dt.date(2026, 8, 18)),
        )

    def test_no_usual_period_holds_the_day_of_the_earthquake(self, data):
        assert not any(period.spans_break for period in find_usual(data).to_periods())

    def test_readings_that_end_before_the_earthquake(self, data_with, road_frames):
        volumes = cut(road_frames, dt.date(2026, 6, 1), dt.date(2026, 6, 30))
        usual = find_usual(data_with(traffic_hourly=volumes))
        assert usual.before == (dt.date(2026, 6, 1), dt.date(2026, 6, 30))
        assert usual.after[0] == usual.after[1] == EARTHQUAKE + ONE_DAY
        usual.to_periods()

    def test_readings_that_begin_after_the_earthquake(self, data_with, road_frames):
        """An import replaces the readings: those of a later month may come alone."""
        volumes = cut(road_frames, dt.date(2026, 8, 3), dt.date(2026, 8, 18))
        usual = find_usual(data_with(traffic_hourly=volumes))
        assert usual.after == (dt.date(2026, 8, 3), dt.date(2026, 8, 18))
        usual.to_periods()


class TestSentence:
    def write(self, data, labels, **changes):
        state = replace(find_usual(data), **changes)
        return _describe(compare(state, data), state, labels)

    @pytest.mark.parametrize("station", ["9310130", "9110030", "9360443"])
    def test_both_means_their_days_and_the_change(self, data, labels, road_figures, station):
        text = self.write(data, labels, station=station)
        earlier = road_figures.mean_hours(station, "weekday", last=EARTHQUAKE - ONE_DAY)
        later = road_figures.mean_hours(station, "weekday", first=EARTHQUAKE + ONE_DAY)
        n, m = (sum(up + down for up, down, *_ in hours) for _, hours in (earlier, later))
        numbers = re.findall(r"1日平均 ([\d,]+) 台（(\d+)日）", text)
        for (mean, n_days), (wanted_days, _), total in zip(
            numbers, (earlier, later), (n, m), strict=True
        ):
            assert int(mean.replace(",", "")) == pytest.approx(total, abs=0.51)
            assert int(n_days) == wanted_days
        (change,) = re.findall(r"変化は ([+-][\d.]+) %", text)
        assert float(change) == pytest.approx(100 * (m / n - 1), abs=0.0501)
        assert "原因は、この数字だけでは分かりません" in text

    def test_the_figures_of_the_issue(self, data, labels):
        assert "前の期間の平日は1日平均 29,796 台（38日）。" in self.write(data, labels)

    def test_a_class_without_days_is_said_and_no_change_reckoned(self, data, labels):
        text = self.write(data, labels, chart_day="obon")
        assert "前の期間に、24時間そろったお盆はありません。" in text
        assert "変化" not in text

    def test_a_period_over_the_earthquake_is_marked(self, data, labels):
        over = (dt.date(2026, 7, 20), dt.date(2026, 8, 3))
        marked = "期間に地震の日（2026年7月28日）が含まれています"
        assert marked in self.write(data, labels, before=over)
        assert marked in self.write(data, labels, after=(EARTHQUAKE, EARTHQUAKE))
        assert marked not in self.write(data, labels)


class TestCharts:
    def test_the_mean_day_has_every_hour_of_both_directions_and_periods(
        self, data, labels, road_figures
    ):
        chart = draw_hours(compare(find_usual(data), data), labels)
        (rows,) = list_data(chart)
        assert len(rows) == 24 * 2 * 2
        _, before = road_figures.mean_hours("9310130", "weekday", last=EARTHQUAKE - ONE_DAY)
        for at, direction in enumerate(("上り", "下り")):
            drawn = {
                row["hour"]: row["vehicles"]
                for row in rows
                if (row["direction"], row["period"]) == (direction, "前の期間")
            }
            assert drawn == pytest.approx({hour: means[at] for hour, means in enumerate(before)})

    def test_every_whole_day_is_a_point_and_the_earthquake_a_line(self, data, labels, road_figures):
        state = find_usual(data)
        volumes = data.roads.volumes[data.roads.volumes["point_code"] == state.station]
        days, marked = list_data(draw_days(count_days(volumes, _whole_span(state)), labels))
        wanted = {
            day.isoformat(): sum(up + down for up, down, *_ in hours)
            for day, hours in road_figures.whole_days["9310130"].items()
        }
        assert {row["day"][:10]: row["n_vehicles"] for row in days} == wanted
        assert {row["day_class"] for row in days} == {"平日", "土曜", "日曜・祝日", "お盆"}
        assert [(row["day"][:10], row["name"]) for row in marked] == [
            ("2026-07-28", "7月28日 地震")
        ]

    def test_nothing_of_a_chart_is_fetched_or_run(self, data, labels):
        state = find_usual(data)
        volumes = data.roads.volumes[data.roads.volumes["point_code"] == state.station]
        charts = [
            draw_hours(compare(state, data), labels),
            draw_days(count_days(volumes, _whole_span(state)), labels),
        ]
        for chart in charts:
            text = chart.to_json().replace(chart.to_dict()["$schema"], "")
            assert "http" not in text
            assert '"url"' not in text

    def test_a_span_without_any_day_makes_an_empty_chart(self, data, labels):
        days = (dt.date(2020, 1, 1), dt.date(2020, 1, 2))
        state = replace(find_usual(data), before=days, after=days)
        chart = draw_days(count_days(data.roads.volumes, _whole_span(state)), labels)
        assert chart.to_dict()["layer"]


def test_the_whole_span_reaches_over_both_periods_whichever_comes_first(data):
    late, early = (dt.date(2026, 8, 3), dt.date(2026, 8, 9)), (dt.date(2026, 6, 1),) * 2
    span = _whole_span(replace(find_usual(data), before=late, after=early))
    assert (span.start, span.end) == (dt.date(2026, 6, 1), dt.date(2026, 8, 10))
