"""Groundwater observation wells by class: colour and shape, one marker a place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import folium
import geopandas as gpd
import pandas as pd

from kumageo.labels import Labels
from layers.base import (
    ACCENT,
    Call,
    Credit,
    draw_credits,
    draw_ground,
)
from layers.geojson import dump_collection, to_feature
from layers.legend import LegendEntry, Shape, draw_legend

# The most unusual first: it stands for its place where several wells share one. Brown to blue
# is told apart by colour-blind viewers, and every class has a shape of its own side.
STYLES: Final[Mapping[str, tuple[Shape, str]]] = {
    "much_below": ("down", "#8c510a"),
    "much_above": ("up", "#1f4e9c"),
    "below": ("down", "#dfa957"),
    "above": ("up", "#6aa6dc"),
    "normal": ("circle", "#4f9d69"),
    "position": ("diamond", "#7a5195"),
    "none": ("hollow", "#ffffff"),
}
LEGEND_ORDER: Final = ("much_below", "below", "normal", "above", "much_above", "position", "none")
WELL_COLUMNS: Final = ("id", "name", "owner", "owner_inferred", "screen_mark", "position_note")


def encode_wells(wells: gpd.GeoDataFrame) -> bytes:
    """Encode the places of the wells, each with the wells that stand there.

    Parameters
    ----------
    wells
        From `kumageo.wells.locate_wells`; those without a coordinate are left out.
    """
    placed = wells[wells.geometry.notna()]
    features = []
    for place_id, group in placed.groupby("place_id", sort=False):
        rows = group[list(WELL_COLUMNS)].to_dict("records")
        first = group.geometry.iloc[0]
        members = [to_feature(row, {})["properties"] for row in rows]
        geometry = {"type": "Point", "coordinates": [round(first.x, 6), round(first.y, 6)]}
        features.append(to_feature({"id": place_id, "wells": members}, geometry))
    return dump_collection({"type": "FeatureCollection", "features": features})


@dataclass(frozen=True)
class GroundwaterLayer:
    """Wells over plain municipalities.

    Attributes
    ----------
    labels
        Texts of the reader's language.
    data_urls
        Addresses of the GeoJSON of areas and wells.
    selected_place
        Id of the place to ring.
    inside, selected_code
        Municipalities in question (others fade) and the one to outline.
    stamp
        What is written across the map, such as 模擬データ; blank for none.
    focus
        From `layers.base.to_focus`, where the map shall move.
    sources
        Credits of the readings.
    """

    labels: Labels
    data_urls: dict[str, str]
    selected_place: str = ""
    inside: tuple[str, ...] = ()
    selected_code: str = ""
    stamp: str = ""
    focus: dict[str, Any] | None = None
    sources: tuple[Credit, ...] = ()

    def to_folium(self, classes: pd.Series, said: pd.Series) -> folium.FeatureGroup:
        """Draw the wells as a new feature group.

        Parameters
        ----------
        classes
            Name of the class of each well that is drawn, among `STYLES`, by its id.
        said
            What the popup says of the level of each well, by its id.
        """
        group = folium.FeatureGroup(name="groundwater")
        group.add_child(
            draw_ground(
                self.data_urls["areas"],
                selected_code=self.selected_code,
                inside=self.inside,
                focus=self.focus,
            )
        )
        group.add_child(Call("addWells", self._well_options(classes, said)))
        group.add_child(draw_credits(self.sources))
        group.add_child(
            draw_legend(self.labels.ruby("groundwater.legend"), self.list_entries(classes))
        )
        return group

    def _well_options(self, classes: pd.Series, said: pd.Series) -> dict[str, Any]:
        return {
            "url": self.data_urls["wells"],
            "classes": classes.to_dict(),
            "said": said.reindex(classes.index).to_dict(),
            "order": list(STYLES),
            "styles": {name: {"shape": s, "fill": c} for name, (s, c) in STYLES.items()},
            "labels": {name: self.labels.ruby(f"level_class.{name}") for name in STYLES},
            "selectedId": self.selected_place,
            "accent": ACCENT,
            "stamp": self.stamp,
            "texts": {
                name: self.labels.ruby(f"groundwater.{name}") for name in ("inferred", "same_place")
            },
        }

    def list_entries(self, classes: pd.Series) -> list[LegendEntry]:
        """Return the legend of the classes that are drawn, with their counts."""
        counts = classes.value_counts()
        entries = []
        for name in LEGEND_ORDER:
            n_wells = int(counts.get(name, 0))
            if n_wells:
                shape, colour = STYLES[name]
                counted = self.labels.ruby("legend.count_wells", n=n_wells)
                entries.append(
                    LegendEntry(self.labels.ruby(f"level_class.{name}"), colour, shape, counted)
                )
        return entries
