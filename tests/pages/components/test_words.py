"""The sentences that say in words what a map shows, against the raw figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kumageo.facilities import select_facilities
from kumageo.municipalities import INDICATORS
from pages.components.state import EvacuationState, OverviewState
from pages.components.words import (
    describe_evacuation,
    describe_overview,
    name_region,
    write_day,
    write_earthquake_note,
    write_flag,
    write_notice,
    write_value,
)

BY_ID = {indicator.id: indicator for indicator in INDICATORS}


def overview(data, labels, indicator="population", **changes):
    state = OverviewState(indicator=indicator, **changes)
    return describe_overview(state, BY_ID[indicator], data, labels)


def evacuation(data, labels, **changes):
    state = EvacuationState(**changes)
    shown = select_facilities(data.facilities, state.to_filter(), data.profiles["region_id"])
    return describe_evacuation(state, data.facilities[shown], data, labels)


def test_values_have_their_unit(labels):
    def write(value, indicator, code="43100"):
        return write_value(value, BY_ID[indicator], code, labels)

    assert write(728700, "population") == "728,700人"
    assert write(1866.3559, "density_per_km2") == "1,866.4人/km²"
    assert write(2.0, "sites_per_10k") == "2.0か所/1万人"
    assert write(value := True, "groundwater_area") == "含まれる", value
    assert write(value := False, "groundwater_area") == "含まれない", value
    assert write(value := True, "data_platform_member") == "参加", value
    assert write(None, "population") == "不明"
    assert write(float("nan"), "sites_per_10k") == "不明"
    assert write(None, "groundwater_area", "43210") == "不明"


def test_kikuchi_belongs_to_the_groundwater_area_in_part(labels, figures):
    partly = "一部が含まれる（旧旭志村・旧泗水町の区域）"
    assert figures.names["43210"] == "菊池市"
    yes = {"value": True}["value"]
    assert write_value(yes, BY_ID["groundwater_area"], "43210", labels) == partly
    for code in figures.names:
        expected = partly if code == "43210" else "含まれる"
        assert write_flag("groundwater_area", yes, code, labels) == expected
    assert write_flag("data_platform_member", yes, "43210", labels) == "参加"
    assert write_flag("data_platform_member", not yes, "43100", labels) == "参加の記載なし"


@pytest.mark.parametrize(
    ("name", "written"),
    [("阿蘇", "阿蘇地域"), ("熊本市", "熊本市"), ("人吉・球磨", "人吉・球磨地域")],
)
def test_the_city_is_no_area_beside_itself(name, written, labels):
    assert name_region(name, labels) == written


def test_overview_of_the_prefecture(data, labels, figures):
    people = sorted(int(row["population"]) for row in figures.municipalities)
    assert overview(data, labels) == (
        "熊本県全体の45市町村の「人口」を、5段階の色で示しています。"
        f"値の範囲は{people[0]:,}人〜{people[-1]:,}人です。"
    )


@pytest.mark.parametrize("region", ["aso", "kumamoto", "hitoyoshi_kuma"])
def test_overview_of_a_region(data, labels, figures, region):
    rows = [row for row in figures.municipalities if row["region_id"] == region]
    density = [int(row["population"]) / float(row["area_km2"]) for row in rows]
    name = {"aso": "阿蘇地域", "kumamoto": "熊本市", "hitoyoshi_kuma": "人吉・球磨地域"}[region]
    assert overview(data, labels, "density_per_km2", region_id=region) == (
        f"{name}の{len(rows)}市町村の「人口密度」を、5段階の色で示しています。"
        f"値の範囲は{min(density):,.1f}人/km²〜{max(density):,.1f}人/km²です。"
    )


def test_overview_of_one_municipality_and_of_counts(data, labels, figures, located):
    values = {
        row["code"]: sum(site["flood"] == "1" for site in located[row["code"]]["sites"])
        / int(row["population"])
        * 10_000
        for row in figures.municipalities
    }
    text = overview(data, labels, "sites_per_10k_flood", municipality_code="43404")
    low, high, own = min(values.values()), max(values.values()), values["43404"]
    assert f"値の範囲は{low:,.1f}か所/1万人〜{high:,.1f}か所/1万人です。" in text
    assert f"菊陽町は{own:,.1f}か所/1万人です。" in text
    assert text.endswith(
        "避難場所と避難所は、座標がどの市町村の区域にあるかで数えています。"
        "0か所の市町村には、その災害のおそれがない所も含まれます。収容人数は数えていません。"
    )


@pytest.mark.parametrize(
    ("indicator", "title", "note"),
    [
        ("groundwater_area", "熊本地域（地下水を共有する11市町村）", "旧旭志村と旧泗水町"),
        ("data_platform_member", "くまもとデータ連携基盤への参加", "令和6年6月"),
    ],
)
def test_overview_of_a_flag(data, labels, figures, indicator, title, note):
    n_yes = sum(row[indicator] == "1" for row in figures.municipalities)
    text = overview(data, labels, indicator)
    assert text.startswith(
        f"熊本県全体の45市町村のうち、「{title}」に当てはまるのは{n_yes}市町村です。"
    )
    assert note in text


def test_everything(data, labels, figures):
    n = len(figures.select())
    assert evacuation(data, labels) == (
        f"熊本県全体の指定緊急避難場所・指定避難所を{n:,}か所表示しています。"
    )
    assert n == 1761 + 1338


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        (
            {"hazards": ("flood",)},
            "熊本県全体の指定緊急避難場所1,761か所のうち、洪水に対応する{n:,}か所を表示しています。",
        ),
        (
            {"hazards": ("flood", "tsunami")},
            "熊本県全体の指定緊急避難場所1,761か所のうち、洪水または津波に対応する{n:,}か所を",
        ),
        (
            {"hazards": ("flood", "tsunami"), "mode": "all"},
            "熊本県全体の指定緊急避難場所1,761か所のうち、洪水と津波のすべてに対応する{n:,}か所を",
        ),
        (
            {"hazards": ("volcano",), "mode": "all"},
            "熊本県全体の指定緊急避難場所1,761か所のうち、火山現象に対応する{n:,}か所を",
        ),
        (
            {"hazards": ("flood",), "m": "43100"},
            "熊本市の指定緊急避難場所{of:,}か所のうち、洪水に対応する{n:,}か所を",
        ),
        (
            {"hazards": ("flood",), "region": "aso"},
            "阿蘇地域の指定緊急避難場所{of:,}か所のうち、洪水に対応する{n:,}か所を",
        ),
    ],
)
def test_hazards(data, labels, figures, changes, start):
    own = {"m": "municipality_code", "region": "region_id"}
    state = {own.get(name, name): value for name, value in changes.items()}
    place = {name: value for name, value in changes.items() if name in own}
    n, of = len(figures.select(**changes)), len(figures.select(kind="site", **place))
    text = evacuation(data, labels, **state)
    assert text.startswith(start.format(n=n, of=of))
    registered = "地域と市町村は、登録した市町村で絞っています。"
    end = "指定避難所は災害の種類ごとの指定がないため、災害で絞り込んだときは表示しません。"
    assert text.endswith(end + (registered if place else ""))
    assert text.count(registered) == bool(place)


def test_kinds_and_search(data, labels, figures):
    n = len(figures.select(kind="shelter", m="43202"))
    assert evacuation(data, labels, kinds=("shelter",), municipality_code="43202") == (
        f"八代市の指定避難所を{n:,}か所表示しています。"
        "地域と市町村は、登録した市町村で絞っています。"
    )
    n = len(figures.select(q="小学校"))
    assert evacuation(data, labels, text="小学校") == (
        f"熊本県全体の指定緊急避難場所・指定避難所を{n:,}か所表示しています。"
        "「小学校」を名前か住所に含むものに絞っています。"
    )


def test_nothing_found_says_so(data, labels):
    expected = "条件に合う施設はありません。条件を減らしてください。"
    assert evacuation(data, labels, text="存在しない施設名") == expected
    assert evacuation(data, labels, region_id="aso", municipality_code="43100") == expected


def test_the_notice_states_the_day_of_the_list(data, labels):
    assert (
        write_notice(data, labels)
        == "指定の一覧です。開設状況ではありません（2025年10月27日時点）。"
    )


def dated(data, day, basis):
    """Give the data as if the list of sites had been published with another day."""
    return dated_list(data, "evacuation_sites", day, basis)


def dated_list(data, name, day, basis):
    publications = dict(data.publications)
    publications[name] = replace(publications[name], as_of=day, as_of_basis=basis)
    return replace(data, publications=publications)


def test_the_earthquake_is_told_as_long_as_the_list_is_older(data, labels):
    assert "2026年7月28日の地震" in write_earthquake_note(data, labels)
    assert "2026年7月28日の地震" in write_earthquake_note(
        dated(data, "2026-07-27", "stated"), labels
    )
    newer = dated(data, "2026-07-28", "stated")
    assert "2026年7月28日の地震" in write_earthquake_note(newer, labels)  # shelters are older
    both = dated_list(newer, "evacuation_shelters", "2026-07-28", "stated")
    assert write_earthquake_note(both, labels) == ""
    later = dated_list(newer, "evacuation_shelters", "2027-01-01", "stated")
    assert write_earthquake_note(later, labels) == ""


def test_the_notice_does_not_take_the_day_of_import_for_that_of_the_list(data, labels):
    both = dated(data, "2026-11-21", "ingested")
    both = dated_list(both, "evacuation_shelters", "2026-11-21", "ingested")
    assert write_notice(both, labels) == (
        "指定の一覧です。開設状況ではありません（2026年11月21日取込、時点の記載なし）。"
    )


def test_the_notice_names_both_days_where_they_differ(data, labels):
    assert write_notice(dated(data, "2026-11-21", "ingested"), labels) == (
        "指定の一覧です。開設状況ではありません"
        "（指定緊急避難場所：2026年11月21日取込、時点の記載なし、指定避難所：2025年10月27日時点）。"
    )
    shelters = dated_list(data, "evacuation_shelters", "2026-03-01", "stated")
    assert write_notice(shelters, labels) == (
        "指定の一覧です。開設状況ではありません"
        "（指定緊急避難場所：2025年10月27日時点、指定避難所：2026年3月1日時点）。"
    )
    # the same day, of which one is only that of the import
    same = dated(data, "2025-10-27", "ingested")
    assert write_notice(same, labels) == (
        "指定の一覧です。開設状況ではありません"
        "（指定緊急避難場所：2025年10月27日取込、時点の記載なし、指定避難所：2025年10月27日時点）。"
    )


@pytest.mark.parametrize(
    ("basis", "written"),
    [
        ("catalogue", "2026年11月21日時点"),
        ("stated", "2026年11月21日時点"),
        ("ingested", "2026年11月21日取込、時点の記載なし"),
    ],
)
def test_a_day_says_what_it_is_the_day_of(data, labels, basis, written):
    assert write_day(dated(data, "2026-11-21", basis), "evacuation_sites", labels) == written


def test_an_import_does_not_silence_the_earthquake(data, labels):
    assert write_earthquake_note(dated(data, "2026-11-21", "ingested"), labels) != ""
