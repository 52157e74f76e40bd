"""Groundwater levels between wells: a picture in classes, lines of equal level, and a legend."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import folium
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kumageo.contours import draw_contours
from kumageo.crs import WEB
from kumageo.interpolation import Array
from kumageo.labels import Labels
from kumageo.rasters.pictures import WebPicture, picture_grid
from kumageo.surface import Surface
from layers.base import (
    EDGE_COLOUR,
    Call,
    Credit,
    draw_credits,
    draw_ground,
)
from layers.geojson import dump_collection, round_shape, to_feature
from layers.legend import LegendEntry, draw_legend
from layers.symbology import SEQUENTIAL, Symbology

N_CLASSES: Final = 7
# Brown below to blue above, as with the classes of the wells; light in the middle.
FALLING: Final = ("#8c510a", "#d09a4c", "#f6e8c9")
RISING: Final = ("#dbe9f6", "#6aa6dc", "#1f4e9c")
LINE_COLOUR: Final = "#333333"
MARK_COLOUR: Final = "#ffffff"
LEAST_STEP_M: Final = 0.01


def class_levels(values: Array) -> Symbology:
    """Make about `N_CLASSES` classes of levels, light to dark, at round numbers.

    Parameters
    ----------
    values
        In m; NaN is passed over.
    """
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    step, decimals = _choose_step((high - low) / N_CLASSES)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    breaks = tuple(round(number * step, decimals) for number in range(first, last + 1))
    return Symbology(breaks, blend(SEQUENTIAL, len(breaks) - 1), decimals)


def class_changes(values: Array) -> Symbology:
    """Make about `N_CLASSES` classes of changes in m: zero is a break, and the middle of colours.

    A change is as dark as one of the same size the other way.
    """
    low, high = min(0.0, float(np.nanmin(values))), max(0.0, float(np.nanmax(values)))
    step, decimals = _choose_step((high - low) / N_CLASSES)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    breaks = tuple(round(number * step, decimals) for number in range(first, last + 1))
    n_each = max(-first, last)
    colours = (*blend(FALLING, n_each), *blend(RISING, n_each))
    return Symbology(breaks, colours[n_each + first : n_each + last], decimals)


def blend(anchors: Sequence[str], n_colours: int) -> tuple[str, ...]:
    """Return colours evenly along a ramp of #rrggbb."""
    ramp = np.array([[int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in anchors])
    last = len(anchors) - 1
    places = np.linspace(0, last, n_colours) if n_colours > 1 else np.array([last / 2])
    parts = [np.interp(places, np.arange(len(anchors)), channel) for channel in ramp.T]
    return tuple(
        "#" + "".join(f"{round(part):02x}" for part in rgb) for rgb in zip(*parts, strict=True)
    )


def paint(classes: NDArray[np.intp], colours: Sequence[str]) -> str:
    """Return classes as a PNG in a data address; class -1 is transparent."""
    # The palette begins with the transparent colour: class -1 becomes 0.
    image = Image.fromarray((classes + 1).astype(np.uint8), "P")
    image.putpalette(
        [int(one[at : at + 2], 16) for one in ("#ffffff", *colours) for at in (1, 3, 5)]
    )
    content = io.BytesIO()
    image.save(content, "PNG", optimize=True, transparency=0)
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()


def encode_picture(
    picture: WebPicture,
    classes: NDArray[np.intp],
    colours: Sequence[str],
    lines: Sequence[dict[str, Any]] = (),
) -> bytes:
    """Return GeoJSON of lines with two foreign members, `picture` and its `bounds` in degrees."""
    return dump_collection(
        {
            "type": "FeatureCollection",
            "picture": paint(classes, colours),
            "bounds": [round(number, 6) for number in picture.bounds],
            "features": list(lines),
        }
    )


def symbolise(surface: Surface) -> Symbology:
    """Return the classes of a surface: of levels, or of changes."""
    is_change = surface.levels.minus is not None
    return (class_changes if is_change else class_levels)(surface.values_m)


def encode_surface(surface: Surface) -> bytes:
    """Encode a surface for the browser: see `encode_picture`; lines have `level` and `label`."""
    symbology = symbolise(surface)
    picture = picture_grid(surface.values_m, surface.grid)
    breaks = symbology.breaks
    classes = np.searchsorted(breaks[1:-1], picture.values, side="right")
    classes = np.where(np.isnan(picture.values), -1, classes)
    contours = draw_contours(surface.values_m, surface.grid, breaks[1:-1])
    is_change = surface.levels.minus is not None
    lines = [
        to_feature(
            {
                "level": level,
                "label": f"{level:{'+' if is_change and level else ''}.{symbology.decimals}f} m",
                "is_zero": is_change and level == 0,
            },
            round_shape(line),
        )
        for level, line in zip(
            contours["level"],
            contours.geometry.simplify(surface.grid.cell_m / 10).to_crs(WEB),
            strict=True,
        )
    ]
    return encode_picture(picture, classes, symbology.colours, lines)


@dataclass(frozen=True)
class SurfaceLayer:
    """A surface over plain municipalities.

    Attributes
    ----------
    labels
        Texts of the reader's language.
    data_urls
        Addresses of the GeoJSON of `areas` and of the `surface`.
    title
        What the legend is headed with, and what a screen reader says of the picture.
    stamp
        What is written across the map, such as 模擬データ; blank for none.
    point
        The place that is asked about, lon and lat in degrees.
    focus
        From `layers.base.to_focus`.
    sources
        Credits of the values.
    """

    labels: Labels
    data_urls: dict[str, str]
    title: str
    stamp: str = ""
    point: tuple[float, float] | None = None
    focus: dict[str, Any] | None = None
    sources: tuple[Credit, ...] = ()

    def to_folium(
        self, entries: list[LegendEntry], wells: Sequence[dict[str, Any]] = ()
    ) -> folium.FeatureGroup:
        """Draw the surface as a new feature group.

        Parameters
        ----------
        entries
            Of the legend.
        wells
            Those it was made from: `lon`, `lat` in degrees, and `text` to be shown.
        """
        group = folium.FeatureGroup(name="surface")
        group.add_child(draw_ground(self.data_urls["areas"], focus=self.focus))
        options = {
            "url": self.data_urls["surface"],
            "areasUrl": self.data_urls["areas"],
            "alt": self.title,
            "stroke": EDGE_COLOUR,
            "lineColour": LINE_COLOUR,
            "wellFill": MARK_COLOUR,
            "wells": list(wells),
            "stamp": self.stamp,
            "focus": self.focus,
        }
        group.add_child(Call("addSurface", options))
        if self.point is not None:
            group.add_child(Call("addNearest", self._point_options(*self.point)))
        group.add_child(draw_credits(self.sources))
        group.add_child(draw_legend(self.title, entries))
        return group

    def list_surface_entries(self, symbology: Symbology, n_wells: int) -> list[LegendEntry]:
        """Return the legend of a surface: its classes in metres, its lines and its wells."""
        entries = [
            LegendEntry(
                self.labels(
                    "surface.class",
                    low=self.labels.number(low, symbology.decimals),
                    high=self.labels.number(high, symbology.decimals),
                ),
                colour,
                "square",
            )
            for low, high, colour in zip(
                symbology.breaks, symbology.breaks[1:], symbology.colours, strict=False
            )
        ]
        lines = LegendEntry(self.labels("surface.contours"), LINE_COLOUR, "thin")
        counted = self.labels("legend.count_wells", n=n_wells)
        wells = LegendEntry(self.labels("surface.used_wells"), MARK_COLOUR, "circle", counted)
        return [*entries, lines, wells]

    def _point_options(self, lon: float, lat: float) -> dict[str, Any]:
        return {
            "point": {"lon": lon, "lat": lat},
            "places": [],
            "accent": LINE_COLOUR,
            "label": self.labels("surface.point"),
            "focus": None,
        }


def _choose_step(wanted: float) -> tuple[float, int]:
    """Return the least of 1, 2 or 5 x 10^n that is not below a step, and its decimals."""
    wanted = max(wanted, LEAST_STEP_M)
    power = math.floor(math.log10(wanted) + 1e-9)
    for factor in (1, 2, 5, 10):
        if factor * 10.0**power >= wanted * (1 - 1e-9):
            break
    step = factor * 10.0**power
    return step, max(0, -math.floor(math.log10(step) + 1e-9))
