"""A surface of groundwater levels at one day, from wells of one screen mark.

It is an interpolation and nothing more: no boundary of an aquifer, no river and no pump has a
part in it. Cells outside of the convex hull of the wells have no value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from kumageo.crs import project_degrees
from kumageo.errors import ArgumentError, SurfaceError
from kumageo.interpolation import (
    KRIGING,
    METHODS,
    Array,
    LeaveOneOut,
    Variogram,
    fit_variogram,
    interpolate_idw,
    judge_method,
    krige,
)
from kumageo.well_levels import TOLERANCE_DAYS, WellLevels

CELL_M: Final = 250.0
MIN_PLACES: Final = 8
MAX_CELLS: Final = 200_000


@dataclass(frozen=True)
class Grid:
    """Square cells in EPSG:6670, the first at the north-west, on multiples of `cell_m`."""

    west_m: float
    north_m: float
    n_rows: int
    n_columns: int
    cell_m: float = CELL_M

    def list_centres(self) -> Array:
        """Return the centres, row by row from the north: shape (n_rows * n_columns, 2), in m."""
        x = self.west_m + (np.arange(self.n_columns) + 0.5) * self.cell_m
        y = self.north_m - (np.arange(self.n_rows) + 0.5) * self.cell_m
        return np.column_stack([np.tile(x, self.n_rows), np.repeat(y, self.n_columns)])

    def find_cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Return row and column of the cell that holds a place in EPSG:6670, or None."""
        row = np.floor((self.north_m - y) / self.cell_m)
        column = np.floor((x - self.west_m) / self.cell_m)
        if 0 <= row < self.n_rows and 0 <= column < self.n_columns:
            return int(row), int(column)
        return None


@dataclass(frozen=True, eq=False)
class Surface:
    """Levels between wells, with what they were made from and how good they are.

    Attributes
    ----------
    grid : Grid
        Cells in EPSG:6670.
    values_m : ndarray of float, shape (n_rows, n_columns)
        Level in m above sea level, or change in m; NaN outside of the hull of the wells.
    errors_m : ndarray of float or None
        Kriging's standard error in m, of the same shape; None for IDW.
    levels : WellLevels
        The wells' levels.
    method : str
        One of `interpolation.METHODS`.
    variogram : Variogram or None
        For kriging.
    judged : LeaveOneOut
        Error of leave-one-out.
    """

    grid: Grid
    values_m: Array
    errors_m: Array | None
    levels: WellLevels
    method: str
    variogram: Variogram | None
    judged: LeaveOneOut


def build_surface(levels: WellLevels, method: str, variogram: Variogram | None = None) -> Surface:
    """Estimate the level in every cell between the wells.

    A difference of two days is estimated from the differences at the wells, which for IDW, and
    for kriging with one variogram, is the same as the difference of the two surfaces.

    Parameters
    ----------
    levels
        From `collect_levels`.
    method
        One of `interpolation.METHODS`.
    variogram
        For kriging; None: fitted to the levels (`fit_variogram`).

    Raises
    ------
    ArgumentError
        If there is no such method.
    SurfaceError
        Reasons: "too_few" wells (under `MIN_PLACES` places), "line" (all in one), "too_large" (over
        `MAX_CELLS` cells), "equal" (kriging of levels that are all the same).
    """
    if method not in METHODS:
        raise ArgumentError(f"method: expected one of {', '.join(METHODS)}; got {method[:40]!r}.")
    hull = _draw_hull(levels)
    grid = cover_with_grid(*hull.bounds)
    centres = grid.list_centres()
    found_inside = shapely.intersects_xy(hull, centres[:, 0], centres[:, 1])
    is_inside = found_inside.reshape(grid.n_rows, grid.n_columns)
    values = np.full((grid.n_rows, grid.n_columns), np.nan)
    errors = None
    if method == KRIGING:
        variogram = variogram or fit_variogram(levels.xy, levels.level_m)
        errors = values.copy()
        found = krige(levels.xy, levels.level_m, centres[is_inside.ravel()], variogram)
        values[is_inside], errors[is_inside] = found
    else:
        variogram = None
        values[is_inside] = interpolate_idw(levels.xy, levels.level_m, centres[is_inside.ravel()])
    return Surface(
        grid=grid,
        values_m=values,
        errors_m=errors,
        levels=levels,
        method=method,
        variogram=variogram,
        judged=judge_method(levels.xy, levels.level_m, method, variogram),
    )


def cover_with_grid(west: float, south: float, east: float, north: float) -> Grid:
    """Return the grid that covers an extent in EPSG:6670, in m.

    Raises
    ------
    SurfaceError
        Reason "too_large".
    """
    west_m, north_m = np.floor(west / CELL_M) * CELL_M, np.ceil(north / CELL_M) * CELL_M
    n_columns = int(np.ceil((east - west_m) / CELL_M))
    n_rows = int(np.ceil((north_m - south) / CELL_M))
    if n_rows * n_columns > MAX_CELLS:
        raise SurfaceError(
            f"surface: expected at most {MAX_CELLS:,} cells of {CELL_M:.0f} m, got "
            f"{n_rows * n_columns:,}. Choose wells that lie nearer to each other.",
            "too_large",
            n_rows * n_columns,
        )
    return Grid(float(west_m), float(north_m), n_rows, n_columns)


def sample_surface(surface: Surface, lon: float, lat: float) -> tuple[float, float]:
    """Return value and standard error of the cell at a place in degrees, in m.

    Both are NaN outside of the hull of the wells; the error is NaN for IDW.
    """
    x, y = project_degrees(np.array([lon]), np.array([lat]))[0]
    cell = surface.grid.find_cell(x, y) if np.isfinite([x, y]).all() else None
    if cell is None:
        return np.nan, np.nan
    error = np.nan if surface.errors_m is None else float(surface.errors_m[cell])
    return float(surface.values_m[cell]), error


def _draw_hull(levels: WellLevels) -> shapely.Polygon:
    n_places = len(levels.level_m)
    if n_places < MIN_PLACES:
        raise SurfaceError(
            f"surface: expected wells at {MIN_PLACES} places at least, got {n_places} with "
            f"readings within {TOLERANCE_DAYS} days of {levels.day}. Choose another day or mark.",
            "too_few",
            n_places,
        )
    hull = shapely.convex_hull(shapely.multipoints(levels.xy))
    if not isinstance(hull, shapely.Polygon) or hull.area < CELL_M**2:
        raise SurfaceError(
            f"surface: expected wells that surround an area, got {n_places} in one line. "
            "Choose another screen mark.",
            "line",
            n_places,
        )
    return hull
