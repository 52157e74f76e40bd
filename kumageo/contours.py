"""Lines of equal level on a grid."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from contourpy import contour_generator

from kumageo.crs import METRIC
from kumageo.interpolation import Array
from kumageo.surface import Grid


def draw_contours(values: Array, grid: Grid, levels: Sequence[float]) -> gpd.GeoDataFrame:
    """Draw the lines along which the values, interpolated between cells, are equal to a level.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, n_columns)
        At the centres of the cells; NaN ends a line.
    grid
        The cells, in EPSG:6670.
    levels
        In the unit of the values.

    Returns
    -------
    geopandas.GeoDataFrame
        `level` and LineStrings in EPSG:6670, those of one level in one run; shorter ones than two
        cells are left out.
    """
    x = grid.west_m + (np.arange(grid.n_columns) + 0.5) * grid.cell_m
    y = grid.north_m - (np.arange(grid.n_rows) + 0.5) * grid.cell_m
    generator = contour_generator(x, y, np.ma.masked_invalid(values))
    rows = [
        (level, shapely.LineString(line))
        for level in levels
        for line in generator.lines(level)
        if len(line) > 1
    ]
    kept = [(level, line) for level, line in rows if line.length >= 2 * grid.cell_m]
    return gpd.GeoDataFrame(
        {"level": [level for level, _ in kept]}, geometry=[line for _, line in kept], crs=METRIC
    )
