"""What each dataset must look like; what exists is listed here and nowhere else."""

from __future__ import annotations

from typing import Final

from kumageo.errors import UnknownDatasetError
from kumageo.schemas.model import HAZARDS, KUMAMOTO_BOUNDS, Column, FeatureSchema
from kumageo.schemas.places import (
    BACKGROUND_LAND,
    EVACUATION_SHELTERS,
    EVACUATION_SITES,
    MUNICIPAL_BOUNDARIES,
    MUNICIPALITIES,
)
from kumageo.schemas.roads import (
    BACKGROUND_ROADS,
    BOTTLENECKS,
    CORRIDORS,
    LANDMARKS,
    ROAD_FACTS,
    TRAFFIC_STATIONS,
)
from kumageo.schemas.wells import GROUNDWATER_FACTS, OBSERVATION_WELLS

SCHEMAS: Final = (
    MUNICIPALITIES,
    MUNICIPAL_BOUNDARIES,
    BACKGROUND_LAND,
    EVACUATION_SITES,
    EVACUATION_SHELTERS,
    CORRIDORS,
    BOTTLENECKS,
    TRAFFIC_STATIONS,
    ROAD_FACTS,
    BACKGROUND_ROADS,
    LANDMARKS,
    OBSERVATION_WELLS,
    GROUNDWATER_FACTS,
)


def get_schema(schema_id: str) -> FeatureSchema:
    """Return the schema of that id.

    Raises
    ------
    UnknownDatasetError
        If there is none; the message lists those that exist.
    """
    for schema in SCHEMAS:
        if schema.id == schema_id:
            return schema
    known = ", ".join(schema.id for schema in SCHEMAS)
    raise UnknownDatasetError(
        f"schema: expected one of {known}; got {schema_id!r}. Correct geodata/catalog.toml."
    )


__all__ = [
    "BACKGROUND_LAND",
    "BACKGROUND_ROADS",
    "BOTTLENECKS",
    "CORRIDORS",
    "EVACUATION_SHELTERS",
    "EVACUATION_SITES",
    "GROUNDWATER_FACTS",
    "HAZARDS",
    "KUMAMOTO_BOUNDS",
    "LANDMARKS",
    "MUNICIPALITIES",
    "MUNICIPAL_BOUNDARIES",
    "OBSERVATION_WELLS",
    "ROAD_FACTS",
    "SCHEMAS",
    "TRAFFIC_STATIONS",
    "Column",
    "FeatureSchema",
    "get_schema",
]
