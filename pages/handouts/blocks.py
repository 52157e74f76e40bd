"""Text that flows into columns: figures and points, each placed where it fits whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pages.handouts.deck import Figure
from pages.handouts.sheets import Sheet
from pages.handouts.wrapping import Measure, fit_text, wrap_text

LEADING: Final = 1.4  # height of a line, in parts of the type size
GAP: Final = 0.45  # between paragraphs, in parts of the type size
BLOCK_GAP: Final = 0.9  # between blocks of another kind, in parts of the size of points
INDENT: Final = 1.2  # of a point, in parts of the type size
CELL_EM: Final = 8.5  # a figure is at least so wide, in parts of the size of points
CELL_GAP: Final = 14.0
_ROUNDING: Final = 1e-6
LARGE: Final = 0.7  # figures stand side by side while their numbers can stay so large


@dataclass(frozen=True)
class Script:
    """How text is written on a kind of sheet: what is left of it, and how wide it is."""

    clean: Callable[[str], str]
    measure: Measure


@dataclass(frozen=True)
class Paragraph:
    """Lines of one size; joined, they are its text. A point that goes on has no bullet."""

    role: str
    lines: tuple[str, ...]
    size: float
    goes_on: bool = False

    @property
    def text(self) -> str:
        """The whole paragraph."""
        return "".join(self.lines).strip()

    @property
    def height(self) -> float:
        """Height of its lines in points."""
        return LEADING * self.size * len(self.lines)


@dataclass(frozen=True)
class TextBox:
    """A box of text in points from the upper left of the page."""

    role: str
    x: float
    y: float
    width: float
    height: float
    paragraphs: tuple[Paragraph, ...]
    link: str = ""

    @property
    def gap(self) -> float:
        """Space between its paragraphs, in parts of their type size; a figure is one block."""
        return 0.0 if self.role == "figure" else GAP


@dataclass(frozen=True)
class Column:
    """Where text may flow."""

    x: float
    top: float
    width: float
    bottom: float


@dataclass(frozen=True)
class Words:
    """A paragraph that may be broken over columns."""

    role: str
    text: str
    size: float
    goes_on: bool = False


Item = Words | tuple[Figure, ...]


@dataclass(frozen=True)
class _Room:
    """What is left of a column."""

    x: float
    y: float
    width: float
    bottom: float
    is_empty: bool

    def count_lines(self, used: float, size: float) -> int:
        """Return how many lines of a size fit below what is used."""
        return int((self.bottom - self.y - used + _ROUNDING) // (LEADING * size))


def fill_column(
    items: Sequence[Item], column: Column, sheet: Sheet, script: Script
) -> tuple[list[TextBox], list[Item]]:
    """Place as many items as a column holds, in their order.

    Returns
    -------
    boxes, rest
        What is placed, and what is left for the next column.
    """
    boxes: list[TextBox] = []
    rest, y = list(items), column.top
    while rest:
        room = _Room(column.x, y, column.width, column.bottom, is_empty=not boxes)
        if isinstance(rest[0], Words):
            placed, left = _place_words(rest, room, script)
        else:
            placed, left = _place_figures(rest, room, sheet, script)
        if left == rest:
            break
        boxes, rest = boxes + placed, left
        y = max([y, *(box.y + box.height + BLOCK_GAP * sheet.body for box in placed)])
    return boxes, rest


def _place_words(
    items: list[Item], room: _Room, script: Script
) -> tuple[list[TextBox], list[Item]]:
    """Place paragraphs of one role in one box; only an empty column breaks a paragraph."""
    role, used = items[0].role, 0.0
    paragraphs: list[Paragraph] = []
    while items and isinstance(items[0], Words) and items[0].role == role:
        words = items[0]
        lines = wrap_words(words, room.width, script)
        n_fit = room.count_lines(used, words.size)
        rest = items[1:]
        if n_fit < len(lines):
            if paragraphs or not room.is_empty:
                break
            n_fit = max(n_fit, 1)
            rest = [replace(words, text="".join(lines[n_fit:]), goes_on=True), *rest]
            lines = lines[:n_fit]
        paragraphs.append(Paragraph(role, tuple(lines), words.size, words.goes_on))
        items = rest
        used += paragraphs[-1].height + GAP * words.size
    if not paragraphs:
        return [], items
    used -= GAP * paragraphs[-1].size
    return [TextBox(role, room.x, room.y, room.width, used, tuple(paragraphs))], items


def wrap_words(words: Words, width: float, script: Script) -> list[str]:
    """Return the lines of a paragraph; points are indented."""
    indent = INDENT if words.role == "point" else 0.0
    return wrap_text(words.text, width / words.size - indent, script.measure)


def _place_figures(
    items: list[Item], room: _Room, sheet: Sheet, script: Script
) -> tuple[list[TextBox], list[Item]]:
    """Place figures row by row; one that no column could hold becomes plain paragraphs."""
    figures = items[0]
    n = _count_per_row(figures, room.width, sheet, script)
    width = (room.width - (n - 1) * CELL_GAP) / n
    # One size for all numbers: none is more important for having fewer digits.
    size = min(fit_text(f.value, width, sheet.value, 1, script.measure)[0] for f in figures)
    boxes: list[TextBox] = []
    y = room.y
    while figures:
        cells = [_write_figure(one, width, size, sheet, script) for one in figures[:n]]
        height = max(sum(one.height for one in cell) for cell in cells)
        if y + height > room.bottom + _ROUNDING:
            break
        for number, cell in enumerate(cells):
            x = room.x + number * (width + CELL_GAP)
            boxes.append(TextBox("figure", x, y, width, height, cell))
        figures = figures[n:]
        y += height + BLOCK_GAP * sheet.body
    left = [figures, *items[1:]] if figures else items[1:]
    if figures and not boxes and room.is_empty:
        left = [*_to_words(figures[0], sheet), *([figures[1:]] if figures[1:] else []), *items[1:]]
    return boxes, left


def _count_per_row(figures: Sequence[Figure], width: float, sheet: Sheet, script: Script) -> int:
    """Return how many figures stand side by side with their numbers large."""
    size = LARGE * sheet.value[0]
    widest = max(script.measure(figure.value) for figure in figures) * size
    n = int((width + CELL_GAP) // (max(widest, CELL_EM * sheet.body) + CELL_GAP))
    return max(1, min(n, len(figures)))


def _write_figure(
    figure: Figure, width: float, size: float, sheet: Sheet, script: Script
) -> tuple[Paragraph, ...]:
    """Return label, number and source of a figure, the number in its size."""
    label = wrap_text(figure.label, width / sheet.label, script.measure)
    value = wrap_text(figure.value, width / size, script.measure)
    source = wrap_text(figure.source, width / sheet.source, script.measure)
    parts = [
        Paragraph("label", tuple(label), sheet.label),
        Paragraph("value", tuple(value), size),
        Paragraph("source", tuple(source), sheet.source),
    ]
    return tuple(part for part in parts if part.text)


def _to_words(figure: Figure, sheet: Sheet) -> list[Words]:
    parts = [
        Words("label", figure.label, sheet.label),
        Words("value", figure.value, sheet.value[1]),
        Words("source", figure.source, sheet.source),
    ]
    return [part for part in parts if part.text]
