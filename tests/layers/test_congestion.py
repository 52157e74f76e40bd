"""The map of the roads: what the scripts are given, and that no text of it becomes HTML."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import geopandas as gpd
import pytest
import shapely
import shapely.geometry
from shapely import Point

from kumageo.days import DAY_CLASSES
from kumageo.labels import Labels
from kumageo.schemas import get_schema
from layers import assets
from layers.base import ACCENT, Credit, to_focus
from layers.congestion import (
    BREAKS,
    MEASURES,
    PERIODS,
    SPEED,
    TEXTS,
    WIDTHS_PX,
    CongestionLayer,
    TrafficChoice,
)
from layers.symbology import BOTTLENECK_COLOUR, SEQUENTIAL, UNKNOWN_COLOUR
from layers.traffic_data import BOTTLENECK_COLUMNS, CORRIDOR_COLUMNS, LANDMARK_COLUMNS

URLS = {
    "areas": "/data/areas",
    "corridors": "/data/corridors",
    "stations": "/data/stations",
    "bottlenecks": "/data/bottlenecks",
    "landmarks": "/data/landmarks",
}
SCRIPT = (assets.OWN_FOLDER / "traffic.js").read_text("utf-8")


@pytest.fixture
def layer(labels):
    return CongestionLayer(labels, URLS)


@pytest.fixture
def circle():
    """Give a circle of 500 m about JASM in EPSG:6670."""
    place = gpd.GeoSeries([Point(130.84474, 32.885967)], crs="EPSG:6668").to_crs("EPSG:6670")
    return place.buffer(500).iloc[0]


@pytest.fixture
def inside():
    places = [Point(130.84, 32.88), Point(130.85, 32.89), Point(130.845, 32.886)]
    return gpd.GeoDataFrame(
        {
            "kind": ["site", "shelter", "well"],
            "lon": [place.x for place in places],
            "lat": [place.y for place in places],
            "name": ["甲", "乙", "丙"],
            "source_row": [2, 3, 4],
        },
        geometry=places,
        crs="EPSG:6668",
    )


@pytest.fixture
def drawn(render, calls):
    """Return the functions that a layer calls in the browser, by name, in their order."""

    def draw(layer, **arguments):
        found = calls(render(layer.to_folium(), **arguments))
        return {name: options for name, options in found if name != "furnish"}

    return draw


class TestTraffic:
    def test_areas_lie_below_the_roads(self, layer, drawn):
        called = drawn(layer)
        assert list(called) == ["addAreas", "addTraffic", "addCredits"]
        areas = called["addAreas"]
        assert areas["url"] == "/data/areas"
        assert (areas["interactive"], areas["isBackground"]) == (False, True)
        assert areas["selected"] == []

    def test_where_the_data_comes_from(self, layer, drawn):
        # The script takes them in this order.
        assert drawn(layer)["addTraffic"]["urls"] == [
            *("/data/corridors", "/data/stations", "/data/bottlenecks", "/data/landmarks")
        ]
        assert "([corridors, stations, bottlenecks, landmarks], map)" in SCRIPT

    def test_what_is_shown_first(self, layer, drawn):
        assert drawn(layer)["addTraffic"]["choice"] == {
            "hour": 17,
            "day": "weekday",
            "period": "before",
            "measure": "both",
        }
        choice = TrafficChoice(hour=0, day="obon", period="after", measure="split_pct")
        options = drawn(replace(layer, choice=choice))["addTraffic"]
        assert options["choice"] == vars(choice)
        assert options["choice"]["hour"] == 0

    def test_days_periods_and_measures_have_words(self, layer, drawn):
        options = drawn(layer)["addTraffic"]
        assert [one["id"] for one in options["days"]] == list(DAY_CLASSES)
        assert [one["label"] for one in options["days"]] == ["平日", "土曜", "日曜・祝日", "お盆"]
        assert [one["id"] for one in options["periods"]] == list(PERIODS)
        # The day of the earthquake is in neither.
        assert [one["label"] for one in options["periods"]] == [
            "地震の前（7月27日まで）",
            "地震の後（7月29日から）",
        ]
        units = {one["id"]: one["unit"] for one in options["measures"]}
        assert list(units) == [name for name in MEASURES if name != SPEED]
        assert set(units.values()) == {"台/時", "%"}
        assert {name for name, unit in units.items() if unit == "%"} == {"large_pct", "split_pct"}
        assert all(one["label"] for one in options["measures"])

    def test_no_measure_is_a_speed(self, layer, drawn):
        called = drawn(layer)
        # The sentence of a speed is there, and said of none.
        assert "速度" in called["addTraffic"]["texts"].pop("sentence_speed")
        written = json.dumps(called, ensure_ascii=False)
        assert "km/h" not in written
        assert "速度" not in written

    def test_speeds_can_be_chosen_where_some_were_measured(self, layer, drawn):
        measures = drawn(replace(layer, has_speeds=True))["addTraffic"]["measures"]
        assert [one["id"] for one in measures] == list(MEASURES)
        (speed,) = [one for one in measures if one["id"] == SPEED]
        # Slow is dark and wide, by the classes of JARTIC: 渋滞 to 10 km/h, 混雑 to 20 km/h.
        assert speed == {
            "id": "speed_kmh",
            "label": "平均速度（測った区間）",
            "unit": "km/h",
            "breaks": [0, 10, 20, 30, 40],
            "isReversed": True,
        }
        assert [one["isReversed"] for one in measures if one["id"] != SPEED] == [False] * 5

    def test_each_class_has_a_colour_and_a_width(self, layer, drawn):
        options = drawn(layer)["addTraffic"]
        assert options["colours"] == list(SEQUENTIAL)
        assert options["widths"] == list(WIDTHS_PX) == sorted(set(WIDTHS_PX))
        for measure in options["measures"]:
            breaks = measure["breaks"]
            assert len(breaks) == len(options["colours"]) == len(options["widths"])
            assert breaks == sorted(set(breaks)) == list(BREAKS[measure["id"]])
        assert BREAKS["split_pct"][0] == 50  # the heavier direction has half at least
        assert options["unknown"] == UNKNOWN_COLOUR
        assert options["unknown"] not in options["colours"]
        assert options["bottleneckColour"] == BOTTLENECK_COLOUR

    def test_the_chosen_station(self, layer, drawn):
        assert drawn(layer)["addTraffic"]["selectedStation"] == ""
        options = drawn(replace(layer, selected_station="9310130"))["addTraffic"]
        assert (options["selectedStation"], options["accent"]) == ("9310130", ACCENT)

    def test_the_focus(self, layer, drawn):
        focus = to_focus((130.7, 32.8, 130.9, 32.9), "semicon/500")
        assert drawn(replace(layer, focus=focus))["addAreas"]["focus"] == focus
        assert drawn(layer)["addAreas"]["focus"] is None

    def test_popups_show_what_the_data_has(self, layer, drawn):
        popups = drawn(layer)["addTraffic"]["popups"]
        columns = {
            "corridor": CORRIDOR_COLUMNS,
            "bottleneck": BOTTLENECK_COLUMNS,
            "landmark": LANDMARK_COLUMNS,
        }
        assert set(popups) == set(columns)
        for kind, names in columns.items():
            fields = {field["name"]: field for field in popups[kind]["fields"]}
            assert set(fields) <= set(names)
            assert popups[kind]["kindLabel"]
            assert all(field["label"] for field in fields.values())
        # What the drawn line is, and how it was found.
        corridor = {field["name"] for field in popups["corridor"]["fields"]}
        assert {"confidence", "confidence_note", "works"} <= corridor
        assert popups["corridor"]["kindLabel"] == "道路（概略線形）"
        bottleneck = {field["name"] for field in popups["bottleneck"]["fields"]}
        assert {"criterion", "listed_on", "position_method", "publisher"} <= bottleneck

    def test_every_confidence_has_words(self, layer, drawn):
        fields = drawn(layer)["addTraffic"]["popups"]["corridor"]["fields"]
        (confidence,) = [field for field in fields if field["name"] == "confidence"]
        (column,) = [one for one in get_schema("corridors").columns if one.name == "confidence"]
        assert set(confidence["values"]) == set(column.pattern.split("|"))
        assert all(confidence["values"].values())

    def test_every_status_that_is_drawn_has_words(self, layer, drawn):
        options = drawn(layer)["addTraffic"]
        fields = options["popups"]["bottleneck"]["fields"]
        (status,) = [field for field in fields if field["name"] == "status"]
        (column,) = [one for one in get_schema("bottlenecks").columns if one.name == "status"]
        assert set(status["values"]) == set(column.pattern.split("|"))

    def test_statuses_of_the_legend(self, layer, drawn):
        statuses = drawn(layer)["addTraffic"]["statuses"]
        assert [one["id"] for one in statuses] == ["confirmed", "unconfirmed"]
        assert len({one["label"] for one in statuses}) == 2


class TestBuffer:
    def test_none_is_drawn_unless_chosen(self, layer, drawn):
        called = drawn(layer)
        assert "addBuffer" not in called
        assert called["addTraffic"]["bufferEntries"] == []
        assert called["addCredits"] == {"credits": []}

    def test_it_lies_between_areas_and_roads(self, layer, drawn, circle, inside):
        called = drawn(replace(layer, buffer=circle, inside=inside))
        assert list(called) == ["addAreas", "addBuffer", "addTraffic", "addCredits"]

    def test_the_legend_tells_what_lies_in_it(self, layer, drawn, circle, inside):
        called = drawn(replace(layer, buffer=circle, inside=inside))
        line, *kinds = called["addTraffic"]["bufferEntries"]
        assert line == {"label": "選んだ距離の範囲", "colour": ACCENT, "shape": "dash-accent"}
        assert [kind["label"] for kind in kinds] == [
            *("指定緊急避難場所", "指定避難所", "地下水の観測井")
        ]
        styles = called["addBuffer"]["styles"].values()
        assert [(one["shape"], one["colour"]) for one in kinds] == [
            (one["shape"], one["fill"]) for one in styles
        ]

    def test_what_it_counts_is_credited_on_the_map(self, layer, drawn, circle, inside):
        sources = (Credit("甲の資料を加工", "https://a.example/"), Credit("乙"))
        called = drawn(replace(layer, buffer=circle, inside=inside, sources=sources))
        assert called["addCredits"]["credits"] == [
            {"text": "甲の資料を加工", "url": "https://a.example/"},
            {"text": "乙", "url": ""},
        ]

    def test_its_shape_in_degrees(self, layer, drawn, circle):
        options = drawn(replace(layer, buffer=circle))["addBuffer"]
        shape = shapely.geometry.shape(options["geometry"])
        assert shape.is_valid
        assert (shape.centroid.x, shape.centroid.y) == pytest.approx(
            (130.84474, 32.885967), abs=1e-5
        )
        back = gpd.GeoSeries([shape], crs="EPSG:4326").to_crs("EPSG:6670").iloc[0]
        assert back.symmetric_difference(circle).area < 0.005 * circle.area
        assert options["accent"] == ACCENT
        assert options["places"] == []
        # Metres are enough.
        digits = [len(f"{number}".split(".")[1]) for number in shapely.get_coordinates(shape).flat]
        assert max(digits) <= 5

    def test_what_lies_in_it(self, layer, drawn, circle, inside):
        options = drawn(replace(layer, buffer=circle, inside=inside))["addBuffer"]
        assert options["places"] == [
            {"kind": "site", "lon": 130.84, "lat": 32.88, "name": "甲"},
            {"kind": "shelter", "lon": 130.85, "lat": 32.89, "name": "乙"},
            {"kind": "well", "lon": 130.845, "lat": 32.886, "name": "丙"},
        ]
        # Never told apart by colour alone.
        assert set(options["styles"]) == {"site", "shelter", "well"}
        points = (assets.OWN_FOLDER / "points.js").read_text("utf-8")
        for told in ("fill", "shape"):
            assert len({style[told] for style in options["styles"].values()}) == 3
        for style in options["styles"].values():
            assert re.search(rf"^    {style['shape']}: \(path", points, re.MULTILINE)

    def test_nothing_lies_in_it(self, layer, drawn, circle, inside):
        options = drawn(replace(layer, buffer=circle, inside=inside.head(0)))["addBuffer"]
        assert options["places"] == []


class TestSafety:
    def test_a_new_object_at_every_call_and_nothing_changed(self, layer, circle, inside):
        layer = replace(layer, buffer=circle, inside=inside)
        before = inside.copy(deep=True)
        first, second = layer.to_folium(), layer.to_folium()
        assert first is not second
        assert set(map(id, first._children.values())).isdisjoint(map(id, second._children.values()))
        assert inside.equals(before)
        assert URLS["areas"] == "/data/areas"

    def test_the_whole_map_is_small_and_asks_nobody_else(
        self, layer, render, structure, catalog, circle, inside
    ):
        html = render(replace(layer, buffer=circle, inside=inside).to_folium())
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
        assert all(re.fullmatch(r"/assets/[\w./-]+", address) for address in loaded)

    def with_text(self, labels, circle, inside, text):
        texts = {name: text for name in labels.texts if not name.startswith("map.")}
        return CongestionLayer(
            Labels("ja", {**labels.texts, **texts}),
            dict.fromkeys(URLS, text),
            choice=TrafficChoice(day=text, period=text, measure=text),
            selected_station=text,
            buffer=circle,
            inside=inside.assign(name=text),
            has_speeds=True,
            sources=(Credit(text, text),),
            focus={"bounds": [1, 2, 3, 4], "token": text},
        )

    def check(self, called, text):
        traffic = called["addTraffic"]
        assert set(traffic["texts"].values()) == {text}
        assert traffic["urls"] == [text] * 4
        assert traffic["selectedStation"] == traffic["choice"]["day"] == text
        assert {one["label"] for one in traffic["measures"]} == {text}
        assert {one["unit"] for one in traffic["measures"]} == {text}
        for popup in traffic["popups"].values():
            assert popup["kindLabel"] == text
            assert {field["label"] for field in popup["fields"]} == {text}
        assert {place["name"] for place in called["addBuffer"]["places"]} == {text}
        assert {entry["label"] for entry in traffic["bufferEntries"]} == {text}
        assert called["addCredits"]["credits"] == [{"text": text, "url": text}]
        assert called["addAreas"]["focus"]["token"] == text

    def test_hostile_text_cannot_leave_its_string(
        self, render, calls, structure, labels, circle, inside, hostile
    ):
        def html_for(text):
            return render(self.with_text(labels, circle, inside, text).to_folium())

        harmless = structure(html_for("甲"))[0]
        for text in hostile:
            html = html_for(text)
            assert structure(html)[0] == harmless, text
            self.check(dict(calls(html)), text)
            assert "<script>alert" not in html
            assert "<img" not in html

    def test_text_of_templates_stays_text(
        self, render, calls, labels, circle, inside, template_text
    ):
        html = render(self.with_text(labels, circle, inside, template_text).to_folium())
        self.check(dict(calls(html)), template_text)


class TestScript:
    """What the script says of hours, by its text: it runs in tests/browser."""

    def test_every_text_is_used_and_none_is_missing(self):
        used = set(re.findall(r"\btexts\.(\w+)", SCRIPT))
        used |= {"day", "period", "measure"}  # the three lists, by name
        assert '["day", "period", "measure"].map((name) => choiceOf(name, options,' in SCRIPT
        assert used == {*TEXTS, "head", "between"}  # these two are not of traffic alone

    def test_every_measure_is_read(self):
        bodies = re.findall(r"function read(?:Hour|Road)\(.*?\n  }\n", SCRIPT, re.DOTALL)
        assert len(bodies) == 2  # of a station its volumes, of a road these and its speeds
        returned = [body[body.index(" {", body.rindex("return ")) :] for body in bodies]
        for measure in MEASURES:
            assert any(re.search(rf"\b{measure}\b", one) for one in returned), measure

    def test_a_share_of_nothing_is_unknown(self):
        assert SCRIPT.count("both ? (100 *") == 2
        assert SCRIPT.count(": null,") >= 2

    def forms(self, labels):
        return [name for name in TEXTS if re.search(r"<\w+>", labels(f"traffic.{name}"))]

    def unfilled(self, name):
        """Return the places where a form is shown as it stands."""
        used = re.finditer(rf"(write\()?(?:options\.)?\btexts\.{name}\b", SCRIPT)
        return [SCRIPT.count("\n", 0, found.start()) + 1 for found in used if not found[1]]

    def test_forms_are_filled(self, labels):
        assert set(self.forms(labels)) >= {"hour_of", "sentence", "label", "no_days"}
        for name in self.forms(labels):
            assert self.unfilled(name) == [], name
