"""The areas of the regional councils by state, and the places that topics name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import folium
import geopandas as gpd
import pandas as pd
import shapely

from kumageo.council_schema import AREA_STATES
from kumageo.crs import METRIC, WEB
from kumageo.labels import Labels
from layers.base import ACCENT, ASIDE_COLOUR, EDGE_COLOUR, Call, Credit, Outline, draw_credits
from layers.geojson import (
    DISPLAY_TOLERANCE_M,
    dump_collection,
    label_areas,
    round_shape,
    to_feature,
)
from layers.legend import LegendEntry, draw_legend
from layers.symbology import UNKNOWN_COLOUR

STATE_COLOURS: Final[Mapping[str, str]] = dict(
    zip(AREA_STATES, ("#5fb58c", "#fdf6d2", "#c9a0d0", UNKNOWN_COLOUR), strict=True)
)


def encode_areas(areas: gpd.GeoDataFrame) -> bytes:
    """Encode the areas of the councils for display, with a label each.

    Parameters
    ----------
    areas
        From `kumageo.council.build_areas`.
    """
    metric = areas.to_crs(METRIC).rename(columns={"region_name": "name"})
    simple = shapely.coverage_simplify(metric.geometry.to_numpy(), DISPLAY_TOLERANCE_M)
    display = gpd.GeoSeries(simple, index=areas.index, crs=METRIC).to_crs(WEB)
    features = [
        to_feature({"code": name, "municipality_code": name}, round_shape(area))
        for name, area in display.items()
    ]
    labels = label_areas(metric, zoom_min=0)
    collection = {"type": "FeatureCollection", "labels": labels, "outlines": {}}
    return dump_collection({**collection, "features": features})


@dataclass(frozen=True)
class CouncilLayer:
    """Areas by the state of their council.

    Attributes
    ----------
    labels
        Texts of the reader's language.
    data_url
        Address of the areas (GeoJSON of `encode_areas`).
    selected
        Id of the area to outline; blank for none.
    focus
        From `layers.base.to_focus`, where the map shall move.
    sources
        Credits of the council data.
    """

    labels: Labels
    data_url: str
    selected: str = ""
    focus: dict[str, Any] | None = None
    sources: tuple[Credit, ...] = ()

    def to_folium(self, areas: pd.DataFrame, places: pd.DataFrame) -> folium.FeatureGroup:
        """Draw the areas and places as a new feature group.

        Parameters
        ----------
        areas
            Index region_id; region_name and state.
        places
            Columns lon, lat (degrees), name and text of the marked places.
        """
        group = folium.FeatureGroup(name="council")
        group.add_child(Call("addAreas", self._area_options(areas)))
        options = {"places": places.to_dict("records"), "fill": ACCENT}
        group.add_child(Call("addPlaces", options))
        group.add_child(draw_credits(self.sources))
        group.add_child(draw_legend(self.labels.ruby("council.legend"), self._entries(areas)))
        return group

    def _area_options(self, areas: pd.DataFrame) -> dict[str, Any]:
        numbers = areas["state"].map(AREA_STATES.index)
        words = areas["state"].map(lambda state: self.labels.ruby(f"council_state.{state}"))
        selected = [Outline(self.selected, ACCENT).to_option()] if self.selected else []
        return {
            "url": self.data_url,
            "interactive": True,
            "isBackground": False,
            "fill": UNKNOWN_COLOUR,
            "asideFill": ASIDE_COLOUR,
            "stroke": EDGE_COLOUR,
            "colours": list(STATE_COLOURS.values()),
            "classes": numbers.to_dict(),
            "names": areas["region_name"].to_dict(),
            "values": words.to_dict(),
            "selected": selected,
            "inside": None,
            "focus": self.focus,
        }

    def _entries(self, areas: pd.DataFrame) -> list[LegendEntry]:
        counts = areas["state"].value_counts()
        return [
            LegendEntry(
                self.labels.ruby(f"council_state.{state}"),
                colour,
                "square",
                self.labels.ruby("legend.count_areas", n=int(counts[state])),
            )
            for state, colour in STATE_COLOURS.items()
            if state in counts
        ]
