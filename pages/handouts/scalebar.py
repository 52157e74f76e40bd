"""The scale of a printed map: a bar of a round length in its lower right corner."""

from __future__ import annotations

import math
from typing import Final

from matplotlib.path import Path

from pages.handouts.canvas import Canvas
from pages.handouts.fonts import measure_text
from pages.handouts.frames import Box, Frame
from pages.handouts.names import POINTS_AN_INCH
from pages.handouts.scene import INK, SMALL_PT, WHITE

LARGEST_PART: Final = 0.22  # of the width of the map
KM_M: Final = 1000
PAD: Final = 5.0  # 1/96 inch
HEIGHT: Final = 24.0
TICK: Final = 5.0


def choose_length(frame: Frame) -> int:
    """Return the longest of 1, 2, 5, 10, … metres that leaves room on the map."""
    longest = max(frame.width * frame.m_per_px * LARGEST_PART, 1.0)
    step = 10 ** math.floor(math.log10(longest))
    return int(max(part * step for part in (1, 2, 5) if part * step <= longest))


def write_length(length_m: int) -> str:
    """Write a length in m or km."""
    return f"{length_m // KM_M:,} km" if length_m >= KM_M else f"{length_m} m"


def reserve_scale_bar(frame: Frame, dpi: float) -> Box:
    """Return the box that the bar takes, in pixels of the picture."""
    length = choose_length(frame)
    text = measure_text(write_length(length)) * SMALL_PT * dpi / POINTS_AN_INCH
    width = max(length / frame.m_per_px, text) + 2 * PAD * frame.px
    _, _, right, bottom = frame.box
    return right - width, bottom - HEIGHT * frame.px, right, bottom


def draw_scale_bar(canvas: Canvas, frame: Frame) -> None:
    """Draw it over what lies below."""
    box = reserve_scale_bar(frame, canvas.dpi)
    length = choose_length(frame)
    middle, half = (box[0] + box[2]) / 2, length / frame.m_per_px / 2
    base = box[3] - PAD * frame.px
    top = base - TICK * frame.px
    canvas.fill_box(box, WHITE)
    left, right = middle - half, middle + half
    canvas.draw_path(Path([(left, top), (left, base), (right, base), (right, top)]), INK, 1.4)
    text_y = (box[1] + top) / 2 + 1
    canvas.write(write_length(length), (middle, text_y), SMALL_PT, INK, align="center")
