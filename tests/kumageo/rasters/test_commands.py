"""`python -m kumageo raster`: numbers that are right, and exit 2 for what is not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from rasterio.transform import from_origin

from kumageo.__main__ import main

GOOD = (Path(__file__).parents[2] / "fixtures" / "rasters.toml").read_text(encoding="utf-8")


@pytest.fixture
def run(capsys, monkeypatch):
    def run(*arguments, rasters=None):
        monkeypatch.delenv("KUMAGEO_RASTERS", raising=False)
        if rasters is not None:
            monkeypatch.setenv("KUMAGEO_RASTERS", str(rasters))
        code = main(["raster", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def wide(make_raster):
    """Give a raster over the whole prefecture: 5 in the west, 1 in the east."""
    values = np.full((30, 30), 5, dtype="float32")
    values[:, 15:] = 1
    return make_raster(values, crs="EPSG:4326", transform=from_origin(129.9, 33.4, 0.05, 0.05))


def test_describe(run, make_raster):
    code, out, _ = run("describe", make_raster(), "--json")
    answer = json.loads(out)
    assert (code, answer["n_values"], answer["max"]) == (0, 10, 10)
    code, out, _ = run("describe", make_raster(nodata=np.nan), "--json")
    assert json.loads(out)["nodata"] == "nan"
    assert "crs: EPSG:6670\n" in run("describe", make_raster())[1]


def test_zones_and_samples_by_name(run, wide):
    folder = wide.parent
    (folder / "rasters.toml").write_text(GOOD, encoding="utf-8")
    code, out, _ = run("describe", "depth", "--json", rasters=folder)
    assert (code, json.loads(out)["title"]) == (0, "浸水の深さ")
    code, out, _ = run("zones", "depth", "--json", rasters=folder)
    answer = json.loads(out)
    assert (code, answer["classes"]) == (0, ["3 m未満", "3〜6 m", "6 m以上"])
    codes = [row["municipality_code"] for row in answer["zones"]]
    assert (len(codes), codes) == (45, sorted(codes))
    by_code = {row["municipality_code"]: row for row in answer["zones"]}
    # 天草市 lies west of 130.65 E, 阿蘇市 east of it.
    assert (by_code["43215"]["mean"], by_code["43215"]["share_1"]) == (5, 1)
    assert (by_code["43214"]["mean"], by_code["43214"]["share_0"]) == (1, 1)
    code, out, _ = run("sample", "depth", "--json", rasters=folder)
    answer = json.loads(out)
    assert (code, answer["n_sites"], answer["n_nodata"]) == (0, 1761, 0)
    assert sum(answer["n_by_class"].values()) == 1761
    assert answer["n_by_class"]["6 m以上"] == 0
    assert {site["value"] for site in answer["sites"]} == {1, 5}


def test_a_file_without_an_entry_has_no_classes(run, wide):
    code, out, _ = run("zones", wide)
    assert (code, "share_" in out, len(out.splitlines())) == (0, False, 46)
    code, out, _ = run("sample", wide)
    assert (code, out.splitlines()[0]) == (0, "n_sites 1761, n_nodata 0")


@pytest.mark.parametrize("command", ["describe", "zones", "sample"])
def test_bad_input_ends_with_2(run, make_raster, tmp_path, command):
    (tmp_path / "text.tif").write_text("hello")
    bad = {
        "CrsError": make_raster(name="none.tif", crs=None),
        "RasterError": make_raster(np.ones((3, 2, 2), "uint8"), "bands.tif", nodata=None),
        "ReadError": tmp_path / "text.tif",
        "SettingError": "depth",
    }
    for name, given in bad.items():
        code, out, err = run(command, given, "--json")
        assert (code, out, json.loads(err)["error"]) == (2, "", name)


def test_an_unknown_name_and_a_bad_catalogue_end_with_2(run, make_raster):
    folder = make_raster().parent
    assert "KUMAGEO_RASTERS" in run("zones", "depth", rasters=folder)[2]
    (folder / "rasters.toml").write_text(GOOD, encoding="utf-8")
    code, _, err = run("zones", "flood", rasters=folder)
    assert (code, "expected one of depth" in err) == (2, True)
    (folder / "rasters.toml").write_text("[depth]", encoding="utf-8")
    code, _, err = run("zones", "depth", rasters=folder)
    assert (code, "12 problem(s)" in err) == (2, True)
