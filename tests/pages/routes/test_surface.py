"""Surfaces as files, fetched as a browser fetches them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from rasterio.io import MemoryFile

LEVELS = "surface=unstated&on=2026-01-10"


def read_tif(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/tiff"
    with MemoryFile(answer.content) as memory, memory.open() as dataset:
        return dataset.read(1), dict(dataset.tags()), dataset.profile


@pytest.mark.usefixtures("use_slope")
class TestFiles:
    def test_the_values_with_all_that_they_are(self, client):
        answer = client.get(f"/surface/levels.tif?{LEVELS}")
        values, tags, profile = read_tif(answer)
        assert (profile["crs"].to_string(), profile["dtype"]) == ("EPSG:6670", "float32")
        assert profile["transform"].a == 250
        assert profile["transform"].c % 250 == profile["transform"].f % 250 == 0
        assert 0 < np.isnan(values).sum() < values.size
        assert 5 < np.nanmin(values) < np.nanmax(values) < 60
        assert (tags["UNITS"], tags["DATE"], tags["N_WELLS"]) == ("m", "2026-01-10", "12")
        assert tags["METHOD"] == "inverse distance, power 2"
        assert "水位の記録：熊本県" in tags["CREDITS"]
        assert "を加工して作成" in tags["CREDITS"]
        assert tags["LICENCE"]
        assert tags["DESCRIPTION"].startswith("2026年1月10日の水位の面です")
        assert not {"SIMULATED", "MINUS"} & set(tags)
        written = answer.headers["content-disposition"]
        assert 'filename="kumamoto-levels-unstated-2026-01-10-idw.tif"' in written
        assert answer.headers["cache-control"] == "no-store"

    def test_the_standard_error_of_kriging(self, client):
        values, tags, _ = read_tif(client.get(f"/surface/errors.tif?{LEVELS}&method=kriging"))
        assert np.nanmin(values) >= 0
        assert tags["QUANTITY"].startswith("standard error of kriging")
        assert tags["VARIOGRAM"].startswith("spherical; nugget ")
        # IDW has none.
        assert client.get(f"/surface/errors.tif?{LEVELS}").status_code == 404

    def test_a_difference(self, client):
        values, tags, _ = read_tif(client.get(f"/surface/levels.tif?{LEVELS}&minus=2025-01-10"))
        assert np.nanmin(values) == pytest.approx(1.5, abs=0.01)
        assert tags["MINUS"] == "2025-01-10"

    def test_what_the_map_fetches(self, client):
        answer = client.get(f"/surface/levels.geojson?{LEVELS}")
        document = json.loads(answer.content)
        assert document["picture"].startswith("data:image/png;base64,")
        assert len(document["bounds"]) == 4
        assert document["features"]
        version = answer.headers["etag"].strip('"')[:12]
        kept = client.get(f"/surface/levels.geojson?{LEVELS}&v={version}")
        assert "immutable" in kept.headers["cache-control"]
        assert client.get(f"/surface/levels.geojson?{LEVELS}&v=other").status_code == 404

    @pytest.mark.parametrize(
        ("address", "status", "said"),
        [
            ("levels.tif", 400, "surface、on"),
            ("levels.tif?surface=x&on=2026-01-10", 400, "surface"),
            ("levels.tif?surface=deep&on=2031-01-10", 400, "on"),
            (f"levels.tif?{LEVELS}&method=tin", 400, "method"),
            (f"levels.tif?{LEVELS}&x=" + "a" * 600, 400, "…"),
            ("levels.tif?surface=shallow&on=2026-01-10", 404, "8か所に満たないため"),
            (f"other.tif?{LEVELS}", 404, "そのデータはありません"),
            ("raster.geojson?raster=depth", 404, "そのデータはありません"),
        ],
    )
    def test_what_cannot_be_given(self, client, address, status, said):
        answer = client.get(f"/surface/{address}")
        assert (answer.status_code, said in answer.text) == (status, True)


@pytest.mark.usefixtures("use_demo")
def test_simulated_readings_are_named_so(client):
    answer = client.get("/surface/levels.tif?surface=unstated&on=2025-10-01")
    _, tags, _ = read_tif(answer)
    assert tags["SIMULATED"] == "模擬データ"
    assert tags["DESCRIPTION"].startswith("【模擬データ】")
    written = answer.headers["content-disposition"]
    assert 'filename="simulated-kumamoto-levels-' in written
    # 模擬データ, as RFC 5987 writes it.
    assert "filename*=UTF-8''%E6%A8%A1%E6%93%AC%E3%83%87%E3%83%BC%E3%82%BF-simulated" in written


def test_an_administrators_raster(client, rasters):
    answer = client.get("/surface/raster.geojson?raster=depth")
    document = json.loads(answer.content)
    assert document["features"] == []
    assert document["bounds"] == pytest.approx([129.9, 31.9, 131.4, 33.4], abs=0.6)
    assert client.get("/surface/raster.geojson?raster=other").status_code == 404
