"""Light data: unpacked as the browser does it, they are what the official files say."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path

import pytest
import shapely

from kumageo.schemas import HAZARDS
from layers.compact import (
    encode_facilities,
    encode_facility_details,
    encode_light_areas,
    encode_light_boundaries,
    encode_light_land,
)

RAW = Path(__file__).resolve().parents[2] / "geodata" / "raw"
STEP_DEG = 0.5e-5


def read_raw(name):
    with (RAW / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def rows():
    return {
        "site": read_raw("evacuation_sites.csv"),
        "shelter": read_raw("evacuation_shelters.csv"),
    }


@pytest.fixture(scope="module")
def packed(facilities, names):
    return json.loads(encode_facilities(facilities, list(names)))


def unpack(packed, kind):
    columns = packed["kinds"][kind]
    sums = {
        name: list(itertools.accumulate(columns[name]))
        for name in ("name", "municipality", "lon", "lat")
    }
    return [
        (packed["names"][name], packed["codes"][code], lon / 1e5, lat / 1e5)
        for name, code, lon, lat in zip(*sums.values(), strict=True)
    ]


@pytest.mark.parametrize("kind", ["site", "shelter"])
def test_every_facility_is_there_in_its_order(packed, rows, kind):
    unpacked = unpack(packed, kind)
    assert len(unpacked) == len(rows[kind])
    for (name, code, lon, lat), row in zip(unpacked, rows[kind], strict=True):
        assert (name, code) == (row["name"].strip(), row["municipality_code"])
        assert lon == pytest.approx(float(row["lon"]), abs=STEP_DEG * 1.01)
        assert lat == pytest.approx(float(row["lat"]), abs=STEP_DEG * 1.01)


def test_hazards_are_bits_in_the_order_that_is_told(packed, rows):
    assert packed["hazards"] == list(HAZARDS)
    bits = packed["kinds"]["site"]["hazards"]
    for number, row in zip(bits, rows["site"], strict=True):
        told = {hazard for at, hazard in enumerate(packed["hazards"]) if number >> at & 1}
        assert told == {hazard for hazard in HAZARDS if row[hazard] == "1"}
    assert "hazards" not in packed["kinds"]["shelter"]  # they are designated for none


def test_marks_are_positions(packed, rows, facilities):
    restricted = [at for at, row in enumerate(rows["shelter"]) if row["accepts"]]
    assert packed["kinds"]["shelter"]["restricted"] == restricted
    assert packed["kinds"]["site"]["restricted"] == []
    for kind in ("site", "shelter"):
        of_kind = facilities[facilities["kind"] == kind].reset_index(drop=True)
        assert packed["kinds"][kind]["outside"] == list(of_kind.index[of_kind["outside"]])


def test_no_address_is_in_the_first_view(packed, rows):
    text = json.dumps(packed, ensure_ascii=False)
    assert rows["site"][0]["address"] not in text
    assert rows["site"][0]["id"] not in text


@pytest.mark.parametrize("kind", ["site", "shelter"])
def test_details_stand_in_the_same_order(facilities, rows, kind):
    details = json.loads(encode_facility_details(facilities))[kind]
    assert details["facility_id"] == [row["id"] for row in rows[kind]]
    assert details["address"] == [row["address"].strip() for row in rows[kind]]
    assert details["accepts"] == [(row.get("accepts") or "").strip() for row in rows[kind]]


def polygons(shapes):
    """Read shapes back as the script does."""
    areas = []
    for parts in shapes:
        rebuilt = []
        for rings in parts:
            points = []
            for steps in rings:
                pairs = zip(steps[::2], steps[1::2], strict=True)
                xs, ys = zip(*pairs, strict=True)
                ring = zip(itertools.accumulate(xs), itertools.accumulate(ys), strict=True)
                points.append([(x / 1e4, y / 1e4) for x, y in ring])
            rebuilt.append(shapely.Polygon(points[0], points[1:]))
        areas.append(shapely.MultiPolygon(rebuilt))
    return areas


def test_boundaries_are_the_municipalities_and_keep_shared_edges(frames, names):
    import pandas as pd

    document = json.loads(encode_light_boundaries(frames["municipal_boundaries"], pd.Series(names)))
    assert sorted(document["codes"]) == sorted(names)
    assert {label["name"] for label in document["labels"]} == set(names.values())
    areas = polygons(document["shapes"])
    whole = frames["municipal_boundaries"].to_crs("EPSG:4326").union_all()
    drawn = shapely.union_all([area.buffer(0) for area in areas])
    assert drawn.symmetric_difference(whole).area < 0.02 * whole.area
    overlaps = sum(area.buffer(0).area for area in areas) - drawn.area
    assert abs(overlaps) < 0.001 * whole.area


def test_land_and_areas_are_light(frames, geodata):
    from kumageo.council import build_areas
    from kumageo.store import Store

    land = encode_light_land(Store(geodata).load("background_land"))
    assert len(land) < 15_000
    assert json.loads(land)["labels"] == []
    areas = build_areas(frames["municipalities"], frames["municipal_boundaries"])
    document = json.loads(encode_light_areas(areas))
    assert document["codes"] == list(areas.index)
    assert len(document["shapes"]) == len(areas)
