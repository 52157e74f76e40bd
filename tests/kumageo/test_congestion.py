"""Corridors, stations and buffers: by hand in the plane, and by other projections in the field."""

from __future__ import annotations

import csv
import json
import math
import shutil
from itertools import pairwise

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import shapely.geometry
from pyproj import Geod, Transformer
from shapely import LineString, MultiLineString, Point, box

from kumageo.congestion import (
    BUFFER_DISTANCES_M,
    CENTRE_LANDMARK,
    SNAP_TOLERANCE_M,
    describe_corridors,
    measure_speeds,
    report_congestion,
    snap_to_corridors,
    summarise_buffer,
)
from kumageo.errors import ArgumentError, CrsError, GeometryTypeError
from kumageo.facilities import build_facilities
from kumageo.reports import report_subject
from kumageo.speed_bins import SpeedCounts, to_bin
from kumageo.store import Store

GEOD = Geod(ellps="GRS80")
METRIC = "EPSG:6670"
NO_SPEEDS = SpeedCounts().to_table(pd.Series(dtype="str"))


def read_csv(committed, name):
    with (committed / "raw" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_lines(committed, name="corridors"):
    document = json.loads((committed / "raw" / f"{name}.geojson").read_text("utf-8"))
    return {
        feature["properties"]["id"]: shapely.geometry.shape(feature["geometry"])
        for feature in document["features"]
    }


def around(lon, lat):
    """Return what turns degrees into metres about a place: true to distance from there."""
    plane = f"+proj=aeqd +lat_0={lat} +lon_0={lon} +ellps=GRS80 +units=m"
    to_plane = Transformer.from_crs("EPSG:6668", plane, always_xy=True).transform
    return lambda shape: shapely.transform(shape, to_plane, interleaved=False)


def lines(*shapes, ids="abcdefgh", index=None, crs=METRIC):
    names = list(ids)[: len(shapes)]
    table = {"id": names, "name": names, "confidence": "high"}
    return gpd.GeoDataFrame(table, geometry=list(shapes), crs=crs, index=index)


def points(*shapes, crs=METRIC, index=None, **columns):
    series = gpd.GeoSeries(list(shapes), crs=crs, index=index)
    return gpd.GeoDataFrame({**columns}, geometry=series, index=series.index, crs=crs)


class TestSnapByHand:
    road = LineString([(0, 0), (1000, 0)])

    def test_up_to_and_with_the_tolerance(self):
        there = points(*(Point(500, y) for y in (0, 49.999, 50, 50.001, -50, 1e4)))
        found = snap_to_corridors(there, lines(self.road))
        assert found["distance_m"].tolist() == pytest.approx([0, 49.999, 50, 50.001, 50, 1e4])
        assert found["corridor_id"].fillna("").tolist() == ["a", "a", "a", "", "a", ""]
        assert SNAP_TOLERANCE_M == 50

    def test_another_tolerance(self):
        there = points(Point(0, 0), Point(0, 1e-6), Point(1300, 400))
        near = snap_to_corridors(there, lines(self.road), tolerance_m=0)
        assert near["corridor_id"].fillna("").tolist() == ["a", "", ""]
        far = snap_to_corridors(there, lines(self.road), tolerance_m=500)
        assert far["corridor_id"].tolist() == ["a", "a", "a"]  # the end is 300 and 400 m off

    def test_the_nearer_road_and_of_equally_near_ones_the_first(self):
        roads = lines(self.road, LineString([(500, -500), (500, 500)]), self.road)
        found = snap_to_corridors(points(Point(500, 0), Point(499, 5), Point(100, 5)), roads)
        assert found["corridor_id"].tolist() == ["a", "b", "a"]
        assert found["distance_m"].tolist() == [0, 1, 5]

    def test_a_road_of_several_parts(self):
        road = MultiLineString([[(0, 0), (10, 0)], [(100, 0), (110, 0)]])
        found = snap_to_corridors(points(Point(105, 3), Point(55, 0)), lines(road), tolerance_m=44)
        assert found["distance_m"].tolist() == [3, 45]
        assert found["corridor_id"].fillna("").tolist() == ["a", ""]

    def test_a_long_line_is_as_near_as_its_nearest_piece(self):
        road = LineString([(x, 10 * (x % 2)) for x in range(200)])
        there = points(*(Point(x, 30) for x in range(0, 200, 7)))
        found = snap_to_corridors(there, lines(road))
        assert found["distance_m"].tolist() == pytest.approx(there.distance(road).tolist())

    def test_a_point_without_a_place_lies_on_no_road(self):
        found = snap_to_corridors(points(None, Point(), Point(1, 1)), lines(self.road))
        assert found["corridor_id"].fillna("").tolist() == ["", "", "a"]
        assert found["distance_m"].isna().tolist() == [True, True, False]

    def test_the_index_is_that_of_the_points(self):
        there = points(Point(0, 1), None, Point(0, 999), index=["x", "y", "x"])
        roads = lines(self.road, index=["only"])
        found = snap_to_corridors(there, roads)
        assert found.index.tolist() == ["x", "y", "x"]
        assert found["corridor_id"].fillna("").tolist() == ["a", "", ""]

    def test_nothing_to_find(self):
        found = snap_to_corridors(points(Point(0, 0)), lines(self.road).head(0))
        assert found.isna().all().all()
        assert len(snap_to_corridors(points(), lines(self.road))) == 0

    def test_input_is_not_changed(self):
        there, roads = points(Point(0, 1), None), lines(self.road)
        copies = [frame.copy(deep=True) for frame in (there, roads)]
        snap_to_corridors(there, roads)
        describe_corridors(roads, there.assign(point_code="s"))
        for frame, copy in zip((there, roads), copies, strict=True):
            pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(copy))

    def test_one_crs_or_an_error(self):
        there = points(Point(130.8, 32.9), crs="EPSG:6668")
        with pytest.raises(CrsError, match="expected one coordinate reference system"):
            snap_to_corridors(there, lines(self.road))
        with pytest.raises(CrsError, match="expected a coordinate reference system, got none"):
            snap_to_corridors(there, lines(self.road, crs=None))
        with pytest.raises(CrsError):
            describe_corridors(lines(self.road, crs=None), there.assign(point_code="s"))

    def test_areas_are_no_roads(self):
        with pytest.raises(GeometryTypeError):
            snap_to_corridors(points(Point(0, 0)), lines(box(0, 0, 1, 1)))

    @pytest.mark.parametrize("tolerance_m", [-1, math.nan])
    def test_a_tolerance_that_nothing_can_meet_is_refused(self, tolerance_m):
        with pytest.raises(ArgumentError, match="tolerance_m: expected 0 m or more, got "):
            snap_to_corridors(points(Point(0, 0)), lines(self.road), tolerance_m=tolerance_m)


class TestDescribeByHand:
    def test_length_and_station(self):
        roads = lines(
            LineString([(0, 0), (30, 40)]),
            MultiLineString([[(0, 100), (10, 100)], [(0, 300), (0, 305)]]),
            LineString([(5000, 0), (5001, 0)]),
        )
        stations = points(
            *(Point(2, 103), Point(0, 306), Point(4, 100), Point(9000, 0)),
            point_code=["farthest", "farther", "near", "away"],
        )
        stations = stations.set_geometry(stations.translate(0, 20))
        described = describe_corridors(roads, stations)
        assert described["length_m"].tolist() == [50, 15, 1]
        # 23 m off, 21 m off and 20 m off: the nearest of the three, not the first.
        assert described["point_code"].fillna("").tolist() == ["", "near", ""]
        assert described["id"].tolist() == ["a", "b", "c"]
        assert described.crs == METRIC

    def test_equally_near_stations_are_taken_in_their_order(self):
        there = points(Point(0, 5), Point(0, -5), point_code=["second", "third"])
        (code,) = describe_corridors(lines(LineString([(0, 0), (1, 0)])), there)["point_code"]
        assert code == "second"

    def test_no_station(self):
        described = describe_corridors(
            lines(LineString([(0, 0), (1, 0)])), points(None, point_code=["s"])
        )
        assert described["point_code"].isna().all()


class TestRealRoads:
    def test_one_station_lies_on_a_corridor(self, roads, committed):
        stations = roads["traffic_stations"]
        found = snap_to_corridors(stations, roads["corridors"]).set_index(stations["point_code"])
        assert found["corridor_id"].dropna().to_dict() == {"9310130": "r57"}
        assert found.loc["9310130", "distance_m"] == pytest.approx(9, abs=0.5)
        assert len(found) == 13
        raw = read_lines(committed)
        for row in read_csv(committed, "traffic_stations"):
            lon, lat = float(row["lon"]), float(row["lat"])
            flatten = around(lon, lat)
            distances = {name: flatten(line).distance(Point(0, 0)) for name, line in raw.items()}
            made = found.loc[row["point_code"]]
            # The scale of EPSG:6670 is 0.9999 at its meridian.
            assert made["distance_m"] == pytest.approx(min(distances.values()), rel=3e-4)
            if row["point_code"] == "9310130":
                assert min(distances, key=distances.get) == "r57"
            else:
                assert min(distances.values()) > 4_000

    def test_bottlenecks(self, roads, committed):
        bottlenecks = roads["bottlenecks"]
        found = snap_to_corridors(bottlenecks, roads["corridors"]).set_index(bottlenecks["id"])
        on_line = {"tsukure": "r57", "muro": "r57", "otsu_ueki_r325": "pref30_otsu_ueki"}
        assert found["corridor_id"].dropna().to_dict() == on_line
        for row in read_csv(committed, "bottlenecks"):
            assert pd.isna(found.loc[row["id"], "distance_m"]) == (row["lon"] == "")
        # The choice of 50 m is not a close one: 0 to 10 m, or 260 m and more.
        distances = found["distance_m"].dropna()
        assert ((distances < 10) | (distances > 250)).all()

    def test_lengths(self, roads, committed):
        described = describe_corridors(roads["corridors"], roads["traffic_stations"])
        transform = Transformer.from_crs("EPSG:6668", "EPSG:6670", always_xy=True).transform
        for name, line in read_lines(committed).items():
            (length_m,) = described.loc[described["id"] == name, "length_m"]
            places = [
                [transform(*position) for position in part.coords]
                for part in shapely.get_parts(line)
            ]
            by_hand = sum(math.dist(one, other) for part in places for one, other in pairwise(part))
            assert length_m == pytest.approx(by_hand, rel=1e-9)
            assert length_m == pytest.approx(GEOD.geometry_length(line), rel=2e-4)
        codes = described.set_index("id")["point_code"]
        assert codes.dropna().to_dict() == {"r57": "9310130"}


@pytest.fixture
def two():
    """Two squares of a kilometre side by side, the western one of two wards."""
    shapes = [box(0, 0, 1000, 400), box(0, 400, 1000, 1000), box(1000, 0, 2000, 1000)]
    codes = ["43100", "43100", "43202"]
    return gpd.GeoDataFrame({"municipality_code": codes}, geometry=shapes, crs=METRIC)


@pytest.fixture
def people():
    return pd.DataFrame({"code": ["43202", "43100"], "population": [4000, 1000]})


def place_all(*places):
    """Make facilities of (kind, x, y)."""
    kinds = [kind for kind, *_ in places]
    return points(*(Point(x, y) for _, x, y in places), kind=kinds)


class TestBufferByHand:
    centre = gpd.GeoSeries([Point(1000, 500)], crs=METRIC)
    # A circle is drawn with 256 corners.
    circle = 128 * math.sin(math.tau / 256)

    def summarise(self, two, people, *places, centre=None, distance_m=300, wells=None):
        wells = points(Point(1000, 500), None) if wells is None else wells
        centre = self.centre if centre is None else centre
        facilities = place_all(*(places or [("site", 1000, 500)]))
        return summarise_buffer(centre, distance_m, facilities, wells, people, two)

    def test_area_and_residents(self, two, people):
        summary = self.summarise(two, people)
        area_km2 = self.circle * 0.3**2
        assert area_km2 == pytest.approx(math.pi * 0.3**2, rel=0.0002)
        assert summary.area_km2 == pytest.approx(area_km2)
        assert summary.area.area == pytest.approx(area_km2 * 1e6)
        # Half of it lies in each square of 1 km2.
        assert summary.shares["share_pct"].to_dict() == pytest.approx(
            {"43100": 50 * area_km2, "43202": 50 * area_km2}
        )
        assert summary.shares["population"].to_dict() == pytest.approx(
            {"43100": 1000 * area_km2 / 2, "43202": 4000 * area_km2 / 2}
        )
        assert summary.population == pytest.approx(2500 * area_km2)
        assert summary.distance_m == 300

    def test_all_of_an_area_has_all_of_its_residents(self, two, people):
        summary = self.summarise(two, people, distance_m=5000)
        assert summary.shares["share_pct"].tolist() == pytest.approx([100, 100])
        assert summary.population == pytest.approx(5000)

    def test_an_area_outside_is_not_listed(self, two, people):
        west = gpd.GeoSeries([Point(300, 500)], crs=METRIC)
        assert self.summarise(two, people, centre=west).shares.index.tolist() == ["43100"]
        away = gpd.GeoSeries([Point(9000, 9000)], crs=METRIC)
        summary = self.summarise(two, people, centre=away)
        assert (summary.population, len(summary.shares)) == (0, 0)
        assert (summary.n_sites, summary.n_wells) == (0, 0)
        # An edge that is only touched has no part in it.
        touching = gpd.GeoSeries([Point(700, 500)], crs=METRIC)
        assert self.summarise(two, people, centre=touching).shares.index.tolist() == ["43100"]

    def test_what_lies_on_the_edge_is_within(self, two, people):
        at = [(1300, 500), (700, 500), (1000, 800), (1300.001, 500), (1299.999, 500)]
        summary = self.summarise(two, people, *(("site", x, y) for x, y in at))
        assert summary.n_sites == 4

    def test_kinds_are_counted_apart(self, two, people):
        places = [("site", 1000, 500), ("site", 900, 500), ("shelter", 900, 500)]
        places += [("site", 0, 0), ("shelter", 2000, 0), ("shelter", 1100, 500)]
        wells = points(Point(1000, 501), None, Point(), Point(0, 0), Point(1000, 200))
        summary = self.summarise(two, people, *places, wells=wells)
        assert (summary.n_sites, summary.n_shelters, summary.n_wells) == (2, 2, 2)

    def test_round_a_line(self, two, people):
        line = gpd.GeoSeries([LineString([(500, 500), (1500, 500)])], crs=METRIC)
        summary = self.summarise(two, people, ("site", 500, 590), centre=line, distance_m=100)
        assert summary.area_km2 == pytest.approx(1.0 * 0.2 + self.circle * 0.1**2)
        assert summary.n_sites == 1

    def test_parts_that_overlap_count_once(self, two, people):
        several = gpd.GeoSeries([Point(1000, 500), Point(1000, 500)], crs=METRIC)
        once, twice = self.summarise(two, people), self.summarise(two, people, centre=several)
        assert twice.area_km2 == pytest.approx(once.area_km2)
        assert twice.population == pytest.approx(once.population)

    def test_degrees_and_metres_give_the_same(self, two, people):
        def turn(frame):
            return frame.to_crs("EPSG:6668")

        metric = self.summarise(two, people, ("site", 1100, 500))
        geographic = summarise_buffer(
            turn(self.centre),
            300,
            turn(place_all(("site", 1100, 500))),
            turn(points(Point(1000, 500), None)),
            people,
            turn(two),
        )
        assert geographic.area_km2 == pytest.approx(metric.area_km2)
        assert geographic.population == pytest.approx(metric.population, rel=1e-6)
        assert geographic.n_sites == metric.n_sites == 1
        assert geographic.n_wells == metric.n_wells == 1

    @pytest.mark.parametrize("distance_m", [0, -500, math.nan, -math.inf, math.inf])
    def test_a_distance_of_nothing_is_refused(self, two, people, distance_m):
        with pytest.raises(ArgumentError, match="distance_m: expected metres above 0, got "):
            self.summarise(two, people, distance_m=distance_m)

    @pytest.mark.parametrize("nowhere", [[], [None], [Point()]], ids=["none", "missing", "empty"])
    def test_a_centre_without_a_place_is_refused(self, two, people, nowhere):
        centre = gpd.GeoSeries(nowhere, crs=METRIC)
        with pytest.raises(ArgumentError, match="centre: expected a point or line, got none"):
            self.summarise(two, people, centre=centre)

    @pytest.mark.parametrize("wrong", ["centre", "facilities", "wells", "areas"])
    def test_one_crs_or_an_error(self, two, people, wrong):
        parts = {
            "centre": self.centre,
            "facilities": place_all(("site", 1, 1)),
            "wells": points(Point(1, 1)),
            "areas": two,
        }
        for crs in (None, "EPSG:6668"):
            changed = {**parts, wrong: parts[wrong].set_crs(crs, allow_override=True)}
            centre, facilities, wells, areas = changed.values()
            with pytest.raises(CrsError):
                summarise_buffer(centre, 300, facilities, wells, people, areas)

    def test_input_is_not_changed(self, two, people):
        facilities, wells = place_all(("site", 1, 1)), points(Point(1, 1), None)
        frames = [facilities, wells, people, two]
        copies = [frame.copy(deep=True) for frame in frames]
        centre = self.centre.copy(deep=True)
        summarise_buffer(centre, 300, facilities, wells, people, two)
        for frame, copy in zip(frames, copies, strict=True):
            pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(copy))
        assert centre.geom_equals_exact(self.centre, 0).all()


@pytest.fixture(scope="module")
def summarise_real(embedded, roads):
    facilities = build_facilities(
        *(embedded[name] for name in ("evacuation_sites", "evacuation_shelters")),
        embedded["municipal_boundaries"],
    )

    def summarise(centre, distance_m):
        return summarise_buffer(
            centre,
            distance_m,
            facilities,
            roads["observation_wells"],
            embedded["municipalities"],
            embedded["municipal_boundaries"],
        )

    return summarise


@pytest.fixture(scope="module")
def plant(committed):
    (row,) = [r for r in read_csv(committed, "landmarks") if r["id"] == CENTRE_LANDMARK]
    return float(row["lon"]), float(row["lat"])


@pytest.fixture(scope="module")
def raw_points(committed):
    names = ("evacuation_sites", "evacuation_shelters", "observation_wells")
    return {
        name: [
            Point(float(row["lon"]), float(row["lat"]))
            for row in read_csv(committed, name)
            if row["lon"]
        ]
        for name in names
    }


class TestRealBuffers:
    """Against the raw files in a plane about the plant, which is true to distance from there."""

    def check_counts(self, summary, raw_points, flatten, shape):
        counted = [summary.n_sites, summary.n_shelters, summary.n_wells]
        for n_inside, there in zip(counted, raw_points.values(), strict=True):
            shares = [flatten(point).distance(shape) / summary.distance_m for point in there]
            # The scale of EPSG:6670 is 0.9999 at its meridian, and a circle has corners.
            least, most = (sum(share < limit for share in shares) for limit in (0.9997, 1.0003))
            assert least <= n_inside <= most <= least + 1

    @pytest.mark.parametrize("distance_m", BUFFER_DISTANCES_M)
    def test_round_semicon_techno_park(
        self, summarise_real, roads, committed, plant, raw_points, distance_m
    ):
        landmarks = roads["landmarks"]
        centre = landmarks.loc[landmarks["id"] == CENTRE_LANDMARK].geometry
        summary = summarise_real(centre, distance_m)
        flatten = around(*plant)
        self.check_counts(summary, raw_points, flatten, Point(0, 0))
        assert summary.area_km2 == pytest.approx(math.pi * (distance_m / 1000) ** 2, rel=0.003)
        document = json.loads((committed / "raw" / "municipal_boundaries.geojson").read_text())
        residents = {r["code"]: int(r["population"]) for r in read_csv(committed, "municipalities")}
        circle = Point(0, 0).buffer(distance_m, quad_segs=500)
        shares = {}
        for feature in document["features"]:
            code = feature["properties"]["code"]
            area = flatten(shapely.geometry.shape(feature["geometry"]))
            inside = area.intersection(circle).area
            if inside:
                assert not code.startswith("4310")  # no ward of 熊本市 is as near
                shares[code] = 100 * inside / area.area
        assert summary.shares["share_pct"].to_dict() == pytest.approx(shares, rel=0.01)
        people = sum(share / 100 * residents[code] for code, share in shares.items())
        assert summary.population == pytest.approx(people, rel=0.005)

    @pytest.mark.parametrize("corridor", ["r57", "pref30_otsu_ueki"])
    def test_round_a_corridor(self, summarise_real, roads, committed, raw_points, corridor):
        corridors = roads["corridors"]
        centre = corridors.loc[corridors["id"] == corridor].geometry
        summary = summarise_real(centre, 1000)
        line = read_lines(committed)[corridor]
        flatten = around(line.centroid.x, line.centroid.y)
        self.check_counts(summary, raw_points, flatten, flatten(line))
        assert summary.n_sites > 0
        drawn = flatten(line).buffer(1000, quad_segs=100).area / 1e6
        assert summary.area_km2 == pytest.approx(drawn, rel=0.003)

    def test_a_wider_circle_holds_the_narrower(self, summarise_real, roads):
        landmarks = roads["landmarks"]
        centre = landmarks.loc[landmarks["id"] == CENTRE_LANDMARK].geometry
        summaries = [summarise_real(centre, distance_m) for distance_m in BUFFER_DISTANCES_M]
        for name in ("n_sites", "n_shelters", "n_wells", "population", "area_km2"):
            values = [getattr(summary, name) for summary in summaries]
            assert values == sorted(values)


BEFORE = [f"2026-05-{day}" for day in range(25, 30)]  # Monday to Friday
AFTER = ["2026-07-29", "2026-07-30", "2026-07-31", "2026-08-03", "2026-08-04"]
PEAK, OFF_PEAK = (6, 7, 8, 16, 17, 18), (*range(9, 16), 19, 20, 21)


def count_speeds(*rows):
    """Make the table of rows of (corridor, days, hours, km/h, samples in each hour)."""
    listed = [
        (corridor, day, hour, int(to_bin(speed)), n)
        for corridor, days, hours, speed, n in rows
        for day in days
        for hour in hours
    ]
    table = pd.DataFrame(listed, columns=NO_SPEEDS.columns).astype({"section_id": "str"})
    return table.assign(date=pd.to_datetime(table["date"]).astype("datetime64[us]"))


def jam(corridor, days, peak_kmh):
    """120 samples in the peak, and 100 of 60 km/h outside of it: just enough for an index."""
    return [(corridor, days, PEAK, peak_kmh, 4), (corridor, days, OFF_PEAK, 60.0, 2)]


def count_vehicles(code, *rows):
    """Make volumes of rows of (days, up, down), the same in all hours."""
    records = [
        (code, pd.Timestamp(f"{day}T{hour:02d}:00+09:00"), up, down, 0.0, 0.0)
        for days, up, down in rows
        for day in days
        for hour in range(24)
    ]
    names = ["point_code", "time", "n_up", "n_down", "n_up_large", "n_down_large"]
    table = pd.DataFrame(records, columns=names)
    return table.assign(time=table["time"].dt.tz_convert("Asia/Tokyo"))


class TestSpeeds:
    volumes = count_vehicles("S", (BEFORE, 60.0, 40.0), (AFTER, 150.0, 50.0))

    @pytest.fixture
    def two_roads(self):
        """Give a road of 1 km with a station, and one of 500 m without."""
        roads = lines(LineString([(0, 0), (1000, 0)]), LineString([(0, 900), (500, 900)]))
        return describe_corridors(roads, points(Point(9, 9), point_code=["S"]))

    def measure(self, two_roads, *rows):
        table = measure_speeds(count_speeds(*rows), two_roads, self.volumes)
        return table.set_index(["period", "corridor_id"])

    def test_before_and_after_the_earthquake(self, two_roads):
        table = self.measure(two_roads, *jam("a", BEFORE, 15.0), *jam("a", AFTER, 10.0))
        assert table.index.tolist() == [
            *[("before", "a"), ("before", "b")],
            *[("after", "a"), ("after", "b")],
        ]
        before, after = table.loc[("before", "a")], table.loc[("after", "a")]
        # A bin holds a speed to half a percent.
        assert before["free_flow_kmh"] == pytest.approx(60, rel=0.006)
        assert before["travel_time_index"] == pytest.approx(60 / 15, rel=0.011)
        assert after["travel_time_index"] == pytest.approx(60 / 10, rel=0.011)
        # Six hours of 100 vehicles, that is both directions, that lose 240 s - 60 s; then of 200
        # that lose 360 s - 60 s; 1.3 persons in each.
        lost = [6 * 100 * 180 * 1.3 / 3600, 6 * 200 * 300 * 1.3 / 3600]
        assert lost == [39, 130]
        made = [row["delay_person_hours_per_weekday"] for row in (before, after)]
        assert made == pytest.approx(lost, rel=0.02)
        assert before["n_hours_delay"] == after["n_hours_delay"] == 16
        assert (before["congested_hours_per_weekday"], before["jam_hours_per_weekday"]) == (6, 0)

    def test_a_road_without_samples_says_why_it_has_no_index(self, two_roads):
        row = self.measure(two_roads, *jam("a", BEFORE, 15.0)).loc[("before", "b")]
        assert pd.isna(row["travel_time_index"])
        assert "0 samples on 0 days" in row["reason"]

    def test_a_road_without_a_station_has_no_delay(self, two_roads):
        row = self.measure(two_roads, *jam("b", BEFORE, 15.0)).loc[("before", "b")]
        assert row["travel_time_index"] == pytest.approx(4, rel=0.011)
        assert row["peak_time_s"] == pytest.approx(120, rel=0.006)
        assert pd.isna(row["delay_person_hours_per_weekday"])
        assert row["delay_reason"]

    def test_a_period_without_samples_is_left_out(self, two_roads):
        table = self.measure(two_roads, *jam("a", AFTER, 10.0))
        assert set(table.index.get_level_values("period")) == {"after"}

    def test_the_day_of_the_earthquake_is_in_neither(self, two_roads):
        rows = [*jam("a", BEFORE, 15.0), *jam("a", AFTER, 10.0)]
        plain = self.measure(two_roads, *rows)
        shaken = self.measure(two_roads, *rows, ("a", ["2026-07-28"], range(24), 1.0, 500))
        pd.testing.assert_frame_equal(shaken, plain)

    def test_no_speeds_no_rows(self, two_roads):
        assert len(measure_speeds(NO_SPEEDS, two_roads, self.volumes)) == 0

    def test_speeds_of_the_day_of_the_earthquake_alone(self, two_roads):
        shaken = count_speeds(("a", ["2026-07-28"], range(24), 15.0, 50))
        table = measure_speeds(shaken, two_roads, self.volumes)
        assert len(table) == 0
        columns = {"corridor_id", "period", "n_samples_peak", "travel_time_index", "reason"}
        assert columns <= set(table)

    def test_input_is_not_changed(self, two_roads):
        frames = [count_speeds(*jam("a", BEFORE, 15.0)), two_roads, self.volumes]
        copies = [frame.copy(deep=True) for frame in frames]
        measure_speeds(*frames)
        for frame, copy in zip(frames, copies, strict=True):
            pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(copy))


@pytest.fixture(scope="module")
def report(committed):
    return report_subject("congestion", Store(committed))


class TestReport:
    def test_it_is_plain_json(self, report):
        assert json.loads(json.dumps(report, allow_nan=False, ensure_ascii=False)) == report

    def test_the_counts(self, report, committed):
        bottlenecks = read_csv(committed, "bottlenecks")
        confirmed = [row for row in bottlenecks if row["status"] == "confirmed"]
        facts = read_csv(committed, "road_facts")
        assert report["summary"] == {
            "baseline_before": "2026-07-28",
            "n_stations": 13,
            "n_stations_on_corridors": 1,
            "n_corridors": 5,
            "n_corridors_measured": 1,
            "n_bottlenecks": len(confirmed),
            "n_bottlenecks_placed": sum(row["lon"] != "" for row in confirmed),
            "n_bottlenecks_unplaced": sum(row["lon"] == "" for row in confirmed),
            "n_speed_samples": 0,
            "n_forecasts": sum(row["kind"] == "forecast" for row in facts),
            "n_forecasts_measured": 0,
        }
        assert (len(confirmed), report["summary"]["n_bottlenecks_placed"]) == (7, 3)

    def test_every_bottleneck_is_listed_once(self, report, committed):
        lists = report["bottlenecks"]
        for name, has_place in (("placed", True), ("unplaced", False)):
            expected = [
                r for r in read_csv(committed, "bottlenecks") if bool(r["lon"]) == has_place
            ]
            assert [row["id"] for row in lists[name]] == [row["id"] for row in expected]
            for made, raw in zip(lists[name], expected, strict=True):
                for column in ("name", "municipality", "road", "status", "listed_on"):
                    assert made[column] == (raw[column] or None)

    def test_stations(self, report):
        assert len(report["stations"]) == 13
        rows = {row["point_code"]: row for row in report["stations"]}
        assert rows["9310130"] == {
            "point_code": "9310130",
            "n_days": 38,
            "weekday_24h": 29796.42,
            "peak_hour": 17,
            "peak_volume": 2347.58,
            "k_pct": 7.88,
            "d_pct": 51.42,
            "d_direction": "up",
            "large_pct": 7.41,
        }

    def test_corridors(self, report, committed):
        rows = {row["id"]: row for row in report["corridors"]}
        assert set(rows) == set(read_lines(committed))
        assert [name for name, row in rows.items() if row["point_code"]] == ["r57"]
        assert rows["r387"]["point_code"] is None
        assert rows["ns_kikuyo"]["confidence"] == "unverified"
        assert rows["r57"]["length_m"] == pytest.approx(9084.53, abs=0.01)

    def test_forecasts(self, report):
        rows = {row["id"]: row for row in report["forecasts"]}
        assert len(rows) == 3
        row = rows["forecast_r325"]
        assert (row["value"], row["value_after"], row["target_fy"]) == (3000.0, 500.0, 2028)
        assert (row["state"], row["measured_value"], row["measured_on"]) == (
            *("not_measured", None),
            None,
        )

    def test_deleting_the_facts_changes_no_mean(self, report, run, geodata):
        shutil.rmtree(geodata / "processed" / "road_facts")
        answer = run("report", "congestion", "--json")
        assert (answer.code, answer.err) == (0, "")
        without = json.loads(answer.out)
        assert without["stations"] == report["stations"]
        assert without["corridors"] == report["corridors"]
        assert without["bottlenecks"] == report["bottlenecks"]
        assert without["forecasts"] == []
        assert (without["as_of"]["road_facts"], report["as_of"]["road_facts"]) == (
            None,
            "2026-05-13",
        )
        numbers = dict(report["summary"])
        assert without["summary"] == {**numbers, "n_forecasts": 0, "n_forecasts_measured": 0}

    def test_other_facts_change_no_mean(self, report, roads):
        facts = roads["road_facts"].assign(value=1.0, kind="traffic")
        frames = [roads[name] for name in ("corridors", "traffic_stations", "traffic_hourly")]
        other = report_congestion(*frames, roads["bottlenecks"], facts, NO_SPEEDS)
        assert other["stations"] == report["stations"]

    @pytest.mark.parametrize("dataset", ["traffic_hourly", "corridors", "traffic_stations"])
    def test_what_is_not_optional_is_asked_for(self, run, geodata, dataset):
        shutil.rmtree(geodata / "processed" / dataset)
        answer = run("report", "congestion", "--json")
        assert (answer.code, answer.out) == (2, "")
        assert f"python -m kumageo ingest {dataset} FILE" in json.loads(answer.err)["message"]

    def test_without_speeds_no_index_is_given(self, report):
        assert report["speeds"] == []
        assert report["as_of"]["corridor_speeds"] is None

    def test_published_speeds_give_indices_and_change_no_volume(
        self, report, run, geodata, publish_speeds
    ):
        samples = publish_speeds(geodata)
        answer = run("report", "congestion", "--json")
        assert (answer.code, answer.err) == (0, "")
        with_speeds = json.loads(answer.out)
        assert with_speeds["summary"] == {**report["summary"], "n_speed_samples": len(samples)}
        assert with_speeds["as_of"]["corridor_speeds"] == "2026-05-29"
        for name in ("stations", "corridors", "bottlenecks", "forecasts"):
            assert with_speeds[name] == report[name]
        rows = {row["corridor_id"]: row for row in with_speeds["speeds"]}
        assert list(rows) == [row["id"] for row in report["corridors"]]
        assert {row["period"] for row in rows.values()} == {"before"}
        # 15 km/h in the peak, 60 km/h outside of it; of 大津植木線 two samples are too few.
        assert rows["r57"]["travel_time_index"] == pytest.approx(4, rel=0.011)
        assert rows["r57"]["reason"] == ""
        assert rows["pref30_otsu_ueki"]["travel_time_index"] is None
        assert "1 samples on 1 days" in rows["pref30_otsu_ueki"]["reason"]

    def test_a_process_of_its_own(self, spawn):
        answer = spawn("report", "congestion")
        assert (answer.code, answer.err) == (0, "")
        assert "n_stations_on_corridors: 1" in answer.out.splitlines()

    def test_two_stations_on_one_corridor_are_two(self, roads):
        # Two of the thirteen, moved onto 国道57号.
        stations = roads["traffic_stations"].copy()
        there = stations.loc[stations["point_code"] == "9310130", "geometry"].iloc[0]
        stations.loc[stations["point_code"] == "9310140", "geometry"] = there
        frames = (roads["corridors"], stations, roads["traffic_hourly"], roads["bottlenecks"])
        summary = report_congestion(*frames, roads["road_facts"], NO_SPEEDS)["summary"]
        assert (summary["n_stations_on_corridors"], summary["n_corridors_measured"]) == (2, 1)
