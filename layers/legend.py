"""Legends as plain entries: colour, shape, words and a count; drawn by `static/map.js`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from layers.base import Call
from layers.symbology import UNKNOWN_COLOUR, Symbology

Shape = Literal[
    "square", "circle", "ring", "line", "dash", "diamond", "up", "down", "hollow", "thin"
]
RANGE: Final = "{low}–{high}"


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend; `count` is blank where a count says nothing."""

    label: str
    colour: str
    shape: Shape
    count: str = ""


def list_class_entries(
    symbology: Symbology,
    classes: pd.Series,
    *,
    count_form: str,
    unknown: str,
    write_number: Callable[[float, int], str] = "{:,.{}f}".format,
) -> list[LegendEntry]:
    """Return an entry for each class with its range and how many fall in it.

    Parameters
    ----------
    symbology
        Breaks and colours.
    classes
        Class number of each feature, NA for unknown.
    count_form
        How a count is written, with `{n}`.
    unknown
        Label of the features without a value; left out where there are none.
    write_number
        Writes a number with so many decimals.
    """
    entries = []
    for number, colour in enumerate(symbology.colours):
        ends = symbology.breaks[number : number + 2]
        low, high = (write_number(end, symbology.decimals) for end in ends)
        label = RANGE.format(low=low, high=high)
        n_features = int((classes == number).sum())
        entries.append(LegendEntry(label, colour, "square", count_form.format(n=n_features)))
    n_unknown = int(classes.isna().sum())
    if n_unknown:
        counted = count_form.format(n=n_unknown)
        entries.append(LegendEntry(unknown, UNKNOWN_COLOUR, "square", counted))
    return entries


def draw_legend(title: str, entries: list[LegendEntry]) -> Call:
    """Return the element that shows a legend below the map."""
    drawn: list[dict[str, Any]] = [
        {"label": e.label, "colour": e.colour, "shape": e.shape}
        | ({"count": e.count} if e.count else {})
        for e in entries
    ]
    return Call("setLegend", {"title": title, "entries": drawn})
