"""Reader of road centrelines as GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import shapely

from kumageo.readers.geojson import (
    GeometryRule,
    Problem,
    is_position,
    list_parts,
    read_features,
    to_lon_lat,
)
from kumageo.readers.tables import RawTable
from kumageo.schemas import BACKGROUND_ROADS, CORRIDORS

MIN_LINE_POSITIONS: Final = 2


def read_corridors(path: Path, encodings: Sequence[str]) -> RawTable:
    """Read drawn centrelines of corridors: the text columns of the schema and MultiLineStrings.

    Raises
    ------
    ReadError
        If the file is no GeoJSON FeatureCollection.
    """
    return read_features(path, encodings, CORRIDORS.column_names, _LINE, _LAYOUT)


def read_background_roads(path: Path, encodings: Sequence[str]) -> RawTable:
    """Read unnamed centrelines for orientation; see `read_corridors`.

    Raises
    ------
    ReadError
        If the file is no GeoJSON FeatureCollection.
    """
    return read_features(path, encodings, BACKGROUND_ROADS.column_names, _LINE, _LAYOUT)


def _find_line_problem(geometry: dict[str, Any]) -> Problem | None:
    try:
        lines = list_parts(geometry, "LineString")
        if not lines or not all(is_position(position) for line in lines for position in line):
            return "coordinates", "positions of two numbers (lon, lat)", str(lines[:1])
    except (KeyError, TypeError, OverflowError):
        return "coordinates", "arrays of positions", str(geometry.get("coordinates"))
    for line in lines:
        n_places = len(set(to_lon_lat(line)))
        if n_places < MIN_LINE_POSITIONS:
            return "line_length", f"at least {MIN_LINE_POSITIONS} places", str(n_places)
    return None


def _to_multiline(geometry: dict[str, Any]) -> shapely.MultiLineString:
    return shapely.MultiLineString(
        [to_lon_lat(line) for line in list_parts(geometry, "LineString")]
    )


_LAYOUT: Final = "GeoJSON of lines"
_LINE: Final = GeometryRule(("LineString", "MultiLineString"), _find_line_problem, _to_multiline)
