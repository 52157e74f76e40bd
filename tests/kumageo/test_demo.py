"""Simulated readings: apart from measured ones, within the published ranges, always the same."""

from __future__ import annotations

import datetime as dt
import json

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from kumageo.clock import JST
from kumageo.demo import SIMULATED_SOURCE, choose_wells, fill_demo_store, simulate_readings
from kumageo.errors import ArgumentError, ReadError
from kumageo.groundwater import summarise_wells
from kumageo.level_checks import check_levels
from kumageo.readings.store import ReadingStore, open_readings
from kumageo.readings.tables import SIMULATED
from kumageo.settings import read_settings
from kumageo.store import Publication, Store

NOW = dt.datetime(2026, 11, 20, 12, 30, tzinfo=JST)
PUBLICATION = Publication("", "2024-02-28", "stated", "a.csv", "0" * 64, "a", "utf-8", 1, 1, 0, 0)
NAMES = ["水前寺", *(f"熊本第{i}号" for i in range(2, 20)), "熊本第１号", "熊本第１７号"]
FIRST, SEVENTEENTH = "w19", "w20"


@pytest.fixture(scope="module")
def wells():
    ids = [f"w{i:02}" for i in range(len(NAMES))]
    places = [Point(130.7, 32.8)] * len(ids)
    table = {"id": ids, "name": NAMES, "lon": 130.7, "lat": 32.8}
    return gpd.GeoDataFrame(table, geometry=places, crs="EPSG:6668")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "demo-readings.sqlite3"


@pytest.fixture(scope="module")
def store(path, wells):
    store = ReadingStore(path, SIMULATED)
    fill_demo_store(store, wells, NOW)
    yield store
    store.close()


@pytest.fixture
def readings(store):
    return lambda well_id: store.read_series(well_id)["level_m"]


def yearly_ranges(levels):
    grouped = levels.groupby(levels.index.year)
    return grouped.max() - grouped.min()


class TestReadings:
    def test_the_published_ranges(self, readings):
        first, seventeenth = (yearly_ranges(readings(well)) for well in (FIRST, SEVENTEENTH))
        assert first.between(0.8, 1.2).all()  # about 1 m
        assert seventeenth.between(5, 10).all()
        assert len(first) == 12

    def test_eleven_years_up_to_now(self, readings):
        levels = readings(FIRST)
        assert str(levels.index[0]) == "2015-01-01 00:00:00+09:00"
        assert str(levels.index[-1]) == "2026-11-20 12:00:00+09:00"
        assert (levels.index[1:] - levels.index[:-1] == pd.Timedelta(hours=1)).all()

    def test_every_reading_says_that_it_is_simulated(self, store):
        for well_id in store.read_latest().index:
            assert set(store.read_series(well_id)["source"]) == {"模擬データ"}
        assert set(store.read_imports()["source"]) == {SIMULATED_SOURCE}
        assert set(store.read_latest()["source"]) == {"模擬データ"}

    def test_some_wells_have_none(self, store, wells):
        assert 3 < len(store.read_latest()) < len(wells)

    def test_there_is_something_of_each_kind(self, store, wells):
        frames = (store.read_daily_means(), store.read_latest())
        summary = summarise_wells(wells, *frames, NOW)
        assert {"no_readings", "no_recent", "short_record"} <= set(summary["reason"].dropna())
        assert summary["level_class"].notna().sum() >= 3
        found = set()
        for well_id in frames[1].index:
            daily = store.read_daily(well_id)["mean_m"]
            found |= set(check_levels(store.read_series(well_id)["level_m"], daily)["check"])
        assert {"gap", "flat_line", "outside_range"} <= found

    def test_the_season(self, readings):
        levels = readings(SEVENTEENTH)
        means = levels.groupby(levels.index.month).mean()
        assert (means.idxmax(), means.idxmin()) in {(9, 3), (10, 3), (9, 4), (10, 4)}


class TestFixed:
    def test_a_later_call_goes_on_where_the_earlier_ended(self, tmp_path, wells, store):
        other = ReadingStore(tmp_path / "demo-readings.sqlite3", SIMULATED)
        for now in (NOW - dt.timedelta(days=400), NOW - dt.timedelta(days=3), NOW):
            fill_demo_store(other, wells, now)
        assert other.describe()["n_readings"] == store.describe()["n_readings"]
        for well_id in (FIRST, *store.read_latest().index[:4]):
            ours, whole = (one.read_series(well_id)["level_m"] for one in (other, store))
            pd.testing.assert_series_equal(ours, whole)
        other.close()

    def test_within_the_hour_nothing_is_written(self, store, wells):
        version = store.describe()["version"]
        fill_demo_store(store, wells, NOW + dt.timedelta(minutes=20))
        assert store.describe()["version"] == version

    def test_values_do_not_change(self, wells):
        chosen = {well.well_id: well for well in choose_wells(wells)}
        end = int(dt.datetime(2015, 1, 2, tzinfo=JST).timestamp())
        again = simulate_readings(chosen[FIRST], end)
        assert len(again) == 25
        assert again.equals(simulate_readings(chosen[FIRST], end))


class TestApart:
    def test_the_store_of_measured_readings_is_never_filled(self, tmp_path, wells):
        measured = ReadingStore(tmp_path / "readings.sqlite3")
        with pytest.raises(ArgumentError, match="Set KUMAGEO_DEMO=1"):
            fill_demo_store(measured, wells, NOW)
        assert not measured.place.exists()

    def test_settings_decide(self, geodata):
        environ = {"KUMAGEO_GEODATA": str(geodata)}
        measured = open_readings(read_settings(environ))
        simulated = open_readings(read_settings({**environ, "KUMAGEO_DEMO": "1"}))
        assert (measured.kind, simulated.kind) == ("measured", "simulated")
        assert measured.place != simulated.place
        assert open_readings(read_settings({**environ, "KUMAGEO_DEMO": "0"})) == measured

    def test_the_measured_store_never_sees_them(self, geodata, wells):
        environ = {"KUMAGEO_GEODATA": str(geodata)}
        simulated = open_readings(read_settings({**environ, "KUMAGEO_DEMO": "1"}))
        fill_demo_store(simulated, wells, NOW)
        measured = open_readings(read_settings(environ))
        assert measured.describe()["n_readings"] == 0
        assert len(measured.read_latest()) == len(measured.read_daily_means()) == 0
        simulated.close()

    def test_not_even_under_another_name(self, path, store):
        with pytest.raises(ReadError, match="expected a store of measured readings"):
            ReadingStore(path).read_latest()

    def test_commands(self, geodata, run, wells, monkeypatch, tmp_path):
        Store(geodata).publish("observation_wells", wells, pd.DataFrame(), PUBLICATION)
        monkeypatch.setenv("KUMAGEO_DEMO", "1")
        report = json.loads(run("report", "groundwater", "--json").out)
        assert report["summary"]["readings"] == "simulated"
        assert report["summary"]["n_with_readings"] > 3
        out = tmp_path / "out.csv"
        assert run("readings", "export", "--well", FIRST, "--out", out).code == 0
        rows = out.read_text("utf-8-sig").splitlines()[1:]
        assert all(row.endswith(",模擬データ") for row in rows)
        monkeypatch.delenv("KUMAGEO_DEMO")
        report = json.loads(run("report", "groundwater", "--json").out)
        assert report["summary"]["readings"] == "measured"
        assert report["summary"]["n_with_readings"] == 0
        assert run("readings", "export", "--out", tmp_path / "none.csv").code == 2
