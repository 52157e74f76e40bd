"""What a printed map shows, as plain values: shapes in metres, marks, names and legend."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely

WHITE: Final = "#ffffff"
INK: Final = "#1a1a1a"
NAME_COLOUR: Final = "#333333"
FAINT_NAME_COLOUR: Final = "#595959"
NAME_PT: Final = 8.0
SMALL_PT: Final = 7.0


@dataclass(frozen=True)
class Fill:
    """An area of one colour."""

    shape: shapely.Geometry
    colour: str


@dataclass(frozen=True)
class Stroke:
    """A line or the edges of an area; width and dashes in 1/96 inch."""

    shape: shapely.Geometry
    colour: str
    width: float
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Marks:
    """Marks of one shape and colour; `xy` in metres, radius and width in 1/96 inch.

    No name covers them if they are `solid`, and else only where it finds no other place.
    """

    xy: np.ndarray
    shape: str
    radius: float
    fill: str
    stroke: str = WHITE
    width: float = 1.0
    solid: bool = True


@dataclass(frozen=True)
class Spot:
    """Where a name may stand: a place in metres, and the way from it in 1/96 inch."""

    x: float
    y: float
    dx: float = 0.0
    dy: float = 0.0


@dataclass(frozen=True)
class Name:
    """A name on the map: the first of its texts that is free at one of its spots is written.

    `frame` is the colour of a box round it, blank for none, and `fill` that of the box; a low
    rank comes first.
    """

    texts: tuple[str, ...]
    spots: tuple[Spot, ...]
    rank: int
    colour: str = NAME_COLOUR
    size: float = NAME_PT
    frame: str = ""
    fill: str = WHITE


@dataclass(frozen=True)
class Entry:
    """A line of the legend: a mark with words; `text` stands in the mark itself."""

    label: str
    shape: str
    fill: str
    stroke: str = "#666666"
    text: str = ""


@dataclass(frozen=True)
class Scene:
    """All that a layer brings to the map, in the order in which it is drawn."""

    datasets: tuple[str, ...]
    parts: list[Fill | Stroke | Marks] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)
    title: str = ""
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
