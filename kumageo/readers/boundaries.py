"""Reader of administrative areas as GeoJSON: strict about rings, which GDAL would mend."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import shapely

from kumageo.codes import to_municipality_codes
from kumageo.errors import ReadError
from kumageo.readers.files import decode, read_bytes
from kumageo.readers.tables import RawTable
from kumageo.validation import Issue

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
    raw = _read_areas(path, encodings, BOUNDARY_PROPERTIES)
    raw.rows["municipality_code"] = to_municipality_codes(raw.rows["code"])
    return raw


def read_land(path: Path, encodings: Sequence[str]) -> RawTable:
    """Read areas of land with the property `name`; see `read_boundaries`.

    Raises
    ------
    ReadError
        If the file is no GeoJSON FeatureCollection.
    """
    return _read_areas(path, encodings, LAND_PROPERTIES)


def _read_areas(path: Path, encodings: Sequence[str], names: Sequence[str]) -> RawTable:
    text, encoding = decode(read_bytes(path), encodings, path.name)
    features = _parse_features(text, path.name)
    rows: list[dict[str, Any]] = []
    broken: list[Issue] = []
    for source_row, feature in enumerate(features, start=1):
        problem = _find_problem(feature, names)
        if problem is None:
            properties = {name: feature["properties"][name].strip() for name in names}
            geometry = _to_multipolygon(feature["geometry"])
            rows.append({**properties, "source_row": source_row, "geometry": geometry})
        else:
            broken.append(_to_issue(source_row, feature, *problem))
    table = pd.DataFrame(rows, columns=[*names, "source_row", "geometry"])
    return RawTable(table, "GeoJSON of areas", encoding, tuple(broken))


def _parse_features(text: str, name: str) -> list[Any]:
    def refuse_constant(constant: str) -> None:
        raise ValueError(f"number {constant}")

    try:
        document = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ReadError(
            f"{name}: expected GeoJSON, got {error}. Download the file again."
        ) from error
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise ReadError(
            f"{name}: expected a GeoJSON FeatureCollection, got something else. "
            "Export the areas as GeoJSON."
        )
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise ReadError(f"{name}: expected features, got none. Download the file again.")
    return features


def _find_problem(feature: Any, names: Sequence[str]) -> tuple[str, str, str] | None:
    """Return (check, expected, got) of the first problem that stops the feature's layout."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return "feature_layout", "a feature with properties", str(feature)
    properties = feature["properties"]
    if set(properties) != set(names):
        return "feature_layout", f"properties {', '.join(names)}", ", ".join(properties)
    if not all(isinstance(value, str) for value in properties.values()):
        return "feature_layout", "properties as text", str(properties)
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        kind = geometry.get("type") if isinstance(geometry, dict) else geometry
        return "geometry_type", "Polygon or MultiPolygon", str(kind)
    return _find_ring_problem(geometry)


def _find_ring_problem(geometry: dict[str, Any]) -> tuple[str, str, str] | None:
    try:
        polygons = _polygons_of(geometry)
        rings = [ring for polygon in polygons for ring in polygon]
        positions = [position for ring in rings for position in ring]
        if not all(polygons) or not all(_is_position(position) for position in positions):
            return "coordinates", "positions of two numbers (lon, lat)", str(rings[:1])
    except (KeyError, TypeError, OverflowError):
        return "coordinates", "arrays of rings of positions", str(geometry.get("coordinates"))
    for ring in rings:
        if len(ring) < MIN_RING_POSITIONS:
            return "ring_length", f"at least {MIN_RING_POSITIONS} positions", str(len(ring))
        if ring[0] != ring[-1]:
            return "unclosed_ring", f"a last position equal to the first {ring[0]}", str(ring[-1])
    return None


def _polygons_of(geometry: dict[str, Any]) -> list[Any]:
    coordinates = geometry["coordinates"]
    return [coordinates] if geometry["type"] == "Polygon" else list(coordinates)


def _is_position(position: Any) -> bool:
    return len(position) in (2, 3) and all(
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(float(value))
        for value in position
    )


def _to_multipolygon(geometry: dict[str, Any]) -> shapely.MultiPolygon:
    polygons = _polygons_of(geometry)
    return shapely.MultiPolygon(
        [
            shapely.Polygon(_lon_lat(shell), [_lon_lat(hole) for hole in holes])
            for shell, *holes in polygons
        ]
    )


def _lon_lat(ring: Any) -> list[tuple[float, float]]:
    return [(position[0], position[1]) for position in ring]


def _to_issue(source_row: int, feature: Any, check: str, expected: str, got: str) -> Issue:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get("code", "") if isinstance(properties, dict) else ""
    return Issue(source_row, str(code), "geometry", check, expected, got)
