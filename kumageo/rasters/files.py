"""A GeoTIFF opened safely and read piece by piece, whatever its size, CRS or orientation.

Only GDAL's GeoTIFF driver is used: no other format, and none that could open a further file or an
address. Memory is bounded by `CACHE_MB` and the cells of one piece, not by the raster.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterBlockError, RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from kumageo.crs import WEB
from kumageo.errors import CrsError, RasterError, ReadError
from kumageo.interpolation import Array

CACHE_MB: Final = 16
SIDE: Final = 512  # of a piece, in cells
MAX_PIECE_CELLS: Final = 2**20
MAX_BLOCK_CELLS: Final = 2**23
MAX_CELLS: Final = 2 * 10**10


@dataclass(frozen=True)
class RasterFacts:
    """What a raster is, and the range of its values.

    `bounds` are lon_min, lat_min, lon_max, lat_max in EPSG:4326; `cell_x` and `cell_y` are in the
    unit of the CRS. Rotated rasters are read north-up, by the nearest cell: `is_turned`.
    """

    name: str
    crs: str
    n_columns: int
    n_rows: int
    cell_x: float
    cell_y: float
    bounds: tuple[float, float, float, float]
    dtype: str
    nodata: float | None
    is_turned: bool
    n_overviews: int
    n_values: int
    n_nodata: int
    min: float
    max: float


@contextmanager
def open_raster(path: Path) -> Iterator[Any]:
    """Open a GeoTIFF with one band; a rotated one is turned north-up.

    Yields
    ------
    rasterio.DatasetReader or rasterio.WarpedVRT
        To be read by `read_piece`.

    Raises
    ------
    ReadError
        If it cannot be opened as GeoTIFF, or breaks off while it is read.
    CrsError
        If it states no CRS.
    RasterError
        If it has not just one band, no place on the earth, values that are no numbers, over
        `MAX_CELLS` cells, or blocks that cannot be read in bounded memory.
    """
    try:
        with rasterio.Env(GDAL_CACHEMAX=CACHE_MB), _open_plain(path) as dataset:
            _check(dataset, path.name)
            if _is_north_up(dataset):
                yield dataset
                return
            with WarpedVRT(
                dataset, crs=dataset.crs, resampling=Resampling.nearest, add_alpha=True
            ) as turned:
                yield turned
    except RasterioError as error:
        raise ReadError(
            f"raster {path.name}: expected a whole GeoTIFF, got: {_tell(error)}. Copy it again, or "
            "write it anew with gdal_translate."
        ) from error


def read_piece(dataset: Any, window: Window, shape: tuple[int, int] | None = None) -> Array:
    """Read a window of the one band; with a smaller `shape` thinned out, or from an overview.

    Returns
    -------
    ndarray of float, shape (rows, columns)
        In the unit of the raster, its scale and offset applied; NaN for nodata.
    """
    band = dataset.read(1, window=window, out_shape=shape, masked=True)
    values = np.ma.getdata(band).astype(np.float64)
    values[np.ma.getmaskarray(band)] = np.nan
    values[np.isinf(values)] = np.nan
    if (dataset.scales[0], dataset.offsets[0]) != (1, 0):
        values *= dataset.scales[0]
        values += dataset.offsets[0]
    return values


def list_pieces(dataset: Any, window: Window | None = None) -> Iterator[Window]:
    """Yield windows of whole blocks that cover a window, row by row; by default all.

    A piece has at most `MAX_PIECE_CELLS` cells, or is a single block.
    """
    block_rows, block_columns = dataset.block_shapes[0]
    columns = block_columns * max(1, SIDE // block_columns)
    most_rows = min(SIDE, MAX_PIECE_CELLS // columns)
    rows = block_rows * max(1, most_rows // block_rows)
    whole = Window(0, 0, dataset.width, dataset.height)
    wanted = whole if window is None else window
    for top in range(wanted.row_off // rows * rows, wanted.row_off + wanted.height, rows):
        for left in range(
            wanted.col_off // columns * columns, wanted.col_off + wanted.width, columns
        ):
            yield Window(left, top, columns, rows).intersection(whole)


def is_blank(dataset: Any, piece: Window) -> bool:
    """Tell whether nothing is stored of a piece: it is nodata, and need not be read."""
    if isinstance(dataset, WarpedVRT) or dataset.nodata is None:
        return False
    rows, columns = dataset.block_shapes[0]
    for row in range(piece.row_off // rows, -(-(piece.row_off + piece.height) // rows)):
        for column in range(piece.col_off // columns, -(-(piece.col_off + piece.width) // columns)):
            try:
                dataset.block_size(1, row, column)
            except RasterBlockError:
                continue
            return False
    return True


def describe_raster(path: Path) -> RasterFacts:
    """Read all of a raster, piece by piece, and describe it.

    Raises
    ------
    CrsError, RasterError, ReadError
        As in `open_raster`; RasterError also if no cell has a value.
    """
    with open_raster(path) as dataset:
        low, high, n_values = np.inf, -np.inf, 0
        for piece in list_pieces(dataset):
            if is_blank(dataset, piece):
                continue
            values = read_piece(dataset, piece)
            known = values[~np.isnan(values)]
            if len(known):
                low, high = min(low, known.min()), max(high, known.max())
                n_values += len(known)
        if not n_values:
            raise RasterError(
                f"raster {path.name}: expected values, got nodata or NaN in all "
                f"{dataset.width * dataset.height:,} cells. Check how it was made."
            )
        is_turned = isinstance(dataset, WarpedVRT)
        source = dataset.src_dataset if is_turned else dataset
        return RasterFacts(
            name=path.name,
            crs=dataset.crs.to_string(),
            n_columns=dataset.width,
            n_rows=dataset.height,
            cell_x=float(dataset.transform.a),
            cell_y=float(-dataset.transform.e),
            bounds=find_bounds(dataset),
            dtype=str(source.dtypes[0]),
            nodata=None if source.nodata is None else float(source.nodata),
            is_turned=is_turned,
            n_overviews=len(source.overviews(1)),
            n_values=n_values,
            n_nodata=dataset.width * dataset.height - n_values,
            min=float(low),
            max=float(high),
        )


def find_bounds(dataset: Any) -> tuple[float, float, float, float]:
    """Return the extent of a raster in degrees of EPSG:4326."""
    found = transform_bounds(dataset.crs, WEB, *dataset.bounds)
    return float(found[0]), float(found[1]), float(found[2]), float(found[3])


def _open_plain(path: Path) -> Any:
    if not path.is_file():
        raise ReadError(f"raster {path.name}: expected a file, got none. Correct its name.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # refused below, in words
        return rasterio.open(path, driver="GTiff")


def _check(dataset: Any, name: str) -> None:
    if dataset.count != 1:
        raise RasterError(
            f"raster {name}: expected one band, got {dataset.count}. Write the one to be shown "
            "with gdal_translate -b."
        )
    if dataset.crs is None:
        raise CrsError(
            f"raster {name}: expected a coordinate reference system, got none. State it, for "
            "example with gdal_edit -a_srs EPSG:6670."
        )
    if dataset.transform.is_identity or dataset.transform.is_degenerate:
        raise RasterError(
            f"raster {name}: expected a place on the earth, got no geotransform. State the corner "
            "and the cell size, for example with gdal_edit -a_ullr."
        )
    if np.dtype(dataset.dtypes[0]).kind not in "iuf":
        raise RasterError(
            f"raster {name}: expected real numbers, got {dataset.dtypes[0]}. Convert it first."
        )
    n_cells = dataset.width * dataset.height
    if n_cells > MAX_CELLS:
        raise RasterError(
            f"raster {name}: expected at most {MAX_CELLS:,} cells, got {n_cells:,}. Cut it to the "
            "prefecture with gdalwarp -te, or make its cells larger."
        )
    rows, columns = dataset.block_shapes[0]
    if rows * columns > MAX_BLOCK_CELLS:
        raise RasterError(
            f"raster {name}: expected blocks of at most {MAX_BLOCK_CELLS:,} cells, got "
            f"{rows:,} x {columns:,}. Write it anew with gdal_translate -co TILED=YES."
        )


def _is_north_up(dataset: Any) -> bool:
    found = dataset.transform
    return bool(found.b == found.d == 0 and found.a > 0 > found.e)


def _tell(error: Exception) -> str:
    """Return what GDAL says, without the folders of this machine."""
    text = str(error.__cause__ or error) or type(error).__name__
    words = (word.rsplit("/", 1)[-1] if "/" in word else word for word in text.split())
    return " ".join(words).rstrip(".")[:200]
