"""The choropleth: its options, as the browser reads them."""

from __future__ import annotations

import pandas as pd
import pytest

from kumageo.municipalities import INDICATORS
from layers.base import Outline
from layers.municipalities import MunicipalitiesLayer
from layers.symbology import FLAG_COLOURS, SEQUENTIAL, UNKNOWN_COLOUR

BY_ID = {indicator.id: indicator for indicator in INDICATORS}


@pytest.fixture
def six():
    """Six municipalities with 1 to 6 sites per 10,000 people; one more is unknown."""
    return pd.DataFrame(
        {
            "name": ["甲", "乙", "丙", "丁", "戊", "己", "庚"],
            "sites_per_10k": [6.0, 5.0, 4.0, 3.0, 2.0, 1.0, None],
            "groundwater_area": [True, False, True, False, False, False, False],
        },
        index=pd.Index(
            ["43001", "43002", "43003", "43004", "43005", "43006", "43007"], name="code"
        ),
    )


def draw(render, calls, layer, features):
    drawn = calls(render(layer.to_folium(features)))
    return {name: options for name, options in drawn if name in {"addAreas", "setLegend"}}


def test_numbers_become_classes_words_and_a_legend(render, calls, labels, six):
    layer = MunicipalitiesLayer(
        BY_ID["sites_per_10k"],
        labels,
        "/data/a.geojson?v=1",
        outlines=(Outline("43003", "#654321", is_dashed=True), Outline("43002", "#123456")),
        inside=("43001", "43002"),
        focus={"bounds": [1, 2, 3, 4], "token": "t"},
    )
    drawn = draw(render, calls, layer, six)
    options = drawn["addAreas"]
    assert options["url"] == "/data/a.geojson?v=1"
    assert options["colours"] == list(SEQUENTIAL)
    assert options["fill"] == UNKNOWN_COLOUR
    # breaks at 2, 3, 4, 5; 43007 is unknown and has no class
    assert options["classes"] == {
        "43001": 4,
        "43002": 4,
        "43003": 3,
        "43004": 2,
        "43005": 1,
        "43006": 0,
    }
    assert options["names"] == dict(zip(six.index, six["name"], strict=True))
    assert options["values"]["43001"] == "6.0か所/1万人"
    assert options["values"]["43007"] == "不明"
    assert options["selected"] == [
        {"code": "43003", "colour": "#654321", "dash": "8 6"},
        {"code": "43002", "colour": "#123456", "dash": None},
    ]
    assert options["inside"] == ["43001", "43002"]
    assert options["focus"] == {"bounds": [1, 2, 3, 4], "token": "t"}
    legend = drawn["setLegend"]
    assert legend["title"] == "人口1万人あたりの指定緊急避難場所（か所/1万人）"
    classes, outlines = legend["entries"][:5], legend["entries"][5:]
    assert outlines == [
        {"label": "乙", "colour": "#123456", "shape": "line"},
        {"label": "丙", "colour": "#654321", "shape": "dash"},
    ]
    assert {entry["shape"] for entry in classes} == {"square"}
    assert [(entry["label"], entry["count"]) for entry in classes] == [
        # both municipalities in question are in the last class, and neither is unknown
        ("1.0–2.0", "0市町村"),
        ("2.0–3.0", "0市町村"),
        ("3.0–4.0", "0市町村"),
        ("4.0–5.0", "0市町村"),
        ("5.0–6.0", "2市町村"),
    ]
    assert [entry["colour"] for entry in classes] == list(SEQUENTIAL)


def test_what_is_unknown_has_a_line_of_its_own(render, calls, labels, six):
    layer = MunicipalitiesLayer(BY_ID["sites_per_10k"], labels, "/data/a.geojson")
    *classes, unknown = draw(render, calls, layer, six)["setLegend"]["entries"]
    assert [entry["count"] for entry in classes] == ["1市町村"] * 4 + ["2市町村"]
    assert (unknown["label"], unknown["count"]) == ("不明", "1市町村")
    assert unknown["colour"] == UNKNOWN_COLOUR


def test_flags_become_two_colours_and_words(render, calls, labels, six):
    layer = MunicipalitiesLayer(BY_ID["groundwater_area"], labels, "/data/a.geojson")
    drawn = draw(render, calls, layer, six)
    options = drawn["addAreas"]
    assert options["colours"] == list(FLAG_COLOURS)
    assert options["classes"] == {code: int(code in {"43001", "43003"}) for code in six.index}
    assert options["values"]["43001"] == "含まれる"
    assert options["values"]["43002"] == "含まれない"
    assert options["selected"] == []
    assert options["inside"] is None
    assert options["focus"] is None
    assert drawn["setLegend"] == {
        "title": "熊本地域（地下水を共有する11市町村）",
        "entries": [
            {"label": "含まれる", "colour": FLAG_COLOURS[1], "shape": "square", "count": "2市町村"},
            {
                "label": "含まれない",
                "colour": FLAG_COLOURS[0],
                "shape": "square",
                "count": "5市町村",
            },
        ],
    }


def test_a_new_object_at_every_call_and_nothing_changed(labels, six):
    outlines, before = (Outline("43002", "#123456"),), six.copy(deep=True)
    layer = MunicipalitiesLayer(BY_ID["sites_per_10k"], labels, "/data/a.geojson", outlines)
    first, second = layer.to_folium(six), layer.to_folium(six)
    assert first is not second
    assert set(map(id, first._children.values())).isdisjoint(map(id, second._children.values()))
    assert first.get_name() != second.get_name()
    pd.testing.assert_frame_equal(six, before)
    assert layer.outlines == (Outline("43002", "#123456"),)


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda indicator: indicator.id)
def test_every_indicator_draws_all_45(render, calls, labels, profiles, indicator):
    layer = MunicipalitiesLayer(indicator, labels, "/data/a.geojson")
    html = render(layer.to_folium(profiles))
    options = dict(calls(html))["addAreas"]
    assert options["classes"].keys() == options["values"].keys() == set(profiles.index)
    assert len(options["classes"]) == 45
    assert set(options["classes"].values()) <= set(range(len(options["colours"])))
    counts = [entry["count"] for entry in dict(calls(html))["setLegend"]["entries"]]
    assert sum(int(count.removesuffix("市町村")) for count in counts) == 45
    assert len(html.encode()) < 40_000


def test_hostile_names_cannot_leave_their_string(render, calls, structure, labels, six, hostile):
    outlines = (Outline("43001", "#123456"),)
    layer = MunicipalitiesLayer(BY_ID["sites_per_10k"], labels, "/data/a.geojson", outlines)
    harmless = structure(render(layer.to_folium(six)))[0]
    for name in hostile:
        html = render(layer.to_folium(six.assign(name=name)))
        assert structure(html)[0] == harmless
        assert set(dict(calls(html))["addAreas"]["names"].values()) == {name}
        assert dict(calls(html))["setLegend"]["entries"][-1]["label"] == name


def test_text_of_templates_stays_text(render, calls, labels, six, template_text):
    outlines = (Outline("43001", "#123456"),)
    layer = MunicipalitiesLayer(BY_ID["sites_per_10k"], labels, "/data/a.geojson", outlines)
    html = render(layer.to_folium(six.assign(name=template_text)))
    assert set(dict(calls(html))["addAreas"]["names"].values()) == {template_text}
    assert dict(calls(html))["setLegend"]["entries"][-1]["label"] == template_text


def test_the_map_says_that_kikuchi_belongs_to_the_groundwater_area_in_part(
    render, calls, labels, profiles
):
    layer = MunicipalitiesLayer(BY_ID["groundwater_area"], labels, "/data/a.geojson")
    values = draw(render, calls, layer, profiles)["addAreas"]["values"]
    assert values["43100"] == "含まれる"
    assert values["43210"] == "一部が含まれる（旧旭志村・旧泗水町の区域）"


def test_the_legend_counts_the_municipalities_in_question(profiles, labels):
    # 菊池 is four municipalities: 菊池市, 合志市, 大津町, 菊陽町
    indicator = next(one for one in INDICATORS if one.id == "population")
    inside = ("43210", "43216", "43403", "43404")
    layer = MunicipalitiesLayer(indicator, labels, "/data/a.geojson", inside=inside)
    (legend,) = [
        child.options
        for child in layer.to_folium(profiles)._children.values()
        if child.function == "setLegend"
    ]
    counts = [int(entry["count"].removesuffix("市町村")) for entry in legend["entries"]]
    assert sum(counts) == 4
