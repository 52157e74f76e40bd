"""What is normal for a well: its level against the same month of other years, by stated rules."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kumageo.errors import ArgumentError
from kumageo.levels import MIN_COVERAGE

LEVEL_CLASSES: Final = ("much_below", "below", "normal", "above", "much_above")
MIN_YEARS: Final = 10  # USGS Groundwater Watch draws the 10th percentile from ten years on
MIN_POSITION_YEARS: Final = 2  # with one other year, the position is always 0 or 1
BAND_PERCENTILES: Final = (10, 25, 50, 75, 90)
# A percentile on a cut is in the class towards normal.
LOW_CUTS: Final = (10, 25)
HIGH_CUTS: Final = (75, 90)
MAX_PERCENTILE: Final = 100


@dataclass(frozen=True)
class Standing:
    """How the mean level of one month stands among the same month of other years.

    Either `level_class` and `percentile` are given, or `reason` says why not; with the reason
    "short_record" there may be a `position_index`, from 0 (lowest on record) to 1 (highest).
    `n_years` counts the other years.
    """

    month: pd.Period
    mean_m: float
    n_days: int
    n_years: int
    level_class: str | None = None
    percentile: float | None = None
    reason: str | None = None
    position_index: float | None = None


def rank_percentile(level_m: float, reference_m: ArrayLike) -> float:
    """Return the percentile of a level among others, by Weibull's plotting positions.

    The i-th lowest of n levels has the percentile 100 i / (n + 1); equal levels share the mean
    of their positions. Between two levels it is interpolated, beyond the ends it stays that of
    the end. It is the inverse of ``numpy.quantile(method="weibull")``: a level under the line
    p10 of a chart has a percentile under 10.

    Parameters
    ----------
    level_m
        The level to judge, not one of the others.
    reference_m
        The others, at least one.

    Raises
    ------
    ArgumentError
        If there are no others, or one is NaN.
    """
    reference = np.asarray(reference_m, dtype="float64")
    if not reference.size or np.isnan(reference).any():
        raise ArgumentError("reference_m: expected levels without NaN, got none or NaN.")
    values, counts = np.unique(reference, return_counts=True)
    positions = np.cumsum(counts) - (counts - 1) / 2
    return float(np.interp(level_m, values, 100 * positions / (reference.size + 1)))


def classify_percentile(percentile: float) -> str:
    """Return the class of a percentile.

    Under 10 much below normal, from 10 to under 25 below, 25 to 75 normal, over 75 to 90 above,
    over 90 much above. Source: U.S. Geological Survey, Streamflow of 2015 - Water Year Summary
    (Fact Sheet 2016-3055), 2016, and Groundwater Watch, which compares a level with those of
    the same month over the period of record.

    Returns
    -------
    str
        One of `LEVEL_CLASSES`.

    Raises
    ------
    ArgumentError
        If it is no percentile.
    """
    if not 0 <= percentile <= MAX_PERCENTILE:  # not for NaN either
        raise ArgumentError(f"percentile: expected 0 to 100, got {percentile}.")
    n_passed = sum(percentile >= cut for cut in LOW_CUTS)
    n_passed += sum(percentile > cut for cut in HIGH_CUTS)
    return LEVEL_CLASSES[n_passed]


def judge_month(monthly: pd.DataFrame, month: pd.Period) -> Standing:
    """Judge the mean level of a month by the same month of all other years.

    Other years count where the month has `MIN_COVERAGE`. With `MIN_YEARS` of them there is a
    class: the lowest of ten levels has the percentile 9.1, so that "much below" can be told at
    all. With fewer there is the position index (level - min) / (max - min) of that month, the
    month itself included, after BRGM (Qu'est-ce que l'Index de Position ?, 2021), which takes
    the extremes of the whole series.

    Parameters
    ----------
    monthly
        From `kumageo.levels.average_months`; for a month that is under way, until its last day.
    month
        The month to judge.

    Raises
    ------
    ArgumentError
        If there are no readings in that month.
    """
    if month not in monthly.index:
        raise ArgumentError(f"month: expected one with readings, got {month}.")
    reference = _list_same_month(monthly, month)
    judged = monthly[monthly.index == month]
    level_m, n_days = float(judged["mean_m"].iloc[0]), int(judged["n_days"].iloc[0])
    if len(reference) >= MIN_YEARS:
        percentile = rank_percentile(level_m, reference)
        class_ = classify_percentile(percentile)
        return Standing(month, level_m, n_days, len(reference), class_, percentile)
    position = _find_position(level_m, reference) if len(reference) >= MIN_POSITION_YEARS else None
    return Standing(
        *(month, level_m, n_days, len(reference)), reason="short_record", position_index=position
    )


def build_normal_band(monthly: pd.DataFrame, month: pd.Period | None = None) -> pd.DataFrame:
    """Return what is normal in each calendar month, for the background of a chart.

    Parameters
    ----------
    monthly
        From `kumageo.levels.average_months`.
    month
        Left out: the month that `judge_month` judges, so that band and class agree once the
        month is over.

    Returns
    -------
    pandas.DataFrame
        Index `calendar_month`, 1 to 12. Columns `n_years`, `p10`, `p25`, `p50`, `p75`, `p90` in
        m above sea level, by Weibull's plotting positions; NaN under `MIN_YEARS`.
    """
    rows = []
    covered = monthly[monthly["coverage"] >= MIN_COVERAGE]
    if month is not None:
        covered = covered.drop(index=month, errors="ignore")
    months = pd.PeriodIndex(covered.index).month
    for calendar_month in range(1, 13):
        levels = covered["mean_m"].to_numpy()[months == calendar_month]
        fractions = np.array(BAND_PERCENTILES) / 100
        quantiles = (
            np.quantile(levels, fractions, method="weibull")
            if len(levels) >= MIN_YEARS
            else np.full(len(fractions), np.nan)
        )
        rows.append((len(levels), *quantiles))
    columns = ["n_years", *(f"p{percentile}" for percentile in BAND_PERCENTILES)]
    return pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(1, 13, name="calendar_month"))


def _list_same_month(monthly: pd.DataFrame, month: pd.Period) -> np.ndarray:
    """Return the mean levels of the same calendar month in all other years."""
    periods = pd.PeriodIndex(monthly.index)
    chosen = (periods.month == month.month) & (periods != month)
    return monthly["mean_m"].to_numpy()[chosen & (monthly["coverage"] >= MIN_COVERAGE).to_numpy()]


def _find_position(level_m: float, reference_m: np.ndarray) -> float | None:
    low, high = min(level_m, *reference_m), max(level_m, *reference_m)
    return None if math.isclose(low, high) else (level_m - low) / (high - low)
