"""The page 地域会議 as a visitor uses it, run without a browser."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

GEODATA = Path(__file__).resolve().parents[3] / "geodata"
COUNCIL = GEODATA / "council"
AREAS = tomllib.loads((COUNCIL / "areas.toml").read_text(encoding="utf-8"))["area"]
TOPICS = tomllib.loads((COUNCIL / "topics.toml").read_text(encoding="utf-8"))["topic"]
STATES = {
    "held": "開催済み",
    "planned_unconfirmed": "令和7年3月時点の予定・結果未確認",
    "under_consideration": "開催を検討中",
}
VIEWS = {
    "": "overview",
    "evacuation": "evacuation",
    "congestion": "congestion",
    "groundwater": "groundwater",
}
NO_TOPICS = "この地域の議題は、資料に示されていません。"
CONTEXT = ("taiwan", "foreign", "migration", "measures", "projects")


def read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


NAMES = {
    row["region_id"]: row["region_name"] for row in read_csv(GEODATA / "raw/municipalities.csv")
}


def name_area(region_id):
    return NAMES[region_id] if region_id == "kumamoto" else f"{NAMES[region_id]}地域"


def list_rows(page):
    """Cells of the table of topics, without its heading."""
    lines = [line for line in page.text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def count_evident(topics):
    return sum("layer" in topic or "places" in topic for topic in topics)


def areas_on_map(page):
    return page.map_calls()["addAreas"]


def test_the_page_opens_with_all_areas_and_topics(visit):
    page = visit("council")
    assert not page.app.exception
    assert page.warnings == []
    assert page.app.title[0].value == "地域会議"
    counted = Counter(area["state"] for area in AREAS)
    assert (
        f"令和7年3月の県の資料による。開催{counted['held']}地域、"
        f"予定（結果未確認）{counted['planned_unconfirmed']}地域、"
        f"検討中{counted['under_consideration']}地域。"
    ) in page.text
    n_evident = count_evident(TOPICS)
    assert page.words == (
        f"議題{len(TOPICS)}件のうち、地図に資料があるのは{n_evident}件、"
        f"ないのは{len(TOPICS) - n_evident}件です。"
    )
    assert len(list_rows(page)) == len(TOPICS)
    assert page.query == {}
    options = areas_on_map(page)
    assert options["names"] == NAMES
    assert options["values"] == {area["id"]: STATES[area["state"]] for area in AREAS}
    assert options["selected"] == []


def test_purpose_and_roles_stand_where_no_area_is_chosen(visit):
    path = COUNCIL / "council.toml"
    statements = tomllib.loads(path.read_text(encoding="utf-8"))["statement"]
    text = visit("council").text
    for statement in statements:
        assert statement["text"] in text.replace("\\", "")


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area["id"])
def test_an_area_has_its_topics_or_says_that_there_are_none(visit, area):
    page = visit("council", {"region": area["id"]})
    assert not page.app.exception
    topics = [topic for topic in TOPICS if topic["region"] == area["id"]]
    titles = [row[1].replace("\\", "") for row in list_rows(page)]
    assert titles == [topic["title"] for topic in topics]
    assert (NO_TOPICS in [info.value for info in page.app.info]) == (area["state"] != "held")
    assert STATES[area["state"]] in page.text
    assert area.get("note", "") in page.text
    assert page.words.startswith(f"{name_area(area['id'])}を示しています。議題{len(topics)}件")
    (selected,) = areas_on_map(page)["selected"]
    assert selected["code"] == area["id"]
    assert page.query == {"region": area["id"]}
    assert f"(/briefing?region={area['id']})" in page.text


def test_profile_of_an_area_by_hand(visit):
    page = visit("council", {"region": "kikuchi"})
    metrics = {metric.label: metric.value for metric in page.app.metric}
    assert metrics["人口"] == "192,246 人"
    members = {row["municipality"] for row in read_csv(COUNCIL / "platform_members.csv")}
    named = {"菊池市", "合志市", "大津町", "菊陽町"}
    assert metrics["データ連携基盤"] == str(len(members & named))
    assert "開催：2025年2月18日" in page.text
    assert "菊池市、合志市、大津町、菊陽町" in page.text


def test_an_area_without_listed_bottlenecks_claims_no_number(visit):
    """Seven of twelve names are known: zero would be a claim."""
    page = visit("council", {"region": "amakusa"})
    assert "主要渋滞箇所：" not in page.text
    listed = [row["municipality"] for row in read_csv(GEODATA / "raw/bottlenecks.csv")]
    assert not {"上天草市", "天草市", "苓北町"} & set(listed)


@pytest.mark.parametrize("theme_id", ["education", "digital", "culture"])
def test_a_theme_narrows_the_topics(visit, theme_id):
    page = visit("council").choose(theme=theme_id)
    wanted = [topic["title"] for topic in TOPICS if theme_id in topic["themes"]]
    assert [row[1].replace("\\", "") for row in list_rows(page)] == wanted
    assert page.words.startswith(f"議題{len(wanted)}件のうち")
    assert page.query == {"theme": theme_id}


def test_area_and_theme_together_may_leave_nothing(visit):
    page = visit("council", {"region": "kikuchi", "theme": "education"})
    assert list_rows(page) == []
    assert page.words.endswith("議題0件のうち、地図に資料があるのは0件、ないのは0件です。")
    assert page.query == {"region": "kikuchi", "theme": "education"}


def test_a_theme_without_topics_does_not_deny_those_of_the_area(visit):
    page = visit("council", {"region": "kikuchi", "theme": "education"})
    assert NO_TOPICS not in [info.value for info in page.app.info]


def test_controls_write_the_address(visit):
    page = visit("council").choose(region="aso")
    assert page.query == {"region": "aso"}
    page.choose(theme="water")
    assert page.query == {"region": "aso", "theme": "water"}
    assert [row[0] for row in list_rows(page)] == ["阿蘇地域"]
    page.choose(region="", theme="")
    assert page.query == {}


def test_chosen_topics_keep_their_order_in_the_links(visit):
    page = visit("council", {"topics": "kikuchi_town,aso_farming"})
    (chosen,) = page.app.multiselect
    assert chosen.value == ["kikuchi_town", "aso_farming"]
    assert page.query == {"topics": "kikuchi_town,aso_farming"}
    address = "topics=kikuchi_town%2Caso_farming"
    for path in ("/briefing?", "/handout/briefing.pdf?", "/handout/briefing.pptx?"):
        assert f"({path}{address})" in page.text
    chosen.set_value(["aso_farming", "kikuchi_town", "kikuchi_farmland"])
    page.run()
    address = "topics=aso_farming%2Ckikuchi_town%2Ckikuchi_farmland"
    assert f"(/briefing?{address})" in page.text
    assert page.query == {"topics": "aso_farming,kikuchi_town,kikuchi_farmland"}


def test_topics_that_were_chosen_stay_when_the_area_changes(visit):
    page = visit("council", {"region": "kikuchi", "topics": "kikuchi_town"}).choose(region="aso")
    assert page.app.multiselect[0].value == ["kikuchi_town"]
    assert page.query == {"region": "aso", "topics": "kikuchi_town"}


def test_without_a_choice_there_is_no_briefing_yet(visit):
    page = visit("council")
    assert "(/briefing?" not in page.text
    assert "地域か議題を選ぶと、説明画面と配布資料を開けます。" in page.text


def test_every_topic_links_to_its_evidence_or_says_that_there_is_none(visit):
    rows = list_rows(visit("council"))
    for row, topic in zip(rows, TOPICS, strict=True):
        evidence = row[-1]
        if "layer" in topic:
            (address,) = re.findall(r"\]\((/[^)]*)\)", evidence)
            page = "" if topic["layer"] == "municipalities" else topic["layer"]
            parts = urlsplit(address)
            assert parts.path == f"/{page}"
            found = {name: value for name, (value,) in parse_qs(parts.query).items()}
            assert found == topic.get("query", {})
        else:
            assert evidence == ("この地図" if "places" in topic else "地図に資料なし")


@pytest.mark.parametrize(
    "topic",
    [topic for topic in TOPICS if "layer" in topic],
    ids=lambda topic: topic["id"],
)
def test_the_evidence_opens_with_its_state(visit, topic):
    page = "" if topic["layer"] == "municipalities" else topic["layer"]
    opened = visit(VIEWS[page], topic["query"])
    assert not opened.app.exception
    assert opened.warnings == []
    assert opened.query == topic["query"]


def test_what_is_unknown_in_a_link_is_named_in_one_sentence(visit):
    query = {"region": "nowhere", "theme": "<script>", "topics": "nothing,kikuchi_town", "lat": "x"}
    page = visit("council", query)
    assert not page.app.exception
    (warning,) = page.warnings
    assert warning.startswith("リンクの「")
    for name in query:
        assert name in warning
    for value in ("nowhere", "script", "nothing"):
        assert value not in warning
    assert len(list_rows(page)) == len(TOPICS)
    assert page.app.multiselect[0].value == ["kikuchi_town"]


def test_a_link_without_unknowns_is_not_warned_of(visit):
    query = {"region": "aso", "theme": "water", "topics": "kikuchi_town"}
    page = visit("council", query)
    assert page.warnings == []
    assert page.query == query


def test_places_on_the_map_are_those_that_topics_name(visit):
    (place,) = visit("council").map_calls()["addPlaces"]["places"]
    rows = {row["name"]: row for row in read_csv(GEODATA / "raw/landmarks.csv")}
    row = rows[place["name"]]
    assert (place["lon"], place["lat"]) == (float(row["lon"]), float(row["lat"]))
    titles = [topic["title"] for topic in TOPICS if "places" in topic]
    assert place["text"] == "、".join(titles)
    assert visit("council", {"region": "aso"}).map_calls()["addPlaces"]["places"] == []


@pytest.mark.parametrize("name", CONTEXT)
def test_context_is_shown_when_it_is_asked_for(visit, name):
    page = visit("council")
    assert list(page.app.table) == []
    page.choose(**{f"context-{name}": True})
    assert not page.app.exception
    (table,) = page.app.table
    assert len(table.value) > 0
    words = "県全体の数値です。市町村ごとの数値は資料にありません。"
    assert (words in page.text) == (name in ("foreign", "migration"))


def test_both_numbers_of_partners_in_taiwan_stand_there(visit):
    page = visit("council", **{"context-taiwan": True})
    n_named = len(read_csv(COUNCIL / "agreements.csv"))
    assert (
        "県の資料は、市町村の友好提携と覚書の相手を12件と数えています。"
        f"資料に名前があるのは{n_named}件です。"
    ) in page.text


def test_all_papers_are_named(visit):
    text = visit("council").text.replace("\\", "")
    for row in read_csv(COUNCIL / "sources.csv"):
        assert f"{row['publisher']}「{row['title']}」" in text
