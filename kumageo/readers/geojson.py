"""Features from GeoJSON, strict about what GDAL would mend: the common ground of its readers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from kumageo.errors import ReadError
from kumageo.readers.files import decode, read_bytes
from kumageo.readers.tables import RawTable
from kumageo.validation import Issue

# The check that failed, what was expected and what stood there.
Problem = tuple[str, str, str]


@dataclass(frozen=True)
class GeometryRule:
    """The geometry that a reader takes: its types, its own check, and how it is built."""

    types: tuple[str, ...]
    find_problem: Callable[[dict[str, Any]], Problem | None]
    build: Callable[[dict[str, Any]], shapely.Geometry]


def read_features(
    path: Path, encodings: Sequence[str], names: Sequence[str], rule: GeometryRule, layout: str
) -> RawTable:
    """Read features with exactly the text properties of those names.

    Returns
    -------
    RawTable
        The properties as text and `geometry`, degrees in lon, lat, as written.

    Raises
    ------
    ReadError
        If the file is no GeoJSON FeatureCollection.
    """
    text, encoding = decode(read_bytes(path), encodings, path.name)
    rows: list[dict[str, Any]] = []
    broken: list[Issue] = []
    for source_row, feature in enumerate(_parse_features(text, path.name), start=1):
        problem = _find_problem(feature, names, rule)
        if problem is None:
            properties = {name: feature["properties"][name].strip() for name in names}
            geometry = rule.build(feature["geometry"])
            rows.append({**properties, "source_row": source_row, "geometry": geometry})
        else:
            broken.append(_to_issue(source_row, feature, names[0], problem))
    table = pd.DataFrame(rows, columns=[*names, "source_row", "geometry"])
    return RawTable(table, layout, encoding, tuple(broken))


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
            "Export the features as GeoJSON."
        )
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise ReadError(f"{name}: expected features, got none. Download the file again.")
    return features


def _find_problem(feature: Any, names: Sequence[str], rule: GeometryRule) -> Problem | None:
    """Return the first problem that stops the feature's layout."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return "feature_layout", "a feature with properties", str(feature)
    properties = feature["properties"]
    if set(properties) != set(names):
        return "feature_layout", f"properties {', '.join(names)}", ", ".join(properties)
    if not all(isinstance(value, str) for value in properties.values()):
        return "feature_layout", "properties as text", str(properties)
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") not in rule.types:
        kind = geometry.get("type") if isinstance(geometry, dict) else geometry
        return "geometry_type", " or ".join(rule.types), str(kind)
    return rule.find_problem(geometry)


def is_position(position: Any) -> bool:
    """Tell whether this is two or three finite numbers."""
    return len(position) in (2, 3) and all(
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(float(value))
        for value in position
    )


def to_lon_lat(positions: Any) -> list[tuple[float, float]]:
    """Drop heights."""
    return [(position[0], position[1]) for position in positions]


def list_parts(geometry: dict[str, Any], single: str) -> list[Any]:
    """Return the parts of a geometry, one where its type is the `single` one."""
    coordinates = geometry["coordinates"]
    return [coordinates] if geometry["type"] == single else list(coordinates)


def _to_issue(source_row: int, feature: Any, key: str, problem: Problem) -> Issue:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    name = properties.get(key, "") if isinstance(properties, dict) else ""
    return Issue(source_row, str(name), "geometry", *problem)
