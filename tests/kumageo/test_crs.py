"""The three coordinate reference systems and the checks at the door."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from geopandas.testing import assert_geodataframe_equal
from pyproj import CRS
from shapely import Point

from kumageo.crs import (
    GEOGRAPHIC,
    METRIC,
    WEB,
    project_degrees,
    require_crs,
    require_same_crs,
    to_metric,
)
from kumageo.errors import CrsError


def frame(crs, *places):
    return gpd.GeoDataFrame({"n": range(len(places))}, geometry=[Point(p) for p in places], crs=crs)


def test_what_they_are():
    assert CRS(GEOGRAPHIC).name == "JGD2011"
    assert CRS(METRIC).name == "JGD2011 / Japan Plane Rectangular CS II"
    assert CRS(METRIC).axis_info[0].unit_name == "metre"
    assert CRS(WEB).name == "WGS 84"


def test_the_origin_of_system_two_is_33_north_131_east():
    features = frame(GEOGRAPHIC, (131, 33), (131, 34))
    before = features.copy()
    metric = to_metric(features, "points")
    assert metric.crs == CRS(METRIC)
    assert [metric.geometry.x[0], metric.geometry.y[0]] == pytest.approx([0, 0], abs=1e-6)
    # One degree of the GRS 80 meridian from 33 to 34 north is 110,913 m; the scale is 0.9999.
    assert metric.geometry.x[1] == pytest.approx(0, abs=1e-6)
    assert metric.geometry.y[1] == pytest.approx(110_913 * 0.9999, abs=2)
    assert_geodataframe_equal(features, before)


def test_a_frame_without_crs_is_refused():
    with pytest.raises(CrsError, match=r"wells: expected a coordinate reference system, got none"):
        require_crs(frame(None, (131, 33)), "wells")
    with pytest.raises(CrsError, match="wells"):
        to_metric(frame(None, (131, 33)), "wells")
    require_crs(frame(WEB, (131, 33)).geometry, "wells")


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        (GEOGRAPHIC, WEB, "EPSG:6668 and EPSG:4326"),
        (None, WEB, "left: expected a coordinate reference system"),
        (WEB, None, "right: expected a coordinate reference system"),
    ],
)
def test_two_systems_are_refused(left, right, text):
    with pytest.raises(CrsError, match=text):
        require_same_crs(frame(left, (1, 1)), frame(right, (1, 1)), "left", "right")


def test_one_system_in_two_spellings_is_one():
    require_same_crs(frame("EPSG:6668", (1, 1)), frame(CRS(6668).to_wkt(), (1, 1)), "a", "b")


def test_places_are_projected_as_geometries_are():
    lon, lat = np.array([131.0, 130.85, 129.8]), np.array([33.0, 32.88, 31.9])
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat, crs="EPSG:6668"))
    metric = to_metric(points, "points").geometry
    assert project_degrees(lon, lat).tolist() == np.column_stack([metric.x, metric.y]).tolist()
    # The origin of zone II is 33 N, 131 E.
    assert project_degrees(lon[:1], lat[:1])[0].tolist() == pytest.approx([0, 0], abs=1e-6)
