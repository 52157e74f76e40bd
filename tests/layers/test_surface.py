"""Classes at round numbers, a picture with its bounds, lines with their levels."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json

import numpy as np
import pytest
from PIL import Image

from kumageo.interpolation import IDW
from kumageo.surface import build_surface
from kumageo.well_levels import WellLevels
from layers.legend import LegendEntry
from layers.surface import (
    SurfaceLayer,
    blend,
    class_changes,
    class_levels,
    encode_surface,
    paint,
    symbolise,
)

DAY = dt.date(2026, 1, 10)


def make_surface(slope=1.0, minus=None):
    """Give a surface of nine wells on a plane that rises to the east by `slope` m a km."""
    x, y = (
        one.ravel() for one in np.meshgrid([-30_000, -24_000, -18_000], [-26_000, -23_000, -20_000])
    )
    xy = np.column_stack([x, y]).astype(float)
    levels = WellLevels(tuple("abcdefghi"), xy, (x + 24_000) / 1000 * slope, 9, DAY, minus)
    return build_surface(levels, IDW)


def decode(address):
    kind, _, content = address.partition(",")
    assert kind == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(content)))


class TestClasses:
    @pytest.mark.parametrize(
        ("low", "high", "breaks"),
        [
            (3.2, 31.7, (0, 5, 10, 15, 20, 25, 30, 35)),
            (-0.31, 1.15, (-0.5, 0, 0.5, 1, 1.5)),
            (10, 20, (10, 12, 14, 16, 18, 20)),
            (12.341, 12.349, (12.34, 12.35)),
            (5, 5, (5, 5.01)),
        ],
    )
    def test_levels_have_round_breaks_that_cover_them(self, low, high, breaks):
        found = class_levels(np.array([low, np.nan, high]))
        assert found.breaks == pytest.approx(breaks)
        assert len(found.colours) == len(breaks) - 1

    @pytest.mark.parametrize(
        ("low", "high", "breaks"),
        [
            (-3, 4, (-3, -2, -1, 0, 1, 2, 3, 4)),
            (2.0, 3.3, (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)),
            (-3.3, -2.0, (-3.5, -3, -2.5, -2, -1.5, -1, -0.5, 0)),
            (0, 0, (0, 0.01)),
        ],
    )
    def test_changes_have_zero_as_a_break(self, low, high, breaks):
        assert class_changes(np.array([low, high])).breaks == pytest.approx(breaks)

    def test_a_rise_is_blue_and_a_fall_brown_and_as_dark(self):
        found = class_changes(np.array([-3.0, 3.0]))
        of = dict(zip(found.breaks, found.colours, strict=False))
        assert (found.colours[0], found.colours[-1]) == ("#8c510a", "#1f4e9c")
        one_sided = class_changes(np.array([-0.2, 3.0]))
        assert one_sided.breaks[0] == -0.5
        # A small fall beside a large rise is light.
        assert one_sided.colours[0] == "#f6e8c9"
        assert len(of) == 6

    def test_colours_lie_evenly_on_the_ramp(self):
        assert blend(("#000000", "#646464", "#c8c8c8"), 5) == (
            *("#000000", "#323232", "#646464", "#969696", "#c8c8c8"),
        )
        assert blend(("#000000", "#646464", "#c8c8c8"), 1) == ("#646464",)


def test_a_picture_has_the_colours_and_is_clear_elsewhere():
    image = decode(paint(np.array([[0, 1], [-1, 1]]), ("#102030", "#fbf0b9"))).convert("RGBA")
    assert image.getpixel((0, 0)) == (16, 32, 48, 255)
    assert image.getpixel((1, 0)) == (251, 240, 185, 255)
    assert image.getpixel((0, 1))[3] == 0


class TestEncoded:
    def test_the_picture_is_classed_and_lies_where_the_surface_is(self):
        surface = make_surface()
        document = json.loads(encode_surface(surface))
        assert document["bounds"] == pytest.approx([130.679, 32.765, 130.807, 32.820], abs=0.002)
        image = decode(document["picture"]).convert("RGBA")
        colours = {image.getpixel((x, image.height // 2)) for x in range(image.width)}
        wanted = symbolise(surface).colours
        shown = {"#{:02x}{:02x}{:02x}".format(*rgb[:3]) for rgb in colours if rgb[3]}
        assert shown <= set(wanted)
        assert len(shown) >= 5
        # From west to east the plane rises, and so do the classes.
        row = [image.getpixel((x, image.height // 2)) for x in range(4, image.width - 4)]
        order = [wanted.index("#{:02x}{:02x}{:02x}".format(*rgb[:3])) for rgb in row]
        assert (order[0], order[-1]) == (0, len(wanted) - 1)

    def test_lines_are_at_the_inner_breaks_and_say_them(self):
        surface = make_surface()
        lines = json.loads(encode_surface(surface))["features"]
        levels = {line["properties"]["level"]: line["properties"]["label"] for line in lines}
        assert set(levels) <= set(symbolise(surface).breaks[1:-1])
        assert levels[2.0] == "2 m"
        for line in lines:
            for lon, lat in line["geometry"]["coordinates"]:
                assert 130.67 < lon < 130.81
                assert 32.76 < lat < 32.83

    def test_a_line_lies_where_the_values_say(self):
        lines = json.loads(encode_surface(make_surface()))["features"]
        (zero,) = [line for line in lines if line["properties"]["level"] == 0]
        # By symmetry zero is in the middle, at x = -24,000 m.
        for lon, _ in zero["geometry"]["coordinates"]:
            assert lon == pytest.approx(130.7437, abs=0.0015)

    def test_changes_have_a_sign_and_a_heavy_zero(self):
        lines = json.loads(encode_surface(make_surface(minus=dt.date(2025, 1, 10))))["features"]
        labels = {one["properties"]["label"]: one["properties"]["is_zero"] for one in lines}
        assert labels["+2 m"] == labels["-2 m"] == 0
        assert labels["0 m"] == 1


class TestLayer:
    @pytest.fixture
    def layer(self, labels):
        return SurfaceLayer(
            labels=labels,
            data_urls={"areas": "/data/a", "surface": "/surface/levels.geojson?v=1"},
            title="<水位>",
            stamp="模擬データ",
            point=(130.7, 32.8),
        )

    def test_what_the_browser_is_told(self, layer):
        calls = {}
        wells = [{"lon": 130.7, "lat": 32.8, "text": "</script><b>"}]
        group = layer.to_folium([LegendEntry("a", "#ffffff", "square")], wells)
        for child in group._children.values():
            calls[child.function] = child
        options = calls["addSurface"].options
        assert (options["url"], options["areasUrl"]) == ("/surface/levels.geojson?v=1", "/data/a")
        assert (options["stamp"], options["wells"]) == ("模擬データ", wells)
        assert calls["addNearest"].options["point"] == {"lon": 130.7, "lat": 32.8}
        assert "</script>" not in calls["addSurface"].json
        assert set(calls) == {"addAreas", "addSurface", "addNearest", "addCredits", "setLegend"}

    def test_the_legend_has_numbers_with_their_unit(self, layer):
        entries = layer.list_surface_entries(class_levels(np.array([9.8, 12.3])), 12)
        assert [entry.label for entry in entries] == [
            *("9.5〜10.0 m", "10.0〜10.5 m", "10.5〜11.0 m", "11.0〜11.5 m"),
            *("11.5〜12.0 m", "12.0〜12.5 m", "等しい水位の線", "使った観測井"),
        ]
        assert entries[-1].count == "12本"
