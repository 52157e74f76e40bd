"""Change over years: from a year ago, trend, and the standardized groundwater index."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtri

from kumageo.errors import ArgumentError
from kumageo.levels import MIN_COVERAGE

MIN_TREND_YEARS: Final = 10


@dataclass(frozen=True)
class Trend:
    """Slope in m a year, p of the null hypothesis that there is no trend, and years used."""

    slope_m_per_year: float
    p_value: float
    n_years: int


def estimate_trend(yearly: pd.Series) -> Trend | None:
    """Estimate a trend by Theil-Sen and test it by Mann-Kendall.

    The slope is the median of the slopes between all pairs of years. S is the count of rises
    less the count of falls among these pairs; its variance is corrected for ties, and p is
    two-sided by the normal approximation with continuity correction. Yearly means are taken,
    since readings of neighbouring months are no independent ones.

    Sources: P. K. Sen, Journal of the American Statistical Association 63, 1968; U.S.
    Geological Survey, Statistical Methods in Water Resources (Techniques and Methods 4-A3),
    2020, chapters 10 and 12.

    Parameters
    ----------
    yearly
        Mean level in m; index: the year, rising. Years may be missing.

    Returns
    -------
    Trend or None
        None for fewer than `MIN_TREND_YEARS` years.

    Raises
    ------
    ArgumentError
        If a year stands twice.
    """
    if not yearly.index.is_unique:
        raise ArgumentError("yearly: expected each year once. Average them first.")
    known = yearly.dropna()
    if len(known) < MIN_TREND_YEARS:
        return None
    values = known.to_numpy("float64")
    years = known.index.to_numpy("float64")
    earlier, later = np.triu_indices(len(values), k=1)
    rises = values[later] - values[earlier]
    slope = float(np.median(rises / (years[later] - years[earlier])))
    return Trend(slope, _test_trend(values, float(np.sign(rises).sum())), len(values))


def _test_trend(values: np.ndarray, score: float) -> float:
    """Return the two-sided p of Mann and Kendall."""
    n = len(values)
    _, ties = np.unique(values, return_counts=True)
    variance = n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())
    if score == 0 or variance == 0:
        return 1.0
    z = (abs(score) - 1) / math.sqrt(variance / 18)
    return math.erfc(z / math.sqrt(2))


def measure_year_change(monthly: pd.DataFrame, month: pd.Period) -> float:
    """Return by how much the mean of a month differs from the same month a year before, in m.

    Parameters
    ----------
    monthly
        From `kumageo.levels.average_months`; for a month that is under way, until its last day.
    month
        The later month.

    Returns
    -------
    float
        Later less earlier; NaN where one of the two lacks `MIN_COVERAGE`.
    """
    covered = monthly["mean_m"].where(monthly["coverage"] >= MIN_COVERAGE)
    later, earlier = covered.reindex(pd.PeriodIndex([month, month - 12], freq="M"))
    return float(later - earlier)


def standardise_levels(monthly: pd.Series) -> pd.Series:
    """Return the standardized groundwater index (SGI) of monthly means.

    Within each calendar month, the levels of all years are ranked, and each gets the normal
    score of (rank - 0.5) / n. Equal levels share their mean rank.

    Source: J. P. Bloomfield and B. P. Marchant, Analysis of groundwater drought building on the
    standardised precipitation index approach, Hydrology and Earth System Sciences 17, 2013.

    Parameters
    ----------
    monthly
        Mean levels in m; index: monthly periods.

    Returns
    -------
    pandas.Series
        Without unit, 0 for the median; NaN where the mean is.
    """
    months = pd.PeriodIndex(monthly.index).month
    ranks = monthly.groupby(months).rank(method="average")
    counts = monthly.groupby(months).transform("count")
    return pd.Series(ndtri((ranks - 0.5) / counts), index=monthly.index, name="sgi")
