"""What a briefing says, beside the council files and the raw figures."""

from __future__ import annotations

import csv
import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
import shapely.geometry

from pages.components.briefing import build_deck
from pages.components.briefing_maps import build_maps
from pages.components.council_state import CouncilState
from pages.components.data import get_councils, get_data, get_water

GEODATA = Path(__file__).resolve().parents[3] / "geodata"
AREAS = tomllib.loads((GEODATA / "council/areas.toml").read_text(encoding="utf-8"))["area"]
TOPICS = tomllib.loads((GEODATA / "council/topics.toml").read_text(encoding="utf-8"))["topic"]
IDS = [area["id"] for area in AREAS]
SILENT = {"kumamoto", "ashikita", "kamoto", "uki"}
PAPER = "熊本県「デジタル田園都市国家構想に関する資料（令和7年3月）」"
PLACES = {"JASM（セミコンテクノパーク）": (130.84474, 32.885967)}


def read_csv(name):
    with (GEODATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


MEETINGS = {row["id"]: row for row in read_csv("council/meetings.csv")}
THEMES = {row["id"]: row["name"] for row in read_csv("council/themes.csv")}


@pytest.fixture(scope="module")
def councils(data):
    return get_councils(data)


@pytest.fixture(scope="module")
def brief(data, councils, labels):
    def build(region_id="", *topic_ids):
        return build_deck(CouncilState(region_id, "", topic_ids), data, councils, labels)

    return build


@pytest.fixture(scope="module")
def shapes():
    """Read the boundaries of the raw file by the area of their municipality."""
    region_of = {row["code"]: row["region_id"] for row in read_csv("raw/municipalities.csv")}
    text = (GEODATA / "raw/municipal_boundaries.geojson").read_text(encoding="utf-8")
    found = {region_id: [] for region_id in IDS}
    for feature in json.loads(text)["features"]:
        code = feature["properties"]["code"]
        region_id = region_of["43100" if code.startswith("4310") else code]
        found[region_id].append(shapely.geometry.shape(feature["geometry"]))
    return {region_id: shapely.union_all(parts) for region_id, parts in found.items()}


def count_within(name, shape):
    points = shapely.points(
        [(float(row["lon"]), float(row["lat"])) for row in read_csv(f"raw/{name}") if row["lon"]]
    )
    shapely.prepare(shape)
    return int(shapely.contains(shape, points).sum())


def values_of(slide):
    return {figure.label: figure.value for figure in slide.figures}


def find_slide(deck, slide_id):
    (slide,) = [slide for slide in deck.slides if slide.id == slide_id]
    return slide


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area["id"])
class TestAllAreas:
    def test_an_area_then_its_topics_or_that_none_are_known(self, brief, area):
        deck = brief(area["id"])
        topics = [topic for topic in TOPICS if topic["region"] == area["id"]]
        wanted = [f"topic-{topic['id']}" for topic in topics] or [f"none-{area['id']}"]
        assert [slide.id for slide in deck.slides] == [f"area-{area['id']}", *wanted]
        assert [slide.title for slide in deck.slides[1:]] == (
            [topic["title"] for topic in topics] or ["議題は示されていません"]
        )
        assert (area["id"] in SILENT) == (not topics) == (area["state"] != "held")

    def test_population_and_size_are_sums_of_the_raw_rows(self, brief, area):
        rows = [r for r in read_csv("raw/municipalities.csv") if r["region_id"] == area["id"]]
        shown = values_of(brief(area["id"]).slides[0])
        assert shown["人口"] == f"{sum(int(row['population']) for row in rows):,} 人"
        size = sum(float(row["area_km2"]) for row in rows)
        assert float(shown["面積"].removesuffix(" km²").replace(",", "")) == pytest.approx(
            size, abs=0.0501
        )

    def test_sites_are_those_that_lie_in_it(self, brief, shapes, area):
        shown = values_of(brief(area["id"]).slides[0])["指定緊急避難場所"]
        assert shown == f"{count_within('evacuation_sites.csv', shapes[area['id']]):,}か所"

    def test_meetings_are_those_of_the_file(self, brief, area, in_words):
        points = brief(area["id"]).slides[0].points
        assert points[0] == f"構成：{'、'.join(area['municipalities'])}"
        expected = [
            f"会議：{in_words(row['date'])} 開催"
            if row["state"] == "held"
            else f"会議：{in_words(row['date'])} の予定（令和7年3月時点・結果未確認）"
            for row in MEETINGS.values()
            if row["region_id"] == area["id"]
        ]
        assert list(points[1:]) == expected

    def test_every_slide_has_title_message_source_map_and_link(self, brief, area):
        deck = brief(area["id"])
        for slide in deck.slides:
            assert slide.title, slide.id
            assert slide.message, slide.id
            assert slide.sources[0] == PAPER
            assert all(slide.sources), slide.id
            assert slide.link.startswith("/"), slide.id
            assert slide.view is not None, slide.id
            for figure in slide.figures:
                assert figure.source, slide.id
        assert deck.link == f"/briefing?region={area['id']}"
        assert all("加工して作成" in credit for credit in deck.credits)
        assert len(deck.credits) == 3

    def test_the_map_is_on_the_area(self, brief, shapes, area):
        for slide in brief(area["id"]).slides:
            codes = {
                row["code"]
                for row in read_csv("raw/municipalities.csv")
                if row["name"] in area["municipalities"]
            }
            assert set(slide.view.codes) == codes
            if slide.view.layer != "congestion" and not slide.view.places:
                assert slide.view.extent == pytest.approx(shapes[area["id"]].bounds, abs=1e-6)


@pytest.mark.parametrize("area", [one for one in AREAS if one["id"] in SILENT])
def test_silence_says_why(brief, area):
    slide = brief(area["id"]).slides[-1]
    assert slide.message == "この地域の議題は、資料に示されていません。"
    assert slide.points == (area["note"],)
    assert slide.figures == ()
    assert slide.sources == (PAPER,)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic["id"])
def test_a_topic_says_when_it_was_discussed_and_where_its_evidence_is(brief, topic, in_words):
    slide = find_slide(brief("", topic["id"]), f"topic-{topic['id']}")
    tags = "、".join(THEMES[one] for one in topic["themes"])
    date = in_words(MEETINGS[topic["meeting"]]["date"])
    note = [topic["note"]] if topic.get("note") else []
    assert list(slide.points) == [f"{date}の会議で議論（{tags}）", *note]
    assert slide.view.layer == topic.get("layer", "council")
    assert slide.view.query == topic.get("query", {})
    if "layer" in topic:
        page = "" if topic["layer"] == "municipalities" else topic["layer"]
        assert slide.link.partition("?")[0] == f"/{page}"
        assert slide.message.startswith("地図：")
        assert slide.figures, "the evidence has a number"
        assert len(slide.sources) > 1
    else:
        assert slide.link == f"/council?region={topic['region']}"
        assert slide.figures == ()


def test_a_topic_without_evidence_says_so(brief):
    for topic in TOPICS:
        if "layer" not in topic and "places" not in topic:
            slide = find_slide(brief("", topic["id"]), f"topic-{topic['id']}")
            assert slide.message == "この議題の資料は、地図にありません"
            assert slide.view.places == ()


def test_a_marked_place_is_where_the_raw_file_has_it(brief):
    rows = {row["name"]: row for row in read_csv("raw/landmarks.csv")}
    (topic,) = [one for one in TOPICS if "places" in one and "layer" not in one]
    slide = find_slide(brief("", topic["id"]), f"topic-{topic['id']}")
    ((lon, lat, name),) = slide.view.places
    assert (lon, lat) == (float(rows[name]["lon"]), float(rows[name]["lat"])) == PLACES[name]


def test_a_marked_place_is_not_said_to_be_missing(brief):
    slide = find_slide(brief("", "arao_tamana_tsmc"), "topic-arao_tamana_tsmc")
    assert slide.view.places
    assert slide.message != "この議題の資料は、地図にありません"


def test_a_marked_place_is_in_view(brief):
    for topic in TOPICS:
        view = find_slide(brief("", topic["id"]), f"topic-{topic['id']}").view
        west, south, east, north = view.extent
        for lon, lat, name in view.places:
            assert west <= lon <= east, name
            assert south <= lat <= north, name


class TestFigures:
    def test_the_population_of_kikuchi_by_hand(self, brief):
        # 菊池市 45,313 and so on: the sum of four rows of municipalities.csv
        names = ("菊池市", "合志市", "大津町", "菊陽町")
        rows = [row for row in read_csv("raw/municipalities.csv") if row["name"] in names]
        assert len(rows) == 4
        assert sum(int(row["population"]) for row in rows) == 192_246
        deck = brief("kikuchi")
        assert values_of(deck.slides[0])["人口"] == "192,246 人"
        assert values_of(find_slide(deck, "topic-kikuchi_town"))["人口"] == "192,246 人"

    def test_flood_sites_of_hitoyoshi_kuma(self, brief, figures):
        rows = figures.select(kind="site", hazards=("flood",), region="hitoyoshi_kuma")
        slide = find_slide(brief("hitoyoshi_kuma"), "topic-hitoyoshi_kuma_river_basin")
        assert values_of(slide) == {
            "洪水に対応する指定緊急避難場所": f"{len(rows)}か所",
        }

    def test_sites_of_yatsushiro(self, brief, figures):
        rows = figures.select(kind="site", region="yatsushiro")
        slide = find_slide(brief("yatsushiro"), "topic-yatsushiro_disaster")
        assert values_of(slide) == {"指定緊急避難場所": f"{len(rows)}か所"}

    def test_every_slide_of_sites_says_that_it_is_a_list(self, brief):
        for topic in TOPICS:
            if topic.get("layer") == "evacuation":
                slide = find_slide(brief("", topic["id"]), f"topic-{topic['id']}")
                assert "開設状況ではありません" in slide.message
                assert (
                    "指定の一覧です。開設状況ではありません（2025年10月27日時点）。"
                    in slide.sources
                )

    @pytest.mark.parametrize(
        ("region_id", "topic_id"),
        [("kikuchi", "kikuchi_groundwater"), ("aso", "aso_grassland_water")],
    )
    def test_wells_are_those_that_lie_in_the_area(self, brief, shapes, region_id, topic_id):
        slide = find_slide(brief(region_id), f"topic-{topic_id}")
        n_wells = count_within("observation_wells.csv", shapes[region_id])
        assert values_of(slide) == {"観測井": f"{n_wells}本"}

    def test_traffic_is_the_mean_weekday_before_the_earthquake(self, brief, road_figures):
        slide = find_slide(brief("kikuchi"), "topic-kikuchi_science_park")
        told = road_figures.summarise("9310130")
        assert values_of(slide) == {
            "国道57号 大津町の交通量（平日24時間）": f"{told['weekday_24h']:,.0f} 台",
            f"ピーク {told['peak_hour']}時台": f"{told['peak_volume']:,.0f} 台",
        }
        assert f"平日{told['n_days']}日の平均" in slide.figures[0].source


class TestOrder:
    def test_chosen_topics_of_an_area_keep_their_order(self, brief):
        ids = ("kikuchi_town", "kikuchi_science_park", "kikuchi_groundwater")
        deck = brief("kikuchi", *ids)
        assert [slide.id for slide in deck.slides] == [
            "area-kikuchi",
            *(f"topic-{one}" for one in ids),
        ]
        assert deck.link == (
            "/briefing?region=kikuchi"
            "&topics=kikuchi_town%2Ckikuchi_science_park%2Ckikuchi_groundwater"
        )

    def test_areas_come_in_the_order_of_their_first_topic(self, brief):
        deck = brief("", "kikuchi_town", "aso_farming")
        assert [slide.id for slide in deck.slides] == [
            *("area-kikuchi", "topic-kikuchi_town"),
            *("area-aso", "topic-aso_farming"),
        ]
        assert deck.title == "菊池地域・阿蘇地域 地域未来創造会議"

    def test_topics_of_two_areas_by_turns_keep_their_order(self, brief):
        ids = ("kikuchi_town", "aso_farming", "kikuchi_groundwater")
        deck = brief("", *ids)
        shown = [slide.id for slide in deck.slides if slide.id.startswith("topic-")]
        assert shown == [f"topic-{one}" for one in ids]

    def test_no_choice_of_topics_is_all_of_the_area(self, brief):
        chosen = tuple(topic["id"] for topic in TOPICS if topic["region"] == "aso")
        assert [one.id for one in brief("aso").slides] == [
            one.id for one in brief("aso", *chosen).slides
        ]


def test_all_topics_in_one_deck(brief):
    deck = brief("", *(topic["id"] for topic in TOPICS))
    assert len(deck.slides) == len(TOPICS) + 7
    assert len({slide.id for slide in deck.slides}) == len(deck.slides)


class TestMaps:
    def test_slides_in_the_same_state_share_a_group(self, brief, data, councils, labels):
        deck = brief("hitoyoshi_kuma")
        _, groups = build_maps(deck, data, councils, get_water(data), labels)
        assert len(groups) == len(deck.slides) == 10
        names = [group.get_name() for group in groups]
        assert len(set(names)) == 2  # flood sites, and the areas
        assert names.count(names[1]) == 1
        assert deck.slides[1].view.layer == "evacuation"

    def test_all_groups_wait_and_are_credited(self, brief, data, councils, labels):
        deck = brief("kikuchi")
        base, groups = build_maps(deck, data, councils, get_water(data), labels)
        html = base.get_root().render()
        assert len({group.get_name() for group in groups}) == 4
        for group in groups:
            assert group.show is False
            assert f"{group.get_name()}.addTo(" not in html
        # Of whom the base map names nobody: the press of the roads, a ministry of the wells.
        told = str(read_options(html, "addCredits"))
        for credit in ("熊本日日新聞", "農林水産省"):
            assert credit in told
        base_told = str(read_options(html, "furnish"))
        assert "国土交通省、総務省、国土地理院、熊本県、Natural Earth" in base_told

    def test_simulated_readings_are_never_in_a_briefing(self, geodata, monkeypatch, labels):
        monkeypatch.setenv("KUMAGEO_DEMO", "1")
        data = get_data()
        councils, water = get_councils(data), get_water(data)
        assert water.is_demo
        assert water.summary["shown_class"].ne("none").any(), "the store has levels to show"
        for region_id in ("kikuchi", "aso"):
            deck = build_deck(CouncilState(region_id), data, councils, labels)
            html = build_maps(deck, data, councils, water, labels)[0].get_root().render()
            assert "模擬" not in html
            assert "\\u6a21\\u64ec" not in html  # 模擬 as the scripts would have it
            assert not any("模擬" in text for slide in deck.slides for text in slide.points)
            (classes,) = [call["classes"] for call in read_options(html, "addWells")]
            assert set(classes.values()) == {"none"}

    def test_readings_that_are_measured_would_be_in_it(self, geodata, monkeypatch, labels):
        monkeypatch.setenv("KUMAGEO_DEMO", "1")
        data = get_data()
        councils, water = get_councils(data), get_water(data)
        deck = build_deck(CouncilState("kikuchi"), data, councils, labels)
        measured = replace(water, is_demo=False)
        html = build_maps(deck, data, councils, measured, labels)[0].get_root().render()
        placed = data.wells[data.wells.geometry.notna()]
        ids = placed.loc[placed["municipality_code"].isin(deck.slides[0].view.codes), "id"]
        (options,) = read_options(html, "addWells")
        assert options["classes"] == water.summary.loc[ids, "shown_class"].to_dict()

    def test_readings_are_credited(self, geodata, monkeypatch, labels):
        monkeypatch.setenv("KUMAGEO_DEMO", "1")
        data = get_data()
        councils, water = get_councils(data), get_water(data)
        deck = build_deck(CouncilState("kikuchi"), data, councils, labels)
        measured = replace(water, is_demo=False, sources=("熊本県の測定",))
        html = build_maps(deck, data, councils, measured, labels)[0].get_root().render()
        assert "熊本県の測定" in str(read_options(html, "addCredits"))


def read_options(html, function):
    """Return what is passed to a function of our map script, call by call."""
    found = []
    at = html.find(f"kumageo.{function}(")
    while at >= 0:
        start = html.index("{", at)
        found.append(json.JSONDecoder().raw_decode(html, start)[0])
        at = html.find(f"kumageo.{function}(", start)
    return found
