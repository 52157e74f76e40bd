"""Colours that mean something stay apart for protan, deutan and tritan viewers, and on paper.

Simulated after Machado, Oliveira and Fernandes (2009), severity 1.0, in linear RGB; the distance
is that of CIE 1976 L*a*b* (D65).
"""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from layers import congestion, council, groundwater, symbology
from layers.base import ACCENT, ASIDE_COLOUR, COMPARED, LAND_COLOUR
from layers.evacuation import MARKED_STROKE
from pages.components import charts, well_charts

VISION = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# Colours of marks that lie side by side; where two look alike, shape or dash tells them apart too.
PALETTES = {
    "classes": (*symbology.SEQUENTIAL, symbology.UNKNOWN_COLOUR),
    "flags": symbology.FLAG_COLOURS,
    "facilities": (symbology.SITE_COLOUR, symbology.SHELTER_COLOUR),
    "councils": tuple(council.STATE_COLOURS.values()),
    "directions": (charts.UP_COLOUR, charts.DOWN_COLOUR),
    "outlines": (ACCENT, COMPARED),
}
LEVELS = [colour for _, colour in groundwater.STYLES.values()]
MIN_DISTANCE = 12
MIN_CONTRAST = 3  # WCAG 2.1, 1.4.11: graphics


def to_linear(colour):
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def to_lab(linear):
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750]]
    to_xyz.append([0.0193339, 0.1191920, 0.9503041])
    ratio = np.array(to_xyz) @ np.clip(linear, 0, 1) / [0.95047, 1.0, 1.08883]
    root = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def distance(one, other, vision):
    labs = [to_lab(np.array(VISION[vision]) @ to_linear(colour)) for colour in (one, other)]
    return float(np.linalg.norm(labs[0] - labs[1]))


def contrast(one, other):
    weights = [0.2126, 0.7152, 0.0722]
    light, dark = sorted((float(weights @ to_linear(c)) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def find_confused(colours, vision):
    return [
        (*pair, round(distance(*pair, vision), 1))
        for pair in combinations(colours, 2)
        if distance(*pair, vision) < MIN_DISTANCE
    ]


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", PALETTES)
def test_colours_of_one_palette_stay_apart(name, vision):
    assert find_confused(PALETTES[name], vision) == []


@pytest.mark.parametrize("vision", VISION)
def test_classes_of_levels_that_share_a_shape_stay_apart(vision):
    by_shape = {}
    for shape, colour in groundwater.STYLES.values():
        by_shape.setdefault(shape, []).append(colour)
    assert [find_confused(colours, vision) for colours in by_shape.values()] == [[]] * len(by_shape)


@pytest.mark.parametrize("vision", VISION)
def test_levels_below_and_above_are_not_one_colour(vision):
    below, above = (groundwater.STYLES[name][1] for name in ("much_below", "much_above"))
    assert distance(below, above, vision) >= 2 * MIN_DISTANCE


@pytest.mark.parametrize(
    "colour",
    [
        symbology.SITE_COLOUR,
        symbology.SHELTER_COLOUR,
        symbology.BOTTLENECK_COLOUR,
        symbology.WELL_COLOUR,
        ACCENT,
        COMPARED,
        MARKED_STROKE,
        charts.UP_COLOUR,
        charts.DOWN_COLOUR,
        charts.BREAK_COLOUR,
        well_charts.THIS_YEAR,
        *well_charts.COMPARED_COLOURS,
    ],
)
def test_marks_and_lines_stand_out_of_the_ground(colour):
    grounds = ("#ffffff", LAND_COLOUR, ASIDE_COLOUR)
    assert [ground for ground in grounds if contrast(colour, ground) < MIN_CONTRAST] == []


def test_sequential_classes_fall_evenly_in_lightness():
    light = [to_lab(to_linear(colour))[0] for colour in symbology.SEQUENTIAL]
    assert all(one - other > 8 for one, other in pairwise(light))


def test_widths_say_what_the_colours_of_roads_say():
    assert len(congestion.WIDTHS_PX) == len(symbology.SEQUENTIAL)
    assert sorted(set(congestion.WIDTHS_PX)) == list(congestion.WIDTHS_PX)


# Known values: white, and the pairs of WCAG's own examples; red and green of one lightness.
def test_the_measures_can_fail():
    assert to_lab(to_linear("#ffffff")) == pytest.approx([100, 0, 0], abs=0.02)
    assert to_lab(to_linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert distance("#c8553d", "#7d8c3a", "normal") > MIN_DISTANCE
    assert find_confused(("#b5651d", "#6b8e23"), "deutan") != []
