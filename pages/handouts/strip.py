"""What stands below a printed map: legend, notes and credits, laid out line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from matplotlib.path import Path

from pages.handouts.canvas import Canvas
from pages.handouts.fonts import measure_text, write_printable
from pages.handouts.frames import CSS_DPI
from pages.handouts.names import POINTS_AN_INCH
from pages.handouts.scene import INK, NAME_PT, SMALL_PT, WHITE, Entry
from pages.handouts.wrapping import wrap_text

CREDIT_PT: Final = 6.2
CREDIT_COLOUR: Final = "#595959"
LINE: Final = 1.45
MARK_WIDTH: Final = 15.0  # 1/96 inch, as all below
LINE_LENGTH: Final = 24.0
MARK_GAP: Final = 5.0
ENTRY_GAP: Final = 14.0
PAD: Final = 6.0
BADGE_PAD: Final = 4.0
PX_A_POINT: Final = 4 / 3
MARK_RADIUS: Final = 6.0
RADII: Final = {"hollow": 7.0, "diamond": 4.6, "triangle": 5.0}
STROKES: Final = {"ring": 3.0, "hollow": 2.0, "diamond": 1.5, "triangle": 1.8}
BOXES: Final = {"road": 9.0, "badge": 13.0}  # how high
LINE_SHAPES: Final = {"line": (3.0, ()), "gap": (4.0, (7.0, 5.0)), "dots": (3.0, (2.0, 5.0))}


@dataclass(frozen=True)
class Item:
    """A text or a mark at its place; x and y in pixels from the upper left of the strip."""

    x: float
    y: float
    text: str = ""
    size: float = NAME_PT
    colour: str = INK
    entry: Entry | None = None


@dataclass
class Strip:
    """The strip as it fills: `height` is what it needs so far, in pixels."""

    width: float
    dpi: float
    items: list[Item] = field(default_factory=list)
    height: float = 0.0

    @property
    def px(self) -> float:
        """Pixels of the picture to 1/96 inch."""
        return self.dpi / CSS_DPI

    def add_text(self, text: str, size: float, colour: str = INK) -> None:
        """Add a paragraph."""
        em = size * self.dpi / POINTS_AN_INCH
        for line in wrap_text(write_printable(text), self.width / em, measure_text):
            self.items.append(Item(0.0, self.height + LINE * em / 2, line, size, colour))
            self.height += LINE * em

    def add_note(self, text: str) -> None:
        """Add a sentence that must be read."""
        self.add_text(text, NAME_PT)

    def add_entries(self, title: str, entries: Sequence[Entry]) -> None:
        """Add a legend: title and entries side by side, on as many lines as they need."""
        em = NAME_PT * self.dpi / POINTS_AN_INCH
        line, x = LINE * em, 0.0
        if title:
            self.add_text(title, NAME_PT)
            self.height -= line
            x = measure_text(self.items[-1].text) * em + ENTRY_GAP * self.px
        for entry in entries:
            label = write_printable(entry.label)
            lead = (_measure_mark(entry) + MARK_GAP) * self.px
            size = lead + measure_text(label) * em
            if x and x + size > self.width:
                x = 0.0
                self.height += line
            self.items.append(Item(x, self.height + line / 2, entry=entry))
            for part in wrap_text(label, (self.width - lead) / em, measure_text):
                self.items.append(Item(x + lead, self.height + line / 2, part))
                self.height += line
            self.height -= line
            x += size + ENTRY_GAP * self.px
        self.height += line

    def draw(self, canvas: Canvas, left: float, top: float) -> None:
        """Draw it with its upper left at a pixel of the picture."""
        for item in self.items:
            x, y = left + item.x, top + item.y
            if item.entry is not None:
                _draw_mark(canvas, item.entry, x + _measure_mark(item.entry) * self.px / 2, y)
            else:
                canvas.write(item.text, (x, y), item.size, item.colour)


def _measure_mark(entry: Entry) -> float:
    """Return the width of a mark, in 1/96 inch."""
    if entry.shape == "badge":
        return measure_text(entry.text) * SMALL_PT * PX_A_POINT + 2 * BADGE_PAD
    return LINE_LENGTH if entry.shape in (*LINE_SHAPES, "road") else MARK_WIDTH


def _draw_mark(canvas: Canvas, entry: Entry, x: float, y: float) -> None:
    half = _measure_mark(entry) / 2 * canvas.px
    if entry.shape in LINE_SHAPES:
        width, dash = LINE_SHAPES[entry.shape]
        path = Path([(x - half, y), (x + half, y)])
        canvas.draw_path(path, entry.fill, width, dash, (x - half, 0, x + half, canvas.height))
    elif entry.shape in BOXES:
        tall = BOXES[entry.shape] / 2 * canvas.px
        canvas.fill_box((x - half, y - tall, x + half, y + tall), entry.fill, entry.stroke)
        canvas.write(entry.text, (x, y), SMALL_PT, WHITE, align="center")
    elif entry.shape != "blank":
        width = STROKES.get(entry.shape, 1.2)
        radius = RADII.get(entry.shape, MARK_RADIUS)
        canvas.draw_marks([(x, y)], entry.shape, radius, entry.fill, entry.stroke, width)
