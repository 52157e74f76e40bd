"""The two kinds of sheet: A4 landscape for paper, 16:9 for a screen; type sizes of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

LARGEST_SOURCE: Final = 1.2


@dataclass(frozen=True)
class Sheet:
    """Sizes in points; a pair is the largest and the smallest type size.

    Attributes
    ----------
    width, height, margin
        Of the page.
    title, message, value
        Type sizes that shrink to fit.
    body, label, source, foot
        Type sizes of points, of the words beside numbers, and of what stands below.
    picture
        Width and height of a map beside text, and `wide_picture` of one alone.
    dpi
        Pixels an inch of a map, and `scale`, how much larger its type is.
    """

    width: float
    height: float
    margin: float
    title: tuple[float, float]
    message: tuple[float, float]
    value: tuple[float, float]
    body: float
    label: float
    source: float
    foot: float
    picture: tuple[float, float]
    wide_picture: tuple[float, float]
    dpi: float
    scale: float

    def grow(self, factor: float) -> Sheet:
        """Return the sheet with larger type for figures and points."""
        return replace(
            self,
            value=(self.value[0] * factor, self.value[1]),
            body=self.body * factor,
            label=self.label * factor,
            source=self.source * min(factor, LARGEST_SOURCE),
        )

    @property
    def inner_width(self) -> float:
        """Width between the margins."""
        return self.width - 2 * self.margin


A4: Final = Sheet(
    width=841.89,
    height=595.28,
    margin=34.0,
    title=(24.0, 15.0),
    message=(14.0, 11.0),
    value=(26.0, 14.0),
    body=12.0,
    label=10.5,
    source=8.0,
    foot=8.0,
    picture=(478.0, 398.0),
    wide_picture=(773.0, 398.0),
    dpi=220.0,
    scale=1.0,
)
WIDE: Final = Sheet(
    width=960.0,
    height=540.0,
    margin=34.0,
    title=(28.0, 16.0),
    message=(18.0, 13.0),
    value=(28.0, 16.0),
    body=16.0,
    label=13.0,
    source=12.0,
    foot=12.0,
    picture=(516.0, 330.0),
    wide_picture=(892.0, 330.0),
    dpi=200.0,
    scale=1.15,
)
