"""Features as GeoJSON for the browser: needed columns, EPSG:4326, rounded coordinates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kumageo.codes import KUMAMOTO_CITY_WARDS
from kumageo.crs import METRIC, WEB
from kumageo.municipalities import dissolve_municipalities

# Less than a pixel at zoom 10, where the whole prefecture fills a screen.
DISPLAY_TOLERANCE_M: Final = 100.0
AREA_DECIMALS: Final = 5  # 1 m
POINT_DECIMALS: Final = 6  # 0.1 m, as published
WARD_LABEL_ZOOM: Final = 11


def encode_points(features: gpd.GeoDataFrame, columns: Sequence[str]) -> bytes:
    """Encode points in their order, so that a feature's position names it.

    Parameters
    ----------
    features
        Points in any stated CRS.
    columns
        Columns that become properties; flags become 0 or 1, NA is left out.

    Returns
    -------
    bytes
        GeoJSON FeatureCollection, UTF-8, coordinates in lon, lat with six decimals.
    """
    coordinates = features.geometry.to_crs(WEB).get_coordinates().to_numpy()
    rounded = np.round(coordinates, POINT_DECIMALS).tolist()
    records = features[list(columns)].to_dict("records")
    return dump_collection(
        {
            "type": "FeatureCollection",
            "features": [
                to_feature(record, {"type": "Point", "coordinates": lon_lat})
                for record, lon_lat in zip(records, rounded, strict=True)
            ],
        }
    )


def encode_boundaries(boundaries: gpd.GeoDataFrame, names: pd.Series) -> bytes:
    """Encode areas for display: simplified as one coverage, so that no edge parts.

    Parameters
    ----------
    boundaries
        Areas with code, name, municipality_code.
    names
        Names of the municipalities by code, for the labels.

    Returns
    -------
    bytes
        GeoJSON FeatureCollection, five decimals, with two foreign members: `labels`, name,
        lon, lat and zoom_min of each name to write on the map; and `outlines`, by code the
        features of the municipalities that consist of several areas.
    """
    metric = boundaries.to_crs(METRIC)
    simple = shapely.coverage_simplify(metric.geometry.to_numpy(), DISPLAY_TOLERANCE_M)
    display = boundaries.assign(geometry=gpd.GeoSeries(simple, crs=METRIC).to_crs(WEB))
    columns = ["code", "name", "municipality_code"]
    records = display[columns].to_dict("records")
    return dump_collection(
        {
            "type": "FeatureCollection",
            "labels": _place_labels(metric, names),
            "outlines": _outline_cities(display),
            "features": [
                to_feature(record, round_shape(area))
                for record, area in zip(records, display.geometry, strict=True)
            ],
        }
    )


def encode_land(land: gpd.GeoDataFrame) -> bytes:
    """Encode areas of land as they are, without properties.

    Parameters
    ----------
    land
        Areas in any stated CRS.
    """
    shapes = [round_shape(area) for area in land.geometry.to_crs(WEB)]
    return dump_collection(
        {"type": "FeatureCollection", "features": [to_feature({}, shape) for shape in shapes]}
    )


def encode_lines(lines: gpd.GeoDataFrame, columns: Sequence[str]) -> bytes:
    """Encode lines as they are, in their order.

    Parameters
    ----------
    lines
        Lines in any stated CRS.
    columns
        Columns that become properties.
    """
    records = lines[list(columns)].to_dict("records")
    shapes = [round_shape(line) for line in lines.geometry.to_crs(WEB)]
    features = [to_feature(*pair) for pair in zip(records, shapes, strict=True)]
    return dump_collection({"type": "FeatureCollection", "features": features})


def _outline_cities(display: gpd.GeoDataFrame) -> dict[str, Any]:
    sizes = display["municipality_code"].value_counts()
    parts = display[display["municipality_code"].map(sizes) > 1]
    whole = dissolve_municipalities(parts) if len(parts) else parts
    return {
        code: to_feature({"municipality_code": code}, round_shape(area))
        for code, area in whole.geometry.items()
    }


def _place_labels(metric: gpd.GeoDataFrame, names: pd.Series) -> list[dict[str, Any]]:
    areas = dissolve_municipalities(metric)
    labels = label_areas(areas.assign(name=names.reindex(areas.index)), zoom_min=0)
    wards = metric[metric["code"].isin(KUMAMOTO_CITY_WARDS)]
    return labels + label_areas(wards, zoom_min=WARD_LABEL_ZOOM)


def label_areas(areas: gpd.GeoDataFrame, zoom_min: int) -> list[dict[str, Any]]:
    """Put each name at the pole of inaccessibility of its largest part; large areas first."""
    parts = areas[["name", "geometry"]].explode(index_parts=False)
    parts = parts.assign(area_m2=parts.area).sort_values("area_m2", ascending=False)
    largest = parts.drop_duplicates("name")
    centres = gpd.GeoSeries(
        shapely.get_point(shapely.maximum_inscribed_circle(largest.geometry.to_numpy(), 100), 0),
        crs=areas.crs,
    ).to_crs(WEB)
    return [
        {"name": name, "lon": round(p.x, 4), "lat": round(p.y, 4), "zoom_min": zoom_min}
        for name, p in zip(largest["name"], centres, strict=True)
    ]


def round_shape(shape: shapely.Geometry, decimals: int = AREA_DECIMALS) -> dict[str, Any]:
    """Return a geometry as GeoJSON with five decimals, or as many as are asked for."""
    geometry = shapely.geometry.mapping(shape)
    coordinates = _round_nested(geometry["coordinates"], decimals)
    return {"type": geometry["type"], "coordinates": coordinates}


def _round_nested(value: Any, decimals: int) -> Any:
    if isinstance(value[0], int | float):
        return [round(number, decimals) for number in value[:2]]
    return [_round_nested(part, decimals) for part in value]


def to_feature(record: dict[str, Any], geometry: dict[str, Any]) -> dict[str, Any]:
    """Return a GeoJSON feature; flags become 0 or 1, NA is left out."""
    properties = {
        name: int(value) if isinstance(value, bool | np.bool_) else value
        for name, value in record.items()
        if isinstance(value, list | dict) or not pd.isna(value)
    }
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def dump_collection(collection: dict[str, Any]) -> bytes:
    """Return GeoJSON in UTF-8 without blanks."""
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
