"""The state of a page, from its address and back: a link reproduces the screen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast
from urllib.parse import urlencode

from kumageo.facilities import KINDS, SHELTER, FacilityFilter
from kumageo.labels import BASE_LANGUAGE, Labels
from kumageo.municipalities import INDICATORS
from kumageo.schemas import HAZARDS
from layers.base import MAX_ZOOM, MIN_ZOOM, MapView

MAX_TEXT = 50
MAX_LON_LAT = (180, 90)
YEARS = range(1, 9999)  # a day is counted on from the last one
MODES = ("any", "all")
DEFAULT_INDICATOR = INDICATORS[0].id
_NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,20})?")


def _is_on_earth(lon: float, lat: float) -> bool:
    return abs(lon) <= MAX_LON_LAT[0] and abs(lat) <= MAX_LON_LAT[1]


def write_address(path: str, query: Mapping[str, str], labels: Labels) -> str:
    """Return an address on this server that keeps the reader's language."""
    language = {} if labels.language == BASE_LANGUAGE else {"lang": labels.language}
    values = {**query, **language}
    return f"{path}?{urlencode(values)}" if values else path


@dataclass
class Query:
    """A query that is read name by name; what it holds that is unknown is kept in `problems`."""

    values: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def choose(self, name: str, known: Collection[str], default: str) -> str:
        """Return the value of `name` if it is known, else the default."""
        value = self.values.get(name, "")
        if not value:
            return default
        if value not in known:
            self.problems.append(name)
            return default
        return value

    def choose_many(self, name: str, known: Collection[str]) -> tuple[str, ...]:
        """Return the comma-separated values of `name`, in the order of `known`."""
        values = {value for value in self.values.get(name, "").split(",") if value}
        if values - set(known):
            self.problems.append(name)
        return tuple(value for value in known if value in values)

    def read_text(self, name: str) -> str:
        """Return a search text, cut at `MAX_TEXT` characters."""
        text = self.values.get(name, "").strip()
        if len(text) > MAX_TEXT:
            self.problems.append(name)
        return text[:MAX_TEXT].strip()

    def read_lon_lat(self, name: str) -> tuple[float, float] | None:
        """Return the degrees of `name`, written as lon,lat."""
        text = self.values.get(name, "")
        if not text:
            return None
        parts = [part.strip() for part in text.split(",")]
        if all(_NUMBER.fullmatch(part) for part in parts) and len(parts) == len(MAX_LON_LAT):
            lon, lat = map(float, parts)
            if _is_on_earth(lon, lat):
                return lon, lat
        self.problems.append(name)
        return None

    def read_days(self, name: str) -> tuple[dt.date, dt.date] | None:
        """Return first and last day of `name`, written as 2026-05-25..2026-07-27."""
        text = self.values.get(name, "")
        if not text:
            return None
        first, _, last = text.partition("..")
        try:
            days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
        except ValueError:
            self.problems.append(name)
            return None
        in_range = all(day.year in YEARS for day in days)
        if days[0] > days[1] or not in_range:
            self.problems.append(name)
            return None
        return days

    def read_view(self) -> MapView | None:
        """Return the view in z, lon, lat; None where any of them is absent."""
        texts = [self.values.get(name, "") for name in ("z", "lon", "lat")]
        if not any(texts):
            return None
        if all(_NUMBER.fullmatch(text) for text in texts):
            zoom, lon, lat = map(float, texts)
            if MIN_ZOOM <= zoom <= MAX_ZOOM and _is_on_earth(lon, lat):
                return MapView(lon=lon, lat=lat, zoom=zoom)
        self.problems.append("z, lon, lat")
        return None


@dataclass(frozen=True)
class OverviewState:
    """What the page 概要 shows."""

    indicator: str = DEFAULT_INDICATOR
    region_id: str = ""
    municipality_code: str = ""
    compared_code: str = ""
    raster: str = ""

    @classmethod
    def from_query(
        cls,
        query: Query,
        codes: Collection[str],
        regions: Collection[str],
        rasters: Collection[str] = (),
    ) -> OverviewState:
        """Read the state; what is unknown is noted in `query.problems`."""
        known = [indicator.id for indicator in INDICATORS]
        return cls(
            indicator=query.choose("indicator", known, DEFAULT_INDICATOR),
            region_id=query.choose("region", regions, ""),
            municipality_code=query.choose("m", codes, ""),
            compared_code=query.choose("compare", codes, ""),
            raster=query.choose("raster", rasters, ""),
        )

    def to_query(self) -> dict[str, str]:
        """Return the parameters that differ from the default."""
        values = {
            "indicator": self.indicator if self.indicator != DEFAULT_INDICATOR else "",
            "region": self.region_id,
            "m": self.municipality_code,
            "compare": self.compared_code,
            "raster": self.raster,
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class EvacuationState:
    """What the page 避難場所 shows."""

    hazards: tuple[str, ...] = ()
    mode: str = "any"
    kinds: tuple[str, ...] = KINDS
    region_id: str = ""
    municipality_code: str = ""
    text: str = ""
    point: tuple[float, float] | None = None
    include_restricted: bool = False
    facility_id: str = ""

    @classmethod
    def from_query(
        cls,
        query: Query,
        codes: Collection[str],
        regions: Collection[str],
        facility_ids: Collection[str],
    ) -> EvacuationState:
        """Read the state; what is unknown is noted in `query.problems`.

        Shelters are designated for no hazard: alone, they are not narrowed by one.
        """
        kinds = query.choose_many("kind", KINDS) or KINDS
        hazards = query.choose_many("hazard", HAZARDS)
        return cls(
            facility_id=query.choose("facility", facility_ids, ""),
            hazards=() if kinds == (SHELTER,) else hazards,
            mode=query.choose("mode", MODES, "any"),
            kinds=kinds,
            region_id=query.choose("region", regions, ""),
            municipality_code=query.choose("m", codes, ""),
            text=query.read_text("q"),
            point=query.read_lon_lat("point"),
            include_restricted=query.choose("restricted", ("1",), "") == "1",
        )

    def to_query(self) -> dict[str, str]:
        """Return the parameters that differ from the default."""
        lon_lat = "" if self.point is None else f"{self.point[0]:.6f},{self.point[1]:.6f}"
        values = {
            "hazard": ",".join(self.hazards),
            "mode": self.mode if self.mode != "any" else "",
            "kind": ",".join(self.kinds) if self.kinds != KINDS else "",
            "region": self.region_id,
            "m": self.municipality_code,
            "q": self.text,
            "point": lon_lat,
            "restricted": "1" if self.include_restricted else "",
            "facility": self.facility_id,
        }
        return {name: value for name, value in values.items() if value}

    def to_filter(self) -> FacilityFilter:
        """Return the filter that the state means."""
        mode = cast("Literal['any', 'all']", self.mode)
        return FacilityFilter(
            hazards=self.hazards,
            mode=mode,
            kinds=self.kinds,
            region_id=self.region_id,
            municipality_code=self.municipality_code,
            text=self.text,
        )
