"""Search for the nearest points and lines in a plane: exact, and the same at every run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import shapely
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from kumageo.cell_grid import Bools, Floats, Ints, Shapes

POINT: Final = int(shapely.GeometryType.POINT)
LINES: Final = tuple(
    map(int, (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING))
)
# Long lines have large boxes, which make the search tree slow: cut them first.
PIECE_VERTICES: Final = 16

# Search trees round in their own way: search a little farther, then compare distances ourselves.
_SLACK: Final = 1 + 1e-9
_TINY: Final = 1e-9
_BATCH: Final = 1000


class Near(NamedTuple):
    """Pairs of a point and a feature near it, by their positions."""

    point: Ints
    feature: Ints
    distance: Floats

    def best(self, n: int, limit: Floats | float) -> Near:
        """Keep the n nearest features of each point, sorted, none beyond the limit.

        A pair may be there several times, as a line has several pieces.
        """
        near = self.take(np.flatnonzero(self.distance <= limit))
        near = near.take(np.lexsort((near.distance, near.feature, near.point)))
        near = near.take(np.flatnonzero(_new(near.point) | _new(near.feature)))
        near = near.take(np.lexsort((near.feature, near.distance, near.point)))
        return near.take(np.flatnonzero(count_runs(near.point) <= n))

    def take(self, rows: Ints) -> Near:
        """Keep some of the pairs."""
        return Near(self.point[rows], self.feature[rows], self.distance[rows])


def _new(values: Ints) -> Bools:
    """Tell where a value differs from the one before."""
    return np.append(True, values[1:] != values[:-1])[: len(values)]


def count_runs(values: Ints) -> Ints:
    """Count from 1 within each run of equal values, for example 1 2 3 1 1 for a a a b c."""
    start = np.flatnonzero(_new(values))
    count = np.diff(np.append(start, len(values)))
    return np.arange(len(values)) - np.repeat(start, count) + 1


def search_nearest(xy: Floats, shapes: Shapes, n: int, limit: float) -> Near:
    """Find the n nearest features of each place, the first of equally near ones first.

    Parameters
    ----------
    xy : ndarray of float, shape (q, 2)
        Finite coordinates of the places.
    shapes : ndarray of Point, LineString or MultiLineString, shape (m,)
        The features, in the same plane. Missing, empty and infinite ones are never found.
    n : int
        At least 1.
    limit : float
        Greatest distance at which a feature is found; infinite for no limit.
    """
    with_lines = np.isin(shapely.get_type_id(shapes), LINES).any()
    return (_nearest_lines if with_lines else _nearest_points)(xy, shapes, n, limit)


def _nearest_points(xy: Floats, shapes: Shapes, n: int, limit: float) -> Near:
    """Search among points only."""
    place = shapely.bounds(shapes)[:, :2]
    position = np.flatnonzero(np.isfinite(place).all(axis=1))
    tree = cKDTree(place[position])
    n = max(1, min(n, len(position)))
    # One more than asked for shows whether features beyond the n-th are equally near.
    ranks = np.arange(1, n + 2)
    distance, found = tree.query(xy, k=ranks, distance_upper_bound=limit * _SLACK + _TINY)
    point, rank = np.nonzero(np.isfinite(distance[:, :n]))
    feature = found[point, rank]
    tied = np.flatnonzero(distance[:, n] <= distance[:, n - 1] * _SLACK)
    tied = tied[np.isfinite(distance[tied, n])]
    if len(tied):
        lists = tree.query_ball_point(xy[tied], distance[tied, n - 1] * _SLACK)
        point = np.concatenate([point, np.repeat(tied, [len(each) for each in lists])])
        feature = np.concatenate([feature, *lists])
    feature = position[feature]
    distance = np.sqrt(((xy[point] - place[feature]) ** 2).sum(axis=1))
    return Near(point, feature, distance).best(n, limit)


def _nearest_lines(xy: Floats, shapes: Shapes, n: int, limit: float) -> Near:
    """Search among lines, and points between them."""
    pieces = _cut(shapes)
    places = shapely.points(xy)
    reach = None if np.isinf(limit) else limit * _SLACK + _TINY
    (point, piece), distance = pieces.tree.query_nearest(
        places, max_distance=reach, return_distance=True
    )
    nearest = Near(point, pieces.owner[piece], distance).best(1, limit)
    n = min(n, len(np.unique(pieces.owner)))
    if n <= 1:
        return nearest
    # In batches, as a long line can have very many pieces in one circle.
    batches = np.array_split(np.arange(len(nearest.point)), len(nearest.point) // _BATCH + 1)
    found = [_in_circles(places, nearest.take(rows), pieces, n, limit) for rows in batches]
    return Near(*map(np.concatenate, zip(*found, strict=True)))


def _in_circles(places: Shapes, nearest: Near, pieces: _Pieces, n: int, limit: float) -> Near:
    """Widen a circle round each place until it holds n features, or all within the limit."""
    tree, owner = pieces
    point, start = nearest.point, nearest.distance
    # Only what lies beyond the nearest feature doubles: far from all, they are about equally far.
    beyond = max(1.0, float(np.median(shapely.length(tree.geometries))))
    found = [nearest.take(np.arange(0))]
    while len(point):
        radius = np.minimum(start + beyond, limit)
        centre = places[point]
        row, piece = tree.query(centre, predicate="dwithin", distance=radius * _SLACK + _TINY)
        distance = shapely.distance(centre[row], tree.geometries[piece])
        near = Near(row, owner[piece], distance).best(n, radius[row])
        full = (np.bincount(near.point, minlength=len(point)) == n) | (radius >= limit)
        near = near.take(np.flatnonzero(full[near.point]))
        found.append(near._replace(point=point[near.point]))
        point, start, beyond = point[~full], start[~full], 2 * beyond
    return Near(*map(np.concatenate, zip(*found, strict=True))).best(n, limit)


class _Pieces(NamedTuple):
    """A search tree (STRtree) of pieces, and the position of the feature of each."""

    tree: Any
    owner: Ints


def _cut(shapes: Shapes) -> _Pieces:
    """Cut lines into pieces of few vertices.

    Points stay as they are. Empty geometries and those with no finite place are left out.
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    coords, part = shapely.get_coordinates(parts, return_index=True)
    sound = ~shapely.is_empty(parts)
    sound[part[~np.isfinite(coords).all(axis=1)]] = False
    is_point = shapely.get_type_id(parts) == POINT
    lines, line_owner = parts[sound & ~is_point], owner[sound & ~is_point]
    coords = shapely.get_coordinates(lines)
    vertices = shapely.get_num_coordinates(lines)
    # The last vertex of a piece is the first of the next one.
    step = PIECE_VERTICES - 1
    line = np.repeat(np.arange(len(lines)), -(-(vertices - 1) // step))
    skipped = step * (count_runs(line) - 1)
    count = np.minimum(vertices[line] - skipped, PIECE_VERTICES)
    piece = np.repeat(np.arange(len(line)), count)
    first = (np.cumsum(vertices) - vertices)[line] + skipped
    pieces = shapely.linestrings(coords[first[piece] + count_runs(piece) - 1], indices=piece)
    points, point_owner = parts[sound & is_point], owner[sound & is_point]
    owner = np.append(line_owner[line], point_owner)
    return _Pieces(shapely.STRtree(np.append(pieces, points)), owner)
