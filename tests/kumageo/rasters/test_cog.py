"""What leaves the house as GeoTIFF is whole, says what it is, and reads back the same."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio

from kumageo.errors import ArgumentError
from kumageo.rasters.cog import MANDATORY_TAGS, encode_cog, write_cog
from kumageo.rasters.files import describe_raster
from kumageo.surface import Grid

GRID = Grid(-30_000, -20_000, 3, 4)
VALUES = np.array([[1, 2, 3, np.nan], [4, 5.25, 6, 7], [8, np.nan, 9, 10]])
TAGS = dict.fromkeys(MANDATORY_TAGS, "試験") | {"UNITS": "m", "SIMULATED": "模擬データ"}


def test_it_reads_back_the_same(tmp_path):
    path = tmp_path / "a.tif"
    write_cog(path, VALUES, GRID, TAGS)
    with rasterio.open(path) as dataset:
        np.testing.assert_array_equal(dataset.read(1), VALUES.astype("float32"))
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (dataset.crs.to_string(), dataset.dtypes) == ("EPSG:6670", ("float32",))
        assert np.isnan(dataset.nodata)
        assert dataset.transform[:6] == (250, 0, -30_000, 0, -250, -20_000)
        assert dict(dataset.tags()).items() >= TAGS.items()
        assert dataset.tags()["CREATED_BY"].startswith("kumamoto-dashboard ")
        assert dataset.tags(1)["UNITS"] == "m"
    assert describe_raster(path).n_values == 10


def test_what_was_there_is_replaced_or_stays(tmp_path, monkeypatch):
    path = tmp_path / "a.tif"
    path.write_bytes(b"before")
    with pytest.raises(ArgumentError, match="expected UNITS, DATE, METHOD"):
        write_cog(path, VALUES, GRID, {"CREDITS": " ", "LICENCE": "a"})
    assert path.read_bytes() == b"before"

    def fail(_descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fail)
        with pytest.raises(OSError, match="No space"):
            write_cog(path, VALUES, GRID, TAGS)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
    write_cog(path, VALUES, GRID, TAGS)
    assert path.read_bytes() == encode_cog(VALUES, GRID, TAGS)
    assert list(tmp_path.iterdir()) == [path]


def test_values_of_another_grid_are_refused():
    with pytest.raises(ArgumentError, match=r"expected shape \(3, 4\), got \(4, 3\)"):
        encode_cog(VALUES.T, GRID, TAGS)
