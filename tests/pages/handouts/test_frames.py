"""Where a place falls in a picture, measured again with pyproj's own ways."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from pyproj import Geod, Transformer

from kumageo.errors import ArgumentError
from pages.handouts.frames import fit_frame
from pages.handouts.scalebar import choose_length, write_length

BOX = (0.0, 0.0, 800.0, 600.0)
KIKUCHI = (130.70, 32.82, 131.02, 33.10)
GEOD = Geod(ellps="GRS80")


@pytest.fixture
def frame():
    return fit_frame(KIKUCHI, BOX, 96)


def test_the_extent_lies_whole_and_centred_in_the_box(frame):
    corners = [frame.place_degrees(lon, lat) for lon in KIKUCHI[::2] for lat in KIKUCHI[1::2]]
    xs, ys = zip(*corners, strict=True)
    assert min(xs) > 0
    assert min(ys) > 0
    assert max(xs) < 800
    assert max(ys) < 600
    assert (min(xs) + max(xs)) / 2 == pytest.approx(400, abs=2)
    assert (min(ys) + max(ys)) / 2 == pytest.approx(300, abs=2)
    assert max(ys) - min(ys) > 0.9 * 600  # as large as fits


def test_distances_are_those_on_the_ellipsoid(frame):
    here, there = (130.75, 32.85), (130.95, 33.05)
    (x, y), (other_x, other_y) = (frame.place_degrees(*place) for place in (here, there))
    metres = math.hypot(x - other_x, y - other_y) * frame.m_per_px
    assert metres == pytest.approx(GEOD.inv(*here, *there)[2], rel=2e-4)
    assert other_x > x
    assert other_y < y  # north is up


def test_places_are_those_of_the_plane_coordinates(frame):
    to_metres = Transformer.from_crs("EPSG:6668", "EPSG:6670", always_xy=True).transform
    x, y = to_metres(130.8, 32.9)
    x_min, y_min, _, y_max = frame.bounds
    wanted = ((x - x_min) / frame.m_per_px, (y_max - y) / frame.m_per_px)
    assert frame.place_degrees(130.8, 32.9) == pytest.approx(wanted, abs=1e-6)
    assert y_max - y_min == pytest.approx(600 * frame.m_per_px)


def test_a_point_gets_a_map_round_it():
    frame = fit_frame((130.8, 32.9, 130.8, 32.9), BOX, 96)
    assert frame.place_degrees(130.8, 32.9) == pytest.approx((400, 300), abs=0.1)
    assert frame.m_per_px * 600 > 500


@pytest.mark.parametrize(
    "extent",
    [
        (131, 32, 130, 33),
        (130, 33, 131, 32),
        (math.nan, 32, 131, 33),
        (32.8, 130.7, 33.1, 131.0),
        (-180, -90, 180, 90),
        (math.inf,) * 4,
    ],
)
def test_what_is_no_extent_is_refused(extent):
    with pytest.raises(ArgumentError, match="extent: expected lon_min, lat_min"):
        fit_frame(extent, BOX, 96)


@pytest.mark.parametrize(
    ("width_m", "length", "words"),
    [
        (100_000, 20_000, "20 km"),
        (10_000, 2000, "2 km"),
        (4000, 500, "500 m"),
        (50_000, 10_000, "10 km"),
    ],
)
def test_the_scale_bar_has_a_round_length(frame, width_m, length, words):
    scaled = replace(frame, m_per_px=width_m / frame.width)
    assert choose_length(scaled) == length
    assert write_length(length) == words
