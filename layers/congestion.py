"""Corridors by volume and hour, stations, bottlenecks, landmarks and what lies near."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import folium
import geopandas as gpd
import shapely

from kumageo.crs import METRIC, WEB
from kumageo.days import DAY_CLASSES
from kumageo.labels import Labels
from layers.base import (
    ACCENT,
    Call,
    Credit,
    draw_credits,
    draw_ground,
)
from layers.symbology import (
    BOTTLENECK_COLOUR,
    SEQUENTIAL,
    SHELTER_COLOUR,
    SITE_COLOUR,
    UNKNOWN_COLOUR,
    WELL_COLOUR,
)

PERIODS: Final = ("before", "after")
# Breaks of the classes by measure; the last class is open upwards.
BREAKS: Final = {
    "both": (0, 250, 750, 1500, 2500),
    "up": (0, 125, 375, 750, 1250),
    "down": (0, 125, 375, 750, 1250),
    "large_pct": (0, 5, 10, 20, 30),
    "split_pct": (50, 55, 60, 65, 70),
    # JARTIC, ordinary roads: 渋滞 to 10 km/h, 混雑 to 20 km/h. Only where speeds were measured.
    "speed_kmh": (0, 10, 20, 30, 40),
}
SPEED: Final = "speed_kmh"
MEASURES: Final = tuple(BREAKS)
STATUSES: Final = ("confirmed", "unconfirmed", "released")
WIDTHS_PX: Final = (3, 5, 7, 9, 11)
TEXTS: Final = (
    "hour",
    "day",
    "period",
    "measure",
    "play",
    "stop",
    "hour_of",
    "sentence",
    "sentence_rest",
    "sentence_speed",
    "no_days",
    "not_measured",
    "reference",
    "label",
    "label_short",
    "legend_more",
    "legend_station",
    "legend_works",
)
_PLACE_STYLES: Final = {
    "site": {"shape": "circle", "fill": SITE_COLOUR},
    "shelter": {"shape": "square", "fill": SHELTER_COLOUR},
    "well": {"shape": "diamond", "fill": WELL_COLOUR},
}


@dataclass(frozen=True)
class TrafficChoice:
    """What the map shows first; the reader changes it on the map itself."""

    hour: int = 17
    day: str = DAY_CLASSES[0]
    period: str = PERIODS[0]
    measure: str = MEASURES[0]


@dataclass(frozen=True)
class CongestionLayer:
    """Roads round Semicon Techno Park.

    Attributes
    ----------
    labels
        Texts of the reader's language.
    data_urls
        Addresses of the GeoJSON of areas, corridors, stations, bottlenecks and landmarks.
    choice
        Hour, day, period and measure at the start.
    selected_station
        Code of the station to ring.
    buffer
        Area in EPSG:6670 to draw, None for none.
    inside
        Facilities in the buffer: kind, lon, lat, name.
    focus
        From `layers.base.to_focus`, where the map shall move.
    has_speeds
        Whether speeds were measured; only then can they be chosen.
    sources
        Credits of what lies in the buffer.
    """

    labels: Labels
    data_urls: dict[str, str]
    choice: TrafficChoice = field(default_factory=TrafficChoice)
    selected_station: str = ""
    buffer: shapely.Geometry | None = None
    inside: gpd.GeoDataFrame | None = None
    focus: dict[str, Any] | None = None
    has_speeds: bool = False
    sources: tuple[Credit, ...] = ()

    def to_folium(self) -> folium.FeatureGroup:
        """Draw it as a new feature group; the features come by URL."""
        group = folium.FeatureGroup(name="congestion")
        group.add_child(draw_ground(self.data_urls["areas"], focus=self.focus))
        if self.buffer is not None:
            group.add_child(Call("addBuffer", self._buffer_options(self.buffer)))
        group.add_child(Call("addTraffic", self._traffic_options()))
        group.add_child(draw_credits(self.sources))
        return group

    def _buffer_options(self, area: shapely.Geometry) -> dict[str, Any]:
        web = gpd.GeoSeries([area], crs=METRIC).to_crs(WEB).iloc[0]
        places = []
        if self.inside is not None:
            places = self.inside[["kind", "lon", "lat", "name"]].to_dict("records")
        return {
            "geometry": shapely.geometry.mapping(shapely.set_precision(web, 1e-5)),
            "accent": ACCENT,
            "places": places,
            "styles": _PLACE_STYLES,
        }

    def _traffic_options(self) -> dict[str, Any]:
        write = self.labels.ruby
        urls = [self.data_urls[name] for name in ("corridors", "stations", "bottlenecks")]
        return {
            "urls": [*urls, self.data_urls["landmarks"]],
            "choice": vars(self.choice),
            "days": _name_all("day", DAY_CLASSES, self.labels),
            "periods": _name_all("period", PERIODS, self.labels),
            "measures": [self._measure(m) for m in MEASURES if m != SPEED or self.has_speeds],
            "colours": list(SEQUENTIAL),
            "widths": list(WIDTHS_PX),
            "unknown": UNKNOWN_COLOUR,
            "accent": ACCENT,
            "bottleneckColour": BOTTLENECK_COLOUR,
            "selectedStation": self.selected_station,
            "bufferEntries": self._buffer_entries(),
            "texts": {name: write(f"traffic.{name}") for name in TEXTS}
            | {"head": write("embed.legend_head"), "between": write("text.sentence")},
            "popups": self._popups(),
            "statuses": _name_all("status", ("confirmed", "unconfirmed"), self.labels),
        }

    def _measure(self, measure: str) -> dict[str, Any]:
        unit = "percent" if measure.endswith("pct") else measure if measure == SPEED else "per_hour"
        return {
            "id": measure,
            "label": self.labels.ruby(f"measure.{measure}"),
            "unit": self.labels.ruby(f"unit.{unit}"),
            "breaks": list(BREAKS[measure]),
            # Slow is what is looked for: dark and wide. A class then holds its upper break.
            "isReversed": measure == SPEED,
        }

    def _buffer_entries(self) -> list[dict[str, str]]:
        if self.buffer is None:
            return []
        entries = [
            {
                "label": self.labels.ruby(f"kind.{kind}"),
                "colour": style["fill"],
                "shape": style["shape"],
            }
            for kind, style in _PLACE_STYLES.items()
        ]
        line = {"colour": ACCENT, "shape": "dash-accent"}
        return [{"label": self.labels.ruby("traffic.legend_buffer"), **line}, *entries]

    def _popups(self) -> dict[str, dict[str, Any]]:
        """Return for each kind of feature what its popup shows."""
        confidences = ("high", "medium", "low", "unverified")
        values = {
            "confidence": {name: self.labels.ruby(f"confidence.{name}") for name in confidences},
            "status": {name: self.labels.ruby(f"status.{name}") for name in STATUSES},
        }
        fields = {
            "corridor": ("extent", "confidence", "confidence_note", "works"),
            "bottleneck": (
                *("status", "road", "municipality", "listed_on", "criterion"),
                *("position_method", "position_note", "publisher"),
            ),
            "landmark": ("position_method",),
        }
        return {
            kind: {
                "kindLabel": self.labels.ruby(f"road.{kind}"),
                "fields": [
                    {"name": name, "label": self.labels.ruby(f"column.{name}")}
                    | ({"values": values[name]} if name in values else {})
                    for name in names
                ],
                "hazards": [],
                "notice": "",
            }
            for kind, names in fields.items()
        }


def _name_all(group: str, ids: tuple[str, ...], labels: Labels) -> list[dict[str, str]]:
    return [{"id": name, "label": labels.ruby(f"{group}.{name}")} for name in ids]
