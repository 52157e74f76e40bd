"""Files for people: no cell runs as a formula, blanks stay blank, lon stands before lat."""

from __future__ import annotations

import csv
import io
import json
import math

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import LineString, Point, box

from kumageo.exports import escape_formula, to_csv_bytes, to_geojson_bytes, to_xlsx_bytes

ATTACKS = [
    '=HYPERLINK("http://a.example";"押す")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "=cmd|' /C calc'!A0",
]


def read_csv(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content):
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows()) for sheet in workbook}


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "名称": ["河内中学校", None, 'a,b\n"c"'],
            "人口": pd.array([728700, None, 0], dtype="Int64"),
            "密度": [-1.5, math.nan, 0.0],
            "参加": pd.array([True, None, False], dtype="boolean"),
            "備考": pd.array(["x", pd.NA, ""], dtype="string"),
        }
    )


class TestEscape:
    @pytest.mark.parametrize("text", ATTACKS)
    def test_an_apostrophe_before_a_formula(self, text):
        assert escape_formula(text) == "'" + text

    @pytest.mark.parametrize("value", ["", "a=1", "１+１", " x", -1, 1.5, None, pd.NA, True])
    def test_all_else_stays(self, value):
        assert escape_formula(value) is value


class TestCsv:
    def test_by_hand(self, table):
        before = table.copy(deep=True)
        assert to_csv_bytes(table) == (
            b"\xef\xbb\xbf"
            + (
                "名称,人口,密度,参加,備考\r\n"
                "河内中学校,728700,-1.5,True,x\r\n"
                ",,,,\r\n"
                '"a,b\n""c""",0,0.0,False,\r\n'
            ).encode()
        )
        pd.testing.assert_frame_equal(table, before)

    @pytest.mark.parametrize("attack", ATTACKS)
    @pytest.mark.parametrize("dtype", ["str", "object", "string", "category"])
    def test_no_cell_and_no_header_is_a_formula(self, attack, dtype):
        cells = pd.Series([attack, "x"], dtype=dtype)
        rows = read_csv(to_csv_bytes(pd.DataFrame({attack: cells})))
        assert rows == [["'" + attack], ["'" + attack], ["x"]]

    def test_negative_numbers_stay_numbers(self):
        assert read_csv(to_csv_bytes(pd.DataFrame({"x": [-1.5, -2.0]})))[1:] == [["-1.5"], ["-2.0"]]

    def test_no_rows(self):
        assert to_csv_bytes(pd.DataFrame({"a": []})) == b"\xef\xbb\xbfa\r\n"


class TestXlsx:
    def test_by_hand(self, table):
        sheets = read_xlsx(to_xlsx_bytes(table, {"出典": "国土地理院", "時点": "2025-10-27"}))
        assert list(sheets) == ["データ", "出典"]
        values = [[cell.value for cell in row] for row in sheets["データ"]]
        assert values == [
            ["名称", "人口", "密度", "参加", "備考"],
            ["河内中学校", 728700, -1.5, True, "x"],
            [None] * 5,
            ['a,b\n"c"', 0, 0, False, None],
        ]
        assert [cell.data_type for cell in sheets["データ"][1]] == ["s", "n", "n", "b", "s"]
        notes = [[cell.value for cell in row] for row in sheets["出典"]]
        assert notes == [["出典", "国土地理院"], ["時点", "2025-10-27"]]

    @pytest.mark.parametrize("attack", ATTACKS)
    def test_no_cell_and_no_note_is_a_formula(self, attack):
        content = to_xlsx_bytes(pd.DataFrame({"a": [attack, "x"]}), {attack: attack, "b": attack})
        sheets = read_xlsx(content)
        cells = [cell for rows in sheets.values() for row in rows for cell in row]
        assert len(cells) == 3 + 4
        assert [cell.value for cell in cells if cell.data_type == "f"] == []
        assert sheets["データ"][1][0].value.startswith("'")
        assert sheets["出典"][0][0].value.startswith("'")

    def test_no_header_is_a_formula(self):
        sheets = read_xlsx(to_xlsx_bytes(pd.DataFrame({"=1+1": ["x"]}), {}))
        assert sheets["データ"][0][0].data_type == "s"

    def test_the_header_stays_in_sight(self, table):
        workbook = openpyxl.load_workbook(io.BytesIO(to_xlsx_bytes(table, {})))
        assert workbook["データ"].freeze_panes == "A2"


class TestGeojson:
    @pytest.fixture
    def features(self):
        return gpd.GeoDataFrame(
            {
                "name": ["河内中学校", None],
                "n": pd.array([3, None], dtype="Int64"),
                "x": [1.5, math.nan],
                "flood": pd.array([True, None], dtype="boolean"),
            },
            geometry=[Point(130.590585, 32.828426), Point(130.73616, 32.207001)],
            crs="EPSG:6668",
        )

    def test_by_hand(self, features):
        before = features.copy()
        found = json.loads(to_geojson_bytes(features, {"出典": "国土地理院"}))
        assert found == {
            "type": "FeatureCollection",
            "metadata": {"出典": "国土地理院"},
            "features": [
                {
                    "type": "Feature",
                    "properties": {"name": "河内中学校", "n": 3, "x": 1.5, "flood": True},
                    "geometry": {"type": "Point", "coordinates": [130.590585, 32.828426]},
                },
                {
                    "type": "Feature",
                    "properties": {"name": None, "n": None, "x": None, "flood": None},
                    "geometry": {"type": "Point", "coordinates": [130.73616, 32.207001]},
                },
            ],
        }
        assert_geodataframe_equal(features, before)

    def test_metres_become_degrees_lon_first(self, features):
        found = json.loads(to_geojson_bytes(features.to_crs("EPSG:6670"), {}))
        lon, lat = found["features"][0]["geometry"]["coordinates"]
        assert (lon, lat) == pytest.approx((130.590585, 32.828426), abs=1e-6)

    def test_six_decimals(self):
        shapes = [Point(130.12345678, 32.98765432), LineString([(130, 32), (1 / 3 + 130, 32)])]
        found = json.loads(to_geojson_bytes(gpd.GeoDataFrame(geometry=shapes, crs=4326), {}))
        first, second = (feature["geometry"]["coordinates"] for feature in found["features"])
        assert first == [130.123457, 32.987654]
        assert second == [[130, 32], [130.333333, 32]]

    def test_areas_of_any_column_name(self):
        areas = gpd.GeoDataFrame(
            {"code": ["43100"], "shape": [box(130, 32, 131, 33)]}, geometry="shape", crs=6668
        )
        (feature,) = json.loads(to_geojson_bytes(areas, {}))["features"]
        assert feature["properties"] == {"code": "43100"}
        assert feature["geometry"]["type"] == "Polygon"
        assert [130, 32] in feature["geometry"]["coordinates"][0]

    def test_no_features(self, features):
        assert json.loads(to_geojson_bytes(features.iloc[:0], {}))["features"] == []

    def test_numbers_of_numpy(self, features):
        values = [np.int64(1), np.float64(2.5)]
        found = json.loads(to_geojson_bytes(features.assign(n=values), {}))
        assert [feature["properties"]["n"] for feature in found["features"]] == [1, 2.5]

    def test_an_infinite_number_is_null(self, features):
        def refuse(constant):
            raise AssertionError(constant)

        text = to_geojson_bytes(features.assign(x=[math.inf, 1.0]), {})
        json.loads(text, parse_constant=refuse)

    def test_a_missing_geometry_is_null(self, features):
        features.loc[0, "geometry"] = None
        found = json.loads(to_geojson_bytes(features, {}))
        assert found["features"][0]["geometry"] is None
