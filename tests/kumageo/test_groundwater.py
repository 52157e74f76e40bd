"""All wells in one table, from the store to the report; and a trial on real series."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from kumageo.clock import JST
from kumageo.groundwater import report_groundwater, summarise_wells
from kumageo.level_checks import check_levels
from kumageo.level_classes import LEVEL_CLASSES
from kumageo.readings.imports import import_readings
from kumageo.readings.store import ReadingStore
from kumageo.reports import report_subject
from kumageo.store import Publication, Store

TRIAL = Path(__file__).resolve().parents[3] / "shared/data/groundwater/heads_daily.csv.gz"
NOW = dt.datetime(2026, 1, 20, 12, tzinfo=JST)
LONG, SHORT, ENDED, NONE, UNPLACED = "long-01", "short-02", "ended-03", "none-04", "unplaced-05"
PUBLICATION = Publication("", "2024-02-28", "stated", "a.csv", "0" * 64, "a", "utf-8", 1, 1, 0, 0)


@pytest.fixture
def wells():
    lon = [130.7, 130.71, 130.72, 130.73, np.nan]
    table = pd.DataFrame({"id": [LONG, SHORT, ENDED, NONE, UNPLACED], "lon": lon, "lat": 32.8})
    table.loc[4, "lat"] = np.nan
    places = [Point(x, 32.8) if x > 0 else Point() for x in lon]
    return gpd.GeoDataFrame(table, geometry=places, crs="EPSG:6668")


def make_lines(well, first, last, level):
    days = pd.date_range(first, last, tz=JST) + pd.Timedelta(hours=9)
    return [f"{well},{day.isoformat()},{level(day)}" for day in days]


@pytest.fixture
def store(tmp_path, write, wells):
    """Fill a store: the level of a year is 10 m + 0.1 m a year; January 2026 is the highest."""

    def level(day):
        return round(10 + 0.1 * (day.year - 2015), 2)

    lines = [
        *make_lines(LONG, "2015-01-01", "2026-01-19", level),
        f"{LONG},2026-01-20T09:00+09:00,11.4",
        *make_lines(SHORT, "2022-01-01", "2026-01-16", level),
        *make_lines(ENDED, "2014-01-01", "2025-10-31", level),
    ]
    store = ReadingStore(tmp_path / "readings.sqlite3")
    path = write("readings.csv", "\n".join(["well,time,level_m", *lines, ""]))
    result = import_readings(store, path, source="a", known_wells=wells["id"].tolist(), now=NOW)
    assert result.published
    yield store
    store.close()


@pytest.fixture
def summary(wells, store):
    return summarise_wells(wells, store.read_daily_means(), store.read_latest(), NOW)


class TestSummary:
    def test_one_row_for_each_well_in_their_order(self, summary, wells):
        assert summary.index.tolist() == wells["id"].tolist()
        assert summary["n_readings"].tolist() == [4038, 1477, 4322, 0, 0]
        assert summary["reason"].tolist() == [
            *(None, "short_record", "no_recent", "no_readings", "no_readings")
        ]
        assert summary["level_class"].tolist() == ["much_above", None, None, None, None]

    def test_a_long_record(self, summary):
        row = summary.loc[LONG]
        assert str(row["month"]) == "2026-01"
        assert (row["month_n_days"], row["n_years"]) == (20, 11)
        assert row["month_mean_m"] == pytest.approx((19 * 11.1 + 11.4) / 20)
        assert row["percentile"] == pytest.approx(100 * 11 / 12)
        assert row["change_1y_m"] == pytest.approx((19 * 11.1 + 11.4) / 20 - 11)
        assert row["trend_m_per_year"] == pytest.approx(0.1)
        assert row["trend_p"] < 0.001
        assert row["level_m"] == 11.4
        assert row["interval"] == pd.Timedelta(days=1)
        assert row["age"] == pd.Timedelta(hours=3)
        assert row["is_stale"] is np.bool_(False) or row["is_stale"] == False  # noqa: E712
        assert np.isnan(row["position_index"])
        assert str(row["last"]) == "2026-01-20 09:00:00+09:00"

    def test_a_short_record(self, summary):
        row = summary.loc[SHORT]
        assert (row["n_years"], row["position_index"]) == (4, 1)
        assert np.isnan(row["percentile"])
        assert np.isnan(row["trend_m_per_year"])
        assert bool(row["is_stale"])  # the last of its daily readings is four days old

    def test_a_well_that_has_ended(self, summary):
        row = summary.loc[ENDED]
        assert np.isnan(row["percentile"])
        assert np.isnan(row["change_1y_m"])
        assert row["trend_m_per_year"] == pytest.approx(0.1)
        assert bool(row["is_stale"])

    def test_a_well_without_readings(self, summary):
        row = summary.loc[NONE]
        known = row.drop(["n_readings", "reason"])
        assert known.isna().all()
        assert row["level_class"] is None

    def test_no_store(self, wells, tmp_path):
        empty = ReadingStore(tmp_path / "none.sqlite3")
        summary = summarise_wells(wells, empty.read_daily_means(), empty.read_latest(), NOW)
        assert summary["reason"].tolist() == ["no_readings"] * 5
        assert summary["n_readings"].sum() == 0

    def test_a_first_reading_alone(self, wells, tmp_path, write):
        store = ReadingStore(tmp_path / "first.sqlite3")
        path = write("a.csv", f"well,time,level_m\n{LONG},2026-01-19T09:00+09:00,8.25\n")
        import_readings(store, path, source="a", known_wells=[LONG], now=NOW)
        row = summarise_wells(wells, store.read_daily_means(), store.read_latest(), NOW).loc[LONG]
        store.close()
        assert (row["level_m"], row["reason"]) == (8.25, "short_record")
        assert row["age"] == pd.Timedelta(days=1, hours=3)
        assert pd.isna(row["interval"])
        assert pd.isna(row["is_stale"])

    def test_the_month_to_date_is_compared_with_the_same_days(self, wells, tmp_path, write):
        """A well that falls through the month is not above normal on its first days."""
        lines = make_lines(LONG, "2015-01-01", "2026-01-05", lambda day: round(20 - day.day, 2))
        store = ReadingStore(tmp_path / "falling.sqlite3")
        path = write("a.csv", "\n".join(["well,time,level_m", *lines, ""]))
        import_readings(store, path, source="a", known_wells=[LONG], now=NOW)
        frames = (store.read_daily_means(), store.read_latest())
        row = summarise_wells(wells, *frames, NOW).loc[LONG]
        assert (row["level_class"], row["percentile"]) == ("normal", 50)
        assert row["change_1y_m"] == 0
        store.close()


class TestReport:
    def test_plain_values(self, wells, summary, store):
        report = report_groundwater(wells, summary, store.describe())
        assert json.loads(json.dumps(report, allow_nan=False)) == report
        assert report["summary"] == {
            "readings": "measured",
            "n_wells": 5,
            "n_placed": 4,
            "n_with_readings": 3,
            "n_readings": 9837,
            "n_readings_unlisted": 0,
            "n_stale": 2,
            **{f"n_{name}": int(name == "much_above") for name in LEVEL_CLASSES},
            "n_no_readings": 2,
            "n_no_recent": 1,
            "n_short_record": 1,
        }
        assert report["unplaced"] == [UNPLACED]
        long, short = report["wells"][:2]
        assert (long["id"], long["level_class"], long["reason"]) == (LONG, "much_above", None)
        assert long["last"] == "2026-01-20T09:00:00+09:00"
        assert (long["interval"], long["age"], long["month"]) == (86_400, 10_800, "2026-01")
        assert (short["percentile"], short["position_index"]) == (None, 1)
        assert report["wells"][3]["is_stale"] is None

    def test_readings_of_wells_that_are_gone(self, wells, store):
        left = wells.iloc[1:]
        summary = summarise_wells(left, store.read_daily_means(), store.read_latest(), NOW)
        report = report_groundwater(left, summary, store.describe())
        assert report["summary"]["n_readings_unlisted"] == 4038
        assert report["summary"]["n_readings"] == 9837 - 4038

    def test_the_subject(self, wells, store, tmp_path):
        published = Store(tmp_path)
        published.publish("observation_wells", wells, pd.DataFrame(), PUBLICATION)
        report = report_subject("groundwater", published, store)
        assert (report["subject"], report["as_of"]) == (
            *("groundwater", {"observation_wells": "2024-02-28"}),
        )
        assert report["summary"]["n_with_readings"] == 3
        beside = report_subject("groundwater", published)  # readings.sqlite3 in the same folder
        assert beside["summary"] == report["summary"]

    def test_no_readings_is_an_honest_state(self, geodata, run, wells):
        Store(geodata).publish("observation_wells", wells, pd.DataFrame(), PUBLICATION)
        answer = run("report", "groundwater", "--json")
        assert (answer.code, answer.err) == (0, "")
        report = json.loads(answer.out)
        assert report["summary"]["n_readings"] == 0
        assert {well["reason"] for well in report["wells"]} == {"no_readings"}
        assert not (geodata / "readings.sqlite3").exists()
        assert "n_no_readings: 5" in run("report", "groundwater").out.splitlines()

    def test_a_changed_wells_file_changes_the_report(self, geodata, run, wells):
        store = Store(geodata)
        store.publish("observation_wells", wells, pd.DataFrame(), PUBLICATION)
        before = json.loads(run("report", "groundwater", "--json").out)["summary"]["n_wells"]
        store.publish("observation_wells", wells.iloc[:3], pd.DataFrame(), PUBLICATION)
        after = json.loads(run("report", "groundwater", "--json").out)["summary"]["n_wells"]
        assert (before, after) == (5, 3)


@pytest.fixture(scope="module")
def heads():
    return pd.read_csv(TRIAL, index_col=0, parse_dates=True)


@pytest.fixture(scope="module")
def trial_summary(heads):
    day = heads.rename_axis("day").reset_index()
    daily = day.melt("day", var_name="well_id", value_name="mean_m").dropna().assign(n=1)
    grouped = daily.groupby("well_id")
    latest = pd.DataFrame(
        {
            "time": grouped["day"].last().dt.tz_localize(JST),
            "first": grouped["day"].first().dt.tz_localize(JST),
            "level_m": grouped["mean_m"].last(),
            "n_readings": grouped.size(),
            "interval": pd.Timedelta(days=1),
        }
    )
    wells = pd.DataFrame({"id": heads.columns})
    now = heads.index[-1].tz_localize(JST) + pd.Timedelta(days=1)
    return summarise_wells(wells, daily, latest, now)


@pytest.fixture(scope="module")
def pymannkendall_test():
    import pymannkendall

    return pymannkendall.original_test


@pytest.mark.skipif(
    not TRIAL.exists(), reason="the 28 wells with daily heads from 1990 (trial data) are not here"
)
class TestTrial:
    """Real series, whole: every number is finite and agrees with a plain computation of its own."""

    def test_all_wells_have_a_class(self, trial_summary):
        assert len(trial_summary) == 28
        assert trial_summary["level_class"].isin(LEVEL_CLASSES).all()
        assert trial_summary["percentile"].between(0, 100).all()
        assert trial_summary["trend_p"].between(0, 1).all()
        assert set(trial_summary["level_class"]) == set(LEVEL_CLASSES)

    def test_percentile_and_trend(self, heads, trial_summary, pymannkendall_test):
        for well in ("Zürich", "Niederbipp", "Ermensee"):  # without a gap since 1990
            monthly = heads[well].resample("MS").mean()
            decembers = monthly[monthly.index.month == 12].to_numpy()
            n_below = int((decembers[:-1] < decembers[-1]).sum())
            low, high = (100 * (n_below + i) / 31 for i in (0, 1))
            assert low <= trial_summary.loc[well, "percentile"] <= high
            yearly = monthly.groupby(monthly.index.year).mean()
            expected = pymannkendall_test(yearly.to_numpy())
            assert trial_summary.loc[well, "trend_m_per_year"] == pytest.approx(expected.slope)
            assert trial_summary.loc[well, "trend_p"] == pytest.approx(expected.p)

    def test_the_checks_run_through(self, heads):
        counts = (
            pd.DataFrame({well: _count_checks(heads[well]) for well in heads}).fillna(0).sum(axis=1)
        )
        assert counts["gap"] == sum(_count_gaps(heads[well]) for well in heads)
        assert counts["jump"] < 100
        assert 28 <= counts["outside_range"] < 400


def _count_checks(series):
    return check_levels(series, series)["check"].value_counts()


def _count_gaps(series):
    steps = np.diff(series.dropna().index.to_numpy()) / np.timedelta64(1, "D")
    return int((steps > 3).sum())
