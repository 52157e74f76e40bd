"""A grid written as Cloud Optimized GeoTIFF, which says itself what it is and whose."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from kumageo import __version__
from kumageo.crs import METRIC
from kumageo.errors import ArgumentError
from kumageo.interpolation import Array
from kumageo.surface import Grid

CREATED_BY: Final = f"kumamoto-dashboard {__version__}"
# What a file that leaves the house must say; blank is not said.
MANDATORY_TAGS: Final = ("UNITS", "DATE", "METHOD", "N_WELLS", "CREDITS", "LICENCE")


def encode_cog(values: Array, grid: Grid, tags: Mapping[str, str]) -> bytes:
    """Return a grid as Cloud Optimized GeoTIFF: float32, EPSG:6670, nodata NaN.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, n_columns)
        NaN where there is no value.
    grid
        Where the cells lie.
    tags
        All of `MANDATORY_TAGS`, none blank, and others; CREATED_BY is added.

    Raises
    ------
    ArgumentError
        If a tag is missing or the shape is another than the grid's.
    """
    missing = [name for name in MANDATORY_TAGS if not tags.get(name, "").strip()]
    if missing:
        raise ArgumentError(f"tags: expected {', '.join(missing)}, got none. Say them.")
    if values.shape != (grid.n_rows, grid.n_columns):
        raise ArgumentError(
            f"values: expected shape {(grid.n_rows, grid.n_columns)}, got {values.shape}. "
            "Give the values of this grid."
        )
    profile = {
        "driver": "COG",
        "width": grid.n_columns,
        "height": grid.n_rows,
        "count": 1,
        "dtype": "float32",
        "crs": METRIC,
        "transform": from_origin(grid.west_m, grid.north_m, grid.cell_m, grid.cell_m),
        "nodata": np.nan,
        "compress": "deflate",
        "predictor": "YES",
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as dataset:
            dataset.write(values.astype(np.float32), 1)
            dataset.update_tags(**tags, CREATED_BY=CREATED_BY)
            dataset.update_tags(1, UNITS=tags["UNITS"])
        content: bytes = memory.read()
    return content


def write_cog(path: Path, values: Array, grid: Grid, tags: Mapping[str, str]) -> None:
    """Write a grid as Cloud Optimized GeoTIFF, whole or not at all.

    Parameters
    ----------
    path
        Replaced in one step; its folder exists.
    values, grid, tags
        As in `encode_cog`.

    Raises
    ------
    ArgumentError
        As in `encode_cog`.
    OSError
        If the file cannot be written; what was there before stays.
    """
    content = encode_cog(values, grid, tags)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    staged = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        staged.chmod(0o644)
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)
