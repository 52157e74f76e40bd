"""The pages name no other host but those of the credits, and a tile server if one is set."""

from __future__ import annotations

import json
import re

import pytest

OUTSIDE = re.compile(r"(?:https?:)?//[a-z0-9-]+\\?\.[^\s\"')\\]+", re.IGNORECASE)
VIEWS = pytest.mark.parametrize("view", ["overview", "evacuation"])


def find_addresses(text):
    return set(OUTSIDE.findall(text))


@VIEWS
def test_the_live_map_names_only_the_sources(visit, data, view):
    sent = json.dumps(visit(view).map_arguments, ensure_ascii=False)
    assert len(sent.encode()) < 40_000
    named = find_addresses(sent)
    assert named
    assert named <= {dataset.source_url for dataset in data.catalog}
    assert "tileLayer" not in sent
    assert "addTiles" not in sent


@VIEWS
def test_the_page_links_only_to_the_sources(visit, data, view):
    named = find_addresses(visit(view).text)
    assert named == {dataset.source_url for dataset in data.catalog if dataset.source_url in named}
    assert len(named) >= 3


@VIEWS
def test_a_tile_server_is_offered_with_its_credit_where_one_is_set(visit, monkeypatch, view):
    monkeypatch.setenv("KUMAGEO_TILES", "https://cyberjapandata.gsi.go.jp/xyz/pale/{z}/{x}/{y}.png")
    page = visit(view)
    assert not page.app.exception
    script = page.map_arguments["script"]
    assert "kumageo.addTiles(" in script
    assert "https://cyberjapandata.gsi.go.jp/xyz/pale/{z}/{x}/{y}.png" in script
    assert "https://maps.gsi.go.jp/development/ichiran.html" in script
    (listed,) = re.findall(r'"credits": (\[.*?\]),', script)
    assert json.loads(listed)[-1]["text"] == "地理院タイル"


def test_this_check_can_fail():
    assert find_addresses('src="//cdn.example.jp/a.js" x') == {"//cdn.example.jp/a.js"}
    assert find_addresses("(https://cdn.example.jp/a.css)") == {"https://cdn.example.jp/a.css"}
    assert find_addresses("/data/a.geojson?v=1 // note") == set()
