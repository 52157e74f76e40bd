"""What looks wrong in a series of levels: gaps, jumps, flat lines, days out of range.

Nothing is removed or mended: a finding is shown to a person, who knows the well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import pandas as pd

from kumageo.levels import DAY, measure_interval, require_times

COLUMNS: Final = ["check", "start", "end", "detail", "unit"]

GAP_INTERVALS: Final = 3
GAP_MIN: Final = pd.Timedelta(days=2)
# A step is a jump over 0.5 m and over 20 robust standard deviations of the well's own steps. Of
# 28 wells read daily for 31 years, floods in river gravel included, 10 have one or more.
JUMP_MIN_M: Final = 0.5
JUMP_DEVIATIONS: Final = 20.0
MAD_TO_DEVIATION: Final = 1.4826  # for normal values
FLAT_MIN: Final = pd.Timedelta(hours=72)
FLAT_MIN_DAYS: Final = 7  # daily values to the centimetre stand still for some days by nature
RANGE_MIN_RECORD: Final = pd.Timedelta(days=365)  # every level is a record in a young series


def check_levels(levels: pd.Series, daily: pd.Series) -> pd.DataFrame:
    """List all findings of one well.

    Parameters
    ----------
    levels
        Levels in m above sea level; index: times, rising. Readings, or daily means.
    daily
        Daily means in m; index: days, rising.

    Returns
    -------
    pandas.DataFrame
        One row a finding, in the order of their start. Columns `check`, `start`, `end`,
        `detail` (number) and `unit`; see `find_gaps`, `find_jumps`, `find_flat_lines` and
        `find_days_outside`. Days have no zone, readings have.
    """
    parts = [find_gaps(levels), find_jumps(levels), find_flat_lines(levels)]
    parts.append(find_days_outside(daily))
    found = [row for part in parts for row in part.itertuples(index=False, name=None)]
    found.sort(key=lambda row: str(row[1]))
    return pd.DataFrame(found, columns=COLUMNS)


def find_gaps(levels: pd.Series) -> pd.DataFrame:
    """List gaps: longer than 3 x the median interval, and than 2 days.

    Returns
    -------
    pandas.DataFrame
        `start` is the last reading before, `end` the first one after, `detail` the days between.
    """
    times = require_times(levels.dropna().index)
    ends = (np.flatnonzero(_is_gap(times)) + 1).tolist()
    return _list(
        "gap", "day", ((times[i - 1], times[i], (times[i] - times[i - 1]) / DAY) for i in ends)
    )


def find_jumps(levels: pd.Series) -> pd.DataFrame:
    """List steps between two readings, no gap between them, that water seldom makes.

    A step counts over `JUMP_MIN_M` and over `JUMP_DEVIATIONS` robust standard deviations (1.4826
    x the median of the absolute steps: up and down balance) of the well's own steps.

    Returns
    -------
    pandas.DataFrame
        `start` and `end` are the two readings, `detail` is the step in m, positive upwards.
    """
    known = levels.dropna()
    times = require_times(known.index)
    steps = np.diff(known.to_numpy("float64"))
    steps_within = steps[~_is_gap(times)]
    if not len(steps_within):
        return _list("jump", "m", ())
    deviation = MAD_TO_DEVIATION * np.median(np.abs(steps_within))
    limit = max(JUMP_MIN_M, JUMP_DEVIATIONS * deviation)
    is_jump = (np.abs(steps) > limit) & ~_is_gap(times)
    return _list(
        "jump",
        "m",
        ((times[i], times[i + 1], float(steps[i])) for i in np.flatnonzero(is_jump).tolist()),
    )


def find_flat_lines(levels: pd.Series) -> pd.DataFrame:
    """List runs of one and the same level: for 72 hours, or 7 values where a well reports daily.

    Returns
    -------
    pandas.DataFrame
        `start` and `end` are the first and the last of the equal readings, `detail` is the days
        between them. A gap ends a run.
    """
    known = levels.dropna()
    times = require_times(known.index)
    if not len(times):
        return _list("flat_line", "day", ())
    breaks = (np.diff(known.to_numpy("float64")) != 0) | _is_gap(times)
    starts = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    ends = np.concatenate([np.flatnonzero(breaks), [len(times) - 1]])
    if measure_interval(times) < DAY:
        is_long = (times[ends] - times[starts]) >= FLAT_MIN
    else:
        is_long = ends - starts + 1 >= FLAT_MIN_DAYS
    runs = zip(times[starts[is_long]], times[ends[is_long]], strict=True)
    return _list("flat_line", "day", ((start, end, (end - start) / DAY) for start, end in runs))


def find_days_outside(daily: pd.Series) -> pd.DataFrame:
    """List times when the daily mean was outside the range of all earlier days.

    The first year is not judged, and no day is compared with days of its own excursion.

    Returns
    -------
    pandas.DataFrame
        `start` and `end` are the first and the last day outside without a day inside between,
        `detail` is the furthest that the level went outside, in m; negative below.
    """
    known = daily.dropna()
    days = require_times(known.index)
    n_first_year = int((days < days[0] + RANGE_MIN_RECORD).sum()) if len(days) else 0
    runs = _find_excursions(known.tolist(), n_first_year)
    return _list(
        "outside_range", "m", ((days[first], days[last], excess) for first, last, excess in runs)
    )


def _find_excursions(levels: list[float], n_unjudged: int) -> Iterator[tuple[int, int, float]]:
    """Yield the first and last position of each excursion, and how far it went."""
    if len(levels) <= n_unjudged:
        return
    low, high = min(levels[:n_unjudged]), max(levels[:n_unjudged])
    run: list[float] = []  # how far outside, day by day
    for i, level in enumerate(levels[n_unjudged:], start=n_unjudged):
        excess = max(level - high, 0.0) + min(level - low, 0.0)
        if run and excess * run[-1] <= 0:  # back inside, or out at the other end
            yield i - len(run), i - 1, max(run, key=abs)
            low, high = min(low, low + min(run)), max(high, high + max(run))
            run = []
        if excess:
            run.append(excess)
    if run:
        yield len(levels) - len(run), len(levels) - 1, max(run, key=abs)


def _is_gap(times: pd.DatetimeIndex) -> np.ndarray:
    """Tell of each pair of neighbours whether there is a gap between them."""
    limit = max(GAP_INTERVALS * measure_interval(times), GAP_MIN)
    return np.asarray(times[1:] - times[:-1] > limit)


def _list(check: str, unit: str, found: Iterable[tuple[object, object, object]]) -> pd.DataFrame:
    rows = [(check, start, end, detail, unit) for start, end, detail in found]
    return pd.DataFrame(rows, columns=COLUMNS)
