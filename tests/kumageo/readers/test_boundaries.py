"""Areas from GeoJSON: rings strictly checked, nothing mended."""

from __future__ import annotations

import json

import pytest
from shapely import MultiPolygon, Polygon

from kumageo.errors import ReadError
from kumageo.readers import READERS
from kumageo.readers.boundaries import read_boundaries, read_land

RING = [[130.0, 32.0], [131.0, 32.0], [131.0, 33.0], [130.0, 32.0]]
HOLE = [[130.5, 32.2], [130.6, 32.2], [130.6, 32.3], [130.5, 32.2]]


def feature(coordinates=(RING,), kind="Polygon", **properties):
    return {
        "type": "Feature",
        "properties": {"code": "43202", "name": "八代市", **properties},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


@pytest.fixture
def read(write):
    def read_features(*features, text=None):
        document = {"type": "FeatureCollection", "features": list(features)}
        text = json.dumps(document, ensure_ascii=False) if text is None else text
        return read_boundaries(write("areas.geojson", text), ["utf-8"])

    return read_features


def problem(table):
    (issue,) = table.broken
    assert len(table.rows) == 0
    assert table.n_read == 1
    assert (issue.source_row, issue.feature_id, issue.column) == (1, "43202", "geometry")
    return issue.check, issue.expected, issue.got


def test_polygons_and_multipolygons(read):
    many = feature([[RING, HOLE], [HOLE]], "MultiPolygon", code="43101", name=" 中央区 ")
    table = read(feature(), many)
    assert table.rows["code"].tolist() == ["43202", "43101"]
    assert table.rows["municipality_code"].tolist() == ["43202", "43100"]
    assert table.rows["name"].tolist() == ["八代市", "中央区"]
    assert table.rows["source_row"].tolist() == [1, 2]
    assert table.rows["geometry"].tolist() == [
        MultiPolygon([Polygon(RING)]),
        MultiPolygon([Polygon(RING, [HOLE]), Polygon(HOLE)]),
    ]
    assert (table.encoding, table.broken, table.n_read) == ("utf-8", (), 2)
    assert READERS["boundaries"] is read_boundaries


def test_heights_are_left_out(read):
    rows = read(feature([[[*position, 5.0] for position in RING]])).rows
    assert rows["geometry"][0] == MultiPolygon([Polygon(RING)])
    assert not rows["geometry"][0].has_z


@pytest.mark.parametrize(
    ("bad", "check", "text"),
    [
        (feature([RING[:-1]]), "ring_length", "3"),
        (feature([[]]), "ring_length", "0"),
        (feature([[*RING[:-1], [130.1, 32.0]]]), "unclosed_ring", "[130.1, 32.0]"),
        (feature([RING, [*HOLE, [0, 0]]]), "unclosed_ring", "[0, 0]"),
        (feature([]), "coordinates", "[]"),
        (feature([[130, 32], [131, 32]]), "coordinates", "[[130, 32], [131, 32]]"),
        (feature([[["130", "32"]] * 4]), "coordinates", "[[['130', '32']"),
        (feature([[[130]] * 4]), "coordinates", "[[[130]"),
        (feature([[[130, None]] * 4]), "coordinates", "[[[130, None]"),
        (feature([[[True, False]] * 4]), "coordinates", "[[[True, False]"),
        (feature(5), "coordinates", "5"),
        (feature(None), "coordinates", "None"),
        (feature(RING[0], "Point"), "geometry_type", "Point"),
        ({**feature(), "geometry": None}, "geometry_type", "None"),
        ({**feature(), "geometry": "Polygon"}, "geometry_type", "Polygon"),
        (feature(population=1), "feature_layout", "code, name, population"),
        (feature(name=None), "feature_layout", "{'code': '43202', 'name': None}"),
    ],
)
def test_a_bad_feature_is_broken(read, bad, check, text):
    found, _, got = problem(read(bad))
    assert found == check
    assert got.startswith(text)


def test_a_broken_feature_keeps_its_number_and_the_others_are_read(read):
    table = read(feature(), {**feature(code="43203"), "geometry": None}, feature(code="43204"))
    assert table.rows["source_row"].tolist() == [1, 3]
    assert [(issue.source_row, issue.feature_id) for issue in table.broken] == [(2, "43203")]
    assert table.n_read == 3


@pytest.mark.parametrize("value", [5, None, "a", [], {"properties": 5}])
def test_a_feature_that_is_none(read, value):
    (issue,) = read(value).broken
    assert (issue.source_row, issue.check) == (1, "feature_layout")


def test_a_code_that_is_a_number_is_refused_because_of_its_first_digit(read):
    (issue,) = read(feature(code=1100)).broken
    assert (issue.check, issue.expected) == ("feature_layout", "properties as text")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"type":"Feature"}',
        '{"type":"FeatureCollection"}',
        '{"type":"FeatureCollection","features":{}}',
        '{"type":"FeatureCollection","features":[]}',
        '{"type":"FeatureCollection","features":[',
        '{"type":"FeatureCollection","features":[NaN]}',
        '{"type":"FeatureCollection","features":[-Infinity]}',
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"type":"FeatureCollection","features":[' + "9" * 5000 + "]}",
        "code,name\n43202,八代市\n",
    ],
    ids=lambda text: text[:30] or "empty",
)
def test_no_geojson(read, text):
    with pytest.raises(ReadError, match=r"areas\.geojson: expected"):
        read(text=text)


def test_an_empty_polygon_among_others(read):
    assert problem(read(feature([[RING], []], "MultiPolygon")))[0] == "coordinates"


def test_a_huge_integer(read):
    assert problem(read(feature([[*RING[:1], [10**400, 32], *RING[1:]]])))[0] == "coordinates"


def test_land_has_a_name_only(write):
    land = feature()
    land["properties"] = {"name": "land"}
    document = {"type": "FeatureCollection", "features": [land, feature()]}
    table = read_land(write("land.geojson", json.dumps(document)), ["utf-8"])
    assert table.rows.drop(columns="geometry").to_dict("records") == [
        {"name": "land", "source_row": 1}
    ]
    assert table.rows["geometry"][0] == MultiPolygon([Polygon(RING)])
    assert [(issue.source_row, issue.expected) for issue in table.broken] == [
        (2, "properties name")
    ]
    assert READERS["land"] is read_land
