"""The joins as a caller meets them; nearest features against a search of every pair."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, box

from kumageo.errors import (
    ArgumentError,
    CrsError,
    GeometryTypeError,
    InvalidGeometryError,
    KeyColumnError,
)
from kumageo.joins import assign_area, count_within, nearest_feature, summarise_assignment

DEGREES = "EPSG:6668"
METRES = "EPSG:6670"


def frame(*shapes, crs=METRES, index=None, **columns):
    shapes = [Point(*shape) if isinstance(shape, tuple) else shape for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs, index=index)


@pytest.fixture
def areas():
    shapes = [box(1, 0, 2, 1), box(5, 5, 6, 6), box(0, 0, 1, 1), box(2, 0, 3, 1)]
    return frame(*shapes, crs=DEGREES, code=["B", "E", "A", "B"], city=["X", "Y", "X", "X"])


@pytest.fixture
def points():
    return frame((0.5, 0.5), (1, 0.5), (2, 0.5), (9, 9), None, (2.5, 0.5), crs=DEGREES)


class TestAssignArea:
    def test_by_hand(self, points, areas):
        assigned = assign_area(points, areas)
        expected = pd.DataFrame(
            {
                "area_code": pd.array(["A", "A", "B", None, None, "B"], dtype="string"),
                "tie": [False, True, False, False, False, False],
            }
        )
        pd.testing.assert_frame_equal(assigned, expected)

    def test_key_and_parent(self, points, areas):
        assigned = assign_area(points, areas.rename(columns={"code": "ward"}), key="ward")
        assert assigned["area_code"].tolist() == ["A", "A", "B", pd.NA, pd.NA, "B"]
        assigned = assign_area(points, areas, parent="city")
        assert assigned["city"].tolist() == ["X", "X", "X", pd.NA, pd.NA, "X"]

    def test_index_with_duplicates(self, points, areas):
        points.index = pd.Index(list("bbaacc"), name="id")
        pd.testing.assert_index_equal(assign_area(points, areas).index, points.index)

    def test_refusals(self, points, areas):
        with pytest.raises(CrsError):
            assign_area(points.to_crs("EPSG:4326"), areas)
        with pytest.raises(KeyColumnError):
            assign_area(points, areas, key="ward")
        with pytest.raises(GeometryTypeError):
            assign_area(areas, areas)
        with pytest.raises(InvalidGeometryError):
            assign_area(points, areas.iloc[:0])


class TestSummary:
    def test_by_hand(self, points, areas):
        assert summarise_assignment(assign_area(points, areas)) == {
            "n_rows": 6,
            "n_matched": 4,
            "n_unmatched": 2,
            "n_ties": 1,
        }

    def test_no_rows(self, points, areas):
        summary = summarise_assignment(assign_area(points.iloc[:0], areas))
        assert set(summary.values()) == {0}
        assert all(type(value) is int for value in summary.values())


class TestCountWithin:
    def test_by_hand(self, areas, points):
        counts = count_within(areas, points)
        expected = pd.DataFrame(
            {"n_points": [2, 0, 2]},
            index=pd.Index(pd.array(["B", "E", "A"], dtype="string"), name="code"),
        )
        pd.testing.assert_frame_equal(counts.table, expected)
        assert (counts.n_unmatched, counts.n_ties) == (2, 1)

    def test_by_another_column(self, areas, points):
        counts = count_within(areas, points, key="city")
        assert counts.table["n_points"].to_dict() == {"X": 4, "Y": 0}
        assert counts.table.index.name == "city"
        assert counts.n_ties == 0

    def test_nothing_is_lost(self, areas, points):
        counts = count_within(areas, points)
        assert counts.table["n_points"].sum() + counts.n_unmatched == len(points)

    def test_no_points(self, areas, points):
        counts = count_within(areas, points.iloc[:0])
        assert counts.table["n_points"].tolist() == [0, 0, 0]
        assert counts.table["n_points"].dtype == np.int64
        assert (counts.n_unmatched, counts.n_ties) == (0, 0)

    def test_refusals(self, areas, points):
        with pytest.raises(CrsError):
            count_within(areas, points.to_crs("EPSG:4326"))
        with pytest.raises(KeyColumnError):
            count_within(areas, points, key="ward")


class TestNearestPoint:
    def test_by_hand(self):
        points = frame((0, 0), (10, 1), None, (), index=[7, 7, 8, 9])
        features = frame((3, 4), (10, 0), (-100, 0), index=["p", "q", "r"])
        found = nearest_feature(points, features)
        expected = pd.DataFrame(
            {
                "feature_index": pd.array(["p", "q", None, None], dtype="string"),
                "distance_m": [5.0, 1.0, np.nan, np.nan],
            },
            index=[7, 7, 8, 9],
        )
        pd.testing.assert_frame_equal(found, expected)

    def test_several_by_hand(self):
        points = frame((0, 0), None, (10, 1), index=["x", "y", "x"])
        features = frame((3, 4), (10, 0), index=[20, 10])
        found = nearest_feature(points, features, n=3)
        assert found.index.tolist() == ["x", "x", "y", "x", "x"]
        assert found["feature_index"].tolist() == [20, 10, pd.NA, 10, 20]
        assert found["feature_index"].dtype == "Int64"
        assert found["rank"].tolist() == [1, 2, 1, 1, 2]
        expected = [5, 10, np.nan, 1, np.hypot(7, 3)]
        np.testing.assert_allclose(found["distance_m"], expected)

    def test_metres_from_degrees(self):
        # One minute of latitude at 33 degrees north: 1848.4 m (GRS80 meridian arc), the scale
        # of the projection on its central meridian, 131 E, is 0.9999.
        points = frame((131, 33), crs=DEGREES)
        features = frame((131, 33 + 1 / 60), crs=DEGREES)
        distance = nearest_feature(points, features)["distance_m"].item()
        assert distance == pytest.approx(1848.4 * 0.9999, abs=0.1)

    @pytest.mark.parametrize("n", [1, 2, 3])
    def test_equally_near_features_come_in_their_order(self, n):
        corners = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 0), (5, 5)]
        found = nearest_feature(frame((0, 0)), frame(*corners), n=n)
        assert found["feature_index"].tolist() == list(range(n))

    def test_many_at_one_place(self):
        features = frame((9, 9), *[(1, 1)] * 50)
        found = nearest_feature(frame((1, 1), (9, 8)), features, n=3)
        assert found["feature_index"].tolist() == [1, 2, 3, 0, 1, 2]

    @pytest.mark.parametrize(("limit", "n_found"), [(0, 0), (4.9, 0), (5, 1), (10, 2), (1e9, 2)])
    def test_limit_is_included(self, limit, n_found):
        features = frame((3, 4), (0, 10))
        found = nearest_feature(frame((0, 0)), features, n=2, max_distance_m=limit)
        assert found["feature_index"].notna().sum() == n_found
        assert len(found) == max(1, n_found)

    def test_limit_zero_finds_the_same_place(self):
        found = nearest_feature(frame((3, 4)), frame((3, 4)), max_distance_m=0)
        assert found["distance_m"].tolist() == [0]

    @pytest.mark.parametrize("features", [frame(), frame(None), frame(()), frame(None, ())])
    @pytest.mark.parametrize("n", [1, 2])
    def test_no_features(self, features, n):
        found = nearest_feature(frame((0, 0), (1, 1)), features, n=n)
        assert found.index.tolist() == [0, 1]
        assert found.isna()[["feature_index", "distance_m"]].all(axis=None)

    def test_missing_features_keep_their_labels(self):
        features = frame(None, (), (5, 5), index=[2, 1, 0])
        assert nearest_feature(frame((0, 0)), features)["feature_index"].tolist() == [0]

    @pytest.mark.parametrize("n", [1, 2])
    def test_no_points(self, n):
        found = nearest_feature(frame(), frame((0, 0)), n=n)
        assert len(found) == 0
        assert {"feature_index", "distance_m"} <= set(found.columns)

    def test_far_beyond_the_projection(self):
        # EPSG:6670 has no place for 41 E on the equator, a quarter of the earth away.
        points = frame((41, 0), (131, 33), crs=DEGREES)
        found = nearest_feature(points, frame((131, 33), (41, 0), crs=DEGREES), n=2)
        assert found.index.tolist() == [0, 1]
        assert found["feature_index"].tolist() == [pd.NA, 0]

    def test_labels_of_any_kind(self):
        labels = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])
        features = frame((0, 0), (5, 5), index=labels)
        found = nearest_feature(frame((4, 4), None), features)
        assert found["feature_index"].tolist()[0] == ("b", 2)
        assert found["feature_index"].isna().tolist() == [False, True]


class TestNearestLine:
    def test_by_hand(self):
        features = frame(
            LineString([(0, 2), (10, 2)]),
            MultiLineString([[(0, -9), (10, -9)], [(0, -1), (10, -1)]]),
            (5, 3),
            LineString(),
            None,
            index=list("abcde"),
        )
        points = frame((5, 0), (20, 2), (5, 2.75), None)
        found = nearest_feature(points, features)
        assert found["feature_index"].tolist() == ["b", "a", "c", pd.NA]
        np.testing.assert_allclose(found["distance_m"], [1, 10, 0.25, np.nan])
        found = nearest_feature(points, features, n=5)
        assert found["feature_index"].tolist() == [*"bac", *"abc", *"cab", pd.NA]
        assert found["rank"].tolist() == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1]

    @pytest.mark.parametrize("n", [1, 2])
    def test_equally_near_lines_come_in_their_order(self, n):
        lines = [LineString([(0, y), (10, y)]) for y in (1, -1, 1)]
        found = nearest_feature(frame((5, 0)), frame(*lines), n=n)
        assert found["feature_index"].tolist() == [0, 1][:n]

    @pytest.mark.parametrize(("limit", "n_found"), [(0, 0), (1, 1), (1.5, 1), (2, 2), (99, 2)])
    def test_limit_is_included(self, limit, n_found):
        lines = frame(LineString([(0, 1), (10, 1)]), LineString([(0, 2), (10, 2)]))
        found = nearest_feature(frame((5, 0)), lines, n=2, max_distance_m=limit)
        assert found["feature_index"].notna().sum() == n_found

    def test_on_the_line(self):
        lines = frame(LineString([(0, 0), (10, 0)]), LineString([(5, -5), (5, 5)]))
        found = nearest_feature(frame((5, 0)), lines, n=2, max_distance_m=0)
        assert found["feature_index"].tolist() == [0, 1]
        assert found["distance_m"].tolist() == [0, 0]

    def test_only_empty_lines(self):
        found = nearest_feature(frame((5, 0)), frame(LineString(), None), n=2)
        assert found["feature_index"].isna().tolist() == [True]

    def test_no_points(self):
        lines = frame(LineString([(0, 0), (10, 0)]), LineString([(5, -5), (5, 5)]))
        assert len(nearest_feature(frame(), lines, n=2)) == 0


class TestNearestRefusals:
    @pytest.mark.parametrize("n", [0, -1])
    def test_n(self, n):
        with pytest.raises(ArgumentError, match="n: expected 1 or more"):
            nearest_feature(frame((0, 0)), frame((0, 0)), n=n)

    @pytest.mark.parametrize("limit", [-1, float("nan")])
    def test_limit(self, limit):
        with pytest.raises(ArgumentError, match="max_distance_m"):
            nearest_feature(frame((0, 0)), frame((0, 0)), max_distance_m=limit)

    @pytest.mark.parametrize(("left", "right"), [(None, METRES), (METRES, None), (METRES, DEGREES)])
    def test_crs(self, left, right):
        with pytest.raises(CrsError):
            nearest_feature(frame((0, 0), crs=left), frame((0, 0), crs=right))

    def test_geometry_types(self):
        with pytest.raises(GeometryTypeError, match="features: expected Point or"):
            nearest_feature(frame((0, 0)), frame(box(0, 0, 1, 1)))
        with pytest.raises(GeometryTypeError, match="points: expected Point"):
            nearest_feature(frame(LineString([(0, 0), (1, 1)])), frame((0, 0)))
        with pytest.raises(GeometryTypeError, match="set_geometry"):
            nearest_feature(frame((0, 0)), pd.DataFrame({"a": [1]}))


def every_pair(points, features, n, limit):
    """Sort all features of each point by distance, then position."""
    rows = []
    for label, place in points.geometry.items():
        distances = shapely.distance(place, features.geometry.array)
        order = [i for i in np.argsort(distances, kind="stable") if distances[i] <= limit][:n]
        rows += [(label, i, distances[i], rank) for rank, i in enumerate(order, 1)]
        rows += [] if order else [(label, pd.NA, np.nan, 1)]
    columns = ["point", "feature_index", "distance_m", "rank"]
    expected = pd.DataFrame(rows, columns=columns).set_index("point")
    return expected.astype({"feature_index": "Int64", "distance_m": float, "rank": "int64"})


def assert_nearest(points, features, n, limit):
    expected = every_pair(points, features, n, limit)
    found = nearest_feature(points, features, n=n, max_distance_m=limit)
    if n == 1:
        expected = expected.drop(columns="rank")
    pd.testing.assert_frame_equal(found, expected, check_names=False)


places = st.lists(st.tuples(st.integers(-6, 6), st.integers(-6, 6)), min_size=1, max_size=12)


@settings(deadline=None)  # machines differ, and the second opinion is slow
@given(places, places, st.integers(1, 4), st.sampled_from([0, 1, 2.5, np.inf]))
def test_nearest_points_on_a_lattice(left, right, n, limit):
    # Whole metres: many equal distances, which square roots of whole numbers give exactly.
    assert_nearest(frame(*left), frame(*right), n, limit)


@settings(deadline=None)  # machines differ, and the second opinion is slow
@given(
    places,
    st.lists(st.tuples(st.integers(-6, 6), st.integers(-6, 6), st.booleans()), min_size=1),
    st.integers(1, 4),
    st.sampled_from([0, 1, 3, np.inf]),
)
def test_nearest_lines_on_a_lattice(left, right, n, limit):
    lines = [LineString([(x, y), (x + across, y + 1 - across)]) for x, y, across in right]
    assert_nearest(frame(*left), frame(*lines), n, limit)


@pytest.mark.parametrize("n", [1, 4])
@pytest.mark.parametrize("limit", [np.inf, 40.0])
def test_long_lines(n, limit):
    rng = np.random.default_rng(3)
    walks = rng.normal(0, 4, (30, 100, 2)).cumsum(axis=1) + rng.uniform(0, 300, (30, 1, 2))
    lines = [LineString(walk[: rng.integers(2, 100)]) for walk in walks]
    features = frame(*lines, *map(tuple, rng.uniform(0, 300, (5, 2))))
    assert_nearest(frame(*map(tuple, rng.uniform(-50, 350, (200, 2)))), features, n, limit)


@pytest.mark.parametrize("n", [1, 3])
def test_inputs_are_not_changed(n, points, areas):
    features = frame((0.1, 0.2), LineString([(0, 0), (1, 1)]), crs=DEGREES)
    before = [each.copy(deep=True) for each in (points, areas, features)]
    assign_area(points, areas)
    count_within(areas, points)
    nearest_feature(points, features, n=n)
    for each, copy in zip((points, areas, features), before, strict=True):
        assert_geodataframe_equal(each, copy)
