"""The roads on a printed map: volume of one hour where it is measured, dashes where not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from kumageo.crs import METRIC, WEB
from kumageo.labels import Labels
from layers.congestion import BREAKS, SPEED, STATUSES, WIDTHS_PX, TrafficChoice
from layers.content import PageData
from layers.symbology import SEQUENTIAL, UNKNOWN_COLOUR
from pages.components.road_state import read_choice
from pages.components.state import Query
from pages.handouts.frames import Frame
from pages.handouts.names import surround
from pages.handouts.scene import (
    INK,
    NAME_PT,
    SMALL_PT,
    WHITE,
    Marks,
    Name,
    Scene,
    Spot,
    Stroke,
)
from pages.handouts.traffic_words import (
    CASING,
    RELEASED,
    UNMEASURED,
    fill_form,
    list_entries,
    name_unit,
    style_bottleneck,
    write_count,
    write_sentence,
    write_title,
)

# What is drawn here and no more.
DATASETS: Final = (
    *("traffic_hourly", "corridor_speeds", "traffic_stations", "corridors", "bottlenecks"),
    *("background_roads", "landmarks", "municipal_boundaries", "background_land"),
)
UNMEASURED_WIDTH: Final = 4.0
LABEL_STEPS: Final = (0.0, -24.0, 24.0)  # 1/96 inch above and below the line
UNMEASURED_RANK: Final = 1
PLANT_RANK: Final = 2
LANDMARK_RANK: Final = 50
LANDMARK_ZOOM: Final = 11
STATION_SHAPES: Final = {"plant": "square", "office": "circle", "station": "square"}


def build_traffic(
    query: Mapping[str, str], frame: Frame, data: PageData, labels: Labels, radius: float
) -> Scene:
    """Return corridors, stations, bottlenecks and landmarks, under the state of the page."""
    choice = read_choice(Query(query), has_speeds=bool(len(data.roads.speeds)))
    stations = _read_features("traffic_stations", data)
    by_code = {one["point_code"]: one for one in stations}
    roads = [
        {**road, "hour": _read_road(road, by_code, choice)}
        for road in _read_features("corridors", data)
    ]
    scene = Scene(
        datasets=DATASETS,
        title=write_title(choice, labels),
        entries=list_entries(choice, data, labels),
        notes=[write_sentence(roads, choice, labels)],
    )
    shapes = data.roads.corridors.geometry.to_crs(METRIC)
    for road, shape in zip(roads, shapes, strict=True):
        scene.parts.extend(_draw_road(road, shape, choice))
        scene.names.append(_name_road(road, choice, labels))
    scene.parts.extend(_mark_landmarks(data))
    scene.parts.extend(_mark_bottlenecks(data, radius + 1))
    scene.parts.extend(_mark_stations(stations, choice, data, radius + 1))
    if frame.zoom >= LANDMARK_ZOOM:
        scene.names.extend(_name_landmarks(data))
    return scene


def _read_features(name: str, data: PageData) -> list[dict[str, Any]]:
    """Return the properties that the live map is sent: the print shows the same numbers."""
    document = json.loads(data.encoded[name].plain)
    return [feature["properties"] for feature in document["features"]]


def _read_hour(station: dict[str, Any] | None, choice: TrafficChoice) -> dict[str, float]:
    mean = ((station or {}).get("profiles", {}).get(choice.period) or {}).get(choice.day)
    if not mean:
        return {}
    up, down, large_up, large_down = (
        mean[name][choice.hour] for name in ("up", "down", "up_large", "down_large")
    )
    both = up + down
    hour = {"up": up, "down": down, "both": both, "n_days": mean["n_days"]}
    if both:
        shares = {"large_pct": large_up + large_down, "split_pct": max(up, down)}
        hour |= {name: 100 * part / both for name, part in shares.items()}
    return hour


def _read_road(
    road: dict[str, Any], by_code: dict[str, dict[str, Any]], choice: TrafficChoice
) -> dict[str, float]:
    hour = _read_hour(by_code.get(road.get("point_code", "")), choice)
    speeds = road["speeds"].get(choice.period, {}).get(choice.day, {})
    speed = speeds.get(str(choice.hour))
    return hour if speed is None else {**hour, SPEED: speed}


def _find_class(value: float, measure: str) -> int:
    """Return the number of the colour; slow is dark, and there a class holds its upper break."""
    breaks = BREAKS[measure]
    if measure == SPEED:
        return len(breaks) - max(1, sum(value > low for low in breaks))
    return max(0, sum(value >= low for low in breaks) - 1)


def _draw_road(road: dict[str, Any], shape: Any, choice: TrafficChoice) -> list[Stroke]:
    value = road["hour"].get(choice.measure)
    if value is None:
        strokes = [Stroke(shape, UNMEASURED, UNMEASURED_WIDTH, (7.0, 7.0))]
    else:
        number = _find_class(value, choice.measure)
        width = WIDTHS_PX[number]
        strokes = [Stroke(shape, CASING, width + 2.5), Stroke(shape, SEQUENTIAL[number], width)]
    works = [Stroke(shape, INK, 2.0, (2.0, 9.0))] if road.get("works") else []
    return strokes + works


def _name_road(road: dict[str, Any], choice: TrafficChoice, labels: Labels) -> Name:
    hour, name = road["hour"], road["name"]
    value = hour.get(choice.measure)
    places = _to_metres(np.array(road["label_places"]))
    spots = tuple(Spot(x, y, 0.0, dy) for dy in LABEL_STEPS for x, y in places)
    if value is None:
        texts = (f"{name} {labels('traffic.not_measured')}",)
        return Name(texts, spots, UNMEASURED_RANK, RELEASED, SMALL_PT, frame="#b0b0b0")
    figures = {name: write_count(hour[name]) for name in ("up", "down") if name in hour}
    said = {"name": name, "unit": name_unit(choice, labels), **figures}
    said["value"] = f"{value:.1f}" if choice.measure == SPEED else write_count(value)
    long, short = (fill_form(labels(f"traffic.{form}"), said) for form in ("label", "label_short"))
    texts = (long, short) if figures else (short,)
    return Name(texts, spots, 0, INK, NAME_PT + 1, frame=CASING)


def _mark_stations(
    stations: list[dict[str, Any]], choice: TrafficChoice, data: PageData, radius: float
) -> list[Marks]:
    xy = data.roads.stations.geometry.to_crs(METRIC).get_coordinates().to_numpy()
    marks = []
    for place, station in zip(xy, stations, strict=True):
        value = _read_hour(station, choice).get(choice.measure)
        colour = UNKNOWN_COLOUR if value is None else SEQUENTIAL[_find_class(value, choice.measure)]
        marks.append(Marks(place[None], "diamond", radius, colour, INK, 1.5))
    return marks


def _mark_bottlenecks(data: PageData, radius: float) -> list[Marks]:
    placed = data.roads.bottlenecks[data.roads.bottlenecks.geometry.notna()]
    xy = placed.geometry.to_crs(METRIC).get_coordinates().to_numpy()
    marks = []
    for status in reversed(STATUSES):
        chosen = (placed["status"] == status).to_numpy()
        fill, stroke, width = style_bottleneck(status)
        if chosen.any():
            marks.append(Marks(xy[chosen], "triangle", radius, fill, stroke, width))
    return marks


def _mark_landmarks(data: PageData) -> list[Marks]:
    landmarks = data.roads.landmarks
    xy = landmarks.geometry.to_crs(METRIC).get_coordinates().to_numpy()
    fills = {"plant": "#333333"}
    return [
        Marks(place[None], STATION_SHAPES[kind], 3.6, fills.get(kind, WHITE), "#333333", 1.5)
        for place, kind in zip(xy, landmarks["kind"], strict=True)
    ]


def _name_landmarks(data: PageData) -> list[Name]:
    landmarks = data.roads.landmarks
    xy = landmarks.geometry.to_crs(METRIC).get_coordinates().to_numpy()
    names = []
    for (x, y), text, kind in zip(xy, landmarks["name"], landmarks["kind"], strict=True):
        rank = PLANT_RANK if kind == "plant" else LANDMARK_RANK
        names.append(Name((text,), surround(x, y, text, NAME_PT, 6.0), rank))
    return names


def _to_metres(degrees: np.ndarray) -> np.ndarray:
    points = gpd.GeoSeries(gpd.points_from_xy(*degrees.T), crs=WEB).to_crs(METRIC)
    return pd.DataFrame(points.get_coordinates()).to_numpy()
