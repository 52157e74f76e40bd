"""The part 水位の面 of the page 地下水 as a visitor uses it, run without a browser."""

from __future__ import annotations

import json
import re

import pytest

PART = {"part": "surface"}
LINK = {**PART, "surface": "unstated", "on": "2026-01-10"}
LIMITS = "測った値ではなく、井戸の間を計算で補った推定です。"


def calls_of(page):
    """Return what the second map of the page is told, by function."""
    components = [one for one in page.app.main if one.type == "component_instance"]
    assert len(components) == 2
    script = json.loads(components[1].proto.json_args)["feature_group"]
    calls = {}
    for found in re.finditer(r"kumageo\.(\w+)\((\w+), ", script):
        calls[found[1]], _ = json.JSONDecoder().raw_decode(script, found.end())
    return calls


def plain(text):
    return re.sub(r"\\(.)", r"\1", text)


class TestWithoutReadings:
    def test_it_says_so(self, visit):
        page = visit("groundwater", PART)
        assert not page.app.exception
        assert [one.value for one in page.app.info] == ["水位の記録がないため、面は示しません。"]

    def test_a_day_of_the_link_is_unknown(self, visit):
        page = visit("groundwater", LINK)
        (warning,) = page.warnings
        assert "on" in warning


@pytest.mark.usefixtures("use_slope")
class TestSurface:
    def test_the_first_mark_with_enough_wells_and_the_last_day_are_shown(self, visit):
        page = visit("groundwater", PART)
        assert not page.app.exception
        assert page.query == LINK
        text = plain(page.text)
        assert "2026年1月10日の水位の面です（区分「記載なし」、逆距離加重（IDW））。" in text
        assert "観測井12本（12か所）の日平均から、250 m の升目ごとに求めました。" in text
        assert re.search(r"（RMSE）\d+\.\d\d m、平均（ME）[+-]\d+\.\d\d m です。", text)
        assert LIMITS in text
        assert "浅い地下水と深い地下水が混ざっているおそれ" in text

    def test_the_map_is_told_where_to_fetch_it(self, visit):
        options = calls_of(visit("groundwater", LINK))
        told = options["addSurface"]
        assert told["url"].startswith("/surface/levels.geojson?surface=unstated&on=2026-01-10&v=")
        assert len(told["wells"]) == 12
        assert (told["stamp"], options["setLegend"]["title"]) == ("", "水位の面（標高 m）")
        labels = [entry["label"] for entry in options["setLegend"]["entries"]]
        assert all(re.fullmatch(r"[\d.]+〜[\d.]+ m", label) for label in labels[:-2])
        assert options["addCredits"]["credits"] == [{"text": "水位の記録：熊本県", "url": ""}]

    def test_a_link_reproduces_a_difference_by_kriging_at_a_place(self, visit):
        query = {**LINK, "method": "idw", "minus": "2025-01-10", "at": "130.750000,32.800000"}
        page = visit("groundwater", query)
        assert not page.app.exception
        assert page.query == {name: query[name] for name in query if name != "method"}
        text = plain(page.text)
        assert "2026年1月10日の水位から2025年1月10日の水位を引いた差です" in text
        assert "この場所の差の推定：+1.50 m。" in text
        assert calls_of(page)["setLegend"]["title"] == "水位の差（m）"
        assert calls_of(page)["addNearest"]["point"] == {"lon": 130.75, "lat": 32.8}

    def test_kriging_says_its_variogram_and_its_error_at_a_place(self, visit):
        page = visit("groundwater", {**LINK, "at": "130.750000,32.800000"})
        text = plain(page.text)
        # On this slope 130.75 E is at 25 m.
        (value,) = re.findall(r"この場所の推定：標高 ([\d.]+) m。", text)
        assert float(value) == pytest.approx(25, abs=4)
        assert "IDW には標準誤差がありません。" in text
        page.choose(method="kriging")
        text = plain(page.text)
        assert page.query["method"] == "kriging"
        assert "バリオグラムは球形モデル、ナゲット" in text
        assert re.search(r"クリギングの標準誤差は \d+\.\d\d m です。", text)
        assert "標準誤差を GeoTIFF で保存" in text

    def test_outside_of_the_wells_there_is_no_estimate(self, visit):
        page = visit("groundwater", LINK).choose(at="130.2, 32.4")
        assert "この場所は井戸を囲む範囲の外です。推定はありません。" in plain(page.text)
        page.choose(at="32.8, 130.7")
        assert page.warnings
        assert not page.app.exception

    def test_fewer_than_eight_wells_are_refused_with_the_reason(self, visit):
        page = visit("groundwater", LINK).choose(surface="shallow")
        (said,) = [one.value for one in page.app.info]
        assert said.startswith(
            "区分「浅」で2026年1月10日（前後3日まで）に記録のある場所は3か所です。"
        )
        assert "8か所に満たないため" in said
        assert page.query["surface"] == "shallow"

    def test_levels_that_are_all_the_same_are_refused_by_kriging_only(self, visit):
        query = {**LINK, "minus": "2025-01-10"}
        assert not visit("groundwater", query).app.info
        page = visit("groundwater", {**query, "method": "kriging"})
        (said,) = [one.value for one in page.app.info]
        assert (
            said == "水位がどの井戸でも同じため、クリギングの面は示しません。IDW を選んでください。"
        )

    def test_what_a_link_has_that_is_unknown_is_reported(self, visit):
        page = visit("groundwater", {**PART, "surface": "浅", "on": "2030-01-01", "method": "x"})
        (warning,) = page.warnings
        for name in ("surface", "on", "method"):
            assert name in warning
        assert page.query == LINK

    def test_another_part_lets_go_of_it(self, visit):
        page = visit("groundwater", LINK).choose(part="facts")
        assert page.query == {"part": "facts"}
        page.choose(part="surface")
        assert not page.app.exception
        assert page.query["part"] == "surface"


@pytest.mark.usefixtures("use_demo")
def test_simulated_readings_are_stamped(visit):
    page = visit("groundwater", PART)
    assert not page.app.exception
    assert calls_of(page)["addSurface"]["stamp"] == "模擬データ"
    assert "【模擬データ】" in plain(page.text).split("の水位の面です")[0]
