"""What the browser gets: read back with json and shapely, as a browser would."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.geometry
from pyproj import Geod, Transformer

from layers.evacuation import SHELTER_COLUMNS, SITE_COLUMNS
from layers.geojson import encode_boundaries, encode_land, encode_points

RAW = Path(__file__).resolve().parents[2] / "geodata" / "raw"
ROUNDING_DEG = 0.5e-6 + 1e-12


def read_raw(name):
    with (RAW / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def points(**columns):
    lons, lats = [130.1234567, 130.5, 131.0], [32.7654321, 32.0, 33.0]
    geometry = gpd.points_from_xy(lons, lats)
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:6668")


def areas_of(document):
    return [shapely.geometry.shape(feature["geometry"]) for feature in document["features"]]


def test_points_are_lon_lat_with_six_decimals_in_their_order():
    encoded = encode_points(points(id=["c", "a", "b"]), ["id"])
    document = json.loads(encoded)
    assert document["type"] == "FeatureCollection"
    assert [feature["properties"]["id"] for feature in document["features"]] == ["c", "a", "b"]
    assert [feature["geometry"] for feature in document["features"]] == [
        {"type": "Point", "coordinates": [130.123457, 32.765432]},
        {"type": "Point", "coordinates": [130.5, 32.0]},
        {"type": "Point", "coordinates": [131.0, 33.0]},
    ]


def test_properties_are_the_asked_columns_flags_as_numbers_and_no_unknowns():
    frame = points(
        id=["c", "a", "b"],
        flag=[True, False, True],
        maybe=pd.array([True, None, False], dtype="boolean"),
        note=["x", None, np.nan],
        n=pd.array([1, None, 3], dtype="Int64"),
        other=["not", "asked", "for"],
    )
    document = json.loads(encode_points(frame, ["id", "flag", "maybe", "note", "n"]))
    assert [feature["properties"] for feature in document["features"]] == [
        {"id": "c", "flag": 1, "maybe": 1, "note": "x", "n": 1},
        {"id": "a", "flag": 0},
        {"id": "b", "flag": 1, "maybe": 0, "n": 3},
    ]
    assert type(document["features"][0]["properties"]["flag"]) is int


def test_points_in_metres_come_out_in_degrees():
    x, y = Transformer.from_crs("EPSG:6668", "EPSG:6670", always_xy=True).transform(130.741, 32.789)
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([x], [y]), crs="EPSG:6670")
    (feature,) = json.loads(encode_points(frame, ["id"]))["features"]
    assert feature["geometry"]["coordinates"] == pytest.approx([130.741, 32.789], abs=1.1e-6)


def test_the_input_is_not_changed(frames):
    frame = points(id=["c", "a", "b"], flag=[True, False, True])
    before = frame.copy(deep=True)
    encode_points(frame, ["id", "flag"])
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))


@pytest.mark.parametrize(
    ("dataset", "columns"),
    [("evacuation_sites", SITE_COLUMNS), ("evacuation_shelters", SHELTER_COLUMNS)],
)
def test_every_published_point_is_that_of_the_official_row(frames, dataset, columns):
    raw = read_raw(f"{dataset}.csv")
    features = json.loads(encode_points(frames[dataset], columns))["features"]
    assert len(features) == len(raw)
    for feature, row in zip(features, raw, strict=True):
        properties = feature["properties"]
        expected = {name: row[name].strip() for name in columns if row.get(name)}
        for name in properties.keys() & expected.keys():
            assert str(properties[name]) == expected[name]
        assert expected.keys() <= properties.keys()
        assert properties.keys() - expected.keys() == {"source_row"}
        lon, lat = feature["geometry"]["coordinates"]
        assert abs(lon - float(row["lon"])) <= ROUNDING_DEG
        assert abs(lat - float(row["lat"])) <= ROUNDING_DEG


def test_sizes_on_the_wire(frames, encoded_boundaries):
    sites = encode_points(frames["evacuation_sites"], SITE_COLUMNS)
    assert len(json.loads(sites)["features"]) == 1761
    assert len(gzip.compress(sites, 9)) < 70_000
    assert len(gzip.compress(encoded_boundaries, 9)) < 90_000


def test_areas_are_complete_lon_lat_and_have_five_decimals(frames, boundaries_json):
    published = frames["municipal_boundaries"]
    properties = [feature["properties"] for feature in boundaries_json["features"]]
    assert [one["code"] for one in properties] == published["code"].tolist()
    assert properties[0].keys() == {"code", "name", "municipality_code"}
    coordinates = shapely.get_coordinates(areas_of(boundaries_json))
    assert np.array_equal(coordinates, np.round(coordinates, 5))
    assert not np.array_equal(coordinates, np.round(coordinates, 4))
    assert coordinates[:, 0].min() > 129.8
    assert coordinates[:, 0].max() < 131.5
    assert coordinates[:, 1].min() > 31.9
    assert coordinates[:, 1].max() < 33.4


def test_areas_stay_near_their_shape(frames, boundaries_json):
    geod = Geod(ellps="GRS80")
    for before, after in zip(
        frames["municipal_boundaries"].geometry, areas_of(boundaries_json), strict=True
    ):
        area_before, area_after = (abs(geod.geometry_area_perimeter(g)[0]) for g in (before, after))
        assert area_after == pytest.approx(area_before, rel=0.02)
        assert len(getattr(after, "geoms", [after])) == len(getattr(before, "geoms", [before]))


def test_neighbours_share_their_edges_after_simplification(frames, boundaries_json):
    before, after = list(frames["municipal_boundaries"].geometry), areas_of(boundaries_json)
    assert shapely.coverage_is_valid(after)
    lines_before, lines_after = shapely.boundary(before), shapely.boundary(after)
    n_neighbours = 0
    for one, other in itertools.combinations(range(len(after)), 2):
        touched = shapely.intersection(lines_before[one], lines_before[other]).length > 0
        touches = shapely.intersection(lines_after[one], lines_after[other]).length > 0
        assert touched == touches, (one, other)
        n_neighbours += touches
    assert n_neighbours > 49


def test_a_jagged_shared_edge_is_simplified_alike_on_both_sides():
    lats = np.linspace(32.7, 32.8, 101)
    lons = 130.7 + np.where(np.arange(101) % 2, 0.0002, 0)  # 19 m to and fro
    jagged = list(zip(lons, lats, strict=True))
    west = shapely.Polygon([(130.6, 32.7), *jagged, (130.6, 32.8)])
    east = shapely.Polygon([(130.8, 32.7), *jagged, (130.8, 32.8)])
    frame = gpd.GeoDataFrame(
        {
            "code": ["43202", "43203"],
            "name": ["八代市", "人吉市"],
            "municipality_code": ["43202", "43203"],
        },
        geometry=[west, east],
        crs="EPSG:6668",
    )
    names = pd.Series({"43202": "八代市", "43203": "人吉市"})
    first, second = areas_of(json.loads(encode_boundaries(frame, names)))
    shared = shapely.intersection(first.boundary, second.boundary)
    assert len(first.exterior.coords) < 20
    assert shared.length == pytest.approx(0.1, abs=0.001)
    assert shapely.intersection(first, second).area == 0


def test_every_area_is_valid(boundaries_json):
    bad = [
        feature["properties"]["name"]
        for feature, area in zip(
            boundaries_json["features"], areas_of(boundaries_json), strict=True
        )
        if not shapely.is_valid(area)
    ]
    assert bad == []


def test_each_name_stands_inside_its_own_area(frames, names, boundaries_json):
    features = boundaries_json["features"]
    shapes = [shapely.make_valid(area) for area in areas_of(boundaries_json)]
    labels = boundaries_json["labels"]
    wards = {
        f["properties"]["name"] for f in features if f["properties"]["code"].startswith("4310")
    }
    assert sorted(one["name"] for one in labels) == sorted([*names.values(), *wards])
    for label in labels:
        own = [
            shape
            for feature, shape in zip(features, shapes, strict=True)
            if label["name"]
            in (names[feature["properties"]["municipality_code"]], feature["properties"]["name"])
        ]
        place = shapely.Point(label["lon"], label["lat"])
        assert any(shape.contains(place) for shape in own), label
        assert (label["zoom_min"] == 0) == (label["name"] not in wards)


def test_the_city_has_an_outline_of_its_own(boundaries_json):
    assert boundaries_json["outlines"].keys() == {"43100"}
    feature = boundaries_json["outlines"]["43100"]
    assert (feature["type"], feature["properties"]) == ("Feature", {"municipality_code": "43100"})
    outline = shapely.geometry.shape(boundaries_json["outlines"]["43100"]["geometry"])
    wards = shapely.union_all(
        [
            shapely.make_valid(area)
            for feature, area in zip(
                boundaries_json["features"], areas_of(boundaries_json), strict=True
            )
            if feature["properties"]["municipality_code"] == "43100"
        ]
    )
    # 1e-8 square degrees are 100 square metres
    assert shapely.make_valid(outline).symmetric_difference(wards).area < 1e-8


def test_land_has_no_properties(frames):
    land = frames["municipal_boundaries"].head(2)
    document = json.loads(encode_land(land))
    assert [feature["properties"] for feature in document["features"]] == [{}, {}]
    for area, feature in zip(land.geometry, document["features"], strict=True):
        drawn = shapely.make_valid(shapely.geometry.shape(feature["geometry"]))
        assert drawn.symmetric_difference(area).area < 0.01 * area.area


def test_names_of_larger_areas_come_first(frames, names, boundaries_json):
    geod = Geod(ellps="GRS80")
    largest: dict[str, float] = {}
    for row in frames["municipal_boundaries"].itertuples():
        name = names[row.municipality_code]
        if name == "熊本市":
            continue  # its wards are one area
        parts = getattr(row.geometry, "geoms", [row.geometry])
        largest[name] = max(abs(geod.geometry_area_perimeter(part)[0]) for part in parts)
    written = [label["name"] for label in boundaries_json["labels"] if label["zoom_min"] == 0]
    assert written[0] in {"熊本市", max(largest, key=largest.__getitem__)}
    in_order = [largest[name] for name in written if name != "熊本市"]
    assert in_order == sorted(in_order, reverse=True)


def test_hostile_names_are_data_not_structure(hostile):
    frame = points(id=list(hostile[:3]))
    for name in hostile:
        frame["id"] = name
        features = json.loads(encode_points(frame, ["id"]))["features"]
        assert [feature["properties"]["id"] for feature in features] == [name] * 3
