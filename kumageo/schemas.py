"""What each dataset must look like: columns, units, geometry types, CRS, bounds and key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from kumageo.codes import AREA_CODES, MUNICIPALITY_CODES
from kumageo.crs import GEOGRAPHIC
from kumageo.errors import UnknownDatasetError

Kind = Literal["text", "code", "flag", "integer", "number", "date"]

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

    `geometry_types` are the types that are allowed, `bounds` the extent in degrees in the
    order (lon_min, lat_min, lon_max, lat_max), `key` the column that names a feature.
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


_POINT = frozenset({"Point"})
_AREA = frozenset({"Polygon", "MultiPolygon"})
_LON = Column("lon", "number", unit="deg", minimum=-180, maximum=180)
_LAT = Column("lat", "number", unit="deg", minimum=-90, maximum=90)
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
    geometry_types=_POINT,
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
    geometry_types=_AREA,
    expected_keys=AREA_CODES,
)

BACKGROUND_LAND: Final = FeatureSchema(
    id="background_land",
    key="name",
    columns=(Column("name", "text"),),
    geometry_types=_AREA,
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
        _LON,
        _LAT,
        *(Column(hazard, "flag") for hazard in HAZARDS),
        Column("also_shelter", "flag"),
        Column("note", "text", required=False, max_bytes=TEXT_MAX_BYTES, multiline=True),
    ),
    geometry_types=_POINT,
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
        _LON,
        _LAT,
        Column("also_emergency_site", "flag"),
        Column("accepts", "text", required=False, max_bytes=TEXT_MAX_BYTES, multiline=True),
        Column("note", "text", required=False, max_bytes=TEXT_MAX_BYTES, multiline=True),
    ),
    geometry_types=_POINT,
    municipality_column="municipality_code",
    on_land=True,
)

SCHEMAS: Final = (
    MUNICIPALITIES,
    MUNICIPAL_BOUNDARIES,
    BACKGROUND_LAND,
    EVACUATION_SITES,
    EVACUATION_SHELTERS,
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
