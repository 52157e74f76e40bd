"""The page 地下水 as a visitor uses it, run without a browser."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from pages.components import well_maps
from pages.components.map_panel import MapClick
from pages.components.well_maps import GROUNDWATER_DATASETS

FIVE = ("w001", "w002", "w003", "w004", "w005")
LOWEST, HIGHEST = "かなり低い（10パーセンタイル未満）", "かなり高い（90超）"
NO_READINGS = "水位の記録は登録されていません。"
NOT_REAL = "模擬データを表示しています。実際の水位ではありません。"
PLACES = (
    "観測井68本のうち、位置が分かる65本を52か所に示しています。"
    "位置が公表されていないのは熊本第１号、熊本第１７号、熊本第１８号です（一覧だけに載せています）。"
)
HOSTILE = ("<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "a | b", "[x](https://y.example)")


def plain(text):
    """Take away what escapes markup."""
    return re.sub(r"\\(.)", r"\1", text)


def metrics(page):
    return {metric.label: metric.value for metric in page.app.metric}


def headers(page):
    return [header.value for header in page.app.header]


def wells(page):
    return page.map_calls()["addWells"]


def legend(page):
    return {entry["label"]: entry["count"] for entry in page.map_calls()["setLegend"]["entries"]}


def list_wells(page):
    """Rows of the list of wells."""
    (table,) = [one.value for one in page.app.dataframe]
    return table.to_dict("records")


def list_options(page):
    """Names of the wells to choose from, as they are shown."""
    (control,) = [one for one in page.app.selectbox if one.key == "well"]
    return control.options[1:]


def charts(page):
    return [json.loads(one.proto.spec) for one in page.app.get("vega_lite_chart")]


def list_links(page, table):
    return re.findall(rf"\(/download/{table}\.csv\??([^)]*)\)", page.text)


def hash_file(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class TestWithoutReadings:
    def test_it_says_so_and_names_no_class(self, visit, tmp_path):
        page = visit("groundwater")
        assert not page.app.exception
        assert not page.app.error
        assert page.warnings == []
        assert page.app.title[0].value == "地下水"
        assert f"{NO_READINGS}井戸の場所と、公表された数値だけを示しています。" in page.text
        assert page.words == f"{PLACES}水位の記録がないため、階級は示していません。"
        assert page.query == {}
        options = wells(page)
        assert set(options["classes"].values()) == {"none"}
        assert len(options["classes"]) == 65
        assert set(options["said"].values()) == {"水位の記録がありません。"}
        assert legend(page) == {"階級なし": "65本"}
        rows = list_wells(page)
        assert {row["水位の階級"] for row in rows} == {"階級なし"}
        assert {row["理由"] for row in rows} == {"水位の記録がありません。"}
        for name in ("水位（標高 m）", "パーセンタイル", "位置（0〜1）", "1年前との差（m）"):
            assert {row[name] for row in rows} == {"—"}
        assert not [name for name in list_options(page) if "パーセンタイル" in name]
        assert (options["stamp"], page.map_calls()["addCredits"]["credits"]) == ("", [])
        assert charts(page) == []
        assert metrics(page) == {}
        # To look is not to make a store.
        assert list(tmp_path.iterdir()) == []

    def test_wells_stand_in_the_order_of_the_catalogue(self, visit, data):
        page = visit("groundwater")
        assert list_options(page) == data.wells["name"].tolist()
        assert [row["ID"] for row in list_wells(page)] == data.wells["id"].tolist()

    def test_published_figures_stand_in_their_place(self, visit):
        page = visit("groundwater")
        assert headers(page) == ["公表された数値", "出典とデータの時点"]
        assert "水位の記録から求めたものではありません。" in page.text
        (table,) = [one.value for one in page.app.table]
        figures = [plain(cell) for cell in table["数値"]]
        assert figures == [
            *("約-3.36 m", "約-0.31 m", "約1.15 m"),
            *("約1 m", "5 m〜10 m", "約45 万 m³ → 約38 万 m³"),
        ]
        assert plain(table["項目"].iloc[0]) == "菊陽町辛川観測井の水位の変化"

    def test_a_well_is_what_is_known_of_it(self, visit):
        page = visit("groundwater", {"well": "w001"})
        assert not page.app.exception
        assert headers(page)[0] == "水前寺"
        text = plain(page.text)
        assert "管理者：熊本市（推定）" in text
        assert "場所：中央区水前寺" in text
        assert "地域：熊本市  \n熊本地域：熊本地域の中" in text
        assert "**階級なし**　水位の記録がありません。" in page.text
        assert (charts(page), metrics(page)) == ([], {})
        assert list_links(page, "levels") == []

    def test_a_well_without_a_place_says_so(self, visit):
        page = visit("groundwater", {"well": "w066"})
        text = plain(page.text)
        assert headers(page)[0] == "熊本第１号"
        assert "位置の注意：位置は公表資料で見つからない" in text
        assert "熊本地域：" not in text
        assert "w066" not in wells(page)["classes"]
        # A place of its own, which is not on the map: nothing is ringed.
        assert wells(page)["selectedId"] == "w066"

    def test_the_quality_of_nothing(self, visit):
        page = visit("groundwater", {"part": "quality"})
        assert [one.value for one in page.app.info] == ["水位の記録がありません。"]
        assert len(page.app.dataframe) == 0


class TestMeasured:
    @pytest.fixture(autouse=True)
    def _readings(self, use_readings):
        pass

    def test_classes_are_told_on_the_map_in_words_and_in_the_list(self, visit):
        page = visit("groundwater")
        assert not page.app.exception
        assert page.warnings == []
        assert "水位の記録：熊本県、熊本市" in page.text
        assert NO_READINGS not in page.text
        classes = wells(page)["classes"]
        assert [classes[well_id] for well_id in FIVE] == [
            *("much_above", "normal", "much_below", "position", "none")
        ]
        assert set(classes.values()) - {classes[well_id] for well_id in FIVE} == set()
        assert legend(page) == {
            LOWEST: "1本",
            "平年並み（25〜75）": "1本",
            HIGHEST: "1本",
            "記録が10年未満（位置だけ）": "1本",
            "階級なし": "61本",
        }
        assert page.words.startswith(PLACES)
        for name in (LOWEST, HIGHEST, "平年並み（25〜75）"):
            assert f"{name} 1本" in page.words
        said = wells(page)["said"]
        assert re.fullmatch(
            r"10\.00 m（標高、[^）]+）。同じ月の過去の値の6パーセンタイル。", said["w003"]
        )
        assert said["w006"] == "水位の記録がありません。"
        assert "【古い記録】" in said["w005"]

    def test_the_words_count_only_wells_that_have_a_class(self, visit):
        assert "階級が分かるのは3本です" in visit("groundwater").words

    def test_the_wells_that_the_words_list_are_those_that_they_count(self, visit):
        words = visit("groundwater").words
        ((n, listed),) = re.findall(r"階級が分かるのは(\d+)本です（(.*)）。", words)
        assert sum(map(int, re.findall(r" (\d+)本", listed))) == int(n) == 3
        # 日向東 (w004) has four years.
        assert words.endswith(
            "。ほかに、記録が10年未満で、同じ月の最低と最高の間の位置だけが分かる井戸が1本あります。"
        )

    def test_the_most_unusual_stand_first(self, visit):
        page = visit("groundwater")
        # 43.75 and 41.7 from the middle, then the middle itself, then those without a class.
        assert [row["ID"] for row in list_wells(page)][:6] == [
            *("w003", "w001", "w002", "w004", "w005", "w006")
        ]
        assert list_options(page)[:5] == [
            f"田迎【深】（{LOWEST}）",
            f"水前寺（{HIGHEST}）",
            *("田迎【浅】", "日向東（記録が10年未満（位置だけ））", "日向西"),
        ]
        assert "井戸の良し悪しの順位ではありません。" in page.text
        first = list_wells(page)[0]
        assert (first["水位の階級"], first["パーセンタイル"]) == (LOWEST, "6.0")
        assert first["水位（標高 m）"] == "10.0"

    def test_a_well_shows_its_class_its_figures_and_its_chart(self, visit):
        page = visit("groundwater").choose(well="w003")
        assert not page.app.exception
        assert page.query == {"well": "w003"}
        assert headers(page)[0] == "田迎【深】"
        assert f"**{LOWEST}**　10.00 m（標高、" in page.text
        assert metrics(page) == {
            "いまの水位（標高）": "10.00 m",
            "1年前の同じ月との差": "-0.10 m",
            "1年あたりの傾き": "-0.100 m",
        }
        assert "Theil–Sen" in page.text
        (chart,) = charts(page)
        kinds = [layer["mark"]["type"] for layer in chart["layer"]]
        assert kinds[:4] == ["area", "area", "line", "line"]
        assert "text" not in kinds
        assert "帯は月ごとの10〜90パーセンタイル" in page.text
        # It stands at the place of 田迎【浅】, whose mark is ringed.
        assert wells(page)["selectedId"] == "w002"
        assert list_links(page, "levels") == ["well=w003"]

    def test_a_short_record_has_no_class_and_no_band(self, visit):
        page = visit("groundwater", {"well": "w004"})
        assert "**記録が10年未満（位置だけ）**" in page.text
        assert "位置 1.00（0が最低、1が最高）" in page.text
        assert "階級は付けません。" in page.text
        assert len(charts(page)) == 1
        assert metrics(page)["1年あたりの傾き"] == "不明"
        assert "Theil–Sen" not in page.text

    def test_wells_can_be_compared_and_the_link_keeps_them(self, visit):
        page = visit("groundwater", {"well": "w001"}).choose(compared=["w002", "w005"])
        assert not page.app.exception
        assert page.query == {"well": "w001", "compared": "w002,w005"}
        assert len(charts(page)) == 2
        assert "水位の高い低いは比べられません。" in page.text
        again = visit("groundwater", page.query)
        assert again.control("compared") == ["w002", "w005"]
        assert len(charts(again)) == 2

    def test_only_wells_with_readings_can_be_compared(self, visit):
        page = visit("groundwater", {"well": "w001"})
        assert page.app.multiselect(key="compared").options == [
            *("田迎【浅】", "田迎【深】", "日向東", "日向西")
        ]

    @pytest.mark.parametrize("other", ["", "w010"], ids=["none", "without_readings"])
    def test_after_a_well_with_readings_one_without(self, visit, other):
        page = visit("groundwater", {"well": "w001"}).choose(well=other)
        assert not page.app.exception
        assert not page.choose(part="facts").app.exception

    def test_the_quality_of_the_readings(self, visit):
        page = visit("groundwater").choose(part="quality")
        assert page.query == {"part": "quality"}
        rows = list_wells(page)
        # One level a year: it stands still, and steps at the turn of the year.
        assert {row["気になる点"] for row in rows} == {
            *("動かない値", "急な変化", "それまでの範囲の外")
        }
        assert {row["名称"] for row in rows} == {
            *("水前寺", "田迎【浅】", "田迎【深】", "日向東", "日向西")
        }
        days = [row["終わり"] for row in rows]
        assert days == sorted(days, reverse=True)
        assert "原因はこの表からは分かりません。" in page.text

    def test_figures_are_one_part_and_not_in_place_of_readings(self, visit):
        assert headers(visit("groundwater")) == ["お知らせ", "出典とデータの時点"]
        page = visit("groundwater").choose(part="facts")
        (table,) = [one.value for one in page.app.table]
        assert len(table) == 14

    def test_who_measured_is_credited_on_the_map(self, visit):
        credits_ = visit("groundwater").map_calls()["addCredits"]["credits"]
        assert credits_ == [
            {"text": "水位の記録：熊本県", "url": ""},
            {"text": "水位の記録：熊本市", "url": ""},
        ]

    def test_nothing_of_it_is_called_simulated(self, visit, measured):
        before = hash_file(measured)
        page = visit("groundwater", {"well": "w003", "compared": "w001"})
        sent = json.dumps(page.map_arguments, ensure_ascii=False)
        for text in (page.text, sent, json.dumps(charts(page), ensure_ascii=False)):
            assert "模擬" not in text
        assert hash_file(measured) == before
        assert not [path for path in measured.parent.iterdir() if "demo" in path.name]


class TestPlace:
    def test_a_municipality_narrows_map_list_and_words(self, visit, data):
        page = visit("groundwater").choose(m="43404")
        assert not page.app.exception
        inside = data.wells.loc[data.wells["municipality_code"] == "43404", "id"].tolist()
        assert inside
        assert list(wells(page)["classes"]) == inside
        assert [row["ID"] for row in list_wells(page)] == inside
        n = len(inside)
        assert page.words.startswith(f"観測井{n}本のうち、位置が分かる{n}本を{n}か所に示して")
        assert "位置が公表されていない" not in page.words
        areas = page.map_calls()["addAreas"]
        assert [one["code"] for one in areas["selected"]] == ["43404"]
        assert page.query == {"m": "43404"}
        assert list_links(page, "wells") == ["m=43404"]

    def test_a_region(self, visit, data):
        region = data.wells["region_id"].dropna().iloc[0]
        page = visit("groundwater", {"region": region})
        inside = data.wells.loc[data.wells["region_id"] == region, "id"].tolist()
        assert list(wells(page)["classes"]) == inside
        assert page.control("region") == region

    def test_a_municipality_without_wells_is_no_failure(self, visit, data):
        (code, *_) = sorted(set(data.names) - set(data.wells["municipality_code"]))
        page = visit("groundwater", {"m": code})
        assert not page.app.exception
        assert page.words.startswith("観測井0本のうち、位置が分かる0本を0か所に示しています。")
        assert wells(page)["classes"] == {}
        assert legend(page) == {}
        assert list_wells(page) == []

    def test_of_no_wells_nothing_is_said(self, visit, data):
        (code, *_) = sorted(set(data.names) - set(data.wells["municipality_code"]))
        assert wells(visit("groundwater", {"m": code}))["said"] == {}

    def test_a_well_that_was_chosen_stays_so_elsewhere(self, visit):
        page = visit("groundwater", {"well": "w001", "m": "43404"})
        assert not page.app.exception
        assert page.control("well") == "w001"
        assert headers(page)[0] == "水前寺"
        assert "w001" not in wells(page)["classes"]
        assert page.query == {"m": "43404", "well": "w001"}


class TestLink:
    def test_a_full_address_reproduces_the_screen(self, visit, use_readings):
        query = {"m": "43100", "well": "w001", "compared": "w003", "part": "quality"}
        page = visit("groundwater", query)
        assert page.warnings == []
        assert page.query == query
        assert (page.control("well"), page.control("part")) == ("w001", "quality")
        assert page.control("compared") == ["w003"]

    def test_what_is_unknown_is_noted_and_the_usual_is_shown(self, visit):
        query = {"m": "13101", "region": "tokyo", "well": "w999", "part": "all", "lat": "x"}
        query |= {"compared": "<script>"}
        page = visit("groundwater", query)
        assert not page.app.exception
        (warning,) = page.warnings
        for name in query:
            assert name in warning
        for value in ("13101", "tokyo", "w999", "script"):
            assert value not in warning
        assert page.query == {}
        assert page.words.startswith(PLACES)

    def test_too_many_wells_to_compare_are_noted(self, visit, use_readings):
        page = visit("groundwater", {"well": "w006", "compared": "w001,w002,w003,w004,w005"})
        (warning,) = page.warnings
        assert "「compared」" in warning

    @pytest.mark.parametrize("part", ["list", "facts", "quality", "load"])
    def test_every_part_has_an_address(self, visit, part):
        page = visit("groundwater").choose(part=part)
        assert not page.app.exception
        assert page.query == ({} if part == "list" else {"part": part})

    def test_how_readings_come_in_is_said(self, visit):
        page = visit("groundwater", {"part": "load"})
        assert "python -m kumageo readings import FILE --source" in page.text
        assert "地表の標高のない深さは取り込めません。" in page.text

    def test_the_way_back_to_the_part_of_the_link(self):
        """A part is a fragment: what it was given at the last whole run is its state for long."""
        app = AppTest.from_string(FRAGMENT, default_timeout=60)
        app.query_params["part"] = "facts"
        app.session_state["part"] = "list"
        app.session_state["compared"] = []
        app.run()
        assert not app.exception
        assert dict(app.query_params) == {}


FRAGMENT = """
from pages.components import well_panels
from pages.components.data import get_data, get_labels, get_water
from pages.components.well_state import GroundwaterState

data, state = get_data(), GroundwaterState()
shown = well_panels.select_wells(state, data)
well_panels.show_parts(state, shown, data, get_water(data), get_labels("ja"))
"""


class TestClick:
    @pytest.fixture
    def click(self, monkeypatch):
        """Click a feature of the map; return what is chosen then."""

        def click_feature(properties):
            state = {}
            monkeypatch.setattr(well_maps.st, "session_state", state)
            well_maps._choose_place(MapClick(130.7, 32.8, properties))
            return state

        return click_feature

    def test_the_most_unusual_well_of_the_place_is_chosen(self, click, use_readings):
        # 田迎【浅】 is as usual, 田迎【深】 the lowest of all years.
        assert click({"id": "w002"}) == {"well": "w003"}
        assert click({"id": "w001"}) == {"well": "w001"}

    def test_without_readings_it_is_the_first(self, click):
        assert click({"id": "w002"}) == {"well": "w002"}

    @pytest.mark.parametrize("properties", [None, {}, {"id": "w003"}, {"id": "w999"}, {"id": None}])
    def test_what_is_no_place_chooses_nothing(self, click, properties):
        assert click(properties) == {}


class TestDemo:
    @pytest.fixture(autouse=True)
    def _demo(self, use_demo):
        pass

    def test_it_is_stamped_everywhere(self, visit, labels):
        page = visit("groundwater", {"well": "w067"})
        assert not page.app.exception
        assert NOT_REAL in page.text
        assert NOT_REAL in page.warnings  # beside the well, too
        assert page.words.startswith("【模擬データ】観測井68本のうち、")
        assert wells(page)["stamp"] == "模擬データ"
        credits_ = page.map_calls()["addCredits"]["credits"]
        assert credits_ == [{"text": "水位の記録：模擬データ", "url": ""}]
        page.choose(compared=["w066"])
        assert len(charts(page)) == 2
        for chart in charts(page):
            texts = [layer for layer in chart["layer"] if layer["mark"]["type"] == "text"]
            (stamp,) = [layer["encoding"]["text"]["field"] for layer in texts]
            assert stamp == "stamp"
        assert labels("groundwater.stamp") == "模擬データ"

    def test_every_class_of_it_can_be_seen(self, visit):
        counts = legend(visit("groundwater"))
        assert "階級なし" in counts
        assert len(counts) > 3

    def test_it_never_comes_into_the_store_of_measured_readings(self, visit, use_demo, measured):
        real = use_demo / "readings.sqlite3"
        visit("groundwater", {"well": "w067"})
        assert not real.exists()
        assert (use_demo / "demo-readings.sqlite3").is_file()
        real.write_bytes(measured.read_bytes())
        before = hash_file(real)
        try:
            page = visit("groundwater", {"well": "w001"})
            assert "水位の記録：熊本県" not in page.text
            assert NOT_REAL in page.text
            assert hash_file(real) == before
        finally:
            real.unlink()

    def test_without_the_setting_nothing_of_it_is_shown(self, visit, monkeypatch):
        visit("groundwater")
        monkeypatch.delenv("KUMAGEO_DEMO")
        page = visit("groundwater")
        assert NO_READINGS in page.text
        sent = json.dumps(page.map_arguments, ensure_ascii=False)
        assert "模擬" not in page.text + sent
        assert set(wells(page)["classes"].values()) == {"none"}


class TestHostile:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_source_stays_text(self, visit, fill_store, tmp_path, text):
        lines = [f"w001,2026-01-{day:02}T00:00+09:00,8.25" for day in (1, 2)]
        fill_store(tmp_path / "readings.sqlite3", **{text: lines})
        page = visit("groundwater")
        assert not page.app.exception
        (notice,) = [one.value for one in page.app.markdown if "水位の記録：" in one.value]
        assert plain(notice) == f"水位の記録：{text}"
        for mark in ("<img", "](", " | "):
            assert mark not in re.sub(r"\\.", "", notice)
        # On the map it is passed as text.
        credits_ = page.map_calls()["addCredits"]["credits"]
        assert credits_ == [{"text": f"水位の記録：{text}", "url": ""}]

    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_text_of_a_well_stays_text(self, visit, data, monkeypatch, text):
        columns = ("name", "place", "position_note", "owner", "screen_mark")
        built = replace(data, wells=data.wells.assign(**dict.fromkeys(columns, text)))
        monkeypatch.setattr("pages.components.data.get_data", lambda: built)
        page = visit("groundwater", {"well": "w001"})
        assert not page.app.exception
        assert plain(headers(page)[0]) == text
        assert {row["名称"] for row in list_wells(page)} == {text}
        found = [one.value for one in page.app.markdown if "管理者：" in one.value]
        (facts,) = found
        for written in (facts, headers(page)[0]):
            for mark in ("<img", "](", " | "):
                assert mark not in re.sub(r"\\.", "", written)
        assert text in plain(facts)


def test_credits_name_each_dataset_its_terms_and_its_day(visit, data, in_words):
    page = visit("groundwater")
    text = plain(page.text)
    assert len(GROUNDWATER_DATASETS) == 4
    (listed,) = re.findall(r'"credits": (\[.*?\]),', page.map_arguments["script"])
    on_map = [credit["text"] for credit in json.loads(listed)]
    for name in GROUNDWATER_DATASETS:
        dataset = data.catalog[name]
        for part in (dataset.source_url, dataset.processed_statement, dataset.licence):
            assert part in text
        assert f"{in_words(str(dataset.as_of))}時点" in text
        assert dataset.processed_statement in on_map


def test_the_page_and_its_map_name_no_host_but_the_sources(visit, data, use_readings):
    page = visit("groundwater", {"well": "w003", "compared": "w001"})
    sent = json.dumps(page.map_arguments, ensure_ascii=False)
    assert len(sent.encode()) < 60_000
    known = {dataset.source_url for dataset in data.catalog}
    for text in (sent, plain(page.text)):
        assert set(re.findall(r"https?://[^\s\"')\\]+", text)) <= known


def test_downloads_are_offered_where_there_is_something_to_fetch(visit, use_readings):
    page = visit("groundwater", {"m": "43100", "well": "w001"})
    assert list_links(page, "wells") == ["m=43100"]
    assert list_links(page, "levels") == ["well=w001"]
    assert list_links(page, "groundwater_facts") == [""]
    assert list_links(visit("groundwater", {"well": "w006"}), "levels") == []
