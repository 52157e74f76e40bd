"""The typeface of the hand-outs: where it lies, what it can write, and how wide that is."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

from kumageo.errors import ReadError

# IPAex Gothic (IPA Font License 1.0) for Japanese, DejaVu Sans for letters that it lacks.
_MAIN: Final = ("matplotlib_fontja", "fonts/ipaexg.ttf")
_OTHER: Final = ("matplotlib", "mpl-data/fonts/ttf/DejaVuSans.ttf")
GETA: Final = "〓"  # printers' sign for a letter that the typeface lacks
# Controls, marks of direction, halves of pairs, private and unassigned letters.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


@dataclass(frozen=True)
class Typeface:
    """A font file and the width of each of its letters, in parts of the type size."""

    path: Path
    widths: Mapping[int, float]


@cache
def load_typefaces() -> tuple[Typeface, Typeface]:
    """Return the typeface for Japanese, and the one for letters that it lacks.

    Raises
    ------
    ReadError
        If the package that holds a font is not installed.
    """
    return _load(*_MAIN), _load(*_OTHER)


def _load(package: str, name: str) -> Typeface:
    # Found without an import: the package would change the settings of matplotlib.
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    path = Path(folders[0]) / name if folders else None
    if path is None or not path.is_file():
        raise ReadError(f"font: expected {name} of {package}, got none. Run: make setup")
    with TTFont(path, lazy=True) as font:
        em, metrics = font["head"].unitsPerEm, font["hmtx"].metrics
        widths = {code: metrics[glyph][0] / em for code, glyph in font.getBestCmap().items()}
    return Typeface(path, widths)


def clean_text(text: str) -> str:
    """Return the text on one line, without letters that can't be seen."""
    seen = [letter if _is_seen(letter) else " " * letter.isspace() for letter in text]
    words = unicodedata.normalize("NFC", "".join(seen)).split(" ")
    return " ".join(word for word in words if word)


def _is_seen(letter: str) -> bool:
    if any(ord(letter) in selectors for selectors in _SELECTORS):
        return False
    return unicodedata.category(letter) not in _UNSEEN


def write_printable(text: str) -> str:
    """Return the cleaned text, with a geta (〓) for each letter that neither typeface has."""
    main, other = load_typefaces()
    return "".join(
        letter if ord(letter) in main.widths or ord(letter) in other.widths else GETA
        for letter in clean_text(text)
    )


def measure_text(text: str) -> float:
    """Return the width of a text in parts of its type size."""
    main, other = load_typefaces()
    return sum(main.widths.get(ord(letter), other.widths.get(ord(letter), 1.0)) for letter in text)
