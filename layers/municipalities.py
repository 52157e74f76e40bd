"""Municipalities coloured by one indicator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import folium
import pandas as pd

from kumageo.labels import Labels
from kumageo.municipalities import Indicator, write_flag
from layers.base import ASIDE_COLOUR, EDGE_COLOUR, Call, Outline
from layers.legend import LegendEntry, draw_legend, list_class_entries
from layers.symbology import FLAG_COLOURS, UNKNOWN_COLOUR, Symbology, break_by_quantiles


@dataclass(frozen=True)
class MunicipalitiesLayer:
    """Choropleth of the 45 municipalities.

    Attributes
    ----------
    indicator
        What colours the areas.
    labels
        Texts of the reader's language.
    data_url
        Address of the areas for display (GeoJSON of `layers.geojson.encode_boundaries`).
    outlines
        The municipalities to outline; the legend names them.
    inside
        Codes of the municipalities in question; the others fade. Blank: all.
    focus
        From `layers.base.to_focus`, where the map shall move.
    """

    indicator: Indicator
    labels: Labels
    data_url: str
    outlines: tuple[Outline, ...] = ()
    inside: tuple[str, ...] = ()
    focus: dict[str, Any] | None = None

    def to_folium(self, features: pd.DataFrame) -> folium.FeatureGroup:
        """Draw the profiles as a new feature group.

        Parameters
        ----------
        features
            From `kumageo.municipalities.build_profiles`: index code, the indicator's column.
        """
        values = features[self.indicator.id]
        colours, classes, entries = self.symbolise(values)
        options = {
            "url": self.data_url,
            "interactive": True,
            "isBackground": False,
            "fill": UNKNOWN_COLOUR,
            "asideFill": ASIDE_COLOUR,
            "stroke": EDGE_COLOUR,
            "colours": list(colours),
            "classes": {code: int(number) for code, number in classes.dropna().items()},
            "names": features["name"].to_dict(),
            "values": {code: self._write(str(code), value) for code, value in values.items()},
            "selected": [outline.to_option() for outline in self.outlines],
            "inside": list(self.inside) or None,
            "focus": self.focus,
        }
        entries += [
            LegendEntry(
                str(features.loc[o.code, "name"]), o.colour, "dash" if o.is_dashed else "line"
            )
            for o in reversed(self.outlines)
        ]
        title = self.labels(f"indicator.{self.indicator.id}")
        unit = self.labels(f"unit.{self.indicator.unit}") if self.indicator.unit else ""
        group = folium.FeatureGroup(name="municipalities")
        group.add_child(Call("addAreas", options))
        group.add_child(draw_legend(f"{title}（{unit}）" if unit else title, entries))
        return group

    def symbolise(self, values: pd.Series) -> tuple[tuple[str, ...], pd.Series, list[LegendEntry]]:
        """Return the colours, the class of each municipality (NA: unknown), and the legend."""
        count_form = self.labels("legend.count_municipalities")
        if self.indicator.kind == "flag":
            classes = values.astype("Int64")
            entries = [
                LegendEntry(
                    self.labels(f"flag.{self.indicator.id}.{word}"),
                    FLAG_COLOURS[number],
                    "square",
                    count_form.format(n=int((self._in_question(classes) == number).sum())),
                )
                for number, word in ((1, "yes"), (0, "no"))
            ]
            return FLAG_COLOURS, classes, entries
        symbology: Symbology = break_by_quantiles(values, decimals=self.indicator.decimals)
        classes = symbology.classify(values)
        unknown = self.labels("legend.unknown")
        counted = self._in_question(classes)
        entries = list_class_entries(symbology, counted, count_form=count_form, unknown=unknown)
        return symbology.colours, classes, entries

    def _in_question(self, classes: pd.Series) -> pd.Series:
        return classes.loc[list(self.inside)] if self.inside else classes

    def _write(self, code: str, value: Any) -> str:
        if pd.isna(value):
            return self.labels("legend.unknown")
        if self.indicator.kind == "flag":
            return write_flag(self.indicator.id, value, code, self.labels)
        unit = self.labels(f"unit.{self.indicator.unit}")
        return f"{value:,.{self.indicator.decimals}f}{unit}"
