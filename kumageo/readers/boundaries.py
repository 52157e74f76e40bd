"""Reader of administrative areas as GeoJSON: strict about rings, which GDAL would mend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import shapely

from kumageo.codes import to_municipality_codes
from kumageo.readers.geojson import (
    GeometryRule,
    Problem,
    is_position,
    list_parts,
    read_features,
    to_lon_lat,
)
from kumageo.readers.tables import RawTable

BOUNDARY_PROPERTIES: Final = ("code", "name")
LAND_PROPERTIES: Final = ("name",)
MIN_RING_POSITIONS: Final = 4


def read_boundaries(path: Path, encodings: Sequence[str]) -> RawTable:
    """Read areas with the properties `code` and `name`.

    Returns
    -------
    RawTable
        Text columns code, name, municipality_code (43100 for the wards of 熊本市), and
        `geometry`: shapely MultiPolygon, degrees in lon, lat, as written.

    Raises
    ------
    ReadError
        If the file is no GeoJSON FeatureCollection in geographic coordinates.
    """
    raw = read_features(path, encodings, BOUNDARY_PROPERTIES, _AREA, _LAYOUT)
    raw.rows["municipality_code"] = to_municipality_codes(raw.rows["code"])
    return raw


def read_land(path: Path, encodings: Sequence[str]) -> RawTable:
    """Read areas of land with the property `name`; see `read_boundaries`.

    Raises
    ------
    ReadError
        If the file is no GeoJSON FeatureCollection.
    """
    return read_features(path, encodings, LAND_PROPERTIES, _AREA, _LAYOUT)


def _find_ring_problem(geometry: dict[str, Any]) -> Problem | None:
    try:
        polygons = list_parts(geometry, "Polygon")
        rings = [ring for polygon in polygons for ring in polygon]
        positions = [position for ring in rings for position in ring]
        if not all(polygons) or not all(is_position(position) for position in positions):
            return "coordinates", "positions of two numbers (lon, lat)", str(rings[:1])
    except (KeyError, TypeError, OverflowError):
        return "coordinates", "arrays of rings of positions", str(geometry.get("coordinates"))
    for ring in rings:
        if len(ring) < MIN_RING_POSITIONS:
            return "ring_length", f"at least {MIN_RING_POSITIONS} positions", str(len(ring))
        if ring[0] != ring[-1]:
            return "unclosed_ring", f"a last position equal to the first {ring[0]}", str(ring[-1])
    return None


def _to_multipolygon(geometry: dict[str, Any]) -> shapely.MultiPolygon:
    return shapely.MultiPolygon(
        [
            shapely.Polygon(to_lon_lat(shell), [to_lon_lat(hole) for hole in holes])
            for shell, *holes in list_parts(geometry, "Polygon")
        ]
    )


_LAYOUT: Final = "GeoJSON of areas"
_AREA: Final = GeometryRule(("Polygon", "MultiPolygon"), _find_ring_problem, _to_multipolygon)
