"""The published forms of sites and shelters, each with real places and their right values.

The headers come from the list of the publishers' columns, not from the product.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from kumageo.errors import ReadError
from kumageo.readers.evacuation import read_shelters, read_sites
from kumageo.schemas import HAZARDS

# The list of the published headers as it came with the figures, one form a line.
DEFINITIONS = Path(__file__).resolve().parents[2] / "fixtures" / "evac_column_definitions.csv"
with DEFINITIONS.open(encoding="utf-8", newline="") as file:
    HEADERS = [line["columns"].split(",") for line in csv.DictReader(file)]
GSI_SITES, GSI_SHELTERS, GSI_PROPERTIES, STANDARD, KUMAMOTO_CITY, _ = HEADERS

GSI_KAWACHI = {
    "NO": "1",
    "共通ID": "E4310000002201",
    "都道府県名及び市町村名": "熊本県熊本市",
    "施設・場所名": "河内中学校",
    "住所": "熊本県熊本市西区河内町船津2470-1",
    "洪水": "1",
    "崖崩れ、土石流及び地滑り": "",
    "高潮": "1",
    "地震": "1",
    "津波": "1",
    "大規模な火事": "1",
    "内水氾濫": "1",
    "火山現象": "1",
    "指定避難所との住所同一": "1",
    "緯度": "32.828426",
    "経度": "130.590585",
    "備考": "",
}
GSI_NISHISE = {
    "NO": "2",
    "共通ID": "E4320300003202",
    "都道府県名及び市町村名": "熊本県人吉市",
    "施設・場所名": "西瀬コミュニティセンター",
    "住所": "熊本県人吉市下戸越町1063-1",
    "洪水": "",
    "崖崩れ、土石流及び地滑り": "1",
    "高潮": "1",
    "地震": "1",
    "津波": "1",
    "大規模な火事": "1",
    "内水氾濫": "1",
    "火山現象": "1",
    "指定避難所との住所同一": "",
    "緯度": "32.207001",
    "経度": "130.73616",
    "備考": "①髙台～体育館\n二階",
}


def as_csv(header, *records):
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def as_geojson(*records):
    features = [
        {
            "type": "Feature",
            "properties": {name: record[name] for name in GSI_PROPERTIES},
            "geometry": {"type": "Point", "coordinates": ["LON", "LAT"]},
        }
        for record in records
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    for record in records:
        # Numbers as they are published: json.dumps would write them in its own way.
        text = text.replace('"LON", "LAT"', f"{record['経度']}, {record['緯度']}", 1)
    return text


def names_of(header, **values):
    assert set(values) <= set(header)
    return values


@pytest.fixture
def kawachi_row(kawachi):
    return {**kawachi, "source_row": 2}


@pytest.fixture
def nishise_row(nishise):
    return {**nishise, "note": "①髙台～体育館\n二階", "source_row": 3}


def test_the_headers_are_as_long_as_published():
    assert [len(h) for h in (GSI_SITES, GSI_SHELTERS, GSI_PROPERTIES)] == [17, 11, 15]
    assert [len(h) for h in (STANDARD, KUMAMOTO_CITY)] == [39, 39]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_sites_of_gsi(write, encoding, kawachi_row, nishise_row):
    text = as_csv(GSI_SITES, GSI_KAWACHI, GSI_NISHISE)
    table = read_sites(write("43000_2.csv", text.encode(encoding)), ["utf-8", "cp932"])
    assert table.rows.to_dict("records") == [kawachi_row, nishise_row]
    assert (table.encoding, table.broken) == (encoding, ())
    assert table.layout == "国土地理院 指定緊急避難場所 CSV"


def test_sites_of_gsi_as_geojson(write, kawachi_row, nishise_row):
    text = as_geojson(GSI_KAWACHI, {**GSI_NISHISE, "経度": "130.73616", "緯度": "32.20700100"})
    table = read_sites(write("a.geojson", text), ["utf-8", "cp932"])
    # The number of a feature counts from 1, and coordinates stay as they are written.
    assert table.rows.to_dict("records") == [
        {**kawachi_row, "source_row": 1},
        {**nishise_row, "source_row": 2, "lat": "32.20700100"},
    ]
    assert "GeoJSON" in table.layout


def test_null_in_geojson_is_blank(write, kawachi_row):
    text = as_geojson({**GSI_KAWACHI, "備考": None, "崖崩れ、土石流及び地滑り": None, "NO": 1})
    table = read_sites(write("a.geojson", text), ["utf-8"])
    assert table.rows.to_dict("records") == [{**kawachi_row, "source_row": 1}]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_shelters_of_gsi(write, encoding):
    record = {
        "NO": "1",
        "共通ID": "E4340300006121",
        "都道府県名及び市町村名": "熊本県大津町",
        "施設・場所名": "熊本県立大津支援学校",
        "住所": "熊本県大津町大字室1381",
        "指定緊急避難場所との住所同一": "",
        "その他市町村長が必要と認める事項": "なし",
        "受入対象者": "要配慮者",
        "緯度": "32.885732",
        "経度": "130.85697",
        "備考": "最大150名（生徒在校時30名）\n在校生、卒業生及び町が特定した者",
    }
    text = as_csv(GSI_SHELTERS, record)
    table = read_shelters(write("43000_1.csv", text.encode(encoding)), ["utf-8", "cp932"])
    assert table.rows.to_dict("records") == [
        {
            "id": "E4340300006121",
            "municipality_code": "43403",
            "name": "熊本県立大津支援学校",
            "address": "熊本県大津町大字室1381",
            "lon": "130.85697",
            "lat": "32.885732",
            "also_emergency_site": "0",
            "accepts": "要配慮者",
            "note": "最大150名（生徒在校時30名）\n在校生、卒業生及び町が特定した者",
            "source_row": 2,
        }
    ]
    assert (table.layout, table.encoding) == ("国土地理院 指定避難所 CSV", encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_standard_of_municipalities(write, encoding, kawachi_row):
    flags = dict(zip(STANDARD[24:32], ["1", "", "1", "1", "1", "1", "1", "1"], strict=True))
    record = {
        **names_of(STANDARD, 全国地方公共団体コード="431001", ID="0002", 名称="河内中学校"),
        **names_of(STANDARD, 所在地_連結表記="熊本県熊本市西区河内町船津2470-1"),
        **names_of(STANDARD, 緯度="32.828426", 経度="130.590585", 標高="5", 備考=""),
        **flags,
        **names_of(STANDARD, 指定避難所との重複="1", 名称_カナ="カワチチュウガッコウ"),
    }
    ward = {**record, "全国地方公共団体コード": "431036", "ID": "7"}
    text = as_csv(STANDARD, record, ward)
    table = read_sites(write("a.csv", text.encode(encoding)), ["utf-8", "cp932"])
    # 431036 is 西区 with its check digit: the municipality is 熊本市 all the same.
    assert table.rows.to_dict("records") == [
        {**kawachi_row, "id": "431001-0002"},
        {**kawachi_row, "id": "431036-7", "source_row": 3},
    ]
    assert "自治体標準オープンデータセット" in table.layout


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_the_form_of_kumamoto_city(write, encoding, kawachi_row):
    flags = dict(zip(KUMAMOTO_CITY[24:32], ["1", "0", "1", "1", "1", "1", "1", "1"], strict=True))
    record = {
        **names_of(KUMAMOTO_CITY, 自治体コード="431001", ID="0002", 名称="河内中学校"),
        **names_of(KUMAMOTO_CITY, 所在地_連結標記="熊本県熊本市西区河内町船津2470-1"),
        **names_of(KUMAMOTO_CITY, 緯度="32.828426", 経度="130.590585", 想定収容人数="300"),
        **flags,
        **names_of(KUMAMOTO_CITY, 指定避難所との重複="1"),
    }
    text = as_csv(KUMAMOTO_CITY, record)
    table = read_sites(write("a.csv", text.encode(encoding)), ["utf-8", "cp932"])
    assert table.rows.to_dict("records") == [{**kawachi_row, "id": "431001-0002"}]
    assert "熊本市" in table.layout


def test_columns_in_another_order(write, kawachi_row):
    text = as_csv(GSI_SITES[::-1], GSI_KAWACHI)
    assert read_sites(write("a.csv", text), ["utf-8"]).rows.to_dict("records") == [kawachi_row]


def test_our_own_columns(write, csv_text, kawachi, kawachi_row):
    table = read_sites(write("a.csv", csv_text([kawachi])), ["utf-8"])
    assert table.rows.to_dict("records") == [kawachi_row]


@pytest.mark.parametrize("common_id", ["", "4310000002201", "E1310000002201", "E43100", "E4310X1"])
def test_an_id_without_municipality_leaves_its_code_blank(write, common_id):
    text = as_csv(GSI_SITES, {**GSI_KAWACHI, "共通ID": common_id})
    assert read_sites(write("a.csv", text), ["utf-8"]).rows["municipality_code"].tolist() == [""]


def test_a_blank_designation_is_none_and_any_other_mark_is_left_to_the_checks(write):
    text = as_csv(GSI_SITES, {**GSI_KAWACHI, "洪水": "○", "高潮": " "})
    rows = read_sites(write("a.csv", text), ["utf-8"]).rows
    assert rows[list(HAZARDS)].to_numpy().tolist() == [["○", "0", "0", "1", "1", "1", "1", "1"]]


@pytest.mark.parametrize("read", [read_sites, read_shelters])
def test_one_list_is_not_the_other(write, read):
    header = GSI_SHELTERS if read is read_sites else GSI_SITES
    with pytest.raises(ReadError, match=r"expected the columns of 国土地理院.*missing: .*extra: "):
        read(write("a.csv", as_csv(header, {})), ["utf-8"])


class TestGeojson:
    def feature(self, **changes):
        properties = {name: GSI_KAWACHI[name] for name in GSI_PROPERTIES}
        geometry = {"type": "Point", "coordinates": [130.590585, 32.828426]}
        return {"type": "Feature", "properties": properties, "geometry": geometry, **changes}

    def read(self, write, *features):
        text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
        return read_sites(write("a.geojson", text), ["utf-8"])

    @pytest.mark.parametrize(
        "changes",
        [
            {"geometry": None},
            {"geometry": {}},
            {"geometry": {"type": "Point"}},
            {"geometry": {"type": "Point", "coordinates": []}},
            {"geometry": {"type": "Point", "coordinates": [130.5]}},
            {"geometry": {"type": "Point", "coordinates": [float("nan"), 32.8]}},
            {"geometry": {"type": "Point", "coordinates": [None, 32.8]}},
            {"geometry": {"type": "Point", "coordinates": {"lon": 130.5, "lat": 32.8}}},
            {"geometry": {"type": "LineString", "coordinates": [[130.5, 32.8], [130.6, 32.8]]}},
            {"properties": {}},
            {"properties": {"name": "a"}},
        ],
    )
    def test_a_bad_feature_is_broken_and_the_next_is_read(self, write, changes):
        table = self.read(write, self.feature(**changes), self.feature())
        assert table.rows["source_row"].tolist() == [2]
        assert [(i.source_row, i.check) for i in table.broken] == [(1, "feature_layout")]
        assert table.n_read == 2

    def test_an_extra_property_is_named(self, write):
        feature = self.feature()
        feature["properties"]["colour"] = "red"
        (issue,) = self.read(write, feature, self.feature()).broken
        assert issue.column == "colour"

    @pytest.mark.parametrize(
        "text",
        [
            "{}",
            '{"features": []}',
            '{"features": "abc"}',
            '{"features": [5]}',
            '{"features": [[]]}',
            '{"features": [{}]}',
            '{"features": [{"properties": null}]}',
            '{"features": [',
            '{"features": ' + "[" * 100_000 + "]" * 100_000 + "}",
        ],
        ids=lambda text: text[:40],
    )
    def test_no_geojson(self, write, text):
        with pytest.raises(ReadError, match=r"a\.geojson: expected"):
            read_sites(write("a.geojson", text), ["utf-8"])

    @pytest.mark.parametrize("geometry", ["Point", [130.5, 32.8], 5])
    def test_a_geometry_that_is_no_object(self, write, geometry):
        table = self.read(write, self.feature(geometry=geometry), self.feature())
        assert [(i.source_row, i.check) for i in table.broken] == [(1, "feature_layout")]

    def test_properties_that_are_no_object(self, write):
        with pytest.raises(ReadError, match="expected"):
            self.read(write, self.feature(properties=[["a", "b"]]))
