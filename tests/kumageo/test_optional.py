"""Datasets that may be missing, and those that may not."""

from __future__ import annotations

import shutil

import pytest
from geopandas.testing import assert_geodataframe_equal

from kumageo.errors import ReadError
from kumageo.optional import OPTIONAL, load_if_published
from kumageo.schemas import ROAD_FACTS
from kumageo.store import Store


def test_what_is_published_is_loaded(committed):
    store = Store(committed)
    assert_geodataframe_equal(load_if_published(store, ROAD_FACTS), store.load("road_facts"))


def test_what_is_not_published_has_no_rows(geodata, committed):
    shutil.rmtree(geodata / "processed" / "road_facts")
    facts = load_if_published(Store(geodata), ROAD_FACTS)
    assert len(facts) == 0
    assert list(facts.columns) == list(Store(committed).load("road_facts").columns)


def test_what_is_damaged_is_not_taken_for_missing(geodata):
    (geodata / "processed" / "road_facts" / "published.json").write_text("{")
    with pytest.raises(ReadError):
        load_if_published(Store(geodata), ROAD_FACTS)


def test_the_data_of_the_maps_is_not_optional():
    needed = {"corridors", "traffic_stations", "traffic_hourly", "bottlenecks", "municipalities"}
    assert "road_facts" in OPTIONAL
    assert needed.isdisjoint(OPTIONAL)
