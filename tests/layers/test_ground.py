"""What lies below the subject of a map, and how the names on it are read."""

from __future__ import annotations

import pytest

from kumageo.labels import load_labels
from kumageo.store import Store
from layers.content import find_versions, load_content
from layers.ground import Ground, describe_ground, list_readings


@pytest.fixture(scope="module")
def data(geodata):
    return load_content(geodata, find_versions(geodata))


def test_easy_japanese_reads_every_municipality(data, geodata):
    readings = list_readings(data, load_labels(geodata, "easy"))
    names = Store(geodata).load("municipalities")["name"]
    assert set(readings) == set(names)
    assert readings["熊本市"] == "｜熊本市《くまもとし》"
    assert readings["水俣市"] == "｜水俣市《みなまたし》"


@pytest.mark.parametrize("language", ["ja", "zh-TW"])
def test_who_reads_the_letters_needs_no_reading(data, geodata, language):
    assert list_readings(data, load_labels(geodata, language)) == {}


def test_a_page_has_roads_only_where_it_asks(data, labels):
    assert describe_ground(data, labels).roads_url == ""
    ground = describe_ground(data, labels, has_roads=True)
    assert "background_roads" in ground.roads_url
    assert "background_land" in ground.land_url
    assert not ground.is_flat  # a picture may come between


def test_the_browser_is_told(render, calls):
    ground = Ground("/land", "/roads", {"甲": "｜甲《こう》"}, is_flat=True)
    told = dict(calls(render(None, ground=ground)))
    assert told["furnish"]["isFlat"] is True
    assert told["furnish"]["readings"] == {"甲": "｜甲《こう》"}
    assert told["addLand"]["url"] == "/land"
    assert told["addRoads"]["url"] == "/roads"


def test_a_map_without_a_ground_asks_for_none(render, calls):
    told = dict(calls(render(None)))
    assert told["furnish"]["isFlat"] is False
    assert told["furnish"]["readings"] == {}
    assert not {"addLand", "addRoads"} & set(told)
