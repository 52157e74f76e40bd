"""The state of the page 地下水, from its address and back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from pages.components.state import Query
from pages.components.surface_state import Days, SurfaceState

PARTS = ("list", "surface", "facts", "quality", "load")
MAX_COMPARED = 4


@dataclass(frozen=True)
class GroundwaterState:
    """What the page 地下水 shows."""

    region_id: str = ""
    municipality_code: str = ""
    well_id: str = ""
    compared: tuple[str, ...] = ()
    part: str = PARTS[0]
    surface: SurfaceState = field(default_factory=SurfaceState)

    @classmethod
    def from_query(
        cls,
        query: Query,
        codes: Collection[str],
        regions: Collection[str],
        wells: Collection[str],
        days: Days | None = None,
    ) -> GroundwaterState:
        """Read the state; what is unknown is noted in `query.problems`."""
        compared = query.choose_many("compared", wells)
        if len(compared) > MAX_COMPARED:
            query.problems.append("compared")
        return cls(
            region_id=query.choose("region", regions, ""),
            municipality_code=query.choose("m", codes, ""),
            well_id=query.choose("well", wells, ""),
            compared=compared[:MAX_COMPARED],
            part=query.choose("part", PARTS, PARTS[0]),
            surface=SurfaceState.from_query(query, days),
        )

    def to_query(self) -> dict[str, str]:
        """Return the parameters that differ from the default."""
        values = {
            "region": self.region_id,
            "m": self.municipality_code,
            "well": self.well_id,
            "compared": ",".join(self.compared),
            "part": self.part if self.part != PARTS[0] else "",
        }
        own = {name: value for name, value in values.items() if value}
        return own | (self.surface.to_query() if self.part == "surface" else {})
