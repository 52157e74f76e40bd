"""Checked text becomes typed columns with a geometry in EPSG:6668."""

from __future__ import annotations

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pyproj import CRS
from shapely import MultiPolygon, Point, box

from kumageo.normalise import build_features, empty_features
from kumageo.schemas import (
    BOTTLENECKS,
    EVACUATION_SITES,
    HAZARDS,
    MUNICIPAL_BOUNDARIES,
    MUNICIPALITIES,
    ROAD_FACTS,
    SCHEMAS,
)


@pytest.fixture
def rows(kawachi, nishise):
    table = pd.DataFrame([kawachi, {**nishise, "note": "みずき台"}], dtype="str")
    return table.assign(source_row=[2, 5]).set_index(pd.Index([7, 3]))


def test_sites_by_hand(rows):
    before = rows.copy(deep=True)
    sites = build_features(rows, EVACUATION_SITES, "EPSG:6668")
    assert list(sites.columns) == [*EVACUATION_SITES.column_names, "source_row", "geometry"]
    assert sites.index.equals(pd.RangeIndex(2))
    assert sites.crs == CRS("EPSG:6668")
    assert sites["id"].tolist() == ["E4310000002201", "E4320300003202"]
    assert sites["lon"].tolist() == [130.590585, 130.73616]
    assert sites.geometry.tolist() == [
        Point(130.590585, 32.828426),
        Point(130.73616, 32.207001),
    ]
    assert sites[["flood", "landslide", "volcano"]].to_numpy().tolist() == [
        [True, False, True],
        [False, True, True],
    ]
    assert sites["also_shelter"].tolist() == [True, False]
    assert sites["note"].isna().tolist() == [True, False]
    assert sites["note"][1] == "みずき台"
    assert sites["source_row"].tolist() == [2, 5]
    assert {str(sites[hazard].dtype) for hazard in HAZARDS} == {"boolean"}
    assert (str(sites["lon"].dtype), str(sites["source_row"].dtype)) == ("float64", "int64")
    pd.testing.assert_frame_equal(rows, before)


def test_a_code_stays_text(rows):
    codes = rows.assign(municipality_code=["01100", "00000"])
    sites = build_features(codes, EVACUATION_SITES, "EPSG:6668")
    assert sites["municipality_code"].tolist() == ["01100", "00000"]


def test_the_crs_of_the_catalogue_is_converted(rows):
    plain = build_features(rows, EVACUATION_SITES, "EPSG:6668")
    assert_geodataframe_equal(build_features(rows, EVACUATION_SITES, "EPSG:4326"), plain)
    # 日本測地系 (EPSG:4301): its degrees mean a place about 400 m to the north-west.
    tokyo = build_features(rows, EVACUATION_SITES, "EPSG:4301")
    assert tokyo.crs == CRS("EPSG:6668")
    metres = tokyo.to_crs(6670).distance(plain.to_crs(6670))
    assert metres.between(350, 480).all()
    assert (tokyo.geometry.y > plain.geometry.y).all()
    assert (tokyo.geometry.x < plain.geometry.x).all()


def test_municipalities_lie_at_their_office(committed):
    table = pd.read_csv(
        committed / "raw" / "municipalities.csv", dtype="str", keep_default_na=False
    )
    features = build_features(table.assign(source_row=range(2, 47)), MUNICIPALITIES, "EPSG:6668")
    first = features.iloc[0]
    assert first["code"] == "43100"
    assert first["population"] == 728_700
    assert first["area_km2"] == pytest.approx(390.44)
    assert first["population_as_of"] == "2026-01-01"
    assert first.geometry == Point(130.7080556, 32.80333333)
    assert pd.isna(first["county"])
    assert str(features["population"].dtype) == "Int64"


def test_areas_bring_their_geometry():
    shapes = [MultiPolygon([box(130, 32, 131, 33)]), MultiPolygon([box(131, 32, 131.4, 33)])]
    rows = pd.DataFrame(
        {
            "code": ["43101", "43202"],
            "name": ["中央区", "八代市"],
            "municipality_code": ["43100", "43202"],
            "source_row": [1, 2],
            "geometry": shapes,
        }
    )
    areas = build_features(rows, MUNICIPAL_BOUNDARIES, "EPSG:6668")
    assert list(areas.columns) == ["code", "name", "municipality_code", "source_row", "geometry"]
    assert areas.geometry.tolist() == shapes


def test_no_rows(rows):
    empty = build_features(rows.iloc[:0], EVACUATION_SITES, "EPSG:6668")
    assert len(empty) == 0
    assert empty.crs == CRS("EPSG:6668")
    assert list(empty.columns) == [*EVACUATION_SITES.column_names, "source_row", "geometry"]


def blank_rows(schema, *changes):
    cells = dict.fromkeys(schema.column_names, "")
    rows = pd.DataFrame([{**cells, **change} for change in changes], dtype="str")
    return rows.assign(source_row=range(2, len(changes) + 2))


@pytest.mark.parametrize("n_placed", [0, 1, 2])
def test_a_row_without_a_position_has_no_geometry(n_placed):
    there = {"lon": "130.65", "lat": "32.76"}
    rows = blank_rows(BOTTLENECKS, {"id": "a"}, *[{"id": "b", **there}] * n_placed)
    places = build_features(rows, BOTTLENECKS, "EPSG:6668")
    assert places.geometry.tolist() == [None, *[Point(130.65, 32.76)] * n_placed]
    assert places.crs == CRS("EPSG:6668")
    assert pd.isna(places["lon"][0])


def test_a_table_without_places():
    rows = blank_rows(ROAD_FACTS, {"id": "a", "value": "4.7"}, {"id": "b", "target_fy": "2028"})
    facts = build_features(rows, ROAD_FACTS, "EPSG:6668")
    assert facts.geometry.tolist() == [None, None]
    assert facts["value"][0] == 4.7
    assert facts["target_fy"][1] == 2028
    assert facts[["note", "fact_date", "bound"]].isna().all().all()


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.id)
def test_what_is_not_published_has_the_columns_and_no_row(schema):
    empty = empty_features(schema)
    assert len(empty) == 0
    assert empty.crs == CRS(schema.crs)
    assert list(empty.columns) == [*schema.column_names, "source_row", "geometry"]
    flags = [column.name for column in schema.columns if column.kind == "flag"]
    assert {str(empty[name].dtype) for name in flags} <= {"boolean"}
