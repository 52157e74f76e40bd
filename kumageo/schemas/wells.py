"""Schemas of groundwater: observation wells and published figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kumageo.schemas.model import (
    LAT,
    LON,
    NO_PLACE,
    POINT,
    TEXT_MAX_BYTES,
    Column,
    FeatureSchema,
)

WATER_QUANTITIES: Final = ("n_wells", "share_pct", "change_m", "range_m", "volume_10k_m3", "times")

OBSERVATION_WELLS: Final = FeatureSchema(
    id="observation_wells",
    key="id",
    columns=(
        Column("id", "code", pattern=r"w[0-9]{3}"),
        Column("name", "text"),
        Column("owner", "text", pattern="熊本県|熊本市"),
        Column("owner_inferred", "flag"),
        Column("place", "text"),
        replace(LON, required=False),
        replace(LAT, required=False),
        Column("screen_mark", "text", required=False, pattern="浅|深|地盤沈下"),
        Column("position_note", "text", required=False),
    ),
    geometry_types=POINT,
)

GROUNDWATER_FACTS: Final = FeatureSchema(
    id="groundwater_facts",
    key="id",
    columns=(
        Column("id", "code", pattern=r"[a-z][a-z0-9_]{0,39}"),
        Column("kind", "code", pattern="wells|dependence|change|range|spring|recharge|context"),
        Column("subject", "text"),
        Column("well_id", "code", required=False, pattern=r"w[0-9]{3}"),
        Column("quantity", "code", required=False, pattern="|".join(WATER_QUANTITIES)),
        Column("bound", "code", required=False, pattern="about|almost"),
        Column("value", "number", required=False, minimum=-1_000, maximum=1_000_000),
        Column("value_after", "number", required=False, minimum=-1_000, maximum=1_000_000),
        Column("period", "text", required=False),
        Column("fact_date", "span", required=False),
        Column("publisher", "text"),
        Column("source_url", "text", required=False, pattern=r"https?://[^\s\"'<>]+"),
        Column("note", "text", required=False, max_bytes=TEXT_MAX_BYTES),
    ),
    geometry_types=NO_PLACE,
)
