"""Joins of places: to the area that holds them, and to the nearest feature.

All joins want one CRS on both sides, give back exactly the left index, leave unmatched rows NA so
that they can be counted, and change no input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from kumageo.area_index import AreaIndex, point_xy, typed_shapes
from kumageo.crs import require_same_crs, to_metric
from kumageo.errors import ArgumentError
from kumageo.nearest import LINES, POINT, Near, count_runs, search_nearest

if TYPE_CHECKING:
    import geopandas as gpd

    from kumageo.cell_grid import Ints

# Measured: for one join a coarse grid costs the least, build and answers together, from a
# thousand points to a million.
ONE_SHOT_LEVELS: Final = 8


@dataclass(frozen=True, eq=False)
class AreaCounts:
    """How many points lie in each area, and how many could not be counted plainly.

    Attributes
    ----------
    table : DataFrame
        Index: the keys, named after the key column; `n_points` (int64).
    n_unmatched : int
        Points in no area; they are in no row of the table.
    n_ties : int
        Points that several keys had a claim to, counted once, at the smallest key.
    """

    table: pd.DataFrame
    n_unmatched: int
    n_ties: int


def assign_area(
    points: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    *,
    key: str = "code",
    parent: str | None = None,
) -> pd.DataFrame:
    """Find the area of each point, once; for repeated joins keep an `AreaIndex`.

    Parameters
    ----------
    points : GeoDataFrame
        Point rows; missing and empty points stay unmatched.
    areas : GeoDataFrame
        Valid Polygon or MultiPolygon rows in the CRS of the points.
    key : str, default "code"
        Column of `areas` with non-blank strings; several rows may share a key.
    parent : str, optional
        Column of `areas` with one non-blank string for each key, for example the municipality
        of a ward. The result then has it too.

    Returns
    -------
    DataFrame
        Exactly the index of `points`, with `area_code` (string, NA when unmatched), `tie` (bool)
        and, if asked for, the parent (string). See `AreaIndex.assign` for points on edges.

    Raises
    ------
    CrsError
        If a CRS is unknown or the two differ.
    GeometryTypeError, InvalidGeometryError, KeyColumnError
        If an input is not as described; see `AreaIndex`.
    """
    return AreaIndex(areas, key, parent, levels=ONE_SHOT_LEVELS).assign(points)


def summarise_assignment(assigned: pd.DataFrame) -> dict[str, int]:
    """Count the rows of a result of `assign_area` or `AreaIndex.assign`.

    Returns
    -------
    dict
        `n_rows`, `n_matched`, `n_unmatched`, and `n_ties`, which are matched too.
    """
    n_matched = int(assigned["area_code"].notna().sum())
    return {
        "n_rows": len(assigned),
        "n_matched": n_matched,
        "n_unmatched": len(assigned) - n_matched,
        "n_ties": int(assigned["tie"].sum()),
    }


def count_within(
    areas: gpd.GeoDataFrame, points: gpd.GeoDataFrame, *, key: str = "code"
) -> AreaCounts:
    """Count the points in each area.

    Parameters
    ----------
    areas, points, key
        As in `assign_area`. Rows that share a key are counted together.

    Returns
    -------
    AreaCounts
        Its table has the distinct keys in the order of their first row in `areas`. Unmatched
        points and ties are beside it: the table and `n_unmatched` add up to all points.

    Raises
    ------
    CrsError, GeometryTypeError, InvalidGeometryError, KeyColumnError
        As in `assign_area`.
    """
    assigned = assign_area(points, areas, key=key)
    summary = summarise_assignment(assigned)
    keys = pd.Index(areas[key].drop_duplicates().astype("string"), name=key)
    n_points = assigned["area_code"].value_counts().reindex(keys, fill_value=0)
    table = pd.DataFrame({"n_points": n_points.to_numpy(dtype=np.int64)}, index=keys)
    return AreaCounts(table, summary["n_unmatched"], summary["n_ties"])


def nearest_feature(
    points: gpd.GeoDataFrame,
    features: gpd.GeoDataFrame,
    *,
    n: int = 1,
    max_distance_m: float | None = None,
) -> pd.DataFrame:
    """Find the nearest features of each point, by straight distance in EPSG:6670.

    Equally near features come in the order of their rows. Lines are straight between their
    vertices in EPSG:6670. Missing and empty features, and those that EPSG:6670 cannot express
    (a quarter of the earth away), are never found.

    Parameters
    ----------
    points : GeoDataFrame
        Point rows; missing and empty points have no neighbour.
    features : GeoDataFrame
        Point, LineString or MultiLineString rows in the CRS of the points.
    n : int, default 1
        How many features to find for each point.
    max_distance_m : float, optional
        Farther features, in metres, are not found; at exactly this distance they are.

    Returns
    -------
    DataFrame
        `feature_index`, the index label in `features` (NA for none), and `distance_m` (float, NaN
        for none). For ``n=1`` it has exactly the index of `points`. For a larger n it also has
        `rank` from 1 (nearest) and repeats each index label once for every feature found, at most
        n times; a point without any keeps one row with rank 1 and NA.

    Raises
    ------
    ArgumentError
        If n is below 1 or the distance is negative or NaN.
    CrsError
        If a CRS is unknown or the two differ.
    GeometryTypeError
        If a geometry is of another type.
    """
    _check_limits(n, max_distance_m)
    typed_shapes(points, "points", (POINT,), "Point")
    typed_shapes(features, "features", (POINT, *LINES), "Point or (Multi)LineString")
    require_same_crs(points, features, "points", "features")
    xy = np.column_stack(point_xy(to_metric(points.geometry.to_frame(), "points"), "points"))
    placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
    shapes = np.asarray(to_metric(features.geometry.to_frame(), "features").geometry.array)
    limit = np.inf if max_distance_m is None else float(max_distance_m)
    near = search_nearest(xy[placed], shapes, n, limit)
    near = near._replace(point=placed[near.point])
    return _one_each(points, features, near) if n == 1 else _ranked(points, features, near)


def _one_each(points: gpd.GeoDataFrame, features: gpd.GeoDataFrame, near: Near) -> pd.DataFrame:
    """Return one row for each point, from pairs with one feature at most."""
    feature = np.full(len(points), -1)
    distance = np.full(len(points), np.nan)
    feature[near.point] = near.feature
    distance[near.point] = near.distance
    labels = _labels(features.index, feature)
    return pd.DataFrame({"feature_index": labels, "distance_m": distance}, index=points.index)


def _ranked(points: gpd.GeoDataFrame, features: gpd.GeoDataFrame, near: Near) -> pd.DataFrame:
    """Return one row for each pair, and one for each point without any."""
    alone = np.setdiff1d(np.arange(len(points)), near.point)
    point = np.append(near.point, alone)
    feature = np.append(near.feature, np.full(len(alone), -1))
    distance = np.append(near.distance, np.full(len(alone), np.nan))
    order = np.argsort(point, kind="stable")
    columns = {
        "feature_index": _labels(features.index, feature[order]),
        "distance_m": distance[order],
        "rank": count_runs(point[order]),
    }
    return pd.DataFrame(columns, index=points.index.take(point[order]))


def _labels(index: pd.Index[Any], position: Ints) -> Any:
    """Return the index labels at the positions, NA for -1; whole numbers stay whole."""
    labels = pd.Series(index.to_flat_index()).convert_dtypes()
    return labels.array.take(position, allow_fill=True)


def _check_limits(n: int, max_distance_m: float | None) -> None:
    """Refuse a search that cannot find anything."""
    if n < 1:
        raise ArgumentError(f"n: expected 1 or more, got {n}. Ask for one feature at least.")
    if max_distance_m is not None and not max_distance_m >= 0:
        raise ArgumentError(
            f"max_distance_m: expected a distance in metres, got {max_distance_m}. "
            f"Give 0 or more, or None for no limit."
        )
