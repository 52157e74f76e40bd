"""Areas, counts and indicators of municipalities, by hand on two squares."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from shapely import Point, box

from kumageo.errors import CrsError
from kumageo.municipalities import (
    INDICATORS,
    build_profiles,
    dissolve_municipalities,
    list_regions,
    report_municipalities,
)
from kumageo.schemas import HAZARDS


@pytest.fixture
def municipalities():
    return pd.DataFrame(
        {
            "code": ["43202", "43100"],
            "name": ["八代市", "熊本市"],
            "county": pd.array([None, None], dtype="str"),
            "population": pd.array([20_000, 5_000], dtype="Int64"),
            "area_km2": [100.0, 200.0],
            "region_id": ["south", "north"],
            "region_name": ["南", "北"],
            "data_platform_member": pd.array([True, False], dtype="boolean"),
            "groundwater_area": pd.array([False, False], dtype="boolean"),
            "source_row": [2, 3],
        }
    )


def place(*rows):
    """Make points of (registered municipality, lon, lat, flood)."""
    table = pd.DataFrame(rows, columns=["municipality_code", "lon", "lat", "flood"])
    frame = gpd.GeoDataFrame(
        table[["municipality_code"]],
        geometry=[Point(lon, lat) for lon, lat in zip(table["lon"], table["lat"], strict=True)],
        crs="EPSG:6668",
    )
    for hazard in HAZARDS:
        frame[hazard] = pd.array([False] * len(frame), dtype="boolean")
    frame["flood"] = pd.array(table["flood"], dtype="boolean")
    return frame


@pytest.fixture
def sites():
    return place(
        ("43100", 130.65, 32.72, True),
        ("43100", 130.65, 32.78, False),
        ("43100", 130.75, 32.75, True),  # registered by 43100, lies in 43202
        ("43202", 130.76, 32.75, True),
        ("43202", 131.0, 32.75, True),  # in no area
    )


@pytest.fixture
def shelters():
    return place(("43202", 130.75, 32.72, None))


def test_the_wards_are_one_municipality(squares):
    before = squares.copy()
    merged = dissolve_municipalities(squares)
    assert merged.index.tolist() == ["43100", "43202"]
    assert merged.index.name == "municipality_code"
    assert merged.crs == squares.crs
    assert shapely.equals(merged.geometry["43100"], box(130.6, 32.7, 130.7, 32.8))
    assert shapely.equals(merged.geometry["43202"], box(130.7, 32.7, 130.8, 32.8))
    assert_geodataframe_equal(squares, before)


def test_profiles_by_hand(municipalities, squares, sites, shelters):
    before = [municipalities.copy(), squares.copy(), sites.copy(), shelters.copy()]
    profiles = build_profiles(municipalities, squares, sites, shelters)
    assert profiles.index.tolist() == ["43202", "43100"]
    assert profiles["name"].tolist() == ["八代市", "熊本市"]
    assert profiles["density_per_km2"].tolist() == [200, 25]
    assert profiles["n_sites"].tolist() == [2, 2]
    assert profiles["n_sites_flood"].tolist() == [2, 1]
    assert profiles["n_sites_storm_surge"].tolist() == [0, 0]
    assert profiles["n_shelters"].tolist() == [1, 0]
    assert profiles["n_sites_registered"].tolist() == [2, 3]
    assert profiles["n_shelters_registered"].tolist() == [1, 0]
    assert profiles["sites_per_10k"].tolist() == [1, 4]
    assert profiles["sites_per_10k_flood"].tolist() == [1, 2]
    assert profiles["shelters_per_10k"].tolist() == [0.5, 0]
    given = [municipalities, squares, sites, shelters]
    for frame, old in zip(given, before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(old))


def test_every_indicator_is_a_column_of_the_profiles(municipalities, squares, sites, shelters):
    profiles = build_profiles(municipalities, squares, sites, shelters)
    assert {indicator.id for indicator in INDICATORS} <= set(profiles.columns)
    assert [indicator.id for indicator in INDICATORS if indicator.kind == "flag"] == [
        "data_platform_member",
        "groundwater_area",
    ]
    assert len(INDICATORS) == 2 + 1 + 8 + 1 + 2
    # Beside its own figures, an indicator per person is made of the points and the boundaries.
    for indicator in INDICATORS:
        assert ("municipal_boundaries" in indicator.datasets) is ("per_10k" in indicator.id)


def test_one_crs_or_an_error(municipalities, squares, sites, shelters):
    with pytest.raises(CrsError):
        build_profiles(municipalities, squares, sites.to_crs("EPSG:4326"), shelters)


def test_regions_in_the_order_of_first_appearance(municipalities):
    more = municipalities.assign(code=["43203", "43204"], population=[1, 2], region_id="south")
    regions = list_regions(pd.concat([municipalities, more.assign(region_name="南")]))
    assert regions.index.tolist() == ["south", "north"]
    assert regions["region_name"].tolist() == ["南", "北"]
    assert regions["n_municipalities"].tolist() == [3, 1]
    assert regions["population"].tolist() == [20_003, 5_000]
    assert regions["area_km2"].tolist() == [400.0, 200.0]


def test_the_report_is_plain_and_not_ranked(municipalities, squares, sites, shelters):
    profiles = build_profiles(municipalities, squares, sites, shelters)
    report = json.loads(
        json.dumps(report_municipalities(profiles, list_regions(municipalities)), allow_nan=False)
    )
    assert report["summary"] == {
        "n_municipalities": 2,
        "population": 25_000,
        "area_km2": 300.0,
        "n_sites": 4,
        "n_shelters": 1,
        "n_data_platform_members": 1,
        "n_groundwater_area": 0,
    }
    assert [row["code"] for row in report["municipalities"]] == ["43202", "43100"]
    assert report["municipalities"][0]["county"] is None
    assert report["municipalities"][0]["data_platform_member"] is True
    assert [row["region_id"] for row in report["regions"]] == ["south", "north"]
