"""The schemas against the files that they describe and the law that they follow."""

from __future__ import annotations

import csv
import dataclasses

import pytest

from kumageo.errors import UnknownDatasetError
from kumageo.schemas import HAZARDS, KUMAMOTO_BOUNDS, SCHEMAS, FeatureSchema, get_schema

TABLES = (
    *("municipalities", "evacuation_sites", "evacuation_shelters", "bottlenecks"),
    *("traffic_stations", "road_facts", "landmarks", "observation_wells", "groundwater_facts"),
)
POINT, LINE, AREA = {"Point"}, {"MultiLineString"}, {"Polygon", "MultiPolygon"}
GEOMETRY = {
    "municipalities": POINT,
    "municipal_boundaries": AREA,
    "background_land": AREA,
    "evacuation_sites": POINT,
    "evacuation_shelters": POINT,
    "corridors": LINE,
    "background_roads": LINE,
    "bottlenecks": POINT,
    "traffic_stations": POINT,
    "road_facts": set(),  # figures that name a place and have none
    "landmarks": POINT,
    "observation_wells": POINT,
    "groundwater_facts": set(),
}
# A year; and figures whose quantity names their unit, row by row.
UNIT_ELSEWHERE = {
    ("road_facts", "value"),
    ("road_facts", "value_after"),
    ("road_facts", "target_fy"),
    ("groundwater_facts", "value"),
    ("groundwater_facts", "value_after"),
}


def test_the_eight_hazards_in_the_order_of_the_official_list():
    # 洪水、崖崩れ・土石流・地滑り、高潮、地震、津波、大規模な火事、内水氾濫、火山現象
    assert (
        *("flood", "landslide", "storm_surge", "earthquake"),
        *("tsunami", "large_fire", "inland_flood", "volcano"),
    ) == HAZARDS


@pytest.mark.parametrize("schema_id", TABLES)
def test_the_columns_are_those_of_the_raw_file(schema_id, committed):
    with (committed / "raw" / f"{schema_id}.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert get_schema(schema_id).column_names == tuple(header)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.id)
def test_a_schema_is_whole(schema):
    assert schema.key in schema.column_names
    assert len(set(schema.column_names)) == len(schema.column_names)
    assert schema.municipality_column in ("", *schema.column_names)
    assert schema.crs == "EPSG:6668"
    assert schema.geometry_types == GEOMETRY[schema.id]
    has_lon_lat = any(name.endswith("lon") for name in schema.column_names)
    assert has_lon_lat == (schema.geometry_types == POINT)
    (key,) = [column for column in schema.columns if column.name == schema.key]
    assert key.required
    if schema.municipality_column:
        assert key.pattern


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.id)
def test_numbers_have_a_unit_and_limits(schema):
    for column in schema.columns:
        if column.kind in ("integer", "number"):
            assert column.unit or (schema.id, column.name) in UNIT_ELSEWHERE, column.name
            assert column.minimum < column.maximum, column.name


def test_the_bounds_hold_the_prefecture_with_a_margin(embedded):
    lon_min, lat_min, lon_max, lat_max = embedded["municipal_boundaries"].total_bounds
    assert KUMAMOTO_BOUNDS[0] < lon_min - 0.05
    assert KUMAMOTO_BOUNDS[1] < lat_min - 0.05
    assert KUMAMOTO_BOUNDS[2] > lon_max + 0.05
    assert KUMAMOTO_BOUNDS[3] > lat_max + 0.05
    assert KUMAMOTO_BOUNDS[2] - KUMAMOTO_BOUNDS[0] < 2


def test_an_unknown_schema_is_refused_with_the_list():
    with pytest.raises(UnknownDatasetError, match=r"one of municipalities, .*; got 'wells'"):
        get_schema("wells")


def test_a_schema_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        get_schema("municipalities").key = "name"
    assert FeatureSchema("a", "b", (), frozenset()).on_land is False


def test_every_schema_is_found_by_its_id():
    assert {schema.id for schema in SCHEMAS} == set(GEOMETRY)
    assert len(SCHEMAS) == len(GEOMETRY)
    for schema in SCHEMAS:
        assert get_schema(schema.id) is schema


def test_a_date_of_a_fact_is_as_exact_as_its_source():
    spans = [
        (schema.id, column.name, column.required)
        for schema in SCHEMAS
        for column in schema.columns
        if column.kind == "span"
    ]
    facts = ("road_facts", "groundwater_facts")
    assert spans == [(schema_id, "fact_date", False) for schema_id in facts]


@pytest.mark.parametrize("schema_id", ["road_facts", "groundwater_facts"])
def test_what_a_figure_counts_is_listed(schema_id, committed):
    columns = {column.name: column for column in get_schema(schema_id).columns}
    with (committed / "raw" / f"{schema_id}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for name in ("kind", "quantity", "bound"):
        known = columns[name].pattern.split("|")
        assert len(set(known)) == len(known)
        assert {row[name] for row in rows} - {""} <= set(known), name
    # A figure without what it counts says nothing.
    assert [row["id"] for row in rows if row["value"] and not row["quantity"]] == []


def test_a_place_may_be_unknown_but_not_that_of_a_station():
    wanted = {"bottlenecks": False, "observation_wells": False, "traffic_stations": True}
    for schema_id, is_required in wanted.items():
        columns = {column.name: column for column in get_schema(schema_id).columns}
        assert columns["lon"].required is columns["lat"].required is is_required
