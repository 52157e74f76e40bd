"""Schema of the groundwater observation wells."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kumageo.schemas.model import LAT, LON, POINT, Column, FeatureSchema

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
