"""The window of a printed map: from metres of EPSG:6670 to pixels of the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from kumageo.crs import project_degrees
from kumageo.errors import ArgumentError

MARGIN: Final = 0.04  # of the extent, on each side
MIN_SPAN_M: Final = 800.0
CSS_DPI: Final = 96.0  # sizes of marks are those of the screen, in 1/96 inch
# Scale of web maps: metres a pixel at zoom 0, and the middle of the prefecture.
_ZOOM_0_M: Final = 156543.034 * math.cos(math.radians(32.6))
_N_PARTS: Final = 16  # a parallel is a curve in metres: each side of the extent in so many parts
_MAX_LON: Final = 180.0
_MAX_LAT: Final = 90.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Frame:
    """A north-up map in a picture; y runs downwards.

    Attributes
    ----------
    left, top, width, height
        The map in the picture, in pixels.
    x_min, y_max
        Metres of EPSG:6670 in its upper left corner.
    m_per_px
        Its scale.
    px
        Pixels of the picture to 1/96 inch.
    """

    left: float
    top: float
    width: float
    height: float
    x_min: float
    y_max: float
    m_per_px: float
    px: float

    def place(self, xy: np.ndarray) -> np.ndarray:
        """Return the pixels of places in metres, shape (n, 2)."""
        origin = np.array([self.x_min, self.y_max])
        scale = np.array([1.0, -1.0]) / self.m_per_px
        return (np.asarray(xy, dtype=float) - origin) * scale + [self.left, self.top]

    def place_degrees(self, lon: float, lat: float) -> tuple[float, float]:
        """Return the pixel of one place in degrees."""
        ((x, y),) = self.place(project_degrees(np.array([lon]), np.array([lat])))
        return float(x), float(y)

    @property
    def box(self) -> Box:
        """The map in pixels: left, top, right, bottom."""
        return self.left, self.top, self.left + self.width, self.top + self.height

    @property
    def bounds(self) -> Box:
        """The map in metres: x_min, y_min, x_max, y_max."""
        x_max = self.x_min + self.width * self.m_per_px
        y_min = self.y_max - self.height * self.m_per_px
        return self.x_min, y_min, x_max, self.y_max

    @property
    def zoom(self) -> float:
        """Zoom level at which a screen shows the same scale."""
        return math.log2(_ZOOM_0_M / (self.m_per_px * self.px))


def fit_frame(extent: Box, box: Box, dpi: float) -> Frame:
    """Fit an extent into a part of the picture.

    Parameters
    ----------
    extent
        lon_min, lat_min, lon_max, lat_max in degrees.
    box
        left, top, right, bottom in pixels.
    dpi
        Pixels an inch.

    Raises
    ------
    ArgumentError
        If the extent is no part of the earth that EPSG:6670 knows.
    """
    x_min, y_min, x_max, y_max = _project_extent(extent)
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    span = 1 + 2 * MARGIN
    m_per_px = span * max(
        max(x_max - x_min, MIN_SPAN_M) / width, max(y_max - y_min, MIN_SPAN_M) / height
    )
    return Frame(
        left=left,
        top=top,
        width=width,
        height=height,
        x_min=(x_min + x_max) / 2 - m_per_px * width / 2,
        y_max=(y_min + y_max) / 2 + m_per_px * height / 2,
        m_per_px=m_per_px,
        px=dpi / CSS_DPI,
    )


def _project_extent(extent: Box) -> Box:
    lon_min, lat_min, lon_max, lat_max = extent
    is_earth = -_MAX_LON <= lon_min <= lon_max <= _MAX_LON
    if is_earth and -_MAX_LAT <= lat_min <= lat_max <= _MAX_LAT:
        step = max(lon_max - lon_min, lat_max - lat_min, 1e-9) / _N_PARTS
        outline = shapely.segmentize(shapely.box(*extent).exterior, step)
        xy = project_degrees(*shapely.get_coordinates(outline).T)
        if np.isfinite(xy).all():
            return (*xy.min(axis=0), *xy.max(axis=0))
    raise ArgumentError(
        "extent: expected lon_min, lat_min, lon_max, lat_max in degrees near Kumamoto, got "
        f"{', '.join(map(str, extent))[:100]}. Correct the view."
    )
