"""The marked places of a view: named on the map where all names fit, else numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.path import Path

from kumageo.crs import project_degrees
from layers.base import ACCENT
from pages.handouts.canvas import Canvas
from pages.handouts.deck import MapView
from pages.handouts.fonts import measure_text, write_printable
from pages.handouts.frames import Frame
from pages.handouts.names import FRAME_PAD_PX, Written, surround
from pages.handouts.scene import INK, SMALL_PT, WHITE, Entry, Name, Spot
from pages.handouts.wrapping import shorten_text

RADIUS: Final = 7.0
WIDTH: Final = 2.0
DOT_RADIUS: Final = 3.5
EXTENT: Final = 1.5 * RADIUS + WIDTH  # from the middle of the mark to its corners
LEADER_WIDTH: Final = 1.4
NAME_PT: Final = 9.0
NAME_EM: Final = 24.0  # longer names are cut: the text beside the map has them whole
RANK: Final = -1
# Where a number may stand: on its place, or on rings round it.
_RINGS: Final = tuple(range(24, 200, 18))
_RING_PARTS: Final = 12


@dataclass(frozen=True)
class Place:
    """A marked place in metres; `number` counts from 1, in the order of the view."""

    x: float
    y: float
    name: str
    number: int


def locate_places(view: MapView, frame: Frame) -> list[Place]:
    """Return the places of a view that lie on the map."""
    if not view.places:
        return []
    lons, lats, names = zip(*view.places, strict=True)
    xy = project_degrees(np.array(lons, dtype=float), np.array(lats, dtype=float))
    x_min, y_min, x_max, y_max = frame.bounds
    on_map = [
        (x, y, name)
        for (x, y), name in zip(xy, names, strict=True)
        if x_min <= x <= x_max and y_min <= y <= y_max
    ]
    return [
        Place(x, y, shorten_text(write_printable(name), NAME_EM, measure_text), number)
        for number, (x, y, name) in enumerate(on_map, start=1)
    ]


def name_places(places: Sequence[Place]) -> list[Name]:
    """Return the names to write on the map, before all others."""
    gap = EXTENT + FRAME_PAD_PX
    return [
        Name(
            texts=(place.name,),
            spots=surround(place.x, place.y, place.name, NAME_PT, gap),
            rank=RANK,
            colour=INK,
            size=NAME_PT,
            frame=ACCENT,
        )
        for place in places
        if place.name
    ]


def number_places(places: Sequence[Place]) -> list[Name]:
    """Return the numbers to write on the map, before all names."""
    angles = np.linspace(0, 2 * np.pi, _RING_PARTS, endpoint=False)
    ways = [(0.0, 0.0)]
    ways += [(r * np.cos(angle), r * np.sin(angle)) for r in _RINGS for angle in angles]
    return [
        Name(
            texts=(str(place.number),),
            spots=tuple(Spot(place.x, place.y, dx, dy) for dx, dy in ways),
            rank=RANK,
            colour=WHITE,
            size=SMALL_PT,
            frame=WHITE,
            fill=ACCENT,
        )
        for place in places
    ]


def list_places(places: Sequence[Place]) -> list[Entry]:
    """Return the legend of numbered places."""
    return [Entry(place.name, "badge", ACCENT, WHITE, str(place.number)) for place in places]


def draw_places(canvas: Canvas, places: Sequence[Place], frame: Frame) -> None:
    """Draw named places as the live map does."""
    for place in places:
        xy = frame.place(np.array([[place.x, place.y]]))
        canvas.draw_marks(xy, "diamond", RADIUS, ACCENT, WHITE, WIDTH, frame.box)


def draw_leaders(
    canvas: Canvas, places: Sequence[Place], written: Sequence[Written], frame: Frame
) -> None:
    """Draw numbered places small, each tied to its number."""
    numbers = {one.text: one for one in written if one.name.rank == RANK}
    for place in places:
        xy = frame.place(np.array([[place.x, place.y]]))
        number = numbers.get(str(place.number))
        if number is not None:
            leader = Path([tuple(xy[0]), number.centre])
            canvas.draw_path(leader, WHITE, LEADER_WIDTH + 2, (), frame.box)
            canvas.draw_path(leader, ACCENT, LEADER_WIDTH, (), frame.box)
        canvas.draw_marks(xy, "diamond", DOT_RADIUS, ACCENT, WHITE, 1.2, frame.box)
