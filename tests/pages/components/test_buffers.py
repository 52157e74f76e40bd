"""What lies near a place, counted again from the raw files on the ellipsoid and by areas."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pyproj import Geod, Transformer

from pages.components.buffers import list_inside_buffer, measure_buffer
from pages.components.road_state import RADII, SEMICON
from pages.components.stations import find_usual

RAW = Path(__file__).resolve().parents[3] / "geodata" / "raw"
GEOD = Geod(ellps="GRS80")
DEGREES, METRES = "EPSG:6668", "EPSG:6670"
TO_METRES = Transformer.from_crs(DEGREES, METRES, always_xy=True).transform
FILES = {"site": "evacuation_sites", "shelter": "evacuation_shelters", "well": "observation_wells"}


def read_raw(name):
    with (RAW / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_shapes(name, key):
    """Return the shapes of a raw file in metres, by key."""
    document = json.loads((RAW / f"{name}.geojson").read_text(encoding="utf-8"))
    metric = gpd.GeoDataFrame.from_features(document["features"], crs=DEGREES).to_crs(METRES)
    return dict(zip(metric[key], metric.geometry, strict=True))


@pytest.fixture(scope="module")
def places():
    """Give kind, name, lon and lat of everything that has a place."""
    return [
        (kind, row["name"].strip(), float(row["lon"]), float(row["lat"]))
        for kind, name in FILES.items()
        for row in read_raw(name)
        if row["lon"]
    ]


@pytest.fixture(scope="module")
def jasm():
    (row,) = [row for row in read_raw("landmarks") if row["id"] == "jasm"]
    return float(row["lon"]), float(row["lat"])


@pytest.fixture(scope="module")
def lines():
    return read_shapes("corridors", "id")


@pytest.fixture(scope="module")
def measure(data):
    def make(around, radius_m):
        state = replace(find_usual(data), around=around, radius_m=radius_m)
        return measure_buffer(state, data)

    return make


def count(inside):
    return {kind: sum(one[0] == kind for one in inside) for kind in FILES}


def check(buffer, data, inside):
    """Compare the counts and the places of a buffer with those counted here."""
    wanted = count(inside)
    assert (buffer.n_sites, buffer.n_shelters, buffer.n_wells) == tuple(wanted.values())
    listed = list_inside_buffer(buffer, data)
    assert sorted(zip(listed["kind"], listed["name"], strict=True)) == sorted(
        (kind, name) for kind, name, *_ in inside
    )


def test_no_place_chosen_means_no_buffer(measure):
    assert measure("", 1000) is None


@pytest.mark.parametrize("radius", RADII)
def test_what_lies_round_semicon_techno_park(measure, data, places, jasm, radius):
    radius_m = int(radius)
    distances = [GEOD.inv(*jasm, lon, lat)[2] for *_, lon, lat in places]
    assert min(abs(distance - radius_m) for distance in distances) > 4  # none on the edge
    inside = [
        place for place, distance in zip(places, distances, strict=True) if distance <= radius_m
    ]
    check(measure(SEMICON, radius_m), data, inside)
    if radius_m == max(map(int, RADII)):
        assert count(inside) == {"site": 18, "shelter": 20, "well": 0}


@pytest.mark.parametrize("corridor", ["r57", "pref30_otsu_ueki"])
def test_what_lies_along_a_road(measure, data, places, lines, corridor):
    inside = [
        place
        for place in places
        if lines[corridor].distance(shapely.Point(TO_METRES(*place[2:]))) <= 1000
    ]
    assert inside
    check(measure(corridor, 1000), data, inside)


def test_residents_are_weighted_by_area(measure, jasm):
    area = shapely.Point(TO_METRES(*jasm)).buffer(3000, quad_segs=256)
    people = {row["code"]: int(row["population"]) for row in read_raw("municipalities")}
    wanted = {}
    for code, shape in read_shapes("municipal_boundaries", "code").items():
        share = shape.intersection(area).area / shape.area
        if share:
            wanted[code] = (100 * share, share * people[code])
    buffer = measure(SEMICON, 3000)
    found = {code: (row["share_pct"], row["population"]) for code, row in buffer.shares.iterrows()}
    assert found.keys() == wanted.keys()
    for code, values in wanted.items():
        assert found[code] == pytest.approx(values, rel=0.01)
    total = sum(population for _, population in wanted.values())
    assert buffer.population == pytest.approx(total, rel=0.003)


@pytest.mark.parametrize("radius", RADII)
def test_the_area_is_that_of_a_circle(measure, radius):
    km2 = math.pi * (int(radius) / 1000) ** 2
    assert measure(SEMICON, int(radius)).area_km2 == pytest.approx(km2, rel=0.002)


def test_the_area_is_right_to_the_tenth_that_is_shown(measure):
    assert f"{measure(SEMICON, 3000).area_km2:.1f}" == f"{math.pi * 9:.1f}" == "28.3"


def test_every_choice_of_the_page_can_be_measured(measure, lines):
    for around in (SEMICON, *lines):
        sizes = [measure(around, int(radius)).area_km2 for radius in RADII]
        assert sizes == sorted(sizes)
        assert sizes[0] > 0
