"""A raster is opened whatever it is, or refused in words; it is read in bounded memory."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio import Affine
from rasterio.transform import from_origin
from rasterio.windows import Window

from kumageo.errors import CrsError, RasterError, ReadError
from kumageo.rasters.files import describe_raster, is_blank, list_pieces, open_raster, read_piece

ROOT = Path(__file__).resolve().parents[3]
TRIAL = ROOT.parent / "shared/data/jma_intensity_class_20260728.tif"
# Describes, draws and summarises a raster in a process of its own, and says its peak.
CHILD = """
import json, resource, sys
from pathlib import Path
from kumageo.rasters.files import describe_raster
from kumageo.rasters.pictures import picture_raster
from kumageo.rasters.zones import zonal_statistics
from kumageo.store import Store

path = Path(sys.argv[1])
facts = describe_raster(path)
picture = picture_raster(path, (130.0, 32.0, 131.4, 33.3))
zones = zonal_statistics(path, Store(Path("geodata")).load("municipal_boundaries"))
unit = 2**20 if sys.platform == "darwin" else 2**10
print(json.dumps({
    "n_values": facts.n_values,
    "n_nodata": facts.n_nodata,
    "side": max(picture.values.shape),
    "n_cells": int(zones["n_cells"].sum()),
    "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
}))
"""


class TestDescribe:
    def test_it_says_what_the_raster_is(self, make_raster):
        facts = describe_raster(make_raster())
        assert (facts.crs, facts.n_columns, facts.n_rows) == ("EPSG:6670", 4, 3)
        assert (facts.cell_x, facts.cell_y, facts.nodata) == (100, 100, -9)
        assert (facts.n_values, facts.n_nodata, facts.min, facts.max) == (10, 2, 1, 10)
        assert (facts.dtype, facts.is_turned, facts.n_overviews) == ("float32", False, 0)
        assert facts.bounds == pytest.approx((130.680, 32.817, 130.684, 32.820), abs=0.001)

    def test_scale_and_offset_are_applied(self, make_raster):
        path = make_raster(np.array([[100, 250]], dtype="int16"))
        with rasterio.open(path, "r+") as dataset:
            dataset.scales, dataset.offsets = (0.01,), (5.0,)
        facts = describe_raster(path)
        assert (facts.min, facts.max) == pytest.approx((6.0, 7.5))

    def test_without_nodata_every_number_counts_but_nan(self, make_raster):
        facts = describe_raster(make_raster(nodata=None))
        assert (facts.n_values, facts.n_nodata, facts.min) == (11, 1, -9)

    def test_pieces_cover_all_once(self, make_raster, monkeypatch):
        values = np.arange(70 * 90, dtype="float32").reshape(70, 90)
        path = make_raster(values, tiled=True, blockxsize=16, blockysize=16)
        monkeypatch.setattr("kumageo.rasters.files.SIDE", 32)
        with open_raster(path) as dataset:
            pieces = list(list_pieces(dataset))
            found = np.concatenate([read_piece(dataset, piece).ravel() for piece in pieces])
            part = list(list_pieces(dataset, Window(40, 33, 2, 2)))
        assert len(pieces) == 9
        assert sorted(found) == list(range(70 * 90))
        assert part == [Window(32, 32, 32, 32)]

    @pytest.mark.parametrize("nodata", [-9, None])
    def test_what_is_not_stored_is_nodata_only_where_nodata_is_known(self, make_raster, nodata):
        options = {"tiled": True, "blockxsize": 16, "blockysize": 16, "sparse_ok": True}
        path = make_raster(np.full((32, 32), -9, "float32"), nodata=nodata, **options)
        with rasterio.open(path, "r+", **options) as dataset:
            dataset.write(np.ones((16, 16), "float32"), 1, window=Window(16, 0, 16, 16))
        with open_raster(path) as dataset:
            assert not is_blank(dataset, Window(16, 0, 16, 16))
            assert not is_blank(dataset, Window(0, 0, 32, 32))
            assert is_blank(dataset, Window(0, 16, 32, 16)) == (nodata == -9)


class TestOtherShapes:
    @pytest.mark.parametrize("degrees", [30, 180])
    def test_a_rotated_raster_is_turned(self, make_raster, degrees):
        values = np.full((40, 40), 3, dtype="uint8")
        turned = from_origin(-30_000, -20_000, 100, 100) @ Affine.rotation(degrees)
        path = make_raster(values, transform=turned, nodata=None)
        facts = describe_raster(path)
        assert facts.is_turned
        assert (facts.min, facts.max) == (3, 3)
        # As many cells as before, but for those of the edge; round them there is nothing.
        assert facts.n_values == pytest.approx(1600, rel=0.05)
        if degrees == 30:
            assert facts.n_nodata > 500

    def test_a_raster_in_degrees(self, make_raster):
        path = make_raster(crs="EPSG:4326", transform=from_origin(130.7, 32.8, 0.001, 0.001))
        assert describe_raster(path).bounds == pytest.approx((130.7, 32.797, 130.704, 32.8))

    @pytest.mark.slow
    def test_a_hundred_thousand_cells_a_side_in_bounded_memory(self, tmp_path):
        path, side = tmp_path / "huge.tif", 100_000
        profile = {
            "driver": "GTiff",
            "width": side,
            "height": side,
            "count": 1,
            "dtype": "float32",
            "crs": "EPSG:6670",
            "transform": from_origin(-40_000, -10_000, 0.25, 0.25),
            "nodata": -9999,
            "tiled": True,
            "blockxsize": 512,
            "blockysize": 512,
            "sparse_ok": True,
            "bigtiff": "yes",
        }
        with rasterio.open(path, "w", **profile) as dataset:
            block = np.full((512, 512), 2, "float32")
            dataset.write(block, 1, window=Window(51_200, 51_200, 512, 512))
        # Linux counts the peak of the parent too, through exec: a shell between keeps it out.
        command = ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", CHILD, str(path)]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        answer = json.loads(done.stdout)
        assert (answer["n_values"], answer["n_cells"]) == (512**2, 512**2)
        assert answer["n_nodata"] == side**2 - 512**2
        assert answer["side"] <= 1300
        assert answer["mb"] < 300


class TestRefused:
    def refuse(self, path, error, match):
        with pytest.raises(error, match=match) as info:
            describe_raster(path)
        assert str(path.parent) not in str(info.value)  # no folders of the machine
        return str(info.value)

    def test_without_crs(self, make_raster):
        self.refuse(make_raster(crs=None), CrsError, "a.tif: expected a coordinate reference")

    def test_without_a_place(self, make_raster):
        with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
            path = make_raster(transform=Affine.identity())
        self.refuse(path, RasterError, "a place on the earth")

    @pytest.mark.parametrize("value", [np.nan, -9, np.inf])
    def test_without_any_value(self, make_raster, value):
        path = make_raster(np.full((3, 4), value, "float32"))
        self.refuse(path, RasterError, "expected values, got nodata or NaN in all 12 cells")

    def test_more_than_one_band(self, make_raster):
        path = make_raster(np.ones((3, 2, 2), "uint8"), nodata=None)
        self.refuse(path, RasterError, "expected one band, got 3")

    def test_complex_numbers(self, make_raster):
        path = make_raster(np.ones((2, 2), "complex64"), nodata=None)
        self.refuse(path, RasterError, "expected real numbers, got complex64")

    def test_what_is_no_raster(self, tmp_path):
        for name, content in {"a.tif": b"hello", "b.tif": b"", "c.tif": b"II*\0"}.items():
            path = tmp_path / name
            path.write_bytes(content)
            self.refuse(path, ReadError, f"raster {name}: expected a whole GeoTIFF")
        self.refuse(tmp_path / "none.tif", ReadError, "expected a file, got none")

    def test_another_format_is_not_opened(self, tmp_path, make_raster):
        path = tmp_path / "a.vrt"
        path.write_text(f'<VRTDataset rasterXSize="1" rasterYSize="1">{make_raster()}</VRTDataset>')
        self.refuse(path, ReadError, "expected a whole GeoTIFF")

    def test_without_bands(self, tmp_path):
        # A TIFF whose only directory says 4 x 3 cells and 0 samples a cell.
        tags = [(256, 4), (257, 3), (258, 8), (259, 1), (262, 1), (273, 8), (277, 0), (279, 12)]
        entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
        content = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
        path = tmp_path / "a.tif"
        path.write_bytes(content)
        self.refuse(path, (ReadError, RasterError), "expected")

    def test_cut_off(self, make_raster):
        values = np.random.default_rng(1).normal(size=(300, 300)).astype("float32")
        path = make_raster(values)
        path.write_bytes(path.read_bytes()[:200_000])
        self.refuse(path, ReadError, "expected a whole GeoTIFF, got: .*Read")

    def test_too_many_cells(self, make_raster, monkeypatch):
        monkeypatch.setattr("kumageo.rasters.files.MAX_CELLS", 11)
        self.refuse(make_raster(), RasterError, "at most 11 cells, got 12. Cut it")

    def test_blocks_that_do_not_fit_in_memory(self, make_raster, monkeypatch):
        monkeypatch.setattr("kumageo.rasters.files.MAX_BLOCK_CELLS", 11)
        self.refuse(make_raster(), RasterError, r"got 3 x 4\. Write it anew with .* TILED=YES")


@pytest.mark.skipif(
    not TRIAL.is_file(),
    reason="needs the intensity classes of ../shared/data, which are not part of the product: "
    "without them no published raster of another CRS is read whole",
)
def test_the_published_classes_of_an_earthquake():
    facts = describe_raster(TRIAL)
    assert (facts.crs, facts.min, facts.max, facts.nodata) == ("EPSG:3857", 1, 6, 0)
    with rasterio.open(TRIAL) as dataset:
        band = dataset.read(1)
    assert facts.n_values == (band > 0).sum()
