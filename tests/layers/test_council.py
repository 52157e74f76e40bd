"""The areas of the councils as the browser gets them, and the layer that colours them."""

from __future__ import annotations

import csv
import json
import tomllib
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path

import pandas as pd
import pytest
import shapely
import shapely.geometry

from kumageo.council import build_areas
from layers.base import ACCENT, Credit
from layers.council import STATE_COLOURS, CouncilLayer, encode_areas
from layers.geojson import DISPLAY_TOLERANCE_M
from layers.symbology import UNKNOWN_COLOUR

GEODATA = Path(__file__).resolve().parents[2] / "geodata"
AREAS = tomllib.loads((GEODATA / "council/areas.toml").read_text(encoding="utf-8"))["area"]
IDS = [area["id"] for area in AREAS]
STATE_OF = {area["id"]: area["state"] for area in AREAS}
WORDS = {
    "held": "開催済み",
    "planned_unconfirmed": "令和7年3月時点の予定・結果未確認",
    "under_consideration": "開催を検討中",
    "none": "不明",
}
DEGREES_PER_M = 1 / 90_000  # no direction has fewer metres a degree here


def read_csv(name):
    with (GEODATA / "raw" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def encoded(frames):
    return encode_areas(build_areas(frames["municipalities"], frames["municipal_boundaries"]))


@pytest.fixture(scope="module")
def collection(encoded):
    return json.loads(encoded)


@pytest.fixture(scope="module")
def shapes(collection):
    return {
        feature["properties"]["code"]: shapely.geometry.shape(feature["geometry"])
        for feature in collection["features"]
    }


@pytest.fixture(scope="module")
def official():
    """Merge the raw boundaries by the areas' own lists of names, without kumageo."""
    region_of = {row["name"]: row["region_id"] for row in read_csv("municipalities.csv")}
    text = (GEODATA / "raw/municipal_boundaries.geojson").read_text(encoding="utf-8")
    parts = {region_id: [] for region_id in IDS}
    by_code = {row["code"]: row["name"] for row in read_csv("municipalities.csv")}
    for feature in json.loads(text)["features"]:
        code = feature["properties"]["code"]
        name = by_code["43100" if code.startswith("4310") else code]
        parts[region_of[name]].append(shapely.geometry.shape(feature["geometry"]))
    return {region_id: shapely.union_all(shapes) for region_id, shapes in parts.items()}


@pytest.fixture
def states():
    """Three areas, one of each of three states."""
    return pd.DataFrame(
        {"region_name": ["甲", "乙", "丙"], "state": ["held", "held", "under_consideration"]},
        index=pd.Index(["ko", "otsu", "hei"], name="region_id"),
    )


NO_PLACES = pd.DataFrame({"lon": [], "lat": [], "name": [], "text": []})


def draw(calls, html):
    drawn = {name: options for name, options in calls(html) if name != "furnish"}
    return drawn["addAreas"], drawn["addPlaces"], drawn["setLegend"]


def test_the_areas_of_the_file_and_no_other(collection):
    codes = [feature["properties"]["code"] for feature in collection["features"]]
    assert len(codes) == 11
    assert sorted(codes) == sorted(IDS)
    for feature in collection["features"]:
        assert feature["properties"] == {
            "code": feature["properties"]["code"],
            "municipality_code": feature["properties"]["code"],
        }
    assert collection["outlines"] == {}


def test_each_area_is_the_merge_of_its_municipalities(shapes, official):
    for region_id, shape in shapes.items():
        assert shape.is_valid, region_id
        # 100 m of tolerance on the edges is all that may differ
        apart = shape.symmetric_difference(official[region_id])
        assert apart.area < official[region_id].length * DISPLAY_TOLERANCE_M * DEGREES_PER_M
        assert apart.area < 0.02 * official[region_id].area, region_id


def test_the_areas_meet_without_gap_or_overlap(shapes):
    assert shapely.coverage_is_valid(list(shapes.values()))
    for one, other in combinations(shapes, 2):
        assert shapes[one].intersection(shapes[other]).area == 0, (one, other)
    merged = shapely.union_all(list(shapes.values()))
    # what lies inside of the prefecture and in no area would be a gap
    holes = [ring for part in shapely.get_parts(merged) for ring in part.interiors]
    assert holes == []


def test_a_gap_would_be_noticed(shapes):
    moved = {**shapes, "kikuchi": shapely.transform(shapes["kikuchi"], lambda xy: xy + 1e-4)}
    assert not shapely.coverage_is_valid(list(moved.values()))


def test_every_label_stands_in_the_area_it_names(collection, shapes):
    names = {row["region_id"]: row["region_name"] for row in read_csv("municipalities.csv")}
    by_name = {name: region_id for region_id, name in names.items()}
    assert sorted(label["name"] for label in collection["labels"]) == sorted(by_name)
    for label in collection["labels"]:
        shape = shapes[by_name[label["name"]]]
        assert shape.contains(shapely.Point(label["lon"], label["lat"])), label["name"]
        assert label["zoom_min"] == 0


def test_larger_areas_are_named_first(collection, official):
    names = {row["region_id"]: row["region_name"] for row in read_csv("municipalities.csv")}
    largest = {
        names[region_id]: max(part.area for part in shapely.get_parts(shape))
        for region_id, shape in official.items()
    }
    order = [label["name"] for label in collection["labels"]]
    sizes = [largest[name] for name in order]
    # degrees of longitude differ by 1 % between north and south
    assert all(after < before * 1.03 for before, after in pairwise(sizes))


def test_five_decimals_and_a_fraction_of_the_official_size(encoded, collection):
    text = json.dumps(collection["features"][0]["geometry"]["coordinates"])
    assert (
        max(
            len(number.split(".")[1])
            for number in text.replace("]", ",").replace("[", "").replace(" ", "").split(",")
            if "." in number
        )
        <= 5
    )
    assert len(encoded) < 400_000


def test_colour_and_words_of_each_area_are_those_of_its_state(render, calls, labels, states):
    layer = CouncilLayer(labels, "/data/council_areas.geojson?v=1", selected="otsu")
    options, places, legend = draw(calls, render(layer.to_folium(states, NO_PLACES)))
    assert options["url"] == "/data/council_areas.geojson?v=1"
    colours = {name: options["colours"][at] for name, at in options["classes"].items()}
    assert colours == {
        "ko": STATE_COLOURS["held"],
        "otsu": STATE_COLOURS["held"],
        "hei": STATE_COLOURS["under_consideration"],
    }
    assert options["values"] == {"ko": "開催済み", "otsu": "開催済み", "hei": "開催を検討中"}
    assert options["names"] == {"ko": "甲", "otsu": "乙", "hei": "丙"}
    assert options["selected"] == [{"code": "otsu", "colour": ACCENT, "dash": None}]
    assert places["places"] == []
    counts = [(entry["label"], entry["count"]) for entry in legend["entries"]]
    assert counts == [("開催済み", "2地域"), ("開催を検討中", "1地域")]


def test_nothing_is_outlined_where_nothing_is_chosen(render, calls, labels, states):
    group = CouncilLayer(labels, "/data/a.geojson").to_folium(states, NO_PLACES)
    assert draw(calls, render(group))[0]["selected"] == []


def test_the_legend_counts_the_real_areas(render, calls, labels):
    table = pd.DataFrame(
        {"region_name": IDS, "state": [STATE_OF[name] for name in IDS]}, index=pd.Index(IDS)
    )
    group = CouncilLayer(labels, "/data/a.geojson").to_folium(table, NO_PLACES)
    legend = draw(calls, render(group))[2]
    counted = Counter(STATE_OF.values())
    assert counted == {"held": 7, "planned_unconfirmed": 3, "under_consideration": 1}
    assert legend["title"] == "地域未来創造会議"
    expected = [(WORDS[name], f"{n}地域") for name, n in counted.items()]
    found = [(entry["label"], entry["count"]) for entry in legend["entries"]]
    assert sorted(found) == sorted(expected)
    # the colour in the legend is that of the areas
    for entry in legend["entries"]:
        (state,) = [name for name, words in WORDS.items() if words == entry["label"]]
        assert entry["colour"] == STATE_COLOURS[state]


def test_states_differ_by_colour_and_none_has_that_of_no_data():
    assert len(set(STATE_COLOURS.values())) == 4
    assert set(STATE_COLOURS) == set(WORDS)
    assert STATE_COLOURS["none"] == UNKNOWN_COLOUR


def test_places_are_drawn_as_they_are_given(render, calls, labels, states):
    places = pd.DataFrame({"lon": [130.8], "lat": [32.9], "name": ["工場"], "text": ["議題"]})
    drawn = draw(calls, render(CouncilLayer(labels, "/data/a").to_folium(states, places)))[1]
    assert drawn["places"] == [{"lon": 130.8, "lat": 32.9, "name": "工場", "text": "議題"}]
    assert drawn["fill"] == ACCENT


def test_papers_are_credited(render, calls, labels, states):
    paper = Credit("熊本県「資料」", "https://example.jp/")
    layer = CouncilLayer(labels, "/data/a.geojson", sources=(paper,))
    drawn = calls(render(layer.to_folium(states, NO_PLACES)))
    (credits_of_group,) = [options for name, options in drawn if name == "addCredits"]
    assert credits_of_group["credits"] == [{"text": "熊本県「資料」", "url": "https://example.jp/"}]


def test_each_call_draws_a_new_group_and_leaves_its_frames(labels, states):
    layer, before = CouncilLayer(labels, "/data/a.geojson"), states.copy()
    one, other = (layer.to_folium(states, NO_PLACES) for _ in range(2))
    assert one.get_name() != other.get_name()
    pd.testing.assert_frame_equal(states, before)


def test_hostile_names_stay_text(render, structure, calls, labels, hostile, states):
    harmless = CouncilLayer(labels, "/data/a.geojson", selected="ko")
    plain = pd.DataFrame({"lon": [130.8], "lat": [32.9], "name": ["x"], "text": ["x"]})
    wanted = [tag for tag, _ in structure(render(harmless.to_folium(states, plain)))[0]]
    for text in hostile:
        areas = states.assign(region_name=text)
        places = plain.assign(name=text, text=text)
        layer = CouncilLayer(labels, "/data/a.geojson", selected="ko", sources=(Credit(text, ""),))
        html = render(layer.to_folium(areas, places))
        assert [tag for tag, _ in structure(html)[0]] == wanted, text
        options, drawn, _ = draw(calls, html)
        assert set(options["names"].values()) == {text}
        assert (drawn["places"][0]["name"], drawn["places"][0]["text"]) == (text, text)


def test_template_text_is_not_run(render, calls, labels, states, template_text):
    areas = states.assign(region_name=template_text)
    places = pd.DataFrame(
        {"lon": [130.8], "lat": [32.9], "name": [template_text], "text": [template_text]}
    )
    html = render(CouncilLayer(labels, "/data/a.geojson").to_folium(areas, places))
    options, drawn, _ = draw(calls, html)
    assert set(options["names"].values()) == {template_text}
    assert drawn["places"][0]["name"] == template_text
