"""Pictures for the web map show the right value at the right place."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from rasterio import Affine
from rasterio.transform import from_origin

from kumageo.errors import RasterError
from kumageo.rasters.pictures import MAX_SIDE, picture_grid, picture_raster
from kumageo.surface import Grid

KUMAMOTO = (130.0, 32.0, 131.4, 33.3)


def look_up(picture, lon, lat):
    """Return the value at a place, straight from the bounds in EPSG:3857."""
    move = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform
    west, south = move(*picture.bounds[:2])
    east, north = move(*picture.bounds[2:])
    x, y = move(lon, lat)
    rows, columns = picture.values.shape
    row, column = (north - y) / (north - south) * rows, (x - west) / (east - west) * columns
    inside = 0 <= row < rows and 0 <= column < columns
    return picture.values[int(row), int(column)] if inside else np.nan


def to_degrees(x, y):
    return Transformer.from_crs("EPSG:6670", "EPSG:4326", always_xy=True).transform(x, y)


def test_each_cell_of_a_surface_lies_where_it_is():
    grid = Grid(-30_000, -20_000, 30, 40)
    x, y = grid.list_centres().T
    plane = (x / 1000 + y / 500).reshape(30, 40)
    plane[:5] = np.nan
    picture = picture_grid(plane, grid)
    assert picture.values.shape[0] > 100
    for row, column in ((6, 2), (15, 20), (28, 38)):
        place = to_degrees(-30_000 + 250 * column + 125, -20_000 - 250 * row - 125)
        # A picture's cell is 60 m wide: 0.19 m of this slope.
        assert look_up(picture, *place) == pytest.approx(plane[row, column], abs=0.2)
    assert np.isnan(look_up(picture, *to_degrees(-25_000, -20_400)))


def test_a_raster_of_another_crs_lies_where_it_is(make_raster):
    values = np.arange(12, dtype="float32").reshape(3, 4) + 1
    path = make_raster(values, crs="EPSG:4326", transform=from_origin(130.5, 33.0, 0.1, 0.1))
    picture = picture_raster(path, KUMAMOTO)
    for row in range(3):
        for column in range(4):
            place = (130.55 + 0.1 * column, 32.95 - 0.1 * row)
            assert look_up(picture, *place) == values[row, column]


def test_a_rotated_raster_lies_where_it_is(make_raster):
    values = np.zeros((40, 40), "uint8")
    values[:20], values[20:] = 3, 7
    turned = from_origin(-30_000, -20_000, 100, 100) @ Affine.rotation(30)
    picture = picture_raster(make_raster(values, transform=turned, nodata=None), KUMAMOTO)
    for column, row, expected in ((5, 5, 3), (35, 35, 7), (20, 10, 3), (20, 30, 7)):
        assert look_up(picture, *to_degrees(*(turned @ (column, row)))) == expected


def test_only_the_extent_is_read_and_thinned_out(make_raster):
    values = np.ones((3000, 3000), "uint8")
    path = make_raster(
        values, nodata=0, crs="EPSG:4326", transform=from_origin(129.0, 34.0, 0.001, 0.001)
    )
    picture = picture_raster(path, KUMAMOTO)
    assert max(picture.values.shape) <= MAX_SIDE + 1
    assert picture.bounds == pytest.approx(KUMAMOTO, abs=0.01)
    small = picture_raster(path, (130.5, 32.5, 130.6, 32.6))
    assert small.bounds == pytest.approx((130.5, 32.5, 130.6, 32.6), abs=0.002)


def test_a_large_file_needs_overviews(make_raster, monkeypatch):
    monkeypatch.setattr("kumageo.rasters.pictures.MAX_PLAIN_BYTES", 100)
    ones = np.ones((600, 600), "uint8")
    path = make_raster(ones, nodata=0, tiled=True, blockxsize=256, blockysize=256)
    with pytest.raises(RasterError, match=r"expected overviews .* Add them with gdaladdo"):
        picture_raster(path, KUMAMOTO)
    with rasterio.open(path, "r+") as dataset:
        dataset.build_overviews([2, 4])
    assert (picture_raster(path, KUMAMOTO).values == 1).any()


def test_what_lies_elsewhere_is_refused(make_raster):
    with pytest.raises(RasterError, match="some of the prefecture in it"):
        picture_raster(make_raster(), (139.0, 35.0, 140.0, 36.0))
