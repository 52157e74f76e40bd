"""Lighter data for public pages: what the first view needs, in columns instead of features.

A document of facilities holds, for each kind, columns of whole numbers; names stand once in a
list that both kinds share. Areas have few points, each written as the step from the one before.
`static/columns.js` unpacks both into features. What only a table or a popup shows is in a second
document, which is fetched when one is opened.
"""

from __future__ import annotations

import json
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kumageo.crs import METRIC, WEB
from kumageo.facilities import KINDS, SITE
from kumageo.municipalities import dissolve_municipalities
from kumageo.schemas import HAZARDS
from layers.geojson import label_areas

COORDINATE_STEPS: Final = 100_000  # a degree: about one metre each
MIN_RING: Final = 6  # numbers: three points
AREA_STEPS: Final = 10_000  # about ten metres each
TOLERANCE_M: Final = 400.0  # a pixel at zoom 8; the boundaries are for orientation
LAND_TOLERANCE_M: Final = 800.0  # outside the prefecture
DETAILS: Final = ("address", "accepts", "note", "source_row")


def encode_facilities(facilities: gpd.GeoDataFrame, codes: list[str]) -> bytes:
    """Encode what a map draws of facilities.

    Parameters
    ----------
    facilities
        From `kumageo.facilities.build_facilities`.
    codes
        Municipality codes; a facility names its municipality by the position in this list.

    Returns
    -------
    bytes
        JSON: `codes`, `hazards`, `names`, and by kind the columns `name`, `municipality`, `lon`,
        `lat` (each the difference to the row before, coordinates in 1/100,000 degree), for
        sites `hazards` (one bit a hazard, the first the lowest), and the positions of those
        that are `outside` their municipality and of those that are `restricted`.
    """
    names = list(dict.fromkeys(facilities["name"]))
    packed = {
        kind: _pack_columns(facilities[facilities["kind"] == kind], names, codes) for kind in KINDS
    }
    return _dump(
        {"packed": 1, "codes": codes, "hazards": list(HAZARDS), "names": names, "kinds": packed}
    )


def _pack_columns(
    rows: gpd.GeoDataFrame, names: list[str], codes: list[str]
) -> dict[str, list[int]]:
    places = rows.geometry.to_crs(WEB).get_coordinates()
    steps = (places * COORDINATE_STEPS).round().astype("int64")
    columns = {
        "name": rows["name"].map({name: n for n, name in enumerate(names)}),
        "municipality": rows["municipality_code"].map({code: n for n, code in enumerate(codes)}),
        "lon": steps["x"],
        "lat": steps["y"],
    }
    packed = {name: _list_steps(column) for name, column in columns.items()}
    if (rows["kind"] == SITE).all():
        served = rows[list(HAZARDS)].fillna(value=False).to_numpy(dtype="int64")
        packed["hazards"] = (served << np.arange(len(HAZARDS))).sum(axis=1).tolist()
    packed["outside"] = np.flatnonzero(rows["outside"]).tolist()
    packed["restricted"] = np.flatnonzero(rows["accepts"].notna()).tolist()
    return packed


def _list_steps(column: pd.Series) -> list[int]:
    """Return each number as its difference to the one before: small numbers pack well."""
    steps: list[int] = np.diff(column.to_numpy(dtype="int64"), prepend=0).tolist()
    return steps


def encode_facility_details(facilities: gpd.GeoDataFrame) -> bytes:
    """Encode what only popups and tables show of facilities.

    Returns
    -------
    bytes
        JSON: by kind the columns `facility_id`, `address`, `accepts`, `note`, `source_row`, in
        the order of `encode_facilities`; blank where nothing is known.
    """
    details: dict[str, dict[str, list[Any]]] = {}
    for kind in KINDS:
        rows = facilities[facilities["kind"] == kind]
        columns = rows[["id", *DETAILS]].rename(columns={"id": "facility_id"}).astype(object)
        details[kind] = columns.where(columns.notna(), "").to_dict("list")
    return _dump(details)


def encode_light_boundaries(boundaries: gpd.GeoDataFrame, names: pd.Series) -> bytes:
    """Encode municipalities, without wards, as `layers.geojson.encode_boundaries` does.

    Parameters
    ----------
    boundaries
        Areas with municipality_code.
    names
        Names of the municipalities by code.
    """
    areas = dissolve_municipalities(boundaries).to_crs(METRIC)
    return _encode_named(areas.assign(name=names.reindex(areas.index)))


def encode_light_areas(areas: gpd.GeoDataFrame) -> bytes:
    """Encode the areas of the councils for a small page, as `layers.council.encode_areas` does.

    Parameters
    ----------
    areas
        From `kumageo.council.build_areas`.
    """
    return _encode_named(areas.to_crs(METRIC).rename(columns={"region_name": "name"}))


def _encode_named(areas: gpd.GeoDataFrame) -> bytes:
    shapes = _pack_areas(areas.geometry, TOLERANCE_M)
    labels = label_areas(areas, zoom_min=0)
    return _dump({"packed": 1, "codes": list(areas.index), "shapes": shapes, "labels": labels})


def encode_light_land(land: gpd.GeoDataFrame) -> bytes:
    """Encode land for a small page, without properties."""
    shapes = _pack_areas(land.to_crs(METRIC).geometry, LAND_TOLERANCE_M)
    return _dump({"packed": 1, "codes": [""] * len(shapes), "shapes": shapes, "labels": []})


def _pack_areas(areas: gpd.GeoSeries, tolerance_m: float) -> list[list[list[list[int]]]]:
    """Return of each area, in metres, its polygons, of these the rings, of these the steps.

    Shared edges are kept: all areas are simplified at once, and points are rounded alike.
    """
    simple = shapely.coverage_simplify(areas.to_numpy(), tolerance_m)
    display = gpd.GeoSeries(simple, crs=METRIC).to_crs(WEB)
    return [_pack_polygons(area) for area in display]


def _pack_polygons(area: shapely.Geometry) -> list[list[list[int]]]:
    """Return the rings of each polygon; an islet that rounding leaves no area is left out."""
    polygons = [
        [_pack_ring(ring) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in shapely.get_parts(area)
    ]
    drawn = [[ring for ring in rings if len(ring) >= MIN_RING] for rings in polygons]
    return [
        rings for rings, whole in zip(drawn, polygons, strict=True) if len(whole[0]) >= MIN_RING
    ]


def _pack_ring(ring: shapely.LinearRing) -> list[int]:
    """Return the first point and the steps to each next one, but the last, which is the first."""
    points = np.round(shapely.get_coordinates(ring)[:-1] * AREA_STEPS).astype("int64")
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype="int64"))
    packed: list[int] = steps[steps.any(axis=1)].ravel().tolist()
    return packed


def _dump(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
