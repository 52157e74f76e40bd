"""Zonal statistics and samples against cells counted by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from rasterio.transform import from_origin

from kumageo.errors import CrsError, RasterError
from kumageo.rasters.classes import RasterClasses
from kumageo.rasters.files import open_raster
from kumageo.rasters.zones import measure_cells, sample_points, zonal_statistics

DEPTHS = RasterClasses("continuous", (0, 3, 6, 9), ("a", "b", "c"), ("#000000",) * 3)


class TestZones:
    def test_by_hand(self, make_raster, areas):
        table = zonal_statistics(make_raster(), areas, classes=DEPTHS)
        assert table.index.tolist() == ["43001", "43002"]
        west, east = table.loc["43001"], table.loc["43002"]
        # 1 2 / 4 5 / 8 NaN, and 3 nodata / 6 7 / 9 10; 0.01 km² each.
        assert (west["n_cells"], west["n_nodata"], west["min"], west["max"]) == (5, 1, 1, 8)
        assert (east["n_cells"], east["n_nodata"], east["min"], east["max"]) == (5, 1, 3, 10)
        assert (west["mean"], east["mean"]) == pytest.approx((4.0, 7.0))
        assert (west["area_km2"], east["area_km2"]) == pytest.approx((0.05, 0.05))
        names = ["share_0", "share_1", "share_2", "share_other"]
        assert west[names].tolist() == pytest.approx([2 / 5, 2 / 5, 1 / 5, 0])
        # 9 is the last break and belongs to the last class; 10 to none.
        assert east[names].tolist() == pytest.approx([0, 1 / 5, 3 / 5, 1 / 5])

    def test_a_cell_belongs_to_the_area_that_holds_its_centre(self, make_raster, areas):
        moved = areas.assign(geometry=areas.translate(xoff=40))
        expected = zonal_statistics(make_raster(), areas)
        pd.testing.assert_frame_equal(zonal_statistics(make_raster(), moved), expected)
        far = areas.assign(geometry=areas.translate(xoff=60))
        assert zonal_statistics(make_raster(), far)["n_cells"].tolist() == [5, 2]

    def test_codes_are_classes(self, make_raster, areas):
        codes = RasterClasses("classes", (2, 5, 9), ("a", "b", "c"), ("#000000",) * 3)
        table = zonal_statistics(make_raster(), areas, classes=codes)
        shares = table[["share_0", "share_1", "share_2", "share_other"]]
        assert shares.loc["43001"].tolist() == pytest.approx([0.2, 0.2, 0, 0.6])
        assert shares.loc["43002"].tolist() == pytest.approx([0, 0, 0.2, 0.8])

    def test_an_area_without_a_value_says_so(self, make_raster, areas):
        values = np.array([[-9, -9, 1, 1]] * 3, dtype="float32")
        row = zonal_statistics(make_raster(values), areas, classes=DEPTHS).loc["43001"]
        assert (row["n_cells"], row["n_nodata"], row["area_km2"]) == (0, 6, 0)
        assert row[["min", "mean", "max", "share_0", "share_other"]].isna().all()

    def test_pieces_and_blanks_change_nothing(self, make_raster, monkeypatch):
        """Cut into many pieces, some not stored, some whole within an area, as in one."""
        rng = np.random.default_rng(3)
        values = rng.normal(10, 3, (200, 240)).astype("float32")
        values[64:128, 32:96] = -9
        west, north = -30_000, -20_000
        hexagon = shapely.Point(west + 9_000, north - 9_000).buffer(7_500, quad_segs=2)
        rest = shapely.box(west, north - 20_000, west + 24_000, north).difference(hexagon)
        areas = gpd.GeoDataFrame(
            {"municipality_code": ["a", "b"]}, geometry=[hexagon, rest], crs="EPSG:6670"
        )
        whole = zonal_statistics(make_raster(values), areas)
        x, y = np.meshgrid(west + 50 + 100 * np.arange(240), north - 50 - 100 * np.arange(200))
        inside = shapely.contains_xy(hexagon, x, y) & (values != -9)
        assert whole.loc["a", "n_cells"] == inside.sum()
        assert whole.loc["a", "mean"] == pytest.approx(values[inside].mean(), rel=1e-5)
        tiled = {"tiled": True, "blockxsize": 16, "blockysize": 16, "sparse_ok": True}
        monkeypatch.setattr("kumageo.rasters.files.SIDE", 16)
        path = make_raster(values, "b.tif", **tiled)
        pd.testing.assert_frame_equal(zonal_statistics(path, areas), whole)

    def test_cells_in_degrees_are_weighted_by_their_area(self, make_raster):
        transform = from_origin(130.5, 33.0, 0.01, 0.5)
        path = make_raster(np.array([[1.0], [3.0]]), crs="EPSG:4326", transform=transform)
        area = gpd.GeoDataFrame(
            {"municipality_code": ["a"]}, geometry=[shapely.box(130, 31, 132, 34)], crs="EPSG:6668"
        )
        row = zonal_statistics(path, area).loc["a"]
        geod = Geod(ellps="GRS80")
        north, south = (
            abs(geod.geometry_area_perimeter(shapely.box(130.5, low, 130.51, low + 0.5))[0])
            for low in (32.5, 32.0)
        )
        # The plane of EPSG:6670 is smaller by up to 0.02 % than the ground.
        assert row["area_km2"] == pytest.approx((north + south) / 1e6, rel=5e-4)
        assert row["mean"] == pytest.approx((north + 3 * south) / (north + south), rel=1e-5)

    def test_areas_of_cells_are_those_of_their_corners(self, make_raster):
        values = np.ones((300, 200), "float32")
        path = make_raster(values, crs="EPSG:3857", transform=from_origin(14.5e6, 3.9e6, 150, 150))
        with open_raster(path) as dataset:
            from rasterio.windows import Window

            found = measure_cells(dataset, Window(0, 0, 200, 300))
            alone = [
                measure_cells(dataset, Window(x, y, 1, 1))[0, 0] for x, y in ((7, 11), (90, 222))
            ]
        assert found.shape == (300, 200)
        assert [found[11, 7], found[222, 90]] == pytest.approx(alone, rel=1e-7)

    def test_what_lies_elsewhere_is_refused(self, make_raster, areas):
        path = make_raster(transform=from_origin(500_000, 500_000, 100, 100))
        with pytest.raises(RasterError, match="expected some of the prefecture in it, got none"):
            zonal_statistics(path, areas)

    def test_too_many_cells_for_a_page_are_refused_with_the_command(self, make_raster, areas):
        with pytest.raises(RasterError, match=r"at most 11 cells .* got 12\. Run: .* zones a"):
            zonal_statistics(make_raster(), areas, max_cells=11)

    def test_areas_need_a_crs(self, make_raster, areas):
        with pytest.raises(CrsError, match="areas"):
            zonal_statistics(make_raster(), areas.set_crs(None, allow_override=True))


class TestSamples:
    def make_points(self, *places):
        shapes = [None if place is None else shapely.Point(*place) for place in places]
        return gpd.GeoDataFrame(
            {"id": range(len(places))},
            geometry=shapes,
            crs="EPSG:6670",
            index=list("abcdef")[: len(places)],
        )

    def test_by_hand(self, make_raster):
        points = self.make_points(
            *[(-29_950, -20_050), (-29_601, -20_201), (-29_650, -20_050), (-30_001, -20_050)],
            *[None, (-29_899, -20_101)],
        )
        values = sample_points(make_raster(), points)
        # The first cell, the last of the last row, nodata, outside, no place, second of both.
        assert values.index.tolist() == list("abcdef")
        assert values.isna().tolist() == [False, False, True, True, True, False]
        assert values.dropna().tolist() == [1, 10, 5]

    def test_points_of_another_crs_are_moved(self, make_raster):
        points = self.make_points((-29_950, -20_050)).to_crs("EPSG:6668")
        assert sample_points(make_raster(), points).tolist() == [1]

    def test_points_need_a_crs(self, make_raster):
        points = self.make_points((0, 0)).set_crs(None, allow_override=True)
        with pytest.raises(CrsError, match="points"):
            sample_points(make_raster(), points)


def test_classes_hold_their_lower_break():
    values = np.array([-1, 0, 2.9, 3, 6, 8.9, 9, 9.1, np.nan])
    assert DEPTHS.classify(values).tolist() == [-1, 0, 0, 1, 2, 2, 2, -1, -1]
    codes = RasterClasses("classes", (1, 5), ("a", "b"), ("#000000",) * 2)
    assert codes.classify(np.array([1, 5, 3, 9, np.nan])).tolist() == [0, 1, -1, -1, -1]
