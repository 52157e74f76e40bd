"""The tables of the page 地下水: what is known is written as it is, what is unknown as unknown."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from kumageo.clock import JST
from kumageo.level_checks import check_levels
from kumageo.normalise import empty_features
from kumageo.readings.store import ReadingStore
from kumageo.schemas import GROUNDWATER_FACTS
from layers.facts import tabulate_well_facts
from layers.water import build_water
from layers.well_words import write_age
from pages.components.well_tables import (
    describe_level,
    sort_wells,
    tabulate_checks,
    tabulate_levels,
    tabulate_wells,
    write_cell,
    write_owner,
)

GEODATA = Path(__file__).resolve().parents[3] / "geodata"
HOSTILE = ("<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "a | b", "[x](https://y.example)")
LEVEL = {
    "level_m": 12.345,
    "age": pd.Timedelta(hours=5),
    "is_stale": False,
    "percentile": float("nan"),
    "position_index": float("nan"),
    "reason": None,
}
ENDS = "（0が最低、1が最高）"
SHORT = "同じ月の記録が10年に満たないため、階級は付けません。"
STALE = "【古い記録】この井戸のふだんの間隔の3倍より長く、新しい記録がありません。"
COLUMNS = [
    *("ID", "名称", "管理者", "深さの印", "場所", "市町村", "地域", "熊本地域", "水位の階級"),
    *(
        "水位（標高 m）",
        "パーセンタイル",
        "位置（0〜1）",
        "1年前との差（m）",
        "1年あたりの傾き（m）",
    ),
    *("最新の記録", "理由", "位置の注意", "経度", "緯度"),
]


def read_raw(name):
    with (GEODATA / "raw" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def at(text):
    return pd.Timestamp(text, tz=JST)


@pytest.fixture(scope="module")
def no_water(data, tmp_path_factory):
    store = ReadingStore(tmp_path_factory.mktemp("none") / "readings.sqlite3")
    return build_water(store, data.wells, dt.datetime(2026, 11, 20, tzinfo=JST))


@pytest.fixture(scope="module")
def water(no_water):
    """Three wells by hand, of which one has no place; the others are without readings."""
    summary = no_water.summary.copy()
    known = {
        "w003": {
            "level_m": 12.345,
            "percentile": 6.25,
            "unusualness": 43.75,
            "n_readings": 9,
            "level_class": "much_below",
            "shown_class": "much_below",
            "reason": None,
            "change_1y_m": -0.126,
            "trend_m_per_year": -0.01234,
            "last": at("2026-11-19 23:30"),
        },
        "w004": {
            "level_m": -1.2,
            "position_index": 0.456,
            "n_readings": 2,
            "shown_class": "position",
            "reason": "short_record",
            "last": at("2026-11-19"),
        },
        "w066": {
            "level_m": 8.0,
            "percentile": 50.0,
            "unusualness": 0.0,
            "n_readings": 30,
            "level_class": "normal",
            "shown_class": "normal",
            "reason": None,
            "last": at("2026-11-20"),
        },
    }
    for well_id, values in known.items():
        for name, value in values.items():
            summary.loc[well_id, name] = value
    days = pd.to_datetime(["2026-11-18", "2026-11-19", "2026-11-19"])
    daily = pd.DataFrame(
        {
            "well_id": pd.Categorical(["w003", "w003", "w004"]),
            "day": days,
            "n": [24, 9, 2],
            "mean_m": [12.34567, -0.5, 8.0],
        }
    )
    return replace(no_water, summary=summary, daily=daily, sources=("熊本県",), n_readings=41)


class TestWords:
    @pytest.mark.parametrize(
        ("age", "text"),
        [
            ("-3 hours", "1時間以内"),  # a clock that is behind
            ("0 hours", "1時間以内"),
            ("59 min 59 s", "1時間以内"),
            ("1 hour", "1時間前"),
            ("47 hours 59 min", "47時間前"),
            ("48 hours", "2日前"),
            ("729 days 23 hours", "729日前"),
            ("730 days", "2.0年前"),
            ("3653 days", "10.0年前"),
        ],
    )
    def test_an_age_in_the_largest_unit_that_fits(self, labels, age, text):
        assert write_age(pd.Timedelta(age), labels) == text

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("", ""),
            ("甲", "甲"),
            (1234.5, "1,234.5"),
            (-0.1, "-0.1"),
            (0.0, "0.0"),
            (float("nan"), "—"),
            (None, "—"),
            (pd.NA, "—"),
            (pd.NaT, "—"),
        ],
    )
    def test_a_cell(self, value, text):
        assert write_cell(value) == text

    def test_an_owner_that_is_inferred_is_said_to_be(self, labels):
        assert write_owner("熊本市", is_inferred=True, labels=labels) == "熊本市（推定）"
        assert write_owner("熊本県", is_inferred=False, labels=labels) == "熊本県"

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({}, "12.35 m（標高、5時間前）。"),
            ({"level_m": -0.5}, "-0.50 m（標高、5時間前）。"),
            (
                {"percentile": 8.333},
                "12.35 m（標高、5時間前）。同じ月の過去の値の8パーセンタイル。",
            ),
            (
                {"position_index": 0.456, "reason": "short_record"},
                f"12.35 m（標高、5時間前）。同じ月の最低と最高の間の位置 0.46{ENDS}。{SHORT}",
            ),
            (
                {"age": pd.Timedelta(days=400), "is_stale": True, "reason": "no_recent"},
                f"12.35 m（標高、400日前）。{STALE}最近の記録がありません。",
            ),
            ({"is_stale": pd.NA}, "12.35 m（標高、5時間前）。"),
            ({"level_m": float("nan"), "reason": "no_readings"}, "水位の記録がありません。"),
        ],
        ids=["level", "below_sea", "class", "short", "ended", "one_reading", "none"],
    )
    def test_what_is_said_of_a_level(self, labels, changes, text):
        assert describe_level(pd.Series({**LEVEL, **changes}), labels) == text


class TestOrder:
    def test_the_most_unusual_first_and_the_rest_in_their_order(self):
        found = {"a": None, "b": 5.0, "c": 41.7, "d": None, "e": 41.7, "f": 0.0}
        summary = pd.DataFrame({"unusualness": pd.Series(found, dtype="float64")})
        assert sort_wells(summary).index.tolist() == ["c", "e", "b", "f", "a", "d"]
        assert summary.index.tolist() == list("abcdef")

    def test_without_readings_the_order_is_that_of_the_catalogue(self, no_water, data):
        assert sort_wells(no_water.summary).index.tolist() == data.wells["id"].tolist()


class TestWells:
    def test_every_well_as_it_is_published(self, data, no_water, labels):
        table = tabulate_wells(no_water.summary.index, data, no_water, labels)
        assert list(table) == COLUMNS
        rows = read_raw("observation_wells")
        assert len(table) == len(rows) == 68
        for raw, row in zip(rows, table.to_dict("records"), strict=True):
            assert row["ID"] == raw["id"]
            assert row["名称"] == raw["name"]
            mark = "（推定）" if raw["owner_inferred"] == "1" else ""
            assert row["管理者"] == raw["owner"] + mark
            assert (row["深さの印"], row["場所"]) == (raw["screen_mark"], raw["place"])
            assert row["位置の注意"] == raw["position_note"]
            for name, column in (("経度", "lon"), ("緯度", "lat")):
                known = float(raw[column]) if raw[column] else None
                assert row[name] == known or (known is None and pd.isna(row[name]))
            # Of a well without a coordinate nothing is made up.
            is_unknown = {row[name] == "不明" for name in ("市町村", "地域", "熊本地域")}
            assert is_unknown == {raw["lon"] == ""}

    def test_without_readings_no_number_and_no_class(self, data, no_water, labels):
        table = tabulate_wells(no_water.summary.index, data, no_water, labels)
        assert set(table["水位の階級"]) == {"階級なし"}
        assert set(table["理由"]) == {"水位の記録がありません。"}
        assert set(table["最新の記録"]) == {""}
        assert table[COLUMNS[9:14]].isna().all().all()

    def test_by_hand(self, data, water, labels):
        ids = pd.Index(["w066", "w003", "w004", "w005"])
        table = tabulate_wells(ids, data, water, labels).set_index("ID")
        assert table.index.tolist() == ids.tolist()
        row = table.loc["w003"]
        assert row[["名称", "管理者", "深さの印"]].tolist() == [
            "田迎【深】",
            "熊本市（推定）",
            "深",
        ]
        assert row[["市町村", "熊本地域"]].tolist() == ["熊本市", "熊本地域の中"]
        assert row["水位の階級"] == "かなり低い（10パーセンタイル未満）"
        assert row[["水位（標高 m）", "パーセンタイル"]].tolist() == [12.34, 6]
        assert row[["1年前との差（m）", "1年あたりの傾き（m）"]].tolist() == [-0.13, -0.012]
        assert (row["最新の記録"], row["理由"]) == ("2026-11-19 23:30", "")
        short = table.loc["w004"]
        assert short["水位の階級"] == "記録が10年未満（位置だけ）"
        assert (short["位置（0〜1）"], short["水位（標高 m）"]) == (0.46, -1.2)
        assert short["理由"] == SHORT
        assert pd.isna(short["パーセンタイル"])
        unplaced = table.loc["w066"]
        assert unplaced[["市町村", "地域", "熊本地域"]].tolist() == ["不明"] * 3
        assert unplaced["水位の階級"] == "平年並み（25〜75）"
        assert pd.isna(unplaced["経度"])

    def test_a_part_of_kikuchi_is_said_to_be_one(self, data, no_water, labels):
        inside = data.wells.loc[data.wells["municipality_code"] == "43210", "id"]
        table = tabulate_wells(pd.Index(inside), data, no_water, labels)
        assert set(table["熊本地域"]) == {"菊池市（一部だけが熊本地域）"}
        assert set(table["市町村"]) == {"菊池市"}
        assert len(table) == 2

    def test_no_wells(self, data, no_water, labels):
        table = tabulate_wells(pd.Index([]), data, no_water, labels)
        assert (len(table), list(table)) == (0, COLUMNS)

    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_name_stays_as_it_is(self, data, no_water, labels, text):
        wells = data.wells.assign(name=text, place=text, position_note=text)
        ids = no_water.summary.index
        table = tabulate_wells(ids, replace(data, wells=wells), no_water, labels)
        assert set(table["名称"]) == set(table["場所"]) == set(table["位置の注意"]) == {text}


class TestLevels:
    def test_the_days_of_one_well(self, data, water, labels):
        table = tabulate_levels("w003", data, water, labels)
        assert table.to_dict("records") == [
            {
                "ID": "w003",
                "名称": "田迎【深】",
                "日": "2026-11-18",
                "日平均水位（標高 m）": 12.346,
                "記録の数": 24,
                "測定": "熊本県",
            },
            {
                "ID": "w003",
                "名称": "田迎【深】",
                "日": "2026-11-19",
                "日平均水位（標高 m）": -0.5,
                "記録の数": 9,
                "測定": "熊本県",
            },
        ]

    def test_a_well_without_readings_has_no_rows(self, data, water, labels):
        full = tabulate_levels("w003", data, water, labels)
        for well_id in ("w010", "", "w999"):
            table = tabulate_levels(well_id, data, water, labels)
            assert (len(table), list(table)) == (0, list(full))

    def test_every_row_says_that_it_is_simulated(self, data, water, labels):
        simulated = replace(water, sources=("模擬データ",), is_demo=True)
        assert set(tabulate_levels("w003", data, simulated, labels)["測定"]) == {"模擬データ"}

    def test_a_well_is_credited_to_who_measured_it(self, data, measured, labels):
        store = ReadingStore(measured)
        water = build_water(store, data.wells, dt.datetime.now(tz=JST))
        store.close()
        credited = {
            well_id: set(tabulate_levels(well_id, data, water, labels)["測定"])
            for well_id in ("w001", "w004")
        }
        assert credited == {"w001": {"熊本県"}, "w004": {"熊本市"}}


class TestFacts:
    def test_every_figure_is_written_with_its_unit(self, data, labels):
        table = tabulate_well_facts(data, labels)
        assert list(table) == ["項目", "数値", "期間", "備考", "公表（時点）"]
        assert table["数値"].tolist() == [
            *("35 本", "33 本", "約80 %", "ほぼ100 %"),
            *("約-3.36 m", "約-0.31 m", "約1.15 m"),
            *("約1 m", "5 m〜10 m", "約45 万 m³ → 約38 万 m³"),
            *("1,592 万 m³", "約853 万 m³", "5 倍〜10 倍", ""),
        ]

    def test_every_row_is_the_published_one(self, data, labels, in_words):
        rows = read_raw("groundwater_facts")
        table = tabulate_well_facts(data, labels).to_dict("records")
        for raw, row in zip(rows, table, strict=True):
            assert (row["項目"], row["期間"], row["備考"]) == (
                *(raw["subject"], raw["period"], raw["note"]),
            )
            date = in_words(raw["fact_date"]) if raw["fact_date"] else "時点不明"
            assert row["公表（時点）"] == f"{raw['publisher']}（{date}）"

    def test_none_published(self, data, labels):
        empty = replace(data, well_facts=empty_features(GROUNDWATER_FACTS))
        table = tabulate_well_facts(empty, labels)
        assert (len(table), list(table)) == (0, list(tabulate_well_facts(data, labels)))

    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_text_stays_as_it_is(self, data, labels, text):
        texts = dict.fromkeys(("subject", "note", "period", "publisher"), text)
        table = tabulate_well_facts(
            replace(data, well_facts=data.well_facts.assign(**texts)), labels
        )
        assert set(table["項目"]) == set(table["備考"]) == set(table["期間"]) == {text}
        assert all(cell.startswith(text) for cell in table["公表（時点）"])


class TestChecks:
    def test_by_hand(self, data, labels):
        # Nothing for ten days, 12 days of one level, and a step of a metre.
        levels = [5.0, 5.1, 5.2, 5.3, *[6.3] * 12, 6.2]
        days = [*pd.date_range("2026-01-01", periods=2), *pd.date_range("2026-01-12", periods=15)]
        series = pd.Series(levels, index=pd.DatetimeIndex(days))
        found = check_levels(series, series).assign(well_id="w003")
        table = tabulate_checks(found, data, labels)
        assert table.to_numpy().tolist() == [
            ["田迎【深】", "途切れ", "2026-01-02", "2026-01-12", "10日"],
            ["田迎【深】", "急な変化", "2026-01-13", "2026-01-14", "+1.00 m"],
            ["田迎【深】", "動かない値", "2026-01-14", "2026-01-25", "11日"],
        ]
        assert list(table) == ["名称", "気になる点", "始まり", "終わり", "大きさ"]

    def test_a_time_of_day_is_left_out(self, data, labels):
        start = pd.Timestamp("2026-01-01 09:00", tz=JST)
        found = pd.DataFrame(
            {
                "check": ["outside_range"],
                "start": [start],
                "end": [start],
                "unit": ["m"],
                "detail": [-0.456],
                "well_id": ["w066"],
            }
        )
        assert tabulate_checks(found, data, labels).to_numpy().tolist() == [
            ["熊本第１号", "それまでの範囲の外", "2026-01-01", "2026-01-01", "-0.46 m"]
        ]

    def test_nothing_found(self, data, labels):
        none = pd.Series([], dtype="float64", index=pd.DatetimeIndex([]))
        table = tabulate_checks(check_levels(none, none).assign(well_id=""), data, labels)
        assert len(table) == 0
