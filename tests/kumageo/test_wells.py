"""Where wells lie and which stand at one place: by hand in the plane, and against the raw file."""

from __future__ import annotations

import csv
import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import shapely.geometry
from pyproj import Geod
from shapely import Point, box

from kumageo.errors import CrsError
from kumageo.wells import SAME_PLACE_M, find_places, locate_wells

METRIC = "EPSG:6670"
GEOD = Geod(ellps="GRS80")


def wells_at(*places, crs=METRIC, index=None, **columns):
    """Make wells a, b, c, … at pairs of metres; None: without a place."""
    shapes = [None if place is None else Point(place) for place in places]
    ids = list("abcdefghij")[: len(places)]
    return gpd.GeoDataFrame({"id": ids, **columns}, geometry=shapes, crs=crs, index=index)


class TestPlaces:
    def test_up_to_and_with_the_distance(self):
        found = find_places(wells_at((0, 0), (10, 0), (20.001, 0), (0, 500)))
        assert found.tolist() == ["a", "a", "c", "d"]
        assert SAME_PLACE_M == 10

    def test_chains_of_neighbours_are_one_place(self):
        # b and d are 24 m apart, and c stands between them; e is 12 m from the next.
        found = find_places(wells_at((500, 0), (0, 0), (12, 5), (24, 0), (36, 0)), 13)
        assert found.tolist() == ["a", "b", "b", "b", "b"]
        assert find_places(wells_at((0, 0), (8, 0), (16, 0), (26.5, 0))).tolist() == [*"aaad"]

    def test_a_place_has_the_id_of_its_first_well(self):
        wells = wells_at((0, 0), (900, 0), (903, 0), (4, 0))
        assert find_places(wells.iloc[::-1]).to_dict() == {3: "d", 2: "c", 1: "c", 0: "d"}

    def test_a_well_without_a_place_stands_alone(self):
        found = find_places(wells_at((0, 0), None, None, (1, 0)))
        assert found.tolist() == ["a", "b", "c", "a"]

    def test_no_well_has_a_place(self):
        assert find_places(wells_at(None, None)).tolist() == ["a", "b"]

    def test_no_wells(self):
        assert find_places(wells_at((0, 0)).head(0)).tolist() == []

    def test_one_well(self):
        assert find_places(wells_at((0, 0))).tolist() == ["a"]

    def test_equal_names_are_no_proof(self):
        wells = wells_at((0, 0), (1, 0), (5000, 0), name=["甲", "乙", "甲"])
        assert find_places(wells).tolist() == ["a", "a", "c"]

    def test_the_index_is_that_of_the_wells(self):
        found = find_places(wells_at((0, 0), None, (1, 0), index=[7, 3, 5]))
        assert found.to_dict() == {7: "a", 3: "b", 5: "a"}

    def test_degrees_are_measured_in_metres(self):
        # 0.0001 degrees are 9.4 m to the east and 11.1 m to the north.
        at = wells_at((130.7, 32.8), (130.7001, 32.8), (130.7, 32.8001), crs="EPSG:6668")
        assert find_places(at).tolist() == ["a", "a", "c"]

    def test_real_wells(self, committed):
        with (committed / "raw/observation_wells.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        shapes = [Point(float(r["lon"]), float(r["lat"])) if r["lon"] else None for r in rows]
        ids = {"id": [row["id"] for row in rows]}
        found = find_places(gpd.GeoDataFrame(ids, geometry=shapes, crs="EPSG:6668"))
        placed = [(row["id"], shape) for row, shape in zip(rows, shapes, strict=True) if shape]
        near = {one: one for one, _ in placed}
        for at, (one, here) in enumerate(placed):
            for other, there in placed[at + 1 :]:
                _, _, metres = GEOD.inv(here.x, here.y, there.x, there.y)
                # The choice of 10 m is not a close one.
                assert not 7 < metres < 30
                if metres < 10 and near[other] == other:
                    near[other] = near[one]
        expected = [near.get(row["id"], row["id"]) for row in rows]
        assert found.tolist() == expected
        assert len(set(expected)) == 68 - 13  # nine pairs and two threes share a place
        # Wells of one place are said to be so in the raw file, but for 江津, which are 30 m apart.
        shared = pd.Series(expected).duplicated(keep=False)
        noted = [row["position_note"].startswith("同じ場所の井戸") for row in rows]
        assert shared.tolist() == noted


@pytest.fixture
def people():
    return pd.DataFrame(
        {
            "code": ["43100", "43210", "43213"],
            "region_id": ["kumamoto", "kikuchi", "uki"],
            "groundwater_area": pd.array([True, True, False], dtype="boolean"),
        }
    )


@pytest.fixture
def areas():
    """Give 熊本市 of two wards, 菊池市 and 宇城市, a kilometre each, side by side."""
    shapes = [box(0, 0, 1000, 400), box(0, 400, 1000, 1000)]
    shapes += [box(1000, 0, 2000, 1000), box(2000, 0, 3000, 1000)]
    codes = {
        "code": ["43101", "43102", "43210", "43213"],
        "municipality_code": ["43100", "43100", "43210", "43213"],
    }
    return gpd.GeoDataFrame(codes, geometry=shapes, crs=METRIC)


class TestLocation:
    places = ((500, 100), (500, 900), (1500, 500), (2500, 500), (1501, 500), (9000, 0), None)

    def test_by_hand(self, people, areas):
        located = locate_wells(wells_at(*self.places), people, areas)
        codes = ["43100", "43100", "43210", "43213", "43210"]
        assert located["municipality_code"].tolist()[:5] == codes
        assert located["region_id"].tolist()[:5] == [
            *("kumamoto", "kumamoto", "kikuchi", "uki", "kikuchi"),
        ]
        # Of 菊池市 only a part belongs to 熊本地域: which, a coordinate can't tell.
        assert located["area"].tolist()[:5] == ["inside", "inside", "partly", "outside", "partly"]
        assert located["place_id"].tolist() == [*"abcdcfg"]

    def test_what_lies_nowhere_is_unknown(self, people, areas):
        located = locate_wells(wells_at(*self.places), people, areas)
        unknown = located[["municipality_code", "region_id", "area"]].iloc[5:]
        assert unknown.isna().all().all()

    def test_the_wells_stay_as_they_are(self, people, areas):
        wells = wells_at(*self.places, index=list("gfedcba"), name="甲")
        frames = [wells, people, areas]
        copies = [frame.copy(deep=True) for frame in frames]
        located = locate_wells(*frames)
        assert located.index.tolist() == list("gfedcba")
        assert located["id"].tolist() == list("abcdefg")
        assert set(located["name"]) == {"甲"}
        for frame, copy in zip(frames, copies, strict=True):
            pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(copy))

    def test_one_crs_or_an_error(self, people, areas):
        wells = wells_at((500, 100))
        for crs in (None, "EPSG:6668"):
            with pytest.raises(CrsError):
                locate_wells(wells.set_crs(crs, allow_override=True), people, areas)

    def test_real_wells(self, roads, embedded, committed):
        wells = roads["observation_wells"]
        located = locate_wells(
            wells, embedded["municipalities"], embedded["municipal_boundaries"]
        ).set_index("id")
        path = committed / "raw/municipal_boundaries.geojson"
        document = json.loads(path.read_text("utf-8"))
        with (committed / "raw/municipalities.csv").open(encoding="utf-8", newline="") as file:
            towns = {row["code"]: row for row in csv.DictReader(file)}
        shapes = {
            feature["properties"]["code"]: shapely.geometry.shape(feature["geometry"])
            for feature in document["features"]
        }
        words = {"1": "inside", "0": "outside"}
        for well_id, place in zip(wells["id"], wells.geometry, strict=True):
            made = located.loc[well_id, ["municipality_code", "region_id", "area"]]
            if place is None:
                assert made.isna().all()
                continue
            (code,) = [code for code, shape in shapes.items() if shape.covers(place)]
            code = "43100" if code.startswith("4310") else code
            area = "partly" if code == "43210" else words[towns[code]["groundwater_area"]]
            assert made.tolist() == [code, towns[code]["region_id"], area], well_id
        counts = located["area"].fillna("unknown").value_counts().to_dict()
        assert counts == {"inside": 46, "outside": 17, "partly": 2, "unknown": 3}
