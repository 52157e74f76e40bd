"""What the files of the pages 渋滞 and 地下水 hold when figures are hostile or missing."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import openpyxl
import pytest

from kumageo.exports import FORMULA_STARTS, to_csv_bytes, to_geojson_bytes, to_xlsx_bytes
from kumageo.normalise import empty_features
from kumageo.schemas import get_schema
from kumageo.store import Store
from pages.components.downloads import DOWNLOADS, write_notes
from pages.components.state import Query

FORMULAS = ('=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1+1")
MARKUP = ("<img src=x onerror=alert(1)>", "a | b", "[x](https://y.example)", "</script>")
ROADS = ("stations", "hours", "bottlenecks", "road_facts")


def build(name, data, labels, **query):
    features, words = DOWNLOADS[name].build(Query(query), data, labels)
    return features, words | write_notes(DOWNLOADS[name], data, labels)


def read_csv(features):
    content = to_csv_bytes(features.drop(columns="geometry")).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))


def read_xlsx(features, notes):
    book = openpyxl.load_workbook(
        io.BytesIO(to_xlsx_bytes(features.drop(columns="geometry"), notes))
    )
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    return [cell.value for cell in cells if cell.value is not None]


def make_hostile(frames, text):
    """Put a text into every free text of the datasets."""
    facts = frames["road_facts"].copy()
    for column in ("subject", "note", "work", "publisher", "surveyor", "period", "state"):
        facts[column] = facts[column].where(facts[column].isna(), text)
    texts = ("name", "road", "municipality", "position_method", "position_note", "publisher")
    bottlenecks = frames["bottlenecks"].assign(**dict.fromkeys(texts, text))
    stations = frames["traffic_stations"].assign(muni_n03=text, road_type=text)
    corridors = frames["corridors"].assign(name=text)
    return {
        "road_facts": facts,
        "bottlenecks": bottlenecks,
        "traffic_stations": stations,
        "corridors": corridors,
    }


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_of_a_dataset_is_run_by_a_spreadsheet(data_with, road_frames, labels, text):
    built = data_with(**make_hostile(road_frames, text))
    for name in ("stations", "bottlenecks", "road_facts"):
        features, notes = build(name, built, labels)
        cells = [cell for row in read_csv(features) for cell in row]
        assert f"'{text}" in cells
        assert not [cell for cell in cells if cell.startswith(FORMULA_STARTS)]
        assert f"'{text}" in read_xlsx(features, notes)


@pytest.mark.parametrize("text", [*FORMULAS, *MARKUP])
def test_every_text_stays_itself_in_geojson(data_with, road_frames, labels, text):
    built = data_with(**make_hostile(road_frames, text))
    for name in ("stations", "bottlenecks", "road_facts"):
        collection = json.loads(to_geojson_bytes(*build(name, built, labels)))
        values = {v for f in collection["features"] for v in f["properties"].values()}
        assert text in values


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_plain_text_in_tables(data_with, road_frames, labels, text):
    built = data_with(**make_hostile(road_frames, text))
    for name in ("stations", "bottlenecks", "road_facts"):
        features, notes = build(name, built, labels)
        assert text in [cell for row in read_csv(features) for cell in row]
        assert text in read_xlsx(features, notes)


@pytest.mark.parametrize("name", ROADS)
def test_without_facts_every_table_can_still_be_fetched(data, data_with, labels, name):
    built = data_with(road_facts=None)
    features, notes = build(name, built, labels)
    full, _ = build(name, data, labels)
    assert list(features) == list(full)
    assert len(features) == (0 if name == "road_facts" else len(full))
    assert data.catalog["road_facts"].title not in notes
    assert read_csv(features)[0][-4:] == ["出典", "時点", "加工", "注意"]
    assert read_xlsx(features, notes)
    json.loads(to_geojson_bytes(features, notes))


def test_without_facts_no_bottleneck_names_them_as_its_source(data_with, labels):
    header, *rows = read_csv(build("bottlenecks", data_with(road_facts=None), labels)[0])
    for row in rows:
        assert "道路の計画・試算・実測" not in row[header.index("時点")]
        assert "主要渋滞箇所" in row[header.index("時点")]


def test_with_speeds_the_caution_no_longer_denies_them(data_with, labels, geodata, publish_speeds):
    publish_speeds(geodata)
    speeds = Store(geodata).load_table("corridor_speeds")
    features, notes = build("stations", data_with(corridor_speeds=speeds), labels)
    wanted = "交通量は台数で、速度ではありません。速度は、測った区間だけ示しています。"
    assert set(features["注意"]) == {wanted}
    assert notes["注意"] == wanted


WATER = ("wells", "groundwater_facts", "levels")
NO_READINGS = "水位の記録は登録されていません。"
NOT_REAL = "模擬データを表示しています。実際の水位ではありません。"


class TestWater:
    def test_the_wells_as_they_are_shown_with_their_places(self, data, labels, use_readings):
        features, notes = build("wells", data, labels)
        header, *rows = read_csv(features)
        assert header[:2] == ["ID", "名称"]
        assert header[-4:] == ["出典", "時点", "加工", "注意"]
        assert [row[0] for row in rows] == data.wells["id"].tolist()
        by_id = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
        assert by_id["w003"]["水位の階級"] == "かなり低い（10パーセンタイル未満）"
        assert by_id["w003"]["パーセンタイル"] == "6.0"
        assert by_id["w006"]["理由"] == "水位の記録がありません。"
        assert (by_id["w066"]["経度"], by_id["w066"]["市町村"]) == ("", "不明")
        assert {row["注意"] for row in by_id.values()} == {"水位の記録：熊本県、熊本市"}
        assert notes["注意"] == "水位の記録：熊本県、熊本市"
        assert "熊本県「地下水位観測地点" in by_id["w001"]["出典"]
        collection = json.loads(to_geojson_bytes(features, notes))
        places = {f["properties"]["ID"]: f["geometry"] for f in collection["features"]}
        assert places["w001"]["coordinates"] == [130.739444, 32.793056]
        assert [name for name, place in places.items() if place is None] == [
            *("w066", "w067", "w068")
        ]
        assert "w003" in read_xlsx(features, notes)

    def test_the_wells_of_a_place(self, data, labels):
        features, _ = build("wells", data, labels, m="43404")
        wanted = data.wells.loc[data.wells["municipality_code"] == "43404", "id"]
        assert features["ID"].tolist() == wanted.tolist()
        none, _ = build("wells", data, labels, m="43511")
        assert (len(none), list(none)) == (0, list(features))

    def test_without_readings_the_wells_say_so_in_every_row(self, data, labels):
        for name in ("wells", "groundwater_facts"):
            features, notes = build(name, data, labels)
            assert len(features)
            assert all(text.startswith(NO_READINGS) for text in features["注意"])
            assert notes["注意"].startswith(NO_READINGS)

    def test_the_levels_of_a_well(self, data, labels, use_readings):
        features, notes = build("levels", data, labels, well="w003")
        header, *rows = read_csv(features)
        assert header[:5] == ["ID", "名称", "日", "日平均水位（標高 m）", "記録の数"]
        assert {(row[0], row[1]) for row in rows} == {("w003", "田迎【深】")}
        days = [row[2] for row in rows]
        assert days == sorted(set(days))
        assert (days[0][4:], len(days) > 15 * 365) == ("-01-01", True)
        assert {row[3] for row in rows if row[2][:4] == days[-1][:4]} == {"10.0"}
        assert {row[4] for row in rows} == {"1"}
        places = json.loads(to_geojson_bytes(features, notes))["features"]
        assert {tuple(place["geometry"]["coordinates"]) for place in places} == {
            (130.726964, 32.758909)
        }

    @pytest.mark.parametrize("well", ["", "w010", "w999", "<script>"])
    def test_levels_that_there_are_not_are_refused(self, data, labels, use_readings, well):
        query = Query({"well": well})
        features, _ = DOWNLOADS["levels"].build(query, data, labels)
        assert len(features) == 0
        assert set(query.problems) == {"well"}

    def test_the_levels_of_a_well_without_a_place(self, data, labels, fill_store, tmp_path):
        lines = [f"w066,2026-01-{day:02}T00:00+09:00,8.25" for day in (1, 2)]
        fill_store(tmp_path / "readings.sqlite3", 熊本県=lines)
        features, notes = build("levels", data, labels, well="w066")
        assert len(features) == 2
        places = json.loads(to_geojson_bytes(features, notes))["features"]
        assert [place["geometry"] for place in places] == [None, None]

    def test_the_published_figures(self, data, labels):
        features, notes = build("groundwater_facts", data, labels)
        header, *rows = read_csv(features)
        assert len(rows) == 14
        assert header[-4:] == ["出典", "時点", "加工", "注意"]
        assert data.catalog["groundwater_facts"].title in notes
        assert features.geometry.isna().all()

    def test_the_published_figures_keep_the_source_of_each(self, data, labels):
        features, _ = build("groundwater_facts", data, labels)
        written = [" ".join(row) for row in read_csv(features)[1:]]
        publishers = data.well_facts["publisher"]
        assert [row for row, name in zip(written, publishers, strict=True) if name not in row] == []
        # That of 平成17年度 is of 2005, whatever the day of the file.
        (row,) = [row for row in written if "平成17年度" in row]
        assert "2005" in row

    def test_without_figures_their_file_has_its_columns(self, data, labels):
        empty = empty_features(get_schema("groundwater_facts"))
        published = {k: v for k, v in data.publications.items() if k != "groundwater_facts"}
        built = replace(data, well_facts=empty, publications=published)
        features, notes = build("groundwater_facts", built, labels)
        full, _ = build("groundwater_facts", data, labels)
        assert (len(features), list(features)) == (0, list(full))
        assert data.catalog["groundwater_facts"].title not in notes

    @pytest.mark.parametrize("name", ["wells", "levels"])
    def test_every_row_of_what_is_simulated_says_so(self, data, labels, use_demo, name):
        query = {"well": "w067"} if name == "levels" else {}
        features, notes = build(name, data, labels, **query)
        assert len(features)
        assert set(features["注意"]) == {NOT_REAL}
        assert notes["注意"] == NOT_REAL
        if name == "levels":
            assert set(features["測定"]) == {"模擬データ"}
        assert NOT_REAL in read_xlsx(features, notes)
        assert not (use_demo / "readings.sqlite3").exists()

    @pytest.mark.parametrize("text", FORMULAS)
    def test_no_text_of_a_well_is_run_by_a_spreadsheet(self, data, labels, text):
        columns = ("name", "place", "position_note")
        built = replace(data, wells=data.wells.assign(**dict.fromkeys(columns, text)))
        features, notes = build("wells", built, labels)
        cells = [cell for row in read_csv(features) for cell in row]
        assert f"'{text}" in cells
        # A level below the sea is a number, and no formula.
        found = [cell for cell in cells if cell.startswith(FORMULA_STARTS)]
        assert [cell for cell in found if not re.fullmatch(r"-[0-9.]+", cell)] == []
        assert f"'{text}" in read_xlsx(features, notes)

    @pytest.mark.parametrize("text", MARKUP)
    def test_markup_of_a_well_stays_itself(self, data, labels, text):
        built = replace(data, wells=data.wells.assign(name=text))
        features, notes = build("wells", built, labels)
        assert text in [cell for row in read_csv(features) for cell in row]
        collection = json.loads(to_geojson_bytes(features, notes))
        assert {feature["properties"]["名称"] for feature in collection["features"]} == {text}

    def test_who_measured_is_named_as_the_import_names_it(self, data, labels, fill_store, tmp_path):
        source = "熊本県 (速報) No.1"
        lines = [f"w001,2026-01-{day:02}T00:00+09:00,8.25" for day in (1, 2)]
        fill_store(tmp_path / "readings.sqlite3", **{source: lines})
        features, notes = build("wells", data, labels)
        assert notes["注意"] == f"水位の記録：{source}"
        assert set(features["注意"]) == {notes["注意"]}
