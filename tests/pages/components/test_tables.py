"""The tables of the pages: complete, in the official order, and as the publisher wrote them."""

from __future__ import annotations

import pandas as pd
import pytest

from pages.components.tables import add_sources, tabulate_facilities, tabulate_profiles


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
    assert table["熊本地域"].tolist() == [
        words[row["groundwater_area"]] for row in figures.municipalities
    ]


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
    ids = pd.Series(
        ["evacuation_sites", "evacuation_shelters", "evacuation_sites"], index=[7, 8, 9]
    )
    sourced = add_sources(table, ids, data, labels)
    assert sourced["出典"].tolist() == [
        "国土地理院「指定緊急避難場所データ」",
        "国土地理院「指定避難所データ」",
        "国土地理院「指定緊急避難場所データ」",
    ]
    assert sourced["時点"].tolist() == ["2025-10-27"] * 3
    assert all(text.endswith("を加工して作成") for text in sourced["加工"])
    assert list(table.columns) == ["a"]


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
