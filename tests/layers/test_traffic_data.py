"""What the map of the roads fetches, against means made by other means and lines by hand."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
from collections import defaultdict

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiLineString, Point

from kumageo.congestion import describe_corridors, snap_to_corridors
from kumageo.days import DAY_CLASSES
from kumageo.speed_bins import to_bin
from kumageo.speeds import MIN_HOUR_SAMPLES, mean_speeds
from kumageo.volumes import AFTERMATH, BASELINE, profile_hours
from layers import assets
from layers.geojson import encode_lines, encode_points
from layers.traffic_data import (
    BOTTLENECK_COLUMNS,
    CORRIDOR_COLUMNS,
    LABEL_PARTS,
    LANDMARK_COLUMNS,
    encode_corridors,
    encode_stations,
)

RAW_COLUMNS = ("traffic_up", "traffic_down", "traffic_up_large", "traffic_down_large")
NAMES = ("up", "down", "up_large", "down_large")
TRAFFIC = (assets.OWN_FOLDER / "traffic.js").read_text("utf-8")
EARTHQUAKE = dt.date(2026, 7, 28)
HOLIDAYS = {dt.date(2026, 7, 20), dt.date(2026, 8, 11)}


def parse(encoded):
    """Parse as a browser does: NaN is no JSON."""

    def refuse(constant):
        raise ValueError(constant)

    return json.loads(encoded.decode("utf-8"), parse_constant=refuse)


def day_class(day):
    if day.month == 8 and 13 <= day.day <= 16:
        return "obon"
    if day in HOLIDAYS or day.weekday() == 6:
        return "holiday"
    return "saturday" if day.weekday() == 5 else "weekday"


@pytest.fixture(scope="module")
def means(geodata):
    """Return {(station, period, class): (days, 24 rows of four means)} from the raw file."""
    readings = defaultdict(lambda: defaultdict(dict))
    with gzip.open(geodata / "raw" / "traffic_hourly.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day, time = row["datetime"].split(" ")
            if row["traffic_up"]:
                counts = [float(row[name]) for name in RAW_COLUMNS]
                readings[row["point_code"]][dt.date.fromisoformat(day)][int(time[:2])] = counts
    grouped = defaultdict(list)
    for code, days in readings.items():
        for day, hours in days.items():
            if len(hours) == 24 and day != EARTHQUAKE:
                period = "before" if day < EARTHQUAKE else "after"
                grouped[code, period, day_class(day)].append(hours)
    return {
        key: (
            len(days),
            [
                [sum(hours[hour][place] for hours in days) / len(days) for place in range(4)]
                for hour in range(24)
            ],
        )
        for key, days in grouped.items()
    }


@pytest.fixture(scope="module")
def stations(roads):
    """Give the stations with a name and the corridor that each lies on, as the pages do."""
    frame = roads["traffic_stations"]
    on_line = snap_to_corridors(frame, roads["corridors"])
    return frame.assign(name=frame["muni_n03"] + " " + frame["point_code"], **on_line)


@pytest.fixture(scope="module")
def profiles(roads):
    volumes = roads["traffic_hourly"]
    return {
        "before": profile_hours(volumes, BASELINE),
        "after": profile_hours(volumes, AFTERMATH),
    }


@pytest.fixture(scope="module")
def corridors(roads):
    return describe_corridors(roads["corridors"], roads["traffic_stations"])


class TestStations:
    @pytest.fixture(scope="class")
    @classmethod
    def features(cls, stations, profiles):
        collection = parse(encode_stations(stations, profiles))
        assert collection["type"] == "FeatureCollection"
        return collection["features"]

    def test_every_mean_is_that_of_the_raw_file(self, features, means):
        found = 0
        for feature in features:
            properties = feature["properties"]
            for period, days in properties["profiles"].items():
                for name, profile in days.items():
                    n_days, rows = means[properties["point_code"], period, name]
                    assert profile["n_days"] == n_days
                    assert set(profile) == {"n_days", *NAMES}
                    for place, direction in enumerate(NAMES):
                        expected = [row[place] for row in rows]
                        assert profile[direction] == pytest.approx(expected, abs=0.0501)
                        assert len(profile[direction]) == 24
                    found += 1
        assert found == len(means) > 50

    def test_the_station_on_the_corridor(self, features):
        (feature,) = [f for f in features if f["properties"].get("corridor_id")]
        properties = feature["properties"]
        assert properties["point_code"] == "9310130"
        assert (properties["corridor_id"], properties["road_type"]) == ("r57", "一般国道")
        weekday = properties["profiles"]["before"]["weekday"]
        assert weekday["n_days"] == 38
        assert sum(weekday["up"]) + sum(weekday["down"]) == pytest.approx(29_796.4, abs=2.4)

    def test_a_class_without_a_whole_day_is_left_out(self, features):
        for feature in features:
            days = feature["properties"]["profiles"]
            assert set(days) == {"before", "after"}
            assert "obon" not in days["before"]  # it comes after the earthquake
            assert set(days["before"]) | set(days["after"]) <= set(DAY_CLASSES)
        (short,) = [f for f in features if f["properties"]["point_code"] == "9310183"]
        assert short["properties"]["profiles"]["after"] == {}

    def test_places_and_names(self, features, geodata):
        with (geodata / "raw" / "traffic_stations.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert len(features) == len(rows) == 13
        for feature, row in zip(features, rows, strict=True):
            lon, lat = feature["geometry"]["coordinates"]
            assert (lon, lat) == (round(float(row["lon"]), 6), round(float(row["lat"]), 6))
            assert feature["properties"]["name"] == f"{row['muni_n03']} {row['point_code']}"
            assert "lon" not in feature["properties"]

    def test_by_hand(self):
        frame = gpd.GeoDataFrame(
            {"point_code": ["A"], "name": ["甲"], "road_type": ["県道"], "corridor_id": [None]},
            geometry=[Point(130.123456789, 32.5)],
            crs="EPSG:6668",
        )
        index = pd.MultiIndex.from_product(
            [["A"], ["saturday"], range(24)], names=["point_code", "day_class", "hour"]
        )
        profile = pd.DataFrame(
            {
                "n_up": [hour + 0.04 for hour in range(24)],
                "n_down": 1 / 3,
                "n_up_large": 0.0,
                "n_down_large": 2.0,
                "n_days": 7,
            },
            index=index,
        )
        (feature,) = parse(encode_stations(frame, {"before": profile}))["features"]
        assert feature == {
            "type": "Feature",
            "properties": {
                "point_code": "A",
                "name": "甲",
                "road_type": "県道",
                "profiles": {
                    "before": {
                        "saturday": {
                            "n_days": 7,
                            "up": [float(hour) for hour in range(24)],
                            "down": [0.3] * 24,
                            "up_large": [0.0] * 24,
                            "down_large": [2.0] * 24,
                        }
                    }
                },
            },
            "geometry": {"type": "Point", "coordinates": [130.123457, 32.5]},
        }

    def test_no_stations_and_no_readings(self, stations, profiles):
        assert parse(encode_stations(stations.head(0), profiles))["features"] == []
        empty = {name: profile.head(0) for name, profile in profiles.items()}
        for feature in parse(encode_stations(stations, empty))["features"]:
            assert feature["properties"]["profiles"] == {"before": {}, "after": {}}

    def test_input_is_not_changed(self, stations, profiles):
        copies = [frame.copy(deep=True) for frame in (stations, *profiles.values())]
        encode_stations(stations, profiles)
        for frame, copy in zip((stations, *profiles.values()), copies, strict=True):
            pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(copy))


def lines(*shapes, crs="EPSG:6670"):
    values = dict.fromkeys(("name", "extent", "confidence", "confidence_note"), "甲")
    ids = [f"c{number}" for number in range(len(shapes))]
    codes = [None] * len(shapes)
    return gpd.GeoDataFrame(
        {"id": ids, **values, "point_code": codes}, geometry=list(shapes), crs=crs
    )


NO_WORKS = pd.Series([], dtype="str")


class TestCorridors:
    def test_the_places_of_a_label_lie_on_the_line(self, corridors):
        features = parse(encode_corridors(corridors, NO_WORKS, {}))["features"]
        metric = corridors.geometry.to_crs("EPSG:6670")
        assert len(features) == 5
        for feature, line in zip(features, metric, strict=True):
            places = gpd.GeoSeries(
                [Point(place) for place in feature["properties"]["label_places"]], crs="EPSG:4326"
            ).to_crs("EPSG:6670")
            assert len(places) == len(LABEL_PARTS) == 5
            assert places.distance(line).max() < 1  # five decimals are a metre
            (merged,) = shapely.get_parts(shapely.line_merge(line))
            along = [merged.project(place) / merged.length for place in places]
            # The middle first; a line may be merged from its other end.
            assert along == pytest.approx(LABEL_PARTS, abs=0.001)

    def test_places_by_hand(self):
        # 1 km to the east in the plane of EPSG:6670, drawn in two parts that meet.
        line = MultiLineString([[(-20_000, 0), (-19_600, 0)], [(-19_600, 0), (-19_000, 0)]])
        (feature,) = parse(encode_corridors(lines(line), NO_WORKS, {}))["features"]
        places = [Point(place) for place in feature["properties"]["label_places"]]
        metric = gpd.GeoSeries(places, crs="EPSG:4326").to_crs("EPSG:6670")
        assert metric.x.tolist() == pytest.approx(
            [-19_500, -19_700, -19_300, -19_850, -19_150], abs=1
        )
        assert metric.y.abs().max() < 1

    def test_parts_that_do_not_meet(self):
        line = MultiLineString([[(-20_000, 0), (-19_000, 0)], [(-20_000, 900), (-19_990, 900)]])
        (feature,) = parse(encode_corridors(lines(line), NO_WORKS, {}))["features"]
        places = [Point(place) for place in feature["properties"]["label_places"]]
        metric = gpd.GeoSeries(places, crs="EPSG:4326").to_crs("EPSG:6670")
        assert metric.distance(line).max() < 1

    def test_properties(self, corridors):
        works = pd.Series({"pref30_otsu_ueki": "多車線化、立体交差", "nowhere": "x"})
        features = parse(encode_corridors(corridors, works, {}))["features"]
        by_id = {feature["properties"]["id"]: feature["properties"] for feature in features}
        assert by_id["pref30_otsu_ueki"]["works"] == "多車線化、立体交差"
        assert [name for name, one in by_id.items() if "works" in one] == ["pref30_otsu_ueki"]
        # A corridor without a station has no code: then it's 未計測.
        assert {name: one.get("point_code") for name, one in by_id.items()} == {
            **dict.fromkeys(by_id),
            "r57": "9310130",
        }
        for one in by_id.values():
            assert set(one) <= set(CORRIDOR_COLUMNS)
            assert one["confidence"]

    def test_the_drawn_line_is_the_published_one(self, corridors, geodata):
        document = json.loads((geodata / "raw" / "corridors.geojson").read_text("utf-8"))
        features = parse(encode_corridors(corridors, NO_WORKS, {}))["features"]
        for feature, raw in zip(features, document["features"], strict=True):
            assert feature["geometry"]["type"] == "MultiLineString"
            assert feature["geometry"]["coordinates"] == [raw["geometry"]["coordinates"]]

    def test_input_is_not_changed(self, corridors):
        before = corridors.copy(deep=True)
        encode_corridors(corridors, pd.Series({"r57": "x"}), {})
        pd.testing.assert_frame_equal(pd.DataFrame(corridors), pd.DataFrame(before))

    def test_background_roads_have_no_properties(self):
        frame = lines(LineString([(0, 0), (10, 10)]), LineString([(0, 0), (-10, 10)]))
        features = parse(encode_lines(frame, ()))["features"]
        assert [feature["properties"] for feature in features] == [{}, {}]
        assert parse(encode_lines(frame.head(0), ()))["features"] == []


def mean_rows(*rows):
    """Make what `mean_speeds` makes, of (corridor, class of day, hour, km/h, samples)."""
    names = ["section_id", "day_class", "hour", "speed_kmh", "n_samples"]
    return pd.DataFrame(list(rows), columns=names).assign(n_days=5)


class TestSpeeds:
    road = LineString([(-20_000, 0), (-19_000, 0)])

    def encode(self, means, n_roads=2):
        drawn = lines(*[self.road] * n_roads)
        features = parse(encode_corridors(drawn, NO_WORKS, means))["features"]
        return [feature["properties"]["speeds"] for feature in features]

    def test_by_hand(self):
        before = mean_rows(
            ("c0", "weekday", 7, 12.345, 10),
            ("c0", "weekday", 17, 9.96, 500),
            ("c0", "holiday", 7, 40.0, 12),
            ("c1", "weekday", 7, 33.333, 11),
        )
        after = mean_rows(("c1", "saturday", 0, 60.04, 10))
        assert self.encode({"before": before, "after": after}) == [
            {"before": {"weekday": {"7": 12.3, "17": 10.0}, "holiday": {"7": 40.0}}, "after": {}},
            {"before": {"weekday": {"7": 33.3}}, "after": {"saturday": {"0": 60.0}}},
        ]

    @pytest.mark.parametrize(("n_samples", "is_sent"), [(1, False), (9, False), (10, True)])
    def test_an_hour_of_few_samples_is_left_out(self, n_samples, is_sent):
        # One drive at night makes no jam.
        means = {"before": mean_rows(("c0", "weekday", 3, 15.0, n_samples))}
        expected = {"before": {"weekday": {"3": 15.0}} if is_sent else {}}
        assert self.encode(means, 1) == [expected]
        assert MIN_HOUR_SAMPLES == 10

    def test_a_road_without_samples_has_no_speed(self):
        means = {"before": mean_rows(("elsewhere", "weekday", 7, 15.0, 100))}
        assert self.encode(means, 1) == [{"before": {}}]

    def test_no_speeds_at_all(self, corridors):
        assert self.encode({}) == [{}, {}]
        # The script asks each corridor for its speeds.
        assert "properties.speeds[" in TRAFFIC
        features = parse(encode_corridors(corridors, NO_WORKS, {}))["features"]
        assert [feature["properties"]["speeds"] for feature in features] == [{}] * 5

    def test_from_samples_to_the_map(self, corridors):
        # 10 samples of 10 km/h and 10 of 30 km/h: one km takes 6 and 2 minutes, that is 15 km/h.
        table = pd.DataFrame(
            {
                "section_id": "r57",
                "date": pd.to_datetime(["2026-05-25", "2026-05-26"]).astype("datetime64[us]"),
                "hour": 7,
                "speed_bin": to_bin([10.0, 30.0]),
                "n_samples": 10,
            }
        )
        means = {"before": mean_speeds(table)}
        features = parse(encode_corridors(corridors, NO_WORKS, means))["features"]
        sent = {one["properties"]["id"]: one["properties"]["speeds"] for one in features}
        (speed,) = sent.pop("r57")["before"]["weekday"].values()
        assert speed == pytest.approx(15, rel=0.01)
        assert list(sent.values()) == [{"before": {}}] * 4

    def test_input_is_not_changed(self, corridors):
        means = mean_rows(("r57", "weekday", 7, 15.0, 10))
        before = means.copy(deep=True)
        encode_corridors(corridors, NO_WORKS, {"before": means})
        pd.testing.assert_frame_equal(means, before)


class TestBottlenecks:
    def test_only_what_has_a_place_is_sent(self, roads):
        bottlenecks = roads["bottlenecks"].assign(criterion=None)
        placed = bottlenecks[bottlenecks.geometry.notna()]
        features = parse(encode_points(placed, BOTTLENECK_COLUMNS))["features"]
        assert {feature["properties"]["id"] for feature in features} == {
            *("tsukure", "magate", "muro"),
            *("otsu_ueki_r325", "shinyama", "sanrigi"),
        }
        for feature in features:
            assert set(feature["properties"]) <= set(BOTTLENECK_COLUMNS)
            assert "criterion" not in feature["properties"]

    def test_one_without_a_place_is_never_put_somewhere(self, roads):
        with pytest.raises(ValueError, match="zip"):
            encode_points(roads["bottlenecks"].assign(criterion=None), BOTTLENECK_COLUMNS)


HOSTILE = (
    "</script><img onerror=alert(1)>",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "\"'`\\",
    "]]>\u2028\u2029&lt;",
    "<up><value><name>",  # what the script fills in for itself
    "$& $1 ${alert(1)}",
)


class TestHostileText:
    """The browser reads this as JSON and writes it as text: it must arrive as it is."""

    @pytest.mark.parametrize("text", HOSTILE)
    def test_it_arrives_as_it_is(self, corridors, stations, profiles, roads, text):
        texts = {"name": text, "extent": text, "confidence_note": text}
        works = pd.Series(dict.fromkeys(corridors["id"], text))
        sent = parse(encode_corridors(corridors.assign(**texts), works, {}))["features"]
        for feature in sent:
            assert {feature["properties"][name] for name in (*texts, "works")} == {text}
        sent = parse(encode_stations(stations.assign(name=text, road_type=text), profiles))
        for feature in sent["features"]:
            assert feature["properties"]["name"] == feature["properties"]["road_type"] == text
        placed = roads["bottlenecks"][roads["bottlenecks"].geometry.notna()]
        columns = [name for name in BOTTLENECK_COLUMNS if name != "id"]
        sent = parse(encode_points(placed.assign(**dict.fromkeys(columns, text)), columns))
        for feature in sent["features"]:
            assert set(feature["properties"].values()) == {text}
        sent = parse(encode_points(roads["landmarks"].assign(name=text), LANDMARK_COLUMNS))
        assert {feature["properties"]["name"] for feature in sent["features"]} == {text}
