"""Indices of congestion: by hand, against a plain computation from raw samples, and refusals.

25 to 29 May 2026 are Monday to Friday, 30 and 31 a weekend, 20 July a public holiday on a Monday.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kumageo import speeds
from kumageo.errors import ArgumentError
from kumageo.speed_bins import BIN_RATIO, from_bin, to_bin
from kumageo.speeds import mean_speeds, summarise_speeds

WEEK = [f"2026-05-{day}" for day in range(25, 30)]
LENGTHS = pd.Series({"east": 1000.0, "north": 500.0})
COLUMNS = ["section_id", "date", "hour", "speed_bin", "n_samples"]
# Centres of bins, so that expected values are exact.
SLOW, FAST = (float(from_bin(to_bin(speed))) for speed in (15.0, 60.0))


def make_table(*rows):
    """Rows of (section, days, hours, speed, samples in each hour)."""
    listed = [
        (section, day, hour, int(to_bin(speed)), n)
        for section, days, hours, speed, n in rows
        for day in days
        for hour in hours
    ]
    table = pd.DataFrame(listed, columns=COLUMNS).astype({"section_id": "str"})
    return table.assign(date=pd.to_datetime(table["date"]).astype("datetime64[us]"))


def plain_week(section="east"):
    """100 samples of 15 km/h in each peak hour, 100 of 60 km/h in each off-peak hour."""
    return [
        (section, WEEK, speeds.PEAK_HOURS, SLOW, 100),
        (section, WEEK, speeds.OFF_PEAK_WEEKDAY_HOURS, FAST, 100),
    ]


def summarise(*rows, vehicles=None, section="east"):
    return summarise_speeds(make_table(*rows), LENGTHS, vehicles or {}).loc[section]


def test_by_hand():
    row = summarise(*plain_week(), vehicles={"east": pd.Series({6: 100, 12: 1000, 3: 50})})
    assert row["free_flow_kmh"] == pytest.approx(FAST)
    assert row["free_flow_time_s"] == pytest.approx(3600 / FAST)
    assert row["peak_time_s"] == pytest.approx(3600 / SLOW)
    assert row["peak_time_p95_s"] == pytest.approx(3600 / SLOW)
    assert row["travel_time_index"] == pytest.approx(4.0, rel=0.01)
    assert row["planning_time_index"] == pytest.approx(FAST / SLOW)
    assert row["buffer_index"] == pytest.approx(0)
    assert row["congested_hours_per_weekday"] == 6
    assert row["jam_hours_per_weekday"] == 0
    assert row["n_hours_measured"] == 16
    # 100 vehicles x (240 s - 60 s) x 1.3 persons: 6.5 person-hours; at 12 nothing is lost, and of
    # 3 o'clock no speed is known.
    delay = 100 * (3600 / SLOW - 3600 / FAST) * 1.3 / 3600
    assert row["delay_person_hours_per_weekday"] == pytest.approx(delay)
    assert delay == pytest.approx(6.5, rel=0.01)
    assert row["n_hours_delay"] == 2
    assert row[["n_samples_peak", "n_days_peak"]].tolist() == [3000, 5]
    assert row[["n_samples_off_peak", "n_days_off_peak"]].tolist() == [5000, 5]
    assert row[["n_samples_weekday", "n_days_weekday"]].tolist() == [8000, 5]
    assert row[["reason", "delay_reason"]].tolist() == ["", ""]


def test_the_mean_is_of_travel_times_not_of_speeds():
    # One half at 15, one at 60 km/h: 3,600 / 15 = 240 s and 60 s make 150 s, that is 24 km/h.
    row = summarise(*plain_week(), ("east", WEEK, speeds.PEAK_HOURS, FAST, 100))
    mean = (3600 / SLOW + 3600 / FAST) / 2
    assert row["peak_time_s"] == pytest.approx(mean)
    assert mean == pytest.approx(150, rel=0.01)
    assert row["buffer_index"] == pytest.approx((3600 / SLOW - mean) / mean)
    assert row["congested_hours_per_weekday"] == 0


@pytest.mark.parametrize(("n_slow", "is_slow"), [(5, False), (6, True)])
def test_the_95th_percentile_by_rank(n_slow, is_slow):
    # Of 100 travel times the 95th: six slow ones reach it, five do not.
    row = summarise(
        ("east", WEEK, [6], SLOW, 4 * n_slow),
        ("east", WEEK, [6], FAST, 4 * (100 - n_slow)),
        ("east", WEEK, [12], FAST, 100),
    )
    assert row["peak_time_p95_s"] == pytest.approx(3600 / (SLOW if is_slow else FAST))


@pytest.mark.parametrize(("n_slow", "is_slow"), [(84, False), (85, True)])
def test_the_85th_percentile_of_speed_by_rank(n_slow, is_slow):
    row = summarise(
        ("east", WEEK, [6], SLOW, 100),
        ("east", WEEK, [12], SLOW, n_slow),
        ("east", WEEK, [12], FAST, 100 - n_slow),
    )
    assert row["free_flow_kmh"] == pytest.approx(SLOW if is_slow else FAST)


def test_periods():
    """One sample an hour of every kind of day, and the counts by the clock."""
    days = [*WEEK, "2026-05-30", "2026-05-31", "2026-07-20", "2026-08-13", "2026-08-15"]
    row = summarise(("east", days, range(24), FAST, 1))
    # Five weekdays of six hours; five of ten hours and three free days of sixteen.
    assert row[["n_samples_peak", "n_days_peak"]].tolist() == [30, 5]
    assert row[["n_samples_off_peak", "n_days_off_peak"]].tolist() == [5 * 10 + 3 * 16, 8]
    assert row[["n_samples_weekday", "n_days_weekday"]].tolist() == [120, 5]
    assert speeds.OFF_PEAK_WEEKDAY_HOURS == (9, 10, 11, 12, 13, 14, 15, 19, 20, 21)
    assert (speeds.OFF_PEAK_WEEKEND_HOURS[0], speeds.OFF_PEAK_WEEKEND_HOURS[-1]) == (6, 21)


def from_samples(samples, length_m):
    """Compute the indices from raw samples of one section, the long way."""
    weekday = samples[samples["date"].isin(pd.to_datetime(WEEK))]
    peak = weekday[weekday["hour"].isin([6, 7, 8, 16, 17, 18])]
    calm = weekday["hour"].between(9, 15) | weekday["hour"].between(19, 21)
    weekend = samples[~samples["date"].isin(pd.to_datetime(WEEK))]
    off_peak = pd.concat([weekday[calm], weekend[weekend["hour"].between(6, 21)]])
    free = np.quantile(off_peak["speed"], 0.85, method="inverted_cdf")
    times = length_m / (peak["speed"] / 3.6)
    p95 = np.quantile(times, 0.95, method="inverted_cdf")
    free_time = length_m / (free / 3.6)
    by_hour = (length_m / (weekday["speed"] / 3.6)).groupby(weekday["hour"]).mean()
    return {
        "free_flow_kmh": free,
        "peak_time_s": times.mean(),
        "peak_time_p95_s": p95,
        "travel_time_index": times.mean() / free_time,
        "planning_time_index": p95 / free_time,
    }, length_m / by_hour * 3.6


@pytest.mark.parametrize("seed", range(5))
def test_as_computed_from_raw_samples(seed):
    rng = np.random.default_rng(seed)
    n = 20_000
    days = pd.to_datetime([*WEEK, "2026-05-30", "2026-05-31"]).astype("datetime64[us]")
    samples = pd.DataFrame({"date": days[rng.integers(0, 7, n)], "hour": rng.integers(0, 24, n)})
    busy = samples["hour"].isin([7, 8, 17])
    samples["speed"] = np.clip(rng.lognormal(np.where(busy, 2.4, 3.6), 0.5), 1, 180)
    binned = samples.assign(section_id="east", speed_bin=to_bin(samples["speed"]))
    table = binned.groupby(COLUMNS[:4]).size().reset_index(name="n_samples")
    expected, by_hour = from_samples(samples, 1000.0)
    vehicles = pd.Series(rng.integers(0, 2000, 24), index=range(24))
    row = summarise_speeds(table, LENGTHS, {"east": vehicles}).loc["east"]
    for name, value in expected.items():
        tolerance = 0.01 if name.endswith("index") else 0.005
        assert row[name] == pytest.approx(value, rel=tolerance), name
    means = mean_speeds(table).query("day_class == 'weekday'").set_index("hour")["speed_kmh"]
    pd.testing.assert_series_equal(means, by_hour, rtol=0.005, check_names=False)
    assert row["congested_hours_per_weekday"] == (means <= 20).sum() > 0
    free_time = 3600 / row["free_flow_kmh"]
    delay = sum(
        max(0, 3600 / means[hour] - free_time) * vehicles[hour] * 1.3 / 3600 for hour in range(24)
    )
    assert row["delay_person_hours_per_weekday"] == pytest.approx(delay)


class TestMeanSpeeds:
    def test_by_hand(self):
        table = make_table(
            ("north", ["2026-05-25"], [8], SLOW, 1),
            ("north", ["2026-05-26"], [8], FAST, 3),
            ("north", ["2026-05-30"], [8], FAST, 2),
            ("north", ["2026-07-20"], [0], FAST, 2),
            ("north", ["2026-08-14"], [23], SLOW, 4),
            ("east", ["2026-05-25"], [8], SLOW, 1),
        )
        means = mean_speeds(table)
        harmonic = 4 / (1 / SLOW + 3 / FAST)
        assert means.columns.tolist() == [
            *("section_id", "day_class", "hour", "speed_kmh", "n_samples", "n_days"),
        ]
        expected = [
            ("east", "weekday", 8, SLOW, 1, 1),
            ("north", "holiday", 0, FAST, 2, 1),
            ("north", "obon", 23, SLOW, 4, 1),
            ("north", "saturday", 8, FAST, 2, 1),
            ("north", "weekday", 8, harmonic, 4, 2),
        ]
        pd.testing.assert_frame_equal(means, pd.DataFrame(expected, columns=means.columns))
        assert harmonic == pytest.approx(4 / (1 / 15 + 3 / 60), rel=0.005)

    def test_nothing(self):
        assert len(mean_speeds(make_table())) == 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("days", "peak_n", "off_n", "words"),
        [
            (WEEK, 20, 20, ""),
            (WEEK, 19, 20, "peak: 95 samples on 5 days, 100 on 5 are needed"),
            (WEEK, 20, 19, "off-peak: 95 samples on 5 days, 100 on 5 are needed"),
            (
                *(WEEK[:4], 1000, 1000),
                "peak: 4000 samples on 4 days, 100 on 5 are needed; off-peak: 4000 samples …",
            ),
        ],
    )
    def test_too_few(self, days, peak_n, off_n, words):
        rows = [("east", days, [7], SLOW, peak_n), ("east", days, [12], FAST, off_n)]
        row = summarise(*rows, vehicles={"east": pd.Series({7: 10})})
        assert row["reason"] == row["delay_reason"]
        assert row["reason"].startswith(words.removesuffix("…"))
        assert bool(row["reason"]) == bool(words)
        indices = row[[*speeds._NUMBERS, *speeds._HOURS, "delay_person_hours_per_weekday"]]
        assert indices.isna().all() == indices.isna().any() == bool(words)
        assert row["n_samples_peak"] == peak_n * len(days)

    def test_a_section_without_samples(self):
        row = summarise(*plain_week(), section="north")
        assert row["reason"].startswith("peak: 0 samples on 0 days")
        assert pd.isna(row["travel_time_index"])
        assert row["n_samples_weekday"] == 0

    def test_an_hour_with_few_samples_is_not_said(self):
        rows = [("east", WEEK[:3], [3], 5.0, 3), ("east", WEEK[:2], [4], 5.0, 5)]
        row = summarise(*plain_week(), *rows)
        # At 3 there are nine samples, at 4 ten.
        assert (row["n_hours_measured"], row["congested_hours_per_weekday"]) == (17, 7)
        assert row["jam_hours_per_weekday"] == 1

    def test_no_vehicles(self):
        row = summarise(*plain_week())
        assert row["reason"] == ""
        assert row["delay_reason"] == "no hourly vehicles of this section"
        assert pd.isna(row["delay_person_hours_per_weekday"])
        assert pd.isna(row["n_hours_delay"])

    def test_vehicles_of_other_hours_only(self):
        blank = pd.Series({6: pd.NA, 3: 5}, dtype="Int32")
        row = summarise(*plain_week(), vehicles={"east": blank})
        assert row["delay_reason"] == "no hour with both speeds and vehicles"

    def test_no_samples_at_all(self):
        summary = summarise_speeds(make_table(), LENGTHS, {})
        assert summary.index.tolist() == ["east", "north"]
        assert summary["travel_time_index"].isna().all()


def test_the_index_and_the_types_are_those_promised():
    lengths = pd.Series({"north": 500.0, "east": 1000.0}).rename_axis("id")
    table = make_table(*plain_week())
    before = table.copy()
    summary = summarise_speeds(table, lengths, {})
    pd.testing.assert_index_equal(summary.index, lengths.index)
    pd.testing.assert_frame_equal(table, before)
    assert {str(dtype) for dtype in summary.dtypes} == {"Float64", "Int64", "int64", "str"}
    same = summarise_speeds(table, pd.Series({"east": 2000.0}), {}).loc["east"]
    assert same["travel_time_index"] == summary.loc["east", "travel_time_index"]
    assert same["peak_time_s"] == 2 * summary.loc["east", "peak_time_s"]


@pytest.mark.parametrize(("speed", "n_congested", "n_jam"), [(20, 6, 0), (10, 6, 6), (21, 0, 0)])
def test_slow_and_jam(speed, n_congested, n_jam):
    # The centre of the bin below: at or under the limit itself.
    slow = float(from_bin(to_bin(speed) - 1))
    row = summarise(
        ("east", WEEK, speeds.PEAK_HOURS, slow, 100),
        ("east", WEEK, speeds.OFF_PEAK_WEEKDAY_HOURS, FAST, 100),
    )
    assert row["congested_hours_per_weekday"] == n_congested
    assert row["jam_hours_per_weekday"] == n_jam
    assert slow * BIN_RATIO > speed * 0.99


def test_at_the_limit_it_is_slow(monkeypatch):
    (mean,) = mean_speeds(make_table(("east", WEEK, [7], SLOW, 100)))["speed_kmh"]
    for name in ("SLOW_KMH", "JAM_KMH"):
        monkeypatch.setattr(speeds, name, mean)
        assert summarise(*plain_week())["congested_hours_per_weekday"] == 6
    assert summarise(*plain_week())["jam_hours_per_weekday"] == 6


def test_an_hour_faster_than_free_flow_gives_nothing_back():
    rows = [*plain_week(), ("east", WEEK, [3], 2 * FAST, 100)]
    without, with_it = (pd.Series({6: 100, 3: n}) for n in (0, 1000))
    delays = [
        summarise(*rows, vehicles={"east": vehicles})["delay_person_hours_per_weekday"]
        for vehicles in (without, with_it)
    ]
    assert delays[0] == delays[1] > 0


@pytest.mark.parametrize(
    "lengths",
    [
        pd.Series({"east": 0.0}),
        pd.Series({"east": np.nan}),
        pd.Series({"east": np.inf}),
        pd.Series({"east": -1.0}),
        pd.Series([1.0, 2.0], index=["east", "east"]),
        pd.Series({"north": 500.0}),
    ],
)
def test_lengths_that_are_none(lengths):
    with pytest.raises(ArgumentError, match="lengths_m: expected"):
        summarise_speeds(make_table(*plain_week()), lengths, {})


@pytest.mark.parametrize(
    "vehicles",
    [
        {"east": pd.Series({24: 1})},
        {"east": pd.Series({-1: 1})},
        {"east": pd.Series([1, 2], index=[3, 3])},
        {"east": pd.Series({3: -1})},
        {"west": pd.Series({3: 1})},
    ],
)
def test_vehicles_that_are_none(vehicles):
    with pytest.raises(ArgumentError, match=r"expected (0 or more vehicles by hour|all sections)"):
        summarise_speeds(make_table(*plain_week()), LENGTHS, vehicles)


def test_columns_that_are_missing():
    table = make_table(*plain_week()).drop(columns="hour")
    for call in (mean_speeds, lambda rows: summarise_speeds(rows, LENGTHS, {})):
        with pytest.raises(ArgumentError, match="got none of the name hour"):
            call(table)
