"""Classes of a raster's values: breaks of a continuous one, or codes with their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from kumageo.interpolation import Array

NO_CLASS: Final = -1


@dataclass(frozen=True)
class RasterClasses:
    """How values are classed.

    For kind "continuous" `breaks` has one number more than `names`, ascending: a class holds its
    lower break and not its upper one, the last class holds both. For kind "classes" `breaks` are
    the codes themselves. `colours` are #rrggbb.
    """

    kind: Literal["continuous", "classes"]
    breaks: tuple[float, ...]
    names: tuple[str, ...]
    colours: tuple[str, ...]

    def classify(self, values: Array) -> NDArray[np.intp]:
        """Return the class number of each value, from 0; `NO_CLASS` for NaN and for no class."""
        breaks = np.asarray(self.breaks)
        if self.kind == "classes":
            order = np.argsort(breaks)
            place = np.searchsorted(breaks[order], values).clip(max=len(breaks) - 1)
            found = order[place]
            return np.where(breaks[found] == values, found, NO_CLASS)
        found = np.searchsorted(breaks, values, side="right") - 1
        found = np.where(values == breaks[-1], len(breaks) - 2, found)
        is_known = (values >= breaks[0]) & (values <= breaks[-1])
        return np.where(is_known, found, NO_CLASS)
