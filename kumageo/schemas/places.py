"""Schemas of municipalities, land, and evacuation sites and shelters."""

from __future__ import annotations

from typing import Final

from kumageo.codes import AREA_CODES, MUNICIPALITY_CODES
from kumageo.schemas.model import (
    AREA,
    HAZARDS,
    LAT,
    LON,
    POINT,
    TEXT_MAX_BYTES,
    Column,
    FeatureSchema,
)

_MUNICIPALITY_CODE = r"43[0-9]{3}"
_FACILITY_ID = r"[0-9A-Za-z][0-9A-Za-z_.-]{0,39}"

MUNICIPALITIES: Final = FeatureSchema(
    id="municipalities",
    key="code",
    columns=(
        Column("code", "code", pattern=_MUNICIPALITY_CODE),
        Column("lg_code", "code", pattern=r"43[0-9]{4}"),
        Column("name", "text"),
        Column("kana", "text", pattern=r"[ぁ-ゖー]+"),
        Column("county", "text", required=False),
        Column("population", "integer", unit="persons", minimum=1, maximum=5_000_000),
        Column("population_as_of", "date"),
        Column("area_km2", "number", unit="km2", minimum=0.1, maximum=7_409),
        Column("area_as_of", "date"),
        Column("office_lon", "number", unit="deg", minimum=-180, maximum=180),
        Column("office_lat", "number", unit="deg", minimum=-90, maximum=90),
        Column("website", "text", pattern=r"https?://[^\s\"'<>]+"),
        Column("region_id", "code", pattern=r"[a-z_]+"),
        Column("region_name", "text"),
        Column("data_platform_member", "flag"),
        Column("groundwater_area", "flag"),
    ),
    geometry_types=POINT,
    expected_keys=MUNICIPALITY_CODES,
)

MUNICIPAL_BOUNDARIES: Final = FeatureSchema(
    id="municipal_boundaries",
    key="code",
    columns=(
        Column("code", "code", pattern=_MUNICIPALITY_CODE),
        Column("name", "text"),
        Column("municipality_code", "code", pattern=_MUNICIPALITY_CODE),
    ),
    geometry_types=AREA,
    expected_keys=AREA_CODES,
)

BACKGROUND_LAND: Final = FeatureSchema(
    id="background_land",
    key="name",
    columns=(Column("name", "text"),),
    geometry_types=AREA,
    bounds=(128.4, 30.8, 132.9, 34.7),
)

EVACUATION_SITES: Final = FeatureSchema(
    id="evacuation_sites",
    key="id",
    columns=(
        Column("id", "code", pattern=_FACILITY_ID),
        Column("municipality_code", "code", pattern=_MUNICIPALITY_CODE),
        Column("name", "text"),
        Column("address", "text", max_bytes=TEXT_MAX_BYTES),
        LON,
        LAT,
        *(Column(hazard, "flag") for hazard in HAZARDS),
        Column("also_shelter", "flag"),
        Column("note", "text", required=False, max_bytes=TEXT_MAX_BYTES, multiline=True),
    ),
    geometry_types=POINT,
    municipality_column="municipality_code",
    on_land=True,
)

EVACUATION_SHELTERS: Final = FeatureSchema(
    id="evacuation_shelters",
    key="id",
    columns=(
        Column("id", "code", pattern=_FACILITY_ID),
        Column("municipality_code", "code", pattern=_MUNICIPALITY_CODE),
        Column("name", "text"),
        Column("address", "text", max_bytes=TEXT_MAX_BYTES),
        LON,
        LAT,
        Column("also_emergency_site", "flag"),
        Column("accepts", "text", required=False, max_bytes=TEXT_MAX_BYTES, multiline=True),
        Column("note", "text", required=False, max_bytes=TEXT_MAX_BYTES, multiline=True),
    ),
    geometry_types=POINT,
    municipality_column="municipality_code",
    on_land=True,
)
