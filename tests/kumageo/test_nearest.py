"""The search in the plane: how lines are cut, and how runs are counted."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, Point

from kumageo.nearest import PIECE_VERTICES, _cut, count_runs, search_nearest


def shapes_of(*shapes):
    return np.array(shapes, dtype=object)


@pytest.mark.parametrize("vertices", [2, 15, 16, 17, 31, 32, 46, 100])
def test_pieces_make_up_the_line(vertices):
    line = LineString(np.random.default_rng(0).random((vertices, 2)))
    pieces, owner = _cut(shapes_of(None, line, LineString()))
    assert set(owner) == {1}
    counts = shapely.get_num_coordinates(pieces.geometries)
    assert counts.min() >= 2
    assert counts.max() <= PIECE_VERTICES
    joined = [pieces.geometries[0].coords[0]]
    for piece in pieces.geometries:
        assert piece.coords[0] == joined[-1]
        joined += piece.coords[1:]
    assert joined == list(line.coords)


def test_owners_of_parts_and_points():
    several = MultiLineString([[(0, 0), (1, 1)], [(5, 5), (6, 6)]])
    pieces, owner = _cut(
        shapes_of(Point(3, 3), several, Point(), LineString([(0, 0), (np.inf, 0)]))
    )
    assert sorted(owner) == [0, 1, 1]
    assert {piece.geom_type for piece in pieces.geometries} == {"Point", "LineString"}


def test_count_runs():
    assert count_runs(np.array([4, 4, 4, 1, 1, 4])).tolist() == [1, 2, 3, 1, 2, 1]
    assert count_runs(np.array([], dtype=int)).tolist() == []


def test_a_near_miss_of_rounding_is_no_loss():
    # The tree and the distances round apart; the limit is exactly one of the distances.
    rng = np.random.default_rng(5)
    place, feature = rng.uniform(0, 1e5, (2, 300, 2))
    for here, there in zip(place, feature, strict=True):
        limit = float(np.sqrt(((here - there) ** 2).sum()))
        near = search_nearest(here[None], shapely.points(there[None]), 1, limit)
        assert near.feature.tolist() == [0]
