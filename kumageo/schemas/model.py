"""What a schema says of a dataset: columns, units, geometry types, CRS, bounds and key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from kumageo.crs import GEOGRAPHIC

# A span is a year, a month or a day, as far as a source states it, or from one to another.
Kind = Literal["text", "code", "flag", "integer", "number", "date", "span"]

# The prefecture with a margin of about 10 km (lon_min, lat_min, lon_max, lat_max).
KUMAMOTO_BOUNDS: Final = (129.8, 31.9, 131.5, 33.4)
NAME_MAX_BYTES: Final = 255
TEXT_MAX_BYTES: Final = 600

HAZARDS: Final = (
    "flood",
    "landslide",
    "storm_surge",
    "earthquake",
    "tsunami",
    "large_fire",
    "inland_flood",
    "volcano",
)


@dataclass(frozen=True)
class Column:
    """One column: its kind, unit and limits.

    `required` means that a blank is an error; elsewhere a blank is unknown and stays so.
    `pattern` must match the whole text. `minimum` and `maximum` are in `unit`.
    """

    name: str
    kind: Kind
    required: bool = True
    unit: str = ""
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    max_bytes: int = NAME_MAX_BYTES
    multiline: bool = False


@dataclass(frozen=True)
class FeatureSchema:
    """The columns of one dataset beside `source_row` and `geometry`.

    `geometry_types` are the types that are allowed (none: a table without places), `bounds`
    the extent in degrees in the order (lon_min, lat_min, lon_max, lat_max), `key` the column
    that names a feature.
    `municipality_column`, where given, must hold a code of the municipalities dataset;
    `on_land` wants points in or near a municipality; `expected_keys` must all be there, and
    no other.
    """

    id: str
    key: str
    columns: tuple[Column, ...]
    geometry_types: frozenset[str]
    crs: str = GEOGRAPHIC
    bounds: tuple[float, float, float, float] = KUMAMOTO_BOUNDS
    municipality_column: str = ""
    on_land: bool = False
    expected_keys: tuple[str, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns in their order."""
        return tuple(column.name for column in self.columns)


POINT: Final = frozenset({"Point"})
LINE: Final = frozenset({"MultiLineString"})
AREA: Final = frozenset({"Polygon", "MultiPolygon"})
NO_PLACE: Final[frozenset[str]] = frozenset()
LON: Final = Column("lon", "number", unit="deg", minimum=-180, maximum=180)
LAT: Final = Column("lat", "number", unit="deg", minimum=-90, maximum=90)
