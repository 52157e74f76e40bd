"""Points to areas: expected values by hand, and against geopandas.sjoin as a second opinion."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from kumageo.area_index import AreaIndex
from kumageo.errors import (
    ArgumentError,
    CrsError,
    GeometryTypeError,
    InvalidGeometryError,
    KeyColumnError,
)

CRS = "EPSG:6668"
BOUNDARIES = Path(__file__).parents[2] / "geodata/raw/municipal_boundaries.geojson"

#   2 +---+---+
#     | C | D |
#   1 +---+---+---+
#     | A | B | B |   two rows of key B, side by side
#   0 +---+---+---+
#     0   1   2   3
SQUARES = {"D": box(1, 1, 2, 2), "B": box(1, 0, 2, 1), "A": box(0, 0, 1, 1), "C": box(0, 1, 1, 2)}


def areas_of(rows, crs=CRS):
    codes, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"code": list(codes)}, geometry=list(shapes), crs=crs)


def points_of(*places, crs=CRS, index=None):
    shapes = [None if place is None else Point(*place) for place in places]
    return gpd.GeoDataFrame({"n": range(len(shapes))}, geometry=shapes, crs=crs, index=index)


def by_sjoin(points, areas):
    """Answer by geopandas alone: within first, then an edge of two rows at least."""
    points, areas = points[["geometry"]], areas[["code", "geometry"]]
    within = gpd.sjoin(points, areas, predicate="within").groupby(level=0)["code"]
    touching = gpd.sjoin(points, areas, predicate="intersects").groupby(level=0)["code"]
    tables = [
        pd.DataFrame({"code": group.min(), "rows": group.size(), "keys": group.nunique()})
        for group in (within, touching)
    ]
    edge = tables[1].loc[tables[1]["rows"] > 1]
    both = pd.concat([tables[0], edge.drop(tables[0].index, errors="ignore")])
    both = both.reindex(points.index)
    return pd.DataFrame(
        {"area_code": both["code"].astype("string"), "tie": both["keys"].fillna(0) > 1}
    )


def assert_same(assigned, expected):
    pd.testing.assert_frame_equal(assigned, expected, check_names=False)


@pytest.fixture
def squares():
    return areas_of([*SQUARES.items(), ("B", box(2, 0, 3, 1))])


@pytest.mark.parametrize("levels", [0, 1, 3, 11])
@pytest.mark.parametrize(
    ("place", "code", "tie"),
    [
        ((0.3, 0.7), "A", False),
        ((1.5, 1.5), "D", False),
        ((1, 0.5), "A", True),  # shared edge
        ((0.3, 1), "A", True),
        ((1.7, 1), "B", True),
        ((1, 1), "A", True),  # corner of four
        ((2, 1), "B", True),  # corner of B, B and D
        ((2, 0.5), "B", False),  # edge between two rows of one key
        ((2, 0), "B", False),  # where that edge meets the outside
        ((1, 0), "A", True),  # where a shared edge meets the outside
        ((0.5, 0), None, False),  # outer edge
        ((3, 0.25), None, False),
        ((0, 0), None, False),  # outer corner
        ((np.nextafter(1, 0), 0.5), "A", False),  # a rounding error beside the edge
        ((np.nextafter(1, 2), 0.5), "B", False),
        ((0.5, np.nextafter(0, 1)), "A", False),
        ((0.5, np.nextafter(0, -1)), None, False),
        ((2.5, 1.5), None, False),
        ((-1e-9, 0.5), None, False),
        ((-179.5, -0.5), None, False),  # the other side of the earth
        ((1e300, -1e300), None, False),
        ((np.inf, 0.5), None, False),
        ((0.5, np.nan), None, False),
        ((np.nan, np.nan), None, False),
        (None, None, False),
    ],
)
def test_squares(squares, place, code, tie, levels):
    assigned = AreaIndex(squares, levels=levels).assign(points_of(place))
    assert list(assigned.columns) == ["area_code", "tie"]
    assert assigned["area_code"].tolist() == [code or pd.NA]
    assert assigned["tie"].tolist() == [tie]


def test_hole_and_what_fills_it():
    ring = Polygon(box(0, 0, 3, 3).exterior.coords, [box(1, 1, 2, 2).exterior.coords])
    points = points_of((0.5, 0.5), (1.5, 1.5), (1, 1.5))
    alone = AreaIndex(areas_of([("R", ring)])).assign(points)
    assert alone["area_code"].tolist() == ["R", pd.NA, pd.NA]
    filled = AreaIndex(areas_of([("R", ring), ("I", box(1, 1, 2, 2))])).assign(points)
    assert filled["area_code"].tolist() == ["R", "I", "I"]
    assert filled["tie"].tolist() == [False, False, True]


def test_multipolygon_whose_parts_touch_in_a_point():
    areas = areas_of([("M", MultiPolygon([box(0, 0, 1, 1), box(1, 1, 2, 2)]))])
    assigned = AreaIndex(areas).assign(points_of((0.5, 0.5), (1.5, 1.5), (1, 1), (0.5, 1.5)))
    assert assigned["area_code"].tolist() == ["M", "M", pd.NA, pd.NA]
    assert not assigned["tie"].any()


def test_overlap_is_a_tie_for_the_smallest_key():
    areas = areas_of([("Y", box(0, 0, 4, 4)), ("X", box(2, 2, 6, 6)), ("X", box(5, 5, 6, 6))])
    assigned = AreaIndex(areas).assign(points_of((1, 1), (3, 3), (5.5, 5.5), (2, 3)))
    assert assigned["area_code"].tolist() == ["Y", "X", "X", "Y"]
    # The last one is within Y and on the edge of X: within decides.
    assert assigned["tie"].tolist() == [False, True, False, False]


def test_identical_areas():
    areas = areas_of([("2", box(0, 0, 1, 1)), ("1", box(0, 0, 1, 1))])
    assigned = AreaIndex(areas).assign(points_of((0.5, 0.5), (0.001, 0.001)))
    assert assigned["area_code"].tolist() == ["1", "1"]
    assert assigned["tie"].all()


def test_one_area_far_from_the_origin():
    x, y = 1e9, -1e9
    areas = areas_of([("P", box(x, y, x + 1, y + 1))], crs="EPSG:6670")
    places = [(x + 0.5, y + 0.5), (x, y + 0.5), (x - 0.5, y), (np.nextafter(x, 2 * x), y + 0.5)]
    assigned = AreaIndex(areas).assign(points_of(*places, crs="EPSG:6670"))
    assert assigned["area_code"].tolist() == ["P", pd.NA, pd.NA, "P"]


def test_sliver_at_the_limit_of_rounding():
    x = 2.0**40
    areas = areas_of([("P", box(x, 0, x + 4 * np.spacing(x), 4 * np.spacing(x)))])
    middle = x + 2 * np.spacing(x)
    assigned = AreaIndex(areas).assign(points_of((middle, np.spacing(x)), (x, np.spacing(x))))
    assert assigned["area_code"].tolist() == ["P", pd.NA]


def test_the_index_of_the_points_is_kept(squares):
    index = pd.MultiIndex.from_tuples([("b", 1), ("a", 1), ("b", 1)], names=["u", "v"])
    points = points_of((0.5, 0.5), (9, 9), (1.5, 0.5), index=index)
    assigned = AreaIndex(squares).assign(points)
    pd.testing.assert_index_equal(assigned.index, index)
    assert assigned["area_code"].tolist() == ["A", pd.NA, "B"]


def test_dtypes(squares):
    for points in (points_of((0.5, 0.5)), points_of(None), points_of()):
        assigned = AreaIndex(squares).assign(points)
        assert len(assigned) == len(points)
        assert assigned["area_code"].dtype == "string"
        assert assigned["tie"].dtype == bool


def test_empty_points_and_heights(squares):
    areas = squares.set_geometry(shapely.force_3d(squares.geometry, 7.0))
    points = points_of((0.5, 0.5, 99.0), (), None)
    assert AreaIndex(areas).assign(points)["area_code"].tolist() == ["A", pd.NA, pd.NA]


def test_other_key_and_geometry_columns(squares):
    areas = squares.rename(columns={"code": "ward"}).rename_geometry("shape")
    points = points_of((0.5, 0.5)).rename_geometry("place")
    assert AreaIndex(areas, "ward").assign(points)["area_code"].tolist() == ["A"]


class TestParent:
    def wards(self):
        areas = areas_of([("43102", box(1, 0, 2, 1)), ("43101", box(0, 0, 1, 1))])
        areas = pd.concat([areas, areas_of([("43201", box(2, 0, 3, 1))])])
        return areas.assign(municipality_code=["43100", "43100", "43201"])

    def test_every_join_knows_ward_and_city(self):
        index = AreaIndex(self.wards(), parent="municipality_code")
        assigned = index.assign(points_of((0.5, 0.5), (1, 0.5), (2, 0.5), (9, 9)))
        assert list(assigned.columns) == ["area_code", "tie", "municipality_code"]
        assert assigned["area_code"].tolist() == ["43101", "43101", "43102", pd.NA]
        assert assigned["municipality_code"].tolist() == ["43100", "43100", "43100", pd.NA]
        assert assigned["municipality_code"].dtype == "string"
        assert assigned["tie"].tolist() == [False, True, True, False]

    def test_the_city_as_the_key(self):
        assigned = AreaIndex(self.wards(), "municipality_code").assign(points_of((1, 0.5)))
        assert assigned["area_code"].tolist() == ["43100"]
        assert not assigned["tie"].any()

    def test_several_parents(self):
        areas = self.wards().assign(code=["1", "1", "2"], municipality_code=["a", "b", "c"])
        with pytest.raises(KeyColumnError, match="one parent for each key, got several for '1'"):
            AreaIndex(areas, parent="municipality_code")

    @pytest.mark.parametrize("parent", ["tie", "area_code"])
    def test_a_name_of_the_result(self, parent):
        with pytest.raises(KeyColumnError, match="another name"):
            AreaIndex(self.wards().assign(**{parent: "x"}), parent=parent)

    def test_blank_parent(self):
        areas = self.wards().assign(municipality_code=["43100", None, "43201"])
        with pytest.raises(KeyColumnError, match=r"'municipality_code'.*in row 1"):
            AreaIndex(areas, parent="municipality_code")


class TestArrays:
    def test_positions_point_to_the_keys(self, squares):
        index = AreaIndex(squares)
        assert index.keys.tolist() == ["A", "B", "C", "D"]
        position, tie = index.assign_xy([0.5, 1.5, 1, 9, np.nan], [1.5, 0.5, 1, 9, 0.5])
        assert position.tolist() == [2, 1, 0, -1, -1]
        assert tie.tolist() == [False, False, True, False, False]
        assert position.dtype == np.int64
        assert tie.dtype == bool

    def test_no_points(self, squares):
        position, tie = AreaIndex(squares).assign_xy([], [])
        assert len(position) == len(tie) == 0

    @pytest.mark.parametrize(("x", "y"), [([1.0], [1.0, 2.0]), (1.0, 1.0), ([[1.0]], [[1.0]])])
    def test_shapes(self, squares, x, y):
        with pytest.raises(ArgumentError, match="one-dimensional"):
            AreaIndex(squares).assign_xy(x, y)

    def test_read_only(self, squares):
        index = AreaIndex(squares)
        with pytest.raises(ValueError, match="read-only"):
            index.keys[0] = "Z"
        with pytest.raises(AttributeError):
            index.keys = np.array(["Z"])


class TestRefusals:
    def test_areas_without_crs(self):
        with pytest.raises(CrsError, match="areas: expected a coordinate reference system"):
            AreaIndex(areas_of([("A", box(0, 0, 1, 1))], crs=None))

    @pytest.mark.parametrize("crs", [None, "EPSG:4326", "EPSG:6670"])
    def test_points_in_another_crs(self, squares, crs):
        with pytest.raises(CrsError, match="points"):
            AreaIndex(squares).assign(points_of((0.5, 0.5), crs=crs))

    def test_missing_key_column(self, squares):
        with pytest.raises(KeyColumnError, match=r"expected one column 'city', got .*code"):
            AreaIndex(squares, "city")

    def test_key_column_twice(self, squares):
        squares = squares.assign(other="x").rename(columns={"other": "code"})
        with pytest.raises(KeyColumnError, match="one column 'code'"):
            AreaIndex(squares)

    @pytest.mark.parametrize("blank", [None, "", "  ", pd.NA, float("nan"), 43100])
    def test_blank_or_numeric_key(self, blank):
        codes = pd.Series(["A", blank], dtype=object)
        areas = gpd.GeoDataFrame(
            {"code": codes}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=CRS
        )
        with pytest.raises(KeyColumnError, match=r"non-blank strings, got .* in row 1"):
            AreaIndex(areas)

    def test_bow_tie(self):
        bow_tie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
        with pytest.raises(InvalidGeometryError, match=r"row 1: Self-intersection.*make_valid"):
            AreaIndex(areas_of([("A", box(5, 5, 6, 6)), ("B", bow_tie)]))

    @pytest.mark.parametrize(("shape", "state"), [(None, "missing"), (Polygon(), "empty")])
    def test_no_geometry(self, shape, state):
        with pytest.raises(InvalidGeometryError, match=f"row 0: {state}"):
            AreaIndex(areas_of([("A", shape)]))

    def test_infinite_geometry(self):
        shape = Polygon([(0, 0), (1, 0), (np.inf, 1)])
        with pytest.raises(InvalidGeometryError, match="row 0"):
            AreaIndex(areas_of([("A", shape)]))

    def test_no_areas(self, squares):
        with pytest.raises(InvalidGeometryError, match="at least one area"):
            AreaIndex(squares.iloc[:0])

    @pytest.mark.parametrize(
        "shape", [Point(0, 0), box(0, 0, 1, 1).exterior, shapely.GeometryCollection()]
    )
    def test_areas_that_are_none(self, shape):
        with pytest.raises(GeometryTypeError, match="areas: expected Polygon or MultiPolygon"):
            AreaIndex(areas_of([("A", shape)]))

    @pytest.mark.parametrize("shape", [box(0, 0, 1, 1), shapely.MultiPoint([(0, 0)])])
    def test_points_that_are_none(self, squares, shape):
        points = gpd.GeoDataFrame(geometry=[Point(0, 0), shape], crs=CRS)
        with pytest.raises(GeometryTypeError, match=r"points: expected Point .* in row 1"):
            AreaIndex(squares).assign(points)

    @pytest.mark.parametrize("frame", [pd.DataFrame({"a": [1]}), gpd.GeoDataFrame({"a": [1]})])
    def test_frames_without_geometry(self, squares, frame):
        with pytest.raises(GeometryTypeError, match=r"points: .*set_geometry"):
            AreaIndex(squares).assign(frame)
        with pytest.raises(GeometryTypeError, match=r"areas: .*set_geometry"):
            AreaIndex(frame)


def test_inputs_are_not_changed(squares):
    points = points_of((0.5, 0.5), None, (1, 1))
    squares_before, points_before = squares.copy(deep=True), points.copy(deep=True)
    AreaIndex(squares).assign(points)
    assert_geodataframe_equal(squares, squares_before)
    assert_geodataframe_equal(points, points_before)
    assert not shapely.is_prepared(squares.geometry.array).any()


def test_changing_the_areas_afterwards_changes_nothing(squares):
    index = AreaIndex(squares)
    squares["code"] = "Z"
    squares.geometry = squares.geometry.translate(50)
    assert index.assign(points_of((0.5, 0.5)))["area_code"].tolist() == ["A"]


@st.composite
def coverages(draw):
    """Draw a grid of rectangles with gaps and repeated keys, and points on and off its lines."""
    cut = st.lists(
        st.floats(-2, 2, allow_subnormal=False, width=32), min_size=2, max_size=6, unique=True
    ).map(sorted)
    xs, ys = draw(cut), draw(cut)
    cells = [(x0, y0, x1, y1) for x0, x1 in pairwise(xs) for y0, y1 in pairwise(ys)]
    codes = draw(
        st.lists(st.sampled_from([*"ABCD", None]), min_size=len(cells), max_size=len(cells))
    )
    rows = [(code, box(*cell)) for code, cell in zip(codes, cells, strict=True) if code]
    if not rows:
        rows = [("A", box(*cells[0]))]

    def along(cuts):
        return st.one_of(st.sampled_from(cuts), st.floats(-2.5, 2.5))

    places = draw(st.lists(st.tuples(along(xs), along(ys)), min_size=1, max_size=30))
    return areas_of(rows), points_of(*places)


@settings(deadline=None)  # machines differ, and the second opinion is slow
@given(coverages(), st.integers(0, 7))
def test_random_grids_against_sjoin(drawn, levels):
    areas, points = drawn
    assert_same(AreaIndex(areas, levels=levels).assign(points), by_sjoin(points, areas))


@settings(deadline=None)  # machines differ, and the second opinion is slow
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 6), st.integers(1, 6)),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 5),
)
def test_random_overlaps_against_sjoin(boxes, levels):
    areas = areas_of(
        [("ABC"[i % 3], box(x, y, x + w, y + h)) for i, (x, y, w, h) in enumerate(boxes)]
    )
    inside = [(x + 0.5, y + 0.5) for x in range(-1, 13) for y in range(-1, 13)]
    # On whole numbers a point can be on edges of one area inside another: within decides there.
    edges = [(x / 2, y / 2) for x in range(25) for y in range(25)]
    points = points_of(*inside, *edges)
    assert_same(AreaIndex(areas, levels=levels).assign(points), by_sjoin(points, areas))


@pytest.mark.parametrize("seed", range(3))
def test_triangles_against_sjoin(seed):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(130, 131, (60, 2))
    triangles = shapely.delaunay_triangles(shapely.MultiPoint(corners)).geoms
    codes = rng.choice(list("PQRSTU"), len(triangles))
    areas = areas_of(zip(codes, triangles, strict=True))
    points = points_of(*corners, *rng.uniform(129.9, 131.1, (2000, 2)))
    assert_same(AreaIndex(areas, levels=6).assign(points), by_sjoin(points, areas))


@pytest.fixture(scope="module")
def kumamoto():
    areas = gpd.read_file(BOUNDARIES).set_crs(CRS, allow_override=True)
    vertices = shapely.get_coordinates(areas.geometry.array)[::7]
    low, high = areas.total_bounds.reshape(2, 2)
    places = np.concatenate([vertices, np.random.default_rng(1).uniform(low, high, (5000, 2))])
    return areas, gpd.GeoDataFrame(geometry=shapely.points(places), crs=CRS)


def test_kumamoto_against_sjoin(kumamoto):
    areas, points = kumamoto
    assigned = AreaIndex(areas).assign(points)
    assert assigned["tie"].any()
    assert_same(assigned, by_sjoin(points, areas))


def test_threads_share_one_index(kumamoto):
    areas, points = kumamoto
    expected = AreaIndex(areas).assign(points)
    # A coarse grid asks the geometries for most points.
    index = AreaIndex(areas, levels=4)
    results = [None] * 8
    start = threading.Barrier(len(results))

    def work(i):
        start.wait()
        results[i] = index.assign(points)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(results))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        pd.testing.assert_frame_equal(result, expected)
