"""Printed maps: what is drawn where, in which colour, and what stands below."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import math
import socket
import struct
import sys
import zlib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.geometry
from matplotlib._pylab_helpers import Gcf
from PIL import Image
from pyproj import Geod

from kumageo.errors import ArgumentError, UnknownDatasetError
from layers.base import ACCENT, ASIDE_COLOUR, LAND_COLOUR
from layers.groundwater import STYLES
from layers.symbology import BOTTLENECK_COLOUR, SEQUENTIAL, SHELTER_COLOUR, SITE_COLOUR
from layers.water import Water
from pages.handouts.canvas import Canvas
from pages.handouts.deck import MapView
from pages.handouts.ground import Ground
from pages.handouts.pictures import SEA_COLOUR, draw_view, plan_picture
from pages.handouts.places import RANK
from pages.handouts.scalebar import choose_length
from pages.handouts.themes import CHOSEN_COLOUR

ROOT = Path(__file__).resolve().parents[3]
RAW = ROOT / "geodata" / "raw"
SIZE = {"width_px": 720, "height_px": 600, "dpi": 108.0}
GEOD = Geod(ellps="GRS80")
CHUNKS = {b"IHDR", b"pHYs", b"IDAT", b"IEND"}  # no text and no time
SEMICON = (130.74, 32.82, 130.93, 32.95)
STATION = "9310130"  # the one on 国道57号
HOLIDAYS = {dt.date(2026, 7, 20)}
BREAK_DAY = dt.date(2026, 7, 28)


@pytest.fixture(scope="module")
def ground(data):
    return Ground(data)


@pytest.fixture(scope="module")
def draw(data, labels, ground):
    def draw_png(view, **options):
        return draw_view(view, data, labels, **{**SIZE, **options}, ground=ground)

    return draw_png


@pytest.fixture(scope="module")
def plan(labels, ground):
    """Return what stands where, without drawing it."""

    def plan_view(view, water=None):
        canvas = Canvas(SIZE["width_px"], SIZE["height_px"], SIZE["dpi"])
        return plan_picture(view, ground, labels, canvas, water)

    return plan_view


@pytest.fixture(scope="module")
def areas():
    """Give the shape of each municipality in degrees, from the raw file."""
    document = json.loads((RAW / "municipal_boundaries.geojson").read_text(encoding="utf-8"))
    shapes = defaultdict(list)
    for feature in document["features"]:
        code = feature["properties"]["code"]
        code = "43100" if code.startswith("4310") else code
        shapes[code].append(shapely.geometry.shape(feature["geometry"]))
    return {code: shapely.union_all(parts) for code, parts in shapes.items()}


@pytest.fixture(scope="module")
def find_colour(read_pixels):
    """Return the colour that most of an area has in a picture, as #rrggbb."""

    def find(content, frame, shape):
        pixels, random = read_pixels(content), np.random.default_rng(1)
        x_min, y_min, x_max, y_max = shape.bounds
        lons, lats = random.uniform(x_min, x_max, 400), random.uniform(y_min, y_max, 400)
        inside = shapely.contains_xy(shape, lons, lats)
        seen = defaultdict(int)
        for lon, lat in zip(lons[inside], lats[inside], strict=True):
            x, y = frame.place_degrees(lon, lat)
            if frame.left < x < frame.left + frame.width and 0 < y < frame.top + frame.height:
                seen["#{:02x}{:02x}{:02x}".format(*pixels[int(y), int(x)])] += 1
        return max(seen, key=seen.get)

    return find


def said_below(plan):
    """Return the text of the strip; the lines of a paragraph follow one another."""
    return "".join(item.text for item in plan.strip.items)


def written(plan):
    return [one.text for one in plan.written]


@pytest.fixture(scope="module")
def mean_of_17():
    """Give the mean of both directions from 17 to 18, over whole weekdays before the quake."""
    days = defaultdict(dict)
    with gzip.open(RAW / "traffic_hourly.csv.gz", "rt", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["point_code"] == STATION and row["traffic_up"] and row["traffic_down"]:
                time = dt.datetime.fromisoformat(row["datetime"])
                both = float(row["traffic_up"]) + float(row["traffic_down"])
                days[time.date()][time.hour] = both
    chosen = [
        hours[17]
        for day, hours in days.items()
        if len(hours) == 24 and day < BREAK_DAY and day.weekday() < 5 and day not in HOLIDAYS
    ]
    return sum(chosen) / len(chosen)


@pytest.fixture(scope="module")
def make_water(data):
    """Make readings that put every well in one class."""

    def make(*, is_demo):
        ids = pd.Index(data.wells["id"], name="id")
        summary = pd.DataFrame({"shown_class": "much_below", "n_readings": 1}, index=ids)
        return Water(
            daily=pd.DataFrame(),
            summary=summary,
            sources=("試験の水位",),
            source_of={},
            is_demo=is_demo,
            n_readings=len(ids),
        )

    return make


class TestFile:
    @pytest.mark.parametrize("size", [(900, 750, 135.0), (1467, 1176, 220.0), (1001, 777, 150.0)])
    def test_it_has_the_size_that_was_asked_for(self, draw, view, size):
        width, height, dpi = size
        picture = Image.open(io.BytesIO(draw(view, width_px=width, height_px=height, dpi=dpi)))
        assert picture.size == (width, height)
        assert picture.info["dpi"] == pytest.approx((dpi, dpi), abs=0.1)
        assert picture.mode == "RGB"

    def test_nothing_in_it_tells_of_its_making(self, draw, view):
        content, at, found = draw(view), 8, set()
        while at < len(content):
            (length,) = struct.unpack(">I", content[at : at + 4])
            kind = content[at + 4 : at + 8]
            body = content[at + 8 : at + 8 + length]
            assert zlib.crc32(kind + body) == struct.unpack(">I", content[at + 8 + length :][:4])[0]
            found.add(kind)
            at += length + 12
        assert found == CHUNKS

    def test_the_same_view_gives_the_same_bytes_in_any_thread(self, draw, data, labels, kikuchi):
        views = [
            MapView("council", (130.7, 32.8, 131.1, 33.1), kikuchi),
            MapView("evacuation", (130.7, 32.8, 131.1, 33.1), kikuchi),
            MapView("congestion", SEMICON),
        ]
        first = [draw(one) for one in views]
        with ThreadPoolExecutor(6) as pool:
            later = list(pool.map(lambda one: draw_view(one, data, labels, **SIZE), views * 2))
        assert later == first * 2

    def test_it_needs_no_window_and_no_network(self, draw, monkeypatch):
        """A figure without pyplot is known to nobody else, and no setting is changed."""

        def refuse(*_args):
            raise OSError("no network")

        monkeypatch.setattr(socket.socket, "connect", refuse)
        before = dict(mpl.rcParams)
        had_pyplot = "matplotlib.pyplot" in sys.modules
        draw(MapView("congestion", SEMICON))
        assert dict(mpl.rcParams) == before
        assert ("matplotlib.pyplot" in sys.modules) == had_pyplot
        assert Gcf.get_num_fig_managers() == 0
        assert "matplotlib_fontja" not in sys.modules

    @pytest.mark.parametrize(
        ("change", "error", "message"),
        [
            ({"layer": "nowhere"}, UnknownDatasetError, "layer: expected one of council"),
            ({"extent": (131.0, 32.0, 130.0, 33.0)}, ArgumentError, "extent"),
            ({"extent": (math.nan,) * 4}, ArgumentError, "extent"),
        ],
    )
    def test_a_view_that_cannot_be_drawn_is_refused(self, draw, view, change, error, message):
        with pytest.raises(error, match=message):
            draw(replace(view, **change))

    @pytest.mark.parametrize(
        ("size", "message"),
        [
            ({"width_px": 100}, "pixels a side"),
            ({"height_px": 9000}, "pixels a side"),
            ({"width_px": 300, "height_px": 250, "dpi": 300.0}, "no room for the map"),
        ],
    )
    def test_a_size_that_holds_no_map_is_refused(self, draw, size, message):
        with pytest.raises(ArgumentError, match=message):
            draw(MapView("evacuation", (130.7, 32.8, 131.1, 33.1)), **size)


class TestScale:
    def test_marks_lie_where_their_degrees_say(self, draw, plan, read_pixels):
        """Two marks and the scale bar, all measured in the picture itself."""
        here, there = (130.75, 32.85, ""), (130.95, 33.05, "")
        view = MapView("council", (130.7, 32.8, 131.0, 33.1), places=(here, there))
        content, frame = draw(view), plan(view).frame
        is_mark = (read_pixels(content) == [0x00, 0x17, 0xC1]).all(axis=2)
        centres = []
        for lon, lat, _ in (here, there):
            x, y = frame.place_degrees(lon, lat)
            window = is_mark[int(y) - 25 : int(y) + 25, int(x) - 25 : int(x) + 25]
            rows, columns = np.nonzero(window)
            assert len(rows) > 100
            centre = (columns.mean() + int(x) - 25 + 0.5, rows.mean() + int(y) - 25 + 0.5)
            assert centre == pytest.approx((x, y), abs=1.0)
            centres.append(centre)
        apart = math.dist(*centres)
        metres = GEOD.inv(*here[:2], *there[:2])[2]
        assert apart * frame.m_per_px == pytest.approx(metres, rel=0.003)

    def test_the_bar_is_as_long_as_it_says(self, draw, plan, read_pixels):
        view = MapView("groundwater", (130.7, 32.8, 131.0, 33.1))
        frame = plan(view).frame
        dark = (read_pixels(draw(view)) < 0x60).all(axis=2)
        bottom, right = int(frame.top + frame.height), int(frame.left + frame.width)
        corner = dark[bottom - 10 : bottom - 3, right - 200 : right - 2]
        columns = np.nonzero(corner.any(axis=0))[0]
        length_px = columns.max() - columns.min() + 1
        assert length_px * frame.m_per_px == pytest.approx(choose_length(frame), rel=0.03)


class TestNames:
    VIEWS = (
        MapView("council", (129.94, 32.09, 131.33, 33.2)),
        MapView("evacuation", (130.6, 32.7, 130.9, 32.95), ("43100",), {"m": "43100"}),
        MapView("congestion", SEMICON),
        MapView("congestion", (130.84, 32.86, 130.9, 32.92), (), {"hour": "8"}),
        MapView("groundwater", (130.6, 32.7, 130.9, 32.95)),
    )

    @pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.layer)
    def test_no_name_lies_over_another_or_leaves_the_map(self, plan, view, find_overlaps):
        planned = plan(view)
        boxes = [(one.text, one.box) for one in planned.written]
        assert len(boxes) >= 5
        assert find_overlaps(boxes, tolerance=0.01) == []
        left, top, right, bottom = planned.frame.box
        for text, box in boxes:
            assert box[0] >= left, text
            assert box[1] >= top, text
            assert box[2] <= right, text
            assert box[3] <= bottom, text

    def test_a_name_lies_in_its_own_municipality(self, plan, data, areas):
        view = MapView("council", (129.94, 32.09, 131.33, 33.2))
        codes = {name: code for code, name in data.names.items()}
        planned = plan(view)
        named = [one for one in planned.written if one.text in codes and one.name.rank > 50]
        assert len(named) >= 30
        for one in named:
            place = planned.frame
            x, y = one.centre
            nearest = min(
                areas,
                key=lambda code: math.dist(
                    place.place_degrees(*_nearest_point(areas[code], place, x, y)), (x, y)
                ),
            )
            assert nearest == codes[one.text]

    def test_those_in_question_come_first(self, plan, kikuchi, data):
        view = MapView("council", (129.94, 32.09, 131.33, 33.2), kikuchi)
        assert {data.names[code] for code in kikuchi[:2]} <= set(written(plan(view)))


def _nearest_point(shape, frame, x, y):
    """Return the place of a shape that is nearest to a pixel, in degrees."""
    lons, lats = shape.bounds[::2], shape.bounds[1::2]
    corners = [frame.place_degrees(lon, lat) for lon in lons for lat in lats]
    (left, top), (right, bottom) = np.min(corners, axis=0), np.max(corners, axis=0)
    lon = np.interp(x, [left, right], lons)
    lat = np.interp(y, [top, bottom], lats[::-1])
    nearest = shapely.ops.nearest_points(shape, shapely.Point(lon, lat))[0]
    return nearest.x, nearest.y


class TestPlaces:
    def test_they_are_named_on_the_map(self, plan, draw, count_colour, view):
        places = ((130.81, 32.98, "菊池市役所"), (130.87, 32.88, "大津町役場"))
        planned = plan(replace(view, places=places))
        assert not planned.is_numbered
        assert {"菊池市役所", "大津町役場"} <= set(written(planned))
        usual = count_colour(draw(view), ACCENT)
        assert count_colour(draw(replace(view, places=places)), ACCENT) > usual + 200

    def test_many_get_numbers_and_a_list(self, plan, view, find_overlaps):
        places = tuple((130.75 + 0.008 * n, 32.9, f"場所その{n}の名前") for n in range(30))
        planned = plan(replace(view, places=places))
        assert planned.is_numbered
        numbers = [one.text for one in planned.written if one.name.rank == RANK]
        assert sorted(map(int, numbers)) == list(range(1, 31))
        assert find_overlaps([(one.text, one.box) for one in planned.written], 0.01) == []
        below = said_below(planned)
        assert all(name in below for *_, name in places)

    def test_the_number_of_a_place_is_tied_to_it(self, draw, plan, view, read_pixels):
        places = tuple(
            (130.85, 32.9 + 0.0001 * n, f"とても長い名前の場所その{n}") for n in range(12)
        )
        crowded = replace(view, places=places)
        planned, pixels = plan(crowded), read_pixels(draw(crowded))
        for place, (lon, lat, _) in zip(planned.places, places, strict=True):
            (number,) = [one for one in planned.written if one.text == str(place.number)]
            start, end = planned.frame.place_degrees(lon, lat), number.centre
            for part in np.linspace(0.15, 0.85, 8):
                x, y = np.add(start, part * np.subtract(end, start))
                window = pixels[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3].reshape(-1, 3)
                assert (np.abs(window.astype(int) - [0x00, 0x17, 0xC1]).sum(axis=1) < 150).any()

    def test_more_than_there_is_room_for_are_counted(self, plan, view):
        places = tuple((130.75 + 0.001 * n, 32.9, "長い名前" * 6 + str(n)) for n in range(150))
        planned = plan(replace(view, places=places))
        assert "ほか" in said_below(planned)
        assert planned.frame.height > 0.45 * SIZE["height_px"]

    def test_places_off_the_map_and_strange_names(self, plan, draw, view):
        places = ((135.0, 35.0, "大阪"), (130.85, 32.9, "<b>$x^2$\x07 🚗"), (130.8, 32.95, ""))
        odd = replace(view, places=places)
        planned = plan(odd)
        assert [place.name for place in planned.places] == ["<b>$x^2$ 〓", ""]
        assert draw(odd)


class TestCouncil:
    def test_the_areas_in_question_stand_out(self, draw, plan, view, areas, find_colour):
        content, frame = draw(view), plan(view).frame
        assert find_colour(content, frame, areas["43210"]) == CHOSEN_COLOUR
        assert find_colour(content, frame, areas["43208"]) == ASIDE_COLOUR
        assert find_colour(content, frame, areas["43214"]) == ASIDE_COLOUR

    def test_without_any_the_areas_of_all_councils_are_named(self, plan, data):
        planned = plan(MapView("council", (129.94, 32.09, 131.33, 33.2)))
        assert set(data.regions["region_name"]) <= set(written(planned))
        assert "地域の境" in said_below(planned)

    def test_sea_and_land_outside(self, draw, plan, read_pixels):
        view = MapView("council", (129.94, 32.09, 131.33, 33.2))
        pixels, frame = read_pixels(draw(view)), plan(view).frame
        for place, colour in (((130.45, 32.75), SEA_COLOUR), ((131.2, 33.1), ASIDE_COLOUR)):
            x, y = map(int, frame.place_degrees(*place))
            assert "#{:02x}{:02x}{:02x}".format(*pixels[y, x]) == colour


class TestMunicipalities:
    def test_colours_are_the_fifths_of_the_raw_numbers(
        self, draw, plan, areas, find_colour, figures
    ):
        people = {row["code"]: int(row["population"]) for row in figures.municipalities}
        ordered = sorted(people, key=people.get)
        view = MapView("municipalities", (129.94, 32.09, 131.33, 33.2))
        content, planned = draw(view), plan(view)
        for code in (*ordered[:3], *ordered[-3:]):
            wanted = SEQUENTIAL[0] if code in ordered[:3] else SEQUENTIAL[-1]
            assert find_colour(content, planned.frame, areas[code]) == wanted
        below = said_below(planned)
        assert "人口（人）" in below
        assert f"–{max(people.values()):,}（9市町村）" in below

    def test_others_fade_and_the_legend_counts_those_in_question(
        self, draw, plan, areas, find_colour, kikuchi, find_extent
    ):
        query = {"indicator": "groundwater_area"}
        view = MapView("municipalities", find_extent(kikuchi), kikuchi, query)
        content, planned = draw(view), plan(view)
        assert find_colour(content, planned.frame, areas["43404"]) == "#318d8f"
        assert find_colour(content, planned.frame, areas["43208"]) == ASIDE_COLOUR
        assert "含まれる（4市町村）" in said_below(planned)


class TestEvacuation:
    NOTICE = "指定の一覧です。開設状況ではありません（2025年10月27日時点）。"

    @pytest.mark.parametrize("query", [{}, {"hazard": "flood"}, {"m": "43404", "kind": "shelter"}])
    def test_every_picture_says_that_it_is_a_list(self, plan, query):
        planned = plan(MapView("evacuation", (130.7, 32.8, 131.1, 33.1), query=query))
        assert self.NOTICE in said_below(planned)

    def test_a_hazard_leaves_the_sites_that_serve_it(self, plan, draw, figures, count_colour):
        view = MapView("evacuation", (130.7, 32.8, 131.1, 33.1), query={"region": "kikuchi"})
        flooded = replace(view, query={"region": "kikuchi", "hazard": "flood"})
        n_sites = len(figures.select(kind="site", hazards=["flood"], region="kikuchi"))
        assert f"指定緊急避難場所（{n_sites:,}か所）" in said_below(plan(flooded))
        assert "洪水に対応する場所" in said_below(plan(flooded))
        assert count_colour(draw(view), SHELTER_COLOUR) > 200
        content = draw(flooded)
        assert count_colour(content, SHELTER_COLOUR) == 0
        assert count_colour(content, SITE_COLOUR) > 200

    def test_a_site_lies_where_its_row_says(self, draw, plan, figures, read_pixels):
        (row,) = figures.select(kind="site", m="43404", q="菊陽中学校")[:1]
        lon, lat = float(row["lon"]), float(row["lat"])
        extent = (lon - 0.004, lat - 0.004, lon + 0.004, lat + 0.004)
        view = MapView("evacuation", extent, query={"m": "43404", "kind": "site"})
        x, y = map(int, plan(view).frame.place_degrees(lon, lat))
        assert "#{:02x}{:02x}{:02x}".format(*read_pixels(draw(view))[y, x]) == SITE_COLOUR


class TestCongestion:
    def test_the_measured_road_has_its_number_and_the_others_have_none(self, plan, mean_of_17):
        planned = plan(MapView("congestion", SEMICON))
        names = written(planned)
        assert any(f"国道57号 {math.floor(mean_of_17 + 0.5):,}台/時" in name for name in names)
        unmeasured = [name for name in names if name.endswith("未計測")]
        assert len(unmeasured) == 4
        assert "17時台、国道57号は" in said_below(planned)
        assert {"JASM（セミコンテクノパーク）", "肥後大津"} <= set(names)

    def test_colours_and_dashes(self, draw, count_colour, mean_of_17):
        assert 1500 <= mean_of_17 < 2500
        content = draw(MapView("congestion", SEMICON))
        assert count_colour(content, SEQUENTIAL[3]) > 1000
        assert count_colour(content, "#7d7d7d") > 200
        assert count_colour(content, BOTTLENECK_COLOUR) > 100

    def test_the_hour_of_the_link_is_shown(self, plan, draw):
        view = MapView("congestion", SEMICON, query={"hour": "3", "measure": "large_pct"})
        assert "大型車の割合（%）" in said_below(plan(view))
        assert "3時台" in said_below(plan(view))
        assert draw(view) != draw(MapView("congestion", SEMICON))

    def test_an_unknown_hour_is_the_usual_one(self, draw):
        odd = MapView("congestion", SEMICON, query={"hour": "25", "measure": "speed_kmh"})
        assert draw(odd) == draw(MapView("congestion", SEMICON))


class TestGroundwater:
    EXTENT = (130.6, 32.7, 131.1, 33.05)
    CLASSES = tuple(colour for name, (_, colour) in STYLES.items() if name != "none")

    def test_without_readings_wells_have_no_class(self, draw, plan, count_colour):
        view = MapView("groundwater", self.EXTENT)
        content = draw(view)
        assert all(count_colour(content, colour) == 0 for colour in self.CLASSES)
        assert "水位の記録がないため、階級は示していません。" in said_below(plan(view))
        assert "熊本県「地下水位観測地点」" in said_below(plan(view))

    def test_measured_readings_give_classes_and_are_credited(
        self, draw, plan, count_colour, make_water
    ):
        view, water = MapView("groundwater", self.EXTENT), make_water(is_demo=False)
        assert count_colour(draw(view, water=water), STYLES["much_below"][1]) > 300
        below = said_below(plan(view, water))
        assert "かなり低い" in below
        assert "水位の記録：試験の水位" in below

    def test_simulated_readings_are_never_printed(self, draw, make_water):
        view = MapView("groundwater", self.EXTENT)
        assert draw(view, water=make_water(is_demo=True)) == draw(view)

    def test_only_wells_of_the_municipalities_in_question(self, plan, data, kikuchi):
        n_wells = int(data.wells["municipality_code"].isin(kikuchi).sum())
        planned = plan(MapView("groundwater", self.EXTENT, kikuchi))
        assert f"（{n_wells}本）" in said_below(planned)


@pytest.mark.parametrize(
    ("layer", "datasets"),
    [
        ("council", ("municipalities", "municipal_boundaries", "background_land")),
        ("evacuation", ("evacuation_sites", "evacuation_shelters", "municipal_boundaries")),
        ("congestion", ("traffic_hourly", "corridors", "bottlenecks", "background_roads")),
        ("groundwater", ("observation_wells", "municipal_boundaries")),
    ],
)
def test_credits_stand_in_the_picture(plan, data, layer, datasets):
    below = said_below(plan(MapView(layer, (130.7, 32.8, 131.1, 33.1))))
    for dataset in datasets:
        assert data.catalog[dataset].processed_statement in below


def test_the_land_of_the_subject_is_light(draw, plan, areas, find_colour, kikuchi):
    view = MapView("groundwater", (130.7, 32.8, 131.1, 33.1), kikuchi)
    content, frame = draw(view), plan(view).frame
    assert find_colour(content, frame, areas["43210"]) == LAND_COLOUR
    assert find_colour(content, frame, areas["43214"]) == ASIDE_COLOUR
