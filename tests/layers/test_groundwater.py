"""The map of the wells: one mark a place, its class by colour and shape, and no text as HTML."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from kumageo.labels import Labels
from kumageo.level_classes import LEVEL_CLASSES
from kumageo.wells import locate_wells
from layers import assets
from layers.base import ACCENT, Credit, to_focus
from layers.groundwater import LEGEND_ORDER, STYLES, WELL_COLUMNS, GroundwaterLayer, encode_wells

URLS = {"areas": "/data/areas", "wells": "/data/wells"}
SCRIPT = (assets.OWN_FOLDER / "wells.js").read_text("utf-8")
CLASSES = pd.Series({"w001": "none", "w002": "much_below", "w003": "normal", "w004": "none"})
SAID = pd.Series({"w001": "甲", "w002": "乙", "w003": "丙", "w004": "丁", "w999": "戊"})


def parse(encoded):
    """Parse as a browser does: NaN is no JSON."""

    def refuse(constant):
        raise ValueError(constant)

    return json.loads(encoded.decode("utf-8"), parse_constant=refuse)


@pytest.fixture
def layer(labels):
    return GroundwaterLayer(labels, URLS)


@pytest.fixture
def drawn(render, calls):
    """Return the functions that a layer calls in the browser, by name, in their order."""

    def draw(layer, classes=CLASSES, said=SAID):
        found = calls(render(layer.to_folium(classes, said)))
        return {name: options for name, options in found if name != "furnish"}

    return draw


@pytest.fixture
def wells():
    """Three wells at two places, and one without any."""
    table = {
        "id": ["w001", "w002", "w003", "w004"],
        "name": ["甲【浅】", "乙", "甲【深】", "丁"],
        "owner": ["熊本市", "熊本県", "熊本市", "熊本県"],
        "owner_inferred": pd.array([True, False, True, False], dtype="boolean"),
        "screen_mark": ["浅", None, "深", None],
        "position_note": [None, "秒の単位", None, "位置は分からない"],
        "place": "中央区",
        "place_id": ["w001", "w002", "w001", "w004"],
    }
    places = [Point(130.1234567, 32.5), Point(130.7, 32.8), Point(130.1234568, 32.5), None]
    return gpd.GeoDataFrame(table, geometry=places, crs="EPSG:6668", index=[5, 3, 9, 1])


class TestEncoding:
    def test_one_feature_a_place_with_its_wells(self, wells):
        collection = parse(encode_wells(wells))
        assert collection["type"] == "FeatureCollection"
        assert collection["features"] == [
            {
                "type": "Feature",
                "properties": {
                    "id": "w001",
                    "wells": [
                        {
                            "id": "w001",
                            "name": "甲【浅】",
                            "owner": "熊本市",
                            "owner_inferred": 1,
                            "screen_mark": "浅",
                        },
                        {
                            "id": "w003",
                            "name": "甲【深】",
                            "owner": "熊本市",
                            "owner_inferred": 1,
                            "screen_mark": "深",
                        },
                    ],
                },
                "geometry": {"type": "Point", "coordinates": [130.123457, 32.5]},
            },
            {
                "type": "Feature",
                "properties": {
                    "id": "w002",
                    "wells": [
                        {
                            "id": "w002",
                            "name": "乙",
                            "owner": "熊本県",
                            "owner_inferred": 0,
                            "position_note": "秒の単位",
                        },
                    ],
                },
                "geometry": {"type": "Point", "coordinates": [130.7, 32.8]},
            },
        ]

    def test_what_has_no_place_is_never_put_somewhere(self, wells):
        assert "w004" not in encode_wells(wells).decode()
        assert parse(encode_wells(wells[wells.geometry.isna()]))["features"] == []
        assert parse(encode_wells(wells.head(0)))["features"] == []

    def test_no_level_is_sent_with_the_places(self, wells):
        encoded = encode_wells(wells.assign(level_m=12.5, level_class="normal"))
        assert encoded == encode_wells(wells)
        for feature in parse(encoded)["features"]:
            for well in feature["properties"]["wells"]:
                assert set(well) <= set(WELL_COLUMNS)

    def test_real_wells(self, roads, frames, geodata):
        located = locate_wells(
            roads["observation_wells"], frames["municipalities"], frames["municipal_boundaries"]
        )
        features = parse(encode_wells(located))["features"]
        with (geodata / "raw" / "observation_wells.csv").open(encoding="utf-8") as file:
            raw = {row["id"]: row for row in csv.DictReader(file)}
        sent = {}
        for feature in features:
            lon, lat = feature["geometry"]["coordinates"]
            first, *_ = feature["properties"]["wells"]
            assert feature["properties"]["id"] == first["id"]
            assert (lon, lat) == (float(raw[first["id"]]["lon"]), float(raw[first["id"]]["lat"]))
            for well in feature["properties"]["wells"]:
                assert well["id"] not in sent
                sent[well["id"]] = well
                # All of a place lie within 10 m, that is 0.0001 degrees.
                assert float(raw[well["id"]]["lon"]) == pytest.approx(lon, abs=1e-4)
                assert float(raw[well["id"]]["lat"]) == pytest.approx(lat, abs=1e-4)
        assert (len(features), len(sent)) == (52, 65)
        for well_id, well in sent.items():
            for column in set(WELL_COLUMNS) - {"owner_inferred"}:
                assert well.get(column, "") == raw[well_id][column]
            assert str(well["owner_inferred"]) == raw[well_id]["owner_inferred"]

    @pytest.mark.parametrize("text", ["</script><img onerror=alert(1)>", "{{7*7}}", "]]>\u2028"])
    def test_hostile_text_arrives_as_it_is(self, wells, text):
        hostile = wells.assign(name=text, owner=text, screen_mark=text, position_note=text)
        for feature in parse(encode_wells(hostile))["features"]:
            for well in feature["properties"]["wells"]:
                names = ("name", "owner", "screen_mark", "position_note")
                assert {well[name] for name in names} == {text}

    def test_input_is_not_changed(self, wells):
        before = wells.copy(deep=True)
        encode_wells(wells)
        pd.testing.assert_frame_equal(pd.DataFrame(wells), pd.DataFrame(before))


class TestMarks:
    def test_areas_lie_below_the_wells(self, layer, drawn):
        called = drawn(layer)
        assert list(called) == ["addAreas", "addWells", "addCredits", "setLegend"]
        areas = called["addAreas"]
        assert areas["url"] == "/data/areas"
        assert (areas["interactive"], areas["isBackground"]) == (False, True)
        assert (areas["selected"], areas["inside"], areas["focus"]) == ([], None, None)

    def test_a_chosen_municipality_is_outlined_and_others_fade(self, layer, drawn):
        focus = to_focus((130.7, 32.8, 130.9, 32.9), "43404")
        chosen = replace(layer, inside=("43404",), selected_code="43404", focus=focus)
        areas = drawn(chosen)["addAreas"]
        assert areas["selected"] == [{"code": "43404", "colour": ACCENT, "dash": None}]
        assert (areas["inside"], areas["focus"]) == (["43404"], focus)

    def test_each_well_has_its_class_and_its_words(self, layer, drawn):
        options = drawn(layer)["addWells"]
        assert options["url"] == "/data/wells"
        assert options["classes"] == CLASSES.to_dict()
        # Only of wells that are drawn.
        assert options["said"] == {"w001": "甲", "w002": "乙", "w003": "丙", "w004": "丁"}
        assert options["selectedId"] == ""
        ringed = drawn(replace(layer, selected_place="w002"))["addWells"]
        assert (ringed["selectedId"], ringed["accent"]) == ("w002", ACCENT)

    def test_every_class_is_told_by_colour_shape_and_words(self, layer, drawn):
        options = drawn(layer)["addWells"]
        assert set(options["styles"]) == set(options["labels"]) == {*LEVEL_CLASSES, *REST}
        styles = options["styles"].values()
        assert len({style["fill"] for style in styles}) == len(styles)
        assert len(set(options["labels"].values())) == len(styles)
        # Never told apart by colour alone: below points down, above up.
        shapes = {name: style["shape"] for name, style in options["styles"].items()}
        assert shapes == {
            **dict.fromkeys(("much_below", "below"), "down"),
            **dict.fromkeys(("much_above", "above"), "up"),
            "normal": "circle",
            "position": "diamond",
            "none": "hollow",
        }
        points = (assets.OWN_FOLDER / "points.js").read_text("utf-8")
        for shape in set(shapes.values()):
            assert re.search(rf"^    {shape}: \(path", points, re.MULTILINE)

    def test_the_mark_of_a_place_is_its_most_unusual_well(self, layer, drawn):
        order = drawn(layer)["addWells"]["order"]
        assert order == list(STYLES)
        ranks = {name: order.index(name) for name in order}
        for much, little in (("much_below", "below"), ("much_above", "above")):
            assert ranks[much] < ranks[little] < ranks["normal"] < ranks["position"] < ranks["none"]
        assert max(ranks["much_below"], ranks["much_above"]) < min(ranks["below"], ranks["above"])
        # The script takes the first of that order, draws it last, and so on top.
        assert "options.order.indexOf(options.classes[id])" in SCRIPT
        assert "rank: Math.min(...ranks)" in SCRIPT
        assert "options.styles[options.order[rank]]" in SCRIPT
        assert "places.sort((one, other) => other.rank - one.rank)" in SCRIPT

    def test_every_class_that_a_well_can_have_can_be_drawn(self, layer, drawn):
        every = pd.Series({f"w{number:03}": name for number, name in enumerate(STYLES)})
        options = drawn(layer, every, every)["addWells"]
        assert set(options["classes"].values()) == set(options["order"])

    def test_no_wells(self, layer, drawn):
        nothing = pd.Series(dtype="str")
        called = drawn(layer, nothing, nothing)
        assert (called["addWells"]["classes"], called["addWells"]["said"]) == ({}, {})
        assert called["setLegend"]["entries"] == []


REST = ("position", "none")


class TestLegend:
    def test_it_counts_the_wells_of_each_class(self, layer, drawn):
        legend = drawn(layer)["setLegend"]
        assert legend["title"] == "水位の階級"
        assert [(entry["label"], entry["count"]) for entry in legend["entries"]] == [
            ("かなり低い（10パーセンタイル未満）", "1本"),
            ("平年並み（25〜75）", "1本"),
            ("階級なし", "2本"),
        ]

    def test_it_goes_from_low_to_high(self, layer, drawn):
        every = pd.Series({f"w{number:03}": name for number, name in enumerate(STYLES)})
        called = drawn(layer, every, every)
        entries = called["setLegend"]["entries"]
        styles = called["addWells"]["styles"]
        assert (*LEVEL_CLASSES, *REST) == LEGEND_ORDER
        assert [(entry["colour"], entry["shape"]) for entry in entries] == [
            (styles[name]["fill"], styles[name]["shape"]) for name in LEGEND_ORDER
        ]
        assert [entry["label"] for entry in entries] == [
            called["addWells"]["labels"][name] for name in LEGEND_ORDER
        ]

    def test_where_nothing_is_known_no_class_is_named(self, layer, drawn):
        called = drawn(layer, pd.Series({"w001": "none", "w002": "none"}))
        assert [(entry["label"], entry["count"]) for entry in called["setLegend"]["entries"]] == [
            ("階級なし", "2本")
        ]

    def test_every_shape_can_be_drawn_in_it(self):
        style = (assets.OWN_FOLDER / "map.css").read_text("utf-8")
        for shape, _ in STYLES.values():
            assert re.search(rf"\.kg-mark\.kg-{shape}\b", style), shape


class TestStamp:
    def test_none_unless_given(self, layer, drawn):
        assert drawn(layer)["addWells"]["stamp"] == ""
        assert drawn(replace(layer, stamp="模擬データ"))["addWells"]["stamp"] == "模擬データ"

    def test_the_script_takes_an_old_one_away_and_writes_text(self):
        (body,) = re.findall(r"function stamp\(.*?\n  }\n", SCRIPT, re.DOTALL)
        removed = body.index('querySelector(".kg-stamp")?.remove()')
        assert removed < body.index("if (text)")
        assert 'element("div", "kg-stamp", text)' in body

    def test_it_lies_over_the_map_and_lets_clicks_through(self):
        style = (assets.OWN_FOLDER / "map.css").read_text("utf-8")
        (rule,) = re.findall(r"^\.kg-stamp \{(.*)\}$", style, re.MULTILINE)
        assert "pointer-events: none" in rule
        assert "inset: 0" in rule
        # Screenshots and prints keep it.
        printed = re.findall(r"^@media print \{(.*)\}$", style, re.MULTILINE)
        assert printed
        assert "kg-stamp" not in "".join(printed)


class TestCredits:
    def test_who_measured_is_credited_on_the_map(self, layer, drawn):
        assert drawn(layer)["addCredits"] == {"credits": []}
        sources = (Credit("水位の記録：熊本県"), Credit("水位の記録：熊本市", "https://a.example/"))
        assert drawn(replace(layer, sources=sources))["addCredits"]["credits"] == [
            {"text": "水位の記録：熊本県", "url": ""},
            {"text": "水位の記録：熊本市", "url": "https://a.example/"},
        ]


class TestSafety:
    def test_a_new_object_at_every_call_and_nothing_changed(self, layer):
        classes, said = CLASSES.copy(deep=True), SAID.copy(deep=True)
        first, second = layer.to_folium(classes, said), layer.to_folium(classes, said)
        assert first is not second
        assert set(map(id, first._children.values())).isdisjoint(map(id, second._children.values()))
        pd.testing.assert_series_equal(classes, CLASSES)
        pd.testing.assert_series_equal(said, SAID)

    def hostile_html(self, render, labels, text):
        # The labels of the map itself have tests of their own; a count is a form to be filled.
        kept = ("map.", "legend.count_wells")
        texts = {name: text for name in labels.texts if not name.startswith(kept)}
        layer = GroundwaterLayer(
            Labels("ja", {**labels.texts, **texts}),
            dict.fromkeys(URLS, text),
            selected_place=text,
            inside=(text,),
            selected_code=text,
            stamp=text,
            focus={"bounds": [1, 2, 3, 4], "token": text},
            sources=(Credit(text, text),),
        )
        said = pd.Series(dict.fromkeys(CLASSES.index, text))
        return render(layer.to_folium(CLASSES, said))

    def check(self, called, text):
        wells, areas = called["addWells"], called["addAreas"]
        assert set(wells["said"].values()) == set(wells["labels"].values()) == {text}
        assert set(wells["texts"].values()) == {text}
        assert wells["url"] == wells["selectedId"] == wells["stamp"] == text
        assert areas["focus"]["token"] == areas["selected"][0]["code"] == text
        assert areas["inside"] == [text]
        assert called["addCredits"]["credits"] == [{"text": text, "url": text}]
        assert {entry["label"] for entry in called["setLegend"]["entries"]} == {text}

    def test_hostile_text_cannot_leave_its_string(self, render, calls, structure, labels, hostile):
        harmless = structure(self.hostile_html(render, labels, "甲"))[0]
        for text in hostile:
            html = self.hostile_html(render, labels, text)
            assert structure(html)[0] == harmless, text
            self.check(dict(calls(html)), text)
            assert "<script>alert" not in html
            assert "<img" not in html

    def test_text_of_templates_stays_text(self, render, calls, labels, template_text):
        html = self.hostile_html(render, labels, template_text)
        self.check(dict(calls(html)), template_text)

    def test_the_script_writes_text_of_wells_as_text(self):
        # What a popup, a tip and a label are made of goes through element(), see test_registry.
        for name in ("name", "position_note", "screen_mark", "owner"):
            assert re.search(rf"\b(well|first)\.{name}\b|\{{ {name} \}}", SCRIPT), name
        assert "innerHTML" not in SCRIPT

    def test_every_text_of_the_script_is_given(self, layer, drawn):
        used = set(re.findall(r"\boptions\.texts\.(\w+)", SCRIPT))
        assert used == set(drawn(layer)["addWells"]["texts"]) == {"inferred", "same_place"}
        assert drawn(layer)["addWells"]["texts"]["same_place"].count("<n>") == 1
