"""The tables of the pages: complete, in the official order, and as the publisher wrote them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from pages.components.tables import add_sources, tabulate_facilities, tabulate_profiles
from pages.components.words import write_notice


def test_municipalities_stand_in_the_official_order(data, labels, figures):
    table = tabulate_profiles(data.profiles, labels)
    assert table["市町村コード"].tolist() == [row["code"] for row in figures.municipalities]
    assert table["市町村コード"].tolist() == sorted(table["市町村コード"])
    assert table["名称"].tolist() == [row["name"] for row in figures.municipalities]
    assert table["人口（人）"].tolist() == [
        int(row["population"]) for row in figures.municipalities
    ]
    assert not [name for name in table.columns if "順" in name or "位" in name.replace("単位", "")]


def test_counts_are_those_of_coordinates_and_rates_follow(data, labels, located):
    table = tabulate_profiles(data.profiles, labels).set_index("市町村コード")
    for code, row in table.iterrows():
        n_sites, n_shelters = (len(located[code][name]) for name in ("sites", "shelters"))
        assert row["指定緊急避難場所（か所）"] == n_sites
        assert row["指定避難所（か所）"] == n_shelters
        rate = n_sites / row["人口（人）"] * 10_000
        assert row["指定緊急避難場所（か所/1万人）"] == pytest.approx(rate, abs=0.0051)
        density = row["人口（人）"] / row["面積（km²）"]
        assert row["人口密度（人/km²）"] == pytest.approx(density, abs=0.051)


def test_flags_are_words(data, labels, figures):
    table = tabulate_profiles(data.profiles, labels)
    words = {"1": "含まれる", "0": "含まれない"}
    expected = {row["code"]: words[row["groundwater_area"]] for row in figures.municipalities}
    assert expected["43210"] == "含まれる"
    expected["43210"] = "一部が含まれる（旧旭志村・旧泗水町の区域）"  # 菊池市
    assert table["熊本地域"].tolist() == list(expected.values())
    words = {"1": "参加", "0": "参加の記載なし"}
    assert table["データ連携基盤"].tolist() == [
        words[row["data_platform_member"]] for row in figures.municipalities
    ]


def test_hazards_of_municipalities_stand_only_in_what_leaves_the_page(
    data, labels, figures, located, hazard_names
):
    plain = tabulate_profiles(data.profiles, labels)
    assert not [name for name in plain.columns if "：" in name]
    whole = tabulate_profiles(data.profiles, labels, with_hazards=True)
    pd.testing.assert_frame_equal(whole[plain.columns], plain)
    counts = [f"指定緊急避難場所（か所）：{word}" for word in hazard_names.values()]
    rates = [f"指定緊急避難場所（か所/1万人）：{word}" for word in hazard_names.values()]
    assert list(whole.columns) == [*plain.columns, *counts, *rates]
    for row, (_, made) in zip(figures.municipalities, whole.iterrows(), strict=True):
        for hazard, word in hazard_names.items():
            n = sum(site[hazard] == "1" for site in located[row["code"]]["sites"])
            assert made[f"指定緊急避難場所（か所）：{word}"] == n
            rate = n / int(row["population"]) * 10_000
            made_rate = made[f"指定緊急避難場所（か所/1万人）：{word}"]
            assert made_rate == pytest.approx(rate, abs=0.0051)


def test_facilities_are_the_official_rows_in_order(data, labels, figures):
    table = tabulate_facilities(data.facilities, data, labels)
    rows = figures.sites + figures.shelters
    assert table["ID"].tolist() == [row["id"] for row in rows]
    assert table["名称"].tolist() == [row["name"].strip() for row in rows]
    assert table["登録した市町村"].tolist() == [
        figures.names[row["municipality_code"]] for row in rows
    ]
    assert table["種類"].tolist() == ["指定緊急避難場所"] * 1761 + ["指定避難所"] * 1338
    assert table["経度"].tolist() == [float(row["lon"]) for row in rows]
    assert table["緯度"].tolist() == [float(row["lat"]) for row in rows]
    assert table["受入対象"].notna().sum() == sum(bool(row.get("accepts")) for row in rows)
    assert table["区域からの距離 (m)"].notna().sum() == 4 + 14


def test_hazards_are_words_in_the_order_of_the_law(data, labels, figures, hazard_names):
    table = tabulate_facilities(data.facilities, data, labels)
    expected = [
        "、".join(word for name, word in hazard_names.items() if row[name] == "1")
        for row in figures.sites
    ]
    assert table["対応する災害"].tolist() == [*expected, *[""] * 1338]


def test_names_that_look_like_formulas_pass_untouched(data, labels):
    few = data.facilities.head(2).assign(name=["=HYPERLINK(1)", "@x"], note=["+1", "-1"])
    table = tabulate_facilities(few, data, labels)
    assert table["名称"].tolist() == ["=HYPERLINK(1)", "@x"]
    assert table["備考"].tolist() == ["+1", "-1"]


def test_sources_are_those_of_each_row(data, labels):
    table = pd.DataFrame({"a": [1, 2, 3]}, index=[7, 8, 9])
    ids = [
        ("evacuation_sites",),
        ("evacuation_shelters", "municipal_boundaries"),
        ("evacuation_sites",),
    ]
    notice = write_notice(data, labels)
    sourced = add_sources(table, ids, notice, data, labels)
    assert list(sourced.columns) == ["a", "出典", "時点", "加工", "注意"]
    assert sourced["a"].to_dict() == {7: 1, 8: 2, 9: 3}
    assert sourced["出典"].tolist() == [
        "国土地理院「指定緊急避難場所データ」",
        "国土地理院「指定避難所データ」、「国土数値情報（行政区域データ）」（国土交通省）",
        "国土地理院「指定緊急避難場所データ」",
    ]
    assert sourced["時点"].tolist() == [
        "指定緊急避難場所 2025年10月27日時点",
        "指定避難所 2025年10月27日時点、市町村の区域（境界） 2022年1月1日時点",
        "指定緊急避難場所 2025年10月27日時点",
    ]
    assert sourced["加工"].tolist() == [
        "国土地理院「指定緊急避難場所データ」を加工して作成",
        (
            "国土地理院「指定避難所データ」を加工して作成、"
            "「国土数値情報（行政区域データ）」（国土交通省）を加工して作成"
        ),
        "国土地理院「指定緊急避難場所データ」を加工して作成",
    ]
    assert notice == "指定の一覧です。開設状況ではありません（2025年10月27日時点）。"
    assert sourced["注意"].tolist() == [notice] * 3
    assert list(table.columns) == ["a"]


def test_the_day_of_a_row_says_what_it_means(data, labels):
    publications = dict(data.publications)
    publications["evacuation_shelters"] = replace(
        publications["evacuation_shelters"], as_of="2026-11-21", as_of_basis="ingested"
    )
    table, ids = pd.DataFrame({"a": [1]}), [("evacuation_shelters",)]
    sourced = add_sources(table, ids, "注意", replace(data, publications=publications), labels)
    assert sourced["時点"].tolist() == ["指定避難所 2026年11月21日取込、時点の記載なし"]


def test_an_empty_table_gets_the_columns_of_its_sources(data, labels):
    sourced = add_sources(pd.DataFrame({"a": []}), [], "注意", data, labels)
    assert len(sourced) == 0
    assert list(sourced.columns) == ["a", "出典", "時点", "加工", "注意"]


def test_nothing_is_changed(data, labels):
    before = data.profiles.copy(deep=True)
    facilities = data.facilities.copy(deep=True)
    tabulate_profiles(data.profiles, labels)
    tabulate_facilities(data.facilities, data, labels)
    pd.testing.assert_frame_equal(data.profiles, before)
    pd.testing.assert_frame_equal(pd.DataFrame(data.facilities), pd.DataFrame(facilities))


def test_an_empty_choice_keeps_its_columns(data, labels):
    empty = tabulate_facilities(data.facilities.head(0), data, labels)
    assert len(empty) == 0
    assert list(empty.columns) == list(tabulate_facilities(data.facilities, data, labels).columns)
