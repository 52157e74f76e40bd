"""Where the map moves to, which municipalities fade, and how a map opens."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import pytest
import shapely.geometry

from layers.base import MapView
from pages.components import filters, frame
from pages.components.state import EvacuationState

RAW = Path(__file__).resolve().parents[3] / "geodata" / "raw"


@pytest.fixture(scope="module")
def bounds():
    """Bounds of each raw area by code; the wards stand for 熊本市."""
    document = json.loads((RAW / "municipal_boundaries.geojson").read_text(encoding="utf-8"))
    found = {}
    for feature in document["features"]:
        code = feature["properties"]["code"]
        found.setdefault("43100" if code.startswith("4310") else code, []).append(
            shapely.geometry.shape(feature["geometry"]).bounds
        )
    return found


def around(parts):
    west, south, east, north = zip(*parts, strict=True)
    return pytest.approx([min(west), min(south), max(east), max(north)], abs=1e-5)


@pytest.fixture
def session(monkeypatch):
    state, query = {}, {"z": "9", "lon": "130", "lat": "32", "m": "43100"}
    fake = SimpleNamespace(session_state=state, query_params=query)
    monkeypatch.setattr(filters, "st", fake)
    monkeypatch.setattr(frame, "st", fake)
    return fake


def test_the_extent_of_everything_of_a_region_and_of_municipalities(data, bounds, figures):
    everywhere = filters.find_focus("", ["", ""], data)
    assert everywhere["bounds"] == around([one for parts in bounds.values() for one in parts])
    aso = [code for code, region in figures.regions.items() if region == "aso"]
    region = filters.find_focus("aso", ["", ""], data)
    assert region["bounds"] == around([one for code in aso for one in bounds[code]])
    city = filters.find_focus("aso", ["43100", ""], data)
    assert city["bounds"] == around(bounds["43100"])
    two = filters.find_focus("", ["43100", "43404"], data)
    assert two["bounds"] == around(bounds["43100"] + bounds["43404"])


def test_each_choice_has_a_token_of_its_own(data):
    choices = [("", ["", ""]), ("aso", ["", ""]), ("", ["43100", ""]), ("aso", ["43100", "43404"])]
    tokens = {filters.find_focus(region, codes, data)["token"] for region, codes in choices}
    assert len(tokens) == 4
    assert filters.find_focus("aso", ["43100"], data) == filters.find_focus("aso", ["43100"], data)


def test_the_extent_of_a_point_and_what_is_near(data):
    state = EvacuationState(point=(130.7, 32.8), municipality_code="43404")
    nearest = gpd.GeoDataFrame({"lon": [130.71, 130.69], "lat": [32.81, 32.805]})
    focus = filters.find_evacuation_focus(state, nearest, data)
    assert focus["bounds"] == [130.69, 32.8, 130.71, 32.81]
    chosen = filters.find_focus("", ["43404"], data)
    assert filters.find_evacuation_focus(state, None, data) == chosen
    assert filters.find_evacuation_focus(state, nearest.head(0), data) == chosen
    assert focus["token"] != chosen["token"]


def test_municipalities_in_question(data, figures):
    assert filters.list_inside("", "", data) == ()
    assert filters.list_inside("aso", "43404", data) == ("43404",)
    expected = {code for code, region in figures.regions.items() if region == "aso"}
    assert set(filters.list_inside("aso", "", data)) == expected


@pytest.mark.parametrize(
    ("point", "inside"),
    [
        ((130.741, 32.789), True),
        ((129.8, 31.9), True),
        ((131.5, 33.4), True),
        ((32.789, 130.741), False),
        ((139.7, 35.7), False),
        ((129.79, 32.5), False),
        ((130.7, 33.41), False),
    ],
)
def test_the_extent_of_the_prefecture(point, inside):
    assert filters.is_in_extent(point) is inside


def test_a_map_opens_once_and_forgets_a_view_that_a_choice_moves_away(session):
    view, first = MapView(130, 32, 9), {"bounds": [1, 2, 3, 4], "token": "a"}
    opening = filters.remember_opening("map", view, first)
    assert (opening.view, opening.focus) == (view, first)
    assert session.query_params.keys() == {"z", "lon", "lat", "m"}
    assert filters.remember_opening("map", None, first) == opening
    assert session.query_params.keys() == {"z", "lon", "lat", "m"}
    assert filters.remember_opening("map", None, {"bounds": [5, 6, 7, 8], "token": "b"}) == opening
    assert session.query_params == {"m": "43100"}
    other = filters.remember_opening("other", None, {"bounds": [], "token": "c"})
    assert other.view is None


def test_controls_are_seeded_only_once(session):
    filters.seed("one", {"a": 1, "b": 2})
    session.session_state["a"] = 3
    filters.seed("one", {"a": 9, "b": 9})
    assert session.session_state == {"page": "one", "a": 3, "b": 2}


def test_the_chosen_place_is_carried_to_another_page_unless_its_link_names_one(session):
    filters.seed("one", {"region": "", "m": "43100", "q": "x"})
    filters.remember_opening("one", None, {"bounds": [], "token": "a"})
    filters.carry_place("aso", "43214")
    filters.seed("two", {"region": "", "m": "", "q": ""})
    found = session.session_state
    assert (found["region"], found["m"], found["q"]) == ("aso", "43214", "")
    filters.remember_opening("two", None, {"bounds": [], "token": "b"})
    filters.seed("one", {"region": "", "m": "43404", "q": ""})
    assert (found["region"], found["m"], found["q"]) == ("aso", "43404", "")
    # the map of the page that is opened anew opens anew, the other one stays as it was
    assert not {"one-opening", "one-focus"} & found.keys()
    assert {"two-opening", "two-focus"} <= found.keys()
    filters.carry_place("", "")
    filters.seed("two", {"region": "", "m": "", "q": ""})
    assert (found["region"], found["m"]) == ("", "")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (EvacuationState(), {"kind": "both", "hazard": [], "point": "", "restricted": False}),
        (
            EvacuationState(kinds=("site",), hazards=("flood",), point=(130.5, 32.25)),
            {"kind": "site", "hazard": ["flood"], "point": "130.500000, 32.250000"},
        ),
        (
            EvacuationState(text="小学校", municipality_code="43404", region_id="aso", mode="all"),
            {"q": "小学校", "m": "43404", "region": "aso", "mode": "all"},
        ),
    ],
)
def test_a_link_fills_the_controls(session, state, expected):
    filters.seed_evacuation(state)
    assert {name: session.session_state[name] for name in expected} == expected
