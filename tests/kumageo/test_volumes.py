"""Means of hourly volumes, against the raw file read by the csv module and by hand."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections import defaultdict

import pandas as pd
import pytest

from kumageo import volumes as module
from kumageo.errors import ArgumentError
from kumageo.volumes import (
    AFTERMATH,
    BASELINE,
    BREAK_DAY,
    COUNTS,
    Period,
    compare_periods,
    count_days,
    profile_hours,
    select_whole_days,
    summarise_stations,
)

HOLIDAYS = {dt.date(2026, 7, 20), dt.date(2026, 8, 11)}  # 海の日, 山の日: all from May to August
OBON = {dt.date(2026, 8, day) for day in (13, 14, 15, 16)}
EARTHQUAKE = dt.date(2026, 7, 28)
COLUMNS = ("traffic_up", "traffic_down", "traffic_up_large", "traffic_down_large")


def day_class(day):
    if day in OBON:
        return "obon"
    if day in HOLIDAYS or day.weekday() == 6:
        return "holiday"
    return "saturday" if day.weekday() == 5 else "weekday"


@pytest.fixture(scope="module")
def whole_days(committed):
    """Read the raw file by other means: {station: {day: {hour: four counts}}}, whole days only."""
    days = defaultdict(lambda: defaultdict(dict))
    with gzip.open(committed / "raw" / "traffic_hourly.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            time = dt.datetime.strptime(row["datetime"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
            counts = [row[name] for name in COLUMNS]
            if all(counts):
                days[row["point_code"]][time.date()][time.hour] = list(map(float, counts))
    return {
        code: {day: hours for day, hours in of_code.items() if len(hours) == 24}
        for code, of_code in days.items()
    }


def mean_day(days):
    """Return 24 rows of four means."""
    sums = [[sum(hours[hour][place] for hours in days) for place in range(4)] for hour in range(24)]
    return [[total / len(days) for total in row] for row in sums]


def choose(whole_days, code, wanted, *, before=None, after=None):
    return [
        hours
        for day, hours in whole_days[code].items()
        if day_class(day) == wanted
        and (before is None or day < before)
        and (after is None or day > after)
    ]


@pytest.fixture(scope="module")
def summary(roads):
    codes = pd.Index(roads["traffic_stations"]["point_code"])
    return summarise_stations(roads["traffic_hourly"], codes)


class TestRealStations:
    def test_the_station_on_the_corridor(self, summary):
        # The published figure: 29,796 vehicles a weekday, from 38 days.
        row = summary.loc["9310130"]
        assert (round(row["weekday_24h"]), row["n_days"]) == (29_796, 38)

    def test_all_thirteen(self, summary, whole_days):
        assert len(summary) == 13
        assert set(summary.index) == set(whole_days)
        for code, row in summary.iterrows():
            days = choose(whole_days, code, "weekday", before=EARTHQUAKE)
            mean = mean_day(days)
            both = [up + down for up, down, *_ in mean]
            daily, peak = sum(both), max(both)
            hour = both.index(peak)
            up, down, *_ = mean[hour]
            large = sum(up_large + down_large for *_, up_large, down_large in mean)
            assert row["n_days"] == len(days) > 0
            assert row["weekday_24h"] == pytest.approx(daily)
            assert (row["peak_hour"], row["peak_volume"]) == (hour, pytest.approx(peak))
            assert row["k_pct"] == pytest.approx(100 * peak / daily)
            assert row["d_pct"] == pytest.approx(100 * max(up, down) / peak)
            assert row["d_direction"] == ("up" if up >= down else "down")
            assert row["large_pct"] == pytest.approx(100 * large / daily)
            # By definition: no hour has less than 1/24 of the day, no larger direction under half.
            assert 100 / 24 < row["k_pct"] < 100
            assert 50 <= row["d_pct"] <= 100

    def test_days_of_each_station(self, summary):
        # 44 weekdays from 05-26 to 07-27, less 05-26 to 05-29, 06-01 and 06-08, which have gaps.
        # Two stations were counted for a part of the time only.
        fewer = {"9310183": 13, "9110030": 17, "9360430": 37}
        assert summary.loc[list(fewer), "n_days"].to_dict() == fewer
        assert summary["n_days"].drop(list(fewer)).unique().tolist() == [38]

    @pytest.mark.parametrize("wanted", ["weekday", "saturday", "holiday", "obon"])
    @pytest.mark.parametrize(
        ("period", "limits"),
        [(BASELINE, {"before": EARTHQUAKE}), (AFTERMATH, {"after": EARTHQUAKE})],
        ids=["before", "after"],
    )
    def test_profiles(self, roads, whole_days, wanted, period, limits):
        profiles = profile_hours(roads["traffic_hourly"], period)
        found = profiles.index.droplevel("hour").unique()
        for code in whole_days:
            days = choose(whole_days, code, wanted, **limits)
            assert ((code, wanted) in found) == bool(days)
            if days:
                profile = profiles.loc[(code, wanted)]
                assert profile.index.tolist() == list(range(24))
                assert profile["n_days"].unique().tolist() == [len(days)]
                for made, expected in zip(
                    profile[list(COUNTS)].to_numpy(), mean_day(days), strict=True
                ):
                    assert made == pytest.approx(expected)

    def test_the_day_of_the_earthquake_is_in_neither_period(self, roads, whole_days):
        volumes = roads["traffic_hourly"]
        assert any(EARTHQUAKE in days for days in whole_days.values())
        days = [set(count_days(volumes, period)["day"].dt.date) for period in (BASELINE, AFTERMATH)]
        before, after = days
        assert max(before) == dt.date(2026, 7, 27)
        assert min(after) == dt.date(2026, 7, 29)
        assert EARTHQUAKE not in before | after
        assert EARTHQUAKE in set(count_days(volumes, Period())["day"].dt.date)

    def test_every_whole_day(self, roads, whole_days):
        days = count_days(roads["traffic_hourly"], Period())
        made = {
            (row["point_code"], row["day"].date()): (row["day_class"], row["n_up"], row["n_down"])
            for row in days.to_dict("records")
        }
        expected = {
            (code, day): (
                day_class(day),
                sum(row[0] for row in hours.values()),
                sum(row[1] for row in hours.values()),
            )
            for code, of_code in whole_days.items()
            for day, hours in of_code.items()
        }
        assert made == expected
        assert len(days) == len(expected)
        assert (days["n_vehicles"] == days["n_up"] + days["n_down"]).all()

    def test_readings_without_a_count(self, roads):
        volumes = roads["traffic_hourly"]
        blank = volumes[volumes["n_up"].isna()]
        assert len(blank) == 420  # as the publisher has them
        used = select_whole_days(volumes, Period())
        key = ["point_code", "day"]
        days_used = set(map(tuple, used[key].to_numpy()))
        blank_days = blank.assign(day=blank["time"].dt.tz_localize(None).dt.normalize())
        assert days_used.isdisjoint(map(tuple, blank_days[key].to_numpy()))
        assert used["n_up"].notna().all()


def make(day, up, down, *, large=0, code="A", hours=range(24)):
    """Make the readings of one day; counts are numbers, or functions of the hour."""

    def count(what, hour):
        return what(hour) if callable(what) else what

    times = [f"{day} {hour:02}:00" for hour in hours]
    table = pd.DataFrame(
        {
            "point_code": code,
            "time": pd.to_datetime(times).tz_localize("Asia/Tokyo"),
            "n_up": [count(up, hour) for hour in hours],
            "n_down": [count(down, hour) for hour in hours],
            "n_up_large": [count(large, hour) for hour in hours],
            "n_down_large": 0,
        }
    )
    return table.astype(dict.fromkeys(COUNTS, "Int32"))


def put(*parts):
    return pd.concat(parts, ignore_index=True)


class TestByHand:
    def test_two_weekdays(self):
        # 2026-05-25 is a Monday. 8 o'clock: 30 and 70 up, 10 and 30 down; else 10 and 20, 0 and 0.
        volumes = put(
            make("2026-05-25", lambda h: 30 if h == 8 else 10, lambda h: 10 if h == 8 else 0),
            make(
                "2026-05-26",
                lambda h: 70 if h == 8 else 20,
                lambda h: 30 if h == 8 else 0,
                large=lambda h: 48 if h == 3 else 2,
            ),
        )
        (row,) = summarise_stations(volumes, pd.Index(["A"])).to_dict("records")
        daily = (50 + 20) + 23 * 15  # a mean of 15 in each of the other 23 hours
        assert row["n_days"] == 2
        assert row["weekday_24h"] == pytest.approx(daily)
        assert (row["peak_hour"], row["peak_volume"]) == (8, pytest.approx(70))
        assert row["k_pct"] == pytest.approx(100 * 70 / daily)
        assert (row["d_pct"], row["d_direction"]) == (pytest.approx(100 * 50 / 70), "up")
        assert row["large_pct"] == pytest.approx(100 * (48 + 23 * 2) / 2 / daily)

    def test_the_heavier_direction_may_be_down(self):
        volumes = make("2026-05-25", 10, lambda h: 40 if h == 17 else 5)
        row = summarise_stations(volumes, pd.Index(["A"])).loc["A"]
        assert (row["peak_hour"], row["d_direction"], row["d_pct"]) == (17, "down", 80.0)

    def test_equal_directions_are_half_and_equal_hours_the_first(self):
        row = summarise_stations(make("2026-05-25", 10, 10), pd.Index(["A"])).loc["A"]
        assert (row["peak_hour"], row["d_direction"], row["d_pct"]) == (0, "up", 50.0)
        assert row["k_pct"] == pytest.approx(100 / 24)

    def test_only_weekdays_count(self):
        days = {
            "2026-05-25": 1,  # Monday
            "2026-05-30": 100,  # Saturday
            "2026-05-31": 100,  # Sunday
            "2026-07-20": 100,  # 海の日
            "2025-08-14": 100,  # お盆, a Thursday
            "2026-07-28": 100,  # the earthquake
            "2026-07-29": 100,
        }
        volumes = put(*(make(day, n, 0) for day, n in days.items()))
        row = summarise_stations(volumes, pd.Index(["A"])).loc["A"]
        assert (row["n_days"], row["weekday_24h"]) == (1, 24.0)
        after = summarise_stations(volumes, pd.Index(["A"]), AFTERMATH).loc["A"]
        assert (after["n_days"], after["weekday_24h"]) == (1, 2400.0)

    @pytest.mark.parametrize("missing", [0, 12, 23])
    def test_a_day_of_23_readings_does_not_count(self, missing):
        hours = [hour for hour in range(24) if hour != missing]
        volumes = put(make("2026-05-25", 1, 1), make("2026-05-26", 100, 100, hours=hours))
        row = summarise_stations(volumes, pd.Index(["A"])).loc["A"]
        assert (row["n_days"], row["weekday_24h"]) == (1, 48.0)

    @pytest.mark.parametrize("column", ["n_up", "n_down"])
    def test_a_day_with_a_reading_that_is_none_does_not_count(self, column):
        gap = make("2026-05-26", 100, 100)
        gap.loc[5, column] = pd.NA
        row = summarise_stations(put(make("2026-05-25", 1, 1), gap), pd.Index(["A"])).loc["A"]
        assert (row["n_days"], row["weekday_24h"]) == (1, 48.0)

    def test_a_day_is_the_civil_day_of_japan(self):
        # From 15:00 to 15:00 UTC; in UTC the same readings would be parts of two days.
        volumes = make("2026-05-25", 1, 1)
        assert volumes["time"].dt.tz_convert("UTC").dt.date.nunique() == 2
        (row,) = count_days(volumes, Period()).to_dict("records")
        assert (row["day"], row["n_vehicles"]) == (pd.Timestamp("2026-05-25"), 48)

    def test_stations_are_kept_apart(self):
        volumes = put(make("2026-05-25", 1, 0), make("2026-05-25", 5, 0, code="B"))
        summary = summarise_stations(volumes, pd.Index(["B", "C", "A"], name="point_code"))
        assert summary.index.tolist() == ["B", "C", "A"]
        assert summary["weekday_24h"].tolist()[::2] == [120.0, 24.0]
        assert summary["n_days"].tolist() == [1, 0, 1]
        gone = summary.loc["C"].drop("n_days")
        assert gone.isna().all()

    def test_a_station_that_counted_nothing(self):
        row = summarise_stations(make("2026-05-25", 0, 0), pd.Index(["A"])).loc["A"]
        assert (row["n_days"], row["weekday_24h"]) == (1, 0.0)
        assert pd.isna(row["k_pct"])
        assert pd.isna(row["d_pct"])
        assert pd.isna(row["large_pct"])

    @pytest.mark.parametrize("n_rows", [0, 5])
    def test_no_whole_day_at_all(self, n_rows):
        volumes = make("2026-05-25", 1, 1).head(n_rows)
        summary = summarise_stations(volumes, pd.Index(["A", "B"]))
        assert summary["n_days"].tolist() == [0, 0]
        assert summary.drop(columns="n_days").isna().all().all()
        assert len(profile_hours(volumes, Period())) == 0
        assert len(count_days(volumes, Period())) == 0
        assert len(compare_periods(volumes, "A", BASELINE, AFTERMATH, "weekday")) == 0

    def test_the_order_of_the_rows_does_not_matter(self):
        volumes = put(make("2026-05-25", lambda h: h, 1), make("2026-05-26", 3, lambda h: h))
        mixed = volumes.sample(frac=1, random_state=1)
        expected = profile_hours(volumes, Period())
        pd.testing.assert_frame_equal(profile_hours(mixed, Period()), expected)

    def test_input_is_not_changed(self):
        volumes = put(make("2026-05-25", 1, 1), make("2026-05-26", 1, 1, hours=range(5)))
        before = volumes.copy(deep=True)
        summarise_stations(volumes, pd.Index(["A"]))
        compare_periods(volumes, "A", BASELINE, AFTERMATH, "weekday")
        pd.testing.assert_frame_equal(volumes, before)


class TestComparison:
    def volumes(self):
        return put(
            make("2026-07-24", 10, 1),  # Friday
            make("2026-07-27", 20, 3),  # Monday
            make("2026-07-29", 40, 5),
            make("2026-07-25", 7, 7),  # Saturday
            make("2026-07-24", 900, 900, code="B"),
        )

    def test_by_hand(self):
        compared = compare_periods(self.volumes(), "A", BASELINE, AFTERMATH, "weekday")
        assert compared.columns.tolist() == ["hour", "n_up", "n_down", "n_days", "period"]
        assert compared["hour"].tolist() == [*range(24), *range(24)]
        for name, up, down, n_days in (("before", 15, 2, 2), ("after", 40, 5, 1)):
            rows = compared[compared["period"] == name]
            assert rows["n_up"].unique().tolist() == [up]
            assert rows["n_down"].unique().tolist() == [down]
            assert rows["n_days"].unique().tolist() == [n_days]

    def test_a_period_without_a_day_of_the_class_has_no_rows(self):
        compared = compare_periods(self.volumes(), "A", BASELINE, AFTERMATH, "saturday")
        assert set(compared["period"]) == {"before"}
        compared = compare_periods(self.volumes(), "A", AFTERMATH, BASELINE, "saturday")
        assert set(compared["period"]) == {"after"}
        compared = compare_periods(self.volumes(), "A", BASELINE, AFTERMATH, "obon")
        assert len(compared) == 0
        assert set(compared.columns) >= {"period", "hour", "n_up", "n_down", "n_days"}

    def test_an_unknown_station_has_no_rows(self):
        assert len(compare_periods(self.volumes(), "Z", BASELINE, AFTERMATH, "weekday")) == 0

    def test_real_days(self, roads, whole_days):
        before = Period(dt.date(2026, 7, 13), dt.date(2026, 7, 18))
        after = Period(dt.date(2026, 8, 3), dt.date(2026, 8, 8))
        volumes = roads["traffic_hourly"]
        compared = compare_periods(volumes, "9310130", before, after, "weekday")
        for name, first in (("before", dt.date(2026, 7, 13)), ("after", dt.date(2026, 8, 3))):
            week = [first + dt.timedelta(days=step) for step in range(5)]
            days = [whole_days["9310130"][day] for day in week if day in whole_days["9310130"]]
            rows = compared[compared["period"] == name]
            assert rows["n_days"].unique().tolist() == [len(days)]
            assert rows["n_up"].tolist() == pytest.approx([row[0] for row in mean_day(days)])
            assert rows["n_down"].tolist() == pytest.approx([row[1] for row in mean_day(days)])


class TestPeriod:
    day = dt.date(2026, 7, 1)

    @pytest.mark.parametrize("end", [dt.date(2026, 7, 1), dt.date(2026, 6, 30)])
    def test_one_that_ends_before_it_starts_is_refused(self, end):
        with pytest.raises(ArgumentError, match=f"got 2026-07-01 and {end}"):
            Period(self.day, end)

    def test_the_start_belongs_to_it_and_the_end_does_not(self):
        days = pd.Series(pd.to_datetime(["2026-06-30", "2026-07-01", "2026-07-02", "2026-07-03"]))
        period = Period(self.day, dt.date(2026, 7, 3))
        assert period.covers(days).tolist() == [False, True, True, False]
        assert Period(start=self.day).covers(days).tolist() == [False, True, True, True]
        assert Period(end=self.day).covers(days).tolist() == [True, False, False, False]
        assert Period().covers(days).tolist() == [True] * 4

    @pytest.mark.parametrize(
        ("start", "end", "spans"),
        [
            (None, None, True),
            (None, EARTHQUAKE, False),
            (None, dt.date(2026, 7, 29), True),
            (EARTHQUAKE, None, True),
            (EARTHQUAKE, dt.date(2026, 7, 29), True),
            (dt.date(2026, 7, 29), None, False),
            (dt.date(2026, 7, 1), EARTHQUAKE, False),
            (dt.date(2026, 7, 1), dt.date(2026, 8, 1), True),
            (dt.date(2026, 8, 1), dt.date(2026, 8, 2), False),
        ],
    )
    def test_whether_it_holds_the_day_of_the_earthquake(self, start, end, spans):
        assert Period(start, end).spans_break is spans

    def test_the_break(self):
        # M7.1, 2026-07-28 16:27 (気象庁)
        assert BREAK_DAY == EARTHQUAKE
        assert not BASELINE.spans_break
        assert not AFTERMATH.spans_break


def test_a_volume_says_nothing_of_speed(roads, summary):
    # The design: from volumes alone no speed is ever given.
    names = set(summary.columns) | set(profile_hours(roads["traffic_hourly"], BASELINE).columns)
    assert names == {
        *("n_days", "weekday_24h", "peak_hour", "peak_volume", "k_pct", "d_pct"),
        *("d_direction", "large_pct", *COUNTS),
    }
    assert not [name for name in dir(module) if "speed" in name.lower() or "kmh" in name.lower()]
