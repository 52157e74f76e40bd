"""The page 概要 as a visitor uses it, run without a browser."""

from __future__ import annotations

import re

import pytest

from kumageo.municipalities import INDICATORS

KIKUYO, CITY, ASO = "43404", "43100", "43214"


def metrics(page):
    return [(metric.label, metric.value) for metric in page.app.metric]


def test_the_page_opens_with_the_prefecture(visit, figures):
    page = visit("overview")
    assert not page.app.exception
    assert not page.app.error
    assert page.warnings == []
    people = [int(row["population"]) for row in figures.municipalities]
    area = sum(float(row["area_km2"]) for row in figures.municipalities)
    assert dict(metrics(page)) == {
        "人口": f"{sum(people):,}人",
        "面積": f"{area:,.2f}km²",
        "指定緊急避難場所": "1,761か所",
        "指定避難所": "1,338か所",
    }
    assert page.words == (
        "熊本県全体の45市町村の「人口」を、5段階の色で示しています。"
        f"値の範囲は{min(people):,}人〜{max(people):,}人です。"
    )
    assert page.query == {}
    assert page.map_calls()["addAreas"]["values"][CITY] == "728,700人"


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda indicator: indicator.id)
def test_every_indicator_has_words_and_a_legend(visit, labels, indicator):
    page = visit("overview", {"indicator": indicator.id})
    assert not page.app.exception
    assert labels(f"indicator.{indicator.id}") in page.words
    assert page.map_calls()["setLegend"]["title"].startswith(labels(f"indicator.{indicator.id}"))
    assert len(page.map_calls()["addAreas"]["values"]) == 45


def test_rates_on_the_map_are_those_of_coordinates(visit, figures, located):
    page = visit("overview", {"indicator": "shelters_per_10k"})
    values = page.map_calls()["addAreas"]["values"]
    for row in figures.municipalities:
        rate = len(located[row["code"]]["shelters"]) / int(row["population"]) * 10_000
        assert values[row["code"]] == f"{rate:,.1f}か所/1万人"


def test_a_municipality_shows_its_profile(visit, figures, located, hazard_names):
    page = visit("overview", {"m": KIKUYO})
    assert not page.app.exception
    row = next(row for row in figures.municipalities if row["code"] == KIKUYO)
    n_sites, n_shelters = (len(located[KIKUYO][name]) for name in ("sites", "shelters"))
    density = int(row["population"]) / float(row["area_km2"])
    assert metrics(page) == [
        ("人口", f"{int(row['population']):,}人"),
        ("人口密度", f"{density:,.1f}人/km²"),
        ("指定緊急避難場所", f"{n_sites:,}か所"),
        ("指定避難所", f"{n_shelters:,}か所"),
    ]
    assert f"{row['name']}のすがた" in page.text
    for name, n_located in (("site", n_sites), ("shelter", n_shelters)):
        n_registered = len(figures.select(kind=name, m=KIKUYO))
        assert f"区域内 {n_located:,} か所（登録 {n_registered:,} か所）" in page.text
    table = page.app.table[0].value
    assert dict(zip(table.iloc[:, 0], table.iloc[:, 1], strict=True)) == {
        word: sum(site[hazard] == "1" for site in located[KIKUYO]["sites"])
        for hazard, word in hazard_names.items()
    }
    assert page.query == {"m": KIKUYO}
    assert page.map_calls()["addAreas"]["selected"][0]["code"] == KIKUYO


def test_the_city_shows_its_wards(visit, figures, located):
    page = visit("overview", {"m": CITY})
    assert not page.app.exception
    (table,) = [one.value for one in page.app.table if "区" in one.value.columns]
    counts = {
        name: (
            sum(row["ward"] == name for row in located[CITY]["sites"]),
            sum(row["ward"] == name for row in located[CITY]["shelters"]),
        )
        for name in ("中央区", "東区", "西区", "南区", "北区")
    }
    assert {
        row["区"]: (row["指定緊急避難場所"], row["指定避難所"]) for row in table.to_dict("records")
    } == counts
    other = visit("overview", {"m": KIKUYO})
    assert not [one for one in other.app.table if "区" in one.value.columns]


def test_two_municipalities_stand_side_by_side(visit, figures):
    page = visit("overview", {"m": ASO, "compare": CITY})
    assert not page.app.exception
    headings = [one.value for one in page.app.header if one.value.endswith("のすがた")]
    assert headings == ["阿蘇市のすがた", "熊本市のすがた"]
    people = [value for label, value in metrics(page) if label == "人口"]
    by_code = {row["code"]: f"{int(row['population']):,}人" for row in figures.municipalities}
    assert people == [by_code[ASO], by_code[CITY]]
    compared, chosen = page.map_calls()["addAreas"]["selected"]  # the chosen one is on top
    assert (compared["code"], compared["dash"]) == (CITY, "8 6")
    assert (chosen["code"], chosen["dash"]) == (ASO, None)
    assert compared["colour"] != chosen["colour"]
    entries = page.map_calls()["setLegend"]["entries"]
    assert [(one["label"], one["shape"], one["colour"]) for one in entries[-2:]] == [
        ("阿蘇市", "line", chosen["colour"]),
        ("熊本市", "dash", compared["colour"]),
    ]


def test_controls_write_the_address(visit):
    page = visit("overview").choose(m=CITY)
    assert page.query == {"m": CITY}
    page.choose(compare=ASO, indicator="density_per_km2")
    assert page.query == {"m": CITY, "compare": ASO, "indicator": "density_per_km2"}
    page.choose(region="aso")
    assert page.query["region"] == "aso"
    page.choose(m="", compare="", region="", indicator="population")
    assert page.query == {}


def test_a_region_narrows_words_and_map(visit, figures):
    page = visit("overview", {"region": "aso"})
    rows = [row for row in figures.municipalities if row["region_id"] == "aso"]
    assert page.words.startswith(f"阿蘇地域の{len(rows)}市町村の「人口」を")
    assert set(page.map_calls()["addAreas"]["inside"]) == {row["code"] for row in rows}
    assert page.control("region") == "aso"


def test_the_table_stands_in_the_official_order_and_ranks_nobody(visit, figures):
    for query in ({}, {"indicator": "density_per_km2"}, {"region": "aso"}):
        page = visit("overview", query).choose(**{"overview-table": True})
        table = page.app.dataframe[-1].value
        rows = [
            row
            for row in figures.municipalities
            if query.get("region", row["region_id"]) == row["region_id"]
        ]
        assert list(table["市町村コード"]) == [row["code"] for row in rows]
        assert not [name for name in table.columns if "順" in name]
        assert "順位を付けるものではありません" in page.text


def test_nothing_ranks_municipalities(visit):
    page = visit("overview", {"m": CITY, "compare": ASO, "indicator": "shelters_per_10k"})
    page.choose(**{"overview-table": True})
    text = page.text.replace("順位を付けるものではありません", "")
    assert not re.search(r"順位|ランキング|ランク|\d+位|最多|最少|トップ|ワースト|1番", text)
    assert all(not metric.delta for metric in page.app.metric)
    assert "rank" not in str(page.map_calls()).lower()


def test_unknown_values_of_a_link_are_named_in_one_plain_sentence(visit):
    query = {"indicator": "beauty", "m": "43101", "compare": "0", "region": "<b>", "lat": "x"}
    page = visit("overview", query)
    assert not page.app.exception
    (warning,) = page.warnings
    for name in ("indicator", "m", "compare", "region", "lat"):
        assert name in warning
    assert "beauty" not in warning
    assert page.words.startswith("熊本県全体の45市町村の「人口」を")
    assert page.query == {}


def test_downloads_and_credits(visit, data, in_words):
    page = visit("overview", {"region": "aso", "m": ASO})
    for form in ("csv", "geojson", "xlsx"):
        assert f"(/download/overview.{form}?region=aso&m={ASO})" in page.text
    text = page.text.replace("\\", "")
    for name in ("municipalities", "municipal_boundaries", "evacuation_sites"):
        dataset = data.catalog[name]
        day = in_words(str(dataset.as_of))
        assert (
            f"- [{dataset.title}]({dataset.source_url})（{day}時点）：{dataset.processed_statement}"
            f"  \n  利用条件：{dataset.licence}"
        ) in text


def test_the_same_municipality_twice_is_outlined_and_named_once(visit):
    page = visit("overview", {"m": CITY, "compare": CITY})
    assert not page.app.exception
    assert [one["code"] for one in page.map_calls()["addAreas"]["selected"]] == [CITY]
    entries = page.map_calls()["setLegend"]["entries"]
    assert [one["label"] for one in entries].count("熊本市") == 1
