"""Wards of 熊本市 become the city, and nothing else changes."""

from __future__ import annotations

import json

import pandas as pd

from kumageo.codes import (
    AREA_CODES,
    KUMAMOTO_CITY,
    KUMAMOTO_CITY_WARDS,
    MUNICIPALITY_CODES,
    to_municipality_codes,
)


def test_by_hand():
    codes = pd.Series(["43101", "43105", "43100", "43202", "01100", None], index=list("abcdef"))
    before = codes.copy()
    found = to_municipality_codes(codes)
    assert found[:-1].tolist() == ["43100", "43100", "43100", "43202", "01100"]
    assert found.isna().tolist() == [False] * 5 + [True]
    assert found.index.tolist() == list("abcdef")
    pd.testing.assert_series_equal(codes, before)


def test_a_code_that_only_begins_like_a_ward():
    assert to_municipality_codes(pd.Series(["431011", "4310"])).tolist() == ["431011", "4310"]


def test_the_wards_are_those_of_the_official_boundaries(committed):
    text = (committed / "raw" / "municipal_boundaries.geojson").read_text("utf-8")
    codes = {feature["properties"]["code"] for feature in json.loads(text)["features"]}
    assert {code for code in codes if code.startswith("4310")} == set(KUMAMOTO_CITY_WARDS)
    assert KUMAMOTO_CITY == "43100"
    assert codes == set(AREA_CODES)
    assert set(MUNICIPALITY_CODES) == codes - set(KUMAMOTO_CITY_WARDS) | {KUMAMOTO_CITY}
