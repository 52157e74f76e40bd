"""Evacuation sites and shelters as points, told apart by shape and colour."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from kumageo.facilities import SHELTER, SITE
from kumageo.labels import Labels
from kumageo.schemas import HAZARDS
from layers.assets import OWN_URL
from layers.base import ACCENT, Call, draw_ground
from layers.legend import LegendEntry, Shape, draw_legend
from layers.popups import list_facility_fields, list_hazards
from layers.symbology import SHELTER_COLOUR, SITE_COLOUR

MARKED_STROKE: Final = "#b00020"
SITE_COLUMNS: Final = (
    "id",
    "municipality_code",
    "name",
    "address",
    *HAZARDS,
    "also_shelter",
    "note",
    "source_row",
)
SHELTER_COLUMNS: Final = (
    "id",
    "municipality_code",
    "name",
    "address",
    "also_emergency_site",
    "accepts",
    "note",
    "source_row",
)
STYLES: Final[dict[str, tuple[Shape, str]]] = {
    SITE: ("circle", SITE_COLOUR),
    SHELTER: ("square", SHELTER_COLOUR),
}


@dataclass(frozen=True)
class EvacuationLayer:
    """Points of sites and shelters over plain municipalities.

    Attributes
    ----------
    labels
        Texts of the reader's language.
    data_urls
        Addresses of the GeoJSON of sites and shelters by kind, and of the areas under
        "areas". The points stand in the order of their dataset. Where points are light, what
        their popups show comes from the address under the kind with "_details".
    names
        Names of municipalities by code.
    notice
        The sentence that this is a list of designations, with its date.
    selected_id
        Id of the facility to ring.
    inside, selected_code
        Municipalities in question (others fade) and the one to outline.
    point
        lon, lat in degrees that was asked about.
    focus
        From `layers.base.to_focus`, where the map shall move.
    own_url
        Folder of our own files, for the pictograms.
    """

    labels: Labels
    data_urls: dict[str, str]
    names: dict[str, str]
    notice: str
    selected_id: str = ""
    inside: tuple[str, ...] = ()
    selected_code: str = ""
    point: tuple[float, float] | None = None
    focus: dict[str, Any] | None = field(default=None)
    own_url: str = OWN_URL

    def to_folium(
        self, features: gpd.GeoDataFrame, shown: pd.Series, nearest: gpd.GeoDataFrame | None = None
    ) -> folium.FeatureGroup:
        """Draw facilities as a new feature group.

        Parameters
        ----------
        features
            From `kumageo.facilities.build_facilities`.
        shown
            bool with the index of `features`: which ones are drawn.
        nearest
            From `kumageo.evacuation.find_nearest`, to be numbered on the map.
        """
        group = folium.FeatureGroup(name="evacuation")
        group.add_child(
            draw_ground(
                self.data_urls["areas"],
                selected_code=self.selected_code,
                inside=self.inside,
                focus=self.focus,
            )
        )
        for kind in (SHELTER, SITE):
            group.add_child(Call("addPoints", self._point_options(kind, features, shown)))
        if self.point is not None:
            group.add_child(Call("addNearest", self._nearest_options(nearest)))
        group.add_child(
            draw_legend(self.labels.ruby("evacuation.legend"), self.list_entries(features, shown))
        )
        return group

    def _point_options(
        self, kind: str, features: gpd.GeoDataFrame, shown: pd.Series
    ) -> dict[str, Any]:
        of_kind = features["kind"] == kind
        shape, fill = STYLES[kind]
        return {
            "url": self.data_urls[kind],
            "detailsUrl": self.data_urls.get(f"{kind}_details", ""),
            "kind": kind,
            "shown": encode_bits(shown[of_kind]),
            "marked": encode_bits(features.loc[of_kind, "outside"]),
            "shape": shape,
            "fill": fill,
            "accent": ACCENT,
            "markedStroke": MARKED_STROKE,
            "selectedId": self.selected_id,
            "kindLabel": self.labels.ruby(f"kind.{kind}"),
            "fields": list_facility_fields(self.labels, self.names),
            "hazards": list_hazards(self.labels, self.own_url) if kind == SITE else [],
            "hazardsLabel": self.labels.ruby("evacuation.hazards"),
            "noHazard": self.labels.ruby("evacuation.no_hazard"),
            "notice": self.notice,
        }

    def _nearest_options(self, nearest: gpd.GeoDataFrame | None) -> dict[str, Any]:
        lon, lat = self.point or (0.0, 0.0)
        places = (
            [] if nearest is None else nearest[["lon", "lat", "rank", "name"]].to_dict("records")
        )
        return {
            "point": {"lon": lon, "lat": lat},
            "label": self.labels.ruby("evacuation.point"),
            "places": places,
            "accent": ACCENT,
            "focus": self.focus,
        }

    def list_entries(self, features: gpd.GeoDataFrame, shown: pd.Series) -> list[LegendEntry]:
        """Return the legend of the facilities that are drawn, with their counts."""
        drawn = features[shown]
        entries = []
        for kind, (shape, colour) in STYLES.items():
            n_of_kind = int((drawn["kind"] == kind).sum())
            if n_of_kind:
                counted = self.labels.ruby("legend.count_places", n=n_of_kind)
                entries.append(
                    LegendEntry(self.labels.ruby(f"kind.{kind}"), colour, shape, counted)
                )
        n_outside = int(drawn["outside"].sum())
        if n_outside:
            counted = self.labels.ruby("legend.count_places", n=n_outside)
            label = self.labels.ruby("evacuation.outside_legend")
            entries.append(LegendEntry(label, "#ffffff", "ring", counted))
        return entries


def encode_bits(mask: pd.Series) -> str:
    """Pack a mask into base64, first feature in the highest bit of the first byte."""
    return base64.b64encode(np.packbits(mask.to_numpy(dtype=bool)).tobytes()).decode()
