"""The page 渋滞 as a visitor uses it, run without a browser."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.data import get_data
from pages.components.maps import CONGESTION_DATASETS

FIGURES = {
    "平日24時間": "29,796 台",
    "ピーク 17時台": "2,348 台",
    "ピーク率（K）": "7.9 %",
    "上りの割合（D）": "51.4 %",
    "大型車": "7.4 %",
}
NOTICE = "交通量は台数で、速度ではありません。"
TABLES = ("stations", "works", "queues", "traffic", "buses", "lists")
ALL_TABLES = {f"{name}-table": True for name in TABLES}  # as session state
GUARDED = """
from pages.components.data import get_data, get_labels
from pages.components.frame import guard_page
from pages.views import congestion

labels = get_labels("ja")
guard_page(lambda: congestion.show(get_data(), labels), labels)
"""
USUAL_PERIODS = (
    (dt.date(2026, 5, 25), dt.date(2026, 7, 27)),
    (dt.date(2026, 7, 29), dt.date(2026, 8, 18)),
)
HOSTILE = ("<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "a | b", "[x](https://y.example)")


def metrics(page):
    return {metric.label: metric.value for metric in page.app.metric}


def headers(page):
    return [header.value for header in page.app.header]


def traffic(page):
    return page.map_calls()["addTraffic"]


def list_map_credits(page):
    (listed,) = re.findall(r'"credits": (\[.*?\]),', page.map_arguments["script"])
    return [credit["text"] for credit in json.loads(listed)]


def tables(page):
    """Rows of all plain tables, each by its columns."""
    return [table.value.to_dict("records") for table in page.app.table]


def read_periods(page):
    return tuple(tuple(page.app.date_input(key=name).value) for name in ("before", "after"))


@pytest.fixture
def show_with(visit, data_with, monkeypatch):
    """Open the page on other road datasets; None: not published."""

    def show(query=None, session=(), **frames):
        built = data_with(**frames)
        monkeypatch.setattr("pages.components.data.get_data", lambda: built)
        return visit("congestion", query, **dict(session))

    return show


def test_the_page_opens_on_the_real_figures(visit):
    page = visit("congestion")
    assert not page.app.exception
    assert not page.app.error
    assert page.warnings == []
    assert page.app.title[0].value == "渋滞"
    assert metrics(page) == FIGURES
    assert "平日38日の平均（2026年7月28日の地震より前。" in page.text
    assert "国土交通省API機能による交通量（参考値）を加工（2026年8月18日時点）" in page.text
    assert "前の期間の平日は1日平均 29,796 台（38日）。" in page.text
    assert f"{NOTICE}速度が分かる資料はまだありません。" in page.text
    assert page.words == (
        "セミコンテクノパーク周辺の5路線（概略線形）のうち、交通量を常時測っているのは1路線です。"
        "ほかの路線は灰色の破線（未計測）です。観測点は県内に13か所あり、"
        "そのうち12か所は離れた場所の参考です。主要渋滞箇所は位置の分かる3か所と、"
        "主要渋滞箇所か確かめられていない3か所を示しています。"
    )
    assert headers(page) == ["整備効果の試算と実測", "主要渋滞箇所", "出典とデータの時点"]
    assert read_periods(page) == USUAL_PERIODS
    assert page.query == {}


def test_what_the_map_is_told_at_first(visit):
    options = traffic(visit("congestion"))
    assert options["choice"] == {
        "hour": 17,
        "day": "weekday",
        "period": "before",
        "measure": "both",
    }
    measures = [measure["id"] for measure in options["measures"]]
    assert measures == ["both", "up", "down", "large_pct", "split_pct"]
    assert options["selectedStation"] == "9310130"
    assert options["bufferEntries"] == []
    assert len(options["urls"]) == 4


def test_forecasts_and_bottlenecks_stand_on_the_page(visit):
    forecasts, bottlenecks = tables(visit("congestion"))
    assert [row["その後の実測"] for row in forecasts] == ["未計測"] * 3
    assert forecasts[0]["試算（今 → 整備後）"] == "3,000 m → 500 m"
    assert forecasts[0]["目標"] == "2028年度"
    assert len(bottlenecks) == 12
    page = visit("congestion")
    assert "公表された試算3件のうち、その後に同じ場所で実測が公表されたのは0件です。" in page.text
    assert (
        "2024年12月に追加された12か所のうち、名称が分かるのは7か所です。"
        "このうち位置が分かる3か所を地図に示しています。"
        "4か所は位置が分からないため、表だけに載せています。"
    ) in page.text


@pytest.mark.parametrize(
    "query",
    [
        {"station": "9110030"},
        {"hour": "7", "day": "holiday", "measure": "large_pct", "period": "after"},
        {"hour": "0", "station": "9360443"},
        {"before": "2026-06-08..2026-06-12", "after": "2026-08-03..2026-08-07"},
        {"chart": "saturday"},
        {"around": "semicon"},
        {"around": "r57", "radius": "3000"},
        {"radius": "500"},
        {"z": "12", "lon": "130.84", "lat": "32.88"},
    ],
)
def test_a_link_seeds_the_page_and_stays_as_it_is(visit, query):
    page = visit("congestion", query)
    assert not page.app.exception
    assert page.warnings == []
    assert page.query == query
    assert page.control("station") == query.get("station", "9310130")
    assert page.control("around") == query.get("around", "")
    assert page.control("radius") == query.get("radius", "1000")
    assert page.control("chart_day") == query.get("chart", "weekday")
    options = traffic(page)
    assert options["selectedStation"] == query.get("station", "9310130")
    assert options["choice"] == {
        "hour": int(query.get("hour", 17)),
        "day": query.get("day", "weekday"),
        "period": query.get("period", "before"),
        "measure": query.get("measure", "both"),
    }
    wanted = tuple(
        tuple(map(dt.date.fromisoformat, query[name].split(".."))) if name in query else usual
        for name, usual in zip(("before", "after"), USUAL_PERIODS, strict=True)
    )
    assert read_periods(page) == wanted


def test_controls_write_the_address_and_keep_what_the_map_wrote(visit):
    page = visit("congestion", {"hour": "7", "measure": "up"})
    page.choose(station="9110030")
    assert page.query == {"hour": "7", "measure": "up", "station": "9110030"}
    assert traffic(page)["selectedStation"] == "9110030"
    page.choose(around="semicon", chart_day="holiday").choose(radius="3000")
    kept = {"hour": "7", "measure": "up", "station": "9110030"}
    assert page.query == {**kept, "chart": "holiday", "around": "semicon", "radius": "3000"}
    page.app.date_input(key="before").set_value((dt.date(2026, 6, 1), dt.date(2026, 6, 30)))
    assert page.run().query["before"] == "2026-06-01..2026-06-30"
    page.choose(station="9310130", radius="1000", chart_day="weekday").choose(around="")
    assert page.query == {"hour": "7", "measure": "up", "before": "2026-06-01..2026-06-30"}


def test_unknown_values_of_a_link_are_named_in_one_plain_sentence(visit):
    query = {"station": "1", "before": "garbage", "after": "2026-08-01..2026-07-01", "lat": "x"}
    query |= {"radius": "7", "around": "<script>", "chart": "monday", "day": "sunday"}
    page = visit("congestion", query)
    assert not page.app.exception
    (warning,) = page.warnings
    assert warning.startswith("リンクの「")
    for name in query:
        assert name in warning
    for value in ("garbage", "script", "monday", "sunday", "2026-08"):
        assert value not in warning
    assert metrics(page) == FIGURES
    assert read_periods(page) == USUAL_PERIODS
    assert traffic(page)["choice"]["day"] == "weekday"


def test_an_hour_that_cannot_be_read_shows_the_usual_one(visit):
    page = visit("congestion", {"hour": "99"})
    (warning,) = page.warnings
    assert "「hour」" in warning
    assert traffic(page)["choice"]["hour"] == 17


@pytest.mark.parametrize("query", [{"hour": "99"}, {"day": "sunday"}, {"measure": "<b>"}])
def test_what_cannot_be_read_of_the_map_leaves_the_address(visit, query):
    page = visit("congestion", query)
    assert page.query == {}
    assert page.choose(station="9110030").warnings == []


def test_a_period_whose_end_is_not_chosen_yet_stays_as_it_was(visit):
    page = visit("congestion")
    page.app.date_input(key="before").set_value((dt.date(2026, 6, 1),))
    page.run()
    assert not page.app.exception
    assert "前の期間の平日は1日平均 29,796 台（38日）。" in page.text
    assert page.query == {}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            {"before": "2020-01-01..2020-01-02"},
            "前の期間に、24時間そろった平日はありません。",
        ),
        ({"chart": "obon"}, "前の期間に、24時間そろったお盆はありません。"),
        (
            {"before": "2026-07-20..2026-08-03"},
            "期間に地震の日（2026年7月28日）が含まれています。",
        ),
        (
            {"before": "2020-01-01..2020-01-02", "after": "2019-01-01..2019-01-02"},
            "後の期間に、24時間そろった平日はありません。",
        ),
        ({"before": "0001-01-01..0001-01-02"}, "前の期間に、24時間そろった平日はありません。"),
    ],
)
def test_periods_without_days_are_said(visit, query, sentence):
    page = visit("congestion", query)
    assert not page.app.exception
    assert page.warnings == []
    assert sentence in page.text
    assert metrics(page) == FIGURES  # of the days before the earthquake, whatever is compared


def test_the_last_day_of_all_is_no_failure(visit):
    page = visit("congestion", {"before": "2026-05-25..9999-12-31"})
    assert not page.app.exception
    (warning,) = page.warnings
    assert "「before」" in warning
    assert read_periods(page) == USUAL_PERIODS


def test_the_hours_as_a_table(visit):
    page = visit("congestion").choose(**{"hours-table": True})
    (table,) = [frame.value for frame in page.app.dataframe]
    assert list(table) == ["期間", "時台", "上り（台/時）", "下り（台/時）", "日数"]
    assert len(table) == 48
    before = table[table["期間"] == "前の期間"]
    both = before["上り（台/時）"] + before["下り（台/時）"]
    assert both.sum() == pytest.approx(29_796, abs=24)
    assert set(before["日数"]) == {38}


def test_the_further_tables_are_shown_when_they_are_asked_for(visit):
    page = visit("congestion")
    n_tables = len(page.app.table)
    assert len(page.app.dataframe) == 0
    page.choose(**{"works-table": True})
    assert len(page.app.table) == n_tables + 1
    page.choose(**ALL_TABLES)
    assert not page.app.exception
    (stations,) = [frame.value for frame in page.app.dataframe]
    assert len(stations) == 13
    assert [len(rows) for rows in tables(page)][n_tables:] == [8, 8, 4, 5, 6]


def test_a_buffer_is_drawn_counted_and_explained(visit):
    page = visit("congestion")
    assert "addBuffer" not in page.map_calls()
    assert page.app.selectbox(key="radius").disabled
    assert "場所と距離を選ぶと" in page.text
    page.choose(around="semicon").choose(radius="3000")
    assert not page.app.exception
    assert not page.app.selectbox(key="radius").disabled
    counted = metrics(page)
    assert counted["指定緊急避難場所（か所）"] == "18"
    assert counted["指定避難所（か所）"] == "20"
    assert counted["観測井（か所）"] == "0"
    assert re.fullmatch(r"約 2[12],\d00 人", counted["人口の目安"])
    assert "中心はバス停「JASM前」の位置です（工場の中心ではありません）。" in page.text
    assert "人口は、市町村の人口を面積の割合で割り振った目安です（" in page.text
    for name in ("菊陽町", "大津町", "合志市"):
        assert re.search(rf"{name} 面積の[\d.]+ %・約[\d,]+人", page.text)
    drawn = page.map_calls()["addBuffer"]
    assert len(drawn["places"]) == 38
    assert drawn["geometry"]["type"] == "Polygon"
    assert len(traffic(page)["bufferEntries"]) == 4
    page.choose(around="r57")
    assert "道路の概略線形からの直線距離です。" in page.text
    page.choose(around="")
    assert "addBuffer" not in page.map_calls()


def test_sources_of_what_lies_near_are_named_with_their_day(visit):
    text = visit("congestion", {"around": "semicon"}).text.replace("\\", "")
    assert "指定緊急避難場所：国土地理院（2025年10月27日時点）" in text
    assert "地下水位の観測井：熊本県（2024年2月28日時点）" in text


def test_a_station_far_away_moves_the_map_and_its_old_view_leaves_the_link(visit):
    page = visit("congestion", {"z": "12", "lon": "130.84", "lat": "32.88", "hour": "7"})
    assert page.map_calls()["addAreas"]["focus"]["token"] == ""
    page.choose(station="9310035")
    focus = page.map_calls()["addAreas"]["focus"]
    assert focus["token"].startswith("9310035")
    west, south, east, north = focus["bounds"]
    assert west < 130.55574 < east
    assert south < 32.40604 < north
    assert page.query == {"station": "9310035", "hour": "7"}


def test_downloads_follow_the_periods_and_nothing_else(visit):
    page = visit("congestion", {"before": "2026-06-01..2026-06-30", "station": "9110030"})
    for form in ("csv", "geojson", "xlsx"):
        assert f"(/download/hours.{form}?before=2026-06-01..2026-06-30)" in page.text
        for name in ("stations", "bottlenecks", "road_facts"):
            assert f"(/download/{name}.{form})" in page.text


def test_credits_name_each_dataset_its_terms_and_its_day(visit, data, in_words):
    page = visit("congestion")
    text = page.text.replace("\\", "")
    shown = [name for name in CONGESTION_DATASETS if name != "corridor_speeds"]
    assert len(shown) == 9
    for name in shown:
        dataset = data.catalog[name]
        for part in (dataset.source_url, dataset.processed_statement, dataset.licence):
            assert part in text
        assert f"{in_words(str(dataset.as_of))}時点" in text
        assert dataset.processed_statement in list_map_credits(page)
    assert "国土交通省API機能による交通量（参考値）を加工" in text


def test_the_page_and_its_map_name_no_host_but_the_sources(visit, data):
    page = visit("congestion", {"around": "semicon", "radius": "3000"}, **ALL_TABLES)
    sent = json.dumps(page.map_arguments, ensure_ascii=False)
    assert len(sent.encode()) < 60_000
    known = {dataset.source_url for dataset in data.catalog}
    for text in (sent, page.text.replace("\\", "")):
        named = set(re.findall(r"https?://[^\s\"')\\]+", text))
        assert named
        assert named <= known


class TestSpeeds:
    def test_without_speeds_none_of_a_road_is_anywhere(self, visit, data):
        page = visit("congestion", **ALL_TABLES)
        published = data.roads.facts
        known = [*published["note"].dropna(), "15.5 km/h", "44.4 km/h"]
        cells = [cell for rows in tables(page) for row in rows for cell in row.values()]
        text = "\n".join([page.text, *map(str, cells)]).replace("\\", "")
        for words in known:  # criteria and figures of other roads, as they were published
            text = text.replace(words, "")
        assert "km/h" not in text
        assert "旅行時間指数" not in text
        assert "速度と旅行時間の指標" not in headers(page)
        assert "speed_kmh" not in [measure["id"] for measure in traffic(page)["measures"]]
        features = json.loads(data.encoded["corridors"].plain)["features"]
        speeds = [feature["properties"]["speeds"] for feature in features]
        assert speeds == [{"before": {}, "after": {}}] * 5

    def test_a_link_that_asks_for_speeds_gets_volumes(self, visit):
        page = visit("congestion", {"measure": "speed_kmh"})
        (warning,) = page.warnings
        assert "「measure」" in warning
        options = traffic(page)
        shown = options["choice"]["measure"]
        assert shown == "both"
        assert shown in [measure["id"] for measure in options["measures"]]


class TestStations:
    def test_a_station_without_a_whole_weekday_says_so(self, show_with, road_frames):
        volumes = road_frames["traffic_hourly"]
        silent = volumes[volumes["point_code"] != "9310183"]
        page = show_with({"station": "9310183"}, traffic_hourly=silent)
        assert not page.app.exception
        assert "24時間の記録がそろった平日がありません。" in [one.value for one in page.app.info]
        assert metrics(page) == {}

    def test_a_station_that_ended_before_the_earthquake(self, visit):
        page = visit("congestion", {"station": "9310183"})
        assert not page.app.exception
        assert "後の期間に、24時間そろった平日はありません。" in page.text
        assert "変化は" not in page.text

    def test_readings_of_later_months_alone_still_make_a_page(self, show_with, road_frames):
        volumes = road_frames["traffic_hourly"]
        late = volumes[volumes["time"].dt.date >= dt.date(2026, 8, 3)]
        assert not show_with(traffic_hourly=late).app.exception


class TestHostile:
    @pytest.fixture
    def make_page(self, show_with, road_frames):
        def make(text, *, criterion):
            facts = road_frames["road_facts"].copy()
            touched = (facts["kind"] != "criterion") | criterion
            for column in ("subject", "note", "work", "publisher", "surveyor", "period", "state"):
                facts[column] = facts[column].mask(facts[column].notna() & touched, text)
            texts = ("name", "road", "municipality", "position_method", "position_note")
            bottlenecks = road_frames["bottlenecks"].assign(**dict.fromkeys(texts, text))
            stations = road_frames["traffic_stations"].assign(muni_n03=text, road_type=text)
            corridors = road_frames["corridors"].assign(name=text, extent=text)
            page = show_with(
                {"around": "r57"},
                ALL_TABLES,
                road_facts=facts,
                bottlenecks=bottlenecks,
                traffic_stations=stations,
                corridors=corridors,
            )
            assert not page.app.exception
            return page

        return make

    @staticmethod
    def list_markdown(page):
        """Return everything that Streamlit takes for Markdown, without backslashed letters."""
        cells = [cell for rows in tables(page) for row in rows for cell in row.values()]
        return [re.sub(r"\\.", "", text) for text in [page.text, *map(str, cells)]]

    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_text_of_the_figures_stays_text(self, make_page, text):
        page = make_page(text, criterion=False)
        cells = [cell for rows in tables(page) for row in rows for cell in row.values()]
        plain = [re.sub(r"\\(.)", r"\1", str(cell)) for cell in cells]
        assert sum(text in cell for cell in plain) > 100
        for markdown in self.list_markdown(page):
            for mark in ("<img", "](", " | ", "=cmd|"):
                assert mark not in markdown.replace("](/download/", "").replace("](http", "")
            assert "y.example" not in re.findall(r"\]\((\S+?)\)", markdown)

    @pytest.mark.parametrize("text", ["[x](https://y.example)", "**x**"])
    def test_a_criterion_stays_text(self, make_page, text):
        page = make_page(text, criterion=True)
        (sentence,) = [one.value for one in page.app.markdown if "選定の条件：" in one.value]
        assert text not in sentence


def test_a_failure_in_a_chart_gives_one_plain_sentence(visit, monkeypatch):
    """The script of the page stands in the boundary, as in pages/main.py."""

    def fail(*_):
        raise RuntimeError("private detail")

    monkeypatch.setattr("pages.components.stations.compare_periods", fail)
    app = AppTest.from_string(GUARDED, default_timeout=60).run()
    assert not app.exception
    (error,) = app.error
    assert error.value.startswith("画面を表示できませんでした。")


class TestOtherData:
    """Each needs a copy of geodata, which drops the default from the cache: they come last."""

    def test_speeds_that_are_published_are_shown_and_refused_below_the_minimum(
        self, visit, geodata, publish_speeds
    ):
        publish_speeds(geodata)
        page = visit("congestion")
        assert not page.app.exception
        assert f"{NOTICE}速度は、測った区間だけ示しています。" in page.text
        assert "速度と旅行時間の指標" in headers(page)
        assert "速度の記録272件から求めました。" in page.text
        (table,) = [frame.value for frame in page.app.dataframe]
        rows = {row["路線"]: row for row in table.to_dict("records")}
        assert set(rows) == {"国道57号", "県道30号 大津植木線"}
        assert float(rows["国道57号"]["旅行時間指数"]) == pytest.approx(4, rel=0.015)
        assert rows["県道30号 大津植木線"]["旅行時間指数"] == "—"
        assert "記録が足りません" in rows["県道30号 大津植木線"]["求めない理由"]
        assert metrics(page) == FIGURES
        measures = {measure["id"]: measure for measure in traffic(page)["measures"]}
        assert measures["speed_kmh"]["unit"] == "km/h"
        assert "試験の速度を加工して作成" in page.text.replace("\\", "")
        assert "試験の速度を加工して作成" in list_map_credits(page)
        features = json.loads(get_data().encoded["corridors"].plain)["features"]
        speeds = {one["properties"]["id"]: one["properties"]["speeds"] for one in features}
        assert speeds["r57"]["before"]["weekday"]["7"] == pytest.approx(15, abs=0.13)
        assert speeds["r57"]["before"]["weekday"]["12"] == pytest.approx(60, abs=0.35)
        assert "3" not in speeds["r57"]["before"]["weekday"]
        assert speeds["pref30_otsu_ueki"] == {"before": {}, "after": {}}

    def test_the_page_runs_says_so_and_keeps_the_figures_of_the_stations(self, visit, geodata):
        shutil.rmtree(geodata / "processed" / "road_facts")
        page = visit("congestion", **ALL_TABLES)
        assert not page.app.exception
        assert not page.app.error
        (info,) = page.app.info
        assert info.value == "公表された数値のデータが登録されていません。"
        assert metrics(page) == FIGURES
        assert "平日38日の平均" in page.text
        assert "前の期間の平日は1日平均 29,796 台（38日）。" in page.text
        assert "追加された不明か所のうち、名称が分かるのは7か所です。" in page.text
        assert "選定の条件：不明" in page.text
        assert "道路の計画・試算・実測" not in page.text
