"""The part 面のデータ of the page 概要, run without a browser."""

from __future__ import annotations

import json
import re

import pytest

TITLE = "面のデータ"


def headers(page):
    return [header.value for header in page.app.header]


def test_without_rasters_there_is_no_such_part(visit):
    page = visit("overview")
    assert TITLE not in headers(page)
    assert visit("overview", {"raster": "depth"}).warnings


@pytest.mark.usefixtures("rasters")
class TestRasters:
    def test_none_is_shown_unasked(self, visit):
        page = visit("overview")
        assert TITLE in headers(page)
        assert page.query == {}
        assert len([one for one in page.app.main if one.type == "component_instance"]) == 1

    def test_a_raster_is_drawn_and_summarised(self, visit, figures):
        page = visit("overview").choose(raster="depth")
        assert not page.app.exception
        assert page.query == {"raster": "depth"}
        text = re.sub(r"\\(.)", r"\1", page.text)
        assert "浸水の深さ（試験、2026年1月31日時点）です。単位はmです。" in text
        assert "試験の条件" in text
        assert "開設状況ではありません" in text
        (table,) = [one.value for one in page.app.dataframe]
        assert table["名称"].tolist() == [figures.names[code] for code in sorted(figures.names)]
        rows = table.set_index("名称")
        assert rows.loc["天草市", ["平均（m）", "3〜6 m（%）"]].tolist() == [5, 100]
        assert rows.loc["阿蘇市", ["平均（m）", "3 m未満（%）"]].tolist() == [1, 100]
        counts = next(one.value for one in page.app.table if "か所" in one.value.columns)
        west = sum(float(site["lon"]) < 130.65 for site in figures.sites)
        assert counts["か所"].tolist() == [f"{1761 - west:,}", str(west), "0", "0"]

    def test_the_map_is_told_what_it_shows(self, visit):
        page = visit("overview", {"raster": "depth"})
        components = [one for one in page.app.main if one.type == "component_instance"]
        script = json.loads(components[1].proto.json_args)["feature_group"]
        calls = {}
        for found in re.finditer(r"kumageo\.(\w+)\((\w+), ", script):
            calls[found[1]], _ = json.JSONDecoder().raw_decode(script, found.end())
        assert calls["addSurface"]["url"].startswith("/surface/raster.geojson?raster=depth&v=")
        assert calls["addCredits"]["credits"] == [
            {"text": "試験「浸水の深さ」を加工して作成", "url": "https://example.jp/"}
        ]
        legend = calls["setLegend"]
        assert legend["title"] == "浸水の深さ（m）"
        assert [one["label"] for one in legend["entries"]] == ["3 m未満", "3〜6 m", "6 m以上"]

    def test_a_wrong_catalogue_is_said_without_its_details(self, visit, rasters):
        (rasters / "rasters.toml").write_text("[depth]", encoding="utf-8")
        page = visit("overview")
        assert page.warnings == [
            "面のデータの目録（rasters.toml）に誤りがあるため、表示できません。管理者にお知らせください。"
        ]
        assert not page.app.exception

    def test_a_raster_that_breaks_off_is_said(self, visit, rasters):
        path = rasters / "a.tif"
        path.write_bytes(path.read_bytes()[:-2000])
        page = visit("overview", {"raster": "depth"})
        assert page.warnings
        assert not page.app.exception

    def test_a_raster_with_too_many_cells_has_no_table(self, visit, monkeypatch):
        monkeypatch.setattr("layers.rasters.MAX_CELLS", 10)
        page = visit("overview", {"raster": "depth", "indicator": "population"})
        (said,) = [one.value for one in page.app.info]
        assert "python -m kumageo raster zones depth" in said
