"""Names on a printed map: they stand where they fit, none over another or over a mark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from pages.handouts.fonts import measure_text
from pages.handouts.frames import Box, Frame
from pages.handouts.scene import Name, Spot

POINTS_AN_INCH: Final = 72.0
LINE: Final = 1.3  # height of a line, in parts of the type size
PAD_PX: Final = 4.0  # 1/96 inch at either side of a name
FRAME_PAD_PX: Final = 4.0


@dataclass(frozen=True)
class Written:
    """A name where it stands; `box` in pixels of the picture."""

    text: str
    name: Name
    box: Box

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the name."""
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2


def arrange_names(
    names: Iterable[Name], frame: Frame, taken: Iterable[Box], avoided: Iterable[Box], dpi: float
) -> list[Written]:
    """Find a free place for as many names as fit, the more important first.

    Parameters
    ----------
    names
        Wherever they may stand.
    frame
        The map; no name leaves it.
    taken
        Boxes of marks that no name may cover, in pixels.
    avoided
        Boxes of marks that a name covers only where it finds no other place.
    dpi
        Pixels an inch.
    """
    hard, soft = (np.array(list(boxes), dtype=float).reshape(-1, 4) for boxes in (taken, avoided))
    written = []
    for name in sorted(names, key=lambda one: one.rank):
        found = _find_place(name, frame, np.vstack([hard, soft]), dpi)
        if found is None and len(soft):
            found = _find_place(name, frame, hard, dpi)
        if found is not None:
            written.append(found)
            hard = np.vstack([hard, found.box])
    return written


def _find_place(name: Name, frame: Frame, taken: np.ndarray, dpi: float) -> Written | None:
    left, top, right, bottom = frame.box
    for text in name.texts:
        for spot in name.spots:
            box = measure_name(text, name, spot, frame, dpi)
            is_inside = left <= box[0] and top <= box[1] and box[2] <= right and box[3] <= bottom
            if is_inside and not _hits(box, taken):
                return Written(text, name, box)
    return None


def measure_name(text: str, name: Name, spot: Spot, frame: Frame, dpi: float) -> Box:
    """Return the box of a name at a spot, in pixels."""
    size = name.size * dpi / POINTS_AN_INCH
    pad = (PAD_PX + FRAME_PAD_PX * bool(name.frame)) * frame.px
    half_width = measure_text(text) * size / 2 + pad
    half_height = LINE * size / 2 + FRAME_PAD_PX / 2 * frame.px * bool(name.frame)
    ((x, y),) = frame.place(np.array([[spot.x, spot.y]]))
    x, y = x + spot.dx * frame.px, y + spot.dy * frame.px
    return x - half_width, y - half_height, x + half_width, y + half_height


def _hits(box: Box, taken: np.ndarray) -> bool:
    left, top, right, bottom = box
    apart = (taken[:, 2] < left) | (right < taken[:, 0]) | (taken[:, 3] < top)
    return not bool((apart | (bottom < taken[:, 1])).all())


def surround(x: float, y: float, text: str, size: float, gap: float) -> tuple[Spot, ...]:
    """Return the spots at the four sides of a mark, and at its corners.

    Parameters
    ----------
    x, y
        The mark, in metres.
    text, size
        The name and its type size in points.
    gap
        From the middle of the mark, in 1/96 inch.
    """
    points = 4 / 3  # 1/96 inch to a point
    dx = measure_text(text) * size * points / 2 + PAD_PX + gap
    dy = LINE * size * points / 2 + gap
    sides = ((dx, 0.0), (-dx, 0.0), (0.0, -dy), (0.0, dy))
    corners = ((dx, -dy), (dx, dy), (-dx, -dy), (-dx, dy))
    return tuple(Spot(x, y, *way) for way in (*sides, *corners))
