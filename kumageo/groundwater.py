"""All wells in one table: how each stands, or why nothing can be said of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from kumageo.level_classes import LEVEL_CLASSES, judge_month
from kumageo.levels import STALE_INTERVALS, average_months, average_years, judge_freshness
from kumageo.trends import estimate_trend, measure_year_change

# Why a well has no class.
REASONS: Final = ("no_readings", "no_recent", "short_record")
RECENT: Final = pd.Timedelta(days=31)
DECIMALS: Final = 4  # in the report: 0.1 mm

_SUMMARY_TYPES: Final = {
    "n_readings": "int64",
    "first": "object",
    "last": "object",
    "level_m": "float64",
    "interval": "timedelta64[s]",
    "age": "timedelta64[s]",
    "is_stale": "boolean",
    "month": "object",
    "month_mean_m": "float64",
    "month_n_days": "Int64",
    "n_years": "Int64",
    "level_class": "object",
    "reason": "object",
    "percentile": "float64",
    "position_index": "float64",
    "change_1y_m": "float64",
    "trend_m_per_year": "float64",
    "trend_p": "float64",
}


def summarise_wells(
    wells: pd.DataFrame, daily: pd.DataFrame, latest: pd.DataFrame, now: dt.datetime
) -> pd.DataFrame:
    """Judge all wells, with one row for each, whether it has readings or not.

    Parameters
    ----------
    wells
        The wells dataset; column `id`.
    daily
        Daily means of all wells: `ReadingStore.read_daily_means`.
    latest
        `ReadingStore.read_latest`.
    now
        With a zone.

    Returns
    -------
    pandas.DataFrame
        Index `id` in the order of `wells`. `n_readings`, `first`, `last` (Japanese time),
        `level_m` (last reading), `interval`, `age`, `is_stale`; `month`, `month_mean_m` and
        `month_n_days` (the last month with readings), `n_years` (other years of that month),
        `level_class` or else `reason` (one of `REASONS`; "no_recent": the last reading is older
        than 31 days and than 3 x the well's interval), `percentile`, `position_index`,
        `change_1y_m` (m against the same month a year before), `trend_m_per_year`, `trend_p`.
        None or NaN where unknown.
    """
    by_well = {str(name): group for name, group in daily.groupby("well_id", observed=True)}
    rows = []
    for well_id in wells["id"]:
        if well_id in by_well and well_id in latest.index:
            series = by_well[well_id].set_index("day")[["n", "mean_m"]]
            rows.append(_summarise_well(series, latest.loc[well_id], now))
        else:
            rows.append({"n_readings": 0, "reason": "no_readings"})
    table = pd.DataFrame(rows, columns=list(_SUMMARY_TYPES), index=pd.Index(wells["id"], name="id"))
    for name in ("interval", "age"):  # unknown in every row, they would pass for times
        table[name] = pd.to_timedelta(table[name].astype("object"))
    table = table.astype(_SUMMARY_TYPES)
    texts = [name for name, kind in _SUMMARY_TYPES.items() if kind == "object"]
    table[texts] = table[texts].where(table[texts].notna(), None)
    return table


def report_groundwater(
    wells: pd.DataFrame, summary: pd.DataFrame, store: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the numbers of the page 地下水 as plain values.

    Parameters
    ----------
    wells
        The wells dataset: `id`, `lon` and `lat` (blank where no place is published).
    summary
        From `summarise_wells`.
    store
        `ReadingStore.describe`; whether readings are measured or simulated is said first.

    Returns
    -------
    dict
        `summary` (counts; `n_readings_unlisted` are those of wells that are no longer in the
        dataset), `unplaced` (ids), `wells` (one row each; times in ISO 8601, spans in seconds).
    """
    placed = wells["lon"].notna() & wells["lat"].notna()
    has_readings = summary["n_readings"] > 0
    classes = summary["level_class"].value_counts()
    reasons = summary["reason"].value_counts()
    n_readings = int(summary["n_readings"].sum())
    return {
        "summary": {
            "readings": store["kind"],
            "n_wells": len(wells),
            "n_placed": int(placed.sum()),
            "n_with_readings": int(has_readings.sum()),
            "n_readings": n_readings,
            "n_readings_unlisted": int(store["n_readings"]) - n_readings,
            "n_stale": int(summary["is_stale"].fillna(value=False).sum()),
            **{f"n_{name}": int(classes.get(name, 0)) for name in LEVEL_CLASSES},
            **{f"n_{name}": int(reasons.get(name, 0)) for name in REASONS},
        },
        "unplaced": wells.loc[~placed, "id"].tolist(),
        "wells": [
            {name: _to_plain(value) for name, value in row.items()}
            for row in summary.reset_index().to_dict("records")
        ],
    }


def _to_plain(value: Any) -> Any:
    """Return a value that JSON has: ISO 8601, spans in seconds, None for unknown."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124
        return None
    if isinstance(value, pd.Timedelta):
        return value.total_seconds()
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, DECIMALS)
    return str(value) if isinstance(value, pd.Period) else value


def _summarise_well(daily: pd.DataFrame, latest: pd.Series, now: dt.datetime) -> dict[str, Any]:
    freshness = judge_freshness(latest["time"], latest["interval"], now)
    last_day = daily.index[-1]
    month = last_day.to_period("M")
    to_date = average_months(daily, until_day=last_day.day)
    row: dict[str, Any] = {
        "n_readings": latest["n_readings"],
        "first": latest["first"],
        "last": latest["time"],
        "level_m": latest["level_m"],
        "interval": freshness.interval,
        "age": freshness.age,
        "is_stale": freshness.is_stale,
        "month": month,
    }
    trend = estimate_trend(average_years(average_months(daily)))
    if trend is not None:
        row |= {"trend_m_per_year": trend.slope_m_per_year, "trend_p": trend.p_value}
    standing = judge_month(to_date, month)
    row |= {"month_mean_m": standing.mean_m, "month_n_days": standing.n_days}
    row["n_years"] = standing.n_years
    limit = RECENT
    if freshness.is_stale is not None:
        limit = max(RECENT, STALE_INTERVALS * freshness.interval)
    if freshness.age > limit:
        return row | {"reason": "no_recent"}
    return row | {
        "level_class": standing.level_class,
        "reason": standing.reason,
        "percentile": standing.percentile,
        "position_index": standing.position_index,
        "change_1y_m": measure_year_change(to_date, month),
    }
