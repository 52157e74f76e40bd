"""Areas prepared once, for repeated point-in-area joins; exact, with a grid for speed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kumageo.cell_grid import Floats, Ints, Shapes, build_grid
from kumageo.crs import require_crs, require_same_crs
from kumageo.errors import ArgumentError, GeometryTypeError, InvalidGeometryError, KeyColumnError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Measured on the 49 full-resolution areas of Kumamoto (262,478 vertices): cells of about 90 m,
# 6 MB, built in 0.6 s. One level more takes 26 MB and 1.5 s, and saves a fifth of a join at most.
FINE_LEVELS: Final = 11
RESULT_COLUMNS: Final = ("area_code", "tie")

_POINT: Final = int(shapely.GeometryType.POINT)
_POLYGONAL: Final = (int(shapely.GeometryType.POLYGON), int(shapely.GeometryType.MULTIPOLYGON))


class AreaIndex:
    """Areas prepared once, so that many points can be assigned to them quickly.

    After construction the index is only read: threads may share one.

    Parameters
    ----------
    areas : GeoDataFrame
        Valid Polygon or MultiPolygon rows in any stated CRS. It is copied, not changed.
    key : str, default "code"
        Column of non-blank strings. Several rows may share a key, as the wards of a city do.
    parent : str, optional
        Column of non-blank strings, one value for each key, for example the municipality of a
        ward. `assign` then adds it under its own name.
    levels : int, default 11
        How often the grid is halved. It changes speed and memory, never the answer.

    Raises
    ------
    CrsError
        If the CRS of the areas is unknown.
    GeometryTypeError
        If an area is neither a Polygon nor a MultiPolygon.
    InvalidGeometryError
        If there are no areas, or a geometry is missing, empty or invalid.
    KeyColumnError
        If the key or parent column is missing, has blanks or values other than strings, or a key
        has several parents.
    """

    def __init__(
        self,
        areas: gpd.GeoDataFrame,
        key: str = "code",
        parent: str | None = None,
        *,
        levels: int = FINE_LEVELS,
    ) -> None:
        shapes = _area_shapes(areas)
        keys, key_of_area = np.unique(_strings(areas, key), return_inverse=True)
        keys.setflags(write=False)
        self._keys: NDArray[np.object_] = keys
        self._parent_name = parent
        self._parents = None if parent is None else _parents(areas, parent, keys, key_of_area)
        self._grid = build_grid(shapes, key_of_area, levels)
        # Only the CRS is needed later, in the form that require_same_crs takes.
        self._empty = gpd.GeoDataFrame(geometry=[], crs=areas.crs)

    @property
    def keys(self) -> NDArray[np.object_]:
        """The distinct keys, sorted, read-only: what the positions of `assign_xy` point to."""
        return self._keys

    @property
    def crs(self) -> Any:
        """The CRS of the areas, which every point has to share."""
        return self._empty.crs

    def assign(self, points: gpd.GeoDataFrame) -> pd.DataFrame:
        """Find the area of each point.

        Equals ``geopandas.sjoin(points, areas, predicate="within")``, except that a point inside
        areas of several keys has one row, and a point on an edge between areas is matched. Both
        go to the smallest key; `tie` tells whether several keys had a claim. A point on an edge
        of one area only, such as the coast, is not within it and stays unmatched.

        Parameters
        ----------
        points : GeoDataFrame
            Point rows in the CRS of the areas. Missing and empty points stay unmatched.

        Returns
        -------
        DataFrame
            Exactly the index of `points`, with `area_code` (string, NA when unmatched), `tie`
            (bool) and, if the index has a parent, one string column of that name.

        Raises
        ------
        CrsError
            If the CRS of the points is unknown or not that of the areas.
        GeometryTypeError
            If a geometry is no Point.
        """
        x, y = point_xy(points, "points")
        require_same_crs(points, self._empty, "points", "areas")
        position, tie = self.assign_xy(x, y)
        columns: dict[str, Any] = {"area_code": _take(self._keys, position), "tie": tie}
        if self._parent_name is not None and self._parents is not None:
            columns[self._parent_name] = _take(self._parents, position)
        return pd.DataFrame(columns, index=points.index)

    def assign_xy(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Find the area of each coordinate pair, without geometry objects.

        Parameters
        ----------
        x, y : array_like of float, shape (n,)
            Coordinates in the CRS of the areas (x is the longitude). NaN is no place.

        Returns
        -------
        position : ndarray of int64, shape (n,)
            Position in `keys`, -1 when unmatched.
        tie : ndarray of bool, shape (n,)
            Whether areas of several keys had a claim; the smallest key has it.

        Raises
        ------
        ArgumentError
            If the two are not one-dimensional and of one length.
        """
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        if x.ndim != 1 or x.shape != y.shape:
            raise ArgumentError(
                f"x and y: expected two one-dimensional arrays of one length, got the shapes "
                f"{x.shape} and {y.shape}. Pass one x and one y for each point."
            )
        return self._grid.locate(x, y)


def point_xy(points: gpd.GeoDataFrame, name: str) -> tuple[Floats, Floats]:
    """Return the coordinates of a frame of points, NaN for missing and empty ones.

    Raises
    ------
    GeometryTypeError
        If the frame has no geometry, or one that is no Point.
    """
    shapes = typed_shapes(points, name, (_POINT,), "Point")
    # get_x raises for an empty point; the bounds of one are NaN, and quicker than get_x and get_y.
    bounds = shapely.bounds(shapes)
    return bounds[:, 0], bounds[:, 1]


def typed_shapes(
    features: gpd.GeoDataFrame, name: str, types: tuple[int, ...], expected: str
) -> Shapes:
    """Return the geometries of a frame, None for missing ones, if all have one of the types.

    Raises
    ------
    GeometryTypeError
        If the frame has no geometry, or one of another type.
    """
    if not isinstance(features, gpd.GeoDataFrame) or features.active_geometry_name is None:
        raise GeometryTypeError(
            f"{name}: expected a GeoDataFrame with a geometry column, got "
            f"{type(features).__name__} without one. Name the column with set_geometry."
        )
    shapes: Shapes = np.asarray(features.geometry.array, dtype=object)
    wrong = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), (-1, *types)))
    if len(wrong):
        raise GeometryTypeError(
            f"{name}: expected {expected} geometries, got {shapes[wrong[0]].geom_type} in row "
            f"{wrong[0]} ({len(wrong)} such rows). Select or convert these rows first."
        )
    return shapes


def _area_shapes(areas: gpd.GeoDataFrame) -> Shapes:
    """Return prepared copies of the areas, after all checks on their geometry."""
    shapes = typed_shapes(areas, "areas", _POLYGONAL, "Polygon or MultiPolygon")
    require_crs(areas, "areas")
    if not len(shapes):
        raise InvalidGeometryError(
            "areas: expected at least one area, got none. Check the filter that made them."
        )
    unsound = np.flatnonzero(shapely.is_empty(shapes) | ~shapely.is_valid(shapes))
    if len(unsound):
        row = unsound[0]
        state = "missing" if shapes[row] is None else shapely.is_valid_reason(shapes[row])
        state = "empty" if shapely.is_empty(shapes[row]) else state
        raise InvalidGeometryError(
            f"areas: expected valid, non-empty geometries, got row {row}: {state} "
            f"({len(unsound)} such rows). Repair them with make_valid or leave them out."
        )
    copies: Shapes = shapely.force_2d(shapes)
    shapely.prepare(copies)
    # GEOS builds the point index of an area at its first use; threads must find it ready.
    shapely.intersects_xy(copies, *shapely.get_coordinates(shapely.point_on_surface(copies)).T)
    return copies


def _strings(areas: gpd.GeoDataFrame, column: str) -> Shapes:
    """Return a column of non-blank strings."""
    if list(areas.columns).count(column) != 1:
        raise KeyColumnError(
            f"areas: expected one column {column!r}, got the columns "
            f"{', '.join(map(str, areas.columns))}. Name the column that holds the key."
        )
    values: Shapes = areas[column].to_numpy(dtype=object)
    blank = [i for i, value in enumerate(values) if not isinstance(value, str) or not value.strip()]
    if blank:
        raise KeyColumnError(
            f"areas column {column!r}: expected non-blank strings, got {values[blank[0]]!r} in row "
            f"{blank[0]} ({len(blank)} such rows). Read codes as strings and fill the blanks."
        )
    return values


def _parents(areas: gpd.GeoDataFrame, parent: str, keys: Shapes, key_of_area: Ints) -> Shapes:
    """Return the parent of each key."""
    if parent in RESULT_COLUMNS:
        raise KeyColumnError(
            f"areas column {parent!r}: expected another name for the parent, got one that the "
            f"result uses itself. Rename the column."
        )
    of_area = _strings(areas, parent)
    of_key = np.empty(len(keys), dtype=object)
    of_key[key_of_area] = of_area
    torn = np.flatnonzero(of_key[key_of_area] != of_area)
    if len(torn):
        key = keys[key_of_area[torn[0]]]
        raise KeyColumnError(
            f"areas column {parent!r}: expected one parent for each key, got several for {key!r}. "
            f"Correct the table of areas."
        )
    return of_key


def _take(values: Shapes, position: Ints) -> Any:
    """Return the values at the positions as pandas strings, NA for -1."""
    return pd.array(values, dtype="string").take(position, allow_fill=True)
