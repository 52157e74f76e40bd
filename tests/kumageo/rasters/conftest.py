"""Small rasters by hand, and two municipalities of four cells each."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

# Cells of 100 m in EPSG:6670, the north-west corner at (-30000, -20000).
CORNER = (-30_000, -20_000)
VALUES = np.array([[1, 2, 3, -9], [4, 5, 6, 7], [8, np.nan, 9, 10]], dtype="float32")


@pytest.fixture
def make_raster(tmp_path):
    """Write a GeoTIFF; every part of it may be another."""

    def make(values=VALUES, name="a.tif", **changes):
        values = np.asarray(values)
        bands = values if values.ndim == 3 else values[None]
        profile = {
            "driver": "GTiff",
            "width": bands.shape[2],
            "height": bands.shape[1],
            "count": bands.shape[0],
            "dtype": values.dtype.name,
            "crs": "EPSG:6670",
            "transform": from_origin(*CORNER, 100, 100),
            "nodata": -9,
            **changes,
        }
        path = tmp_path / name
        with rasterio.open(path, "w", **profile) as dataset:
            dataset.write(bands)
        return path

    return make


def square(left, top, right, bottom):
    """Return a box by column and row of the cells."""
    west, north = CORNER
    return shapely.box(
        west + 100 * left, north - 100 * bottom, west + 100 * right, north - 100 * top
    )


@pytest.fixture
def areas():
    """Give a west area of columns 0 and 1, and an east one in two rows of the table."""
    table = {"municipality_code": ["43002", "43001", "43002"]}
    shapes = [square(2, 0, 3, 3), square(0, 0, 2, 3), square(3, 0, 6, 3)]
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:6670")
