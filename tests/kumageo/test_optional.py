"""Datasets that may be missing, and those that may not."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal

from kumageo.errors import ReadError
from kumageo.optional import OPTIONAL, SPEEDS, load_if_published, load_speeds
from kumageo.schemas import GROUNDWATER_FACTS, ROAD_FACTS
from kumageo.speed_bins import from_bin
from kumageo.store import Store

FACTS = (ROAD_FACTS, GROUNDWATER_FACTS)


@pytest.mark.parametrize("schema", FACTS, ids=lambda schema: schema.id)
def test_what_is_published_is_loaded(committed, schema):
    store = Store(committed)
    assert_geodataframe_equal(load_if_published(store, schema), store.load(schema.id))


@pytest.mark.parametrize("schema", FACTS, ids=lambda schema: schema.id)
def test_what_is_not_published_has_no_rows(geodata, committed, schema):
    shutil.rmtree(geodata / "processed" / schema.id)
    facts = load_if_published(Store(geodata), schema)
    assert len(facts) == 0
    assert list(facts.columns) == list(Store(committed).load(schema.id).columns)


def test_what_is_damaged_is_not_taken_for_missing(geodata):
    (geodata / "processed" / "road_facts" / "published.json").write_text("{")
    with pytest.raises(ReadError):
        load_if_published(Store(geodata), ROAD_FACTS)


def test_the_data_of_the_maps_is_not_optional():
    needed = {"corridors", "traffic_stations", "traffic_hourly", "bottlenecks", "municipalities"}
    assert set(OPTIONAL) == {"road_facts", "groundwater_facts", "corridor_speeds"}
    assert needed.isdisjoint(OPTIONAL)
    assert "observation_wells" not in OPTIONAL


def test_no_speeds_are_a_table_without_rows(committed):
    speeds = load_speeds(Store(committed))
    assert len(speeds) == 0
    columns = ["section_id", "date", "hour", "speed_bin", "n_samples"]
    assert list(speeds.columns) == columns
    assert speeds["n_samples"].sum() == 0
    assert pd.api.types.is_datetime64_dtype(speeds["date"].dtype)


def test_published_speeds_are_loaded_with_the_same_columns(geodata, committed, publish_speeds):
    samples = publish_speeds(geodata)
    speeds = load_speeds(Store(geodata))
    assert speeds["n_samples"].sum() == len(samples)
    none = load_speeds(Store(committed))
    assert list(speeds.columns) == list(none.columns)
    assert list(map(str, speeds.dtypes)) == list(map(str, none.dtypes))
    # Of 国道57号 120 samples of 15 km/h and 150 of 60 km/h, each within half a percent.
    of_road = speeds[speeds["section_id"] == "r57"]
    kmh = pd.Series(from_bin(of_road["speed_bin"]).round(), index=of_road.index)
    assert of_road.groupby(kmh)["n_samples"].sum().to_dict() == {15: 120, 60: 150}


def test_damaged_speeds_are_not_taken_for_missing(geodata, publish_speeds):
    publish_speeds(geodata)
    (geodata / "processed" / SPEEDS / "published.json").write_text("{")
    with pytest.raises(ReadError):
        load_speeds(Store(geodata))
