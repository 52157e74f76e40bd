"""Speeds of probes and detectors: layouts, matching, hours, standstills, hostile files, memory.

Two corridors meet at a right angle in metres of EPSG:6670: "east" runs 1,000 m along y = -20000,
"north" 500 m along x = -18000, and they cross at (-18000, -20000).
"""

from __future__ import annotations

import gzip
import itertools
import tracemalloc

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer
from shapely import LineString, Point

from kumageo import speed_bins
from kumageo.errors import (
    ArgumentError,
    CrsError,
    GeometryTypeError,
    InvalidGeometryError,
    KeyColumnError,
    ReadError,
)
from kumageo.readers import chunks, files, series
from kumageo.readers.speeds import LAYOUTS, read_speeds
from kumageo.speed_bins import from_bin, to_bin

NOW = pd.Timestamp("2026-06-30T00:00:00+09:00")
TIME = "2026-05-25T08:15:00+09:00"
LINES = {
    "east": LineString([(-18000, -20000), (-17000, -20000)]),
    "north": LineString([(-18000, -20000), (-18000, -19500)]),
}
TO_DEGREES = Transformer.from_crs("EPSG:6670", "EPSG:6668", always_xy=True)
MIB = 1024 * 1024


def draw(lines):
    metric = gpd.GeoDataFrame({"id": list(lines)}, geometry=list(lines.values()), crs="EPSG:6670")
    return metric.to_crs("EPSG:6668")


@pytest.fixture(scope="module")
def corridors():
    return draw(LINES)


@pytest.fixture
def read(write, corridors):
    def read_rows(header, *rows, now=NOW, **options):
        path = write("a.csv", "\n".join([header, *rows, ""]))
        return read_speeds(path, ["utf-8"], corridors, now=now, **options)

    return read_rows


@pytest.fixture
def small(monkeypatch):
    """Cut after every few rows, and add up early."""
    monkeypatch.setattr(chunks, "CHUNK_CHARS", 500)
    monkeypatch.setattr(files, "BLOCK_BYTES", 100)
    monkeypatch.setattr(speed_bins, "_MAX_PENDING", 10)


BY_SPEED = "section_id,timestamp,speed_kmh"
BY_TIME = "section_id,timestamp,travel_time_s"
BY_PLACE = "lon,lat,timestamp,speed_kmh"


def place(x, y, speed="30", time=TIME):
    lon, lat = TO_DEGREES.transform(x, y)
    return f"{lon:.9f},{lat:.9f},{time},{speed}"


def rows_of(result):
    return result.table.to_dict("records")


def found(result):
    return [(i.source_row, i.column, i.check, i.severity) for i in result.issues]


def test_by_hand(read):
    result = read(
        BY_SPEED,
        "north,2026-05-25T08:59:59+09:00,30",
        "east,2026-05-25T08:15:00+09:00,30.1",
        "east,2026-05-24T23:59:59Z,30",
        "east,2026-05-25T00:00:00Z,60.0",
    )
    day = pd.Timestamp("2026-05-25")
    columns = ("section_id", "date", "hour", "speed_bin", "n_samples")
    # ln 30 / ln 1.01 = 341.8, ln 30.1 = 342.15, ln 60 = 411.5
    assert rows_of(result) == [
        dict(zip(columns, ("east", day, 8, 341, 1), strict=True)),
        dict(zip(columns, ("east", day, 8, 342, 1), strict=True)),
        dict(zip(columns, ("east", day, 9, 411, 1), strict=True)),
        dict(zip(columns, ("north", day, 8, 341, 1), strict=True)),
    ]
    assert result.table.dtypes.astype(str).tolist() == [
        *("str", "datetime64[us]", "int64", "int64", "int64"),
    ]
    assert (result.n_read, result.n_kept, result.n_uncounted) == (4, 4, 0)
    assert (result.layout, result.encoding, result.issues) == ("section_speeds", "utf-8", ())


@pytest.mark.parametrize(
    ("time", "day", "hour"),
    [
        ("2026-05-25T15:00:00Z", "2026-05-26", 0),
        ("2026-05-25T14:59:59.999999Z", "2026-05-25", 23),
        ("2026-05-25T23:30:00-05:00", "2026-05-26", 13),
        ("2026-05-25 00:00+0900", "2026-05-25", 0),
        ("2000-01-01T00:00:00+09:00", "2000-01-01", 0),
    ],
)
def test_the_day_and_the_hour_are_japanese(read, time, day, hour):
    (row,) = rows_of(read(BY_SPEED, f"east,{time},30"))
    assert (row["date"], row["hour"]) == (pd.Timestamp(day), hour)


def test_travel_times_are_of_the_whole_drawn_section(read):
    # 1,000 m in 120 s are 30 km/h; 500 m in 120 s are 15 km/h.
    result = read(BY_TIME, f"east,{TIME},120", f"north,{TIME},120.0")
    assert result.layout == "section_travel_times"
    speeds = from_bin(result.table["speed_bin"])
    assert speeds == pytest.approx([30, 15], rel=0.005)


class TestPlaces:
    def test_the_nearest_corridor_in_metres(self, read):
        result = read(
            BY_PLACE,
            place(-17500, -20000),
            place(-17500, -19971),  # 29 m beside
            place(-17500, -19969),  # 31 m beside
            place(-18029, -19700),
            place(-17990, -19980),  # 10 m from north, 20 m from east
            place(-16971, -20000),  # 29 m behind the end
        )
        assert result.layout == "point_speeds"
        counts = result.table.set_index("section_id")["n_samples"]
        assert counts.to_dict() == {"east": 3, "north": 2}
        (issue,) = result.issues
        assert (issue.source_row, issue.check, issue.severity) == (0, "off_corridor", "warning")
        assert issue.expected == "a place within 30 m of a corridor"
        assert issue.got == "1 rows without, not counted"
        assert (result.n_read, result.n_kept, result.n_uncounted) == (6, 6, 1)
        assert len(result.quarantine) == 0

    def test_as_an_independent_search(self, read):
        xy = np.random.default_rng(3).uniform((-18100, -20100), (-16900, -19400), (2000, 2))
        result = read(BY_PLACE, *(place(x, y) for x, y in xy))
        nearest = [min(LINES, key=lambda name: LINES[name].distance(Point(p))) for p in xy]
        close = [LINES[n].distance(Point(p)) <= 30 for n, p in zip(nearest, xy, strict=True)]
        expected = pd.Series(list(itertools.compress(nearest, close))).value_counts().to_dict()
        assert result.table.set_index("section_id")["n_samples"].to_dict() == expected
        assert result.n_uncounted == 2000 - sum(close)

    @pytest.mark.parametrize("order", [["east", "north"], ["north", "east"]])
    def test_of_equally_near_ones_the_first_row(self, write, corridors, order):
        drawn = corridors.set_index("id").loc[order].reset_index()
        lon, lat = drawn.geometry[0].coords[0]  # where they meet: 0 m from both
        path = write("a.csv", f"{BY_PLACE}\n{lon!r},{lat!r},{TIME},30\n")
        (row,) = rows_of(read_speeds(path, ["utf-8"], drawn, now=NOW))
        assert row["section_id"] == order[0]

    def test_places_of_a_whole_region(self, read):
        rows = [f"{lon},{lat},{TIME},30" for lon in range(123, 153) for lat in range(21, 46)]
        result = read(BY_PLACE, *rows, place(-17500, -20000))
        assert result.issues[0].got == "750 rows without, not counted"
        assert result.table["n_samples"].tolist() == [1]

    @pytest.mark.parametrize(
        ("lon", "lat", "column", "check"),
        [
            ("32.88", "130.85", "position", "swapped_lon_lat"),
            ("13.085", "32.88", "position", "outside_japan"),
            ("130.85", "-32.88", "position", "outside_japan"),
            ("999999999", "0", "position", "outside_japan"),
            ("", "32.88", "lon", "blank"),
            ("130.85", "", "lat", "blank"),
            ("130°51′", "32.88", "lon", "number"),
            ("130.85", "nan", "lat", "number"),
            ("1.3085e2", "32.88", "lon", "number"),
        ],
    )
    def test_bad_places(self, read, lon, lat, column, check):
        result = read(BY_PLACE, f"{lon},{lat},{TIME},30", place(-17500, -20000))
        assert found(result) == [(2, column, check, "error")]
        assert (result.n_read, result.n_kept, result.n_uncounted) == (2, 1, 0)

    def test_a_distance_of_ones_own(self, read):
        row = place(-17500, -19000)  # 500 m beside and 500 m behind the end: 707.1
        assert read(BY_PLACE, row, max_distance_m=707).n_uncounted == 1
        assert read(BY_PLACE, row, max_distance_m=708).n_uncounted == 0
        assert read(BY_PLACE, row, max_distance_m=0).n_uncounted == 1

    @pytest.mark.parametrize("distance", [-1, float("nan")])
    def test_what_is_no_distance(self, read, distance):
        with pytest.raises(ArgumentError, match="max_distance_m: expected a distance"):
            read(BY_PLACE, place(-17500, -20000), max_distance_m=distance)


@pytest.mark.parametrize(
    ("row", "column", "check"),
    [
        (f"west,{TIME},30", "section_id", "unknown_section"),
        (f",{TIME},30", "section_id", "unknown_section"),
        (f"East,{TIME},30", "section_id", "unknown_section"),
        ("east,2026-05-25T08:15:00,30", "timestamp", "no_zone"),
        ("east,2026-05-25 08:15,30", "timestamp", "no_zone"),
        ("east,2026-05-25T24:00:00+09:00,30", "timestamp", "hour_24"),
        ("east,2026-06-30T00:00:01+09:00,30", "timestamp", "future"),
        ("east,1970-01-01T00:00:00Z,30", "timestamp", "too_early"),
        ("east,25.5.2026 08:15,30", "timestamp", "time"),
        ("east,1779664500,30", "timestamp", "time"),
        ("east,,30", "timestamp", "time"),
        (f"east,{TIME},12 km/h", "speed_kmh", "number"),
        (f"east,{TIME},8.3m/s", "speed_kmh", "number"),
        (f"east,{TIME},", "speed_kmh", "blank"),
        (f"east,{TIME},-0.1", "speed_kmh", "range"),
        (f"east,{TIME},180.01", "speed_kmh", "range"),
        (f"east,{TIME},999999", "speed_kmh", "range"),
    ],
)
def test_bad_rows_of_speeds(read, row, column, check):
    result = read(BY_SPEED, f"east,{TIME},30", row)
    assert found(result) == [(3, column, check, "error")]
    assert (result.n_read, result.n_kept, result.n_uncounted) == (2, 1, 0)
    assert result.table["n_samples"].sum() == 1
    assert result.quarantine["source_row"].tolist() == [3]


@pytest.mark.parametrize(
    ("seconds", "check"),
    # 1,000 m in 20 s are 180 km/h.
    [("0", "range"), ("-60", "range"), ("19.9", "range"), ("2:30", "number"), ("", "blank")],
)
def test_bad_travel_times(read, seconds, check):
    result = read(BY_TIME, f"east,{TIME},{seconds}", f"east,{TIME},20.1")
    assert found(result) == [(2, "travel_time_s", check, "error")]
    assert result.table["n_samples"].sum() == 1


def test_a_travel_time_of_an_unknown_section_has_one_finding(read):
    assert found(read(BY_TIME, f"west,{TIME},1")) == [(2, "section_id", "unknown_section", "error")]


class TestStandstill:
    def test_it_is_counted_apart(self, read):
        speeds = ["0", "0.0", "0.99", "1", "1.01", "180"]
        result = read(BY_SPEED, *(f"east,{TIME},{speed}" for speed in speeds))
        assert [(i.check, i.severity, i.got) for i in result.issues] == [
            ("standstill", "warning", "3 rows without, not counted")
        ]
        assert (result.n_read, result.n_kept, result.n_uncounted) == (6, 6, 3)
        assert result.table["speed_bin"].min() == 0
        assert result.table["n_samples"].sum() == 3

    def test_a_vehicle_that_was_parked_on_the_way(self, read):
        # 1,000 m in over an hour.
        result = read(BY_TIME, f"east,{TIME},3601", f"east,{TIME},3599")
        assert [issue.check for issue in result.issues] == ["standstill"]
        assert result.table["speed_bin"].tolist() == [0]

    def test_off_the_corridors_it_is_off(self, read):
        result = read(BY_PLACE, place(-15000, -20000, "0"), place(-17500, -20000, "0"))
        assert [(i.check, i.got) for i in result.issues] == [
            ("off_corridor", "1 rows without, not counted"),
            ("standstill", "1 rows without, not counted"),
        ]
        assert (result.n_kept, result.n_uncounted, len(result.table)) == (2, 2, 0)


def test_metres_a_second_are_not_guessed(read):
    result = read(BY_SPEED, *(f"east,{TIME},{speed}" for speed in ("8.3", "11.1", "13.9")))
    assert result.issues == ()
    assert from_bin(result.table["speed_bin"]) == pytest.approx([8.3, 11.1, 13.9], rel=0.005)


def test_all_that_is_wrong_in_a_row(read):
    result = read(BY_PLACE, "x,32.88,y,z", "1,2")
    assert [check for _, _, check, _ in found(result)] == ["cell_count", "time", "number", "number"]
    assert (result.n_read, result.n_kept) == (2, 0)
    assert result.quarantine["raw_timestamp"].tolist()[1:] == ["y", "y", "y"]
    assert result.table.columns.tolist()[0] == "section_id"


def test_no_sample_is_lost_between_chunks(read, small):
    rng = np.random.default_rng(5)
    samples = pd.DataFrame(
        {
            "section_id": rng.choice(["east", "north"], 3000),
            "time": pd.Timestamp("2026-05-01", tz="UTC")
            + pd.to_timedelta(rng.integers(0, 20 * 86400, 3000), unit="s"),
            "speed": rng.uniform(5, 10, 3000).round(2),
        }
    )
    rows = [f"{s},{t.isoformat()},{v}" for s, t, v in samples.itertuples(index=False)]
    rows[1000] = "east,now,30"
    result = read(BY_SPEED, *rows)
    good = samples.drop(1000)
    local = good["time"].dt.tz_convert("Asia/Tokyo")
    expected = (
        good.assign(date=local.dt.date, hour=local.dt.hour, speed_bin=to_bin(good["speed"]))
        .groupby(["section_id", "date", "hour", "speed_bin"])
        .size()
    )
    table = result.table.assign(date=result.table["date"].dt.date)
    counted = table.set_index(["section_id", "date", "hour", "speed_bin"])["n_samples"]
    pd.testing.assert_series_equal(counted, expected, check_names=False, check_index_type=False)
    assert (result.n_read, result.n_kept) == (3000, 2999)


def test_the_wrong_file_stops_the_reading(read, small, monkeypatch):
    monkeypatch.setattr(series, "MAX_ISSUES", 20)
    result = read(BY_SPEED, *(f"east,{TIME},fast" for _ in range(1000)))
    assert result.issues[0].check == "too_many_errors"
    assert result.issues[0].source_row == 0
    assert len(result.quarantine) == 20
    assert result.n_read < 100


def test_by_default_now_is_now(read):
    late = (pd.Timestamp.now(tz="UTC") + pd.Timedelta(hours=1)).isoformat()
    assert found(read(BY_SPEED, f"east,{late},30", f"east,{TIME},30", now=None)) == [
        (2, "timestamp", "future", "error")
    ]


def test_packed_with_columns_in_any_order(write, corridors):
    text = f"speed_kmh,section_id,timestamp\r\n30,east,{TIME}\r\n"
    path = write("a.csv.gz", gzip.compress(text.encode("utf-8-sig")))
    result = read_speeds(path, ["cp932"], corridors, now=NOW)
    assert (result.encoding, result.n_kept) == ("utf-8-sig", 1)


def test_headers_that_are_no_layout(read):
    for header in ("section_id,timestamp,speed", "lon,lat,timestamp", "section_id,lon,lat"):
        with pytest.raises(ReadError, match="expected the columns of"):
            read(header, "1,2,3")
    assert len({layout.name for layout in LAYOUTS}) == 3


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda c: c.set_crs(None, allow_override=True), CrsError),
        (lambda c: c.to_crs("EPSG:4326"), CrsError),
        (lambda c: c.to_crs("EPSG:6670"), CrsError),
        (lambda c: c.drop(columns="id"), KeyColumnError),
        (lambda c: c.assign(id=["a", "a"]), KeyColumnError),
        (lambda c: c.assign(id=["a", ""]), KeyColumnError),
        (lambda c: c.assign(id=["a", None]), KeyColumnError),
        (lambda c: c.assign(id=[1, 2]), KeyColumnError),
        (lambda c: c.iloc[:0], KeyColumnError),
        (lambda c: c.set_geometry(c.centroid), GeometryTypeError),
        (lambda c: c.set_geometry([LineString(), c.geometry[1]], crs=c.crs), InvalidGeometryError),
        (lambda c: c.set_geometry([None, c.geometry[1]], crs=c.crs), InvalidGeometryError),
    ],
)
@pytest.mark.filterwarnings("ignore:Geometry is in a geographic CRS")
def test_corridors_that_are_none(write, corridors, change, error):
    path = write("a.csv", f"{BY_SPEED}\neast,{TIME},30\n")
    with pytest.raises(error, match="corridors"):
        read_speeds(path, ["utf-8"], change(corridors), now=NOW)


def test_any_index_and_order_of_corridors(write, corridors):
    changed = corridors.set_index(pd.Index([7, 7])).rename_geometry("line")
    before = changed.copy()
    path = write("a.csv", f"{BY_PLACE}\n{place(-17500, -20000)}\n{place(-18000, -19700)}\n")
    result = read_speeds(path, ["utf-8"], changed, now=NOW)
    assert result.table["section_id"].tolist() == ["east", "north"]
    pd.testing.assert_frame_equal(changed, before)


def test_the_memory_does_not_grow_with_the_rows(write, corridors, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_CHARS", MIB // 8)
    monkeypatch.setattr(files, "BLOCK_BYTES", MIB // 8)
    block = "".join(f"east,2026-05-{d:02}T08:15:00+09:00,{30 + d}\n" for d in range(1, 29))
    content = gzip.compress((BY_SPEED + "\n" + block * 10_000).encode(), 1)
    path = write("a.csv.gz", content)
    tracemalloc.start()
    try:
        result = read_speeds(path, ["utf-8"], corridors, now=NOW)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert result.table["n_samples"].tolist() == [10_000] * 28
    assert peak < 3 * MIB  # of a file of 10
