"""The tables of the page 渋滞 against the raw files, and what hostile or missing figures do."""

from __future__ import annotations

import csv
import datetime as dt

import pandas as pd
import pytest

from kumageo.catalog import load_catalog
from kumageo.ingest import check_file, publish_file
from kumageo.speeds import MIN_DAYS, MIN_SAMPLES
from kumageo.store import Store
from kumageo.volumes import Period
from layers.facts import write_figure
from pages.components import road_tables

BEFORE, AFTER = Period(end=dt.date(2026, 7, 28)), Period(start=dt.date(2026, 7, 29))
DAYS = {"weekday": "平日", "saturday": "土曜", "holiday": "日曜・祝日", "obon": "お盆"}
STATUSES = {
    "confirmed": "主要渋滞箇所（2024年12月追加）",
    "released": "解除済み（2024年9月まで）",
    "unconfirmed": "主要渋滞箇所か未確認",
}
FACT_KINDS = (
    *("list", "criterion", "queue", "survey", "forecast", "work", "traffic", "bus_trial"),
)
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0",
    "a | b",
    "[x](https://y.example)",
    "{0.__class__}",
    "{% raw %}",
)
QUEUE = {
    "id": "queue_r325_2026",
    "kind": "queue",
    "subject": "大津植木線×国道325号",
    "place_id": "otsu_ueki_r325",
    "quantity": "queue_m",
    "value": 800.0,
    "fact_date": "2026-04-20/2026-04-21",
    "surveyor": "菊陽町",
    "publisher": "熊本日日新聞",
}


def add_fact(facts, **cells):
    """Add a published figure to the frame of all of them."""
    blank = {**dict.fromkeys(facts.columns), "source_row": len(facts) + 2}
    row = {**blank, **QUEUE, **cells}
    added = pd.concat([pd.DataFrame(facts), pd.DataFrame([row])], ignore_index=True)
    return added.astype(dict(facts.dtypes))


class TestStations:
    def test_all_thirteen_have_the_numbers_of_their_readings(self, data, labels, road_figures):
        table = road_tables.tabulate_stations(data, labels)
        assert list(table["観測点"]) == [row["point_code"] for row in road_figures.stations]
        assert len(table) == 13
        for row, record in zip(road_figures.stations, table.to_dict("records"), strict=True):
            wanted = road_figures.summarise(row["point_code"])
            assert record["日数"] == wanted["n_days"], row
            assert record["平日24時間（台）"] == pytest.approx(wanted["weekday_24h"], abs=0.51)
            assert record["ピークの時台"] == wanted["peak_hour"]
            assert record["ピーク時間（台/時）"] == pytest.approx(wanted["peak_volume"], abs=0.51)
            assert record["ピーク率K（%）"] == pytest.approx(wanted["k_pct"], abs=0.0501)
            assert record["多い向きの割合D（%）"] == pytest.approx(wanted["d_pct"], abs=0.0501)
            assert record["多い向き"] == {"up": "上り", "down": "下り"}[wanted["d_direction"]]
            assert record["大型車（%）"] == pytest.approx(wanted["large_pct"], abs=0.0501)
            assert (record["場所"], record["道路の種別"]) == (row["muni_n03"], row["road_type"])

    def test_the_station_of_otsu_has_the_numbers_of_the_issue(self, data, labels):
        table = road_tables.tabulate_stations(data, labels).set_index("観測点")
        row = table.loc["9310130"]
        assert (row["平日24時間（台）"], row["日数"], row["路線"]) == (29_796, 38, "国道57号")
        others = table.drop(index="9310130")["路線"]
        assert set(others) == {"参考（離れた場所）"}

    def test_published_figures_have_no_part_in_a_mean(self, data, data_with, labels):
        without = road_tables.tabulate_stations(data_with(road_facts=None), labels)
        pd.testing.assert_frame_equal(without, road_tables.tabulate_stations(data, labels))

    def test_a_station_without_a_whole_weekday_keeps_its_row(self, data_with, road_frames, labels):
        volumes = road_frames["traffic_hourly"]
        silent = volumes[volumes["point_code"] != "9310183"]
        table = road_tables.tabulate_stations(data_with(traffic_hourly=silent), labels)
        row = table.set_index("観測点").loc["9310183"]
        assert row["日数"] == 0
        assert row[["平日24時間（台）", "ピークの時台", "多い向き"]].isna().all()
        assert len(table) == 13


class TestHours:
    def test_every_mean_is_that_of_the_readings(self, data, labels, road_figures):
        periods = {"before": BEFORE, "after": AFTER}
        table = road_tables.tabulate_hours(data, periods, labels)
        spans = {"前の期間": (dt.date.min, BEFORE.end - dt.timedelta(days=1))}
        spans["後の期間"] = (AFTER.start, dt.date.max)
        wanted = {}
        for name, (first, last) in spans.items():
            for row in road_figures.stations:
                code = row["point_code"]
                for day_class, words in DAYS.items():
                    n_days, hours = road_figures.mean_hours(code, day_class, first, last)
                    for hour, means in enumerate(hours):
                        wanted[code, name, words, hour] = (*means, n_days)
        found = {
            (row["観測点"], row["期間"].split(" ")[0], row["曜日"], row["時台"]): (
                *(row[f"{name}（台/時）"] for name in ("上り", "下り", "上り大型車", "下り大型車")),
                row["日数"],
            )
            for row in table.to_dict("records")
        }
        assert found.keys() == wanted.keys()
        assert len(found) == len(table)
        for key, values in wanted.items():
            assert found[key] == pytest.approx(values, abs=0.0501), key

    def test_a_period_is_named_by_its_first_and_last_day(self, data, labels):
        period = Period(dt.date(2026, 6, 1), dt.date(2026, 7, 1))
        table = road_tables.tabulate_hours(data, {"before": period}, labels)
        assert set(table["期間"]) == {"前の期間 2026-06-01〜2026-06-30"}

    def test_a_period_without_readings_has_no_rows(self, data, labels):
        period = Period(dt.date(2020, 1, 1), dt.date(2020, 1, 3))
        table = road_tables.tabulate_hours(data, {"before": period, "after": period}, labels)
        assert len(table) == 0
        assert list(table)[:4] == ["観測点", "期間", "曜日", "時台"]


class TestBottlenecks:
    def test_seven_are_listed_and_three_of_them_placed(self, data, labels, road_figures):
        table = road_tables.tabulate_bottlenecks(data, labels)
        listed = table[table["区分"] == STATUSES["confirmed"]]
        assert (len(table), len(listed)) == (12, 7)
        assert listed["経度"].notna().sum() == 3
        assert (listed["位置の決め方"] == "位置不明（地図になし）").sum() == 4
        raw = [row for row in road_figures.bottlenecks if row["status"] == "confirmed"]
        assert sum(row["lon"] != "" for row in raw) == 3

    def test_every_cell_is_the_raw_one_and_unknown_is_said(self, data, labels, road_figures):
        table = road_tables.tabulate_bottlenecks(data, labels)
        order = list(STATUSES)
        rows = sorted(road_figures.bottlenecks, key=lambda row: order.index(row["status"]))
        for row, record in zip(rows, table.to_dict("records"), strict=True):
            assert record["名称"] == row["name"]
            assert record["区分"] == STATUSES[row["status"]]
            assert record["道路"] == (row["road"] or "不明")
            assert record["市町村"] == (row["municipality"] or "不明")
            assert record["位置の決め方"] == (row["position_method"] or "位置不明（地図になし）")
            assert record["位置の注意"] == row["position_note"]
            assert record["公表者"] == row["publisher"]
            assert str(record["公表・調査の日"])[:10] == row["as_of"]
            place = [record["経度"], record["緯度"]]
            if row["lon"]:
                assert place == [float(row["lon"]), float(row["lat"])]
            else:
                assert pd.isna(place).all()

    def test_each_has_the_criterion_of_its_own_list(self, data, labels, road_figures):
        criteria = {
            row["fact_date"]: row["note"]
            for row in road_figures.facts
            if row["kind"] == "criterion"
        }
        assert len(set(criteria.values())) == 2
        by_name = {row["name"]: row["listed_on"] for row in road_figures.bottlenecks}
        for record in road_tables.tabulate_bottlenecks(data, labels).to_dict("records"):
            assert record["選定条件"] == criteria.get(by_name[record["名称"]], "不明")

    def test_without_facts_the_criteria_are_unknown(self, data_with, labels):
        table = road_tables.tabulate_bottlenecks(data_with(road_facts=None), labels)
        assert len(table) == 12
        assert set(table["選定条件"]) == {"不明"}


class TestForecasts:
    def test_the_three_published_ones(self, data, labels):
        columns = ["場所", "項目", "試算（今 → 整備後）", "目標", "事業", "その後の実測", "出典"]
        works = "県道大津植木線 多車線化"
        source = "熊本県（試算）、テレビ熊本（2025年9月23日）"
        queue, goal = "渋滞の長さ（朝のピーク）", "2028年度"
        rows = [
            ["大津植木線×国道325号", queue, "3,000 m → 500 m", goal, works, "未計測", source],
            ["大津植木線の西側の交差点", queue, "1,900 m → 100 m", goal, works, "未計測", source],
            [
                *("セミコンテクノパーク周辺〜熊本港", "所要時間"),
                *("不明 → 約35 分（約1時間の短縮）", "不明", "熊本環状連絡道路", "未計測"),
                "ささっと（2025年4月1日）",
            ],
        ]
        table = road_tables.tabulate_forecasts(data, labels)
        assert list(table) == columns
        assert table.to_numpy().tolist() == rows

    def test_their_numbers_are_the_raw_ones(self, data, labels, road_figures, in_words):
        raw = [row for row in road_figures.facts if row["kind"] == "forecast"]
        table = road_tables.tabulate_forecasts(data, labels)
        for row, record in zip(raw, table.to_dict("records"), strict=True):
            assert record["場所"] == row["subject"]
            assert row["publisher"] in record["出典"]
            assert record["出典"].endswith(f"（{in_words(row['fact_date'])}）")
            now, _, then = record["試算（今 → 整備後）"].partition(" → ")
            assert now.startswith(f"{int(row['value']):,} " if row["value"] else "不明")
            assert f"{int(row['value_after']):,} " in then

    def test_a_measurement_made_since_stands_beside_its_forecast(
        self, data_with, labels, geodata, tmp_path, road_figures
    ):
        """The row is imported as an administrator would import it."""
        path = tmp_path / "facts.csv"
        header = list(road_figures.facts[0])
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, restval="")
            writer.writeheader()
            writer.writerows([*road_figures.facts, {**QUEUE, "value": "800"}])
        store, catalog = Store(geodata), load_catalog(geodata / "catalog.toml")
        day = dt.date(2026, 5, 13)
        checked = check_file(catalog, store, "road_facts", path, as_of=day)
        publish_file(store, checked, accept_quarantine=False)
        built = data_with(road_facts=store.load("road_facts"))
        table = road_tables.tabulate_forecasts(built, labels)
        assert list(table["その後の実測"]) == [
            "800 m（2026年4月20日〜2026年4月21日、熊本日日新聞）",
            "未計測",
            "未計測",
        ]
        assert list(built.roads.forecasts["state"]) == ["measured"] + 2 * ["not_measured"]

    @pytest.mark.parametrize(
        "cells",
        [
            {"fact_date": "2025-09-22"},  # the day before the forecast
            {"fact_date": "2025"},  # perhaps before
            {"fact_date": None},
            {"place_id": None},
            {"place_id": "otsu_ueki_jasm"},
            {"quantity": "travel_time_min"},
            {"kind": "forecast"},
        ],
    )
    def test_what_is_no_measurement_of_it_since_leaves_it_unmeasured(
        self, data_with, road_frames, labels, cells
    ):
        facts = add_fact(road_frames["road_facts"], **cells)
        table = road_tables.tabulate_forecasts(data_with(road_facts=facts), labels)
        assert set(table["その後の実測"]) == {"未計測"}

    def test_the_latest_of_several_measurements_is_shown(self, data_with, road_frames, labels):
        facts = add_fact(road_frames["road_facts"])
        facts = add_fact(facts, id="later", value=650.5, fact_date="2026-05", publisher="熊本県")
        facts = add_fact(facts, id="earlier", value=900.0, fact_date="2025-12-01")
        table = road_tables.tabulate_forecasts(data_with(road_facts=facts), labels)
        assert table["その後の実測"][0] == "650.5 m（2026年5月、熊本県）"

    @pytest.mark.parametrize(
        ("bound", "text"), [("about", "約800 m"), ("at_least", "800 m以上"), (None, "800 m")]
    )
    def test_a_measurement_keeps_what_its_source_says_of_its_exactness(
        self, data_with, road_frames, labels, bound, text
    ):
        facts = add_fact(road_frames["road_facts"], bound=bound)
        table = road_tables.tabulate_forecasts(data_with(road_facts=facts), labels)
        assert table["その後の実測"][0].startswith(f"{text}（")
        # That of the forecast stays its own.
        assert table["試算（今 → 整備後）"][0] == "3,000 m → 500 m"


class TestFacts:
    def test_queues_as_they_were_published(self, data, labels, road_figures):
        table = road_tables.tabulate_facts(data, ("queue",), labels)
        assert list(table["数値"]) == ["1,000 m以上", "約1,000 m", "1,057 m", "最大 500 m"]
        raw = [row for row in road_figures.facts if row["kind"] == "queue"]
        assert list(table["場所"]) == [row["subject"] for row in raw]
        assert list(table["備考"]) == [row["note"] for row in raw]
        assert table["出典"][2] == "菊陽町、熊本日日新聞（2024年4月22日〜2024年4月23日）"

    @pytest.mark.parametrize("kind", FACT_KINDS)
    def test_each_kind_has_its_rows_and_its_numbers(
        self, data, labels, road_figures, in_words, kind
    ):
        raw = [row for row in road_figures.facts if row["kind"] == kind]
        table = road_tables.tabulate_facts(data, (kind,), labels)
        assert len(table) == len(raw) > 0
        for row, record in zip(raw, table.to_dict("records"), strict=True):
            number = float(row["value"]) if row["value"] else None
            text = "" if number is None else f"{number:,.1f}".removesuffix(".0")
            assert text in record["数値"]
            assert (record["数値"] == "") == (not text)
            assert row["publisher"] in record["出典"]
            date = in_words(row["fact_date"]) if row["fact_date"] else "時点不明"
            assert record["出典"].endswith(f"（{date}）")

    def test_every_kind_of_the_raw_file_is_shown_somewhere(self, road_figures):
        assert {row["kind"] for row in road_figures.facts} == set(FACT_KINDS)

    def test_the_file_holds_every_row_as_it_is(self, data, labels, road_figures):
        table = road_tables.tabulate_fact_rows(data, labels)
        assert list(table["ID"]) == [row["id"] for row in road_figures.facts]
        for row, record in zip(road_figures.facts, table.to_dict("records"), strict=True):
            for column, name in (("数値", "value"), ("整備後の数値", "value_after")):
                wanted = float(row[name]) if row[name] else None
                assert record[column] == wanted or (wanted is None and pd.isna(record[column]))
            assert record["公表者"] == row["publisher"]
            assert record["場所"] == row["subject"]
            # For machines: a day, a month or a span as ISO 8601 has it.
            assert record["公表・調査の日"] == (row["fact_date"] or "時点不明")

    def test_the_file_tells_forecasts_from_measurements(self, data, labels, road_figures):
        table = road_tables.tabulate_fact_rows(data, labels).set_index("ID")
        ids = {kind: [] for kind in ("forecast", "queue")}
        for row in road_figures.facts:
            ids.get(row["kind"], []).append(row["id"])
        said = table.drop(columns=["場所", "項目", "数値", "整備後の数値", "備考", "調べた者"])
        forecasts = set(said.loc[ids["forecast"]].to_numpy().astype(str).ravel())
        measured = set(said.loc[ids["queue"]].to_numpy().astype(str).ravel())
        assert any("試算" in cell for cell in forecasts)
        assert not any("試算" in cell for cell in measured)

    def test_the_file_names_the_page_of_each_source(self, data, labels, road_figures):
        table = road_tables.tabulate_fact_rows(data, labels)
        cells = set(table.to_numpy().astype(str).ravel())
        assert {row["source_url"] for row in road_figures.facts if row["source_url"]} <= cells


class TestWorks:
    def test_length_lanes_cost_state_and_effect(self, data, labels):
        table = road_tables.tabulate_works(data, labels).set_index("事業")
        row = table.loc["県道大津植木線 多車線化"]
        figures = row[["延長（km）", "車線数", "費用（億円）", "目標", "状態"]].to_list()
        assert figures == ["約4.7 km", "最大 6 車線", "約195 億円", "2028年度", "着工"]
        assert row["試算された効果"] == (
            "大津植木線×国道325号：3,000 m → 500 m。大津植木線の西側の交差点：1,900 m → 100 m。"
        )
        ring = table.loc["熊本環状連絡道路"]
        assert ring["延長（km）"] == "3.9 km"
        assert ring["費用（億円）"] == "約920 億円"
        assert "不明 → 約35 分" in ring["試算された効果"]

    def test_every_work_of_the_raw_file_has_one_row(self, data, labels, road_figures):
        subjects = [row["subject"] for row in road_figures.facts if row["kind"] == "work"]
        table = road_tables.tabulate_works(data, labels)
        assert list(table["事業"]) == list(dict.fromkeys(subjects))
        for row in road_figures.facts:
            if row["kind"] == "work":
                (record,) = table[table["事業"] == row["subject"]].to_dict("records")
                assert row["note"] in record["備考"]
                assert row["publisher"] in record["出典"]

    def test_what_is_unknown_of_a_work_is_said(self, data, labels):
        table = road_tables.tabulate_works(data, labels).set_index("事業")
        assert table.loc["菊陽空港線（北への延長）", "費用（億円）"] == "不明"


class TestSpeeds:
    def test_without_speeds_there_is_no_table(self, data):
        assert len(data.roads.speeds) == len(data.roads.speed_indices) == 0

    def test_indices_where_measured_and_why_not_elsewhere(
        self, data_with, labels, geodata, publish_speeds
    ):
        samples = publish_speeds(geodata)
        built = data_with(corridor_speeds=Store(geodata).load_table("corridor_speeds"))
        assert built.roads.speeds["n_samples"].sum() == len(samples)
        table = road_tables.tabulate_speeds(built, labels).set_index("路線")
        assert sorted(table.index) == ["国道57号", "県道30号 大津植木線"]
        row = table.loc["国道57号"]
        assert row["期間"] == "地震の前（7月27日まで）"
        # 60 km/h outside of the peak, 15 km/h in it: four times as long, each within 1 %
        assert float(row["自由流速度（km/h）"]) == pytest.approx(60, rel=0.01)
        assert float(row["旅行時間指数"]) == pytest.approx(4, rel=0.015)
        assert float(row["計画時間指数"]) == pytest.approx(4, rel=0.015)
        assert float(row["バッファー指数"]) == pytest.approx(0, abs=0.01)
        assert row["混雑時間（時間/平日）"] == "6"
        assert (row["ピークの件数"], row["閑散時の件数"]) == ("120", "150")
        assert row["求めない理由"] == ""
        refused = table.loc["県道30号 大津植木線"]
        numbers = refused.drop(["期間", "ピークの件数", "閑散時の件数", "求めない理由"])
        assert set(numbers) == {"—"}
        assert (refused["ピークの件数"], refused["閑散時の件数"]) == ("1", "1")
        assert f"{MIN_SAMPLES}件・{MIN_DAYS}日以上" in refused["求めない理由"]


class TestHostile:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_text_of_a_fact_stays_as_it_is_in_every_table(
        self, data_with, road_frames, labels, text
    ):
        facts = road_frames["road_facts"].copy()
        for column in ("subject", "note", "work", "publisher", "surveyor", "period", "state"):
            facts[column] = facts[column].where(facts[column].isna(), text)
        built = data_with(road_facts=facts)
        tables = [
            road_tables.tabulate_forecasts(built, labels),
            road_tables.tabulate_facts(built, FACT_KINDS, labels),
            road_tables.tabulate_works(built, labels),
            road_tables.tabulate_fact_rows(built, labels),
            road_tables.tabulate_bottlenecks(built, labels),
        ]
        assert [len(table) for table in tables] == [3, 40, 1, 40, 12]
        for table in tables:
            assert any(text in cell for cell in table.to_numpy().astype(str).ravel())

    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_name_of_a_bottleneck_stays_as_it_is(self, data_with, road_frames, labels, text):
        bottlenecks = road_frames["bottlenecks"].assign(name=text, position_note=text)
        table = road_tables.tabulate_bottlenecks(data_with(bottlenecks=bottlenecks), labels)
        assert set(table["名称"]) == set(table["位置の注意"]) == {text}


class TestNothing:
    def test_without_facts_the_tables_are_empty_with_their_columns(self, data, data_with, labels):
        built = data_with(road_facts=None)
        for tabulate in (
            road_tables.tabulate_forecasts,
            road_tables.tabulate_works,
            road_tables.tabulate_fact_rows,
            lambda data, labels: road_tables.tabulate_facts(data, FACT_KINDS, labels),
        ):
            empty, full = tabulate(built, labels), tabulate(data, labels)
            assert len(empty) == 0
            assert list(empty) == list(full)


def test_every_quantity_and_exactness_of_the_raw_file_has_words(road_figures, labels):
    for row in road_figures.facts:
        if row["quantity"]:
            assert labels(f"quantity.{row['quantity']}")
            assert write_figure(1.0, row["quantity"], row["bound"] or None, labels)
