"""What the map of the roads fetches: corridors, stations with their mean days, bottlenecks."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from kumageo.crs import METRIC, WEB
from kumageo.days import DAY_CLASSES
from kumageo.speeds import MIN_HOUR_SAMPLES
from kumageo.volumes import HOURS_A_DAY
from layers.geojson import POINT_DECIMALS, dump_collection, encode_lines, to_feature

# Where the label of a line may stand, by parts of its length: the middle first.
LABEL_PARTS: Final = (0.5, 0.3, 0.7, 0.15, 0.85)
DIRECTIONS: Final = ("up", "down", "up_large", "down_large")
CORRIDOR_COLUMNS: Final = (
    "id",
    "name",
    "extent",
    "confidence",
    "confidence_note",
    "works",
    "point_code",
    "label_places",
    "speeds",
)
BOTTLENECK_COLUMNS: Final = (
    "id",
    "name",
    "status",
    "road",
    "municipality",
    "listed_on",
    "criterion",
    "position_method",
    "position_note",
    "publisher",
)
LANDMARK_COLUMNS: Final = ("id", "name", "kind", "position_method")


def encode_corridors(
    corridors: gpd.GeoDataFrame, works: pd.Series, speeds: dict[str, pd.DataFrame]
) -> bytes:
    """Encode the corridors with the places for their label and the works on them.

    Parameters
    ----------
    corridors
        From `kumageo.congestion.describe_corridors`.
    works
        Names of the works by corridor id.
    speeds
        From `kumageo.speeds.mean_speeds`, by the name of the period; hours with fewer than
        `kumageo.speeds.MIN_HOUR_SAMPLES` samples are left out.
    """
    drawn = corridors.assign(
        works=corridors["id"].map(works),
        label_places=_list_label_places(corridors),
        speeds=[
            {period: _list_speeds(means, corridor_id) for period, means in speeds.items()}
            for corridor_id in corridors["id"]
        ],
    )
    return encode_lines(drawn, CORRIDOR_COLUMNS)


def _list_speeds(means: pd.DataFrame, corridor_id: str) -> dict[str, dict[str, float]]:
    """Return the mean speeds (km/h) of a corridor by class of day and hour."""
    sampled = means["n_samples"] >= MIN_HOUR_SAMPLES
    of_corridor = means[sampled & (means["section_id"] == corridor_id)]
    days: dict[str, dict[str, float]] = {}
    for row in of_corridor.to_dict("records"):
        hours = days.setdefault(row["day_class"], {})
        hours[str(row["hour"])] = round(row["speed_kmh"], 1)
    return days


def _list_label_places(lines: gpd.GeoDataFrame) -> list[list[list[float]]]:
    """Return the places of the label of each line, lon and lat in degrees."""
    metric = shapely.line_merge(lines.geometry.to_crs(METRIC).to_numpy())
    places: list[list[list[float]]] = [[] for _ in metric]
    for part in LABEL_PARTS:
        points = shapely.line_interpolate_point(metric, part, normalized=True)
        web = gpd.GeoSeries(points, crs=METRIC).to_crs(WEB)
        for listed, point in zip(places, web, strict=True):
            listed.append([round(point.x, 5), round(point.y, 5)])
    return places


def encode_stations(stations: gpd.GeoDataFrame, profiles: dict[str, pd.DataFrame]) -> bytes:
    """Encode the stations with their mean days.

    Parameters
    ----------
    stations
        Points with point_code, name, road_type, corridor_id.
    profiles
        From `kumageo.volumes.profile_hours`, by the name of the period.

    Returns
    -------
    bytes
        GeoJSON; the property `profiles` holds for each period and class of day `n_days` and
        the 24 means of each direction, rounded to tenths of a vehicle an hour.
    """
    places = stations.geometry.to_crs(WEB)
    names = ["point_code", "name", "road_type", "corridor_id"]
    features = []
    for record, place in zip(stations[names].to_dict("records"), places, strict=True):
        lon_lat = [round(place.x, POINT_DECIMALS), round(place.y, POINT_DECIMALS)]
        feature = to_feature(record, {"type": "Point", "coordinates": lon_lat})
        days = {
            period: _list_days(profile, str(record["point_code"]))
            for period, profile in profiles.items()
        }
        feature["properties"]["profiles"] = days
        features.append(feature)
    return dump_collection({"type": "FeatureCollection", "features": features})


def _list_days(profile: pd.DataFrame, point_code: str) -> dict[str, dict[str, Any]]:
    days = {}
    known = set(
        zip(*(profile.index.get_level_values(n) for n in ("point_code", "day_class")), strict=True)
    )
    for day_class in DAY_CLASSES:
        if (point_code, day_class) not in known:
            continue
        of_day = pd.DataFrame(profile.xs((point_code, day_class)))
        hours = of_day.reindex(range(HOURS_A_DAY))
        means = {name: hours[f"n_{name}"].round(1).to_list() for name in DIRECTIONS}
        days[day_class] = {"n_days": int(hours["n_days"].iloc[0]), **means}
    return days
