"""The embedded default: rebuilt from its raw files, and counted by other means than the product's.

Nothing here calls a join of the product: the numbers come from the csv module, from
`geopandas.sjoin` and from shapely. What is counted on the roads is in test_volumes.py and
test_congestion.py.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import shutil
import tomllib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
import shapely.geometry
from geopandas.testing import assert_geodataframe_equal

from kumageo.__main__ import main
from kumageo.reports import report_subject
from kumageo.store import Store

GEODATA = Path(__file__).resolve().parents[2] / "geodata"
CATALOG = tomllib.loads((GEODATA / "catalog.toml").read_text("utf-8"))
ROWS = {
    "municipalities": 45,
    "municipal_boundaries": 49,
    "evacuation_sites": 1761,
    "evacuation_shelters": 1338,
    "corridors": 5,
    "background_roads": 1,
    "bottlenecks": 12,
    "traffic_stations": 13,
    "traffic_hourly": 22_425,
    "road_facts": 40,
    "landmarks": 13,
    "observation_wells": 68,
    "groundwater_facts": 14,
}
HAZARDS = [
    "flood",
    "landslide",
    "storm_surge",
    "earthquake",
    "tsunami",
    "large_fire",
    "inland_flood",
    "volcano",
]
LISTS = ("evacuation_sites", "evacuation_shelters")
OWN_TABLES = (
    *("municipalities", "bottlenecks", "traffic_stations", "road_facts", "landmarks"),
    *("observation_wells", "groundwater_facts"),
)
PLACED = {
    "evacuation_sites": 1761,
    "evacuation_shelters": 1338,
    "bottlenecks": 6,
    "traffic_stations": 13,
    "landmarks": 13,
    "observation_wells": 65,
}
SERIES = "traffic_hourly"  # readings, which have no geometry
COUNTS = (
    *("n_up", "n_down"),
    *("n_up_small", "n_up_large", "n_down_small", "n_down_large"),
)


def pointer(geodata, dataset_id):
    path = geodata / "processed" / dataset_id / "published.json"
    return json.loads(path.read_text("utf-8"))["current"]


def features_file(geodata, dataset_id):
    version = pointer(geodata, dataset_id)["version"]
    return geodata / "processed" / dataset_id / version / "features.parquet"


def read_frame(geodata, dataset_id):
    read = pd.read_parquet if dataset_id == SERIES else gpd.read_parquet
    return read(features_file(geodata, dataset_id))


def read_raw(name):
    with (GEODATA / "raw" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    """Build processed/ anew from raw/ with the command, in the order of the catalogue.

    The hourly volumes are checked against the stations, which stand before them.
    """
    copy = tmp_path_factory.mktemp("rebuilt") / "geodata"
    shutil.copytree(GEODATA, copy, ignore=shutil.ignore_patterns("processed"))
    before = os.environ.get("KUMAGEO_GEODATA")
    os.environ["KUMAGEO_GEODATA"] = str(copy)
    try:
        for dataset_id, entry in CATALOG.items():
            assert main(["ingest", dataset_id, str(copy / "raw" / entry["raw"]), "--json"]) == 0
    finally:
        if before is None:
            del os.environ["KUMAGEO_GEODATA"]
        else:
            os.environ["KUMAGEO_GEODATA"] = before
    return copy


@pytest.fixture(scope="module")
def frames():
    return {name: read_frame(GEODATA, name) for name in CATALOG}


@pytest.fixture(scope="module")
def merged(frames):
    """Merge the wards of 熊本市 by plain union; index: municipality code."""
    areas = frames["municipal_boundaries"]
    codes = areas["code"].str.replace(r"^4310[1-5]$", "43100", regex=True)
    return areas.geometry.groupby(codes).apply(lambda shapes: shapely.union_all(list(shapes)))


@pytest.fixture(scope="module")
def located(frames, merged):
    """Tell where each facility lies by sjoin; index and columns of the facilities."""
    areas = gpd.GeoDataFrame({"located": merged.index}, geometry=list(merged), crs="EPSG:6668")
    found = {}
    for name in LISTS:
        joined = gpd.sjoin(frames[name], areas, how="left", predicate="within")
        assert len(joined) == len(frames[name])
        found[name] = joined
    return found


@pytest.fixture(scope="module")
def reports():
    store = Store(GEODATA)
    return {name: report_subject(name, store) for name in ("municipalities", "evacuation")}


class TestRaw:
    @pytest.mark.parametrize("dataset_id", CATALOG)
    def test_the_checksum_is_that_of_the_catalogue(self, dataset_id):
        entry = CATALOG[dataset_id]
        content = (GEODATA / "raw" / entry["raw"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]

    def test_no_raw_file_is_without_catalogue(self):
        files = {path.name for path in (GEODATA / "raw").iterdir()}
        assert files == {entry["raw"] for entry in CATALOG.values()}

    @pytest.mark.parametrize("name", [*OWN_TABLES, *LISTS])
    def test_the_number_of_rows(self, name):
        assert len(read_raw(name)) == ROWS[name]

    def test_the_number_of_readings(self):
        with gzip.open(GEODATA / "raw" / f"{SERIES}.csv.gz", "rt", encoding="utf-8") as file:
            assert sum(1 for _ in csv.DictReader(file)) == ROWS[SERIES]

    def test_the_number_of_areas(self):
        text = (GEODATA / "raw" / "municipal_boundaries.geojson").read_text("utf-8")
        assert len(json.loads(text)["features"]) == 49


class TestRebuild:
    @pytest.mark.parametrize("dataset_id", CATALOG)
    def test_the_features_are_equal(self, rebuilt, frames, dataset_id):
        again = read_frame(rebuilt, dataset_id)
        if dataset_id == SERIES:
            pd.testing.assert_frame_equal(again, frames[dataset_id])
            return
        assert_geodataframe_equal(again, frames[dataset_id])
        assert again.crs == frames[dataset_id].crs

    @pytest.mark.parametrize("dataset_id", CATALOG)
    def test_what_is_recorded_is_equal(self, rebuilt, dataset_id):
        again, committed = pointer(rebuilt, dataset_id), pointer(GEODATA, dataset_id)
        again.pop("version")
        committed.pop("version")
        assert again == committed
        assert again["as_of_basis"] == "catalogue"
        assert again["as_of"] == CATALOG[dataset_id]["as_of"].isoformat()
        assert again["n_kept"] == again["n_read"] == ROWS.get(dataset_id, again["n_read"])

    @pytest.mark.parametrize("dataset_id", CATALOG)
    def test_the_version_is_equal_if_the_writers_are(self, rebuilt, dataset_id):
        def writers(geodata):
            metadata = pq.read_metadata(features_file(geodata, dataset_id))
            stored = metadata.metadata
            pandas_version = json.loads(stored[b"pandas"])["pandas_version"]
            geo = json.loads(stored.get(b"geo", b"{}"))
            return metadata.created_by, pandas_version, geo.get("creator")

        if writers(rebuilt) != writers(GEODATA):
            pytest.skip(f"written by {writers(GEODATA)}, this is pyarrow {pa.__version__}")
        assert pointer(rebuilt, dataset_id)["version"] == pointer(GEODATA, dataset_id)["version"]

    def test_readings_need_the_stations_first(self, tmp_path, monkeypatch, capsys):
        copy = tmp_path / "geodata"
        shutil.copytree(GEODATA, copy, ignore=shutil.ignore_patterns("processed", "raw"))
        monkeypatch.setenv("KUMAGEO_GEODATA", str(copy))
        path = GEODATA / "raw" / CATALOG[SERIES]["raw"]
        assert main(["ingest", SERIES, str(path)]) == 2
        assert "python -m kumageo ingest traffic_stations FILE" in capsys.readouterr().err
        assert not (copy / "processed").exists()

    @pytest.mark.parametrize("dataset_id", CATALOG)
    def test_one_version_without_a_past_is_embedded(self, dataset_id):
        folder = GEODATA / "processed" / dataset_id
        names = {path.name for path in folder.iterdir()} - {".lock"}
        assert names == {"published.json", pointer(GEODATA, dataset_id)["version"]}
        text = (folder / "published.json").read_text("utf-8")
        assert json.loads(text)["previous"] is None


class TestContent:
    @pytest.mark.parametrize("name", ROWS)
    def test_the_number_of_rows(self, frames, name):
        assert len(frames[name]) == ROWS[name]
        if name == SERIES:
            assert "geometry" not in frames[name]
            assert frames[name]["time"].dtype == "datetime64[us, Asia/Tokyo]"
        else:
            assert frames[name].crs == "EPSG:6668"

    @pytest.mark.parametrize("name", [*OWN_TABLES, *LISTS])
    def test_every_cell_is_the_raw_one(self, frames, name):
        features = frames[name]
        for record, row in zip(read_raw(name), features.to_dict("records"), strict=True):
            for column, cell in record.items():
                value = row[column]
                if cell == "":
                    assert pd.isna(value), (name, column, record)
                elif isinstance(value, bool):
                    assert value is (cell == "1")
                elif isinstance(value, str):
                    assert value == cell.strip()
                else:
                    assert value == float(cell)
        assert features["source_row"].tolist() == list(range(2, len(features) + 2))

    @pytest.mark.parametrize("name", PLACED)
    def test_points_lie_at_their_coordinates(self, frames, name):
        for record, point in zip(read_raw(name), frames[name].geometry, strict=True):
            if record["lon"] == "":
                assert point is None  # never placed by guess
            else:
                assert (point.x, point.y) == (float(record["lon"]), float(record["lat"]))
        assert frames[name].geometry.notna().sum() == PLACED[name]

    @pytest.mark.parametrize("name", ["road_facts", "groundwater_facts"])
    def test_the_facts_have_no_place(self, frames, name):
        assert frames[name].geometry.isna().all()

    def test_a_fact_of_a_well_names_one_that_is_listed(self):
        named = {row["well_id"] for row in read_raw("groundwater_facts")} - {""}
        assert named <= {row["id"] for row in read_raw("observation_wells")}
        assert named == {"w066", "w067"}

    def test_every_reading_is_the_raw_one(self, frames):
        with gzip.open(GEODATA / "raw" / f"{SERIES}.csv.gz", "rt", encoding="utf-8") as file:
            raw = {(row["point_code"], row["datetime"]): row for row in csv.DictReader(file)}
        assert len(raw) == ROWS[SERIES]
        times = frames[SERIES]["time"].dt.strftime("%Y-%m-%d %H:%M:%S")
        counts = frames[SERIES].drop(columns="time").to_dict("records")
        for time, row in zip(times, counts, strict=True):
            cells = raw.pop((row["point_code"], time))
            for column, name in zip(list(cells)[2:], COUNTS, strict=True):
                if cells[column] == "":
                    assert pd.isna(row[name])
                else:
                    assert row[name] == float(cells[column])

    @pytest.mark.parametrize(("name", "n_lines"), [("corridors", 5), ("background_roads", 1)])
    def test_the_lines_are_the_raw_ones(self, frames, name, n_lines):
        text = (GEODATA / "raw" / f"{name}.geojson").read_text("utf-8")
        features = json.loads(text)["features"]
        assert len(features) == n_lines
        rows = frames[name].to_dict("records")
        for feature, row in zip(features, rows, strict=True):
            assert row["geometry"].geom_type == "MultiLineString"
            raw = shapely.geometry.shape(feature["geometry"])
            assert list(shapely.get_parts(row["geometry"])) == list(shapely.get_parts(raw))
            assert {key: row[key] for key in feature["properties"]} == feature["properties"]

    def test_the_coverage_of_the_boundaries_is_valid(self, frames):
        areas = frames["municipal_boundaries"].geometry.to_numpy()
        assert shapely.is_valid(areas).all()
        assert shapely.coverage_is_valid(areas)
        union = shapely.union_all(areas)
        assert union.area == pytest.approx(sum(shapely.area(areas)), rel=1e-12)
        # No gap: the land has coasts, but no hole in it.
        assert sum(len(part.interiors) for part in shapely.get_parts(union)) == 0

    def test_the_land_is_as_large_as_the_official_statistics_say(self, merged):
        official = {row["code"]: float(row["area_km2"]) for row in read_raw("municipalities")}
        metric = gpd.GeoSeries(list(merged), index=merged.index, crs=6668).to_crs(6670)
        assert set(metric.index) == set(official)
        for code, area_km2 in official.items():
            assert metric[code].area / 1e6 == pytest.approx(area_km2, rel=0.03), code
        assert metric.area.sum() / 1e6 == pytest.approx(sum(official.values()), rel=0.002)

    def test_every_office_lies_in_its_municipality(self, frames, merged):
        offices = frames["municipalities"]
        areas = gpd.GeoSeries(list(merged), index=merged.index).loc[offices["code"]]
        inside = shapely.contains(areas.to_numpy(), offices.geometry.to_numpy())
        assert offices.loc[~inside, "name"].tolist() == []


class TestNumbers:
    def test_sites_by_hazard(self, reports):
        rows = read_raw("evacuation_sites")
        expected = {hazard: sum(row[hazard] == "1" for row in rows) for hazard in HAZARDS}
        assert reports["evacuation"]["summary"]["n_sites_by_hazard"] == expected
        assert all(0 < count < 1761 for count in expected.values())

    def test_registered_counts(self, reports):
        sites, shelters = ([row["municipality_code"] for row in read_raw(name)] for name in LISTS)
        assert reports["evacuation"]["by_municipality"] == [
            {
                "code": row["code"],
                "name": row["name"],
                "n_sites": sites.count(row["code"]),
                "n_shelters": shelters.count(row["code"]),
            }
            for row in read_raw("municipalities")
        ]

    def test_counts_by_ward(self, reports, frames):
        areas = frames["municipal_boundaries"][["code", "geometry"]]
        counts = [
            gpd.sjoin(frames[name][["geometry"]], areas, predicate="within")["code"].value_counts()
            for name in LISTS
        ]
        assert reports["evacuation"]["by_ward"] == [
            {"code": code, "n_sites": counts[0].get(code, 0), "n_shelters": counts[1].get(code, 0)}
            for code in ("43101", "43102", "43103", "43104", "43105")
        ]

    def test_restricted_shelters(self, reports):
        restricted = sum(row["accepts"] != "" for row in read_raw("evacuation_shelters"))
        assert reports["evacuation"]["summary"]["n_shelters_restricted"] == restricted == 160

    def test_facilities_outside_the_municipality_that_registered_them(
        self, reports, located, merged
    ):
        outside = {}
        for kind, name in (("site", LISTS[0]), ("shelter", LISTS[1])):
            joined = located[name]
            apart = joined[joined["located"] != joined["municipality_code"]]
            metric = gpd.GeoSeries(list(merged), index=merged.index, crs=6668).to_crs(6670)
            points = apart.geometry.to_crs(6670)
            for row, point in zip(apart.to_dict("records"), points, strict=True):
                distance_m = point.distance(metric[row["municipality_code"]])
                outside[row["id"]] = (
                    kind,
                    row["name"],
                    row["municipality_code"],
                    row["located"],
                    distance_m,
                )
        report = reports["evacuation"]
        summary = report["summary"]
        assert (summary["n_sites_outside"], summary["n_shelters_outside"]) == (4, 14)
        assert {row["id"] for row in report["outside"]} == set(outside)
        assert len(report["outside"]) == 18
        for row in report["outside"]:
            kind, name, registered, place, distance_m = outside[row["id"]]
            assert (row["kind"], row["name"]) == (kind, name)
            assert (row["registered"], row["located"]) == (registered, place)
            assert row["outside_m"] == pytest.approx(distance_m, abs=0.06)
        # As the figures came: 4 sites by 52 to 137 m, 14 shelters by 2 m to 14 km.
        sites = [place[-1] for place in outside.values() if place[0] == "site"]
        shelters = [place[-1] for place in outside.values() if place[0] == "shelter"]
        assert 52 <= min(sites) < max(sites) <= 137
        assert 1.5 <= min(shelters) < max(shelters) <= 14_500

    def test_counts_of_points_within(self, reports, located):
        counts = [located[name]["located"].value_counts() for name in LISTS]
        for row in reports["municipalities"]["municipalities"]:
            assert row["n_sites"] == counts[0].get(row["code"], 0)
            assert row["n_shelters"] == counts[1].get(row["code"], 0)
            sites = located[LISTS[0]]
            there = sites[sites["located"] == row["code"]]
            for hazard in HAZARDS:
                assert row[f"n_sites_{hazard}"] == int(there[hazard].sum())
                per_10k = there[hazard].sum() / row["population"] * 10_000
                assert row[f"sites_per_10k_{hazard}"] == pytest.approx(per_10k)

    def test_the_sums_of_the_prefecture(self, reports):
        rows = read_raw("municipalities")
        summary = reports["municipalities"]["summary"]
        assert summary == {
            "n_municipalities": 45,
            "population": sum(int(row["population"]) for row in rows),
            "area_km2": round(sum(float(row["area_km2"]) for row in rows), 2),
            "n_sites": 1761,
            "n_shelters": 1338,
            "n_data_platform_members": sum(row["data_platform_member"] == "1" for row in rows),
            "n_groundwater_area": 11,
        }
        for row, expected in zip(reports["municipalities"]["municipalities"], rows, strict=True):
            assert row["code"] == expected["code"]
            density = int(expected["population"]) / float(expected["area_km2"])
            assert row["density_per_km2"] == pytest.approx(density)

    def test_the_regions(self, reports):
        rows = read_raw("municipalities")
        regions = reports["municipalities"]["regions"]
        assert len(regions) == 11
        for region in regions:
            members = [row for row in rows if row["region_id"] == region["region_id"]]
            assert region["n_municipalities"] == len(members)
            assert region["population"] == sum(int(row["population"]) for row in members)
            areas = sum(float(row["area_km2"]) for row in members)
            assert region["area_km2"] == pytest.approx(areas)
