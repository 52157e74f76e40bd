"""The sheet that a picture is drawn on: pixels, y downwards, no window and no global state."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from PIL import Image

from pages.handouts.fonts import load_typefaces
from pages.handouts.frames import CSS_DPI, Box
from pages.handouts.names import POINTS_AN_INCH
from pages.handouts.scene import WHITE
from pages.handouts.shapes import Path, outline_mark

ROUNDING_PX: Final = 0.01  # a size in inches, times dpi, may fall short of the pixel
CAP_HEIGHT: Final = 0.36  # from the middle of a line to its base, in parts of the type size
MITRED: Final = {"joinstyle": "miter", "capstyle": "butt"}


class Canvas:
    """A picture in the making; widths and radii are in 1/96 inch, places in pixels."""

    def __init__(self, width_px: int, height_px: int, dpi: float) -> None:
        self.width, self.height, self.dpi = width_px, height_px, dpi
        self.px = dpi / CSS_DPI
        size = ((width_px + ROUNDING_PX) / dpi, (height_px + ROUNDING_PX) / dpi)
        self._figure = Figure(figsize=size, dpi=dpi, facecolor=WHITE)
        self._agg = FigureCanvasAgg(self._figure)
        self._down = Affine2D().scale(1, -1).translate(0, height_px)
        self._n_drawn = 0

    def fill_box(self, box: Box, colour: str, edge: str = "none") -> None:
        """Fill a rectangle."""
        left, top, right, bottom = box
        corner, size = (left, top), (right - left, bottom - top)
        self._add(Rectangle(corner, *size, facecolor=colour, edgecolor=edge, **self._line(1)))

    def draw_box(self, box: Box, colour: str) -> None:
        """Draw the edges of a rectangle."""
        left, top, right, bottom = box
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        self._add(PathPatch(Path(corners), fill=False, edgecolor=colour, **self._line(1)))

    def fill_path(self, path: Path, colour: str, clip: Box | None = None) -> None:
        """Fill an area."""
        self._add(PathPatch(path, facecolor=colour, edgecolor="none"), clip)

    def draw_path(
        self,
        path: Path,
        colour: str,
        width: float,
        dash: Sequence[float] = (),
        clip: Box | None = None,
    ) -> None:
        """Draw a line."""
        style = "-"
        if dash:
            points = [one * self.px * POINTS_AN_INCH / self.dpi for one in dash]
            style = (0, [part / (width * self._point) for part in points])
        line = {**self._line(width), "joinstyle": "round", "linestyle": style}
        line["capstyle"] = "butt" if dash else "round"
        self._add(PathPatch(path, fill=False, edgecolor=colour, **line), clip)

    def draw_marks(
        self,
        xy: np.ndarray,
        shape: str,
        radius: float,
        fill: str,
        stroke: str,
        width: float,
        clip: Box | None = None,
    ) -> None:
        """Draw marks of one kind, middle by middle."""
        outline = outline_mark(shape)
        scaled = Path(outline.vertices * [1, -1] * radius * self.px, outline.codes)
        marks = PathCollection(
            [scaled],
            facecolors=fill,
            edgecolors=stroke,
            linewidths=width * self._point,
            offsets=self._down.transform(np.asarray(xy, dtype=float)),
            offset_transform=IdentityTransform(),
        )
        marks.set_transform(IdentityTransform())
        self._add(marks, clip, transform=False)

    def write(
        self,
        text: str,
        xy: tuple[float, float],
        size: float,
        colour: str,
        *,
        align: str = "left",
        halo: bool = False,
    ) -> None:
        """Write one line; `xy` is its left end or centre, in the middle of its height."""
        x, y = xy
        base = y + CAP_HEIGHT * size * self.dpi / POINTS_AN_INCH
        effects = [withStroke(linewidth=3 * self._point, foreground=WHITE)] if halo else None
        label = Text(
            x,
            base,
            text,
            color=colour,
            ha=align,
            va="baseline",
            fontproperties=_get_font(size),
            parse_math=False,
            path_effects=effects,
        )
        self._add(label)

    def to_png(self) -> bytes:
        """Return the picture; nothing in it tells when or by what it was made."""
        self._agg.draw()
        pixels = np.asarray(self._agg.buffer_rgba())[: self.height, : self.width, :3]
        written = io.BytesIO()
        dots = (self.dpi, self.dpi)
        Image.fromarray(np.ascontiguousarray(pixels)).save(written, "PNG", dpi=dots)
        return written.getvalue()

    @property
    def _point(self) -> float:
        """Points in 1/96 inch."""
        return POINTS_AN_INCH / CSS_DPI

    def _line(self, width: float) -> dict[str, float]:
        return {"linewidth": width * self._point}

    def _add(self, artist, clip: Box | None = None, *, transform: bool = True) -> None:  # noqa: ANN001
        if transform:
            artist.set_transform(self._down)
        self._figure.add_artist(artist, clip=False)
        if clip:
            left, top, right, bottom = clip
            artist.set_clip_box(Bbox([[left, self.height - bottom], [right, self.height - top]]))
            artist.set_clip_on(True)
        self._n_drawn += 1
        artist.set_zorder(self._n_drawn)  # what is added later lies above


@cache
def _get_font(size: float) -> FontProperties:
    return FontProperties(family=_register_fonts(), size=size)


@cache
def _register_fonts() -> list[str]:
    """Make the typefaces known to Matplotlib; settings stay as they are."""
    names = []
    for typeface in load_typefaces():
        font_manager.fontManager.addfont(typeface.path)
        names.append(font_manager.get_font(typeface.path).family_name)
    return names
