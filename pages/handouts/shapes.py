"""Outlines of marks and areas as paths; the marks have the shapes of the live map."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import shapely
from matplotlib.path import Path

from pages.handouts.frames import Frame

# Corners in parts of the radius, y downwards; all other shapes are circles.
_CORNERS: Final = {
    "square": ((-1.15, -1.15), (1.15, -1.15), (1.15, 1.15), (-1.15, 1.15)),
    "diamond": ((0, -1.5), (1.5, 0), (0, 1.5), (-1.5, 0)),
    "triangle": ((0, -1.5), (1.4, 1), (-1.4, 1)),
    "up": ((0, -1.3), (1.2, 1), (-1.2, 1)),
    "down": ((0, 1.3), (1.2, -1), (-1.2, -1)),
}
_CIRCLES: Final = {"hollow": 0.8}
_RING_STEPS: Final = 3  # a ring with fewer is no area
_AREA: Final = 2  # dimensions
_SINGLE: Final = shapely.GeometryType.POLYGON  # types after it hold several shapes


@cache
def outline_mark(shape: str) -> Path:
    """Return the outline of a mark of radius 1 around the origin."""
    if shape in _CORNERS:
        corners = _CORNERS[shape]
        return Path([*corners, corners[0]], closed=True)
    circle = Path.unit_circle()
    return Path(circle.vertices * _CIRCLES.get(shape, 1.0), circle.codes)


def outline_shape(shape: shapely.Geometry, frame: Frame) -> Path:
    """Return areas or lines as one path, in pixels of the picture."""
    points, line = shapely.get_coordinates(_list_lines(shape), return_index=True)
    codes = np.full(len(points), Path.LINETO, dtype=Path.code_type)
    first = np.flatnonzero(np.diff(line, prepend=-1))
    last = np.append(first[1:], len(points)) - 1 if len(first) else first
    codes[first] = Path.MOVETO
    is_ring = (points[first] == points[last]).all(axis=1) & (last - first >= _RING_STEPS)
    codes[last[is_ring]] = Path.CLOSEPOLY
    return Path(frame.place(points), codes)


def _list_lines(shape: shapely.Geometry) -> np.ndarray:
    """Return the rings of areas, and lines as they are."""
    parts = shapely.get_parts(shape)
    while (shapely.get_type_id(parts) > _SINGLE).any():
        parts = shapely.get_parts(parts)
    is_area = shapely.get_dimensions(parts) == _AREA
    is_line = shapely.get_dimensions(parts) == 1
    return np.concatenate([shapely.get_rings(parts[is_area]), parts[is_line]])
