"""Grids as the web map shows them: EPSG:3857, small, with their bounds in degrees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from rasterio.warp import calculate_default_transform, reproject, transform_bounds
from rasterio.windows import Window, from_bounds

from kumageo.crs import METRIC, WEB
from kumageo.errors import RasterError
from kumageo.interpolation import Array
from kumageo.rasters.files import CACHE_MB, open_raster, read_piece
from kumageo.surface import Grid

WEB_METRIC: Final = "EPSG:3857"
MAX_SIDE: Final = 1_000
# Where no overviews are, every block is read: what takes minutes is refused.
MAX_PLAIN_BYTES: Final = 10**9
WARP_MB: Final = 8
FINER: Final = 4  # cells of a surface's picture for one of the surface, each way


@dataclass(frozen=True, eq=False)
class WebPicture:
    """Values on a grid in EPSG:3857, the first row in the north.

    Attributes
    ----------
    values : ndarray of float, shape (n_rows, n_columns)
        NaN where there is none.
    bounds : tuple of float
        lon_min, lat_min, lon_max, lat_max in EPSG:4326.
    """

    values: Array
    bounds: tuple[float, float, float, float]


def picture_raster(path: Path, bounds: tuple[float, float, float, float]) -> WebPicture:
    """Return the part of a GeoTIFF within an extent, read from overviews or thinned out.

    Parameters
    ----------
    path
        See `files.open_raster`.
    bounds
        lon_min, lat_min, lon_max, lat_max in EPSG:4326.

    Returns
    -------
    WebPicture
        At most about `MAX_SIDE` cells a side, each the nearest cell of the raster.

    Raises
    ------
    CrsError, RasterError, ReadError
        As in `files.open_raster`; RasterError also where the raster does not reach into the
        extent, or is large and has no overviews.
    """
    with open_raster(path) as dataset:
        source = getattr(dataset, "src_dataset", dataset)
        if path.stat().st_size > MAX_PLAIN_BYTES and not source.overviews(1):
            raise RasterError(
                f"raster {path.name}: expected overviews in a file of {path.stat().st_size:,} "
                "bytes, got none. Add them with gdaladdo."
            )
        window = _find_window(dataset, bounds, path.name)
        scale = max(1.0, max(window.width, window.height) / MAX_SIDE)
        rows, columns = max(1, round(window.height / scale)), max(1, round(window.width / scale))
        values = read_piece(dataset, window, (rows, columns))
        transform = dataset.window_transform(window) @ rasterio.Affine.scale(
            window.width / columns, window.height / rows
        )
        return _warp(values, dataset.crs, transform, Resampling.nearest)


def picture_grid(values: Array, grid: Grid) -> WebPicture:
    """Return a surface in EPSG:3857, its values interpolated between the centres of its cells.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, n_columns)
        On `grid`, in EPSG:6670.
    grid
        The cells.
    """
    transform = from_origin(grid.west_m, grid.north_m, grid.cell_m, grid.cell_m)
    with rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
        return _warp(values, METRIC, transform, Resampling.bilinear, FINER)


def _find_window(dataset: Any, bounds: tuple[float, ...], name: str) -> Window:
    wanted = transform_bounds(WEB, dataset.crs, *bounds)
    left, bottom, right, top = dataset.bounds
    west, south = max(wanted[0], left), max(wanted[1], bottom)
    east, north = min(wanted[2], right), min(wanted[3], top)
    if not (west < east and south < north):
        raise RasterError(
            f"raster {name}: expected some of the prefecture in it, got none. "
            "Check its coordinate reference system and its corner."
        )
    exact = from_bounds(west, south, east, north, dataset.transform)
    first_row, first_column = int(exact.row_off), int(exact.col_off)
    last_row = min(int(np.ceil(exact.row_off + exact.height)), dataset.height)
    last_column = min(int(np.ceil(exact.col_off + exact.width)), dataset.width)
    return Window(
        first_column, first_row, max(1, last_column - first_column), max(1, last_row - first_row)
    )


def _warp(
    values: Array, crs: Any, transform: Any, resampling: Resampling, finer: int = 1
) -> WebPicture:
    n_rows, n_columns = values.shape
    bounds = rasterio.transform.array_bounds(n_rows, n_columns, transform)
    _, width, height = calculate_default_transform(crs, WEB_METRIC, n_columns, n_rows, *bounds)
    size = min(finer, MAX_SIDE / max(width, height))
    to, width, height = calculate_default_transform(
        *(crs, WEB_METRIC, n_columns, n_rows),
        *bounds,
        dst_width=max(1, round(width * size)),
        dst_height=max(1, round(height * size)),
    )
    warped = np.full((height, width), np.nan, dtype=np.float64)
    reproject(
        *(values, warped),
        warp_mem_limit=WARP_MB,
        src_transform=transform,
        src_crs=crs,
        src_nodata=np.nan,
        dst_transform=to,
        dst_crs=WEB_METRIC,
        dst_nodata=np.nan,
        resampling=resampling,
    )
    in_metres = rasterio.transform.array_bounds(height, width, to)
    west, south, east, north = transform_bounds(WEB_METRIC, WEB, *in_metres)
    return WebPicture(warped, (float(west), float(south), float(east), float(north)))
