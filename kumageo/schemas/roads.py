"""Schemas of the roads round Semicon Techno Park: corridors, bottlenecks, stations, facts."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kumageo.schemas.model import (
    LAT,
    LINE,
    LON,
    NO_PLACE,
    POINT,
    TEXT_MAX_BYTES,
    Column,
    FeatureSchema,
)

_ID = Column("id", "code", pattern=r"[a-z][a-z0-9_]{0,39}")
_LON = replace(LON, required=False)
_LAT = replace(LAT, required=False)

# What a figure counts; its unit belongs to it.
ROAD_QUANTITIES: Final = (
    *("queue_m", "n_listed", "n_added", "n_better", "n_worse", "travel_time_min"),
    *("vehicles_per_day", "speed_kmh", "length_km", "n_lanes", "cost_oku_yen"),
    *("n_trips_per_day", "n_trips", "n_round_trips", "delay_min"),
)

CORRIDORS: Final = FeatureSchema(
    id="corridors",
    key="id",
    columns=(
        _ID,
        Column("name", "text"),
        Column("extent", "text"),
        Column("confidence", "code", pattern="high|medium|low|unverified"),
        Column("confidence_note", "text", max_bytes=TEXT_MAX_BYTES),
    ),
    geometry_types=LINE,
)

BACKGROUND_ROADS: Final = FeatureSchema(
    id="background_roads",
    key="name",
    columns=(Column("name", "text"),),
    geometry_types=LINE,
)

BOTTLENECKS: Final = FeatureSchema(
    id="bottlenecks",
    key="id",
    columns=(
        _ID,
        Column("name", "text"),
        Column("municipality", "text", required=False),
        Column("road", "text", required=False),
        Column("status", "code", pattern="confirmed|released|unconfirmed"),
        Column("listed_on", "date", required=False),
        _LON,
        _LAT,
        Column("position_method", "text", required=False),
        Column("position_note", "text", required=False),
        Column("position_source", "text", required=False),
        Column("publisher", "text"),
        Column("as_of", "date"),
    ),
    geometry_types=POINT,
)

TRAFFIC_STATIONS: Final = FeatureSchema(
    id="traffic_stations",
    key="point_code",
    columns=(
        Column("point_code", "code", pattern=r"[0-9]{7}"),
        Column("road_type", "text"),
        LON,
        LAT,
        Column("muni_n03", "text"),
    ),
    geometry_types=POINT,
)

ROAD_FACTS: Final = FeatureSchema(
    id="road_facts",
    key="id",
    columns=(
        _ID,
        Column(
            "kind", "code", pattern="list|criterion|queue|survey|forecast|work|traffic|bus_trial"
        ),
        Column("subject", "text"),
        Column("place_id", "code", required=False, pattern=r"[a-z][a-z0-9_]{0,39}"),
        Column("quantity", "code", required=False, pattern="|".join(ROAD_QUANTITIES)),
        Column("bound", "code", required=False, pattern="about|at_least|up_to"),
        Column("value", "number", required=False, minimum=0, maximum=10_000_000),
        Column("value_after", "number", required=False, minimum=0, maximum=10_000_000),
        Column("period", "text", required=False),
        Column("fact_date", "span", required=False),
        Column("state", "text", required=False),
        Column("target_fy", "integer", required=False, minimum=2000, maximum=2100),
        Column("work", "text", required=False),
        Column("surveyor", "text", required=False),
        Column("publisher", "text"),
        Column("source_url", "text", required=False, pattern=r"https?://[^\s\"'<>]+"),
        Column("note", "text", required=False, max_bytes=TEXT_MAX_BYTES),
    ),
    geometry_types=NO_PLACE,
)

LANDMARKS: Final = FeatureSchema(
    id="landmarks",
    key="id",
    columns=(
        _ID,
        Column("name", "text"),
        Column("kind", "code", pattern="station|plant|office"),
        LON,
        LAT,
        Column("position_method", "text"),
    ),
    geometry_types=POINT,
)
