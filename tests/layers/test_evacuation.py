"""Sites and shelters: masks, shapes, legend and what is near, as the browser reads them."""

from __future__ import annotations

import base64
import re

import pandas as pd
import pytest

from kumageo.evacuation import find_nearest
from kumageo.schemas import HAZARDS
from layers.assets import HAZARD_ICONS
from layers.base import ACCENT, MapView, to_focus
from layers.evacuation import EvacuationLayer, encode_bits

URLS = {"areas": "/data/areas", "site": "/data/sites", "shelter": "/data/shelters"}


def decode(encoded, length):
    """Read the mask as `bits` of map.js does: bit 7 of byte 0 is the first feature."""
    content = base64.b64decode(encoded)
    assert len(content) == -(-length // 8)
    return [bool((content[at >> 3] >> (7 - (at & 7))) & 1) for at in range(length)]


def layer_of(labels, **changes):
    values = {
        "labels": labels,
        "data_urls": URLS,
        "names": {"43100": "熊本市"},
        "notice": "一覧です",
    }
    return EvacuationLayer(**{**values, **changes})


def drawn_by(calls, html):
    found = calls(html)
    points = {options["kind"]: options for name, options in found if name == "addPoints"}
    return {name: options for name, options in found if name != "addPoints"}, points


@pytest.mark.parametrize("length", [1, 7, 8, 9, 16, 1761])
def test_a_mask_decodes_to_itself(length):
    mask = pd.Series([(at * at) % 7 < 3 for at in range(length)])
    assert decode(encode_bits(mask), length) == mask.tolist()


def test_masks_by_hand():
    assert encode_bits(pd.Series([True])) == base64.b64encode(b"\x80").decode()
    assert encode_bits(pd.Series([False] * 7 + [True])) == base64.b64encode(b"\x01").decode()
    assert encode_bits(pd.Series([True] * 9)) == base64.b64encode(b"\xff\x80").decode()
    assert encode_bits(pd.Series([], dtype=bool)) == ""


def test_points_are_named_by_position_in_their_own_dataset(render, calls, labels, few):
    shown = pd.Series([True, False, True, False, True])
    _, points = drawn_by(calls, render(layer_of(labels).to_folium(few, shown)))
    assert list(points) == ["shelter", "site"]  # sites on top
    assert decode(points["site"]["shown"], 3) == [True, False, True]
    assert decode(points["site"]["marked"], 3) == [False, True, False]
    assert decode(points["shelter"]["shown"], 2) == [False, True]
    assert decode(points["shelter"]["marked"], 2) == [False, False]
    assert points["site"]["url"] == "/data/sites"
    assert points["shelter"]["url"] == "/data/shelters"


def test_kinds_differ_in_shape_colour_and_words(render, calls, labels, few):
    shown = pd.Series(data=True, index=few.index)
    layer = layer_of(labels, selected_id="d")
    _, points = drawn_by(calls, render(layer.to_folium(few, shown)))
    site, shelter = points["site"], points["shelter"]
    assert (site["shape"], shelter["shape"]) == ("circle", "square")
    assert site["fill"] != shelter["fill"]
    assert (site["kindLabel"], shelter["kindLabel"]) == ("指定緊急避難場所", "指定避難所")
    assert [hazard["name"] for hazard in site["hazards"]] == list(HAZARDS)
    for hazard in site["hazards"]:
        assert hazard["icon"] == HAZARD_ICONS[hazard["name"]]
        assert hazard["label"]
    assert shelter["hazards"] == []
    assert site["notice"] == shelter["notice"] == "一覧です"
    assert site["selectedId"] == shelter["selectedId"] == "d"
    assert site["fields"][1]["values"] == {"43100": "熊本市"}


def test_the_legend_counts_what_is_drawn(render, calls, labels, few):
    def legend(*shown):
        others, _ = drawn_by(calls, render(layer_of(labels).to_folium(few, pd.Series(shown))))
        return [(e["label"], e["shape"], e["count"]) for e in others["setLegend"]["entries"]]

    outside = "登録した市町村の区域の外にある"
    assert legend(True, True, True, True, True) == [
        ("指定緊急避難場所", "circle", "3か所"),
        ("指定避難所", "square", "2か所"),
        (outside, "ring", "1か所"),
    ]
    assert legend(False, False, True, True, True) == [
        ("指定緊急避難場所", "circle", "1か所"),
        ("指定避難所", "square", "2か所"),
    ]
    assert legend(False, True, False, False, False) == [
        ("指定緊急避難場所", "circle", "1か所"),
        (outside, "ring", "1か所"),
    ]
    assert legend(False, False, False, False, False) == []


def test_areas_outside_the_choice_fade_and_the_chosen_one_is_outlined(render, calls, labels, few):
    shown = pd.Series(data=True, index=few.index)
    focus = to_focus((130.123456789, 32.1, 131.0, 33.0), "aso/43100")
    layer = layer_of(labels, inside=("43100",), selected_code="43100", focus=focus)
    others, _ = drawn_by(calls, render(layer.to_folium(few, shown)))
    assert others["addAreas"]["inside"] == ["43100"]
    assert others["addAreas"]["selected"] == [{"code": "43100", "colour": ACCENT, "dash": None}]
    assert others["addAreas"]["focus"] == {
        "bounds": [130.12346, 32.1, 131.0, 33.0],
        "token": "aso/43100",
    }
    plain, _ = drawn_by(calls, render(layer_of(labels).to_folium(few, shown)))
    assert plain["addAreas"]["inside"] is None
    assert plain["addAreas"]["selected"] == []
    assert plain["addAreas"]["url"] == "/data/areas"


def test_what_is_near_is_drawn_only_for_a_point(render, calls, labels, few, facilities):
    shown = pd.Series(data=True, index=few.index)
    others, _ = drawn_by(calls, render(layer_of(labels).to_folium(few, shown)))
    assert "addNearest" not in others
    nearest = find_nearest(130.741, 32.789, facilities)
    layer = layer_of(labels, point=(130.741, 32.789))
    others, _ = drawn_by(calls, render(layer.to_folium(few, shown, nearest)))
    options = others["addNearest"]
    assert options["point"] == {"lon": 130.741, "lat": 32.789}
    assert [place["rank"] for place in options["places"]] == [1, 2, 3, 4, 5]
    assert [place["name"] for place in options["places"]] == nearest["name"].tolist()
    assert [place["lon"] for place in options["places"]] == nearest["lon"].tolist()
    others, _ = drawn_by(calls, render(layer.to_folium(few, shown)))
    assert others["addNearest"]["places"] == []


def test_a_new_object_at_every_call_and_nothing_changed(labels, few):
    shown = pd.Series(data=True, index=few.index)
    before, layer = few.copy(deep=True), layer_of(labels, point=(130.7, 32.8))
    first, second = layer.to_folium(few, shown), layer.to_folium(few, shown)
    assert first is not second
    assert set(map(id, first._children.values())).isdisjoint(map(id, second._children.values()))
    pd.testing.assert_frame_equal(pd.DataFrame(few), pd.DataFrame(before))
    assert shown.all()


def test_the_whole_map_is_small_and_asks_nobody_else(
    render, calls, structure, labels, names, facilities, catalog
):
    shown = pd.Series(data=True, index=facilities.index)
    layer = layer_of(labels, names=names, point=(130.741, 32.789))
    html = render(layer.to_folium(facilities, shown, find_nearest(130.741, 32.789, facilities)))
    assert len(html.encode()) < 40_000
    credited = {dataset.source_url for dataset in catalog}
    assert set(re.findall(r"(?:https?:)?//[\w.-]+\.[^\s\"'<>]*", html)) <= {
        part for url in credited for part in (url, url.removeprefix("https:"))
    }
    loaded = [
        attributes.get("src") or attributes.get("href")
        for tag, attributes in structure(html)[0]
        if tag in {"script", "link", "img", "iframe"} and attributes
    ]
    assert len(loaded) >= 2
    assert all(re.fullmatch(r"/assets/[\w./-]+", address) for address in loaded)
    _, points = drawn_by(calls, html)
    assert sum(decode(points["site"]["shown"], 1761)) == 1761
    assert sum(decode(points["site"]["marked"], 1761)) == 4
    assert sum(decode(points["shelter"]["marked"], 1338)) == 14


def test_hostile_text_cannot_leave_its_string(render, calls, structure, labels, few, hostile):
    shown = pd.Series(data=True, index=few.index)
    nearest = few.head(1).assign(rank=1)

    def html_for(text):
        layer = layer_of(
            labels,
            names={"43100": text, text: "x"},
            notice=text,
            selected_id=text,
            point=(130.7, 32.8),
            focus={"bounds": [1, 2, 3, 4], "token": text},
        )
        group = layer.to_folium(few, shown, nearest.assign(name=text))
        return render(group, title=text, view=MapView(130.7, 32.8, 9))

    harmless = structure(html_for("甲"))[0]
    for text in hostile:
        html = html_for(text)
        assert structure(html)[0] == harmless, text
        others, points = drawn_by(calls, html)
        assert others["furnish"]["texts"]["map"] == text
        assert others["addNearest"]["places"][0]["name"] == text
        assert others["addAreas"]["focus"]["token"] == text
        assert points["site"]["notice"] == points["site"]["selectedId"] == text
        assert points["site"]["fields"][1]["values"] == {"43100": text, text: "x"}
        assert "<script>alert" not in html


def test_text_of_templates_stays_text(render, calls, labels, few, template_text):
    shown = pd.Series(data=True, index=few.index)
    layer = layer_of(
        labels,
        selected_id=template_text,
        names={"43100": template_text, template_text: "x"},
        notice=template_text,
        focus={"bounds": [1, 2, 3, 4], "token": template_text},
        point=(130.7, 32.8),
    )
    nearest = few.head(1).assign(rank=1, name=template_text)
    others, points = drawn_by(calls, render(layer.to_folium(few, shown, nearest)))
    assert points["site"]["selectedId"] == points["shelter"]["notice"] == template_text
    assert points["site"]["fields"][1]["values"] == {"43100": template_text, template_text: "x"}
    assert others["addAreas"]["focus"]["token"] == template_text
    assert others["addNearest"]["places"][0]["name"] == template_text
