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
        names = self._name_all(features)
        _, _, entries = self.symbolise(features[self.indicator.id])
        entries += [
            LegendEntry(str(names[o.code]), o.colour, "dash" if o.is_dashed else "line")
            for o in reversed(self.outlines)
        ]
        group = folium.FeatureGroup(name="municipalities")
        group.add_child(Call("addAreas", self.list_options(features)))
        group.add_child(draw_legend(self.head, entries))
        return group

    def list_options(self, features: pd.DataFrame) -> dict[str, Any]:
        """Return what the map script is told of the areas; `features` as for `to_folium`."""
        values = features[self.indicator.id]
        colours, classes, _ = self.symbolise(values)
        return {
            "url": self.data_url,
            "interactive": True,
            "isBackground": False,
            "fill": UNKNOWN_COLOUR,
            "asideFill": ASIDE_COLOUR,
            "stroke": EDGE_COLOUR,
            "colours": list(colours),
            "classes": {code: int(number) for code, number in classes.dropna().items()},
            "names": self._name_all(features),
            "values": {code: self._write(str(code), value) for code, value in values.items()},
            "selected": [outline.to_option() for outline in self.outlines],
            "inside": list(self.inside) or None,
            "focus": self.focus,
        }

    def _name_all(self, features: pd.DataFrame) -> dict[str, str]:
        kana = features["kana"] if "kana" in features else features["name"].map(lambda _: "")
        pairs = zip(features["name"], kana, strict=True)
        named = (self.labels.place(name, reading) for name, reading in pairs)
        return dict(zip(features.index, named, strict=True))

    @property
    def head(self) -> str:
        """What the legend is headed with: the indicator and its unit."""
        title = self.labels.ruby(f"indicator.{self.indicator.id}")
        if not self.indicator.unit:
            return title
        unit = self.labels.ruby(f"unit.{self.indicator.unit}")
        return self.labels.ruby("text.noted", text=title, note=unit)

    def symbolise(self, values: pd.Series) -> tuple[tuple[str, ...], pd.Series, list[LegendEntry]]:
        """Return the colours, the class of each municipality (NA: unknown), and the legend."""
        count_form = self.labels.ruby("legend.count_municipalities")
        if self.indicator.kind == "flag":
            classes = values.astype("Int64")
            entries = [
                LegendEntry(
                    self.labels.ruby(f"flag.{self.indicator.id}.{word}"),
                    FLAG_COLOURS[number],
                    "square",
                    count_form.format(n=int((self._in_question(classes) == number).sum())),
                )
                for number, word in ((1, "yes"), (0, "no"))
            ]
            return FLAG_COLOURS, classes, entries
        symbology: Symbology = break_by_quantiles(values, decimals=self.indicator.decimals)
        classes = symbology.classify(values)
        unknown = self.labels.ruby("legend.unknown")
        counted = self._in_question(classes)
        entries = list_class_entries(
            symbology,
            counted,
            count_form=count_form,
            unknown=unknown,
            write_number=self.labels.number,
        )
        return symbology.colours, classes, entries

    def _in_question(self, classes: pd.Series) -> pd.Series:
        return classes.loc[list(self.inside)] if self.inside else classes

    def _write(self, code: str, value: Any) -> str:
        if pd.isna(value):
            return self.labels.ruby("legend.unknown")
        if self.indicator.kind == "flag":
            return write_flag(self.indicator.id, value, code, self.labels)
        unit = self.labels.ruby(f"unit.{self.indicator.unit}")
        return self.labels.phrase(self.labels.number(value, self.indicator.decimals), unit)
