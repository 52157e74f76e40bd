"""Lines of Japanese text: where they may break, and how large they may be to fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

Measure = Callable[[str], float]

# 行頭禁則 and 行末禁則 (JIS X 4051): what may not begin a line, and what may not end one.
_NOT_FIRST: Final = frozenset(
    "、。，．・：；！？」』）〕］｝〉》】’”ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々〜～%‰℃),.:;!?]}"
)
_NOT_LAST: Final = frozenset("「『（〔［｛〈《【‘“([{")
# Words and numbers stay whole; any other letter may stand alone.
_PIECE: Final = re.compile(r"[0-9A-Za-z\u00c0-\u024f\u1e00-\u1eff_'/.,:+\-~%#&=?@]+|.", re.DOTALL)
ELLIPSIS: Final = "…"


def wrap_text(text: str, width: float, measure: Measure) -> list[str]:
    """Break a text into lines; joined, they are the text again.

    Parameters
    ----------
    text
        One paragraph, without line breaks.
    width
        Of the line, in parts of the type size.
    measure
        Width of a text in the same unit.
    """
    lines, line, used = [], "", 0.0
    for piece in _list_pieces(text):
        size = measure(piece.rstrip(" "))
        if line and used + size > width:
            lines.append(line)
            line, used = "", 0.0
        if size > width:  # a word longer than the line breaks anywhere
            *full, line = _cut(piece, width, measure)
            lines += full
        else:
            line += piece
        used = measure(line)
    return [*lines, line] if line or not lines else lines


def _list_pieces(text: str) -> Iterator[str]:
    """Yield what must not be broken: words, and letters with those that cling to them."""
    held = ""
    for piece in _PIECE.findall(text):
        clings = held and (piece[0] in _NOT_FIRST or piece == " " or held[-1] in _NOT_LAST)
        if held and not clings:
            yield held
            held = ""
        held += piece
    if held:
        yield held


def _cut(piece: str, width: float, measure: Measure) -> list[str]:
    parts, part, used = [], "", 0.0
    for letter in piece:
        size = measure(letter)
        if part and used + size > width:
            parts.append(part)
            part, used = "", 0.0
        part += letter
        used += size
    return [*parts, part]


def shorten_text(text: str, width: float, measure: Measure) -> str:
    """Return the text, cut with an ellipsis where it is wider than the line."""
    if measure(text) <= width:
        return text
    room = max(width - measure(ELLIPSIS), 0.0)
    return _cut(text, room, measure)[0].rstrip() + ELLIPSIS if room else ELLIPSIS


def fit_text(
    text: str, width_pt: float, sizes: tuple[float, float], max_lines: int, measure: Measure
) -> tuple[float, list[str]]:
    """Return the largest type size, from largest to smallest, at which few lines are enough.

    The smallest size is taken whatever the number of lines.
    """
    largest, smallest = sizes
    size = largest
    while True:
        lines = wrap_text(text, width_pt / size, measure)
        if len(lines) <= max_lines or size <= smallest:
            return size, lines
        size = max(size - 1, smallest)
