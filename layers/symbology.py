"""From values to colours: class breaks that a legend can state."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

# Light to dark, evenly spaced in lightness, told apart by colour-blind viewers; none is the
# key colour or a grey.
SEQUENTIAL: Final = ("#fdf6d2", "#b4db96", "#6cbd99", "#318d8f", "#195570")
FLAG_COLOURS: Final = ("#ffffff", "#318d8f")
UNKNOWN_COLOUR: Final = "#c4c4c4"
SITE_COLOUR: Final = "#00705c"
SHELTER_COLOUR: Final = "#b85c00"
BOTTLENECK_COLOUR: Final = "#a3123a"
WELL_COLOUR: Final = "#2a5db0"


@dataclass(frozen=True)
class Symbology:
    """Class breaks and the colour of each class.

    `breaks` has one number more than `colours`, ascending, in the unit of the values; a
    class holds its lower break and not its upper one, the last class holds both.
    """

    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    decimals: int

    def classify(self, values: pd.Series) -> pd.Series:
        """Return the class number of each value, from 0; NA for NA.

        Parameters
        ----------
        values
            Numbers in the unit of the breaks, within them.

        Returns
        -------
        pandas.Series
            Int64, with the index of `values`.
        """
        numbers = values.astype("float64")
        classes = np.searchsorted(self.breaks[1:-1], numbers.to_numpy(), side="right")
        return pd.Series(classes, index=values.index, dtype="Int64").mask(numbers.isna())


def break_by_quantiles(values: pd.Series, *, decimals: int) -> Symbology:
    """Make up to five classes with about as many members each, at rounded breaks.

    Parameters
    ----------
    values
        Numbers; NA is passed over.
    decimals
        Decimals with which the values are shown; breaks have no more.

    Returns
    -------
    Symbology
        Fewer classes where many values are equal.

    Raises
    ------
    ValueError
        If there is no value at all.
    """
    known = values.dropna().astype("float64").to_numpy()
    if not len(known):
        raise ValueError("values: expected at least one number, got none. Show them as unknown.")
    quantiles = np.quantile(known, np.linspace(0, 1, len(SEQUENTIAL) + 1))
    step = 10.0**-decimals
    inner = [_round_to_two_digits(quantile, decimals) for quantile in quantiles[1:-1]]
    # Rounded before they are cut: 0.3 / 0.1 is a little less than 3.
    low = math.floor(round(known.min() / step, 6)) * step
    high = math.ceil(round(known.max() / step, 6)) * step
    inner = sorted({b for b in inner if low < b < high})
    breaks = (round(low, decimals), *inner, round(high, decimals))
    if not inner:  # all values are equal or nearly so
        return Symbology(breaks, (SEQUENTIAL[2],), decimals)
    picks = np.linspace(0, len(SEQUENTIAL) - 1, len(breaks) - 1).round().astype(int)
    return Symbology(breaks, tuple(SEQUENTIAL[pick] for pick in picks), decimals)


def _round_to_two_digits(value: float, decimals: int) -> float:
    if value == 0:
        return 0.0
    digits = 1 - math.floor(math.log10(abs(value)))
    return round(value, min(digits, decimals))
