"""The page 避難場所 as a visitor uses it, run without a browser."""

from __future__ import annotations

import base64
import csv
import math
from dataclasses import replace

import pandas as pd
import pytest

from kumageo.__main__ import main
from kumageo.store import Store

NOTICE = "指定の一覧です。開設状況ではありません（2025年10月27日時点）"
KEYS = ("hazard", "mode", "kind", "region", "m", "q")


NO_HAZARD = (
    "災害の種類を選んでいません。避難先は、災害の種類ごとに指定されています。"
    "上で災害を選ぶと、その災害に対応する場所だけになります。"
)


def write_place(name, rows, hazard_names):
    """Write a place of the nearest ones as the page shall: kinds, hazards, whom it accepts."""
    sites = [row for row in rows if "flood" in row]
    kinds = ["指定緊急避難場所"] if sites else []
    kinds += ["指定避難所"] if len(sites) < len(rows) else []
    text = f"**{name}**　{'・'.join(kinds)}"
    if sites:
        served = [word for hazard, word in hazard_names.items() if sites[0][hazard] == "1"]
        return f"{text}　対応する災害：{'、'.join(served) or 'なし'}"
    accepts = rows[0]["accepts"]
    return f"{text}（受入対象：{accepts}）" if accepts else text


def shown(page, kind):
    """Positions of the features that the map shows, read from its mask."""
    content = base64.b64decode(page.map_calls()[kind]["shown"])
    return {
        8 * byte + bit
        for byte, value in enumerate(content)
        for bit in range(8)
        if value << bit & 128
    }


def expect(page, figures, **chosen):
    """Compare sentence and map with the raw rows that a choice means."""
    rows = figures.select(**chosen)
    ids = {row["id"] for row in rows}
    assert f"{len(rows):,}か所" in page.words
    for kind, all_rows in (("site", figures.sites), ("shelter", figures.shelters)):
        expected = {at for at, row in enumerate(all_rows) if row["id"] in ids}
        assert shown(page, kind) == expected, kind


def test_the_page_opens_with_everything(visit, figures):
    page = visit("evacuation")
    assert not page.app.exception
    assert not page.app.error
    assert page.warnings == []
    expect(page, figures)
    assert NOTICE in page.text
    assert page.query == {}
    assert page.app.title[0].value == "避難場所"


@pytest.mark.parametrize(
    "query",
    [
        {"hazard": "flood"},
        {"hazard": "flood,tsunami"},
        {"hazard": "flood,tsunami", "mode": "all"},
        {"kind": "shelter"},
        {"kind": "site", "region": "aso"},
        {"m": "43404"},
        {"q": "小学校"},
        {"q": "ＪＡ"},
        {"hazard": "earthquake,volcano", "mode": "all", "region": "kumamoto", "q": "公園"},
    ],
)
def test_a_link_seeds_the_controls_and_stays_as_it_is(visit, figures, query):
    page = visit("evacuation", query)
    assert not page.app.exception
    assert page.warnings == []
    chosen = {**query, "hazards": tuple(query.get("hazard", "").split(","))}
    chosen.pop("hazard", None)
    expect(page, figures, **(chosen if query.get("hazard") else {**chosen, "hazards": ()}))
    assert page.query == query
    wanted = {name: query.get(name) for name in KEYS if name in query and name != "mode"}
    if "hazard" in wanted:
        wanted["hazard"] = query["hazard"].split(",")
    assert {name: page.control(name) for name in wanted} == wanted


def test_controls_write_the_address_and_narrow_the_map(visit, figures):
    page = visit("evacuation").choose(hazard=["tsunami", "flood"])
    assert page.query == {"hazard": "flood,tsunami"}
    expect(page, figures, hazards=("flood", "tsunami"))
    page.choose(mode="all")
    assert page.query == {"hazard": "flood,tsunami", "mode": "all"}
    expect(page, figures, hazards=("flood", "tsunami"), mode="all")
    page.choose(region="amakusa")
    expect(page, figures, hazards=("flood", "tsunami"), mode="all", region="amakusa")
    page.choose(hazard=[], region="")
    assert page.query == {}
    page.choose(kind="shelter", m="43202")
    assert page.query == {"kind": "shelter", "m": "43202"}
    expect(page, figures, kind="shelter", m="43202")
    page.choose(kind="both", m="", q=" 中学校 ")
    assert page.query == {"q": "中学校"}
    expect(page, figures, q="中学校")


def test_a_choice_without_any_result_says_so(visit):
    page = visit("evacuation", {"q": "存在しない施設名"})
    assert page.words == "条件に合う施設はありません。条件を減らしてください。"
    assert shown(page, "site") == shown(page, "shelter") == set()
    page.choose(point="130.741, 32.789")
    assert not page.app.exception
    assert "条件に合う避難場所・避難所がありません。" in page.app.info[0].value


def test_unknown_values_of_a_link_are_named_in_one_plain_sentence(visit, figures):
    query = {"hazard": "meteor", "m": "99999", "region": "<script>", "kind": "castle", "z": "99"}
    page = visit("evacuation", {**query, "mode": "some", "restricted": "yes", "point": "abc"})
    assert not page.app.exception
    (warning,) = page.warnings
    assert warning.startswith("リンクの「")
    for name in ("hazard", "m", "region", "kind", "mode", "restricted", "point", "z"):
        assert name in warning
    for value in ("meteor", "99999", "script", "castle"):
        assert value not in warning
    expect(page, figures)


def test_a_view_that_cannot_be_read_is_named_once(visit):
    page = visit("evacuation", {"z": "99", "lon": "130", "lat": "32"})
    assert len(page.warnings) == 1
    assert page.choose(kind="site").warnings == []


@pytest.mark.parametrize(
    ("point", "chosen"),
    [
        ("130.741, 32.789", {}),
        ("130.741，32.789", {"hazards": ("flood",)}),
        ("130.741,32.789", {"hazards": ("flood", "tsunami"), "mode": "all"}),
        ("130.1, 32.45", {"kind": "shelter"}),
        ("131.1、32.95", {"kind": "site"}),
        ("130.70, 32.20", {"m": "43203"}),
        ("130.0, 32.0", {"region": "amakusa"}),  # at sea
    ],
)
def test_a_typed_point_gives_the_nearest_five(visit, figures, hazard_names, point, chosen):
    query = {name: value for name, value in chosen.items() if name != "hazards"}
    if "hazards" in chosen:
        query["hazard"] = ",".join(chosen["hazards"])
    page = visit("evacuation", query).choose(point=point)
    assert not page.app.exception
    asks_for_hazard = "hazards" not in chosen and "site" in query.get("kind", "site")
    assert page.warnings == ([NO_HAZARD] if asks_for_hazard else [])
    lon, lat = (float(part) for part in point.replace("，", ",").replace("、", ",").split(","))
    expected = figures.nearest_places(lon, lat, figures.select(**chosen))
    assert len(expected) == len(page.nearest) == 5
    for rank, ((name, metres, rows), row) in enumerate(zip(expected, page.nearest, strict=True), 1):
        assert row["順"] == rank
        assert row["名称"] == write_place(name, rows, hazard_names)
        # plane metres of EPSG:6670 differ from geodesic ones by at most 2 in 10,000
        assert row["直線距離 (m)"] == pytest.approx(metres, rel=2e-4, abs=1)
        assert row["歩く目安（分）"] in {math.ceil(metres * s / 60) for s in (0.9998, 1, 1.0002)}
        assert row["支援が要る方（分）"] in {
            math.ceil(metres * s / 30) for s in (0.9998, 1, 1.0002)
        }
    assert "近い順に5か所" in [one.value for one in page.app.header]
    assert f"地点：経度 {lon:.5f}、緯度 {lat:.5f}" in page.text
    is_narrowed = bool({"region", "m", "q"} & chosen.keys())
    assert ("上で絞り込んだ中から探しています。" in page.text) == is_narrowed
    assert "川・海・高低差は考えていません" in page.text
    assert page.query["point"] == f"{lon:.6f},{lat:.6f}"
    drawn = page.map_calls()["addNearest"]
    assert drawn["point"] == {"lon": lon, "lat": lat}
    assert [place["name"] for place in drawn["places"]] == [name for name, _, _ in expected]


def test_a_point_of_a_link_is_asked_about(visit, figures):
    page = visit("evacuation", {"point": "130.741,32.789", "hazard": "tsunami"})
    expected = figures.nearest(130.741, 32.789, figures.select(hazards=("tsunami",)))
    assert [row["名称"].split("　指定")[0] for row in page.nearest] == [
        f"**{name}**" for name, _ in expected
    ]
    assert page.query == {"point": "130.741000,32.789000", "hazard": "tsunami"}
    assert page.control("point") == "130.741000, 32.789000"
    page.choose(point="")
    assert not page.app.table
    assert page.query == {"hazard": "tsunami"}
    assert "addNearest" not in page.map_calls()


def test_restricted_shelters_are_left_out_unless_asked(visit, figures):
    restricted = next(row for row in figures.shelters if row["accepts"])
    point = f"{restricted['lon']}, {restricted['lat']}"
    lon, lat = float(restricted["lon"]), float(restricted["lat"])
    shelters = figures.select(kind="shelter")
    page = visit("evacuation", {"kind": "shelter"}).choose(point=point)
    expected = figures.nearest(lon, lat, shelters)
    assert [row["名称"] for row in page.nearest] == [
        f"**{name}**　指定避難所" for name, _ in expected
    ]
    assert "受入対象が限られる避難所は除いています。" in page.text
    page.choose(restricted=True)
    assert page.query["restricted"] == "1"
    (name, metres), *_ = figures.nearest(lon, lat, shelters, restricted=True)
    assert (name, metres) == (restricted["name"], 0)
    assert page.nearest[0]["名称"] == f"**{name}**　指定避難所（受入対象：{restricted['accepts']}）"
    assert page.nearest[0]["直線距離 (m)"] == 0
    assert "受入対象が限られる避難所は除いています。" not in page.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("熊本城", "地点を読み取れませんでした。"),
        ("130.741", "地点を読み取れませんでした。"),
        ("{{9**(9**9)}}", "地点を読み取れませんでした。"),
        ("139.767, 35.681", "その地点は熊本県の範囲にありません。"),  # 東京
    ],
)
def test_a_point_that_cannot_be_used_gives_one_plain_sentence(visit, typed, sentence):
    page = visit("evacuation").choose(point=typed)
    assert not page.app.exception
    (warning,) = page.warnings
    assert warning == (
        f"{sentence}経度・緯度の順に、たとえば 130.741, 32.789 のように入力してください。"
    )
    assert not page.app.table
    assert "point" not in page.query


def test_a_point_with_latitude_first_is_told_apart(visit):
    page = visit("evacuation").choose(point="32.789, 130.741")
    assert page.warnings == [
        "経度と緯度の順番が逆のようです。経度、緯度の順に入れてください（例：130.741, 32.789）。"
    ]
    assert "point" not in page.query


def test_the_point_can_be_cleared(visit):
    page = visit("evacuation").choose(point="130.741, 32.789")
    (button,) = [one for one in page.app.button if one.label == "地点を消す"]
    button.click().run()
    assert not page.app.exception
    assert page.app.text_input(key="point").value == ""


def test_a_point_as_map_services_copy_it_is_read(visit):
    page = visit("evacuation", {"point": "130.74159117382436,32.78965200000001"})
    assert page.warnings == [NO_HAZARD]
    assert len(page.nearest) == 5


def test_facilities_outside_their_municipality_are_explained(visit, located, figures):
    page = visit("evacuation").choose(**{"evacuation-outside": True})
    inside = {
        row["id"]
        for code, found in located.items()
        for row in found["sites"] + found["shelters"]
        if row["municipality_code"] == code
    }
    outside = [row for row in figures.sites + figures.shelters if row["id"] not in inside]
    assert len(outside) == 4 + 14
    (table,) = [table.value for table in page.app.table]
    assert len(table) == len(outside)
    assert list(table["名称"]) == [row["name"].strip() for row in outside]
    assert "座標か境界のどちらかが実際と違うのか" in page.text
    assert "（18か所）" in page.app.toggle(key="evacuation-outside").label


def test_names_in_the_table_of_those_outside_are_no_markdown(visit, geodata):
    store = Store(geodata)
    sites = store.load("evacuation_sites")
    located = store.load("municipal_boundaries").set_index("code").geometry
    far = ~sites.within(located["43404"]) & (sites["municipality_code"] == "43100")
    first = sites.index[far][0]
    sites.loc[first, "municipality_code"] = "43404"
    sites.loc[first, "name"] = "[公民館](https://example.jp)"
    publication = store.describe("evacuation_sites")
    store.publish("evacuation_sites", sites, pd.DataFrame(), publication)
    page = visit("evacuation").choose(**{"evacuation-outside": True})
    (table,) = [table.value for table in page.app.table]
    assert "[公民館](https://example.jp)" not in list(table["名称"])


def test_the_list_as_a_table(visit, figures):
    page = visit("evacuation", {"m": "43404", "kind": "site"})
    assert not page.app.dataframe
    page.choose(**{"evacuation-table": True})
    (table,) = [frame.value for frame in page.app.dataframe]
    assert list(table["ID"]) == [row["id"] for row in figures.select(m="43404", kind="site")]
    n = len(figures.select(m="43404", kind="site"))
    assert f"{n:,}か所の一覧（行を選ぶと、その施設を地図に示します）" in page.text
    (frame,) = page.app.dataframe
    assert frame.proto.selection_mode == [frame.proto.SelectionMode.SINGLE_ROW]


def test_a_row_of_the_table_is_chosen_once(visit, figures):
    rows = figures.select(m="43404", kind="site")
    page = visit("evacuation", {"m": "43404", "kind": "site"})
    page.choose(**{"evacuation-table": True})
    key = f"facilities-{len(rows)}"
    page.app.session_state[key] = {"selection": {"rows": [2], "columns": [], "cells": []}}
    page.run()
    assert not page.app.exception
    assert page.query["facility"] == rows[2]["id"]
    assert page.map_calls()["site"]["selectedId"] == rows[2]["id"]
    assert f"**{rows[2]['name'].strip()}**" in page.text.replace("\\", "")


def test_a_choice_can_be_undone(visit, figures):
    row = figures.sites[0]
    page = visit("evacuation", {"facility": row["id"], "m": row["municipality_code"]})
    assert "選んだ施設" in [one.value for one in page.app.header]
    (button,) = [one for one in page.app.button if one.label == "選択を解除"]
    button.click()
    page.run()
    assert not page.app.exception
    assert page.query == {"m": row["municipality_code"]}
    assert "選んだ施設" not in page.text
    assert page.map_calls()["site"]["selectedId"] == ""
    assert not page.app.button


def test_shelters_alone_are_narrowed_by_no_hazard(visit, figures):
    page = visit("evacuation", {"kind": "shelter", "hazard": "flood"})
    assert page.warnings == []
    assert page.query == {"kind": "shelter"}
    expect(page, figures, kind="shelter")
    page = visit("evacuation", {"hazard": "flood"}).choose(kind="shelter")
    assert page.query == {"kind": "shelter"}
    expect(page, figures, kind="shelter")


def test_a_chosen_facility_is_traced_to_its_row(visit, figures):
    at, row = next((at, row) for at, row in enumerate(figures.sites) if row["flood"] == "1")
    page = visit("evacuation", {"facility": row["id"]})
    assert not page.app.exception
    assert page.warnings == []
    assert f"国土地理院「指定緊急避難場所」2025年10月27日時点、{at + 2}行目" in page.text
    assert f"**{row['name']}**" in page.text.replace("\\", "")
    assert page.map_calls()["site"]["selectedId"] == row["id"]
    assert page.query == {"facility": row["id"]}


def test_a_chosen_shelter_shows_whom_it_accepts(visit, figures):
    at, row = next((at, row) for at, row in enumerate(figures.shelters) if row["accepts"])
    page = visit("evacuation", {"facility": row["id"]})
    assert f"「指定避難所」2025年10月27日時点、{at + 2}行目" in page.text
    assert f"受入対象：{row['accepts']}" in page.text.replace("\\", "")


@pytest.mark.parametrize("text", ["', alert(1), '", "</script>", "E0", "x" * 50, "{{9**(9**9)}}"])
def test_an_unknown_facility_chooses_nothing(visit, text):
    page = visit("evacuation", {"facility": text})
    assert not page.app.exception
    assert "選んだ施設" not in page.text


def test_an_unknown_facility_is_named_and_dropped(visit):
    page = visit("evacuation", {"facility": "E0"})
    (warning,) = page.warnings
    assert "facility" in warning
    assert page.query == {}
    assert page.map_calls()["site"]["selectedId"] == ""


@pytest.mark.parametrize("way", ["link", "click"])
def test_a_template_for_a_facility_is_harmless(visit, way):
    text = "{% raw %}"
    page = visit("evacuation", {"facility": text} if way == "link" else None)
    if way == "click":
        page.app.session_state["facility"] = text
        page.run()
    assert not page.app.exception
    assert not page.app.error
    assert "選んだ施設" not in page.text


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "**太字** [a](https://b.example)", "{% raw %}", "$x$"]
)
def test_hostile_searches_show_nothing_of_themselves(visit, text):
    page = visit("evacuation", {"q": text})
    assert not page.app.exception
    assert not page.app.error
    assert page.control("q") == text
    assert not [one.value for one in page.app.markdown if text in one.value]
    assert page.words == "条件に合う施設はありません。条件を減らしてください。"


@pytest.mark.parametrize("text", ["(", "*", "第1", "-"])
def test_a_search_is_repeated_as_text_not_as_markup(visit, figures, text):
    page = visit("evacuation", {"q": text})
    rows = figures.select(q=text)
    if not rows:
        assert page.words == "条件に合う施設はありません。条件を減らしてください。"
        return
    expect(page, figures, q=text)
    assert f"「{text}」を名前か住所に含むもの" in page.words
    (sentence,) = [one.value for one in page.app.markdown if "を名前か住所に含む" in one.value]
    assert text.isalnum() or f"「\\{text}」" in sentence


def test_downloads_follow_the_choice(visit):
    page = visit("evacuation", {"hazard": "flood,tsunami", "m": "43404"})
    for form in ("csv", "geojson", "xlsx"):
        assert f"(/download/evacuation.{form}?hazard=flood%2Ctsunami&m=43404)" in page.text


def test_credits_name_each_dataset_its_terms_and_its_day(visit, data, in_words):
    page = visit("evacuation")
    text = page.text.replace("\\", "")
    for name in ("evacuation_sites", "evacuation_shelters", "municipal_boundaries"):
        dataset = data.catalog[name]
        assert dataset.source_url in text
        assert dataset.processed_statement in text
        assert dataset.licence in text
        assert f"{in_words(str(dataset.as_of))}時点" in text


def test_a_list_that_is_ingested_changes_the_page_without_a_restart(
    visit, geodata, figures, tmp_path, capsys
):
    before = visit("evacuation", {"kind": "site"})
    assert "1,761か所" in before.words
    file = tmp_path / "new.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(figures.sites[0]))
        writer.writeheader()
        writer.writerows(figures.sites[:1000])
    code = main(["ingest", "evacuation_sites", str(file), "--as-of", "2026-02-01"])
    assert code == 0, capsys.readouterr().err
    after = before.run()
    assert not after.app.exception
    assert "1,000か所" in after.words
    assert (
        "指定の一覧です。開設状況ではありません"
        "（指定緊急避難場所：2026年2月1日時点、指定避難所：2025年10月27日時点）。"
    ) in after.text
    assert after.map_calls()["site"]["url"] != ""
    assert shown(after, "site") == set(range(1000))
    other = visit("evacuation", {"kind": "site"})
    assert "1,000か所" in other.words


def test_a_publication_is_named_by_its_own_day(visit, geodata):
    store = Store(geodata)
    publication = replace(store.describe("evacuation_shelters"), as_of="2026-03-01")
    shelters = store.load("evacuation_shelters").head(10)
    store.publish("evacuation_shelters", shelters, pd.DataFrame(), publication)
    page = visit("evacuation", {"kind": "shelter"})
    assert "10か所" in page.words
    assert "2026年3月1日時点" in page.text
