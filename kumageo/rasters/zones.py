"""What a raster says of each municipality, and of single places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.features import rasterize
from rasterio.windows import Window, from_bounds

from kumageo.crs import METRIC, require_crs
from kumageo.errors import RasterError
from kumageo.interpolation import Array
from kumageo.rasters.classes import NO_CLASS, RasterClasses
from kumageo.rasters.files import is_blank, list_pieces, open_raster, read_piece

# Edges are straight in the CRS of the areas; cut so, they bend with that of the raster.
LONGEST_EDGE_DEG: Final = 0.01
N_LATTICE: Final = 9  # cells a side of a piece whose area is measured; between them it is even
M2_PER_KM2: Final = 1e6

# The number of the one zone that a piece lies in, or of each of its cells; 0 is none.
Zone = int | NDArray[np.int16]


@dataclass
class _Sums:
    """What is added up for one zone."""

    n_cells: int = 0
    n_nodata: int = 0
    low: float = np.inf
    high: float = -np.inf
    area_m2: float = 0.0
    product: float = 0.0
    class_m2: Array = field(default_factory=lambda: np.zeros(1))

    def add(self, values: Array, areas: Array, classes: NDArray[np.intp] | None) -> None:
        """Add the cells of the zone in one piece: values (NaN: nodata) and areas in m²."""
        is_known = ~np.isnan(values)
        self.n_nodata += int(np.count_nonzero(~is_known))
        known, areas = values[is_known], areas[is_known]
        if not len(known):
            return
        self.n_cells += len(known)
        self.low, self.high = min(self.low, known.min()), max(self.high, known.max())
        self.area_m2 += float(areas.sum())
        self.product += float(known @ areas)
        if classes is not None:
            numbers = classes[is_known]
            found = np.bincount(numbers - NO_CLASS, areas, len(self.class_m2))
            self.class_m2 = self.class_m2 + found

    def to_row(self, n_classes: int) -> dict[str, float]:
        """Return the row of the table."""
        known = self.n_cells > 0
        row = {
            "n_cells": self.n_cells,
            "n_nodata": self.n_nodata,
            "min": self.low if known else np.nan,
            "mean": self.product / self.area_m2 if known else np.nan,
            "max": self.high if known else np.nan,
            "area_km2": self.area_m2 / M2_PER_KM2,
        }
        if n_classes:
            shares = self.class_m2 / self.area_m2 if known else np.full(n_classes + 1, np.nan)
            row |= {f"share_{number}": shares[number + 1] for number in range(n_classes)}
            row["share_other"] = shares[0]
        return row


def zonal_statistics(
    path: Path,
    areas: gpd.GeoDataFrame,
    *,
    key: str = "municipality_code",
    classes: RasterClasses | None = None,
    max_cells: int | None = None,
) -> pd.DataFrame:
    """Summarise a raster within each area, piece by piece.

    A cell belongs to the area that holds its centre. Cells are weighted with their area in
    EPSG:6670, for in other CRS they are not of one size.

    Parameters
    ----------
    path
        A GeoTIFF: see `files.open_raster`.
    areas
        Polygons in any stated CRS; rows that share a key are one zone.
    key
        Column of the areas.
    classes
        With which shares are given.
    max_cells
        Refuse a raster with more cells within the extent of the areas.

    Returns
    -------
    pandas.DataFrame
        Index: the keys in rising order. `n_cells` and `n_nodata` (cells with and without a value),
        `min`, `mean` (weighted by area), `max` in the unit of the raster, `area_km2` (of the cells
        with a value); with classes `share_0`, … and `share_other` (of that area, 0 to 1). NaN
        where no cell has a value.

    Raises
    ------
    CrsError, RasterError, ReadError
        As in `files.open_raster`; CrsError also for areas without one; RasterError also if the
        raster lies elsewhere or has too many cells.
    """
    require_crs(areas, "areas")
    keys = sorted(areas[key].unique())
    sums = {number: _Sums() for number in range(1, len(keys) + 1)}
    n_classes = len(classes.names) if classes else 0
    for one in sums.values():
        one.class_m2 = np.zeros(n_classes + 1)
    with open_raster(path) as dataset:
        shapes = _convert(areas, dataset.crs)
        numbers = np.searchsorted(keys, areas[key]) + 1
        window = _find_window(dataset, shapes, path.name, max_cells)
        for piece, zone in _draw_zones(dataset, window, shapes, numbers):
            if is_blank(dataset, piece):
                _count_blank(sums, piece, zone)
            else:
                _add_piece(sums, dataset, piece, zone, classes)
    rows = [one.to_row(n_classes) for one in sums.values()]
    return pd.DataFrame(rows, index=pd.Index(keys, name=key))


def sample_points(path: Path, points: gpd.GeoDataFrame) -> pd.Series:
    """Read the cell that holds each point.

    Parameters
    ----------
    path
        A GeoTIFF: see `files.open_raster`.
    points
        Points in any stated CRS.

    Returns
    -------
    pandas.Series
        Float with the index of the points, in the unit of the raster; NA for nodata, outside of
        the raster, and without a place.

    Raises
    ------
    CrsError, RasterError, ReadError
        As in `files.open_raster`; CrsError also for points without one.
    """
    require_crs(points, "points")
    values = np.full(len(points), np.nan)
    with open_raster(path) as dataset:
        xy = _get_xy(points.geometry.to_crs(dataset.crs))
        column, row = ~dataset.transform @ (xy[:, 0], xy[:, 1])
        is_inside = (column >= 0) & (column < dataset.width) & (row >= 0) & (row < dataset.height)
        places = np.flatnonzero(is_inside)
        rows, columns = row[places].astype(int), column[places].astype(int)
        high, wide = dataset.block_shapes[0]
        for number in np.lexsort((columns // wide, rows // high)):  # each block is read once
            cell = Window(columns[number], rows[number], 1, 1)
            values[places[number]] = read_piece(dataset, cell)[0, 0]
    return pd.Series(values, index=points.index, dtype="Float64").mask(np.isnan(values))


def measure_cells(dataset: Any, piece: Window) -> Array:
    """Return the area of each cell of a piece in EPSG:6670, in m²: shape (rows, columns).

    It is measured at the corners of up to `N_LATTICE` cells a side, and interpolated between.
    """
    rows = np.unique(np.linspace(0, piece.height - 1, N_LATTICE).round())
    columns = np.unique(np.linspace(0, piece.width - 1, N_LATTICE).round())
    column, row = np.meshgrid(columns + piece.col_off, rows + piece.row_off)
    transformer = Transformer.from_crs(dataset.crs, METRIC, always_xy=True)
    corners = []
    for right, down in ((0, 0), (1, 0), (1, 1), (0, 1)):
        x, y = dataset.transform @ (column + right, row + down)
        corners.append(transformer.transform(x, y))
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    areas = np.abs((x2 - x0) * (y3 - y1) - (x3 - x1) * (y2 - y0)) / 2  # half the cross product
    all_columns, all_rows = np.arange(piece.width), np.arange(piece.height)
    wide = np.stack([np.interp(all_columns, columns, line) for line in areas])
    return np.stack([np.interp(all_rows, rows, line) for line in wide.T], axis=1)


def _count_blank(sums: dict[int, _Sums], piece: Window, zone: Zone) -> None:
    if isinstance(zone, int):
        sums[zone].n_nodata += piece.height * piece.width
        return
    for number in np.unique(zone[zone > 0]):
        sums[number].n_nodata += int(np.count_nonzero(zone == number))


def _add_piece(
    sums: dict[int, _Sums],
    dataset: Any,
    piece: Window,
    zone: Zone,
    classes: RasterClasses | None,
) -> None:
    values, cell_m2 = read_piece(dataset, piece), measure_cells(dataset, piece)
    found = classes.classify(values) if classes else None
    if isinstance(zone, int):
        sums[zone].add(values.ravel(), cell_m2.ravel(), None if found is None else found.ravel())
        return
    for number in np.unique(zone[zone > 0]):
        mask = zone == number
        sums[number].add(values[mask], cell_m2[mask], None if found is None else found[mask])


def _convert(areas: gpd.GeoDataFrame, crs: Any) -> Any:
    cut = areas.geometry.to_crs("EPSG:6668").segmentize(LONGEST_EDGE_DEG)
    shapes = cut.to_crs(crs).to_numpy()
    shapely.prepare(shapes)
    return shapes


def _find_window(dataset: Any, shapes: Any, name: str, max_cells: int | None) -> Window:
    """Return the part of the raster that the areas lie in."""
    west, south, east, north = shapely.total_bounds(shapes)
    left, bottom, right, top = dataset.bounds
    if not (west < right and left < east and south < top and bottom < north):
        raise RasterError(
            f"raster {name}: expected some of the prefecture in it, got none. "
            "Check its coordinate reference system and its corner."
        )
    bounds = (max(west, left), max(south, bottom), min(east, right), min(north, top))
    exact = from_bounds(*bounds, dataset.transform)
    first_row, first_column = int(exact.row_off), int(exact.col_off)
    window = Window(
        first_column,
        first_row,
        min(int(np.ceil(exact.col_off + exact.width)), dataset.width) - first_column,
        min(int(np.ceil(exact.row_off + exact.height)), dataset.height) - first_row,
    )
    n_cells = window.width * window.height
    if max_cells is not None and n_cells > max_cells:
        raise RasterError(
            f"raster {name}: expected at most {max_cells:,} cells in the prefecture, got "
            f"{n_cells:,}. Run: python -m kumageo raster zones {name}"
        )
    return window


def _draw_zones(
    dataset: Any, window: Window, shapes: Any, numbers: NDArray[np.intp]
) -> Iterator[tuple[Window, Zone]]:
    """Yield each piece in which a zone lies, with its zones."""
    tree = shapely.STRtree(shapes)
    for piece in list_pieces(dataset, window):
        bounds = dataset.window_bounds(piece)
        box = shapely.box(*bounds)
        near = tree.query(box, predicate="intersects")
        whole = near[shapely.contains_properly(shapes[near], box)]
        if len(whole):
            yield piece, int(numbers[whole[0]])
            continue
        # A whole coastline for each piece would take minutes; of what is cut, only areas count.
        parts, of_shape = shapely.get_parts(
            shapely.clip_by_rect(shapes[near], *bounds), return_index=True
        )
        pairs = [
            (part, int(numbers[near[number]]))
            for part, number in zip(parts, of_shape, strict=True)
            if isinstance(part, shapely.Polygon) and not part.is_empty
        ]
        if pairs:
            transform = dataset.window_transform(piece)
            shape = (piece.height, piece.width)
            yield piece, rasterize(pairs, out_shape=shape, transform=transform, dtype="int16")


def _get_xy(points: gpd.GeoSeries) -> Array:
    """Return x and y of each point, NaN without a place."""
    shapes = points.to_numpy()
    return np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)])
