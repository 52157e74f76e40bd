"""Centrelines from GeoJSON: every vertex as written, lines that are none refused."""

from __future__ import annotations

import json

import pytest
import shapely.geometry
from shapely import MultiLineString

from kumageo.checks import References, check_rows
from kumageo.errors import ReadError
from kumageo.readers import READERS
from kumageo.readers.lines import read_background_roads, read_corridors
from kumageo.schemas import CORRIDORS

LINE = [[130.80, 32.88], [130.82, 32.89], [130.84, 32.88]]
OTHER = [[130.85, 32.90], [130.86, 32.90]]
PROPERTIES = {
    "id": "r57",
    "name": "国道57号",
    "extent": "大津〜菊陽",
    "confidence": "high",
    "confidence_note": "観測点から11 m",
}


def feature(coordinates=LINE, kind="LineString", **properties):
    return {
        "type": "Feature",
        "properties": {**PROPERTIES, **properties},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


@pytest.fixture
def read(write):
    def read_features(*features, text=None):
        document = {"type": "FeatureCollection", "features": list(features)}
        text = json.dumps(document, ensure_ascii=False) if text is None else text
        return read_corridors(write("lines.geojson", text), ["utf-8"])

    return read_features


def problem(table):
    (issue,) = table.broken
    assert (len(table.rows), table.n_read) == (0, 1)
    assert (issue.source_row, issue.feature_id, issue.column) == (1, "r57", "geometry")
    return issue.check, issue.expected, issue.got


def test_lines_and_lines_of_several_parts(read):
    table = read(feature(), feature([OTHER, LINE], "MultiLineString", id="b", name=" 県道 "))
    assert table.rows["geometry"].tolist() == [
        MultiLineString([LINE]),
        MultiLineString([OTHER, LINE]),
    ]
    assert table.rows["id"].tolist() == ["r57", "b"]
    assert table.rows["name"].tolist() == ["国道57号", "県道"]
    assert table.rows["source_row"].tolist() == [1, 2]
    assert (table.broken, table.n_read, table.encoding) == ((), 2, "utf-8")
    assert READERS["corridors"] is read_corridors
    assert READERS["background_roads"] is read_background_roads


def test_heights_are_left_out(read):
    (line,) = read(feature([[*position, 55.5] for position in LINE])).rows["geometry"]
    assert line == MultiLineString([LINE])
    assert not line.has_z


def test_a_vertex_that_is_repeated_does_no_harm(read):
    (line,) = read(feature([*LINE, LINE[-1], LINE[0]])).rows["geometry"]
    assert list(line.geoms[0].coords)[-2:] == [tuple(LINE[-1]), tuple(LINE[0])]


@pytest.mark.parametrize(
    ("coordinates", "kind", "got"),
    [
        ([LINE[0]], "LineString", "1"),
        ([LINE[0], LINE[0]], "LineString", "1"),
        ([LINE[0], LINE[0], LINE[0]], "LineString", "1"),
        ([[*LINE[0], 5.0], [*LINE[0], 9.0]], "LineString", "1"),  # apart in height alone
        ([], "LineString", "0"),
        ([LINE, [OTHER[0]]], "MultiLineString", "1"),
        ([LINE, []], "MultiLineString", "0"),
        ([[OTHER[0], OTHER[0]], LINE], "MultiLineString", "1"),
    ],
    ids=[
        *("one_vertex", "two_equal", "three_equal", "heights", "no_vertex"),
        *("one_vertex_in_a_part", "empty_part", "two_equal_in_a_part"),
    ],
)
def test_a_line_that_goes_nowhere(read, coordinates, kind, got):
    assert problem(read(feature(coordinates, kind))) == ("line_length", "at least 2 places", got)


@pytest.mark.parametrize(
    ("coordinates", "kind", "got"),
    [
        ([], "MultiLineString", "[]"),
        (LINE, "MultiLineString", "[[130.8, 32.88], "),
        ([LINE], "LineString", "[[[[130.8, 32.88], "),
        ([["130.8", "32.8"], ["130.9", "32.8"]], "LineString", "[[['130.8', '32.8']"),
        ([[130.8], [130.9]], "LineString", "[[[130.8]"),
        ([[130.8, 32.8, 1, 2], [130.9, 32.8, 1, 2]], "LineString", "[[[130.8, 32.8, 1, 2]"),
        ([[130.8, None], [130.9, 32.8]], "LineString", "[[[130.8, None]"),
        ([[True, False], [False, True]], "LineString", "[[[True, False]"),
        ([[10**400, 32.8], [130.9, 32.8]], "LineString", "[[10000"),
        (["ab", "cd"], "LineString", "[['ab', 'cd']]"),
        (130.8, "LineString", "130.8"),
        (None, "LineString", "None"),
        ({"a": 1}, "MultiLineString", "['a']"),
    ],
    ids=[
        *("no_part", "line_as_several", "several_as_line", "text", "one_number", "four_numbers"),
        *("null", "flags", "huge", "words", "number", "missing", "object"),
    ],
)
def test_coordinates_that_are_none(read, coordinates, kind, got):
    check, _, found = problem(read(feature(coordinates, kind)))
    assert check == "coordinates"
    assert found.startswith(got)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_not_a_number(read, number):
    text = json.dumps({"type": "FeatureCollection", "features": [feature()]})
    text = text.replace("130.82", number)
    with pytest.raises(ReadError, match=rf"lines\.geojson: expected GeoJSON, got number {number}"):
        read(text=text)


def test_a_number_beyond_all_others(read):
    text = json.dumps({"type": "FeatureCollection", "features": [feature()]}, ensure_ascii=False)
    assert problem(read(text=text.replace("130.82", "1e999")))[0] == "coordinates"


@pytest.mark.parametrize(
    ("kind", "coordinates"),
    [
        ("Point", LINE[0]),
        ("MultiPoint", LINE),
        ("Polygon", [[*LINE, LINE[0]]]),
        ("GeometryCollection", []),
        ("linestring", LINE),
        (None, LINE),
    ],
)
def test_another_type(read, kind, coordinates):
    check, expected, got = problem(read(feature(coordinates, kind)))
    assert (check, expected) == ("geometry_type", "LineString or MultiLineString")
    assert got == str(kind)


@pytest.mark.parametrize("geometry", [None, "LineString", [], {}])
def test_no_geometry(read, geometry):
    assert problem(read({**feature(), "geometry": geometry}))[0] == "geometry_type"


def test_properties_are_those_of_the_schema_and_no_other(read):
    without = {name: value for name, value in PROPERTIES.items() if name != "confidence"}
    for properties in (without, {**PROPERTIES, "lanes": "4"}, {**PROPERTIES, "name": 57}):
        check, _, _ = problem(read({**feature(), "properties": properties}))
        assert check == "feature_layout"


def test_the_others_are_read_and_keep_their_number(read):
    table = read(feature(), feature([LINE[0]], id="b"), feature(OTHER, id="c"))
    assert table.rows["id"].tolist() == ["r57", "c"]
    assert table.rows["source_row"].tolist() == [1, 3]
    assert [(issue.source_row, issue.feature_id) for issue in table.broken] == [(2, "b")]
    assert table.n_read == 3


class TestChecks:
    """What the checks of the schema say of lines that could be read."""

    def check(self, table):
        issues = check_rows(table.rows, CORRIDORS, References())
        return [(issue.source_row, issue.column, issue.check) for issue in issues]

    def test_good_lines(self, read):
        assert self.check(read(feature(), feature(OTHER, id="b"))) == []
        # A road may cross itself and come back to where it began.
        loop = [[130.8, 32.8], [130.9, 32.9], [130.9, 32.8], [130.8, 32.9], [130.8, 32.8]]
        assert self.check(read(feature(loop))) == []

    def test_swapped_coordinates(self, read):
        swapped = [position[::-1] for position in LINE]
        assert self.check(read(feature(swapped))) == [(1, "geometry", "outside_extent")]

    def test_metres_instead_of_degrees(self, read):
        metres = [[-12_000.5, -15_000.5], [-12_100.5, -15_000.5]]
        assert self.check(read(feature(metres))) == [(1, "geometry", "outside_extent")]

    def test_one_vertex_far_away(self, read):
        found = self.check(read(feature([*LINE, [139.7, 35.7]])))
        assert found == [(1, "geometry", "outside_extent")]

    def test_two_of_one_id(self, read):
        found = self.check(read(feature(), feature(OTHER)))
        assert found == [(1, "id", "duplicate_key"), (2, "id", "duplicate_key")]

    @pytest.mark.parametrize(
        ("changes", "column", "check"),
        [
            ({"confidence": "certain"}, "confidence", "pattern"),
            ({"confidence": ""}, "confidence", "blank"),
            ({"id": "R 57"}, "id", "pattern"),
            ({"name": "<b>国道</b>"}, "name", "markup"),
            ({"name": "=A1"}, "name", "formula"),
            ({"name": ""}, "name", "blank"),
            ({"extent": "あ" * 86}, "extent", "too_long"),
            ({"confidence_note": "行\nを分けた"}, "confidence_note", "control_character"),
        ],
    )
    def test_a_bad_property(self, read, changes, column, check):
        assert self.check(read(feature(**changes))) == [(1, column, check)]


def test_background_roads_have_a_name_only(write):
    road = {**feature([LINE, OTHER], "MultiLineString"), "properties": {"name": "background"}}
    document = {"type": "FeatureCollection", "features": [road, feature()]}
    table = read_background_roads(write("a.geojson", json.dumps(document)), ["utf-8"])
    assert table.rows.drop(columns="geometry").to_dict("records") == [
        {"name": "background", "source_row": 1}
    ]
    assert [(issue.source_row, issue.check) for issue in table.broken] == [(2, "feature_layout")]


@pytest.mark.parametrize(
    ("name", "read_file"),
    [("corridors", read_corridors), ("background_roads", read_background_roads)],
)
def test_the_official_lines(committed, name, read_file):
    path = committed / "raw" / f"{name}.geojson"
    features = json.loads(path.read_text("utf-8"))["features"]
    table = read_file(path, ["utf-8"])
    assert (table.broken, table.n_read) == ((), len(features))
    for row, raw in zip(table.rows["geometry"], features, strict=True):
        parts = shapely.get_parts(shapely.geometry.shape(raw["geometry"]))
        assert list(row.geoms) == list(parts)
